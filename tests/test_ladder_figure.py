"""The picture of the ladder shows each rung and each proven arrow, and nothing else."""

import io

import numpy as np
from matplotlib.patches import FancyArrowPatch
from PIL import Image

from lim_lib.bounds import LADDER, ORDERINGS
from lim_lib.figures import partial_order


def arrows(picture):
    marks = picture.panels["whole"].marks.values()
    return [mark for mark in marks if isinstance(mark, FancyArrowPatch)]


def drawn():
    """The proven arrows without that which two others, of no condition, imply."""
    implied = [("landauer", "static_stiffness")]
    kept = [o for o in ORDERINGS if (o.lower.key, o.upper.key) not in implied]
    assert len(kept) == len(ORDERINGS) - len(implied)
    return kept


def test_each_rung_has_its_box_and_each_ordering_its_arrow():
    picture = partial_order()
    marks = picture.panels["whole"].marks
    for bound in LADDER:
        assert "".join(marks[bound.key].get_text().split()) == bound.title.replace(" ", "")
    assert len(arrows(picture)) == len(drawn())


def test_every_arrow_leads_up_and_every_rung_stands_with_what_it_prices():
    marks = partial_order().panels["whole"].marks
    places = {b.key: marks[b.key].get_position() for b in LADDER}
    for ordering in ORDERINGS:
        assert places[ordering.lower.key][1] < places[ordering.upper.key][1]
    for bound in LADDER:
        column = 0 if bound.kind == "theorem" else {"solution": 1, "moves": 2}[bound.prices]
        assert places[bound.key][0] == column


def test_conditional_arrows_are_dashed():
    dashed = [arrow.get_linestyle() != "solid" for arrow in arrows(partial_order())]
    assert dashed == [not ordering.always for ordering in drawn()]
    assert 0 < sum(dashed) < len(dashed)


def test_boxes_do_not_overlap():
    picture = partial_order()
    picture.png()
    marks = picture.panels["whole"].marks
    boxes = [marks[bound.key].get_bbox_patch().get_window_extent() for bound in LADDER]
    for i, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert box.x0 >= 0
        assert box.x1 <= picture.bbox.x1


def test_no_arrow_runs_through_a_box_or_out_of_the_picture():
    picture = partial_order()
    picture.png()
    marks = picture.panels["whole"].marks
    boxes = {b.key: marks[b.key].get_bbox_patch().get_window_extent() for b in LADDER}
    for arrow, ordering in zip(arrows(picture), drawn(), strict=True):
        path = arrow.get_transform().transform_path(arrow.get_path())
        points = np.concatenate(path.to_polygons(closed_only=False))  # curves as short lines
        assert (points[:, 0] > 0).all()
        assert (points[:, 0] < picture.bbox.x1).all()
        for key, box in boxes.items():
            if key not in (ordering.lower.key, ordering.upper.key):
                assert not box.padded(-3).count_contains(points), (key, ordering.condition)


def test_the_picture_of_the_preface_is_the_ladder_of_the_library(root):
    kept = np.asarray(Image.open(root / "assets" / "ladder.png").convert("L"), dtype=float)
    now = np.asarray(Image.open(io.BytesIO(partial_order().png())).convert("L"), dtype=float)
    assert kept.shape == now.shape
    assert np.mean(np.abs(kept - now) > 128) < 0.005  # letters may differ by a hair elsewhere

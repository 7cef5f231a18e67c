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


def test_each_rung_has_its_box_and_each_ordering_its_arrow():
    picture = partial_order()
    marks = picture.panels["whole"].marks
    for bound in LADDER:
        assert marks[bound.key].get_text().replace("\n", " ") == bound.title
    assert len(arrows(picture)) == len(ORDERINGS)


def test_conditional_arrows_are_dashed():
    dashed = [arrow.get_linestyle() != "solid" for arrow in arrows(partial_order())]
    assert dashed == [not ordering.always for ordering in ORDERINGS]
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


def test_the_picture_of_the_preface_is_the_ladder_of_the_library(root):
    kept = np.asarray(Image.open(root / "assets" / "ladder.png").convert("L"), dtype=float)
    drawn = np.asarray(Image.open(io.BytesIO(partial_order().png())).convert("L"), dtype=float)
    assert kept.shape == drawn.shape
    assert np.mean(np.abs(kept - drawn) > 128) < 0.005  # letters may differ by a hair elsewhere

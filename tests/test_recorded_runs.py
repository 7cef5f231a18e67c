"""The runs that travel with the library, and the picture of a run."""

import numpy as np
import pytest
import runs

from lim_lib.figures import run_record
from lim_lib.recorder import UpdateRecorder, load_runs
from lim_lib.units import thermal_energy


@pytest.fixture(scope="module")
def carried():
    return load_runs()


def test_the_runs_are_those_that_the_script_makes(carried, root):
    assert set(carried) == {*runs.NUMPY, "pytorch-adam", "pytorch-transformer"}
    sizes = [path.stat().st_size for path in runs.FOLDER.iterdir()]
    assert max(sizes) < 12_000


@pytest.mark.parametrize("name", ["adam", "sgd-32-cosine"])
def test_a_run_that_is_made_again_is_the_same(carried, name):
    recorder, loss, test = runs.learned(*runs.NUMPY[name])
    made, kept = runs.small(recorder.record), carried[name]
    assert loss == pytest.approx(0.005, rel=0.1)
    assert test > 0.98
    # Processors sum in different orders, which a training amplifies.
    assert kept.wander == pytest.approx(made.wander, rel=1e-2)
    for b in (4, 8):
        assert kept.depths[b].net == pytest.approx(made.depths[b].net, rel=2e-2)
    assert (kept.block_steps == made.block_steps).all()
    assert kept.block_loss == pytest.approx(made.block_loss, rel=0.2)


def test_joined_blocks_keep_steps_path_and_loss():
    recorder = UpdateRecorder([0.0])
    for step in range(1, 401):
        recorder.step([step / 400], loss=step)
    few = runs.small(recorder.record)
    assert len(few.block_steps) == 100
    assert few.block_steps.sum() == 400
    assert few.block_path.sum() == pytest.approx(1.0)
    assert few.block_loss[:2].tolist() == [2.5, 6.5]


def test_at_one_loss_the_noise_of_the_gradient_decides_how_far_they_wander(carried):
    wander = {name: run.wander for name, run in carried.items()}
    assert 1 < wander["full-batch"] < 1.3
    assert wander["sgd-4"] > 1.5 * wander["sgd-32"] > 3 * wander["momentum-cosine"]
    # A falling rate spares no wander.
    for constant, falling in (("sgd-32", "sgd-32-cosine"), ("adam", "adam-cosine")):
        assert wander[falling] == pytest.approx(wander[constant], rel=0.1)
        ends = [carried[name].rate(8)[1][[0, -1]] for name in (constant, falling)]
        assert ends[1][1] / ends[1][0] < 1e-3 * ends[0][1] / ends[0][0]


def test_the_picture_shows_the_moves_their_law_and_every_rung(carried):
    run = carried["full-batch"]
    ladder = run.ladder(6, measured_energy=1e-3, step_time=1e-3)
    picture = run_record(record=run, bits=6, ladder=ladder)
    top, bottom = picture.panels["top"], picture.panels["bottom"]
    _, rate = run.rate(6)
    assert top.marks["v"].get_ydata().tolist() == rate.tolist()
    assert top.marks["law name"].get_text() == "power law"
    assert "wander 1.16" in top.marks["wander"].get_text()
    for key, row in ladder.frame().iterrows():
        if np.isfinite(row["joules"]):
            (price,), _ = bottom.marks[key].get_data()
            assert price == pytest.approx(row["joules"] / (2410 * thermal_energy()), rel=1e-9)


@pytest.mark.parametrize("name", ["adam-cosine", "pytorch-transformer"])
def test_no_two_names_or_prices_overlap_and_none_leaves_the_picture(carried, name):
    ladder = carried[name].ladder(8, measured_energy=40.0, tokens=41280)
    picture = run_record(record=carried[name], ladder=ladder)
    picture.png()
    bottom = picture.panels["bottom"]
    texts = [mark for key, mark in bottom.marks.items() if key.startswith("price")]
    for some in (texts, bottom.axes.get_yticklabels()):
        boxes = [text.get_window_extent() for text in some]
        for i, box in enumerate(boxes):
            assert box.x0 >= 0
            assert box.x1 <= picture.bbox.x1
            assert not any(box.overlaps(other) for other in boxes[:i])


def test_a_picture_drawn_again_is_the_same_as_a_new_one(carried):
    first = run_record(record=carried["adam"])
    again = run_record(record=carried["full-batch"], figure=first)
    assert again is first
    assert again.png() == run_record(record=carried["full-batch"]).png()
    assert "law" not in run_record(record=carried["adam"], figure=first).panels["top"].marks


def test_a_run_that_does_not_move_has_no_picture(carried):
    still = UpdateRecorder([0.5], span=1.0)
    still.step([0.5])
    with pytest.raises(ValueError, match="record must be of a run that moves"):
        run_record(record=still, ladder=carried["adam"].ladder(8))

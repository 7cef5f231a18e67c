"""The picture of a training run's ladder shows each rung where it is, and readable."""

from dataclasses import replace

import numpy as np
import pytest

from lim_lib.figures import swept_ladder, training_ladder
from lim_lib.workloads import energy_ladder, sweep

KEPT_APART = ("energy", "heading", "credit")


@pytest.mark.parametrize(
    ("workload", "counting"), [("gpt3", "steps"), ("brain", "flop"), ("adam_cifar", "steps")]
)
def test_each_rung_is_a_point_at_its_energy_with_its_name(workload, counting):
    run = energy_ladder(workload, counting=counting)
    picture, ladder = training_ladder(ladder=run), run.frame()
    panel = picture.panels["whole"]
    names = {
        label.get_text().replace("\n", " "): place
        for label, place in zip(panel.axes.get_yticklabels(), panel.axes.get_yticks(), strict=True)
    }
    for key, row in ladder.iterrows():
        if not np.isfinite(row["joules"]):
            assert key not in panel.marks
            continue
        (x,), (y,) = panel.marks[key].get_data()
        assert x == row["joules"]
        assert y == names[row["title"]]
        assert panel.marks[f"energy {key}"].get_text() == row["energy"]
        low, high = panel.axes.get_xlim()
        assert low < row["low"] <= row["high"] < high
    assert ("real" in panel.marks) == ("reported" in ladder.index)


@pytest.mark.parametrize("workload", ["gpt3", "brain"])
def test_no_two_labels_overlap_and_none_leaves_the_picture(workload):
    picture = training_ladder(ladder=energy_ladder(workload))
    picture.png()
    panel = picture.panels["whole"]
    texts = [mark for name, mark in panel.marks.items() if name.split()[0] in KEPT_APART]
    boxes = [text.get_window_extent() for text in (*texts, *panel.axes.get_yticklabels())]
    for i, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= picture.bbox.x1
        assert not any(box.overlaps(other) for other in boxes[:i])


def test_a_number_that_was_not_seen_in_its_source_is_drawn_differently():
    looks = {}
    for workload in ("opt175b", "bloom", "gpt4"):
        picture = training_ladder(ladder=energy_ladder(workload))
        mark = picture.panels["whole"].marks["reported"]
        looks[workload] = (mark.get_marker(), mark.get_markerfacecolor() == "white")
    assert looks == {"opt175b": ("o", False), "bloom": ("o", True), "gpt4": ("D", True)}


def test_the_table_is_credited_where_its_numbers_are_drawn():
    named = training_ladder(ladder=energy_ladder("gpt3")).panels["whole"]
    assert "Epoch AI, CC BY 4.0" in named.marks["credit"].get_text()
    own = training_ladder(ladder=energy_ladder(model_size=1e9, energy=1e6)).panels["whole"]
    assert "credit" not in own.marks


def test_a_ladder_without_energies_is_refused():
    ladder = energy_ladder("gpt3")
    nothing = {key: {**line, "joules": np.nan} for key, line in ladder.lines.items()}
    ladder = replace(ladder, lines=nothing)
    with pytest.raises(ValueError, match="ladder must be a ladder with an energy above zero"):
        training_ladder(ladder=ladder)


@pytest.mark.parametrize(
    "swept", [{"bits": [4, 8, 16]}, {"duration": np.geomspace(1, 1e9, 12)},
              {"write_energy": ["dram_cell", "pcm_cell"]}],
)  # fmt: skip
def test_each_rung_of_a_sweep_is_a_line_through_its_energies_with_its_name_at_its_end(swept):
    table = sweep("gpt3", **swept)
    picture = swept_ladder(table=table)
    picture.png()
    panel = picture.panels["whole"]
    left, right = panel.axes.get_xlim()
    boxes = []
    for key, line in table[table["joules"] > 0].groupby("rung", sort=False):
        x, y = panel.marks[key].get_data()
        assert list(y) == line["joules"].tolist()
        assert all(left < each < right for each in x)
        name = panel.marks[f"name {key}"]
        assert name.get_text() == line["title"].iloc[0]
        boxes.append(name.get_window_extent())
    for i, box in enumerate(boxes):
        assert box.x1 <= picture.bbox.x1
        overlaps = [min(box.y1, other.y1) - max(box.y0, other.y0) for other in boxes[:i]]
        assert not any(each > 0.3 * box.height for each in overlaps)


def test_a_sweep_over_two_inputs_is_not_drawn():
    table = sweep("gpt3", bits=[4, 8], drive=[1, 2])
    with pytest.raises(ValueError, match="a sweep over bits, drive"):
        swept_ladder(table=table)

"""The pictures of what an optimizer writes: what they show is what was counted."""

import numpy as np
import pytest

from lim_lib import figures
from lim_lib.optimizers import written
from lim_lib.recorder import load_runs

TREMBLING = [-0.05, 0.03, -0.03, 0.03, -0.03, 0.1]  # about the threshold at 0
DEPTHS = {"bits": (3, 5), "commands": 100, "moves": [4, 16], "needed": [2, 8]}
RUNS = {"a": (4.0, 1.0), "b": (1.2, 1.1)}
FADING = {"a": ([0.1, 0.9], [1e-1, 1e-2]), "b": ([0.1, 0.9], [1e-1, 1e-6])}
WAYS = {
    "one": np.array([[1, 9.0, 0.95, 0.9], [9, 9.5, 0.85, 0.95]]),
    "other": np.array([[1, 2.0, 0.95, 0.9], [9, 1.5, 0.84, 0.95]]),
}


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


def drawn(picture, name, place="whole"):
    return picture.panels[place].marks[name].get_xydata().T


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("shadow_and_cell", {}, {"bits": 8, "slack": 0.1}),
        ("shadow_and_cell", {"path": TREMBLING}, {"path": TREMBLING, "slack": 0.3}),
        (
            "moves_at_each_depth",
            DEPTHS | {"path": 0.5, "displacement": 0.25},
            DEPTHS | {"path": 0.9, "displacement": 0.2},
        ),
        (
            "moves_in_time",
            {"constant": FADING, "falling": FADING, "rate": [1, 0.5]},
            {"constant": FADING, "falling": {"b": FADING["b"]}},
        ),
        ("path_and_displacement", {"runs": RUNS}, {"runs": {"b": RUNS["b"]}}),
        ("recorded_run", {}, {"run": "sgd-4", "bits": 4}),
        ("bits_of_directions", {"bits": [2, 1], "cell": 4}, {"bits": [1, 0.5, 0], "cell": 5}),
        ("two_tasks", {"ways": WAYS}, {"ways": {"other": WAYS["other"]}}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_the_moves_told_are_those_of_the_cell_that_is_drawn():
    picture = figures.shadow_and_cell(path=TREMBLING)
    _, cell = drawn(picture, "cell")
    moves = np.abs(np.diff(cell)).sum() / (6 / 31)
    assert moves == pytest.approx(5)
    assert "5 moves" in words(picture)
    assert "needed 1" in words(picture)


def test_with_slack_a_cell_does_not_follow_what_trembles_about_a_threshold():
    assert "1 move " in words(figures.shadow_and_cell(path=TREMBLING, slack=0.3))
    shadow = 0.5 + 0.05 * np.array([1, -1, 1])
    assert [int(written(0, each)) for each in shadow] == [1, 0, 1]
    assert [int(written(0, each, 0.1)) for each in shadow] == [0, 0, 0]
    assert written([0, 0], [1.7, 0.4], 0.1).tolist() == [2, 0]


def test_the_weight_of_the_first_picture_chatters_without_slack():
    assert "26 moves" in words(figures.shadow_and_cell())
    assert "7 moves" in words(figures.shadow_and_cell(slack=0.1))
    for bits, slack in ((5, 0.0), (8, 0.1)):
        moves, needed = figures.counted_moves(bits=bits, slack=slack)
        told = words(figures.shadow_and_cell(bits=bits, slack=slack))
        assert told.startswith(f"{moves} moves")
        assert told.endswith(f"needed {needed}")


def test_the_lines_are_path_and_displacement_in_levels():
    picture = figures.moves_at_each_depth(**DEPTHS, path=0.5, displacement=0.25)
    bits, path = drawn(picture, "path")
    assert path == pytest.approx(0.5 * (2**bits - 1))
    assert "path/displacement = 2.00" in words(picture)
    assert drawn(picture, "moves")[1] == pytest.approx([4, 16])


def test_the_runs_are_sorted_by_their_wander():
    picture = figures.path_and_displacement(runs=RUNS)
    assert drawn(picture, "path")[0].tolist() == [1.2, 4.0]
    assert "× 1.1" in words(picture)
    assert "× 4.0" in words(picture)


def test_a_recorded_run_is_the_one_that_travels_with_the_library():
    wander = load_runs()["adam-cosine"].wander
    assert f"wander {wander:.2f}" in words(figures.recorded_run(run="adam-cosine"), "top")


def test_directions_are_shown_from_the_best_known_on():
    picture = figures.bits_of_directions(bits=[0.5, 2.0, 1.0], cell=5)
    heights = [bar.get_height() for bar in picture.panels["whole"].marks["bars"]]
    assert heights == [2.0, 1.0, 0.5]
    assert "mean 1.17" in words(picture)


def test_heat_is_written_at_the_ends_of_each_way():
    told = words(figures.two_tasks(ways=WAYS), "right")
    for heat in ("9.0", "9.5", "2.0", "1.5"):
        assert heat in told


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("shadow_and_cell", {"bits": 1}, "bits"),
        ("shadow_and_cell", {"slack": 2}, "slack"),
        ("shadow_and_cell", {"path": [[0, 1]]}, "path"),
        ("moves_at_each_depth", DEPTHS | {"commands": 0, "path": 1, "displacement": 1}, "commands"),
        ("moves_in_time", {"constant": dict.fromkeys("abcde", ([0], [1])), "falling": {}},
         "constant"),
        ("path_and_displacement", {"runs": {"a": (0, 1)}}, "runs"),
        ("recorded_run", {"run": "adagrad"}, "run"),
        ("bits_of_directions", {"bits": "many", "cell": 5}, "bits"),
        ("two_tasks", {"ways": dict.fromkeys("abcdef", WAYS["one"])}, "ways"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(name, values, told):
    with pytest.raises((ValueError, TypeError), match=told):
        getattr(figures, name)(**values)

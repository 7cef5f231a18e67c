"""The pictures of chapter 12 show what the table of runs and the ladders say."""

import numpy as np
import pytest

from lim_lib.figures import training
from lim_lib.workloads import energy_ladder, load_workloads


def marks(picture):
    return picture.panels["whole"].marks


def test_every_real_run_is_a_point_and_what_was_not_measured_is_drawn_otherwise():
    runs = load_workloads().dropna(subset=["energy"])
    drawn = marks(training.energy_against_size())
    seen = []
    for standing in ("measured", "estimated, derived", "recalled, hearsay"):
        sizes, energies = drawn[standing].get_data()
        for size, energy in zip(sizes, energies, strict=True):
            run = runs[(runs["model_size"] == size) & (runs["energy"] == energy)].iloc[0]
            doubtful = {"recalled", "third-party"} & {
                run["model_size_standing"], run["energy_standing"]
            }  # fmt: skip
            assert (standing == "recalled, hearsay") == bool(doubtful), run["name"]
            if not doubtful:
                assert (standing == "measured") == (run["energy_basis"] == "measured")
            seen.append(run.name)
    assert sorted(seen) == sorted(runs.index)
    looks = {(drawn[name].get_marker(), drawn[name].get_markerfacecolor() == "white")
             for name in ("measured", "estimated, derived", "recalled, hearsay")}  # fmt: skip
    assert len(looks) == 3


@pytest.mark.parametrize("counting", ["steps", "flop"])
def test_every_rung_of_the_ladder_is_a_line(counting):
    """A size between those drawn, from the ladder itself, lies on each line."""
    drawn = marks(training.energy_against_size(counting=counting))
    size = 3e9
    ladder = energy_ladder(
        model_size=size,
        tokens=20 * size,
        steps=1e5,
        duration=30 * 86400,
        counting=counting,
    )
    for rung, joules in ladder["joules"].items():
        sizes, energies = drawn[rung].get_data()
        between = np.exp(np.interp(np.log(size), np.log(sizes), np.log(energies)))
        assert between == pytest.approx(joules, rel=0.02), rung


def test_what_lies_on_landauers_line_is_said_to():
    ladder = energy_ladder(model_size=1e9, tokens=2e10, steps=1e5, duration=30 * 86400)["joules"]
    for rung in training._ON_LANDAUER:
        assert ladder[rung] == pytest.approx(ladder["landauer"], rel=1e-3)


def test_names_are_apart_and_nowhere_far_from_their_lines():
    heights = training._apart(np.array([0.0, 0.1, 0.2, 5.0]), 1.0)
    assert np.diff(heights).min() >= 1 - 1e-12
    assert heights[:3].mean() == pytest.approx(0.1)
    assert heights[3] == 5


def test_an_unknown_counting_is_refused():
    with pytest.raises(ValueError, match=r"counting must be 'steps' or 'flop', got 'words'"):
        training.energy_against_size(counting="words")


def test_a_picture_does_not_depend_on_the_one_before():
    first = training.energy_against_size(counting="flop")
    again = training.energy_against_size(figure=first)
    assert again.png() == training.energy_against_size().png()

"""The pictures of chapter 14 show what the table of runs and the ladders say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lim_lib.figures import training
from lim_lib.workloads import (
    brain_scale,
    compute_optimal,
    energy_ladder,
    fit_scaling,
    ladder_ranges,
    load_workloads,
    rank_inputs,
)


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
    ).frame()
    for rung, joules in ladder["joules"].items():
        sizes, energies = drawn[rung].get_data()
        between = np.exp(np.interp(np.log(size), np.log(sizes), np.log(energies)))
        assert between == pytest.approx(joules, rel=0.02), rung


def test_what_lies_on_landauers_line_is_said_to():
    ladder = energy_ladder(model_size=1e9, tokens=2e10, steps=1e5, duration=30 * 86400).frame()[
        "joules"
    ]
    for rung in training._ON_LANDAUER:
        assert ladder[rung] == pytest.approx(ladder["landauer"], rel=1e-3, abs=0)


def test_names_are_apart_and_nowhere_far_from_their_lines():
    heights = training._apart(np.array([0.0, 0.1, 0.2, 5.0]), 1.0)
    assert np.diff(heights).min() >= 1 - 1e-12
    assert heights[:3].mean() == pytest.approx(0.1)
    assert heights[3] == 5


def test_an_unknown_counting_is_refused():
    with pytest.raises(ValueError, match=r"counting must be 'steps' or .*, got 'words'"):
        training.energy_against_size(counting="words")


def test_runs_stand_in_the_group_of_their_boundary_and_as_far_above_as_their_ladder_says():
    picture = training.orders_above()
    drawn = marks(picture)
    runs = load_workloads().dropna(subset=["energy"])
    runs = runs[runs["start"] == ""]
    axis = picture.panels["whole"].axes.yaxis
    names = {label.get_text(): at for at, label in zip(axis.get_majorticklocs(),
             axis.get_majorticklabels(), strict=True)}  # fmt: skip
    assert len(names) == len(runs)
    titles = {each: drawn[each].get_position()[1] for each in training._GROUPS}
    for name, run in runs.iterrows():
        short = run["name"].split(",")[0].split(" on ")[0]
        height = names[short if short in names else short.partition(" (")[0]]
        above = min((at for at in titles.values() if at > height), default=None)
        assert above == titles[run["energy_boundary"]], name
        ladder = energy_ladder(name).frame()
        for rung in training._COLUMNS:
            orders, heights = drawn[f"{rung} {training.standing_of_energy(run)}"].get_data()
            if rung in ladder.index:
                (found,) = np.asarray(orders)[np.asarray(heights) == height]
                expected = np.log10(run["energy"] / ladder.at[rung, "joules"])
                assert found == pytest.approx(expected, nan_ok=True), (name, rung)
            else:
                assert height not in heights


@pytest.mark.parametrize("counting", ["steps", "flop", "tokens"])
def test_no_real_run_is_drawn_below_a_theorem(counting):
    drawn = marks(training.orders_above(counting=counting))
    for rung in ("landauer", "transport_activity"):
        for standing in training.STANDINGS:
            orders = np.asarray(drawn[f"{rung} {standing}"].get_xdata())
            assert np.all(orders[np.isfinite(orders)] > 10)


def test_an_own_run_shows_both_countings_and_the_real_runs_of_its_size():
    drawn = marks(training.own_run(model_size=1e11, tokens_per_parameter=100))
    run = {"model_size": 1e11, "tokens": 1e13, "steps": 1e5, "duration": 30 * 86400}
    for counting in ("steps", "flop"):
        ladder = energy_ladder(**run, counting=counting).frame()["joules"]
        for rung in training._ROWS:
            (joules,) = drawn[f"{counting} {rung}"].get_xdata()
            assert joules == pytest.approx(ladder[rung], rel=1e-6, abs=0)
    runs = load_workloads().dropna(subset=["energy"])
    near = runs[(runs["model_size"] >= 1e10) & (runs["model_size"] <= 1e12)]
    energies = [e for standing in training.STANDINGS for e in drawn[standing].get_xdata()]
    assert sorted(energies) == sorted(near["energy"])
    assert drawn["none"].get_text() if "none" in drawn else energies


def test_a_size_that_nobody_trained_says_so():
    assert "none" in marks(training.own_run(model_size=1e15))


def test_the_line_through_the_runs_is_least_squares_and_hearsay_is_crossed_and_left_out():
    drawn = marks(training.flop_against_size(since=2018))
    runs = load_workloads().dropna(subset=["flop"])
    known = runs[runs["flop_standing"] != "third-party"]
    recent = known[known["year"] >= 2018]
    slope, intercept = np.polyfit(np.log10(recent["model_size"]), np.log10(recent["flop"]), 1)
    sizes, flop = drawn["regression"].get_data()
    assert np.log10(flop) == pytest.approx(intercept + slope * np.log10(sizes))
    sizes, flop = drawn["compute-optimal"].get_data()
    assert flop == pytest.approx(compute_optimal(sizes))
    crossed = drawn["hearsay"]
    assert crossed.get_marker() == "x"
    assert {"gpt4", "grok3"} <= set(runs.index[runs["flop"].isin(crossed.get_ydata())])
    shown = {name: len(drawn[name].get_xdata()) for name in ("left out", "fitted", "hearsay")}
    assert shown == {
        "left out": len(known) - len(recent),
        "fitted": len(recent),
        "hearsay": len(runs) - len(known),
    }
    assert drawn["at a brain's size"].get_ydata()[0] == fit_scaling(since=2018).predict(1e15).value


def test_ranges_are_those_of_the_table_and_name_the_first_input():
    ranges = ladder_ranges("gpt3", samples=64)
    ranks = rank_inputs("gpt3", samples=64)
    drawn = marks(training.ranges_and_inputs(ranges=ranges, ranks=ranks))
    for rung, row in ranges.iterrows():
        assert list(drawn[rung].get_xdata()) == [row["low"], row["high"]]
        assert list(drawn[f"median {rung}"].get_xdata()) == [row["median"]]
    assert drawn["inputs of two_tier"].get_text().startswith("transfer energy")
    assert drawn["inputs of static_stiffness"].get_text().startswith("bits")


def test_the_bars_of_the_swing_are_its_orders():
    table = brain_scale()
    drawn = marks(training.moved_by_one_assumption(table=table))
    widths = [bar.get_width() for bar in drawn["bars"]]
    assert widths == pytest.approx(table["orders"].iloc[1:])
    assert drawn["orders 11"].get_text() == "+7.1"


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (training.energy_against_size, {"counting": "flop"}, {}),
        (training.orders_above, {"counting": "flop"}, {}),
        (training.own_run, {"model_size": 1e15}, {"model_size": 1e8}),
        (training.flop_against_size, {"since": 2022}, {"since": 2012}),
        (
            training.moved_by_one_assumption,
            {"table": brain_scale(energy_per_operation=1.0)},
            {"table": brain_scale()},
        ),
    ],
)
def test_a_picture_does_not_depend_on_the_one_before(function, first, second):
    again = function(figure=function(**first), **second)
    assert again.png() == function(**second).png()


def test_the_four_factors_lie_by_year_with_their_least_squares():
    gaps = pd.DataFrame(
        {
            "year": [2018, 2020, 2024, 2024],
            "data centre": [0.5, 0.4, 0.5, 0.4],
            "chip": [8.0, 7.6, 7.0, 7.2],
            "batch": [6.0, 6.4, 7.2, 7.2],
            "steps": [5.5, 5.0, 6.0, 5.5],
        }
    )
    picture = training.owners_by_year(gaps=gaps)
    drawn = marks(picture)
    for owner in ("data centre", "chip", "batch", "steps"):
        years, orders = drawn[owner].get_data()
        assert np.abs(years - gaps["year"]).max() < 0.5
        assert list(orders) == list(gaps[owner])
        ends, line = drawn[f"line {owner}"].get_data()
        fit = stats.linregress(gaps["year"], gaps[owner])
        assert line == pytest.approx(fit.intercept + fit.slope * np.asarray(ends))
    assert drawn["name batch"].get_text() == "batch +0.20"
    picture.png()
    boxes = [mark.get_window_extent() for name, mark in drawn.items() if name.startswith("name ")]
    assert all(box.x1 <= picture.bbox.x1 for box in boxes)
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])

"""The pictures of the energy to solution: what they show is what the theorems say."""

import numpy as np
import pytest

from lim_lib import figures
from lim_lib.units import thermal_energy

KT = thermal_energy()


def mark(picture, name, place="whole"):
    return picture.panels[place].marks[name]


def points(picture, name, place="whole"):
    return np.asarray(mark(picture, name, place).get_xydata(), dtype=float)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("price_of_a_solution", {}, {"bits": 5, "hops": [100], "heats": [40 * KT]}),
        ("edge_and_triangle", {}, {"fluxes": ((2, 1), (3, 1))}),
        ("drawn_barriers", {}, {"times": [0, 1], "barriers": {"a": [0, 2]}, "heats": {"b": 9}}),
        ("heat_in_time", {}, {"times": [0, 1], "heats": {"a": [0, 2], "b": [0, 3]}, "least": 1}),
        ("least_heat", {}, {"levels": 2, "protocols": {"a": ([10, 20], [9, 8])}}),
        ("who_is_limited", {}, {"diffusivity": 1, "duration": 6}),
        ("matched_and_mismatched", {"drive": 3}, {"drive": 0.3, "slowness": 0.5}),
        ("rungs", {"bits": 4}, {"bits": 2, "hop_budget": 100}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_the_price_of_a_solution_falls_from_a_divergence_to_landauer():
    hops, heat = points(figures.price_of_a_solution(bits=3), "least").T
    assert hops[0] == pytest.approx(3.5, rel=2e-4)
    assert (np.diff(heat) < 0).all()
    assert heat[0] > 30
    assert heat[-1] - 3 * np.log(2) == pytest.approx(2 * 3.5**2 / hops[-1], rel=1e-4)


def test_a_chain_of_triangles_is_longer_than_its_straight_line():
    picture = figures.edge_and_triangle(fluxes=((4, 1), (2, 2)))
    # legs (4, 3) and (4, 0): hypotenuses 5 and 4, together (8, 3)
    assert points(picture, "chain", "bottom") == pytest.approx(np.array([[0, 0], [4, 3], [8, 3]]))
    assert "9 hops" in mark(picture, "chain in words", "bottom").get_text()
    assert "8.54" in mark(picture, "straight in words", "bottom").get_text()


def test_points_are_drawn_where_they_are():
    picture = figures.price_of_a_solution(hops=[20, 40], heats=[2 * KT, KT])
    assert points(picture, "points") == pytest.approx(np.array([[20, 2], [40, 1]]))
    picture = figures.heat_in_time(times=[0, 2], heats={"slow": [0, 3.14]}, least=1)
    assert points(picture, "slow").tolist() == [[0, 0], [2, 3.14]]
    assert mark(picture, "slow in words").get_text() == "slow: 3.1"


def test_the_least_heat_lies_between_the_theorem_and_any_protocol():
    picture = figures.least_heat()
    (budget, least), theorem = points(picture, "least").T, points(picture, "theorem")[:, 1]
    assert (np.diff(least) < 0).all()
    assert (least > theorem).all()
    assert np.interp(10, budget, least) == pytest.approx(3.94, rel=0.03)
    # uniform on eight levels at first, one error in a thousand at last
    assert least[-1] == pytest.approx(2.07, rel=0.04)


@pytest.mark.parametrize(
    ("limits", "phases"),
    [
        ({}, ["open", "matched"]),
        ({"diffusivity": 1, "duration": 6}, ["matched"]),
        ({"diffusivity": 0.001, "duration": 40}, ["open"]),
    ],
)
def test_device_or_optimizer_is_at_its_limit_all_the_time(limits, phases):
    picture = figures.who_is_limited(**limits)
    noise, drift = (points(picture, name)[:, 1] for name in ("noise", "drift"))
    assert np.maximum(noise, drift) == pytest.approx(1)
    marks = picture.panels["whole"].marks
    assert [name for name in ("open", "both", "matched") if name in marks] == phases


@pytest.mark.parametrize("drive", [0.1, 1, 10])
def test_no_barrier_of_the_same_hop_budget_beats_the_matched_one(drive):
    ends = []
    for slowness in (0.5, 0.8, 1, 1.3, 5, 10):
        picture = figures.matched_and_mismatched(drive=drive, slowness=slowness)
        times, rate = points(picture, "other", "top").T
        matched = points(picture, "matched", "top")[:, 1]
        spent = np.trapezoid(rate, times)
        assert spent == pytest.approx(np.trapezoid(matched, times), rel=2e-3)
        ends.append(points(picture, "other", "bottom")[-1, 1])
        assert points(picture, "matched", "bottom")[-1, 1] == pytest.approx(1, rel=1e-6)
    assert ends[2] == pytest.approx(1, rel=1e-6)
    assert ends[0] > ends[1] > 1 < ends[3] < ends[4] < ends[5]


def test_at_strong_drive_a_mismatch_costs_twice_the_relative_entropy():
    slowness, end = 5.0, 8.0
    picture = figures.matched_and_mismatched(drive=10, slowness=slowness)
    ratio = points(picture, "other", "bottom")[-1, 1]
    t = np.linspace(0, end, 4001)
    profiles = [np.exp(-t), np.exp(-t / slowness)]
    v, r = (profile / np.trapezoid(profile, t) for profile in profiles)
    divergence = np.trapezoid(v * np.log(v / r), t)
    assert (ratio - 1) * 2 * np.arcsinh(10) == pytest.approx(2 * divergence, rel=0.03)


def test_the_rungs_are_those_of_the_formulas_by_hand():
    picture = figures.rungs(bits=1, hop_budget=10)
    moves, landauer = 0.499, np.log(2) + 0.999 * np.log(0.999) + 1e-3 * np.log(1e-3)
    rate = -np.log1p(-2e-3) / 2 / (10 * 365.25 * 86400)  # of two levels that may hop back
    expected = {
        "Landauer": landauer,
        "transport, time": landauer + 2 * moves * np.arcsinh(moves / 20),
        "least possible": landauer + 0.070438331,
        "matched barrier,\nconstant tilt": moves * np.log(1000),
        "static barrier": 2 * moves * np.arcsinh(moves / 1.3e6 / (2 * rate)),
        "Landauer\nper update": moves * np.log(2),
    }
    for name, heat in expected.items():
        assert points(picture, name)[0, 0] == pytest.approx(heat, rel=1e-3), name
    assert mark(picture, "heat Landauer").get_text() == "0.685"


@pytest.mark.parametrize("hop_budget", [3, 10, 1e4])
@pytest.mark.parametrize("bits", [1, 3, 6])
def test_no_rung_of_the_picture_lies_below_a_theorem(bits, hop_budget):
    picture = figures.rungs(bits=bits, hop_budget=hop_budget)
    heat = {name: points(picture, name)[0, 0] for name in picture.panels["whole"].marks
            if not name.startswith(("stem", "heat"))}  # fmt: skip
    assert heat["Landauer"] < heat["transport, time"] < heat["least possible"]
    assert heat["least possible"] < heat["matched barrier,\nconstant tilt"] < heat["static barrier"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price_of_a_solution", {"bits": 0}),
        ("edge_and_triangle", {"fluxes": ((1, 2),)}),
        ("heat_in_time", {"heats": {name: [0, 1] for name in "abcde"}}),
        ("least_heat", {"protocols": {name: ([1], [1]) for name in "abcd"}}),
        ("drawn_barriers", {"barriers": {name: [0, 1] for name in "abcde"}}),
        ("drawn_barriers", {"heats": {"a": 1}}),
        ("who_is_limited", {"diffusivity": 0}),
        ("matched_and_mismatched", {"slowness": 0.1}),
        ("matched_and_mismatched", {"drive": 0}),
        ("rungs", {"bits": 7}),
        ("rungs", {"hop_budget": 1}),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

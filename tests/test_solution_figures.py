"""The pictures of the energy to solution: what they show is what the theorems say."""

import numpy as np
import pytest

from lim_lib import figures, format_energy
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
        ("price_of_a_move", {}, {"hops": [2, 4], "heats": [2 * KT, KT]}),
        ("theorems_tested", {}, {"activity": ([0.1], [3]), "time": ([1, 2], [4, 5])}),
        ("matched_and_mismatched", {"drive": 3}, {"drive": 0.3, "slowness": 0.5}),
        ("rungs", {"bits": 4}, {"bits": 16, "hops": 1e8}),
        ("speed_of_the_cells", {}, {"model_size": 1e9, "bits": 4}),
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


def test_a_move_costs_the_logarithm_of_forward_over_backward_hops():
    hops, heat = points(figures.price_of_a_move(), "least").T
    # of x hops (x + 1)/2 go forward and (x - 1)/2 back
    assert heat == pytest.approx(np.log((hops + 1) / (hops - 1)))


def test_points_are_drawn_where_they_are():
    picture = figures.price_of_a_move(hops=[2, 4], heats=[2 * KT, KT])
    assert points(picture, "points") == pytest.approx(np.array([[2, 2], [4, 1]]))
    picture = figures.theorems_tested(activity=([0.1], [3]), time=([1, 2], [4, 5]))
    assert points(picture, "activity").tolist() == [[0.1, 3]]
    assert points(picture, "time").tolist() == [[1, 4], [2, 5]]


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
    picture = figures.rungs(bits=12, hops=1e5)
    moves = (4096**2 - 1) / (3 * 4096)
    rate = 1e-9 / (10 * 365.25 * 86400)  # to first order in the loss
    held = 2 * moves * np.arcsinh(moves / (2 * rate * 1.3e6))
    landauer = 12 * np.log(2)
    expected = {
        "Landauer": landauer,
        "transport, activity": landauer + 2 * moves * np.arctanh(moves / 1e5),
        "transport, time:\nheld for ten years": landauer + held,
        "static barrier": held,
        "matched barrier,\ndrive 1": 1e5 / np.sqrt(2) * 2 * np.arcsinh(1),
        "static stiffness": (4**12 - 1) / 2,
        "Landauer\nper update": 1e5 * landauer,
    }
    for name, heat in expected.items():
        assert points(picture, name)[0, 0] == pytest.approx(heat, rel=1e-6)
    assert mark(picture, "heat static stiffness").get_text() == "8.39 × 10⁶"
    assert mark(picture, "heat Landauer").get_text() == "8.32"


def test_held_cells_pay_and_free_cells_do_not():
    picture = figures.speed_of_the_cells()
    held, free = points(picture, "marked")[:, 1]
    assert held == pytest.approx(1.14664e-3, rel=1e-5)
    assert free == pytest.approx(8.0387e-9, rel=1e-4, abs=0)
    assert format_energy(held) in mark(picture, "kept").get_text()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price_of_a_solution", {"bits": 0}),
        ("price_of_a_move", {"hops": [-1], "heats": [1]}),
        ("matched_and_mismatched", {"slowness": 0.1}),
        ("matched_and_mismatched", {"drive": 0}),
        ("rungs", {"hops": 1e3}),
        ("speed_of_the_cells", {"model_size": 0}),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

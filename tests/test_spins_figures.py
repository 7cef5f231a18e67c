"""The pictures of Ising machines: what they show is what the library computes."""

import numpy as np
import pytest

from lim_lib import figures
from lim_lib.optimizers import logarithms

TRIANGLE = {
    "positions": [[0, 0], [1, 0], [0, 1]],
    "weights": [[0, 1, 2], [1, 0, 0], [2, 0, 0]],
}


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


def data(picture, mark, place="whole"):
    return picture.panels[place].marks[mark].get_xydata().T


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("cut_graph", TRIANGLE | {"sides": [1, 1, 1]}, TRIANGLE | {"sides": [1, -1, 1]}),
        ("maxcut_machine", {"hops": 1.0}, {"age": 1e-3, "hops": 3.0}),
        ("two_logarithms", {}, {"cooling": 0.0, "slope": 0.0}),
        (
            "heat_of_annealing",
            {},
            {"hops": [1, 9], "heats": [9, 8], "errors": [1, 1], "quasistatic": 7, "quench": 39},
        ),
        (
            "time_and_energy",
            {},
            {"hops": [1], "times": [[20, 30, 40]], "energies": [[50, 60, 80]], "floor": 40},
        ),
        ("cooling_laws", {}, {"laws": {"slow": ([1, 10], [0.5, 0.2])}}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_edges_between_the_sides_are_cut_and_no_others():
    picture = figures.cut_graph(sides=[1, -1, 1], **TRIANGLE)
    cut, uncut = (data(picture, name) for name in ("cut edges", "uncut edges"))
    assert cut[:, :2].T.tolist() == [[0, 0], [1, 0]]
    assert uncut[:, :2].T.tolist() == [[0, 0], [0, 1]]


@pytest.mark.parametrize("age", [0.0, 3e-6, 1.0])
def test_the_machine_says_what_it_cuts(age):
    _, weights = logarithms.example_graph()
    course = logarithms.maxcut_course(3.0)
    sides = course.sides[np.abs(course.ages - age).argmin()]
    cut = (weights * (sides[:, None] != sides)).sum() / 2
    assert f"{cut:.0f} edges cut" in words(figures.maxcut_machine(age=age, hops=3.0), "bottom")
    assert cut <= logarithms.best_cut() == 31


def test_the_machines_barrier_ends_its_hops():
    """On the clock R, λ is that of the age; what is left of the budget is R_0/(1 + t/τ)."""
    barrier = logarithms.rising_barrier(100.0)
    assert 100 - barrier.hop_budget(1e-3) == pytest.approx(100 / 1001, rel=1e-6)
    picture = figures.maxcut_machine(age=1e-6, hops=3.0)
    assert f"λ = {3 * np.log(2):.1f} kT" in words(picture, "bottom")
    height = np.log(1e9 * 1e-6 / 3.0) + 2 * np.log(2)
    assert f"barrier {height:.1f} kT" in words(picture, "bottom")


def test_points_are_drawn_where_they_are():
    picture = figures.heat_of_annealing(hops=[3], heats=[11], errors=[0.5], quench=39.0)
    assert data(picture, "annealed").ravel() == pytest.approx([3, 11])
    picture = figures.time_and_energy(
        hops=[2, 4], times=[[20, 30, 40], [15, 25, 35]], energies=[[5, 6, 7], [4, 5, 6]]
    )
    assert data(picture, "trade-off", "bottom") == pytest.approx(np.array([[30, 25], [6, 5]]))


@pytest.mark.parametrize("values", [{"age": -1.0}, {"age": 1e9}, {"hops": 0.0}])
def test_a_machine_that_cannot_be_is_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        figures.maxcut_machine(**values)

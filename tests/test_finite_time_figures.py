"""The pictures of driving in finite time: what they show is what the library computes."""

import numpy as np
import pytest

from lim_lib import bounds, figures
from lim_lib.units import format_energy, thermal_energy

KT = thermal_energy()
RNG = np.random.default_rng(4)
PATHS = {"times": [0, 1, 2], "positions": [[0, 1], [0.5, 1], [1, 1]]}
WORK = RNG.normal(1, 1, (2, 4000)) * KT  # dissipates kT/2 each way, about a change of kT/2


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


def data(picture, name, place="whole"):
    return picture.panels[place].marks[name].get_xydata()


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("paths_and_heat", PATHS | {"heats": [KT, 0]}, PATHS | {"heats": [0, -KT]}),
        (
            "work_both_ways",
            {"forward": WORK[0], "backward": WORK[1] - KT, "change": KT / 2},
            {"forward": WORK[1], "backward": WORK[0] - KT, "change": KT},
        ),
        ("lanes", {"start": [0, 1, 2], "end": [0, 0, 1]}, {"start": [0, 1], "end": [0.5, 1]}),
        (
            "heat_against_duration",
            {},
            {"transport_squared": 2, "durations": [2], "heats": [4e-21], "errors": [1e-22]},
        ),
        ("price_of_haste", {"error": 0.1}, {"duration": 0.3, "error": 0}),
        ("spring_of_least_heat", {"bits": 2}, {"duration": 0.1, "bits": 6}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_the_heat_of_each_path_stands_beside_it():
    text = words(figures.paths_and_heat(**PATHS, heats=[2.5 * KT, -KT]))
    assert text == "\N{MINUS SIGN}1.0 kT +2.5 kT"


def test_normal_work_there_and_back_obeys_crooks_relation():
    """Normal W of variance 2 (mean - ΔF)/kT does: then the points lie on the line."""
    picture = figures.work_both_ways(forward=WORK[0], backward=WORK[1] - KT, change=KT / 2)
    work, ratio = data(picture, "ratio", "bottom").T
    assert len(work) > 15
    assert ratio == pytest.approx(work - 0.5, abs=0.6)


@pytest.mark.parametrize("duration", [0.1, 1, 30])
@pytest.mark.parametrize("error", [0, 0.02, 0.3, 0.5])
def test_the_price_of_haste_is_entropy_and_transport(duration, error):
    share = (np.arange(200_000) + 0.5) / 200_000
    end = np.where(
        share < error, share / max(error, 1e-9) - 1, (share - error) / (1 - error)
    )  # in order
    transport = np.mean((end - (2 * share - 1)) ** 2)
    chances = np.array([error, 1 - error])
    entropy = -sum(p * np.log(p) for p in chances if p)
    least = np.log(2) - entropy + transport / duration
    picture = figures.price_of_haste(duration=duration, error=error)
    assert data(picture, "now")[0] == pytest.approx([duration, least], rel=1e-6, abs=1e-9)
    assert format_energy(least * KT) in words(picture)


def test_a_perfect_erasure_without_hurry_is_priced_near_the_bound():
    assert "0.70 kT" in words(figures.price_of_haste(duration=100, error=0))


def test_the_spring_costs_what_the_bound_says():
    picture = figures.spring_of_least_heat(duration=0.5, bits=3)
    heat = bounds.finite_time(1, 3, 1.0, 0.0, 1.0, 0.5) / KT
    assert f"heat {heat:.2f} kT" in words(picture, "top")
    assert data(picture, "spread", "top")[-1] == pytest.approx([1, 1 / 8])
    start, *_, end = data(picture, "stiffness", "bottom")[:, 1]
    assert [start, end] == pytest.approx([1 + 7 / 4, 64 * (1 + 7 / 32)])


def test_points_are_drawn_where_they_are():
    picture = figures.heat_against_duration(
        transport_squared=2, durations=[4.0], heats=[1.5 * KT], errors=[0.1 * KT]
    )
    assert data(picture, "simulated")[0] == pytest.approx([4, 1.5])
    time, heat = data(picture, "bound").T
    assert heat == pytest.approx(np.log(2) + 2 / time)


@pytest.mark.parametrize(
    ("name", "values", "wrong"),
    [
        ("price_of_haste", {"duration": 0}, "duration"),
        ("price_of_haste", {"error": 0.6}, "error"),
        ("spring_of_least_heat", {"bits": 20}, "bits"),
        ("heat_against_duration", {"transport_squared": 0}, "transport_squared"),
        ("lanes", {"start": [0, 1], "end": [1, 0]}, "end"),
        ("paths_and_heat", PATHS | {"heats": [0, 0, 0]}, "positions"),
        ("work_both_ways", {"forward": [0], "backward": [0, 1], "change": 0}, "backward"),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values, wrong):
    with pytest.raises(ValueError, match=wrong):
        getattr(figures, name)(**values)

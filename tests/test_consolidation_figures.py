"""The pictures of consolidation: what they show is what the library computes."""

import numpy as np
import pytest
from scipy.integrate import quad

from lim_lib import figures, load_hardware, memory
from lim_lib.schedules import LogarithmicBarrier
from lim_lib.units import thermal_energy

TEN_YEARS = 10 * 365.25 * 86400


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


def data(picture, mark, place="whole"):
    return picture.panels[place].marks[mark].get_xydata().T


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("forgetting_curves", {}, {"attempts": 0.2, "lost": {1: ([10], [0.3], [0.01])}}),
        ("plastic_or_permanent", {}, {"exponent": 1.0, "time_constant": 1e-9}),
        ("plastic_or_permanent", {"exponent": 0.8}, {"exponent": 1.5}),
        ("heat_of_tiers", {}, {"consolidations": [2], "heats": [1e-18], "one_tier": 4e-19}),
        ("two_tiers_or_one", {}, {"consolidations": 10, "retention": 60.0}),
        (
            "refresh_or_barrier",
            {},
            {"intervals": [1, 9], "barriers": [40, 42], "refreshing": [9, 3], "writing": [90, 99]},
        ),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_the_memory_that_becomes_permanent_is_safe_at_the_times_that_were_worked_out():
    times, heights = data(figures.becoming_permanent(), "safe")
    settled = np.log(2e9) / 2  # of 1e-9: 2 sinh of it is twice the drive
    exact = np.log([1e6 / 2e-9, 1e6 * TEN_YEARS / 2e-9]) - settled + np.log(2)
    assert times == pytest.approx(exact, abs=1e-6)
    kept = memory.retention_barrier(TEN_YEARS, 1e-9, 1e9) / thermal_energy()
    assert heights == pytest.approx([kept - np.log(TEN_YEARS), kept])


@pytest.mark.parametrize("alpha", [0.6, 1.0, 1.25, 2.0])
@pytest.mark.parametrize("age", [1e-5, 10.0, 1e9])
def test_the_budget_left_is_the_integral_of_the_hop_rate(alpha, age):
    """By quadrature over the logarithm of time, ten years from that age on."""
    rate = LogarithmicBarrier(alpha, 1e-6, 1e9).hop_rate
    ends = np.log([age, age + TEN_YEARS])
    whole = quad(lambda u: rate(np.exp(u)) * np.exp(u), *ends, epsabs=0, epsrel=1e-9, limit=200)[0]
    left = LogarithmicBarrier(alpha, 1e-6, 1e9).budget_from([age], TEN_YEARS)
    assert left == pytest.approx([whole], rel=1e-7, abs=0)


@pytest.mark.parametrize("alpha", [1.1, 1.5, 2.0, 2.5])
def test_the_budget_left_for_ever_is_the_closed_form(alpha):
    age = np.geomspace(1e-7, 1e13, 9)
    exact = 1e9 * 1e-6 / (alpha - 1) * (1 + age / 1e-6) ** (1 - alpha)
    left = LogarithmicBarrier(alpha, 1e-6, 1e9).budget_from(age, 1e300)
    assert left == pytest.approx(exact, rel=1e-9, abs=0)


def test_a_slope_of_one_or_less_loses_all_in_the_end():
    for alpha in (0.6, 1.0):
        picture = figures.plastic_or_permanent(exponent=alpha)
        assert (data(picture, "ever", "bottom")[1] == 0.5).all()
        assert "lost in the end" in words(picture, "bottom")


def test_the_age_from_which_a_value_is_kept_is_said():
    """At slope 2 the budget left is Γ₀τ²/t: 1e-9 after a million seconds."""
    assert "from 12 days on" in words(figures.plastic_or_permanent(), "bottom")
    assert "not safe" in words(figures.plastic_or_permanent(exponent=1.1), "bottom")


@pytest.mark.parametrize(
    ("slope", "tau", "years", "wait"),
    [
        (2.0, 1e-9, 2.365e11, "2.4 × 10¹¹ years"),
        (1.75, 1e-9, 7.76e7, "7.8 × 10⁷ years"),
        (2.5, 1e-8, 6.95e15, "7 × 10¹⁵ years"),
    ],
)
def test_the_longest_waits_are_told_to_two_digits(slope, tau, years, wait):
    """A hop in (1 + t/τ)^α attempts after a day, at 1 GHz."""
    exact = (1 + 86400 / tau) ** slope / 1e9 / (365.25 * 86400)
    assert exact == pytest.approx(years, rel=1e-3)
    picture = figures.plastic_or_permanent(exponent=slope, time_constant=tau)
    assert f"a hop in {wait}" in words(picture, "top")


def test_what_is_lost_ever_is_at_least_what_is_lost_in_ten_years():
    picture = figures.plastic_or_permanent(exponent=1.25)
    ever, decade = (data(picture, mark, "bottom")[1] for mark in ("ever", "decade"))
    assert (ever >= decade * (1 - 1e-9)).all()


def test_two_tiers_are_one_tier_and_their_copies():
    """108.217374 kT a bit, for ten years at 1e-9, written at a million per second."""
    picture = figures.two_tiers_or_one(consolidations=300.0)
    moved, two, one = data(picture, "now")[1]
    bits = 300 * 1.75e11 * 16
    assert two - one == pytest.approx(bits * 108.217374 * thermal_energy(), rel=1e-6)
    assert moved - two == pytest.approx(bits * load_hardware().loc["chip_link", "value"], rel=1e-6)
    assert one == pytest.approx(1.75e11 * 93750 * np.log(2e9) * thermal_energy(), rel=1e-9)


def test_points_are_drawn_where_they_are():
    kT = thermal_energy()
    picture = figures.heat_of_tiers(consolidations=[3], heats=[120 * kT], one_tier=88 * kT)
    assert data(picture, "simulated two").ravel() == pytest.approx([3, 120])
    assert data(picture, "simulated one").ravel() == pytest.approx([0, 88])
    lost = {1.5: ([10, 100], [0.1, 0.15], [0.01, 0.01])}
    points = data(figures.forgetting_curves(lost=lost), "points 1.5")
    assert points == pytest.approx(np.array([[10, 100], [0.1, 0.15]]))


def test_the_best_interval_is_where_the_sum_is_least():
    picture = figures.refresh_or_barrier(
        intervals=[1, 10, 100],
        barriers=[40, 41, 42],
        refreshing=[50, 6, 2],
        writing=[200, 210, 220],
    )
    assert data(picture, "best", "bottom").ravel() == pytest.approx([10, 216])


@pytest.mark.parametrize("values", [{"exponent": 0}, {"time_constant": -1}])
def test_a_barrier_that_does_not_rise_is_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        figures.plastic_or_permanent(**values)

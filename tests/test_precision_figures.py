"""The pictures of precision: what they show is what the library computes."""

import re

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import skellam

from lim_lib import bounds, figures, memory
from lim_lib.simulate import jump_process, ladder
from lim_lib.units import thermal_energy


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("tilted_barrier", {"tilt": 2}, {"tilt": 5, "barrier": 6}),
        ("drive_and_reliability", {"tilt": 0}, {"tilt": 2.8, "barrier": 7}),
        ("uncertainty_product", {}, {"tilts": [1, 4], "products": [2, 4], "errors": [0.1, 0.1]}),
        ("analog_and_digital", {"bits": 1}, {"bits": 12, "hop_budget": 1e6}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_the_climbs_differ_by_the_tilt():
    picture = figures.tilted_barrier(barrier=8, tilt=3)
    assert "forward\n6.5 kT" in words(picture)
    assert "backward\n9.5 kT" in words(picture)


@pytest.mark.parametrize(("tilt", "barrier"), [(0, 5), (1.2, 5), (4, 5), (2, 8)])
def test_all_net_moves_that_happen_are_on_the_picture(tilt, barrier):
    rate = 1e3 * np.exp(-barrier)
    forward, backward = rate * np.exp(tilt / 2), rate * np.exp(-tilt / 2)
    assert skellam.cdf(74, forward, backward) - skellam.cdf(-13, forward, backward) > 0.999
    text = words(figures.drive_and_reliability(tilt=tilt, barrier=barrier), "top")
    assert f"{forward:.3g} hops forward, {backward:.3g} back" in text
    assert f"heat {tilt * (forward - backward):.3g} kT" in text
    no_gain = re.search(r"no gain: (under )?([\d.e+]+) %", text)
    expected = 100 * skellam.cdf(0, forward, backward)
    assert expected < 0.01 if no_gain[1] else float(no_gain[2]) == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(("tilt", "product"), [(0, 2.0), (1, 2.164), (4, 4.149)])
def test_the_product_is_that_of_the_cell(tilt, product):
    picture = figures.drive_and_reliability(tilt=tilt)
    assert picture.panels["bottom"].marks["now"].get_ydata() == pytest.approx([product], abs=1e-3)


def test_simulated_points_are_drawn_where_they_are():
    picture = figures.uncertainty_product(tilts=[2], products=[2.6], errors=[0.1])
    marks = picture.panels["whole"].marks
    assert np.ravel(marks["points"].get_xydata()) == pytest.approx([2, 2.6])
    assert marks["error bars"].get_segments()[0][:, 1] == pytest.approx([2.4, 2.8])


def test_the_heat_of_a_digital_write_at_once_is_that_of_a_simulated_one():
    """Uniform bits, the final tilt switched on: heat within four standard errors."""
    error, kT = 0.01, thermal_energy()
    fall = kT * np.log((1 - error) / error)
    run = jump_process(
        ladder(2), duration=20.0, initial=[0.5, 0.5], replicas=40_000, seed=1, hop_rate=1.0,
        energy=[fall, 0.0],
    )  # fmt: skip
    heat, uncertain = run.ledger.mean("heat")
    assert abs(heat - memory.sudden_write_heat(1, error)) < 4 * uncertain


def test_analog_and_digital_are_the_rungs_of_the_ladder():
    marks = figures.analog_and_digital(bits=6, hop_budget=50).panels["whole"].marks
    heat = {name: marks[f"{name} now"].get_ydata()[0] for name in (
        "analog at once", "digital at once", "analog, at least", "digital, at least")}  # fmt: skip
    kT = thermal_energy()
    assert heat["analog at once"] == pytest.approx((4**6 - 1) / 2)
    assert heat["analog, at least"] * kT == pytest.approx(
        bounds.transport_time(1, 6, 50), rel=1e-6, abs=0
    )
    assert heat["digital, at least"] * kT == pytest.approx(
        6 * bounds.transport_time(1, 1, 50), rel=1e-6, abs=0
    )
    assert heat["digital at once"] == pytest.approx(6 * 10.36, rel=1e-3)


def test_a_heat_just_below_a_power_of_ten_is_told_as_one_below_ten():
    budget = brentq(lambda r: bounds.transport_time(1, 15, r) / thermal_energy() - 9.96e4, 1, 999)
    text = words(figures.analog_and_digital(bits=15, hop_budget=budget))
    assert "analog, at least: 9.96 × 10⁴ kT" in text


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("tilted_barrier", {"tilt": -1}),
        ("drive_and_reliability", {"tilt": 5}),
        ("drive_and_reliability", {"barrier": 2}),
        ("uncertainty_product", {"products": [-1]}),
        ("analog_and_digital", {"bits": 17}),
        ("analog_and_digital", {"hop_budget": 0}),
    ],
)
def test_what_is_out_of_the_picture_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

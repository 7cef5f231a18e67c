"""The pictures of precision: what they show is what the library computes."""

import re

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, skellam

from lim_lib import bounds, figures, memory
from lim_lib.simulate import harmonic, jump_process, ladder, langevin
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


def heats(**values):
    marks = figures.analog_and_digital(**values).panels["whole"].marks
    return {name[: -len(" now")]: mark.get_ydata()[0] for name, mark in marks.items()
            if name.endswith(" now")}  # fmt: skip


def test_analog_and_digital_are_drawn_at_the_same_reading_error():
    heat = heats(bits=3, hop_budget=50)
    assert heat["analog at once"] == pytest.approx((6.10941**2 * 64 / 3 - 1) / 2, rel=1e-5)
    assert heat["digital at once"] == pytest.approx(3 * np.log(3e9) / 2, rel=1e-6)
    assert all(heats(bits=b)["analog at once"] > 2 * heats(bits=b)["digital at once"]
               for b in range(1, 17))  # fmt: skip


def test_haste_costs_a_ladder_fourfold_a_bit_and_a_line_hardly_more():
    """Excess over b ln 2 at a long time: (L/4)²/R, b/(4R), and at most 1/(3R) beside ln(z/√3)."""
    budget = 1e6
    for bits in (2, 5, 8):
        heat = heats(bits=bits, hop_budget=budget)
        reversible = bits * np.log(2)
        for name, excess in (("ladder", 4**bits / 16), ("digital", bits / 4)):
            above = (heat[f"{name}, at least"] - reversible) * budget
            assert above == pytest.approx(excess, rel=1e-3)
        sharp = 6.10941 / np.sqrt(3)
        above = (heat["line, at least"] - reversible - np.log(sharp)) * budget
        assert above == pytest.approx((1 - 2.0**-bits / sharp) ** 2 / 3, abs=2)  # 1e-6 of ln(z/√3)


def test_a_value_written_at_once_is_read_wrongly_as_often_as_was_asked():
    """Uniform over a range, a spring to the middle one of four parts: heat and reading error."""
    error, kT = 0.02, thermal_energy()
    sharp = norm.isf(error / 2)
    run = langevin(
        harmonic, diffusivity=1.0, duration=5.0, steps=500, replicas=40_000, seed=2,
        initial=lambda rng, count: rng.uniform(-4 * sharp, 4 * sharp, count),
        controls={"stiffness": kT},
    )  # fmt: skip
    heat, uncertain = run.ledger.mean("heat")
    assert abs(heat - memory.sudden_spring_heat(2, error)) < 4 * uncertain
    wrong = np.mean(np.abs(run.final) > sharp)
    assert abs(wrong - error) < 4 * np.sqrt(error / 40_000)


def test_a_value_no_sharper_than_its_range_is_not_written():
    with pytest.raises(ValueError, match="sharper than it is at the start, got bits=1"):
        memory.sudden_spring_heat(1, 0.49)


def test_a_heat_just_below_a_power_of_ten_is_told_as_one_below_ten():
    def above(budget):
        return bounds.transport_time(1, 15, budget, 2**13) / thermal_energy() - 9.96e4

    text = words(figures.analog_and_digital(bits=15, hop_budget=brentq(above, 1, 999)))
    assert "ladder, at least: 9.96 × 10⁴ kT" in text


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

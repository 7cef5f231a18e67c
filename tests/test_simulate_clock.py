"""The clock lemma: a barrier that multiplies all rates by r(t) counts by the integral of r alone.

The learner of chapter 7: 33 levels, uniform at first, a tilt towards the middle one from both
sides, v_0 τ = 80, an error of 1 %. Exact, by the master equation; heats in kT.
"""

import numpy as np
import pytest

from lim_lib.schedules import ExponentialDecay, MatchedBarrier, OpenThenShut, StaticBarrier
from lim_lib.simulate import ladder, master_equation
from lim_lib.units import thermal_energy

KT = thermal_energy()
TILT = np.log(199)
MATCHED = MatchedBarrier(np.sinh(TILT / 2), ExponentialDecay(80.0, 1.0), attempt_rate=1e9)
OPEN = MATCHED.hop_rate(0.0)
BUDGET = MATCHED.hop_budget(30.0)
DISTANCE = KT * np.abs(np.arange(33) - 16)


def learn(tilt, duration=30.0, steps=None, **barrier):
    """Error, heat in kT, and the run; the tilt in kT is a number or a function of time."""
    energy = (lambda t: tilt(t) * DISTANCE) if callable(tilt) else tilt * DISTANCE
    run = master_equation(ladder(33), duration=duration, initial=np.full(33, 1 / 33), energy=energy,
                          steps=steps, **barrier)  # fmt: skip
    return 1 - run.final[16], run.ledger.heat / KT, run


def constant(budget=BUDGET):
    return {"hop_rate": budget / 30}


def test_a_matched_barrier_under_a_constant_tilt_is_any_other_of_its_budget():
    assert pytest.approx(5.70, abs=0.005) == BUDGET
    error, heat, one = learn(TILT, barrier=MATCHED)
    assert heat == pytest.approx(43.576, abs=0.001)
    assert error == pytest.approx(0.01, rel=1e-6)
    for barrier in (
        constant(),
        {"hop_rate": lambda t: BUDGET / 30 * (1 - np.cos(2 * np.pi * t / 5))},
        {"hop_rate": lambda t: BUDGET / 5 * ((t > 3) & (t < 8))},
        {"barrier": StaticBarrier(KT * np.log(1e9 * 30 / BUDGET), 1e9)},
    ):
        _, other_heat, other = learn(TILT, **barrier)
        assert other_heat == pytest.approx(heat, rel=1e-6)
        assert other.final == pytest.approx(one.final, abs=1e-8)
        for name in ("entropy_production", "hops", "net_moves"):
            unit = KT if name == "entropy_production" else 1
            expected = getattr(one.ledger, name) / unit
            assert getattr(other.ledger, name) / unit == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_tilt_that_follows_the_clock_costs_the_same_under_any_barrier():
    """The tilt as a function of the hops so far; 400 steps see both within a thousandth."""
    error, heat, _ = learn(lambda t: 7 * t / 30, steps=400, **constant())
    other_error, other_heat, _ = learn(
        lambda t: 7 * (t / 30) ** 2, steps=400, hop_rate=lambda t: BUDGET / 30 * t / 15
    )
    assert other_heat == pytest.approx(heat, rel=1e-3)
    assert other_error == pytest.approx(error, rel=1e-2)


def test_the_tilt_s_schedule_matters_where_the_barrier_s_does_not():
    error, heat, _ = learn(lambda t: 7 * t / 30, steps=400, **constant())
    assert heat == pytest.approx(25.5, abs=0.05)
    assert error == pytest.approx(0.01 / 5, rel=0.1)


def test_open_then_shut_beats_the_matched_barrier_nine_times():
    """Left at the matched barrier's first height for as long, then shut; the tilt rises as t³."""
    opened = OpenThenShut(OPEN, 30.0, attempt_rate=1e9)
    assert opened(0.0) == pytest.approx(MATCHED(0.0), rel=1e-12, abs=0)
    error, heat, run = learn(lambda t: 5.5 * np.minimum(t / 30, 1) ** 3, steps=310, duration=31.0,
                             barrier=opened)  # fmt: skip
    assert heat == pytest.approx(4.87, abs=0.01)
    assert error < 0.01
    lost = -run.ledger.system_entropy / KT
    assert lost == pytest.approx(3.43, abs=0.03)  # Landauer, of the entropy really lost
    assert 43.576 / heat > 8.9
    # What is shut stays: the tilt may go, and ten years pass.
    rate = opened.hop_rate(31.0)
    kept = master_equation(ladder(33), duration=3e8, initial=run.final, hop_rate=rate)
    assert kept.final == pytest.approx(run.final, abs=1e-8)

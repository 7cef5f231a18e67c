"""Machines whose knobs follow logarithms of time, against the master equation and enumeration."""

import numpy as np
import pytest

from lim_lib.optimizers import IsingModel, anneal, logarithms
from lim_lib.schedules import ExponentialBarrier
from lim_lib.simulate import hypercube, master_equation
from lim_lib.units import thermal_energy


def test_haste_cuts_less_and_heats_more():
    """As chapter 13 tells; 500 machines, a standard error of 0.02 for the share."""
    hasty, patient = (logarithms.maxcut_run(hops, 500) for hops in (1.0, 100.0))
    share = patient.success(-31.0)
    assert share.low < 0.6 < share.high
    assert hasty.success(-31.0).high < 0.03
    costs = [run.ledger.mean("heat") for run in (hasty, patient)]
    difference, error = costs[0][0] - costs[1][0], np.hypot(costs[0][1], costs[1][1])
    assert difference > 4 * error


@pytest.mark.parametrize(("cooling", "slope"), [(0.7, 2.0), (0.3, 0.5), (1.5, 3.0)])
def test_the_two_logarithms_are_those_of_the_master_equation(cooling, slope):
    kT = thermal_energy()
    ages, shares = logarithms.glass_course(cooling, slope)
    energy = IsingModel.sherrington_kirkpatrick(*logarithms.GLASS).all_energies
    best = energy <= energy.min() + 1e-9
    passed = logarithms.rising_barrier(logarithms.BUDGET, slope).hop_budget(ages)
    middle = (np.log1p(ages[1:] / logarithms.TAU) + np.log1p(ages[:-1] / logarithms.TAU)) / 2
    p = np.full(energy.size, 1 / energy.size)
    for k in np.flatnonzero(np.diff(passed)[:60] > 0):
        on = ages[k + 1] <= logarithms.SWITCHED_OFF * (1 + 1e-9)
        p = master_equation(
            hypercube(6),
            duration=passed[k + 1] - passed[k],
            initial=p,
            energy=on * cooling * middle[k] * kT * energy,
            hop_rate=1.0,
            kinetics="heat_bath",
        ).final
    assert shares[60] == pytest.approx(p[best].sum(), rel=1e-6)


def test_a_static_barrier_solves_and_forgets_and_a_field_left_off_solves_nothing():
    ages, shares = logarithms.glass_course(0.7, 0.0)
    assert shares[np.abs(ages - logarithms.SWITCHED_OFF).argmin()] > 0.99
    assert shares[-1] == pytest.approx(2 / 64)
    for slope in (0.0, 2.0):
        np.testing.assert_allclose(logarithms.glass_course(0.0, slope)[1], 2 / 64)


def test_sweeps_under_a_rising_barrier_are_recorded_at_their_times():
    """Nine tenths of these sweeps fall into the first quarter of the time."""
    rising = ExponentialBarrier(100.0, time_constant=0.1, attempt_rate=1e9)
    wanted = [0.0, 0.05, 0.1, 0.5, 1.0]
    run = anneal(
        IsingModel.sherrington_kirkpatrick(6, 1),
        0.0,
        duration=1.0,
        barrier=rising,
        order="sequential",
        replicas=2,
        seed=1,
        record=wanted,
    )
    gaps = rising.hop_budget(np.array(wanted)) - rising.hop_budget(run.times)
    assert np.abs(gaps).max() < 0.5  # a sweep is half a hop of a free spin


@pytest.mark.parametrize(
    ("make", "values"),
    [
        (logarithms.rising_barrier, {"hops": 0}),
        (logarithms.rising_barrier, {"hops": 1, "slope": -1}),
        (logarithms.maxcut_course, {"hops": -1}),
        (logarithms.glass_course, {"cooling": -1, "slope": 1}),
        (logarithms.glass_course, {"cooling": 1, "slope": float("nan")}),
    ],
)
def test_a_machine_that_cannot_be_is_refused(make, values):
    with pytest.raises(ValueError, match="must be a finite number"):
        make(**values)

"""One variable, exactly: against simulated replicas and the Gibbs state."""

import numpy as np
import pytest

from lim_lib.optimizers import anneal, variable
from lim_lib.simulate import ladder, master_equation
from lim_lib.units import thermal_energy

kT = thermal_energy()


def test_the_exact_heat_of_haste_is_that_of_simulated_replicas():
    """1000 replicas; four standard errors."""
    program = variable.single_variable(4)
    plan = program.matched_schedules(15 / np.sqrt(12) / 200)
    assert plan["barrier"].hop_budget(plan["duration"]) == pytest.approx(100)
    run = anneal(program, **plan, replicas=1000, seed=1, steps=100)
    heat, error = run.ledger.mean("heat")
    exact = variable.hurried(4, 100.0)
    assert abs(exact.heat - heat) < 4 * error
    off = (run.states[:, 0] - 0.2) ** 2
    assert abs(off.mean() - exact.error**2) < 4 * off.std() / np.sqrt(1000)


def test_haste_spends_the_budget_that_is_given():
    program = variable.single_variable(3)
    plan = program.matched_schedules(7 / np.sqrt(12) / (2 * 40))
    assert plan["barrier"].hop_budget(plan["duration"]) == pytest.approx(40)
    run = master_equation(
        ladder(8),
        duration=plan["duration"],
        barrier=plan["barrier"],
        initial=np.full(8, 1 / 8),
        energy=lambda t: plan["schedule"](t) * program.all_energies,
        kinetics="heat_bath",
        steps=4000,
    )
    assert variable.hurried(3, 40.0).heat == pytest.approx(run.ledger.heat, rel=4e-3, abs=0)


def test_a_variable_that_is_held_is_at_rest_and_one_left_alone_forgets():
    program = variable.single_variable(variable.KEPT_BITS)
    gibbs = program.equilibrium(program.resolving_scale() / kT).probabilities
    run = variable.frozen(0.2, 1.0)
    held = run.snapshots[np.searchsorted(run.times, 2.0 - 1e-9)]
    assert held == pytest.approx(gibbs, abs=1e-3)
    assert variable.frozen(0.2, 0.0).final == pytest.approx(np.full(16, 1 / 16), abs=1e-3)


@pytest.mark.parametrize(
    ("make", "values", "name"),
    [
        (variable.hurried, (4, 0.0), "budget"),
        (variable.hurried, (0, 10.0), "bits"),
        (variable.frozen, (0.0, 0.0), "time_constant"),
        (variable.frozen, (0.1, -1.0), "held"),
    ],
)
def test_what_cannot_be_is_refused(make, values, name):
    with pytest.raises(ValueError, match=f"{name} must be"):
        make(*values)

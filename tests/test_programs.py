"""Quadratic programs on a ladder: the scale that resolves a level, and schedules to reach it."""

import numpy as np
import pytest
from scipy import optimize, sparse

from lim_lib import bounds, simulate
from lim_lib.optimizers import QuadraticProgram, anneal
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

kT = thermal_energy()


def valley(bits, at=0.2):
    return QuadraticProgram(1.0, -at, lower=-1, upper=1, bits=bits)


def test_a_single_variable_is_enumerated():
    energies = valley(3, at=0.0).all_energies
    assert energies == pytest.approx(np.linspace(-1, 1, 8) ** 2 / 2)
    assert valley(3).equilibrium(0.0).entropy == pytest.approx(np.log(8))


def test_at_the_resolving_scale_rounding_costs_what_equipartition_gives_to_noise():
    hessian = np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]])
    program = QuadraticProgram(hessian, lower=-1, upper=[1, 2, 5], bits=6)
    points = np.random.default_rng(1).uniform(program.lower, program.upper, (100_000, 3))
    off = points - program.decode(program.encode(points))
    lost = np.einsum("ki,ij,kj->k", off, hessian, off) / 2 * program.resolving_scale() / kT
    assert abs(lost.mean() - 3 / 2) < 4 * lost.std() / np.sqrt(lost.size)


def test_equality_constraints_are_kept_to_their_multipliers_over_the_penalty():
    """Against SciPy's constrained optimum; the multipliers solve A x + c + C'ν = 0 there."""
    rng = np.random.default_rng(3)
    root, linear = rng.normal(size=(6, 4)), rng.normal(size=4)
    rows, target = rng.normal(size=(2, 4)), np.array([0.3, -0.2])
    free = QuadraticProgram(root.T @ root, linear, -2, 2, bits=4, offset=0.7)
    exact = optimize.minimize(
        free.value,
        np.zeros(4),
        jac=lambda x: free.hessian @ x + linear,
        bounds=[(-2, 2)] * 4,
        constraints={"type": "eq", "fun": lambda x: rows @ x - target, "jac": lambda x: rows},
        method="SLSQP",
        options={"ftol": 1e-14},
    )
    assert np.abs(exact.x).max() < 1.9
    assert exact.success
    multipliers, *_ = np.linalg.lstsq(rows.T, -(free.hessian @ exact.x + linear), rcond=None)
    for weight in (1e3, 1e5):
        with pytest.warns(RegimeWarning, match="subject_to: the penalty is"):
            program = free.subject_to(rows, target, penalty=weight)
        found = program.optimum()
        missed = rows @ found.point - target
        np.testing.assert_allclose(weight * missed, multipliers, rtol=0.03)
        below = multipliers @ multipliers / (2 * weight)
        assert exact.fun - found.energy == pytest.approx(below, rel=0.03)
    x = rng.uniform(-2, 2, size=(5, 4))
    penalties = weight / 2 * ((x @ rows.T - target) ** 2).sum(axis=1)
    np.testing.assert_allclose(program.value(x), free.value(x) + penalties)
    thin = QuadraticProgram(sparse.eye_array(300), bits=2)
    for first in (np.eye(300)[0], sparse.eye_array(300).tocsr()[:1]):
        assert sparse.issparse(thin.subject_to(first, 1, penalty=1).hessian)


def test_beside_a_penalty_a_program_is_resolved_to_as_many_bits_fewer_as_it_says():
    """At the resolving scale the spread along the constraint is sqrt((1 + ρ)/12) levels."""
    free = QuadraticProgram(np.eye(4), -0.5 * np.ones(4), bits=8)
    for ratio in (5, 25):
        program = free.subject_to(np.ones(4), 2.0, penalty=float(ratio))
        run = anneal(program, program.resolving_scale(), sweeps=400, replicas=400, seed=1,
                     initial=np.full(4, 0.5), order="sequential")  # fmt: skip
        levels = program.encode(run.states)
        along = levels - levels.mean(axis=1, keepdims=True)
        spread = np.sqrt((along**2).sum() / (3 * 400))
        assert abs(spread / np.sqrt((1 + ratio) / 12) - 1) < 4 / np.sqrt(2 * 3 * 400)
    with pytest.warns(RegimeWarning, match=r"400 times as curved .* costs 4\.3 of 8 bits") as told:
        free.subject_to(np.ones(4), 2.0, penalty=400.0)
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1, 2, 3], 0), r"matrix must be an array of shape \(constraints, 2\)"),
        (([[1, 1]], [0, 1]), "target must be one number, or 1 of them"),
        (
            ([[1, 0], [1, 1]], [0, 3]),
            r"target\[1\] must be from 0 to 2, between which row 1 .* 3.0",
        ),
        (({0: 1, 1: 1}, 0), r"matrix must be an array of shape \(constraints, 2\), got {"),
        (([1, 1], 1, -1.0), "penalty must be a finite number > 0, got -1"),
    ],
)
def test_constraints_that_are_none_are_refused_in_one_line(arguments, message):
    matrix, target, *penalty = arguments
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        QuadraticProgram(np.eye(2), bits=4).subject_to(matrix, target, penalty=[*penalty, 1.0][0])
    assert "\n" not in str(caught.value)


def test_the_resolving_scale_grows_with_temperature_and_needs_a_curvature():
    assert valley(4).resolving_scale(600.0) == pytest.approx(
        2 * valley(4).resolving_scale(), rel=1e-6, abs=0
    )
    with pytest.raises(ValueError, match="hessian must be curved"):
        QuadraticProgram([[0.0]], 1.0, bits=4).resolving_scale()


@pytest.mark.parametrize("drive", [0.07, 0.04, 0.02])
def test_matched_schedules_cost_what_the_finite_time_bound_asks_for(drive):
    """The exact average for one variable of six bits whose minimum is in the middle.

    The formula assumes a ladder without ends or steps and weak tilts; all of that, and the control
    steps, change the heat by some tenths of kT.
    """
    program = valley(6, at=0.0)
    plan = program.matched_schedules(drive)
    size, hops = program.levels, plan["barrier"].hop_budget(plan["duration"])
    run = simulate.master_equation(
        simulate.ladder(size), initial=np.full(size, 1 / size), kinetics="heat_bath", steps=200,
        duration=plan["duration"], barrier=plan["barrier"],
        energy=lambda t: plan["schedule"](t) * program.all_energies,
    )  # fmt: skip
    lost = 6 - float(-(run.final * np.log2(run.final)).sum())
    expected = bounds.finite_time(1, 6, size / np.sqrt(12), 0.0, 1.0, hops) - bounds.landauer(1, 6)
    extra = (run.ledger.heat - bounds.landauer(1, lost)) / kT
    assert extra == pytest.approx(expected / kT, abs=0.5)


def test_a_bit_is_gained_in_each_time_constant_times_ln_2():
    plan = valley(5).matched_schedules(0.1, time_constant=3.0)
    assert plan["duration"] == pytest.approx(5 * 3 * np.log(2))
    rates = plan["barrier"].hop_rate(3 * np.log(2) * np.arange(6))
    assert rates[:-1] / rates[1:] == pytest.approx(2)
    assert rates[0] == pytest.approx(32 / np.sqrt(12) / 3 / 0.2)


def test_the_final_scale_resolves_a_level_or_a_little_more():
    program = valley(4)
    for drive in (0.1, 1e-4):
        plan = program.matched_schedules(drive)
        ratio = plan["schedule"](plan["duration"]) / program.resolving_scale()
        assert ratio == pytest.approx(1 + 2 * drive / np.sqrt(12))


def test_warm_programs_are_annealed_in_their_own_bath():
    program = valley(3)
    run = anneal(
        program, **program.matched_schedules(0.05, temperature=600.0), replicas=300, seed=2
    )
    cold = anneal(program, **program.matched_schedules(0.05), replicas=300, seed=2)
    assert run.ledger.temperature == 600.0
    assert run.ledger.heat.mean() == pytest.approx(2 * cold.ledger.heat.mean(), rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("name", "value"), [("drive", 0), ("time_constant", -1), ("attempt_rate", 0)]
)
def test_what_has_no_schedule_is_refused(name, value):
    with pytest.raises(ValueError, match=name):
        valley(3).matched_schedules(**({"drive": 0.1} | {name: value}))

"""What a bound leaves out, against quadrature, enumeration, simulation and limiting cases."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from lim_lib import overheads
from lim_lib.units import thermal_energy

kT = thermal_energy()


@pytest.mark.parametrize("slowness", [1e-6, 0.02, 0.0999, 0.1001, 1.0, 7.0, 300.0])
def test_a_ramp_loses_what_its_current_heats(slowness):
    # time in RC, voltage in that of the end: the resistor's voltage follows the ramp's slope
    drop = quad(lambda t: (-np.expm1(-t) / slowness) ** 2, 0, slowness, epsabs=0, epsrel=1e-13)[0]
    left = -np.expm1(-slowness) / slowness  # what is still missing when the ramp ends
    assert overheads.ramp_loss(slowness) == pytest.approx(drop + left**2 / 2, rel=1e-12, abs=0)


def test_a_ramp_is_accurate_where_its_formula_cancels():
    s = np.geomspace(1e-12, 0.2, 60)
    expression = overheads.RampLoss.definition(sp.Symbol("s"))
    exact = [float(expression.subs("s", sp.Rational(float(x))).evalf(40)) for x in s]
    assert np.allclose(overheads.ramp_loss(s), exact, rtol=1e-12, atol=0)


def test_a_control_that_holds_its_noise_stores_half_its_signal_to_noise_squared():
    stiffness, rng = 3.7, np.random.default_rng(13)
    noise = rng.normal(0, np.sqrt(kT / stiffness), 200_000).std()
    moved = 25 * noise
    stored = stiffness * moved**2 / 2
    # the relative error of a variance from n draws is sqrt(2/n)
    tolerance = 4 * np.sqrt(2 / 200_000)
    assert overheads.signal_energy(25) == pytest.approx(stored, rel=tolerance, abs=0)


@given(st.lists(st.floats(1e-3, 1), min_size=12, max_size=12))
def test_correlation_is_the_relative_entropy_to_independent_parts(weights):
    joint = np.reshape(weights, (2, 3, 2)) / np.sum(weights)
    product = np.einsum("i,j,k", joint.sum((1, 2)), joint.sum((0, 2)), joint.sum((0, 1)))
    distance = (joint * np.log(joint / product)).sum()
    assert overheads.total_correlation(joint) == pytest.approx(distance, abs=1e-12)


@given(st.lists(st.floats(1e-3, 1), min_size=10, max_size=10))
def test_changing_parts_one_by_one_never_gains(weights):
    joint = np.reshape(weights[:4], (2, 2)) / np.sum(weights[:4])
    changes = [np.array([[a, b], [1 - a, 1 - b]]) for a, b in (weights[4:6], weights[6:8])]
    after = changes[0] @ joint @ changes[1].T
    assert overheads.modularity_loss(joint, after) >= -1e-12 * kT


def test_correlation_of_normal_variables_is_the_limit_of_fine_bins():
    r = 0.6
    x = np.linspace(-7, 7, 401)
    joint = np.exp(-(x[:, None] ** 2 - 2 * r * x[:, None] * x + x**2) / (2 * (1 - r**2)))
    binned = overheads.total_correlation(joint / joint.sum())
    covariance = [[4, 2 * r], [2 * r, 1]]  # scales of the parts do not matter
    assert overheads.gaussian_correlation(covariance) == pytest.approx(binned, rel=1e-6)


def test_a_covariance_must_be_one():
    for wrong in ([[1, 2], [2, 1]], [[1, 0.5], [0.4, 1]], [1, 2]):
        with pytest.raises(ValueError, match="covariance must be"):
            overheads.gaussian_correlation(wrong)
    with pytest.raises(ValueError, match="joint must be probabilities"):
        overheads.total_correlation([[0.5, 0.1], [0.1, 0.1]])


@pytest.mark.parametrize(("contraction", "start"), [(0.0, 0.0), (0.05, 40.0), (1.0, 3.0), (1.6, 5)])
def test_the_path_of_descent_is_that_of_simulated_descents(contraction, start):
    steps, replicas, rng = 60, 20_000, np.random.default_rng(1)
    w = np.full(replicas, float(start))
    walked = np.zeros(replicas)
    for _ in range(steps):
        move = -contraction * w - 0.7 * rng.standard_normal(replicas)
        w, walked = w + move, walked + abs(move)
    how = {"contraction": contraction, "noise": 0.7, "start": start}
    for found, formula in (
        (walked, overheads.commanded_path),
        (abs(w - start), overheads.net_path),
    ):
        error = found.std() / np.sqrt(replicas)
        assert abs(found.mean() - formula(steps, **how)[-1]) < 4 * error


def test_a_random_walk_commands_the_root_of_its_steps_too_much():
    walk = {"contraction": 0, "noise": 2.0}
    ratio = overheads.commanded_path(93_750, **walk)[-1] / overheads.net_path(93_750, **walk)[-1]
    assert ratio == pytest.approx(np.sqrt(93_750))

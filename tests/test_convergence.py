"""The law of a loss curve: curves of each kind with noise, over many seeds, and curves of none."""

import numpy as np
import pytest
from scipy.integrate import quad

import lim_lib
from lim_lib.convergence import convergence
from lim_lib.schedules import MatchedDiffusivity

T = np.linspace(5, 65, 300)
X = T - 5
CURVES = {
    "exponential": (
        1 + 3 * np.exp(-X / 12),
        {"time_constant": 12, "convergence_times": 2.5, "floor": 1},
    ),
    "power law": (
        0.3 + 2 / np.sqrt(1 + X / 2),
        {"time_constant": 2, "exponent": 0.5, "convergence_times": np.log(31) / 4, "floor": 0.3},
    ),
}


def noise(seed, size=T.size, spread=0.02):
    return spread * np.random.default_rng(seed).normal(size=size)


@pytest.mark.parametrize("law", CURVES)
@pytest.mark.parametrize("known", [True, False], ids=["floor given", "floor found"])
def test_what_is_found_lies_within_its_stated_error(law, known):
    """24 curves: the root mean square of (found - true)/error is 1; its own error is 0.14."""
    curve, true = CURVES[law]
    floor = true["floor"] if known else None
    found = [convergence(curve + noise(seed), T, floor) for seed in range(24)]
    assert {each.law for each in found} == {law}
    for name, value in true.items():
        if known and name == "floor":
            assert {(each.floor, each.floor_error) for each in found} == {(value, 0.0)}
            continue
        away = [(getattr(each, name) - value) / getattr(each, f"{name}_error") for each in found]
        assert 0.6 < np.sqrt(np.mean(np.square(away))) < 1.6, (name, away)
    assert found[0].noise == pytest.approx(0.02, rel=0.2)
    assert found[0].preference > 10


@pytest.mark.parametrize("law", CURVES)
def test_a_curve_without_noise_is_found_exactly(law):
    curve, true = CURVES[law]
    found = convergence(curve, T)
    assert found.law == law
    for name, value in true.items():
        assert getattr(found, name) == pytest.approx(value, rel=1e-4)
    assert found.loss(X) == pytest.approx(curve, rel=1e-6)
    other = convergence(1e-7 * curve, 1e4 * T)
    assert other.time_constant == pytest.approx(1e4 * true["time_constant"], rel=1e-4)
    assert other.excess == pytest.approx(1e-7 * (curve[0] - true["floor"]), rel=1e-4)


def test_correlated_noise_makes_the_error_larger():
    shaped = np.convolve(noise(1, 306), np.ones(7) / np.sqrt(7), "valid")
    curve, _ = CURVES["exponential"]
    one, other = (convergence(curve + each, T) for each in (noise(1), shaped))
    errors = [each.time_constant_error / each.noise for each in (one, other)]
    assert errors[1] > 1.4 * errors[0]


NEITHER = {
    "flat": np.ones(300),
    "rising": 1 + 0.02 * X,
    "rising to a rest": 4 - 3 * np.exp(-X / 12),
    "a straight line": 3 - 0.04 * X,
    "half a cosine": 1 + np.cos(np.pi * X / 60),
    "two stairs": np.where(X < 20, 3, np.where(X < 40, 1.5, 0.7)),
    "a bump": np.exp(-X / 12) + 0.3 * np.exp(-(((X - 30) / 5) ** 2)),
}


@pytest.mark.parametrize("name", NEITHER)
def test_a_curve_of_neither_law_is_called_so(name):
    for seed, spread in enumerate((0, 0.002, 0.02, 0.02)):
        found = convergence(NEITHER[name] + noise(seed, spread=spread), T)
        assert found.law == "neither"
        assert np.isnan([found.time_constant, found.exponent, found.convergence_times]).all()
    with pytest.raises(ValueError, match="neither exponential nor a power law") as refusal:
        found.relaxation_rate(1.0)
    assert "\n" not in str(refusal.value)
    assert convergence(NEITHER["flat"] + noise(9), T).noise == pytest.approx(0.02, rel=0.2)


def test_a_flat_curve_is_seldom_taken_for_one_that_falls():
    """20 curves of noise; the criterion lets pass fewer than one in a hundred."""
    laws = [convergence(noise(seed, 40)).law for seed in range(20)]
    assert laws.count("neither") >= 19


@pytest.mark.parametrize("law", CURVES)
def test_the_relaxation_rate_is_that_of_the_excess_and_makes_a_barrier(law):
    curve, true = CURVES[law]
    found = convergence(curve + noise(3), T)
    gone = quad(found.relaxation_rate, 0, 60)[0]
    assert gone == pytest.approx(found.convergence_times)
    excess = found.loss(np.array([0.0, 60.0])) - found.floor
    assert np.log(excess[0] / excess[1]) / 2 == pytest.approx(gone)
    learned = MatchedDiffusivity(found.relaxation_rate, 60.0, 0.5, 1 / 256, 1e9)
    assert learned.convergence_times == pytest.approx(gone)
    assert true["convergence_times"] == pytest.approx(gone, rel=0.05)


def test_a_learner_s_own_loss_is_exponential():
    """Gradient descent on a parabola, from noisy evaluations: U = steps times learning rate."""
    w, losses = 1.0, []
    for _ in range(200):
        losses.append(w * w / 2)
        w -= 0.02 * w
    found = convergence(np.array(losses) + noise(4, 200, 0.003), floor=0.0)
    assert found.law == "exponential"
    exact = -199 * np.log(0.98)
    assert abs(found.convergence_times - exact) < 4 * found.convergence_times_error


def test_a_result_shows_itself_and_lasts(tmp_path):
    found = convergence(CURVES["power law"][0] + noise(5), T)
    assert "power law" in repr(found)
    assert "exponent" in repr(found)
    found.save(tmp_path / "curve.npz")
    assert lim_lib.load(tmp_path / "curve.npz") == found


@pytest.mark.parametrize(
    ("message", "losses", "rest"),
    [
        (r"losses\[2\] must be a finite number, got nan", [3, 2, np.nan, *range(20)], {}),
        (r"losses\[1\] must be a finite number, got nan", [3, None, *range(20)], {}),
        ("losses must be at least 12 numbers, which 5 are not", [3, 2, 1, 1, 1], {}),
        ("losses must be a row of numbers", np.ones((4, 4)), {}),
        ("times must be 20 numbers, one for each loss", np.ones(20), {"times": [1, 2]}),
        (
            r"times must increase, but times\[2\] = 1 follows 1",
            np.ones(12),
            {"times": [0, 1, 1, *range(2, 11)]},
        ),
        (r"times\[0\] must be a finite number", np.ones(12), {"times": [np.inf, *range(11)]}),
        ("floor must be a finite number", np.ones(12), {"floor": np.nan}),
        ("losses must be a finite number", "losses", {}),
    ],
)
def test_bad_input_is_refused_in_one_line(message, losses, rest):
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        convergence(losses, **rest)
    assert "\n" not in str(refusal.value)

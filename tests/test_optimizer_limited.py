"""Theorem 3 and its family: checkpoints, limits, other solvers, searches for a counter-example."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import brentq, minimize, minimize_scalar

from lim_lib import bounds
from lim_lib.units import thermal_energy

KT = thermal_energy()
LN2 = math.log(2)


def in_kt(bound, *arguments, **named):
    return bound(*arguments, **named) / KT


# Numbers that were computed independently when the physics was written down.
@pytest.mark.parametrize(
    ("bits", "times", "heat"),
    [(4, 6, 5.154450704), (4, 20, 3.218810624), (2, 4, 2.121576876), (6, 9, 7.731676056),
     (1, 1, 2.258891353)],
)  # fmt: skip
def test_optimizer_limited_matching_meets_its_checkpoints(bits, times, heat):
    assert in_kt(bounds.optimizer_limited, 1, bits, times) == pytest.approx(heat, abs=6e-10)


def test_the_matching_ratio_gives_the_lost_jump_and_the_hops_of_the_checkpoints():
    theta = 1 - 4 * LN2 / 6
    assert theta == pytest.approx(0.537901880, abs=6e-10)
    heat = in_kt(bounds.optimizer_limited, 1, 4, 6)
    assert heat == pytest.approx(4 * LN2 / theta)
    assert heat + (1 / theta - 1) / 2 == pytest.approx(5.583988263, abs=6e-10)
    assert theta * (1 - 4**-4) / (2 * (1 - theta)) == pytest.approx(0.579747760, abs=6e-10)


def test_a_held_tilt_meets_its_checkpoint_and_is_never_below_four_times_landauer():
    assert in_kt(bounds.held_tilt, 1, 2, 4) == pytest.approx(6.121576876, abs=6e-10)
    assert in_kt(bounds.held_tilt, 1, 4, 6) == pytest.approx(11.15, abs=5e-3)
    for bits in (0.5, 2, 8):
        least = minimize_scalar(
            lambda times, bits=bits: in_kt(bounds.held_tilt, 1, bits, times),
            bounds=(1.01 * bits * LN2, 20 * bits * LN2),
            method="bounded",
            options={"xatol": 1e-9},
        )
        assert least.fun == pytest.approx(4 * bits * LN2, rel=1e-9)
        assert least.x == pytest.approx(2 * bits * LN2, rel=1e-3)


def test_heights_meet_their_checkpoints_and_many_are_landauer_s():
    got = in_kt(bounds.stepped_barrier, 1, 4, [1, 2, 4, 8, 16])
    np.testing.assert_allclose(got, [127.5, 15, 6, 4, 3.313708499], atol=6e-10)
    assert in_kt(bounds.stepped_barrier, 1, 4, 1e9) == pytest.approx(4 * LN2, rel=1e-8)
    assert bounds.stepped_barrier(7, 5, 1) == bounds.static_stiffness(7, 5)


@pytest.mark.parametrize(("bits", "times"), [(1, 1.288613), (2, 1.700639)])
def test_from_which_time_matching_beats_a_barrier_that_stands_still_for_ever(bits, times):
    def gain(u):
        return in_kt(bounds.static_stiffness, 1, bits) - in_kt(bounds.optimizer_limited, 1, bits, u)

    assert brentq(gain, bits * LN2 * 1.001, 50) == pytest.approx(times, abs=6e-7)


@pytest.mark.parametrize(
    ("final", "diffusivity", "duration", "heat"),
    [(1 / 64, 0.05, 6, 5.213220449), (1 / 64, 0.5, 5, 3.562298980),
     (1 / 256, 0.05, 10, 5.393429325), (1 / 16, 0.01, 30, 3.261294361)],
)  # fmt: skip
def test_two_limits_meet_their_checkpoints(final, diffusivity, duration, heat):
    given = (1, -math.log2(final) / 2, 1, 1, diffusivity, duration)
    assert in_kt(bounds.two_limits, *given) == pytest.approx(heat, abs=6e-10)


def test_the_phases_meet_their_checkpoints():
    way = bounds.Phases(3, 1, 1, 0.05, 6)
    assert way.spread_open == pytest.approx(0.328009480, abs=6e-10)
    assert way.spread_matched == pytest.approx(0.298763674, abs=6e-10)
    assert way.matching_ratio == pytest.approx(0.560163004, abs=6e-10)
    assert way.excess + 3 * LN2 == pytest.approx(5.213220449, abs=6e-10)
    alone = bounds.Phases(2, 1, 1, 0.01, 30)
    assert alone.times == pytest.approx((30, 0, 0))


WAYS = [(3, 1, 1, 0.05, 6), (3, 1, 1, 0.5, 5), (4, 1, 1, 0.05, 10), (2, 1, 1, 0.01, 30),
        (5, 3.0, 0.2, 0.7, 60.0), (1, 1, 2, 10, 1)]  # fmt: skip


@pytest.mark.parametrize("given", WAYS)
def test_the_phases_keep_both_limits_follow_the_moment_equation_and_give_the_heat(given):
    bits, spread, rate, diffusivity, duration = given
    way = bounds.Phases(*given)
    assert sum(way.times) == pytest.approx(duration, rel=1e-12)
    ends = np.cumsum([0, *way.times])
    t = np.unique(np.concatenate([np.linspace(a, b, 2001) for a, b in pairwise(ends)]))
    s, d, eta = way.spread_at(t) ** 2, way.diffusivity_at(t), way.relaxation_rate_at(t)
    assert s[0] == pytest.approx(spread**2)
    assert s[-1] == pytest.approx(spread**2 * 4.0**-bits)
    assert max(d) <= diffusivity * (1 + 1e-12)
    assert max(eta) <= rate * (1 + 1e-12)
    fallen = np.trapezoid(2 * d - 2 * eta * s, t)  # ds/dt, added up
    assert fallen == pytest.approx(s[-1] - s[0], rel=1e-5)
    heat = np.trapezoid(eta**2 * s / d - eta, t)
    assert heat == pytest.approx(way.excess + bits * LN2, rel=1e-5)


def test_two_limits_tend_to_optimizer_limited_and_to_open_then_shut():
    wide = in_kt(bounds.two_limits, 1, 4, 1, 1, 1e9, 6)
    assert wide == pytest.approx(in_kt(bounds.optimizer_limited, 1, 4, 6), rel=1e-12)
    fast = in_kt(bounds.two_limits, 1, 4, 1, 1e9, 0.05, 6)
    open_then_shut = in_kt(bounds.finite_time, 1, 4, 1, 0, 0.05, 6)
    assert fast == pytest.approx(open_then_shut, rel=1e-12)


def test_which_limit_rules_alone_is_decided_where_the_theorem_says():
    theta = 1 - 4 * LN2 / 6
    matched = [in_kt(bounds.two_limits, 1, 4, 1, 1, theta * part, 6) for part in (1.001, 0.9)]
    alone = in_kt(bounds.optimizer_limited, 1, 4, 6)
    assert matched[0] == pytest.approx(alone, rel=1e-13)
    assert matched[1] > alone * (1 + 1e-9)

    def beyond(rate):  # eta s_f/D over x_A, for a spread that narrows evenly in the whole time
        q = (1 - 1 / 4) / (math.sqrt(rate * 0.01) * 30)
        return rate / 16 / 0.01 - math.exp(2 * math.asinh(q / 2))

    rates = np.array([0.9, 1.001]) * brentq(beyond, 0.01, 10)
    opened = in_kt(bounds.two_limits, 1, 2, 1, rates, 0.01, 30)
    alone = in_kt(bounds.finite_time, 1, 2, 1, 0, 0.01, 30)
    assert opened[0] > alone * (1 + 1e-9)
    assert opened[1] == pytest.approx(alone, rel=1e-13)


def by_spreads(bits, spread, rate, diffusivity, duration, points=60):
    """Least heat by a solver that knows no phases: how long to stay at each of many spreads."""
    edges = spread * np.exp(np.linspace(0, -bits * LN2, points + 1))
    steps, places = -np.diff(edges), np.sqrt(edges[1:] * edges[:-1])
    least = steps / (rate * places)  # the time that all the drift takes without noise

    def heat(shares):
        taken = least + (duration - least.sum()) * np.exp(shares) / np.exp(shares).sum()
        speed = steps / taken
        allowed = np.minimum(diffusivity, rate * places**2 - places * speed)
        costs = speed * steps / allowed
        limited = allowed < diffusivity
        slope = -speed / taken / allowed * steps  # of the costs with the times
        slope -= np.where(limited, costs / allowed * places * speed / taken, 0)
        free = (taken - least) / (duration - least.sum())
        gradient = (taken - least) * slope
        return costs.sum(), gradient - free * gradient.sum()

    found = minimize(heat, np.zeros(points), jac=True, method="L-BFGS-B",
                     options={"maxiter": 5000, "maxfun": 9999, "ftol": 1e-14})  # fmt: skip
    return found.fun + bits * LN2


@pytest.mark.parametrize("given", WAYS)
def test_a_solver_that_knows_no_phases_finds_the_same_least_heat(given):
    found = by_spreads(*given)
    theorem = in_kt(bounds.two_limits, 1, *given)
    assert found == pytest.approx(theorem, rel=3e-4)


def test_too_short_a_time_is_refused_with_the_least_that_is_allowed():
    too_short = r"convergence_times must exceed bits ln 2 \(too short: at least 2.77259\), got"
    for bound in (bounds.optimizer_limited, bounds.held_tilt):
        with pytest.raises(ValueError, match=too_short):
            bound(1, 4, 2)
        with pytest.raises(ValueError, match="too short"):
            bound(1, 4, [6, 4 * LN2])
    with pytest.raises(ValueError, match=r"too short: a duration of at least 27.7259\), got"):
        bounds.two_limits(1, 4, 1, 0.1, 1, 20)
    with pytest.raises(ValueError, match=r"duration must be longer than 27.7259 s"):
        bounds.Phases(4, 1, 0.1, 1, 20)
    with pytest.raises(ValueError, match=r"heights must be a finite number >= 1, got 0.5"):
        bounds.stepped_barrier(1, 4, 0.5)
    with pytest.raises(ValueError, match="bits must be a finite number > 0"):
        bounds.Phases(0, 1, 0.1, 1, 20)


@pytest.mark.parametrize(
    ("examples", "needed", "heat", "seen", "error"),
    [(600, 300, 1200, 1199.5, 1.3), (1200, 300, 800, 801.8, 0.8)],
)
def test_gradient_noise_meets_its_checkpoints(examples, needed, heat, seen, error):
    got = in_kt(bounds.gradient_noise, 1, examples, needed)
    assert got == pytest.approx(heat, rel=1e-12)
    assert abs(got - seen) < 4 * error  # of a simulation, made when the physics was written down


def test_gradient_noise_costs_two_kt_an_example_at_twice_the_examples_needed():
    size, tokens = 1.75e11, 3e11
    heat = bounds.gradient_noise(size, tokens, tokens / 2)
    assert heat == pytest.approx(2 * KT * size * tokens)
    assert heat == pytest.approx(434.9, abs=0.05)
    with pytest.raises(ValueError, match="examples must exceed examples_needed"):
        bounds.gradient_noise(1, 300, 300)


def test_a_learner_of_noisy_examples_cannot_go_below_gradient_noise():
    """Over drift and noise of each example, by a solver that knows no rule."""
    variance, start, final, examples = 400.0, 1.0, 0.5, 1200
    needed = variance * (1 / final - 1 / start)

    def learned(shares, slices=24):
        # in each slice of equal examples a ratio of thermal and statistical variance; the drift
        # that uses each example best (it adds most to 1/s)
        ratio = np.exp(shares)
        precision = 1 / start + np.sum(examples / slices / (variance * (1 + ratio)))
        return precision - 1 / final, np.sum(2 / ratio) * examples / slices

    rng = np.random.default_rng(3)
    found = minimize(
        lambda shares: learned(shares)[1], rng.normal(1, 0.5, 24), method="SLSQP",
        constraints={"type": "ineq", "fun": lambda shares: 1e3 * learned(shares)[0]},
        options={"maxiter": 500},
    )  # fmt: skip
    assert found.fun == pytest.approx(in_kt(bounds.gradient_noise, 1, examples, needed), rel=1e-4)
    # the drift of each example: best at a = s/(sig^2 (1 + ratio)), seen step by step
    s, heat, ratio = start, 0.0, examples / needed - 1
    for _ in range(examples):
        a = s / (variance * (1 + ratio))
        noise = ratio * a**2 * variance / 2
        heat += a**2 * (variance + s) / noise - a
        s = (1 - a) ** 2 * s + a**2 * variance + 2 * noise
    assert s == pytest.approx(final, rel=5e-3)
    assert heat == pytest.approx(in_kt(bounds.gradient_noise, 1, examples, needed), rel=1e-2)


def play(rates, diffusivities, times, start=1.0):
    """End of the variance, and heat in kT, for rates and diffusivities constant in pieces."""
    s, heat = start, 0.0
    for eta, d, t in zip(rates, diffusivities, times, strict=True):
        rest = d / eta
        decay = math.exp(-2 * eta * t)
        added = rest * t - (s - rest) * math.expm1(-2 * eta * t) / (2 * eta)  # int s dt
        heat += eta**2 * added / d - eta * t
        s = rest + (s - rest) * decay
    return s, heat


def theorems_for(end, rates, diffusivities, times, start=1.0):
    """What the theorems ask of a protocol, from what it used at most."""
    bits, duration = math.log2(start / end) / 2, sum(times)
    yield bounds.optimizer_limited, (1, bits, float(np.dot(rates, times)))
    yield (bounds.two_limits,
           (1, bits, math.sqrt(start), max(rates), max(diffusivities), duration))  # fmt: skip
    yield bounds.finite_time, (1, bits, math.sqrt(start), 0, max(diffusivities), duration)
    yield bounds.landauer, (1, bits)


def test_no_random_protocol_goes_below_a_theorem_for_continuous_parameters():
    rng = np.random.default_rng(7)
    tried = 0
    for _ in range(600):
        pieces = int(rng.integers(1, 7))
        rates, times = 10 ** rng.uniform(-1, 1, pieces), 10 ** rng.uniform(-1, 1, pieces)
        diffusivities = 10 ** rng.uniform(-3, 0.5, pieces)
        end, heat = play(rates, diffusivities, times)
        if end < 0.99:
            tried += 1
            for bound, given in theorems_for(end, rates, diffusivities, times):
                assert heat >= in_kt(bound, *given) * (1 - 1e-9), bound.key
    assert tried > 400


def smallest_ratio(pieces, duration, seed):
    """An adversary's least heat over theorem 3, by pieces of constant drift and noise."""
    rng = np.random.default_rng(seed)
    times = np.full(pieces, duration / pieces)

    def ratio(logs):
        end, heat = play(np.ones(pieces), np.exp(logs), times)
        if end > 0.9:
            return 10.0 + end
        return heat / in_kt(bounds.optimizer_limited, 1, math.log2(1 / end) / 2, duration)

    begin = np.linspace(-1, -4, pieces) + rng.normal(0, 0.3, pieces)
    return minimize(ratio, begin, method="L-BFGS-B", options={"maxiter": 400}).fun


@pytest.mark.parametrize("seed", [1, 2])
def test_an_adversary_reaches_theorem_3_and_does_not_pass_it(seed):
    least = smallest_ratio(24, 6.0, seed)
    assert 1 - 1e-9 <= least < 1.01


# A schedule that was built for the wrong start, and losses of any shape.


@pytest.mark.parametrize(("expected", "heat"), [(0.5, 6.879813), (1, 5.154451), (2, 4.291770)])
def test_a_wrong_prior_meets_its_checkpoints_and_the_moment_equation(expected, heat):
    got = in_kt(bounds.wrong_prior, 1, 4, 6, expected)
    assert got == pytest.approx(heat, abs=6e-7)
    theta, pieces = 1 - 4 * LN2 / 6, 4000
    middle = (np.arange(pieces) + 0.5) * 6 / pieces
    noise = theta * expected * np.exp(-2 * (1 - theta) * middle)
    end, booked = play(np.ones(pieces), noise, np.full(pieces, 6 / pieces))
    assert booked == pytest.approx(got, rel=1e-5)
    assert end == pytest.approx(expected / 256 + (1 - expected) * math.exp(-12), rel=1e-5)


def test_a_wrong_prior_costs_no_less_than_theorem_3_asks_for_what_it_reaches():
    rng = np.random.default_rng(5)
    for _ in range(300):
        bits, ratio = rng.uniform(0.1, 10), 10 ** rng.uniform(-2, 1)
        times = bits * LN2 * (1 + 10 ** rng.uniform(-1, 2))
        end = ratio * 4**-bits + (1 - ratio) * math.exp(-2 * times)
        if end < 1:
            reached = in_kt(bounds.optimizer_limited, 1, -math.log2(end) / 2, times)
            assert in_kt(bounds.wrong_prior, 1, bits, times, ratio) >= reached * (1 - 1e-9)


def test_a_polyak_lojasiewicz_learner_of_unequal_curvatures_dissipates_its_formula():
    curvatures, ratio, dt = np.array([1.0, 2.0, 5.0]), 0.5, 2e-4
    variances = np.array([1.0, 0.3, 2.0])
    first = loss = curvatures @ variances / 2
    heat = 0.0
    for _ in range(20_000):  # D = ratio eta 2 mu E/tr H, mu the least curvature, eta 1
        noise = ratio * 2 * curvatures.min() * loss / curvatures.sum()
        heat += dt * np.sum(curvatures**2 * variances / noise - curvatures)
        variances = variances + dt * (2 * noise - 2 * curvatures * variances)
        loss = curvatures @ variances / 2
    size = curvatures.sum() / curvatures.min()
    formula = in_kt(bounds.polyak_lojasiewicz, size, ratio, first / loss)
    assert heat == pytest.approx(formula, rel=2e-3)
    assert math.log(first / loss) > 2 * (1 - ratio) * 20_000 * dt  # at least as fast as promised
    equal = in_kt(bounds.polyak_lojasiewicz, 3, ratio, 4.0**4)
    matched = in_kt(bounds.optimizer_limited, 3, 4, 4 * LN2 / (1 - ratio))
    assert equal == pytest.approx(matched, rel=1e-12)

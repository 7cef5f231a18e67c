"""What learns under a barrier: against moments, quadrature, other solvers and the checkpoints.

Heats are in kT. The four-bit weight: spread 1, four bits, relaxation rate 1/s, six seconds.
"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize

from lim_lib import bounds, memory
from lim_lib.schedules import (
    ExponentialDecay,
    Heights,
    MatchedDiffusivity,
    NoisyExamples,
    OpenThenShut,
    PowerLawDecay,
    SteppedRate,
    TwoLimits,
    from_learning_rate,
)
from lim_lib.simulate import ladder, master_equation
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
CELL = {"level_spacing": 1 / 256, "attempt_rate": 1e9}
STEPS = np.arange(300)
WARM = np.minimum(STEPS / 30, 1)
RATES = {
    "warm-up and cosine": WARM * (1 + np.cos(np.pi * STEPS / 300)),
    "warm-up, stable, decay": np.minimum(WARM, (300 - STEPS) / 60),
    "linear to zero": np.linspace(1, 0, 300),
    "one over root n": 1 / np.sqrt(1 + STEPS),
    "tabulated": np.random.default_rng(1).random(300),
}


def matched(bits=4, times=6.0, rate=1.0, **rest):
    return MatchedDiffusivity(rate, times / rate, bits, **(CELL | rest))


def scheduled(rates, times=6.0, bits=4):
    return from_learning_rate(rates * times / rates.sum(), step_time=0.02, bits=bits, **CELL)


LEARNERS = {
    "constant": matched(),
    "exponential": MatchedDiffusivity(ExponentialDecay(3.0, 2.5), 9.0, 3, **CELL),
    "power law": MatchedDiffusivity(PowerLawDecay(3.0, 0.4, 1.0), 20.0, 2, **CELL),
    "function": MatchedDiffusivity(lambda t: 2 + np.sin(3 * t), 4.0, 5, spread_initial=3.0, **CELL),
    "warm-up and cosine": scheduled(RATES["warm-up and cosine"]),
    "one height": Heights(1.0, 3.0, 2, heights=1, **CELL),
    "five heights": Heights(2.0, 3.0, 4, heights=5, **CELL),
    "heights of a schedule": Heights(SteppedRate([2.0, 1.0, 1.0], 2.0), 6.0, 4, heights=4, **CELL),
    "both limits": TwoLimits(1.0, 6.0, 3, diffusivity=0.05, **CELL),
    "device alone": TwoLimits(1.0, 30.0, 2, diffusivity=0.01, **CELL),
}


def moments(learner, pieces=300, parts=8):
    """Variance, heat in kT and hops times h² at the end, from η and D alone: Runge and Kutta.

    ds/dt = -2ηs + 2D and dQ/dt = kT (η²s/D - η); nothing is looked at where two pieces meet.
    """
    width = learner.duration / pieces
    h = width / parts
    nodes = np.clip(np.arange(2 * parts + 1) * h / 2, 1e-7 * width, width * (1 - 1e-7))
    times = np.arange(pieces)[:, None] * width + nodes
    y = np.array([learner.spread_initial**2, 0.0, 0.0])

    def slope(y, rate, spread):
        heat = rate * (rate * y[0] / spread - 1) if spread else 0.0
        return np.array([2 * (spread - rate * y[0]), heat, spread])

    for rates, spreads in zip(learner.rate(times), learner(times), strict=True):
        values = list(zip(rates, spreads, strict=True))
        for start, middle, end in zip(values[:-2:2], values[1::2], values[2::2], strict=True):
            a = slope(y, *start)
            b = slope(y + h / 2 * a, *middle)
            c = slope(y + h / 2 * b, *middle)
            y = y + h / 6 * (a + 2 * b + 2 * c + slope(y + h * c, *end))
    return y


@pytest.mark.parametrize("name", LEARNERS)
def test_variance_heat_and_hops_are_those_of_the_drift_and_the_noise(name):
    learner = LEARNERS[name]
    s, heat, hops = moments(learner)
    assert s * 4**learner.bits == pytest.approx(learner.spread_initial**2, rel=2e-5)
    assert s == pytest.approx(learner.variance(learner.duration), rel=2e-5)
    assert heat * KT == pytest.approx(learner.heat, rel=2e-5, abs=0)
    budget = learner.hop_budget(learner.duration) * CELL["level_spacing"] ** 2
    assert budget == pytest.approx(hops, rel=2e-5)


@pytest.mark.parametrize("name", LEARNERS)
def test_barrier_hop_rate_and_stiffness_agree(name):
    learner = LEARNERS[name]
    t = np.linspace(0.013, 0.987, 7) * learner.duration
    up, _ = memory.hop_rates(learner.barrier(t), 0.0, 1e9)
    assert up == pytest.approx(learner.hop_rate(t), rel=1e-9)
    assert learner.hop_rate(t) * CELL["level_spacing"] ** 2 == pytest.approx(learner(t))
    assert learner.stiffness(t) / KT == pytest.approx(learner.rate(t) / learner(t))
    assert learner.hop_budget(0.0) == 0
    assert np.all(np.diff(learner.hop_budget(t)) > 0)
    for method in (learner, learner.rate, learner.variance, learner.stiffness, learner.barrier,
                   learner.hop_rate, learner.hop_budget):  # fmt: skip
        assert isinstance(method(t[3]), float)
        assert method(t[3]) == pytest.approx(method(t)[3], rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("bits", "times", "heat"),
    [(4, 6, 5.154450704), (4, 20, 3.218810624), (2, 4, 2.121576876), (6, 9, 7.731676056),
     (1, 1, 2.258891353)],
)  # fmt: skip
def test_theorem_3_at_its_checkpoints(bits, times, heat):
    assert matched(bits, times).heat / KT == pytest.approx(heat, rel=1e-9)


def test_the_four_bit_weight_at_its_checkpoints():
    learned = matched()
    assert learned.matching_ratio == pytest.approx(0.537901880, rel=1e-8)
    assert (learned.heat + learned.last_jump) / KT == pytest.approx(5.583988263, rel=1e-9)
    hops = learned.hop_budget(6.0) * CELL["level_spacing"] ** 2
    assert hops == pytest.approx(0.579747760, rel=1e-8)
    assert learned.heat_from(np.sqrt(2)) / KT == pytest.approx(6.879813, rel=1e-7)
    assert learned.heat_from(np.sqrt(0.5)) / KT == pytest.approx(4.291770, rel=1e-7)
    assert learned.heat_from(1.0) == learned.heat


@pytest.mark.parametrize("rate", RATES)
def test_only_the_convergence_times_of_a_learning_rate_count_for_the_heat(rate):
    learned = scheduled(RATES[rate])
    assert learned.convergence_times == pytest.approx(6.0)
    assert learned.heat / KT == pytest.approx(5.154450704, rel=1e-9)
    assert learned.variance(learned.duration) == pytest.approx(1 / 256)
    # In the middle of a step as much variance is gone as convergence times.
    gone = RATES[rate][:100].sum() + RATES[rate][100] / 2
    share = gone / RATES[rate].sum()
    assert learned.variance(100.5 * 0.02) == pytest.approx(256**-share)


def test_a_rate_of_zero_is_a_barrier_without_end_and_keeps_for_ever():
    learned = scheduled(RATES["linear to zero"])
    assert learned.barrier(learned.duration) == np.inf
    assert learned.kept() == np.inf
    assert learned.lost(1e300) == 0
    assert np.isfinite(learned.stiffness(learned.duration))
    paused = scheduled(np.append(np.ones(150), np.append(np.zeros(50), np.ones(100))))
    assert np.isinf(paused.barrier([3.001, 3.5, 3.999])).all()
    assert paused.hop_budget(3.0) == pytest.approx(paused.hop_budget(4.0))
    assert paused.variance(3.5) == paused.variance(3.0)
    assert paused.heat / KT == pytest.approx(5.154450704, rel=1e-9)


def test_curvature_and_step_time_scale_a_learning_rate():
    rates = np.full(100, 0.03)
    steep = from_learning_rate(rates, step_time=2.0, curvature=2.0, bits=4, **CELL)
    assert steep.convergence_times == pytest.approx(6.0)
    assert steep.duration == 200
    assert steep.rate(17.0) == pytest.approx(0.03)


def test_no_other_stairs_of_equal_length_dissipate_less():
    """Four levels of noise, free but for the precision that they must reach: by SLSQP."""
    fades = np.exp(-2 * 1.5)

    def run(logs):
        s, heat = 1.0, 0.0
        for c in np.exp(logs):
            after = c + (s - c) * fades
            heat, s = heat + (s - after) / (2 * c), after
        return heat, s

    ready = {"type": "eq", "fun": lambda logs: np.log(run(logs)[1] * 256)}
    best = minimize(lambda logs: run(logs)[0], [-2.0, -3.0, -4.0, -6.5], constraints=ready,
                    method="SLSQP", options={"ftol": 1e-12, "maxiter": 500})  # fmt: skip
    assert best.success
    four = Heights(1.0, 6.0, 4, heights=4, **CELL)
    assert best.fun == pytest.approx(four.heat / KT, rel=1e-6)
    assert np.exp(best.x) == pytest.approx(KT / four.stiffness([0.1, 1.6, 3.1, 4.6]), rel=1e-3)


def test_heights_lie_between_a_barrier_that_stands_still_and_the_matched_one():
    heats = [Heights(1.0, 6.0, 4, heights=n, **CELL).heat for n in (1, 2, 4, 8, 16, 4096)]
    assert np.all(np.diff(heats) < 0)
    assert heats[-1] == pytest.approx(matched().heat, rel=1e-6, abs=0)
    assert Heights(1.0, 1.0, 1, heights=1, **CELL).heat / KT == pytest.approx(2.83, abs=0.005)
    for n, heat in ((1, 127.5), (2, 15), (4, 6), (8, 4), (16, 3.314)):
        rested = Heights(1.0, 400.0, 4, heights=n, **CELL).heat
        assert rested == pytest.approx(bounds.stepped_barrier(1, 4, n), rel=1e-9, abs=0)
        assert rested / KT == pytest.approx(heat, abs=5e-4)


def test_the_promise_is_kept_if_the_optimizer_stops_and_the_barrier_rises_on():
    """From then on only twice the hops add to the variance; twelve bits are nearly without end."""
    learned = matched(bits=12, times=18.0, level_spacing=1e-5, attempt_rate=1e12)
    for t in (0.0, 2.0, 9.0):
        to_come = learned.hop_budget(18.0) - learned.hop_budget(t)
        ends = learned.variance(t) + 2 * 1e-5**2 * to_come
        assert ends == pytest.approx(learned.promise(t), rel=1e-3)


@pytest.mark.parametrize(
    ("end", "spread", "duration", "heat"),
    [(1 / 64, 0.05, 6, 5.213220449), (1 / 64, 0.5, 5, 3.562298980),
     (1 / 256, 0.05, 10, 5.393429325), (1 / 16, 0.01, 30, 3.261294361)],
)  # fmt: skip
def test_both_limits_at_their_checkpoints(end, spread, duration, heat):
    bits = -np.log2(end) / 2
    both = TwoLimits(1.0, duration, bits, diffusivity=spread, **CELL)
    assert both.heat / KT == pytest.approx(heat, rel=1e-9)
    t = np.linspace(0, duration, 500)
    assert np.all(both(t) <= spread * (1 + 1e-12))
    assert np.all(both.rate(t) <= 1 + 1e-12)
    assert np.all(np.maximum(both(t) / spread, both.rate(t)) > 1 - 1e-9)  # one of them is used up


def test_device_and_optimizer_are_the_two_ends_of_both_limits():
    t = np.linspace(0, 6, 50)
    fast_device = TwoLimits(1.0, 6.0, 4, diffusivity=1e3, **CELL)
    assert fast_device(t) == pytest.approx(matched()(t), rel=1e-9)
    assert fast_device.heat == pytest.approx(matched().heat, rel=1e-9, abs=0)
    fast_optimizer = TwoLimits(1e4, 6.0, 4, diffusivity=0.05, **CELL)
    opened = OpenThenShut(0.05 * 256**2, 6.0, 1e9)
    assert fast_optimizer.heat == pytest.approx(opened.heat(4, 1 / 256), rel=1e-9, abs=0)
    spring = opened.spring(4, 1 / 256)
    assert fast_optimizer.stiffness(t[:-1]) == pytest.approx(spring(t[:-1]), rel=1e-6, abs=0)


def test_noisy_examples_against_their_recursion_step_by_step():
    """Exact moments of each example's relaxation; the rung is the limit of many, weak ones."""
    for many, needed, rung in ((60_000, 30_000, 120_000), (120_000, 30_000, 80_000)):
        noise = np.sqrt(needed / 3)
        learned = NoisyExamples(many, noise, 1.0, bits=1, level_spacing=0.01, attempt_rate=1e9)
        assert learned.examples_needed == pytest.approx(needed)
        assert learned.heat / KT == pytest.approx(rung)
        assert learned.hop_budget(many) * 0.01**2 == pytest.approx(learned.matching_ratio * 0.75)
        middles = np.arange(many) + 0.5
        s, heat = 1.0, 0.0
        for rate, spread in zip(learned.rate(middles), learned(middles), strict=True):
            fade, rest = np.exp(-2 * rate), spread / rate
            heat += (s + noise**2 - rest) * (1 - fade) / (2 * rest)
            s = s * fade + (noise * (1 - np.sqrt(fade))) ** 2 + rest * (1 - fade)
        assert s == pytest.approx(1 / 4, rel=1e-3)
        assert heat == pytest.approx(rung, rel=1e-3)


def test_the_noise_of_examples_falls_as_the_square_of_the_rate():
    learned = NoisyExamples(600, 10.0, 1.0, bits=3, spread_initial=4.0, **CELL)
    t = np.array([0.0, 10.0, 600.0])
    assert learned.hop_rate(t) / learned.rate(t) ** 2 == pytest.approx(
        learned.hop_rate(0.0) / learned.rate(0.0) ** 2
    )
    assert quad(learned.hop_rate, 0, 600)[0] == pytest.approx(learned.hop_budget(600.0))
    slope = (learned.variance(10.001) - learned.variance(9.999)) / 0.002
    s, rate = learned.variance(10.0), learned.rate(10.0)
    assert slope == pytest.approx(-2 * rate * s + 2 * learned(10.0) + rate**2 * 100, rel=1e-5)


def test_open_then_shut_keeps_what_it_is_asked_to():
    cell = OpenThenShut(1e3, 2.0, 1e9, retention=1e4, loss_probability=0.01)
    assert cell([0.0, 1.99]) == pytest.approx(KT * np.log([1e6, 1e6]), abs=0)
    assert cell(2.0) == pytest.approx(memory.retention_barrier(1e4, 0.01, 1e9), abs=0)
    assert cell.hop_budget([1.0, 2.0, 2.0]) == pytest.approx([1e3, 2e3, 2e3])
    assert cell.kept(0.01) == pytest.approx(1e4)
    assert cell.lost(1e4) == pytest.approx(0.01)
    run = master_equation(ladder(2), duration=2.0, initial=[0.75, 0.25], barrier=cell)
    assert run.final == pytest.approx([0.5, 0.5])
    shut = OpenThenShut(2e-6, 2.0, 1e9, retention=1e4, loss_probability=0.01)
    run = master_equation(ladder(2), duration=1e4 + 2, initial=0, barrier=shut)
    assert run.final[1] == pytest.approx(0.01, rel=1e-3)


def test_what_the_last_barrier_keeps_is_what_a_cell_keeps():
    learned = matched()
    late = learned.kept(0.01)
    kept = master_equation(ladder(2), duration=late, initial=0, hop_rate=learned.hop_rate(6.0))
    assert kept.final[1] == pytest.approx(0.01)
    assert learned.lost([late, 0.0]) == pytest.approx([0.01, 0.0])


def test_stepped_rates_are_integrated_exactly():
    rates = np.random.default_rng(2).random(1000)
    rate = SteppedRate(rates, step_time=0.1)
    ends = 0.1 * np.arange(1, 1001)
    assert rate.integral(ends) == pytest.approx(0.1 * np.cumsum(rates), rel=1e-12)
    assert np.array_equal(rate(ends[:-1]), rates[1:])
    assert rate(rate.duration) == rates[-1]
    assert rate.integral(0.25) == pytest.approx(0.1 * (rates[0] + rates[1] + rates[2] / 2))
    assert hash(rate) == hash(SteppedRate(tuple(rates), step_time=0.1))


@pytest.mark.parametrize(
    "make",
    [
        lambda: matched(level_spacing=0.07),
        lambda: from_learning_rate([3.0, 3.0], 1.0, bits=4, level_spacing=0.07, attempt_rate=1e9),
        lambda: Heights(1.0, 6.0, 4, heights=2, level_spacing=0.07, attempt_rate=1e9),
    ],
)
def test_levels_too_far_apart_for_a_continuous_parameter_are_told_of(make):
    """Sixteen levels of a uniform start of spread 1 lie 0.22 apart; θσ_f² ends at 0.0458²."""
    with pytest.warns(RegimeWarning, match=r"the levels are 1\.[0-9]+ times as far apart") as told:
        make()
    assert told[0].filename == __file__


REFUSED = {
    r"rates\[1\] must be a finite number >= 0, got -0.1": lambda: scheduled_as([0.1, -0.1]),
    r"rates\[2\] must be a finite number >= 0, got nan": lambda: scheduled_as([1, 2, np.nan]),
    r"rates\[0\] must be a finite number >= 0, got nan": lambda: scheduled_as([None, 2.0]),
    r"rates\[0\] must be a finite number >= 0, got nan ": lambda: scheduled_as(
        np.ma.masked_less([0, 9], 1)
    ),
    "rates must be > 0 in one step at least": lambda: scheduled_as([0.0, 0.0]),
    "rates must be a row of numbers": lambda: scheduled_as([[1.0], [2.0]]),
    "rates must be a row of numbers ": lambda: scheduled_as([]),
    "too short: at least 2.77259 of them": lambda: scheduled_as([1.0, 1.0]),
    "convergence_times must be more than bits ln 2": lambda: matched(4, 2.7),
    "bits must be a finite number > 0 and <= 64": lambda: matched(bits=0),
    "level_spacing must be a finite number > 0": lambda: matched(level_spacing=0.0),
    "attempt_rate must be at least 35251.* per s": lambda: matched(attempt_rate=1e3),
    "attempt_rate must be at least ": lambda: MatchedDiffusivity(
        lambda t: 1.0 + 1e9 * (2 < t < 3), 6.0, 4, **CELL
    ),
    "time must be at most duration = 6": lambda: matched().barrier(6.1),
    "relaxation_rate at t = .* must be a finite number >= 0": lambda: MatchedDiffusivity(
        lambda t: -t, 6.0, 4, **CELL
    ),
    "relaxation_rate must be a finite number > 0": lambda: matched(rate=-1.0),
    "heights must be a whole number >= 1": lambda: Heights(1.0, 6.0, 4, heights=0, **CELL),
    "duration must be longer than 2.77259 s": lambda: TwoLimits(
        1.0, 2.0, 4, diffusivity=1.0, **CELL
    ),
    "examples must be more than statistics needs, 300": lambda: NoisyExamples(
        300, 10.0, 1.0, 1, 0.01, 1e9
    ),
    "hop_rate_initial must be <= attempt_rate": lambda: OpenThenShut(1e10, 1.0, 1e9),
    "hop_rate_initial must be >= 3.169e-18 per s": lambda: OpenThenShut(1e-20, 1.0, 1e9),
    "time must be at most 2 steps = 2 s": lambda: SteppedRate([1.0, 2.0], 1.0)(2.5),
    "spread must be a finite number > 0": lambda: matched().heat_from(0.0),
}


def scheduled_as(rates):
    return from_learning_rate(rates, step_time=1.0, bits=4, **CELL)


@pytest.mark.parametrize("message", REFUSED)
def test_bad_input_is_refused_in_one_line(message):
    with pytest.raises((ValueError, TypeError), match=message.strip()) as refusal:
        REFUSED[message]()
    assert "\n" not in str(refusal.value)

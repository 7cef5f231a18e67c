"""Schedules against quadrature, limits in closed form, and one another."""

import mpmath
import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from lim_lib import bounds, memory
from lim_lib.schedules import (
    ExponentialBarrier,
    ExponentialDecay,
    ExponentialMean,
    LogarithmicBarrier,
    LogarithmicRamp,
    MatchedBarrier,
    MatchedStiffness,
    OptimalStiffness,
    PowerLawBarrier,
    PowerLawDecay,
    Ramp,
    StaticBarrier,
    StaticStiffness,
    fowler_nordheim,
)
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()

BARRIERS = [
    StaticBarrier(12 * KT, attempt_rate=1e6),
    ExponentialBarrier(hop_rate_initial=1e3, time_constant=2.0, attempt_rate=1e6),
    PowerLawBarrier(hop_rate_initial=1e3, time_constant=2.0, exponent=1.0, attempt_rate=1e6),
    PowerLawBarrier(hop_rate_initial=1e3, time_constant=2.0, exponent=1 + 1e-9, attempt_rate=1e6),
    PowerLawBarrier(hop_rate_initial=1e3, time_constant=2.0, exponent=0.4, attempt_rate=1e6),
    LogarithmicBarrier(exponent=1.7, time_constant=0.3, attempt_rate=1e6, temperature=77.0),
    MatchedBarrier(0.5, ExponentialDecay(1e3, time_constant=2.0), attempt_rate=1e6),
    MatchedBarrier(0.5, PowerLawDecay(1e3, time_constant=2.0, exponent=2.0), attempt_rate=1e6),
    MatchedBarrier(0.5, 1e3, attempt_rate=1e6),
    MatchedBarrier(0.5, lambda t: 1e3 * (2 + np.cos(t)), attempt_rate=1e6),
]


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: type(b).__name__)
def test_the_hop_rate_is_that_over_the_barrier(barrier):
    t = np.array([0.0, 0.1, 1.0, 30.0])
    heights = barrier(t)
    assert barrier.hop_rate(t) == pytest.approx(
        memory.hop_rates(heights, 0.0, 1e6, temperature=barrier.temperature)[0], rel=1e-11, abs=0
    )
    assert isinstance(barrier(1.0), float)
    assert barrier(1.0) == heights[2]


@pytest.mark.parametrize("barrier", BARRIERS, ids=lambda b: type(b).__name__)
@pytest.mark.parametrize("time", [1e-3, 1.0, 40.0])
def test_the_hop_budget_is_the_integral_of_the_hop_rate(barrier, time):
    expected, _ = quad(barrier.hop_rate, 0, time, epsabs=0, epsrel=1e-11, limit=200)
    assert barrier.hop_budget(time) == pytest.approx(expected, rel=1e-9)
    assert barrier.hop_budget(0.0) == 0
    both = barrier.hop_budget(np.array([time, time / 2, time]))
    assert both == pytest.approx([expected, barrier.hop_budget(time / 2), expected], rel=1e-9)


@pytest.mark.parametrize("decay", [ExponentialDecay(2.0, 3.0), PowerLawDecay(2.0, 3.0, 1.0)])
def test_a_decay_integrates_to_its_net_updates(decay):
    assert decay.integral(7.0) == pytest.approx(quad(decay, 0, 7.0, epsrel=1e-12)[0], rel=1e-11)


def test_closed_forms_agree_with_the_same_rates_as_plain_functions():
    for decay in (ExponentialDecay(1e3, 2.0), PowerLawDecay(1e3, 2.0, 0.7)):
        closed = MatchedBarrier(2.0, decay, 1e6)
        plain = MatchedBarrier(2.0, lambda t, decay=decay: decay(t), 1e6)
        t = np.array([0.0, 1.0, 50.0])
        assert closed(t) == pytest.approx(plain(t), rel=1e-12, abs=0)
        assert closed.hop_budget(t) == pytest.approx(plain.hop_budget(t), rel=1e-9)


def test_a_matched_barrier_is_the_exponential_one_of_rate_v_over_twice_the_drive():
    matched = MatchedBarrier(2.0, ExponentialDecay(1e3, 2.0), 1e6)
    assert matched(5.0) == ExponentialBarrier(1e3 / 4, 2.0, 1e6)(5.0)


def test_a_cell_held_at_the_matched_tilt_moves_at_the_update_rate():
    matched = MatchedBarrier(0.7, ExponentialDecay(1e3, 2.0), 1e6)
    for t in (0.0, 3.0, 20.0):
        up, down = memory.hop_rates(matched(t), matched.tilt, 1e6)
        assert up - down == pytest.approx(1e3 * np.exp(-t / 2), rel=1e-12)


def test_barriers_rise_for_ever_without_underflow():
    far = 1e5
    assert ExponentialBarrier(1e3, 1.0, 1e6)(far) == pytest.approx(
        KT * (np.log(1e3) + far), rel=1e-6, abs=0
    )
    assert MatchedBarrier(1.0, ExponentialDecay(1.0, 1.0), 1e6)(far) > 1e5 * KT
    assert ExponentialBarrier(1e3, 1.0, 1e6).hop_rate(far) == 0


def test_the_mean_barrier_over_the_updates_is_the_dissipated_barrier():
    for decay, extra in (
        (ExponentialDecay(1e3, 2.0), {}),
        (PowerLawDecay(1e3, 2.0, 0.6), {"exponent": 0.6}),
    ):
        drive, end = 0.5, 11.0
        barrier = MatchedBarrier(drive, decay, 1e6)
        height, _ = quad(lambda t, d=decay, b=barrier: d(t) * b(t) / KT, 0, end, epsrel=1e-10)
        updates = decay.integral(end)
        assert height * KT + updates * barrier.tilt == pytest.approx(
            bounds.dissipated_barrier(
                updates=updates,
                drive=drive,
                attempt_rate=1e6,
                hop_rate_initial=1e3 / (2 * drive),
                duration=end,
                time_constant=2.0,
                **extra,
            ),
            rel=1e-9,
            abs=0,
        )


def test_a_logarithmic_barrier_has_a_finite_budget_only_above_exponent_one():
    late = [1e9, 1e12]
    for exponent, grows in ((0.9, True), (1.0, True), (1.1, True), (2.0, False)):
        few, many = LogarithmicBarrier(exponent, 1e-3, 1e6).hop_budget(late)
        assert (many / few > 1.01) == grows
        if exponent > 1:  # the integral of Γ_0 (1 + t/τ)^-α is Γ_0 τ/(α - 1)
            assert many < 1e6 * 1e-3 / (exponent - 1)


def test_the_mean_of_an_exponential_is_continuous_at_zero():
    w = np.array([-1e-9, 0.0, 1e-9])
    assert ExponentialMean.numeric(w) == pytest.approx(1 + w / 2, rel=1e-15, abs=0)


@pytest.mark.parametrize("displacement", [0.0, 3.0])
def test_matched_stiffness_brings_spread_and_mean_home(displacement):
    learned = MatchedStiffness(4.0, 4, 1.0, 20.0, displacement)

    def moments(t, y):
        mean, variance = y
        rate = learned(min(t, 20.0)) / KT
        return [-rate * (mean - learned.centre(min(t, 20.0))), 2 - 2 * rate * variance]

    end = solve_ivp(moments, (0, 20), [0.0, 16.0], rtol=1e-10, atol=1e-12, method="LSODA").y[:, -1]
    assert end == pytest.approx([displacement, 1 / 16], rel=1e-6, abs=1e-8)
    assert [learned.mean(20.0), learned.variance(20.0)] == pytest.approx([displacement, 1 / 16])


@pytest.mark.parametrize(
    ("duration", "displacement", "heat"),
    [(5, 0, 7.191402), (20, 0, 3.877292), (100, 0, 2.993529), (20, 3, 4.327292)],
)
def test_matched_stiffness_gives_the_heat_of_its_rung(duration, displacement, heat):
    """Q = -∫ <∂U/∂x dx> from the moments of the path; the checkpoints are the book's."""
    learned = MatchedStiffness(4.0, 4, 1.0, duration, displacement)

    nodes, weights = np.polynomial.legendre.leggauss(400)
    t = duration * (1 + nodes) / 2
    k = learned(t) / KT
    square = learned.variance(t) + (learned.mean(t) - learned.centre(t)) ** 2
    got = duration / 2 * weights @ (k * k * square - k)  # D (<F²>/kT - k), F the force
    assert got == pytest.approx(heat, abs=6e-7)
    rung = bounds.matched_stiffness(1, 4, 4.0, displacement, 1.0, duration)
    assert got * KT == pytest.approx(rung, rel=1e-9, abs=0)


@pytest.mark.parametrize(("duration", "displacement"), [(0.01, 0), (5, 0), (20, 3)])
def test_optimal_stiffness_brings_home_at_the_heat_of_the_bound(duration, displacement):
    learned = OptimalStiffness(4.0, 4, 1.0, duration, displacement)

    def moments(t, y):
        mean, variance, _ = y
        t = min(t, duration)
        k, away = learned(t) / KT, mean - learned.centre(t)
        return [-k * away, 2 - 2 * k * variance, k * k * (variance + away * away) - k]

    end = solve_ivp(
        moments, (0, duration), [0.0, 16.0, 0.0], rtol=1e-10, atol=1e-12, method="LSODA"
    ).y[:, -1]
    assert end[:2] == pytest.approx([displacement, 1 / 16], rel=1e-5, abs=1e-8)
    assert end[2] * KT == pytest.approx(
        bounds.finite_time(1, 4, 4.0, displacement, 1.0, duration), rel=1e-6, abs=0
    )
    assert learned.spread(np.array([0, duration])) == pytest.approx([4, 0.25])


@pytest.mark.parametrize("bits", [0.01, 1, 8, 24, 27, 40, 64])
@pytest.mark.parametrize(("spread", "end"), [(0.3, 7.0), (4.0, 20.0), (0.7, 1.1), (0.013, 3600.0)])
def test_a_spring_keeps_its_digits_to_the_end_of_the_run(spread, end, bits):
    """Against 60 digits, also just before the end, for both springs; D = 1."""
    with mpmath.workdps(60):
        kT, s, b = mpmath.mpf(KT), mpmath.mpf(spread), mpmath.mpf(bits)
        for t in (0.0, 0.3 * end, end * (1 - 1e-12), end):
            left = (mpmath.mpf(end) - t) / end
            variance = s**2 * (left + mpmath.power(4, -b) * (1 - left))
            fall = s**2 * (1 - mpmath.power(4, -b)) / end
            matched = kT * (1 + fall / 2) / variance
            width = s * (left + mpmath.power(2, -b) * (1 - left))
            pace = s * (1 - mpmath.power(2, -b)) / end
            optimal = kT * (1 + width * pace) / width**2
            for spring, exact in ((MatchedStiffness, matched), (OptimalStiffness, optimal)):
                assert abs(spring(spread, bits, 1.0, end)(t) / exact - 1) < 1e-13
                both = spring(spread, bits, 1.0, end)(np.array([t, end]))
                assert abs(both[0] / exact - 1) < 1e-13


def test_static_stiffness_has_the_final_spread_at_rest():
    assert StaticStiffness(0.25)(np.zeros(3)) == pytest.approx([16 * KT] * 3, rel=1e-6, abs=0)
    assert StaticStiffness(0.25, position=2.0).centre(1.0) == 2.0


def test_ramps():
    ramp = Ramp((1.0, 2.0), (3.0, 5.0))
    assert [ramp(t) for t in (0.0, 1.5, 9.0)] == [3.0, 4.0, 5.0]
    assert LogarithmicRamp(2.0, 0.5)([0.0, 0.5]) == pytest.approx([0, 2 * np.log(2)])


@pytest.mark.parametrize(("coefficient", "maximum"), [(60.0, None), (40.0, None), (3.0, 50.0)])
def test_the_fowler_nordheim_law_is_the_published_one_step_by_step(coefficient, maximum):
    top = 2 * coefficient if maximum is None else maximum
    step = 0.01  # of theta, one for each update
    updates = np.arange(round((top - 1) / step) + 1)
    theta = 1 + updates * step
    temperature = coefficient / (top * np.log(1 + theta / top))
    law = fowler_nordheim(coefficient, duration=float(updates[-1]), maximum=maximum)
    assert law(updates) / KT == pytest.approx(1 / temperature, rel=1e-10)


def test_with_twice_the_coefficient_for_a_maximum_the_law_ends_at_two_logarithms_of_two():
    for coefficient in (3.0, 40.0, 60.0):
        cold = fowler_nordheim(coefficient, duration=7.0, temperature=77.0)
        assert cold(7.0) / thermal_energy(77.0) == pytest.approx(2 * np.log(2), rel=1e-12)


def test_schedules_are_values():
    assert StaticBarrier(1e-20, 1e9) == StaticBarrier(1e-20, attempt_rate=1e9)
    assert hash(Ramp([0, 1], [2, 3])) == hash(Ramp((0, 1), (2, 3)))
    with pytest.raises(AttributeError):
        StaticBarrier(1e-20, 1e9).barrier = 2e-20


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StaticBarrier(-1e-20, 1e9), "barrier must be a finite number >= 0"),
        (lambda: StaticBarrier(float("nan"), 1e9), "barrier must be"),
        (lambda: StaticBarrier([1e-20, 2e-20], 1e9), "barrier must be one number"),
        (lambda: StaticBarrier(1e-20, 1e9)(-1.0), "time must be a finite number >= 0"),
        (lambda: ExponentialBarrier(1e7, 1.0, 1e6), "hop_rate_initial must be <= attempt_rate"),
        (lambda: PowerLawDecay(0.0, 1.0, 1.0), "update_rate must be a finite number > 0"),
        (lambda: MatchedBarrier(0.1, 1e6, 1e6), "update_rate must be at most 2 drive attempt_rate"),
        (
            lambda: MatchedBarrier(0.1, ExponentialDecay(1e6, 1.0), 1e6),
            "update_rate must be at most 2 drive attempt_rate",
        ),
        (lambda: MatchedBarrier(1.0, lambda t: -1.0, 1e6), "update_rate at t = 0 s must be"),
        (lambda: MatchedStiffness(4, 4, 1, 20)(21.0), "time must be at most duration = 20"),
        (
            lambda: LogarithmicBarrier(2.0, 1e-3, 1e9).hop_budget(1.7e308),
            r"time must be at most 1.8e308 time constants of 0.001 s, got 1.7e\+308",
        ),
        (lambda: LogarithmicRamp(1.0, 1e-3)(1e308), "time must be at most 1.8e308 time constants"),
        (lambda: LogarithmicRamp(1.0, 1.0, age=-1.0), "age must be a finite number >= 0, got -1"),
        (
            lambda: fowler_nordheim(40.0, duration=1.0, maximum=1.0),
            "maximum must be a finite number > 1, got 1",
        ),
        (lambda: PowerLawDecay(1.0, 1e-3, 0.5)([0, 1e308]), "time must be at most 1.8e308"),
        (lambda: MatchedBarrier([], 1.0, 1.0), "drive must be one number, got"),
        (lambda: MatchedBarrier(1.0, [], 1.0), "update_rate must be one number, got"),
        (lambda: MatchedBarrier(1.0, [1e3, 2e3], 1e6), "update_rate must be one number, got"),
        (
            lambda: MatchedBarrier(1.0, lambda t: 1e3 if t < 1 else -1.0, 1e6).hop_budget(2.0),
            r"update_rate at t = .* s must be a finite number >= 0, got -1",
        ),
        (
            lambda: MatchedBarrier(
                1.0, lambda t: 1.0 + 1e3 * ((1e4 * t) % 1 < 0.01), 1e6
            ).hop_budget(10.0),
            "update_rate must change slowly enough to be followed",
        ),
        (lambda: Ramp((0, 0), (1, 2)), "times must be increasing"),
        (lambda: Ramp((0, 1), (1,)), "values must be 2 numbers"),
    ],
)
def test_bad_input_is_refused_in_one_line(make, message):
    with pytest.raises(ValueError, match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)


def test_a_matched_barrier_warns_where_the_forward_rate_passes_the_attempt_rate():
    with pytest.warns(RegimeWarning, match="attempt rate") as told:
        MatchedBarrier(1.0, 1.5e6, 1e6)
    assert told[0].filename == __file__
    rising = MatchedBarrier(1.0, lambda t: 1e6 * (1 + t), 2e6)
    with pytest.warns(RegimeWarning, match=r"is up to 1\.21 times the attempt rate") as told:
        rising(1.0)
    assert told[0].filename == __file__


def test_a_pulse_of_the_update_rate_is_in_the_budget():
    """1 ms of ten seconds, and what a function says that takes one time only."""

    def rate(t):
        return 1e5 if 9.0 < t < 9.001 else 1.0

    barrier = MatchedBarrier(0.5, rate, attempt_rate=1e6)
    assert barrier.hop_budget(10.0) == pytest.approx(100 + 9.999, rel=1e-9)
    assert barrier.hop_budget([9.0, 9.0005]) == pytest.approx([9, 59], rel=1e-9)
    assert barrier.hop_rate([1.0, 9.0005]).tolist() == [1.0, 1e5]
    assert barrier.hop_budget([0.0]).tolist() == [0.0]


def test_hop_budgets_stay_finite_for_ever():
    assert LogarithmicBarrier(2.0, 1e-3, 1e9).hop_budget(1e305) == pytest.approx(1e6)
    assert ExponentialDecay(2.0, 1e-3).integral(1e305) == pytest.approx(2e-3)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float16, np.float32])
def test_numbers_of_any_type_make_the_same_schedule(kind):
    for make in (
        lambda k: ExponentialBarrier(k(100), k(120), k(110))(k(100)),
        lambda k: LogarithmicBarrier(k(100), k(120), k(110)).hop_budget(k(100)),
        lambda k: PowerLawDecay(k(100), k(120), k(3)).integral(k(100)),
        lambda k: MatchedBarrier(k(1), k(100), k(125)).hop_budget(k(100)),
        lambda k: MatchedStiffness(k(100), k(6), k(100), k(120), k(100)).centre(k(100)),
        lambda k: StaticStiffness(k(100), k(100), k(100))(k(100)),
        lambda k: Ramp(np.array([0, 100]).astype(k), np.array([0, 120]).astype(k))(k(50)),
        lambda k: LogarithmicRamp(k(100), k(100))(k(100)),
    ):
        assert make(kind) == pytest.approx(make(float), rel=1e-12)

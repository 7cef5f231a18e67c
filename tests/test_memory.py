"""One memory cell against quadrature, closed forms in many digits, and its own inverses."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from scipy.integrate import dblquad

from lim_lib import bounds, memory, symbols
from lim_lib.memory import BarrierIntegral, WellIntegral
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

mp.mp.dps = 40
KT = thermal_energy()
TEN_YEARS = 10 * 365.25 * 86400


@pytest.mark.parametrize("height", [0.3, 3.0, 8.0])
def test_escape_time_is_the_double_integral(height):
    def integrand(y, x):
        return np.exp(height * ((x**2 - 1) ** 2 - (y**2 - 1) ** 2))

    double, _ = dblquad(integrand, -1, 1, -4, lambda x: x, epsabs=0, epsrel=1e-9)
    got = memory.escape_time(height * KT, diffusivity=2.0, half_width=3.0)
    assert got == pytest.approx(9 / 2 * double, rel=1e-8)


@pytest.mark.parametrize("height", [1e-6, 0.01, 1.0, 30.0, 300.0, 5000.0])
def test_the_two_integrals_equal_their_definitions(height):
    half = mp.mpf(height) / 2
    well = mp.pi / 2 * mp.exp(-half) * (mp.besseli(0.25, half) + mp.besseli(-0.25, half))
    barrier = mp.exp(-height) * mp.hyp2f2(0.5, 1, 0.75, 1.25, height)
    assert float(WellIntegral.numeric(height)) == pytest.approx(float(well), rel=1e-13, abs=0)
    assert float(BarrierIntegral.numeric(height)) == pytest.approx(float(barrier), rel=1e-13, abs=0)


def test_the_closed_forms_are_the_integrals():
    height = mp.mpf("2.5")
    well = mp.quad(lambda y: mp.exp(-height * (y * y - 1) ** 2), [-6, -1, 0, 1, 6])
    barrier = mp.quad(lambda y: mp.exp(height * ((y * y - 1) ** 2 - 1)), [0, 1])
    assert float(WellIntegral.numeric(2.5)) == pytest.approx(float(well), rel=1e-13, abs=0)
    assert float(BarrierIntegral.numeric(2.5)) == pytest.approx(float(barrier), rel=1e-13, abs=0)
    assert float(WellIntegral(2.5).evalf()) == pytest.approx(float(well), rel=1e-10)
    assert float(BarrierIntegral(2.5).evalf()) == pytest.approx(float(barrier), rel=1e-10)


def test_erasing_a_bit_in_time_is_what_the_theorem_for_a_parameter_says_of_an_exact_one():
    width, mean = sp.symbols("width mean", positive=True)
    way = mean**2 + width**2 / 4  # to half the spread, for one bit
    exact = sp.limit(memory.ERASING, memory.error, 0).subs(memory.way, way)
    theorem = bounds.finite_time.expression.subs(
        {
            symbols.model_size: 1,
            symbols.bits: 1,
            symbols.spread_initial: width,
            symbols.displacement: mean,
        }
    )
    assert sp.simplify(exact - theorem) == 0


def test_forgetting_nothing_at_once_costs_nothing():
    still = memory.ERASING.subs({memory.error: sp.Rational(1, 2), memory.way: 0})
    assert sp.simplify(still) == 0


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize(
    ("height", "ratio"), [(2, 1.2500), (5, 1.1066), (8, 1.0571), (10, 1.0434), (15, 1.0273)]
)
def test_kramers_over_exact_meets_its_checkpoints(height, ratio):
    rate = memory.kramers_rate(height * KT, 1, 1)
    assert rate * memory.escape_time(height * KT, 1, 1) == pytest.approx(ratio, abs=5e-5)


def test_kramers_tends_to_exact_as_three_eighths_over_the_barrier():
    height = np.array([100.0, 400.0])
    excess = memory.kramers_rate(height * KT, 1, 1) * memory.escape_time(height * KT, 1, 1) - 1
    assert excess * height == pytest.approx(3 / 8, rel=0.03)


def test_kramers_is_exact_in_double_precision_up_to_the_smallest_rate():
    for height in (10.5, 345.6, 690.0, 740.0):
        x = mp.mpf(height * KT) / mp.mpf(KT)
        exact = 2 * mp.sqrt(2) / mp.pi * mp.mpf(1e12) * x * mp.exp(-x)
        got = memory.kramers_rate(height * KT, diffusivity=1e12, half_width=1.0)
        assert got == pytest.approx(float(exact), rel=1e-12, abs=0)


def test_escape_time_is_finite_where_the_exponential_is_not():
    got = memory.escape_time(720 * KT, diffusivity=1e9, half_width=1.0)
    log_kramers = np.log(2 * np.sqrt(2) / np.pi * 1e9 * 720) - 720
    assert np.log(got) == pytest.approx(-log_kramers + np.log1p(0.375 / 720), abs=1e-5)
    with pytest.warns(RegimeWarning, match="beyond the largest double"):
        assert memory.escape_time(5000 * KT, 1, 1) == np.inf


def test_kramers_warns_below_ten_with_the_size_of_its_error():
    with pytest.warns(RegimeWarning, match=r"up to 10.7 %") as caught:
        memory.kramers_rate(np.array([5, 20]) * KT, 1, 1)
    assert caught[0].filename == __file__


@pytest.mark.parametrize(("loss", "height"), [(1e-9, 61.0164), (1e-3, 47.1999)])
def test_ten_years_at_a_gigahertz_need_the_barrier_of_the_checkpoint(loss, height):
    got = memory.retention_barrier(TEN_YEARS, loss, 1e9) / KT
    assert got == pytest.approx(height, abs=5e-5)


@pytest.mark.parametrize("loss", [1e-300, 1e-12, 0.1, 0.4999])
def test_a_cell_with_the_retention_barrier_loses_just_so_much(loss):
    barrier = memory.retention_barrier(TEN_YEARS, loss, 1e9)
    rate = mp.mpf(1e9) * mp.exp(-mp.mpf(barrier) / mp.mpf(KT))
    lost = -mp.expm1(-2 * rate * TEN_YEARS) / 2
    assert float(lost) == pytest.approx(loss, rel=1e-10, abs=0)
    assert memory.retention_rate(TEN_YEARS, loss) == pytest.approx(float(rate), rel=1e-10, abs=0)


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
def test_hop_rates_obey_local_detailed_balance_at_any_tilt():
    rng = np.random.default_rng(2)
    tilt = rng.normal(size=100) * 10 * KT
    forward, backward = memory.hop_rates(rng.uniform(0, 40, 100) * KT, tilt, 1e9)
    assert np.log(forward / backward) == pytest.approx(tilt / KT, rel=1e-10)


def test_hop_rates_at_a_barrier_of_5000_kT_do_not_underflow_when_tilted():
    forward, backward = memory.hop_rates(5000 * KT, 9990 * KT, 1e9)
    assert forward == pytest.approx(1e9 * np.exp(-5.0), rel=1e-11)
    assert backward == 0.0


def test_hop_rates_warn_when_a_rate_passes_the_attempt_rate():
    with pytest.warns(RegimeWarning, match="3 kT below zero"):
        memory.hop_rates(2 * KT, -10 * KT, 1e9)


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
def test_tilt_for_rate_is_exact_from_flat_barriers_to_5000_kT():
    rng = np.random.default_rng(3)
    heights = np.concatenate([rng.uniform(0, 60, 100), rng.uniform(0, 5000, 100)])
    speeds = rng.choice([-1, 1], 200) * 10 ** rng.uniform(-30, 9, 200)
    got = memory.tilt_for_rate(speeds, heights * KT, 1e9)
    for height, speed, tilt in zip(heights, speeds, got, strict=True):
        x = mp.mpf(height * KT) / mp.mpf(KT)
        exact = 2 * mp.asinh(mp.mpf(speed) / 2 / mp.mpf(1e9) * mp.exp(x)) * mp.mpf(KT)
        assert float(abs(mp.mpf(float(tilt)) / exact - 1)) < 1e-12, (height, speed)
    assert memory.tilt_for_rate(0, 5000 * KT, 1e9) == 0


def test_a_cell_tilted_for_a_rate_moves_at_that_rate():
    tilt = memory.tilt_for_rate(123.0, 14 * KT, 1e9)
    forward, backward = memory.hop_rates(14 * KT, tilt, 1e9)
    assert forward - backward == pytest.approx(123.0, rel=1e-12)


def test_tilt_for_rate_warns_when_the_barrier_must_vanish():
    with pytest.warns(RegimeWarning, match="2 times the attempt rate"):
        memory.tilt_for_rate(2e9, 50 * KT, 1e9)


@pytest.mark.parametrize("name", ["barrier", "diffusivity", "half_width", "temperature"])
@pytest.mark.parametrize("function", [memory.kramers_rate, memory.escape_time])
def test_a_flat_or_impossible_double_well_is_refused(function, name):
    good = {"barrier": 20 * KT, "diffusivity": 1.0, "half_width": 1.0, "temperature": 300.0}
    with pytest.raises(ValueError, match=f"{name} must be a finite number > 0, got 0"):
        function(**good | {name: 0})


def test_functions_carry_their_expression_and_their_documentation():
    assert "k_B" in str(memory.kramers_rate.expression)
    assert memory.kramers_rate.__doc__.startswith("Kramers' rate")
    assert memory.kramers_rate.__name__ == "kramers_rate"

r"""One memory cell: a barrier, the rate of hops over it, and what it takes to bias them.

The continuous cell is a double well with bottoms at -a and a, and overdamped motion of diffusivity
D:

.. math:: U(x) = E_b ((x/a)^2 - 1)^2

The discrete cell hops between levels over a barrier :math:`E_b` with attempt rate
:math:`\Gamma_0`; a tilt :math:`\epsilon` is the energy that one forward hop gives to the bath, and
it lowers and raises the barrier by half of itself each way (symmetric split). Forward is downhill.

Every function here is one expression, available as its ``.expression``.
"""

import numpy as np
import sympy as sp

from lim_lib.formula import Regime, Requirement, StableFunction, formula
from lim_lib.symbols import (
    attempt_rate,
    barrier,
    bits,
    diffusivity,
    duration,
    half_width,
    loss_probability,
    position,
    retention,
    thermal_energy,
    tilt,
    update_rate,
)
from lim_lib.units import YEAR
from lim_lib.validate import POSITIVE

ATTEMPT_RATE, TEN_YEARS, LOSS = 1e9, 10 * YEAR, 1e-9
"""The cell of the book's examples: its attempt frequency in 1/s, how long in s it is to keep a bit,
and with what probability it may then have lost it."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(64)


class WellIntegral(StableFunction):
    r"""Boltzmann integral of the double well, :math:`\int \exp(-B (y^2 - 1)^2) dy` over the line.

    With scaled modified Bessel functions it is
    :math:`(\pi/2) e^{-B/2} [I_{1/4}(B/2) + I_{-1/4}(B/2)]`.
    """

    @staticmethod
    def definition(height):
        y = sp.Dummy("y", real=True)
        return sp.Integral(sp.exp(-height * (y**2 - 1) ** 2), (y, -sp.oo, sp.oo))

    @staticmethod
    def numeric(height):
        from scipy.special import ive

        near = np.minimum(height, 1e8)  # SciPy's functions give up at some 1e9
        bessel = np.pi / 2 * (ive(0.25, near / 2) + ive(-0.25, near / 2))
        return np.where(height < 1e8, bessel, np.sqrt(np.pi / height) * (1 + 3 / (16 * height)))


class BarrierIntegral(StableFunction):
    r"""Integral over half the barrier, from its top: :math:`\int_0^1 \exp(B (y^2-1)^2 - B) dy`."""

    @staticmethod
    def definition(height):
        y = sp.Dummy("y", real=True)
        return sp.Integral(sp.exp(height * ((y**2 - 1) ** 2 - 1)), (y, 0, 1))

    @staticmethod
    def numeric(height):
        # The integrand is below exp(-height*y**2): beyond y = sqrt(40/height) it is negligible.
        end = np.minimum(1.0, np.sqrt(40.0 / height))
        total = 0.0
        for node, weight in zip((1 + _NODES) / 2, _WEIGHTS / 2, strict=True):
            square = (end * node) ** 2
            total = total + weight * np.exp(-height * square * (2 - square))
        return end * total


class TwoSidedDeviate(StableFunction):
    r"""Standard deviations that a normal deviate exceeds, either way, with probability q.

    It is :math:`\sqrt 2\,\operatorname{erfc}^{-1}(q)`.
    """

    @staticmethod
    def definition(probability):
        return sp.sqrt(2) * sp.erfcinv(probability)

    @staticmethod
    def numeric(probability):
        from scipy.special import erfcinv

        return np.sqrt(2) * erfcinv(probability)


DOUBLE_WELL = barrier * ((position / half_width) ** 2 - 1) ** 2 - tilt * position / (2 * half_width)
"""Energy of the continuous cell, in J, tilted so that the left bottom lies the tilt above the right
one (exactly, at -a and a)."""

error, way = sp.symbols("error way", positive=True)
ERASING = thermal_energy * (
    sp.log(2)
    + error * sp.log(error)
    + (1 - error) * sp.log(1 - error)
    + way / (diffusivity * duration)
)
"""Least heat in J of erasing a bit within a time: kT (ln 2 - H(p) + W₂²/(D t)), with the share
``error`` = p left in the wrong well, and W₂² = ``way``, the mean square way of the parcels."""

_height = barrier / thermal_energy
_kramers = 2 * sp.sqrt(2) / sp.pi * diffusivity / half_width**2 * _height * sp.exp(-_height)
_escape = (
    half_width**2 / diffusivity * WellIntegral(_height) * BarrierIntegral(_height) * sp.exp(_height)
)
_retention_rate = -sp.log(1 - 2 * loss_probability) / (2 * retention)
_hop_rate = attempt_rate * sp.exp(-barrier / thermal_energy)

_FORWARD_RATE_ALLOWED = "the forward hop rate stays below the attempt rate"


@formula(
    _escape,
    domains={"barrier": POSITIVE},
)
def escape_time(barrier, diffusivity, half_width, temperature=300.0):
    r"""Mean time from the bottom of one well to the bottom of the other, exact.

    The well's Boltzmann integral times the integral of exp(U/kT) from bottom to top, over D: the
    mean first passage time from -a to a in :math:`U = E_b((x/a)^2 - 1)^2`.

    Parameters
    ----------
    barrier : float or array_like
        Barrier height E_b > 0 in J.
    diffusivity : float or array_like
        Diffusivity D in parameter²/s.
    half_width : float or array_like
        Distance a from the barrier to a bottom, in parameter units.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Mean first passage time in s.

    Raises
    ------
    ValueError, TypeError
        If an argument is not a finite positive number.

    Notes
    -----
    Pontryagin's formula for the mean first passage time, see Hänggi, Talkner and Borkovec, Rev.
    Mod. Phys. 62, 251 (1990); by symmetry its double integral is a product of two single ones.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> round(escape_time(5 * thermal_energy(), diffusivity=1.0, half_width=1.0), 4)
    36.4835
    """


@formula(
    _kramers,
    domains={"barrier": POSITIVE},
    regime=(
        Regime(
            "the barrier is at least 10 kT",
            holds=_height > 10 - sp.Float(1e-9),  # ten times kT, rounded, is ten kT
            excess=100 * (_kramers * _escape - 1),
            report="below 10 kT Kramers' rate is up to {:.3g} % from the exact one",
        ),
    ),
)
def kramers_rate(barrier, diffusivity, half_width, temperature=300.0):
    r"""Kramers' rate out of one well: (2√2/π) (D/a²) (E_b/kT) exp(-E_b/kT).

    Parameters
    ----------
    barrier : float or array_like
        Barrier height E_b > 0 in J.
    diffusivity : float or array_like
        Diffusivity D in parameter²/s.
    half_width : float or array_like
        Distance a from the barrier to a bottom, in parameter units.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Rate in 1/s. It exceeds the exact one, ``1/escape_time``, by about 3kT/(8E_b) of itself.

    Raises
    ------
    ValueError, TypeError
        If an argument is not a finite positive number.

    Warns
    -----
    RegimeWarning
        Below 10 kT, with the size of the error.

    Notes
    -----
    Kramers, Physica 7, 284 (1940), high-friction limit, for the quartic double well.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> round(kramers_rate(10 * thermal_energy(), diffusivity=1.0, half_width=1.0), 6)
    0.000409
    """


@formula(_retention_rate)
def retention_rate(retention, loss_probability, temperature=300.0):
    """Hop rate at which a two-state cell is lost with probability δ: -ln(1 - 2δ)/(2 t_ret).

    Solves P(lost by t) = (1 - exp(-2rt))/2 = δ for r.

    Parameters
    ----------
    retention : float or array_like
        Retention time in s.
    loss_probability : float or array_like
        Probability δ in (0, 1/2) that the cell is found in the other state after that time.
    temperature : float or array_like
        Accepted everywhere; this rate does not depend on it.

    Returns
    -------
    float or ndarray
        Rate in 1/s.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Examples
    --------
    >>> f"{retention_rate(retention=3.15576e8, loss_probability=1e-9):.4g}"
    '3.169e-18'
    """


@formula(
    thermal_energy * sp.log(attempt_rate / _retention_rate),
    requires=(
        Requirement(
            attempt_rate > _retention_rate,
            "attempt_rate must exceed the hop rate that retention allows: no barrier is needed",
        ),
    ),
)
def retention_barrier(retention, loss_probability, attempt_rate, temperature=300.0):
    """Barrier that keeps a two-state cell for a given time: kT ln(2 Γ₀ t_ret / (-ln(1 - 2δ))).

    Parameters
    ----------
    retention : float or array_like
        Retention time in s.
    loss_probability : float or array_like
        Probability δ in (0, 1/2) of finding the cell in the other state after that time. For an
        array of M cells of b bits that must all survive, about δ/(M b) each.
    attempt_rate : float or array_like
        Attempt frequency Γ₀ in 1/s.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Barrier in J; about kT ln(Γ₀ t_ret/δ) for small δ.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range, or no barrier is needed at all.

    Examples
    --------
    Ten years at 1 GHz and one chance in a billion of a loss:

    >>> from lim_lib.units import thermal_energy
    >>> round(retention_barrier(10 * 365.25 * 86400, 1e-9, 1e9) / thermal_energy(), 4)
    61.0164
    """


@formula(
    thermal_energy
    * bits
    * (sp.Rational(1, 2) - loss_probability)
    * sp.log((1 - loss_probability) / loss_probability)
)
def sudden_write_heat(bits, loss_probability, temperature=300.0):
    """Heat of writing bits by switching on the tilt that holds them: kT b (1/2 - δ) ln((1 - δ)/δ).

    A two-state cell that is as often wrong as right falls, with probability 1/2 - δ on balance,
    through the tilt kT ln((1 - δ)/δ) that keeps it right. Slow writing costs less.

    Parameters
    ----------
    bits : float or array_like
        Number of bits, one cell each.
    loss_probability : float or array_like
        Probability δ in (0, 1/2) that a cell is wrong at the end.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Heat in J.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> round(sudden_write_heat(1, 1e-9) / thermal_energy(), 2)
    10.36
    """


@formula(
    thermal_energy * (TwoSidedDeviate(loss_probability) ** 2 * 4**bits / 3 - 1) / 2,
    requires=(
        Requirement(
            TwoSidedDeviate(loss_probability) ** 2 * 4**bits >= 3,
            "loss_probability must ask for a value sharper than it is at the start",
        ),
    ),
)
def sudden_spring_heat(bits, loss_probability, temperature=300.0):
    """Heat of writing an analog value at once: kT/2 (z² 4^b/3 - 1), read wrongly once in 1/δ times.

    A value that may be anywhere in a range of 2^b parts falls into a part in the middle, held by a
    spring so stiff that thermal noise carries it out of that part with probability δ: z standard
    deviations are half a part. Values beside the middle cost more, slow writing costs less.

    Parameters
    ----------
    bits : float or array_like
        Number of bits b that are told apart.
    loss_probability : float or array_like
        Probability δ that the value is read in another part of the range than it was written to.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Heat in J.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> round(sudden_spring_heat(1, 1e-9) / thermal_energy(), 2)
    24.38
    """


@formula(
    sp.Tuple(
        attempt_rate * sp.exp(-(barrier - tilt / 2) / thermal_energy),
        attempt_rate * sp.exp(-(barrier + tilt / 2) / thermal_energy),
    ),
    regime=(
        Regime(
            f"the tilt is at most twice the barrier: {_FORWARD_RATE_ALLOWED}",
            holds=sp.Abs(tilt) <= 2 * barrier,
            excess=(sp.Abs(tilt) / 2 - barrier) / thermal_energy,
            report="the tilt pulls the barrier {:.3g} kT below zero: a rate passes the attempt",
        ),
    ),
)
def hop_rates(barrier, tilt, attempt_rate, temperature=300.0):
    """Forward and backward hop rates over a tilted barrier: Γ₀ exp(-(E_b ∓ ε/2)/kT).

    Their ratio is exp(ε/kT), local detailed balance, whatever the barrier.

    Parameters
    ----------
    barrier : float or array_like
        Barrier height E_b of the untilted cell, in J.
    tilt : float or array_like
        Energy ε that a forward hop gives to the bath, in J; negative if forward is uphill.
    attempt_rate : float or array_like
        Attempt frequency Γ₀ in 1/s.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    forward, backward : float or ndarray
        Rates in 1/s.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Warns
    -----
    RegimeWarning
        If the tilt is more than twice the barrier, so that a rate passes the attempt rate.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> [round(rate, 3) for rate in hop_rates(5 * kT, 2 * kT, attempt_rate=1e3)]
    [18.316, 2.479]
    """


@formula(
    2 * thermal_energy * sp.asinh(update_rate / (2 * _hop_rate)),
    regime=(
        Regime(
            _FORWARD_RATE_ALLOWED,
            holds=sp.Abs(update_rate) / attempt_rate + sp.exp(-2 * barrier / thermal_energy) <= 1,
            excess=sp.Abs(update_rate) / (2 * attempt_rate)
            + sp.sqrt(
                (update_rate / (2 * attempt_rate)) ** 2 + sp.exp(-2 * barrier / thermal_energy)
            ),
            report="the forward hop rate would be {:.3g} times the attempt rate",
        ),
    ),
)
def tilt_for_rate(update_rate, barrier, attempt_rate, temperature=300.0):
    """Tilt that moves a cell at a net rate v over a barrier: 2kT asinh((v/2Γ₀) exp(E_b/kT)).

    Solves v = 2 Γ₀ exp(-E_b/kT) sinh(ε/2kT). It is also the heat of each net move.

    Parameters
    ----------
    update_rate : float or array_like
        Net moves per second v; negative for moves the other way.
    barrier : float or array_like
        Barrier height E_b in J.
    attempt_rate : float or array_like
        Attempt frequency Γ₀ in 1/s.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Tilt ε in J. About 2(E_b - kT ln(Γ₀/v)) for a high barrier. (A tilt that leaves the
        backward rate as it is would be kT ln(1 + v/r): another convention.)

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Warns
    -----
    RegimeWarning
        If the forward rate would pass the attempt rate, with the factor.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> round(tilt_for_rate(1e6, 61.0164422 * kT, 1e9) / kT, 4)
    108.2174
    """


@formula((1 - loss_probability) / sp.sqrt(loss_probability * (2 - loss_probability)))
def drive_for_error(loss_probability, temperature=300.0):
    """Drive at which a cell that is tilted towards its target ends beside it with probability q.

    The tilt points to the target from both sides of a long ladder, and holds the cell there with
    P(n) in proportion to exp(-ε|n|/kT): ε/kT = 2 arsinh χ = ln((2 - q)/q), χ = (1 - q)/√(q(2 - q)).

    Parameters
    ----------
    loss_probability : float or array_like
        Probability q in (0, 1/2) of being off the target.
    temperature : float or array_like
        Accepted everywhere; the drive does not depend on it.

    Returns
    -------
    float or ndarray
        Drive χ = v/2r.

    Raises
    ------
    ValueError, TypeError
        If an argument is outside its range.

    Examples
    --------
    >>> round(drive_for_error(1e-3), 2)
    22.34
    """

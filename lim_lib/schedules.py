r"""Schedules: what a memory's barrier, or its stiffness, does in time.

Model
-----
The barrier of a cell of attempt rate :math:`\Gamma_0` sets its thermal hop rate, and the other way
round:

.. math:: r(t) = \Gamma_0\, e^{-E_b(t)/kT}, \qquad E_b(t) = kT \ln\frac{\Gamma_0}{r(t)} .

An optimizer that converges asks for ever fewer updates; a barrier that follows its update rate
v(t) keeps the drive :math:`\chi = v/2r` constant and is *matched*. The integral of r from 0 to t
is the hop budget R.

A schedule is a small frozen object, callable with the time in s (a number or an array, >= 0).
Barriers give J, and also have ``hop_rate(time)`` in 1/s and ``hop_budget(time)``. Stiffnesses give
J per parameter², and have ``centre(time)``. A decay gives a rate in 1/s, and has
``integral(time)``. Ramps give any quantity.

==========================  ==========================================================
`StaticBarrier`             constant
`ExponentialBarrier`        hop rate r_0 exp(-t/τ): the barrier rises linearly
`PowerLawBarrier`           hop rate r_0 (1 + t/τ)^(-α): it rises logarithmically
`LogarithmicBarrier`        the same from zero: E_b = α kT ln(1 + t/τ)
`MatchedBarrier`            E_b = kT ln(2 χ Γ_0/v(t)) for any update rate v(t)
`ExponentialDecay`          update rate v_0 exp(-t/τ)
`PowerLawDecay`             update rate v_0 (1 + t/τ)^(-α)
`StaticStiffness`           k = kT/σ_f², about a centre
`MatchedStiffness`          k = kT/(θ s(t)), s the variance; the centre leads the mean
`OptimalStiffness`          the same for least heat: the spread itself falls evenly
`Ramp`                      straight lines between points: any control
`LogarithmicRamp`           c ln(1 + t/τ): cooling, as λ/kT
==========================  ==========================================================

Each formula is one SymPy expression, in `TIME` and the symbols of `lim_lib.symbols`: a class
attribute such as ``ExponentialBarrier.expression``.
"""

import sys
import warnings
from dataclasses import dataclass, fields
from functools import cache
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib import symbols, units
from lim_lib.formula import StableFunction, numeric
from lim_lib.sampling import RunningIntegral, sampled
from lim_lib.symbols import (
    attempt_rate,
    barrier,
    bits,
    diffusivity,
    displacement,
    drive,
    duration,
    exponent,
    hop_rate_initial,
    spread_final,
    spread_initial,
    thermal_energy,
    time_constant,
    update_rate,
)
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    REAL,
    Broadcast,
    Domain,
    RegimeWarning,
    number,
    refuse,
    single,
)

TIME = sp.Symbol("t", nonnegative=True)
"""The time in s, in every expression here."""


class ExponentialMean(StableFunction):
    r"""Mean of exp(w x) for x in [0, 1]: :math:`(e^w - 1)/w`, 1 at w = 0."""

    @staticmethod
    def definition(w):
        return (sp.exp(w) - 1) / w

    @classmethod
    def eval(cls, w):
        if w.is_zero:
            return sp.Integer(1)

    @staticmethod
    def numeric(w):
        w = np.asarray(w, dtype=float)
        nonzero = np.where(w == 0, 1.0, w)
        return np.where(w == 0, 1.0, np.expm1(nonzero) / nonzero)


def _exponential(initial: sp.Expr) -> sp.Expr:
    return initial * sp.exp(-TIME / time_constant)


def _power_law(initial: sp.Expr) -> sp.Expr:
    return initial * (1 + TIME / time_constant) ** -exponent


def _exponential_integral(initial: sp.Expr) -> sp.Expr:
    return initial * time_constant * (1 - sp.exp(-TIME / time_constant))


def _power_law_integral(initial: sp.Expr) -> sp.Expr:
    decades = sp.log(1 + TIME / time_constant)
    return initial * time_constant * decades * ExponentialMean((1 - exponent) * decades)


def _barrier(rate: sp.Expr) -> sp.Expr:
    return sp.expand_log(thermal_energy * sp.log(attempt_rate / rate), force=True)


@cache
def _fields(expression: sp.Expr) -> tuple[str, ...]:
    """Names of the quantities in an expression, which are fields of its schedule."""
    found = expression.free_symbols
    known = symbols.QUANTITIES.items()
    return tuple(name for name, q in known if q.symbol in found and name != "boltzmann")


def _refuse_eternity(time: float | np.ndarray, time_constant: float) -> None:
    """Refuse a time whose number of time constants no double holds."""
    if np.max(time, initial=0.0) > time_constant * sys.float_info.max:
        refuse("time", time, f"at most 1.8e308 time constants of {time_constant:g} s")


@dataclass(frozen=True)
class _Schedule:
    """Fields named as in the notation, and expressions in them and in `TIME`."""

    expression: ClassVar[sp.Expr]

    def __post_init__(self):
        for item in fields(self):
            quantity = symbols.QUANTITIES.get(item.name)
            if quantity is None:
                continue
            value = single(item.name, getattr(self, item.name), self._domain(item.name))
            object.__setattr__(self, item.name, value)

    def _domain(self, name: str) -> Domain:
        return symbols.QUANTITIES[name].domain

    def __call__(self, time: Any) -> Broadcast:
        """The value at a time in s."""
        return self._at(self.expression, time)

    def _at(self, expression: sp.Expr, time: Any) -> Broadcast:
        t = number("time", time, NON_NEGATIVE)
        if hasattr(self, "time_constant"):
            _refuse_eternity(t, self.time_constant)
        names = _fields(expression)
        given = [getattr(self, name) for name in names]
        arguments = (TIME, *(symbols.QUANTITIES[name].symbol for name in names))
        with np.errstate(under="ignore"):
            value = np.broadcast_to(numeric(expression, arguments)(t, *given), np.shape(t))
        return value.copy() if value.ndim else float(value)


@dataclass(frozen=True)
class _BarrierSchedule(_Schedule):
    rate: ClassVar[sp.Expr]
    budget: ClassVar[sp.Expr]

    def __post_init__(self):
        super().__post_init__()
        initial = getattr(self, "hop_rate_initial", 0.0)
        attempts = getattr(self, "attempt_rate", np.inf)
        if initial > attempts:
            refuse("hop_rate_initial", initial, f"<= attempt_rate = {attempts:g}")

    def hop_rate(self, time: Any) -> Broadcast:
        """Thermal hop rate over the untilted barrier, r = Γ_0 exp(-E_b/kT), in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        return self._at(self.rate, time)

    def hop_budget(self, time: Any) -> Broadcast:
        """Thermal hops per cell that the barrier allows up to a time: the integral of r.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        return self._at(self.budget, time)


@dataclass(frozen=True)
class StaticBarrier(_BarrierSchedule):
    """A barrier that stays as it is: E_b(t) = E_b.

    Parameters
    ----------
    barrier : float
        Height E_b in J.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> from lim_lib.memory import retention_barrier
    >>> decade = 10 * 365.25 * 86400
    >>> kept = StaticBarrier(retention_barrier(decade, 1e-9, 1e9), attempt_rate=1e9)
    >>> f"{kept.hop_budget(decade):.3g} hops in ten years"
    '1e-09 hops in ten years'
    """

    barrier: float
    attempt_rate: float
    temperature: float = 300.0

    expression: ClassVar[sp.Expr] = barrier
    rate: ClassVar[sp.Expr] = attempt_rate * sp.exp(-barrier / thermal_energy)
    budget: ClassVar[sp.Expr] = rate * TIME


@dataclass(frozen=True)
class ExponentialBarrier(_BarrierSchedule):
    """The barrier of a hop rate that falls exponentially: kT [ln(Γ_0/r_0) + t/τ].

    Parameters
    ----------
    hop_rate_initial : float
        Hop rate r_0 at time 0 in 1/s, at most the attempt rate.
    time_constant : float
        Time constant τ of r = r_0 exp(-t/τ), in s.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> rising = ExponentialBarrier(hop_rate_initial=1e3, time_constant=1.0, attempt_rate=1e9)
    >>> print((rising([0.0, 1.0]) / thermal_energy()).round(3))
    [13.816 14.816]
    >>> rising.hop_budget(100.0)
    1000.0
    """

    hop_rate_initial: float
    time_constant: float
    attempt_rate: float
    temperature: float = 300.0

    rate: ClassVar[sp.Expr] = _exponential(hop_rate_initial)
    budget: ClassVar[sp.Expr] = _exponential_integral(hop_rate_initial)
    expression: ClassVar[sp.Expr] = _barrier(rate)


@dataclass(frozen=True)
class PowerLawBarrier(_BarrierSchedule):
    """The barrier of a hop rate that falls as a power: kT [ln(Γ_0/r_0) + α ln(1 + t/τ)].

    Parameters
    ----------
    hop_rate_initial : float
        Hop rate r_0 at time 0 in 1/s, at most the attempt rate.
    time_constant : float
        Time constant τ of r = r_0 (1 + t/τ)^(-α), in s.
    exponent : float
        Exponent α.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    temperature : float
        Temperature in K.

    Examples
    --------
    For α = 1 the hop budget grows with the logarithm of time, without end:

    >>> rising = PowerLawBarrier(1e3, time_constant=1.0, exponent=1.0, attempt_rate=1e9)
    >>> print(rising.hop_budget([1e3, 1e6, 1e9]).round())
    [ 6909. 13816. 20723.]
    """

    hop_rate_initial: float
    time_constant: float
    exponent: float
    attempt_rate: float
    temperature: float = 300.0

    rate: ClassVar[sp.Expr] = _power_law(hop_rate_initial)
    budget: ClassVar[sp.Expr] = _power_law_integral(hop_rate_initial)
    expression: ClassVar[sp.Expr] = _barrier(rate)


@dataclass(frozen=True)
class LogarithmicBarrier(_BarrierSchedule):
    """A barrier that rises from zero with the logarithm of time: α kT ln(1 + t/τ).

    The hop budget that is left after any time is finite if and only if α > 1: what is plastic for
    ever is not retained for ever.

    Parameters
    ----------
    exponent : float
        Its slope α in kT.
    time_constant : float
        The time τ at which it has risen by α kT ln 2, in s.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s, the hop rate at time 0.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> rising = LogarithmicBarrier(exponent=2.0, time_constant=1e-3, attempt_rate=1e9)
    >>> [f"{rising.hop_budget(t):.6g}" for t in (1.0, 1e3, 1e6)]
    ['999001', '999999', '1e+06']
    """

    exponent: float
    time_constant: float
    attempt_rate: float
    temperature: float = 300.0

    rate: ClassVar[sp.Expr] = _power_law(attempt_rate)
    budget: ClassVar[sp.Expr] = _power_law_integral(attempt_rate)
    expression: ClassVar[sp.Expr] = _barrier(rate)

    def budget_from(self, age: Any, span: Any) -> Broadcast:
        """Thermal hops per cell that the barrier still allows, from an age on and for a span.

        From any age on the barrier is that of a power law, of the hop rate then and the time
        constant τ + age: said so, nothing cancels.

        Parameters
        ----------
        age, span : float or array_like
            Times in s, >= 0.

        Examples
        --------
        >>> rising = LogarithmicBarrier(exponent=2.0, time_constant=1e-6, attempt_rate=1e9)
        >>> f"{rising.budget_from(age=1e6, span=1e9):.3e}"
        '9.990e-10'
        """
        age, span = number("age", age, NON_NEGATIVE), number("span", span, NON_NEGATIVE)
        budget = numeric(PowerLawBarrier.budget, (TIME, hop_rate_initial, time_constant, exponent))
        return budget(span, self.hop_rate(age), self.time_constant + age, self.exponent)


@dataclass(frozen=True)
class _Decay(_Schedule):
    total: ClassVar[sp.Expr]

    def _domain(self, name: str) -> Domain:
        return POSITIVE

    def integral(self, time: Any) -> Broadcast:
        """Net updates of one cell up to a time.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        return self._at(self.total, time)


@dataclass(frozen=True)
class ExponentialDecay(_Decay):
    """The update rate of an optimizer that converges exponentially: v_0 exp(-t/τ).

    Parameters
    ----------
    update_rate : float
        Net updates of one cell per s at time 0, v_0 > 0.
    time_constant : float
        Time constant τ in s.

    Examples
    --------
    >>> ExponentialDecay(1e6, time_constant=2.0).integral(1e3)
    2000000.0
    """

    update_rate: float
    time_constant: float

    expression: ClassVar[sp.Expr] = _exponential(update_rate)
    total: ClassVar[sp.Expr] = _exponential_integral(update_rate)


@dataclass(frozen=True)
class PowerLawDecay(_Decay):
    """The update rate of an optimizer that converges as a power: v_0 (1 + t/τ)^(-α).

    Parameters
    ----------
    update_rate : float
        Net updates of one cell per s at time 0, v_0 > 0.
    time_constant : float
        Time constant τ in s.
    exponent : float
        Exponent α.

    Examples
    --------
    >>> PowerLawDecay(1e6, time_constant=1.0, exponent=0.5)(3.0)
    500000.0
    """

    update_rate: float
    time_constant: float
    exponent: float

    expression: ClassVar[sp.Expr] = _power_law(update_rate)
    total: ClassVar[sp.Expr] = _power_law_integral(update_rate)


@dataclass(frozen=True)
class MatchedBarrier:
    """The barrier that keeps the drive constant, for any update rate: kT ln(2 χ Γ_0/v(t)).

    The hop rate is r = v/2χ. Held at its `tilt`, a cell then makes its v net moves per second, each
    at the same heat, however far v falls.

    Parameters
    ----------
    drive : float
        χ = v/2r > 0, the distance from equilibrium.
    update_rate : float or callable
        Net update rate v of one cell in 1/s: a number, an `ExponentialDecay` or `PowerLawDecay`
        (then everything is in closed form), or any function of time in s that is > 0.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    temperature : float
        Temperature in K.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, and where v exceeds 2 χ Γ_0: no barrier is that low.

    Warns
    -----
    RegimeWarning
        Where the tilt is more than twice the barrier, so that the forward rate passes Γ_0.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> matched = MatchedBarrier(1.0, ExponentialDecay(1e6, time_constant=1.0), attempt_rate=1e9)
    >>> print((matched([0.0, 10.0]) / kT).round(3), round(matched.tilt / kT, 3))
    [ 7.601 17.601] 1.763
    """

    drive: float
    update_rate: Any
    attempt_rate: float
    temperature: float = 300.0

    expression: ClassVar[sp.Expr] = thermal_energy * sp.log(2 * drive * attempt_rate / update_rate)

    def __post_init__(self):
        names = ["drive", "attempt_rate", "temperature"]
        if not callable(self.update_rate):
            names.append("update_rate")
        for name in names:
            object.__setattr__(self, name, single(name, getattr(self, name), POSITIVE))
        self._judged(0.0, stacklevel=4)

    @property
    def tilt(self) -> float:
        """Tilt that gives the drive, 2 kT asinh(χ) in J: the heat of each net move."""
        from lim_lib.bounds import matched_barrier

        return matched_barrier(updates=1.0, drive=self.drive, temperature=self.temperature)

    def __call__(self, time: Any) -> Broadcast:
        """The barrier in J at a time in s."""
        return self._judged(time, stacklevel=3)

    def _judged(self, time, stacklevel):
        closed = self._closed()
        height = closed(time) if closed else self._height(self._rates(time))
        above = (self.tilt / 2 - np.min(height)) / units.thermal_energy(self.temperature)
        if above > 0:
            warnings.warn(
                f"MatchedBarrier: the forward hop rate is up to {np.exp(above):.3g} times the "
                "attempt rate",
                RegimeWarning,
                stacklevel=stacklevel,
            )
        return height if np.ndim(height) else float(height)

    def hop_rate(self, time: Any) -> Broadcast:
        """Thermal hop rate v/2χ in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        return self._rates(time) / (2 * self.drive)

    def hop_budget(self, time: Any) -> Broadcast:
        """Thermal hops per cell up to a time: the integral of v over 2χ.

        In closed form for the two decays and a constant, else by adaptive quadrature to 1e-10
        of what is seen: see `lim_lib.sampling`.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        closed = self._closed()
        if closed:
            return closed.hop_budget(time)
        times = np.asarray(number("time", time, NON_NEGATIVE))
        stops = np.unique(np.append(0.0, times))
        if stops.size == 1:
            return np.zeros(times.shape) if times.ndim else 0.0
        budgets = RunningIntegral("update_rate", self.update_rate, stops)(times) / (2 * self.drive)
        return budgets if times.ndim else float(budgets)

    def _rates(self, time):
        t = np.asarray(number("time", time, NON_NEGATIVE))
        rates = sampled("update_rate", self.update_rate, t.ravel(), POSITIVE).reshape(t.shape)
        return rates if rates.ndim else float(rates)

    def _closed(self) -> _BarrierSchedule | None:
        """The same barrier as a schedule with a closed form, if there is one."""
        v, rest = self.update_rate, (self.attempt_rate, self.temperature)
        if isinstance(v, ExponentialDecay | PowerLawDecay):
            initial = v.update_rate / (2 * self.drive)
            if initial > self.attempt_rate:
                self._refuse_rate()
            if isinstance(v, ExponentialDecay):
                return ExponentialBarrier(initial, v.time_constant, *rest)
            return PowerLawBarrier(initial, v.time_constant, v.exponent, *rest)
        if not callable(v):
            return StaticBarrier(self._height(v), *rest)
        return None

    def _height(self, rate):
        arguments = (drive, update_rate, attempt_rate, symbols.temperature)
        function = numeric(self.expression, arguments)
        height = function(self.drive, rate, self.attempt_rate, self.temperature)
        if np.min(height) < 0:
            self._refuse_rate()
        return height

    def _refuse_rate(self):
        most = 2 * self.drive * self.attempt_rate
        refuse("update_rate", self.update_rate, f"at most 2 drive attempt_rate = {most:g} per s")


@dataclass(frozen=True)
class StaticStiffness(_Schedule):
    """A spring as stiff as the final precision asks: k = kT/σ_f², about a fixed centre.

    Parameters
    ----------
    spread_final : float
        σ_f in parameter units.
    position : float
        Its centre, in parameter units.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> f"{StaticStiffness(spread_final=0.25)(0.0):.4g} J per parameter²"
    '6.627e-20 J per parameter²'
    """

    spread_final: float
    position: float = 0.0
    temperature: float = 300.0

    expression: ClassVar[sp.Expr] = thermal_energy / spread_final**2

    def centre(self, time: Any) -> Broadcast:
        """Its centre at a time, in parameter units."""
        return self.position + 0 * number("time", time, NON_NEGATIVE)


_variance_final = spread_initial**2 * 4**-bits
_variance_fall = spread_initial**2 * (1 - 4**-bits) / duration
_variance = _variance_final + _variance_fall * (duration - TIME)  # no digit lost at the end
_theta = 1 / (1 + _variance_fall / (2 * diffusivity))
_mean = displacement * TIME / duration
_centre = _mean + displacement * _theta * _variance / (diffusivity * duration)


@dataclass(frozen=True)
class _Spring(_Schedule):
    """A spring that narrows a spread by 2^b in a given time, while the mean moves evenly."""

    spread_initial: float
    bits: float
    diffusivity: float
    duration: float
    displacement: float = 0.0
    temperature: float = 300.0

    centre_expression: ClassVar[sp.Expr]
    variance_expression: ClassVar[sp.Expr]

    def variance(self, time: Any) -> Broadcast:
        """Variance of the parameter at a time in s, in parameter²."""
        return self._at(self.variance_expression, time)

    def mean(self, time: Any) -> Broadcast:
        """Mean of the parameter at a time in s, in parameter units."""
        return self._at(_mean, time)

    def centre(self, time: Any) -> Broadcast:
        """Centre of the spring at a time in s, in parameter units."""
        return self._at(self.centre_expression, time)

    def _at(self, expression, time):
        t = number("time", time, NON_NEGATIVE)
        if np.max(t) > self.duration * (1 + 1e-9):
            refuse("time", time, f"at most duration = {self.duration:g}")
        return super()._at(expression, np.minimum(t, self.duration))


@dataclass(frozen=True)
class MatchedStiffness(_Spring):
    """A spring that stiffens with what is learned: k(t) = kT/(θ s(t)), with a centre that leads.

    θ < 1 is chosen so that the variance s falls evenly from σ_0² to σ_0²/4^b in the duration:
    1/θ = 1 + (σ_0² - σ_f²)/(2 D t_sol), s(t) = σ_0² - 2 D t (1 - θ)/θ. The centre runs ahead of the
    mean, which moves evenly from 0 to μ. The heat is `lim_lib.bounds.matched_stiffness`, for any
    shape of the initial distribution.

    Parameters
    ----------
    spread_initial : float
        σ_0 in parameter units.
    bits : float
        Precision b gained: σ_f = σ_0/2^b.
    diffusivity : float
        D in parameter²/s.
    duration : float
        Time to solution t_sol in s; the schedule ends there.
    displacement : float
        Distance μ that the mean moves, in parameter units.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> learned = MatchedStiffness(spread_initial=4.0, bits=4, diffusivity=1.0, duration=20.0)
    >>> round(learned.theta, 6), learned.variance(20.0)
    (0.715084, 0.0625)
    """

    expression: ClassVar[sp.Expr] = thermal_energy / (_theta * _variance)
    variance_expression: ClassVar[sp.Expr] = _variance
    centre_expression: ClassVar[sp.Expr] = _centre

    @property
    def theta(self) -> float:
        """θ = kT/(k s), the ratio of the spring's own variance to the actual one."""
        return self._at(_theta, 0.0)


_spread_rate = spread_initial * (1 - 2**-bits) / duration
_spread = spread_initial * 2**-bits + _spread_rate * (duration - TIME)
_optimal = thermal_energy * (1 + _spread * _spread_rate / diffusivity) / _spread**2


@dataclass(frozen=True)
class OptimalStiffness(_Spring):
    """The spring of least heat: the spread and the mean of a normal distribution move evenly.

    k(t) = kT (1 - σ σ'/D)/σ², σ falling linearly from σ_0 to σ_0/2^b; the centre leads the mean by
    μ kT/(D k t_sol). Values are those between the ends; a start and an end at rest have stiffness
    kT/σ², so that the spring jumps there. For a normal initial distribution the heat is
    `lim_lib.bounds.finite_time`.

    Parameters
    ----------
    spread_initial : float
        σ_0 in parameter units.
    bits : float
        Precision b gained: σ_f = σ_0/2^b.
    diffusivity : float
        D in parameter²/s.
    duration : float
        Time to solution t_sol in s; the schedule ends there.
    displacement : float
        Distance μ that the mean moves, in parameter units.
    temperature : float
        Temperature in K.

    References
    ----------
    Schmiedl and Seifert, Phys. Rev. Lett. 98, 108301 (2007), for springs that jump at both ends;
    they minimize work at a given final stiffness, where here the final spread is given.

    Examples
    --------
    >>> learned = OptimalStiffness(spread_initial=4.0, bits=4, diffusivity=1.0, duration=20.0)
    >>> learned.spread(10.0), learned.variance(20.0)
    (2.125, 0.0625)
    """

    expression: ClassVar[sp.Expr] = _optimal
    spread_expression: ClassVar[sp.Expr] = _spread
    variance_expression: ClassVar[sp.Expr] = _spread**2
    centre_expression: ClassVar[sp.Expr] = _mean + displacement * thermal_energy / (
        diffusivity * duration * _optimal
    )

    def spread(self, time: Any) -> Broadcast:
        """Spread σ of the parameter at a time in s, in parameter units."""
        return self._at(self.spread_expression, time)


@dataclass(frozen=True)
class Ramp:
    """Straight lines between points: any control, such as the stages of an erasure.

    Parameters
    ----------
    times : sequence of float
        Increasing times in s; before the first and after the last the value stays.
    values : sequence of float
        Values there, in the unit of the control.

    Examples
    --------
    >>> Ramp(times=(0.0, 1.0, 2.0), values=(0.0, 4.0, 0.0))([0.5, 1.75])
    array([2., 1.])
    """

    times: tuple
    values: tuple

    def __post_init__(self):
        for name in ("times", "values"):
            array = np.asarray(number(name, getattr(self, name), REAL))
            if array.ndim != 1 or not array.size:
                refuse(name, getattr(self, name), "a sequence of numbers")
            object.__setattr__(self, name, tuple(array.tolist()))
        if len(self.times) != len(self.values):
            refuse("values", self.values, f"{len(self.times)} numbers, one for each time")
        if any(b <= a for a, b in pairwise(self.times)):
            refuse("times", self.times, "increasing")

    def __call__(self, time: Any) -> Broadcast:
        """The value at a time in s."""
        value = np.interp(number("time", time, NON_NEGATIVE), self.times, self.values)
        return value if np.ndim(value) else float(value)


@dataclass(frozen=True)
class LogarithmicRamp:
    """A control that grows with the logarithm of time: c ln(1 + t/τ).

    With it as λ/kT, an annealing cools as in Geman and Geman (1984). It is not a barrier: a barrier
    freezes, it does not cool.

    Parameters
    ----------
    scale : float
        c, in the unit of the control.
    time_constant : float
        τ in s.

    Examples
    --------
    >>> round(LogarithmicRamp(scale=1.0, time_constant=1.0)(9.0), 4)
    2.3026
    """

    scale: float
    time_constant: float

    def __post_init__(self):
        for name, domain in (("scale", REAL), ("time_constant", POSITIVE)):
            object.__setattr__(self, name, single(name, getattr(self, name), domain))

    def __call__(self, time: Any) -> Broadcast:
        """The value at a time in s."""
        t = number("time", time, NON_NEGATIVE)
        _refuse_eternity(t, self.time_constant)
        value = self.scale * np.log1p(t / self.time_constant)
        return value if np.ndim(value) else float(value)

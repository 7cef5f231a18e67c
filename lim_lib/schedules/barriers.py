"""Barriers of one memory cell, in J."""

import math
import warnings
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib import bounds, memory, symbols, units
from lim_lib.formula import numeric
from lim_lib.sampling import RunningIntegral, sampled
from lim_lib.schedules.base import (
    TIME,
    Schedule,
    exponential,
    exponential_integral,
    power_law,
    power_law_integral,
)
from lim_lib.schedules.decays import ExponentialDecay, PowerLawDecay
from lim_lib.schedules.stiffnesses import OptimalStiffness
from lim_lib.symbols import (
    attempt_rate,
    barrier,
    drive,
    duration,
    exponent,
    hop_rate_initial,
    thermal_energy,
    time_constant,
    update_rate,
)
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    Broadcast,
    RegimeWarning,
    number,
    refuse,
    single,
)


def _barrier(rate: sp.Expr) -> sp.Expr:
    return sp.expand_log(thermal_energy * sp.log(attempt_rate / rate), force=True)


@dataclass(frozen=True)
class _BarrierSchedule(Schedule):
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


class Keeps(ABC):
    """What a memory keeps behind the last barrier of a schedule."""

    @abstractmethod
    def _last_hop_rate(self) -> float:
        """Hop rate over that barrier, in 1/s."""

    def lost(self, time: Any) -> Broadcast:
        """Probability that a cell kept behind the last barrier for a time is in its other state.

        (1 - exp(-2rt))/2, as in `lim_lib.memory.retention_rate`.

        Parameters
        ----------
        time : float or array_like
            Time in s after the end of the schedule, >= 0.
        """
        hops = self._last_hop_rate() * np.asarray(number("time", time, NON_NEGATIVE))
        share = -np.expm1(-2 * hops) / 2
        return share if share.ndim else float(share)

    def kept(self, loss_probability: float = memory.LOSS) -> float:
        """Time in s for which the last barrier keeps a cell; infinite if that is.

        Parameters
        ----------
        loss_probability : float
            Probability in (0, 1/2) that the cell is then found in its other state.
        """
        hops = memory.retention_rate(retention=1.0, loss_probability=loss_probability)
        last = self._last_hop_rate()
        return hops / last if last else math.inf


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

    rate: ClassVar[sp.Expr] = exponential(hop_rate_initial)
    budget: ClassVar[sp.Expr] = exponential_integral(hop_rate_initial)
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

    rate: ClassVar[sp.Expr] = power_law(hop_rate_initial)
    budget: ClassVar[sp.Expr] = power_law_integral(hop_rate_initial)
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

    rate: ClassVar[sp.Expr] = power_law(attempt_rate)
    budget: ClassVar[sp.Expr] = power_law_integral(attempt_rate)
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
class MatchedBarrier:
    """The barrier that keeps the drive constant, for any update rate: kT ln(2 χ Γ_0/v(t)).

    The hop rate is r = v/2χ. Held at its `tilt`, a cell then makes its v net moves per second, each
    at the same heat, however far v falls. It is the best barrier where v in seconds and the hop
    budget are both given; for an optimizer of given drift that is `MatchedDiffusivity`.

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
        return bounds.matched_barrier(updates=1.0, drive=self.drive, temperature=self.temperature)

    def __call__(self, time: Any) -> Broadcast:
        """The barrier in J at a time in s."""
        return self._judged(time, stacklevel=3)

    def _judged(self, time, stacklevel):
        closed = self._closed
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
        closed = self._closed
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

    @cached_property
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


_ret_rate = memory.retention_rate.expression


@dataclass(frozen=True)
class OpenThenShut(Keeps, _BarrierSchedule):
    """A barrier as low as the memory can have it, and from one moment on as high as retention asks.

    Where a device, and not an optimizer, sets how fast a memory moves, no barrier dissipates less.
    It promises nothing before it is shut.

    Parameters
    ----------
    hop_rate_initial : float
        Hop rate r_0 while it is open in 1/s, at most the attempt rate.
    duration : float
        How long it is open, in s.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    retention : float
        Time in s for which it then has to keep a cell.
    loss_probability : float
        Probability δ in (0, 1/2) of finding the cell in its other state after that time.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> memory = OpenThenShut(hop_rate_initial=1e4, duration=10.0, attempt_rate=1e9)
    >>> print((memory([0.0, 9.99, 10.0]) / kT).round(1), memory.hop_budget(10.0))
    [11.5 11.5 61. ] 100000.0
    >>> f"{memory.heat(bits=4, level_spacing=1 / 256) / kT:.3f} kT to learn four bits meanwhile"
    '3.349 kT to learn four bits meanwhile'
    """

    hop_rate_initial: float
    duration: float
    attempt_rate: float
    retention: float = memory.TEN_YEARS
    loss_probability: float = memory.LOSS
    temperature: float = 300.0

    rate: ClassVar[sp.Expr] = sp.Piecewise((hop_rate_initial, duration > TIME), (_ret_rate, True))
    budget: ClassVar[sp.Expr] = hop_rate_initial * sp.Min(TIME, duration) + _ret_rate * sp.Max(
        TIME - duration, 0
    )
    expression: ClassVar[sp.Expr] = sp.Piecewise(
        (_barrier(hop_rate_initial), duration > TIME), (memory.retention_barrier.expression, True)
    )

    def __post_init__(self):
        super().__post_init__()
        least = self._last_hop_rate()
        if self.hop_rate_initial < least:
            refuse("hop_rate_initial", self.hop_rate_initial,
                   f">= {least:.4g} per s, what retention allows")  # fmt: skip

    def _last_hop_rate(self) -> float:
        return memory.retention_rate(self.retention, self.loss_probability)

    def heat(self, bits: float, level_spacing: float, spread_initial: float = 1.0) -> float:
        """Least heat in J of learning a parameter while it is open: `lim_lib.bounds.finite_time`.

        Parameters
        ----------
        bits : float
            Precision b gained.
        level_spacing : float
            Distance h of neighbouring levels, in parameter units: D = r_0 h².
        spread_initial : float
            Spread before learning, in parameter units.
        """
        diffusivity = self.hop_rate_initial * single("level_spacing", level_spacing, POSITIVE) ** 2
        return bounds.finite_time(1.0, bits, spread_initial, 0.0, diffusivity, self.duration,
                           temperature=self.temperature)  # fmt: skip

    def spring(
        self, bits: float, level_spacing: float, spread_initial: float = 1.0
    ) -> OptimalStiffness:
        """The loss landscape that has this heat; arguments as for `heat`."""
        diffusivity = self.hop_rate_initial * single("level_spacing", level_spacing, POSITIVE) ** 2
        return OptimalStiffness(spread_initial, bits, diffusivity, self.duration,
                                temperature=self.temperature)  # fmt: skip

"""Schedules that use all of an optimizer's drift: matched, and in stairs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib import bounds
from lim_lib.sampling import RunningIntegral, places, sampled
from lim_lib.schedules.decays import SteppedRate
from lim_lib.schedules.learning import Learning
from lim_lib.symbols import (
    bits,
    convergence_times,
    heights,
    matching_ratio,
    relaxation_rate,
    spread_initial,
    thermal_energy,
)
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Broadcast, integer, refuse, row, single

PROGRESS = sp.Symbol("u", nonnegative=True)
"""Convergence times gone by, the integral of the relaxation rate, in expressions of what follows
an optimizer."""

LOOKS = 1000
"""Places at which a relaxation rate is looked at for the highest hop rate."""


@dataclass(frozen=True)
class OptimizerLimited(Learning):
    """What follows an optimizer: all of its drift, and as much noise as a rule asks for."""

    relaxation_rate: Any
    duration: float
    bits: float
    level_spacing: float
    attempt_rate: float
    spread_initial: float = 1.0
    temperature: float = 300.0

    rest_expression: ClassVar[sp.Expr]
    variance_expression: ClassVar[sp.Expr]
    hops_expression: ClassVar[sp.Expr]

    def __post_init__(self):
        if not callable(self.relaxation_rate):
            rate = single("relaxation_rate", self.relaxation_rate, POSITIVE)
            object.__setattr__(self, "relaxation_rate", rate)
        for name in ("duration", "bits"):
            object.__setattr__(self, name, single(name, getattr(self, name), self._domain(name)))
        needed = self.bits * math.log(2)
        if not self.convergence_times > needed:
            refuse(
                "convergence_times",
                round(self.convergence_times, 6),
                f"more than bits ln 2 (the time is too short: at least {needed:.6g} of them are "
                f"needed for {self.bits:g} bits)",
            )
        super().__post_init__()

    def _looks(self) -> np.ndarray:
        if not callable(self.relaxation_rate):
            return np.zeros(1)
        stops = getattr(self.relaxation_rate, "stops", places(0.0, self.duration, LOOKS))
        return np.append(0.0, stops)

    def __call__(self, time: Any) -> Broadcast:
        """The diffusivity in parameter²/s at a time in s."""
        return self.rate(time) * self._after(self.rest_expression, time)

    def rate(self, time: Any) -> Broadcast:
        """Relaxation rate η of the optimizer in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        t = np.asarray(self._time(time))
        rates = sampled("relaxation_rate", self.relaxation_rate, t.ravel(), NON_NEGATIVE)
        return rates.reshape(t.shape).copy() if t.ndim else float(rates[0])

    def progress(self, time: Any) -> Broadcast:
        """Convergence times gone by, the integral of η.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        t = self._time(time)
        if not callable(self.relaxation_rate):
            return self.relaxation_rate * t
        gone = np.asarray(self._integral(np.ravel(t))).reshape(np.shape(t))
        return gone if gone.ndim else float(gone)

    @cached_property
    def _integral(self) -> Callable:
        known = getattr(self.relaxation_rate, "integral", None)
        return known or RunningIntegral(
            "relaxation_rate", self.relaxation_rate, [0.0, self.duration]
        )

    @cached_property
    def convergence_times(self) -> float:
        """Convergence times U from start to end."""
        return float(self.progress(self.duration))

    def variance(self, time: Any) -> Broadcast:
        """Variance of the parameter about its optimum, in parameter².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._after(self.variance_expression, time)

    def stiffness(self, time: Any) -> Broadcast:
        """Stiffness of the loss landscape, η kT/D, in J per parameter²; finite where η is zero.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._kT / self._after(self.rest_expression, time)

    def hop_budget(self, time: Any) -> Broadcast:
        """Thermal hops per cell that the barrier allows up to a time: the integral of D/h².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._after(self.hops_expression, time) / self.level_spacing**2

    def _after(self, expression, time):
        return self._evaluated(expression, PROGRESS, self.progress(time))


_nats = bits * sp.log(2)


@dataclass(frozen=True)
class MatchedDiffusivity(OptimizerLimited):
    r"""The barrier that follows an optimizer at least heat: D = θ η s, noise in step with drift.

    The matching ratio is :math:`\theta = 1 - b \ln 2/U`, so that the variance falls by 4^b in the
    U convergence times that there are, in proportion to them: :math:`s = s_0 4^{-b u/U}`. The
    barrier :math:`kT \ln(\Gamma_0 h^2/\theta \eta s)` rises as s falls, and is at once as low as
    the optimizer is fast. Its heat is `lim_lib.bounds.optimizer_limited`, for any shape of the
    initial distribution about the optimum.

    Parameters
    ----------
    relaxation_rate : float or callable
        Relaxation rate η of the optimizer in 1/s: a number, a rate with an ``integral`` (such as
        `ExponentialDecay`, `PowerLawDecay`, `SteppedRate`), or any function of time that is
        >= 0. Where it is zero nothing moves, and the barrier is infinite.
    duration : float
        Time to solution in s; the schedule ends there. It must hold more than b ln 2 convergence
        times.
    bits : float
        Precision b gained, > 0: the spread ends at 2^-b of the first.
    level_spacing : float
        Distance h of neighbouring levels, in parameter units.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    spread_initial : float
        Spread σ_0 before learning, in parameter units.
    temperature : float
        Temperature in K.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, for a time that is too short, and where D/h² exceeds
        the attempt rate.

    Examples
    --------
    The four-bit weight, in six convergence times:

    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> learned = MatchedDiffusivity(1.0, duration=6.0, bits=4, level_spacing=1 / 256,
    ...                              attempt_rate=1e9)
    >>> round(learned.matching_ratio, 4), round(learned.heat / kT, 4)
    (0.5379, 5.1545)
    >>> round(learned.variance(6.0), 6)
    0.003906
    >>> print((learned.barrier([0.0, 3.0, 6.0]) / kT).round(2))
    [10.25 13.03 15.8 ]
    """

    rest_expression: ClassVar[sp.Expr] = (
        matching_ratio * spread_initial**2 * 4 ** (-bits * PROGRESS / convergence_times)
    )
    variance_expression: ClassVar[sp.Expr] = rest_expression / matching_ratio
    hops_expression: ClassVar[sp.Expr] = (
        matching_ratio
        * convergence_times
        * spread_initial**2
        * (1 - 4 ** (-bits * PROGRESS / convergence_times))
        / (2 * _nats)
    )
    expression: ClassVar[sp.Expr] = relaxation_rate * rest_expression

    @property
    def matching_ratio(self) -> float:
        """θ = D/(η s), noise over drift: 1 - b ln 2/U."""
        return 1 - self.bits * math.log(2) / self.convergence_times

    @property
    def heat(self) -> float:
        """Mean heat per parameter in J: kT b ln 2/(1 - b ln 2/U)."""
        return bounds.optimizer_limited(1.0, self.bits, self.convergence_times, self.temperature)

    @property
    def last_jump(self) -> float:
        """Work in J that the last jump of the stiffness gives back, kT (1/θ - 1)/2; or is lost."""
        return self._kT * (1 / self.matching_ratio - 1) / 2

    def promise(self, time: Any) -> Broadcast:
        """Variance at which the parameter ends if its optimizer stops at a time: s(t)/(1 - θ).

        The barrier is taken to rise on as planned, without end: hops still to come are in
        proportion to the variance still to be removed.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self.variance(time) / (1 - self.matching_ratio)

    def heat_from(self, spread: float) -> float:
        """Heat per parameter in J of a start with another spread than it was built for.

        By `lim_lib.bounds.wrong_prior`: the schedule forgets.

        Parameters
        ----------
        spread : float
            The true spread before learning, in parameter units.
        """
        ratio = (self.spread_initial / single("spread", spread, POSITIVE)) ** 2
        return bounds.wrong_prior(
            1.0, self.bits, self.convergence_times, ratio, temperature=self.temperature
        )


_PART = convergence_times / heights
_stair = sp.Min(sp.floor(PROGRESS / _PART), heights - 1)
_ratio = 4 ** (-bits / heights)
_decay = sp.exp(-2 * _PART)
_first_rest = spread_initial**2 * (_ratio - _decay) / (1 - _decay)
_stepped_heat = thermal_energy * heights * (1 - _ratio) * (1 - _decay) / (2 * (_ratio - _decay))
_above = spread_initial**2 * (1 - _ratio) / (1 - _decay)


@dataclass(frozen=True)
class Heights(OptimizerLimited):
    """A barrier that takes n heights one after the other, each for 1/n of the convergence times.

    On each stair the stiffness kT/c stands still and D = η c; the variance falls by 4^(b/n). The
    heat is kT n (1 - q)(1 - e)/(2 (q - e)), q = 4^(-b/n), e = exp(-2U/n). At U = ∞, each stair to
    its rest, that is `lim_lib.bounds.stepped_barrier`; at n = ∞, `MatchedDiffusivity`.

    Parameters
    ----------
    relaxation_rate : float or callable
        As for `MatchedDiffusivity`.
    duration : float
        Time to solution in s; the schedule ends there.
    bits : float
        Precision b gained, > 0.
    level_spacing : float
        Distance h of neighbouring levels, in parameter units.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    heights : int
        Number n of stairs; one is a barrier that stands still.
    spread_initial : float
        Spread σ_0 before learning, in parameter units.
    temperature : float
        Temperature in K.

    Examples
    --------
    The four-bit weight in six convergence times, with one height, two and four:

    >>> from lim_lib.units import thermal_energy
    >>> for n in (1, 2, 4):
    ...     stairs = Heights(1.0, duration=6.0, bits=4, level_spacing=1 / 256, attempt_rate=1e9,
    ...                      heights=n)
    ...     print(n, round(stairs.heat / thermal_energy(), 3))
    1 127.7
    2 15.581
    4 7.119
    """

    heights: int = field(kw_only=True)

    rest_expression: ClassVar[sp.Expr] = _first_rest * _ratio**_stair
    variance_expression: ClassVar[sp.Expr] = _ratio**_stair * (
        _first_rest + _above * sp.exp(-2 * (PROGRESS - _stair * _PART))
    )
    hops_expression: ClassVar[sp.Expr] = _first_rest * (
        _PART * (1 - _ratio**_stair) / (1 - _ratio) + _ratio**_stair * (PROGRESS - _stair * _PART)
    )
    heat_expression: ClassVar[sp.Expr] = _stepped_heat
    expression: ClassVar[sp.Expr] = relaxation_rate * rest_expression

    def __post_init__(self):
        object.__setattr__(self, "heights", integer("heights", self.heights))
        super().__post_init__()

    @property
    def heat(self) -> float:
        """Mean heat per parameter in J."""
        return self._evaluated(self.heat_expression, PROGRESS, 0.0)


def from_learning_rate(
    rates: Any,
    step_time: float,
    *,
    bits: float,
    level_spacing: float,
    attempt_rate: float,
    curvature: float = 1.0,
    spread_initial: float = 1.0,
    temperature: float = 300.0,
) -> MatchedDiffusivity:
    """The matched barrier of a learning-rate schedule: any array of rates, one for each step.

    A step of gradient descent, w -> w - a h (w - w*) with the learning rate a and the curvature h,
    is taken as relaxation at the rate a h/step_time for its duration: all integrals are exact.

    Parameters
    ----------
    rates : sequence of float
        Learning rates, >= 0 and not all zero: warm-up and cosine, warm-up, stable and decay, linear
        to zero, 1/√n, or a table. While one is zero nothing moves: the barrier is infinite.
    step_time : float
        Time of a step in s.
    bits, level_spacing, attempt_rate, spread_initial, temperature
        As for `MatchedDiffusivity`.
    curvature : float
        Curvature h of the loss along the parameter, in the unit that makes a h a number: the share
        of the way to the optimum that a step goes.

    Returns
    -------
    MatchedDiffusivity
        Its relaxation rate is a `SteppedRate`.

    Raises
    ------
    ValueError, TypeError
        For rates that are negative or missing (by their index) or all zero, and for a schedule that
        is too short: b ln 2 convergence times are the least.

    Examples
    --------
    A thousand steps, warmed up and then down along a cosine; the memory is left nearly shut:

    >>> from lim_lib.units import thermal_energy
    >>> n = np.arange(1000)
    >>> rates = 0.012 * np.minimum(n / 100, (1 + np.cos(np.pi * (n - 100) / 900)) / 2)
    >>> learned = from_learning_rate(rates, step_time=1e-3, bits=4, level_spacing=1 / 256,
    ...                              attempt_rate=1e9)
    >>> round(learned.convergence_times, 2), round(learned.heat / thermal_energy(), 3)
    (6.0, 5.154)
    >>> print((learned.barrier([0.1, 0.5, 0.9]) / thermal_energy()).round(1))
    [ 8.3 12.6 16.8]
    """
    values = row("rates", rates, NON_NEGATIVE)
    if not values.any():
        refuse("rates", rates, "> 0 in one step at least")
    step_time = single("step_time", step_time, POSITIVE)
    pace = values * (single("curvature", curvature, POSITIVE) / step_time)
    return MatchedDiffusivity(
        SteppedRate(tuple(pace.tolist()), step_time),
        duration=values.size * step_time,
        bits=bits,
        level_spacing=level_spacing,
        attempt_rate=attempt_rate,
        spread_initial=spread_initial,
        temperature=temperature,
    )

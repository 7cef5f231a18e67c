"""Springs whose stiffness, in J per parameter², is a schedule."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib.schedules.base import TIME, Schedule
from lim_lib.symbols import (
    bits,
    diffusivity,
    displacement,
    duration,
    spread_final,
    spread_initial,
    thermal_energy,
)
from lim_lib.validate import NON_NEGATIVE, Broadcast, number, refuse


@dataclass(frozen=True)
class StaticStiffness(Schedule):
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
class _Spring(Schedule):
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

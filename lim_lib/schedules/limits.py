"""Schedules under other limits than the optimizer's drift: the device's too, or the data's."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lim_lib import bounds
from lim_lib.schedules.learning import Learning
from lim_lib.validate import POSITIVE, Broadcast, integer, refuse, single


@dataclass(frozen=True)
class TwoLimits(Learning):
    """What learns at least heat if neither optimizer nor memory can be faster: up to three phases.

    First the memory is open, D as high as it can be, while the optimizer holds back; then both do
    what they can, at constant stiffness; then the memory is matched to the optimizer. Phases that
    lie outside the spreads from start to end are absent: if the optimizer is the slow one it is
    `MatchedDiffusivity` from the start, if the device is, it is open to the end, as in
    `OptimalStiffness`. The phases are `lim_lib.bounds.Phases`, the heat is
    `lim_lib.bounds.two_limits`.

    Parameters
    ----------
    relaxation_rate : float
        The highest relaxation rate of the optimizer in 1/s.
    duration : float
        Time to solution in s; the schedule ends there.
    bits : float
        Precision b gained, > 0.
    level_spacing : float
        Distance h of neighbouring levels, in parameter units.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    diffusivity : float
        The highest diffusivity of the memory in parameter²/s.
    spread_initial : float
        Spread σ_0 before learning, in parameter units.
    temperature : float
        Temperature in K.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> both = TwoLimits(1.0, duration=10.0, bits=4, diffusivity=0.05, level_spacing=1 / 256,
    ...                  attempt_rate=1e9)
    >>> round(both.heat / thermal_energy(), 4), [round(t, 2) for t in both.phases.times]
    (5.3934, [5.68, 0.14, 4.19])
    """

    relaxation_rate: float
    duration: float
    bits: float
    level_spacing: float
    attempt_rate: float
    spread_initial: float = 1.0
    temperature: float = 300.0
    diffusivity: float = field(kw_only=True)

    def __post_init__(self):
        for name in ("relaxation_rate", "diffusivity"):
            object.__setattr__(self, name, single(name, getattr(self, name), POSITIVE))
        super().__post_init__()

    @cached_property
    def phases(self) -> bounds.Phases:
        """When and at which spreads each phase ends."""
        return bounds.Phases(
            self.bits, self.spread_initial, self.relaxation_rate, self.diffusivity, self.duration
        )

    def __call__(self, time: Any) -> Broadcast:
        """The diffusivity in parameter²/s at a time in s."""
        return self.phases.diffusivity_at(self._time(time))

    def rate(self, time: Any) -> Broadcast:
        """Relaxation rate that is used, in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self.phases.relaxation_rate_at(self._time(time))

    def variance(self, time: Any) -> Broadcast:
        """Variance of the parameter about its optimum, in parameter².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self.phases.spread_at(self._time(time)) ** 2

    def stiffness(self, time: Any) -> Broadcast:
        """Stiffness of the loss landscape, η kT/D, in J per parameter².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._kT * self.rate(time) / self(time)

    def hop_budget(self, time: Any) -> Broadcast:
        """Thermal hops per cell that the barrier allows up to a time: the integral of D/h².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        opened, both, _ = self.phases.times
        limited = np.minimum(self._time(time), min(opened + both, self.duration))
        theta = self.phases.matching_ratio
        removed = self.variance(limited) - self.variance(time)
        spread = self.diffusivity * limited + theta / (2 * (1 - theta)) * removed
        return spread / self.level_spacing**2

    @property
    def heat(self) -> float:
        """Mean heat per parameter in J."""
        return bounds.two_limits(
            1.0,
            self.bits,
            self.spread_initial,
            self.relaxation_rate,
            self.diffusivity,
            self.duration,
            self.temperature,
        )


@dataclass(frozen=True)
class NoisyExamples(Learning):
    r"""What learns at least heat from noisy examples, one a step: D = θ η s once more.

    An example is an optimum that is off by noise of variance σ²; relaxing towards each in turn for
    a step Δt at the rate η leaves the variance :math:`ds/dt = -2\eta s + 2D + \eta^2 c`,
    c = σ² Δt. Statistics needs :math:`N_{min} = \sigma^2 (1/s_f - 1/s_0)` of them; with
    z = N_min/N the optimum is η = z s/c, which falls as 1/t, and θ = (1 - z)/2. The hop rate is in
    proportion to η², and its integral is finite: Robbins and Monro's second condition is retention.
    The heat is `lim_lib.bounds.gradient_noise`. It holds for σ² well above s and for η Δt well
    below 1.

    Parameters
    ----------
    examples : int
        Number N of examples that are used, more than `examples_needed`.
    example_spread : float
        Spread σ of an example about the optimum, in parameter units.
    step_time : float
        Time Δt of one example in s.
    bits : float
        Precision b gained, > 0.
    level_spacing : float
        Distance h of neighbouring levels, in parameter units.
    attempt_rate : float
        Attempt frequency Γ_0 in 1/s.
    spread_initial : float
        Spread σ_0 before learning, in parameter units.
    temperature : float
        Temperature in K.

    Examples
    --------
    Twice as many examples as statistics needs cost 2 kT each:

    >>> from lim_lib.units import thermal_energy
    >>> learned = NoisyExamples(600, example_spread=10.0, step_time=1.0, bits=1, level_spacing=0.01,
    ...                         attempt_rate=1e9)
    >>> learned.examples_needed, round(learned.heat / thermal_energy(), 6)
    (300.0, 1200.0)
    """

    examples: int
    example_spread: float
    step_time: float
    bits: float
    level_spacing: float
    attempt_rate: float
    spread_initial: float = 1.0
    temperature: float = 300.0
    duration: float = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "examples", integer("examples", self.examples))
        for name in ("example_spread", "step_time", "bits", "spread_initial"):
            object.__setattr__(self, name, single(name, getattr(self, name), self._domain(name)))
        if self.examples <= self.examples_needed:
            refuse("examples", self.examples,
                   f"more than statistics needs, {self.examples_needed:.6g}")  # fmt: skip
        object.__setattr__(self, "duration", self.examples * self.step_time)
        super().__post_init__()

    @property
    def examples_needed(self) -> float:
        """Examples N_min that statistics needs for the bits: σ² (1/s_f - 1/s_0)."""
        return (self.example_spread / self.spread_initial) ** 2 * (4**self.bits - 1)

    @property
    def matching_ratio(self) -> float:
        """θ = D/(η s): (1 - N_min/N)/2."""
        return (1 - self.examples_needed / self.examples) / 2

    def __call__(self, time: Any) -> Broadcast:
        """The diffusivity in parameter²/s at a time in s."""
        return self.matching_ratio * self.rate(time) * self.variance(time)

    def rate(self, time: Any) -> Broadcast:
        """Relaxation rate η of the optimizer in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._gain / self.duration / (1 + self._gain * self._time(time) / self.duration)

    def variance(self, time: Any) -> Broadcast:
        """Variance of the parameter about its optimum, in parameter².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self.spread_initial**2 / (1 + self._gain * self._time(time) / self.duration)

    def stiffness(self, time: Any) -> Broadcast:
        """Stiffness of the landscape about each example, η kT/D, in J per parameter².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self._kT / (self.matching_ratio * self.variance(time))

    def hop_budget(self, time: Any) -> Broadcast:
        """Thermal hops per cell that the barrier allows up to a time: the integral of D/h².

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        removed = self._gain * self._time(time) / self.duration * self.variance(time)
        return self.matching_ratio * removed / self.level_spacing**2

    @property
    def heat(self) -> float:
        """Mean heat per parameter in J: 2 kT N_min/(1 - N_min/N)."""
        return bounds.gradient_noise(
            1.0, self.examples, self.examples_needed, temperature=self.temperature
        )

    @property
    def _gain(self) -> float:
        """By how much the inverse variance grows: (s_0 - s_f)/s_f."""
        return 4**self.bits - 1

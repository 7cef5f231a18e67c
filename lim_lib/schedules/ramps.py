"""Ramps of any control."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lim_lib.schedules.base import refuse_eternity
from lim_lib.units import thermal_energy
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    REAL,
    Broadcast,
    Domain,
    number,
    refuse,
    single,
)


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
    """A control that grows with the logarithm of time: c ln(1 + (t + t_0)/τ).

    With it as λ/kT, an annealing cools as in Geman and Geman (1984). It is not a barrier: a barrier
    freezes, it does not cool.

    Parameters
    ----------
    scale : float
        c, in the unit of the control.
    time_constant : float
        τ in s.
    age : float
        Time t_0 in s that had gone by at time 0.

    See Also
    --------
    fowler_nordheim : The same with the constants of a published annealer.

    Examples
    --------
    >>> round(LogarithmicRamp(scale=1.0, time_constant=1.0)(9.0), 4)
    2.3026
    """

    scale: float
    time_constant: float
    age: float = 0.0

    def __post_init__(self):
        domains = {"scale": REAL, "time_constant": POSITIVE, "age": NON_NEGATIVE}
        for name, domain in domains.items():
            object.__setattr__(self, name, single(name, getattr(self, name), domain))

    def __call__(self, time: Any) -> Broadcast:
        """The value at a time in s."""
        t = number("time", time, NON_NEGATIVE) + self.age
        refuse_eternity(t, self.time_constant)
        value = self.scale * np.log1p(t / self.time_constant)
        return value if np.ndim(value) else float(value)


def fowler_nordheim(
    coefficient: float, *, duration: float, maximum: float | None = None, temperature: float = 300.0
) -> LogarithmicRamp:
    r"""λ of the Fowler-Nordheim annealers, :math:`kT (\theta_m/A) \ln(1 + \theta/\theta_m)`.

    They hold the energy and lower the temperature, :math:`A/[\theta_m \ln(1+\theta/\theta_m)]`,
    while θ goes evenly from 1 to θ_m. Here the bath stays as it is and λ rises; only the ratio of
    the two counts.

    Parameters
    ----------
    coefficient : float
        A, the temperature at the start in units of H; they advise somewhat more than the largest
        change of H by a flip.
    duration : float
        Time in s in which θ goes from 1 to θ_m.
    maximum : float, optional
        θ_m > 1; by default 2 A, as published.
    temperature : float
        Temperature of the bath in K.

    Returns
    -------
    LogarithmicRamp
        λ in J per unit of H.

    References
    ----------
    Ahsan et al., Nat. Commun. 17, 5293 (2026), as in the README of their code (NeuroSA-HO): ours
    are A, θ_m for their ``anneal_coeff``, ``thld_max``; their step of θ is (θ_m - 1)/updates. For
    graphs of the G-set they took A = 60 (G4, G15, G22) and 40 (G11).

    Examples
    --------
    Of its logarithm the published one uses a single doubling, 1 to 2: it is nearly a straight rise.

    >>> from lim_lib.units import thermal_energy
    >>> schedule = fowler_nordheim(40.0, duration=1.0)
    >>> (schedule([0.0, 0.5, 1.0]) / thermal_energy()).round(3)
    array([0.025, 0.819, 1.386])
    """
    coefficient = single("coefficient", coefficient, POSITIVE)
    maximum = 2 * coefficient if maximum is None else maximum
    maximum = single("maximum", maximum, Domain(low=1.0, low_allowed=False))
    unit = single("duration", duration, POSITIVE) / (maximum - 1)
    scale = thermal_energy(temperature) * maximum / coefficient
    return LogarithmicRamp(scale, time_constant=maximum * unit, age=unit)

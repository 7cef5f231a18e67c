"""Ramps of any control."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from lim_lib.schedules.base import refuse_eternity
from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Broadcast, number, refuse, single


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
        refuse_eternity(t, self.time_constant)
        value = self.scale * np.log1p(t / self.time_constant)
        return value if np.ndim(value) else float(value)

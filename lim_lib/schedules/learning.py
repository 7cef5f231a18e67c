r"""A memory under an optimizer: its diffusivity, and the barrier that gives it, in time.

One parameter w of a quadratic loss, whose distance from the optimum has the variance s, moves with
the drift :math:`-\eta (w - w^*)` of its optimizer and with the diffusivity D of its memory:

.. math:: \frac{ds}{dt} = -2 \eta s + 2 D, \qquad D = r h^2, \qquad r = \Gamma_0 e^{-E_b/kT},

r the hops over a barrier between levels that are h apart. In the loss landscape of stiffness
:math:`k = \eta kT/D` the heat is :math:`Q = -\int (k/2)\, ds`. The integral of η, up to a time u,
up to the end U, counts *convergence times*: the variance of an optimizer without noise would fall
by exp(-2u).

Here h is well below the spread of the landscape at rest, the square root of kT/k: the levels are
close enough for the parameter to be continuous.
"""

import math
import sys
import warnings
from abc import abstractmethod
from dataclasses import fields
from typing import Any

import numpy as np

from lim_lib import symbols, units
from lim_lib.schedules.barriers import Keeps
from lim_lib.schedules.base import Schedule
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    Broadcast,
    Domain,
    RegimeWarning,
    number,
    refuse,
    single,
)

_SOME_BITS = Domain(0, symbols.BITS.high, low_allowed=False)
_NUMBERS = ("duration", "bits", "level_spacing", "attempt_rate", "spread_initial", "temperature")


def _outside() -> int:
    """How far up the first caller is that is not of the library, for a warning's place."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("lim_lib."):
        frame, level = frame.f_back, level + 1
    return level


class Learning(Keeps, Schedule):
    """A memory's diffusivity while one parameter is learned, as a schedule, and its barrier.

    Its value is the diffusivity in parameter²/s, so that it can be what `langevin` takes.
    """

    duration: float
    level_spacing: float
    attempt_rate: float
    temperature: float

    def __post_init__(self):
        taken = {item.name for item in fields(self)}
        for name in filter(taken.__contains__, _NUMBERS):
            object.__setattr__(self, name, single(name, getattr(self, name), self._domain(name)))
        most = float(np.max(self.hop_rate(self._looks())))
        if most > self.attempt_rate:
            allowed = f"at least {most:.6g} per s, the highest hop rate D/h²"
            refuse("attempt_rate", self.attempt_rate, allowed)
        apart = self.level_spacing / math.sqrt(self._kT / self.stiffness(self.duration))
        if apart > 1:
            warnings.warn(
                f"{type(self).__name__}: the levels are {apart:.3g} times as far apart as the "
                "landscape's spread at rest in the end, too far for a continuous parameter",
                RegimeWarning,
                stacklevel=_outside(),
            )

    @abstractmethod
    def stiffness(self, time: Any) -> Broadcast:
        """Stiffness of the loss landscape, η kT/D, in J per parameter²."""

    def _domain(self, name: str) -> Domain:
        return _SOME_BITS if name == "bits" else POSITIVE

    def _looks(self) -> np.ndarray:
        """Times at which the hop rate may be highest."""
        return np.zeros(1)

    def _time(self, time: Any) -> np.ndarray:
        t = number("time", time, NON_NEGATIVE)
        if np.max(t, initial=0.0) > self.duration * (1 + 1e-9):
            refuse("time", time, f"at most duration = {self.duration:g}")
        return np.minimum(t, self.duration)

    @property
    def _kT(self) -> float:
        return units.thermal_energy(self.temperature)

    def hop_rate(self, time: Any) -> Broadcast:
        """Thermal hop rate over the untilted barrier, D/h², in 1/s.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        return self(time) / self.level_spacing**2

    def barrier(self, time: Any) -> Broadcast:
        """Barrier kT ln(Γ_0 h²/D) in J; infinite where the diffusivity is zero.

        Parameters
        ----------
        time : float or array_like
            Time in s, from 0 to the duration.
        """
        with np.errstate(divide="ignore"):
            height = self._kT * np.log(self.attempt_rate / np.asarray(self.hop_rate(time)))
        return height if height.ndim else float(height)

    def _last_hop_rate(self) -> float:
        return self.hop_rate(self.duration)

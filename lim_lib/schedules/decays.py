"""Rates: how an optimizer converges."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib.schedules.base import (
    Schedule,
    exponential,
    exponential_integral,
    power_law,
    power_law_integral,
)
from lim_lib.symbols import update_rate
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Broadcast, Domain, number, refuse, row, single


@dataclass(frozen=True)
class _Decay(Schedule):
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

    expression: ClassVar[sp.Expr] = exponential(update_rate)
    total: ClassVar[sp.Expr] = exponential_integral(update_rate)


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

    expression: ClassVar[sp.Expr] = power_law(update_rate)
    total: ClassVar[sp.Expr] = power_law_integral(update_rate)


@dataclass(frozen=True)
class SteppedRate:
    """A rate that stays as it is during each of equal steps: a tabulated learning rate.

    Its integral is exact.

    Parameters
    ----------
    rates : sequence of float
        The rate in each step in 1/s, >= 0.
    step_time : float
        Length of a step in s.

    Examples
    --------
    >>> rate = SteppedRate([1.0, 3.0, 0.0], step_time=2.0)
    >>> rate([0.0, 2.0, 6.0]).tolist(), rate.integral([1.0, 3.0, 6.0]).tolist()
    ([1.0, 3.0, 0.0], [1.0, 5.0, 8.0])
    """

    rates: tuple
    step_time: float

    def __post_init__(self):
        rates = row("rates", self.rates, NON_NEGATIVE)
        object.__setattr__(self, "rates", tuple(rates.tolist()))
        object.__setattr__(self, "step_time", single("step_time", self.step_time, POSITIVE))

    def __call__(self, time: Any) -> Broadcast:
        """The rate at a time in s; at the end of a step, that of the next one."""
        step, _ = self._place(time)
        return _plain(self._table[0][step])

    def integral(self, time: Any) -> Broadcast:
        """The integral of the rate up to a time.

        Parameters
        ----------
        time : float or array_like
            Time in s, >= 0.
        """
        step, inside = self._place(time)
        rates, sums = self._table
        return _plain(sums[step] + rates[step] * inside)

    @property
    def duration(self) -> float:
        """The end of the last step, in s."""
        return len(self.rates) * self.step_time

    @property
    def stops(self) -> np.ndarray:
        """Where the steps begin, in s."""
        return np.arange(len(self.rates)) * self.step_time

    @cached_property
    def _table(self) -> tuple[np.ndarray, np.ndarray]:
        """The rates, and their integral at the beginning of each step."""
        rates = np.array(self.rates)
        return rates, np.append(0.0, np.cumsum(rates[:-1])) * self.step_time

    def _place(self, time):
        """In which step a time is, and how long since that began."""
        t = np.asarray(number("time", time, NON_NEGATIVE))
        if np.max(t, initial=0.0) > self.duration * (1 + 1e-9):
            refuse("time", time, f"at most {len(self.rates)} steps = {self.duration:g} s")
        step = np.floor(t / self.step_time * (1 + 1e-12)).astype(int)  # an end, rounded, is an end
        step = np.minimum(step, len(self.rates) - 1)
        return step, np.clip(t - step * self.step_time, 0, self.step_time)


def _plain(value: np.ndarray) -> Broadcast:
    return value if np.ndim(value) else float(value)

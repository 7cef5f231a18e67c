"""Rates that fall: how an optimizer converges."""

from dataclasses import dataclass
from typing import Any, ClassVar

import sympy as sp

from lim_lib.schedules.base import (
    Schedule,
    exponential,
    exponential_integral,
    power_law,
    power_law_integral,
)
from lim_lib.symbols import update_rate
from lim_lib.validate import POSITIVE, Broadcast, Domain


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

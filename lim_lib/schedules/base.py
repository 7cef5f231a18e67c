"""What all schedules are: frozen, callable with a time, their formulas SymPy expressions."""

import sys
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from lim_lib import symbols
from lim_lib.formula import StableFunction, numeric
from lim_lib.symbols import exponent, time_constant
from lim_lib.validate import NON_NEGATIVE, Broadcast, Domain, number, refuse, single

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


def exponential(initial: sp.Expr) -> sp.Expr:
    """A quantity that falls exponentially."""
    return initial * sp.exp(-TIME / time_constant)


def power_law(initial: sp.Expr) -> sp.Expr:
    """A quantity that falls as a power of the time."""
    return initial * (1 + TIME / time_constant) ** -exponent


def exponential_integral(initial: sp.Expr) -> sp.Expr:
    """Its integral from 0 to the time."""
    return initial * time_constant * (1 - sp.exp(-TIME / time_constant))


def power_law_integral(initial: sp.Expr) -> sp.Expr:
    """Its integral from 0 to the time."""
    decades = sp.log(1 + TIME / time_constant)
    return initial * time_constant * decades * ExponentialMean((1 - exponent) * decades)


@cache
def _fields(expression: sp.Expr) -> tuple[str, ...]:
    """Names of the quantities in an expression, which are fields of its schedule."""
    found = expression.free_symbols
    known = symbols.QUANTITIES.items()
    return tuple(name for name, q in known if q.symbol in found and name != "boltzmann")


def refuse_eternity(time: float | np.ndarray, time_constant: float) -> None:
    """Refuse a time whose number of time constants no double holds."""
    if np.max(time, initial=0.0) > time_constant * sys.float_info.max:
        refuse("time", time, f"at most 1.8e308 time constants of {time_constant:g} s")


@dataclass(frozen=True)
class Schedule:
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
            refuse_eternity(t, self.time_constant)
        return self._evaluated(expression, TIME, t)

    def _evaluated(self, expression: sp.Expr, variable: sp.Symbol, values: Any) -> Broadcast:
        """An expression in the fields and one variable, at some values of it."""
        names = _fields(expression)
        given = [getattr(self, name) for name in names]
        arguments = (variable, *(symbols.QUANTITIES[name].symbol for name in names))
        with np.errstate(under="ignore"):
            result = numeric(expression, arguments)(values, *given)
        result = np.broadcast_to(result, np.shape(values))
        return result.copy() if result.ndim else float(result)

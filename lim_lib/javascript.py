"""Formulas in JavaScript: a page computes from the expressions that the library computes from.

`source` prints an expression with the identities of `lim_lib.formula`, so that it is as exact in a
browser; `record` is all that a page needs to answer as the formula does: its value, what it
refuses in which words, and where it warns. The script ``scenes/js/numbers.js`` holds what the
printed expressions call, and evaluates the records.

Contents: `source`, `record`.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from lim_lib import symbols
from lim_lib.formula import Formula, Identities
from lim_lib.units import BOLTZMANN
from lim_lib.validate import Domain, refuse

__all__ = ["record", "source"]


class StableJavaScript(Identities, JavascriptCodePrinter):
    """SymPy's JavaScript printer, with the identities of `lim_lib.formula`."""

    functions = "Math."
    lazily = "() => "

    def __init__(self, names: Mapping[sp.Symbol, str]):
        super().__init__()
        self._names = {**names, symbols.boltzmann: repr(BOLTZMANN)}

    def _helper(self, name: str) -> str:
        first, *others = re.findall("[A-Z]?[a-z]+", name)
        return f"lim.{first.lower()}{''.join(map(str.capitalize, others))}"

    def _print_Symbol(self, expr):
        if expr not in self._names:
            refuse("expression", expr, f"in the symbols of {', '.join(map(str, self._names))}")
        return self._names[expr]

    def _print_Float(self, expr):
        return repr(float(expr))

    def _print_Tuple(self, expr):
        return f"[{', '.join(map(self._print, expr))}]"


def source(expression: sp.Basic, names: Mapping[sp.Symbol, str] | None = None) -> str:
    """An expression in JavaScript, Boltzmann's constant filled in.

    Parameters
    ----------
    expression : sympy.Expr, sympy.Tuple, or a relation
        In the symbols of `lim_lib.symbols`, or in those that are named.
    names : mapping of sympy.Symbol to str, optional
        The name of each symbol's value; by default its name in the notation table.

    Returns
    -------
    str
        It calls functions of ``Math``, and of the script of the numbers as ``lim.…``.

    Raises
    ------
    ValueError
        If a symbol has no name.

    Examples
    --------
    >>> source(symbols.thermal_energy * sp.log(1 + symbols.drive))
    'temperature*1.380649e-23*Math.log1p(drive)'
    >>> x = sp.Symbol("x")
    >>> source(sp.exp(x) - 1, {x: "x"})
    '(Math.expm1(x))'
    """
    return StableJavaScript(symbols.NAMES if names is None else names).doprint(expression)


def record(formula: Formula) -> dict[str, Any]:
    """A formula as data, from which a page computes what the library computes.

    Parameters
    ----------
    formula : Formula
        A rung of the ladder, or any other formula.

    Returns
    -------
    dict
        Made of what JSON knows: ``key`` and ``arguments``; the printed ``value``; for each argument
        the ends of its ``domains`` (None if there is no end), whether an end is left out, and the
        domain in words; ``requires`` and ``regime`` with their printed relations and numbers;
        of a rung also the formulas of its ``defaults``, and its ``variant`` or None.

    Examples
    --------
    >>> from lim_lib.bounds import landauer
    >>> printed = record(landauer)
    >>> printed["value"]
    'model_size*temperature*bits*1.380649e-23*Math.log(2)'
    >>> printed["domains"]["bits"]
    [0, 64, False, False, 'a finite number >= 0 and <= 64']
    """
    names = {symbols.QUANTITIES[name].symbol: name for name in formula.arguments}

    def printed(expression: sp.Basic | None) -> str | None:
        return None if expression is None else source(expression, names)

    def domain(name: str) -> Domain:
        return formula.domains.get(name, symbols.QUANTITIES[name].domain)

    variant = getattr(formula, "variant", None)
    return {
        "key": formula.key,
        "arguments": list(formula.arguments),
        "value": printed(formula.expression),
        "domains": {name: _ends(domain(name)) for name in formula.arguments},
        "requires": [
            {
                "holds": printed(each.holds),
                "names": sorted(names[symbol] for symbol in each.holds.free_symbols & {*names}),
                "text": each.text,
                "limit": printed(each.limit),
                "report": each.report,
            }
            for each in formula.requires
        ],
        "regime": [
            {
                "holds": printed(each.holds),
                "excess": printed(each.excess),
                "text": each.text,
                "report": each.report,
            }
            for each in formula.regime
        ],
        "defaults": {n: record(each) for n, each in getattr(formula, "defaults", {}).items()},
        "variant": variant and record(variant),
    }


def _ends(domain: Domain) -> list[Any]:
    ends = [end if math.isfinite(end) else None for end in (domain.low, domain.high)]
    return [*ends, not domain.low_allowed, not domain.high_allowed, str(domain)]

"""An answer that a reader types and the page checks, with a hint at what may have gone wrong.

What `lim_lib.grading` says of a student's answer, the page says of a reader's: the same slips, the
same words. The reference goes into the page, so it is for exercises whose solutions stand there
anyway, and never for an exam.

Contents: `Answer`.
"""

import html
import re
from collections.abc import Mapping
from typing import Any

import sympy as sp

from lim_lib import grading, javascript, symbols
from lim_lib.fragments import script_data
from lim_lib.scenes.scene import script, style
from lim_lib.validate import refuse

__all__ = ["Answer"]

_OPEN = {symbols.boltzmann: sp.Symbol("k_B")}
"""Boltzmann's constant as a letter that an answer contains, like any other."""

_CODES = {row.symbol: row.name for row in symbols.NOTATION}
"""What each symbol is called in the page."""


class Answer:
    """A line to type an answer into, and a button that checks it.

    Parameters
    ----------
    asks : str
        What is asked for, in a few words.
    reference : (float, str) or sympy.Expr
        The right answer: a number and its unit, or an expression.
    tolerance : float
        Relative error that a number may have.

    Raises
    ------
    TypeError, ValueError
        In one line, if any of these cannot be used.

    Examples
    --------
    >>> Answer("heat of a bit", (2.87, "zJ"))
    Answer(heat of a bit, in zJ)
    >>> from lim_lib.bounds import landauer
    >>> Answer("Landauer's bound", landauer.expression)
    Answer(Landauer's bound, in M, T, b, k_B)
    """

    def __init__(self, asks: str, reference: Any, *, tolerance: float = 0.01):
        if not isinstance(asks, str) or not asks.strip():
            refuse("asks", asks, "a few words")
        if isinstance(reference, sp.Expr):
            self._told = _formula(reference)
            self._form = ", ".join(self._told["shown"])
        else:
            try:
                number, unit = reference
                grading.is_quantity(reference, unit)
            except (TypeError, ValueError, KeyError, grading.Hint):
                allowed = "an expression, or a number with a unit that is known"
                refuse("reference", reference, allowed, TypeError)
            self._told = _quantity(number, unit, tolerance)
            self._form = unit
        self.asks, self.reference, self.tolerance = asks, reference, tolerance

    def __repr__(self) -> str:
        return f"Answer({self._asked()})"

    def _asked(self) -> str:
        """What is asked for, and in which unit or symbols, if in any."""
        return self.asks if self._form in ("1", "") else f"{self.asks}, in {self._form}"

    def html(self) -> str:
        """The fragment of HTML: it needs nothing else.

        Returns
        -------
        str
        """
        return _FRAGMENT.format(
            style=style(("frame", "answer")),
            asks=html.escape(self._asked()),
            data=script_data(self._told),
            script=script("numbers") + script("answer"),
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {"text/plain": repr(self), "text/html": self.html()}


def _slips() -> list[list[Any]]:
    """The factors of usual slips, as numbers and as they are written."""
    return [[float(factor), str(factor), look] for factor, look in grading.slips()]


def _quantity(number: float, unit: str, tolerance: float) -> dict[str, Any]:
    size, dimension = grading.unit_of(unit)
    return {
        "value": float(number) * size,
        "unit": unit,
        "dimension": str(dimension),
        "tolerance": tolerance,
        "slips": _slips(),
        **_units({unit}),
    }


def _units(further: set[str]) -> Mapping[str, Any]:
    """Units that may be typed, each with its size in SI units and its dimension."""
    names = {*grading.units(), *further}
    found = {name: grading.unit_of(name) for name in sorted(names)}
    return {
        "units": {name: [size, str(dimension)] for name, (size, dimension) in found.items()},
        "kinds": {str(each): grading.kind_of(each) for _, each in found.values()},
        "misread": grading.MISREAD,
        "known": sorted({*grading.MISREAD, *further}),
    }


def _formula(reference: sp.Expr) -> dict[str, Any]:
    free = sorted(reference.xreplace(_OPEN).free_symbols, key=str)
    shown = [re.sub(r"[{}]", "", str(symbol)) for symbol in free]
    codes = {symbol: _CODES.get(symbol, name) for symbol, name in zip(free, shown, strict=True)}

    def printed(expression: sp.Expr) -> str:
        return javascript.source(expression.xreplace(_OPEN), codes)

    return {
        "symbols": list(codes.values()),
        "shown": shown,
        "source": printed(reference),
        "terms": [[printed(term), about] for term, about in grading.terms(reference)],
        "slips": _slips(),
    }


_FRAGMENT = """\
<div class="lim-scene lim-answer" hidden>
<style class="lim-style">{style}</style>
<form><label>{asks}<input type="text" autocomplete="off" autocapitalize="off" spellcheck="false"
></label><button>Check</button></form>
<p class="lim-note" role="status"></p>
<script type="application/json" class="lim-data">{data}</script>
<script data-scripts="numbers answer">{script}</script>
<script>lim.ask(document.currentScript.parentElement);</script>
</div>
"""

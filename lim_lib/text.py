"""Numbers and times as text, for pictures, sliders and tables; and what a cell of a notebook found.

Read back, a text is the number to the digits that it shows. Typography: a true minus sign, powers
of ten as ``9.96 × 10⁴``, narrow spaces in what has five digits or more before the point.
Energies are written by `lim_lib.units.format_energy`. `show` says in words what was found.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from lim_lib.units import MOST_DIGITS, YEAR, format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, REAL, integer, refuse, single

__all__ = [
    "counted",
    "duration",
    "energy_with_error",
    "fixed",
    "number",
    "percent",
    "power_of_ten",
    "printed",
    "show",
    "with_error",
]

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS, _NARROW_SPACE = "\N{MINUS SIGN}", "\N{NARROW NO-BREAK SPACE}"
_LARGEST, _LARGEST_OF_YEARS = 1e4, 1e6
SPANS = (
    (YEAR, "year"),
    (YEAR / 12, "month"),
    (86400.0, "day"),
    (3600.0, "hour"),
    (60.0, "minute"),
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "μs"),
    (1e-9, "ns"),
)
"""Units of time in s, the largest first."""


def power_of_ten(exponent: int) -> str:
    """A power of ten.

    Examples
    --------
    >>> power_of_ten(-9), power_of_ten(15)
    ('10⁻⁹', '10¹⁵')
    """
    return "10" + str(int(exponent)).translate(_SUPERSCRIPT)


def printed(numeral: str) -> str:
    """What Python's formatting wrote, in print.

    Examples
    --------
    >>> printed("2.5e-10"), printed("1e+06"), printed("-0.3")
    ('2.5 × 10⁻¹⁰', '10⁶', '−0.3')
    """
    mantissa, _, exponent = numeral.replace("-", _MINUS, numeral.startswith("-")).partition("e")
    if not exponent:
        return mantissa
    power = power_of_ten(int(exponent))
    if mantissa.strip("+" + _MINUS) == "1":
        return mantissa.replace("1", power)
    return f"{mantissa} × {power}"


def number(value: Any, digits: int = 3) -> str:
    """A number to so many significant digits; with a power of ten from 10 000 on and below 0.0001.

    Parameters
    ----------
    value : float
    digits : int
        Significant digits; of what stands before the point, no digit is left out.

    Returns
    -------
    str

    Raises
    ------
    ValueError, TypeError
        If the value is not one finite number.

    Examples
    --------
    >>> number(99600), number(1234.5), number(-0.25), number(1e-9)
    ('9.96 × 10⁴', '1234', '−0.25', '10⁻⁹')
    """
    digits = integer("digits", digits, 1, MOST_DIGITS)
    return _number(single("value", value, REAL), digits, _LARGEST)


def _number(value: float, digits: int, largest: float) -> str:
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    places = max(0, digits - 1 - int(exponent))
    rounded = float(f"{value:.{places}f}") + 0.0
    if value != 0 and (int(exponent) < -4 or abs(rounded) >= largest):
        return printed(f"{_short(mantissa)}e{exponent}")
    group = "," if abs(rounded) >= _LARGEST else ""
    return printed(_short(f"{rounded:{group}.{places}f}").replace(",", _NARROW_SPACE))


def _short(numeral: str) -> str:
    """A decimal fraction without zeros at its end."""
    return numeral.rstrip("0").removesuffix(".") if "." in numeral else numeral


def fixed(value: Any, places: int, *, signed: bool = False) -> str:
    """A number with so many decimal places, never minus zero; `signed` ones say their plus.

    Examples
    --------
    >>> fixed(-0.04, 1), fixed(2.5, 2, signed=True), fixed(-1.25, 1)
    ('0.0', '+2.50', '−1.2')
    """
    value = round(single("value", value, REAL), integer("places", places, 0)) + 0.0
    return printed(f"{value:{'+' if signed else ''}.{places}f}")


def with_error(value: float, error: float, unit: str = "") -> str:
    """A value and its standard error, to two digits of the error: none if it is zero, ? if unknown.

    Examples
    --------
    >>> with_error(0.77412, 0.0051, "kT"), with_error(-1234567.0, 2100.0)
    ('0.7741 ± 0.0051 kT', '(−1.2346 ± 0.0021) × 10⁶')
    >>> with_error(2.0, 0.0), with_error(2.0, math.nan), with_error(math.nan, math.nan)
    ('2', '2 ± ?', 'unknown')
    """
    if math.isnan(value):
        return "unknown"
    if not 0 < error < math.inf or math.isinf(value):
        told = printed(f"{value:.4g}") + ("" if error == 0 else " ± ?")
    else:
        places = 1 - math.floor(math.log10(error))
        if 0 <= places <= 6:
            told = f"{fixed(value, places)} ± {fixed(error, places)}"
        else:
            power = math.floor(math.log10(max(abs(value), error)))
            both = (fixed(each / 10.0**power, places + power) for each in (value, error))
            told = f"({' ± '.join(both)}) × {power_of_ten(power)}"
    return f"{told} {unit}".rstrip()


def energy_with_error(joules: float, error: float, temperature: float) -> str:
    """An energy and its standard error in kT, and in joules.

    Examples
    --------
    >>> energy_with_error(-3.2e-21, 2e-23, temperature=300.0)
    '−0.7726 ± 0.0048 kT, −3.2 zJ'
    """
    kT = thermal_energy(temperature)
    told = with_error(joules / kT, error / kT, "kT")
    if not joules or not math.isfinite(joules):
        return told
    return f"{told}, {format_energy(joules).replace('-', _MINUS)}"


def percent(share: Any, digits: int = 2, *, least: float = 0.0) -> str:
    """A share in per cent, down to a least one that is worth telling.

    Examples
    --------
    >>> percent(0.1234), percent(0.999), percent(2e-6, least=1e-4)
    ('12 %', '100 %', 'under 0.01 %')
    """
    value = single("share", share, REAL)
    if abs(value) < least:
        return f"under {number(100 * least, digits)} %"
    return f"{number(100 * value, digits)} %"


def counted(value: Any, one: str, many: str = "", digits: int = 3) -> str:
    """A number of things, in the singular if it is one.

    Examples
    --------
    >>> counted(1, "bit"), counted(8, "bit"), counted(2, "vertex", "vertices")
    ('1 bit', '8 bits', '2 vertices')
    """
    told = number(value, digits)
    return f"{told} {one if told == '1' else many or f'{one}s'}"


def duration(seconds: Any, digits: int = 2) -> str:
    """A time in the largest unit that it fills, from nanoseconds to years.

    Parameters
    ----------
    seconds : float
    digits : int
        Significant digits.

    Returns
    -------
    str

    Raises
    ------
    ValueError, TypeError
        If it is not one finite number from 0 on.

    Examples
    --------
    >>> duration(1.73e7), duration(86400), duration(1e-3), duration(7.76e7 * YEAR)
    ('6.6 months', '1 day', '1 ms', '7.8 × 10⁷ years')
    """
    value = single("seconds", seconds, NON_NEGATIVE)
    integer("digits", digits, 1, MOST_DIGITS)
    if value == 0:
        return "0 s"
    at = next((i for i, (size, _) in enumerate(SPANS) if value >= size), len(SPANS) - 1)
    size, unit = SPANS[at]
    length = float(f"{value / size:.{digits - 1}e}")
    if at and length * size >= SPANS[at - 1][0]:  # rounded up to the next unit: 60 s
        length, unit = 1.0, SPANS[at - 1][1]
    told = _number(length, digits, _LARGEST_OF_YEARS)
    return f"{told} {unit}{'s' if len(unit) > 2 and told != '1' else ''}"


_NUMERAL = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")


def _typeset(thing: Any) -> str:
    """A number, a text or several of them, with numerals, products and per cent in print."""
    if isinstance(thing, str):
        told = _NUMERAL.sub(lambda numeral: _grouped(numeral[0]), thing)
        return re.sub(r"(?<=\d)%", "\N{NO-BREAK SPACE}%", re.sub(r"(?<=\d) x (?=\d)", " × ", told))
    if np.iterable(thing):
        return ", ".join(map(_typeset, thing))
    return _typeset(f"{thing:.12g}" if isinstance(thing, float) else str(thing))


def _grouped(numeral: str) -> str:
    """A numeral in print, the digits before its point in threes if they are five or more."""
    whole, point, rest = numeral.partition(".")
    if len(whole.strip("+-")) > 4 and "e" not in numeral:
        whole = f"{int(whole):{'+' if whole.startswith('+') else ''},}".replace(",", _NARROW_SPACE)
    return printed(whole + point + rest)


class Shown:
    """What a cell found: a sentence or a table, as text and in a notebook. Made by `show`."""

    def __init__(self, sentence: str, columns: Mapping[str, list[str]]):
        self.sentence, self.columns = sentence, columns

    def _rows(self) -> list[tuple[str, ...]]:
        return [tuple(self.columns), *zip(*self.columns.values(), strict=True)]

    def __repr__(self) -> str:
        if not self.columns:
            return self.sentence
        wide = [max(map(len, column)) for column in zip(*self._rows(), strict=True)]
        lines = ("  ".join(map(str.ljust, row, wide)).rstrip() for row in self._rows())
        return "\n".join(lines)

    def _repr_markdown_(self) -> str:
        if not self.columns:
            return _escaped(self.sentence)
        head, *rows = (f"| {' | '.join(map(_escaped, row))} |" for row in self._rows())
        return "\n".join([head, "| --- " * len(self.columns) + "|", *rows])


def _escaped(told: str) -> str:
    """A text without markup, in Markdown."""
    return re.sub(r"([\\`*_|<$~\[\]])", r"\\\1", told)


def show(*told: Any, **columns: Any) -> Shown:
    """What was found, in words: a sentence, or a table.

    Numerals are put in print: ``-2.5e-10`` as −2.5 × 10⁻¹⁰, ``17085`` as 17 085, ``9%`` as 9 %.

    Parameters
    ----------
    *told : str, number, or several of them; or a mapping
        Parts of a sentence, which commas join; a mapping alone is a table of names and values.
    **columns : str, number, or several of them
        Headings and what stands below them, as many in each column; an underscore is a space.

    Returns
    -------
    Shown

    Raises
    ------
    ValueError
        If there is nothing to show, a sentence beside a table, or columns of unequal lengths.

    Examples
    --------
    >>> show("253 zJ", f"{1.2e-9:.0e} of -3.5 kT")
    253 zJ, 10⁻⁹ of −3.5 kT
    >>> show(hops=[1, 10], heat=["5.8 kT", "3.5 kT"])
    hops  heat
    1     5.8 kT
    10    3.5 kT
    >>> show({"arithmetic": 1, "reads": "9.2e+03"})
    quantity    value
    arithmetic  1
    reads       9.2 × 10³
    """
    if len(told) == 1 and isinstance(told[0], Mapping):
        (named,), told = told, ()
        columns = {"quantity": list(named), "value": list(named.values())} | columns
    if bool(told) == bool(columns):
        refuse("show()", told + tuple(columns), "a sentence or a table")
    table = {
        _typeset(heading.replace("_", " ")): [
            *map(_typeset, [below] if isinstance(below, str) or not np.iterable(below) else below)
        ]
        for heading, below in columns.items()
    }
    lengths = {heading: len(column) for heading, column in table.items()}
    if len(set(lengths.values())) > 1:
        refuse("columns", lengths, "of one length")
    return Shown(_typeset(told), table)

"""Numbers on the command line: plain, with a unit, counted in billions, or several of them.

A plain number is in the SI unit of its option. A unit is read by pint, which is imported only where
one stands: ``"1287 MWh"``, ``"10 years"``, ``"5 fJ/update"``, ``"-269 degC"``. What has no unit may
be counted: ``"175 B"`` is 1.75e11 (k, M, B or G, T, P, E), and ``"15T tokens"`` says of what. So B
is a billion where a number is counted, and a byte where a unit stands; M alone is a million, MJ a
megajoule; a year is Julian.

Several: ``"4,8,16"``, or ``"1e9:1e12:4"`` from low to high, each as many times the one before. A
unit behind the last holds for all.
"""

import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

_BEGIN = re.compile(r"\s*([-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[-+]?\d+)?)", re.IGNORECASE)
_COUNTS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "b": 1e9, "G": 1e9, "T": 1e12, "t": 1e12}
_COUNTS |= {"P": 1e15, "E": 1e18, "bn": 1e9, "thousand": 1e3, "million": 1e6, "billion": 1e9}
_COUNTS |= {"trillion": 1e12}
_DECIMAL_COMMA = re.compile(r"\s*[-+]?\d+,\d+(?:e[-+]?\d+\b.*|\s*[^\d\s,:].*)", re.IGNORECASE)
_THOUSANDS = re.compile(r"\s*[-+]?\d{1,3}(?:,\d{3})*,000(?:,\d{3})*\b.*")
_NAME = re.compile(r"[A-Za-z]\w*")
_LONGEST = 80
_MOST = 1000

_DEFINITIONS = (
    "bit = [information]",  # pint's has no dimension: 5 pJ would be an energy per bit
    *(f"{name} = 1" for name in ("parameter", "token", "example", "step", "spin", "solution")),
    *(f"{name} = 1" for name in ("update", "event", "flip", "write", "read", "pulse", "episode")),
    "operation = 1 = op",
    "FLOP = 1",
    "@alias FLOP = FLOPs = FLOPS",
)


@cache
def _registry() -> Any:
    import pint

    registry: Any = pint.UnitRegistry(on_redefinition="ignore")
    for line in _DEFINITIONS:
        registry.define(line)
    return registry


def written(unit: str) -> str:
    """A unit of a table of the library as it is told to people."""
    return unit.replace("**", "^")


def quantity(unit: str, names: bool = False) -> Callable[[str], Any]:
    """What makes a number in this unit of an option's text.

    Parameters
    ----------
    unit : str
        Of the option, in SI units; ``"1"`` for a number that is counted.
    names : bool
        Whether a name, such as the id of a row of hardware, may stand for a number.

    Returns
    -------
    callable
        From text to float or str; it raises ``ArgumentTypeError``, whose one line names the unit
        wanted and the unit given.

    Examples
    --------
    >>> [f"{quantity(unit)(text):.4g}" for unit, text in (("1", "175 B"), ("J", "1287 MWh"))]
    ['1.75e+11', '4.633e+12']
    >>> quantity("J")("3 days")
    Traceback (most recent call last):
    argparse.ArgumentTypeError: must be a number of J, got '3 days', which is in day
    """

    def one(text: str) -> Any:
        found = several(unit, names)(text)
        if isinstance(found, list):
            _refuse(unit, text, number="one number")
        return found

    return one


def several(unit: str, names: bool = False) -> Callable[[str], Any]:
    """What makes a number, or a list of them, in this unit of an option's text.

    Parameters
    ----------
    unit, names
        As for `quantity`.

    Examples
    --------
    >>> several("bit")("4,8,16"), several("1")("1:100:3"), several("J/bit", names=True)("hbm2")
    ([4.0, 8.0, 16.0], [1.0, 10.0, 100.0], 'hbm2')
    >>> several("1")("2,5k")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    argparse.ArgumentTypeError: must be a number, got '2,5k': for one number write 2.5k, for two ...
    """

    def many(text: str) -> Any:
        if _DECIMAL_COMMA.fullmatch(text) and text.count(",") == 1:
            one, two = text.replace(",", "."), text.replace(",", ".0,")
            _refuse(unit, text, f": for one number write {one}, for two {two}")
        if _THOUSANDS.fullmatch(text):
            _refuse(unit, text, ": without commas between thousands")
        if ":" in text:
            return _range(unit, text)
        parts = text.split(",")
        named = [names and bool(_NAME.fullmatch(part.strip())) for part in parts]
        rest = [part for part, name in zip(parts, named, strict=True) if not name]
        numbers = iter(_in_units(unit, text, rest) if rest else ())
        found = [
            part.strip() if name else next(numbers) for part, name in zip(parts, named, strict=True)
        ]
        return found if len(found) > 1 else found[0]

    return many


def _shown(text: str) -> str:
    from lim_lib.validate import shown

    return shown(text)


def _refuse(unit: str, text: str, why: str = "", number: str = "a number") -> NoReturn:
    of = "" if unit == "1" else f" of {written(unit)}"
    raise ArgumentTypeError(f"must be {number}{of}, got {_shown(text)}{why}")


def _range(unit: str, text: str) -> list[float]:
    """LOW:HIGH:COUNT, with a unit behind if there is one."""
    from numpy import geomspace

    low, high, count = ([*text.split(":"), "", ""])[:3]
    number = re.match(r"\s*(\d+)", count)
    if text.count(":") != 2 or number is None or not 2 <= int(number[1]) <= _MOST:
        _refuse(unit, text, f": a range is LOW:HIGH:COUNT, COUNT from 2 to {_MOST}")
    behind = count[number.end() :]
    ends = _in_units(unit, text, [low, f"{high} {behind}"])
    if min(ends) <= 0:
        _refuse(unit, text, ": a range is geometric, its ends above zero")
    return geomspace(ends[0], ends[1], int(number[1])).tolist()


def _in_units(unit: str, text: str, parts: list[str]) -> list[float]:
    """The parts of a text as numbers in this unit."""
    begins = [begin for part in parts if (begin := _BEGIN.match(part))]
    if len(begins) < len(parts):
        return [_plain(unit, text, part) for part in parts]
    units = [part[begin.end() :].strip() for part, begin in zip(parts, begins, strict=True)]
    if units[-1] and not any(units[:-1]):
        units = [units[-1]] * len(units)
    elif any(units) and not all(units):
        _refuse(unit, text, ": give each its unit, or one unit behind the last")
    return [
        _converted(unit, text, float(begin[1]), own)
        for begin, own in zip(begins, units, strict=True)
    ]


def _plain(unit: str, text: str, part: str) -> float:
    """What Python takes for a number though it begins with no digit, such as nan."""
    try:
        return float(part)
    except ValueError:
        _refuse(unit, text)


def _converted(unit: str, text: str, number: float, own: str) -> float:
    if unit == "1" and (word := re.match(r"[A-Za-z]+\b", own)) and word[0] in _COUNTS:
        number, own = number * _COUNTS[word[0]], own[word.end() :].strip()
    if not own:
        return number
    if len(own) > _LONGEST:
        _refuse(unit, text, ": the unit is too long")
    registry = _registry()
    wanted = registry.parse_units("" if unit == "1" else unit)
    try:
        given = registry.parse_units(f"1{own}" if own.startswith("/") else own)
    except Exception:  # whatever pint raises at what is no unit
        _refuse(unit, text, f": {_shown(own)} is no unit{_meant(own, wanted)}")
    if given.dimensionality != wanted.dimensionality:
        _refuse(unit, text, f", which is in {given}")
    return float(registry.Quantity(number, given).to(wanted).magnitude)


def _meant(own: str, wanted: Any) -> str:
    """The unit of the right kind that differs in capitals alone, if there is one."""
    registry = _registry()
    try:
        near = registry.parse_units(own, case_sensitive=False)
    except Exception:  # whatever pint raises at what is no unit
        return ""
    return f" (did you mean {near:~}?)" if near.dimensionality == wanted.dimensionality else ""

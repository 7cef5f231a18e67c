"""Arguments, checked once, at the public boundary.

A value that cannot be used is refused in one line that names the argument, what is allowed and
what came: ``TypeError`` if it is no number at all (text, None, complex, a truth value),
``ValueError`` if it is a number or an array that is not allowed (negative, NaN, infinite, ragged).
A formula that is evaluated where it does not hold answers, and warns with `RegimeWarning`.
"""

import difflib
import math
import numbers
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, overload

import numpy as np

Numbers = Sequence[Any] | np.ndarray
"""Several numbers: a (nested) sequence of them, or an array."""

Broadcast = Any
"""A float where all arguments are numbers, an array where one is: no type says which."""


class RegimeWarning(UserWarning):
    """A formula was evaluated outside the regime in which it holds."""


@dataclass(frozen=True)
class Domain:
    """The numbers that an argument may take: an interval, always finite.

    Parameters
    ----------
    low, high : float
        Ends of the interval.
    low_allowed, high_allowed : bool
        Whether an end itself is allowed.

    Examples
    --------
    >>> print(Domain(0, 0.5, low_allowed=False, high_allowed=False))
    a finite number > 0 and < 0.5
    >>> 0.0 in NON_NEGATIVE, 0.0 in POSITIVE
    (True, False)
    """

    low: float = -math.inf
    high: float = math.inf
    low_allowed: bool = True
    high_allowed: bool = True

    def __contains__(self, value: float) -> bool:
        above = self.low <= value if self.low_allowed else self.low < value
        below = value <= self.high if self.high_allowed else value < self.high
        return bool(above and below and -math.inf < value < math.inf)

    def __str__(self) -> str:
        ends = []
        if self.low > -math.inf:
            ends.append(f"{'>=' if self.low_allowed else '>'} {self.low:g}")
        if self.high < math.inf:
            ends.append(f"{'<=' if self.high_allowed else '<'} {self.high:g}")
        return " ".join(["a finite number", " and ".join(ends)]).strip()


REAL = Domain()
NON_NEGATIVE = Domain(low=0)
POSITIVE = Domain(low=0, low_allowed=False)


_WRITTEN_BITS = 14_000  # Python writes no longer integers out


def shown(value: Any) -> str:
    """A value on one short line, for a message."""
    if isinstance(value, int) and value.bit_length() > _WRITTEN_BITS:
        return f"an integer of about {value.bit_length() * math.log10(2):.0f} digits"
    try:
        text = " ".join(reprlib.repr(value).split())
    except ValueError:
        return f"a {type(value).__name__} with a number too long to be written"
    return text if len(text) <= 80 else f"{text[:77]}..."


def refuse(name: str, value: Any, allowed: object, error: type[Exception] = ValueError) -> NoReturn:
    """Raise the one line that every refusal has: argument, what is allowed, value."""
    raise error(f"{name} must be {allowed}, got {shown(value)}")


@overload
def number(name: str, value: float, domain: Domain = REAL) -> float: ...
@overload
def number(name: str, value: Numbers, domain: Domain = REAL) -> np.ndarray: ...
@overload
def number(name: str, value: Any, domain: Domain = REAL) -> Any: ...
def number(name: str, value: Any, domain: Domain = REAL) -> float | np.ndarray:
    """The value as a float, or as an array of floats, if all of it lies in the domain.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    value : scalar or array_like
        Integers, floats, other real numbers, and (nested) sequences or arrays of them.
    domain : Domain
        What is allowed.

    Returns
    -------
    float or ndarray

    Raises
    ------
    TypeError
        If the value is not made of real numbers.
    ValueError
        If it is ragged, or a number is not in the domain.

    Examples
    --------
    >>> number("bits", 8)
    8.0
    >>> number("duration", -1, POSITIVE)
    Traceback (most recent call last):
    ValueError: duration must be a finite number > 0, got -1
    """
    values = floats(name, value, domain)
    if isinstance(values, float):
        if values not in domain:
            refuse(name, value, domain)
    elif values.size and not all(end in domain for end in ends(values)):
        _refuse_element(name, values, domain)
    return values


def row(name: str, value: Any, domain: Domain = REAL) -> np.ndarray:
    """The value as a row of floats in the domain; one that is missing is refused by its index.

    Examples
    --------
    >>> row("rates", [0.1, None], NON_NEGATIVE)
    Traceback (most recent call last):
    ValueError: rates[1] must be a finite number >= 0, got nan
    """
    given = value
    if isinstance(value, np.ma.MaskedArray):
        given = np.ma.filled(value.astype(float), np.nan)
    elif isinstance(value, list | tuple):
        given = [math.nan if element is None else element for element in value]
    values = np.asarray(number(name, given, domain))
    if values.ndim != 1 or not values.size:
        refuse(name, value, "a row of numbers")
    return values


def single(name: str, value: Any, domain: Domain = REAL) -> float:
    """The value as a float, if it is one number in the domain.

    Examples
    --------
    >>> single("temperature", [300, 310])
    Traceback (most recent call last):
    ValueError: temperature must be one number, got [300, 310]
    """
    result = number(name, value, domain)
    return result if isinstance(result, float) else refuse(name, value, "one number")


def ends(values: float | np.ndarray) -> tuple[float, float]:
    """The least and the greatest of some numbers; NaN if one of them is."""
    if isinstance(values, float):
        return values, values
    return np.minimum.reduce(values, axis=None), np.maximum.reduce(values, axis=None)


def floats(name: str, value: Any, domain: Domain = REAL) -> float | np.ndarray:
    """The value as a float or an array of floats, if it is made of real numbers; any numbers."""
    if isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_ | np.timedelta64):
        try:
            return float(value)
        except OverflowError:
            refuse(name, value, f"{domain} that fits in a double")
    if np.ma.is_masked(value):
        refuse(name, value, f"{domain}, or an array of them without masked entries", TypeError)
    try:
        array = np.asarray(value)
    except ValueError:
        refuse(name, value, f"{domain}, or an array of them with equal rows")
    if array.dtype.kind == "O":
        if not all(isinstance(x, numbers.Real) and not isinstance(x, bool) for x in array.flat):
            refuse(name, value, domain, TypeError)
    elif array.dtype.kind not in "iuf":
        refuse(name, value, domain, TypeError)
    try:
        values = array.astype(float, copy=False)
    except OverflowError:
        refuse(name, value, f"{domain} that fits in a double")
    return values if values.ndim else float(values)


def _refuse_element(name: str, values: np.ndarray, domain: Domain) -> None:
    for index, element in np.ndenumerate(values):
        if element not in domain:
            where = ", ".join(map(str, index))
            raise ValueError(f"{name}[{where}] must be {domain}, got {element:g}")


def integer(name: str, value: Any, low: int = 1, high: float = math.inf) -> int:
    """The value as an int in [low, high].

    Examples
    --------
    >>> integer("replicas", 64)
    64
    >>> integer("replicas", 2.5)
    Traceback (most recent call last):
    TypeError: replicas must be a whole number >= 1, got 2.5
    """
    allowed = f"a whole number >= {low}" + (f" and <= {high:g}" if high < math.inf else "")
    if not isinstance(value, numbers.Integral) or isinstance(value, bool):
        refuse(name, value, allowed, TypeError)
    whole = int(value)
    if not low <= whole <= high:
        refuse(name, value, allowed)
    return whole


def nearest(word: str, known: Iterable[str]) -> str:
    """``" (did you mean 'this'?)"``, or nothing if no known word is near."""
    names = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(str(word).casefold(), names, n=1)
    return f" (did you mean {names[near[0]]!r}?)" if near else ""


def arguments(function: str, names: tuple[str, ...], args: tuple, kwargs: dict) -> dict[str, Any]:
    """Positional and keyword arguments by name, or a one-line ``TypeError``.

    Examples
    --------
    >>> arguments("landauer", ("model_size", "bits"), (1e9,), {"bits": 8})
    {'model_size': 1000000000.0, 'bits': 8}
    >>> arguments("landauer", ("model_size", "bits"), (1e9,), {"bit": 8})
    Traceback (most recent call last):
    TypeError: landauer() has no argument 'bit' (did you mean 'bits'?); it takes model_size, bits
    """
    if len(args) > len(names):
        raise TypeError(f"{function}() takes {', '.join(names)}, got {len(args)} values")
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names:
            hint = nearest(name, names)
            raise TypeError(
                f"{function}() has no argument {name!r}{hint}; it takes {', '.join(names)}"
            )
        if name in given:
            raise TypeError(f"{function}() got {name} twice")
        given[name] = value
    return given


def broadcast(values: Mapping[str, float | np.ndarray]) -> tuple[int, ...]:
    """The common shape of the arguments, or a one-line ``ValueError`` that names their shapes."""
    shapes = {name: np.shape(value) for name, value in values.items()}
    try:
        return np.broadcast_shapes(*shapes.values())
    except ValueError:
        listed = ", ".join(f"{name} {shape}" for name, shape in shapes.items() if shape)
        raise ValueError(f"shapes must broadcast together, got {listed}") from None

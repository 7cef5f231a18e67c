"""Numbers and times as text, for pictures, sliders and tables.

Read back, a text is the number to the digits that it shows. Typography: a true minus sign, powers
of ten as ``9.96 × 10⁴``, narrow spaces in what has five digits or more before the point.
Energies are written by `lim_lib.units.format_energy`.
"""

import math
from typing import Any

from lim_lib.units import MOST_DIGITS, YEAR, format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, REAL, integer, single

__all__ = [
    "counted",
    "duration",
    "energy_with_error",
    "fixed",
    "number",
    "percent",
    "power_of_ten",
    "printed",
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

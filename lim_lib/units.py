"""Constants, and energies written for people. SI units throughout.

Sources: `BOLTZMANN` is exact by the definition of the kelvin (SI brochure, 2019; CODATA 2022).
"""

import math
from typing import Any, overload

import numpy as np

from lim_lib.validate import POSITIVE, REAL, integer, number, refuse

BOLTZMANN = 1.380649e-23
"""Boltzmann constant k_B in J/K, exact."""

MOST_DIGITS = 17
"""Digits that a double can have."""

YEAR = 365.25 * 86400.0
"""A Julian year in s."""

_PREFIXES = {3 * i: p for i, p in enumerate(" k M G T P E Z Y R Q".split(" "))} | {
    -3 * i: p for i, p in enumerate(" m μ n p f a z y r q".split(" "))
}
_UNITS = {"J": 1.0, "kWh": 3.6e6}


@overload
def thermal_energy(temperature: float = 300.0) -> float: ...
@overload
def thermal_energy(temperature: Any) -> Any: ...
def thermal_energy(temperature: Any = 300.0) -> Any:
    """Boltzmann constant times temperature, kT.

    Parameters
    ----------
    temperature : float or array_like
        Absolute temperature in K.

    Returns
    -------
    float or ndarray
        Thermal energy in J.

    Raises
    ------
    ValueError, TypeError
        If the temperature is not a finite number above zero, or so low that kT is zero in a double.

    Examples
    --------
    >>> f"{thermal_energy(300):.6e}"
    '4.141947e-21'
    """
    energy = BOLTZMANN * number("temperature", temperature, POSITIVE)
    if np.size(energy) and not np.min(energy) > 0:
        refuse("temperature", temperature, "high enough for kT to be above zero in a double")
    return energy


def format_energy(joules: Any, unit: str = "J", digits: int = 3) -> str:
    """An energy with the SI prefix that makes it readable.

    Parameters
    ----------
    joules : float
        Energy in J.
    unit : {"J", "kWh"}
        Unit to write it in; kilowatt hours take no prefix.
    digits : int
        Significant digits.

    Returns
    -------
    str

    Raises
    ------
    ValueError, TypeError
        If the energy is not one finite number, or the unit is not known.

    Examples
    --------
    >>> format_energy(1.3e9), format_energy(1.94, "kWh"), format_energy(4.142e-21)
    ('1.3 GJ', '5.39e-07 kWh', '4.14 zJ')
    """
    if unit not in _UNITS:
        refuse("unit", unit, " or ".join(map(repr, _UNITS)))
    integer("digits", digits, 1, MOST_DIGITS)
    energy = number("joules", joules, REAL)
    if not isinstance(energy, float):
        refuse("joules", joules, "one number")
    value = float(f"{energy / _UNITS[unit]:.{digits - 1}e}") + 0.0  # never minus zero
    if unit != "J" or value == 0:
        return f"{value:.{digits}g} {unit}"
    power = 3 * math.floor(math.log10(abs(value)) / 3 + 1e-12)
    if power not in _PREFIXES:
        return f"{value:.{digits}g} J"
    return f"{value / 10.0**power:.{digits}g} {_PREFIXES[power].strip()}J"

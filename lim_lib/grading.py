"""Answers checked, with a hint at what went wrong: for exercises and for a course.

An answer is a quantity, a pair of a number and its unit such as ``(2.9, "zJ")``, or a SymPy
expression in the symbols of `lim_lib.symbols`. What anybody may see is whether it has the right
form (`is_quantity`, `is_expression`: unit, symbols, dimension); whether it is right (`matches`)
takes the reference and belongs where only the teacher reads. Each check passes in silence or
raises a `Hint` whose one line says what to look at.
"""

import math
from collections.abc import Collection, Mapping
from numbers import Real
from random import Random
from typing import Any

import sympy as sp

from lim_lib import symbols
from lim_lib.units import thermal_energy
from lim_lib.validate import nearest, shown

_YEAR = 365.25 * 86400
_UNITS = {
    "1": (1.0, "1"),
    "%": (0.01, "1"),
    "bit": (1.0, "1"),
    "J": (1.0, "J"),
    "eV": (1.602176634e-19, "J"),
    "Wh": (3600.0, "J"),
    "W": (1.0, "J/s"),
    "K": (1.0, "K"),
    "s": (1.0, "s"),
    "min": (60.0, "s"),
    "h": (3600.0, "s"),
    "d": (86400.0, "s"),
    "year": (_YEAR, "s"),
    "Hz": (1.0, "1/s"),
    "parameter": (1.0, "parameter"),
}
_PREFIXED = ("J", "eV", "Wh", "W", "s", "Hz")
_PREFIXES = {"μ": -6} | dict(zip("qryzafpnum", range(-30, 0, 3), strict=True))
_PREFIXES |= dict(zip("kMGTPEZYRQ", range(3, 33, 3), strict=True))
_KINDS = {"J": "an energy", "s": "a time", "1/s": "a rate", "J/s": "a power", "1": "a pure number"}

_SLIPS = {
    sp.Integer(1): "",
    sp.log(2): "one bit is ln 2 nats",
    sp.Integer(2): "",
    sp.Integer(4): "",
    sp.Integer(8): "bits or bytes?",
    sp.log(10): "natural or decimal logarithm?",
    sp.pi: "",
}
_POWERS = (1, -1, 2, -2, sp.Rational(1, 2), -sp.Rational(1, 2))
_EXACT = 1e-12
_POINTS = 3


_BASE = {name: sp.Symbol(name, positive=True) for name in ("J", "K", "s", "parameter")}


class Hint(AssertionError):
    """An answer does not pass a check; says what to look at. A notebook shows this line alone."""

    def _render_traceback_(self) -> list[str]:
        return [f"Hint: {self}"]


def _atom(name: str) -> tuple[float, sp.Expr]:
    if name == "kT":
        return thermal_energy(), _BASE["J"]
    factor = 1.0
    if name not in _UNITS and name[:1] in _PREFIXES and name[1:] in _PREFIXED:
        factor, name = 10.0 ** _PREFIXES[name[0]], name[1:]
    value, dimension = _UNITS[name]
    return factor * value, sp.sympify(dimension, locals=_BASE)


def unit_of(text: str) -> tuple[float, sp.Expr]:
    """The size of a unit in SI units, and its dimension.

    Parameters
    ----------
    text : str
        Names with ``*``, ``/`` and ``**n`` between them: ``"pJ/bit"``, ``"kT"`` (at 300 K),
        ``"parameter**2/s"``, ``"year"`` (365.25 days), ``"1"``.

    Returns
    -------
    float, sympy.Expr

    Raises
    ------
    KeyError
        For a name that is not known, with that name.

    Examples
    --------
    >>> unit_of("pJ/bit")
    (1e-12, J)
    >>> unit_of("1/ms")
    (1000.0, 1/s)
    """
    size, dimension = 1.0, sp.Integer(1)
    for position, part in enumerate(text.replace(" ", "").replace("**", "^").split("/")):
        for name in part.split("*"):
            name, _, power = name.partition("^")
            power = int(power or 1) * (-1 if position else 1)
            factor, base = _atom(name)
            size, dimension = size * factor**power, dimension * base**power
    return size, dimension


def _kind(dimension: sp.Expr) -> str:
    text = str(dimension)
    return f"{_KINDS.get(text, 'a quantity')} (in {text})" if text != "1" else _KINDS[text]


def _si(answer: Any) -> tuple[float, sp.Expr]:
    """Value in SI units and dimension of a quantity, or the hint that it is none."""
    pair = isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], str)
    _demand(pair, f'give a number and its unit, as in (2.9, "zJ"); got {shown(answer)}')
    number, unit = answer
    finite = isinstance(number, Real) and not isinstance(number, bool) and math.isfinite(number)
    _demand(finite, f"the first entry must be a finite number, got {shown(number)}")
    try:
        size, dimension = unit_of(unit)
    except (KeyError, ValueError):
        hint = nearest(unit, _UNITS)
        raise Hint(f"{unit!r} is no unit that is known here{hint}") from None
    return float(number) * size, dimension


def is_quantity(answer: Any, unit: str) -> None:
    """Whether an answer is a number with a unit of the right kind.

    Parameters
    ----------
    answer : tuple
        A number and its unit.
    unit : str
        A unit of the kind that is asked for; any other of the same dimension will do.

    Examples
    --------
    >>> is_quantity((2.9, "zJ"), "J")
    >>> is_quantity(2.9e-21, "J")
    Traceback (most recent call last):
    lim_lib.grading.Hint: give a number and its unit, as in (2.9, "zJ"); got 2.9e-21
    >>> is_quantity((3, "years"), "s")
    Traceback (most recent call last):
    lim_lib.grading.Hint: 'years' is no unit that is known here (did you mean 'year'?)
    >>> is_quantity((3, "s"), "J")
    Traceback (most recent call last):
    lim_lib.grading.Hint: asked for is an energy (in J), your answer is a time (in s)
    """
    _, dimension = _si(answer)
    _, wanted = unit_of(unit)
    _demand(dimension == wanted, f"asked for is {_kind(wanted)}, your answer is {_kind(dimension)}")


def is_expression(
    answer: Any, of: Collection[sp.Symbol] | Mapping[sp.Symbol, str], unit: str
) -> None:
    """Whether an answer is an expression in the symbols asked for, with the right dimension.

    Rescaling every unit has to rescale the expression as its own unit says; this also finds a
    dimension in the argument of a logarithm.

    Parameters
    ----------
    answer : sympy.Expr
        The answer.
    of : collection of sympy.Symbol, or mapping to their units
        Symbols that it may contain. Those of the notation table have their unit there; others are
        pure numbers if no unit is given.
    unit : str
        The unit that it must have.

    Examples
    --------
    >>> from lim_lib.symbols import bits, model_size, thermal_energy
    >>> may_contain = [model_size, bits, *thermal_energy.free_symbols]
    >>> is_expression(model_size * thermal_energy, may_contain, "J")
    >>> is_expression(model_size * sp.log(thermal_energy), may_contain, "J")
    Traceback (most recent call last):
    lim_lib.grading.Hint: the dimension is wrong: asked for is an energy (in J)
    >>> is_expression(model_size * sp.Symbol("x"), may_contain, "J")
    Traceback (most recent call last):
    lim_lib.grading.Hint: x does not belong in the answer; it may contain M, T, b, k_B
    """
    _demand(isinstance(answer, sp.Expr), f"give a SymPy expression; got {shown(answer)}")
    strange = sorted(map(str, answer.free_symbols - set(of)))
    allowed = ", ".join(sorted(map(str, of)))
    _demand(
        not strange,
        f"{', '.join(strange)} {'do' if len(strange) > 1 else 'does'} not belong in the answer; "
        f"it may contain {allowed}",
    )
    given = of if isinstance(of, Mapping) else {}
    units = {row.symbol: row.unit for row in symbols.NOTATION}
    scales = dict(zip(_BASE.values(), map(sp.Integer, (2, 3, 5, 7)), strict=True))
    factors = {s: unit_of(given.get(s) or units.get(s, "1"))[1].subs(scales) for s in of}
    rescaled = answer.subs({s: s * factor for s, factor in factors.items()}, simultaneous=True)
    _, wanted = unit_of(unit)
    ratio = _ratios(rescaled, answer)
    right = _constant(ratio, float(wanted.subs(scales)))
    _demand(right, f"the dimension is wrong: asked for is {_kind(wanted)}")


def _demand(condition: bool, hint: str) -> None:
    if not condition:
        raise Hint(hint)


def _near(value: float, wanted: float, tolerance: float = _EXACT) -> bool:
    return abs(value - wanted) <= tolerance * abs(wanted)


def _value(expression: sp.Expr, point: Mapping) -> sp.Expr:
    return sp.sympify(expression).subs(point).evalf(30)


def _points(reference: sp.Expr, *others: sp.Expr):
    """Points at which the reference is real and not zero, the same in every run."""
    names = sorted(set().union(*(e.free_symbols for e in (reference, *others))), key=str)
    random = Random(1)
    found = 0
    for _ in range(400):
        point = {name: sp.Rational(random.randint(1, 300), 100) for name in names}
        value = _value(reference, point)
        if value.is_real and value.is_finite and value != 0:
            yield point
            found += 1
            if found == _POINTS:
                return
    raise ValueError(f"{reference} is real nowhere among 400 random points")


def _ratios(answer: sp.Expr, reference: sp.Expr) -> list[float]:
    """Answer over reference at some points; empty if it is not a number somewhere."""
    ratios = []
    for point in _points(reference, answer):
        ratio = _value(answer, point) / _value(reference, point)
        if not (ratio.is_number and ratio.is_finite):
            return []
        real, imaginary = ratio.as_real_imag()
        if abs(imaginary) > _EXACT:
            return []
        ratios.append(float(real))
    return ratios


def _constant(ratios: list[float], value: float | None = None) -> bool:
    """Whether there are ratios and all are alike, and of that value if one is given."""
    return bool(ratios) and all(_near(r, ratios[0] if value is None else value) for r in ratios)


def matches(answer: Any, reference: sp.Expr | tuple, tolerance: float = 0.01) -> None:
    """Whether an answer is the reference; if not, a guess at the slip.

    Expressions are compared at random points of their symbols, to twelve digits.

    Parameters
    ----------
    answer : tuple or sympy.Expr
        As `is_quantity` or `is_expression` want it.
    reference : sympy.Expr or tuple
        The right answer: an expression, or a number and its unit.
    tolerance : float
        Relative error that a quantity may have.

    Examples
    --------
    >>> from lim_lib import bounds
    >>> from lim_lib.symbols import bits, model_size, thermal_energy as kT
    >>> matches(kT * model_size * sp.log(2**bits), bounds.landauer.expression)
    >>> matches(kT * model_size * bits, bounds.landauer.expression)
    Traceback (most recent call last):
    lim_lib.grading.Hint: the answer is 1/log(2) times the right one: one bit is ln 2 nats
    >>> matches(-2 * kT * bits * sp.log(2), bounds.landauer.expression)
    Traceback (most recent call last):
    lim_lib.grading.Hint: the answer is -2/M times the right one: mind the sign
    >>> matches((2.87, "pJ"), (2.871e-21, "J"))
    Traceback (most recent call last):
    lim_lib.grading.Hint: the answer is 10**9 times the right one: mind prefix and powers of ten
    >>> matches((1, "J"), (1, "kT"))
    Traceback (most recent call last):
    lim_lib.grading.Hint: the number looks like one in kT, and the unit given is another
    """
    if isinstance(reference, sp.Expr):
        _demand(isinstance(answer, sp.Expr), f"give a SymPy expression; got {shown(answer)}")
        ratios = _ratios(answer, reference)
        if not _constant(ratios, 1):
            raise Hint(_symbolic_hint(answer, reference, ratios))
        return
    is_quantity(answer, reference[1])
    (value, _), (expected, _) = _si(answer), _si(reference)
    if not _near(value, expected, tolerance):
        raise Hint(_numeric_hint(value, expected, tolerance))


def _slip(ratio: float, tolerance: float, symbol: sp.Expr = sp.S.One) -> str:
    """The hint, if this ratio of answer to reference, times a symbol, is that of a usual slip."""
    for factor, look in _SLIPS.items():
        for power in (1, -1):
            if _near(abs(ratio), float(factor**power), tolerance):
                sign = -1 if ratio < 0 else 1
                look = "mind the sign" if sign < 0 else look
                return _times(sign * factor**power * symbol, look)
    return ""


def _times(factor: Any, look: str = "") -> str:
    return f"the answer is {factor} times the right one" + (f": {look}" if look else "")


def _numeric_hint(value: float, expected: float, tolerance: float) -> str:
    if not value or not expected:
        return f"the answer should {'not ' if expected else ''}be zero"
    ratio = value / expected
    if slip := _slip(ratio, tolerance):
        return slip
    power = round(math.log10(abs(ratio)))
    if _near(ratio, 10.0**power, tolerance):
        return _times(f"10**{power}", "mind prefix and powers of ten")
    for name in ("kT", "eV", "kWh", "h", "year"):
        unit, _ = unit_of(name)
        if _near(abs(ratio), 1 / unit, tolerance):
            return f"the number looks like one in {name}, and the unit given is another"
        if _near(abs(ratio), unit, tolerance):
            return f"the number looks like one in SI units, and the unit given is {name}"
    return _times(f"{ratio:.3g}")


def _symbolic_hint(answer: sp.Expr, reference: sp.Expr, ratios: list[float]) -> str:
    if _constant(ratios):
        if not ratios[0]:
            return "the answer should not be zero"
        return _slip(ratios[0], _EXACT) or _times(f"{ratios[0]:.4g}")
    if _constant(_ratios(1 / answer, reference), 1):
        return "the answer is the inverse of this"
    if _constant(_ratios(1 - answer, reference), 1):
        return "the answer is one minus this: which event was asked for?"
    for symbol in sorted(reference.free_symbols | answer.free_symbols, key=str):
        for power in _POWERS:
            if _constant(left := _ratios(answer / symbol**power, reference)) and left[0]:
                return _slip(left[0], _EXACT, symbol**power) or _times(
                    f"{left[0]:.4g}*{symbol**power}"
                )
    terms = sp.Add.make_args(sp.expand(sp.expand_log(reference, force=True)))
    for term in terms if len(terms) > 1 else ():
        names = ", ".join(sorted(map(str, term.free_symbols - symbols.thermal_energy.free_symbols)))
        for share, said in ((1, "is missing"), (2, "has the wrong sign")):
            if _constant(_ratios(answer, reference - share * term), 1):
                return f"a term {f'with {names}' if names else term} {said}"
    if not ratios:
        return "not equal: the answer is no real number everywhere where it should be one"
    point = next(_points(reference, answer))
    at = ", ".join(f"{name} = {float(value):g}" for name, value in point.items())
    return f"not equal: {ratios[0]:.3g} times the right value at {at}; try the limits"

"""Answers checked, with a hint at what went wrong: for exercises and for a course.

An answer is a quantity, a pair of a number and its unit such as ``(2.9, "zJ")``, or a SymPy
expression in the symbols of `lim_lib.symbols`. What anybody may see is whether it has the right
form (`is_quantity`, `is_expression`: unit, symbols, dimension); whether it is right (`matches`)
takes the reference and belongs where only the teacher reads. Each check passes in silence or
raises a `Hint` whose one line says what to look at.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice, repeat
from numbers import Complex, Real
from random import Random
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.matrices.expressions import MatrixExpr

from lim_lib import symbols
from lim_lib.units import YEAR, thermal_energy
from lim_lib.validate import nearest, shown

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
    "year": (YEAR, "s"),
    "Hz": (1.0, "1/s"),
    "parameter": (1.0, "parameter"),
}
_PREFIXED = ("J", "eV", "Wh", "W", "s", "Hz")
# What a number may be in although another unit is given: more than powers of ten apart.
MISREAD = ("J", "kT", "eV", "meV", "Wh", "kWh", "MWh", "GWh", "TWh", "s", "min", "h", "d", "year")
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
_NEARLY = 1e-3
_POINTS = 3
_TRIES = 400
_DIGITS = 100  # so that differences of large numbers keep enough of them
# Within these limits every step of an evaluation is short, whatever the expression says.
_LONGEST = 1000  # parts of an expression
_LONGEST_UNIT = 80  # letters
_LARGEST = 10**12  # argument of a function, and exponent
_LARGEST_OF_SPECIAL = 10**3
_WIDEST = sp.Float(2) ** 10**15

# Parts of an expression that keep it from being a number, and what to do about them.
_NO_NUMBER = (
    (AppliedUndef, "{} is a function that is defined nowhere"),
    ((sp.Derivative, sp.Limit, sp.Subs), "carry out {} with .doit()"),
    (sp.Lambda, "give what the function {} returns, not the function"),
    (MatrixExpr, "{} is a matrix, and asked for is one number"),
)
_SUMS = (sp.Integral, sp.Sum, sp.Product)
# Characters of a unit that compatible forms (NFKC) do not make one.
_RAISED = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_SIGNS = str.maketrans({**dict.fromkeys("·⋅∙•×", "*"), **dict.fromkeys("∕⁄÷", "/"), "−": "-"})


_BASE = {name: sp.Symbol(name, positive=True) for name in ("J", "K", "s", "parameter")}


class Hint(AssertionError):
    """An answer does not pass a check; says what to look at. A notebook shows this line alone."""

    def _render_traceback_(self) -> list[str]:
        return [f"Hint: {self}"]


def units() -> list[str]:
    """The names of all units, with the prefixes that they may wear."""
    wear = [prefix + name for name in _PREFIXED for prefix in ("", *_PREFIXES)]
    return ["kT", *_UNITS, *(name for name in wear if name not in _UNITS)]


def _atom(name: str) -> tuple[float, sp.Expr]:
    if name == "kT":
        return thermal_energy(), _BASE["J"]
    factor = 1.0
    if name not in _UNITS and name[:1] in _PREFIXES and name[1:] in _PREFIXED:
        factor, name = 10.0 ** _PREFIXES[name[0]], name[1:]
    value, dimension = _UNITS[name]
    return factor * value, sp.sympify(dimension, locals=_BASE)


def _plain(unit: str) -> str:
    """A unit in one spelling: ``"J*s^-1"`` for ``"J·s⁻¹"``, one sign for micro."""
    raised = re.sub(
        f"[{''.join(map(chr, _RAISED))}]+", lambda m: "^" + m[0].translate(_RAISED), unit
    )
    text = unicodedata.normalize("NFKC", raised).translate(_SIGNS).replace("**", "^").strip()
    return re.sub(r"\s+", "*", re.sub(r"\s*([*/^])\s*", r"\1", text))


def unit_of(text: str) -> tuple[float, sp.Expr]:
    """The size of a unit in SI units, and its dimension.

    Parameters
    ----------
    text : str
        Names with ``*``, ``/`` and ``**n`` between them: ``"pJ/bit"``, ``"kT"`` (at 300 K),
        ``"parameter**2/s"``, ``"year"`` (365.25 days), ``"1"``. Signs that look alike are alike
        (micro by either of its two), and ``"J·s⁻¹"`` is ``"J*s**-1"``.

    Returns
    -------
    float, sympy.Expr

    Raises
    ------
    KeyError
        For a name that is not known, with that name.
    ValueError
        For a power that is no whole number, for a size beyond all numbers, or for a long text.

    Examples
    --------
    >>> unit_of("1/ms")
    (1000.0, 1/s)
    >>> unit_of("kW·s²")
    (1000.0, J*s)
    """
    if len(text) > _LONGEST_UNIT:
        raise ValueError(f"the unit must have at most {_LONGEST_UNIT} letters, got {shown(text)}")
    size, dimension = 1.0, sp.Integer(1)
    for position, part in enumerate(_plain(text).split("/")):
        for name in part.split("*"):
            name, _, raised = name.partition("^")
            power = int(raised or 1) * (-1 if position else 1)
            factor, base = _atom(name)
            try:
                size, dimension = size * factor**power, dimension * base**power
            except OverflowError:
                size = math.inf
    if not 0 < size < math.inf:
        raise ValueError(f"the unit must have a size that fits in a double, got {shown(text)}")
    return size, dimension


def kind_of(dimension: sp.Expr) -> str:
    """What a quantity of this dimension is called."""
    text = str(dimension)
    return f"{_KINDS.get(text, 'a quantity')} (in {text})" if text != "1" else _KINDS[text]


def _real(number: Any) -> float:
    """The number as a float, whichever kind it is of; NaN if it is none."""
    if isinstance(number, sp.Expr):
        value = sp.nan if number.free_symbols else _value(number, {})
        return float(value) if value.is_real else math.nan
    kind = getattr(number, "dtype", None)
    real = isinstance(number, Real) or not isinstance(number, Complex | str | bytes)
    if not real or isinstance(number, bool) or (kind is not None and kind.kind not in "iufO"):
        return math.nan
    try:
        return float(number) if np.ndim(number) == 0 else math.nan
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _si(answer: Any) -> tuple[float, sp.Expr]:
    """Value in SI units and dimension of a quantity, or the hint that it is none."""
    pair = isinstance(answer, tuple) and len(answer) == 2 and isinstance(answer[1], str)
    if not pair:
        raise Hint(f'give a number and its unit, as in (2.9, "zJ"); got {shown(answer)}')
    number, unit = _real(answer[0]), answer[1]
    if not math.isfinite(number):
        raise Hint(f"the first entry must be a finite number, got {shown(answer[0])}")
    try:
        size, dimension = unit_of(unit)
    except (KeyError, ValueError):
        hint = nearest(unit[:40], _UNITS)
        raise Hint(f"{shown(unit)} is no unit that is known here{hint}") from None
    value = number * size
    if not math.isfinite(value) or bool(value) != bool(number):
        raise Hint(f"{shown(answer)} is too large or too small to be compared")
    return value, dimension


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
    _demand(
        dimension == wanted, f"asked for is {kind_of(wanted)}, your answer is {kind_of(dimension)}"
    )


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
    answer = translated(answer, of)
    strange = sorted({str(symbol) for symbol in answer.free_symbols - set(of)})
    allowed = {str(symbol) for symbol in of}
    for name in allowed.intersection(strange):
        raise Hint(f"your {name} is not the book's: import it from lim_lib.symbols")
    _demand(
        not strange,
        f"{', '.join(strange)} {'do' if len(strange) > 1 else 'does'} not belong in the answer; "
        f"it may contain {', '.join(sorted(allowed))}",
    )
    given = of if isinstance(of, Mapping) else {}
    units = {row.symbol: row.unit for row in symbols.NOTATION}
    scales = dict(zip(_BASE.values(), map(sp.Integer, (2, 3, 5, 7)), strict=True))
    factors = {s: unit_of(given.get(s) or units.get(s, "1"))[1].subs(scales) for s in of}
    _, wanted = unit_of(unit)
    points = _points(answer, answer.free_symbols, most=100)
    if not points:
        raise Hint(_why_nowhere(answer))
    here = [_value(answer, point) for point in points]
    rescaled = [_value(answer, {s: x * factors[s] for s, x in point.items()}) for point in points]
    right = _constant(_over(rescaled, here), float(wanted.subs(scales)))
    _demand(right, f"the dimension is wrong: asked for is {kind_of(wanted)}")


def translated(answer: Any, of: Collection[sp.Symbol]) -> sp.Expr:
    """An answer with symbols of the student's own replaced by the ones they stand for.

    SymPy tells symbols of one name apart by their assumptions; a name that only one of the symbols
    asked for has says which is meant.

    Parameters
    ----------
    answer : sympy.Expr
        The answer.
    of : collection of sympy.Symbol
        Symbols that it may contain.

    Returns
    -------
    sympy.Expr

    Examples
    --------
    >>> from lim_lib.symbols import bits, model_size
    >>> own = sp.Symbol("b")
    >>> own == bits
    False
    >>> translated(own * model_size, [bits, model_size]) == bits * model_size
    True
    """
    if not isinstance(answer, sp.Expr):
        raise Hint(f"give a SymPy expression; got {shown(answer)}")
    try:
        parts = list(islice(sp.preorder_traversal(answer), _LONGEST + 1))
    except RecursionError:
        parts = [None] * (_LONGEST + 1)
    _demand(len(parts) <= _LONGEST, "the answer is too long to be checked: simplify it")
    for part in parts:
        for kind, hint in _NO_NUMBER:
            if isinstance(part, kind):
                raise Hint(hint.format(shown(part)))
    bare = answer.xreplace(dict.fromkeys(answer.atoms(*_SUMS), sp.S.One))
    for part in bare.atoms(sp.oo, -sp.oo, sp.zoo, sp.nan):
        raise Hint(f"the answer should be finite, and {part} stands in it")
    times = Counter(map(str, of))
    meant = {str(symbol): symbol for symbol in of if times[str(symbol)] == 1}
    own = {s: meant[str(s)] for s in answer.free_symbols - set(of) if str(s) in meant}
    return answer.xreplace(own)


def _demand(condition: bool, hint: str) -> None:
    if not condition:
        raise Hint(hint)


def _near(value: float, wanted: float, tolerance: float = _EXACT) -> bool:
    return abs(value - wanted) <= tolerance * abs(wanted)


class _Beyond(ArithmeticError):
    """A number is so large or so small that going on with it could take for ever."""


def _within(value: sp.Basic, limit: float) -> sp.Basic:
    """The value, if what follows it can be done in a short time."""
    if isinstance(value, sp.Expr) and value.is_number:
        for part in value.as_real_imag():
            size = part.evalf(15)
            if not (size.is_Float and size.is_finite) or size == 0:
                continue
            if not 1 / _WIDEST < abs(size) < _WIDEST or abs(size) > limit:
                raise _Beyond
    return value


def _limit(part: sp.Basic) -> float:
    """How large an argument may be."""
    if part.is_Add or part.is_Mul:
        return math.inf
    known = part.is_Pow or type(part).__module__.startswith("sympy.functions.elementary")
    return _LARGEST if known else _LARGEST_OF_SPECIAL


def _from_inside(part: sp.Basic, point: Mapping, limit: float = math.inf) -> sp.Basic:
    """The value at a point, found from the inside out, up to the first number beyond limits."""
    if isinstance(part, _SUMS):
        for share in (0.01, 0.99):
            _from_inside(part.function, {**point, **_between(part.limits, point, share)})
        value = part.subs(point)
    elif part.args:
        limits = [_limit(part)] * len(part.args)
        if part.is_Pow:
            limits[0] = math.inf
        value = part.func(*map(_from_inside, part.args, repeat(point), limits))
    else:
        value = point.get(part, part)
    exact = value.is_Rational and limit < math.inf  # a root may be real for a fraction alone
    if isinstance(value, sp.Expr) and not exact:
        value = value.evalf(30 if isinstance(part, _SUMS) else _DIGITS)
    return _within(value, limit)


def _between(limits: Sequence[sp.Tuple], point: Mapping, share: float) -> dict:
    """A place inside the finite limits of an integral or a sum."""
    found = {}
    for name, *ends in limits:
        low, high = (_from_inside(end, point) for end in ends)
        if low.is_finite and high.is_finite:
            found[name] = low + share * (high - low)
    return found


def _value(expression: sp.Expr, point: Mapping) -> sp.Expr:
    """The value at a point; NaN if there is none, infinite if it is beyond what can be computed."""
    try:
        value = _from_inside(expression, point)
        real, imaginary = value.as_real_imag()
    except _Beyond:
        return sp.oo
    except Exception:  # whatever SymPy throws at what is no number
        return sp.nan
    if not (real.is_Number and imaginary.is_Number) or sp.nan in (real, imaginary):
        return sp.nan
    return real if abs(imaginary) <= _EXACT * abs(real) else value


def _tries(names: Collection[sp.Symbol], most: int = _TRIES):
    """Random points, the same in every run."""
    random, names = Random(1), sorted(names, key=str)
    for _ in range(most):
        yield {name: sp.Float(random.randint(1, 300) / 100, _DIGITS) for name in names}


def _points(expression: sp.Expr, names: Collection[sp.Symbol], most: int = _TRIES) -> list[dict]:
    """Points at which the expression is real and not zero; none if they are hard to find."""
    found = (
        point
        for point in _tries(names, most)
        if (value := _value(expression, point)).is_real and value.is_finite and value != 0
    )
    return list(islice(found, _POINTS))


def _why_nowhere(answer: sp.Expr) -> str:
    values = [_value(answer, point) for point in _tries(answer.free_symbols, _POINTS)]
    if all(value == 0 for value in values):
        return "the answer should not be zero"
    if sp.oo in values:
        return "numbers in the answer are too large or too small to be computed"
    return "the answer is no real number where its symbols are positive"


def _over(numbers: Sequence[sp.Expr], others: Sequence[sp.Expr]) -> list[float]:
    """Quotients; empty if one of them is not real and finite."""
    if not all(x.is_real and x.is_finite for x in (*numbers, *others)) or 0 in others:
        return []
    return [float(x / y) for x, y in zip(numbers, others, strict=True)]


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
    lim_lib.grading.Hint: the number looks like one in kT, and the unit given is J
    """
    if isinstance(reference, sp.Expr):
        answer = translated(answer, reference.free_symbols)
        points = _points(reference, reference.free_symbols | answer.free_symbols)
        if not points:
            raise ValueError(f"{reference} is real nowhere among {_TRIES} random points")
        values = [[_value(e, point) for point in points] for e in (answer, reference)]
        if not _constant(_over(*values), 1):
            raise Hint(_symbolic_hint(points, values[0], values[1], reference))
        return
    is_quantity(answer, reference[1])
    (value, _), (expected, _) = _si(answer), _si(reference)
    if not _near(value, expected, tolerance):
        raise Hint(_numeric_hint(value, answer[1], expected, tolerance))


def slips() -> Iterator[tuple[sp.Expr, str]]:
    """The factors of usual slips, each with what to look at."""
    for factor, look in _SLIPS.items():
        for power in (1, -1):
            yield factor**power, look


def _slip(ratio: float, tolerance: float, symbol: sp.Expr = sp.S.One) -> str:
    """The hint, if this ratio of answer to reference, times a symbol, is that of a usual slip."""
    for factor, look in slips():
        if _near(abs(ratio), float(factor), tolerance):
            sign = -1 if ratio < 0 else 1
            return _times(sign * factor * symbol, "mind the sign" if sign < 0 else look)
    return ""


def _times(factor: Any, look: str = "") -> str:
    return f"the answer is {factor} times the right one" + (f": {look}" if look else "")


def _written(ratio: float, digits: int = 4) -> str:
    """A ratio with as many digits as it takes to be no one, if it is none."""
    while digits < 17 and float(f"{ratio:.{digits}g}") in (1, -1):
        digits += 1
    return f"{ratio:.{digits}g}"


def _numeric_hint(value: float, unit: str, expected: float, tolerance: float) -> str:
    if not value or not expected:
        return f"the answer should {'not ' if expected else ''}be zero"
    ratio = value / expected
    if not 0 < abs(ratio) < math.inf:
        return f"the answer is far too {'small' if ratio == 0 else 'large'}"
    if slip := _slip(ratio, tolerance):
        return slip
    power = round(math.log10(abs(ratio)))
    if _near(ratio, 10.0**power, tolerance):
        return _times(f"10**{power}", "mind prefix and powers of ten")
    return _misread(ratio, unit, tolerance) or _times(_written(ratio, 3))


def _misread(ratio: float, unit: str, tolerance: float) -> str:
    """The hint, if the number is right in another unit of the same kind."""
    text = _plain(unit)
    size, _ = unit_of(text)
    for name in re.finditer(r"[^*/^]*[^*/^\d+-][^*/^]*", text):
        _, dimension = _atom(name[0])
        for other in MISREAD:
            instead = text[: name.start()] + other + text[name.end() :]
            alike = _atom(other)[1] == dimension
            if alike and _near(abs(ratio), size / unit_of(instead)[0], tolerance):
                return f"the number looks like one in {instead}, and the unit given is {text}"
    return ""


def terms(reference: sp.Expr) -> Iterator[tuple[sp.Expr, str]]:
    """The terms of a sum, each with what it is told by; none of what is no sum."""
    parts = sp.Add.make_args(sp.expand(sp.expand_log(reference, force=True)))
    for term in parts if len(parts) > 1 else ():
        names = sorted(map(str, term.free_symbols - symbols.thermal_energy.free_symbols))
        yield term, f"with {', '.join(names)}" if names else str(term)


def _symbolic_hint(
    points: list[dict], answers: list[sp.Expr], right: list[sp.Expr], reference: sp.Expr
) -> str:
    ratios = _over(answers, right)
    at = ", ".join(f"{name} = {float(value):g}" for name, value in points[0].items())
    if not ratios:
        if sp.oo in answers:
            return "not equal: numbers in the answer are too large or too small to be computed"
        return "not equal: the answer is no real number everywhere where it should be one"
    if _constant(ratios):
        if not ratios[0]:
            return "the answer should not be zero"
        if _near(abs(ratios[0]), 1, _NEARLY) and not _near(abs(ratios[0]), 1):
            return f"nearly: {_times(_written(ratios[0]), 'keep numbers such as log(2) exact')}"
        return _slip(ratios[0], _EXACT) or _times(_written(ratios[0]))
    if _constant(_over(answers, [1 / x for x in right]), 1):
        return "the answer is the inverse of this"
    if _constant(_over(answers, [1 - x for x in right]), 1):
        return "the answer is one minus this: which event was asked for?"
    for symbol in points[0]:
        for power in _POWERS:
            scaled = [x * point[symbol] ** power for x, point in zip(right, points, strict=True)]
            left = _over(answers, [x.evalf(_DIGITS) for x in scaled])
            if _constant(left) and left[0]:
                factor = symbol**power
                return _slip(left[0], _EXACT, factor) or _times(f"{_written(left[0])}*{factor}")
    for term, about in terms(reference):
        for share, said in ((1, "is missing"), (2, "has the wrong sign")):
            others = [
                x - share * _value(term, point) for x, point in zip(right, points, strict=True)
            ]
            if _constant(_over(answers, others), 1):
                return f"a term {about} {said}"
    if not 0 < abs(ratios[0]) < math.inf:
        return f"not equal: far from the right value at {at}; try the limits"
    return f"not equal: {_written(ratios[0], 3)} times the right value at {at}; try the limits"

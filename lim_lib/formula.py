"""From an expression to a checked, stable numeric function.

The expression is the textbook's. What keeps it exact in floating point is the printer, which
knows a few identities:

- ``p**x - 1`` and ``exp(x) - 1`` become ``expm1``, and ``log(1 + x)`` becomes ``log1p``;
- where a product inside a logarithm or an asinh, or beside an exponential, is beyond a double, the
  logarithms of its factors are added up instead;
- ``atanh(p/q)`` becomes ``log1p(2*p/(q - p))/2``, exact near ``p = q`` and near 0;
- ``c*exp(y)`` is multiplied in two halves, so that it overflows only if the product does;
- a `StableFunction` brings its own numeric form.
"""

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from inspect import signature
from typing import Any, Generic, ParamSpec

import numpy as np
import sympy as sp
from mpmath.libmp import prec_to_dps
from sympy.printing.codeprinter import CodePrinter
from sympy.printing.numpy import NumPyPrinter

from lim_lib import symbols, validate
from lim_lib.units import BOLTZMANN
from lim_lib.validate import Domain, RegimeWarning

BLOCK = 1 << 15
"""Points that are looked at and evaluated together: what the processor's cache holds."""


class StableFunction(sp.Function):
    """A SymPy function that has a definition and a numeric form of its own.

    Subclasses give ``definition(*arguments)``, the expression that it stands for (what ``doit``
    and numerical evaluation use), and ``numeric(*arrays)``, the same for floats and arrays. On a
    page the script of the numbers has it under the same name.
    """

    def doit(self, **hints):
        return self.definition(*self.args).doit(**hints)

    def _eval_rewrite(self, rule, args, **hints):
        return self.definition(*args)

    def _eval_evalf(self, prec):
        return self.definition(*self.args).evalf(prec_to_dps(prec))

    def fdiff(self, argindex=1):
        dummies = [sp.Dummy(real=True) for _ in self.args]
        derivative = sp.diff(self.definition(*dummies), dummies[argindex - 1])
        return derivative.subs(dict(zip(dummies, self.args, strict=True)))


def log_product(product, logarithms: Callable):
    """log(product), also where the product is beyond a double: then the sum of its logarithms."""
    return _or_else(np.log(product), logarithms)


def scaled_exp(c, y, logarithms: Callable):
    """c exp(y), in two halves: finite wherever the product is."""
    half = np.exp(y / 2)
    return _or_else(c * half * half, lambda: np.sign(c) * np.exp(y + logarithms()))


def asinh_product(product, logarithms: Callable, sign=None):
    """asinh(product), also where it is beyond a double; its sign is the product's, or `sign`'s."""

    def from_logarithms():
        size, way = logarithms(), product if sign is None else sign
        return np.sign(way) * np.logaddexp(size, np.logaddexp(0, 2 * size) / 2)

    return _or_else(np.arcsinh(product), from_logarithms)


def _or_else(result, other: Callable):
    """The result where it is finite, elsewhere the other one, computed only if it is needed."""
    fine = np.isfinite(result)
    return result if np.all(fine) else np.where(fine, result, other())


class Identities(CodePrinter):
    """The identities of the module's docstring, for a printer of any language to inherit.

    A language says how its functions begin, how it writes one without arguments, and what it calls
    a helper: of the library's functions and classes, those that an expression may need.
    """

    functions = "numpy."
    lazily = "lambda: "

    def _helper(self, name: str) -> str:
        return name

    def _call(self, function: str, *arguments: sp.Expr) -> str:
        return f"{function}({', '.join(map(self._print, arguments))})"

    def _logarithms(self, product: sp.Expr) -> str:
        """A function of nothing that adds up the logarithms of the factors' sizes."""
        terms = []
        for factor in sp.Mul.make_args(product):
            base, power = factor.as_base_exp()
            size = f"{self.functions}log({self.functions}abs({self._print(base)}))"
            terms.append(size if power == 1 else f"({self._print(power)})*{size}")
        return self.lazily + " + ".join(terms)

    def _print_log(self, expr):
        (argument,) = expr.args
        if argument.is_Add and sp.S.One in argument.args:
            return self._call(f"{self.functions}log1p", argument - 1)
        if not argument.is_Mul:
            return self._call(f"{self.functions}log", argument)
        helper = self._helper("log_product")
        return f"{helper}({self._print(argument)}, {self._logarithms(argument)})"

    def _print_atanh(self, expr):
        p, q = sp.fraction(expr.args[0])
        ratio = f"2*({self._print(p)})/({self._print(q - p)})"
        return f"({self.functions}log1p({ratio})/2)"

    def _print_asinh(self, expr):
        (argument,) = expr.args
        helper = self._helper("asinh_product")
        c, y = _split_exponential(argument)
        if y is not None:
            sign, power = f"({self._print(c)})", self._print(y)
            product = f"{sign}*{self.functions}exp({power})"
            return f"{helper}({product}, {self._logarithms(c)} + {power}, {sign})"
        if not argument.is_Mul:
            return self._call(f"{self.functions}asinh", argument)
        return f"{helper}({self._print(argument)}, {self._logarithms(argument)})"

    def _print_Mul(self, expr):
        c, y = _split_exponential(expr)
        if y is None:
            return super()._print_Mul(expr)
        helper = self._helper("scaled_exp")
        return f"{helper}({self._print(c)}, {self._print(y)}, {self._logarithms(c)})"

    def _print_Add(self, expr, order=None):
        for power in expr.args:
            c, base, exponent = _split_power(power)
            if base is not None and -c in expr.args:
                nats = self._print(exponent * sp.log(base))
                factor = "" if c == 1 else f"{self._print(c)}*"
                growth = f"{factor}{self.functions}expm1({nats})"
                rest = sp.Add(*(term for term in expr.args if term not in (power, -c)))
                return f"({growth})" if rest == 0 else f"({growth} + {self._print(rest)})"
        return super()._print_Add(expr, order)

    def _print_Function(self, expr):
        if isinstance(expr, StableFunction):
            return self._call(self._helper(type(expr).__name__), *expr.args)
        return super()._print_Function(expr)


class StablePrinter(Identities, NumPyPrinter):
    """SymPy's NumPy printer, with the identities of the module's docstring."""

    def _print_Max(self, expr):
        return reduce(lambda a, b: f"numpy.maximum({a}, {b})", map(self._print, expr.args))

    def _print_Min(self, expr):
        return reduce(lambda a, b: f"numpy.minimum({a}, {b})", map(self._print, expr.args))


def _split_exponential(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr | None]:
    """(c, y) of c*exp(y); y is None if there is no exponential."""
    factors = sp.Mul.make_args(expr)
    for factor in factors:
        if isinstance(factor, sp.exp) and factor.free_symbols:
            return sp.Mul(*(other for other in factors if other != factor)), factor.exp
    return expr, None


def _split_power(expr: sp.Expr):
    """(c, p, x) of c*p**x with numbers c and p (or p = e); p is None for any other form."""
    c, power = expr.as_coeff_Mul()
    if isinstance(power, sp.exp) and power.free_symbols:
        return c, sp.E, power.exp
    if power.is_Pow and power.base.is_Number and power.exp.free_symbols:
        return c, power.base, power.exp
    return c, None, None


def _share_logarithms(expression: sp.Basic):
    """Logarithms that occur more than once, under names, and the expression with these names.

    Nothing else is shared: it would hide from the printer what it looks for.
    """
    found = [e for e in sp.preorder_traversal(expression) if e.func == sp.log and e.free_symbols]
    repeated = sorted({e for e in found if found.count(e) > 1}, key=str)
    names = {e: sp.Dummy(f"log_{i}", real=True) for i, e in enumerate(repeated)}
    return [(name, e) for e, name in names.items()], expression.subs(names)


@cache
def numeric(expression: sp.Basic, parameters: tuple[sp.Symbol, ...]) -> Callable:
    """The stable NumPy function of an expression; its arguments are the parameters in order.

    Made once for each expression. The Boltzmann constant is filled in.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> float(numeric(sp.exp(x) - 1, (x,))(1e-20))
    1e-20
    """
    helpers = {f.__name__: f for f in (log_product, scaled_exp, asinh_product)}
    helpers |= {type(f).__name__: f.numeric for f in expression.atoms(StableFunction)}
    function = sp.lambdify(
        (symbols.boltzmann, *parameters),
        expression,
        [helpers, "numpy"],
        printer=StablePrinter(),
        cse=_share_logarithms,
    )
    return lambda *values: function(BOLTZMANN, *values)


@dataclass(frozen=True)
class Requirement:
    """A relation between arguments without which a formula has no value.

    Parameters
    ----------
    holds : sympy.Rel
        The relation.
    text : str
        The same in words, a sentence without its full stop.
    limit : sympy.Expr, optional
        How far an argument may go, as a number.
    report : str
        The same in words, with ``{:.6g}`` where the limit goes.
    """

    holds: sp.Basic
    text: str
    limit: sp.Expr | None = None
    report: str = ""


@dataclass(frozen=True)
class Regime:
    """Where a formula holds.

    Parameters
    ----------
    text : str
        The condition in words.
    holds : sympy.Rel, optional
        The condition as a relation between the arguments, where numbers can decide it.
    excess : sympy.Expr, optional
        How far off the formula is, or how far the condition is broken, as a number.
    report : str
        The warning, with ``{:.3g}`` where the largest excess goes.
    """

    text: str
    holds: sp.Basic | None = None
    excess: sp.Expr | None = None
    report: str = ""


P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True, eq=False)
class Formula(Generic[P]):
    """An expression that can be called with numbers.

    It is made from the declaration of a function, whose name, signature and docstring it has, by
    the decorator `formula`. Like a function, it is equal to itself alone, and pickles and copies
    by its name.

    Parameters
    ----------
    declaration : callable
        Names the arguments, in order, and documents them; ``temperature`` is the last.
    expression : sympy.Expr or sympy.Tuple
        The formula, in the symbols of `lim_lib.symbols`.
    regime : tuple of Regime
        Where it holds; outside it warns.
    requires : tuple of Requirement
        Relations between the arguments; if one is broken it raises.
    domains : mapping of str to Domain
        Arguments that may take fewer values than the notation table allows.
    """

    declaration: Callable[P, Any] = field(repr=False)
    expression: sp.Basic
    regime: tuple[Regime, ...] = ()
    requires: tuple[Requirement, ...] = ()
    domains: Mapping[str, Domain] = field(default_factory=dict)

    def __post_init__(self):
        for name in ("__name__", "__qualname__", "__module__", "__doc__"):
            object.__setattr__(self, name, getattr(self.declaration, name))
        object.__setattr__(self, "__wrapped__", self.declaration)

    def __reduce__(self) -> str:
        return self.declaration.__qualname__

    def __repr__(self) -> str:
        return f"<formula {self.key}({', '.join(self.parameters)})>"

    @property
    def key(self) -> str:
        """Its name."""
        return self.declaration.__name__

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names of all arguments, temperature last."""
        return tuple(signature(self.declaration).parameters)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the arguments without the temperature, which every formula takes."""
        return self.arguments[:-1]

    def latex(self) -> str:
        """The expression in LaTeX, with kT for the thermal energy."""
        return symbols.latex(self.expression)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self.at(validate.arguments(self.key, self.arguments, args, kwargs), stacklevel=3)

    def at(self, values: Mapping[str, Any], stacklevel: int = 2) -> Any:
        """The value for arguments in a mapping; `stacklevel` says whose line a warning names."""
        value, complaints = self.judged(values)
        for complaint in complaints:
            warnings.warn(f"{self.key}: {complaint}", RegimeWarning, stacklevel=stacklevel)
        return value

    def judged(self, values: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """The value for arguments in a mapping, and what `at` would warn of."""
        values = {"temperature": 300.0} | dict(values)
        missing = [name for name in self.arguments if name not in values]
        if missing:
            raise TypeError(f"{self.key}() needs {', '.join(missing)}")
        domains = {n: self.domains.get(n, symbols.QUANTITIES[n].domain) for n in self.arguments}
        given = {n: _checked_if_small(n, values[n], domain) for n, domain in domains.items()}
        parts = self.expression if isinstance(self.expression, sp.Tuple) else (self.expression,)
        if 0 in validate.broadcast(given):
            results = [np.empty(validate.broadcast(given)) for _ in parts]
            complaints: tuple[str, ...] = ()
        else:
            results, ends = _survey(parts, given)
            for name, domain in domains.items():
                if not all(end in domain for end in ends[name]):
                    validate.number(name, given[name], domain)
            self._require(given, ends)
            complaints = tuple(self._complaints(given, ends, results))
        return tuple(results) if isinstance(self.expression, sp.Tuple) else results[0], complaints

    def _require(self, values, ends) -> None:
        for requirement in self.requires:
            if not _holds(requirement.holds, values, ends):
                broken = ~np.asarray(evaluate(requirement.holds, values))
                named = requirement.holds.free_symbols
                names = sorted(n for n in values if symbols.QUANTITIES[n].symbol in named)
                first = {n: np.broadcast_to(values[n], broken.shape)[broken][0] for n in names}
                got = ", ".join(f"{name}={value:.6g}" for name, value in first.items())
                told = ""
                if requirement.limit is not None:
                    told = f" ({requirement.report.format(evaluate(requirement.limit, first))})"
                raise ValueError(f"{requirement.text}{told}, got {got}")

    def _complaints(self, values, ends, results) -> Iterator[str]:
        """What there is to warn of: each broken condition of the regime with how far, overflow."""
        for regime in self.regime:
            if regime.holds is not None and not _holds(regime.holds, values, ends):
                yield regime.report.format(float(np.max(evaluate(regime.excess, values))))
        if not all(np.isfinite(result).all() for result in results):
            if any(np.isnan(result).any() for result in results):
                yield "the value cannot be computed in doubles, given as NaN"
            else:
                yield "the value is beyond the largest double, given as infinite"


def _checked_if_small(name: str, value: Any, domain: Domain) -> float | np.ndarray:
    """The value as floats; a large array's are checked when they are read to be used."""
    values = validate.floats(name, value, domain)
    return values if np.size(values) > BLOCK else validate.number(name, value, domain)


Values = Mapping[str, float | np.ndarray]
Ends = Mapping[str, tuple[float, float]]


def _function(expression: sp.Basic, values: Values) -> tuple[Callable, list[str]]:
    """An expression's numeric function, and the names of its arguments in order."""
    names = [n for n in values if symbols.QUANTITIES[n].symbol in expression.free_symbols]
    return numeric(expression, tuple(symbols.QUANTITIES[n].symbol for n in names)), names


def _double(value: float | np.ndarray) -> float | np.ndarray:
    """A number as NumPy's, so that it overflows as an element of an array does."""
    return value if np.ndim(value) else np.float64(value)


def evaluate(expression: sp.Basic, values: Values) -> float | bool | np.ndarray:
    """An expression at checked arguments: one number (or truth value), or an array of them."""
    function, names = _function(expression, values)
    shape = validate.broadcast(values)
    with np.errstate(all="ignore"):
        result = np.asarray(function(*(_double(values[name]) for name in names)))
    if not shape:
        return result.item()
    return result if result.shape == shape else np.broadcast_to(result, shape).copy()


def _survey(expressions: Iterable[sp.Basic], values: Values) -> tuple[list, Ends]:
    """Values of the expressions, with the least and greatest of each argument.

    Large arrays are read once: block by block, each looked at and used while the cache holds it.
    """
    shape = validate.broadcast(values)
    size = math.prod(shape)
    if size <= BLOCK:
        ends = {n: validate.ends(v) for n, v in values.items()}
        return [evaluate(each, values) for each in expressions], ends
    flat = {
        n: np.broadcast_to(v, shape).reshape(-1) if isinstance(v, np.ndarray) else v
        for n, v in values.items()
    }
    functions = [_function(each, values) for each in expressions]
    results = [np.empty(size) for _ in functions]
    seen: dict[str, list[float]] = {name: [] for name in flat}
    with np.errstate(all="ignore"):
        for start in range(0, size, BLOCK):
            here = slice(start, start + BLOCK)
            part = {n: v[here] if isinstance(v, np.ndarray) else v for n, v in flat.items()}
            for name, block in part.items():
                seen[name] += validate.ends(block)
            for result, (function, names) in zip(results, functions, strict=True):
                result[here] = function(*(_double(part[name]) for name in names))
    ends = {name: validate.ends(np.array(each)) for name, each in seen.items()}
    return [result.reshape(shape) for result in results], ends


def _holds(relation: sp.Basic, values: Values, ends: Ends) -> bool:
    """Whether a relation holds at all points.

    In every relation of this library the difference of the two sides has no maximum inside an
    interval of any one argument. So if the relation holds at all corners of the box that the
    arguments span, it holds everywhere in it, and the points need not be looked at.
    """
    names = [n for n in ends if symbols.QUANTITIES[n].symbol in relation.free_symbols]
    corners = np.array(list(itertools.product(*(ends[name] for name in names)))).T
    at_corners = evaluate(relation, dict(zip(names, corners, strict=True)))
    return bool(np.all(at_corners) or np.all(evaluate(relation, values)))


def formula(expression: sp.Basic, **conditions: Any) -> Callable[[Callable[P, Any]], Formula[P]]:
    """Decorator: the function whose value is the expression.

    The signature names the arguments, the docstring documents them, the body holds nothing else.

    Parameters
    ----------
    expression : sympy.Expr or sympy.Tuple
        The formula, in the symbols of `lim_lib.symbols`.
    **conditions
        ``regime``, ``requires`` and ``domains`` of `Formula`.

    Examples
    --------
    >>> from lim_lib.symbols import attempt_rate, barrier, thermal_energy
    >>> @formula(attempt_rate * sp.exp(-barrier / thermal_energy))
    ... def arrhenius(attempt_rate, barrier, temperature=300.0):
    ...     "Attempt rate times the Boltzmann factor of the barrier, in 1/s."
    >>> arrhenius(1e9, 0.0)
    1000000000.0
    >>> arrhenius.expression
    Gamma_0*exp(-E_b/(T*k_B))
    """
    return lambda declaration: Formula(declaration=declaration, expression=expression, **conditions)

"""From an expression to a checked, stable numeric function.

The expression is the textbook's. What keeps it exact in floating point is the printer, which
knows a few identities:

- ``p**x - 1`` and ``exp(x) - 1`` become ``expm1``, and ``log(1 + x)`` becomes ``log1p``;
- ``log(p/q)`` goes over to a difference where the quotient is beyond a double;
- ``atanh(p/q)`` becomes ``log1p(2*p/(q - p))/2``, exact near ``p = q`` and near 0;
- ``c*exp(y)`` is multiplied in two halves, so that it overflows only if the product does;
- ``asinh(c*exp(y))`` goes over to logarithms where the exponential would overflow;
- a `StableFunction` brings its own numeric form.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, update_wrapper
from inspect import signature
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp
from mpmath.libmp import prec_to_dps
from sympy.printing.numpy import NumPyPrinter

from lim_lib import symbols, validate
from lim_lib.units import BOLTZMANN
from lim_lib.validate import Domain, RegimeWarning

BLOCK = 1 << 15
"""Points that are evaluated together: what the processor's cache holds."""


class StableFunction(sp.Function):
    """A SymPy function that has a definition and a numeric form of its own.

    Subclasses give ``definition(*arguments)``, the expression that it stands for (what ``doit``
    and numerical evaluation use), and ``numeric(*arrays)``, the same for floats and arrays.
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


def log_ratio(p, q):
    """log(p/q), also where the quotient is beyond a double."""
    result = np.log(p / q)
    if np.all(np.isfinite(result)):
        return result
    return np.where(np.isfinite(result), result, np.log(np.abs(p)) - np.log(np.abs(q)))


def scaled_exp(c, y):
    """c exp(y), in two halves: finite wherever the product is."""
    half = np.exp(y / 2)
    return c * half * half


def asinh_scaled_exp(c, y):
    """asinh(c exp(y)), also where exp(y) is beyond a double."""
    if np.all(y <= 300):
        return np.arcsinh(c * np.exp(y))
    c, y = np.broadcast_arrays(c, y)
    log_size = y + np.log(np.abs(c))
    by_logarithm = np.sign(c) * np.logaddexp(log_size, np.logaddexp(0, 2 * log_size) / 2)
    return np.where(y > 300, by_logarithm, np.arcsinh(c * np.exp(np.minimum(y, 300))))


class StablePrinter(NumPyPrinter):
    """SymPy's NumPy printer, with the identities of the module's docstring."""

    def _call(self, function: str, *arguments: sp.Expr) -> str:
        return f"{function}({', '.join(map(self._print, arguments))})"

    def _print_log(self, expr):
        (argument,) = expr.args
        if argument.is_Add and sp.S.One in argument.args:
            return self._call("numpy.log1p", argument - 1)
        p, q = sp.fraction(argument)
        return self._call("numpy.log", p) if q == 1 else self._call("log_ratio", p, q)

    def _print_atanh(self, expr):
        p, q = sp.fraction(expr.args[0])
        return f"(numpy.log1p(2*({self._print(p)})/({self._print(q - p)}))/2)"

    def _print_asinh(self, expr):
        c, y = _split_exponential(expr.args[0])
        return self._call("numpy.arcsinh", c) if y is None else self._call("asinh_scaled_exp", c, y)

    def _print_Mul(self, expr):
        c, y = _split_exponential(expr)
        return super()._print_Mul(expr) if y is None else self._call("scaled_exp", c, y)

    def _print_Add(self, expr, order=None):
        for power in expr.args:
            c, base, exponent = _split_power(power)
            if base is not None and -c in expr.args:
                growth = f"{self._print(c)}*numpy.expm1({self._print(exponent * sp.log(base))})"
                rest = sp.Add(*(term for term in expr.args if term not in (power, -c)))
                return f"({growth})" if rest == 0 else f"({growth} + {self._print(rest)})"
        return super()._print_Add(expr, order)

    def _print_StableFunction(self, expr):
        return self._call(type(expr).__name__, *expr.args)


def _split_exponential(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr | None]:
    """(c, y) of c*exp(y); y is None if there is no exponential."""
    for factor in sp.Mul.make_args(expr):
        if isinstance(factor, sp.exp) and factor.free_symbols:
            return expr / factor, factor.exp
    return expr, None


def _split_power(expr: sp.Expr):
    """(c, p, x) of c*p**x with numbers c and p (or p = e); p is None for any other form."""
    c, power = expr.as_coeff_Mul()
    if isinstance(power, sp.exp) and power.free_symbols:
        return c, sp.E, power.exp
    if power.is_Pow and power.base.is_Number and power.exp.free_symbols:
        return c, power.base, power.exp
    return c, None, None


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
    helpers = {f.__name__: f for f in (log_ratio, scaled_exp, asinh_scaled_exp)}
    helpers |= {type(f).__name__: f.numeric for f in expression.atoms(StableFunction)}
    settings = {
        "fully_qualified_modules": True,
        "allow_unknown_functions": True,
        "user_functions": {},
    }
    function = sp.lambdify(
        (symbols.boltzmann, *parameters),
        expression,
        [helpers, "numpy"],
        printer=StablePrinter(settings),
        cse=False,
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
        The same in words, after "name must be".
    """

    holds: sp.Basic
    text: str


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


@dataclass(frozen=True, kw_only=True)
class Formula:
    """An expression that can be called with numbers.

    Parameters
    ----------
    key : str
        Its name.
    expression : sympy.Expr or sympy.Tuple
        The formula, in the symbols of `lim_lib.symbols`.
    parameters : tuple of str
        Names of the arguments, in order; ``temperature`` is added to every formula.
    regime : tuple of Regime
        Where it holds; outside it warns.
    requires : tuple of Requirement
        Relations between the arguments; if one is broken it raises.
    domains : mapping of str to Domain
        Arguments that may take fewer values than the notation table allows.
    """

    key: str
    expression: sp.Basic
    parameters: tuple[str, ...]
    regime: tuple[Regime, ...] = ()
    requires: tuple[Requirement, ...] = ()
    domains: Mapping[str, Domain] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of all arguments, temperature last."""
        return (*self.parameters, "temperature")

    def latex(self) -> str:
        """The expression in LaTeX, with kT for the thermal energy."""
        energy = sp.Symbol("kT", positive=True)
        readable = self.expression.subs(symbols.boltzmann, energy / symbols.temperature)
        return sp.latex(readable, ln_notation=True)

    def check(self, values: Mapping[str, Any]) -> dict[str, float | np.ndarray]:
        """The arguments as floats or arrays, each in its domain and all of compatible shapes."""
        missing = [name for name in self.arguments if name not in values]
        if missing:
            raise TypeError(f"{self.key}() needs {', '.join(missing)}")
        checked = {}
        for name in self.arguments:
            domain = self.domains.get(name, symbols.QUANTITIES[name].domain)
            checked[name] = validate.number(name, values[name], domain)
        validate.broadcast(checked)
        for requirement in self.requires:
            broken = ~np.asarray(evaluate(requirement.holds, checked))
            if broken.any():
                names = sorted(symbols.NAMES[s] for s in requirement.holds.free_symbols)
                first = {n: np.broadcast_to(checked[n], broken.shape)[broken][0] for n in names}
                got = ", ".join(f"{name}={value:.6g}" for name, value in first.items())
                raise ValueError(f"{requirement.text}, got {got}")
        return checked

    def warn(self, values: Mapping[str, float | np.ndarray], stacklevel: int) -> None:
        """Warn of each condition of the regime that the arguments break, and how far."""
        for regime in self.regime:
            if regime.holds is None or np.all(evaluate(regime.holds, values)):
                continue
            excess = np.max(evaluate(regime.excess, values))
            message = f"{self.key}: {regime.report.format(float(excess))}"
            warnings.warn(message, RegimeWarning, stacklevel=stacklevel)

    def __call__(self, *args, **kwargs) -> float | np.ndarray | tuple:
        values = validate.arguments(self.key, self.arguments, args, kwargs)
        return self.at({"temperature": 300.0} | values, stacklevel=3)

    def at(self, values: Mapping[str, Any], stacklevel: int = 2) -> float | np.ndarray | tuple:
        """The value for arguments in a mapping; `stacklevel` says whose line a warning names."""
        checked = self.check(values)
        self.warn(checked, stacklevel + 1)
        if isinstance(self.expression, sp.Tuple):
            results = tuple(evaluate(part, checked) for part in self.expression)
        else:
            results = evaluate(self.expression, checked)
        if not np.all(np.isfinite(results)):
            message = f"{self.key}: the value is beyond the largest double, given as infinite"
            warnings.warn(message, RegimeWarning, stacklevel=stacklevel)
        return results


def evaluate(expression: sp.Basic, values: Mapping[str, float | np.ndarray]):
    """An expression at checked arguments: a float (or bool), or an array in blocks."""
    names = tuple(n for n in values if symbols.QUANTITIES[n].symbol in expression.free_symbols)
    function = numeric(expression, tuple(symbols.QUANTITIES[n].symbol for n in names))
    used = [values[name] for name in names]
    shape = validate.broadcast(values)
    with np.errstate(all="ignore"):
        if not shape:
            return np.asarray(function(*used)).item()
        if np.prod(shape) <= BLOCK:
            return np.broadcast_to(function(*used), shape).copy()
        return _in_blocks(function, used, shape)


def _in_blocks(function: Callable, values: list, shape: tuple[int, ...]) -> np.ndarray:
    flat = [v if np.ndim(v) == 0 else np.broadcast_to(v, shape).reshape(-1) for v in values]
    size = int(np.prod(shape))
    parts = (slice(start, start + BLOCK) for start in range(0, size, BLOCK))
    first = next(parts)
    head = np.asarray(function(*(v if np.ndim(v) == 0 else v[first] for v in flat)))
    result = np.empty(size, dtype=head.dtype)
    result[first] = head
    for part in parts:
        result[part] = function(*(v if np.ndim(v) == 0 else v[part] for v in flat))
    return result.reshape(shape)


def formula(expression: sp.Basic, **conditions) -> Callable:
    """Decorator: the function whose value is the expression.

    The signature names the arguments, the docstring documents them, the body holds nothing else.
    The result carries ``.expression`` and ``.formula``.

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

    def decorate(declaration: Callable) -> Callable:
        names = tuple(n for n in signature(declaration).parameters if n != "temperature")
        made = Formula(
            key=declaration.__name__, expression=expression, parameters=names, **conditions
        )

        def function(*args, **kwargs):
            values = validate.arguments(made.key, made.arguments, args, kwargs)
            return made.at({"temperature": 300.0} | values, stacklevel=3)

        update_wrapper(function, declaration)
        function.formula, function.expression = made, expression
        return function

    return decorate

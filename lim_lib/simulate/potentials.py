"""Potentials: an energy, the force that is minus its gradient, and what equilibrium says of them.

A potential is a pair of functions of the position and of named controls:
``energy(x, stiffness=..., centre=...)``. Positions are arrays (replicas,), or (replicas,
dimensions); energies (replicas,); forces have the shape of the positions.
"""

import numbers
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import Parameter, Signature, signature
from keyword import iskeyword
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from lim_lib import symbols
from lim_lib.units import thermal_energy
from lim_lib.validate import REAL, integer, number, refuse, shown, single


@dataclass(frozen=True)
class Potential:
    """An energy and its force.

    Parameters
    ----------
    energy : callable
        ``energy(x, **controls)`` in J, one value for each replica.
    force : callable
        ``force(x, **controls)``, minus the gradient, in J per parameter unit; shape of x.

    Examples
    --------
    >>> quartic = Potential(energy=lambda x, scale: scale * x**4,
    ...                     force=lambda x, scale: -4 * scale * x**3)
    >>> quartic.force(np.array([1.0, 2.0]), scale=1.0)
    array([ -4., -32.])
    """

    energy: Callable[..., np.ndarray]
    force: Callable[..., np.ndarray]

    def accept(self, controls: Iterable[str]) -> None:
        """Refuse controls that the energy or the force does not take, or that are missing.

        Examples
        --------
        >>> harmonic.accept({"centre": 0.0})
        Traceback (most recent call last):
        TypeError: controls must be those that the potential's energy takes: missing ... 'stiffness'
        """
        for name in ("energy", "force"):
            try:
                taken = signature(getattr(self, name))
            except ValueError:  # a function that is not written in Python does not tell
                continue
            try:
                taken.bind(None, **dict.fromkeys(controls))
            except TypeError as error:
                raise TypeError(
                    f"controls must be those that the potential's {name} takes: {error}"
                ) from None

    @classmethod
    def from_expression(cls, expression: sp.Expr, *position: sp.Symbol) -> "Potential":
        """The potential of a SymPy expression; SymPy differentiates it for the force.

        Parameters
        ----------
        expression : sympy.Expr
            Energy in J.
        *position : sympy.Symbol
            The coordinates; one for positions of shape (replicas,), more for (replicas,
            dimensions). All other symbols are controls, by their names in `lim_lib.symbols`, or
            by their own names if they are not there. Symbols of one name are one quantity,
            whatever is assumed of them.

        Returns
        -------
        Potential

        Raises
        ------
        ValueError, TypeError
            For what is no expression, and for one that NumPy and SciPy cannot evaluate, as where
            its gradient holds a `sympy.DiracDelta`.

        Examples
        --------
        >>> x, pull = sp.symbols("x pull")
        >>> Potential.from_expression(-pull * x, x).force(np.array([0.0, 1.0]), pull=2.0)
        array([2., 2.])
        """
        unknown = [s for s in position if not isinstance(s, sp.Symbol)]
        if not position or unknown:
            refuse("position", position, "one or more SymPy symbols", TypeError)
        if isinstance(expression, numbers.Real) and not isinstance(expression, bool):
            expression = sp.sympify(expression)
        if not isinstance(expression, sp.Expr):
            refuse("expression", expression, "a SymPy expression", TypeError)
        own = {q.name: q if q.is_real else sp.Symbol(q.name, real=True) for q in position}
        if len(own) < len(position):
            refuse("position", position, "symbols of different names")
        position = tuple(own.values())
        expression = expression.subs({s: own.get(s.name, s) for s in expression.free_symbols})
        controls = sorted(expression.free_symbols - set(position), key=str)
        names = {s: symbols.NAMES.get(s, str(s)) for s in controls}
        for name in names.values():
            if not name.isidentifier() or iskeyword(name) or name in own:
                refuse("a control of the expression", name, "a name that an argument can have")
        plain = {s: sp.Symbol(name, real=True) for s, name in names.items()}
        arguments = [*position, *dict.fromkeys(plain.values())]
        gradient = [-sp.diff(expression, q) for q in position]
        energy, *force = (
            _compiled(expression, arguments, part.subs(plain)) for part in (expression, *gradient)
        )
        keywords = [Parameter(str(s), Parameter.KEYWORD_ONLY) for s in arguments[len(position) :]]
        taken = Signature([Parameter("x", Parameter.POSITIONAL_ONLY), *keywords])

        def filled(part, x, values):
            taken.bind(x, **values)
            x, *given = _floats(x, *values.values())
            q = (x,) if len(position) == 1 else tuple(np.moveaxis(x, -1, 0))
            result = part(*q, **dict(zip(values, given, strict=True)))
            like = np.shape(q[0])
            return result if np.shape(result) == like else np.full(like, result, dtype=float)

        def energy_of(x, **values):
            return filled(energy, x, values)

        def force_of(x, **values):
            parts = [filled(part, x, values) for part in force]
            return parts[0] if len(parts) == 1 else np.stack(parts, axis=-1)

        for function in (energy_of, force_of):
            vars(function)["__signature__"] = taken
        potential = cls(energy_of, force_of)
        object.__setattr__(potential, "_made_of", (expression, *position))
        object.__setattr__(potential, "_plain", (energy, force[0]))
        return potential

    def __reduce__(self):
        if made_of := vars(self).get("_made_of"):  # functions made at run time cannot be sent
            return type(self).from_expression, made_of
        return type(self), (self.energy, self.force)

    def plain(self) -> tuple[Callable, Callable]:
        """Energy and force in one dimension, as plain functions of x and all controls in order.

        Examples
        --------
        >>> energy, force = harmonic.plain()
        >>> energy(3.0, 2.0, 1.0), force(3.0, 2.0, 1.0)
        (4.0, -4.0)
        """
        functions = self.energy, self.force
        return vars(self).get("_plain", tuple(_PLAIN.get(each, each) for each in functions))

    def free_energy(self, *, span: tuple, temperature: Any = 300.0, **controls: float) -> float:
        """Free energy in one dimension, -kT ln Integral exp(-U/kT) dx, in J.

        Parameters
        ----------
        span : (float, float)
            The interval that holds all of the probability.
        temperature : float
            Temperature in K.
        **controls
            The values of the controls.

        Returns
        -------
        float
            In J; of meaning as a difference, or with the unit of x in mind.

        Examples
        --------
        >>> kT = thermal_energy()
        >>> free = [harmonic.free_energy(span=(-9, 9), stiffness=k * kT) for k in (1, 16)]
        >>> print(round((free[1] - free[0]) / (kT * np.log(4)), 6))
        1.0
        """
        kT = thermal_energy(temperature)
        x, energy = self._on(span, controls)
        lowest = energy.min()
        weight = _resolved(np.exp(-(energy - lowest) / kT), span)
        return float(lowest - kT * np.log(weight.sum() * (x[1] - x[0])))

    def sample(
        self,
        replicas: int,
        seed: int,
        *,
        span: tuple,
        temperature: Any = 300.0,
        **controls: float,
    ) -> np.ndarray:
        """Positions drawn from exp(-U/kT) in one dimension, by inverting its distribution.

        Parameters
        ----------
        replicas, seed : int
            How many, and where the randomness comes from.
        span : (float, float)
            The interval that holds all of the probability; its 2^15 parts are the resolution.
        temperature : float
            Temperature in K.
        **controls
            The values of the controls.

        Returns
        -------
        ndarray
            Shape (replicas,).
        """
        x, energy = self._on(span, controls)
        weight = np.exp(-(energy - energy.min()) / thermal_energy(temperature))
        _resolved(weight, span)
        edges = np.append(x, x[-1] + x[1] - x[0]) - (x[1] - x[0]) / 2
        distribution = np.append(0, np.cumsum(weight)) / weight.sum()
        generator = np.random.default_rng(seed)
        return np.interp(generator.random(integer("replicas", replicas)), distribution, edges)

    def _on(self, span: tuple, controls: dict) -> tuple[np.ndarray, np.ndarray]:
        """The middles of equal parts of a span, and the energies there."""
        ends = np.asarray(number("span", span, REAL))
        if ends.shape != (2,) or not ends[0] < ends[1]:
            refuse("span", span, "an interval (low, high)")
        self.accept(controls)
        controls = {name: single(f"controls[{name!r}]", v) for name, v in controls.items()}
        low, high = ends.tolist()
        x = low + (high - low) * (np.arange(1 << 15) + 0.5) / (1 << 15)
        with np.errstate(all="ignore"):
            energy = np.asarray(self.energy(x, **controls), dtype=float)
        lost = np.isnan(energy) | (energy == -np.inf)
        if lost.any():
            k = int(lost.argmax())
            raise ValueError(
                f"span must lie in the domain of the potential, got {shown(span)}, and at x = "
                f"{x[k]:.6g} the energy is {energy[k]}"
            )
        return x, energy


def _resolved(weight: np.ndarray, span: tuple) -> np.ndarray:
    """The weights of equal parts of a span, if the parts are fine enough for them."""
    share = weight.max() / weight.sum()
    if share > 0.05:
        refuse("span", span, f"so narrow that no part of its {weight.size} holds more than 5 % of "
               f"the probability (one holds {share:.0%})")  # fmt: skip
    return weight


def _compiled(expression: sp.Expr, arguments: list, part: sp.Expr) -> Callable:
    """The numeric function of an expression or of a derivative of it, tried at one point."""
    wanted = "one that NumPy and SciPy can evaluate"
    if part.has(sp.nan, sp.oo, sp.zoo, sp.I, sp.DiracDelta, AppliedUndef):
        refuse("expression", expression, f"{wanted}, and its gradient, too")
    try:
        function = sp.lambdify(arguments, part, ["scipy", "numpy"], cse=True)
        with np.errstate(all="ignore"):
            tried = np.asarray(function(*(np.array([0.25, 0.75]) for _ in arguments)))
    except Exception as error:
        raise ValueError(
            f"expression must be {wanted}, got {shown(expression)} ({type(error).__name__})"
        ) from error
    if tried.dtype.kind not in "iuf" or tried.shape not in ((), (2,)):
        refuse("expression", expression, f"{wanted} to real numbers")
    return function


def _floats(*values) -> list:
    """Doubles, whatever type of number they were, so that no square overflows a narrow one."""
    return [np.asarray(value, dtype=float)[()] for value in values]


def _spring_energy(x, stiffness, centre):
    away = x - centre
    return (0.5 * stiffness) * (away * away)


def _spring_force(x, stiffness, centre):
    return stiffness * (centre - x)


def _harmonic_energy(x, stiffness, centre=0.0):
    return _spring_energy(*_floats(x, stiffness, centre))


def _harmonic_force(x, stiffness, centre=0.0):
    return _spring_force(*_floats(x, stiffness, centre))


harmonic = Potential(_harmonic_energy, _harmonic_force)
"""A spring in one dimension: ``stiffness`` (J per parameter unit squared) and ``centre`` (0)."""


def _well_energy(x, barrier, half_width, pull):
    square = x * x
    square *= 1 / half_width**2
    square -= 1
    square *= square
    square *= barrier
    return square - pull * x if pull else square


def _well_force(x, barrier, half_width, pull):
    force = x * x
    force *= -4 * barrier / half_width**4
    force += 4 * barrier / half_width**2
    force *= x
    return force + pull if pull else force


def _double_well_energy(x, barrier, half_width, pull=0.0):
    return _well_energy(*_floats(x, barrier, half_width, pull))


def _double_well_force(x, barrier, half_width, pull=0.0):
    return _well_force(*_floats(x, barrier, half_width, pull))


double_well = Potential(_double_well_energy, _double_well_force)
"""The cell of `lim_lib.memory.DOUBLE_WELL`, in few operations: ``barrier`` (J), ``half_width`` a,
and ``pull`` (0), a constant force towards positive x in J per parameter unit, ε/(2a)."""

_PLAIN = {
    _harmonic_energy: _spring_energy,
    _harmonic_force: _spring_force,
    _double_well_energy: _well_energy,
    _double_well_force: _well_force,
}
"""The same functions of floats."""

"""Potentials: an energy, the force that is minus its gradient, and what equilibrium says of them.

A potential is a pair of functions of the position and of named controls:
``energy(x, stiffness=..., centre=...)``. Positions are arrays (replicas,), or (replicas,
dimensions); energies (replicas,); forces have the shape of the positions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from keyword import iskeyword
from typing import Any

import numpy as np
import sympy as sp

from lim_lib import symbols
from lim_lib.units import thermal_energy
from lim_lib.validate import REAL, integer, number, refuse


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
            by their own names if they are not there.

        Returns
        -------
        Potential

        Examples
        --------
        >>> x, pull = sp.symbols("x pull")
        >>> Potential.from_expression(-pull * x, x).force(np.array([0.0, 1.0]), pull=2.0)
        array([2., 2.])
        """
        unknown = [s for s in position if not isinstance(s, sp.Symbol)]
        if not position or unknown:
            refuse("position", position, "one or more SymPy symbols", TypeError)
        controls = sorted(expression.free_symbols - set(position), key=str)
        names = {s: symbols.NAMES.get(s, str(s)) for s in controls}
        for name in names.values():
            if not name.isidentifier() or iskeyword(name):
                refuse("a control of the expression", name, "a name that an argument can have")
        plain = {s: sp.Symbol(name, real=True) for s, name in names.items()}
        arguments = [*position, *plain.values()]
        gradient = [-sp.diff(expression, q) for q in position]
        energy, *force = (
            sp.lambdify(arguments, part.subs(plain), "numpy", cse=True)
            for part in (expression, *gradient)
        )

        def coordinates(x):
            return (x,) if len(position) == 1 else tuple(np.moveaxis(x, -1, 0))

        def energy_of(x, **values):
            q = coordinates(x)
            return _filled(energy(*q, **values), q[0])

        def force_of(x, **values):
            q = coordinates(x)
            parts = [_filled(part(*q, **values), q[0]) for part in force]
            return parts[0] if len(parts) == 1 else np.stack(parts, axis=-1)

        potential = cls(energy_of, force_of)
        object.__setattr__(potential, "_made_of", (expression, *position))
        return potential

    def __reduce__(self):
        if made_of := vars(self).get("_made_of"):  # functions made at run time cannot be sent
            return type(self).from_expression, made_of
        return type(self), (self.energy, self.force)

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
        weight = np.exp(-(energy - lowest) / kT)
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
        edges = np.append(x, x[-1] + x[1] - x[0]) - (x[1] - x[0]) / 2
        distribution = np.append(0, np.cumsum(weight)) / weight.sum()
        generator = np.random.default_rng(seed)
        return np.interp(generator.random(integer("replicas", replicas)), distribution, edges)

    def _on(self, span: tuple, controls: dict) -> tuple[np.ndarray, np.ndarray]:
        low, high = number("span", span, REAL)
        if not low < high:
            refuse("span", span, "an interval (low, high)")
        x = low + (high - low) * (np.arange(1 << 15) + 0.5) / (1 << 15)
        return x, self.energy(x, **controls)


def _filled(values, like: np.ndarray) -> np.ndarray:
    return values if np.shape(values) == like.shape else np.full(like.shape, values, dtype=float)


def _harmonic_energy(x, stiffness, centre=0.0):
    away = x - centre
    return (0.5 * stiffness) * (away * away)


def _harmonic_force(x, stiffness, centre=0.0):
    return stiffness * (centre - x)


harmonic = Potential(_harmonic_energy, _harmonic_force)
"""A spring in one dimension: ``stiffness`` (J per parameter unit squared) and ``centre`` (0)."""


def _double_well_energy(x, barrier, half_width, pull=0.0):
    square = x * x
    square *= 1 / half_width**2
    square -= 1
    square *= square
    square *= barrier
    return square - pull * x if pull else square


def _double_well_force(x, barrier, half_width, pull=0.0):
    force = x * x
    force *= -4 * barrier / half_width**4
    force += 4 * barrier / half_width**2
    force *= x
    return force + pull if pull else force


double_well = Potential(_double_well_energy, _double_well_force)
"""The cell of `lim_lib.memory.DOUBLE_WELL`, in few operations: ``barrier`` (J), ``half_width`` a,
and ``pull`` (0), a constant force towards positive x in J per parameter unit, ε/(2a)."""

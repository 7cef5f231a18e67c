r"""The frontier: the least heat of bringing one cell to one level within a hop budget.

Model: one cell on a ladder of L levels. In a unit of hop budget it hops over an edge at the rates
exp(x/2) and exp(-x/2), whatever the barrier does meanwhile (the clock lemma), and the tilts x may
be any functions of the budget R that is spent. Between neighbours of probabilities p_i and p_j, a
net flux J then dissipates at least

.. math:: \varphi(J, g) = 2 J\,\mathrm{arsinh}\frac{J}{2 g}, \qquad g = \sqrt{p_i p_j},

per unit of budget, in units of k_B, and this is convex in J and the probabilities together. The
least heat over all tilts is therefore a convex programme in the path p(R).

The heat that is reported is that of a path that a protocol can follow (`Frontier.energy`), and so
never below the true minimum. The programme is solved in `lim_lib.bounds.programme`; two levels need
none: Euler and Lagrange's equation has a first integral.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import entr

from lim_lib.bounds.programme import GAUSS, cheapest_path
from lim_lib.results import Result
from lim_lib.text import energy_with_error
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, integer, number, refuse, single

__all__ = ["Frontier", "frontier"]

BUDGETS, ERRORS = Domain(1e-12, 1e12), Domain(1e-100, 0.5, high_allowed=False)
"""Hop budgets and errors for which doubles resolve the way."""

MOST_LEVELS = 256
"""Most levels: a matrix of a gigabyte would be needed for many more."""


@dataclass(frozen=True, eq=False, repr=False)
class Frontier(Result):
    """The cheapest way within a hop budget: what `frontier` finds.

    Parameters
    ----------
    spent : ndarray
        Hop budget that is spent at each node, from 0 to R.
    probabilities : ndarray
        Of the levels at each node, shape (nodes, levels); linear in between.
    entropy_production : float
        Of this way, in k_B.
    gap : float
        How far that is above the least one, at most: estimated from a mesh twice as coarse, in k_B.
    temperature : float
        Of the bath in K.

    Examples
    --------
    >>> frontier(levels=8, hop_budget=10, error=1e-3)
    Frontier of 8 levels and a hop budget of 10
      entropy_production  1.869 k_B
      heat                3.939 kT, 16.3 zJ
      entropy_lost        2.07 k_B
      transport           3.496
      gap                 0.0011 k_B
    """

    measures: ClassVar = {
        "spent": ("1", "nodes"),
        "probabilities": ("1", "nodes", "levels"),
        "entropy_production": ("1",),
        "gap": ("1",),
        "temperature": ("K",),
    }

    spent: np.ndarray
    probabilities: np.ndarray
    entropy_production: float
    gap: float
    temperature: float = 300.0

    @property
    def entropy_lost(self) -> float:
        """Entropy of the start less that of the end, in k_B (nats)."""
        first, last = entr(self.probabilities[[0, -1]]).sum(axis=1)
        return float(first - last)

    @property
    def heat(self) -> float:
        """Heat given to the bath in J: kT times entropy production and entropy lost."""
        return thermal_energy(self.temperature) * (self.entropy_production + self.entropy_lost)

    @property
    def fluxes(self) -> np.ndarray:
        """Net flux up each edge and unit of budget, between the nodes: shape (nodes - 1, edges)."""
        below = np.cumsum(self.probabilities, axis=1)[:, :-1]
        return -np.diff(below, axis=0) / np.diff(self.spent)[:, None]

    @property
    def net_moves(self) -> float:
        """Net moves over all edges, each counted positive: never below the transport."""
        return float(np.abs(self.fluxes * np.diff(self.spent)[:, None]).sum())

    @property
    def transport(self) -> float:
        """Level moves between start and end."""
        return float(np.abs(np.cumsum(self.probabilities[-1] - self.probabilities[0])).sum())

    @cached_property
    def tilts(self) -> np.ndarray:
        """Tilt up each edge midway between nodes, in kT: shape (nodes - 1, edges)."""
        middle = (self.probabilities[:-1] + self.probabilities[1:]) / 2
        low, high = middle[:, :-1], middle[:, 1:]
        return 2 * np.arcsinh(self.fluxes / (2 * np.sqrt(low * high))) - np.log(low / high)

    def energy(self, spent: float) -> np.ndarray:
        """Energies of the levels that make the cell go this way, when so much is spent.

        Parameters
        ----------
        spent : float
            Hop budget from 0 to R.

        Returns
        -------
        ndarray
            In J, of each level, level 0 at zero.
        """
        middle = (self.spent[:-1] + self.spent[1:]) / 2
        after = int(np.clip(np.searchsorted(middle, spent), 1, middle.size - 1))
        part = np.clip(np.interp(spent, middle, np.arange(middle.size)) - after + 1, 0, 1)
        tilt = (1 - part) * self.tilts[after - 1] + part * self.tilts[after]
        return -thermal_energy(self.temperature) * np.append(0.0, np.cumsum(tilt))

    def headline(self) -> str:
        """How many levels, and what there was to spend."""
        levels, budget = self.probabilities.shape[1], self.spent[-1]
        return f"{type(self).__name__} of {levels} levels and a hop budget of {budget:.4g}"

    def rows(self):
        """Entropy production, heat, what it was for, and how near to the least."""
        yield "entropy_production", f"{self.entropy_production:.4g} k_B"
        yield "heat", energy_with_error(self.heat, 0.0, self.temperature)
        yield "entropy_lost", f"{self.entropy_lost:.4g} k_B"
        yield "transport", f"{self.transport:.4g}"
        yield "gap", f"{self.gap:.2g} k_B"


def frontier(
    levels: int,
    hop_budget: float,
    error: float | None = None,
    *,
    target: int = 0,
    start: Any = None,
    end: Any = None,
    temperature: float = 300.0,
    tolerance: float = 1e-3,
) -> Frontier:
    """The least heat of bringing one cell on a ladder to one level, within a hop budget.

    Parameters
    ----------
    levels : int
        Levels L of the ladder, 2 to 256.
    hop_budget : float
        Hop budget R: hops that the barrier allows the cell by itself over each edge, each way;
        1e-12 to 1e12.
    error : float
        Probability q that the cell is not on its target at the end, 1e-100 to below 1/2. Where it
        is then is left to the optimum.
    target : int
        The level; 0 is an end of the ladder, ``levels // 2`` its centre.
    start : array_like, optional
        Probabilities of the levels at first, by default all alike.
    end : array_like, optional
        Probabilities of the levels at the end, instead of an error.
    temperature : float
        Temperature of the bath in K.
    tolerance : float
        Gap that is good enough, relative to the entropy production.

    Returns
    -------
    Frontier

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.
    RuntimeError
        If Newton's method does not converge.

    Warns
    -----
    RuntimeWarning
        If 512 intervals do not bring the gap below the tolerance.

    Examples
    --------
    >>> round(frontier(levels=2, hop_budget=1.0, error=1e-3).entropy_production, 9)
    0.64832446
    """
    levels = integer("levels", levels, 2, MOST_LEVELS)
    hop_budget = single("hop_budget", hop_budget, BUDGETS)
    target = integer("target", target, 0, levels - 1)
    tolerance = single("tolerance", tolerance, POSITIVE)
    thermal_energy(temperature)
    if (error is None) == (end is None):
        raise TypeError("give exactly one of error and end")
    first = np.full(levels, 1 / levels) if start is None else _distribution("start", start, levels)
    if end is not None:
        last: np.ndarray | None = _distribution("end", end, levels)
    else:
        error = single("error", error, ERRORS)
        last = np.where(np.arange(levels) == target, 1 - error, error) if levels == 2 else None
    if levels == 2:
        spent, path, production, gap = _two_levels(first, last, hop_budget)
    else:
        spent, path, production, gap = cheapest_path(
            first, last, target, error, hop_budget, tolerance
        )
    return Frontier(spent, path, production, gap, float(temperature))


def _distribution(name: str, values: Any, levels: int) -> np.ndarray:
    p = np.asarray(number(name, values, NON_NEGATIVE))
    if p.shape != (levels,) or abs(p.sum() - 1) > 1e-9:
        refuse(name, values, f"{levels} probabilities with sum 1")
    return p / p.sum()


def _two_levels(first, last, budget) -> tuple:
    """By quadrature: g u² / sqrt(1 + u²/4) is constant along the way, where u = J/g."""
    low, high = first[0], last[0]
    if low == high:
        return np.array([0.0, budget]), np.array([first, last]), 0.0, 0.0

    def drive(p, constant):
        kappa = constant / np.sqrt(p * (1 - p))
        return kappa * np.sqrt((1 + np.sqrt(1 + 64 / kappa**2)) / 8)

    def slowness(p, constant):
        return 1 / (drive(p, constant) * np.sqrt(p * (1 - p)))

    def whole(f, constant):
        """The integral from one end to the other; z crowds where a probability may vanish."""
        middle, half = (low + high) / 2, (high - low) / 2
        return quad(
            lambda z: f(middle + half * np.sin(z), constant) * abs(half) * np.cos(z),
            *(-np.pi / 2, np.pi / 2),
            epsabs=0,
            epsrel=1e-11,
            limit=200,
        )

    def excess(logarithm):
        return np.log(whole(slowness, np.exp(logarithm))[0] / budget)

    constant = np.exp(brentq(excess, -120.0, 60.0, xtol=1e-13, rtol=1e-13))
    production, gap = whole(lambda p, constant: 2 * np.arcsinh(drive(p, constant) / 2), constant)
    p = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 257))) / 2
    nodes, weights = GAUSS
    inside = (p[:-1] + p[1:])[:, None] / 2 + np.diff(p)[:, None] / 2 * nodes
    spent = np.abs(np.diff(p)) / 2 * (slowness(inside, constant) @ weights)
    spent = np.append(0, np.cumsum(spent / spent.sum() * budget))
    return spent, np.column_stack([p, 1 - p]), float(production), float(gap)

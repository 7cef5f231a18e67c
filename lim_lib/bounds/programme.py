r"""The frontier: the least heat of bringing one cell to one level within a hop budget.

Model: one cell on a ladder of L levels. In a unit of hop budget it hops over an edge at the rates
exp(x/2) and exp(-x/2), whatever the barrier does meanwhile (the clock lemma), and the tilts x may
be any functions of the budget R that is spent. Between neighbours of probabilities p_i and p_j, a
net flux J then dissipates at least

.. math:: \varphi(J, g) = 2 J\,\mathrm{arsinh}\frac{J}{2 g}, \qquad g = \sqrt{p_i p_j},

per unit of budget, in units of k_B, and this is convex in J and the probabilities together. The
least heat over all tilts is therefore a convex programme in the path p(R).

Probabilities are linear in R between nodes that crowd where the writing ends. The programme's
unknowns are, for each edge and node, the probability m on the side of the edge that the target is
not on: fluxes are differences of m along R, probabilities differences of m along the ladder.
Newton's method with a banded matrix solves it; the heat that is reported is that of the path
found, which a protocol can follow (`Frontier.energy`), and so never below the true minimum. Two
levels need no programme: Euler and Lagrange's equation has a first integral.
"""

import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import sparse
from scipy.integrate import quad
from scipy.linalg import solveh_banded
from scipy.optimize import brentq
from scipy.special import entr

from lim_lib.results import Result
from lim_lib.text import energy_with_error
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, integer, number, refuse, single

__all__ = ["Frontier", "frontier"]

COARSEST, MESHES = 16, 6
"""Intervals of hop budget at first, and how many meshes there are: each twice as fine."""

MOST_LEVELS = 256
"""Most levels: a matrix of a gigabyte would be needed for many more."""

MOST_TURNS = 300
"""Most turns of Newton's method on one mesh."""

_GAUSS = np.polynomial.legendre.leggauss(6)


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
      entropy_lost        2.069 k_B
      transport           3.496
      gap                 ...
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
        Hop budget R: hops that the barrier allows the cell by itself over each edge, each way.
    error : float
        Probability q that the cell is not on its target at the end, above 0 and below 1/2. Which
        other level it is on then is left to the optimum.
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
    hop_budget = single("hop_budget", hop_budget, POSITIVE)
    target = integer("target", target, 0, levels - 1)
    tolerance = single("tolerance", tolerance, POSITIVE)
    thermal_energy(temperature)
    if (error is None) == (end is None):
        raise TypeError("give exactly one of error and end")
    first = np.full(levels, 1 / levels) if start is None else _distribution("start", start, levels)
    last = None
    if end is not None:
        last = _distribution("end", end, levels)
    else:
        error = single("error", error, Domain(0, 0.5, low_allowed=False, high_allowed=False))
        if levels == 2:
            last = np.full(2, error)
            last[target] = 1 - error
    if levels == 2:
        found = _two_levels(first, last, hop_budget)
    else:
        found = _many_levels(first, last, target, error, hop_budget, tolerance)
    return Frontier(*found, temperature=float(temperature))


def _distribution(name: str, values: Any, levels: int) -> np.ndarray:
    p = np.asarray(number(name, values, NON_NEGATIVE))
    if p.shape != (levels,) or abs(p.sum() - 1) > 1e-9:
        refuse(name, values, f"{levels} probabilities with sum 1")
    return p / p.sum()


def _two_levels(first: np.ndarray, last: np.ndarray, budget: float) -> tuple:
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

    constant = np.exp(brentq(excess, -60.0, 60.0, xtol=1e-13, rtol=1e-13))
    production, gap = whole(lambda p, constant: 2 * np.arcsinh(drive(p, constant) / 2), constant)
    p = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, 257))) / 2
    nodes, weights = _GAUSS
    inside = (p[:-1] + p[1:])[:, None] / 2 + np.diff(p)[:, None] / 2 * nodes
    spent = np.abs(np.diff(p)) / 2 * (slowness(inside, constant) @ weights)
    spent = np.append(0, np.cumsum(spent / spent.sum() * budget))
    return spent, np.column_stack([p, 1 - p]), float(production), float(gap)


def _many_levels(first, last, target, error, budget, tolerance) -> tuple:
    """By the programme, on meshes that become finer until the gap is small."""
    path, coarser = None, np.inf
    for intervals in (COARSEST << k for k in range(MESHES)):
        spent = budget * (1 - (1 - np.linspace(0, 1, intervals + 1)) ** 2)
        path, uncertain = _Programme(spent, first, last, target, error).solve(path, tolerance)
        production = _production(spent, path)
        value = production - _shannon(path[-1])
        gap = uncertain + abs(coarser - value) / 3  # which falls like the square of the mesh
        coarser = value
        if gap <= tolerance * production:
            break
    else:
        warnings.warn(
            f"frontier: {intervals} intervals leave a gap of {gap:.2g} k_B at an entropy "
            f"production of {production:.4g} k_B, more than tolerance={tolerance:g} asks for",
            RuntimeWarning,
            stacklevel=3,
        )
    return spent, path, production, gap


def _shannon(p: np.ndarray) -> float:
    return float(entr(p).sum())


def _production(spent: np.ndarray, path: np.ndarray) -> float:
    """Entropy production in k_B of probabilities that are linear in the budget between nodes."""
    width = np.diff(spent)
    flux = np.abs(np.diff(np.cumsum(path, axis=1)[:, :-1], axis=0)) / width[:, None]
    total = 0.0
    for node, weight in zip(*_GAUSS, strict=True):
        p = path[:-1] + (node + 1) / 2 * np.diff(path, axis=0)
        pair = np.sqrt(p[:, :-1] * p[:, 1:])
        total += weight / 2 * width @ (2 * flux * np.arcsinh(flux / (2 * pair))).sum(axis=1)
    return float(total)


class _Programme:
    """The convex programme on one mesh.

    An interval's cost is the mean of those with the pairs at its two ends, which for a convex
    function is never too small; where a probability vanishes at the start or the end, it is that
    with the pairs in its middle. All that enters is a linear function of the unknowns, kept as its
    matrix and its value at zero.
    """

    def __init__(self, spent, first, last, target, error):
        n, edges = spent.size - 1, first.size - 1
        edge = np.arange(edges)
        outer, inner = edge + (edge >= target), edge + (edge < target)
        self.incidence = np.zeros((first.size, edges))
        self.incidence[outer, edge], self.incidence[inner, edge] = 1, -1
        self.target, self.spent, self.first = target, spent, first
        self.end_is_free = last is None
        self.last = np.full(first.size, (error or 0.0) / edges) if last is None else last
        if last is None:
            self.last[target] = 1 - error

        known = self.outside(np.array([first, *np.zeros((n - 1, first.size)), self.last]))
        self.free = np.zeros((n + 1, edges), dtype=bool)
        self.free[1:n] = True
        unknown = sparse.eye_array(known.size).tolil()
        if self.end_is_free:  # but for the sum next to the target
            *other, fixed = [each for each in (target - 1, target) if 0 <= each < edges]
            self.free[n] = edge != fixed
            known[n] = error * (edge == fixed)
            for each in other:
                unknown[n * edges + fixed, n * edges + each] = -1
        self.known = known.reshape(-1)
        self.unknown = unknown.tocsc()[:, self.free.reshape(-1)]

        left, right = sparse.eye_array(n, n + 1).tolil(), sparse.eye_array(n, n + 1, k=1).tolil()
        slope = sparse.diags_array(1 / np.diff(spent)) @ (left - right)
        for interval, p in ((0, first), (n - 1, self.last)):
            if not p.all():
                middle = (left[[interval]] + right[[interval]]) / 2
                left[[interval]] = right[[interval]] = middle
        at = sparse.vstack([left, right])
        self.flux = self._acting(sparse.vstack([slope, slope]), np.eye(edges), np.zeros(edges))
        on_target = np.eye(first.size)[target]
        self.pair = [
            self._acting(at, self.incidence[side], on_target[side]) for side in (outer, inner)
        ]
        self.weight = np.repeat(np.tile(np.diff(spent) / 2, 2), edges)
        nodes = sparse.eye_array(n + self.end_is_free - 1, n + 1, k=1)
        self.nodes = self._acting(nodes, self.incidence, on_target)

    def outside(self, p):
        """The probability beyond each edge, seen from the target, on each node of a path."""
        below = np.cumsum(p, axis=1)[:, : self.target]
        above = np.cumsum(p[:, ::-1], axis=1)[:, ::-1][:, self.target + 1 :]
        return np.hstack([below, above])

    def _acting(self, along, across, constant):
        matrix = sparse.kron(along, across).tocsr()
        shift = np.tile(constant, along.shape[0])
        return (matrix @ self.unknown).tocsr(), matrix @ self.known + shift

    def at(self, z):
        """Fluxes, the two probabilities of each pair, and all probabilities that are unknown."""
        return [matrix @ z + shift for matrix, shift in (self.flux, *self.pair, self.nodes)]

    def cost(self, z, centring):
        """What is to be least, and a barrier that keeps the probabilities positive.

        Entropy production, less the entropy of the end if that is free, less the mean logarithm of
        the probabilities times the centring: where this is least, the rest is least but for at most
        the centring.
        """
        flux, a, b, nodes = self.at(z)
        if nodes.min() <= 0:
            return np.inf
        total = 2 * self.weight @ (flux * np.arcsinh(flux / (2 * np.sqrt(a * b))))
        if self.end_is_free:
            total -= _shannon(nodes[-self.first.size :])
        return total - centring * np.log(nodes).mean()

    def step(self, z, centring):
        """Newton's step, and how far the cost would fall if it were quadratic, twice.

        The Hessian is a sum of squares, term by term, so that rounding leaves it positive.
        """
        flux, a, b, nodes = self.at(z)
        pair = np.sqrt(a * b)
        u = flux / pair
        root = np.sqrt(1 + u**2 / 4)
        by_pair = self.weight * u**2 / root * pair / 2
        by_flux = self.weight * (2 * np.arcsinh(u / 2) + u / root)
        (to_flux, _), (to_a, _), (to_b, _), (to_nodes, _) = (self.flux, *self.pair, self.nodes)
        to_log_a, to_log_b = sparse.diags_array(1 / a) @ to_a, sparse.diags_array(1 / b) @ to_b
        along = to_flux - sparse.diags_array(flux / 2) @ (to_log_a + to_log_b)
        bent = np.sqrt(self.weight * (1 / root + root**-3) / pair)
        by_node, squares = -centring / nodes.size / nodes, centring / nodes.size / nodes**2
        if self.end_is_free:
            end = slice(-self.first.size, None)
            by_node[end] += 1 + np.log(nodes[end])
            squares[end] += 1 / nodes[end]
        slope = to_flux.T @ by_flux - (to_log_a + to_log_b).T @ by_pair + to_nodes.T @ by_node
        root_of_hessian = sparse.vstack(
            [
                sparse.diags_array(bent) @ along,
                sparse.diags_array(np.sqrt(by_pair / 2)) @ (to_log_a - to_log_b),
                sparse.diags_array(np.sqrt(squares)) @ to_nodes,
            ]
        )
        step = -_solved(root_of_hessian, slope)
        return step, -slope @ step

    def guess(self, coarser):
        """Where to begin: on a coarser mesh's path, or on a straight one by way of the middle."""
        share = np.linspace(0, 1, self.spent.size)[:, None]
        if coarser is not None:
            at = np.linspace(0, 1, len(coarser))
            path = np.column_stack([np.interp(share[:, 0], at, p) for p in coarser.T])
        else:
            path = (1 - share) * self.first + share * self.last
            path += share * (1 - share) * (1 / self.first.size - path)
        return self.outside(path)[self.free]

    def solve(self, coarser, tolerance):
        """The probabilities at the nodes, and how far they are above the least cost, at most."""
        z = self.guess(coarser)
        centring = 1.0 if coarser is None else 1e-2
        for _ in range(MOST_TURNS):
            step, gain = self.step(z, centring)
            value, change = self.cost(z, centring), self.nodes[0] @ step
            falls = change < 0
            length = min(1.0, 0.9 / np.max(-change[falls] / self.at(z)[-1][falls], initial=0.5))
            while self.cost(z + length * step, centring) > value - 0.01 * length * gain:
                length /= 2
                if length < 1e-9:
                    break
            z = z + length * step
            if gain < centring / 10:
                m = (self.unknown @ z + self.known).reshape(self.free.shape)
                path = m @ self.incidence.T + np.eye(self.first.size)[self.target]
                if centring < 0.1 * tolerance * _production(self.spent, path):
                    return path, centring + gain
                centring /= 10
        raise RuntimeError(
            f"frontier does not converge: after {MOST_TURNS} turns of Newton's method the gap is "
            f"still about {centring + gain:.2g} k_B"
        )


def _solved(root, slope):
    """Solve with the square of a matrix, by Cholesky's method on its band."""
    scale = 1 / sparse.linalg.norm(root, axis=0)
    root = root @ sparse.diags_array(scale)
    square = sparse.tril(root.T @ root).tocoo()
    band = np.zeros((int((square.row - square.col).max()) + 1, slope.size))
    np.add.at(band, (square.row - square.col, square.col), square.data)
    band[0] += 1e-14
    return scale * solveh_banded(band, scale * slope, lower=True)

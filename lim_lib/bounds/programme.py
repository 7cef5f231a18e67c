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

COARSEST, FINEST = 16, 512
"""Intervals of hop budget, at first and at most."""

MOST_LEVELS = 256
"""Most levels: a matrix of a gigabyte would be needed for many more."""

MOST_TURNS = 200
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
    p = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, FINEST + 1))) / 2
    nodes, weights = _GAUSS
    inside = (p[:-1] + p[1:])[:, None] / 2 + np.diff(p)[:, None] / 2 * nodes
    spent = np.abs(np.diff(p)) / 2 * (slowness(inside, constant) @ weights)
    spent = np.append(0, np.cumsum(spent / spent.sum() * budget))
    return spent, np.column_stack([p, 1 - p]), float(production), float(gap)


def _many_levels(first, last, target, error, budget, tolerance) -> tuple:
    """By the programme, on meshes that become finer until the gap is small."""
    path = coarser = None
    intervals = COARSEST
    while True:
        spent = budget * (1 - (1 - np.linspace(0, 1, intervals + 1)) ** 2)
        path = _Programme(spent, first, last, target, error).solve(path)
        production = _production(spent, path)
        fine = production - _shannon(path[-1])
        if coarser is not None:
            gap = abs(coarser - fine) / 3 + 1e-12  # the error falls like the square of the mesh
            if gap <= tolerance * production or intervals == FINEST:
                break
        coarser, intervals = fine, 2 * intervals
    if gap > tolerance * production:
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

    All probabilities are B m plus one on the target; m is what is known plus Z z, with the
    unknowns z. The cost of an interval is the mean of those with the pairs at its two ends, which
    for a convex function is never too small; where a probability vanishes at the start or the end,
    it is that of its middle.
    """

    def __init__(self, spent, first, last, target, error):
        n, edges = spent.size - 1, first.size - 1
        edge = np.arange(edges)
        outer, inner = edge + (edge >= target), edge + (edge < target)
        self.incidence = np.zeros((first.size, edges))
        self.incidence[outer, edge], self.incidence[inner, edge] = 1, -1
        self.on_target = np.eye(first.size)[target]
        self.spent, self.first, self.last = spent, first, last
        if last is None:
            last = np.full(first.size, error / edges)
            last[target] = 1 - error
        self.guess = last
        free, known = self._end(target, error)
        inside = sparse.eye_array(edges * (n - 1))
        self.unknown = sparse.vstack(
            [
                sparse.csr_array((edges, inside.shape[0] + free.shape[1])),
                sparse.block_diag([inside, free]),
            ]
        ).tocsr()
        self.known = np.concatenate([self.outside(first), np.zeros(edges * (n - 1)), known])

        left, right = sparse.eye_array(n, n + 1), sparse.eye_array(n, n + 1, k=1)
        ends = sparse.vstack([left, right]).tolil()
        middle = ((left + right) / 2).tolil()
        for interval, p in ((0, first), (n - 1, last)):
            if not p.all():
                ends[[interval, n + interval]] = middle[[interval, interval]]
        slope = sparse.diags_array(1 / np.diff(spent)) @ (left - right)
        self.flux = self._acting(sparse.vstack([slope, slope]), np.eye(edges))
        self.from_ = self._acting(ends, self.incidence[outer], self.on_target[outer])
        self.to = self._acting(ends, self.incidence[inner], self.on_target[inner])
        self.weight = np.repeat(np.tile(np.diff(spent) / 2, 2), edges)
        final = sparse.csr_array(([1.0], ([0], [n])), shape=(1, n + 1))
        self.final = self._acting(final, self.incidence, self.on_target)

    def outside(self, p):
        """The probability beyond each edge, seen from the target; p may be a path."""
        target = int(self.on_target.argmax())
        below = np.cumsum(p, axis=-1)[..., :target]
        above = np.cumsum(p[..., ::-1], axis=-1)[..., ::-1][..., target + 1 :]
        return np.concatenate([below, above], axis=-1)

    def _end(self, target, error):
        """What of m is free at the end, and what is known: their sum next to the target."""
        edges = self.first.size - 1
        if self.last is not None:
            return sparse.csr_array((edges, 0)), self.outside(self.last)
        near = [edge for edge in (target - 1, target) if 0 <= edge < edges]
        free = np.delete(np.eye(edges), near[-1], axis=1)
        free[near[-1], near[:-1]] = -1
        return sparse.csr_array(free), error * (np.arange(edges) == near[-1])

    def _acting(self, along, across, constant=0.0):
        """A linear function of all m, as one of the unknowns: its matrix and its value at zero."""
        matrix = sparse.kron(along, sparse.csr_array(across)).tocsr()
        shift = np.tile(np.broadcast_to(constant, across.shape[0]), along.shape[0])
        return (matrix @ self.unknown).tocsr(), matrix @ self.known + shift

    def cost(self, z):
        """What is to be least: entropy production, less the entropy of the end if it is free."""
        flux, a, b = (matrix @ z + shift for matrix, shift in (self.flux, self.from_, self.to))
        matrix, shift = self.final
        end = matrix @ z + shift
        if min(a.min(), b.min()) <= 0 or (self.last is None and end.min() <= 0):
            return np.inf
        total = 2 * self.weight @ (flux * np.arcsinh(flux / (2 * np.sqrt(a * b))))
        return total if self.last is not None else total - entr(end).sum()

    def slope_and_curvature(self, z):
        """Gradient, and a matrix whose square is the Hessian: a sum of squares, term by term."""
        (flux, j), (from_, a), (to, b) = self.flux, self.from_, self.to
        j, a, b = flux @ z + j, from_ @ z + a, to @ z + b
        pair = np.sqrt(a * b)
        u = j / pair
        root = np.sqrt(1 + u**2 / 4)
        by_pair = self.weight * u**2 / root * pair / 2
        slope = (
            flux.T @ (self.weight * (2 * np.arcsinh(u / 2) + u / root))
            - from_.T @ (by_pair / a)
            - to.T @ (by_pair / b)
        )
        along = sparse.diags_array(j / (2 * a)) @ from_ + sparse.diags_array(j / (2 * b)) @ to
        across = sparse.diags_array(1 / a) @ from_ - sparse.diags_array(1 / b) @ to
        squares = [
            sparse.diags_array(np.sqrt(self.weight * (1 / root + root**-3) / pair))
            @ (flux - along),
            sparse.diags_array(np.sqrt(by_pair / 2)) @ across,
        ]
        if self.last is None:
            matrix, shift = self.final
            end = matrix @ z + shift
            slope = slope + matrix.T @ (1 + np.log(end))
            squares.append(sparse.diags_array(1 / np.sqrt(end)) @ matrix)
        return slope, sparse.vstack(squares)

    def solve(self, guess):
        """The probabilities at the nodes, from those of a coarser mesh."""
        nodes, edges = self.spent.size, self.first.size - 1
        share = (self.spent / self.spent[-1])[:, None]
        if guess is None:
            full = np.full(self.first.size, 1 / self.first.size)
            path = (1 - share) * self.first + share * self.guess
            path += share * (1 - share) * (full - path)
        else:
            coarse = np.linspace(0, 1, len(guess))
            path = np.column_stack(
                [np.interp(np.linspace(0, 1, nodes), coarse, p) for p in guess.T]
            )
        m = self.outside(path).reshape(-1)
        z = sparse.linalg.lsqr(self.unknown, m - self.known)[0]
        value = self.cost(z)
        for _ in range(MOST_TURNS):
            slope, squares = self.slope_and_curvature(z)
            step = -_solved(squares, slope)
            gain = -slope @ step
            length = 1.0
            for matrix, shift in (self.from_, self.to, self.final):
                p, change = matrix @ z + shift, matrix @ step
                falling = (change < 0) & (p > 0)
                length = min([length, *(-0.9 * p[falling] / change[falling])])
            while (after := self.cost(z + length * step)) > value - 0.01 * length * gain:
                length /= 2
                if length * gain < 1e-13 * (1 + abs(value)):
                    break
            z, value = z + length * step, after
            if gain < 1e-8 * (1 + abs(value)):
                path = (self.unknown @ z + self.known).reshape(nodes, edges)
                return path @ self.incidence.T + self.on_target
        raise RuntimeError(
            f"frontier does not converge: after {MOST_TURNS} turns of Newton's method the gap is "
            f"still about {gain / 2:.2g} k_B"
        )


def _solved(squares, slope):
    """Newton's step from the square root of the Hessian, by Cholesky's method on its band."""
    scale = 1 / sparse.linalg.norm(squares, axis=0)
    root = squares @ sparse.diags_array(scale)
    hessian = sparse.tril(root.T @ root).tocoo()
    band = np.zeros((int((hessian.row - hessian.col).max()) + 1, slope.size))
    np.add.at(band, (hessian.row - hessian.col, hessian.col), hessian.data)
    band[0] += 1e-14
    return scale * solveh_banded(band, scale * slope, lower=True)

"""The convex programme behind `lim_lib.bounds.frontier`, solved by an interior-point method.

Probabilities are linear in the hop budget R between nodes that crowd where the writing ends. The
unknowns are, for each node and edge, the probability m on the side of the edge that the target is
not on: fluxes are differences of m along R, probabilities differences of m along the ladder. So
the Hessian is a narrow band, and one turn of Newton's method takes no more than a band's solution.
"""

import warnings

import numpy as np
from scipy import sparse
from scipy.linalg import solveh_banded
from scipy.sparse.linalg import norm
from scipy.special import entr

COARSEST, MESHES = 16, 6
"""Intervals of hop budget at first, and how many meshes there are: each twice as fine."""

MOST_TURNS = 300
"""Most turns of Newton's method on one mesh."""

GAUSS = np.polynomial.legendre.leggauss(6)
"""Nodes from -1 to 1, and their weights."""


def cheapest_path(first, last, target, error, budget, tolerance) -> tuple:
    """Solve on meshes that become finer until the gap is small.

    Parameters
    ----------
    first : ndarray
        Probabilities of the levels at first.
    last : ndarray or None
        The same at the end; None if only the error is given.
    target : int
        The level from which the rest of the ladder is seen.
    error : float or None
        Probability of all other levels at the end, if ``last`` is None.
    budget, tolerance : float
        Hop budget, and relative gap.

    Returns
    -------
    spent, path : ndarray
        Hop budget at each node, and the probabilities there.
    production, gap : float
        In k_B.
    """
    path, coarser = None, np.inf
    for intervals in (COARSEST << k for k in range(MESHES)):
        spent = budget * (1 - (1 - np.linspace(0, 1, intervals + 1)) ** 2)
        path, uncertain = Programme(spent, first, last, target, error).solve(path, tolerance)
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
    for node, weight in zip(*GAUSS, strict=True):
        p = path[:-1] + (node + 1) / 2 * np.diff(path, axis=0)
        pair = np.sqrt(p[:, :-1] * p[:, 1:])
        total += weight / 2 * width @ (2 * flux * np.arcsinh(flux / (2 * pair))).sum(axis=1)
    return float(total)


class Programme:
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
        self.last = np.full(first.size, error / edges) if last is None else last
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
    scale = 1 / norm(root, axis=0)
    root = root @ sparse.diags_array(scale)
    square = sparse.tril(root.T @ root).tocoo()
    band = np.zeros((int((square.row - square.col).max()) + 1, slope.size))
    np.add.at(band, (square.row - square.col, square.col), square.data)
    band[0] += 1e-14
    return scale * solveh_banded(band, scale * slope, lower=True)

"""Graphs of states: what a memory can be, and which states one hop joins."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lim_lib.results import Value
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, integer, number, refuse


@dataclass(frozen=True, eq=False)
class Graph(Value):
    """A connected graph of states.

    Parameters
    ----------
    states : int
        Number of states, called 0, 1, ….
    edges : array_like of int
        Pairs (i, j), shape (edges, 2): one hop leads from i to j ("up") or back ("down").
    levels : array_like, optional
        A number for each state, of which runs record mean and variance; by default its own.

    Raises
    ------
    ValueError, TypeError
        If an edge leads nowhere or to itself, or the graph is not connected.

    Examples
    --------
    >>> triangle = Graph(3, [(0, 1), (1, 2), (2, 0)])
    >>> triangle.degree
    2
    """

    states: int
    edges: np.ndarray
    levels: Any = None

    def __post_init__(self):
        states = integer("states", self.states, low=2)
        edges = number("edges", self.edges, NON_NEGATIVE)
        if np.ndim(edges) != 2 or np.shape(edges)[1] != 2 or np.any(edges != np.floor(edges)):
            refuse("edges", self.edges, "pairs (i, j) of whole numbers")
        if edges.max() >= states:
            refuse("edges", int(edges.max()), f"pairs of states 0 to {states - 1}")
        edges = edges.astype(np.intp)
        if (edges[:, 0] == edges[:, 1]).any():
            loop = edges[edges[:, 0] == edges[:, 1]][0].tolist()
            refuse("edges", tuple(loop), "pairs of two different states")
        levels = np.arange(states) if self.levels is None else self.levels
        levels = np.asarray(number("levels", levels), dtype=float)
        if levels.shape != (states,):
            refuse("levels", f"shape {levels.shape}", f"one number for each of {states} states")
        for name, value in (("states", states), ("edges", edges), ("levels", levels)):
            object.__setattr__(self, name, value)
        unreachable = np.flatnonzero(np.isinf(self.distances([0])[0]))
        if unreachable.size:
            raise ValueError(
                f"edges must connect all states, but {unreachable.size} of {states} cannot be "
                f"reached from state 0, state {unreachable[0]} among them"
            )

    @cached_property
    def moves(self) -> np.ndarray:
        """For each state the hops out of it, shape (states, degree).

        Hop e goes up edge e, hop e + len(edges) goes down it; 2 len(edges) fills the rows.
        """
        source = self.edges.T.reshape(-1)
        order = np.argsort(source, kind="stable")
        counts = np.bincount(source, minlength=self.states)
        column = np.arange(source.size) - np.repeat(np.cumsum(counts) - counts, counts)
        table = np.full((self.states, counts.max()), source.size, dtype=np.intp)
        table[source[order], column] = order
        return table

    @property
    def degree(self) -> int:
        """The most hops that lead out of one state."""
        return self.moves.shape[1]

    def distances(self, sources: Any) -> np.ndarray:
        """Fewest hops from each of the sources to every state, shape (sources, states)."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import dijkstra

        i, j = self.edges.T
        matrix = coo_array((np.ones(i.size), (i, j)), shape=(self.states, self.states)).tocsr()
        return dijkstra(matrix, directed=False, indices=np.asarray(sources), unweighted=True)

    def transport(self, initial: Any, final: Any) -> float:
        """Fewest level moves between two distributions: Wasserstein's distance of order 1.

        Beckmann's form: the least sum over edges of ``|flow|`` whose divergence takes one
        distribution into the other.

        Parameters
        ----------
        initial, final : array_like
            Probabilities, shape (states,).

        Returns
        -------
        float
            Moves per memory.

        Examples
        --------
        >>> round(ladder(4).transport([0.25] * 4, [0, 0, 0, 1]), 12)
        1.5
        """
        from scipy.sparse import coo_array, hstack

        p, q = self.distribution("initial", initial), self.distribution("final", final)
        n = len(self.edges)
        ends = np.repeat([-1.0, 1.0], n), (self.edges.T.reshape(-1), np.tile(np.arange(n), 2))
        divergence = coo_array(ends, shape=(self.states, n)).tocsc()[:-1]  # the last row follows
        if n == self.states - 1:  # on a tree there is one flow
            from scipy.sparse.linalg import spsolve

            return float(np.abs(spsolve(divergence, (q - p)[:-1])).sum())
        from scipy.optimize import linprog

        both_ways = hstack([divergence, -divergence])
        flow = linprog(np.ones(2 * n), A_eq=both_ways, b_eq=(q - p)[:-1], method="highs-ds")
        return float(flow.fun)

    def distribution(self, name: str, probabilities: Any) -> np.ndarray:
        """The probabilities as an array, checked: one for each state, with sum 1."""
        p = np.asarray(number(name, probabilities, NON_NEGATIVE))
        if p.shape != (self.states,) or abs(p.sum() - 1) > 1e-9:
            refuse(name, probabilities, f"{self.states} probabilities with sum 1")
        return p / p.sum()

    def equilibrium(self, energy: Any, temperature: Any = 300.0) -> np.ndarray:
        """Boltzmann's probabilities, exp(-E/kT) over their sum.

        Parameters
        ----------
        energy : array_like
            Energies in J, shape (states,).
        temperature : float
            Temperature in K.

        Returns
        -------
        ndarray
            Shape (states,).
        """
        energies = np.asarray(number("energy", energy))
        if energies.shape != (self.states,):
            refuse("energy", f"shape {energies.shape}", f"{self.states} energies, one a state")
        weight = np.exp(-(energies - energies.min()) / thermal_energy(temperature))
        return weight / weight.sum()


def ladder(levels: int) -> Graph:
    """Levels 0 to L - 1 in a row: one parameter of log2(L) bits; up is towards L - 1.

    Examples
    --------
    >>> ladder(3).edges.tolist()
    [[0, 1], [1, 2]]
    """
    n = np.arange(integer("levels", levels, low=2))
    return Graph(n.size, np.column_stack([n[:-1], n[1:]]))


def ring(levels: int) -> Graph:
    """Levels in a circle: a parameter without ends, or a counter; up is onwards.

    Examples
    --------
    >>> ring(3).edges.tolist()
    [[0, 1], [1, 2], [2, 0]]
    """
    n = np.arange(integer("levels", levels, low=3))
    return Graph(n.size, np.column_stack([n, (n + 1) % n.size]))


def hypercube(bits: int) -> Graph:
    """Words of b bits, of which a hop flips one; up sets a bit, the level is their number.

    Examples
    --------
    >>> hypercube(2).edges.tolist()
    [[0, 1], [2, 3], [0, 2], [1, 3]]
    """
    n = np.arange(1 << integer("bits", bits, high=20))
    flips = [(n[n & bit == 0], bit) for bit in (1 << np.arange(int(bits)))]
    edges = np.concatenate([np.column_stack([low, low | bit]) for low, bit in flips])
    return Graph(n.size, edges, np.bitwise_count(n))

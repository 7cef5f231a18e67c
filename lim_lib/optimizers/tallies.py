r"""What is kept of an ensemble too large to be kept: counts, means, variances and the best state.

Two tallies are joined exactly. With n, the mean m and the sum of squared deviations S of each,

.. math:: S = S_1 + S_2 + (m_2 - m_1)^2\, \frac{n_1 n_2}{n_1 + n_2}

(Chan, Golub and LeVeque). Rounding alone depends on the order; `Tree` fixes that: blocks are joined
with their neighbours, pairs with neighbouring pairs, whoever comes home first.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

import lim_lib
from lim_lib.optimizers.problem import Problem
from lim_lib.optimizers.solution import (
    Anneal,
    Costs,
    Estimate,
    clipped_row,
    limit,
    success_probability,
)
from lim_lib.results import Result
from lim_lib.simulate.runs import Ledger, origin, recorded_rows, so_many
from lim_lib.text import energy_with_error, with_error
from lim_lib.validate import nearest, refuse, row

LEDGER = ("heat", "work", "energy_change", "transport", "hops", "net_moves")
"""Quantities of the ledger that are tallied."""

HISTORY = ("energy_history", "heat_history")


@dataclass(frozen=True, eq=False, repr=False)
class Tally(Costs, Result):
    """What an ensemble of any size comes to, in little memory.

    Tallies of parts of an ensemble add up to that of the whole.

    Parameters
    ----------
    problem : Problem
        What was annealed.
    replicas : int
        Number of copies.
    moments : dict
        Mean over the replicas and sum of squared deviations from it, by name: ``"energies"``,
        quantities of the ledger in J or counts, and at each of the recorded times
        ``"energy_history"`` and ``"heat_history"``.
    best_energy : float
        The least final H.
    best_state : ndarray
        A state that has it.
    best_count : int
        How many replicas have it.
    targets, hits : ndarray
        Energies H, and how many replicas reached each.
    edges, counts : ndarray or None
        Edges of bins of final H, and the replicas in each: below all edges, from each edge to
        below the next, and from the last edge on.
    on_ends : ndarray or None
        How many replicas hold each cell on its lowest and on its highest level, for a loss.
    time : float
        Time reached in s.
    temperature : float
        Of the bath in K.
    complete : bool
        False if the ensemble was interrupted: what is here holds for the replicas counted.
    times : ndarray
        The recorded times in s.
    seed, updates, engine, version
        As of `Anneal`.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel, anneal
    >>> pair = IsingModel([[0, 1], [1, 0]])
    >>> runs = [anneal(pair, 1e-20, duration=10.0, hop_rate=1.0, replicas=n, seed=n)
    ...         for n in (100, 300)]
    >>> first, second = (Tally.of(run, targets=-1) for run in runs)
    >>> first + second
    Tally of 400 replicas, complete at 10 s (lim_lib ...)
      problem        IsingModel of 2 spins
      energies       −0.9900 ± 0.0071, least −1 in 398
      reached        −1 in 398
      heat           2.44 ± 0.12 kT, 10.1 zJ
      work           0 kT
      energy_change  −2.44 ± 0.12 kT, −10.1 zJ
      transport      0.610 ± 0.029
      hops           1.095 ± 0.060
      net_moves      −0.045 ± 0.042
    """

    measures: ClassVar = {
        "best_energy": ("H",),
        "best_state": ("state", "cells"),
        "targets": ("H", "targets"),
        "hits": ("1", "targets"),
        "edges": ("H", "edges"),
        "counts": ("1", "bins"),
        "on_ends": ("1", "ends", "cells"),
        "time": ("s",),
        "temperature": ("K",),
        "times": ("s", "times"),
        "updates": ("1",),
    }

    problem: Problem
    replicas: int
    moments: dict[str, tuple[Any, Any]]
    best_energy: float
    best_state: np.ndarray
    best_count: int
    targets: np.ndarray
    hits: np.ndarray
    edges: np.ndarray | None
    counts: np.ndarray | None
    on_ends: np.ndarray | None
    time: float
    temperature: float
    complete: bool
    times: np.ndarray
    seed: int | None = None
    updates: int | None = None
    version: str = lim_lib.__version__
    engine: str = "numpy"

    @classmethod
    def of(cls, run: Anneal, *, targets: Any = (), edges: Any = None) -> Self:
        """Of a run, or of a part of an ensemble.

        Parameters
        ----------
        run : Anneal
            Whose replicas are counted.
        targets : float or array_like
            Energies H whose successes are counted, by the rule of `Anneal.success`.
        edges : array_like, optional
            Increasing energies H, the edges of bins.

        Returns
        -------
        Tally

        Raises
        ------
        ValueError, TypeError
            In one line, for targets or edges that are not such.
        """
        targets, edges = checked(targets, edges)
        values = {"energies": run.energies}
        values |= {name: getattr(run.ledger, name) for name in LEDGER}
        if run.times.size:
            values |= {name: getattr(run, name) for name in HISTORY}
        counts = on_ends = None
        if edges is not None:
            bins = np.searchsorted(edges, run.energies, side="right")
            counts = np.bincount(bins, minlength=edges.size + 1)
        if run.problem.clipping:
            on_ends = run.on_ends
        return cls(
            problem=run.problem,
            replicas=run.replicas,
            moments={name: _moments(each) for name, each in values.items()},
            best_energy=run.best_energy,
            best_state=run.best_state.copy(),
            best_count=int(np.count_nonzero(run.energies == run.best_energy)),
            targets=targets,
            hits=np.array([np.count_nonzero(run.energies <= limit(t)) for t in targets], dtype=int),
            edges=edges,
            counts=counts,
            on_ends=on_ends,
            time=run.time,
            temperature=run.ledger.temperature,
            complete=run.complete,
            times=run.times,
            seed=run.seed,
            updates=run.updates,
            version=run.version,
            engine=run.engine,
        )

    def __add__(self, other: "Tally") -> "Tally":
        if not isinstance(other, Tally):
            return NotImplemented
        for name in ("problem", "targets", "edges", "time", "temperature", "times", "engine"):
            if not alike(mine := getattr(self, name), theirs := getattr(other, name)):
                raise ValueError(f"tallies must have the same {name}, got {mine} and {theirs}")
        best = min(self, other, key=lambda each: each.best_energy)
        tied = self.best_energy == other.best_energy
        return replace(
            self,
            replicas=self.replicas + other.replicas,
            moments={
                name: _together(self.replicas, mine, other.replicas, other.moments[name])
                for name, mine in self.moments.items()
            },
            best_energy=best.best_energy,
            best_state=best.best_state,
            best_count=self.best_count + other.best_count if tied else best.best_count,
            hits=self.hits + other.hits,
            counts=None if self.counts is None else self.counts + other.counts,
            on_ends=None if self.on_ends is None else self.on_ends + other.on_ends,
            complete=self.complete and other.complete,
            seed=self.seed if self.seed == other.seed else None,
        )

    def mean(self, name: str) -> tuple[Any, Any]:
        """Mean over the replicas and its standard error.

        Parameters
        ----------
        name : str
            ``"energies"``, ``"heat"``, ``"work"``, ``"energy_change"``, ``"transport"``,
            ``"hops"``, ``"net_moves"``; if times were recorded, ``"energy_history"`` or
            ``"heat_history"`` at each of them.

        Returns
        -------
        mean, standard_error : float or ndarray
            The error is NaN for one replica, which cannot tell it.

        Raises
        ------
        ValueError
            For another name.
        """
        return self._moments_of(name)[0], np.sqrt(self.variance(name) / self.replicas)

    def variance(self, name: str) -> Any:
        """Variance over the replicas, the estimate with n - 1: NaN for one replica.

        Parameters
        ----------
        name : str
            As for `mean`.
        """
        squares = self._moments_of(name)[1]
        return squares / (self.replicas - 1) if self.replicas > 1 else squares * math.nan

    def _moments_of(self, name):
        if name not in self.moments:
            refuse("name", name, f"one of {', '.join(self.moments)}{nearest(name, self.moments)}")
        return self.moments[name]

    @property
    def mean_energy(self) -> float:
        """Mean of the final H."""
        return self.moments["energies"][0]

    @property
    def clipped(self) -> np.ndarray:
        """Share of the replicas that hold each weight on an end of its ladder, the fuller one."""
        if self.on_ends is None:
            raise ValueError("clipped is counted for a loss only")
        return self.on_ends.max(0) / self.replicas

    def success(self, target: float, *, level: float = 0.95) -> Estimate:
        """Share of replicas that reached a target that was counted, with its interval.

        Parameters
        ----------
        target : float
            One of ``targets``.
        level : float
            Confidence level of Wilson's interval.

        Returns
        -------
        Estimate
        """
        (at,) = np.nonzero(self.targets == target)
        if not at.size:
            refuse("target", target, f"one of those that were counted, {self.targets.tolist()}")
        return success_probability(int(self.hits[at[0]]), self.replicas, level=level)

    def headline(self) -> str:
        """How many replicas, how far, and where the randomness came from."""
        return f"Tally of {so_many(self.replicas, 'replica')}, {origin(self)}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """The problem, its energies, and means of the ledger."""
        yield "problem", repr(self.problem)
        least = f"least {with_error(self.best_energy, 0.0)} in {self.best_count}"
        yield "energies", f"{with_error(*self.mean('energies'))}, {least}"
        reached = zip(self.targets.tolist(), self.hits.tolist(), strict=True)
        yield "reached", ", ".join(f"{with_error(t, 0.0)} in {count}" for t, count in reached)
        if self.on_ends is not None:
            yield from clipped_row(self)
        yield from recorded_rows(self.times, None)
        for name in LEDGER:
            value, error = self.mean(name)
            if Ledger.measures[name][0] == "J":
                yield name, energy_with_error(value, error, self.temperature)
            else:
                yield name, with_error(value, error)


def checked(targets: Any, edges: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Targets and edges as arrays, if they are such."""
    given = np.atleast_1d(targets) if np.size(targets) else None
    targets = np.empty(0) if given is None else row("targets", given)
    if edges is not None:
        given, edges = edges, row("edges", edges)
        if np.any(np.diff(edges) <= 0):
            refuse("edges", given, "increasing")
    return targets, edges


def alike(first: Any, second: Any) -> bool:
    """Whether two contents are equal; arrays in all their entries."""
    if first is None or second is None:
        return first is second
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second)
    return first is second or bool(first == second)


def _moments(values: np.ndarray) -> tuple[Any, Any]:
    """Mean over the last axis, and sum of squared deviations."""
    mean = values.mean(-1)
    squares = ((values - mean[..., None]) ** 2).sum(-1)
    return (mean, squares) if mean.ndim else (float(mean), float(squares))


def _together(n1: int, first: tuple, n2: int, second: tuple) -> tuple[Any, Any]:
    """Moments of all, from those of two parts."""
    (m1, s1), (m2, s2) = first, second
    apart = m2 - m1
    return m1 + apart * (n2 / (n1 + n2)), s1 + s2 + apart**2 * (n1 / (n1 + n2) * n2)


class Tree:
    """Tallies of blocks that come in any order, joined in one order.

    A node is the tally of 2^level blocks, from block index 2^level on. Two neighbours become one
    node of the level above, so that few wait: in order, one for each bit of the number of blocks.

    Examples
    --------
    >>> from itertools import permutations
    >>> sums = set()
    >>> for order in permutations(range(4)):
    ...     tree = Tree()
    ...     for block in order:
    ...         tree.add((0, block), 0.1 * 3**block)
    ...     sums.add(tree.total())
    >>> len(sums)
    1
    """

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], Any] = {}

    def add(self, place: tuple[int, int], tally: Any) -> None:
        """Put a node in its place."""
        nodes, (level, index) = self.nodes.copy(), place
        while (level, index ^ 1) in nodes:
            beside = nodes.pop((level, index ^ 1))
            tally = beside + tally if index % 2 else tally + beside
            level, index = level + 1, index // 2
        nodes[level, index] = tally
        self.nodes = nodes  # at once: an interrupt finds all or nothing of it

    def total(self) -> Any:
        """All of them joined, the first blocks first; None if there are none."""
        total = None
        for level, index in sorted(self.nodes, key=lambda place: place[1] << place[0]):
            node = self.nodes[level, index]
            total = node if total is None else total + node
        return total

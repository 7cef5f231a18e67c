r"""How an ensemble of cells walks over its landscape, move by move.

A walk holds the level numbers of its replicas, takes them through control steps and books work and
heat in an `Account`. One that goes `StepByStep` lets the cells move for a while under a fixed
coupling κ = λ/kT, and returns the energy H that each replica released meanwhile, summed move by
move. Where several energies have a scale each, κ is a row, and so is what is released.

An attempt is accepted if a random threshold exceeds κ ΔH: a logistic deviate gives heat-bath rates
2r/(1 + exp(κΔH)), an exponential deviate Metropolis' rates r min(1, exp(-κΔH)). In both an attempt
at a move that changes nothing succeeds at the rate r. A cell that is slower than the clock has as
many attempts, and refuses its share of them.

===============  ================================================================
`MovesAtRandom`  continuous time: attempts come as a Poisson process, each at a
                 random cell, and are accepted or not (uniformization)
`MovesInTurn`    every cell in turn: a sweep is one attempt for each of its moves
===============  ================================================================

Both ask a `State` what each move would change, so they serve any energy. Those of
`lim_lib.optimizers.walks` serve an energy that is quadratic, and are quicker.
"""

from abc import ABC, abstractmethod
from typing import Any, Protocol

import numpy as np

ATTEMPTS_PER_HOP = {"heat_bath": 2.0, "metropolis": 1.0}
"""Attempts per edge, for one thermal hop r."""

DRAWN = 1 << 18
"""Random numbers drawn at once."""


def logistic(source: np.random.Generator, out: np.ndarray) -> np.ndarray:
    """Logistic deviates: they exceed x with probability 1/(1 + exp(x))."""
    source.random(out=out)
    with np.errstate(divide="ignore"):
        return np.log(out / (1 - out), out=out)


def exponential(source: np.random.Generator, out: np.ndarray) -> np.ndarray:
    """Exponential deviates: they exceed x with probability min(1, exp(-x))."""
    return source.standard_exponential(out=out)


THRESHOLD = {"heat_bath": logistic, "metropolis": exponential}


class State(Protocol):
    """An ensemble that knows what a move changes.

    A move takes one cell of each replica up or down by one level. ``cell`` is a number, the same
    cell in all replicas, or an array with one for each; ``move`` has -1, 0 or 1 for each replica
    and never leads off the ladder.

    Attributes
    ----------
    levels : ndarray
        Whole numbers, shape (replicas, cells).
    """

    levels: np.ndarray

    def change(self, cell: Any, move: np.ndarray) -> np.ndarray:
        """What the move would add to H: shape (replicas,), or (scales, replicas) for a sum."""

    def make(self, cell: Any, move: np.ndarray) -> None:
        """Make the move that `change` was last asked about, where ``move`` is not set to 0."""


class Account:
    """What each replica has, was given and gave: its energy H, work and heat in J.

    Parameters
    ----------
    scale : float or ndarray
        λ at the start, or several for a sum.
    energy : ndarray
        H of each replica, shape (replicas,), or (scales, replicas) for a sum.
    thermal : float
        kT in J.

    Attributes
    ----------
    excess : float
        By how much, in kT, the steepest move's rate has come to pass the barrier's attempt rate.
    """

    def __init__(self, scale: Any, energy: np.ndarray, thermal: float):
        self.scale, self.energy, self.thermal = scale, energy, thermal
        self.work, self.heat = np.zeros((2, energy.shape[-1]))
        self.excess = -np.inf

    def turn(self, scale: Any) -> None:
        """Turn λ to another value, which is work."""
        self.work += np.dot(scale - self.scale, self.energy)
        self.scale = scale

    def book(self, released: np.ndarray, driven: np.ndarray | None = None) -> None:
        """Energy H that was released is heat, and so is what the walk itself put in."""
        self.energy -= released
        self.heat += np.dot(self.scale, released)
        if driven is not None:
            driven = np.dot(self.scale, driven)
            self.heat += driven
            self.work += driven


class Walk(ABC):
    """An ensemble on its way: levels (replicas, cells), and hops up and down of each replica.

    ``slots`` is how often a machine that walks so must wait for cells in a control step, if that is
    a sweep.

    Parameters
    ----------
    problem : Problem
        Whose energy it is.
    kinetics : str
        The rates of a move.
    rates : ndarray or None
        Hop rate of each cell, relative to the clock's; None: that of the clock.
    levels : ndarray
        Where it begins, shape (replicas, cells).
    source : numpy.random.Generator
        Of its randomness.
    """

    def __init__(
        self,
        problem: Any,
        kinetics: str,
        rates: np.ndarray | None,
        levels: np.ndarray,
        source: np.random.Generator,
    ):
        self.kinetics, self.rates, self.source = kinetics, rates, source
        self.replicas, self.cells = levels.shape
        self.top = problem.levels - 1
        # A two-level cell has one move, a longer ladder two.
        self.edges = 1 if self.top == 1 else 2
        self.hops_up = np.zeros(self.replicas, dtype=np.int64)
        self.hops_down = np.zeros(self.replicas, dtype=np.int64)

    @property
    @abstractmethod
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells), the caller's own."""

    @property
    def slots(self) -> int | None:
        """No waiting in continuous time."""
        return None

    @abstractmethod
    def travel(
        self, scales: np.ndarray, clocks: np.ndarray, ceilings: np.ndarray, account: Account
    ) -> None:
        """Walk through control steps, and book what each costs.

        Parameters
        ----------
        scales : ndarray
            λ in each step, shape (steps,), or (steps, scales) for a sum.
        clocks, ceilings : ndarray
            By how much the hop budget grows, and the barrier in kT as far as one is known.
        account : Account
            Where it is booked.
        """


class StepByStep(Walk):
    """A walk that takes all its replicas through one control step after the other.

    ``steepest`` is the largest tilt -κΔH of a move in the last `advance`, where the rates may
    grow with it; ``driven`` the H that the walk itself put in meanwhile, where it does.
    """

    steepest = -np.inf
    driven: np.ndarray | None = None

    @abstractmethod
    def advance(self, clock: float, coupling: Any) -> np.ndarray:
        """Let the hop budget grow by ``clock``; returns the H that each replica released."""

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""
        for scale, clock, ceiling in zip(scales, clocks, ceilings, strict=True):
            account.turn(scale)
            account.book(self.advance(clock, scale / account.thermal), self.driven)
            account.excess = max(account.excess, self.steepest / 2 - ceiling)

    def _threshold(self, out: np.ndarray, cells: Any) -> None:
        """Up to what κΔH each attempt at a move of these cells is accepted."""
        THRESHOLD[self.kinetics](self.source, out)
        if self.rates is not None:
            out[self.source.random(out.shape) >= self.rates[cells]] = -np.inf


class AtRandom(StepByStep):
    """Continuous time by uniformization: attempts at random cells, accepted or not."""

    def advance(self, clock: float, coupling: Any) -> np.ndarray:
        """Let the hop budget grow by ``clock``."""
        released = np.zeros((*np.shape(coupling), self.replicas))
        mean = ATTEMPTS_PER_HOP[self.kinetics] * self.edges * self.cells * clock
        left = self.source.poisson(mean, size=self.replicas)
        most = max(1, DRAWN // self.replicas)
        while left.any():
            turns = int(min(left.max(), most))
            self._attempt(np.minimum(left, turns), turns, coupling, released)
            left = np.maximum(left - turns, 0)
        return released

    @abstractmethod
    def _attempt(self, counts: np.ndarray, turns: int, coupling: Any, released: np.ndarray) -> None:
        """As many attempts as counts say, the most of which are ``turns``."""


class _ByMoves(StepByStep):
    """A walk that asks a state what each move would change."""

    def __init__(self, problem, kinetics, rates, levels, source):
        super().__init__(problem, kinetics, rates, levels, source)
        self.state = problem.state(levels)

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        return self.state.levels.copy()

    def _ways(self, shape) -> np.ndarray | None:
        """Up or down, for each attempt of a cell that has the choice."""
        return None if self.edges == 1 else self.source.integers(2, size=shape) * 2 - 1

    def _try(self, cell, level, way, threshold, coupling, released):
        """Offer each replica a move, and make and count those that are accepted."""
        if way is None:
            move = 1 - 2 * level
        else:
            move = np.minimum(np.maximum(level + way, 0), self.top) - level
        move[threshold == -np.inf] = 0
        change = self.state.change(cell, move)
        move *= threshold > np.dot(coupling, change)
        if move.any():
            self.state.make(cell, move)
            up, down = move > 0, move < 0
            self.hops_up += up
            self.hops_down += down
            released -= (up | down) * change


class MovesAtRandom(AtRandom, _ByMoves):
    """Continuous time by uniformization, for any energy."""

    def _attempt(self, counts, turns, coupling, released):
        shape = (turns, self.replicas)
        cells = self.source.integers(self.cells, size=shape)
        thresholds = np.empty(shape)
        self._threshold(thresholds, cells)
        thresholds[np.arange(turns)[:, None] >= counts] = -np.inf
        ways = self._ways(shape)
        replica = np.arange(self.replicas)
        for turn, cell in enumerate(cells):
            level = self.state.levels[replica, cell]
            way = None if ways is None else ways[turn]
            self._try(cell, level, way, thresholds[turn], coupling, released)


class MovesInTurn(_ByMoves):
    """Every cell in turn, the same in all replicas at once, for any energy."""

    @property
    def slots(self) -> int:
        """One cell after the other."""
        return self.edges * self.cells

    def advance(self, clock: float, coupling: Any) -> np.ndarray:
        """One sweep, whatever the clock says."""
        released = np.zeros((*np.shape(coupling), self.replicas))
        thresholds = np.empty((self.edges, self.replicas))
        for cell in range(self.cells):
            if self.rates is not None and not self.rates[cell]:
                continue
            self._threshold(thresholds, cell)
            ways = self._ways(thresholds.shape)
            for edge, threshold in enumerate(thresholds):
                level = self.state.levels[:, cell]
                way = None if ways is None else ways[edge]
                self._try(cell, level, way, threshold, coupling, released)
        return released

"""Losses of the same weights, each with a scale of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from lim_lib.optimizers.moves import State
from lim_lib.optimizers.problem import Problem
from lim_lib.validate import number, refuse


@dataclass(frozen=True, eq=False, repr=False)
class Sum(Problem):
    r"""Several losses of the same weights, :math:`\lambda_1 L_1 + \lambda_2 L_2 + \dots`

    `anneal` takes a tuple of schedules for it, one for each loss. So weights that learn a second
    task can stay tilted towards the first.

    Parameters
    ----------
    losses : sequence of problems
        Two or more, of equally many cells, whose levels stand for the same weights.

    Raises
    ------
    ValueError, TypeError
        In one line, for losses of different weights.

    Examples
    --------
    One datum pulls a weight to -1, another to 1, a third as hard:

    >>> from lim_lib.optimizers import LeastSquares
    >>> first, second = (LeastSquares([[1.0]], [y], bits=4, span=1.5) for y in (-1, 1))
    >>> both = Sum((first, second))
    >>> state = both.equilibrium((30.0, 10.0))
    >>> print(f"{state.probabilities @ both.decode(both.state_levels(range(16)))[:, 0]:.3f}")
    -0.500
    """

    compiled: ClassVar = "lim_lib.optimizers.losses.compiled"

    losses: tuple

    def __post_init__(self):
        listed = isinstance(self.losses, Iterable) and not isinstance(self.losses, str | bytes)
        losses = tuple(self.losses) if listed else ()
        if len(losses) < 2 or not all(isinstance(a, Problem) and a.scales == 1 for a in losses):
            refuse("losses", self.losses, "two or more losses, each of one scale", TypeError)
        for i, other in enumerate(losses[1:], 1):
            if not _alike(losses[0], other):
                raise ValueError(
                    f"losses must be of the same weights, got {_cells(losses[0])} and, as "
                    f"losses[{i}], {_cells(other)}"
                )
        object.__setattr__(self, "losses", losses)

    def __repr__(self):
        return f"Sum of {' and '.join(map(repr, self.losses))}"

    @property
    def scales(self) -> int:  # type: ignore[override]
        """How many losses there are, each with its λ."""
        return len(self.losses)

    @property
    def size(self) -> int:
        """Number of weights."""
        return self.losses[0].size

    @property
    def levels(self) -> int:  # type: ignore[override]
        """Levels of a weight."""
        return self.losses[0].levels

    @property
    def largest(self) -> float:
        """A bound of the sum over all weights."""
        return sum(loss.largest for loss in self.losses)

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """Weights at given levels."""
        return self.losses[0].decode(levels)

    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """Levels of given weights; a refusal calls them ``name``."""
        return self.losses[0].encode(states, name)

    def terms(self, levels: np.ndarray) -> np.ndarray:
        """Each loss of each state, shape (losses, states)."""
        return np.stack([loss.level_energies(levels) for loss in self.losses])

    @cached_property
    def all_terms(self) -> np.ndarray:
        """Each loss of every state, shape (losses, states), in the order of `state_levels`."""
        return np.stack([loss.all_energies for loss in self.losses])

    def level_energies(self, levels: Any) -> Any:
        """The sum of the losses of each state, whatever their scales."""
        return sum(loss.level_energies(levels) for loss in self.losses)

    def state(self, levels: np.ndarray) -> State:
        """An ensemble at given levels that knows what a move changes in each loss."""
        return SumState([loss.state(levels) for loss in self.losses])

    def _coupling(self, coupling: Any) -> np.ndarray:
        values = np.atleast_1d(number("coupling", coupling))
        if values.shape != (self.scales,):
            refuse("coupling", coupling, f"{self.scales} numbers, one for each loss")
        return values


class SumState:
    """An ensemble as each loss knows it: what a move changes in each of them."""

    def __init__(self, states: list):
        self.states = states
        self.levels = states[0].levels  # the same array, which its owner keeps up

    def change(self, cell: Any, move: np.ndarray) -> np.ndarray:
        """What the move would add to each loss, shape (losses, replicas)."""
        return np.stack([state.change(cell, move) for state in self.states])

    def make(self, cell: Any, move: np.ndarray) -> None:
        """Make the move, where it is not 0."""
        for state in self.states:
            state.make(cell, move)


def _alike(one: Problem, other: Problem) -> bool:
    """Whether the levels of two problems stand for the same weights."""
    if (one.size, one.levels) != (other.size, other.levels):
        return False
    return np.allclose(_ends(one), _ends(other), rtol=1e-9, atol=0)


def _ends(problem: Problem) -> np.ndarray:
    """The least and the greatest weight of each cell."""
    ends = np.zeros((2, problem.size), dtype=np.int64)
    ends[1] = problem.levels - 1
    return problem.decode(ends)


def _cells(problem: Problem) -> str:
    low, high = _ends(problem)
    return f"{problem.size} of {problem.levels} levels from {low.min():g} to {high.max():g}"

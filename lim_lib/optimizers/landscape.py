r"""A quadratic energy over cells of L levels.

.. math:: H(n) = \tfrac12 n^T Q n + c^T n + h_0, \qquad n_i \in \{0, \dots, L - 1\}

One move changes one cell by one level, and the energy by
:math:`\Delta H = \pm g_i + Q_{ii}/2` with the gradient :math:`g = Q n + c`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from lim_lib.optimizers.problem import Problem, digits, must_be_array
from lim_lib.optimizers.walks import (
    Attempts,
    Coloured,
    Hops,
    Parallel,
    QuadraticState,
    Sweeps,
    of_one_colour,
)
from lim_lib.validate import REAL, integer, number, refuse, single

MOST_CELLS = 10_000_000
"""Most cells of a landscape: above it, numbers that a file claims would take all memory."""

SPARSE = 0.1
"""Matrices with a smaller fraction of nonzero entries are kept sparse."""

LARGEST = 1e300
"""What the sizes of a matrix's entries may come to: sums and products of a few are doubles, too."""

ROWS = 256
"""Rows of a matrix that are compared with its columns at once."""


@dataclass(frozen=True, eq=False)
class Landscape(Problem):
    """A quadratic energy of cells of equally many levels.

    Parameters
    ----------
    curvature : array_like or sparse array
        Q, symmetric, shape (cells, cells).
    slope : array_like
        c, shape (cells,).
    constant : float
        h_0.
    levels : int
        L, at least 2.

    Raises
    ------
    ValueError, TypeError
        In one line, for a curvature that is not symmetric, sizes that differ, too few levels.

    Examples
    --------
    >>> pair = Landscape(curvature=[[2, -1], [-1, 2]], slope=[0, -1], constant=0.0, levels=3)
    >>> pair.level_energies([[0, 0], [1, 1]])
    array([0., 0.])
    >>> pair.ground_state()
    GroundState(energy=0.0, states=array([[0, 0],
           [0, 1],
           [1, 1]]))
    """

    measures: ClassVar = {"slope": ("H", "cells"), "constant": ("H",)}
    walks: ClassVar = {
        "random": {"heat_bath": Attempts, "metropolis": Attempts, "symmetric": Hops},
        "sequential": {"heat_bath": Sweeps, "metropolis": Sweeps},
        "coloured": {"heat_bath": Coloured, "metropolis": Coloured},
        "parallel": {"heat_bath": Parallel},
    }
    compiled: ClassVar = "lim_lib.optimizers.compiled"

    curvature: Any
    slope: Any
    constant: float
    levels: int

    def __repr__(self):
        return f"{type(self).__name__} of {self.size} cells of {self.levels} levels"

    def __post_init__(self):
        must_be_array("slope", self.slope, "one number for each cell")
        slope = np.array(number("slope", self.slope, REAL), ndmin=1)
        if slope.ndim != 1:
            refuse("slope", self.slope, "one number for each cell")
        object.__setattr__(self, "slope", slope)
        object.__setattr__(self, "constant", single("constant", self.constant))
        object.__setattr__(self, "levels", integer("levels", self.levels, low=2))
        object.__setattr__(self, "curvature", matrix("curvature", self.curvature, slope.size))

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.slope.size

    @property
    def largest(self) -> float:
        """A bound of abs(H) over all states."""
        top = self.levels - 1
        with np.errstate(over="ignore"):
            highest = abs(self.curvature).sum() * top**2 / 2 + np.abs(self.slope).sum() * top
            return float(highest + abs(self.constant))

    @property
    def bits(self) -> float:
        """Bits that one cell holds, log2(L)."""
        return float(np.log2(self.levels))

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """What levels stand for: here, themselves."""
        return levels

    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """Levels of given states, the reverse of `decode`; a refusal calls them ``name``."""
        return self._levels(name, states)

    def level_energies(self, levels: Any) -> np.ndarray:
        """H of each state.

        Parameters
        ----------
        levels : array_like
            Level numbers, shape (states, cells) or (cells,).

        Returns
        -------
        ndarray or float
            Shape (states,), or a number for one state.
        """
        n = self._levels("levels", levels).astype(float)
        energies = np.einsum("...i,...i", n, (self.gradients(n) + self.slope) / 2) + self.constant
        return energies if energies.ndim else energies.item()

    @cached_property
    def colours(self) -> list[np.ndarray]:
        """Cells of one colour each, which are not coupled, found once for all blocks of a run."""
        return of_one_colour(sparse.csr_array(self.curvature))

    def state(self, levels: np.ndarray) -> QuadraticState:
        """An ensemble at given levels that knows what a move changes."""
        return QuadraticState(self, levels)

    def gradients(self, levels: np.ndarray) -> np.ndarray:
        """The gradient Q n + c at each state, same shape as the levels."""
        return (self.curvature @ levels.T).T + self.slope

    @cached_property
    def all_energies(self) -> np.ndarray:
        """H of every state, in the order of `state_levels`.

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        self._must_be_few()
        # Two halves, each enumerated, and what couples them: a product of two small matrices.
        half = self.size // 2
        dense = self.curvature.toarray() if sparse.issparse(self.curvature) else self.curvature
        parts = []
        for cells in (slice(0, half), slice(half, self.size)):
            count = cells.stop - cells.start
            n = digits(np.arange(self.levels**count), self.levels, count)
            gradients = n @ dense[cells, cells] / 2 + self.slope[cells]
            parts.append((n, np.einsum("ki,ki->k", n, gradients)))
        (a, left), (b, right) = parts
        coupled = a @ dense[:half, half:] @ b.T
        return (left[:, None] + right + coupled + self.constant).ravel()


def vector(name: str, given: Any, size: int) -> np.ndarray:
    """A number for each cell, of as many or of one for all."""
    allowed = f"one number, or {size} of them"
    must_be_array(name, given, allowed)
    values = np.asarray(number(name, given, REAL))
    if values.shape not in ((), (size,)):
        refuse(name, given, allowed)
    must_add_up(name, given, values)
    return np.broadcast_to(values, size).astype(float)


def square(name: str, given: Any):
    """A square matrix of doubles, dense or in coordinates, whatever type its numbers have.

    All arithmetic comes after: in a type of eight bits the sum of two entries may wrap.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    given : array_like or sparse array
        The matrix; entries that a sparse one holds twice add up.

    Returns
    -------
    ndarray or coo_array
    """
    if sparse.issparse(given):
        table = given.tocoo()
        data = table.data.astype(float) if table.dtype == bool else table.data
        values = sparse.coo_array((number(f"{name}.data", data), table.coords), shape=table.shape)
        with np.errstate(over="ignore"):
            values.sum_duplicates()
        number(f"{name}.data", values.data)
        values.eliminate_zeros()
    else:
        must_be_array(name, given, "a square matrix")
        values = np.atleast_2d(number(name, given))
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.shape[0]:
        refuse(name, given, "a square matrix")
    if values.shape[0] > MOST_CELLS:
        refuse(name, given, f"of at most {MOST_CELLS:,} rows, which memory holds")
    must_add_up(name, given, values)
    return values


def must_add_up(name: str, given: Any, values: Any) -> None:
    """Refuse numbers so large that H is none."""
    if max(abs(values.min()), abs(values.max())) > LARGEST / np.prod(values.shape):
        refuse(name, given, f"small enough to add up to less than {LARGEST:g}")


def matrix(name: str, given: Any, size: int | None = None, *, hollow: bool = False):
    """A symmetric matrix, kept sparse where few entries are not zero; anything else is refused.

    Parameters
    ----------
    name : str
        The argument's name, for the message.
    given : array_like or sparse array
        The matrix.
    size : int, optional
        How many rows it must have.
    hollow : bool
        Whether its diagonal must be zero.

    Returns
    -------
    ndarray or csr_array
        A dense one cannot be written to, so that models may share it.
    """
    values = square(name, given)
    if size is not None and values.shape[0] != size:
        refuse(name, given, f"of {size} rows, one for each cell")
    dense = not sparse.issparse(values)
    apart = _asymmetry(values if dense else values.tocsr())
    if apart:
        i, j, there, back = apart
        raise ValueError(
            f"{name} must be symmetric, got {there:g} at ({i}, {j}) and {back:g} at ({j}, {i})"
        )
    own = np.flatnonzero(values.diagonal()) if hollow else np.empty(0)
    if own.size:
        raise ValueError(
            f"{name} must be zero on the diagonal, got {values.diagonal()[own[0]]:g} at "
            f"({own[0]}, {own[0]})"
        )
    filled = np.count_nonzero(values) if dense else values.nnz
    if filled < SPARSE * values.shape[0] ** 2:
        return sparse.csr_array(values)
    if not dense:
        return frozen(values.toarray())
    shared = values.base is None and not values.flags.writeable
    return values if shared else frozen(values.copy())


def frozen(values):
    """A matrix that was made here, so that it can be kept as it is: nobody may write to it."""
    if not sparse.issparse(values):
        values.flags.writeable = False
    return values


def _asymmetry(values) -> tuple[int, int, float, float] | None:
    """The first place where a matrix differs from its mirror image, and what stands in both."""
    size = values.shape[0]
    largest = max(abs(values.min()), abs(values.max()))
    step = size if sparse.issparse(values) else ROWS
    mirrored = values.T.tocsr() if sparse.issparse(values) else values.T
    for first in range(0, size, step):
        with np.errstate(over="ignore"):
            difference = values[first : first + step] - mirrored[first : first + step]
        rows, columns = (abs(difference) > 1e-12 * largest).nonzero()
        if rows.size:
            i, j = int(rows[0]) + first, int(columns[0])
            return i, j, values[i, j], values[j, i]
    return None

r"""A quadratic energy over cells of L levels.

.. math:: H(n) = \tfrac12 n^T Q n + c^T n + h_0, \qquad n_i \in \{0, \dots, L - 1\}

One move changes one cell by one level, and the energy by
:math:`\Delta H = \pm g_i + Q_{ii}/2` with the gradient :math:`g = Q n + c`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import logsumexp

from lim_lib.results import Value
from lim_lib.validate import NON_NEGATIVE, REAL, integer, number, refuse, single

MOST_STATES = 1 << 20
"""Most states that are enumerated: 20 spins."""

SPARSE = 0.1
"""Matrices with a smaller fraction of nonzero entries are kept sparse."""


class GroundState(NamedTuple):
    """The least energy and all states that have it.

    Parameters
    ----------
    energy : float
        H there, in the problem's unit.
    states : ndarray
        Shape (number of such states, cells): spins, or values of the variables.
    """

    energy: float
    states: np.ndarray


class Equilibrium(NamedTuple):
    """The Gibbs state exp(-κH)/Z, by enumeration.

    Parameters
    ----------
    log_partition : float
        ln Z.
    energy : float
        Mean of H, in the problem's unit.
    entropy : float
        In nats.
    probabilities : ndarray
        Of each state, numbered as `Landscape.state_levels` does.
    """

    log_partition: float
    energy: float
    entropy: float
    probabilities: np.ndarray


@dataclass(frozen=True, eq=False)
class Landscape(Value):
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

    curvature: Any
    slope: Any
    constant: float
    levels: int

    def __repr__(self):
        return f"{type(self).__name__} of {self.size} cells of {self.levels} levels"

    def __post_init__(self):
        slope = np.atleast_1d(number("slope", self.slope, REAL))
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
        return energies if energies.ndim else float(energies)

    def energy(self, states: Any) -> np.ndarray:
        """H of states as users see them, spins or values of variables.

        Parameters
        ----------
        states : array_like
            Shape (states, cells) or (cells,).

        Returns
        -------
        ndarray
            Shape (states,), or a number for one state.
        """
        return self.level_energies(self.encode(states))

    def gradients(self, levels: np.ndarray) -> np.ndarray:
        """The gradient Q n + c at each state, same shape as the levels."""
        return (self.curvature @ levels.T).T + self.slope

    def _levels(self, name: str, given: Any) -> np.ndarray:
        values = np.asarray(number(name, given, NON_NEGATIVE))
        if values.shape[-1:] != (self.size,) or values.ndim > 2:
            refuse(name, given, f"an array of shape (states, {self.size})")
        whole = np.rint(values).astype(np.int64)
        if np.any(whole != values) or whole.max(initial=0) >= self.levels:
            refuse(name, given, f"made of whole numbers from 0 to {self.levels - 1}")
        return whole

    def state_levels(self, index: Any) -> np.ndarray:
        """Level numbers of states by their number, the first cell's level counting most.

        Parameters
        ----------
        index : int or array_like
            From 0 to L^N - 1.

        Returns
        -------
        ndarray
            Shape (states, cells) or (cells,).
        """
        return _digits(np.asarray(index), self.levels, self.size)

    @cached_property
    def all_energies(self) -> np.ndarray:
        """H of every state, in the order of `state_levels`.

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        if self.size * self.bits > np.log2(MOST_STATES):
            most = int(np.log2(MOST_STATES) / self.bits)
            raise ValueError(
                f"enumeration takes at most {most} cells of {self.levels} levels, got {self.size}"
            )
        # Two halves, each enumerated, and what couples them: a product of two small matrices.
        half = self.size // 2
        dense = self.curvature.toarray() if sparse.issparse(self.curvature) else self.curvature
        parts = []
        for cells in (slice(0, half), slice(half, self.size)):
            count = cells.stop - cells.start
            n = _digits(np.arange(self.levels**count), self.levels, count)
            gradients = n @ dense[cells, cells] / 2 + self.slope[cells]
            parts.append((n, np.einsum("ki,ki->k", n, gradients)))
        (a, left), (b, right) = parts
        coupled = a @ dense[:half, half:] @ b.T
        return (left[:, None] + right + coupled + self.constant).ravel()

    def ground_state(self) -> GroundState:
        """The least energy and all states that have it, by enumeration.

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        energies = self.all_energies
        least = energies.min()
        near = np.flatnonzero(energies <= least + 1e-12 * np.ptp(energies))
        return GroundState(float(least), self.decode(self.state_levels(near)))

    def equilibrium(self, coupling: float) -> Equilibrium:
        """The Gibbs state exp(-κH)/Z, by enumeration.

        Parameters
        ----------
        coupling : float
            κ = λ/kT, per unit of H.

        Returns
        -------
        Equilibrium

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        kappa = single("coupling", coupling)
        weights = -kappa * self.all_energies
        log_partition = float(logsumexp(weights))
        p = np.exp(weights - log_partition)
        energy = float(p @ self.all_energies)
        return Equilibrium(log_partition, energy, log_partition + kappa * energy, p)


def _digits(index: np.ndarray, base: int, places: int) -> np.ndarray:
    return index[..., None] // base ** np.arange(places - 1, -1, -1, dtype=np.int64) % base


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
    """
    values = given if sparse.issparse(given) else np.atleast_2d(number(name, given, REAL))
    if values.ndim != 2 or values.shape[0] != values.shape[1] or not values.shape[0]:
        refuse(name, given, "a square matrix")
    if size is not None and values.shape[0] != size:
        refuse(name, given, f"of {size} rows, one for each cell")
    entries = sparse.coo_array(values)
    entries.sum_duplicates()
    kept = entries.data.astype(float) if entries.dtype == bool else entries.data
    number(f"{name}.data", kept, REAL)
    difference = sparse.coo_array(entries.tocsr() - entries.T.tocsr())
    wrong = np.flatnonzero(np.abs(difference.data) > 1e-12 * np.abs(entries.data).max(initial=0))
    if wrong.size:
        i, j = (int(axis[wrong[0]]) for axis in difference.coords)
        table = entries.tocsr()
        raise ValueError(
            f"{name} must be symmetric, got {table[i, j]:g} at ({i}, {j}) and {table[j, i]:g} at "
            f"({j}, {i})"
        )
    own = np.flatnonzero(entries.diagonal()) if hollow else np.empty(0)
    if own.size:
        raise ValueError(
            f"{name} must be zero on the diagonal, got {entries.diagonal()[own[0]]:g} at "
            f"({own[0]}, {own[0]})"
        )
    if entries.nnz < SPARSE * values.shape[0] ** 2:
        return entries.tocsr().astype(float)
    return entries.toarray().astype(float)

r"""What `anneal` needs of a problem: an energy H of cells that have equally many levels.

How the cells walk over it is the problem's own affair. Any problem that can tell what a move
changes, its `Problem.state`, has the walks of `lim_lib.optimizers.moves`; a `Landscape`, quadratic
in the levels, has quicker ones.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from importlib import import_module
from numbers import Real
from typing import Any, ClassVar, NamedTuple

import numpy as np

from lim_lib.optimizers.moves import MovesAtRandom, MovesInTurn, State
from lim_lib.results import Value
from lim_lib.validate import NON_NEGATIVE, REAL, Domain, number, refuse, single

MOST_STATES = 1 << 20
"""Most states that are enumerated: 20 spins."""

AT_ONCE = 1 << 12
"""States whose energies are computed at once."""


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


class Problem(Value, ABC):
    """An energy H of cells of L levels each, that `anneal` can take.

    Attributes
    ----------
    levels : int
        L, at least 2.
    scales : int
        How many energies have a scale λ of their own, one unless the problem is a sum.
    clipping : bool
        Whether the ends of the ladder are a choice that may turn out too narrow, as for a loss.
    walks : dict
        The walks, by order and kinetics.
    compiled : str
        The module whose ``WALKS`` has those that are compiled, likewise; it needs Numba.
    """

    levels: int
    scales: ClassVar[int] = 1
    clipping: ClassVar[bool] = False
    walks: ClassVar[dict[str, dict[str, type]]] = {
        "random": {"heat_bath": MovesAtRandom, "metropolis": MovesAtRandom},
        "sequential": {"heat_bath": MovesInTurn, "metropolis": MovesInTurn},
    }

    compiled: ClassVar[str] = ""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of cells."""

    @property
    @abstractmethod
    def largest(self) -> float:
        """A bound of abs(H) over all states."""

    @property
    def footprint(self) -> int:
        """Numbers that a replica keeps at hand on its walk; fewer walk together if it is large."""
        return self.size

    @abstractmethod
    def level_energies(self, levels: Any) -> Any:
        """H of each state, given by its levels: shape (states,), or a number for one state."""

    @abstractmethod
    def state(self, levels: np.ndarray) -> State:
        """An ensemble at given levels, shape (replicas, cells), that knows what a move changes."""

    @abstractmethod
    def decode(self, levels: np.ndarray) -> np.ndarray:
        """What levels stand for."""

    @abstractmethod
    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """Levels of given states, the reverse of `decode`; a refusal calls them ``name``."""

    def terms(self, levels: np.ndarray) -> np.ndarray:
        """Each energy that has a scale of its own: shape (states,), or (scales, states)."""
        return self.level_energies(levels)

    def walk(
        self,
        order: str,
        kinetics: str,
        rates: np.ndarray | None = None,
        engine: str = "numpy",
        threads: int = 1,
    ) -> Callable:
        """How an ensemble walks: a function of its levels and a source of randomness.

        Parameters
        ----------
        order : str
            Continuous time, or the kind of sweeps, as for `anneal`.
        kinetics : str
            The rates of a move, as for `anneal`.
        rates : ndarray, optional
            Hop rate of each cell, relative to the clock's.
        engine : str
            Who computes, as for `anneal`.
        threads : int
            Threads of a compiled walk.
        """
        if order not in tuple(self.walks):
            refuse("order", order, " or ".join(map(repr, self.walks)))
        known = self.walks[order]
        if kinetics not in tuple(known):
            refuse("kinetics", kinetics, f"{' or '.join(map(repr, known))} for order={order!r}")
        if engine == "numpy":
            return partial(known[kinetics], self, kinetics, rates)
        if not self.compiled:
            refuse("engine", engine, f"'numpy' for a {type(self).__name__}")
        compiled = import_module(self.compiled).WALKS[order][kinetics]
        return partial(compiled, self, kinetics, rates, threads=threads)

    def energy(self, states: Any) -> Any:
        """H of states as users see them: spins, values of variables, weights.

        Parameters
        ----------
        states : array_like
            Shape (states, cells) or (cells,).

        Returns
        -------
        ndarray or float
            Shape (states,), or a number for one state.
        """
        return self.level_energies(self.encode(states))

    def _states(self, name: str, given: Any, domain: Domain = REAL) -> np.ndarray:
        """Numbers of the shape of one state or several."""
        allowed = f"an array of shape (states, {self.size})"
        must_be_array(name, given, allowed)
        values = np.asarray(number(name, given, domain))
        if values.shape[-1:] != (self.size,) or values.ndim > 2:
            refuse(name, given, allowed)
        return values

    def _levels(self, name: str, given: Any) -> np.ndarray:
        values = self._states(name, given, NON_NEGATIVE)
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
        numbers = np.asarray(index)
        if numbers.dtype.kind not in "iu" or np.ma.isMaskedArray(index):
            refuse("index", index, "made of whole numbers", TypeError)
        return digits(numbers.astype(np.int64), self.levels, self.size)

    @cached_property
    def all_energies(self) -> np.ndarray:
        """H of every state, in the order of `state_levels`.

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        self._must_be_few()
        numbers = np.arange(self.levels**self.size)
        parts = np.split(numbers, range(AT_ONCE, len(numbers), AT_ONCE))
        return np.concatenate([self.level_energies(self.state_levels(part)) for part in parts])

    @property
    def all_terms(self) -> np.ndarray:
        """`terms` of every state, in the order of `state_levels`."""
        return self.all_energies

    def _must_be_few(self) -> None:
        """Refuse more states than can be enumerated."""
        bits = np.log2(self.levels)
        if self.size * bits > np.log2(MOST_STATES):
            most = int(np.log2(MOST_STATES) / bits)
            raise ValueError(
                f"enumeration takes at most {most} cells of {self.levels} levels, got {self.size}"
            )

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
            κ = λ/kT, per unit of H; a row of them for a sum.

        Returns
        -------
        Equilibrium

        Raises
        ------
        ValueError
            If there are more than 2^20 states: 20 spins.
        """
        tilted = np.dot(self._coupling(coupling), self.all_terms)
        least = tilted.min()
        tilted -= least
        p = np.exp(-tilted)
        total = p.sum()
        p /= total
        log_total = float(np.log(total))
        energy, entropy = float(p @ self.all_energies), log_total + float(p @ tilted)
        return Equilibrium(log_total - float(least), energy, entropy, p)

    def _coupling(self, coupling: Any) -> Any:
        """A scale for each of `terms`."""
        return single("coupling", coupling)


def must_be_array(name: str, given: Any, allowed: str) -> None:
    """Refuse what holds numbers in another way than an array does, as a dictionary does."""
    array = hasattr(given, "__array__") or isinstance(given, Sequence | Real)
    if not array or isinstance(given, str | bytes):
        refuse(name, given, allowed, TypeError)


def digits(index: np.ndarray, base: int, places: int) -> np.ndarray:
    """Digits of numbers in a base, the first counting most."""
    digits = np.empty((*index.shape, places), dtype=np.int64)
    for place in reversed(range(places)):
        index, digits[..., place] = np.divmod(index, base)
    return digits

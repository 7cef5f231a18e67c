r"""From runs that sometimes succeed to the cost of a solution that one can count on.

If a run of length t succeeds with probability p, then n independent runs contain a success with
probability :math:`1 - (1 - p)^n`. To reach the confidence C takes

.. math:: n = \frac{\ln(1 - C)}{\ln(1 - p)}

runs, at least one: n t is the *time to solution* at C, and n times the energy of one run the
*energy to solution*.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.special import logsumexp, stdtrit
from scipy.stats import binomtest

import lim_lib
from lim_lib.optimizers.problem import Problem
from lim_lib.results import Result, mean
from lim_lib.simulate.runs import Ledger, origin, recorded_rows, so_many
from lim_lib.text import with_error
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, integer, number, single

SHARE = Domain(low=0, high=1)
CONFIDENCE = Domain(low=0, high=1, low_allowed=False, high_allowed=False)

CLIPPED = 0.05
"""Share of replicas on one end of a weight's ladder that is worth a line."""


class Estimate(NamedTuple):
    """A value with its interval.

    Parameters
    ----------
    low, value, high : float
        Ends of the interval, and the value.
    """

    low: float
    value: float
    high: float


def success_probability(successes: int, runs: int, *, level: float = 0.95) -> Estimate:
    """Share of runs that succeeded, with Wilson's interval.

    Parameters
    ----------
    successes, runs : int
        Counts, successes <= runs.
    level : float
        Confidence level of the interval.

    Returns
    -------
    Estimate

    References
    ----------
    Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Examples
    --------
    >>> ["{:.3f}".format(p) for p in success_probability(8, 10)]
    ['0.490', '0.800', '0.943']
    """
    runs = integer("runs", runs)
    test = binomtest(integer("successes", successes, low=0, high=runs), runs)
    ends = test.proportion_ci(single("level", level, CONFIDENCE), method="wilson")
    return Estimate(float(ends.low), float(test.statistic), float(ends.high))


def repeats(success: Any, *, confidence: float = 0.99) -> float | np.ndarray:
    """Runs until one has succeeded with the wanted confidence, ln(1 - C)/ln(1 - p), at least 1.

    Parameters
    ----------
    success : float or array_like
        Probability p of success of one run.
    confidence : float
        C.

    Returns
    -------
    float or ndarray
        inf where p is 0. Not rounded up: a mean over problems stays smooth.

    Examples
    --------
    >>> repeats([0.5, 1.0, 0.0]).round(6)
    array([6.643856, 1.      ,      inf])
    """
    p = np.asarray(number("success", success, SHARE))
    confidence = number("confidence", confidence, CONFIDENCE)
    with np.errstate(divide="ignore"):
        runs = np.maximum(1.0, np.log1p(-confidence) / np.log1p(-p))
    return runs if runs.ndim else float(runs)


def time_to_solution(success: Any, duration: float, *, confidence: float = 0.99):
    """Time until one of the runs, one after the other, has succeeded: repeats times the duration.

    Parameters
    ----------
    success : float, array_like or Estimate
        Probability of success of one run.
    duration : float
        Length of one run in s.
    confidence : float
        With what confidence.

    Returns
    -------
    float, ndarray or Estimate
        In s; for an Estimate with its interval.

    Examples
    --------
    >>> round(time_to_solution(0.2, duration=1e-3), 5)
    0.02064
    """
    return solution_cost(success, number("duration", duration, POSITIVE), confidence)


def solution_cost(success: Any, cost: float, confidence: float):
    """Repeats times the cost of one run; the ends of an interval change places."""
    cost = number("cost", cost, NON_NEGATIVE)
    if isinstance(success, Estimate):
        high, value, low = (cost * float(repeats(p, confidence=confidence)) for p in success)
        return Estimate(low, value, high)
    return cost * repeats(success, confidence=confidence)


def limit(target: float, tolerance: float = 1e-9) -> float:
    """The largest H that reaches a target, within a share of its size (of 1, if it is small)."""
    target = single("target", target)
    return target + single("tolerance", tolerance, NON_NEGATIVE) * max(1.0, abs(target))


def clipped_row(result: Any) -> Iterator[tuple[str, str]]:
    """How many weights the ends of their ladders hold, if it is worth a line."""
    if count := np.count_nonzero(result.clipped > CLIPPED):
        yield "clipped", (f"{count} of {so_many(result.problem.size, 'weight')}, one on its "
                          f"ladder's end in {100 * result.clipped.max():.0f} %")  # fmt: skip


class Aggregate(NamedTuple):
    """Distinct states that replicas ended in, those of least energy first.

    Parameters
    ----------
    states : ndarray
        Shape (distinct states, cells).
    energies : ndarray
        H of each.
    counts : ndarray
        How many replicas ended there.
    heat : ndarray
        Their mean heat in J.
    """

    states: np.ndarray
    energies: np.ndarray
    counts: np.ndarray
    heat: np.ndarray


class Costs:
    """A result that tells what a solution costs, from its successes and its mean heat."""

    replicas: Any
    time: float

    success: Callable[..., Estimate]

    @abstractmethod
    def mean(self, name: str) -> tuple[float, float]:
        """Mean of a quantity over the replicas, and its standard error."""

    def time_to_solution(self, target: float, *, confidence: float = 0.99, **how) -> Estimate:
        """Time in s until one of many runs has reached the target with the wanted confidence.

        Parameters
        ----------
        target : float
            An energy H.
        confidence : float
            99 % by default.
        **how
            As for `success`.
        """
        return solution_cost(self.success(target, **how), self.time, confidence)

    def energy_to_solution(
        self, target: float, *, confidence: float = 0.99, level: float = 0.95, **how
    ) -> Estimate:
        """Heat in J of all the runs that `time_to_solution` counts.

        Heat is what must be supplied if λ is zero at both ends of a run. The interval is that of
        the success probability and of the mean heat, whose errors add in squares as if they were
        independent: runs that succeed give off more heat, which makes the product surer. Its ends
        are NaN for one replica.

        Parameters
        ----------
        target : float
            An energy H.
        confidence : float
            99 % by default.
        level : float
            Confidence level of the interval.
        **how
            As for `success`.
        """
        success = self.success(target, level=level, **how)
        runs = Estimate(*np.sort(repeats(success, confidence=confidence)))
        heat, error = self.mean("heat")
        away = stdtrit(self.replicas - 1, (1 + level) / 2) * error
        cost = Estimate(*np.maximum(0.0, [heat - away, heat, heat + away]))
        least, value = cost.low * runs.low, cost.value * runs.value
        if np.isinf(runs.value):
            return Estimate(float(least), np.inf, np.inf)
        below, above = (
            np.hypot(runs.value * (each - cost.value), cost.value * (other - runs.value))
            for each, other in ((cost.low, runs.low), (cost.high, runs.high))
        )
        return Estimate(float(np.maximum(least, value - below)), float(value), float(value + above))

    def efficiency(self, bound: float) -> Estimate:
        """A bound over the measured mean heat, with two standard errors of the heat.

        Parameters
        ----------
        bound : float
            In J. Which one holds depends on what is known of the final states; `landauer` assumes
            that they are known, and a bath that leaves entropy in the cells can pay less.

        Returns
        -------
        Estimate
            inf where the heat is not above zero; NaN at both ends for one replica, which does not
            tell its error.
        """
        bound = single("bound", bound, NON_NEGATIVE)
        heat, error = self.mean("heat")
        with np.errstate(divide="ignore", invalid="ignore"):
            costs = np.maximum(0.0, [heat + 2 * error, heat, heat - 2 * error])
            low, value, high = bound / costs
        return Estimate(float(low), float(value), float(high))


@dataclass(frozen=True, eq=False, repr=False)
class Anneal(Costs, Result):
    """The result of an annealing.

    Parameters
    ----------
    problem : Problem
        What was annealed.
    states : ndarray
        Final states, shape (replicas, cells): spins, or values of the variables.
    energies : ndarray
        H of these, in the problem's unit; for a sum of losses that of all, whatever their scales.
    ledger : Ledger
        Energies of each replica in J.
    time : float
        Time reached in s.
    complete : bool
        False if the run was interrupted: what is here holds for the time reached, and for the
        replicas that reached it.
    times : ndarray
        The recorded times in s.
    energy_history, heat_history : ndarray
        H of each replica then, and its heat so far in J, shape (times, replicas).
    snapshots : ndarray or None
        States then, shape (times, replicas, cells), if they were asked for.
    seed : int or None
        Where the randomness came from.
    updates : int or None
        How often a machine that updates its cells in this order has to wait for them: for each cell
        of a sweep (``order="sequential"``), each colour, or once; for two moves of a cell, if it
        has more than two levels, twice as often. None in continuous time.
    version : str
        Version of the library that computed it.
    engine : str
        Who computed it, ``"numpy"`` or ``"compiled"``.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel, anneal
    >>> pair = IsingModel([[0, 1], [1, 0]])
    >>> run = anneal(pair, 1e-20, duration=10.0, hop_rate=1.0, replicas=100, seed=1)
    >>> run.best_energy, run.success(-1.0).value
    (-1.0, 1.0)
    >>> run
    Anneal of 100 replicas, complete at 10 s (seed 1, lim_lib ...)
      problem             IsingModel of 2 spins
      energies            −1, least −1 in 100
      heat                1.93 ± 0.24 kT, 8 zJ
      work                0 kT
      energy_change       −1.93 ± 0.24 kT, −8 zJ
      system_entropy      unknown
      entropy_production  unknown
      transport           0.640 ± 0.069
      hops                1.10 ± 0.13
      net_moves           −0.060 ± 0.094
    """

    measures: ClassVar = {
        "states": ("state", "replicas", "cells"),
        "energies": ("H", "replicas"),
        "time": ("s",),
        "times": ("s", "times"),
        "energy_history": ("H", "times", "replicas"),
        "heat_history": ("J", "times", "replicas"),
        "snapshots": ("state", "times", "replicas", "cells"),
        "updates": ("1",),
    }

    problem: Problem
    states: np.ndarray
    energies: np.ndarray
    ledger: Ledger
    time: float
    complete: bool
    times: np.ndarray
    energy_history: np.ndarray
    heat_history: np.ndarray
    snapshots: np.ndarray | None = None
    seed: int | None = None
    updates: int | None = None
    version: str = lim_lib.__version__
    engine: str = "numpy"

    def headline(self) -> str:
        """How many replicas, how far, and where the randomness came from."""
        return f"Anneal of {so_many(self.replicas, 'replica')}, {origin(self)}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """The problem, its energies, and the rows of the ledger."""
        yield "problem", repr(self.problem)
        least, count = with_error(self.best_energy, 0.0), (self.energies == self.best_energy).sum()
        yield "energies", f"{with_error(*mean(self.energies))}, least {least} in {count}"
        if self.problem.clipping:
            yield from clipped_row(self)
        yield from recorded_rows(self.times, self.snapshots)
        yield from self.ledger.rows()

    @property
    def clipped(self) -> np.ndarray:
        """Share of the replicas that hold each cell on an end of its ladder, the fuller one."""
        return self.on_ends.max(0) / self.replicas

    @property
    def on_ends(self) -> np.ndarray:
        """How many replicas hold each cell on its lowest and on its highest level."""
        levels = self.problem.encode(self.states)
        return np.stack([np.sum(levels == end, axis=0) for end in (0, self.problem.levels - 1)])

    @property
    def replicas(self) -> int:
        """Number of copies that were annealed."""
        return self.energies.size

    @property
    def best_energy(self) -> float:
        """The least final H."""
        return float(self.energies.min())

    @property
    def best_state(self) -> np.ndarray:
        """A state that has it."""
        return self.states[self.energies.argmin()]

    @property
    def mean_energy(self) -> float:
        """Mean of the final H."""
        return float(self.energies.mean())

    def mean(self, name: str) -> tuple[float, float]:
        """Mean over the replicas of a quantity of the ledger, and its standard error."""
        return self.ledger.mean(name)

    def aggregate(self) -> Aggregate:
        """The distinct final states, with the replicas that ended in each.

        Returns
        -------
        Aggregate

        Examples
        --------
        >>> from lim_lib.optimizers import IsingModel, anneal
        >>> field = IsingModel([[0, 1], [1, 0]], fields=0.5)
        >>> run = anneal(field, 1e-20, duration=10.0, hop_rate=1.0, replicas=100, seed=1)
        >>> found = run.aggregate()
        >>> found.states.tolist(), found.energies.tolist(), found.counts.tolist()
        ([[1, 1], [-1, -1]], [-2.0, 0.0], [88, 12])
        """
        states, first, of, counts = np.unique(
            self.states, axis=0, return_index=True, return_inverse=True, return_counts=True
        )
        energies = self.energies[first]
        heat = np.bincount(of.ravel(), self.ledger.heat) / counts
        order = np.argsort(energies, kind="stable")
        return Aggregate(states[order], energies[order], counts[order], heat[order])

    def success(self, target: float, *, tolerance: float = 1e-9, level: float = 0.95) -> Estimate:
        """Share of replicas that reached a target, with its interval.

        Parameters
        ----------
        target : float
            An energy H, such as that of the ground state.
        tolerance : float
            What H may exceed it by: see `limit`.
        level : float
            Confidence level of Wilson's interval.

        Returns
        -------
        Estimate
        """
        hits = int(np.count_nonzero(self.energies <= limit(target, tolerance)))
        return success_probability(hits, self.replicas, level=level)

    def free_energy_change(self) -> tuple[float, float]:
        """Change of the free energy from the work alone, -kT ln <exp(-W/kT)>, by Jarzynski (1997).

        It is that between the Gibbs states of the first and the last λ, if the run began in the
        first (λ = 0: at random).

        Returns
        -------
        value, standard_error : float
            In J. Far from equilibrium few replicas carry the mean, and both are unreliable.

        See Also
        --------
        lim_lib.optimizers.free_energy : From ramps in both directions, which needs far fewer runs.
        """
        kT = thermal_energy(self.ledger.temperature)
        minus = -self.ledger.work / kT
        value = logsumexp(minus) - np.log(self.replicas)
        _, error = mean(np.exp(minus - value))
        return -kT * float(value), kT * error

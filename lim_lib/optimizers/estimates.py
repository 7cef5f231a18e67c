r"""What a memory lost, told by ramps in both directions: free energy, entropy, transport.

A *forward* ramp raises the scale λ of an energy H from zero, where all states are alike, to its
full value; a *backward* ramp takes the same way down. If each begins in the Gibbs state of its
first scale, their works obey Crooks' relation (crooks1999), and both together tell the difference
of the free energies far better than the work of either alone (Bennett 1976).

The backward ramp's Gibbs state is where a slow forward ramp ends, once it was held there::

    up = Ramp((0, ramp, ramp + hold), (0, scale, scale))
    down = Ramp((0, ramp), (scale, 0))
    forward = anneal(problem, up, duration=ramp + hold, ...)
    backward = anneal(problem, down, duration=ramp, initial=forward.states, ...)

Crooks' relation asks that each move has its reverse on the way back, as in continuous time. In
sweeps of one fixed order the way back would have to sweep in reverse; it does not, and the tests
see no difference. That the backward runs begin where forward ones end ties the two together as long
as the hold has not made them forget: the errors take them for independent.
"""

import warnings
from typing import Any

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from lim_lib.optimizers.solution import Anneal
from lim_lib.results import mean
from lim_lib.simulate.runs import Ledger
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning, refuse

SHARED = 10.0
"""Runs that forward and backward ramps must have in common, for the error to be one."""

UNLIKELY = 5.0
"""Standard errors by which chance does not break the second law."""


def free_energy(forward: Any, backward: Any) -> tuple[float, float]:
    r"""Change of the free energy from works in both directions: Bennett's acceptance ratio.

    The change F is where as many forward runs look like backward ones as the other way round,

    .. math:: \sum_\text{forward} \frac{1}{1 + \exp(M + (W - F)/kT)}
              = \sum_\text{backward} \frac{1}{1 + \exp(-M + (W + F)/kT)}

    with M = ln(forward runs/backward runs).

    Parameters
    ----------
    forward, backward : Anneal or Ledger
        Runs of a ramp and of its reverse, each begun in the Gibbs state of its first scale. Their
        numbers may differ.

    Returns
    -------
    value, standard_error : float
        Of the forward change, in J.

    Raises
    ------
    ValueError, TypeError
        For runs of different problems or temperatures, fewer than two replicas, or no runs.

    Warns
    -----
    RegimeWarning
        If the two directions have less than `SHARED` runs in common: ramp more slowly, or take more
        replicas. If the works of both directions break the second law: not all runs began in
        their Gibbs state.

    See Also
    --------
    Anneal.free_energy_change : From the forward work alone, by Jarzynski; biased for fast ramps.

    References
    ----------
    Bennett, J. Comput. Phys. 22, 245 (1976), bennett1976; that it is the estimate of maximum
    likelihood, and for ramps, Shirts et al., Phys. Rev. Lett. 91, 140601 (2003), shirts2003.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel, anneal
    >>> from lim_lib.schedules import Ramp
    >>> from lim_lib.units import thermal_energy
    >>> glass, kT = IsingModel.sherrington_kirkpatrick(6, seed=1), thermal_energy()
    >>> how = dict(hop_rate=1.0, replicas=400, seed=1)
    >>> up, down = Ramp((0, 4, 9), (0, kT, kT)), Ramp((0, 4), (kT, 0))
    >>> forward = anneal(glass, up, duration=9.0, **how)
    >>> backward = anneal(glass, down, duration=4.0, initial=forward.states, **how)
    >>> value, error = free_energy(forward, backward)
    >>> exact = glass.equilibrium(0).log_partition - glass.equilibrium(1).log_partition
    >>> print(f"{value / kT:.2f} ± {error / kT:.2f} kT, exactly {exact:.2f} kT")
    -1.35 ± 0.03 kT, exactly -1.34 kT
    """
    kT, value, up, down = _compared(forward, backward)
    return kT * value, kT * float(np.hypot(mean(up)[1], mean(down)[1]))


def entropy_lost(forward: Any, backward: Any) -> tuple[float, float]:
    r"""Entropy that the memory loses between the start and the Gibbs state at the top, in nats.

    It is :math:`(F - U)/kT` with the free energy F of `free_energy` and the mean energy U in which
    the backward runs begin. Heat brackets it, by the second law in each direction: the mean heat of
    the forward runs is above it (if they end in the Gibbs state), minus that of the backward runs
    below, both in kT.

    Parameters
    ----------
    forward, backward : Anneal or Ledger
        As for `free_energy`; the scale is zero where the forward runs begin and the backward ones
        end.

    Returns
    -------
    value, standard_error : float
        Of the whole memory, in nats.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel, anneal
    >>> from lim_lib.schedules import Ramp
    >>> from lim_lib.units import thermal_energy
    >>> glass, kT = IsingModel.sherrington_kirkpatrick(6, seed=1), thermal_energy()
    >>> how = dict(hop_rate=1.0, replicas=400, seed=1)
    >>> up, down = Ramp((0, 4, 9), (0, kT, kT)), Ramp((0, 4), (kT, 0))
    >>> forward = anneal(glass, up, duration=9.0, **how)
    >>> backward = anneal(glass, down, duration=4.0, initial=forward.states, **how)
    >>> print("{:.2f} ± {:.2f}".format(*entropy_lost(forward, backward)))
    1.43 ± 0.07
    >>> print(f"exactly {6 * np.log(2) - glass.equilibrium(1).entropy:.2f}")
    exactly 1.37
    """
    kT, value, up, down = _compared(forward, backward)
    change = np.asarray(_ledger("backward", backward).energy_change) / kT
    energy, error = mean(change + down)
    return value + energy - 1, float(np.hypot(mean(up)[1], error))


def _compared(forward: Any, backward: Any) -> tuple[float, float, np.ndarray, np.ndarray]:
    """kT in J, the change of the free energy in kT, and how much each run pulls at it.

    The pulls have the mean 1, those of the forward runs downwards: to first order, the estimate
    scatters like the mean of the backward pulls less that of the forward ones.
    """
    ledgers = _ledger("forward", forward), _ledger("backward", backward)
    first, second = (ledger.temperature for ledger in ledgers)
    if first != second:
        raise ValueError(
            f"backward must be at the temperature of the forward runs, {first:g} K, got {second:g}"
        )
    problems = [run.problem for run in (forward, backward) if isinstance(run, Anneal)]
    if len(problems) == 2 and problems[0] != problems[1]:
        refuse("backward", problems[1], f"runs of the same problem, {problems[0]!r}")
    kT = thermal_energy(first)
    up, down = (np.asarray(ledger.work, dtype=float) / kT for ledger in ledgers)
    odds = np.log(up.size / down.size)

    def likeness(value):
        return expit(value - odds - up), expit(odds - value - down)

    def surplus(value):
        forwards, backwards = likeness(value)
        return forwards.sum() - backwards.sum()

    room = 50 + abs(odds)
    low, high = min(up.min(), -down.max()) - room, max(up.max(), -down.min()) + room
    value = float(brentq(surplus, low, high, xtol=1e-12))
    forwards, backwards = likeness(value)
    (there, error), (back, other) = mean(up), mean(down)
    if there + back < -UNLIKELY * np.hypot(error, other):
        warnings.warn(
            f"free_energy: there and back the works are {there + back:.3g} kT on average, and the "
            "second law forbids a negative sum: runs of one direction did not begin in the Gibbs "
            "state, or the way back is not the reverse",
            RegimeWarning,
            stacklevel=3,
        )
    if forwards.sum() < SHARED:
        warnings.warn(
            f"free_energy: forward and backward ramps have {forwards.sum():.2g} runs in common, "
            f"less than {SHARED:g}: its error is no guide; ramp more slowly, or take more replicas",
            RegimeWarning,
            stacklevel=3,
        )
    return kT, value, forwards / forwards.mean(), backwards / backwards.mean()


def _ledger(name: str, given: Any) -> Ledger:
    ledger = given.ledger if isinstance(given, Anneal) else given
    if not isinstance(ledger, Ledger):
        refuse(name, given, "an Anneal or a Ledger", TypeError)
    if (ledger.replicas or 0) < 2:
        refuse(name, given, "runs of at least two replicas")
    return ledger


def transport(run: Anneal, initial: Any = None) -> tuple[float, float]:
    r"""Levels that the cells' probabilities moved: the sum of each cell's least transport W.

    On a ladder, W is the area between two cumulative distributions,

    .. math:: W = \sum_k |F_0(k) - F_1(k)| = \max_\phi \langle\phi\rangle_1 - \langle\phi\rangle_0

    with steps of φ of at most one a level. Taken from finitely many replicas the sum is too large
    on average, for noise adds to every difference. The maximum is too small, if φ is found without
    the replica on which it is evaluated (each is left out in turn). The value is their middle.

    Parameters
    ----------
    run : Anneal
        Its final states are where the cells went.
    initial : array_like, optional
        States from which they came, independent of the final ones; by default all levels were
        alike, as λ = 0 leaves them.

    Returns
    -------
    value, standard_error : float
        Of the whole memory, in levels. The error has the scatter of the replicas, and half the
        distance between the two. The sum over cells is at most the transport of their joint
        distribution: a bound in which it stands for that one remains a bound.

    Raises
    ------
    ValueError, TypeError
        For something else than a run, or fewer than two replicas.

    Examples
    --------
    >>> from lim_lib.optimizers import QuadraticProgram, anneal
    >>> from lim_lib.units import thermal_energy
    >>> program = QuadraticProgram([[2, 1], [1, 2]], 0.3, lower=-1, upper=1, bits=4)
    >>> run = anneal(program, thermal_energy(), duration=100.0, hop_rate=1.0, replicas=400, seed=1)
    >>> print("{:.2f} ± {:.2f}".format(*transport(run)))
    1.25 ± 0.17
    >>> weights = program.equilibrium(1.0).probabilities.reshape(16, 16)
    >>> exact = [np.abs(weights.sum(axis=i).cumsum() - np.arange(1, 17) / 16).sum() for i in (0, 1)]
    >>> print(f"exactly {sum(exact):.2f}")
    exactly 1.41
    """
    if not isinstance(run, Anneal):
        refuse("run", run, "an Anneal", TypeError)
    problem = run.problem
    ended = problem.encode(run.states)
    samples = [ended]
    after, runs = _at_or_below("run", ended, problem.levels), len(ended)
    before, starts, left = np.arange(1, problem.levels)[:, None], problem.levels, 0
    if initial is not None:
        began = np.atleast_2d(problem.encode(initial, name="initial"))
        samples.append(began)
        before, starts, left = _at_or_below("initial", began, problem.levels), len(began), 1

    def slope(started_below, ended_below):
        """Steps of φ, found without one replica that is at or below a level at an end, or not."""
        without = (before - left * started_below) * (runs - 1)
        return np.sign(without - (after - ended_below) * (starts - left))

    first, last = before / starts, after / runs
    high = np.abs(first - last).sum()
    low = (first * (1 - last) * slope(1, 0) - last * (1 - first) * slope(0, 1)).sum()
    potential = np.zeros((problem.levels, problem.size))
    np.cumsum(np.sign(before * runs - after * starts), axis=0, out=potential[1:])
    heights = (potential[levels, np.arange(problem.size)].sum(axis=1) for levels in samples)
    scatter = [mean(height)[1] for height in heights]
    return float(low + high) / 2, float(np.linalg.norm([*scatter, (high - low) / 2]))


def _at_or_below(name: str, levels: np.ndarray, count: int) -> np.ndarray:
    """Number of replicas at or below each level but the last, by cell."""
    if len(levels) < 2:
        refuse(name, levels, "of at least two replicas")
    cells = levels.shape[1]
    numbers = np.bincount((levels * cells + np.arange(cells)).ravel(), minlength=count * cells)
    return numbers.reshape(count, cells)[:-1].cumsum(axis=0)

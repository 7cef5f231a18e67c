r"""Two machines whose knobs both follow logarithms of time, solved to be looked at.

The scale rises as :math:`λ = c\,kT \ln(1 + t/τ)`, which anneals, and the barrier by
:math:`α\,kT \ln(1 + t/τ)`, which sets the pace and retains; :math:`τ` is 1 μs and cells are tried
at 1 GHz. A *hop* is one of a free spin, :math:`r\,dt`, and spins hop with heat-bath rates.

`maxcut_run` and `maxcut_course` let such a machine cut `example_graph`; `glass_course` gives the
probabilities of a small spin glass exactly, also long after its field was switched off.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import expm
from scipy.special import expit

from lim_lib.memory import ATTEMPT_RATE
from lim_lib.optimizers.annealing import anneal
from lim_lib.optimizers.ising import IsingModel
from lim_lib.optimizers.solution import Anneal
from lim_lib.schedules import LogarithmicRamp, PowerLawBarrier, StaticBarrier
from lim_lib.units import YEAR, thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, single

TAU = 1e-6
"""Time constant of both logarithms in s."""

COOLING = 3.0
"""Slope c of the machine that cuts the graph, in kT an edge."""

HIGHEST = 12.0
"""Where its λ stops rising, in kT an edge: nothing is left to be frozen out."""

SLOPE = 2.0
"""Slope α of its barrier in kT: its hop budget ends at r_0 τ."""

OLDEST = 1e5
"""Age in s at which it is left, more than a day."""

SWITCHED_OFF = 1.0
"""Time in s at which the field of the glass is switched off."""

LATEST = 80 * YEAR
"""Age in s up to which the glass is followed."""

BUDGET = 100.0
"""Its hops in the first time constant, r_0 τ."""

GLASS = (6, 4)
"""Spins and seed of the glass: one with a local minimum 1.6 deep."""


def example_graph(columns: int = 5, rows: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Vertices near a grid, joined to their neighbours by edges of weight 1: 20 by 43 of them.

    Parameters
    ----------
    columns, rows : int
        Of the grid, at least 2 of each.

    Returns
    -------
    positions : ndarray
        Shape (vertices, 2).
    weights : ndarray
        Shape (vertices, vertices), symmetric.

    Examples
    --------
    >>> positions, weights = example_graph()
    >>> len(positions), int(weights.sum()) // 2
    (20, 43)
    """
    from scipy.spatial import Delaunay

    columns, rows = integer("columns", columns, low=2), integer("rows", rows, low=2)
    grid = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2)
    positions = grid + np.random.Generator(np.random.PCG64(3)).uniform(-0.35, 0.35, grid.shape)
    weights = np.zeros((len(grid), len(grid)))
    for corners in Delaunay(positions).simplices:
        for a, b in (corners[[0, 1]], corners[[1, 2]], corners[[0, 2]]):
            if np.hypot(*(positions[a] - positions[b])) < 1.75:
                weights[a, b] = weights[b, a] = 1
    return positions, weights


@lru_cache(maxsize=1)
def best_cut() -> float:
    """Most edges of `example_graph` that can be cut, by enumeration.

    Examples
    --------
    >>> best_cut()
    31.0
    """
    return -IsingModel.maxcut(example_graph()[1]).ground_state().energy


def rising_barrier(hops: float, slope: float = SLOPE) -> PowerLawBarrier | StaticBarrier:
    """The barrier that rises by ``slope`` kT ln(1 + t/τ); with slope 0 it stands.

    Parameters
    ----------
    hops : float
        Hops in the first time constant, r_0 τ; at the slope 2, hops in all.
    slope : float
        α.

    Returns
    -------
    PowerLawBarrier or StaticBarrier

    Examples
    --------
    >>> round(rising_barrier(100.0).hop_budget(1.0), 4)
    99.9999
    """
    hops, slope = single("hops", hops, POSITIVE), single("slope", slope, NON_NEGATIVE)
    if slope == 0:
        return StaticBarrier(thermal_energy() * np.log(ATTEMPT_RATE * TAU / hops), ATTEMPT_RATE)
    return PowerLawBarrier(hops / TAU, TAU, slope, ATTEMPT_RATE)


def rising_scale(age: Any) -> Any:
    """The scale λ of the machine that cuts the graph at an age in s, in kT an edge.

    Examples
    --------
    >>> float(rising_scale(1.0))
    12.0
    """
    return np.minimum(LogarithmicRamp(COOLING, TAU)(age), HIGHEST)


def maxcut_run(hops: float, replicas: int, **how: Any) -> Anneal:
    """Machines that cut `example_graph` with so many hops a spin, until the barrier ends them.

    On the clock R = ∫ r dt the barrier disappears: what is simulated is a run of constant hop
    rate, whose λ is the one at the age at which the barrier has let R pass.

    Parameters
    ----------
    hops : float
        Hop budget of a free spin, r_0 τ.
    replicas : int
        Machines.
    **how
        More arguments of `anneal`.

    Returns
    -------
    Anneal

    Examples
    --------
    >>> maxcut_run(10.0, 8).states.shape
    (8, 20)
    """
    kT, (_, weights) = thermal_energy(), example_graph()
    most = rising_barrier(hops).hop_budget(OLDEST) / hops

    def scale(clock):
        used = np.minimum(clock / hops, most)
        return kT * rising_scale(TAU * used / (1 - used))  # the age, for α = 2

    return anneal(
        IsingModel.maxcut(weights),
        scale,
        duration=hops,
        hop_rate=1.0,
        replicas=replicas,
        seed=1,
        steps=round(max(400, 4 * hops)),
        progress=False,
        **how,
    )


class Course(NamedTuple):
    """One machine's way to its cut.

    Parameters
    ----------
    ages : ndarray
        In s.
    sides : ndarray
        1 or -1 for each vertex at each age.
    cuts : ndarray
        Edges cut.
    heats : ndarray
        Heat so far in kT.
    """

    ages: np.ndarray
    sides: np.ndarray
    cuts: np.ndarray
    heats: np.ndarray


@lru_cache(maxsize=16)
def maxcut_course(hops: float) -> Course:
    """The way of the first of 16 machines, from its start to an age of more than a day.

    Parameters
    ----------
    hops : float
        Hop budget of a free spin, r_0 τ.

    Returns
    -------
    Course

    Examples
    --------
    >>> course = maxcut_course(100.0)
    >>> bool(course.cuts[0] < course.cuts[-1] <= best_cut())
    True
    """
    single("hops", hops, POSITIVE)
    ages = np.concatenate([[0.0], np.geomspace(1e-7, OLDEST, 121)])
    passed = np.minimum(rising_barrier(hops).hop_budget(ages), hops)
    run = maxcut_run(hops, 16, record=passed, snapshots=True)
    return Course(
        ages,
        np.asarray(run.snapshots)[:, 0],
        -run.energy_history[:, 0],
        run.heat_history[:, 0] / thermal_energy(),
    )


def _generators(couplings: np.ndarray) -> np.ndarray:
    """Heat-bath rates of the glass at r = 1, without telling a state from its mirror image.

    Shape (couplings, states/2, states/2), columns summing to zero. The first spin's flip leads to
    the mirror image of a state that is listed.
    """
    glass = IsingModel.sherrington_kirkpatrick(*GLASS)
    energy = glass.all_energies[: 1 << (glass.size - 1)]
    states = np.arange(energy.size)
    rates = np.zeros((couplings.size, energy.size, energy.size))
    for to in (states[::-1], *(states ^ (1 << k) for k in range(glass.size - 1))):
        leave = 2 * expit(-couplings[:, None] * (energy[to] - energy))
        rates[:, to, states] += leave
        rates[:, states, states] -= leave
    return rates


def glass_course(cooling: float, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """How probably a spin glass of six spins is solved, by the master equation, at each age.

    λ = c kT ln(1 + t/τ) until 1 s, then zero; the barrier rises on.

    Parameters
    ----------
    cooling : float
        c in kT per unit of H; 0 leaves λ off.
    slope : float
        α in kT; 0 leaves the barrier where it is.

    Returns
    -------
    ages : ndarray
        In s, from 0 to 80 years.
    solved : ndarray
        Probability of a ground state at each of them.

    Examples
    --------
    >>> ages, solved = glass_course(cooling=0.7, slope=0.0)
    >>> f"by chance {solved[0]:.3f}, at best {solved.max():.2f}, in the end {solved[-1]:.3f}"
    'by chance 0.031, at best 1.00, in the end 0.031'
    """
    single("cooling", cooling, NON_NEGATIVE)
    glass = IsingModel.sherrington_kirkpatrick(*GLASS)
    energy = glass.all_energies
    best = np.flatnonzero(energy <= energy.min() + 1e-9)
    logarithms = np.linspace(0, np.log1p(SWITCHED_OFF / TAU), 41)
    ages = TAU * np.expm1(logarithms)
    later = np.geomspace(SWITCHED_OFF, LATEST, 60)[1:]
    barrier = rising_barrier(BUDGET, slope)
    passed = barrier.hop_budget(ages)
    rates = _generators(cooling * (logarithms[1:] + logarithms[:-1]) / 2)
    half = np.full(rates.shape[-1], 1 / rates.shape[-1])
    course = [half]
    for step in expm(rates * np.diff(passed)[:, None, None]):
        half = step @ half
        course.append(half := half / half.sum())  # a step of 10⁸ hops is exact to 10⁻⁷
    solved = np.array(course)[:, best[best < half.size]].sum(axis=1)
    # Without a field every spin forgets on its own: what is left of it is exp(-2R).
    left = np.exp(-2 * (barrier.hop_budget(later) - passed[-1]))[:, None, None]
    apart = np.bitwise_count(np.arange(energy.size)[:, None] ^ best)
    returned = ((1 + left) / 2) ** (glass.size - apart) * ((1 - left) / 2) ** apart
    final = np.concatenate([half, half[::-1]]) / 2
    return np.concatenate([ages, later]), np.concatenate([solved, returned.sum(axis=2) @ final])

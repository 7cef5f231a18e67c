r"""Annealing: the scale λ concentrates the Gibbs state, the barrier sets the pace.

Model
-----
Cells in a bath at temperature T feel the energy λ(t) H. A move with the change ΔH gives the heat
:math:`q = -\lambda \Delta H`, and its rate and that of its reverse have the ratio exp(q/kT). The
thermal hop rate r(t) over the barrier is the clock of all cells alike.

Exactness
---------
λ is constant during a control step, that of its middle, and changes at its end, which is work. For
this protocol the ways in continuous time (``order="random"``) have no time-step error, whatever
r(t) does: on the clock :math:`R = \int r\,dt` the process is homogeneous.

All at once
-----------
Of cells that move at one time (``order="parallel"``) each feels the field that the others had
before. Spins then tend to the law

.. math:: \pi(s) \propto \sum_{s'} e^{-\kappa H_2(s, s')}, \qquad H_2 = -s'^T J s - h^T (s + s')

with κ = λ/kT, which is not Gibbs'; H₂ is Peretto's energy of a state and the one after it. The bath
takes what each cell gains while the fields of the others are held, and that the fields follow is
work: even at rest such a machine dissipates.

The fields that are held are a memory of the old state s, and no cell of ours. Its overwriting by
the new state s' costs kT S(s|s') or more, which is not in the ledger but in the second law: with
P(s|s) the probability that no cell moves, a step has

.. math:: Q/kT + S(s') - S(s) + S(s|s') = -\langle \ln P(s|s) \rangle \ge 0 .

So the heat in the ledger, with the entropy of the cells, may fall short of Landauer's when λ drops,
as a demon's does.
"""

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lim_lib.engine import chosen, one_blas_thread
from lim_lib.optimizers.ensembles import gather, packed, unpacked
from lim_lib.optimizers.moves import ATTEMPTS_PER_HOP, Account
from lim_lib.optimizers.problem import Problem
from lim_lib.optimizers.solution import SHARE, Anneal
from lim_lib.optimizers.steps import at_times, control_steps
from lim_lib.simulate.runs import Ledger, Progress, checked_seed, generator, recorded_steps
from lim_lib.units import thermal_energy
from lim_lib.validate import POSITIVE, RegimeWarning, integer, number, refuse, single

BLOCK = 512
"""Most replicas that walk together, by default."""

MOST_BLOCKS = 100_000
"""Most blocks of replicas, each of which has a source of randomness."""

MOST_KEPT = 1e9
"""Most numbers that a result may hold: gigabytes."""

STATES = 1 << 17
"""Numbers that the processor's cache holds: fewer replicas walk together if they are large."""

LARGEST = np.finfo(float).max / 1e3
"""Largest λH/kT, with room for the sums of a run."""

FEW_LEVELS = 4
"""Levels of a ladder whose ends are in use as a matter of course."""

MANY_CLIPPED = 0.25
"""Share of weights that a span may clip without a word."""

BETWEEN_LOOKS = 0.1
"""Seconds that a walk travels, about, before one looks at the clock."""

FASTER = 4.0
"""How many times as many steps it may take the next time."""

BETWEEN_COPIES = 1.0
"""Seconds between two copies of the state to which an interrupted run returns."""


def anneal(
    problem: Problem,
    schedule: Any,
    *,
    duration: float | None = None,
    replicas: int,
    seed: int,
    barrier: Any = None,
    hop_rate: float | None = None,
    sweeps: int | None = None,
    kinetics: str = "heat_bath",
    order: str = "random",
    rates: Any = None,
    initial: Any = None,
    steps: int | None = None,
    temperature: float = 300.0,
    record: Any = None,
    snapshots: bool = False,
    block: int | None = None,
    executor: Any = None,
    progress: bool | Callable | None = None,
    engine: str = "numpy",
    threads: int = 1,
) -> Anneal:
    """Let a bath move the cells while the scale of their energy follows a schedule.

    Parameters
    ----------
    problem : IsingModel, QuadraticProgram, Landscape, or a loss
        The energy H.
    schedule : float or callable, or a tuple of them
        λ in J per unit of H, not negative: a number, a schedule such as `Ramp` or
        `LogarithmicRamp`, or any function of time in s. A constant is a quench. For a `Sum` one
        for all its losses, or a tuple with one for each.
    duration : float
        Length of the run in s, the time of the schedule. With ``sweeps`` it may be left out: one of
        them then takes 1 s.
    replicas : int
        Number of independent copies.
    seed : int
        Where all randomness comes from.
    barrier : schedule
        A barrier of `lim_lib.schedules`; its hop budget is the clock.
    hop_rate : float
        Instead of a barrier: the thermal hop rate r in 1/s, constant.
    sweeps : int
        Instead of both: attempts at each move of a cell in all, spread evenly over the duration.
        (By heat-bath rates there are two for each hop r, so that 1000 hops are 2000 sweeps.)
    kinetics : {"heat_bath", "metropolis", "symmetric"}
        Rates of a move: 2r/(1 + exp(λΔH/kT)), r min(1, exp(-λΔH/kT)), or r exp(-λΔH/2kT).
    order : {"random", "sequential", "coloured", "parallel"}
        Continuous time, exactly; or sweeps through all cells in turn, as many as attempts that a
        cell would make in continuous time. Sweeps are quicker to compute. They have the same Gibbs
        state, but not detailed balance from sweep to sweep. In those of a loss the replicas of a
        block come to the same cell together. Of a quadratic energy a sweep may take all cells of
        one colour at a time, which are not coupled, with the same Gibbs state; or all cells at one
        time, which has another: see `lim_lib.optimizers.annealing`. Such joint moves are none of
        those that the theorems on hops speak of, nor is their work that of a protocol.
        `Anneal.updates` tells how often each machine has to wait for its cells.
    rates : array_like, optional
        Hop rate of each cell relative to the clock's, from 0 to 1: a barrier higher by
        kT ln(1/rate). A cell of rate 0 keeps its level.
    initial : array_like, optional
        A state, or one for each replica; by default each cell at random, as λ = 0 leaves it.
    steps : int, optional
        Number of control steps in continuous time; by default one for each attempt of a cell, and
        as many as it takes to follow a schedule that changes.
    temperature : float
        Temperature of the bath in K, that of the barrier.
    record : array_like, optional
        Times in s at which to keep energies and heat (at the nearest control step).
    snapshots : bool
        Whether to keep all states then, too.
    block : int, optional
        Replicas that walk together and share one source of randomness: 512 by default, less for
        more than 256 cells, or much data. The numbers depend on it. Smaller blocks spread over
        more workers.
    executor : concurrent.futures.Executor, optional
        Who computes the blocks: a process pool, Dask's ``Client.get_executor()``. The numbers do
        not depend on it, and a worker that dies costs time only.
    progress : bool or callable, optional
        Progress of a long run: on a terminal by default, always, never, or your function of the
        fraction done.
    engine : {"numpy", "compiled"}
        Who computes: NumPy, the reference, or loops that Numba compiles, an order of magnitude
        quicker. They draw other random numbers and have the same laws; `Anneal.engine` tells which
        it was.
    threads : int
        Threads over which a compiled engine spreads the replicas of a block. The numbers do not
        depend on it.

    Returns
    -------
    Anneal
        Ctrl-C ends a run early. What is returned is then the blocks that are done, or if there are
        none the first at the time it reached, with ``complete=False``.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, in one line that names it.

    Warns
    -----
    RegimeWarning
        If the span clips more than a quarter of a loss's weights (`Anneal.clipped` tells which).
        If a forward rate of the symmetric split passes the attempt rate of the barrier: such steep
        moves need a higher barrier, or heat-bath rates. If the steps asked for, or the sweeps, miss
        part of a schedule that changes between their middles.

    References
    ----------
    Kirkpatrick, Gelatt and Vecchi, Science 220, 671 (1983), for annealing; Glauber, J. Math. Phys.
    4, 294 (1963), for heat-bath rates in continuous time, his α/2 being our r.

    Examples
    --------
    A spin glass, cooled in 100 hops of a free spin:

    >>> from lim_lib.schedules import Ramp
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> from lim_lib.optimizers import IsingModel
    >>> glass = IsingModel.sherrington_kirkpatrick(12, seed=1)
    >>> cooled = anneal(glass, Ramp((0, 100), (0, 5 * kT)), duration=100.0, hop_rate=1.0,
    ...                 replicas=200, seed=1)
    >>> bool(np.isclose(cooled.best_energy, glass.ground_state().energy))
    True
    >>> print(f"{cooled.ledger.heat.mean() / kT:.1f} kT, 12 ln 2 = {12 * np.log(2):.1f}")
    7.3 kT, 12 ln 2 = 8.3
    """
    ensemble = _ensemble(
        problem, schedule, duration, replicas, seed, barrier, hop_rate, sweeps, kinetics, order,
        rates, initial, steps, temperature, record, snapshots, block, engine, threads,
    )  # fmt: skip
    plan = ensemble.plan
    _must_be_kept("replicas", replicas, plan, ensemble.replicas)
    if len(ensemble) > MOST_BLOCKS:
        integer("block", ensemble.block, low=-(-ensemble.replicas // MOST_BLOCKS))
    with Progress(progress) as show:
        results = gather(partial(_walk_block, plan), ensemble, executor, show)
    begun = [part for part in results if part is not None]
    if not begun:
        raise KeyboardInterrupt
    whole = [part for part in begun if part.complete]
    _warn_of_fast_hops(max(part.excess for part in begun))
    result = _joined(plan, whole or begun[:1], len(whole) == len(ensemble))
    _warn_of_clipped(result)
    return result


def _ensemble(
    problem, schedule, duration, replicas, seed, barrier, hop_rate, sweeps, kinetics, order,
    rates, initial, steps, temperature, record, snapshots, block, engine, threads,
):  # fmt: skip
    """The blocks of replicas that arguments of `anneal` ask for, once these are checked."""
    if not isinstance(problem, Problem):
        refuse("problem", problem, "an IsingModel, a QuadraticProgram, a Landscape or a loss",
               TypeError)  # fmt: skip
    engine, threads = chosen(engine, threads)
    slower = None if rates is None else _rates(problem, rates)
    walk = problem.walk(order, kinetics, slower, engine, threads)
    duration, hop_rate = _sweeping(sweeps, kinetics, duration, hop_rate, barrier)
    temperature = single("temperature", temperature, POSITIVE)
    budget = _hop_budget(barrier, hop_rate, temperature)
    attempts = ATTEMPTS_PER_HOP.get(kinetics, 1.0) * float(budget(duration))
    schedules = _schedules(problem, schedule)
    ends = control_steps(schedules, budget, duration, sweeps=attempts, steps=steps, order=order)
    middles = (ends[1:] + ends[:-1]) / 2
    ceiling = np.full(len(middles), np.inf)
    if barrier is not None:
        ceiling = barrier(middles) / thermal_energy(temperature)
    plan = _Plan(
        problem=problem,
        walk=walk,
        ends=ends,
        scale=_scale(problem, schedules, ends, temperature),
        clock=np.diff(budget(ends)),
        ceiling=np.broadcast_to(ceiling, len(middles)),
        recorded=_recorded(record, ends, order),
        snapshots=snapshots,
        temperature=temperature,
        seed=checked_seed(seed),
        engine=engine,
        effort=_effort(budget(ends), order),
    )
    if block is None:
        block = max(64, min(BLOCK, STATES // problem.footprint))
    block, replicas = integer("block", block), integer("replicas", replicas)
    return _Ensemble(plan, replicas, block, _starts(problem, initial, replicas))


def _must_be_kept(name, value, plan, replicas):
    """Refuse what makes a result of more replicas than it can hold."""
    pictures = len(plan.recorded) if plan.snapshots else 0
    kept = replicas * ((2 + pictures) * plan.problem.size + 2 * len(plan.recorded))
    if kept > MOST_KEPT:
        refuse(name, value, f"few enough to keep at most {MOST_KEPT:g} numbers of states "
               f"and records (they ask for {kept:.3g})")  # fmt: skip


def _rates(problem, rates):
    """The hop rate of each cell, relative to the clock's."""
    values = np.asarray(number("rates", rates, SHARE))
    if values.shape != (problem.size,):
        refuse("rates", rates, f"{problem.size} numbers, one for each cell")
    return values


def _schedules(problem, schedule):
    """A schedule for each energy that has a scale of its own."""
    several = tuple if problem.scales == 1 else (tuple, list, np.ndarray)
    if not isinstance(schedule, several):
        return (schedule,) * problem.scales
    if problem.scales == 1 or not isinstance(schedule, tuple) or len(schedule) != problem.scales:
        few = problem.scales == 1
        refuse(
            "schedule",
            schedule,
            "one schedule" if few else f"a tuple of {problem.scales}, one for each loss",
        )
    return schedule


def _starts(problem, initial, replicas):
    """Levels at the start, one row if all replicas begin alike."""
    if initial is None:
        return None
    levels = problem.encode(initial, name="initial")
    if levels.ndim == 2 and len(levels) != replicas:
        refuse("initial", initial, f"one state, or one for each of {replicas} replicas")
    return levels.astype(np.min_scalar_type(problem.levels - 1))


@dataclass(frozen=True, eq=False)
class _Plan:
    """What every block of replicas needs, in plain numbers that can be sent to a worker.

    ``scale`` has λ at the start, in each control step and at the end, a row of them for a sum;
    ``clock`` the hop budget of each step, and ``ceiling`` the barrier then in kT, as far as one is
    known. ``effort`` grows as the time does that the steps take to compute.
    """

    problem: Problem
    walk: Callable
    ends: np.ndarray
    scale: np.ndarray
    clock: np.ndarray
    ceiling: np.ndarray
    recorded: np.ndarray
    snapshots: bool
    temperature: float
    seed: int
    engine: str
    effort: np.ndarray


@dataclass(frozen=True, eq=False)
class _Ensemble(Sequence):
    """The blocks of an ensemble, each its number, its size and its start, made when asked for."""

    plan: _Plan
    replicas: int
    block: int
    starts: np.ndarray | None

    def __len__(self):
        return -(-self.replicas // self.block)

    def __getitem__(self, index):
        index = range(len(self))[index]
        if isinstance(index, range):
            return [self[each] for each in index]
        first = index * self.block
        size = min(self.block, self.replicas - first)
        start = self.starts
        if start is not None and start.ndim == 2:
            start = start[first : first + size]
        return index, size, start


def _sweeping(sweeps: Any, kinetics: str, duration: Any, hop_rate: Any, barrier: Any) -> tuple:
    """Duration and hop rate, also where sweeps are given instead."""
    if sweeps is None:
        return single("duration", duration, POSITIVE), hop_rate
    if barrier is not None or hop_rate is not None:
        raise TypeError("give exactly one of barrier, hop_rate and sweeps")
    if kinetics not in ATTEMPTS_PER_HOP:
        refuse("sweeps", sweeps, f"left out for kinetics={kinetics!r}, which attempts nothing",
               TypeError)  # fmt: skip
    sweeps = integer("sweeps", sweeps)
    duration = single("duration", sweeps if duration is None else duration, POSITIVE)
    return duration, sweeps / ATTEMPTS_PER_HOP[kinetics] / duration


def _hop_budget(barrier: Any, hop_rate: Any, temperature: float) -> Callable:
    """The clock: the hop budget from 0 to some times."""
    if (barrier is None) == (hop_rate is None):
        raise TypeError("give exactly one of barrier, hop_rate and sweeps")
    if barrier is None:
        rate = single("hop_rate", hop_rate, POSITIVE)
        return lambda times: rate * times
    if not hasattr(barrier, "hop_budget"):
        refuse("barrier", barrier, "a schedule with a hop_budget", TypeError)
    if getattr(barrier, "temperature", temperature) != temperature:
        refuse("temperature", temperature, f"that of the barrier, {barrier.temperature:g} K")
    return barrier.hop_budget


def _scale(problem: Problem, schedules: tuple, ends: np.ndarray, temperature: float) -> np.ndarray:
    """λ at the start, in the middle of each step and at the end, if λH/kT can be held."""
    middles = (ends[1:] + ends[:-1]) / 2
    times = np.concatenate([ends[:1], middles, ends[-1:]])
    scale = np.stack([at_times(schedule, times) for schedule in schedules], axis=-1)
    most = float(min(1.0, thermal_energy(temperature)) * (LARGEST / (problem.largest + 1.0)))
    if not scale.max() <= most:
        refuse("schedule", float(scale.max()), f"at most {most:.3g} J per unit of H: above, λH/kT "
               "is too large for a double")  # fmt: skip
    return scale if problem.scales > 1 else scale[:, 0]


def _effort(budget: np.ndarray, order: str) -> np.ndarray:
    """How the time to compute grows to the end of each step: with the sweeps, or the attempts."""
    steps = np.arange(len(budget), dtype=float)
    if order != "random" or not budget[-1]:
        return steps
    return steps + steps[-1] * budget / budget[-1]


def _recorded(record: Any, ends: np.ndarray, order: str) -> np.ndarray:
    """The numbers of the steps after which to record."""
    steps, duration = len(ends) - 1, float(ends[-1])
    recorded = recorded_steps(record, duration, steps)
    if order != "random" and record is not None:  # sweeps are even on the clock, not in time
        return np.searchsorted((ends[1:] + ends[:-1]) / 2, np.atleast_1d(record))
    return recorded


@dataclass(frozen=True, eq=False)
class _Part:
    """What a block of replicas brings home."""

    step: int
    complete: bool
    first: np.ndarray
    last: np.ndarray
    heat: np.ndarray
    work: np.ndarray
    hops_up: np.ndarray
    hops_down: np.ndarray
    history: np.ndarray
    snapshots: np.ndarray
    excess: float
    slots: int | None

    def __getstate__(self):  # what is sent stays packed until it is joined
        return {name: packed(value) for name, value in vars(self).items()}


@one_blas_thread()
def _walk_block(plan: _Plan, part: tuple, show: Callable | None = None) -> _Part:
    """Anneal one block of replicas."""
    index, replicas, start = part
    source = generator(plan.seed, index + 1)
    problem = plan.problem
    if start is None:
        start = source.integers(problem.levels, size=(replicas, problem.size))
    else:
        start = np.ascontiguousarray(np.broadcast_to(start, (replicas, problem.size)), np.int64)
    walk = plan.walk(start, source)
    # The energies of a sum stand in rows.
    account = Account(plan.scale[0], problem.terms(start), thermal_energy(plan.temperature))
    history, pictures = [], []
    steps = len(plan.clock)
    small = np.min_scalar_type(-problem.levels)
    asked = np.bincount(plan.recorded, minlength=steps + 1)
    stops = np.unique([*plan.recorded, steps])

    def keep(step):
        for _ in range(asked[step]):
            history.append((np.atleast_2d(account.energy).sum(0), account.heat.copy()))
            if plan.snapshots:
                pictures.append(walk.levels.astype(small))

    def copied(step):
        counted = (account.heat, account.work, walk.hops_up, walk.hops_down)
        return step, walk.levels, *(a.copy() for a in counted)

    keep(0)
    step, pace, complete = 0, 0.0, True
    saved, last_copy = copied(0), time.monotonic()
    try:
        while step < steps:
            begun = time.monotonic()
            stop = min(
                max(step + 1, np.searchsorted(plan.effort, plan.effort[step] + pace, "right") - 1),
                stops[np.searchsorted(stops, step, "right")],
            )
            these = slice(step, stop)
            walk.travel(plan.scale[1:-1][these], plan.clock[these], plan.ceiling[these], account)
            pace = plan.effort[stop] - plan.effort[step]
            step = stop
            keep(step)
            now = time.monotonic()
            pace *= min(FASTER, BETWEEN_LOOKS / max(now - begun, 1e-9))
            if step < steps and now - last_copy > BETWEEN_COPIES:
                saved, last_copy = copied(step), now
                if show:
                    show(step / steps)
        account.turn(plan.scale[-1])
        saved = copied(steps)
    except KeyboardInterrupt:
        complete = False
        kept = asked[: saved[0] + 1].sum()
        del history[kept:], pictures[kept:]
    step, levels, heat, work, hops_up, hops_down = saved
    return _Part(
        step=step,
        complete=complete,
        first=start,
        last=levels,
        heat=heat,
        work=work,
        hops_up=hops_up,
        hops_down=hops_down,
        history=np.array(history).reshape(-1, 2, replicas),
        snapshots=np.array(pictures, dtype=small).reshape(-1, *start.shape),
        excess=account.excess,
        slots=walk.slots,
    )


def _warn_of_fast_hops(excess: float) -> None:
    if excess > 0:
        warnings.warn(
            f"anneal: the forward hop rate is up to {np.exp(excess):.3g} times the attempt rate; "
            "a higher barrier or kinetics='heat_bath' avoids it",
            RegimeWarning,
            stacklevel=3,
        )


def _warn_of_clipped(run: Anneal) -> None:
    """Tell of a span that decides many weights; a ladder of a few levels lives on its ends."""
    if run.problem.clipping and run.problem.levels > FEW_LEVELS:
        stuck = np.mean(run.clipped > 0.5)
        if stuck > MANY_CLIPPED:
            warnings.warn(
                f"anneal: {100 * stuck:.0f} % of the weights sit on an end of their ladder in most "
                "replicas; a larger span, or data divided by their spread, gives them room",
                RegimeWarning,
                stacklevel=3,
            )


@one_blas_thread()
def _joined(plan: _Plan, parts: list[_Part], complete: bool) -> Anneal:
    """The parts of the ensemble as one result."""
    problem, step, slots = plan.problem, parts[0].step, parts[0].slots

    def all_of(name, axis=0):
        return np.concatenate([unpacked(getattr(part, name)) for part in parts], axis=axis)

    first, last, history = all_of("first"), all_of("last"), all_of("history", axis=2)
    final_scale = plan.scale[-1] if step == len(plan.clock) else plan.scale[step]
    ledger = Ledger(
        heat=all_of("heat"),
        work=all_of("work"),
        energy_change=np.dot(final_scale, problem.terms(last))
        - np.dot(plan.scale[0], problem.terms(first)),
        transport=np.abs(last - first).sum(axis=1),
        hops_up=all_of("hops_up"),
        hops_down=all_of("hops_down"),
        temperature=plan.temperature,
    )
    return Anneal(
        problem=problem,
        states=problem.decode(last),
        energies=problem.level_energies(last),
        ledger=ledger,
        time=float(plan.ends[step]),
        complete=complete,
        times=plan.ends[plan.recorded[: len(history)]],
        energy_history=history[:, 0],
        heat_history=history[:, 1],
        snapshots=problem.decode(all_of("snapshots", axis=1)) if plan.snapshots else None,
        seed=plan.seed,
        updates=None if slots is None else step * slots,
        engine=plan.engine,
    )

"""Sweeps of spins, against the simulated annealing of dwave-samplers (C++, one thread).

Equal sweeps over the same instance, the same straight rise of λ/kT, Metropolis' rates in both;
nanoseconds per attempted update. Ours count the whole call with its ledger, theirs the sampling
alone, in the processor's time, of all threads that BLAS may start; two threads of ours are timed by
a watch. The mean energies are compared, too: the same number of sweeps must bring as much.

G1 of the G-set is measured where the file is at hand: in ``../shared/data/gset``, or where the
variable GSET says.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import limits
import numpy as np
from dwave.samplers import SimulatedAnnealingSampler
from measure import GSET, Scale, apart, in_turn
from table import Aim, Limit, Row

from lim_lib.interop import to_bqm
from lim_lib.optimizers import Anneal, IsingModel, anneal
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

KT = thermal_energy()
PEER = "dwave-samplers"
COMPILED = {"engine": "compiled"}
SWEEPS = 100
ROUNDS = {64: 3, 1024: 1}
"""For each number of replicas, how many times as often as others it is measured."""

SETTING = "OPENBLAS_NUM_THREADS"
FIRST = 0.01
"""Where λ/kT begins."""


def ours(model: IsingModel, replicas: int, sweeps: int, coupling: float, **options: Any) -> Anneal:
    """One annealing: the first sweep's λ is the first there is, the last one's the last."""
    return anneal(
        model,
        Ramp((0.5, sweeps - 0.5), (FIRST * KT, coupling * KT)),
        duration=float(sweeps),
        hop_rate=1.0,
        replicas=replicas,
        order="sequential",
        kinetics="metropolis",
        **{"seed": 1} | options,
    )


@dataclass
class Sampled:
    """What the other annealer found, and what share of its time was sampling."""

    energies: np.ndarray
    counted: float


def theirs(bqm: Any, replicas: int, sweeps: int, coupling: float) -> Sampled:
    """The same by the other annealer, for a model of dimod's."""
    found = SimulatedAnnealingSampler().sample(
        bqm,
        num_reads=replicas,
        num_sweeps=sweeps,
        beta_range=(FIRST, coupling),
        beta_schedule_type="linear",
        seed=1,
    )
    spent = found.info["timing"]
    return Sampled(found.record.energy, spent["sampling_ns"] / sum(spent.values()))


@dataclass
class Pair:
    """Nanoseconds per attempted update of both, and what else there is to say."""

    ours: float
    theirs: float
    apart: float
    accepted: float
    others: float


def pair(
    model: IsingModel,
    sizes: tuple[int, int, float],
    rounds: int,
    clock: Callable = time.process_time,
    **options: Any,
) -> Pair:
    """Both annealers in turn, with sizes (replicas, sweeps, last λ/kT)."""
    bqm = to_bqm(model)
    found = in_turn(
        lambda: ours(model, *sizes, **options), lambda: theirs(bqm, *sizes),
        rounds=rounds, clock=clock,
    )  # fmt: skip
    attempts = sizes[0] * sizes[1] * model.size
    mine, other = (1e9 * seconds / attempts for seconds in found.seconds)
    run, sampled = found.results
    moved = float(run.ledger.hops.sum()) / attempts
    return Pair(mine, other, apart(run.energies, sampled.energies), moved, found.others)


def row(what: str, found: Pair, aim: float, limit: Limit | None) -> Row:
    """The row of a pair."""
    return Row(
        what=what,
        ours=found.ours,
        peer=found.theirs,
        unit="ns/update",
        peer_name=PEER,
        aim=Aim(aim),
        limit=limit,
        agreement=("energy", found.apart),
        others=found.others,
    )


def couplings(model: IsingModel) -> int:
    """Pairs of spins that are coupled."""
    table = model.couplings
    return int(np.count_nonzero(table) if isinstance(table, np.ndarray) else table.nnz) // 2


def floor(model: IsingModel, accepted: float, threads: int = 1) -> Limit:
    """A number drawn for each update, a row of couplings added for each that is accepted."""
    taken, drawn = limits.row(model.couplings), limits.draw()
    width = 2 * couplings(model) / model.size
    return Limit(
        f"{accepted:.2f} flips an update, each reads {width:.0f} couplings, moves as many fields "
        f"({taken:.1f} ns from cache, {8 * width / taken:.0f} GB/s of couplings); "
        f"a number drawn: {drawn:.1f} ns" + (f"; {threads} threads" if threads > 1 else ""),
        (accepted * taken + drawn) / threads,
    )


def sweeps(
    name: str, model: IsingModel, coupling: float, aims: dict[int, float], scale: Scale
) -> Iterator[Row]:
    """For each number of threads that has an aim, and of replicas, a row."""
    for threads, aim in aims.items():
        for replicas, rounds in ROUNDS.items():
            found = pair(
                model,
                (replicas, scale.of(SWEEPS, least=20), coupling),
                rounds * scale.rounds,
                time.process_time if threads == 1 else time.perf_counter,
                **COMPILED,
                threads=threads,
            )
            several = "one thread" if threads == 1 else f"{threads} threads"
            what = f"{name}, {replicas} replicas, {several}"
            yield row(what, found, aim, floor(model, found.accepted, threads))


def glass() -> IsingModel:
    """A hundred spins, each coupled to all others."""
    return IsingModel.sherrington_kirkpatrick(100, seed=1)


def sk(scale: Scale) -> Iterator[Row]:
    """Compiled sweeps where each spin is coupled to each other."""
    yield from sweeps("SK, N = 100", glass(), 5.0, {1: 0.35, 2: 0.2}, scale)


def g1(scale: Scale) -> Iterator[Row]:
    """Compiled sweeps of a sparse graph of the G-set."""
    if GSET.exists():
        yield from sweeps("G1, N = 800", IsingModel.from_gset(GSET), 3.0, {1: 0.5}, scale)


def blas(scale: Scale) -> Iterator[Row]:
    """NumPy's sweeps, each setting of BLAS in a process of its own."""
    aims = {64: 3.0, 1024: 1.1}
    for threads in ("", "1", "2"):
        settings = {name: text for name, text in os.environ.items() if name != SETTING}
        told = subprocess.check_output(
            [sys.executable, __file__, str(scale.of(SWEEPS, least=20)), str(scale.rounds)],
            env=settings | ({SETTING: threads} if threads else {}),
            text=True,
            encoding="utf-8",
        )
        for (replicas, aim), found in zip(aims.items(), json.loads(told), strict=True):
            what = f"SK, {replicas} replicas, NumPy engine, BLAS threads {threads or 'unset'}"
            yield row(what, Pair(**found), aim, None)


if __name__ == "__main__":
    LENGTH, REPEATS = map(int, sys.argv[1:])
    PAIRS = [pair(glass(), (r, LENGTH, 5.0), n * REPEATS) for r, n in ROUNDS.items()]
    print(json.dumps([asdict(each) for each in PAIRS]))

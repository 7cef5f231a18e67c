"""Ensembles beyond one process: what crosses the wire, workers, streams, and a cluster on paper.

Bytes are those of pickle, of what is really sent. Workers are processes of one thread each on this
machine (Dask's LocalCluster), timed by a watch: more of them than it has processors cannot gain.
Peak memory is that of a process of its own. The cluster of a thousand workers is simulated
(`cluster`) with times measured here; the model is held against real workers that sleep.
"""

import json
import os
import pickle
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NamedTuple

from cluster import Cluster, Course, simulate
from measure import GSET, Scale, Watch, in_turn
from table import Aim, Row, busy, figure

from lim_lib import digits
from lim_lib.optimizers import IsingModel, SoftmaxLoss, Tally, anneal, stream
from lim_lib.optimizers.annealing import _joined
from lim_lib.optimizers.ensembles import come_home
from lim_lib.optimizers.tallies import Tree
from lim_lib.schedules import Ramp
from lim_lib.simulate.runs import generator, so_many
from lim_lib.units import thermal_energy

KT = thermal_energy()
WORKERS = 1, 2, 4
BANDWIDTH = 125e6
"""Bytes in a second of a link of 1 Gbit/s."""

LATENCY = 2e-4
REPLICAS, MACHINES, SWEEPS = 1e9, 1000, 100
"""The ensemble on paper: SK of 100 spins, in blocks of 512."""

BLOCK = 512


def glass() -> IsingModel:
    """The spin glass of all rows."""
    return IsingModel.sherrington_kirkpatrick(100, seed=1)


def how(sweeps: int, top: float = 5.0, **options: Any) -> dict:
    """Arguments of an annealing in sweeps."""
    schedule = Ramp((0, sweeps), (0.01 * KT, top * KT))
    return {"schedule": schedule, "sweeps": sweeps, "order": "sequential", "seed": 1} | options


# What crosses the wire


class Weighed(Executor):
    """Does each part at once, and weighs what would be sent."""

    def submit(self, function, task, part):
        home = function(task, part)
        self.plan, self.sent = task.task.args[0], pickle.dumps(home)
        self.task, self.part = len(pickle.dumps(task)), len(pickle.dumps(part))
        self.arrays = sum(getattr(each, "nbytes", 8) for each in vars(home.result).values())
        done: Future = Future()
        done.set_result(pickle.loads(self.sent))
        return done


def wire() -> Iterator[Row]:
    """Bytes of a part and of its result, beside a plan with each part and arrays as they are."""
    task = digits.task((3, 8), examples=120, side=4)
    problems = {"SK, N = 100": glass()}
    if GSET.exists():
        problems["G1, N = 800"] = IsingModel.from_gset(GSET)
    problems["digits learner"] = SoftmaxLoss(task.features, task.labels, bits=5, span=3)
    for name, problem in problems.items():
        weighed = Weighed()
        run = anneal(problem, replicas=128, block=64, executor=weighed, **how(2))
        before = weighed.task + weighed.part
        yield Row(
            what=f"wire: {name}, a part without its plan of {weighed.task / 1e3:.0f} kB",
            ours=weighed.part, peer=before, unit="bytes", peer_name="plan in each",
            aim=Aim(0.05),
        )  # fmt: skip
        yield Row(
            what=f"wire: {name}, what comes home of a replica",
            ours=len(weighed.sent) / 64, peer=weighed.arrays / 64, unit="bytes",
            peer_name="plain arrays", aim=Aim(0.35),
        )  # fmt: skip
        counted = Weighed()
        stream(problem, replicas=run.replicas, block=64, group=2, executor=counted,
               **how(2)).tally()  # fmt: skip
        yield Row(what=f"wire: {name}, the tally of a group", ours=len(counted.sent), unit="bytes")


# Workers


@contextmanager
def local(workers: int) -> Iterator[Any]:
    """A cluster of so many processes of one thread each."""
    import distributed

    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as processes,
        distributed.Client(processes) as client,
    ):
        yield client


def timed(function: Callable[[], Any], rounds: int) -> float:
    """Median seconds of the processor, after one call that does not count."""
    return in_turn(function, rounds=rounds).seconds[0]


def streams(scale: Scale) -> dict[str, Callable]:
    """What makes the stream that is tallied, by engine."""
    return {
        engine: partial(
            stream,
            glass(),
            replicas=scale.of(64 * 128, 16 * 8),
            block=scale.of(128, 8),
            group=4,
            engine=engine,
            **how(scale.of(sweeps, 4)),
        )
        for engine, sweeps in (("numpy", 100), ("compiled", 300))
    }


class Spent(NamedTuple):
    """Seconds by a watch, and of all processors, for this process and the workers."""

    watch: float
    work: float


def tallied(make: Callable, rounds: int, client: Any = None) -> Spent:
    """What a tally takes, the median of several after one that does not count."""
    executor = client and client.get_executor()

    def work() -> float:
        workers = client.run(time.process_time).values() if client else ()
        return time.process_time() + sum(workers)

    make(executor=executor).tally()
    times = []
    for _ in range(rounds):
        before, start = work(), time.perf_counter()
        make(executor=executor).tally()
        times.append((time.perf_counter() - start, work() - before))
    return Spent(*map(statistics.median, zip(*times, strict=True)))


def efficiency(scale: Scale, client: Any, workers: int, alone: dict) -> Iterator[Row]:
    """A tally by some workers, beside this process alone over the processors."""
    processors = os.cpu_count() or 1
    share = min(workers, processors)
    beyond = f" on {processors} processors" if workers > processors else ""
    for engine, make in streams(scale).items():
        with Watch() as others:
            took = tallied(make, few(scale), client)
        what = f"{so_many(workers, 'worker')}{beyond}, SK, {engine} engine"
        yield Row(
            what=what,
            ours=took.watch,
            peer=alone[engine].watch / share,
            unit="s",
            peer_name=f"one process/{share}",
            aim=Aim(1.25),
            others=others.others,
        )
        yield Row(
            what=f"{what}, work of all",
            ours=took.work,
            peer=alone[engine].work,
            unit="processor s",
            peer_name="one process",
            others=others.others,
        )


def few(scale: Scale) -> int:
    """Rounds of what takes long."""
    return max(1, scale.rounds // 2)


# A stream in constant memory


def largest() -> float:
    """Memory in MB that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def peak(replicas: int) -> dict:
    """Peak memory in MB of the tally of a stream, and its seconds; for a process of its own."""
    model = glass()
    run = partial(stream, model, engine="compiled", **how(4))
    run(replicas=BLOCK).tally()
    start = time.process_time()
    tally = run(replicas=replicas).tally(targets=-70.0)
    return {
        "seconds": time.process_time() - start,
        "megabytes": largest(),
        "replicas": tally.replicas,
    }


def streamed(scale: Scale) -> Iterator[Row]:
    """A million replicas beside a hundred thousand."""
    large = scale.of(1e6, 20 * BLOCK)
    found = []
    for replicas in (large // 10, large):
        code = f"import json, machines; print(json.dumps(machines.peak({replicas})))"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=os.path.dirname(__file__), check=True,
            capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        found.append(json.loads(done.stdout))
    few, many = found
    yield Row(
        what=f"stream: peak memory of {large} replicas of SK, N = 100",
        ours=many["megabytes"], peer=few["megabytes"], unit="MB",
        peer_name=f"{few['replicas']} replicas", aim=Aim(1.05),
    )  # fmt: skip
    yield Row(
        what="stream: a replica of 4 sweeps, tallied, one process",
        ours=1e6 * many["seconds"] / many["replicas"], unit="μs",
        peer=1e6 * few["seconds"] / few["replicas"], peer_name=f"{few['replicas']} replicas",
        aim=Aim(1.25),
    )  # fmt: skip


# A cluster on paper


@dataclass(frozen=True)
class Slept:
    """What a sleeping task brings home."""

    complete: bool = True


def sleep(seconds: float, part: int, show: Callable | None = None) -> Slept:
    """A task that takes no processor."""
    time.sleep(seconds)
    return Slept()


def send_home(client: Any, tasks: int, seconds: float, ahead: int) -> float:
    """Seconds until so many sleeping tasks came home."""
    start = time.perf_counter()
    task = partial(sleep, seconds)
    for _ in come_home(task, range(tasks), client.get_executor(), lambda done: None, ahead):
        pass
    return time.perf_counter() - start


@dataclass(frozen=True)
class Cost:
    """What a task that does nothing takes, in s: of whom, in the processor's time, and in all.

    Parameters
    ----------
    centre, worker : float
        Time of the processor for client and scheduler, and for the worker.
    alone, together : float
        By a watch, for one task out at a time, and for 16.
    """

    centre: float
    worker: float
    alone: float
    together: float

    @property
    def latency(self) -> float:
        """What is left of a task's way, there or back, if it is on its way alone."""
        return max(0.0, self.alone - self.together - self.worker) / 2


def cost(scale: Scale, client: Any) -> Cost:
    """Of a task, with one worker."""
    tasks = scale.of(1000, 20)
    send_home(client, 20, 0.0, 16)
    (before,) = client.run(time.process_time).values()
    start = time.process_time()
    together = send_home(client, tasks, 0.0, 16) / tasks
    centre = (time.process_time() - start) / tasks
    (after,) = client.run(time.process_time).values()
    one_by_one = max(5, tasks // 4)
    alone = send_home(client, one_by_one, 0.0, 1) / one_by_one
    return Cost(centre, (after - before) / tasks, alone, together)


def tasks_of(scale: Scale, client: Any, spent: Cost, others: float) -> Iterator[Row]:
    """What a task takes of time and of memory, and a block's source of numbers."""
    for what, seconds in (
        ("client and scheduler, of the processor's time", spent.centre),
        ("a worker, the same", spent.worker),
        ("by a watch, 16 out", spent.together),
        ("by a watch, one out at a time", spent.alone),
    ):
        yield Row(what=f"Dask, an empty task: {what}", ours=1e3 * seconds, unit="ms", others=others)
    tasks, before = scale.of(4000, 50), largest()
    send_home(client, tasks, 0.0, tasks)
    waits = 1e3 * (largest() - before) / tasks
    yield Row(what="Dask, an empty task: memory while it waits, all sent", ours=waits, unit="kB")
    made = timed(lambda: [generator(1, index) for index in range(1000)], scale.rounds) / 1000
    yield Row(what="a block's source of numbers, made by its number", ours=1e6 * made, unit="μs")


def modelled(scale: Scale, client: Any, workers: int, spent: Cost) -> Iterator[Row]:
    """Real workers that sleep, beside the model with the times that one of them takes."""
    ahead = 2 * workers
    here = Cluster(workers, spent.together, overhead=spent.worker, latency=spent.latency)
    send_home(client, 20, 0.0, ahead)
    for seconds in (0.005, 0.02, 0.1):
        tasks = scale.of(min(400, 4 * workers / seconds), 4 * workers)
        with Watch() as watch:
            took = send_home(client, tasks, seconds, ahead)
        yield Row(
            what=f"model: {tasks} tasks of {1e3 * seconds:.0f} ms, {so_many(workers, 'worker')}",
            ours=simulate(here, tasks, seconds, ahead=ahead).seconds,
            peer=took,
            unit="s",
            peer_name="Dask here",
            others=watch.others,
        )


@dataclass(frozen=True)
class Times:
    """Seconds and bytes, measured here, for a cluster on paper.

    Parameters
    ----------
    service, overhead : float
        Of the centre and of a worker for a task.
    block : float
        Of a worker for a block of 512 replicas.
    tally, run : float
        Of the client to join the tally of a group, and a replica of a run.
    tally_bytes, replica_bytes : float
        Of these on the wire.
    """

    service: float
    overhead: float
    block: float
    tally: float
    run: float
    tally_bytes: float
    replica_bytes: float


def measured(scale: Scale, spent: Cost) -> Times:
    """All of them."""
    model, rounds = glass(), scale.rounds
    options = how(SWEEPS, engine="compiled", block=BLOCK)
    block = timed(lambda: stream(model, replicas=BLOCK, **options).tally(), rounds)
    kept, counted = Weighed(), Weighed()
    (run,) = stream(model, replicas=BLOCK, executor=kept, **options)
    stream(model, replicas=BLOCK, executor=counted, **options).tally()
    one = Tally.of(run, targets=-70.0)

    def join():
        tree = Tree()
        for place in range(256):
            tree.add((0, place), one)

    def opened():
        _joined(kept.plan, pickle.loads(kept.sent).result.found, True)

    return Times(
        service=spent.centre,
        overhead=spent.worker,
        block=block,
        tally=timed(join, rounds) / 256,
        run=timed(opened, rounds) / BLOCK,
        tally_bytes=len(counted.sent),
        replica_bytes=len(kept.sent) / BLOCK,
    )


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A line of the table of a cluster on paper.

    Parameters
    ----------
    what : str
        What comes home of how large a group.
    replicas, tasks : int
        How many, in how many groups.
    task : float
        Seconds of a worker for one.
    course : Course
        How it went.
    gigabytes : float
        Over the client's link in all.
    others : float
        Share of the processors' time that other programs took while the times were measured.
    """

    what: str
    replicas: int
    tasks: int
    task: float
    course: Course
    gigabytes: float
    others: float

    title: ClassVar[str] = (
        f"On paper: SK of 100 spins, {SWEEPS} sweeps, by {MACHINES} workers and 1 Gbit/s"
    )

    def derived(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def cells(self) -> dict[str, str]:
        """The line's text, by column."""
        return {
            "what": self.what,
            "replicas": f"{self.replicas:.0e}",
            "tasks": str(self.tasks),
            "s a task": figure(self.task),
            "minutes": figure(self.course.seconds / 60),
            "workers busy": f"{self.course.efficiency:.0%}",
            "centre busy": f"{self.course.centre:.0%}",
            "link busy": f"{self.course.link:.0%}",
            "GB home": figure(self.gigabytes),
            "others": busy(self.others),
        }


def on_paper(scale: Scale, spent: Cost) -> Iterator[Paper]:
    """Groups of several sizes, as tallies and as runs; fewer replicas if the scale is smaller."""
    with Watch() as watch:
        times = measured(scale, spent)
    blocks = scale.of(REPLICAS / BLOCK, 10 * MACHINES)
    for whole, label in ((False, "tallies"), (True, "runs")):
        for group in (1, 8, 64, 512):
            tasks = -(-blocks // group)
            size = times.replica_bytes * BLOCK * group if whole else times.tally_bytes
            join = times.run * BLOCK * group if whole else times.tally
            course = simulate(
                Cluster(MACHINES, times.service, join, times.overhead, BANDWIDTH, LATENCY),
                tasks, times.block * group, size=size, spread=0.1,
            )  # fmt: skip
            yield Paper(
                what=f"{label} of {so_many(group, 'block')}",
                replicas=blocks * BLOCK,
                tasks=tasks, task=times.block * group, course=course, gigabytes=tasks * size / 1e9,
                others=watch.others,
            )  # fmt: skip


def on_workers(scale: Scale) -> Iterator[Row | Paper]:
    """All that is measured with workers, and then the cluster on paper."""
    alone = {engine: tallied(make, few(scale)) for engine, make in streams(scale).items()}
    for workers in WORKERS[: scale.of(len(WORKERS))]:
        with local(workers) as client:
            yield from efficiency(scale, client, workers, alone)
            if workers == 1:
                with Watch() as watch:
                    spent = cost(scale, client)
                yield from tasks_of(scale, client, spent, watch.others)
            yield from modelled(scale, client, workers, spent)
    yield from on_paper(scale, spent)


def rows(scale: Scale) -> Iterator[Row | Paper]:
    """All of it."""
    yield from wire()
    yield from streamed(scale)
    yield from on_workers(scale)

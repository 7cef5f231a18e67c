"""A cluster on paper: tasks of an ensemble on many workers, simulated event by event.

Three kinds of servers, each with a queue. The *centre*, scheduler and client together, takes a time
``service`` for each task that it sends out and takes in, and ``join`` for what came. The *link* to
it carries so many bytes in a second. *Workers* take a time for a task, and ``overhead``. At most
``ahead`` tasks are out at a time: a task comes home, is joined, and the next one is sent.

What a task finds waiting decides when it is done, so the model has no rate put into it, and is
checked against a real cluster of this machine whose tasks sleep (`machines.modelled`).
"""

import heapq
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Cluster:
    """What a cluster takes for a task, in s and bytes.

    Parameters
    ----------
    workers : int
        How many.
    service, join : float
        Time of the centre for a task, and for what it brings home.
    overhead : float
        Time of a worker for a task beside its work.
    bandwidth : float
        Bytes that the centre's link carries in a second.
    latency : float
        Of a message.
    """

    workers: int
    service: float
    join: float = 0.0
    overhead: float = 0.0
    bandwidth: float = np.inf
    latency: float = 0.0


@dataclass(frozen=True)
class Course:
    """How a simulated ensemble went.

    Parameters
    ----------
    seconds : float
        Until all is joined.
    efficiency : float
        Share of the workers' time that is work.
    centre, link : float
        Share of the time in which they are busy.
    """

    seconds: float
    efficiency: float
    centre: float
    link: float


def simulate(
    cluster: Cluster,
    tasks: int,
    work: float,
    *,
    size: float = 0.0,
    ahead: int | None = None,
    spread: float = 0.0,
    seed: int = 1,
) -> Course:
    """Let a cluster do so many tasks.

    Parameters
    ----------
    cluster : Cluster
        Which does it.
    tasks : int
        How many.
    work : float
        Mean seconds of a task's work.
    size : float
        Bytes that a task brings home.
    ahead : int, optional
        Most tasks that are out; by default two for each worker.
    spread : float
        Standard deviation of the work over its mean, by a gamma law.
    seed : int
        Where the randomness comes from.
    """
    ahead = 2 * cluster.workers if ahead is None else ahead
    works = np.full(tasks, work)
    if spread:
        shape = spread**-2
        works = np.random.default_rng(seed).gamma(shape, work / shape, size=tasks)
    free = [0.0] * cluster.workers
    carry = size / cluster.bandwidth
    centre = link = busy = 0.0
    away: list[float] = []

    def send(work: float) -> None:
        """The centre is done with a task's going out; it runs, and comes over the link."""
        nonlocal link
        start = max(centre + cluster.latency, heapq.heappop(free))
        end = start + cluster.overhead + work
        heapq.heappush(free, end)
        heapq.heappush(away, end)

    todo = iter(works.tolist())
    for _, work_of_it in zip(range(min(ahead, tasks)), todo, strict=False):
        centre += cluster.service / 2
        busy += cluster.service / 2
        send(work_of_it)
    while away:
        link = max(link, heapq.heappop(away)) + carry
        took = cluster.service / 2 + cluster.join
        centre = max(centre, link + cluster.latency) + took
        busy += took
        following = next(todo, None)
        if following is not None:
            centre += cluster.service / 2
            busy += cluster.service / 2
            send(following)
    return Course(
        seconds=centre,
        efficiency=float(works.sum()) / (cluster.workers * centre),
        centre=busy / centre,
        link=tasks * carry / centre,
    )

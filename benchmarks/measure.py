"""How speeds are compared: in turn, in one process, with an eye on who else uses the machine."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).parents[1]
GSET = Path(os.environ.get("GSET", ROOT.parent / "shared" / "data" / "gset")) / "G1.txt"
"""A graph of the G-set, where its file is at hand."""

STAT = Path("/proc/stat")
USED = 0, 1, 2, 5, 6, 7
"""Fields of a line of it: user, nice, system, interrupts of two kinds, and taken by the host."""


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Parameters
    ----------
    share : float
        Of the sizes that a subject asks for.
    rounds : int
        How often what is compared runs in turn.
    """

    share: float = 1.0
    rounds: int = 5

    def of(self, number: float, least: int = 1) -> int:
        """So much of a number, at least the least."""
        return max(least, round(number * self.share))


FULL, QUICK, TINY = Scale(), Scale(0.15), Scale(1e-3, 1)


class Reading(NamedTuple):
    """Seconds of a clock, of all processors' work, and of this program's and its children's."""

    clock: float
    used: float
    own: float


def reading() -> Reading:
    """What has been used so far; of the processors, where the system tells."""
    own = sum(os.times()[:4])
    if not STAT.exists():
        return Reading(time.perf_counter(), own, own)
    ticks = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    used = sum(int(ticks[place]) for place in USED) / os.sysconf("SC_CLK_TCK")
    return Reading(time.perf_counter(), used, own)


def taken(before: Reading, after: Reading, processors: int) -> float:
    """Share of the processors' time between two readings that other programs took."""
    passed, used, own = (late - early for early, late in zip(before, after, strict=True))
    return min(1.0, max(0.0, used - own) / (processors * passed)) if passed > 0 else 0.0


@dataclass
class Watch:
    """A context that knows, at its end, what share of the processors' time others took."""

    others: float = 0.0
    start: Reading = field(default_factory=reading)

    def __enter__(self) -> "Watch":
        self.start = reading()
        return self

    def __exit__(self, *_: Any) -> None:
        self.others = taken(self.start, reading(), os.cpu_count() or 1)


class Turns(NamedTuple):
    """Median seconds of each function, what it returned last, and the share that others took."""

    seconds: list[float]
    results: list[Any]
    others: float


def in_turn(
    *functions: Callable[[], Any], rounds: int, clock: Callable = time.process_time
) -> Turns:
    """Call functions one after the other, several times, after once for each that does not count.

    Parameters
    ----------
    *functions : callable
        Without arguments. If what one returns has ``counted``, only that share of its time counts.
    rounds : int
        How often.
    clock : callable
        The processor's time, which other programs hardly change; for several threads, a watch.
    """
    times: list[list[float]] = [[] for _ in functions]
    results = [function() for function in functions]
    with Watch() as watch:
        for _ in range(rounds):
            for place, function in enumerate(functions):
                start = clock()
                results[place] = function()
                spent = clock() - start
                times[place].append(spent * getattr(results[place], "counted", 1.0))
    return Turns([statistics.median(each) for each in times], results, watch.others)


class Spent(NamedTuple):
    """Seconds of the processor, the result, and the share that others took."""

    seconds: float
    result: Any
    others: float


def spent(function: Callable[[], Any]) -> Spent:
    """Call a function once."""
    with Watch() as watch:
        start = time.process_time()
        result = function()
        seconds = (time.process_time() - start) * getattr(result, "counted", 1.0)
    return Spent(seconds, result, watch.others)


def quickest(function: Callable[[], Any], rounds: int = 7) -> float:
    """Least seconds of several calls, after one that does not count: for limits."""
    function()
    times = []
    for _ in range(rounds):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """By how many standard errors the means of two samples differ."""
    means, errors = zip(*((x.mean(), x.var(ddof=1) / x.size) for x in (one, other)), strict=True)
    difference = means[0] - means[1]
    return float(difference / np.sqrt(sum(errors))) if difference else 0.0

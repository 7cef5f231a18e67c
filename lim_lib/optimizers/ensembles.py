"""Parts of an ensemble, computed here or by workers, with the same numbers either way.

What all parts need, the task with its problem and schedule, is spread over a cluster once (Dask's
``scatter``), and a worker that comes late gets it from another. Other executors are sent it with
each part, as bytes that are written once and that each process reads once.
"""

import math
import pickle
import secrets
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

import numpy as np

from lim_lib.validate import refuse

LOOK = 0.5
"""Seconds between two looks at the workers."""

PATIENCE = 10.0
"""Seconds of silence, at least, after which what has not come home is computed here, too."""

LATE = 10.0
"""The same, in times that the longest part took which has come home."""

REMEMBERED = 4
"""Tasks that a worker keeps in mind."""

_tasks: dict[str, Callable] = {}


@dataclass(frozen=True)
class Home:
    """What a worker sends: a part's result or the task's own error, and how long it took in s."""

    result: Any
    error: Exception | None
    seconds: float


class _CameHome(Exception):
    """A late part came home while it was computed here, too."""


class Shared:
    """A task that many parts share: written once, however often it is sent, and read once."""

    def __init__(self, task: Callable):
        self.task, self.token = task, secrets.token_hex(8)
        self.written: bytes | None = None

    def __reduce__(self):
        if self.written is None:
            self.written = pickle.dumps(self.task, protocol=5)
        return _read, (self.token, self.written)

    def __call__(self, part: Any) -> Any:
        return self.task(part)


def _read(token: str, written: bytes) -> Callable:
    """The task of a token, as this process has read it before."""
    task = _tasks.get(token)
    if task is None:
        task = _tasks[token] = pickle.loads(written)
        for old in list(_tasks)[:-REMEMBERED]:
            _tasks.pop(old, None)
    return task


def _shared(task: Callable, executor: Any) -> Any:
    """The task, spread over the workers if the executor can do that."""
    client = getattr(executor, "_client", executor)  # of Dask's executor
    if hasattr(client, "scatter"):
        try:
            return client.scatter(task, broadcast=True, hash=False)
        except (TimeoutError, OSError):  # no worker is there yet
            pass
    return Shared(task)


def at_a_worker(task: Callable, part: Any) -> Home:
    """The result of a part, or the task's own error.

    What a worker raises is then never the task's fault: the worker, or the way to it, was lost. A
    worker without memory is lost, too: here there may be more.
    """
    start, result, fault = time.perf_counter(), None, None
    try:
        result = task(part)
    except MemoryError:
        raise
    except Exception as error:
        fault = error
    return Home(result, fault, time.perf_counter() - start)


def come_home(
    task: Callable,
    parts: Sequence,
    executor: Executor | None,
    show: Callable,
    ahead: int | None = None,
) -> Iterator[tuple[int, Any]]:
    """The index and task(part) of each part as it comes home; fewer if the user interrupts.

    Each part carries its own source of randomness, so that nothing depends on who computes it.
    What a worker takes with it when it dies is computed here: a lost worker costs time, no result.
    If nothing comes home for `PATIENCE`, and for `LATE` times as long as any part took, a worker
    hangs; its part is computed here, too, and what is ready first counts. An error of the task
    itself ends all, at once and in its own words.

    Parameters
    ----------
    task : callable
        Of a part, that can be sent; its result says whether it is ``complete``.
    parts : sequence
        Its arguments, asked for one by one.
    executor : concurrent.futures.Executor or None
        None computes here, and gives the task a second argument: a function of the fraction done.
    show : callable
        Told the fraction done.
    ahead : int, optional
        Most parts that are sent and have not come home; by default all.
    """
    if executor is None:
        yield from _here(task, parts, show, range(len(parts)))
        return
    if not hasattr(executor, "submit"):
        refuse("executor", executor, "a concurrent.futures.Executor or None", TypeError)
    flight = _Flight(task, parts, executor)
    try:
        yield from flight.home(show, len(parts) if ahead is None else ahead)
        yield from _here(task, parts, show, sorted(flight.lost))
    except KeyboardInterrupt:
        pass
    finally:
        flight.end()


def gather(task: Callable, parts: Sequence, executor: Executor | None, show: Callable) -> list:
    """Results of all parts, in order; None for what was not computed (see `come_home`)."""
    results: list[Any] = [None] * len(parts)
    with suppress(KeyboardInterrupt):
        for index, result in come_home(task, parts, executor, show):
            results[index] = result
    return results


def _here(task, parts, show, which):
    """Compute those parts that are still missing, until one is interrupted."""
    before = len(parts) - len(which)
    try:
        for count, index in enumerate(which, before):
            result = task(parts[index], lambda done, n=count: show((n + done) / len(parts)))
            yield index, result
            if not result.complete:
                break
            show((count + 1) / len(parts))
    except KeyboardInterrupt:
        pass


class _Flight:
    """Parts on their way to workers and back.

    ``futures`` are those of the parts that are sent, the first sent first; ``lost`` the parts whose
    worker was lost; ``silence`` the seconds that one has waited in vain.
    """

    def __init__(self, task: Callable, parts: Sequence, executor: Executor):
        self.task, self.parts, self.executor = task, parts, executor
        self.shared = _shared(task, executor)
        self.futures: dict[int, Future] = {}
        self.landed: SimpleQueue = SimpleQueue()
        self.lost: list[int] = []
        self.longest = 0.0
        self.silence = 0.0
        self.done = 0

    def home(self, show: Callable, ahead: int) -> Iterator[tuple[int, Any]]:
        """Index and result of each part that a worker brings home, or that was late."""
        unsent = iter(range(len(self.parts)))
        while True:
            while len(self.futures) < ahead and (index := next(unsent, None)) is not None:
                self._send(index)
            if not self.futures:
                return
            found = self._next(show)
            if found is not None:
                self.done += 1
                yield found
                if not found[1].complete:
                    raise KeyboardInterrupt
            show(self.done / len(self.parts))

    def end(self) -> None:
        """Call off what is still away."""
        for future in list(self.futures.values()):
            future.cancel()

    def _send(self, index: int) -> None:
        try:
            future = self.executor.submit(at_a_worker, self.shared, self.parts[index])
        except RuntimeError:  # a pool that has broken, or was shut down
            self.lost.append(index)
            return
        self.futures[index] = future
        future.add_done_callback(lambda future: self.landed.put((index, future)))

    def _next(self, show: Callable) -> tuple[int, Any] | None:
        """What came home next, if it is a result."""
        try:
            index, future = self.landed.get(timeout=LOOK)
        except Empty:
            self.silence += LOOK
            if self.longest and self.silence > max(PATIENCE, LATE * self.longest):
                return self._late(show)
            return None
        if index not in self.futures:  # it was late
            return None
        self.silence = 0.0
        del self.futures[index]
        return self._opened(index, future)

    def _opened(self, index: int, future: Future) -> tuple[int, Any] | None:
        """The result of a part; None if its worker was lost, and a fault of the task is raised."""
        try:
            home = future.result()
        except Exception as error:
            why = type(error).__name__
        else:
            if home.error is not None:
                raise home.error
            if home.result.complete:
                self.longest = max(self.longest, home.seconds)
                return index, home.result
            why = "it was interrupted"
        self.lost.append(index)
        _warn(f"a worker was lost ({why}); its part is computed here")
        return None

    def _late(self, show: Callable) -> tuple[int, Any] | None:
        """The part that is away longest, computed here unless it comes home meanwhile."""
        index, future = next(iter(self.futures.items()))
        _warn("a worker is silent; its part is computed here, too")

        def look(_):
            show(self.done / len(self.parts))
            if future.done():
                raise _CameHome

        try:
            result = self.task(self.parts[index], look)
        except _CameHome:
            return None
        del self.futures[index]
        future.cancel()
        return index, result


def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=6)


class Packed(NamedTuple):
    """Whole numbers in as many bits as the largest needs, less the smallest.

    Parameters
    ----------
    data : ndarray
        The bits, eight in a byte.
    width, least : int
        Bits of a number, and the smallest.
    shape, dtype : tuple, str
        Of the array.
    """

    data: np.ndarray
    width: int
    least: int
    shape: tuple
    dtype: str


def packed(values: Any) -> Any:
    """Whole numbers without the bits that all of them leave at zero; all else as it is.

    Examples
    --------
    >>> spins = np.tile([1, 0, 0, 1], 100)
    >>> len(packed(spins).data), spins.nbytes
    (50, 3200)
    >>> bool((unpacked(packed(spins)) == spins).all())
    True
    """
    if not (isinstance(values, np.ndarray) and values.dtype.kind in "iu" and values.size):
        return values
    least = int(values.min())
    above = values.astype("<u8") - np.array(least).astype("<u8")  # modulo 2⁶⁴: it cannot overflow
    width = int(above.max()).bit_length()
    above = above.astype(_whole(width)).reshape(-1, 1)
    places = np.unpackbits(above.view(np.uint8), axis=1, bitorder="little")
    data = np.packbits(places[:, :width])
    return Packed(data, width, least, values.shape, values.dtype.str)


def _whole(width: int) -> str:
    """The smallest whole numbers of so many bits."""
    return next(f"<u{size}" for size in (1, 2, 4, 8) if width <= 8 * size)


def unpacked(values: Any) -> Any:
    """What was packed."""
    if not isinstance(values, Packed):
        return values
    data, width, least, shape, dtype = values
    count, whole = math.prod(shape), np.dtype(_whole(width))
    places = np.zeros((count, 8 * whole.itemsize), dtype=np.uint8)
    places[:, :width] = np.unpackbits(data, count=count * width).reshape(count, width)
    above = np.packbits(places, axis=1, bitorder="little").view(whole).reshape(shape)
    return (above.astype(dtype) + least).astype(dtype, copy=False)

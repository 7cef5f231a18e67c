"""The recorder: weights in, step after step, and counts kept."""

import math
import os
import time
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np

from lim_lib import text
from lim_lib.recorder.analysis import Analysis, Depth
from lim_lib.recorder.record import Record
from lim_lib.recorder.sources import opened
from lim_lib.recorder.tallies import Blocks, Moves
from lim_lib.recorder.weights import Reader, chunks, parts
from lim_lib.validate import POSITIVE, RegimeWarning, integer, refuse, single


class UpdateRecorder(Analysis):
    """Counts what an optimizer writes into a memory while it trains.

    Make it with the weights as they are at first, and call `step` after each step of the optimizer.
    It keeps two copies of the weights that it looks at, and nothing that grows with the steps.

    Parameters
    ----------
    weights : object
        An array or a tensor of floats (NumPy, PyTorch, JAX, TensorFlow), a dict or a list of them,
        nested if need be, or a module with ``named_parameters()``.
    span : float, optional
        The ladders reach from -span to span. Without it nothing is rounded: level moves are those
        expected for a ladder that may lie anywhere, over the largest weight that was seen.
    every : int
        Look at each so-manyth step only. What happened in between is not counted.
    sample : int, optional
        Look at so many weights, chosen at random, and scale up.
    bits : int or sequence of int
        Depths b of the ladders on which level moves are counted, if a span is given. A ladder has
        no level at zero: a weight that starts there is on the edge between two.
    seed : int
        Of the choice of a sample.
    name : str
        Of the run.

    Raises
    ------
    ValueError, TypeError
        Here and in `step`, in one line that names the step, for weights that are no floats, not
        finite, or others than at first, and for a loss that is not finite. A step that is refused
        is not counted.

    Warns
    -----
    RegimeWarning
        Once, when weights lie beyond the span.

    Examples
    --------
    >>> rng, weights = np.random.default_rng(1), np.zeros(1000)
    >>> recorder = UpdateRecorder(weights, span=4.0)
    >>> for _ in range(100):
    ...     weights += 0.1 * rng.normal(size=1000)
    ...     recorder.step(weights)
    >>> recorder.summary()["net_over_W"].round().tolist(), round(recorder.wander)
    ([10.0, 10.0, 10.0], 10)
    """

    def __init__(
        self,
        weights: Any,
        *,
        span: float | None = None,
        every: int = 1,
        sample: int | None = None,
        bits: int | Iterable[int] = (4, 8, 16),
        seed: int = 0,
        name: str = "",
    ):
        self._span = None if span is None else single("span", span, POSITIVE)
        self._every = integer("every", every)
        depths = bits if isinstance(bits, Iterable) else (bits,)
        self._bits = tuple(dict.fromkeys(integer("bits", b, 1, 52) for b in depths))
        if not isinstance(name, str):
            refuse("name", name, "text", TypeError)
        self._name, self._looked_at = name, "step"
        first = parts(weights)
        self._read = Reader(first, sample, seed)
        self._first = np.concatenate(self._read(first))
        self._last = self._first.copy()
        self._largest = float(np.abs(self._first).max())
        self._beyond, self._warned, self._steps, self._looks = 0, False, 0, 0
        self._moves, self._blocks, self._path = Moves(), Blocks(), 0.0
        counted = self._bits if self._span is not None else ()
        self._written, self._net = dict.fromkeys(counted, 0), dict.fromkeys(counted, 0.0)
        # Of a sample, each weight's own moves tell the standard errors.
        sampled = self._read.seen < self._read.size
        self._own = np.zeros((1 + len(counted), self._first.size)) if sampled else None
        self._start = self._end = time.perf_counter()
        self._record: Record | None = None

    def step(self, weights: Any, loss: Any = None) -> None:
        """Look at the weights after one more step.

        Parameters
        ----------
        weights : object
            As at first, and of the same shapes.
        loss : float, optional
            The loss in this step.
        """
        number = self._steps + 1
        if number % self._every == 0:
            when = f"{self._looked_at} {number}: "
            loss = None if loss is None else _loss(loss, when)
            rows = self._read(parts(weights), when)
            path, beyond = self._count(rows)
            self._blocks.add(path, loss)
            self._looks += 1
            self._end = time.perf_counter()
            self._record = None
        self._steps = number
        if number % self._every == 0 and beyond:
            self._warn(beyond, when)

    def _count(self, rows: list[np.ndarray]) -> tuple[float, int]:
        """Count the moves since the last look; their path, and how many ended beyond the span."""
        path, beyond, start = 0.0, 0, 0
        finest = np.result_type(self._last.dtype, *{row.dtype for row in rows})
        if finest != self._last.dtype:  # later weights are finer than the first
            self._last = self._last.astype(finest)
        for row in rows:
            for (new,) in chunks(row):
                stop = start + new.size
                old = self._last[start:stop]
                now, before = new.astype(float), old.astype(float)
                sizes = np.abs(now - before)
                path += float(sizes.sum())
                self._moves.add(sizes)
                self._largest = max(self._largest, float(now.max()), -float(now.min()))
                if self._own is not None:
                    self._own[0, start:stop] += sizes
                if self._span is not None:
                    beyond += int(np.count_nonzero(np.abs(now) > self._span))
                for place, b in enumerate(self._net, 1):
                    jumps = np.abs(self._levels(now, b) - self._levels(before, b))
                    self._net[b] += float(jumps.sum())
                    self._written[b] += int(np.count_nonzero(jumps))
                    if self._own is not None:
                        self._own[place, start:stop] += jumps
                old[:] = new
                start = stop
        self._path += path
        self._beyond += beyond
        return path, beyond

    def _warn(self, beyond: int, when: str) -> None:
        """Say once that weights lie beyond the span."""
        if not self._warned:
            self._warned = True
            warnings.warn(
                f"UpdateRecorder: {when}{text.percent(beyond / self._read.seen)} of the weights "
                f"lie beyond span = {self._span:g}, the largest at {self._largest:.3g}: their "
                "moves there are not counted",
                RegimeWarning,
                stacklevel=3,
            )

    def _levels(self, weights: np.ndarray, bits: int) -> np.ndarray:
        """The nearest levels, as floats."""
        span, top = self._span or math.nan, 2.0**bits - 1
        levels = weights + span
        levels *= top / (2 * span)
        np.rint(levels, out=levels)
        return np.clip(levels, 0, top, out=levels)

    def levels(self, bits: int) -> tuple[np.ndarray, np.ndarray]:
        """The nearest levels of the first and of the last weights (of the sample, if it is one).

        Several seeds, one row each, give the transport of their distributions.

        Parameters
        ----------
        bits : int
            Depth b of the ladder.
        """
        bits, span = integer("bits", bits, 1, 52), self._span
        if span is None:
            raise ValueError("levels need a span: make the recorder with span=")
        ends = (self._levels(each.astype(float), bits) for each in (self._first, self._last))
        first, last = (each.astype(np.int64) for each in ends)
        return first, last

    @property
    def record(self) -> Record:
        """What was counted so far, as a value."""
        if self._record is None:
            self._record = self._told()
        return self._record

    def _told(self) -> Record:
        reader, own = self._read, self._own
        scale = reader.size / reader.seen
        displaced = np.zeros((1 + len(self._net), self._first.size if own is not None else 0))
        distance, transports = 0.0, dict.fromkeys(self._net, 0.0)
        start = 0
        for first, last in chunks(self._first, self._last):
            first, last = first.astype(float), last.astype(float)
            far = [np.abs(last - first)]
            for b in self._net:
                far.append(np.abs(self._levels(last, b) - self._levels(first, b)))
                transports[b] += float(far[-1].sum())
            distance += float(far[0].sum())
            if own is not None:
                displaced[:, start : start + first.size] = far
                start += first.size

        def covariance(a, b):
            """Of two totals that a sample, drawn without replacement, is scaled up to."""
            if own is None:
                return 0.0
            rest = 1 - reader.seen / reader.size
            return float(np.cov(a, b)[0, 1] * rest * reader.seen * scale**2)

        depths: dict[float, Depth] = {}
        for place, b in enumerate(self._net, 1):
            moved, there = (None, None) if own is None else (own[place], displaced[place])
            depths[b] = Depth(
                written=scale * self._written[b],
                net=scale * self._net[b],
                net_error=math.sqrt(covariance(moved, moved)),
                transport=scale * transports[b],
                transport_error=math.sqrt(covariance(there, there)),
            )
        paths, ways = (None, None) if own is None else (own[0], displaced[0])
        return Record(
            model_size=reader.size,
            seen=reader.seen,
            steps=self._looks * self._every,
            every=self._every,
            saved=self._looked_at == "state",
            given_span=self._span,
            largest=self._largest,
            clipped=self._beyond / max(self._looks * reader.seen, 1),
            path_length=scale * self._path,
            path_error=math.sqrt(covariance(paths, paths)),
            distance=scale * distance,
            distance_error=math.sqrt(covariance(ways, ways)),
            covariance=covariance(paths, ways),
            bits=self._bits,
            depths=depths,
            move_numbers=scale * self._moves.number,
            move_paths=scale * self._moves.path,
            block_steps=self._every * self._blocks.steps.astype(int),
            block_path=scale * self._blocks.path,
            block_loss=self._blocks.loss,
            seconds=0.0 if self._looked_at == "state" else self._end - self._start,
            name=self._name,
        )

    def __repr__(self) -> str:
        return repr(self.record)

    def _repr_markdown_(self) -> str:
        return self.record._repr_markdown_()

    def save(self, target: Any) -> None:
        """Write the record as JSON: see `Record.save`."""
        self.record.save(target)

    @staticmethod
    def load(source: Any) -> Record:
        """Read a record that `save` has written: see `Record.load`."""
        return Record.load(source)

    @classmethod
    def from_checkpoints(cls, states: Iterable[Any], *, every: int = 1, **options: Any) -> Record:
        """A record of weights that were saved now and then: lower estimates, as it says.

        Parameters
        ----------
        states : iterable
            Weights, or paths of files of them: ``.npy``, ``.npz``, or ``.json`` of nested lists
            and objects; one after the other, so that only two are in memory.
        every : int
            Steps of the optimizer between two of them.
        **options
            As for the recorder.

        Examples
        --------
        >>> states = ({"w": np.full(3, 0.1 * k)} for k in range(5))
        >>> saved = UpdateRecorder.from_checkpoints(states, every=100, name="saved")
        >>> saved.steps, saved.notes()[0]
        (400, 'only saved states were seen: N_written, N_net, path and v(t) are lower estimates')
        """
        if isinstance(states, str | os.PathLike) or not isinstance(states, Iterable):
            refuse("states", states, "several states, or paths of them, in a list", TypeError)
        every, recorder = integer("every", every), None
        for state in states:
            weights = opened(state) if isinstance(state, str | os.PathLike) else state
            if recorder is None:
                recorder = cls(weights, **options)
                recorder._looked_at = "state"
            else:
                recorder.step(weights)
        if recorder is None:
            raise ValueError("states must hold at least one state, got none")
        recorder._every = every
        return recorder.record


def _loss(value: Any, when: str) -> float:
    if isinstance(value, str | bytes | bool):
        refuse(f"{when}loss", value, "a finite number", TypeError)
    try:
        loss = float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError):
        refuse(f"{when}loss", value, "a finite number", TypeError)
    if not math.isfinite(loss):
        refuse(f"{when}loss", loss, "a finite number")
    return loss

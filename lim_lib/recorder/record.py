"""The record of a run: what was counted, and what follows from it."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple, Self

import numpy as np

from lim_lib import __version__, archive, memory, text
from lim_lib.convergence import FEWEST, Convergence, convergence
from lim_lib.files import read_text
from lim_lib.recorder.tallies import BINS, written
from lim_lib.results import Result
from lim_lib.schedules import MatchedBarrier, SteppedRate
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, number, refuse, single
from lim_lib.workloads import Ladder, energy_ladder

FORMAT = 1
"""The format of files that is written, and the newest that is read."""

KIND = "lim_lib update record"

MISS = 0.3
"""By how much the barrier of a law may miss that of the run, in kT, root mean square."""

_DEPTH = Domain(1, 52)
_BATCH = {"batch", "tokens", "flop"}
_OF_A_BATCH = {
    *("memory_access", "three_walls", "chip_limit"),
    *("active_size", "batch", "tokens", "flop", "operation_energy", "reuse", "reads", "words"),
    *("read_energy", "write_energy"),
}
"""Rungs and inputs of today's hardware, which ask how many examples are in a step."""


class Depth(NamedTuple):
    """What was counted on the ladder of one depth, in level moves of the whole model.

    Parameters
    ----------
    written : float
        Commands that changed the level.
    net : float
        Level moves, N_net.
    net_error : float
        Its standard error, if a sample was counted.
    transport : float
        Levels between the first and the last state, summed over the weights.
    transport_error : float
        Its standard error.
    """

    written: float
    net: float
    net_error: float
    transport: float
    transport_error: float


@dataclass(frozen=True, eq=False, repr=False)
class Fading(Result):
    """How the moves of a run fade.

    Parameters
    ----------
    law : str
        ``"exponential"``, ``"power law"`` or ``"none"``.
    miss : float
        By how much the barrier of the nearest law misses that of the run, in kT, root mean square;
        NaN if there is no such law, infinite where one of the two has no moves.
    nearest : Convergence
        That law; times in steps, and what it calls loss is v, in level moves per weight and step.
    """

    law: str
    miss: float
    nearest: Convergence

    def headline(self) -> str:
        """The law."""
        return f"Moves fade by: {self.law}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """What the law has, and how far it is off."""
        if self.law != "none":
            yield from self.nearest.rows()
        if not math.isnan(self.miss):
            far = "no barrier at some step" if math.isinf(self.miss) else f"{self.miss:.2g} kT"
            yield "miss", f"{far} ({self.nearest.law})"


class Analysis:
    """What follows from a record: of `Record`, and of an `UpdateRecorder` at any time."""

    @property
    def record(self) -> "Record":
        """What was counted so far, as a value."""
        raise NotImplementedError

    @property
    def path(self) -> float:
        """Length of the path of all weights, the sum of |Δw| over weights and steps."""
        return self.record.path_length

    @property
    def displacement(self) -> float:
        """Distance between first and last weights, the sum of |Δw| over weights."""
        return self.record.distance

    @property
    def wander(self) -> float:
        """Path over displacement: N_net/W at any depth, if the ladder may lie anywhere."""
        return self.path / self.displacement if self.displacement else math.nan

    @property
    def operations(self) -> float:
        """Update commands N_op: every step commands every weight."""
        return float(self.record.model_size * self.record.steps)

    @property
    def span(self) -> float:
        """Span of the ladders: as given, or the largest |weight| that was seen."""
        given = self.record.given_span
        return self.record.largest if given is None else given

    def spacing(self, bits: float) -> float:
        """Weight per level of the ladder of 2^bits levels from -span to span.

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52.
        """
        if not self.span:
            raise ValueError("the ladder has no span: all weights were zero; give span=")
        return 2 * self.span / (2 ** single("bits", bits, _DEPTH) - 1)

    def depth(self, bits: float) -> Depth:
        """Level moves at one depth: as counted, or else as expected for a ladder that may lie
        anywhere (Buffon: a move of length x crosses x/spacing levels).

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52.
        """
        record, spacing = self.record, self.spacing(bits)
        if bits in record.depths:
            return record.depths[bits]
        return Depth(
            written(record.move_numbers, record.move_paths, spacing),
            *(
                each / spacing
                for each in (
                    record.path_length,
                    record.path_error,
                    record.distance,
                    record.distance_error,
                )
            ),
        )

    def summary(self, bits: Iterable[float] | float | None = None) -> Any:
        """What the run commanded, wrote and moved, for several depths.

        W is the displacement of *this* run, in levels: its first and last state are known. What a
        theorem calls transport is a distance of two distributions, and at most as much on average
        over runs (`levels` of several seeds and `lim_lib.optimizers.transport` give that).

        Parameters
        ----------
        bits : float or sequence of float, optional
            Depths b; by default those that were asked for when the recorder was made.

        Returns
        -------
        pandas.DataFrame
            Index: bits. Columns: ``counted`` (or expected for a ladder that may lie anywhere),
            ``N_op``, ``N_written`` (commands that change a level), ``N_net`` (level moves),
            ``W``, ``cancelled`` (N_net - W), ``net_over_W``, ``op_over_W``, ``silent`` (share of
            commands that change no level), ``clipped`` (share of weights and steps beyond the
            span), and standard errors ``N_net_error`` and ``W_error`` if a sample was counted.
            ``.attrs["notes"]`` says in which sense these are lower estimates.

        Examples
        --------
        >>> from lim_lib.recorder import UpdateRecorder
        >>> recorder = UpdateRecorder([0.0, 0.5], span=1.0, bits=(2, 3))
        >>> for weights in ([0.4, 0.5], [0.1, 0.6], [0.9, 0.6]):
        ...     recorder.step(weights)
        >>> recorder.summary()[["N_op", "N_written", "N_net", "W", "silent"]].T.round(2)
        bits          2     3
        N_op       6.00  6.00
        N_written  1.00  4.00
        N_net      1.00  6.00
        W          1.00  4.00
        silent     0.83  0.33
        """
        import pandas as pd

        record = self.record
        asked = record.bits if bits is None else np.atleast_1d(number("bits", bits, _DEPTH))
        rows = {}
        for b in map(_plain, asked):
            each = self.depth(b)
            rows[b] = {
                "counted": b in record.depths,
                "N_op": self.operations,
                "N_written": each.written,
                "N_net": each.net,
                "W": each.transport,
                "cancelled": each.net - each.transport,
                "net_over_W": _ratio(each.net, each.transport),
                "op_over_W": _ratio(self.operations, each.transport),
                "silent": 1 - _ratio(each.written, self.operations),
                "clipped": record.clipped,
                "N_net_error": each.net_error,
                "W_error": each.transport_error,
            }
        table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("bits")
        table.attrs["notes"] = record.notes()
        return table

    def rate(self, bits: float) -> tuple[np.ndarray, np.ndarray]:
        """Level moves per weight and step, v(t), in the blocks of the record.

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52.

        Returns
        -------
        step, rate : ndarray
            Middle of each block in steps since the start, and v there.
        """
        record = self.record
        return record.middles, record.block_path / (
            self.spacing(bits) * record.model_size * record.block_steps
        )

    def losses(self) -> tuple[np.ndarray, np.ndarray]:
        """The loss curve, as far as losses were given: middle of each block, mean loss there."""
        given = np.isfinite(self.record.block_loss)
        return self.record.middles[given], self.record.block_loss[given]

    def fit(self, bits: float) -> Fading:
        """The law by which the moves fade: exponential, power law, each with a floor, or none.

        `lim_lib.convergence.convergence` finds it. It counts if the barrier that it asks for,
        kT ln(1/v) but for a constant, is that of the run to 0.3 kT root mean square.

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52. The law is the same for all; the unit is not.
        """
        step, rate = self.rate(bits)
        moving = int(np.count_nonzero(rate))
        if moving < FEWEST:
            raise ValueError(f"fit needs at least {FEWEST} blocks with moves, got {moving}")
        nearest = convergence(rate, step)
        miss = math.nan
        if nearest.law != "neither":
            expected = nearest.loss(step - step[0])
            both = (rate > 0) & (expected > 0)
            miss = float(np.std(np.log(rate[both] / expected[both]))) if both.all() else math.inf
        return Fading(nearest.law if miss <= MISS else "none", miss, nearest)

    def barrier(
        self,
        bits: float,
        drive: float,
        step_time: float,
        attempt_rate: float = memory.ATTEMPT_RATE,
        *,
        temperature: float = 300.0,
    ) -> MatchedBarrier:
        """The barrier that would have followed this run at constant drive.

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52.
        drive : float
            χ = v/2r; `lim_lib.memory.drive_for_error` gives it for an error.
        step_time : float
            Time of one step in s.
        attempt_rate : float
            Attempt frequency Γ_0 in 1/s.
        temperature : float
            In K.

        Returns
        -------
        MatchedBarrier
            Callable with the time in s since the start, up to the last step.
        """
        record = self.record
        _, rate = self.rate(bits)
        if not rate.size or not rate.all():
            still = int(np.flatnonzero(rate == 0)[0]) if rate.size else 0
            begin = int(record.block_steps[:still].sum())
            raise ValueError(
                f"a matched barrier needs moves all along, but from step {begin} on there are none"
            )
        step_time = single("step_time", step_time, POSITIVE)
        length = step_time * float(record.block_steps[0])
        steady = SteppedRate(tuple(rate / step_time), length)
        return MatchedBarrier(drive, steady, attempt_rate, temperature)

    def ladder(
        self, bits: float, error: float = 1e-3, *, step_time: float | None = None,
        measured_energy: float | None = None, **quantities: Any,
    ) -> Ladder:  # fmt: skip
        """Every rung of the ladder of bounds for this run, at equal reliability.

        The moves are those that were made, N_net, not the commands; the transport is the run's
        displacement, and the hops are those of cells at the drive that leaves the error. If losses
        were given and they fall by a law, its convergence times give the optimizer-limited rungs,
        as far as they suffice for so many bits. What prices today's hardware is left out unless a
        batch is given (``batch``, ``tokens`` or ``flop``).

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52.
        error : float
            Probability of a cell beside its target, which sets the drive.
        step_time : float, optional
            Time of one step in s; by default that of the run itself, if it was recorded live.
        measured_energy : float, optional
            What the run really took, in J; `read_codecarbon` reads it.
        **quantities
            Such as ``retention``, ``loss_probability``, ``temperature``, in SI units: all that
            `lim_lib.workloads.energy_ladder` takes, in place of what is counted or assumed.

        Returns
        -------
        Ladder
        """
        record, counted = self.record, self.depth(bits)
        if not counted.net:
            raise ValueError(
                f"the ladder needs a run that moves, and at {bits:g} bits this did not"
            )
        if step_time is None:
            step_time = record.seconds / record.steps
            if not step_time:
                raise ValueError("ladder needs a step_time: the record does not tell it")
        drive = memory.drive_for_error(error)
        known: dict[str, Any] = {
            "model_size": record.model_size,
            "bits": bits,
            "operations": self.operations,
            "steps": record.steps,
            "updates": counted.net,
            "transport": counted.transport,
            "hops": counted.net / (1 - error),  # at that drive
            "drive": drive,
            "duration": single("step_time", step_time, POSITIVE) * record.steps,
            "energy": measured_energy,
            "convergence_times": self._convergence_times(bits),
        }
        found = energy_ladder(None, **known | quantities)
        left = set() if _BATCH & set(quantities) else _OF_A_BATCH
        lines, inputs = (
            {key: row for key, row in rows.items() if key not in left}
            for rows in (found.lines, found.quantities)
        )
        name = f"{record.name or 'a recorded run'}, {bits:g} bits"
        return replace(found, name=name, lines=lines, quantities=inputs)

    def _convergence_times(self, bits: float) -> float | None:
        """Those that the loss curve tells, if they suffice for the bits."""
        step, loss = self.losses()
        if step.size < FEWEST:
            return None
        times = convergence(loss, step).convergence_times
        return times if times > bits * math.log(2) else None

    def save(self, target: Any) -> None:
        """Write the record as JSON, whole or not at all.

        Parameters
        ----------
        target : path-like
            A file of that very name, made or replaced.
        """
        content = {"kind": KIND, "format": FORMAT, **_encoded(self.record)}
        with archive.replacing(target) as file:
            file.write(json.dumps(content, allow_nan=False, ensure_ascii=False, indent=1).encode())


def _ratio(upper: float, lower: float) -> float:
    return upper / lower if lower else math.nan


def _plain(bits: float) -> float:
    return int(bits) if bits == int(bits) else float(bits)


@dataclass(frozen=True, eq=False, repr=False)
class Record(Analysis, Result):
    """What an `UpdateRecorder` has counted, in the whole model: to be kept, compared and merged.

    Parameters
    ----------
    model_size, seen : int
        Number of weights, and of those that were looked at.
    steps, every : int
        Steps covered, and how many lie between two looks.
    saved : bool
        Whether only saved states were seen.
    given_span : float or None
        Span of the ladders, if it was given.
    largest, clipped : float
        Largest |weight| seen, and share of weights and looks beyond the given span.
    path_length, path_error, distance, distance_error, covariance : float
        Path and displacement of all weights with their standard errors, and the covariance of the
        two if a sample was looked at.
    bits : tuple of float
        Depths that were asked for.
    depths : mapping of int to Depth
        What was counted, by depth; empty if no span was given.
    move_numbers, move_paths : ndarray
        Number and sum of the moves in each bin of length, see `lim_lib.recorder.tallies`.
    block_steps, block_path, block_loss : ndarray
        Steps of each block, path of all weights in it, and mean loss (NaN if none was given).
    seconds : float
        Time that the run took, if it was recorded live; else zero.
    name : str
        Of the run.
    version : str
        Of the library.
    """

    model_size: int
    seen: int
    steps: int
    every: int
    saved: bool
    given_span: float | None
    largest: float
    clipped: float
    path_length: float
    path_error: float
    distance: float
    distance_error: float
    covariance: float
    bits: tuple
    depths: Mapping[int, Depth]
    move_numbers: np.ndarray
    move_paths: np.ndarray
    block_steps: np.ndarray
    block_path: np.ndarray
    block_loss: np.ndarray
    seconds: float = 0.0
    name: str = ""
    version: str = __version__

    @property
    def record(self) -> "Record":
        """Itself."""
        return self

    @property
    def middles(self) -> np.ndarray:
        """Middle of each block, in steps since the start."""
        return np.cumsum(self.block_steps) - self.block_steps / 2

    def headline(self) -> str:
        """How many weights and steps."""
        weights = text.counted(self.model_size, "weight")
        return f"{self.name or 'Updates'}: {weights}, {text.counted(self.steps, 'step')}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """Path, displacement, their ratio, and what was moved at each depth."""
        yield "path", text.with_error(self.path, self.path_error)
        yield "displacement", text.with_error(self.displacement, self.distance_error)
        yield "wander", text.with_error(self.wander, self.wander_error)
        if self.span and self.steps:
            for b, row in self.summary().iterrows():
                moves = f"N_op/W {_short(row['op_over_W'])}, N_net/W {_short(row['net_over_W'])}"
                silent = f"silent {text.percent(row['silent'], 4)}"
                yield f"{b:g} bits", f"{moves}, {silent}" + ("" if row["counted"] else ", expected")
        for note in self.notes():
            yield "note", note

    @property
    def wander_error(self) -> float:
        """Standard error of the wander, if a sample was looked at."""
        if not self.distance:
            return math.nan
        variance = (
            self.path_error**2
            - 2 * self.wander * self.covariance
            + (self.wander * self.distance_error) ** 2
        )
        return math.sqrt(max(variance, 0.0)) / self.distance

    def notes(self) -> list[str]:
        """In which sense the counts are estimates."""
        notes = []
        if self.saved or self.every > 1:
            seen = "saved states" if self.saved else f"every {self.every}th step"
            notes.append(f"only {seen} seen: N_written, N_net, path and v(t) are lower estimates")
        if self.seen < self.model_size:
            notes.append(f"a sample of {self.seen} of {self.model_size} weights, scaled up")
        if self.given_span is None:
            notes.append(f"span not given: the largest weight seen, {self.largest:.3g}")
        if self.clipped:
            notes.append(
                f"{text.percent(self.clipped)} of the weights lay beyond span = {self.span:g} "
                f"(largest {self.largest:.3g}): their moves there are not counted"
            )
        return notes

    @classmethod
    def load(cls, source: Any) -> Self:
        """Read what `save` has written.

        Parameters
        ----------
        source : path-like
            The file.

        Raises
        ------
        ValueError
            In one line that names the file, if it is damaged, of another origin, or of a newer
            format.
        """
        name = archive.name_of(source)
        try:
            content = json.loads(read_text(source))
            if content.pop("kind", None) != KIND:
                raise ValueError("it names another kind")
            found = content.pop("format")
            if found > FORMAT:
                raise _Newer(
                    f"{name} has format {found}, and this version of lim_lib reads formats up to "
                    f"{FORMAT}: a newer lim_lib is needed"
                )
            return _decoded(cls, content)
        except _Newer as error:
            raise ValueError(str(error)) from None
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            why = " ".join(str(error).split())
            raise ValueError(f"{name} is damaged, or no record of updates: {why}") from None


class _Newer(ValueError):
    """A file of a newer format."""


def _short(value: float) -> str:
    return f"{value:.3g}"


def _encoded(record: Record) -> dict[str, Any]:
    """A record as JSON: bins without moves are left out, a missing loss is null."""
    content = record.contents()
    some = np.flatnonzero(record.move_numbers)
    content["bits"] = list(record.bits)
    content["depths"] = {str(b): each._asdict() for b, each in record.depths.items()}
    content["moves"] = {
        "bins": some.tolist(),
        "numbers": content.pop("move_numbers")[some].tolist(),
        "paths": content.pop("move_paths")[some].tolist(),
    }
    content["blocks"] = {
        "steps": content.pop("block_steps").tolist(),
        "path": content.pop("block_path").tolist(),
        "loss": [each if math.isfinite(each) else None for each in content.pop("block_loss")],
    }
    return content


def _decoded(kind: type[Record], content: dict[str, Any]) -> Record:
    """The record that `_encoded` has written so, its numbers checked."""
    moves, blocks = content.pop("moves"), content.pop("blocks")
    bins = np.array(moves["bins"], dtype=int)
    for part in ("numbers", "paths"):
        column = np.zeros(BINS)
        column[bins] = number(part, moves[part], NON_NEGATIVE)
        content[f"move_{part}"] = column
    steps = number("steps", blocks["steps"], NON_NEGATIVE)
    content["block_steps"] = np.asarray(steps, dtype=int)
    content["block_path"] = np.asarray(number("path", blocks["path"], NON_NEGATIVE))
    content["block_loss"] = np.array(
        [math.nan if each is None else single("loss", each) for each in blocks["loss"]]
    )
    if len({content[f"block_{part}"].shape for part in ("steps", "path", "loss")}) > 1:
        raise ValueError("its blocks have several lengths")
    content["bits"] = tuple(content["bits"])
    content["depths"] = {
        int(b): Depth(**{name: single(name, value, NON_NEGATIVE) for name, value in each.items()})
        for b, each in content["depths"].items()
    }
    for each in fields(kind):
        if each.type in ("int", "float", int, float):
            single(each.name, content[each.name])
    return kind(**content)


def merge(*records: Analysis, name: str = "") -> Record:
    """One record of several, of different weights of one run in the same steps.

    As for a model that is spread over machines, each with a recorder for its part. Losses are
    those of the first record that has them.

    Parameters
    ----------
    *records : UpdateRecorder or Record
        The parts.
    name : str, optional
        Of the run; by default that of the first part.

    Returns
    -------
    Record

    Raises
    ------
    ValueError
        If they differ in steps, in how often they looked, or in the span that was given.

    Examples
    --------
    >>> from lim_lib.recorder import UpdateRecorder
    >>> parts = [UpdateRecorder([0.0, 1.0]), UpdateRecorder([2.0])]
    >>> for part, weights in zip(parts, ([0.5, 1.0], [1.0]), strict=True):
    ...     part.step(weights)
    >>> merge(*parts).path
    1.5
    """
    if not records:
        raise TypeError("merge() needs at least one record")
    parts = [each.record for each in records]
    first = parts[0]
    for attribute in ("steps", "every", "saved", "given_span"):
        for part in parts[1:]:
            if getattr(part, attribute) != getattr(first, attribute):
                refuse(attribute, getattr(part, attribute), f"that of the first record, "
                       f"{getattr(first, attribute)}")  # fmt: skip
    size = sum(part.model_size for part in parts)

    def total(attribute):
        return sum(getattr(part, attribute) for part in parts)

    def error(attribute):
        return math.hypot(*(getattr(part, attribute) for part in parts))

    depths = {
        b: Depth(
            written=sum(part.depths[b].written for part in parts),
            net=sum(part.depths[b].net for part in parts),
            net_error=math.hypot(*(part.depths[b].net_error for part in parts)),
            transport=sum(part.depths[b].transport for part in parts),
            transport_error=math.hypot(*(part.depths[b].transport_error for part in parts)),
        )
        for b in first.depths
        if all(b in part.depths for part in parts)
    }
    told = next((part for part in parts if np.isfinite(part.block_loss).any()), first)
    return replace(
        first,
        model_size=size,
        seen=total("seen"),
        largest=max(part.largest for part in parts),
        clipped=sum(part.model_size * part.clipped for part in parts) / size,
        **{each: total(each) for each in ("path_length", "distance", "covariance")},
        **{each: error(each) for each in ("path_error", "distance_error")},
        **{each: total(each) for each in ("move_numbers", "move_paths", "block_path")},
        bits=tuple(b for b in first.bits if all(b in part.bits for part in parts)),
        depths=depths,
        block_loss=told.block_loss,
        seconds=max(part.seconds for part in parts),
        name=name or first.name,
    )

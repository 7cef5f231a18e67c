"""The record of a run: a value, kept in files of JSON, and merged with others."""

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np

from lim_lib import __version__, archive, text
from lim_lib.files import read_text
from lim_lib.recorder.analysis import Analysis, Depth
from lim_lib.recorder.tallies import BINS
from lim_lib.results import Result
from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Domain, integer, number, refuse, single

FORMAT = 1
"""The format of files that is written, and the newest that is read."""

KIND = "lim_lib update record"
"""What the files say they are."""

_MOST = 10**18
_DOMAINS = {"covariance": REAL, "clipped": Domain(0, 1)}


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
        Largest size of a weight seen, and share of weights and looks beyond the given span.
    path_length, path_error, distance, distance_error, covariance : float
        Path and displacement of all weights with their standard errors, and the covariance of the
        two if a sample was looked at.
    bits : tuple of float
        Depths that were asked for.
    depths : mapping of float to Depth
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

    Examples
    --------
    >>> from lim_lib.recorder import load_runs
    >>> run = load_runs()["full-batch"]
    >>> run.model_size, run.steps, round(run.wander, 2)
    (2410, 600, 1.16)
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
    depths: Mapping[float, Depth]
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
            seen = "saved states were" if self.saved else f"one step in {self.every} was"
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
        if not isinstance(source, str | os.PathLike):
            refuse("source", source, "a path", TypeError)
        try:
            content = json.loads(read_text(source))
            if not isinstance(content, dict) or content.pop("kind", None) != KIND:
                raise ValueError("it names another kind")
            found = integer("format", content.pop("format"))
            if found <= FORMAT:
                return cls(**_decoded(content))
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            why = " ".join(str(error).split())
            raise ValueError(f"{name} is damaged, or no record of updates: {why}") from None
        except KeyError as error:
            raise ValueError(f"{name} is damaged, or no record of updates: no {error}") from None
        raise ValueError(
            f"{name} has format {found}, and this version of lim_lib reads formats up to {FORMAT}: "
            "a newer lim_lib is needed"
        )

    def save(self, target: Any) -> None:
        """Write the record as JSON, a line for each of its contents, whole or not at all.

        Parameters
        ----------
        target : path-like
            A file of that very name, made or replaced.
        """
        with archive.replacing(target) as file:
            lines = (
                f"{json.dumps(name)}: {json.dumps(part, allow_nan=False, ensure_ascii=False)}"
                for name, part in _encoded(self).items()
            )
            file.write(("{\n" + ",\n".join(lines) + "\n}\n").encode())


def _short(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "-"


def _encoded(record: Record) -> dict[str, Any]:
    """A record as JSON: bins without moves are left out, a missing loss is null."""
    content = {"kind": KIND, "format": FORMAT, **record.contents()}
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


def _decoded(content: dict[str, Any]) -> dict[str, Any]:
    """The contents that `_encoded` has written so, their numbers checked."""
    moves, blocks = content.pop("moves"), content.pop("blocks")
    bins = [integer("bin", place, 0, BINS - 1) for place in moves["bins"]]
    if len(set(bins)) < len(bins):
        raise ValueError("a bin comes twice")
    for part in ("numbers", "paths"):
        column = np.zeros(BINS)
        column[bins] = number(part, moves[part], NON_NEGATIVE)
        content[f"move_{part}"] = column
    content["block_steps"] = np.array([integer("steps", each) for each in blocks["steps"]], int)
    content["block_path"] = np.asarray(number("path", blocks["path"], NON_NEGATIVE))
    content["block_loss"] = np.array(
        [math.nan if each is None else single("loss", each) for each in blocks["loss"]]
    )
    if len({content[f"block_{part}"].shape for part in ("steps", "path", "loss")}) > 1:
        raise ValueError("its blocks have several lengths")
    content["bits"] = tuple(integer("bits", b, 1, 52) for b in content["bits"])
    content["depths"] = {
        int(b): Depth(**{name: single(name, value, NON_NEGATIVE) for name, value in each.items()})
        for b, each in content["depths"].items()
    }
    for each in fields(Record):
        if each.type is int:
            least = 0 if each.name == "steps" else 1
            integer(each.name, content[each.name], least, _MOST)
        elif each.type is float:
            single(each.name, content[each.name], _DOMAINS.get(each.name, NON_NEGATIVE))
        elif each.type in (bool, str) and not isinstance(content.get(each.name, ""), each.type):
            refuse(each.name, content[each.name], "text" if each.type is str else "true or false")
    if content["given_span"] is not None:
        single("given_span", content["given_span"], POSITIVE)
    if content["seen"] > content["model_size"]:
        raise ValueError("it has seen more weights than there are")
    if content["block_steps"].sum() != content["steps"]:
        raise ValueError("its blocks have not as many steps as the run")
    return content


def merge(*records: Analysis, name: str = "") -> Record:
    """One record of several, of different weights of one run in the same steps.

    As for a model that is spread over machines, each with a recorder for its part. Losses are
    those of the first record that has them; depths those that all have.

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
    for each in records:
        if not isinstance(each, Analysis):
            refuse("records", each, "recorders, or records", TypeError)
    if not isinstance(name, str):
        refuse("name", name, "text", TypeError)
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

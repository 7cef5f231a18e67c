"""What follows from what was counted: moves at any depth, the fading law, barrier and ladder."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lim_lib import memory
from lim_lib.convergence import FEWEST, Convergence, convergence
from lim_lib.recorder.tallies import written
from lim_lib.results import Result
from lim_lib.schedules import MatchedBarrier, SteppedRate
from lim_lib.validate import POSITIVE, Domain, number, single
from lim_lib.workloads import Ladder, energy_ladder

if TYPE_CHECKING:
    from lim_lib.recorder.record import Record

MISS, PARTS = 0.3, 32
"""By how much the barrier of a law may miss that of the run, in kT, root mean square over so many
parts of the run: shorter ones are noise."""

MISFIT = 0.1
"""Share of the fall that a law may be off, to be looked at in kT."""

_DEPTH = Domain(1, 52)
_ERROR = Domain(0, 0.5, low_allowed=False, high_allowed=False)
_BATCH = {"batch", "tokens", "flop"}
"""What today's hardware must be told, for its price of a step."""


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

    Examples
    --------
    The moves of a full batch die out, and those of a cosine obey no law:

    >>> from lim_lib.recorder import load_runs
    >>> runs = load_runs()
    >>> runs["full-batch"].fit(8).law, runs["adam-cosine"].fit(8).law
    ('power law', 'none')
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


class Analysis(ABC):
    """What follows from a record: of `Record`, and of an `UpdateRecorder` at any time."""

    @property
    @abstractmethod
    def record(self) -> "Record":
        """What was counted so far, as a value."""

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
        """Span of the ladders: as given, or the largest size of a weight that was seen."""
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
        """Level moves at one depth: as counted, or else as expected.

        Expected for a ladder that may lie anywhere: a move of length x crosses x/spacing levels on
        average (Buffon).

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

        `lim_lib.convergence.convergence` finds it, and lets it be off by up to 10 % of the fall. It
        counts if the barrier that it asks for, kT ln(1/v) but for a constant, is that of the run to
        0.3 kT, root mean square over 32 parts of the run.

        Parameters
        ----------
        bits : float
            Depth b of the ladder, from 1 to 52. The law is the same for all; the unit is not.
        """
        step, rate = self.rate(bits)
        moving = int(np.count_nonzero(rate))
        if moving < FEWEST:
            raise ValueError(f"fit needs at least {FEWEST} blocks with moves, got {moving}")
        nearest = convergence(rate, step, misfit=MISFIT)
        miss = math.nan
        if nearest.law != "neither":
            moved = np.stack([rate, nearest.loss(step - step[0])])
            starts = np.unique(np.arange(PARTS) * step.size // PARTS)
            parts = np.add.reduceat(moved, starts, axis=1)
            miss = float(np.std(np.diff(np.log(parts), axis=0))) if np.all(parts > 0) else math.inf
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
            still = np.append(rate == 0, True).argmax()
            ends = np.append(0, np.cumsum(record.block_steps))[still : still + 2]
            raise ValueError(
                "a matched barrier needs moves all along, and there are none from step "
                f"{ends[0]} to {ends[-1]}"
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
        batch is given (``batch``, ``tokens`` or ``flop``), and copies to a second tier unless their
        ``transfer_energy`` is.

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
        drive = memory.drive_for_error(single("error", error, _ERROR))
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
        batch = bool(_BATCH & set(quantities))
        task = {"task": "training" if batch else "updates"}
        found = energy_ladder(None, **task | known | quantities)
        name = f"{record.name or 'a recorded run'}, {bits:g} bits"
        return replace(found, name=name, why="recorded" if batch else "recorded, no batch given")

    def _convergence_times(self, bits: float) -> float | None:
        """Those that the loss curve tells, if they suffice for the bits."""
        step, loss = self.losses()
        if step.size < FEWEST:
            return None
        times = convergence(loss, step).convergence_times
        return times if times > bits * math.log(2) else None


def _ratio(upper: float, lower: float) -> float:
    return upper / lower if lower else math.nan


def _plain(bits: float) -> float:
    return int(bits) if bits == int(bits) else float(bits)

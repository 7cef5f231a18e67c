"""What every simulation returns, and what every simulation loop needs."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lim_lib.validate import NON_NEGATIVE, number, refuse


@dataclass(frozen=True, eq=False)
class Ledger:
    """The energy account of every replica.

    Energies are in joules, one value per replica, for the whole run; `master_equation` gives one
    number, the mean. What has no meaning for a kind of motion is None.

    Parameters
    ----------
    heat : ndarray
        Heat given to the bath, along the trajectory. For hops it is kT ln(k_forward/k_backward)
        of each hop, the bath's entropy times T.
    work : ndarray
        Work done on the memory: energy steps at changes of the controls, and what a force that is
        no gradient pushes.
    energy_change : ndarray
        Energy at the end less energy at the start, from these two states alone.
    transport : ndarray
        Distance between the first and the last state: level moves on a graph, else parameter
        units. Its mean over replicas is at least the transport W between the two distributions.
    hops_up, hops_down : ndarray or None
        Hops along and against the orientation of the edges.
    edge_hops_up, edge_hops_down : ndarray or None
        The same for each edge, all replicas together, shape (edges,).
    temperature : float
        Temperature of the bath in K.
    find_system_entropy : callable
        Computes `system_entropy` when it is first asked for.

    Examples
    --------
    >>> from lim_lib.simulate import jump_process, ladder
    >>> run = jump_process(ladder(4), duration=10.0, hop_rate=1.0, initial=0, replicas=3, seed=1)
    >>> run.ledger.hops
    array([15, 22, 12])
    """

    heat: np.ndarray
    work: np.ndarray
    energy_change: np.ndarray
    transport: np.ndarray
    hops_up: np.ndarray | None = None
    hops_down: np.ndarray | None = None
    edge_hops_up: np.ndarray | None = None
    edge_hops_down: np.ndarray | None = None
    temperature: float = 300.0
    find_system_entropy: Callable = field(default=lambda: np.nan, repr=False)

    @cached_property
    def system_entropy(self) -> np.ndarray:
        """T times the change of the memory's entropy along the trajectory, kT ln(p_0/p_f), in J.

        p_0 and p_f are the probabilities (or densities) at time 0 and at the end, each taken at
        the replica's own state: a trajectory-wise quantity that needs two ensemble ones. NaN where
        they are not known. Its mean is kT times the change of Shannon's entropy in nats.
        """
        return self.find_system_entropy()

    @property
    def entropy_production(self) -> np.ndarray:
        """T times the entropy that bath and memory gained along the trajectory, in J.

        Heat plus system entropy. One replica's may be negative; <exp(-it/kT)> = 1.
        """
        return self.heat + self.system_entropy

    @property
    def hops(self) -> np.ndarray:
        """Elementary level changes, up and down alike."""
        return self.hops_up + self.hops_down

    @property
    def net_moves(self) -> np.ndarray:
        """Hops up less hops down."""
        return self.hops_up - self.hops_down

    @property
    def edge_net_moves(self) -> np.ndarray:
        """Net moves over each edge, all replicas together."""
        return self.edge_hops_up - self.edge_hops_down

    def first_law_residual(self) -> np.ndarray:
        """Energy change less (work less heat): zero to rounding.

        The three are counted apart: heat from the moves, work from the controls, the energy change
        from the two ends.
        """
        return self.energy_change - (self.work - self.heat)

    def mean(self, name: str) -> tuple[float, float]:
        """Mean over the replicas and its standard error.

        Parameters
        ----------
        name : str
            ``"heat"``, ``"work"``, ``"entropy_production"``, ``"hops"``, …

        Returns
        -------
        mean, standard_error : float
            In the unit of the quantity.
        """
        values = np.atleast_1d(np.asarray(getattr(self, name), dtype=float))
        error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else 0.0
        return float(values.mean()), float(error)


@dataclass(frozen=True, eq=False)
class Run:
    """The result of a simulation.

    Parameters
    ----------
    final : ndarray
        States at the end: positions (replicas,) or (replicas, dimensions), or numbers of states
        (replicas,), or for `master_equation` the probabilities (states,).
    ledger : Ledger
        Energies of each replica.
    time : float
        Time reached, in s.
    complete : bool
        False if the run was interrupted; everything then holds for the time reached.
    times, means, variances : ndarray
        The recorded times, and mean and variance over the replicas of the position (or level).
    snapshots : ndarray or None
        All states at the recorded times, if they were asked for.
    passage_times : ndarray or None
        When each replica first fulfilled the condition that was asked for, in s; NaN if it did not.
    """

    final: np.ndarray
    ledger: Ledger
    time: float
    complete: bool
    times: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    snapshots: np.ndarray | None = None
    passage_times: np.ndarray | None = None


def recorded_steps(
    record: Any, duration: float, steps: int, ends: np.ndarray | None = None
) -> np.ndarray:
    """The numbers of the steps after which to record: those whose ends are nearest."""
    if record is None:
        return np.empty(0, dtype=int)
    times = np.atleast_1d(number("record", record, NON_NEGATIVE))
    if times.ndim != 1 or np.any(times > duration * (1 + 1e-12)) or np.any(np.diff(times) < 0):
        refuse("record", record, f"increasing times from 0 to duration = {duration:g} s")
    if ends is not None:
        return np.searchsorted((ends[1:] + ends[:-1]) / 2, times)
    return np.rint(times / duration * steps).astype(int)


class Recorder:
    """Keeps mean and variance (and, if asked, all states) at some steps."""

    def __init__(
        self,
        record,
        snapshots: bool,
        duration: float,
        steps: int,
        ends: np.ndarray | None = None,
    ):
        self.steps = recorded_steps(record, duration, steps, ends)
        self.times = self.steps * (duration / steps) if ends is None else ends[self.steps]
        self.keep = snapshots
        self.rows: list[tuple] = []

    def after(self, step: int, states: np.ndarray, positions: Callable = lambda states: states):
        """Record the states if this step is asked for."""
        for _ in range(int(np.count_nonzero(self.steps == step))):
            x = positions(states)
            self.rows.append((x.mean(0), x.var(0), states.copy() if self.keep else None))

    def next_stop(self, step: int, end: int) -> int:
        """The next step at which to record, or the end."""
        later = self.steps[self.steps > step]
        return int(min(later[0], end)) if later.size else end

    def fields(self, up_to: int) -> dict:
        """The fields of a `Run`, for the steps that are done."""
        done = int(np.count_nonzero(self.steps <= up_to))
        means, variances, states = ([row[i] for row in self.rows[:done]] for i in range(3))
        return {
            "times": self.times[:done],
            "means": np.array(means),
            "variances": np.array(variances),
            "snapshots": np.array(states) if self.keep else None,
        }


class Progress:
    """One line on stderr that says how far a long run is.

    Parameters
    ----------
    show : bool, callable or None
        None shows it on a terminal, after two seconds; True shows it anywhere; a function is
        called with the fraction done.
    """

    def __init__(self, show: bool | Callable | None = None):
        self.call = show if callable(show) else None
        self.show = sys.stderr.isatty() if show is None else bool(show) and self.call is None
        self.start = self.last = time.monotonic()
        self.written = False

    def __enter__(self):
        return self

    def __call__(self, fraction: float):
        if self.call:
            self.call(fraction)
        now = time.monotonic()
        if self.show and now - self.start > 2 and now - self.last > 0.5 and fraction > 0:
            left = (now - self.start) * (1 - fraction) / fraction
            sys.stderr.write(f"\rsimulating: {100 * fraction:3.0f} %, about {left:.0f} s left ")
            sys.stderr.flush()
            self.last, self.written = now, True

    def __exit__(self, *_):
        if self.written:
            sys.stderr.write("\r" + " " * 48 + "\r")
            sys.stderr.flush()


def generators(seed: Any, blocks: int) -> list[np.random.Generator]:
    """An independent generator for the start and for each block of replicas."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        refuse("seed", seed, "a whole number >= 0", TypeError)
    children = np.random.SeedSequence(int(seed)).spawn(blocks + 1)
    return [np.random.Generator(np.random.SFC64(child)) for child in children]

"""What every simulation returns, and what every simulation loop needs."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

import lim_lib
from lim_lib.results import Deferred, Result, mean
from lim_lib.text import energy_with_error, with_error
from lim_lib.validate import NON_NEGATIVE, nearest, number, refuse


@dataclass(frozen=True, eq=False, repr=False)
class Ledger(Result):
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
    system_entropy : ndarray or callable
        T times the change of the memory's entropy along the trajectory, kT ln(p_0/p_f), in J; or a
        function that gives it, which is called when it is first asked for. p_0 and p_f are the
        probabilities (or densities) at time 0 and at the end, each taken at the replica's own
        state: a trajectory-wise quantity that needs two ensemble ones. NaN where they are not
        known. Its mean is kT times the change of Shannon's entropy in nats.

    Examples
    --------
    >>> from lim_lib.simulate import jump_process, ladder
    >>> run = jump_process(ladder(4), duration=10.0, hop_rate=1.0, initial=0, replicas=3, seed=1)
    >>> run.ledger.hops
    array([15, 22, 12])
    >>> run.ledger
    Ledger of 3 replicas at 300 K
      heat                0 kT
      work                0 kT
      energy_change       0 kT
      system_entropy      found when it is asked for
      entropy_production  found when it is asked for
      transport           1.0 ± 1.0
      hops                16.3 ± 3.0
      net_moves           1.0 ± 1.0
    """

    measures: ClassVar = {
        "heat": ("J", "replicas"),
        "work": ("J", "replicas"),
        "energy_change": ("J", "replicas"),
        "system_entropy": ("J", "replicas"),
        "entropy_production": ("J", "replicas"),
        "transport": ("1", "replicas"),
        "hops": ("1", "replicas"),
        "hops_up": ("1", "replicas"),
        "hops_down": ("1", "replicas"),
        "net_moves": ("1", "replicas"),
        "edge_hops_up": ("1", "edges"),
        "edge_hops_down": ("1", "edges"),
        "temperature": ("K",),
    }

    heat: Any
    work: Any
    energy_change: Any
    transport: Any
    hops_up: Any = None
    hops_down: Any = None
    edge_hops_up: Any = None
    edge_hops_down: Any = None
    temperature: float = 300.0
    system_entropy: Any = Deferred(default=np.nan)  # noqa: RUF009 (a descriptor)

    @property
    def replicas(self) -> int | None:
        """Number of replicas; None if the entries are exact means."""
        return np.size(self.heat) if np.ndim(self.heat) else None

    @property
    def entropy_production(self) -> Any:
        """T times the entropy that bath and memory gained along the trajectory, in J.

        Heat plus system entropy. One replica's may be negative; <exp(-it/kT)> = 1.
        """
        return self.heat + self.system_entropy

    @property
    def hops(self) -> Any:
        """Elementary level changes, up and down alike; None where there are no levels."""
        return None if self.hops_up is None else self.hops_up + self.hops_down

    @property
    def net_moves(self) -> Any:
        """Hops up less hops down."""
        return None if self.hops_up is None else self.hops_up - self.hops_down

    @property
    def edge_net_moves(self) -> Any:
        """Net moves over each edge, all replicas together."""
        return None if self.edge_hops_up is None else self.edge_hops_up - self.edge_hops_down

    def first_law_residual(self) -> Any:
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
            In the unit of the quantity. The error is NaN for one replica, which cannot tell it, and
            zero for the exact mean of `master_equation`.

        Raises
        ------
        ValueError
            For a name that is no quantity of each replica, or one that was not counted.

        Examples
        --------
        >>> from lim_lib.simulate import jump_process, ring
        >>> run = jump_process(ring(8), duration=9.0, hop_rate=1.0, initial=0, replicas=400, seed=1)
        >>> "{:.1f} ± {:.1f}".format(*run.ledger.mean("hops"))
        '18.4 ± 0.2'
        """
        known = [each for each, (_, *axes) in self.measures.items() if axes == ["replicas"]]
        if name not in known:
            refuse("name", name, f"a quantity of each replica{nearest(name, known)}")
        values = getattr(self, name)
        if values is None:
            raise ValueError(f"{name} is not counted in this run")
        return mean(values)

    def headline(self) -> str:
        """How many replicas, and how warm."""
        of = "exact means" if self.replicas is None else so_many(self.replicas, "replica")
        return f"Ledger of {of} at {self.temperature:g} K"

    def rows(self) -> Iterator[tuple[str, str]]:
        """Means of the energies and counts, with their standard errors."""
        late = ("system_entropy", "entropy_production")
        waiting = late if Deferred.waits(self, "system_entropy") else ()
        shown = ("heat", "work", "energy_change", *late, "transport", "hops", "net_moves")
        for name in shown:
            if name in waiting:
                yield name, "found when it is asked for"
            elif getattr(self, name) is not None:
                value, error = self.mean(name)
                if self.measures[name][0] == "J":
                    yield name, energy_with_error(value, error, self.temperature)
                else:
                    yield name, with_error(value, error)


@dataclass(frozen=True, eq=False, repr=False)
class Run(Result):
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
        The recorded times, and mean and variance over the replicas of the position (or level). The
        variance is the estimate with n - 1, NaN for one replica; that of `master_equation` is
        exact.
    snapshots : ndarray or None
        All states at the recorded times, if they were asked for.
    passage_times : ndarray or None
        When each replica first fulfilled the condition that was asked for, in s; NaN if it did not.
    seed : int or None
        Where the randomness came from; None if there was none.
    version : str
        Version of the library that computed it.
    engine : str
        Who computed it, ``"numpy"`` or ``"compiled"``.

    Examples
    --------
    >>> from lim_lib.simulate import jump_process, ring
    >>> from lim_lib.units import thermal_energy
    >>> jump_process(ring(8), duration=9.0, force=2 * thermal_energy(), hop_rate=1.0, initial=0,
    ...              replicas=400, seed=1)
    Run of 400 replicas, complete at 9 s (seed 1, lim_lib ...)
      final               400 values from 0 to 7
      heat                43.37 ± 0.53 kT, 180 zJ
      work                43.37 ± 0.53 kT, 180 zJ
      energy_change       0 kT
      system_entropy      found when it is asked for
      entropy_production  found when it is asked for
      transport           1.945 ± 0.063
      hops                28.55 ± 0.26
      net_moves           21.68 ± 0.27
    """

    measures: ClassVar = {
        "final": ("state", "replicas", "..."),
        "time": ("s",),
        "times": ("s", "times"),
        "means": ("state", "times", "..."),
        "variances": ("state**2", "times", "..."),
        "snapshots": ("state", "times", "replicas", "..."),
        "passage_times": ("s", "replicas"),
    }

    final: np.ndarray
    ledger: Ledger
    time: float
    complete: bool
    times: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    snapshots: np.ndarray | None = None
    passage_times: np.ndarray | None = None
    seed: int | None = None
    version: str = lim_lib.__version__
    engine: str = "numpy"

    @property
    def replicas(self) -> int | None:
        """Number of replicas; None for the exact average."""
        return self.ledger.replicas

    def headline(self) -> str:
        """How many replicas, how far, and where the randomness came from."""
        of = "exact means" if self.replicas is None else so_many(self.replicas, "replica")
        return f"Run of {of}, {origin(self)}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """States, records, and the rows of the ledger."""
        shape = " x ".join(map(str, np.shape(self.final)))
        if self.replicas is None:
            yield "final", f"{shape} probabilities"
        else:
            low, high = (with_error(end(self.final), 0.0) for end in (np.min, np.max))
            yield "final", f"{shape} values from {low} to {high}"
        yield from recorded_rows(self.times, self.snapshots)
        if self.passage_times is not None:
            there = self.passage_times[~np.isnan(self.passage_times)]
            text = f"{there.size} of {self.passage_times.size}"
            yield "passed", f"{text}, after {with_error(*mean(there), 's')}" if there.size else text
        yield from self.ledger.rows()


def so_many(count: int, word: str) -> str:
    """A number of things to the last one: ``"1 replica"``, ``"20000 replicas"``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def origin(result: Any) -> str:
    """How far a result came, and where it came from."""
    end = "complete" if result.complete else "interrupted"
    seed = "" if result.seed is None else f"seed {result.seed}, "
    engine = "" if result.engine == "numpy" else f"{result.engine}, "
    return f"{end} at {result.time:.4g} s ({seed}{engine}lim_lib {result.version})"


def recorded_rows(times: np.ndarray, snapshots: np.ndarray | None) -> Iterator[tuple[str, str]]:
    """What was recorded on the way, if anything was."""
    if times.size:
        when = f"at {so_many(times.size, 'time')}, {times[0]:.4g} to {times[-1]:.4g} s"
        yield "recorded", when if snapshots is None else f"{when}, with all states"


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


def variance(values: np.ndarray) -> np.ndarray:
    """Variance over the replicas, the estimate with n - 1: NaN for one replica."""
    return values.var(0, ddof=1) if len(values) > 1 else np.full(values.shape[1:], np.nan)


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
            self.rows.append((x.mean(0), variance(x), states.copy() if self.keep else None))

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


def checked_seed(seed: Any) -> int:
    """The seed, if it is a whole number from 0 on."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        refuse("seed", seed, "a whole number >= 0", TypeError)
    return int(seed)


def generators(seed: Any, blocks: int) -> list[np.random.Generator]:
    """An independent generator for the start and for each block of replicas."""
    return [generator(seed, index) for index in range(blocks + 1)]


def generator(seed: Any, index: int) -> np.random.Generator:
    """The generator of the start, index 0, or of one block of replicas, from 1 on."""
    child = np.random.SeedSequence(checked_seed(seed), spawn_key=(index,))
    return np.random.Generator(np.random.SFC64(child))


def positions(initial: Any, replicas: int, seed: Any) -> np.ndarray:
    """Positions at the start: one for all, one for each replica, or drawn by a function."""
    if callable(initial):
        initial = initial(generators(seed, 0)[0], replicas)
    x = np.asarray(number("initial", initial), dtype=float)
    if x.ndim == 0:
        x = np.full(replicas, float(x))
    if x.ndim > 2 or x.shape[0] != replicas or not x.size:
        allowed = f"a number, or an array of {replicas} rows, one for each replica"
        refuse("initial", f"shape {x.shape}", allowed)
    return x.copy()

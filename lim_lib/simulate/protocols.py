"""The protocol of a jump process: what drives it, and the clock that it runs on.

Energies, forces and rates are constant during a control step. Functions of time are followed: left
to itself (``steps=None``), the protocol looks at them in 10 000 places, corners every jump by
halving, and ends a step where one of them has changed by `FINE`. As many steps as a user says are
equal ones; then 300 places (or one in each) tell whether what is at rest changes by more than
`COARSE` within a step, which a `RegimeWarning` says.
"""

import warnings
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from lim_lib.sampling import RunningIntegral, TooFast, places, sampled
from lim_lib.simulate.graphs import Graph
from lim_lib.simulate.runs import Recorder
from lim_lib.units import thermal_energy
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    REAL,
    Domain,
    RegimeWarning,
    integer,
    number,
    refuse,
    single,
)

FINE = 0.02
"""Change that ends a control step: in kT for energies and forces, relative for rates.

A sudden change of the energies that spreads by ε kT wastes at most ε²/8 kT (half a variance), so
that all steps together waste at most FINE/8 of all that the energies change.
"""

COARSE = 0.1
"""Share of the probability at rest that may move away from where it is in the middle of a step.

Half of that on average. Given rates may change five times as much for a moment, as they do where
they carry a flux out of states that empty.
"""

LOOKS = 10_000
"""Places at which the controls are looked at to choose the steps."""

CHECKS = 300
"""Places at which they are looked at if the steps are given, or one in each step."""

MOST_STEPS = 50_000
"""Most control steps that are chosen unasked."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What holds during one control step.

    Parameters
    ----------
    energy : ndarray
        Of each state, in J.
    heat, push : ndarray
        Of each edge, in J: heat that a hop up gives, and work that the force does on it.
    up, down : ndarray
        Rates of each edge, per unit of the clock.
    """

    energy: np.ndarray
    heat: np.ndarray
    push: np.ndarray
    up: np.ndarray
    down: np.ndarray


@dataclass(eq=False)
class Protocol:
    """The arguments that `jump_process` and `master_equation` share, checked; see there."""

    graph: Graph
    _: KW_ONLY
    duration: float
    energy: Any
    force: Any
    barrier: Any
    hop_rate: Any
    rates: Any
    factor: Any
    kinetics: str
    steps: int | None
    temperature: float
    _last: tuple[list, Setting] | None = field(default=None, init=False, repr=False)

    def __post_init__(self):
        if not isinstance(self.graph, Graph):
            refuse("graph", self.graph, "a Graph", TypeError)
        for name in ("duration", "temperature"):
            setattr(self, name, single(name, getattr(self, name), POSITIVE))
        if [self.barrier, self.hop_rate, self.rates].count(None) != 2:
            raise TypeError("give exactly one of barrier, hop_rate and rates")
        if self.barrier is not None and not hasattr(self.barrier, "hop_budget"):
            refuse("barrier", self.barrier, "a schedule with a hop_budget", TypeError)
        if self.kinetics not in ("symmetric", "heat_bath"):
            refuse("kinetics", self.kinetics, "'symmetric' or 'heat_bath'")
        if self.hop_rate is not None and not callable(self.hop_rate):
            self.hop_rate = single("hop_rate", self.hop_rate, NON_NEGATIVE)
        if self.rates is not None and (callable(self.force) or np.any(self.force)):
            raise TypeError("rates already define the heat: give no force beside them")
        states, edges = self.graph.states, len(self.graph.edges)
        self.factor = self._values("factor", self.factor, edges, POSITIVE)
        if not callable(self.energy):
            self.energy = self._values("energy", self.energy, states, REAL)
        if not callable(self.force):
            self.force = self._values("force", self.force, edges, REAL)
        if self.rates is not None and not callable(self.rates):
            self.rates = self._pair("rates", self.rates)
        self.kT = thermal_energy(self.temperature)
        self.even = self.steps is not None
        if self.even:
            self.ends = np.linspace(0, self.duration, integer("steps", self.steps) + 1)
            self._look_within_steps()
        else:
            self.ends = self._ends()
        if callable(self.hop_rate):
            self._budget = RunningIntegral("hop_rate", self.hop_rate, self.ends)
        elif self.barrier is not None:
            self._check_barrier()

    def intervals(self) -> Iterator[tuple[float, float, Setting]]:
        """Start, end and control of each step; the control is that of its middle."""
        for low, high in pairwise(self.ends.tolist()):
            yield low, high, self.at((low + high) / 2)

    def recorder(self, record: Any, snapshots: bool) -> Recorder:
        """What keeps the states at the ends of steps."""
        ends = None if self.even else self.ends
        return Recorder(record, snapshots, self.duration, self.ends.size - 1, ends)

    def at(self, time: float) -> Setting:
        """The control at a time; the same object as long as nothing changes."""
        given = self._given(time)
        if self._last is None or not all(map(np.array_equal, self._last[0], given)):
            self._last = (given, self._control(*given))
        return self._last[1]

    def clock(self, times: Any) -> np.ndarray:
        """What the clock shows between neighbouring times: hop budget, or time for given rates."""
        times = np.asarray(times, dtype=float)
        if self.rates is not None:
            return np.diff(times)
        if self.barrier is not None:
            return np.diff(self._hop_budget(times))
        if callable(self.hop_rate):
            return np.maximum(np.diff(self._budget(times)), 0)
        return np.diff(times) * self.hop_rate

    def _hop_budget(self, times: np.ndarray) -> np.ndarray:
        budget = sampled("barrier.hop_budget", self.barrier.hop_budget, times)
        ticks = np.diff(budget)
        if ticks.min() < 0:
            k = int(ticks.argmin())
            raise ValueError(
                f"barrier.hop_budget must not fall, goes from {budget[k]:.6g} at t = "
                f"{times[k]:.6g} s to {budget[k + 1]:.6g} at {times[k + 1]:.6g} s"
            )
        return budget

    def _check_barrier(self) -> None:
        """A barrier that has a hop rate, too, has one whose integral is its hop budget."""
        low, *_, high = self._hop_budget(self.ends)
        if not hasattr(self.barrier, "hop_rate"):
            return
        span = [0.0, self.duration]
        try:
            total = RunningIntegral("barrier.hop_rate", self.barrier.hop_rate, span)(span)[1]
        except TooFast:  # then its budget is what there is
            return
        if abs(high - low - total) > 1e-6 * total:
            raise ValueError(
                f"barrier.hop_budget must be the integral of barrier.hop_rate: over the "
                f"{self.duration:g} s it is {high - low:.6g}, and the integral is {total:.6g}"
            )

    def _varies(self) -> bool:
        return any(map(callable, (self.energy, self.force, self.rates)))

    def _change(self, a: list, b: list) -> float:
        """How far apart two states of the controls are: what `FINE` and `COARSE` measure."""
        with np.errstate(over="ignore"):
            risen = b[0] - a[0]
            spread = (risen.max() - risen.min()) / self.kT
            if self.rates is None:
                pushed = 0.0 if a[1] is b[1] else np.abs(b[1] - a[1]).max() / self.kT
                return max(spread, pushed)
        logs = (np.log(q) - np.log(p) for p, q in zip(a[1:], b[1:], strict=True))
        return max(spread, *(np.abs(each).max() for each in logs))

    def _ends(self) -> np.ndarray:
        """Control steps that follow the controls."""
        if not self._varies():
            return np.array([0.0, self.duration])
        ends, begun = [0.0], self._given(0.0)
        for time, here in self._followed(begun):
            if self._change(begun, here) > FINE:
                ends.append(time)
                begun = here
                if len(ends) > MOST_STEPS:
                    raise ValueError(
                        f"energy, force and rates must change less than they do: by t = "
                        f"{time:.6g} s they took {MOST_STEPS} control steps of {FINE} kT (or "
                        f"{FINE:.0%} of a rate); say how many equal steps are enough (steps=)"
                    )
        if ends[-1] < self.duration:
            ends.append(self.duration)
        return np.array(ends)

    def _followed(self, given: list) -> Iterator[tuple[float, list]]:
        """Times so close that the controls change by less than `FINE` in between, or jump."""
        shortest = 1e-13 * self.duration
        time = 0.0
        for look in (*places(0.0, self.duration, LOOKS).tolist(), self.duration):
            ahead = [(look, self._given(look))]
            while ahead:
                later, there = ahead[-1]
                if self._change(given, there) > FINE and later - time > shortest:
                    middle = (time + later) / 2
                    ahead.append((middle, self._given(middle)))
                else:
                    time, given = ahead.pop()
                    yield time, given

    def _look_within_steps(self) -> None:
        """Warn if what is taken as constant during a given control step changes much in it."""
        if not self._varies():
            return
        steps = self.ends.size - 1
        times = places(0.0, self.duration, max(CHECKS, min(steps, LOOKS)), seed=1)
        all_moved, step, middle = [], -1, []
        for time in times.tolist():
            index = min(int(time / self.duration * steps), steps - 1)
            if index != step:
                step, middle = index, self._given((index + 0.5) * self.duration / steps)
            all_moved.append(self._moved(middle, self._given(time)))
        worst, when = max(all_moved), times[int(np.argmax(all_moved))]
        most = COARSE if self.rates is None else 5 * COARSE
        if worst > most or np.mean(all_moved) > COARSE / 2:
            warnings.warn(
                f"energy, force or rates change within a control step, which takes them as "
                f"constant: at rest {worst:.0%} would move from its middle to t = {when:.4g} s; "
                f"{steps} steps are too few, more (or leaving them out) help",
                RegimeWarning,
                stacklevel=5,
            )

    def _moved(self, a: list, b: list) -> float:
        """Share of the probability that moves, at rest, from one state of the controls to another.

        A force, or given rates, that change by x in kT or e-folds move up to tanh(x/4).
        """
        weights = (np.exp((each[0].min() - each[0]) / self.kT) for each in (a, b))
        p, q = (weight / weight.sum() for weight in weights)
        rest = np.abs(p - q).sum() / 2
        pushed = 0.0 if a[1] is b[1] else self._change([a[0], *a[1:]], [a[0], *b[1:]])
        return max(rest, np.tanh(pushed / 4))

    def _given(self, time: float) -> list[np.ndarray]:
        """Energy and force, or energy and both rates, at a time."""
        states, edges = self.graph.states, len(self.graph.edges)
        when = f" at t = {time:.6g} s"
        given = []
        for name, control, size in (("energy", self.energy, states), ("force", self.force, edges)):
            if callable(control):
                control = self._values(name + when, control(time), size, REAL)
            given.append(control)
        if self.rates is None:
            return given
        rates = self._pair("rates" + when, self.rates(time)) if callable(self.rates) else self.rates
        return [given[0], *rates]

    def _pair(self, name: str, pair: Any) -> list[np.ndarray]:
        if not isinstance(pair, tuple | list | np.ndarray) or len(pair) != 2:
            refuse(name, pair, "a pair (up, down)")
        edges = len(self.graph.edges)
        return [
            self._values(f"{name} ({which})", values, edges, POSITIVE)
            for which, values in zip(("up", "down"), pair, strict=True)
        ]

    def _values(self, name: str, value: Any, size: int, domain: Domain) -> np.ndarray:
        values = np.array(number(name, value, domain), dtype=float)
        if values.ndim and values.shape != (size,):
            refuse(name, f"shape {values.shape}", f"a number, or an array of {size} of them")
        return np.broadcast_to(values, (size,))

    def _control(self, energy: np.ndarray, *rest: np.ndarray) -> Setting:
        kT = self.kT
        i, j = self.graph.edges.T
        drop = energy[i] - energy[j]
        if self.rates is not None:
            up, down = rest
            heat = kT * np.log(up / down)
            return Setting(energy, heat, heat - drop, self.factor * up, self.factor * down)
        (force,) = rest
        heat = drop + force
        tilt = heat / kT
        with np.errstate(over="ignore"):
            if self.kinetics == "heat_bath":
                up, down = 2 / (1 + np.exp(-tilt)), 2 / (1 + np.exp(tilt))
            else:
                up, down = np.exp(tilt / 2), np.exp(-tilt / 2)
        if not (np.isfinite(up + down).all() and (up * down > 0).all()):
            raise ValueError(
                f"energy and force must leave rates that a double can hold, got a tilt of "
                f"{np.abs(tilt).max():.4g} kT"
            )
        return Setting(energy, heat, force, self.factor * up, self.factor * down)

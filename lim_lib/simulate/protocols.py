"""The protocol of a jump process: what drives it, and the clock that it runs on."""

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from lim_lib.simulate.graphs import Graph
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Domain, integer, number, refuse


@dataclass(frozen=True, eq=False)
class Control:
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
    steps: int
    temperature: float
    _last: tuple[tuple, Control] | None = field(default=None, init=False, repr=False)
    _clock: tuple[float, float] = field(default=(np.nan, np.nan), init=False, repr=False)

    def __post_init__(self):
        if not isinstance(self.graph, Graph):
            refuse("graph", self.graph, "a Graph", TypeError)
        for name in ("duration", "temperature"):
            value = number(name, getattr(self, name), POSITIVE)
            if not isinstance(value, float):
                refuse(name, value, "one number")
            setattr(self, name, value)
        if [self.barrier, self.hop_rate, self.rates].count(None) != 2:
            raise TypeError("give exactly one of barrier, hop_rate and rates")
        if self.barrier is not None and not hasattr(self.barrier, "hop_budget"):
            refuse("barrier", self.barrier, "a schedule with a hop_budget", TypeError)
        if self.kinetics not in ("symmetric", "heat_bath"):
            refuse("kinetics", self.kinetics, "'symmetric' or 'heat_bath'")
        if self.hop_rate is not None and not callable(self.hop_rate):
            number("hop_rate", self.hop_rate, NON_NEGATIVE)
        if self.rates is not None and (callable(self.force) or np.any(self.force)):
            raise TypeError("rates already define the heat: give no force beside them")
        self.factor = self._values("factor", self.factor, len(self.graph.edges), POSITIVE)
        self.steps = integer("steps", self.steps)
        self.ends = np.linspace(0, self.duration, self.steps + 1)

    def intervals(self) -> Iterator[tuple[float, float, Control]]:
        """Start, end and control of each step; the control is that of its middle."""
        for low, high in pairwise(self.ends.tolist()):
            yield low, high, self.at((low + high) / 2)

    def at(self, time: float) -> Control:
        """The control at a time; the same object as long as nothing changes."""
        states, edges = self.graph.states, len(self.graph.edges)
        given = [self._values(*self._now("energy", self.energy, time), states, REAL)]
        if self.rates is None:
            given.append(self._values(*self._now("force", self.force, time), edges, REAL))
        else:
            name, pair = self._now("rates", self.rates, time)
            if not isinstance(pair, tuple | list | np.ndarray) or len(pair) != 2:
                refuse(name, pair, "a pair (up, down)")
            for which, values in zip(("up", "down"), pair, strict=True):
                given.append(self._values(f"{name} ({which})", values, edges, POSITIVE))
        if self._last is None or not all(map(np.array_equal, self._last[0], given)):
            self._last = (given, self._control(*given))
        return self._last[1]

    def clock(self, low: float, high: float) -> float:
        """What the clock shows from low to high: the hop budget, or plain time for given rates."""
        if self.rates is not None:
            return high - low
        if self.barrier is not None:
            name, ticks = "barrier.hop_budget", self._elapsed(low, high)
        elif callable(self.hop_rate):
            name, ticks = "hop_rate", self._integral(low, high)
        else:
            name, ticks = "hop_rate", (high - low) * self.hop_rate
        if not 0 <= ticks < np.inf:
            raise ValueError(
                f"{name} must be finite and >= 0, gives {ticks} from t = {low:.6g} to {high:.6g} s"
            )
        return ticks

    def _now(self, name: str, control: Any, time: float) -> tuple[str, Any]:
        return (
            (f"{name} at t = {time:.6g} s", control(time)) if callable(control) else (name, control)
        )

    def _values(self, name: str, value: Any, size: int, domain: Domain) -> np.ndarray:
        values = np.array(number(name, value, domain), dtype=float)
        if values.ndim and values.shape != (size,):
            refuse(name, f"shape {values.shape}", f"a number, or an array of {size} of them")
        return np.broadcast_to(values, (size,))

    def _control(self, energy: np.ndarray, *rest: np.ndarray) -> Control:
        kT = thermal_energy(self.temperature)
        i, j = self.graph.edges.T
        drop = energy[i] - energy[j]
        if self.rates is not None:
            up, down = rest
            heat = kT * np.log(up / down)
            return Control(energy, heat, heat - drop, self.factor * up, self.factor * down)
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
        return Control(energy, heat, force, self.factor * up, self.factor * down)

    def _elapsed(self, low: float, high: float) -> float:
        """Hop budget between two times; it is kept for the next call, which begins there."""
        before = self._clock[1] if self._clock[0] == low else float(self.barrier.hop_budget(low))
        self._clock = (high, float(self.barrier.hop_budget(high)))
        return self._clock[1] - before

    def _integral(self, low: float, high: float) -> float:
        from scipy.integrate import quad

        def rate(t):
            return number(f"hop_rate at t = {t:.6g} s", self.hop_rate(t), NON_NEGATIVE)

        return quad(rate, low, high, epsabs=0, epsrel=1e-10, limit=200)[0]

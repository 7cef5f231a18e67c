"""The exact average of a jump process."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import entr

from lim_lib.simulate.graphs import Graph
from lim_lib.simulate.protocols import Protocol, Setting
from lim_lib.simulate.runs import Ledger, Progress, Run
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, integer, number, refuse

MOST_STATES = 8192
"""Most states: a matrix of them by them fills half a gigabyte, and several are needed."""


def master_equation(
    graph: Graph,
    *,
    duration: float,
    initial: Any,
    energy: Any = 0.0,
    force: Any = 0.0,
    barrier: Any = None,
    hop_rate: Any = None,
    rates: Any = None,
    factor: Any = 1.0,
    kinetics: str = "symmetric",
    steps: int | None = None,
    temperature: float = 300.0,
    record: Any = None,
    progress: bool | Callable | None = None,
) -> Run:
    """The exact average of `jump_process`: probabilities, and the mean of every ledger entry.

    Solves dp/dt = K p for each control step, together with the time spent in each state, to
    rounding. Takes time like the cube of the number of states.

    Parameters
    ----------
    graph, duration, energy, force, barrier, hop_rate, rates, factor, kinetics, steps, temperature
        As for `jump_process`.
    initial : int or array_like
        The state, or the probabilities (states,), at time 0.
    record : array_like, optional
        Times in s at which to keep the probabilities, as ``snapshots``.
    progress : bool or callable, optional
        As for `jump_process`.

    Returns
    -------
    Run
        ``final`` holds the probabilities; the ledger holds one number each, the mean: system
        entropy is kT times the change of Shannon's entropy in nats, entropy production is never
        negative, and transport is Wasserstein's distance of start and end (`Graph.transport`).

    Raises
    ------
    ValueError, TypeError
        As for `jump_process`, and for a graph of more than 8192 states.

    Examples
    --------
    A bit that relaxes: nothing but its entropy changes.

    >>> from lim_lib.simulate import ladder, master_equation
    >>> run = master_equation(ladder(2), duration=1.0, initial=0, hop_rate=1.0)
    >>> run.final.round(6).tolist()
    [0.567668, 0.432332]
    """
    protocol = Protocol(
        graph,
        duration=duration,
        energy=energy,
        force=force,
        barrier=barrier,
        hop_rate=hop_rate,
        rates=rates,
        factor=factor,
        kinetics=kinetics,
        steps=steps,
        temperature=temperature,
    )
    if graph.states > MOST_STATES:
        allowed = f"of at most {MOST_STATES} states (jump_process takes more)"
        refuse("graph", f"one of {graph.states}", allowed)
    start = probabilities(graph, initial)
    return ensemble(protocol, start, protocol.duration, record, progress)


def ensemble(
    protocol: Protocol,
    start: np.ndarray,
    until: float,
    record: Any = None,
    progress: bool | Callable | None = False,
) -> Run:
    """The average run of a protocol from given probabilities, up to a time (or an interrupt)."""
    graph, kT = protocol.graph, thermal_energy(protocol.temperature)
    recorder = protocol.recorder(record, True)
    i, j = graph.edges.T
    p = start.copy()
    heat = work = 0.0
    up, down = np.zeros((2, i.size))

    rows: dict[int, np.ndarray] = {0: p}
    control = protocol.at(0.0)
    begin = control.energy @ p
    known: tuple = (None, None, None)
    done, complete = (0.0, p, control, heat, work, up, down), True
    with Progress(progress) as show:
        try:
            for step, (low, high, present) in enumerate(protocol.intervals(), 1):
                if low >= until:
                    break
                end = min(high, until)
                previous, control = control, present
                work += (control.energy - previous.energy) @ p
                (clock,) = protocol.clock([low, end])
                if known[0] is not control or known[1] != clock:
                    known = (control, clock, _propagator(graph, control, clock))
                p, spent = known[2] @ p
                rise, fall = control.up * spent[i], control.down * spent[j]
                up, down = up + rise, down + fall
                heat += control.heat @ (rise - fall)
                work += control.push @ (rise - fall)
                if step in recorder.steps:
                    rows[step] = p
                done = (end, p, control, heat, work, up, down)
                show(end / until)
        except KeyboardInterrupt:
            complete = False
    until, p, control, heat, work, up, down = done
    last = protocol.at(until).energy
    work += (last - control.energy) @ p
    states = np.array([rows[s] for s in recorder.steps if s in rows]).reshape(-1, graph.states)
    means = states @ graph.levels
    ledger = Ledger(
        heat=heat,
        work=work,
        energy_change=last @ p - begin,
        transport=graph.transport(start, p),
        hops_up=up.sum(),
        hops_down=down.sum(),
        edge_hops_up=up,
        edge_hops_down=down,
        temperature=protocol.temperature,
        system_entropy=kT * (_shannon(p) - _shannon(start)),
    )
    return Run(
        final=p,
        ledger=ledger,
        time=until,
        complete=complete,
        times=recorder.times[: len(states)],
        means=means,
        variances=states @ graph.levels**2 - means**2,
        snapshots=states,
    )


def _propagator(graph: Graph, control: Setting, clock: float) -> np.ndarray:
    """Takes p to (p at the end, time spent in each state): shape (2, states, states).

    Uniformization: hops as a Poisson process of one rate for all states, summed over their number
    for a time so short that about one is expected, which is then doubled until it is the whole. No
    term is negative, so nothing cancels.
    """
    n = graph.states
    i, j = graph.edges.T
    step = np.zeros((n, n))
    np.add.at(step, (j, i), control.up)
    np.add.at(step, (i, j), control.down)
    leaving = step.sum(0)
    rate = leaving.max()
    step = (step + np.diag(rate - leaving)) / rate
    doublings = max(0, int(np.ceil(np.log2(max(rate * clock, 1)))))
    expected = rate * clock / 2**doublings
    poisson = np.exp(-expected) * np.cumprod(np.append(1, expected / np.arange(1, 22)))
    more = np.append(np.cumsum(poisson[:0:-1])[::-1], 0)  # probability of more hops than that
    power, moved, spent = np.eye(n), np.zeros((n, n)), np.zeros((n, n))
    for exactly, beyond in zip(poisson, more, strict=True):
        moved += exactly * power
        spent += beyond / rate * power
        power = step @ power
    for _ in range(doublings):
        spent += spent @ moved
        moved = moved @ moved
        moved /= moved.sum(0)
    return np.stack([moved, spent])


def _shannon(p: np.ndarray) -> float:
    """Entropy in nats; rounding may leave a probability a hair below zero."""
    return float(entr(np.maximum(p, 0)).sum())


def probabilities(graph: Graph, initial: Any) -> np.ndarray:
    """Probabilities from one state, or as given and checked."""
    values = np.asarray(number("initial", initial, NON_NEGATIVE))
    if values.ndim == 0:
        p = np.zeros(graph.states)
        p[integer("initial", initial, 0, graph.states - 1)] = 1
        return p
    return graph.distribution("initial", values)

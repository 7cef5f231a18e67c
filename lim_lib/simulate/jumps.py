r"""Hops between the states of a graph, in continuous time, with an energy ledger.

Model
-----
State i has the energy E_i; edge (i, j) may carry a force f, which pushes up the edge and is no
gradient. A hop up the edge gives the heat

.. math:: q = E_i - E_j + f, \qquad \frac{k_+}{k_-} = e^{q/kT}

to the bath: local detailed balance. What remains to be said is how fast, and this is the clock of
the memory, the thermal hop rate r(t) over its barrier:

- symmetric split (`lim_lib.memory.hop_rates`): :math:`k_\pm = r c\, e^{\pm q/2kT}`;
- heat bath: :math:`k_\pm = 2 r c / (1 + e^{\mp q/kT})`, never above 2 r c;
- or the rates of every edge as given, from which the heat follows.

c is a factor for each edge, 1 by default.

Exactness
---------
The energies and forces are constant during a control step and change at its end, all at once; that
is the protocol. For it there is no time-step error: each replica hops by Gillespie's direct method,
or where hops are many by uniformization, which is as exact (see `lim_lib.simulate.hops`). The hop
rate r(t) may vary *within* a step: since it multiplies all rates alike, the process is homogeneous
on the clock :math:`R(t) = \int r\,dt`, the hop budget, and that is the clock it runs on. A hop that
would come after the end of the step is dropped, and the next step starts afresh, which an
exponential waiting time allows.

A function of time is known by its values alone, and where nobody looks it may do anything. The
integral of a hop rate that is given as a function is taken to 1e-10 of what is seen of it, twice,
with different looks that must agree: whatever lasts a ten-thousandth of the run, or a quarter of a
control step, is seen, and a rate that changes faster is refused. A barrier's hop budget is taken as
it is, and is exact (where it has a hop rate, too, the one must be the integral of the other).
Energies, forces and rates that are functions of time are followed by steps in which they change by
0.02 kT (rates by 2 %), or by as many equal ones as are asked for: see `lim_lib.simulate.protocols`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from lim_lib.engine import chosen
from lim_lib.simulate.graphs import Graph
from lim_lib.simulate.hops import DOWN, Hopper
from lim_lib.simulate.master import ensemble, probabilities
from lim_lib.simulate.protocols import Protocol
from lim_lib.simulate.runs import Ledger, Progress, Run, generators
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, number, refuse

BLOCK = 8192
"""Replicas that hop together: what the processor's cache holds."""

HOPS = 512
"""Most expected hops of a replica between two looks at the state."""

MOST_HOPS = 1e11
"""Most hops, all replicas together, that a run makes unasked: an hour or so."""

LOOK = 30_000
"""Hops that could be made in the time of one look at the state."""

KNOWN = 256
"""Most states for which the system's entropy is computed."""


def jump_process(
    graph: Graph,
    *,
    duration: float,
    initial: Any,
    replicas: int,
    seed: int,
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
    snapshots: bool = False,
    most_hops: float = MOST_HOPS,
    progress: bool | Callable | None = None,
    engine: str = "numpy",
    threads: int = 1,
) -> Run:
    """Hops between the states of a graph, exact in time, with heat and work per replica.

    Parameters
    ----------
    graph : Graph
        `ladder`, `ring`, `hypercube` or any other.
    duration : float
        Length of the run in s.
    initial : int or array_like
        A state for all replicas; or their states, whole numbers (replicas,); or probabilities
        (states,), from which they are drawn. Where a list could be either, it is refused: write
        probabilities as floats, states as an array of whole numbers.
    replicas : int
        Number of independent copies.
    seed : int
        Where all randomness comes from.
    energy : float, array_like or callable
        Energy of each state in J, shape (states,); or a function of time that gives it, taken at
        the middle of each control step (and at both ends of the run). A constant has one step.
    force : float, array_like or callable
        Push up each edge in J that is no gradient, a number or shape (edges,), or a function of
        time.
    barrier : schedule
        A schedule of `lim_lib.schedules`; its hop budget is the clock.
    hop_rate : float or callable
        Instead of a barrier: the thermal hop rate r in 1/s, a number or a function of time.
    rates : pair of array_like, or callable
        Instead of both: rates (up, down) of all edges in 1/s, each a number or shape (edges,), or
        a function of time that gives the pair. Their ratio defines the heat, so that `force`,
        `factor` and `kinetics` have no place beside it.
    factor : float or array_like
        Factor of both rates of each edge, > 0.
    kinetics : {"symmetric", "heat_bath"}
        How a tilt splits between the two rates.
    steps : int, optional
        Number of equal control steps; by default as many, and as long, as the controls need.
    temperature : float
        Temperature of the bath in K.
    record : array_like, optional
        Times in s at which to keep mean and variance of the level (at the nearest control step).
    snapshots : bool
        Whether to keep all states then, too.
    most_hops : float
        How many hops, all replicas together, the run may make; more than 1e11 only if asked for.
    progress : bool or callable, optional
        Progress of a long run: on a terminal by default, always, never, or your function of the
        fraction done.
    engine : {"numpy", "compiled"}
        Who computes it (`lim_lib.engine`). Compiled loops draw other numbers of the same law.
    threads : int
        Over which compiled loops spread the replicas; the numbers do not depend on it.

    Returns
    -------
    Run
        Final states and the ledger in joules. The system's entropy is known if the replicas start
        from given probabilities (or one state) and the graph has at most 256 states: when it is
        asked for, the final distribution is computed as in `master_equation`; else it is NaN.
        Memory grows with replicas, states and edges, not with hops or steps.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed: a negative rate, a schedule that is not finite, …; for
        a function of time that cannot be followed; for more hops than `most_hops`.

    Warns
    -----
    RegimeWarning
        If energies, forces or rates change by more than 0.5 kT within given control steps.

    References
    ----------
    Gillespie, J. Comput. Phys. 22, 403 (1976); Jensen, Skand. Aktuarietidskr. 36, 87 (1953), for
    uniformization; for the ledger, Seifert, Phys. Rev. Lett. 95, 040602
    (2005), with trajectories n(t) and protocol λ(t) as here.

    Examples
    --------
    A cell that is pulled up by 2 kT a level; each net move gives that to the bath:

    >>> from lim_lib.simulate import jump_process, ring
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> run = jump_process(ring(8), duration=10.0, initial=0, replicas=1000, seed=1,
    ...                    force=2 * kT, hop_rate=1.0)
    >>> print(round(run.ledger.heat.mean() / run.ledger.net_moves.mean() / kT, 9))
    2.0
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
    engine, threads = chosen(engine, threads)
    replicas = integer("replicas", replicas)
    most_hops = number("most_hops", most_hops, POSITIVE) if most_hops != np.inf else most_hops
    recorder = protocol.recorder(record, snapshots)
    starter, hopper_under = _hoppers(engine, threads, graph, replicas, seed)
    state, start = _initial(graph, initial, replicas, starter)
    first = state.copy()
    heat, work, tally = np.zeros(replicas), np.zeros(replicas), np.zeros(replicas, dtype=np.int64)
    edge_hops = np.zeros((2, len(graph.edges)), dtype=np.int64)

    def level(states):
        return graph.levels[states]

    recorder.after(0, state, level)
    control, hopper = protocol.at(0.0), None
    begin = control.energy

    def kept(steps, time):
        counted = None if hopper is None else (hopper, hopper.counted())
        arrays = (array.copy() for array in (state, heat, work, tally))
        return steps, time, control.energy, *arrays, edge_hops, counted

    done = kept(0, 0.0)
    complete = True
    clock = protocol.clock(protocol.ends)
    left = np.cumsum(clock[::-1])[::-1]
    with Progress(progress) as show:
        try:
            for step, (low, high, present) in enumerate(protocol.intervals(), 1):
                if present is not control:
                    work += (present.energy - control.energy)[state]
                if present is not control or hopper is None:
                    edge_hops = _all_edge_hops(edge_hops, hopper and (hopper, hopper.counted()))
                    control, hopper = present, hopper_under(present)
                _guard(hopper, state, left[step - 1], tally, most_hops)
                hops = hopper.fastest * clock[step - 1]
                parts = np.linspace(low, high, max(1, int(np.ceil(hops / HOPS))) + 1)
                for part, (then, ticks) in enumerate(
                    zip(parts[1:].tolist(), protocol.clock(parts), strict=True), 2
                ):
                    hopper.prepare(state, ticks, len(parts) + 1 - part)
                    hopper.advance((state, heat, work, tally), ticks)
                    finished = step - 1
                    if part == len(parts):
                        finished = step
                        recorder.after(step, state, level)
                    done = kept(finished, then)
                    show(then / protocol.duration)
        except KeyboardInterrupt:
            complete = False
    step, time, energy_before, state, heat, work, tally, edge_hops, counted = done
    edge_hops = _all_edge_hops(edge_hops, counted)
    last = protocol.at(time).energy
    work += (last - energy_before)[state]
    ledger = Ledger(
        heat=heat,
        work=work,
        energy_change=last[state] - begin[first],
        transport=_distance(graph, first, state),
        hops_up=tally % DOWN,
        hops_down=tally // DOWN,
        edge_hops_up=edge_hops[0],
        edge_hops_down=edge_hops[1],
        temperature=protocol.temperature,
        system_entropy=lambda: _system_entropy(protocol, start, first, state, time),
    )
    kept_rows = recorder.fields(step)
    return Run(state, ledger, time, complete, **kept_rows, seed=int(seed), engine=engine)


def _hoppers(engine, threads, graph, replicas, seed):
    """A generator for the start, and what makes the hopper of a control, by either engine."""
    if engine == "compiled":
        from lim_lib.simulate.compiled import hops

        starter, source = generators(seed, 1)
        crowd = hops.Crowd.of(source, replicas, threads)
        return starter, partial(hops.Hopper, graph, crowd=crowd)
    # Each block of replicas has its own generator, so the numbers do not depend on anything else.
    blocks = [slice(i, min(i + BLOCK, replicas)) for i in range(0, replicas, BLOCK)]
    starter, *sources = generators(seed, len(blocks))
    return starter, partial(Hopper, graph, crowd=list(zip(blocks, sources, strict=True)))


def _all_edge_hops(before, counted):
    """Hops over the edges under all controls before, and under the last one."""
    if counted is None:
        return before
    hopper, counts = counted
    return before + hopper.edge_hops(counts)


def _guard(hopper, state, left, tally, most):
    """Refuse a run of too many hops, before they are made."""
    made = np.bitwise_and(tally, DOWN - 1).sum() + np.right_shift(tally, 32).sum()
    expected = made + state.size * left * hopper.fastest
    if expected > most:
        expected = made + state.size * left * hopper.expected_rate(state)
    if expected > most:
        raise ValueError(
            f"the run must have at most {most:.3g} hops, is to have about {expected:.2g} in "
            f"{state.size} replicas; fewer replicas, a shorter duration or a higher barrier help, "
            f"and averages have master_equation (most_hops={2 * expected:.1g} runs it all the same)"
        )
    looks = hopper.fastest * left / HOPS
    if int(looks) * LOOK > most:
        raise ValueError(
            f"energy and force must not make hops so fast: {hopper.fastest:.2g} per unit of the "
            f"clock from one state, which takes {looks:.2g} looks at the states; heat-bath "
            f"kinetics or master_equation help (most_hops={2 * looks * LOOK:.1g} runs it all the "
            "same)"
        )


def _initial(graph, initial, replicas, generator):
    """States at the start, and their probabilities where these are known."""
    values = np.asarray(initial)
    if values.dtype.kind in "iu" and values.shape == (replicas,):
        if replicas == graph.states and values is not initial and values.sum() == 1:
            allowed = "floats if they are probabilities, or an array of whole numbers if states"
            refuse("initial", initial, allowed)
        number("initial", values, NON_NEGATIVE)
        if values.max() >= graph.states:
            refuse("initial", int(values.max()), f"states 0 to {graph.states - 1}")
        return values.astype(np.intp), None
    p = probabilities(graph, initial)
    return generator.choice(graph.states, size=replicas, p=p).astype(np.intp), p


def _system_entropy(protocol, start, first, last, time):
    if start is None or protocol.graph.states > KNOWN:
        return np.full(first.size, np.nan)
    end = start
    if time > 0:
        run = ensemble(protocol, start, time)
        if not run.complete:
            raise KeyboardInterrupt
        end = run.final
    ratio = start[first] / np.maximum(end[last], np.finfo(float).tiny)
    return thermal_energy(protocol.temperature) * np.log(ratio)


def _distance(graph, first, last):
    starts, index = np.unique(first, return_inverse=True)
    result = np.empty(first.size)
    rows = max(1, (1 << 22) // graph.states)
    for low in range(0, starts.size, rows):
        here = (index >= low) & (index < low + rows)
        table = graph.distances(starts[low : low + rows])
        result[here] = table[index[here] - low, last[here]]
    return result

"""Jump processes, against Gillespie's direct method in a plain Python loop with the same ledger.

Nanoseconds per hop, in the processor's time; the mean heats are compared, too.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import limits
import numpy as np
from measure import Scale, apart, in_turn
from table import Aim, Limit, Row

from lim_lib.simulate import hypercube, jump_process, ladder, ring
from lim_lib.units import thermal_energy

KT = thermal_energy()
DURATION = 200.0
LEVELS = np.arange(16)
GRAPHS = {
    "ladder of 16 levels, tilted": (ladder(16), -0.3 * KT * LEVELS, 0.0),
    "ladder of 16 levels, hilly": (ladder(16), KT * np.sin(LEVELS), 0.0),
    "ring of 16 levels, pushed": (ring(16), 0.0 * LEVELS, KT),
    "words of 6 bits, hilly": (hypercube(6), KT * np.sin(np.arange(64)), 0.0),
}


@dataclass
class Hopped:
    """Heat of each replica in J, and the hops of all."""

    heat: np.ndarray
    hops: int


def gillespie(graph: Any, energies: list[float], force: float, replicas: int) -> Hopped:
    """The direct method, one replica after the other, for any graph, with the same ledger."""
    out: list[list] = [[] for _ in range(graph.states)]
    for edge, (i, j) in enumerate(graph.edges.tolist()):
        heat = energies[i] - energies[j] + force
        out[i].append((math.exp(heat / KT / 2), j, heat, force, 1, edge))
        out[j].append((math.exp(-heat / KT / 2), i, -heat, -force, 0, edge))
    totals = [sum(hop[0] for hop in hops) for hops in out]
    edge_hops = [[0] * len(graph.edges), [0] * len(graph.edges)]
    rng, ledger, hops = random.Random(1), [], 0
    for _ in range(replicas):
        state, clock, heat, work, ups, downs = 0, 0.0, 0.0, 0.0, 0, 0
        while True:
            total = totals[state]
            clock += rng.expovariate(total)
            if clock >= DURATION:
                break
            pick = rng.random() * total
            for hop in out[state]:
                pick -= hop[0]
                if pick < 0:
                    break
            _, state, given, push, up, edge = hop
            heat += given
            work += push
            ups += up
            downs += 1 - up
            edge_hops[up][edge] += 1
        ledger.append((state, heat, work, ups, downs))
        hops += ups + downs
    return Hopped(np.array([each[1] for each in ledger]), hops)


def library(graph: Any, energies: np.ndarray, force: float, replicas: int) -> Hopped:
    """The same by the library, compiled."""
    ledger = jump_process(
        graph,
        duration=DURATION,
        initial=0,
        replicas=replicas,
        seed=1,
        energy=energies,
        force=force,
        hop_rate=1.0,
        engine="compiled",
    ).ledger
    return Hopped(ledger.heat, int(ledger.hops.sum()))


def rows(scale: Scale) -> Iterator[Row]:
    """A row for each graph."""
    many, few = scale.of(32768, least=16), scale.of(200, least=8)
    for name, (graph, energies, force) in GRAPHS.items():
        levels = energies.tolist()
        found = in_turn(
            lambda g=graph, e=energies, f=force: library(g, e, f, many),
            lambda g=graph, e=levels, f=force: gillespie(g, e, f, few),
            rounds=scale.rounds,
        )
        mine, other = (
            1e9 * seconds / each.hops
            for seconds, each in zip(found.seconds, found.results, strict=True)
        )
        waits, drawn = limits.load(graph.states * 16), limits.draw()
        yield Row(
            what=f"jumps, {name}",
            ours=mine,
            peer=other,
            unit="ns/hop",
            peer_name="Python loop",
            aim=Aim(300, of="speed"),
            limit=Limit(
                f"hop by hop: {waits:.1f} ns until a load says where to load next, in a table of "
                f"{graph.states} x 16 places, and {drawn:.1f} ns for a number; below 1, one choice "
                "is worth several hops",
                waits + drawn,
            ),
            agreement=("heat", apart(*(each.heat for each in found.results))),
            others=found.others,
        )

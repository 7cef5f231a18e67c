"""How fast the simulators are, against NumPy's normal deviates, plain Python, and langesim.

What is compared runs in turn, and the best of several
rounds counts, so that other work on the machine disturbs both alike.

- Langevin motion, whole run with its ledger, per particle and step, over the time that NumPy takes
  to draw one normal deviate for each. Aim: at most 1.3.
- The same over langesim 0.1.4 (Euler's method, compiled by numba), on one thread and on all that
  numba takes. It needs an environment of its own (numba, NumPy < 2): set LANGESIM_PYTHON to its
  interpreter, or these rows are left out. Aim: no slower.
- Jump processes, hops per second, over Gillespie's direct method in a plain Python loop with the
  same ledger. Aim: at least 50.
"""

import math
import os
import random
import subprocess
import time
from pathlib import Path

import numpy as np

from lim_lib.simulate import (
    Potential,
    double_well,
    harmonic,
    hypercube,
    jump_process,
    ladder,
    langevin,
    ring,
)
from lim_lib.units import thermal_energy

KT = thermal_energy()
REPLICAS, STEPS, ROUNDS = 65536, 256, 7


def seconds(function):
    """Processor time of one call (everything here runs on one thread), and its result."""
    start = time.process_time()
    result = function()
    return time.process_time() - start, result


def draw():
    """As many normal deviates as particles take in steps, in blocks that stay in cache."""
    rng, block = np.random.default_rng(1), np.empty(8192)
    for _ in range(REPLICAS * STEPS // block.size):
        rng.standard_normal(out=block)


def moved(potential, **controls):
    """A run of a driven potential."""
    return lambda: langevin(
        potential,
        diffusivity=1.0,
        duration=2.0,
        steps=STEPS,
        initial=1.0,
        replicas=REPLICAS,
        seed=1,
        controls=controls,
    )


def rising(t):
    """A barrier or stiffness that grows."""
    return KT * (1 + t)


def plain_energy(x, height):
    """The double well as a reader would write it."""
    return height * (x**2 - 1) ** 2


def plain_force(x, height):
    """Its force."""
    return -4 * height * x * (x**2 - 1)


MOTIONS = {
    "spring, stiffness driven": moved(harmonic, stiffness=rising),
    "spring, stiffness and centre driven": moved(
        harmonic, stiffness=rising, centre=lambda t: t / 2
    ),
    "double well, barrier driven": moved(double_well, barrier=rising, half_width=1.0),
    "the same, functions as a reader writes them": moved(
        Potential(plain_energy, plain_force), height=rising
    ),
}


def langesim(threads):
    """Nanoseconds per particle and step of langesim, or None without it."""
    python = os.environ.get("LANGESIM_PYTHON")
    if not python:
        return None
    settings = os.environ | ({"NUMBA_NUM_THREADS": str(threads)} if threads else {})
    script = Path(__file__).with_name("langesim_speed.py")
    settings.pop("PYTHONPATH", None)
    return float(
        subprocess.check_output([python, script], env=settings, text=True, encoding="utf-8")
    )


def gillespie(graph, energies, force, duration, replicas):
    """The direct method, one replica after the other, for any graph, with the same ledger."""
    out = [[] for _ in range(graph.states)]
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
            if clock >= duration:
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
    return hops


def hopped(graph, energies, force):
    """Numbers of hops by the library and by the loop, each with its time, for one cell."""

    def library():
        return jump_process(
            graph,
            duration=200.0,
            initial=0,
            replicas=REPLICAS // 2,
            seed=1,
            energy=energies,
            force=force,
            hop_rate=1.0,
        ).ledger.hops.sum()

    return library, lambda: gillespie(graph, list(energies), force, 200.0, 200)


LEVELS = np.arange(16)
HOPS = {
    "ladder of 16 levels, tilted": hopped(ladder(16), -0.3 * KT * LEVELS, 0.0),
    "ladder of 16 levels, hilly": hopped(ladder(16), KT * np.sin(LEVELS), 0.0),
    "words of 6 bits, hilly": hopped(hypercube(6), KT * np.sin(np.arange(64)), 0.0),
    "ring of 16 levels, pushed": hopped(ring(16), 0.0 * LEVELS, KT),
}


def rows():
    """Name, our figure, the other's, unit, ratio, aim, whether it is met: of each comparison."""
    count = REPLICAS * STEPS
    best = {}
    for _ in range(ROUNDS):
        for name, function in (("draws", draw), *MOTIONS.items()):
            best[name] = min(best.get(name, math.inf), 1e9 * seconds(function)[0] / count)
    for name in MOTIONS:
        ratio = best[name] / best["draws"]
        yield name, best[name], best["draws"], "ns, drawing", ratio, "<= 1.3", ratio <= 1.3
    for threads, label in ((1, "1 thread"), (None, "all threads")):
        theirs = langesim(threads)
        if theirs:
            ours = best["double well, barrier driven"]
            name = f"double well, against langesim, {label}"
            yield name, ours, theirs, "ns, langesim", ours / theirs, "<= 1", ours <= theirs
    for name, (library, loop) in HOPS.items():
        rates = [0.0, 0.0]
        for _ in range(ROUNDS):
            for which, function in enumerate((library, loop)):
                spent, hops = seconds(function)
                rates[which] = max(rates[which], hops / spent / 1e6)
        ratio = rates[0] / rates[1]
        yield name, *rates, "M hops/s", ratio, ">= 50", ratio >= 50

"""Langevin motion with its ledger, against NumPy's normal deviates alone, and against langesim.

Nanoseconds per particle and step of the whole run, in the processor's time, over those that NumPy
takes to draw one normal deviate for each.

langesim 0.1.4 (Euler's method, compiled by Numba) needs an environment of its own (Numba, NumPy <
2): LANGESIM_PYTHON names its interpreter, or its row is left out.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import limits
import numpy as np
from measure import Scale, in_turn
from table import Aim, Limit, Row

from lim_lib.simulate import Potential, double_well, harmonic, langevin
from lim_lib.units import thermal_energy

KT = thermal_energy()
STEPS, PARTICLES = 256, 65536


def draw(count: int) -> None:
    """So many normal deviates, in blocks that stay in cache."""
    rng, block = np.random.default_rng(1), np.empty(8192)
    for _ in range(max(1, count // block.size)):
        rng.standard_normal(out=block)


def moved(potential: Potential, **controls: Any) -> Callable[[int], Any]:
    """A run of so many particles in a driven potential."""
    return lambda replicas: langevin(
        potential,
        diffusivity=1.0,
        duration=2.0,
        steps=STEPS,
        initial=1.0,
        replicas=replicas,
        seed=1,
        controls=controls,
        engine="compiled",
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
    "double well, as a reader writes it": moved(
        Potential(plain_energy, plain_force), height=rising
    ),
}


def langesim() -> float | None:
    """Nanoseconds per particle and step of langesim on one thread, or None without it."""
    python = os.environ.get("LANGESIM_PYTHON")
    if not python:
        return None
    settings = os.environ | {"NUMBA_NUM_THREADS": "1"}
    settings.pop("PYTHONPATH", None)
    script = Path(__file__).with_name("langesim_speed.py")
    return float(
        subprocess.check_output([python, script], env=settings, text=True, encoding="utf-8")
    )


def rows(scale: Scale) -> Iterator[Row]:
    """A row for each motion."""
    replicas = scale.of(PARTICLES, least=64)
    count = replicas * STEPS
    found = in_turn(
        lambda: draw(count),
        *(lambda m=each: m(replicas) for each in MOTIONS.values()),
        rounds=scale.rounds,
    )
    deviate, *ours = (1e9 * seconds / count for seconds in found.seconds)
    limit = Limit(
        f"a byte drawn, its increment looked up and added: {limits.kick():.2f} ns", limits.kick()
    )
    mine = dict(zip(MOTIONS, ours, strict=True))
    for name, each in mine.items():
        yield Row(
            what=f"Langevin, {name}",
            ours=each,
            peer=deviate,
            unit="ns/step",
            peer_name="NumPy's normals",
            aim=Aim(0.6),
            limit=limit,
            others=found.others,
        )
    if (theirs := langesim()) is not None:
        yield Row(
            what="Langevin, double well, barrier driven",
            ours=mine["double well, barrier driven"],
            peer=theirs,
            unit="ns/step",
            peer_name="langesim",
            aim=Aim(1),
            others=found.others,
        )

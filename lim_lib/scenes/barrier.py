"""Beat the matched barrier: the reader draws a barrier, and a tilt, under what is held fixed.

Each of three conditions comes with a promise, and the page keeps it for whatever is drawn: it
moves the barrier up or down as a whole, and makes the tilt larger or smaller.

- *The optimizer's drift* is held: the four-bit weight of theorem 3, whose variance the page solves
  exactly between the knots of the barrier. None can go below `bounds.optimizer_limited`.
- *The budget of hops*, or *the highest hop rate*: 33 levels that settle on the middle one with an
  error of 1 %, by their master equation. None can go below `bounds.frontier`.
"""

from functools import cache
from typing import Any

import numpy as np
from scipy.special import entr

from lim_lib import bounds, figures
from lim_lib.memory import drive_for_error
from lim_lib.scenes.scene import Dial, Menu, Scene
from lim_lib.schedules import ExponentialDecay, Heights, MatchedBarrier, MatchedDiffusivity
from lim_lib.units import thermal_energy

__all__ = ["barrier"]

DURATION = 6.0
"""Time in s: of an optimizer with a relaxation rate of 1/s, and of a decay with that rate."""

BITS, SPACING, ATTEMPT_RATE = 4, 1 / 256, 1e9
"""The weight: its precision, the distance of its levels over its first spread, its attempts."""

LEVELS, ERROR = 33, 0.01
"""The cell of chapter 9, and how often it may end off its middle level."""

KNOTS = np.linspace(0, 1, 7)
"""Where the curves are drawn, as shares of the time."""

STANDING, HIGHEST = 1.75, 12.0
"""In kT: where a barrier that stands is drawn, and the highest that can be."""

WORDS = (
    "{heat} kT for {promise}: {times} times {name} ({bound} kT), {share} times the matched barrier "
    "({matched} kT). {hops} hops; the barrier begins at {first} kT."
)
HOPELESS = "No tilt of this shape keeps the promise, {promise}."


@cache
def conditions() -> dict[str, dict[str, Any]]:
    """What is asked for under each condition, what it costs at the least, and curves to begin with.

    Heats and barriers are in kT; a curve is a barrier and a tilt over its largest, at the knots.

    Returns
    -------
    dict

    Examples
    --------
    >>> [round(each["bound"], 2) for each in conditions().values()]
    [5.15, 16.92, 6.0]
    """
    kT = thermal_energy()
    learned = MatchedDiffusivity(1.0, DURATION, BITS, SPACING, ATTEMPT_RATE)
    first, last = learned.barrier(np.array([0.0, DURATION])) / kT
    weight = {
        "name": "theorem 3",
        "promise": f"{BITS} bits in {DURATION:g} convergence times",
        "times": DURATION,
        "bits": BITS,
        "landauer": float(bounds.landauer(1, BITS)) / kT,
        "bound": float(bounds.optimizer_limited(1, BITS, DURATION)) / kT,
        "ground": float(np.log(ATTEMPT_RATE * SPACING**2)),
        "cells": SPACING**-2,
        "curves": _curves((last - first) * KNOTS, np.append(np.full(6, 0.75), HIGHEST)),
    }
    decay = ExponentialDecay(80.0, time_constant=1.0)
    matched = MatchedBarrier(drive_for_error(ERROR), decay, ATTEMPT_RATE)
    rate, budget = float(matched.hop_rate(0.0)), float(matched.hop_budget(30.0))
    ends = np.full(LEVELS, ERROR / (LEVELS - 1))
    ends[LEVELS // 2] = 1 - ERROR
    cell = {
        "name": "the frontier",
        "promise": f"an error of {100 * ERROR:g} %",
        "levels": LEVELS,
        "error": ERROR,
        "duration": DURATION,
        "landauer": float(np.log(LEVELS) - entr(ends).sum()),
        "ground": float(np.log(ATTEMPT_RATE)),
        "cells": 1,
        "curves": _curves(DURATION * KNOTS, 0 * KNOTS, KNOTS),
    }
    return {
        "drift": weight,
        "hops": cell | {"budget": budget, "bound": _frontier(budget)},
        "rate": cell | {"rate": rate, "bound": _frontier(rate * DURATION)},
    }


def _curves(matched, opened, tilt=None) -> dict[str, dict[str, list[float]]]:
    """The three curves that have names; the tilt of the last may grow."""
    even = np.ones_like(KNOTS)
    named = {
        "static": (STANDING * even, even),
        "matched": (matched, even),
        "open, then shut": (opened, even if tilt is None else tilt),
    }
    return {
        name: dict(zip("bx", (each.tolist() for each in pair), strict=True))
        for name, pair in named.items()
    }


def _frontier(hops: float) -> float:
    best = bounds.frontier(LEVELS, hops, ERROR, target=LEVELS // 2)
    return float(best.heat / thermal_energy() - best.gap)


def still() -> "figures.Picture":
    """The weight's barriers with names, and what each costs."""
    weight = conditions()["drift"]
    task = 1.0, DURATION, BITS, SPACING, ATTEMPT_RATE
    heats = {
        "Landauer": weight["landauer"],
        "matched, theorem 3": weight["bound"],
        "static": Heights(*task, heights=1).heat / thermal_energy(),
    }
    drawn = {name: curves["b"] for name, curves in weight["curves"].items()}
    return figures.drawn_barriers(times=DURATION * KNOTS, barriers=drawn, heats=heats)


def barrier() -> Scene:
    """Draw a barrier, and try to go below the matched one, under what is held fixed.

    Returns
    -------
    Scene

    Examples
    --------
    >>> barrier()
    Scene(barrier: held fixed the optimizer's drift)
    """
    controls: dict[str, Dial | Menu] = {
        "held": Menu(
            "held fixed",
            {
                "drift": "the optimizer's drift",
                "hops": "the budget of hops",
                "rate": "the highest hop rate",
            },
            start="drift",
        )
    }
    for letter, what, high, start, unit in (
        ("b", "barrier", HIGHEST, STANDING, "kT"),
        ("x", "tilt over its largest", 1.0, 1.0, ""),
    ):
        for k, time in enumerate(DURATION * KNOTS):
            controls[f"{letter}{k}"] = Dial(
                f"{what} at {time:g} s", 0.0, high, start=start, unit=unit, shown=False
            )
    return Scene(
        "barrier",
        title="Draw a barrier, and try to beat the matched one",
        alt="Above: barriers over six seconds, one that stands, one that rises evenly by 5.5 kT, "
        "one that is open and then shut. Below: heats of the four-bit weight, Landauer 2.77, "
        "matched and theorem 3 5.15, static 127.7 kT.",
        still=still,
        data={
            "conditions": conditions(),
            "times": (DURATION * KNOTS).tolist(),
            "words": WORDS,
            "hopeless": HOPELESS,
        },
        scripts=("drawn", "barrier"),
        **controls,
    )

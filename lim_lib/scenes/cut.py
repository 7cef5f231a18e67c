"""A graph being cut: twelve machines of chapter 13, and two knobs that the reader draws.

In the page spins hop with heat-bath rates in continuous time, and work and heat are booked as
`lim_lib.optimizers.anneal` books them: the scale λ is held in a control step, at its value in the
middle, which gives heat, and moves between two steps, which takes work. Of a graph that the reader
changes the page finds the best cut by trying all of them.

Contents: `cut`.
"""

from functools import cache
from typing import Any

import numpy as np

from lim_lib import figures
from lim_lib.memory import ATTEMPT_RATE
from lim_lib.optimizers import IsingModel, anneal
from lim_lib.optimizers.logarithms import BUDGET, example_graph, rising_barrier, rising_scale
from lim_lib.scenes.scene import Dial, Menu, Scene
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

__all__ = ["cut"]

AGES = 10.0 ** np.arange(-8, -1)
"""Ages in s at which the knobs are drawn."""

MACHINES = 12

LARGE = 10, 8
"""Columns and rows of the graph whose cuts are too many to be tried."""

HIGHEST_SCALE, HIGHEST_BARRIER = 12.0, 24.0
"""Ends of the knobs, in kT."""

WEAK, STANDING = 0.5, 7.0
"""In kT: the scale where the barrier works alone, and the barrier where the scale does."""

WORDS = (
    "At {age}: λ {scale} kT, barrier {barrier} kT. Machine {machine} cuts {cut} edges of at most "
    "{best}; {solved} of {machines} machines cut so many. Heat {heat} ± {error} kT a machine; "
    "{frozen} % of the spins have not flipped for a decade of time."
)


@cache
def graphs() -> dict[str, dict[str, Any]]:
    """Where vertices stand, which edges join them, and how many can be cut if trying is hopeless.

    Returns
    -------
    dict

    Examples
    --------
    >>> {name: (len(each["at"]), len(each["edges"])) for name, each in graphs().items()}
    {'small': (20, 43), 'large': (80, 204)}
    """
    large = _graph(*example_graph(*LARGE))
    model = IsingModel.maxcut(example_graph(*LARGE)[1])
    ramp = Ramp((0, 400), (0, 6 * thermal_energy()))
    found = anneal(model, ramp, sweeps=400, order="sequential", replicas=64, seed=1, progress=False)
    return {"small": _graph(*example_graph()), "large": large | {"best": -found.best_energy}}


def _graph(positions: np.ndarray, weights: np.ndarray) -> dict[str, Any]:
    """Positions in a unit square, from above, and a list of edges."""
    low, high = positions.min(axis=0), positions.max(axis=0)
    shown = 0.05 + 0.9 * (positions - low) / (high - low) * (1, -1) + (0, 0.9)
    pairs = np.argwhere(np.triu(weights))
    return {"at": shown.round(3).tolist(), "edges": [[*pair, 1] for pair in pairs.tolist()]}


def knobs() -> dict[str, dict[str, list[float]]]:
    """Courses of both knobs by name, in kT at the ages; λ is switched off at the last.

    Returns
    -------
    dict
    """
    rising = np.append(rising_scale(AGES[:-1]), 0.0)
    walls = rising_barrier(BUDGET)(AGES) / thermal_energy()
    still, weak = np.full(AGES.size, STANDING), np.append(np.full(AGES.size - 1, WEAK), 0.0)
    named = {
        "both knobs": (rising, walls),
        "λ alone": (rising, still),
        "barrier alone": (weak, walls),
    }
    return {
        name: dict(zip("lb", (each.round(2).tolist() for each in pair), strict=True))
        for name, pair in named.items()
    }


def cut() -> Scene:
    """Twelve machines that cut a graph, under two knobs to be drawn.

    Returns
    -------
    Scene

    Examples
    --------
    >>> cut()
    Scene(cut: graph 20 vertices, to be changed; machine shown 1)
    """
    start = knobs()["both knobs"]
    edges = len(graphs()["small"]["edges"])
    controls: dict[str, Dial | Menu] = {
        "graph": Menu(
            "graph", {"small": "20 vertices, to be changed", "large": "80 vertices"}, start="small"
        ),
        "machine": Dial("machine shown", 1, MACHINES, start=1, scale="whole"),
        "seed": Dial("seed", 1, 999, start=1, scale="whole", shown=False),
        "edges": Dial("edges", 0, 2**edges - 1, start=2**edges - 1, scale="whole", shown=False),
    }
    for letter, what, high in (("l", "λ", HIGHEST_SCALE), ("b", "barrier", HIGHEST_BARRIER)):
        for k, age in enumerate(AGES):
            controls[f"{letter}{k}"] = Dial(
                f"{what} at {age:.0e} s", 0.0, high, start=start[letter][k], unit="kT", shown=False
            )
    return Scene(
        "cut",
        title="Twelve machines that cut a graph",
        alt="Above: a graph of 20 vertices on two sides, discs and open squares; cut edges in "
        "full, others dashed. Below: edges cut against age. After 10 μs: λ 7.2 kT an edge, barrier "
        "7.1 kT; the cut has risen unsteadily from 22 to the best possible, 31.",
        still=figures.maxcut_machine,
        data={
            "graphs": graphs(),
            "presets": knobs(),
            "machines": MACHINES,
            "attempts": ATTEMPT_RATE,
            "words": WORDS,
        },
        scripts=("drawn", "cut"),
        **controls,
    )

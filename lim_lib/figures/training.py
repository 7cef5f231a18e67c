"""Pictures of real training runs: their energies, sizes and operations, over the rungs.

A run that nobody made is one of a family: 16 bits, 20 tokens per parameter, a hundred thousand
optimizer steps, thirty days. Real runs are drawn by what is known of their energy: full points are
measured, rings follow from hours and powers, crosses were recalled or are hearsay.
"""

from collections.abc import Mapping
from functools import cache

import numpy as np

from lim_lib.figures.canvas import Panel, Picture, drawing
from lim_lib.validate import refuse
from lim_lib.workloads import energy_ladder, load_workloads
from lim_lib.workloads.ladder import COUNTINGS, SCENARIOS

__all__ = ["energy_against_size"]

STEPS, DURATION, TOKENS_PER_PARAMETER = 1e5, 30 * 86400.0, 20.0
"""Optimizer steps of a run, its time in s, and its tokens per parameter."""

_SIZES = np.logspace(6, 15, 19)
_TONES = {
    "theorem": "blue",
    "protocol": "orange",
    "estimate": "green",
    "reference": "grey",
    "hardware": "purple",
}
_NAMES = {
    "chip_limit": "FLOP at H100's limit",
    "three_walls": "three walls (ch. 1)",
    "memory_access": "memory access",
    "two_tier": "two tiers",
    "static_stiffness": "static stiffness",
    "static_barrier": "static barrier",
    "dissipated_barrier": "dissipated barrier",
    "transport_time_held": "transport, time; held",
    "landauer_per_update": "Landauer per update",
    "matched_barrier": "matched barrier",
    "transport_activity": "transport, activity",
    "landauer": "Landauer, and 3 more",
}
"""Lines of the picture, from above; `_ON_LANDAUER` lie on the last of them."""

_ON_LANDAUER = ("finite_time", "transport_time", "matched_stiffness")
_STANDINGS = {
    "measured": ("o", False),
    "estimated, derived": ("o", True),
    "recalled, hearsay": ("x", False),
}
_NAMED = {
    "gpt3": ("GPT-3", 0.6, 2, "right"),
    "grok4": ("Grok 4", 0.6, 2, "right"),
}
"""Name, the factors by which it stands beside its point, and its alignment."""


def standing_of_energy(run) -> str:
    """How a real run's energy is drawn: a key of the marks of all pictures of this module."""
    words = {run["model_size_standing"], run["energy_standing"], run["energy_basis"]}
    if words & {"recalled", "third-party"}:
        return "recalled, hearsay"
    return "measured" if run["energy_basis"] == "measured" else "estimated, derived"


@cache
def _family(counting: str) -> Mapping[str, tuple[str, np.ndarray]]:
    """Kind of each rung, and its joules for a run of each of the sizes drawn."""
    ladders = [
        energy_ladder(
            model_size=size,
            tokens=TOKENS_PER_PARAMETER * size,
            steps=STEPS,
            duration=DURATION,
            counting=counting,
        )
        for size in _SIZES
    ]
    return {
        rung: (kind, np.array([ladder.at[rung, "joules"] for ladder in ladders]))
        for rung, kind in ladders[0]["kind"].items()
    }


def energy_against_size(*, figure: Picture | None = None, counting: str = "steps") -> Picture:
    """Energy to train against model size: real runs as points, every rung as a line.

    Data: Epoch AI (CC BY 4.0), and the works that `load_workloads` names.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    counting : {"steps", "flop"}
        What counts as an update, see `lim_lib.workloads.energy_ladder`.

    Returns
    -------
    Picture
    """
    if counting not in COUNTINGS:
        refuse("counting", counting, " or ".join(map(repr, COUNTINGS)))
    lines = _family(counting)
    runs = load_workloads().dropna(subset=["energy"])
    with drawing(figure, height=6.2) as picture:
        panel = picture.panel(
            "parameters of the model",
            "energy of the training (J)",
            xscale="log",
            yscale="log",
            xlim=(10**5.5, 1e23),
            ylim=(1e-15, 1e24),
            xticks={10.0**p: f"$10^{{{p}}}$" for p in (6, 9, 12, 15)},
            yticks={10.0**p: f"$10^{{{p}}}$" for p in range(-15, 22, 6)},
        )
        for rung, (kind, joules) in lines.items():
            if rung in _NAMES or rung in _ON_LANDAUER:
                panel.line(rung, _SIZES, joules, tone=_TONES[kind], width=1.6)
        panel.axes.spines["bottom"].set_bounds(10**5.5, 1e15)
        _names_of_lines(panel, lines)
        _real_runs(panel, runs)
        scenario = SCENARIOS["brain"]
        size = scenario["model_size"][0]
        panel.intervals("paper", size, *scenario["paper"], tone="ink", width=5)
        panel.text("paper in words", size * 3, 10**9.2, "Chen et al., v1, v2", valign="center")
        panel.text("credit", 0.99, 0.005, "Data: Epoch AI, CC BY 4.0; papers", tone="grey",
                   align="right", size=9, inside=True)  # fmt: skip
    return picture


def _names_of_lines(panel: Panel, lines: Mapping[str, tuple[str, np.ndarray]]) -> None:
    """The lines' names beside their last points, far enough apart to be read."""
    defined = {rung: np.flatnonzero(np.isfinite(lines[rung][1])) for rung in _NAMES}
    ends = {rung: lines[rung][1][at[-1]] for rung, at in defined.items() if at.size}
    order = sorted(ends, key=ends.get)
    heights = _apart(np.log10([ends[rung] for rung in order]), 1.25)
    for rung, height in zip(order, heights, strict=True):
        tone = _TONES[lines[rung][0]]
        panel.line(
            f"to {rung}", [_SIZES[defined[rung][-1]], 10**15.8], [ends[rung], 10**height],
            tone=tone, width=0.8, dash="solid",
        )  # fmt: skip
        panel.text(f"name {rung}", 10**15.9, 10**height, _NAMES[rung], tone=tone,
                   valign="center", size=9)  # fmt: skip


def _apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Rising heights moved as little as least squares allows, until `least` apart."""
    from scipy.optimize import isotonic_regression

    steps = least * np.arange(len(heights))
    return isotonic_regression(heights - steps).x + steps


def _real_runs(panel: Panel, runs) -> None:
    """Real runs as points, the marks' meaning, and a few names."""
    standings = runs.apply(standing_of_energy, axis=1)
    for place, (standing, (marker, hollow)) in enumerate(_STANDINGS.items()):
        some = runs[standings == standing]
        panel.points(standing, some["model_size"], some["energy"], size=5,
                     marker=marker, hollow=hollow, label=standing)  # fmt: skip
        height = 10 ** (23.2 - 1.4 * place)
        panel.points(f"key {standing}", [10**6.2], [height], size=5, marker=marker, hollow=hollow)
        panel.text(f"meaning {standing}", 10**6.6, height, standing, valign="center", size=9)
    for run, (name, right, up, align) in _NAMED.items():
        size, energy = runs.loc[run, ["model_size", "energy"]]
        panel.text(f"name {run}", size * right, energy * up, name, align=align, size=9)

"""The picture of the first page: real training runs, and how far below them the bounds lie."""

from collections.abc import Mapping
from functools import cache

import numpy as np

from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.figures.training import DURATION, STANDINGS, STEPS, standing_of_energy
from lim_lib.units import format_energy
from lim_lib.validate import Domain, number
from lim_lib.workloads import energy_ladder, load_workloads
from lim_lib.workloads.scaling import TOKENS_PER_PARAMETER

__all__ = ["today_above_the_bounds"]

_SIZE, _BITS = Domain(1e6, 1e15), Domain(1, 32)
_SIZES = np.logspace(6, 15, 10)
_LINES = {
    "chip_limit": ("chips of today", "purple", 0.0),
    "static_barrier": ("a barrier that\nstands still", "orange", 1.7),
    "matched_barrier": ("one that follows\nthe learning", "orange", -1.2),
    "landauer": ("Landauer's bound", "blue", -0.9),
}
"""Rungs drawn: name, tone, and by how many powers of ten the name is moved."""


def _ladder(model_size: float, bits: float):
    return energy_ladder(
        model_size=model_size,
        bits=bits,
        tokens=TOKENS_PER_PARAMETER * model_size,
        steps=STEPS,
        duration=DURATION,
    ).frame()["joules"]


@cache
def _family(bits: float) -> Mapping[str, np.ndarray]:
    """Joules of each rung drawn, for runs of each size."""
    ladders = [_ladder(size, bits) for size in _SIZES]
    return {rung: np.array([ladder[rung] for ladder in ladders]) for rung in _LINES}


def today_above_the_bounds(
    *, figure: Picture | None = None, model_size: float = 1e11, bits: float = 16
) -> Picture:
    """Energy to train against model size, and how far today's chips are above the bounds.

    A run of 20 tokens per parameter, a hundred thousand steps and thirty days. Chips of today: an
    H100 at full use, which works with 16 bits whatever the memory needs. Real runs: full points
    are measured, rings estimated, crosses recalled or hearsay. Data: Epoch AI (CC BY 4.0), and the
    works that `lim_lib.workloads.load_workloads` names.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    model_size : float
        Parameters of the model that is marked, 1e6 to 1e15.
    bits : float
        Precision of its parameters, 1 to 32.

    Returns
    -------
    Picture
    """
    model_size, bits = number("model_size", model_size, _SIZE), number("bits", bits, _BITS)
    here = _ladder(model_size, bits)
    today, least = here["chip_limit"], here["landauer"]
    runs = load_workloads().dropna(subset=["energy"])
    standings = runs.apply(standing_of_energy, axis=1)
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "parameters of the model",
            "energy of the training (J)",
            xscale="log",
            yscale="log",
            xlim=(10**5.5, 1e21),
            ylim=(1e-15, 1e23),
            xticks=decades((6, 9, 12, 15)),
            yticks=decades(range(-12, 22, 6)),
        )
        panel.axes.spines["bottom"].set_bounds(10**5.5, 1e15)
        for rung, joules in _family(bits).items():
            name, tone, shift = _LINES[rung]
            panel.line(rung, _SIZES, joules, tone=tone, width=1.8)
            panel.text(f"name {rung}", 10**15.3, joules[-1] * 10**shift, name, tone=tone,
                       valign="center", size=9.5)  # fmt: skip
        for standing, (marker, hollow) in STANDINGS.items():
            some = runs[standings == standing]
            panel.points(standing, some["model_size"], some["energy"], size=4.5, marker=marker,
                         hollow=hollow)  # fmt: skip
        panel.line("gap", [model_size] * 2, [least, today], tone="ink", width=2.4)
        panel.points("ends", [model_size] * 2, [least, today], tone="ink", size=7)
        orders = np.log10(today / least)
        panel.text("words", 0.02, 0.99,
                   f"today {format_energy(today)}, at least {format_energy(least)}:\n"
                   f"$10^{{{orders:.0f}}}$ times more", valign="top", inside=True)  # fmt: skip
        panel.text("credit", 0.99, 0.005, "Data: Epoch AI, CC BY 4.0; papers", tone="grey",
                   align="right", size=9, inside=True)  # fmt: skip
    return picture

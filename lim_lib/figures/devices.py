"""The picture of a chip that learns: what its updates must cost, and what they cost in cells."""

from collections.abc import Mapping
from functools import cache
from textwrap import fill
from typing import Any

from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.figures.scale import LOOK
from lim_lib.units import format_energy
from lim_lib.workloads import energy_ladder, load_hardware

__all__ = ["own_chip"]

CELLS: Mapping[str, Mapping[str, Any]] = {
    "phase change, trained": {"update_energy": "pcm_synapse"},
    "ReRAM, 30 pulses": {"write_energy": "reram_cell", "pulses": 30},
    "FeFET, by the bit": {"write_energy": "fefet_cell"},
    "Fowler-Nordheim": {"update_energy": "fn_dam"},
    "ECRAM, one pulse": {"update_energy": "ecram"},
    "SRAM, by the bit": {"write_energy": "sram_cell"},
}
"""Technologies from above, and the inputs of the ladder that each is."""

_RUNGS = (
    "static_barrier",
    "landauer_per_update",
    "matched_barrier",
    "transport_time_held",
    "landauer",
)
_TONE = {"hardware": "purple", "protocol": "orange", "reference": "grey", "theorem": "blue"}
_SIZE, _DURATION = 1e7, 1e4


@cache
def _lines(updates: float, bits: float) -> Mapping[str, Mapping[str, Any]]:
    """The lines that are drawn, by key or technology, from above."""
    run: dict[str, Any] = {
        "model_size": _SIZE,
        "duration": _DURATION,
        "bits": bits,
        "operations": _SIZE * updates,
    }
    cells = {
        name: energy_ladder(**run, **inputs).lines["own_device"] | {"title": name}
        for name, inputs in CELLS.items()
    }
    bounds = energy_ladder(**run).lines
    return cells | {key: bounds[key] for key in _RUNGS}


def own_chip(*, figure: Picture | None = None, updates: float = 1e6, bits: float = 8) -> Picture:
    """What a chip of 1e7 cells must pay to learn for 1e4 s, and what cells of today take for it.

    A bar is the range of the hardware table; a hollow mark was seen in somebody else's words, a
    cross is recalled. Cells of which a written bit is priced rewrite all bits in each update.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    updates : float
        Of each cell.
    bits : float
        Precision of each cell.

    Returns
    -------
    Picture

    Examples
    --------
    >>> own_chip(updates=1e4, bits=4)
    Picture(4.8 x 5.2 in)
    """
    lines = _lines(updates, bits)
    standings = load_hardware()["standing"]
    gap = {key: 0.7 * (key in _RUNGS) for key in lines}
    heights = {key: len(lines) - 1 - place - gap[key] for place, key in enumerate(lines)}
    with drawing(figure, height=5.2) as picture:
        panel = picture.panel(
            "energy of all updates (J)",
            "",
            xscale="log",
            xlim=(1e-15, 1e12),
            ylim=(-1.3, len(lines) + 0.1),
            xticks=decades(range(-15, 12, 5)),
            yticks={heights[key]: fill(line["title"], 20) for key, line in lines.items()},
            left=1.75,
        )
        panel.text("heading cells", 2e-15, heights["phase change, trained"] + 0.45,
                   "cells of today", tone="purple")  # fmt: skip
        panel.text("heading bounds", 2e-15, heights["static_barrier"] + 0.3,
                   "bounds and protocols")  # fmt: skip
        for key, line in lines.items():
            tone, y = _TONE[line["kind"]], heights[key]
            panel.line(
                f"range {key}", [line["low"], line["high"]], [y] * 2, tone=tone, dash="solid"
            )
            ids = [each for each in CELLS.get(key, {}).values() if each in standings.index]
            look = LOOK.get(standings[ids[0]], {}) if ids else {}
            panel.points(key, [line["joules"]], [y], tone=tone, **look)
            panel.text(f"energy {key}", line["high"] * 9, y, format_energy(line["joules"]),
                       tone=tone, valign="center")  # fmt: skip
    return picture

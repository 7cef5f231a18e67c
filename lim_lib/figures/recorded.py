"""The picture of one training run that was recorded: how its moves fade, and what they cost.

Contents: `run_record`.
"""

from typing import Any

import numpy as np

from lim_lib import bounds, text
from lim_lib.convergence import FEWEST
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.units import thermal_energy
from lim_lib.validate import refuse

__all__ = ["run_record"]

_LOOK: dict[str, dict[str, Any]] = {
    "theorem": {"tone": "blue"},
    "protocol": {"tone": "orange"},
    "estimate": {"tone": "green"},
    "reference": {"tone": "grey"},
    "hardware": {"tone": "purple"},
    "data": {"tone": "ink"},
}


def run_record(
    *, record: Any, bits: float = 8, ladder: Any = None, figure: Picture | None = None
) -> Picture:
    """Level moves of a run against its steps, and below them the ladder of bounds for it.

    Parameters
    ----------
    record : Record or UpdateRecorder
        A run that moved.
    bits : float
        Depth b of the ladder of levels.
    ladder : Ladder, optional
        What its ``ladder(bits, ...)`` gave; by default that of an error of 1e-3.
    figure : Picture, optional
        An earlier one, to draw on.

    Returns
    -------
    Picture

    Examples
    --------
    >>> from lim_lib.recorder import load_runs
    >>> run_record(record=load_runs()["adam"])
    Picture(4.8 x 7.4 in)
    """
    ladder = record.ladder(bits) if ladder is None else ladder
    with drawing(figure, height=7.4) as picture:
        _moves(picture, record, bits)
        _prices(picture, ladder)
    return picture


def _moves(picture: Picture, record: Any, bits: float) -> None:
    """v(t), the law that it follows if there is one, and how far the weights came for it."""
    steps, rate = record.rate(bits)
    moving = rate > 0
    if not moving.any():
        refuse("record", record.record.headline(), "of a run that moves")
    low, high = np.floor(np.log10(rate[moving].min())), np.ceil(np.log10(rate[moving].max()))
    panel = picture.panel(
        "step of the optimizer",
        f"moves ({bits:g}-bit levels per weight, step)",
        xlim=(0, float(record.record.steps)),
        ylim=(10.0 ** (low - 1), 10.0 ** max(high, low + 1)),
        yscale="log",
        place="top",
    )
    panel.line("v", steps[moving], rate[moving])
    fading = record.fit(bits) if np.count_nonzero(moving) >= FEWEST else None
    if fading is not None and fading.law != "none":
        law = fading.nearest.loss(steps - steps[0])
        panel.line("law", steps, law, tone="orange", width=1.5)
        panel.text("law name", 0.98, 0.95, fading.law, tone="orange", align="right", valign="top",
                   inside=True)  # fmt: skip
    size = record.record.model_size * record.spacing(bits)
    words = (
        f"path {text.number(record.path / size)} levels a weight, displacement "
        f"{text.number(record.displacement / size)}:\nwander {text.number(record.wander)}"
    )
    panel.text("wander", 0.02, 0.04, words, tone="blue", inside=True)


def _prices(picture: Picture, ladder: Any) -> None:
    """Every rung with an energy, in kT a weight, the cheapest lowest."""
    size = ladder.quantities["model_size"]["value"]
    temperature = ladder.quantities["temperature"]["value"]
    table = ladder.frame()
    rows = table[np.isfinite(table["joules"]) & (table["joules"] > 0)].sort_values("joules")
    prices = rows["joules"] / (size * thermal_energy(temperature))
    ends = np.log10([prices.min(), prices.max()])
    low, high = np.floor(ends[0]), np.ceil(ends[1]) + 1
    powers = np.arange(low, high + 1, max(1, np.ceil((high - low) / 5))).astype(int)
    panel = picture.panel(
        "energy (kT a weight)",
        "",
        xscale="log",
        xlim=(10.0**low, 10.0 ** (high + 0.27 * (high - low))),
        ylim=(-0.7, len(rows) - 0.3),
        xticks={10.0**power: f"$10^{{{power}}}$" for power in powers},
        yticks={height: _name(key, row) for height, (key, row) in enumerate(rows.iterrows())},
        left=1.9,
        place="bottom",
    )
    for height, (key, row) in enumerate(rows.iterrows()):
        panel.points(key, [prices[key]], [height], **_LOOK[row["kind"]])
        right = 10.0 ** (0.04 * (high - low))
        panel.text(f"price {key}", prices[key] * right, height, text.number(prices[key]),
                   tone=_LOOK[row["kind"]]["tone"], valign="center", size=9)  # fmt: skip


def _name(key: str, row: Any) -> str:
    """A rung's short name; what prices moves alone has a star, as in the ladder's table."""
    known = {bound.key: bound.short for bound in bounds.LADDER}
    names = {
        "transport_time_held": "cells held",
        "three_walls": "three walls",
        "reported": "measured",
    }
    name = names.get(key, known.get(key, row["title"]))
    return name + ("*" if row["prices"] == "moves" else "")

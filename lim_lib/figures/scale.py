"""Pictures of real training runs against the ladder."""

from textwrap import fill
from typing import Any

import numpy as np

from lim_lib.figures.canvas import Picture, drawing
from lim_lib.validate import refuse

__all__ = ["training_ladder"]

_TONE = {
    "data": "ink",
    "hardware": "purple",
    "estimate": "green",
    "reference": "grey",
    "protocol": "orange",
    "theorem": "blue",
}
"""From the top of the picture to its bottom."""

_LOOK: dict[str, dict[str, Any]] = {
    "quoted": {"hollow": True},
    "recalled": {"marker": "x"},
    "third-party": {"hollow": True, "marker": "D"},
}
"""How a number is drawn that was not seen in its source: rings, crosses, hollow diamonds."""

_HEADING = {
    "data": "reported",
    "hardware": "hardware of today",
    "estimate": "estimates",
    "reference": "reference, no theorem",
    "protocol": "protocols",
    "theorem": "theorems",
}


def training_ladder(*, ladder: Any, figure: Picture | None = None) -> Picture:
    """Every rung of a training run on one axis of energy, with the real run as a line.

    The real energy is a ring if it was seen in a quotation, a cross if it is recalled, a hollow
    diamond if third parties estimated it.

    Parameters
    ----------
    ladder : Ladder
        A result of `lim_lib.workloads.energy_ladder`; rows without an energy are left out.
    figure : Picture, optional
        An earlier one of as many rows, to draw on.

    Returns
    -------
    Picture

    Examples
    --------
    >>> from lim_lib.workloads import energy_ladder
    >>> training_ladder(ladder=energy_ladder("gpt3"))
    Picture(4.8 x 8.19 in)
    """
    table = ladder.frame()
    rows = table[np.isfinite(table["joules"]) & (table["joules"] > 0)]
    if rows.empty:
        refuse("ladder", f"{len(table)} rows", "a ladder with an energy above zero")
    heights, headings = _heights(rows)
    ends = np.log10(rows[["low", "high"]].to_numpy(float))
    low, high = np.floor(ends.min()) - 1, np.ceil(ends.max()) + 1
    step = max(1, int(np.ceil((high - low) / 5)))
    powers = np.arange(np.ceil(low), high + 1, step).astype(int)
    titles = {heights[key]: fill(rows.loc[key, "title"], 22) for key in heights}
    top = max(headings.values()) + 0.8
    with drawing(figure, height=round(1.05 + 0.35 * top, 2)) as picture:
        panel = picture.panel(
            "energy of the training (J)",
            "",
            xscale="log",
            xlim=(10.0**low, 10.0**high),
            ylim=(-0.7, top),
            xticks={10.0**power: f"$10^{{{power}}}$" for power in powers},
            yticks=titles,
            left=1.78,
        )
        if "reported" in heights:
            panel.rule("real", x=rows.loc["reported", "joules"])
        if ladder.workload:
            panel.text("credit", 0.99, 0.002, "Data: Epoch AI, CC BY 4.0; papers", tone="grey",
                       align="right", size=9, inside=True)  # fmt: skip
        for kind, height in headings.items():
            panel.text(
                f"heading {kind}",
                10.0 ** (low + 0.01 * (high - low)),
                height,
                _HEADING[kind],
                tone=_TONE[kind],
                valign="center",
            )
        for key, height in heights.items():
            row = rows.loc[key]
            tone = _TONE[row["kind"]]
            panel.line(
                f"range {key}", [row["low"], row["high"]], [height] * 2, tone=tone, dash="solid"
            )
            look = _LOOK.get(ladder.standing, {}) if key == "reported" else {}
            panel.points(key, [row["joules"]], [height], tone=tone, **look)
            right = np.log10(row["high"]) < low + 0.72 * (high - low)
            shift = 10.0 ** ((0.03 if right else -0.03) * (high - low))
            panel.text(
                f"energy {key}",
                row["high"] * shift if right else row["low"] * shift,
                height,
                row["energy"],
                align="left" if right else "right",
                valign="center",
                tone=tone,
            )
    return picture


def _heights(rows) -> tuple[dict[str, float], dict[str, float]]:
    """Heights of the rows, by kind and within it by energy, and of the headings of the kinds."""
    heights, headings, height = {}, {}, 0.0
    for kind in reversed(_TONE):
        some = rows[rows["kind"] == kind].sort_values("joules", kind="stable")
        for key in some.index:
            heights[key] = height
            height += 1
        if len(some):
            headings[kind] = height - 0.15
            height += 0.75
    return heights, headings

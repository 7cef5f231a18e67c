"""Pictures of runs against the ladder: one run, and many values of an input."""

from textwrap import fill
from typing import Any

import numpy as np

from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.text import printed
from lim_lib.validate import refuse
from lim_lib.workloads.tasks import LEARNING

__all__ = ["swept_ladder", "training_ladder"]

_TONE = {
    "data": "ink",
    "hardware": "purple",
    "estimate": "green",
    "reference": "grey",
    "protocol": "orange",
    "theorem": "blue",
}
"""From the top of the picture to its bottom."""

LOOK: dict[str, dict[str, Any]] = {
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
            "energy of the training (J)" if ladder.task in LEARNING else "energy (J)",
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
            look = LOOK.get(ladder.standing, {}) if key == "reported" else {}
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


def swept_ladder(*, table: Any, figure: Picture | None = None) -> Picture:
    """Every rung against an input that takes several values, a line each, named at its end.

    Parameters
    ----------
    table : pandas.DataFrame
        A result of `lim_lib.workloads.sweep` over one input.
    figure : Picture, optional
        An earlier one, to draw on.

    Returns
    -------
    Picture

    Examples
    --------
    >>> from lim_lib.workloads import sweep
    >>> swept_ladder(table=sweep(model_size=1e9, operations=1e13, bits=[4, 8, 16]))
    Picture(7.2 x 5 in)
    """
    name, *more = table.attrs["swept"]
    if more:
        refuse("table", f"a sweep over {', '.join([name, *more])}", "one over a single input")
    rows = table[np.isfinite(table["joules"]) & (table["joules"] > 0)]
    if rows.empty:
        refuse("table", f"{len(table)} rows", "one with an energy above zero")
    places = _places(list(dict.fromkeys(table[name])))
    left, right = min(places.values()), max(places.values())
    room = max(right / left, 2.0) ** 0.8  # for the names
    low = np.floor(np.log10(rows["joules"].min())) - 0.5
    high = np.ceil(np.log10(rows["joules"].max())) + 0.5
    unit = table.attrs["units"].get(name, "1").replace("**", "^")
    lines = dict(list(rows.groupby("rung", sort=False)))
    last = {key: np.log10(line["joules"].iloc[-1]) for key, line in lines.items()}
    heights = _apart(last, low, high)
    with drawing(figure, width=7.2, height=5.0) as picture:
        panel = picture.panel(
            name.replace("_", " ") + ("" if unit == "1" else f" ({unit})"),
            "energy (J)",
            xscale="log",
            yscale="log",
            xlim=(left / 1.1, right * room),
            ylim=(10.0**low, 10.0**high),
            xticks=_value_ticks(places),
        )
        for key, line in lines.items():
            tone = _TONE[line["kind"].iloc[0]]
            x = [places[value] for value in line[name]]
            y, height = line["joules"], 10.0 ** heights[key]
            panel.line(key, x, y, tone=tone, marked=len(x) < 12, width=1.5)
            panel.line(f"to {key}", [x[-1], right * room**0.06], [y.iloc[-1], height],
                       tone="grey", width=0.6, dash="solid")  # fmt: skip
            panel.text(f"name {key}", right * room**0.07, height, line["title"].iloc[0],
                       tone=tone, valign="center", size=8.5)  # fmt: skip
    return picture


def _places(values: list) -> dict[Any, float]:
    """Where each value stands on a logarithmic axis: at itself, or names one after the other."""
    if all(isinstance(value, int | float) and value > 0 for value in values):
        return {value: float(value) for value in values}
    return {value: 10.0**place for place, value in enumerate(values)}


def _apart(wanted: dict[str, float], low: float, high: float) -> dict[str, float]:
    """Heights near those that are wanted, about a line of text apart, between low and high."""
    least = (high - low) / 26
    order = sorted(wanted, key=wanted.__getitem__)
    heights = np.array([wanted[key] for key in order])
    for _ in range(200):
        push = np.clip(least - np.diff(heights), 0, None) / 2
        heights[:-1] -= push
        heights[1:] += push
        heights = np.clip(heights, low + least / 2, high - least / 2)
    return dict(zip(order, heights, strict=True))


def _value_ticks(places: dict[Any, float]) -> dict[float, str]:
    """Ticks at the values, or at powers of ten if they are many."""
    values = list(places)
    if len(values) <= 6:
        numbers = isinstance(values[0], int | float)
        return {places[x]: printed(f"{x:.3g}") if numbers else str(x) for x in values}
    first, last = (int(np.ceil(np.log10(end))) for end in (min(values), 1.001 * max(values)))
    if last - first < 2:
        return {places[x]: printed(f"{x:.3g}") for x in (values[0], values[-1])}
    return decades(range(first, last, max(1, (last - first) // 5)))

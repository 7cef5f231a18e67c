"""Pictures of real training runs: their energies, sizes and operations, over the rungs.

A run that nobody made is one of a family: 16 bits, 20 tokens per parameter, a hundred thousand
optimizer steps, thirty days. Real runs are drawn by what is known of their energy: full points are
measured, rings follow from hours and powers, crosses were recalled or are hearsay.
"""

from collections.abc import Mapping
from functools import cache
from textwrap import fill
from typing import Any

import numpy as np

from lim_lib import text
from lim_lib.bounds import LADDER
from lim_lib.figures.canvas import TONES, Panel, Picture, decades, drawing
from lim_lib.units import format_energy
from lim_lib.validate import refuse
from lim_lib.workloads import (
    COUNTINGS,
    SCENARIOS,
    compute_optimal,
    energy_ladder,
    fit_scaling,
    load_workloads,
)
from lim_lib.workloads.scaling import TOKENS_PER_PARAMETER

__all__ = [
    "energy_against_size",
    "flop_against_size",
    "moved_by_one_assumption",
    "orders_above",
    "own_run",
    "owners_by_year",
    "ranges_and_inputs",
]

STEPS, DURATION = 1e5, 30 * 86400.0
"""Optimizer steps of a run of the family, and its time in s."""

_SIZES = np.logspace(6, 15, 19)
_TONES = {
    "theorem": "blue",
    "protocol": "orange",
    "estimate": "green",
    "reference": "grey",
    "hardware": "purple",
}
_SHORT = {bound.key: bound.short for bound in LADDER} | {
    "chip_limit": "FLOP at H100's limit",
    "three_walls": "three walls (ch. 1)",
    "transport_time_held": "transport, time; held",
}
_MOVES = {bound.key for bound in LADDER if bound.prices == "moves"}
_DRAWN = (
    "chip_limit",
    "three_walls",
    "memory_access",
    "two_tier",
    "static_stiffness",
    "static_barrier",
    "dissipated_barrier",
    "transport_time_held",
    "landauer_per_update",
    "matched_barrier",
    "transport_activity",
    "landauer",
)
"""Lines of the picture, from above; `_ON_LANDAUER` lie on the last of them."""

_ON_LANDAUER = ("finite_time", "transport_time", "matched_stiffness")
STANDINGS = {
    "measured": ("o", False),
    "estimated, derived": ("o", True),
    "recalled, hearsay": ("x", False),
}
_NAMED = {
    "gpt3": ("GPT-3", 0.1, 50, "right"),
    "grok4": ("Grok 4", 0.6, 2, "right"),
}
"""Name, the factors by which it stands beside its point, and its alignment."""


def standing_of_energy(run) -> str:
    """How a real run's energy is drawn: a key of the marks of all pictures of this module."""
    words = {run["model_size_standing"], run["energy_standing"], run["energy_basis"]}
    if words & {"recalled", "third-party"}:
        return "recalled, hearsay"
    return "measured" if run["energy_basis"] == "measured" else "estimated, derived"


def _one_of_the_family(
    model_size: float, counting: str, tokens_per_parameter: float = TOKENS_PER_PARAMETER
):
    return energy_ladder(
        model_size=model_size,
        tokens=tokens_per_parameter * model_size,
        steps=STEPS,
        duration=DURATION,
        counting=counting,
    ).frame()


@cache
def _family(counting: str) -> Mapping[str, tuple[str, np.ndarray]]:
    """Kind of each rung, and its joules for a run of each of the sizes drawn."""
    ladders = [_one_of_the_family(size, counting) for size in _SIZES]
    return {
        rung: (kind, np.array([ladder.at[rung, "joules"] for ladder in ladders]))
        for rung, kind in ladders[0]["kind"].items()
    }


def energy_against_size(*, figure: Picture | None = None, counting: str = "steps") -> Picture:
    """Energy to train against model size: real runs as points, every rung as a line.

    A star marks what prices moves alone.

    Data: Epoch AI (CC BY 4.0), and the works that `load_workloads` names.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    counting : {"steps", "flop", "tokens"}
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
            xticks=decades((6, 9, 12, 15)),
            yticks=decades(range(-15, 22, 6)),
        )
        for rung, (kind, joules) in lines.items():
            if rung in _DRAWN or rung in _ON_LANDAUER:
                panel.line(rung, _SIZES, joules, tone=_TONES[kind], width=1.6)
        panel.axes.spines["bottom"].set_bounds(10**5.5, 1e15)
        _names_of_lines(panel, lines)
        _real_runs(panel, runs)
        scenario = SCENARIOS["brain"]
        size = scenario["model_size"][0]
        panel.intervals("paper", size, *scenario["paper"], tone="ink", width=5)
        panel.text("paper in words", size * 3, 10**9.2, "Chen et al., v1, v2", valign="center")
        panel.text(
            "moves", 0.99, 0.035, "* moves alone", tone="grey", align="right", size=9, inside=True
        )
        panel.text("credit", 0.99, 0.005, "Data: Epoch AI, CC BY 4.0; papers", tone="grey",
                   align="right", size=9, inside=True)  # fmt: skip
    return picture


def _names_of_lines(panel: Panel, lines: Mapping[str, tuple[str, np.ndarray]]) -> None:
    """The lines' names beside their last points, far enough apart to be read."""
    defined = {rung: np.flatnonzero(np.isfinite(lines[rung][1])) for rung in _DRAWN}
    ends = {rung: lines[rung][1][at[-1]] for rung, at in defined.items() if at.size}
    order = sorted(ends, key=lambda rung: ends[rung])
    heights = _apart(np.log10([ends[rung] for rung in order]), 1.25)
    for rung, height in zip(order, heights, strict=True):
        tone = _TONES[lines[rung][0]]
        panel.line(
            f"to {rung}", [_SIZES[defined[rung][-1]], 10**15.8], [ends[rung], 10**height],
            tone=tone, width=0.8, dash="solid",
        )  # fmt: skip
        more = f", and {len(_ON_LANDAUER)} more" if rung == "landauer" else ""
        mark = "*" if rung in _MOVES else ""
        panel.text(f"name {rung}", 10**15.9, 10**height, _SHORT[rung] + mark + more, tone=tone,
                   valign="center")  # fmt: skip


def _apart(heights: np.ndarray, least: float) -> np.ndarray:
    """Rising heights moved as little as least squares allows, until `least` apart."""
    from scipy.optimize import isotonic_regression

    steps = least * np.arange(len(heights))
    return isotonic_regression(heights - steps).x + steps


def _real_runs(panel: Panel, runs) -> None:
    """Real runs as points, the marks' meaning, and a few names."""
    standings = runs.apply(standing_of_energy, axis=1)
    for place, (standing, (marker, hollow)) in enumerate(STANDINGS.items()):
        some = runs[standings == standing]
        panel.points(standing, some["model_size"], some["energy"], size=5,
                     marker=marker, hollow=hollow, label=standing)  # fmt: skip
        height = 10 ** (23.2 - 1.4 * place)
        panel.points(f"key {standing}", [10**6.2], [height], size=5, marker=marker, hollow=hollow)
        panel.text(f"meaning {standing}", 10**6.6, height, standing, valign="center")
    for run, (name, right, up, align) in _NAMED.items():
        size, energy = runs.loc[run, ["model_size", "energy"]]
        ends = [size, size * right], [energy, energy * up]
        panel.line(f"to {run}", *ends, width=0.8)
        panel.text(f"name {run}", ends[0][1], ends[1][1], name, align=align)


_COLUMNS = {  # rung: height of its name above the rows
    "chip_limit": 0.7,
    "two_tier": 1.6,
    "static_stiffness": 2.5,
    "matched_barrier": 3.4,
    "transport_activity": 4.3,
    "landauer": 0.7,
}
_LONGEST_NAME = 20
_GROUPS = {
    "chips at power limit": "hours of chips × their power limit",
    "chips": "the chips alone",
    "system": "chips, hosts and losses",
    "site": "the site, cooling included",
}


@cache
def _ladder_of(workload: str, counting: str):
    return energy_ladder(workload, counting=counting).frame()


def orders_above(*, figure: Picture | None = None, counting: str = "steps") -> Picture:
    """How many powers of ten each real run from nothing took above some of its rungs.

    Runs whose energies include the same things stand together. Data: Epoch AI (CC BY 4.0), and the
    works that `load_workloads` names.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    counting : {"steps", "flop", "tokens"}
        What counts as an update, see `lim_lib.workloads.energy_ladder`.

    Returns
    -------
    Picture
    """
    runs = load_workloads().dropna(subset=["energy"])
    runs = runs[runs["start"] == ""]
    names = runs["name"].str.split(",| on ", regex=True).str[0]
    names = names.where(names.str.len() <= _LONGEST_NAME, names.str.partition(" (")[0])
    heights, titles, height = {}, {}, 0.0
    for boundary in reversed(_GROUPS):
        some = runs[runs["energy_boundary"] == boundary].sort_values("year", ascending=False)
        for run in some.index:
            heights[run] = height
            height += 1
        titles[boundary] = height
        height += 1.3
    with drawing(figure, height=9.6) as picture:
        panel = picture.panel(
            "powers of ten above the rung",
            "",
            xlim=(-1, 24),
            ylim=(-0.8, height + 5.1),
            xticks=range(0, 24, 4),
            yticks={at: names[run] for run, at in heights.items()},
            left=1.72,
        )
        for zero in range(0, 24, 4):
            panel.rule(f"rule {zero}", x=zero, width=1.2 if zero == 0 else 0.5)
        for boundary, at in titles.items():
            panel.text(boundary, -0.7, at, _GROUPS[boundary], valign="center")
        above = {
            rung: {
                run: np.log10(ladder.at[rung, "real_over_rung"])
                for run, ladder in ((run, _ladder_of(run, counting)) for run in heights)
                if rung in ladder.index
            }
            for rung in _COLUMNS
        }
        standings = runs.apply(standing_of_energy, axis=1)
        for rung, up in _COLUMNS.items():
            tone = _TONES[_ladder_of("gpt3", counting).at[rung, "kind"]]
            for standing, (marker, hollow) in STANDINGS.items():
                some = [run for run in above[rung] if standings[run] == standing]
                panel.points(
                    f"{rung} {standing}",
                    [above[rung][run] for run in some],
                    [heights[run] for run in some],
                    tone=tone,
                    size=5,
                    marker=marker,
                    hollow=hollow,
                )
            middle = np.nanmedian(list(above[rung].values()))
            name = {"chip_limit": "chip's limit"}.get(rung, _SHORT[rung])
            half = 0.29 * len(name)
            panel.text(f"name {rung}", np.clip(middle, half - 0.5, 24 - half), height + up, name,
                       tone=tone, align="center")  # fmt: skip
    return picture


_OWNERS = {"batch": "orange", "chip": "purple", "steps": "blue", "data centre": "grey"}


def owners_by_year(*, gaps: Any, figure: Picture | None = None) -> Picture:
    """The four factors between real runs and Landauer's bound, year by year, and their lines.

    Parameters
    ----------
    gaps : pandas.DataFrame
        One row for each run: its ``year``, and in powers of ten what belongs to the ``data
        centre``, the ``chip``, the ``batch`` and the ``steps``.
    figure : Picture, optional
        An earlier one, to draw on.

    Returns
    -------
    Picture
    """
    years = np.asarray(gaps["year"], dtype=float)
    ends = np.array([years.min(), years.max()])
    with drawing(figure, height=3.9) as picture:
        panel = picture.panel(
            "year",
            "powers of ten",
            xlim=(ends[0] - 0.5, ends[1] + 0.62 * np.ptp(ends)),
            ylim=(0, 9.5),
            xticks=range(int(ends[0]), int(ends[1]) + 1, 2),
            yticks=range(0, 10, 2),
        )
        fits = {owner: np.polyfit(years, gaps[owner], 1) for owner in _OWNERS}
        order = sorted(fits, key=lambda owner: np.polyval(fits[owner], ends[1]))
        heights = _apart(np.array([np.polyval(fits[owner], ends[1]) for owner in order]), 0.8)
        for place, (owner, height) in enumerate(zip(order, heights, strict=True)):
            tone, line = _OWNERS[owner], np.polyval(fits[owner], ends)
            aside = 0.1 * (place - 1.5)
            panel.points(owner, years + aside, gaps[owner], tone=tone, size=4)
            panel.line(f"line {owner}", ends, line, tone=tone)
            panel.text(f"name {owner}", ends[1] + 0.4, height,
                       f"{owner} {text.fixed(fits[owner][0], 2, signed=True)}", tone=tone,
                       valign="center")  # fmt: skip
        panel.text("unit", ends[1] + 0.4, 9.1, "orders a year", valign="center")
    return picture


_ROWS = (
    "chip_limit",
    "two_tier",
    "static_stiffness",
    "static_barrier",
    "landauer_per_update",
    "matched_barrier",
    "transport_time_held",
    "transport_activity",
    "landauer",
)
_UNITS = {"1 kWh": 3.6e6, "1 TWh": 3.6e15}


@cache
def _rungs_of_own(model_size: float, tokens_per_parameter: float) -> Mapping[str, tuple]:
    """Kind of each rung drawn, and its joules by steps and by FLOP."""
    ladders = [
        _one_of_the_family(model_size, each, tokens_per_parameter) for each in ("steps", "flop")
    ]
    return {
        rung: (ladders[0].at[rung, "kind"], [ladder.at[rung, "joules"] for ladder in ladders])
        for rung in _ROWS
    }


def own_run(
    *,
    figure: Picture | None = None,
    model_size: float = 1e9,
    tokens_per_parameter: float = TOKENS_PER_PARAMETER,
) -> Picture:
    """Rungs of a run that nobody made, counted by steps and by FLOP, under real runs of its size.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    model_size : float
        Parameters.
    tokens_per_parameter : float
        Tokens seen, over parameters.

    Returns
    -------
    Picture
    """
    rungs = _rungs_of_own(model_size, tokens_per_parameter)
    runs = load_workloads().dropna(subset=["energy"])
    near = runs[np.abs(np.log10(runs["model_size"] / model_size)) <= 1]
    heights = {rung: float(len(_ROWS) - 1 - place) for place, rung in enumerate(_ROWS)}
    top = len(_ROWS) + 0.2
    with drawing(figure, height=4.7) as picture:
        panel = picture.panel(
            "energy of the training (J)",
            "",
            xscale="log",
            xlim=(1e-15, 1e24),
            ylim=(-0.7, top + 2.2),
            xticks=decades(range(-14, 24, 7)),
            yticks={
                top: "real runs of\nabout this size",
                **{heights[r]: fill(_SHORT[r], 16) for r in _ROWS},
            },
            left=1.45,
        )
        for name, joules in _UNITS.items():
            panel.rule(name, x=joules, width=0.8)
            panel.text(f"name {name}", joules * 2, -0.6, name, tone="grey")
        standings = near.apply(standing_of_energy, axis=1) if len(near) else near["name"]
        for standing, (marker, hollow) in STANDINGS.items():
            joules = near.loc[standings == standing, "energy"]
            panel.points(standing, joules, np.full(len(joules), top), size=5,
                         marker=marker, hollow=hollow)  # fmt: skip
        if near.empty:
            panel.text("none", 1e-14, top, "none in the table", valign="center", tone="grey")
        for rung, (kind, (steps, flop)) in rungs.items():
            tone, height = _TONES[kind], heights[rung]
            panel.line(f"from {rung}", [steps, flop], [height] * 2, tone=tone, width=0.8,
                       dash="dotted")  # fmt: skip
            panel.points(f"flop {rung}", [flop], [height], tone=tone, marker="s", size=8.5,
                         hollow=True)  # fmt: skip
            panel.points(f"steps {rung}", [steps], [height], tone=tone, marker="o", size=5)
        key = {"o": "round: every step an update", "s": "square: every FLOP an update"}
        for place, (marker, words) in enumerate(key.items()):
            panel.text(f"key {marker}", 1e-14, top + 1.85 - 0.65 * place, words, valign="center")
    return picture


def flop_against_size(*, figure: Picture | None = None, since: float = 2018) -> Picture:
    """Operations of real runs against model size, carried to the size of a brain.

    Data: Epoch AI (CC BY 4.0), and the works that `load_workloads` names.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    since : float
        Runs of this year and later are fitted, without those that are hearsay.

    Returns
    -------
    Picture
    """
    runs = load_workloads().dropna(subset=["flop"])
    hearsay = runs["flop_standing"] == "third-party"
    fitted = (runs["year"] >= since) & ~hearsay
    scaling = fit_scaling(runs[fitted])
    sizes, brain = np.logspace(5, 16, 45), SCENARIOS["brain"]["model_size"][0]
    one, most, there = scaling.predict(sizes), scaling.predict(sizes, 0.95), scaling.predict(brain)
    with drawing(figure, height=4.2) as picture:
        panel = picture.panel(
            "parameters of the model",
            "operations of the training (FLOP)",
            xscale="log",
            yscale="log",
            xlim=(1e5, 1e16),
            ylim=(1e13, 1e35),
            xticks=decades((6, 9, 12, 15)),
            yticks=decades(range(15, 36, 5)),
        )
        panel.band("95 per cent", sizes, most.low, most.high, tone="blue", alpha=0.12)
        panel.band("one error", sizes, one.low, one.high, tone="blue", alpha=0.2)
        panel.line("regression", sizes, one.value, tone="blue")
        panel.line("compute-optimal", sizes, compute_optimal(sizes), tone="orange")
        panel.text("name optimal", 2e12, 3e28, "compute-optimal,\n$120\\,M^2$", tone="orange",
                   align="right")  # fmt: skip
        marks = {
            "left out": (~fitted & ~hearsay, "grey", "o"),
            "fitted": (fitted, "ink", "o"),
            "hearsay": (hearsay, "grey", "x"),
        }
        for name, (some, tone, marker) in marks.items():
            panel.points(name, runs.loc[some, "model_size"], runs.loc[some, "flop"], tone=tone,
                         size=4.5, marker=marker, hollow=name == "left out")  # fmt: skip
        panel.intervals("there", brain, there.low, there.high, tone="blue", width=3)
        panel.points("at a brain's size", [brain], [there.value], tone="blue")
        words = (
            f"{fitted.sum()} runs from {since:.0f} on: $10^{{{np.log10(there.value):.1f} \\pm "
            f"{there.decades:.1f}}}$ FLOP\nat $10^{{15}}$ parameters"
        )
        panel.text("in words", 0.03, 0.98, words, tone="blue", valign="top", inside=True)
        panel.text("credit", 0.99, 0.01, "Data: Epoch AI, CC BY 4.0; papers", tone="grey",
                   align="right", size=9, inside=True)  # fmt: skip
    return picture


def ranges_and_inputs(*, ranges: Any, ranks: Any, figure: Picture | None = None) -> Picture:
    """Where each rung lies with what is uncertain, and the two inputs that move it most.

    Parameters
    ----------
    ranges : pandas.DataFrame
        A result of `lim_lib.workloads.ladder_ranges`.
    ranks : pandas.DataFrame
        A result of `lim_lib.workloads.rank_inputs` for the same run; rungs without ranks are drawn
        without words.
    figure : Picture, optional
        An earlier one of as many rungs, to draw on.

    Returns
    -------
    Picture
    """
    rows = ranges.sort_values("median")
    powers = np.log10([rows["low"].min(), rows["high"].max()])
    low, high = np.floor(powers[0]) - 1, np.ceil(powers[1]) + 1
    step = max(1, round((high - low) / 5))
    with drawing(figure, height=0.8 + 0.44 * len(rows)) as picture:
        panel = picture.panel(
            "energy of the training (J)",
            "",
            xscale="log",
            xlim=(10**low, 10**high),
            ylim=(-0.5, len(rows) - 0.1),
            xticks=decades(np.arange(low, high, step).astype(int)),
            yticks={place: fill(title, 22) for place, title in enumerate(rows["title"])},
            left=1.85,
        )
        for place, (rung, row) in enumerate(rows.iterrows()):
            tone = _TONES[row["kind"]]
            panel.line(rung, [row["low"], row["high"]], [place] * 2, tone=tone, width=3,
                       dash="solid")  # fmt: skip
            panel.points(f"median {rung}", [row["median"]], [place], tone=tone, size=6)
            first = ranks[ranks["rung"] == rung].head(2)
            words = ", ".join(
                f"{each.input.replace('_', ' ')} {each.total_order:.1f}"
                for each in first.itertuples()
                if each.total_order >= 0.05
            )
            right = np.log10(row["median"]) < (low + high) / 2
            panel.text(f"inputs of {rung}", 0.98 if right else 0.02, place + 0.2, words, tone=tone,
                       align="right" if right else "left", size=9)  # fmt: skip
            panel.marks[f"inputs of {rung}"].set_transform(panel.axes.get_yaxis_transform())
    return picture


def moved_by_one_assumption(*, table: Any, figure: Picture | None = None) -> Picture:
    """By how many powers of ten the estimate for a brain's size moves, assumption by assumption.

    Parameters
    ----------
    table : pandas.DataFrame
        A result of `lim_lib.workloads.brain_scale`.
    figure : Picture, optional
        An earlier one of as many rows, to draw on.

    Returns
    -------
    Picture
    """
    base, rows = table.iloc[0], table.iloc[1:]
    tones = dict(zip(rows["assumption"].unique(), ("blue", "orange", "green", "grey"), strict=True))
    heights = np.arange(len(rows))[::-1]
    paper = np.log10(np.divide(SCENARIOS["brain"]["paper"], base["joules"]))
    with drawing(figure, height=1.2 + 0.4 * len(rows)) as picture:
        panel = picture.panel(
            f"powers of ten from {format_energy(base['joules'])}",
            "",
            xlim=(-18.5, 10.5),
            ylim=(-0.6, len(rows) + 0.4),
            xticks=range(-12, 9, 4),
            yticks={h: fill(choice, 24) for h, choice in zip(heights, rows["choice"], strict=True)},
            left=1.95,
        )
        panel.band("paper", paper, -0.6, len(rows) - 0.45, tone="ink", alpha=0.15)
        panel.rule("estimate", x=0, tone="ink", width=1)
        panel.text("paper in words", 0, len(rows) - 0.4, "Chen et al., v1, v2", align="center")
        colours = [TONES[tones[assumption]].colour for assumption in rows["assumption"]]
        panel.redraw("bars", lambda axes: axes.barh(heights, rows["orders"], 0.3, color=colours))
        for height, (place, row) in zip(heights, rows.iterrows(), strict=True):
            tone, orders = tones[row["assumption"]], row["orders"]
            panel.text(f"orders {place}", orders + (0.3 if orders >= 0 else -0.3), height,
                       text.fixed(orders, 1, signed=True), tone=tone,
                       align="left" if orders >= 0 else "right", valign="center")  # fmt: skip
    return picture

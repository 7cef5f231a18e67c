"""Pictures of what an optimizer writes: commands, moves that cancel, and what is needed.

A weight is shown as the software has it, its *shadow*, and as its cell keeps it, on a level.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from scipy.special import expit

from lim_lib import digits, text
from lim_lib.figures.canvas import TONES, Picture, drawing
from lim_lib.figures.recorded import run_record
from lim_lib.optimizers import batches, descend, written
from lim_lib.recorder import load_runs
from lim_lib.validate import POSITIVE, Domain, Numbers, integer, number, refuse, row, single

__all__ = [
    "bits_of_directions",
    "counted_moves",
    "moves_at_each_depth",
    "moves_in_time",
    "path_and_displacement",
    "recorded_run",
    "shadow_and_cell",
    "two_tasks",
]

SPAN = 3.0
"""Largest weight of a cell."""

_SLACK = Domain(0, 1)
_SEED, _WEIGHT = 9, 10  # whose path is shown
_TONES = ("blue", "orange", "green", "purple")


def _clipped(weights):
    return np.clip(weights, -SPAN, SPAN)


_runs = cache(load_runs)


@cache
def _path() -> np.ndarray:
    """One of the 17 weights that tell three from eight, after each of 900 steps of batch 8."""
    task = digits.task((3, 8), examples=120, side=4)
    signs = 2 * task.labels - 1.0

    def gradient(weights, rows):
        x, sign = task.features[rows], signs[rows]
        return 0.0, -(expit(-sign * (x @ weights)) * sign) @ x / len(rows)

    start = np.random.default_rng(_SEED).uniform(-SPAN, SPAN, 17)
    steps = batches(120, size=8, steps=900, seed=_SEED)
    rates = np.full(900, 0.225)
    run = descend(gradient, start, rates=rates, batches=steps, memory=_clipped)
    path = np.array([start, *(weights for weights, _ in run)])[:, _WEIGHT]
    path.flags.writeable = False
    return path


def _followed(path: Numbers | None, bits: int, slack: float) -> tuple[np.ndarray, np.ndarray]:
    """A weight in levels, and the cell that follows it, step by step."""
    bits, slack = integer("bits", bits, 2, 10), single("slack", slack, _SLACK)
    shadow = _path() if path is None else row("path", path)
    in_levels = (shadow + SPAN) * (2**bits - 1) / (2 * SPAN)
    cell = [np.rint(in_levels[0]).astype(int)]
    for each in in_levels[1:]:
        cell.append(written(cell[-1], each, slack))
    return in_levels, np.array(cell)


def _counts(cell: np.ndarray) -> tuple[int, int]:
    return int(np.abs(np.diff(cell)).sum()), int(abs(cell[-1] - cell[0]))


def counted_moves(*, bits: int = 5, slack: float = 0.0) -> tuple[int, int]:
    """Moves made and moves needed of the cell that `shadow_and_cell` draws.

    Parameters
    ----------
    bits, slack
        As for `shadow_and_cell`.

    Returns
    -------
    moves, needed : int

    Examples
    --------
    >>> counted_moves(), counted_moves(slack=0.1)
    ((26, 6), (7, 7))
    """
    return _counts(_followed(None, bits, slack)[1])


def shadow_and_cell(
    *,
    figure: Picture | None = None,
    path: Numbers | None = None,
    bits: int = 5,
    slack: float = 0.0,
) -> Picture:
    """A weight as its optimizer has it, and as its cell keeps it, step by step.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    path : sequence of float, optional
        The weight before the first step and after each, from -3 to 3; by default one of the 17
        that tell handwritten threes from eights, with batches of 8.
    bits : int
        Bits of the cell, whose levels go from -3 to 3.
    slack : float
        By how much more than half a level the weight must be off before the cell is written.

    Returns
    -------
    Picture
    """
    in_levels, cell = _followed(path, bits, slack)
    moves, needed = _counts(cell)
    step = 2 * SPAN / (2**bits - 1)
    shadow = in_levels * step - SPAN
    path_length = np.abs(np.diff(in_levels)).sum()
    low, high = shadow.min(), shadow.max()
    margin = 0.08 * (high - low)
    time = np.arange(shadow.size)
    with drawing(figure, width=6.4, height=3.8) as picture:
        panel = picture.panel(
            "step",
            "weight",
            xlim=(0, shadow.size - 1),
            ylim=(low - margin, high + 4.5 * margin),
        )
        edges = np.arange(np.ceil((low + SPAN) / step) - 1, (high + SPAN) / step + 1) + 0.5
        for index, edge in enumerate(edges if edges.size < 70 else ()):
            panel.rule(f"threshold {index}", y=edge * step - SPAN, width=0.6)
        panel.line("shadow", time, shadow, tone="blue", width=1.0)
        panel.line("cell", np.repeat(time, 2)[1:], np.repeat(cell, 2)[:-1] * step - SPAN,
                   tone="orange", width=1.3, dash="solid")  # fmt: skip
        words = (
            f"{text.counted(moves, 'move')} of the cell; "
            f"path {path_length:.1f} levels; needed {needed}"
        )
        panel.text("counts", 0.98, 0.97, words, align="right", valign="top", inside=True)
    return picture


def moves_at_each_depth(
    *,
    figure: Picture | None = None,
    bits: Sequence[int],
    commands: float,
    moves: Numbers,
    needed: Numbers,
    path: float,
    displacement: float,
) -> Picture:
    """Commands, moves and moves that are needed of a weight, against the bits of its cell.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : sequence of int
        Bits of the cells.
    commands : float
        Commands that a weight receives.
    moves, needed : sequence of float
        Level moves made, and the least that lead from the start to the end, for each of `bits`.
    path, displacement : float
        Length of the way of the weight, and distance of its ends, over the range of the cell.

    Returns
    -------
    Picture
    """
    commands = single("commands", commands, POSITIVE)
    given = {name: row(name, each) for name, each in (("moves", moves), ("needed", needed))}
    depth = np.linspace(min(bits) - 0.5, max(bits) + 0.5, 60)
    steps = 2**depth - 1
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "bits of a cell",
            "for each weight",
            xlim=(depth[0], depth[-1]),
            ylim=(0.3, 3e5),
            yscale="log",
            xticks=list(bits),
        )
        panel.rule("commands", y=commands, tone="grey", width=2.0)
        panel.text("commands in words", depth[0] + 0.2, commands * 1.15,
                   f"{commands:.0f} commands", tone="grey")  # fmt: skip
        panel.line("path", depth, number("path", path, POSITIVE) * steps, tone="orange")
        panel.line("displacement", depth, displacement * steps, tone="blue")
        panel.points("moves", bits, given["moves"], tone="orange", size=7)
        panel.points("needed", bits, given["needed"], tone="blue", size=7)
        middle = depth[28]
        panel.text("moves in words", middle, 2.2 * path * (2**middle - 1), "moves made",
                   tone="orange", align="right")  # fmt: skip
        panel.text("needed in words", middle, displacement * (2**middle - 1) / 2.2,
                   "moves needed", tone="blue", valign="top")  # fmt: skip
        panel.text("wander", 0.98, 0.03, f"path/displacement = {path / displacement:.2f}",
                   align="right", inside=True)  # fmt: skip
    return picture


def moves_in_time(
    *,
    figure: Picture | None = None,
    constant: Mapping[str, tuple[Numbers, Numbers]],
    falling: Mapping[str, tuple[Numbers, Numbers]],
    rate: Numbers = (),
) -> Picture:
    """Moves of a weight in a step, as training goes on: constant learning rates, and falling ones.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    constant, falling : mapping of str to pair of sequences of float
        By the optimizer's name, shares of the training and moves per weight and step; at most four.
    rate : sequence of float
        The falling learning rate over its first, at equal intervals; drawn below the curves.

    Returns
    -------
    Picture
    """
    panels = {"left": ("learning rate constant", constant), "right": ("cosine", falling)}
    for name, given in (("constant", constant), ("falling", falling)):
        if len(given) > len(_TONES):
            refuse(name, list(given), f"at most {len(_TONES)} optimizers")
    every = np.concatenate(
        [np.asarray(v) for given in (constant, falling) for _, v in given.values()]
    )
    high = every.max()
    low = max(every[every > 0].min(), 1e-5 * high)
    with drawing(figure, width=7.6, height=3.8) as picture:
        for place, (title, given) in panels.items():
            panel = picture.panel(
                "share of the training",
                "moves per weight and step" if place == "left" else "",
                xlim=(0, 1),
                ylim=(low / 2, 12 * high),
                yscale="log",
                place=place,
            )
            for (name, (share, moves)), tone in zip(given.items(), _TONES, strict=False):
                panel.line(name, share, moves, tone=tone, width=1.6, label=name)
            if place == "right" and np.size(rate):
                shape = np.asarray(rate) * high / 300
                share = np.linspace(0, 1, np.size(rate))
                panel.line("rate", share, shape, tone="grey", width=1.6, label="learning rate")
            panel.text("title", 0.03, 0.03, title, inside=True)
            panel.legend("upper right")
    return picture


def path_and_displacement(
    *, figure: Picture | None = None, runs: Mapping[str, tuple[float, float]]
) -> Picture:
    """How far the weights of several runs went, against how far they got.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    runs : mapping of str to pair of float
        By name, the mean path of a weight and its mean displacement, in one unit.

    Returns
    -------
    Picture
    """
    path, displacement = np.array([number("runs", pair, POSITIVE) for pair in runs.values()]).T
    order = np.argsort(path / displacement)
    names = [list(runs)[run] for run in order]
    places = [float(place) for place in range(len(runs))]
    path, displacement, end = path[order], displacement[order], 1.25 * path.max()
    with drawing(figure, width=6.4, height=3.6) as picture:
        panel = picture.panel(
            "displacement and path of a weight",
            "",
            xlim=(0, end),
            ylim=(-0.6, len(runs) + 0.3),
            yticks=dict(zip(places, names, strict=True)),
            left=1.5,
        )
        for place, low, high in zip(places, displacement, path, strict=True):
            panel.line(f"way {place:.0f}", [low, high], [place, place], tone="grey", dash="solid")
            panel.text(f"wander {place:.0f}", high + 0.02 * end, place, f"× {high / low:.1f}",
                       valign="center")  # fmt: skip
        panel.points("displacement", displacement, places, tone="blue", size=7)
        panel.points("path", path, places, tone="orange", size=7)
        panel.text("displacement in words", 0.01 * end, len(runs) - 0.65, "displacement",
                   tone="blue")  # fmt: skip
        panel.text("path in words", path[-1], len(runs) - 0.65, "path", tone="orange",
                   align="center")  # fmt: skip
    return picture


def recorded_run(*, figure: Picture | None = None, run: str = "adam", bits: int = 8) -> Picture:
    """One of the recorded trainings: how its moves fade, and what they cost.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    run : str
        Its name, see `lim_lib.recorder.load_runs`.
    bits : int
        Bits of a cell.

    Returns
    -------
    Picture
    """
    runs = _runs()
    if run not in runs:
        refuse("run", run, "one of " + ", ".join(runs))
    return run_record(record=runs[run], bits=bits, figure=figure)


def bits_of_directions(*, figure: Picture | None = None, bits: Numbers, cell: float) -> Picture:
    """How many bits data are worth in each direction of the weights, the best known first.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : sequence of float
        Bits of each direction.
    cell : float
        Bits of a weight's cell, to compare with.

    Returns
    -------
    Picture
    """
    worth = np.sort(row("bits", bits))[::-1]
    places = np.arange(1, worth.size + 1)
    look = TONES["blue"].colour
    with drawing(figure) as picture:
        panel = picture.panel(
            "direction, the best known first",
            "bits",
            xlim=(0.3, worth.size + 0.7),
            ylim=(0, 1.15 * cell),
        )
        panel.redraw("bars", lambda axes: axes.bar(places, worth, 0.7, color=look))
        panel.rule("cell", y=cell)
        panel.text("cell in words", worth.size, 1.01 * cell, f"{cell:g} bits of a cell",
                   tone="grey", align="right")  # fmt: skip
        panel.rule("mean", y=worth.mean(), tone="orange")
        panel.text("mean in words", worth.size, worth.mean() + 0.03 * cell,
                   f"mean {worth.mean():.2f}", tone="orange", align="right")  # fmt: skip
    return picture


def two_tasks(*, figure: Picture | None = None, ways: Mapping[str, np.ndarray]) -> Picture:
    """A first task that is forgotten while a second is learned, in several ways.

    Left: accuracy of the first against the hops made since. Right: accuracies of both, with the
    heat in kT a weight written at the points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    ways : mapping of str to ndarray
        By name, shape (durations, 4): hops and heat in kT of a weight, accuracy of the first task
        and of the second; at most five.

    Returns
    -------
    Picture
    """
    tones = (*_TONES, "grey")
    if len(ways) > len(tones):
        refuse("ways", list(ways), f"at most {len(tones)} of them")
    every = np.concatenate([number("ways", each) for each in ways.values()])
    low = np.floor(20 * every[:, 2].min()) / 20
    with drawing(figure, width=7.8, height=4.2) as picture:
        left = picture.panel(
            "hops of a weight",
            "accuracy, first task",
            xlim=(0.8 * every[:, 0].min(), 1.25 * every[:, 0].max()),
            ylim=(low, 1.0),
            xscale="log",
            xticks={each: f"{each:g}" for each in (0.3, 1, 3, 10, 30)},
            place="left",
        )
        right = picture.panel(
            "accuracy, second task",
            "accuracy, first task",
            xlim=(0.8, 0.985),
            ylim=(low, 1.0),
            place="right",
        )
        for (name, each), tone in zip(ways.items(), tones, strict=False):
            hops, heat, first, second = np.asarray(each).T
            left.line(name, hops, first, tone=tone, width=1.4, marked=True, label=name)
            if second.max() > 0.8:
                right.line(name, second, first, tone=tone, width=1.4, marked=True)
                side, align = (-0.004, "right") if name in list(ways)[1::2] else (0.004, "left")
                for index in (0, hops.size - 1):
                    right.text(f"{name} {index}", second[index] + side, first[index] + 0.003,
                               f"{heat[index]:.1f}", tone=tone, align=align, size=9)  # fmt: skip
        left.legend("lower left")
    return picture

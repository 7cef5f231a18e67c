"""Pictures of what an optimizer writes: commands, moves that cancel, and what is needed.

A weight is shown as the software has it, its *shadow*, and as its cell keeps it, on a level.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from scipy.special import expit

from lim_lib import bounds, digits, text
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.optimizers import batches, descend, written
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, Numbers, integer, number, refuse, row

__all__ = [
    "heat_of_batches",
    "moves_at_each_depth",
    "moves_in_time",
    "path_and_displacement",
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
    bits, slack = integer("bits", bits, 2, 10), float(number("slack", slack, _SLACK))
    shadow = _path() if path is None else row("path", path)
    step = 2 * SPAN / (2**bits - 1)
    in_levels = (shadow + SPAN) / step
    cell = [np.rint(in_levels[0]).astype(int)]
    for each in in_levels[1:]:
        cell.append(written(cell[-1], each, slack))
    cell = np.array(cell)
    moves, needed = int(np.abs(np.diff(cell)).sum()), int(abs(cell[-1] - cell[0]))
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
    commands: Numbers,
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
    commands = float(number("commands", commands, POSITIVE))
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
    every = np.concatenate([np.asarray(v) for given in (constant, falling) for _, v in given.values()])
    low, high = every[every > 0].min(), every.max()
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
                shape = np.asarray(rate) * low * 20
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
    low, high = displacement.min() / 1.6, displacement.max() * 2.6
    lines = np.array([low, high])
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "displacement of a weight",
            "path of a weight",
            xlim=(low, high),
            ylim=(low, 1.8 * path.max()),
            xscale="log",
            yscale="log",
        )
        for wander in (1, 3, 10):
            panel.line(f"wander {wander}", lines, wander * lines, tone="grey", width=1.2)
            panel.text(f"wander {wander} in words", 1.03 * low, 1.1 * wander * low, f"× {wander}",
                       tone="grey")  # fmt: skip
        panel.points("runs", displacement, path, tone="blue", size=7)
        for name, x, y in zip(runs, displacement, path, strict=True):
            panel.text(name, 1.06 * x, y, name, valign="center", size=9.5)
    return picture


"""Pictures of a network that learns in its memory: digits, heat and hops, the barrier as a clock.

Heat and entropy are those of one weight, in kT and in nats; losses are in nats over all the data.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lim_lib import digits, text
from lim_lib.figures.canvas import Picture, drawing, fading
from lim_lib.optimizers.losses import SoftmaxLoss
from lim_lib.validate import Domain, Numbers, integer, number, refuse

__all__ = [
    "accuracy_of_heat",
    "digits_and_weights",
    "heat_of_hops",
    "learned_in_time",
    "posterior_of_two",
    "ramps_both_ways",
]

SPAN = 3.0
"""Weights of the picture of two lie between minus this and this."""

_TONES = ("orange", "blue", "green", "purple", "ink")
_COUPLING = Domain(0.0, 100.0)


def digits_and_weights(
    *, figure: Picture | None = None, images: Any, pixels: Any, weights: Any
) -> Picture:
    """Handwritten digits, the same as a network sees them, and its weights, each as a map.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    images : array_like
        Digits, shape (pictures, side, side): dark is ink.
    pixels : array_like
        The same, of fewer pixels.
    weights : array_like
        A weight for each of these, shape (side, side).

    Returns
    -------
    Picture
    """
    images, pixels, weights = (np.asarray(each, dtype=float) for each in (images, pixels, weights))
    if images.ndim != 3 or pixels.ndim != 3 or len(images) != len(pixels):
        refuse("pixels", pixels.shape, f"as many pictures as images, {len(images)}")
    if weights.shape != pixels.shape[1:]:
        refuse("weights", weights.shape, f"one for each pixel, {pixels.shape[1:]}")
    count = len(images)
    end = 1.1 * count + 2.5
    with drawing(figure, height=2.3) as picture:
        panel = picture.panel("", "", xlim=(0, end), ylim=(-0.02, 2.12), xticks=(), yticks=(),
                              left=0.2)  # fmt: skip
        panel.axes.set_frame_on(False)
        for row, (name, shown) in enumerate((("pixels", pixels), ("digits", images))):
            top = max(shown.max(), 1e-300)
            for column, each in enumerate(shown):
                _map(panel, f"{name} {column}", each, (1.1 * column, 1.1 * row), 1, "Greys", 0, top)
        top = np.abs(weights).max() or 1.0
        _map(panel, "weights", weights, (1.1 * count + 0.4, 0), 2.1, "PuOr_r", -top, top)
        panel.text("seen", 0.55 * count, -0.1, f"{images[0].size} pixels, and the same as "
                   f"{pixels[0].size}", align="center", valign="top")  # fmt: skip
        panel.text("weights in words", 1.1 * count + 1.45, -0.1, "weights", align="center",
                   valign="top")  # fmt: skip
    return picture


def _map(panel, name, values, corner, size, colours, low, high):
    """A picture in a picture, its lower left corner given."""
    x, y = corner
    panel.redraw(
        name,
        lambda axes: axes.imshow(
            values, extent=(x, x + size, y, y + size), cmap=colours, vmin=low, vmax=high,
            interpolation="nearest", aspect="auto",
        ),
    )  # fmt: skip


def heat_of_hops(
    *, figure: Picture | None = None, budgets: Numbers, heats: Numbers, errors: Numbers,
    theorems: Mapping[str, Numbers], entropy_lost: float, bits: int,
) -> Picture:  # fmt: skip
    """Heat of a weight that learned, against its hop budget; theorems, and what the memory lost.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    budgets : array_like
        Hop budgets R.
    heats, errors : array_like
        Heat in kT a weight and its standard error.
    theorems : mapping of str to array_like
        What theorems ask for in kT a weight, by name.
    entropy_lost : float
        Nats a weight that a slow learner loses.
    bits : int
        Bits of the ladder of a weight.

    Returns
    -------
    Picture
    """
    budgets, heats, errors = (np.asarray(each, dtype=float) for each in (budgets, heats, errors))
    left, right = budgets.min() / 1.6, budgets.max() * 1.6
    ladder = bits * np.log(2)
    with drawing(figure, height=4.0) as picture:
        panel = picture.panel("hop budget R", "heat (kT a weight)", xlim=(left, right),
                              ylim=(0.35, 3 * heats.max()), xscale="log", yscale="log",
                              xticks={n: f"{n}" for n in (20, 50, 100, 200, 500)},
                              yticks={0.5: "0.5", 1: "1", 2: "2", 5: "5", 10: "10", 20: "20",
                                      50: "50"})  # fmt: skip
        panel.rule("ladder", y=ladder)
        panel.text("ladder in words", right / 1.1, 1.05 * ladder,
                   f"{bits} ln 2 = {text.fixed(ladder, 2)}", tone="grey",
                   align="right")  # fmt: skip
        panel.rule("lost", y=entropy_lost, tone="green")
        panel.text("lost in words", left * 1.1, entropy_lost / 1.05,
                   f"entropy lost: {text.fixed(entropy_lost, 2)}", tone="green",
                   valign="top")  # fmt: skip
        for (name, values), tone in zip(theorems.items(), ("purple", "orange"), strict=False):
            panel.line(name, budgets, values, tone=tone, marked=True, label=name)
        panel.line("measured", budgets, heats, tone="blue", width=1.2, dash="solid")
        panel.intervals("errors", budgets, heats - 2 * errors, heats + 2 * errors, tone="blue")
        panel.points("points", budgets, heats, tone="blue", label="measured")
        panel.legend("upper right")
    return picture


def accuracy_of_heat(
    *, figure: Picture | None = None, heats: Numbers, accuracies: Numbers, errors: Numbers,
    reference: float,
) -> Picture:  # fmt: skip
    """Share of unseen pictures told right, against the heat of a weight so far.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    heats : array_like
        Heat so far in kT a weight.
    accuracies, errors : array_like
        Share and its standard error.
    reference : float
        Share of a classifier in floating point.

    Returns
    -------
    Picture
    """
    heats, accuracies, errors = (np.asarray(a, dtype=float) for a in (heats, accuracies, errors))
    half = np.log(2) / 2
    with drawing(figure) as picture:
        panel = picture.panel("heat so far (kT a weight)", "told right (share)",
                              xlim=(0, 1.02 * heats.max()), ylim=(0.45, 1.0))  # fmt: skip
        panel.rule("reference", y=reference)
        panel.text("reference in words", 0.01 * heats.max(), reference + 0.006,
                   f"floating point: {text.fixed(reference, 3)}", tone="grey",
                   size=9)  # fmt: skip
        for name, x in (("half a bit", half), ("a bit", 2 * half)):
            panel.rule(name, x=x, tone="orange")
            panel.text(f"{name} in words", x + 0.01 * heats.max(), 0.46, name, tone="orange")
        panel.band("errors", heats, accuracies - 2 * errors, accuracies + 2 * errors, tone="blue")
        panel.line("share", heats, accuracies, tone="blue")
        there = float(np.interp(half, heats, accuracies))
        panel.points("half", [half], [there], tone="blue", size=9, hollow=True)
        panel.text("half in words", half + 0.03 * heats.max(), there - 0.02,
                   text.fixed(there, 2), tone="blue", valign="top")  # fmt: skip
    return picture


def ramps_both_ways(
    *, figure: Picture | None = None, forward: Numbers, backward: Numbers, free_energy: float
) -> Picture:
    """Work of ramps up, and minus that of ramps down: their histograms cross at the free energy.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    forward, backward : array_like
        Work of each ramp in kT.
    free_energy : float
        Its change on the way up, in kT.

    Returns
    -------
    Picture
    """
    forward, backward = np.asarray(forward, dtype=float), -np.asarray(backward, dtype=float)
    both = np.concatenate([forward, backward])
    edges = np.linspace(both.min(), both.max(), 21)
    counts = [np.histogram(work, edges, density=True)[0] for work in (forward, backward)]
    most = max(each.max() for each in counts)
    with drawing(figure) as picture:
        panel = picture.panel("work (kT)", "density (per kT)", xlim=(edges[0], edges[-1]),
                              ylim=(0, 1.35 * most))  # fmt: skip
        for name, density, tone, align in zip(
            ("up: W", "down: -W"), counts, ("blue", "orange"), ("right", "left"), strict=True
        ):
            steps = np.repeat(density, 2)
            panel.line(name, np.repeat(edges, 2)[1:-1], steps, tone=tone)
            corner = edges[-2] if align == "right" else edges[1]
            panel.text(f"{name} in words", corner, 1.05 * most, name.replace("-", "−"), tone=tone,
                       align=align)  # fmt: skip
        panel.rule("free energy", x=free_energy)
        panel.text("free energy in words", free_energy, 1.33 * most,
                   f"ΔF = {text.fixed(free_energy, 1)} kT", align="center",
                   valign="top")  # fmt: skip
    return picture


def learned_in_time(
    *, figure: Picture | None = None, times: Numbers, barriers: Mapping[str, Numbers],
    losses: Mapping[str, Numbers], ends: Mapping[str, str] | None = None,
) -> Picture:  # fmt: skip
    """Barriers in time, and the loss of a memory that learns over each.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    times : array_like
        In time constants.
    barriers : mapping of str to array_like
        Height above the lowest in kT, by the name of the protocol.
    losses : mapping of str to array_like
        Mean loss in nats, by the same names.
    ends : mapping of str to str, optional
        What is written beside the end of a loss.

    Returns
    -------
    Picture
    """
    if list(barriers) != list(losses):
        refuse("losses", list(losses), f"of the protocols {', '.join(barriers)}")
    times = np.asarray(times, dtype=float)
    ends, end = dict(ends or {}), float(times[-1])
    highest = max(np.max(each) for each in barriers.values())
    values = np.concatenate([np.asarray(each, dtype=float) for each in losses.values()])
    with drawing(figure, height=5.0) as picture:
        frame: dict[str, Any] = {"xlim": (0, 1.62 * end), "xticks": np.linspace(0, end, 5)}
        upper = picture.panel("", "barrier (kT)", ylim=(-0.08 * highest, 1.15 * highest),
                              place="top", **frame)  # fmt: skip
        lower = picture.panel("time (time constants)", "loss (nats)", yscale="log",
                              ylim=(0.8 * values.min(), 1.3 * values.max()), place="bottom",
                              **frame)  # fmt: skip
        places = _apart([losses[name][-1] for name in barriers], 1.35)
        for (name, barrier), tone, place in zip(barriers.items(), _TONES, places, strict=False):
            upper.line(name, times, barrier, tone=tone)
            lower.line(name, times, losses[name], tone=tone)
            said = f"{name}{': ' * (name in ends)}{ends.get(name, '')}"
            lower.text(f"{name} in words", 1.02 * end, place, said, tone=tone, size=9,
                       valign="center")  # fmt: skip
    return picture


def _apart(values: Numbers, factor: float) -> np.ndarray:
    """Places near some values, each at least a factor above the next lower one."""
    values = np.asarray(values, dtype=float)
    order = np.argsort(values)
    places, lowest = np.empty_like(values), 0.0
    for index in order:
        places[index] = max(values[index], lowest)
        lowest = factor * places[index]
    return places


def two_weights(bits: int) -> SoftmaxLoss:
    """A network that tells threes from eights by one pixel, from twenty pictures.

    Parameters
    ----------
    bits : int
        Bits of its two weights, of the pixel and of the bias.

    Returns
    -------
    SoftmaxLoss

    Examples
    --------
    >>> two_weights(5)
    SoftmaxLoss of 2 weights of 5 bits, 20 data in 2 classes
    """
    few = digits.task((3, 8), examples=120, side=4)
    return SoftmaxLoss(few.features[:20, [9, 16]], few.labels[:20], bits=bits, span=SPAN)


def posterior_of_two(
    *, figure: Picture | None = None, bits: int = 5, coupling: float = 1.0
) -> Picture:
    """Where two weights are after learning twenty pictures, and what their memory lost.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : int
        Bits of each weight, 1 to 6.
    coupling : float
        Coupling in kT per nat, 0 to 100; 1 is Bayes' rule.

    Returns
    -------
    Picture
    """
    bits = integer("bits", bits, low=1, high=6)
    coupling = number("coupling", coupling, _COUPLING)
    problem = two_weights(bits)
    rest = problem.equilibrium(coupling)
    chances = rest.probabilities.reshape(problem.levels, problem.levels)
    edge = SPAN + problem.step / 2
    lost = 2 * bits * np.log(2) - rest.entropy
    with drawing(figure, height=4.3) as picture:
        panel = picture.panel("weight of the pixel", "weight of the bias",
                              xlim=(-4.3, 4.3), ylim=(-4.3, 6.2), xticks=(-3, 0, 3),
                              yticks=(-3, 0, 3))  # fmt: skip
        across, up = [-edge, edge, edge, -edge, -edge], [-edge, -edge, edge, edge, -edge]
        panel.line("box", across, up, tone="grey", width=1)
        panel.redraw("posterior", lambda axes: axes.imshow(
            chances.T, extent=(-edge, edge, -edge, edge), origin="lower", cmap=fading("blue"),
            vmin=0.0, vmax=chances.max(), interpolation="nearest", aspect="auto"))  # fmt: skip
        said = (
            f"lost: {text.fixed(lost, 2)} nats, {text.fixed(lost / np.log(2), 1)} bits of "
            f"{2 * bits}\nloss: {text.fixed(rest.energy, 1)} nats"
        )
        panel.text("lost", -4.0, 6.1, said, valign="top")
    return picture

"""Pictures of what a lower bound leaves out: wasted moves, lost correlations, control, machines."""

import numpy as np

from lim_lib import bounds, overheads, text, workloads
from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.units import format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, Numbers, number
from lim_lib.workloads.socket import FACTORS

__all__ = [
    "moves_that_cancel",
    "price_of_a_swing",
    "price_of_isolation",
    "way_to_the_socket",
]

_ROWS = {
    "forget": "forgetting\n(Landauer)",
    "move": "moving, with a\nmatched barrier",
    "wander": "moves that\ncancel",
    "correlations": "correlations\nlost",
    "control": "control of\nthe barrier",
    "read-out": "read-out",
    "gradient": "gradient",
    "exchange": "exchange",
    "board": "boards and\nconverters",
    "idle": "waiting",
    "site": "cooling, building",
}
_TONES = {"bound": "blue", "memory": "green", "compute": "orange", "around": "grey"}


def way_to_the_socket(*, figure: Picture | None = None, ranges: bool = False) -> Picture:
    """From the bound to the wall socket, stage by stage, for a training of the size of GPT-3.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    ranges : bool
        Whether each stage shows how far its factors move it.

    Returns
    -------
    Picture
    """
    table = workloads.example_socket()
    published = workloads.load_workloads().loc["gpt3", "energy"]
    height = dict(zip(_ROWS, range(len(_ROWS) - 1, -1, -1), strict=True))
    left, right = 1e-11, 3e15
    with drawing(figure, width=4.8, height=6.0) as picture:
        panel = picture.panel(
            "energy of the training (J)",
            "",
            xscale="log",
            xlim=(left, right),
            ylim=(-1.35, len(_ROWS) - 0.3),
            xticks=decades(range(-8, 13, 4)),
            yticks={height[stage]: label for stage, label in _ROWS.items()},
            left=1.36,
        )
        panel.rule("published", x=published, width=1.0)
        corners = (
            np.repeat(table["total"].to_numpy(), 2),
            np.add.outer(list(height.values()), [0.5, -0.5]),
        )
        panel.line("so far", corners[0], corners[1].ravel(), tone="ink", width=1.1)
        for name, ends in workloads.socket_ranges().items() if ranges else ():
            stage = FACTORS[name][1]
            span = [
                max(left, workloads.example_socket(**{name: end})["energy"][stage])
                for end in (ends.low, ends.high)
            ]
            panel.line(f"range of {name}", span, [height[stage]] * 2, tone="purple", width=6,
                       dash="solid")  # fmt: skip
        for stage, row in table.iterrows():
            tone = _TONES[row["part"]]
            panel.line(f"stem {stage}", [left, row["energy"]], [height[stage]] * 2, tone=tone,
                       width=1.2, dash="solid")  # fmt: skip
            panel.points(stage, [row["energy"]], [height[stage]], tone=tone, size=7)
        drawn = format_energy(table["total"].iloc[-1])
        panel.text("drawn", published / 2, -0.62, f"at the socket {drawn}", align="right",
                   valign="top", size=10.5)  # fmt: skip
        panel.text("published in words", published / 2, len(_ROWS) - 0.35,
                   f"published: {format_energy(published)}", tone="grey", align="right",
                   valign="top")  # fmt: skip
    return picture


def moves_that_cancel(
    *,
    figure: Picture | None = None,
    contraction: float = 1e-3,
    start: float = 300.0,
    found: Numbers = ((), (), ()),
) -> Picture:
    """Path that stochastic gradient descent commands, and how far it gets, against steps.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    contraction : float
        Curvature times learning rate.
    start : float
        Distance of the start from the optimum, in units of the noise of one step.
    found : three sequences of float
        Points to compare: steps, commanded path and distance, in the same unit.

    Returns
    -------
    Picture
    """
    contraction = number("contraction", contraction, Domain(0, 1))
    start = number("start", start, NON_NEGATIVE)
    steps = 100_000
    shown = np.unique(np.geomspace(1, steps, 120).astype(int)) - 1
    how = {"contraction": contraction, "noise": 1.0, "start": start}
    commanded = overheads.commanded_path(steps, **how)[shown]
    net = overheads.net_path(steps, **how)[shown]
    with drawing(figure) as picture:
        panel = picture.panel(
            "steps",
            "level moves",
            xlim=(1, 2 * steps),
            ylim=(0.1, 1e6),
            xscale="log",
            yscale="log",
            xticks=decades(range(6)),
            yticks=decades(range(0, 7, 2)),
        )
        panel.line("commanded", shown + 1, commanded, tone="orange")
        panel.line("net", shown + 1, net, tone="blue")
        panel.points("commanded found", found[0], found[1], tone="orange", hollow=True)
        panel.points("net found", found[0], found[2], tone="blue", hollow=True)
        panel.text("commanded in words", 1.3, 4e5, "commanded (dashed)", tone="orange",
                   valign="top")  # fmt: skip
        panel.text("net in words", 1.3, 1.1e5, "away from the start (solid)", tone="blue",
                   valign="top")  # fmt: skip
        panel.text("ratio", 1.6 * steps, 0.13,
                   f"after $10^5$ steps {commanded[-1] / net[-1]:.0f} to 1",
                   align="right")  # fmt: skip
    return picture


def price_of_isolation(
    *,
    figure: Picture | None = None,
    durations: Numbers = (),
    apart: Numbers = (),
    together: Numbers = (),
    correlation: float = 0.0,
) -> Picture:
    """Entropy produced when two cells are erased, each by itself or both together.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    durations : sequence of float
        Durations in thermal hop times.
    apart, together : sequence of float
        Entropy production, in nats.
    correlation : float
        The mutual information of the cells at the start, in nats.

    Returns
    -------
    Picture
    """
    durations = number("durations", durations, POSITIVE)
    apart, together = number("apart", apart, POSITIVE), number("together", together, POSITIVE)
    correlation = number("correlation", correlation, NON_NEGATIVE)
    with drawing(figure) as picture:
        panel = picture.panel(
            "duration (hop times)",
            "entropy produced (nats)",
            xlim=(7, 1.5e3),
            ylim=(3e-3, 3),
            xscale="log",
            yscale="log",
        )
        panel.rule("correlation", y=max(correlation, 1e-3))
        panel.text("correlation in words", 1.3e3, 0.8 * correlation,
                   f"mutual information {correlation:.3f}", tone="grey", align="right",
                   valign="top")  # fmt: skip
        panel.line("apart", durations, apart, tone="orange", marked=True)
        panel.line("together", durations, together, tone="blue", marked=True)
        panel.text("apart in words", 1.3e3, 0.55,
                   "each by itself", tone="orange", align="right")  # fmt: skip
        panel.text("together in words", 9, 6e-3, "both, with what one\ntells about the other",
                   tone="blue")  # fmt: skip
    return picture


def price_of_a_swing(
    *, figure: Picture | None = None, accuracy: float = 0.3, swings: float = 1.0
) -> Picture:
    """Heat that moving the barrier of one parameter costs, against how slowly it is moved.

    The barrier goes up by 60 kT and down again, `swings` times, by a linear control that holds it
    to the accuracy against thermal noise.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    accuracy : float
        Standard deviation of the barrier in kT.
    swings : float
        Times that it goes up and down.

    Returns
    -------
    Picture
    """
    accuracy, swings = number("accuracy", accuracy, POSITIVE), number("swings", swings, POSITIVE)
    slowness = np.geomspace(0.1, 1e9, 200)
    kT, one = thermal_energy(), {"model_size": 1, "bits": 16}
    moving = bounds.matched_barrier(bounds.ladder_transport(**one), drive=1) / kT
    erasing = bounds.landauer(**one) / kT
    swing = 4 * overheads.signal_energy(60 / accuracy) * overheads.ramp_loss(slowness) / kT
    with drawing(figure) as picture:
        panel = picture.panel(
            "duration of a ramp (time constants)",
            "heat for one parameter (kT)",
            xlim=(0.1, 1e9),
            ylim=(0.1, 1e13),
            xscale="log",
            yscale="log",
            xticks=decades(range(0, 9, 2)),
            yticks=decades(range(0, 13, 3)),
        )
        for name, heat in (("its moves, drive 1", moving), ("Landauer, 16 bits", erasing)):
            panel.rule(name, y=heat)
            panel.text(f"{name} in words", 8e8, 1.15 * heat, name, tone="grey", align="right")
        panel.line("control", slowness, swings * swing, tone="purple", dash="solid")
        at_once = swings * 2 * overheads.signal_energy(60 / accuracy) / kT
        panel.text("suddenly", 0.97, 0.95,
                   f"at once {text.number(at_once, 2)} kT",
                   tone="purple", align="right", valign="top", inside=True)  # fmt: skip
        equal = np.exp(np.interp(0, np.log(moving / (swings * swing)), np.log(slowness)))
        if swings * swing[0] > 1.2 * moving:
            panel.points("equal", [equal], [moving], tone="purple", size=8)
    return picture

"""Pictures of the optimizer as an engine: work for knowledge, loss and heat, what was learned.

A loss L is an energy λL for parameters in a bath. Couplings λ are in kT per unit of the loss, heat
in kT, information and entropy in nats; none of it depends on the temperature.
"""

from typing import Any

import numpy as np

from lim_lib import text
from lim_lib.figures.canvas import TONES, Panel, Picture, drawing
from lim_lib.learning import learned, loss_bound, quadratic_loss
from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Domain, Numbers, integer, number

__all__ = [
    "engine_both_ways",
    "information_against_cost",
    "loss_and_heat",
    "loss_under_its_bound",
    "noise_floor",
    "price_of_each_bit",
    "what_was_learned",
]

DIFFUSIVITY = 0.1
"""Diffusivity in parameter²/s in the picture of loss and heat."""

PL_CONSTANT, CURVATURE = 0.1755, 8.0
"""Of w² + 3 sin² w: its Polyak-Lojasiewicz constant, rounded down, and its largest curvature."""

_ANISOTROPY = Domain(1, 1000)
_DATA = Domain(1, 1000)
_COUPLING = Domain(0.01, 1000)


def engine_both_ways(*, figure: Picture | None = None) -> Picture:
    """Szilard's engine: pressure of one particle against the volume that is open to it.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.

    Returns
    -------
    Picture
    """
    volume = np.linspace(0.5, 1, 80)
    with drawing(figure) as picture:
        panel = picture.panel(
            "volume open to the particle (boxes)",
            "pressure × volume of the box (kT)",
            xlim=(0.22, 1.25),
            ylim=(0, 2.75),
            xticks={0.5: "½", 0.75: "¾", 1: "1"},
        )
        panel.band("area", volume, 0.0, 1 / volume, tone="blue", alpha=0.15)
        panel.line("isotherm", volume, 1 / volume)
        panel.text("work", 0.75, 0.66, f"area: kT ln 2 = {np.log(2):.3f} kT", align="center")
        for name, x, shift, align in (("known", 0.5, -0.03, "right"), ("unknown", 1, 0.03, "left")):
            panel.points(name, [x], [1 / x], size=9)
            words = f"which half:\n{name}"
            panel.text(f"{name} in words", x + shift, 1 / x, words, align=align, valign="center")
        _draw_arrow(panel, "engine", "orange", (0.57, 2.1), (0.93, 1.38))
        _draw_arrow(panel, "optimizer", "blue", (0.87, 0.98), (0.54, 1.6))
        panel.text("engine", 0.68, 2.1, "engine: work out,\nheat in, knowledge lost", tone="orange")
        panel.text("optimizer", 0.75, 0.03, "backwards: work in,\nheat out, knowledge gained",
                   tone="blue", align="center")  # fmt: skip
    return picture


def _draw_arrow(panel: Panel, name: str, tone: str, start: tuple, end: tuple):
    bend = 0.13 if name == "engine" else -0.13
    look = {
        "arrowstyle": "-|>",
        "color": TONES[tone].colour,
        "linewidth": 1.8,
        "connectionstyle": f"arc3,rad={bend}",
    }
    panel.redraw(
        f"{name} arrow", lambda axes: axes.annotate("", xy=end, xytext=start, arrowprops=look)
    )


def loss_and_heat(
    *, figure: Picture | None = None, coupling: float = 32.0, anisotropy: float = 4.0
) -> Picture:
    """Loss of a quadratic valley of three axes in time, its bound, and the heat so far.

    The curvatures are 1, √κ and κ per parameter²; each axis begins with a third of the loss.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    coupling : float
        λ in kT per initial loss.
    anisotropy : float
        κ, the largest curvature over the smallest.

    Returns
    -------
    Picture
    """
    coupling = number("coupling", coupling, _COUPLING)
    anisotropy = number("anisotropy", anisotropy, _ANISOTROPY)
    curvatures = np.array([1, np.sqrt(anisotropy), anisotropy])
    shared = {"coupling": coupling, "diffusivity": DIFFUSIVITY}
    time = np.geomspace(1e-3, 10, 200)
    loss = quadratic_loss(time, losses=[1 / 3] * 3, curvatures=curvatures, **shared)
    bound = loss_bound(time, loss=1.0, pl_constant=1.0, curvature=curvatures.sum(), **shared)
    heat = coupling * (1 - loss)
    axis: dict[str, Any] = {"xlim": (1e-3, 10), "xscale": "log", "yscale": "log"}
    seconds = {1e-3: "0.001", 0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10"}
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel(
            "time (s)",
            "loss (initial losses)",
            ylim=(0.003, 8),
            xticks=seconds,
            yticks={0.01: "0.01", 0.1: "0.1", 1: "1"},
            place="top",
            **axis,
        )
        upper.rule("floor", y=3 / (2 * coupling))
        upper.line("bound", time, bound, tone="orange")
        upper.line("loss", time, loss, tone="blue")
        left, least = text.number(loss[-1], 2), text.number(bound[-1], 2)
        upper.text("loss in words", 1.2e-3, 0.0085, f"solid: mean loss, at the end {left}",
                   tone="blue")  # fmt: skip
        upper.text("bound in words", 1.2e-3, 0.0038, f"dashed: its bound, {least}",
                   tone="orange")  # fmt: skip
        lower = picture.panel(
            "time (s)",
            "heat so far (kT)",
            ylim=(0.1, 1000),
            xticks=seconds,
            yticks={0.1: "0.1", 1: "1", 10: "10", 100: "100"},
            place="bottom",
            **axis,
        )
        lower.line("heat", time, np.maximum(heat, 1e-3), tone="blue")
        half = time[np.argmax(heat >= heat[-1] / 2)]
        words = f"{text.number(heat[-1])} kT in all, half of it in {text.number(half, 2)} s"
        lower.text("heat in words", 1.2e-3, 330, words, tone="blue")
    return picture


def noise_floor(
    *,
    figure: Picture | None = None,
    couplings: Numbers = (),
    losses: Numbers = (),
    errors: Numbers = (),
    axes: float = 4,
) -> Picture:
    """Loss at rest against the coupling: equipartition, and simulated points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    couplings : sequence of float
        λ of the points, in kT per unit of loss.
    losses, errors : sequence of float
        Mean excess loss of the points and standard errors; bars show two of them.
    axes : float
        Number of curved directions.

    Returns
    -------
    Picture
    """
    couplings = number("couplings", couplings, POSITIVE)
    losses = number("losses", losses, POSITIVE)
    errors = number("errors", errors, NON_NEGATIVE)
    axes = number("axes", axes, POSITIVE)
    line = np.array([3.0, 400.0])
    with drawing(figure) as picture:
        panel = picture.panel(
            "coupling λ (kT per unit of loss)",
            "excess loss at rest (units of loss)",
            xlim=(3, 400),
            ylim=(0.003, 1),
            xscale="log",
            yscale="log",
            xticks={10: "10", 100: "100"},
            yticks={0.01: "0.01", 0.1: "0.1", 1: "1"},
        )
        panel.line("equipartition", line, axes / (2 * line), tone="blue")
        panel.text("formula", 22, 0.12, f"{axes:g} kT/(2λ)", tone="blue")
        reach = 2 * np.asarray(errors)
        panel.intervals("bars", couplings, losses - reach, losses + reach, tone="orange", width=2.5)
        panel.points("points", couplings, losses, tone="orange", size=7)
        if np.size(couplings):
            panel.text("points in words", 3.6, 0.035, "simulated", tone="orange")
    return picture


def price_of_each_bit(
    *, figure: Picture | None = None, simulated: Numbers = (), bits: int = 4
) -> Picture:
    """Heat of each further bit of one weight: coupling switched on at once, and raised slowly.

    At once, bit j costs (3/2) 4^(b - j) kT: the coupling is that of the last bit from the start.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    simulated : sequence of float
        Heat of the first bit, the second, … in kT, from a simulation.
    bits : int
        Number of bits b, at most 8.

    Returns
    -------
    Picture
    """
    simulated = np.asarray(number("simulated", simulated, POSITIVE))
    bits = integer("bits", bits, 1, 8)
    order = np.arange(1, bits + 1)
    at_once = 1.5 * 4.0 ** (bits - order)
    highest = 4 * at_once[0]
    with drawing(figure) as picture:
        panel = picture.panel(
            "bit",
            "heat of this bit (kT)",
            xlim=(0.5, bits + 0.5),
            ylim=(0.3, highest),
            yscale="log",
            xticks={float(j): str(j) for j in order},
            yticks={10.0**k: str(10**k) for k in range(int(np.log10(highest)) + 1)},
        )
        panel.line("at once", order, at_once, tone="blue")
        panel.rule("slowly", y=np.log(2), tone="green", dash="dashed")
        panel.points("simulated", order[: simulated.size], simulated, tone="orange", size=7)
        for j, price in zip(order, at_once, strict=True):
            panel.text(f"bit {j}", j + 0.08, price * 1.25, f"{price:g}", tone="blue")
        panel.text("slowly in words", 0.6, 0.42, "slowly: kT ln 2 each", tone="green")
        panel.text("at once in words", 1.45, 0.75 * at_once[0], "at once", tone="blue")
    return picture


def loss_under_its_bound(
    *,
    figure: Picture | None = None,
    times: Numbers = (),
    losses: Numbers = (),
    loss: float = 17.7,
    coupling: float = 10.0,
) -> Picture:
    """Mean of w² + 3 sin² w in time, simulated, and the bound of its differential inequality.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    times, losses : sequence of float
        Times in s and simulated mean losses, D = 1 parameter²/s.
    loss : float
        Loss at time 0.
    coupling : float
        λ in kT per unit of loss.

    Returns
    -------
    Picture
    """
    times, losses = number("times", times, NON_NEGATIVE), number("losses", losses, REAL)
    loss, coupling = number("loss", loss, POSITIVE), number("coupling", coupling, POSITIVE)
    time = np.linspace(0, 0.6, 200)
    curves = {"loss": loss, "pl_constant": PL_CONSTANT, "coupling": coupling, "diffusivity": 1.0}
    with drawing(figure) as picture:
        panel = picture.panel(
            "time (s)",
            "mean loss",
            xlim=(0, 0.6),
            ylim=(0.02, 40),
            yscale="log",
            yticks={0.1: "0.1", 1: "1", 10: "10"},
        )
        bound = loss_bound(time, curvature=CURVATURE, **curves)
        panel.line("bound", time, bound, tone="orange")
        panel.text("bound in words", 0.3, 9.0, "bound", tone="orange")
        panel.rule("floor", y=1 / (2 * coupling))
        panel.text("floor in words", 0.58, 0.026, "dotted: kT/(2λ)", tone="grey", align="right")
        panel.line("losses", times, losses, tone="blue")
        if np.size(times):
            panel.text("losses in words", 0.3, 0.075, "simulated", tone="blue")
    return picture


def information_against_cost(
    *,
    figure: Picture | None = None,
    costs: Numbers = (),
    informations: Numbers = (),
    slow_costs: Numbers = (),
    slow_informations: Numbers = (),
    data: float = 15,
) -> Picture:
    """Information about the data against its price, for sudden and for slow learning.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    costs, informations : sequence of float
        Points of a sudden coupling of 1 kT, in nats.
    slow_costs, slow_informations : sequence of float
        Points of a slow one, in nats.
    data : float
        Number of data.

    Returns
    -------
    Picture
    """
    data = number("data", data, _DATA)
    sudden = number("costs", costs), number("informations", informations)
    slow = number("slow_costs", slow_costs), number("slow_informations", slow_informations)
    ends = np.array([0.1, 30.0])
    with drawing(figure) as picture:
        panel = picture.panel(
            "price: entropy change + heat/kT (nats)",
            "information (nats)",
            xlim=(0.1, 30),
            ylim=(0.003, 6),
            xscale="log",
            yscale="log",
            xticks={0.1: "0.1", 1: "1", 10: "10"},
            yticks={0.01: "0.01", 0.1: "0.1", 1: "1"},
        )
        panel.band("forbidden", ends, ends, 30.0, tone="grey")
        panel.line("theorem", ends, ends, tone="grey", dash="solid")
        panel.text("forbidden in words", 0.12, 2.2, "no learner", tone="grey")
        path = learned(data, 1.0, np.geomspace(1e-3, 10, 300) / (1 + data))
        panel.line("relaxation", path.cost, path.information, tone="blue")
        panel.points("sudden", *sudden, tone="blue", size=7)
        panel.points("slow", *slow, tone="orange", size=7)
        panel.text("sudden in words", 6.3, 0.016, "sudden:\nas it learns", tone="blue",
                   align="right")  # fmt: skip
        if np.size(slow[0]):
            panel.text("slow in words", 1.6, 0.62, "slow: at the end", tone="orange")
    return picture


def what_was_learned(
    *, figure: Picture | None = None, data: float = 15, coupling: float = 1.0
) -> Picture:
    """Information, and what it costs, against the number of data, for a sudden coupling.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    data : float
        Number of data at the marker.
    coupling : float
        λ in kT.

    Returns
    -------
    Picture
    """
    data, coupling = number("data", data, _DATA), number("coupling", coupling, _COUPLING)
    many = np.geomspace(1, _DATA.high, 120)
    curve, now = learned(many, coupling), learned(data, coupling)
    with drawing(figure, height=4.6) as picture:
        panel = picture.panel(
            "number of data",
            "nats",
            xlim=(0.8, 1250),
            ylim=(0.01, 3e8),
            xscale="log",
            yscale="log",
            xticks={1: "1", 10: "10", 100: "100", 1000: "1000"},
            yticks={0.01: "0.01", 1: "1", 100: "100", 1e4: "10⁴"},
        )
        panel.rule("here", x=data, width=0.8)
        rows = (
            ("price: entropy + heat/kT", "orange", "cost"),
            ("information on the data", "blue", "information"),
            ("of it, on the truth", "green", "about_truth"),
        )
        for row, (words, tone, name) in enumerate(rows):
            panel.line(name, many, getattr(curve, name), tone=tone)
            panel.points(f"{name} now", [data], [getattr(now, name)], tone=tone, size=8)
            said = f"{words}: {text.number(getattr(now, name))}"
            panel.text(f"{name} in words", 0.95, 10.0 ** (7.6 - 0.75 * row), said, tone=tone)
        entropy = text.fixed(now.entropy_change, 2, signed=True)
        parts = f"entropy {entropy}, heat {text.number(now.heat)} kT"
        efficiency = text.percent(now.information / now.cost)
        panel.text("parts", 0.95, 10**5.35, f"{parts}; efficiency {efficiency}")
    return picture

"""Pictures of one memory cell: its potential, its hops, and how long it remembers.

Heights are in kT and lengths in half widths a of the well, so that one picture serves every
temperature and size. A cell's natural rate is D/a², diffusivity over half width squared.

Contents: `hopping`, `marbles`, `barrier_and_escape`, `rate_definitions`, `retention_curves`.
"""

import numpy as np

from lim_lib import memory
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.text import counted, duration, number
from lim_lib.units import YEAR, format_energy, thermal_energy
from lim_lib.validate import Numbers

__all__ = [
    "barrier_and_escape",
    "hopping",
    "marbles",
    "rate_definitions",
    "retention_curves",
]

_LOSSES = (1e-3, 1e-6, 1e-9, 1e-12, 1e-15, 1e-18, 1e-21)
_SPANS = {60.0: "1 min", 86400.0: "1 day", YEAR: "1 yr", 100 * YEAR: "100 yr"}
_LIFETIMES = {1e-6: "1 μs", 1.0: "1 s", 86400.0: "1 day", 10 * YEAR: "10 yr", 1e5 * YEAR: "10⁵ yr"}


def hopping(
    *,
    figure: Picture | None = None,
    time: Numbers = (0.0, 1.0),
    position: Numbers = (-1.0, -1.0),
) -> Picture:
    """A trajectory in the double well, with the two bottoms.

    Parameters
    ----------
    figure : Picture, optional
        An earlier picture of this function, to draw on again.
    time : sequence of float
        Times in units of a²/D.
    position : sequence of float
        Positions in units of a.

    Returns
    -------
    Picture

    Examples
    --------
    >>> hopping(time=[0, 1, 2], position=[-1, 0.9, 1.1])
    Picture(4.8 x 3.3 in)
    """
    with drawing(figure) as picture:
        panel = picture.panel(
            "time (a²/D)",
            "position (a)",
            xlim=(float(time[0]), float(time[-1])),
            ylim=(-1.9, 1.9),
            yticks=(-1, 0, 1),
        )
        panel.rule("top", y=0.0)
        panel.line("path", time, position, tone="blue", width=0.7)
        panel.text("one", 0.02, 0.97, "right well: 1", inside=True, valign="top")
        panel.text("zero", 0.02, 0.03, "left well: 0", inside=True)
    return picture


def marbles(
    *,
    figure: Picture | None = None,
    barrier: float = 3.0,
    position: Numbers = (-1.0,),
    side: Numbers = (-1.0,),
    hops: int = 0,
    natural_rate: float = 1e9,
) -> Picture:
    """Marbles in the double well, in the tone of the bottom at which each was last.

    Parameters
    ----------
    figure : Picture, optional
        An earlier picture of this function, to draw on again.
    barrier : float
        Height of the barrier in kT.
    position : sequence of float
        Of each marble, in units of a.
    side : sequence of float
        Of the bottom at which each was last: -1 or 1.
    hops : int
        How many arrivals at the other bottom there were.
    natural_rate : float
        Diffusivity over half width squared, D/a², in 1/s.

    Returns
    -------
    Picture

    Examples
    --------
    >>> marbles(barrier=5.0, position=[-1.1, 0.9], side=[-1, 1], hops=1)
    Picture(4.8 x 3 in)
    """
    wait = memory.escape_time(barrier * thermal_energy(), natural_rate, 1.0)
    at, last = np.asarray(position, dtype=float), np.asarray(side)
    top = max(8.0, 1.6 * barrier)
    x = np.linspace(-1.9, 1.9, 241)
    # Each lies a little higher than the one before, so that none hides another.
    pile = top * (0.02 + 0.1 * (0.618 * np.arange(at.size) % 1))
    height = barrier * (at**2 - 1) ** 2 + pile
    with drawing(figure, height=3.0) as picture:
        panel = picture.panel("position (a)", "energy (kT)", xlim=(-1.9, 1.9), ylim=(0, top))
        panel.line("well", x, barrier * (x**2 - 1) ** 2, width=2.0)
        for name, here, tone in (("left", last < 0, "blue"), ("right", last > 0, "orange")):
            panel.points(name, at[here], height[here], tone=tone, size=3.5, marker="o")
        panel.text("height", 0, barrier + 0.03 * top, f"{barrier:.0f} kT", align="center")
        panel.text("wait", 0.5, 0.98, f"one waits {duration(wait)}", inside=True, align="center",
                   valign="top")  # fmt: skip
        panel.text("hops", 0.5, 0.9, counted(hops, "hop"), inside=True, align="center",
                   valign="top")  # fmt: skip
    return picture


def barrier_and_escape(
    *, figure: Picture | None = None, barrier: float = 41.0, natural_rate: float = 1e9
) -> Picture:
    """Above: the double well and where a particle in it is found. Below: its mean escape time.

    Parameters
    ----------
    figure : Picture, optional
        An earlier picture of this function, to draw on again.
    barrier : float
        Height of the barrier in kT.
    natural_rate : float
        Diffusivity over half width squared, D/a², in 1/s.

    Returns
    -------
    Picture

    Examples
    --------
    >>> barrier_and_escape(barrier=5.0)
    Picture(4.8 x 4.8 in)
    """
    kT = thermal_energy()
    heights = np.linspace(2.0, 62.0, 61)
    escape = memory.escape_time(heights * kT, diffusivity=natural_rate, half_width=1.0)
    here = memory.escape_time(barrier * kT, diffusivity=natural_rate, half_width=1.0)
    x = np.linspace(-1.6, 1.6, 241)
    energy = barrier * (x**2 - 1) ** 2
    with drawing(figure, height=4.8) as picture:
        panel = picture.panel(
            "position (a)", "energy (kT)", xlim=(-1.6, 1.6), ylim=(0, 70), left=0.9,
            place="top",
        )  # fmt: skip
        panel.band("density", x, 0.0, 22 * np.exp(-energy), tone="orange", alpha=0.45)
        panel.line("well", x, energy, tone="blue", width=2.0)
        panel.line("height", [-0.25, 0.25], [barrier, barrier], tone="grey", width=1.0)
        panel.text("value", 0, barrier + 2, f"{barrier:g} kT", tone="blue", align="center")
        panel.text("found", -1, 23, "density", tone="orange", align="center")
        panel = picture.panel(
            "barrier (kT)",
            "mean escape time",
            xlim=(0, 64),
            ylim=(1e-9, 1e17),
            yscale="log",
            yticks=_LIFETIMES,
            left=0.9,
            place="bottom",
        )
        panel.line("ten years", [0, 64], [10 * YEAR] * 2, tone="grey")
        panel.line("escape", heights, escape, tone="ink")
        panel.points("here", [barrier], [here], tone="blue", size=9)
        panel.text("time", 0.03, 0.95, duration(here), tone="blue", inside=True, valign="top")
    return picture


def rate_definitions(
    *,
    figure: Picture | None = None,
    barriers: Numbers = (2.0, 15.0),
    kramers: Numbers = (1.25, 1.03),
    relaxation: Numbers = (1.17, 1.0),
) -> Picture:
    """Two rates as multiples of the inverse exact escape time, against the barrier.

    Parameters
    ----------
    figure : Picture, optional
        An earlier picture of this function, to draw on again.
    barriers : sequence of float
        Heights in kT.
    kramers : sequence of float
        Kramers' rate times the exact escape time at these heights.
    relaxation : sequence of float
        Half the relaxation rate times the exact escape time.

    Returns
    -------
    Picture

    Examples
    --------
    >>> rate_definitions(barriers=[2, 5], kramers=[1.25, 1.107], relaxation=[1.166, 1.013])
    Picture(4.8 x 3.3 in)
    """
    smooth = np.linspace(1.5, 16, 200)
    with drawing(figure) as picture:
        panel = picture.panel(
            "barrier (kT)",
            "rate × mean escape time",
            xlim=(0, 16),
            ylim=(0.97, 1.3),
            xticks=(2, 5, 8, 10, 15),
            yticks=(1, 1.1, 1.2, 1.3),
        )
        panel.rule("exact", y=1.0)
        panel.line("asymptote", smooth, 1 + 3 / (8 * smooth), tone="grey", width=1.0, dash="solid")
        panel.points("kramers", barriers, kramers, tone="blue", size=8)
        panel.points("relaxation", barriers, relaxation, tone="orange", size=8)
        panel.text("name of kramers", 5.3, 1.115, "Kramers", tone="blue")
        panel.text("name of asymptote", 9.3, 1.055, r"$1 + \frac{3}{8}\,kT/E_b$", tone="grey")
        panel.text("name of relaxation", 2.4, 1.165, "half the relaxation rate", tone="orange")
    return picture


def retention_curves(
    *,
    figure: Picture | None = None,
    retention: float = 10 * YEAR,
    loss_probability: float = 1e-9,
    attempt_rate: float = 1e9,
) -> Picture:
    """Barrier against retention time, a curve for each probability of loss, and one point.

    Parameters
    ----------
    figure : Picture, optional
        An earlier picture of this function, to draw on again.
    retention : float
        Retention time in s.
    loss_probability : float
        Probability of losing the state of one cell in that time.
    attempt_rate : float
        Attempt frequency in 1/s.

    Returns
    -------
    Picture

    Examples
    --------
    >>> retention_curves(retention=60.0, loss_probability=1e-3)
    Picture(4.8 x 3.6 in)
    """
    kT = thermal_energy()
    times = np.geomspace(60.0, 1000 * YEAR, 40)

    def height(span, loss):
        return memory.retention_barrier(span, loss, attempt_rate) / kT

    curves = height(times, np.array(_LOSSES)[:, None])
    here = height(retention, loss_probability)
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "retention time",
            "barrier (kT)",
            xlim=(60.0, 1000 * YEAR),
            ylim=(0, 110),
            xscale="log",
            xticks=_SPANS,
        )
        for loss, curve in zip(_LOSSES, curves, strict=True):
            panel.line(f"loss {loss:g}", times, curve, tone="grey", width=0.8)
        panel.text("lowest", 150.0, curves[0][0], "δ = 10⁻³", tone="grey", valign="top")
        panel.text("highest", 150.0, curves[-1][0] + 4, "δ = 10⁻²¹", tone="grey")
        panel.line("chosen", times, height(times, loss_probability), tone="blue")
        panel.line("down", [retention] * 2, [0, here], tone="blue", width=0.8, dash="solid")
        panel.points("here", [retention], [here], tone="blue", size=9)
        electronvolts = here * kT / 1.602176634e-19
        panel.text(
            "height",
            0.03,
            0.97,
            f"{here:.1f} kT = {electronvolts:.2f} eV = {format_energy(here * kT)}",
            tone="blue",
            inside=True,
            valign="top",
        )
        promise = f"δ = {number(loss_probability, 1)} in {duration(retention)}"
        panel.text("promise", 0.03, 0.87, promise, inside=True, valign="top")
    return picture

"""Pictures of one memory cell: its potential, its hops, and how long it remembers.

Heights are in kT and lengths in half widths a of the well, so that one picture serves every
temperature and size. A cell's natural rate is D/a², diffusivity over half width squared.

Contents: `hopping`, `barrier_and_escape`, `rate_definitions`, `retention_curves`, and
`spell_duration`, a time in words.
"""

from collections.abc import Sequence

import numpy as np

from lim_lib import memory
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.units import format_energy, thermal_energy

__all__ = [
    "barrier_and_escape",
    "hopping",
    "rate_definitions",
    "retention_curves",
    "spell_duration",
]

YEAR = 365.25 * 86400.0
"""A Julian year in seconds."""

_LOSSES = (1e-3, 1e-6, 1e-9, 1e-12, 1e-15, 1e-18, 1e-21)
_SPANS = {60.0: "1 min", 86400.0: "1 day", YEAR: "1 yr", 100 * YEAR: "100 yr"}
_LIFETIMES = {1e-6: "1 μs", 1.0: "1 s", 86400.0: "1 day", 10 * YEAR: "10 yr", 1e5 * YEAR: "10⁵ yr"}
_UNITS = (
    (YEAR, "years"),
    (YEAR / 12, "months"),
    (86400.0, "days"),
    (3600.0, "hours"),
    (60.0, "minutes"),
    (1.0, "s"),
    (1e-3, "ms"),
    (1e-6, "μs"),
    (1e-9, "ns"),
)


def spell_duration(seconds: float) -> str:
    """A time in words, to two digits, in the largest unit that it fills.

    Examples
    --------
    >>> spell_duration(1.73e7), spell_duration(86400.0), spell_duration(1e-3)
    ('6.6 months', '1 day', '1 ms')
    """
    size, unit = next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])
    value = float(f"{seconds / size:.1e}")
    number = f"{value:.2g}" if value < 100 else f"{value:,.0f}".replace(",", "\u202f")
    return f"{number} {unit.removesuffix('s') if value == 1 and len(unit) > 2 else unit}"


def _scientific(number: float) -> str:
    """A positive number to one digit, as a power of ten: 10⁻⁹, 2 × 10⁻⁹."""
    digit, power = f"{number:.0e}".split("e")
    raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"10{raised}" if digit == "1" else f"{digit} × 10{raised}"


def hopping(
    *,
    figure: Picture | None = None,
    time: Sequence[float] = (0.0, 1.0),
    position: Sequence[float] = (-1.0, -1.0),
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
        panel.text("time", 0.03, 0.95, spell_duration(here), tone="blue", inside=True, valign="top")
    return picture


def rate_definitions(
    *,
    figure: Picture | None = None,
    barriers: Sequence[float] = (2.0, 15.0),
    kramers: Sequence[float] = (1.25, 1.03),
    relaxation: Sequence[float] = (1.17, 1.0),
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
        promise = f"δ = {_scientific(loss_probability)} in {spell_duration(retention)}"
        panel.text("promise", 0.03, 0.87, promise, inside=True, valign="top")
    return picture

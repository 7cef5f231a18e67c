"""Pictures of precision: a tilted barrier, net moves against heat, analog against digital.

Barriers and tilts are in units of kT at 300 K, as are the energies drawn.
"""

import numpy as np
from scipy.stats import norm, skellam

from lim_lib import bounds, memory, text
from lim_lib.figures.canvas import Panel, Picture, drawing
from lim_lib.memory import ATTEMPT_RATE
from lim_lib.units import format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, Numbers, integer, number

__all__ = ["analog_and_digital", "drive_and_reliability", "tilted_barrier", "uncertainty_product"]

DURATION = 1e-6
"""The seconds for which net moves are counted."""

READING_ERROR = 1e-9
"""Probability that a value is read wrongly, analog or digital."""

_HEIGHT = Domain(0, 12)
_TILT = Domain(0, 8)
_MOST_BITS = 16


def tilted_barrier(
    *, figure: Picture | None = None, barrier: float = 8.0, tilt: float = 4.0
) -> Picture:
    """Four levels in a row, tilted: what a hop climbs forward, and what backward.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    barrier : float
        Height of the untilted barrier, in kT.
    tilt : float
        Fall from level to level, in kT.

    Returns
    -------
    Picture
    """
    barrier, tilt = number("barrier", barrier, _HEIGHT), number("tilt", tilt, _TILT)
    with drawing(figure) as picture:
        panel = picture.panel(
            "level", "energy (kT)", xlim=(-0.5, 3.5), ylim=(-13.5, 14.5), xticks=range(4)
        )
        corners = np.arange(-1, 8) / 2
        shape = barrier * (np.arange(-1, 8) % 2)
        panel.line("untilted", corners, shape, tone="grey", width=1.2)
        panel.line("tilted", corners, shape - tilt * corners)
        top = barrier - 1.5 * tilt
        for name, level, tone in (("forward", 1, "blue"), ("backward", 2, "orange")):
            start = -tilt * level
            panel.line(name, [level] * 2, [start, top], tone=tone, dash="solid", width=3)
            words, above = f"{name}\n{text.number(top - start)} kT", name == "forward"
            panel.text(f"{name} climb", level + 0.08 - 0.06 * above, top + 0.6 - 1.8 * (not above),
                       words, tone=tone, valign="bottom" if above else "top")  # fmt: skip
        panel.line("summit", [1, 2], [top, top], tone="grey", width=0.8)
        panel.points("memory", [1], [0.7 - tilt], size=10)
        panel.text("tilt", 3.45, 11.0, f"barrier {barrier:g} kT, tilt {tilt:g} kT", align="right")
    return picture


def drive_and_reliability(
    *, figure: Picture | None = None, tilt: float = 1.2, barrier: float = 5.0
) -> Picture:
    """Net moves of one cell in a microsecond, their heat, and the uncertainty product.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    tilt : float
        Tilt per hop in kT, at most 4.
    barrier : float
        Barrier in kT, tried 1e9 times a second; at least 5.

    Returns
    -------
    Picture
    """
    tilt = number("tilt", tilt, Domain(0, 4))
    barrier = number("barrier", barrier, Domain(5, 12))
    kT = thermal_energy()
    forward, backward = (
        DURATION * rate for rate in memory.hop_rates(barrier * kT, tilt * kT, ATTEMPT_RATE)
    )
    mean, spread = forward - backward, np.sqrt(forward + backward)
    moves = np.arange(-12, 75)
    chances = skellam.pmf(moves, forward, backward)
    with drawing(figure, height=5.0) as picture:
        panel = picture.panel(
            "net moves in 1 μs",
            "probability, scaled",
            xlim=(-12, 74),
            ylim=(0, 1.95),
            yticks=(0, 0.5, 1),
            place="top",
        )
        bars = chances / chances.max()
        for name, part, tone in (("back", moves <= 0, "orange"), ("on", moves > 0, "blue")):
            panel.intervals(name, moves[part], 0 * bars[part], bars[part], tone=tone, width=3)
        rates = f"{text.number(forward)} hops forward, {text.number(backward)} back"
        panel.text("rates", 73, 1.72, f"expected: {rates}", align="right")
        moved = f"{text.number(mean)} ± {text.number(spread)} net moves"
        heat = f"heat {text.number(tilt * mean)} kT"
        panel.text("heat", 73, 1.46, f"{moved}, {heat}", align="right")
        idle = text.percent(chances[moves <= 0].sum(), least=1e-4)
        panel.text("error", 73, 1.2, f"no gain: {idle}", tone="orange", align="right")
        _draw_product(picture, tilt, (0, 4.2), (0, 5.2))
    return picture


def _product(tilt):
    """Variance over squared mean, times heat in kT, from the rates; 2 where there is no tilt."""
    kT = thermal_energy()
    tilt = np.maximum(tilt, 1e-6)
    forward, backward = memory.hop_rates(12 * kT, tilt * kT, ATTEMPT_RATE)
    return tilt * (forward + backward) / (forward - backward)


def _draw_product(picture: Picture, tilt: float, xlim: tuple, ylim: tuple):
    panel = picture.panel(
        "tilt (kT)", "product", xlim=xlim, ylim=ylim, yticks=range(6), place="bottom"
    )
    _draw_curve(panel, xlim[1])
    product = float(_product(tilt))
    panel.points("now", [tilt], [product], tone="ink", size=9)
    panel.text("value", 0.1, 4.1, f"relative variance × heat = {product:.2f} kT")


def _draw_curve(panel: Panel, end: float):
    tilts = np.linspace(0, end, 200)
    panel.rule("bound", y=2.0)
    panel.line("curve", tilts, _product(tilts), tone="blue")
    panel.text("bound in words", end, 1.85, "no steady current goes below 2", tone="grey",
               align="right", valign="top")  # fmt: skip


def uncertainty_product(
    *,
    figure: Picture | None = None,
    tilts: Numbers = (),
    products: Numbers = (),
    errors: Numbers = (),
) -> Picture:
    """The uncertainty product of the tilted cell against its tilt, and points to compare.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    tilts : sequence of float
        Tilts of the points, in kT.
    products, errors : sequence of float
        Relative variance times heat in kT, and the standard errors; bars show two of them.

    Returns
    -------
    Picture
    """
    tilts = np.atleast_1d(number("tilts", tilts, NON_NEGATIVE))
    products = np.atleast_1d(number("products", products, POSITIVE))
    errors = np.atleast_1d(number("errors", errors, NON_NEGATIVE))
    with drawing(figure) as picture:
        panel = picture.panel(
            "tilt (kT)", "relative variance × heat (kT)", xlim=(0, 6.6), ylim=(0, 7)
        )
        _draw_curve(panel, 6.6)
        panel.intervals("error bars", tilts, products - 2 * errors, products + 2 * errors,
                        tone="orange", width=2.5)  # fmt: skip
        panel.points("points", tilts, products, tone="orange", size=5)
        panel.text("formula", 3.7, 5.3, "x coth(x/2)", tone="blue", align="right")
        if tilts.size:
            panel.text("points in words", 4.6, 3.6, "simulated", tone="orange")
    return picture


def analog_and_digital(
    *, figure: Picture | None = None, bits: float = 8, hop_budget: float = 100
) -> Picture:
    """Heat of a parameter against its bits, at one reading error: at once, and in a given time.

    The target is the middle of the range. The line diffuses over its range as freely as a cell of
    two levels hops over the same range, so that its D t is 3R times its initial variance.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : int
        Bits, 1 to 16.
    hop_budget : float
        Thermal hops R of one cell of two neighbouring levels that the time allows.

    Returns
    -------
    Picture
    """
    bits = integer("bits", bits, 1, _MOST_BITS)
    hop_budget = number("hop_budget", hop_budget, POSITIVE)
    kT, all_bits = thermal_energy(), np.arange(1.0, _MOST_BITS + 1)
    one_bit = -np.expm1(np.log1p(-READING_ERROR) / all_bits)
    sharper = np.log2(norm.isf(READING_ERROR / 2) / np.sqrt(3))
    curves = (
        ("analog at once", "blue", memory.sudden_spring_heat(all_bits, READING_ERROR)),
        ("digital at once", "orange", memory.sudden_write_heat(all_bits, one_bit)),
        ("ladder, at least", "green",
         bounds.transport_time(1, all_bits, hop_budget, 2**all_bits / 4)),
        ("line, at least", "ink",
         bounds.finite_time(1, all_bits + sharper, 1.0, 0.0, 1.0, 3 * hop_budget)),
        ("digital, at least", "purple", bounds.transport_time(all_bits, 1, hop_budget)),
    )  # fmt: skip
    with drawing(figure, height=4.9) as picture:
        panel = picture.panel(
            "bits per parameter",
            "heat per parameter (kT)",
            xlim=(0.5, 16.5),
            ylim=(0.3, 1e17),
            yscale="log",
            xticks=range(2, 17, 2),
            yticks={1: "1", 1e3: "10³", 1e6: "10⁶", 1e9: "10⁹"},
        )
        panel.line("landauer", all_bits, bounds.landauer(1, all_bits) / kT, tone="grey")
        panel.rule("here", x=bits, width=0.8)
        for row, (name, tone, joules) in enumerate(curves):
            heat = joules / kT
            now = float(heat[bits - 1])
            panel.line(name, all_bits, heat, tone=tone)
            panel.points(f"{name} now", [bits], [now], tone=tone, size=7)
            words = f"{name}: {text.number(now)} kT, {format_energy(now * kT)}"
            panel.text(f"{name} in words", 0.8, 10.0 ** (15.9 - 1.05 * row), words, tone=tone)
        panel.text("landauer in words", 16.4, 0.42, "dotted: b ln 2", tone="grey", align="right")
    return picture

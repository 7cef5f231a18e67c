"""Pictures of consolidation: from a memory that changes to one that stays.

A copy lies in a second memory behind the retention barrier, or the first memory's own barrier
rises; a barrier that rises slowly enough to stay plastic never retains; and three copies that vote
need less of a barrier. Ages are in s, energies in kT unless an argument says otherwise.

Contents: `becoming_permanent`, `forgetting_curves`, `plastic_or_permanent`, `heat_of_tiers`,
`two_tiers_or_one`, `refresh_or_barrier`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lim_lib import bounds, memory, text
from lim_lib.figures.canvas import Panel, Picture, drawing
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.schedules import (
    ExponentialDecay,
    LogarithmicBarrier,
    MatchedBarrier,
)
from lim_lib.units import YEAR, format_energy, thermal_energy
from lim_lib.validate import POSITIVE, Numbers, number
from lim_lib.workloads import span

__all__ = [
    "becoming_permanent",
    "forgetting_curves",
    "heat_of_tiers",
    "plastic_or_permanent",
    "refresh_or_barrier",
    "two_tiers_or_one",
]

RATE = 1e6
"""Net updates per s at the start, and of a copy that is written."""

MODEL = {"model_size": 1.75e11, "bits": 16.0}
UPDATES = MODEL["model_size"] * 93750
LINK = span("chip_link").value
"""J to move one bit between chips: `chip_link` in the hardware table."""

DRIVE = memory.drive_for_error(LOSS)
"""χ of the learning: a cell settles as reliably as it is kept."""

_AGES = {1e-6: "1 μs", 1.0: "1 s", 86400.0: "1 day", TEN_YEARS: "10 yr", 1e5 * YEAR: "10⁵ yr"}
_TONES = ("orange", "ink", "green", "blue")


def becoming_permanent(*, figure: Picture | None = None) -> Picture:
    """One memory whose barrier rises with convergence, between two memories that stand still.

    Update rate 10⁶ exp(-t/τ) per s with τ = 1 s, attempt rate 1 GHz, kept for ten years with a loss
    probability of 10⁻⁹, and settled at the drive of the same error.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.

    Returns
    -------
    Picture
    """
    kT, allowed = thermal_energy(), memory.retention_rate(TEN_YEARS, LOSS)
    matched = MatchedBarrier(DRIVE, ExponentialDecay(RATE, time_constant=1.0), ATTEMPT_RATE)
    start = matched.hop_rate(0.0)
    frozen, rising = np.log(start / allowed), np.log(start / (allowed * TEN_YEARS))
    ends = np.array([0, frozen, 66])
    high = memory.retention_barrier(TEN_YEARS, LOSS, ATTEMPT_RATE) / kT
    low = matched(0.0) / kT
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "time since learning began (time constants τ)",
            "barrier (kT)",
            xlim=(0, 66),
            ylim=(0, 80),
        )
        panel.line("short", [0, 66], [low, low], tone="grey")
        panel.text("short name", 65, low - 1.5, "short-term memory", tone="grey", align="right",
                   valign="top")  # fmt: skip
        panel.line("long", [0, frozen], [high, high], tone="grey")
        panel.text("long name", 1, high + 1, "long-term memory, ten years", tone="grey")
        for x in (3.0, 7.0, 11.0):
            _arrow(panel, f"copy {x}", x, low, high)
        price = memory.tilt_for_rate(RATE, high * kT, ATTEMPT_RATE) / kT
        panel.text("price", 13, 58, f"a copy:\n{price:.0f} kT a bit", tone="orange", valign="top")
        heights = matched(ends) / kT
        panel.line("kept rising", ends[1:], heights[1:], tone="blue", dash="dotted", width=1.5)
        panel.line("one", [*ends[:2], 66], [*heights[:2], high], tone="blue")
        panel.text("one name", 40, 32, "one memory that\nbecomes permanent", tone="blue",
                   valign="top")  # fmt: skip
        safe = matched([rising, frozen]) / kT
        panel.points("safe", [rising, frozen], safe, tone="blue", size=8)
        words = f"safe at {rising:.1f} τ\nif it goes on rising"
        panel.text("rising", rising + 1.5, safe[0] - 1, words, tone="blue", valign="top")
        words = f"safe at {frozen:.1f} τ\nif frozen there"
        panel.text("frozen", 66, high - 5, words, tone="blue", align="right", valign="top")
    return picture


def _arrow(panel: Panel, name: str, x: float, low: float, high: float) -> None:
    look = {"arrowstyle": "-|>", "color": "#c65300", "lw": 1.6, "shrinkA": 0, "shrinkB": 0}
    panel.redraw(
        name, lambda axes: axes.annotate("", xy=(x, high), xytext=(x, low), arrowprops=look)
    )


def forgetting_curves(
    *,
    figure: Picture | None = None,
    attempts: float = 0.1,
    lost: Mapping[float, tuple[Numbers, Numbers, Numbers]] | None = None,
) -> Picture:
    """Share of cells lost against time, for logarithmic barriers of several exponents, and points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    attempts : float
        Attempt rate times the time constant τ of the barrier.
    lost : mapping
        For each exponent (up to four), times in τ, shares of simulated cells that were found in
        the other state, and their standard errors.

    Returns
    -------
    Picture
    """
    points = dict.fromkeys((0.5, 1, 1.5, 2), ((), (), ())) | dict(lost or {})
    time = np.geomspace(1, 2e7, 200)
    with drawing(figure) as picture:
        panel = picture.panel(
            "time (time constants τ of the barrier)",
            "share of cells lost",
            xlim=(1, 4e8),
            ylim=(0, 0.55),
            xscale="log",
        )
        panel.rule("half", y=0.5)
        panel.text("half name", 1.3, 0.505, "nothing left", tone="grey")
        for (alpha, (times, shares, errors)), tone in zip(
            sorted(points.items()), _TONES, strict=True
        ):
            barrier = LogarithmicBarrier(alpha, 1.0, attempts)
            curve = _lost(barrier.hop_budget(time))
            panel.line(f"curve {alpha}", time, curve, tone=tone, width=1.5)
            times, shares, errors = (np.asarray(each, float) for each in (times, shares, errors))
            panel.intervals(
                f"bars {alpha}", times, shares - 2 * errors, shares + 2 * errors, tone=tone
            )
            panel.points(f"points {alpha}", times, shares, tone=tone, size=4.5)
            x, y, align = (60, 0.4, "right") if alpha < 1 else (2.6e7, curve[-1], "left")
            panel.text(
                f"name {alpha}", x, y, f"α = {alpha:g}", tone=tone, align=align, valign="center"
            )
    return picture


def _lost(budget):
    """Probability that a two-state cell is found in the other state, (1 - exp(-2R))/2."""
    return -np.expm1(-2 * np.asarray(budget)) / 2


def plastic_or_permanent(
    *, figure: Picture | None = None, exponent: float = 2.0, time_constant: float = 1e-6
) -> Picture:
    """A logarithmic barrier, and the loss that is still to come, against the age of the cell.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    exponent : float
        Slope α of E_b = α kT ln(1 + t/τ).
    time_constant : float
        τ in s.

    Returns
    -------
    Picture
    """
    alpha = number("exponent", exponent, POSITIVE)
    tau = number("time_constant", time_constant, POSITIVE)
    kT, age = thermal_energy(), np.geomspace(1e-7, 1e13, 121)
    barrier = LogarithmicBarrier(alpha, tau, ATTEMPT_RATE)
    decade = _lost(barrier.budget_from(age, TEN_YEARS))
    ever = _lost(barrier.budget_from(age, 1e300) if alpha > 1 else np.inf * age)
    frame: dict[str, Any] = {"xlim": (1e-7, 1e13), "xscale": "log", "xticks": _AGES}
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel("", "barrier (kT)", ylim=(0, 140), place="top", **frame)
        upper.rule("needed", y=memory.retention_barrier(TEN_YEARS, LOSS, ATTEMPT_RATE) / kT)
        upper.text("needed name", 2e-7, 62, "static, ten years at 10⁻⁹", tone="grey")
        upper.line("barrier", age, barrier(age) / kT, tone="blue")
        wait = text.duration(1 / barrier.hop_rate(86400.0))
        upper.text("rate", 2e-7, 137, f"after one day a hop in {wait}", tone="blue", valign="top")
        lower = picture.panel(
            "age t at which a value is written",
            "probability of losing it",
            ylim=(1e-12, 30),
            yscale="log",
            yticks={1e-12: "10⁻¹²", 1e-9: "10⁻⁹", 1e-6: "10⁻⁶", 1e-3: "10⁻³", 1: "1"},
            place="bottom",
            **frame,
        )
        lower.rule("promise", y=LOSS)
        lower.line("ever", age, ever, tone="orange")
        lower.line("decade", age, decade, tone="blue")
        lower.text("ever name", 2e-7, 1.0, "ever", tone="orange")
        lower.text("decade name", 2e-7, 0.12, "within ten years", tone="blue", valign="top")
        words = "not safe in 10⁵ years" if alpha > 1 else "plastic for ever: lost in the end"
        if ever[-1] < LOSS:
            safe = np.exp(np.interp(-np.log(LOSS), -np.log(ever), np.log(age)))
            words = f"kept for ever from {text.duration(safe)} on"
        lower.text("verdict", 1e13, 2, words, tone="orange", align="right")
    return picture


def heat_of_tiers(
    *,
    figure: Picture | None = None,
    consolidations: Numbers = (),
    heats: Numbers = (),
    one_tier: float | None = None,
    copy: float = 30.83,
    updates: float = 50.0,
    drive: float = 1.0,
) -> Picture:
    """Heat per bit against the number of consolidations: two tiers, one tier, and points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    consolidations, heats : sequence of float
        Simulated two tiers: number of copies, heat per bit in J.
    one_tier : float, optional
        Simulated single tier: heat per bit in J.
    copy : float
        Tilt at which a copy is written, in kT.
    updates : float
        Net moves of the learning.
    drive : float
        χ of the learning.

    Returns
    -------
    Picture
    """
    kT = thermal_energy()
    learning = bounds.matched_barrier(updates, drive) / kT
    consolidations, heats = number("consolidations", consolidations), number("heats", heats)
    with drawing(figure) as picture:
        panel = picture.panel(
            "consolidations before the end",
            "heat per bit (kT)",
            xlim=(-0.4, 10.6),
            ylim=(0, 1.15 * (learning + 10 * copy)),
        )
        panel.line("two", [0, 10], [learning, learning + 10 * copy], tone="orange")
        panel.line("one", [0, 10], [learning, learning], tone="blue")
        panel.text("two name", 6, learning + 6.6 * copy, "two tiers", tone="orange", align="right")
        words = "one rising barrier"
        panel.text("one name", 10, learning - 12, words, tone="blue", align="right", valign="top")
        panel.points("simulated two", consolidations, np.divide(heats, kT), tone="orange", size=7)
        if one_tier is not None:
            panel.points("simulated one", [0], [one_tier / kT], tone="blue", size=8)
    return picture


def two_tiers_or_one(
    *, figure: Picture | None = None, consolidations: float = 300.0, retention: float = TEN_YEARS
) -> Picture:
    """Energy of a learner with two tiers and with one, against the number of consolidations.

    A model of 175 billion parameters of 16 bits, 93 750 net moves a parameter at `DRIVE`; copies
    written at 10⁶ per s and loss probability 10⁻⁹; transfer at 1.3 pJ a bit (a link between chips).

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    consolidations : float
        Copies of the whole model: where the dots are.
    retention : float
        How long a copy must last, in s.

    Returns
    -------
    Picture
    """
    count = number("consolidations", consolidations, POSITIVE)
    counts = np.array([1.0, 1e5, count])
    one = bounds.matched_barrier(UPDATES, DRIVE)
    terms: dict[str, Any] = {**MODEL, "updates": UPDATES, "drive": DRIVE, "update_rate": RATE,
             "retention": retention, "loss_probability": LOSS}  # fmt: skip
    physics = bounds.two_tier(**terms, consolidations=counts, transfer_energy=0.0)
    moved = bounds.two_tier(**terms, consolidations=counts, transfer_energy=LINK)
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "consolidations of the whole model",
            "energy (J)",
            xlim=(0.7, 1.5e5),
            ylim=(1e-6, 1e6),
            xscale="log",
            yscale="log",
        )
        path = np.geomspace(1, 1e5, 60)
        panel.line("moved", counts[:2], moved[:2], tone="purple", width=1.5)
        panel.text(
            "moved name", 9e4, 20, "two tiers with today's link", tone="purple", align="right"
        )
        total = one + (physics[0] - one) * path
        panel.line("two", path, total, tone="orange")
        panel.text("two name", 2e4, 5e-2, "two tiers", tone="orange", align="right")
        panel.line("one", counts[:2], [one, one], tone="blue")
        panel.text("one name", 4e4, one / 1.6, "one tier", tone="blue", align="right",
                   valign="top")  # fmt: skip
        panel.points("now", [count] * 3, [moved[2], physics[2], one], tone="ink", size=6)
        write = (physics[0] - one) / (MODEL["model_size"] * MODEL["bits"]) / thermal_energy()
        lines = (
            f"a copy: {write:.1f} kT a bit, {format_energy(physics[0] - one)}",
            f"one tier {format_energy(one)}, two {format_energy(physics[2])}",
        )
        panel.text("copy", 1.3, 1.2e-5, lines[0], size=9.5)
        panel.text("sums", 1.3, 1.6e-6, lines[1], size=9.5)
    return picture


def refresh_or_barrier(
    *,
    figure: Picture | None = None,
    intervals: Numbers = (),
    barriers: Numbers = (),
    refreshing: Numbers = (),
    writing: Numbers = (),
) -> Picture:
    """Three cells that vote: their barrier and their heat against the time between votes.

    For comparison, a single cell that keeps its promise by its barrier alone: ten years at 10⁻⁹,
    written once at 10⁶ per s.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    intervals : sequence of float
        Times between votes in s.
    barriers, refreshing, writing : sequence of float
        Barrier of each cell, heat of all votes in ten years, and heat of writing the three once,
        in kT.

    Returns
    -------
    Picture
    """
    kT = thermal_energy()
    intervals, barriers = number("intervals", intervals), number("barriers", barriers)
    refreshing, writing = number("refreshing", refreshing), number("writing", writing)
    single = memory.retention_barrier(TEN_YEARS, LOSS, ATTEMPT_RATE)
    written = memory.tilt_for_rate(RATE, single, ATTEMPT_RATE) / kT
    ticks = {1e-3: "1 ms", 1.0: "1 s", 60.0: "1 min", 3600.0: "1 h", 86400.0: "1 day", YEAR: "1 yr"}
    frame: dict[str, Any] = {"xlim": (1e-3, 4e7), "xscale": "log", "xticks": ticks}
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel("", "barrier (kT)", ylim=(30, 70), place="top", **frame)
        upper.rule("single", y=single / kT)
        upper.text("single name", 1.5e-3, single / kT + 0.8, "one cell, no refresh", tone="grey")
        upper.line("three", intervals, barriers, tone="blue")
        upper.text("three name", 3e5, 41, "each of three that vote", tone="blue", align="right",
                   valign="top")  # fmt: skip
        lower = picture.panel(
            "time between two votes", "heat in ten years (kT)", ylim=(0, 400), place="bottom",
            **frame,
        )  # fmt: skip
        lower.rule("written", y=written)
        lower.text("written name", 3e7, written + 5, "one cell, written once", tone="grey",
                   align="right")  # fmt: skip
        lower.line("refreshing", intervals, refreshing, tone="orange")
        lower.text("refreshing name", 30, 12, "votes", tone="orange")
        lower.line("total", intervals, refreshing + writing, tone="blue")
        lower.text("total name", 3e7, 285, "votes and writing three", tone="blue", align="right")
        total = refreshing + writing
        if total.size:
            best = int(np.argmin(total))
            lower.points("best", [intervals[best]], [total[best]], tone="blue", size=8)
    return picture

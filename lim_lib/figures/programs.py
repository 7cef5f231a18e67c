"""Pictures of quadratic programs on ladders: what they cost, and how a barrier lets them settle.

Energies are drawn in units of kT at 300 K.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lim_lib import bounds, schedules, text, units
from lim_lib.figures.canvas import TONES, Picture, drawing, snapshots
from lim_lib.optimizers import Anneal, QuadraticProgram
from lim_lib.optimizers.variable import (
    ATTEMPT_RATE,
    KEPT_BITS,
    MINIMUM,
    SPAN,
    freezing_barrier,
    frozen,
    hurried,
    single_variable,
)
from lim_lib.validate import POSITIVE, Domain, Numbers, integer, number, refuse

__all__ = [
    "excess_of_scale",
    "freezing",
    "heat_of_precision",
    "modes_of_a_valley",
    "price_of_hops",
    "settling",
    "valley",
]

BUDGETS = tuple(np.logspace(1, 5, 9).round(3).tolist())
"""Hop budgets at which the price of haste is computed."""

_SHOWN = 12  # paths of one variable
_PRICES = (
    ("heat", "blue", "heat"),
    ("theorem", "green", "transport and activity"),
    ("landauer", "grey", "entropy lost"),
)
_BUDGET = Domain(10.0, 1e5)
_FREEZING = Domain(1e-3, 10)
_HELD = Domain(0, 1.5)


def valley(
    *, figure: Picture | None = None, program: QuadraticProgram, quick: Anneal, slow: Anneal,
    replica: int = 0,
) -> Picture:  # fmt: skip
    """Contour lines of a program of two variables, and one path of each of two runs.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    program : QuadraticProgram
        Of two variables.
    quick, slow : Anneal
        Runs with snapshots.
    replica : int
        Which of their replicas is drawn.

    Returns
    -------
    Picture
    """
    best = program.optimum()
    low, high = program.lower, program.upper
    margin = 0.04 * (high - low)
    axes = [np.linspace(a, b, 90) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    height = program.value(grid.reshape(-1, 2)).reshape(90, 90) - best.energy
    lines = height.max() * np.linspace(0.08, 1, 10) ** 2
    with drawing(figure, height=4.4) as picture:
        panel = picture.panel(
            "first variable",
            "second variable",
            xlim=(low[0] - margin[0], high[0] + margin[0]),
            ylim=(low[1] - margin[1], high[1] + 4 * margin[1]),
        )
        panel.redraw("contours", lambda axes_: axes_.contour(
            *axes, height, levels=lines, colors=TONES["grey"].colour, linewidths=0.6))  # fmt: skip
        for name, run, tone, width in (("slow", slow, "blue", 0.7), ("quick", quick, "orange", 2)):
            path = snapshots(name, run)[:, replica].T
            panel.line(name, *path, tone=tone, width=width, dash="solid")
            panel.points(f"{name} start", *path[:, :1], tone=tone, size=8)
        panel.points("optimum", *best.point[:, None], size=11, marker="*")
        for name, run, tone, words, at in (
            ("quick", quick, "orange", "at once", (low[0], "left")),
            ("slow", slow, "blue", "slowly", (high[0], "right")),
        ):
            heat, error = np.divide(run.ledger.mean("heat"), units.thermal_energy())
            places = 0 if heat >= 100 else 1
            spread = "?" if np.isnan(error) else text.fixed(error, places)
            said = f"{words}: {text.fixed(heat, places)} ± {spread} kT"
            panel.text(f"{name} in words", at[0], high[1] + 3.8 * margin[1], said, tone=tone,
                       align=at[1], valign="top")  # fmt: skip
    return picture


def settling(
    *, figure: Picture | None = None, run: Anneal, barrier: schedules.MatchedBarrier,
    variable: int = 0,
) -> Picture:  # fmt: skip
    """A barrier that rises, and under it twelve paths of one variable on its ladder.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    run : Anneal
        A quadratic program, with snapshots.
    barrier : schedule
        That of the run.
    variable : int
        Which variable is drawn.

    Returns
    -------
    Picture
    """
    program, end = run.problem, float(run.times[-1])
    if not isinstance(program, QuadraticProgram):
        refuse("run", run, "of a QuadraticProgram", TypeError)
    low, high = program.lower[variable], program.upper[variable]
    height = barrier(run.times) / units.thermal_energy()
    with drawing(figure, height=4.6) as picture:
        frame: dict[str, Any] = {"xlim": (0, 1.02 * end)}
        upper = picture.panel(
            "", "barrier (kT)", ylim=(0, 1.3 * height.max()), place="top", **frame
        )
        upper.line("height", run.times, height, tone="blue")
        gained = height[-1] - height[0]
        told = f"it rises by {text.number(gained)} kT, kT ln 2 for each bit"
        upper.text("gain", 0.02 * end, 1.28 * height.max(), told, tone="blue", valign="top")
        lower = picture.panel(
            "time (s)", "variable", ylim=(1.04 * low, 1.04 * high), place="bottom", **frame
        )
        for index, path in enumerate(snapshots("run", run)[:, :_SHOWN, variable].T):
            lower.line(f"path {index}", run.times, path, tone="blue", width=0.6, dash="solid")
        lower.rule("optimum", y=program.optimum().point[variable], tone="orange")
    return picture


def excess_of_scale(
    *, figure: Picture | None = None, programs: Sequence[QuadraticProgram],
    simulated: Sequence[tuple[float, float, float]] = (),
) -> Picture:  # fmt: skip
    """Mean H at rest above the true minimum, against the scale, for several precisions.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    programs : sequence of QuadraticProgram
        The same program with different bits, small enough to be enumerated.
    simulated : sequence of (scale, excess, standard error)
        Points: λ in J per unit of H, and mean H above the minimum with its standard error.

    Returns
    -------
    Picture
    """
    kT = units.thermal_energy()
    couplings = np.logspace(-1, 4, 31)
    least = programs[0].optimum().energy
    with drawing(figure, height=4.0) as picture:
        panel = picture.panel(
            "scale λ (kT per unit of H)",
            "mean H above the minimum",
            xlim=(0.1, 2e4),
            ylim=(1e-4, 20),
            xscale="log",
            yscale="log",
        )
        panel.line("equipartition", couplings, programs[0].size / (2 * couplings), tone="grey")
        panel.text("equipartition in words", 3, 1.3, "M kT/2λ", tone="grey")
        for program, tone in zip(programs, ("purple", "green", "blue", "orange"), strict=False):
            excess = [program.equilibrium(c).energy - least for c in couplings]
            name = text.counted(program.bits, "bit")
            panel.line(name, couplings, excess, tone=tone)
            panel.text(f"{name} in words", 1.9e4, excess[-1] * 1.08, name, tone=tone, align="right")
            resolving = program.resolving_scale() / kT
            panel.points(
                f"{name} resolved",
                [resolving],
                [program.equilibrium(resolving).energy - least],
                tone=tone,
                hollow=True,
                size=9,
            )
        scale, mean, error = np.reshape(simulated, (-1, 3)).T
        low = np.maximum(mean - 2 * error, 1e-9)
        panel.intervals("errors", scale / kT, low, mean + 2 * error)
        panel.points("simulated", scale / kT, mean, size=5)
    return picture


def heat_of_precision(
    *, figure: Picture | None = None, quick: Sequence[tuple[float, float, float]],
    slow: Sequence[tuple[float, float, float]],
) -> Picture:  # fmt: skip
    """Heat of a variable against its bits: solved at once, solved slowly, and two rungs.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    quick, slow : sequence of (bits, heat, standard error)
        Simulated heat of one variable in J.

    Returns
    -------
    Picture
    """
    kT = units.thermal_energy()
    bits = np.linspace(0.5, 6.5, 100)
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "bits of a variable", "heat per variable (kT)",
            xlim=(0.5, 6.5), ylim=(0.05, 1e4), yscale="log",
        )  # fmt: skip
        panel.line("static", bits, bounds.static_stiffness(1, bits) / kT, tone="orange")
        panel.line("landauer", bits, bounds.landauer(1, bits) / kT, tone="grey")
        for name, points, tone in (("quick", quick, "orange"), ("slow", slow, "blue")):
            b, heat, error = np.reshape(points, (-1, 3)).T
            low = np.maximum(heat - 2 * error, 1e-3 * kT)
            panel.intervals(f"{name} errors", b, low / kT, (heat + 2 * error) / kT, tone=tone)
            panel.points(name, b, heat / kT, tone=tone, size=7)
        panel.text("quick in words", 0.7, 4e3, "at once; line: static stiffness",
                   tone="orange", valign="top")  # fmt: skip
        panel.text("slow in words", 6.4, 7, "slowly", tone="blue", align="right")
        panel.text("landauer in words", 6.4, 1.6, "b ln 2", tone="grey", align="right")
    return picture


def price_of_hops(
    *, figure: Picture | None = None, bits: int = 4, budget: float = 100.0
) -> Picture:
    """Heat and error of one variable against the hops that its barrier allows, exactly.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : int
        Bits of the variable, 1 to 6.
    budget : float
        Hop budget at which the values are written out, 10 to 10^5.

    Returns
    -------
    Picture
    """
    bits, budget = integer("bits", bits, low=1, high=6), number("budget", budget, _BUDGET)
    kT = units.thermal_energy()
    program = single_variable(bits)
    runs = [hurried(bits, each) for each in BUDGETS]
    now = hurried(bits, budget)
    rest = program.equilibrium(program.resolving_scale() / kT).energy
    quench = program.resolving_scale() * (program.all_energies.mean() - rest)
    with drawing(figure, height=5.2) as picture:
        frame: dict[str, Any] = {"xlim": (8, 1.25e5), "xscale": "log"}
        upper = picture.panel("", "heat (kT)", ylim=(0.7, 3e5), yscale="log", place="top", **frame)
        upper.rule("quench", y=quench / kT, tone="orange")
        upper.text("quench in words", 10, quench / kT * 1.15, f"at once: {quench / kT:.0f} kT",
                   tone="orange")  # fmt: skip
        for row, (name, tone, told) in enumerate(_PRICES):
            values = [max(getattr(run, name) / kT, 1e-3) for run in runs]
            upper.line(name, BUDGETS, values, tone=tone, marked=name == "heat")
            said = f"{told}: {getattr(now, name) / kT:.2f} kT"
            upper.text(f"{name} in words", 1.1e5, 2.4e5 / 4.6**row, said, tone=tone, align="right",
                       valign="top")  # fmt: skip
        upper.points("now", [budget], [now.heat / kT], tone="blue", size=11, hollow=True)
        lower = picture.panel(
            "hop budget R (hops)",
            "rms error of x",
            ylim=(0.003, 1),
            yscale="log",
            place="bottom",
            **frame,
        )
        spacing = float(program.spacing[0])
        lower.rule("spacing", y=spacing)
        lower.text("spacing in words", 1.1e5, spacing / 1.06, "one level", tone="grey", size=9,
                   align="right", valign="top")  # fmt: skip
        lower.line("error", BUDGETS, [run.error for run in runs], tone="blue", marked=True)
        lower.points("now", [budget], [now.error], tone="blue", size=11, hollow=True)
        lower.text("error in words", 1.1e5, 0.85, f"error {text.number(now.error, 2)}", tone="blue",
                   align="right", valign="top")  # fmt: skip
    return picture


def freezing(
    *, figure: Picture | None = None, time_constant: float = 0.085, held: float = 0.25
) -> Picture:
    """A variable of four bits that learns for a second and is left alone later, exactly.

    Its scale grows fourfold in each quarter of the first second, is held, and is switched off. Its
    barrier rises all the time, by kT in each time constant, from 10^6 hops a second.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    time_constant : float
        In which the barrier rises by kT, in s.
    held : float
        How long the scale is held, in s, 0 to 1.5.

    Returns
    -------
    Picture
    """
    time_constant = number("time_constant", time_constant, _FREEZING)
    held = number("held", held, _HELD)
    run = frozen(time_constant, held)
    program, times = single_variable(KEPT_BITS), run.times
    values = program.decode(np.arange(program.levels)[:, None])[:, 0]
    chances = snapshots("run", run)
    mean = chances @ values
    spread = np.sqrt(chances @ values**2 - mean**2)
    barrier = freezing_barrier(time_constant)
    right = chances[:, int(np.argmin(program.all_energies))]
    off = 1 + held
    with drawing(figure, height=4.8) as picture:
        frame: dict[str, Any] = {"xlim": (0, SPAN)}
        upper = picture.panel("", "barrier (kT)", ylim=(0, 60), place="top", **frame)
        rare = np.log(ATTEMPT_RATE)
        upper.rule("rare", y=rare)
        upper.text("rare in words", 0.98 * SPAN, rare + 1, "one hop a second", tone="grey",
                   size=9, align="right")  # fmt: skip
        height = barrier(times) / units.thermal_energy()
        upper.line("height", times, np.minimum(height, 65), tone="blue")
        lower = picture.panel("time (s)", "variable", ylim=(-1.05, 1.55), place="bottom", **frame)
        lower.band("cloud", times, np.maximum(mean - 2 * spread, -1),
                   np.minimum(mean + 2 * spread, 1), tone="blue")  # fmt: skip
        lower.line("mean", times, mean, tone="blue")
        lower.rule("minimum", y=MINIMUM, tone="orange")
        lower.rule("off", x=off)
        at = int(np.searchsorted(times, off - 1e-9))
        for name, x, align, index in (
            ("learnt", 0.02 * SPAN, "left", at), ("kept", 0.98 * SPAN, "right", -1),
        ):  # fmt: skip
            said = f"{name}: {text.percent(right[index], 3)} right"
            lower.text(name, x, 1.5, said, align=align, valign="top")
    return picture


def modes_of_a_valley(
    *, figure: Picture | None = None, hops: Numbers, modes: Sequence,
    errors: Sequence, rates: Numbers,
) -> Picture:  # fmt: skip
    """How far each direction of a valley still is from rest, against hops: simulated and expected.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    hops : sequence of float
        Hop budgets.
    modes, errors : sequence of sequences of float
        Mean distance left along each direction, as a share of the first, and standard errors.
    rates : sequence of float
        Expected rate of each direction, per hop.

    Returns
    -------
    Picture
    """
    rates = np.atleast_1d(number("rates", rates, POSITIVE))
    hops = np.asarray(hops, dtype=float)
    end = hops.max()
    fine = np.linspace(0, end, 200)
    with drawing(figure) as picture:
        panel = picture.panel(
            "hop budget R (hops)",
            "distance left (share)",
            xlim=(0, 1.03 * end),
            ylim=(0.02, 1.3),
            yscale="log",
        )
        for index, (mode, error, rate, tone) in enumerate(
            zip(modes, errors, rates, ("orange", "blue"), strict=False)
        ):
            share = np.exp(-rate * fine)
            panel.line(f"direction {index}", fine[share > 0.015], share[share > 0.015], tone=tone)
            seen = np.asarray(mode) > 0.02
            low = np.maximum(np.subtract(mode, 2 * np.asarray(error)), 1e-3)
            high = np.add(mode, 2 * np.asarray(error))
            panel.intervals(f"errors {index}", hops[seen], low[seen], high[seen], tone=tone)
            panel.points(f"points {index}", hops[seen], np.asarray(mode)[seen], tone=tone)
            where = min(1 / rate, 0.6 * end)
            panel.text(f"words {index}", where + 0.03 * end, np.exp(-rate * where) * 1.05,
                       f"to 1/e in {1 / rate:.0f} hops", tone=tone)  # fmt: skip
    return picture

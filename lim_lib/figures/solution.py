"""Pictures of the energy to solution: two theorems, what comes near them, and what limits it.

Heat is drawn in units of kT.
"""

from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson

from lim_lib import bounds, memory, text
from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.memory import ATTEMPT_RATE, TEN_YEARS
from lim_lib.schedules import ExponentialBarrier, ExponentialDecay, MatchedBarrier
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, Numbers, integer, number, refuse

__all__ = [
    "drawn_barriers",
    "edge_and_triangle",
    "heat_in_time",
    "least_heat",
    "matched_and_mismatched",
    "price_of_a_solution",
    "rungs",
    "who_is_limited",
]

DURATION = 1.3e6
"""Time to solution in s."""

_END = 8.0  # of the run, in time constants of the optimizer
_BITS = Domain(1, 16)
_BUDGET = Domain(3, 1e4)
_ERROR = 1e-3
_SLOWNESS = Domain(0.5, 10)
_DRIVE = Domain(0.1, 10)
_HEAT = Domain(2, 300)


def price_of_a_solution(
    *,
    figure: Picture | None = None,
    bits: float = 3.0,
    hops: Numbers = (),
    heats: Numbers = (),
) -> Picture:
    """Least heat for one parameter against the hops that it makes, and points to compare.

    The parameter is uniform at first and ends at the top of its ladder, W = (L - 1)/2 level moves.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : float
        Precision b.
    hops, heats : sequence of float
        Points: hops, and heat in J.

    Returns
    -------
    Picture
    """
    bits = number("bits", bits, _BITS)
    hops, heats = number("hops", hops, POSITIVE), number("heats", heats)
    kT, needed = thermal_energy(), (2**bits - 1) / 2
    given = needed * (1 + np.geomspace(1e-4, 300, 300))
    least = bounds.transport_activity(model_size=1, bits=bits, hops=given, transport=needed) / kT
    landauer = bounds.landauer(model_size=1, bits=bits) / kT
    top = landauer + 4.5 * needed
    with drawing(figure) as picture:
        panel = picture.panel(
            "hops of the parameter",
            "heat of a solution (kT)",
            xlim=(needed / 1.5, 300 * needed),
            ylim=(0, top),
            xscale="log",
        )
        panel.band("out of reach", given, 0, least, tone="grey", alpha=0.15)
        panel.rule("landauer", y=landauer)
        panel.rule("needed", x=needed)
        panel.line("least", given, least, tone="blue")
        panel.text("landauer in words", 280 * needed, 0.93 * landauer,
                   f"Landauer: {bits:g} ln 2", tone="grey",
                   align="right", valign="top")  # fmt: skip
        panel.text("few", 1.6 * needed, 0.8 * top,
                   f"only the {needed:g} needed:\neach must be right", tone="blue")  # fmt: skip
        panel.text("many", 280 * needed, 0.32 * top, "many hops:\nthe noise does the moving",
                   tone="blue", align="right")  # fmt: skip
        panel.points("points", hops, np.divide(heats, kT), tone="orange", size=7)
        if np.size(hops):
            panel.text("points in words", 6 * needed, 0.62 * top, "steered for the bound",
                       tone="orange")  # fmt: skip
    return picture


_FLUXES = ((4.0, 1.0), (2.2, 1.6), (3.2, 0.2), (1.4, 1.3))


def edge_and_triangle(
    *, figure: Picture | None = None, fluxes: tuple[tuple[float, float], ...] = _FLUXES
) -> Picture:
    """The right triangle of one edge, and the chain of several, whose length is the activity.

    Above: net flux j, twice the geometric mean 2g, and the activity a as their hypotenuse. Below:
    the hypotenuses of all edges head to tail, and the straight line between the ends of the chain.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    fluxes : sequence of pairs of float
        Flux up and flux down for each edge, in 1/s; the first pair is the edge above.

    Returns
    -------
    Picture
    """
    up, down = np.transpose([number("fluxes", pair, POSITIVE) for pair in fluxes])
    net, mean = up - down, 2 * np.sqrt(up * down)
    if net.min() < 0:
        refuse("fluxes", fluxes, "pairs (up, down) with up >= down")
    g, j = (np.append(0, np.cumsum(each)) for each in (mean, net))
    with drawing(figure, height=6.0) as picture:
        upper = picture.panel(
            "twice the geometric mean, 2g (1/s)",
            "net flux j (1/s)",
            xlim=(0, 1.5 * g[1]),
            ylim=(0, 1.3 * j[1]),
            place="top",
        )
        upper.line("legs", [0, g[1], g[1]], [0, 0, j[1]], tone="grey")
        upper.line("edge", [0, g[1]], [0, j[1]], tone="blue")
        upper.text("activity", 0.46 * g[1], 0.62 * j[1], f"activity a = {up[0] + down[0]:.3g}",
                   tone="blue", align="right")  # fmt: skip
        upper.text("net", 1.03 * g[1], 0.45 * j[1], f"j = {net[0]:.3g}")
        upper.text("mean", 0.62 * g[1], 0.04 * j[1], f"2g = {mean[0]:.3g}")
        upper.text("angle", 0.2 * g[1], 0.04 * j[1], "φ")
        lower = picture.panel(
            "twice the sum of all geometric means",
            "net moves",
            xlim=(0, 1.2 * g[-1]),
            ylim=(0, 1.2 * j[-1]),
            place="bottom",
        )
        lower.line("chain", g, j, tone="blue", marked=True)
        lower.line("straight", g[[0, -1]], j[[0, -1]], tone="orange")
        hops, least = np.hypot(mean, net).sum(), np.hypot(g[-1], j[-1])
        lower.text("chain in words", 0.03 * g[-1], 1.03 * j[-1],
                   f"length of the chain: {hops:.3g} hops", tone="blue")  # fmt: skip
        lower.text("straight in words", 1.17 * g[-1], 0.3 * j[-1], f"straight: {least:.3g}",
                   tone="orange", align="right")  # fmt: skip
    return picture


def heat_in_time(
    *,
    figure: Picture | None = None,
    times: Numbers = (0.0, 1.0),
    heats: dict[str, Numbers] | None = None,
    least: float = 0.0,
) -> Picture:
    """Heat so far of several protocols for one task, against time.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    times : sequence of float
        Times in τ.
    heats : mapping of str to sequence of float, optional
        For each protocol, by its name in words, the heat up to those times in kT; at most four.
    least : float
        A heat in kT to compare with.

    Returns
    -------
    Picture
    """
    times, least = number("times", times, NON_NEGATIVE), number("least", least, NON_NEGATIVE)
    heats = {name: number(f"heats[{name!r}]", row) for name, row in (heats or {}).items()}
    if len(heats) > 4:
        refuse("heats", f"{len(heats)} protocols", "at most four")
    end = float(np.max(times))
    top = 1.25 * max([least, 1.0, *(float(np.max(row)) for row in heats.values())])
    tones = ("blue", "orange", "purple", "green")
    with drawing(figure) as picture:
        panel = picture.panel("time (τ)", "heat so far (kT)", xlim=(0, end), ylim=(0, top))
        panel.rule("least", y=least)
        panel.text("least in words", 0.02 * end, least, f"Landauer {least:.2f}", tone="grey")
        taken = -top
        for (name, row), tone in sorted(
            zip(heats.items(), tones, strict=False), key=lambda each: np.asarray(each[0][1])[-1]
        ):
            ends = float(np.asarray(row)[-1])
            panel.line(name, times, row, tone=tone)
            taken = max(ends + 0.01 * top, taken + 0.08 * top)
            panel.text(f"{name} in words", 0.99 * end, taken, f"{name}: {ends:.1f}", tone=tone,
                       align="right")  # fmt: skip
    return picture


def matched_and_mismatched(
    *, figure: Picture | None = None, drive: float = 1.0, slowness: float = 5.0
) -> Picture:
    """Two barriers of the same hop budget for one decaying update rate: rates, and heat so far.

    The optimizer's update rate falls as exp(-t/τ) during 8 τ. The matched barrier's hop rate
    falls with it; the other's falls with a time constant of its own.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    drive : float
        χ = v/2r of the matched barrier.
    slowness : float
        Time constant of the other barrier's hop rate, in units of τ.

    Returns
    -------
    Picture
    """
    drive, slowness = number("drive", drive, _DRIVE), number("slowness", slowness, _SLOWNESS)
    decay = ExponentialDecay(1.0, time_constant=1.0)
    matched = MatchedBarrier(drive, decay, ATTEMPT_RATE)
    shape = ExponentialBarrier(1.0, slowness, ATTEMPT_RATE)
    initial = float(matched.hop_budget(_END) / shape.hop_budget(_END))
    other = ExponentialBarrier(initial, slowness, ATTEMPT_RATE)
    t = np.linspace(0, _END, 161)
    speed, moves = decay(t), decay.integral(_END)
    matched_tilt = matched.tilt / thermal_energy()
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel(
            "",
            "rate (1/τ)",
            xlim=(0, _END),
            ylim=(1e-5, 30),
            yscale="log",
            yticks={1e-4: "$10^{-4}$", 1e-2: "$10^{-2}$", 1: "1"},
            place="top",
        )
        lower = picture.panel(
            "time (τ)",
            "heat so far (relative)",
            xlim=(0, _END),
            ylim=(0, 3.6),
            yticks=(0, 1, 2, 3),
            place="bottom",
        )
        upper.line("updates", t, speed, tone="ink")
        upper.text("updates in words", 7.9, 12, "update rate (black), hop rates",
                   align="right", valign="center")  # fmt: skip
        lower.rule("one", y=1.0)
        compared: tuple[tuple[str, Any, str], ...] = (
            ("matched", matched, "blue"),
            ("other", other, "orange"),
        )
        for row, (name, barrier, tone) in enumerate(compared):
            tilt = memory.tilt_for_rate(speed, barrier(t), ATTEMPT_RATE) / thermal_energy()
            heat = cumulative_simpson(speed * tilt, x=t, initial=0) / moves
            upper.line(name, t, barrier.hop_rate(t), tone=tone)
            lower.line(name, t, heat / matched_tilt, tone=tone)
            words = f"{name} barrier: {heat[-1]:.2f} kT a net move"
            lower.text(f"{name} in words", 0.15, 3.55 - 0.38 * row, words, tone=tone,
                       valign="top")  # fmt: skip
    return picture


def drawn_barriers(
    *,
    figure: Picture | None = None,
    times: Numbers = (0.0, 6.0),
    barriers: dict[str, Numbers] | None = None,
    heats: dict[str, float] | None = None,
) -> Picture:
    """Barriers drawn against time, and heats on a line.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    times : sequence of float
        Times in s.
    barriers : mapping of str to sequence of float, optional
        For each barrier, by its name, its height at those times in kT; at most four.
    heats : mapping of str to float, optional
        Heats in kT, from 2 to 300, by their names.

    Returns
    -------
    Picture
    """
    barriers, heats = dict(barriers or {}), dict(heats or {})
    if len(barriers) > 4:
        refuse("barriers", f"{len(barriers)} barriers", "at most four")
    times = number("times", times, NON_NEGATIVE)
    with drawing(figure, height=4.4) as picture:
        upper = picture.panel(
            "time (s)",
            "barrier + constant (kT)",
            xlim=(0, float(np.max(times))),
            ylim=(0, 14),
            yticks=(0, 5, 10),
            place="top",
        )
        for (name, heights), tone in zip(
            barriers.items(), ("blue", "orange", "purple", "green"), strict=False
        ):
            upper.line(name, times, heights, tone=tone, marked=True)
            upper.text(f"{name} in words", times[-1] * 0.99, heights[-1] + 0.4, name, tone=tone,
                       align="right")  # fmt: skip
        lower = picture.panel(
            "heat (kT)",
            "",
            xlim=(2, 300),
            ylim=(0, 1),
            xscale="log",
            xticks={each: f"{each}" for each in (2, 5, 10, 20, 50, 100, 300)},
            yticks=(),
            place="bottom",
        )
        for row, (name, heat) in enumerate(heats.items()):
            heat = number(f"heats[{name!r}]", heat, _HEAT)
            lower.rule(name, x=heat)
            lower.text(f"{name} in words", heat, 0.85 - 0.2 * row, f" {name}: {heat:.3g} ",
                       align="right" if heat > 30 else "left")  # fmt: skip
    return picture


def least_heat(
    *,
    figure: Picture | None = None,
    levels: int = 8,
    error: float = 1e-3,
    protocols: dict[str, tuple[Numbers, Numbers]] | None = None,
) -> Picture:
    """Least heat of bringing one parameter to the top of its ladder, against the hop budget.

    The frontier, the theorem of transport and time below it, and protocols above it.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    levels : int
        Levels of the parameter, uniform at first.
    error : float
        Probability that it ends elsewhere.
    protocols : mapping of str to pair of sequences of float, optional
        By name, hop budgets and heats in kT; at most three.

    Returns
    -------
    Picture
    """
    protocols = protocols or {}
    if len(protocols) > 3:
        refuse("protocols", f"{len(protocols)} of them", "at most three")
    budgets, kT = np.geomspace(1, 300, 13), thermal_energy()
    ways = [
        bounds.frontier(levels, budget, error, target=levels - 1, tolerance=0.01)
        for budget in budgets
    ]
    least = np.array([way.heat for way in ways]) / kT
    theorem = [
        bounds.transport_time(
            1, np.log2(levels), budget, transport=way.transport, entropy_lost=way.entropy_lost
        )
        / kT
        for budget, way in zip(budgets, ways, strict=True)
    ]
    landauer = ways[-1].entropy_lost
    with drawing(figure) as picture:
        panel = picture.panel(
            "hop budget",
            "heat of a solution (kT)",
            xlim=(1, 300),
            ylim=(0, 33),
            xscale="log",
            xticks={1: "1", 3: "3", 10: "10", 30: "30", 100: "100", 300: "300"},
        )
        panel.band("out of reach", budgets, 0, least, tone="grey", alpha=0.15)
        panel.rule("landauer", y=landauer)
        panel.line("theorem", budgets, theorem, tone="blue", dash="dashed", width=1.5)
        panel.line("least", budgets, least, tone="blue")
        panel.text("least in words", 1.7, 0.9 * least[0], "least possible", tone="blue")
        panel.text("theorem in words", 1.1, 0.48 * theorem[0], "theorem 2", tone="blue",
                   valign="top")  # fmt: skip
        for (name, (spent, heats)), tone in zip(
            protocols.items(), ("orange", "green", "purple"), strict=False
        ):
            panel.line(name, spent, heats, tone=tone, width=1.2, marked=True, label=name)
        panel.legend("upper right")
    return picture


def who_is_limited(
    *, figure: Picture | None = None, diffusivity: float = 0.05, duration: float = 10.0
) -> Picture:
    """Noise and drift of the four-bit weight learned for least heat under two limits, in time.

    The weight has the spread 1 at first and 1/16 in the end; its optimizer relaxes by at most 1/s.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    diffusivity : float
        The most that the memory diffuses, in 1/s.
    duration : float
        Time to solution in s, more than 4 ln 2.

    Returns
    -------
    Picture
    """
    way = bounds.Phases(4, 1.0, 1.0, number("diffusivity", diffusivity, POSITIVE), duration)
    time = np.linspace(0, way.duration, 401)
    heat = 4 * np.log(2) + way.excess
    with drawing(figure) as picture:
        panel = picture.panel(
            "share of the time",
            "part of the limit",
            xlim=(0, 1),
            ylim=(0, 1.35),
            yticks={0: "0", 0.25: "¼", 0.5: "½", 0.75: "¾", 1: "limit"},
        )
        share = time / way.duration
        panel.line("noise", share, way.diffusivity_at(time) / way.diffusivity, tone="blue",
                   label="noise of the device, D")  # fmt: skip
        panel.line("drift", share, way.relaxation_rate_at(time), tone="orange",
                   label="drift of the optimizer, η")  # fmt: skip
        ends = np.cumsum((0.0, *way.times)) / way.duration
        for name, low, high in zip(("open", "both", "matched"), ends, ends[1:], strict=False):
            if high - low > 1e-3 and high < 1:
                panel.line(f"end of {name}", [high, high], [0, 1], tone="grey", width=1.3)
            if high - low > 0.12:
                panel.text(name, (low + high) / 2, 0.84, name, tone="grey", align="center")
        panel.text("heat", 0.99, 1.22, f"{heat:.2f} kT", align="right")
        panel.legend("upper left")
    return picture


def rungs(*, figure: Picture | None = None, bits: int = 3, hop_budget: float = 10.0) -> Picture:
    """Six rungs for one parameter that is brought to the top of its ladder, all equally reliable.

    Uniform at first, it makes as many net moves as it must, and is on a wrong level in the end
    with a probability of 1/1000. The matched barrier's tilt is constant, and leaves that error;
    the static barrier keeps for ten years with the same error, and is written within 15 days.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : int
        Precision b.
    hop_budget : float
        Hops R that the barrier allows while the parameter is written.

    Returns
    -------
    Picture
    """
    bits = integer("bits", bits, 1, 6)
    hop_budget = number("hop_budget", hop_budget, _BUDGET)
    kT, levels = thermal_energy(), 2**bits
    way = bounds.frontier(levels, hop_budget, _ERROR, target=levels - 1)
    moves = way.transport
    one: dict[str, Any] = {"model_size": 1, "bits": bits, "entropy_lost": way.entropy_lost}
    drive = np.sinh(np.log(1 / _ERROR) / 2)
    static = bounds.static_barrier(
        moves, moves / DURATION, ATTEMPT_RATE, retention=TEN_YEARS, loss_probability=_ERROR
    )
    rows = (
        ("Landauer", bounds.landauer(**one), "blue"),
        ("transport, time", bounds.transport_time(**one, hop_budget=hop_budget, transport=moves),
         "blue"),
        ("least possible", way.heat, "green"),
        ("matched barrier,\nconstant tilt", bounds.matched_barrier(moves, drive), "orange"),
        ("static barrier", static, "orange"),
        ("Landauer\nper update", bounds.landauer_per_update(moves, bits), "grey"),
    )  # fmt: skip
    heights = range(len(rows) - 1, -1, -1)
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "heat for one parameter (kT)",
            "",
            xlim=(0.3, 1e5),
            ylim=(-0.6, len(rows) - 0.4),
            xscale="log",
            xticks=decades((0, 1, 2, 3, 4)),
            yticks=dict(zip(heights, (row[0] for row in rows), strict=True)),
            left=1.55,
        )
        for y, (name, heat, tone) in zip(heights, rows, strict=True):
            panel.line(f"stem {name}", [0.3, heat / kT], [y, y], tone=tone, width=1.2, dash="solid")
            panel.points(name, [heat / kT], [y], tone=tone, size=8)
            panel.text(f"heat {name}", 1.5 * heat / kT, y, text.number(heat / kT), tone=tone,
                       valign="center")  # fmt: skip
    return picture

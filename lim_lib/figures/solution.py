"""Pictures of the energy to solution: two transport theorems, what attains them, and the ladder.

Heat is drawn in units of kT at 300 K, or in joules where a whole model is priced.
"""

from typing import Any

import numpy as np
from scipy.integrate import cumulative_simpson

from lim_lib import bounds, memory, text
from lim_lib.figures.canvas import Picture, decades, drawing
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.schedules import ExponentialBarrier, ExponentialDecay, MatchedBarrier
from lim_lib.symbols import QUANTITIES
from lim_lib.units import format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, Numbers, number, refuse

__all__ = [
    "edge_and_triangle",
    "heat_in_time",
    "matched_and_mismatched",
    "price_of_a_move",
    "price_of_a_solution",
    "rungs",
    "speed_of_the_cells",
    "theorems_tested",
]

DURATION = 1.3e6
"""Time to solution in s."""

_END = 8.0  # of the run, in time constants of the optimizer
_BITS = Domain(1, 16)
_HOPS = Domain(1e5, 1e10)
_SLOWNESS = Domain(0.5, 10)
_DRIVE = Domain(0.1, 10)
_TONES = {"theorem": "blue", "protocol": "orange", "reference": "grey"}


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
        lower.text("chain in words", 0.03 * g[-1], 1.03 * j[-1],
                   f"length of the chain: {np.hypot(mean, net).sum():.3g} hops", tone="blue")  # fmt: skip
        lower.text("straight in words", 1.17 * g[-1], 0.3 * j[-1],
                   f"straight: {np.hypot(g[-1], j[-1]):.3g}", tone="orange", align="right")  # fmt: skip
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
        for (name, row), tone in zip(heats.items(), tones, strict=False):
            panel.line(name, times, row, tone=tone)
            panel.text(f"{name} in words", 0.99 * end, np.asarray(row)[-1] + 0.01 * top,
                       f"{name}: {np.asarray(row)[-1]:.1f}", tone=tone, align="right")  # fmt: skip
    return picture


def price_of_a_move(
    *,
    figure: Picture | None = None,
    hops: Numbers = (),
    heats: Numbers = (),
) -> Picture:
    """Least heat of a net move against hops per net move: 2 kT artanh(1/x), and points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    hops, heats : sequence of float
        Points: hops per net move, and heat per net move in J.

    Returns
    -------
    Picture
    """
    hops, heats = number("hops", hops, POSITIVE), number("heats", heats)
    kT, x = thermal_energy(), 1 + np.geomspace(2e-5, 29, 300)
    least = bounds.transport_activity(model_size=1, bits=0, hops=x, transport=1) / kT
    with drawing(figure) as picture:
        panel = picture.panel(
            "hops per net move",
            "heat per net move (kT)",
            xlim=(0.93, 30),
            ylim=(0.06, 12),
            xscale="log",
            yscale="log",
            xticks={1: "1", 2: "2", 5: "5", 10: "10", 20: "20"},
            yticks={0.1: "0.1", 0.3: "0.3", 1: "1", 3: "3", 10: "10"},
        )
        panel.band("out of reach", x, 0.06, least, tone="grey", alpha=0.15)
        panel.line("least", x, least, tone="blue")
        panel.text("least in words", 1.9, 1.6, "2 artanh(1/x)", tone="blue")
        panel.text("below", 1.05, 0.075, "no protocol", tone="grey")
        panel.points("points", hops, np.divide(heats, kT), tone="orange", size=7)
        if np.size(hops):
            panel.text("points in words", 5.4, 0.55, "simulated", tone="orange")
    return picture


def theorems_tested(
    *,
    figure: Picture | None = None,
    activity: Numbers = ((), ()),
    time: Numbers = ((), ()),
) -> Picture:
    """Entropy production over the theorem's bound, against the drive, for many protocols.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    activity : pair of sequences of float
        For the theorem of transport and activity: W/N_hop, and entropy production over the bound.
    time : pair of sequences of float
        For the theorem of transport and time: W/(2 M R), and the same ratio.

    Returns
    -------
    Picture
    """
    activity, time = (
        np.asarray(number(name, pair, NON_NEGATIVE), dtype=float)
        for name, pair in (("activity", activity), ("time", time))
    )
    with drawing(figure) as picture:
        panel = picture.panel(
            "drive: W/hops, or W/(2 hop budget)",
            "dissipation over the bound",
            xlim=(3e-3, 10),
            ylim=(0.5, 400),
            xscale="log",
            yscale="log",
            xticks={0.01: "0.01", 0.1: "0.1", 1: "1", 10: "10"},
            yticks={1: "1", 10: "10", 100: "100"},
        )
        panel.band("forbidden", [3e-3, 10], 0.5, 1.0, tone="grey", alpha=0.2)
        panel.rule("bound", y=1.0, dash="solid")
        panel.text("bound in words", 3.6e-3, 0.62, "below the bound: none", tone="grey")
        panel.points("activity", *activity, tone="blue", size=4.5, label="transport and activity")
        panel.points("time", *time, tone="orange", size=4.5, hollow=True,
                     label="transport and time")  # fmt: skip
        panel.legend("upper right")
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


def rungs(*, figure: Picture | None = None, bits: float = 12.0, hops: float = 1e5) -> Picture:
    """Seven rungs of the ladder for one parameter, that makes as many hops and ends as precise.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : float
        Precision b.
    hops : float
        Hops of the parameter. The matched barrier makes them at drive 1, most of them wasted; the
        reference line charges each as a write.

    Returns
    -------
    Picture
    """
    bits, hops = number("bits", bits, _BITS), number("hops", hops, _HOPS)
    one: dict[str, Any] = {"model_size": 1, "bits": bits}
    moves = bounds.ladder_transport(**one)
    kept = memory.retention_rate(retention=TEN_YEARS, loss_probability=LOSS)
    cell = {"attempt_rate": ATTEMPT_RATE, "retention": TEN_YEARS, "loss_probability": LOSS}
    rows: tuple[tuple[str, bounds.Bound, dict], ...] = (
        ("Landauer", bounds.landauer, one),
        ("transport, activity", bounds.transport_activity, one | {"hops": hops}),
        ("transport, time:\nheld for ten years", bounds.transport_time,
         one | {"hop_budget": kept * DURATION}),
        ("static barrier", bounds.static_barrier,
         cell | {"updates": moves, "update_rate": moves / DURATION}),
        ("matched barrier,\ndrive 1", bounds.matched_barrier,
         {"updates": hops / np.sqrt(2), "drive": 1}),
        ("static stiffness", bounds.static_stiffness, one),
        ("Landauer\nper update", bounds.landauer_per_update, {"operations": hops, "bits": bits}),
    )  # fmt: skip
    heights = range(len(rows) - 1, -1, -1)
    with drawing(figure, height=4.2) as picture:
        panel = picture.panel(
            "heat for one parameter (kT)",
            "",
            xlim=(0.3, 1e15),
            ylim=(-0.6, len(rows) - 0.4),
            xscale="log",
            xticks=decades((0, 3, 6, 9, 12)),
            yticks=dict(zip(heights, (row[0] for row in rows), strict=True)),
            left=1.55,
        )
        for y, (name, bound, values) in zip(heights, rows, strict=True):
            heat, tone = bound(**values) / thermal_energy(), _TONES[bound.kind]
            panel.line(f"stem {name}", [0.3, heat], [y, y], tone=tone, width=1.2, dash="solid")
            panel.points(name, [heat], [y], tone=tone, size=8)
            panel.text(f"heat {name}", 2.3 * heat, y, text.number(heat), tone=tone, valign="center")
    return picture


def speed_of_the_cells(
    *, figure: Picture | None = None, model_size: float = 1.75e11, bits: float = 16.0
) -> Picture:
    """Energy to solution of a model, at least, against the hop rate at which its cells are held.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    model_size : float
        Number of parameters.
    bits : float
        Precision b.

    Returns
    -------
    Picture
    """
    model_size = number("model_size", model_size, QUANTITIES["model_size"].domain)
    model: dict[str, Any] = {"model_size": model_size, "bits": number("bits", bits, _BITS)}
    kept = memory.retention_rate(retention=TEN_YEARS, loss_probability=LOSS)
    rate, marked = np.geomspace(1e-19, 1e10, 300), np.array([kept, ATTEMPT_RATE])
    least, shown = (bounds.transport_time(**model, hop_budget=r * DURATION) for r in (rate, marked))
    landauer = bounds.landauer(**model)
    with drawing(figure) as picture:
        panel = picture.panel(
            "hop rate of the cells (1/s)",
            "energy to solution, at least (J)",
            xlim=(1e-20, 1e12),
            ylim=(landauer / 10, least[0] * 10),
            xscale="log",
            yscale="log",
            xticks=decades(range(-18, 13, 6)),
        )
        panel.rule("landauer", y=landauer)
        panel.text("landauer in words", 3e-20, landauer / 1.3,
                   f"Landauer: {format_energy(landauer)}", tone="grey", valign="top")  # fmt: skip
        panel.line("least", rate, least, tone="blue")
        panel.points("marked", marked, shown, tone="orange", size=8)
        panel.text("kept", 30 * kept, 1.6 * shown[0],
                   f"held for ten years: {format_energy(shown[0])}", tone="orange")  # fmt: skip
        panel.text("free", ATTEMPT_RATE, 4 * shown[1], "free", tone="orange", align="center")
    return picture

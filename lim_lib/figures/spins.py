"""Pictures of Ising machines: graphs that are cut, and what annealing and a barrier each do.

λ is the energy in J per unit of H, and a hop is one of a free spin, r dt. The machines whose two
knobs follow logarithms of time are those of `lim_lib.optimizers.logarithms`.

Contents: `cut_graph`, `maxcut_machine`, `two_logarithms`, `heat_of_annealing`, `time_and_energy`,
`cooling_laws`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lim_lib.figures.canvas import Panel, Picture, drawing
from lim_lib.memory import TEN_YEARS
from lim_lib.optimizers.logarithms import (
    BUDGET,
    LATEST,
    SWITCHED_OFF,
    TAU,
    best_cut,
    example_graph,
    glass_course,
    maxcut_course,
    rising_barrier,
    rising_scale,
)
from lim_lib.units import thermal_energy
from lim_lib.validate import Numbers, refuse

__all__ = [
    "cooling_laws",
    "cut_graph",
    "heat_of_annealing",
    "maxcut_machine",
    "time_and_energy",
    "two_logarithms",
]

_AGES = {1e-7: "0.1 μs", 1e-4: "0.1 ms", 0.1: "0.1 s", 100.0: "100 s", 86400.0: "1 day"}
_TIMES = {1e-6: "1 μs", 1e-3: "1 ms", 1.0: "1 s", 3600.0: "1 h", TEN_YEARS: "10 yr"}


def _draw_graph(panel: Panel, positions, weights, sides) -> None:
    """Cut edges in full, the others dashed; discs on one side, squares on the other."""
    first, second = np.nonzero(np.triu(weights))
    cut = sides[first] != sides[second]
    ends = np.full((first.size, 3, 2), np.nan)  # a gap after each edge
    ends[:, 0], ends[:, 1] = positions[first], positions[second]
    for name, chosen, tone, width, dash in (
        ("uncut edges", ~cut, "grey", 1.5, (0, (5, 4))),
        ("cut edges", cut, "ink", 2.0, "solid"),
    ):
        panel.line(name, *ends[chosen].reshape(-1, 2).T, tone=tone, width=width, dash=dash)
    up, down = positions[sides > 0], positions[sides <= 0]
    panel.points("one side", *up.T, tone="blue", size=12)
    panel.points("other side", *down.T, tone="orange", size=11, hollow=True)
    panel.axes.set_axis_off()


def _frame(positions: np.ndarray) -> dict[str, Any]:
    low, high = positions.min(axis=0) - 0.25, positions.max(axis=0) + 0.25
    return {"xlim": (low[0], high[0]), "ylim": (low[1], high[1])}


def cut_graph(
    *,
    figure: Picture | None = None,
    positions: Any,
    weights: Any,
    sides: Any,
    names: bool = True,
) -> Picture:
    """A graph whose vertices are on two sides: what is cut, and the weight of each edge.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    positions : array_like
        Where the vertices are drawn, shape (vertices, 2).
    weights : array_like
        Symmetric, 0 where there is no edge, shape (vertices, vertices).
    sides : array_like
        1 or -1 for each vertex.
    names : bool
        Whether to write the vertices' numbers and the edges' weights.

    Returns
    -------
    Picture
    """
    positions, weights, sides = (np.asarray(each) for each in (positions, weights, sides))
    with drawing(figure, height=2.6) as picture:
        panel = picture.panel("", "", xticks=(), yticks=(), left=0.2, **_frame(positions))
        panel.axes.set_position((0.03, 0.03, 0.94, 0.94))
        _draw_graph(panel, positions, weights, sides)
        if names:
            for a, b in np.argwhere(np.triu(weights)):
                x, y = (positions[a] + positions[b]) / 2
                panel.text(f"weight {a} {b}", x, y, f"{weights[a, b]:g}", align="center",
                           valign="center")  # fmt: skip
            for k, (x, y) in enumerate(positions):
                panel.text(f"vertex {k}", x + 0.08, y + 0.07, f"$s_{k}$")
    return picture


def maxcut_machine(
    *, figure: Picture | None = None, age: float = 1e-5, hops: float = 100.0
) -> Picture:
    """A machine that is solving a MaxCut: its spins at an age, and its cut until then.

    λ rises as 3 kT ln(1 + t/τ) up to 12 kT an edge, and the barrier by 2 kT ln(1 + t/τ), so that
    the hop budget ends.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    age : float
        Time since the start in s, at most 1e5.
    hops : float
        Hops of a free spin that the barrier allows in all, r_0 τ.

    Returns
    -------
    Picture
    """
    course, barrier = maxcut_course(hops), rising_barrier(hops)
    if not 0 <= age <= course.ages[-1]:
        refuse("age", age, f"from 0 to {course.ages[-1]:g} s")
    now = int(np.abs(course.ages - age).argmin())
    positions, weights = example_graph()
    kT = thermal_energy()
    with drawing(figure, height=5.0) as picture:
        panel = picture.panel(
            "", "", xticks=(), yticks=(), left=0.2, place="top", **_frame(positions)
        )
        _draw_graph(panel, positions, weights, course.sides[now])
        lower = picture.panel(
            "age",
            "edges cut",
            xlim=(1e-7 / 1.5, 4e5),
            ylim=(16, 34),
            xscale="log",
            xticks=_AGES,
            place="bottom",
        )
        best = best_cut()
        lower.rule("best", y=best)
        lower.text("best name", 3e5, best + 0.2, f"best possible: {best:.0f}", tone="grey",
                   align="right")  # fmt: skip
        drawn = course.ages.copy()
        drawn[0] = 1e-7 / 1.5
        lower.line("so far", drawn[: now + 1], course.cuts[: now + 1], tone="blue")
        lower.points("now", drawn[[now]], course.cuts[[now]], tone="blue", size=9)
        words = (
            f"{course.cuts[now]:.0f} edges cut\n"
            f"λ = {rising_scale(age):.1f} kT an edge\n"
            f"barrier {barrier(age) / kT:.1f} kT\n"
            f"heat so far {course.heats[now]:.1f} kT"
        )
        lower.text("account", 3e5, 17, words, align="right")
    return picture


def two_logarithms(
    *, figure: Picture | None = None, cooling: float = 0.5, slope: float = 2.0
) -> Picture:
    """What becomes of a solution under the two knobs: while λ is on, and for ten years after.

    A spin glass of six spins, by the exact master equation. λ = c kT ln(1 + t/τ) until 1 s, then
    zero; the barrier rises on.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    cooling : float
        c in kT per unit of H; 0 leaves λ off.
    slope : float
        α in kT; 0 leaves the barrier where it is.

    Returns
    -------
    Picture
    """
    ages, shares = glass_course(cooling, slope)
    heights = rising_barrier(BUDGET, slope)(ages) / thermal_energy()
    shown = ages > 0
    span: dict[str, Any] = {"xlim": (1e-7, LATEST), "xscale": "log", "xticks": _TIMES}
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel("age", "energy (kT)", ylim=(0, 66), place="top", **span)
        on = shown & (ages <= SWITCHED_OFF * (1 + 1e-9))
        field = cooling * np.log1p(ages[on] / TAU)
        upper.line("barrier", ages[shown], heights[shown], tone="blue")
        beside = np.abs(ages - 1e-3).argmin()
        upper.text("barrier name", ages[beside], heights[beside] + 2, "barrier", tone="blue",
                   align="right")  # fmt: skip
        upper.line(
            "field",
            [*ages[on], SWITCHED_OFF, LATEST],
            [*field, 0, 0],
            tone="orange",
        )
        upper.text("field name", SWITCHED_OFF * 2, 1, "λ switched off", tone="orange")
        lower = picture.panel(
            "age", "probability of the solution", ylim=(0, 1.05), place="bottom", **span
        )
        lower.rule("off", x=SWITCHED_OFF)
        lower.rule("chance", y=shares[0])
        lower.text("chance name", 2e9, shares[0] + 0.02, "by chance", tone="grey", align="right")
        lower.line("solved", ages[shown], shares[shown], tone="ink")
        at_off = shares[np.abs(ages - SWITCHED_OFF).argmin()]
        kept = shares[np.abs(ages - TEN_YEARS).argmin()]
        words = f"solved at 1 s: {at_off:.2f}\nafter 10 years: {kept:.2f}"
        upper.text("verdict", 0.02, 0.74, words, inside=True)
    return picture


def heat_of_annealing(
    *,
    figure: Picture | None = None,
    hops: Numbers = (),
    heats: Numbers = (),
    errors: Numbers = (),
    landauer: float = 12 * np.log(2),
    quasistatic: float | None = None,
    quench: float | None = None,
) -> Picture:
    """Heat of annealing a glass against the length of the run, between quench and Landauer.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    hops : sequence of float
        Lengths of the runs, in hops of a free spin.
    heats, errors : sequence of float
        Mean heats in kT, and their standard errors.
    landauer : float
        N ln 2.
    quasistatic, quench : float, optional
        The entropy lost in an infinitely slow run, in nats, and the heat of a quench in kT.

    Returns
    -------
    Picture
    """
    with drawing(figure) as picture:
        panel = picture.panel(
            "length of the run (hops of a free spin)",
            "heat (kT)",
            xlim=(0.1, 2000),
            ylim=(5, 60),
            xscale="log",
            yscale="log",
            yticks={5: "5", 10: "10", 20: "20", 40: "40"},
        )
        for name, level, words, tone, valign in (
            ("landauer", landauer, "N ln 2", "grey", "bottom"),
            ("quasistatic", quasistatic, "entropy lost", "green", "top"),
            ("quench", quench, "quench, to the end", "orange", "bottom"),
        ):
            if level is not None:
                panel.rule(name, y=level, tone=tone)
                panel.text(f"{name} name", 1900, level, words, tone=tone, align="right",
                           valign=valign)  # fmt: skip
        heats, errors = np.asarray(heats, dtype=float), np.asarray(errors, dtype=float)
        panel.line("annealed", hops, heats, tone="blue", marked=True)
        panel.intervals("errors", hops, heats - 2 * errors, heats + 2 * errors, tone="blue")
    return picture


def time_and_energy(
    *,
    figure: Picture | None = None,
    hops: Numbers = (),
    times: Numbers = (),
    energies: Numbers = (),
    floor: float | None = None,
) -> Picture:
    """Time and energy to solution at 99 %, against the length of a run and against each other.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    hops : sequence of float
        Lengths of a run, in hops of a free spin.
    times, energies : sequence of three numbers
        Low end, value and high end for each: time in hops of a free spin, energy in kT.
    floor : float, optional
        Energy to solution of infinitely slow runs, in kT.

    Returns
    -------
    Picture
    """
    time, energy = (np.reshape(each, (-1, 3)).T for each in (times, energies))
    with drawing(figure, height=5.2) as picture:
        upper = picture.panel(
            "length of one run (hops of a free spin)",
            "hops, and kT",
            xlim=(0.2, 200),
            ylim=(10, 2e5),
            xscale="log",
            yscale="log",
            place="top",
        )
        for name, (low, value, high), tone, at, words in (
            ("time", time, "blue", 90, "time to solution (hops)"),
            ("energy", energy, "orange", 3e3, "energy to solution (kT)"),
        ):
            upper.line(name, hops, value, tone=tone, marked=True)
            upper.intervals(f"{name} interval", hops, low, high, tone=tone)
            upper.text(f"{name} name", 190, at * 3, words, tone=tone, align="right")
        lower = picture.panel(
            "time to solution (hops of a free spin)",
            "energy to solution (kT)",
            xlim=(20, 3000),
            ylim=(10, 2e5),
            xscale="log",
            yscale="log",
            place="bottom",
        )
        if floor is not None:
            lower.rule("floor", y=floor, tone="green")
            lower.text("floor name", 2900, floor * 0.92, "infinitely slow runs", tone="green",
                       align="right", valign="top")  # fmt: skip
        lower.line("trade-off", time[1], energy[1], tone="ink", marked=True)
        for k, length in enumerate(hops):
            lower.text(f"length {k}", time[1][k] * 1.08, energy[1][k] * 1.1, f"{length:g}")
        lower.text("labels", 0.97, 0.42, "numbers: length of one run", tone="grey", align="right",
                   inside=True)  # fmt: skip
    return picture


def cooling_laws(
    *,
    figure: Picture | None = None,
    laws: Mapping[str, tuple[Numbers, Numbers]] | None = None,
) -> Picture:
    """Probability of not being in the best state against time, for up to five laws.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    laws : mapping
        For each name, times in attempts and probabilities.

    Returns
    -------
    Picture
    """
    laws, tones = dict(laws or {}), ("green", "blue", "orange", "purple", "grey")
    with drawing(figure) as picture:
        panel = picture.panel(
            "time (hops of a free spin, at first)",
            "probability of a wrong state",
            xlim=(1, 1e12),
            ylim=(1e-3, 1),
            xscale="log",
            yscale="log",
        )
        for (name, (times, wrong)), tone in zip(laws.items(), tones, strict=False):
            panel.line(name, times, wrong, tone=tone)
            seen = np.flatnonzero(np.asarray(wrong) > 1.3e-3)
            if seen.size == len(wrong):
                panel.text(f"{name} name", 8e11, wrong[-1] * 1.06, name, tone=tone, align="right")
            else:
                panel.text(f"{name} name", times[seen[-1]] * 3, 1.3e-3, name, tone=tone)
    return picture

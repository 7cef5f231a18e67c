"""Pictures of Ising machines: graphs that are cut, and what annealing and a barrier each do.

Spins hop with heat-bath rates; λ is the energy in J per unit of H, and a hop is one of a free spin,
r dt. Where both knobs move they follow logarithms of time, λ = c kT ln(1 + t/τ) and a barrier that
rises by α kT ln(1 + t/τ), with τ = 1 μs and an attempt rate of 1 GHz.

Contents: `cut_graph`, `maxcut_machine`, `two_logarithms`, `heat_of_annealing`, `time_and_energy`,
`cooling_laws`, and `example_graph`, the graph that the machine cuts.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import expm
from scipy.special import expit

from lim_lib.figures.canvas import Panel, Picture, drawing
from lim_lib.figures.cell import YEAR
from lim_lib.optimizers import Anneal, IsingModel, anneal
from lim_lib.schedules import LogarithmicRamp, PowerLawBarrier, StaticBarrier
from lim_lib.units import thermal_energy
from lim_lib.validate import POSITIVE, number, refuse

__all__ = [
    "cooling_laws",
    "cut_graph",
    "heat_of_annealing",
    "maxcut_machine",
    "time_and_energy",
    "two_logarithms",
]

ATTEMPTS = 1e9
TAU = 1e-6
"""Time constant of both logarithms in s."""

COOLING = 3.0
"""Slope c of the machine that cuts the graph, in kT an edge."""

HIGHEST = 12.0
"""Where its λ stops rising, in kT an edge: nothing is left to be frozen out."""

SLOPE = 2.0
"""Slope α of its barrier in kT: its hop budget ends at r_0 τ."""

OLDEST = 1e5
"""Age in s at which it is left, more than a day."""

DECADE = 10 * YEAR
SWITCHED_OFF = 1.0
"""Time in s at which the field of `two_logarithms` is switched off."""

BUDGET = 100.0
"""Its hops in the first time constant, r_0 τ."""

GLASS = (6, 4)
"""Spins and seed of its problem: a spin glass with a local minimum 1.6 deep."""

_AGES = {1e-7: "0.1 μs", 1e-4: "0.1 ms", 0.1: "0.1 s", 100.0: "100 s", 86400.0: "1 day"}
_TIMES = {1e-6: "1 μs", 1e-3: "1 ms", 1.0: "1 s", 3600.0: "1 h", DECADE: "10 yr"}


def example_graph() -> tuple[np.ndarray, np.ndarray]:
    """Twenty vertices near a grid, joined to their neighbours by 43 edges of weight 1.

    Returns
    -------
    positions : ndarray
        Shape (20, 2).
    weights : ndarray
        Shape (20, 20), symmetric.
    """
    from scipy.spatial import Delaunay

    grid = np.stack(np.meshgrid(np.arange(5), np.arange(4)), -1).reshape(-1, 2)
    positions = grid + np.random.Generator(np.random.PCG64(3)).uniform(-0.35, 0.35, (20, 2))
    weights = np.zeros((20, 20))
    for corners in Delaunay(positions).simplices:
        for a, b in (corners[[0, 1]], corners[[1, 2]], corners[[0, 2]]):
            if np.hypot(*(positions[a] - positions[b])) < 1.75:
                weights[a, b] = weights[b, a] = 1
    return positions, weights


def _draw_graph(panel: Panel, positions, weights, sides) -> None:
    """Cut edges in full, the others dashed; discs on one side, squares on the other."""
    first, second = np.nonzero(np.triu(weights))
    cut = sides[first] != sides[second]
    ends = np.full((first.size, 3, 2), np.nan)  # a gap after each edge
    ends[:, 0], ends[:, 1] = positions[first], positions[second]
    for name, chosen, look in (
        ("uncut edges", ~cut, {"tone": "grey", "width": 1.5, "dash": (0, (5, 4))}),
        ("cut edges", cut, {"tone": "ink", "width": 2.0}),
    ):
        panel.line(name, *ends[chosen].reshape(-1, 2).T, **look)
    up, down = positions[sides > 0], positions[sides <= 0]
    panel.points("one side", *up.T, tone="blue", size=12)
    panel.points("other side", *down.T, tone="orange", size=11, hollow=True)
    panel.axes.set_axis_off()


def _frame(positions) -> dict[str, tuple[float, float]]:
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


class _Course(NamedTuple):
    """One machine's way to its cut: at each age the sides, the cut, and the heat so far in kT."""

    ages: np.ndarray
    sides: np.ndarray
    cuts: np.ndarray
    heats: np.ndarray


def _barrier(hops: float, slope: float = SLOPE) -> PowerLawBarrier | StaticBarrier:
    if slope == 0:
        return StaticBarrier(thermal_energy() * np.log(ATTEMPTS * TAU / hops), ATTEMPTS)
    return PowerLawBarrier(hops / TAU, TAU, slope, ATTEMPTS)


def _field(age: Any) -> Any:
    return np.minimum(LogarithmicRamp(COOLING, TAU)(age), HIGHEST)


def _machines(hops: float, replicas: int, **how: Any) -> Anneal:
    """Machines that have a hop budget of so many hops a spin, in the end.

    On the clock R = ∫ r dt the barrier disappears: what is simulated is a run of constant hop
    rate, whose λ is the one at the age at which the barrier has let R pass.
    """
    kT, (_, weights) = thermal_energy(), example_graph()
    most = _barrier(hops).hop_budget(OLDEST) / hops

    def scale(clock):
        used = np.minimum(clock / hops, most)
        return kT * _field(TAU * used / (1 - used))  # the age, for α = 2

    return anneal(
        IsingModel.maxcut(weights),
        scale,
        duration=hops,
        hop_rate=1.0,
        replicas=replicas,
        seed=1,
        steps=round(max(400, 4 * hops)),
        progress=False,
        **how,
    )


@lru_cache(maxsize=16)
def _course(hops: float) -> _Course:
    """The first of 16 of these machines."""
    number("hops", hops, POSITIVE)
    ages = np.concatenate([[0.0], np.geomspace(1e-7, OLDEST, 121)])
    passed = np.minimum(_barrier(hops).hop_budget(ages), hops)
    run = _machines(hops, 16, record=passed, snapshots=True)
    return _Course(
        ages,
        run.snapshots[:, 0],
        -run.energy_history[:, 0],
        run.heat_history[:, 0] / thermal_energy(),
    )


@lru_cache(maxsize=1)
def _best_cut() -> float:
    return -IsingModel.maxcut(example_graph()[1]).ground_state().energy


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
    course, barrier = _course(hops), _barrier(hops)
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
        best = _best_cut()
        lower.rule("best", y=best)
        lower.text("best name", 3e5, best + 0.2, f"best possible: {best:.0f}", tone="grey",
                   align="right")  # fmt: skip
        drawn = course.ages.copy()
        drawn[0] = 1e-7 / 1.5
        lower.line("so far", drawn[: now + 1], course.cuts[: now + 1], tone="blue")
        lower.points("now", drawn[[now]], course.cuts[[now]], tone="blue", size=9)
        words = (
            f"{course.cuts[now]:.0f} edges cut\n"
            f"λ = {_field(age):.1f} kT an edge\n"
            f"barrier {barrier(age) / kT:.1f} kT\n"
            f"heat so far {course.heats[now]:.1f} kT"
        )
        lower.text("account", 3e5, 17, words, align="right")
    return picture


def _generators(couplings: np.ndarray) -> np.ndarray:
    """Heat-bath rates of the glass at r = 1, without telling a state from its mirror image.

    Shape (couplings, states/2, states/2), columns summing to zero. The first spin's flip leads to
    the mirror image of a state that is listed.
    """
    glass = IsingModel.sherrington_kirkpatrick(*GLASS)
    energy = glass.all_energies[: 1 << (glass.size - 1)]
    states = np.arange(energy.size)
    rates = np.zeros((couplings.size, energy.size, energy.size))
    for to in (states[::-1], *(states ^ (1 << k) for k in range(glass.size - 1))):
        leave = 2 * expit(-couplings[:, None] * (energy[to] - energy))
        rates[:, to, states] += leave
        rates[:, states, states] -= leave
    return rates


def _solved(cooling: float, slope: float) -> tuple[np.ndarray, np.ndarray]:
    """Ages, and the probability of a ground state of the glass at each of them."""
    glass = IsingModel.sherrington_kirkpatrick(*GLASS)
    energy = glass.all_energies
    best = np.flatnonzero(energy <= energy.min() + 1e-9)
    logarithms = np.linspace(0, np.log1p(SWITCHED_OFF / TAU), 41)
    ages = TAU * np.expm1(logarithms)
    later = np.geomspace(SWITCHED_OFF, 8 * DECADE, 60)[1:]
    barrier = _barrier(BUDGET, slope)
    passed = barrier.hop_budget(ages)
    rates = _generators(cooling * (logarithms[1:] + logarithms[:-1]) / 2)
    half = np.full(rates.shape[-1], 1 / rates.shape[-1])
    course = [half]
    for step in expm(rates * np.diff(passed)[:, None, None]):
        half = step @ half
        course.append(half := half / half.sum())  # a step of 10⁸ hops is exact to 10⁻⁷
    solved = np.array(course)[:, best[best < half.size]].sum(axis=1)
    # Without a field every spin forgets on its own: what is left of it is exp(-2R).
    left = np.exp(-2 * (barrier.hop_budget(later) - passed[-1]))[:, None, None]
    apart = np.bitwise_count(np.arange(energy.size)[:, None] ^ best)
    returned = ((1 + left) / 2) ** (glass.size - apart) * ((1 - left) / 2) ** apart
    final = np.concatenate([half, half[::-1]]) / 2
    return np.concatenate([ages, later]), np.concatenate([solved, returned.sum(axis=2) @ final])


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
    ages, shares = _solved(cooling, slope)
    heights = _barrier(BUDGET, slope)(ages) / thermal_energy()
    shown = ages > 0
    span = {"xlim": (1e-7, 8 * DECADE), "xscale": "log", "xticks": _TIMES}
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
            [*ages[on], SWITCHED_OFF, 8 * DECADE],
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
        kept = shares[np.abs(ages - DECADE).argmin()]
        words = f"solved at 1 s: {at_off:.2f}\nafter 10 years: {kept:.2f}"
        upper.text("verdict", 0.02, 0.74, words, inside=True)
    return picture


def heat_of_annealing(
    *,
    figure: Picture | None = None,
    hops: Sequence[float] = (),
    heats: Sequence[float] = (),
    errors: Sequence[float] = (),
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
    hops: Sequence[float] = (),
    times: Sequence[Sequence[float]] = (),
    energies: Sequence[Sequence[float]] = (),
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
    laws: Mapping[str, tuple[Sequence[float], Sequence[float]]] | None = None,
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

"""Pictures of the update-wall: what a write costs, and what a memory that is matched saves.

Energies are drawn in units of kT at 300 K.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from lim_lib import bounds, memory, schedules, text, units
from lim_lib.figures.canvas import Picture, drawing, snapshots
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.schedules import MatchedDiffusivity
from lim_lib.simulate import Run
from lim_lib.validate import POSITIVE, Domain, Numbers, number, refuse

__all__ = [
    "RATES",
    "barrier_of_a_rate",
    "barriers_of_rates",
    "heat_of_a_move",
    "heat_of_convergence",
    "heat_of_time",
    "springs",
]

_STEPS = np.arange(1000)
_WARM = np.minimum(1.0, _STEPS / 100)
_SHAPES = {
    "cosine": _WARM * (1 + np.cos(np.pi * np.maximum(0, _STEPS - 100) / 900)) / 2,
    "stable, then decay": _WARM * np.minimum(1.0, (1000 - _STEPS) / 200),
    "linear to zero": 1 - _STEPS / 1000,
    "1/√n": 1 / np.sqrt(1 + _STEPS / 100),
}
RATES = {name: 0.012 * shape for name, shape in _SHAPES.items()}
"""Learning rates, times the curvature, in a thousand steps: the parts of the way that they go."""

STEP_TIME = 0.01
"""Time of a step in s."""

_SHOWN = 20  # paths of a cloud
_BITS = Domain(0.5, 8)
_ERROR = Domain(0, 0.5, low_allowed=False, high_allowed=False)
_SHORT_OF_TIME = Domain(0.5, 7)
_TIMES = Domain(0.5, 100)
_TONES = ("blue", "orange", "green", "purple")


def springs(*, figure: Picture | None = None, static: Run, matched: Run) -> Picture:
    """Two clouds of parameters: under a barrier that stands, and under one that rises.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    static, matched : Run
        Langevin runs in one dimension with snapshots at the same times.

    Returns
    -------
    Picture
    """
    with drawing(figure, height=4.6) as picture:
        for run, place, name, tone in (
            (static, "top", "standing barrier", "orange"),
            (matched, "bottom", "rising barrier", "blue"),
        ):
            end, spread = float(run.times[-1]), _spread(run)
            panel = picture.panel(
                "time (s)" if place == "bottom" else "",
                "parameter",
                xlim=(-0.02 * end, end),
                ylim=(-2.6 * spread, 3.4 * spread),
                place=place,
            )
            deviation = 2 * np.sqrt(run.variances)
            low, high = run.means - deviation, run.means + deviation
            panel.band("cloud", run.times, low, high, tone=tone)
            for index, path in enumerate(snapshots(name.partition(" ")[0], run).T[:_SHOWN]):
                panel.line(f"path {index}", run.times, path, tone=tone, width=0.6, dash="solid")
            heat, error = np.divide(run.ledger.mean("heat"), units.thermal_energy())
            margin = "?" if np.isnan(error) else text.number(error, 1)
            said = f"{name}: {text.number(heat)} ± {margin} kT of heat each"
            panel.text("heat", end, 3.35 * spread, said, tone=tone, align="right", valign="top")
    return picture


def heat_of_time(
    *,
    figure: Picture | None = None,
    bits: float = 4.0,
    spread_initial: float = 4.0,
    diffusivity: float = 1.0,
    durations: Numbers = (),
    heats: Numbers = (),
    errors: Numbers = (),
) -> Picture:
    """Heat of learning one parameter against the time to solution, and simulated points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : float
        Precision gained.
    spread_initial : float
        sigma_0 in parameter units.
    diffusivity : float
        D in parameter^2/s.
    durations, heats, errors : sequence of float
        Simulated matched springs: times to solution in s, heat and its standard error in J.

    Returns
    -------
    Picture
    """
    bits = number("bits", bits, _BITS)
    kT = units.thermal_energy()
    times = np.logspace(-1, 3, 200)
    given = {
        "bits": bits,
        "spread_initial": number("spread_initial", spread_initial, POSITIVE),
        "diffusivity": number("diffusivity", diffusivity, POSITIVE),
        "displacement": 0.0,
        "duration": times,
    }
    static = bounds.static_stiffness(1, bits) / kT
    least = bounds.landauer(1, bits) / kT
    heats, errors = np.atleast_1d(heats) / kT, np.atleast_1d(errors) / kT
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "time to solution (s)",
            "heat per parameter (kT)",
            xlim=(0.1, 1000),
            ylim=(1.5, 500),
            xscale="log",
            yscale="log",
        )
        panel.rule("static", y=static, tone="orange", width=2.0)
        panel.text("static in words", 900, static * 1.1, f"static {static:g} kT", tone="orange",
                   align="right")  # fmt: skip
        panel.rule("landauer", y=least)
        panel.text("landauer in words", 0.12, least / 1.08, "b ln 2", tone="grey", valign="top")
        panel.line("bound", times, bounds.finite_time(1, **given) / kT, tone="green")
        panel.text("bound in words", 0.12, 11, "finite-time\nbound", tone="green", valign="top")
        panel.line("matched", times, bounds.matched_stiffness(1, **given) / kT, tone="blue")
        panel.text("matched in words", 2.4, 19, "matched", tone="blue")
        panel.intervals("errors", durations, heats - 2 * errors, heats + 2 * errors, tone="blue")
        panel.points("simulated", durations, heats, tone="blue", size=7)
    return picture


def heat_of_a_move(
    *,
    figure: Picture | None = None,
    error: float = LOSS,
    static: Sequence[tuple[float, float]] = (),
    matched: Sequence[tuple[float, float]] = (),
) -> Picture:
    """Heat of a net move against the net rate: over a ten-year barrier, and over a matched one.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    error : float
        Probability in (0, 1/2) that the cell over the matched barrier ends beside its target: it
        sets the drive, by `lim_lib.memory.drive_for_error`.
    static, matched : sequence of pairs of float
        Simulated points: net rate in 1/s, heat per net move in J.

    Returns
    -------
    Picture
    """
    kT = units.thermal_energy()
    rates = np.logspace(-6, 6, 60)
    dear = bounds.static_barrier(1, rates, ATTEMPT_RATE, TEN_YEARS, LOSS) / kT
    drive = memory.drive_for_error(number("error", error, _ERROR))
    cheap = bounds.matched_barrier(1, drive) / kT
    with drawing(figure) as picture:
        panel = picture.panel(
            "net update rate v (1/s)",
            "heat per net move (kT)",
            xlim=(1e-6, 3e6),
            ylim=(0, 125),
            xscale="log",
        )
        panel.line("static", rates, dear, tone="orange")
        panel.text("static in words", 1.0, 88, "barrier static at ten years", tone="orange",
                   align="right")  # fmt: skip
        panel.rule("matched", y=cheap, tone="blue", width=2.0)
        panel.text("matched in words", 1.0, cheap + 3, f"barrier matched: {cheap:.2f} kT",
                   tone="blue", align="right")  # fmt: skip
        for name, points, tone in (("static", static, "orange"), ("matched", matched, "blue")):
            x, y = np.reshape(points, (-1, 2)).T
            panel.points(f"{name} simulated", x, y / kT, tone=tone, size=7)
    return picture


def _spread(run: Run) -> float:
    """The largest deviation of a cloud: of its variance, or of its one path."""
    deviations = abs(run.means) if run.replicas == 1 else np.sqrt(run.variances)
    return float(deviations.max())


def heat_of_convergence(
    *,
    figure: Picture | None = None,
    bits: float = 4.0,
    convergence_times: float = 6.0,
    simulated: Sequence[tuple[float, float]] = (),
) -> Picture:
    """Heat of learning one parameter against the optimizer's convergence times.

    A barrier that stands and is given all the time in the world, a tilt that is held for each
    step, a matched barrier, and Landauer's price.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : float
        Precision gained, 1/2 to 8.
    convergence_times : float
        Convergence times U at which the values are written out, 1/2 to 100; no mark is set if
        there are simulated points.
    simulated : sequence of pairs of float
        Points to compare, of the matched barrier: convergence times, heat in J.

    Returns
    -------
    Picture
    """
    bits = number("bits", bits, _BITS)
    now = number("convergence_times", convergence_times, _TIMES)
    kT, needed = units.thermal_energy(), bits * np.log(2)
    times = needed * (1 + np.logspace(-3, np.log10(100 / needed - 1), 300))
    static = bounds.static_stiffness(1, bits) / kT
    curves = {
        "held tilt": ("purple", bounds.held_tilt),
        "matched": ("blue", bounds.optimizer_limited),
    }
    marked = not len(simulated) and now > needed
    told = [(f"standing, at U = ∞: {text.number(static, 4)} kT", "orange")]
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "convergence times U",
            "heat per parameter (kT)",
            xlim=(0.4, 100),
            ylim=(0.3, 1e7),
            xscale="log",
            yscale="log",
        )
        panel.rule("static", y=static, tone="orange", width=2.0)
        panel.rule("Landauer", y=needed)
        panel.rule("least time", x=needed)
        for name, (tone, heat) in curves.items():
            panel.line(name, times, heat(1, bits, times) / kT, tone=tone)
            if marked:
                price = heat(1, bits, now) / kT
                panel.points(f"{name} now", [now], [price], tone=tone, size=8)
                told.append((f"{name}: {text.number(price, 4)} kT", tone))
            else:
                told.append((name, tone))
        u, heats = np.reshape(simulated, (-1, 2)).T
        panel.points("simulated", u, heats / kT, tone="blue", size=7)
        told.append((f"Landauer: {text.number(needed, 4)} kT", "grey"))
        if marked:
            told.insert(0, (f"{text.counted(bits, 'bit')}, U = {text.number(now)}", "ink"))
        elif not len(simulated):
            told.append((f"U = {text.number(now)} is too short: at least {needed:.3g}", "ink"))
        for row, (words, tone) in enumerate(told):
            panel.text(f"row {row}", 0.98, 0.97 - 0.075 * row, words, tone=tone, align="right",
                       valign="top", inside=True)  # fmt: skip
    return picture


def barriers_of_rates(
    *, figure: Picture | None = None, asked: Mapping[str, MatchedDiffusivity], told: str = ""
) -> Picture:
    """Relaxation rates of an optimizer, and the barriers that are matched to them.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    asked : mapping of str to MatchedDiffusivity
        One to four schedules by their names, all of the same duration.
    told : str
        Words below the barriers.

    Returns
    -------
    Picture
    """
    if not 1 <= len(asked) <= len(_TONES):
        refuse("asked", list(asked), f"one to {len(_TONES)} schedules")
    tones = dict(zip(asked, _TONES, strict=False))
    end = next(iter(asked.values())).duration
    times = np.linspace(0, end, 1201)[:-1]
    rates = {name: each.rate(times) for name, each in asked.items()}
    kT = {name: units.thermal_energy(each.temperature) for name, each in asked.items()}
    heights = {name: each.barrier(times) / kT[name] for name, each in asked.items()}
    least = min(np.min(each) for each in heights.values())
    highest = max(np.max(each) for each in rates.values())
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel(
            "", "relaxation rate (1/s)", xlim=(0, end), ylim=(0, 2.1 * highest), place="top"
        )
        lower = picture.panel(
            "time (s)", "barrier (kT)", xlim=(0, end), ylim=(least - 3, least + 14), place="bottom"
        )
        for name, tone in tones.items():
            upper.line(f"rate {name}", times, rates[name], tone=tone, label=name)
            shown = np.minimum(heights[name], least + 99)
            lower.line(f"barrier {name}", times, shown, tone=tone)
        upper.legend()
        lower.text("told", 0.02, 0.03, told, inside=True)
    return picture


def barrier_of_a_rate(
    *, figure: Picture | None = None, schedule: str = "cosine", bits: float = 4.0
) -> Picture:
    """A schedule of the learning rate, and the barrier that is matched to it, in ten seconds.

    The highest relaxation rate is 1.2 per second; a parameter has levels 1/256 of its first spread
    apart, and tries a thousand million hops per second.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    schedule : str
        One of `RATES`.
    bits : float
        Precision gained, 1/2 to 7.

    Returns
    -------
    Picture
    """
    if schedule not in RATES:
        refuse("schedule", schedule, "one of " + ", ".join(RATES))
    matched = schedules.from_learning_rate(
        RATES[schedule],
        STEP_TIME,
        bits=number("bits", bits, _SHORT_OF_TIME),
        level_spacing=1 / 256,
        attempt_rate=ATTEMPT_RATE,
    )
    heat = text.number(matched.heat / units.thermal_energy(), 4)
    times = text.number(matched.convergence_times)
    told = f"{text.counted(bits, 'bit')} in {times} convergence times: {heat} kT"
    return barriers_of_rates(figure=figure, asked={schedule: matched}, told=told)

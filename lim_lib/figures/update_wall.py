"""Pictures of the update-wall: what a write costs, and what a memory that is matched saves.

Energies are drawn in units of kT at 300 K.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lim_lib import bounds, memory, schedules, text, units
from lim_lib.figures.canvas import Panel, Picture, drawing, snapshots
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.simulate import Run
from lim_lib.validate import POSITIVE, Domain, Numbers, number, refuse

__all__ = [
    "DECAYS",
    "barrier_designer",
    "heat_of_a_move",
    "heat_of_bits",
    "heat_of_time",
    "springs",
]

INITIAL_RATE = 1e6
"""Net moves of a cell per second when the learning starts, in the designer."""

DECAYS = {
    "constant": None,
    "1/√t": 0.5,
    "1/t": 1.0,
    "1/t²": 2.0,
    "1/t⁴": 4.0,
    "exponential": np.inf,
}
"""How an update rate may fall, with the exponent, for the designer."""

_SHOWN = 20  # paths of a cloud
_FEWEST = 1e-40  # 1/s, a rate that may as well be none
_BITS = Domain(0.5, 8)
_DRIVE = Domain(0.01, 100)


def springs(*, figure: Picture | None = None, static: Run, matched: Run) -> Picture:
    """Two clouds of parameters, in a spring that is stiff at once and in one that stiffens.

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
            (static, "top", "static spring", "orange"),
            (matched, "bottom", "matched spring", "blue"),
        ):
            end = float(run.times[-1])
            panel = picture.panel(
                "time (s)" if place == "bottom" else "",
                "parameter",
                xlim=(-0.02 * end, end),
                ylim=(-10.5, 13.5),
                place=place,
            )
            deviation = 2 * np.sqrt(run.variances)
            low, high = run.means - deviation, run.means + deviation
            panel.band("cloud", run.times, low, high, tone=tone)
            for index, path in enumerate(snapshots(name.partition(" ")[0], run).T[:_SHOWN]):
                panel.line(f"path {index}", run.times, path, tone=tone, width=0.6, dash="solid")
            heat, error = np.divide(run.ledger.mean("heat"), units.thermal_energy())
            spread = "?" if np.isnan(error) else text.number(error, 1)
            said = f"{name}: {text.number(heat)} ± {spread} kT of heat each"
            panel.text("heat", end, 13.3, said, tone=tone, align="right", valign="top")
    return picture


def heat_of_bits(
    *,
    figure: Picture | None = None,
    bits: float = 4.0,
    duration: float = 1.25,
    simulated: Sequence[tuple[str, float, float]] = (),
) -> Picture:
    """Heat of learning one parameter against its bits: static, matched, and Landauer's.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    bits : float
        Precision at which the values are written out, 1/2 to 8; no mark is set if there are
        simulated points.
    duration : float
        Time to solution of the matched spring, in units of sigma_0^2/D.
    simulated : sequence of (name, bits, heat)
        Points to compare: "static" or "matched", precision, heat in J.

    Returns
    -------
    Picture
    """
    bits = number("bits", bits, _BITS)
    duration = number("duration", duration, POSITIVE)
    kT = units.thermal_energy()
    unit = {"spread_initial": 1.0, "displacement": 0.0, "diffusivity": 1.0, "duration": duration}
    rungs = {
        "static": ("orange", lambda b: bounds.static_stiffness(1, b) / kT),
        "matched": ("blue", lambda b: bounds.matched_stiffness(1, b, **unit) / kT),
        "Landauer": ("grey", lambda b: bounds.landauer(1, b) / kT),
    }
    for name, _, _ in simulated:
        if name not in rungs:
            refuse("simulated", name, "named static or matched")
    grid = np.linspace(0.25, 8, 200)
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "precision gained b (bits)",
            "heat per parameter (kT)",
            xlim=(0, 8.15),
            ylim=(0.15, 1e5),
            yscale="log",
        )
        for name, (tone, heat) in rungs.items():
            panel.line(name, grid, heat(grid), tone=tone)
            points = [(b, joules / kT) for which, b, joules in simulated if which == name]
            panel.points(f"{name} simulated", *np.reshape(points, (-1, 2)).T, tone=tone, size=7)
            if not simulated:
                panel.points(f"{name} now", [bits], [heat(bits)], tone=tone, size=8)
        words = {"static": "static", "matched": "matched", "Landauer": "Landauer, b ln 2"}
        if not simulated:
            panel.text("bits in words", 0.15, 4e4, text.counted(bits, "bit"), valign="top")
            heats = {name: text.number(heat(bits), 4) for name, (_, heat) in rungs.items()}
            words = {name: f"{told}: {heats[name]} kT" for name, told in words.items()}
        panel.text("static in words", 0.15, 1.2e4, words["static"], tone="orange", valign="top")
        panel.text("matched in words", 0.15, 3.6e3, words["matched"], tone="blue", valign="top")
        panel.text("Landauer in words", 8, 0.2, words["Landauer"], tone="grey", align="right")
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
    drive: float = 1.0,
    static: Sequence[tuple[float, float]] = (),
    matched: Sequence[tuple[float, float]] = (),
) -> Picture:
    """Heat of a net move against the net rate: over a ten-year barrier, and over a matched one.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    drive : float
        Drive of the matched barrier.
    static, matched : sequence of pairs of float
        Simulated points: net rate in 1/s, heat per net move in J.

    Returns
    -------
    Picture
    """
    kT = units.thermal_energy()
    rates = np.logspace(-6, 6, 60)
    dear = bounds.static_barrier(1, rates, ATTEMPT_RATE, TEN_YEARS, LOSS) / kT
    cheap = bounds.matched_barrier(1, number("drive", drive, _DRIVE)) / kT
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


def _update_rate(exponent: float | None):
    if exponent is None:
        return lambda t: INITIAL_RATE + 0 * np.asarray(t)
    if np.isinf(exponent):
        return schedules.ExponentialDecay(INITIAL_RATE, time_constant=1.0)
    return schedules.PowerLawDecay(INITIAL_RATE, time_constant=1.0, exponent=exponent)


def barrier_designer(
    *, figure: Picture | None = None, decay: str = "exponential", drive: float = 1.0
) -> Picture:
    """A matched barrier, the time from which it keeps for ten years, and what a net move costs.

    Updates start at 10^6 per second and fall in the way that is chosen, with a time constant of
    one second; the attempt rate is 10^9 per second, the loss probability 10^-9.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    decay : str
        One of `DECAYS`.
    drive : float
        Drive that the barrier keeps, 0.01 to 100.

    Returns
    -------
    Picture
    """
    if decay not in DECAYS:
        refuse("decay", decay, "one of " + ", ".join(DECAYS))
    drive = number("drive", drive, _DRIVE)
    kT = units.thermal_energy()
    update_rate = _update_rate(DECAYS[decay])
    times = np.logspace(-2, 10, 600)
    rates = update_rate(times)
    times, rates = times[rates > _FEWEST], rates[rates > _FEWEST]
    matched = schedules.MatchedBarrier(drive, update_rate, ATTEMPT_RATE)
    height = matched(times) / kT
    enough = memory.retention_barrier(TEN_YEARS, LOSS, ATTEMPT_RATE) / kT
    with drawing(figure, height=5.2) as picture:
        frame: dict[str, Any] = {
            "xlim": (1e-2, 1e10),
            "xscale": "log",
            "xticks": 10.0 ** np.arange(-2, 11, 3),
        }
        upper = picture.panel("", "barrier (kT)", ylim=(0, 90), place="top", **frame)
        for name, retention in (("ten years", TEN_YEARS), ("a minute", 60.0)):
            level = memory.retention_barrier(retention, LOSS, ATTEMPT_RATE) / kT
            upper.rule(name, y=level)
            upper.text(f"{name} in words", 0.013, level + 0.5, name, tone="grey", size=9)
        upper.line("height", times, np.minimum(height, 95), tone="blue")
        _say_when_kept(upper, times, height, enough)
        lower = picture.panel(
            "time (s)", "heat per net move (kT)", ylim=(0, 135), place="bottom", **frame
        )
        price = matched.tilt / kT
        dear = bounds.static_barrier(1, rates, ATTEMPT_RATE, TEN_YEARS, LOSS) / kT
        seen = dear > 0.5
        lower.line("static", times[seen], dear[seen], tone="orange")
        lower.line("lost", times, np.minimum(height, 140) + price, tone="purple")
        lower.line("matched", times[[0, -1]], [price, price], tone="blue")
        mean = _mean_price(DECAYS[decay], drive, times[-1]) / kT
        at: dict[str, Any] = {"align": "right", "valign": "top"}
        lower.text("static in words", 9e9, 133, "over a ten-year barrier", tone="orange", **at)
        lost, paid = f"height lost: mean {text.number(mean)}", f"matched: {text.number(price)}"
        lower.text("lost in words", 9e9, 119, lost, tone="purple", **at)
        lower.text("matched in words", 9e9, 105, paid, tone="blue", **at)
    return picture


def _mean_price(exponent: float | None, drive: float, duration: float) -> float:
    """Heat of a net move in J, the height lost with it, averaged over the moves."""
    initial = INITIAL_RATE / (2 * drive)
    given = (1, drive, ATTEMPT_RATE, initial, duration)
    if exponent is None:  # a decay that takes for ever
        return bounds.dissipated_barrier(*given, time_constant=1e9 * duration)
    if np.isinf(exponent):
        return bounds.dissipated_barrier(*given, time_constant=1.0)
    return bounds.dissipated_barrier(*given, time_constant=1.0, exponent=exponent)


def _say_when_kept(panel: Panel, times: np.ndarray, height: np.ndarray, enough: float) -> None:
    """Mark where the barrier reaches a height, if it does."""
    if height[-1] < enough:
        told = "does not keep ten years"
    else:
        when = float(np.exp(np.interp(enough, height, np.log(times))))
        panel.points("kept", [when], [enough], tone="blue", size=9)
        told = f"keeps ten years from {text.duration(when, 3)} on"
    panel.text("kept in words", 9e9, 89, told, tone="blue", align="right", valign="top")

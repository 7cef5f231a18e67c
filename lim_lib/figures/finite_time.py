"""Pictures of driving in finite time: trajectories, work both ways, transport, and their heat.

Durations are in the unit that is natural for the memory drawn: a²/D for a cell of half width a,
σ_0²/D for a parameter of initial spread σ_0. Energies go in in J and are drawn in units of kT at
300 K.
"""

import numpy as np
from scipy.special import entr

from lim_lib import text
from lim_lib.bounds import finite_time, landauer
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.schedules import OptimalStiffness
from lim_lib.units import format_energy, thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Domain, Numbers, number, refuse

__all__ = [
    "heat_against_duration",
    "lanes",
    "paths_and_heat",
    "price_of_haste",
    "spring_of_least_heat",
    "work_both_ways",
]

_LANDAUER = float(np.log(2))
_TONES = ("blue", "orange", "green", "purple", "grey", "ink")
_DURATION = Domain(1e-3, 1e6)
_ERROR = Domain(0, 0.5)
_BITS = Domain(0, 16)
_MINUS = "\N{MINUS SIGN}"


def paths_and_heat(
    *,
    figure: Picture | None = None,
    times: Numbers,
    positions: Numbers,
    heats: Numbers,
) -> Picture:
    """A few trajectories of one erasure, each with the heat that it gave to the bath.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    times : sequence of float
        Times in a²/D.
    positions : sequence of sequences of float
        For each time the positions x/a of all replicas (at most six), as `Run.snapshots`.
    heats : sequence of float
        Heat of each replica in J.

    Returns
    -------
    Picture
    """
    times, heats = number("times", times, NON_NEGATIVE), number("heats", heats, REAL)
    positions = number("positions", positions, REAL)
    if np.shape(positions) != (np.size(times), np.size(heats)) or np.size(heats) > len(_TONES):
        allowed = "one row for each time and one column for each of at most six heats"
        refuse("positions", f"shape {np.shape(positions)}", allowed)
    end = times[-1]
    order = np.argsort(-positions[0])
    with drawing(figure, height=3.8) as picture:
        panel = picture.panel(
            "time (a²/D)",
            "position x/a",
            xlim=(0, 1.3 * end),
            ylim=(-2, 2),
            xticks=(0, end / 2, end),
        )
        panel.rule("middle", y=0.0, width=0.8)
        for row, replica in enumerate(order):
            tone = _TONES[row]
            panel.line(f"path {row}", times, positions[:, replica], tone=tone, width=1.0, dash="-")
            heat = text.fixed(heats[replica] / thermal_energy(), 1, signed=True)
            place = 1.9 - 0.36 * row
            panel.text(f"heat {row}", 1.29 * end, place, f"{heat} kT", tone=tone, align="right",
                       valign="top")  # fmt: skip
    return picture


def work_both_ways(
    *,
    figure: Picture | None = None,
    forward: Numbers,
    backward: Numbers,
    change: float,
) -> Picture:
    """Distributions of work, there and (with its sign turned) back, and the log of their ratio.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    forward, backward : sequence of float
        Work of each replica in J, under the protocol and under its reverse; as many of one as of
        the other.
    change : float
        Change of free energy in J, forward.

    Returns
    -------
    Picture
    """
    kT = thermal_energy()
    there, back = (
        number(name, each, REAL) / kT
        for name, each in (("forward", forward), ("backward", backward))
    )
    if np.shape(there) != np.shape(back):
        refuse("backward", f"shape {np.shape(back)}", f"of shape {np.shape(there)}")
    middle = number("change", change, REAL) / kT
    ends = float(middle - 2), float(middle + 6)
    edges = np.linspace(*ends, 41)
    centres = (edges[1:] + edges[:-1]) / 2
    counts = [np.histogram(each, edges)[0] for each in (there, -back)]
    least = 1 / there.size  # what is drawn where nothing fell, below the panel
    shares = [np.maximum(each / there.size, least / 9) / np.diff(edges) for each in counts]
    seen = np.min(counts, axis=0) >= 20
    ratio = np.log(counts[0][seen] / counts[1][seen])
    error = np.sqrt(sum(1 / each[seen] for each in counts))
    with drawing(figure, height=4.6) as picture:
        upper = picture.panel(
            "", "probability (1/kT)", xlim=ends, ylim=(1e-4, 40), yscale="log",
            yticks=(1e-4, 1e-3, 1e-2, 0.1, 1), place="top",
        )  # fmt: skip
        lower = picture.panel(
            "work W (kT)", "ln of the ratio", xlim=ends, ylim=(-2.5, 6.5), yticks=(-2, 0, 2, 4, 6),
            place="bottom",
        )  # fmt: skip
        for panel in (upper, lower):
            panel.rule("change", x=middle)
        for name, share, tone in zip(("there", "back"), shares, ("blue", "orange"), strict=True):
            upper.line(name, np.repeat(edges, 2)[1:-1], np.repeat(share, 2), tone=tone, width=1.6)
        upper.text("change in words", 0.26, 0.97, "ΔF", tone="grey", inside=True, valign="top")
        upper.text("there in words", 0.99, 0.88, "W there", tone="blue", inside=True, align="right")
        upper.text("back in words", 0.99, 0.74, f"{_MINUS}W back", tone="orange", inside=True,
                   align="right")  # fmt: skip
        lower.line("crooks", ends, np.subtract(ends, middle), tone="grey")
        lower.intervals("errors", centres[seen], ratio - error, ratio + error)
        lower.points("ratio", centres[seen], ratio, size=5)
        lower.text("crooks in words", 0.97, 0.12, f"(W {_MINUS} ΔF)/kT", tone="grey", inside=True,
                   align="right")  # fmt: skip
    return picture


def lanes(*, figure: Picture | None = None, start: Numbers, end: Numbers) -> Picture:
    """How a distribution moves with the least heat: each of its parcels straight and evenly.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    start, end : sequence of float
        Positions of the parcels in units of a, in order, before and after.

    Returns
    -------
    Picture
    """
    before, after = number("start", start, REAL), number("end", end, REAL)
    if (
        np.shape(before) != np.shape(after)
        or np.any(np.diff(before) < 0)
        or np.any(np.diff(after) < 0)
    ):
        refuse("end", end, "in order, as many as there are in start")
    with drawing(figure, height=3.0) as picture:
        panel = picture.panel(
            "time / duration", "position x/a", xlim=(-0.02, 1.02), ylim=(-1.25, 1.25),
            yticks=(-1, 0, 1),
        )  # fmt: skip
        for parcel, (low, high) in enumerate(zip(before, after, strict=True)):
            panel.line(f"parcel {parcel}", [0, 1], [low, high], tone="blue", width=1.4)
    return picture


def heat_against_duration(
    *,
    figure: Picture | None = None,
    transport_squared: float = 1 / 3,
    durations: Numbers = (),
    heats: Numbers = (),
    errors: Numbers = (),
) -> Picture:
    """Heat of erasing one bit against the time it takes: Landauer, transport bound, simulations.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    transport_squared : float
        Square of Wasserstein's distance of order 2 between start and end, in a².
    durations : sequence of float
        Durations of the simulated erasures in a²/D.
    heats, errors : sequence of float
        Their mean heats and the standard errors of these, in J.

    Returns
    -------
    Picture
    """
    kT = thermal_energy()
    square = number("transport_squared", transport_squared, POSITIVE)
    durations = np.atleast_1d(number("durations", durations, POSITIVE))
    heats = np.atleast_1d(number("heats", heats)) / kT
    errors = np.atleast_1d(number("errors", errors, NON_NEGATIVE)) / kT
    time = np.geomspace(0.5, 300, 200)
    bound = _LANDAUER + square / time
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "duration (a²/D)", "heat per bit (kT)", xlim=(0.5, 300), ylim=(0, 5),
            xscale="log", xticks={1: "1", 10: "10", 100: "100"},
        )  # fmt: skip
        panel.band("forbidden", time, 0, np.minimum(bound, 5), tone="grey")
        panel.rule("landauer", y=_LANDAUER)
        panel.text("landauer in words", 0.53, 0.33, "Landauer: ln 2", tone="grey")
        panel.line("bound", time, bound, tone="blue")
        panel.text("bound in words", 0.53, 1.5, "transport\nbound", tone="blue", valign="top")
        panel.intervals("errors", durations, heats - errors, heats + errors, tone="orange", width=3)
        panel.points("simulated", durations, heats, tone="orange", size=6)
        if np.size(durations):
            panel.text("simulated in words", 7, 3.0, "simulated:\nfour stages", tone="orange")
    return picture


def price_of_haste(
    *, figure: Picture | None = None, duration: float = 1.0, error: float = 0.0
) -> Picture:
    """Least heat of erasing a bit to a given error in a given time, in its two parts.

    The bit is a position, uniform on [-a, a] at first; in the end the wrong half has the
    probability p of the error, and each half is uniform. Then kT [ln 2 - H(p) + (1 - 2p)² a²/3Dt].

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    duration : float
        Duration in a²/D.
    error : float
        Probability p of the wrong half at the end.

    Returns
    -------
    Picture
    """
    now, p = number("duration", duration, _DURATION), number("error", error, _ERROR)
    reversible = _LANDAUER - entr(p) - entr(1 - p)
    time = np.geomspace(0.1, 100, 200)

    def dissipated(t):
        return (1 - 2 * p) ** 2 / (3 * t)

    total = reversible + dissipated(now)
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "duration (a²/D)", "least heat per bit (kT)", xlim=(0.1, 100), ylim=(0, 4.2),
            xscale="log", xticks={0.1: "0.1", 1: "1", 10: "10", 100: "100"},
        )  # fmt: skip
        panel.band("reversible", time, 0, reversible, tone="blue", alpha=0.25)
        panel.band("dissipated", time, reversible, reversible + dissipated(time), tone="orange")
        panel.line("total", time, reversible + dissipated(time))
        panel.rule("landauer", y=_LANDAUER)
        panel.intervals("part 1", now, 0, reversible, tone="blue", width=4)
        panel.intervals("part 2", now, reversible, total, tone="orange", width=4)
        panel.points("now", [now], [total], size=8)
        rows = (
            ("ink", f"{total:.2f} kT = {format_energy(total * thermal_energy())}"),
            ("orange", f"dissipated {dissipated(now):.2f} kT"),
            ("blue", f"reversible {reversible:.2f} kT"),
        )
        for row, (tone, words) in enumerate(rows):
            panel.text(f"row {row}", 0.98, 0.96 - 0.1 * row, words, tone=tone, inside=True,
                       align="right", valign="top")  # fmt: skip
    return picture


def spring_of_least_heat(
    *, figure: Picture | None = None, duration: float = 1.0, bits: float = 2.0
) -> Picture:
    """Spread and stiffness along the protocol of least heat, and what it costs.

    One normally distributed parameter of initial spread σ_0, whose mean stays.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    duration : float
        Duration in σ_0²/D.
    bits : float
        Precision b: the final spread is σ_0/2^b.

    Returns
    -------
    Picture
    """
    now, b = number("duration", duration, _DURATION), number("bits", bits, _BITS)
    kT = thermal_energy()
    spring = OptimalStiffness(1.0, b, diffusivity=1.0, duration=now)
    time = np.linspace(0, now, 160)
    share = time / now
    heat = finite_time(1, b, 1.0, 0.0, 1.0, now) / kT
    reversible = landauer(1, b) / kT
    with drawing(figure, height=4.8) as picture:
        upper = picture.panel(
            "", "spread σ/σ₀", xlim=(-0.06, 1.06), ylim=(0, 1.1), place="top"
        )  # fmt: skip
        upper.line("spread", share, spring.spread(time), tone="blue")
        upper.text("cost", 0.99, 0.97, f"heat {text.fixed(heat, 2)} kT", inside=True, align="right",
                   valign="top")  # fmt: skip
        parts = (
            f"{text.fixed(reversible, 2)} reversible, {text.fixed(heat - reversible, 2)} dissipated"
        )
        upper.text("parts", 0.99, 0.8, parts, inside=True, align="right", valign="top")
        lower = picture.panel(
            "time / duration", "stiffness (kT/σ₀²)", xlim=(-0.06, 1.06), ylim=(0.5, 1e6),
            yticks=(1, 100, 1e4, 1e6),
            yscale="log", place="bottom",
        )  # fmt: skip
        lower.line("rest", share, 1 / spring.variance(time), tone="grey")
        lower.line("stiffness", share, spring(time) / kT, tone="orange")
        ends = [0.0, 1.0], [1.0, 4.0**b]
        lower.points("ends", *ends, tone="grey", marker="o", hollow=True)
        lower.text("stiffness in words", 0.02, 0.95, "spring", tone="orange", inside=True,
                   valign="top")  # fmt: skip
        lower.text("rest in words", 0.02, 0.78, "at rest with this spread: kT/σ²", tone="grey",
                   inside=True, valign="top")  # fmt: skip
    return picture

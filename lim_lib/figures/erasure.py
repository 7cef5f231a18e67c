"""Pictures of writing and erasing: the protocol, what it costs, and what an error saves.

Arguments called tilt are in units of kT at 300 K, as are the energies drawn.
"""

from functools import lru_cache

import numpy as np
from scipy.special import entr

from lim_lib import text
from lim_lib.figures.canvas import Panel, Picture, decades, drawing
from lim_lib.quasistatic import Drive, density, drive, potential
from lim_lib.units import thermal_energy
from lim_lib.validate import POSITIVE, Domain, Numbers, number

__all__ = [
    "erasure_step_by_step",
    "four_stages",
    "heat_against_error",
    "price_of_forgetting",
    "too_fast_too_slow",
]

HIGH, LOW, CUT = 20.0, 1.0, 10.0
"""Barriers of the protocol in kT: at rest, lowered, and where it parts the sides as it rises."""

_DONE = ("", "barrier\ndown", "tilt on", "barrier\nup", "tilt off")
_STAGE = Domain(0, 4)
_TILT = Domain(0, 20)
_PROBABILITY = Domain(0, 0.5)
_LANDAUER = float(np.log(2))


@lru_cache(maxsize=32)
def _erasure(tilt: float) -> Drive:
    """The four stages; the third in two legs, before and after the barrier parts the sides."""
    corners = [(HIGH, 0), (LOW, 0), (LOW, tilt), (CUT, tilt), (HIGH, tilt), (HIGH, 0)]
    return drive(np.multiply(corners, thermal_energy()), [True, True, True, False, False])


def _stages(legs: np.ndarray) -> np.ndarray:
    """Stages done along the legs, the third stage shared between its two legs."""
    parted = 2 + np.log(CUT / LOW) / np.log(HIGH / LOW)
    return np.interp(legs, [0, 1, 2, 3, 4, 5], [0, 1, 2, parted, 3, 4])


def _state(tilt: float, stage: float) -> dict[str, float]:
    path = _erasure(tilt)
    return path.at(np.interp(stage, _stages(path.progress), path.progress))


def _draw_state(panel: Panel, name: str, state: dict[str, float], shift: float, top: float):
    """A potential, and on it the probability density, not to scale."""
    y, kT = np.linspace(-1.9, 1.9, 240), thermal_energy()
    energy = potential(y, state["barrier"], state["tilt"]) / kT
    height = 5 * density(y, state["barrier"], state["tilt"], state["left"])
    seen = energy < top
    x, energy, height = shift + y[seen], energy[seen], height[seen]
    panel.band(f"density {name}", x, energy, energy + height, tone="blue", alpha=0.5)
    panel.line(f"potential {name}", x, energy, width=1.8)


def _entropy(probability):
    """H of a bit, in nats."""
    return entr(probability) + entr(1 - probability)


def four_stages(*, figure: Picture | None = None, tilt: float = 12.0) -> Picture:
    """The protocol at a glance: five potentials, from an unknown bit to a known one.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    tilt : float
        Tilt while the barrier rises, in kT.

    Returns
    -------
    Picture
    """
    tilt = number("tilt", tilt, _TILT)
    with drawing(figure, height=3.0) as picture:
        panel = picture.panel(
            "stages done",
            "energy (kT)",
            xlim=(-2, 18),
            ylim=(-16, 38),
            xticks={4 * stage: str(stage) for stage in range(5)},
            yticks=(-10, 0, 10, 20),
        )
        for stage, done in enumerate(_DONE):
            _draw_state(panel, str(stage), _state(tilt, stage), 4.0 * stage, 26)
            panel.text(f"done {stage}", 4 * stage, 28, done or "start", align="center")
        panel.text("before", 0, -3, "0 or 1?", align="center", valign="top")
        panel.text("after", 16, -3, "1", align="center", valign="top")
    return picture


def erasure_step_by_step(
    *, figure: Picture | None = None, stage: float = 2.0, tilt: float = 12.0
) -> Picture:
    """Potential and density at one point of the protocol, and work and heat up to there.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    stage : float
        How far the protocol has come, 0 to 4 stages.
    tilt : float
        Tilt while the barrier rises, in kT.

    Returns
    -------
    Picture
    """
    stage, tilt = number("stage", stage, _STAGE), number("tilt", tilt, _TILT)
    path, state, kT = _erasure(tilt), _state(tilt, stage), thermal_energy()
    along = _stages(path.progress)
    with drawing(figure, height=5.0) as picture:
        upper = picture.panel(
            "position x/a", "energy (kT)", xlim=(-1.9, 1.9), ylim=(-17, 36), place="top"
        )
        _draw_state(upper, "now", state, 0.0, 26)
        share = f"left of the middle with probability {text.number(state['left'], 2)}"
        upper.text("share", -1.85, 29, share, tone="blue")
        lower = picture.panel(
            "stages done",
            "since the start (kT)",
            xlim=(-0.06, 4.1),
            ylim=(-12, 3),
            xticks=range(5),
            yticks=(-10, -5, 0),
            place="bottom",
        )
        lower.rule("nothing", y=0.0, width=0.8)
        for name, tone in (("work", "orange"), ("heat", "blue")):
            value = state[name] / kT
            lower.line(name, along, getattr(path, name) / kT, tone=tone, width=1.5)
            lower.points(f"{name} now", [stage], [value], tone=tone, size=9)
        heat, work = (text.fixed(state[name] / kT, 2, signed=True) for name in ("heat", "work"))
        lower.text("work in words", 0.03, -10.0, f"work on the bit {work} kT", tone="orange")
        lower.text("heat in words", 0.03, -11.7, f"heat to the bath {heat} kT", tone="blue")
    return picture


def heat_against_error(
    *,
    figure: Picture | None = None,
    errors: Numbers = (),
    heats: Numbers = (),
) -> Picture:
    """Heat of erasing one bit against the error that is left: kT (ln 2 - H(p)), and points.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    errors, heats : sequence of float
        Points to compare: probability of the wrong value, heat in J.

    Returns
    -------
    Picture
    """
    errors, heats = number("errors", errors, _PROBABILITY), number("heats", heats)
    probability = np.linspace(0, 0.5, 300) ** 2 * 2
    with drawing(figure) as picture:
        panel = picture.panel(
            "probability p of the wrong value at the end",
            "heat per bit (kT)",
            xlim=(-0.01, 0.515),
            ylim=(-0.02, 0.78),
        )
        panel.rule("landauer", y=_LANDAUER)
        panel.text("bound", 0.49, _LANDAUER + 0.01, "Landauer: ln 2", tone="grey", align="right")
        panel.line("formula", probability, _LANDAUER - _entropy(probability), tone="blue")
        panel.text("formula in words", 0.15, 0.32, "ln 2 \N{MINUS SIGN} H(p)", tone="blue")
        panel.points("points", errors, np.divide(heats, thermal_energy()), tone="orange", size=7)
        if np.size(errors):
            panel.text("points in words", 0.03, 0.05, "by quadrature", tone="orange")
    return picture


def price_of_forgetting(
    *,
    figure: Picture | None = None,
    initial_error: float = 0.5,
    final_error: float = 0.05,
) -> Picture:
    """Least heat kT (H(p0) - H(p)) that takes a bit from one uncertainty to another.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    initial_error, final_error : float
        Probability of the rarer value before and after, in [0, 1/2].

    Returns
    -------
    Picture
    """
    before = number("initial_error", initial_error, _PROBABILITY)
    after = number("final_error", final_error, _PROBABILITY)
    probability = np.linspace(0, 0.5, 300) ** 2 * 2
    least = _entropy(before) - _entropy(after)
    with drawing(figure) as picture:
        panel = picture.panel(
            "uncertainty after: probability of the rarer value",
            "least heat per bit (kT)",
            xlim=(-0.01, 0.515),
            ylim=(-0.78, 0.85),
        )
        panel.rule("landauer", y=_LANDAUER)
        panel.text("bound", 0.49, _LANDAUER + 0.01, "Landauer: ln 2", tone="grey", align="right")
        panel.rule("nothing", y=0.0, width=0.8)
        heats = _entropy(before) - _entropy(probability)
        panel.line("heat", probability, heats, tone="blue")
        panel.points("now", [after], [least], tone="orange", size=10)
        zeptojoules = text.fixed(1e21 * least * thermal_energy(), 2, signed=True)
        price = f"{text.fixed(least, 2, signed=True)} kT per bit: {zeptojoules} zJ at 300 K"
        panel.text("energy", 0.0, -0.74, price, tone="orange")
    return picture


def too_fast_too_slow(
    *,
    figure: Picture | None = None,
    durations: Numbers = (1e2, 1e5),
    low: Numbers = (0.28, 0.15),
    high: Numbers = (0.28, 0.01),
) -> Picture:
    """Heat of an erasure above ln 2 - H(p) against its duration, for two barriers at rest.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before.
    durations : sequence of float
        In units of a²/D.
    low, high : sequence of float
        Excess heat in kT with a barrier of 10 and of 20 kT.

    Returns
    -------
    Picture

    Examples
    --------
    >>> too_fast_too_slow(durations=[1e2, 1e4], low=[0.28, 0.19], high=[0.28, 0.01])
    Picture(4.8 x 3.3 in)
    """
    durations = number("durations", durations, POSITIVE)
    with drawing(figure) as picture:
        panel = picture.panel(
            "duration of the erasure (a²/D)",
            "excess heat (kT)",
            xlim=(70, 1.5e5),
            ylim=(-0.02, 0.34),
            xscale="log",
            xticks=decades(range(2, 6)),
            yticks=(0, 0.1, 0.2, 0.3),
        )
        panel.rule("curve", y=0.0)
        panel.text("curve in words", 80, 0.005, "ln 2 \N{MINUS SIGN} H(p)", tone="grey")
        panel.line("low", durations, number("low", low), tone="orange", marked=True)
        panel.line("high", durations, number("high", high), tone="blue", marked=True)
        panel.text("low in words", 4e3, 0.2, "10 kT", tone="orange", align="right")
        panel.text("high in words", 1.2e4, 0.03, "20 kT", tone="blue")
        panel.text("too fast", 130, 0.3, "too fast pays")
        panel.text("too slow", 1.3e5, 0.23, "too slow forgets", align="right")
    return picture

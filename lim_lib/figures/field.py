"""Pictures for the field as it stands: what cannot be prepared, and what waits in a queue.

Contents: `machines_by_size`, `unprepared_erasure`.
"""

from collections.abc import Mapping

import numpy as np

from lim_lib import text
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.validate import POSITIVE, Numbers, number, refuse

__all__ = ["machines_by_size", "unprepared_erasure"]

_TONES = ("blue", "orange", "green", "purple")
_LANDAUER = np.log(2)


def _curves(name: str, given: Mapping, length: int) -> Mapping:
    if not isinstance(given, Mapping) or not 1 <= len(given) <= len(_TONES):
        refuse(name, given, f"a mapping of 1 to {len(_TONES)} curves")
    for key, values in given.items():
        if np.shape(values) != (length,):
            refuse(f"{name}[{key!r}]", f"shape {np.shape(values)}", f"{length} numbers")
    return given


def unprepared_erasure(
    *,
    durations: Numbers,
    heats: Mapping[float, Numbers],
    floors: Mapping[float, float],
    figure: Picture | None = None,
) -> Picture:
    """Heat of an erasure against its duration, for cells that begin under a tilt they cannot undo.

    Parameters
    ----------
    durations : array_like
        Durations in hop times.
    heats : mapping of float to array_like
        Heat in kT at these durations, by the tilt in kT that is there at the start.
    floors : mapping of float to float
        What remains of it however slow, by the same tilts.
    figure : Picture, optional
        What this function returned before.

    Returns
    -------
    Picture

    Examples
    --------
    >>> unprepared_erasure(durations=[1, 10, 100], heats={2.0: [1.7, 1.2, 1.13]},
    ...                    floors={2.0: 1.124})
    Picture(4.8 x 3.6 in)
    """
    durations = np.asarray(number("durations", durations, POSITIVE))
    heats = _curves("heats", heats, len(durations))
    if set(floors) != set(heats):
        refuse("floors", floors, f"one number for each of {list(heats)}")
    top = 1.12 * max(np.max(values) for values in heats.values())
    low, high = durations.min(), durations.max()
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "duration of the erasure (hop times)",
            "heat of one bit (kT)",
            xscale="log",
            xlim=(0.85 * low, 1.18 * high),
            ylim=(0, top),
        )
        panel.rule("landauer", y=_LANDAUER)
        panel.text("ln 2", high, _LANDAUER - 0.035 * top, "kT ln 2", tone="grey", align="right",
                   valign="top")  # fmt: skip
        for (tilt, values), tone in zip(heats.items(), _TONES, strict=False):
            panel.rule(f"floor {tilt:g}", y=floors[tilt], tone=tone, width=0.9, dash="dotted")
            panel.line(f"tilt {tilt:g}", durations, values, tone=tone, marked=True)
            words = f"tilt at the start {tilt:g} kT: {text.number(floors[tilt])} kT remain"
            panel.text(f"words {tilt:g}", high, floors[tilt] + 0.09 * top, words, tone=tone,
                       align="right")  # fmt: skip
    return picture


def machines_by_size(
    *, sizes: Numbers, heats: Mapping[str, Numbers], figure: Picture | None = None
) -> Picture:
    """Heat a spin against the number of spins, all machines having the same time in all.

    Parameters
    ----------
    sizes : array_like
        Numbers of spins.
    heats : mapping of str to array_like
        Heat a spin in kT at these sizes, by the name of the machine.
    figure : Picture, optional
        What this function returned before.

    Returns
    -------
    Picture

    Examples
    --------
    >>> machines_by_size(sizes=[16, 64], heats={"serial": [0.70, 0.75], "parallel": [0.69, 0.69]})
    Picture(4.8 x 3.6 in)
    """
    sizes = np.asarray(number("sizes", sizes, POSITIVE))
    heats = _curves("heats", heats, len(sizes))
    top = 1.45 * max(np.max(values) for values in heats.values())
    with drawing(figure, height=3.6) as picture:
        panel = picture.panel(
            "number of spins",
            "heat a spin (kT)",
            xscale="log",
            xlim=(0.8 * sizes.min(), 1.2 * sizes.max()),
            ylim=(0, top),
            xticks={size: f"{size:g}" for size in sizes},
        )
        panel.rule("landauer", y=_LANDAUER)
        panel.text("ln 2", sizes.min(), _LANDAUER - 0.035 * top, "kT ln 2", tone="grey",
                   valign="top")  # fmt: skip
        for (name, values), tone in zip(heats.items(), _TONES, strict=False):
            panel.line(name, sizes, values, tone=tone, marked=True, label=name)
        panel.legend("upper left")
    return picture

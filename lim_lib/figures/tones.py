"""The book's colours, on white paper and on a dark page.

A *tone* is a colour with its own dash and marker, so that no picture needs colour to be read:

======  ============  =========  ======
tone    dash          marker     meant for
======  ============  =========  ======
ink     solid         circle     the main thing, or the only one
blue    solid         circle     first of several
orange  dashed        square     second
green   dash-dot      triangle   third
purple  dash-dot-dot  diamond    fourth
grey    dotted        cross      what the others are compared with
======  ============  =========  ======

A page's style has each as a variable, such as ``--lim-blue``, and ``--lim-ground`` for what lies
below: white, or `DARK_GROUND`.

Contents: `Tone`, `TONES`, `DARK_GROUND`, `variables`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DARK_GROUND", "TONES", "Tone", "variables"]

DARK_GROUND = "#121212"
"""What the book's dark pages lie on."""


@dataclass(frozen=True)
class Tone:
    """A colour that is also told apart by its dash and its marker.

    `colour` has a contrast of at least 4.5 to 1 on white and `dark` on a dark page, so that text
    may wear them.
    """

    colour: str
    dark: str
    dash: str | tuple
    marker: str


TONES: Mapping[str, Tone] = {
    "ink": Tone("#1b1b1b", "#dde3ea", "solid", "o"),
    "blue": Tone("#0b62c4", "#5aa5ff", "solid", "o"),
    "orange": Tone("#c65300", "#ff9c55", (0, (5, 2)), "s"),
    "green": Tone("#005a34", "#4cc69a", (0, (6, 2, 1.2, 2)), "^"),
    "purple": Tone("#8a1f6e", "#e58fcf", (0, (6, 1.5, 1.2, 1.5, 1.2, 1.5)), "D"),
    "grey": Tone("#757575", "#80878f", (0, (1.2, 1.8)), "x"),
}


def variables(dark: bool = False) -> str:
    """The tones and the ground as a page's style declares them.

    Parameters
    ----------
    dark : bool
        Those of a dark page.

    Returns
    -------
    str

    Examples
    --------
    >>> variables(dark=True).split(";")[1]
    '--lim-blue:#5aa5ff'
    """
    tones = {name: tone.dark if dark else tone.colour for name, tone in TONES.items()}
    tones["ground"] = DARK_GROUND if dark else "#ffffff"
    return ";".join(f"--lim-{name}:{colour}" for name, colour in tones.items())

"""A picture that computes in the page: what Python knows goes there as data, a script draws.

A `Scene` is to a closed formula, or to a motion, what an `Explorer` is to a figure function: its
controls move continuously, and the page itself computes what they show, from the library's
expressions as `lim_lib.javascript` prints them. It needs no kernel and nothing from outside, so
the same fragment of HTML serves the published book, a notebook, and slides; on paper, and where no
script runs, its still stands.

The scripts lie in ``js/``: `numbers.js` holds the helpers of printed expressions and a seeded
generator, `plot.js` a picture in SVG, `frame.js` controls, motion, the state in the page's address
and the words that follow it; each scene adds its own.

Contents: `Dial`, `Menu`, `Entry`, `Scene`.
"""

import html
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lim_lib.fragments import page_part, script_data, words_for_a_picture
from lim_lib.validate import refuse

if TYPE_CHECKING:
    from lim_lib.figures.canvas import Picture

__all__ = ["Dial", "Entry", "Menu", "Scene"]

SCRIPTS = Path(__file__).parent / "js"
CORE = ("numbers", "plot", "frame")
SCALES = ("linear", "log", "whole")


@dataclass(frozen=True)
class Dial:
    """A number that the reader may change: a slider without steps, and an entry.

    Parameters
    ----------
    label : str
        The quantity, in words.
    low, high : float
        Its ends.
    start : float
        Where it starts, between them.
    unit : str
        Its unit; nothing for a pure number.
    scale : {"linear", "log", "whole"}
        How the slider moves; "whole" for integers.
    digits : int
        Digits shown.
    shown : bool
        Whether it has a row of its own; a number that only a handle in the picture moves has none.

    Raises
    ------
    ValueError
        In one line, if any of these cannot be used.

    Examples
    --------
    >>> Dial("barrier height", 0.5, 12, start=3, unit="kT").record()["low"]
    0.5
    """

    label: str
    low: float
    high: float
    start: float
    unit: str = ""
    scale: str = "linear"
    digits: int = 3
    shown: bool = True

    def __post_init__(self):
        if self.scale not in SCALES:
            refuse("scale", self.scale, " or ".join(map(repr, SCALES)))
        if not (math.isfinite(self.low) and self.low < self.high < math.inf):
            refuse("high", self.high, f"a finite number > low ({self.low:g})")
        if self.scale == "log" and self.low <= 0:
            refuse("low", self.low, "> 0 on a logarithmic scale")
        if not self.low <= self.start <= self.high:
            refuse("start", self.start, f"from {self.low:g} to {self.high:g}")

    def record(self) -> dict[str, Any]:
        """What the script is told of it."""
        return dict(vars(self))


@dataclass(frozen=True)
class Menu:
    """A choice among names.

    Parameters
    ----------
    label : str
        What is chosen, in words.
    choices : mapping of str to str
        What each is called.
    start : str
        The first choice.

    Raises
    ------
    ValueError
        If the start is none of them.

    Examples
    --------
    >>> Menu("held fixed", {"drift": "the drift", "hops": "the hops"}, start="drift").start
    'drift'
    """

    label: str
    choices: Mapping[str, str]
    start: str

    def __post_init__(self):
        if self.start not in self.choices:
            refuse("start", self.start, f"one of {', '.join(self.choices)}")

    def record(self) -> dict[str, Any]:
        """What the script is told of it."""
        return {
            "label": self.label,
            "choices": list(map(list, self.choices.items())),
            "start": self.start,
        }


@dataclass(frozen=True)
class Entry:
    """A number or a name that the reader may write, with no row of its own: the scene makes one.

    Parameters
    ----------
    start : str
        What stands there at first; nothing for what is left open.

    Examples
    --------
    >>> Entry().record()
    {'entry': True, 'start': '', 'shown': False}
    """

    start: str = ""

    def record(self) -> dict[str, Any]:
        """What the script is told of it."""
        return {"entry": True, "start": self.start, "shown": False}


class Scene:
    """A picture that the page computes and the reader moves.

    Parameters
    ----------
    name : str
        Of the scene; its place in the page's address.
    title : str
        Its name for those who do not see it.
    alt : str
        What the still shows, in at most 250 characters.
    still : callable
        Draws the `Picture` that stands where no script runs.
    data : mapping
        What its script needs: printed expressions, constants, tables; all that JSON holds.
    scripts : sequence of str
        Its own scripts in ``js/``, in the order in which they build on each other.
    **controls : Dial, Menu or Entry
        What the reader may change.

    Raises
    ------
    TypeError, ValueError
        In one line, if any of these cannot be used.

    Examples
    --------
    >>> from lim_lib import figures
    >>> scene = Scene(
    ...     "level",
    ...     title="A level that moves",
    ...     alt="The ladder of bounds.",
    ...     still=figures.partial_order,
    ...     data={"seed": 1},
    ...     scripts=(),
    ...     height=Dial("height", 0, 10, start=3, unit="kT"),
    ... )
    >>> scene
    Scene(level: height 3 kT)
    """

    def __init__(
        self,
        name: str,
        *,
        title: str,
        alt: str,
        still: Callable[[], "Picture"],
        data: Mapping[str, Any],
        scripts: Iterable[str],
        **controls: Dial | Menu | Entry,
    ):
        if not name.isidentifier():
            refuse("name", name, "an identifier")
        for key, control in controls.items():
            if not isinstance(control, Dial | Menu | Entry):
                refuse(key, control, "a Dial, a Menu or an Entry", TypeError)
        self.name, self.title, self.alt = name, title, words_for_a_picture(alt)
        self.still, self.data, self.controls = still, data, controls
        self.scripts = (*CORE, *scripts)

    def __repr__(self) -> str:
        rows = (each for each in self.controls.values() if getattr(each, "shown", True))
        starts = "; ".join(_start(each) for each in rows if not isinstance(each, Entry))
        return f"Scene({self.name}{': ' if starts else ''}{starts})"

    def html(self) -> str:
        """The fragment of HTML that computes: it needs nothing else.

        Returns
        -------
        str
        """
        told = {
            "controls": {name: each.record() for name, each in self.controls.items()},
            "data": self.data,
        }
        return _FRAGMENT.format(
            name=self.name,
            title=html.escape(self.title, quote=True),
            style=style(self.scripts),
            still=self.still().sheet().svg(self.alt),
            data=script_data(told),
            names=" ".join(self.scripts),
            script="\n".join(map(script, self.scripts)),
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        picture = self.still()
        bundle = {"text/plain": repr(self), "text/html": self.html(), "image/png": picture.png()}
        return bundle, {"image/png": {"width": picture.width_on_page}}


def script(name: str) -> str:
    """A script as it is delivered: without its comments and indentation.

    Parameters
    ----------
    name : str
        Of a file in ``js/``, without its suffix.

    Examples
    --------
    >>> script("frame").startswith('"use strict";')
    True
    """
    return page_part(SCRIPTS / f"{name}.js")


@cache
def style(scripts: tuple[str, ...] = CORE) -> str:
    """The style of fragments with these scripts, with the colours of the book's tones."""
    from lim_lib.figures.tones import variables

    colours = f":where(html){{{variables()}}}"  # of no weight, so that a page's own colours win
    sheets = (SCRIPTS / f"{name}.css" for name in scripts)
    return colours + "".join(each.read_text(encoding="utf-8") for each in sheets if each.exists())


def _start(control: Dial | Menu) -> str:
    if isinstance(control, Menu):
        return f"{control.label} {control.choices[control.start]}"
    unit = f" {control.unit}" if control.unit else ""
    return f"{control.label} {control.start:g}{unit}"


# The script runs where it stands, before the still was painted, so nothing jumps.
_FRAGMENT = """\
<div class="lim-scene" id="{name}" data-scene="{name}" role="group" aria-label="{title}">
<style class="lim-style">{style}</style>
<div class="lim-still">{still}</div>
<script type="application/json" class="lim-data">{data}</script>
<script data-scripts="{names}">{script}</script>
<script>lim.begin(document.currentScript.parentElement);</script>
</div>
"""

"""The book's drawing surface: a picture, its panels, and the style that they share.

A figure function draws what it is given and returns a `Picture`. It is written once, as if it
always drew on an empty page; handed an earlier picture of its own it draws on that one again,
which takes a quarter to two fifths of the time::

    def double_well(*, figure=None, barrier=10.0):
        with drawing(figure) as picture:
            panel = picture.panel("position", "energy (kT)", xlim=(-1.5, 1.5), ylim=(0, 20))
            x = np.linspace(-1.5, 1.5, 200)
            panel.line("well", x, barrier * (x**2 - 1) ** 2, tone="blue")
        return picture

What makes this safe: every mark has a name, and is created when its name is first drawn and
updated afterwards; **what a drawing does not name again disappears**, and the marks lie on top of
each other in the order in which they were named. So a picture depends on the values that it was
given and never on those before them.

Conventions: sizes in inches, text of 10 to 11 points, an opaque white ground, the same margins
everywhere (nothing jumps when a value changes), no minor ticks, limits always given, and colours
by their *tones* (`lim_lib.figures.tones`). On a page of the book (``LIM_LIB_FACE=page``) a
picture is lines and letters in the page's own colours (`lim_lib.figures.vector`); elsewhere it is
pixels on white.

Contents: `drawing`, `decades`, `fading`, `snapshots`, `Picture`, `Panel`, `STYLE`.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import ticker
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from PIL import Image

from lim_lib.figures.tones import TONES
from lim_lib.figures.vector import Sheet, drawn_for_a_page, page_colour, paper_colour
from lim_lib.validate import Numbers, refuse

__all__ = ["STYLE", "Panel", "Picture", "decades", "drawing", "fading", "snapshots"]

PIXELS_PER_INCH = 100
"""Size on a page: a picture 4.8 in wide is 480 (CSS) pixels wide there."""

DENSITY = 1.5
"""Device pixels drawn for each of those, so that text is sharp on a dense screen."""

COLOURS = 64
"""Colours kept in a picture, for about half its weight; only the edges of lines vary a little."""


_INK = TONES["ink"].colour
STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10.5,
    "mathtext.fontset": "dejavusans",
    "text.color": _INK,
    "text.usetex": False,
    "figure.facecolor": "white",
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "axes.facecolor": "none",
    "axes.edgecolor": _INK,
    "axes.labelcolor": _INK,
    "axes.labelsize": 10.5,
    "axes.linewidth": 0.9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.use_mathtext": True,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.dash_capstyle": "butt",
    "lines.scale_dashes": True,
    "image.cmap": "cividis",
}
"""The book's style, applied around each drawing and nowhere else."""

_LEFT, _RIGHT, _BOTTOM, _TOP = 0.76, 0.16, 0.56, 0.14  # margins of a panel, in
_PLACES = {  # column, columns, row from below, rows
    "whole": (0, 1, 0, 1),
    "left": (0, 2, 0, 1),
    "right": (1, 2, 0, 1),
    "top": (0, 1, 1, 2),
    "bottom": (0, 1, 0, 2),
}


def decades(exponents: Iterable[int]) -> dict[float, str]:
    """Ticks of a logarithmic axis at powers of ten, with their names.

    Examples
    --------
    >>> decades((-3, 0))
    {0.001: '$10^{-3}$', 1.0: '$10^{0}$'}
    """
    return {10.0**exponent: f"$10^{{{exponent}}}$" for exponent in exponents}


def fading(tone: str) -> LinearSegmentedColormap:
    """Colours of a map from the bare ground, whatever it is, to a tone.

    Examples
    --------
    >>> [float(fading("blue")(share)[3]) for share in (0.0, 1.0)]
    [0.0, 1.0]
    """
    colour = _choice("tone", tone, TONES).colour
    return LinearSegmentedColormap.from_list(tone, [f"{colour}00", f"{colour}ff"])


def snapshots(name: str, run: Any) -> np.ndarray:
    """The snapshots of a run, or a one-line refusal if it has none."""
    found = getattr(run, "snapshots", None)
    return found if found is not None else refuse(name, run, "a run with snapshots=True")


def _choice(name: str, value: Any, known: Mapping) -> Any:
    if not isinstance(value, str) or value not in known:
        refuse(name, value, "one of " + ", ".join(known))
    return known[value]


class Picture(Figure):
    """A figure that shows itself in a notebook, and gives its bytes.

    Parameters
    ----------
    width, height : float
        Size in inches.

    Examples
    --------
    >>> picture = Picture()
    >>> panel = picture.panel("time (s)", "energy (kT)", xlim=(0, 1), ylim=(0, 2))
    >>> panel.line("decay", [0, 1], [2, 0])
    >>> picture
    Picture(4.8 x 3.3 in)
    >>> picture.png()[1:4], picture.webp()[8:12]
    (b'PNG', b'WEBP')
    """

    def __init__(self, width: float = 4.8, height: float = 3.3):
        with mpl.rc_context(STYLE):
            super().__init__(
                figsize=(width, height), dpi=PIXELS_PER_INCH * DENSITY, facecolor="white"
            )
        self.panels: dict[str, Panel] = {}
        self._surface = FigureCanvasAgg(self)

    def panel(
        self,
        xlabel: str,
        ylabel: str,
        *,
        xlim: tuple[float, float],
        ylim: tuple[float, float],
        xscale: str = "linear",
        yscale: str = "linear",
        xticks: Numbers | Mapping[float, str] | None = None,
        yticks: Numbers | Mapping[float, str] | None = None,
        left: float = _LEFT,
        place: str = "whole",
    ) -> "Panel":
        """One pair of axes: what is drawn along them, with the unit, from where to where.

        Parameters
        ----------
        xlabel, ylabel : str
            Quantity and unit.
        xlim, ylim : pair of float
            Ends of the axes; they are given, so that a change of value shows as a change.
        xscale, yscale : {"linear", "log"}
        xticks, yticks : sequence of float, or mapping of float to str, optional
            Where the ticks are, and what they are called.
        left : float
            Left margin in inches; more of it makes room for long names of ticks.
        place : {"whole", "left", "right", "top", "bottom"}
            Part of the picture.

        Returns
        -------
        Panel

        Examples
        --------
        >>> picture = Picture(height=4.6)
        >>> upper = picture.panel("", "power (W)", xlim=(0, 1), ylim=(1, 100), yscale="log",
        ...                       place="top")
        >>> lower = picture.panel("time (s)", "heat (J)", xlim=(0, 1), ylim=(0, 1),
        ...                       xticks={0: "start", 1: "end"}, place="bottom")
        >>> list(picture.panels)
        ['top', 'bottom']
        """
        _choice("place", place, _PLACES)
        scales = {"linear": None, "log": None}
        _choice("xscale", xscale, scales)
        _choice("yscale", yscale, scales)
        if place not in self.panels:
            self.panels[place] = Panel(self, place)
        panel = self.panels[place]
        panel._begin(
            left=left,
            x=(xlabel, _limits("xlim", xlim, xscale), xscale, _ticks(xticks)),
            y=(ylabel, _limits("ylim", ylim, yscale), yscale, _ticks(yticks)),
        )
        return panel

    def png(self) -> bytes:
        """The picture as a PNG file: the same bytes for the same drawing."""
        return self._bytes("PNG")

    def webp(self) -> bytes:
        """The picture as a WebP file without loss, a third lighter than the PNG."""
        return self._bytes("WEBP", lossless=True, quality=60, method=2)

    def svg(self) -> bytes:
        """The picture as lines and letters on white, for a drawing program."""
        sheet = Sheet(self, paper_colour)
        with mpl.rc_context(STYLE):
            self.draw(sheet)
        return f'<?xml version="1.0" encoding="utf-8"?>\n{sheet.svg(file=True)}\n'.encode()

    def pdf(self) -> bytes:
        """The picture as lines and letters, for LaTeX or print."""
        file = io.BytesIO()
        with mpl.rc_context({**STYLE, "pdf.fonttype": 42}):
            self.savefig(file, format="pdf", metadata={"CreationDate": None})
        return file.getvalue()

    def sheet(self, readable: bool = False) -> Sheet:
        """The picture as lines and letters in a page's own colours, without a ground.

        Parameters
        ----------
        readable : bool
            Whether the panels tell where they are, so that a script can read values off the marks.

        Returns
        -------
        Sheet

        Examples
        --------
        >>> Picture().sheet().svg(alt="Nothing yet.")[:47]
        '<svg class="lim-drawing" role="img" aria-label='
        """
        sheet = Sheet(self, page_colour)
        with mpl.rc_context(STYLE):
            self.patch.set_visible(False)
            self.draw(sheet)
            self.patch.set_visible(True)
        if readable:
            panels = (panel for panel in self.panels.values() if panel.axes.get_visible())
            sheet.note("frames", [panel._reading(sheet) for panel in panels])
        return sheet

    def _bytes(self, kind: str, **settings) -> bytes:
        with mpl.rc_context(STYLE):
            self._surface.draw()
        pixels = Image.fromarray(np.asarray(self._surface.buffer_rgba())[..., :3].copy())
        few = pixels.quantize(COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        palette, ground = few.getpalette() or [], 3 * np.asarray(few)[0, 0]
        palette[ground : ground + 3] = 3 * [255]  # a mean of white and nearly white until here
        few.putpalette(palette)
        file = io.BytesIO()
        (few if kind == "PNG" else few.convert("RGB")).save(file, kind, **settings)
        return file.getvalue()

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        bundle = {"text/plain": repr(self), "image/png": self.png()}
        if drawn_for_a_page():
            bundle["text/html"] = self.sheet().svg()
        return bundle, {"image/png": {"width": self.width_on_page}}

    @property
    def width_on_page(self) -> int:
        """Width in CSS pixels."""
        return round(self.get_figwidth() * PIXELS_PER_INCH)

    @property
    def height_on_page(self) -> int:
        """Height in CSS pixels."""
        return round(self.get_figheight() * PIXELS_PER_INCH)

    def __repr__(self) -> str:
        return f"Picture({self.get_figwidth():g} x {self.get_figheight():g} in)"


@contextmanager
def drawing(
    figure: Picture | None = None, *, width: float = 4.8, height: float = 3.3
) -> Iterator[Picture]:
    """A picture to draw on, in the book's style: a new one, or `figure` once more.

    When the block ends, panels and marks of earlier drawings that were not drawn again are gone.

    Parameters
    ----------
    figure : Picture, optional
        What the same figure function returned before.
    width, height : float
        Size in inches of a new picture.

    Yields
    ------
    Picture

    Examples
    --------
    >>> def level(*, figure=None, energy=1.0):
    ...     with drawing(figure) as picture:
    ...         panel = picture.panel("time (s)", "energy (kT)", xlim=(0, 1), ylim=(0, 10))
    ...         panel.line("level", [0, 1], [energy, energy])
    ...     return picture
    >>> first = level(energy=2)
    >>> again = level(figure=first, energy=3)
    >>> again is first, again.png() == level(energy=3).png()
    (True, True)
    """
    if figure is None:
        picture = Picture(width, height)
    elif isinstance(figure, Picture):
        picture = figure
    else:
        refuse("figure", figure, "a Picture or None", TypeError)
    for panel in picture.panels.values():
        panel._fresh = False
    with mpl.rc_context(STYLE):
        yield picture
    for panel in picture.panels.values():
        panel._end()


class Panel:
    """One pair of axes on a picture, and the marks on it by name.

    Made by `Picture.panel`. `axes` is the matplotlib object, for what is missing here; a mark
    that is put there directly is not updated, so use `redraw`.

    Examples
    --------
    >>> picture = Picture()
    >>> panel = picture.panel("bits", "energy (kT)", xlim=(0, 8), ylim=(0, 6))
    >>> panel.line("landauer", [0, 8], [0, 8 * 0.693], tone="blue")
    >>> panel.text("name", 5, 3, "Landauer", tone="blue")
    >>> list(panel.marks)
    ['landauer', 'name']
    """

    def __init__(self, picture: Picture, place: str):
        self.picture = picture
        self.place = place
        with mpl.rc_context(STYLE):
            self.axes = picture.add_axes((0, 0, 1, 1))
        self.axes.set_autoscale_on(False)
        self.marks: dict[str, Any] = {}
        self._makers: dict[str, Callable] = {}
        self._named: list[str] = []
        self._frame: dict = {}
        self._fresh = False

    def line(
        self,
        name: str,
        x: Numbers | float,
        y: Numbers | float,
        *,
        tone: str = "ink",
        width: float = 2.0,
        dash: str | tuple | None = None,
        marked: bool = False,
        label: str = "",
    ) -> None:
        """A curve; with `marked` also its points, with `label` a row of the `legend`."""
        look = _choice("tone", tone, TONES)
        self._mark(name, self._new_line).set(
            data=(x, y),
            color=look.colour,
            linestyle=look.dash if dash is None else dash,
            linewidth=width,
            marker=look.marker if marked else "none",
            markersize=6,
            label=label,
        )

    def points(
        self,
        name: str,
        x: Numbers | float,
        y: Numbers | float,
        *,
        tone: str = "ink",
        size: float = 6.0,
        marker: str | None = None,
        hollow: bool = False,
        label: str = "",
    ) -> None:
        """Points without a curve; `hollow` ones are rings."""
        look = _choice("tone", tone, TONES)
        self._mark(name, self._new_points).set(
            data=(x, y),
            color=look.colour,
            linestyle="none",
            marker=look.marker if marker is None else marker,
            markersize=size,
            markerfacecolor="white" if hollow else look.colour,
            label=label,
        )

    def intervals(
        self,
        name: str,
        x: Numbers | float,
        low: Numbers | float,
        high: Numbers | float,
        *,
        tone: str = "ink",
        width: float = 1.5,
        label: str = "",
    ) -> None:
        """Upright bars from `low` to `high`, such as error bars."""
        look = _choice("tone", tone, TONES)
        x, low, high = np.broadcast_arrays(*np.atleast_1d(x, low, high))
        self._mark(name, self._new_intervals).set(
            segments=np.stack([np.stack([x, low], -1), np.stack([x, high], -1)], 1),
            color=look.colour,
            linewidth=width,
            label=label,
        )

    def band(
        self,
        name: str,
        x: Numbers | float,
        low: Numbers | float,
        high: Numbers | float,
        *,
        tone: str = "grey",
        alpha: float = 0.2,
        label: str = "",
    ) -> None:
        """The area between two curves."""
        look = _choice("tone", tone, TONES)
        x, low, high = np.broadcast_arrays(x, low, high)
        self._mark(name, self._new_polygon).set(
            xy=np.column_stack([np.r_[x, x[::-1]], np.r_[low, high[::-1]]]),
            facecolor=mpl.colors.to_rgba(look.colour, alpha),
            edgecolor="none",
            linewidth=0,
            label=label,
        )

    def rule(
        self,
        name: str,
        *,
        x: float | None = None,
        y: float | None = None,
        tone: str = "grey",
        width: float = 1.3,
        dash: str | tuple | None = None,
        label: str = "",
    ) -> None:
        """A straight line across the panel: upright at `x`, or level at `y`."""
        if (x is None) == (y is None):
            refuse(f"the rule {name!r}", (x, y), "given either x or y")
        xs: Numbers = self.axes.get_xlim() if x is None else (x, x)
        ys: Numbers = self.axes.get_ylim() if y is None else (y, y)
        self.line(name, xs, ys, tone=tone, width=width, dash=dash, label=label)

    def text(
        self,
        name: str,
        x: float,
        y: float,
        text: str,
        *,
        tone: str = "ink",
        align: str = "left",
        valign: str = "bottom",
        size: float = 10.0,
        inside: bool = False,
    ) -> None:
        """Words at a point; with `inside` the point is a fraction of the panel (0, 0 to 1, 1)."""
        look = _choice("tone", tone, TONES)
        axes = self.axes
        self._mark(name, self._new_text).set(
            position=(x, y),
            text=text,
            color=look.colour,
            ha=align,
            va=valign,
            fontsize=size,
            transform=axes.transAxes if inside else axes.transData,
        )

    def legend(self, where: str = "upper right") -> None:
        """What the lines are called; direct labels (`text`) read better where there is room."""
        drawn = [self.marks[name] for name in self._named if name in self._makers]
        labelled = [mark for mark in drawn if mark.get_label()]
        self.redraw("legend", lambda axes: axes.legend(handles=labelled, loc=where))

    def redraw(self, name: str, make: Callable[[Any], Any]) -> None:
        """Anything else: `make(axes)` draws it anew each time and returns what it drew.

        Slower than the other marks; right for contours, bars, arrows.

        Examples
        --------
        >>> panel = Picture().panel("kind", "energy (J)", xlim=(0, 3), ylim=(0, 9))
        >>> panel.redraw("bars", lambda axes: axes.bar([1, 2], [4, 8], color="#757575"))
        """
        self._claim(name)
        _remove(self.marks.pop(name, None))
        self._makers.pop(name, None)
        self.marks[name] = make(self.axes)

    def _new_line(self) -> Artist:
        return self.axes.add_line(Line2D([], [], gid="mark"))

    _new_points = _new_line

    def _new_intervals(self) -> Artist:
        return self.axes.add_collection(LineCollection([]), autolim=False)

    def _new_polygon(self) -> Artist:
        return self.axes.add_patch(Polygon([[0, 0]]))

    def _new_text(self) -> Artist:
        ground = {"facecolor": "white", "alpha": 0.85, "edgecolor": "none", "pad": 1}
        return self.axes.text(0, 0, "", bbox=ground)

    def _mark(self, name: str, make: Callable[[], Artist]) -> Artist:
        """The mark of that name, made if it is new, above all that were named before it."""
        self._claim(name)
        if self._makers.get(name) != make:
            _remove(self.marks.pop(name, None))
            self.marks[name] = make()
            self._makers[name] = make
        mark = self.marks[name]
        mark.set_zorder(2 + len(self._named) / 1000)
        return mark

    def _claim(self, name: str) -> None:
        if name in self._named:
            refuse("name", name, "new: each mark of a panel has its own")
        self._named.append(name)

    def _begin(self, *, left: float, x: tuple, y: tuple) -> None:
        if self._fresh:
            refuse("place", self.place, "drawn once: one panel in each place")
        self._fresh = True
        self._named = []
        self.axes.set_visible(True)
        frame: dict[str, Any] = {"left": left, "x": x, "y": y}
        if frame != self._frame:
            with mpl.rc_context(STYLE):
                self._place(left)
                self._set_axis("x", *x)
                self._set_axis("y", *y)
            self._frame = frame

    def _place(self, left: float) -> None:
        column, columns, row, rows = _PLACES[self.place]
        width, height = self.picture.get_size_inches()
        cell = width / columns, height / rows
        inner = cell[0] - left - _RIGHT, cell[1] - _BOTTOM - _TOP
        if min(inner) <= 0.2:
            refuse("left", left, "less: the panel has no room")
        corner = column * cell[0] + left, row * cell[1] + _BOTTOM
        self.axes.set_position((corner[0] / width, corner[1] / height,
                                inner[0] / width, inner[1] / height))  # fmt: skip
        # labels stay where they are, however wide the numbers are
        self.axes.yaxis.set_label_coords(-(left - 0.08) / inner[0], 0.5)
        self.axes.yaxis.label.set_verticalalignment("top")
        self.axes.xaxis.set_label_coords(0.5, -(_BOTTOM - 0.06) / inner[1])
        self.axes.xaxis.label.set_verticalalignment("bottom")

    def _set_axis(self, which: str, label: str, limits: tuple, scale: str, ticks) -> None:
        axis = getattr(self.axes, f"{which}axis")
        getattr(self.axes, f"set_{which}label")(label)
        getattr(self.axes, f"set_{which}scale")(scale)
        getattr(self.axes, f"set_{which}lim")(limits)
        if ticks is not None:
            axis.set_major_locator(ticker.FixedLocator([value for value, _ in ticks]))
            if ticks and ticks[0][1] is not None:
                axis.set_major_formatter(ticker.FixedFormatter([name for _, name in ticks]))
        elif scale == "log":
            axis.set_major_locator(ticker.LogLocator(numticks=7))
        else:
            axis.set_major_locator(ticker.MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_minor_locator(ticker.NullLocator())

    def _reading(self, sheet: Sheet) -> dict[str, Any]:
        """Where the panel is on a sheet, and how values are read off it."""
        return {
            "box": sheet.place(self.axes.get_window_extent()),
            "across": _scale(*self._frame["x"]),
            "up": _scale(*self._frame["y"]),
        }

    def _end(self) -> None:
        self.axes.set_visible(self._fresh)
        for name in [name for name in self.marks if not self._fresh or name not in self._named]:
            _remove(self.marks.pop(name))
            self._makers.pop(name, None)


def _remove(mark: Any) -> None:
    """Take a mark, or a list of marks, off its axes."""
    if mark is None:
        return
    if hasattr(mark, "remove") and not isinstance(mark, list):
        mark.remove()
    else:
        for each in mark:
            _remove(each)


def _limits(name: str, limits: Any, scale: str) -> tuple[float, float]:
    allowed = "two different finite numbers" + (" > 0" if scale == "log" else "")
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        refuse(name, limits, allowed)
    if not np.isfinite([low, high]).all() or low == high:
        refuse(name, limits, allowed)
    if scale == "log" and min(low, high) <= 0:
        refuse(name, limits, allowed)
    return low, high


def _scale(label: str, limits: tuple[float, float], scale: str, ticks: Any) -> list | None:
    """Ends, whether logarithmic, quantity and unit; nothing where names stand for numbers."""
    names = [name for _, name in ticks or () if name is not None]
    if not label or not all(re.fullmatch(r"[$−–+{}^\d\s.×⁻⁰¹²³⁴⁵⁶⁷⁸⁹-]+", name) for name in names):
        return None
    quantity, _, unit = label.partition(" (")
    return [*limits, scale == "log", quantity, unit.removesuffix(")")]


def _ticks(ticks: Any) -> tuple[tuple[float, str | None], ...] | None:
    if ticks is None:
        return None
    if isinstance(ticks, Mapping):
        return tuple((float(value), str(name)) for value, name in ticks.items())
    return tuple((float(value), None) for value in ticks)

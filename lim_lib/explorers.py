"""A figure with one or two controls, which works wherever its page is read.

An `Explorer` joins a figure function (see `lim_lib.figures`) with a `Control` for one or two of
its arguments. The same object has three faces, and the place chooses among them:

=====  ===========================================  ==========================================
face   where                                        what moves the picture
=====  ===========================================  ==========================================
live   a notebook with a kernel                     controls that redraw the figure
page   the published book (``LIM_LIB_FACE=page``)   controls that choose among drawn pictures
still  paper, a notebook that is only looked at     nothing: the picture at the starting values
=====  ===========================================  ==========================================

All faces step through the same values, so that a page shows what a notebook would: numbers along
a slider, names in a menu. The page is a fragment of HTML that needs nothing from outside: native
controls, the pictures of all combinations of values packed into one stream (lines in the page's
own colours; pixels where they weigh less), a short script. It shows the lines of the start behind
a picture that moved, reads values off the curves under the pointer, keeps in the page's address
what the reader changed, and resets. Without the script it shows the still.

Where a formula does not hold, the reader sees what its `RegimeWarning` says, below the picture;
where the figure function refuses the values, the refusal.

Nothing is drawn, and no widget library is loaded, before a face is shown.

Contents: `Control`, `Explorer`.
"""

import base64
import html
import inspect
import itertools
import json
import math
import numbers
import sys
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lim_lib.fragments import page_part, script_data, words_for_a_picture
from lim_lib.text import printed
from lim_lib.validate import RegimeWarning, arguments, nearest, refuse

if TYPE_CHECKING:
    import ipywidgets

    from lim_lib.figures.canvas import Picture

__all__ = ["Control", "Explorer"]

SCRIPT, STYLE = (Path(__file__).with_name(f"explorer.{kind}") for kind in ("js", "css"))
MOST_PICTURES = 15 * 9
MOST_BYTES = 1_500_000
HEAVY = 300_000
"""Lines that weigh more are weighed against pixels."""


@dataclass(frozen=True)
class Control:
    """One control: the values that an argument takes, and what they are called.

    Parameters
    ----------
    values : sequence of float, or sequence of str
        At least two, all different, in the order of the slider; names make a menu.
    label : str
        The quantity, in words.
    unit : str
        Its unit; nothing for a pure number.
    start : float or str, optional
        The value of the still, so choose one that already teaches; the middle one if not given.
    format : str or callable
        A number's format specification, or a function from value to text.

    Raises
    ------
    TypeError, ValueError
        In one line, if any of these cannot be used.

    Examples
    --------
    >>> barrier = Control([5, 10, 20, 40], "barrier height", unit="kT", start=10)
    >>> barrier.name, barrier.text(40)
    ('barrier height (kT)', '40\\xa0kT')
    >>> Control([1e-20, 2.5e-10], "loss probability").texts
    ('10⁻²⁰', '2.5 × 10⁻¹⁰')
    """

    values: Sequence[float] | Sequence[str]
    label: str
    unit: str = ""
    start: Any = None
    format: str | Callable[[Any], str] = "g"

    def __post_init__(self):
        values = _plain_values(self.values)
        object.__setattr__(self, "values", values)
        if not isinstance(self.label, str):
            refuse("label", self.label, "text", TypeError)
        if not self.label.strip():
            refuse("label", self.label, "the quantity in words")
        if not isinstance(self.unit, str):
            refuse("unit", self.unit, "text", TypeError)
        if self.start is None:
            start = values[len(values) // 2]
        elif self.start in values:
            start = values[values.index(self.start)]
        else:
            refuse("start", self.start, f"one of {', '.join(map(str, values))}")
        object.__setattr__(self, "start", start)
        if not isinstance(self.format, str) and not callable(self.format):
            refuse("format", self.format, "a format specification or a function", TypeError)
        try:
            texts = self.texts
        except ValueError:
            refuse("format", self.format, "a format specification for numbers")
        if len(set(texts)) < len(texts):
            refuse("format", self.format, f"one that tells {', '.join(map(str, values))} apart")

    @property
    def name(self) -> str:
        """The label with the unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    @property
    def texts(self) -> tuple[str, ...]:
        """All values as the reader sees them."""
        return tuple(map(self.text, self.values))

    @property
    def is_menu(self) -> bool:
        """Whether the values are names, to be chosen from a menu and not along a slider."""
        return isinstance(self.start, str)

    @property
    def position(self) -> int:
        """Where the starting value stands among the values."""
        return self.values.index(self.start)

    def text(self, value: float | str) -> str:
        """A value with its unit, as the reader sees it."""
        if callable(self.format):
            text = str(self.format(value))
        elif isinstance(value, str):
            text = value
        else:
            text = printed(format(value, self.format))
        return f"{text}\N{NO-BREAK SPACE}{self.unit}" if self.unit else text


def _plain_values(values: Any) -> tuple[float, ...] | tuple[str, ...]:
    """The values as Python's own numbers or as text, or a one-line refusal."""
    allowed = "a sequence of finite numbers, or of texts"
    if isinstance(values, str) or not isinstance(values, Iterable):
        refuse("values", values, allowed, TypeError)
    plain = tuple(value.item() if isinstance(value, np.generic) else value for value in values)
    if len(plain) < 2:
        refuse("values", values, "at least two, all different")
    is_text = [isinstance(value, str) for value in plain]
    for value, text in zip(plain, is_text, strict=True):
        if not text and (isinstance(value, bool) or not isinstance(value, numbers.Real)):
            refuse("values", values, allowed, TypeError)
        if not text and not math.isfinite(value):
            refuse("values", values, allowed)
    if any(is_text) != all(is_text):
        refuse("values", values, allowed, TypeError)
    if len(set(plain)) < len(plain):
        refuse("values", values, "at least two, all different")
    return plain


class Explorer:
    """A figure that one or two controls change: live, on a page, or still.

    Parameters
    ----------
    figure_function : callable
        ``figure_function(*, figure=None, **values)`` returns a `lim_lib.figures.Picture`; given
        one of its own as `figure`, it draws on that one again.
    alt : str
        What the picture shows at the starting values, in at most 250 characters, for a reader
        who does not see it.
    **controls : Control
        One or two of the function's arguments; at most 135 (15 x 9) pictures in all.

    Raises
    ------
    TypeError, ValueError
        In one line, if any of these cannot be used.

    Examples
    --------
    >>> from lim_lib.figures import drawing
    >>> def level(*, figure=None, energy=1.0):
    ...     with drawing(figure) as picture:
    ...         panel = picture.panel("time (s)", "energy (kT)", xlim=(0, 1), ylim=(0, 10))
    ...         panel.line("level", [0, 1], [energy, energy])
    ...     return picture
    >>> explorer = Explorer(
    ...     level,
    ...     alt="A level line: the energy does not change with time.",
    ...     energy=Control([1, 2, 4, 8], "energy", unit="kT", start=2),
    ... )
    >>> explorer
    Explorer(level: energy 2 kT, 4 values)
    >>> explorer.still(energy=8)
    Picture(4.8 x 3.3 in)
    >>> explorer.html().startswith('<div class="lim-explorer" role="group"')
    True
    """

    def __init__(self, figure_function: Callable[..., "Picture"], *, alt: str, **controls: Control):
        if not callable(figure_function):
            refuse("figure_function", figure_function, "a function", TypeError)
        if not 1 <= len(controls) <= 2:
            raise ValueError(f"controls must be one or two, got {len(controls)}")
        for name, control in controls.items():
            if not isinstance(control, Control):
                refuse(name, control, "a Control", TypeError)
        _check_signature(figure_function, controls)
        sizes = [len(control.values) for control in controls.values()]
        if math.prod(sizes) > MOST_PICTURES:
            grid = " x ".join(map(str, sizes))
            raise ValueError(
                f"controls must give at most {MOST_PICTURES} pictures (15 x 9), "
                f"got {grid} = {math.prod(sizes)}"
            )
        self.figure_function = figure_function
        self.alt = words_for_a_picture(alt)
        self.controls = controls

    def __repr__(self) -> str:
        controls = "; ".join(
            f"{control.label} {control.text(control.start)}, {len(control.values)} values"
            for control in self.controls.values()
        ).replace("\N{NO-BREAK SPACE}", " ")
        return f"Explorer({_name(self.figure_function)}: {controls})"

    @property
    def start(self) -> dict[str, float | str]:
        """The starting values."""
        return {name: control.start for name, control in self.controls.items()}

    def grid(self) -> list[dict[str, float | str]]:
        """All combinations of values; the last control's change fastest."""
        values: Iterator[Iterable[float | str]]
        values = (control.values for control in self.controls.values())
        return [dict(zip(self.controls, each, strict=True)) for each in itertools.product(*values)]

    def still(self, **values: float | str) -> "Picture":
        """The picture at the starting values, or at those that are given.

        Parameters
        ----------
        **values : float or str
            Values of the controls, from the sliders or between them.

        Returns
        -------
        Picture
        """
        return self._draw(self.start | arguments("still", tuple(self.controls), (), values))

    def html(self) -> str:
        """The page face: a fragment of HTML that needs nothing else.

        Returns
        -------
        str

        Raises
        ------
        ValueError
            If the pictures weigh more than 1.5 MB.
        """
        picture, first = self._attempt(self.start)
        still = picture.sheet(readable=True).svg(" ".join(self.alt.split()))
        stream, notes = self._all(picture, _lines)
        if len(stream) > HEAVY:
            pixels, _ = self._all(picture, _pixels)
            stream = min(stream, pixels, key=len)
        if len(stream) > MOST_BYTES:
            raise ValueError(
                f"{_name(self.figure_function)}: the pictures of an explorer must weigh at most "
                f"{MOST_BYTES / 1e6:g} MB, got {len(stream) / 1e6:.2f} MB in {len(notes)} "
                "pictures; give its controls fewer values"
            )
        controls = self.controls.values()
        data = {
            "labels": [control.label for control in controls],
            "texts": [control.texts for control in controls],
            "values": [list(map(_in_address, control.values)) for control in controls],
            "notes": notes if any(notes) else [],
            "pictures": stream,
        }
        names = ", ".join(control.name for control in controls)
        starts = ", ".join(f"{control.label} {control.text(control.start)}" for control in controls)
        return _PAGE.format(
            style=page_part(STYLE),
            group=_attribute(f"Picture with controls: {names}"),
            still=still,
            was=html.escape(starts),
            note=html.escape(first),
            controls="".join(_row(name, control) for name, control in self.controls.items()),
            data=script_data(data),
            script=page_part(SCRIPT),
        )

    def _all(
        self, picture: "Picture", elements: Callable[["Picture"], list[str]]
    ) -> tuple[str, list[str]]:
        """All pictures as one packed stream, and what is noted of each.

        Unpacked it is a list of different elements and, for each picture, the numbers of its own;
        null where there is nothing to draw.
        """
        numbers: dict[str, int] = {}
        pictures: list[list[int] | None] = []
        notes: list[str] = []
        for values in self.grid():
            try:
                picture, note = self._attempt(values, picture)
                drawn = elements(picture)
                pictures.append([numbers.setdefault(each, len(numbers)) for each in drawn])
            except (ValueError, ArithmeticError) as refusal:
                pictures.append(None)
                note = _refusal(refusal)
            notes.append(note)
        plain = json.dumps([list(numbers), pictures], ensure_ascii=False, separators=(",", ":"))
        return base64.b64encode(zlib.compress(plain.encode(), 9)).decode("ascii"), notes

    def widget(self) -> "ipywidgets.VBox":
        """The live face: a slider or a menu for each control, and the picture that they redraw.

        Returns
        -------
        ipywidgets.VBox
            The picture (`Image`), a line for notes, the sliders, and the alt text to be read out.
        """
        import ipywidgets

        picture, note = self._attempt(self.start)
        width = f"{picture.width_on_page}px"
        # An Image takes no alt text, and a tooltip breaks its view (ipywidgets 8.1.9).
        image = ipywidgets.Image(
            value=picture.png(),
            format="png",
            layout=ipywidgets.Layout(
                width=width, max_width="100%", height="auto", object_fit="contain"
            ),
        )
        words = ipywidgets.HTML(f'<span style="{_UNSEEN}">{html.escape(self.alt)}</span>')
        line = ipywidgets.HTML(layout=ipywidgets.Layout(width=width, max_width="100%"))
        label_width = min(30, 2 + max(len(control.name) for control in self.controls.values()))

        def choice(control: Control) -> ipywidgets.Widget:
            return (ipywidgets.Dropdown if control.is_menu else ipywidgets.SelectionSlider)(
                options=list(zip(control.texts, control.values, strict=True)),
                value=control.start,
                description=control.name,
                style={"description_width": f"{label_width}ch"},
                layout=ipywidgets.Layout(width=width, max_width="100%"),
            )

        sliders = {name: choice(control) for name, control in self.controls.items()}

        def say(text: str) -> None:
            line.value = html.escape(text)
            line.layout.display = None if text else "none"

        def redraw(_change) -> None:
            try:
                values = {name: slider.value for name, slider in sliders.items()}
                _, text = self._attempt(values, picture)
                image.value = picture.png()
            except Exception as error:  # a callback's traceback would reach no reader
                text = _refusal(error)
            say(text)

        say(note)
        for slider in sliders.values():
            slider.observe(redraw, names="value")
        return ipywidgets.VBox(
            [image, line, *sliders.values(), words],
            layout=ipywidgets.Layout(align_items="flex-start", overflow="hidden"),
        )

    def _repr_mimebundle_(self, include=None, exclude=None) -> tuple[dict, dict]:
        from lim_lib.figures.vector import drawn_for_a_page

        for_a_page = drawn_for_a_page()
        try:
            still, _ = self._attempt(self.start)
            bundle = {"text/plain": repr(self), "image/png": still.png()}
            if for_a_page:
                bundle["text/html"] = self.html()
            elif _has_kernel():
                bundle |= self.widget()._repr_mimebundle_() | {"text/plain": repr(self)}
        except Exception as error:
            # a notebook counts a cell whose display failed as one that passed; a book build that
            # takes warnings for errors does not when there is a line on the error stream
            print(f"{self!r}: {error}", file=sys.stderr)
            raise
        return bundle, {"image/png": {"width": still.width_on_page}}

    def _draw(self, values: dict, picture: "Picture | None" = None) -> "Picture":
        from lim_lib.figures.canvas import Picture

        drawn = self.figure_function(figure=picture, **values)
        if not isinstance(drawn, Picture):
            name = _name(self.figure_function)
            refuse(f"what {name}() returns", drawn, "a Picture", TypeError)
        if picture is not None and drawn is not picture:
            name = _name(self.figure_function)
            refuse(f"what {name}() returns", drawn, "the figure that it was given", TypeError)
        return drawn

    def _attempt(self, values: dict, picture: "Picture | None" = None) -> tuple["Picture", str]:
        """The picture, and what the formulas said about their regime while it was drawn."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", RegimeWarning)
            drawn = self._draw(values, picture)
        notes: dict[str, None] = {}
        for warning in caught:
            if issubclass(warning.category, RegimeWarning):
                notes[str(warning.message)] = None
            else:
                warnings.warn_explicit(
                    warning.message, warning.category, warning.filename, warning.lineno
                )
        return drawn, " ".join(" ".join(notes).split())


def _name(function: Callable) -> str:
    return getattr(function, "__name__", type(function).__name__)


def _check_signature(function: Callable, controls: dict[str, Control]) -> None:
    parameters = inspect.signature(function).parameters
    open_ended = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    named = [
        name
        for name, each in parameters.items()
        if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    if "figure" not in named:
        raise TypeError(f"figure_function must take the argument figure, got {_name(function)}()")
    takes = [name for name in named if name != "figure"]
    for name in controls:
        if name == "figure" or (name not in takes and not open_ended):
            raise TypeError(
                f"{_name(function)}() has no argument {name!r} for a control"
                f"{nearest(name, takes)}; it takes {', '.join(takes) or 'none'}"
            )
    for name in takes:
        if parameters[name].default is inspect.Parameter.empty and name not in controls:
            raise TypeError(f"controls must include {name}: {_name(function)}() has no default")


def _has_kernel() -> bool:
    """Whether a notebook is being run, as against a terminal or a script."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def _refusal(error: Exception) -> str:
    """One line for the reader: the refusal of a value, or the name of a mistake in the code."""
    text = " ".join(str(error).split())
    if not isinstance(error, ValueError | ArithmeticError):
        text = f"{type(error).__name__}: {text}"
    return f"Nothing to draw here: {text}"


def _lines(picture: "Picture") -> list[str]:
    """The elements of a picture of lines."""
    return picture.sheet(readable=True).elements()


def _pixels(picture: "Picture") -> list[str]:
    """The one element of a picture of pixels, and that none of its marks can be read off."""
    width, height = picture.sheet().size
    source = base64.b64encode(picture.webp()).decode("ascii")
    return [
        f'<image width="{width}" height="{height}" href="data:image/webp;base64,{source}"/>',
        '<g data-frames="[]"/>',
    ]


def _in_address(value: float | str) -> str:
    """A value as the page's address has it."""
    return value if isinstance(value, str) else f"{value:.6g}".replace("e+", "e")


def _attribute(text: str) -> str:
    return html.escape(" ".join(text.split()), quote=True)


def _row(name: str, control: Control) -> str:
    text = html.escape(control.text(control.start))
    if control.is_menu:
        options = "".join(
            f'<option value="{i}"{" selected" if i == control.position else ""}>'
            f"{html.escape(each)}</option>"
            for i, each in enumerate(control.texts)
        )
        field = f'<select name="{name}" autocomplete="off">{options}</select>'
    else:
        field = (
            f'<input type="range" name="{name}" min="0" max="{len(control.values) - 1}" step="1" '
            f'value="{control.position}" aria-valuetext="{text}" autocomplete="off">'
        )
    hidden = " hidden" if control.is_menu else ""
    return (
        f"<label><span>{html.escape(control.name)}</span>{field}"
        f'<output aria-hidden="true"{hidden}>{text}</output></label>\n'
    )


# The root holds all that belongs to one explorer, so that nothing needs an id. The controls appear
# with the script that serves them. A label names the first control or output in it, so that comes
# before the output and is moved below it by the style; and it names it by its text alone: the
# output is hidden from the name, since the control itself speaks its value.
_PAGE = """\
<div class="lim-explorer" role="group" aria-label="{group}">
<style class="lim-style">{style}</style>
<div class="lim-view">{still}<div class="lim-tip" aria-hidden="true" hidden></div></div>
<div class="lim-tools" hidden><span class="lim-was">Pale: {was}</span>\
<button type="button">Reset</button></div>
<p class="lim-note" role="status">{note}</p>
<div class="lim-controls" hidden>
{controls}</div>
<script type="application/json">{data}</script>
<script data-scripts="explorer">{script}</script>
<script>lim.explore(document.currentScript.parentElement);</script>
</div>
"""

_UNSEEN = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)"
"""Style of words that are read out and not seen."""

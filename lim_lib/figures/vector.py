"""What a figure draws, as lines and letters in a page's own colours.

`Sheet` is a renderer of matplotlib that writes SVG: small, without ids, and for a page with the
colours of the book as variables of the page's style, so that one picture serves light and dark::

    sheet = Sheet(figure, page_colour)
    figure.draw(sheet)
    sheet.svg(alt="A falling line.")

Conventions: coordinates are whole numbers, `UNITS` to an inch, downwards; a letter is its outline
(all letters of a text are one path, equal letters are equal words in it, which compresses well);
what an artist with a `gid` draws has the class ``m``; what a panel clips is a nested picture.

Contents: `Sheet`, `page_colour`, `paper_colour`, `drawn_for_a_page`, `UNITS`.
"""

import base64
import html
import io
import json
import os
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Bbox
from PIL import Image

from lim_lib.figures.tones import TONES
from lim_lib.validate import refuse

__all__ = ["UNITS", "Sheet", "drawn_for_a_page", "page_colour", "paper_colour"]

UNITS = 2000
"""Steps of the grid of coordinates in an inch: twenty in a pixel of a page."""

_POINT = UNITS / 72
_LETTERS = {Path.MOVETO: "m", Path.LINETO: "l", Path.CURVE3: "q", Path.CURVE4: "c"}
_DISC = np.asarray(Path.unit_circle().vertices)
_NEAR = 3 / 255  # colours that the eye does not tell apart


def drawn_for_a_page() -> bool:
    """Whether what is shown goes to a page of the book, as ``LIM_LIB_FACE`` tells.

    Raises
    ------
    ValueError
        If it names another face.
    """
    face = os.environ.get("LIM_LIB_FACE", "")
    return face == "page" or bool(face and refuse("LIM_LIB_FACE", face, "page, or not set"))


@cache
def page_colour(colour: tuple[float, float, float]) -> str:
    """A colour as a page's style names it: a tone, one mixed with the ground, or itself.

    Examples
    --------
    >>> page_colour((1, 1, 1)), page_colour(to_rgb("#0b62c4")), page_colour(to_rgb("gold"))
    ('var(--lim-ground,#fff)', 'var(--lim-blue,#0b62c4)', '#ffd700')
    >>> page_colour(to_rgb("0.8"))
    'color-mix(in srgb,var(--lim-grey,#757575) 37%,var(--lim-ground,#fff))'
    """
    rgb, ground = np.array(colour), "var(--lim-ground,#fff)"
    # how far a colour is from white, in parts of how far each tone is
    off = {name: 1 - np.array(to_rgb(tone.colour)) for name, tone in TONES.items()}
    shares = {name: float((1 - rgb) @ full / (full @ full)) for name, full in off.items()}
    if (1 - rgb).max() < _NEAR:
        return ground
    for name in sorted(TONES, key=lambda name: abs(1 - shares[name])):
        share = shares[name]
        if share <= 1 + _NEAR and abs(1 - share * off[name] - rgb).max() < _NEAR:
            named = f"var(--lim-{name},{TONES[name].colour})"
            mixed = f"color-mix(in srgb,{named} {100 * share:.0f}%,{ground})"
            return named if share > 1 - _NEAR else mixed
    return to_hex(colour)


def paper_colour(colour: tuple[float, float, float]) -> str:
    """A colour as a drawing program knows it.

    Examples
    --------
    >>> paper_colour((1, 1, 1))
    '#ffffff'
    """
    return to_hex(colour)


class Sheet(RendererBase):
    """A renderer that keeps what is drawn as elements of SVG.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What will be drawn; its size and resolution are the sheet's.
    paint : callable
        Names a colour: `page_colour` or `paper_colour`.

    Examples
    --------
    >>> figure = Figure(figsize=(1, 0.5), facecolor="none")
    >>> sheet = Sheet(figure, page_colour)
    >>> _ = figure.text(0.5, 0.5, "-", fontsize=10)
    >>> figure.draw(sheet)
    >>> sheet.elements()
    ['<path fill="#000000" d="M1014 413h73v22h-73v-22z"/>']
    """

    def __init__(self, figure: Figure, paint: Callable[[tuple[float, float, float]], str]):
        super().__init__()
        self._inches = figure.get_size_inches()
        self._dpi = figure.dpi
        self._paint = paint
        self._scale = UNITS / self._dpi
        self._mark = False
        # clip, attributes, the data of a path; whether neighbours alike may become one
        self._drawn: list[tuple[tuple[int, ...] | None, str, str, bool]] = []

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in `UNITS`."""
        width, height = np.rint(self._inches * UNITS).astype(int).tolist()
        return width, height

    def elements(self) -> list[str]:
        """What was drawn, from back to front."""
        joined: list[tuple[tuple[int, ...] | None, str, list[str], bool]] = []
        for clip, attributes, data, alike in self._drawn:
            if alike and joined and joined[-1][3] and joined[-1][:2] == (clip, attributes):
                joined[-1][2].append(data)
            else:
                joined.append((clip, attributes, [data], alike))
        return [_element(clip, attributes, "".join(data)) for clip, attributes, data, _ in joined]

    def place(self, box: Bbox) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of a box of the figure's pixels, in `UNITS`."""
        (left, top), (right, bottom) = self._points([[box.x0, box.y1], [box.x1, box.y0]])
        return int(left), int(top), int(right), int(bottom)

    def svg(self, alt: str = "", file: bool = False) -> str:
        """The picture as an element of a page, or as a file.

        Parameters
        ----------
        alt : str
            What the picture shows, for a reader who does not see it.
        file : bool
            Whether it stands alone.

        Returns
        -------
        str
        """
        width, height = self.size
        shown = 96 if file else 100
        kind = 'xmlns="http://www.w3.org/2000/svg"' if file else 'class="lim-drawing" role="img"'
        named = f' aria-label="{html.escape(alt, quote=True)}"' if alt else ""
        return (
            f'<svg {kind}{named} viewBox="0 0 {width} {height}" '
            f'width="{width / UNITS * shown:.0f}" height="{height / UNITS * shown:.0f}" '
            f'fill="none" stroke-linejoin="round">{"".join(self.elements())}</svg>'
        )

    def note(self, name: str, data: object) -> None:
        """Add what a script will read: an element that is not seen, after all others."""
        text = html.escape(json.dumps(data, ensure_ascii=False, separators=(",", ":")), quote=True)
        self._drawn.append((None, f'<g data-{name}="{text}"/>', "", False))

    # What matplotlib asks a renderer

    def get_canvas_width_height(self):
        return self._inches * self._dpi

    def points_to_pixels(self, points):
        return points * self._dpi / 72

    def get_text_width_height_descent(self, s, prop, ismath):
        return tuple(self.points_to_pixels(_extent(s, prop, bool(ismath))))

    def open_group(self, s, gid=None):
        if gid is not None:
            self._mark = True

    def close_group(self, s):
        if s in ("line2d", "patch") or "Collection" in s:
            self._mark = False

    def draw_path(self, gc, path, transform, rgbFace=None):
        look = self._look(gc, rgbFace)
        if not look:
            return
        room = 2 * self.points_to_pixels(gc.get_linewidth()) + 2
        clip = gc.get_clip_rectangle()
        around = None if rgbFace is not None else (0, 0, *self.get_canvas_width_height())
        if around and clip:
            around = (clip.x0 - room, clip.y0 - room, clip.x1 + room, clip.y1 + room)
        cleaned = path.cleaned(
            transform, remove_nans=True, clip=around, curves=True,
            simplify=path.should_simplify and rgbFace is None,
        )  # fmt: skip
        points = self._points(cleaned.vertices)
        if data := _data(points, cleaned.codes):
            self._add(gc, look, data, points, rgbFace is None)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        places = self._points(trans.transform(path.vertices))
        width, height = self.size
        inside = np.isfinite(places).all(1)
        inside &= (places > -UNITS).all(1) & (places < [width + UNITS, height + UNITS]).all(1)
        places = places[inside]
        look = self._look(gc, rgbFace)
        if not look or not len(places):
            return
        vertices = marker_trans.transform(marker_path.vertices) * [1, -1] * self._scale
        colour = self._paint(tuple(gc.get_rgb()[:3]))
        whole = rgbFace is not None and self._paint(tuple(rgbFace[:3])) == colour
        if whole and len(marker_path.vertices) == len(_DISC):
            # A disc is a line without length and with round ends.
            size = 2 * vertices[:, 0].max() + gc.get_linewidth() * _POINT
            look = f' stroke="{colour}" stroke-width="{size:.0f}" stroke-linecap="round"'
            outline = "h0"
        else:
            points = np.rint(vertices)
            outline = "m" + _numbers(points[0].tolist()) + _relative(points, marker_path.codes)
        # each begins at the place that it marks
        data = "".join(f"M{x:.0f} {y:.0f}{outline}" for x, y in places)
        self._add(gc, look, data, np.concatenate([places - 60, places + 60]), False)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        letters = _outline(s, prop, bool(ismath), round(float(angle), 3))
        place = np.rint(np.array([x, y]) * self._scale)
        data = "".join(f"M{place[0] + dx:.0f} {place[1] + dy:.0f}{d}" for dx, dy, d in letters)
        if data:
            look = f' fill="{self._paint(tuple(gc.get_rgb()[:3]))}"{_opacity(gc.get_alpha())}'
            self._add(gc, look, data, place[None], True)

    def draw_image(self, gc, x, y, im, transform=None):
        height, width = im.shape[:2]
        left, top, right, bottom = self.place(Bbox.from_bounds(x, y, width, height))
        file = io.BytesIO()
        Image.fromarray(im[::-1]).save(file, "PNG", optimize=True)
        source = base64.b64encode(file.getvalue()).decode("ascii")
        self._drawn.append((
            None,
            f'<image x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" '
            f'preserveAspectRatio="none" href="data:image/png;base64,{source}"/>',
            "",
            False,
        ))  # fmt: skip

    # Helpers

    def _points(self, pixels) -> np.ndarray:
        """The figure's pixels, upwards, as the picture's units, downwards."""
        down = self._inches[1] * UNITS
        return np.rint(np.asarray(pixels, float) * self._scale * [1, -1] + [0, down])

    def _look(self, gc, face) -> str:
        """How a path is painted, as attributes; nothing if it is not seen."""
        look = ""
        forced = gc.get_forced_alpha()
        if face is not None:
            alpha = gc.get_alpha() if forced or len(face) == 3 else face[3]
            if alpha > 0:
                look += f' fill="{self._paint(tuple(face[:3]))}"{_opacity(alpha, "fill-")}'
        rgb = gc.get_rgb()
        alpha = gc.get_alpha() if forced or len(rgb) == 3 else rgb[3]
        width = gc.get_linewidth() * _POINT
        if alpha > 0 and width > 0:
            look += f' stroke="{self._paint(tuple(rgb[:3]))}" stroke-width="{width:.0f}"'
            look += _opacity(alpha, "stroke-")
            offset, dashes = gc.get_dashes()
            if dashes is not None:
                listed = " ".join(f"{dash * _POINT:.0f}" for dash in dashes)
                look += f' stroke-dasharray="{listed}"'
                look += f' stroke-dashoffset="{offset * _POINT:.0f}"' if offset else ""
            elif gc.get_capstyle() != "butt":
                cap = {"projecting": "square"}.get(gc.get_capstyle(), "round")
                look += f' stroke-linecap="{cap}"'
        return look

    def _add(self, gc, look: str, data: str, points: np.ndarray, alike: bool) -> None:
        clip = gc.get_clip_rectangle()
        box = None
        if clip is not None:
            edge = 0.5 * gc.get_linewidth() * _POINT
            left, top, right, bottom = self.place(clip)
            low, high = np.nanmin(points, 0) - edge, np.nanmax(points, 0) + edge
            if low[0] < left or low[1] < top or high[0] > right or high[1] > bottom:
                box = left, top, right - left, bottom - top
        mark = ' class="m"' if self._mark else ""
        self._drawn.append((box, mark + look, data, alike and "opacity" not in look))


def _element(clip: tuple[int, ...] | None, attributes: str, data: str) -> str:
    element = f'<path{attributes} d="{data}"/>' if data else attributes
    if clip is None:
        return element
    x, y, width, height = clip
    # on a sheet without ids a panel clips what is a picture of its own
    return (
        f'<svg x="{x}" y="{y}" width="{width}" height="{height}" '
        f'viewBox="{x} {y} {width} {height}">{element}</svg>'
    )


def _opacity(alpha: float | None, what: str = "") -> str:
    return "" if alpha is None or alpha >= 1 else f' {what}opacity="{alpha:.2g}"'


def _numbers(values: Iterable[float]) -> str:
    """Whole numbers in a row, apart only where they must be."""
    return " ".join([f"{value:.0f}" for value in values]).replace(" -", "-")


def _data(points: np.ndarray, codes: np.ndarray) -> str:
    """The data of a path: each part from its own place, on which the rest depends."""
    codes = np.asarray(codes)
    keep = codes != Path.STOP
    points, codes = points[keep], codes[keep]
    starts = [*np.flatnonzero(codes == Path.MOVETO), len(codes)]
    return "".join(
        f"M{points[first, 0]:.0f} {points[first, 1]:.0f}"
        + _relative(points[first:last], codes[first:last])
        for first, last in pairwise(starts)
        if last - first > 1
    )


def _relative(points: np.ndarray, codes: np.ndarray | None) -> str:
    """A path from its first point on, each step from the one before."""
    if codes is None or (codes[1:] == Path.LINETO).all():
        steps = np.diff(points, axis=0)
        steps = steps[steps.any(1)]
        if not len(steps):
            return "h0"
        return "l" + _numbers(steps.ravel().tolist())
    words, start, here, before, at = [], points[0], points[0], "", 1
    corner = {Path.CURVE3: 2, Path.CURVE4: 3}
    while at < len(codes):
        code = codes[at]
        if code == Path.CLOSEPOLY:
            words.append("z")
            here, before, at = start, "", at + 1
            continue
        many = corner.get(code, 1)
        steps = points[at : at + many] - here
        letter = _LETTERS[code]
        written = _numbers(steps.ravel().tolist())
        if letter == "l" and not steps[0, 0]:
            letter, written = "v", f"{steps[0, 1]:.0f}"
        elif letter == "l" and not steps[0, 1]:
            letter, written = "h", f"{steps[0, 0]:.0f}"
        if letter == before and letter != "m":
            words.append(written if written[0] == "-" else " " + written)
        else:
            words.append(letter + written)
        here, before, at = points[at + many - 1], letter, at + many
        if letter == "m":
            start = here
    return "".join(words)


@lru_cache(4096)
def _extent(words: str, font: FontProperties, is_maths: bool) -> np.ndarray:
    """Width, height and descent of a text in points."""
    return np.array(text_to_path.get_text_width_height_descent(words, font, is_maths))


@lru_cache(4096)
def _outline(
    words: str, font: FontProperties, is_maths: bool, angle: float
) -> list[tuple[int, int, str]]:
    """The letters of a text: where each begins, as seen from the text's place, and its outline."""
    font_size = font.get_size_in_points()
    scale = font_size / text_to_path.FONT_SCALE * _POINT
    turn = Affine2D().rotate_deg(angle).scale(scale, -scale).get_matrix()[:2, :2]
    if is_maths:
        letters, shapes, bars = text_to_path.get_glyphs_mathtext(font, words)
    else:
        face = get_font(findfont(font))
        face.set_size(text_to_path.FONT_SCALE, text_to_path.DPI)
        letters, shapes, bars = text_to_path.get_glyphs_with_font(face, words)
    found = []
    for name, x, y, size in letters:
        vertices, codes = shapes[name]
        if len(vertices):
            start, outline = _letter(name, vertices.tobytes(), bytes(codes), size, turn.tobytes())
            corner = np.rint(turn @ [x, y] + start)
            found.append((int(corner[0]), int(corner[1]), outline))
    for corners, kinds in bars:
        points = np.rint(np.array(corners) @ turn.T)
        found.append((int(points[0, 0]), int(points[0, 1]), _relative(points, np.array(kinds))))
    return found


@lru_cache(4096)
def _letter(
    name: str, vertices: bytes, codes: bytes, size: float, turn: bytes
) -> tuple[np.ndarray, str]:
    """Where a letter's outline begins, as seen from the letter's place, and the outline."""
    matrix = np.frombuffer(turn).reshape(2, 2)
    points = np.frombuffer(vertices).reshape(-1, 2) * size @ matrix.T
    return points[0], _relative(np.rint(points), np.frombuffer(codes, np.uint8))

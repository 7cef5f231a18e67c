"""Pictures of lines and letters: like those of pixels, in the colours of the page around them."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from lim_lib.figures import partial_order
from lim_lib.figures.canvas import STYLE, drawing
from lim_lib.figures.tones import DARK_GROUND, TONES, variables
from lim_lib.figures.vector import Sheet, page_colour, paper_colour

STYLES = Path(__file__).parents[1] / "assets"


def much(*, figure=None, level=1.0):
    """A picture with a mark of each kind, one of them beyond the panel."""
    with drawing(figure) as picture:
        panel = picture.panel("time (s)", "energy (kT)", xlim=(0, 1), ylim=(0.1, 10), yscale="log")
        x = np.linspace(0, 1, 40)
        panel.band("band", x, 0.2, 1 + x, tone="green")
        panel.line("beyond", x, 0.01 + 200 * x**2, tone="blue", width=4)
        panel.line("dashed", x, level + x, tone="orange", label="rising")
        panel.intervals("errors", x[::8], 1 + x[::8], 3 + x[::8])
        panel.points("discs", x[::5], level * np.ones(8), tone="purple", marker="o")
        panel.points("rings", x[::5], 5 * np.ones(8), hollow=True)
        panel.points("crosses", x[::5], 7 * np.ones(8), tone="grey")
        panel.redraw("bars", lambda axes: axes.bar([0.3], [0.8], 0.1, color="#757575"))
        look = {"interpolation": "nearest", "aspect": "auto", "extent": (0.6, 0.8, 0.2, 0.5)}
        panel.redraw("map", lambda axes: axes.imshow(np.eye(3), **look))
        panel.text("words", 0.5, 0.3, "half of $x^2$ (½ kT)", tone="orange")
        panel.legend("upper left")
    return picture


def shot(browser, picture, style=""):
    """The page's pixels, where it shows the picture with 3 pixels of its own for 2 of the page."""
    size = {"width": picture.width_on_page, "height": picture.height_on_page}
    context = browser.new_context(viewport=size, device_scale_factor=1.5)
    page = context.new_page()
    page.set_content(f"<body style='margin:0;{style}'>{picture.sheet().svg('It falls.')}")
    taken = page.screenshot()
    context.close()
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB")).astype(int)


@pytest.mark.parametrize("draw", [much, partial_order])
def test_a_browser_draws_the_lines_as_matplotlib_draws_the_pixels(browser, draw):
    picture = draw()
    drawn = shot(browser, picture)
    picture.canvas.draw()
    pixels = np.asarray(picture.canvas.buffer_rgba())[..., :3].astype(int)
    assert abs(np.subtract(drawn.shape, pixels.shape)).max() <= 1
    rows, columns = np.minimum(drawn.shape, pixels.shape)[:2] // 15
    means = [
        each[: 15 * rows, : 15 * columns].reshape(rows, 15, columns, 15, 3).mean((1, 3))
        for each in (drawn, pixels)
    ]  # fmt: skip
    # A letter may sit a pixel beside; a mark that is missing, or of another colour, is more.
    assert np.sqrt(((means[0] - means[1]) ** 2).mean()) < 5
    assert np.quantile(abs(means[0] - means[1]).max(-1), 0.99) < 25


def test_in_the_dark_the_ground_is_the_pages_and_each_tone_its_bright_one(browser):
    dark = {**{name: tone.dark for name, tone in TONES.items()}, "ground": DARK_GROUND}
    style = "".join(f"--lim-{name}:{colour};" for name, colour in dark.items())
    drawn = shot(browser, much(), style + f"background:{DARK_GROUND}")
    ground = 255 * np.array(mpl.colors.to_rgb(DARK_GROUND))
    far = abs(drawn - ground).max(-1)
    assert (far == 0).mean() > 0.6
    assert (drawn.min(-1) > 250).mean() == 0
    for name in ("ink", "blue", "orange", "purple", "grey"):
        there = (drawn == np.rint(255 * np.array(mpl.colors.to_rgb(dark[name])))).all(-1)
        assert there.any(), name


def test_what_a_panel_clips_is_not_seen_beside_it(browser):
    picture = much()
    with drawing() as without:
        without.panel("time (s)", "energy (kT)", xlim=(0, 1), ylim=(0.1, 10), yscale="log")
    top = int(1.5 * 100 * 0.14) - 3  # the margin above a panel
    assert (shot(browser, picture)[:top] == shot(browser, without)[:top]).all()


def test_the_books_colours_stand_once_and_reach_its_pages():
    for dark, ground in ((False, "#ffffff"), (True, DARK_GROUND)):
        kind = "dark" if dark else "colour"
        tones = {name: getattr(tone, kind) for name, tone in TONES.items()}
        found = dict(re.findall(r"--lim-(\w+):([^;]+)", variables(dark)))
        assert found == {**tones, "ground": ground}
    sheets = [path.read_text(encoding="utf-8") for path in STYLES.glob("*.css")]
    assert len(sheets) > 1
    for sheet in sheets:
        assert re.findall(rf"--lim-(?:{'|'.join(TONES)}|ground):", sheet) == []


def test_pale_tones_are_mixed_with_the_ground_and_other_colours_stay():
    assert page_colour((1.0, 1.0, 1.0)) == "var(--lim-ground,#fff)"
    for name, tone in TONES.items():
        rgb = np.array(mpl.colors.to_rgb(tone.colour))
        assert page_colour(tuple(rgb)) == f"var(--lim-{name},{tone.colour})"
        pale = page_colour(tuple(1 - 0.3 * (1 - rgb)))
        assert pale.startswith("color-mix(in srgb,var(--lim-")
        assert "30%" in pale or name in ("ink", "grey")  # a pale ink is a pale grey
    assert page_colour(mpl.colors.to_rgb("#ffd700")) == "#ffd700"
    assert paper_colour((0, 0, 1)) == "#0000ff"


class Elements(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_a_picture_needs_no_ids_and_nothing_from_outside_and_says_what_it_shows():
    text = much().sheet().svg('A line "falls" & rises')
    root, *rest = Elements(text).found
    assert root[1]["aria-label"] == 'A line "falls" & rises'
    assert (root[1]["width"], root[1]["height"]) == ("480", "330")
    assert not any("id" in attributes or "style" in attributes for _, attributes in rest)
    assert {tag for tag, _ in rest} <= {"path", "svg", "image"}
    assert not re.search(r"url\(|http", text.replace("http://www.w3.org/2000/svg", ""))


def test_marks_begin_at_their_points():
    picture = much(level=2.0)
    sheet = Sheet(picture, page_colour)
    with mpl.rc_context(STYLE):
        picture.draw(sheet)
    axes = picture.panels["whole"].axes
    x = np.linspace(0, 1, 40)[::5]
    for level in (2.0, 5.0, 7.0):
        places = axes.transData.transform(np.column_stack([x, level * np.ones(8)]))
        expected = np.rint(places / 150 * 2000 * [1, -1] + [0, 6600])
        begun = [
            [tuple(map(int, pair)) for pair in re.findall(r"M(-?\d+) (-?\d+)", element)]
            for element in sheet.elements()
            if 'class="m"' in element
        ]
        assert [tuple(map(int, row)) for row in expected] in begun, level


def test_a_redrawn_picture_is_the_same_lines_as_a_fresh_one():
    picture = much(level=3.0)
    assert much(figure=picture, level=1.0).sheet().elements() == much().sheet().elements()


def test_a_page_of_the_book_gets_the_lines_and_other_places_the_pixels(monkeypatch):
    monkeypatch.setenv("LIM_LIB_FACE", "page")
    data, _ = much()._repr_mimebundle_()
    assert data["text/html"] == much().sheet().svg()
    monkeypatch.setenv("LIM_LIB_FACE", "paper")
    with pytest.raises(ValueError, match="LIM_LIB_FACE must be page, or not set, got 'paper'"):
        much()._repr_mimebundle_()


def test_a_file_for_a_drawing_program_names_plain_colours_on_white(browser, tmp_path):
    text = much().svg().decode()
    assert "var(" not in text
    assert 'fill="#ffffff"' in text
    (tmp_path / "much.svg").write_text(text, encoding="utf-8")
    page = browser.new_page()
    page.goto((tmp_path / "much.svg").as_uri())
    assert page.evaluate("document.querySelectorAll('parsererror').length") == 0
    page.close()

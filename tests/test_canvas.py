"""The drawing surface: bytes, style, and above all that a redrawn picture is like a fresh one."""

import io
import itertools
import subprocess
import sys
from importlib import import_module

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

import lim_lib.figures
from lim_lib.figures.canvas import Picture, drawing
from lim_lib.figures.tones import DARK_GROUND, TONES


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


def all_marks(*, figure=None, level=1.0, kind="plain"):
    """Draws every kind of mark; the values change which there are, their order and the axes."""
    with drawing(figure) as picture:
        scale = "log" if kind == "log" else "linear"
        panel = picture.panel(
            "time (s)",
            "energy (kT)",
            xlim=(0, 1),
            ylim=(0.1, 10 * level),
            yscale=scale,
            xticks={0: "start", 1: "end"} if kind == "log" else None,
            place="top" if kind == "two" else "whole",
            left=1.0 if kind == "order" else 0.76,
        )
        x = np.linspace(0, 1, 5)
        names = ["first", "second"]
        for name in reversed(names) if kind == "order" else names:
            tone = "blue" if name == "first" else "orange"
            panel.line(name, x, level + x, tone=tone, width=6, label=name if level > 1 else "")
        if level > 1:
            panel.band("band", x, 0.2, level, tone="green")
            panel.intervals("errors", x, level - 0.5, level + 0.5)
            panel.redraw("bars", lambda axes: axes.bar([0.3, 0.6], [level, 1], 0.1, color="0.5"))
        if level != 2:
            panel.points("points", x, level + x**2, tone="purple", hollow=level > 2)
            panel.text("words", 0.5, level / 4, f"{level:g} kT", inside=level > 2)
            panel.legend("upper left")
        if kind == "kinds":
            panel.points("mixed", [0.5], [1])
        else:
            panel.line("mixed", [0, 1], [1, 1], marked=True, dash="dashed" if level > 1 else None)
        panel.rule("rule", y=level)
        if kind == "two":
            lower = picture.panel("bits", "", xlim=(0, 8), ylim=(0, 1), place="bottom")
            lower.rule("upright", x=4 * level / 3, tone="ink")
    return picture


STATES = [
    {"level": level, "kind": kind}
    for level, kind in itertools.product((1.0, 2.0, 3.0), ("plain", "log", "two", "order", "kinds"))
]


def test_a_picture_depends_on_its_values_and_not_on_those_before():
    fresh = [all_marks(**state).png() for state in STATES]
    assert len(set(fresh)) == len(fresh)
    picture = all_marks(**STATES[0])
    order = np.random.default_rng(seed=1).permutation(np.repeat(np.arange(len(STATES)), 3))
    for index in order:
        assert all_marks(figure=picture, **STATES[index]) is picture
        assert picture.png() == fresh[index], STATES[index]


def test_a_drawing_that_failed_leaves_nothing_behind():
    def picky(*, figure=None, level):
        with drawing(figure) as picture:
            panel = picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 1))
            panel.line("line", [0, 1], [0, level])
            if level > 0.5:
                panel.text("extra", 0.5, 0.5, "extra")
                raise ValueError("level must be <= 0.5, got 1")
        return picture

    expected = picky(level=0.3).png()
    picture = picky(level=0.2)
    with pytest.raises(ValueError, match="level must be"):
        picky(figure=picture, level=1)
    assert picky(figure=picture, level=0.3).png() == expected


def test_both_files_hold_the_same_pixels_in_few_colours_on_pure_white():
    for state in STATES[:4]:
        picture = all_marks(**state)
        png, webp = pixels(picture.png()), pixels(picture.webp())
        assert png.shape == (495, 720, 3)
        assert np.array_equal(png, webp)
        assert len(np.unique(png.reshape(-1, 3), axis=0)) <= 64
        assert (png[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
        with Image.open(io.BytesIO(picture.png())) as image:
            assert "transparency" not in image.info


def test_few_colours_look_like_all_colours():
    picture = all_marks(level=3.0)
    picture.canvas.draw()
    full = np.asarray(picture.canvas.buffer_rgba())[..., :3].astype(int)
    error = np.abs(pixels(picture.png()) - full)
    assert np.sqrt((error**2).mean()) < 3
    flat = [colour for _, colour in sorted(Image.fromarray(full.astype("uint8")).getcolors(99999))]
    for colour in flat[-5:]:  # areas and lines; the rest are edges
        assert error[(full == colour).all(-1)].max() <= 4


def test_the_same_drawing_gives_the_same_bytes():
    assert all_marks(level=2.0).png() == all_marks(level=2.0).png()
    assert all_marks(level=2.0).webp() == all_marks(level=2.0).webp()


def test_a_notebook_gets_a_png_of_the_right_size_and_a_stable_name():
    data, metadata = all_marks()._repr_mimebundle_()
    assert data["text/plain"] == "Picture(4.8 x 3.3 in)"
    assert data["image/png"].startswith(b"\x89PNG")
    assert "text/html" not in data
    assert metadata == {"image/png": {"width": 480}}
    assert Picture(6, 4)._repr_mimebundle_()[1] == {"image/png": {"width": 600}}


def test_the_style_is_the_books_whatever_the_reader_has_set():
    expected = all_marks(level=2.0).png()
    with mpl.rc_context({"font.size": 22, "axes.facecolor": "black", "axes.spines.top": True}):
        before = dict(mpl.rcParams)
        assert all_marks(level=2.0).png() == expected
        assert dict(mpl.rcParams) == before


def test_text_is_ten_to_eleven_points_and_there_are_no_minor_ticks():
    picture = all_marks(level=2.0, kind="log")
    (axes,) = picture.axes
    picture.canvas.draw()
    texts = [axes.xaxis.label, axes.yaxis.label, *axes.get_xticklabels(), *axes.get_yticklabels()]
    assert all(10 <= text.get_fontsize() <= 11 for text in texts)
    assert list(axes.get_yticks(minor=True)) == []


def brightness(colour):
    """The relative luminance of the Web Content Accessibility Guidelines."""
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    low, high = sorted(map(brightness, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_every_tone_may_be_text_and_is_told_apart_without_colour():
    for tone in TONES.values():
        assert contrast(tone.colour, "white") >= 4.5
        assert contrast(tone.dark, DARK_GROUND) >= 4.5
    lines = {(str(tone.dash), tone.marker) for name, tone in TONES.items() if name != "ink"}
    assert len(lines) == len(TONES) - 1


# What readers without one kind of cone see of linear red, green and blue (Machado, Oliveira and
# Fernandes 2009, severity 1), and CIELAB, in which 2.3 is a difference just seen.
WITHOUT_GREEN = [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]
WITHOUT_RED = [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]
XYZ = [[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]]


def seen(colour, cones):
    channels = np.array(mpl.colors.to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    x, y, z = XYZ @ np.clip(cones @ linear, 0, 1) / [0.9505, 1, 1.0888]
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("cones", [np.eye(3), np.array(WITHOUT_GREEN), np.array(WITHOUT_RED)])
@pytest.mark.parametrize("kind", ["colour", "dark"])
def test_no_reader_takes_one_tone_for_another(kind, cones):
    colours = [getattr(tone, kind) for tone in TONES.values()]
    for one, other in itertools.combinations(colours, 2):
        assert np.linalg.norm(seen(one, cones) - seen(other, cones)) > 18, (one, other)


def test_labels_stay_inside_the_picture_beside_wide_numbers():
    with drawing() as picture:
        picture.panel(
            "loss probability", "energy (J)", xlim=(1e-20, 1), ylim=(1e-25, 1e-5),
            xscale="log", yscale="log",
        )  # fmt: skip
    picture.canvas.draw()
    image = pixels(picture.png())
    for edge in (image[:3], image[-3:], image[:, :3]):
        assert (edge == 255).all()
    (axes,) = picture.axes
    label = axes.yaxis.label.get_window_extent()
    numbers = [tick.get_window_extent() for tick in axes.get_yticklabels()]
    assert label.x1 < min(box.x0 for box in numbers)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"xlim": (1, 1)}, r"xlim must be two different finite numbers, got \(1, 1\)"),
        ({"xlim": 3}, "xlim must be two different finite numbers, got 3"),
        ({"ylim": (0, 1), "yscale": "log"}, r"ylim must be .* > 0, got \(0, 1\)"),
        ({"ylim": (0, np.nan)}, "ylim must be two different finite numbers"),
        ({"yscale": "cubic"}, "yscale must be one of linear, log, got 'cubic'"),
        ({"place": "middle"}, "place must be one of whole, left, right, top, bottom, got 'middle'"),
        ({"left": 4.7}, "left must be less"),
    ],
)
def test_a_panel_that_cannot_be_is_refused_in_one_line(change, message):
    asked = {"xlim": (0, 1), "ylim": (0, 1)} | change
    with pytest.raises(ValueError, match=message) as refusal, drawing() as picture:
        picture.panel("x (m)", "y (m)", **asked)
    assert "\n" not in str(refusal.value)


def test_marks_that_cannot_be_are_refused_in_one_line():
    with drawing() as picture:
        panel = picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 1))
        panel.line("line", [0, 1], [0, 1])
        with pytest.raises(ValueError, match=r"name must be new.*, got 'line'"):
            panel.text("line", 0, 0, "again")
        with pytest.raises(ValueError, match=r"tone must be one of ink, .*, got 'red'"):
            panel.line("other", [0, 1], [0, 1], tone="red")
        with pytest.raises(ValueError, match="the rule 'r' must be given either x or y"):
            panel.rule("r", x=1, y=1)
        with pytest.raises(ValueError, match="place must be drawn once"):
            picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 1))
    with pytest.raises(TypeError, match="figure must be a Picture or None, got 3"), drawing(3):
        pass


def test_a_figure_is_found_by_name_whichever_theme_it_is_in():
    assert lim_lib.figures.Picture is Picture
    assert lim_lib.figures.canvas is import_module("lim_lib.figures.canvas")
    with pytest.raises(ImportError, match="no_such_figure"):
        from lim_lib.figures import no_such_figure  # noqa: F401


def test_no_two_themes_have_a_figure_of_one_name():
    names = dir(lim_lib.figures)
    assert len(names) == len(set(names)) > 80


def test_all_figures_are_listed_with_their_themes():
    listed = dir(lim_lib.figures)
    assert {"canvas", "cell", "Picture", "hopping", "two_logarithms"} <= set(listed)
    assert listed == sorted(listed)


def test_importing_the_figures_loads_no_plotting_until_one_is_used():
    code = (
        "import sys, lim_lib.figures as figures\n"
        "before = 'matplotlib' in sys.modules\n"
        "figures.Picture\n"
        "print(before, 'matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.split() == ["False", "True", "False"]


def test_a_picture_of_lines_and_letters_is_the_same_file_each_time():
    for kind, begin, end in (("svg", b"<?xml", b"</svg>\n"), ("pdf", b"%PDF", b"%%EOF\n")):
        files = [getattr(all_marks(level=2.0), kind)() for _ in range(2)]
        assert files[0] == files[1]
        assert files[0].startswith(begin)
        assert files[0].endswith(end)
        assert len(files[0]) < 100_000

"""Explorers: what they refuse, and their three faces, each against fresh drawings."""

import base64
import html.parser
import io
import itertools
import json
import re
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest
from PIL import Image

from lim_lib.explorers import Control, Explorer
from lim_lib.figures.canvas import drawing
from lim_lib.validate import RegimeWarning

ALT = "A well with two minima; the barrier between them is 4 kT high."


def well(*, figure=None, barrier=4.0, kind="plain"):
    """A figure whose marks come and go with the values."""
    with drawing(figure) as picture:
        panel = picture.panel("position", "energy (kT)", xlim=(-1.5, 1.5), ylim=(-2, 10))
        x = np.linspace(-1.5, 1.5, 100)
        energy = barrier * (x**2 - 1) ** 2
        if kind == "tilted":
            panel.line("before", x, energy, tone="grey")
            energy = energy + x
        panel.line("well", x, energy, tone="blue")
        if barrier > 3:
            panel.text("height", 0, barrier, f"{barrier:g} kT", align="center")
    return picture


def explorer(function=well, **changes):
    controls = {
        "barrier": Control([2, 4, 6], "barrier height", unit="kT"),
        "kind": Control(["plain", "tilted"], "kind of well", start="plain"),
    }
    return Explorer(function, **{"alt": ALT, **controls, **changes})


def pixels(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


class Fragment(html.parser.HTMLParser):
    """The elements of a fragment with their attributes and texts; checks that all are closed."""

    EMPTY = ("img", "input")

    def __init__(self, text):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "text": "", "inside": [e["tag"] for e in self.open]}
        element |= {"attributes": dict(attributes)}
        self.elements.append(element)
        if tag not in self.EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def all(self, tag):
        return [element for element in self.elements if element["tag"] == tag]

    def data(self):
        (script,) = (e for e in self.all("script") if e["attributes"].get("type"))
        return json.loads(script["text"])


def picture_in(uri):
    head, _, data = uri.partition(",")
    assert head == "data:image/webp;base64"
    return pixels(base64.b64decode(data, validate=True))


# What is refused


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([], "x"), ValueError, r"values must be at least two, all different, got \[\]"),
        (([1], "x"), ValueError, "values must be at least two"),
        (([1, 2, 1.0], "x"), ValueError, "values must be at least two, all different"),
        (([1, np.nan], "x"), ValueError, "values must be a sequence of finite numbers"),
        (([1, "2"], "x"), TypeError, "values must be a sequence of finite numbers, or of texts"),
        (([True, False], "x"), TypeError, "values must be a sequence of finite numbers"),
        (("abc", "x"), TypeError, "values must be a sequence of finite numbers.*, got 'abc'"),
        ((3, "x"), TypeError, "values must be a sequence of finite numbers.*, got 3"),
        ((np.eye(2), "x"), TypeError, "values must be a sequence of finite numbers"),
        (([1, 2], " "), ValueError, "label must be the quantity in words, got ' '"),
        (([1, 2], 5), TypeError, "label must be text, got 5"),
        (([1, 2], "x", None), TypeError, "unit must be text, got None"),
        (([1, 2], "x", "", 3), ValueError, "start must be one of 1, 2, got 3"),
        (([1, 2], "x", "", 1, "zz"), ValueError, "format must be a format specification"),
        (([1, 2], "x", "", 1, 7), TypeError, "format must be .* or a function, got 7"),
        (([1.01, 1.02], "x", "", None, ".1f"), ValueError, "format must be .*1.01, 1.02 apart"),
    ],
)
def test_a_control_that_cannot_be_is_refused_in_one_line(arguments, error, message):
    with pytest.raises(error, match=message) as refusal:
        Control(*arguments)
    assert "\n" not in str(refusal.value)


def no_figure(*, barrier=1):
    raise AssertionError


def no_default(*, figure=None, temperature, barrier=1):
    raise AssertionError


two = Control([1, 2], "two")


@pytest.mark.parametrize(
    ("function", "arguments", "error", "message"),
    [
        (well, {}, ValueError, "controls must be one or two, got 0"),
        (well, {"a": two, "b": two, "c": two}, ValueError, "controls must be one or two, got 3"),
        (well, {"barrier": [1, 2]}, TypeError, r"barrier must be a Control, got \[1, 2\]"),
        (well, {"barier": two}, TypeError, r"well\(\) has no argument 'barier'.*'barrier'"),
        (well, {"figure": two}, TypeError, r"well\(\) has no argument 'figure' for a control"),
        (no_figure, {"barrier": two}, TypeError, "figure_function must take the argument figure"),
        (no_default, {"barrier": two}, TypeError, "controls must include temperature"),
        ("well", {"barrier": two}, TypeError, "figure_function must be a function, got 'well'"),
        (well, {"alt": "", "barrier": two}, ValueError, "alt must be 1 to 250 .*, got nothing"),
        (well, {"alt": "x" * 251, "barrier": two}, ValueError, "alt must be 1 to 250 .*, got 251"),
        (well, {"alt": None, "barrier": two}, TypeError, "alt must be text, got None"),
        (
            well,
            {"barrier": Control(range(16), "b"), "kind": Control(range(9), "k")},
            ValueError,
            r"controls must give at most 135 pictures \(15 x 9\), got 16 x 9 = 144",
        ),
    ],
)
def test_an_explorer_that_cannot_be_is_refused_in_one_line(function, arguments, error, message):
    with pytest.raises(error, match=message) as refusal:
        Explorer(function, **{"alt": ALT, **arguments})
    assert "\n" not in str(refusal.value)


def test_the_largest_grids_are_allowed():
    Explorer(well, alt=ALT, barrier=Control(range(15), "b"), kind=Control(range(9), "k"))
    Explorer(well, alt="x" * 250, barrier=Control(range(21), "b"))


# What a value is called


def test_values_read_as_in_print():
    control = Control(np.array([-2.0, 1e-20, 0.5, 2.5e10]), "drive", unit="kT")
    assert control.texts == ("−2\xa0kT", "10⁻²⁰\xa0kT", "0.5\xa0kT", "2.5 × 10¹⁰\xa0kT")
    assert Control([0.1, 0.25], "loss", format=".0%").texts == ("10%", "25%")
    assert Control([1, 2], "n", format=lambda value: value * "*").texts == ("*", "**")
    assert Control([-1e-5, 1], "n").texts[0] == "−10⁻⁵"


def test_values_are_pythons_own_numbers_and_start_in_the_middle():
    control = Control(np.arange(5), "n")
    assert control.values == (0, 1, 2, 3, 4)
    assert {type(value) for value in control.values} == {int}
    assert control.start == 2
    assert Control(["low", "high"], "n", start="low").position == 0


# The still


def test_nothing_is_drawn_before_a_face_is_shown():
    def never(*, figure=None, barrier=1):
        raise AssertionError("drawn")

    repr(Explorer(never, alt=ALT, barrier=two))


def test_the_still_is_the_figure_at_the_starting_values():
    assert explorer().still().png() == well(barrier=4, kind="plain").png()
    assert explorer().still(barrier=3.3).png() == well(barrier=3.3, kind="plain").png()
    with pytest.raises(TypeError, match=r"still\(\) has no argument 'barier'.*barrier"):
        explorer().still(barier=2)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda *, figure=None, barrier=1: None, "must be a Picture, got None"),
        (lambda *, figure=None, barrier=1: well(barrier=barrier), "must be the figure that it was"),
    ],
)
def test_a_figure_function_that_breaks_the_agreement_is_told(function, message):
    with pytest.raises(TypeError, match=message):
        Explorer(function, alt=ALT, barrier=two).html()


# The page


def test_every_picture_of_the_page_is_a_fresh_drawing_of_its_values():
    one = explorer()
    pictures = Fragment(one.html()).data()["pictures"]
    grid = list(itertools.product([2, 4, 6], ["plain", "tilted"]))
    assert len(pictures) == len(grid) == len(set(pictures))
    for uri, (barrier, kind) in zip(pictures, grid, strict=True):
        assert np.array_equal(picture_in(uri), pixels(well(barrier=barrier, kind=kind).png()))


def test_the_page_shows_the_still_until_a_slider_moves():
    page = Fragment(explorer().html())
    (image,) = page.all("img")
    assert image["attributes"]["alt"] == ALT
    assert "dark-light" in image["attributes"]["class"].split()
    assert (image["attributes"]["width"], image["attributes"]["height"]) == ("480", "330")
    still = pixels(explorer().still().png())
    assert np.array_equal(picture_in(image["attributes"]["src"]), still)
    assert [slider["attributes"]["value"] for slider in page.all("input")] == ["1", "0"]
    assert [output["text"] for output in page.all("output")] == ["4\xa0kT", "plain"]


def test_every_slider_of_the_page_is_native_labelled_and_says_its_value():
    page = Fragment(explorer().html())
    sliders, labels, outputs = page.all("input"), page.all("label"), page.all("output")
    assert len(sliders) == len(labels) == len(outputs) == 2
    for slider, name in zip(sliders, ["barrier height (kT)", "kind of well"], strict=True):
        assert slider["inside"][-1] == "label"
        assert slider["attributes"]["type"] == "range"
        assert slider["attributes"]["aria-valuetext"]
        assert any(label["text"].startswith(name) for label in labels)
    (root,) = (e for e in page.all("div") if not e["inside"])
    assert root["attributes"]["class"] == "lim-explorer"
    assert root["attributes"]["role"] == "group"
    assert "barrier height" in root["attributes"]["aria-label"]
    assert page.data()["texts"] == [["2\xa0kT", "4\xa0kT", "6\xa0kT"], ["plain", "tilted"]]


def test_the_page_asks_nothing_of_anyone_and_names_no_ids():
    text = re.sub(r"base64,[\w+/=]+", "", explorer().html())
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<link|\bid=|require|import\(", text)
    assert not any("src" in script["attributes"] for script in Fragment(text).all("script"))


def test_the_page_is_the_same_each_time():
    assert explorer().html() == explorer().html()


def test_text_of_an_author_stays_text():
    sly = '</script><img src=x onerror=alert(1)> & "quoted"'
    control = Control([sly, "other"], f"label {sly}", start="other")

    def figure_function(*, figure=None, kind="other"):
        return well(figure=figure)

    page = Fragment(Explorer(figure_function, alt=sly, kind=control).html())
    assert len(page.all("img")) == 1
    assert page.all("img")[0]["attributes"]["alt"] == sly
    assert page.data()["texts"] == [[sly, "other"]]


def test_pictures_that_weigh_too_much_are_refused():
    def noise(*, figure=None, seed=0):
        with drawing(figure) as picture:
            panel = picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 1))
            x, y = np.random.default_rng(seed).random((2, 4000))
            panel.points("noise", x, y, size=2)
        return picture

    heavy = Explorer(noise, alt=ALT, seed=Control(range(40), "seed"))
    with pytest.raises(ValueError, match=r"noise: .* at most 1.5 MB, got \d\.\d\d MB in 40 pict"):
        heavy.html()


def particular(*, figure=None, barrier=4.0):
    if barrier < 3:
        message = f"barrier of {barrier:g} kT < 3 kT: the rate is 20 % off"
        warnings.warn(message, RegimeWarning, stacklevel=2)
    if barrier > 5:
        raise ValueError(f"barrier must be <= 5, got {barrier:g}")
    return well(figure=figure, barrier=barrier)


def only_barrier(function):
    return Explorer(function, alt=ALT, barrier=Control([2, 4, 6], "barrier", unit="kT"))


def test_the_page_says_what_formulas_say_about_some_values():
    data = Fragment(only_barrier(particular).html()).data()
    assert data["notes"] == [
        "barrier of 2 kT < 3 kT: the rate is 20 % off",
        "",
        "Nothing to draw here: barrier must be <= 5, got 6",
    ]
    assert [bool(picture) for picture in data["pictures"]] == [True, True, False]
    assert np.array_equal(picture_in(data["pictures"][0]), pixels(well(barrier=2).png()))


def test_a_mistake_in_a_figure_function_is_no_note_on_a_page():
    def mistaken(*, figure=None, barrier=4.0):
        return well(figure=figure, barrier=barrier if barrier < 5 else None)

    with pytest.raises(TypeError):
        only_barrier(mistaken).html()


def test_other_warnings_are_passed_on():
    def old(*, figure=None, barrier=4.0):
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("this way is old", DeprecationWarning, stacklevel=1)
        return well(figure=figure, barrier=barrier)

    with pytest.raises(DeprecationWarning, match="this way is old"):
        only_barrier(old).html()


# The live face


def parts(widget):
    image, note, *sliders, words = widget.children
    assert image.tooltip is None  # with one, JupyterLab shows an error in place of the picture
    assert words.value.endswith("</span>")
    return image, note, sliders


def test_a_live_slider_redraws_the_picture_as_a_fresh_one():
    image, note, (barrier, kind) = parts(explorer().widget())
    assert image.value == well(barrier=4, kind="plain").png()
    assert (barrier.description, kind.description) == ("barrier height (kT)", "kind of well")
    for values in [(6, "plain"), (6, "tilted"), (2, "tilted"), (2, "plain"), (4, "tilted")]:
        barrier.value, kind.value = values
        assert image.value == well(barrier=values[0], kind=values[1]).png()
    assert note.value == ""
    assert barrier.continuous_update
    assert barrier.readout


def test_the_live_picture_keeps_its_size():
    image, _, sliders = parts(explorer().widget())
    for part in (image, *sliders):
        assert (part.layout.width, part.layout.max_width) == ("480px", "100%")
    assert image.layout.height == "auto"


def test_two_live_views_of_one_explorer_do_not_disturb_each_other():
    one = explorer()
    first, _, (barrier, _) = parts(one.widget())
    second, _, _ = parts(one.widget())
    before = second.value
    barrier.value = 6
    assert first.value != before
    assert second.value == before


def test_a_live_refusal_is_one_line_and_the_next_value_works():
    image, note, (slider,) = parts(only_barrier(particular).widget())
    before = image.value
    slider.value = 6
    assert note.value == "Nothing to draw here: barrier must be &lt;= 5, got 6"
    assert note.layout.display is None
    assert image.value == before
    slider.value = 2
    assert note.value == "barrier of 2 kT &lt; 3 kT: the rate is 20 % off"
    assert image.value == well(barrier=2).png()
    slider.value = 4
    assert (note.value, note.layout.display) == ("", "none")
    assert image.value == well(barrier=4).png()


def test_a_live_mistake_is_named_in_one_line():
    def mistaken(*, figure=None, barrier=4.0):
        return well(figure=figure, barrier={2: 2, 4: 4}[barrier])

    _, note, (slider,) = parts(only_barrier(mistaken).widget())
    slider.value = 6
    assert note.value == "Nothing to draw here: KeyError: 6"


def test_a_live_redraw_takes_less_than_a_tenth_of_a_second():
    _, _, (barrier, kind) = parts(explorer().widget())
    times = []
    for slider, value in [(barrier, 2), (kind, "tilted"), (barrier, 6), (kind, "plain")] * 5:
        start = time.process_time()  # of this process, so that a busy machine fails nothing
        slider.value = value
        times.append(time.process_time() - start)
        barrier.value = 4
    assert np.percentile(times, 95) < 0.1


# Which face


def bundle(one):
    return one._repr_mimebundle_()


def test_a_terminal_gets_the_still(monkeypatch):
    monkeypatch.delenv("LIM_LIB_FACE", raising=False)
    data, metadata = bundle(explorer())
    assert data == {"text/plain": repr(explorer()), "image/png": explorer().still().png()}
    assert metadata == {"image/png": {"width": 480}}
    assert repr(explorer()) == (
        "Explorer(well: barrier height 4 kT, 3 values; kind of well plain, 2 values)"
    )


def test_the_book_gets_the_page_and_the_still(monkeypatch):
    monkeypatch.setenv("LIM_LIB_FACE", "page")
    data, _ = bundle(explorer())
    assert sorted(data) == ["image/png", "text/html", "text/plain"]
    assert data["text/html"] == explorer().html()
    assert data["image/png"] == explorer().still().png()


def test_a_face_that_is_not_known_is_refused(monkeypatch):
    monkeypatch.setenv("LIM_LIB_FACE", "both")
    with pytest.raises(ValueError, match="LIM_LIB_FACE must be page, or not set, got 'both'"):
        bundle(explorer())


def test_a_page_that_fails_leaves_a_line_that_stops_the_build(monkeypatch, capsys):
    def broken(*, figure=None, barrier=4.0):
        raise ValueError("barrier must be something else")

    monkeypatch.setenv("LIM_LIB_FACE", "page")
    with pytest.raises(ValueError, match="something else"):
        bundle(only_barrier(broken))
    assert capsys.readouterr().err == (
        "Explorer(broken: barrier 4 kT, 3 values): barrier must be something else\n"
    )


KERNEL = """
import sys
from IPython.core.interactiveshell import InteractiveShell
from lim_lib.explorers import Control, Explorer
from lim_lib.figures.canvas import drawing

def line(*, figure=None, level=1):
    with drawing(figure) as picture:
        panel = picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 9))
        panel.rule("level", y=level)
    return picture

explorer = Explorer(line, alt="A line.", level=Control([1, 2], "level"))
shell = InteractiveShell.instance()
for kernel in (False, True):
    if kernel:
        shell.kernel = None
    explorer.html()
    data, _ = explorer._repr_mimebundle_()
    print("ipywidgets" in sys.modules, *sorted(data))
"""


def test_a_kernel_gets_widgets_and_nothing_else_loads_their_library():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KERNEL],
        capture_output=True, text=True, check=True, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout.splitlines() == [
        "False image/png text/plain",
        "True application/vnd.jupyter.widget-view+json image/png text/plain",
    ]


# In a browser


@pytest.fixture
def opened(browser, tmp_path):
    """A function that opens an explorer's page from a file, with its errors and requests."""
    contexts = []

    def visit(one, **settings):
        file = tmp_path / "page.html"
        head = "<!doctype html><html lang=en><meta charset=utf-8><title>An explorer</title>"
        head += '<meta name="viewport" content="width=device-width">'
        file.write_text(f"{head}<body>{one.html()}</body></html>", encoding="utf-8")
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        page.trouble = []
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("console", lambda message: page.trouble.append(message.text))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("data:", "file:")) or page.trouble.append(request.url)
            ),
        )
        page.goto(file.as_uri())
        return page

    yield visit
    for context in contexts:
        context.close()


def test_the_keyboard_moves_a_slider_found_by_its_name(opened):
    one = explorer()
    page = opened(one)
    data = Fragment(one.html()).data()
    slider = page.get_by_role("slider", name="barrier height (kT)", exact=True)
    slider.press("ArrowRight")
    page.get_by_role("slider", name="kind of well", exact=True).press("End")
    image = page.locator("img")
    assert image.get_attribute("src") == data["pictures"][5]
    assert image.get_attribute("alt") == f"{ALT} Now: barrier height 6\xa0kT, kind of well tilted."
    assert slider.get_attribute("aria-valuetext") == "6\xa0kT"
    assert page.locator("output").all_inner_texts() == ["6\xa0kT", "tilted"]
    assert page.trouble == []


def test_a_refusal_is_read_below_a_faded_picture(opened):
    page = opened(only_barrier(particular))
    slider = page.get_by_role("slider")
    before = page.locator("img").get_attribute("src")
    slider.press("End")
    note = page.get_by_role("status")
    assert note.inner_text() == "Nothing to draw here: barrier must be <= 5, got 6"
    assert page.locator("img").get_attribute("src") == before
    assert "lim-past" in page.locator("img").get_attribute("class")
    slider.press("Home")
    assert note.inner_text() == "barrier of 2 kT < 3 kT: the rate is 20 % off"
    assert "lim-past" not in page.locator("img").get_attribute("class")
    assert page.trouble == []


def test_a_phone_shows_all_of_it_and_a_thumb_finds_the_sliders(opened):
    page = opened(explorer(), viewport={"width": 390, "height": 800}, has_touch=True)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390
    for slider in page.get_by_role("slider").all():
        assert slider.bounding_box()["height"] >= 44
    box = page.locator("img").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(480 / 330, rel=0.01)


def test_without_script_the_still_is_there_and_no_dead_slider(opened):
    page = opened(explorer(), java_script_enabled=False)
    assert page.locator("img").is_visible()
    assert page.locator("input").count() == 2
    assert not page.locator("input").first.is_visible()

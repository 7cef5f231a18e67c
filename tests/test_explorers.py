"""Explorers: what they refuse, and their three faces, each against fresh drawings."""

import base64
import html.parser
import itertools
import json
import re
import subprocess
import sys
import time
import warnings
import zlib

import numpy as np
import pytest

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


def unpacked(one):
    """The elements of each picture of an explorer's page; None where there is none."""
    packed = base64.b64decode(Fragment(one.html()).data()["pictures"], validate=True)
    elements, pictures = json.loads(zlib.decompress(packed))
    return [each and [elements[i] for i in each] for each in pictures]


def elements(picture):
    return picture.sheet(readable=True).elements()


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
    pictures = unpacked(explorer())
    grid = list(itertools.product([2, 4, 6], ["plain", "tilted"]))
    assert len(pictures) == len(grid) == len(set(map(tuple, pictures)))
    for picture, (barrier, kind) in zip(pictures, grid, strict=True):
        assert picture == elements(well(barrier=barrier, kind=kind))


def test_the_page_shows_the_still_until_a_control_moves():
    text = explorer().html()
    page = Fragment(text)
    still = explorer().still().sheet(readable=True).svg(ALT)
    assert text.count(still) == 1
    root = page.all("svg")[0]["attributes"]
    assert root["aria-label"] == ALT
    assert (root["role"], root["width"], root["height"]) == ("img", "480", "330")
    assert page.all("input")[0]["attributes"]["value"] == "1"
    chosen = [e["text"] for e in page.all("option") if "selected" in e["attributes"]]
    assert chosen == ["plain"]
    assert [output["text"] for output in page.all("output")] == ["4\xa0kT", "plain"]


def test_every_control_of_the_page_is_native_labelled_and_says_its_value():
    page = Fragment(explorer().html())
    (slider,), (menu,) = page.all("input"), page.all("select")
    labels = page.all("label")
    assert len(labels) == len(page.all("output")) == 2
    for control, name in ((slider, "barrier height (kT)"), (menu, "kind of well")):
        assert control["inside"][-1] == "label"
        assert any(label["text"].startswith(name) for label in labels)
    assert slider["attributes"]["type"] == "range"
    assert slider["attributes"]["aria-valuetext"] == "4\xa0kT"
    assert [option["text"] for option in page.all("option")] == ["plain", "tilted"]
    (root,) = (e for e in page.all("div") if not e["inside"])
    assert root["attributes"]["class"] == "lim-explorer"
    assert root["attributes"]["role"] == "group"
    assert "barrier height" in root["attributes"]["aria-label"]
    assert page.data()["texts"] == [["2\xa0kT", "4\xa0kT", "6\xa0kT"], ["plain", "tilted"]]
    assert page.data()["values"] == [["2", "4", "6"], ["plain", "tilted"]]


def test_the_page_asks_nothing_of_anyone_and_names_no_ids():
    text = re.sub(r'"pictures":"[\w+/=]+"', "", explorer().html())
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
    assert page.all("img") == []
    assert page.all("svg")[0]["attributes"]["aria-label"] == sly
    assert page.data()["texts"] == [[sly, "other"]]


def dots(count, spread):
    """A figure function whose points differ with the seed."""

    def noise(*, figure=None, seed=0):
        with drawing(figure) as picture:
            panel = picture.panel("x (m)", "y (m)", xlim=(0, 1), ylim=(0, 1))
            x, y = 0.5 + spread * (np.random.default_rng(seed).random((2, count)) - 0.5)
            panel.points("noise", x, y, size=2)
        return picture

    return noise


def test_pictures_that_weigh_too_much_are_refused():
    heavy = Explorer(dots(8000, 1), alt=ALT, seed=Control(range(60), "seed"))
    with pytest.raises(ValueError, match=r"noise: .* at most 1.5 MB, got \d\.\d\d MB in 60 pict"):
        heavy.html()


def test_pixels_serve_where_they_weigh_less_than_lines():
    crowd = Explorer(dots(20_000, 0.2), alt=ALT, seed=Control(range(6), "seed"))
    assert all(picture[0].startswith("<image ") for picture in unpacked(crowd))
    few = Explorer(dots(20, 0.2), alt=ALT, seed=Control(range(6), "seed"))
    assert not any(picture[0].startswith("<image ") for picture in unpacked(few))


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
    assert unpacked(only_barrier(particular)) == [
        elements(well(barrier=2)), elements(well(barrier=4)), None,
    ]  # fmt: skip


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

    def visit(one, without=None, **settings):
        file = tmp_path / "page.html"
        head = "<!doctype html><html lang=en><meta charset=utf-8><title>An explorer</title>"
        head += '<meta name="viewport" content="width=device-width">'
        body = f"<body style='margin:0'><figure id=fig-well style='margin:0'>{one.html()}</figure>"
        file.write_text(f"{head}{body}</body></html>", encoding="utf-8")
        contexts.append(browser.new_context(**settings))
        page = contexts[-1].new_page()
        if without:
            page.add_init_script(f"delete globalThis.{without}")
        page.trouble = []
        page.on("pageerror", lambda error: page.trouble.append(str(error)))
        page.on("console", lambda message: page.trouble.append(message.text))
        page.on(
            "request",
            lambda request: (
                request.url.startswith(("data:", "file:")) or page.trouble.append(request.url)
            ),
        )
        page.address = file.as_uri()
        page.goto(page.address)
        return page

    yield visit
    for context in contexts:
        context.close()


def shown(page):
    """Wait until the picture belongs to the values of the controls."""
    page.wait_for_function("""() => {
      const root = document.querySelector('.lim-explorer');
      const texts = JSON.parse(root.querySelector('script').textContent).texts;
      return root.dataset.shown == [...root.querySelectorAll('[name]')].reduce(
        (sum, each, i) => sum * texts[i].length + +each.value, 0);
    }""")


def drawn(page, elements):
    """Whether the picture is these elements."""
    return page.locator(".lim-view > svg").evaluate(
        """(picture, text) => {
          const other = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
          other.innerHTML = text;
          const now = [...picture.children].filter(e => !e.matches('.lim-ghost'));
          return now.map(e => e.outerHTML).join() === [...other.children].map(
            e => e.outerHTML).join();
        }""",
        "".join(elements),
    )


def test_the_keyboard_moves_a_slider_and_a_menu_found_by_their_names(opened):
    page = opened(explorer())
    slider = page.get_by_role("slider", name="barrier height (kT)", exact=True)
    slider.press("ArrowRight")
    page.get_by_role("combobox", name="kind of well", exact=True).select_option("tilted")
    shown(page)
    assert drawn(page, elements(well(barrier=6, kind="tilted")))
    label = page.locator(".lim-view > svg").get_attribute("aria-label")
    assert label == f"{ALT} Now: barrier height 6\xa0kT, kind of well tilted."
    assert slider.get_attribute("aria-valuetext") == "6\xa0kT"
    assert page.locator("output").all_text_contents() == ["6\xa0kT", "tilted"]
    assert page.trouble == []


def test_a_refusal_is_read_below_a_faded_picture(opened):
    page = opened(only_barrier(particular))
    slider = page.get_by_role("slider")
    picture, note = page.locator(".lim-view > svg"), page.get_by_role("status")
    slider.press("End")
    shown(page)
    assert note.inner_text() == "Nothing to draw here: barrier must be <= 5, got 6"
    assert drawn(page, elements(well(barrier=4)))
    assert "lim-past" in picture.get_attribute("class")
    slider.press("Home")
    shown(page)
    assert note.inner_text() == "barrier of 2 kT < 3 kT: the rate is 20 % off"
    assert drawn(page, elements(well(barrier=2)))
    assert "lim-past" not in picture.get_attribute("class")
    assert page.trouble == []


def test_the_start_stays_pale_behind_until_a_reset_brings_it_back(opened):
    page = opened(explorer())
    reset, words = page.get_by_role("button", name="Reset"), page.locator(".lim-was")
    before = page.locator(".lim-controls").bounding_box()
    assert not reset.is_visible()
    assert not words.is_visible()
    slider = page.get_by_role("slider")
    slider.press("Home")
    shown(page)
    ghost = page.locator(".lim-ghost .m")
    assert ghost.count() == 1
    (curve,) = (each for each in elements(well(barrier=4)) if 'class="m"' in each)
    assert re.search(r' d="([^"]+)"', curve)[1] == ghost.get_attribute("d")
    assert words.inner_text() == "Pale: barrier height 4\xa0kT, kind of well plain"
    assert page.locator(".lim-controls").bounding_box() == before
    reset.click()
    shown(page)
    assert drawn(page, elements(well(barrier=4)))
    assert page.locator(".lim-view > svg").get_attribute("aria-label") == ALT
    assert (slider.input_value(), ghost.count()) == ("1", 0)
    assert not reset.is_visible()
    assert slider.evaluate("e => e === document.activeElement")
    assert page.trouble == []


def test_the_address_brings_another_reader_to_the_same_values(opened):
    page = opened(explorer())
    page.get_by_role("slider").press("Home")
    page.get_by_role("combobox").select_option("tilted")
    assert page.url.endswith("#fig-well?barrier=2&kind=tilted")
    page.goto("about:blank")
    page.go_back()
    page.reload()
    shown(page)
    assert drawn(page, elements(well(barrier=2, kind="tilted")))
    assert page.locator("output").all_text_contents() == ["2\xa0kT", "tilted"]
    for unknown in ("barrier=7", "other=3", "kind="):
        page.goto("about:blank")
        page.goto(f"{page.address}#fig-well?{unknown}")
        shown(page)
        assert drawn(page, elements(well(barrier=4)))
    page.evaluate("location.hash = '#fig-well?barrier=6'")
    page.wait_for_function("document.querySelector('output').textContent === '6\xa0kT'")
    page.get_by_role("button").click()
    assert page.url.endswith("#fig-well")
    assert page.trouble == []


def slope(*, figure=None, level=10.0):
    """A straight line on one linear and one logarithmic axis, and a point above it."""
    with drawing(figure) as picture:
        panel = picture.panel("time (s)", "energy (kT)", xlim=(0, 4), ylim=(1, 1e6), yscale="log")
        panel.line("rise", [0, 4], [level, 1e5 * level])
        panel.points("mark", [1], [3.003e5], marker="D")
    return picture


@pytest.mark.parametrize("touch", [False, True])
def test_values_are_read_off_the_nearest_curve_in_the_units_of_the_axes(opened, touch):
    one = Explorer(slope, alt="It rises.", level=Control([1, 10], "level"))
    page = opened(one, viewport={"width": 600, "height": 800}, has_touch=touch)
    tip, box = page.locator(".lim-tip"), page.locator(".lim-view > svg").bounding_box()
    axes = one.still().panels["whole"].axes

    def read(x, y):
        places = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
        inner = axes.get_position()
        across = box["x"] + box["width"] * (inner.x0 + places[0] * inner.width)
        down = box["y"] + box["height"] * (1 - inner.y0 - places[1] * inner.height)
        if touch:
            page.touchscreen.tap(across, down)
        else:
            page.mouse.move(across, down)
        return tip.inner_text().split("\n")[:2] if tip.is_visible() else None

    def number(text, quantity, unit):
        written = text.removeprefix(f"{quantity} ").removesuffix(f"\xa0{unit}")
        digits, _, power = written.partition(" × 10")
        return float(digits) * 10.0 ** int(power.translate(str.maketrans("⁰¹²³⁴⁵", "012345")) or 0)

    for time_, factor in ((1.0, 1.1), (2.0, 0.9), (3.2, 1.0)):
        seconds, energy = read(time_, 10 * 10 ** (5 * time_ / 4) * factor)
        seconds = number(seconds, "time", "s")
        assert seconds == pytest.approx(time_, abs=0.05)
        on_curve = 10 * 10 ** (5 * seconds / 4)
        assert number(energy, "energy", "kT") == pytest.approx(on_curve, rel=0.02)
    seconds, energy = read(1.05, 3.3e5)
    assert number(seconds, "time", "s") == pytest.approx(1, abs=0.01)
    assert energy.removeprefix("energy ").startswith("3 × 10⁵")
    assert read(3.5, 2) is None
    assert page.trouble == []


def test_a_phone_shows_all_of_it_and_a_thumb_finds_the_controls(opened):
    page = opened(explorer(), viewport={"width": 390, "height": 800}, has_touch=True)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 390
    page.get_by_role("slider").press("Home")
    for role in ("slider", "combobox", "button"):
        assert page.get_by_role(role).bounding_box()["height"] >= 44
    box = page.locator(".lim-view > svg").bounding_box()
    assert box["width"] / box["height"] == pytest.approx(480 / 330, rel=0.01)


@pytest.mark.parametrize("missing", [None, "DecompressionStream"])
def test_without_script_the_still_is_there_and_no_dead_control(opened, missing):
    page = opened(explorer(), java_script_enabled=missing is not None, without=missing)
    assert page.locator(".lim-view > svg").is_visible()
    for control in page.locator("input, select, button").all():
        assert not control.is_visible()

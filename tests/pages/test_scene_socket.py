"""The way to the wall socket, as it is used: dragged, by keyboard, typed, by its address."""

import re

import numpy as np
import pytest
from javascript import DOCUMENT

from lim_lib import scenes, units, workloads
from lim_lib.workloads.socket import FACTORS

RANGES = workloads.socket_ranges()
NARROW = {"viewport": {"width": 390, "height": 844}}
DRAWN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def tab(browser, tmp_path_factory):
    """The scene alone on a page that is read from its file."""
    path = tmp_path_factory.mktemp("scene") / "socket.html"
    path.write_text(DOCUMENT.format(scenes.socket().html()), encoding="utf-8")
    context = browser.new_context(**NARROW)
    tab = context.new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.goto(path.as_uri())
    yield tab
    assert tab.errors == []
    context.close()


@pytest.fixture(autouse=True)
def reset(tab):
    tab.get_by_role("button", name="Reset").click(force=True)
    tab.evaluate(DRAWN)


def state(tab):
    return tab.evaluate("document.querySelector('.lim-scene').lim.state")


def totals(tab):
    """The total that the words below the picture say, and the library's for the same factors."""
    tab.evaluate(DRAWN)
    words = tab.evaluate("document.querySelector('.lim-scene').lim.tell()")
    total = workloads.example_socket(**state(tab))["total"].iloc[-1]
    return re.match(r"At the socket ([\d.]+ \w+)", words)[1], units.format_energy(total)


def knob(tab, name):
    sliders = tab.get_by_role("slider", name=FACTORS[name][0], exact=True)
    return sliders.and_(tab.locator("circle"))


def test_random_states_have_the_librarys_energies(tab):
    rng = np.random.default_rng(11)
    for _ in range(5):
        drawn = {n: low * (high / low) ** rng.random() for n, (low, _, high) in RANGES.items()}
        found = tab.evaluate(
            "drawn => { const { lim: scene } = document.querySelector('.lim-scene');"
            "scene.set(drawn); return lim.socket(scene.data)(scene.state); }",
            drawn,
        )
        table = workloads.example_socket(**drawn)
        assert found.pop("total") == pytest.approx(table["total"].iloc[-1], rel=1e-12, abs=0)
        assert found == pytest.approx(table["energy"].to_dict(), rel=1e-12, abs=0)
        assert len(set(totals(tab))) == 1


def test_a_knob_that_is_dragged_takes_its_stage_where_it_is_let_go(tab):
    circle = knob(tab, "operation_energy")
    circle.scroll_into_view_if_needed()
    box = circle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.mouse.move(x, y)
    tab.mouse.down()
    tab.mouse.move(x - 24, y, steps=3)
    tab.mouse.up()
    tab.evaluate(DRAWN)
    moved = circle.bounding_box()
    assert moved["x"] == pytest.approx(box["x"] - 24, abs=0.6)
    assert state(tab)["operation_energy"] < 0.1 * RANGES["operation_energy"].value
    assert len(set(totals(tab))) == 1


def test_keys_move_a_knob_and_a_number_may_be_typed(tab):
    circle = knob(tab, "busy")
    circle.focus()
    tab.keyboard.press("PageUp")
    assert state(tab)["busy"] > RANGES["busy"].value
    tab.get_by_text("Type your own numbers").click()
    entry = tab.get_by_label("cooling and building, as a number")
    entry.fill("1")
    entry.press("Enter")
    assert state(tab)["site"] == 1
    assert len(set(totals(tab))) == 1
    tab.get_by_text("Type your own numbers").click()


@pytest.mark.parametrize("which", ["best", "worst"])
def test_all_factors_go_to_their_better_or_worse_ends(tab, which):
    tab.get_by_role("button", name=f"All to {which}").click()
    cheap = {n: ends.high if n == "busy" else ends.low for n, ends in RANGES.items()}
    dear = {n: ends.low if n == "busy" else ends.high for n, ends in RANGES.items()}
    assert state(tab) == pytest.approx(cheap if which == "best" else dear, rel=1e-12, abs=0)
    assert len(set(totals(tab))) == 1
    words = tab.evaluate("document.querySelector('.lim-scene').lim.tell()")
    assert ("No factor could take off more" in words) is (which == "best")


def test_a_state_is_in_the_address_and_comes_back_from_it(tab):
    tab.evaluate("document.querySelector('.lim-scene').lim.move('busy', 0.4)")
    tab.wait_for_function("location.hash === '#socket?busy=0.4'")
    tab.evaluate("location.hash = '#socket?busy=0.25&site=1.2'")
    tab.wait_for_function("document.querySelector('.lim-scene').lim.state.site === 1.2")
    assert state(tab)["busy"] == 0.25
    assert state(tab)["node"] == RANGES["node"].value


def test_the_scene_fits_a_phone_and_says_what_takes_most_off(tab):
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    least = min(
        workloads.example_socket(**{name: end})["total"].iloc[-1]
        for name, ends in RANGES.items()
        for end in (ends.low, ends.high)
    )
    told = units.format_energy(least)
    words = tab.evaluate("document.querySelector('.lim-scene').lim.tell()")
    assert f"The energy of an operation could take most off: alone down to {told}" in words

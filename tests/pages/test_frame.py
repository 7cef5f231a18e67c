"""What every scene can do, each from a file of its own: with a mouse, with keys, by its address."""

import pytest
from javascript import DOCUMENT, SCENE

from lim_lib import scenes

NAMES = [name for name in scenes.__all__ if name.islower()]


@pytest.fixture(scope="module", params=NAMES)
def file(request, tmp_path_factory):
    """A file that holds one scene and nothing else."""
    path = tmp_path_factory.mktemp("scene") / f"{request.param}.html"
    path.write_text(DOCUMENT.format(getattr(scenes, request.param)().html()), encoding="utf-8")
    return path


@pytest.fixture
def opened(file, browser):
    """Opens the scene, still, at an address within its file; what went wrong is kept."""
    context = browser.new_context(reduced_motion="reduce", viewport={"width": 390, "height": 844})

    def at(fragment=""):
        page = context.new_page()
        page.wrong = []
        page.on("pageerror", lambda error: page.wrong.append(str(error)))
        page.on("request", lambda request: page.wrong.append(request.url)
                if not request.url.startswith(("file:", "data:", "blob:")) else None)  # fmt: skip
        page.goto(f"{file.as_uri()}{fragment}")
        page.wait_for_function(f"{SCENE} !== undefined")
        return page

    yield at
    context.close()


def another(page):
    """Values other than those at the start, one for each dial and menu."""
    return page.evaluate(
        f"""() => {{
          const {{controls, start}} = {SCENE}, changes = {{}};
          for (const [name, control] of Object.entries(controls))
            if (!control.entry) changes[name] = control.choices
              ? control.choices.find(([value]) => value !== start[name])?.[0] ?? start[name]
              : control.start === control.low ? control.high : control.low;
          return changes;
        }}"""
    )


def test_a_scene_works_from_its_file_and_says_what_it_shows(opened):
    page = opened()
    assert len(page.evaluate(f"{SCENE}.tell()")) > 20
    shown = page.locator(".lim-tell").inner_text().replace("\u00a0", " ")
    assert shown == page.evaluate(f"{SCENE}.tell()").replace("\u00a0", " ")
    assert not page.locator(".lim-still").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.evaluate(f"{SCENE}.playing") is False, "it moves though motion is not wanted"
    assert page.wrong == []


def test_the_address_brings_a_state_back(opened):
    page = opened()
    changes = another(page)
    page.evaluate(f"changes => {SCENE}.set(changes)", changes)
    there = page.evaluate(f"{SCENE}.address()")
    again = opened("#" + there.partition("#")[2])
    state = again.evaluate(f"{SCENE}.state")
    for name, value in page.evaluate(f"{SCENE}.state").items():
        same = value == state[name] or state[name] == pytest.approx(value, rel=0.01)
        assert same, f"{name}: {value} became {state[name]}"
    assert page.wrong == again.wrong == []


def test_reset_brings_the_start_back(opened):
    page = opened()
    page.evaluate(f"changes => {SCENE}.set(changes)", another(page))
    assert page.evaluate(f"{SCENE}.changed")
    page.get_by_role("button", name="Reset").click()
    assert not page.evaluate(f"{SCENE}.changed")
    assert page.wrong == []


def test_nonsense_in_an_address_is_passed_over(opened):
    page = opened("#nonsense?x=1")
    start = page.evaluate(f"{SCENE}.start")
    name = page.evaluate(f"{SCENE}.name")
    again = opened(f"#{name}?nonsense=1&{next(iter(start), 'x')}=abc")
    assert again.evaluate(f"{SCENE}.state") == start
    assert page.wrong == again.wrong == []


def test_a_slider_moves_by_keys_and_a_number_is_kept_within_its_ends(opened):
    page = opened()
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    sliders = page.locator(".lim-row input[type=range]")
    in_a_row = "each => 'low' in each && each.shown"
    if not page.evaluate(f"Object.values({SCENE}.controls).some({in_a_row})"):
        pytest.skip("no dial with a row of its own")
    for key in ("End", "Home", "ArrowRight"):
        sliders.first.press(key)
    entry = page.locator(".lim-row input[type=text]").first
    for typed, word in (("1e99", "from"), ("-1e99", "from"), ("abc", "a number from")):
        entry.fill(typed)
        entry.press("Enter")
        assert word in page.locator(".lim-note").first.inner_text()
    assert page.wrong == []


def test_paper_and_a_reader_without_script_have_the_still(opened, file, browser):
    page = opened()
    page.emulate_media(media="print")
    assert page.locator(".lim-still").is_visible()
    assert not page.locator(".lim-tools").is_visible()
    context = browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    bare.goto(file.as_uri())
    assert bare.locator(".lim-still").is_visible()
    context.close()


def test_firefox_shows_the_same(opened, file, firefox_page):
    firefox_page.size(390, 844)
    firefox_page.goto(file.as_uri())
    start = firefox_page.evaluate(f"{SCENE}.pause() ?? {SCENE}.start")
    page = opened()
    assert start == page.evaluate(f"{SCENE}.start")
    changes = another(page)
    changes = f"{changes!r}".replace("True", "true").replace("False", "false")
    # In one breath: it begins to play whenever it is first seen.
    asked = f"""(() => {{
      const scene = {SCENE};
      scene.pause();
      scene.restart();
      scene.set({changes});
      scene.draw();
      return scene.tell();
    }})()"""
    told = [each(asked) for each in (page.evaluate, firefox_page.evaluate)]
    assert told[0] == told[1]

"""Cards show what a link leads to: for pointer, keyboard and touch, in both themes."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

CHAPTER = "chapters/02-a-bit-is-a-barrier.html"
# A link of each kind, and what its card must hold.
KINDS = {
    "equation": (".bd-article a.internal[href='#equation-eq-kramers']", "mjx-container"),
    "figure": (".bd-article a.internal[href='#fig-hopping']:has(.std-numref)", "svg, img"),
    "work": (".bd-article a[href*='bibliography.html#']", "em"),
    "term": (".bd-article a.lim-term", "b"),
    "symbol": (".bd-article a.lim-symbol", "mjx-container"),
    "name": (".bd-article a.lim-api[href*='escape_time']", "code"),
}


@pytest.fixture
def opened(browser, start):
    """A chapter in a window with pointer and keyboard."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(20_000)
    tab = context.new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.goto(f"{start}/{CHAPTER}")
    tab.wait_for_function("() => MathJax.startup.promise.then(() => true)")
    yield tab
    assert tab.errors == []
    context.close()


def test_every_card_has_a_place_and_every_kind_a_card(built):
    text = (built / "_static" / "told.js").read_text(encoding="utf-8")
    told = json.loads(text.partition(".told = ")[2].rstrip(";\n"))
    assert all(said.strip() for page in told.values() for said in page.values())
    for page, cards in told.items():
        written = (built / page).read_text(encoding="utf-8")
        assert [name for name in cards if f'id="{name}"' not in written] == []
    assert "equation-eq-kramers" in told[CHAPTER]
    assert "term-barrier" in told["chapters/glossary.html"]
    assert "symbol-E_b" in told["chapters/notation.html"]


def test_a_pointer_shows_the_card_of_each_kind_of_link_and_may_enter_it(opened):
    card = opened.locator("#lim-card")
    height = opened.evaluate("document.scrollingElement.scrollHeight")
    for link, part in KINDS.values():
        opened.keyboard.press("Escape")
        opened.locator(link).first.hover()
        card.locator(part).first.wait_for()
        described = opened.locator("[aria-describedby=lim-card]")
        assert described.evaluate("(e, link) => e.matches(link)", link)
    card.hover()
    opened.wait_for_timeout(500)
    assert card.is_visible()
    opened.keyboard.press("Escape")
    assert not card.is_visible()
    assert described.count() == 0
    assert opened.evaluate("document.scrollingElement.scrollHeight") == height


def test_a_card_names_the_number_by_which_the_link_calls_it(opened):
    link = opened.locator(KINDS["equation"][0]).first
    number = link.inner_text()
    link.hover()
    opened.locator("#lim-card mjx-container").wait_for()
    assert opened.locator("#lim-card b").inner_text() == f"Equation {number}"


def test_the_keyboard_shows_a_card_and_leaves_it(opened):
    term = opened.locator(KINDS["term"][0]).first
    opened.keyboard.press("Tab")
    term.focus()
    opened.locator("#lim-card").wait_for()
    opened.keyboard.press("Tab")
    opened.wait_for_function("() => document.activeElement.className !== 'lim-term'")
    opened.keyboard.press("Escape")
    assert not opened.locator("#lim-card").is_visible()


def test_the_first_touch_shows_a_card_and_the_second_follows_the_link(browser, site):
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    tab = context.new_page()
    tab.goto(f"{site}/{CHAPTER}")
    term = tab.locator(KINDS["term"][0]).first
    term.tap()
    tab.locator("#lim-card").wait_for()
    assert tab.url.endswith(CHAPTER)
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= 390
    box = tab.locator("#lim-card").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    term.tap()
    tab.wait_for_url("**/glossary.html#term-*")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_card_serves_readers_of_all_abilities(browser, site, theme):
    context = browser.new_context(color_scheme=theme)
    tab = context.new_page()
    tab.goto(f"{site}/{CHAPTER}")
    tab.locator(KINDS["equation"][0]).first.hover()
    tab.locator("#lim-card mjx-container").wait_for()
    found = Axe().run(tab, context="#lim-card").response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
    context.close()


def test_terms_and_symbols_are_linked_once_and_in_the_text_alone(opened):
    links = ".bd-article a:is(.lim-term, .lim-symbol)"
    places = opened.eval_on_selector_all(links, "all => all.map(e => e.href)")
    assert len(places) > 10
    assert len(places) == len(set(places))
    assert opened.locator(f":is(h1, h2, h3, pre, figure, .admonition) {links}").count() == 0

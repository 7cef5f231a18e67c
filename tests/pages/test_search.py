"""The search: sections with the place where words stand, also from files."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def tab(browser):
    context = browser.new_context(reduced_motion="reduce", viewport=PHONE)
    context.set_default_timeout(20_000)
    tab = context.new_page()
    tab.errors, tab.asked = [], []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.on("request", lambda request: tab.asked.append(request.url))
    yield tab
    assert tab.errors == []
    context.close()


@pytest.fixture(scope="module")
def index(built):
    """What the search knows, by the address of the page."""
    text = (built / "_static" / "found.js").read_text(encoding="utf-8")
    pages = json.loads(text.partition(".found = ")[2].rstrip(";\n"))
    return {address: (title, parts) for address, title, *parts in pages}


def test_formulas_in_the_index_are_readable_and_code_is_left_out(index):
    texts = [text for _, parts in index.values() for _, _, text in parts]
    assert not [text for text in texts if "\\" in text.replace("\\n", "")]
    assert not [text for text in texts if "import numpy" in text]


def test_each_part_in_the_index_stands_on_its_page(index, built):
    for address, (title, parts) in index.items():
        page = (built / address).read_text(encoding="utf-8")
        assert title, address
        assert [name for name, _, _ in parts if f'id="{name}"' not in page] == []


def test_pages_do_not_carry_the_index(tab, start):
    tab.goto(f"{start}/chapters/glossary.html")
    assert not [url for url in tab.asked if "found.js" in url]


def test_the_keyboard_opens_the_search_walks_the_results_and_follows_one(tab, start):
    tab.goto(f"{start}/index.html")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("kramers rate")
    first = tab.locator("dialog .lim-found a").first
    first.wait_for()
    assert "kramers" in tab.locator("dialog .lim-found mark").first.inner_text().lower()
    tab.keyboard.press("ArrowDown")
    assert first.evaluate("e => e === document.activeElement")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowUp")
    address = first.evaluate("e => e.href")
    tab.keyboard.press("Enter")
    tab.wait_for_url(address.split("?")[0] + "*")


def test_results_are_sections_with_excerpts_and_accents_do_not_matter(tab, start):
    tab.goto(f"{start}/search.html?q=hanggi")
    tab.locator(".lim-search .lim-found mark").first.wait_for()
    marked = tab.locator(".lim-search .lim-found mark").all_inner_texts()
    assert {word.lower() for word in marked} == {"ha\u0308nggi"}
    field = tab.locator(".lim-search .bd-search")
    icon = field.locator("svg, i").first.bounding_box()
    text = field.locator("input").evaluate(
        "e => e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft)"
    )
    assert icon["x"] + icon["width"] < text
    assert tab.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


def test_a_phrase_ranks_above_its_scattered_words(tab, site):
    tab.goto(f"{site}/search.html?q=kT+ln+2")
    first = tab.locator(".lim-search .lim-found mark").first
    first.wait_for()
    shown = tab.locator(".lim-search .lim-found p:has(mark)").nth(0).inner_text()
    assert "kT ln 2" in " ".join(shown.split())


def test_what_nothing_has_is_told(tab, site):
    tab.goto(f"{site}/search.html?q=zyzzyva")
    tab.locator(".lim-search [role=status]", has_text="0 pages").wait_for()
    tab.goto(f"{site}/search.html?q=%3Cb%3E%5B(%5C")
    tab.locator(".lim-search [role=status]", has_text="pages").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_results_serve_readers_of_all_abilities(tab, site, theme):
    tab.emulate_media(color_scheme=theme)
    tab.goto(f"{site}/search.html?q=barrier")
    tab.locator(".lim-search .lim-found mark").first.wait_for()
    found = Axe().run(tab, context=".lim-search").response
    assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []

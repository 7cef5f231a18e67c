"""How much of a page is open: chosen by keyboard, kept, and all of it without a script."""

import pytest

CHAPTER = "chapters/07-the-update-wall.html"
LINES = "article .lim-code:not(.solution *) > .cell_input"
SHOWN = (
    """pattern => [...document.querySelectorAll(pattern)].filter(e => e.checkVisibility()).length"""
)


@pytest.fixture
def opened(browser, site):
    """A function that opens a chapter in a new window of one reader, or of one without scripts."""
    contexts = {}

    def visit(scripts=True, place=""):
        if scripts not in contexts:
            contexts[scripts] = browser.new_context(java_script_enabled=scripts)
        page = contexts[scripts].new_page()
        page.goto(f"{site}/{CHAPTER}{place}")
        return page

    yield visit
    for context in contexts.values():
        context.close()


def counted(page, pattern=LINES):
    """How many of these are to be seen, and how many there are."""
    return page.evaluate(SHOWN, pattern), page.locator(pattern).count()


def test_code_that_derives_is_open_and_code_that_prepares_or_draws_is_one_line(opened):
    page = opened()
    plumbing = counted(page, ".lim-plumbing:not(.solution *) > .cell_input")
    assert plumbing[0] == 0 < plumbing[1]
    derivations = counted(page, ".lim-code:not(.lim-plumbing, .solution *) > .cell_input")
    assert derivations[0] == derivations[1] > 0
    button = page.locator(".lim-plumbing > .lim-show").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.get_attribute("aria-expanded") == "true"
    assert counted(page, ".lim-plumbing:not(.solution *) > .cell_input")[0] == 1


def test_the_choice_is_made_by_keyboard_and_kept_for_every_page(opened):
    page = opened()
    chosen = page.locator(".lim-reading [name=code]:checked")
    chosen.focus()
    page.keyboard.press("ArrowRight")
    assert counted(page)[0] == counted(page)[1]
    page.keyboard.press("ArrowRight")
    assert counted(page)[0] == 0
    again = opened()
    assert counted(again)[0] == 0
    assert again.locator(".lim-reading [name=code]:checked").get_attribute("value") == "none"


def test_the_story_is_shorter_and_what_a_link_names_is_open_in_it(opened):
    page = opened()
    height = "document.querySelector('article').offsetHeight"
    whole = page.evaluate(height)
    page.locator(".lim-reading [value=story]").check()
    assert page.evaluate(height) < 0.7 * whole
    label = page.evaluate("document.querySelector('.lim-steps div.math[id]').id")
    assert opened(place=f"#{label}").locator(f"[id='{label}']").is_visible()


def test_without_a_script_all_is_open_and_there_is_no_switch(opened):
    page = opened(scripts=False)
    assert page.locator(LINES).first.is_visible()
    assert not page.locator(".lim-reading").is_visible()
    assert not page.locator(".lim-show").first.is_visible()


def test_on_paper_all_is_open(opened):
    page = opened()
    page.locator(".lim-reading [value=story]").check()
    page.emulate_media(media="print")
    assert counted(page)[0] == counted(page)[1]
    assert counted(page, ".lim-show, .lim-reading")[0] == 0

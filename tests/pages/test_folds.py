"""A folded solution opens for a link that leads into it, and for a search that finds its words."""

import re

import pytest

CHAPTER = "03-writing-and-erasing"
# The words of the chapter's prose that stand in folded solutions alone.
ONLY_FOLDED = """() => {
  const folded = new Set(), open = new Set();
  const article = document.querySelector('article.bd-article');
  const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    const words = walker.currentNode.data.toLowerCase().match(/[a-z]+/g) || [];
    const prose = holder.matches('.toggle-hidden p');
    for (const word of words) (prose ? folded : open).add(word);
  }
  const seen = [...open].join(' ');
  return [...folded].filter(word => word.length > 6 && !seen.includes(word)).sort();
}"""
# Whether a place marked as found is to be seen.
SEEN = """() => [...document.querySelectorAll('article .highlighted')].some(found => {
  const { top, bottom, height } = found.getBoundingClientRect();
  return !found.closest('.toggle-hidden') && height > 0 && top >= 0 && bottom <= innerHeight;
})"""
OPEN = """name => {
  const solution = document.getElementById(name), { top } = solution.getBoundingClientRect();
  return !solution.matches('.toggle-hidden') && top >= 0 && top < innerHeight;
}"""


@pytest.fixture
def tab(browser):
    context = browser.new_context(reduced_motion="reduce")
    tab = context.new_page()
    tab.errors = []
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    yield tab
    assert tab.errors == []
    context.close()


def folded(tab):
    """The names of the chapter's folded solutions."""
    tab.wait_for_selector(".solution.toggle-hidden", state="attached")
    return tab.eval_on_selector_all(".solution.toggle-hidden", "all => all.map(e => e.id)")


def test_a_link_to_a_solution_opens_it(tab, start):
    address = f"{start}/chapters/{CHAPTER}.html"
    tab.goto(address)
    first, *_, last = folded(tab)
    tab.goto(f"{address}#{first}")
    tab.wait_for_function(OPEN, arg=first)
    tab.goto("about:blank")
    tab.goto(f"{address}#{last}")
    tab.wait_for_function(OPEN, arg=last)
    assert first in folded(tab)


def test_a_search_hit_in_a_solution_is_seen(tab, start):
    tab.goto(f"{start}/chapters/{CHAPTER}.html")
    folded(tab)
    word = next(iter(tab.evaluate(ONLY_FOLDED)))
    tab.goto(f"{start}/search.html?q={word}")
    link = tab.locator(f".lim-found a[href*='{CHAPTER}']").first
    link.wait_for()
    link.click()
    tab.wait_for_url(re.compile(CHAPTER))
    tab.wait_for_function(SEEN)
    tab.goto("about:blank")
    tab.goto(f"{start}/chapters/{CHAPTER}.html?words={word}")
    tab.wait_for_function(SEEN)


def test_a_word_that_stands_open_opens_no_solution(tab, start):
    tab.goto(f"{start}/chapters/{CHAPTER}.html?words=heat")
    tab.wait_for_function(SEEN)
    assert len(folded(tab)) == tab.locator(".solution.dropdown").count()
    assert tab.locator("mjx-container .highlighted").count() == 0

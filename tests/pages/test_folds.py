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
# Whether the first place marked as found is to be seen.
SEEN = """() => {
  const found = document.querySelector('article .highlighted');
  if (!found || found.closest('.toggle-hidden')) return false;
  const { top, bottom, height } = found.getBoundingClientRect();
  return height > 0 && top >= 0 && bottom <= innerHeight;
}"""
OPEN = """name => {
  const solution = document.getElementById(name), { top } = solution.getBoundingClientRect();
  return !solution.matches('.toggle-hidden') && top >= 0 && top < innerHeight;
}"""


@pytest.fixture(params=["served", "from its file"])
def start(request, built):
    """Where the built pages are found."""
    if request.param == "served":
        return request.getfixturevalue("site")
    return built.as_uri()


@pytest.fixture
def page(browser):
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    assert page.errors == []
    context.close()


def folded(page):
    """The names of the chapter's folded solutions."""
    page.wait_for_selector(".solution.toggle-hidden", state="attached")
    return page.eval_on_selector_all(".solution.toggle-hidden", "all => all.map(e => e.id)")


def test_a_link_to_a_solution_opens_it(page, start):
    address = f"{start}/chapters/{CHAPTER}.html"
    page.goto(address)
    first, *_, last = folded(page)
    page.goto(f"{address}#{first}")
    page.wait_for_function(OPEN, arg=first)
    page.goto("about:blank")
    page.goto(f"{address}#{last}")
    page.wait_for_function(OPEN, arg=last)
    assert first in folded(page)


def test_a_search_hit_in_a_solution_is_seen(page, start):
    page.goto(f"{start}/chapters/{CHAPTER}.html")
    folded(page)
    word = next(iter(page.evaluate(ONLY_FOLDED)))
    page.goto(f"{start}/search.html?q={word}")
    link = page.locator(f"#search-results a[href*='{CHAPTER}']").first
    link.wait_for()
    link.click()
    page.wait_for_url(re.compile(CHAPTER))
    page.wait_for_function(SEEN)
    page.goto("about:blank")
    page.goto(f"{start}/chapters/{CHAPTER}.html?highlight={word}")
    page.wait_for_function(SEEN)


def test_a_word_that_stands_open_opens_no_solution(page, start):
    page.goto(f"{start}/chapters/{CHAPTER}.html?highlight=heat")
    page.wait_for_function(SEEN)
    assert len(folded(page)) == page.locator(".solution.dropdown").count()
    assert page.locator("mjx-container .highlighted").count() == 0

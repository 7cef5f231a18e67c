"""The slides in a real browser: whole, legible, and asking no other computer for anything."""

import re

import pytest

# One worker takes the slides, while the others grade.
pytestmark = pytest.mark.xdist_group("slides")

OVERFLOW = """(count) => {
  const found = [];
  for (const slide of Reveal.getSlides().slice(0, count)) {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v);
    const { left, top } = slide.getBoundingClientRect(), scale = Reveal.getScale();
    for (const part of slide.querySelectorAll("*")) {
      if (part.closest("aside, mjx-assistive-mml") || !part.offsetParent) continue;
      const { right, bottom } = part.getBoundingClientRect();
      if ((bottom - top) / scale > 712 || (right - left) / scale > 1270) {
        found.push(slide.innerText.slice(0, 80));
        break;
      }
    }
  }
  return found;
}"""
RAW = r"""() => Reveal.getSlides().map(slide => slide.innerText)
  .filter(text => /\{\w+\}`|\$|:::|```|\*\*/.test(text))"""

SEEN = """() => Reveal.getSlides().map(slide => {
  const shown = slide.cloneNode(true);
  shown.querySelectorAll("aside").forEach(note => note.remove());
  return shown.textContent;
})"""


@pytest.fixture(scope="module")
def slides(root):
    """The folder that `make slides` fills."""
    folder = root / "_build" / "slides"
    assert folder.is_dir(), "run `make slides`"
    return folder


@pytest.fixture(scope="module")
def deck(slides, chapter, browser):
    """A chapter's deck, its formulas set, and what its page complained of."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("request", lambda request: page.complaints.append(request.url) if "://" in request.url
            and not request.url.startswith(("file:", "data:")) else None)  # fmt: skip
    page.goto((slides / f"{chapter.stem}.html").as_uri())
    page.wait_for_function("window.MathJax?.startup?.promise && window.Reveal?.isReady()")
    page.evaluate("MathJax.startup.promise")
    yield page
    page.close()


def test_every_chapter_has_slides_of_all_kinds(deck):
    assert deck.evaluate("Reveal.getTotalSlides()") >= 20
    for part in (
        "h1",
        "blockquote",
        "li",
        "mjx-container[display]",
        "img",
        "aside.notes",
    ):
        assert deck.locator(f"section {part}").count(), part
    assert deck.get_by_text(re.compile(r"^Exercise \d+\.\d+\. ")).count() >= 2


def test_nothing_leaves_a_slide(deck):
    assert deck.evaluate("document.querySelector('.reveal').offsetHeight") == 720
    assert deck.evaluate(OVERFLOW) == []


def test_every_formula_is_set_and_no_markup_is_left(deck):
    assert deck.locator("mjx-merror").count() == 0
    assert deck.evaluate(RAW) == []


def test_a_misconception_is_answered_where_it_is_shown_and_sources_stay_folded(deck):
    seen = deck.evaluate(SEEN)
    for text in seen:
        assert "Standing of the sources" not in text
        if "A misconception." in text:
            assert len(text.split("A misconception.")[1].split()) > 12
    assert any("confront" in text and "could not see" in text for text in seen)


def test_every_picture_has_alt_text(deck):
    assert deck.locator("section img:not([alt]), section img[alt='']").count() == 0


def test_a_deck_works_alone(deck):
    assert deck.complaints == []


def test_a_slide_that_is_too_full_would_be_found(deck):
    deck.evaluate(
        "Reveal.getSlides()[0].insertAdjacentHTML('beforeend', '<p>x</p>'.repeat(30))"
    )
    assert len(deck.evaluate(OVERFLOW, 2)) == 1

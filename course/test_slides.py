"""The slides in a real browser: whole, legible, and asking no other computer for anything."""

import re

import pytest

# What each slide holds, as laid out: whether it overflows, and from where to where it reaches.
MEASURED = """(count) => Reveal.getSlides().slice(0, count).map((slide, at) => {
  Reveal.slide(at);
  const scale = Reveal.getScale(), { left, top } = slide.getBoundingClientRect();
  const boxes = [...slide.querySelectorAll("*")]
    .filter(part => !part.closest("aside, mjx-assistive-mml, canvas, .lim-tip, .anchor-link"))
    .filter(part => !part.parentElement.closest("svg") && part.getClientRects().length)
    .map(part => [part, part.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && box.height > 1);
  const shown = boxes.filter(([part]) => part.matches("h1, h2, h3, p, li, tr, img, svg, figcaption, label"));
  const ends = shown.map(([, box]) => box.bottom - top), starts = shown.map(([, box]) => box.top - top);
  return {
    text: slide.innerText.slice(0, 80),
    over: boxes.some(([, box]) => (box.bottom - top) / scale > 712
      || (box.right - left) / scale > 1270 || box.left < left - 1 || box.top < top - 1),
    height: (Math.max(...ends) - Math.min(...starts)) / scale,
  };
})"""
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


def test_a_chapter_has_a_talk_of_all_kinds_of_slides(deck):
    assert 12 <= deck.evaluate("Reveal.getTotalSlides()") <= 22
    for part in (
        "h1",
        "li",
        "mjx-container[display]",
        "figure svg",
        "aside.notes",
    ):
        assert deck.locator(f"section {part}").count(), part
    assert deck.locator("section.live").count()
    assert deck.locator("section.live:not(:has(.lim-scene, .lim-explorer))").count() == 0


def test_exercises_interrupt_nothing_and_come_last(deck):
    kinds = deck.evaluate(
        "Reveal.getSlides().map(slide => slide.querySelector('h1, h2').innerText)"
    )
    first = kinds.index("Exercises")
    assert kinds[first - 1] == "Summary"
    assert set(kinds[first:]) == {"Exercises"}
    found = deck.get_by_text(re.compile(r"^Exercise \d+\.\d+\. "))
    assert found.count() == deck.locator(".tasks .task h3").count() >= 2


def test_nothing_leaves_a_slide_and_no_slide_is_half_empty(deck):
    assert deck.evaluate("document.querySelector('.reveal').offsetHeight") == 720
    measured = deck.evaluate(MEASURED)
    assert [slide["text"] for slide in measured if slide["over"]] == []
    assert [slide["text"] for slide in measured if slide["height"] < 360] == []


def test_what_is_live_obeys_the_keyboard_which_the_deck_leaves_to_it(deck):
    pictures = deck.locator(".live :is(.lim-stage, .lim-view)")
    for place in range(pictures.count()):
        slide = deck.locator("section.live").nth(place)
        at = slide.evaluate("slide => Reveal.getIndices(slide).h")
        deck.evaluate(f"Reveal.slide({at})")
        slide.evaluate("slide => slide.querySelector('.lim-scene')?.lim.pause()")
        before = pictures.nth(place).inner_html()
        control = slide.locator("input[type=range], [role=slider], select").first
        control.focus()
        at_its_end = control.evaluate(
            "control => control.max && control.value === control.max"
        )
        control.press("ArrowLeft" if at_its_end else "ArrowRight")
        deck.wait_for_function(
            "([part, before]) => part.innerHTML !== before",
            arg=[pictures.nth(place).element_handle(), before],
        )
        assert deck.evaluate("Reveal.getIndices().h") == at
        control.press("Escape")
        deck.keyboard.press("ArrowRight")
        assert deck.evaluate("Reveal.getIndices().h") == at + 1


def test_a_scene_rests_while_another_slide_is_shown(deck):
    for scene in deck.locator(".lim-scene").element_handles():
        deck.evaluate(
            "scene => Reveal.slide(Reveal.getIndices(scene.closest('section')).h)", scene
        )
        scene.wait_for_selector(".lim-stage", state="visible")
        deck.evaluate("scene => scene.lim.play()", scene)
        deck.evaluate("Reveal.next()")
        scene.wait_for_selector(".lim-stage", state="hidden")
        after = """scene => new Promise(done => setTimeout(
            () => done(scene.querySelector(".lim-stage").innerHTML), 300))"""
        assert deck.evaluate(after, scene) == deck.evaluate(after, scene)


def test_every_formula_is_set_and_no_markup_is_left(deck):
    assert deck.locator("mjx-merror").count() == 0
    assert deck.evaluate(RAW) == []


def test_a_misconception_is_answered_when_it_was_asked_and_sources_stay_folded(deck):
    asked = deck.locator("section.asked")
    for place in range(asked.count()):
        assert len(asked.nth(place).locator("blockquote").inner_text().split()) > 2
        assert len(asked.nth(place).locator(".fragment").text_content().split()) > 2
    seen = deck.evaluate(SEEN)
    assert not any("Standing of the sources" in text for text in seen)
    assert any("confront" in text and "could not see" in text.lower() for text in seen)


def test_every_picture_has_alt_text(deck):
    unnamed = deck.locator("section img:not([alt]), section img[alt='']")
    assert unnamed.count() == 0
    unnamed = deck.locator(
        "section svg.lim-drawing:not([aria-label]):not(.lim-scene svg)"
    )
    assert unnamed.count() == 0


def test_a_deck_works_alone(deck):
    assert deck.complaints == []


def test_a_slide_that_is_too_full_or_too_empty_would_be_found(deck):
    deck.evaluate(
        "Reveal.getSlides()[0].insertAdjacentHTML('beforeend', '<p>x</p>'.repeat(30))"
    )
    deck.evaluate("Reveal.getSlides()[1].innerHTML = '<h2>x</h2><p>y</p>'")
    full, empty = deck.evaluate(MEASURED, 2)
    assert full["over"]
    assert empty["height"] < 360

"""The built pages, as a reader's browser shows them: served on loopback, with no way out."""

import gzip
import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
from axe_playwright_python.sync_playwright import Axe

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
OUTSIDE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1)")
# The pictures of an explorer stand in the page as one long word of base64, already packed; those of
# lines are part of the page, and weigh with it.
PICTURE = re.compile(rb"[A-Za-z0-9+/=]{400,}")
COMPRESSIBLE = ("text/", "javascript", "json", "svg")

# The texts of the article that a reader cannot see whole, nor scroll to.
CLIPPED = """() => {
  const found = [], walker = document.createTreeWalker(
    document.querySelector('article.bd-article'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, holder = text.parentElement;
    if (!text.data.trim() || holder.closest('mjx-assistive-mml, script, style, .visually-hidden')
        || !holder.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    if (!box.width) continue;
    for (let e = holder; e; e = e.parentElement) {
      const flow = getComputedStyle(e).overflowX, edge = e.getBoundingClientRect();
      if (e === document.body || flow === 'hidden' || flow === 'clip') {
        if (box.right > edge.right + 1 || box.left < edge.left - 1) {
          found.push(text.data.trim().slice(0, 60));
          break;
        }
      } else if (flow === 'auto' || flow === 'scroll') break;
    }
  }
  return found;
}"""

# The article's text, code and the names of arguments apart.
TEXT = """() => {
  const copy = document.querySelector('article.bd-article').cloneNode(true);
  copy.querySelectorAll('pre, code, script, style, .headerlink, .sig, .field-list strong')
    .forEach(e => e.remove());
  return copy.textContent;
}"""

# What is wrong with the maths, beside how many formulas there are.
MATHS = r"""() => {
  const article = document.querySelector('article.bd-article'), copy = article.cloneNode(true);
  copy.querySelectorAll('pre, code, script, mjx-container').forEach(e => e.remove());
  return {
    formulas: [...article.querySelectorAll('.math')].length,
    bare: [...article.querySelectorAll('.math')]
      .filter(e => !e.querySelector('mjx-container')).map(e => e.textContent.slice(0, 60)),
    errors: [...article.querySelectorAll('mjx-merror, mjx-mtext[style*="red"]')]
      .map(e => e.outerHTML),
    raw: copy.textContent.match(/\\[()[\]].{0,40}|\$[^$\n]{0,40}\$|Math input error/g) || [],
  };
}"""

# How far a page moves after it was first shown, scored as browsers do (Cumulative Layout Shift:
# the worst burst of shifts less than a second apart, of five seconds at most). 0.1 still is good;
# we allow half of it.
SHIFTS = """
  window.shifted = 0;
  let first = -Infinity, last = -Infinity, burst = 0;
  new PerformanceObserver(list => list.getEntries().forEach(shift => {
    if (shift.hadRecentInput) return;
    if (shift.startTime - last > 1000 || shift.startTime - first > 5000) {
      first = shift.startTime;
      burst = 0;
    }
    last = shift.startTime;
    burst += shift.value;
    window.shifted = Math.max(window.shifted, burst);
  })).observe({type: 'layout-shift', buffered: true});
"""

# All that is folded is opened.
UNFOLD = """() => {
  document.documentElement.dataset.code = 'all';
  document.querySelectorAll('details').forEach(e => { e.open = true });
  document.querySelectorAll('.toggle-hidden > .admonition-title').forEach(e => e.click());
  return new Promise(done => setTimeout(done, 500));  // the theme waits until all is quiet
}"""

OF_COLOURS = ["color-contrast", "link-in-text-block"]
# The texts of a page, in their thousands, have the few contrasts of their kinds: one of each is
# tried, with all that it stands in; a link is of the kind of the text around it as well.
TWINS = """() => {
  const grounds = new Map([[null, '']]), kinds = new Set(), kept = [];
  const ground = e => {
    if (!grounds.has(e)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(e);
      const opaque = /^rgb\\(/.test(backgroundColor) && opacity === '1';
      const above = opaque ? '' : ground(e.parentElement);
      grounds.set(e, [backgroundColor, backgroundImage, opacity, above].join());
    }
    return grounds.get(e);
  };
  document.querySelectorAll('body *').forEach(e => {
    e.removeAttribute('data-twin');
    if (![...e.childNodes].some(node => node.nodeName === '#text' && node.data.trim())) return;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(e);
    const link = e.closest('a'), line = link && getComputedStyle(link).textDecoration;
    const about = link && getComputedStyle(link.parentElement).color;
    const kind = [color, fontSize, fontWeight, textShadow, ground(e), line, about].join();
    if (kinds.has(kind)) e.setAttribute('data-twin', '');
    else if (e.checkVisibility({ visibilityProperty: true })) {
      kinds.add(kind);
      kept.push(e);
    }
  });
  for (let e of kept) for (; e; e = e.parentElement) e.removeAttribute('data-twin');
}"""

# What axe-core finds and is not ours to mend: rule, part of the selector, whose it is, and a page.
NOT_OURS = (
    (
        "region",
        ".sidebar-primary-item:nth-child(1)",
        "the theme's logo is in no landmark",
        "ladder",
    ),
)

# One control with all that belongs to it, once the picture shows its value.
CONTROL = """async control => {
  const explorer = control.closest('.lim-explorer'), picture = explorer.querySelector('svg');
  const texts = JSON.parse(explorer.querySelector('script').textContent).texts;
  const at = () => [...explorer.querySelectorAll('[name]')].reduce(
    (sum, each, i) => sum * texts[i].length + +each.value, 0);
  while (at() != (explorer.dataset.shown ?? at())) await new Promise(requestAnimationFrame);
  const label = control.labels[0], name = label.querySelector('span').innerText;
  return {
    picture: picture.innerHTML, shown: label.querySelector('output').textContent.trim(),
    label: name, value: control.value,
    valuetext: control.getAttribute('aria-valuetext') ?? control.selectedOptions[0].label};
}"""


# The formulas on lines of their own that are wider than their line, beside their numbers.
WIDE = """() => [...document.querySelectorAll('article div.math')].filter(line => {
  const parts = [...line.querySelectorAll('mjx-math')].filter(e => e.checkVisibility());
  const number = line.querySelector('.eqno')?.getBoundingClientRect().width ?? 0;
  const widths = parts.map(e => e.getBoundingClientRect().width);
  return Math.max(0, ...widths) > line.clientWidth - number + 1;
}).map(line => line.id || line.textContent.slice(0, 60))"""
# Those that may be: their parts belong side by side.
MAY_BE_WIDE = ()


def visit(context, address):
    """Open a page, wait for its maths, and note every error, request and answer."""
    seen = SimpleNamespace(errors=[], outside=[], answers=[])
    # What the aborted request is for is told by its address; the console only repeats it.
    context.route(OUTSIDE, lambda route: route.abort())
    context.add_init_script(SHIFTS)
    page = context.new_page()
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    page.on(
        "console",
        lambda message: seen.errors.append(message.text) if message.type == "error" else None,
    )
    page.on(
        "request",
        lambda request: seen.outside.append(request.url) if OUTSIDE.match(request.url) else None,
    )
    page.on("response", lambda answer: seen.answers.append(answer))
    page.goto(address)
    page.wait_for_function("() => !window.MathJax || MathJax.startup.promise.then(() => true)")
    seen.page = page
    return seen


def step(control):
    """Move a control by one step with the keyboard; tell what it was before and is after."""
    before = control.evaluate(CONTROL)
    for forward, back in (("ArrowRight", "ArrowLeft"), ("ArrowDown", "ArrowUp")):
        control.press(forward)
        if control.input_value() == before["value"]:
            control.press(back)
        if control.input_value() != before["value"]:
            break
    # the pictures are unpacked when they are first asked for
    for _ in range(50):
        after = control.evaluate(CONTROL)
        if after["picture"] != before["picture"]:
            break
        control.page.wait_for_timeout(100)
    return before, after


@pytest.fixture(scope="module")
def page(request, browser, site):
    """One page of the book, opened once, with a cache of its own."""
    context = browser.new_context(viewport=DESKTOP, reduced_motion="reduce")
    context.set_default_timeout(20_000)
    yield visit(context, f"{site}/{request.param}.html")
    context.close()


def test_a_page_has_one_title_and_headings_without_gaps(page):
    levels = page.page.eval_on_selector_all(
        "article.bd-article :is(h1, h2, h3, h4, h5, h6)", "all => all.map(e => +e.tagName[1])"
    )
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_every_picture_says_what_it_shows(page):
    silent = page.page.eval_on_selector_all(
        "img, [role=img]",
        """all => all.filter(e => !(e.alt ?? e.getAttribute('aria-label') ?? '').trim())
        .map(e => e.outerHTML.slice(0, 120))""",
    )
    assert silent == []


def test_no_warning_and_no_traceback_reaches_a_page(page):
    assert page.page.locator(".output.stderr, .output.traceback").count() == 0


def test_no_markup_is_left_as_it_was_typed(page):
    text = page.page.evaluate(TEXT)
    assert (
        re.findall(r"\|\s*[-—:]+\s*\|.{0,40}|^#+ .{0,40}|\*\*.{0,40}|\{\w+\}`.{0,40}", text, re.M)
        == []
    )


def test_all_maths_is_typeset(page):
    maths = page.page.evaluate(MATHS)
    assert (maths["bare"], maths["errors"], maths["raw"]) == ([], [], [])


def test_a_page_weighs_at_most_one_megabyte_and_its_explorers_one_and_a_half(page):
    transferred = explorers = 0
    for answer in page.answers:
        body = answer.body()
        kind = answer.headers.get("content-type", "")
        if "html" in kind:
            explorers += sum(map(len, PICTURE.findall(body)))
            body = PICTURE.sub(b"", body)
        compressed = any(word in kind for word in COMPRESSIBLE)
        transferred += len(gzip.compress(body)) if compressed else len(body)
    assert transferred <= 1_000_000
    assert explorers <= 1_500_000


def test_nothing_jumps_while_a_page_loads(page):
    assert page.page.evaluate("window.shifted") <= 0.05


def violations(page, **choice):
    """What axe-core finds, by rule and selector; by the rules that are chosen."""
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options | choice).response
    return {
        (violation["id"], " ".join(map(str, node["target"]))): node["failureSummary"]
        for violation in found["violations"]
        for node in violation["nodes"]
    }


def faint(page):
    """What stands out too little, of each kind one: text from its ground, links from the text."""
    page.evaluate(TWINS)
    # Of a ground with the shadow that tells of more to scroll, axe-core says nothing.
    style = page.add_style_tag(
        content="[data-twin] { visibility: hidden } pre { background-image: none !important }"
    )
    found = violations(page, runOnly=OF_COLOURS)
    style.evaluate("e => e.remove()")
    return found


def excused(rule, selector):
    return any(rule == known and part in selector for known, part, *_ in NOT_OURS)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_serves_readers_of_all_abilities(page, theme):
    """By all rules of axe-core; in the dark, where only colours differ, by those of colours."""
    page.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.page.evaluate(UNFOLD)
    faults = faint(page.page)
    if theme == "light":
        faults |= violations(page.page, rules={rule: {"enabled": False} for rule in OF_COLOURS})
    assert {key: why for key, why in faults.items() if not excused(*key)} == {}


def test_nothing_moves_for_a_reader_who_asked_for_less_motion(page):
    moving = page.page.evaluate("""() => [...document.querySelectorAll('*')].filter(e => {
      const style = getComputedStyle(e);
      return parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none';
    }).map(e => e.outerHTML.slice(0, 80))""")
    assert moving == []


def test_every_control_changes_its_picture_by_keyboard_and_says_its_value(page):
    for control in page.page.locator(".lim-explorer [name]").all():
        before, after = step(control)
        assert before["label"]
        for part in ("picture", "valuetext", "shown"):
            assert before[part]
            assert after[part] not in ("", before[part]), part
        for end in ("Home", "End"):
            control.press(end)
            assert control.evaluate(CONTROL)["valuetext"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_focused_control_is_seen(page, theme):
    page.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    slider = page.page.locator(".lim-explorer input[type=range]").first
    if slider.count():
        slider.focus()
        outline = slider.evaluate(
            "e => [getComputedStyle(e).outlineStyle, getComputedStyle(e).outlineWidth]"
        )
        assert outline[0] != "none"
        assert float(outline[1].removesuffix("px")) >= 2


def test_nothing_is_wider_than_a_phone(page):
    page.page.set_viewport_size(PHONE)
    width = page.page.evaluate("document.scrollingElement.scrollWidth")
    assert width <= PHONE["width"]
    assert page.page.evaluate(CLIPPED) == []


def test_a_formula_on_a_line_of_its_own_fits_a_phone(page):
    page.page.set_viewport_size(PHONE)
    assert set(page.page.evaluate(WIDE)) <= set(MAY_BE_WIDE)


def test_no_script_fails_and_nothing_is_asked_of_another_computer(page):
    """Last, so that all which the tests above did to the page counts."""
    assert page.errors == []
    assert page.outside == []


@pytest.mark.parametrize(("rule", "part", "whose", "name"), NOT_OURS)
def test_an_exception_to_the_rules_is_still_needed(browser, site, rule, part, whose, name):
    context = browser.new_context(viewport=DESKTOP)
    opened = visit(context, f"{site}/chapters/{name}.html")
    assert any(part in selector for _, selector in violations(opened.page, runOnly=[rule])), whose
    context.close()


def test_search_finds_a_chapter_by_a_word_of_its_title(browser, site, chapter):
    word = max(re.findall(r"[a-z]+", chapter.stem), key=len)
    context = browser.new_context(viewport=PHONE)
    found = visit(context, f"{site}/search.html?q={word}")
    found.page.wait_for_selector(f".lim-found a[href*='{chapter.stem}']", timeout=10_000)
    assert (found.errors, found.outside) == ([], [])
    context.close()


def test_the_book_works_from_its_files_without_a_server(browser, built, chapter):
    context = browser.new_context(viewport=DESKTOP)
    opened = visit(context, (built / "chapters" / f"{chapter.stem}.html").as_uri())
    maths = opened.page.evaluate(MATHS)
    assert maths["formulas"] > 0
    assert (maths["bare"], maths["errors"], maths["raw"]) == ([], [], [])
    control = opened.page.locator(".lim-explorer [name]").first
    if control.count():
        before, after = step(control)
        assert after["picture"] != before["picture"]
    assert (opened.errors, opened.outside) == ([], [])
    context.close()

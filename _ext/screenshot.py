"""Photograph a page of the built book, into assets/page.webp, for the README."""

import io
import sys
from pathlib import Path

import chromium
from PIL import Image

ROOT = Path(__file__).parents[1]
PAGE = "chapters/02-a-bit-is-a-barrier.html"
SHOWN = "[data-scene=marble]"
SIZE = {"width": 1280, "height": 800}
TYPESET = "() => MathJax.startup.promise.then(() => document.fonts.ready).then(() => true)"


def photograph(browser, page=ROOT / "_build" / "html" / PAGE):
    """Return the picture of a page, at the place that is to be shown."""
    tab = browser.new_page(viewport=SIZE, color_scheme="light")
    tab.goto(page.as_uri())
    tab.wait_for_function(TYPESET)
    tab.locator(SHOWN).evaluate("e => e.scrollIntoView({ block: 'center' })")
    tab.wait_for_timeout(8000)  # the marbles move
    kept = io.BytesIO()
    Image.open(io.BytesIO(tab.screenshot())).save(kept, "webp", quality=70, method=6)
    tab.close()
    return kept.getvalue()


if __name__ == "__main__":
    if chromium.find() is None:
        sys.exit(chromium.MISSING)
    with chromium.launch() as browser:
        (ROOT / "assets" / "page.webp").write_bytes(photograph(browser))

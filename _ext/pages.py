"""What a page tells those who do not see it: search engines, previews, screen readers."""

import os
import re
from hashlib import sha256
from html import escape
from pathlib import Path

from docutils import nodes

PICTURE = "ladder.png"
LONGEST = 300

# The theme decides between light and dark only when the whole page is read, and its first style
# without either: the page would flash and jump.
THEME_AT_ONCE = """\
(root => {
  const wanted = root.dataset.mode;
  root.dataset.theme = wanted === "light" || wanted === "dark" ? wanted
    : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
})(document.documentElement);
"""

# The theme lets the keyboard reach what scrolls, but looks again only when the window changes, and
# not when something that scrolls is unfolded.
UNFOLDED_IS_REACHED = """\
for (const kind of ["click", "toggle"])
  document.addEventListener(kind, event => {
    if (event.target.closest(".admonition.dropdown, details")) dispatchEvent(new Event("resize"));
  }, true);
"""

# The theme's folds in the table of contents are arrows without a name.
FOLDS_ARE_NAMED = """\
addEventListener("DOMContentLoaded", () =>
  document.querySelectorAll(".bd-sidebar-primary summary").forEach(fold => {
    const page = fold.closest("li").querySelector("a").textContent.trim();
    fold.setAttribute("aria-label", `Pages of ${page}`);
  }));
"""


def question_or_opening(doctree):
    """Return what the page opens with, as plain text: its question, else its first paragraph."""
    quotes = (quote.astext() for quote in doctree.findall(nodes.block_quote))
    paragraphs = (
        node.astext()
        for node in doctree.findall(nodes.paragraph)
        if isinstance(node.parent, nodes.section)
    )
    question = next((quote for quote in quotes if quote.rstrip().endswith("?")), None)
    return re.sub(r"[\\{}]", "", " ".join((question or next(paragraphs, "")).split()))


def shorten(text):
    """Cut text after its last sentence, else its last word, that ends in time."""
    if len(text) <= LONGEST:
        return text
    start = text[:LONGEST]
    return start[: start.rfind(". ") + 1] or start.rsplit(" ", 1)[0] + " …"


def describe(app, pagename, templatename, context, doctree):
    """Give the page its description, and the title, words and picture of its preview."""
    if doctree is None:
        return
    described = shorten(question_or_opening(doctree))
    base = app.config.html_baseurl
    picture = f"_static/{PICTURE}"
    preview = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": doctree.next_node(nodes.title).astext(),
        "og:description": described,
        # Previews want whole addresses; without one, the picture's place beside the page.
        "og:image": base + picture if base else context["pathto"](picture, 1),
        "og:image:alt": "The ladder of bounds on the energy of learning.",
    }
    if base:
        preview["og:url"] = f"{base}{pagename}.html"
    tags = [f'<meta name="description" content="{escape(described)}" />']
    tags += [
        f'<meta property="{key}" content="{escape(value)}" />' for key, value in preview.items()
    ]
    tags.append('<meta name="twitter:card" content="summary_large_image" />')
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


def say_what_pictures_show(app, doctree):
    """Put the words for a cell's picture where screen readers look: a picture of lines has no alt.

    What a cell shows as HTML knows nothing of the words in the cell's settings.
    """
    for cell in doctree.findall(nodes.container):
        words = cell.get("cell_metadata", {}).get("mystnb", {}).get("image", {}).get("alt")
        for shown in cell.findall(nodes.raw) if words else ():
            named = f'<svg class="lim-picture" role="img" aria-label="{escape(words)}"'
            text = shown.astext().replace('<svg class="lim-picture" role="img"', named, 1)
            if text.startswith(named):
                shown.replace_self(nodes.raw("", text, **shown.attributes))


def mend(app, pagename, templatename, context, doctree):
    """Put right what other extensions write into the page's body.

    The bibliography's entries have a role that is retired, so that its list was none to screen
    readers; all exercises of a page share one id; pandas heads the corners of a table with nothing.
    """
    for wrong, right in (
        ('role="doc-biblioentry"', 'role="listitem"'),
        ('<section id="exercise-content">', "<section>"),
        ('<section id="solution-content">', "<section>"),
        ("<th></th>", "<td></td>"),
    ):
        context["body"] = context.get("body", "").replace(wrong, right)


def know_the_address(app, config):
    """Take from ``BOOK_URL`` where the book will be published, when that is known."""
    base = os.environ.get("BOOK_URL", "")
    config.html_baseurl = base.rstrip("/") + "/" if base else ""


def key_the_pages(app, config):
    """Have all pages written again when their style changes, which Sphinx does not look at."""
    paths = [*Path(app.srcdir, "assets").rglob("*.*"), *Path(app.srcdir, "_ext").glob("*.py")]
    paths = sorted(path for path in paths if path.is_file())
    config.assets_digest = sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def ask_the_registry(app, uri):
    """Check a DOI where it is registered: publishers turn programs away."""
    base = "https://doi.org/"
    return uri.replace(base, f"{base}api/handles/", 1) if uri.startswith(base) else None


def setup(app):
    """Register the extension."""
    app.add_js_file(None, body=THEME_AT_ONCE, priority=1)
    app.add_js_file(None, body=UNFOLDED_IS_REACHED)
    app.add_js_file(None, body=FOLDS_ARE_NAMED)
    app.add_config_value("assets_digest", "", "html")
    app.connect("config-inited", know_the_address)
    app.connect("config-inited", key_the_pages)
    app.connect("linkcheck-process-uri", ask_the_registry)
    app.connect("doctree-read", say_what_pictures_show)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What a page tells those who do not see it: search engines, previews, screen readers."""

import re
from hashlib import sha256
from html import escape
from pathlib import Path

import previews
from addresses import whole
from docutils import nodes
from place import FRONT
from plain import words

GLOSSARY = "chapters/glossary.md"
CARDS = "_static/cards"
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


def stands_in_the_text(paragraph):
    """Say whether a paragraph is the page's own, or what its code says at once."""
    holder = paragraph.parent
    while isinstance(holder, nodes.container):
        holder = holder.parent
    return isinstance(holder, nodes.section)


def question(doctree):
    """Return the question that the page opens with, or nothing."""
    quotes = (words(quote) for quote in doctree.findall(nodes.block_quote))
    return next((quote for quote in quotes if quote.endswith("?")), "")


def opening(doctree):
    """Return the page's first paragraph, or nothing."""
    paragraphs = filter(stands_in_the_text, doctree.findall(nodes.paragraph))
    return words(next(paragraphs, nodes.paragraph()))


def shorten(text):
    """Cut text after its last sentence, else its last word, that ends in time."""
    if len(text) <= LONGEST:
        return text
    start = text[: LONGEST - 2]
    end = max(start.rfind(". "), start.rfind("? "))
    return start[: end + 1] or start.rsplit(" ", 1)[0] + " …"


def preview_of(app, pagename, title, described):
    """Return the name of the page's card, drawn if it is a page that readers share."""
    if not pagename.startswith("chapters/"):
        pagename = FRONT
    else:
        source = Path(app.env.doc2path(pagename))
        front = pagename == FRONT
        place = Path(app.outdir, CARDS, f"{Path(pagename).name}.png")
        place.parent.mkdir(parents=True, exist_ok=True)
        book = app.config.html_title
        shown = (book, title) if front else (title, described)
        place.write_bytes(previews.card(*shown, source, book=book))
    return f"{CARDS}/{Path(pagename).name}.png"


def describe(app, pagename, templatename, context, doctree):
    """Give the page its description, and the title, words and picture of its preview."""
    if doctree is None:
        return
    title = words(doctree.next_node(nodes.title))
    asked = question(doctree)
    described = shorten(asked or opening(doctree))
    picture = preview_of(app, pagename, title, described)
    base = app.config.html_baseurl
    preview = {
        "og:type": "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": described,
        # Previews want whole addresses; without one, the picture's place beside the page.
        "og:image": base + picture if base else context["pathto"](picture, 1),
        "og:image:width": str(previews.WIDTH),
        "og:image:height": str(previews.HEIGHT),
        "og:image:alt": f"{title}. {described}" if asked else title,
    }
    if base:
        preview["og:url"] = whole(app, pagename)
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
            named = f'<svg class="lim-drawing" role="img" aria-label="{escape(words)}"'
            text = shown.astext().replace('<svg class="lim-drawing" role="img"', named, 1)
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
    # a symbol is a name for the eye alone
    context["body"] = re.sub(
        r'(<a class="lim-symbol[^>]*) title=', r"\1 aria-label=", context["body"]
    )


def key_the_pages(app, config):
    """Have all pages written again when their style changes, which Sphinx does not look at."""
    root = Path(app.srcdir)
    paths = [*root.glob("assets/**/*.*"), *root.glob("_ext/**/*.*"), root / GLOSSARY]
    paths = sorted(path for path in paths if path.is_file() and path.suffix != ".pyc")
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
    app.connect("config-inited", key_the_pages)
    app.connect("linkcheck-process-uri", ask_the_registry)
    app.connect("doctree-read", say_what_pictures_show)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

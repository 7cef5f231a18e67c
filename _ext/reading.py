"""The written pages, read back: what they say, in plain text, with their formulas in one line."""

import re
from html import escape
from pathlib import Path

from bs4 import BeautifulSoup, NavigableString
from bs4.element import PreformattedString
from plain import plain

# What is heavy and says nothing.
SILENT = re.compile(r'<(script|style|svg|pre)\b.*?</\1>|(?<=src=")data:[^"]*', re.S)
SKIPPED = {"button", "img", "input", "select", "textarea", "output"}
SKIPPED_CLASSES = {"headerlink", "cell_input", "eqno", "toctree-wrapper", "lim-controls"}
BLOCKS = {"p", "li", "td", "th", "tr", "dt", "dd", "div", "figcaption", "br"}


def article(page):
    """Return the article of a written page, or None."""
    begin, end = page.find('<article class="bd-article"'), page.rfind("</article>")
    text = SILENT.sub("", page[begin:end])
    return BeautifulSoup(text, "html.parser").article if begin >= 0 else None


def pages(app):
    """Yield the address, the text and the article of each written page."""
    for name in sorted(app.env.all_docs):
        page = Path(app.builder.get_outfilename(name)).read_text(encoding="utf-8")
        if found := article(page):
            yield app.builder.get_target_uri(name), page, found


def is_silent(element):
    """Say whether an element adds nothing to what is read."""
    return element.name in SKIPPED or SKIPPED_CLASSES.intersection(element.get("class", ()))


def is_formula(element):
    """Say whether an element is a formula that is yet to be typeset."""
    return "math" in element.get("class", ())


def formula(element):
    """Return what was typed for a formula, without its number."""
    typed = (child for child in element.children if isinstance(child, NavigableString))
    return re.sub(r"^\s*\\[(\[]|\\[)\]]\s*$", "", "".join(typed).strip()).strip()


def pieces(element, stop=lambda child: False):
    """Yield the texts in an element, but for the parts at which to stop."""
    for child in element.children:
        if isinstance(child, NavigableString):
            if not isinstance(child, PreformattedString):
                yield str(child)
        elif is_silent(child) or stop(child):
            continue
        elif is_formula(child):
            yield plain(formula(child))
        else:
            yield from pieces(child, stop)
            yield " " if child.name in BLOCKS else ""


def text(element, stop=lambda child: False):
    """Return what an element says, in one line."""
    return " ".join("".join(pieces(element, stop)).split())


def typed(element):
    """Return what an element says as simple HTML, its formulas still to be typeset."""
    parts = []
    for child in element.children:
        if isinstance(child, NavigableString):
            if not isinstance(child, PreformattedString):
                parts.append(escape(" ".join(f"_{child}_".split())[1:-1], quote=False))
        elif is_silent(child):
            continue
        elif is_formula(child):
            shown = rf"\[{formula(child)}\]" if child.name == "div" else rf"\({formula(child)}\)"
            parts.append(f'<{child.name} class="math">{escape(shown)}</{child.name}>')
        elif child.name in ("em", "strong", "code", "p", "sub", "sup"):
            parts.append(f"<{child.name}>{typed(child)}</{child.name}>")
        else:
            parts.append(typed(child))
    return "".join(parts)

"""The index of the search: each section, exercise, solution and entry, and what it says."""

from html import escape
from unicodedata import normalize

from reading import text

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BOXES = {"exercise", "solution"}


def is_part(element):
    """Say whether an element is found by itself."""
    return element.get("id") and (
        element.name in ("section", "dt")
        or {"citation", *BOXES}.intersection(element.get("class", ()))
    )


def title_of(part):
    """Return what a part is called."""
    if part.name == "dt":
        name = part.select_one(".sig-name")
        return text(name or part)
    names = HEADINGS if part.name == "section" else ("p", "span")
    return text(part.find(names, recursive=False)).strip("[] ")


def stops(element):
    """Say whether an element does not belong to the text around it."""
    entries = element.name == "dl" and element.find("dt", id=True, recursive=False)
    return bool(entries or is_part(element)) or element.name in HEADINGS or is_title(element)


def is_title(element):
    """Say whether an element is the title of a box, or the label of a work."""
    return bool({"admonition-title", "label"}.intersection(element.get("class", ())))


def text_of(part):
    """Return what a part says beside its title and the parts in it."""
    if part.name != "dt":
        return text(part, stops)
    entry = part.find_next_sibling("dd")
    if "sig" not in part.get("class", ()):
        return text(entry)
    first = entry.find("p", recursive=False)
    return text(first) if first else ""


def parts(article):
    """Yield the name, the title and the text of all that is found by itself on a page."""
    for part in filter(is_part, article.find_all(["section", "dt", "div"])):
        yield [part["id"], prepared(title_of(part)), prepared(text_of(part))]


def prepared(words):
    """Return words as the script wants them: accents behind their letters, HTML escaped."""
    return escape(normalize("NFD", words), quote=False)


def index(pages):
    """Return the index: each page with its address, its title and its parts."""
    found = ((address, list(parts(article))) for address, _, article in pages)
    return [[address, page[0][1], *page] for address, page in found]

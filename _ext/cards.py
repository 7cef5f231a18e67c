"""The cards of what the pages refer to: an equation, a figure, an exercise, a work, a word."""

import posixpath
import re
from html import escape, unescape

from finding import title_of
from reading import formula, is_formula, text, typed

# Links in the text that name a place on a page of the book.
LINK = re.compile(
    r'<a class="(?:reference internal|lim-api|lim-\w+ reference internal)" href="([^":]*#[^"]+)"'
)
LONGEST = 600


def targets(pages):
    """Return the names of the places that the pages refer to, by the address of their page."""
    found = {}
    for address, page, _ in pages:
        for link in LINK.findall(page):
            path, _, place = unescape(link).partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(address), path))
            found.setdefault(path if link[0] != "#" else address, set()).add(place)
    return found


def titled(title, *parts):
    """Return a card with its title, if it says anything."""
    said = "".join(parts)
    return f"<b>{title}</b> {said}" if said and len(said) < 4 * LONGEST else ""


def first_paragraph(element):
    """Return the first paragraph in an element that is no title, typed."""
    for paragraph in element.find_all("p"):
        if "admonition-title" not in paragraph.get("class", ()):
            return typed(paragraph)
    return ""


def of_equation(place):
    """Return the card of an equation, with its number."""
    number = place.find(class_="eqno")
    typeset = escape(rf"\[{formula(place)}\]")
    return titled(
        f"Equation {number.find(string=True)}" if number else "",
        f'<div class="math">{typeset}</div>',
    )


def of_figure(place):
    """Return the card of a figure: its caption; the picture is taken from the page."""
    caption = place.find("figcaption")
    return typed(caption) if caption else ""


def of_entry(place):
    """Return the card of a term or of a name of the library."""
    entry = place.find_parent("tr") or place.find_next_sibling("dd")
    if "sig" not in place.get("class", ()):
        return titled(typed(place), first_paragraph(entry))
    maths = entry.find("div", class_="math")
    shown = typed(maths.parent) if maths else ""
    return titled(f"<code>{escape(text(place))}</code>", first_paragraph(entry), shown)


def of_symbol(row, also):
    """Return the card of a symbol: what it means, its unit, and what else it may mean."""
    symbol, *cells = row.find_all("td")
    heads = [text(head) for head in row.find_parent("table").find_all("th")][1:]
    said = dict(zip(heads, map(typed, cells), strict=True))
    unit = re.sub("<.?p>", "", said.get("unit", ""))
    parts = [said["meaning"], f"<p>Unit: {unit}</p>" if unit not in ("", "1") else ""]
    keys = [text(math) for math in symbol.find_all(class_="math")]
    parts += [f"<p>Also: {also[key]}</p>" for key in keys if key in also]
    return titled(re.sub("<.?p>", "", typed(symbol)), *parts)


def second_meanings(article):
    """Return what else the letters of the notation mean, by the letter."""
    found = {}
    for row in article.find_all("tr"):
        cells = row.find_all("td")
        if len(cells) == 3 and cells[0].find(class_="math"):
            found[text(cells[0])] = re.sub("<.?p>", "", typed(cells[2]))
    return found


def card(place, also):
    """Return the card of a place, or nothing."""
    kinds = set(place.get("class", ()))
    if is_formula(place):
        return of_equation(place)
    if place.name == "figure":
        return of_figure(place)
    if place.name == "dt":
        return of_entry(place)
    if place.name == "tr":
        return of_symbol(place, also)
    if place.name == "section" or kinds & {"exercise", "solution", "citation"}:
        return titled(escape(title_of(place)), first_paragraph(place))
    return card(place.find_parent("section"), also) if place.name == "span" else ""


def cards(pages):
    """Return the cards of all places that are referred to, by page and name."""
    found, also = {}, {}
    wanted = targets(pages)
    for address, _, article in pages:
        if address.endswith("notation.html"):
            also = second_meanings(article)
    for address, _, article in pages:
        names = wanted.get(address, set())
        places = {element["id"]: element for element in article.find_all(id=True)}
        made = {name: card(places[name], also) for name in sorted(names & places.keys())}
        found[address] = {name: said for name, said in made.items() if said}
    return found

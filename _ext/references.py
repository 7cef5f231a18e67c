"""What the references of the book stand for, in words and as links, where Sphinx does not say it.

Notebooks to be run elsewhere and slides show the texts of the chapters without it.
"""

import re
from pathlib import Path
from typing import NamedTuple

from book import label
from numbering import NAMES, numbers, pages, read, title
from pybtex.database import parse_file

# Roles that stand for their text, and those that stand for a name in code.
TEXTS = {"doc", "ref", "term", "index", "abbr"}
CODES = {
    "func",
    "class",
    "meth",
    "mod",
    "obj",
    "py:func",
    "py:class",
    "py:meth",
    "py:mod",
    "py:obj",
}
_ROLE = re.compile(r"\{(?P<role>[a-z:]+)\}`(?P<text>[^`<]*?)(?: *<(?P<target>[^`>]+)>)?`")
MATHS = re.compile(r"\$\$(?P<maths>.*?)\$\$(?: *\((?P<label>[\w-]+)\))?", flags=re.DOTALL)
_LINK = re.compile(
    r"(?<!!)\[(?P<text>[^][]+)\]\((?P<path>[^):#\s]+\.(?:ipynb|md))?(?:#(?P<anchor>[\w-]+))?\)"
)
_TARGET = re.compile(r"^\(([\w-]+)\)=$", flags=re.MULTILINE)


class Unknown(ValueError):
    """What would be shown as it is typed."""

    def __init__(self, kind, name, known):
        super().__init__(
            f"a {kind} of a notebook must be one of {', '.join(sorted(known))}; it is {name}"
        )


class Place(NamedTuple):
    """Where something with a label is found: its page, what it is called, its name on the page."""

    page: str
    words: str
    anchor: str


class Book:
    """What the references of the book stand for.

    Parameters
    ----------
    root : Path
        The folder of the book's sources.
    """

    def __init__(self, root):
        self.works = parse_file(root / "references.bib").entries
        self.notebooks, self.titles, self.places = set(), {}, {}
        for page, path in pages(root).items():
            cells = read(path)
            self.titles[page] = title(cells)
            if path.suffix == ".ipynb":
                self.notebooks.add(page)
            for kind, found in numbers(page, cells).items():
                for name, number in found.items():
                    anchor = f"equation-{name}" if kind == "displaymath" else name
                    self.places[name] = Place(page, NAMES[kind].format(number), anchor)
            for cell in cells:
                for name in _TARGET.findall(cell.source):
                    self.places[name] = Place(page, self.titles[page], name)

    def place(self, name):
        """Return where the thing with this label is found."""
        if name not in self.places:
            raise ValueError(f"a label must stand somewhere in the book; {name} does not")
        return self.places[name]


def published(book, base=""):
    """Links to the pages, if it is known where they are published."""
    folder = base.rstrip("/") + "/"

    def address(page, anchor=""):
        return f"{folder}{page}.html" + (f"#{anchor}" if anchor else "") if base else None

    return address


def beside(book, base=""):
    """Links of copies that stand in one folder: to each other, and else to the pages."""
    pages = published(book, base)

    def address(page, anchor=""):
        if page not in book.notebooks:
            return pages(page, anchor)
        return f"{Path(page).name}.ipynb" + (f"#{anchor}" if anchor else "")

    return address


class Words:
    """Replaces what MyST has beyond Markdown in the texts of one page.

    Parameters
    ----------
    book : Book
    page : str
        Whose texts they are.
    address : callable
        Returns where a page and an anchor on it are reached, or None. Without, nothing is linked.
    """

    def __init__(self, book, page, address=None):
        self.book, self.page, self.address = book, page, address

    def linked(self, text, page, anchor=""):
        """Text that leads to a place of the book, if that can be reached."""
        if not self.address:
            return text
        to = f"#{anchor}" if anchor and page == self.page else self.address(page, anchor)
        return f"[{text}]({to})" if to else text

    def anchor(self, name):
        """The name of a place, for links to lead to."""
        return f'<a id="{name}"></a>' if self.address else ""

    def path(self, name):
        """The page that is called so on this page."""
        if name.startswith("/"):
            return name.removeprefix("/")
        return (Path(self.page).parent / name).as_posix()

    def work(self, key, text):
        """Text that leads to a work where it is published."""
        fields = self.book.works[key].fields
        to = fields.get("url")
        if "eprint" in fields:
            to = f"https://arxiv.org/abs/{fields['eprint']}"
        if "doi" in fields:
            to = f"https://doi.org/{fields['doi']}"
        return f"[{text}]({to})" if to and self.address else text

    def cited(self, keys, textual):
        """Works as the pages cite them: [One and Two, 2024], or One and Two [2024]."""
        labels = [(key, label(self.book.works[key])) for key in map(str.strip, keys.split(","))]
        if not textual:
            return f"[{', '.join(self.work(key, name) for key, name in labels)}]"
        split = [(key, *name.rsplit(", ", 1)) for key, name in labels]
        return ", ".join(f"{who} [{self.work(key, year)}]" for key, who, year in split)

    def role(self, match):
        """What stands for a role."""
        role, text, target = match["role"], match["text"], match["target"]
        name = (target or text).strip()
        if role in ("eq", "numref"):
            page, number, anchor = self.book.place(name)
            return self.linked(number, page, anchor)
        if role.startswith("cite"):
            return self.cited(name, textual=role == "cite:t")
        if role == "doc":
            page = self.path(name)
            return self.linked(text if target else self.book.titles[page], page)
        if role == "ref" and (name in self.book.places or not target):
            page, words, anchor = self.book.place(name)
            return self.linked(text if target else words, page, anchor)
        if role in TEXTS:
            return text
        if role.removeprefix("py:") in CODES:
            return f"`{text.rsplit('.', 1)[-1] if text.startswith('~') else text}`"
        raise Unknown("role", role, {"eq", "numref", "cite", "cite:t", *TEXTS, *CODES})

    def link(self, match):
        """What stands for a link to a source of the book."""
        if not match["path"]:
            if match["anchor"] not in self.book.places:
                return match[0]
            page, _, anchor = self.book.place(match["anchor"])
            return self.linked(match["text"], page, anchor)
        page = self.path(Path(match["path"]).with_suffix("").as_posix())
        return self.linked(match["text"], page, match["anchor"] or "")

    def maths(self, match):
        """A displayed formula with its number."""
        if not match["label"]:
            return match[0]
        place = self.book.place(match["label"])
        tagged = f"$${match['maths'].rstrip()} \\tag{{{place.words.strip('()')}}} $$"
        return "\n".join(filter(None, [self.anchor(place.anchor), tagged]))

    def text(self, text):
        """Markdown whose references, links and formulas are resolved."""
        text = MATHS.sub(self.maths, text)
        text = _TARGET.sub(lambda match: self.anchor(match[1]), text)
        return _ROLE.sub(self.role, _LINK.sub(self.link, text))

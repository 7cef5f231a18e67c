"""Numbers by chapter: equation (7.4), Fig. 7.1, Exercise 7.1, the same wherever they are shown.

A chapter's number stands in its title; another page that numbers something has a letter, below.
So nothing that is added to one page moves a number of another. Pages get their numbers from
Sphinx, counted again within each page; notebooks and slides count the labels of the sources.
"""

import re

import nbformat
import yaml
from sphinx.errors import ExtensionError

LETTERS = {
    "chapters/index": "W",  # welcome
    "chapters/preface": "P",
    "chapters/record-your-run": "R",
    "chapters/your-run": "U",
    "chapters/your-own-machine": "Y",
    "chapters/field-2026": "F",
    "chapters/how-sure": "H",
    "chapters/notation": "N",
    "chapters/ladder": "L",
}
NAMES = {"displaymath": "({})", "figure": "Fig. {}", "exercise": "Exercise {}"}
_LABEL = re.compile(
    r"\$\$ *\((?P<displaymath>[\w-]+)\)"
    r"|^[`:]{3,}\{exercise-start\}.*\n:label: *(?P<exercise>\S+)"
    r"|^[`:]{3,}\{figure\}.*\n(?::.*\n)*?:name: *(?P<figure>\S+)",
    flags=re.MULTILINE,
)
_CHAPTER = re.compile(r"(\d+)\. ")


def mark(page, title):
    """What stands before the dot in the numbers of a page.

    >>> mark("chapters/07-the-update-wall", "7. The update-wall")
    '7'
    >>> mark("chapters/field-2026", "The field in 2026")
    'F'
    """
    if chapter := _CHAPTER.match(title):
        return chapter[1]
    if page not in LETTERS:
        raise ExtensionError(
            f"a page that numbers something must be a chapter or have a letter in "
            f"_ext/numbering.py: {page} has none"
        )
    return LETTERS[page]


def read(path):
    """Return the cells of a page: of a notebook its own, of a text the one that it would be."""
    if path.suffix == ".ipynb":
        return nbformat.read(path, as_version=4).cells
    return [nbformat.v4.new_markdown_cell(path.read_text(encoding="utf-8"))]


def pages(root):
    """Return the path of each page of the book that is a notebook or a text, in its order."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    paths = {name: list(root.glob(f"{name}.*")) for name in [contents["root"], *listed]}
    return {
        name: path
        for name, found in paths.items()
        for path in found
        if path.suffix in (".ipynb", ".md")
    }


def title(cells):
    """Return the title of a page."""
    return re.search(r"^# +(.+)$", cells[0].source, flags=re.MULTILINE)[1]


def labels(cells):
    """Yield kind and label of all that a page numbers, in order."""
    for cell in cells:
        if cell.cell_type == "markdown":
            for found in _LABEL.finditer(cell.source):
                yield found.lastgroup, found[found.lastgroup]
        elif figure := cell.metadata.get("mystnb", {}).get("figure"):
            yield "figure", figure["name"]


def numbers(page, cells):
    """Return the number of each label of a page, by kind.

    >>> cells = [nbformat.v4.new_markdown_cell("# 7. Walls\\n$$ a $$ (eq-a)\\n$$ b $$ (eq-b)")]
    >>> numbers("chapters/07-walls", cells)
    {'displaymath': {'eq-a': '7.1', 'eq-b': '7.2'}}
    """
    found = {}
    for kind, label in labels(cells):
        found.setdefault(kind, []).append(label)
    return {
        kind: {label: f"{mark(page, title(cells))}.{place}" for place, label in enumerate(names, 1)}
        for kind, names in found.items()
    }


def give_back(app, env):
    """Let Sphinx find the numbers that it gave, and not ours, to see which pages have changed."""
    env.toc_fignumbers = getattr(env, "lim_counted", {})
    return []


def count_by_page(app, env):
    """Count again, within each page, what Sphinx has counted through the book."""
    before = getattr(env, "lim_numbered", {})
    env.lim_counted = env.toc_fignumbers
    env.toc_fignumbers = env.lim_numbered = {
        page: {
            kind: {
                place: (mark(page, env.titles[page].astext()), number)
                for number, place in enumerate(places, 1)
            }
            for kind, places in kinds.items()
        }
        for page, kinds in env.lim_counted.items()
    }
    # any page may refer to what has another number now
    return env.found_docs if env.lim_numbered != before else []


def setup(app):
    """Register the extension."""
    app.connect("env-get-updated", give_back, priority=400)
    app.connect("env-get-updated", count_by_page, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

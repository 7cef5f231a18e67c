"""Notebooks that plain Jupyter shows as the book does: every reference resolved, solutions folded.

The chapters are written in MyST, which JupyterLite, Colab and Jupyter itself show as it stands. In
a reader's copy a reference reads as on the page and leads there, an equation carries its number, a
figure its caption, exercises and boxes are quotations, and what is folded is folded: solutions, and
code that imports or asks for a picture that moves. Code and outputs stay as they are.
"""

import re

import nbformat
from folding import mostly_imports
from notebooks import tidy
from references import MATHS, Unknown, Words

BOXES = {"admonition", "note", "tip", "hint", "important", "warning", "caution", "seealso"}
AGAIN = ", continued"
MOVES = ("Explorer(", "Scene(")
_FENCE = re.compile(r"(?P<fence>`{3,}|:{3,})(?:\{(?P<name>[\w:-]+)\})? *(?P<rest>.*)$")
_OPTION = re.compile(r":([\w-]+): *(.*)$")


def quoted(text):
    """A quotation; in it a formula stands on one line, or its marks would be set with it."""
    text = MATHS.sub(lambda match: " ".join(match[0].split("\n")), text.strip("\n"))
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def folded(summary, text):
    """What opens when its summary is clicked."""
    body = text.strip("\n")
    return f"<details>\n<summary><b>{summary}</b></summary>\n\n{body}\n\n</details>"


def parts(text):
    """Yield runs of plain text, and directives: name, title, options and body."""
    plain, lines = [], iter(text.split("\n"))
    for line in lines:
        opened = _FENCE.match(line)
        if not opened:
            plain.append(line)
            continue
        if plain:
            yield None, "\n".join(plain), {}, ""
            plain = []
        closes = re.compile(rf"{opened['fence'][0]}{{{len(opened['fence'])},}} *$")
        body = []
        for inner in lines:
            if closes.match(inner):
                break
            body.append(inner)
        options = {}
        while opened["name"] and body and (option := _OPTION.match(body[0])):
            options[option[1]] = option[2]
            body.pop(0)
        yield opened["name"] or "code", opened["rest"], options, "\n".join(body)
    if plain:
        yield None, "\n".join(plain), {}, ""


def prepares(cell):
    """Whether the code of a cell imports, or asks for a picture that moves."""
    shown = [output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return mostly_imports(cell.source) or any(text.startswith(MOVES) for text in shown)


class Reader:
    """Makes a reader's copy of one notebook."""

    def __init__(self, book, page, address):
        self.book, self.words = book, Words(book, page, address)
        self.gate, self.heading, self.named = None, "", {}

    def part(self, name, rest, options, body):
        """What stands for plain text, or for a directive that ends with its own fence."""
        if name is None:
            return self.words.text(rest)
        if name == "code":
            return f"```{rest}\n{body}\n```"
        inner = "\n".join(self.part(*inside) for inside in parts(body))
        if name == "grid":
            return inner
        heading = self.words.text(rest) or name.capitalize()
        if name == "grid-item-card":
            if options.get("link-type") == "doc":
                heading = self.words.linked(heading, self.words.path(options["link"]))
            return f"**{heading}.** {inner}\n"
        if name not in BOXES:
            raise Unknown("directive", name, {*BOXES, "grid", "grid-item-card"})
        if "dropdown" in options.get("class", "").split():
            return folded(heading, inner)
        return quoted(f"**{heading}.**\n\n{inner}")

    def opened(self, kind, heading, options):
        """Begin an exercise or a solution, and return its title."""
        if kind == "exercise":
            self.named[options["label"]] = heading
            place = self.book.place(options["label"])
            return f"{self.words.anchor(place.anchor)}**{place.words}** ({heading})"
        return f"Solution to {self.book.place(heading).words} ({self.named[heading]})"

    def framed(self, lines):
        """Text as it stands in the exercise or solution that is open, if one is."""
        text = "\n".join(lines).strip("\n")
        if self.gate == "exercise":
            text, self.heading = "\n\n".join(filter(None, [self.heading, text])), ""
            return quoted(text) if text else ""
        if self.gate == "solution" and not text and not self.heading.endswith(AGAIN):
            text = "It begins with the folded cell below."
        if self.gate == "solution" and text:
            heading, self.heading = self.heading, self.heading.removesuffix(AGAIN) + AGAIN
            return folded(heading, text)
        return text

    def markdown(self, source):
        """A text without MyST; an exercise or a solution may begin or end in it."""
        made, inside = [], []
        for name, rest, options, body in parts(source):
            kind, _, edge = (name or "").rpartition("-")
            if kind in ("exercise", "solution"):
                made.append(self.framed(inside))
                inside = []
                self.gate = kind if edge == "start" else None
                self.heading = self.opened(kind, rest, options) if self.gate else ""
            else:
                inside.append(self.part(name, rest, options, body))
        return "\n\n".join(filter(None, [*made, self.framed(inside)]))

    def caption(self, cell):
        """The cell that stands below a figure, with its number and caption."""
        figure = cell.metadata.mystnb.figure
        place = self.book.place(figure["name"])
        text = f"{self.words.anchor(place.anchor)}**{place.words}.** {figure['caption']}"
        return nbformat.v4.new_markdown_cell(self.markdown(text), id=f"{cell.id}-caption"[-64:])

    def copy(self, notebook):
        """Return the copy."""
        cells = []
        for cell in tidy(notebook).cells:
            if cell.cell_type == "markdown":
                cell.source = self.markdown(cell.source)
            elif prepares(cell):
                cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
            if cell.source or cell.cell_type == "code":
                cells.append(cell)
            if "figure" in cell.metadata.get("mystnb", {}):
                cells.append(self.caption(cell))
        notebook.cells = cells
        return notebook


def resolved(book, path, address):
    """Return a reader's copy of the notebook at this path."""
    return Reader(book, f"chapters/{path.stem}", address).copy(nbformat.read(path, as_version=4))

"""Slides from the chapters: ``python course/slides.py FOLDER NOTEBOOK...`` makes one deck for each.

What becomes a slide is decided here and nowhere in the notebooks: the question, what one will learn,
each section's opening, every sentence that is set in bold, every numbered equation, every picture,
every table, misconception, prediction and exercise, and the summary. Solutions, code and what is
folded away do not become slides; the rest of the prose goes to the speaker's notes (key S), below
the slide that it follows.
"""

import base64
import importlib.util
import io
import re
import shutil
import sys
from html import escape
from pathlib import Path

import nbformat
from nbconvert.exporters import SlidesExporter
from PIL import Image

HERE = Path(__file__).parent
# The book's extension, which knows numbers, works and where MathJax is.
sys.path.append(str(HERE.parent / "_ext"))
PICTURES = ("image/png", "image/jpeg", "image/webp")
WORDS = 85  # on one slide
LEAD = 40  # words beside an equation
REVEAL = (
    "LICENSE",
    "dist/reset.css",
    "dist/reveal.css",
    "dist/reveal.js",
    "dist/theme/white.css",
    "dist/theme/fonts",
    "plugin/notes",
)
_MATHS = re.compile(r"\$\$.*?\$\$", flags=re.DOTALL)
_GATE = re.compile(r"^[`:]{3,}\{(exercise|solution)-(start|end)\} *(.*)$")
_TITLE = re.compile(r"^[`:]{3,}\{\w+\} *(.*)$", flags=re.M)
_BOX = re.compile(r"^[`:]{3,}\{admonition\} *(.*)$")


def sentences(text):
    """The sentences of a paragraph: one on each source line, displayed equations kept whole."""
    kept = []
    held = _MATHS.sub(lambda m: kept.append(m[0]) or f"\0{len(kept) - 1}\0", text)
    lines = [line.strip() for line in held.split("\n") if line.strip()]
    return [re.sub("\0(\\d+)\0", lambda m: kept[int(m[1])], line) for line in lines]


def words(text):
    """How much room a text takes, in words; a formula counts as its longer words."""
    return len(re.findall(r"[^\W_]{2,}", text))


def pages(lines, room=WORDS):
    """Lines shared out evenly over as few slides as they need."""
    total = sum(map(words, lines))
    parts, before, shared = max(1, -(-total // room)), 0, {}
    for line in lines:
        middle = before + words(line) / 2
        shared.setdefault(int(parts * middle / (total or 1)), []).append(line)
        before += words(line)
    return shared.values()


class Deck:
    """Slides as they are collected, each a Markdown text, and the prose that goes with them."""

    def __init__(self):
        self.cells = []

    def add(self, text, kind="subslide"):
        """One slide."""
        self.cells.append((kind, text))

    def note(self, text):
        """Prose for the speaker."""
        if self.cells and self.cells[-1][0] == "notes":
            text = f"{self.cells.pop()[1]}\n\n{text}"
        self.cells.append(("notes", text))

    def notebook(self, title):
        """The slides as a notebook whose cells carry nbconvert's slide types."""
        made = nbformat.v4.new_notebook(metadata={"title": title})
        for kind, text in self.cells:
            cell = nbformat.v4.new_markdown_cell(text)
            cell.metadata["slideshow"] = {"slide_type": kind}
            made.cells.append(cell)
        return made


def picture(cell):
    """The picture that a cell shows, as Markdown, with its caption; nothing if it shows none."""
    for output in cell.outputs:
        data = output.get("data", {})
        for kind in PICTURES:
            if kind not in data:
                continue
            about = cell.metadata.get("mystnb", {})
            alt = escape(about.get("image", {}).get("alt", ""))
            with Image.open(io.BytesIO(base64.b64decode(data[kind]))) as shown:
                shape = "tall" if shown.height > 0.95 * shown.width else "wide"
            source = f"data:{kind};base64,{''.join(data[kind].split())}"
            figure = about.get("figure", {})
            shown = f'<img class="{shape}" alt="{alt}" src="{source}">'
            return shown, figure.get("name"), figure.get("caption", "")
    return None


class ChapterSlides:
    """Turns a chapter into the notebook of its slides."""

    def __init__(self, notebook, words):
        self.words, self.book = words, words.book
        self.deck, self.section, self.fresh, self.skipping = Deck(), "", False, False
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                self.prose(cell.source)
            elif (
                not self.skipping and cell.cell_type == "code" and (seen := picture(cell))
            ):
                image, name, caption = seen
                caption = self.plain(caption)
                if name:
                    caption = f"**{self.book.place(name).words}.** {caption}"
                self.slide(f'{image}\n\n<span class="caption">{caption}</span>')

    def plain(self, text):
        """The Markdown that stands for MyST: titles of boxes, and references in words."""
        return self.words.text(_TITLE.sub(r"**\1.**", text))

    def slide(self, text):
        """A slide below its section's heading."""
        self.fresh = False
        self.deck.add(f"### {self.section}\n\n{text}" if self.section else text)

    def listed(self, lines, heading=None):
        """Slides of one line for each sentence."""
        for page in pages(lines):
            text = (
                "\n\n".join(page)
                if len(page) == 1
                else "\n".join(f"- {line}" for line in page)
            )
            if heading:
                self.deck.add(f"## {heading}\n\n{text}", "slide")
                heading = None
            else:
                self.slide(text)

    def prose(self, source):
        """The slides of a Markdown cell, block by block."""
        exercise = box = None
        text = _MATHS.sub(lambda m: re.sub(r"\n\s*\n", "\n", m[0]), source)
        text = re.sub(
            r"\n+(\$\$.*?\$\$(?: *\([\w-]+\))?)\n*", r"\n\1\n", text, flags=re.S
        )
        text = re.sub(r"^(#.*)$", r"\n\1\n", text, flags=re.M)
        for block in re.split(r"\n\s*\n", text):
            rest = []
            for line in block.split("\n"):
                gate, opened = _GATE.match(line), _BOX.match(line)
                if box and re.match(r"^[`:]{3,}$", line):
                    self.box(*box)
                    box = None
                elif box:
                    box[1].append(line)
                elif opened and not (exercise or self.skipping):
                    box = (opened[1], [])
                elif gate and gate[1] == "solution":
                    self.skipping = gate[2] == "start"
                elif gate and gate[2] == "start":
                    exercise = (gate[3], [])
                elif gate:
                    self.exercise(*exercise)
                    exercise = None
                elif exercise:
                    exercise[1].append(line)
                elif not self.skipping and not re.match(r"^(:\w+:|[`:]{3,}$)", line):
                    rest.append(line)
            for collected in filter(None, (exercise, box)):
                collected[1].append("")
            if block := "\n".join(rest).strip():
                self.block(block)

    def box(self, title, lines):
        """The slides of an admonition, unless it is folded away."""
        if ":class: dropdown" not in lines:
            body = [line for line in lines if not re.match(r":\w+:", line)]
            text = self.plain("\n".join(body))
            for page in pages(sentences(text), room=80):
                self.slide("\n\n".join([f"**{title}.**", *page]))

    def exercise(self, title, lines):
        """The slides of an exercise."""
        label = next(line for line in lines if line.startswith(":label:")).split()[1]
        number = self.book.place(label).words
        body = [
            line for line in lines if not line.startswith((":label:", ":class:", "```"))
        ]
        text = self.plain("\n".join(body))
        for page in pages(sentences(text), room=80):
            self.deck.add(f"### {number}. {title}\n\n" + "\n\n".join(page))
        self.fresh = False

    def block(self, block):
        """The slide, or the note, of a paragraph, a heading, a list or a table."""
        text = self.plain(block)
        if heading := re.match(r"(#{1,3}) +(.*)", text):
            self.heading(len(heading[1]), heading[2])
        elif text.startswith("|"):
            if self.section != "What you will learn":
                self.slide(text)
        elif self.section == "":
            self.opening(text)
        elif self.section == "What you will learn":
            self.listed(re.findall(r"^[-*] +(.*)$", text, flags=re.M), self.pending())
        elif re.fullmatch("Summary|What .* not", self.section):
            self.listed(sentences(text), self.pending())
        elif re.search(r"\*\*Predict", text):
            self.slide(re.sub(r"^> ?", "", text, flags=re.M))
        else:
            self.paragraph(text)

    def pending(self):
        """The section's heading, if it has not been shown yet."""
        heading, self.fresh = self.section if self.fresh else None, False
        return heading

    def heading(self, level, text):
        """A new section, whose slide waits for its first sentences."""
        if level == 1:
            self.title, self.section = text, ""
        else:
            self.show_heading()
            self.section, self.fresh = text, True

    def show_heading(self):
        """The section's heading alone, if nothing came to stand beside it."""
        if heading := self.pending():
            self.deck.add(f"## {heading}", "slide")

    def opening(self, text):
        """The first slide: title and question."""
        if not self.deck.cells and "?" in text and "**" in text:
            question = text if text.startswith(">") else f"> {text}"
            self.deck.add(f"# {self.title}\n\n{question}", "slide")
        elif self.deck.cells:
            self.deck.note(text)

    def paragraph(self, text):
        """Numbered equations and bold sentences on slides, an opening beside a heading."""
        lines = sentences(re.sub(r"^> ?", "", text, flags=re.M))
        numbered = [place for place, line in enumerate(lines) if r"\tag" in line]
        leads = {place - 1 for place in numbered if place}
        shown = set()
        if self.fresh:
            first = []
            for place, line in enumerate(lines):
                full = words(" ".join([*first, line])) > LEAD
                if (
                    "$$" in line
                    or full
                    or (place in leads and not line.endswith((".", "?")))
                ):
                    break
                first.append(line)
            if first or not numbered:
                self.deck.add(f"## {self.pending()}\n\n" + "\n\n".join(first), "slide")
                shown = set(range(len(first)))
        for place in numbered:
            beside = [place - 1] if place - 1 not in shown and place else []
            beside += [place, place + 1] if place + 1 < len(lines) else [place]
            while words(" ".join(lines[i] for i in beside if i != place)) > LEAD:
                beside.pop()
            if place + 1 < len(lines) and re.match("[*_]?[a-z]", lines[place + 1]):
                beside.append(place + 1)  # the equation stands within a sentence
            near = [i for i in beside if i == place or "$$" not in lines[i]]
            body = "\n\n".join(lines[i] for i in sorted({*near, place}))
            if heading := self.pending():
                self.deck.add(f"## {heading}\n\n{body}", "slide")
            else:
                self.slide(body)
            shown |= set(near)
        bold = [
            line for place, line in enumerate(lines)
            if place not in shown and re.search(r"\*\*.*[.?!)*]$", line) and "$$" not in line
        ]  # fmt: skip
        for page in pages(bold):
            self.slide("\n>\n".join(f"> {line.removeprefix('- ')}" for line in page))
        if lines:
            self.deck.note("\n".join(lines))


def copy(package, inside, parts, target):
    """Copy parts of what an installed package carries."""
    root = Path(importlib.util.find_spec(package).origin).parent / inside
    for part in parts:
        (target / part).parent.mkdir(parents=True, exist_ok=True)
        if (root / part).is_dir():
            shutil.copytree(root / part, target / part, dirs_exist_ok=True)
        else:
            shutil.copy2(root / part, target / part)


def main(folder, *chapters):
    """Write the decks of these chapters, and what they need, into a folder."""
    from book import MATHJAX_PARTS
    from references import Book, Words

    folder, book = Path(folder), Book(HERE.parent)
    folder.mkdir(parents=True, exist_ok=True)
    copy("sphinx_revealjs", "_static/revealjs", REVEAL, folder / "reveal")
    copy("sphinx-mathjax-offline", "static/mathjax", MATHJAX_PARTS, folder / "mathjax")
    shutil.copy2(HERE / "slides" / "deck.css", folder)
    exporter = SlidesExporter(
        template_name="slides",
        extra_template_basedirs=[str(HERE)],
        reveal_url_prefix="reveal",
        reveal_theme="white",
    )
    links = []
    for path in sorted(map(Path, chapters)):
        words = Words(book, f"chapters/{path.stem}")
        slides = ChapterSlides(nbformat.read(path, 4), words)
        text, _ = exporter.from_notebook_node(slides.deck.notebook(slides.title))
        (folder / f"{path.stem}.html").write_text(text, encoding="utf-8")
        links.append(f'<li><a href="{path.stem}.html">{escape(slides.title)}</a></li>')
    (folder / "index.html").write_text(
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Slides</title>\n'
        '<body style="font: 1.2em/1.8 system-ui, sans-serif; margin: 3em">\n<h1>Slides</h1>\n'
        f"<ul>{''.join(links)}</ul>\n<p>Space: next slide. S: speaker's notes. Esc: overview.</p>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

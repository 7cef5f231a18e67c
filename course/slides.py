"""Slides from the chapters: ``python course/slides.py FOLDER NOTEBOOK...`` makes one deck for each.

A deck is composed of what a chapter marks. The tag ``slide`` on a cell of text takes its numbered
equations and the sentences with words in bold, or its first sentences where it has neither, and
its tables and misconceptions; on the cell of a picture it takes the picture. What stands between
two pictures of a section becomes a slide with the second of them at its right. A chapter's title
with its first picture, what one will learn, the scenes and explorers with their predictions, the
summary and the exercises need no mark. All other prose goes to the speaker's notes (key S).

Pictures, scenes and explorers are those of the built book: it has executed the chapters.
"""

import importlib.util
import re
import shutil
import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader
from jupyter_cache import get_cache
from nbconvert.filters.markdown_mistune import markdown2html_mistune

HERE = Path(__file__).parent
ROOT = HERE.parent
# The book's extension, which knows numbers, works and where MathJax is.
sys.path.append(str(ROOT / "_ext"))
MARK = "slide"
ROOM = 60  # words on a slide
TASKS = 110  # words of exercises side by side
REVEAL = (
    "LICENSE",
    "dist/reset.css",
    "dist/reveal.css",
    "dist/reveal.js",
    "plugin/notes",
)
_MATHS = re.compile(r"\$\$.*?\$\$", flags=re.DOTALL)
_GATE = re.compile(r"^[`:]{3,}\{(exercise|solution)-(start|end)\} *(.*)$")
_BOX = re.compile(r"^[`:]{3,}\{admonition\} *(.*)$")
_FENCE = re.compile(r"^[`:]{3,}$")
_OPTION = re.compile(r"^:\w+:")
_PREDICT = re.compile(r"^\*\*Predict[^*]*\*\*")


def words(text):
    """How much room a text takes, in words; formulas stand apart."""
    return len(re.findall(r"[^\W_]{2,}", _MATHS.sub("", text)))


def lines(text):
    """The sentences of a paragraph: one on each source line, displayed equations kept whole."""
    kept = []
    held = _MATHS.sub(lambda m: kept.append(m[0]) or f"\0{len(kept) - 1}\0", text)
    plain = [line.strip() for line in held.split("\n") if line.strip()]
    return [re.sub("\0(\\d+)\0", lambda m: kept[int(m[1])], line) for line in plain]


def html(text):
    """Markdown as HTML."""
    return markdown2html_mistune(text)


def key_items(paragraph):
    """What a marked paragraph says at least: numbered equations in their sentences, bold sentences."""
    sentences, found, shown = lines(paragraph), [], set()
    for place, line in enumerate(sentences):
        if r"\tag" in line:
            item = [line]
            before = sentences[place - 1] if place else "$$"
            if (
                "$$" not in before
                and not before.endswith(".")
                and words(before) <= ROOM // 2
            ):
                item.insert(0, before)
                shown.add(place - 1)
            after = sentences[place + 1] if place + 1 < len(sentences) else "$$"
            goes_on = re.match(r"[*_]?[a-z]", after)
            alone = len(item) == 1 and after.endswith(".") and words(after) <= ROOM // 2
            if "$$" not in after and (goes_on or alone):
                item.append(after)
                shown.add(place + 1)
            found.append((place, "\n".join(item)))
        elif "**" in line and "$$" not in line and re.search(r"[.?!][*)\"]*$", line):
            found.append((place, re.sub(r"^- ", "", line)))
    return [item for place, item in found if "$$" in item or place not in shown]


def opening(paragraphs):
    """The first sentences of a marked cell that has nothing in bold."""
    chosen = []
    for sentence in lines(paragraphs[0]) if paragraphs else []:
        if "$$" in sentence or not sentence.endswith((".", "?", "!")):
            break
        if chosen and words(" ".join([*chosen, sentence])) > ROOM:
            break
        chosen.append(sentence)
    return chosen


def is_wide(item):
    """Whether an equation is wider than half a slide."""
    for formula in _MATHS.findall(item):
        plain = re.sub(
            r"\\tag\{.*?\}|\\(?:text|begin|end|operatorname)\b|[{}&$^_]|\s", "", formula
        )
        for row in plain.split(r"\\"):
            if len(re.sub(r"\\[a-zA-Z]+|\\.", "x", row)) > 34:
                return True
    return False


def fits(items, most=3):
    """Whether items have room on one slide."""
    return words(" ".join(items)) <= ROOM and sum("$$" in item for item in items) <= most


def shared(items, most=3):
    """Headed items shared out over as few slides as they need, in order."""
    parts = []
    for item in items:
        if parts and fits([text for _, text in [*parts[-1], item]], most):
            parts[-1].append(item)
        else:
            parts.append([item])
    return parts


@dataclass
class Slide:
    """One slide: a heading, what stands across it, at its left and at its right, what is said."""

    heading: str
    kind: str = ""
    section: str = ""
    across: list = field(default_factory=list)
    left: list = field(default_factory=list)
    right: str = ""
    notes: list = field(default_factory=list)


class Shown:
    """A picture, a scene or an explorer, as the deck shows it."""

    def __init__(self, cell, deck):
        data = {}
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                data = output["data"]
        about = cell.metadata.get("mystnb", {})
        figure, alt = (
            about.get("figure", {}),
            escape(about.get("image", {}).get("alt", ""), True),
        )
        self.exists, self.name = bool(data), figure.get("name")
        self.live = data.get("text/plain", "").startswith(("Explorer(", "Scene("))
        self.caption = deck.words.text(figure.get("caption", ""))
        if self.name:
            self.caption = f"**{deck.book.place(self.name).words}.** {self.caption}"
        drawn = data.get("text/html")
        if drawn is None:
            drawn = f'<img alt="{alt}" src="data:image/png;base64,{data.get("image/png", "")}">'
        elif not self.live:
            drawn = drawn.replace('role="img"', f'role="img" aria-label="{alt}"', 1)
        self.drawn = drawn

    def figure(self, caption="", short=False):
        """As an element, below it the first sentence of what it says, or its number alone."""
        found = re.match(r"(\*\*.*?\*\*)? ?.*?[.?!](?= [A-Z]|$)", caption)
        first = found[0] if found else caption
        if short and found and words(first) > ROOM // 3:
            first = found[1] or ""
        below = html(first).removeprefix("<p>").removesuffix("</p>\n")
        below = f"<figcaption>{below}</figcaption>" if caption else ""
        name = f' id="{self.name}"' if self.name else ""
        return f"<figure{name}>{self.drawn}{below}</figure>"


class Deck:
    """The slides of a chapter.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The chapter; the deck is live if its outputs are those of the book.
    words : references.Words
        What the references of its page stand for.
    """

    def __init__(self, notebook, words):
        self.words, self.book = words, words.book
        self.title = self.section = self.part = self.question = ""
        self.slides, self.exercises, self.summary = [], [], []
        self.items, self.said, self.predicted = [], [], ""
        self.mode, self.held, self.mark = None, [], False
        self.plain, self.whole = [], True
        self.learn, self.cover = "", None
        for cell in notebook.cells:
            self.mark = MARK in cell.metadata.get("tags", [])
            if cell.cell_type == "markdown":
                self.prose(cell.source)
            elif self.mode is None and (shown := Shown(cell, self)).exists:
                self.picture(shown)
        self.close()
        self.frame()

    def prose(self, source):
        """Read a cell of text, block by block."""
        text = _MATHS.sub(lambda m: re.sub(r"\n\s*\n", "\n", m[0]), source)
        text = re.sub(
            r"\n+(\$\$.*?\$\$(?: *\([\w-]+\))?)\n*", r"\n\1\n", text, flags=re.S
        )
        text = re.sub(r"^(#.*)$", r"\n\1\n", text, flags=re.M)
        self.plain, self.whole = [], not re.search(r"^#", text, flags=re.M)
        for block in re.split(r"\n\s*\n", text):
            rest = []
            for line in block.split("\n"):
                gate, opened = _GATE.match(line), _BOX.match(line)
                if gate and gate[2] == "start":
                    self.mode, self.held = gate[1], [gate[3]]
                elif gate:
                    getattr(self, self.mode)(*self.read_held())
                elif self.mode == "box" and _FENCE.match(line):
                    self.box(*self.read_held())
                elif self.mode:
                    self.held.append(line)
                elif opened:
                    self.mode, self.held = "box", [opened[1]]
                else:
                    rest.append(line)
            if self.mode:
                self.held.append("")
            if block := "\n".join(rest).strip():
                self.block(self.words.text(block))
        self.unfold()

    def unfold(self):
        """Take the first sentences of what is marked and has nothing in bold."""
        opens = self.whole and self.plain and not self.predicted
        if opens and not any(map(key_items, self.plain)):
            self.take(opening(self.plain))
        self.plain = []

    def take(self, items):
        """Keep what a slide will say, and the heading below which it stands."""
        self.items += [(self.part or self.section, item) for item in items]

    def read_held(self):
        """The title, the options and the body of what has ended."""
        (title, *body), self.mode = self.held, None
        options = [line for line in body if _OPTION.match(line)]
        rest = [line for line in body if not (_OPTION.match(line) or _FENCE.match(line))]
        return title, options, self.words.text("\n".join(rest).strip())

    def exercise(self, title, options, text):
        """An exercise waits for the end of the deck."""
        label = next(line for line in options if line.startswith(":label:")).split()[1]
        self.exercises.append([label, title, text, ""])

    def solution(self, label, _, text):
        """Of a solution only a last line that stands alone is shown."""
        last = re.split(r"\n\s*\n", text)[-1]
        for exercise in self.exercises:
            if exercise[0] == label.strip() and len(lines(last)) == 1:
                exercise[3] = last if ROOM // 6 <= words(last) <= ROOM // 2 else ""

    def box(self, title, options, text):
        """A prediction, or a misconception and what answers it."""
        if title.startswith("Predict"):
            self.predicted = f"**{title}.** {text}"
        elif self.mark and "dropdown" not in " ".join(options):
            asked, *answer = lines(text)
            self.alone("asked", [asked, " ".join(answer)]).right = title
        else:
            self.said.append(text)

    def alone(self, kind, left):
        """A slide of its own for what a marked cell holds beside its sentences."""
        self.close()
        self.slides.append(
            Slide(self.part or self.section, kind, left=left, notes=self.said)
        )
        self.said, self.whole = [], False
        return self.slides[-1]

    def block(self, text):
        """Read a heading, a list, a table or a paragraph."""
        if heading := re.match(r"(#{1,3}) +(.*)", text):
            self.unfold()
            self.whole = True
            self.heading(len(heading[1]), heading[2])
            return
        plain = re.sub(r"^> ?", "", text, flags=re.M)
        if _PREDICT.match(plain):
            self.predicted = plain
        elif not self.section:
            if not self.question and "?" in text:
                self.question = plain.replace("**", "")
            else:
                self.said.append(text)
        elif self.section == "What you will learn":
            self.learn += "" if text.startswith("|") else text
        elif self.section == "Summary":
            self.summary.append(text)
        elif text.startswith("|"):
            if self.mark:
                self.alone("table", [text])
        else:
            self.said.append(text)
            if self.mark:
                self.take(key_items(plain))
                self.plain.append(plain)

    def heading(self, level, text):
        """A new section: what the last one has left becomes its last slide."""
        if level == 3:
            self.part = text
            return
        self.close()
        self.part = ""
        if level == 1:
            self.title = text
        else:
            self.section = text

    def picture(self, shown):
        """A picture with what was said before it, or a scene with its prediction."""
        if self.cover is None and not self.section:
            self.cover = shown
        elif shown.live:
            slide = self.alone(
                "live", [self.predicted] if self.predicted else [shown.caption]
            )
            slide.right = shown.figure(shown.caption, short=True)
            slide.notes.append(shown.caption)
            self.predicted = ""
        elif self.mark:
            *before, beside = shared(self.items, most=2) or [[]]
            for part in before:
                self.add(part)
            self.add(beside, shown)
        elif shown.caption:
            self.said.append(shown.caption)

    def close(self):
        """A slide of text for what no picture has taken up, beside the last one if it has room."""
        last = self.slides[-1] if self.slides else None
        parts = shared(self.items)
        if parts and last and last.kind == "pair" and last.section == self.section:
            added = [text for _, text in parts[0]]
            if fits(last.across + last.left + added, most=2) and not any(
                map(is_wide, added)
            ):
                last.left += added
                parts.pop(0)
        for part in parts:
            self.add(part)
        if self.said and self.slides:
            self.slides[-1].notes += self.said
            self.said = []
        self.items = []

    def add(self, items, shown=None):
        """A slide of sentences and equations, with a picture or without."""
        headings = {heading for heading, _ in items} or {self.part or self.section}
        heading = headings.pop() if len(headings) == 1 else self.section
        slide = Slide(heading, "pair" if shown else "words", notes=self.said)
        slide.section, items = self.section, [text for _, text in items]
        if shown:
            slide.across = [item for item in items if is_wide(item)]
            slide.left = [item for item in items if not is_wide(item)] or [shown.caption]
            slide.right = shown.figure(
                "" if shown.caption in slide.left else shown.caption
            )
        else:
            slide.left = items
        self.slides.append(slide)
        self.said, self.items = [], []

    def frame(self):
        """Put the title and what one will learn before the slides, summary and exercises behind."""
        title = Slide(self.title, "title", left=[self.question])
        if self.cover:
            title.right = self.cover.figure(self.cover.caption)
        first = [title]
        if self.learn:
            first.append(Slide("What you will learn", "list", left=[self.learn]))
        self.slides = first + self.slides
        if self.summary:
            said = [line for text in self.summary for line in lines(text)]
            # not what the library has for it, nor what comes next
            listed = "\n".join(
                f"- {line}" for line in said if not re.search("`|^Chapter", line)
            )
            self.slides.append(Slide("Summary", "list", left=[listed]))
        tasks = []
        for label, title, text, answer in self.exercises:
            number = self.book.place(label).words
            tasks.append((f"### {number}. {title}\n\n{text}", answer))
        while tasks:
            pair = [tasks.pop(0)]
            if tasks and words(pair[0][0] + tasks[0][0]) <= 2 * TASKS:
                pair.append(tasks.pop(0))
            self.slides.append(Slide("Exercises", "tasks", left=pair))

    def texts(self):
        """All that the slides show, as Markdown."""
        for slide in self.slides:
            for item in slide.across + slide.left:
                yield "\n\n".join(item) if isinstance(item, tuple) else item
            yield re.sub(r"<strong>(.*?)</strong>", r"**\1**", slide.right)

    def page(self):
        """The slides as one page, and the scripts that it names."""
        import delivery

        environment = Environment(
            loader=FileSystemLoader(HERE / "slides"), autoescape=True
        )
        environment.filters["html"] = html
        text = environment.get_template("deck.html").render(deck=self)
        text, scripts = delivery.lighter(text)
        asked = "".join(f'<script src="scenes/{name}.js"></script>\n' for name in scripts)
        return text.replace("<!-- scripts -->", asked)


def executed(path):
    """A chapter with the outputs that the built book shows."""
    caches = sorted(
        (ROOT / "_build" / ".jupyter_cache").glob("*"),
        key=lambda one: one.stat().st_mtime,
    )
    notebook = nbformat.read(path, 4)
    if not caches:
        raise SystemExit(
            f"{path}: the slides show what the book has computed; run `make book`"
        )
    try:
        return get_cache(caches[-1]).merge_match_into_notebook(notebook)[1]
    except KeyError:
        raise SystemExit(
            f"{path} has changed since the book was built; run `make book`"
        ) from None


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
    import delivery
    from book import MATHJAX_PARTS
    from references import Book, Words

    folder, book = Path(folder), Book(ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    copy("sphinx_revealjs", "_static/revealjs", REVEAL, folder / "reveal")
    copy("sphinx-mathjax-offline", "static/mathjax", MATHJAX_PARTS, folder / "mathjax")
    delivery.write(folder / "scenes")
    for name in ("deck.css", "deck.js"):
        shutil.copy2(HERE / "slides" / name, folder)
    links = []
    for path in sorted(map(Path, chapters)):
        deck = Deck(executed(path), Words(book, f"chapters/{path.stem}"))
        (folder / f"{path.stem}.html").write_text(deck.page(), encoding="utf-8")
        links.append(f'<li><a href="{path.stem}.html">{escape(deck.title)}</a></li>')
    (folder / "index.html").write_text(
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Slides</title>\n'
        '<body style="font: 1.2em/1.8 system-ui, sans-serif; margin: 3em">\n<h1>Slides</h1>\n'
        f"<ul>{''.join(links)}</ul>\n<p>Space: next slide. S: speaker's notes. Esc: overview.</p>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])

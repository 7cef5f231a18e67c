"""What each chapter takes and offers, read off the notebooks: the map that the syllabus includes.

An extension of Sphinx, which writes ``map.txt`` at the beginning of each build.
"""

import re
from pathlib import Path

from numbering import numbers, read

HERE = Path(__file__).parent


def chapter(path):
    """Title, minutes, objectives and exercises (number, title and label) of a chapter."""
    cells = read(path)
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    title = re.match(r"# (.*)", text)[1]
    learn = re.search(r"^## What you will learn\n(.*?)(?=^## )", text, flags=re.M | re.S)[
        1
    ]
    minutes = re.search(r"^\|[^|]*\| *(\d+) *\|$", learn, flags=re.M)[1]
    objectives = re.findall(r"^[-*] (.*)$", learn, flags=re.M)
    named = re.findall(
        r"^[`:]+\{exercise-start\} *(.*)\n:label: *(\S+)", text, flags=re.M
    )
    number = numbers(f"chapters/{path.stem}", cells)["exercise"]
    exercises = [(number[label], name, label) for name, label in named]
    return title, int(minutes), objectives, exercises


def weeks(text):
    """The week, and so the assignment, of each chapter, read off the text of the syllabus."""
    rows = re.findall(r"^\| (\d+) \| ([\d, ]+) \|.*\|$", text, flags=re.M)
    return {int(n): int(week) for week, taken in rows for n in taken.split(",")}


def chapter_map():
    """The Markdown of the map."""
    parts, due = [], weeks((HERE / "syllabus.md").read_text(encoding="utf-8"))
    for path in sorted((HERE.parent / "chapters").glob("[0-9][0-9]-*.ipynb")):
        title, minutes, objectives, exercises = chapter(path)
        if (place := int(path.name[:2])) not in due:
            raise ValueError(
                f"chapter {place} must stand in a week of course/syllabus.md; it is in none"
            )
        linked = ", ".join(
            f"{number} [{name}](#{label})" for number, name, label in exercises
        )
        parts += [
            f"### Chapter {title}",
            f"{{doc}}`The chapter </chapters/{path.stem}>`: {minutes} minutes; assignment {due[place]}.",
            "\n".join(f"- {objective}" for objective in objectives),
            f"Exercises: {linked}.",
        ]
    return "\n\n".join(parts) + "\n"


def write_map(app):
    """Put the map where the syllabus includes it."""
    text, target = chapter_map(), Path(app.srcdir, "course", "map.txt")
    if not target.exists() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def setup(app):
    """Register this file as an extension of Sphinx."""
    app.connect("builder-inited", write_map)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

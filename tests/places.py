"""Every place of the book that has to know a chapter, and what it says of one that it misses.

The table of contents decides which chapters there are; `complaints` names what does not follow it.
"""

import re
from pathlib import Path

import yaml

WORDS = (
    "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty"
).split()
# Texts that count weeks, assignments or chapters.
COUNTING = ("README.md", "course/*.md", "chapters/*.md", "chapters/index.ipynb")


def chapters(root):
    """The numbered chapters of the table of contents: path of the part's page, by chapter."""
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    found = {}
    for part in contents["parts"]:
        opening, *others = (entry["file"] for entry in part["chapters"])
        found |= {Path(name).name: opening for name in others if Path(name).name[:2].isdigit()}
    return found


def weeks(root):
    """The chapters of each week of the syllabus."""
    text = (root / "course" / "syllabus.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([\d, ]+) \|.*\|$", text, flags=re.M)
    return {int(week): [int(n) for n in taken.split(",")] for week, taken in rows}


def counted(text):
    """The numbers of weeks, assignments and chapters that a text names, with their kind."""
    for word, kind in re.findall(r"\b(\w+) (weeks|assignments|chapters)\b", text):
        number = int(word) if word.isdigit() else None
        if word.lower() in WORDS:
            number = WORDS.index(word.lower())
        if number is not None and number > 4:
            yield f"{word} {kind}", number, kind


def complaints(root):
    """What each place that has to know the chapters misses, in one line each."""

    def read(name):
        return (root / name).read_text(encoding="utf-8")

    known = chapters(root)
    numbers = [int(name[:2]) for name in known]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"_toc.yml: chapters are numbered {numbers}"
    for path in sorted((root / "chapters").glob("[0-9][0-9]-*.ipynb")):
        if path.stem not in known:
            yield f"_toc.yml: {path.stem} is not listed"
    planned = weeks(root)
    taken = [number for week in planned.values() for number in week]
    if taken != sorted(set(taken)) or list(planned) != list(range(1, len(planned) + 1)):
        yield "course/syllabus.md: weeks and chapters are not in order"
    guide = read("course/guide.md")
    for name, opening in known.items():
        number = int(name[:2])
        if f"<{name}>" not in read(f"{opening}.md"):
            yield f"{opening}.md: does not introduce {name}"
        if number not in taken:
            yield f"course/syllabus.md: no week takes chapter {number}"
        if f"\n| {name} |" not in guide:
            yield f"course/guide.md: no memory of {name} (python course/memory.py)"
        if f"\n**Chapter {number}.**\n" not in guide:
            yield f"course/guide.md: where students stumble in chapter {number}"
    sources = sorted(path.name for path in (root / "course" / "source").iterdir())
    mistakes = yaml.safe_load(read("course/mistakes.yaml"))
    for week in planned:
        if not any(name.startswith(f"{week:02}-") for name in sources):
            yield f"course/source: no assignment {week}"
    for name in sources:
        if name not in mistakes:
            yield f"course/mistakes.yaml: nothing of {name}"
    right = {"weeks": len(planned), "assignments": len(sources), "chapters": len(known)}
    for path in sorted(path for pattern in COUNTING for path in root.glob(pattern)):
        for said, number, kind in counted(path.read_text(encoding="utf-8")):
            if number != right[kind]:
                yield f"{path.relative_to(root).as_posix()}: says {said}, there are {right[kind]}"

"""Errors planted in the library are noticed by the chapters; what plants them can tell."""

import ast
import json
import re
from itertools import dropwhile, groupby, islice, takewhile

import pytest
from planted import CRASHED, NOTICED, UNNOTICED, Ground, Plant, notebook, only_draws, plants

PLANTS = plants()
FEWEST, FEWEST_IN_ALL = 3, 40
EACH_TIME = 4
"""So many of each chapter's errors, the first, are planted in every run; `make planted` has all."""
TRIED = [
    plant
    for _, of_chapter in groupby(PLANTS, key=lambda plant: plant.chapter)
    for plant in islice(of_chapter, EACH_TIME)
]


TITLE = "What confronts what"
NAMES = (
    r"\$\$ *\((?P<label>[\w-]+)\)$|^:label: *(?P<option>.+)$"
    r"|^[`:]{3,}\{(?!exercise)[\w:-]+\} *(?P<title>.+)$"
)


def text(chapter):
    found = json.loads(chapter.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(c["source"]) for c in found if c["cell_type"] == "markdown")


def results(chapter):
    """What a chapter sets apart, by label or title."""
    found = re.finditer(NAMES, text(chapter), flags=re.M)
    return {match[match.lastgroup].strip() for match in found}


def confrontations(chapter):
    """The rows that say what confronts what, heading apart."""
    _, _, section = text(chapter).partition(f"\n## {TITLE}\n")
    below = dropwhile(lambda line: not line.startswith("|"), section.split("\n"))
    return list(takewhile(lambda line: line.startswith("|"), below))[2:]


@pytest.fixture(scope="module")
def found(request):
    """What became of each error that is asked about."""
    asked = [getattr(item, "callspec", None) for item in request.session.items]
    tried = {each.params["plant"]: None for each in asked if each and "plant" in each.params}
    tried = {plant: None for plant in TRIED if plant in tried}
    with Ground().running(tried) as found:
        yield found


@pytest.mark.parametrize("plant", TRIED, ids=lambda plant: f"{plant.chapter}: {plant.error}")
def test_a_planted_error_is_noticed_by_an_assertion_of_the_chapter(plant, found):
    verdict = found[plant].result()
    assert verdict.noticed, f"chapter {plant.chapter} on «{plant.error}»: {verdict}"


def test_every_chapter_has_planted_errors(chapter):
    number, _, _ = chapter.name.partition("-")
    assert sum(plant.chapter == number for plant in PLANTS) >= FEWEST


def test_there_are_enough_of_them():
    assert len(TRIED) >= FEWEST_IN_ALL
    changes = [(plant.chapter, plant.file, plant.old, plant.new) for plant in PLANTS]
    assert len(set(changes)) == len(changes)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.chapter}: {plant.error}")
def test_a_planted_error_confronts_a_result_of_the_chapter(plant):
    chapter = notebook(plant.chapter)
    listed = any(plant.confronts in row for row in confrontations(chapter))
    assert listed or plant.confronts in results(chapter)


def test_a_chapter_says_what_confronts_each_result_and_what_that_could_not_see(chapter):
    rows = [row.strip("|").split("|") for row in confrontations(chapter)]
    assert len(rows) >= 2, f"no table under «{TITLE}»"
    assert all(len(row) == 3 and all(map(str.strip, row)) for row in rows)


LIBRARY = {
    "toy/__init__.py": "",
    "toy/hops.py": "def rate(x):\n    return 2 * x\n\n\ndef heat(x):\n    assert x < 9\n",
    "toy/table.csv": "price\n3\n",
}
CHAPTER = """
from pathlib import Path

import toy
from toy import hops

price = float((Path(toy.__file__).parent / "table.csv").read_text().split()[1])


def half(x):
    assert hops.rate(x) == 2 * x
    return x

figures.a_picture_that_would_stop_the_chapter()

hops.heat(half(4)), __name__

assert price == 3
"""


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    """A package of two lines and its chapter."""
    root = tmp_path_factory.mktemp("toy")
    for name, source in LIBRARY.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(source, encoding="utf-8")
    code = [{"cell_type": "code", "source": [part]} for part in CHAPTER.split("\n\n")]
    (root / "chapters").mkdir()
    (root / "chapters" / "01-toy.ipynb").write_text(json.dumps({"cells": code}), encoding="utf-8")
    return root


HALF, LAST = "assert hops.rate(x) == 2 * x", "hops.heat(half(4)), __name__"
CHANGES = {
    ("toy/hops.py", "2 * x", "3 * x"): (NOTICED, 6, HALF, ""),
    ("toy/table.csv", "3", "4"): (NOTICED, 7, "assert price == 3", ""),
    ("toy/hops.py", "x < 9", "x < 3"): (CRASHED, 6, LAST, "AssertionError: "),
    ("toy/hops.py", "2 * x", "2 * y"): (CRASHED, 6, HALF, "NameError: name 'y' is not defined"),
    ("toy/hops.py", "2 * x", "x * 2"): (UNNOTICED, 0, "", ""),
    ("toy/hops.py", "2 * x", "exit()"): (CRASHED, 0, "", "SystemExit on import"),
}


def test_what_notices_an_error_is_an_assertion_of_the_chapter(toy):
    tried = {Plant("01", "", *change, ""): expected for change, expected in CHANGES.items()}
    with Ground(toy, workers=1).running([*tried, "01"]) as found:
        for plant, expected in tried.items():
            assert found[plant].result()[:4] == expected
        assert found["01"].result().outcome == UNNOTICED
    for name, source in LIBRARY.items():
        assert (toy / name).read_text(encoding="utf-8") == source


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("x", "y", "has 'x' 4 times, not once"),
        ("z", "y", "has 'z' 0 times, not once"),
        ("2 * x", "2 * x", "do not differ in one line or two"),
        ("    return 2 * x", "    x = 2 * x\n    return x", "do not differ in one line or two"),
        (
            "2 * x\n\n\ndef heat(x):\n    assert x < 9",
            "x\n\n\ndef heat(y):\n    assert x",
            "in one line",
        ),
    ],
)
def test_a_change_is_one_line_that_stands_there_once(toy, old, new, complaint):
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Plant("01", "", "toy/hops.py", old, new, "").source(toy)
    with pytest.raises(ValueError, match="there is no toy"):
        Plant("01", "", "toy/hop.py", old, new, "").source(toy)


@pytest.mark.parametrize(
    ("statement", "passed_over"),
    [
        ("figures.rungs(1, hops=R)", True),
        ("Explorer(figures.rungs, alt='')", True),
        ("picture = figures.rungs(1)", False),
        ("figures.programs.BUDGETS", False),
        ("assert figures.rungs(1)", False),
        ("print(figures.rungs(1))", False),
    ],
)
def test_only_what_draws_is_passed_over(statement, passed_over):
    assert only_draws(ast.parse(statement).body[0]) is passed_over

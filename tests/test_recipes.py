"""The recipes of CONTRIBUTING, followed word by word in a copy of the repository.

A block is appended to the file, becomes the file, or goes below the line of the file that the words
before it name; a block of shell lines is run. What is left out, or wrong, must be complained of.
"""

import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

from tests.places import complaints

BLOCK = re.compile(r"^([^\n]*)\n\n```(\w+)\n(.*?)^```$", re.M | re.S)
PLACE = re.compile(r"^(Append to|Write) `([^`]+)`:$")
EDIT = re.compile(
    r"^In `([^`]+)`, (?:`([^`]+)` becomes `([^`]+)`\.$"
    r"|below `([^`]+)`[^\n]*:\n\n```\w+\n(.*?)^```$)",
    re.M | re.S,
)
NOT_COPIED = shutil.ignore_patterns("_build", ".*", "*.egg-info")


@pytest.fixture
def copy(root, tmp_path):
    """A copy of the repository, with a way to run its Python in it."""
    folder = tmp_path / "copy"
    shutil.copytree(root, folder, ignore=NOT_COPIED)

    def run(*arguments):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    return SimpleNamespace(folder=folder, run=run)


def section(root, title):
    """The text of a recipe."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    return re.search(rf"^## {title}\n(.*?)(?=^## )", text, re.M | re.S)[1]


def recipe(root, title):
    """The blocks of a recipe, in order: the line before, the language, the text."""
    return BLOCK.findall(section(root, title))


def put(copy, blocks, change=lambda path, text: text):
    """Write the blocks that name a file; ``change`` may spoil them."""
    for before, _, text in blocks:
        if place := PLACE.match(before):
            path = copy.folder / place[2]
            known = path.read_text(encoding="utf-8") if place[1] == "Append to" else ""
            gap = "\n\n" if known and path.suffix == ".py" else ""
            path.write_text(known + gap + change(place[2], text), encoding="utf-8")


def commands(blocks):
    """The shell lines of a recipe, without the name of the interpreter."""
    lines = [line for _, language, text in blocks if language == "sh" for line in text.splitlines()]
    assert all(line.startswith("python ") for line in lines)
    return [re.findall(r'"([^"]*)"|(\S+)', line.removeprefix("python ")) for line in lines]


def follow(copy, blocks):
    """Run the shell lines of a recipe; return what each said."""
    said = []
    for words in commands(blocks):
        done = copy.run(*(quoted or plain for quoted, plain in words))
        assert done.returncode == 0, done.stdout + done.stderr
        said.append(done.stdout)
    return said


def test_a_bound_is_added_by_its_recipe(copy, root):
    blocks = recipe(root, "A bound")
    put(copy, blocks)
    shown, tested = follow(copy, blocks)
    assert "Energy of writing a memory, bit by bit" in shown
    assert int(re.search(r"(\d+) passed", tested)[1]) > 5
    listed = copy.run("-c", "from lim_lib import LADDER, table; print([b.key for b in LADDER])")
    assert "writes_alone" in listed.stdout


def test_a_bound_without_a_reference_is_refused(copy, root):
    put(copy, recipe(root, "A bound"), lambda path, text: re.sub(".*reference=.*\n", "", text))
    refused = copy.run("-c", "from lim_lib import bounds")
    assert refused.returncode != 0
    assert re.search("missing 1 required .* argument: 'reference'", refused.stderr)


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("mp.fprod([", "2 * mp.fprod([", "equals_its_reference"),
        ("    operations * bits *", "    operations * bits / 2 *", "landauer_per_update"),
    ],
    ids=["another reference", "an arrow that does not hold"],
)
def test_a_bound_that_is_not_confirmed_is_complained_of(copy, root, right, wrong, complaint):
    put(copy, recipe(root, "A bound"), lambda path, text: text.replace(right, wrong))
    tests = ("tests/test_bounds.py", "tests/test_ladder.py", "-k", "writes_alone")
    refused = copy.run("-m", "pytest", "-q", *tests)
    assert refused.returncode != 0
    assert re.search(complaint, refused.stdout)


def test_a_workload_is_added_by_its_recipe(copy, root):
    blocks = recipe(root, "A workload")
    put(copy, blocks)
    shown, tested = follow(copy, blocks)
    assert "Example network" in shown
    assert "passed" in tested


def test_a_number_without_a_unit_is_refused(copy, root):
    blocks = recipe(root, "A workload")
    put(copy, blocks, lambda path, text: text.replace("1e6,parameter", "1e6,"))
    refused = copy.run("-m", "lim_lib", "workloads")
    assert refused.returncode == 2
    assert re.search("example_net model_size.*unit", refused.stderr)


def test_a_number_without_its_source_or_its_derivation_is_complained_of(copy, root):
    slips = {"6*1e6*1e8": "6*1e6*1e9", "reported,,example2026network": "reported,,nobody2026"}

    def spoiled(path, text):
        for right, wrong in slips.items():
            text = text.replace(right, wrong)
        return text

    put(copy, recipe(root, "A workload"), spoiled)
    refused = copy.run("-m", "pytest", "-q", "tests/test_workloads_data.py", "-k", "example_net")
    for test in ("has_its_unit_its_order_and_its_source[example_net-model_size]",
                 "follows_from_what_the_source_prints[example_net-flop]"):  # fmt: skip
        assert test in refused.stdout


def edit(copy, place, old, new, line, block):
    """Change a file of the copy as a recipe says: other words, or a block below a line."""
    path = copy.folder / place
    text = path.read_text(encoding="utf-8")
    if line:
        (old,) = re.findall(rf"^{re.escape(line)}.*\n", text, re.M)
        new = old + block
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def chapter(copy, root):
    """A copy with a chapter 16 that stands nowhere else; and how it is put everywhere."""
    text = section(root, "A chapter")
    blocks, (heading, *places) = BLOCK.findall(text), EDIT.findall(text)
    (source, target) = re.match(r"cp (\S+) (\S+)\n", blocks[0][2]).groups()
    shutil.copy(copy.folder / source, copy.folder / target)
    edit(copy, *heading)
    return blocks[1:], places


def test_a_chapter_is_added_by_its_recipe(copy, root):
    blocks, places = chapter(copy, root)
    for place in places:
        edit(copy, *place)
    run, tested = follow(copy, [block for block in blocks if block[1] == "sh"])
    assert "16-example" in run
    assert int(re.search(r"(\d+) passed", tested)[1]) > 10


MISSED = [
    "_toc.yml: 16-example is not listed",
    "chapters/at-scale.md: does not introduce 16-example",
    "chapters/index.ipynb: says Fifteen chapters, there are 16",
    "course/syllabus.md: no week takes chapter 16",
    "course/guide.md: no memory of 16-example (python course/memory.py)",
    "course/guide.md: where students stumble in chapter 16",
]
"""What is complained of where a place of the recipe misses a chapter, in the recipe's order."""


@pytest.mark.parametrize("number", range(len(MISSED)))
def test_a_chapter_is_missed_in_every_place_of_its_recipe(copy, root, number):
    _, places = chapter(copy, root)
    assert [place[0] for place in places] == [said.partition(":")[0] for said in MISSED]
    for place in places[:number] + places[number + 1 :]:
        edit(copy, *place)
    assert MISSED[number] in complaints(copy.folder)
    edit(copy, *places[number])
    assert list(complaints(copy.folder)) == []


def show(copy, blocks, change=lambda text: text):
    """Put the recipe's cell at the end of a short notebook; ``change`` may spoil it."""
    path = copy.folder / "chapters" / "notation.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (source,) = (text for before, _, text in blocks if before == "The cell:")
    notebook.cells.append(nbformat.v4.new_code_cell(change(source.rstrip()), id="example"))
    nbformat.write(notebook, path)


def test_an_explorer_is_added_by_its_recipe(copy, root):
    blocks = recipe(root, "An explorer")
    put(copy, blocks)
    show(copy, blocks)
    follow(copy, blocks)
    notebook = nbformat.read(copy.folder / "chapters" / "notation.ipynb", as_version=4)
    assert notebook.cells[-1].metadata.mystnb.image.alt.startswith("Landauer's price")


def test_an_explorer_without_words_is_refused(copy, root):
    blocks = recipe(root, "An explorer")
    put(copy, blocks)
    show(copy, blocks, lambda text: re.sub(".*alt=.*\n", "", text))
    refused = copy.run("_ext/notebooks.py", "chapters/notation.ipynb")
    assert refused.returncode != 0
    assert "missing 1 required keyword-only argument: 'alt'" in refused.stderr

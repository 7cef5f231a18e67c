"""The recipes of CONTRIBUTING, followed word by word in a copy of the repository.

A recipe's block is appended to the file, or becomes the file, that the line before it names; a
block of shell lines is run. What is left out, or wrong, must be complained of.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from types import SimpleNamespace

import nbformat
import pytest

BLOCK = re.compile(r"^([^\n]*)\n\n```(\w+)\n(.*?)^```$", re.M | re.S)
PLACE = re.compile(r"^(Append to|Write) `([^`]+)`:$")
NOT_COPIED = shutil.ignore_patterns("_build", ".*", "__pycache__", "*.egg-info")


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


def recipe(root, title):
    """The blocks of a recipe, in order: the line before, the language, the text."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {title}\n(.*?)(?=^## )", text, re.M | re.S)[1]
    return BLOCK.findall(section)


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


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        (r"    reference=.*\n", "", "missing 1 required .* argument: 'reference'"),
        (r"mp.fprod\(\[q.operations, ", "2 * mp.fprod([q.operations, ", "writes_alone"),
        (r"operations \* bits \*", "operations * bits / 2 *", "landauer_per_update"),
    ],
    ids=["no reference", "another reference", "an arrow that does not hold"],
)
def test_a_bound_that_is_not_confirmed_is_complained_of(copy, root, right, wrong, complaint):
    blocks = recipe(root, "A bound")
    put(copy, blocks, lambda path, text: re.sub(right, wrong, text))
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


@pytest.mark.parametrize(
    ("right", "wrong", "complaint"),
    [
        ("1e6,parameter", "1e6,", "example_net model_size.*unit"),
        ("6\\*1e6\\*1e8", "6*1e6*1e9", "example_net-flop"),
        ("reported,,example2026network", "reported,,nobody2026", "example_net-model_size"),
    ],
    ids=["no unit", "another derivation", "no source"],
)
def test_a_workload_with_a_slip_is_complained_of(copy, root, right, wrong, complaint):
    put(copy, recipe(root, "A workload"), lambda path, text: re.sub(right, wrong, text))
    refused = copy.run("-m", "pytest", "-q", "tests/test_workloads_data.py")
    assert refused.returncode != 0
    assert re.search(complaint, refused.stdout)


def show(copy, blocks, **metadata):
    """Put the recipe's cell at the end of a short notebook."""
    path = copy.folder / "chapters" / "notation.ipynb"
    notebook = nbformat.read(path, as_version=4)
    (source,) = (text for before, _, text in blocks if before == "The cell:")
    cell = nbformat.v4.new_code_cell(source.rstrip(), id="example", metadata=metadata)
    notebook.cells.append(cell)
    nbformat.write(notebook, path)


def test_an_explorer_is_added_by_its_recipe_and_asks_for_its_words(copy, root):
    blocks = recipe(root, "An explorer")
    put(copy, blocks)
    (metadata,) = (json.loads(text) for _, language, text in blocks if language == "json")
    show(copy, blocks, **metadata)
    follow(copy, blocks)
    notebook = nbformat.read(copy.folder / "chapters" / "notation.ipynb", as_version=4)
    del notebook.cells[-1].metadata["mystnb"]
    nbformat.write(notebook, copy.folder / "chapters" / "notation.ipynb")
    refused = copy.run("-m", "pytest", "-q", "tests/test_chapters.py", "-k", "notation")
    assert "test_every_picture_has_alt_text[notation]" in refused.stdout

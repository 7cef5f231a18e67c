"""Which code folds and which steps, by rules that look at the code and at what it shows."""

import folding
import pytest
from docutils import nodes


def cell(source, *shown):
    """A cell of a notebook as Sphinx has it on a page."""
    code = nodes.container(classes=["cell_input"])
    code += nodes.literal_block(source, source)
    made = nodes.container(classes=["cell"])
    made += code
    if shown:
        made += nodes.container("", *shown, classes=["cell_output"])
    return made


def part(title, *children):
    """A section of a page."""
    return nodes.section("", nodes.title(title, title), *children)


def words(text):
    return nodes.paragraph(text, text)


def marks(made):
    folding.fold_cell(made)
    return {name for name in made["classes"] if name.startswith("lim-")}


def page(*sections):
    """The document with these sections, folded."""
    document = nodes.section("", nodes.title("Page", "Page"), *sections)
    holder = nodes.container("", document)
    builder = type("Builder", (), {"format": "html"})
    folding.fold(type("App", (), {"builder": builder}), holder, "page")
    return document


@pytest.mark.parametrize(
    ("source", "folds"),
    [
        ("import sympy as sp\n\nkT = 1", True),
        ("from lim_lib.symbols import (\n    bits,\n    drive,\n)", True),
        ("from lim_lib import memory\n\nmemory.escape_time(1, 2)", False),
        ("import sympy as sp\nx = sp.Symbol('x')\ny = x**2\nassert y.diff(x) == 2 * x", False),
        ("%matplotlib inline", False),
    ],
)
def test_code_that_mostly_imports_folds_and_code_that_shows_does_not(source, folds):
    assert ("lim-plumbing" in marks(cell(source))) == folds


@pytest.mark.parametrize(
    "picture",
    [nodes.image(uri="well.png"), nodes.raw("", '<div class="lim-explorer"></div>', format="html")],
    ids=["figure", "explorer"],
)
def test_a_picture_stands_before_its_code_which_folds(picture):
    made = cell("figures.hopping(time, position)", picture)
    assert "lim-plumbing" in marks(made)
    assert made.children.index(picture.parent) == 0
    assert "cell_input" in made[-1]["classes"]


@pytest.mark.parametrize(
    ("source", "folds"),
    [
        ("path = []\nfor kick in kicks:\n    path.append(kick)", True),
        ("def learn(rate):\n    return run(rate)", True),
        ("rate = 2 * hop_rate * sp.sinh(tilt)", False),
        ("heat = run.ledger.heat.mean()\nassert abs(heat - 3) < 0.1", False),
        ("round(heat, 2)", False),
    ],
)
def test_code_that_only_makes_what_is_used_later_folds(source, folds):
    assert ("lim-plumbing" in marks(cell(source))) == folds


def test_code_that_derives_stays_open():
    made = cell("sp.solve(flow, diffusivity)", words("D"))
    assert marks(made) == {"lim-code"}
    assert made[0].astext().startswith("<button")


def test_steps_and_the_single_sentences_between_them_are_one_box():
    between = words("Both hold.")
    steps = cell("assert b"), between, cell("a = 1"), cell("a")
    (section,) = page(part("A", words("Let."), *steps, words("So.")))[2:]
    _, first, box, last = section.children
    assert box["classes"] == ["lim-steps"]
    assert "derivation, 2 steps" in box[0].astext()
    assert between in box.children
    assert [first.astext(), last.astext()] == ["Let.", "So."]


@pytest.mark.parametrize("text", ["Both hold.\nAnd so on.", "Is it so?"])
def test_a_thought_between_steps_is_part_of_the_story(text):
    (section,) = page(part("A", cell("a = 1"), words(text), cell("a")))[2:]
    assert [child.astext() for child in section.children][2] == text


def test_a_section_that_can_be_skipped_folds_under_its_heading():
    (section,) = page(part("◇ A", words("Let."), cell("a = 1")))[2:]
    title, box = section.children
    assert "this section" in box[0].astext()
    assert title.astext() == "◇ A"


def test_a_page_without_code_has_no_switch():
    assert len(page(part("A", words("Let."))).children) == 2
    assert "lim-reading" in page(part("A", cell("a = 1")))[1].astext()

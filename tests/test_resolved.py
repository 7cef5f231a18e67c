"""Readers' copies of the notebooks: nothing of MyST is left, and what ran is what was written."""

import json
import re
from copy import deepcopy
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise

import lab
import nbformat
import pytest
from references import Book, Words, beside, published
from resolved import Reader

RAW = re.compile(
    r"\{[\w:-]+\}`|^ *:[\w-]+: |^[ >]*[`:]{3,}\{|\$\$ *\([\w-]+\)|^\([\w-]+\)=|^:::", flags=re.M
)
FOLDED = {"outputs_hidden": True, "source_hidden": True}


@pytest.fixture(scope="module")
def book(root):
    return Book(root)


@pytest.fixture(scope="module")
def source(notebook):
    return nbformat.read(notebook, as_version=4)


@pytest.fixture(scope="module")
def copy(book, notebook, source):
    return Reader(book, f"chapters/{notebook.stem}", beside(book)).copy(deepcopy(source))


@pytest.fixture(scope="module")
def slides(root):
    """The script of the course that makes slides."""
    spec = spec_from_file_location("slides", root / "course" / "slides.py")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def text(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def made(book, source):
    """What a text of the second chapter becomes."""
    return Reader(book, "chapters/02-a-bit-is-a-barrier", beside(book)).markdown(source)


def test_nothing_of_myst_is_left_and_the_copy_is_a_notebook(copy):
    assert RAW.findall(text(copy)) == []
    nbformat.validate(copy)
    assert len({cell.id for cell in copy.cells}) == len(copy.cells)


def test_what_is_left_over_would_be_found():
    for raw in ("{eq}`a`", ":class: dropdown", "```{note}", "$$ x $$ (eq-a)", "(here)=", ":::"):
        assert RAW.search(f"so\n{raw}\n")


def test_code_and_outputs_are_the_books(copy, source):
    def kept(cell):
        return cell | {"metadata": {k: v for k, v in cell.metadata.items() if k != "jupyter"}}

    assert list(map(kept, code(copy))) == list(map(kept, code(source)))
    assert copy.metadata == source.metadata


def test_code_that_imports_or_asks_for_a_picture_that_moves_is_folded_in_the_copy(copy, source):
    for cell, original in zip(code(copy), code(source), strict=True):
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        if "Explorer(\n" in cell.source or re.match(r"import .*\Z", cell.source):
            assert hidden, cell.source
        elif not original.metadata.get("jupyter"):
            assert not hidden or "import" in cell.source or "Scene(" in str(cell.outputs)


def test_every_solution_is_folded_in_the_notebook_and_in_its_copy(copy, source):
    inside = False
    for cell in source.cells:
        if cell.cell_type == "markdown":
            for edge in re.findall(r"^[`:]{3,}\{solution-(\w+)\}", cell.source, flags=re.M):
                inside = edge == "start"
        else:
            asks = {"source_hidden": True} if "Answer(" in cell.source else {}
            assert cell.metadata.get("jupyter", {}) == (FOLDED if inside else asks), cell.source
    solutions = len(re.findall(r"\{solution-start\}", text(source)))
    titles = re.findall(r"<summary><b>Solution to (Exercise [\w.]+) \(.*\)</b>", text(copy))
    assert len(titles) == len(set(titles)) == solutions
    exercises = re.findall(r"^> (?:<a [^>]*></a>)?\*\*(Exercise [\w.]+)\*\* \(", text(copy), re.M)
    assert titles == exercises
    assert text(copy).count("<details>") == text(copy).count("</details>")


def test_every_label_shows_its_number_and_every_figure_its_caption(copy, source, book, notebook):
    page = f"chapters/{notebook.stem}"
    here = [place for place in book.places.values() if place.page == page]
    for place in here:
        assert f'<a id="{place.anchor}"></a>' in text(copy)
        if place.words.startswith("("):
            assert text(copy).count(rf"\tag{{{place.words.strip('()')}}}") == 1
    for cell, below in pairwise(copy.cells):
        if figure := cell.metadata.get("mystnb", {}).get("figure"):
            opening = f'<a id="{figure.name}"></a>**{book.place(figure.name).words}.** '
            assert below.source.startswith(opening)


def test_links_inside_a_copy_lead_to_a_place_in_it_or_to_another_notebook(copy, book, notebook):
    anchors = set(re.findall(r'<a id="([\w-]+)"', text(copy)))
    for target in re.findall(r"\]\(([^)\s]+)\)", text(copy)):
        if target.startswith("#"):
            assert target[1:] in anchors
        elif not target.startswith("https://"):
            name, _, anchor = target.partition("#")
            assert f"chapters/{name.removesuffix('.ipynb')}" in book.notebooks
            assert not anchor or anchor in {place.anchor for place in book.places.values()}


def test_formulas_and_quotations_are_what_markdown_can_show(copy):
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            assert cell.source.count("$$") % 2 == 0
            for line in cell.source.split("\n"):
                assert not line.startswith(">") or line.count("$$") % 2 == 0


def test_slides_call_everything_as_the_page_does(book, chapter, slides):
    words = Words(book, f"chapters/{chapter.stem}")
    notebook = nbformat.read(chapter, as_version=4)
    shown = "\n".join(slides.Deck(notebook, words).texts())
    assert RAW.findall(shown) == []
    found = {f"({number})" for number in re.findall(r"\\tag\{([\d.]+)\}", shown)}
    found |= {f"Fig. {number}" for number in re.findall(r"\*\*Fig. ([\d.]+)\.\*", shown)}
    found |= set(re.findall(r"^### (Exercise \d+\.\d+)\. ", shown, flags=re.M))
    page = f"chapters/{chapter.stem}"
    here = {place.words for place in book.places.values() if place.page == page}
    assert found <= here
    assert {words for words in here - found if words[0] == "E"} == set()
    assert len(found) >= len(here) // 2, "the marks choose, and leave out less than half"


def test_an_exercise_that_begins_and_ends_in_several_cells_is_framed_in_each(book):
    reader = Reader(book, "chapters/02-a-bit-is-a-barrier", None)
    first = reader.markdown(
        "Before.\n\n```{exercise-start} Hot\n:label: ex-wider-or-hotter\n```\nA?"
    )
    assert first == "Before.\n\n> **Exercise 2.1** (Hot)\n>\n> A?"
    assert reader.markdown("B?\n```{exercise-end}\n```\nAfter.") == "> B?\n\nAfter."
    solved = reader.markdown("```{solution-start} ex-wider-or-hotter\n:class: dropdown\n```")
    assert "<summary><b>Solution to Exercise 2.1 (Hot)</b></summary>" in solved
    more = reader.markdown("C.\n\n:::{note} So\nD.\n:::\n```{solution-end}\n```\n\nE.")
    title = "<details>\n<summary><b>Solution to Exercise 2.1 (Hot), continued</b></summary>"
    assert more == f"{title}\n\nC.\n\n> **So.**\n>\n> D.\n\n</details>\n\nE."


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("{eq}`eq-escape`", "[(2.5)](#equation-eq-escape)"),
        ("{numref}`fig-springs`", "[Fig. 7.1](07-the-update-wall.ipynb#fig-springs)"),
        ("{ref}`ex-next-order`", "[Exercise 2.2](#ex-next-order)"),
        ("{ref}`the next <ex-next-order>`", "[the next](#ex-next-order)"),
        ("{doc}`ladder`", "[The ladder of bounds](ladder.ipynb)"),
        ("{doc}`here <foundations>`", "here"),
        ("[a table](notation.ipynb)", "[a table](notation.ipynb)"),
        ("[a preface](preface.md)", "a preface"),
        ("{term}`hop rate <rate>`", "hop rate"),
        ("{py:func}`~lim_lib.memory.escape_time`", "`escape_time`"),
        (
            "{cite}`kramers1940`",
            "[[Kramers, 1940](https://doi.org/10.1016/S0031-8914(40)90098-2)]",
        ),
        ("```python\n{eq}`x`\n```", "```python\n{eq}`x`\n```"),
    ],
)
def test_a_reference_reads_as_on_the_page_and_leads_there(book, source, shown):
    assert made(book, source) == shown


def test_where_the_book_is_published_links_lead_to_its_pages(book):
    words = Words(book, "chapters/02-a-bit-is-a-barrier", published(book, "https://a.org/b"))
    assert words.text("{eq}`eq-retention` of {doc}`foundations`") == (
        "[(2.7)](#equation-eq-retention) of "
        "[Part I. Foundations](https://a.org/b/chapters/foundations.html)"
    )


@pytest.mark.parametrize(
    ("source", "refused"),
    [
        ("{download}`x`", "a role of a notebook must be one of .*; it is download"),
        (":::{margin}\nx\n:::", "a directive of a notebook must be one of .*; it is margin"),
        ("{eq}`eq-nowhere`", "a label must stand somewhere in the book; eq-nowhere does not"),
    ],
)
def test_what_would_be_shown_as_it_is_typed_is_refused_in_one_line(book, source, refused):
    with pytest.raises(ValueError, match=f"^{refused}$"):
        made(book, source)


def test_a_copy_that_a_reader_changed_is_kept_and_others_follow_the_book(root, tmp_path):
    paths = [root / "chapters" / name for name in ("ladder.ipynb", "notation.ipynb")]
    mine, other = (tmp_path / path.name for path in paths)
    assert lab.copy_notebooks(paths, tmp_path) == []
    first = other.read_bytes()
    mine.write_text("mine", encoding="utf-8")
    assert lab.copy_notebooks(paths, tmp_path) == []
    assert mine.read_text(encoding="utf-8") == "mine"
    record = tmp_path / lab.WRITTEN
    older = json.loads(record.read_text(encoding="utf-8")) | {mine.name: "of an older book"}
    other.write_text("older", encoding="utf-8")
    older[other.name] = lab.digest(other.read_bytes())
    record.write_text(json.dumps(older), encoding="utf-8")
    assert lab.copy_notebooks(paths, tmp_path) == [mine.name]
    assert mine.read_text(encoding="utf-8") == "mine"
    assert other.read_bytes() == first

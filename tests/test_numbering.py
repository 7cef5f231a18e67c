"""Numbers by chapter: read off the sources, counted again for Sphinx, and kept apart."""

import doctest
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numbering
import pytest
from docutils import nodes
from sphinx.errors import ExtensionError

ROOT = Path(__file__).parents[1]
PAGES = {page: numbering.read(path) for page, path in numbering.pages(ROOT).items()}


def numbered(pages):
    """The number of each label of the book."""
    return {
        label: (kind, number)
        for page, cells in pages.items()
        for kind, found in numbering.numbers(page, cells).items()
        for label, number in found.items()
    }


def test_the_examples_in_its_documentation_are_true():
    assert doctest.testmod(numbering) == (0, 4)


def test_no_label_and_no_number_stands_for_two_things():
    labels = [label for cells in PAGES.values() for _, label in numbering.labels(cells)]
    assert len(labels) > 250
    assert len(set(labels)) == len(labels)
    assert len(set(numbered(PAGES).values())) == len(labels)
    assert len(set(numbering.LETTERS.values())) == len(numbering.LETTERS)


def test_a_chapters_numbers_begin_with_its_own_and_leave_none_out():
    for page, cells in PAGES.items():
        for found in numbering.numbers(page, cells).values():
            marks = {number.split(".")[0] for number in found.values()}
            chapter = page.split("/")[1][:2]
            assert marks == {str(int(chapter)) if chapter.isdigit() else numbering.LETTERS[page]}
            places = [int(number.split(".")[1]) for number in found.values()]
            assert places == list(range(1, len(places) + 1))


def test_what_is_added_to_one_chapter_moves_no_number_of_another():
    added = nbformat.v4.new_markdown_cell(
        "```{exercise-start} New\n:label: ex-new\n```\n$$ x $$ (eq-new)\n```{exercise-end}\n```"
    )
    third, *_ = (page for page in PAGES if page.startswith("chapters/03"))
    cells = PAGES[third]
    grown = PAGES | {third: [cells[0], added, *cells[1:]]}
    before, after = numbered(PAGES), numbered(grown)
    moved = {label for label, found in before.items() if after[label] != found}
    assert moved == {label for kind, label in numbering.labels(cells) if kind != "figure"}
    assert after["ex-new"] == ("exercise", "3.1")


def test_a_page_that_numbers_something_without_a_mark_is_refused_in_one_line():
    cells = [nbformat.v4.new_markdown_cell("# New\n$$ x $$ (eq-new)")]
    with pytest.raises(ExtensionError, match=r"^a page .* must .*: chapters/new has none$"):
        numbering.numbers("chapters/new", cells)


def test_sphinx_counts_again_in_each_page_and_writes_all_pages_when_a_number_has_changed():
    titles = {"chapters/03": "3. Writing", "chapters/04": "4. In time", "chapters/ladder": "Ladder"}
    env = SimpleNamespace(
        titles={page: nodes.title("", text) for page, text in titles.items()},
        found_docs=set(titles),
    )
    counted = {
        "chapters/03": {"displaymath": {"a": (1,), "b": (2,)}},
        "chapters/04": {"displaymath": {"c": (3,)}, "figure": {"d": (1,)}},
        "chapters/ladder": {"figure": {"e": (2,)}},
    }
    env.toc_fignumbers = counted
    assert numbering.count_by_page(None, env) == env.found_docs
    assert env.toc_fignumbers == {
        "chapters/03": {"displaymath": {"a": ("3", 1), "b": ("3", 2)}},
        "chapters/04": {"displaymath": {"c": ("4", 1)}, "figure": {"d": ("4", 1)}},
        "chapters/ladder": {"figure": {"e": ("L", 1)}},
    }
    numbering.give_back(None, env)
    assert env.toc_fignumbers == counted
    assert numbering.count_by_page(None, env) == []

"""The built pages show what the sources say: numbers at labels and in references, and citations."""

import re
from html import unescape
from pathlib import Path

import pytest
from numbering import NAMES, numbers, pages, read
from place import place
from references import Book, Words

ROOT = Path(__file__).parents[2]
SHOWN = re.compile(
    r'id="(?P<displaymath>equation-[\w-]+)">\s*<span class="eqno">(?P<equation>[^<]*)<'
    r'|<figure[^>]* id="(?P<figure>[\w-]+)">(?:(?!</figure>).)*?<figcaption>\s*<p>'
    r'<span class="caption-number">'
    r"(?P<caption>[^<]*)<"
    r'|class="exercise[^"]*" id="(?P<exercise>[\w-]+)">\s*<p class="admonition-title">'
    r'<span class="caption-number">(?P<title>[^<]*)<',
    flags=re.DOTALL,
)
REFERENCE = re.compile(
    r'href="[^"]*#((?:equation|fig|ex)-[\w-]+)"[^>]*>(?:<span class="std std-numref">)?'
    r"(\([^)<]*\)|Fig\. [^<]*|Exercise [\w.]+)(?: \([^<]*\))?<"
)


def given(page, path):
    """What the sources call each label of a page, as the pages name the label."""
    return {
        f"equation-{label}" if kind == "displaymath" else label: NAMES[kind].format(number)
        for kind, found in numbers(page, read(path)).items()
        for label, number in found.items()
    }


@pytest.fixture(scope="module")
def everywhere():
    """What the sources call each label of the book."""
    return {
        label: number
        for page, path in pages(ROOT).items()
        for label, number in given(page, path).items()
    }


@pytest.fixture(scope="module")
def html(built, notebook):
    """The page of a notebook."""
    return (built / place(f"chapters/{notebook.stem}")).read_text(encoding="utf-8")


def test_a_page_shows_at_every_label_the_number_that_its_notebook_gives(html, notebook):
    shown = {}
    for match in SHOWN.finditer(html):
        label, number = (part for part in match.groups() if part is not None)
        shown[label] = number.strip()
    assert shown == given(f"chapters/{notebook.stem}", notebook)


def test_every_reference_on_a_page_reads_as_what_it_leads_to(html, everywhere):
    said = set(REFERENCE.findall(html))
    assert len({label for label, _ in said}) >= len(re.findall(r"eqno", html)) // 2
    assert {(label, number) for label, number in said if everywhere[label] != number} == set()


def test_notebooks_and_slides_cite_works_as_the_pages_do(html, notebook):
    book = Book(ROOT)
    page = " ".join(unescape(re.sub("<[^>]*>", "", html)).split()).replace("and others", "et al.")
    source = "\n".join(cell.source for cell in read(notebook) if cell.cell_type == "markdown")
    words = Words(book, f"chapters/{notebook.stem}")
    for kind, keys in re.findall(r"\{(cite|cite:t)\}`([^`]+)`", source):
        for key in keys.split(","):
            assert words.cited(key, kind == "cite:t").strip("[]") in page

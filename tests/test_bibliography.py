"""The bibliography: every work has a name and an author, and is used or pointed to."""

import re

import pytest
from pybtex.database import parse_file


@pytest.fixture(scope="module")
def works(root):
    return parse_file(root / "references.bib").entries


def test_every_work_has_an_author_a_title_and_a_year(works):
    for key, work in works.items():
        assert work.persons.get("author"), key
        assert all(person.last_names for person in work.persons["author"]), key
        assert work.fields.get("title", "").strip(), key
        assert re.fullmatch(r"[12]\d{3}", work.fields.get("year", "")), key


def test_nothing_waits_to_be_completed(root):
    for name in ("references.bib", "chapters/bibliography.md"):
        text = (root / name).read_text(encoding="utf-8")
        assert not re.search("to be completed|unknown|TODO|[?]{2}", text, flags=re.I), name


def test_every_work_is_cited_or_owns_a_number_or_is_a_neighbour_that_stands_in_no_chapter(
    root, works
):
    folders, kinds = ("chapters", "course", "lim_lib"), {".md", ".ipynb", ".py", ".csv"}
    paths = {path for folder in folders for path in (root / folder).rglob("*.*")}
    page = root / "chapters" / "bibliography.md"
    neighbours = set(re.findall(r"\{cite:t\}`(\w+)`", page.read_text(encoding="utf-8")))
    words = set()
    for path in paths - {page}:
        if path.suffix in kinds:
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
    assert set(works) - words == neighbours


def test_a_chapter_says_how_far_its_sources_were_read(chapter):
    assert "} Standing of the sources" in chapter.read_text(encoding="utf-8")

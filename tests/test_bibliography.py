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


def test_every_work_is_cited_or_owns_a_number_or_is_pointed_to(root, works):
    folders = ("chapters", "course", "lim_lib")
    paths = [path for folder in folders for path in (root / folder).rglob("*.*")]
    kinds = {".md", ".ipynb", ".py", ".csv"}
    text = "\n".join(p.read_text(encoding="utf-8") for p in paths if p.suffix in kinds)
    assert [key for key in works if not re.search(rf"\b{key}\b", text)] == []

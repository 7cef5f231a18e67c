"""Where a chapter is named beside its own notebook: one that is new is missed in each place."""

import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import nbformat
import pytest
import yaml

NUMBERS = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
NUMBERS += "fifteen sixteen seventeen eighteen nineteen twenty".split()


def numbered(root):
    """The names of the chapters' files, by their numbers."""
    paths = sorted((root / "chapters").glob("[0-9][0-9]-*.ipynb"))
    return {int(path.name[:2]): path.stem for path in paths}


@pytest.fixture
def chapters(root):
    return numbered(root)


def test_the_chapters_are_numbered_through(chapters):
    assert list(chapters) == list(range(1, 1 + len(chapters)))


def test_the_page_of_a_part_leads_to_each_of_its_chapters(root, chapters):
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    led = []
    for part in toc["parts"]:
        page, *pages = (Path(entry["file"]) for entry in part["chapters"])
        numbered = [path.name for path in pages if path.name[0].isdigit()]
        if numbered:
            text = (root / page).with_suffix(".md").read_text(encoding="utf-8")
            assert re.findall(r"\{doc\}`Chapter \d+ <(\d\d-[\w-]+)>`", text) == numbered, page
            led += numbered
    assert led == list(chapters.values())


def test_the_front_page_counts_the_chapters(root, chapters):
    front = nbformat.read(root / "chapters" / "index.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in front.cells)
    assert f"{NUMBERS[len(chapters) - 1].capitalize()} chapters" in text


def test_the_weeks_of_the_syllabus_take_each_chapter(root, chapters):
    text = (root / "course" / "syllabus.md").read_text(encoding="utf-8")
    weeks = re.findall(r"^\| \d+ \| ([\d, ]+) \|.*\|$", text, flags=re.M)
    assert [int(each) for week in weeks for each in week.split(",")] == list(chapters)


def test_the_guide_says_what_goes_wrong_in_each_chapter(root, chapters):
    text = (root / "course" / "guide.md").read_text(encoding="utf-8")
    assert re.findall(r"^\*\*Chapter (\d+)\.\*\*$", text, re.M) == list(map(str, chapters))


def test_each_chapter_has_an_assignment_or_shares_one(root, chapters):
    spec = spec_from_file_location("chapter_map", root / "course" / "chapter_map.py")
    chapter_map = module_from_spec(spec)
    spec.loader.exec_module(chapter_map)
    there = {f"assignment {int(path.name[:2])}" for path in (root / "course" / "source").iterdir()}
    assert {chapter_map.assignment(number) for number in chapters} == there

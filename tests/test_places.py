"""A chapter that is added is missed aloud in every place that has to know it."""

import shutil
from importlib.util import module_from_spec, spec_from_file_location

import nbformat
import pytest

from tests.places import complaints

NEW = "16-planted"


@pytest.fixture
def copy(root, tmp_path):
    """The parts of the book that have to know its chapters."""
    for name in ("README.md", "_toc.yml"):
        shutil.copy2(root / name, tmp_path)
    for name in ("chapters", "course"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(root / name, tmp_path / name, ignore=ignored)
    return tmp_path


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_every_place_knows_every_chapter(root):
    assert list(complaints(root)) == []


def test_a_planted_chapter_is_missed_in_every_place_until_it_stands_there(copy):
    text = (copy / "chapters" / "15-beyond-the-bound.ipynb").read_text(encoding="utf-8")
    (copy / "chapters" / f"{NEW}.ipynb").write_text(text, encoding="utf-8")
    assert list(complaints(copy)) == [f"_toc.yml: {NEW} is not listed"]

    last = "      - file: chapters/15-beyond-the-bound\n"
    change(copy / "_toc.yml", last, f"{last}      - file: chapters/{NEW}\n")
    places = {
        "chapters/at-scale.md": f"does not introduce {NEW}",
        "course/syllabus.md": "no week takes chapter 16",
        "course/guide.md": f"no memory of {NEW} (python course/memory.py)",
    }
    others = {
        "course/guide.md: where students stumble in chapter 16",
        "chapters/index.ipynb: says Fifteen chapters, there are 16",
    }
    assert set(complaints(copy)) == {": ".join(each) for each in places.items()} | others

    change(copy / "chapters" / "at-scale.md", "\n\n", f"\n\n{{doc}}`Chapter 16 <{NEW}>`.\n\n")
    guide = copy / "course" / "guide.md"
    row = "| 15-beyond-the-bound |"
    change(guide, row, f"| {NEW} | 1 | 1 |\n{row}")
    change(guide, "**Chapter 15.**\n", '**Chapter 16.**\n\n- *"Nothing."*\n\n**Chapter 15.**\n')
    week = "| Debate: which assumption moves the headline? |\n"
    change(copy / "course" / "syllabus.md", week, f"{week}| 15 | 16 | One idea. | A lab. |\n")
    found = set(complaints(copy))
    assert "course/source: no assignment 15" in found
    for name in ("README.md", "course/README.md", "course/syllabus.md", "chapters/preface.md"):
        assert any(each.startswith(f"{name}: says ") for each in found), name

    shutil.copytree(
        copy / "course" / "source" / "14-at-scale", copy / "course" / "source" / "15-new"
    )
    found = set(complaints(copy))
    assert "course/mistakes.yaml: nothing of 15-new" in found
    assert "course/guide.md: says fourteen assignments, there are 15" in found
    assert "README.md: says fourteen assignments, there are 15" in found


def test_the_map_refuses_a_chapter_that_no_week_takes(copy):
    chapter = nbformat.read(copy / "chapters" / "15-beyond-the-bound.ipynb", as_version=4)
    nbformat.write(chapter, copy / "chapters" / f"{NEW}.ipynb")
    spec = spec_from_file_location("planted_map", copy / "course" / "chapter_map.py")
    planted = module_from_spec(spec)
    spec.loader.exec_module(planted)
    with pytest.raises(ValueError, match=r"chapter 16 must stand in a week of course/syllabus\.md"):
        planted.chapter_map()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fourteen assignments", "thirteen assignments"),
        ("fourteen weeks", "15 weeks"),
        ("the chapters in JupyterLab", "twelve chapters in JupyterLab"),
    ],
)
def test_a_number_that_is_out_of_date_is_found(copy, old, new):
    change(copy / "README.md", old, new)
    (found,) = complaints(copy)
    assert found.startswith("README.md: says ")

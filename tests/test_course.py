"""The course: its map is true, its assignments are whole, and what is for teachers stays with them.

That nbgrader grades the assignments as it should is tested by `make course`.
"""

import doctest
import math
import re
import zipfile
from importlib.util import module_from_spec, spec_from_file_location

import nbformat
import pytest
import yaml

from lim_lib import bounds, memory, thermal_energy

PICTURE = re.compile(rb"[A-Za-z0-9+/=]{400,}")
HIDDEN = re.compile(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n(.*?)\n### END \1", flags=re.DOTALL)
TELLING = 30  # characters that two texts do not share by chance


@pytest.fixture(scope="module")
def course(root):
    return root / "course"


@pytest.fixture(scope="module")
def sources(course):
    """The assignments, by name."""
    return {
        path.stem: nbformat.read(path, as_version=4) for path in course.glob("source/*/*.ipynb")
    }


def settings(cell):
    return cell.metadata.nbgrader


def hidden(cell):
    match = HIDDEN.search(cell.source)
    return match[2] if match else ""


def phrases(text):
    """The parts of a text that look the same in a page's source, in a notebook and in a script."""
    parts = re.split(r"[^\w .,;:()=*+/^-]+", text)
    return {part.strip() for part in parts if len(part.strip()) >= TELLING}


def module(course, name):
    """A script of the course."""
    spec = spec_from_file_location(name, course / f"{name}.py")
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.fixture(scope="module")
def chapter_map(course):
    """The map as the build writes it."""
    return module(course, "chapter_map").chapter_map()


def test_the_built_syllabus_holds_the_map(root, chapter_map):
    page = (root / "_build" / "html" / "course" / "syllabus.html").read_text(encoding="utf-8")
    links = re.findall(r"\(#(ex-[\w-]+)\)", chapter_map)
    assert links
    for link in links:
        assert f'.html#{link}"' in page, link


def test_the_map_names_every_chapter_its_minutes_and_its_exercises(root, chapter_map):
    parts = {part.split(".")[0]: part for part in chapter_map.split("### Chapter ")[1:]}
    chapters = sorted((root / "chapters").glob("[0-9][0-9]-*.ipynb"))
    assert set(parts) == {str(int(path.name[:2])) for path in chapters}
    for path in chapters:
        cells = nbformat.read(path, as_version=4).cells
        source = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
        part = parts[str(int(path.name[:2]))]
        labels = set(re.findall(r"^[`:]+\{exercise-start\}.*\n:label: *(\S+)", source, flags=re.M))
        assert labels
        assert {f"(#{label})" for label in labels} == set(re.findall(r"\(#[\w-]+\)", part))
        minutes = re.search(r"Minutes *\|\n.*\n.*\| *(\d+) *\|", source)[1]
        assert f" {minutes} minutes;" in part


def test_the_minutes_of_the_guest_lecture_add_up(course):
    text = (
        (course / "syllabus.md").read_text(encoding="utf-8").split("guest lecture of 90 minutes")[1]
    )
    spans = re.findall(r"^\| (\d+)–(\d+) \|", text, flags=re.M)
    assert [start for start, _ in spans] == ["0", *(end for _, end in spans[:-1])]
    assert spans[-1][1] == "90"


def test_every_answer_has_a_visible_check_of_its_form_and_a_hidden_one_of_its_value(sources):
    for name, notebook in sources.items():
        ids = [settings(cell).grade_id for cell in notebook.cells]
        assert len(ids) == len(set(ids)), name
        by_id = dict(zip(ids, notebook.cells, strict=True))
        answers = [i for i, c in by_id.items() if settings(c).solution and c.cell_type == "code"]
        assert len(answers) >= 4, name
        for answer in answers:
            assert hidden(by_id[answer]), f"{name}: {answer}"
            form, value = by_id[f"{answer}-form"], by_id[f"{answer}-value"]
            assert not hidden(form), f"{name}: {answer}"
            assert hidden(value), f"{name}: {answer}"
            assert all(settings(cell).grade and settings(cell).locked for cell in (form, value))
        reasoning = [c for c in notebook.cells if settings(c).grade and c.cell_type == "markdown"]
        assert len(reasoning) == 1, name
        assert hidden(reasoning[0]), name


def test_an_assignment_says_how_many_points_it_has(sources):
    for name, notebook in sources.items():
        total = sum(settings(cell).get("points", 0) for cell in notebook.cells)
        assert f"; {total} points." in notebook.cells[0].source, name
        assert notebook.cells[0].source.startswith(f"# Assignment {int(name[:2])}. "), name
        assert all(cell.get("outputs", []) == [] for cell in notebook.cells), name


def test_each_assignment_has_three_typical_mistakes(course, sources):
    mistakes = yaml.safe_load((course / "mistakes.yaml").read_text(encoding="utf-8"))
    assert set(mistakes) == set(sources)
    for name, three in mistakes.items():
        ids = {settings(cell).grade_id for cell in sources[name].cells}
        assert len({each["answer"] for each in three}) == 3, name
        assert {each["answer"] for each in three} <= ids, name


@pytest.fixture(scope="module")
def secrets(root, course, sources):
    """Phrases of solutions that occur nowhere in what everybody may read."""
    texts = [hidden(cell) for notebook in sources.values() for cell in notebook.cells]
    texts += [path.read_text(encoding="utf-8") for path in (course / "exam").rglob("*.md")]
    texts += [(course / "mistakes.yaml").read_text(encoding="utf-8")]
    open_to_all = [
        HIDDEN.sub("", cell.source) for notebook in sources.values() for cell in notebook.cells
    ]
    readable = [*(root / "chapters").glob("*.*"), *(root / "lim_lib").rglob("*.py"),
                *course.glob("*.md"), root / "README.md", *root.glob("*.txt")]  # fmt: skip
    open_to_all = "\n".join(
        [*open_to_all, *(path.read_text(encoding="utf-8") for path in readable)]
    )
    found = {phrase for text in texts for phrase in phrases(text)}
    return sorted(phrase for phrase in found if phrase not in open_to_all)


def leaks(folder, secrets):
    """Files below a folder, archives opened, that hold one of these phrases."""
    sought = [phrase.encode() for phrase in secrets]
    for path in folder.rglob("*"):
        if not path.is_file() or path.suffix in (".png", ".webp", ".woff", ".woff2", ".ttf"):
            continue
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                contents = {name: archive.read(name) for name in archive.namelist()}
        else:
            contents = {"": path.read_bytes()}
        for name, content in contents.items():
            content = PICTURE.sub(b"", content)
            for phrase in sought:
                if phrase in content:
                    yield f"{path.relative_to(folder)} {name}: {phrase.decode()}"
                    break


def test_no_solution_reaches_what_is_built(root, secrets):
    assert len(secrets) > 200
    built = root / "_build"
    folders = [path for path in built.iterdir() if path.name[0] != "." and path.is_dir()]
    folders = [path for path in folders if not (path / "pyvenv.cfg").exists()]
    assert built / "html" in folders
    for folder in folders:
        assert list(leaks(folder, secrets)) == []
    assert not list((built / "html").rglob("*assignment*"))


def test_a_solution_that_leaked_would_be_found(tmp_path, secrets, sources):
    notebook = next(iter(sources.values()))
    page = "".join(f"<p>{cell.source}</p>" for cell in notebook.cells)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    nbformat.write(notebook, tmp_path / "copy.ipynb")
    with zipfile.ZipFile(tmp_path / "site.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "copy.ipynb", "copy.ipynb")
    assert {leak.split(" ")[0] for leak in leaks(tmp_path, secrets)} == {
        "page.html",
        "copy.ipynb",
        "site.zip",
    }


@pytest.fixture(scope="module")
def submissions(course):
    return module(course, "submissions")


@pytest.mark.parametrize(
    "line",
    [
        "setattr(grading, name, print)",
        "grading.matches = print",
        "grading = None",
        "del grading.Hint",
        "grading.__dict__['matches'] = print",
        "vars(grading).update(matches=print)",
        "from lim_lib import grading as g",
        "import lim_lib.grading as g",
        "def grading(): pass",
        "sys.modules['lim_lib.grading'] = None",
        "for grading in (1, 2): pass",
        "import os",
        "from subprocess import run",
        "text = open('../../../source/solution.ipynb').read()",
        "exec('x = 1')",
    ],
)
def test_a_submission_that_reaches_for_the_checks_is_listed(submissions, line):
    found = submissions.strange(f"heat = 2\nif heat:\n    {line}\n")
    assert [shown.split(":")[0] for shown in found] == [line.split(":")[0]]


def test_the_examples_in_its_documentation_are_true(submissions):
    assert doctest.testmod(submissions) == (0, 2)


def test_what_the_assignments_themselves_hold_is_not_listed(submissions, sources, tmp_path, capsys):
    for name, notebook in sources.items():
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
    assert submissions.main(tmp_path) == 0
    planted = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("!ls ..")])
    text = "\N{BYTE ORDER MARK}" + nbformat.writes(planted)
    (tmp_path / "planted.ipynb").write_text(text, encoding="utf-8")
    assert submissions.main(tmp_path) == 1
    assert "planted.ipynb, cell 1: get_ipython" in capsys.readouterr().out


def test_the_numbers_of_the_exams_solutions_are_right(course):
    text = (course / "exam" / "solutions" / "solutions.md").read_text(encoding="utf-8")
    assert f"= {round(88 / 0.34)}$ operations" in text

    def barrier(years):
        return memory.retention_barrier(years * 365.25 * 86400, 1e-9, 1e9) / thermal_energy()

    assert f"= {barrier(1000) - barrier(10):.1f}\\,kT$ more" in text
    days = 10 * 365.25 * math.exp(-60 * (1 - 300 / 330))
    assert f"({days:.1f} days)" in text
    followed, held = (
        price(1, bits=4, convergence_times=6) / thermal_energy()
        for price in (bounds.optimizer_limited, bounds.held_tilt)
    )
    assert f"= {followed:.2f}\\,kT$; held" in text
    assert f"${held:.2f}\\,kT$" in text
    assert f"= {3 * (190 - 3) / 17:.0f}\\,kT$ a weight" in text
    least = bounds.landauer(1, 5) / thermal_energy()
    assert f"= {least:.2f}$ is the price of ending on one level" in text
    assert f"0.9 nats or {0.9 / math.log(2):.1f} bits" in text

"""Every assignment released, solved and graded by nbgrader itself; `make course` runs this.

Three students hand in each assignment: one with the teacher's answers, one with nothing, and one
whose answers are the teacher's but for the three typical mistakes of ``mistakes.yaml``.
"""

import html
import re
import shutil
import warnings
from pathlib import Path

import nbformat
import pytest
import yaml

COURSE = Path(__file__).parent
ASSIGNMENTS = sorted(path.name for path in (COURSE / "source").iterdir())
MISTAKES = yaml.safe_load((COURSE / "mistakes.yaml").read_text(encoding="utf-8"))
SECRET = re.compile(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)### END", flags=re.DOTALL)


def read(folder, assignment):
    return nbformat.read(folder / assignment / f"{assignment}.ipynb", as_version=4)


def by_id(notebook):
    return {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells}


def secrets(assignment):
    """What a student must not see: answers and hidden tests, by the cell's name."""
    cells = by_id(read(COURSE / "source", assignment))
    return {
        name: match[1]
        for name, cell in cells.items()
        if (match := SECRET.search(cell.source))
    }


def points(assignment, kind):
    """The points of an assignment's cells of one type."""
    cells = read(COURSE / "source", assignment).cells
    return sum(c.metadata.nbgrader.get("points", 0) for c in cells if c.cell_type == kind)


def new_course(folder, seconds=None):
    """A course in a folder of its own; seconds that a cell may take."""
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import PyFileConfigLoader

    shutil.copytree(COURSE / "source", folder / "source")
    settings = PyFileConfigLoader(str(COURSE / "nbgrader_config.py")).load_config()
    settings.CourseDirectory.root = str(folder)
    if seconds:
        settings.ExecutePreprocessor.timeout = seconds
    return NbGraderAPI(config=settings)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return new_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module", params=ASSIGNMENTS)
def assignment(request):
    return request.param


@pytest.fixture(scope="module")
def folder(course, assignment):
    """The course's folder, with the assignment released."""
    succeed(course.generate_assignment, assignment)
    return Path(course.coursedir.root)


def succeed(step, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of nbgrader and what it uses, none of them ours
        done = step(*arguments)
    assert done["success"], done["log"] or done["error"]


def graded(course, assignment, student, answers):
    """Hand in these answers, by the cell's name; the points, and the errors by the cell's name."""
    folder = Path(course.coursedir.root)
    shutil.copytree(
        folder / "release" / assignment, folder / "submitted" / student / assignment
    )
    notebook = read(folder / "release", assignment)
    for name, text in answers.items():
        by_id(notebook)[name].source = text
    path = folder / "submitted" / student / assignment / f"{assignment}.ipynb"
    nbformat.write(notebook, path)
    succeed(course.autograde, assignment, student)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = course.get_submission(assignment, student)["score"]
    errors = {
        name: output.evalue
        for name, cell in by_id(read(folder / "autograded" / student, assignment)).items()
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }
    return score, errors


def solution(assignment):
    cells = by_id(read(COURSE / "source", assignment))
    return {
        name: cell.source
        for name, cell in cells.items()
        if cell.metadata.nbgrader.solution
    }


def leaked(assignment, text):
    """Lines of solutions and hidden tests that a text holds, but for those that all may see."""
    cells = read(COURSE / "source", assignment).cells
    seen_by_all = "\n".join(SECRET.sub("", cell.source) for cell in cells)
    lines = {
        line.strip()
        for secret in secrets(assignment).values()
        for line in secret.split("\n")
    }
    return {
        line
        for line in lines
        if len(line) > 12 and line in text and line not in seen_by_all
    }


def feedback(course, assignment, student):
    """The text of the page that a student gets back."""
    succeed(course.generate_feedback, assignment, student)
    folder = Path(course.coursedir.root, "feedback", student, assignment)
    return html.unescape(
        re.sub(
            r"<[^>]+>", "", (folder / f"{assignment}.html").read_text(encoding="utf-8")
        )
    )


def test_a_release_holds_no_solution_and_no_hidden_test(folder, assignment):
    cells = read(folder / "release", assignment).cells
    everything = "\n".join(cell.source for cell in cells)
    assert "BEGIN" not in everything
    assert leaked(assignment, everything) == set()
    names = {path.name for path in (folder / "release" / assignment).iterdir()}
    assert names == {f"{assignment}.ipynb"}
    source = "\n".join(cell.source for cell in read(COURSE / "source", assignment).cells)
    assert len(leaked(assignment, source)) > 4  # a leak would be found


def test_the_teachers_answers_get_all_points_that_a_machine_gives(
    course, folder, assignment
):
    score, errors = graded(course, assignment, "teacher", solution(assignment))
    assert errors == {}
    assert score == points(assignment, "code")


def test_an_empty_submission_gets_no_points_and_its_feedback_holds_no_solution(
    course, folder, assignment
):
    score, errors = graded(course, assignment, "empty", {})
    assert score == 0
    assert len(errors) > 8
    page = feedback(course, assignment, "empty")
    assert all(error.split("\n")[0] in page for error in errors.values())
    assert leaked(assignment, page) == set()


def test_three_typical_mistakes_cost_their_own_points_and_give_their_hint(
    course, folder, assignment
):
    mistakes = MISTAKES[assignment]
    assert len(mistakes) == 3
    wrong = {each["answer"]: each["wrong"] for each in mistakes}
    score, errors = graded(course, assignment, "mistaken", solution(assignment) | wrong)
    assert set(errors) == {f"{name}-value" for name in wrong}
    lost = sum(
        by_id(read(COURSE / "source", assignment))[e].metadata.nbgrader.points
        for e in errors
    )
    assert score == points(assignment, "code") - lost
    page = feedback(course, assignment, "mistaken")
    for each in mistakes:
        hint = errors[f"{each['answer']}-value"]
        assert re.match(each["hint"], hint), hint
        assert hint in page


ONE = "03-writing-and-erasing"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """A course whose cells may take half a minute, with one assignment released."""
    course = new_course(tmp_path_factory.mktemp("hurried"), seconds=30)
    succeed(course.generate_assignment, ONE)
    return course


def hand_in(course, student, change, start=""):
    """Hand in the teacher's answers, changed; the points, and the text of the feedback."""
    folder = Path(course.coursedir.root)
    notebook = read(folder / "release", ONE)
    for name, text in solution(ONE).items():
        by_id(notebook)[name].source = text
    change(notebook)
    path = folder / "submitted" / student / ONE / f"{ONE}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(start + nbformat.writes(notebook), encoding="utf-8")
    succeed(course.autograde, ONE, student)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        score = course.get_submission(ONE, student)["score"]
    return score, feedback(course, ONE, student)


@pytest.mark.parametrize("name", ["heat", "heat-form"])
def test_a_cell_that_was_copied_with_its_metadata_costs_nothing(hurried, name):
    def copy(notebook):
        place = notebook.cells.index(by_id(notebook)[name])
        twin = nbformat.from_dict({**notebook.cells[place], "id": "twin"})
        notebook.cells.insert(place + 1, twin)

    score, _ = hand_in(hurried, f"copied-{name}", copy)
    assert score == points(ONE, "code")


def test_a_byte_order_mark_costs_nothing(hurried):
    score, _ = hand_in(hurried, "marked", lambda notebook: None, "\N{BYTE ORDER MARK}")
    assert score == points(ONE, "code")


def test_the_feedback_says_that_a_cell_did_not_end(hurried):
    def endless(notebook):
        by_id(notebook)["cold"].source = "while True:\n    pass"

    score, page = hand_in(hurried, "endless", endless)
    assert "the cell was stopped, since it had not ended after" in page
    assert score == points(ONE, "code") - 3


def test_symbols_of_ones_own_cost_nothing(hurried):
    def own(notebook):
        by_id(notebook)["heat"].source = (
            "T, k, q, p = sp.symbols('T k_B p_0 p')\n"
            "s = lambda x: -x * sp.log(x) - (1 - x) * sp.log(1 - x)\n"
            "heat = k * T * (s(q) - s(p))"
        )

    score, _ = hand_in(hurried, "own", own)
    assert score == points(ONE, "code")


def test_checks_that_a_submission_has_changed_check_nevertheless(hurried):
    def cheat(notebook):
        for name in solution(ONE):
            by_id(notebook)[name].source = f"{name} = 0"
        by_id(notebook)["heat"].source = (
            "heat = sp.Integer(0)\n"
            "for name in ('is_quantity', 'is_expression', 'matches', 'translated'):\n"
            "    setattr(grading, name, lambda answer, *_, **__: answer)"
        )

    score, _ = hand_in(hurried, "changed", cheat)
    assert score == 0

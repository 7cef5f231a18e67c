"""What every chapter has, read off its notebook; and what every notebook of the book keeps to.

A chapter's parts, in order (what the tests below look for):

- first cell: ``# N. Title``, then the question, in bold or as a quotation;
- ``## What you will learn``: a list of objectives, then the table ``Prerequisites | Minutes``;
- sections, with exercises directly after the idea, each followed by its folded solution, which
  holds executed code;
- a code cell tagged ``matches-library`` that asserts that the chapter's result is the library's;
- ``## Summary``, the last section.
"""

import re
from itertools import pairwise

import nbformat
import yaml
from pybtex.database import parse_file

LONGEST_ALT = 250
LONGEST_CELL = 20
WORDS = range(1000, 4501)
PICTURES = {"image/png", "image/jpeg", "image/svg+xml", "image/webp"}


def read(path):
    return nbformat.read(path, as_version=4)


def code(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code" and cell.source.strip()]


def prose(path):
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def tags(cell):
    return cell.metadata.get("tags", [])


def opening(cell):
    """How a failure names a cell."""
    return cell.source.strip().split("\n")[0][:70]


def kinds(cell):
    return {kind for output in cell.outputs for kind in output.get("data", {})}


def sections(path):
    """The text under each heading of the second level, by heading, in order."""
    parts = re.split(r"^## +(.+)$", prose(path), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def gated(path, kind):
    """What stands between ``{kind-start}`` and ``{kind-end}``: the directive and the cells."""
    found, current = [], None
    for cell in read(path).cells:
        text = cell.source if cell.cell_type == "markdown" else ""
        for part in re.split(
            r"(?=^[`:]{3,}\{(?:exercise|solution)-(?:start|end)\})", text, flags=re.M
        ):
            if re.match(rf"[`:]+\{{{kind}-start\}}", part):
                current = [part]
            elif re.match(rf"[`:]+\{{{kind}-end\}}", part):
                found.append(current)
                current = None
        if current is not None and cell.cell_type == "code":
            current.append(cell)
    assert current is None, f"a {kind} is opened and not closed"
    return found


def label(directive):
    return re.search(r"^:label: *(\S+)", directive, flags=re.M)[1]


def test_the_book_has_numbered_chapters(root):
    assert list((root / "chapters").glob("[0-9][0-9]-*.ipynb"))


def test_a_chapter_opens_with_its_number_its_title_and_a_question(chapter):
    first = read(chapter).cells[0]
    title, _, rest = first.source.partition("\n")
    assert first.cell_type == "markdown"
    assert re.fullmatch(rf"# {int(chapter.name[:2])}\. \S.*", title)
    assert re.search(r"^(> .*\?|.*\*\*[^*]+\?\*\*)", rest, flags=re.M), "no question"


def test_a_chapter_says_what_one_will_learn_what_one_needs_and_how_long_it_takes(chapter):
    heading, text = next(iter(sections(chapter).items()))
    assert heading == "What you will learn"
    assert len(re.findall(r"^[-*] \S", text, flags=re.M)) >= 2, "no list of objectives"
    assert re.search(r"^\|? *Prerequisites *\| *Minutes *\|?\n.*-.*\n.*\| *\d+", text, flags=re.M)


def test_a_chapter_says_how_long_its_story_takes_as_its_length_has_it(chapter):
    """220 words a minute, half a minute for a picture; solutions and sections marked ◇ apart."""
    shown = re.sub(r"\{solution-start\}.*?\{solution-end\}", "", prose(chapter), flags=re.DOTALL)
    story = [part for part in re.split(r"^(?=## )", shown, flags=re.M) if "◇" not in part[:5]]
    pictures = sum(bool(kinds(cell) & PICTURES) for cell in code(chapter))
    minutes = sum(len(part.split()) for part in story) / 220 + pictures / 2
    assert abs(int(re.search(r"The story takes (\d+) minutes", shown)[1]) - minutes) < 5


def test_a_chapter_ends_with_a_summary(chapter):
    heading, text = list(sections(chapter).items())[-1]
    assert heading == "Summary"
    assert "lim_lib." in text or "`" in text, "names no function of the library"


def test_exercises_have_folded_solutions_with_executed_code(chapter):
    exercises = [label(exercise[0]) for exercise in gated(chapter, "exercise")]
    solved = []
    for directive, *cells in gated(chapter, "solution"):
        solved.append(re.match(r".*\{solution-start\} *(\S+)", directive)[1])
        assert re.search(r"^:class:.*\bdropdown\b", directive, flags=re.M), (
            f"{solved[-1]}: not folded"
        )
        assert any(cell.execution_count for cell in cells), f"{solved[-1]}: no executed code"
    assert len(exercises) >= 2
    assert solved == exercises


def test_a_chapter_cites_its_sources(chapter):
    assert re.search(r"\{cite(:\w+)?\}`", prose(chapter))


def test_a_chapter_asserts_that_its_result_is_the_librarys(chapter):
    matching = [cell for cell in code(chapter) if "matches-library" in tags(cell)]
    assert matching
    assert all(re.search(r"^\s*assert\b", cell.source, flags=re.M) for cell in matching)


def test_a_chapter_has_a_readable_length(chapter):
    assert len(prose(chapter).split()) in WORDS


def test_every_code_cell_was_run_in_order_without_error_or_warning(notebook):
    cells = code(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error", opening(cell)
            assert output.get("name") != "stderr", opening(cell)


def test_few_outputs_are_not_compared(notebook):
    cells = code(notebook)
    ignored = [
        opening(cell)
        for cell in cells
        if any(
            tag.lower().startswith(("nbval-ignore", "nbval-skip", "nbval-raises"))
            for tag in tags(cell)
        )
        or re.search(r"#\s*(NBVAL_|PYTEST_VALIDATE_)", cell.source)
    ]
    assert len(ignored) <= max(1, len(cells) // 10), ignored


def test_code_cells_are_short(notebook):
    for cell in code(notebook):
        assert len(cell.source.strip().split("\n")) <= LONGEST_CELL, opening(cell)


def test_every_picture_has_alt_text(notebook):
    for cell in code(notebook):
        if kinds(cell) & PICTURES:
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert 0 < len(alt.strip()) <= LONGEST_ALT, opening(cell)


def test_an_explorers_alt_text_is_written_once(tidy):
    """In the explorer, which its page reads; print reads the cell's, which is taken from there."""
    shown = nbformat.v4.new_output("execute_result", {"text/plain": "Explorer(hopping: …)"})
    cell = nbformat.v4.new_code_cell('Explorer(f, alt="Two " "wells.")', outputs=[shown])
    cell.metadata["mystnb"] = {"image": {"alt": "One well."}}
    (tidied,) = tidy(nbformat.v4.new_notebook(cells=[cell])).cells
    assert tidied.metadata.mystnb.image.alt == "Two wells."


def test_a_notebook_keeps_no_script_of_a_scene(tidy):
    data = {"text/plain": "Scene(level: …)", "text/html": "<script></script>", "image/png": ""}
    shown = nbformat.v4.new_output("execute_result", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[shown])])
    (cell,) = tidy(notebook).cells
    assert set(cell.outputs[0].data) == {"text/plain", "image/png"}


def test_a_notebook_keeps_the_form_of_an_answer_out_and_folds_what_would_give_it_away(tidy):
    data = {"text/plain": "Answer(heat of a bit, in zJ)", "text/html": "<form></form>"}
    shown = nbformat.v4.new_output("execute_result", data)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[shown])])
    (cell,) = tidy(notebook).cells
    assert set(cell.outputs[0].data) == {"text/plain"}
    assert cell.metadata.jupyter == {"source_hidden": True}


def test_a_chapter_checks_answers_between_an_exercise_and_its_solution(chapter):
    asked, before = 0, ""
    for cell, after in pairwise(read(chapter).cells):
        if "Answer(" in cell.source:
            assert "remove-input" in tags(cell)
            assert re.search(r"\{exercise-end\}(\n```)?$", before), opening(cell)
            asked += 1
            if "Answer(" not in after.source:
                assert re.match(r"[`:]+\{solution-start\}", after.source), opening(cell)
        elif cell.cell_type == "markdown":
            before = cell.source
    assert asked >= 2


def test_notebooks_hold_nothing_that_changes_from_run_to_run(notebook, tidy):
    assert tidy(read(notebook)) == read(notebook), "run `make notebooks`"


def test_no_output_shows_the_last_digits_of_a_computed_number(notebook):
    """They differ from processor to processor."""
    for cell in code(notebook):
        shown = "\n".join(
            output.get("text", "") + output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for number in re.findall(r"(\d+\.\d+)(?:[eE][-+]?\d+)?", shown):
            assert len(number.replace(".", "").lstrip("0")) <= 12, opening(cell)


def test_no_output_is_a_text_in_quotes_or_a_container_of_python(notebook):
    """What a cell found is told by `show`, by a table, or is a number."""
    for cell in code(notebook):
        for output in cell.outputs:
            told = output.get("data", {"text/plain": output.get("text", "")})
            if not set(told) - {"text/plain"}:
                soup = re.search(
                    r"^\s*([\"'(\[{]|array\()|\b(True|False|None|nan|NaN|array|dtype)\b|[\[{]",
                    told["text/plain"],
                )
                assert soup is None, f"{opening(cell)}: {told['text/plain'][:60]}"


def test_every_source_that_is_cited_is_in_the_bibliography(root):
    known = set(parse_file(root / "references.bib").entries)
    texts = {path: path.read_text(encoding="utf-8") for path in (root / "chapters").glob("*.*")}
    for path, text in texts.items():
        for group in re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", text):
            assert {key.strip() for key in group.split(",")} <= known, path.name


def test_the_table_of_contents_lists_every_page(root):
    contents = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = [entry["file"] for part in contents["parts"] for entry in part["chapters"]]
    pages = [path for kind in ("md", "ipynb") for path in (root / "chapters").glob(f"*.{kind}")]
    others = {"course/syllabus", "course/guide", "api/index"}
    assert {f"chapters/{path.stem}" for path in pages} | others == {contents["root"], *listed}

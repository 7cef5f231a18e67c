"""Settings of nbgrader; it reads them when it is run in this folder."""

from io import StringIO

from nbconvert.exporters import NotebookExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader import utils
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearOutput,
    DeduplicateIds,
    GetGrades,
    NbGraderPreprocessor,
    OverwriteCells,
    OverwriteKernelspec,
)

SECONDS = 120  # that a cell may take
FRESH = "import importlib, lim_lib.grading as grading; importlib.reload(grading)"


class AnySubmission(NotebookExporter):
    """Reads a notebook with or without a byte order mark, which some editors put first."""

    def from_file(self, file_stream, resources=None, **settings):
        """Skip the mark, and convert as always."""
        text = file_stream.read().removeprefix("\N{BYTE ORDER MARK}")
        return super().from_file(StringIO(text), resources, **settings)


class DropCopies(DeduplicateIds):
    """Of cells that were copied with their metadata, the last counts; the others are only run."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Take from a copy the empty metadata, too, which nbgrader takes for that of old versions."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources


class FreshChecks(NbGraderPreprocessor):
    """Before each check the module of checks is read again, so that no answer has changed it."""

    def preprocess_cell(self, cell, resources, index):
        """Put the line before the cells that give points."""
        if utils.is_grade(cell) and cell.cell_type == "code":
            cell.source = f"{FRESH}\n{cell.source}"
        return cell, resources


class ShortErrors(NbGraderPreprocessor):
    """Leaves of each error its last line: the lines above quote the hidden test that raised it."""

    def preprocess_cell(self, cell, resources, index):
        """Shorten the errors that a cell shows."""
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources


c = get_config()  # noqa: F821  (nbgrader provides it)

c.CourseDirectory.course_id = "learning-in-memory"
c.ClearSolutions.code_stub = {"python": "# Your answer here.\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"
c.ExecutePreprocessor.timeout = SECONDS
STOPPED = f"the cell was stopped, since it had not ended after {SECONDS} seconds"
c.ExecutePreprocessor.error_on_timeout = {
    "ename": "CellTimeoutError",
    "evalue": STOPPED,
    "traceback": [f"CellTimeoutError: {STOPPED}"],
}
c.Autograde.exporter_class = AnySubmission
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DropCopies,
    OverwriteKernelspec,
    OverwriteCells,
    FreshChecks,
    CheckCellMetadata,
]
# What students get back shows points and hints, and no hidden test.
c.GenerateFeedback.preprocessors = [
    GetGrades,
    ClearHiddenTests,
    ShortErrors,
    CSSHTMLHeaderPreprocessor,
]

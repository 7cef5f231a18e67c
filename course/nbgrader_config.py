"""Settings of nbgrader; it reads them when it is run in this folder."""

from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import ClearHiddenTests, GetGrades, NbGraderPreprocessor


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
c.ExecutePreprocessor.timeout = 120
# What students get back shows points and hints, and no hidden test.
c.GenerateFeedback.preprocessors = [
    GetGrades,
    ClearHiddenTests,
    ShortErrors,
    CSSHTMLHeaderPreprocessor,
]

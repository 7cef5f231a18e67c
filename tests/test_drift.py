"""Cosmetic drift is told from mathematical drift, on notebooks whose drift is planted."""

import drift
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output
from pins import pins

PLANTED = {
    "none": ("2", "assert total == 2"),
    "cosmetic": ("2.0", "assert total == 2"),
    "mathematical": ("2", "assert total == 3"),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_drift_is_told_for_what_it_is(tmp_path, kind):
    shown, claim = PLANTED[kind]
    output = new_output("execute_result", {"text/plain": shown}, execution_count=1)
    cells = [
        new_code_cell("total = 1 + 1\ntotal", outputs=[output], execution_count=1),
        new_code_cell(claim, execution_count=2),
    ]
    kernel = {"name": "python3", "display_name": "Python 3"}
    path = tmp_path / f"{kind}.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    told, failing = drift.verdict(str(path))
    assert told == kind
    assert len(failing) == (kind != "none")


def test_tests_that_cannot_run_are_no_verdict():
    with pytest.raises(RuntimeError, match="no-such-notebook"):
        drift.verdict("no-such-notebook.ipynb")


def test_every_package_of_the_mathematics_is_pinned():
    assert set(drift.MATHEMATICS) <= set(pins())

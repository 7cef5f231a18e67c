"""What passes as a test is what the book shows, and nothing else is kept for it."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from executed import folder
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import single_nb_execution
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

CODE = ("x = 2", "print(x)\nx", "from IPython.display import HTML\nHTML('<b>2</b>')")
STORED = (
    [],
    [new_output("stream", name="stdout", text="2\n"), {"text/plain": "2"}],
    [{"text/plain": "<IPython.core.display.HTML object>"}],
)


@pytest.fixture
def two(root, tmp_path):
    """A notebook with its outputs, beside what the book's notebooks are tested and kept with."""
    (tmp_path / "_ext").mkdir()
    for name in ("conftest.py", "_ext/executed.py", "_ext/kernels.py"):
        shutil.copy(root / name, tmp_path / name)
    cells = [new_markdown_cell("# Two")]
    for number, (source, shown) in enumerate(zip(CODE, STORED, strict=True), 1):
        outputs = [
            each if "output_type" in each else new_output("execute_result", each) for each in shown
        ]
        cells.append(new_code_cell(source, outputs=outputs, execution_count=number))
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    path = tmp_path / "two.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def outcome(path, **environment):
    """Test a notebook in its folder; return whether it passed, and what is kept of it, or None."""
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", path.name]
    done = subprocess.run(command, cwd=path.parent, env=os.environ | environment)
    cache = get_cache(folder(path.parent))
    try:
        return done.returncode == 0, cache.merge_match_into_notebook(nbformat.read(path, 4))[1]
    except KeyError:
        return done.returncode == 0, None


def test_what_is_kept_is_what_an_execution_gives(two):
    passed, kept = outcome(two, LIM_LIB_FACE="page")
    executed = single_nb_execution(nbformat.read(two, 4), str(two.parent), 60, False)
    assert passed
    assert executed.err is None
    for mine, theirs in zip(kept.cells, executed.nb.cells, strict=True):
        assert mine.get("outputs") == theirs.get("outputs")
        assert mine.get("execution_count") == theirs.get("execution_count")
    assert kept.metadata.language_info == executed.nb.metadata.language_info


def test_a_notebook_that_fails_is_not_kept(two):
    text = two.read_text(encoding="utf-8")
    two.write_text(text.replace('"x = 2"', '"x = 3"'), encoding="utf-8")
    assert outcome(two, LIM_LIB_FACE="page") == (False, None)


def test_what_was_not_shown_for_a_page_is_not_kept(two):
    assert outcome(two, LIM_LIB_FACE="") == (True, None)

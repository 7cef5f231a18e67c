"""Tests side by side, and notebooks as tests.

A notebook whose cells all pass as a page shows them is kept for the book. What a page computes
with is made anew and not stored, so not compared.
"""

import os
import re
import sys
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent
sys.path.append(str(ROOT / "_ext"))
APART = {
    "course/test_assignments.py": re.compile(r"\[[\w-]*"),
    "tests/pages/test_pages.py": re.compile(r"\[.*?(?=-light|-dark|\])"),
    "tests/test_drift.py": re.compile(".*"),
    "tests/test_recipes.py": re.compile(".*"),
}
"""Files whose tests need not stay together, and what those have in common that must."""
FOR_A_PAGE = os.environ.get("LIM_LIB_FACE") == "page"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Have the tests of a file stay with one worker, but for the files that are taken apart."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            file, _, test = nodeid.partition("::")
            common = file in APART and APART[file].search(test)
            return f"{file} {common[0]}" if common else file

    return Scheduling(config, log)


def is_cell(item):
    """Whether a test is a cell of a notebook."""
    return hasattr(item.parent, "skip_compare")


def pytest_configure(config):
    """Execute notebooks as the book does."""
    if FOR_A_PAGE and getattr(config.option, "nbval", False):
        from kernels import start_at_once

        start_at_once()


def pytest_collection_modifyitems(items):
    """Have nbval compare the words of an output, and not its HTML, which says the same."""
    for notebook in {item.parent for item in items if is_cell(item)}:
        notebook.skip_compare += ("text/html",)
        notebook.passed = {}


def pytest_terminal_summary(terminalreporter):
    """Say how long each notebook took."""
    seconds = Counter()
    for report in chain.from_iterable(terminalreporter.stats.values()):
        name, notebook, _ = getattr(report, "nodeid", "").partition(".ipynb::")
        if notebook:
            seconds[Path(name).name] += getattr(report, "duration", 0)
    if seconds:
        terminalreporter.section("seconds per notebook", sep="-")
        for name, duration in sorted(seconds.items()):
            terminalreporter.line(f"{duration:6.1f}  {name}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep a notebook for the book when the last of its cells has passed."""
    report = yield
    if FOR_A_PAGE and is_cell(item) and report.when == "call" and report.passed:
        item.parent.passed[item.cell_num] = item.test_outputs, report.duration
        code = [cell for cell in item.parent.nb.cells if cell.cell_type == "code"]
        if len(item.parent.passed) == len(code):
            keep(item.parent, code)
    return report


def keep(notebook, code):
    """Keep what the cells of code of a notebook showed."""
    from executed import folder, keep
    from jupyter_cache import get_cache

    for number, cell in enumerate(code):
        cell.outputs, _ = notebook.passed[number]
        cell.execution_count = number + 1
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = number + 1
    told = notebook.kernel.kc.kernel_info(reply=True, timeout=60)["content"]
    notebook.nb.metadata["language_info"] = told["language_info"]
    seconds = sum(duration for _, duration in notebook.passed.values())
    keep(get_cache(folder(ROOT)), notebook.path, notebook.nb, seconds)

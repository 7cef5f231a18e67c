"""Errors planted in a copy of the library, which the chapter that uses it must notice.

Each chapter has a file here, ``NN.toml``, with at least three of these::

    [[planted]]
    error = "all hop rates doubled"          # in words
    file = "lim_lib/simulate/hops.py"
    old = "what stands in the file, exactly once"
    new = "what stands there in the copy: one line differs, or two if they say the same"
    confronts = "the result that this puts to the test: an equation's label, a box's title,
        or words of the table under «What confronts what»"

An error is *noticed* when an ``assert`` in a cell of the chapter fails. A chapter that stops for
another reason crashed, which is no merit of its confrontations. Cells run in order, in a process
of their own; statements that only draw are passed over.

``python -m tests.planted`` or ``make planted`` says which cell noticed what.
"""

import ast
import contextlib
import json
import os
import queue
import re
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

sys.path.append(str(Path(__file__).parents[1] / "mutants"))
from trying import Copy

ROOT = Path(__file__).parents[2]
LONGEST = 180
"""Seconds after which a chapter with an error in the library is given up."""
NOTICED, CRASHED, UNNOTICED = "noticed", "crashed, not noticed", "not noticed"


@dataclass(frozen=True)
class Plant:
    """An error: one factor in one file, changed, and the chapter that must notice it."""

    chapter: str
    error: str
    file: str
    old: str
    new: str
    confronts: str

    def source(self, root: Path = ROOT) -> str:
        """The file with the error in it."""
        if not (root / self.file).is_file():
            raise ValueError(f"there is no {self.file}")
        text = (root / self.file).read_text(encoding="utf-8")
        times = text.count(self.old)
        if times != 1:
            raise ValueError(f"{self.file} has {self.old!r} {times} times, not once")
        planted = text.replace(self.old, self.new)
        lines = text.split("\n"), planted.split("\n")
        if len(lines[0]) != len(lines[1]) or sum(map(str.__ne__, *lines)) not in (1, 2):
            raise ValueError(f"{self.old!r} and {self.new!r} do not differ in one line or two")
        return planted


class Verdict(NamedTuple):
    """What became of a chapter, where, what stood there, why, and its processor time in s."""

    outcome: str
    cell: int = 0
    line: str = ""
    reason: str = ""
    seconds: float = 0.0

    @property
    def noticed(self) -> bool:
        return self.outcome == NOTICED

    def __str__(self):
        place = f" in [{self.cell}], {self.line}" if self.cell else ""
        return f"{self.outcome}{place}{': ' * bool(self.reason)}{self.reason}"


def notebook(chapter: str, root: Path = ROOT) -> Path:
    """The chapter of this number, written with two digits."""
    (path,) = (root / "chapters").glob(f"{chapter}-*.ipynb")
    return path


def plants(folder: Path = ROOT / "tests" / "planted") -> list[Plant]:
    """The errors of all chapters, in their order."""
    return [
        Plant(path.stem, **entry)
        for path in sorted(folder.glob("[0-9]*.toml"))
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["planted"]
    ]


def cells(notebook: Path) -> list[str]:
    """The code of a notebook, without what needs a notebook's kernel to be shown."""
    found = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]


def only_draws(statement: ast.stmt) -> bool:
    """Whether a statement shows a picture or an explorer, and leaves nothing behind."""
    if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return False
    return re.match(r"(figures\.\w+|Explorer)\(", ast.unparse(statement)) is not None


def first_exception(notebook: str) -> Verdict:
    """Run a chapter up to its first exception and say what that was.

    It changes the process that it runs in: its folder, its ``__main__``.
    """
    path = Path(notebook).resolve()
    os.chdir(path.parent)
    sys.modules["__main__"] = module = ModuleType("__main__")
    names = {}
    for number, source in enumerate(cells(path), 1):
        names[f"cell {number}"] = source
        try:
            tree = ast.parse(source)
            tree.body = [each for each in tree.body if not only_draws(each)]
            exec(compile(tree, f"cell {number}", "exec"), module.__dict__)
        except Exception as error:
            frames = traceback.extract_tb(error.__traceback__)
            own = [frame for frame in frames if frame.filename in names]
            line = names[own[-1].filename].split("\n")[own[-1].lineno - 1].strip() if own else ""
            if isinstance(error, AssertionError) and frames[-1] in own:
                return Verdict(NOTICED, number, line, "", time.process_time())
            reason = f"{type(error).__name__}: {error}"
            return Verdict(CRASHED, number, line, reason, time.process_time())
    return Verdict(UNNOTICED, seconds=time.process_time())


class Ground:
    """Copies of the sources in which errors are planted, as many at a time as there are workers.

    Parameters
    ----------
    root : Path
        The folder that holds the package and ``chapters``, which stays as it is.
    workers : int, optional
        As many as the machine has processors, if not given.
    """

    def __init__(self, root: Path = ROOT, workers: int | None = None):
        self.root, self.workers = root, workers or os.cpu_count() or 1

    @contextlib.contextmanager
    def running(self, tried: Iterable[Plant | str]) -> Iterator[dict[Plant | str, Future[Verdict]]]:
        """What becomes of these errors' chapters, or of a chapter (by its number) without any."""
        copies = queue.SimpleQueue()

        def attempt(planted: Plant | str) -> Verdict:
            alone = isinstance(planted, str)
            path = notebook(planted if alone else planted.chapter, self.root)
            source = None if alone else planted.source(self.root)
            copy = copies.get()
            try:
                change = (self.root / planted.file, source) if source else ()
                with copy.planted(*change) if change else contextlib.nullcontext():
                    name = str(path.relative_to(self.root))
                    outcome = copy.run(first_exception, name, limit=LONGEST)
            finally:
                copies.put(copy)
            if len(outcome.failed) == 1:  # the process did not come to its end
                return Verdict(CRASHED, reason=outcome.failed[0], seconds=outcome.seconds)
            return Verdict(*outcome.failed)

        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(self.workers) as pool:
            for number in range(self.workers):
                copies.put(Copy(self.root, Path(folder) / str(number)))
            yield {planted: pool.submit(attempt, planted) for planted in tried}

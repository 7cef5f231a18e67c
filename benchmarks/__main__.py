"""Speeds beside those of peers, in one table: ``python benchmarks``, or ``make benchmark``.

Names of subjects measure those alone: ``python benchmarks sk g1``. The tables are also written to
``_build/benchmarks``, with the plots.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

# One thread of BLAS in this process; what depends on BLAS is measured in processes of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import machine
from measure import FULL, QUICK, Scale
from table import Row, head, jsonable, line, markdown

FOLDER = Path(__file__).parents[1] / "_build" / "benchmarks"
SUBJECTS = {
    "sk": "spins.sk",
    "g1": "spins.g1",
    "blas": "spins.blas",
    "jumps": "jumps.rows",
    "langevin": "motion.rows",
    "learner": "learner.rows",
    "formulas": "formulas.rows",
    "start": "start.rows",
    "recorder": "recorder.rows",
    "scaling": "scaling.rows",
    "cuts": "cuts.rows",
}
"""The function that measures each subject."""


def measured(subjects: list[str], scale: Scale) -> Iterator[Row]:
    """The rows of some subjects, as they come."""
    for subject in subjects:
        module, name = SUBJECTS[subject].split(".")
        rows: Callable[[Scale], Iterator[Row]] = getattr(importlib.import_module(module), name)
        yield from rows(scale)


def report(subjects: list[str], scale: Scale, folder: Path) -> list[Row]:
    """Measure, print as it goes, and write the tables."""
    told = machine.description()
    print(*told, "", sep="\n")
    rows: list[Row] = []
    for row in measured(subjects, scale):
        if not rows:
            print(head(row.cells()))
        rows.append(row)
        print(line(row.cells()), flush=True)
    limited = [row.limits() for row in rows if row.limit]
    if limited:
        print("", "How far each is from what is possible", head(limited[0]), sep="\n")
        print(*map(line, limited), sep="\n")
    folder.mkdir(parents=True, exist_ok=True)
    parts = "\n".join(told), markdown(row.cells() for row in rows), markdown(limited)
    (folder / "table.md").write_text("\n\n".join(parts), encoding="utf-8")
    (folder / "table.json").write_text(jsonable(told, rows), encoding="utf-8")
    return rows


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="benchmarks", description="Speeds beside those of peers.")
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="smaller sizes: about a minute")
    given = parser.parse_args()
    unknown = [each for each in given.subjects if each not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    report(given.subjects or list(SUBJECTS), QUICK if given.quick else FULL, FOLDER)
    sys.exit()

"""What is measured, and how it is told: on the screen, as Markdown, as JSON."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path

import machine
from measure import GSET, ROOT, Scale
from table import BUSY, Record, Row, head, jsonable, line, markdown

FOLDER = ROOT / "_build" / "benchmarks"
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
    "machines": "machines.rows",
}
"""The function that measures each subject."""

LIMITS = "How far each is from what is possible"


def measured(subjects: list[str], scale: Scale) -> Iterator[Record]:
    """The records of some subjects, as they come."""
    for subject in subjects:
        module, name = SUBJECTS[subject].split(".")
        yield from getattr(importlib.import_module(module), name)(scale)


def missing(subjects: list[str]) -> Iterator[str]:
    """What could not be measured here."""
    if {"g1", "cuts"} & set(subjects) and not GSET.exists():
        yield "G1: not measured, its file is not at hand (GSET=folder names where it is)"
    if "langevin" in subjects and not os.environ.get("LANGESIM_PYTHON"):
        yield "langesim: not measured, LANGESIM_PYTHON names no interpreter that has it"


def summary(records: list[Record]) -> str:
    """How many aims are met, and how many rows were measured beside other programs."""
    judged = [each.met for each in records if isinstance(each, Row) and each.aim]
    disturbed = sum(each.others > BUSY for each in records)
    return (
        f"{sum(map(bool, judged))} of {len(judged)} aims met; {disturbed} of {len(records)} rows "
        f"measured while others took more than {BUSY:.0%} of the processors' time"
    )


def report(subjects: list[str], scale: Scale, folder: Path) -> list[Record]:
    """Measure, print as it goes, and write the tables."""
    told = machine.description()
    print(*told, sep="\n")
    tables: dict[str, list[Record]] = {}
    for record in measured(subjects, scale):
        if record.title not in tables:
            print("", record.title, head(record.cells()), sep="\n")
        tables.setdefault(record.title, []).append(record)
        print(line(record.cells()), flush=True)
    records = [each for table in tables.values() for each in table]
    limited = [each.limits() for each in records if isinstance(each, Row) and each.limit]
    if limited:
        print("", LIMITS, head(limited[0]), *map(line, limited), sep="\n")
    remarks = [summary(records), *missing(subjects)]
    print("", *remarks, sep="\n")
    lines = {title: [each.cells() for each in table] for title, table in tables.items()}
    lines |= {LIMITS: limited} if limited else {}
    parts = [f"## {title}\n\n{markdown(each)}" for title, each in lines.items()]
    folder.mkdir(parents=True, exist_ok=True)
    text = "\n\n".join(["\n".join(f"- {each}" for each in [*told, *remarks]), *parts])
    (folder / "table.md").write_text(text, encoding="utf-8")
    (folder / "table.json").write_text(jsonable(told, records), encoding="utf-8")
    return records

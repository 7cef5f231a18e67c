"""Tables that people edit by hand, read with every cell checked.

A table is a CSV file. A table of numbers has one row for each: the number, its unit and its range,
the key of the source that owns it, where and in what kind of text it was seen, and whether it was
checked. A slip is refused in one line that names the row and the column.

Contents: `Columns`, `read_table`, `book_table`, `side_by_side`, `standing`, `SEEN`, `CREDIT`.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

from lim_lib.files import read_text
from lim_lib.validate import POSITIVE

CREDIT = "Data: Epoch AI (CC BY 4.0), and the works named in the column source"
"""To be printed wherever a table of energies or runs, or a picture of it, goes."""

SEEN = {
    "full text": "source",
    "model card": "source",
    "abstract": "source",
    "data sheet": "source",
    "database": "source",
    "secondary transcription": "quoted",
    "secondary page": "quoted",
    "memory": "recalled",
}
"""Kinds of text in which a number was seen, and what that makes of it at best."""

NUMBER_TEXT = ("quantity", "unit", "basis", "source", "seen_in", "seen_kind", "checked")
"""Columns of text that every table of numbers has."""

RANGE = ("value", "low", "high")

SEPARATORS = {";": "semicolons", "\t": "tabs"}
"""What some spreadsheets put between two cells in place of a comma."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What a table must hold.

    Parameters
    ----------
    key : tuple of str
        The columns that together name a row.
    text, numbers : tuple of str
        The other columns; numbers are finite and above zero.
    optional : set of str
        Those that may be empty.
    choices : mapping of str to tuple of str
        For a column of few words, the words.
    units : mapping of str to tuple of str
        For a table of numbers, the units that each quantity may have.
    """

    key: tuple[str, ...] = ("id",)
    text: tuple[str, ...]
    numbers: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    units: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return (*self.key, *self.text, *self.numbers)

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """The columns of few words, with their words."""
        if not self.units:
            return dict(self.choices)
        return {
            "quantity": tuple(self.units),
            "unit": tuple({unit: None for units in self.units.values() for unit in units}),
            "seen_kind": tuple(SEEN),
            "checked": ("yes", "recall"),
            **self.choices,
        }


def book_table(name: str):
    """The path of a table that comes with the library."""
    return files("lim_lib") / "data" / name


def standing(row: Mapping[str, Any]) -> str:
    """How a number stands: "source", "quoted", "recalled" or "third-party".

    Seen in the source itself, seen in somebody else's transcription, or not seen; a third-party
    number is an estimate by people who neither made the thing nor measured it, as a rumour is.
    """
    if row["checked"] != "yes":
        return "recalled"
    return "third-party" if row["basis"] == "third-party" else SEEN[row["seen_kind"]]


def listed(rows: Iterable[Mapping[str, Any]], columns: Columns):
    """Rows of numbers with their standing as a table, one row for each number."""
    import pandas as pd

    table = pd.DataFrame(rows, columns=[*columns.names, "standing"]).set_index(list(columns.key))
    table.attrs["units"] = dict.fromkeys(RANGE, "the row's unit")
    return table


_ENDS = {"": "value", "_low": "low", "_high": "high"}


def side_by_side(values: Mapping[str, Mapping[str, Any] | None]) -> dict[str, Any]:
    """Rows of numbers by quantity as one row: value, ends of the range and standing of each.

    A quantity without a row is NaN, without a standing.
    """
    row: dict[str, Any] = {}
    for quantity, told in values.items():
        for name, end in _ENDS.items():
            row[f"{quantity}{name}"] = told[end] if told else float("nan")
        row[f"{quantity}_standing"] = told["standing"] if told else ""
    return row


def units_side_by_side(units: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The units of values and ends, for quantities that have one unit each."""
    return {f"{quantity}{name}": unit for quantity, (unit,) in units.items() for name in _ENDS}


def read_table(path: Any, columns: Columns) -> tuple[dict[str, Any], ...]:
    """The checked rows of a table, numbers as floats; a range without ends is its value.

    Rows without a single filled cell, which spreadsheets leave at the end, are none.

    Parameters
    ----------
    path : path-like
        The CSV file.
    columns : Columns
        What it must hold.

    Returns
    -------
    tuple of dict

    Raises
    ------
    ValueError
        In one line that names the row and the column.
    """
    path = Path(path) if isinstance(path, str) else path
    reader = csv.DictReader(StringIO(read_text(path), newline=""), restval="", strict=True)
    try:
        names = list(reader.fieldnames or ())
        lines = [cells for cells in reader if any("".join(cell) for cell in cells.values())]
    except csv.Error as error:
        raise ValueError(f"{path.name}, line {reader.line_num}: no CSV: {error}") from None
    for sign, word in SEPARATORS.items():
        if len(names) == 1 and sign in names[0]:
            raise ValueError(f"{path.name}: cells must be separated by commas, got {word}")
    for name in columns.names:
        if names.count(name) != 1:
            there = "missing" if name not in names else "there twice"
            raise ValueError(f"{path.name}: column {name} is {there}")
    rows = tuple(_row(path.name, cells, columns) for cells in lines)
    keys = [" ".join(row[name] for name in columns.key) for row in rows]
    for twice in {each for each in keys if keys.count(each) > 1}:
        column = columns.key[-1]
        raise ValueError(f"{path.name}: row {twice}, column {column}: must be new, is there twice")
    return rows


def _row(table: str, cells: dict[str, str], columns: Columns) -> dict[str, Any]:
    name = " ".join(cells[each] or f"without {each}" for each in columns.key)
    if None in cells:
        *named, more = cells.values()
        raise ValueError(
            f"{table}: row {name}: must have {len(named)} cells, got {len(named) + len(more)}"
        )

    def wrong(column: str, allowed: str):
        came = repr(cells[column]) if cells[column] else "nothing"
        raise ValueError(f"{table}: row {name}, column {column}: must be {allowed}, got {came}")

    words = columns.words
    for column in columns.names:
        if not (cells[column] or column in columns.optional):
            wrong(column, " or ".join(words.get(column, ("filled in",))))
    for column, choices in words.items():
        if cells[column] not in choices and (cells[column] or column not in columns.optional):
            wrong(column, " or ".join(choices))
    row: dict[str, Any] = {column: cells[column] for column in (*columns.key, *columns.text)}
    for column in columns.numbers:
        try:
            row[column] = float(cells[column] or "nan")
        except ValueError:
            wrong(column, "a number")
        if cells[column] and row[column] not in POSITIVE:
            wrong(column, str(POSITIVE))
    if columns.units:
        allowed = columns.units[cells["quantity"]]
        if cells["unit"] not in allowed:
            wrong("unit", f"{' or '.join(allowed)} for {cells['quantity']}")
        if cells["checked"] == "yes" and not cells["seen_in"]:
            wrong("seen_in", "filled in for a number that was checked")
        for column in ("low", "high"):
            row[column] = row[column] if cells[column] else row["value"]
        if not row["low"] <= row["value"] <= row["high"]:
            wrong("value", f"between low {row['low']:g} and high {row['high']:g}")
    return row

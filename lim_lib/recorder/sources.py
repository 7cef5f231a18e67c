"""Files beside a record: saved weights, an energy that was measured, the book's own runs."""

import csv
import json
import math
import os
from collections.abc import Mapping
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from lim_lib.files import read_text
from lim_lib.recorder.record import Record
from lim_lib.validate import NON_NEGATIVE, nearest, number, refuse

KILOWATT_HOUR = 3.6e6
"""In J."""

ENERGY, RUN = "energy_consumed", "run_id"
"""Columns of CodeCarbon's table: energy in kWh since a run began, and which run it was."""


def opened(path: str | os.PathLike) -> Any:
    """Weights from a file: ``.npy``, ``.npz``, or ``.json`` of nested lists and objects.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "state.json")
    >>> _ = place.write_text('{"w": [[0.5, 1.0]], "b": [0.0]}')
    >>> opened(place)
    {'w': [[0.5, 1.0]], 'b': [0.0]}
    """
    place = Path(path)
    kind = place.suffix.lower()
    if kind not in (".npy", ".npz", ".json"):
        refuse("states", str(path), "weights, or files of them ending in .npy, .npz or .json (of "
               "another kind, give what its own program loads)")  # fmt: skip
    try:
        if kind == ".json":
            return json.loads(read_text(place))
        found = np.load(place, allow_pickle=False)
        return found if kind == ".npy" else dict(found)
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever a file can make its readers raise
        why = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{place.name} holds no weights: {why}") from None


def read_codecarbon(path: Any, run: str | None = None) -> float:
    """The energy of a run that CodeCarbon has measured, in J.

    Parameters
    ----------
    path : path-like
        Its table, ``emissions.csv``.
    run : str, optional
        The run's ``run_id``; needed if the table has several. Rows of one run are totals since it
        began, of which the largest counts.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        In one line that names the file, if it is no such table, or has several runs and none is
        named.
    KeyError
        If there is no such run.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "emissions.csv")
    >>> _ = place.write_text("run_id,duration,energy_consumed\\na1,60.0,0.002\\n")
    >>> read_codecarbon(place)
    7200.0
    """
    name = Path(path).name
    reader = csv.DictReader(StringIO(read_text(path)))
    if ENERGY not in (reader.fieldnames or ()):
        raise ValueError(f"{name} has no column {ENERGY}: it must be CodeCarbon's table")
    runs: dict[str, float] = {}
    for line, row in enumerate(reader, 2):
        try:
            energy = float(row[ENERGY])
        except (TypeError, ValueError):
            energy = math.nan
        if None in row or None in row.values():
            raise ValueError(f"{name}, line {line}, has not as many cells as there are columns")
        where = f"{name}, line {line}, {ENERGY}"
        joules = KILOWATT_HOUR * float(number(where, energy, NON_NEGATIVE))
        key = row.get(RUN) or f"line {line}"
        runs[key] = max(joules, runs.get(key, 0.0))
    if run is not None:
        if run not in runs:
            raise KeyError(f"{name} has no run {run!r}{nearest(run, runs)}")
        return runs[run]
    if len(runs) != 1:
        listed = f": give run=, such as {list(runs)[-1]!r}, the last" if runs else ""
        raise ValueError(f"{name} must hold one run, got {len(runs)}{listed}")
    return next(iter(runs.values()))


def load_runs() -> Mapping[str, Record]:
    """Records of training runs that were made for the book, by name.

    Returns
    -------
    mapping of str to Record
        In the order of their names.
    """
    folder = Path(str(files("lim_lib") / "data" / "runs"))
    return {path.stem: Record.load(path) for path in sorted(folder.glob("*.json"))}

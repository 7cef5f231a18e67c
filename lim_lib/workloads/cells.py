"""What a memory cell is besides its price: how often, how long, how fast, in how many pulses."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lim_lib.validate import nearest
from lim_lib.workloads.hardware import hardware_rows
from lim_lib.workloads.tables import (
    NUMBER_TEXT,
    RANGE,
    Columns,
    book_table,
    listed,
    read_table,
    side_by_side,
    standing,
    units_side_by_side,
)

PROPERTIES = {
    "endurance": ("write",),
    "retention": ("s",),
    "write_time": ("s",),
    "pulses": ("pulse",),
    "levels": ("level",),
}
"""What the table knows of a cell, in which units."""

_CELLS = ("write", "cell")

_COLUMNS = Columns(
    key=("cell", "quantity"),
    text=(*NUMBER_TEXT[1:], "derivation", "note"),
    numbers=RANGE,
    optional=frozenset({"low", "high", "seen_in", "derivation", "note"}),
    choices={
        "basis": ("measured", "reported", "review", "extrapolated", "estimate", "derived"),
    },
    units=PROPERTIES,
)


def load_cells(*, tidy: bool = False, path: Any = None):
    """Memory cells: price of a write, endurance, retention, time and pulses of a write, levels.

    Parameters
    ----------
    tidy : bool
        One row for each number, with where it comes from; by default one row for each cell.
    path : path-like, optional
        Another table of the same columns; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: id, a row of `load_hardware`. ``energy`` is that row's value in ``energy_unit``
        (J/bit, or J/update for an analog cell); ``endurance``, the writes that a cell survives;
        ``retention`` and ``write_time`` in s; ``pulses``, those that program-and-verify takes to
        set one value (each costs ``energy``); ``levels`` that can be told apart. Each has its
        range and its standing beside it, and is NaN where nobody said.

        If `tidy`, index: cell and quantity; the columns are those of `load_hardware`.

        ``.attrs["units"]`` names the units of the columns.

    Raises
    ------
    ValueError
        In one line that names the row and the column, if the table lacks something.

    Examples
    --------
    >>> cells = load_cells()
    >>> f"{cells.loc['pcm_cell', 'endurance']:.0e}", cells.loc["pcm_cell", "endurance_standing"]
    ('1e+09', 'quoted')
    """
    import pandas as pd

    rows = cell_rows() if path is None else _read(path)
    if tidy:
        return listed(rows.values(), _COLUMNS)
    hardware = hardware_rows()
    names = dict.fromkeys(cell for cell, _ in rows)
    table = pd.DataFrame(
        {
            "technology": hardware[name]["technology"],
            "energy": hardware[name]["value"],
            "energy_unit": hardware[name]["unit"],
            "energy_standing": standing(hardware[name]),
            **side_by_side({q: rows.get((name, q)) for q in PROPERTIES}),
        }
        for name in names
    )
    table.index = pd.Index(names, name="cell")
    units = units_side_by_side(PROPERTIES)
    table.attrs["units"] = units | {"energy": "the unit in energy_unit"}
    return table


@cache
def cell_rows() -> Mapping[tuple[str, str], dict[str, Any]]:
    """The checked rows of the book's table of cells, by cell and quantity."""
    return _read(book_table("cells.csv"))


def _read(path: Any) -> Mapping[tuple[str, str], dict[str, Any]]:
    path = Path(path) if isinstance(path, str) else path
    cells = {name: row for name, row in hardware_rows().items() if row["category"] in _CELLS}
    rows = {}
    for row in read_table(path, _COLUMNS):
        cell, quantity = row["cell"], row["quantity"]
        if cell not in cells:
            raise ValueError(
                f"{path.name}: row {cell} {quantity}, column cell: must be a row of the hardware "
                f"table in category {' or '.join(_CELLS)}, got {cell!r}{nearest(cell, cells)}"
            )
        rows[cell, quantity] = row | {"standing": standing(row)}
    return rows

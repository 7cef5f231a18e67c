"""What an operation, an update, and a bit read, written or moved cost on today's hardware."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from lim_lib.validate import nearest
from lim_lib.workloads.tables import (
    CREDIT,
    NUMBER_TEXT,
    RANGE,
    Columns,
    book_table,
    read_table,
    standing,
)

CATEGORIES = (
    "arithmetic",
    "accelerator",
    "compute-in-memory",
    "neuromorphic",
    "cell",
    "read",
    "write",
    "move",
)

_COLUMNS = Columns(
    text=("technology", "category", *NUMBER_TEXT, "derivation", "note"),
    numbers=(*RANGE, "bits", "year", "node_nm"),
    optional=frozenset({"low", "high", "bits", "node_nm", "seen_in", "derivation", "note"}),
    choices={"category": CATEGORIES},
    units={
        "energy per bit": ("J/bit",),
        "energy per operation": ("J/operation",),
        "energy per update": ("J/update",),
        "energy per event": ("J/event",),
    },
)


def load_hardware(path: Any = None):
    """The hardware table: energies per bit, operation, update and event, each with its source.

    Parameters
    ----------
    path : path-like, optional
        Another table of the same columns; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: id. ``value``, ``low``, ``high`` are in the row's ``unit``: J/bit, J/operation (one
        multiplication or one addition), J/update (one change of an analog weight, or one trial
        flip of a p-bit) or J/event (one synaptic event of a neuromorphic chip, which chips define
        differently); without a known spread the three are equal. ``bits`` is the width of what an
        operation or update handles, 1 for energies per bit, NaN where it is not known; ``source``
        is a key of the bibliography; ``checked`` says whether the number, or every input of a
        derived one, was seen in the text named in ``seen_in``; ``derivation`` is how it follows
        from what the source prints, in SI units; ``standing`` sums it up: "source" (seen there),
        "quoted" (seen in somebody else's transcription), "recalled" or "third-party".
        ``.attrs["units"]`` names the units of the columns, ``.attrs["credit"]`` whom to credit.

    Raises
    ------
    ValueError
        In one line that names the row and the column, if the table lacks something or its
        numbers are out of order.

    Examples
    --------
    >>> hardware = load_hardware()
    >>> f"{hardware.loc['hbm2', 'value']:.2e}", hardware.loc["hbm2", "unit"]
    ('5.47e-12', 'J/bit')
    """
    import pandas as pd

    rows = hardware_rows().values() if path is None else read_table(path, _COLUMNS)
    table = pd.DataFrame(rows, columns=_COLUMNS.names).set_index("id")
    table["standing"] = [standing(row) for row in rows]
    energy = "the row's unit"
    table.attrs["credit"] = CREDIT
    table.attrs["units"] = {
        "value": energy,
        "low": energy,
        "high": energy,
        "bits": "bit",
        "year": "year",
        "node_nm": "nm",
    }
    return table


@cache
def hardware_rows() -> Mapping[str, dict[str, Any]]:
    """The checked rows of the book's hardware table by their ids."""
    return {row["id"]: row for row in read_table(book_table("hardware.csv"), _COLUMNS)}


class Span(NamedTuple):
    """A value with its range.

    Parameters
    ----------
    low, value, high : float
        In the same unit.
    """

    low: float
    value: float
    high: float


def span(row: str) -> Span:
    """The value of a row of the hardware table with its range, in the row's unit.

    Parameters
    ----------
    row : str
        Its id.

    Returns
    -------
    Span
        In J per bit, operation, update or event.

    Raises
    ------
    KeyError
        If there is no such row; the message names the nearest.

    Examples
    --------
    >>> ["{:.3g}".format(energy) for energy in span("hbm2")]
    ['3.91e-12', '5.47e-12', '7.03e-12']
    """
    table = hardware_rows()
    if row not in table:
        raise KeyError(f"no row {row!r}{nearest(row, table)}; see load_hardware()")
    return Span(*(table[row][name] for name in Span._fields))

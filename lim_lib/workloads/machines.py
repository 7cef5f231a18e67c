"""Ising machines: what they take for a solution and for a flip, and what they at least must."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lim_lib import bounds
from lim_lib.validate import nearest
from lim_lib.workloads.tables import (
    CREDIT,
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

MEASURED = {
    "spins": ("spin",),
    "power": ("W",),
    "time": ("s",),
    "energy": ("J",),
    "flip_energy": ("J/flip",),
}
"""What the table knows of a machine, in which units."""

SURROUNDINGS = {
    "chip": "the part that computes, without what feeds and reads it",
    "board": "the board on which it sits",
    "system": "everything, cooling above all",
    "power limit": "what it may take, not what it took: an upper end",
}
"""What a machine's power or energy includes."""

KINDS = (
    "quantum annealer",
    "coherent Ising machine",
    "simulated bifurcation",
    "digital annealer",
    "oscillators",
    "memristor Hopfield",
    "p-bits",
    "Fowler-Nordheim",
    "neuromorphic",
    "processor",
)

_POWERED = ("power", "energy", "flip_energy")
_MACHINES = Columns(text=("name", "kind", "problem"), numbers=("year",), choices={"kind": KINDS})
_VALUES = Columns(
    key=("machine", "quantity"),
    text=(*NUMBER_TEXT[1:], "boundary", "derivation", "note"),
    numbers=RANGE,
    optional=frozenset({"low", "high", "seen_in", "boundary", "derivation", "note"}),
    choices={
        "basis": ("measured", "reported", "simulated", "derived"),
        "boundary": tuple(SURROUNDINGS),
    },
    units=MEASURED,
)


def load_machines(*, tidy: bool = False, folder: Any = None):
    """Machines that minimize an Ising energy, from quantum annealers to processors.

    Most publish a time, few an energy; a machine whose makers give neither has gaps. Problems and
    the quality of solutions differ, and so does what an energy includes: a comparison by powers of
    ten, no contest.

    Parameters
    ----------
    tidy : bool
        One row for each number, with where it comes from; by default one row for each machine.
    folder : path-like, optional
        Where other tables named ``machines.csv`` and ``machine_values.csv``, of the same columns,
        lie; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: id. ``problem`` says what is solved, and how well; ``spins`` of that problem (of the
        machine if it only samples); ``power`` in W; ``time`` in s and ``energy`` in J for one
        solution; ``flip_energy`` in J for one flip tried; NaN where nobody said. Each has its
        range and its standing beside it ("source", "quoted" or "recalled"), powers and energies
        also their ``basis`` and their ``boundary`` (a key of `SURROUNDINGS`). ``least`` is what
        forgetting the last solution costs at least, spins times kT ln 2 at 300 K, in J, and
        ``over_least`` the energy over it.

        If `tidy`, index: machine and quantity; value, low, high, unit, basis, boundary, source (a
        key of the bibliography), where it was seen, whether checked, its derivation, its standing.

        ``.attrs["units"]`` names the units of the columns, ``.attrs["credit"]`` whom to credit.

    Raises
    ------
    ValueError
        In one line that names the row and the column, if a table lacks something.

    Examples
    --------
    >>> machines = load_machines()
    >>> machine = machines.loc["gpu_k2000"]
    >>> f"{machine['energy']:.3f} J, {machine['over_least']:.0e} times the least"
    '0.043 J, 8e+15 times the least'
    """
    import pandas as pd

    rows = machine_rows() if folder is None else _read(_in(folder))
    if tidy:
        values = [value for row in rows.values() for value in row["values"].values()]
        table = listed(values, _VALUES)
        table.attrs["credit"] = CREDIT
        return table
    table = pd.DataFrame([_wide(row) for row in rows.values()]).set_index("id")
    table["least"] = bounds.landauer(model_size=table["spins"].to_numpy(), bits=1)
    table["over_least"] = table["energy"] / table["least"]
    units = units_side_by_side(MEASURED) | {"least": "J", "over_least": "1", "year": "year"}
    table.attrs = {"units": units, "credit": CREDIT}
    return table


def _wide(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: row["values"].get(name) for name in MEASURED}
    facts = {name: row[name] for name in _MACHINES.names}
    origins = {
        f"{name}_{each}": (values[name] or {}).get(each, "")
        for name in _POWERED
        for each in ("basis", "boundary")
    }
    return facts | side_by_side(values) | origins


@cache
def machine_rows() -> Mapping[str, dict[str, Any]]:
    """The book's machines by their ids, each with its checked ``values`` by quantity."""
    return _read({name: book_table(name) for name in ("machines.csv", "machine_values.csv")})


def _in(folder: Any) -> dict[str, Any]:
    return {name: Path(folder) / name for name in ("machines.csv", "machine_values.csv")}


def _read(paths: Mapping[str, Any]) -> Mapping[str, dict[str, Any]]:
    facts_name, values_name = paths
    machines = {row["id"]: row | {"values": {}} for row in read_table(paths[facts_name], _MACHINES)}
    for row in read_table(paths[values_name], _VALUES):
        machine, quantity = row["machine"], row["quantity"]
        where = f"{values_name}: row {machine} {quantity}, column"
        if machine not in machines:
            hint = nearest(machine, machines)
            raise ValueError(f"{where} machine: must be a row of {facts_name}, is none{hint}")
        if (quantity in _POWERED) != bool(row["boundary"]):
            raise ValueError(
                f"{where} boundary: must be given for a power or an energy and for nothing else"
            )
        machines[machine]["values"][quantity] = row | {"standing": standing(row)}
    for machine, row in machines.items():
        if "spins" not in row["values"]:
            raise ValueError(f"{values_name}: row {machine} spins is missing")
    return machines

"""Training runs that were published: sizes, tokens, operations, energies, each with its source."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from lim_lib.validate import nearest
from lim_lib.workloads.hardware import hardware_rows
from lim_lib.workloads.tables import (
    CREDIT,
    NUMBER_TEXT,
    RANGE,
    Columns,
    book_table,
    listed,
    read_table,
    standing,
)

RECORDED = {
    "model_size": ("parameter",),
    "active_size": ("parameter",),
    "tokens": ("token", "example"),
    "flop": ("FLOP",),
    "energy": ("J",),
    "duration": ("s",),
    "steps": ("update",),
    "batch": ("token", "example"),
    "arithmetic_bits": ("bit",),
    "development_energy": ("J",),
    "development_flop": ("FLOP",),
}
"""What the table knows of a workload, in which units."""

_COUNTED, _ENERGIES = ("tokens", "batch"), ("energy", "development_energy")

BOUNDARIES = {
    "chips at power limit": "hours of the accelerators times their power limit: no measurement",
    "chips": "the accelerators alone",
    "system": "accelerators with their hosts and losses",
    "site": "system times the overhead of the site, cooling above all",
}
"""What an energy includes; energies of different boundaries are not to be compared closely."""

RULES = {
    "agrees": "FLOP are within a tenth of six per active parameter and token",
    "is": "FLOP were computed by that rule, which is no check",
    "excepted": "the rule does not apply, for the reason given",
    "incomplete": "a number is missing",
}

_WORKLOADS = Columns(
    text=("name", "network", "counted", "start", "chip", "hardware", "six_rule", "six_note"),
    numbers=("year",),
    optional=frozenset({"start", "chip", "hardware", "six_note"}),
    choices={
        "network": ("perceptron", "convolutional", "recurrent", "transformer", "mixture"),
        "counted": ("token", "example"),
        "six_rule": tuple(RULES),
    },
)
_VALUES = Columns(
    key=("workload", "quantity"),
    text=(*NUMBER_TEXT[1:], "boundary", "derivation", "note"),
    numbers=RANGE,
    optional=frozenset({"low", "high", "seen_in", "boundary", "derivation", "note"}),
    choices={
        "basis": (
            "measured",
            "reported",
            "estimate",
            "derived",
            "derived from measured",
            "third-party",
        ),
        "boundary": tuple(BOUNDARIES),
    },
    units=RECORDED,
)


def load_workloads(*, tidy: bool = False, folder: Any = None):
    """Published training runs, from a perceptron of 2012 to the models of 2026.

    Credit: "Data: Epoch AI", licence CC BY 4.0, for everything whose source is ``epoch2026models``
    or that was seen in that table; single facts from the papers and model cards for the rest.

    Parameters
    ----------
    tidy : bool
        One row for each number, with where it comes from; by default one row for each workload.
    folder : path-like, optional
        Where other tables named ``workloads.csv`` and ``workload_values.csv``, of the same
        columns, lie; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: id. ``model_size`` (all parameters), ``active_size`` (those that a token passes, of
        mixtures of experts), ``tokens`` (tokens or examples seen, as ``counted`` says), ``flop``
        (multiplications and additions), ``energy`` in J, ``duration`` in s, ``steps`` (optimizer
        steps), ``batch`` (tokens or examples per step, on average if it changed),
        ``arithmetic_bits`` (width of the numbers that were multiplied), ``development_energy`` and
        ``development_flop`` (of all that came before and beside this run), NaN where not known; for
        `flop` and `energy` the ends of their ranges, which are spreads between sources or ways of
        counting; ``energy_boundary`` (a key of `BOUNDARIES`) and ``energy_basis``, without which no
        two energies should be compared; the standing of sizes, FLOP and energies: "source",
        "quoted", "recalled" or "third-party"; ``start``, the run that this one goes on from, if it
        does not begin with nothing; ``chip``, a row of the hardware table; ``six_rule``, how the
        FLOP compare with six per active parameter and token (a key of `RULES`), and why.

        If `tidy`, index: workload and quantity; value, low, high, unit, basis, boundary, source (a
        key of the bibliography), where it was seen, whether checked, its derivation, its standing.

        ``.attrs["units"]`` names the units, ``.attrs["credit"]`` whom to credit.

    Raises
    ------
    ValueError
        In one line that names the row and the column, if a table lacks something.

    Examples
    --------
    >>> runs = load_workloads()
    >>> f"{runs.loc['gpt3', 'energy']:.3g} J", runs.loc["gpt3", "energy_basis"]
    ('4.63e+12 J', 'derived from measured')
    >>> load_workloads(tidy=True).loc[("gpt3", "tokens"), "standing"]
    'source'
    """
    import pandas as pd

    facts, values = _tables() if folder is None else _read(_in(folder))
    if tidy:
        table = listed(values.values(), _VALUES)
    else:
        rows = [{**facts[workload], **_wide(workload, values)} for workload in facts]
        table = pd.DataFrame(rows).set_index("id")
        units = {name: " or ".join(unit) for name, unit in RECORDED.items()}
        units |= {f"{name}_{end}": units[name] for name in ("flop", "energy") for end in RANGE[1:]}
        table.attrs["units"] = units | {"year": "year"}
    table.attrs["credit"] = CREDIT
    return table


def _wide(workload: str, values: Mapping[tuple[str, str], Mapping]) -> dict[str, Any]:
    """All numbers of a workload in one row."""
    found = {name: values.get((workload, name), {}) for name in RECORDED}
    row = {name: value.get("value", float("nan")) for name, value in found.items()}
    for name in ("flop", "energy"):
        row |= {f"{name}_{end}": found[name].get(end, float("nan")) for end in RANGE[1:]}
    for name in ("model_size", "flop", "energy"):
        row[f"{name}_standing"] = found[name].get("standing", "")
    return row | {f"energy_{each}": found["energy"].get(each, "") for each in ("basis", "boundary")}


def workload_row(workload: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The facts of a workload, and its rows of numbers by quantity.

    Raises
    ------
    KeyError
        If there is none of that id; the message names the nearest.
    """
    facts, values = _tables()
    if workload not in facts:
        raise KeyError(
            f"no workload {workload!r}{nearest(workload, facts)}; "
            "see load_workloads() or python -m lim_lib workloads"
        )
    return facts[workload], {
        quantity: values[workload, quantity]
        for quantity in RECORDED
        if (workload, quantity) in values
    }


def _in(folder: Any) -> dict[str, Any]:
    from pathlib import Path

    return {name: Path(folder) / name for name in ("workloads.csv", "workload_values.csv")}


@cache
def _tables():
    names = ("workloads.csv", "workload_values.csv")
    return _read({name: book_table(name) for name in names})


def _read(paths: Mapping[str, Any]):
    """The facts by workload, the numbers by workload and quantity; checked against each other."""
    facts_name, values_name = paths
    facts = {row["id"]: row for row in read_table(paths[facts_name], _WORKLOADS)}
    values = {
        (row["workload"], row["quantity"]): row | {"standing": standing(row)}
        for row in read_table(paths[values_name], _VALUES)
    }
    for (workload, quantity), row in values.items():
        where = f"{values_name}: row {workload} {quantity}, column"
        if workload not in facts:
            hint = nearest(workload, facts)
            raise ValueError(f"{where} workload: must be a row of {facts_name}, is none{hint}")
        if (quantity in _ENERGIES) != bool(row["boundary"]):
            raise ValueError(f"{where} boundary: must be given for an energy and for nothing else")
        if quantity in _COUNTED and row["unit"] != facts[workload]["counted"]:
            raise ValueError(f"{where} unit: must be {facts[workload]['counted']}, as {facts_name}")
    for workload, row in facts.items():
        if (workload, "model_size") not in values:
            raise ValueError(f"{values_name}: row {workload} model_size is missing")
        if row["start"] and row["start"] not in facts:
            raise ValueError(
                f"{facts_name}: row {workload}, column start: must be another row, "
                f"got {row['start']!r}{nearest(row['start'], facts)}"
            )
        if row["chip"] and row["chip"] not in hardware_rows():
            raise ValueError(
                f"{facts_name}: row {workload}, column chip: must be a row of the hardware table, "
                f"got {row['chip']!r}{nearest(row['chip'], hardware_rows())}"
            )
        if row["six_rule"] in ("excepted", "incomplete") and not row["six_note"]:
            raise ValueError(f"{facts_name}: row {workload}, column six_note: must give the reason")
    return facts, values

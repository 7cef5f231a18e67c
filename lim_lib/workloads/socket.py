"""From the bound to the wall socket: a machine that learns in memory, stage by stage."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from lim_lib import symbols
from lim_lib.bounds import ladder_transport, landauer, matched_barrier, memory_access
from lim_lib.formula import numeric
from lim_lib.symbols import (
    bits,
    model_size,
    operations,
    thermal_energy,
    updates,
    write_energy,
)
from lim_lib.validate import NON_NEGATIVE, Domain, single
from lim_lib.workloads.hardware import Span, span
from lim_lib.workloads.tables import NUMBER_TEXT, RANGE, Columns, book_table, read_table, standing
from lim_lib.workloads.walls import example_arguments, model_reads, training_operations

_COLUMNS = Columns(
    text=("factor", *NUMBER_TEXT, "derivation", "note"),
    numbers=RANGE,
    optional=frozenset({"source", "seen_in", "seen_kind", "checked", "derivation"}),
    choices={"basis": ("measured", "reported", "assumption")},
    units={"ratio": ("1",), "energy": ("J",), "entropy": ("nat",)},
)
_ALLOWED = dict.fromkeys(("cancelling", "node", "site"), Domain(low=1)) | {
    "busy": Domain(0, 1, low_allowed=False)
}

STAGES = {
    "forget": "bound",
    "move": "bound",
    "wander": "memory",
    "correlations": "memory",
    "control": "memory",
    "read-out": "memory",
    "gradient": "compute",
    "exchange": "compute",
    "board": "around",
    "idle": "around",
    "site": "around",
}
"""Stages from the bound to the wall socket, and what each belongs to."""

_own = (
    "steps operation_energy exchange_energy cancelling correlation swing_energy swings copies "
    "node busy site"
)
(steps, operation_energy, exchange_energy, cancelling, correlation, swing_energy, swings, copies,
 node, busy, site) = sp.symbols(_own, positive=True)  # fmt: skip
_moving = matched_barrier.expression.subs(updates, ladder_transport.expression)
_inside = {
    "forget": landauer.expression,
    "move": _moving,
    "wander": (cancelling - 1) * _moving,
    "correlations": model_size * correlation * thermal_energy,
    "control": model_size * swings * swing_energy,
    "read-out": memory_access.expression.subs({operations: 0, write_energy: 0}),
    "gradient": operations * operation_energy,
    "exchange": model_size * bits * steps * copies * exchange_energy,
}
_sum = sp.Add(*_inside.values())
ENERGIES = _inside | {
    "board": (node - 1) * _sum,
    "idle": (1 / busy - 1) * node * _sum,
    "site": (site - 1) * node / busy * _sum,
}
"""Energy that each stage adds, in J, in the symbols of `NAMES`."""

NAMES = {
    symbol: symbols.NAMES.get(symbol, symbol.name)
    for energy in ENERGIES.values()
    for symbol in energy.free_symbols - {symbols.boltzmann}
}
"""The argument of `wall_socket` that each symbol stands for."""

FACTORS = {
    "drive": ("drive of the hops", "move"),
    "cancelling": ("moves that cancel", "wander"),
    "correlation": ("correlations lost", "correlations"),
    "swing_energy": ("energy of a barrier swing", "control"),
    "swings": ("number of barrier swings", "control"),
    "read_energy": ("energy to read a bit", "read-out"),
    "operation_energy": ("energy of an operation", "gradient"),
    "copies": ("gradients exchanged", "exchange"),
    "exchange_energy": ("energy to exchange a bit", "exchange"),
    "node": ("boards and converters", "board"),
    "busy": ("share of peak rate used", "idle"),
    "site": ("cooling and building", "site"),
}
"""Arguments of `wall_socket` that have a range: what they are called, and the stage they move."""


def load_overheads(path: Any = None):
    """The factors between a bound and the wall socket that no energy per bit describes.

    Parameters
    ----------
    path : path-like, optional
        Another table of the same columns; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: the argument of `wall_socket`. ``value``, ``low``, ``high`` are in the row's
        ``unit``; ``basis`` says how the value came about, ``source`` and ``seen_in`` whose it is
        and where it was read; ``standing`` is "source", "quoted", "recalled" or "assumed".

    Raises
    ------
    ValueError
        In one line that names the row and the column.

    Examples
    --------
    >>> table = load_overheads()
    >>> float(table.loc["site", "value"]), table.loc["site", "standing"]
    (1.1, 'source')
    """
    import pandas as pd

    rows = _book_rows() if path is None else _rows(path)
    table = pd.DataFrame(rows, columns=_COLUMNS.names).set_index("id")
    table["standing"] = [
        "assumed" if row["basis"] == "assumption" else standing(row) for row in rows
    ]
    table.attrs["units"] = dict.fromkeys(RANGE, "the row's unit")
    return table


@cache
def _book_rows() -> tuple[dict[str, Any], ...]:
    return _rows(book_table("overheads.csv"))


def _rows(path: Any) -> tuple[dict[str, Any], ...]:
    path = Path(path) if isinstance(path, str) else path
    rows = read_table(path, _COLUMNS)
    for row in rows:
        for column in ("source", "seen_in", "seen_kind", "checked"):
            if row["basis"] != "assumption" and not row[column]:
                raise ValueError(
                    f"{path.name}: row {row['id']}, column {column}: must be filled in "
                    "unless the basis is assumption, got nothing"
                )
    return rows


def wall_socket(
    model_size: float,
    bits: float,
    *,
    steps: float,
    operations: float,
    reads: float,
    operation_energy: float,
    read_energy: float,
    exchange_energy: float,
    drive: float,
    cancelling: float,
    correlation: float,
    swing_energy: float,
    swings: float,
    copies: float,
    node: float,
    busy: float,
    site: float,
    temperature: float = 300.0,
):
    """Energy of a training run on a machine that learns in memory, from the bound to the socket.

    The first two stages are what a matched barrier needs, all others what it leaves out. An
    estimate, each part with a price of its own; parts that a chip's energy per operation already
    holds, such as reads, are counted again, and are small where that matters.

    Parameters
    ----------
    model_size, bits : float
        Parameters M, and bits b of each, on a ladder of 2^b levels.
    steps : float
        Optimizer steps.
    operations : float
        Multiplications and additions to find the gradients.
    reads : float
        Times that the whole model is read.
    operation_energy : float
        In J per operation.
    read_energy, exchange_energy : float
        In J per bit that is read, or sent from one machine to another.
    drive : float
        χ at which the matched barrier is run.
    cancelling : float
        Moves made for each move that is needed, at least 1.
    correlation : float
        Total correlation that is lost, in nats per parameter.
    swing_energy : float
        Energy lost in one swing, up and down, of the barrier of one parameter, in J.
    swings : float
        Swings of each barrier.
    copies : float
        Gradients that are sent, each with b bits for each parameter, in a step.
    node : float
        Power of board, converters and fans over that of the chips, at least 1.
    busy : float
        Share of the peak rate that is used, in (0, 1]; power is drawn all the time.
    site : float
        Power of the building over that of its machines, at least 1.
    temperature : float
        Temperature of the memory in K.

    Returns
    -------
    pandas.DataFrame
        Index: the stages. Columns: what it belongs to (bound, memory, compute, around), the
        energy that it adds, and the total so far, in J.

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed, in one line that names it.

    Examples
    --------
    >>> machine = load_overheads()["value"].to_dict()
    >>> run = wall_socket(1e9, 8, steps=1e4, operations=1e20, reads=1e4, operation_energy=1e-12,
    ...                   read_energy=5e-12, exchange_energy=1e-12, **machine)
    >>> print(f"{run['total'].iloc[1]:.1e} J, {run['total'].iloc[-1]:.1e} J")
    6.5e-10 J, 6.1e+08 J
    """
    given = {name: _one_number(name, value) for name, value in locals().items()}
    import pandas as pd

    values = (np.float64(given[name]) for name in NAMES.values())
    with np.errstate(all="ignore"):
        energies = numeric(sp.Tuple(*ENERGIES.values()), tuple(NAMES))(*values)
    table = pd.DataFrame({"part": STAGES, "energy": dict(zip(STAGES, energies, strict=True))})
    table = table.loc[list(STAGES)].rename_axis("stage")
    table["total"] = table["energy"].cumsum()
    table.attrs["units"] = {"energy": "J", "total": "J"}
    return table


def _one_number(name: str, value: Any) -> float:
    return single(name, value, allowed(name))


def allowed(name: str) -> Domain:
    """The values that an argument of `wall_socket` may take.

    Examples
    --------
    >>> print(allowed("site"))
    a finite number >= 1
    """
    return _ALLOWED.get(name, NON_NEGATIVE)


def socket_ranges() -> dict[str, Span]:
    """Range of each factor of `wall_socket`: the table's, and energies from the hardware table.

    Examples
    --------
    >>> socket_ranges()["read_energy"].value
    5.46875e-12
    """
    table = load_overheads()
    ranges = {name: Span(*table.loc[name, ["low", "value", "high"]]) for name in table.index}
    cheapest, usual, dearest = (
        span(name).value for name in ("cmos_limit", "v100", "n45_fp32_multiply")
    )
    ranges["operation_energy"] = Span(cheapest, usual, dearest)
    ranges["read_energy"] = Span(*(span(name).value for name in ("sram_8k", "hbm2", "ddr4")))
    ranges["exchange_energy"] = span("chip_link")
    return ranges


def socket_arguments() -> dict[str, float]:
    """Arguments of `wall_socket` for the book's example run, every factor as assumed.

    Examples
    --------
    >>> socket_arguments()["steps"]
    93750.0
    """
    example = example_arguments()
    passes = {name: example[name] for name in ("tokens", "batch", "reuse", "words")}
    return {name: ends.value for name, ends in socket_ranges().items()} | {
        "model_size": example["model_size"],
        "bits": example["bits"],
        "steps": example["tokens"] / example["batch"],
        "operations": training_operations(example["model_size"], example["tokens"]),
        "reads": model_reads(**passes),
    }


def example_socket(**changes: float):
    """The book's example run, of the size of GPT-3, from the bound to the wall socket.

    Model, tokens and batch as in `example_run`, on V100 chips and a memory that learns in place;
    every factor has the value of its range in `socket_ranges`. What surrounds the chips is
    GPT-3's own, as patterson2021 print it, and the energy that they print for that run is a
    product of the same factors: the two agree by construction.

    Parameters
    ----------
    **changes : float
        Arguments of `wall_socket` to replace.

    Returns
    -------
    pandas.DataFrame
        As of `wall_socket`.

    Examples
    --------
    >>> f"{example_socket()['total'].iloc[-1]:.2e} J"
    '4.68e+12 J'
    >>> f"{example_socket(node=1.5, busy=0.302)['total'].iloc[-1]:.2e} J"  # those of other runs
    '4.16e+12 J'
    """
    return wall_socket(**socket_arguments() | changes)

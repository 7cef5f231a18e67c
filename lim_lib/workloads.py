r"""Training runs on the hardware of today: what they count, and what each count costs.

Model: a run of :math:`n` tokens (examples) through a model of M parameters of b bits. Its energy
is a sum of terms, each a count times bits times an energy per bit: arithmetic, reads of the
parameters (memory-wall), writes of the parameters (update-wall), copies of the model to long-term
memory (consolidation-wall). What reads and writes cost is `lim_lib.bounds.memory_access`; the
counts are in this module, and the energies per bit in the hardware table.

Conventions: SI units, energies per bit in J/bit. An operation is one multiplication or one
addition. A range (low, value, high) is the spread between sources, no confidence interval; it is
carried through by its ends, which is exact because every term grows with every energy.

Contents: `load_hardware`, `Span`, `span`, `training_operations`, `model_reads`, `update_commands`,
`three_walls`, `example_run`, `counted_training`.
"""

import csv
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lim_lib import bounds
from lim_lib.symbols import BITS
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, nearest, number, refuse

UNITS = {"energy per bit": "J/bit", "energy per operation": "J/operation"}
CATEGORIES = ("arithmetic", "accelerator", "read", "write", "move")
SEEN = {
    "abstract": "source",
    "data sheet": "source",
    "database": "source",
    "secondary transcription": "quoted",
    "secondary page": "quoted",
    "memory": "recalled",
}
"""Kinds of text in which a number was seen, and what that makes of it at best."""

_TEXT = (
    "technology",
    "category",
    "quantity",
    "unit",
    "basis",
    "source",
    "seen_in",
    "seen_kind",
    "checked",
    "derivation",
    "note",
)
_NUMBERS = ("value", "low", "high", "bits", "year", "node_nm")
_MAY_BE_EMPTY = {"low", "high", "node_nm", "seen_in", "derivation", "note"}
_CHOICES = {
    "category": CATEGORIES,
    "quantity": tuple(UNITS),
    "unit": tuple(UNITS.values()),
    "seen_kind": tuple(SEEN),
    "checked": ("yes", "recall"),
}


def load_hardware(path: Any = None):
    """The hardware table: energies per bit and per operation, each with its source.

    Parameters
    ----------
    path : path-like, optional
        Another table of the same columns; by default the book's.

    Returns
    -------
    pandas.DataFrame
        Index: id. ``value``, ``low``, ``high`` are in the row's ``unit`` (J/bit or J/operation;
        without a known spread the three are equal); ``bits`` is the width of what an operation
        handles, 1 for energies per bit; ``source`` is a key of the bibliography; ``checked`` says
        whether the number, or every input of a derived one, was seen in the text named in
        ``seen_in``; ``derivation`` is how it follows from what the source prints, in SI units;
        ``standing`` sums it up: "source" (seen there), "quoted" (seen in somebody else's
        transcription) or "recalled". ``.attrs["units"]`` names the units of the columns.

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

    columns = {name: [] for name in ("id", *_TEXT, *_NUMBERS)}
    for row in _rows(files("lim_lib") / "data" / "hardware.csv" if path is None else path):
        for name, values in columns.items():
            values.append(row[name])
    table = pd.DataFrame(columns).set_index("id")
    table["standing"] = table["seen_kind"].map(SEEN).where(table["checked"] == "yes", "recalled")
    energy = "the row's unit"
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
def _rows(path: Any) -> tuple[dict, ...]:
    """The checked rows of a table, numbers as floats."""
    path = Path(path) if isinstance(path, str) else path
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        for name in ("id", *_TEXT, *_NUMBERS):
            if name not in (reader.fieldnames or ()):
                raise ValueError(f"{path.name}: column {name} is missing")
        rows = tuple(_row(path.name, cells) for cells in reader)
    ids = [row["id"] for row in rows]
    for twice in {each for each in ids if ids.count(each) > 1}:
        raise ValueError(f"{path.name}: row {twice}, column id: must be new, is there twice")
    return rows


def _row(table: str, cells: dict[str, str]) -> dict[str, Any]:
    name = cells["id"] or "without id"

    def wrong(column: str, allowed: str):
        came = repr(cells[column]) if cells[column] else "nothing"
        raise ValueError(f"{table}: row {name}, column {column}: must be {allowed}, got {came}")

    for column in ("id", *_TEXT, *_NUMBERS):
        if not (cells[column] or column in _MAY_BE_EMPTY):
            wrong(column, " or ".join(_CHOICES.get(column, ("filled in",))))
    for column, choices in _CHOICES.items():
        if cells[column] not in choices:
            wrong(column, " or ".join(choices))
    if cells["unit"] != UNITS[cells["quantity"]]:
        wrong("unit", f"{UNITS[cells['quantity']]} for an {cells['quantity']}")
    if cells["checked"] == "yes" and not cells["seen_in"]:
        wrong("seen_in", "filled in for a number that was checked")
    row: dict[str, Any] = {column: cells[column] for column in ("id", *_TEXT)}
    for column in _NUMBERS:
        try:
            row[column] = float(cells[column] or "nan")
        except ValueError:
            wrong(column, "a number")
        if cells[column] and row[column] not in POSITIVE:
            wrong(column, str(POSITIVE))
    for column in ("low", "high"):
        row[column] = row[column] if cells[column] else row["value"]
    if not row["low"] <= row["value"] <= row["high"]:
        wrong("value", f"between low {row['low']:g} and high {row['high']:g}")
    return row


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
        In J/bit or J/operation.

    Raises
    ------
    KeyError
        If there is no such row; the message names the nearest.

    Examples
    --------
    >>> ["{:.3g}".format(energy) for energy in span("hbm2")]
    ['3.91e-12', '5.47e-12', '7.03e-12']
    """
    table = {each["id"]: each for each in _rows(files("lim_lib") / "data" / "hardware.csv")}
    if row not in table:
        raise KeyError(f"no row {row!r}{nearest(row, table)}; see load_hardware()")
    return Span(*(table[row][name] for name in Span._fields))


def training_operations(model_size, tokens):
    """Multiplications and additions of a training run: six per parameter and token.

    A multiplication and an addition each in the forward pass, in passing the error backward, and
    in adding up the gradient. The rule for networks that use each parameter once per token.

    Parameters
    ----------
    model_size : float or sympy.Expr
        Number of parameters M.
    tokens : float or sympy.Expr
        Tokens (examples) that the model sees.

    Returns
    -------
    float or sympy.Expr

    Examples
    --------
    >>> f"{training_operations(1.75e11, 3e11):.3g}"
    '3.15e+23'
    """
    return 6 * model_size * tokens


def model_reads(tokens, batch, reuse, words=1):
    """Passes over the whole model that a training run reads from memory.

    Forward and backward, once for every `reuse` tokens; and once per update for each of the
    `words` numbers that the optimizer keeps.

    Parameters
    ----------
    tokens : float or sympy.Expr
        Tokens that the model sees.
    batch : float or sympy.Expr
        Tokens per update.
    reuse : float or sympy.Expr
        Tokens that are served by one fetch of a parameter, at most `batch`.
    words : float or sympy.Expr
        Numbers of b bits that the optimizer keeps for each parameter.

    Returns
    -------
    float or sympy.Expr
        ``reads`` in the notation table.

    Examples
    --------
    >>> model_reads(tokens=1000, batch=100, reuse=10)
    210.0
    """
    return 2 * tokens / reuse + words * tokens / batch


def update_commands(model_size, tokens, batch, words=1):
    """Parameter writes of a training run: every word of every parameter, once per update.

    Parameters
    ----------
    model_size, tokens, batch, words
        As in `training_operations` and `model_reads`.

    Returns
    -------
    float or sympy.Expr
        ``operations`` in the notation table.

    Examples
    --------
    >>> update_commands(model_size=10, tokens=1000, batch=100)
    100.0
    """
    return words * model_size * tokens / batch


_ROW_OF_WIDTH = {8: "n7_int8", 16: "n7_fp16", 32: "n7_fp32"}


def _energies(name: str, given: Any, default: str, unit: str) -> np.ndarray:
    """(low, value, high) of an energy given as a row's id, a number, three of them, or not."""
    if given is None or isinstance(given, str):
        row = given or default
        ends = span(row)
        table = {each["id"]: each for each in _rows(files("lim_lib") / "data" / "hardware.csv")}
        if table[row]["unit"] != unit:
            refuse(name, row, f"a row in {unit}")
        return np.array(ends)
    ends = number(name, given, NON_NEGATIVE)
    if np.shape(ends) not in ((), (3,)) or np.any(np.diff(ends) < 0 if np.ndim(ends) else False):
        refuse(name, given, "one number, or low <= value <= high")
    return np.broadcast_to(ends, 3)


def three_walls(
    model_size: float,
    bits: float,
    tokens: float,
    *,
    batch: float = 1,
    reuse: float = 1,
    words: float = 1,
    consolidations: float = 0,
    operation_energy: str | float | Sequence[float] | None = None,
    read_energy: str | float | Sequence[float] | None = None,
    write_energy: str | float | Sequence[float] | None = None,
    transfer_energy: str | float | Sequence[float] | None = None,
    temperature: float = 300.0,
):
    """Energy of a training run, term by term: count times bits times energy per bit.

    No lower bound: a sum of four costs that today's hardware cannot do without. Activations,
    communication between chips, control, leakage and cooling are left out.

    Parameters
    ----------
    model_size : float
        Number of parameters M.
    bits : float
        Bits per parameter b.
    tokens : float
        Tokens (examples) that the model sees.
    batch : float
        Tokens per update.
    reuse : float
        Tokens served by one fetch of a parameter, at least 1 and at most `batch`.
    words : float
        Numbers of b bits that the optimizer keeps, reads and writes for each parameter.
    consolidations : float
        Copies of the whole model, all its words, to long-term memory.
    operation_energy : str, float or three floats, optional
        Energy of a multiplication or an addition in J: the id of a row of the hardware table, a
        value, or (low, value, high). By default the row of 8, 16 or 32 bits at 7 nm.
    read_energy, write_energy : str, float or three floats, optional
        Energy to read and to write one bit in J/bit; by default an access of ``hbm2``.
    transfer_energy : str, float or three floats, optional
        Energy to bring one bit to long-term memory, its writing there included, in J/bit; by
        default ``ssd``.
    temperature : float
        In K; only for the comparison with kT ln 2.

    Returns
    -------
    pandas.DataFrame
        Index: arithmetic, reads, writes, copies. Columns: the wall's name, the bits handled, the
        energy in J (low, value, high), and ``over_landauer``, value per bit in units of kT ln 2
        (NaN where no bit is handled).

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed, in one line that names it.
    KeyError
        If the hardware table has no row of that id.

    Examples
    --------
    >>> run = three_walls(1e9, 16, tokens=2e10, batch=1e6, reuse=1000)
    >>> run["value"].map("{:.2g}".format).tolist()
    ['3e+07', '3.5e+06', '1.8e+03', '0']
    """
    import pandas as pd

    given = {
        "model_size": POSITIVE,
        "bits": BITS,
        "tokens": POSITIVE,
        "batch": Domain(low=1),
        "reuse": Domain(low=1),
        "words": NON_NEGATIVE,
        "consolidations": NON_NEGATIVE,
    }
    values = locals()
    counts = {name: number(name, values[name], domain) for name, domain in given.items()}
    for name, value in counts.items():
        if np.ndim(value):
            refuse(name, values[name], "one number")
    if counts["reuse"] > counts["batch"]:
        refuse("reuse", reuse, f"<= batch ({batch:g}): an updated parameter is fetched again")
    if operation_energy is None and bits not in _ROW_OF_WIDTH:
        refuse("operation_energy", None, "given unless bits is 8, 16 or 32", TypeError)
    per_operation = _energies(
        "operation_energy", operation_energy, _ROW_OF_WIDTH.get(bits, ""), "J/operation"
    )
    read = _energies("read_energy", read_energy, "hbm2", "J/bit")
    write = _energies("write_energy", write_energy, "hbm2", "J/bit")
    transfer = _energies("transfer_energy", transfer_energy, "ssd", "J/bit")

    model = {"model_size": counts["model_size"], "bits": counts["bits"], "temperature": temperature}
    passes = model_reads(counts["tokens"], counts["batch"], counts["reuse"], counts["words"])
    commands = update_commands(
        counts["model_size"], counts["tokens"], counts["batch"], counts["words"]
    )
    copies = counts["words"] * counts["consolidations"]
    operations = training_operations(counts["model_size"], counts["tokens"])

    def access(reads, commands, read, write):
        return bounds.memory_access(
            operations=commands, reads=reads, read_energy=read, write_energy=write, **model
        )

    def handled(reads, commands):
        return access(reads, commands, 1.0, 1.0)

    rows = {
        "arithmetic": ("none", operations * counts["bits"], operations * per_operation),
        "reads": ("memory-wall", handled(passes, 0.0), access(passes, 0.0, read, write)),
        "writes": ("update-wall", handled(0.0, commands), access(0.0, commands, read, write)),
        "copies": (
            "consolidation-wall",
            handled(copies, 0.0),
            access(copies, copies * counts["model_size"], read, transfer),
        ),
    }
    table = pd.DataFrame(
        {
            "wall": [row[0] for row in rows.values()],
            "bits": [row[1] for row in rows.values()],
            **dict(zip(Span._fields, np.array([row[2] for row in rows.values()]).T, strict=True)),
        },
        index=pd.Index(rows, name="term"),
    )
    landauer = bounds.landauer(model_size=1, bits=1, temperature=temperature)
    table["over_landauer"] = table["value"] / table["bits"].where(table["bits"] > 0) / landauer
    table.attrs["units"] = {"bits": "bit", "over_landauer": "1"} | dict.fromkeys(Span._fields, "J")
    return table


def example_run(batch: float = 3.2e6, bits: float = 16):
    """The terms of the book's example, a run of the size of GPT-3 on memory of today.

    M = 1.75e11 parameters, 3e11 tokens and 3.2e6 tokens per update as Brown et al. (2020) print
    them (the last two recalled); a copy for each of the 355 hours that Patterson et al. (2021)
    give. Assumptions: 112 bits per parameter in the optimizer (three numbers of 32 bits, one of
    16), up to 2048 tokens per fetch.

    Parameters
    ----------
    batch : float
        Tokens per update.
    bits : float
        Width of arithmetic and of the parameters that are read: 8, 16 or 32.

    Returns
    -------
    pandas.DataFrame
        As of `three_walls`.

    Examples
    --------
    >>> f"{example_run()['value'].sum():.2e} J"
    '8.33e+10 J'
    """
    return three_walls(
        model_size=1.75e11,
        bits=bits,
        tokens=3e11,
        batch=batch,
        reuse=min(batch, 2048),
        words=112 / bits,
        consolidations=355,
    )


class Accesses(NamedTuple):
    """What a counted training run did.

    Parameters
    ----------
    weights : tuple of ndarray
        The layers at the end.
    reads, writes : int
        Numbers read from and written to far memory.
    operations : int
        Multiplications and additions in matrix products.
    """

    weights: tuple
    reads: int
    writes: int
    operations: int


def counted_training(weights, inputs, targets, *, batch, reuse, rate=0.1, momentum=None):
    """Train a deep linear network and count every access to the memory that holds it.

    The layers live in far memory. A fetch of a layer serves `reuse` examples; an update takes
    place after `batch` of them. The error is also passed on to what lies below the first layer,
    as in a layer within a larger network.

    Parameters
    ----------
    weights : sequence of array_like
        The layers, each of shape (outputs, inputs).
    inputs, targets : array_like
        One example per row.
    batch, reuse : int
        Examples per update and per fetch; reuse divides batch, batch divides their number.
    rate : float
        Step of gradient descent on half the mean squared error of a batch.
    momentum : float, optional
        If given, the optimizer keeps a second number per parameter, its velocity.

    Returns
    -------
    Accesses

    Raises
    ------
    ValueError
        If the numbers of examples do not divide.

    Examples
    --------
    >>> inputs = np.eye(4)
    >>> done = counted_training([np.zeros((4, 4))], inputs, inputs, batch=2, reuse=1)
    >>> done.reads, done.writes, done.operations
    (160, 32, 384)
    """
    inputs, targets = np.asarray(inputs, float), np.asarray(targets, float)
    if batch % reuse or len(inputs) % batch:
        refuse("batch", batch, f"a multiple of reuse {reuse} that divides {len(inputs)} examples")
    far = [np.array(layer, float) for layer in weights]
    velocity = [np.zeros_like(layer) for layer in far]
    count = {"reads": 0, "writes": 0, "operations": 0}

    def fetch(store, layer):
        count["reads"] += store[layer].size
        return store[layer].copy()

    def put(store, layer, values):
        count["writes"] += values.size
        store[layer] = values

    def product(a, b):
        count["operations"] += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b

    for start in range(0, len(inputs), batch):
        gradient = [np.zeros_like(layer) for layer in far]
        for first in range(start, start + batch, reuse):
            signals = [inputs[first : first + reuse].T]
            for layer in range(len(far)):
                signals.append(product(fetch(far, layer), signals[-1]))
            error = (signals[-1] - targets[first : first + reuse].T) / batch
            for layer in reversed(range(len(far))):
                gradient[layer] += product(error, signals[layer].T)
                error = product(fetch(far, layer).T, error)
        for layer, slope in enumerate(gradient):
            step = -rate * slope
            if momentum is not None:
                step += momentum * fetch(velocity, layer)
                put(velocity, layer, step)
            put(far, layer, fetch(far, layer) + step)
    return Accesses(tuple(far), **count)

"""The three walls: energy of a training run term by term, each a count times bits times J/bit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lim_lib import bounds
from lim_lib.symbols import BITS
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, number, refuse
from lim_lib.workloads.hardware import Span, hardware_rows, span


def _wide(count):
    """A count of NumPy's or pandas' as doubles: in a type of few bits a product would wrap."""
    return count.astype(float) if hasattr(count, "astype") else count


def training_operations(model_size, tokens, frozen_size=0):
    """Multiplications and additions of a training run: six per parameter and token.

    A multiplication and an addition each in the forward pass, in passing the error backward, and
    in adding up the gradient, which a frozen parameter does without: four for each of these. The
    rule for networks that use each parameter once per token.

    Parameters
    ----------
    model_size : float or sympy.Expr
        Number of parameters M.
    tokens : float or sympy.Expr
        Tokens (examples) that the model sees.
    frozen_size : float or sympy.Expr
        Parameters beside them that are passed and not learned.

    Returns
    -------
    float or sympy.Expr

    Examples
    --------
    >>> f"{training_operations(1.75e11, 3e11):.3g}"
    '3.15e+23'
    """
    return 6 * _wide(model_size) * _wide(tokens) + 4 * _wide(frozen_size) * _wide(tokens)


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
    tokens = _wide(tokens)
    return 2 * tokens / reuse + _wide(words) * tokens / batch


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
    return _wide(words) * _wide(model_size) * _wide(tokens) / batch


WIDTHS: Mapping[float, str] = {8: "n7_int8", 16: "n7_fp16", 32: "n7_fp32"}
"""Bits of a number for which the hardware table has arithmetic, and its row."""


def arithmetic_energy(given: str | float | Sequence[float]) -> np.ndarray:
    """(low, value, high) of the energy of an operation in J: of a row, or as it is given.

    Examples
    --------
    >>> arithmetic_energy("n7_fp16").tolist()
    [1.6e-13, 2.5e-13, 3.6e-13]
    """
    return _energies("operation_energy", given, "", "J/operation")


def _energies(name: str, given: Any, default: str, unit: str) -> np.ndarray:
    """(low, value, high) of an energy given as a row's id, a number, three of them, or not."""
    if given is None or isinstance(given, str):
        row = given or default
        ends = span(row)
        if hardware_rows()[row]["unit"] != unit:
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
    if operation_energy is None and bits not in WIDTHS:
        refuse("operation_energy", None, "given unless bits is 8, 16 or 32", TypeError)
    per_operation = arithmetic_energy(
        WIDTHS[bits] if operation_energy is None else operation_energy
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


def example_arguments(batch: float = 3.2e6, bits: float = 16) -> dict[str, float]:
    """What `three_walls` is told of the book's example, a run of the size of GPT-3.

    M = 1.75e11 parameters, 3e11 tokens and 3.2e6 tokens per update as Brown et al. (2020) print
    them (the last two recalled); a copy for each of the 355 hours that Patterson et al. (2021)
    give. Assumptions: 112 bits per parameter in the optimizer (three numbers of 32 bits, one of
    16), up to 2048 tokens per fetch.

    Parameters
    ----------
    batch : float
        Tokens per update.
    bits : float
        Width of arithmetic and of the parameters that are read.

    Returns
    -------
    dict
    """
    return {
        "model_size": 1.75e11,
        "bits": bits,
        "tokens": 3e11,
        "batch": batch,
        "reuse": min(batch, 2048),
        "words": 112 / bits,
        "consolidations": 355,
    }


def example_run(batch: float = 3.2e6, bits: float = 16):
    """The terms of the book's example, a run of the size of GPT-3 on memory of today.

    What it assumes, and from whom, is in `example_arguments`.

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
    return three_walls(**example_arguments(batch, bits))

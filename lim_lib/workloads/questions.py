"""Questions to the ladder: how it changes, what two technologies cost, where it costs so much.

Each question is answered by ladders alone: `sweep` computes one for every combination of values,
`compare` one for every technology, and `solve` looks among many for the energy that is asked for.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np

from lim_lib.units import format_energy
from lim_lib.validate import POSITIVE, nearest, refuse, single
from lim_lib.workloads.hardware import hardware_rows, span
from lim_lib.workloads.inputs import INPUTS
from lim_lib.workloads.ladder import IDLE, Ladder, energy_ladder

MOST = 10_000
"""Ladders that one question may take."""

_DECADES, _A_DECADE = 15, 2
"""How far from its usual value an unknown is looked for, and at how many values."""

_SAME, _PICOJOULE = 1e-9, 1e-12


def sweep(workload: Any = None, **quantities: Any):
    """The ladder for every combination of several values: a long table.

    Parameters
    ----------
    workload, **quantities
        As in `energy_ladder`; each of them may be a list, a tuple or an array of values, and one
        at least is.

    Returns
    -------
    pandas.DataFrame
        One row for each line of each ladder. Columns: what has several values, by name, in the
        order in which they were given; rung, title, kind, low, joules, high in J, over_landauer,
        remark. ``.attrs["swept"]`` names the first ones, ``.attrs["units"]`` all units.

    Raises
    ------
    ValueError, TypeError, KeyError
        As `energy_ladder`, if one of the ladders cannot be had; for no list at all, or more than
        10 000 combinations.

    Examples
    --------
    >>> table = sweep(model_size=1e9, operations=1e13, bits=[4, 8])
    >>> landauer = table[table["rung"] == "landauer"].set_index("bits")["joules"]
    >>> landauer.map("{:.3g}".format).to_dict()
    {4: '1.15e-11', 8: '2.3e-11'}
    """
    import pandas as pd

    given = {"workload": workload, **quantities}
    swept = {name: _listed(name, each) for name, each in given.items() if _is_several(each)}
    if not swept:
        raise TypeError("sweep() needs a list of values for one of its arguments at least")
    count = math.prod(map(len, swept.values()))
    if count > MOST:
        refuse("the number of combinations", count, f"at most {MOST}")
    tables = []
    for values in product(*swept.values()):
        point = dict(zip(swept, values, strict=True))
        lines = energy_ladder(**{**given, **point}).frame().reset_index()
        tables.append(pd.DataFrame({**point, **lines[list(_COLUMNS)]}))
    table = pd.concat(tables, ignore_index=True)
    own = {name: INPUTS[name].unit for name in swept if name in INPUTS}
    table.attrs = {
        "swept": list(swept),
        "units": own | dict.fromkeys(("low", "joules", "high"), "J"),
    }
    return table


_COLUMNS = ("rung", "title", "kind", "low", "joules", "high", "over_landauer", "remark")


def _is_several(value: Any) -> bool:
    return isinstance(value, list | tuple | range) or (hasattr(value, "ndim") and value.ndim > 0)


def _listed(name: str, values: Any) -> list:
    found = values.tolist() if hasattr(values, "tolist") else list(values)
    if not found or any(map(_is_several, found)):
        refuse(name, values, "a value, or a list of values")
    return found


def compare(technologies: Any, workload: str | None = None, **quantities: Any):
    """The ladders of several technologies, side by side.

    Parameters
    ----------
    technologies : sequence or mapping
        Ids of rows of the hardware table, each in the place of the energy that it is (of an
        operation, an update, a bit read, written or moved), or mappings of inputs of
        `energy_ladder`. A mapping of names to such says what they are called.
    workload, **quantities
        As in `energy_ladder`: what all of them have in common.

    Returns
    -------
    pandas.DataFrame
        Index: rung. Columns: title, kind, and for each technology the energy in J, NaN where the
        ladder has no such line or no number for it. ``.attrs["inputs"]`` says what each put in,
        ``.attrs["remarks"]`` what is to be remarked: by line, or by input if it enters none.

    Raises
    ------
    ValueError, TypeError, KeyError
        As `energy_ladder`; for fewer than two technologies; for a row of hardware whose energy no
        input takes; for technologies whose tasks would be different ones, if no task is given.

    Examples
    --------
    >>> table = compare(["dram_cell", "reram_cell"], "gpt3", reads=0)
    >>> table.loc["memory_access", ["dram_cell", "reram_cell"]].map("{:.2g}".format).tolist()
    ['1.3e+04', '1.4e+05']
    """
    import pandas as pd

    own = _technologies(technologies)
    columns: dict[str, Any] = {"title": {}, "kind": {}}
    tasks, remarks = {}, {}
    for name, inputs in own.items():
        for twice in set(inputs) & set(quantities):
            refuse(twice, quantities[twice], f"left out: {name} says it")
        ladder = energy_ladder(workload, **{**quantities, **inputs})
        lines, tasks[name] = ladder.lines, ladder.task
        remarks[name] = {key: line["remark"] for key, line in lines.items() if line["remark"]}
        idle = (n for n, each in ladder.quantities.items() if n in inputs and each["why"] == IDLE)
        remarks[name] |= dict.fromkeys(idle, IDLE)
        for what in ("title", "kind"):
            columns[what] = {key: line[what] for key, line in lines.items()} | columns[what]
        columns[name] = {key: line["joules"] for key, line in lines.items()}
    if len({*tasks.values()}) > 1 and not all("task" in inputs for inputs in own.values()):
        taken = ", ".join(f"{task!r} of {name}" for name, task in tasks.items())
        raise ValueError(f"task must be given, the same for all: taken are {taken}")
    for name in own:
        absent = columns["title"].keys() - columns[name].keys()
        remarks[name] |= dict.fromkeys(sorted(absent), "no line of this ladder")
    table = pd.DataFrame(columns).rename_axis("rung")
    table.attrs = {"inputs": own, "remarks": remarks, "units": dict.fromkeys(own, "J")}
    return table


def _technologies(given: Any) -> dict[str, Mapping[str, Any]]:
    """What each technology puts in, by the name of its column."""
    if not isinstance(given, Mapping):
        listed = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
        given = {_called(each): each for each in listed}
    if len(given) < 2:
        refuse("technologies", list(given), "two or more")
    return {
        name: each if isinstance(each, Mapping) else {input_of(each): each}
        for name, each in given.items()
    }


def _called(technology: Any) -> str:
    if isinstance(technology, str):
        return technology
    if not isinstance(technology, Mapping) or not technology:
        refuse("a technology", technology, "the id of a row of hardware, or inputs", TypeError)
    return ", ".join(
        f"{name}={each:g}" if isinstance(each, float | int) else f"{name}={each}"
        for name, each in technology.items()
    )


_INPUT_OF = {
    ("J/operation", "compute-in-memory"): "in_memory_energy",
    ("J/operation", ""): "operation_energy",
    ("J/update", ""): "update_energy",
    ("J/bit", "read"): "read_energy",
    ("J/bit", "write"): "write_energy",
    ("J/bit", "move"): "transfer_energy",
}


def input_of(row: str) -> str:
    """The input of the ladder whose place a row of the hardware table can take.

    Examples
    --------
    >>> input_of("h100"), input_of("ssd")
    ('operation_energy', 'transfer_energy')
    """
    span(row)  # refuses what is no row
    told = hardware_rows()[row]
    unit, category = told["unit"], told["category"]
    found = _INPUT_OF.get((unit, category)) or _INPUT_OF.get((unit, ""))
    if found is None:
        refuse("a technology", row, f"a row whose energy an input takes, not one in {unit}")
    return found


def solve(
    unknown: str,
    workload: str | None = None,
    *,
    energy: float,
    rung: str | None = None,
    **quantities: Any,
):
    """At which value of an input a line of the ladder costs a given energy.

    Parameters
    ----------
    unknown : str
        An input of `energy_ladder`, which is not given.
    workload, **quantities
        As in `energy_ladder`.
    energy : float
        Energy in J.
    rung : str, optional
        A line of the ladder; by default each.

    Returns
    -------
    pandas.DataFrame
        Index: rung, once for each value found, and once if there is none. Columns: title, kind,
        ``value`` in the unit of the input (NaN if there is none), ``side`` ("at least" or "at
        most": where the line costs no more than the energy), ``remark`` (why there is none).
        ``.attrs["units"]`` names the unit, ``.attrs["between"]`` where it was looked for.

    Raises
    ------
    ValueError, TypeError, KeyError
        As `energy_ladder`; for an unknown that is no input, or is given; for a rung that the
        ladder does not have.

    Notes
    -----
    Values are looked for in fifteen decades on either side of the one that the ladder has by
    itself, or of 1 (of a picojoule for an energy of hardware), as far as they are allowed (bits in
    all of their range), and found by Brent's method on the ladder.

    Examples
    --------
    >>> found = solve("duration", "gpt3", energy=1e-3, rung="transport_time_held")
    >>> found["side"].tolist(), (found["value"] / (365.25 * 86400)).round(1).tolist()
    (['at least'], [3.9])
    """
    import pandas as pd

    if unknown not in INPUTS:
        raise KeyError(f"no input {unknown!r}{nearest(unknown, INPUTS)}; see INPUTS")
    if unknown in quantities:
        refuse(unknown, quantities[unknown], "left out: it is the unknown")
    target = single("energy", energy, POSITIVE)
    if unknown == "energy":
        refuse("unknown", unknown, "an input that a bound depends on")

    def ladder(value: float) -> Ladder:
        return energy_ladder(workload, **{**quantities, unknown: value})

    values, ladders = _probes(unknown, _usual(unknown, workload, quantities), ladder)
    keys = list(dict.fromkeys(key for each in ladders if each for key in each.lines))
    if rung is not None:
        if rung not in keys:
            raise KeyError(f"no rung {rung!r}{nearest(rung, keys)}; there are {', '.join(keys)}")
        keys = [rung]
    rows = []
    for key in keys:
        line = next(each.lines[key] for each in ladders if each and key in each.lines)
        joules = np.array([_joules(each, key) for each in ladders])

        def excess(value: float, key=key) -> float:
            return math.log(max(_joules(ladder(value), key), 1e-300) / target)

        found = list(_crossings(values, joules, target, excess, _linear(unknown)))
        for value, side in found or [(math.nan, "")]:
            why = "" if found else _why_none(unknown, values, joules, target, line["remark"])
            rows.append((key, line["title"], line["kind"], value, side, why))
    columns = ["rung", "title", "kind", "value", "side", "remark"]
    table = pd.DataFrame(rows, columns=columns).set_index("rung")
    table.attrs = {
        "units": {"value": INPUTS[unknown].unit},
        "between": (float(values[0]), float(values[-1])),
    }
    return table


def _usual(unknown: str, workload: str | None, quantities: Mapping[str, Any]) -> float:
    """The value that the ladder has by itself, or 1; of an energy of hardware a picojoule."""
    otherwise = _PICOJOULE if INPUTS[unknown].fits else 1.0
    try:
        known = energy_ladder(workload, **quantities).quantities
    except (TypeError, ValueError):
        return otherwise
    return abs(known.get(unknown, {"value": 0.0})["value"]) or otherwise


def _linear(unknown: str) -> bool:
    """Whether an input has few values, such as a number of bits."""
    domain = INPUTS[unknown].domain
    return domain.high < math.inf and domain.low_allowed


def _probes(
    unknown: str, usual: float, ladder: Callable[[float], Ladder]
) -> tuple[np.ndarray, list[Ladder | None]]:
    """Values of the unknown in their order, and the ladder at each, none where it is refused."""
    domain = INPUTS[unknown].domain
    if _linear(unknown):
        values = np.linspace(domain.low, domain.high, 2 * int(domain.high - domain.low) + 1)
    else:
        exponents = np.arange(-_DECADES, _DECADES + 0.1, 1 / _A_DECADE)
        values = usual * 10.0**exponents
        ends = [x for x in (domain.low, domain.high * (1 - _SAME)) if 0 < x < math.inf]
        values = np.unique([*values[[x in domain for x in values]], *ends])
    found: list[Ladder | None] = []
    refused = None
    for value in values:
        try:
            found.append(ladder(float(value)))
        except (ValueError, ArithmeticError) as error:
            found.append(None)
            refused = error
    if not any(found) and refused is not None:
        raise refused
    return values, found


def _joules(ladder: Ladder | None, key: str) -> float:
    line = ladder.lines.get(key) if ladder else None
    return line["joules"] if line else math.nan


def _crossings(
    values: np.ndarray,
    joules: np.ndarray,
    target: float,
    excess: Callable[[float], float],
    linear: bool,
) -> Iterator[tuple[float, str]]:
    """The values at which the energy passes the target, and on which side of each it is less."""
    from scipy.optimize import brentq

    over = joules - target
    for (left, before), (right, after) in pairwise(zip(values, over, strict=True)):
        if before == 0 and after:
            yield float(left), "at most" if after > 0 else "at least"
        elif before * after < 0:
            if linear:
                root = brentq(excess, left, right, xtol=_SAME, rtol=_SAME)
            else:
                ends = math.log(left), math.log(right)
                root = math.exp(
                    brentq(lambda u: excess(math.exp(u)), *ends, xtol=_SAME, rtol=_SAME)
                )
            yield root, "at least" if before > 0 else "at most"


def _why_none(
    unknown: str, values: np.ndarray, joules: np.ndarray, target: float, remark: str
) -> str:
    """Why a line never costs so much."""
    there = np.isfinite(joules)
    if not there.any():
        return remark or "no number"
    low, high = joules[there].min(), joules[there].max()
    if high - low <= _SAME * high:
        return f"{format_energy(low)}, whatever the {unknown}"
    end, never = (low, "never so little") if low > target else (high, "never so much")
    value = values[there][np.argmin(np.abs(joules[there] - end))]
    unit = "" if (unit := INPUTS[unknown].unit) == "1" else f" {unit}"
    return f"{never}: {format_energy(end)} at {unknown} {value:.3g}{unit}"

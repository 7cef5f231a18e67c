r"""The ladder of bounds for a training run: every rung in joules, every assumption spelled out.

A run gives a few numbers: parameters, tokens, operations, time. The rungs of `lim_lib.bounds`
ask for more, such as hops, a hop budget, a drive. `Ladder.inputs` says for each quantity what was
taken and why: given by the caller, from the table of workloads, following from others, or assumed.

Two ways of counting the update commands of a run (:math:`N_\mathrm{op}`):

- ``"steps"``: every optimizer step updates every parameter, :math:`N_\mathrm{op}` = M x steps;
- ``"flop"``: every multiplication or addition of the training is an update. What the source paper
  counts is not known to us; this is a counting for which the estimate of its first abstracts
  comes out.

Training is synchronous: one step commands all parameters. The theorems do not mind a common
clock, for they count what the cells do. *Landauer* is the second law and holds for any jumps.
*Finite time* holds for parameters that diffuse with noises of their own, however their drifts are
coupled. *Transport and activity* and *transport and time* hold as long as each hop moves one cell
by one level, that is, each cell crosses a barrier of its own with noise of its own; the cells may
be correlated. They break if one event moves many cells at once. Of the first, (2W/d)
artanh(W/N_hop) then remains for events of up to d level moves in all, next to nothing for d = M;
the second, whose hop budget counts edges that move one cell, is not proven for such events.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lim_lib import __version__, bounds, memory
from lim_lib.archive import replacing
from lim_lib.results import Value
from lim_lib.units import format_energy
from lim_lib.workloads.inputs import COUNTINGS, INPUTS, SCENARIOS
from lim_lib.workloads.resolution import Input, checked, resolve
from lim_lib.workloads.training import CREDIT
from lim_lib.workloads.walls import WIDTHS, model_reads, three_walls, training_operations


@dataclass(frozen=True, eq=False, repr=False)
class Ladder(Value):
    """Every rung for one run, and what it was computed from.

    Parameters
    ----------
    workload : str or None
        Id of the run in the table.
    name : str
        Its name.
    counting : str
        How its update commands were counted.
    standing : str
        Standing of the reported energy.
    lines : mapping of str to mapping
        By rung: title, kind, prices, low, joules, high in J, assumes, remark.
    quantities : mapping of str to mapping
        By name: value, unit, meaning, origin, why.
    version : str
        Of the library that computed it.

    Examples
    --------
    >>> ladder = energy_ladder("gpt3")
    >>> print(str(ladder).splitlines()[3])
    Landauer                            theorem      8.02 nJ           1    5.78e+20
    >>> ladder.inputs().loc["operations", ["origin", "why"]].tolist()
    ['follows', 'model_size*steps']
    """

    workload: str | None
    name: str
    counting: str
    standing: str
    lines: Mapping[str, Mapping[str, Any]]
    quantities: Mapping[str, Mapping[str, Any]]
    version: str = __version__

    def __repr__(self) -> str:
        table = self.frame()
        compared = table["real_over_rung"].notna().any()
        counted = self.counting
        if self.quantities.get("operations", {}).get("origin") == "given":
            counted = "operations given"
        head = f"{'rung':<36}{'kind':<11}{'energy':>9}{'/ Landauer':>12}"
        lines = [f"{self.name}, {COUNTINGS.get(counted, counted)}", ""]
        lines.append(head + ("   real / it" if compared else ""))
        for _, row in table.iterrows():
            energy = row["energy"] if np.isfinite(row["joules"]) else "-"
            title = row["title"] + (_MARK if row["prices"] == "moves" else "")
            line = f"{title:<36}{row['kind']}{energy:>{20 - len(row['kind'])}}"
            ratios = row[["over_landauer", "real_over_rung"] if compared else ["over_landauer"]]
            lines.append(line + "".join(f"{_short(ratio):>12}" for ratio in ratios))
        lines.append(f"{_MARK} prices moves alone, whether or not they solve anything")
        remarks = table["remark"][table["remark"] != ""]
        return "\n".join([*lines, *(f"{key}: {remark}" for key, remark in remarks.items())])

    def _repr_html_(self) -> str:
        table = self.frame()[["title", "kind", "prices", "energy", "over_landauer"]]
        return table.to_html(index=False, float_format=_short, border=0)

    def frame(self):
        """The lines as a table.

        Returns
        -------
        pandas.DataFrame
            Index: rung. Columns: title, kind, prices ("solution", or "moves" alone, which can be
            less; nothing for what is no rung), low, joules, high in J, ``energy`` to read,
            ``over_landauer``, ``real_over_rung`` (the real energy over this one), ``assumes``
            (every quantity with its value and why), ``remark`` (which quantities contradict each
            other, joules are NaN then; or how far they lie outside the rung's regime).
            ``.attrs["units"]`` names the units.
        """
        import pandas as pd

        table = pd.DataFrame.from_dict(self.lines, orient="index").rename_axis("rung")
        table.insert(6, "energy", [_readable(*item) for item in self.lines.items()])
        table.insert(7, "over_landauer", table["joules"] / self.lines["landauer"]["joules"])
        real = self.quantities.get("energy", {"value": np.nan})["value"]
        table.insert(8, "real_over_rung", real / table["joules"])
        table.attrs["units"] = dict.fromkeys(("low", "joules", "high"), "J")
        return table

    def inputs(self):
        """The inputs as a table.

        Returns
        -------
        pandas.DataFrame
            Index: name in code. Columns: value, unit, meaning; ``origin``: "given", "table",
            "scenario", "follows" (from others, by definition) or "assumed"; ``why``: the source,
            the rule or the reason.
        """
        return _inputs_table(self.quantities)

    def to_json(self, path: Any = None) -> str:
        """Everything as JSON: what is not finite as null, with credit and the library's version.

        Parameters
        ----------
        path : path-like, optional
            Where to write it, too.
        """
        everything = {
            "lim_lib": self.version,
            "workload": self.workload,
            "name": self.name,
            "counting": self.counting,
            "credit": CREDIT,
            "inputs": _records(self.inputs()),
            "rungs": _records(self.frame()),
        }
        return _written(json.dumps(everything, indent=1, allow_nan=False), path)

    def to_csv(self, path: Any = None) -> str:
        """The lines as CSV, joules in full.

        Parameters
        ----------
        path : path-like, optional
            Where to write it, too.
        """
        return _written(self.frame().to_csv(lineterminator="\n"), path)


def _written(text: str, path: Any) -> str:
    if path is not None:
        with replacing(path) as file:
            file.write(text.encode())
    return text


def _records(table) -> list[dict]:
    """The rows of a table for JSON."""

    def plain(value):
        return None if isinstance(value, float) and not np.isfinite(value) else value

    rows = table.reset_index().to_dict("records")
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def _readable(key: str, line: Mapping[str, Any]) -> str:
    if key == "paper":  # whose abstracts give the ends alone
        return f"{format_energy(line['low'])} to {format_energy(line['high'])}"
    return format_energy(line["joules"]) if np.isfinite(line["joules"]) else str(line["joules"])


def _short(value: float) -> str:
    """A number with three digits, or a dash where there is none."""
    return f"{value:.3g}" if np.isfinite(value) else "-"


def ladder_inputs(workload: str | None = None, *, counting: str = "steps", **quantities: Any):
    """Every quantity that the ladder of a run uses: its value, its unit, and why.

    Parameters
    ----------
    workload, counting, **quantities
        As in `energy_ladder`.

    Returns
    -------
    pandas.DataFrame
        As `Ladder.inputs`.

    Examples
    --------
    >>> ladder_inputs("gpt3").loc["steps", ["origin", "why"]].tolist()
    ['table', 'brown2020, source']
    """
    _, known = resolve(workload, counting, checked(quantities))
    return _inputs_table(_quantities(known))


def _quantities(known: Mapping[str, Input]) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": each.value,
            "unit": INPUTS[name].unit,
            "meaning": INPUTS[name].meaning,
            "origin": each.origin,
            "why": each.why,
        }
        for name, each in known.items()
    }


def _inputs_table(quantities: Mapping[str, Mapping[str, Any]]):
    import pandas as pd

    table = pd.DataFrame.from_dict(quantities, orient="index").rename_axis("quantity")
    return table.astype({"value": float})


def rungs(known: Mapping[str, Input]) -> Iterator[tuple[str, str, bounds.Bound, dict[str, Any]]]:
    """(key, title, bound, arguments) of every rung whose arguments can be had."""
    values = {name: each.value for name, each in known.items()}
    for bound in bounds.LADDER:
        own = {n: v for n, v in values.items() if n in bound.accepted}
        if bound.key != "transport_time" or "hop_budget" in own:
            if set(bound.required) <= set(own):
                yield bound.key, bound.title, bound, own
            continue
        free = values["attempt_rate"] * values["duration"]
        yield "transport_time", f"{bound.title}, free cells", bound, own | {"hop_budget": free}
        rate = memory.retention_rate(
            retention=values["retention"], loss_probability=values["loss_probability"]
        )
        held = own | {"hop_budget": rate * values["duration"]}
        yield "transport_time_held", f"{bound.title}, cells held", bound, held


def energy_of(bound: bounds.Bound, own: Mapping[str, Any]) -> tuple[Any, str]:
    """The energy in J and what is to be remarked; NaN where quantities contradict each other."""
    try:
        joules, complaints = bound.judged(own)
    except ValueError as error:
        if np.broadcast_shapes(*map(np.shape, own.values())):
            return _element_by_element(bound, own), str(error)
        return float("nan"), str(error)
    return joules, "; ".join(complaints)


def _element_by_element(bound, own):
    shape = np.broadcast_shapes(*map(np.shape, own.values()))
    arrays = {name: np.broadcast_to(value, shape) for name, value in own.items()}
    joules = np.empty(shape)
    for place in np.ndindex(shape):
        here = {name: float(each[place]) for name, each in arrays.items()}
        joules[place], _ = energy_of(bound, here)
    return joules


def _said(name: str, each: Input) -> str:
    unit = "" if INPUTS[name].unit == "1" else f" {INPUTS[name].unit}"
    why = f"{each.origin}: {each.why}" if each.why else each.origin
    return f"{name} {each.value:.4g}{unit} ({why})"


def energy_ladder(workload: str | None = None, *, counting: str = "steps", **quantities: Any):
    """Every rung of the ladder for a training run, in joules, with what it assumes.

    Parameters
    ----------
    workload : str, optional
        An id of `load_workloads`, or ``"brain"``, a scenario of 1e15 parameters. Without it, the
        caller's own numbers: at least `model_size`.
    counting : {"steps", "flop"}
        How update commands are counted: every optimizer step updates every parameter, or every
        multiplication or addition of the training is an update. Without effect if `operations` is
        given.
    **quantities
        Numbers by name, in SI units, that take the place of what the table knows or the ladder
        assumes. `INPUTS` lists them: of the run, of the memory, and of the hardware of today.

    Returns
    -------
    Ladder
        One line for each rung of `lim_lib.bounds.LADDER` whose arguments can be had;
        transport_time, if no `hop_budget` is given, once for cells that hop freely and once
        (``transport_time_held``) for cells that are held at the retention rate. Then lines to
        compare with, which are no bounds: ``three_walls`` (today's memory and arithmetic),
        ``chip_limit`` (FLOP times the energy per FLOP of its chip, or of an H100, at full use),
        ``reported`` (the energy of the real run, from the table) and, for ``"brain"``,
        ``paper`` (the range in the first abstracts of the source paper). It keeps the inputs that
        it was computed from, with their origins.

    Raises
    ------
    KeyError
        If there is no such workload; the message names the nearest.
    ValueError, TypeError
        For a quantity that is unknown or not allowed.

    See Also
    --------
    ladder_inputs : the quantities alone, for arrays too.
    ladder_ranges : how far the rungs move with what is uncertain.

    Notes
    -----
    Training in lockstep is within the theorems as long as every cell hops over a barrier of its
    own; the docstring of `lim_lib.workloads.ladder` says what remains if it does not.

    Examples
    --------
    >>> own = energy_ladder(model_size=1.75e11, bits=16, operations=1.75e11 * 93750, duration=1.3e6)
    >>> own.frame().loc[["landauer", "transport_activity"], "energy"].tolist()
    ['8.04 nJ', '7.53 μJ']
    """
    given = checked(quantities)
    facts, known = resolve(workload, counting, given)
    lines = {}
    for key, title, bound, own in rungs(known):
        joules, remark = energy_of(bound, own)
        if np.isnan(joules) and _GIVEN & set(given) & set(own):
            raise ValueError(remark)
        used = {n: known.get(n, Input(v, "follows", _HELD.get(key, ""))) for n, v in own.items()}
        said = "; ".join(_said(name, each) for name, each in used.items())
        lines[key] = _line(title, bound.kind, (joules,) * 3, said, remark, bound.prices)
    for key, *line in _lines(facts, known):
        lines[key] = _line(*line)
    return Ladder(
        workload=facts["id"],
        name=facts["name"],
        counting=counting,
        standing=facts["numbers"].get("energy", {}).get("standing", ""),
        lines=lines,
        quantities=_quantities(known),
    )


_MARK = "*"
_GIVEN = {"hops", "transport", "hop_rate_initial", "convergence_times"}
"""Quantities that are refused if they are given and contradict others."""
_THREE_WALLS = ("three_walls", "Three walls, memory of today", "hardware")
_HELD = {
    "transport_time": "attempt rate x duration: no barrier at all",
    "transport_time_held": "retention rate x duration: the barrier of long-term memory throughout",
}


def _line(title, kind, ends, assumes, remark, prices="") -> dict[str, Any]:
    low, value, high = map(float, ends)
    return {
        "title": title,
        "kind": kind,
        "prices": prices,
        "low": low,
        "joules": value,
        "high": high,
        "assumes": assumes,
        "remark": remark,
    }


def _lines(facts: Mapping[str, Any], known: Mapping[str, Input]):
    """(key, title, kind, (low, value, high), assumptions, remark) of what is no bound."""
    values = {name: each.value for name, each in known.items()}

    def said(*names):
        return "; ".join(_said(name, known[name]) for name in names)

    if {"tokens", "batch", "flop"} <= set(values) and values["bits"] not in WIDTHS:
        widths = ", ".join(map(str, WIDTHS))
        yield (
            *_THREE_WALLS, (float("nan"),) * 3, said("bits"),
            f"the hardware table has arithmetic of {widths} bits",
        )  # fmt: skip
    elif {"tokens", "batch", "flop"} <= set(values):
        names = ("tokens", "batch", "reuse", "words", "consolidations")
        counts = {name: values[name] for name in names}
        run = three_walls(
            values["model_size"], values["bits"], **counts, temperature=values["temperature"]
        )[["low", "value", "high"]]
        run.loc["arithmetic"] *= values["flop"] / training_operations(
            values["model_size"], values["tokens"]
        )
        # of a mixture, a token fetches the active parameters alone
        share = values["active_size"] / values["model_size"]
        passes = {name: counts[name] for name in ("tokens", "batch", "words")}
        fewer = model_reads(**passes, reuse=counts["reuse"] / share)
        run.loc["reads"] *= fewer / model_reads(**passes, reuse=counts["reuse"])
        yield (
            *_THREE_WALLS,
            tuple(run.sum()),
            said("model_size", "active_size", "bits", "flop", *names)
            + "; arithmetic at 7 nm, HBM2, solid-state drive",
            "",
        )
    if "flop" in values:
        joules = values["flop"] * values["operation_energy"]
        why = said("flop", "operation_energy")
        yield "chip_limit", "FLOP at the chip's limit", "hardware", (joules,) * 3, why, ""
    if "energy" in values:
        ends, words = (values["energy"],) * 3, known["energy"].origin
        if words == "table":
            told = facts["numbers"]["energy"]
            ends = (told["low"], told["value"], told["high"])
            words = f"{told['basis']}, {told['boundary']}; {told['source']}, {told['standing']}"
        yield "reported", "The real run", "data", ends, words, ""
    if facts["id"] in SCENARIOS:
        low, high = SCENARIOS[facts["id"]]["paper"]
        words = "estimate in the abstracts of v1 and v2 (chen2024lim); value: the geometric mean"
        yield (
            "paper",
            "Source paper, v1 and v2",
            "data",
            (low, (low * high) ** 0.5, high),
            words,
            "",
        )

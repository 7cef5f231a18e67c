r"""The ladder of bounds for a training run: every rung in joules, every assumption spelled out.

A run gives a few numbers: parameters, tokens, operations, time. The rungs of `lim_lib.bounds`
ask for more, such as hops, a hop budget, a drive. `ladder_inputs` says for each quantity what was
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

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lim_lib import bounds, memory
from lim_lib.symbols import QUANTITIES as NOTATION
from lim_lib.units import format_energy
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    Domain,
    RegimeWarning,
    arguments,
    nearest,
    number,
    refuse,
)
from lim_lib.workloads.hardware import hardware_rows, span
from lim_lib.workloads.training import workload_row
from lim_lib.workloads.walls import model_reads, three_walls, training_operations

COUNTINGS = {
    "steps": "every optimizer step updates every parameter",
    "flop": "every multiplication or addition of the training is an update",
}

SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "brain": {
        "name": "a model of the scale of a brain",
        "model_size": (1e15, "scenario of Chen et al., abstracts of v1 and v2 (chen2024lim)"),
        "flop": (1e28, "regression of FLOP on size, runs from 2018 on"),
        "paper": (1e8, 1e9),
    }
}
"""Runs that nobody made. ``paper`` is the range in J that the source paper's first two abstracts
give as an estimate for training with learning-in-memory."""

_OWN = {
    "active_size": (POSITIVE, "1", "parameters that one token passes"),
    "tokens": (POSITIVE, "1", "tokens or examples seen"),
    "batch": (Domain(low=1), "1", "tokens or examples per optimizer step"),
    "steps": (POSITIVE, "1", "optimizer steps"),
    "flop": (POSITIVE, "1", "multiplications and additions of the training"),
    "reuse": (Domain(low=1), "1", "tokens served by one fetch of a parameter"),
    "words": (POSITIVE, "1", "numbers of b bits kept per parameter"),
    "operation_energy": (NON_NEGATIVE, "J", "energy of a multiplication or addition at full use"),
    "energy": (POSITIVE, "J", "energy of the real run"),
}
"""Inputs that are not in the notation table: domain, unit, meaning."""

_FROM_NOTATION = (
    "model_size",
    "bits",
    "temperature",
    "operations",
    "updates",
    "hops",
    "transport",
    "hop_budget",
    "duration",
    "drive",
    "update_rate",
    "attempt_rate",
    "retention",
    "loss_probability",
    "hop_rate_initial",
    "time_constant",
    "exponent",
    "spread_initial",
    "displacement",
    "diffusivity",
    "consolidations",
    "transfer_energy",
    "reads",
    "read_energy",
    "write_energy",
)

INPUTS: Mapping[str, tuple[Domain, str, str]] = {
    **{n: (NOTATION[n].domain, NOTATION[n].unit, NOTATION[n].meaning) for n in _FROM_NOTATION},
    **_OWN,
}
"""All that `energy_ladder` may be told: domain, unit and meaning by name."""

TEN_YEARS = 10 * 365.25 * 86400.0
BATCH = {"token": 3.2e6, "example": 256.0}


@dataclass(frozen=True)
class Input:
    """A quantity as the ladder uses it.

    Parameters
    ----------
    value : float or ndarray
        In the unit of `INPUTS`.
    origin : str
        "given", "table", "follows" or "assumed".
    why : str
        The source, the rule or the reason, in words.
    """

    value: Any
    origin: str
    why: str = ""


def resolve(
    workload: str | None, counting: str, given: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Input]]:
    """The facts of a run, and every quantity of its ladder; arrays broadcast.

    A quantity that cannot be had from the others is left out.
    """
    if counting not in COUNTINGS:
        refuse("counting", counting, " or ".join(map(repr, COUNTINGS)))
    if workload is not None and not isinstance(workload, str):
        refuse("workload", workload, "the name of a workload, or None", TypeError)
    facts, known = _known(workload)
    known |= {name: Input(value, "given") for name, value in given.items()}
    if "model_size" not in known:
        raise TypeError("energy_ladder() needs a workload or model_size")

    def have(*names):
        return all(name in known for name in names)

    def get(name):
        return known[name].value

    def put(name, value, why, origin="follows"):
        known.setdefault(name, Input(value, origin, why))

    def assume(name, value, why):
        put(name, value, why, "assumed")

    assume("bits", 16.0, "parameters of 16 bits")
    assume("temperature", 300.0, "room temperature")
    put("active_size", get("model_size"), "all parameters")
    if "operations" in given and not {"steps", "tokens", "flop"} & set(given) and not workload:
        if counting == "steps":
            put("steps", get("operations") / get("model_size"), "operations / M")
        else:
            put("flop", get("operations"), "every FLOP an update")
    if have("flop"):
        put("tokens", get("flop") / (6 * get("active_size")), "FLOP / (6 active parameters)")
    batch = BATCH[facts["counted"]]
    if have("tokens") and not have("steps"):
        why = "as GPT-3 (brown2020, recalled)" if batch == BATCH["token"] else "as VGG-16"
        assume("batch", np.minimum(batch, get("tokens")), f"{facts['counted']}s a step, {why}")
        put("steps", get("tokens") / get("batch"), "tokens / batch")
    if have("steps") and not have("tokens"):
        assume("batch", batch, f"{facts['counted']}s a step")
        put("tokens", get("steps") * get("batch"), "steps x batch")
    if have("tokens", "steps"):
        put("batch", np.maximum(get("tokens") / get("steps"), 1.0), "tokens / steps")
        put("flop", training_operations(get("active_size"), get("tokens")), "6 M tokens")
    if counting == "steps" and have("steps"):
        put("operations", get("model_size") * get("steps"), "M x steps")
    elif counting == "flop" and have("flop"):
        put("operations", get("flop"), "every FLOP an update")
    assume("duration", 30 * 86400.0, "thirty days")
    _of_the_cells(known, get, put, assume)
    if have("tokens", "batch"):
        put("reuse", np.minimum(get("batch"), 2048.0), "at most 2048 tokens a fetch", "assumed")
        share = get("active_size") / get("model_size")
        put(
            "reads",
            model_reads(get("tokens"), get("batch"), get("reuse") / share),
            "2 tokens/reuse (active parameters) + tokens/batch (all)",
        )
    assume("words", 112 / get("bits"), "112 bits a parameter with the optimizer's, as chapter 1")
    for name in ("read_energy", "write_energy"):
        assume(name, span("hbm2").value, "HBM2 (jouppi2021ten)")
    chip = facts["chip"] or "h100"
    why = f"{hardware_rows()[chip]['technology']}, power limit over peak rate"
    assume("operation_energy", span(chip).value, f"{why} ({hardware_rows()[chip]['source']})")
    return facts, known


def _of_the_cells(known, get, put, assume) -> None:
    """Quantities of the memory: what its cells do, and how."""
    size, bits, duration = get("model_size"), get("bits"), get("duration")
    assume("attempt_rate", 1e9, "1 GHz")
    assume("retention", TEN_YEARS, "ten years")
    assume("loss_probability", 1e-9, "one cell in a billion")
    assume("drive", 1.0, "net moves at twice the thermal hop rate")
    transport = bounds.ladder_transport(model_size=size, bits=bits)
    put("transport", transport, "from uniform to one level of a ladder of 2^b levels, on average")
    if "operations" in known:
        moves = np.maximum(get("operations"), transport)
        assume("updates", moves, "each command makes one net move; at least the transport")
        assume("hops", get("operations"), "each command makes one hop")
    if "updates" in known:
        put("update_rate", get("updates") / (size * duration), "updates / (M duration)")
        put(
            "time_constant",
            duration / np.maximum(bits * np.log(2), 1e-3),
            "updates fade by 2^b over the run",
            "assumed",
        )
        constant = get("time_constant")
        start = get("updates") / (size * constant * -np.expm1(-duration / constant))
        with np.errstate(divide="ignore"):
            rate = np.divide(start, 2 * np.asarray(get("drive"), float))
        put("hop_rate_initial", rate, "first update rate / (2 drive)")
    assume("spread_initial", 1.0, "unit of a parameter")
    assume("displacement", get("spread_initial"), "the solution is one initial spread away")
    level = get("spread_initial") / 2.0**bits
    put("diffusivity", get("attempt_rate") * level**2, "free hops of one level", "assumed")
    assume("consolidations", np.maximum(duration / 3600, 1.0), "one copy an hour, at least one")
    assume("transfer_energy", span("chip_link").value, "link between chips (nvidia2022c2c)")


def _known(workload: str | None) -> tuple[dict[str, Any], dict[str, Input]]:
    """What the table, or a scenario, knows of a workload."""
    facts = {"id": workload, "name": "own numbers", "chip": "", "counted": "token", "numbers": {}}
    if workload is None:
        return facts, {}
    if workload in SCENARIOS:
        scenario = SCENARIOS[workload]
        known = {
            n: Input(scenario[n][0], "scenario", scenario[n][1]) for n in ("model_size", "flop")
        }
        return facts | {"name": scenario["name"], "paper": scenario["paper"]}, known
    try:
        row, numbers = workload_row(workload)
    except KeyError as error:
        if near := nearest(workload, SCENARIOS):
            raise KeyError(f"no workload {workload!r}{near}") from None
        raise error from None
    known = {
        name: Input(each["value"], "table", f"{each['source']}, {each['standing']}")
        for name, each in numbers.items()
    }
    return {**row, "numbers": numbers}, known


def checked(quantities: Mapping[str, Any], scalars: bool = True) -> dict[str, Any]:
    """The quantities that are given, each in its domain; ``TypeError`` for an unknown name."""
    names = ("workload", "counting", *INPUTS)
    given = {n: v for n, v in quantities.items() if v is not None}
    arguments("energy_ladder", names, (), given)
    values = {name: number(name, value, INPUTS[name][0]) for name, value in given.items()}
    for name, value in values.items():
        if scalars and np.ndim(value):
            refuse(name, given[name], "one number")
    return values


def ladder_inputs(workload: str | None = None, *, counting: str = "steps", **quantities: Any):
    """Every quantity that the ladder of a run uses: its value, its unit, and why.

    Parameters
    ----------
    workload, counting, **quantities
        As in `energy_ladder`.

    Returns
    -------
    pandas.DataFrame
        Index: name in code. Columns: value, unit, meaning; ``origin``: "given", "table",
        "scenario", "follows" (from others, by definition) or "assumed"; ``why``: the source, the
        rule or the reason.

    Examples
    --------
    >>> ladder_inputs("gpt3").loc["operations", ["origin", "why"]].tolist()
    ['follows', 'M x steps']
    """
    import pandas as pd

    _, known = resolve(workload, counting, checked(quantities))
    table = pd.DataFrame(
        {
            name: (known[name].value, *INPUTS[name][1:], known[name].origin, known[name].why)
            for name in INPUTS
            if name in known
        },
        index=["value", "unit", "meaning", "origin", "why"],
    ).T
    return table.rename_axis("quantity").astype({"value": float})


def rungs(known: Mapping[str, Input]):
    """(key, title, bound, arguments) of every rung whose arguments can be had."""
    values = {name: each.value for name, each in known.items()}
    for bound in bounds.LADDER:
        accepted = {*bound.arguments, *(bound.variant.arguments if bound.variant else ())}
        own = {n: v for n, v in values.items() if n in accepted}
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


def rung(bound: bounds.Bound, own: Mapping[str, Any]) -> tuple[Any, str]:
    """The energy in J and what is to be remarked; NaN where quantities contradict each other."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", RegimeWarning)
        try:
            joules = bound.at(own)
        except ValueError as error:
            if np.broadcast_shapes(*map(np.shape, own.values())):
                return _element_by_element(bound, own), str(error)
            return float("nan"), str(error)
    return joules, "; ".join(dict.fromkeys(str(each.message) for each in caught))


def _element_by_element(bound, own):
    shape = np.broadcast_shapes(*map(np.shape, own.values()))
    arrays = {name: np.broadcast_to(value, shape) for name, value in own.items()}
    joules = np.empty(shape)
    for place in np.ndindex(shape):
        joules[place] = rung(bound, {name: float(each[place]) for name, each in arrays.items()})[0]
    return joules


def _said(name: str, each: Input) -> str:
    unit = INPUTS[name][1].removesuffix("1").replace("**2", "²")
    unit = f" {INPUTS[name][1]}" if unit else ""
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
        assumes; `INPUTS` lists them. Of the run: `model_size`, `active_size`, `tokens`, `batch`,
        `steps`, `flop`, `duration`, `operations`, `energy`. Of the memory: `bits` (16),
        `temperature` (300), `attempt_rate` (1e9), `retention` (ten years), `loss_probability`
        (1e-9), `drive` (1), `updates` (one for each operation, at least the transport), `hops`
        (one for each operation), `transport` (the
        ladder's), `hop_budget`, and what single rungs need. Of the hardware: `read_energy`,
        `write_energy`, `transfer_energy`, `operation_energy`, `reuse`, `words`.

    Returns
    -------
    pandas.DataFrame
        One row for each rung of `lim_lib.bounds.LADDER` whose arguments can be had;
        transport_time, if no `hop_budget` is given, once for cells that hop freely and once
        (``transport_time_held``) for cells that are held at the retention rate. Then lines to
        compare with, which are no bounds: ``three_walls`` (today's memory and arithmetic),
        ``chip_limit`` (FLOP times the energy per FLOP of its chip, or of an H100, at full use),
        ``reported`` (the energy of the real run, from the table) and, for ``"brain"``,
        ``paper`` (the range in the first abstracts of the source paper). Columns: title, kind,
        low, joules, high in J, ``energy`` to read, ``over_landauer``, ``real_over_rung`` (the real
        energy over this one), ``assumes`` (every quantity with its value and why), ``remark``
        (what contradicts itself or lies outside the rung's regime; joules are NaN or a warning's).
        ``.attrs``: units, workload and its name, counting, and the standing of the reported energy.

    Raises
    ------
    KeyError
        If there is no such workload; the message names the nearest.
    ValueError, TypeError
        For a quantity that is unknown or not allowed.

    See Also
    --------
    ladder_inputs : the quantities alone.
    ladder_ranges : how far the rungs move with what is uncertain.

    Notes
    -----
    A known model with its steps in lockstep is still within the theorems as long as every cell
    hops over a barrier of its own; the docstring of `lim_lib.workloads.ladder` says what remains
    if it does not.

    Examples
    --------
    >>> own = energy_ladder(model_size=1.75e11, bits=16, operations=1.75e11 * 93750, duration=1.3e6)
    >>> own.loc[["landauer", "transport_activity", "transport_time_held"], "energy"].tolist()
    ['8.04 nJ', '7.53 μJ', '1.15 mJ']
    """
    import pandas as pd

    given = checked(quantities)
    facts, known = resolve(workload, counting, given)
    rows = {}
    for key, title, bound, own in rungs(known):
        joules, remark = rung(bound, own)
        if np.isnan(joules) and {"hops", "transport", "hop_rate_initial"} & set(given) & set(own):
            raise ValueError(remark)
        used = {n: known.get(n, Input(v, "follows", _HELD.get(key, ""))) for n, v in own.items()}
        said = "; ".join(_said(name, each) for name, each in used.items())
        rows[key] = _line(title, bound.kind, joules, said, remark)
    for key, title, kind, ends, said in _lines(facts, known):
        rows[key] = _line(title, kind, ends[1], said, "", ends)
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rung")
    table["over_landauer"] = table["joules"] / rows["landauer"]["joules"]
    real = known["energy"].value if "energy" in known else float("nan")
    table["real_over_rung"] = real / table["joules"]
    table = table[[*(c for c in table if c not in ("assumes", "remark")), "assumes", "remark"]]
    table.attrs = {
        "units": dict.fromkeys(("low", "joules", "high"), "J"),
        "workload": facts["id"],
        "name": facts["name"],
        "counting": counting,
        "standing": facts["numbers"].get("energy", {}).get("standing", ""),
    }
    return table


_HELD = {
    "transport_time": "attempt rate x duration: no barrier at all",
    "transport_time_held": "retention rate x duration: the barrier of long-term memory throughout",
}


def _line(title, kind, joules, assumes, remark, ends=None) -> dict[str, Any]:
    low, value, high = ends if ends is not None else (joules,) * 3
    return {
        "title": title,
        "kind": kind,
        "low": low,
        "joules": value,
        "high": high,
        "energy": format_energy(value) if np.isfinite(value) else str(value),
        "assumes": assumes,
        "remark": remark,
    }


def _lines(facts: Mapping[str, Any], known: Mapping[str, Input]):
    """(key, title, kind, (low, value, high), assumptions) of what is no bound."""
    values = {name: each.value for name, each in known.items()}

    def said(*names):
        return "; ".join(_said(name, known[name]) for name in names)

    if {"tokens", "batch"} <= set(values) and values["bits"] in (8, 16, 32):
        names = ("tokens", "batch", "reuse", "words", "consolidations")
        counts = {name: values[name] for name in names}
        run = three_walls(
            values["model_size"], values["bits"], **counts, temperature=values["temperature"]
        )[["low", "value", "high"]]
        # a token passes, and fetches, only the active parameters of a mixture
        share = values["active_size"] / values["model_size"]
        passes = {name: counts[name] for name in ("tokens", "batch", "words")}
        fewer = model_reads(**passes, reuse=counts["reuse"] / share)
        run.loc["arithmetic"] *= share
        run.loc["reads"] *= fewer / model_reads(**passes, reuse=counts["reuse"])
        yield (
            "three_walls",
            "Three walls, memory of today",
            "hardware",
            tuple(run.sum()),
            said("model_size", "active_size", "bits", *names)
            + "; arithmetic at 7 nm, HBM2, solid-state drive",
        )
    if "flop" in values:
        joules = values["flop"] * values["operation_energy"]
        names = ("flop", "operation_energy")
        yield "chip_limit", "FLOP at the chip's limit", "hardware", (joules,) * 3, said(*names)
    if "energy" in values:
        ends, words = (values["energy"],) * 3, known["energy"].origin
        if words == "table":
            row = facts["numbers"]["energy"]
            ends = (row["low"], row["value"], row["high"])
            words = f"{row['basis']}, {row['boundary']}; {row['source']}, {row['standing']}"
        yield "reported", "The real run", "data", ends, words
    if "paper" in facts:
        low, high = facts["paper"]
        words = "estimate in the abstracts of v1 and v2 (chen2024lim); value: the geometric mean"
        yield "paper", "Source paper, v1 and v2", "data", (low, (low * high) ** 0.5, high), words

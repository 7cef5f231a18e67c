"""What the ladder of a run is computed from: given, tabulated, following, or assumed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lim_lib import bounds
from lim_lib.symbols import QUANTITIES as NOTATION
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, arguments, nearest, number, refuse
from lim_lib.workloads.hardware import hardware_rows, span
from lim_lib.workloads.training import workload_row
from lim_lib.workloads.walls import model_reads, training_operations

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
    "tokens": (Domain(low=1), "1", "tokens or examples seen"),
    "batch": (Domain(low=1), "1", "tokens or examples per optimizer step"),
    "steps": (Domain(low=1), "1", "optimizer steps"),
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
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        return _resolve(workload, counting, given)


def _resolve(workload, counting, given):
    if counting not in COUNTINGS:
        refuse("counting", counting, " or ".join(map(repr, COUNTINGS)))
    if workload is not None and not isinstance(workload, str):
        refuse("workload", workload, "the name of a workload, or None", TypeError)
    facts, known = _known(workload)
    six = facts.get("network") != "convolutional"  # it uses a parameter many times per example
    known = _overridden(known, given, six)
    if "model_size" not in known:
        raise TypeError("energy_ladder() needs a workload or model_size")

    def have(*names):
        return all(name in known for name in names)

    def get(name):
        return known[name].value

    def put(name, value, why, origin="follows"):
        known.setdefault(name, Input(value if np.ndim(value) else float(value), origin, why))

    def assume(name, value, why):
        put(name, value, why, "assumed")

    assume("bits", 16.0, "parameters of 16 bits")
    assume("temperature", 300.0, "room temperature")
    put("active_size", get("model_size"), "all parameters")
    if "operations" in given and not {"steps", "tokens", "flop"} & set(given) and not workload:
        if counting == "steps":
            if np.all(get("operations") > 0):
                put("steps", get("operations") / get("model_size"), "operations / M")
        else:
            put("flop", get("operations"), "every FLOP an update")
    if six and have("flop"):
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
        if six:
            put("flop", training_operations(get("active_size"), get("tokens")), "6 M tokens")
    if counting == "steps" and have("steps"):
        put("operations", get("model_size") * get("steps"), "M x steps")
    elif counting == "flop" and have("flop"):
        put("operations", get("flop"), "every FLOP an update")
    _consistent(known)
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
    assume(
        "words",
        112 / np.maximum(get("bits"), 1.0),
        "112 bits a parameter with the optimizer's, as chapter 1",
    )
    for name in ("read_energy", "write_energy"):
        assume(name, span("hbm2").value, "HBM2 (jouppi2021ten)")
    chip = facts["chip"] or "h100"
    why = f"{hardware_rows()[chip]['technology']}, power limit over peak rate"
    assume("operation_energy", span(chip).value, f"{why} ({hardware_rows()[chip]['source']})")
    return facts, known


def _overridden(known: Mapping[str, Input], given: Mapping[str, Any], six: bool):
    """What is known, without what the given numbers change."""
    new = set(given)
    known = dict(known)
    if "tokens" in known and "steps" in known and not {"steps", "batch"} & new:
        size = known["tokens"].value / known["steps"].value
        known["batch"] = Input(size, "follows", "tokens / steps, of the table")
    if {"tokens", "batch", "flop", "model_size"} & new and "steps" not in new:
        known.pop("steps", None)
    if "steps" in new:
        known.pop("batch", None)
    if six and "flop" in new:
        known.pop("tokens", None)
    if six and {"tokens", "model_size", "active_size"} & new:
        known.pop("flop", None)
    if "model_size" in new:
        known.pop("active_size", None)
    return known | {name: Input(value, "given") for name, value in given.items()}


def _consistent(known: Mapping[str, Input]) -> None:
    """Refuse numbers of a run that contradict each other, or are too large to be counted."""
    values = {name: known[name].value for name in known}
    for name in ("tokens", "steps", "flop", "operations"):
        if name in values and not np.all(np.isfinite(values[name])):
            refuse(name, values[name], f"a number that fits in a double; {known[name].why}")
    if np.any(values["active_size"] > values["model_size"]):
        refuse("active_size", values["active_size"], f"<= model_size ({values['model_size']:g})")
    if {"tokens", "steps", "batch"} <= set(values):
        if np.any(values["batch"] > values["tokens"]):
            refuse("batch", values["batch"], f"<= tokens ({values['tokens']:g})")
        if not np.allclose(values["steps"] * values["batch"], values["tokens"], rtol=0.01):
            refuse("batch", values["batch"], "tokens / steps, or left out")


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
        put("hop_rate_initial", np.divide(start, 2 * get("drive")), "first update rate / (2 drive)")
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
        return facts | {"name": scenario["name"]}, known
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

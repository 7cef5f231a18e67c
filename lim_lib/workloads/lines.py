"""The lines of a ladder that are no rungs: what a device, a machine or a run takes.

Most are a product of inputs, taken at both ends of a price that the hardware table gives a range:
exact, for each grows with its price. An update of a device of which only the price of a written bit
is told writes all its bits. The three walls are added up by `three_walls`.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import nan, prod
from textwrap import fill
from typing import Any

from lim_lib import overheads
from lim_lib.workloads.hardware import Span, span
from lim_lib.workloads.inputs import INPUTS, SCENARIOS
from lim_lib.workloads.resolution import TOLD, Input
from lim_lib.workloads.rungs import belongs, said
from lim_lib.workloads.tasks import needs
from lim_lib.workloads.walls import (
    WIDTHS,
    arithmetic_energy,
    model_reads,
    three_walls,
    training_operations,
)

COLD = 250.0
"""Below this temperature in K a refrigerator is counted, below a given `ambient` always."""

_PRODUCTS = {
    "in_memory": ("Compute-in-memory", "hardware", ("flop", "in_memory_energy")),
    "chip_limit": ("FLOP at the chip's limit", "hardware", ("flop", "operation_energy")),
    "own_device": ("Your own device", "hardware", ("operations", "pulses", "update_energy")),
    "reported": ("The real run", "data", ("energy",)),
}
"""Title, kind and factors of the lines that are products."""

_PASSES = ("tokens", "batch", "reuse", "words", "consolidations")
_NOWHERE = Span(nan, nan, nan)
_READ = "a read that leaves the memory as it was, and of which nothing is kept, may be undone"


def line(
    title: str, kind: str, ends: Any, assumes: str, remark: str = "", prices: str = ""
) -> dict[str, Any]:
    """A line of a ladder, from (low, value, high) in J."""
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


def noted(remarks: Iterable[tuple[str, str]]) -> list[str]:
    """Remarks as they are printed: each once, behind all that it is about.

    Examples
    --------
    >>> noted([("a", "needs flop"), ("b", ""), ("c", "needs flop")])
    ['a, c: needs flop']
    """
    about: dict[str, list[str]] = {}
    for what, remark in remarks:
        about.setdefault(remark, []).append(what)
    about.pop("", None)
    return [
        fill(f"{', '.join(whats)}: {remark}", 80, subsequent_indent="  ")
        for remark, whats in about.items()
    ]


def other_lines(
    facts: Mapping[str, Any], known: Mapping[str, Input], landauer: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any], set[str]]]:
    """Key, line and inputs of every line that belongs to the task and is no rung, in order."""
    task = facts["task"]
    if belongs("three_walls", task, known):
        yield "three_walls", *_three_walls(task, known)
    if belongs("arithmetic", task, known):
        yield "arithmetic", *_arithmetic(task, known)
    for key in _PRODUCTS:
        if belongs(key, task, known):
            made, uses = _product(key, facts, known)
            words = made["remark"], _contradiction(key, made["joules"], known, landauer)
            yield key, made | {"remark": "; ".join(filter(None, words))}, uses
    if _cold(known) and belongs("carnot", task, known):
        yield "carnot", *_carnot(known, landauer)
    if task == "training" and facts["id"] in SCENARIOS:
        low, high = SCENARIOS[facts["id"]]["paper"]
        words = "estimate in the abstracts of v1 and v2 (chen2024lim); value: the geometric mean"
        ends = (low, (low * high) ** 0.5, high)
        yield "paper", line("Source paper, v1 and v2", "data", ends, words), set()


def reading() -> dict[str, Any]:
    """What the second law asks for a read: nothing."""
    return line("Reading, second law", "theorem", (0.0, 0.0, 0.0), _READ)


def _said(known: Mapping[str, Input], names) -> str:
    return "; ".join(said(name, known[name]) for name in names if name in known)


def _ends(each: Input) -> Span:
    return span(each.row) if each.row else Span(each.value, each.value, each.value)


def _product(key: str, facts: Mapping[str, Any], known: Mapping[str, Input]):
    title, kind, names = _PRODUCTS[key]
    if key == "own_device" and "update_energy" not in known and _told("write_energy", known):
        names = ("operations", "pulses", "bits", "write_energy")
    missing = [n for n in names if n not in known and INPUTS[n].neutral is None]
    remark = _worn(known) if key == "own_device" else ""
    if missing:
        lacks = needs(facts["task"], missing, known)
        remark = "; ".join(filter(None, (lacks, remark)))
        return line(title, kind, _NOWHERE, "", remark), {"endurance"}
    factors = [_ends(known[name]) for name in names if name in known]
    ends = tuple(map(prod, zip(*factors, strict=True)))
    assumes = _said(known, names)
    if key == "reported" and known["energy"].origin == "table":
        told = facts["numbers"]["energy"]
        ends = (told["low"], told["value"], told["high"])
        assumes = f"{told['basis']}, {told['boundary']}; {told['source']}, {told['standing']}"
    return line(title, kind, ends, assumes, remark), {*names, "endurance"}


def _told(name: str, known: Mapping[str, Input]) -> bool:
    return name in known and known[name].origin in TOLD


def _worn(known: Mapping[str, Input]) -> str:
    """What is to be said if each cell is written more often than it survives."""
    if not {"endurance", "operations"} <= set(known):
        return ""
    writes = known["operations"].value / known["model_size"].value
    survives = known["endurance"].value
    if writes <= survives:
        return ""
    return f"each cell is written {writes:.3g} times and survives {survives:.3g}"


def _contradiction(
    key: str, joules: float, known: Mapping[str, Input], landauer: Mapping[str, Any]
) -> str:
    """What is to be said if the real run took less than the second law, or the device, asks for."""
    if key == "reported" and joules < landauer["joules"]:
        return "less than Landauer, a theorem: some input is not this run's, or more was known"
    if key == "own_device" and "energy" in known and joules > known["energy"].value:
        return "more than the real run took: not its updates, or not what they cost"
    return ""


def _cold(known: Mapping[str, Input]) -> bool:
    """Whether a refrigerator is needed, or asked for by telling where it throws its heat."""
    temperature, ambient = known["temperature"].value, known["ambient"]
    return temperature < COLD or (ambient.origin == "given" and temperature < ambient.value)


def _carnot(known: Mapping[str, Input], landauer: Mapping[str, Any]):
    title, names = "Landauer, with the refrigerator", ("temperature", "ambient")
    values = {name: known[name].value for name in names}
    joules = overheads.refrigerated(heat=landauer["joules"], **values)
    factor = overheads.refrigerated(heat=1.0, **values)
    remark = (
        f"each joule given off at {values['temperature']:g} K takes {factor - 1:.3g} J of work "
        f"or more to be carried to {values['ambient']:g} K"
    )
    assumes = f"the line Landauer; {_said(known, names)}"
    return line(title, "theorem", (joules,) * 3, assumes, remark), set(names)


def _price_of_arithmetic(known: Mapping[str, Input]) -> tuple[Any, str]:
    """The energy of an operation alone: row or number, None if there is none; and in words."""
    own = known.get("operation_energy")
    if own is not None and own.origin == "given":
        return own.row or own.value, said("operation_energy", own)
    return WIDTHS.get(known["bits"].value), "arithmetic at 7 nm"


def _without_width() -> str:
    widths = ", ".join(map(str, WIDTHS))
    return f"needs operation_energy: the hardware table has arithmetic of {widths} bits"


def _arithmetic(task: str, known: Mapping[str, Input]):
    title, names = "Arithmetic alone", ("flop", "bits")
    price, words = _price_of_arithmetic(known)
    if "flop" not in known:
        return line(title, "hardware", _NOWHERE, "", needs(task, ["flop"], known)), set()
    if price is None:
        return line(title, "hardware", _NOWHERE, _said(known, ["bits"]), _without_width()), {"bits"}
    ends = known["flop"].value * arithmetic_energy(price)
    return line(title, "hardware", ends, f"{_said(known, names)}; {words}"), set(names)


def _three_walls(task: str, known: Mapping[str, Input]):
    title = "Three walls, memory of today"
    missing = [name for name in ("flop", *_PASSES) if name not in known]
    if missing:
        return line(title, "hardware", _NOWHERE, "", needs(task, missing, known)), set()
    price, words = _price_of_arithmetic(known)
    if price is None:
        return line(title, "hardware", _NOWHERE, _said(known, ["bits"]), _without_width()), {"bits"}
    values: dict[str, Any] = {name: each.value for name, each in known.items()}
    prices = ("read_energy", "write_energy", "transfer_energy")
    told = {name: values[name] for name in ("model_size", "bits", *_PASSES, "temperature")}
    told |= {name: known[name].row or values[name] for name in prices}
    run = three_walls(**told, operation_energy=price)[list(Span._fields)]
    run.loc["arithmetic"] *= values["flop"] / training_operations(
        values["model_size"], values["tokens"]
    )
    # a token fetches what it passes: of a mixture a part, and what is frozen too
    passed = (values["active_size"] + values.get("frozen_size", 0.0)) / values["model_size"]
    passes = {name: values[name] for name in ("tokens", "batch", "words")}
    fetched = model_reads(**passes, reuse=values["reuse"] / passed)
    run.loc["reads"] *= fetched / model_reads(**passes, reuse=values["reuse"])
    names = ("model_size", "active_size", "frozen_size", "bits", "flop", *_PASSES, *prices)
    assumes = f"{_said(known, names)}; {words}"
    return line(title, "hardware", run.sum(), assumes), set(names)

"""The lines of a ladder that are no rungs: what a device, a machine or a run takes.

Each is an expression in the inputs of the ladder, taken at both ends of a price that the hardware
table gives a range: exact, for it grows with each price. An update of a device of which only the
price of a written bit is told writes all its bits. The three walls are those of
`lim_lib.workloads.walls`, with the FLOP that the run has, and a fetch of what a token passes.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from textwrap import fill
from typing import Any

import sympy as sp

from lim_lib import bounds, overheads
from lim_lib.validate import refuse
from lim_lib.workloads.hardware import Span, span
from lim_lib.workloads.inputs import INPUTS, SCENARIOS
from lim_lib.workloads.resolution import TOLD, Input, value_of, without
from lim_lib.workloads.rungs import belongs, said
from lim_lib.workloads.tasks import needs
from lim_lib.workloads.walls import WIDTHS, model_reads, update_commands
from lim_lib.workloads.words import tell

COLD = 250.0
"""Below this temperature in K a refrigerator is counted, below a given `ambient` always."""

COOLED = "Landauer, with the refrigerator"

_NOWHERE = Span(nan, nan, nan)


@dataclass(frozen=True)
class Line:
    """A line that is no rung.

    Parameters
    ----------
    key, title, kind : str
        As of a rung.
    energy : sympy.Expr
        In J, in the symbols of the inputs; it grows with each of them that is a price.
    tells : tuple of str
        The inputs that it tells of, in this order.
    calculates : bool
        Whether it takes the price of arithmetic: `operation_energy` if it is given, else that of
        numbers of the run's width at 7 nm.
    instead : Line, optional
        The line that stands in where the last input is not known, but the last one of the other is
        told.
    """

    key: str
    title: str
    kind: str
    energy: sp.Expr
    tells: tuple[str, ...]
    calculates: bool = False
    instead: "Line | None" = None

    @cached_property
    def needs(self) -> tuple[str, ...]:
        """The inputs that may be lacking."""
        return tuple(name for name in self.tells if INPUTS[name].neutral is None)


def _sums() -> Iterator[Line]:
    symbols = {name: row.symbol for name, row in INPUTS.items()}
    size, bits, flop, operations, words, operation_energy = (
        symbols[name]
        for name in ("model_size", "bits", "flop", "operations", "words", "operation_energy")
    )

    def access(**own: sp.Expr) -> sp.Expr:
        return bounds.memory_access.expression.subs(
            {symbols[name]: value for name, value in own.items()}, simultaneous=True
        )

    passed = (symbols["active_size"] + symbols["frozen_size"]) / size
    passes = model_reads(symbols["tokens"], symbols["batch"], symbols["reuse"] / passed, words)
    commands = update_commands(size, symbols["tokens"], symbols["batch"], words)
    copies = words * symbols["consolidations"]
    yield Line(
        "three_walls",
        "Three walls, memory of today",
        "hardware",
        flop * operation_energy
        + access(reads=passes, operations=commands)
        + access(reads=copies, operations=copies * size, write_energy=symbols["transfer_energy"]),
        ("model_size", "active_size", "frozen_size", "bits", "flop", "tokens", "batch", "reuse",
         "words", "consolidations", "read_energy", "write_energy", "transfer_energy"),
        calculates=True,
    )  # fmt: skip
    yield Line(
        "arithmetic",
        "Arithmetic alone",
        "hardware",
        flop * operation_energy,
        ("flop", "bits"),
        calculates=True,
    )
    for key, title, price in (
        ("in_memory", "Compute-in-memory", "in_memory_energy"),
        ("chip_limit", "FLOP at the chip's limit", "operation_energy"),
    ):
        yield Line(key, title, "hardware", flop * symbols[price], ("flop", price))
    pulsed, own = operations * symbols["pulses"], ("own_device", "Your own device", "hardware")
    yield Line(
        *own,
        pulsed * symbols["update_energy"],
        ("operations", "pulses", "update_energy"),
        instead=Line(
            *own,
            pulsed * bits * symbols["write_energy"],
            ("operations", "pulses", "bits", "write_energy"),
        ),
    )
    yield Line("reported", "The real run", "data", symbols["energy"], ("energy",))


LINES_OF_TODAY = tuple(_sums())
"""The lines that are sums and products of inputs, in the order of the ladder."""


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
    for each in LINES_OF_TODAY:
        if belongs(each.key, task, known):
            made, uses = _made(each, facts, known)
            remarks = made["remark"], _contradiction(each.key, made["joules"], known, landauer)
            yield each.key, made | {"remark": "; ".join(filter(None, remarks))}, uses
    if _cold(known) and belongs("carnot", task, known):
        yield "carnot", *_carnot(known, landauer)
    if task == "training" and facts["id"] in SCENARIOS:
        yield "paper", paper(*SCENARIOS[facts["id"]]["paper"]), set()


def reading() -> dict[str, Any]:
    """What the second law asks for a read: nothing."""
    return line("Reading, second law", "theorem", (0.0, 0.0, 0.0), tell("read"))


def paper(low: float, high: float) -> dict[str, Any]:
    """The range that the source paper's first abstracts give."""
    return line("Source paper, v1 and v2", "data", (low, (low * high) ** 0.5, high), tell("paper"))


def _made(row: Line, facts: Mapping[str, Any], known: Mapping[str, Input]):
    """A line, and the inputs that it uses."""
    if row.instead and row.tells[-1] not in known and _told(row.instead.tells[-1], known):
        row = row.instead
    worn = {"endurance"} if row.key == "own_device" else set()
    remark = _worn(known) if worn else ""

    def nowhere(assumes: str, lacks: str, *uses: str):
        remarks = "; ".join(filter(None, (lacks, remark)))
        return line(row.title, row.kind, _NOWHERE, assumes, remarks), {*uses, *worn}

    missing = [name for name in row.needs if name not in known]
    if missing:
        return nowhere("", needs(facts["task"], missing, known))
    words = ""
    if row.calculates:
        price, words = _price_of_arithmetic(known)
        if price is None:
            lacks = tell("width", widths=", ".join(map(str, WIDTHS)))
            return nowhere(_said(known, ["bits"]), lacks, "bits")
        known = {**known, "operation_energy": price}
    if "reuse" in row.tells and known["reuse"].value > (batch := known["batch"].value):
        allowed = tell("at most", most="batch", limit=batch, because=tell("fetched"))
        refuse("reuse", known["reuse"].value, allowed)
    ends = Span(*(_at(row.energy, end, known) for end in Span._fields))
    assumes = "; ".join(filter(None, (_said(known, row.tells), words)))
    if row.key == "reported" and known["energy"].origin == "table":
        told = facts["numbers"]["energy"]
        ends = Span(*(told[end] for end in Span._fields))
        assumes = tell("table", **{n: told[n] for n in ("basis", "boundary", "source", "standing")})
    return line(row.title, row.kind, ends, assumes, remark), {*row.tells, *worn}


def _at(energy: sp.Expr, end: str, known: Mapping[str, Input]) -> float:
    """An expression with every price of a row of the hardware table at one end of its range."""
    ends = {
        name: replace(each, value=getattr(span(each.row), end)) if each.row else each
        for name, each in known.items()
    }
    return float(value_of(without(energy, known), ends))


def _said(known: Mapping[str, Input], names) -> str:
    return "; ".join(said(name, known[name]) for name in names if name in known)


def _told(name: str, known: Mapping[str, Input]) -> bool:
    return name in known and known[name].origin in TOLD


def _worn(known: Mapping[str, Input]) -> str:
    """What is to be said if each cell is written more often than it survives."""
    if not {"endurance", "operations"} <= set(known):
        return ""
    writes = known["operations"].value / known["model_size"].value
    survives = known["endurance"].value
    return "" if writes <= survives else tell("worn", writes=writes, survives=survives)


def _contradiction(
    key: str, joules: float, known: Mapping[str, Input], landauer: Mapping[str, Any]
) -> str:
    """What is to be said if the real run took less than the second law, or the device, asks for."""
    if key == "reported" and joules < landauer["joules"]:
        return tell("less")
    if key == "own_device" and "energy" in known and joules > known["energy"].value:
        return tell("more")
    return ""


def _cold(known: Mapping[str, Input]) -> bool:
    """Whether a refrigerator is needed, or asked for by telling where it throws its heat."""
    temperature, ambient = known["temperature"].value, known["ambient"]
    return temperature < COLD or (ambient.origin == "given" and temperature < ambient.value)


def _carnot(known: Mapping[str, Input], landauer: Mapping[str, Any]):
    names = ("temperature", "ambient")
    values = {name: known[name].value for name in names}
    joules = overheads.refrigerated(heat=landauer["joules"], **values)
    remark = tell("cold", work=overheads.refrigerated(heat=1.0, **values) - 1, **values)
    assumes = tell("of Landauer", rest=_said(known, names))
    return line(COOLED, "theorem", (joules,) * 3, assumes, remark), set(names)


def _price_of_arithmetic(known: Mapping[str, Input]) -> tuple[Input | None, str]:
    """The energy of an operation alone, None if there is none; and in words."""
    own = known["operation_energy"]
    if own.origin == "given":
        return own, said("operation_energy", own)
    row = WIDTHS.get(known["bits"].value)
    price = Input(span(row).value, "assumed", row=row) if row else None
    return price, tell("7 nm")

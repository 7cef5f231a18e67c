"""From what is told of a run to every quantity of its ladder, each with its origin."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from lim_lib.formula import numeric
from lim_lib.validate import arguments, nearest, number, refuse
from lim_lib.workloads.hardware import hardware_rows, span
from lim_lib.workloads.inputs import (
    COUNTED_BY_FLOP,
    COUNTED_BY_STEPS,
    COUNTED_BY_TOKENS,
    COUNTINGS,
    EXAMPLES,
    INPUTS,
    LASTING,
    NAMES,
    ONCE_A_TOKEN,
    POWERED,
    READ_ONCE,
    SCENARIOS,
    TIMED,
    TOKENS,
    Hardware,
    Row,
    Rule,
    text,
)
from lim_lib.workloads.tasks import LEARNING, task_of
from lim_lib.workloads.training import workload_row
from lim_lib.workloads.words import tell

COUNTED = {"steps": COUNTED_BY_STEPS, "flop": COUNTED_BY_FLOP, "tokens": COUNTED_BY_TOKENS}
"""What is the case of a run whose update commands are counted so."""

TOLD = ("given", "table", "scenario")
"""Origins of what neither follows nor is assumed."""

OF_THE_MODEL = {"model_size", "active_size"}
"""What another task takes over of a published training."""


@dataclass(frozen=True)
class Input:
    """A quantity as the ladder uses it.

    Parameters
    ----------
    value : float or ndarray
        In the unit of `INPUTS`.
    origin : str
        "given", "table", "scenario", "follows" or "assumed".
    why : str
        The source, the rule or the reason, in words.
    row : str
        The row of the hardware table that it is.
    reads : frozenset of str
        The inputs that it was had from.
    """

    value: Any
    origin: str
    why: str = ""
    row: str = ""
    reads: frozenset[str] = frozenset()


def checked(quantities: Mapping[str, Any], scalars: bool = True) -> dict[str, Any]:
    """The quantities that are given, each in its domain; ``TypeError`` for an unknown name.

    The id of a fitting row of the hardware table stays as it is.
    """
    names = ("workload", "task", "counting", *INPUTS)
    given = {n: v for n, v in quantities.items() if v is not None}
    arguments("energy_ladder", names, (), given)
    values = {name: _checked(name, value) for name, value in given.items()}
    for name, value in values.items():
        if scalars and np.ndim(value):
            refuse(name, given[name], "one number")
    return values


def _checked(name: str, value: Any) -> Any:
    row = INPUTS[name]
    fits = row.fits
    if not isinstance(value, str):
        return number(name, value, row.domain)
    if not fits:
        unit = "" if row.unit == "1" else f", in {row.unit}"
        refuse(name, value, f"{row.domain}{unit}", TypeError)
    if value not in hardware_rows():
        hint = nearest(value, hardware_rows())
        refuse(name, value, f"a number, or the id of a row of load_hardware(){hint}")
    if (unit := hardware_rows()[value]["unit"]) not in fits:
        refuse(name, value, f"a row of the hardware table in {' or '.join(fits)}, not in {unit}")
    return value


def resolve(
    workload: str | None, counting: str, given: Mapping[str, Any], task: str | None = None
) -> tuple[dict[str, Any], dict[str, Input]]:
    """The facts of a run, its task among them, and every quantity of its ladder; arrays broadcast.

    A quantity that cannot be had from the others is left out.
    """
    if counting not in COUNTINGS:
        refuse("counting", counting, " or ".join(map(repr, COUNTINGS)))
    if workload is not None and not isinstance(workload, str):
        refuse("workload", workload, "the name of a workload, or None", TypeError)
    facts, known = known_of(workload)
    task, why = task_of(task, workload, given, facts.get("start", ""))
    further = facts.get("start") and task == "fine-tuning"
    if task in ("fine-tuning", "continual", "inference") and not further:
        numbers = {n: row for n, row in facts["numbers"].items() if n in OF_THE_MODEL}
        facts |= {"chip": "", "numbers": numbers}
        known = {name: each for name, each in known.items() if name in OF_THE_MODEL}
    facts |= {"task": task, "why": why}
    cases = _cases(facts, counting, {*known, *given})
    known = _overridden(known, given, cases)
    if not {"model_size", "spins"} & set(known):
        wanted = "spins" if task == "machine" else tell("size")
        raise TypeError(tell("lacks", wanted=wanted))
    if task == "continual" and "episodes" not in known:
        raise TypeError(tell("lacks", wanted=tell("episodes")))
    while (found := _next(known, cases)) is not None:
        row, rule = found
        known[row.name] = _applied(rule, known, facts)
    _consistent(known)
    return facts, {name: known[name] for name in INPUTS if name in known}


def used(known: Mapping[str, Input], names: Iterable[str]) -> dict[str, Input]:
    """The inputs of these names, all that they were had from, and what was told of the run."""
    told = {name for name, each in known.items() if each.origin in TOLD}
    found = reached(known, {*names, *told})
    return {name: each for name, each in known.items() if name in found}


def reached(known: Mapping[str, Input], names: Iterable[str]) -> set[str]:
    """The inputs of these names, and all that they were had from."""
    found, left = set[str](), {*names} & set(known)
    while left:
        found |= left
        left = {other for name in left for other in known[name].reads} & set(known) - found
    return found


def _cases(facts: Mapping[str, Any], counting: str, told: set[str]) -> set[str]:
    """What is the case of a run, for the rules to ask."""
    own = cases_of(facts["task"])
    cases = {COUNTED[counting], *own["always"], own["counts"].get(facts["counted"])}
    if facts.get("network") != "convolutional":  # it uses a parameter many times per example
        cases.add(own["once"])
    return cases | {CASE_OF[name] for name in CASE_OF if name in told}


CASE_OF = {"duration": TIMED, "solution_rate": TIMED, "power": POWERED}
"""What is the case of a run of which an input is told."""


def cases_of(task: str) -> dict[str, Any]:
    """What is the case of a task: always, by what is counted, and if parameters are used once."""
    return {
        "always": (task,) if task == "machine" else (task, LASTING),
        "counts": {"token": TOKENS, "example": EXAMPLES} if task in LEARNING else {},
        "once": READ_ONCE if task == "inference" else ONCE_A_TOKEN,
    }


def _next(known: Mapping[str, Input], cases: set[str]) -> tuple[Row, Rule] | None:
    """The first rule of an unknown input that applies."""
    for row in INPUTS.values():
        if row.name not in known:
            for rule in row.rules:
                if rule.when in {None, *cases} and rule.reads <= set(known):
                    return row, rule
    return None


def without(expression: sp.Expr, known: Iterable[str]) -> sp.Expr:
    """An expression without the inputs that are left out: their neutral values stand for them."""
    return _without(expression, frozenset(known))


@cache
def _without(expression: sp.Expr, known: frozenset[str]) -> sp.Expr:
    names = [NAMES[symbol] for symbol in expression.free_symbols if NAMES[symbol] not in known]
    return expression.subs({INPUTS[name].symbol: INPUTS[name].neutral for name in names})


def _applied(rule: Rule, known: Mapping[str, Input], facts: Mapping[str, Any]) -> Input:
    origin = "assumed" if rule.assumed else "follows"
    if isinstance(rule.value, Hardware):
        row = facts["chip"] if rule.value.or_chip and facts["chip"] else rule.value.row
        told = hardware_rows()[row]
        words = ", ".join(filter(None, (told["technology"], rule.why)))
        return Input(span(row).value, origin, f"{words} ({told['source']})", row)
    if not isinstance(rule.value, sp.Expr):
        return Input(float(rule.value), origin, rule.why)
    told_names = frozenset(NAMES[symbol] for symbol in rule.value.free_symbols) & set(known)
    expression = without(rule.value, told_names)
    why = rule.why or text(expression)
    return Input(value_of(expression, known), origin, why, reads=told_names | set(rule.needs))


def value_of(expression: sp.Expr, known: Mapping[str, Input]) -> float | np.ndarray:
    """An expression in the symbols of the inputs, at what is known of them."""
    symbols = tuple(sorted(expression.free_symbols, key=str))
    values = [np.asarray(known[NAMES[symbol]].value, dtype=float)[()] for symbol in symbols]
    with np.errstate(all="ignore"):
        result = np.asarray(numeric(expression, symbols)(*values), dtype=float)
    return result if result.ndim else float(result)


def known_of(workload: str | None) -> tuple[dict[str, Any], dict[str, Input]]:
    """What the table, or a scenario, knows of a workload."""
    facts: dict[str, Any] = {
        "id": workload,
        "name": "own numbers",
        "chip": "",
        "counted": "token",
        "numbers": {},
    }
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
        if name in INPUTS
    }
    if "tokens" in known and "steps" in known:
        size = known["tokens"].value / known["steps"].value
        both = frozenset(["tokens", "steps"])
        known["batch"] = Input(size, "follows", tell("batch"), reads=both)
    return {**row, "numbers": numbers}, known


CHANGED = (
    (("power",), (), None, "energy"),
    (("tokens", "batch", "flop", "model_size"), ("steps",), None, "steps"),
    (("steps",), (), None, "batch"),
    (("flop",), (), ONCE_A_TOKEN, "tokens"),
    (("tokens", "model_size", "active_size"), (), ONCE_A_TOKEN, "flop"),
    (("model_size",), (), None, "active_size"),
)
"""If one of the first is given and none of the second, and if the third is the case, the last is no
longer what the table says."""


def _overridden(known: Mapping[str, Input], given: Mapping[str, Any], cases: set[str]):
    """What is known, without what the given numbers change."""
    new = set(given)
    known = dict(known)
    for some, none, case, changed in CHANGED:
        if {*some} & new and not {*none} & new and case in {None, *cases}:
            known.pop(changed, None)
    return known | {name: _given(value) for name, value in given.items()}


def _given(value: Any) -> Input:
    if not isinstance(value, str):
        return Input(value, "given")
    row = hardware_rows()[value]
    return Input(row["value"], "given", f"{row['technology']} ({row['source']})", value)


def _consistent(known: Mapping[str, Input]) -> None:
    """Refuse numbers of a run that contradict each other, or are too large to be counted."""
    values = {name: known[name].value for name in known}
    for name in COUNTABLE:
        if name in values and not np.all(np.isfinite(values[name])):
            refuse(name, values[name], tell("countable", why=known[name].why))
    if "spins" in values and np.any(values["model_size"] != values["spins"]):
        refuse("model_size", values["model_size"], tell("spins"))
    for name, most in AT_MOST.items():
        if {name, most} <= set(values) and np.any(values[name] > values[most]):
            limit = values[most] if np.ndim(values[most]) == 0 else np.min(values[most])
            refuse(name, values[name], tell("at most", most=most, limit=limit, because=""))
    for name, factors in PRODUCTS.items():
        if {name, *factors} <= set(values):
            first, second = (values[factor] for factor in factors)
            if not np.allclose(first * second, values[name], rtol=0.01, atol=0):
                last = factors[-1]
                ratio = np.ravel(values[name] / first)[0]
                allowed = tell("product", name=name, factor=factors[0], ratio=ratio)
                refuse(last, values[last], allowed)


COUNTABLE = ("tokens", "steps", "flop", "operations")
"""Inputs that must fit in a double, however they were had."""

AT_MOST = {"active_size": "model_size", "known_bits": "bits", "batch": "tokens"}
"""Inputs that must not be more than another."""

PRODUCTS = {
    "tokens": ("steps", "batch"),
    "energy": ("duration", "power"),
    "solutions": ("duration", "solution_rate"),
}
"""Inputs that are products of two others."""

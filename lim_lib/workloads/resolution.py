"""From what is told of a run to every quantity of its ladder, each with its origin."""

from collections.abc import Mapping
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
    COUNTINGS,
    EACH_A_FLOP,
    EXAMPLES,
    INPUTS,
    NAMES,
    ONCE_A_TOKEN,
    SCENARIOS,
    STEPS_OF_ALL,
    TOKENS,
    Hardware,
    Row,
    Rule,
    text,
)
from lim_lib.workloads.training import workload_row


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
    """

    value: Any
    origin: str
    why: str = ""


def checked(quantities: Mapping[str, Any], scalars: bool = True) -> dict[str, Any]:
    """The quantities that are given, each in its domain; ``TypeError`` for an unknown name."""
    names = ("workload", "counting", *INPUTS)
    given = {n: v for n, v in quantities.items() if v is not None}
    arguments("energy_ladder", names, (), given)
    values = {name: number(name, value, INPUTS[name].domain) for name, value in given.items()}
    for name, value in values.items():
        if scalars and np.ndim(value):
            refuse(name, given[name], "one number")
    return values


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
    cases = _cases(facts, counting, given)
    known = _overridden(known, given, ONCE_A_TOKEN in cases)
    if "model_size" not in known:
        raise TypeError("energy_ladder() needs a workload or model_size")
    while (found := _next(known, cases)) is not None:
        row, rule = found
        known[row.name] = _applied(rule, known, facts)
    _consistent(known)
    return facts, {name: known[name] for name in INPUTS if name in known}


def _cases(facts: Mapping[str, Any], counting: str, given: Mapping[str, Any]) -> set[str]:
    """What is the case of a run, for the rules to ask."""
    cases = {COUNTED_BY_STEPS if counting == "steps" else COUNTED_BY_FLOP}
    cases.add(TOKENS if facts["counted"] == "token" else EXAMPLES)
    if facts.get("network") != "convolutional":  # it uses a parameter many times per example
        cases.add(ONCE_A_TOKEN)
    alone = not {"steps", "tokens", "flop"} & set(given) and facts["id"] is None
    if "operations" in given and alone:
        if counting == "flop":
            cases.add(EACH_A_FLOP)
        elif np.all(given["operations"] > 0):
            cases.add(STEPS_OF_ALL)
    return cases


def _next(known: Mapping[str, Input], cases: set[str]) -> tuple[Row, Rule] | None:
    """The first rule of an unknown input that applies."""
    for row in INPUTS.values():
        if row.name not in known:
            for rule in row.rules:
                if rule.when in {None, *cases} and _needs(rule) <= set(known):
                    return row, rule
    return None


@cache
def _needs(rule: Rule) -> frozenset[str]:
    symbols = getattr(rule.value, "free_symbols", ())
    return frozenset([*rule.needs, *(NAMES[symbol] for symbol in symbols)])


def _applied(rule: Rule, known: Mapping[str, Input], facts: Mapping[str, Any]) -> Input:
    origin = "assumed" if rule.assumed else "follows"
    if isinstance(rule.value, Hardware):
        row = facts["chip"] if rule.value.or_chip and facts["chip"] else rule.value.row
        told = hardware_rows()[row]
        words = ", ".join(filter(None, (told["technology"], rule.why)))
        return Input(span(row).value, origin, f"{words} ({told['source']})")
    if not isinstance(rule.value, sp.Expr):
        return Input(float(rule.value), origin, rule.why)
    return Input(_value(rule.value, known), origin, rule.why or text(rule.value))


def _value(expression: sp.Expr, known: Mapping[str, Input]) -> float | np.ndarray:
    symbols = tuple(sorted(expression.free_symbols, key=str))
    values = [np.asarray(known[NAMES[symbol]].value, dtype=float)[()] for symbol in symbols]
    with np.errstate(all="ignore"):
        result = np.asarray(numeric(expression, symbols)(*values), dtype=float)
    return result if result.ndim else float(result)


def _known(workload: str | None) -> tuple[dict[str, Any], dict[str, Input]]:
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
    }
    return {**row, "numbers": numbers}, known


def _overridden(known: Mapping[str, Input], given: Mapping[str, Any], six: bool):
    """What is known, without what the given numbers change."""
    new = set(given)
    known = dict(known)
    if "tokens" in known and "steps" in known and not {"steps", "batch"} & new:
        size = known["tokens"].value / known["steps"].value
        known["batch"] = Input(size, "follows", "tokens/steps, of the table")
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

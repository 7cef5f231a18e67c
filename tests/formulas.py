"""All formulas of the library, at points over their whole domains: the library against a page."""

import importlib
import math
import pkgutil

import numpy as np
import sympy as sp

import lim_lib
from lim_lib import symbols
from lim_lib.formula import Formula, numeric
from lim_lib.javascript import record, source
from lim_lib.units import thermal_energy
from lim_lib.workloads.inputs import INPUTS, NAMES

POINTS = 1000
TOLERANCE = 1e-12
KT = thermal_energy()
OUTSIDE = (-1.0, 0.0, 65.0, 1e300, 1e-300, math.inf, math.nan)
# How near to the edge of its conditions a formula is tried, in decades. Nearer than these, digits
# of the difference on which they turn are lost before anything is computed: held against mpmath,
# library and page are equally wrong there.
NEAREST = {"retention_barrier": -3, "two_limits": -3, "wrong_prior": -2}
TOLD = 40  # refusals and warnings of each formula that are compared word by word
# Judges every formula at all of its points, and evaluates every rule at its own.
ANSWERS = """
const judged = ({ record, points }) => {
  const formula = lim.formula(record);
  return points.map(point => formula.at(
    Object.fromEntries(point.map((x, i) => [record.arguments[i], x]))));
};
const ruled = ({ source, names, points }) => {
  const value = lim.compile(source, names);
  return points.map(point => value(...point));
};
return [data.formulas.map(judged), data.rules.map(ruled)];
"""


def formulas():
    """Every formula that stands in a module of the library."""
    found = {}
    for info in pkgutil.walk_packages(lim_lib.__path__, "lim_lib."):
        if not info.name.startswith(("lim_lib.__main__", "lim_lib.commands", "lim_lib.figures")):
            held = list(vars(importlib.import_module(info.name)).values())
            found |= {value.key: value for value in held if isinstance(value, Formula)}
    return found


FORMULAS = formulas()
RULES = [
    rule.value
    for row in INPUTS.values()
    for rule in row.rules
    if isinstance(rule.value, sp.Expr) and rule.value.free_symbols
]


def drawn(domain, scale, rng):
    """Numbers over a domain, near its ends and far out; some at ends that are allowed."""
    decades = 3 * rng.standard_t(3, POINTS).clip(-60, 60)
    if domain.high < math.inf:
        part = 10 ** -abs(decades)
        values = np.where(rng.random(POINTS) < 0.3, 1 - part, part)
        values = domain.low + (domain.high - domain.low) * values
    else:
        values = max(domain.low, 0) + scale * 10**decades
        if domain.low < 0:
            values *= rng.choice([-1, 1], POINTS)
    ends = [end for end in (domain.low, domain.high) if end in domain]
    return np.where(rng.random(POINTS) < 0.03, rng.choice(ends), values) if ends else values


def points(formula):
    """Arguments of a formula over its whole domain, beside the edges of its conditions, outside."""
    rng = np.random.default_rng(sum(map(ord, formula.key)))
    values = {}
    for name in formula.arguments:
        quantity = symbols.QUANTITIES[name]
        scale = KT if quantity.unit.startswith("J") else 1.0
        values[name] = drawn(formula.domains.get(name, quantity.domain), scale, rng)
    for condition in (*formula.requires, *formula.regime):
        if condition.holds is not None:
            beside(condition.holds, values, rng, NEAREST.get(formula.key, -12))
    for name, replaced in zip(
        rng.choice(list(values), 30), rng.choice(POINTS, 30, replace=False), strict=True
    ):
        values[name][replaced] = rng.choice(OUTSIDE)
    return np.column_stack(list(values.values())).tolist()


def beside(relation, values, rng, nearest):
    """Move one argument to both sides of a relation's edge, at most of the points."""
    named = {symbols.QUANTITIES[name].symbol: name for name in values}
    for side, other in ((relation.lhs, relation.rhs), (relation.rhs, relation.lhs)):
        for symbol in sorted(side.free_symbols & {*named}, key=str):
            factor, rest = side.as_independent(symbol, as_Add=False)
            if rest == symbol and not other.has(symbol):
                there = other / factor
                needed = tuple(s for s in named if there.has(s))
                with np.errstate(all="ignore"):
                    edge = numeric(there, needed)(*(values[named[s]] for s in needed))
                off = 10 ** rng.uniform(nearest, 3, POINTS)
                up = rng.random(POINTS) < (0.8 if side == relation.gts else 0.2)
                moved = edge * np.where(up, 1 + off, 1 / (1 + off))
                chosen = (rng.random(POINTS) < 0.8) & np.isfinite(moved)
                values[named[symbol]] = np.where(chosen, moved, values[named[symbol]])
                return


def rule_points(rule):
    """Values of the inputs of a rule."""
    rng = np.random.default_rng(len(str(rule)))
    rows = [INPUTS[NAMES[symbol]] for symbol in rule.free_symbols]
    return np.column_stack([drawn(row.domain, 1.0, rng) for row in rows]).tolist()


def questions():
    """What a page is asked: every formula and every rule, with its points."""
    return {
        "formulas": [
            {"record": record(formula), "points": points(formula)} for formula in FORMULAS.values()
        ],
        "rules": [
            {
                "source": source(rule, NAMES),
                "names": [NAMES[symbol] for symbol in rule.free_symbols],
                "points": rule_points(rule),
            }
            for rule in RULES
        ],
    }


def complaints(asked, answers):
    """Where the answers of a page are not the library's, one line each."""
    judged, ruled = answers
    for formula, question, found in zip(FORMULAS.values(), asked["formulas"], judged, strict=True):
        yield from _judged_otherwise(formula, list(zip(question["points"], found, strict=True)))
    for rule, question, found in zip(RULES, asked["rules"], ruled, strict=True):
        columns = np.array(question["points"]).T
        with np.errstate(all="ignore"):
            right = numeric(rule, tuple(rule.free_symbols))(*columns)
        for place, value, library in zip(question["points"], found, right, strict=True):
            if difference(value, library) > TOLERANCE:
                yield f"{rule} at {place}: {value}, not {library}"


def _judged_otherwise(formula, answered):
    """Where a formula's answers differ: the numbers in two calls, the words point by point."""
    refused = [each for each in answered if each[1]["refusal"]]
    warned = [each for each in answered if each[1]["warnings"]]
    silent = [each for each in answered if not each[1]["refusal"] and not each[1]["warnings"]]
    for answers, silently in ((warned, False), (silent, True)):
        if answers:
            columns = np.array([place for place, _ in answers]).T
            right, told = formula.judged(dict(zip(formula.arguments, columns, strict=True)))
            if bool(told) is silently:
                yield f"{formula.key}: the page {'does not warn' if told else 'warns'}: {told}"
            rows = np.column_stack(right if isinstance(right, tuple) else [right])
            for (place, got), row in zip(answers, rows, strict=True):
                if difference(got["value"], row) > TOLERANCE:
                    yield f"{formula.key} at {place}: {got['value']}, not {row}"
    for place, got in (*refused[:TOLD], *warned[:TOLD]):
        library = judgement(formula, place)
        if got | {"value": None} != library | {"value": None}:
            yield f"{formula.key} at {place}: {got}, not {library}"


def judgement(formula, place):
    """What the library says, as a page does; whole numbers are typed without a point."""
    typed = [int(x) if x.is_integer() and abs(x) < 1e16 else x for x in place]
    try:
        value, warned = formula.judged(dict(zip(formula.arguments, typed, strict=True)))
    except ValueError as refusal:
        return {"value": math.nan, "refusal": str(refusal), "warnings": []}
    warnings = [f"{formula.key}: {complaint}" for complaint in warned]
    return {"value": value, "refusal": "", "warnings": warnings}


def difference(a, b):
    """The largest relative difference of numbers; what is not finite must be the same."""
    a, b = np.atleast_1d(np.asarray(a, dtype=float)), np.atleast_1d(np.asarray(b, dtype=float))
    with np.errstate(all="ignore"):
        apart = np.abs(a - b) / np.maximum(np.abs(b), np.finfo(float).tiny)
    apart[(a == b) | (np.isnan(a) & np.isnan(b))] = 0.0
    return float(np.where(np.isnan(apart), math.inf, apart).max())

"""Your run: the whole ladder of a training, a model that is read, or a machine, for any inputs.

The tables by which `lim_lib.workloads.energy_ladder` goes from what it is told to every line go to
the page as they are, their expressions printed; ``js/ladder.js`` reads them as the library does, in
the same order and with the same words, and ``js/run.js`` draws what comes out.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp

from lim_lib import __version__, bounds, javascript, overheads
from lim_lib.scenes.scene import Entry, Menu, Scene
from lim_lib.symbols import BITS
from lim_lib.units import YEAR
from lim_lib.workloads import inputs, lines, resolution, rungs, tasks, training, walls
from lim_lib.workloads.hardware import Span, hardware_rows
from lim_lib.workloads.ladder import GOES_ON, REFUSED, energy_ladder
from lim_lib.workloads.tables import CREDIT
from lim_lib.workloads.words import WORDS

OWN = "own"
"""The run of a reader whose numbers are no run of the table."""

MAIN = ("model_size", "tokens", "bits", "duration", "temperature")
"""The inputs that stand open for a training; the others are folded."""

OPEN: Mapping[str, tuple[str, ...]] = {
    "training": MAIN,
    "fine-tuning": ("model_size", "known_bits", "frozen_size", *MAIN[1:]),
    "continual": ("model_size", "episodes", *MAIN[1:]),
    "inference": ("model_size", "tokens", "recorded_bits", "bits", "temperature"),
    "machine": ("spins", "operations", "duration", "update_energy", "temperature"),
    "updates": ("model_size", "operations", "bits", "duration", "temperature"),
}
"""The same for each task."""

EXAMPLES: Mapping[str, Mapping[str, float]] = {
    "training": {"model_size": 7e9, "tokens": 2e12},
    "fine-tuning": {"model_size": 7e9, "known_bits": 12, "tokens": 1e8},
    "continual": {"model_size": 1e9, "episodes": 10, "tokens": 2e9},
    "inference": {"model_size": 7e9},
    "machine": {"spins": 2000, "operations": 2e6, "duration": 0.2, "update_energy": 5e-9},
    "updates": {"model_size": 1e7, "operations": 1e13, "bits": 8, "duration": 1e4},
}
"""What stands in the entries of a task whose reader has given nothing yet."""

SLIDES: Mapping[str, tuple[float, float]] = {
    "known_bits": (0, 32),
    "frozen_size": (1e6, 1e13),
    "spins": (10, 1e6),
    "solution_rate": (1e-3, 1e9),
    "solutions": (1, 1e9),
    "episodes": (1, 1e6),
    "model_size": (1e3, 1e16),
    "active_size": (1e3, 1e16),
    "steps": (1, 1e9),
    "flop": (1e9, 1e30),
    "tokens": (1, 1e15),
    "batch": (1, 1e9),
    "operations": (1, 1e30),
    "recorded_bits": (1, 1e18),
    "duration": (1e-3, 1e9),
    "power": (1e-6, 1e10),
    "energy": (1e-12, 1e18),
    "bits": (1, 32),
    "temperature": (1, 1e3),
    "attempt_rate": (1e3, 1e15),
    "retention": (1e-3, 1e10),
    "loss_probability": (1e-15, 0.4),
    "drive": (1e-4, 1e3),
    "transport": (1, 1e24),
    "updates": (1, 1e30),
    "hops": (1, 1e30),
    "hop_budget": (1e-6, 1e18),
    "convergence_times": (1, 1e4),
    "update_rate": (1e-9, 1e9),
    "time_constant": (1, 1e9),
    "hop_rate_initial": (1e-6, 1e12),
    "exponent": (0.1, 10),
    "spread_initial": (1e-3, 1e3),
    "displacement": (1e-3, 1e3),
    "diffusivity": (1e-12, 1e12),
    "consolidations": (1, 1e6),
    "operation_energy": (1e-18, 1e-9),
    "in_memory_energy": (1e-18, 1e-9),
    "reuse": (1, 1e5),
    "reads": (1, 1e9),
    "words": (1, 100),
    "read_energy": (1e-18, 1e-9),
    "write_energy": (1e-18, 1e-9),
    "transfer_energy": (1e-18, 1e-6),
    "update_energy": (1e-18, 1e-6),
    "pulses": (1, 1e3),
    "endurance": (1, 1e15),
    "ambient": (1, 1e3),
}
"""How far the slider of an input goes; what is typed may lie beyond. In logarithms, bits evenly."""

UNITS: Mapping[str, Mapping[str, float]] = {
    "s": {"ms": 1e-3, "s": 1, "min": 60, "h": 3600, "hours": 3600, "day": 86400, "days": 86400,
          "month": YEAR / 12, "months": YEAR / 12, "year": YEAR, "years": YEAR},
    "J": {"fJ": 1e-15, "pJ": 1e-12, "nJ": 1e-9, "uJ": 1e-6, "mJ": 1e-3, "J": 1, "kJ": 1e3,
          "MJ": 1e6, "GJ": 1e9, "TJ": 1e12, "kWh": 3.6e6, "MWh": 3.6e9, "GWh": 3.6e12},
    "W": {"mW": 1e-3, "W": 1, "kW": 1e3, "MW": 1e6, "GW": 1e9},
    "1/s": {"Hz": 1, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9, "THz": 1e12},
    "1": {"k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12, "P": 1e15, "E": 1e18},
}  # fmt: skip
"""What may stand behind a number that is typed, by the unit of the input."""

_PER_BIT = {f"{word}/bit": factor for word, factor in UNITS["J"].items() if word.endswith("J")}

_NAMES: Mapping[sp.Symbol, str] = inputs.NAMES


def run() -> Scene:
    """The ladder of any question, computed in the page.

    Returns
    -------
    Scene
        It starts with GPT-3; every input of `energy_ladder` may be given.

    Examples
    --------
    >>> scene = run()
    >>> scene.controls["workload"].start, scene.controls["model_size"].start
    ('gpt3', '')
    """
    return _scene(
        "Your run: every rung of the ladder, for any inputs",
        "Energies of GPT-3's training on one axis. Landauer 8.02 nJ, matched barrier 120 μJ, "
        "cells held 1.14 mJ, static stiffness 1.55 J, memory access 4.48 GJ, three walls 83 "
        "GJ, FLOP at the chip's limit 754 GJ, the real run 4.63 TJ.",
        data(),
        task=Menu("task", {"": "as the inputs say"} | _listed(tasks.TASKS), ""),
        counting=Menu("how updates are counted", _listed(inputs.COUNTINGS), "steps"),
    )


def headline() -> Scene:
    """The same in small, for a front page: four inputs of a training, and the lines that tell most.

    Returns
    -------
    Scene

    Examples
    --------
    >>> list(headline().controls)
    ['workload', 'model_size', 'tokens', 'bits', 'temperature']
    """
    return _scene(
        "The ladder of a training, in small",
        "Energies of GPT-3's training on one axis. Landauer 8.02 nJ, matched barrier 120 μJ, cells "
        "held 1.14 mJ, static barrier 5.11 mJ, memory access 4.48 GJ, FLOP at the chip's limit "
        "754 GJ, the real run 4.63 TJ.",
        _in_small(data()),
    )


def _scene(title: str, alt: str, table: Mapping[str, Any], **menus: Menu) -> Scene:
    runs = {key: _called(each) for key, each in table["presets"].items()}
    entries = table["small"]["inputs"] if table["small"] else inputs.INPUTS
    return Scene(
        "run",
        title=title,
        alt=alt,
        still=lambda: _still(table),
        data=table,
        scripts=("ladder", "run"),
        workload=Menu("run", runs, "gpt3"),
        **menus,
        **dict.fromkeys(entries, Entry()),
    )


def _listed(meanings: Mapping[str, str]) -> dict[str, str]:
    return {name: f"{name}: {meaning}" for name, meaning in meanings.items()}


def _called(preset: Mapping[str, Any]) -> str:
    return f"{preset['name']}, {preset['year']:.0f}" if preset["year"] else preset["name"]


def _still(table: Mapping[str, Any]) -> Any:
    from lim_lib.figures import training_ladder

    ladder, training = energy_ladder("gpt3"), table["tasks"]["training"]
    there = {*training["lines"], *(place["key"] for place in training["places"])}
    kept = {key: line for key, line in ladder.lines.items() if key in there}
    return training_ladder(ladder=replace(ladder, lines=kept))


HEADLINE = {
    "inputs": ("model_size", "tokens", "bits", "temperature"),
    "lines": ("landauer", "transport_time_held", "matched_barrier", "static_barrier",
              "memory_access", "chip_limit", "reported"),
    "runs": ("alexnet", "transformer_big", "bert_large", "gpt3", "palm", "llama31_405b",
             "deepseek_v3", "brain"),
}  # fmt: skip
"""What the front page shows of the ladder."""


TONES = {
    "theorem": "blue",
    "protocol": "orange",
    "estimate": "green",
    "reference": "grey",
    "hardware": "purple",
    "data": "ink",
}
"""The tone of each kind of line."""


def _about() -> dict[str, dict[str, str]]:
    """Of each line, where it is derived, and when it holds."""
    found = {
        place.key: {"chapter": place.bound.chapter, "conditions": place.bound.conditions}
        for task in tasks.TASKS
        for place in rungs.places(task)
    }
    found |= {line.key: {"chapter": "14-ai-workloads"} for line in lines.LINES_OF_TODAY}
    return found | {
        "three_walls": {"chapter": "01-three-walls"},
        "carnot": {"chapter": "15-beyond-the-bound"},
    }


def _in_small(table: Mapping[str, Any]) -> dict[str, Any]:
    """The tables as far as the front page needs them."""
    training = table["tasks"]["training"]
    places = [each for each in training["places"] if each["key"] in HEADLINE["lines"]]
    lines = (*HEADLINE["lines"], *(place["of"] for place in places))
    presets = {key: table["presets"][key] for key in HEADLINE["runs"]}
    rules = [rule for row in table["inputs"].values() for rule in row["rules"]]
    rows = {
        *(rule["row"] for rule in rules if "row" in rule),
        *(p["chip"] for p in presets.values()),
    }
    return {
        **table,
        "presets": presets,
        "rows": {key: row for key, row in table["rows"].items() if key in rows},
        "tasks": {"training": {**training, "lines": lines, "places": places}},
        "rungs": {place["of"]: table["rungs"][place["of"]] for place in places},
        "lines": [line for line in table["lines"] if line["key"] in HEADLINE["lines"]],
        "small": {
            "inputs": HEADLINE["inputs"],
            "open": HEADLINE["inputs"],
            "page": "your-run",
            "link": "All inputs, all lines, and why each number",
        },
    }


def _printed(expression: sp.Expr) -> dict[str, Any]:
    """An expression in JavaScript, and the inputs that it takes in order."""
    of = sorted(_NAMES[symbol] for symbol in expression.free_symbols)
    return {"at": javascript.source(expression, _NAMES), "of": of}


def _rule(rule: inputs.Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"why": rule.why, "assumed": rule.assumed, "when": rule.when}
    told |= {"asks": sorted(rule.reads), "needs": list(rule.needs)}
    if isinstance(rule.value, inputs.Hardware):
        return told | {"row": rule.value.row, "chip": rule.value.or_chip}
    if not isinstance(rule.value, sp.Expr):
        return told | {"value": float(rule.value)}
    told |= _printed(rule.value)
    if not rule.why:
        told["texts"] = _texts(rule.value)
    return told


def _texts(expression: sp.Expr) -> dict[str, str]:
    """What an expression says, by which of the inputs that may be left out are known."""
    names = {_NAMES[symbol] for symbol in expression.free_symbols}
    free = sorted(name for name in names if inputs.INPUTS[name].neutral is not None)
    subsets = itertools.chain.from_iterable(
        itertools.combinations(free, count) for count in range(len(free) + 1)
    )
    return {
        ",".join(some): inputs.text(resolution.without(expression, names - set(free) | set(some)))
        for some in subsets
    }


def _input(name: str, row: inputs.Row) -> dict[str, Any]:
    low, high = (end if math.isfinite(end) else None for end in (row.domain.low, row.domain.high))
    return {
        "unit": row.unit,
        "meaning": row.meaning,
        "group": row.group,
        "domain": [low, high, not row.domain.low_allowed, not row.domain.high_allowed],
        "allowed": str(row.domain),
        "neutral": row.neutral,
        "fits": row.fits,
        "rules": list(map(_rule, row.rules)),
        "slide": [*SLIDES[name], row.unit != "bit" or SLIDES[name][1] > BITS.high],
    }


def _rung(bound: bounds.Bound) -> dict[str, Any]:
    return {
        "kind": bound.kind,
        "prices": bound.prices,
        "accepted": bound.accepted,
        "required": bound.required,
        "formula": javascript.record(bound),
    }


def _line(row: lines.Line) -> dict[str, Any]:
    return {
        "key": row.key,
        "title": row.title,
        "kind": row.kind,
        **_printed(row.energy),
        "tells": row.tells,
        "needs": row.needs,
        "calculates": row.calculates,
        "instead": row.instead and _line(row.instead),
    }


def _preset(workload: str) -> dict[str, Any]:
    facts, known = resolution.known_of(None if workload == OWN else workload)
    told = facts["numbers"].get("energy")
    more = inputs.SCENARIOS.get(workload, {}).get("paper")
    return {
        "name": facts["name"],
        "year": facts.get("year"),
        "counted": facts["counted"],
        "once": facts.get("network") != "convolutional",
        "start": facts.get("start", ""),
        "chip": facts["chip"],
        "known": {
            name: {
                "value": each.value,
                "origin": each.origin,
                "why": each.why,
                "reads": sorted(each.reads),
            }
            for name, each in known.items()
        },
        "energy": told
        and [
            [told[end] for end in Span._fields],
            {name: told[name] for name in ("basis", "boundary", "source", "standing")},
        ],
        "paper": more and lines.paper(*more),
    }


def _place(place: rungs.Place) -> dict[str, Any]:
    return {
        "of": place.bound.key,
        "key": place.key,
        "title": place.title,
        "swaps": [
            {"name": each.name, **_printed(each.expression), "why": each.why, "reads": each.reads}
            for each in place.swaps
            if each.name in place.bound.accepted
        ],
        "times": place.times,
        "given": place.given,
        "lacking": place.lacking,
    }


def _task(task: str) -> dict[str, Any]:
    return {
        "lines": tasks.LINES[task],
        "places": list(map(_place, rungs.places(task))),
        "asked": tasks.ASKED[task],
        "tellers": tasks.tellers(task),
        "counted": tasks.COUNTED.get(task, ("", "")),
        "goesOn": GOES_ON.get(task, ""),
        "cases": resolution.cases_of(task),
        "open": OPEN[task],
        "example": EXAMPLES[task],
    }


@cache
def data() -> dict[str, Any]:
    """What the page is told: the tables of `lim_lib.workloads`, their expressions printed."""
    shown = {place.bound for task in tasks.TASKS for place in rungs.places(task)}
    fits = {unit for row in inputs.INPUTS.values() for unit in row.fits}
    presets = [OWN, *training.load_workloads().index, *inputs.SCENARIOS]
    return {
        "version": __version__,
        "credit": CREDIT,
        "words": dict(WORDS),
        "inputs": {name: _input(name, row) for name, row in inputs.INPUTS.items()},
        "rows": {
            key: {
                "unit": row["unit"],
                "technology": row["technology"],
                "source": row["source"],
                "ends": [row[end] for end in Span._fields],
            }
            for key, row in hardware_rows().items()
            if row["unit"] in fits
        },
        "presets": {each: _preset(each) for each in presets},
        "countings": resolution.COUNTED,
        "caseOf": resolution.CASE_OF,
        "changed": resolution.CHANGED,
        "ofTheModel": sorted(resolution.OF_THE_MODEL),
        "countable": resolution.COUNTABLE,
        "atMost": resolution.AT_MOST,
        "products": resolution.PRODUCTS,
        "told": resolution.TOLD,
        "belongs": tasks.BELONGS,
        "speaks": tasks.SPEAKS,
        "tasks": {task: _task(task) for task in tasks.TASKS},
        "rungs": {bound.key: _rung(bound) for bound in bounds.LADDER if bound in shown},
        "refused": sorted(REFUSED),
        "lines": list(map(_line, lines.LINES_OF_TODAY)),
        "reading": lines.reading(),
        "cold": lines.COLD,
        "cooled": lines.COOLED,
        "carnot": javascript.record(overheads.refrigerated),
        "widths": {f"{bits:g}": row for bits, row in walls.WIDTHS.items()},
        "tones": TONES,
        "about": _about(),
        "units": {**UNITS, "J/bit": _PER_BIT},
        "small": None,
    }

"""The rungs of a ladder, each with its arguments: from a run's inputs to `lim_lib.bounds`.

What prices the solution writes the bits that are not known at first, `bits` - `known_bits`; and if
something new is learned in several episodes, these share the time and the moves evenly, which is
the cheapest for every rung here: the ladder of one episode is paid as often as there are episodes.
What prices moves takes them as they are counted.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from lim_lib import bounds, memory, symbols
from lim_lib.workloads.inputs import INPUTS, NAMES
from lim_lib.workloads.resolution import TOLD, Input, value_of
from lim_lib.workloads.tasks import ASKED, LINES
from lim_lib.workloads.words import tell


class Swap(NamedTuple):
    """An argument of a rung that is not the run's input of that name.

    Parameters
    ----------
    name : str
        The argument.
    expression : sympy.Expr
        What it is, of the rung's other arguments and of inputs of the run; if one is not known, the
        argument stays as it was.
    why : str
        In words.
    reads : tuple of str
        Inputs beside these that it was had from.
    """

    name: str
    expression: sp.Expr
    why: str
    reads: tuple[str, ...] = ()


class Place(NamedTuple):
    """Where a rung stands in the ladder of a task, and as what.

    Parameters
    ----------
    key, title : str
        Of the line.
    bound : Bound
        The rung.
    swaps : tuple of Swap
        Arguments that are not the run's inputs.
    times : str
        The input that says how often it is paid; nothing for once.
    given, lacking : str
        An input that must be known, and one that must not.
    """

    key: str
    title: str
    bound: bounds.Bound
    swaps: tuple[Swap, ...] = ()
    times: str = ""
    given: str = ""
    lacking: str = ""


_BITS, _KNOWN_BITS = symbols.bits, INPUTS["known_bits"].symbol
_EPISODES = INPUTS["episodes"].symbol

_OF_A_SOLUTION = (
    Swap("bits", _BITS - _KNOWN_BITS, tell("unknown")),
    *(
        Swap(name, INPUTS[name].symbol / _EPISODES, tell("share", name=name))
        for name in ("duration", "hops", "hop_budget", "convergence_times")
    ),
)
"""What is not known is written; and the episodes of continual learning share what there is."""

_RECORDED = (
    Swap("model_size", sp.Integer(1), tell("one place")),
    Swap("bits", sp.Integer(1), tell("recorded"), ("recorded_bits",)),
)
"""Of what was read, that which is written down: bit by bit."""

_BUDGETS = (
    (
        "transport_time",
        "free cells",
        symbols.attempt_rate * symbols.duration,
        "attempt rate x duration: no barrier at all",
    ),
    (
        "transport_time_held",
        "cells held",
        memory.retention_rate.expression * symbols.duration,
        "retention rate x duration: the barrier of long-term memory throughout",
    ),
)
"""Transport and time where no hop budget is given."""


@cache
def places(task: str) -> tuple[Place, ...]:
    """The rungs of a task, in the order of the ladder; some stand in several places."""
    return tuple(
        place
        for bound in bounds.LADDER
        if bound.key in LINES[task]
        for place in _places(bound, task)
    )


def _places(bound: bounds.Bound, task: str) -> Iterator[Place]:
    key, title = bound.key, bound.title
    if task == "inference" and bound is bounds.landauer:
        yield Place(key, tell("written down", title=title), bound, _RECORDED, "recorded_bits")
    elif bound is bounds.transport_time:
        yield Place(key, title, bound, _OF_A_SOLUTION, "episodes", given="hop_budget")
        for name, cells, budget, why in _BUDGETS:
            swaps = (Swap("hop_budget", budget, why), *_OF_A_SOLUTION)
            yield Place(name, f"{title}, {cells}", bound, swaps, "episodes", lacking="hop_budget")
    elif bound.prices == "solution":
        yield Place(key, title, bound, _OF_A_SOLUTION, "episodes")
    else:
        yield Place(key, title, bound)


class Rung(NamedTuple):
    """A line that is a rung.

    Parameters
    ----------
    key, title : str
        Of the line.
    bound : Bound
        The rung.
    inputs : mapping of str to Input
        Its arguments, as far as they are known.
    missing : tuple of str
        Inputs that it lacks.
    times : float or ndarray
        How often it is paid.
    """

    key: str
    title: str
    bound: bounds.Bound
    inputs: Mapping[str, Input]
    missing: tuple[str, ...] = ()
    times: Any = 1.0


def belongs(key: str, task: str, known: Mapping[str, Input]) -> bool:
    """Whether a line is there: one that belongs to the task, and is asked for if it must be."""
    asked = ASKED[task].get(key)
    if asked is None:
        return key in LINES[task]
    told = {name for name, each in known.items() if each.origin in TOLD}
    return key in LINES[task] and bool({*asked} & told)


def rungs(known: Mapping[str, Input], task: str) -> Iterator[Rung]:
    """Every rung that belongs to the task, with what it lacks, in the order of the ladder."""
    for place in places(task):
        there = (not place.given or place.given in known) and place.lacking not in known
        if there and belongs(place.bound.key, task, known):
            yield _made(place, known)


def _made(place: Place, known: Mapping[str, Input]) -> Rung:
    bound = place.bound
    own = {name: known[name] for name in bound.accepted if name in known}
    for swap in place.swaps:
        of = frozenset(NAMES[symbol] for symbol in swap.expression.free_symbols)
        if swap.name in bound.accepted and of <= {*known, *own}:
            reads = of.union(swap.reads) & set(known)
            if swap.name in own:
                reads |= own[swap.name].reads
            value = value_of(swap.expression, {**known, **own})
            own[swap.name] = Input(value, "follows", swap.why, reads=reads)
    times = known[place.times].value if place.times in known else 1.0
    missing = tuple(name for name in bound.required if name not in own)
    return Rung(place.key, place.title, bound, own, missing, times)


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


def said(name: str, each: Input) -> str:
    """An input in words: its value, its unit and why."""
    unit = "" if INPUTS[name].unit == "1" else f" {INPUTS[name].unit}"
    origin = tell("why", origin=each.origin, why=each.why) if each.why else each.origin
    return tell("said", name=name, value=each.value, unit=unit, origin=origin)

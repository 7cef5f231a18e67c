"""The rungs of a ladder, each with its arguments: from a run's inputs to `lim_lib.bounds`.

What prices the solution writes the bits that are not known at first, `bits` - `known_bits`; and if
something new is learned in several episodes, these share the time and the moves evenly, which is
the cheapest for every rung here: the ladder of one episode is paid as often as there are episodes.
What prices moves takes them as they are counted.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from lim_lib import bounds, memory, symbols
from lim_lib.workloads.inputs import INPUTS, NAMES
from lim_lib.workloads.resolution import TOLD, Input, value_of
from lim_lib.workloads.tasks import ASKED, LINES
from lim_lib.workloads.words import tell

SHARED = ("duration", "hops", "hop_budget", "convergence_times")
"""What the episodes of continual learning share."""


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
    for bound in bounds.LADDER:
        if not belongs(bound.key, task, known):
            continue
        if task == "inference" and bound is bounds.landauer:
            yield _recorded(known)
            continue
        for key, title, own in _variants(bound, known):
            yield _made(key, title, bound, own, known)


def _recorded(known: Mapping[str, Input]) -> Rung:
    """Landauer's price of what is written down of what was read."""
    own = {
        "model_size": Input(1.0, "follows", tell("one place")),
        "bits": Input(1.0, "follows", tell("recorded"), reads=frozenset(["recorded_bits"])),
        "temperature": known["temperature"],
    }
    title = tell("written down", title=bounds.landauer.title)
    return Rung("landauer", title, bounds.landauer, own, times=known["recorded_bits"].value)


def _variants(bound: bounds.Bound, known: Mapping[str, Input]) -> Iterator[tuple]:
    """(key, title, arguments) of a rung: transport and time twice, unless its budget is given."""
    own = {name: known[name] for name in bound.accepted if name in known}
    if bound is not bounds.transport_time or "hop_budget" in own:
        yield bound.key, bound.title, own
        return
    for key, title, expression, why in BUDGETS:
        budget = {}
        names = frozenset(NAMES[symbol] for symbol in expression.free_symbols)
        if names <= set(known):
            budget["hop_budget"] = Input(value_of(expression, known), "follows", why, reads=names)
        yield key, f"{bound.title}, {title}", own | budget


BUDGETS = (
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
"""Transport and time where no hop budget is given: key, title, budget and why."""


def _made(
    key: str, title: str, bound: bounds.Bound, own: dict[str, Input], known: Mapping[str, Input]
) -> Rung:
    times: Any = 1.0
    if bound.prices == "solution":
        if "known_bits" in known and "bits" in own:
            names = frozenset(["bits", "known_bits"])
            unknown = own["bits"].value - known["known_bits"].value
            own["bits"] = Input(unknown, "follows", tell("unknown"), reads=names)
        if "episodes" in known:
            times = known["episodes"].value
            for name in set(SHARED) & set(own):
                names = frozenset([name, "episodes"]) & set(known)
                share = own[name].value / times
                own[name] = Input(
                    share, "follows", tell("share", name=name), reads=names | own[name].reads
                )
    return Rung(key, title, bound, own, tuple(n for n in bound.required if n not in own), times)


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

"""The rungs of a ladder, each with its arguments: from a run's inputs to `lim_lib.bounds`.

What prices the solution writes the bits that are not known at first, `bits` - `known_bits`; and if
something new is learned in several episodes, these share the time and the moves evenly, which is
the cheapest for every rung here: the ladder of one episode is paid as often as there are episodes.
What prices moves takes them as they are counted.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from lim_lib import bounds, memory
from lim_lib.workloads.inputs import INPUTS
from lim_lib.workloads.resolution import TOLD, Input
from lim_lib.workloads.tasks import ASKED, LINES

_SHARED = ("duration", "hops", "hop_budget", "convergence_times")
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
        "model_size": Input(1.0, "follows", "one place"),
        "bits": Input(1.0, "follows", "of recorded_bits", reads=frozenset(["recorded_bits"])),
        "temperature": known["temperature"],
    }
    title = f"{bounds.landauer.title}, of what is recorded"
    return Rung("landauer", title, bounds.landauer, own, times=known["recorded_bits"].value)


def _variants(bound: bounds.Bound, known: Mapping[str, Input]) -> Iterator[tuple]:
    """(key, title, arguments) of a rung: transport and time twice, unless its budget is given."""
    own = {name: known[name] for name in bound.accepted if name in known}
    if bound is not bounds.transport_time or "hop_budget" in own:
        yield bound.key, bound.title, own
        return
    for key, title, rate, why, names in (
        ("transport_time", "free cells", _free, "attempt rate x duration: no barrier at all",
         ("attempt_rate", "duration")),
        ("transport_time_held", "cells held", _held,
         "retention rate x duration: the barrier of long-term memory throughout",
         ("retention", "loss_probability", "duration")),
    ):  # fmt: skip
        budget = {}
        if set(names) <= set(known):
            hops = rate(*(known[name].value for name in names))
            budget["hop_budget"] = Input(hops, "follows", why, reads=frozenset(names))
        yield key, f"{bound.title}, {title}", own | budget


def _free(attempt_rate: Any, duration: Any) -> Any:
    return attempt_rate * duration


def _held(retention: Any, loss_probability: Any, duration: Any) -> Any:
    return memory.retention_rate(retention=retention, loss_probability=loss_probability) * duration


def _made(
    key: str, title: str, bound: bounds.Bound, own: dict[str, Input], known: Mapping[str, Input]
) -> Rung:
    times: Any = 1.0
    if bound.prices == "solution":
        if "known_bits" in known and "bits" in own:
            names = frozenset(["bits", "known_bits"])
            unknown = own["bits"].value - known["known_bits"].value
            own["bits"] = Input(unknown, "follows", "bits - known_bits", reads=names)
        if "episodes" in known:
            times = known["episodes"].value
            for name in set(_SHARED) & set(own):
                names = frozenset([name, "episodes"]) & set(known)
                share = own[name].value / times
                own[name] = Input(
                    share, "follows", f"{name}/episodes", reads=names | own[name].reads
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
    why = f"{each.origin}: {each.why}" if each.why else each.origin
    return f"{name} {each.value:.4g}{unit} ({why})"

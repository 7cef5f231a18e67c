"""What a ladder is asked: the tasks, the lines that belong to each, and what these lines need.

Training writes what was unknown; fine-tuning writes what is known in part; continual learning
writes again and again; inference reads; a machine that optimizes writes its solution; and of bare
updates nothing is known but how many there are. A line that belongs to the task and lacks an input
stays in its place without joules; a line of another task is not there.
"""

from collections.abc import Iterable, Mapping

from lim_lib import bounds
from lim_lib.validate import nearest, refuse
from lim_lib.workloads.inputs import INPUTS
from lim_lib.workloads.words import tell

TASKS: Mapping[str, str] = {
    "training": "a model is trained from nothing",
    "fine-tuning": "a model of which something is known is trained further",
    "continual": "one memory learns something new in each episode",
    "inference": "a model is read, and what it says is written down",
    "machine": "an Ising machine, or one for quadratic programs, finds solutions",
    "updates": "bare updates of a memory",
}
"""The questions that a ladder answers, and what they mean."""

LEARNING = ("training", "fine-tuning", "continual")
"""Tasks that count tokens, steps and FLOP of a training."""

COUNTED = {
    "continual": ("episode", "episodes"),
    "inference": ("token", "tokens"),
    "machine": ("solution", "solutions"),
    "updates": ("update", "operations"),
}
"""What each energy is divided by, in words and as an input."""

BELONGS = {
    **dict.fromkeys(("spins", "solutions", "solution_rate"), ("machine",)),
    **dict.fromkeys(("recorded_bits", "in_memory_energy"), ("inference",)),
    "episodes": ("continual",),
    "frozen_size": ("fine-tuning", "continual"),
    "known_bits": ("fine-tuning", "continual", "updates"),
    **dict.fromkeys(
        ("tokens", "flop", "active_size"),
        tuple(task for task in TASKS if task != "machine"),
    ),
    "batch": (*LEARNING, "updates"),
}
"""Inputs that only some tasks have."""

_TRAINED = ("workload", "tokens", "flop", "steps", "batch")
_UPDATED = ("operations", "update_rate", "updates", "hops", "update_energy", "pulses", "endurance")

SPEAKS: tuple[tuple[str, tuple[str, ...], str, str], ...] = (
    *(
        (name, (), tasks[0], "given")
        for name, tasks in BELONGS.items()
        if tasks[0] != "training" and name != "known_bits"
    ),
    ("known_bits", _TRAINED, "fine-tuning", "given"),
    ("known_bits", (), "updates", "given"),
    *((name, (), "training", "named" if name == "workload" else "given") for name in _TRAINED),
    *((name, (), "updates", "bare") for name in _UPDATED),
)
"""What is given, beside which of what else, and the task that it speaks of, and why; the first."""


def task_of(
    task: str | None, workload: str | None, given: Iterable[str], start: str = ""
) -> tuple[str, str]:
    """The task of a ladder, and why it is this one; what contradicts it is refused.

    A workload that goes on from another, its start, is no training from nothing.

    Examples
    --------
    >>> task_of(None, None, ["model_size", "operations"])
    ('updates', 'operations given, no tokens, flop or steps')
    """
    names = {*given, *(("workload",) if workload is not None else ())}
    if task is None:
        task, why = _inferred(names)
        if task == "training" and start:
            task, why = "fine-tuning", tell("goes on", workload=workload, start=start)
    elif task in TASKS:
        why = tell("asked")
    else:
        hint = nearest(task, TASKS)
        refuse("task", task, f"{' or '.join(map(repr, TASKS))}{hint}")
    for name in INPUTS:
        if name in names and task not in BELONGS.get(name, (task,)):
            allowed = " or ".join(map(repr, BELONGS[name]))
            raise ValueError(tell("elsewhere", name=name, task=task, tasks=allowed))
    if task == "machine" and workload is not None:
        refuse("workload", workload, tell("no workload"))
    return task, why


def _inferred(names: set[str]) -> tuple[str, str]:
    for name, beside, task, why in SPEAKS:
        if name in names and (not beside or {*beside} & names):
            return task, tell(why, name=name)
    return "training", tell("nothing")


_RUNGS = tuple(bound.key for bound in bounds.LADDER if set(bound.required) <= set(INPUTS))
_TODAY = ("three_walls", "chip_limit")
_ALL = ("own_device", "carnot", "reported")

LINES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(LEARNING, (*_RUNGS, *_TODAY, *_ALL)),
    "inference": ("reading", "landauer", "memory_access", "arithmetic", "in_memory", "chip_limit",
                  "carnot", "reported"),
    "machine": ("landauer", "transport_activity", "transport_time", "matched_barrier",
                "static_barrier", "landauer_per_update", *_ALL),
    "updates": (*_RUNGS, *_ALL),
}  # fmt: skip
"""The lines of each task: keys of rungs, and of what is no rung."""

_Names = Mapping[str, tuple[str, ...]]
_CONVERGED: _Names = dict.fromkeys(("optimizer_limited", "held_tilt"), ("convergence_times",))
_MEASURED: _Names = {"reported": ("energy", "power")}
_DEVICE: _Names = {"own_device": ("update_energy", "pulses", "endurance")}
ASKED: Mapping[str, _Names] = {
    **{task: {**_CONVERGED, **_MEASURED, **_DEVICE} for task in LEARNING},
    "inference": _MEASURED,
    "machine": _MEASURED,
    "updates": {
        **_CONVERGED,
        **_MEASURED,
        "two_tier": ("consolidations", "transfer_energy"),
        "memory_access": ("reads", "read_energy"),
    },
}  # fmt: skip
"""Lines that are there only if one of these inputs is known."""

_TRAINING, _MEASURED_BOTH = ("tokens", "flop", "steps"), "energy and power"
_TOLD: _Names = {
    **dict.fromkeys(("flop", "tokens", "batch", "reuse", "reads"), _TRAINING),
    "operations": ("operations", "update_rate", *_TRAINING),
    "energy": ("energy", "power and duration"),
    "update_energy": ("update_energy", "write_energy"),
}
_TOLD_OTHERWISE: Mapping[str, _Names] = {
    "inference": {"flop": ("flop",)},
    "machine": {
        "operations": ("operations", "update_rate"),
        **dict.fromkeys(("duration", "hop_budget"), ("duration", "solution_rate", _MEASURED_BOTH)),
    },
    "updates": {"operations": ("operations", "update_rate")},
}


def tellers(task: str) -> _Names:
    """What may be given, of a task, so that an input is no longer lacking."""
    return {**_TOLD, **_TOLD_OTHERWISE.get(task, {})}


def needs(task: str, missing: Iterable[str], known: Iterable[str]) -> str:
    """What is to be given for a line that lacks these inputs, in words.

    Examples
    --------
    >>> needs("updates", ["hops"], known=["model_size", "drive", "transport"])
    'needs operations or update_rate'
    """
    told, known = tellers(task), set(known)
    choices: dict[tuple[str, ...], None] = {}

    def look(name: str, seen: frozenset[str]) -> None:
        rules = INPUTS[name].rules
        unmet = sorted(rules[0].reads - known - seen) if rules and name not in told else []
        if not unmet:
            choices.setdefault(told.get(name, (name,)))
        for other in unmet:
            look(other, seen | {name})

    for name in missing:
        look(name, frozenset([name]))
    fewest = [each for each in choices if not any({*other} < {*each} for other in choices)]
    return tell("needs", names="; ".join(_or(each) for each in fewest))


def _or(names: tuple[str, ...]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))

"""What a ladder says: each sentence once, a template that names and numbers fill.

The page of the book that computes ladders says the same, from the same table.
"""

from collections.abc import Mapping
from typing import Any

WORDS: Mapping[str, str] = {
    # which task it is
    "asked": "as asked",
    "goes on": "{workload} goes on from {start}",
    "given": "{name} given",
    "named": "a workload is named",
    "bare": "{name} given, no tokens, flop or steps",
    "nothing": "nothing else asked",
    # what is refused
    "elsewhere": "{name} must be left out for the task '{task}': it is for {tasks}",
    "no workload": "left out for the task 'machine': give spins",
    "lacks": "energy_ladder() needs {wanted}",
    "size": "a workload or model_size",
    "episodes": "episodes for the task 'continual'",
    "countable": "a number that fits in a double; {why}",
    "spins": "left out beside spins",
    "at most": "<= {most} ({limit:g}){because}",
    "product": "{name} / {factor} ({ratio:g}), or left out",
    # inputs
    "said": "{name} {value:.4g}{unit} ({origin})",
    "why": "{origin}: {why}",
    "batch": "tokens/steps, of the table",
    "one place": "one place",
    "recorded": "of recorded_bits",
    "unknown": "bits - known_bits",
    "share": "{name}/episodes",
    "idle": "enters no line",
    # rungs
    "written down": "{title}, of what is recorded",
    "paid": "paid {times:g} times",
    "nothing known": "nothing known at first",
    "each time": "nothing known at first, each time",
    "give known_bits": "nothing is taken as known {when}; if something is, give known_bits",
    "any spins":
        "each solution starts from spins of which nothing is known, not even the last one",
    "give reuse": "{why}; if a fetch serves several tokens, give reuse",
    "few commands":
        "too few commands for one hop each ({each:.3g} a cell, and it has to go {way:.3g} levels): "
        "hops as of a matched barrier at drive 1 are assumed, whose price this bound then repeats",
    # other lines
    "needs": "needs {names}",
    "read": "a read that leaves the memory as it was, and of which nothing is kept, may be undone",
    "width": "needs operation_energy: the hardware table has arithmetic of {widths} bits",
    "fetched": ": an updated parameter is fetched again",
    "7 nm": "arithmetic at 7 nm",
    "worn": "each cell is written {writes:.3g} times and survives {survives:.3g}",
    "less": "less than Landauer, a theorem: some input is not this run's, or more was known",
    "more": "more than the real run took: not its updates, or not what they cost",
    "cold":
        "each joule given off at {temperature:g} K takes {work:.3g} J of work or more to be "
        "carried to {ambient:g} K",
    "of Landauer": "the line Landauer; {rest}",
    "table": "{basis}, {boundary}; {source}, {standing}",
    "paper": "estimate in the abstracts of v1 and v2 (chen2024lim); value: the geometric mean",
}  # fmt: skip
"""The templates; what stands in braces is filled in as Python's `format` does."""


def tell(key: str, **values: Any) -> str:
    """A sentence of the table, filled.

    Examples
    --------
    >>> tell("paid", times=1e6)
    'paid 1e+06 times'
    """
    return WORDS[key].format(**values)

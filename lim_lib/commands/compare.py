"""Technologies side by side."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterator, Mapping
from typing import Any

from lim_lib.commands import parser, printing

SUMMARY = "the ladders of several technologies, side by side"
WORDS = "TECHNOLOGY TECHNOLOGY ... [WORKLOAD]"
HELP = """\
The ladders of several technologies, side by side.

A technology is the id of a row of hardware (python -m lim_lib hardware), which takes the place of
the energy that it is, or inputs of its own: NAME=VALUE, with commas between, and a name of yours
with a colon before them.
"""
EXAMPLES = """\
examples:
  python -m lim_lib compare dram_cell reram_cell gpt3
      writes into two kinds of cells
  python -m lim_lib compare a100 "mine: operation_energy=50 fJ" --model-size 1B --tokens 20B
      a chip of the table, and your own
  python -m lim_lib compare bits=4 "bits=8, retention=1 day" gpt3 --csv
"""


def add(command: ArgumentParser) -> None:
    """Its options."""
    parser.add_run_of(command)
    printing.add_forms(command, "the table as CSV, numbers in full")
    parser.add_inputs(command)


def place(options: Namespace, words: list[str]) -> list[str]:
    """Take all words: the technologies, and behind them a run."""
    options.technologies = words
    return []


def run(options: Namespace) -> None:
    """Print the table."""
    from lim_lib import workloads
    from lim_lib.workloads import INPUTS
    from lim_lib.workloads.lines import noted

    words = getattr(options, "technologies", [])
    runs = {*workloads.load_workloads().index, *workloads.SCENARIOS}
    if options.workload is None and words and words[-1] in runs:
        options.workload = words.pop()
    technologies = dict(map(_read, words))
    elsewhere = {n for each in technologies.values() if isinstance(each, dict) for n in each}
    table = workloads.compare(technologies, **parser.run_of(options, *elsewhere))
    if options.csv:
        printing.say_csv(table)
    elif options.json:
        told = {name: table.attrs[name] for name in ("inputs", "remarks")}
        printing.say_json(told | {"rungs": table})
    else:
        rows = [
            [row["title"], row["kind"], *(printing.energy(row[name]) for name in technologies)]
            for _, row in table.iterrows()
        ]
        printing.say_columns(["rung", "kind", *technologies], rows, "<<>")
        for each in noted(_remarks(table.attrs["remarks"])):
            printing.say(each)
        printing.say("")
        for name, inputs in table.attrs["inputs"].items():
            values = (printing.shown(each, x, INPUTS[each].unit) for each, x in inputs.items())
            printing.say(f"{name}: {', '.join(values)}")


def _remarks(remarks: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Each remark, and what it is about: a line or an input, and of which technologies."""
    for key in dict.fromkeys(key for each in remarks.values() for key in each):
        of: dict[str, list[str]] = {}
        for name, each in remarks.items():
            of.setdefault(each.get(key, ""), []).append(name)
        for remark, names in of.items():
            yield key if len(of) == 1 else f"{key} of {', '.join(names)}", remark


def _read(word: str) -> tuple[str, Any]:
    """A technology by its name: the id of a row, or inputs."""
    if "=" not in word:
        return word, word
    from lim_lib.validate import nearest
    from lim_lib.workloads import INPUTS

    label, _, inputs = word.rpartition(":")
    given = {}
    for each in inputs.split(","):
        name, _, value = (part.strip() for part in each.partition("="))
        name = name.replace("-", "_")
        if name not in INPUTS:
            raise ValueError(f"{word!r}: there is no input {name!r}{nearest(name, INPUTS)}")
        try:
            given[name] = parser.reading(name)(value)
        except ArgumentTypeError as error:
            raise ValueError(f"{word!r}: {name} {error}") from None
    return label.strip() or inputs.strip(), given

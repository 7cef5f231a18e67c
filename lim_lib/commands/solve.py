"""The inverse question: which value of an input makes a rung cost a given energy."""

from argparse import ArgumentParser, Namespace
from typing import Any

from lim_lib.commands import parser, printing
from lim_lib.commands.values import quantity, written

SUMMARY = "which value of an input makes a rung cost a given energy"
WORDS = "[WORKLOAD]"
HELP = """\
The inverse question: at which value of an input a rung of the ladder costs a given energy.

Each rung has its own answer: the least or the greatest value with which it costs no more, or why
there is none. What you do not give is taken or assumed as by the command ladder.
"""
EXAMPLES = """\
examples:
  python -m lim_lib solve gpt3 --for duration --energy "1 mJ"
      in which time each rung costs a millijoule
  python -m lim_lib solve --for bits --energy "1 nJ" --rung landauer --model-size 1B
      how many bits a second law allows for a nanojoule
"""


def add(command: ArgumentParser) -> None:
    """Its options."""
    command.add_argument("--for", dest="unknown", metavar="INPUT", required=True, help=_FOR)
    command.add_argument(
        "--energy",
        dest="target",
        type=quantity("J"),
        metavar="X",
        required=True,
        help="what it may cost, J",
    )
    command.add_argument("--rung", metavar="KEY", help="this one alone, such as landauer")
    parser.add_run_of(command)
    printing.add_forms(command, "the table as CSV, numbers in full")
    parser.add_inputs(command, without=("energy",))


_FOR = "the unknown: an option below, such as duration or bits"


def place(options: Namespace, words: list[str]) -> list[str]:
    """Take the word that names the run."""
    return parser.place_workload(options, words)


def run(options: Namespace) -> None:
    """Print the table."""
    from lim_lib import workloads

    unknown = options.unknown.removeprefix("--").replace("-", "_")
    given = parser.run_of(options, unknown)
    table = workloads.solve(unknown, energy=options.target, rung=options.rung, **given)
    if options.csv:
        printing.say_csv(table)
    elif options.json:
        everything = {"unknown": unknown, "energy": options.target, **table.attrs}
        printing.say_json(everything | {"rungs": table})
    else:
        _say(unknown, options.target, table)


def _say(unknown: str, energy: float, table: Any) -> None:
    unit = table.attrs["units"]["value"]
    rows = []
    for _, row in table.iterrows():
        answer = row["remark"]
        if not answer:
            answer = f"{row['side']} {_readable(row['value'], unit)}"
        rows.append([row["title"], row["kind"], answer])
    head = f"{unknown} for {printing.energy(energy)}"
    printing.say_columns(["rung", "kind", head], rows, "<")
    low, high = (_readable(each, unit) for each in table.attrs["between"])
    printing.say(f"\nlooked for from {low} to {high}")


def _readable(value: float, unit: str) -> str:
    from lim_lib.text import duration

    si = "" if unit == "1" else f" {written(unit)}"
    return f"{value:.4g}{si}" + (f" ({duration(value)})" if unit == "s" else "")

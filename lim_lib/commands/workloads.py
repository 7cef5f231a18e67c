"""The training runs that the table knows."""

from argparse import ArgumentParser, Namespace
from typing import Any

from lim_lib.commands.printing import (
    add_forms,
    say,
    say_columns,
    say_csv,
    say_json,
    short,
)

SUMMARY = "the training runs that the table knows"
HELP = "The training runs that the table knows, with the standing of each number."
EXAMPLES = """\
examples:
  python -m lim_lib workloads
  python -m lim_lib workloads --csv
      every number with its source
"""


def add(command: ArgumentParser) -> None:
    """Its options."""
    add_forms(command, "every number with its source as CSV")


def run(options: Namespace) -> None:
    """Print the table."""
    from lim_lib import workloads

    runs = workloads.load_workloads()
    if options.csv:
        say_csv(workloads.load_workloads(tidy=True))
    elif options.json:
        values = workloads.load_workloads(tidy=True)
        say_json(
            {
                "credit": workloads.CREDIT,
                "workloads": runs,
                "values": values,
            }
        )
    else:
        _say(runs)


def _say(runs: Any) -> None:
    from lim_lib import workloads

    rows = []
    for name, row in runs.iterrows():
        numbers = [short(value) for value in row[["model_size", "tokens", "flop", "energy"]]]
        energy = ", ".join(dict.fromkeys(filter(None, row[["energy_basis", "energy_standing"]])))
        rows.append([name, f"{row['year']:.0f}", *numbers, energy])
    for name, scenario in workloads.SCENARIOS.items():
        size, flop = (short(scenario[each][0]) for each in ("model_size", "flop"))
        rows.append([name, "-", size, "-", flop, "-", "scenario"])
    head = ["id", "year", "parameters", "tokens", "FLOP", "J", "energy is"]
    say_columns(head, rows, "<>>>>><")
    say(f"\n{workloads.CREDIT}")

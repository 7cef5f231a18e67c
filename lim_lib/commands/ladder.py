"""The ladder of a run: on one screen, or for many values of its inputs."""

from argparse import ArgumentParser, Namespace
from collections import Counter
from typing import Any

from lim_lib.commands import parser, printing
from lim_lib.commands.values import written

SUMMARY = "every bound for a run of yours or of the table, in joules"
WORDS = "[WORKLOAD]"
HELP = """\
Every rung of the ladder of bounds for a run, in joules.

Name a run of the table, or give your own numbers. What you do not give is taken from the table,
follows from the rest, or is assumed: --inputs lists it, and why.
"""
EXAMPLES = """\
examples:
  python -m lim_lib ladder gpt3
      GPT-3, every optimizer step updating every parameter
  python -m lim_lib ladder gpt3 --counting flop --bits 8 --inputs
      the same, every FLOP an update, parameters of 8 bits; and all that this takes
  python -m lim_lib ladder --model-size 175B --bits 16 --operations 1.64e16 --duration "15 days"
      your own numbers: parameters, bits of each, update commands, time
  python -m lim_lib ladder gpt3 --bits 4,8,16 --csv
  python -m lim_lib ladder --model-size 1B:1T:4 --tokens 20B --plot sizes.svg
      any input may have several values: listed, or LOW:HIGH:COUNT, each as many times the last
  python -m lim_lib ladder gpt3 --ranges
      low, median and high of each rung, and which uncertain input moves it most
  python -m lim_lib ladder brain --counting flop --plot ladder.png
      a model of 1e15 parameters, drawn
  python -m lim_lib ladder gpt3 --json | head
      everything, for another program

Units: 175B, "1287 MWh", "10 years", "5 fJ/update"; plain numbers are in SI units. Where an energy
is asked for, the id of a row of hardware will do (python -m lim_lib hardware). The rungs are
explained in the book's chapters 3 to 9, and in python: help("lim_lib.workloads.ladder").
"""

_COLUMNS = 5
_SAMPLES, _DESIGN = 2048, 256


def add(command: ArgumentParser) -> None:
    """Its options."""
    parser.add_run_of(command)
    command.add_argument("--inputs", action="store_true", help="list every input, and why")
    command.add_argument(
        "--ranges", action="store_true", help="low, median, high, and what moves each rung most"
    )
    printing.add_forms(command, "the table as CSV, numbers in full", "draw it")
    parser.add_inputs(command, sweeps=True)


def place(options: Namespace, words: list[str]) -> list[str]:
    """Take the word that names the run."""
    return parser.place_workload(options, words)


def run(options: Namespace) -> None:
    """Print the ladder."""
    printing.check_plot(options.plot)
    given = parser.run_of(options)
    several = [name for name, value in given.items() if isinstance(value, list)]
    for name in ("ranges", "inputs"):
        if several and getattr(options, name):
            raise ValueError(f"--{name} takes one value of each input, got several {several[0]}")
    if options.ranges:
        _say_ranges(given, options)
    elif several:
        _say_sweep(given, options)
    else:
        _say_ladder(given, options)


def _say_ladder(given: dict[str, Any], options: Namespace) -> None:
    from lim_lib import workloads

    ladder = workloads.energy_ladder(**given)
    if options.plot:
        from lim_lib.figures.scale import training_ladder

        printing.draw(training_ladder(ladder=ladder), options.plot)
    if options.json:
        printing.say(ladder.to_json())
        return
    if options.csv:
        printing.say(ladder.to_csv().rstrip("\n"))
        return
    printing.say(f"{ladder}\n")
    inputs = ladder.inputs()
    for name, row in (inputs if options.inputs else inputs[inputs["origin"] == "given"]).iterrows():
        notes = ": ".join(filter(None, [row["origin"] * options.inputs, row["why"]]))
        value = printing.shown(name, row["value"], row["unit"])
        printing.say(f"{value} ({notes})" if notes else value)
    if not options.inputs:
        counts = Counter(inputs["origin"])
        told = [f"{counts[each]} {word}" for each, word in _ORIGINS.items() if counts[each]]
        printing.say(f"inputs: {', '.join(told)}; --inputs lists them, and why")
    if ladder.workload:
        printing.say(f"\n{workloads.CREDIT}")


_ORIGINS = {
    "given": "given",
    "table": "from the table",
    "scenario": "of the scenario",
    "follows": "following from others",
    "assumed": "assumed",
}


def _say_sweep(given: dict[str, Any], options: Namespace) -> None:
    from lim_lib import workloads

    table = workloads.sweep(**given)
    if options.plot:
        from lim_lib.figures.scale import swept_ladder

        printing.draw(swept_ladder(table=table), options.plot)
    if options.csv:
        printing.say_csv(table, index=False)
    elif options.json:
        units = table.attrs["units"]
        printing.say_json({"units": units, "rows": table.set_index("rung")})
    else:
        _say_values(table)


def _say_values(table: Any) -> None:
    """The rungs by the values; of many values some, with the ends."""
    from lim_lib.workloads.lines import noted

    swept, units = table.attrs["swept"], table.attrs["units"]
    points = table[swept].drop_duplicates().reset_index(drop=True)
    shown = points
    if len(points) > _COLUMNS:
        places = {round(i * (len(points) - 1) / (_COLUMNS - 1)) for i in range(_COLUMNS)}
        shown = points.loc[sorted(places)]
    rows = []
    for name in swept:
        unit = written(units.get(name, "1"))
        head = name if unit == "1" else f"{name}, {unit}"
        rows.append([head, *(printing.told(value) for value in shown[name])])
    lines = [table.merge(shown.loc[[place]], on=swept).set_index("rung") for place in shown.index]
    for key, title in table.drop_duplicates("rung").set_index("rung")["title"].items():
        cells = [each["joules"].get(key, float("nan")) for each in lines]
        rows.append([title, *map(printing.energy, cells)])
    printing.say_columns(rows[0], rows[1:], "<>")
    first = table[table["remark"] != ""].drop_duplicates("rung")
    everywhere = table.groupby(["rung", "remark"]).size() == len(points)
    for each in noted(
        (_place(row, swept, everywhere), row["remark"]) for _, row in first.iterrows()
    ):
        printing.say(each)
    if len(shown) < len(points):
        printing.say(f"\n{len(shown)} of {len(points)}; --csv or --json has all")


def _place(row: Any, swept: list[str], everywhere: Any) -> str:
    """A rung that has a remark, and for which of the values first if not for all alike."""
    if everywhere[row["rung"], row["remark"]]:
        return row["rung"]
    return f"{row['rung']} ({', '.join(f'{name} {printing.told(row[name])}' for name in swept)})"


def _say_ranges(given: dict[str, Any], options: Namespace) -> None:
    from lim_lib import workloads

    if options.plot:
        raise ValueError("--plot draws a ladder, or several values; got --ranges")
    table = workloads.ladder_ranges(**given, samples=_SAMPLES)
    ranges = table.attrs["inputs"]
    ranks = workloads.rank_inputs(**given, samples=_DESIGN).groupby("rung", sort=False).first()
    table = table.join(ranks[["input", "total_order"]])
    if options.csv:
        printing.say_csv(table)
        return
    if options.json:
        printing.say_json({"inputs": ranges, "rungs": table})
        return
    rows = []
    for _, row in table.iterrows():
        moved = "-"
        if row["share"] == 1 and isinstance(row["input"], str):
            moved = f"{row['input']}, {min(row['total_order'], 1):.0%}"
        ends = [printing.energy(row[each]) for each in ("low", "median", "high")]
        rows.append([row["title"], *ends, moved])
    printing.say_columns(["rung", "low", "median", "high", "moved most by"], rows, "<>>><")
    printing.say(
        "\nlow and high: 5 and 95 % of random inputs between the ends below; behind an\n"
        "input, the share of the variance of log energy that stays unknown if it alone does"
    )
    for name, (low, high) in ranges.items():
        printing.say(f"{name}: {low:.3g} to {high:.3g}")

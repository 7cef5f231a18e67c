"""What a recorded training run wrote, and the ladder of bounds for it."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from lim_lib.commands import printing
from lim_lib.commands.values import quantity

SUMMARY = "what your own training run wrote, and its ladder"
HELP = """\
What a recorded training run wrote, and the ladder of bounds for it.

The record is a file that `lim_lib.recorder.UpdateRecorder` has saved, or the name of a run that
travels with the library. At several depths: update commands N_op, level moves N_net, levels W
between the first and the last state, wander N_net/W, and the share of commands that change nothing.
"""
EXAMPLES = """\
examples:
  python -m lim_lib run adam
      a run of the book, priced at 8 bits
  python -m lim_lib run adam --bits 4 --error 1e-9 --plot run.png
      at 4 bits, as reliable as a memory that loses one cell in a billion
  python -m lim_lib run adam --energy 40 --csv
      beside 40 J that were measured; a line for each depth
In your own training, after each step of the optimizer: recorder.step(model, loss=loss); at its end
recorder.save("record.json"), and
  python -m lim_lib run record.json --codecarbon emissions.csv
"""

_NUMBERS = {
    "bits": ("bit", "depth of the ladder that is priced, default 8"),
    "error": ("1", "probability of a cell beside its target, default 1e-3"),
    "step-time": ("s", "time of one step, s; default: as recorded"),
    "retention": ("s", "how long the memory must hold, s; default ten years"),
    "loss-probability": ("1", "of a cell in that time, default 1e-9"),
    "attempt-rate": ("1/s", "attempt frequency, 1/s; default 1e9"),
    "temperature": ("K", "K, default 300"),
    "tokens": ("1", "examples seen in all: adds what hardware of today takes"),
    "energy": ("J", "what the run really took, J"),
}


def add(command: ArgumentParser) -> None:
    """Its options."""
    command.add_argument(
        "record", metavar="RECORD", help="a file of UpdateRecorder.save, or adam, ..."
    )
    for name, (unit, words) in _NUMBERS.items():
        command.add_argument(f"--{name}", type=quantity(unit), metavar="X", help=words)
    command.add_argument("--codecarbon", metavar="CSV", help="read that energy from emissions.csv")
    printing.add_forms(command, "the table of depths as CSV", "draw it")


def _recorded(name: str) -> Any:
    """The record in a file, or the book's run of that name."""
    from lim_lib.recorder import Record, load_runs
    from lim_lib.validate import nearest

    if Path(name).exists():
        return Record.load(name)
    runs = load_runs()
    if name not in runs:
        hint = nearest(name, runs) or f"; runs of the book: {', '.join(runs)}"
        raise ValueError(f"there is no record {name!r}{hint}")
    return runs[name]


def run(options: Namespace) -> None:
    """Print the screen."""
    printing.check_plot(options.plot)
    record = _recorded(options.record)
    bits = 8.0 if options.bits is None else options.bits
    energy = options.energy
    if options.codecarbon is not None:
        from lim_lib.recorder import read_codecarbon

        if energy is not None:
            raise ValueError("give --energy or --codecarbon, not both")
        energy = read_codecarbon(options.codecarbon)
    names = {name.replace("-", "_") for name in _NUMBERS} - {"bits", "energy"}
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    ladder = record.ladder(bits, measured_energy=energy, **given)
    depths = record.summary(sorted({*record.bits, bits}))
    if options.plot:
        from lim_lib.figures.recorded import run_record

        printing.draw(run_record(record=record, bits=bits, ladder=ladder), options.plot)
    if options.csv:
        printing.say_csv(depths)
    elif options.json:
        from lim_lib.archive import plain

        everything = {
            "name": record.name,
            "model_size": record.model_size,
            "steps": record.steps,
            "path": record.path,
            "displacement": record.displacement,
            "wander": plain(record.wander),
            "notes": record.notes(),
            "depths": depths,
            "ladder": json.loads(ladder.to_json()),
        }
        printing.say_json(everything)
    else:
        from lim_lib.recorder.screen import screen

        printing.say(screen(record, bits, depths, ladder))

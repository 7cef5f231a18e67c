"""The command line: the ladder of a training run, your own recorded run, the runs of the table.

Run ``lim-lib --help`` or ``python -m lim_lib --help``. Exit codes: 0, 2 for input that cannot be
used, 1 if a picture or the output could not be written, 130 after Ctrl-C. What the ladder takes is
read off `lim_lib.workloads.INPUTS`; the help of the program itself imports nothing heavy.
"""

import argparse
import difflib
import json
import math
import os
import sys
from pathlib import Path
from typing import Any

LADDER_HELP = """\
Every rung of the ladder of bounds for a training run, in joules.

Name a run of the table, or give your own numbers. What you do not give is taken from the table,
follows from the rest, or is assumed; the list below the rungs says which, and why.
"""
LADDER_EXAMPLES = """\
examples:
  python -m lim_lib ladder --workload gpt3
      GPT-3, every optimizer step updating every parameter
  python -m lim_lib ladder --workload gpt3 --counting flop --bits 8
      the same, every FLOP an update, parameters of 8 bits
  python -m lim_lib ladder --model-size 1.75e11 --bits 16 --operations 1.64e16
      your own numbers: parameters, bits of each, update commands
  python -m lim_lib ladder --workload brain --counting flop --plot ladder.png
      a model of 1e15 parameters, drawn
  python -m lim_lib ladder --workload gpt3 --json | head
      everything, for another program

All quantities are in SI units. The rungs are explained in the book's chapters 3 to 9, and
in python: help("lim_lib.workloads.ladder").
"""
RUN_HELP = """\
What a recorded training run wrote, and the ladder of bounds for it.

The record is a file that `lim_lib.recorder.UpdateRecorder` has saved, or the name of a run that
travels with the library. At several depths: update commands N_op, level moves N_net, levels W
between the first and the last state, wander N_net/W, and the share of commands that change nothing.
"""
RUN_EXAMPLES = """\
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
EXAMPLES = """\
examples:
  python -m lim_lib workloads
  python -m lim_lib ladder --workload gpt3
  python -m lim_lib run adam
  python -m lim_lib ladder --model-size 1e9 --tokens 2e10 --plot ladder.png

python -m lim_lib ladder --help lists every quantity. (lim-lib is the same program.)
"""


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and what was probably meant."""

    def error(self, message, command=None):
        prog = f"{self.prog} {command}" if command else self.prog
        print(f"{prog}: {message}; see {prog} --help", file=sys.stderr)
        raise SystemExit(2)

    options: tuple[str, ...] = ()

    def print_help(self, file=None):
        (file or sys.stdout).write(self.format_help())  # argparse's own forgets what goes wrong

    def parse_args(self, args=None, namespace=None):
        found, unknown = self.parse_known_args(_joined(args), namespace)
        if unknown:
            known = set(self.options) - {unknown[0]}
            near = difflib.get_close_matches(unknown[0], known, n=1, cutoff=0.7)
            if found.command == "ladder" and not unknown[0].startswith("-"):
                near = [f"--workload {unknown[0]}"]
            hint = f" (did you mean {near[0]}?)" if near else ""
            self.error(f"unknown argument {unknown[0]}{hint}", found.command)
        return found


def _joined(args: list[str] | None) -> list[str]:
    """The arguments with every negative number tied to its option: argparse knows no -1e9."""
    joined: list[str] = []
    for each in sys.argv[1:] if args is None else args:
        negative = each.startswith("-") and each[1:2].isdigit()
        if negative and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={each}"
        else:
            joined.append(each)
    return joined


def _number_of(unit: str):
    """What makes a number of an option's text, or says which unit it is in."""

    def number(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            of = "" if unit == "1" else f" of {unit.replace('**', '^')}"
            message = f"must be a plain number{of}, got {text!r}"
            raise argparse.ArgumentTypeError(message) from None

    return number


def _add_inputs(ladder: argparse.ArgumentParser) -> None:
    """One option for each input of the ladder, by group, with what happens if it is not given."""
    from lim_lib.workloads import INPUTS

    groups = {row.group: ladder.add_argument_group(row.group) for row in INPUTS.values()}
    for row in INPUTS.values():
        unit = "" if row.unit == "1" else f", {row.unit.replace('**', '^')}"
        words = f"{row.meaning}{unit}" + (f" ({row.default})" if row.default else "")
        groups[row.group].add_argument(
            f"--{row.name.replace('_', '-')}",
            type=_number_of(row.unit),
            metavar="X",
            help=words.replace("%", "%%"),
        )


def _add_run(commands: Any, formatter: Any) -> argparse.ArgumentParser:
    """The options of a recorded run."""
    run = commands.add_parser(
        "run",
        help="what your own training run wrote, and its ladder",
        description=RUN_HELP,
        epilog=RUN_EXAMPLES,
        formatter_class=formatter,
        allow_abbrev=False,
    )
    run.add_argument("record", metavar="RECORD", help="a file of UpdateRecorder.save, or adam, ...")
    numbers = {
        "bits": ("1", "depth of the ladder that is priced, default 8"),
        "error": ("1", "probability of a cell beside its target, default 1e-3"),
        "step-time": ("s", "time of one step, s; default: as recorded"),
        "retention": ("s", "how long the memory must hold, s; default ten years"),
        "loss-probability": ("1", "of a cell in that time, default 1e-9"),
        "attempt-rate": ("1/s", "attempt frequency, 1/s; default 1e9"),
        "temperature": ("K", "K, default 300"),
        "tokens": ("1", "examples seen in all: adds what hardware of today takes"),
        "energy": ("J", "what the run really took, J"),
    }
    for name, (unit, words) in numbers.items():
        run.add_argument(f"--{name}", type=_number_of(unit), metavar="X", help=words)
    run.add_argument("--codecarbon", metavar="CSV", help="read that energy from emissions.csv")
    form = run.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything as JSON")
    form.add_argument("--csv", action="store_true", help="the table of depths as CSV")
    run.add_argument("--plot", metavar="FILE", help="draw it into FILE, .png or .webp")
    return run


def _parser(command: str | None) -> _Parser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog=_program(),
        description="The thermodynamic limits of learning-in-memory.",
        epilog=EXAMPLES,
        formatter_class=raw,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    commands = parser.add_subparsers(dest="command", metavar="{ladder,run,workloads}")
    ladder = commands.add_parser(
        "ladder",
        help="every rung for a training run, in joules",
        description=LADDER_HELP,
        epilog=LADDER_EXAMPLES,
        usage="%(prog)s (--workload NAME | --model-size X) [--QUANTITY X ...]\n"
        "           [--counting {steps,flop}] [--json] [--plot FILE]",
        formatter_class=raw,
        allow_abbrev=False,
    )
    ladder.add_argument(
        "--workload", metavar="NAME", help="a run of the table (python -m lim_lib workloads), brain"
    )
    ladder.add_argument(
        "--counting",
        choices=("steps", "flop"),
        default="steps",
        help="update commands: every step updates every parameter (default), or every FLOP is one",
    )
    ladder.add_argument("--json", action="store_true", help="everything as JSON")
    ladder.add_argument("--plot", metavar="FILE", help="draw it into FILE, .png or .webp")
    if command == "ladder":
        _add_inputs(ladder)
    parser.options = ladder.options = tuple(ladder._option_string_actions)
    run = _add_run(commands, raw)
    if command == "run":
        parser.options = tuple(run._option_string_actions)
    workloads = commands.add_parser(
        "workloads",
        help="the training runs that the table knows",
        description="The training runs that the table knows, with the standing of each number.",
        epilog="examples:\n  python -m lim_lib workloads\n  python -m lim_lib workloads --json\n",
        formatter_class=raw,
        allow_abbrev=False,
    )
    workloads.add_argument("--json", action="store_true", help="every number with its source")
    return parser


def _say(text: str) -> None:
    """Print, with plain letters where the terminal has no others."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate({ord("μ"): "u", ord("²"): "^2", ord("×"): "x"})
        text = text.encode(encoding, "replace").decode(encoding)
    print(text)


def _short(value: float) -> str:
    """A number with three digits, or a dash where there is none."""
    return f"{value:.3g}" if math.isfinite(value) else "-"


def _plain(value):
    """A value for JSON: not a number becomes null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _records(table) -> list[dict]:
    rows = table.reset_index().to_dict("records")
    return [{name: _plain(value) for name, value in row.items()} for row in rows]


def _ladder(options) -> None:
    from lim_lib import workloads

    given = {n: v for n in workloads.INPUTS if (v := getattr(options, n)) is not None}
    if options.workload is None and "model_size" not in given:
        raise ValueError("give --workload NAME or --model-size X")
    _check_plot(options.plot)
    ladder = workloads.energy_ladder(options.workload, counting=options.counting, **given)
    if options.plot:
        from lim_lib.figures.scale import training_ladder

        _draw(training_ladder(ladder=ladder), options.plot)
    if options.json:
        _say(ladder.to_json())
        return
    _say(f"{ladder}\n")
    for name, row in ladder.inputs().iterrows():
        unit = "" if row["unit"] == "1" else f" {row['unit'].replace('**', '^')}"
        why = f": {row['why']}" if row["why"] else ""
        _say(f"{name} = {row['value']:.4g}{unit} ({row['origin']}{why})")
    if options.workload:
        _say(f"\n{workloads.CREDIT}")


def _check_plot(plot: str | None) -> None:
    if plot is not None and Path(plot).suffix.lower() not in (".png", ".webp"):
        raise ValueError(f"--plot must end in .png or .webp, got {plot!r}")


def _draw(picture: Any, plot: str) -> None:
    from lim_lib.archive import replacing

    with replacing(plot) as file:
        file.write(picture.png() if Path(plot).suffix.lower() == ".png" else picture.webp())


def _recorded(name: str):
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


def _run(options) -> None:
    _check_plot(options.plot)
    record = _recorded(options.record)
    bits = 8.0 if options.bits is None else options.bits
    energy = options.energy
    if options.codecarbon is not None:
        from lim_lib.recorder import read_codecarbon

        if energy is not None:
            raise ValueError("give --energy or --codecarbon, not both")
        energy = read_codecarbon(options.codecarbon)
    names = ("error", "step_time", "retention", "loss_probability", "attempt_rate", "temperature",
             "tokens")  # fmt: skip
    given = {name: value for name in names if (value := getattr(options, name)) is not None}
    ladder = record.ladder(bits, measured_energy=energy, **given)
    depths = record.summary(sorted({*record.bits, bits}))
    if options.plot:
        from lim_lib.figures.recorded import run_record

        _draw(run_record(record=record, bits=bits, ladder=ladder), options.plot)
    if options.csv:
        _say(depths.to_csv(lineterminator="\n").rstrip("\n"))
    elif options.json:
        everything = {
            "name": record.name,
            "model_size": record.model_size,
            "steps": record.steps,
            "path": record.path,
            "displacement": record.displacement,
            "wander": _plain(record.wander),
            "notes": record.notes(),
            "depths": _records(depths),
            "ladder": json.loads(ladder.to_json()),
        }
        print(json.dumps(everything, indent=1, allow_nan=False))
    else:
        from lim_lib.recorder.screen import screen

        _say(screen(record, bits, depths, ladder))


def _workloads(options) -> None:
    from lim_lib import workloads

    runs = workloads.load_workloads()
    if options.json:
        values = workloads.load_workloads(tidy=True)
        everything = {
            "credit": workloads.CREDIT,
            "workloads": _records(runs),
            "values": _records(values),
        }
        print(json.dumps(everything, indent=1, allow_nan=False))
        return

    _say(f"{'id':<17}{'year':>4}{'parameters':>11}{'tokens':>10}{'FLOP':>10}{'J':>10}  energy is")
    for name, row in runs.iterrows():
        numbers = row[["model_size", "tokens", "flop", "energy"]]
        cells = "".join(
            f"{_short(value):>{width}}"
            for value, width in zip(numbers, (11, 10, 10, 10), strict=True)
        )
        energy = ", ".join(dict.fromkeys(filter(None, row[["energy_basis", "energy_standing"]])))
        _say(f"{name:<17}{row['year']:>4.0f}{cells}  {energy}".rstrip())
    for name, scenario in workloads.SCENARIOS.items():
        size = scenario["model_size"][0]
        _say(f"{name:<17}{'-':>4}{size:>11.3g}{'-':>10}{scenario['flop'][0]:>10.3g}  scenario")
    _say(f"\n{workloads.CREDIT}")


def _program() -> str:
    """How the program was called."""
    name = Path(sys.argv[0]).stem
    return name if name == "lim-lib" else "python -m lim_lib"


def _leave_the_output() -> None:
    """Let what is still to be printed go nowhere, so that Python does not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Examples
    --------
    >>> main(["ladder", "--model-size", "1e9", "--plot", "ladder.gif"])
    2
    """
    given = sys.argv[1:] if arguments is None else arguments
    parser = _parser(next((each for each in given if not each.startswith("-")), None))
    prog = parser.prog
    if sys.stdout is None:
        print(f"{prog}: cannot write: the standard output is closed", file=sys.stderr)
        return 1
    try:
        try:
            options = parser.parse_args(given)
        finally:
            sys.stdout.flush()  # the help, if that was all
        prog = f"{prog} {options.command}" if options.command else prog
        if options.version:
            from lim_lib import __version__

            _say(__version__)
        elif options.command is None:
            parser.error("a command is needed: ladder, run or workloads")
        else:
            {"ladder": _ladder, "run": _run, "workloads": _workloads}[options.command](options)
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_the_output()  # whoever read it has enough, as head has
    except (ValueError, TypeError, KeyError, ArithmeticError) as error:
        print(f"{prog}: {error.args[0]}", file=sys.stderr)
        return 2
    except OSError as error:
        where = f" {error.filename}" if error.filename else ""
        if not where:
            _leave_the_output()
        print(f"{prog}: cannot write{where}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

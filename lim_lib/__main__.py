"""The command line: the ladder of a training run, and the runs that the table knows.

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
EXAMPLES = """\
examples:
  python -m lim_lib workloads
  python -m lim_lib ladder --workload gpt3
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
    commands = parser.add_subparsers(dest="command", metavar="{ladder,workloads}")
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
    if options.plot is not None and Path(options.plot).suffix.lower() not in (".png", ".webp"):
        raise ValueError(f"--plot must end in .png or .webp, got {options.plot!r}")
    ladder = workloads.energy_ladder(options.workload, counting=options.counting, **given)
    if options.plot:
        from lim_lib.archive import replacing
        from lim_lib.figures.scale import training_ladder

        picture = training_ladder(ladder=ladder)
        png = Path(options.plot).suffix.lower() == ".png"
        with replacing(options.plot) as file:
            file.write(picture.png() if png else picture.webp())
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
            parser.error("a command is needed, ladder or workloads")
        else:
            {"ladder": _ladder, "workloads": _workloads}[options.command](options)
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

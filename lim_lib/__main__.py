"""The command line: the ladder of a training run, and the runs that the table knows.

Run ``python -m lim_lib --help``. Exit codes: 0, 2 for input that cannot be used, 1 if a picture or
the output could not be written, 130 after Ctrl-C. Nothing heavy is imported for the help.
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

python -m lim_lib ladder --help lists every quantity.
"""

OPTIONS = {
    "the run": {
        "model_size": "parameters",
        "active_size": "parameters that one token passes (mixtures of experts)",
        "tokens": "tokens or examples seen",
        "batch": "tokens per optimizer step",
        "steps": "optimizer steps",
        "flop": "multiplications and additions",
        "operations": "update commands, in place of a counting",
        "duration": "time to solution, s",
        "energy": "energy of the real run, J",
    },
    "the memory": {
        "bits": "bits per parameter (16)",
        "temperature": "K (300)",
        "attempt_rate": "attempt rate of a cell, 1/s (1e9)",
        "retention": "retention time, s (ten years)",
        "loss_probability": "of one cell in that time (1e-9)",
        "drive": "v/2r, distance from equilibrium (1)",
        "updates": "net level moves (one per operation)",
        "hops": "level changes, up and down (one per operation)",
        "transport": "fewest level moves (ladder of 2^bits levels)",
        "hop_budget": "thermal hops per cell in the time",
        "update_rate": "net moves of a cell per second",
        "hop_rate_initial": "thermal hops of a cell per second at the start",
        "time_constant": "of convergence, s",
        "exponent": "updates fade as a power law with this exponent",
        "spread_initial": "spread of a parameter before learning",
        "displacement": "distance that its mean moves",
        "diffusivity": "of a continuous parameter, parameter^2/s",
        "consolidations": "copies to long-term memory (one an hour)",
    },
    "hardware of today": {
        "operation_energy": "J per multiplication or addition at full use",
        "reads": "reads of the whole model",
        "reuse": "tokens served by one fetch (2048)",
        "words": "numbers kept per parameter",
        "read_energy": "J/bit",
        "write_energy": "J/bit",
        "transfer_energy": "J/bit between tiers",
    },
}
"""Every quantity that `lim_lib.workloads.energy_ladder` takes, by group, with its help."""


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and what was probably meant."""

    def error(self, message, command=None):
        prog = f"{self.prog} {command}" if command else self.prog
        print(f"{prog}: {message}; see {prog} --help", file=sys.stderr)
        raise SystemExit(2)

    def parse_args(self, args=None, namespace=None):
        found, unknown = self.parse_known_args(_joined(args), namespace)
        if unknown:
            known = [f"--{name.replace('_', '-')}" for group in OPTIONS.values() for name in group]
            known += ["--workload", "--counting", "--json", "--plot", "--help", "--version"]
            near = difflib.get_close_matches(unknown[0], set(known) - {unknown[0]}, n=1)
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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number, got {text!r}") from None


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = _Parser(
        prog="python -m lim_lib",
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
    for title, options in OPTIONS.items():
        group = ladder.add_argument_group(title)
        for name, words in options.items():
            option = f"--{name.replace('_', '-')}"
            group.add_argument(option, type=_number, metavar="X", help=words)
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

    names = [name for group in OPTIONS.values() for name in group]
    given = {name: getattr(options, name) for name in names if getattr(options, name) is not None}
    if options.workload is None and "model_size" not in given:
        raise ValueError("give --workload NAME or --model-size X")
    call = {"workload": options.workload, "counting": options.counting, **given}
    if options.plot and Path(options.plot).suffix.lower() not in (".png", ".webp"):
        raise ValueError(f"--plot must end in .png or .webp, got {options.plot!r}")
    ladder = workloads.energy_ladder(**call)
    inputs = workloads.ladder_inputs(**call)
    if options.plot:
        from lim_lib.figures.scale import training_ladder

        picture = training_ladder(ladder=ladder)
        png = Path(options.plot).suffix.lower() == ".png"
        Path(options.plot).write_bytes(picture.png() if png else picture.webp())
    if options.json:
        everything = {
            "workload": options.workload,
            "counting": options.counting,
            "credit": workloads.CREDIT,
            "inputs": _records(inputs),
            "rungs": _records(ladder),
        }
        print(json.dumps(everything, indent=1, allow_nan=False))
        return
    counted = "operations given" if "operations" in given else workloads.COUNTINGS[options.counting]
    _say(f"{ladder.attrs['name']}, {counted}\n")
    compared = ladder["real_over_rung"].notna().any()
    head = f"{'rung':<36}{'kind':<11}{'energy':>9}{'/ Landauer':>12}"
    _say(head + ("   real / it" if compared else ""))
    for _, row in ladder.iterrows():
        energy = row["energy"] if math.isfinite(row["joules"]) else "-"
        line = f"{row['title']:<36}{row['kind']}{energy:>{20 - len(row['kind'])}}"
        ratios = row[["over_landauer", "real_over_rung"] if compared else ["over_landauer"]]
        _say(line + "".join(f"{_short(ratio):>12}" for ratio in ratios))
    remarks = ladder["remark"][ladder["remark"] != ""]
    for key, remark in remarks.items():
        _say(f"{key}: {remark}")
    _say("")
    for name, row in inputs.iterrows():
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
    parser = _parser()
    options = parser.parse_args(arguments)
    prog = f"{parser.prog} {options.command}" if options.command else parser.prog
    try:
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
    except (ValueError, TypeError, KeyError) as error:
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

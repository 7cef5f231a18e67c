"""Options: a parser that says what is wrong in one line, and the inputs of the ladder."""

import argparse
import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from lim_lib.commands import COMMANDS
from lim_lib.commands.values import quantity, several, written

DESCRIPTION = "The thermodynamic limits of learning-in-memory."
EXAMPLES = """\
examples:
  python -m lim_lib ladder gpt3
      every bound for the training of GPT-3, in joules
  python -m lim_lib ladder --model-size 1B --tokens 20B --bits 4,8,16
      your own, at three depths
  python -m lim_lib solve gpt3 --for duration --energy "1 mJ"
      in which time a rung costs so much
  python -m lim_lib run adam
      what a recorded training wrote

Numbers may have units: 175B, "1287 MWh", "10 years", "5 fJ/update"; plain ones are in SI units.
Exit codes: 0; 2 for input that cannot be used; 1 if something cannot be written; 130 after Ctrl-C.
python -m lim_lib COMMAND --help explains a command. (lim-lib is the same program.)
"""


def program() -> str:
    """How the program was called."""
    name = Path(sys.argv[0]).stem
    return name if name == "lim-lib" else "python -m lim_lib"


class Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one line, and what was probably meant."""

    options: tuple[str, ...] = ()

    def error(self, message: str, command: str | None = None):
        """Say what is wrong, and end."""
        prog = f"{self.prog} {command}" if command else self.prog
        print(f"{prog}: {message}; see {prog} --help", file=sys.stderr)
        raise SystemExit(2)

    def print_help(self, file=None):
        """Print the help."""
        (file or sys.stdout).write(self.format_help())  # argparse's own forgets what goes wrong

    def parse_args(self, args=None, namespace=None):
        """Read the arguments; words that no option takes are the command's, if it wants them."""
        found, unknown = self.parse_known_args(_joined(args), namespace)
        if unknown and found.command and hasattr(of(found.command), "place"):
            words = [each for each in unknown if not each.startswith("-")]
            left = of(found.command).place(found, words)
            unknown = [each for each in unknown if each.startswith("-") or each in left]
        if unknown:
            known = set(self.options) - {unknown[0]}
            near = difflib.get_close_matches(unknown[0], known, n=1, cutoff=0.7)
            hint = f" (did you mean {near[0]}?)" if near else ""
            self.error(f"unknown argument {unknown[0]}{hint}", found.command)
        return found


def _joined(args: Sequence[str] | None) -> list[str]:
    """The arguments with every negative number tied to its option: argparse knows no -1e9."""
    joined: list[str] = []
    for each in sys.argv[1:] if args is None else args:
        negative = each.startswith("-") and each[1:2].isdigit()
        if negative and joined and joined[-1].startswith("--") and "=" not in joined[-1]:
            joined[-1] += f"={each}"
        else:
            joined.append(each)
    return joined


def of(command: str) -> ModuleType:
    """The module of a command."""
    return import_module(f"lim_lib.commands.{command}")


def parser(command: str | None) -> Parser:
    """The parser of the program, with the options of the command that is wanted.

    Examples
    --------
    >>> parser("run").parse_args(["run", "adam", "--step-time", "2 ms"]).step_time
    0.002
    """
    settings: dict[str, Any] = {
        "formatter_class": argparse.RawDescriptionHelpFormatter,
        "allow_abbrev": False,
    }
    whole = Parser(prog=program(), description=DESCRIPTION, epilog=EXAMPLES, **settings)
    whole.add_argument("--version", action="store_true", help="print the version")
    names = ",".join(COMMANDS)
    commands = whole.add_subparsers(dest="command", metavar=f"{{{names}}}")
    for name in COMMANDS:
        module = of(name)
        added = commands.add_parser(
            name,
            help=module.SUMMARY,
            description=module.HELP,
            epilog=module.EXAMPLES,
            **settings,
        )
        if name == command:
            words = f" {module.WORDS}" if hasattr(module, "WORDS") else ""
            added.usage = f"%(prog)s{words} [--OPTION X ...]" if words else None
            module.add(added)
            whole.options = tuple(added._option_string_actions)
    return whole


def add_inputs(
    command: argparse.ArgumentParser, *, sweeps: bool = False, without: Sequence[str] = ()
) -> None:
    """One option for each input of the ladder, by group, with what happens if it is not given."""
    from lim_lib.workloads import INPUTS

    groups = {row.group: command.add_argument_group(row.group) for row in INPUTS.values()}
    for name, row in INPUTS.items():
        if name in without:
            continue
        unit = "" if row.unit == "1" else f", {written(row.unit)}"
        words = f"{row.meaning}{unit}" + (f" ({row.default})" if row.default else "")
        groups[row.group].add_argument(
            f"--{name.replace('_', '-')}",
            type=reading(name, sweeps=sweeps),
            metavar="X",
            help=words.replace("%", "%%"),
        )


def reading(name: str, *, sweeps: bool = False) -> Callable[[str], Any]:
    """What makes an input of the ladder of a text: a number, the id of a row, or several."""
    from lim_lib.workloads import INPUTS

    unit, rows = INPUTS[name].unit, bool(INPUTS[name].fits)
    return several(unit, rows) if sweeps else quantity(unit, rows)


def add_run_of(command: argparse.ArgumentParser) -> None:
    """The options that say which run is meant."""
    from lim_lib.workloads import COUNTINGS, TASKS

    command.add_argument(
        "--workload",
        metavar="NAME",
        help="a run of the table (python -m lim_lib workloads), or brain",
    )
    command.add_argument(
        "--task",
        choices=tuple(TASKS),
        help="what is asked; by default what is given says it. " + _listed(TASKS),
    )
    command.add_argument(
        "--counting",
        choices=tuple(COUNTINGS),
        default="steps",
        help="what an update command is. " + _listed(COUNTINGS),
    )


def _listed(meanings: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items())


def place_workload(options: argparse.Namespace, words: list[str]) -> list[str]:
    """Take the first word for the run, if no option names one; return the other words."""
    if options.workload is None and words:
        options.workload, *words = words
    return words


def run_of(options: argparse.Namespace, *elsewhere: str) -> dict[str, Any]:
    """What the options say of the run, as `energy_ladder` takes it; some is told elsewhere."""
    from lim_lib.workloads import INPUTS

    given = {n: value for n in INPUTS if (value := getattr(options, n, None)) is not None}
    if options.workload is None and not {"model_size", "spins"} & {*given, *elsewhere}:
        raise ValueError("give a run of the table, --model-size X, or --spins X of a machine")
    own = {"workload": options.workload, "task": options.task, "counting": options.counting}
    return own | given

"""The command line, and how it ends.

Run ``lim-lib --help`` or ``python -m lim_lib --help``. Exit codes: 0, 2 for input that cannot be
used, 1 if a picture or the output could not be written, 130 after Ctrl-C. What the commands do is
in `lim_lib.commands`; the help of the program itself imports nothing heavy.
"""

import os
import sys

from lim_lib.commands import COMMANDS
from lim_lib.commands.parser import of, parser
from lim_lib.commands.printing import say


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
    known = parser(next((each for each in given if not each.startswith("-")), None))
    prog = known.prog
    if sys.stdout is None:
        print(f"{prog}: cannot write: the standard output is closed", file=sys.stderr)
        return 1
    try:
        try:
            options = known.parse_args(given)
        finally:
            sys.stdout.flush()  # the help, if that was all
        prog = f"{prog} {options.command}" if options.command else prog
        if options.version:
            from lim_lib import __version__

            say(__version__)
        elif options.command is None:
            known.error(f"a command is needed: {', '.join(COMMANDS)}")
        else:
            of(options.command).run(options)
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

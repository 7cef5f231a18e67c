"""What a command prints: lines, tables, CSV, JSON, and pictures into files."""

import json
import math
import re
import sys
import unicodedata
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lim_lib.commands.values import written

FORMATS = ("png", "webp", "svg", "pdf")
"""Of pictures: how the name of a file ends, and the method of `Picture` that makes it."""

_RAISED = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_PLAIN = str.maketrans({"μ": "u", "×": "x", "−": "-"})


def say(text: str) -> None:
    """Print, with plain letters where the terminal has no others."""
    encoding = sys.stdout.encoding or "ascii"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = unicodedata.normalize("NFKC", _RAISED.sub(r"^\g<0>", text)).translate(_PLAIN)
        text = text.encode(encoding, "replace").decode(encoding)
    print(text)


def short(value: Any) -> str:
    """A number with three digits, or a dash where there is none.

    Examples
    --------
    >>> short(1234.5), short(float("nan"))
    ('1.23e+03', '-')
    """
    return f"{value:.3g}" if math.isfinite(value) else "-"


def told(value: Any) -> str:
    """A number or a name, as short as it goes."""
    return f"{value:.4g}" if isinstance(value, float | int) else str(value)


def shown(name: Any, value: Any, unit: str) -> str:
    """An input, its value, and its unit if it is a number that has one.

    Examples
    --------
    >>> shown("duration", 3600.0, "s"), shown("bits", 8, "bit"), shown("read_energy", "hbm2", "J")
    ('duration = 3600 s', 'bits = 8 bit', 'read_energy = hbm2')
    """
    behind = "" if unit == "1" or isinstance(value, str) else f" {written(unit)}"
    return f"{name} = {told(value)}{behind}"


def energy(joules: float) -> str:
    """An energy to read, or a dash where there is none."""
    from lim_lib.units import format_energy

    return format_energy(joules) if math.isfinite(joules) else "-"


def say_json(everything: Any) -> None:
    """Print something as JSON, tables row by row."""
    from lim_lib.archive import records

    say(json.dumps(everything, indent=1, allow_nan=False, default=records))


def say_csv(table: Any, **settings: Any) -> None:
    """Print a table as CSV, numbers in full."""
    say(table.to_csv(lineterminator="\n", **settings).rstrip("\n"))


def say_columns(head: Sequence[str], rows: Sequence[Sequence[str]], sides: str) -> None:
    """Print columns as wide as what stands in them.

    Parameters
    ----------
    head : sequence of str
        What each is called.
    rows : sequence of sequences of str
        Their cells.
    sides : str
        For each column ``"<"``, flush left, or ``">"``; the last holds for all that follow.

    Examples
    --------
    >>> say_columns(["id", "J"], [["hbm2", "5.47e-12"], ["ssd", "8.93e-10"]], "<>")
    id           J
    hbm2  5.47e-12
    ssd   8.93e-10
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    sides = sides.ljust(len(head), sides[-1])
    for row in (head, *rows):
        cells = zip(row, sides, widths, strict=True)
        say("  ".join(f"{cell:{side}{width}}" for cell, side, width in cells).rstrip())


def add_forms(command: ArgumentParser, csv: str, plot: str | None = None) -> None:
    """The options by which the output takes another form."""
    form = command.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="everything as JSON")
    form.add_argument("--csv", action="store_true", help=csv)
    if plot:
        endings = ", ".join(f".{each}" for each in FORMATS[:-1])
        words = f"{plot} into FILE: {endings} or .{FORMATS[-1]}"
        command.add_argument("--plot", metavar="FILE", help=words)


def check_plot(plot: str | None) -> None:
    """Refuse a file for a picture of no known kind, before anything is computed."""
    if plot is not None and Path(plot).suffix.lower().removeprefix(".") not in FORMATS:
        endings = ", ".join(f".{each}" for each in FORMATS[:-1])
        raise ValueError(f"--plot must end in {endings} or .{FORMATS[-1]}, got {plot!r}")


def draw(picture: Any, plot: str) -> None:
    """Write a picture into a file, of the kind that its name says."""
    from lim_lib.archive import replacing

    with replacing(plot) as file:
        file.write(getattr(picture, Path(plot).suffix.lower().removeprefix("."))())

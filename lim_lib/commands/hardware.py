"""The hardware of the table: energies per operation, per update, per bit."""

from argparse import ArgumentParser, Namespace

from lim_lib.commands import printing

SUMMARY = "energies of hardware: the ids that stand where an energy is asked for"
HELP = """\
The hardware table: what an operation, an update, or a bit read, written or moved costs today.

An id takes the place of a number in every option of that unit, as in --write-energy reram_cell.
"""
EXAMPLES = """\
examples:
  python -m lim_lib hardware
  python -m lim_lib hardware --category write
  python -m lim_lib hardware --csv
      every column, with source and range
"""


def add(command: ArgumentParser) -> None:
    """Its options."""
    from lim_lib.workloads.hardware import CATEGORIES

    command.add_argument(
        "--category",
        choices=CATEGORIES,
        help="these alone: " + ", ".join(CATEGORIES),
        metavar="NAME",
    )
    printing.add_forms(command, "every column as CSV")


def run(options: Namespace) -> None:
    """Print the table."""
    from lim_lib import workloads

    table = workloads.load_hardware()
    if options.category is not None:
        table = table[table["category"] == options.category]
    if options.csv:
        printing.say_csv(table)
    elif options.json:
        printing.say_json({"credit": workloads.CREDIT, "hardware": table})
    else:
        rows = []
        for name, row in table.iterrows():
            bits, year = printing.short(row["bits"]), f"{row['year']:.0f}"
            value = [f"{row['value']:.3g}", row["unit"], bits, year]
            rows.append([str(name), row["category"], *value, row["standing"], row["technology"]])
        head = ["id", "category", "value", "unit", "bits", "year", "standing", "technology"]
        printing.say_columns(head, rows, "<<><>><")
        printing.say(f"\n{workloads.CREDIT}")

"""Ising machines: what a solution takes, and the least that it must."""

from argparse import ArgumentParser, Namespace

from lim_lib.commands import printing

SUMMARY = "Ising machines: power, time and energy of a solution"
HELP = """\
Ising machines of the table: power, time to solution, energy of a solution, and N kT ln 2, the least
that N spins must pay when they start at random.
"""
EXAMPLES = """\
examples:
  python -m lim_lib machines
  python -m lim_lib machines --csv
      every number with its source
"""


def add(command: ArgumentParser) -> None:
    """Its options."""
    printing.add_forms(command, "every number with its source as CSV")


def run(options: Namespace) -> None:
    """Print the table."""
    from lim_lib import workloads

    table = workloads.load_machines()
    if options.csv:
        printing.say_csv(workloads.load_machines(tidy=True))
    elif options.json:
        values = workloads.load_machines(tidy=True)
        machines = {"machines": table, "values": values}
        printing.say_json({"credit": workloads.CREDIT, **machines})
    else:
        rows = []
        for name, row in table.iterrows():
            numbers = [printing.short(row[each]) for each in ("spins", "power", "time")]
            energies = [printing.energy(row[each]) for each in ("energy", "least")]
            over = printing.short(row["over_least"])
            rows.append([str(name), row["kind"], *numbers, *energies, over, row["energy_standing"]])
        head = ["id", "kind", "spins", "W", "s", "a solution", "least", "/ least", "energy is"]
        printing.say_columns(head, rows, "<<>>>>>><")
        printing.say(f"\n{workloads.CREDIT}")

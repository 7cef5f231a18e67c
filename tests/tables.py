"""The library's tables with one cell changed, for the tests of what their readers refuse."""

import csv

from lim_lib.workloads.tables import book_table

TOGETHER = (("workloads.csv", "workload_values.csv"), ("machines.csv", "machine_values.csv"))
"""Tables that are read together."""


def edited(folder, name, row="", column="", text=""):
    """Copy a table, and the one that goes with it, with another text in a cell of a row's key."""
    for table in next((both for both in TOGETHER if name in both), (name,)):
        with book_table(table).open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for cells in rows:
            first, second, *_ = cells.items()
            key = f"{first[1]} {second[1]}" if second[0] == "quantity" else first[1]
            if (table, key) == (name, row):
                cells[column] = text
        with (folder / table).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return folder

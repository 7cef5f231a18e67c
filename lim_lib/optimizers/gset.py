"""The text format of the G-set: vertices and edges, then one edge a line."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from lim_lib.optimizers.edges import Format, lines_of

GRAPH = Format("vertex", "vertices", "edge", "edges", weight="1")

OTHERS = {"%": "MatrixMarket (scipy.io.mmread reads it)", "c": "DIMACS", "p": "DIMACS"}
"""Formats of graphs that a first word gives away."""


def read(path: Any) -> sparse.csr_array:
    """The symmetric matrix of weights, or one line that names the file's line and what is wrong."""
    head, *lines = lines_of(path, comment="#")
    first = head.words[0]
    for sign, name in OTHERS.items():
        if first == sign or (sign == "%" and first.startswith(sign)):
            head.wrong(f"must be in the format of the G-set, 'vertices edges', got that of {name}")
    vertices, edges = GRAPH.counts(head, head.words)
    rows, columns, weights = [], [], []
    for line, i, j, weight in GRAPH.entries(head, lines, vertices, edges):
        if i == j:
            line.wrong(f"an edge must join two vertices, got {i + 1} twice")
        rows.append(min(i, j))
        columns.append(max(i, j))
        weights.append(weight)
    upper = sparse.coo_array((weights, (rows, columns)), shape=(vertices, vertices), dtype=float)
    return (upper + upper.T).tocsr()


def write(path: Any, weights: sparse.coo_array) -> None:
    """Write a symmetric matrix of weights, whole numbers as such, all with all their digits."""
    i, j = weights.coords
    upper = (i < j) & (weights.data != 0)
    order = np.lexsort((j[upper], i[upper]))
    edges = zip(i[upper][order], j[upper][order], weights.data[upper][order], strict=True)
    lines = [f"{weights.shape[0]} {np.count_nonzero(upper)}"]
    for a, b, weight in edges:
        shown = int(weight) if float(weight).is_integer() else repr(float(weight))
        lines.append(f"{a + 1} {b + 1} {shown}")
    Path(path).write_text("\n".join(lines) + "\n", encoding="utf-8")

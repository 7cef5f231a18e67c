"""The text format of the G-set: vertices and edges, then one edge a line."""

from pathlib import Path

import numpy as np
from scipy import sparse


def read(path: Path) -> sparse.csr_array:
    """The symmetric matrix of weights, or one line that names the file's line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} must be a text file, in UTF-8") from None
    lines = [
        (count, words) for count, words in enumerate(map(str.split, text.splitlines()), 1) if words
    ]

    def wrong(line: int, what: str):
        raise ValueError(f"{path.name}, line {line}: {what}")

    if not lines:
        wrong(1, "must hold the numbers of vertices and edges, the file is empty")
    (first, head), *rest = lines
    try:
        vertices, edges = (int(word) for word in head)
    except ValueError:
        wrong(first, f"must hold the numbers of vertices and edges, got {' '.join(head)!r}")
    if vertices < 1 or edges < 0:
        wrong(first, f"must hold the numbers of vertices and edges, got {' '.join(head)!r}")
    seen, weights = {}, []
    for line, words in rest[:edges]:
        try:
            i, j = (int(word) for word in words[:2])
            (weight,) = (float(word) for word in words[2:] or ["1"])
        except ValueError:
            wrong(line, f"must hold two vertices and a weight, got {' '.join(words)!r}")
        for vertex in (i, j):
            if not 1 <= vertex <= vertices:
                wrong(line, f"a vertex must be from 1 to {vertices}, got {vertex}")
        if i == j:
            wrong(line, f"an edge must join two vertices, got {i} twice")
        if not np.isfinite(weight):
            wrong(line, f"a weight must be finite, got {weight}")
        pair = (min(i, j) - 1, max(i, j) - 1)
        if pair in seen:
            wrong(line, f"edge {i} {j} is already in line {seen[pair]}")
        seen[pair] = line
        weights.append(weight)
    if len(rest) < edges:
        wrong(lines[-1][0] + 1, f"edge {len(rest) + 1} of {edges} must follow, the file ends")
    if len(rest) > edges:
        wrong(rest[edges][0], f"must not be there: line {first} promises {edges} edges")
    rows, columns = np.array(list(seen), dtype=int).reshape(-1, 2).T
    upper = sparse.coo_array((weights, (rows, columns)), shape=(vertices, vertices))
    return (upper + upper.T).tocsr()


def write(path: Path, weights: sparse.coo_array) -> None:
    """Write a symmetric matrix of weights, whole numbers as such."""
    i, j = weights.coords
    upper = (i < j) & (weights.data != 0)
    order = np.lexsort((j[upper], i[upper]))
    edges = zip(i[upper][order], j[upper][order], weights.data[upper][order], strict=True)
    lines = [f"{weights.shape[0]} {np.count_nonzero(upper)}"]
    for a, b, weight in edges:
        shown = int(weight) if float(weight).is_integer() else repr(float(weight))
        lines.append(f"{a + 1} {b + 1} {shown}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

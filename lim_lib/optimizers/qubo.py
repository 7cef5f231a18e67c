"""QUBOs as dictionaries of pairs, and the two text formats in which they are published.

Biq Mac's and MQLib's: ``variables entries``, then ``i j q`` with variables from 1 and the diagonal
as ``i i q``; Q is symmetric, so that each entry off the diagonal counts twice in x'Qx; ``#``
begins a comment. qbsolv's (``.qubo``): ``p qubo 0 variables diagonal couplers``, then ``i j q``
with variables from 0; each entry counts once; ``c`` begins a comment.
"""

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from scipy import sparse

from lim_lib.optimizers.edges import Format, Line, lines_of
from lim_lib.optimizers.landscape import MOST_CELLS
from lim_lib.validate import number, refuse

SYMMETRIC = Format("variable", "variables", "entry", "entries")
QBSOLV = Format("variable", "variables", "entry", "entries", first=0)


def from_pairs(name: str, pairs: Mapping) -> sparse.coo_array:
    """The matrix of a dictionary {(i, j): q}, variables numbered from 0."""
    allowed = "a square matrix, or numbers by pairs (i, j) of variables counted from 0"
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2 and all(map(_counts, pair))):
            refuse(name, pair, allowed, TypeError)
    if not pairs:
        refuse(name, pairs, allowed)
    rows, columns = zip(*pairs, strict=True)
    size = max(*rows, *columns) + 1
    if size > MOST_CELLS:
        refuse(name, f"variable {size - 1:,}", f"of at most {MOST_CELLS:,} variables")
    values = number(name, list(pairs.values()))
    return sparse.coo_array((values, (rows, columns)), shape=(size, size))


def _counts(variable: Any) -> bool:
    whole = isinstance(variable, Integral) and not isinstance(variable, bool)
    return whole and int(variable) >= 0


def read(path: Any) -> sparse.coo_array:
    """The matrix Q of a file in either format, or one line that says what is wrong where."""
    head, *lines = lines_of(path, comment="#")
    if head.words[0] in ("c", "p"):
        head, *lines = lines_of(path, comment="c")
        return _matrix(QBSOLV, head, lines, _qbsolv_counts(head))
    upper = _matrix(SYMMETRIC, head, lines, SYMMETRIC.counts(head, head.words))
    return upper + upper.T - sparse.diags_array(upper.diagonal())


def _qbsolv_counts(head: Line) -> tuple[int, int]:
    program, *counts = head.words[:2], *head.words[3:]
    if program != ["p", "qubo"] or len(counts) != 3:
        head.must_hold("'p qubo 0', the numbers of variables, diagonal entries and couplers")
    variables, diagonal = QBSOLV.counts(head, counts[:2])
    return variables, diagonal + QBSOLV.counts(head, [counts[0], counts[2]])[1]


def _matrix(form: Format, head: Line, lines: list[Line], counts) -> sparse.coo_array:
    size = counts[0]
    found = [(q, i, j) for _, i, j, q in form.entries(head, lines, *counts)]
    values, rows, columns = zip(*found, strict=True) if found else ((), (), ())
    return sparse.coo_array((values, (rows, columns)), shape=(size, size), dtype=float)

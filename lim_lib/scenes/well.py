"""The double well that the motions in a page share, printed from the library's expression.

Lengths are in half widths a, times in a²/D, energies in kT.

Contents: `printed`.
"""

import sympy as sp

from lim_lib import symbols
from lim_lib.javascript import source
from lim_lib.memory import DOUBLE_WELL

__all__ = ["printed"]


def printed() -> dict[str, str]:
    """Energy and force of the tilted double well in JavaScript, of position, barrier and tilt.

    Returns
    -------
    dict of str to str

    Examples
    --------
    >>> sorted(printed())
    ['energy', 'force']
    """
    well = DOUBLE_WELL.subs(symbols.half_width, 1)
    return {"energy": source(well), "force": source(-sp.diff(well, symbols.position))}

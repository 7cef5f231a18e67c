r"""The ladder of bounds on the energy to solution.

Model: M parameters of b bits each in contact with one bath at temperature T. Learning takes the
memory from one distribution to another; the energy to solution is the heat Q that this gives to
the bath, in joules. The memory is uniform at first, so its entropy falls by M b ln 2; for a known
start that term is zero.

A rung is of one of four kinds. A *theorem* holds for every protocol under its conditions. A
*protocol* is what one way of learning dissipates: achievable. An *estimate* adds up parts. A
*reference* is a line to compare with, no bound. The rungs are a partial order: `ORDERINGS` holds
the arrows that are proven, and no others hold in general.

Most rungs price the *solution*, the stated task from start to precision. Some price *moves* that
they are told of, whether or not these solve anything: such a rung can lie below a theorem.

Each rung is one record, a `Bound`: what it states, its expression, callable with numbers in SI
units by the names of the notation table, its regime, sources and chapter, the arrows that end at
it, and a second way to compute it that the tests compare with. All else is read off these records.
Rooms: `theorems`, `protocols`, `estimates`; what a record holds is in `record`, the phases of the
optimum under two limits in `limits`. No rung, but the best that any protocol can reach within a
hop budget, is `frontier`, in `optimum`.
"""

from typing import Any

import numpy as np

from lim_lib import validate
from lim_lib.bounds import estimates, protocols, theorems
from lim_lib.bounds.estimates import *  # noqa: F403
from lim_lib.bounds.limits import Phases as Phases
from lim_lib.bounds.optimum import Frontier as Frontier
from lim_lib.bounds.optimum import frontier as frontier
from lim_lib.bounds.protocols import *  # noqa: F403
from lim_lib.bounds.record import KINDS, Bound
from lim_lib.bounds.record import Ordering as Ordering
from lim_lib.bounds.record import Source as Source
from lim_lib.bounds.record import rung as rung
from lim_lib.bounds.theorems import *  # noqa: F403
from lim_lib.symbols import Table
from lim_lib.units import format_energy

_DECLARED = [
    each
    for room in (theorems, protocols, estimates)
    for each in vars(room).values()
    if isinstance(each, Bound) and each.__module__ == room.__name__
]
_VARIANTS = [bound.variant for bound in _DECLARED if bound.variant]

LADDER = Table(
    sorted(
        (bound for bound in _DECLARED if bound not in _VARIANTS),
        key=lambda bound: KINDS.index(bound.kind),
    ),
    {
        "rung": lambda bound: bound.title,
        "kind": lambda bound: bound.kind,
        "prices": lambda bound: bound.prices,
        "energy to solution": lambda bound: f"${bound.latex()}$",
    },
    home=(__name__, "LADDER"),
)
"""The rungs: theorems, protocols, estimates, the reference line. Listed, not ordered by size."""

ORDERINGS = Table(
    (arrow for bound in LADDER for arrow in bound.above),
    {
        "lower": lambda row: row.lower.title,
        "upper": lambda row: row.upper.title,
        "condition": lambda row: row.condition,
    },
    home=(__name__, "ORDERINGS"),
)
"""The proven arrows of the ladder, each with its condition. No other arrow holds always."""


def get(key: str) -> Bound:
    """The rung of that key.

    Parameters
    ----------
    key : str
        As in `LADDER`, or ``"dissipated_barrier_power_law"``.

    Returns
    -------
    Bound

    Raises
    ------
    KeyError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> get("landauer").title
    'Landauer'
    """
    rungs = {bound.key: bound for bound in (*LADDER, *_VARIANTS)}
    if key not in rungs:
        raise KeyError(
            f"no bound {key!r}{validate.nearest(key, rungs)}; there are {', '.join(rungs)}"
        )
    return rungs[key]


def table(**quantities: Any):
    """The rungs that can be computed from the quantities given.

    Parameters
    ----------
    **quantities
        Numbers by their names in the notation table, ``temperature=300.0`` by default. A rung is
        left out if one of its arguments is missing.

    Returns
    -------
    pandas.DataFrame
        Index: key. Columns: title, kind, prices, energy in J, the same to read, and the ratio to
        Landauer's rung (NaN without it).

    Raises
    ------
    TypeError
        For a name that no rung takes.
    ValueError, TypeError
        For a value that is not allowed, or not one number.

    Examples
    --------
    >>> table(model_size=175e9, bits=16, operations=1.64e16)[["kind", "energy"]]
                              kind   energy
    landauer               theorem  8.04 nJ
    static_stiffness      protocol   1.56 J
    landauer_per_update  reference   753 μJ
    """
    import pandas as pd

    known = sorted({name for bound in LADDER for name in bound.accepted})
    validate.arguments("table", tuple(known), (), quantities)
    for name, value in quantities.items():
        if value is not None and np.ndim(value):
            validate.refuse(name, value, "one number")
    rows = {}
    for bound in LADDER:
        given = {n: v for n, v in quantities.items() if n in bound.accepted and v is not None}
        if set(bound.required) <= set(given):
            joules = bound.at(given, stacklevel=3)
            rows[bound.key] = {
                "title": bound.title,
                "kind": bound.kind,
                "prices": bound.prices,
                "joules": joules,
                "energy": format_energy(joules) if np.isfinite(joules) else "inf",
            }
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["title", "kind", "prices", "joules", "energy"]
    )
    reference = rows.get("landauer", {}).get("joules", np.nan)
    frame["over_landauer"] = frame["joules"] / (reference or np.nan)
    return frame

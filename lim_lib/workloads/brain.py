"""A model of the scale of a brain: one estimate, and the assumptions that move it.

The abstracts of the first two versions of the paper behind this book (chen2024lim) give 1e8 to
1e9 J for training a model of 1e15 parameters with learning-in-memory, a lower bound in v1 and an
estimate in v2. What they count is named there, the floating-point operations used for training; the
price of one and their number are not. This room holds a reckoning of the book's own that lands in
that range, and changes one of its assumptions at a time.
"""

from typing import Any

import numpy as np

from lim_lib import bounds
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, number, refuse
from lim_lib.workloads.inputs import SCENARIOS
from lim_lib.workloads.ladder import energy_ladder
from lim_lib.workloads.scaling import compute_optimal, fit_scaling


def brain_scale(
    *,
    operations: Any = 1e28,
    energy_per_operation: Any = 20.0,
    temperature: float = 300.0,
    hardware: float = 1e-12,
):
    """The estimate for 1e15 parameters, and where it goes if one assumption changes.

    The estimate: every FLOP of the training is an update, as many as a regression over the runs
    from 2018 on gives for this size, each at 20 kT. That price is a round number between what a
    matched barrier dissipates at that pace, its height included (7 kT), and what a barrier of ten
    years takes (111 kT).

    Parameters
    ----------
    operations : float
        Update commands of the estimate.
    energy_per_operation : float
        Heat of each, in kT.
    temperature : float
        In K.
    hardware : float
        Energy per FLOP of an accelerator in J, for the comparison.

    Returns
    -------
    pandas.DataFrame
        One row for the estimate, then one for each change. Columns: ``assumption`` ("estimate",
        "operations", "energy per operation", "temperature", or "both" where the number and the
        price change together), ``choice`` in words, ``operations``, ``energy_per_operation`` in kT,
        ``joules``, ``orders``: powers of ten above the estimate (negative: below).

    Examples
    --------
    >>> table = brain_scale()
    >>> f"{table['joules'].iloc[0]:.2g} J"
    '8.3e+08 J'
    >>> table.loc[table["choice"].str.contains("accelerator"), "orders"].round(1).tolist()
    [7.1]
    """
    import pandas as pd

    given = {
        "operations": number("operations", operations, POSITIVE),
        "energy_per_operation": number("energy_per_operation", energy_per_operation, POSITIVE),
        "hardware": number("hardware", hardware, NON_NEGATIVE),
    }
    for name, value in given.items():
        if np.ndim(value):
            refuse(name, value, "one number")
    count, price, hardware = given.values()
    kt = thermal_energy(temperature)
    size = SCENARIOS["brain"]["model_size"][0]
    all_runs, recent = (fit_scaling(since=since).predict(size) for since in (None, 2018))
    each, all_at_once = (
        energy_ladder("brain", counting=counting, temperature=temperature)
        for counting in ("flop", "steps")
    )
    steps = all_at_once.inputs()["value"]
    per_flop = each.frame()["joules"] / (kt * each.inputs()["value"]["operations"])
    by_steps = all_at_once.frame()["joules"] / kt

    changes = [
        ("estimate", "every FLOP an update, as many as runs from 2018 on suggest", count, price),
        ("operations", "regression over all runs", all_runs.value, price),
        ("operations", "runs from 2018 on, a standard error less", recent.low, price),
        ("operations", "runs from 2018 on, a standard error more", recent.high, price),
        ("operations", "compute-optimal training, 120 M²", compute_optimal(size), price),
        ("operations", "every step updates every parameter", steps["operations"], price),
        ("operations", "what must be written: the transport", steps["transport"], price),
        ("energy per operation", "matched barrier, drive 1", count, per_flop["matched_barrier"]),
        (
            "energy per operation",
            "matched barrier, its height dissipated",
            count,
            per_flop["dissipated_barrier"],
        ),
        ("energy per operation", "kT ln 2 a bit, 16 bits", count, per_flop["landauer_per_update"]),
        ("energy per operation", "static barrier of ten years", count, per_flop["static_barrier"]),
        ("energy per operation", f"accelerator, {hardware:g} J a FLOP", count, hardware / kt),
        (
            "both",
            "theorem: transport and activity, a hop a step",
            steps["hops"],
            by_steps["transport_activity"] / steps["hops"],
        ),
        (
            "both",
            "theorem: Landauer, one bit written once",
            size * steps["bits"],
            bounds.landauer(model_size=1, bits=1, temperature=temperature) / kt,
        ),
    ]
    table = pd.DataFrame(
        changes, columns=["assumption", "choice", "operations", "energy_per_operation"]
    )
    table["joules"] = table["operations"] * table["energy_per_operation"] * kt
    body = pd.DataFrame(
        [("temperature", "a body, 310.15 K", count, price, count * price * thermal_energy(310.15))],
        columns=table.columns,
    )
    table = pd.concat([table, body], ignore_index=True)
    table["orders"] = np.log10(table["joules"] / table["joules"].iloc[0])
    table.attrs["units"] = {"joules": "J", "energy_per_operation": "kT", "operations": "1"}
    return table

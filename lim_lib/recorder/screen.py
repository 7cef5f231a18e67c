"""A recorded run on one screen: its depths, how its moves fade, the barrier in words, the rungs."""

from typing import Any

import numpy as np

from lim_lib.convergence import FEWEST
from lim_lib.recorder.record import Record
from lim_lib.units import thermal_energy
from lim_lib.workloads import Ladder

_COLUMNS = {
    "N_op": "N_op",
    "N_net": "N_net",
    "W": "W",
    "net_over_W": "wander",
    "op_over_W": "N_op/W",
    "silent": "silent",
}


def screen(record: Record, bits: float, depths: Any, ladder: Ladder) -> str:
    """The lines of the screen.

    Parameters
    ----------
    record : Record
        The run.
    bits : float
        The depth b whose barrier and rungs are shown.
    depths : pandas.DataFrame
        What its `summary` gave.
    ladder : Ladder
        What its `ladder` gave at that depth.

    Returns
    -------
    str

    Examples
    --------
    >>> from lim_lib.recorder import load_runs
    >>> run = load_runs()["adam"]
    >>> print(screen(run, 8, run.summary(8), run.ladder(8, step_time=1e-3)).split("\\n\\n")[0])
    Adam, batches of 32: 2410 weights, 1290 steps
    bits       N_op      N_net          W     wander     N_op/W     silent
       8   3.11e+06   6.28e+04    3.1e+04       2.03        100       98 %
    moves per weight and step: 0.16 at first, 0.0082 at last; no law describes how they fade
    a barrier that follows them: 19.5 kT at first, 22.4 kT at last, under a tilt of 7.6 kT
    """
    lines = [record.headline()]
    lines.append("bits" + "".join(f"{head:>11}" for head in _COLUMNS.values()))
    for depth, row in depths.iterrows():
        cells = [_short(row[name]) for name in _COLUMNS if name != "silent"]
        cells.append(f"{100 * row['silent']:.3g} %")
        lines.append(f"{depth:>4g}" + "".join(f"{cell:>11}" for cell in cells))
    lines += [*record.notes(), *_fading(record, bits, ladder)]
    return "\n".join([*lines, "", str(ladder)])


def _fading(record: Record, bits: float, ladder: Ladder) -> list[str]:
    """How the moves fade, and the barrier that would follow them."""
    _, rate = record.rate(bits)
    if np.count_nonzero(rate) < FEWEST:
        return ["too few moves to say how they fade"]
    laws = {
        "exponential": "they fade exponentially",
        "power law": "they fade as a power law",
        "none": "no law describes how they fade",
    }
    words = f"moves per weight and step: {rate[0]:.2g} at first, {rate[-1]:.2g} at last; "
    words += laws[record.fit(bits).law]
    if not rate.all():
        return [words, "a barrier that follows them would be shut where nothing moves"]
    given = {name: row["value"] for name, row in ladder.quantities.items()}
    barrier = record.barrier(
        bits,
        given["drive"],
        given["duration"] / record.steps,
        given["attempt_rate"],
        temperature=given["temperature"],
    )
    kT = thermal_energy(given["temperature"])
    ends = barrier(np.array([0.0, given["duration"] * (1 - 1e-9)])) / kT
    return [
        words,
        f"a barrier that follows them: {ends[0]:.3g} kT at first, {ends[1]:.3g} kT at last, "
        f"under a tilt of {barrier.tilt / kT:.3g} kT",
    ]


def _short(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "-"

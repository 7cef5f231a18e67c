"""One variable of a quadratic program, exactly: the price of haste, and what freezes.

The program's minimum lies at `MINIMUM`, between -1 and 1. The variable starts anywhere on its
ladder of 2^b levels; the master equation gives all its probabilities.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from lim_lib import bounds
from lim_lib.memory import ATTEMPT_RATE
from lim_lib.optimizers.quadratic import QuadraticProgram
from lim_lib.schedules import ExponentialBarrier
from lim_lib.simulate import Run, ladder, master_equation
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, single

MINIMUM = 0.2
"""Where the valley lies, between -1 and 1."""

KEPT_BITS = 4
"""Bits of the variable that freezes."""

INITIAL_RATE = 1e6
"""Its hop rate at the start, in 1/s."""

SPAN = 3.0
"""How long it is followed, in s."""

_STEPS = 100  # control steps of a hurried run


def single_variable(bits: int) -> QuadraticProgram:
    """The program of one variable of so many bits.

    Examples
    --------
    >>> float(single_variable(4).optimum().point[0])
    0.2
    """
    return QuadraticProgram(1.0, -MINIMUM, lower=-1, upper=1, bits=bits)


class Hurried(NamedTuple):
    """What one variable pays for its solution, energies in J.

    Parameters
    ----------
    heat : float
        Heat to the bath.
    landauer, theorem : float
        Least heat of the entropy it lost, and with its transport and activity.
    error : float
        Root mean square distance from the minimum.
    """

    heat: float
    landauer: float
    theorem: float
    error: float


@cache
def hurried(bits: int, budget: float) -> Hurried:
    """Heat and error of one variable that settles within a hop budget.

    Parameters
    ----------
    bits : int
        Its bits.
    budget : float
        Thermal hops that the barrier allows.

    Returns
    -------
    Hurried

    Examples
    --------
    >>> quick, slow = hurried(4, 10.0), hurried(4, 1000.0)
    >>> quick.heat > slow.heat > slow.theorem > slow.landauer
    True
    """
    program = single_variable(integer("bits", bits))
    single("budget", budget, POSITIVE)
    levels = program.levels
    spread = (levels - 1) / np.sqrt(12)  # what it loses on its way, in levels
    plan = program.matched_schedules(spread / (2 * budget))
    run = master_equation(
        ladder(levels),
        duration=plan["duration"],
        barrier=plan["barrier"],
        initial=np.full(levels, 1 / levels),
        energy=lambda t: plan["schedule"](t) * program.all_energies,
        kinetics="heat_bath",
        steps=_STEPS,
    )
    lost = max(0.0, -run.ledger.system_entropy / thermal_energy() / np.log(2))
    off = (program.decode(np.arange(levels)[:, None])[:, 0] - MINIMUM) ** 2
    return Hurried(
        heat=run.ledger.heat,
        landauer=bounds.landauer(1, lost),
        theorem=bounds.transport_activity(1, lost, run.ledger.hops, run.ledger.transport),
        error=float(np.sqrt(run.final @ off)),
    )


def freezing_barrier(time_constant: float) -> ExponentialBarrier:
    """The barrier of `frozen`, which rises by kT in each time constant (s)."""
    return ExponentialBarrier(INITIAL_RATE, time_constant, ATTEMPT_RATE)


@cache
def frozen(time_constant: float, held: float) -> Run:
    """A second of focusing, the scale held for a while, then switched off: all probabilities.

    Parameters
    ----------
    time_constant : float
        In which the barrier rises by kT, in s.
    held : float
        How long the scale is held, in s.

    Returns
    -------
    Run

    Examples
    --------
    >>> run = frozen(0.03, 0.0)
    >>> run.snapshots.shape
    (121, 16)
    """
    single("time_constant", time_constant, POSITIVE)
    single("held", held, NON_NEGATIVE)
    program, steps = single_variable(KEPT_BITS), round(40 * SPAN)
    levels, final = program.levels, program.resolving_scale()
    return master_equation(
        ladder(levels),
        duration=SPAN,
        barrier=freezing_barrier(time_constant),
        initial=np.full(levels, 1 / levels),
        energy=lambda t: (
            final * (t < 1 + held) * 4.0 ** (KEPT_BITS * min(t - 1, 0)) * program.all_energies
        ),
        kinetics="heat_bath",
        steps=steps,
        record=np.linspace(0, SPAN, steps + 1),
    )

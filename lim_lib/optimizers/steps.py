r"""Control steps: how many, where they end, and what they miss of a schedule.

During a step λ is held at its value in the middle, which serves a straight line well and a pulse
or a fast rhythm not at all. What a step misses is seen by looking between the middles, at places
drawn at random but always the same, so that a rhythm is not met at the same phase each time. The
measures are the shares of :math:`\int \lambda\,dR` by which the schedule departs, step by step,
from a straight line through its middle and from the value there; R is the hop budget, on which
cells feel λ.
"""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lim_lib.sampling import sampled
from lim_lib.validate import NON_NEGATIVE, RegimeWarning, integer, refuse, single

MOST_STEPS = 10_000_000
"""Most control steps, and attempts of a cell unless steps are given: minutes for a single cell."""

MOST_ATTEMPTS = 1e10
"""Most attempts of a cell: hours."""

MANY = 100_000
"""Control steps that a schedule is given unasked, at most, beyond those that a cell attempts."""

MISSED = 0.01
"""Largest share of a schedule beside straight lines that steps may miss without a word."""

COARSE = 0.1
"""Largest share beside the held values: a ramp from zero has five steps or more."""

LOOKS = 10_000
"""Looks at a schedule, at least."""

LOOKS_A_STEP = 4
"""Looks at it in each step, at least."""

FEWEST_STEPS = 50
"""Steps that a schedule is given unasked, at least; a constant needs one."""

AT_ONCE = 1 << 18
"""Looks that are kept in memory."""


def at_times(schedule: Any, times: np.ndarray) -> np.ndarray:
    """λ at some times, each a finite number that is not negative."""
    return sampled("schedule", schedule, times, NON_NEGATIVE)


class Missed(NamedTuple):
    """Shares of a schedule that steps miss.

    Parameters
    ----------
    beside_lines, beside_values : float
        What is not on a straight line through the middle of a step, or not the value there.
    """

    beside_lines: float
    beside_values: float

    def worst(self, order: str) -> float:
        """The share to be told, 0 if there is none; sweeps are steps of their own right."""
        if self.beside_lines > MISSED:
            return self.beside_lines
        return self.beside_values if order == "random" and self.beside_values > COARSE else 0.0


def missed(schedule: Callable, budget: Callable, ends: np.ndarray) -> Missed:
    """What steps miss that hold λ at its value in their middles.

    Parameters
    ----------
    schedule : callable
        λ of a time in s.
    budget : callable
        Hop budget R from 0 to a time.
    ends : ndarray
        Times between which the steps lie.

    Returns
    -------
    Missed

    Examples
    --------
    A line in one step, and a pulse beside the middle:

    >>> ends, even = np.array([0.0, 10.0]), lambda t: t
    >>> print("{:.2f}, {:.2f}".format(*missed(lambda t: 2 * t, even, ends)))
    0.00, 0.40
    >>> print("{:.2f}, {:.2f}".format(*missed(lambda t: (t < 1) * 1.0, even, ends)))
    1.00, 1.00
    """
    each = max(LOOKS_A_STEP, -(-LOOKS // (len(ends) - 1)))
    source = np.random.Generator(np.random.SFC64(0))
    rows = max(1, AT_ONCE // each)
    beside_lines = beside_values = area = 0.0
    for first in range(0, len(ends) - 1, rows):
        low, high = ends[first:-1][:rows, None], ends[first + 1 :][:rows, None]
        middle, width = (low + high) / 2, high - low
        edges = low + width * np.arange(each + 1) / each
        clock = np.diff(budget(edges.ravel()).reshape(edges.shape))
        away = edges[:, :-1] + width / each * source.random(clock.shape) - middle
        scale = at_times(schedule, (middle + away).ravel()).reshape(clock.shape)
        held = at_times(schedule, middle.ravel())[:, None]
        with np.errstate(over="ignore", invalid="ignore"):  # too large a scale is refused later
            off = scale - held
            moment = (clock * away**2).sum(axis=1, keepdims=True)
            slope = (clock * away * off).sum(axis=1, keepdims=True)
            np.divide(slope, moment, out=slope, where=moment > 0)
            beside_values += float((clock * np.abs(off)).sum())
            beside_lines += float((clock * np.abs(off - slope * away)).sum())
            area += float((clock * np.maximum(scale, held)).sum())
    if not area:
        return Missed(0.0, 0.0)
    return Missed(min(1.0, beside_lines / area), min(1.0, beside_values / area))


def control_steps(
    schedules: tuple, budget: Callable, duration: float, *, sweeps: float, steps: Any, order: str
) -> np.ndarray:
    """The times between which λ is held: even in time, or on the clock where steps are sweeps.

    Parameters
    ----------
    schedules : tuple of float or callable
        λ of each energy that has one.
    budget : callable
        Hop budget R from 0 to a time.
    duration : float
        Length of the run in s.
    sweeps : float
        Attempts that a cell makes meanwhile.
    steps : int or None
        How many were asked for; unasked, as many as attempts, and enough to follow the schedule.
    order : str
        If it is not random, sweeps are the steps.

    Returns
    -------
    ndarray

    Warns
    -----
    RegimeWarning
        If the steps asked for, or the sweeps, miss more than `MISSED` or `COARSE` of the schedule.
    """
    changing = [*{id(each): each for each in schedules if callable(each)}.values()]
    for each in schedules:
        if callable(each):
            at_times(each, np.array([0.0, duration]))
        else:
            single("schedule", each, NON_NEGATIVE)
    most = MOST_STEPS if steps is None else MOST_ATTEMPTS
    if not sweeps <= most:
        remedy = "steps, or a higher barrier" if steps is None else "a higher barrier"
        refuse("duration", duration, f"short enough for {most:g} attempts of a cell "
               f"(it allows {sweeps:.3g}; {remedy}, help)")  # fmt: skip
    if order != "random":
        if steps is not None:
            refuse("steps", steps, "left out for sweeps, which are the steps", TypeError)
        if round(sweeps) < 1:
            refuse("duration", duration, f"long enough for one sweep (it allows {sweeps:.3g})")
        ends = even_on_the_clock(budget, duration, round(sweeps))
    elif steps is not None:
        ends = even_in_time(duration, integer("steps", steps, high=MOST_STEPS))
    else:
        asked = max(1, round(sweeps), FEWEST_STEPS if changing else 1)
        ends = even_in_time(duration, enough(changing, budget, duration, asked))
    if share := most_missed(changing, budget, ends, order):
        _warn(changing, budget, ends, share, order)
    return ends


def most_missed(schedules: list, budget: Callable, ends: np.ndarray, order: str = "random"):
    """The largest share of a schedule that steps miss and that is to be told."""
    return max((missed(each, budget, ends).worst(order) for each in schedules), default=0.0)


def enough(schedules: list, budget: Callable, duration: float, steps: int) -> int:
    """The number of even steps, doubled until they miss little of a schedule, or are many."""
    while steps < MANY and most_missed(schedules, budget, even_in_time(duration, steps)):
        steps *= 2
    return steps


def _warn(schedules, budget, ends, share, order) -> None:
    steps, duration = len(ends) - 1, float(ends[-1])
    finer = enough(schedules, budget, duration, 2 * steps)
    left = most_missed(schedules, budget, even_in_time(duration, finer))
    if left:
        remedy = f"{finer} miss {100 * left:.3g} %, too"
    elif order != "random":
        remedy = f"order='random' with steps={finer} follows it"
    else:
        remedy = f"steps={finer} follow it"
    warnings.warn(
        f"anneal: {steps} control steps miss {100 * share:.3g} % of the schedule, which changes "
        f"between their middles; {remedy}",
        RegimeWarning,
        stacklevel=5,
    )


def even_in_time(duration: float, steps: int) -> np.ndarray:
    """Ends of equal steps."""
    return np.linspace(0, duration, steps + 1)


def even_on_the_clock(budget: Callable, duration: float, steps: int) -> np.ndarray:
    """Times that divide the hop budget evenly, by bisection."""
    wanted = np.linspace(0, budget(duration), steps + 1)
    low, high = np.zeros(steps + 1), np.full(steps + 1, duration)
    for _ in range(60):
        middle = (low + high) / 2
        early = budget(middle) < wanted
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return np.concatenate([[0.0], high[1:-1], [duration]])

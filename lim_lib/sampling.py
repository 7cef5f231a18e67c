r"""A function of time that is known only by its values: where to look at it, and its integral.

A function that may do anything between two looks cannot be integrated by looking; what can be
promised is how close the looks are. Here they lie at irregular places, so that no period falls
between them, at most a ten-thousandth of the span apart: whatever lasts longer is seen, and so is,
nearly always, whatever fills a thousandth of the span in short pieces. What is seen is followed to
its edges. Two sets of looks must agree; a function that changes faster than that is refused.

Contents: `sampled`, `places`, `RunningIntegral`.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from lim_lib.validate import NON_NEGATIVE, REAL, Domain, number, single

INTERVALS = 3400
"""Intervals of a span, so many that neighbouring looks at it are a ten-thousandth of it apart."""

MOST_LOOKS = 1 << 22
"""Most looks at a function: seconds, if it is written in Python."""

# Gauss and Lobatto's rule of four points and Kronrod's extension of it to seven (Gander and
# Gautschi, BIT 40, 84 (2000)): both ends are among them, so no edge hides between two intervals.
_NODES = (1 + np.array([-1, -np.sqrt(2 / 3), -np.sqrt(1 / 5), 0, *np.sqrt([1 / 5, 2 / 3]), 1])) / 2
_KRONROD = np.array([77, 432, 625, 672, 625, 432, 77]) / 2940
_LOBATTO = np.array([1, 0, 5, 0, 5, 0, 1]) / 12


class TooFast(ValueError):
    """A function of time changes faster than it can be followed."""


def sampled(name: str, control: Any, times: np.ndarray, domain: Domain = REAL) -> np.ndarray:
    """A control (a number, or a function of time in s) at each of the times, checked.

    Parameters
    ----------
    name : str
        Its name, for messages.
    control : float or callable
        A function may take an array of times, or one time only.
    times : ndarray
        Times in s, in one row.
    domain : Domain
        What is allowed.

    Examples
    --------
    >>> sampled("stiffness", lambda t: 2.0 if t < 1 else 3.0, np.array([0.5, 1.5]))
    array([2., 3.])
    """
    if not callable(control):
        return np.broadcast_to(np.asarray(number(name, control, domain), dtype=float), times.shape)
    try:
        values = np.asarray(control(times))
    except (TypeError, ValueError):  # a function of one time only
        values = None
    if values is None or values.shape != times.shape or values.dtype.kind not in "biuf":
        one_by_one = [control(t) for t in times.tolist()]
        try:
            values = np.array(one_by_one)
        except ValueError:  # ragged
            values = np.empty(0)
        if values.shape != times.shape or values.dtype.kind not in "biuf":
            names = (f"{name} at t = {t:.6g} s" for t in times.tolist())
            values = np.array(
                [single(n, value, domain) for n, value in zip(names, one_by_one, strict=True)]
            )
    values = values.astype(float, copy=False)
    if values.size and not (values.min() in domain and values.max() in domain):
        wrong = next(i for i, value in enumerate(values) if value not in domain)
        number(f"{name} at t = {times[wrong]:.6g} s", values[wrong].item(), domain)
    return values


def places(start: float, end: float, count: int, seed: int = 0) -> np.ndarray:
    """Irregular places inside a span, the same each time: one in the middle half of equal parts.

    Examples
    --------
    >>> places(0.0, 1.0, 4).round(2).tolist()
    [0.14, 0.35, 0.57, 0.81]
    """
    within = 0.25 + 0.5 * np.random.default_rng(seed).random(count)
    return start + (end - start) * (np.arange(count) + within) / count


class RunningIntegral:
    """The integral of a function of time that is not negative, from the first stop to any time.

    Adaptive, with Lobatto's and Kronrod's rules, to 1e-10 of what it is (steps, corners and pulses
    are cornered by halving), and made twice with different looks.

    Parameters
    ----------
    name : str
        The function's name, for messages.
    function : callable
        Of time in s; of an array of times, or of one.
    stops : array_like
        Increasing times in s: the span, and where between its ends the looks begin anew. Something
        that lasts as long as a quarter of the way between two stops is seen.

    Raises
    ------
    TooFast
        Where the two sets of looks disagree, or there is no end of halving.

    Examples
    --------
    >>> pulse = RunningIntegral("rate", lambda t: 10.0 if 3.3 <= t < 3.4 else 0.0, [0, 10])
    >>> pulse([3.3, 3.35, 10.0]).round(9).tolist()
    [0.0, 0.5, 1.0]
    """

    def __init__(self, name: str, function: Callable, stops: Any):
        self.name, self.function = name, function
        self.stops = np.asarray(stops, dtype=float)
        self._follow(seed=0)
        first = self(self.stops)
        self._follow(seed=1)
        second = self(self.stops)
        apart = np.abs(second - first).max()
        if apart > 1e-8 * second[-1]:
            # Pulses that were seen count as wide as they are, and those between them not at all.
            self._refuse(max(apart, abs(self.glance - second[-1])), self.glance)

    def __call__(self, times: Any) -> np.ndarray:
        """The integral up to each of some times in the span."""
        times = np.asarray(times, dtype=float)
        index = np.searchsorted(self.edges, times, side="right") - 1
        low, result = self.edges[index], self.upto[index]
        inside = times > low
        if inside.any():
            width = (times - low)[inside]
            result[inside] += width * (self._at(low[inside], width) @ _KRONROD)
        return result

    def _at(self, low, width):
        """Values at the nodes of some intervals, shape (intervals, 7)."""
        times = low[:, None] + width[:, None] * _NODES
        return sampled(self.name, self.function, times.ravel(), NON_NEGATIVE).reshape(times.shape)

    def _follow(self, seed):
        start, end = self.stops[0], self.stops[-1]
        edges = np.union1d(places(start, end, INTERVALS, seed), self.stops)
        low, high = edges[:-1], edges[1:]
        lows, parts, looks, total = [], [], 0, None
        while low.size:
            width = high - low
            values = self._at(low, width)
            part = width * (values @ _KRONROD)
            error = np.abs(part - width * (values @ _LOBATTO))
            total = part.sum() if total is None else total
            good = error <= np.maximum(1e-10 * part, 1e-13 * total)
            good |= width <= 8 * np.finfo(float).eps * high
            looks += values.size
            if looks > MOST_LOOKS and not good.all():
                if error[~good].sum() > 1e-6 * total:
                    self._refuse(error[~good].sum(), total)
                good[:] = True
            lows.append(low[good])
            parts.append(part[good])
            low, high = low[~good], high[~good]
            middle = (low + high) / 2
            low, high = np.append(low, middle), np.append(middle, high)
        starts = np.concatenate(lows)
        order = np.argsort(starts)
        self.glance = total
        self.edges = np.append(starts[order], end)
        self.upto = np.append(0.0, np.cumsum(np.concatenate(parts)[order]))

    def _refuse(self, uncertain, total):
        raise TooFast(
            f"{self.name} must change slowly enough to be followed: between t = "
            f"{self.stops[0]:.6g} and {self.stops[-1]:.6g} s its integral, about {total:.4g}, is "
            f"uncertain by {uncertain:.2g}; take more steps or a shorter time, or give its "
            "integral: a barrier with a hop_budget"
        )

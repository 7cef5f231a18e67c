r"""How a loss curve converges: exponentially, as a power law, or neither, with its error.

The excess of a loss over its floor is compared with two laws of the time t since the first point,

.. math:: L = L_\infty + A\, e^{-t/\tau}, \qquad L = L_\infty + A\, (1 + t/\tau)^{-\alpha},

and with no fall at all. The information criterion of Schwarz decides between them, the residuals
whether the one that is left describes the curve. The excess of a quadratic loss is in proportion to
a variance, which falls by exp(-2U) in U *convergence times*: the curve tells the relaxation rate of
its optimizer, from which `lim_lib.schedules.MatchedDiffusivity` makes a barrier.

Contents: `convergence`, `Convergence`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lim_lib.results import Result
from lim_lib.text import with_error
from lim_lib.validate import NON_NEGATIVE, Broadcast, number, refuse, row, single

FEWEST = 12
"""Fewest points that tell one law from another."""

CLEAR = 10.0
"""By how much the information criterion has to be better than that of no fall at all."""

KNOWN = 0.5
"""Largest relative error with which a time constant or an exponent counts as known."""

MISFIT = 0.01
"""Share of the fall that a law may miss the curve by, if that is more than its noise."""

LONGEST = 30.0
"""Longest time constant that is looked for, in spans of the curve."""

_EXPONENTS = (0.02, 20.0)
_NUMBERS = (
    "floor",
    "floor_error",
    "excess",
    "time_constant",
    "time_constant_error",
    "exponent",
    "exponent_error",
    "convergence_times",
    "convergence_times_error",
    "preference",
    "noise",
    "start",
    "end",
)
_LOOKS = 400
_ROUNDING = 1e-20


@dataclass(frozen=True, eq=False, repr=False)
class Convergence(Result):
    """How a loss curve converges; quantities that its law does not have are NaN.

    Parameters
    ----------
    law : str
        ``"exponential"``, ``"power law"`` or ``"neither"``.
    floor, floor_error : float
        The loss that is approached, in the unit of the loss, and its standard error (zero if it
        was given).
    excess : float
        Excess over it at the first point, A.
    time_constant, time_constant_error : float
        τ and its standard error, in the unit of the times.
    exponent, exponent_error : float
        α of a power law and its standard error.
    convergence_times, convergence_times_error : float
        Half the logarithm of the ratio of the excesses at the first and the last point, and its
        standard error.
    noise : float
        Root mean square of what the law (or, without one, the mean) leaves unexplained.
    preference : float
        By how much the information criterion is better than for the other law.
    points : int
        Number of points.
    start, end : float
        First and last time.

    Examples
    --------
    >>> t = np.arange(500.0)
    >>> noise = 0.01 * np.random.default_rng(1).normal(size=500)
    >>> convergence(0.3 + 2 / np.sqrt(1 + t / 5) + noise)
    Convergence of 500 points: power law
      time_constant      5.10 ± 0.14
      exponent           0.5094 ± 0.0067
      convergence_times  1.1698 ± 0.0094
      floor              0.3077 ± 0.0049
      noise              0.00909
    """

    measures: ClassVar = dict.fromkeys(_NUMBERS, ("1",))

    law: str
    floor: float
    floor_error: float
    excess: float
    time_constant: float
    time_constant_error: float
    exponent: float
    exponent_error: float
    convergence_times: float
    convergence_times_error: float
    noise: float
    preference: float
    points: int
    start: float
    end: float

    def loss(self, time: Any) -> Broadcast:
        """The law's loss.

        Parameters
        ----------
        time : float or array_like
            In the unit of the times, since the first point.
        """
        t = self._since(time)
        if self.law == "exponential":
            return self.floor + self.excess * np.exp(-t / self.time_constant)
        return self.floor + self.excess * (1 + t / self.time_constant) ** -self.exponent

    def relaxation_rate(self, time: Any) -> Broadcast:
        """Relaxation rate of the optimizer: half the rate at which the excess falls.

        For the optimizer alone, without noise of its memory: 1/2τ, or α/2(τ + t).

        Parameters
        ----------
        time : float or array_like
            In the unit of the times, since the first point.
        """
        t = self._since(time)
        if self.law == "exponential":
            return 1 / (2 * self.time_constant) + 0 * t
        return self.exponent / (2 * (self.time_constant + t))

    def _since(self, time):
        if self.law == "neither":
            raise ValueError("a curve that is neither exponential nor a power law has no rate")
        return number("time", time, NON_NEGATIVE)

    def headline(self) -> str:
        """How many points, and which law."""
        return f"Convergence of {self.points} points: {self.law}"

    def rows(self) -> Iterator[tuple[str, str]]:
        """What the law has, with standard errors."""
        for name in ("time_constant", "exponent", "convergence_times", "floor"):
            value = getattr(self, name)
            if np.isfinite(value):
                yield name, with_error(value, getattr(self, f"{name}_error"))
        yield "noise", f"{self.noise:.3g}"


def convergence(
    losses: Any, times: Any = None, floor: float | None = None, *, misfit: float = MISFIT
) -> Convergence:
    """The law by which a loss curve falls, with the standard errors of what it says.

    Least squares for each law; errors are the larger of those for equal, independent noise and
    those of Newey and West, so that noise may differ along the curve and be correlated over a few
    points (where it is largest in the few points of a steep start they are still up to twice too
    small). A law is taken if it is clearly
    better than no fall, its time constant or exponent is known within 50 %, and it misses the curve
    by no more than noise, or than 1 % of the fall.

    It cannot tell what lies beyond the last point: a law is one of the span that it was seen in,
    and a floor that was not approached is an extrapolation. A power law of a high exponent is an
    exponential, and two exponentials, or a law that is stretched, may pass for a power law where
    noise or a short span hides the difference (`preference` says how clear it was). A curve that
    was smoothed over many points, or is that of one run whose noise drifts, has larger errors than
    those stated. A schedule that changes its rate on the way has no single law: give its parts.

    Parameters
    ----------
    losses : sequence of float
        At least 12 of them.
    times : sequence of float, optional
        Increasing, such as steps or seconds; by default 0, 1, 2, ….
    floor : float, optional
        The loss that is approached, if it is known; else it is found.
    misfit : float
        Share of the fall that a law may miss the curve by, beside noise.

    Returns
    -------
    Convergence

    Raises
    ------
    ValueError, TypeError
        For too few points, one that is missing (by its index), or times that do not increase.

    Examples
    --------
    >>> t = np.linspace(0, 60, 300)
    >>> noise = 0.02 * np.random.default_rng(1).normal(size=300)
    >>> found = convergence(1 + 3 * np.exp(-t / 12) + noise, t)
    >>> found.law, round(found.time_constant, 1), round(found.convergence_times, 1)
    ('exponential', 12.0, 2.5)
    """
    y = row("losses", losses)
    if y.size < FEWEST:
        refuse("losses", losses, f"at least {FEWEST} numbers, which {y.size} are not")
    t = np.arange(float(y.size)) if times is None else row("times", times)
    if t.size != y.size:
        refuse("times", f"{t.size} of them", f"{y.size} numbers, one for each loss")
    if np.any(np.diff(t) <= 0):
        k = int((np.diff(t) <= 0).argmax()) + 1
        raise ValueError(f"times must increase, but times[{k}] = {t[k]:g} follows {t[k - 1]:g}")
    known = None if floor is None else single("floor", floor)
    misfit = single("misfit", misfit, NON_NEGATIVE)

    span, size = t[-1] - t[0], np.ptp(y) or 1.0
    x, z = (t - t[0]) / span, (y - y.min()) / size
    fixed = None if known is None else (known - y.min()) / size
    fits = {law: _Fit(law, x, z, fixed) for law in ("exponential", "power law")}
    flat = _criterion(z - z.mean(), 1)
    taken = [
        fit
        for fit in fits.values()
        if fit.known and flat - fit.criterion > CLEAR and fit.describes(misfit)
    ]
    best = min(taken, key=lambda fit: fit.criterion, default=None)
    points, start, end = y.size, float(t[0]), float(t[-1])
    apart = fits["exponential"].criterion - fits["power law"].criterion
    if best is None:
        unknown = dict.fromkeys(_NUMBERS[:-3], np.nan)
        return Convergence(
            "neither", **unknown, noise=float(y.std()), points=points, start=start, end=end
        )
    reached = float(best.reached(best.values))
    power = best.law == "power law"
    return Convergence(
        law=best.law,
        floor=float(y.min() + size * best.values[-1]) if known is None else known,
        floor_error=float(size) * best.error_of(lambda p: p[-1]) if known is None else 0.0,
        excess=float(size * best.values[0]),
        time_constant=float(span * np.exp(best.values[1])),
        time_constant_error=float(span) * best.error_of(lambda p: np.exp(p[1])),
        exponent=float(np.exp(best.values[2])) if power else np.nan,
        exponent_error=best.error_of(lambda p: np.exp(p[2])) if power else np.nan,
        convergence_times=reached,
        convergence_times_error=best.error_of(best.reached),
        noise=float(size * np.sqrt(np.mean(best.residuals**2))),
        preference=float(apart if power else -apart),
        points=points,
        start=start,
        end=end,
    )


def _criterion(residuals: np.ndarray, parameters: int) -> float:
    """Schwarz's information criterion, the noise being one more parameter."""
    n = residuals.size
    variance = max(float(np.mean(residuals**2)), _ROUNDING)
    return n * np.log(variance) + (parameters + 1) * np.log(n)


class _Fit:
    """One law fitted to a curve whose span and range are 1.

    Values are those of A, ln τ, for a power law ln α, and the floor if it is free.
    """

    def __init__(self, law: str, x: np.ndarray, z: np.ndarray, floor: float | None):
        from scipy.optimize import least_squares

        self.law, self.x, self.z, self.floor = law, x, z, floor
        low = [-np.inf, np.log(np.diff(x).min() / 100)]
        high = [np.inf, np.log(LONGEST)]
        if law == "power law":
            low.append(np.log(_EXPONENTS[0]))
            high.append(np.log(_EXPONENTS[1]))
        if floor is None:
            low.append(-np.inf)
            high.append(np.inf)
        found = least_squares(
            lambda p: self.model(p) - z, self._guess(low[1]), self.slopes, bounds=(low, high),
            x_scale="jac", max_nfev=50,
        )  # fmt: skip
        self.values = found.x
        near = np.isclose(found.x, low, atol=0.01) | np.isclose(found.x, high, atol=0.01)
        self.inside = not near.any()
        self.residuals = found.fun
        self.criterion = _criterion(found.fun, found.x.size)
        self.covariances = self._covariances(found.jac)

    def shape(self, p):
        """How the excess falls from 1, and the derivatives with respect to ln τ and ln α."""
        gone = self.x * np.exp(-p[1])
        if self.law == "exponential":
            falls = np.exp(-gone)
            return falls, [falls * gone]
        alpha = np.exp(p[2])
        falls = (1 + gone) ** -alpha
        return falls, [alpha * falls * gone / (1 + gone), -alpha * falls * np.log1p(gone)]

    def model(self, p):
        """The law's curve."""
        return p[0] * self.shape(p)[0] + (p[-1] if self.floor is None else self.floor)

    def slopes(self, p):
        """Its derivatives, shape (points, values)."""
        falls, rest = self.shape(p)
        ones = [np.ones_like(self.x)] if self.floor is None else []
        return np.stack([falls, *(p[0] * each for each in rest), *ones], axis=1)

    def reached(self, p):
        """Convergence times from the first to the last point."""
        if self.law == "exponential":
            return np.exp(-p[1]) / 2
        return np.exp(p[2]) / 2 * np.log1p(np.exp(-p[1]))

    def _guess(self, shortest):
        """The best of a grid, A and the floor being linear, looked at in some of the points."""
        some = np.unique(np.linspace(0, self.x.size - 1, _LOOKS).astype(int))
        few = object.__new__(_Fit)
        few.law, few.x, few.floor = self.law, self.x[some], self.floor
        z = self.z[some] - (self.floor or 0.0)
        best, least = [], np.inf
        shapes: Any = (
            [[]] if self.law == "exponential" else np.log([[0.3], [0.5], [1.0], [2.0], [5.0]])
        )
        for start in np.linspace(shortest + np.log(100), np.log(LONGEST) - 1, 25):
            for rest in shapes:
                falls = few.shape([1.0, start, *rest])[0]
                ones = [np.ones_like(falls)] if self.floor is None else []
                design = np.stack([falls, *ones], axis=1)
                linear, *_ = np.linalg.lstsq(design, z, rcond=None)
                missed = np.sum((design @ linear - z) ** 2)
                if missed < least:
                    least, best = missed, [linear[0], start, *rest, *linear[1:]]
        return best

    def _covariances(self, slopes):
        """That for equal and independent noise, and Newey and West's for noise that is neither.

        In the latter a point that the fit follows counts for what it is off if it is left out.
        """
        n, k = slopes.shape
        bread = np.linalg.pinv(slopes.T @ slopes)
        leverage = np.einsum("ij,jk,ik->i", slopes, bread, slopes)
        scores = slopes * (self.residuals / np.maximum(1 - leverage, 1e-3))[:, None]
        filling = scores.T @ scores
        lags = min(int(1.5 * n ** (1 / 3)), n - 1)
        for lag in range(1, lags + 1):
            both = scores[lag:].T @ scores[:-lag]
            filling += (1 - lag / (lags + 1)) * (both + both.T)
        return bread * (self.residuals @ self.residuals / max(n - k, 1)), bread @ filling @ bread

    def error_of(self, function: Callable) -> float:
        """Standard error of a function of the values, the larger of two."""
        steps = 1e-6 * np.eye(self.values.size)
        slope = np.array(
            [(function(self.values + s) - function(self.values - s)) / 2e-6 for s in steps]
        )
        return float(np.sqrt(max(0.0, *(slope @ each @ slope for each in self.covariances))))

    @property
    def known(self) -> bool:
        """Whether the curve falls, and what describes it is known."""
        name = 1 if self.law == "exponential" else 2
        if not self.inside or self.values[0] <= 0:
            return False
        certain = self.error_of(self.reached) < KNOWN * self.reached(self.values)
        return bool(certain and self.error_of(lambda p: p[name]) < KNOWN)

    def describes(self, misfit: float) -> bool:
        """Whether what is left looks like noise, or is small beside the fall."""
        left, n = self.residuals, self.residuals.size
        total = np.sum(left**2)
        rough = np.sum(np.diff(left) ** 2) > (2 - 8 / np.sqrt(n)) * total
        blocks = np.array_split(left, max(4, int(np.sqrt(n))))
        smooth = np.mean([each.mean() ** 2 for each in blocks]) - total / n / (n / len(blocks))
        fall = self.values[0] * (1 - self.shape(self.values)[0][-1])
        return bool(rough or smooth < (misfit * fall) ** 2)

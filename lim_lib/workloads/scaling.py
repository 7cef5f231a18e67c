r"""How the operations of a training run grow with the size of the model.

Two answers that differ by orders of magnitude when they are carried to a size that nobody has
trained: what people have done (a regression over published runs), and what would be best for a
given number of operations (compute-optimal training, as many tokens as 20 times the parameters).
"""

from typing import Any, NamedTuple

import numpy as np

from lim_lib.validate import POSITIVE, Domain, number, refuse
from lim_lib.workloads.training import load_workloads
from lim_lib.workloads.walls import training_operations

TOKENS_PER_PARAMETER = 20.0
"""Of compute-optimal training (Hoffmann et al. 2022, hoffmann2022), rounded."""


class Prediction(NamedTuple):
    """A predicted number of operations with the ends of its interval.

    Parameters
    ----------
    low, value, high : float or ndarray
        In FLOP.
    decades : float or ndarray
        Standard error of the prediction, in powers of ten.
    """

    low: Any
    value: Any
    high: Any
    decades: Any


class Scaling(NamedTuple):
    """A straight line through log10 FLOP against log10 parameters.

    Parameters
    ----------
    slope, intercept : float
        Of the line.
    slope_error : float
        Standard error of the slope.
    residual : float
        Standard deviation of the runs about the line, in powers of ten.
    centre, spread : float
        Mean of log10 parameters, and the sum of squares about it.
    workloads : tuple of str
        The runs that were used.
    """

    slope: float
    intercept: float
    slope_error: float
    residual: float
    centre: float
    spread: float
    workloads: tuple[str, ...]

    def predict(self, model_size: Any, level: float | None = None) -> Prediction:
        """The FLOP of another run of that size.

        Parameters
        ----------
        model_size : float or array_like
            Parameters of the model.
        level : float, optional
            Probability of the interval, by Student's t; by default the interval is one standard
            error of prediction to either side (about 68 %).

        Returns
        -------
        Prediction
            The standard error contains the scatter of single runs as well as the doubt about the
            line, and assumes that both are normal in the logarithm. Beyond the sizes that have
            been trained it also assumes that the line goes on.

        Examples
        --------
        >>> Scaling(1.5, 7.0, 0.1, 1.0, 10.0, 50.0, ("a",) * 40).predict(1e12).value
        1e+25
        """
        x = np.log10(number("model_size", model_size, POSITIVE))
        count = len(self.workloads)
        decades = self.residual * np.sqrt(1 + 1 / count + (x - self.centre) ** 2 / self.spread)
        times = 1.0
        if level is not None:
            from scipy import stats

            inside = Domain(0, 1, low_allowed=False, high_allowed=False)
            times = stats.t.ppf((1 + number("level", level, inside)) / 2, count - 2)
        middle = self.intercept + self.slope * x
        ends = [10 ** (middle + shift * times * decades) for shift in (-1, 0, 1)]
        found = (*ends, decades)
        return Prediction(*(each if np.ndim(each) else float(each) for each in found))


def fit_scaling(runs: Any = None, *, since: float | None = None) -> Scaling:
    """Least squares of log10 FLOP on log10 parameters, over published runs.

    Parameters
    ----------
    runs : pandas.DataFrame, optional
        Some rows of `load_workloads`, those without FLOP are left out; by default all whose FLOP
        are no third-party estimates, as rumours are.
    since : float, optional
        Of these, only the runs of this year and later.

    Returns
    -------
    Scaling

    Raises
    ------
    ValueError
        With fewer than three runs, or all of one size.

    Examples
    --------
    All runs, then those from 2018 on, carried to 1e15 parameters:

    >>> for since in (None, 2018):
    ...     scaling = fit_scaling(since=since)
    ...     there = scaling.predict(1e15)
    ...     print(f"{len(scaling.workloads)} runs: 10^({np.log10(there.value):.1f} "
    ...           f"+- {there.decades:.1f})")
    43 runs: 10^(29.3 +- 1.2)
    34 runs: 10^(28.0 +- 1.1)
    """
    from scipy import stats

    columns = ("model_size", "flop", *(() if since is None else ("year",)))
    if runs is None:
        runs = load_workloads()
        runs = runs[runs["flop_standing"] != "third-party"]
    if not all(name in getattr(runs, "columns", ()) for name in columns):
        refuse("runs", runs, f"a table with {', '.join(columns)}, as of load_workloads", TypeError)
    runs = runs.dropna(subset=["model_size", "flop"])
    if since is not None:
        runs = runs[runs["year"] >= number("since", since)]
    x, y = (np.log10(number(f"runs[{name!r}]", runs[name], POSITIVE)) for name in columns[:2])
    if len(x) < 3 or np.ptp(x) == 0:
        refuse("runs", f"{len(x)} with FLOP", "three or more, not all of one size")
    line = stats.linregress(x, y)
    residual = y - (line.intercept + line.slope * x)
    return Scaling(
        float(line.slope),
        float(line.intercept),
        float(line.stderr),
        float(np.sqrt(np.sum(residual**2) / (len(x) - 2))),
        float(x.mean()),
        float(np.sum((x - x.mean()) ** 2)),
        tuple(runs.index),
    )


def compute_optimal(model_size: Any):
    """FLOP of compute-optimal training: six per parameter and token, 20 tokens per parameter.

    For a given number of operations, a larger model would see too few tokens and a smaller one
    could learn no more from its many (Hoffmann et al. 2022). A fit over models of 7e7 to 1.6e10
    parameters; carried further it is an extrapolation as well.

    Parameters
    ----------
    model_size : float or array_like
        Parameters of the model.

    Returns
    -------
    float or ndarray

    Examples
    --------
    >>> f"{compute_optimal(1e15):.2g}"
    '1.2e+32'
    """
    size = number("model_size", model_size, POSITIVE)
    return training_operations(size, TOKENS_PER_PARAMETER * size)

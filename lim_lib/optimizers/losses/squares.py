"""Least squares: a learner whose loss is quadratic in its weights."""

from typing import Any, ClassVar

import numpy as np

from lim_lib.optimizers.losses.base import Loss, column, table
from lim_lib.optimizers.quadratic import QuadraticProgram
from lim_lib.validate import POSITIVE, single

LARGEST = 1e140
"""Largest output or feature whose squares a double can sum."""


class LeastSquares(QuadraticProgram, Loss):
    r"""Half the squared errors of a linear learner, :math:`L(w) = \tfrac12 \sum_n (x_n w - y_n)^2`.

    In nats: the negative logarithm of a Gaussian likelihood whose noise has the variance 1.

    Parameters
    ----------
    features : array_like
        x, shape (data, features); a column of ones is a bias.
    targets : array_like
        y, shape (data,); for two classes -1 and 1.
    bits : int
        Bits of each weight, 1 to 24.
    span : float
        Weights lie in [-span, span].

    Raises
    ------
    ValueError, TypeError
        In one line, for features or targets that are not finite or do not fit together, or a span
        that is not positive.

    Examples
    --------
    >>> x = np.array([[-2, 1], [-1, 1], [1, 1], [2, 1]])
    >>> line = LeastSquares(x, [-1, -1, 1, 1], bits=5, span=1)
    >>> line
    LeastSquares of 2 weights of 5 bits, 4 data
    >>> weights = line.optimum().point
    >>> weights.round(6), round(line.value(weights), 6), line.accuracy(weights, x, line.targets)
    (array([0.6, 0. ]), 0.2, 1.0)
    """

    measures: ClassVar = {
        "features": ("1", "data", "features"),
        "targets": ("1", "data"),
        "span": ("1",),
    }

    features: np.ndarray
    targets: np.ndarray

    def __init__(self, features: Any, targets: Any, *, bits: int, span: float):
        x = table("features", features)
        y = column("targets", targets, len(x))
        span = single("span", span, POSITIVE)
        largest = max(span, 1.0) * np.abs(x).max() + np.abs(y).max()
        if not largest < LARGEST:
            raise ValueError(
                f"features and targets must be small enough for their squares, with span {span:g}, "
                f"got {np.abs(x).max():g} and {np.abs(y).max():g} as the largest"
            )
        for name, value in (("features", x), ("targets", y), ("span", span)):
            object.__setattr__(self, name, value)
        super().__init__(x.T @ x, -(x.T @ y), -span, span, bits=bits, offset=float(y @ y / 2))

    def __repr__(self):
        return f"LeastSquares of {self.size} weights of {self.bits} bits, {len(self.targets)} data"

    def predict(self, states: Any, features: Any) -> np.ndarray:
        """The output x w.

        Parameters
        ----------
        states : array_like
            Weights, shape (states, cells) or (cells,).
        features : array_like
            Shape (data, features).

        Returns
        -------
        ndarray
            Shape (states, data) or (data,).
        """
        return self._states("states", states) @ self._features(features).T

    @property
    def answers(self) -> np.ndarray:
        """All targets; a prediction counts as the nearest of them."""
        return np.unique(self.targets)

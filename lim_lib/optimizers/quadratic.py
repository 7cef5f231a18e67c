"""Convex quadratic programs in a box, each variable in one cell of 2^b levels."""

from typing import Any, NamedTuple

import numpy as np
from scipy import optimize, sparse

from lim_lib.optimizers.landscape import Landscape, matrix
from lim_lib.validate import REAL, integer, number, refuse


class Optimum(NamedTuple):
    """The solution of a quadratic program between the levels, too.

    Parameters
    ----------
    energy : float
        H there.
    point : ndarray
        Values of the variables.
    """

    energy: float
    point: np.ndarray


class QuadraticProgram(Landscape):
    r"""Minimize :math:`H(x) = \tfrac12 x^T A x + c^T x` in a box, with b bits a variable.

    Level n of a variable stands for :math:`x = l + (u - l)\, n/(2^b - 1)`.

    Parameters
    ----------
    hessian : array_like or sparse array
        A, symmetric, no negative eigenvalue, shape (variables, variables).
    linear : float or array_like
        c, a number or shape (variables,).
    lower, upper : float or array_like
        The box, l < u.
    bits : int
        Bits b of each variable, 1 to 24.

    Raises
    ------
    ValueError, TypeError
        In one line, for a Hessian that is not symmetric or not convex, or a box that is empty.

    Examples
    --------
    >>> program = QuadraticProgram([[2, 1], [1, 2]], [-3, 0], lower=-1, upper=1, bits=4)
    >>> program.ground_state().states.round(2)
    array([[ 1.  , -0.47]])
    >>> program.optimum().point.round(6)
    array([ 1. , -0.5])
    """

    def __init__(
        self, hessian: Any, linear: Any = 0.0, lower: Any = 0.0, upper: Any = 1.0, *, bits: int
    ):
        a = matrix("hessian", hessian)
        size = a.shape[0]
        vectors = {}
        for name, given in (("linear", linear), ("lower", lower), ("upper", upper)):
            values = np.asarray(number(name, given, REAL))
            if values.shape not in ((), (size,)):
                refuse(name, given, f"one number, or {size} of them")
            vectors[name] = np.broadcast_to(values, size).astype(float)
        c, low, high = vectors.values()
        empty = np.flatnonzero(low >= high)
        if empty.size:
            i = empty[0]
            raise ValueError(
                f"lower must be below upper, got {low[i]:g} and {high[i]:g} for variable {i}"
            )
        least = np.linalg.eigvalsh(a.toarray() if sparse.issparse(a) else a)[[0, -1]]
        if least[0] < -1e-10 * max(least[1], -least[0]):
            raise ValueError(
                f"hessian must have no negative eigenvalue (convex), got {least[0]:.6g}"
            )
        levels = 2 ** integer("bits", bits, low=1, high=24)
        spacing = (high - low) / (levels - 1)
        scale = sparse.diags_array(spacing)
        super().__init__(
            curvature=scale @ a @ scale,
            slope=spacing * (a @ low + c),
            constant=float(low @ (a @ low) / 2 + c @ low),
            levels=levels,
        )
        for name, value in (("hessian", a), *vectors.items()):
            object.__setattr__(self, name, value)

    def __repr__(self):
        return f"QuadraticProgram of {self.size} variables of {self.bits:g} bits"

    @property
    def spacing(self) -> np.ndarray:
        """Distance between two levels of each variable."""
        return (self.upper - self.lower) / (self.levels - 1)

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """Values of the variables at given levels."""
        return self.lower + self.spacing * levels

    def encode(self, states: Any) -> np.ndarray:
        """The nearest levels of given values, which must lie in the box."""
        x = np.asarray(number("states", states, REAL))
        if x.shape[-1:] != (self.size,) or x.ndim > 2:
            refuse("states", states, f"an array of shape (states, {self.size})")
        slack = 1e-9 * (self.upper - self.lower)
        if np.any(x < self.lower - slack) or np.any(x > self.upper + slack):
            refuse("states", states, "inside the box")
        n = np.rint((x - self.lower) / self.spacing).astype(np.int64)
        return np.clip(n, 0, self.levels - 1)

    def value(self, points: Any) -> np.ndarray:
        """H anywhere, on a level or between two.

        Parameters
        ----------
        points : array_like
            Shape (points, variables) or (variables,).
        """
        x = np.asarray(number("points", points, REAL))
        values = np.einsum("...i,...i", x, (self.hessian @ x.T).T / 2 + self.linear)
        return values if values.ndim else float(values)

    def optimum(self) -> Optimum:
        """The least H in the box with real variables, by SciPy's L-BFGS-B.

        Returns
        -------
        Optimum
            No state on the levels lies below its energy.
        """
        found = optimize.minimize(
            self.value,
            (self.lower + self.upper) / 2,
            jac=lambda x: self.hessian @ x + self.linear,
            bounds=np.stack([self.lower, self.upper], axis=1),
            method="L-BFGS-B",
            options={"maxiter": 100_000, "maxfun": 1_000_000, "ftol": 1e-16, "gtol": 1e-12},
        )
        return Optimum(float(found.fun), found.x)

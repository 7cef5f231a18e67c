"""Convex quadratic programs in a box, each variable in one cell of 2^b levels."""

import warnings
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy import optimize, sparse
from scipy.sparse import linalg

from lim_lib.engine import one_blas_thread
from lim_lib.optimizers.landscape import Landscape, matrix, vector
from lim_lib.optimizers.problem import must_be_array
from lim_lib.schedules import ExponentialDecay, MatchedBarrier, OptimalStiffness
from lim_lib.units import thermal_energy
from lim_lib.validate import POSITIVE, RegimeWarning, integer, number, refuse, single

ROUNDING = 1 / 12
"""Mean square of what rounding to whole levels takes away, in levels²."""

DENSE = 2000
"""Most variables of a sparse program whose eigenvalues are computed, to name the least."""


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


@dataclass(frozen=True)
class Focus:
    """The scale λ that holds the spread of a variable as a spring does, on the clock of hops.

    Parameters
    ----------
    spring : OptimalStiffness
        Stiffness in J per level², its time in hops.
    barrier : MatchedBarrier
        Whose hop budget is the clock.
    curvature : float
        Of H, per level².
    """

    spring: OptimalStiffness
    barrier: MatchedBarrier
    curvature: float

    def __call__(self, time: Any) -> float | np.ndarray:
        """λ in J per unit of H at a time in s."""
        hops = np.minimum(self.barrier.hop_budget(time), self.spring.duration)
        return self.spring(hops) / self.curvature


class QuadraticProgram(Landscape):
    r"""Minimize :math:`H(x) = \tfrac12 x^T A x + c^T x + h_0` in a box, with b bits a variable.

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
    offset : float
        h_0.

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

    measures: ClassVar = {
        "linear": ("H/variable", "cells"),
        "lower": ("variable", "cells"),
        "upper": ("variable", "cells"),
        "offset": ("H",),
    }

    hessian: sparse.csr_array
    linear: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    offset: float

    def __init__(
        self,
        hessian: Any,
        linear: Any = 0.0,
        lower: Any = 0.0,
        upper: Any = 1.0,
        *,
        bits: int,
        offset: float = 0.0,
    ):
        a = matrix("hessian", hessian)
        size = a.shape[0]
        given = {"linear": linear, "lower": lower, "upper": upper}
        vectors = {name: vector(name, value, size) for name, value in given.items()}
        c, low, high = vectors.values()
        empty = np.flatnonzero(low >= high)
        if empty.size:
            i = empty[0]
            raise ValueError(
                f"lower must be below upper, got {low[i]:g} and {high[i]:g} for variable {i}"
            )
        _check_convex(a)
        levels = 2 ** integer("bits", bits, low=1, high=24)
        offset = single("offset", offset)
        spacing = (high - low) / (levels - 1)
        scale = sparse.diags_array(spacing)
        super().__init__(
            curvature=scale @ a @ scale,
            slope=spacing * (a @ low + c),
            constant=float(low @ (a @ low) / 2 + c @ low) + offset,
            levels=levels,
        )
        for name, value in (("hessian", a), *vectors.items(), ("offset", offset)):
            object.__setattr__(self, name, value)

    def __repr__(self):
        return f"QuadraticProgram of {self.size} variables of {self.bits:g} bits"

    @property
    def bits(self) -> int:
        """Bits of each variable."""
        return self.levels.bit_length() - 1

    @property
    def spacing(self) -> np.ndarray:
        """Distance between two levels of each variable."""
        return (self.upper - self.lower) / (self.levels - 1)

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """Values of the variables at given levels."""
        return self.lower + self.spacing * levels

    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """The nearest levels of given values, which must lie in the box."""
        x = self._states(name, states)
        slack = 1e-9 * (self.upper - self.lower)
        if np.any(x < self.lower - slack) or np.any(x > self.upper + slack):
            low, high = self.lower.min(), self.upper.max()
            refuse(name, states, f"inside the box, from {low:g} to {high:g}")
        n = np.rint((x - self.lower) / self.spacing).astype(np.int64)
        return np.clip(n, 0, self.levels - 1)

    def subject_to(self, matrix: Any, target: Any, *, penalty: float) -> "QuadraticProgram":
        r"""The program with a penalty for what misses C x = d, :math:`\tfrac{w}{2} |C x - d|^2`.

        The larger w, the closer the constraints are kept, to multipliers/w, and the worse the
        program is resolved along them: cells move one level at a time, and each move leaves the
        constraints. Of ρ, the penalty's mean curvature over the program's, comes a loss of
        :math:`\tfrac12 \log_2(1 + \rho)` bits at the scale that resolves both.

        Parameters
        ----------
        matrix : array_like or sparse array
            C, shape (constraints, variables), or a row.
        target : float or array_like
            d, a number for each constraint.
        penalty : float
            w, per unit of H.

        Returns
        -------
        QuadraticProgram
            In the same box, with as many bits; its H includes the penalty.

        Raises
        ------
        ValueError, TypeError
            In one line, for other shapes, and a constraint that no point of the box fulfils.

        Warns
        -----
        RegimeWarning
            If more than half of the bits are lost.

        Examples
        --------
        Two variables that share one unit:

        >>> free = QuadraticProgram([[2, 0], [0, 1]], bits=6)
        >>> program = free.subject_to([1, 1], 1.0, penalty=30.0)
        >>> program.optimum().point.round(2), program.ground_state().states.round(2)
        (array([0.33, 0.65]), array([[0.33, 0.65]]))
        """
        if sparse.issparse(matrix):
            matrix = matrix.toarray()
        must_be_array("matrix", matrix, f"an array of shape (constraints, {self.size})")
        rows = np.atleast_2d(number("matrix", matrix))
        if rows.ndim != 2 or rows.shape[1] != self.size or not rows.shape[0]:
            refuse("matrix", matrix, f"an array of shape (constraints, {self.size})")
        d = vector("target", target, len(rows))
        weight = single("penalty", penalty, POSITIVE)
        low, high = np.sort([rows * self.lower, rows * self.upper], axis=0).sum(axis=-1)
        for i in np.flatnonzero((d < low) | (d > high))[:1]:
            refuse(f"target[{i}]", float(d[i]), f"from {low[i]:g} to {high[i]:g}, between which "
                   f"row {i} of the matrix stays in the box")  # fmt: skip
        c = sparse.csr_array(rows) if sparse.issparse(self.hessian) else rows
        added = weight * (c.T @ c)
        self._warn_of_stiffness(added.diagonal())
        return QuadraticProgram(
            self.hessian + added,
            self.linear - weight * (c.T @ d),
            self.lower,
            self.upper,
            bits=self.bits,
            offset=self.offset + weight * float(d @ d) / 2,
        )

    def _warn_of_stiffness(self, added: np.ndarray) -> None:
        """Tell of a penalty so curved that the program is hardly resolved beside it."""
        own = float(self.curvature.diagonal().mean())
        ratio = float((added * self.spacing**2).mean()) / own if own else 0.0
        lost = np.log2(1 + ratio) / 2
        if lost > self.bits / 2:
            warnings.warn(
                f"subject_to: the penalty is {ratio:.3g} times as curved as the program, which "
                f"costs {min(lost, self.bits):.2g} of {self.bits} bits along the constraints; a "
                "smaller penalty costs fewer",
                RegimeWarning,
                stacklevel=3,
            )

    def value(self, points: Any) -> np.ndarray:
        """H anywhere, on a level or between two.

        Parameters
        ----------
        points : array_like
            Shape (points, variables) or (variables,).
        """
        x = self._states("points", points)
        values = np.einsum("...i,...i", x, (self.hessian @ x.T).T / 2 + self.linear) + self.offset
        return values if values.ndim else values.item()

    @one_blas_thread()
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

    def resolving_scale(self, temperature: float = 300.0) -> float:
        """The scale λ at which noise and rounding cost the same, 12 kT over the mean curvature.

        By equipartition the noise raises H by kT/2λ for each variable, and rounding to whole levels
        by 1/24 of the curvature per level². The scale is in proportion to (2^b - 1)².

        Parameters
        ----------
        temperature : float
            Temperature in K.

        Returns
        -------
        float
            In J per unit of H.

        Raises
        ------
        ValueError
            If H has no curvature at all.

        Examples
        --------
        >>> coarse, fine = (QuadraticProgram(1.0, bits=b).resolving_scale() for b in (4, 8))
        >>> round(fine / coarse)
        289
        """
        kT = thermal_energy(number("temperature", temperature, POSITIVE))
        return kT / (ROUNDING * self._mean_curvature())

    def matched_schedules(
        self,
        drive: float,
        *,
        time_constant: float = 1.0,
        attempt_rate: float = 1e9,
        temperature: float = 300.0,
    ) -> dict:
        """Scale, barrier and duration that gain a bit of each variable in every time τ ln 2.

        The spread of a variable is to fall from that of the whole ladder, 2^b/√12 levels, to that
        of one level, in proportion to exp(-t/τ), and the barrier is matched to that. On the clock
        of hops this is the spring of least heat, with one level² per hop as the diffusivity; where
        levels are fine and the minimum is not near a wall the heat is that of
        `lim_lib.bounds.finite_time`.

        Parameters
        ----------
        drive : float
            χ = v/2r of a cell that moves as the spread falls, χ > 0: the levels that the spread
            loses, over twice the hop budget.
        time_constant : float
            τ in s.
        attempt_rate : float
            Attempt frequency Γ_0 in 1/s.
        temperature : float
            Temperature in K.

        Returns
        -------
        dict
            ``schedule``, ``barrier``, ``duration`` and ``temperature`` for `anneal`.

        Examples
        --------
        >>> from lim_lib.optimizers import anneal
        >>> program = QuadraticProgram([[2, 1], [1, 2]], [-0.3, 0], lower=-1, upper=1, bits=4)
        >>> run = anneal(program, **program.matched_schedules(0.01), replicas=100, seed=1)
        >>> bool(run.mean_energy - program.optimum().energy < 0.01)
        True
        """
        spread = self.levels * np.sqrt(ROUNDING)
        narrowing = ExponentialDecay(spread / number("time_constant", time_constant, POSITIVE),
                                     time_constant)  # fmt: skip
        barrier = MatchedBarrier(drive, narrowing, attempt_rate, temperature)
        duration = time_constant * np.log(self.levels)
        hops = barrier.hop_budget(duration)
        spring = OptimalStiffness(spread, self.bits, 1.0, hops, temperature=temperature)
        return {
            "schedule": Focus(spring, barrier, self._mean_curvature()),
            "barrier": barrier,
            "duration": duration,
            "temperature": temperature,
        }

    def _mean_curvature(self) -> float:
        mean = float(self.curvature.diagonal().mean())
        return mean if mean > 0 else refuse("hessian", self.hessian, "curved somewhere")


def _check_convex(hessian) -> None:
    """Refuse a matrix with a negative eigenvalue, by its Cholesky factor where it has one.

    The slack, 1e-10 of the largest eigenvalue or less, leaves room for rounding.
    """
    slack = 1e-10 * max(0.0, hessian.diagonal().max())
    if sparse.issparse(hessian):
        if slack and _factors(hessian + slack * sparse.eye_array(hessian.shape[0])):
            return
        if hessian.shape[0] > DENSE:
            refuse("hessian", hessian, f"without an eigenvalue below {-slack:.3g} (convex)")
        hessian = hessian.toarray()
    least, *_, largest = np.linalg.eigvalsh(hessian)[[0, -1]]
    if least < -1e-10 * max(largest, -least):
        raise ValueError(f"hessian must have no negative eigenvalue (convex), got {least:.6g}")


def _factors(matrix) -> bool:
    """Whether a sparse symmetric matrix is positive definite: all pivots are (Sylvester)."""
    try:
        factor = linalg.splu(
            matrix.tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
    except RuntimeError:  # exactly singular
        return False
    in_place = np.array_equal(factor.perm_r, factor.perm_c)
    return bool(in_place and (factor.U.diagonal() > 0).all())

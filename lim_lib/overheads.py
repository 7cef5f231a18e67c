r"""What a lower bound on the memory leaves out, as far as it has laws of its own.

The rungs of `lim_lib.bounds` price the memory alone: its controls are moved for nothing, all
parameters are steered together, no move is wasted, and whatever computes the gradient is not
counted. Here is what the first three cost; `lim_lib.workloads.wall_socket` adds up a machine.

- *control*: a barrier that is charged like a capacitor C through a resistance R loses
  :math:`C V^2` times a fraction that only slowness makes small (`ramp_loss`); and a control that
  is to be exact stores kT/2 times the square of its signal-to-noise ratio (`signal_energy`);
- *modularity*: parameters that are changed without regard to each other lose kT times what they
  told about each other (`modularity_loss`, `gaussian_correlation`);
- *moves that cancel*: stochastic gradients command a path much longer than the way
  (`commanded_path`, `net_path`);
- *cold*: what a cold memory saves, its refrigerator takes (`carnot_work`, `refrigerated`).

Correlations are in nats, energies in J.
"""

from typing import Any

import numpy as np
import sympy as sp

from lim_lib.formula import Requirement, StableFunction, formula
from lim_lib.symbols import ambient, heat, temperature
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Broadcast, Domain, integer, number, refuse


class RampLoss(StableFunction):
    r"""Loss of a linear ramp over RC circuits, as a part of CV²: :math:`(s - 1 + e^{-s})/s^2`."""

    @staticmethod
    def definition(slowness):
        return (slowness - 1 + sp.exp(-slowness)) / slowness**2

    @classmethod
    def numeric(cls, slowness):
        slowness = np.asarray(slowness, dtype=float)
        near = np.minimum(slowness, 0.1)  # where the difference cancels
        series = np.polynomial.polynomial.polyval(near, _RAMP_SERIES)
        far = np.maximum(slowness, 0.1)
        return np.where(slowness < 0.1, series, (far + np.expm1(-far)) / far**2)[()]


_RAMP_SERIES = [float((-1) ** n / sp.factorial(n + 2)) for n in range(9)]


def ramp_loss(slowness: Any) -> Broadcast:
    """Part of CV² that is lost when a capacitor is charged by a linear ramp.

    Parameters
    ----------
    slowness : float or array_like
        Duration of the ramp over RC, s > 0.

    Returns
    -------
    float or ndarray
        (s - 1 + exp(-s))/s²: one half for a sudden step, 1/s for a slow ramp. Discharging costs
        the same again.

    Raises
    ------
    ValueError, TypeError
        If the slowness is not a positive number.

    Examples
    --------
    >>> print(f"{ramp_loss(1e-9):.3f} {ramp_loss(1000):.6f}")
    0.500 0.000999
    """
    return RampLoss.numeric(number("slowness", slowness, POSITIVE))


def signal_energy(signal_to_noise: Any, temperature: Any = 300.0) -> Broadcast:
    """Energy that a linear control stores at full deflection: kT/2 times (range over noise)².

    A control coordinate with the energy κx²/2 has thermal noise of variance kT/κ. Moved by X it
    stores κX²/2, whatever κ is and whatever the coordinate moves.

    Parameters
    ----------
    signal_to_noise : float or array_like
        Range X over the standard deviation of the noise.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        In J; half of CV² for a capacitor.

    Raises
    ------
    ValueError, TypeError
        If an argument is negative or no number.

    Examples
    --------
    A barrier of 60 kT that is to be right to 0.3 kT:

    >>> print(f"{signal_energy(60 / 0.3) / thermal_energy():.0f} kT")
    20000 kT
    """
    ratio = number("signal_to_noise", signal_to_noise, NON_NEGATIVE)
    return thermal_energy(temperature) * ratio**2 / 2


_COLD = (Requirement(temperature <= ambient, "temperature must be at most ambient"),)


@formula(heat * (ambient / temperature - 1), requires=_COLD)
def carnot_work(heat, ambient, temperature=300.0):
    """Least work of a refrigerator that carries heat from the bath to a warmer one: Carnot's.

    The entropy Q/T that leaves the cold must arrive: (Q + W)/T_a >= Q/T.

    Parameters
    ----------
    heat : float or array_like
        Heat Q given to the cold bath in J.
    ambient : float or array_like
        Temperature of the warmer bath in K.
    temperature : float or array_like
        Temperature of the cold one in K, at most that of the warmer.

    Returns
    -------
    float or ndarray
        In J.

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.

    Examples
    --------
    >>> carnot_work(heat=1.0, ambient=300.0, temperature=4.0)
    74.0
    """


@formula(sp.factor(heat + carnot_work.expression), requires=_COLD)
def refrigerated(heat, ambient, temperature=300.0):
    """Heat of a cold memory and of its refrigerator, as it arrives where it is warm: Q T_a/T.

    A bound of some kT a bit at T is so many k T_a a bit: the cold gains nothing.

    Parameters
    ----------
    heat, ambient, temperature
        As of `carnot_work`.

    Returns
    -------
    float or ndarray
        In J, at least.

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.

    Examples
    --------
    >>> refrigerated(heat=1.0, ambient=300.0, temperature=4.0)
    75.0
    """


def total_correlation(joint: Any) -> float:
    """Sum of the entropies of the parts less the entropy of the whole, in nats.

    For two parts it is their mutual information.

    Parameters
    ----------
    joint : array_like
        Probabilities, one axis for each part.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If these are no probabilities.

    Examples
    --------
    Two bits that always agree:

    >>> print(f"{total_correlation([[0.5, 0], [0, 0.5]]):.4f}")
    0.6931
    """
    from scipy.special import entr

    p = np.asarray(number("joint", joint, NON_NEGATIVE), dtype=float)
    if p.ndim == 0 or abs(p.sum() - 1) > 1e-9:
        refuse("joint", joint, "probabilities with sum 1, one axis for each part")
    axes = range(p.ndim)
    parts = (p.sum(axis=tuple(other for other in axes if other != axis)) for axis in axes)
    return float(sum(entr(part).sum() for part in parts) - entr(p).sum())


def modularity_loss(before: Any, after: Any, temperature: float = 300.0) -> float:
    """Heat beyond the least, when each part is changed without regard to the others.

    kT times the fall of the total correlation (Boyd, Mandal and Crutchfield 2018).

    Parameters
    ----------
    before, after : array_like
        Joint probabilities of the parts at both ends, one axis for each part.
    temperature : float
        Temperature in K.

    Returns
    -------
    float
        In J; never negative for changes of each part by itself.

    Raises
    ------
    ValueError, TypeError
        If these are no probabilities.

    Examples
    --------
    >>> known = [[1, 0], [0, 0]]
    >>> print(f"{modularity_loss([[0.4, 0.1], [0.1, 0.4]], known) / thermal_energy():.4f} kT")
    0.1927 kT
    """
    lost = total_correlation(before) - total_correlation(after)
    return float(thermal_energy(temperature) * lost)


def gaussian_correlation(covariance: Any) -> float:
    """Total correlation of normal variables: half of the sum of ln C_ii less ln det C, in nats.

    Parameters
    ----------
    covariance : array_like
        Positive definite matrix C.

    Returns
    -------
    float

    Raises
    ------
    ValueError, TypeError
        If it is no covariance matrix.

    Examples
    --------
    >>> print(f"{gaussian_correlation([[1, 0.6], [0.6, 1]]):.4f}")
    0.2231
    """
    matrix = np.asarray(number("covariance", covariance))
    square = matrix.ndim == 2 and matrix.shape[0] == matrix.shape[1]
    if not square or not np.allclose(matrix, matrix.T):
        refuse("covariance", covariance, "a symmetric matrix")
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        refuse("covariance", covariance, "positive definite")
    return float(np.log(np.diag(matrix)).sum() / 2 - np.log(np.diag(root)).sum())


def _mean_size(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Mean of ``|x|`` for a normal x."""
    from scipy.special import erf

    spread = np.sqrt(variance)
    z = mean / spread / np.sqrt(2)
    return spread * np.sqrt(2 / np.pi) * np.exp(-(z**2)) + mean * erf(z)


def commanded_path(
    steps: int, *, contraction: float, noise: float, start: float = 0.0
) -> np.ndarray:
    """Mean length of the path that stochastic gradient descent commands, after each step.

    On a quadratic loss of curvature h the parameter moves by -c w - ν ξ in a step: c is h times
    the learning rate, ν the learning rate times the noise of the gradient, ξ standard normal.

    Parameters
    ----------
    steps : int
        Number of steps.
    contraction : float
        c, from 0 (no slope: a random walk) to below 2.
    noise : float
        ν > 0, in the unit of the parameter.
    start : float
        Where the parameter starts; the optimum is 0.

    Returns
    -------
    ndarray
        Mean of the sum of ``|moves|`` after 1, 2, … steps.

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.

    Examples
    --------
    >>> path = commanded_path(100, contraction=0, noise=1)
    >>> print(f"{path[-1]:.2f}")
    79.79
    """
    mean, variance, noise = _descent(steps, contraction, noise, start)
    moves = _mean_size(-contraction * mean[:-1], contraction**2 * variance[:-1] + noise**2)
    return np.cumsum(moves)


def net_path(steps: int, *, contraction: float, noise: float, start: float = 0.0) -> np.ndarray:
    """Mean distance from its start at which stochastic gradient descent is, after each step.

    Parameters
    ----------
    steps, contraction, noise, start
        As of `commanded_path`.

    Returns
    -------
    ndarray
        Mean of ``|w - start|`` after 1, 2, … steps: the transport from the start.

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.

    Examples
    --------
    >>> print(f"{net_path(100, contraction=0, noise=1)[-1]:.3f}")
    7.979
    """
    mean, variance, _ = _descent(steps, contraction, noise, start)
    return _mean_size(mean[1:] - start, variance[1:])


def _descent(steps, contraction, noise, start):
    """Mean and variance of the parameter before the first step and after each."""
    steps = integer("steps", steps)
    contraction = number("contraction", contraction, Domain(0, 2, high_allowed=False))
    noise, start = number("noise", noise, POSITIVE), number("start", start)
    left = (1 - contraction) ** np.arange(steps + 1)
    forgetting = contraction * (2 - contraction)
    grown = -np.expm1(np.arange(steps + 1) * np.log1p(-forgetting)) if forgetting < 1 else 1 - left
    terms = grown / forgetting if forgetting else np.arange(steps + 1.0)
    return start * left, noise**2 * terms, noise

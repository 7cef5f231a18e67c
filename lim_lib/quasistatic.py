r"""A tilted double well, driven infinitely slowly: work and heat from averages by quadrature.

Model: one overdamped particle in :math:`U(y) = E_b (y^2 - 1)^2 - \epsilon y/2`, where y is the
position in units of the half width a, so that the wells sit at -1 and 1 and the tilt
:math:`\epsilon` is the energy by which the left one lies above the right one. The middle, y = 0,
divides the line in two sides.

Each side is always in equilibrium with itself. Whether the two are in equilibrium with each other
is for the protocol to say: while they are *joined*, the particle is on the left with probability
:math:`Z_L/(Z_L + Z_R)`; while they are not, that probability stays what it was. So the time of a
leg of the protocol is long for the relaxation inside a well and, if the sides are not joined,
short for the hop between them; when they are joined again without being in equilibrium, they
relax at once, without work.

Sign convention: work is done on the particle, heat is given to the bath, so that
work = heat + change of energy.

Contents: `POTENTIAL`, `potential`, `density`, `drive`, `Drive`.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy as sp
from scipy.integrate import cumulative_simpson, simpson
from scipy.special import expit

from lim_lib import symbols
from lim_lib.formula import numeric
from lim_lib.memory import DOUBLE_WELL
from lim_lib.symbols import barrier, tilt
from lim_lib.units import thermal_energy
from lim_lib.validate import (
    POSITIVE,
    Domain,
    Numbers,
    RegimeWarning,
    integer,
    number,
    refuse,
    single,
)

position = sp.Symbol("y", real=True)
"""Position in units of the half width a."""

POTENTIAL = DOUBLE_WELL.subs(symbols.position, position * symbols.half_width)
"""The tilted double well in J, in units of the half width."""

_WANTED = (position, barrier, tilt)
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)
_SIDES = (-1.0, 1.0)
_COARSEST = 0.45  # share of a side's probability that one node may stand for
_UNCERTAIN = 1e-3  # error of the work in kT that is warned of
_EXPONENT = 60.0  # of the Boltzmann factor at the end of the grid, at least


def potential(position, barrier, tilt):
    """The tilted double well: E_b (y² - 1)² - ε y/2.

    Parameters
    ----------
    position : float or array_like
        Position y = x/a.
    barrier, tilt : float or array_like
        Height of the barrier without the tilt, and energy of the left well above the right, in J.

    Returns
    -------
    float or ndarray
        Energy in J.

    Examples
    --------
    >>> potential([-1, 0, 1], barrier=8.0, tilt=2.0).tolist()
    [1.0, 8.0, -1.0]
    """
    values = [number(n, v) for n, v in (("position", position), ("barrier", barrier))]
    return numeric(POTENTIAL, _WANTED)(*values, number("tilt", tilt))


def _sides(heights, tilts, kT):
    """Of both sides (first axis): ln Z, <dU/dE_b>, <dU/dε> and <U>/kT, in units of kT."""
    end = np.sqrt(1 + np.sqrt((_EXPONENT + 3 * np.abs(tilts)) / heights))
    y = np.multiply.outer(_SIDES, end)[..., None] * (1 + _NODES) / 2
    at = y, heights[:, None] * kT, tilts[:, None] * kT
    energy = numeric(POTENTIAL, _WANTED)(*at) / kT
    lowest = energy.min(axis=-1, keepdims=True)
    weight = np.exp(lowest - energy) * _WEIGHTS / 2
    total = weight.sum(axis=-1)
    if (weight.max(axis=-1) > _COARSEST * total).any():
        raise ValueError(
            f"barrier and tilt must be low enough for the grid to resolve the wells, got up to "
            f"{heights.max():.3g} kT and {np.abs(tilts).max():.3g} kT"
        )
    log_z = np.log(end * total) - lowest[..., 0]
    slopes = (numeric(sp.diff(POTENTIAL, each), _WANTED)(*at) for each in (barrier, tilt))
    means = [(weight * part).sum(axis=-1) / total for part in (*slopes, energy)]
    return log_z, *means


def _left_in_equilibrium(log_z):
    return expit(log_z[0] - log_z[1])


def density(position, barrier, tilt, left, temperature=300.0):
    """Probability density of y, each side in equilibrium with itself.

    Parameters
    ----------
    position : array_like
        Positions y = x/a.
    barrier, tilt : float
        The potential, in J.
    left : float
        Probability of the left side.
    temperature : float
        Temperature in K.

    Returns
    -------
    ndarray
        Probability per unit of y.

    Examples
    --------
    >>> y = np.linspace(-3, 3, 6001)
    >>> rho = density(y, barrier=4e-20, tilt=0.0, left=0.25)
    >>> round(float(np.trapezoid(rho, y)), 4), round(float(np.trapezoid(rho[y < 0], y[y < 0])), 4)
    (1.0, 0.25)
    """
    y = np.asarray(number("position", position))
    kT = thermal_energy(temperature)
    barrier, tilt = single("barrier", barrier, POSITIVE), single("tilt", tilt)
    left = single("left", left, Domain(0, 1))
    heights, tilts = np.array([barrier]) / kT, np.array([tilt]) / kT
    log_z = _sides(heights, tilts, kT)[0][:, 0]
    share = np.where(y < 0, left * np.exp(-log_z[0]), (1 - left) * np.exp(-log_z[1]))
    return share * np.exp(-potential(y, barrier, tilt) / kT)


@dataclass(frozen=True)
class Drive:
    """What a protocol does, point by point.

    Parameters
    ----------
    progress : ndarray
        0 at the first corner, 1 at the second, and so on.
    barrier, tilt : ndarray
        The potential, in J.
    left : ndarray
        Probability of the left side.
    work, heat : ndarray
        Work done on the particle and heat given to the bath since the start, in J.
    energy : ndarray
        Mean energy, in J.
    """

    progress: np.ndarray
    barrier: np.ndarray
    tilt: np.ndarray
    left: np.ndarray
    work: np.ndarray
    heat: np.ndarray
    energy: np.ndarray

    def at(self, progress: float) -> dict[str, float]:
        """Every quantity at the point of the path that is nearest to `progress`."""
        index = int(np.argmin(np.abs(self.progress - progress)))
        return {name: float(values[index]) for name, values in vars(self).items()}


def drive(
    corners: Numbers,
    joined: Sequence[bool],
    *,
    left: float = 0.5,
    temperature: float = 300.0,
    points: int = 64,
) -> Drive:
    """Work and heat of a protocol that goes from corner to corner, by quadrature.

    Work is the integral of <dU/dλ> dλ (Simpson's rule along the path), the averages are integrals
    over each side (Gauss and Legendre's rule), heat is work minus the change of mean energy.

    Parameters
    ----------
    corners : sequence of pairs of float
        Barrier (> 0) and tilt at each corner, in J. Between corners the tilt changes linearly,
        the barrier by equal factors.
    joined : sequence of bool
        For each leg between two corners: are the two sides in equilibrium with each other?
    left : float
        Probability of the left side at the start, in [0, 1].
    temperature : float
        Temperature in K.
    points : int
        Intervals of each leg, an even number.

    Returns
    -------
    Drive

    Raises
    ------
    ValueError, TypeError
        If an argument is not of the kind described, or a well too narrow for the grid.

    Warns
    -----
    RegimeWarning
        If the points are too few for a work that is right to 0.001 kT.

    Notes
    -----
    The model: Landauer, IBM J. Res. Dev. 5, 183 (1961), and Bennett, Int. J. Theor. Phys. 21, 905
    (1982), with the quartic potential of this book.

    Examples
    --------
    Erasing one bit: barrier down, tilt, barrier up, tilt off.

    >>> kT = thermal_energy()
    >>> corners = kT * np.array([(20, 0), (1, 0), (1, 12), (20, 12), (20, 0)])
    >>> end = drive(corners, [True, True, True, False]).at(4)
    >>> round(end["work"] / kT, 4), round(end["heat"] / kT, 4)
    (0.6931, 0.6931)
    """
    kT = thermal_energy(temperature)
    path = np.asarray(number("corners", corners)) / kT
    if path.ndim != 2 or path.shape[1] != 2 or len(path) < 2 or path[:, 0].min() <= 0:
        refuse("corners", corners, "two or more pairs (barrier > 0, tilt)")
    if len(joined) != len(path) - 1:
        refuse("joined", joined, "one truth value for each leg between two corners")
    share = left = single("left", left, Domain(0, 1))
    points = integer("points", points, low=2)
    if points % 2:
        refuse("points", points, "an even number")

    fraction = np.linspace(0, 1, points + 1)
    done, uncertain, legs = 0.0, 0.0, []
    for index, (start, end, open_) in enumerate(zip(path[:-1], path[1:], joined, strict=True)):
        growth, slope = np.log(end[0] / start[0]), end[1] - start[1]
        heights = start[0] * np.exp(growth * fraction)
        tilts = start[1] + slope * fraction
        log_z, by_height, by_tilt, energy = _sides(heights, tilts, kT)
        lefts = _left_in_equilibrium(log_z) if open_ else np.full(points + 1, share)
        share = lefts[-1]
        power = growth * heights * _mix(lefts, by_height) + slope * _mix(lefts, by_tilt)
        work = done + cumulative_simpson(power, dx=1 / points, initial=0)
        uncertain += abs(work[-1] - done - simpson(power[::2], dx=2 / points)) / 4
        done = work[-1]
        energy = _mix(lefts, energy)
        legs.append([index + fraction, heights, tilts, lefts, work, work - energy, energy])
    if uncertain > _UNCERTAIN:
        warnings.warn(
            f"drive: the work is uncertain by about {uncertain:.2g} kT with points={points}; "
            f"take {2 * int(np.ceil(points / 2 * uncertain / _UNCERTAIN))} or more",
            RegimeWarning,
            stacklevel=2,
        )
    progress, heights, tilts, lefts, work, heat, energy = np.concatenate(legs, axis=1)
    # The first energy is that of the state given, which joined sides leave at once.
    given = _sides(heights[:1], tilts[:1], kT)[3][:, 0] @ [left, 1 - left]
    return Drive(
        progress, heights * kT, tilts * kT, lefts, work * kT, (heat + given) * kT, energy * kT
    )


def _mix(lefts, sides):
    return lefts * sides[0] + (1 - lefts) * sides[1]

"""Estimates, which add up parts that are each known; and the line to compare with."""

from functools import cache

import mpmath as mp
import numpy as np
import sympy as sp

from lim_lib import memory
from lim_lib.bounds.otherwise import retention_rate, starting_barrier, tilt
from lim_lib.bounds.protocols import matched_barrier
from lim_lib.bounds.record import Ordering, Source, rung
from lim_lib.formula import Regime, Requirement, StableFunction
from lim_lib.symbols import (
    attempt_rate,
    bits,
    consolidations,
    drive,
    duration,
    exponent,
    hop_rate_initial,
    model_size,
    operations,
    read_energy,
    reads,
    thermal_energy,
    time_constant,
    transfer_energy,
    update_rate,
    updates,
    write_energy,
)
from lim_lib.validate import NON_NEGATIVE


class DecayMean(StableFunction):
    r"""Mean of x on [0, 1] under the weight exp(-w x): :math:`1/w - 1/(e^w - 1)`, 1/2 at w = 0.

    The average barrier of a decaying update rate is made of it. Printed as q(w).
    """

    @staticmethod
    def definition(w):
        return 1 / w - 1 / (sp.exp(w) - 1)

    def _latex(self, printer):
        return rf"q\left({printer.doprint(self.args[0])}\right)"

    @classmethod
    def eval(cls, w):
        if w.is_zero:
            return sp.Rational(1, 2)

    @classmethod
    @cache
    def taylor(cls) -> tuple[float, ...]:
        """Coefficients of w, w³, ..., w⁹ in the definition's series; it has no others but 1/2."""
        w = sp.Symbol("w")
        series = sp.series(cls.definition(w), w, 0, 10).removeO()
        return tuple(float(series.coeff(w, order)) for order in range(1, 10, 2))

    @classmethod
    def numeric(cls, w):
        w = np.asarray(w, dtype=float)
        mean = np.asarray(np.expm1(w))
        np.divide(-1.0, mean, out=mean)
        mean += 1 / w
        # Near zero the difference cancels, and ten orders are exact.
        near = np.flatnonzero(np.abs(w) < 1 / 16)
        if near.size:
            small = w.reshape(-1)[near]
            slope = np.polynomial.polynomial.polyval(small * small, cls.taylor())
            mean.reshape(-1)[near] = 0.5 + small * slope
        return mean


_starting_barrier = sp.log(attempt_rate / hop_rate_initial)
_decades = sp.log(1 + duration / time_constant)
_allowed_start = (
    Requirement(hop_rate_initial <= attempt_rate, "hop_rate_initial must be <= attempt_rate"),
)
_initial_forward_rate = Regime(
    "barrier follows the update rate; no forward hop rate passes the attempt rate",
    holds=(hop_rate_initial / attempt_rate) ** 2 + 2 * drive * hop_rate_initial / attempt_rate <= 1,
    excess=hop_rate_initial / attempt_rate * (drive + sp.sqrt(1 + drive**2)),
    report="the forward hop rate at the start is {:.3g} times the attempt rate",
)


def _mean_rise_power_law(q):
    """Mean rise of the barrier over the moves, in kT, for an update rate (1 + t/τ)^-α."""
    log_x = mp.log(1 + q.duration / q.time_constant)
    if q.exponent == 1:
        return log_x / 2
    power = mp.expm1((q.exponent - 1) * log_x)
    return q.exponent * (1 / (q.exponent - 1) - log_x / power)


@rung(
    updates
    * thermal_energy
    * (
        _starting_barrier
        + exponent * _decades * DecayMean((exponent - 1) * _decades)
        + 2 * sp.asinh(drive)
    ),
    title="Matched barrier, height dissipated (power law)",
    short="dissipated barrier, power law",
    kind="estimate",
    chapter="07-the-update-wall",
    prices="moves",
    requires=_allowed_start,
    regime=(
        _initial_forward_rate,
        Regime("the barrier's height is lost at each move; update rate (1 + t/τ)^(-α)"),
    ),
    reference=lambda q: (
        q.updates
        * q.kT
        * (starting_barrier(q) + _mean_rise_power_law(q) + tilt(2 * q.drive, mp.mpf(1)))
    ),
)
def dissipated_barrier_power_law(
    updates,
    drive,
    attempt_rate,
    hop_rate_initial,
    duration,
    time_constant,
    exponent,
    temperature=300.0,
):
    """Heat of moves over a matched barrier whose height is lost each time, updates fading slowly.

    >>> from lim_lib.units import thermal_energy
    >>> round(dissipated_barrier_power_law(1, 1, 1e9, 1e3, 10, 1, exponent=1) / thermal_energy(), 3)
    16.777
    """


@rung(
    updates
    * thermal_energy
    * (
        _starting_barrier
        + (duration / time_constant) * DecayMean(duration / time_constant)
        + 2 * sp.asinh(drive)
    ),
    title="Matched barrier, height dissipated",
    short="dissipated barrier",
    kind="estimate",
    chapter="07-the-update-wall",
    prices="moves",
    requires=_allowed_start,
    regime=(
        _initial_forward_rate,
        Regime("the barrier's height is lost at each move; update rate exp(-t/τ)"),
    ),
    above=(Ordering(lower=matched_barrier, condition="same updates and drive"),),
    variant=dissipated_barrier_power_law,
    reference=lambda q: (
        q.updates
        * q.kT
        * (
            starting_barrier(q)
            + 1
            - (q.duration / q.time_constant) / mp.expm1(q.duration / q.time_constant)
            + tilt(2 * q.drive, mp.mpf(1))
        )
    ),
)
def dissipated_barrier(
    updates,
    drive,
    attempt_rate,
    hop_rate_initial,
    duration,
    time_constant,
    exponent=None,
    temperature=300.0,
):
    """Heat of moves over a matched barrier whose height is lost at each of them.

    The updates fade exponentially; with an exponent, as that power of the time.

    >>> from lim_lib.units import thermal_energy
    >>> round(dissipated_barrier(1, 1, 1e9, 1e3, 10, 1) / thermal_energy(), 3)
    16.578
    """


_writing_long_term = (
    2 * thermal_energy * sp.asinh(update_rate / (2 * memory.retention_rate.expression))
)


@rung(
    matched_barrier.expression
    + consolidations * model_size * bits * (_writing_long_term + transfer_energy),
    title="Two tiers",
    short="two tiers",
    kind="estimate",
    chapter="08-the-consolidation-wall",
    prices="moves",
    domains={"update_rate": NON_NEGATIVE},
    regime=(Regime("each consolidation writes every bit once over the retention barrier"),),
    above=(
        Ordering(
            lower=matched_barrier,
            condition="same updates and drive: consolidation comes on top",
        ),
    ),
    reference=lambda q: (
        q.updates * q.kT * tilt(2 * q.drive, mp.mpf(1))
        + q.consolidations
        * q.model_size
        * q.bits
        * (q.kT * tilt(q.update_rate, retention_rate(q)) + q.transfer_energy)
    ),
)
def two_tier(
    model_size,
    bits,
    updates,
    consolidations,
    drive,
    update_rate,
    retention,
    loss_probability,
    transfer_energy,
    temperature=300.0,
):
    """Heat of learning in a fast tier, and of copying the model to one that keeps it.

    >>> from lim_lib.units import format_energy
    >>> format_energy(two_tier(1e9, 8, 1e13, 100, 1, 1e-3, 3.15576e8, 1e-9, 1e-12))
    '800 mJ'
    """


@rung(
    thermal_energy * operations * bits * sp.log(2),
    title="Landauer per update",
    short="Landauer per update",
    kind="reference",
    chapter="03-writing-and-erasing",
    prices="moves",
    sources=(Source("landauer1961"),),
    regime=(Regime("each write erases an unknown old value: an assumption, no theorem"),),
    reference=lambda q: q.operations * q.bits * q.kT / mp.log(mp.e, 2),
)
def landauer_per_update(operations, bits, temperature=300.0):
    """Landauer's price for every bit of every update command: a line to compare with.

    >>> from lim_lib.units import format_energy
    >>> format_energy(landauer_per_update(operations=1.64e16, bits=16))
    '753 μJ'
    """


@rung(
    model_size * bits * reads * read_energy + operations * bits * write_energy,
    title="Memory access",
    short="memory access",
    kind="estimate",
    chapter="01-three-walls",
    prices="moves",
    sources=(Source("horowitz2014"),),
    regime=(Regime("each read takes the whole model, each operation writes one parameter"),),
    above=(
        Ordering(
            lower=landauer_per_update,
            condition="same operations; writing a bit costs at least kT ln 2",
            holds=write_energy >= thermal_energy * sp.log(2),
        ),
    ),
    reference=lambda q: (
        q.bits * (q.model_size * q.reads * q.read_energy + q.operations * q.write_energy)
    ),
)
def memory_access(
    model_size, bits, operations, reads, read_energy, write_energy, temperature=300.0
):
    """Energy of reading and writing a memory, bit by bit, at what its technology takes.

    >>> from lim_lib.units import format_energy
    >>> format_energy(memory_access(1e9, 16, 1e12, 1e3, read_energy=4e-12, write_energy=4e-12))
    '128 J'
    """

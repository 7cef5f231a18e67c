"""Protocols: what one particular way of learning dissipates. It can be done."""

from functools import cache

import mpmath as mp
import numpy as np
import sympy as sp

from lim_lib import memory, symbols
from lim_lib.bounds.otherwise import erased, retention_rate, starting_barrier, tilt
from lim_lib.bounds.record import Bound, Ordering, rung
from lim_lib.bounds.theorems import (
    finite_time,
    landauer,
    optimizer_limited,
    transport_activity,
    transport_time,
)
from lim_lib.formula import Regime, Requirement, StableFunction
from lim_lib.symbols import (
    attempt_rate,
    bits,
    convergence_times,
    diffusivity,
    displacement,
    drive,
    duration,
    examples,
    examples_needed,
    exponent,
    heights,
    hop_budget,
    hop_rate_initial,
    hops,
    model_size,
    spread_initial,
    thermal_energy,
    time_constant,
    update_rate,
    updates,
)
from lim_lib.validate import NON_NEGATIVE

_attempts = "no forward hop rate passes the attempt rate"


@rung(
    thermal_energy
    * model_size
    * (
        bits
        * sp.log(2)
        * (1 + spread_initial**2 * (1 - (2**-bits) ** 2) / (2 * diffusivity * duration))
        + displacement**2 / (diffusivity * duration)
    ),
    title="Matched stiffness",
    short="matched stiffness",
    kind="protocol",
    chapter="07-the-update-wall",
    regime=(
        Regime("overdamped continuous parameters of constant diffusivity"),
        Regime("stiffness follows the spread, the centre moves so that the mean is uniform"),
        Regime("the last jump of the stiffness is recovered"),
    ),
    above=(
        Ordering(
            lower=finite_time, condition="same spread, displacement, diffusivity and duration"
        ),
        Ordering(
            lower=optimizer_limited,  # equal without displacement: the same rule, at constant D
            condition="for the convergence times that the matched stiffness takes",
            lower_part=optimizer_limited.expression.subs(
                convergence_times,
                bits
                * sp.log(2)
                * (1 + 2 * diffusivity * duration / (spread_initial**2 * (1 - (2**-bits) ** 2))),
            ),
        ),
    ),
    reference=lambda q: (
        q.kT
        * (
            erased(q)
            * (1 + (q.spread_initial**2 - _final_variance(q)) / (2 * q.diffusivity * q.duration))
            + q.model_size * q.displacement**2 / (q.diffusivity * q.duration)
        )
    ),
)
def matched_stiffness(
    model_size, bits, spread_initial, displacement, diffusivity, duration, temperature=300.0
):
    """Heat of springs whose stiffness follows the spread while their centres move evenly.

    >>> from lim_lib.units import thermal_energy
    >>> round(matched_stiffness(1, 4, 4, 3, 1, 20) / thermal_energy(), 6)
    4.327292
    """


def _final_variance(q):
    return (q.spread_initial / mp.mpf(2) ** q.bits) ** 2


@rung(
    thermal_energy * model_size * heights * (4 ** (bits / heights) - 1) / 2,
    title="Stepped barrier",
    short="stepped barrier",
    kind="protocol",
    chapter="07-the-update-wall",
    regime=(
        Regime("overdamped continuous parameters, each relaxing to a centre that stays"),
        Regime("the barrier takes its heights one after the other, each until the spread is there"),
        Regime("each height narrows the spread by the same factor"),
    ),
    above=(Ordering(lower=landauer),),  # e^x - 1 >= x
    reference=lambda q: (
        q.model_size
        * q.kT
        * q.heights
        * mp.exp(q.bits * mp.log(2) / q.heights)
        * mp.sinh(q.bits * mp.log(2) / q.heights)
    ),
)
def stepped_barrier(model_size, bits, heights, temperature=300.0):
    """Heat of narrowing parameters under a barrier of n heights: M kT n (4^(b/n) - 1)/2.

    One height is the static stiffness, very many are Landauer's price.

    >>> from lim_lib.units import thermal_energy
    >>> (stepped_barrier(1, 4, heights=[1, 2, 4, 8]) / thermal_energy()).round(6).tolist()
    [127.5, 15.0, 6.0, 4.0]
    """


@rung(
    stepped_barrier.expression.subs(heights, 1),
    title="Static stiffness",
    short="static stiffness",
    kind="protocol",
    chapter="07-the-update-wall",
    regime=(
        Regime("stiffness fixed by the final precision, mean in place"),
        Regime("run until the final spread is reached"),
    ),
    above=(
        Ordering(lower=landauer),
        Ordering(lower=stepped_barrier),  # (4^x - 1)/x rises with x = b/n
    ),
    reference=lambda q: q.model_size * q.kT / 2 * mp.expm1(2 * q.bits * mp.log(2)),
)
def static_stiffness(model_size, bits, temperature=300.0):
    """Heat of springs as stiff from the start as the final precision asks: M kT (4^b - 1)/2.

    >>> from lim_lib.units import format_energy
    >>> format_energy(static_stiffness(model_size=1.75e11, bits=16))
    '1.56 J'
    """


@rung(
    thermal_energy * model_size * convergence_times / (1 - bits * sp.log(2) / convergence_times),
    title="Held tilt",
    short="held tilt",
    kind="protocol",
    chapter="07-the-update-wall",
    requires=optimizer_limited.requires,
    regime=(
        *optimizer_limited.regime[:2],
        Regime(
            "a clock reads each parameter, sets its tilt and holds it for a step, however short"
        ),
    ),
    above=(
        Ordering(lower=optimizer_limited, condition="same convergence times"),  # b ln 2 < U
    ),
    reference=lambda q: (
        q.model_size**2
        * q.kT
        * q.convergence_times**2
        / (q.model_size * q.convergence_times - erased(q))
    ),
)
def held_tilt(model_size, bits, convergence_times, temperature=300.0):
    """Heat of narrowing parameters by tilts that are read, set and held: M kT U/(1 - b ln 2/U).

    The least over the convergence times is four times Landauer's, at U = 2 b ln 2.

    >>> from lim_lib.units import thermal_energy
    >>> round(held_tilt(1, 2, convergence_times=4) / thermal_energy(), 6)
    6.121577
    """


@rung(
    thermal_energy * model_size * 2 * examples_needed / (1 - examples_needed / examples),
    title="Gradient noise",
    short="gradient noise",
    kind="protocol",
    chapter="08-the-consolidation-wall",
    requires=(
        Requirement(
            examples > examples_needed,
            "examples must exceed examples_needed, what statistics asks for",
        ),
    ),
    regime=(
        Regime("overdamped continuous parameters, one noisy example at each step"),
        Regime("the examples' variance is far above the parameter's, the drift has no limit"),
        Regime("no batch, no average over examples: those can cost less"),
    ),
    above=(
        Ordering(
            lower=landauer,  # (4^b - 1)/2 >= b ln 2
            condition="the examples' variance is a quarter of the parameter's first, or more: "
            "4 N_min >= 4^b - 1",
            holds=(4**bits - 1) / 4 <= examples_needed,
        ),
    ),
    reference=lambda q: 2 * q.model_size * q.kT / (1 / q.examples_needed - 1 / q.examples),
)
def gradient_noise(model_size, examples, examples_needed, temperature=300.0):
    """Heat of learning from noisy examples, one a step: 2 N_min/(1 - N_min/N) kT a parameter.

    The least for a learner of this kind; other learners can do with less.

    >>> from lim_lib.units import thermal_energy
    >>> round(gradient_noise(1, examples=600, examples_needed=300) / thermal_energy(), 6)
    1200.0
    """


def _dissipation(bound: Bound, resource: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """What a theorem asks for beyond Landauer, its resource expressed by other quantities."""
    return (bound.expression - landauer.expression).expand().subs(resource)


@rung(
    updates * 2 * thermal_energy * sp.asinh(drive),
    title="Matched barrier",
    short="matched barrier",
    kind="protocol",
    chapter="07-the-update-wall",
    regime=(
        Regime("barrier follows the update rate so that v/(2r) stays constant"),
        Regime(_attempts),
    ),
    above=(
        Ordering(
            lower=transport_activity,
            condition="dissipative term, for the same net moves and the matched barrier's hops",
            lower_part=_dissipation(
                transport_activity, {hops: updates * sp.sqrt(1 + drive**2) / drive}
            ),
        ),
        Ordering(
            lower=transport_time,
            condition="dissipative term, for the same net moves and the matched barrier's "
            "hop budget",
            lower_part=_dissipation(
                transport_time, {hop_budget: updates / (2 * drive * model_size)}
            ),
        ),
    ),
    reference=lambda q: q.updates * q.kT * tilt(2 * q.drive, mp.mpf(1)),
)
def matched_barrier(updates, drive, temperature=300.0):
    """Heat of level moves over a barrier that follows the update rate: 2 kT asinh(χ) each.

    >>> from lim_lib.units import thermal_energy
    >>> round(matched_barrier(updates=1, drive=1) / thermal_energy(), 4)
    1.7627
    """


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
        """Coefficients of the definition's Taylor polynomial in w, from order 0."""
        w = sp.Symbol("w")
        series = sp.series(cls.definition(w), w, 0, 10).removeO()
        return tuple(float(series.coeff(w, order)) for order in range(10))

    @classmethod
    def numeric(cls, w):
        w = np.asarray(w, dtype=float)
        mean = np.asarray(np.expm1(w))
        np.divide(-1.0, mean, out=mean)
        mean += 1 / w
        # Near zero the difference cancels, and ten orders are exact.
        near = np.flatnonzero(np.abs(w) < 1 / 16)
        if near.size:
            series = np.polynomial.polynomial.polyval(w.reshape(-1)[near], cls.taylor())
            mean.reshape(-1)[near] = series
        return mean


_starting_barrier = sp.log(attempt_rate / hop_rate_initial)
_decades = sp.log(1 + duration / time_constant)
_allowed_start = (
    Requirement(hop_rate_initial <= attempt_rate, "hop_rate_initial must be <= attempt_rate"),
)
_initial_forward_rate = Regime(
    f"barrier follows the update rate; {_attempts}",
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
    kind="protocol",
    chapter="07-the-update-wall",
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
    kind="protocol",
    chapter="07-the-update-wall",
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


_retention_rate = memory.retention_rate.expression

_forward_rate_over_attempt = Regime(
    f"barrier as retention needs it, writing by tilt alone; {_attempts}",
    holds=update_rate / attempt_rate + (_retention_rate / attempt_rate) ** 2 <= 1,
    excess=update_rate / (2 * attempt_rate)
    + sp.sqrt((update_rate / (2 * attempt_rate)) ** 2 + (_retention_rate / attempt_rate) ** 2),
    report="the forward hop rate would be {:.3g} times the attempt rate",
)


@rung(
    updates
    * memory.tilt_for_rate.expression.subs(symbols.barrier, memory.retention_barrier.expression),
    title="Static barrier",
    short="static barrier",
    kind="protocol",
    chapter="07-the-update-wall",
    domains={"update_rate": NON_NEGATIVE},
    requires=memory.retention_barrier.requires,
    regime=(_forward_rate_over_attempt,),
    above=(
        Ordering(
            lower=transport_time,
            condition="dissipative term, for the same net moves and the hop budget of cells held "
            "at the retention rate while they make them",
            lower_part=_dissipation(
                transport_time,
                {hop_budget: updates * _retention_rate / (update_rate * model_size)},
            ),
        ),
        Ordering(
            lower=matched_barrier,
            condition="same updates; the hop rate stays above the retention rate, "
            "drive <= v/(2 r_ret)",
            holds=drive <= update_rate / (2 * _retention_rate),
        ),
    ),
    reference=lambda q: q.updates * q.kT * tilt(q.update_rate, retention_rate(q)),
)
def static_barrier(
    updates, update_rate, attempt_rate, retention, loss_probability, temperature=300.0
):
    """Heat of level moves by tilt alone over the barrier that retention needs.

    The attempt rate cancels; it is asked for because the barrier must be positive.

    >>> from lim_lib.units import thermal_energy
    >>> round(static_barrier(1, 1e6, 1e9, 3.15576e8, 1e-9) / thermal_energy(), 4)
    108.2174
    """

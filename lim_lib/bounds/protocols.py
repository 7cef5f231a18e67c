"""Protocols: what one particular way of learning dissipates. It can be done."""

import mpmath as mp
import sympy as sp

from lim_lib import memory, symbols
from lim_lib.bounds.otherwise import erased, retention_rate, tilt
from lim_lib.bounds.record import Bound, Ordering, rung
from lim_lib.bounds.theorems import (
    finite_time,
    landauer,
    optimizer_limited,
    transport_activity,
    transport_time,
)
from lim_lib.formula import Regime, Requirement, formula
from lim_lib.symbols import (
    attempt_rate,
    bits,
    convergence_times,
    diffusivity,
    displacement,
    drive,
    duration,
    effective_size,
    examples,
    examples_needed,
    heights,
    hop_budget,
    hops,
    loss_ratio,
    matching_ratio,
    model_size,
    prior_ratio,
    spread_initial,
    thermal_energy,
    update_rate,
    updates,
)
from lim_lib.validate import NON_NEGATIVE

_attempts = "no forward hop rate passes the attempt rate"
_moves_alone = Regime("prices the moves of cells whose distribution does not narrow")


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
        Regime(
            "the barrier takes its heights one after the other, each as long as the spread asks"
        ),
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


@formula(
    optimizer_limited.expression
    + thermal_energy
    * model_size
    * (1 / prior_ratio - 1)
    * (1 - sp.exp(-2 * (convergence_times - bits * sp.log(2))))
    / (2 * (1 - bits * sp.log(2) / convergence_times) ** 2),
    requires=optimizer_limited.requires,
)
def wrong_prior(model_size, bits, convergence_times, prior_ratio, temperature=300.0):
    """Heat of optimizer-limited matching that was built for another variance than the true one.

    The barrier follows the variance that was expected at the start, narrowed by the bits. What
    is wrong is forgotten as fast as the optimizer converges, and costs little.

    Parameters
    ----------
    model_size : float or array_like
        Number of parameters M.
    bits : float or array_like
        Bits b by which the expected variance is narrowed.
    convergence_times : float or array_like
        Convergence times U; more than bits ln 2.
    prior_ratio : float or array_like
        Variance at the start that was expected, over the true one.
    temperature : float or array_like
        Temperature in K.

    Returns
    -------
    float or ndarray
        Heat in J.

    Examples
    --------
    >>> from lim_lib.units import thermal_energy
    >>> (wrong_prior(1, 4, 6, prior_ratio=[0.5, 1, 2]) / thermal_energy()).round(6).tolist()
    [6.879813, 5.154451, 4.29177]
    """


@rung(
    thermal_energy * effective_size * sp.log(loss_ratio) / (2 * matching_ratio),
    title="Polyak-Lojasiewicz learner",
    short="Polyak-Lojasiewicz",
    kind="protocol",
    chapter="08-the-consolidation-wall",
    regime=(
        Regime(
            "overdamped continuous parameters on a loss whose squared gradient is at least 2μ "
            "times its excess over the least one"
        ),
        Regime("the barrier keeps the diffusivity at θη 2μ E/tr H, tr H at its largest"),
    ),
    above=(
        Ordering(
            lower=optimizer_limited,  # equal
            condition="equal curvatures, $E_0/E_f = 4^b$, at the convergence times that θ takes",
            lower_part=optimizer_limited.expression.subs(
                {
                    model_size: effective_size,
                    bits: sp.log(loss_ratio) / (2 * sp.log(2)),
                    convergence_times: sp.log(loss_ratio) / (2 * (1 - matching_ratio)),
                },
                simultaneous=True,
            ),
        ),
    ),
    reference=lambda q: (
        q.kT * q.effective_size * mp.atanh(1 - 2 / (q.loss_ratio + 1)) / q.matching_ratio
    ),
)
def polyak_lojasiewicz(effective_size, matching_ratio, loss_ratio, temperature=300.0):
    """Heat of bringing a mean excess loss from E_0 to E_f: kT M_eff ln(E_0/E_f)/(2θ).

    The loss may have any shape that satisfies the Polyak-Lojasiewicz inequality, such as a
    strongly convex one; M_eff is the number of parameters if all curvatures are equal.

    >>> from lim_lib.units import thermal_energy
    >>> heat = polyak_lojasiewicz(effective_size=10, matching_ratio=0.5, loss_ratio=256)
    >>> round(heat / thermal_energy(), 4)
    55.4518
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
            r"$4 N_\text{min} \ge 4^b - 1$",
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
    prices="moves",
    regime=(
        Regime("barrier follows the update rate so that v/(2r) stays constant"),
        Regime(_attempts),
        _moves_alone,
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
    prices="moves",
    regime=(_forward_rate_over_attempt, _moves_alone),
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
            r"$\chi \le v/2r_\text{ret}$",
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

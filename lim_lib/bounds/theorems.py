"""Theorems: what no way of learning can go below, under the conditions of each."""

import mpmath as mp
import sympy as sp

from lim_lib.bounds.limits import TwoLimitExcess
from lim_lib.bounds.otherwise import erased, tilt
from lim_lib.bounds.record import Ordering, Source, rung
from lim_lib.formula import Regime, Requirement, formula
from lim_lib.symbols import (
    bits,
    convergence_times,
    diffusivity,
    displacement,
    duration,
    entropy_lost,
    hop_budget,
    hops,
    model_size,
    net_moves,
    relaxation_rate,
    spread_initial,
    thermal_energy,
    transport,
)

_erased = model_size * bits * sp.log(2)
_uniform_start = "memory uniform at the start"
_known_entropy = "the entropy lost is that of the memory, from start to end"
_one_bath = "local detailed balance with one bath"


@formula(model_size * (4**bits - 1) / (3 * 2**bits))
def ladder_transport(model_size, bits, temperature=300.0):
    """Transport from uniform to one level of a ladder of L = 2^b levels: M (L² - 1)/(3L).

    Averaged over the level, for all M parameters.

    Parameters
    ----------
    model_size : float or array_like
        Number of parameters M.
    bits : float or array_like
        Bits b of each.
    temperature : float or array_like
        Accepted everywhere; the transport does not depend on it.

    Returns
    -------
    float or ndarray
        Level moves W.

    Examples
    --------
    >>> ladder_transport(model_size=1, bits=1)
    0.5
    """


@formula(transport)
def transport_alone(transport, temperature=300.0):
    """Net moves of a memory that makes no more of them than it must: its transport.

    Parameters
    ----------
    transport : float or array_like
        Level moves W.
    temperature : float or array_like
        Accepted everywhere; the moves do not depend on it.

    Returns
    -------
    float or ndarray
        Net level moves.

    Examples
    --------
    >>> transport_alone(7.0)
    7.0
    """


@rung(
    thermal_energy * entropy_lost,
    title="Landauer, of the entropy lost",
    short="Landauer, entropy lost",
    kind="theorem",
    chapter="03-writing-and-erasing",
    sources=(Source("landauer1961"), Source("bennett1982")),
    regime=(Regime(_known_entropy), Regime(f"{_one_bath}, any duration")),
    reference=lambda q: q.kT * q.entropy_lost,
)
def landauer_entropy(entropy_lost, temperature=300.0):
    """Heat of a memory that loses so many nats, however slowly: at least kT for each.

    >>> from lim_lib.units import format_energy
    >>> format_energy(landauer_entropy(entropy_lost=1))
    '4.14 zJ'
    """


@rung(
    landauer_entropy.expression.subs(entropy_lost, _erased),
    title="Landauer",
    short="Landauer",
    kind="theorem",
    chapter="03-writing-and-erasing",
    sources=(Source("landauer1961"), Source("bennett1982")),
    regime=(Regime(_uniform_start), Regime(f"{_one_bath}, any duration")),
    variant=landauer_entropy,
    reference=lambda q: q.kT * erased(q),
)
def landauer(model_size, bits, entropy_lost=None, temperature=300.0):
    """Heat of erasing M parameters of b bits, however slowly: at least M b kT ln 2.

    With the entropy that is actually lost, in nats, kT for each of them.

    >>> from lim_lib.units import format_energy
    >>> format_energy(landauer(model_size=1, bits=1))
    '2.87 zJ'
    """


@rung(
    thermal_energy
    * model_size
    * (
        bits * sp.log(2)
        + (displacement**2 + (spread_initial * (1 - 2**-bits)) ** 2) / (diffusivity * duration)
    ),
    title="Finite time",
    short="finite time",
    kind="theorem",
    chapter="04-in-finite-time",
    sources=(Source("schmiedl2007"), Source("proesmans2020prl")),
    regime=(
        Regime("overdamped continuous parameters of constant diffusivity"),
        Regime("each parameter Gaussian before and after, independent of one another before"),
    ),
    above=(Ordering(lower=landauer),),
    reference=lambda q: (
        q.kT * erased(q)
        + q.model_size
        * q.kT
        * (q.displacement**2 + (q.spread_initial - q.spread_initial / mp.mpf(2) ** q.bits) ** 2)
        / (q.diffusivity * q.duration)
    ),
)
def finite_time(
    model_size, bits, spread_initial, displacement, diffusivity, duration, temperature=300.0
):
    """Heat of narrowing and moving Gaussian parameters in a given time, by any protocol.

    Landauer's price, and kT/(D t) times the square of Wasserstein's distance of start and end.

    >>> from lim_lib.units import thermal_energy
    >>> round(finite_time(1, 4, 4, 3, 1, 20) / thermal_energy(), 6)
    3.925714
    """


_one_cell_a_hop = Regime("a hop moves one cell by one level")
_symmetric = Regime(
    "a hop moves one cell by one level; tilts split symmetrically, or heat-bath rates"
)
_hops_exceed = Requirement(
    hops > net_moves,
    "hops must exceed net_moves (by default the transport, the ladder's M (4^b - 1)/(3 2^b))",
)
_moves_suffice = Requirement(
    net_moves >= transport,
    "net_moves must be at least the transport (by default the ladder's, M (4^b - 1)/(3 2^b))",
)
_moves = {"transport": ladder_transport, "net_moves": transport_alone}


@rung(
    thermal_energy * (entropy_lost + 2 * net_moves * sp.atanh(net_moves / hops)),
    title="Transport and activity, of the entropy lost",
    short="transport, activity; entropy lost",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("dechant2022"),),
    defaults=_moves,
    requires=(_moves_suffice, _hops_exceed),
    regime=(Regime(f"{_known_entropy}; {_one_bath}"), _one_cell_a_hop),
    reference=lambda q: (
        q.kT
        * (q.entropy_lost + q.net_moves * mp.log((q.hops + q.net_moves) / (q.hops - q.net_moves)))
    ),
)
def transport_activity_entropy(
    model_size, bits, hops, entropy_lost, transport=None, net_moves=None, temperature=300.0
):
    """Heat of carrying a memory with N hops while it loses so many nats.

    The bits give the default transport alone.

    >>> from lim_lib.units import thermal_energy
    >>> round(transport_activity_entropy(1, 1, 2, entropy_lost=0) / thermal_energy(), 4)
    0.2554
    """


@rung(
    transport_activity_entropy.expression.subs(entropy_lost, _erased),
    title="Transport and activity",
    short="transport, activity",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("dechant2022"),),
    defaults=_moves,
    requires=(_moves_suffice, _hops_exceed),
    regime=(Regime(f"{_uniform_start}, {_one_bath}"), _one_cell_a_hop),
    above=(Ordering(lower=landauer),),  # the second term is not negative
    variant=transport_activity_entropy,
    reference=lambda q: (
        q.kT * (erased(q) + q.net_moves * mp.log((q.hops + q.net_moves) / (q.hops - q.net_moves)))
    ),
)
def transport_activity(
    model_size, bits, hops, transport=None, net_moves=None, entropy_lost=None, temperature=300.0
):
    """Heat of making N_net net moves with N_hop hops: Landauer's, 2 N_net artanh(N_net/N_hop) kT.

    No memory makes fewer net moves than the transport, which therefore is their default.

    >>> from lim_lib.units import format_energy
    >>> format_energy(transport_activity(1.75e11, 16, hops=1.75e11 * 93750))
    '7.53 μJ'
    """


@rung(
    thermal_energy
    * (entropy_lost + 2 * net_moves * sp.asinh(net_moves / (2 * model_size * hop_budget))),
    title="Transport and time, of the entropy lost",
    short="transport, time; entropy lost",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("generalactivities2024"), Source("mielke2013")),
    defaults=_moves,
    requires=(_moves_suffice,),
    regime=(Regime(f"{_known_entropy}; {_one_bath}"), _symmetric),
    reference=lambda q: (
        q.kT * (q.entropy_lost + q.net_moves * tilt(q.net_moves / q.model_size, q.hop_budget))
    ),
)
def transport_time_entropy(
    model_size, bits, hop_budget, entropy_lost, transport=None, net_moves=None, temperature=300.0
):
    """Heat of carrying a memory whose cells can hop R times by themselves; it loses so many nats.

    The bits give the default transport alone.

    >>> from lim_lib.units import thermal_energy
    >>> round(transport_time_entropy(1, 1, 0.25, entropy_lost=0) / thermal_energy(), 4)
    0.8814
    """


@rung(
    transport_time_entropy.expression.subs(entropy_lost, _erased),
    title="Transport and time",
    short="transport, time",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("generalactivities2024"), Source("mielke2013")),
    defaults=_moves,
    requires=(_moves_suffice,),
    regime=(Regime(f"{_uniform_start}, {_one_bath}"), _symmetric),
    above=(Ordering(lower=landauer),),  # the second term is not negative
    variant=transport_time_entropy,
    reference=lambda q: (
        q.kT * (erased(q) + q.net_moves * tilt(q.net_moves / q.model_size, q.hop_budget))
    ),
)
def transport_time(
    model_size,
    bits,
    hop_budget,
    transport=None,
    net_moves=None,
    entropy_lost=None,
    temperature=300.0,
):
    """Heat of making N_net net moves while each cell can hop R times by itself.

    No memory makes fewer net moves than the transport, which therefore is their default.

    >>> from lim_lib.units import thermal_energy
    >>> round(transport_time(1, 0, hop_budget=0.5, transport=1.0) / thermal_energy(), 4)
    1.7627
    """


_relaxing = (
    Regime("overdamped continuous parameters, each relaxing to a centre that stays"),
    Regime("the barrier sets the diffusivity, and a small step beside the spread"),
    Regime("the spread is that of the solution's error; the tilt follows it without delay"),
)


@rung(
    thermal_energy * _erased / (1 - bits * sp.log(2) / convergence_times),
    title="Optimizer-limited matching",
    short="optimizer-limited",
    kind="theorem",
    chapter="07-the-update-wall",
    requires=(
        Requirement(
            convergence_times > bits * sp.log(2),
            "convergence_times must exceed bits ln 2",
            limit=bits * sp.log(2),
            report="too short: at least {:.6g}",
        ),
    ),
    regime=_relaxing,
    above=(Ordering(lower=landauer),),  # the divisor is below 1
    reference=lambda q: q.model_size * q.kT / (q.model_size / erased(q) - 1 / q.convergence_times),
)
def optimizer_limited(model_size, bits, convergence_times, temperature=300.0):
    """Heat of narrowing parameters in U convergence times of their optimizer, at any barrier.

    Landauer's over 1 - b ln 2/U, which is the matching ratio θ; attained where the barrier keeps
    the diffusivity at θ times relaxation rate and variance.

    >>> from lim_lib.units import thermal_energy
    >>> round(optimizer_limited(1, 4, convergence_times=6) / thermal_energy(), 6)
    5.154451
    """


@rung(
    thermal_energy
    * model_size
    * (
        bits * sp.log(2)
        + TwoLimitExcess(
            bits,
            spread_initial * sp.sqrt(relaxation_rate / diffusivity),
            relaxation_rate * duration,
        )
    ),
    title="Two limits, three phases",
    short="two limits",
    kind="theorem",
    chapter="09-energy-to-solution",
    requires=(
        Requirement(
            relaxation_rate * duration > bits * sp.log(2),
            "relaxation_rate x duration must exceed bits ln 2",
            limit=bits * sp.log(2) / relaxation_rate,
            report="too short: a duration of at least {:.6g}",
        ),
    ),
    regime=(
        *_relaxing,
        Regime("relaxation rate and diffusivity are the most that optimizer and memory have"),
    ),
    above=(
        Ordering(
            lower=finite_time,  # the same heat rate, D(t) at most D, and no cap on the drift
            condition="same spread, diffusivity and duration, no displacement",
            lower_part=finite_time.expression.subs(displacement, 0),
        ),
        Ordering(
            lower=optimizer_limited,  # the same, and no cap on D
            condition="for the convergence times ηt",
            lower_part=optimizer_limited.expression.subs(
                convergence_times, relaxation_rate * duration
            ),
        ),
    ),
    reference=lambda q: (
        q.kT
        * (
            erased(q)
            + q.model_size
            * TwoLimitExcess.exact(
                q.bits,
                q.spread_initial * mp.sqrt(q.relaxation_rate / q.diffusivity),
                q.relaxation_rate * q.duration,
            )
        )
    ),
)
def two_limits(
    model_size, bits, spread_initial, relaxation_rate, diffusivity, duration, temperature=300.0
):
    """Heat of narrowing parameters when neither optimizer nor memory is as fast as one likes.

    The memory is open first, then both are at their limits, then it is matched; see `Phases`.

    >>> from lim_lib.units import thermal_energy
    >>> round(two_limits(1, 4, 1, 1, diffusivity=0.05, duration=10) / thermal_energy(), 6)
    5.393429
    """

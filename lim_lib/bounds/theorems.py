"""Theorems: what no way of learning can go below, under the conditions of each."""

import mpmath as mp
import sympy as sp

from lim_lib.bounds.otherwise import erased, tilt
from lim_lib.bounds.record import Ordering, Source, rung
from lim_lib.formula import Regime, Requirement, formula
from lim_lib.symbols import (
    bits,
    diffusivity,
    displacement,
    duration,
    hop_budget,
    hops,
    model_size,
    spread_initial,
    thermal_energy,
    transport,
)

_erased = model_size * bits * sp.log(2)
_uniform_start = "memory uniform at the start"
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


@rung(
    thermal_energy * _erased,
    title="Landauer",
    short="Landauer",
    kind="theorem",
    chapter="03-writing-and-erasing",
    sources=(Source("landauer1961"), Source("bennett1982")),
    regime=(Regime(_uniform_start), Regime(f"{_one_bath}, any duration")),
    reference=lambda q: q.kT * erased(q),
)
def landauer(model_size, bits, temperature=300.0):
    """Heat of erasing M parameters of b bits, however slowly: at least M b kT ln 2.

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


_hops_exceed = Requirement(
    hops > transport,
    "hops must exceed transport (by default the ladder's, M (4^b - 1)/(3 2^b))",
)


@rung(
    thermal_energy * (_erased + 2 * transport * sp.atanh(transport / hops)),
    title="Transport and activity",
    short="transport, activity",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("dechant2022"),),
    defaults={"transport": ladder_transport},
    requires=(_hops_exceed,),
    regime=(Regime(f"{_uniform_start}, {_one_bath}"), Regime("a hop moves one cell by one level")),
    above=(Ordering(lower=landauer),),
    reference=lambda q: (
        q.kT * (erased(q) + q.transport * mp.log((q.hops + q.transport) / (q.hops - q.transport)))
    ),
)
def transport_activity(model_size, bits, hops, transport=None, temperature=300.0):
    """Heat of carrying a memory over W level moves with N hops: W ln((N + W)/(N - W)) kT more.

    >>> from lim_lib.units import format_energy
    >>> format_energy(transport_activity(1.75e11, 16, hops=1.75e11 * 93750))
    '7.53 μJ'
    """


@rung(
    thermal_energy
    * (_erased + 2 * transport * sp.asinh(transport / (2 * model_size * hop_budget))),
    title="Transport and time",
    short="transport, time",
    kind="theorem",
    chapter="09-energy-to-solution",
    sources=(Source("generalactivities2024"), Source("mielke2013")),
    defaults={"transport": ladder_transport},
    regime=(
        Regime(f"{_uniform_start}, {_one_bath}"),
        Regime("a hop moves one cell by one level; tilts split symmetrically, or heat-bath rates"),
    ),
    above=(Ordering(lower=landauer),),
    reference=lambda q: (
        q.kT * (erased(q) + q.transport * tilt(q.transport / q.model_size, q.hop_budget))
    ),
)
def transport_time(model_size, bits, hop_budget, transport=None, temperature=300.0):
    """Heat of carrying a memory over W level moves while each cell can hop R times by itself.

    >>> from lim_lib.units import thermal_energy
    >>> round(transport_time(1, 0, hop_budget=0.5, transport=1.0) / thermal_energy(), 4)
    1.7627
    """

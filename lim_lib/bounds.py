r"""The ladder of bounds on the energy to solution.

Model: M parameters of b bits each in contact with one bath at temperature T. Learning takes the
memory from one distribution to another; the energy to solution is the heat Q that this gives to
the bath, in joules. The memory is uniform at first, so its entropy falls by M b ln 2; for a known
start that term is zero.

A rung is of one of four kinds. A *theorem* holds for every protocol under its conditions. A
*protocol* is what one way of learning dissipates: achievable. An *estimate* adds up parts. A
*reference* is a line to compare with, no bound. The rungs are a partial order: `ORDERINGS` holds
the arrows that are proven, and no others hold in general.

Each rung is a `Bound`: an expression that can be called with numbers, in SI units, by the names of
the notation table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp

from lim_lib import memory, symbols, validate
from lim_lib.formula import Formula, Regime, Requirement, StableFunction
from lim_lib.symbols import (
    Table,
    attempt_rate,
    bits,
    consolidations,
    diffusivity,
    displacement,
    drive,
    duration,
    exponent,
    hop_budget,
    hop_rate_initial,
    hops,
    model_size,
    operations,
    read_energy,
    reads,
    spread_initial,
    thermal_energy,
    time_constant,
    transfer_energy,
    transport,
    update_rate,
    updates,
    write_energy,
)
from lim_lib.units import format_energy
from lim_lib.validate import NON_NEGATIVE

KINDS = ("theorem", "protocol", "estimate", "reference")


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


@dataclass(frozen=True, kw_only=True, repr=False)
class Bound(Formula):
    """A rung of the ladder: an expression, callable with numbers, that gives joules.

    Parameters
    ----------
    key : str
        Its name in code.
    title : str
        Its name in the text.
    kind : {"theorem", "protocol", "estimate", "reference"}
        What it claims.
    expression : sympy.Expr
        The energy in J, in the symbols of `lim_lib.symbols`.
    parameters : tuple of str
        Names of the arguments; ``temperature=300.0`` comes with every rung.
    regime : tuple of Regime
        The conditions under which it holds.
    sources : tuple of str
        Keys of the bibliography; none for what the book derives by itself.
    chapter : str
        The chapter that derives it.
    defaults : mapping of str to Formula
        For an argument that may be None, the formula that then gives it.
    variant : Bound, optional
        The rung that takes over when an argument which only that one has is given.

    Examples
    --------
    >>> format_energy(landauer(model_size=1, bits=1))
    '2.87 zJ'
    >>> landauer.expression
    M*T*b*k_B*log(2)
    """

    title: str
    kind: str
    sources: tuple[str, ...]
    chapter: str
    defaults: Mapping[str, Formula] = field(default_factory=lambda: MappingProxyType({}))
    variant: "Bound | None" = None

    def __call__(self, *args, **kwargs) -> float | np.ndarray:
        accepted = self.variant.arguments if self.variant else self.arguments
        return self.at(validate.arguments(self.key, accepted, args, kwargs), stacklevel=3)

    def at(self, values: Mapping[str, Any], stacklevel: int = 2) -> float | np.ndarray:
        """The energy in J for arguments given as a mapping, None standing for a default."""
        values = {"temperature": 300.0} | {k: v for k, v in values.items() if v is not None}
        if self.variant and set(values) - set(self.arguments):
            return self.variant.at(values, stacklevel + 1)
        for name, formula in self.defaults.items():
            if name not in values:
                given = {n: values[n] for n in formula.arguments if n in values}
                values[name] = formula.at(given, stacklevel + 1)
        return super().at(values, stacklevel + 1)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key}({', '.join(self.parameters)})>"

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the arguments that have no default."""
        return tuple(name for name in self.parameters if name not in self.defaults)

    @property
    def conditions(self) -> str:
        """When it holds, in words."""
        return "; ".join(regime.text for regime in self.regime)

    def _repr_markdown_(self) -> str:
        return f"**{self.title}** ({self.kind}): {self.conditions}.\n\n$$E = {self.latex()}$$"


ladder_transport = Formula(
    key="ladder_transport",
    expression=model_size * (4**bits - 1) / (3 * 2**bits),
    parameters=("model_size", "bits"),
)
"""Transport W from uniform to one level of a ladder of 2^b levels, averaged over the level, for
all M parameters: M (L² - 1)/(3L)."""

_erased = model_size * bits * sp.log(2)
_uniform_start = "memory uniform at the start"
_one_bath = "local detailed balance with one bath"
_attempts = "no forward hop rate passes the attempt rate"
_spread_ratio = 2**-bits

landauer = Bound(
    key="landauer",
    title="Landauer",
    kind="theorem",
    expression=thermal_energy * _erased,
    parameters=("model_size", "bits"),
    regime=(Regime(_uniform_start), Regime(f"{_one_bath}, any duration")),
    sources=("landauer1961", "bennett1982"),
    chapter="03-writing-and-erasing",
)

finite_time = Bound(
    key="finite_time",
    title="Finite time",
    kind="theorem",
    expression=thermal_energy
    * model_size
    * (
        bits * sp.log(2)
        + (displacement**2 + (spread_initial * (1 - _spread_ratio)) ** 2) / (diffusivity * duration)
    ),
    parameters=(
        "model_size",
        "bits",
        "spread_initial",
        "displacement",
        "diffusivity",
        "duration",
    ),
    regime=(
        Regime("overdamped continuous parameters of constant diffusivity"),
        Regime("each parameter Gaussian before and after, independent of one another before"),
    ),
    sources=("schmiedl2007", "proesmans2020prl"),
    chapter="04-in-finite-time",
)

_hops_exceed = Requirement(
    hops > transport,
    "hops must exceed transport (by default the ladder's, M (4^b - 1)/(3 2^b))",
)

transport_activity = Bound(
    key="transport_activity",
    title="Transport and activity",
    kind="theorem",
    expression=thermal_energy * (_erased + 2 * transport * sp.atanh(transport / hops)),
    parameters=("model_size", "bits", "hops", "transport"),
    defaults=MappingProxyType({"transport": ladder_transport}),
    requires=(_hops_exceed,),
    regime=(Regime(f"{_uniform_start}, {_one_bath}"), Regime("a hop moves one cell by one level")),
    sources=("dechant2022",),
    chapter="09-energy-to-solution",
)

transport_time = Bound(
    key="transport_time",
    title="Transport and time",
    kind="theorem",
    expression=thermal_energy
    * (_erased + 2 * transport * sp.asinh(transport / (2 * model_size * hop_budget))),
    parameters=("model_size", "bits", "hop_budget", "transport"),
    defaults=MappingProxyType({"transport": ladder_transport}),
    regime=(
        Regime(f"{_uniform_start}, {_one_bath}"),
        Regime("a hop moves one cell by one level; tilts split symmetrically, or heat-bath rates"),
    ),
    sources=("generalactivities2024", "mielke2013"),
    chapter="09-energy-to-solution",
)

matched_stiffness = Bound(
    key="matched_stiffness",
    title="Matched stiffness",
    kind="protocol",
    expression=thermal_energy
    * model_size
    * (
        bits
        * sp.log(2)
        * (1 + spread_initial**2 * (1 - _spread_ratio**2) / (2 * diffusivity * duration))
        + displacement**2 / (diffusivity * duration)
    ),
    parameters=finite_time.parameters,
    regime=(
        Regime("overdamped continuous parameters of constant diffusivity"),
        Regime("stiffness follows the spread, the centre moves so that the mean is uniform"),
        Regime("the last jump of the stiffness is recovered"),
    ),
    sources=(),
    chapter="07-the-update-wall",
)

static_stiffness = Bound(
    key="static_stiffness",
    title="Static stiffness",
    kind="protocol",
    expression=thermal_energy * model_size * (4**bits - 1) / 2,
    parameters=("model_size", "bits"),
    regime=(
        Regime("stiffness fixed by the final precision, mean in place"),
        Regime("run until the final spread is reached"),
    ),
    sources=(),
    chapter="07-the-update-wall",
)

matched_barrier = Bound(
    key="matched_barrier",
    title="Matched barrier",
    kind="protocol",
    expression=updates * 2 * thermal_energy * sp.asinh(drive),
    parameters=("updates", "drive"),
    regime=(
        Regime("barrier follows the update rate so that v/(2r) stays constant"),
        Regime(_attempts),
    ),
    sources=(),
    chapter="07-the-update-wall",
)

_mean_barrier_exponential = sp.log(attempt_rate / hop_rate_initial) + (
    duration / time_constant
) * DecayMean(duration / time_constant)
_decades = sp.log(1 + duration / time_constant)
_mean_barrier_power_law = sp.log(attempt_rate / hop_rate_initial) + exponent * _decades * DecayMean(
    (exponent - 1) * _decades
)

_dissipated = {
    "kind": "protocol",
    "requires": (
        Requirement(hop_rate_initial <= attempt_rate, "hop_rate_initial must be <= attempt_rate"),
    ),
    "sources": (),
    "chapter": "07-the-update-wall",
}
_initial_forward_rate = Regime(
    f"barrier follows the update rate; {_attempts}",
    holds=(hop_rate_initial / attempt_rate) ** 2 + 2 * drive * hop_rate_initial / attempt_rate <= 1,
    excess=hop_rate_initial / attempt_rate * (drive + sp.sqrt(1 + drive**2)),
    report="the forward hop rate at the start is {:.3g} times the attempt rate",
)

dissipated_barrier_power_law = Bound(
    key="dissipated_barrier_power_law",
    title="Matched barrier, height dissipated (power law)",
    expression=updates * thermal_energy * (_mean_barrier_power_law + 2 * sp.asinh(drive)),
    parameters=(
        "updates",
        "drive",
        "attempt_rate",
        "hop_rate_initial",
        "duration",
        "time_constant",
        "exponent",
    ),
    regime=(
        _initial_forward_rate,
        Regime("the barrier's height is lost at each move; update rate (1 + t/τ)^(-α)"),
    ),
    **_dissipated,
)

dissipated_barrier = Bound(
    key="dissipated_barrier",
    title="Matched barrier, height dissipated",
    expression=updates * thermal_energy * (_mean_barrier_exponential + 2 * sp.asinh(drive)),
    parameters=dissipated_barrier_power_law.parameters[:-1],
    regime=(
        _initial_forward_rate,
        Regime("the barrier's height is lost at each move; update rate exp(-t/τ)"),
    ),
    variant=dissipated_barrier_power_law,
    **_dissipated,
)

_retention_rate = memory.retention_rate.expression
_tilt_over_retention_barrier = memory.tilt_for_rate.expression.subs(
    symbols.barrier, memory.retention_barrier.expression
)

static_barrier = Bound(
    key="static_barrier",
    title="Static barrier",
    kind="protocol",
    expression=updates * _tilt_over_retention_barrier,
    parameters=("updates", "update_rate", "attempt_rate", "retention", "loss_probability"),
    domains=MappingProxyType({"update_rate": NON_NEGATIVE}),
    requires=memory.retention_barrier.formula.requires,
    regime=(
        Regime(
            f"barrier as retention needs it, writing by tilt alone; {_attempts}",
            holds=update_rate / attempt_rate + (_retention_rate / attempt_rate) ** 2 <= 1,
            excess=update_rate / (2 * attempt_rate)
            + sp.sqrt(
                (update_rate / (2 * attempt_rate)) ** 2 + (_retention_rate / attempt_rate) ** 2
            ),
            report="the forward hop rate would be {:.3g} times the attempt rate",
        ),
    ),
    sources=(),
    chapter="07-the-update-wall",
)

two_tier = Bound(
    key="two_tier",
    title="Two tiers",
    kind="estimate",
    expression=matched_barrier.expression
    + consolidations
    * model_size
    * bits
    * (2 * thermal_energy * sp.asinh(update_rate / (2 * _retention_rate)) + transfer_energy),
    parameters=(
        "model_size",
        "bits",
        "updates",
        "consolidations",
        "drive",
        "update_rate",
        "retention",
        "loss_probability",
        "transfer_energy",
    ),
    domains=MappingProxyType({"update_rate": NON_NEGATIVE}),
    regime=(Regime("each consolidation writes every bit once over the retention barrier"),),
    sources=(),
    chapter="08-the-consolidation-wall",
)

memory_access = Bound(
    key="memory_access",
    title="Memory access",
    kind="estimate",
    expression=model_size * bits * reads * read_energy + operations * bits * write_energy,
    parameters=("model_size", "bits", "operations", "reads", "read_energy", "write_energy"),
    regime=(Regime("each read takes the whole model, each operation writes one parameter"),),
    sources=("horowitz2014",),
    chapter="01-three-walls",
)

landauer_per_update = Bound(
    key="landauer_per_update",
    title="Landauer per update",
    kind="reference",
    expression=thermal_energy * operations * bits * sp.log(2),
    parameters=("operations", "bits"),
    regime=(Regime("each write erases an unknown old value: an assumption, no theorem"),),
    sources=("landauer1961",),
    chapter="09-energy-to-solution",
)

_COLUMNS = {
    "rung": lambda bound: bound.title,
    "kind": lambda bound: bound.kind,
    "energy to solution": lambda bound: f"${bound.latex()}$",
}

LADDER = Table(
    (
        landauer,
        finite_time,
        transport_activity,
        transport_time,
        matched_stiffness,
        static_stiffness,
        matched_barrier,
        dissipated_barrier,
        static_barrier,
        two_tier,
        memory_access,
        landauer_per_update,
    ),
    _COLUMNS,
)
"""The rungs: theorems, protocols, estimates, the reference line. Listed, not ordered by size."""


@dataclass(frozen=True)
class Ordering:
    """One proven arrow of the ladder: lower <= upper.

    Parameters
    ----------
    lower, upper : Bound
        The two rungs.
    condition : str
        When it holds, in words.
    lower_part : sympy.Expr
        What is compared, in the quantities of both: the lower rung's expression or its dissipative
        part, its resources expressed by those of the upper.
    holds : sympy.Basic
        The condition as a relation, ``True`` if there is none.
    """

    lower: Bound
    upper: Bound
    condition: str
    lower_part: sp.Expr
    holds: sp.Basic = sp.true

    @property
    def always(self) -> bool:
        """Whether it holds for all quantities, the whole of both rungs compared."""
        return self.holds == sp.true and self.lower_part == self.lower.expression


def _dissipation(bound: Bound, resource: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """What a theorem asks for beyond Landauer, its resource expressed by other quantities."""
    return (bound.expression - landauer.expression).expand().subs(resource)


_hops_of_matched_barrier = updates * sp.sqrt(1 + drive**2) / drive
_hop_budget_of_matched_barrier = updates / (2 * drive * model_size)
_hop_budget_at_retention = updates * _retention_rate / (update_rate * model_size)
_makes_the_transport = transport <= updates

ORDERINGS = Table(
    (
        Ordering(landauer, finite_time, "always", landauer.expression),
        Ordering(landauer, transport_activity, "always", landauer.expression),
        Ordering(landauer, transport_time, "always", landauer.expression),
        Ordering(landauer, static_stiffness, "always", landauer.expression),
        Ordering(
            finite_time,
            matched_stiffness,
            "same spread, displacement, diffusivity and duration",
            finite_time.expression,
        ),
        Ordering(
            transport_activity,
            matched_barrier,
            "dissipative term, for the hops that the matched barrier makes, updates >= transport",
            _dissipation(transport_activity, {hops: _hops_of_matched_barrier}),
            _makes_the_transport,
        ),
        Ordering(
            transport_time,
            matched_barrier,
            "dissipative term, for the matched barrier's hop budget, updates >= transport",
            _dissipation(transport_time, {hop_budget: _hop_budget_of_matched_barrier}),
            _makes_the_transport,
        ),
        Ordering(
            transport_time,
            static_barrier,
            "dissipative term, for the hop budget of cells held at the retention rate while "
            "they make their updates, updates >= transport",
            _dissipation(transport_time, {hop_budget: _hop_budget_at_retention}),
            _makes_the_transport,
        ),
        Ordering(
            matched_barrier,
            static_barrier,
            "same updates; the hop rate stays above the retention rate, drive <= v/(2 r_ret)",
            matched_barrier.expression,
            drive <= update_rate / (2 * _retention_rate),
        ),
        Ordering(
            matched_barrier,
            dissipated_barrier,
            "same updates and drive",
            matched_barrier.expression,
        ),
        Ordering(
            matched_barrier,
            two_tier,
            "same updates and drive: consolidation comes on top",
            matched_barrier.expression,
        ),
        Ordering(
            landauer_per_update,
            memory_access,
            "same operations; writing a bit costs at least kT ln 2",
            landauer_per_update.expression,
            write_energy >= thermal_energy * sp.log(2),
        ),
    ),
    {
        "lower": lambda row: row.lower.title,
        "upper": lambda row: row.upper.title,
        "condition": lambda row: row.condition,
    },
)
"""The proven arrows of the ladder, each with its condition. No other arrow holds always."""


def get(key: str) -> Bound:
    """The rung of that key.

    Parameters
    ----------
    key : str
        As in `LADDER`, or ``"dissipated_barrier_power_law"``.

    Returns
    -------
    Bound

    Raises
    ------
    KeyError
        If there is none; the message names the nearest.

    Examples
    --------
    >>> get("landauer").title
    'Landauer'
    """
    rungs = {bound.key: bound for bound in (*LADDER, dissipated_barrier_power_law)}
    if key not in rungs:
        raise KeyError(
            f"no bound {key!r}{validate.nearest(key, rungs)}; there are {', '.join(rungs)}"
        )
    return rungs[key]


def table(**quantities: Any):
    """The rungs that can be computed from the quantities given.

    Parameters
    ----------
    **quantities
        Numbers by their names in the notation table, ``temperature=300.0`` by default. A rung is
        left out if one of its arguments is missing.

    Returns
    -------
    pandas.DataFrame
        Index: key. Columns: title, kind, energy in J, the same to read, and the ratio to Landauer's
        rung (NaN without it).

    Raises
    ------
    TypeError
        For a name that no rung takes.
    ValueError, TypeError
        For a value that is not allowed, or not one number.

    Examples
    --------
    >>> table(model_size=175e9, bits=16, operations=1.64e16)[["kind", "energy"]]
                              kind   energy
    landauer               theorem  8.04 nJ
    static_stiffness      protocol   1.56 J
    landauer_per_update  reference   753 μJ
    """
    import pandas as pd

    known = sorted({name for bound in LADDER for name in bound.arguments} | {"exponent"})
    validate.arguments("table", tuple(known), (), quantities)
    for name, value in quantities.items():
        if value is not None and np.ndim(value):
            validate.refuse(name, value, "one number")
    rows = {}
    for bound in LADDER:
        accepted = {*bound.arguments, *(bound.variant.arguments if bound.variant else ())}
        given = {n: v for n, v in quantities.items() if n in accepted and v is not None}
        if set(bound.required) <= set(given):
            joules = bound.at(given, stacklevel=3)
            rows[bound.key] = {
                "title": bound.title,
                "kind": bound.kind,
                "joules": joules,
                "energy": format_energy(joules) if np.isfinite(joules) else "inf",
            }
    frame = pd.DataFrame.from_dict(
        rows, orient="index", columns=["title", "kind", "joules", "energy"]
    )
    reference = rows.get("landauer", {}).get("joules", np.nan)
    frame["over_landauer"] = frame["joules"] / (reference or np.nan)
    return frame

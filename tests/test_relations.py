"""Where formulas hold: the corners of a box decide, and what lies on an edge belongs to it."""

import warnings

import mpmath as mp
import numpy as np
import pytest
import sympy as sp
from formulas import FORMULAS

from lim_lib import bounds, memory, symbols
from lim_lib.formula import formula
from lim_lib.units import BOLTZMANN, thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
POINTS = 300


RELATIONS = {
    f"{key}: {condition.holds}": (where, condition.holds)
    for key, where in FORMULAS.items()
    for condition in (*where.requires, *where.regime)
    if condition.holds is not None
}


def draw(name, domain, rng, decades=6):
    """Numbers over the domain of a quantity, its ends among them if they are allowed."""
    low, high = domain.low, domain.high
    if high < np.inf:
        values = low + (high - low) * 10 ** -rng.uniform(0, 2 * decades, POINTS)
    else:
        scale = KT if symbols.QUANTITIES[name].unit.startswith("J") else 1.0
        values = scale * 10 ** rng.uniform(-decades, decades, POINTS)
    if low < 0:
        values *= rng.choice([-1, 1], POINTS)
    ends = [end for end in (low, high) if end in domain]
    return np.where(rng.random(POINTS) < 0.1, rng.choice(ends), values) if ends else values


def hills(where, relation):
    """Arguments in which the relation's small side passes its large side inside an interval
    further than at both ends, with the place of each."""
    small, large = relation.lts, relation.gts
    names = [n for n in where.arguments if symbols.QUANTITIES[n].symbol in relation.free_symbols]
    quantities = [symbols.boltzmann, *(symbols.QUANTITIES[n].symbol for n in names)]
    beyond = {"erfcinv": lambda q: mp.erfinv(1 - q)}  # mpmath has the other one alone
    difference = sp.lambdify(quantities, (small - large).doit(), [beyond, "mpmath"])
    rng = np.random.default_rng(sum(map(ord, where.key)))
    domains = {n: where.domains.get(n, symbols.QUANTITIES[n].domain) for n in names}
    for name in names:
        values = {n: draw(n, domain, rng) for n, domain in domains.items()}
        others = draw(name, domains[name], rng)
        parts = 10 ** -rng.uniform(0, 6, POINTS)
        for index in range(POINTS):
            point = {n: mp.mpf(v[index]) for n, v in values.items()}
            here, there = point[name], mp.mpf(others[index])

            def excess(x, point=point, name=name):
                return difference(mp.mpf(BOLTZMANN), *(point | {name: x}).values())

            ends, inside = (
                (excess(here), excess(there)),
                excess(here + (there - here) * parts[index]),
            )
            if inside > max(ends) + mp.mpf(10) ** -30 * (1 + max(map(abs, ends))):
                yield name, point


@pytest.mark.parametrize("text", RELATIONS)
def test_a_relation_that_holds_at_the_corners_of_a_box_holds_inside(text):
    where, relation = RELATIONS[text]
    with mp.workdps(60):
        assert not list(hills(where, relation))


def test_a_relation_that_the_corners_do_not_decide_is_caught():
    drive, size = symbols.drive, symbols.model_size

    @formula(drive)
    def hill(drive, model_size, temperature=300.0):
        """A formula with a condition that has a hill."""

    with mp.workdps(60):
        assert {name for name, _ in hills(hill, drive * sp.exp(-drive) <= size)} == {"drive"}
        assert {name for name, _ in hills(hill, (size - 1) ** 2 >= drive)} == {"model_size"}
        assert not list(hills(hill, (size - 1) ** 2 <= drive))


TIMES_THE_ATTEMPT_RATE = {
    key: (where, regime)
    for key, where in FORMULAS.items()
    for regime in where.regime
    if "times the attempt rate" in regime.report
}


@pytest.mark.parametrize("key", TIMES_THE_ATTEMPT_RATE)
def test_a_rate_is_complained_about_where_it_passes_the_attempt_rate(key):
    where, regime = TIMES_THE_ATTEMPT_RATE[key]
    names = [n for n in where.arguments if n != "temperature"]
    quantities = [symbols.QUANTITIES[n].symbol for n in names]
    fixed = {symbols.boltzmann: BOLTZMANN, symbols.temperature: 300}
    holds, times = (
        sp.lambdify(quantities, e.subs(fixed).doit(), "mpmath")
        for e in (regime.holds, regime.excess)
    )
    rng = np.random.default_rng(3)
    domains = [where.domains.get(n, symbols.QUANTITIES[n].domain) for n in names]
    drawn = [draw(n, domain, rng, decades=0.7) for n, domain in zip(names, domains, strict=True)]
    found = [(bool(holds(*point)), times(*point) <= 1) for point in zip(*drawn, strict=True)]
    assert all(held == below for held, below in found)
    assert 0.1 < np.mean([held for held, _ in found]) < 0.9


def test_every_condition_of_the_ladder_and_of_the_cell_is_looked_at():
    rungs = [*bounds.LADDER, *(bound.variant for bound in bounds.LADDER if bound.variant)]
    assert {bound.key for bound in rungs} <= FORMULAS.keys()
    assert {"hop_rates", "kramers_rate", "retention_barrier", "tilt_for_rate"} <= FORMULAS.keys()


DISSIPATED = {"updates": 1.0, "attempt_rate": 1e9, "duration": 1.0, "time_constant": 1.0}
DISSIPATED |= {"hop_rate_initial": 1e9}
# What is called, its other arguments, and one argument on the edge and beyond it.
EDGES = {
    "nothing drives over no barrier": (bounds.dissipated_barrier, DISSIPATED, "drive", 0, 0.01),
    "the same, power law": (
        bounds.dissipated_barrier, DISSIPATED | {"exponent": 2.0}, "drive", 0, 0.01
    ),
    "a tilt of twice the barrier": (
        memory.hop_rates, {"barrier": 3 * KT, "attempt_rate": 1e9}, "tilt", 6 * KT, 6.01 * KT
    ),
    "a cell at rest without a barrier": (
        memory.tilt_for_rate, {"barrier": 0, "attempt_rate": 1e9}, "update_rate", 0, 1e6
    ),
    "a barrier of ten kT": (
        memory.kramers_rate, {"diffusivity": 1, "half_width": 1}, "barrier", 10 * KT, 9.99 * KT
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EDGES)
def test_the_edge_of_a_regime_belongs_to_it(case):
    function, rest, name, edge, beyond = EDGES[case]
    with warnings.catch_warnings():
        warnings.simplefilter("error", RegimeWarning)
        function(**rest, **{name: edge})
    with pytest.warns(RegimeWarning):
        function(**rest, **{name: beyond})


def test_what_must_exceed_may_not_be_equal():
    with pytest.raises(ValueError, match="hops must exceed net_moves"):
        bounds.transport_activity(1, 1, 5, transport=5)
    allowed = memory.retention_rate(1.0, 0.25)
    with pytest.raises(ValueError, match="no barrier is needed"):
        memory.retention_barrier(1.0, 0.25, attempt_rate=allowed)


def test_an_argument_of_another_rung_that_is_none_changes_nothing():
    given = {"updates": 1e6, "drive": 0.1, "operations": 1e6, "bits": 8}
    dissipated = {"attempt_rate": 1e9, "hop_rate_initial": 1e3, "duration": 1, "time_constant": 1}
    for quantities in (given, given | dissipated):
        frame = bounds.table(**quantities)
        assert frame.equals(bounds.table(**quantities, exponent=None))
    assert frame.loc["dissipated_barrier", "joules"] == bounds.dissipated_barrier(
        1e6, 0.1, **dissipated
    )
    steep = bounds.table(**quantities, exponent=2.5).loc["dissipated_barrier", "joules"]
    assert steep == bounds.dissipated_barrier(1e6, 0.1, **dissipated, exponent=2.5)
    assert steep != frame.loc["dissipated_barrier", "joules"]

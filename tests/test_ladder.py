"""The arrows of the ladder: each proven one holds everywhere, and only where it says."""

from functools import cache

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import Phase, given, reject, settings
from hypothesis import strategies as st

from lim_lib import bounds, symbols
from lim_lib.bounds import LADDER, ORDERINGS
from lim_lib.bounds.limits import TwoLimitExcess
from lim_lib.units import BOLTZMANN, thermal_energy

KT = thermal_energy()


@pytest.fixture(autouse=True, scope="module")
def fifty_digits():
    with mp.workdps(50):
        yield


def decades(low, high):
    return st.floats(low, high).map(lambda x: mp.mpf(10) ** x)


STRATEGIES = {
    symbols.bits: st.one_of(st.just(mp.mpf(0)), st.floats(0.01, 64).map(mp.mpf), decades(-12, 0)),
    symbols.loss_probability: decades(-30, -0.31),
    symbols.drive: decades(-9, 9),
    symbols.hops: decades(-9, 9),  # beyond the net moves, in units of them
    symbols.matching_ratio: st.floats(1e-6, 1 - 1e-6).map(mp.mpf),
    symbols.loss_ratio: decades(0, 12),
    symbols.heights: st.one_of(st.just(mp.mpf(1)), decades(0, 9)),
}
FRACTION = st.one_of(*map(st.just, (1.0, 0.999, 1e-6)), st.floats(1e-9, 1.0)).map(mp.mpf)


@cache
def function_of(expression):
    quantities = tuple(sorted(expression.free_symbols, key=str))
    solved = {TwoLimitExcess.__name__: TwoLimitExcess.exact}  # has no closed form
    return quantities, sp.lambdify(quantities, expression.doit(), [solved, "mpmath"])


def number(expression, values):
    """An expression in 50 digits."""
    quantities, function = function_of(expression)
    return function(*(values[q] for q in quantities))


def conditions(ordering):
    """The arrow's own condition and what its rungs require, as relations."""
    required = [r.holds for r in (*ordering.lower.requires, *ordering.upper.requires)]
    return [
        relation
        for relation in (ordering.holds, *required)
        if relation != sp.true and symbols.hops not in relation.free_symbols
    ]


def draw_quantities(data, expressions):
    quantities = set().union(*(e.free_symbols for e in expressions)) - {symbols.boltzmann}
    values = {symbols.boltzmann: mp.mpf(BOLTZMANN)}
    for quantity in sorted(quantities, key=str):
        drawn = decades(-6, 12)
        if quantity.is_positive is None:  # it may be zero: then nothing else drowns in it
            drawn = st.one_of(st.just(mp.mpf(0)), drawn)
        values[quantity] = data.draw(STRATEGIES.get(quantity, drawn), str(quantity))
    for quantity in quantities:
        if symbols.QUANTITIES[symbols.NAMES[quantity]].unit.startswith("J"):  # drawn in kT
            values[quantity] *= values[symbols.boltzmann] * values[symbols.temperature]
    return values


def meet(data, relation, values):
    """Set one side of small <= large so that it holds, sometimes with equality."""
    small, large = relation.lts, relation.gts
    part = data.draw(FRACTION, "fraction")
    if relation.func in (sp.StrictLessThan, sp.StrictGreaterThan):
        part = min(part, mp.mpf("0.999"))
    if small.is_Symbol and not large.is_Symbol:
        values[small] = number(large, values) * part
    else:
        free = large if large.is_Symbol else symbols.duration
        values[free] = number(small, values) / part / number(large / free, values)


def name(ordering):
    return f"{ordering.lower.key} <= {ordering.upper.key}"


def sides(data, ordering):
    """Both sides of an arrow, at quantities that meet its conditions."""
    lower, upper = ordering.lower_part, ordering.upper.expression
    relations = conditions(ordering)
    values = draw_quantities(data, [lower, upper, *relations])
    try:
        for relation in relations:
            meet(data, relation, values)
        if symbols.hops in values:
            values[symbols.hops] = (values[symbols.net_moves] or 1) * (1 + values[symbols.hops])
        return number(lower, values), number(upper, values) * (1 + mp.mpf(10) ** -25)
    except ZeroDivisionError:
        reject()  # a rung has no value there, such as no hops in no updates


@pytest.mark.parametrize("ordering", ORDERINGS, ids=name)
@settings(max_examples=150)
@given(data=st.data())
def test_a_proven_arrow_holds(ordering, data):
    low, high = sides(data, ordering)
    assert low <= high


@pytest.mark.parametrize("ordering", ORDERINGS, ids=name)
def test_a_lower_side_one_per_cent_too_large_is_caught(ordering):
    @settings(max_examples=400, phases=[Phase.generate])
    @given(data=st.data())
    def holds(data):
        low, high = sides(data, ordering)
        assert low * mp.mpf("1.01") <= high

    with pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize("ordering", [o for o in ORDERINGS if o.holds != sp.true], ids=name)
def test_an_arrow_with_a_condition_fails_without_it(ordering):
    one = {q: mp.mpf(1) for q in symbols.NAMES}
    one |= {symbols.loss_probability: mp.mpf("0.1"), symbols.temperature: mp.mpf(300)}
    one |= {symbols.examples: mp.mpf(2)}
    one |= {
        symbols.reads: mp.mpf(0),
        symbols.boltzmann: mp.mpf(BOLTZMANN),
        symbols.drive: mp.mpf("0.5"),
    }
    broken = {
        symbols.bits: mp.mpf(64),  # so many that few examples cannot give them
        symbols.update_rate: mp.mpf("1e-3"),  # so slow that retention needs no tilt to speak of
        symbols.write_energy: mp.mpf(KT) / 2,  # below kT ln 2
    }
    for quantity in broken.keys() & ordering.holds.free_symbols:
        one[quantity] = broken[quantity]
    assert number(ordering.lower_part, one) > number(ordering.upper.expression, one)


def test_transport_activity_and_the_stiffness_rungs_are_not_ordered():
    few = bounds.transport_activity(1, 4, 5.4)
    many = bounds.transport_activity(1, 4, 1e9)
    slow = bounds.matched_stiffness(1, 4, 1, 0, 1, 1e3)
    fast = bounds.matched_stiffness(1, 4, 1, 0, 1, 1e-3)
    assert few > slow
    assert many < fast
    assert bounds.transport_activity(1, 8, 85.4) < bounds.static_stiffness(1, 8)
    assert bounds.transport_activity(1, 1, 0.5 + 1e-12) > bounds.static_stiffness(1, 1)


def test_the_dissipated_barrier_and_the_static_one_are_not_ordered():
    retained = {"attempt_rate": 1e9, "retention": 3e8, "loss_probability": 1e-9}
    dissipated = bounds.dissipated_barrier(1, 1e-3, 1e9, 1e3, 1.0, 1.0)
    assert dissipated > bounds.static_barrier(1, 1e-20, **retained)
    assert dissipated < bounds.static_barrier(1, 1e6, **retained)


def test_finite_time_and_static_stiffness_are_not_ordered():
    assert bounds.finite_time(1, 4, 4, 0, 1, 1e-3) > bounds.static_stiffness(1, 4)
    assert bounds.finite_time(1, 4, 4, 0, 1, 1e3) < bounds.static_stiffness(1, 4)


def test_matched_beats_static_stiffness_from_the_checkpoint_duration_on():
    static = bounds.static_stiffness(1, 4)
    assert bounds.matched_stiffness(1, 4, 4, 0, 1, 0.1772) < static
    assert bounds.matched_stiffness(1, 4, 4, 0, 1, 0.1770) > static


def test_arrows_point_between_rungs_of_the_ladder():
    for ordering in ORDERINGS:
        assert ordering.lower in LADDER
        assert ordering.upper in LADDER
        assert ordering.condition
    assert len({name(o) for o in ORDERINGS}) == len(ORDERINGS)

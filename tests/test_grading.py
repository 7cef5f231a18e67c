"""Answers that are right in other words pass; wrong ones fail, with the hint that helps."""

import pytest
import sympy as sp

from lim_lib import bounds, grading, memory, thermal_energy
from lim_lib.symbols import (
    attempt_rate,
    bits,
    displacement,
    duration,
    hop_budget,
    hops,
    loss_probability,
    model_size,
    retention,
    tilt,
    transport,
)
from lim_lib.symbols import thermal_energy as kT

W, N = transport, hops


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        (kT * sp.log(2 ** (bits * model_size)), bounds.landauer.expression),
        (W * sp.log((N + W) / (N - W)), 2 * W * sp.atanh(W / N)),
        (sp.log(W + sp.sqrt(1 + W**2)), sp.asinh(W)),
        (1 / (1 + sp.exp(tilt / kT)), (1 - sp.tanh(tilt / (2 * kT))) / 2),
        (
            -kT * sp.log(-sp.log(1 - 2 * loss_probability) / (2 * attempt_rate * retention)),
            memory.retention_barrier.expression,
        ),
    ],
)
def test_an_expression_may_be_written_in_any_way(answer, reference):
    grading.matches(answer, reference)
    grading.matches(reference, answer)


@pytest.mark.parametrize(
    ("answer", "reference", "hint"),
    [
        (kT, kT * sp.log(2), r"is 1/log\(2\) times the right one: one bit is ln 2 nats"),
        (kT * W**2 / N, 2 * kT * W**2 / N, "is 1/2 times"),
        (-kT, kT, "is -1 times the right one: mind the sign"),
        (kT * bits, kT * bits * model_size, "is 1/M times"),
        (kT * sp.sqrt(bits), kT * sp.sqrt(bits * W), r"is 1/sqrt\(W\) times"),
        (1.7 * kT, kT, "is 1.7 times"),
        (1.7 * kT * W, kT, r"is 1.7\*W times"),
        (kT * sp.log(W), kT * (sp.log(W) + sp.log(N)), "a term with N_hop is missing"),
        (kT * (W - N), kT * (W + N), "a term with N_hop has the wrong sign"),
        (sp.exp(-W), sp.exp(W), "is the inverse of this"),
        (sp.exp(-W), 1 - sp.exp(-W), "is one minus this"),
        (kT * sp.sin(W), kT * W, "not equal: .* try the limits"),
        (sp.S.Zero, kT, "should not be zero"),
        (sp.sqrt(-1 - W), W, "no real number"),
        (2.0, kT, "give a SymPy expression; got 2.0"),
    ],
)
def test_a_wrong_expression_gets_a_hint(answer, reference, hint):
    with pytest.raises(AssertionError, match=hint):
        grading.matches(answer, reference)


def test_expressions_are_not_confused_by_a_difference_that_is_small():
    grading.matches(sp.sin(W) ** 2, 1 - sp.cos(W) ** 2)
    with pytest.raises(AssertionError):
        grading.matches(W * (1 + sp.Rational(1, 10**9)), W)


@pytest.mark.parametrize(
    ("answer", "reference"),
    [
        ((2.871, "zJ"), (2.870979e-21, "J")),
        ((0.6931, "kT"), (2.870979e-21, "J")),
        ((1, "kWh"), (3.6, "MJ")),
        ((1, "eV"), (1.602176634e-19, "J")),
        ((5, "pJ/bit"), (5e-12, "J")),
        ((10, "year"), (3652.5, "d")),
        ((1, "GHz"), (1, "1/ns")),
        ((sp.Rational(1, 2), "1"), (50, "%")),
        ((2, "parameter**2/s"), (2e-3, "parameter**2/ms")),
        ((3, "W*s"), (3, "J")),
    ],
)
def test_a_quantity_may_have_any_unit_of_its_kind(answer, reference):
    grading.matches(answer, reference)


@pytest.mark.parametrize(
    ("answer", "reference", "hint"),
    [
        ((1.03, "J"), (1, "J"), "is 1.03 times"),
        ((0.25, "J"), (1, "J"), "is 1/4 times"),
        ((-1, "J"), (1, "J"), "mind the sign"),
        ((1e3, "J"), (1, "J"), r"is 10\*\*3 times the right one: mind prefix"),
        ((8, "J"), (1, "J"), "bits or bytes"),
        ((5, "J"), (5, "kT"), "looks like one in kT, and the unit given is another"),
        ((5 * thermal_energy(), "kT"), (5, "kT"), "SI units, and the unit given is kT"),
        ((0, "J"), (1, "J"), "should not be zero"),
        ((1, "J"), (0, "J"), "should be zero"),
        ((1, "s"), (1, "J"), r"asked for is an energy \(in J\), your answer is a time"),
        ((1, "joule"), (1, "J"), "no unit that is known here"),
        ((1, "J**x"), (1, "J"), "no unit that is known here"),
        ((1, ""), (1, "J"), "no unit that is known here"),
        ((float("nan"), "J"), (1, "J"), "must be a finite number, got nan"),
        (("1", "J"), (1, "J"), "must be a finite number, got '1'"),
        ((True, "J"), (1, "J"), "must be a finite number, got True"),
        ((1 + 1j, "J"), (1, "J"), "must be a finite number"),
        (1.0, (1, "J"), "give a number and its unit"),
        ((1,), (1, "J"), "give a number and its unit"),
        (None, (1, "J"), "give a number and its unit"),
    ],
)
def test_a_wrong_quantity_gets_a_hint(answer, reference, hint):
    with pytest.raises(AssertionError, match=hint) as caught:
        grading.matches(answer, reference)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bound", [*bounds.LADDER], ids=lambda bound: bound.key)
def test_every_rung_of_the_ladder_is_an_energy_and_no_time(bound):
    grading.is_expression(bound.expression, bound.expression.free_symbols, "J")
    with pytest.raises(AssertionError, match="the dimension is wrong"):
        grading.is_expression(bound.expression, bound.expression.free_symbols, "s")


@pytest.mark.parametrize(
    "wrong",
    [
        kT + displacement * bits,
        kT * sp.log(duration),
        kT * duration,
        kT * sp.asinh(hop_budget * duration),
    ],
)
def test_an_expression_with_the_wrong_dimension_is_found(wrong):
    with pytest.raises(AssertionError, match="the dimension is wrong"):
        grading.is_expression(wrong, wrong.free_symbols, "J")


def test_symbols_of_ones_own_have_the_unit_that_is_given():
    voltage, capacitance, s = sp.symbols("V C s", positive=True)
    units = {voltage: "J", capacitance: "1/J", s: "s"}
    grading.is_expression(capacitance * voltage**2 / s, units, "W")
    with pytest.raises(AssertionError, match="V, s do not belong in the answer; it may contain C"):
        grading.is_expression(voltage / s, [capacitance], "J")


def test_a_reference_that_is_real_nowhere_is_the_teachers_mistake():
    with pytest.raises(ValueError, match="is real nowhere"):
        grading.matches(W, sp.sqrt(-1 - W))

"""Answers that are right in other words pass; wrong ones fail, with the hint that helps."""

import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
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
        (kT * sp.log(W) / sp.log(10), kT * sp.log(W), r"is 1/log\(10\) .*natural or decimal"),
        (
            0.693147 * kT,
            kT * sp.log(2),
            r"^nearly: the answer is 0\.9999997 times .*log\(2\) exact",
        ),
        (-1.0000003 * kT, kT, "^nearly: the answer is -1.0000003 times"),
        (1.0000003 * kT * W, kT, r"is 1.0000003\*W times"),
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
        *(((2.9, unit), (2.9e-6, "J")) for unit in ("uJ", "\u00b5J", "\u03bcJ", "\uff55\uff2a")),
        *(
            ((3, unit), (3, "J/s"))
            for unit in ("J·s⁻¹", "J s^-1", "J\u00a0s⁻¹", "J∕s", "J × s**−1")
        ),
        ((1, "parameter²/s"), (1, "parameter**2/s")),
        ((77, "\u212a"), (77, "K")),
        ((1, "kW⋅h"), (1, "kWh")),
        ((thermal_energy() * sp.log(2), "J"), (2.870979e-21, "J")),
        ((sp.pi, "1"), (3.14159, "1")),
        *(
            ((kind("2.5"), "J"), (2.5, "J"))
            for kind in (np.float32, sp.Float, sp.Rational, Fraction, Decimal, mpmath.mpf)
        ),
        ((np.array(2.5), "J"), (2.5, "J")),
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
        ((5, "J"), (5, "kT"), "looks like one in kT, and the unit given is J"),
        ((5 * thermal_energy(), "kT"), (5, "kT"), "looks like one in J, and the unit given is kT"),
        ((1287, "J"), (1287, "Wh"), "looks like one in Wh, and the unit given is J"),
        ((1287, "J"), (1287, "MWh"), "looks like one in MWh, and the unit given is J"),
        ((1287 * 3.6e6, "kWh"), (1287, "kWh"), "looks like one in J, and the unit given is kWh"),
        ((5, "eV"), (5, "J"), "looks like one in J, and the unit given is eV"),
        ((5, "kWh"), (5, "kT"), "looks like one in kT, and the unit given is kWh"),
        ((7, "s"), (7, "h"), "looks like one in h, and the unit given is s"),
        ((7, "d"), (7, "min"), "looks like one in min, and the unit given is d"),
        ((7, "1/s"), (7, "1/h"), "looks like one in 1/h, and the unit given is 1/s"),
        ((7, "Wh/year"), (7, "kWh/year"), r"10\*\*-3 .*mind prefix"),
        ((7, "J/bit"), (7, "eV/bit"), "looks like one in eV/bit, and the unit given is J/bit"),
        ((7, "W"), (7, "J"), r"asked for is an energy \(in J\), your answer is a power"),
        ((math.log(20), "1"), (math.log10(20), "1"), r"log\(10\) times .*natural or decimal"),
        ((0, "J"), (1, "J"), "should not be zero"),
        ((1, "J"), (0, "J"), "should be zero"),
        ((1, "s"), (1, "J"), r"asked for is an energy \(in J\), your answer is a time"),
        ((1, "joule"), (1, "J"), "no unit that is known here"),
        ((1, "J**x"), (1, "J"), "no unit that is known here"),
        ((1, ""), (1, "J"), "no unit that is known here"),
        ((float("nan"), "J"), (1, "J"), "must be a finite number, got nan"),
        (("1", "J"), (1, "J"), "must be a finite number, got '1'"),
        ((True, "J"), (1, "J"), "must be a finite number, got True"),
        ((np.True_, "J"), (1, "J"), "must be a finite number"),
        ((np.array([2.9]), "J"), (1, "J"), "must be a finite number"),
        ((np.timedelta64(5, "s"), "s"), (5, "s"), "must be a finite number"),
        ((model_size, "J"), (1, "J"), "must be a finite number, got M"),
        ((sp.I, "J"), (1, "J"), "must be a finite number, got I"),
        ((sp.nan, "J"), (1, "J"), "must be a finite number, got nan"),
        ((sp.exp(sp.exp(sp.exp(100))), "J"), (1, "J"), "must be a finite number, got exp"),
        ((10**400, "J"), (1, "J"), "must be a finite number, got 1000"),
        ((10**5000, "J"), (1, "J"), "must be a finite number, got an integer of about 5000 digits"),
        ((Decimal(10) ** 400, "J"), (1, "J"), "must be a finite number, got Decimal"),
        ((1, "kJ**999"), (1, "J"), "'kJ.*999' is no unit that is known here"),
        ((1, "J*" * 50_000 + "J"), (1, "J"), r"^.{,150}$"),
        ((1e300, "QJ"), (1, "J"), "too large or too small to be compared"),
        ((1e-310, "qJ"), (1, "J"), "too large or too small to be compared"),
        ((1e300, "J"), (1e-300, "J"), "is far too large"),
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


f, x = sp.Function("f"), sp.Symbol("x")
BEYOND = "numbers in the answer are too large or too small to be computed"


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (0 * kT, "the answer should not be zero"),
        (kT * sp.sqrt(-1 - W), "is no real number where its symbols are positive"),
        (sp.I * kT, "is no real number where its symbols are positive"),
        *((value, "the answer should be finite") for value in (sp.oo, -sp.oo, sp.zoo, sp.nan)),
        (kT * f(W), r"f\(W\) is a function that is defined nowhere"),
        (sp.Derivative(f(W), W), "carry out Derivative.* with .doit()"),
        (sp.Limit(kT * sp.sin(x) / x, x, 0), "carry out Limit.* with .doit()"),
        (sp.Subs(kT * x, x, W), "carry out Subs.* with .doit()"),
        (sp.MatrixSymbol("A", 2, 2), "A is a matrix"),
        (sp.ImmutableMatrix([kT]), "is a matrix"),
        (sp.Matrix([kT]), "give a SymPy expression"),
        (sp.Lambda(W, kT * W), "give what the function .* returns, not the function"),
        *((value, "give a SymPy expression") for value in ("kT", (kT,), [kT], None, f, sp.true)),
        (sp.Order(W), "is no real number"),
        (kT * sp.factorial(10**6 * W), BEYOND),
        (kT * sp.besselj(10**6 * W, 10**7), BEYOND),
        (kT * sp.sin(10**3000 * W), BEYOND),
        (kT * sum(sp.sin(i * W) for i in range(500)), "too long to be checked"),
    ],
)
def test_an_answer_that_is_no_number_gets_a_hint_and_no_error(answer, hint):
    with pytest.raises(grading.Hint, match=hint) as form:
        grading.is_expression(answer, [W, *kT.free_symbols], "J")
    with pytest.raises(grading.Hint) as value:
        grading.matches(answer, W * kT)
    assert "\n" not in str(form.value) + str(value.value)


@pytest.mark.parametrize(
    "factor",
    [
        W ** (10**9),
        (1 + W) ** (10**8),
        sp.exp(sp.exp(sp.exp(10 * W))),
        sp.Pow(W, W ** (W ** (W**100))),
        sp.Integer(10) ** 5000,
        sp.Integral(sp.exp(sp.exp(sp.exp(100 * x))), (x, 0, W)),
    ],
)
def test_numbers_beyond_all_bounds_are_no_work(factor):
    with pytest.raises(grading.Hint, match=r"far from|too large or too small|times the right"):
        grading.matches(kT * factor, kT * W)


def test_integrals_and_sums_need_not_be_carried_out():
    answer = sp.Integral(kT * W / x, (x, 1, 2))
    grading.is_expression(answer, [W, *kT.free_symbols], "J")
    grading.matches(answer, kT * W * sp.log(2))
    grading.matches(kT * sp.Integral(sp.exp(-W * x), (x, 0, sp.oo)), kT / W)
    grading.matches(kT * sp.Sum(x * W, (x, 1, 4)), 10 * kT * W)


def test_symbols_of_ones_own_stand_for_the_books_when_their_names_say_which():
    own = sp.prod(sp.symbols("M k_B T b")) * sp.log(2)
    may_contain = [model_size, bits, *kT.free_symbols]
    grading.is_expression(own, may_contain, "J")
    grading.matches(own, bounds.landauer.expression)
    mixed = sp.Symbol("T", real=True) * bounds.landauer.expression / sp.Symbol("T")
    grading.matches(mixed, bounds.landauer.expression)
    assert grading.translated(own, may_contain) == bounds.landauer.expression


def test_a_name_that_could_mean_two_symbols_is_named():
    two = [sp.Symbol("T", positive=True), sp.Symbol("T", real=True)]
    with pytest.raises(grading.Hint, match=r"^your T is not the book's: import it from lim_lib\."):
        grading.is_expression(sp.Symbol("T"), two, "1")


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

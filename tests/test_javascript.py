"""Formulas in JavaScript: the printer, and the script of the numbers, under node."""

import re
from pathlib import Path

import formulas
import numpy as np
import pytest
import sympy as sp
from javascript import run
from scipy import stats

import lim_lib
from lim_lib import text, units
from lim_lib.bounds import LADDER, landauer
from lim_lib.bounds.limits import TwoLimitExcess
from lim_lib.formula import StableFunction, numeric
from lim_lib.javascript import record, source
from lim_lib.memory import TwoSidedDeviate

X, Y = sp.symbols("x y", real=True)
SAMPLES = 20_000


def called(function):
    """The name of a stable function's helper in the scripts."""
    return f"{function.__name__[0].lower()}{function.__name__[1:]}"


def numbers(count=10_000):
    """Numbers of all sizes, and those that lie just between two that are written shorter."""
    rng = np.random.default_rng(7)
    drawn = rng.choice([-1, 1], count) * 10 ** rng.uniform(-40, 40, count)
    near = rng.choice([-1, 1], count) * 10 ** rng.uniform(-5, 5, count)
    between = [x / 16 for x in range(-200, 40_000, 7)] + [x / 2 for x in range(1990, 20_100, 15)]
    special = [0.0, -0.0, 1.0, 9.995, 99.95, 999.5, 999.6, 9999.5, 9999.4, 1e4, 1e-4, 5e-324, 1e300]
    return [*drawn, *near, *between, *special]


@pytest.fixture(scope="module")
def asked():
    """Every formula and every rule, with the points at which it is tried."""
    return formulas.questions()


@pytest.fixture(scope="module")
def answers(asked):
    """What the script of the numbers says to them."""
    return run(["numbers"], formulas.ANSWERS, asked)


def test_every_formula_and_every_rule_has_the_librarys_value_refusal_and_warning(asked, answers):
    assert list(formulas.complaints(asked, answers)) == []


def test_each_formula_is_tried_where_it_answers_and_where_it_refuses(answers):
    for judged in answers[0]:
        refused = sum(bool(answer["refusal"]) for answer in judged)
        assert 5 < refused < 0.6 * formulas.POINTS


def test_the_walk_finds_every_formula_that_is_declared():
    library = Path(lim_lib.__file__).parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in library.rglob("*.py"))
    assert len(formulas.FORMULAS) == len(re.findall(r"^@(?:formula|rung)\(", code, flags=re.M))
    assert {bound.key for bound in LADDER} <= formulas.FORMULAS.keys()


def arguments(function):
    """Where a stable function is tried: over all sizes, or over its domain if it has one."""
    rng = np.random.default_rng(3)
    if function is TwoSidedDeviate:
        return [[*10 ** rng.uniform(-300, -0.31, 500), *rng.uniform(0.01, 0.5, 500)]]
    if function is TwoLimitExcess:  # the time is longer than the bits take
        bits = rng.uniform(0, 64, 1000)
        beyond = 1 + 10 ** rng.uniform(-2, 4, 1000)
        return [bits, 10 ** rng.uniform(-6, 6, 1000), bits * np.log(2) * beyond]
    return [10 ** rng.uniform(-9, 2.5, 1000)]


@pytest.mark.parametrize("function", StableFunction.__subclasses__(), ids=called)
def test_each_stable_function_has_its_helper(function):
    values = np.array(arguments(function))
    code = f"return data.map(each => lim.{called(function)}(...each))"
    got = run(["numbers"], code, values.T.tolist())
    assert formulas.difference(got, function.numeric(*values)) < 1e-12


@pytest.mark.parametrize(
    "expression",
    [
        sp.Max(X, Y, 1) / sp.Min(X, 3),
        sp.Piecewise((sp.exp(X), X < 0), (X**2 + Y, X < Y), (sp.sqrt(sp.Abs(X * Y)), True)),
        sp.And(X < Y, sp.Or(X > 0, sp.Not(Y >= 2))),
        sp.Tuple(X - Y, sp.pi * X, sp.E**2 / Y),
        sp.asinh((1 + Y**2) * sp.exp(X) * 1e-300),
        sp.log((1 + X**2) * (2 + Y**2) * sp.Float(1e308)),
        sp.atanh(X / (sp.Abs(X) + 1e-9)),
        3 * 2**X - 3 + Y,
        (Y + 1) * sp.exp(700 * X) - sp.Rational(1, 3) * sp.Float(0.1) ** 3,
    ],
    ids=str,
)
def test_an_expression_is_printed_to_the_same_value(expression):
    points = np.random.default_rng(1).uniform(-1, 3, (2, 200))
    code = f"return data.map(point => lim.compile({source(expression, {X: 'x', Y: 'y'})!r}, "
    got = run(["numbers"], f"{code}['x', 'y'])(...point))", points.T.tolist())
    with np.errstate(over="ignore"):
        right = numeric(expression, (X, Y))(*points)
    right = np.column_stack(right) if isinstance(expression, sp.Tuple) else right
    assert formulas.difference(got, right) < 1e-12


def test_a_symbol_without_a_name_is_refused():
    with pytest.raises(ValueError, match=r"^expression must be in the symbols of x, k_B, got y$"):
        source(X + Y, {X: "x"})


def test_an_argument_that_is_missing_is_named():
    code = "return lim.formula(data).at({bits: 8}).refusal"
    assert run(["numbers"], code, record(landauer)) == "landauer() needs model_size"
    with pytest.raises(TypeError, match=r"^landauer\(\) needs model_size$"):
        landauer(bits=8)


def test_a_default_and_a_variant_answer_as_in_the_library():
    values = {"model_size": 1e9, "bits": 8, "hops": 1e12}
    code = "return data.given.map(each => lim.formula(data.record).at(each).value)"
    bound = next(bound for bound in LADDER if bound.key == "transport_activity")
    given = [
        values,
        values | {"transport": 2e11},
        values | {"entropy_lost": 3e9, "transport": 2e11},
    ]
    got = run(["numbers"], code, {"record": record(bound), "given": given})
    assert got == pytest.approx([bound(**each) for each in given], rel=1e-12, abs=0)


@pytest.mark.parametrize("digits", [1, 2, 3, 6])
def test_numbers_and_energies_are_written_as_the_library_writes_them(digits):
    values = numbers()
    code = "return data.values.map(x => [lim.number(x, data.digits), lim.energy(x, data.digits)])"
    got = run(["numbers"], code, {"values": values, "digits": digits})
    right = [[text.number(x, digits), units.format_energy(x, digits=digits)] for x in values]
    assert got == right


def test_what_is_not_finite_is_written_in_words_or_as_infinite():
    code = "return [NaN, Infinity, -Infinity].map(x => lim.number(x))"
    assert run(["numbers"], code) == ["unknown", "∞", "−∞"]


def test_the_generator_is_xoshiro128_starstar():
    """The first values from the state 1, 2, 3, 4, as its authors' code gives them."""
    code = "const random = lim.random(data); return Array.from({length: 10}, random.word)"
    assert run(["numbers"], code, [1, 2, 3, 4]) == [
        11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
        4258142804,
    ]  # fmt: skip
    assert run(["numbers"], code, 1) == run(["numbers"], code, 1) != run(["numbers"], code, 2)


@pytest.mark.parametrize("law", ["uniform", "normal", "exponential"])
def test_chance_follows_its_law(law):
    """Two moments and the distance of Kolmogorov and Smirnov, within four standard errors."""
    code = f"const random = lim.random(5); return Array.from({{length: data}}, random.{law})"
    drawn = np.array(run(["numbers"], code, SAMPLES))
    known = {"uniform": stats.uniform, "normal": stats.norm, "exponential": stats.expon}[law]
    for power in (1, 2):
        error = np.sqrt((known.moment(2 * power) - known.moment(power) ** 2) / SAMPLES)
        assert abs((drawn**power).mean() - known.moment(power)) < 4 * error
    # the distance has the mean 0.87 and the standard deviation 0.26, over the root of the number
    assert stats.kstest(drawn, known.cdf).statistic < (0.87 + 4 * 0.26) / np.sqrt(SAMPLES)
    assert abs(np.corrcoef(drawn[1:], drawn[:-1])[0, 1]) < 4 / np.sqrt(SAMPLES)


def test_neighbouring_seeds_are_independent_and_below_is_even():
    code = "return [1, 2].map(seed => Array.from({length: data}, lim.random(seed).uniform))"
    first, second = run(["numbers"], code, SAMPLES)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(SAMPLES)
    code = "const random = lim.random(3); return Array.from({length: data}, () => random.below(6))"
    faces = np.bincount(run(["numbers"], code, SAMPLES), minlength=6)
    assert len(faces) == 6
    assert (abs(faces - SAMPLES / 6) < 4 * np.sqrt(SAMPLES * 5 / 36)).all()

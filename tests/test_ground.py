"""Units, notation, argument checks, and the printer that keeps formulas exact."""

import fractions
import zipfile

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
import sympy as sp

from lim_lib import files, memory, symbols, units, validate
from lim_lib.bounds import LADDER, dissipated_barrier_power_law, ladder_transport
from lim_lib.formula import numeric
from lim_lib.validate import POSITIVE

mp.mp.dps = 40


# --- units -----------------------------------------------------------------------------------


def test_thermal_energy_at_300_kelvin_is_the_checkpoint():
    assert units.thermal_energy() == pytest.approx(4.141947e-21, rel=1e-9, abs=0)
    assert units.thermal_energy() * np.log(2) == pytest.approx(2.870979e-21, rel=1e-6, abs=0)
    assert units.thermal_energy([150, 300])[0] == units.thermal_energy(150)


@pytest.mark.parametrize(
    ("joules", "text"),
    [
        (1.3e9, "1.3 GJ"),
        (0, "0 J"),
        (-2.5e-3, "-2.5 mJ"),
        (999.96, "1 kJ"),
        (1e3, "1 kJ"),
        (0.999999, "1 J"),
        (4.141947e-21, "4.14 zJ"),
        (1e-30, "1 qJ"),
        (1.5e33, "1.5e+33 J"),
        (1e-33, "1e-33 J"),
        (123456, "123 kJ"),
    ],
)
def test_energies_are_written_for_people(joules, text):
    assert units.format_energy(joules) == text


def test_energies_can_be_written_in_kilowatt_hours():
    assert units.format_energy(1.94, unit="kWh", digits=2) == "5.4e-07 kWh"
    assert units.format_energy(3.6e6, unit="kWh") == "1 kWh"
    with pytest.raises(ValueError, match="unit must be 'J' or 'kWh', got 'cal'"):
        units.format_energy(1, unit="cal")
    with pytest.raises(ValueError, match="joules must be one number"):
        units.format_energy([1, 2])
    with pytest.raises(ValueError, match="digits must be a whole number >= 1"):
        units.format_energy(1, digits=0)


# --- notation --------------------------------------------------------------------------------

EXPRESSIONS = {b.key: (b.expression, "J") for b in (*LADDER, dissipated_barrier_power_law)}
EXPRESSIONS |= {
    "ladder_transport": (ladder_transport.expression, "1"),
    "thermal_energy": (symbols.thermal_energy, "J"),
    "kramers_rate": (memory.kramers_rate.expression, "1/s"),
    "escape_time": (memory.escape_time.expression, "s"),
    "retention_rate": (memory.retention_rate.expression, "1/s"),
    "sudden_spring_heat": (memory.sudden_spring_heat.expression, "J"),
    "sudden_write_heat": (memory.sudden_write_heat.expression, "J"),
    "retention_barrier": (memory.retention_barrier.expression, "J"),
    "forward_rate": (memory.hop_rates.expression[0], "1/s"),
    "backward_rate": (memory.hop_rates.expression[1], "1/s"),
    "tilt_for_rate": (memory.tilt_for_rate.expression, "J"),
}
SCALES = {unit: sp.Symbol(f"u_{unit}", positive=True) for unit in ("J", "K", "s", "parameter")}


def scale(unit):
    """The factor by which a quantity's number grows when its units shrink; a bit counts as 1."""
    return sp.sympify(unit, locals={**SCALES, "bit": sp.Integer(1)})


def grows_like(expression, unit):
    """Whether rescaling all units rescales the expression as its own unit says."""
    rescaled = expression.subs(
        {q.symbol: q.symbol * scale(q.unit) for q in symbols.NOTATION}, simultaneous=True
    )
    return sp.simplify(rescaled / expression / scale(unit)) == 1


@pytest.mark.parametrize("key", EXPRESSIONS)
def test_every_formula_has_the_unit_that_the_notation_table_gives_it(key):
    expression, unit = EXPRESSIONS[key]
    assert grows_like(expression, unit)


@pytest.mark.parametrize(
    "wrong",
    [
        symbols.thermal_energy + symbols.barrier * symbols.diffusivity,
        symbols.thermal_energy * sp.log(symbols.attempt_rate),
        symbols.thermal_energy * sp.asinh(symbols.update_rate),
        symbols.barrier * sp.exp(-symbols.barrier / symbols.temperature),
    ],
)
def test_the_dimension_check_catches_a_planted_fault(wrong):
    assert not grows_like(wrong, "J")


def test_the_notation_has_one_symbol_and_one_name_for_each_quantity():
    assert len(symbols.NOTATION) == len(symbols.NAMES) == len({r.name for r in symbols.NOTATION})
    for row in symbols.NOTATION:
        assert all(getattr(symbols, name) is row.symbol for name in (row.name, *row.also))
        assert all(symbols.QUANTITIES[name] is row for name in (row.name, *row.also))
        assert row.meaning
        assert row.symbol.is_positive is (
            True if row.domain.low >= 0 and 0.0 not in row.domain else None
        )


def test_tables_show_themselves_in_markdown():
    text = symbols.NOTATION._repr_markdown_()
    assert text.count("\n") == len(symbols.NOTATION) + 1
    assert "| $\\Gamma_{0}$ |" in text


# --- argument checks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [3, 3.0, np.int8(3), np.float32(3), fractions.Fraction(3), sp.Integer(3), np.array(3)],
    ids=lambda v: type(v).__name__,
)
def test_every_kind_of_real_number_is_a_float(value):
    assert type(validate.number("x", value)) is float
    assert validate.number("x", value) == 3.0


@pytest.mark.parametrize(
    "value", [[1, 2], (1, 2), np.array([1, 2]), pd.Series([1, 2]), [1, fractions.Fraction(2)]]
)
def test_every_kind_of_sequence_is_an_array(value):
    assert np.array_equal(validate.number("x", value), [1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("3", TypeError),
        (b"3", TypeError),
        (None, TypeError),
        (3j, TypeError),
        (True, TypeError),
        ([True], TypeError),
        ([None, 1], TypeError),
        ([1, "2"], TypeError),
        ({"a": 1}, TypeError),
        ({1, 2}, TypeError),
        (sp.Symbol("x"), TypeError),
        (np.datetime64("2026-01-01"), TypeError),
        ([[1], [1, 2]], ValueError),
        ([0.0, 1.0], ValueError),
        ([1.0, np.nan], ValueError),
        (np.inf, ValueError),
        (-np.inf, ValueError),
        (np.nan, ValueError),
        (0, ValueError),
        (10**400, ValueError),
        ([10**400], ValueError),
    ],
)
def test_what_is_no_positive_number_is_refused_in_one_line(value, error):
    with pytest.raises(error) as caught:
        validate.number("drive", value, POSITIVE)
    message = str(caught.value)
    assert message.startswith("drive")
    assert "a finite number > 0" in message
    assert "\n" not in message
    assert len(message) < 200


def test_the_refusal_of_an_array_names_the_element():
    with pytest.raises(ValueError, match=r"drive\[1, 0\] must be a finite number > 0, got -3"):
        validate.number("drive", [[1, 2], [-3, 4]], POSITIVE)


def test_domains_know_their_ends():
    half_open = validate.Domain(0, 1, high_allowed=False)
    assert [x in half_open for x in (0.0, 0.5, 1.0, -0.1, np.nan)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert str(half_open) == "a finite number >= 0 and < 1"


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (2.0, TypeError), (True, TypeError)])
def test_whole_numbers_are_checked(value, error):
    with pytest.raises(error, match="replicas must be a whole number >= 1"):
        validate.integer("replicas", value)
    assert validate.integer("replicas", np.int64(5)) == 5


# --- files ------------------------------------------------------------------------------------


def test_a_text_file_is_read_by_its_name_by_its_path_and_from_inside_an_archive(tmp_path):
    place, archive = tmp_path / "words.txt", tmp_path / "library.zip"
    place.write_text("some words", encoding="utf-8")
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.write(place, "words.txt")
    read = files.read_text  # which knows the encoding
    for path in (place, str(place), zipfile.Path(archive, "words.txt")):
        assert read(path) == "some words"


# --- the printer ------------------------------------------------------------------------------

x, y = sp.symbols("x y", real=True)


@pytest.mark.parametrize(
    ("expression", "at", "exact"),
    [
        (sp.exp(x) - 1, 1e-18, lambda t: mp.expm1(t)),
        (3 * 4**x - 3, 1e-15, lambda t: 3 * mp.expm1(t * mp.log(4))),
        (1 - 2 ** (-x), 1e-15, lambda t: -mp.expm1(-t * mp.log(2))),
        (y * 0 + 5 + 2 - 2 * sp.exp(x), 1e-16, lambda t: 5 - 2 * mp.expm1(t)),
        (sp.exp(x) - 1 + x * sp.exp(x), 1e-18, lambda t: mp.expm1(t) + t * mp.exp(t)),
        (sp.log(1 + x), 1e-18, lambda t: mp.log1p(t)),
        (sp.log(1 - 2 * x), 1e-300, lambda t: mp.log1p(-2 * t)),
        (sp.log(1e200 / x), 1e-200, lambda t: mp.log(mp.mpf(1e200)) - mp.log(t)),
        (sp.atanh(x / (x + sp.Float(1e-9))), 3.0, lambda t: mp.atanh(t / (t + mp.mpf(1e-9)))),
        (1e-250 * sp.exp(x), 900.0, lambda t: mp.mpf(1e-250) * mp.exp(t)),
        (sp.asinh(1e-3 * sp.exp(x)), 5000.0, lambda t: mp.asinh(mp.mpf(1e-3) * mp.exp(t))),
        (sp.asinh(-1e-200 * sp.exp(x)), 305.0, lambda t: mp.asinh(-mp.mpf(1e-200) * mp.exp(t))),
    ],
    ids=lambda value: (
        "exact" if callable(value) and not isinstance(value, sp.Basic) else str(value)
    ),
)
def test_the_printer_keeps_an_expression_exact(expression, at, exact):
    with np.errstate(over="ignore"):
        got = float(numeric(expression, (x,))(at))
    assert float(abs(mp.mpf(got) / exact(mp.mpf(at)) - 1)) < 1e-12


def test_an_expression_is_made_numeric_once():
    assert numeric(sp.exp(x) - 1, (x,)) is numeric(sp.exp(x) - 1, (x,))


def test_an_exponential_of_a_sum_with_steps_is_printed():
    x, n = sp.symbols("x n", positive=True)
    stair = sp.Min(sp.floor(n * x), n - 1)
    expression = 3 * sp.exp(-2 * (x - stair / n)) / (1 - sp.exp(-2 / n))
    got = numeric(expression, (x, n))(np.array([0.1, 0.7, 1.0]), 4.0)
    rest = np.array([0.1, 0.2, 0.25])
    assert got == pytest.approx(3 * np.exp(-2 * rest) / (1 - np.exp(-0.5)))


def test_a_temperature_whose_thermal_energy_a_double_cannot_hold_is_refused():
    with pytest.raises(ValueError, match="temperature must be high enough for kT to be above zero"):
        units.thermal_energy(1e-305)
    with pytest.raises(ValueError, match="temperature must be high enough"):
        units.thermal_energy([300, 1e-305])
    assert units.thermal_energy(np.empty(0)).shape == (0,)


def test_no_energy_is_written_as_minus_zero():
    assert units.format_energy(-0.0) == "0 J"

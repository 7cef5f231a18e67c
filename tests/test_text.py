"""Numbers and times as text: what is read back is the number, and nothing looks odd."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lim_lib import text
from lim_lib.units import YEAR, format_energy

DIGITS = st.integers(1, 8)
SIZES = st.floats(-300, 300).map(lambda power: 10.0**power)
NUMBERS = SIZES | SIZES.map(lambda size: -size) | st.floats(-1e6, 1e6)
SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
SECONDS = {"year": YEAR, "month": YEAR / 12, "day": 86400, "hour": 3600, "minute": 60,
           "s": 1, "ms": 1e-3, "μs": 1e-6, "ns": 1e-9}  # fmt: skip
PREFIXES = dict(zip("qryzafpnμm kMGTPEZYRQ", range(-30, 31, 3), strict=True))


def read(told):
    """The number that a text says."""
    told = told.replace("−", "-").replace("\u202f", "")
    parts = re.fullmatch(r"([+-]?)(?:(\d+(?:\.\d+)?)(?: × |$))?(?:10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", told)
    assert parts, told
    sign, mantissa, power = parts.groups()
    return float(f"{sign}{mantissa or 1}e{(power or '0').translate(SUPERSCRIPTS)}")


@given(NUMBERS, DIGITS)
def test_a_number_read_back_is_the_number_to_the_digits_shown(value, digits):
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1) if value else 0
    told = text.number(value, digits)
    assert abs(read(told) - value) <= 0.5001 * unit + 1e-12 * abs(value)


@given(NUMBERS, DIGITS)
def test_no_mantissa_reaches_ten_and_none_is_written_as_a_program_does(value, digits):
    told = text.number(value, digits)
    assert not re.search(r"10(\.0*)? ×|[eE]|-", told)
    assert not re.search(r"\.\d*0( |$)|\.( |$)", told)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (9.96e4, "9.96 × 10⁴"),
        (99960, "10⁵"),
        (9996, "9996"),
        (9999.7, "10⁴"),
        (0.09996, "0.1"),
        (1e-4, "0.0001"),
        (-2e-9, "−2 × 10⁻⁹"),
        (-0.0, "0"),
        (5e-324, "4.94 × 10⁻³²⁴"),
    ],
)
def test_numbers_near_the_steps(value, told):
    assert text.number(value) == told


def test_a_one_digit_power_has_no_factor():
    assert text.number(1e-9, 1) == "10⁻⁹"
    assert text.number(2e-9, 1) == "2 × 10⁻⁹"


@given(st.floats(1e-9, 1e20), st.integers(1, 5))
def test_a_time_read_back_is_the_time_to_the_digits_shown(seconds, digits):
    told, _, unit = text.duration(seconds, digits).rpartition(" ")
    value = read(told) * SECONDS[unit if unit in SECONDS else unit.removesuffix("s")]
    assert value == pytest.approx(seconds, rel=0.5001 * 10.0 ** (1 - digits), abs=0)


@given(st.floats(1e-9, 1e20), st.integers(3, 5))
def test_a_time_is_in_the_largest_unit_that_it_fills(seconds, digits):
    told, _, unit = text.duration(seconds, digits).rpartition(" ")
    one = unit if unit in SECONDS else unit.removesuffix("s")
    sizes = list(SECONDS.values())
    place = sizes.index(SECONDS[one])
    assert read(told) >= 1
    assert place == 0 or read(told) * sizes[place] < sizes[place - 1]
    assert (unit == one) == (told == "1" or one in ("s", "ms", "μs", "ns"))


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (2e-13, "0.0002 ns"),
        (5.1e-9, "5.1 ns"),
        (1e-6, "1 μs"),
        (0.99951, "1 s"),
        (59.7, "1 minute"),
        (3600.0, "1 hour"),
        (86399.0, "1 day"),
        (YEAR / 12, "1 month"),
        (0.999 * YEAR, "1 year"),
        (10 * YEAR, "10 years"),
        (120000 * YEAR, "120\u202f000 years"),
        (7.76e7 * YEAR, "7.8 × 10⁷ years"),
        (6.96e15 * YEAR, "7 × 10¹⁵ years"),
    ],
)
def test_times_near_the_steps(seconds, told):
    assert text.duration(seconds) == told


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_number_of_so_many_places_has_a_true_minus_and_is_never_minus_zero(value, places):
    told = text.fixed(value, places, signed=True)
    assert "-" not in told
    assert read(told) == pytest.approx(value, abs=0.5001 * 10.0**-places)
    assert not re.fullmatch("−0[.0]*", told)


@given(st.integers(0, 10**9))
def test_one_thing_is_singular_and_all_else_plural(count):
    told = text.counted(count, "bit")
    assert told.endswith(" bit") == (count == 1)
    assert told.endswith(" bits") == (count != 1)


@given(st.floats(0, 1))
def test_a_share_never_becomes_more_than_all_nor_a_power_of_ten(share):
    told = text.percent(share, least=1e-4)
    if share >= 1e-4:
        assert read(told.removesuffix(" %")) == pytest.approx(100 * share, rel=0.0501)
        assert "×" not in told
    else:
        assert told == "under 0.01 %"


@given(st.floats(-32, 35).map(lambda power: 10.0**power), st.integers(3, 6))
def test_an_energy_read_back_is_the_energy_to_the_digits_shown(joules, digits):
    value, unit = format_energy(joules, digits=digits).split()
    power = PREFIXES[unit[0] if len(unit) > 1 else " "]
    assert float(value) * 10.0**power == pytest.approx(
        joules, rel=0.5001 * 10.0 ** (1 - digits), abs=0
    )
    assert abs(float(value)) < 1000 or "e" in value


@pytest.mark.parametrize("write", [text.number, text.duration, text.percent])
@pytest.mark.parametrize("value", [math.nan, math.inf, "1", None, [1.0, 2.0]])
def test_what_is_no_number_is_refused_in_one_line(write, value):
    with pytest.raises((TypeError, ValueError), match="must be"):
        write(value)


def test_the_library_writes_one_micro_sign(root):
    for path in (root / "lim_lib").rglob("*.py"):
        if path.name != "grading.py":  # what a reader types may hold either
            assert "\N{MICRO SIGN}" not in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize(
    ("told", "printed"),
    [
        (["-76.78 kT"], "−76.78 kT"),
        (["9.4e-14 J/bit", 17085], "9.4 × 10⁻¹⁴ J/bit, 17\u202f085"),
        ([f"{0.0835:.1%} of 9.08 x 5.07"], "8.3\u00a0% of 9.08 × 5.07"),
        (["sgd-32 and t5_11b from 2020-2026"], "sgd-32 and t5_11b from 2020-2026"),
        ([range(3), (f"{x:.1f}" for x in (1, -2))], "0, 1, 2, 1.0, −2.0"),
    ],
)
def test_what_is_shown_is_in_print_and_names_are_left_alone(told, printed):
    assert repr(text.show(*told)) == printed


def test_a_shown_table_has_the_same_cells_as_text_and_in_a_notebook():
    shown = text.show(hops=[1, 10], a_move=["5.8 kT", "3.5 kT"])
    plain = [re.split(r"  +", line) for line in repr(shown).splitlines()]
    head, rule, *rows = (
        line.strip("| ").split(" | ") for line in shown._repr_markdown_().split("\n")
    )
    assert plain == [head, *rows] == [["hops", "a move"], ["1", "5.8 kT"], ["10", "3.5 kT"]]
    assert rule == ["---", "---"]
    assert repr(text.show({"reads": 2304})) == repr(text.show(quantity=["reads"], value=[2304]))


def test_markup_in_what_is_shown_is_no_markup():
    assert text.show("t5_11b | *x*")._repr_markdown_() == r"t5\_11b \| \*x\*"


@pytest.mark.parametrize(
    ("told", "columns", "message"),
    [
        ((), {}, r"show\(\) must be a sentence or a table, got \(\)"),
        (("5 kT",), {"hops": 1}, r"show\(\) must be a sentence or a table"),
        ((), {"a": [1, 2], "b": [1]}, "columns must be of one length, got {'a': 2, 'b': 1}"),
    ],
)
def test_what_cannot_be_shown_is_refused(told, columns, message):
    with pytest.raises(ValueError, match=message):
        text.show(*told, **columns)

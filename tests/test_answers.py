"""Answers that the page checks: it says what `grading` says, and knows what readers type."""

import json
import re

import pytest
import sympy as sp
from javascript import run

from lim_lib import grading, symbols
from lim_lib.scenes import Answer
from lim_lib.symbols import attempt_rate, barrier, bits, hops, model_size, net_moves
from lim_lib.symbols import thermal_energy as kT

HINTS = "return data.texts.map(text => lim.hint(data.asked, text))"


def said(answer, texts):
    """What the page says of each text; nothing of a right one."""
    asked = json.loads(re.search(r'lim-data">(.*?)</script>', answer.html(), re.S)[1])
    return run(["numbers", "answer"], HINTS, {"asked": asked, "texts": list(texts)})


def graded(answer, reference):
    """What `grading` says of it."""
    try:
        grading.matches(answer, reference)
    except grading.Hint as hint:
        return str(hint)
    return ""


@pytest.mark.parametrize(
    ("reference", "answers"),
    [
        ((2.871, "zJ"), [(2.87, "zJ"), (2.87e-21, "J"), (2.87, "pJ"), (1.99, "zJ"), (-2.87, "zJ"),
                         (1, "kT"), (0, "J"), (17.9, "meV"), (2.87, "1"), (3, "s"), (22.97, "zJ"),
                         (123, "zJ"), (1.435, "zJ"), (0.693, "J")]),
        ((10.0, "year"), [(10, "year"), (315576000, "s"), (3652.5, "d"), (10, "s"), (5, "year")]),
        ((0.01, "1"), [(1, "%"), (0.01, "1"), (1, "1"), (0.0049, "1"), (2, "bit")]),
        ((1.5e9, "Hz"), [(1.5, "GHz"), (1.5e9, "1"), (1.5, "MHz"), (3.45, "GHz")]),
        ((1.0, "kWh"), [(3.6, "MJ"), (1, "J"), (1, "MWh"), (3.6, "J")]),
    ],
)  # fmt: skip
def test_of_a_quantity_the_page_says_what_grading_says(reference, answers):
    texts = [f"{number:g} {unit if unit != '1' else ''}" for number, unit in answers]
    found = said(Answer("it", reference), texts)
    assert found == [graded(answer, reference) for answer in answers]
    assert "" in found
    assert any(found)


@pytest.mark.parametrize(
    ("reference", "answers"),
    [
        (kT * model_size * bits * sp.log(2),
         [(kT * model_size * sp.log(2**bits), "kT M ln(2^b)"),
          (kT * model_size * bits, "k_B*T*M*b"),
          (-2 * kT * bits * sp.log(2), "-2 kT b ln 2"),
          (kT * bits**2 * model_size * sp.log(2), "kT M b**2 ln 2"),
          (1 / (kT * model_size * bits * sp.log(2)), "1/(kT M b ln 2)"),
          (kT * model_size * bits * sp.Float(0.693), "kT M b 0.693"),
          (3 * kT * model_size * bits * sp.log(2), "3 kT M b log(2)"),
          (sp.Integer(0), "0")]),
        (1 - sp.exp(-attempt_rate * barrier),
         [(1 - sp.exp(-attempt_rate * barrier), "1 - exp(-Gamma_0 E_b)"),
          (sp.exp(-attempt_rate * barrier), "exp(-Gamma_0*E_b)")]),
        (barrier + kT * sp.log(attempt_rate),
         [(barrier + kT * sp.log(attempt_rate), "E_b + kT ln(Gamma_0)"),
          (kT * sp.log(attempt_rate), "kT ln Gamma_0"),
          (barrier - kT * sp.log(attempt_rate), "E_b − kT·ln(Gamma_0)")]),
        (kT * net_moves**2 / hops,
         [(kT * net_moves**2 / hops, "kT N_net²/N_hop".replace("²", "^2")),
          (kT * net_moves**2 / hops**2, "kT N_net^2/N_hop^2"),
          (2 * kT * net_moves**2 / sp.sqrt(hops), "2 kT*N_net^2/sqrt(N_hop)")]),
    ],
)  # fmt: skip
def test_of_a_formula_the_page_says_what_grading_says(reference, answers):
    found = said(Answer("it", reference), [text for _, text in answers])
    assert found == [graded(answer, reference) for answer, _ in answers]
    assert found[0] == ""
    assert all(found[1:])


def test_what_cannot_be_read_is_answered_in_one_line():
    quantity, formula = Answer("it", (2.0, "J")), Answer("it", kT * bits)
    for answer, texts in (
        (quantity, ["two J", "2 joule", "", "1e999 J", "2 J J", "<b>", "1e J"]),
        (formula, ["T +", "(T", "T)", "foo", "constructor", "b b]", "log", "2^^3", "alert(1)", ""]),
    ):
        for text, words in zip(texts, said(answer, texts), strict=True):
            assert words, text
            assert "\n" not in words
    assert "may contain T, b, k_B" in said(formula, ["foo"])[0]


def test_a_comma_a_minus_and_a_power_of_ten_are_read_as_they_are_written():
    answer = Answer("it", (-2.5e-3, "J"))
    assert said(answer, ["-2.5 mJ", "−2,5 mJ", "-2.5 × 10^-3 J", "-2.5e-3 J", "-2.5*10**-3J"]) == [
        "", "", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Answer(" ", (1, "J")), "asks must be a few words, got ' '"),
        (lambda: Answer("it", (1, "jottajoule")), "reference must be an expression, or a number"),
        (lambda: Answer("it", 3.0), "reference must be an expression, or a number"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(wrong, words):
    with pytest.raises((TypeError, ValueError), match=words):
        wrong()


def test_symbols_may_be_typed_by_both_their_names():
    assert symbols.QUANTITIES["duration"].symbol != symbols.QUANTITIES["bits"].symbol
    answer = Answer("it", symbols.duration * symbols.bits)
    assert said(answer, ["t_sol b", "duration*bits", "bits*t_sol"]) == ["", "", ""]

"""Answers in the pages: what is right is accepted, what is not is told what may have gone wrong."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup
from javascript import run

CHAPTER = "chapters/03-writing-and-erasing.html"
FORM = ".lim-answer"
HINTS = "return data.map(([asked, text]) => lim.hint(asked, text))"
TYPED = {
    "mean work if the spread falls by b bits": "kT/2 (4^b - 1)",
    "squared distance": "a^2 (1 - 2p)^2/3",
    "price of a bit for c = 0 and many cells": "kT ln 2",
    "convergence times": "11 b ln 2",
    "the ratio for heat-bath rates": "4/((1 + exp(x)) (1 + exp(-x)))",
    "cost of the mismatch for each net move": "2kT (ln s + 1/s - 1)",
    "distance at which rounding stalls": "a/(2 eta)",
    "variance of the coin in the end": "a^2/6",
    "moves in a decade of steps, for 1/n, levels a apart, normal noise": "sqrt(2/pi) ln(10)/a",
    "energy held, over kT": "kappa/(exp(kappa) - 1)",
    "hops of a variable of b bits": "(2^b - 1)^2/(12 b ln 2)",
    "coupling of two numbers": "-2 a_i a_j",
    "heat, over CV²": "(1 - rho^2)/8",
}


@pytest.fixture(scope="module")
def asked(built):
    """What the pages ask for, and what their scripts are told."""
    found = []
    for path in sorted(built.glob("chapters/[01]*.html")):
        for form in BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").select(FORM):
            told = json.loads(form.select_one(".lim-data").string)
            found.append((form.label.get_text().strip(), told))
    return found


def right(words, told):
    """A right answer as it is typed."""
    if "source" in told:
        return TYPED[words.rpartition(", in ")[0]]
    size, _ = told["units"][told["unit"]]
    return f"{told['value'] / size:.5g} {told['unit'].removesuffix('1')}"


def half(words, told):
    """Half of it."""
    if "source" in told:
        return f"({right(words, told)})/2"
    number, _, unit = right(words, told).partition(" ")
    return f"{float(number) / 2:.6g} {unit}"


def test_each_right_answer_is_accepted_and_half_of_it_is_not(asked):
    assert len(asked) >= 30
    said = run(["numbers", "answer"], HINTS, [(told, right(words, told)) for words, told in asked])
    assert dict(zip((words for words, _ in asked), said, strict=True)) == {
        words: "" for words, _ in asked
    }
    for (words, _), hint in zip(
        asked,
        run(["numbers", "answer"], HINTS, [(told, half(words, told)) for words, told in asked]),
        strict=True,
    ):
        assert hint.startswith("the answer is 1/2 times the right one"), f"{words}: {hint}"


def test_an_answer_is_typed_and_checked_by_keys_alone(browser, built):
    with browser.new_context(viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto((built / CHAPTER).as_uri())
        form = page.locator(FORM).first
        entry, said = form.get_by_label("least heat, in kT"), form.get_by_role("status")
        for text, words in (
            ("", "Not yet: give an answer first."),
            ("warm", "Not yet: give a number and its unit, as in 2.9 kT."),
            ("0.325 kT", "Right."),
            ("0,325", "Not yet: asked for is an energy (in J), your answer is a pure number."),
            ("0.469 kT", "Not yet: the answer is 1/log(2) times the right one: one bit is"),
            ("-0.325 kT", "Not yet: the answer is -1 times the right one: mind the sign."),
        ):
            entry.fill(text)
            entry.press("Enter")
            assert said.inner_text().startswith(words)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert Axe().run(page, {"include": [[FORM]]}).response["violations"] == []
        page.emulate_media(media="print")
        assert not form.is_visible()


def test_without_a_script_nothing_asks(browser, built):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((built / CHAPTER).as_uri())
        assert page.locator(FORM).count() >= 2
        assert not page.locator(FORM).first.is_visible()

"""Formulas that the reference breaks: nothing is lost, and each row fits."""

import doctest

import broken

from lim_lib import bounds

PRINTED = [each.latex() for each in vars(bounds).values() if hasattr(each, "expression")]


def test_the_examples_hold():
    assert doctest.testmod(broken).failed == 0


def test_a_long_formula_keeps_its_signs_in_rows_that_fit():
    long = [latex for latex in PRINTED if broken.signs(latex) > broken.WIDEST]
    assert long
    for latex in long:
        torn = broken.in_rows(latex)
        assert all(broken.signs(row) <= broken.WIDEST + 2 for row in torn.split(r"\\"))
        for added in (r"\begin{aligned} & ", r" \end{aligned}", r"\\ & \quad ", r"\times "):
            torn = torn.replace(added, "")
        assert torn.replace(r"\left. ", "").replace(r" \right.", "") == latex


def test_a_short_formula_stays_as_it_is():
    short = [latex for latex in PRINTED if broken.signs(latex) <= broken.WIDEST]
    assert len(short) > 10
    assert [broken.in_rows(latex) for latex in short] == short

"""The page computes what the library computes: every formula, in a browser, over its domain."""

import formulas
from javascript import run_in


def test_every_formula_has_the_librarys_value_refusal_and_warning(browser):
    asked = formulas.questions()
    page = browser.new_page()
    answers = run_in(page, ["numbers"], formulas.ANSWERS, asked)
    page.close()
    assert list(formulas.complaints(asked, answers)) == []

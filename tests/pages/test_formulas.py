"""The page computes what the library computes: every formula, in a browser, over its domain."""

import formulas
import pytest
from javascript import run_in


@pytest.fixture
def chromium_page(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("tab", ["chromium_page", "firefox_page"])
def test_every_formula_has_the_librarys_value_refusal_and_warning(tab, request):
    asked = formulas.questions()
    answers = run_in(request.getfixturevalue(tab), ["numbers"], formulas.ANSWERS, asked)
    assert list(formulas.complaints(asked, answers)) == []

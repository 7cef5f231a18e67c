"""Formulas in one line of text, as search and previews show them."""

import pytest
from plain import plain

SAID = {
    r"E_b = kT \ln\frac{2\,\Gamma_0\,t_{\text{ret}}}{-\ln(1 - 2\delta)}": (
        "E_b = kT ln 2 Γ_0 t_ret/(− ln (1 − 2δ))"
    ),
    r"kT \ln 2": "kT ln 2",
    r"\frac{kT}{2}\left(4^b - 1\right)": "kT/2 (4^b − 1)",
    r"2kT\operatorname{arsinh}\chi": "2kT arsinh χ",
    r"\langle (w - w^*)^2\rangle": "⟨(w − w*)²⟩",
    r"10^{-9}": "10⁻⁹",
    r"\hat s \le \sqrt{s_0}": "s\u0302 ≤ √(s_0)",
    r"\begin{aligned} a &= b \\ c &\gg d \end{aligned}": "a = b c ≫ d",
}


@pytest.mark.parametrize(("tex", "said"), SAID.items())
def test_a_formula_reads_as_it_is_spoken(tex, said):
    assert plain(tex) == said

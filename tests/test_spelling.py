"""Functions, units and numbers are spelt one way in text, captions, controls and results."""

import ast
import re

import nbformat
import pytest

# What is not written, and what is.
SPELLING = {
    r"\basinh\b|\barcsinh\b": "arsinh",
    r"\batanh\b|\barctanh\b": "artanh",
    r"(?<![\d.])1 bits\b": "1 bit",
    r"\b(?!1 )\d+ bit\b": "16 bits, or 16-bit numbers",
    r"\b\d{1,3},\d{3}\b(?!\])": "93 750, with a narrow space or \\,",
    r"(?<![\w.$^{/-])\d{5,}(?![\w.}])": "93 750, with a narrow space or \\,",
    r"(?<!\\)\d%": "20 %",
    r"\\log\b": "\\ln, or \\log_{10}",
}
NOT_PROSE = re.compile(
    r"`[^`]*`|^```.*?^```|\]\([^)]*\)|\{[\w:]+\}`[^`]*`", re.DOTALL | re.MULTILINE
)


def told(notebook):
    """What readers are told in words: text, captions, alt texts, and what `show` says."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            yield cell.source
            continue
        described = cell.metadata.get("mystnb", {})
        yield described.get("figure", {}).get("caption", "")
        yield described.get("image", {}).get("alt", "")
        for output in cell.outputs:
            yield output.get("data", {}).get("text/markdown", "")


@pytest.mark.parametrize("wrong", SPELLING)
def test_what_is_spelt_in_one_way_is_spelt_so_everywhere(notebook, wrong):
    for text in told(nbformat.read(notebook, as_version=4)):
        prose = NOT_PROSE.sub("", text)
        found = re.search(rf".{{0,30}}(?:{wrong}).{{0,10}}", prose)
        assert found is None, f"{found[0]}: {SPELLING[wrong]}"


def test_a_control_says_its_unit_once(notebook):
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type != "code" or "Control(" not in cell.source:
            continue
        for call in ast.walk(ast.parse(cell.source)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Control":
                words = [arg.value for arg in call.args[1:2] if isinstance(arg, ast.Constant)]
                units = [each.value for each in call.keywords if each.arg == "unit"]
                for word, unit in zip(words, units, strict=False):
                    if isinstance(unit, ast.Constant) and unit.value:
                        assert f"({unit.value})" not in word, word

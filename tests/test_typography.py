"""Lines and tables on a page: nothing stands alone, nothing is cut off on a phone."""

import pytest
import typography
from bs4 import BeautifulSoup
from docutils import nodes

MATHS = '<span class="math notranslate nohighlight">\\(kT\\)</span>'
LINKED = f'<a class="reference" href="notation.html#symbol-kT">{MATHS}</a>'
LONG = "a barrier that follows the update rate of its cell"


def settled(body):
    context = {"body": body}
    typography.settle(None, "page", "page.html", context, None)
    return context["body"]


@pytest.mark.parametrize("formula", [MATHS, LINKED], ids=["plain", "linked"])
@pytest.mark.parametrize(("before", "after"), [("", "."), ("(", ")"), ("", "),"), ("“", "”")])
def test_what_stands_beside_a_formula_stays_on_its_line(formula, before, after):
    joined = f'<span class="lim-joined">{before}{formula}{after}</span>'
    assert settled(f"<p>of {before}{formula}{after} So</p>") == f"<p>of {joined} So</p>"


def test_a_formula_among_words_is_left_alone():
    assert settled(f"<p>of {MATHS} or more</p>") == f"<p>of {MATHS} or more</p>"


def table(*rows):
    head, *body = rows
    cells = "".join(f"<th><p>{cell}</p></th>" for cell in head)
    lines = ("".join(f"<td><p>{cell}</p></td>" for cell in row) for row in body)
    rest = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{rest}</tbody></table>"


def test_a_long_table_is_cards_whose_cells_name_their_columns():
    body = settled(table(["rung", f"heat in {MATHS}", "holds"], ["Landauer", "1", LONG]))
    soup = BeautifulSoup(body, "html.parser")
    assert "lim-cards" in soup.table["class"]
    labels = [cell["data-label"] for cell in soup.find_all("td")]
    assert labels == ["rung", "heat in kT", "holds"]
    assert soup.table["role"] == "table"
    assert {cell["role"] for cell in soup.find_all("td")} == {"cell"}
    assert {row["role"] for row in soup.find_all("tr")} == {"row"}


def test_a_table_that_fits_a_phone_stays_one():
    short = table(["bits", "heat"], ["1", "5.8 kT"])
    assert settled(short) == short


def test_a_table_with_two_rows_of_headings_names_each_column_by_the_one_that_is_filled():
    head = "<thead><tr><th></th><th>value</th></tr><tr><th>id</th><th></th></tr></thead>"
    body = f"<tbody><tr><th>sram</th><td>{LONG}</td></tr></tbody>"
    soup = BeautifulSoup(settled(f"<table>{head}{body}</table>"), "html.parser")
    assert [cell["data-label"] for cell in soup.tbody.find_all(["th", "td"])] == ["id", "value"]


def test_a_link_does_not_begin_with_a_blank():
    body = settled('Solution to<a class="reference" href="#x"> Exercise 2.1</a>')
    assert body == 'Solution to <a class="reference" href="#x">Exercise 2.1</a>'


def test_a_quotation_that_asks_to_predict_is_a_box():
    asked = nodes.paragraph(
        "", "", nodes.strong("", "Predict, then run."), nodes.Text(" How many?")
    )
    quote = nodes.block_quote("", asked)
    document = nodes.container("", quote, nodes.block_quote("", nodes.paragraph("", "Why?")))
    typography.box_predictions(None, document, "page")
    box, other = document.children
    assert isinstance(box, nodes.admonition)
    assert [child.astext() for child in box] == ["Predict, then run", "How many?"]
    assert isinstance(other, nodes.block_quote)

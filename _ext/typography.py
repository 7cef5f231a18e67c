"""What readers see of lines and tables: nothing alone at an end, nothing cut off on a phone.

- A quotation that opens with "Predict" is a box, as predictions are everywhere.
- What stands right before or after a formula stays on its line.
- A table whose rows are longer than a phone is wide becomes cards there: each cell names its
  column, and the table stays one to screen readers.
"""

import re

from bs4 import BeautifulSoup
from docutils import nodes

PHONE = 44
"""Letters that fit side by side on a phone, in a table."""

JOINED = re.compile(
    r"([(\[“‘]*)"
    r'((?:<a [^>]*>)?<span class="math[^"]*">\\\((?:(?!</span>).)*\\\)</span>(?:</a>)?)'
    r"([.,;:!?)\]”’%]*)",
    re.DOTALL,
)
TABLE = re.compile(r"<table\b.*?</table>", re.DOTALL)
LEADING_BLANK = re.compile(r"(<a [^>]*>)[ \n]+")


def box_predictions(app, doctree, docname):
    """Put what a reader is asked to predict into a box."""
    for quote in list(doctree.findall(nodes.block_quote)):
        first = quote.next_node(nodes.strong)
        if first is None or not quote.astext().startswith("Predict"):
            continue
        words = first.parent
        title = nodes.title("", first.astext().rstrip(".:?"))
        box = nodes.admonition("", title, classes=["admonition-predict"])
        words.remove(first)
        if words and isinstance(words[0], nodes.Text):
            words[0] = nodes.Text(words[0].lstrip())
        box.extend(quote.children)
        quote.replace_self(box)


def join(found):
    """Keep a formula on one line with what stands right beside it."""
    before, _, after = found.groups()
    return f'<span class="lim-joined">{found[0]}</span>' if before or after else found[0]


def headings(table):
    """Return what heads each column, from the one or two rows that a table begins with."""
    rows = [row.find_all(["th", "td"]) for row in table.select("thead tr")]
    columns = zip(*([told(cell) for cell in row] for row in rows), strict=False)
    return [next(filter(None, column), "") for column in columns]


def told(cell):
    """Return the words of a cell, formulas without their marks."""
    return re.sub(r"\\[()]", "", " ".join(cell.get_text().split()))


def stack(found):
    """Let a table be cards on a phone if its rows are longer than that."""
    soup = BeautifulSoup(found[0], "html.parser")
    table = soup.table
    heads = headings(table)
    rows = [row.find_all(["th", "td"], recursive=False) for row in table.select("tbody > tr")]
    whole = rows and all(len(row) == len(heads) for row in rows)
    if not whole or len(heads) < 2 or sum(map(longest, zip(heads, *rows, strict=True))) <= PHONE:
        return found[0]
    table["class"] = [*table.get("class", []), "lim-cards"]
    table["role"] = "table"
    for part in table.find_all(["thead", "tbody"]):
        part["role"] = "rowgroup"
    for row in table.find_all("tr"):
        row["role"] = "row"
    for head in table.select("thead :is(th, td)"):
        head["role"] = "columnheader" if told(head) else "cell"
    for row in rows:
        for cell, head in zip(row, heads, strict=True):
            cell["role"] = "rowheader" if cell.name == "th" else "cell"
            cell["data-label"] = head
            if cell.p is None:
                cell.append(soup.new_tag("div"))
                cell.div.extend([part.extract() for part in cell.contents[:-1]])
    return str(table)


def longest(column):
    """Return how many letters the longest cell of a column has, its heading included."""
    head, *cells = column
    return max(len(head), *(len(told(cell)) for cell in cells))


def settle(app, pagename, templatename, context, doctree):
    """Put right the lines and tables of a page."""
    body = TABLE.sub(stack, JOINED.sub(join, context.get("body", "")))
    context["body"] = LEADING_BLANK.sub(r" \1", body)


def setup(app):
    """Register the extension."""
    app.connect("doctree-resolved", box_predictions)
    app.connect("html-page-context", settle)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

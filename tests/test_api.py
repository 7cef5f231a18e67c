"""The pages of the library in the book, before they are built."""

from pathlib import Path

import pytest
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

import api
import lim_lib
from lim_lib import bounds, memory, optimizers, simulate


def test_every_module_has_a_page_in_the_table_of_contents(root):
    text = (root / "_toc.yml").read_text(encoding="utf-8")
    for name in lim_lib.MODULES:
        page = (root / "api" / f"{name}.rst").read_text(encoding="utf-8")
        assert f":: lim_lib.{name}\n" in page
        assert f"- file: api/{name}\n" in text


def test_all_rungs_come_first_on_the_page_of_bounds():
    names = list(api.public("lim_lib.bounds"))
    assert names[: len(bounds.LADDER)] == [bound.key for bound in bounds.LADDER]
    assert {"get", "table", "Bound", "LADDER", "ORDERINGS", "ladder_transport"} <= set(names)
    assert not {"np", "Table", "erased", "theorems"} & set(names)


@pytest.mark.parametrize("module", sorted({*lim_lib.MODULES} - {"figures"}))
def test_every_public_name_says_what_it_is(module):
    for name, thing in api.public(f"lim_lib.{module}").items():
        text = None if isinstance(thing, type) else api.constants(f"lim_lib.{module}").get(name)
        assert api.summary(text or thing.__doc__), name


def test_what_a_chapter_uses_first_is_found(root):
    first = api.first_uses(root)
    assert first[id(bounds.landauer)] == "03-writing-and-erasing"
    assert first[id(memory.kramers_rate)] == "02-a-bit-is-a-barrier"
    assert first[id(optimizers.IsingModel)] == "13-ising-machines"


def test_every_rung_is_derived_in_a_chapter_that_uses_it(root):
    for bound in bounds.LADDER:
        trees = api.code_of(root / "chapters" / f"{bound.chapter}.ipynb")
        known = {name: path for tree in trees for name, path in api.imported(tree).items()}
        used = {id(api.find(path)) for tree in trees for path in api.names_in(tree, known)}
        assert id(bound) in used, bound.key


def test_formula_chapter_and_sources_stand_under_the_statement(root):
    class App:
        srcdir = root

    lines = (bounds.landauer.__doc__ or "").split("\n")
    api.enrich(App, "function", "landauer", bounds.landauer, None, lines)
    text = "\n".join(lines)
    statement, rest = text.split(".. math::")
    assert statement.strip().startswith("Heat of erasing")
    assert bounds.landauer.latex() in rest.split("Parameters\n")[0]
    assert "A theorem, derived in :doc:`/chapters/03-writing-and-erasing`" in rest
    assert ":cite:t:`landauer1961`" in rest


class Book:
    """As much of Sphinx as the links need."""

    class builder:
        @staticmethod
        def get_relative_uri(here, there):
            return f"../{there}.html"

    def __init__(self, path, names):
        class Entry:
            def __init__(self, name):
                self.docname, self.node_id = "api/x", name

        class Environment:
            all_docs = {"page": 0}  # noqa: RUF012
            domaindata = {"py": {"objects": {name: Entry(name) for name in names}}}  # noqa: RUF012

            @staticmethod
            def doc2path(name):
                return str(path)

        self.env = Environment


def linked(source, names, tmp_path):
    """What the links in a cell lead to, and the text that they cover."""
    import nbformat
    from bs4 import BeautifulSoup

    path = tmp_path / "page.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)]), path)
    html = highlight(source, PythonLexer(), HtmlFormatter(cssclass="highlight"))
    context = {"body": f'<div class="highlight-ipython3 notranslate">{html}</div>'}
    api.link_code(Book(path, names), "page", "", context, None)
    soup = BeautifulSoup(context["body"], "html.parser")
    assert soup.get_text().strip() == source.strip()
    return {link.get_text(): link["href"].partition("#")[2] for link in soup.select("a.lim-api")}


NAMES = ["lim_lib.bounds.landauer", "lim_lib.simulate.langevin", "lim_lib.symbols.bits",
         "lim_lib.units.BOLTZMANN"]  # fmt: skip


def test_names_in_code_lead_to_their_entries(tmp_path):
    source = (
        "from lim_lib import bounds, simulate as dynamics\n"
        "from lim_lib.symbols import bits\n"
        "heat = bounds.landauer(model_size=1, bits=16).real\n"
        "dynamics.langevin(bits * 2, heat.bounds)"
    )
    assert linked(source, NAMES, tmp_path) == {
        "bits": "lim_lib.symbols.bits",
        "bounds.landauer": "lim_lib.bounds.landauer",
        "dynamics.langevin": "lim_lib.simulate.langevin",
    }


def test_a_name_from_the_front_door_leads_to_the_module_where_it_lives(tmp_path):
    assert linked("from lim_lib import landauer\nlandauer(1, 1)", NAMES, tmp_path) == {
        "landauer": "lim_lib.bounds.landauer"
    }


def test_a_name_that_a_cell_gives_another_meaning_is_not_linked(tmp_path):
    source = "from lim_lib.symbols import bits\nbits = 3\nbits"
    assert linked(source, NAMES, tmp_path) == {}
    assert linked("landauer(1, 1)", NAMES, tmp_path) == {}
    assert simulate.langevin is api.find("lim_lib.langevin")
    assert api.find("lim_lib.no.such") is None
    assert Path(api.__file__).name == "api.py"

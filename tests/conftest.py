"""What all tests share: the book's table of contents and one browser."""

import ast
import operator
import os
import sys
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml
from hypothesis import settings

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "_ext"))
# Machines differ in speed, and a failure must fail again.
settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")


@cache
def contents():
    """Every page of the book, as the table of contents names it."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [entry for part in toc["parts"] for entry in part["chapters"]]
    listed = [entry for each in chapters for entry in (each, *each.get("sections", []))]
    return [toc["root"], *(entry["file"] for entry in listed)]


def notebooks():
    """The book's notebooks, in its order."""
    return [path for name in contents() if (path := ROOT / f"{name}.ipynb").exists()]


OF_THE_LIBRARY = ("api/index", "api/bounds", "api/figures", "api/simulate")
"""Pages that stand in a browser for all that one directive makes of the library's modules."""


def pages():
    """The pages that are tried in a browser, at their addresses."""
    from place import place

    chosen = (name for name in contents() if "api/" not in name or name in OF_THE_LIBRARY)
    return [place(name).removesuffix(".html") for name in chosen]


def pytest_generate_tests(metafunc):
    """Run a test that asks for a chapter, a notebook or a page once for each of the book's."""
    choices = {
        "chapter": [path for path in notebooks() if path.name[:2].isdigit()],
        "notebook": notebooks(),
        "page": pages(),
    }
    for name, values in choices.items():
        if name in metafunc.fixturenames:
            ids = [Path(value).stem for value in values]
            metafunc.parametrize(name, values, ids=ids, scope="module", indirect=name == "page")


FIRST = ("tests/pages/test_offline.py", "tests/pages/")
"""Where the tests begin: printing the book takes longest, then browsers do."""


def pytest_collection_modifyitems(items):
    """Have those begin that take longest, so that no worker is left alone with them."""
    items.sort(key=lambda item: [not item.nodeid.startswith(place) for place in FIRST])


@pytest.fixture(scope="session")
def root():
    """The folder of the book's sources."""
    return ROOT


@pytest.fixture(scope="session")
def arithmetic():
    """What a sum, product or quotient written in a table comes to; nothing else is evaluated."""

    def evaluated(text):
        kinds = {
            ast.Add: operator.add,
            ast.Sub: operator.sub,
            ast.Mult: operator.mul,
            ast.Div: operator.truediv,
        }

        def value(node):
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
                return float(node.value)
            assert isinstance(node, ast.BinOp), text
            return kinds[type(node.op)](value(node.left), value(node.right))

        return value(ast.parse(text.strip(), mode="eval").body)

    return evaluated


@pytest.fixture(scope="session")
def built(root):
    """The folder of the built pages."""
    folder = root / "_build" / "html"
    if not (folder / "index.html").exists():
        pytest.fail("the book is not built: run `make book`")
    return folder


@pytest.fixture(scope="session")
def site(built):
    """The address at which the built pages are served, on loopback."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=built)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def tidy():
    """What `make notebooks` does to an executed notebook."""
    import notebooks

    return notebooks.tidy


def launched(program):
    """A browser; where continuous integration runs, its absence is a failure."""
    if program.find() is None:
        stop = pytest.fail if os.environ.get("CI") else pytest.skip
        stop(program.MISSING)
    return program.launch()


@pytest.fixture(scope="session")
def browser():
    """Chromium, without a window."""
    import chromium

    with launched(chromium) as browser:
        yield browser


@pytest.fixture(scope="session")
def firefox_page():
    """A tab of Firefox."""
    import firefox

    with launched(firefox) as page:
        yield page

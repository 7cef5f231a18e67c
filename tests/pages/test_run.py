"""The notebooks as a reader runs them: downloaded, or in JupyterLite, with no way out."""

import json
import re
import zipfile
from hashlib import sha256

import nbformat
import pytest
from bs4 import BeautifulSoup
from jupyterlite_pyodide_kernel.constants import PYODIDE_VERSION
from pins import pins
from place import place
from references import Book, beside
from resolved import resolved

OUTSIDE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1)")
# What fails when the browser's Python cannot be had, and nothing else.
KERNEL = re.compile(r"pyodide", re.IGNORECASE)


@pytest.fixture(scope="module")
def lite(built):
    """The folder of the JupyterLite site."""
    if not (built / "lite" / "index.html").exists():
        pytest.fail("JupyterLite is not built: run `make lite`")
    return built / "lite"


@pytest.fixture(scope="module")
def reader(browser):
    """A browser's window without a network."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(60_000)
    context.route(OUTSIDE, lambda route: route.abort())
    yield context
    context.close()


def library(root):
    """The files of the library, by name."""
    files = (path for path in (root / "lim_lib").rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in files
        if path.suffix != ".pyc"
    }


def buttons(built, name):
    """The addresses behind a page's buttons, as files beside the pages."""
    page = built / place(f"chapters/{name}")
    links = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select(
        ".article-header-buttons a"
    )
    return {link.get_text(strip=True): (page.parent, link["href"]) for link in links}


def test_every_notebooks_page_offers_it(built, lite, notebook):
    offered = buttons(built, notebook.stem)
    folder, address = offered[".ipynb"]
    assert (folder / address).read_bytes() == notebook.read_bytes()
    folder, address = offered["In this browser"]
    address, name = address.split("?path=")
    assert (folder / address).is_file()
    assert (lite / "files" / name).is_file()
    folder, address = offered["On your computer"]
    assert (folder / address.split("#")[0]).is_file()


def test_a_page_without_a_notebook_offers_none(built):
    assert not {"In this browser", "On your computer"} & set(buttons(built, "glossary"))


def test_the_button_downloads_the_notebook(reader, site, root):
    name = "01-three-walls.ipynb"
    page = reader.new_page()
    page.goto(f"{site}/chapters/{name.removesuffix('.ipynb')}.html")
    page.get_by_role("button", name="Download this page").click()
    with page.expect_download() as download:
        page.locator(".btn-download-source-button").click()
    assert download.value.suggested_filename == name
    assert download.value.path().read_bytes() == (root / "chapters" / name).read_bytes()
    page.close()


def test_a_page_read_from_its_file_does_not_offer_what_needs_a_server(reader, built):
    page = reader.new_page()
    page.goto((built / "chapters" / "01-three-walls.html").as_uri())
    assert page.locator(".btn-launch-lab").count() == 1
    assert page.locator(".btn-launch-lite").count() == 0
    page.close()


def test_a_notebook_in_the_browser_says_what_to_expect_and_is_a_readers_copy(lite, notebook, root):
    book = Book(root)
    about, installs, *cells = nbformat.read(lite / "files" / notebook.name, as_version=4).cells
    assert "Without a network" in about.source
    assert installs.source.endswith("%pip install -q lim_lib")
    assert cells == resolved(book, notebook, beside(book)).cells


def test_the_site_carries_the_library_as_it_is(lite, root):
    listed = json.loads((lite / "pypi" / "all.json").read_text(encoding="utf-8"))
    needed = {"comm", "ipywidgets", "jupyterlab-widgets", "lim-lib", "pint"}
    assert needed <= {name.replace("_", "-") for name in listed}
    for package in listed.values():
        (release,) = (files[0] for files in package["releases"].values())
        wheel = lite / "pypi" / release["filename"]
        assert sha256(wheel.read_bytes()).hexdigest() == release["digests"]["sha256"]
    (wheel,) = (lite / "pypi").glob("lim_lib-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        carried = {name: packed.read(name) for name in packed.namelist() if "dist-info" not in name}
    assert carried == library(root)


def test_the_books_mathematics_has_the_versions_of_the_browsers_python(root):
    browser = (root / "tests" / "pyodide.txt").read_text(encoding="utf-8")
    assert f"Pyodide {PYODIDE_VERSION}" in browser
    for package in ("numpy", "sympy", "matplotlib"):
        assert re.findall(rf"^{package}==(.+)$", browser, re.MULTILINE) == [pins()[package]]


def test_jupyterlite_lists_the_notebooks(reader, site, lite, root):
    page = reader.new_page()
    page.goto(f"{site}/lite/lab/index.html")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.locator(".jp-DirListing-item").first.wait_for()
    shown = page.locator(".jp-DirListing-item .jp-DirListing-itemText").all_inner_texts()
    assert sorted(shown) == sorted(path.name for path in (root / "chapters").glob("*.ipynb"))
    page.close()


def test_jupyterlite_opens_a_chapter_with_its_outputs_though_no_kernel_can_be_had(
    reader, site, lite, root
):
    page = reader.new_page()
    errors, outside = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda asked: outside.append(asked.url))
    page.goto(f"{site}/chapters/01-three-walls.html")
    page.get_by_role("button", name="Run this notebook").click()
    address = page.locator(".btn-launch-lite").evaluate("e => e.href")
    page.goto(address)
    page.locator(".jp-Notebook h1", has_text="Three walls").wait_for()
    begins = page.locator(".jp-RenderedMarkdown", has_text="This notebook runs in your browser.")
    begins.first.wait_for()
    install = page.locator(".jp-CodeCell").first
    assert "%pip install -q lim_lib" in install.inner_text()
    picture = page.locator(".jp-RenderedImage img").first
    picture.scroll_into_view_if_needed()
    assert picture.evaluate("e => e.decode().then(() => e.naturalWidth)") > 0
    assert [error for error in errors if not KERNEL.search(error)] == []
    assert [url for url in outside if OUTSIDE.match(url) and not KERNEL.search(url)] == []
    page.close()

"""A chapter in JupyterLab, as `make lab` opens it: it reads well, runs, and sliders redraw."""

import os
import re
import subprocess
import sys
from threading import Thread

import lab
import nbformat
import pytest
from playwright.sync_api import expect

CHAPTER = "02-a-bit-is-a-barrier.ipynb"
OUTSIDE = re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1)")
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/lab")
TOKEN = "loopback"
# Milliseconds that a slow machine may take for one step; a quick one does not wait for them.
PATIENCE = 120_000


@pytest.fixture
def folder(root, tmp_path):
    """A folder with a reader's copy of a chapter, up to its first explorer, that was never run."""
    folder = tmp_path / "notebooks"
    assert lab.copy_notebooks([root / "chapters" / CHAPTER], folder) == []
    chapter = nbformat.read(folder / CHAPTER, as_version=4)
    showing = [i for i, cell in enumerate(chapter.cells) if "Explorer(\n" in cell.source]
    chapter.cells = chapter.cells[: showing[0] + 1]
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    nbformat.write(chapter, folder / CHAPTER)
    return folder


@pytest.fixture
def address(folder, tmp_path):
    """The address of a JupyterLab that serves the folder, with settings of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "LIM_LIB_FACE"}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environment[name] = str(tmp_path / name.lower())
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab"),
            f"--config={lab.configure(folder, tmp_path / 'settings')}",
            *("--no-browser", "--allow-root", "--port=0", f"--IdentityProvider.token={TOKEN}"),
        ],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    said = []
    for line in server.stderr:
        said.append(line)
        if found := ADDRESS.search(line):
            break
    else:
        pytest.fail("JupyterLab did not start:\n" + "".join(said))
    rest = Thread(target=server.stderr.read)
    rest.start()
    yield found[0]
    server.terminate()
    rest.join()
    server.stderr.close()
    server.wait()


@pytest.fixture
def opened(browser, address):
    """The chapter, opened, with no way out."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.route(OUTSIDE, lambda route: route.abort())
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda said: said.type == "error" and page.complaints.append(said.text))
    page.goto(f"{address}/tree/{CHAPTER}?token={TOKEN}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    # a notebook that is told to run before it has its kernel asks for one
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    yield page
    context.close()


def test_a_chapter_reads_and_runs_in_jupyterlab_and_a_slider_redraws_its_picture(opened):
    # cells are shown as they were written until they are rendered, one after the other
    chapter = opened.locator(".jp-Notebook")
    shown = {"use_inner_text": True, "timeout": PATIENCE}
    expect(chapter).to_contain_text("A marble and a shaking table", **shown)
    expect(chapter).to_contain_text("Fig. 2.1. A particle in the double well", **shown)
    expect(chapter).not_to_contain_text(re.compile(r"\{[\w:]+\}`|eq-double-well"), **shown)
    assert opened.locator(".jp-mod-dirty, .Toastify__toast").count() == 0
    assert opened.complaints == []
    opened.get_by_role("menuitem", name="Run", exact=True).click()
    opened.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    picture = opened.locator(".jp-OutputArea img.widget-image")
    picture.wait_for()
    drawn = picture.evaluate("e => e.decode().then(() => [e.src, e.naturalWidth])")
    assert drawn[1] > 0
    slider = opened.locator(".jp-OutputArea .noUi-handle").first
    readout = opened.locator(".jp-OutputArea .widget-readout").first
    value = readout.inner_text()
    slider.press("ArrowRight")
    opened.wait_for_function(
        "([e, old]) => e.src !== old && e.complete && e.naturalWidth",
        arg=[picture.element_handle(), drawn[0]],
    )
    assert readout.inner_text() != value
    assert opened.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0

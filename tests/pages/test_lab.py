"""A chapter in JupyterLab, as `make lab` opens it: it reads well, runs, and sliders redraw."""

import os
import re
import subprocess
import sys
from threading import Thread

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
    """A folder with a chapter, up to its first explorer, that was never run."""
    chapter = nbformat.read(root / "chapters" / CHAPTER, as_version=4)
    showing = [i for i, cell in enumerate(chapter.cells) if "Explorer(\n" in cell.source]
    chapter.cells = chapter.cells[: showing[0] + 1]
    for cell in chapter.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    (tmp_path / "chapters").mkdir()
    nbformat.write(chapter, tmp_path / "chapters" / CHAPTER)
    return tmp_path / "chapters"


@pytest.fixture
def lab(folder, tmp_path):
    """The address of a JupyterLab that serves the folder, with settings of its own."""
    environment = {name: value for name, value in os.environ.items() if name != "LIM_LIB_FACE"}
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        environment[name] = str(tmp_path / name.lower())
    server = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyterlab", folder, "--no-browser", "--allow-root"),
            *("--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}"),
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
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


def test_a_chapter_runs_in_jupyterlab_and_a_slider_redraws_its_picture(browser, lab):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    context.route(OUTSIDE, lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{lab}/tree/{CHAPTER}?token={TOKEN}")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
    # a notebook that is told to run before it has its kernel asks for one
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    # cells are shown as they were written until they are rendered, one after the other
    chapter = page.locator(".jp-Notebook")
    shown = {"use_inner_text": True, "timeout": PATIENCE}
    expect(chapter).to_contain_text("A marble and a shaking table", **shown)
    expect(chapter, "the label of an equation is shown").not_to_contain_text(
        "eq-double-well", **shown
    )
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    picture = page.locator(".jp-OutputArea img.widget-image")
    picture.wait_for()
    drawn = picture.evaluate("e => e.decode().then(() => [e.src, e.naturalWidth])")
    assert drawn[1] > 0
    slider = page.locator(".jp-OutputArea .noUi-handle").first
    readout = page.locator(".jp-OutputArea .widget-readout").first
    value = readout.inner_text()
    slider.press("ArrowRight")
    page.wait_for_function(
        "([e, old]) => e.src !== old && e.complete && e.naturalWidth",
        arg=[picture.element_handle(), drawn[0]],
    )
    assert readout.inner_text() != value
    assert page.locator(".jp-OutputArea-output[data-mime-type*=stderr]").count() == 0
    context.close()

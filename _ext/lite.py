"""Build the notebooks to be run elsewhere: JupyterLite in a browser, and Colab.

Readers' copies of the chapters, each with two cells before its first: one says what to expect,
one installs the library, from the wheel that the JupyterLite site carries, or from the repository
that the environment variable ``BOOK_REPOSITORY`` names.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from references import Book, beside, published
from resolved import resolved

ROOT = Path(__file__).parents[1]
SITE = Path("_build/html/lite")
COLAB = Path("_build/colab")
WORK = Path("_build/lite")
# What the library needs in the browser and Pyodide lacks; `make` keeps them beside the environment.
WHEELS = Path(sys.prefix, "wheels")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension")
LITE_BEGINS = """\
**This notebook runs in your browser.**
Run the next cell first: it fetches Python and the book's library into this page, some tens of \
megabytes once, which takes a minute or two; then every cell can be run and changed.
Without a network it stays at `[*]` and nothing runs; the text and the results that are stored \
here can be read all the same.
What you change stays in this browser; *Download* in the *File* menu keeps it.
"""
COLAB_BEGINS = """\
**This notebook runs in Google Colab.**
Run the next cell first: it installs the book's library, which takes about a minute; then every \
cell can be run and changed.
Without a network nothing runs, and the results that are stored here can be read all the same.
What you change is kept when you save a copy in your Drive, in the *File* menu.
"""


def copy_notebooks(paths, folder, links, about, installation):
    """Write readers' copies of the notebooks, each with words and an installation before it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    book = Book(ROOT)
    address = links(book, os.environ.get("BOOK_URL", ""))
    for path in paths:
        copy = resolved(book, path, address)
        copy.cells[:0] = [
            nbformat.v4.new_markdown_cell(about.strip(), id="about-this-copy"),
            nbformat.v4.new_code_cell(installation, id="install-library"),
        ]
        nbformat.write(copy, folder / path.name)


def build_site(notebooks):
    """Build the JupyterLite site: the notebooks, their outputs kept, and the wheels."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    copy_notebooks(
        notebooks,
        WORK / "files",
        beside,
        LITE_BEGINS,
        "# The book's library, into this browser\n%pip install -q lim_lib",
    )
    shutil.copytree(WHEELS, WORK / "pypi")
    run("flit_core.wheel", "--outdir", WORK / "pypi")
    labextensions = Path(sys.prefix, "share", "jupyter", "labextensions")
    settings = {
        "LiteBuildConfig": {
            "apps": ["lab", "notebooks"],
            "federated_extensions": [str(labextensions / name) for name in EXTENSIONS],
            "ignore_sys_prefix": ["federated_extensions"],
            "no_libarchive": True,
            "no_sourcemaps": True,
            "no_unused_shared_packages": True,
            "output_dir": str(SITE.resolve()),
        }
    }
    (WORK / "jupyter_lite_config.json").write_text(json.dumps(settings), encoding="utf-8")
    run("jupyterlite_core", "build", cwd=WORK)


def build_colab(notebooks):
    """Write the notebooks that Colab opens; they install the library from its repository."""
    repository = os.environ.get("BOOK_REPOSITORY")
    if not repository:
        sys.exit("BOOK_REPOSITORY must be the address of the book's repository; it is not set")
    source = f'# @title The book\'s library\n%pip install -q "lim_lib @ git+{repository}"'
    copy_notebooks(notebooks, COLAB, published, COLAB_BEGINS, source)


def run(module, *arguments, cwd=None):
    """Run a module's command; what it says is shown when it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    build = {"lite": build_site, "colab": build_colab}[sys.argv[1]]
    build([Path(name) for name in sys.argv[2:]])

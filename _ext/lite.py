"""Build the notebooks to be run elsewhere: JupyterLite in a browser, and Colab.

The chapters as they are in the book, each with one cell before its first that installs the
library: from the wheel that the JupyterLite site carries, or from the repository that the
environment variable ``BOOK_REPOSITORY`` names.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

SITE = Path("_build/html/lite")
COLAB = Path("_build/colab")
WORK = Path("_build/lite")
# What the library needs in the browser and Pyodide lacks; `make` keeps them beside the environment.
WHEELS = Path(sys.prefix, "wheels")
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "@jupyterlite/pyodide-kernel-extension")


def with_installation(notebook, source):
    """Put a cell that installs the library before the notebook's first."""
    cell = nbformat.v4.new_code_cell(source, id="install-library")
    notebook.cells.insert(0, cell)
    return notebook


def copy_notebooks(paths, folder, source):
    """Write copies of the notebooks, each with a cell of this source before its first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in paths:
        copy = with_installation(nbformat.read(path, as_version=4), source)
        nbformat.write(copy, folder / path.name)


def build_site(notebooks):
    """Build the JupyterLite site: the notebooks, their outputs kept, and the wheels."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.rmtree(SITE, ignore_errors=True)
    copy_notebooks(
        notebooks,
        WORK / "files",
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
    copy_notebooks(notebooks, COLAB, source)


def run(module, *arguments, cwd=None):
    """Run a module's command; what it says is shown when it fails."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8")
    if done.returncode:
        sys.exit(f"{module} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    build = {"lite": build_site, "colab": build_colab}[sys.argv[1]]
    build([Path(name) for name in sys.argv[2:]])

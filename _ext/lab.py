"""Open readers' copies of the notebooks in JupyterLab.

The copies stand in ``_build/notebooks``. They are written again when the book changes; one that a
reader has changed stays as it is.
"""

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

import nbformat
from ipykernel.ipkernel import IPythonKernel
from jupyterlab.labapp import LabApp
from references import Book, beside
from resolved import resolved

ROOT = Path(__file__).parents[1]
COPIES = ROOT / "_build" / "notebooks"
# What the book has written, by name; a file that differs is a reader's.
WRITTEN = ".written.json"
# The widgets of explorers, and code in outputs; that of JupyterLite cannot be loaded here.
EXTENSIONS = ("@jupyter-widgets/jupyterlab-manager", "jupyterlab_pygments")


def digest(data):
    """Return what tells one file from another."""
    return sha256(data).hexdigest()


def copy_notebooks(paths, folder=COPIES):
    """Write readers' copies, and return the names of those that a reader's own has kept out."""
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / WRITTEN
    written = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    book, kept = Book(ROOT), []
    for path in paths:
        copy = resolved(book, path, beside(book))
        # as the kernel would put it, which else were a change of the notebook
        copy.metadata.language_info = nbformat.from_dict(IPythonKernel.language_info)
        data = f"{nbformat.writes(copy)}\n".encode()
        target, before = folder / path.name, written.get(path.name)
        if not target.exists() or digest(target.read_bytes()) == before:
            target.write_bytes(data)
            written[path.name] = digest(data)
        elif digest(data) != before:
            kept.append(path.name)
    record.write_text(json.dumps(written, indent=1), encoding="utf-8")
    return kept


def configure(folder, settings):
    """Write settings with which JupyterLab opens a folder and asks for no news, and say where."""
    installed = Path(sys.prefix, "share", "jupyter", "labextensions")
    for name in EXTENSIONS:
        shutil.copytree(installed / name, settings / name, dirs_exist_ok=True)
    quiet = {"checkForUpdates": False, "fetchNews": "false"}
    overrides = {"@jupyterlab/apputils-extension:notification": quiet}
    (settings / "overrides.json").write_text(json.dumps(overrides), encoding="utf-8")
    chosen = {
        "ServerApp": {"ip": "127.0.0.1", "root_dir": str(folder)},
        "LabApp": {"app_settings_dir": str(settings), "labextensions_path": [str(settings)]},
    }
    config = settings / "config.json"
    config.write_text(json.dumps(chosen), encoding="utf-8")
    return config


if __name__ == "__main__":
    for name in copy_notebooks(sorted((ROOT / "chapters").glob("*.ipynb"))):
        print(f"{name} is yours: delete {COPIES.relative_to(ROOT) / name} to get the book's again")
    LabApp.launch_instance([f"--config={configure(COPIES, ROOT / '_build' / 'lab')}"])

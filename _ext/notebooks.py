"""Run notebooks again in place, and keep of them only what is the same in every run.

With ``--tidy`` first, keep only that and run none; with ``--check``, name those that hold
something else.
"""

import ast
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_OF_CELLS = {"mystnb", "tags"}
FOLDED = {"outputs_hidden": True, "source_hidden": True}
GATE = re.compile(r"^[`:]{3,}\{solution-(start|end)\}", flags=re.MULTILINE)
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def explorer_alt(cell):
    """Return the alt text that a cell gives to the explorer it shows, if it shows one."""
    texts = [output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", [])]
    if not any(text.startswith("Explorer(") for text in texts):
        return None
    words = (node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.keyword))
    return next((ast.literal_eval(word.value) for word in words if word.arg == "alt"), None)


def answers(cell):
    """Whether a cell shows a form for an answer, which its code would give away."""
    texts = (output.get("data", {}).get("text/plain", "") for output in cell.get("outputs", []))
    return any(text.startswith("Answer(") for text in texts)


def solutions(notebook):
    """Yield the code cells that stand in solutions of exercises."""
    inside = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for edge in GATE.findall(cell.source):
                inside = edge == "start"
        elif inside:
            yield cell


def tidy(notebook):
    """Drop from an executed notebook its timings, widgets, and what describes the machine.

    An explorer's alt text, which its page shows, is also put where print looks for it. The code of
    solutions and what it shows are folded in JupyterLab, and so is code that asks for an answer.
    """
    notebook.metadata = nbformat.from_dict(KERNEL)
    for cell in notebook.cells:
        for key in set(cell.metadata) - KEPT_OF_CELLS:
            del cell.metadata[key]
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)
            if data.get("text/plain", "").startswith(("Scene(", "Answer(")):
                data.pop("text/html", None)  # what the page computes with: the book makes it anew
        if answers(cell):
            cell.metadata["jupyter"] = nbformat.from_dict({"source_hidden": True})
        if alt := explorer_alt(cell):
            cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    for cell in solutions(notebook):
        cell.metadata["jupyter"] = nbformat.from_dict(FOLDED)
    return notebook


def rerun(path):
    """Execute the notebook at this path in its own folder and write it back, tidied."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    nbformat.write(tidy(notebook), path)
    return path


def is_tidy(path):
    """Whether the notebook at this path holds only what is the same in every run."""
    kept = nbformat.read(path, as_version=4)
    return tidy(nbformat.read(path, as_version=4)) == kept


if __name__ == "__main__":
    if sys.argv[1:2] == ["--tidy"]:
        for path in map(Path, sys.argv[2:]):
            nbformat.write(tidy(nbformat.read(path, as_version=4)), path)
        sys.exit()
    if sys.argv[1:2] == ["--check"]:
        untidy = [name for name in sys.argv[2:] if not is_tidy(Path(name))]
        sys.exit(f"not as `make notebooks` leaves them: {', '.join(untidy)}" if untidy else 0)
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(rerun, map(Path, sys.argv[1:])):
            print(done)

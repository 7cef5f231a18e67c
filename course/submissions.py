"""What submissions hold beside answers: ``python course/submissions.py submitted`` lists it.

Grading runs what was handed in, in one process with the checks, so that a submission can change what
the checks do, or look for what is not meant for it. Each line that does such a thing by a usual way
is listed, to be read by somebody; a submission without one may still do it by an unusual way.
"""

import ast
import sys
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager

# Names and modules that no answer needs.
REACHES = {
    "__builtins__",
    "__dict__",
    "__import__",
    "builtins",
    "compile",
    "delattr",
    "eval",
    "exec",
    "gc",
    "get_ipython",
    "globals",
    "importlib",
    "inspect",
    "modules",
    "open",
    "os",
    "pathlib",
    "requests",
    "setattr",
    "shutil",
    "socket",
    "subprocess",
    "unittest",
    "urllib",
    "vars",
}
CHECKS = "grading"


def parts(statement):
    """What a statement itself consists of, without the statements inside it."""
    yield statement
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, ast.stmt | ast.excepthandler):
            yield from ast.walk(child)


def names(part):
    """The names that a part of the code uses, attributes and imported modules included."""
    if isinstance(part, ast.Name):
        return {part.id}
    if isinstance(part, ast.Attribute):
        return {part.attr}
    if isinstance(part, ast.ImportFrom):
        return {*(part.module or "").split("."), *(alias.name for alias in part.names)}
    if isinstance(part, ast.Import):
        return {name for alias in part.names for name in alias.name.split(".")}
    return set()


def touches_the_checks(part):
    """Whether a part of the code binds the name of the checks, renames them, or changes them."""
    if isinstance(part, ast.Import | ast.ImportFrom):
        renamed = {alias.asname for alias in part.names} - {None}
        return bool(renamed) and CHECKS in {*names(part), *renamed}
    if isinstance(getattr(part, "ctx", None), ast.Store | ast.Del):
        return any(CHECKS in names(inner) for inner in ast.walk(part))
    return not isinstance(part, ast.alias) and getattr(part, "name", None) == CHECKS


def strange(source):
    """The lines of a cell that change the checks or reach beyond an answer.

    Examples
    --------
    >>> strange("heat = kT * 2\\ngrading.matches = print")
    ['grading.matches = print']
    >>> strange("!ls ..")
    ["get_ipython().system('ls ..')"]
    """
    code = TransformerManager().transform_cell(source)
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return []  # it does not run, either
    found = {
        node.lineno: ast.get_source_segment(code, node).split("\n")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt)
        and any(REACHES & names(part) or touches_the_checks(part) for part in parts(node))
    }
    return [found[line] for line in sorted(found)]


def main(folder):
    """Print the lines found in the notebooks below a folder; return how many."""
    count = 0
    for path in sorted(Path(folder).rglob("*.ipynb")):
        text = path.read_text(encoding="utf-8-sig")
        for place, cell in enumerate(nbformat.reads(text, as_version=4).cells, 1):
            for line in strange(cell.source) if cell.cell_type == "code" else ():
                print(f"{path.relative_to(folder)}, cell {place}: {line}")
                count += 1
    return count


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]) > 0)

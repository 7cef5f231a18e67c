"""The floors of the library, lowest first: a module imports only from floors below its own.

The tests hold every import to them, and the page on the architecture is drawn from them.
"""

import ast
from pathlib import Path

LIBRARY = Path(__file__).parents[1] / "lim_lib"
FLOORS = [
    ["validate"],
    ["units", "archive", "files", "sampling", "digits", "engine", "kernels"],
    ["text", "fragments"],
    ["results"],
    ["symbols"],
    ["formula"],
    ["javascript"],
    # On one floor with bounds, which may use memory.
    ["memory", "learning", "convergence", "overheads"],
    ["bounds"],
    ["quasistatic", "schedules", "simulate"],
    ["optimizers", "workloads"],
    ["recorder", "interop", "grading"],
    ["figures"],
    ["explorers", "scenes", "commands"],
    ["__main__"],
]


def source(module):
    """Return the file of a module, or of what a package says of itself."""
    single = LIBRARY / f"{module}.py"
    return single if single.exists() else LIBRARY / module / "__init__.py"


def purpose(module):
    """Return the first sentence of a module's documentation."""
    text = ast.get_docstring(ast.parse(source(module).read_text(encoding="utf-8")))
    return text.partition("\n")[0]


def table():
    """Return the floors as a table in Markdown, the highest first, as one looks at a house."""
    lines = ["| Floor | Module | What it holds |", "| ---: | --- | --- |"]
    for level, modules in reversed(list(enumerate(FLOORS, 1))):
        for first, module in enumerate(modules):
            lines.append(f"| {'' if first else level} | `{module}` | {purpose(module)} |")
    return "\n".join(lines)

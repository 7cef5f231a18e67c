"""The house: floors, imports only downwards, a light door, promised names, true examples."""

import ast
import doctest
import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from floors import FLOORS

import lim_lib

ROOT = Path(lim_lib.__file__).parent
FLOOR = {module: level for level, modules in enumerate(FLOORS) for module in modules}
MODULES = sorted(m.name for m in pkgutil.walk_packages([str(ROOT)], "lim_lib."))


def imported(path):
    """Modules of the library that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            base = node.module or ""
            names = [f"{base}.{alias.name}" for alias in node.names] + [base]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "lim_lib" and len(parts) > 1 and parts[1] in FLOOR:
                yield parts[1]


def upward_imports(path, module):
    return {other for other in imported(path) if other != module and FLOOR[other] >= FLOOR[module]}


FILES = [p for p in ROOT.rglob("*.py") if p != ROOT / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_only(path):
    module = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert module in FLOOR, f"{module} has no floor"
    assert not upward_imports(path, module)


def test_an_upward_import_is_caught(tmp_path):
    planted = tmp_path / "units.py"
    planted.write_text("def f():\n    from lim_lib import bounds\n", encoding="utf-8")
    assert upward_imports(planted, "units") == {"bounds"}
    planted.write_text("import lim_lib.figures.canvas\n", encoding="utf-8")
    assert upward_imports(planted, "units") == {"figures"}


def test_importing_the_library_loads_nothing_heavy():
    heavy = ["numpy", "scipy", "sympy", "pandas", "matplotlib", "ipywidgets", "PIL"]
    code = f"import sys, lim_lib; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in lim_lib.__all__:
        assert getattr(lim_lib, name) is not None
    assert set(lim_lib.__all__) == set(dir(lim_lib))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lim_lib.nonsense


@pytest.mark.parametrize("name", ["lim_lib", *MODULES])
def test_the_examples_in_the_documentation_are_true(name):
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_the_examples_are_true_on_another_processor_and_with_more_threads():
    code = (
        "import doctest, importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    module = importlib.import_module(name)\n"
        "    if doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed: sys.exit(name)\n"
    )
    # Names that a NumPy or a processor does not know are passed over.
    other = {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code, "lim_lib", *MODULES],
        env=os.environ | other,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr


def digits(number):
    """Significant digits of a number in text."""
    return len(number.lower().partition("e")[0].replace(".", "").lstrip("0"))


@pytest.mark.parametrize("name", ["lim_lib", *MODULES])
def test_no_example_shows_the_last_digits_of_a_computed_number(name):
    # They differ from processor to processor.
    for test in doctest.DocTestFinder().find(importlib.import_module(name)):
        for example in test.examples:
            shown = re.findall(r"\d+\.\d+(?:[eE][-+]?\d+)?", example.want)
            assert all(digits(number) <= 12 for number in shown), example.want


@pytest.mark.parametrize(
    ("number", "count"), [("6.643856189774724", 16), ("0.010", 2), ("1e-9", 1)]
)
def test_significant_digits_are_counted(number, count):
    assert digits(number) == count


@pytest.mark.parametrize("name", lim_lib.__all__)
def test_every_public_function_is_documented_with_an_example(name):
    thing = getattr(lim_lib, name)
    if isinstance(thing, lim_lib.Bound) or not callable(thing):
        return  # a bound is documented by its class, its expression and its regime
    assert thing.__doc__
    if not (isinstance(thing, type) and issubclass(thing, Warning)):
        assert ">>>" in thing.__doc__, name

"""What changes when the mathematics below the book does: its words or its results.

Run in an environment with newer packages than the pinned ones (``make drift``). A notebook whose
cells all run, assertions included, but show something else than they did has drifted in what it
shows ("cosmetic"); one with a cell that fails has drifted in what it says ("mathematical"), and
so has the library when one of its tests fails. Only the latter makes the command fail.
"""

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

from pins import pins

ROOT = Path(__file__).parents[1]
MATHEMATICS = ("numpy", "scipy", "sympy", "matplotlib", "pandas")
PASSED, FAILED = 0, 1


def run_tests(*arguments):
    """Run pytest where a new warning is no failure; return whether all passed, and what did not."""
    command = [sys.executable, "-m", "pytest", "-q", "-rf", "-o", "filterwarnings=", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    if done.returncode not in (PASSED, FAILED):
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.returncode == PASSED, re.findall(r"^FAILED (.*)$", done.stdout, re.M)


def verdict(notebook):
    """Return how a notebook has drifted, and which of its cells.

    Parameters
    ----------
    notebook : path of a notebook with its outputs

    Returns
    -------
    kind : {"none", "cosmetic", "mathematical"}
    cells : list of str
        The cells that show something else, or that fail.
    """
    same, different = run_tests("--nbval", notebook)
    if same:
        return "none", []
    runs, failing = run_tests("--nbval-lax", notebook)
    return ("cosmetic", different) if runs else ("mathematical", failing)


def main():
    """Print the versions, and one line for each notebook and for the library's tests."""
    tested = pins()
    for name in MATHEMATICS:
        print(f"{name}: {tested[name]} -> {version(name)}")
    notebooks = sorted(map(str, (ROOT / "chapters").glob("*.ipynb")))
    kinds = []
    with ThreadPoolExecutor(2) as pool:
        for notebook, (kind, cells) in zip(notebooks, pool.map(verdict, notebooks), strict=True):
            print(f"{kind:12}  {Path(notebook).stem}", *cells, sep="\n    ", flush=True)
            kinds.append(kind)
    library, failing = run_tests("tests", "--ignore=tests/pages")
    kinds.append("none" if library else "mathematical")
    print(f"{kinds[-1]:12}  the library's tests", *failing, sep="\n    ")
    return int("mathematical" in kinds)


if __name__ == "__main__":
    sys.exit(main())

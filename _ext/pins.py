"""The releases that the book is built and tested with: read, and resolved again.

The two ``requirements.txt`` are the lists of ``pyproject.toml``, resolved for every Python and
every system at once, with the sums by which ``pip --require-hashes`` knows each file again.

Run as ``python _ext/pins.py renew [--upgrade]`` (where uv is installed), ``... of NAME ...`` for
the pins of some packages, ``... lowest`` for those with the library's oldest versions in place, or
``... extra NAME`` for what one of its extras names.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
OLDEST_PYTHON = "3.11"
HEADS = {
    "requirements.txt": "# Every package of the book and of its tests, pinned; `make` installs "
    "exactly these.\n# Made by `make requirements` from pyproject.toml.\n",
    "course/requirements.txt": "# What a course needs beside the book's packages, pinned; `make "
    "course` installs it on top of them.\n# For a hub: pip install -r requirements.txt -r "
    "course/requirements.txt, then pip install --no-deps .\n# Made by `make requirements`.\n",
}


def normal(name):
    """Return a package's name as the index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def blocks(text):
    """Return the pins of a file by name, each with its marker and its hashes."""
    found = {}
    for line in re.finditer(r"^([\w.-]+)==.*(?:\n .*)*", text, re.M):
        found.setdefault(normal(line[1]), []).append(line[0])
    return {name: "\n".join(lines) for name, lines in found.items()}


def book():
    """Return the pins of the book."""
    return blocks((ROOT / "requirements.txt").read_text(encoding="utf-8"))


def pins():
    """Return the version that the book pins of each package, by name."""
    return {name: re.match(r"[^=]+==([^\s;]+)", block)[1] for name, block in book().items()}


def project():
    """Return what the library says of itself."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def lowest():
    """Return the pins, but of what the library needs the oldest versions that it declares."""
    bounds = (re.fullmatch(r"([\w.-]+)>=([\w.]+)", each) for each in project()["dependencies"])
    return pins() | {normal(bound[1]): bound[2] for bound in bounds}


def resolve(extras, *arguments, kept):
    """Return these lists resolved; versions in the file ``kept`` stay where they can."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", "-q", "pyproject.toml"),
        *(f"--extra={extra}" for extra in extras),
        *("--universal", f"--python-version={OLDEST_PYTHON}", "--fork-strategy=fewest"),
        *("--generate-hashes", "--no-header", "--no-annotate", "-o", str(kept), *arguments),
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    return blocks((ROOT / kept).read_text(encoding="utf-8"))


def renew(*arguments):
    """Write both files anew."""
    base, top = HEADS
    found = resolve(["book"], *arguments, kept=base)
    more = resolve(["book", "course"], "-c", base, *arguments, kept=top)
    for name, lines in ((base, found), (top, {k: more[k] for k in more.keys() - found.keys()})):
        text = HEADS[name] + "\n".join(lines[key] for key in sorted(lines)) + "\n"
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["renew", *arguments]:
            renew(*arguments)
        case ["of", *names]:
            print(*(book()[normal(name)] for name in names), sep="\n")
        case ["lowest"]:
            print(*(f"{name}=={version}" for name, version in lowest().items()), sep="\n")
        case ["extra", name]:
            print(*project()["optional-dependencies"][name], sep="\n")

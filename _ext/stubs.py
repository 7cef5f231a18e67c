"""Write what editors and type checkers read of the modules whose names are loaded when used."""

from pathlib import Path
from pkgutil import iter_modules

import lim_lib
from lim_lib import figures

HEAD = '"""Names that are loaded when they are first used; written by _ext/stubs.py."""\n'


def library():
    """Return the stub of `lim_lib`: each public name, from where it lives."""
    lines = [f"from lim_lib import {name} as {name}" for name in lim_lib.MODULES]
    lines += [f"from lim_lib.{home} import {name} as {name}" for name, home in lim_lib.HOME.items()]
    names = "".join(f'    "{name}",\n' for name in lim_lib.__all__)
    return "\n".join([HEAD, *sorted(lines), "", "__version__: str", f"__all__ = [\n{names}]", ""])


def pictures():
    """Return the stub of `lim_lib.figures`: its themes, and all that they offer."""
    themes = sorted(module.name for module in iter_modules(figures.__path__))
    lines = [f"from lim_lib.figures import {theme} as {theme}" for theme in themes]
    lines += [f"from lim_lib.figures.{theme} import *" for theme in themes]
    return "\n".join([HEAD, *lines, ""])


def stubs():
    """Return each stub's path and text."""
    return {
        Path(lim_lib.__file__).with_suffix(".pyi"): library(),
        Path(figures.__file__).with_suffix(".pyi"): pictures(),
    }


if __name__ == "__main__":
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")

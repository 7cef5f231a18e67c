"""The book's pictures: one function each, values in, `Picture` out.

There is one module for each theme, and `canvas`, the surface on which all of them draw. A figure
function is found here by its name, wherever it lives::

    from lim_lib.figures import some_figure

A theme's public functions are those in its ``__all__``. Nothing is imported until it is used.

Examples
--------
>>> from lim_lib.figures import Picture
>>> Picture.__module__
'lim_lib.figures.canvas'
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

_MODULES = tuple(sorted(module.name for module in iter_modules(__path__)))


def _themes() -> Iterator[ModuleType]:
    return (import_module(f"{__name__}.{name}") for name in _MODULES)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    if not name.startswith("_"):
        for theme in _themes():
            if name in theme.__all__:
                return getattr(theme, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*_MODULES, *(name for theme in _themes() for name in theme.__all__)])

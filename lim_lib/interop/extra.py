"""Packages that only these doors need."""

from importlib import import_module
from typing import Any


def extra(name: str) -> Any:
    """A package of the extra, or one line that says how to get it."""
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f'lim_lib.interop needs {name}, which is not installed: pip install "lim_lib[interop]"',
            name=name,
        ) from None

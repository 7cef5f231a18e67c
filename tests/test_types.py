"""What editors and type checkers see: stubs in step with the library."""

from pathlib import Path

import pytest
import stubs

import lim_lib
from lim_lib import symbols


@pytest.mark.parametrize("path", stubs.stubs(), ids=lambda path: path.parent.name)
def test_a_stub_says_what_is_loaded(path):
    written = path.read_text(encoding="utf-8")
    assert written == stubs.stubs()[path], "python _ext/stubs.py writes it again"


def test_the_library_says_that_it_is_typed():
    assert Path(lim_lib.__file__).with_name("py.typed").is_file()


def test_every_symbol_is_assigned_where_an_editor_finds_it():
    source = Path(symbols.__file__).read_text(encoding="utf-8")
    for row in symbols.NOTATION:
        assert f"\n{row.name} = _symbol(" in source
        assert all(f"\n{name} = {row.name}\n" in source for name in row.also)

"""Files that last: NumPy's npz with one entry of JSON, written whole and read with suspicion.

The format
----------
A zip file whose entries are stored as they are, each an array in NumPy's npy format: numbers,
truth values or text, never objects, so that reading a file runs nothing. The entry ``about`` is a
text: a JSON object with ``"format"``, the number of the format, and whatever the writer adds. Any
NumPy opens it::

    file = numpy.load("run.npz")
    json.loads(str(file["about"])), file["ledger.heat"]

The same content gives the same bytes.
"""

import io
import json
import math
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from lim_lib.validate import refuse

FORMAT = 1
"""The format that is written, and the newest that is read."""

ABOUT = "about"
"""The entry of JSON."""

KINDS = "biufU"
"""NumPy's letters for what an array may hold: truth values, whole numbers, floats, text."""


def write(target: Any, about: dict, arrays: dict[str, np.ndarray]) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    target : path-like or binary file
        A file of that very name, made or replaced; or a file that is open for writing.
    about : dict
        What JSON can hold.
    arrays : dict of str to ndarray
        The other entries.

    Raises
    ------
    OSError
        With the target's name. What was there before is then there still.
    """
    text = json.dumps({"format": FORMAT, **about}, allow_nan=False, ensure_ascii=False)
    entries = {ABOUT: np.array(text), **arrays}
    if hasattr(target, "write"):
        _write(target, entries)
    else:
        with replacing(target) as file:
            _write(file, entries)


def _write(file: BinaryIO, entries: dict[str, np.ndarray]) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in entries.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array, (1, 0), allow_pickle=False)


@contextmanager
def replacing(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """A new binary file beside a path, which takes its place once all is written.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp(), "words.txt")
    >>> with replacing(place) as file:
    ...     size = file.write(b"all of it")
    >>> place.read_text()
    'all of it'
    """
    final = Path(_path(path)).resolve()
    if final.exists() and not final.is_file():
        refuse("path", str(path), "the name of a file")
    beside = final.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with open(beside, "xb") as file:
            yield file
        beside.replace(final)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        beside.unlink(missing_ok=True)


def read(source: Any) -> tuple[dict, dict[str, np.ndarray]]:
    """What `write` has written: the JSON object, and the other entries.

    Parameters
    ----------
    source : path-like or binary file
        A path, or a file that is open for reading and can be searched.

    Raises
    ------
    ValueError
        In one line, for a file that is damaged, of another origin, or of a newer format.
    OSError
        For a file that is not there.

    Examples
    --------
    >>> file = io.BytesIO()
    >>> write(file, {"words": "two numbers"}, {"x": np.array([1, 2])})
    >>> read(file)
    ({'format': 1, 'words': 'two numbers'}, {'x': array([1, 2])})
    """
    if hasattr(source, "read"):
        return _read(source, name_of(source))
    path = Path(_path(source))
    if path.exists() and not path.is_file():
        raise ValueError(f"{name_of(source)} is no file")
    with open(path, "rb") as file:
        return _read(file, name_of(source))


def name_of(source: Any) -> str:
    """What to call a file in a message."""
    return _line(str(getattr(source, "name", "the file") if hasattr(source, "read") else source))


def _line(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:197]}..."


def plain(value: Any) -> Any:
    """A value for JSON: what is not finite becomes null, a number of NumPy's a number of Python's.

    Examples
    --------
    >>> plain(np.float64("nan")), plain(np.int64(3)), plain("pJ")
    (None, 3, 'pJ')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value.item() if hasattr(value, "item") else value


def records(table: Any) -> list[dict[str, Any]]:
    """The rows of a table of pandas for JSON, index first.

    Examples
    --------
    >>> import pandas as pd
    >>> records(pd.DataFrame({"joules": [1.5, np.nan]}, index=pd.Index(["a", "b"], name="rung")))
    [{'rung': 'a', 'joules': 1.5}, {'rung': 'b', 'joules': None}]
    """
    rows = table.reset_index().to_dict("records")
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def _path(given: Any) -> str:
    try:
        return os.fsdecode(given)
    except TypeError:
        refuse("path", given, "a path or a binary file", TypeError)


def _read(file: BinaryIO, name: str) -> tuple[dict, dict[str, np.ndarray]]:
    try:
        size = file.seek(0, os.SEEK_END)
        with zipfile.ZipFile(file) as archive:
            about = _about(archive, size)
            if about["format"] <= FORMAT:
                names = [name.removesuffix(".npy") for name in archive.namelist()]
                arrays = {name: _array(archive, name) for name in names if name != ABOUT}
    except Exception as error:  # whatever a file can make its readers raise
        why = _line(str(error)) or type(error).__name__
        raise ValueError(f"{name} is damaged, or no result of lim_lib: {why}") from None
    if about["format"] > FORMAT:
        raise ValueError(
            f"{name} has format {about['format']}, and this version of lim_lib reads formats up to "
            f"{FORMAT}: a newer lim_lib is needed"
        )
    return about, arrays


def _about(archive: zipfile.ZipFile, size: int) -> dict:
    claimed = sum(entry.file_size for entry in archive.infolist())
    if claimed > size:
        raise ValueError(f"it claims to hold {claimed} bytes and is {size} long")
    about = json.loads(str(_array(archive, ABOUT)))
    number = about.get("format") if isinstance(about, dict) else None
    if type(number) is not int or number < 1:
        raise ValueError(f"its entry {ABOUT!r} names no format")
    return about


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    """An entry as an array; nothing is allocated on the word of its header."""
    if f"{name}.npy" not in archive.namelist():
        raise ValueError(f"it has no entry {name!r}")
    if archive.getinfo(f"{name}.npy").compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"its entry {name!r} is compressed")
    data = archive.read(f"{name}.npy")  # and its check sum compared
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError(f"its entry {name!r} has another version of the npy format")
    shape, columns_first, dtype = np.lib.format.read_array_header_1_0(stream)
    if dtype.kind not in KINDS:
        raise ValueError(f"its entry {name!r} holds {dtype}, neither numbers nor text")
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    array = flat.reshape(shape, order="F" if columns_first else "C")
    if array.shape != shape:
        raise ValueError(f"its entry {name!r} claims the shape {shape}")
    return array.astype(dtype.newbyteorder("="))

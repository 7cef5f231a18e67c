"""Text files that people make by hand or by other programs, read whole.

A file that is no text in UTF-8 is refused in one line that names it. A byte-order mark, which
editors and spreadsheets put in front, is no part of the text.
"""

import codecs
from pathlib import Path
from typing import Any

from lim_lib.validate import refuse

FOREIGN = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
"""Byte-order marks of other encodings, the longer ones first."""


def read_text(path: Any) -> str:
    """The text of a file, without a byte-order mark.

    Parameters
    ----------
    path : path-like
        The file.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        If it is a folder or no text in UTF-8.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "numbers.txt"
    >>> _ = file.write_text("1 2", encoding="utf-16")
    >>> read_text(file)
    Traceback (most recent call last):
    ValueError: numbers.txt must be a text file in UTF-8, got UTF-16: save it as UTF-8
    """
    path = Path(path) if isinstance(path, str) else path
    if path.is_dir():
        raise ValueError(f"{path.name} must be a text file, got a folder")
    data = path.read_bytes()
    for mark, encoding in FOREIGN.items():
        if data.startswith(mark):
            raise ValueError(
                f"{path.name} must be a text file in UTF-8, got {encoding}: save it as UTF-8"
            )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        refuse(path.name, data[error.start : error.end], "a text file in UTF-8")
    if "\0" in text:
        refuse(path.name, "\0", "a text file in UTF-8")
    return text

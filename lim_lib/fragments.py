"""What fragments of HTML are made of: scripts, styles, data and words that a page takes in.

`lim_lib.explorers` and `lim_lib.scenes` write fragments that need nothing else.

Contents: `page_part`, `script_data`, `words_for_a_picture`.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from lim_lib.files import read_text
from lim_lib.validate import refuse

LONGEST_ALT = 250
"""Characters: what a screen reader says in some twenty seconds."""


@cache
def page_part(path: Path) -> str:
    """A script or a style of a page as it is delivered: without comments and indentation.

    Parameters
    ----------
    path : Path
        A file of the library.

    Returns
    -------
    str

    Examples
    --------
    >>> page_part(Path(__file__).with_name("explorer.js")).startswith('"use strict";')
    True
    """
    lines = map(str.strip, read_text(path).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def script_data(data: Any) -> str:
    """Data as JSON that may stand in a script element: nothing in it can end the element.

    Parameters
    ----------
    data : dict or list
        What JSON holds; numbers are finite.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a number that JSON does not know.

    Examples
    --------
    >>> script_data({"text": "</script>"})
    '{"text":"\\\\u003c/script>"}'
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def words_for_a_picture(alt: Any) -> str:
    """The words that stand for a picture, or a one-line refusal of what cannot.

    Parameters
    ----------
    alt : str
        What the picture shows, in at most 250 characters.

    Returns
    -------
    str

    Examples
    --------
    >>> words_for_a_picture(" ")
    Traceback (most recent call last):
    ValueError: alt must be 1 to 250 characters, got nothing
    """
    if not isinstance(alt, str):
        refuse("alt", alt, "text", TypeError)
    if not alt.strip() or len(alt) > LONGEST_ALT:
        what = len(alt) if alt.strip() else "nothing"
        raise ValueError(f"alt must be 1 to {LONGEST_ALT} characters, got {what}")
    return alt

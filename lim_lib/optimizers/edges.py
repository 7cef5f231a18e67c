"""What files of graphs and of QUBOs share: numbered cells, and a weight for each pair of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from lim_lib.files import read_text
from lim_lib.optimizers.landscape import MOST_CELLS
from lim_lib.validate import shown


@dataclass(frozen=True)
class Line:
    """A line of a file, in words.

    Parameters
    ----------
    file : str
        Name of the file.
    number : int
        Of the line, from 1.
    words : list of str
        What stands there.
    """

    file: str
    number: int
    words: list[str]

    def wrong(self, what: str) -> NoReturn:
        """Refuse the file in one line that names this one."""
        raise ValueError(f"{self.file}, line {self.number}: {what}")

    def must_hold(self, what: str) -> NoReturn:
        """Refuse the file for what this line does not hold."""
        came = shown(" ".join(self.words)) if self.words else "nothing"
        self.wrong(f"must hold {what}, got {came}")


@dataclass(frozen=True)
class Format:
    """How a format calls its parts, and where it begins to count.

    Parameters
    ----------
    cell, cells, item, items : str
        A cell, several, what a line describes, and several of these.
    first : int
        Number of the first cell.
    weight : str
        What is meant where a weight is left out; nothing, if it must not be.
    """

    cell: str
    cells: str
    item: str
    items: str
    first: int = 1
    weight: str = ""

    def counts(self, line: Line, words: list[str]) -> tuple[int, int]:
        """Numbers of cells and of entries that a file claims, before anything is made for them."""
        what = f"the numbers of {self.cells} and {self.items}"
        try:
            cells, count = (int(word) for word in words)
        except ValueError:
            line.must_hold(what)
        if cells < 1 or count < 0:
            line.must_hold(what)
        if cells > MOST_CELLS:
            line.wrong(f"must ask for at most {MOST_CELLS:,} {self.cells}, which memory holds, "
                       f"got {cells:,}")  # fmt: skip
        return cells, count

    def entries(
        self, head: Line, lines: list[Line], cells: int, count: int
    ) -> Iterator[tuple[Line, int, int, float]]:
        """Of each line the two cells, from 0, and the weight; as many lines as the head claims."""
        seen: dict[tuple[int, int], int] = {}
        last = self.first + cells - 1
        for line in lines[:count]:
            try:
                i, j = (int(word) for word in line.words[:2])
                (weight,) = (float(word) for word in line.words[2:] or [self.weight])
            except ValueError:
                line.must_hold(f"two {self.cells} and a weight")
            for cell in (i, j):
                if not self.first <= cell <= last:
                    line.wrong(f"a {self.cell} must be from {self.first} to {last}, got {cell}")
            if not np.isfinite(weight):
                line.wrong(f"a weight must be finite, got {weight}")
            pair = (min(i, j), max(i, j))
            if pair in seen:
                line.wrong(f"{self.item} {i} {j} is already in line {seen[pair]}")
            seen[pair] = line.number
            yield line, i - self.first, j - self.first, weight
        if len(lines) < count:
            end = Line(head.file, (lines or [head])[-1].number + 1, [])
            end.wrong(f"{self.item} {len(lines) + 1} of {count} must follow, the file ends")
        if len(lines) > count:
            lines[count].wrong(
                f"must not be there: line {head.number} promises {count} {self.items}"
            )


def lines_of(path: Any, comment: str) -> list[Line]:
    """The lines that hold something, without those that begin with the comment's sign or word."""
    path = Path(path)
    words = map(str.split, read_text(path).splitlines())
    lines = [Line(path.name, count, each) for count, each in enumerate(words, 1) if each]
    kept = [line for line in lines if not _comments(line.words[0], comment)]
    return kept or Line(path.name, 1, []).wrong("must hold something, the file is empty")


def _comments(word: str, comment: str) -> bool:
    return word == comment if comment.isalpha() else word.startswith(comment)

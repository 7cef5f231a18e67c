"""What is kept of a run while it goes on; none of it grows with the number of steps."""

import numpy as np

BLOCKS = 512
"""Most blocks that a run is cut into."""

LEAST, FINEST, BINS = -60, 4, 320
"""Moves are sorted by size into bins, four to each factor of two, from 2^-60 to 2^20."""

_FIRST = (1023 + LEAST) * FINEST  # the top bits of a double: its exponent, and two of its mantissa
EDGES = np.ldexp(1 + np.arange(BINS + 1) % FINEST / FINEST, LEAST + np.arange(BINS + 1) // FINEST)
"""Where the bins begin, and the last one ends."""


class Moves:
    """How many moves were how long: what tells the share of silent ones at any spacing."""

    def __init__(self):
        self.number, self.path = np.zeros(BINS), np.zeros(BINS)

    def add(self, sizes: np.ndarray) -> None:
        """Count some moves, doubles that are not negative."""
        bins = np.clip((sizes.view(np.int64) >> 50) - _FIRST, 0, BINS - 1)
        self.number += np.bincount(bins, minlength=BINS)
        self.path += np.bincount(bins, weights=sizes, minlength=BINS)


def written(number: np.ndarray, path: np.ndarray, spacing: float) -> float:
    """Expected number of moves that change a level, if the ladder may lie anywhere.

    A move of length x does with the probability min(1, x/spacing); in the bin that the spacing
    falls into, lengths are taken to be spread evenly.

    Examples
    --------
    >>> moves = Moves()
    >>> moves.add(np.array([0.25, 0.5, 3.0]))
    >>> written(moves.number, moves.path, spacing=1.0)
    1.75
    """
    low, high = EDGES[:-1], EDGES[1:]
    s = np.clip(spacing, low, high)
    even = ((s**2 - low**2) / (2 * spacing) + high - s) / (high - low)
    return float(np.where(high <= spacing, path / spacing, number * even).sum())


class Blocks:
    """A curve in at most so many blocks of equal length; when they are full, pairs are joined.

    Examples
    --------
    >>> blocks = Blocks(most=4)
    >>> for step in range(6):
    ...     blocks.add(path=1.0, loss=float(step))
    >>> blocks.length, blocks.steps, blocks.path
    (2, [2, 2, 2], [2.0, 2.0, 2.0])
    """

    def __init__(self, most: int = BLOCKS):
        self.most, self.length = most, 1
        self.steps: list[int] = []
        self.path: list[float] = []
        self.losses: list[int] = []
        self.loss: list[float] = []

    def add(self, path: float, loss: float | None) -> None:
        """Count one more step."""
        columns = (self.steps, self.path, self.losses, self.loss)
        if not self.steps or self.steps[-1] == self.length:
            if len(self.steps) == self.most:
                self.length *= 2
                for column in columns:
                    column[:] = [a + b for a, b in zip(column[::2], column[1::2], strict=True)]
            for column in columns:
                column.append(0)
        given = loss is not None
        for column, more in zip(columns, (1, path, int(given), loss or 0.0), strict=True):
            column[-1] += more

    def mean_losses(self) -> np.ndarray:
        """Mean loss in each block; NaN where none was given."""
        return np.array(
            [s / n if n else np.nan for s, n in zip(self.loss, self.losses, strict=True)]
        )

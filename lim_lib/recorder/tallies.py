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

    Parameters
    ----------
    most : int
        Most blocks, an even number.

    Examples
    --------
    >>> blocks = Blocks(most=4)
    >>> for step in range(6):
    ...     blocks.add(path=1.0, loss=float(step))
    >>> blocks.steps.tolist(), blocks.path.tolist(), blocks.loss.tolist()
    ([2.0, 2.0, 2.0], [2.0, 2.0, 2.0], [0.5, 2.5, 4.5])
    """

    def __init__(self, most: int = BLOCKS):
        self._length, self._filled = 1, 0
        self._sums = np.zeros((4, most))  # of ones, paths, ones with a loss, losses

    def add(self, path: float, loss: float | None) -> None:
        """Count one more step."""
        if not self._filled or self.steps[-1] == self._length:
            if self._filled == self._sums.shape[1]:
                self._length, self._filled = 2 * self._length, self._filled // 2
                joined = self._sums[:, ::2] + self._sums[:, 1::2]
                self._sums = np.hstack([joined, np.zeros_like(joined)])
            self._filled += 1
        told = (0.0, 0.0) if loss is None else (1.0, loss)
        self._sums[:, self._filled - 1] += (1.0, path, *told)

    @property
    def steps(self) -> np.ndarray:
        """Number of steps in each block."""
        return self._sums[0, : self._filled]

    @property
    def path(self) -> np.ndarray:
        """Path in each block."""
        return self._sums[1, : self._filled]

    @property
    def loss(self) -> np.ndarray:
        """Mean loss in each block; NaN where none was given."""
        number, total = self._sums[2:, : self._filled]
        return np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)

"""What this machine cannot do faster, measured by kernels of a few lines.

Each is the least that some work takes: to move a byte, to follow a pointer, to add a row, to draw a
number. Nanoseconds, the quickest of several runs.
"""

from functools import cache
from typing import Any

import numpy as np
from measure import quickest

from lim_lib.kernels import compiled, seeded, uniform

MEMORY = 1 << 22
"""Doubles of an array that stands for the memory: 32 MiB."""


@compiled
def _triad(a, b, c, turns):
    for turn in range(turns):
        for i in range(a.size):
            a[i] = b[i] + turn * c[i]


@compiled
def _chase(following, turns):
    at = 0
    for _ in range(turns):
        at = following[at]
    return at


@compiled
def _draw(state, turns):
    total = 0.0
    for _ in range(turns):
        total += uniform(state)
    return total


@compiled
def _rows(rows, order, fields):
    for k in order:
        for j in range(fields.size):
            fields[j] += rows[k, j]


@compiled
def _sparse_rows(starts, places, weights, order, fields):
    for k in order:
        for j in range(starts[k], starts[k + 1]):
            fields[places[j]] += weights[j]


@compiled
def _kick(x, random, table, turns):
    for _ in range(turns):
        for i in range(x.size):
            x[i] += table[random[i]]


@cache
def byte(doubles: int = MEMORY) -> float:
    """To read or write one, in a = b + s c (STREAM's triad), of arrays of so many doubles."""
    a, b, c = (np.ones(doubles) for _ in range(3))
    turns = max(1, MEMORY // doubles)
    return 1e9 * quickest(lambda: _triad(a, b, c, turns)) / (turns * 24 * doubles)


@cache
def load(states: int) -> float:
    """To load what says where to load next, from a table of so many places of 8 bytes."""
    following = np.roll(np.random.default_rng(1).permutation(states), 1)
    order, turns = np.argsort(following), 1_000_000
    chain = np.empty(states, int)
    chain[order] = np.roll(order, -1)
    return 1e9 * quickest(lambda: _chase(chain, turns)) / turns


@cache
def draw() -> float:
    """To draw a uniform number by xoshiro256++."""
    state, turns = seeded(np.random.default_rng(1), 1)[0], 1_000_000
    return 1e9 * quickest(lambda: _draw(state, turns)) / turns


@cache
def kick() -> float:
    """To draw a random byte by NumPy, look up its increment, and add it to a position."""
    source, x, table = np.random.PCG64(1), np.zeros(8192), np.linspace(-3, 3, 256)
    turns = 100

    def run():
        for _ in range(turns):
            _kick(x, source.random_raw(x.size // 8).view(np.uint8), table, 1)

    return 1e9 * quickest(run) / (turns * x.size)


def row(couplings: Any) -> float:
    """To add a spin's couplings to the fields of the others: rows in random order, from cache."""
    size, turns = couplings.shape[0], 20_000
    order, fields = np.random.default_rng(1).integers(size, size=turns), np.zeros(size)
    if isinstance(couplings, np.ndarray):
        rows = np.ascontiguousarray(couplings, float)
        return 1e9 * quickest(lambda: _rows(rows, order, fields)) / turns
    parts = couplings.indptr, couplings.indices, couplings.data.astype(float)
    return 1e9 * quickest(lambda: _sparse_rows(*parts, order, fields)) / turns

"""What all compiled loops share: how they are compiled, and where their randomness comes from.

Importing this module needs Numba; only what runs with ``engine="compiled"`` does (see
`lim_lib.engine`). Machine code is kept beside the source or in the user's cache, where one of them
can be written to, and otherwise made anew in each process.

Each replica has a generator of its own, four words of 64 bits which xoshiro256++ (Blackman and
Vigna, ACM Trans. Math. Softw. 47, 36 (2021)) turns over. So the numbers depend neither on the
threads nor on the order in which replicas come.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np

__all__ = ["LANES", "aligned", "compiled", "exponential", "logarithms", "logistic", "seeded",
           "uniform", "uniforms", "whole", "word", "words"]  # fmt: skip

SHIFTS = (np.uint64(23), np.uint64(41), np.uint64(17), np.uint64(45), np.uint64(19))
LOW = np.uint64(11)
HALF = np.uint64(32)
UNIT = 2.0**-53
MANTISSA, REST, ONES = np.uint64(52), np.uint64((1 << 52) - 1), 1023
ROOT_2, LN_2 = 2**0.5, float(np.log(2.0))

LINE = 8
"""Doubles in a line of the cache."""

LANES = 16
"""Generators that move on together, so that the processor turns several over at a time."""


def compiled(function: Callable | None = None, **options: Any) -> Any:
    """Compile a function of numbers and arrays when it is first called, and keep the machine code.

    Parameters
    ----------
    function : callable
        Of what Numba knows; it may call others that are compiled.
    options : dict
        Of `numba.njit`, such as ``fastmath={"reassoc"}`` for one sum.

    Examples
    --------
    >>> @compiled
    ... def half(x):
    ...     return x / 2
    >>> half(3.0)
    1.5
    """
    if function is None:
        return lambda later: compiled(later, **options)
    try:
        return numba.njit(function, nogil=True, cache=True, **options)
    except RuntimeError:  # no folder can be written to
        return numba.njit(function, nogil=True, **options)


def seeded(source: np.random.Generator, replicas: int) -> np.ndarray:
    """The generators of some replicas, one a row, filled from another generator.

    Parameters
    ----------
    source : numpy.random.Generator
        Of the block.
    replicas : int
        How many.

    Returns
    -------
    ndarray
        Whole numbers of 64 bits, shape (replicas, 4).
    """
    return source.integers(1, 1 << 64, size=(replicas, 4), dtype=np.uint64)


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros in doubles that begin where a line of the cache does, so that fewer loads take two."""
    size = int(np.prod(shape))
    room = np.zeros(size + LINE)
    first = -(room.ctypes.data // room.itemsize) % LINE
    return room[first : first + size].reshape(shape)


@compiled(inline="always")
def _turned(a, b, c, d):
    """A word of xoshiro256++, and the four words of its generator after that."""
    sum_ = a + d
    out = ((sum_ << SHIFTS[0]) | (sum_ >> SHIFTS[1])) + a
    shifted = b << SHIFTS[2]
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << SHIFTS[3]) | (d >> SHIFTS[4])
    return out, a, b, c, d


@compiled(inline="always")
def word(state):
    """The next 64 random bits of a generator (xoshiro256++), which moves on."""
    out, state[0], state[1], state[2], state[3] = _turned(state[0], state[1], state[2], state[3])
    return out


@compiled(inline="always")
def words(states, out):
    """The next word of each of some generators, the columns of `states`: several at a time."""
    for k in range(out.size):
        out[k], states[0, k], states[1, k], states[2, k], states[3, k] = _turned(
            states[0, k], states[1, k], states[2, k], states[3, k]
        )


@compiled(inline="always")
def uniform(state):
    """A number in [0, 1), of 53 bits."""
    return (word(state) >> LOW) * UNIT


@compiled(inline="always")
def whole(state, count):
    """A whole number from 0 to count - 1, alike likely but for 2⁻³² of count."""
    return np.int64(((word(state) >> HALF) * np.uint64(count)) >> HALF)


@compiled(inline="always")
def exponential(state):
    """An exponential deviate of mean 1: exceeds x with probability exp(-x)."""
    return -np.log(1.0 - uniform(state))


@compiled(inline="always")
def logistic(state):
    """A logistic deviate: exceeds x with probability 1/(1 + exp(x))."""
    u = uniform(state)
    return np.log(u / (1.0 - u))


@compiled(_nrt=False, error_model="numpy")
def uniforms(states, random, out):
    """Numbers in (0, 1], of 53 bits, from `LANES` generators at a time, by way of random words."""
    for first in range(0, out.size, LANES):
        words(states, random[first : first + LANES])
    for k in range(out.size):
        out[k] = (np.float64(np.int64(random[k] >> LOW)) + 0.5) * UNIT


@compiled(_nrt=False, error_model="numpy")
def logarithms(x, bits, out):
    """Natural logarithms to a few parts in 10¹², several at a time; ``bits`` are those of ``x``.

    What is left of x are numbers from 1 to 2, without the powers of 2.
    """
    for k in range(x.size):
        out[k] = np.float64(np.int64(bits[k] >> MANTISSA) - ONES)
        bits[k] = (bits[k] & REST) | (np.uint64(ONES) << MANTISSA)
    for k in range(x.size):
        high = x[k] > ROOT_2
        m, power = x[k] * 0.5 if high else x[k], out[k] + 1.0 if high else out[k]
        s = (m - 1.0) / (m + 1.0)
        q = s * s
        series = 1 / 3 + q * (1 / 5 + q * (1 / 7 + q * (1 / 9 + q * (1 / 11 + q / 13))))
        out[k] = power * LN_2 + 2 * s * (1 + q * series)

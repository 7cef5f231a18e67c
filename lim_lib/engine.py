"""Who computes a simulation: NumPy, or loops that Numba compiles.

``engine="numpy"`` is the reference, always there and the default, so that no number depends on what
is installed. ``engine="compiled"`` is asked for by name; it draws other random numbers and has the
same laws, which the same tests prove. A result says which one made it.

A compiled loop holds no lock of Python's, so that `spread` can give parts of an ensemble to several
threads. NumPy's own products of matrices may start threads, too, which cost more than they save
where the matrices are small and change the last digit of a sum: `one_blas_thread` keeps them at
one.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from itertools import pairwise
from threading import Lock
from typing import Any

from lim_lib.validate import integer, refuse

ENGINES = ("numpy", "compiled")
"""The engines by name, the reference first."""

MOST_THREADS = 1024
"""Most threads of one run."""


def chosen(engine: Any, threads: Any = 1) -> tuple[str, int]:
    """An engine that is at hand, and a number of threads that it can use.

    Parameters
    ----------
    engine : {"numpy", "compiled"}
        Which one.
    threads : int
        Threads over which the replicas are spread; only compiled loops can have more than one.

    Raises
    ------
    ValueError, TypeError
        In one line, for an unknown engine, or threads that it cannot use.
    ModuleNotFoundError
        In one line, if Numba is not installed.

    Examples
    --------
    >>> chosen("numpy")
    ('numpy', 1)
    >>> chosen("numpy", threads=2)
    Traceback (most recent call last):
    ValueError: threads must be 1 for engine='numpy', got 2
    """
    if engine not in ENGINES:
        refuse("engine", engine, " or ".join(map(repr, ENGINES)))
    threads = integer("threads", threads, high=MOST_THREADS)
    if engine == "numpy" and threads > 1:
        refuse("threads", threads, "1 for engine='numpy'")
    if engine == "compiled" and find_spec("numba") is None:
        raise ModuleNotFoundError(
            "engine='compiled' needs Numba, which is not installed: pip install 'lim_lib[fast]'"
        )
    return engine, threads


def spread(task: Callable[[slice], Any], size: int, threads: int) -> list:
    """task(slice) for as many slices of a range as there are threads, at the same time.

    Parameters
    ----------
    task : callable
        Takes a slice; runs beside others only while it holds no lock of Python's.
    size : int
        Length of the range.
    threads : int
        How many; no more than the range is long.

    Returns
    -------
    list
        What it returned for each, in order.

    Examples
    --------
    >>> spread(lambda part: (part.start, part.stop), size=5, threads=2)
    [(0, 2), (2, 5)]
    """
    threads = max(1, min(threads, size))
    ends = [size * part // threads for part in range(threads + 1)]
    slices = [slice(*pair) for pair in pairwise(ends)]
    if threads == 1:
        return [task(slices[0])]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(task, slices))


@lru_cache(maxsize=1)
def _pools() -> Any:
    import scipy.linalg  # noqa: F401  (it brings a BLAS of its own)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


class _Held:
    """The limit, while somebody in this process asks for it, in whichever thread."""

    lock = Lock()
    holders = 0
    limit: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """A context, or a decorator, in which products of matrices take one thread.

    The first who enters sets the limit for the whole process, and the last who leaves lifts it.

    Examples
    --------
    >>> import numpy as np
    >>> with one_blas_thread():
    ...     print(np.eye(2) @ np.ones(2))
    [1. 1.]
    """
    with _Held.lock:
        if not _Held.holders:
            _Held.limit = _pools().limit(limits=1, user_api="blas")
        _Held.holders += 1
    try:
        yield
    finally:
        with _Held.lock:
            _Held.holders -= 1
            if not _Held.holders:
                _Held.limit.restore_original_limits()

"""Parts of an ensemble, computed here or by workers, with the same numbers either way."""

import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from typing import Any

PATIENCE = 0.5
"""Seconds between two looks at the workers."""


def gather(task: Callable, parts: list, executor: Executor | None, show: Callable) -> list:
    """task(part) for each part, in order; fewer if the user interrupts.

    Each part carries its own source of randomness, so that nothing depends on who computes it.
    What a worker takes with it when it dies is computed here: a lost worker costs time, no result.

    Parameters
    ----------
    task : callable
        A function at the top of a module, so that it can be sent.
    parts : list
        Its arguments.
    executor : concurrent.futures.Executor or None
        None computes here, and gives the task a second argument: a function of the fraction done.
    show : callable
        Told the fraction done.

    Returns
    -------
    list
        Results; None for what was not computed.
    """
    if executor is None:
        return _here(task, parts, show)
    if not hasattr(executor, "submit"):
        raise TypeError(f"executor must be a concurrent.futures.Executor or None, got {executor!r}")
    results: list[Any] = [None] * len(parts)
    futures: dict[Future, int] = {}
    lost = []
    try:
        for index, part in enumerate(parts):
            try:
                futures[executor.submit(task, part)] = index
            except RuntimeError:  # a pool that has broken, or was shut down
                lost.append(index)
        running = set(futures)
        while running:
            done, running = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            for future in done:
                try:
                    results[futures[future]] = future.result()
                except Exception as error:
                    lost.append(futures[future])
                    _tell(error)
            show(1 - (len(running) + len(lost)) / len(parts))
        for index in sorted(lost):
            results[index] = task(parts[index])
    except KeyboardInterrupt:
        for future in futures:
            future.cancel()
    return results


def _here(task, parts, show):
    results: list[Any] = [None] * len(parts)
    for index, part in enumerate(parts):
        results[index] = task(part, lambda done, i=index: show((i + done) / len(parts)))
        if not results[index].complete:
            break
        show((index + 1) / len(parts))
    return results


def _tell(error: Exception):
    warnings.warn(
        f"a worker was lost ({type(error).__name__}); its part is computed here",
        RuntimeWarning,
        stacklevel=4,
    )

"""Parts of an ensemble, computed here or by workers, with the same numbers either way."""

import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from functools import partial
from typing import Any

from lim_lib.validate import refuse

PATIENCE = 0.5
"""Seconds between two looks at the workers."""


@dataclass(frozen=True)
class Fault:
    """An error of the task itself, brought home by the worker that met it."""

    error: Exception


def faithful(task: Callable, *arguments: Any) -> Any:
    """The task's result, or its own error as a `Fault`.

    What a worker raises is then never the task's fault: the worker, or the way to it, was lost. A
    worker without memory is lost, too: here there may be more.
    """
    try:
        return task(*arguments)
    except MemoryError:
        raise
    except Exception as error:
        return Fault(error)


def gather(task: Callable, parts: list, executor: Executor | None, show: Callable) -> list:
    """task(part) for each part, in order; fewer if the user interrupts.

    Each part carries its own source of randomness, so that nothing depends on who computes it.
    What a worker takes with it when it dies is computed here: a lost worker costs time, no result.
    An error of the task itself ends all, at once and in its own words.

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
    if executor is not None and not hasattr(executor, "submit"):
        refuse("executor", executor, "a concurrent.futures.Executor or None", TypeError)
    results: list[Any] = [None] * len(parts)
    futures: dict[Future, int] = {}
    lost = []
    try:
        if executor is None:
            _here(task, parts, show, range(len(parts)), results)
            return results
        for index, part in enumerate(parts):
            try:
                futures[executor.submit(partial(faithful, task), part)] = index
            except RuntimeError:  # a pool that has broken, or was shut down
                lost.append(index)
        running = set(futures)
        while running:
            done, running = wait(running, timeout=PATIENCE, return_when=FIRST_COMPLETED)
            for future in done:
                result = _brought_home(future)
                if result is None:
                    lost.append(futures[future])
                else:
                    results[futures[future]] = result
            show(1 - (len(running) + len(lost)) / len(parts))
        _here(task, parts, show, sorted(lost), results)
    except BaseException as stop:
        for future in futures:
            future.cancel()
        if not isinstance(stop, KeyboardInterrupt):
            raise
    return results


def _here(task, parts, show, which, results):
    """Compute those parts that are still missing, until one is interrupted."""
    for count, index in enumerate(which, len(parts) - len(which)):
        results[index] = task(parts[index], lambda done, n=count: show((n + done) / len(parts)))
        if not results[index].complete:
            break
        show((count + 1) / len(parts))


def _brought_home(future: Future) -> Any:
    """The result of a future, or None if its worker was lost; the task's own error is raised."""
    try:
        result = future.result()
    except Exception as error:
        why = type(error).__name__
    else:
        if isinstance(result, Fault):
            raise result.error
        if result.complete:
            return result
        why = "it was interrupted"
    warnings.warn(
        f"a worker was lost ({why}); its part is computed here", RuntimeWarning, stacklevel=4
    )
    return None

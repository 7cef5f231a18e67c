"""A training run small enough to count every access to the memory that holds the model."""

from typing import NamedTuple

import numpy as np

from lim_lib.validate import integer, number, refuse


class Accesses(NamedTuple):
    """What a counted training run did.

    Parameters
    ----------
    weights : tuple of ndarray
        The layers at the end.
    reads, writes : int
        Numbers read from and written to far memory.
    operations : int
        Multiplications and additions in matrix products.
    """

    weights: tuple
    reads: int
    writes: int
    operations: int


def counted_training(weights, inputs, targets, *, batch, reuse, rate=0.1, momentum=None):
    """Train a deep linear network and count every access to the memory that holds it.

    The layers live in far memory. A fetch of a layer serves `reuse` examples; an update takes
    place after `batch` of them. The error is also passed on to what lies below the first layer,
    as in a layer within a larger network.

    Parameters
    ----------
    weights : sequence of array_like
        The layers, each of shape (outputs, inputs).
    inputs, targets : array_like
        One example per row.
    batch, reuse : int
        Examples per update and per fetch; reuse divides batch, batch divides their number.
    rate : float
        Step of gradient descent on half the mean squared error of a batch.
    momentum : float, optional
        If given, the optimizer keeps a second number per parameter, its velocity.

    Returns
    -------
    Accesses

    Raises
    ------
    ValueError, TypeError
        If the numbers of examples do not divide, or an argument is no number.

    Examples
    --------
    >>> inputs = np.eye(4)
    >>> done = counted_training([np.zeros((4, 4))], inputs, inputs, batch=2, reuse=1)
    >>> done.reads, done.writes, done.operations
    (160, 32, 384)
    """
    inputs, targets = (
        np.asarray(number(name, values))
        for name, values in (("inputs", inputs), ("targets", targets))
    )
    batch, reuse = integer("batch", batch), integer("reuse", reuse)
    if batch % reuse or len(inputs) % batch:
        refuse("batch", batch, f"a multiple of reuse {reuse} that divides {len(inputs)} examples")
    far = [np.array(number("weights", layer)) for layer in weights]
    velocity = [np.zeros_like(layer) for layer in far]
    count = {"reads": 0, "writes": 0, "operations": 0}

    def fetch(store, layer):
        count["reads"] += store[layer].size
        return store[layer].copy()

    def put(store, layer, values):
        count["writes"] += values.size
        store[layer] = values

    def product(a, b):
        count["operations"] += 2 * a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b

    for start in range(0, len(inputs), batch):
        gradient = [np.zeros_like(layer) for layer in far]
        for first in range(start, start + batch, reuse):
            signals = [inputs[first : first + reuse].T]
            for layer in range(len(far)):
                signals.append(product(fetch(far, layer), signals[-1]))
            error = (signals[-1] - targets[first : first + reuse].T) / batch
            for layer in reversed(range(len(far))):
                gradient[layer] += product(error, signals[layer].T)
                error = product(fetch(far, layer).T, error)
        for layer, slope in enumerate(gradient):
            step = -rate * slope
            if momentum is not None:
                step += momentum * fetch(velocity, layer)
                put(velocity, layer, step)
            put(far, layer, fetch(far, layer) + step)
    return Accesses(tuple(far), **count)

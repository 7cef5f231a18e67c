r"""Training as software does it: gradient descent, its usual rules, and a network to try them on.

A step changes the weights by the learning rate times a *direction*, which a rule makes of the
gradient g of the loss over a batch:

=========== ==================================================================================
`sgd`       -g
`momentum`  v, where v becomes 0.9 v - g
`adam`      -m/(sqrt(s) + 1e-8), where m and s are means of g and g^2 over the last 10 and the
            last 1000 steps, corrected for their start (Kingma and Ba)
=========== ==================================================================================

Here the weights live in software, and nothing costs anything. What a memory would have to do to
follow them is what `lim_lib.recorder` counts; `rounded` is a memory that keeps only levels.

Contents: `descend`, `sgd`, `momentum`, `adam`, `cosine`, `batches`, `rounded`, `written`,
`Perceptron`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.special import log_softmax

from lim_lib.engine import one_blas_thread
from lim_lib.optimizers.losses.base import class_labels, column, table
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain, integer, refuse, row, single

Direction: TypeAlias = Callable[[np.ndarray], np.ndarray]
"""From the gradients, step after step, to the directions."""

_DECAY = Domain(0, 1, high_allowed=False)


@one_blas_thread()
def descend(
    gradient: Callable[[np.ndarray, Any], tuple[float, np.ndarray]],
    start: Any,
    *,
    rates: Any,
    batches: Iterable[Any],
    direction: Direction | None = None,
    memory: Callable[[np.ndarray], np.ndarray] | None = None,
) -> Iterator[tuple[np.ndarray, float]]:
    """Train: for each step the weights after it, and the loss over its batch before it.

    Parameters
    ----------
    gradient : callable
        Of weights and a batch: the loss and its gradient.
    start : array_like
        The weights to begin with, a row.
    rates : array_like
        The learning rate of each step.
    batches : iterable
        What `gradient` is given, one for each step.
    direction : callable, optional
        A fresh `sgd()` (the default), `momentum()` or `adam()`.
    memory : callable, optional
        What a memory makes of the weights that it is told, such as `rounded`; by default, they
        are kept as they are.

    Yields
    ------
    weights : ndarray
        A new array each time.
    loss : float

    Raises
    ------
    ValueError, TypeError
        In one line, when the first step is asked for; later, in one that names the step, for a
        gradient of another shape, too few or too many batches, and weights that do not stay finite.

    Examples
    --------
    >>> def bowl(weights, batch):
    ...     return weights @ weights / 2, weights
    >>> for weights, loss in descend(bowl, [2.0, 0.0], rates=[0.5, 0.5], batches=[None, None]):
    ...     print(weights, loss)
    [1. 0.] 2.0
    [0.5 0. ] 0.5
    """
    weights = row("start", start).copy()
    rates = row("rates", rates, NON_NEGATIVE)
    direction = sgd() if direction is None else direction
    if direction in (sgd, momentum, adam):
        refuse("direction", direction, "one that is made for this run, such as adam()", TypeError)
    memory = np.asarray if memory is None else memory
    for name, given in (("gradient", gradient), ("direction", direction), ("memory", memory)):
        if not callable(given):
            refuse(name, given, "a function", TypeError)
    for step, (rate, batch) in enumerate(zip(rates, _as_many(batches, rates), strict=True), 1):
        loss, slope = gradient(weights, batch)
        change = direction(slope)
        for name, shape in (("gradient", np.shape(slope)), ("direction", np.shape(change))):
            if shape != weights.shape:
                raise ValueError(
                    f"step {step}: the {name} must have the shape of the weights, {weights.shape}, "
                    f"got {shape}"
                )
        weights = memory(weights + rate * change)
        if not np.isfinite(weights).all():
            raise ValueError(
                f"step {step}: the weights must stay finite, but {np.sum(~np.isfinite(weights))} "
                "of them did not: a lower learning rate may help"
            )
        yield weights, loss


def _as_many(batches: Any, rates: np.ndarray) -> Iterator[Any]:
    """Batches, if there is one for each rate."""
    if not isinstance(batches, Iterable):
        refuse("batches", batches, "an iterable, one for each step", TypeError)
    count = 0
    for count, batch in enumerate(batches, 1):
        if count > len(rates):
            break
        yield batch
    if count != len(rates):
        got = "more" if count > len(rates) else count
        raise ValueError(f"batches must be one for each of {len(rates)} rates, got {got}")


def sgd() -> Direction:
    """Down the gradient.

    Examples
    --------
    >>> sgd()(np.array([1.0, -2.0]))
    array([-1.,  2.])
    """
    return np.negative


def momentum(decay: float = 0.9) -> Direction:
    """Down a sum of gradients in which the older ones fade.

    Parameters
    ----------
    decay : float
        By how much, each step.

    Examples
    --------
    >>> direction = momentum()
    >>> [float(direction(np.array(1.0))) for _ in range(3)]
    [-1.0, -1.9, -2.71]
    """
    velocity = np.zeros(())
    decay = single("decay", decay, _DECAY)

    def direction(gradient):
        nonlocal velocity
        velocity = decay * velocity - gradient
        return velocity

    return direction


def adam(decay: float = 0.9, decay_squares: float = 0.999, floor: float = 1e-8) -> Direction:
    """Down the mean gradient over its root mean square, weight by weight.

    Parameters
    ----------
    decay, decay_squares : float
        Of the means of the gradient and of its square.
    floor : float
        Added to the root mean square.

    Examples
    --------
    >>> adam()(np.array([1.0, -1e-3])).round(4)
    array([-1.,  1.])
    """
    mean, square, steps = np.zeros(()), np.zeros(()), 0
    decay, decay_squares = (
        single("decay", decay, _DECAY),
        single("decay_squares", decay_squares, _DECAY),
    )
    floor = single("floor", floor, POSITIVE)

    def direction(gradient):
        nonlocal mean, square, steps
        steps += 1
        mean = decay * mean + (1 - decay) * gradient
        square = decay_squares * square + (1 - decay_squares) * gradient**2
        size = np.sqrt(square / (1 - decay_squares**steps))
        return -mean / (1 - decay**steps) / (size + floor)

    return direction


def cosine(rate: float, steps: int) -> np.ndarray:
    """Learning rates that fall from the first to almost zero along half a cosine.

    Examples
    --------
    >>> cosine(1.0, 4).round(3)
    array([1.   , 0.854, 0.5  , 0.146])
    """
    share = np.arange(integer("steps", steps)) / steps
    return single("rate", rate, POSITIVE) * (1 + np.cos(np.pi * share)) / 2


def batches(data: int, size: int, steps: int, seed: int) -> Iterator[np.ndarray]:
    """Rows of the data for each step: all in a new order, again and again; a rest is left out.

    Parameters
    ----------
    data, size, steps : int
        How many data, how many a batch, how many steps.
    seed : int
        Of the orders.

    Examples
    --------
    >>> [rows.size for rows in batches(10, size=4, steps=3, seed=1)]
    [4, 4, 4]
    """
    size = integer("size", size, high=integer("data", data))
    rng, each = _source(seed), data // size
    for step in range(integer("steps", steps)):
        if step % each == 0:
            order = rng.permutation(data)
        yield order[step % each * size :][:size]


def _source(seed: int) -> np.random.Generator:
    return np.random.default_rng(integer("seed", seed, low=0))


def rounded(bits: int, span: float, seed: int | None = None) -> Callable[[np.ndarray], np.ndarray]:
    """A memory of 2^bits levels from -span to span, which keeps the nearest one.

    Parameters
    ----------
    bits : int
        Bits of a weight.
    span : float
        Largest weight.
    seed : int, optional
        If given, one of the two levels beside a weight is drawn so that the mean is right.

    Examples
    --------
    >>> rounded(2, 3.0)(np.array([-9.0, 0.9, 1.9, 2.1]))
    array([-3.,  1.,  1.,  3.])
    >>> rounded(2, 3.0, seed=1)(np.full(1000, 1.5)).mean().round(1)
    np.float64(1.5)
    """
    top = 2 ** integer("bits", bits, high=52) - 1
    step = 2 * single("span", span, POSITIVE) / top
    rng = None if seed is None else _source(seed)

    def memory(weights):
        weights = np.asarray(weights)
        level = (weights + span) / step
        level = np.floor(level + (0.5 if rng is None else rng.random(level.shape)))
        return np.clip(level, 0, top) * step - span

    return memory


def written(levels: Any, shadow: Any, slack: float = 0.0) -> np.ndarray:
    """What cells hold after a command: the nearest level, or the old one while it is near enough.

    Parameters
    ----------
    levels : array_like
        What they held, in levels.
    shadow : array_like
        What they are told, the weight of the software in levels.
    slack : float
        By how much more than half a level the shadow must be off before a cell is written.

    Examples
    --------
    A shadow trembles about a threshold; with a tenth of a level of slack, nothing is written:

    >>> shadow = 0.5 + 0.05 * np.array([1, -1, 1, -1])
    >>> [[int(written(0, x, slack)) for x in shadow] for slack in (0.0, 0.1)]
    [[1, 0, 1, 0], [0, 0, 0, 0]]
    """
    off = np.abs(np.subtract(shadow, levels)) > 0.5 + single("slack", slack, NON_NEGATIVE)
    return np.where(off, np.rint(shadow), levels).astype(int)


@dataclass(frozen=True, eq=False)
class Perceptron:
    """A network with one hidden layer of tanh and a bias, and the softmax of its outputs.

    Its weights are one row: the first layer input by input, then the second, its biases last. What
    the hidden units have for a bias is a feature that is one, as `lim_lib.digits.task` has it.
    Losses are cross-entropies in nats, means over the data.

    Parameters
    ----------
    features : array_like
        Shape (data, inputs).
    labels : array_like
        Whole numbers from 0, one for each row: classes 0, 1, ..., each of them present.
    hidden : int
        Units of the hidden layer.

    Examples
    --------
    >>> network = Perceptron([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]], [0, 1, 1, 0], hidden=8)
    >>> network.size
    42
    >>> *_, (weights, loss) = descend(
    ...     network.gradient,
    ...     network.start(seed=1),
    ...     rates=np.full(300, 0.1),
    ...     batches=batches(4, size=4, steps=300, seed=1),
    ...     direction=adam(),
    ... )
    >>> network.accuracy(weights, network.features, network.labels)
    1.0
    """

    features: Any
    labels: Any
    hidden: int

    def __post_init__(self):
        features = table("features", self.features)
        object.__setattr__(self, "features", features)
        object.__setattr__(self, "labels", class_labels(self.labels, len(features)))
        object.__setattr__(self, "hidden", integer("hidden", self.hidden))

    @property
    def shapes(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Inputs and outputs of the two layers; the bias counts as an input of the second."""
        return (self.features.shape[1], self.hidden), (self.hidden + 1, int(self.labels.max()) + 1)

    @property
    def size(self) -> int:
        """Number of weights."""
        return sum(inputs * outputs for inputs, outputs in self.shapes)

    def start(self, seed: int) -> np.ndarray:
        """Weights to begin with: normal, with the variance 1/inputs.

        Parameters
        ----------
        seed : int

        Returns
        -------
        ndarray
        """
        rng = _source(seed)
        scales = [np.full(inputs * outputs, inputs**-0.5) for inputs, outputs in self.shapes]
        return np.concatenate(scales) * rng.normal(size=self.size)

    def _layers(self, weights):
        if np.shape(weights) != (self.size,):
            raise ValueError(f"weights must be a row of {self.size}, got shape {np.shape(weights)}")
        first, second = self.shapes
        cut = first[0] * first[1]
        return weights[:cut].reshape(first), weights[cut:].reshape(second)

    def _outputs(self, weights, features):
        """Hidden units and their bias, and logarithms of the probabilities of the classes."""
        first, second = self._layers(weights)
        hidden = np.column_stack([np.tanh(features @ first), np.ones(len(features))])
        return hidden, log_softmax(hidden @ second, axis=1)

    def gradient(self, weights: np.ndarray, rows: Any = slice(None)) -> tuple[float, np.ndarray]:
        """The loss over some of the data, and its gradient.

        Parameters
        ----------
        weights : ndarray
            One row of all weights.
        rows : index
            Which data; by default, all.

        Returns
        -------
        loss : float
        gradient : ndarray
        """
        features, labels = self.features[rows], self.labels[rows]
        hidden, logarithms = self._outputs(weights, features)
        each = np.arange(len(labels))
        outer = np.exp(logarithms)
        outer[each, labels] -= 1
        outer /= len(labels)
        inner = (outer @ self._layers(weights)[1].T * (1 - hidden**2))[:, :-1]
        slopes = features.T @ inner, hidden.T @ outer
        loss = -float(logarithms[each, labels].mean())
        return loss, np.concatenate([slope.ravel() for slope in slopes])

    def accuracy(self, weights: np.ndarray, features: Any, labels: Any) -> float:
        """The share of labels that are the likeliest class.

        Parameters
        ----------
        weights : ndarray
        features, labels : array_like
            Of data seen or not seen.

        Returns
        -------
        float
        """
        features = table("features", features, self.features.shape[1])
        labels = column("labels", labels, len(features))
        _, logarithms = self._outputs(weights, features)
        return float((logarithms.argmax(axis=1) == labels).mean())

r"""A network with a hidden layer.

A move changes one hidden unit, or one way out of it: what reaches every unit, and all logits, are
kept, so that a move costs one tanh and the cross-entropy of each datum.
"""

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from lim_lib.optimizers.losses.base import Classifier, cross_entropy
from lim_lib.validate import integer


@dataclass(frozen=True, eq=False, repr=False)
class TwoLayerLoss(Classifier):
    r"""Cross-entropy of a network with one hidden layer, in nats.

    The logit of class c > 0 is :math:`z_c = \sum_j v_{cj} \tanh(\sum_i u_{ji} x_i) + v_{c0}`, and
    that of class 0 is 0, as in `SoftmaxLoss`. A column of ones among the features is the bias of
    the hidden units.

    Parameters
    ----------
    features : array_like
        x, shape (data, features).
    labels : array_like
        y, shape (data,): classes 0, 1, ..., each of them present.
    hidden : int
        Number of hidden units.
    bits : int
        Bits of each weight, 1 to 24.
    span : float
        Weights lie in [-span, span].

    Notes
    -----
    A state has the weights into the first hidden unit, those into the second, and so on; then for
    each class from 1 the weights from all hidden units, and its bias.

    Raises
    ------
    ValueError, TypeError
        In one line, for features that are not finite, labels that leave out a class, a span that
        is not positive, or no hidden unit.

    Examples
    --------
    Exclusive or, which no linear classifier learns:

    >>> from lim_lib.optimizers import anneal
    >>> from lim_lib.units import thermal_energy
    >>> corners = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    >>> xor = TwoLayerLoss(corners, [0, 1, 1, 0], hidden=2, bits=3, span=6)
    >>> xor
    TwoLayerLoss of 9 weights of 3 bits, 4 data in 2 classes
    >>> run = anneal(xor, 5 * thermal_energy(), duration=50.0, hop_rate=1.0, order="sequential",
    ...              replicas=16, seed=1)
    >>> xor.predict(run.best_state, corners)
    array([0, 1, 1, 0])
    """

    _: KW_ONLY
    hidden: int

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "hidden", integer("hidden", self.hidden))

    @property
    def size(self) -> int:
        """Number of weights in both layers."""
        return self._first + (self.classes - 1) * (self.hidden + 1)

    @property
    def _first(self) -> int:
        """Number of weights in the first layer."""
        return self.hidden * self.features.shape[1]

    @property
    def largest(self) -> float:
        """A bound of the loss over all weights."""
        reach = 2 * self.span * (self.hidden + 1)
        return float(len(self.labels) * (reach + np.log(self.classes)))

    def layers(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both layers' part, (states, hidden, features) and (states, classes - 1, hidden + 1)."""
        count = len(states)
        first, second = states[:, : self._first], states[:, self._first :]
        return (
            first.reshape(count, self.hidden, self.features.shape[1]),
            second.reshape(count, self.classes - 1, self.hidden + 1),
        )

    def fields(self, first: np.ndarray, features: np.ndarray) -> np.ndarray:
        """What reaches the hidden units, and one that is always 1, for the biases: tanh of inf."""
        fields = np.full((len(first), self.hidden + 1, len(features)), np.inf)
        np.matmul(first, features.T, out=fields[:, :-1])
        return fields

    def logits(self, states: np.ndarray, features: np.ndarray) -> np.ndarray:
        """The logit of each class, shape (states, classes, data)."""
        first, second = self.layers(states)
        z = np.zeros((len(states), self.classes, len(features)))
        np.matmul(second, np.tanh(self.fields(first, features)), out=z[:, 1:])
        return z

    def state(self, levels: np.ndarray) -> "TwoLayerState":
        """An ensemble at given levels that knows what a move changes."""
        return TwoLayerState(self, levels)


class TwoLayerState:
    """Networks of an ensemble and what passes through them, and what a move changes.

    A cell is known by its hidden unit and by what a move up adds there: to what reaches the unit
    from each datum (from one of the second layer: nothing), and to its way out to each class (from
    one of the first layer: nothing).
    """

    def __init__(self, loss: TwoLayerLoss, levels: np.ndarray):
        self.loss, self.levels = loss, np.array(levels)
        first, second = loss.layers(self.levels)
        self.ways_out = second.swapaxes(1, 2)  # a view of the levels
        self.fields = loss.fields(loss.decode(first), loss.features)
        self.values = np.tanh(self.fields)
        self.logits = loss.logits(loss.decode(self.levels), loss.features)
        self.losses = cross_entropy(self.logits, loss.labels)
        self.everyone = np.arange(len(self.levels))

        inputs, others = loss.features.shape[1], loss.classes - 1
        units, ways = np.arange(loss.hidden + 1), others * (loss.hidden + 1)
        self.unit = np.concatenate([np.repeat(units[:-1], inputs), np.tile(units, others)])
        self.feature = np.append(np.tile(np.arange(inputs), loss.hidden), np.full(ways, inputs))
        self.into = loss.step * np.vstack([loss.features.T, np.zeros(len(loss.features))])
        self.out = np.zeros((loss.size, others))
        self.out[-ways:] = loss.step * np.repeat(np.eye(others), loss.hidden + 1, axis=0)

    def change(self, cell: Any, move: np.ndarray) -> np.ndarray:
        """What the move would add to the loss."""
        rows = self.everyone if np.ndim(cell) else slice(None)
        unit, move = self.unit[cell], move[:, None]
        field = self.fields[rows, unit] + move * self.into[self.feature[cell]]
        value = np.tanh(field)
        way = self.loss.decode(self.ways_out[rows, unit])
        logits = self.logits.copy()
        logits[:, 1:] += (way + move * self.out[cell])[..., None] * value[:, None]
        logits[:, 1:] -= way[..., None] * self.values[rows, unit][:, None]
        losses = cross_entropy(logits, self.loss.labels)
        self.moved = unit, field, value, logits, losses
        return losses - self.losses

    def make(self, cell: Any, move: np.ndarray) -> None:
        """Make the move, where it is not 0."""
        (moved,) = move.nonzero()
        unit, field, value, logits, losses = self.moved
        if np.ndim(cell):
            cell, unit = cell[moved], unit[moved]
        self.levels[moved, cell] += move[moved]
        self.fields[moved, unit], self.values[moved, unit] = field[moved], value[moved]
        self.logits[moved], self.losses[moved] = logits[moved], losses[moved]

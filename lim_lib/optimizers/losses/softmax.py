r"""Softmax regression, and logistic regression, its case of two classes.

A move multiplies the exponential of one logit by a factor that is known beforehand,
:math:`e^{\pm\delta x_n}` with the step δ of the weight, and so the partition sum
:math:`S_n = \sum_c e^{z_{nc}}` of every datum. The loss changes by
:math:`\ln \prod_n S_n'/S_n \mp \delta \sum_{n: y_n = c} x_n`: one logarithm for all data, of a
product that is split where it might pass the largest double.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lim_lib.optimizers.losses.base import Classifier

STEEPEST = 300.0
"""Largest change of a logit by one move, with room for a product of a few of its exponentials."""

PATIENCE = 1000
"""Moves after which the exponentials are computed anew, at the latest."""


@dataclass(frozen=True, eq=False, repr=False)
class SoftmaxLoss(Classifier):
    r"""Cross-entropy of a linear classifier, :math:`L(w) = -\sum_n \ln p(y_n \mid x_n, w)` in nats.

    The logit of class c > 0 is :math:`z_c = x w_c` and that of class 0 is 0; probabilities are
    :math:`p(c) = e^{z_c} / \sum_c e^{z_c}`. Two classes are logistic regression. At λ = 1 kT per
    nat the Gibbs state is Bayes' posterior of weights that are alike likely beforehand.

    Parameters
    ----------
    features : array_like
        x, shape (data, features); a column of ones is a bias.
    labels : array_like
        y, shape (data,): classes 0, 1, ..., each of them present.
    bits : int
        Bits of each weight, 1 to 24.
    span : float
        Weights lie in [-span, span].

    Notes
    -----
    A state has the weights of class 1 first, then those of class 2, ...: reshaped, it is a table
    (classes - 1, features).

    Raises
    ------
    ValueError, TypeError
        In one line, for features that are not finite, labels that leave out a class, or a span that
        is not positive.

    Examples
    --------
    >>> from lim_lib.optimizers import anneal
    >>> from lim_lib.units import thermal_energy
    >>> x = np.array([[-2, 1], [-1, 1], [0, 1], [1, 1], [2, 1]])
    >>> loss = SoftmaxLoss(x, [0, 0, 1, 1, 1], bits=4, span=3)
    >>> loss
    SoftmaxLoss of 2 weights of 4 bits, 5 data in 2 classes
    >>> run = anneal(loss, thermal_energy(), duration=50.0, hop_rate=1.0, order="sequential",
    ...              replicas=2000, seed=1)
    >>> print("{:.1f} nats, {:.1f}".format(run.mean_energy, loss.equilibrium(1.0).energy))
    1.2 nats, 1.2
    """

    def __post_init__(self):
        super().__post_init__()
        most = STEEPEST / self.step
        largest = np.abs(self.features).max()
        if largest > most:
            raise ValueError(
                f"features must be at most {most:.3g} in size, for weights in steps of "
                f"{self.step:.3g}, got {largest:.3g}; divide them by their spread"
            )

    @property
    def size(self) -> int:
        """Number of weights: features x (classes - 1)."""
        return self.features.shape[1] * (self.classes - 1)

    @property
    def largest(self) -> float:
        """A bound of the loss over all weights."""
        reach = 2 * self.span * np.abs(self.features).sum()
        return float(reach + len(self.labels) * np.log(self.classes))

    def logits(self, states: np.ndarray, features: np.ndarray) -> np.ndarray:
        """The logit of each class, shape (states, classes, data)."""
        w = states.reshape(len(states), self.classes - 1, self.features.shape[1])
        z = np.zeros((len(states), self.classes, len(features)))
        np.matmul(w, features.T, out=z[:, 1:])
        return z

    def state(self, levels: np.ndarray) -> "SoftmaxState":
        """An ensemble at given levels that knows what a move changes."""
        return SoftmaxState(self, levels)

    @cached_property
    def factors(self) -> np.ndarray:
        """What a move of -1, 0 or 1 multiplies an exponential by, shape (features, 3, data)."""
        moves = np.array([-1, 0, 1])
        return np.exp(self.step * self.features.T[:, None] * moves[:, None], order="C")

    @cached_property
    def gains(self) -> np.ndarray:
        """What a move up adds to the logits of the right classes, shape (cells,)."""
        right = self.labels == np.arange(1, self.classes)[:, None]
        return self.step * (right @ self.features).ravel()

    @cached_property
    def steepest(self) -> np.ndarray:
        """Largest change of a logit by one move, for each datum."""
        return self.step * np.abs(self.features).max(axis=1)

    @cached_property
    def starts(self) -> np.ndarray:
        """Where a product over the data is split: no part passes exp(±2 STEEPEST)."""
        return np.flatnonzero(np.diff(self.steepest.cumsum() // STEEPEST, prepend=-1))

    @property
    def patience(self) -> int:
        """Moves after which exponentials are computed anew, before they could overflow."""
        most = STEEPEST / max(self.steepest.max(), STEEPEST / PATIENCE)
        return max(1, int(most))


class SoftmaxState:
    """Weights of an ensemble, with the exponentials of its logits, and what a move changes."""

    def __init__(self, loss: SoftmaxLoss, levels: np.ndarray):
        self.loss = loss
        self.levels = np.array(levels)
        self.inputs = loss.features.shape[1]
        self.several = loss.classes > 2  # or all cells belong to the one class that has weights
        self.factors, self.gains = loss.factors.reshape(-1, len(loss.labels)), loss.gains
        self.starts, self.patience = loss.starts, loss.patience
        shape = (len(self.levels), len(loss.labels))
        self.trial, self.ratio = np.empty(shape), np.empty(shape)
        self._renew()

    def _renew(self):
        """Exponentials from the weights, each datum's largest 1, so that none overflows."""
        z = self.loss.logits(self.loss.decode(self.levels), self.loss.features)
        z -= z.max(axis=1, keepdims=True)
        self.exponentials = np.ascontiguousarray(np.exp(z, out=z).swapaxes(0, 1))
        self.total = self.exponentials.sum(axis=0)
        self.present, self.left = None, self.patience

    def change(self, cell: Any, move: np.ndarray) -> np.ndarray:
        """What the move would add to the loss."""
        if self.several and np.ndim(cell):
            return self._change_apart(cell, move)
        label, feature = divmod(cell, self.inputs) if self.several else (0, cell)
        if label != self.present:
            self._turn_to(label)
        trial, ratio = self.trial, self.ratio
        self.factors.take(3 * feature + 1 + move, axis=0, out=trial, mode="clip")
        trial *= self.own
        np.add(trial, self.rest, out=ratio)
        ratio /= self.total
        return self._logarithm(ratio) - move * self.gains[cell]

    def make(self, cell: Any, move: np.ndarray) -> None:
        """Make the move, where it is not 0."""
        (moved,) = move.nonzero()
        apart = np.ndim(cell) > 0
        if self.several and apart:
            self._make_apart(moved)
        else:
            trial = self.trial[moved]
            self.own[moved] = trial
            trial += self.rest[moved]
            self.total[moved] = trial
        if apart:
            self.levels[moved, cell[moved]] += move[moved]
        else:
            self.levels[:, cell] += move
        self.left -= 1
        if not self.left:
            self._renew()

    def _logarithm(self, ratio: np.ndarray) -> np.ndarray:
        """Logarithm of the product over the data."""
        return np.log(np.multiply.reduceat(ratio, self.starts, axis=1)).sum(axis=1)

    def _turn_to(self, label: int):
        """Take a class in hand: its exponentials, and the sum of all others'."""
        self.present = label
        self.own = self.exponentials[label + 1]
        self.rest = self.exponentials[: label + 1].sum(axis=0)
        self.rest += self.exponentials[label + 2 :].sum(axis=0)
        np.add(self.own, self.rest, out=self.total)

    def _change_apart(self, cell, move):
        """`change`, each replica with a cell of its own; those that do not move cost nothing."""
        (moving,) = move.nonzero()
        label, feature = np.divmod(cell[moving], self.inputs)
        row = np.arange(moving.size)
        all_of = self.exponentials[:, moving]
        trial = all_of[label + 1, row] * self.factors[3 * feature + 1 + move[moving]]
        all_of[label + 1, row] = trial
        total = all_of.sum(axis=0)
        self.apart = moving, label, trial, total
        change = np.zeros(move.shape)
        change[moving] = self._logarithm(total / self.total[moving])
        return change - move * self.gains[cell]

    def _make_apart(self, moved):
        moving, label, trial, total = self.apart
        row = np.searchsorted(moving, moved)
        self.exponentials[label[row] + 1, moved] = trial[row]
        self.total[moved] = total[row]
        self.present = None

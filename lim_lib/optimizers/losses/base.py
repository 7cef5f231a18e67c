"""What all losses have: data, weights in cells, and an energy in nats summed over the data."""

from abc import abstractmethod
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

import numpy as np

from lim_lib.optimizers.problem import Problem, must_be_array
from lim_lib.validate import POSITIVE, REAL, integer, number, refuse, single

AT_ONCE = 1 << 20
"""Outputs that are computed at once."""


class Loss(Problem):
    """A loss of weights in [-span, span], each in a cell of 2^b levels.

    Attributes
    ----------
    features : ndarray
        Shape (data, features).
    span : float
        Of the weights.
    """

    clipping: ClassVar[bool] = True
    compiled: ClassVar[str] = "lim_lib.optimizers.losses.compiled"

    features: Any
    span: float

    @property
    def step(self) -> float:
        """By what a level changes a weight."""
        return 2 * self.span / (self.levels - 1)

    def loss(self, states: Any) -> Any:
        """The loss in nats, summed over the data.

        Parameters
        ----------
        states : array_like
            Weights on their levels, shape (states, cells) or (cells,).

        Returns
        -------
        ndarray or float
            Shape (states,), or a number for one state.
        """
        return self.energy(states)

    @abstractmethod
    def predict(self, states: Any, features: Any) -> np.ndarray:
        """What each state says of each datum, shape (states, data) or (data,)."""

    def accuracy(self, states: Any, features: Any, labels: Any) -> Any:
        """Share of data that each state puts in the right class.

        Parameters
        ----------
        states : array_like
            Weights, shape (states, cells) or (cells,).
        features, labels : array_like
            Data, seen before or not.

        Returns
        -------
        ndarray or float
            Shape (states,), or a number for one state.
        """
        predictions = self.predict(states, features)
        known = self.answers
        right = column("labels", labels, predictions.shape[-1])
        if not np.isin(right, known).all():
            refuse("labels", labels, f"from what was learned, {known.min():g} to {known.max():g}")
        nearest = known[np.searchsorted((known[1:] + known[:-1]) / 2, predictions)]
        share = (nearest == right).mean(axis=-1)
        return share if share.ndim else share.item()

    @property
    @abstractmethod
    def answers(self) -> np.ndarray:
        """What a datum may be labelled, in order."""

    def _features(self, features: Any) -> np.ndarray:
        """Data with as many features as these have."""
        return table("features", features, self.features.shape[1])


def table(name: str, given: Any, columns: int | None = None) -> np.ndarray:
    """A table of finite numbers, shape (data, features), that nobody can write to."""
    allowed = f"of shape (data, {'features' if columns is None else columns})"
    must_be_array(name, given, allowed)
    values = np.array(number(name, given, REAL))
    if values.ndim != 2 or not values.size or columns not in (None, values.shape[-1]):
        raise ValueError(f"{name} must be {allowed}, and not empty, got shape {values.shape}")
    values.flags.writeable = False
    return values


def column(name: str, given: Any, data: int) -> np.ndarray:
    """A number for each datum, that nobody can write to; truth values count as 0 and 1."""
    allowed = f"{data} numbers, one for each datum"
    must_be_array(name, given, allowed)
    values = np.asarray(given)
    values = np.array(number(name, values.astype(float) if values.dtype == bool else given, REAL))
    if values.shape != (data,):
        raise ValueError(f"{name} must be {allowed}, got shape {values.shape}")
    values.flags.writeable = False
    return values


def class_labels(labels: Any, data: int) -> np.ndarray:
    """Labels that name every class from 0 up."""
    allowed = "whole numbers from 0 to C-1, every class present"
    if np.asarray(labels).dtype.kind not in "biuf":
        refuse("labels", labels, allowed, TypeError)
    values = column("labels", labels, data)
    if np.any(np.rint(values) != values) or values.min() < 0:
        refuse("labels", labels, allowed)
    last = int(max(1, min(values.max(), data)))
    missing = np.setdiff1d(np.arange(last + 1), values)
    if missing.size:
        allowed = allowed.replace("C-1", str(last))
        refuse("labels", labels, f"{allowed} (class {missing[0]:g} is missing)")
    whole = values.astype(np.int64)
    whole.flags.writeable = False
    return whole


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Minus the logarithms of the right classes' probabilities, summed over the data.

    Parameters
    ----------
    logits : ndarray
        Shape (states, classes, data).
    labels : ndarray
        The right class of each datum.

    Returns
    -------
    ndarray
        In nats, shape (states,).
    """
    top = logits.max(axis=1)
    total = np.exp(logits - top[:, None]).sum(axis=1)
    right = logits[:, labels, np.arange(len(labels))]
    return (np.log(total) + top - right).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Classifier(Loss):
    """A loss that is the cross-entropy of classes."""

    measures: ClassVar = {
        "features": ("1", "data", "features"),
        "labels": ("1", "data"),
        "span": ("1",),
    }

    features: Any
    labels: Any
    _: KW_ONLY
    bits: int
    span: float

    def __post_init__(self):
        features = table("features", self.features)
        span = single("span", self.span, POSITIVE)
        levels = 2 ** integer("bits", self.bits, high=24)
        labels = class_labels(self.labels, len(features))
        made = {"features": features, "labels": labels, "span": span, "levels": levels}
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        return (
            f"{type(self).__name__} of {self.size} weights of {self.bits} bits, {len(self.labels)} "
            f"data in {self.classes} classes"
        )

    @property
    def classes(self) -> int:
        """Number of classes."""
        return int(self.labels.max()) + 1

    @property
    def answers(self) -> np.ndarray:
        """All classes."""
        return np.arange(self.classes)

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """Weights at given levels."""
        return self.step * levels - self.span

    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """The nearest levels of given weights, which must lie within the span."""
        w = self._states(name, states)
        if np.abs(w).max(initial=0.0) > self.span * (1 + 1e-9):
            refuse(name, states, f"weights from {-self.span:g} to {self.span:g}")
        return np.rint((w + self.span) / self.step).astype(np.int64)

    @property
    def footprint(self) -> int:
        """Numbers that a replica keeps at hand on its walk: something for each class and datum."""
        return max(self.size, self.classes * len(self.labels))

    @abstractmethod
    def logits(self, states: np.ndarray, features: np.ndarray) -> np.ndarray:
        """The logit of each class, shape (states, classes, data)."""

    def level_energies(self, levels: Any) -> Any:
        """The loss of each state, given by its levels.

        Parameters
        ----------
        levels : array_like
            Level numbers, shape (states, cells) or (cells,).

        Returns
        -------
        ndarray or float
            Shape (states,), or a number for one state.
        """
        n = self._levels("levels", levels)
        rows = np.atleast_2d(n)
        each = max(1, AT_ONCE // (self.classes * len(self.labels)))
        parts = np.split(rows, range(each, len(rows), each))
        losses = np.concatenate([self._cross_entropy(part) for part in parts])
        return losses if n.ndim == 2 else losses.item()

    def _cross_entropy(self, levels: np.ndarray) -> np.ndarray:
        return cross_entropy(self.logits(self.decode(levels), self.features), self.labels)

    def predict(self, states: Any, features: Any) -> np.ndarray:
        """The class with the largest logit.

        Parameters
        ----------
        states : array_like
            Weights, shape (states, cells) or (cells,).
        features : array_like
            Shape (data, features).

        Returns
        -------
        ndarray
            Classes, shape (states, data) or (data,).
        """
        w = self._states("states", states)
        found = self.logits(np.atleast_2d(w), self._features(features)).argmax(axis=1)
        return found if w.ndim == 2 else found[0]

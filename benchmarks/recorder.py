"""What a recorder adds to a training: its time a step, beside that of the optimizer alone.

The optimizer is Adam in NumPy, in single precision and in place; a real step also has a forward and
a backward pass, so that a recorder's share in a training is smaller. The recorder counts at three
depths. Milliseconds a step, in the processor's time.
"""

from collections.abc import Iterator

import limits
import numpy as np
from measure import Scale, in_turn
from table import Aim, Limit, Row

from lim_lib.recorder import UpdateRecorder

SAMPLE = 20_000
CASES = (
    (100_000, None, None),
    (1_000_000, None, 100),
    (1_000_000, SAMPLE, 5),
    (10_000_000, SAMPLE, None),
)
"""Weights, how many of them are a sample, and milliseconds that a step may take."""


class Adam:
    """Adam's step, in place, on gradients that are made before."""

    def __init__(self, size):
        rng = np.random.default_rng(1)
        self.weights = rng.normal(0, 0.1, size).astype(np.float32)
        self.gradient = rng.normal(0, 1, size).astype(np.float32)
        self.mean, self.square, self.scratch = (np.zeros(size, np.float32) for _ in range(3))

    def step(self):
        """One step of size 1e-3 against its bias-free mean gradient."""
        np.multiply(self.gradient, 0.1, out=self.scratch)
        self.mean *= 0.9
        self.mean += self.scratch
        np.multiply(self.gradient, self.gradient, out=self.scratch)
        self.scratch *= 0.001
        self.square *= 0.999
        self.square += self.scratch
        np.sqrt(self.square, out=self.scratch)
        self.scratch += 1e-8
        np.divide(self.mean, self.scratch, out=self.scratch)
        self.scratch *= 1e-3
        self.weights -= self.scratch


def rows(scale: Scale) -> Iterator[Row]:
    """A row for each number of weights, all of them counted or a sample."""
    for size, sample, allowed in CASES:
        optimizer = Adam(scale.of(size, least=SAMPLE + 1))
        recorder = UpdateRecorder({"w": optimizer.weights}, span=2.0, sample=sample)
        found = in_turn(
            lambda r=recorder, o=optimizer: r.step({"w": o.weights}),
            optimizer.step,
            rounds=max(scale.rounds, scale.of(25)),
        )
        ours, adam = (1e3 * seconds for seconds in found.seconds)
        touched = 8 * (sample or optimizer.weights.size)
        least = 1e-6 * touched * limits.byte()
        yield Row(
            what=f"recorder, {size:.0e} weights, " + (f"sample of {sample}" if sample else "all"),
            ours=ours,
            peer=adam,
            unit="ms/step",
            peer_name="Adam in NumPy",
            aim=Aim(allowed, of="ours") if allowed else None,
            limit=Limit(f"weights and what they were, {1e-6 * touched:.2g} MB, read once", least),
            others=found.others,
        )

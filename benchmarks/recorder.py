"""What a recorder adds to a training: its time a step, beside that of the optimizer alone.

The optimizer is Adam in NumPy, in single precision and in place; a real step also has a forward and
a backward pass, so that a recorder's share in a training is smaller. The recorder counts at three
depths. Microseconds, the best of several steps, taken in turn.

Aim: a million weights in at most 100 ms a step, and in at most 5 ms of which 20 000 are a sample.
"""

import time

import numpy as np

from lim_lib.recorder import UpdateRecorder

SAMPLE = 20_000
SIZES = (10_000, 1_000_000, 100_000_000)
MOST_WORK = 20_000_000


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


def timed(function, *arguments):
    """Microseconds that a call takes."""
    start = time.perf_counter()
    function(*arguments)
    return 1e6 * (time.perf_counter() - start)


def compared(size, sample, allowed):
    """A row: the recorder's time a step beside the optimizer's."""
    optimizer = Adam(size)
    recorder = UpdateRecorder({"w": optimizer.weights}, span=2.0, sample=sample)
    turns = max(3, min(50, MOST_WORK // size))
    steps = [
        (timed(optimizer.step), timed(recorder.step, {"w": optimizer.weights}))
        for _ in range(turns)
    ]
    theirs, ours = map(min, zip(*steps, strict=True))
    name = f"recorder, {size:.0e} weights, " + (f"sample of {sample}" if sample else "all of them")
    aim = f"<= {allowed:g} ms" if allowed else ""
    yield name, ours, theirs, "μs, Adam", ours / theirs, aim, not allowed or ours <= 1e3 * allowed


def rows():
    """Name, our figure, the other's, unit, ratio, aim, whether it is met: of each comparison."""
    for size in SIZES:
        million = size == 1_000_000
        yield from compared(size, None, 100 if million else None)
        if size > SAMPLE:
            yield from compared(size, SAMPLE, 5 if million else None)

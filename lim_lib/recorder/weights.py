"""Weights as frameworks hold them, read as rows of numbers; no framework is imported.

What counts as weights: an array or a tensor of floats, a dictionary or a list of weights, or a
module with ``named_parameters()``. Of a module only what is trained is read; whole numbers and the
running means of normalizations, which no optimizer writes, are passed over, and it is said.
"""

import math
import numbers
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lim_lib.validate import integer, refuse

ALLOWED = (
    "an array or a tensor of floats, a dict or a list of them, or a module with named_parameters()"
)
BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""What a normalization keeps beside its weights in a module's state."""

LARGEST = 1e200
"""A weight of that size, in double precision, counts as infinite: its training has diverged."""

CHUNK = 1 << 15
"""Weights that are worked on at once: their numbers stay in a processor's cache."""


class Reader:
    """Reads weights again and again, whole or a sample of them, always in the same order.

    Parameters
    ----------
    first : dict of str to object
        Their `parts`, as they are at first.
    sample : int, optional
        How many to read; they are picked before anything is converted.
    seed : int
        Of the choice.

    Examples
    --------
    >>> first = parts({"w": np.ones((2, 3)), "b": np.zeros(2)})
    >>> reader = Reader(first)
    >>> reader.size, [row.size for row in reader(first)]
    (8, [6, 2])
    """

    def __init__(self, first: Mapping[str, Any], sample: int | None = None, seed: int = 0):
        kept, skipped = {}, []
        for name, leaf in first.items():
            if name.rpartition(".")[2] in BUFFERS or _whole(leaf):
                skipped.append(name)
            else:
                kept[name] = _shape(leaf, "")
        if skipped and kept:
            warnings.warn(
                f"UpdateRecorder: passed over {', '.join(map(repr, skipped))}: not written by an "
                "optimizer (give the module, or what named_parameters() has)",
                stacklevel=3,
            )
        self.shapes, self.skipped = kept, frozenset(skipped)
        sizes = [math.prod(shape) for shape in kept.values()]
        self.size = sum(sizes)
        if not self.size:
            refuse("weights", dict(first), ALLOWED, TypeError)
        self.places: dict[str, tuple] | None = None
        self.seen = self.size
        if sample is not None and integer("sample", sample, 2) < self.size:
            self.seen = sample
            source = np.random.default_rng(integer("seed", seed, 0))
            chosen = np.sort(source.choice(self.size, sample, replace=False))
            ends = np.cumsum(sizes)
            parts = np.split(chosen, np.searchsorted(chosen, ends[:-1]))
            self.places = {
                name: np.unravel_index(part - start, shape)
                for (name, shape), part, start in zip(
                    kept.items(), parts, ends - sizes, strict=True
                )
                if part.size
            }

    def __call__(self, weights: Mapping[str, Any], when: str = "") -> list[np.ndarray]:
        """One row of floats for each part that is read; some may be views of what will change."""
        leaves = {name: leaf for name, leaf in weights.items() if name not in self.skipped}
        shapes = {name: _shape(leaf, when) for name, leaf in leaves.items()}
        if shapes != self.shapes:
            self._refuse(shapes, when)
        if self.places is None:
            rows = [_floats(leaf, when).reshape(-1) for leaf in map(leaves.get, self.shapes)]
        else:
            rows = [_picked(leaves[name], places, when) for name, places in self.places.items()]
        wrong = sum(_wild(part) for row in rows for (part,) in chunks(row))
        if wrong:
            raise ValueError(f"{when}weights must be finite, but {wrong} of them are not")
        return rows

    def _refuse(self, shapes: Mapping[str, tuple], when: str):
        size = sum(map(math.prod, shapes.values()))
        if size != self.size:
            raise ValueError(f"{when}weights must have {self.size} entries, got {size}")
        missing = next((name for name in self.shapes if shapes.get(name) != self.shapes[name]), "")
        got = shapes.get(missing, "none of that name" if missing else "parts that have names")
        of = f" for {missing!r}" if missing else ""
        raise ValueError(
            f"{when}weights must have the shapes of the first ones, {self.shapes[missing]}{of}, "
            f"got {got}"
        )


def parts(weights: Any) -> dict[str, Any]:
    """The arrays, or tensors, that weights are made of, by name.

    Examples
    --------
    >>> list(parts({"layers": [{"w": np.ones(2)}, np.zeros(3)], "scale": np.ones(())}))
    ['layers.0.w', 'layers.1', 'scale']
    """
    return dict(_leaves(weights))


def chunks(*rows: np.ndarray) -> Iterator[tuple[np.ndarray, ...]]:
    """Pieces of rows of one length, small enough for a processor's cache."""
    for start in range(0, rows[0].size, CHUNK):
        yield tuple(row[start : start + CHUNK] for row in rows)


def _leaves(weights: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    inner = f"{name}." if name else ""
    if callable(getattr(weights, "named_parameters", None)):
        for part, leaf in weights.named_parameters():
            if getattr(leaf, "requires_grad", True):
                yield f"{inner}{part}", leaf
    elif isinstance(weights, Mapping):
        for key, part in weights.items():
            yield from _leaves(part, f"{inner}{key}")
    elif isinstance(weights, list | tuple | Iterator):
        parts = list(weights)
        if len(parts) == 2 and isinstance(parts[0], str):  # of named_parameters()
            yield from _leaves(parts[1], f"{inner}{parts[0]}")
        elif parts and all(map(_real, parts)):
            yield name, np.array(parts, dtype=float)
        else:
            for index, part in enumerate(parts):
                named = isinstance(part, tuple) and part and isinstance(part[0], str)
                yield from _leaves(part, name if named else f"{inner}{index}")
    elif weights is not None:
        yield name, weights


def _real(part: Any) -> bool:
    return isinstance(part, numbers.Real) and not isinstance(part, bool)


def _shape(leaf: Any, when: str) -> tuple[int, ...]:
    return tuple(leaf.shape) if hasattr(leaf, "shape") else _floats(leaf, when).shape


def _whole(leaf: Any) -> bool:
    kind = str(getattr(leaf, "dtype", "")).rpartition(".")[2]
    return kind.startswith(("int", "uint", "bool"))


def _picked(leaf: Any, places: tuple, when: str) -> np.ndarray:
    """Some entries of a part, as a copy."""
    leaf = leaf.detach() if hasattr(leaf, "detach") else leaf
    try:
        return _floats(leaf[places] if places else leaf, when).reshape(-1)
    except TypeError:  # TensorFlow's tensors take no lists of places
        return _floats(leaf, when)[places].reshape(-1)


def _wild(row: np.ndarray) -> int:
    """How many are no finite numbers, or so large that their sums are none."""
    good = np.isfinite(row) if row.itemsize < 8 else np.abs(row) < LARGEST
    return row.size - int(np.count_nonzero(good))


def _floats(leaf: Any, when: str) -> np.ndarray:
    """A part as an array of floats, which may be a view of it."""
    if np.ma.is_masked(leaf):
        refuse(f"{when}weights", leaf, f"{ALLOWED}, without masked entries", TypeError)
    for move in ("detach", "cpu"):
        leaf = getattr(leaf, move)() if hasattr(leaf, move) else leaf
    try:
        array = np.asarray(leaf.numpy() if hasattr(leaf, "numpy") else leaf)
    except TypeError:  # a kind of floats that NumPy lacks, as bfloat16
        if not hasattr(leaf, "float"):
            refuse(f"{when}weights", leaf, ALLOWED, TypeError)
        array = np.asarray(leaf.float().numpy())
    except ValueError:
        refuse(f"{when}weights", leaf, ALLOWED, TypeError)
    if array.dtype.kind == "V" and "float" in array.dtype.name:
        array = array.astype(np.float32)
    if array.dtype.kind != "f":
        refuse(f"{when}weights", leaf, ALLOWED, TypeError)
    return array.astype(float) if array.dtype.itemsize > 8 else array

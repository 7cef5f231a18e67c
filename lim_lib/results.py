r"""Results that last: compared by value, copied, sent, shown on one screen, kept in files.

A `Value` is a frozen object that is nothing but its contents, by default the arguments of its
constructor. Two values are equal if their contents are (NaN at the same places included), whatever
version of the library computed them; equal values have equal hashes. A value can be copied,
pickled, and sent to another process, and `Value.save` keeps it in a file that `load` reads back. A
`Result` is a value that also shows itself on one screen.

Files hold arrays and JSON (`lim_lib.archive`), never code: reading one runs nothing. They name the
kind of the result, the unit of every quantity, the seed and the version of the library, and any
NumPy opens them. A file that is damaged, of another origin, or of a newer format is refused in one
line.

Examples
--------
>>> import tempfile
>>> from pathlib import Path
>>> from lim_lib.simulate import jump_process, ring
>>> run = jump_process(ring(8), duration=10.0, hop_rate=1.0, initial=0, replicas=3, seed=1)
>>> place = Path(tempfile.mkdtemp(), "run.npz")
>>> run.save(place)
>>> load(place) == run
True
>>> file = np.load(place)
>>> file["ledger.transport"].tolist() == run.ledger.transport.tolist()
True
"""

import inspect
import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import UnionType
from typing import Any, ClassVar, Self, get_args, get_origin

import numpy as np

import lim_lib
from lim_lib import archive
from lim_lib.validate import refuse

WIDTH = 80
"""Columns of a screen."""


class Value:
    """A frozen object that is its contents; the base of what is compared, sent and saved.

    Subclasses are frozen, ``@dataclass(frozen=True, eq=False)``, or keep the arguments of their
    constructor as attributes. Contents may be numbers, text, truth values, None, NumPy's arrays of
    these, SciPy's sparse matrices, other values, and lists, tuples and dictionaries of them.

    Attributes
    ----------
    measures : dict of str to tuple of str
        For each quantity, its unit and what the axes of its array count, such as
        ``"heat": ("J", "replicas")``; after ``"..."`` there may be more axes. They are written
        into files, and checked when one is read. A number may stand for an array: the mean of all.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel
    >>> IsingModel([[0, 1], [1, 0]]) == IsingModel([[0, 1], [1, 0]], fields=[0, 0])
    True
    """

    measures: ClassVar[dict[str, tuple[str, ...]]] = {}

    def contents(self) -> dict[str, Any]:
        """What the value is made of, by name."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    @classmethod
    def from_contents(cls, contents: dict[str, Any]) -> Self:
        """The value that is made of these."""
        return cls(**contents)

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self is other or _alike(_compared(self), _compared(other))

    def __hash__(self):
        return hash((type(self), _mark(_compared(self))))

    def __getstate__(self):
        self.contents()  # what is computed when it is first asked for is computed now
        return {
            name: content
            for name, content in vars(self).items()
            if not isinstance(getattr(type(self), name, None), cached_property)
        }

    def save(self, target: Any) -> None:
        """Write a file that `load` reads back.

        Parameters
        ----------
        target : path-like or binary file
            A file of that very name (``.npz`` is usual, and never added), made or replaced, once
            all is written; or a file that is open for writing.

        Raises
        ------
        TypeError
            If a content is neither number nor text nor made of them, such as a function.
        OSError
            If the file cannot be written. What was there before is then there still.
        """
        arrays: dict[str, np.ndarray] = {}
        code = _encode(self, "", arrays)
        archive.write(target, {"version": lim_lib.__version__, "result": code}, arrays)

    @classmethod
    def load(cls, source: Any) -> Self:
        """Read what `save` has written, if it is of this class; see `lim_lib.results.load`."""
        found = _loaded(source, cls)
        if not isinstance(found, cls):
            raise ValueError(f"{archive.name_of(source)} holds {_a(type(found))}, not {_a(cls)}")
        return found


def load(source: Any) -> Value:
    """Read a result of any kind from a file that its ``save`` has written.

    Parameters
    ----------
    source : path-like or binary file
        A path, or a file that is open for reading and can be searched.

    Returns
    -------
    Run, Ledger, Anneal, or another of the library's values
        Equal to what was saved.

    Raises
    ------
    ValueError
        In one line that names the file, if it is damaged, of another origin, or of a newer format.
    OSError
        If the file is not there, or cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from lim_lib.optimizers import IsingModel
    >>> place = Path(tempfile.mkdtemp(), "glass.npz")
    >>> IsingModel.sherrington_kirkpatrick(30, seed=1).save(place)
    >>> load(place)
    IsingModel of 30 spins
    """
    return _loaded(source, None)


class Result(Value):
    """A value that shows itself on one screen, as text and in a notebook.

    Subclasses are dataclasses with ``repr=False`` that say `headline` and `rows`.
    """

    def headline(self) -> str:
        """What it is, in one line."""
        return type(self).__name__

    def rows(self) -> Iterable[tuple[str, str]]:
        """Name and words for each quantity that is worth a line."""
        return [(name, str(content)) for name, content in self.contents().items()]

    def __repr__(self):
        rows = [(name, text) for name, text in self.rows() if text]
        wide = max((len(name) for name, _ in rows), default=0)
        lines = [self.headline(), *(f"  {name:{wide}}  {text}" for name, text in rows)]
        return "\n".join(line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in lines)

    def _repr_markdown_(self):
        rows = [f"| {name} | {text} |" for name, text in self.rows() if text]
        return "\n".join([self.headline(), "", "| quantity | value |", "| --- | --- |", *rows])


class Deferred:
    """A field of a dataclass that takes a value, or a function that finds it.

    The function is called once, when the field is first asked for (or compared, copied or saved).

    Parameters
    ----------
    default : object
        Of the field.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass(frozen=True)
    ... class Answer:
    ...     number: float = Deferred(default=math.nan)
    >>> Answer(lambda: 6.0 * 7.0)
    Answer(number=42.0)
    """

    def __init__(self, default: Any):
        self.default = default

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        if instance is None:
            return self.default
        value = vars(instance)[self.name]
        if callable(value):
            value = vars(instance)[self.name] = value()
        return value

    def __set__(self, instance, value):
        vars(instance)[self.name] = value

    @staticmethod
    def waits(instance: Any, name: str) -> bool:
        """Whether the value of that name has still to be found."""
        return callable(vars(instance)[name])


def mean(values: Any) -> tuple[float, float]:
    """Mean over replicas, and its standard error: NaN for one replica, which does not tell it.

    Parameters
    ----------
    values : array_like
        One number for each replica; or one number for all of them, which is exact.

    Examples
    --------
    >>> mean([1.0, 2.0, 3.0]) == (2.0, 1 / np.sqrt(3))
    True
    >>> mean([2.0]), mean(2.0)
    ((2.0, nan), (2.0, 0.0))
    """
    values = np.asarray(values, dtype=float)
    if values.ndim == 0:
        return float(values), 0.0 if np.isfinite(values) else math.nan
    error = values.std(ddof=1) / np.sqrt(values.size) if values.size > 1 else math.nan
    return float(values.mean()), float(error)


def _compared(value: Value) -> dict[str, Any]:
    return {name: content for name, content in value.contents().items() if name != "version"}


def _alike(a: Any, b: Any) -> bool:
    if hasattr(a, "tocsr") and hasattr(b, "tocsr"):
        return a.shape == b.shape and (a != b).nnz == 0
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_alike(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) or isinstance(b, list | tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(_alike, a, b))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and bool(((a == b) | ((a != a) & (b != b))).all())
    return bool(a == b or (a != a and b != b))


def _mark(content: Any) -> Any:
    """Something to hash: alike for contents that are alike, and kept if an array is written to."""
    if isinstance(content, np.ndarray) and not content.ndim:
        content = content.item()
    if isinstance(content, np.ndarray) or hasattr(content, "tocsr"):
        return content.shape
    if isinstance(content, Mapping):
        return tuple((name, _mark(content[name])) for name in sorted(content))
    if isinstance(content, list | tuple):
        return tuple(map(_mark, content))
    return None if content != content else content


def _encode(content: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """A content as JSON; the arrays in it go to ``arrays``, under its name."""
    inner = f"{name}." if name else ""
    if isinstance(content, Value):
        parts = content.contents().items()
        return {
            "kind": type(content).__name__,
            "units": {n: unit for n, (unit, *_) in content.measures.items()},
            "contents": {n: _encode(part, f"{inner}{n}", arrays) for n, part in parts},
        }
    if isinstance(content, np.ndarray | np.generic):
        if content.dtype.kind not in archive.KINDS:
            refuse(name, content, "made of numbers or text to be saved", TypeError)
        arrays[name] = np.asarray(content)
        return {"array": name}
    if hasattr(content, "tocsr"):
        rows = content.tocsr()
        for part in ("data", "indices", "indptr"):
            arrays[f"{inner}{part}"] = getattr(rows, part)
        return {"sparse": name, "shape": list(rows.shape)}
    if isinstance(content, float):
        return content if math.isfinite(content) else {"float": repr(content)}
    if isinstance(content, list | tuple):
        items = [_encode(item, f"{inner}{i}", arrays) for i, item in enumerate(content)]
        return items if isinstance(content, list) else {"tuple": items}
    if isinstance(content, Mapping) and all(isinstance(key, str) for key in content):
        return {"dict": {k: _encode(item, f"{inner}{k}", arrays) for k, item in content.items()}}
    if content is None or isinstance(content, bool | int | str):
        return content
    return refuse(name, content, "made of numbers or text to be saved", TypeError)


def _loaded(source: Any, wanted: type[Value] | None) -> Value:
    about, arrays = archive.read(source)
    try:
        found = _decode(about.get("result"), arrays, wanted)
        if not isinstance(found, Value):
            raise ValueError("it names no result")
    except Exception as error:  # whatever contents can make a constructor raise
        why = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{archive.name_of(source)} is damaged: {why}") from None
    return found


def _decode(code: Any, arrays: dict[str, np.ndarray], wanted: type[Value] | None) -> Any:
    """The content that `_encode` has written so."""

    def inner(part):
        return _decode(part, arrays, None)

    match code:
        case None | bool() | int() | float() | str():
            return code
        case list():
            return [inner(item) for item in code]
        case {"array": str(name)}:
            return _entry(arrays, name)[()]
        case {"sparse": str(name), "shape": [int(), int()] as shape}:
            from scipy.sparse import csr_array

            parts = [_entry(arrays, f"{name}.{part}") for part in ("data", "indices", "indptr")]
            rows = csr_array(tuple(parts), shape=tuple(shape))
            rows.check_format(full_check=True)
            return rows
        case {"float": str(text)}:
            return float(text)
        case {"tuple": list(items)}:
            return tuple(inner(item) for item in items)
        case {"dict": dict(items)}:
            return {name: inner(item) for name, item in items.items()}
        case {"kind": str(kind), "contents": dict(parts)}:
            return _made(_class(kind, wanted), {name: inner(part) for name, part in parts.items()})
    raise ValueError("it holds what no result is made of")


def _entry(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    if name not in arrays:
        raise ValueError(f"it has no entry {name!r}")
    return arrays[name]


def _class(kind: str, wanted: type[Value] | None) -> type[Value]:
    """The class of that name: the one that is asked for, or one that the library offers."""
    if wanted is not None and wanted.__name__ == kind:
        return wanted
    found = getattr(lim_lib, kind) if kind in lim_lib.__all__ else None
    if not (inspect.isclass(found) and issubclass(found, Value)):
        raise ValueError(f"it holds the unknown kind {kind!r}")
    return found


def _made(kind: type[Value], contents: dict[str, Any]) -> Value:
    """A value of contents that are checked: their types, and the shapes of their arrays."""
    for name, parameter in inspect.signature(kind).parameters.items():
        content = contents.get(name)
        if name in contents and name not in kind.measures and not _fits(content, parameter):
            raise ValueError(f"its {name} of {_a(kind)} is {type(content).__name__}")
    _check_sizes(kind, contents, {})
    return kind.from_contents(contents)


def _check_sizes(kind: type[Value], contents: dict[str, Any], sizes: dict[str, int]) -> None:
    """Refuse what is no number, and arrays that count one thing differently."""
    for name, content in contents.items():
        if isinstance(content, Value):
            _check_sizes(type(content), content.contents(), sizes)
        if name not in kind.measures or content is None:
            continue
        array = np.asarray(content)
        axes = [axis for axis in kind.measures[name][1:] if axis != "..."]
        more = "..." in kind.measures[name]
        if array.dtype.kind not in "biuf":
            raise ValueError(f"its {name} of {_a(kind)} is no number")
        if array.ndim and (array.ndim < len(axes) if more else array.ndim != len(axes)):
            raise ValueError(f"its {name} of {_a(kind)} has the shape {array.shape}")
        for axis, size in zip(axes, array.shape, strict=False):
            if sizes.setdefault(axis, size) != size:
                other = f"{size} {axis}, where others have {sizes[axis]}"
                raise ValueError(f"its {name} of {_a(kind)} has {other}")


def _fits(content: Any, parameter: inspect.Parameter) -> bool:
    """Whether a content is of the annotated type, as far as that is a class or a union of them."""
    annotation = parameter.annotation
    kinds = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    kinds = tuple(get_origin(kind) or kind for kind in kinds)
    if not all(map(inspect.isclass, kinds)) or {Any, inspect.Parameter.empty} & {*kinds}:
        return True
    if np.ndarray in kinds:  # one number may stand for all
        kinds += (float,)
    if float in kinds:
        kinds += (int,)
    return isinstance(content.item() if isinstance(content, np.generic) else content, kinds)


def _a(kind: type) -> str:
    return f"{'an' if kind.__name__[0] in 'AEIO' else 'a'} {kind.__name__}"

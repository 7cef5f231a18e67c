"""Langevin steps in one compiled loop, by the scheme of `lim_lib.simulate.diffusion`.

A few hundred particles, which the processor's nearest cache holds, make all steps of a chunk before
the next come. In a step both forces of Heun's method, the increment, and where the controls have
changed the work and the heat are one pass, of which the processor does several particles at a time.
The random bytes are those of the other engine, so that both make the same paths to rounding.

The potential's energy and force are compiled as functions of one number. What becomes of a
`harmonic` or a `double_well` is kept on disk; a potential of one's own is compiled once in a
process, which takes a second or so.
"""

from collections.abc import Callable
from functools import lru_cache, partial
from hashlib import sha256
from inspect import signature
from types import FunctionType
from typing import Any

import numba
import numpy as np
from numba.core.errors import NumbaError
from numba.cpython.unsafe.tuple import tuple_setitem

from lim_lib.engine import spread
from lim_lib.kernels import compiled
from lim_lib.simulate import potentials
from lim_lib.simulate.potentials import Potential
from lim_lib.validate import refuse

PIECE = 512
"""Particles that make all steps of a chunk together."""

DRAWN = 1 << 18
"""Most random bytes that are drawn at once."""

NUMPY: Any = {"error_model": "numpy"}
"""What is divided by zero is infinite."""

with_item: Any = tuple_setitem


class Motion:
    """The steps of a potential's particles, or one line that says why they cannot be compiled."""

    def __init__(self, potential: Potential, passage: Callable | None, threads: int):
        plain = potential.plain()
        self.energy = _Function("potential.energy", potential.energy, plain[0])
        self.force = _Function("potential.force", potential.force, plain[1])
        passed = _never if passage is None else _scalar("passage", passage, 0, numba.boolean)
        self.steps = _fused(self.energy.made, self.force.made, passed)
        self.threads = threads

    def travel(self, x, account, reached, blocks, settings, spreads, kT, times, increments) -> bool:
        """Move all blocks by some steps, in place; whether all forces were numbers."""
        rows = [account.controls, *settings]
        fresh = np.array([new != old for old, new in zip(rows, settings, strict=False)])
        known = (self.energy.row, self.force.row, self.energy.table(rows), self.force.table(rows))
        gains, sizes = spreads / kT, np.sqrt(2 * spreads)

        def move(part):
            lost = 0
            for block, source in blocks[part]:
                arrays = [a[block] for a in (x, account.reference, account.heat, account.work)]
                arrays.append(np.empty(0) if reached is None else reached[block])
                words = -(-arrays[0].size // 8)
                several = max(1, DRAWN // (8 * words))
                for low in range(0, len(settings), several):
                    now = slice(low, min(low + several, len(settings)))
                    drawn = source.random_raw(words * (now.stop - low)).view(np.uint8)
                    own = (gains[now], sizes[now], times[now], drawn.reshape(-1, 8 * words))
                    lost += self.steps(*known, fresh, low, *own, increments, *arrays)
            return lost

        return not sum(spread(move, len(blocks), self.threads))


class _Function:
    """The energy or the force of a potential, compiled, and what it takes beside the position."""

    def __init__(self, name: str, function: Callable, plain: Callable):
        taken = list(signature(function).parameters.values())[1:]
        for parameter in taken:
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                refuse(name, str(parameter), "a function of named controls for engine='compiled'")
        self.controls = [(control.name, control.default) for control in taken] or [("", 0.0)]
        self.made = _scalar(name, plain, len(taken))
        self.row = (0.0,) * len(self.controls)

    def table(self, rows: list[dict]) -> np.ndarray:
        """The controls in the function's own order, one row for each of some settings."""
        return np.array([[row.get(*control) for control in self.controls] for row in rows], float)


@lru_cache(maxsize=64)
def _scalar(name: str, function: Any, controls: int, kind: Any = numba.float64) -> Any:
    """A function of a position and some controls, compiled."""
    wanted = (numba.float64,) * (1 + controls)
    try:
        made = _maker(function)(function)
        made.compile(wanted)
    except (NumbaError, TypeError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = next((line for line in lines if not line.startswith("Failed in")), "unknown")
        refuse(name, function, f"a function of numbers that Numba can compile ({reason[:70]})")
    returned = made.overloads[wanted].signature.return_type
    real = isinstance(returned, numba.types.Float | numba.types.Integer)
    if returned != kind and not (real and kind == numba.float64):
        no_array = " (np.where makes arrays of numbers: (x > 0) * a)" * ("array" in str(returned))
        refuse(f"what {name} returns", str(returned), f"a {kind} for engine='compiled'{no_array}")
    if controls or kind == numba.boolean:
        return made
    return numba.njit(lambda x, _: made(x), nogil=True, **NUMPY)


def _maker(*functions: Any) -> Callable:
    """What compiles something of some functions: it is kept on disk if they are of the library."""
    if all(function.__module__ == potentials.__name__ for function in functions):
        return partial(compiled, **NUMPY)
    return partial(numba.njit, nogil=True, **NUMPY)


@compiled
def _never(x):
    return False


@lru_cache(maxsize=64)
def _fused(energy: Any, force: Any, passage: Any) -> Any:
    """`_steps` of a potential: a function of its own, with these in the places of that name.

    Its name tells what they are, so that what is kept on disk is found again, and only then.
    """
    own = (energy.py_func, force.py_func)
    code = b"".join(part.__code__.co_code + repr(part.__code__.co_consts).encode() for part in own)
    name = f"_steps_{sha256(code).hexdigest()[:16]}"
    functions = {"energy": energy, "force": force, "passage": passage}
    steps = FunctionType(_steps.__code__, globals() | functions, name)
    steps.__qualname__ = name
    return _maker(*own, *([] if passage is _never else [passage]))(steps)


energy = force = passage = _never


def _steps(energy_row, force_row, energy_controls, force_controls, fresh, start, gains, sizes,
           times, drawn, increments, positions, references, heats, works, passed):  # fmt: skip
    """Steps of one block (see `diffusion._advance` and its account); how many forces were lost."""
    lost = 0
    before_row, noise = energy_row, np.empty(PIECE)
    for low in range(0, positions.size, PIECE):
        part = slice(low, min(low + PIECE, positions.size))
        x, reference, heat, work = positions[part], references[part], heats[part], works[part]
        reached = passed[part]
        for step in range(gains.size):
            for i in range(len(force_row)):
                force_row = with_item(force_row, i, force_controls[start + step + 1, i])
            if fresh[start + step]:
                for i in range(len(energy_row)):
                    before_row = with_item(before_row, i, energy_controls[start + step, i])
                    energy_row = with_item(energy_row, i, energy_controls[start + step + 1, i])
                for k in range(x.size):
                    before = float(energy(x[k], *before_row))
                    after = float(energy(x[k], *energy_row))
                    heat[k] = heat[k] + reference[k] - before
                    work[k] = work[k] + after - before
                    reference[k] = after
            gain, size, bytes_ = gains[step], sizes[step], drawn[step, part]
            half = gain / 2
            for k in range(x.size):
                noise[k] = size * increments[bytes_[k]]
            for k in range(x.size):
                pull = float(force(x[k], *force_row))
                then = float(force(pull * gain + x[k] + noise[k], *force_row))
                x[k] = x[k] + (pull + then) * half + noise[k]
                lost += (pull - pull) + (then - then) != 0.0
            for k in range(x.size):
                if passage(x[k]) and np.isnan(reached[k]):
                    reached[k] = times[step]
    return lost

"""The walks of `lim_lib.optimizers.walks` as compiled loops: the same laws, other random numbers.

One replica after the other goes through many control steps, while all it needs is at hand in the
processor's cache. It has a generator of its own, so that the numbers depend neither on the threads
nor on how many steps are made at once. The gradient at its state is kept up move by move, and so
are its energy, work and heat, all in doubles.
"""

from math import exp
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from lim_lib.engine import spread
from lim_lib.kernels import compiled, seeded, uniform, whole
from lim_lib.optimizers.moves import Account, Walk
from lim_lib.optimizers.walks import groups, of_one_colour


class Rows(NamedTuple):
    """Rows of the curvature: a full matrix, or what is not zero in each."""

    matrix: np.ndarray
    start: np.ndarray
    place: np.ndarray
    weight: np.ndarray

    @classmethod
    def of(cls, curvature: Any) -> "Rows":
        """Those of a matrix, dense or sparse."""
        if not sparse.issparse(curvature):
            nothing = np.empty(0, dtype=np.int64)
            matrix = np.array(curvature, dtype=float, order="C")
            return cls(matrix, nothing, nothing, np.empty(0))
        start, place = (a.astype(np.int64) for a in (curvature.indptr, curvature.indices))
        return cls(np.empty((0, 0)), start, place, curvature.data.astype(float))


class Replicas(NamedTuple):
    """What a kernel reads and writes of each replica, a row or a number of every array."""

    level: np.ndarray
    gradient: np.ndarray
    generator: np.ndarray
    energy: np.ndarray
    work: np.ndarray
    heat: np.ndarray
    up: np.ndarray
    down: np.ndarray


class Rules(NamedTuple):
    """What holds for each move: `edges` of a cell, its `top` level, kinetics and rates."""

    edges: int
    top: int
    heat_bath: bool
    rates: np.ndarray
    half_diagonal: np.ndarray


@compiled(inline="always")
def accepts(heat_bath, x, generator):
    """Whether a move with κΔH = x succeeds: with min(1, exp(-x)), or 1/(1 + exp(x)).

    A power series below the exponential settles most of what is unlikely.
    """
    if heat_bath:
        u, y = uniform(generator), abs(x)
        unlikely = u * (2.0 + y * (1.0 + y / 2)) < 1.0 and u * (1.0 + exp(y)) < 1.0
        return unlikely == (x > 0)
    if x <= 0:
        return True
    u = uniform(generator)
    return u * (1.0 + x * (1.0 + x / 2)) < 1.0 and u < exp(-x)


@compiled(inline="always")
def add(matrix, start, place, weight, gradient, cell, move):
    """Add move times the cell's row to the gradient, as `Neighbours.add` does."""
    if matrix.size:
        for other in range(gradient.size):
            gradient[other] += move * matrix[cell, other]
    else:
        for entry in range(start[cell], start[cell + 1]):
            gradient[place[entry]] += move * weight[entry]


@compiled
def sweep(replicas, rules, rows, ends, scales, thermal):
    """Every cell in turn, group by group, as in `walks.Sweeps`; scales begin with that before."""
    edges, top, heat_bath, rates, half_diagonal = rules
    matrix, start, place, weight = rows
    for r in range(replicas.energy.size):
        level, gradient = replicas.level[r], replicas.gradient[r]
        generator = replicas.generator[r]
        energy, work, heat, up, down = replicas.energy[r], 0.0, 0.0, 0, 0
        for step in range(1, scales.size):
            work += (scales[step] - scales[step - 1]) * energy
            coupling, released = scales[step] / thermal, 0.0
            for group in range(ends.size - 1):
                for _ in range(edges):
                    for cell in range(ends[group], ends[group + 1]):
                        if rates.size and uniform(generator) >= rates[cell]:
                            continue
                        if edges == 1:
                            move = 1.0 - 2.0 * level[cell]
                        else:
                            move = 2.0 * whole(generator, 2) - 1.0
                            if not 0 <= level[cell] + move <= top:
                                continue
                        change = move * gradient[cell] + half_diagonal[cell]
                        if accepts(heat_bath, coupling * change, generator):
                            level[cell] += move
                            add(matrix, start, place, weight, gradient, cell, move)
                            released -= change
                            up += move > 0
                            down += move < 0
            energy -= released
            heat += scales[step] * released
        replicas.energy[r] = energy
        replicas.work[r] += work
        replicas.heat[r] += heat
        replicas.up[r] += up
        replicas.down[r] += down


class _Quadratic(Walk):
    """A compiled walk over a quadratic landscape."""

    def __init__(self, landscape, kinetics, rates, levels, source, threads):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.threads = threads
        self.order = np.concatenate(self._parts(landscape.curvature))
        self.level = np.ascontiguousarray(levels[:, self.order], dtype=float)
        self.gradient = np.ascontiguousarray(
            landscape.gradients(levels.astype(float))[:, self.order]
        )
        self.generators = seeded(source, self.replicas)
        self.rows = Rows.of(landscape.curvature[self.order][:, self.order])
        self.rules = Rules(
            edges=self.edges,
            top=self.top,
            heat_bath=kinetics == "heat_bath",
            rates=np.empty(0) if rates is None else np.array(rates, dtype=float)[self.order],
            half_diagonal=landscape.curvature.diagonal()[self.order] / 2,
        )

    def _parts(self, curvature) -> list[np.ndarray]:
        """Cells that come one after the other."""
        return [np.arange(self.cells)]

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        levels = np.empty(self.level.shape, dtype=np.int64)
        levels[:, self.order] = self.level
        return levels

    def _replicas(self, account: Account, part: slice) -> Replicas:
        """Some of the replicas, for a kernel."""
        return Replicas(
            self.level[part],
            self.gradient[part],
            self.generators[part],
            account.energy[part],
            account.work[part],
            account.heat[part],
            self.hops_up[part],
            self.hops_down[part],
        )


class Sweeps(_Quadratic):
    """Every cell in turn, as `lim_lib.optimizers.walks.Sweeps` does."""

    def __init__(self, landscape, kinetics, rates, levels, source, threads):
        super().__init__(landscape, kinetics, rates, levels, source, threads)
        sizes = list(map(len, self._parts(landscape.curvature)))
        self.ends = np.concatenate([[0], np.cumsum(sizes)])

    def _parts(self, curvature):
        return groups(curvature)[0]

    @property
    def slots(self) -> int:
        """One cell after the other."""
        return self.edges * self.cells

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""
        scales = np.concatenate([[account.scale], scales])

        def task(part):
            replicas = self._replicas(account, part)
            sweep(replicas, self.rules, self.rows, self.ends, scales, account.thermal)

        spread(task, self.replicas, self.threads)
        account.scale = scales[-1]


class Coloured(Sweeps):
    """Colour after colour: the same sweeps, told as a machine that takes a colour at a time."""

    def _parts(self, curvature):
        return of_one_colour(sparse.csr_array(curvature))

    @property
    def slots(self) -> int:
        """One colour after the other."""
        return self.edges * (len(self.ends) - 1)


WALKS = {
    "sequential": {"heat_bath": Sweeps, "metropolis": Sweeps},
    "coloured": {"heat_bath": Coloured, "metropolis": Coloured},
}
"""The walks, by order and kinetics."""

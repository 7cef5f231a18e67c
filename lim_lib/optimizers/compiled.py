"""The walks of `lim_lib.optimizers.walks` as compiled loops: the same laws, other random numbers.

One replica after the other goes through many control steps, while all it needs is at hand in the
processor's cache. It has a generator of its own, so that the numbers depend neither on the threads
nor on how many steps are made at once. The gradient at its state is kept up move by move, and so
are its energy, work and heat, all in doubles.
"""

from abc import abstractmethod
from collections.abc import Callable
from math import exp
from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import overload
from scipy import sparse

from lim_lib.engine import spread
from lim_lib.kernels import (
    LANES,
    aligned,
    compiled,
    exponential,
    logarithms,
    seeded,
    uniform,
    uniforms,
    whole,
)
from lim_lib.optimizers.moves import ATTEMPTS_PER_HOP, Account, Walk
from lim_lib.optimizers.walks import STEEPEST, groups, too_steep

BLOCK = 8
"""Spins of a sweep that are looked at together: mostly none of them flips. A part of `LANES`."""

AT_ONCE = 1e7
"""Moves that a kernel is asked for at once, about, where a step may hold any number."""

FAR, FINE = 40.0, 8.0
"""How far the table of exp(x) goes, beyond which a move is as good as sure; its lines in 1."""

TABLE = np.exp(np.arange(-FAR * FINE, FAR * FINE + 1) / FINE)

NO_TURNS = np.empty(0, dtype=np.uint64)
NO_COUNTS = np.empty((0, 0), dtype=np.int64)


class SparseRows(NamedTuple):
    """What is not zero in each row of the curvature; of a dense one the matrix itself will do."""

    start: np.ndarray
    place: np.ndarray
    weight: np.ndarray


def rows_of(curvature: Any) -> Any:
    """The rows of a curvature, as a kernel likes them."""
    if not sparse.issparse(curvature):
        return np.array(curvature, dtype=float, order="C")
    start, place = (a.astype(np.uint64) for a in (curvature.indptr, curvature.indices))
    return SparseRows(start, place, curvature.data.astype(float))


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
    """What holds for each move: `edges` of a cell, its `top` level, kinetics and rates.

    A move is accepted with probability 1/(offset + exp(κΔH)), if that is not above 1: Metropolis'
    for an offset of 0, the heat bath's for 1.
    """

    edges: int
    top: float
    offset: float
    rates: np.ndarray
    half_diagonal: np.ndarray


@compiled(inline="always")
def growth(x):
    """exp(x) to a few parts in 10¹¹, from a table and a series; beyond ±`FAR` that of the end."""
    y = min(max(x, -FAR), FAR)
    nearest = np.uint64(y * FINE + (FAR * FINE + 0.5))
    r = y - (nearest / FINE - FAR)
    return TABLE[nearest] * (1 + r * (1 + r / 2 * (1 + r / 3 * (1 + r / 4 * (1 + r / 5)))))


@compiled(inline="always")
def accepts(offset, x, generator):
    """Whether a move with κΔH = x succeeds; a series below exp(x) settles most of what does not."""
    u = 1.0 - uniform(generator)  # never 0, with which all would succeed
    below = 1.0 + x * (1.0 + x / 2) if x > 0 else 0.0
    if u * (offset + below) >= 1.0:
        return False
    return u * (offset + growth(x)) < 1.0


@compiled(_nrt=False)
def kept(replicas, r, energy, work, heat, made, risen):
    """Write back what a replica has come to, after so many moves up and down by so much in all."""
    replicas.energy[r] = energy
    replicas.work[r] = work
    replicas.heat[r] = heat
    replicas.up[r] += (made + risen) // 2
    replicas.down[r] += (made - risen) // 2


def add(rows, gradient, cell, move):
    """Add move times the cell's row to the gradient, as `Neighbours.add` does."""


@overload(add, inline="always")
def _add(rows, gradient, cell, move):
    def of_matrix(rows, gradient, cell, move):
        for other in range(np.uint64(rows.shape[1])):
            gradient[other] += move * rows[cell, other]

    def of_entries(rows, gradient, cell, move):
        for entry in range(rows[0][cell], rows[0][cell + 1]):
            gradient[rows[1][entry]] += move * rows[2][entry]

    return of_matrix if isinstance(rows, types.Array) else of_entries


@compiled
def attempts(replicas, rules, rows, turns, counts, scales, thermal):
    """Offer cells moves: in turn, or if there are no ``turns`` at random, as often as counts say.

    ``scales`` begin with that before, of which a change is work.
    """
    edges, top, offset, rates, half_diagonal = rules
    for r in range(replicas.energy.size):
        level, gradient = replicas.level[r], replicas.gradient[r]
        generator = replicas.generator[r]
        energy, work, heat = replicas.energy[r], replicas.work[r], replicas.heat[r]
        made, before = 0, level.sum()
        for step in range(1, scales.size):
            work += (scales[step] - scales[step - 1]) * energy
            coupling, released = scales[step] / thermal, 0.0
            for turn in range(turns.size if turns.size else counts[r, step - 1]):
                cell = turns[turn] if turns.size else np.uint64(whole(generator, level.size))
                if rates.size and uniform(generator) >= rates[cell]:
                    continue
                if edges == 1:
                    move = 1.0 - 2.0 * level[cell]
                else:
                    move = 2.0 * whole(generator, 2) - 1.0
                    if not 0 <= level[cell] + move <= top:
                        continue
                change = move * gradient[cell] + half_diagonal[cell]
                if accepts(offset, coupling * change, generator):
                    level[cell] += move
                    add(rows, gradient, cell, move)
                    released -= change
                    made += 1
            energy -= released
            heat += scales[step] * released
        kept(replicas, r, energy, work, heat, made, int(level.sum() - before))


def padded(cells: int) -> int:
    """So many cells, and fillers."""
    return -(-cells // LANES) * LANES


class Scratch(NamedTuple):
    """What a kernel of spins has at hand for one replica: an entry for each, and for fillers."""

    move: np.ndarray
    gradient: np.ndarray
    half_diagonal: np.ndarray
    threshold: np.ndarray
    other: np.ndarray
    number: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, half_diagonal: np.ndarray) -> "Scratch":
        """For spins with these, and fillers of which none ever flips."""
        cells = half_diagonal.size
        move, gradient, halves, threshold, other, number = aligned((6, padded(cells)))
        move[cells:], gradient[cells:] = 1.0, np.inf
        halves[:cells] = half_diagonal
        bits = number.view(np.uint64)
        return cls(move, gradient, halves, threshold, other, number, bits)


@compiled(_nrt=False, error_model="numpy")
def thresholds(offset, lanes, scratch, scale):
    """Up to which ΔH each spin's attempt succeeds: exponential deviates, or logistic ones."""
    threshold, other, number, bits = scratch[3:]
    uniforms(lanes, bits, number)
    for k in range(number.size):
        other[k] = 1.0 - number[k]
    logarithms(number, bits, threshold)
    if offset:
        for k in range(number.size):
            number[k] = other[k]
        logarithms(number, bits, other)
        for k in range(number.size):
            threshold[k] -= other[k]
    for k in range(number.size):
        threshold[k] *= -scale


@compiled(_nrt=False, error_model="numpy")
def spins(replicas, lanes, scratch, offset, rows, turns, scales, thermal):
    """Sweeps of two-level cells as `attempts` makes them in turn, all deviates of one at a time.

    ``rows`` and the scratch hold the cells in the order of ``turns``.
    """
    move, gradient, half_diagonal, threshold = scratch[:4]
    for r in range(replicas.energy.size):
        for k in range(turns.size):
            move[k] = 1.0 - 2.0 * replicas.level[r, turns[k]]
            gradient[k] = replicas.gradient[r, turns[k]]
        energy, work, heat = replicas.energy[r], replicas.work[r], replicas.heat[r]
        made, before = 0, replicas.level[r].sum()
        for step in range(1, scales.size):
            work += (scales[step] - scales[step - 1]) * energy
            thresholds(offset, lanes[r], scratch, thermal / scales[step])
            released = 0.0
            for first in range(np.uint64(0), np.uint64(move.size), np.uint64(BLOCK)):
                some = False
                for cell in range(first, first + np.uint64(BLOCK)):
                    some |= move[cell] * gradient[cell] + half_diagonal[cell] < threshold[cell]
                if not some:
                    continue
                for cell in range(first, first + np.uint64(BLOCK)):
                    change = move[cell] * gradient[cell] + half_diagonal[cell]
                    if change < threshold[cell]:
                        add(rows, gradient, cell, move[cell])
                        move[cell] = -move[cell]
                        released -= change
                        made += 1
            energy -= released
            heat += scales[step] * released
        for k in range(turns.size):
            replicas.level[r, turns[k]] = (1.0 - move[k]) / 2
            replicas.gradient[r, turns[k]] = gradient[k]
        kept(replicas, r, energy, work, heat, made, int(replicas.level[r].sum() - before))


@compiled
def at_once(replicas, rules, rows, scales, thermal):
    """All cells at one time, each in the field that the others had before, as in `Parallel`."""
    edges, top, offset, rates, half_diagonal = rules
    moves = np.zeros(half_diagonal.size)
    for r in range(replicas.energy.size):
        level, gradient = replicas.level[r], replicas.gradient[r]
        generator = replicas.generator[r]
        energy, work, heat = replicas.energy[r], replicas.work[r], replicas.heat[r]
        made, before = 0, level.sum()
        for step in range(1, scales.size):
            work += (scales[step] - scales[step - 1]) * energy
            coupling, released, taken = scales[step] / thermal, 0.0, 0.0
            for _ in range(edges):
                for cell in range(level.size):
                    moves[cell] = 0.0
                    if rates.size and uniform(generator) >= rates[cell]:
                        continue
                    if edges == 1:
                        move = 1.0 - 2.0 * level[cell]
                    else:
                        move = 2.0 * whole(generator, 2) - 1.0
                        if not 0 <= level[cell] + move <= top:
                            continue
                    change = move * gradient[cell] + half_diagonal[cell]
                    if accepts(offset, coupling * change, generator):
                        moves[cell] = move
                        taken -= change
                for cell in range(level.size):  # the fields follow, and what it takes is driven
                    move = moves[cell]
                    if move != 0:
                        released -= move * gradient[cell] + half_diagonal[cell]
                        level[cell] += move
                        add(rows, gradient, cell, move)
                        made += 1
            energy -= released
            heat += scales[step] * taken
            work += scales[step] * (taken - released)
        kept(replicas, r, energy, work, heat, made, int(level.sum() - before))


@compiled(inline="always")
def rated(edge, coupling, top, handicap, half_diagonal, level, gradient):
    """The rate of a move up of a cell, or down, and its tilt -κΔH; of a two-level cell its one."""
    cells = level.size
    cell = edge % cells
    move = 1.0 - 2.0 * level[cell] if top == 1 else 1.0 if edge < cells else -1.0
    if not 0 <= level[cell] + move <= top:
        return 0.0, -np.inf
    tilt = handicap[cell] - coupling * (move * gradient[cell] + half_diagonal[cell])
    return exp(tilt / 2), tilt


@compiled(inline="always")
def summed(tree):
    """Fill a tree of sums from its leaves, which are its second half: the total stands at 1."""
    for node in range(tree.size // 2 - 1, 0, -1):
        tree[node] = tree[2 * node] + tree[2 * node + 1]


@compiled(inline="always")
def drawn(tree, aim):
    """The leaf in which an aim from 0 to the total falls; none that is 0."""
    node = 1
    while node < tree.size // 2:
        node *= 2
        if aim >= tree[node] and tree[node + 1] > 0:
            aim -= tree[node]
            node += 1
    return node - tree.size // 2


@compiled
def hops(replicas, rules, rows, near, scales, clocks, ceilings, steep, thermal):
    """Hop after hop by the symmetric split, as in `Hops`: each drawn from a tree of all rates.

    ``rates`` of the rules holds the handicap of each cell, 2 ln(rate); ``near`` the start of each
    row of neighbours and the neighbours, or nothing if all cells are. Where a tilt passes
    ``steep``, all ends.

    Returns
    -------
    excess : float
        By how much half the largest tilt has passed the ceiling.
    step : int
        In which step all ended, or 0.
    steepest : float
        The tilt that ended it.
    """
    edges, top, _, handicap, half_diagonal = rules
    start, neighbours = near
    cells = half_diagonal.size
    leaves = 1
    while leaves < edges * cells:
        leaves *= 2
    tree = np.zeros(2 * leaves)
    excess = -np.inf
    for r in range(replicas.energy.size):
        level, gradient = replicas.level[r], replicas.gradient[r]
        generator = replicas.generator[r]
        energy, work, heat = replicas.energy[r], replicas.work[r], replicas.heat[r]
        made, before = 0, level.sum()
        for step in range(1, scales.size):
            work += (scales[step] - scales[step - 1]) * energy
            coupling, released, steepest = scales[step] / thermal, 0.0, -np.inf
            left, cell = clocks[step - 1], -1
            while True:
                few = cell >= 0 and neighbours.size > 0
                first, last = (start[cell], start[cell + 1]) if few else (0, cells)
                for entry in range(first, last):
                    other = neighbours[entry] if few else entry
                    for edge in range(other, edges * cells, cells):
                        rate, tilt = rated(
                            edge, coupling, top, handicap, half_diagonal, level, gradient
                        )
                        steepest = max(steepest, tilt)
                        node = leaves + edge
                        tree[node] = rate
                        while few and node > 1:
                            node //= 2
                            tree[node] = tree[2 * node] + tree[2 * node + 1]
                if steepest > steep:
                    return excess, step, steepest
                if not few:
                    summed(tree)
                if tree[1] == 0:
                    break
                left -= exponential(generator) / tree[1]
                if left <= 0:
                    break
                edge = drawn(tree, uniform(generator) * tree[1])
                cell = edge % cells
                move = 1.0 - 2.0 * level[cell] if top == 1 else 1.0 if edge < cells else -1.0
                released -= move * gradient[cell] + half_diagonal[cell]
                level[cell] += move
                add(rows, gradient, cell, move)
                made += 1
            excess = max(excess, steepest / 2 - ceilings[step - 1])
            energy -= released
            heat += scales[step] * released
        kept(replicas, r, energy, work, heat, made, int(level.sum() - before))
    return excess, 0, -np.inf


class _Quadratic(Walk):
    """A compiled walk over a quadratic landscape."""

    def __init__(self, landscape, kinetics, rates, levels, source, threads):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.threads = threads
        self.level = np.array(levels, dtype=float, order="C")
        self.gradient = np.ascontiguousarray(landscape.gradients(self.level))
        self.generators = seeded(source, self.replicas)
        self.rows = rows_of(landscape.curvature)
        self.rules = Rules(
            edges=self.edges,
            top=float(self.top),
            offset=float(kinetics == "heat_bath"),
            rates=np.empty(0) if rates is None else np.array(rates, dtype=float),
            half_diagonal=landscape.curvature.diagonal() / 2,
        )

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        return self.level.astype(np.int64)

    def _spread(self, kernel: Callable, scales: np.ndarray, account: Account) -> list:
        """What a kernel returns for each thread's replicas, which it takes through the steps."""
        of_each = (self.level, self.gradient, self.generators, account.energy, account.work,
                   account.heat, self.hops_up, self.hops_down)  # fmt: skip
        scales = np.concatenate([[account.scale], scales])
        account.scale = scales[-1]

        def task(part):
            return kernel(Replicas(*(array[part] for array in of_each)), part, scales)

        return spread(task, self.replicas, self.threads)


class Sweeps(_Quadratic):
    """Every cell in turn, as `lim_lib.optimizers.walks.Sweeps` does."""

    def __init__(self, landscape, kinetics, rates, levels, source, threads):
        super().__init__(landscape, kinetics, rates, levels, source, threads)
        self.parts = self._parts(landscape)
        turns = [part for part in self.parts for _ in range(self.edges)]
        self.turns = np.concatenate(turns).astype(np.uint64)
        if self.edges == 1 and rates is None:
            self.lanes = seeded(source, self.replicas * LANES).reshape(self.replicas, 4, LANES)
            self.ordered = rows_of(landscape.curvature[self.turns][:, self.turns])
            if not sparse.issparse(landscape.curvature):
                rows = aligned((self.cells, padded(self.cells)))
                rows[:, : self.cells] = self.ordered
                self.ordered = rows

    def _parts(self, landscape) -> list[np.ndarray]:
        """Cells that come one after the other, all of a part before it comes again."""
        return groups(landscape)[0]

    @property
    def slots(self) -> int:
        """One cell after the other."""
        return self.edges * self.cells

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""

        def of_cells(replicas, part, scales):
            attempts(
                replicas, self.rules, self.rows, self.turns, NO_COUNTS, scales, account.thermal
            )

        def of_spins(replicas, part, scales):
            scratch = Scratch.of(self.rules.half_diagonal[self.turns])
            spins(
                replicas, self.lanes[part], scratch, self.rules.offset, self.ordered, self.turns,
                scales, account.thermal,
            )  # fmt: skip

        slower = self.rules.rates.size > 0
        kernel = of_cells if self.edges == 2 or slower else of_spins
        self._spread(kernel, scales, account)


class Coloured(Sweeps):
    """Colour after colour: the same sweeps, told as a machine that takes a colour at a time."""

    def _parts(self, landscape):
        return landscape.colours

    @property
    def slots(self) -> int:
        """One colour after the other."""
        return self.edges * len(self.parts)


class Parallel(_Quadratic):
    """All cells at one time, as `lim_lib.optimizers.walks.Parallel` moves them."""

    @property
    def slots(self) -> int:
        """All cells at once."""
        return self.edges

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""
        self._spread(
            lambda replicas, part, scales: at_once(
                replicas, self.rules, self.rows, scales, account.thermal
            ),
            scales,
            account,
        )


class _Continuous(_Quadratic):
    """Continuous time: a long step is cut into pieces, between which an interrupt is heard."""

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""
        moves = self.replicas * self.edges * self.cells * clocks
        pieces = np.maximum(np.ceil(moves / AT_ONCE), 1).astype(int)
        scales, ceilings = np.repeat(scales, pieces), np.repeat(ceilings, pieces)
        clocks = np.repeat(clocks / pieces, pieces)
        stride = len(clocks) if pieces.max() == 1 else 1
        for first in range(0, len(clocks), stride):
            part = slice(first, first + stride)
            self._travel(scales[part], clocks[part], ceilings[part], account)

    @abstractmethod
    def _travel(self, scales, clocks, ceilings, account):
        """Walk through steps of a few attempts."""


class Attempts(_Continuous):
    """Continuous time by uniformization, as in `lim_lib.optimizers.walks.Attempts`."""

    def _travel(self, scales, clocks, ceilings, account):
        mean = ATTEMPTS_PER_HOP[self.kinetics] * self.edges * self.cells * clocks
        counts = self.source.poisson(mean[:, None], size=(len(clocks), self.replicas)).T.copy()
        self._spread(
            lambda replicas, part, scales: attempts(
                replicas, self.rules, self.rows, NO_TURNS, counts[part], scales, account.thermal
            ),
            scales,
            account,
        )


class Hops(_Continuous):
    """Continuous time without rejections, as in `lim_lib.optimizers.walks.Hops`."""

    def __init__(self, landscape, kinetics, rates, levels, source, threads):
        super().__init__(landscape, kinetics, rates, levels, source, threads)
        handicap = np.zeros(self.cells)
        if rates is not None:
            with np.errstate(divide="ignore"):
                handicap = 2 * np.log(rates)
        self.rules = self.rules._replace(rates=handicap)
        nothing = np.empty(0, dtype=np.int64)
        self.near = nothing, nothing
        if sparse.issparse(landscape.curvature):
            joined = (landscape.curvature != 0).astype(float) + sparse.eye_array(self.cells)
            joined = sparse.csr_array(joined)
            self.near = joined.indptr.astype(np.int64), joined.indices.astype(np.int64)

    def _travel(self, scales, clocks, ceilings, account):
        parts = self._spread(
            lambda replicas, part, scales: hops(
                replicas, self.rules, self.rows, self.near, scales, clocks, ceilings, STEEPEST,
                account.thermal,
            ),
            scales,
            account,
        )  # fmt: skip
        for excess, step, steepest in parts:
            if step:
                too_steep(scales[step - 1] / account.thermal, steepest)
            account.excess = max(account.excess, excess)


WALKS = {
    "random": {"heat_bath": Attempts, "metropolis": Attempts, "symmetric": Hops},
    "sequential": {"heat_bath": Sweeps, "metropolis": Sweeps},
    "coloured": {"heat_bath": Coloured, "metropolis": Coloured},
    "parallel": {"heat_bath": Parallel},
}
"""The walks, by order and kinetics."""

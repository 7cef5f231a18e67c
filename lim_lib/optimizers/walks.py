r"""How an ensemble of cells walks over a quadratic landscape: five ways, one interface.

==============  ===================================================================
`Attempts`      continuous time: attempts come as a Poisson process, each at a
                random cell, and are accepted or not (uniformization)
`Hops`          continuous time: the next hop is drawn from all rates (Gillespie)
`Sweeps`        every cell in turn: a sweep is one attempt for each of its moves
`Coloured`      the same, cells that are not coupled at one time
`Parallel`      all cells at one time, each in the field of the old state
==============  ===================================================================

The first two are exact for the continuous-time process; the next two have the same Gibbs state, but
a time only by convention; the last has another stationary law. All are a `Walk` of
`lim_lib.optimizers.moves`, which states the rates. `QuadraticState` tells its walks what a move
changes, where the energy is a part of another.
"""

from typing import Any, NamedTuple, NoReturn

import numpy as np
from scipy import sparse

from lim_lib.optimizers.moves import AtRandom, StepByStep

IN_TURN = 16
"""Coupled cells whose fields a sweep computes in one product."""

STEEPEST = 1000.0
"""Largest gain of a move in kT whose rate, exp(gain/2), a double holds."""


class _Quadratic(StepByStep):
    """A walk that knows the curvature of its landscape."""

    def __init__(self, landscape, kinetics, rates, levels, source):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.landscape = landscape
        self.half_diagonal = landscape.curvature.diagonal() / 2

    def _limit(self, out: np.ndarray, cells: Any, coupling: float) -> None:
        """Up to what change of H each attempt is accepted."""
        self._threshold(out, cells)
        with np.errstate(divide="ignore"):
            np.divide(out, coupling, out=out)


class _Continuous(_Quadratic):
    """Continuous time: each replica moves a cell of its own, and its gradient is kept up."""

    def __init__(self, landscape, kinetics, rates, levels, source):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.state = np.array(levels, dtype=float, order="C")
        self.neighbours = Neighbours(landscape.curvature)
        self.gradient = np.ascontiguousarray(landscape.gradients(self.state))

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        return self.state.astype(np.int64)

    def _move(self, replica, cell, way, change, released):
        """Make a move in each of some replicas, and account for it."""
        self.state[replica, cell] += way
        released[replica] -= change
        self.hops_up[replica] += way > 0
        self.hops_down[replica] += way < 0
        self.neighbours.add(self.gradient, replica, cell, way)


class Attempts(AtRandom, _Continuous):
    """Continuous time by uniformization: attempts at random cells, accepted or not."""

    def _attempt(self, counts, turns, coupling, released):
        shape = (turns, self.replicas)
        order = np.argsort(-counts, kind="stable")
        busy = np.searchsorted(-counts[order], -np.arange(turns), side="left")
        cells = self.source.integers(self.cells, size=shape)
        thresholds = np.empty(shape)
        self._limit(thresholds, cells, coupling)
        thresholds -= self.half_diagonal[cells]
        ways = self.source.integers(2, size=shape) * 2.0 - 1 if self.edges == 2 else None
        places = order * self.cells + cells
        state, gradient = self.state.reshape(-1), self.gradient.reshape(-1)  # views
        for turn, count in enumerate(busy.tolist()):
            place = places[turn, :count]
            level = state[place]
            move = 1 - 2 * level if ways is None else ways[turn, :count]
            change = move * gradient[place]
            accepted = thresholds[turn, :count] > change
            if ways is not None:
                to = level + move
                accepted &= (to >= 0) & (to <= self.top)
            (hit,) = accepted.nonzero()
            if hit.size:
                cell = cells[turn, hit]
                change = change[hit] + self.half_diagonal[cell]
                self._move(order[hit], cell, move[hit], change, released)


class Neighbours:
    """Rows of the curvature, to be added to the gradients of many replicas at once."""

    def __init__(self, curvature):
        self.curvature = curvature
        self.sparse = sparse.issparse(curvature)
        if self.sparse:
            self.start, self.degree = curvature.indptr[:-1], np.diff(curvature.indptr)

    def add(self, gradient, replica, cell, move):
        """Add move times the cell's row to each replica's gradient."""
        if not self.sparse:
            gradient[replica] += self.curvature[cell] * move[:, None]
            return
        degree = self.degree[cell]
        ends = degree.cumsum()
        entry = np.arange(ends[-1]) + np.repeat(self.start[cell] - ends + degree, degree)
        weight = np.repeat(move, degree) * self.curvature.data[entry]
        gradient[np.repeat(replica, degree), self.curvature.indices[entry]] += weight


class QuadraticState:
    """An ensemble on a quadratic landscape that knows what a move changes."""

    def __init__(self, landscape, levels: np.ndarray):
        self.levels = np.array(levels)
        self.half_diagonal = landscape.curvature.diagonal() / 2
        self.neighbours = Neighbours(landscape.curvature)
        self.gradient = np.ascontiguousarray(landscape.gradients(self.levels.astype(float)))
        self.replica = np.arange(len(self.levels))

    def change(self, cell: Any, move: np.ndarray) -> np.ndarray:
        """What the move would add to H."""
        return move * self.gradient[self.replica, cell] + move**2 * self.half_diagonal[cell]

    def make(self, cell: Any, move: np.ndarray) -> None:
        """Make the move, where it is not 0."""
        (moved,) = move.nonzero()
        if moved.size:
            cell, move = np.broadcast_to(cell, move.shape)[moved], move[moved]
            self.levels[moved, cell] += move
            self.neighbours.add(self.gradient, moved, cell, move)


class Hops(_Continuous):
    """Continuous time without rejections: rates r exp(-κΔH/2), the symmetric split."""

    def __init__(self, landscape, kinetics, rates, levels, source):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.handicap = None
        if rates is not None:  # a hop of rate 0 is a barrier without end
            with np.errstate(divide="ignore"):
                self.handicap = np.tile(-2 * np.log(rates), self.edges)

    def advance(self, clock: float, coupling: float) -> np.ndarray:
        """Let the hop budget grow by ``clock``; ``steepest`` keeps the largest tilt in kT."""
        released = np.zeros(self.replicas)
        left = np.full(self.replicas, clock)
        replica = np.arange(self.replicas)
        self.steepest = -np.inf
        while True:
            move, change = self._moves(replica)
            possible = change < np.inf
            tilt = coupling * change[possible]
            if self.handicap is not None:
                tilt += np.broadcast_to(self.handicap, change.shape)[possible]
            self.steepest = max(self.steepest, -tilt.min(initial=np.inf))
            if self.steepest > STEEPEST:
                too_steep(coupling, self.steepest)
            rates = np.zeros(change.shape)
            rates[possible] = np.exp(-tilt / 2)
            total = rates.cumsum(axis=1)
            with np.errstate(divide="ignore"):  # no move may have a rate that a double holds
                left[replica] -= self.source.standard_exponential(replica.size) / total[:, -1]
            going = left[replica] > 0
            replica, total = replica[going], total[going]
            if not replica.size:
                break
            aim = self.source.random(replica.size) * total[:, -1]
            edge = (total <= aim[:, None]).sum(axis=1)
            row = np.flatnonzero(going)
            self._move(replica, edge % self.cells, move[row, edge], change[row, edge], released)
        return released

    def _moves(self, replica):
        """Every move of each replica and the change of H; inf where the ladder ends."""
        level, gradient = self.state[replica], self.gradient[replica]
        if self.edges == 1:
            move = 1 - 2 * level
            return move, move * gradient + self.half_diagonal
        move = np.concatenate([np.ones_like(level), -np.ones_like(level)], axis=1)
        change = np.concatenate([gradient, -gradient], axis=1) + np.tile(self.half_diagonal, 2)
        to = np.concatenate([level, level], axis=1) + move
        change[(to < 0) | (to > self.top)] = np.inf
        return move, change


def too_steep(coupling: float, tilt: float) -> NoReturn:
    """Refuse a schedule under which a move has a rate that no double holds."""
    raise ValueError(
        f"schedule must be below {coupling * STEEPEST / tilt:.3g} kT for "
        f"kinetics='symmetric', got {coupling:.3g} kT: a move gains "
        f"{tilt:.3g} kT; kinetics='heat_bath' takes any"
    )


class Sweeps(_Quadratic):
    """Every cell in turn, all replicas at once; uncoupled cells together.

    The arrays have a row for each cell, in the order in which a sweep comes to them.
    """

    def __init__(self, landscape, kinetics, rates, levels, source):
        super().__init__(landscape, kinetics, rates, levels, source)
        parts, coupled = self._parts(landscape)
        self.order = np.concatenate(parts)
        self.state = np.ascontiguousarray(levels.T[self.order], dtype=float)
        curvature = landscape.curvature[self.order][:, self.order]
        slope, half_diagonal = landscape.slope[self.order], self.half_diagonal[self.order]
        self.groups: list[_Group] = []
        most = max(map(len, parts))
        self.buffers = np.empty((4, most, self.replicas))
        accepted, correction = np.empty(self.replicas, dtype=bool), np.empty(self.replicas)
        for part in parts:
            start = self.groups[-1].cells.stop if self.groups else 0
            cells = slice(start, start + len(part))
            threshold, move, change, _ = self.buffers[:, : len(part)]
            rows, turns = curvature[cells], None
            if coupled:
                inner = np.ascontiguousarray(rows[:, cells])
                turns = [
                    _Turn(inner[i, :i], move[:i], move[i], change[i], threshold[i])
                    for i in range(len(part))
                ]
            self.groups.append(
                _Group(cells, rows, slope[cells, None], half_diagonal[cells, None], turns,
                       accepted, correction)
            )  # fmt: skip

    def _parts(self, landscape) -> tuple[list[np.ndarray], bool]:
        """Cells that come one after the other, and whether those of a part are coupled."""
        return groups(landscape)

    @property
    def slots(self) -> int:
        """One cell after the other."""
        return self.edges * self.cells

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        levels = np.empty(self.state.shape[::-1], dtype=np.int64)
        levels[:, self.order] = self.state.T
        return levels

    def advance(self, clock: float, coupling: float) -> np.ndarray:
        """One sweep, whatever the clock says."""
        released = np.zeros(self.replicas)
        for group in self.groups:
            level = self.state[group.cells]
            threshold, move, change, scratch = self.buffers[:, : len(level)]
            for _ in range(self.edges):
                self._limit(threshold, self.order[group.cells, None], coupling)
                if self.edges == 1:
                    np.subtract(1, np.multiply(level, 2, out=scratch), out=move)
                else:
                    np.copyto(move, self.source.integers(2, size=level.shape) * 2.0 - 1)
                    np.add(level, move, out=scratch)
                    threshold[(scratch < 0) | (scratch > self.top)] = -np.inf
                group.changes(self.state, move, change)
                group.decide(move, change, threshold)
                level += move
                released -= np.einsum("ij,ij->j", np.abs(move, out=scratch), change)
                ups = np.count_nonzero(move > 0, axis=0)
                self.hops_up += ups
                self.hops_down += np.count_nonzero(move, axis=0) - ups
        return released


class Coloured(Sweeps):
    """Colour after colour, the cells of each at one time: they do not feel one another."""

    def _parts(self, landscape) -> tuple[list[np.ndarray], bool]:
        return landscape.colours, False

    @property
    def slots(self) -> int:
        """One colour after the other."""
        return self.edges * len(self.groups)


class Parallel(_Quadratic):
    """All cells at one time, each in the field that the others had before.

    While the cells move their fields are held: the bath takes what each gains in its own. When the
    fields follow, the whole energy has changed by less or more, which is ``driven``.
    """

    def __init__(self, landscape, kinetics, rates, levels, source):
        super().__init__(landscape, kinetics, rates, levels, source)
        self.state = np.ascontiguousarray(levels.T, dtype=float)

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        return self.state.T.astype(np.int64)

    @property
    def slots(self) -> int:
        """All cells at once."""
        return self.edges

    def advance(self, clock: float, coupling: float) -> np.ndarray:
        """One attempt of every cell, whatever the clock says."""
        released, taken = np.zeros((2, self.replicas))
        cells = np.arange(self.cells)[:, None]
        curvature, slope = self.landscape.curvature, self.landscape.slope[:, None]
        threshold = np.empty_like(self.state)
        for _ in range(self.edges):
            self._limit(threshold, cells, coupling)
            if self.edges == 1:
                move = 1 - 2 * self.state
            else:
                move = self.source.integers(2, size=self.state.shape) * 2.0 - 1
                to = self.state + move
                threshold[(to < 0) | (to > self.top)] = -np.inf
            alone = move * (curvature @ self.state + slope) + self.half_diagonal[:, None]
            move *= threshold > alone
            alone *= np.abs(move)
            diagonal = self.half_diagonal @ np.abs(move)
            together = np.einsum("ij,ij->j", move, curvature @ move) / 2 - diagonal
            gained = alone.sum(axis=0)
            taken -= gained
            released -= gained + together
            self.state += move
            self.hops_up += np.count_nonzero(move > 0, axis=0)
            self.hops_down += np.count_nonzero(move < 0, axis=0)
        self.driven = taken - released
        return released


class _Turn(NamedTuple):
    """A cell of a group that moves in turn: its coupling to those before, and views of buffers."""

    row: np.ndarray
    before: np.ndarray
    move: np.ndarray
    change: np.ndarray
    threshold: np.ndarray


class _Group(NamedTuple):
    """Cells that a sweep offers their moves together: uncoupled, or in ``turns``.

    What a turn needs is at hand as a view, since to make one takes as long as to use it.
    """

    cells: slice
    rows: Any
    slope: np.ndarray
    half_diagonal: np.ndarray
    turns: list[_Turn] | None
    accepted: np.ndarray
    correction: np.ndarray

    def changes(self, state, move, change):
        """ΔH of each cell's move, into ``change``."""
        if self.turns is None:
            np.add(self.rows @ state, self.slope, out=change)
        else:
            np.matmul(self.rows, state, out=change)
            change += self.slope
        change *= move
        if self.half_diagonal.any():
            change += self.half_diagonal

    def decide(self, move, change, threshold):
        """Cancel the moves that are refused; correct ``change`` for those made before a cell's."""
        if self.turns is None:
            move *= threshold > change
            return
        accepted, correction = self.accepted, self.correction
        for row, before, move, change, threshold in self.turns:
            if row.size:
                np.dot(row, before, correction)
                np.multiply(move, correction, correction)
                np.add(change, correction, change)
            np.greater(threshold, change, accepted)
            np.multiply(move, accepted, move)


def groups(landscape) -> tuple[list[np.ndarray], bool]:
    """Cells in groups for a sweep, and whether those of a group are coupled.

    Colours of a sparse graph, or stretches of a dense one.
    """
    if sparse.issparse(landscape.curvature):
        return landscape.colours, False
    cells = np.arange(landscape.size)
    return np.split(cells, range(IN_TURN, len(cells), IN_TURN)), True


def of_one_colour(curvature) -> list[np.ndarray]:
    """The cells of each colour of a sparse graph."""
    colours = greedy_colours(curvature)
    return [np.flatnonzero(colours == colour) for colour in range(colours.max() + 1)]


def greedy_colours(curvature) -> np.ndarray:
    """A colour for each cell, different from those of its neighbours: the first that is free."""
    colours = np.full(curvature.shape[0], -1)
    # The fullest rows first: few colours (Welsh and Powell 1967).
    for cell in np.argsort(-np.diff(curvature.indptr), kind="stable"):
        row = slice(curvature.indptr[cell], curvature.indptr[cell + 1])
        near = curvature.indices[row]
        taken = set(colours[near[(near != cell) & (curvature.data[row] != 0)]].tolist())
        colours[cell] = next(c for c in range(len(taken) + 1) if c not in taken)
    return colours

"""How replicas hop while the controls are constant: two exact ways, for slow and for fast hops.

*Direct*: Gillespie's method. The waiting time of a state is exponential, and then one of its hops
is chosen. It takes as many turns as there are hops, however different the rates are.

*Paths*: uniformization. All states hop at the rate of the fastest, the slower ones sometimes to
where they are. The number of hops is then a Poisson number that does not depend on the states,
and no waiting time is drawn. What 2, 4, … hops in a row can do from each state is listed once,
with its probability, and a turn chooses among that: several hops in the time of one. It needs
rates that do not differ too much.

Both choose by Walker's alias method, with one uniform number for any number of choices, and look
up what a turn does by slot = state * width + choice: where it leads, its heat, its work, and its
hops, up and down, in one number (`tally`). The last slot is the turn that is not taken.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from lim_lib.simulate.graphs import Graph
from lim_lib.simulate.protocols import Setting

DOWN = 1 << 32
"""One hop down in a tally; one hop up is 1."""

SLOTS = 1 << 15
"""Most slots of a table of paths: what the processor's cache holds."""

WIDEST = 256
"""Most paths from one state."""

WORTH = 3000
"""Hops for each path of a table, all replicas together, that make listing it worth while."""


@dataclass(frozen=True, eq=False)
class Turn:
    """What a turn can do from each state: arrays of shape (states, width)."""

    probability: np.ndarray
    target: np.ndarray
    heat: np.ndarray
    push: np.ndarray
    tally: np.ndarray

    def then(self, other: "Turn") -> "Turn":
        """This turn and then another: every pair of choices."""

        def pairs(name, joined):
            mine, next_ones = getattr(self, name)[:, :, None], getattr(other, name)[self.target]
            return joined(mine, next_ones).reshape(len(self.target), -1)

        return Turn(
            probability=pairs("probability", np.multiply),
            target=pairs("target", lambda mine, next_one: next_one),
            heat=pairs("heat", np.add),
            push=pairs("push", np.add),
            tally=pairs("tally", np.add),
        )


def hops_of(graph: Graph, control: Setting) -> tuple[Turn, np.ndarray]:
    """The hops out of each state (their rates for probabilities), and the sum of the rates."""
    i, j = graph.edges.T

    def by_state(up, down, nothing=0):
        return np.concatenate([up, down, [nothing]])[graph.moves]

    one = np.ones(i.size, dtype=np.int64)
    rates = by_state(control.up, control.down)
    hops = Turn(
        probability=rates,
        target=by_state(j, i),
        heat=by_state(control.heat, -control.heat),
        push=by_state(control.push, -control.push),
        tally=by_state(one, one * DOWN),
    )
    return hops, rates.sum(axis=1)


def uniformized(hops: Turn, exit_rates: np.ndarray) -> Turn:
    """One hop of the uniformized process; the last choice is to stay."""
    states, fastest = exit_rates.size, float(exit_rates.max())
    idle = np.zeros((states, 1))
    stay = 1 - exit_rates / fastest
    columns = {
        "probability": (hops.probability / fastest, np.maximum(stay, 0)[:, None]),
        "target": (hops.target, np.arange(states)[:, None]),
        "heat": (hops.heat, idle),
        "push": (hops.push, idle),
        "tally": (hops.tally, idle.astype(np.int64)),
    }
    return Turn(**{name: np.hstack(parts) for name, parts in columns.items()})


def busy(once: Turn, exit_rates: np.ndarray, states: np.ndarray) -> float:
    """Share of the uniformized process that are hops, a little later than now."""
    p: np.ndarray = np.bincount(states, minlength=exit_rates.size) / states.size
    for _ in range(16):
        flow = p[:, None] * once.probability
        p = np.bincount(once.target.reshape(-1), flow.reshape(-1), p.size)
    return float(p @ exit_rates / exit_rates.max())


class HopTable(ABC):
    """Look-up tables of a turn, flat, with the turn that is not taken at the end."""

    def __init__(self, turn: Turn):
        self.width = turn.target.shape[1]
        self.null = turn.target.size
        self.target, self.heat, self.tally = (
            np.append(values, values.dtype.type(0))
            for values in (turn.target, turn.heat, turn.tally)
        )
        self.push = np.append(turn.push, 0.0) if turn.push.any() else None
        self.counts = np.zeros(self.null + 1, dtype=np.int64)
        accept, alias = alias_table(turn.probability)
        self.accept = accept.reshape(-1)
        here = np.arange(self.null).reshape(accept.shape)
        there = alias + self.width * np.arange(len(alias))[:, None]
        self.either = np.stack([here, there], axis=-1).reshape(-1)

    @abstractmethod
    def cost(self, state, source, real, other) -> np.ndarray | int:
        """What a turn takes of what remains."""

    def choose(self, state, source, real, other) -> np.ndarray:
        """The slot of each replica's next turn; `real` and `other` are scratch."""
        source.random(out=real)
        real *= self.width
        slot = real.astype(np.intp)
        real -= slot
        slot += state * self.width
        reject = real >= self.accept.take(slot, out=other, mode="clip")
        slot *= 2
        slot += reject
        return self.either.take(slot)

    def walk(self, whole: tuple, remaining: np.ndarray, source: np.random.Generator) -> None:
        """Let a block of replicas take turns while something remains, in place.

        `whole` holds their states, heat, work and tallies.
        """
        members, (state, heat, work, tally) = None, whole
        real, other = np.empty((2, state.size))
        while True:
            n = state.size
            real, other = real[:n], other[:n]
            remaining -= self.cost(state, source, real, other)
            taken = remaining > 0
            count = int(np.count_nonzero(taken))
            if 2 * count <= n:  # close the ranks
                if members is not None:
                    for array, part in zip(whole, (state, heat, work, tally), strict=True):
                        array[members] = part
                if not count:
                    return
                members = np.flatnonzero(taken) if members is None else members[taken]
                state, heat, work, tally = (array[members] for array in whole)
                remaining, n = remaining[taken], count
                real, other = real[:n], other[:n]
            slot = self.choose(state, source, real, other)
            if count < n:
                np.copyto(slot, self.null, where=~taken)
                np.copyto(state, self.target.take(slot), where=taken)
            else:
                self.target.take(slot, out=state, mode="clip")
            heat += self.heat.take(slot, out=real, mode="clip")
            if self.push is not None:
                work += self.push.take(slot, out=real, mode="clip")
            tally += self.tally.take(slot)
            self.counts += np.bincount(slot, minlength=self.counts.size)


class Direct(HopTable):
    """One hop a turn, Gillespie's direct method; what remains is time on the clock."""

    def __init__(self, hops: Turn, exit_rates: np.ndarray):
        super().__init__(hops)
        self.wait = 1 / exit_rates

    def cost(self, state, source, real, other):
        """The waiting time, exponential."""
        source.standard_exponential(out=real)
        real *= self.wait.take(state, out=other, mode="clip")
        return real


class Paths(HopTable):
    """Several hops of the uniformized process a turn; what remains is turns."""

    def __init__(self, turn: Turn, length: int):
        super().__init__(turn)
        self.length = length

    def cost(self, state, source, real, other):
        """One turn."""
        return 1


def alias_table(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Walker's tables for each row: accept column c with accept[c], else take alias[c].

    The column that lacks most is filled up from the one that has most, until all are full.
    """
    rows, width = np.arange(len(probability)), probability.shape[1]
    level = probability * (width / probability.sum(axis=1, keepdims=True))
    accept, alias = np.ones_like(level), np.tile(np.arange(width), (rows.size, 1))
    # A column that is full is out of the comparison on both sides.
    lacking, having = level.copy(), level.copy()
    for _ in range(width - 1):
        low = lacking.argmin(axis=1)
        having[rows, low] = -np.inf
        high = having.argmax(axis=1)
        part = np.clip(lacking[rows, low], 0, 1)
        accept[rows, low], alias[rows, low] = part, high
        lacking[rows, low] = np.inf
        having[rows, high] -= 1 - part
        lacking[rows, high] = having[rows, high]
    return accept, alias


class Hopper:
    """Everything that hops do under one control, for any number of replicas."""

    def __init__(self, graph: Graph, control: Setting, crowd: list[tuple]):
        self.graph, self.crowd = graph, crowd
        self.hops, self.exit_rates = hops_of(graph, control)
        self.fastest = float(self.exit_rates.max())
        self.direct = Direct(self.hops, self.exit_rates)
        self.turns = [uniformized(self.hops, self.exit_rates)]
        self.paths: list[Paths] = []

    def expected_rate(self, states: np.ndarray) -> float:
        """Hops of a replica per unit of the clock, a little later than now."""
        return self.fastest * self._busy(states)

    def prepare(self, states: np.ndarray, clock: float, parts: int) -> None:
        """List paths, if that many hops are to come, and turns of them would be fewer than hops.

        As many parts of this length are to come under the same control; here one counts.
        """
        hops = states.size * clock * self.fastest
        widest = min(WIDEST, SLOTS // self.graph.states, hops / WORTH)
        if self.turns[0].target.shape[1] ** 2 > widest:
            self.by_paths = False
            return
        while self.turns[-1].target.shape[1] ** 2 <= widest:
            self.turns.append(self.turns[-1].then(self.turns[-1]))
        length = 1 << (len(self.turns) - 1)
        self.by_paths = length * self._busy(states) > 1
        if self.by_paths:
            for k in range(len(self.paths), len(self.turns)):
                self.paths.append(Paths(self.turns[k], 1 << k))

    def _busy(self, states: np.ndarray) -> float:
        return busy(self.turns[0], self.exit_rates, states)

    def advance(self, arrays: tuple, clock: float) -> None:
        """Let all replicas hop for a time on the clock, in place, block by block."""
        for block, source in self.crowd:
            self._advance(tuple(array[block] for array in arrays), clock, source)

    def _advance(self, arrays, clock, source):
        size = arrays[0].size
        if not self.by_paths:
            self.direct.walk(arrays, np.full(size, clock), source)
            return
        left = source.poisson(self.fastest * clock, size)
        for table in reversed(self.paths):
            turns, left = np.divmod(left, table.length)
            table.walk(arrays, turns + 0.5, source)

    def counted(self) -> list[np.ndarray]:
        """What was counted so far, for `edge_hops`."""
        return [table.counts[:-1].copy() for table in (self.direct, *self.paths)]

    def edge_hops(self, counted: list[np.ndarray]) -> np.ndarray:
        """Hops up and down each edge, all replicas together: shape (2, edges)."""
        direct, *paths = counted
        counts = direct.reshape(self.hops.target.shape)
        if paths:
            longer = np.zeros(self.turns[len(paths) - 1].target.shape, dtype=np.int64)
            for turn, used in reversed(list(zip(self.turns, paths, strict=False))):
                if longer.shape != turn.target.shape:  # two of these turns in each
                    pairs = longer.reshape(*turn.target.shape, -1)
                    longer = pairs.sum(axis=2)
                    np.add.at(longer, turn.target.reshape(-1), pairs.reshape(-1, pairs.shape[2]))
                longer = longer + used.reshape(longer.shape)
            counts = counts + longer[:, :-1]
        totals = np.zeros(2 * len(self.graph.edges) + 1, dtype=np.int64)
        np.add.at(totals, self.graph.moves, counts)
        return totals[:-1].reshape(2, -1)

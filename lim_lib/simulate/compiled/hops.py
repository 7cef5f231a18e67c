"""Hops in compiled loops: the laws of `lim_lib.simulate.hops`, in a fraction of their time.

*Direct*: Gillespie's method, which sums and searches the rates of the state where a replica is.
Nothing is listed, so that controls that change at every step, and graphs of very many states, cost
nothing more.

*Paths*: uniformization. What 2, 4, 8, … hops in a row come to is listed once for each state: where
they lead, the heat and work of all of them, how many go up and down. Paths that agree in that are
one choice, with the sum of their probabilities, so that the list grows like what they can come to
and not like what they can do. A turn chooses from it by Walker's alias method: all of that for one
random word and a few loads from memory.

Which hops were in a path is asked once, at the end: the uses of a choice are shared out among its
pairs of halves, by their probabilities, and those among their halves in turn. Given the choices
these are independent draws, so that the hops over each edge have the law that they have hop by hop.

A row of the table has a power of two of columns. The first bits of a random word name one, without
bias, and the rest of it (48 bits or more) is held against the column's share: no probability is off
by more than 2⁻⁴⁸ and the rounding of its own sum.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammaln

from lim_lib.engine import spread
from lim_lib.kernels import compiled, seeded, uniform, words
from lim_lib.simulate.graphs import Graph
from lim_lib.simulate.hops import DOWN, Turn, busy, hops_of, uniformized
from lim_lib.simulate.protocols import Setting

LANES = 64
"""Replicas that take their turns side by side, so that the processor waits for none of them."""

NEAR, SLOTS = 1 << 16, 1 << 17
"""Choices of which a turn takes twice its time, as they are farther in the cache; and the most."""

HOP, TURN, PAIR, LOOK = 20.0, 3.5, 50.0, 3e5
"""Times in ns of a hop by itself, of a turn, of joining a pair of paths and of a look at them."""

AT_ONCE, WORTH = 1e8, 1e6
"""Most time in ns between two looks at the keyboard, and least that is worth another thread."""

SAME = 1e-12
"""Heats that differ by less, of the greatest, are one."""

BITS = np.uint64(64)
ZERO = np.uint64(0)
HASH, MIX = 0x9E3779B1, 0x85EBCA6B


@dataclass(frozen=True, eq=False)
class Crowd:
    """The generators of all replicas, and one more for what is drawn about them together."""

    generators: np.ndarray
    threads: int

    @classmethod
    def of(cls, source: np.random.Generator, replicas: int, threads: int) -> "Crowd":
        """That many replicas, whose randomness comes from a generator."""
        return cls(seeded(source, replicas + 1), threads)


@dataclass(frozen=True, eq=False)
class Paths:
    """What some hops in a row can come to: the choices of state i from start[i] to start[i + 1].

    `whose` says for each pair of two shorter ones, in their order, which choice it belongs to.
    """

    length: int
    start: np.ndarray
    target: np.ndarray
    probability: np.ndarray
    heat: np.ndarray
    push: np.ndarray
    tally: np.ndarray
    whose: np.ndarray

    @classmethod
    def single(cls, turn: Turn) -> "Paths":
        """One hop, with a number of its own for each that can be."""
        real = turn.probability > 0
        names = ("target", "probability", "heat", "push", "tally")
        start = np.append(0, np.cumsum(real.sum(axis=1)))
        columns = {name: getattr(turn, name)[real] for name in names}
        return cls(1, start, **columns, whose=np.empty(0, dtype=np.int64))

    @cached_property
    def pairs(self) -> int:
        """How many ways there are to follow one of them by another."""
        return int(np.diff(self.start)[self.target].sum())

    def twice(self) -> "Paths":
        """One of them and then another."""
        tolerance = SAME * 2 * self.length * max(np.abs(self.heat).max(), 1e-300)
        return Paths(
            2 * self.length,
            *_joined(self.start, self.target, self.probability, self.heat, self.push, self.tally,
                     self.pairs, tolerance),
        )  # fmt: skip


LOOKED_UP = {"share": "u8", "other": "i4", "target": "i4", "heat": "f8", "tally": "i8"}
CHOICE = np.dtype(list(LOOKED_UP.items()))
"""What a turn looks up: all in one line of the processor's cache."""


class Table:
    """Alias tables of some lengths of paths, one after the other: a row for each state."""

    def __init__(self, levels: list[Paths], states: int):
        widths = [int(np.diff(paths.start).max()) for paths in levels]
        self.bits = np.array([max(1, (width - 1).bit_length()) for width in widths])
        self.base = np.append(0, np.cumsum(states << self.bits))
        size = self.base[-1]
        self.choices = np.zeros(size, dtype=CHOICE)
        self.push = np.zeros(size if any(paths.push.any() for paths in levels) else 0)
        self.counts = np.zeros(size, dtype=np.int64)
        self.places = []
        for paths, base, bits in zip(levels, self.base, self.bits, strict=False):
            row = np.repeat(np.arange(states), np.diff(paths.start))
            place = base + (row << bits) + np.arange(row.size) - paths.start[row]
            weight = np.zeros(states << bits)
            weight[place - base] = paths.probability
            _alias(weight, bits, base, self.choices["share"][base:], self.choices["other"][base:])
            for name in ("target", "heat", "tally"):
                self.choices[name][place] = getattr(paths, name)
            if self.push.size:
                self.push[place] = paths.push
            self.places.append(place)

    def columns(self) -> tuple:
        """What a turn needs to know."""
        return (self.bits, self.base, *(self.choices[name] for name in LOOKED_UP), self.push)


class Hopper:
    """Everything that hops do under one control, for any number of replicas."""

    def __init__(self, graph: Graph, control: Setting, crowd: Crowd):
        self.graph, self.control, self.crowd = graph, control, crowd
        i, j = graph.edges.T
        self.exit_rates = np.bincount(i, control.up, graph.states)
        self.exit_rates += np.bincount(j, control.down, graph.states)
        self.fastest = float(self.exit_rates.max())
        self.levels: list[Paths] = []
        self.table: Table | None = None
        self.seen = 0.0
        self.direct = np.zeros(2 * i.size + 1, dtype=np.int64)

    @cached_property
    def _once(self) -> Turn:
        hops, exit_rates = hops_of(self.graph, self.control)
        return uniformized(hops, exit_rates)

    @cached_property
    def _rates(self) -> np.ndarray:
        """Of every hop, by its number in `Graph.moves`."""
        return np.concatenate([self.control.up, self.control.down, [0.0]])

    def expected_rate(self, states: np.ndarray) -> float:
        """Hops of a replica per unit of the clock, a little later than now."""
        return self.fastest * self._busy(states)

    def _busy(self, states: np.ndarray) -> float:
        return busy(self._once, self.exit_rates, states)

    def prepare(self, states: np.ndarray, clock: float, parts: int) -> None:
        """List paths that are so long that the time to list them is just worth while.

        That is judged by all parts of this length, those made and those that are still to come.
        """
        hops = self.fastest * clock
        worth = self.seen + states.size * parts
        self.seen += states.size
        self.by_paths = False
        size = self.graph.moves.size
        if size > SLOTS or worth * hops * HOP < size * PAIR + LOOK:
            return
        apart = self._busy(states) * hops * HOP

        def time(length, choices):
            turns = hops / length + length.bit_length() / 2
            return turns * TURN * (1 + choices / NEAR)

        levels = self.levels = self.levels or [Paths.single(self._once)]
        while True:
            longest = levels[-1]
            now, more = longest.target.size, longest.pairs
            if len(levels) > 1:
                more = min(more, now * now // levels[-2].target.size)
            gain = min(apart, time(longest.length, now) - time(2 * longest.length, more))
            if longest.pairs * PAIR > gain * worth or more > SLOTS:
                break
            levels.append(longest.twice())
        longest = levels[-1]
        self.by_paths = time(longest.length, longest.target.size) < apart
        if self.by_paths and (self.table is None or len(levels) > len(self.table.places)):
            table = Table(levels, self.graph.states)
            if self.table is not None:
                for place, was in zip(table.places, self.table.places, strict=False):
                    table.counts[place] = self.table.counts[was]
            self.table = table

    def advance(self, arrays: tuple, clock: float) -> None:
        """Let all replicas hop for a time on the clock, in place."""
        if self.table is not None and self.by_paths:
            kernel, counts = _by_paths, self.table.counts
            known = (*poisson(self.fastest * clock), *self.table.columns())
        else:
            kernel, counts = _direct, self.direct
            graph, control = self.graph, self.control
            known = (clock, graph.moves, graph.edges, self.exit_rates, self._rates)
            known += (control.heat, control.push)
        groups = -(-arrays[0].size // LANES)
        time = LANES * (HOP + (TURN if self.by_paths else HOP) * self.fastest * clock)
        several = max(1, int(AT_ONCE * self.crowd.threads / time))
        threads = self.crowd.threads if time * groups > WORTH else 1
        arrays = (self.crowd.generators[:-1], *arrays)
        for low in range(0, groups, several):

            def walk(part, low=low):
                rows = slice(LANES * (low + part.start), LANES * (low + part.stop))
                own = np.zeros_like(counts)
                kernel(*(array[rows] for array in arrays), *known, own)
                return own

            for made in spread(walk, min(several, groups - low), threads):
                np.add(counts, made, out=counts)

    def counted(self) -> tuple:
        """What was counted so far, for `edge_hops`."""
        table = self.table
        used = [] if table is None else [table.counts[place] for place in table.places]
        return self.direct.copy(), used

    def edge_hops(self, counted: tuple) -> np.ndarray:
        """Hops up and down each edge, all replicas together: shape (2, edges)."""
        moves, used = counted[0].copy(), list(counted[1])
        if used:
            for k in reversed(range(1, len(used))):
                half, whole = self.levels[k - 1], self.levels[k]
                own = (self.crowd.generators[-1], half.start, half.target, half.probability)
                _shared(*own, whole.probability, whole.whose, used[k], used[k - 1])
            stay = np.full((self.graph.states, 1), moves.size - 1)
            each = np.hstack([self.graph.moves, stay])[self._once.probability > 0]
            np.add.at(moves, each, used[0])
        return moves[:-1].reshape(2, -1)


def poisson(expected: float) -> tuple[np.ndarray, np.ndarray, int]:
    """Alias table of a Poisson number, as far as its probabilities are above 1e-18: one row."""
    most = int(expected + 10 * np.sqrt(expected) + 30)
    number = np.arange(most)
    chance = np.exp(number * np.log(max(expected, 1e-300)) - expected - gammaln(number + 1))
    bits = max(1, (most - 1).bit_length())
    weight = np.zeros(1 << bits)
    weight[:most] = chance
    table = np.zeros(weight.size, dtype=CHOICE)
    _alias(weight, bits, 0, table["share"], table["other"])
    return table["share"], table["other"], bits


@compiled
def _alias(weight, bits, base, share, other):
    """Walker's tables of every row of 2 ** bits weights, filled by Vose's method.

    Column c stays with chance share[c] in 2⁻⁶⁴, and else leads to other[c], counted from `base`.
    """
    columns = 1 << bits
    few, many = np.empty(columns, dtype=np.int64), np.empty(columns, dtype=np.int64)
    level = np.empty(columns)
    for row in range(0, weight.size, columns):
        total = 0.0
        for c in range(columns):
            total += weight[row + c]
        lacking = having = 0
        for c in range(columns):
            level[c] = weight[row + c] * columns / total
            if level[c] < 1.0:
                few[lacking] = c
                lacking += 1
            else:
                many[having] = c
                having += 1
            share[row + c] = np.uint64(0)
            other[row + c] = base + row + c
        while lacking > 0 and having > 0:
            lacking -= 1
            low, high = few[lacking], many[having - 1]
            share[row + low] = np.uint64(level[low] * 2.0**64)
            other[row + low] = base + row + high
            level[high] -= 1.0 - level[low]
            if level[high] < 1.0:
                having -= 1
                few[lacking] = high
                lacking += 1


@compiled(inline="always")
def _chosen(random, row, bits, share, other):
    """The slot that a random word chooses from a row."""
    slot = row + (random >> (BITS - bits))
    elsewhere = np.uint64(other[slot])
    return elsewhere if (random << bits) >= share[slot] else slot


@compiled
def _by_paths(generators, state, heat, work, tally, number_share, number_other, number_bits,
              bits, base, share, other, target, heats, tallies, pushes, counts):  # fmt: skip
    """A Poisson number of hops for each replica, in turns of the longest paths and then the rest.

    LANES of them at a time, as steps that the processor can overlap: draw a word for each, find its
    slot, go there, count. (An index without a sign is not asked whether it is negative.)
    """
    own = np.ones((4, LANES), dtype=np.uint64)
    random, place, slots, who = np.zeros((4, LANES), dtype=np.uint64)  # one piece: it is quicker
    hops, turns = np.zeros(LANES, dtype=np.int64), np.zeros(LANES, dtype=np.int64)
    given, pushed, sums = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES, dtype=np.int64)
    for first in range(0, state.size, LANES):
        lanes = min(LANES, state.size - first)
        for k in range(lanes):
            r = first + k
            for n in range(4):
                own[n, k] = generators[r, n]
            place[k], given[k], pushed[k], sums[k] = state[r], heat[r], work[r], tally[r]
        words(own, random)
        for k in range(lanes):
            number = _chosen(random[k], ZERO, np.uint64(number_bits), number_share, number_other)
            hops[k] = np.int64(number)
        for level in range(bits.size - 1, -1, -1):
            width, low = np.uint64(bits[level]), np.uint64(base[level])
            most, least = 0, hops[0] >> level
            for k in range(lanes):
                who[k] = np.uint64(k)
                turns[k] = hops[k] >> level
                hops[k] -= turns[k] << level
                most, least = max(most, turns[k]), min(least, turns[k])
            there = np.uint64(lanes)
            for turn in range(most):
                if turn >= least:
                    there = ZERO
                    for k in range(lanes):
                        who[there] = np.uint64(k)
                        there += np.uint64(turns[k] > turn)
                words(own, random)
                for n in range(there):
                    k = who[n]
                    slots[n] = _chosen(random[k], low + (place[k] << width), width, share, other)
                for n in range(there):
                    k, slot = who[n], slots[n]
                    place[k] = np.uint64(target[slot])
                    given[k] += heats[slot]
                    sums[k] += tallies[slot]
                if pushes.size:
                    for n in range(there):
                        pushed[who[n]] += pushes[slots[n]]
                for n in range(there):
                    counts[slots[n]] += 1
        for k in range(lanes):
            r = first + k
            for n in range(4):
                generators[r, n] = own[n, k]
            state[r], heat[r], work[r], tally[r] = place[k], given[k], pushed[k], sums[k]


@compiled
def _direct(generators, state, heat, work, tally, clock, moves, edges, exit_rates, rates, heats,
            pushes, counts):  # fmt: skip
    """Gillespie's direct method for each replica, from the rates of the state where it is."""
    ups = np.uint64(len(edges))
    for r in range(state.size):
        own, left = generators[r], clock
        while True:
            here = np.uint64(state[r])
            total = exit_rates[here]
            late = 1.0 - uniform(own)  # a hop comes in time if exp(-total * left) < late
            if late <= 1.0 - total * left:
                break
            left += np.log(late) / total
            if left <= 0.0:
                break
            pick, taken = uniform(own) * total, ZERO
            for k in range(np.uint64(moves.shape[1])):
                move = np.uint64(moves[here, k])
                if rates[move] > 0.0:
                    taken = move
                    pick -= rates[move]
                    if pick < 0.0:
                        break
            counts[taken] += 1
            if taken < ups:
                state[r] = edges[taken, 1]
                heat[r] += heats[taken]
                work[r] += pushes[taken]
                tally[r] += 1
            else:
                edge = taken - ups
                state[r] = edges[edge, 0]
                heat[r] -= heats[edge]
                work[r] -= pushes[edge]
                tally[r] += DOWN


@compiled
def _joined(start, target, probability, heat, push, tally, pairs, tolerance):
    """All pairs of paths, those that come to the same made one: by a hash table for each state."""
    states = start.size - 1
    starts = np.zeros(states + 1, dtype=np.int64)
    whose = np.empty(pairs, dtype=np.int64)
    goal, sums = np.empty(pairs, dtype=np.int64), np.empty(pairs, dtype=np.int64)
    chance, given, pushed = np.empty(pairs), np.empty(pairs), np.empty(pairs)
    pair = made = 0
    for state in range(states):
        here = 0
        for a in range(start[state], start[state + 1]):
            here += start[target[a] + 1] - start[target[a]]
        size = 16
        while size < 2 * here:
            size *= 2
        table = np.full(size, -1)
        for a in range(start[state], start[state + 1]):
            for b in range(start[target[a]], start[target[a] + 1]):
                end, hops, warmth = target[b], tally[a] + tally[b], heat[a] + heat[b]
                place = (end * HASH + (hops % DOWN) * MIX + (hops // DOWN) * (HASH ^ MIX)) % size
                while True:
                    found = table[place]
                    if found < 0:
                        found = table[place] = made
                        goal[made], sums[made], chance[made] = end, hops, 0.0
                        given[made], pushed[made] = warmth, push[a] + push[b]
                        made += 1
                        break
                    same = goal[found] == end and sums[found] == hops
                    if same and abs(given[found] - warmth) <= tolerance:
                        break
                    place = (place + 1) % size
                chance[found] += probability[a] * probability[b]
                whose[pair] = found
                pair += 1
        starts[state + 1] = made
    kept = slice(0, made)
    return (starts, goal[kept].copy(), chance[kept].copy(), given[kept].copy(),
            pushed[kept].copy(), sums[kept].copy(), whose)  # fmt: skip


@compiled
def _shared(own, start, target, probability, chance, whose, used, halves):
    """Share out the uses of each path among its pairs, and count both halves of every pair."""
    left, weight = used.copy(), chance.copy()
    members = np.zeros(used.size, dtype=np.int64)
    for choice in whose:
        members[choice] += 1
    pair = 0
    for state in range(start.size - 1):
        for a in range(start[state], start[state + 1]):
            for b in range(start[target[a]], start[target[a] + 1]):
                choice = whose[pair]
                pair += 1
                members[choice] -= 1
                if left[choice] > 0:
                    own_weight = probability[a] * probability[b]
                    count = left[choice]
                    if members[choice] > 0:
                        share = own_weight / weight[choice] if weight[choice] > own_weight else 1.0
                        count = binomial(own, count, share)
                    weight[choice] -= own_weight
                    left[choice] -= count
                    halves[a] += count
                    halves[b] += count


@compiled
def binomial(own, count, chance):
    """How many of so many throws succeed, each with that chance."""
    rare = min(chance, 1.0 - chance)
    made = _few(own, count, rare) if count * rare < 10.0 else _many(own, count, rare)
    return made if chance <= 0.5 else count - made


@compiled
def _few(own, count, chance):
    """A binomial number of small mean: its distribution inverted, from 0 on."""
    left, made, odds = uniform(own), 0, chance / (1.0 - chance)
    mass = np.exp(count * np.log1p(-chance))
    while left >= mass > 0.0 and made < count:
        left -= mass
        mass *= odds * (count - made) / (made + 1)
        made += 1
    return made


@compiled
def _many(own, count, chance):
    """A binomial number of mean 10 or more: transformed rejection.

    Hörmann, J. Stat. Comput. Simul. 46, 101 (1993), algorithm BTRS, with his constants.
    """
    odds, spread_ = chance / (1.0 - chance), np.sqrt(count * chance * (1.0 - chance))
    b = 1.15 + 2.53 * spread_
    a = -0.0873 + 0.0248 * b + 0.01 * chance
    mode = np.floor((count + 1) * chance)
    while True:
        u, v = uniform(own) - 0.5, 1.0 - uniform(own)
        us = 0.5 - abs(u)
        made = np.floor((2.0 * a / us + b) * u + count * chance + 0.5) if us > 0.0 else -1.0
        if us >= 0.07 and v <= 0.92 - 4.2 / b:
            return np.int64(made)
        if 0.0 <= made <= count:
            v *= (2.83 + 5.1 / b) * spread_ / (a / (us * us) + b)
            more = (mode + 0.5) * np.log((mode + 1.0) / (odds * (count - mode + 1.0)))
            more += (count + 1.0) * np.log((count - mode + 1.0) / (count - made + 1.0))
            more += (made + 0.5) * np.log(odds * (count - made + 1.0) / (made + 1.0))
            more += _rest(mode) + _rest(count - mode) - _rest(made) - _rest(count - made)
            if np.log(v) <= more:
                return np.int64(made)


@compiled(inline="always")
def _rest(number):
    """What Stirling's formula leaves of ln n!, written for n + 1: to 1e-12 from n = 9 on."""
    n = number + 1.0
    if number < 9.0:
        return math.lgamma(n) - (number + 0.5) * np.log(n) + n - 0.5 * np.log(2.0 * np.pi)
    square = n * n
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * square)) / square) / square) / n

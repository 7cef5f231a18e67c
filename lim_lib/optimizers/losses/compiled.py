r"""Learners in compiled loops, one replica after the other: the same laws, other random numbers.

A problem walks here if it is known what it keeps of an ensemble, a tuple of arrays that `kept`
makes, and two rules, those of `lim_lib.optimizers.moves.State` for a single replica: `change` tells
what a move would add to each energy that has a scale, and `make` makes the move. They are those of
`SoftmaxState`, `TwoLayerState`, `QuadraticState` and `SumState`. Sums and products over the data
are taken in any order, so that the processor takes several data at a time.
"""

from collections.abc import Callable
from functools import singledispatch
from math import factorial
from typing import Any, NamedTuple

import numpy as np
from numba.core.types import BaseTuple
from numba.extending import overload
from scipy import sparse

from lim_lib.engine import spread
from lim_lib.kernels import compiled, exponential, seeded, uniform, whole
from lim_lib.optimizers.compiled import accepts
from lim_lib.optimizers.landscape import Landscape
from lim_lib.optimizers.losses.layers import TwoLayerLoss
from lim_lib.optimizers.losses.softmax import SoftmaxLoss
from lim_lib.optimizers.losses.sums import Sum
from lim_lib.optimizers.moves import ATTEMPTS_PER_HOP, Walk
from lim_lib.optimizers.problem import Problem
from lim_lib.validate import refuse

AT_ONCE = 64
"""Data whose partition sums, each at most the number of classes, are multiplied before a log."""

# Nothing is allocated in these loops, and so no reference need be counted.
LOOP: Any = {"error_model": "numpy", "_nrt": False}
numeric = compiled(**LOOP)
in_any_order = compiled(**LOOP, fastmath={"reassoc"})


@singledispatch
def kept(problem: Problem, levels: np.ndarray) -> Any:
    """What is kept of an ensemble at given levels, the first argument of `change` and `make`."""
    refuse("engine", "compiled", f"'numpy' for a {type(problem).__name__} in a sum")


def change(state, replica, levels, cell, move, out):
    """Put into ``out`` what a move would add to each energy, and remember the move."""


def make(state, replica, levels, cell, move):
    """Make the move that `change` was last asked about; ``levels`` have it already."""


def rule(stub: Callable, kind: type) -> Callable:
    """What stands for `change` or `make` where a tuple of this kind is kept.

    It is written into the loop that calls it: a call with so many arrays takes longer than many a
    move.
    """

    def chosen(implementation):
        def of(state, *_):
            return implementation if getattr(state, "instance_class", None) is kind else None

        overload(stub, inline="always", strict=False)(of)
        return implementation

    return chosen


# The walks


class Ensemble(NamedTuple):
    """What the loop reads and writes of each replica; energies in a row for each scale."""

    levels: np.ndarray
    generators: np.ndarray
    energy: np.ndarray
    work: np.ndarray
    heat: np.ndarray
    up: np.ndarray
    down: np.ndarray


class Rules(NamedTuple):
    """What holds for each attempt, in turn or at random."""

    in_turn: bool
    heat_bath: bool
    edges: int
    top: int
    rates: np.ndarray


@numeric
def travel(first, last, ensemble, state, rules, scales, attempts, thermal, changes):
    """Take some of the replicas through control steps; the scales begin with that before."""
    in_turn, heat_bath, edges, top, rates = rules
    released, changed = changes
    count, cells = scales.shape[1], ensemble.levels.shape[1]
    for r in range(first, last):
        levels, generator = ensemble.levels[r], ensemble.generators[r]
        work, heat, up, down = ensemble.work[r], ensemble.heat[r], 0, 0
        for step in range(1, len(scales)):
            for k in range(count):
                work += (scales[step, k] - scales[step - 1, k]) * ensemble.energy[k, r]
                released[k] = 0.0
            turn, left = -1, attempts[step - 1]
            while True:
                if in_turn:
                    turn += 1
                    cell = turn >> (edges - 1)
                    if cell == cells:
                        break
                else:
                    left -= exponential(generator)
                    if left <= 0:
                        break
                    cell = whole(generator, cells)
                if rates.size and uniform(generator) >= rates[cell]:
                    continue
                if edges == 1:
                    move = 1 - 2 * levels[cell]
                else:
                    move = 2 * whole(generator, 2) - 1
                    if not 0 <= levels[cell] + move <= top:
                        continue
                change(state, r, levels, cell, move, changed)
                rise = 0.0
                for k in range(count):
                    rise += scales[step, k] / thermal * changed[k]
                if accepts(heat_bath, rise, generator):
                    levels[cell] += move
                    make(state, r, levels, cell, move)
                    for k in range(count):
                        released[k] -= changed[k]
                    up += move > 0
                    down += move < 0
            for k in range(count):
                ensemble.energy[k, r] -= released[k]
                heat += scales[step, k] * released[k]
        ensemble.work[r], ensemble.heat[r] = work, heat
        ensemble.up[r] += up
        ensemble.down[r] += down


class Moves(Walk):
    """A compiled walk that knows of its problem what each move would change."""

    in_turn = False

    def __init__(self, problem, kinetics, rates, levels, source, threads):
        super().__init__(problem, kinetics, rates, levels, source)
        self.threads = threads
        self.state = kept(problem, levels)
        self.level = np.array(levels, dtype=np.int64, order="C")
        self.generators = seeded(source, self.replicas)
        self.rules = Rules(
            in_turn=self.in_turn,
            heat_bath=kinetics == "heat_bath",
            edges=self.edges,
            top=self.top,
            rates=np.empty(0) if rates is None else np.array(rates, dtype=float),
        )

    @property
    def levels(self) -> np.ndarray:
        """Level numbers, shape (replicas, cells)."""
        return self.level.copy()

    def travel(self, scales, clocks, ceilings, account):
        """Walk through control steps, and book what each costs."""
        energy = np.atleast_2d(account.energy)
        table = np.concatenate([[account.scale], scales]).reshape(-1, len(energy))
        attempts = ATTEMPTS_PER_HOP[self.kinetics] * self.edges * self.cells * clocks
        booked = (energy, account.work, account.heat, self.hops_up, self.hops_down)
        ensemble = Ensemble(self.level, self.generators, *booked)

        def task(part):
            changes = np.empty((2, len(energy)))
            travel(part.start, part.stop, ensemble, self.state, self.rules, table, attempts,
                   account.thermal, changes)  # fmt: skip

        spread(task, self.replicas, self.threads)
        account.scale = scales[-1]


class MovesAtRandom(Moves):
    """Continuous time by uniformization, for any energy: attempts come after exponential times."""


class MovesInTurn(Moves):
    """Every cell in turn, for any energy."""

    in_turn = True

    @property
    def slots(self) -> int:
        """One cell after the other."""
        return self.edges * self.cells


WALKS = {
    "random": {"heat_bath": MovesAtRandom, "metropolis": MovesAtRandom},
    "sequential": {"heat_bath": MovesInTurn, "metropolis": MovesInTurn},
}
"""The walks, by order and kinetics."""


# Softmax regression


class Softmax(NamedTuple):
    """What is kept of `SoftmaxLoss`: exponentials of the logits, one over their sums."""

    features: np.ndarray
    factors: np.ndarray
    gains: np.ndarray
    ends: np.ndarray
    patience: int
    step: float
    span: float
    exponentials: np.ndarray
    rest: np.ndarray
    inverse: np.ndarray
    present: np.ndarray
    left: np.ndarray


@kept.register
def _softmax(problem: SoftmaxLoss, levels: np.ndarray) -> Softmax:
    shape = (len(levels), len(problem.labels))
    return Softmax(
        features=np.array(problem.features),
        factors=problem.factors,
        gains=problem.gains,
        ends=np.append(problem.starts, shape[1]),
        patience=problem.patience,
        step=problem.step,
        span=problem.span,
        exponentials=np.empty((shape[0], problem.classes, shape[1])),
        rest=np.empty(shape),
        inverse=np.empty(shape),
        present=np.full(shape[0], -1),
        left=np.zeros(shape[0], dtype=np.int64),
    )


@rule(change, Softmax)
def _softmax_change(state, replica, levels, cell, move, out):
    inputs = state.features.shape[1]
    label, feature = cell // inputs, cell % inputs
    if not state.left[replica]:
        renew(state, replica, levels)
    if label != state.present[replica]:
        turn_to(state, replica, label)
    own, rest = state.exponentials[replica, label + 1], state.rest[replica]
    factor, inverse = state.factors[feature, move + 1], state.inverse[replica]
    value = -move * state.gains[cell]
    for part in range(state.ends.size - 1):
        first, last = state.ends[part], state.ends[part + 1]
        value += np.log(
            growth(own[first:last], factor[first:last], rest[first:last], inverse[first:last])
        )
    out[0] = value


@rule(make, Softmax)
def _softmax_make(state, replica, levels, cell, move):
    inputs = state.features.shape[1]
    label, feature = cell // inputs, cell % inputs
    own, rest = state.exponentials[replica, label + 1], state.rest[replica]
    grow(own, state.factors[feature, move + 1], rest, state.inverse[replica])
    state.left[replica] -= 1


@in_any_order
def growth(own, factor, rest, inverse):
    """The product, over the data, of what a move multiplies their partition sums by."""
    out = 1.0
    for n in range(own.size):
        out *= (own[n] * factor[n] + rest[n]) * inverse[n]
    return out


@numeric
def grow(own, factor, rest, inverse):
    """Multiply the exponentials of a class."""
    for n in range(own.size):
        value = own[n] * factor[n]
        own[n] = value
        inverse[n] = 1.0 / (value + rest[n])


@numeric
def turn_to(state, replica, label):
    """Take a class in hand: the sum of all others' exponentials."""
    rest, all_of = state.rest[replica], state.exponentials[replica]
    for n in range(rest.size):
        rest[n] = 0.0
    for other in range(len(all_of)):
        if other != label + 1:
            for n in range(rest.size):
                rest[n] += all_of[other, n]
    state.present[replica] = label


@numeric
def renew(state, replica, levels):
    """Exponentials from the weights, each datum's largest 1, so that none overflows."""
    all_of, inverse = state.exponentials[replica], state.inverse[replica]
    inputs = state.features.shape[1]
    for n, x in enumerate(state.features):
        all_of[0, n] = top = 0.0
        for other in range(1, len(all_of)):
            z = 0.0
            for i in range(inputs):
                z += (state.step * levels[(other - 1) * inputs + i] - state.span) * x[i]
            all_of[other, n] = z
            top = max(top, z)
        total = 0.0
        for other in range(len(all_of)):
            all_of[other, n] = np.exp(all_of[other, n] - top)
            total += all_of[other, n]
        inverse[n] = 1.0 / total
    state.present[replica], state.left[replica] = -1, state.patience


# Two layers


class TwoLayers(NamedTuple):
    """What is kept of `TwoLayerLoss`, and, as ``next``, what a move would make of it."""

    into: np.ndarray
    right: np.ndarray
    first: int
    step: float
    span: float
    fields: np.ndarray
    values: np.ndarray
    logits: np.ndarray
    losses: np.ndarray
    next_field: np.ndarray
    next_value: np.ndarray
    next_logits: np.ndarray
    next_loss: np.ndarray
    top: np.ndarray
    total: np.ndarray


@kept.register
def _two_layers(problem: TwoLayerLoss, levels: np.ndarray) -> TwoLayers:
    state = problem.state(levels)
    return TwoLayers(
        into=problem.step * np.ascontiguousarray(problem.features.T),
        right=(problem.labels == np.arange(problem.classes)[:, None]).astype(float),
        first=problem.size - (problem.classes - 1) * (problem.hidden + 1),
        step=problem.step,
        span=problem.span,
        fields=state.fields,
        values=state.values,
        logits=state.logits,
        losses=state.losses,
        next_field=np.empty_like(state.fields[:, 0]),
        next_value=np.empty_like(state.fields[:, 0]),
        next_logits=np.zeros_like(state.logits),
        next_loss=np.empty_like(state.losses),
        top=np.empty_like(state.fields[:, 0]),
        total=np.empty_like(state.fields[:, 0]),
    )


@rule(change, TwoLayers)
def _two_layers_change(state, replica, levels, cell, move, out):
    logits, later = state.logits[replica], state.next_logits[replica]
    units = state.fields.shape[1]
    if cell < state.first:
        inputs = len(state.into)
        unit = cell // inputs
        value, next_value = state.values[replica, unit], state.next_value[replica]
        field, next_field = state.fields[replica, unit], state.next_field[replica]
        reach(field, state.into[cell % inputs], move, next_field, next_value)
        for label in range(1, len(logits)):
            level = levels[state.first + (label - 1) * units + unit]
            way = state.step * level - state.span
            lead(logits[label], next_value, value, way, later[label])
    else:
        label, unit = divmod(cell - state.first, units)
        for other in range(len(logits)):
            copy(logits[other], later[other])
        add(logits[label + 1], state.values[replica, unit], state.step * move, later[label + 1])
    loss = surprise(later, state.right, state.top[replica], state.total[replica])
    state.next_loss[replica] = loss
    out[0] = loss - state.losses[replica]


@rule(make, TwoLayers)
def _two_layers_make(state, replica, levels, cell, move):
    if cell < state.first:
        unit = cell // len(state.into)
        copy(state.next_field[replica], state.fields[replica, unit])
        copy(state.next_value[replica], state.values[replica, unit])
    for label in range(1, state.logits.shape[1]):
        copy(state.next_logits[replica, label], state.logits[replica, label])
    state.losses[replica] = state.next_loss[replica]


@numeric
def copy(source, out):
    """Keep what was only tried."""
    for n in range(source.size):
        out[n] = source[n]


@numeric
def reach(field, into, move, next_field, next_value):
    """What reaches a hidden unit after a move, and its tanh."""
    for n in range(field.size):
        next_field[n] = field[n] + move * into[n]
        next_value[n] = 1.0 - 2.0 / (exp(2.0 * next_field[n]) + 1.0)


@numeric
def lead(logit, next_value, value, way, out):
    """The logit after a unit's value has changed."""
    for n in range(logit.size):
        out[n] = logit[n] + way * (next_value[n] - value[n])


@numeric
def add(logit, value, part, out):
    """The logit after a unit's way out has changed."""
    for n in range(logit.size):
        out[n] = logit[n] + part * value[n]


@numeric
def surprise(logits, right, top, total):
    """The cross-entropy, summed over the data, whose right classes are marked by ones."""
    for n in range(top.size):
        top[n], total[n] = 0.0, 1.0
    told = 0.0
    for label in range(1, len(logits)):
        told += gather(logits[label], right[label], top, total)
    out = summed(top) - told
    for first in range(0, top.size, AT_ONCE):
        out += np.log(multiplied(total[first : first + AT_ONCE]))
    return out


@in_any_order
def gather(logit, right, top, total):
    """Add a class to each partition sum, in units of its largest term; the sum of right logits."""
    out = 0.0
    for n in range(logit.size):
        above = logit[n] - top[n]
        less = exp(-abs(above))
        total[n] = total[n] * less + 1.0 if above > 0 else total[n] + less
        top[n] = max(top[n], logit[n])
        out += right[n] * logit[n]
    return out


@in_any_order
def summed(values):
    """The sum, in any order."""
    out = 0.0
    for value in values:
        out += value
    return out


@in_any_order
def multiplied(values):
    """The product, in any order."""
    out = 1.0
    for value in values:
        out *= value
    return out


PER_LN2 = 1 / np.log(2)
LN2 = (float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33"))
TO_WHOLE = 1.5 * 2.0**52
SERIES = tuple(1 / factorial(k) for k in range(14))
EXPONENT = np.int64(52)


@compiled(**LOOP, inline="always")
def exp(x):
    """e^x to the last digit for x from -708 to 709, of several x at a time.

    With k the nearest whole number to x/ln 2, it is 2^k times a series in x - k ln 2.
    """
    x = min(max(x, -708.0), 709.0)
    shifted = x * PER_LN2 + TO_WHOLE  # its last bits are k
    k = shifted - TO_WHOLE
    r = (x - k * LN2[0]) - k * LN2[1]
    series = SERIES[13]
    for term in range(12, -1, -1):
        series = series * r + SERIES[term]
    bits = np.float64(series).view(np.int64) + (np.float64(shifted).view(np.int64) << EXPONENT)
    return np.int64(bits).view(np.float64)


# A quadratic energy, which has quicker walks alone but may be one of a sum


class Quadratic(NamedTuple):
    """What is kept of a `Landscape`: its gradients."""

    curvature: np.ndarray
    gradients: np.ndarray


@kept.register
def _quadratic(problem: Landscape, levels: np.ndarray) -> Quadratic:
    q = problem.curvature
    gradients = np.array(problem.gradients(levels.astype(float)), order="C")
    return Quadratic(q.toarray() if sparse.issparse(q) else np.array(q), gradients)


@rule(change, Quadratic)
def _quadratic_change(state, replica, levels, cell, move, out):
    out[0] = move * state.gradients[replica, cell] + move**2 * state.curvature[cell, cell] / 2


@rule(make, Quadratic)
def _quadratic_make(state, replica, levels, cell, move):
    gradient, row = state.gradients[replica], state.curvature[cell]
    for i in range(gradient.size):
        gradient[i] += move * row[i]


# Sums


@kept.register
def _sum(problem: Sum, levels: np.ndarray) -> tuple:
    return tuple(kept(loss, levels) for loss in problem.losses)


def is_sum(state: Any) -> bool:
    """Whether it is a tuple of what several losses keep."""
    return isinstance(state, BaseTuple) and not hasattr(state, "instance_class")


@overload(change, strict=False, jit_options=LOOP)
def _sum_change(state, *_):
    if not is_sum(state):
        return None
    if len(state) == 1:
        return lambda state, r, levels, cell, move, out: change(
            state[0], r, levels, cell, move, out
        )

    def each(state, r, levels, cell, move, out):
        change(state[0], r, levels, cell, move, out[:1])
        change(state[1:], r, levels, cell, move, out[1:])

    return each


@overload(make, strict=False, jit_options=LOOP)
def _sum_make(state, *_):
    if not is_sum(state):
        return None
    if len(state) == 1:
        return lambda state, r, levels, cell, move: make(state[0], r, levels, cell, move)

    def each(state, r, levels, cell, move):
        make(state[0], r, levels, cell, move)
        make(state[1:], r, levels, cell, move)

    return each

"""Losses whose weights are memory cells: enumeration, the master equation, books kept twice.

Means are compared within 4 standard errors. Replicas of a sweep come to the same cell together, but
each with its own direction and threshold, so those of a small problem count as independent.
"""

import pickle
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.special import log_softmax

import lim_lib
from lim_lib.optimizers import (
    IsingModel,
    LeastSquares,
    QuadraticProgram,
    SoftmaxLoss,
    Sum,
    TwoLayerLoss,
    anneal,
)
from lim_lib.optimizers.losses import softmax
from lim_lib.schedules import ExponentialBarrier, Ramp
from lim_lib.simulate import Graph, hypercube, ladder, master_equation
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()


def data(count, features, classes, seed):
    """Gaussian data with a bias, and labels that they make likely."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([rng.normal(size=(count, features - 1)), np.ones(count)])
    z = x @ rng.normal(size=(features, classes)) + rng.gumbel(size=(count, classes))
    y = z.argmax(axis=1)
    y[:classes] = np.arange(classes)
    return x, y


LOGISTIC = SoftmaxLoss(*data(8, 2, 2, seed=1), bits=4, span=3)
THREE = SoftmaxLoss(*data(30, 2, 3, seed=2), bits=2, span=2)
BITS = SoftmaxLoss(*data(8, 3, 2, seed=3), bits=1, span=1)
SQUARES = LeastSquares(data(9, 2, 2, seed=4)[0], np.linspace(-1, 1, 9), bits=3, span=1)
LOSSES = {"logistic": LOGISTIC, "three": THREE, "bits": BITS}
ENGINES = ["numpy", "compiled"]
WAYS = [
    ("heat_bath", "random"),
    ("metropolis", "random"),
    ("heat_bath", "sequential"),
    ("metropolis", "sequential"),
]


def numbers(problem, states):
    return problem.encode(states) @ problem.levels ** np.arange(problem.size - 1, -1, -1)


def chi_square(problem, states, probabilities):
    """Deviation from expected counts, in standard deviations; rare states are taken together."""
    counts = np.bincount(numbers(problem, states), minlength=probabilities.size)
    expected = probabilities * len(states)
    order = np.argsort(expected)
    group = (np.cumsum(expected[order]) // 8).astype(int)
    seen, wanted = np.bincount(group, counts[order]), np.bincount(group, expected[order])
    seen, wanted = seen[wanted > 0], wanted[wanted > 0]
    dof = wanted.size - 1
    return (((seen - wanted) ** 2 / wanted).sum() - dof) / np.sqrt(2 * dof)


# The energies


@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_is_minus_the_logarithm_of_the_likelihood(name):
    loss = LOSSES[name]
    weights = loss.decode(loss.state_levels(np.arange(0, loss.levels**loss.size, 7)))
    for w, found in zip(weights, loss.loss(weights), strict=True):
        z = np.column_stack([np.zeros(len(loss.features)), loss.features @ w.reshape(-1, len(
            loss.features.T)).T])  # fmt: skip
        log_p = log_softmax(z, axis=1)[np.arange(len(z)), loss.labels]
        assert found == pytest.approx(-log_p.sum(), rel=1e-12)
        assert 0 <= found <= loss.largest
        right = np.mean(z.argmax(axis=1) == loss.labels)
        assert loss.accuracy(w, loss.features, loss.labels) == pytest.approx(right)
    assert np.array_equal(loss.encode(weights) @ np.ones(loss.size), (
        (weights + loss.span) / loss.step).round().sum(axis=1))  # fmt: skip


def test_half_the_squared_errors_are_the_energy_of_a_program():
    weights = SQUARES.decode(SQUARES.state_levels(np.arange(64)))
    errors = weights @ SQUARES.features.T - SQUARES.targets
    assert SQUARES.loss(weights) == pytest.approx((errors**2).sum(axis=1) / 2, rel=1e-12)
    assert SQUARES.value(weights) == pytest.approx(SQUARES.loss(weights), rel=1e-12)
    assert SQUARES.all_energies == pytest.approx(SQUARES.loss(weights), rel=1e-12)
    best, residual, *_ = np.linalg.lstsq(SQUARES.features, SQUARES.targets, rcond=None)
    assert np.abs(best).max() < SQUARES.span
    assert SQUARES.optimum().energy == pytest.approx(residual[0] / 2)
    assert SQUARES.step == pytest.approx(SQUARES.spacing[0])


def test_a_prediction_counts_as_the_nearest_target():
    x = np.array([[-2.0], [-1.0], [0.6], [2.0]])
    loss = LeastSquares(x, [-1, -1, 1, 1], bits=3, span=1)
    assert loss.predict([1.0], x).tolist() == [-2, -1, 0.6, 2]
    assert loss.accuracy([[1.0], [-1.0]], x, [-1, -1, -1, 1]).tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    ("count", "features", "classes", "bits", "span"),
    [(40, 4, 2, 5, 3.0), (20, 3, 4, 2, 3.0), (10, 2, 3, 1, 60.0), (900, 3, 2, 2, 6.0)],
)
def test_changes_add_up_to_the_loss_after_many_moves(count, features, classes, bits, span):
    # The third has steps that may multiply a probability by exp(120), and the last has products
    # over the data that no double holds in one piece.
    x, y = data(count, features, classes, seed=5)
    loss = SoftmaxLoss(np.clip(x, -2, 2), y, bits=bits, span=span)
    rng = np.random.default_rng(6)
    replicas = 6
    state = loss.state(rng.integers(loss.levels, size=(replicas, loss.size)))
    energy = loss.level_energies(state.levels)
    replica = np.arange(replicas)
    for turn in range(2500):
        cell = rng.integers(loss.size, size=replicas if turn // 10 % 2 else None)
        level = state.levels[replica, cell]
        move = np.clip(level + rng.integers(-1, 2, size=replicas), 0, loss.levels - 1) - level
        change = state.change(cell, move)
        if turn % 25 == 0:
            there = state.levels.copy()
            there[replica, cell] += move
            exact = loss.level_energies(there) - loss.level_energies(state.levels)
            assert change == pytest.approx(exact, rel=1e-9, abs=1e-9)
        assert not change[move == 0].any()
        move *= rng.random(replicas) < 0.6
        energy += change * (move != 0)
        state.make(cell, move)
    assert energy == pytest.approx(loss.level_energies(state.levels), rel=1e-9, abs=1e-8)
    if count == 900:
        assert len(state.starts) > 1


# Statistics


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("kinetics", "order"), WAYS)
@pytest.mark.parametrize("engine", ENGINES)
def test_at_one_kT_a_nat_the_weights_have_the_posterior(name, kinetics, order, engine):
    loss, replicas = LOSSES[name], 2000
    run = anneal(
        loss,
        KT,
        duration=40.0,
        hop_rate=1.0,
        replicas=replicas,
        seed=1,
        kinetics=kinetics,
        order=order,
        steps=1 if order == "random" else None,
        engine=engine,
    )
    exact = loss.equilibrium(1.0)
    assert abs(chi_square(loss, run.states, exact.probabilities)) < 4
    error = np.sqrt((exact.probabilities @ loss.all_energies**2 - exact.energy**2) / replicas)
    assert abs(run.mean_energy - exact.energy) < 4 * error
    # Half the scale would be seen.
    assert abs(loss.equilibrium(0.5).energy - exact.energy) > 8 * error


def grid(loss):
    """The graph of the moves of two cells, states numbered as `state_levels` does."""
    top = loss.levels
    edges = [(a * top + i, b * top + i) for a, b in ladder(top).edges for i in range(top)]
    return Graph(top**2, edges + [(i * top + a, i * top + b) for a, b in ladder(top).edges
                                  for i in range(top)])  # fmt: skip


@pytest.mark.parametrize("name", ["logistic", "bits"])
@pytest.mark.parametrize("engine", ENGINES)
def test_on_the_way_the_weights_follow_the_master_equation(name, engine):
    loss, scale, replicas = LOSSES[name], 2 * KT, 4000
    if name == "bits":
        graph, index = hypercube(3), loss.state_levels(np.arange(8)) @ (1 << np.arange(3))
    else:
        graph, index = grid(loss), np.arange(loss.levels**2)
    energies = np.empty(graph.states)
    energies[index] = loss.all_energies
    exact = master_equation(
        graph,
        duration=0.8,
        initial=np.full(graph.states, 1 / graph.states),
        energy=scale * energies,
        hop_rate=1.0,
        kinetics="heat_bath",
    )
    how = {"hop_rate": 1.0, "replicas": replicas, "seed": 2, "steps": 3, "engine": engine}
    run = anneal(loss, scale, duration=0.8, **how)
    assert abs(chi_square(loss, run.states, exact.final[index])) < 4
    for name in ("heat", "hops"):
        mean, error = run.ledger.mean(name)
        assert abs(mean - getattr(exact.ledger, name)) < 4 * error
    # Not yet at rest, or this would test nothing new.
    assert chi_square(loss, run.states, loss.equilibrium(2.0).probabilities) > 8


@pytest.mark.parametrize("engine", ENGINES)
def test_metropolis_weights_follow_the_exponential_of_their_rates(engine):
    energy, states = 2 * BITS.all_energies, BITS.state_levels(np.arange(8))
    neighbours = np.abs(states[:, None] - states).sum(axis=2) == 1
    rates = neighbours * np.exp(np.minimum(0, energy[:, None] - energy))  # from row to column
    generator = rates - np.diag(rates.sum(axis=1))
    exact = np.full(8, 1 / 8) @ expm(0.8 * generator)
    how = {"replicas": 4000, "seed": 22, "kinetics": "metropolis", "engine": engine}
    run = anneal(BITS, 2 * KT, duration=0.8, hop_rate=1.0, **how)
    assert abs(chi_square(BITS, run.states, exact)) < 4
    heat, error = run.ledger.mean("heat")
    assert abs(heat / KT - (energy.mean() - exact @ energy)) < 4 * error / KT


# The books


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize(("kinetics", "order"), WAYS)
@pytest.mark.parametrize("engine", ENGINES)
def test_the_first_law_holds_for_every_replica(name, kinetics, order, engine):
    loss = LOSSES[name]
    run = anneal(
        loss,
        Ramp((0, 5, 8), (KT / 2, 4 * KT, KT)),
        duration=8.0,
        hop_rate=1.0,
        replicas=50,
        seed=3,
        kinetics=kinetics,
        order=order,
        engine=engine,
    )
    first_law = run.ledger.first_law_residual()
    assert np.abs(first_law).max() < 1e-11 * KT
    assert np.abs(run.ledger.work).min() > 1e-3 * KT


def replayed(problem, scales, start, pictures):
    """Heat from a film of states in which each sweep moves one cell by a level at most."""
    heat = np.zeros(len(start))
    before = start
    for scale, after in zip(scales, pictures, strict=True):
        assert np.abs(problem.encode(after) - problem.encode(before)).max() <= 1
        heat += scale * (problem.loss(before) - problem.loss(after))
        before = after
    return heat


@pytest.mark.parametrize("engine", ENGINES)
def test_heat_is_summed_with_the_scale_at_each_move(engine):
    # One weight of one bit: a film with a picture after each sweep misses nothing.
    x = np.array([[1.0], [2.0], [-0.5]])
    loss = SoftmaxLoss(x, [1, 1, 0], bits=1, span=1)
    sweeps, replicas = 40, 30
    schedule = Ramp((0, 20), (0, 3 * KT))
    ends = np.arange(1, sweeps + 1) / 2
    run = anneal(
        loss,
        schedule,
        duration=20.0,
        hop_rate=1.0,
        order="sequential",
        replicas=replicas,
        seed=4,
        record=[0.0, *ends],
        snapshots=True,
        engine=engine,
    )
    scales = schedule(ends - 0.25)
    heat = replayed(loss, scales, run.snapshots[0], run.snapshots[1:])
    assert run.ledger.heat / KT == pytest.approx(heat / KT, rel=1e-12, abs=1e-12)
    assert run.heat_history[-1] / KT == pytest.approx(run.ledger.heat / KT)
    lost = loss.loss(run.snapshots[0]) - run.energies
    for wrong in (3 * KT, 1.5 * KT):
        assert np.abs(run.ledger.heat - wrong * lost).max() > 0.1 * KT


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", ["random", "sequential"])
def test_the_work_of_a_ramp_obeys_jarzynski(order, engine):
    ramp, replicas = Ramp((0, 6), (0, KT)), 8000
    run = anneal(LOGISTIC, ramp, duration=6.0, hop_rate=1.0, replicas=replicas, seed=23,
                 order=order, engine=engine)  # fmt: skip
    weights = np.exp(-run.ledger.work / KT)
    exact = np.exp(LOGISTIC.equilibrium(1.0).log_partition) / LOGISTIC.levels**LOGISTIC.size
    assert abs(weights.mean() - exact) < 4 * weights.std() / np.sqrt(replicas)
    assert np.exp(-run.ledger.work.mean() / KT) < exact - 8 * weights.std() / np.sqrt(replicas)


def test_a_quench_heats_by_the_scale_times_the_loss_that_is_learned():
    run = anneal(LOGISTIC, 3 * KT, duration=5.0, hop_rate=1.0, replicas=40, seed=5, record=[0])
    learned = 3 * (run.energy_history[0] - run.energies)
    assert run.ledger.heat / KT == pytest.approx(learned, rel=1e-11, abs=1e-11)


# Several scales


def test_two_parts_of_the_data_learn_like_the_whole():
    x, y = data(16, 2, 2, seed=7)
    parts = [LeastSquares(x[half], y[half], bits=3, span=1) for half in (slice(8), slice(8, 16))]
    whole, pair = LeastSquares(x, y, bits=3, span=1), Sum(parts)
    assert pair.all_energies == pytest.approx(whole.all_energies, rel=1e-12)
    options = {"duration": 30.0, "hop_rate": 1.0, "replicas": 2000, "seed": 8}
    for order in ("random", "sequential"):
        run = anneal(pair, Ramp((0, 30), (0, 2 * KT)), order=order, **options)
        alone = anneal(whole, Ramp((0, 30), (0, 2 * KT)), order=order, **options)
        exact = whole.equilibrium(2.0)
        assert abs(chi_square(whole, run.states, exact.probabilities)) < 4
        difference = run.ledger.heat.mean() - alone.ledger.heat.mean()
        error = np.hypot(run.ledger.mean("heat")[1], alone.ledger.mean("heat")[1])
        assert abs(difference) < 4 * error
        assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", ["random", "sequential"])
def test_each_loss_has_a_scale_of_its_own(order, engine):
    x, y = data(12, 2, 2, seed=9)
    other = LeastSquares(x, 1 - y, bits=3, span=2)
    first = SoftmaxLoss(x[:7], y[:7], bits=3, span=2)
    pair = Sum((first, other))
    run = anneal(
        pair,
        (Ramp((0, 30), (3 * KT, KT)), Ramp((0, 30), (0, 2 * KT))),
        duration=60.0,
        hop_rate=1.0,
        replicas=2000,
        seed=10,
        order=order,
        record=[0.0, 60.0],
        snapshots=True,
        engine=engine,
    )
    energies = first.all_energies + 2 * other.all_energies
    p = np.exp(energies.min() - energies)
    assert abs(chi_square(first, run.states, p / p.sum())) < 4
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT
    assert run.energies == pytest.approx(first.loss(run.states) + other.loss(run.states))
    assert run.energy_history[1] == pytest.approx(run.energies)
    start = run.snapshots[0]
    change = first.loss(run.states) + 2 * other.loss(run.states) - 3 * first.loss(start)
    assert run.ledger.energy_change / KT == pytest.approx(change, rel=1e-9, abs=1e-9)


def test_as_many_schedules_as_losses_are_asked_for():
    pair = Sum((LOGISTIC, LOGISTIC))
    options = {"duration": 1.0, "hop_rate": 1.0, "replicas": 2, "seed": 1}
    with pytest.raises(ValueError, match="schedule must be a tuple of 2, one for each loss, got"):
        anneal(pair, (KT, KT, KT), **options)
    with pytest.raises(ValueError, match="schedule must be one schedule, got"):
        anneal(LOGISTIC, (KT,), **options)


def test_a_pulse_in_any_schedule_is_followed():
    pair = Sum((LOGISTIC, LOGISTIC))
    options = {"duration": 10.0, "hop_rate": 1.0, "replicas": 2, "seed": 1}

    def pulse(time):
        return KT * (np.abs(time - 4.03) < 0.02)

    with pytest.warns(RegimeWarning, match="20 control steps miss"):
        anneal(pair, (KT, pulse), steps=20, **options)


# Rates of single cells

SPINS = IsingModel(np.zeros((3, 3)))
FREE = {
    "spins": (SPINS, [WAYS[0], ("symmetric", "random"), WAYS[3]]),
    "program": (QuadraticProgram(np.diag([0, 0, 0]) * 1.0, bits=1), WAYS[:1]),
    "loss": (BITS, WAYS[:3]),
}  # fmt: skip
TURNS = [(name, *way, "numpy") for name, (_, ways) in FREE.items() for way in ways]
TURNS += [("loss", *way, "compiled") for way in WAYS[:3]]


@pytest.mark.parametrize(("name", "kinetics", "order", "engine"), TURNS)
def test_a_slow_cell_relaxes_as_much_slower_and_one_of_rate_zero_stays(
    name, kinetics, order, engine
):
    problem, rates, replicas, time = FREE[name][0], np.array([1.0, 0.3, 0.0]), 8000, 0.5
    start = problem.decode(np.zeros(3, dtype=int))
    run = anneal(
        problem,
        0.0,
        duration=time if order == "random" else 1.0,
        hop_rate=1.0,
        replicas=replicas,
        seed=11,
        kinetics=kinetics,
        order=order,
        initial=start,
        rates=rates,
        steps=1 if order == "random" else None,
        engine=engine,
    )
    flipped = (problem.encode(run.states) != 0).mean(axis=0)
    if order == "random":
        expected = (1 - np.exp(-2 * rates * time)) / 2
    elif kinetics == "metropolis":  # one attempt of each cell, which succeeds
        expected = rates
    else:  # two attempts, each of which flips half of the time
        chance = rates / 2
        expected = 2 * chance * (1 - chance)
    assert flipped[2] == 0
    error = np.sqrt(expected * (1 - expected) / replicas)
    assert np.all(np.abs(flipped - expected) <= 4 * error)


@pytest.mark.parametrize(("kinetics", "order"), [*WAYS, ("symmetric", "random")])
@pytest.mark.parametrize("name", ["squares", "logistic"])
def test_slow_cells_have_the_same_gibbs_state(name, kinetics, order):
    if (name, kinetics) == ("logistic", "symmetric"):
        return
    problem = {"squares": SQUARES, "logistic": LOGISTIC}[name]
    run = anneal(
        problem,
        KT,
        duration=120.0 if name == "squares" else 80.0,
        hop_rate=1.0,
        replicas=1500,
        seed=12,
        kinetics=kinetics,
        order=order,
        rates=[0.4, 1.0],
        steps=1 if order == "random" else None,
    )
    assert abs(chi_square(problem, run.states, problem.equilibrium(1.0).probabilities)) < 4
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT


def test_equal_rates_are_a_slower_clock():
    options = {"hop_rate": 1.0, "replicas": 4000, "seed": 13, "steps": 1}
    slow = anneal(SQUARES, KT, duration=1.0, rates=[0.25, 0.25], kinetics="symmetric", **options)
    less = anneal(SQUARES, KT, duration=0.25, kinetics="symmetric", **options)
    for name in ("hops", "heat"):
        (a, da), (b, db) = slow.ledger.mean(name), less.ledger.mean(name)
        assert abs(a - b) < 4 * np.hypot(da, db)


# What every run has


def test_the_numbers_do_not_depend_on_who_computes_them():
    options = {"duration": 6.0, "hop_rate": 1.0, "replicas": 30, "seed": 14, "block": 10}
    schedule = Ramp((0, 6), (0, KT))
    for order in ("random", "sequential"):
        here = anneal(THREE, schedule, order=order, **options)
        with ThreadPoolExecutor(2) as pool:
            assert anneal(THREE, schedule, order=order, executor=pool, **options) == here
        assert anneal(THREE, schedule, order=order, **options | {"seed": 15}) != here
        walk = pickle.loads(pickle.dumps(THREE.walk(order, "heat_bath")))  # to another process
        assert walk(np.zeros((2, 4), dtype=int), np.random.default_rng(1)).levels.shape == (2, 4)


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_an_interrupted_learner_keeps_what_is_done(order, monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)

    def stop(fraction):
        if fraction > 0.4:
            raise KeyboardInterrupt

    options = {"duration": 20.0, "hop_rate": 1.0, "replicas": 5, "seed": 16, "order": order}
    run = anneal(LOGISTIC, Ramp((0, 20), (0, KT)), progress=stop, **options)
    assert not run.complete
    assert 0.3 * 20 < run.time < 0.6 * 20
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT
    assert run.energies == pytest.approx(LOGISTIC.loss(run.states))


def test_replicas_with_much_data_walk_in_smaller_blocks():
    options = {"duration": 1.0, "hop_rate": 1.0, "replicas": 65, "seed": 23, "order": "sequential"}
    x, y = np.linspace([-1, 1], [1, 1], 1200), np.arange(1200) % 3
    run, other = (SoftmaxLoss(x[:n], y[:n], bits=2, span=1) for n in (1200, 30))
    assert anneal(run, KT, **options) == anneal(run, KT, block=64, **options)
    assert anneal(other, KT, **options) == anneal(other, KT, block=512, **options)
    assert anneal(other, KT, **options) != anneal(other, KT, block=64, **options)


def test_a_barrier_is_the_clock_of_a_learner():
    barrier = ExponentialBarrier(hop_rate_initial=1.0, time_constant=10.0, attempt_rate=1e9)
    options = {"duration": 200.0, "barrier": barrier, "replicas": 400, "seed": 17, "steps": 1}
    for order in ("random", "sequential"):
        how = options if order == "random" else {k: v for k, v in options.items() if k != "steps"}
        hops, error = anneal(BITS, 0.0, order=order, **how).ledger.mean("hops")
        assert abs(hops - 3 * 10.0) < 4 * error + 0.3  # R = 10, within half a sweep


@pytest.mark.parametrize("name", ["logistic", "three", "squares"])
def test_a_learner_and_its_run_are_read_back(name, tmp_path):
    loss = SQUARES if name == "squares" else LOSSES[name]
    run = anneal(loss, KT, duration=2.0, hop_rate=1.0, replicas=3, seed=18, record=[1, 2])
    loss.save(tmp_path / "loss.npz")
    run.save(tmp_path / "run.npz")
    assert lim_lib.load(tmp_path / "loss.npz") == loss
    back = lim_lib.load(tmp_path / "run.npz")
    assert back == run
    assert back.problem.loss(back.states) == pytest.approx(run.energies)


# What is refused, and what is told

X, Y = data(6, 2, 2, seed=19)
HOLE, PEAK = X.copy(), 1.0 * Y
HOLE[2, 0], PEAK[2] = np.nan, np.inf


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": [0, 0, 2, 2, 0, 2]}, "labels must be whole numbers from 0 to 2, every class "
                                         r"present \(class 1 is missing\), got"),
        ({"labels": [1] * 6}, r"labels must be .* from 0 to 1.*\(class 0 is missing\)"),
        ({"labels": [0] * 6}, r"labels must be .* from 0 to 1.*\(class 1 is missing\)"),
        ({"labels": [0, 1, 0.5, 1, 0, 1]}, "labels must be whole numbers from 0 to C-1, every"),
        ({"labels": [0, 1, -1, 1, 0, 1]}, "labels must be whole numbers from 0 to C-1, every"),
        ({"labels": [0, 1, 10**9, 1, 0, 1]}, r"labels must be .*\(class 2 is missing\)"),
        ({"labels": [0, 1, 1e30, 1, 0, 1]}, r"labels must be .*\(class 2 is missing\)"),
        ({"labels": [0, 1]}, r"labels must be 6 numbers, one for each datum, got shape \(2,\)"),
        ({"labels": "010101"}, "labels must be whole numbers from 0 to C-1, every class present"),
        ({"labels": list("aabbab")}, "labels must be whole numbers from 0 to C-1, every class"),
        ({"labels": None}, "labels must be whole numbers from 0 to C-1, every class present"),
        ({"labels": np.ma.array(Y, mask=Y == 1)}, "labels must be .* without masked entries"),
        ({"features": HOLE}, r"features\[2, 0\] must be a finite number, got nan"),
        ({"features": X[:, 0]}, r"features must be of shape .*, and not empty, got shape \(6,\)"),
        ({"features": np.empty((0, 2))}, r"features must be of shape \(data, features\)"),
        ({"features": {}}, r"features must be of shape \(data, features\)"),
        ({"features": 1e6 * X}, "features must be at most .* divide them by their spread"),
        ({"span": 0}, "span must be a finite number > 0, got 0"),
        ({"span": np.inf}, "span must be a finite number > 0, got inf"),
        ({"span": [1, 2]}, "span must be one number"),
        ({"bits": 0}, "bits must be a whole number >= 1 and <= 24, got 0"),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_is_refused_in_one_line(changes, message):
    given = {"features": X, "labels": Y, "bits": 3, "span": 1.0} | changes
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        SoftmaxLoss(given.pop("features"), given.pop("labels"), **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: LeastSquares(X, Y[:3], bits=3, span=1), "targets must be 6 numbers"),
        (lambda: LeastSquares(X, PEAK, bits=3, span=1), r"targets\[2\] must be a finite"),
        (lambda: LeastSquares(X, Y, bits=3, span=-1), "span must be a finite number > 0, got -1"),
        (lambda: LeastSquares(1e200 * X, Y, bits=3, span=1), "features and targets must be small"),
        (lambda: LOGISTIC.loss([4.0, 0.0]), r"states must be weights from -3 to 3, got"),
        (lambda: LOGISTIC.loss([[[0.0, 0.0]]]), r"states must be an array of shape \(states, 2\)"),
        (lambda: LOGISTIC.predict([0.0, 0.0], X[:, :1]), r"features must be of shape \(data, 2\)"),
        (lambda: LOGISTIC.accuracy([0, 0], X, Y + 1), "labels must be from what was learned, 0"),
        (lambda: SQUARES.accuracy([0, 0], X, Y + 5), "labels must be from what was learned, -1 to"),
    ],
)  # fmt: skip
def test_what_does_not_fit_a_loss_is_refused_in_one_line(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rates": [1.0]}, "rates must be 2 numbers, one for each cell, got"),
        ({"rates": 0.5}, "rates must be 2 numbers, one for each cell, got 0.5"),
        ({"rates": [0.5, 1.5]}, r"rates\[1\] must be a finite number >= 0 and <= 1, got 1.5"),
        ({"kinetics": "symmetric"}, "kinetics must be 'heat_bath' or 'metropolis' for order='ran"),
        ({"schedule": 1e308}, "schedule must be at most"),
    ],
)
def test_what_a_learner_cannot_do_is_refused_in_one_line(changes, message):
    given = {"schedule": KT, "duration": 1.0, "hop_rate": 1.0, "replicas": 2, "seed": 1} | changes
    with pytest.raises(ValueError, match=message) as caught:
        anneal(LOGISTIC, given.pop("schedule"), **given)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("count", "features", "classes", "bits", "span"),
    [(40, 4, 2, 5, 3.0), (20, 3, 4, 2, 3.0), (10, 2, 3, 1, 60.0), (900, 3, 2, 2, 6.0)],
)
def test_compiled_changes_add_up_to_the_loss_after_many_moves(count, features, classes, bits, span):
    x, y = data(count, features, classes, seed=5)
    loss = SoftmaxLoss(np.clip(x, -2, 2), y, bits=bits, span=span)
    scale = KT / 1e4
    run = anneal(loss, scale, sweeps=1500, replicas=6, seed=6, record=[0.0], engine="compiled")
    assert run.ledger.hops.min() > 1000
    lost = run.energy_history[0] - run.energies
    assert run.ledger.heat / scale == pytest.approx(lost, rel=1e-9, abs=1e-8)
    if count == 900:
        assert len(loss.starts) > 1


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_compiled_weights_do_not_depend_on_the_threads(order):
    how = {"sweeps": 20, "replicas": 7, "seed": 24, "order": order, "engine": "compiled"}
    one, three = (anneal(THREE, KT, threads=threads, **how) for threads in (1, 3))
    assert np.array_equal(one.states, three.states)
    assert np.array_equal(one.ledger.heat, three.ledger.heat)
    assert one.engine == "compiled"


def test_no_states_have_no_losses():
    loss = SoftmaxLoss(X, Y, bits=3, span=1.0)
    two_layers = TwoLayerLoss(X, Y, hidden=2, bits=3, span=1.0)
    for each in (loss, two_layers, Sum((loss, loss))):
        assert each.energy(np.empty((0, each.size))).shape == (0,)
    assert two_layers.predict(np.empty((0, 9 - 2)), X).shape == (0, 6)


def test_several_scales_come_in_a_tuple():
    both = Sum((LOGISTIC, LOGISTIC))
    how = {"duration": 1.0, "hop_rate": 1.0, "replicas": 2, "seed": 1}
    for wrong in ((KT,), [KT, KT], np.array([KT, KT])):
        with pytest.raises(ValueError, match="schedule must be a tuple of 2, one for each loss"):
            anneal(both, wrong, **how)
    with pytest.raises(ValueError, match="coupling must be 2 numbers, one for each loss, got 1"):
        both.equilibrium(1.0)


def test_truth_values_are_labels():
    assert SoftmaxLoss(X, Y == 1, bits=3, span=1) == SoftmaxLoss(X, Y, bits=3, span=1)


def test_a_span_that_clips_is_told_with_its_share():
    x, y = data(60, 3, 2, seed=20)
    options = {"duration": 40.0, "hop_rate": 1.0, "replicas": 20, "seed": 21}
    narrow = SoftmaxLoss(x, y, bits=4, span=0.05)
    with pytest.warns(RegimeWarning, match=r"\d+ % of the weights sit on an end of their ladder"):
        run = anneal(narrow, 100 * KT, **options)
    levels = narrow.encode(run.states)
    on_end = np.maximum((levels == 0).mean(axis=0), (levels == 15).mean(axis=0))
    assert run.clipped == pytest.approx(on_end)
    line = re.search(r"clipped +(\d) of 3 weights, one on its ladder's end in (\d+) %", repr(run))
    assert int(line[1]) == np.count_nonzero(on_end > 0.05)
    assert int(line[2]) == round(100 * on_end.max())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        wide = anneal(SoftmaxLoss(x, y, bits=4, span=8), 10 * KT, **options)
    assert wide.clipped.max() < on_end.max()
    # A program's box is no choice of that kind, and its end no news.
    assert "clipped" not in repr(anneal(QuadraticProgram(1.0, -5.0, bits=3), 100 * KT, **options))


def test_exponentials_are_renewed_before_they_could_overflow():
    x = np.array([[290.0], [-290.0], [100.0]])
    loss = SoftmaxLoss(x, [0, 1, 0], bits=3, span=3.5)  # steps of 1
    assert loss.step == pytest.approx(1)
    state = loss.state(np.zeros((2, 1), dtype=int))
    assert state.patience * loss.steepest.max() <= 2 * softmax.STEEPEST
    energy = loss.level_energies(state.levels)
    for way in [1] * 7 + [-1] * 7 + [1] * 3:
        move = np.array([way, 0])
        energy += state.change(0, move)
        state.make(0, move)
    assert energy == pytest.approx(loss.level_energies(state.levels), rel=1e-12)

"""Annealing against exact statistics, identities, another annealer; and what it refuses.

Probabilities of Gibbs states are compared by chi-square, its deviation in units of sqrt(2 dof);
means within 4 standard errors.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import quad

from lim_lib.engine import ENGINES
from lim_lib.optimizers import (
    Estimate,
    IsingModel,
    QuadraticProgram,
    anneal,
    annealing,
    repeats,
    success_probability,
    time_to_solution,
)
from lim_lib.optimizers.landscape import Landscape
from lim_lib.optimizers.steps import missed
from lim_lib.schedules import ExponentialBarrier, LogarithmicRamp, Ramp, StaticBarrier
from lim_lib.simulate import hypercube, ladder, master_equation
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
WAYS = [
    ("heat_bath", "random"),
    ("metropolis", "random"),
    ("symmetric", "random"),
    ("heat_bath", "sequential"),
    ("metropolis", "sequential"),
]
AT_ONCE = [("metropolis", "coloured"), ("heat_bath", "parallel")]
BOTH = pytest.mark.parametrize("engine", ENGINES)
GLASS = IsingModel.sherrington_kirkpatrick(6, seed=3)
FIELD = IsingModel(np.array([[0, 1, 0], [1, 0, -2], [0, -2, 0]]) / 2, [0.3, -0.1, 0.2])
PROGRAM = QuadraticProgram([[3, 1], [1, 2]], [-1, 0.5], -1, 1, bits=3)
PAIR = Landscape([[2, -1], [-1, 3]], [-0.2, -2.4], 0.5, levels=2)
PROBLEMS = {"glass": GLASS, "field": FIELD, "program": PROGRAM, "pair": PAIR}


def state_numbers(problem, states):
    places = problem.levels ** np.arange(problem.size - 1, -1, -1)
    return problem.encode(states) @ places


def chi_square(problem, states, probabilities):
    """Deviation from expected counts, in standard deviations; rare states are taken together."""
    counts = np.bincount(state_numbers(problem, states), minlength=probabilities.size)
    expected = probabilities * len(states)
    order = np.argsort(expected)
    group = np.maximum(np.cumsum(expected[order]) // 8, 0).astype(int)
    seen = np.bincount(group, counts[order])
    wanted = np.bincount(group, expected[order])
    seen, wanted = seen[wanted > 0], wanted[wanted > 0]
    dof = wanted.size - 1
    return (((seen - wanted) ** 2 / wanted).sum() - dof) / np.sqrt(2 * dof)


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("kinetics", "order"), WAYS)
@BOTH
def test_at_rest_the_states_have_boltzmanns_statistics(name, kinetics, order, engine):
    problem, kappa = PROBLEMS[name], 1.5
    run = anneal(
        problem,
        kappa * KT,
        duration=30.0,
        hop_rate=1.0,
        replicas=20_000,
        seed=1,
        kinetics=kinetics,
        order=order,
        steps=1 if order == "random" else None,
        engine=engine,
    )
    probabilities = problem.equilibrium(kappa).probabilities
    assert abs(chi_square(problem, run.states, probabilities)) < 4
    # The comparison notices a coupling that is off by 15 %.
    assert chi_square(problem, run.states, problem.equilibrium(1.15 * kappa).probabilities) > 4


RING = IsingModel(sparse.csr_array(np.roll(np.eye(7), 1, 1) + np.roll(np.eye(7), -1, 1)), 0.2)


@pytest.mark.parametrize(
    ("problem", "slots"), [(GLASS, 6), (FIELD, 2), (RING, 3), (PROGRAM, 4)], ids=repr
)
@BOTH
def test_colour_by_colour_the_states_have_boltzmanns_statistics(problem, slots, engine):
    """A glass has as many colours as spins, an odd ring three; a variable moves up or down."""
    run = anneal(problem, KT, sweeps=60, replicas=10_000, seed=1, order="coloured", engine=engine)
    assert run.updates == 60 * slots
    at_rest = problem.equilibrium(1.0)
    assert abs(chi_square(problem, run.states, at_rest.probabilities)) < 4
    assert abs(run.mean_energy - at_rest.energy) < 4 * run.energies.std() / 100


def peretto(model, kappa):
    """The stationary law of the pair of states exp(κ(s'Js + h(s + s'))), summed over one of them.

    And λΣ(s' - s)(Js + h), what the bath takes of a step, averaged over the pair.
    """
    spins = model.decode(model.state_levels(np.arange(2**model.size))).astype(float)
    fields = spins @ model.couplings + model.fields
    weight = np.exp(kappa * (spins @ fields.T + spins @ model.fields))
    weight /= weight.sum()
    taken = kappa * (spins @ fields.T - np.diag(spins @ fields.T))
    return weight.sum(axis=0), (weight * taken).sum()


@pytest.mark.parametrize("model", [GLASS, FIELD], ids=repr)
@BOTH
def test_all_at_once_the_states_have_the_statistics_of_a_pair(model, engine):
    options = {"replicas": 10_000, "order": "parallel"}
    run = anneal(model, 1.5 * KT, sweeps=61, seed=1, **options, engine=engine)
    probabilities, heat = peretto(model, 1.5)
    assert abs(chi_square(model, run.states, probabilities)) < 4
    assert chi_square(model, run.states, model.equilibrium(1.5).probabilities) > 100
    # At rest the energy stays, and holding the fields of the others is paid for.
    step = anneal(model, 1.5 * KT, sweeps=1, seed=2, initial=run.states, **options, engine=engine)
    assert step.updates == 1
    for name, wanted in (("heat", heat), ("work", heat), ("energy_change", 0.0)):
        mean, error = step.ledger.mean(name)
        assert abs(mean - wanted * KT) < 4 * error


def test_all_at_once_the_old_state_that_the_fields_hold_belongs_to_the_second_law():
    """A magnet whose spins want to differ, warmed: heat and entropy of the spins are a demon's."""
    model = IsingModel(0.75 * (np.eye(5) - np.ones((5, 5))), fields=1.0)
    levels, cold = model.state_levels(np.arange(32)), model.equilibrium(4.0).probabilities
    spins = model.decode(levels).astype(float)
    start = spins[np.random.default_rng(1).choice(32, size=4000, p=cold)]
    run = anneal(model, KT, sweeps=1, replicas=4000, seed=1, initial=start, order="parallel")

    def entropy(p):
        return -(p * np.log(p)).sum()

    drive = spins @ model.couplings + model.fields
    step = np.exp(drive @ spins.T - np.logaddexp(drive, -drive).sum(axis=1)[:, None])
    both = cold[:, None] * step
    change = entropy(both.sum(axis=0)) - entropy(cold)
    forgotten = entropy(both) - entropy(both.sum(axis=0))  # of the old state, given the new one
    heat, error = np.divide(run.ledger.mean("heat"), KT)
    assert abs(heat + change + forgotten + cold @ np.log(np.diag(step))) < 4 * error
    assert heat + change < -8 * error


def test_all_at_once_cells_that_are_not_coupled_are_as_in_turn():
    free = IsingModel(np.zeros((4, 4)), [0.1, 0.5, -1.0, 2.0])
    run = anneal(free, Ramp((0, 9), (0, KT)), sweeps=9, replicas=10_000, seed=1, order="parallel")
    other = anneal(free, Ramp((0, 9), (0, KT)), sweeps=9, replicas=10_000, seed=2, order="coloured")
    assert (run.updates, other.updates) == (9, 9)
    for name in ("heat", "work", "hops"):
        (a, da), (b, db) = run.ledger.mean(name), other.ledger.mean(name)
        assert abs(a - b) < 4 * np.hypot(da, db)


@pytest.mark.parametrize("order", ["random", "sequential", "coloured", "parallel"])
@BOTH
def test_sweeps_are_attempts_at_each_move_of_a_cell(order, engine):
    # Without energy every second attempt by heat-bath rates is a hop, every one by Metropolis'.
    flat = IsingModel(np.zeros((5, 5)))
    run = anneal(
        flat, 0.0, sweeps=30, duration=1e-6, replicas=2000, seed=1, order=order, engine=engine
    )
    hops, error = run.ledger.mean("hops")
    assert abs(hops - 5 * 15) < 4 * error
    assert run.time == 1e-6
    assert run.updates == {"sequential": 150, "coloured": 30, "parallel": 30}.get(order)
    rated = anneal(
        flat, 0.0, hop_rate=15.0, duration=1.0, replicas=2000, seed=1, order=order, engine=engine
    )
    assert (rated.states == run.states).all()
    if order != "parallel":
        all_taken = anneal(flat, 0.0, sweeps=30, replicas=500, seed=1, order=order,
                           kinetics="metropolis", engine=engine)  # fmt: skip
        hops, error = all_taken.ledger.mean("hops")
        assert abs(hops - 5 * 30) <= 4 * error


@pytest.mark.parametrize("kinetics", ["heat_bath", "symmetric"])
@pytest.mark.parametrize("name", ["field", "program"])
@BOTH
def test_on_the_way_the_states_follow_the_master_equation(name, kinetics, engine):
    problem, kappa, duration = PROBLEMS[name], 2.0, 0.4
    graph = hypercube(3) if name == "field" else None
    if graph is None:
        rows = ladder(8).edges
        graph_edges = [(8 * a + i, 8 * b + i) for a, b in rows for i in range(8)]
        graph_edges += [(8 * i + a, 8 * i + b) for a, b in rows for i in range(8)]
        from lim_lib.simulate import Graph

        graph = Graph(64, graph_edges)
        energies = problem.all_energies
    else:
        numbers = np.arange(8)
        bits = (numbers[:, None] >> np.arange(3)) & 1  # the hypercube's numbering of the bits
        energies = problem.level_energies(bits)
    exact = master_equation(
        graph,
        duration=duration,
        initial=np.full(graph.states, 1 / graph.states),
        energy=kappa * KT * energies,
        hop_rate=1.0,
        kinetics=kinetics,
    )
    run = anneal(
        problem,
        kappa * KT,
        duration=duration,
        hop_rate=1.0,
        replicas=20_000,
        seed=2,
        kinetics=kinetics,
        steps=3,
        engine=engine,
    )
    p = exact.final
    if name == "field":
        index = problem.state_levels(np.arange(8)) @ (1 << np.arange(3))
        p = p[index]
    assert abs(chi_square(problem, run.states, p)) < 4
    heat, error = run.ledger.mean("heat")
    assert abs(heat - exact.ledger.heat) < 4 * error
    hops, error = run.ledger.mean("hops")
    assert abs(hops - exact.ledger.hops) < 4 * error
    # Not yet at rest, or this would test nothing new.
    assert chi_square(problem, run.states, problem.equilibrium(kappa).probabilities) > 8


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize(("kinetics", "order"), [*WAYS, *AT_ONCE])
@BOTH
def test_the_first_law_holds_for_every_replica(name, kinetics, order, engine):
    run = anneal(
        PROBLEMS[name],
        Ramp((0, 5, 8), (0, 4 * KT, KT)),
        duration=8.0,
        hop_rate=1.0,
        replicas=300,
        seed=3,
        kinetics=kinetics,
        order=order,
        record=[0.0],
        snapshots=True,
        engine=engine,
    )
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT
    assert run.ledger.heat.std() > 0.1 * KT
    assert (run.ledger.transport <= run.ledger.hops).all()
    problem = PROBLEMS[name]
    moved = problem.encode(run.states) - problem.encode(run.snapshots[0])
    assert (run.ledger.net_moves == moved.sum(axis=1)).all()
    assert (run.ledger.transport == np.abs(moved).sum(axis=1)).all()


@pytest.mark.parametrize(("kinetics", "order"), WAYS)
@pytest.mark.parametrize(("levels", "rate"), [(2, 1.0), (4, 2 * 3 / 4)])
@BOTH
def test_free_cells_hop_at_the_thermal_rate_whatever_the_kinetics(
    levels, rate, kinetics, order, engine
):
    # Rate r over each edge, up and down; of 4 levels two have one edge only.
    flat = Landscape(np.zeros((3, 3)), np.zeros(3), 1.0, levels)
    run = anneal(
        flat,
        KT,
        duration=6.0,
        hop_rate=0.5,
        replicas=2000,
        seed=1,
        kinetics=kinetics,
        order=order,
        engine=engine,
    )
    hops, error = run.ledger.mean("hops")
    assert abs(hops - 3 * 3.0 * rate) <= 4 * error
    assert run.ledger.heat.tolist() == [0.0] * 2000


@pytest.mark.parametrize("kinetics", ["heat_bath", "metropolis", "symmetric"])
@BOTH
def test_the_bonds_of_a_sparse_chain_are_independent(kinetics, engine):
    size, kappa = 30, 0.7
    chain = IsingModel(sparse.eye_array(size, k=1) + sparse.eye_array(size, k=-1))
    assert sparse.issparse(chain.curvature)
    run = anneal(
        chain,
        kappa * KT,
        duration=20.0,
        hop_rate=1.0,
        replicas=500,
        seed=1,
        kinetics=kinetics,
        engine=engine,
    )
    aligned = (run.states[:, 1:] * run.states[:, :-1]).mean()
    error = np.sqrt((1 - np.tanh(kappa) ** 2) / ((size - 1) * 500))
    assert abs(aligned - np.tanh(kappa)) < 4 * error
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT


@pytest.mark.parametrize("kinetics", ["heat_bath", "metropolis", "symmetric"])
@BOTH
def test_heat_is_the_scale_in_the_middle_of_a_step_times_the_energy_lost(kinetics, engine):
    with pytest.warns(RegimeWarning, match="1 control steps miss .*; steps=8 follow it"):
        run = anneal(
            PROGRAM,
            Ramp((0, 2), (0, 3 * KT)),
            duration=2.0,
            hop_rate=1.0,
            replicas=50,
            seed=1,
            kinetics=kinetics,
            steps=1,
            record=[0.0],
            engine=engine,
        )
    lost = run.energy_history[0] - run.energies
    np.testing.assert_allclose(run.ledger.heat, 1.5 * KT * lost, atol=1e-12 * KT)


def test_the_scale_counts_in_units_of_the_bath():
    options = {"duration": 4.0, "hop_rate": 1.0, "replicas": 50, "seed": 1, "steps": 8}
    warm = anneal(GLASS, Ramp((0, 4), (0, KT)), **options)
    hot = anneal(GLASS, Ramp((0, 4), (0, 2 * KT)), temperature=600.0, **options)
    assert (warm.states == hot.states).all()
    np.testing.assert_allclose(hot.ledger.heat, 2 * warm.ledger.heat, rtol=1e-12)
    assert hot.free_energy_change() == pytest.approx(
        [2 * part for part in warm.free_energy_change()], rel=1e-9, abs=0
    )


@BOTH
def test_a_cell_too_deep_to_leave_stays(engine):
    deep = IsingModel([[0]], 1.0)
    run = anneal(
        deep,
        5000 * KT,
        duration=1.0,
        hop_rate=1.0,
        replicas=3,
        seed=1,
        kinetics="symmetric",
        initial=[1],
        engine=engine,
    )
    assert run.ledger.hops.tolist() == [0, 0, 0]


def test_blocks_have_starts_and_randomness_of_their_own():
    start = GLASS.decode(GLASS.state_levels(np.arange(40)))
    options = {"hop_rate": 1.0, "replicas": 40, "seed": 1, "block": 20}
    barely = anneal(GLASS, KT, duration=1e-9, initial=start, steps=1, **options)
    assert (barely.states == start).all()
    run = anneal(GLASS, 0.0, duration=5.0, **options)
    assert (run.states[:20] != run.states[20:]).any()


@pytest.mark.parametrize("kinetics", ["heat_bath", "metropolis", "symmetric"])
@pytest.mark.parametrize("name", PROBLEMS)
@BOTH
def test_the_work_gives_the_exact_free_energy(name, kinetics, engine):
    problem, kappa = PROBLEMS[name], 2.0
    run = anneal(
        problem,
        Ramp((0, 4), (0, kappa * KT)),
        duration=4.0,
        hop_rate=1.0,
        replicas=20_000,
        seed=4,
        kinetics=kinetics,
        steps=20,
        engine=engine,
    )
    value, error = run.free_energy_change()
    number_of_states = problem.size * np.log(problem.levels)
    exact = -KT * (problem.equilibrium(kappa).log_partition - number_of_states)
    assert abs(value - exact) < 4 * error
    assert error < 0.05 * KT
    work, work_error = run.ledger.mean("work")
    assert work - exact > 4 * work_error  # the ramp is quick enough to dissipate


@BOTH
def test_a_slow_anneal_pays_for_the_entropy_alone(engine):
    kappa = 3.0
    end = GLASS.equilibrium(kappa)
    entropy_lost = KT * (6 * np.log(2) - end.entropy)
    excess = []
    for duration in (5.0, 50.0, 500.0):
        schedule = Ramp((0, duration), (0, kappa * KT))
        run = anneal(
            GLASS,
            schedule,
            duration=duration,
            hop_rate=1.0,
            replicas=2000,
            seed=5,
            steps=200,
            engine=engine,
        )
        heat, error = run.ledger.mean("heat")
        assert heat > entropy_lost - 4 * error
        excess.append(heat - entropy_lost)
    assert excess[0] > 5 * excess[1]
    assert abs(excess[2]) < 4 * error + 0.02 * entropy_lost


def test_a_converged_quench_heats_by_the_energy_it_loses():
    kappa = 3.0
    run = anneal(GLASS, kappa * KT, duration=60.0, hop_rate=1.0, replicas=4000, seed=6)
    heat, error = run.ledger.mean("heat")
    start = GLASS.all_energies.mean()
    assert abs(heat - kappa * KT * (start - GLASS.equilibrium(kappa).energy)) < 4 * error


def test_the_barrier_sets_the_pace_and_not_the_state():
    slow = StaticBarrier(barrier=np.log(100) * KT, attempt_rate=1.0)
    fast = StaticBarrier(barrier=0.0, attempt_rate=1.0)
    options = {"replicas": 4000, "seed": 7, "steps": 1}
    at_rest = anneal(GLASS, KT, duration=6000.0, barrier=slow, **options)
    same = anneal(GLASS, KT, duration=60.0, barrier=fast, **options)
    assert (at_rest.states == same.states).all()  # the clock is the hop budget, and nothing else
    frozen = ExponentialBarrier(hop_rate_initial=1.0, time_constant=0.1, attempt_rate=1.0)
    early = anneal(GLASS, 5 * KT, duration=1e6, barrier=frozen, **options)
    brief = anneal(GLASS, 5 * KT, duration=0.1, hop_rate=1.0, **options)
    assert early.mean_energy == pytest.approx(brief.mean_energy, rel=1e-9)
    assert early.mean_energy > GLASS.equilibrium(5.0).energy / 2


@pytest.mark.parametrize("size", [12, 16, 20])
def test_annealing_finds_the_ground_states_that_enumeration_finds(size):
    for seed in range(3):
        glass = IsingModel.sherrington_kirkpatrick(size, seed)
        run = anneal(
            glass,
            Ramp((0, 100), (0, 6 * KT)),
            duration=100.0,
            hop_rate=1.0,
            replicas=64,
            seed=1,
            order="sequential",
        )
        truth = glass.ground_state()
        assert run.best_energy == pytest.approx(truth.energy, rel=1e-9)
        assert run.best_state.tolist() in truth.states.tolist()
        assert run.success(truth.energy).value > 0.2


@pytest.mark.parametrize(("size", "seeds"), [(100, (1, 2, 3)), (200, (1,))])
def test_spin_glasses_are_solved_as_well_as_by_another_annealer(size, seeds):
    import dimod
    from dwave.samplers import SimulatedAnnealingSampler

    for seed in seeds:
        glass = IsingModel.sherrington_kirkpatrick(size, seed)
        i, j = np.triu_indices(size, 1)
        pairs = {
            (a, b): -glass.couplings[a, b] for a, b in zip(i.tolist(), j.tolist(), strict=True)
        }
        model = dimod.BinaryQuadraticModel.from_ising(dict.fromkeys(range(size), 0.0), pairs)
        other = SimulatedAnnealingSampler().sample(model, num_reads=64, num_sweeps=1000, seed=1)
        best = other.record.energy.min()
        spins = [other.first.sample[k] for k in range(size)]
        assert glass.energy(spins) == pytest.approx(best, rel=1e-9)  # the same instance
        run = anneal(
            glass,
            Ramp((0, 1000), (0.1 * KT, 5 * KT)),
            duration=1000.0,
            hop_rate=1.0,
            replicas=64,
            seed=1,
            order="sequential",
            kinetics="metropolis",
        )
        assert run.best_energy <= best + 1e-3 * abs(best)


def test_programs_are_solved_as_well_as_their_levels_allow():
    rng = np.random.default_rng(8)
    root = rng.normal(size=(10, 6))
    program = QuadraticProgram(root.T @ root, rng.normal(size=6), -0.3, 0.3, bits=6)
    spread = np.ptp([program.value(program.lower), program.optimum().energy])
    # To hold a level of 6 bits takes a scale that makes its step cost some kT.
    scale = 20 * KT / (program.curvature.diagonal().min() / 2)
    run = anneal(
        program,
        Ramp((0, 4000), (scale / 1e4, scale)),
        duration=4000.0,
        hop_rate=1.0,
        replicas=16,
        seed=9,
        order="sequential",
    )
    exact = program.optimum().energy
    assert exact - 1e-9 <= run.best_energy < exact + 0.01 * spread


def test_a_run_keeps_what_it_was_asked_to():
    run = anneal(
        GLASS,
        Ramp((0, 10), (0, 3 * KT)),
        duration=10.0,
        hop_rate=1.0,
        replicas=50,
        seed=10,
        record=np.linspace(0, 10, 6),
        snapshots=True,
    )
    assert run.times.tolist() == [0, 2, 4, 6, 8, 10]
    assert run.snapshots.shape == (6, 50, 6)
    for states, energies in zip(run.snapshots, run.energy_history, strict=True):
        np.testing.assert_allclose(GLASS.energy(states), energies, atol=1e-12)
    np.testing.assert_allclose(run.heat_history[-1], run.ledger.heat, rtol=1e-12)
    assert (run.heat_history[0] == 0).all()
    assert (run.states == run.snapshots[-1]).all()
    silent = anneal(
        GLASS, Ramp((0, 10), (0, 3 * KT)), duration=10.0, hop_rate=1.0, replicas=50, seed=10
    )
    assert (silent.states == run.states).all()  # looking changes nothing
    assert run.snapshots.dtype == np.int8  # a byte for each spin
    none = anneal(GLASS, KT, duration=1.0, hop_rate=1.0, replicas=50, seed=10, snapshots=True)
    assert none.snapshots.shape == (0, 50, 6)
    fine = QuadraticProgram(1.0, bits=24)
    far = anneal(fine, 0.0, duration=1.0, hop_rate=1.0, replicas=9, seed=1, record=[1.0],
                 snapshots=True)  # fmt: skip
    assert (far.snapshots[0] == far.states).all()


def test_runs_begin_where_they_are_told():
    start = np.tile([1, -1, 1, -1, 1, -1], (30, 1))
    barely = anneal(
        GLASS, KT, duration=1e-9, hop_rate=1.0, replicas=30, seed=1, initial=start, steps=1
    )
    assert (barely.states == start).all()
    assert barely.ledger.heat.tolist() == [0.0] * 30
    one = anneal(GLASS, KT, duration=1e-9, hop_rate=1.0, replicas=3, seed=1, initial=start[0])
    assert (one.states == start[0]).all()


def test_sweeps_come_evenly_on_the_clock_of_the_barrier():
    barrier = ExponentialBarrier(hop_rate_initial=10.0, time_constant=1.0, attempt_rate=1e9)
    run = anneal(
        GLASS,
        lambda t: (1 + t) * KT,
        duration=20.0,
        barrier=barrier,
        replicas=5,
        seed=1,
        order="sequential",
        record=[0.0, 0.5, 2.0, 20.0],
    )
    assert run.time == 20.0
    # 20 sweeps in all, one for each 1/20 of the budget; looked at when they are nearest.
    wanted = barrier.hop_budget(20.0) * np.arange(21) / 20
    ends = -np.log1p(-wanted[:-1] / 10)
    nearest = [ends[np.abs(ends - t).argmin()] for t in (0.0, 0.5, 2.0)]
    np.testing.assert_allclose(run.times, [*nearest, 20.0], atol=1e-9)
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT


@pytest.mark.parametrize("order", ["random", "sequential"])
@BOTH
def test_an_interrupted_run_keeps_what_is_done(order, monkeypatch, engine):
    for interval in ("BETWEEN_LOOKS", "BETWEEN_COPIES"):
        monkeypatch.setattr(f"lim_lib.optimizers.annealing.{interval}", 0.0)

    def stop(fraction):
        if fraction > 0.4:
            raise KeyboardInterrupt

    options = {
        "duration": 50.0,
        "hop_rate": 1.0,
        "seed": 11,
        "order": order,
        "record": [0, 10, 20, 30, 40, 50],
    }
    schedule = Ramp((0, 50), (0, 3 * KT))
    run = anneal(GLASS, schedule, replicas=40, progress=stop, **options, engine=engine)
    assert not run.complete
    assert 15 < run.time < 25
    assert run.updates == (None if order == "random" else 6 * round(2 * run.time))
    assert (
        len(run.times)
        == len(run.energy_history)
        == np.count_nonzero(np.arange(0, 51, 10) <= run.time)
    )
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT
    np.testing.assert_allclose(GLASS.energy(run.states), run.energies)
    whole = anneal(GLASS, schedule, replicas=40, **options, engine=engine)
    np.testing.assert_array_equal(whole.energy_history[: len(run.times)], run.energy_history)
    # Of several blocks, those that are done are kept whole.
    part = anneal(GLASS, schedule, replicas=40, block=10, progress=stop, **options, engine=engine)
    assert not part.complete
    assert part.replicas == 10
    assert part.time == 50.0


@pytest.mark.parametrize("when", [0.25, 0.5, 1.0])
def test_a_run_interrupted_between_two_blocks_keeps_those_before(when, monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)

    def stop(fraction):
        if fraction >= when:
            raise KeyboardInterrupt

    options = {"duration": 5.0, "hop_rate": 1.0, "replicas": 40, "seed": 11}
    schedule = Ramp((0, 5), (0, 3 * KT))
    for block in (10, 40):
        run = anneal(GLASS, schedule, progress=stop, block=block, **options)
        assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT
        assert run.replicas == max(10, 40 * when) if block == 10 else 40


# Costs of a solution


def test_repeats_reach_the_confidence():
    for p in (0.01, 0.3, 0.9):
        assert 1 - (1 - p) ** repeats(p) == pytest.approx(0.99, rel=1e-12)
    assert repeats(0.999) == 1.0
    assert repeats(1e-9) == pytest.approx(-np.log(0.01) / 1e-9, rel=1e-6)
    assert time_to_solution(0.5, 2.0) == pytest.approx(2 * np.log(0.01) / np.log(0.5))


def test_an_interval_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(12)
    counts = rng.binomial(50, 0.2, size=2000)
    ends = [success_probability(int(k), 50) for k in counts]
    covered = np.mean([low <= 0.2 <= high for low, _, high in ends])
    assert 0.93 < covered < 0.975  # exact coverage at this n and p: 0.954; standard error 0.005


def test_the_cost_of_a_solution_turns_the_interval_round():
    run = anneal(GLASS, Ramp((0, 2), (0, 3 * KT)), duration=2.0, hop_rate=1.0, replicas=300, seed=1)
    target = GLASS.ground_state().energy
    p, time = run.success(target), run.time_to_solution(target)
    assert 0 < p.low < p.value < p.high < 1
    assert time.low < time.value < time.high
    assert time.value == pytest.approx(2.0 * repeats(p.value))
    energy = run.energy_to_solution(target)
    assert energy.value / time.value == pytest.approx(run.ledger.heat.mean() / 2.0, rel=1e-6, abs=0)
    assert energy.low / energy.value < time.low / time.value
    assert energy.high / energy.value > time.high / time.value
    assert run.energy_to_solution(target - 1)[1:] == (np.inf, np.inf)
    never = run.time_to_solution(target - 1)
    assert never.value == np.inf
    assert isinstance(never, Estimate)
    assert run.success(target + 0.5, tolerance=0.0).value >= p.value
    share = run.efficiency(KT)
    assert share.low < share.value < share.high
    heat, error = run.ledger.mean("heat")
    assert share == pytest.approx((KT / (heat + 2 * error), KT / heat, KT / (heat - 2 * error)))
    cold = anneal(GLASS, 0.0, duration=1.0, hop_rate=1.0, replicas=3, seed=1)
    assert cold.efficiency(KT) == (np.inf, np.inf, np.inf)
    assert cold.energy_to_solution(cold.energies.max()) == (0, 0, 0)
    one = anneal(GLASS, KT, duration=1.0, hop_rate=1.0, replicas=1, seed=1)
    assert np.isnan(one.energy_to_solution(one.best_energy).low)


def test_the_interval_of_the_energy_covers_both_errors():
    """Of few runs, which err in heat and in success; each of the two alone is missed more often."""
    target, schedule = GLASS.ground_state().energy, Ramp((0, 2), (0, 3 * KT))
    options = {"sweeps": 4, "duration": 2.0, "order": "sequential"}
    many = anneal(GLASS, schedule, replicas=20_000, seed=1, **options)
    truth = many.energy_to_solution(target).value
    bunches = [anneal(GLASS, schedule, replicas=20, seed=seed, **options) for seed in range(2, 102)]
    ends = [run.energy_to_solution(target, level=0.8) for run in bunches]
    covered = np.mean([low <= truth <= high for low, _, high in ends])
    assert covered > 0.8 - 4 * np.sqrt(0.8 * 0.2 / 100)
    # Without an error of the heat the success alone has one, at the same level.
    alike = replace(many, ledger=replace(many.ledger, heat=np.full(20_000, KT)))
    sure = [KT * repeats(p) for p in many.success(target, level=0.5)]
    assert alike.energy_to_solution(target, level=0.5) == pytest.approx(sure[::-1], rel=1e-9, abs=0)


def test_equal_states_are_taken_together():
    run = anneal(GLASS, Ramp((0, 9), (0, KT)), sweeps=9, replicas=500, seed=1, order="sequential")
    found = run.aggregate()
    assert found.counts.sum() == 500
    assert (np.diff(found.energies) >= 0).all()
    np.testing.assert_allclose(GLASS.energy(found.states), found.energies, atol=1e-12)
    assert len(np.unique(state_numbers(GLASS, found.states))) == len(found.counts) < 64
    for state, count, heat in zip(found.states, found.counts, found.heat, strict=True):
        there = (run.states == state).all(axis=1)
        assert np.count_nonzero(there) == count
        assert heat / KT == pytest.approx(run.ledger.heat[there].mean() / KT)


def test_the_interval_is_wilsons():
    z = 1.6448536269514722  # of 90 %
    middle, half = (0.8 + z**2 / 20) / (1 + z**2 / 10), z * np.sqrt(0.8 * 0.2 / 10 + z**2 / 400)
    half /= 1 + z**2 / 10
    found = success_probability(8, 10, level=0.9)
    assert found == pytest.approx((middle - half, 0.8, middle + half), rel=1e-9)


def test_a_target_is_reached_within_a_share_of_its_size():
    run = anneal(IsingModel([[0]], 100.0), KT, duration=9.0, hop_rate=1.0, replicas=5, seed=1)
    assert run.energies.tolist() == [-100.0] * 5
    assert run.success(-101.0).value == 0
    assert run.success(-101.0, tolerance=0.009).value == 0
    assert run.success(-101.0, tolerance=0.01).value == 1


# Schedules that change between the middles of the control steps


def pulse(low, high, scale):
    return lambda t: scale * ((low <= t) & (t < high))


def test_a_pulse_beside_the_middles_is_told_with_the_steps_that_follow_it():
    options = {"duration": 10.0, "hop_rate": 1.0, "replicas": 50, "seed": 1}
    short = pulse(3.31, 3.39, 20 * KT)
    with pytest.warns(RegimeWarning, match=r"10 control steps miss 100 % of the schedule") as told:
        anneal(GLASS, short, steps=10, **options)
    assert "\n" not in str(told[0].message)
    assert told[0].filename == __file__
    enough = int(re.search(r"; steps=(\d+) follow it", str(told[0].message))[1])
    anneal(GLASS, short, steps=enough, **options)  # without a word
    with pytest.warns(RegimeWarning, match=r"miss 100 % .*; order='random' with steps=\d+ follows"):
        anneal(GLASS, short, order="sequential", **options)


def test_a_pulse_is_followed_unasked():
    """A spin that is pressed for 0.08 s flips with the rate 2r, and not back."""
    rate, width, kappa = 10.0, 0.08, 20.0
    run = anneal(
        IsingModel([[0]], 1.0),
        pulse(3.31, 3.31 + width, kappa * KT),
        duration=4.0,
        hop_rate=rate,
        replicas=2000,
        seed=1,
    )
    flipped = (1 - np.exp(-2 * rate * width)) / 2
    heat, error = run.ledger.mean("heat")
    assert error < 0.05 * heat
    assert heat == pytest.approx(2 * kappa * KT * flipped, abs=4 * error + 0.01 * heat)


def test_a_rhythm_that_meets_every_middle_at_the_same_phase_is_noticed():
    options = {"duration": 10.0, "hop_rate": 1.0, "replicas": 5, "seed": 1}
    with pytest.warns(RegimeWarning, match=r"100 control steps miss 4\d(\.\d)? % of the schedule"):
        anneal(GLASS, lambda t: KT * (1 + np.sin(100 * np.pi * t)), steps=100, **options)


def test_what_no_number_of_steps_follows_is_said(monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.steps.MANY", 300)
    noise = np.random.default_rng(1)
    options = {"duration": 10.0, "hop_rate": 1.0, "replicas": 5, "seed": 1}
    with pytest.warns(RegimeWarning, match=r"steps miss [\d.]+ % .*; \d+ miss [\d.]+ %, too"):
        anneal(GLASS, lambda t: KT * noise.random(np.shape(t)), **options)


def test_a_ramp_has_five_steps_or_is_told_and_sweeps_are_steps_of_their_own_right():
    ramp, options = Ramp((0, 4), (0, 3 * KT)), {"duration": 4.0, "replicas": 5, "seed": 1}
    anneal(GLASS, ramp, steps=5, hop_rate=1.0, **options)
    with pytest.warns(RegimeWarning, match="4 control steps miss 1[12].* %.*; steps=8 follow it"):
        anneal(GLASS, ramp, steps=4, hop_rate=1.0, **options)
    anneal(GLASS, ramp, order="sequential", hop_rate=0.125, **options)
    anneal(GLASS, 3 * KT, steps=1, hop_rate=1.0, **options)


@pytest.mark.parametrize("duration", [0.01, 0.3])
def test_a_short_run_has_the_steps_of_its_schedule_not_of_its_attempts(duration):
    run = anneal(GLASS, Ramp((0, duration), (0, 5 * KT)), duration=duration, hop_rate=1.0,
                 replicas=5, seed=1, record=np.linspace(0, duration, 26))  # fmt: skip
    np.testing.assert_allclose(run.times, np.linspace(0, duration, 26), rtol=1e-12)


def test_what_steps_miss_is_the_area_beside_a_straight_line_through_each_middle():
    # A box that ends a quarter into its third step of ten; the line has the slope of least squares.
    def beside(x):
        return abs((x < -0.25) + 1.125 * x)

    area = sum(quad(beside, *ends)[0] for ends in ((-0.5, -0.25), (-0.25, 0.5)))
    ends = np.linspace(0, 10, 11)
    found = missed(pulse(0, 2.25, 7.0), lambda t: 3 * t, ends)
    assert found == pytest.approx((area / 2.25, 0.25 / 2.25), rel=0.01)
    # A ramp: of each step the mean distance from the middle is a quarter of its rise.
    lines, values = missed(lambda t: 5.0 + t, lambda t: t, ends)
    assert lines < 1e-9
    assert values == pytest.approx(0.25 / (10 + 0.125), rel=0.01)
    # On the clock of a barrier that has frozen by then, nothing is felt of a late pulse.
    late = pulse(9.0, 9.4, 1.0)
    frozen = ExponentialBarrier(hop_rate_initial=1.0, time_constant=0.1, attempt_rate=1.0)
    assert missed(lambda t: 1 + late(t), frozen.hop_budget, ends).beside_lines < 1e-12
    assert missed(late, lambda t: t, ends).beside_lines > 0.4
    assert missed(lambda t: 0 * t, lambda t: t, ends) == (0, 0)
    assert missed(np.floor, lambda t: t, ends) == pytest.approx((0, 0), abs=1e-12)


# What is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"problem": [[0, 1], [1, 0]]}, "problem must be an IsingModel"),
        ({"schedule": -KT}, "schedule.* must be a finite number >= 0"),
        (
            {"schedule": lambda t: np.nan * t},
            "schedule at t = 0 s must be a finite number",
        ),
        ({"schedule": [KT, KT]}, "schedule must be one number"),
        ({"duration": 1e12}, r"duration must be short enough for 1e\+07 attempts"),
        (
            {"barrier": StaticBarrier(0.0, 1.0), "hop_rate": None, "temperature": 77.0},
            "temperature must be that of the barrier, 300 K, got 77",
        ),
        ({"duration": 0}, "duration must be a finite number > 0, got 0"),
        ({"hop_rate": None}, "give exactly one of barrier, hop_rate and sweeps"),
        ({"sweeps": 5}, "give exactly one of barrier, hop_rate and sweeps"),
        ({"duration": None}, "duration must be a finite number > 0, got None"),
        ({"sweeps": 0, "hop_rate": None}, "sweeps must be a whole number >= 1, got 0"),
        (
            {"sweeps": 5, "hop_rate": None, "kinetics": "symmetric"},
            "sweeps must be left out for kinetics='symmetric'",
        ),
        ({"hop_rate": -1.0}, "hop_rate must be a finite number > 0"),
        ({"barrier": 3.0, "hop_rate": None}, "barrier must be a schedule with a hop_budget"),
        ({"replicas": 0}, "replicas must be a whole number >= 1, got 0"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
        ({"kinetics": "glauber"}, "kinetics must be 'heat_bath' or 'metropolis' or 'symmetric'"),
        ({"kinetics": "symmetric", "order": "sequential"}, "kinetics must be 'heat_bath' or 'metr"),
        ({"order": "checkerboard"}, "order must be 'random' or 'sequential' or 'coloured' or 'par"),
        (
            {"order": "parallel", "kinetics": "metropolis"},
            "kinetics must be 'heat_bath' for order=",
        ),
        ({"order": "sequential", "steps": 3}, "steps must be left out for sweeps"),
        ({"order": "sequential", "duration": 0.1}, "duration must be long enough for one sweep"),
        ({"initial": [1, 1]}, r"initial must be an array of shape \(states, 6\)"),
        ({"initial": [0] * 6}, "initial must be made of spins -1 and 1"),
        ({"initial": np.ones((3, 6))}, "initial must be one state, or one for each of 10"),
        ({"record": [5.0]}, "record must be increasing times from 0 to duration"),
        ({"executor": 4}, "executor must be a concurrent.futures.Executor or None, got 4"),
        ({"kinetics": "symmetric", "schedule": 1e6 * KT}, "schedule must be below"),
        ({"temperature": 5e-324}, "temperature must be high enough for kT to be above zero"),
        ({"schedule": 1e308, "kinetics": "symmetric"}, "schedule must be at most .* got 1e.308"),
        ({"schedule": 1e308, "order": "sequential"}, "schedule must be at most .* got 1e.308"),
        ({"schedule": lambda t: -t}, "schedule at t = 1 s must be a finite number >= 0, got -1"),
        (
            {"schedule": lambda t: 1 * (t < 0.7) - 0.5},
            "schedule at t = 1 s must be a finite number >= 0",
        ),
        ({"steps": 10**12}, r"steps must be a whole number >= 1 and <= 1e\+07, got 10{12}"),
        ({"steps": 1, "duration": 1e12}, r"duration must be short enough for 1e\+10 attempts"),
        ({"hop_rate": 1e308, "duration": 1e5, "steps": 1}, r"duration must be short .*allows inf"),
        ({"replicas": 10**10}, r"replicas must be few enough to keep at most 1e\+09 numbers"),
        ({"record": np.linspace(0, 1, 10**6), "replicas": 10**4}, "replicas must be few enough"),
        ({"replicas": 10**7, "block": 1}, "block must be a whole number >= 100, got 1"),
    ],
)
def test_what_cannot_be_annealed_is_refused_in_one_line(changes, message):
    arguments = {
        "problem": GLASS,
        "schedule": KT,
        "duration": 1.0,
        "hop_rate": 1.0,
        "replicas": 10,
        "seed": 1,
        **changes,
    }
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        anneal(arguments.pop("problem"), arguments.pop("schedule"), **arguments)
    assert "\n" not in str(caught.value)


def test_what_is_kept_is_the_states_and_two_numbers_a_record(monkeypatch):
    monkeypatch.setattr(annealing, "MOST_KEPT", 1000)
    options = {"duration": 1.0, "hop_rate": 1.0, "replicas": 10, "seed": 1}
    spins = IsingModel(np.zeros((6, 6)))
    for snapshots, records in ((False, 44), (True, 11)):
        times = np.linspace(0, 1, records + 1)
        anneal(spins, KT, record=times[1:], snapshots=snapshots, **options)
        with pytest.raises(ValueError, match="replicas must be few enough to keep at most 1000"):
            anneal(spins, KT, record=times, snapshots=snapshots, **options)


@BOTH
def test_a_move_may_gain_a_thousand_kT_and_no_more(engine):
    spin = IsingModel([[0]], 100.0)  # a flip gains 200
    options = {"duration": 1.0, "hop_rate": 1.0, "replicas": 4, "seed": 1, "initial": [-1]}
    assert (
        anneal(spin, 4.99 * KT, kinetics="symmetric", **options, engine=engine).energies.max()
        == -100
    )
    with pytest.raises(ValueError, match=r"schedule must be below 5 kT for .* gains 1e\+03 kT"):
        anneal(spin, 5.01 * KT, kinetics="symmetric", **options, engine=engine)


@BOTH
def test_a_step_that_passes_the_attempt_rate_warns_and_says_by_how_much(engine):
    barrier = StaticBarrier(barrier=2 * KT, attempt_rate=1.0)
    pair = IsingModel([[0, 5], [5, 0]])  # a flip changes H by 10
    options = {"duration": 50.0, "barrier": barrier, "replicas": 50, "seed": 1}
    with pytest.warns(RegimeWarning, match=r"up to 20\.1 times the attempt rate") as told:
        anneal(pair, KT, kinetics="symmetric", **options, engine=engine)
    assert told[0].filename == __file__
    anneal(pair, KT, kinetics="heat_bath", **options, engine=engine)
    anneal(pair, 0.39 * KT, kinetics="symmetric", **options, engine=engine)


def test_logarithmic_cooling_is_a_schedule_like_any_other():
    run = anneal(
        GLASS,
        LogarithmicRamp(scale=0.7 * KT, time_constant=0.1),
        duration=300.0,
        hop_rate=1.0,
        replicas=400,
        seed=1,
    )
    final = GLASS.equilibrium(0.7 * np.log1p(3000))
    truth = GLASS.ground_state()
    share = 2 * final.probabilities.max()  # the two ground states
    found = run.success(truth.energy)
    assert abs(found.value - share) < 4 * np.sqrt(share * (1 - share) / run.replicas)
    assert share > 0.45


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_a_star_has_the_correlations_of_a_tree(order):
    # A sparse graph whose hub has all others as neighbours: <s_hub s_leaf> = tanh(κJ).
    leaves, kappa = 400, 0.6
    couplings = sparse.coo_array(
        (np.ones(leaves), (np.zeros(leaves, dtype=int), np.arange(1, leaves + 1))),
        shape=(leaves + 1, leaves + 1),
    )
    star = IsingModel(couplings + couplings.T)
    assert sparse.issparse(star.curvature)
    start = np.ones(leaves + 1)
    run = anneal(
        star,
        kappa * KT,
        duration=10.0,
        hop_rate=1.0,
        replicas=100,
        seed=1,
        order=order,
        initial=start,
        steps=5 if order == "random" else None,
    )
    aligned = (run.states[:, 1:] * run.states[:, :1]).mean()
    error = np.sqrt((1 - np.tanh(kappa) ** 2) / (leaves * 100))
    assert abs(aligned - np.tanh(kappa)) < 4 * error
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-10 * KT

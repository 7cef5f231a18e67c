"""Compiled walks: exact laws on the way, and numbers that depend on nothing but the seed.

The laws of all ways to walk are tested for both engines in `test_annealing`; here are those of
small models step by step, and what only a compiled walk could get wrong.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import expm

from lim_lib import engine as engines
from lim_lib import kernels
from lim_lib.engine import ENGINES
from lim_lib.optimizers import IsingModel, QuadraticProgram, anneal, annealing
from lim_lib.optimizers import landscape as landscapes
from lim_lib.optimizers.landscape import Landscape
from lim_lib.optimizers.moves import Account
from lim_lib.results import load
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

KT = thermal_energy()
BOTH = pytest.mark.parametrize("engine", ENGINES)
GLASS = IsingModel.sherrington_kirkpatrick(30, seed=1)
CHAIN = IsingModel(sparse.eye_array(40, k=1) + sparse.eye_array(40, k=-1), 0.3)
LADDERS = Landscape([[2, -1, 0], [-1, 1, 0.5], [0, 0.5, 1.5]], [-1.3, 0.2, -0.4], 0.1, levels=3)
SPINS = Landscape(LADDERS.curvature, LADDERS.slope, 0.1, levels=2)
WAYS = [
    ("random", "metropolis"),
    ("random", "symmetric"),
    ("sequential", "heat_bath"),
    ("coloured", "metropolis"),
    ("parallel", "heat_bath"),
]
RATES = np.array([1.0, 0.4, 0.7])


def moves(problem, kinetics, coupling):
    """From each state over each move of each cell: cell, from, to, and its rate on the clock."""
    levels = problem.state_levels(np.arange(problem.levels**problem.size))
    energies, places = problem.all_energies, problem.levels ** np.arange(problem.size)[::-1]
    for cell in range(problem.size):
        for way in (1, -1):
            allowed = np.flatnonzero(
                (levels[:, cell] + way >= 0) & (levels[:, cell] + way < problem.levels)
            )
            to = allowed + way * places[cell]
            x = coupling * (energies[to] - energies[allowed])
            rate = {
                "heat_bath": 2 / (1 + np.exp(x)),
                "metropolis": np.minimum(1, np.exp(-x)),
                "symmetric": np.exp(-x / 2),
            }[kinetics]
            yield cell, allowed, to, rate


def generator(problem, kinetics, coupling, rates):
    """Of continuous time: p grows by p @ it."""
    out = np.zeros((problem.levels**problem.size,) * 2)
    for cell, start, end, rate in moves(problem, kinetics, coupling):
        out[start, end] += rates[cell] * rate
    return out - np.diag(out.sum(axis=1))


def swept(problem, kinetics, coupling, rates, order):
    """A sweep as a matrix: in groups of cells, each with its one move, or with two in turn."""
    states = problem.levels**problem.size
    edges = 1 if problem.levels == 2 else 2
    share = 1 / (edges * {"heat_bath": 2, "metropolis": 1}[kinetics])
    offers = np.zeros((problem.size, states, states))
    for cell, start, end, rate in moves(problem, kinetics, coupling):
        offers[cell][start, end] += rates[cell] * rate * share
    for offer in offers:
        offer += np.diag(1 - offer.sum(axis=1))
    out = np.eye(states)
    for group in order:
        for _ in range(edges):
            for cell in group:
                out = out @ offers[cell]
    return out


@BOTH
@pytest.mark.parametrize(("order", "kinetics"), WAYS[:4])
@pytest.mark.parametrize("problem", [SPINS, LADDERS], ids=["spins", "ladders"])
def test_while_the_scale_rises_states_heat_and_work_are_the_exact_ones(
    problem, order, kinetics, engine
):
    """Chi-square within 4 of its standard deviations, means within 4 standard errors."""
    clock, replicas = 0.3, 20_000
    random = order == "random"
    pace = {"hop_rate": clock, "duration": 6.0, "steps": 6} if random else {"sweeps": 6}
    run = anneal(
        problem,
        Ramp((0, 6), (0, 3 * KT)),
        replicas=replicas,
        seed=1,
        order=order,
        kinetics=kinetics,
        rates=RATES,
        engine=engine,
        **pace,
    )
    energies = problem.all_energies
    p = np.full(energies.size, 1 / energies.size)
    heat = work = scale = 0.0
    for middle in np.arange(0.25, 3.0, 0.5):
        work += (middle - scale) * (p @ energies)
        scale = middle
        if random:
            step = expm(clock * generator(problem, kinetics, scale, RATES))
        else:
            parts = [[0, 1, 2]] if order == "sequential" else [[1], [0, 2]]
            step = swept(problem, kinetics, scale, RATES, parts)
        heat -= scale * ((p @ step - p) @ energies)
        p = p @ step
    work += (3.0 - scale) * (p @ energies)
    numbers = problem.encode(run.states) @ problem.levels ** np.arange(problem.size)[::-1]
    expected = replicas * p
    chi = ((np.bincount(numbers, minlength=p.size) - expected) ** 2 / expected).sum()
    assert abs(chi - (p.size - 1)) < 4 * np.sqrt(2 * (p.size - 1))
    for name, wanted in (("heat", heat), ("work", work)):
        mean, error = np.divide(run.ledger.mean(name), KT)
        assert abs(mean - wanted) < 4 * error
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-11 * KT


def test_moves_succeed_with_the_probabilities_of_their_kinetics():
    """From the table as from the formula; far beyond it nothing does that would be uphill."""
    from lim_lib.kernels import compiled, seeded
    from lim_lib.optimizers.compiled import accepts, growth

    grown = compiled(lambda x: growth(x))

    @compiled
    def share(offset, x, generator, attempts):
        made = 0
        for _ in range(attempts):
            made += accepts(offset, x, generator)
        return made / attempts

    x = np.linspace(-40, 40, 2001)
    np.testing.assert_allclose([grown(each) for each in x], np.exp(x), rtol=1e-10)
    state, attempts = seeded(np.random.default_rng(1), 1)[0], 1_000_000
    for offset in (0.0, 1.0):
        for x in (-3.0, -0.1, 0.2, 1.0, 4.0, 9.0):
            p = min(1.0, 1 / (offset + np.exp(x)))
            error = np.sqrt(p * (1 - p) / attempts)
            assert abs(share(offset, x, state, attempts) - p) <= 4 * error
        assert share(offset, 1e200, state, attempts) == 0
        assert share(offset, -1e200, state, attempts) == 1


def compiled(problem, order="sequential", kinetics="heat_bath", **changes):
    options = {"duration": 6.0, "hop_rate": 1.0, "replicas": 50, "seed": 5, "record": [0, 2, 6]}
    schedule = Ramp((0, 6), (0, 3 * KT))
    options |= {"order": order, "kinetics": kinetics, "engine": "compiled"} | changes
    return anneal(problem, schedule, **options)


def same(a, b):
    """Whether two runs are the same to the last bit."""
    pairs = [(a.states, b.states), (a.heat_history, b.heat_history)]
    pairs += [(getattr(a.ledger, n), getattr(b.ledger, n)) for n in ("heat", "work", "hops_up")]
    return all((x == y).all() for x, y in pairs)


@pytest.mark.parametrize(("order", "kinetics"), WAYS)
def test_numbers_depend_neither_on_threads_nor_on_workers_nor_on_pauses(
    order, kinetics, monkeypatch
):
    run = compiled(GLASS, order, kinetics)
    for threads in (2, 3):
        assert same(run, compiled(GLASS, order, kinetics, threads=threads))
    blocks = compiled(GLASS, order, kinetics, block=20)
    with ThreadPoolExecutor(2) as pool:
        assert same(blocks, compiled(GLASS, order, kinetics, block=20, executor=pool))
    monkeypatch.setattr(annealing, "BETWEEN_LOOKS", 0.0)  # one step at a time
    assert same(run, compiled(GLASS, order, kinetics))
    assert not same(run, compiled(GLASS, order, kinetics, seed=6))


def test_a_pool_of_processes_brings_the_same_numbers():
    with ProcessPoolExecutor(1) as pool:
        assert same(compiled(GLASS, block=20), compiled(GLASS, block=20, executor=pool))


@pytest.mark.parametrize("kinetics", ["metropolis", "symmetric"])
def test_a_full_and_a_sparse_matrix_take_the_same_way(kinetics, monkeypatch):
    """So the tree of rates that is mended after each hop is the one that is built anew."""
    full = CHAIN.curvature.toarray(), CHAIN.slope, CHAIN.constant
    for levels in (2, 3):
        monkeypatch.setattr(landscapes, "SPARSE", 0.0)
        dense = Landscape(*full, levels)
        monkeypatch.setattr(landscapes, "SPARSE", 1.0)
        few = Landscape(*full, levels)
        assert sparse.issparse(few.curvature)
        assert not sparse.issparse(dense.curvature)
        one, other = (compiled(each, "random", kinetics) for each in (dense, few))
        assert one.ledger.hops.sum() > 1000
        assert (one.states == other.states).all()
        np.testing.assert_allclose(one.ledger.heat, other.ledger.heat, atol=1e-11 * KT)


@pytest.mark.parametrize(("order", "kinetics"), WAYS)
@pytest.mark.parametrize("levels", [2, 5])
def test_one_cell_one_replica_one_step_and_cells_that_are_frozen(order, kinetics, levels):
    one = Landscape([[1.0]], [0.2], 0.0, levels)
    short = {"hop_rate": 0.6, "duration": 1.0, "record": None, "replicas": 1}
    if order == "random":
        short["steps"] = 6
    run = compiled(one, order, kinetics, **short)
    assert run.states.shape == (1, 1)
    alone = Landscape(sparse.csr_array((20, 20)), np.arange(20) / 10, 0.0, levels)
    assert compiled(alone, order, kinetics).ledger.hops.min() > 0
    frozen = compiled(alone, order, kinetics, rates=np.arange(20) % 2, snapshots=True)
    changed = (frozen.snapshots[0] != frozen.states).any(axis=0)
    assert (changed == np.arange(20) % 2).all()
    still = compiled(alone, order, kinetics, rates=np.zeros(20))
    assert still.ledger.hops.sum() == 0


@pytest.mark.parametrize(("order", "kinetics"), WAYS[:3])
def test_ctrl_c_ends_a_compiled_run_at_once(order, kinetics, monkeypatch):
    """Threads that are at work finish their part of a tenth of a second or so."""
    monkeypatch.setattr(annealing, "BETWEEN_COPIES", 0.0)
    compiled(GLASS, order, kinetics)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have others
    timer = threading.Timer(0.5, signal.pthread_kill, [threading.get_ident(), signal.SIGINT])

    def account(*arguments):
        timer.start()
        return Account(*arguments)

    monkeypatch.setattr(annealing, "Account", account)
    begun = time.monotonic()
    few = {"duration": 1e6, "steps": 10} if order == "random" else {"duration": 2e5}
    run = compiled(GLASS, order, kinetics, threads=2, record=None, **few)
    timer.join()
    signal.signal(signal.SIGINT, before)
    assert time.monotonic() - begun < 10
    assert not run.complete
    assert run.time < few["duration"]
    assert (run.time == 0) == (order == "random")  # its first step is not over
    rounding = 1e-11 + 1e-16 * run.ledger.hops.max()  # of a hundred thousand hops
    assert np.abs(run.ledger.first_law_residual()).max() < rounding * KT


def test_a_result_says_who_computed_it_and_keeps_it(tmp_path):
    run = compiled(GLASS)
    assert "(seed 5, compiled, lim_lib" in run.headline()
    run.save(tmp_path / "run.zip")
    assert load(tmp_path / "run.zip").engine == "compiled"
    plain = compiled(GLASS, engine="numpy")
    assert plain.engine == "numpy"
    assert "numpy" not in plain.headline()


def test_what_no_engine_does_is_said_in_one_line(monkeypatch):
    with pytest.raises(ValueError, match="engine must be 'numpy' or 'compiled', got 'fast'"):
        compiled(GLASS, engine="fast")
    with pytest.raises(ValueError, match="threads must be 1 for engine='numpy', got 2"):
        compiled(GLASS, engine="numpy", threads=2)
    with pytest.raises(ValueError, match=r"^kinetics must be 'heat_bath' for order='parallel'"):
        compiled(GLASS, "parallel", "metropolis")
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"^engine='compiled' needs Numba.*\[fast\]'$"):
        compiled(GLASS)


@pytest.mark.parametrize("bits", [1, 3])
def test_a_program_of_some_bits_has_the_same_mean_heat_by_either_engine(bits):
    program = QuadraticProgram(GLASS.couplings + 12 * np.eye(30), np.ones(30), -1, 1, bits=bits)
    runs = [compiled(program, replicas=2000, engine=engine) for engine in ENGINES]
    for name in ("heat", "work", "hops"):
        (a, da), (b, db) = (run.ledger.mean(name) for run in runs)
        assert abs(a - b) < 4 * np.hypot(da, db)


def test_machine_code_that_cannot_be_kept_is_no_error(tmp_path):
    """No folder can be written to, not even by root: files stand where folders would be made."""
    house = tmp_path / "house"
    house.mkdir()
    (house / "__pycache__").touch()
    (house / "rule.py").write_text(
        "from lim_lib.kernels import compiled\n\n\n"
        "@compiled\ndef half(x):\n    return x / 2\n\n\nprint(half(3.0), half._cache.__class__)\n",
        encoding="utf-8",
    )
    nowhere = str(house / "__pycache__")
    environment = {name: value for name, value in os.environ.items() if name != "HOME"} | {
        "HOME": nowhere,
        "XDG_CACHE_HOME": nowhere,
        "NUMBA_CACHE_DIR": nowhere,
        "PYTHONPATH": os.pathsep.join([str(house), str(Path(engines.__file__).parents[1])]),
    }
    done = subprocess.run(
        [sys.executable, "-c", "import rule"],
        env=environment, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert done.stdout == "1.5 <class 'numba.core.caching.NullCache'>\n"


def test_many_logarithms_at_a_time_are_numpys():
    x = np.concatenate([np.geomspace(2.0**-53, 1.0, 500), 1 - np.geomspace(1e-15, 0.5, 500)])
    number, found = x.copy(), np.empty_like(x)
    kernels.logarithms(number, number.view(np.uint64), found)
    np.testing.assert_allclose(found, np.log(x), rtol=1e-11, atol=1e-15)


def test_many_numbers_at_a_time_are_even_and_never_zero():
    lanes = kernels.seeded(np.random.default_rng(1), kernels.LANES).T.copy()
    number = np.empty(64 * kernels.LANES * 16)
    kernels.uniforms(lanes, np.empty(number.size, dtype=np.uint64), number)
    assert 0 < number.min() < number.max() <= 1
    counts = np.bincount((64 * number).astype(int), minlength=64)[:64]
    assert abs(((counts - 256) ** 2 / 256).sum() - 63) < 4 * np.sqrt(2 * 63)


@pytest.mark.parametrize("kinetics", ["heat_bath", "metropolis"])
def test_two_levels_that_a_diagonal_tells_apart_have_their_gibbs_state(kinetics):
    curvature = [[-3, 0.8, 0, 0.4], [0.8, 2, -0.7, 0], [0, -0.7, -5, 1.1], [0.4, 0, 1.1, 1]]
    tilted = Landscape(curvature, slope=[1.0, -0.5, 2.0, 0.3], constant=0.0, levels=2)
    run = anneal(tilted, 1.2 * KT, sweeps=30, replicas=8000, seed=7, order="sequential",
                 kinetics=kinetics, engine="compiled")  # fmt: skip
    counts = np.bincount(run.states @ [8, 4, 2, 1], minlength=16)
    expected = 8000 * tilted.equilibrium(1.2).probabilities
    assert abs(((counts - expected) ** 2 / expected).sum() - 15) < 4 * np.sqrt(2 * 15)

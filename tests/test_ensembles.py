"""Ensembles split over workers: the same numbers whatever the split, and whoever dies."""

import multiprocessing
import os
import pickle
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pytest

from lim_lib.optimizers import IsingModel, anneal
from lim_lib.optimizers.annealing import _walk_block
from lim_lib.optimizers.ensembles import gather, packed, unpacked
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

KT = thermal_energy()
GLASS = IsingModel.sherrington_kirkpatrick(40, seed=1)


def run(duration=20.0, **options):
    """160 replicas in ten blocks."""
    return anneal(
        GLASS,
        Ramp((0, duration), (0, 4 * KT)),
        duration=duration,
        hop_rate=1.0,
        replicas=160,
        seed=1,
        block=16,
        record=[0.0, duration / 2],
        **options,
    )


def assert_same(first, second):
    np.testing.assert_array_equal(first.states, second.states)
    np.testing.assert_array_equal(first.ledger.heat, second.ledger.heat)
    np.testing.assert_array_equal(first.ledger.work, second.ledger.work)
    np.testing.assert_array_equal(first.energy_history, second.energy_history)
    assert second.complete


class Untimely(ThreadPoolExecutor):
    """Finishes its tasks in an order of its own, and loses every third."""

    def __init__(self):
        super().__init__(max_workers=3)
        self.sent = 0

    def submit(self, function, *arguments):
        self.sent += 1
        if self.sent % 3 == 0:
            future = super().submit(os.strerror, "not a number")  # raises, as a lost worker does
        else:
            future = super().submit(function, *arguments)
        return future


@pytest.fixture(scope="module")
def alone():
    return run()


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_the_numbers_do_not_depend_on_the_split(alone, processes):
    assert_same(alone, run(executor=processes))


def test_schedules_that_cannot_be_sent_are_no_obstacle(processes):
    options = {"duration": 5.0, "hop_rate": 1.0, "replicas": 8, "seed": 1, "block": 4}
    here = anneal(GLASS, lambda t: t * KT, **options)
    there = anneal(GLASS, lambda t: t * KT, executor=processes, **options)
    np.testing.assert_array_equal(here.states, there.states)


@pytest.mark.parametrize("several", [False, True])
def test_starts_that_are_given_are_sent(processes, several):
    start = np.where(np.random.default_rng(1).random((20, 40)) < 0.5, 1, -1)
    start = start if several else start[0]
    options = {"duration": 1.0, "hop_rate": 1.0, "replicas": 20, "seed": 1, "block": 4}
    assert anneal(GLASS, KT, initial=start, executor=processes, **options) == anneal(
        GLASS, KT, initial=start, **options
    )
    kept = anneal(GLASS, KT, initial=start, rates=np.zeros(40), executor=processes, **options)
    assert (kept.states == start).all()


def test_progress_is_told_as_blocks_come_home():
    told = []
    with ThreadPoolExecutor(2) as pool:
        run(executor=pool, progress=told.append)
    assert told[-1] == pytest.approx(1.0)
    assert told == sorted(told)


@pytest.mark.filterwarnings("ignore:a worker was lost")
def test_lost_tasks_are_done_here(alone):
    with Untimely() as pool:
        assert_same(alone, run(executor=pool))


class Counted(ThreadPoolExecutor):
    """Counts what it is asked for."""

    sent = 0

    def submit(self, function, *arguments):
        self.sent += 1
        return super().submit(function, *arguments)


@pytest.mark.parametrize("kind", ["here", "threads", "process"])
def test_a_fault_of_the_run_itself_comes_through_at_once_in_its_own_words(kind, processes):
    pools = {
        "here": nullcontext,
        "threads": lambda: Counted(1),
        "process": lambda: nullcontext(processes),
    }
    steep = {"duration": 1.0, "hop_rate": 1.0, "replicas": 40, "seed": 1, "block": 4}
    with pools[kind]() as pool, pytest.raises(ValueError, match="schedule must be below"):
        anneal(GLASS, 1e6 * KT, kinetics="symmetric", executor=pool, **steep)
    if kind == "threads":
        assert pool.sent == 10  # none a second time, and no warning of a lost worker


def out_of_memory(part):
    raise MemoryError


class Crowded(ThreadPoolExecutor):
    """Has no memory for what it is asked for."""

    def submit(self, function, task, part):
        return super().submit(function, out_of_memory, part)


def test_a_worker_without_memory_costs_time_only(alone):
    with Crowded(1) as pool, pytest.warns(RuntimeWarning, match=r"was lost \(MemoryError\)"):
        assert_same(alone, run(executor=pool))


def test_a_dead_process_costs_time_only(alone):
    context = multiprocessing.get_context("spawn")
    killed = []

    def kill(fraction):
        if not killed and 0 < fraction < 1:
            killed.extend(pool._processes)
            os.kill(killed[0], signal.SIGKILL)

    with (
        ProcessPoolExecutor(1, mp_context=context) as pool,
        pytest.warns(RuntimeWarning, match="a worker was lost"),
    ):
        assert_same(alone, run(executor=pool, progress=kill))
    assert killed


def test_a_pool_that_is_shut_down_costs_time_only(alone):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    assert_same(alone, run(executor=pool))


@pytest.mark.filterwarnings("ignore:a worker was lost")
def test_what_was_lost_is_computed_until_the_user_interrupts(alone):
    told = []

    def stop(fraction):
        told.append(fraction)
        if fraction > 0.75:
            raise KeyboardInterrupt

    with Untimely() as pool:
        part = run(executor=pool, progress=stop)
    assert not part.complete
    assert part.replicas == 16 * 8  # seven came home, one was done here
    assert told == sorted(told)
    np.testing.assert_array_equal(part.states[:32], alone.states[:32])


class Stopped(ThreadPoolExecutor):
    """Its workers are interrupted, and nobody else."""

    def submit(self, function, task, part):
        def stopped(done):
            raise KeyboardInterrupt

        return super().submit(function, lambda part: task.task(part, stopped), part)


@pytest.mark.filterwarnings("ignore:a worker was lost .it was interrupted")
def test_a_worker_that_is_interrupted_alone_costs_time_only(alone, monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)
    with Stopped(1) as pool:
        assert_same(alone, run(executor=pool))


@pytest.fixture
def impatient(monkeypatch):
    for name, value in {"LOOK": 0.02, "PATIENCE": 0.1, "LATE": 1.0}.items():
        monkeypatch.setattr(f"lim_lib.optimizers.ensembles.{name}", value)


@pytest.mark.parametrize("wakes", [False, True])
def test_a_part_that_does_not_come_home_is_computed_here_too_and_the_first_counts(impatient, wakes):
    awake, called_off = threading.Event(), []

    def task(part, show=None):
        if part == 1 and show is None:
            awake.wait()
        elif part == 1 and wakes:
            awake.set()
            while True:
                try:
                    show(0.5)
                except Exception as error:
                    called_off.append(type(error).__name__)
                    raise
                time.sleep(0.01)
        return SimpleNamespace(complete=True, part=part)

    shown = []
    with ThreadPoolExecutor(2) as pool:
        with pytest.warns(RuntimeWarning, match="a worker is silent"):
            results = gather(task, list(range(6)), pool, shown.append)
        awake.set()
    assert [result.part for result in results] == list(range(6))
    assert called_off == (["_CameHome"] if wakes else [])
    assert shown[-1] == 1.0
    assert shown == sorted(shown)


@pytest.mark.filterwarnings("default")  # Dask and its parts warn of things that are not ours
class TestOnADaskCluster:
    def test_what_all_parts_need_is_sent_once(self, client, alone):
        sent, submit = [], client.submit
        client.submit = lambda *call, **options: (
            sent.append(len(pickle.dumps(call[2]))) or submit(*call, **options)
        )
        assert_same(alone, run(executor=client.get_executor()))
        del client.submit
        assert len(sent) == 10
        assert max(sent) < 100  # bytes: a number, a size and no start
        assert len(pickle.dumps(GLASS)) > 20_000

    def test_a_worker_that_hangs_costs_time_only(self, client, alone, impatient):
        stopped = []

        def stop(fraction):
            if not stopped and 0 < fraction < 1:
                stopped.extend(client.run(os.getpid).values())
                os.kill(stopped[0], signal.SIGSTOP)

        with pytest.warns(RuntimeWarning, match="a worker is silent"):
            together = run(executor=client.get_executor(), progress=stop)
        os.kill(stopped[0], signal.SIGCONT)
        assert_same(alone, together)

    def test_a_worker_that_dies_midway_takes_no_result_with_it(self, client, alone):
        killed = []

        def kill(fraction):
            if not killed and 0 < fraction < 1:
                killed.extend(client.run(os.getpid).values())
                os.kill(killed[0], signal.SIGKILL)

        assert_same(alone, run(executor=client.get_executor(), progress=kill))
        assert killed


@pytest.mark.parametrize("lost", [(), (0, 3)])
def test_the_fraction_shown_is_that_of_the_parts_which_are_done(lost):
    shown, turns = [], threading.Semaphore(1)

    def task(part, show=None):
        if show is None:
            turns.acquire()  # a part is done when what was before it is shown
            if part in lost:
                raise MemoryError
        return SimpleNamespace(complete=True, part=part)

    def show(fraction):
        shown.append(fraction)
        turns.release()

    context = pytest.warns(RuntimeWarning, match="a worker was lost") if lost else nullcontext()
    with ThreadPoolExecutor(1) as pool, context:
        results = gather(task, list(range(5)), pool, show)
    assert [result.part for result in results] == list(range(5))
    done = np.cumsum([part not in lost for part in range(5)]).tolist() + [4, 5][: len(lost)]
    assert shown == pytest.approx([count / 5 for count in done])


def test_what_comes_home_is_small():
    whole = pickle.dumps(_walk_block(*one_block(512)))
    spins, energies, hops = 2 * 40 / 8, 2 * 8, 2 * 8 / 8  # bytes of a replica, a hop count in 8 bit
    assert len(whole) < 512 * (spins + energies + hops) * 1.1 + 1500


def one_block(replicas):
    """A plan and its first block."""
    seen = []

    class Watched(ThreadPoolExecutor):
        def submit(self, function, task, part):
            seen.append((task.task.args[0], part))
            return super().submit(function, task, part)

    options = {"sweeps": 10, "order": "sequential", "replicas": replicas, "seed": 1}
    with Watched(1) as pool:
        anneal(GLASS, KT, executor=pool, **options)
    return seen[0]


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.int16])
@pytest.mark.parametrize(("low", "high"), [(0, 2), (-3, 4), (5, 6), (-100, 101), (0, 129)])
def test_whole_numbers_that_are_packed_come_out_as_they_were(dtype, low, high):
    if np.iinfo(dtype).min > low:
        low = 0
    if np.iinfo(dtype).max < high:
        high = int(np.iinfo(dtype).max)
    values = np.random.default_rng(1).integers(low, high, size=(7, 5)).astype(dtype)
    again = unpacked(packed(values))
    assert again.dtype == values.dtype
    np.testing.assert_array_equal(again, values)


def test_the_ends_of_64_bits_can_be_packed():
    for values in (np.array([-(2**63), 2**63 - 1]), np.array([0, 2**64 - 1], dtype=np.uint64)):
        np.testing.assert_array_equal(unpacked(packed(values)), values)


def test_what_a_problem_can_find_again_is_not_sent():
    small = IsingModel.sherrington_kirkpatrick(12, seed=1)
    before = len(pickle.dumps(small))
    energies = small.all_energies
    assert len(pickle.dumps(small)) == before
    assert (pickle.loads(pickle.dumps(small)).all_energies == energies).all()

"""Ensembles split over workers: the same numbers whatever the split, and whoever dies."""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from lim_lib.optimizers import IsingModel, anneal
from lim_lib.optimizers.ensembles import gather
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


def test_the_numbers_do_not_depend_on_the_split(alone):
    context = multiprocessing.get_context("spawn")
    for workers in (1, 2):
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            assert_same(alone, run(executor=pool))


def test_schedules_that_cannot_be_sent_are_no_obstacle():
    context = multiprocessing.get_context("spawn")
    options = {"duration": 5.0, "hop_rate": 1.0, "replicas": 8, "seed": 1, "block": 4}
    here = anneal(GLASS, lambda t: t * KT, **options)
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        there = anneal(GLASS, lambda t: t * KT, executor=pool, **options)
    np.testing.assert_array_equal(here.states, there.states)


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

    def submit(self, function, part):
        self.sent += 1
        return super().submit(function, part)


@pytest.mark.parametrize("kind", ["here", "threads", "process"])
def test_a_fault_of_the_run_itself_comes_through_at_once_in_its_own_words(kind):
    context = multiprocessing.get_context("spawn")
    pools = {
        "here": nullcontext,
        "threads": lambda: Counted(1),
        "process": lambda: ProcessPoolExecutor(1, mp_context=context),
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

    def submit(self, function, part):
        return super().submit(partial(function.func, out_of_memory), part)


def test_a_worker_without_memory_costs_time_only(alone):
    with Crowded(1) as pool, pytest.warns(RuntimeWarning, match=r"was lost \(MemoryError\)"):
        assert_same(alone, run(executor=pool))


def test_a_dead_process_costs_time_only():
    longer = run(duration=300.0)
    context = multiprocessing.get_context("spawn")
    killed = []

    def kill(fraction):
        if not killed and 0 < fraction < 1:
            victim = multiprocessing.active_children()[0]
            killed.append(victim.pid)
            os.kill(victim.pid, signal.SIGKILL)

    with (
        ProcessPoolExecutor(2, mp_context=context) as pool,
        pytest.warns(RuntimeWarning, match="a worker was lost"),
    ):
        assert_same(longer, run(duration=300.0, executor=pool, progress=kill))
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

    def submit(self, function, part):
        def stopped(done):
            raise KeyboardInterrupt

        return super().submit(function, part, stopped)


@pytest.mark.filterwarnings("ignore:a worker was lost .it was interrupted")
def test_a_worker_that_is_interrupted_alone_costs_time_only(alone, monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)
    with Stopped(1) as pool:
        assert_same(alone, run(executor=pool))


@pytest.mark.filterwarnings("default")  # Dask and its parts warn of things that are not ours
def test_a_dask_cluster_loses_a_worker_midway_and_no_result():
    distributed = pytest.importorskip("distributed")
    longer = run(duration=300.0)
    killed = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = [worker.pid for worker in cluster.workers.values()]

        def kill(fraction):
            if not killed and 0 < fraction < 1:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        together = run(duration=300.0, executor=client.get_executor(), progress=kill)
    assert killed
    assert_same(longer, together)


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

"""A cluster on paper: its servers' laws, each where it alone decides."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
from cluster import Cluster, simulate


def test_workers_decide_where_work_is_long():
    course = simulate(Cluster(10, service=1e-4), tasks=1000, work=1.0)
    assert course.seconds == pytest.approx(100.0, rel=0.01)
    assert course.efficiency == pytest.approx(1.0, abs=0.01)


def test_the_centre_decides_where_work_is_short():
    course = simulate(Cluster(100, service=1e-2, join=1e-2), tasks=1000, work=1e-3)
    assert course.seconds == pytest.approx(1000 * 2e-2, rel=0.02)
    assert course.centre == pytest.approx(1.0, abs=0.02)


def test_the_link_decides_where_much_comes_home():
    course = simulate(Cluster(100, service=1e-5, bandwidth=1e6), tasks=500, work=1e-2, size=1e4)
    assert course.seconds == pytest.approx(500 * 1e-2, rel=0.02)
    assert course.link == pytest.approx(1.0, abs=0.02)


def test_one_task_out_at_a_time_takes_every_step_of_its_way():
    cluster = Cluster(4, service=0.1, join=0.2, overhead=0.3, bandwidth=10.0, latency=0.4)
    course = simulate(cluster, tasks=50, work=0.5, size=6.0, ahead=1)
    assert course.seconds == pytest.approx(50 * (0.1 + 0.2 + 0.3 + 0.6 + 2 * 0.4 + 0.5))


def test_few_tasks_leave_workers_idle_at_the_end():
    course = simulate(Cluster(10, service=0.0), tasks=11, work=1.0)
    assert course.efficiency == pytest.approx(11 / 20)

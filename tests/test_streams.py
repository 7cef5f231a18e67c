"""Ensembles that come home in groups, and what is kept of them."""

import functools
import operator
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lim_lib
from lim_lib.optimizers import IsingModel, LeastSquares, Tally, anneal, stream
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
GLASS = IsingModel.sherrington_kirkpatrick(30, seed=1)
LINE = LeastSquares([[0.0, 1], [1, 1], [2, 1]], [0.0, 2, 9], bits=3, span=2)
GROUND = -20.0
HOW = {"sweeps": 20, "order": "sequential", "block": 16, "seed": 1, "record": [0.0, 10.0, 20.0]}
COOLING = Ramp((0, 20), (0, 4 * KT))


@pytest.fixture(scope="module")
def whole():
    return anneal(GLASS, COOLING, replicas=200, **HOW)


@pytest.fixture(scope="module")
def ensemble():
    return stream(GLASS, COOLING, replicas=200, group=3, **HOW)


def test_group_by_group_the_numbers_are_those_of_the_whole(whole, ensemble):
    first = 0
    for run in ensemble:
        part = slice(first, first + run.replicas)
        np.testing.assert_array_equal(run.states, whole.states[part])
        np.testing.assert_array_equal(run.ledger.work, whole.ledger.work[part])
        np.testing.assert_array_equal(run.heat_history, whole.heat_history[:, part])
        assert (run.time, run.seed, run.complete) == (whole.time, 1, True)
        first += run.replicas
    assert first == 200
    assert ensemble.complete
    assert len(ensemble) == 5


def test_a_tally_is_the_whole_runs(whole, ensemble):
    edges = np.linspace(whole.energies.min(), whole.energies.max(), 9)
    target = float(np.sort(whole.energies)[20])
    reached = np.count_nonzero(whole.energies < target + 1e-6)
    tally = ensemble.tally(targets=[target, -1e3], edges=edges)
    assert tally.replicas == 200
    for name in ("heat", "work", "energy_change", "transport", "hops", "net_moves"):
        assert tally.mean(name) == pytest.approx(whole.ledger.mean(name), rel=1e-12)
    assert tally.variance("heat") == pytest.approx(whole.ledger.heat.var(ddof=1), rel=1e-12)
    assert tally.mean_energy == pytest.approx(whole.mean_energy, rel=1e-12)
    assert (tally.best_energy, tally.hits.tolist()) == (whole.best_energy, [reached, 0])
    assert GLASS.energy(tally.best_state) == pytest.approx(whole.best_energy)
    inside = np.histogram(whole.energies, edges)[0]
    inside[-1] -= 1  # the last bin of NumPy's holds its upper edge, too
    assert tally.counts.tolist() == [0, *inside, 1]
    for name, values in (("energy_history", whole.energy_history),
                         ("heat_history", whole.heat_history)):  # fmt: skip
        mean, error = tally.mean(name)
        np.testing.assert_allclose(mean, values.mean(1), rtol=1e-12)
        np.testing.assert_allclose(error, values.std(1, ddof=1) / np.sqrt(200), rtol=1e-12)
    assert tally.success(target) == whole.success(target)
    for cost in ("time_to_solution", "energy_to_solution"):
        assert getattr(tally, cost)(target) == pytest.approx(getattr(whole, cost)(target))
    assert tally.efficiency(KT) == pytest.approx(whole.efficiency(KT))


def test_a_tally_is_the_same_to_the_last_digit_whoever_counts_in_whatever_groups(ensemble):
    alone = ensemble.tally(targets=GROUND)
    with ThreadPoolExecutor(3) as pool:
        for group in (1, 2, 5, 13):
            other = stream(
                GLASS, COOLING, replicas=200, group=group, ahead=4, executor=pool, **HOW
            ).tally(targets=GROUND)
            assert other == alone


def test_tallies_of_parts_add_up_in_any_order(whole, ensemble):
    parts = [Tally.of(run, targets=GROUND) for run in ensemble]
    for several in (parts, parts[::-1], parts[2:] + parts[:2]):
        total = functools.reduce(operator.add, several)
        assert total.mean("heat") == pytest.approx(whole.ledger.mean("heat"), rel=1e-12)
        assert total.replicas == 200
        assert total.seed == 1
        assert total.best_energy == whole.best_energy


def test_no_more_groups_are_on_their_way_than_allowed():
    class Counting(ThreadPoolExecutor):
        away, most = 0, 0

        def submit(self, function, *arguments):
            self.away += 1
            self.most = max(self.most, self.away)
            return super().submit(function, *arguments)

    with Counting(2) as pool:
        for _ in stream(GLASS, COOLING, replicas=320, group=1, ahead=3, executor=pool, **HOW):
            pool.away -= 1
    assert pool.most == 3


def test_a_longer_ensemble_takes_no_more_memory():
    small = IsingModel.sherrington_kirkpatrick(12, seed=1)
    how = {"sweeps": 2, "order": "sequential", "block": 32, "seed": 1, "group": 2}

    def peak(replicas):
        tracemalloc.start()
        with ThreadPoolExecutor(1) as pool:
            tally = stream(small, KT, replicas=replicas, ahead=4, executor=pool, **how).tally()
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert tally.replicas == replicas
        return size

    peak(128)
    assert peak(128 * 64) < 1.5 * peak(128 * 4)


def test_ctrl_c_gives_the_tally_of_what_is_there(whole):
    def stop(fraction):
        if fraction > 0.5:
            raise KeyboardInterrupt

    for executor in (None, ThreadPoolExecutor(1)):
        ensemble = stream(
            GLASS, COOLING, replicas=160, group=2, executor=executor, progress=stop, **HOW
        )
        tally = ensemble.tally()
        assert not tally.complete
        assert not ensemble.complete
        assert tally.replicas == 96
        first = Tally.of(anneal(GLASS, COOLING, replicas=96, **HOW))
        assert tally.mean("work") == pytest.approx(first.mean("work"))
        assert "interrupted" in repr(tally)
        assert sum(run.replicas for run in ensemble) == 96


def test_a_group_that_is_interrupted_keeps_the_blocks_that_are_done(monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)

    def stop(fraction):
        if fraction > 0.6:
            raise KeyboardInterrupt

    options = {"replicas": 160, "group": 5, "progress": stop, **HOW}
    runs = list(stream(GLASS, COOLING, **options))
    assert [(run.replicas, run.complete) for run in runs] == [(80, True), (16, False)]


def test_an_ensemble_stopped_before_any_block_is_done_has_no_tally(monkeypatch):
    monkeypatch.setattr("lim_lib.optimizers.annealing.BETWEEN_COPIES", 0.0)

    def stop(fraction):
        raise KeyboardInterrupt

    ensemble = stream(GLASS, COOLING, replicas=160, progress=stop, **HOW)
    with pytest.raises(KeyboardInterrupt):
        ensemble.tally()
    assert list(ensemble) == []


def test_leaving_the_loop_calls_off_what_is_away():
    with ThreadPoolExecutor(1) as pool:
        ensemble = stream(GLASS, COOLING, replicas=1600, group=1, executor=pool, **HOW)
        for _ in ensemble:
            break
        assert not ensemble.complete
        assert pool.submit(lambda: "free").result(timeout=5) == "free"


def test_a_tally_is_saved_and_read_back(tmp_path, ensemble):
    tally = ensemble.tally(targets=GROUND, edges=[-25, -20, -15])
    tally.save(tmp_path / "tally.npz")
    again = lim_lib.results.load(tmp_path / "tally.npz")
    assert again == tally
    assert repr(again) == repr(tally)
    assert (again + tally).replicas == 400


def test_the_tally_of_a_loss_tells_which_weights_are_clipped():
    how = {"duration": 20.0, "hop_rate": 1.0, "replicas": 60, "block": 20, "seed": 1}
    with pytest.warns(RegimeWarning, match="50 % of the weights sit on an end"):
        run = anneal(LINE, 20 * KT, **how)
    with pytest.warns(RegimeWarning, match="50 % of the weights sit on an end"):
        tally = stream(LINE, 20 * KT, **how).tally()
    np.testing.assert_array_equal(tally.clipped, run.clipped)
    assert dict(tally.rows())["clipped"] == dict(run.rows())["clipped"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"group": 0}, "group must be a whole number >= 1, got 0"),
        ({"ahead": 2.5}, "ahead must be a whole number >= 1, got 2.5"),
        ({"speed": 3}, "stream: got an unexpected keyword argument 'speed'"),
        ({"replicas": 0}, "replicas must be a whole number >= 1, got 0"),
        ({"group": 10**9, "replicas": 10**10}, "group must be few enough to keep"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
        ({"order": "backwards"}, "order must be"),
    ],
)
def test_what_cannot_be_streamed_is_refused_in_one_line(changes, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        stream(GLASS, COOLING, **{"replicas": 10, **HOW, **changes})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"targets": [np.nan]}, r"targets\[0\] must be a finite number, got nan"),
        ({"targets": "low"}, "targets must be a finite number"),
        ({"edges": [1, 1]}, r"edges must be increasing, got \[1, 1\]"),
        ({"edges": 3.0}, "edges must be a row of numbers, got 3.0"),
    ],
)
def test_what_cannot_be_counted_is_refused_in_one_line(options, message, ensemble):
    with pytest.raises((ValueError, TypeError), match=message):
        ensemble.tally(**options)


def test_a_tally_answers_only_what_it_has_counted(whole):
    tally = Tally.of(whole, targets=GROUND)
    with pytest.raises(ValueError, match=r"target must be one of those .* \[-20.0\], got -19"):
        tally.success(-19)
    with pytest.raises(ValueError, match=r"name must be one of energies, .*did you mean 'hops'"):
        tally.mean("hop")
    with pytest.raises(ValueError, match="clipped is counted for a loss only"):
        _ = tally.clipped
    with pytest.raises(ValueError, match="tallies must have the same targets"):
        _ = tally + Tally.of(whole)
    with pytest.raises(TypeError):
        _ = tally + 1


def test_a_stream_of_more_blocks_than_a_result_may_have_is_no_obstacle():
    ensemble = stream(GLASS, KT, sweeps=1, order="sequential", replicas=10**9, block=1, seed=1)
    assert len(ensemble) == 125_000_000
    for run in ensemble:
        assert run.replicas == 8
        break
    assert repr(ensemble) == (
        "Stream of 1000000000 replicas of IsingModel of 30 spins in 125000000 groups"
    )


def test_the_compiled_engine_and_its_threads_pass_through():
    pytest.importorskip("numba")
    how = {"sweeps": 5, "order": "sequential", "block": 32, "seed": 1, "engine": "compiled"}
    run = anneal(GLASS, COOLING, duration=20.0, replicas=96, **how)
    tally = stream(GLASS, COOLING, duration=20.0, replicas=96, group=1, threads=2, **how).tally()
    assert tally.engine == "compiled"
    assert tally.mean("heat") == pytest.approx(run.ledger.mean("heat"), rel=1e-12)
    assert tally.best_energy == run.best_energy

"""The motion that a page computes, against the library and against closed forms."""

import numpy as np
import pytest
from javascript import run, run_in
from scipy.special import entr

from lim_lib import memory, scenes, simulate
from lim_lib.quasistatic import potential
from lim_lib.units import thermal_energy

kT = thermal_energy()
MARBLE, ERASE = scenes.marble().data, scenes.erase().data
MARBLES, ERASURE = ["numbers", "langevin", "marble"], ["numbers", "langevin", "erase"]

ERASE_STAGES = """
  const knobs = at => lim.knobs(data.corners, data.tilt, at);
  const run = lim.erasure(data, data.count, data.duration, knobs, lim.random(data.seed));
  run.advance(4);
  const rows = run.results();
"""


@pytest.fixture(params=["node", "chromium"])
def computed(request):
    """What a script returns, in Node and in a browser."""
    if request.param == "node":
        yield run
    else:
        page = request.getfixturevalue("browser").new_page()
        yield lambda *given: run_in(page, *given)
        page.close()


def escape_time(height):
    return memory.escape_time(height * kT, diffusivity=1.0, half_width=1.0)


# The marble


def test_marbles_wait_as_long_as_the_exact_escape_time_says(computed):
    # 5600 hops: 1.3 % standard error.
    waited, error, mean, hops = computed(
        MARBLES,
        """
        const all = lim.marbles(data, 1000, 3, lim.random(5));
        all.advance(50);
        return [...all.waited(), all.mean, all.hops];
        """,
        MARBLE,
    )
    assert mean == pytest.approx(escape_time(3), rel=1e-12)
    assert hops > 5000
    assert abs(waited - escape_time(3)) < 4 * error < 0.06 * waited


def test_hops_are_counted_rightly_from_the_first_moment():
    # All start on the left: a stretch far shorter than the wait, 300 times; 1.3 % standard error.
    hops = run(
        MARBLES,
        """
        let hops = 0;
        for (let seed = 0; seed < 300; seed++) {
          const all = lim.marbles(data, 500, 3, lim.random(seed));
          all.advance(0.3);
          hops += all.hops;
        }
        return hops;
        """,
        MARBLE,
    )
    expected = 300 * 500 * 0.3 / escape_time(3)
    assert abs(hops - expected) < 4 * np.sqrt(expected)


def test_waits_are_distributed_exponentially_although_the_long_ones_are_not_over_yet():
    # 1000 hops in 2 mean waits: only the waits of one mean and less are seen whole.
    density, hops = run(
        MARBLES,
        """
        const all = lim.marbles(data, 500, 5, lim.random(7));
        all.advance(2 * all.mean);
        return [all.histogram(), all.hops];
        """,
        MARBLE,
    )
    edges = 0.25 * np.arange(7)
    expected = -np.diff(np.exp(-edges)) / 0.25
    error = np.sqrt(expected / 0.25 / (0.4 * hops))
    # A hop from bottom to bottom takes a hundredth of the wait at 5 kT.
    assert np.all(np.abs(density[:6] - expected) < 4 * error + 0.02)


@pytest.mark.parametrize("height", [1, 3, 8, 12])
def test_a_step_changes_the_escape_time_by_at_most_three_tenths_of_a_percent(height):
    step = run(["langevin"], "return lim.wellStep(data)", height)
    assert abs(heun_escape_time(height, step) / escape_time(height) - 1) < 0.003


def heun_escape_time(height, step, points=700):
    """Mean time to the right bottom in such steps, as the solution of linear equations."""
    x = np.linspace(-1 - 3.2 / np.sqrt(4 * height), 1, points)
    kicks, weights = np.polynomial.hermite_e.hermegauss(160)
    kick = np.sqrt(2 * step) * kicks

    def force(at):
        return -4 * height * at * (at**2 - 1)

    here = x[:, None]
    guess = force(here + step * force(here) + kick)
    there = here + step / 2 * (force(here) + guess) + kick
    chance = np.exp(-(1 - here) * np.maximum(1 - there, 0) / step)
    stays = (1 - chance) * weights / weights.sum()
    place = (np.clip(there, x[0], 1) - x[0]) / (x[1] - x[0])
    first = np.clip(np.floor(place).astype(int) - 1, 0, points - 4)
    t = place - first
    cubic = (
        -(t - 1) * (t - 2) * (t - 3) / 6,
        t * (t - 2) * (t - 3) / 2,
        -t * (t - 1) * (t - 3) / 2,
        t * (t - 1) * (t - 2) / 6,
    )
    matrix, rows = np.eye(points), np.repeat(np.arange(points), kicks.size)
    for shift, part in enumerate(cubic):
        np.subtract.at(matrix, (rows, (first + shift).ravel()), (stays * part).ravel())
    times = np.linalg.solve(matrix, step * (1 + stays.sum(1)) / 2)
    return np.interp(-1, x, times)


def test_particles_relax_to_boltzmanns_distribution():
    # From one place, in a tilted well, for many relaxation times.
    positions = run(
        ["numbers", "langevin"],
        """
        const random = lim.random(3), well = lim.well(data);
        const cells = lim.langevin(well, new Float64Array(4000).fill(-1), random, 1.5, 1);
        for (let i = 0; i < 4000; i++) cells.move(lim.wellStep(1.5, 1));
        return [...cells.x];
        """,
        MARBLE["well"],
    )
    y = np.linspace(-3, 3, 60_001)
    weight = np.exp(-potential(y, 1.5, 1.0))
    edges = np.array([-3, -1.4, -1.1, -0.8, -0.5, 0, 0.5, 0.8, 1.1, 1.4, 3])
    expected = np.histogram(y, edges, weights=weight)[0] / weight.sum()
    seen = np.histogram(positions, edges)[0] / 4000
    assert np.all(np.abs(seen - expected) < 4 * np.sqrt(expected / 4000))


# Erase a bit by hand


def erased(computed, code, **given):
    return computed(
        ERASURE, f"{ERASE_STAGES} return {code};", ERASE | {"tilt": 12, "seed": 4} | given
    )


def test_the_first_law_holds_for_every_particle(computed):
    books = erased(computed, "rows.map(row => row.books)", count=300, duration=4)
    assert np.abs(books).max() < 1e-11


def test_the_jarzynski_average_over_what_ends_right_is_one_half(computed):
    mean, error = erased(
        computed, "lim.ledger(data, rows, data.duration).weight", count=3000, duration=4
    )
    assert abs(mean - 0.5) < 4 * error < 0.1


@pytest.mark.parametrize("duration", [3, 12])
def test_the_mean_work_is_that_of_the_librarys_simulation(duration):
    mean, error = erased(
        run, "lim.ledger(data, rows, data.duration).work", count=2000, duration=duration
    )
    corners, count = np.array(ERASE["corners"], dtype=float), 1000
    times = duration / 4 * np.arange(5)
    controls = {
        "half_width": 1.0,
        "barrier": lambda t: kT * np.exp(np.interp(t, times, np.log(corners[:, 0]))),
        "pull": lambda t: kT * 6 * np.interp(t, times, corners[:, 1]),
    }
    rest = {"barrier": 20 * kT, "half_width": 1.0}
    ledger = simulate.langevin(
        simulate.double_well,
        diffusivity=1.0,
        duration=float(duration),
        steps=400 * duration,
        initial=simulate.double_well.sample(count, seed=1, span=(-3, 3), **rest),
        controls=controls,
        replicas=count,
        seed=2,
    ).ledger
    theirs, their_error = np.array(ledger.mean("work")) / kT
    assert abs(mean - theirs) < 4 * np.hypot(error, their_error) < 0.5 * mean


def test_the_least_work_is_that_of_the_error_and_of_the_way():
    least, left, ways = erased(
        run,
        """[lim.ledger(data, rows, data.duration).least,
            rows.filter(row => row.left).length / data.count, rows.map(row => row.way)]""",
        count=2000, duration=2, tilt=3,
    )  # fmt: skip
    assert 0.02 < left < 0.5
    doubt = entr(left) + entr(1 - left)
    assert least == pytest.approx(np.log(2) - doubt + np.mean(ways) / 2, rel=1e-12)


def test_an_erasure_without_errors_carries_half_of_the_parcels_to_the_other_well():
    ways = erased(run, "rows.map(row => row.way)", count=2000, duration=30)
    y = np.linspace(-3, 3, 20_001)
    weight = np.cumsum(np.exp(-potential(y, 20.0, 0.0)))
    shares = (np.arange(20_000) + 0.5) / 20_000
    before = np.interp(shares, weight / weight[-1], y)
    after = np.interp((1 + shares) / 2, weight / weight[-1], y)
    # The halves of a sample of 2000 are equal to 2.2 %, which is 1.1 % of the way.
    assert np.mean(ways) == pytest.approx(np.mean((after - before) ** 2), rel=0.06)


def test_knobs_move_evenly_between_the_corners():
    knobs = run(
        ERASURE, "return [0, 0.5, 1, 1.5, 2.5, 4].map(at => lim.knobs(data.corners, 12, at))", ERASE
    )
    root = np.sqrt(20)
    expected = [[20, 0], [root, 0], [1, 0], [1, 6], [root, 12], [20, 0]]
    assert np.allclose(knobs, expected, rtol=1e-12)

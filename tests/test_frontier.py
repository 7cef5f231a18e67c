"""The frontier: known numbers, other solvers, a certificate from below, a replay.

Entropies are in k_B, heat in kT.
"""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize

from lim_lib import load
from lim_lib.bounds import frontier, programme, transport_time
from lim_lib.schedules import ExponentialBarrier, StaticBarrier
from lim_lib.simulate import ladder, master_equation
from lim_lib.units import thermal_energy

KT = thermal_energy()


def heat(best):
    return best.heat / KT


@pytest.mark.parametrize(
    ("hop_budget", "error", "least"),
    [
        (1, 1e-3, 0.648324460),
        (10, 1e-3, 0.070438331),
        (1, 1e-2, 0.604459023),
        (2, 0.05, 0.245654941),
    ],
)
def test_two_levels_produce_what_the_book_says(hop_budget, error, least):
    best = frontier(2, hop_budget, error)
    assert best.entropy_production == pytest.approx(least, rel=1e-8)
    assert best.gap < 1e-9


@pytest.mark.parametrize(("hop_budget", "error"), [(0.01, 1e-3), (1, 1e-6), (100, 0.2)])
def test_the_programme_agrees_with_the_quadrature_of_two_levels(hop_budget, error):
    exact = frontier(2, hop_budget, error).entropy_production
    start = np.full(2, 0.5)
    spent, path, production, gap = programme.cheapest_path(start, None, 0, error, hop_budget, 1e-4)
    assert exact * (1 - 1e-9) < production < exact + gap
    assert gap < 1e-4 * exact
    quadrature = frontier(2, hop_budget, error)
    along = np.interp(spent, quadrature.spent, quadrature.probabilities[:, 0])
    assert path[:, 0] == pytest.approx(along, abs=2e-3)


def test_a_general_solver_finds_the_same_for_three_levels():
    """Scipy's SLSQP on the probabilities themselves, with the pairs in the middle of intervals."""
    intervals, hop_budget, error = 16, 1.0, 0.02
    width = hop_budget / intervals
    start = np.full(3, 1 / 3)

    def path(x):
        free = x[:-1].reshape(intervals - 1, 2)
        inside = np.column_stack([1 - free.sum(axis=1), free])
        return np.vstack([start, inside, [1 - error, x[-1], error - x[-1]]])

    def cost(x):
        p = path(x)
        middle = np.maximum((p[1:] + p[:-1]) / 2, 1e-12)
        flux = -np.diff(np.cumsum(p, axis=1)[:, :2], axis=0) / width
        pair = np.sqrt(middle[:, :2] * middle[:, 1:])
        production = 2 * width * (flux * np.arcsinh(flux / (2 * pair))).sum()
        return production + (p[-1] * np.log(np.maximum(p[-1], 1e-12))).sum() + np.log(3)

    share = np.linspace(0, 1, intervals + 1)[1:-1, None]
    guess = (1 - share) * start[1:] + share * error / 2
    found = minimize(
        cost,
        np.append(guess.reshape(-1), error / 2),
        method="SLSQP",
        bounds=[(1e-6, 1)] * (2 * intervals - 2) + [(1e-6, error - 1e-6)],
        options={"maxiter": 500, "ftol": 1e-10},
    )
    assert found.success
    assert found.fun == pytest.approx(heat(frontier(3, hop_budget, error)), rel=3e-3)


def certified(best, error, target):
    """A lower bound on the least heat, from tensions that are guessed from the path.

    For any tensions y(R) of the edges, φ(J, g) >= y J - g ψ*(y), where ψ* is the conjugate of
    2 u arsinh(u/2). Summed by parts along R, what depends on the probabilities is a quadratic form
    in their square roots, so that its least eigenvalue, which is concave in y, bounds it.
    """
    p, spent, levels = best.probabilities, best.spent, best.probabilities.shape[1]
    inward = np.where(np.arange(levels - 1) < target, 1, -1)
    middle = (p[1:] + p[:-1]) / 2
    u = inward * best.fluxes / np.sqrt(middle[:, :-1] * middle[:, 1:])
    nodes = (spent[1:] + spent[:-1]) / 2
    tension = 2 * np.arcsinh(u / 2) + u / np.sqrt(1 + u**2 / 4)
    drop = [np.interp(spent, nodes, each) for each in np.abs(tension).T]  # to the target
    drop = np.array(drop).T
    potential = np.zeros(p.shape)
    for level in range(target - 1, -1, -1):
        potential[:, level] = potential[:, level + 1] + drop[:, level]
    for level in range(target + 1, levels):
        potential[:, level] = potential[:, level - 1] + drop[:, level - 1]

    def conjugate(y):
        root = [
            brentq(lambda u, y=y: 2 * np.arcsinh(u / 2) + u / np.sqrt(1 + u**2 / 4) - y, 0, 1e9)
            for y in y.reshape(-1)
        ]
        u = np.reshape(root, y.shape)
        return u**2 / np.sqrt(1 + u**2 / 4)

    off = -conjugate(drop) / 2
    edge = np.arange(levels - 1)
    total = potential[0] @ p[0]
    for k, width in enumerate(np.diff(spent)):
        form = np.diag((potential[k + 1] - potential[k]) / width)
        for end in (k, k + 1):  # the least eigenvalue is concave: the trapezoid lies below
            form[edge, edge + 1] = form[edge + 1, edge] = off[end]
            total += width / 2 * np.linalg.eigvalsh(form)[0]
    left = np.delete(potential[-1], target)
    best_end = (1 - error) * np.log(1 - error) + error * np.log(error / np.exp(left).sum())
    return total + best_end + np.log(levels)


@pytest.mark.parametrize(
    ("levels", "hop_budget", "error", "target"),
    [(2, 1.0, 1e-3, 0), (3, 1.0, 0.01, 0), (5, 3.0, 0.02, 2), (8, 10.0, 1e-3, 0)],
)
def test_nothing_below_the_frontier_is_possible(levels, hop_budget, error, target):
    best = frontier(levels, hop_budget, error, target=target, tolerance=1e-4)
    lower = certified(best, error, target)
    assert lower < heat(best)
    assert heat(best) - lower < 0.02 * best.entropy_production


def test_a_small_ladder_has_the_known_optimum():
    """Eight levels, R = 10, error 1e-3 at an end: 3.94 kT, where a constant tilt costs 24."""
    best = frontier(8, 10, 1e-3)
    assert heat(best) == pytest.approx(3.938, abs=3e-3)
    assert best.transport == pytest.approx(best.net_moves)
    assert best.entropy_lost == pytest.approx(heat(best) - best.entropy_production)

    def held(tilt):
        return master_equation(
            ladder(8), duration=10.0, initial=np.full(8, 1 / 8), hop_rate=1.0, force=-tilt * KT
        )

    tilt = brentq(lambda x: 1 - held(x).final[0] - 1e-3, 1, 9)
    assert held(tilt).ledger.heat / KT == pytest.approx(24.2, abs=0.1)


@pytest.mark.parametrize("target", [0, 2])
def test_the_master_equation_follows_whatever_the_barrier(target):
    best = frontier(5, 4.0, 0.01, target=target, tolerance=1e-4)
    still = StaticBarrier(10 * KT, attempt_rate=4 * np.exp(10))
    rising = ExponentialBarrier(attempt_rate=1e3, hop_rate_initial=20.0, time_constant=0.25)
    for barrier, duration in (
        (still, 1.0),
        (rising, brentq(lambda t: rising.hop_budget(t) - 4, 0.01, 2)),
    ):
        run = master_equation(
            ladder(5),
            duration=duration,
            initial=np.full(5, 0.2),
            energy=lambda t, barrier=barrier: best.energy(barrier.hop_budget(t)),
            barrier=barrier,
            steps=400,
        )
        assert 1 - run.final[target] == pytest.approx(0.01, rel=0.02)
        assert run.ledger.heat == pytest.approx(best.heat, rel=2e-3, abs=0)
        assert run.ledger.edge_net_moves == pytest.approx(
            best.fluxes.T @ np.diff(best.spent), rel=1e-2, abs=1e-4
        )


@pytest.mark.parametrize("levels", [2, 3, 8])
def test_no_frontier_lies_below_transport_and_time(levels):
    for hop_budget in (1e-3, 1.0, 1e3):
        for target in (0, levels // 2):
            best = frontier(levels, hop_budget, 1e-3, target=target)
            bound = transport_time(1, 0, hop_budget, transport=best.transport) / KT
            assert bound < best.entropy_production < 3 * bound


def test_the_frontier_is_convex_and_falls_with_the_budget():
    budgets = np.linspace(0.5, 4, 8)
    least = np.array([frontier(4, r, 0.01, tolerance=1e-4).heat for r in budgets])
    assert (np.diff(least) < 0).all()
    assert (np.diff(least, 2) > 0).all()
    ends = np.array([[0.9, 0.05, 0.05], [0.1, 0.1, 0.8]])
    one, other, both = (
        frontier(3, 1.0, end=end, tolerance=1e-4).entropy_production
        for end in (*ends, ends.mean(0))
    )
    assert both < (one + other) / 2


def test_the_slow_limit_is_landauer_for_that_error():
    slow = frontier(8, 1e5, 0.01)
    # The error is spread over all other levels: that loses least.
    lost = np.log(8) + 0.99 * np.log(0.99) + 0.01 * np.log(0.01 / 7)
    assert slow.entropy_production < 1e-3
    assert heat(slow) == pytest.approx(lost, abs=1e-3)


def test_a_finer_mesh_changes_less_than_the_gap_says():
    coarse, fine = (frontier(6, 2.0, 1e-3, tolerance=each) for each in (1e-2, 1e-5))
    assert fine.gap < 1e-5 * fine.entropy_production
    assert -fine.gap < heat(coarse) - heat(fine) < coarse.gap
    assert len(coarse.spent) < len(fine.spent)


def test_ends_may_be_distributions_and_starts_known():
    mirrored = frontier(4, 1.0, 0.01, target=3), frontier(4, 1.0, 0.01)
    assert heat(mirrored[0]) == pytest.approx(heat(mirrored[1]), rel=1e-6)
    known = frontier(3, 1.0, 0.01, start=[0, 0, 1])
    assert known.entropy_lost < 0 < known.entropy_production
    reached = frontier(3, 1.0, end=known.probabilities[-1], start=[0, 0, 1])
    assert reached.entropy_production == pytest.approx(known.entropy_production, rel=2e-3)
    assert frontier(2, 1.0, 0.1, start=[0.9, 0.1]).heat == 0


def test_hard_cases_converge():
    """Levels that empty long before the end, tiny errors, hardly any budget, far too much."""
    for levels, hop_budget, error, target in (
        (64, 10, 0.01, 0),
        (8, 10, 1e-12, 0),
        (12, 1e-4, 0.3, 5),
        (9, 1e6, 1e-9, 4),
    ):
        best = frontier(levels, hop_budget, error, target=target)
        assert 0 < best.gap < 1e-3 * best.entropy_production
        assert best.probabilities.min() > 0


def test_a_mesh_that_is_not_fine_enough_says_so():
    with pytest.warns(RuntimeWarning, match=r"512 intervals leave a gap of .* tolerance=1e-09"):
        frontier(3, 1.0, 0.01, tolerance=1e-9)


def test_a_solver_that_does_not_converge_says_so(monkeypatch):
    monkeypatch.setattr(programme, "MOST_TURNS", 3)
    with pytest.raises(RuntimeError, match=r"does not converge: after 3 turns .* gap is still"):
        frontier(8, 1.0, 0.01)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1, 1.0, 0.1), "levels must be a whole number >= 2 and <= 256, got 1"),
        ((8, 0.0, 0.1), "hop_budget must be a finite number >= 1e-12 and <= 1e\\+12, got 0.0"),
        ((8, 1.0, 0.5), "error must be a finite number >= 1e-100 and < 0.5, got 0.5"),
        ((8, 1.0, 0), "error must be a finite number >= 1e-100 and < 0.5, got 0"),
        ((8, 1.0), "give exactly one of error and end"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        frontier(*arguments)
    assert "\n" not in str(caught.value)


def test_targets_and_distributions_are_checked():
    with pytest.raises(ValueError, match="target must be a whole number >= 0 and <= 7, got 8"):
        frontier(8, 1.0, 0.1, target=8)
    with pytest.raises(ValueError, match="start must be 3 probabilities with sum 1"):
        frontier(3, 1.0, 0.1, start=[0.5, 0.5])


def test_a_frontier_is_kept_in_a_file(tmp_path):
    best = frontier(3, 1.0, 0.01)
    best.save(tmp_path / "best.npz")
    assert load(tmp_path / "best.npz") == best

"""A hidden layer in memory cells, and losses of the same weights that have a scale each."""

import numpy as np
import pytest
from scipy.special import expit

from lim_lib.digits import task
from lim_lib.optimizers import LeastSquares, SoftmaxLoss, Sum, TwoLayerLoss, anneal
from lim_lib.results import load
from lim_lib.units import thermal_energy

kT = thermal_energy()
SWEEPS = {"hop_rate": 1.0, "order": "sequential"}
EVERYONE = np.arange(8)
ENGINES = ["numpy", "compiled"]


@pytest.fixture(scope="module")
def halves():
    """Small digits against large ones."""
    return task((range(5), range(5, 10)), examples=60, side=4, seed=0)


@pytest.fixture(scope="module")
def tiny():
    """Three weights: one hidden unit, one way out, one bias."""
    source = np.random.default_rng(0)
    x = source.normal(size=(12, 1))
    return TwoLayerLoss(x, x[:, 0] + 0.7 * source.normal(size=12) > 0.2, hidden=1, bits=3, span=3)


def springs(bits=3):
    """Two pulls of unlike strength on the same two weights."""
    one = LeastSquares([[1.0, 0.3], [0.2, 1.0]], [-1.0, 0.4], bits=bits, span=1)
    other = LeastSquares([[0.8, -0.5]], [1.0], bits=bits, span=1)
    return one, other


def test_the_loss_of_a_logistic_network_is_that_written_out_neuron_by_neuron(halves):
    loss = TwoLayerLoss(halves.features, halves.labels, hidden=3, bits=4, span=2)
    weights = loss.decode(np.random.default_rng(1).integers(16, size=loss.size))
    expected, right = 0.0, 0
    for x, label in zip(halves.features, halves.labels, strict=True):
        units = [np.tanh(sum(weights[17 * j + i] * x[i] for i in range(17))) for j in range(3)]
        p = expit(sum(v * unit for v, unit in zip(weights[51:], [*units, 1.0], strict=True)))
        expected -= np.log(p if label else 1 - p)
        right += (p > 0.5) == label
    assert np.isclose(loss.loss(weights), expected)
    assert expected < loss.largest
    assert loss.accuracy(weights, halves.features, halves.labels) == right / 60


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("together", [True, False])
def test_what_a_move_changes_is_the_difference_of_two_losses(halves, classes, together):
    labels = np.arange(60) % classes
    loss = TwoLayerLoss(halves.features, labels, hidden=3, bits=2, span=2)
    source = np.random.default_rng(2)
    state = loss.state(source.integers(4, size=(8, loss.size)))
    for _ in range(300):
        cell = source.integers(loss.size, size=None if together else 8)
        level = state.levels[EVERYONE, cell]
        move = np.clip(level + source.integers(-1, 2, size=8), 0, 3) - level
        before = loss.level_energies(state.levels)
        change = state.change(cell, move)
        move *= source.random(8) < 0.7
        after = state.levels.copy()
        after[EVERYONE, cell] += move
        state.make(cell, move)
        assert np.array_equal(state.levels, after)
        assert np.allclose((loss.level_energies(after) - before), np.where(move, change, 0.0))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("order", ["random", "sequential"])
def test_a_network_of_three_weights_comes_to_its_gibbs_state(tiny, order, engine):
    how = {"order": order, "replicas": 2000, "seed": 2, "engine": engine}
    run = anneal(tiny, kT, duration=20.0, hop_rate=1.0, **how)
    gibbs = tiny.equilibrium(1.0)
    error = np.sqrt(gibbs.probabilities @ (tiny.all_energies - gibbs.energy) ** 2 / 2000)
    assert abs(run.mean_energy - gibbs.energy) < 4 * error
    expected = 2000 * gibbs.probabilities
    found = np.bincount(tiny.encode(run.states) @ [64, 8, 1], minlength=512)
    chi = ((found - expected) ** 2 / expected).sum()
    spread = np.sqrt(2 * 511 + (1 / expected).sum())  # of Pearson's sum, rare states and all
    assert abs(chi - 511) < 4 * spread


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("classes", [2, 4])
def test_the_first_law_holds_to_rounding_in_a_network_that_learns_digits(halves, classes, engine):
    labels = halves.labels if classes == 2 else np.arange(60) % classes
    loss = TwoLayerLoss(halves.features, labels, hidden=4, bits=4, span=3)
    run = anneal(loss, lambda t: 2 * kT * np.minimum(1, t / 8), duration=10.0, replicas=8, seed=1,
                 engine=engine, **SWEEPS)  # fmt: skip
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-9 * kT
    assert run.ledger.heat.min() > 10 * kT


def test_both_engines_learn_digits_alike(halves):
    loss = TwoLayerLoss(halves.features, halves.labels, hidden=4, bits=4, span=3)
    unseen = halves.test_features, halves.test_labels
    found = []
    for engine in ENGINES:
        run = anneal(loss, 2 * kT, duration=8.0, replicas=48, seed=5, engine=engine, **SWEEPS)
        told = loss.accuracy(run.states, *unseen)
        found.append([(a.mean(), a.std() / 48**0.5) for a in (told, run.energies, run.ledger.heat)])
    for (one, error), (other, its) in zip(*found, strict=True):
        assert abs(one - other) < 4 * np.hypot(error, its)


def test_a_network_learns_what_no_linear_classifier_can():
    corners = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    how = {"bits": 3, "span": 6}
    net = TwoLayerLoss(corners, [0, 1, 1, 0], hidden=2, **how)
    line = SoftmaxLoss(corners, [0, 1, 1, 0], **how)
    assert line.ground_state().energy > 4 * np.log(2) - 1e-9
    run = anneal(net, 5 * kT, duration=60.0, replicas=16, seed=1, **SWEEPS)
    assert net.accuracy(run.best_state, corners, [0, 1, 1, 0]) == 1.0
    assert run.best_energy < 0.5


def test_two_halves_of_the_data_at_one_scale_are_the_whole(halves):
    x, y = halves.features, halves.labels
    whole = TwoLayerLoss(x, y, hidden=2, bits=3, span=2)
    parts = Sum([TwoLayerLoss(x[i : i + 30], y[i : i + 30], hidden=2, bits=3, span=2)
                 for i in (0, 30)])  # fmt: skip
    how = {"duration": 5.0, "replicas": 8, "seed": 3, **SWEEPS}
    one, two = anneal(whole, kT, **how), anneal(parts, (kT, kT), **how)
    assert np.array_equal(one.states, two.states)
    assert np.allclose(one.energies, two.energies)
    assert np.allclose(one.ledger.heat / kT, two.ledger.heat / kT)


@pytest.mark.parametrize("order", ["random", "sequential"])
def test_a_sum_comes_to_the_gibbs_state_of_its_weighted_losses(order):
    losses, scales = springs(), np.array([20.0, 5.0])
    run = anneal(Sum(losses), tuple(scales * kT), duration=30.0, hop_rate=1.0, order=order,
                 replicas=3000, seed=1)  # fmt: skip
    exponents = -sum(k * loss.all_energies for k, loss in zip(scales, losses, strict=True))
    p = np.exp(exponents) / np.exp(exponents).sum()
    for loss in losses:
        mean = p @ loss.all_energies
        error = np.sqrt(p @ (loss.all_energies - mean) ** 2 / 3000)
        assert abs(loss.loss(run.states).mean() - mean) < 4 * error
    gibbs = Sum(losses).equilibrium(scales)
    assert np.allclose(gibbs.probabilities, p)
    assert np.isclose(gibbs.entropy, -(p @ np.log(p)))


def test_the_heat_of_constant_scales_is_what_each_loss_lost_times_its_own():
    losses, start = springs(), np.array([1.0, -1.0])
    run = anneal(Sum(losses), (20 * kT, 5 * kT), duration=10.0, replicas=200, initial=start,
                 seed=1, **SWEEPS)  # fmt: skip
    lost = [loss.loss(start) - loss.loss(run.states) for loss in losses]
    assert np.allclose(run.ledger.heat / kT, 20 * lost[0] + 5 * lost[1])
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-9 * kT


def test_networks_and_sums_come_back_from_a_file(tiny, tmp_path):
    both = Sum((tiny, tiny))
    for value in (tiny, both, anneal(both, (kT, 0.0), duration=2.0, replicas=3, seed=1, **SWEEPS)):
        value.save(tmp_path / "value.npz")
        assert load(tmp_path / "value.npz") == value
    assert repr(both) == f"Sum of {tiny!r} and {tiny!r}"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hidden": 0}, "hidden must be a whole number >= 1, got 0"),
        ({"hidden": 1.5}, "hidden must be a whole number >= 1, got 1.5"),
        ({"labels": [0, 2, 2]}, "labels must be .* every class present"),
        ({"features": [[1.0], [np.nan], [0.0]]}, r"features\[1, 0\] must be a finite number"),
        ({"span": 0}, "span must be a finite number > 0, got 0"),
    ],
)
def test_a_network_refuses_in_one_line(arguments, message):
    given = {"features": [[1.0], [2.0], [0.0]], "labels": [0, 1, 1], "hidden": 2, "bits": 3,
             "span": 1.0} | arguments  # fmt: skip
    with pytest.raises((ValueError, TypeError), match=f"^{message}") as refusal:
        TwoLayerLoss(given.pop("features"), given.pop("labels"), **given)
    assert "\n" not in str(refusal.value)


def test_a_sum_refuses_losses_of_other_weights():
    one, other = springs()[0], springs(bits=4)[1]
    with pytest.raises(
        ValueError, match=r"of the same weights, got 2 of 8 .* losses\[1\], 2 of 16"
    ):
        Sum((one, other))
    for wrong in ((one,), (one, 3), one, "ab", (Sum((one, one)), one)):
        with pytest.raises(TypeError, match=r"^losses must be two or more losses, each of one"):
            Sum(wrong)
    with pytest.raises(ValueError, match=r"^coupling must be 2 numbers, one for each loss"):
        Sum((one, one)).equilibrium((1.0, 2.0, 3.0))

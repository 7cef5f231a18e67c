"""Gradient descent and its rules, against closed forms, finite differences and SciPy."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.special import softmax

from lim_lib.optimizers import descent
from lim_lib.optimizers.descent import Perceptron, batches, cosine, descend, rounded


@pytest.fixture
def network():
    rng = np.random.default_rng(5)
    features = np.column_stack([rng.normal(size=(12, 4)), np.ones(12)])
    return Perceptron(features, rng.permutation(12) % 3, hidden=6)


def bowl(weights, curvature):
    return weights @ (curvature * weights) / 2, curvature * weights


def last(*arguments, **options):
    *_, (weights, _) = descend(*arguments, **options)
    return weights


def test_the_gradient_of_the_network_is_that_of_finite_differences(network):
    weights = network.start(seed=2)
    for rows in (slice(None), np.array([3, 7])):
        _, gradient = network.gradient(weights, rows)
        differences = approx_fprime(
            weights, lambda w, rows=rows: network.gradient(w, rows)[0], 1e-7
        )
        assert gradient == pytest.approx(differences, abs=1e-6)
        assert np.abs(gradient).max() > 0.05


def test_the_loss_is_the_mean_cross_entropy_of_the_two_layers_written_out(network):
    weights = network.start(seed=3)
    first, second, bias = weights[:30].reshape(5, 6), weights[30:48].reshape(6, 3), weights[48:]
    chances = softmax(np.tanh(network.features @ first) @ second + bias, axis=1)
    told = chances[np.arange(12), network.labels]
    assert network.gradient(weights)[0] == pytest.approx(-np.log(told).mean(), rel=1e-12)
    right = chances.argmax(1) == network.labels
    assert network.accuracy(weights, network.features, network.labels) == right.mean()


def test_on_a_parabola_each_step_shrinks_the_weight_by_rate_times_curvature():
    curvature = np.array([0.5, 2.0])
    found = last(bowl, [1.0, -3.0], rates=np.full(9, 0.3), batches=[curvature] * 9)
    assert found == pytest.approx(np.array([1.0, -3.0]) * (1 - 0.3 * curvature) ** 9, rel=1e-12)


def test_momentum_on_a_parabola_is_a_damped_oscillator():
    found = last(bowl, [1.0], rates=np.full(40, 0.1), batches=[1.0] * 40,
                 direction=descent.momentum(0.9))  # fmt: skip
    # w' = w + u', u' = 0.9 u - 0.1 w
    transfer = np.array([[0.9, 0.9], [-0.1, 0.9]])
    assert found[0] == pytest.approx((np.linalg.matrix_power(transfer, 40) @ [1, 0])[0], abs=1e-12)


def test_adam_under_an_unchanging_gradient_steps_by_the_rate_whatever_its_size():
    gradients = np.array([1e-3, -1.0, 50.0])
    path = [w for w, _ in descend(lambda w, batch: (0.0, gradients), np.zeros(3),
                                  rates=np.full(30, 0.01), batches=range(30),
                                  direction=descent.adam())]  # fmt: skip
    assert np.diff(path, axis=0) == pytest.approx(
        np.broadcast_to(-0.01 * np.sign(gradients), (29, 3)), rel=1e-4
    )


def test_adam_is_the_one_whose_moments_are_written_as_sums():
    gradients = np.random.default_rng(8).normal(size=12)
    direction = descent.adam()
    for n in range(1, 13):
        ages = np.arange(n)[::-1]
        mean = np.average(gradients[:n], weights=0.9**ages)
        square = np.average(gradients[:n] ** 2, weights=0.999**ages)
        assert direction(gradients[n - 1]) == pytest.approx(-mean / (square**0.5 + 1e-8), rel=1e-9)


def test_a_cosine_ends_near_nothing_and_is_half_the_rate_on_average():
    rates = cosine(0.4, 1000)
    assert rates[0] == 0.4
    assert 0 < rates[-1] < 1e-5
    assert (np.diff(rates) < 0).all()
    assert rates.sum() == pytest.approx(0.4 * 1001 / 2, rel=1e-12)


def test_every_epoch_shows_each_datum_once_in_a_new_order():
    rows = np.array(list(batches(12, size=4, steps=6, seed=3)))
    epochs = rows.reshape(2, 12)
    assert (np.sort(epochs) == np.arange(12)).all()
    assert (epochs[0] != epochs[1]).any()
    assert (rows == list(batches(12, size=4, steps=6, seed=3))).all()


def test_a_memory_that_rounds_keeps_levels_and_nearest_stalls_where_a_draw_does_not():
    start, rates = np.full(4000, 0.9), np.full(20, 0.02)
    levels = np.linspace(-1, 1, 16)
    ends = {}
    for name, seed in (("nearest", None), ("drawn", 4)):
        memory = rounded(4, 1.0, seed)
        ends[name] = last(bowl, memory(start), rates=rates, batches=[1.0] * 20, memory=memory)
        assert np.abs(ends[name][:, None] - levels).min(1).max() < 1e-12
    assert (ends["nearest"] == rounded(4, 1.0)(start)).all()
    # Rounding by a draw leaves the mean as it would be; its error from the spread of the ends.
    error = ends["drawn"].std() / 4000**0.5
    assert ends["drawn"].mean() == pytest.approx(0.9 * 0.98**20, abs=4 * error)
    assert error < 0.01


def test_the_network_learns_as_its_own_loss_says(network):
    steps = 400
    *_, (weights, loss) = descend(
        network.gradient, network.start(seed=1), rates=cosine(0.05, steps),
        batches=batches(12, size=12, steps=steps, seed=1), direction=descent.adam(),
    )  # fmt: skip
    assert loss < 0.02
    assert network.accuracy(weights, network.features, network.labels) == 1.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: list(batches(10, 11, 1, 0)), "size must be a whole number >= 1 and <= 10, got 11"),
        (lambda: cosine(-1, 10), "rate must be a finite number > 0, got -1"),
        (lambda: cosine(1, 0), "steps must be a whole number >= 1, got 0"),
        (lambda: rounded(0, 1.0), "bits must be a whole number >= 1 and <= 52, got 0"),
        (lambda: rounded(8, 0.0), "span must be a finite number > 0, got 0.0"),
        (lambda: Perceptron([[1.0, np.inf]], [0], 2), r"features\[0, 1\] must be a finite number"),
        (lambda: Perceptron([1.0], [0], 2), "features must be of shape \\(data, features\\), and"),
        (
            lambda: Perceptron([[1.0]], [0.5], 2),
            "labels must be whole numbers from 0 to C-1, every",
        ),
        (
            lambda: Perceptron([[1.0]], [0, 1], 2),
            "labels must be 1 numbers, one for each datum, got",
        ),
        (
            lambda: Perceptron([[1.0], [2.0]], [0, 1], 0),
            "hidden must be a whole number >= 1, got 0",
        ),
        (lambda: last(bowl, [1.0], rates=[1, -1], batches=[1, 1]), r"rates\[1\] must be .* >= 0"),
        (lambda: last(bowl, [1.0], rates=[1, 1], batches=[1]), "batches must be .* 2 rates, got 1"),
        (lambda: last(bowl, [1.0], rates=[1], batches=[1, 1]), "batches must be .* got more"),
        (lambda: last(bowl, [1.0], rates=[1], batches=3), "batches must be an iterable, one for"),
        (
            lambda: last(lambda w, b: (0.0, np.ones(3)), [1.0], rates=[1], batches=[1]),
            r"step 1: the gradient must have the shape of the weights, \(1,\), got \(3,\)",
        ),
        (
            lambda: last(lambda w, b: (0.0, w * b), [1.0], rates=[1, 1], batches=[1, np.nan]),
            "step 2: the weights must stay finite, but 1 of them",
        ),
        (
            lambda: last(bowl, [1.0], rates=[1], batches=[1], direction=descent.adam),
            "direction must be one that is made for this run, such as adam",
        ),
        (
            lambda: last(bowl, [1.0], rates=[1], batches=[1], direction="adam"),
            "direction must be a function, got 'adam'",
        ),
        (lambda: descent.momentum(1.0), "decay must be a finite number >= 0 and < 1, got 1"),
        (lambda: descent.adam(floor=0), "floor must be a finite number > 0, got 0"),
        (lambda: list(batches(4, 2, 1, -1)), "seed must be a whole number >= 0, got -1"),
        (lambda: last(bowl, [np.nan], rates=[1], batches=[1]), r"start\[0\] must be a finite"),
        (lambda: last(bowl, [1.0], rates=[], batches=[]), "rates must be a row of numbers"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, words):
    with pytest.raises((ValueError, TypeError), match=words) as refusal:
        call()
    assert "\n" not in str(refusal.value)

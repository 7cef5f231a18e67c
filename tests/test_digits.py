"""Handwritten digits: the pictures as their authors describe them, and tasks made of them."""

import re

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from lim_lib.digits import load_digits, task


def test_the_set_is_the_one_that_its_authors_describe():
    images, digits = load_digits()
    assert images.shape == (1797, 8, 8)
    assert set(np.unique(images)) == set(range(17))
    # "No of examples in testing set", in the repository's description.
    assert np.bincount(digits).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_pictures_cannot_be_written_to():
    for array in load_digits():
        with pytest.raises((ValueError, TypeError), match="read-only"):
            array[0] = 1


def test_every_picture_is_learned_from_or_kept_back_and_none_is_both():
    whole = task((3, 8), examples=120, seed=4)
    assert (len(whole.labels), len(whole.test_labels)) == (120, 183 + 174 - 120)
    pictures = np.unique(np.concatenate([whole.features, whole.test_features]), axis=0)
    assert len(pictures) == 357
    counts = np.bincount(np.concatenate([whole.labels, whole.test_labels]))
    assert counts.tolist() == [183, 174]


def test_examples_are_centred_scaled_alike_and_have_a_bias():
    one = task((3, 8), examples=120, side=4)
    np.testing.assert_allclose(one.features[:, :-1].mean(axis=0), 0, atol=1e-13)
    assert np.all(one.features[:, -1] == 1)
    assert np.all(one.test_features[:, -1] == 1)
    images, digits = load_digits()
    sums = sum(images[:, i::2, j::2] for i in (0, 1) for j in (0, 1)).reshape(-1, 16)
    sums = sums[(digits == 3) | (digits == 8)]
    # A difference of two pictures is as many units of grey as it was dots.
    features = np.concatenate([one.features, one.test_features])[:, :-1]
    np.testing.assert_allclose(
        (features - features[0]) * sums[:120].std(), sums - sums[0], atol=1e-12
    )


def test_a_picture_can_be_summed_to_any_half_of_its_side():
    """The sums of four neighbours of one task are the pixels of the next, but for their scale."""
    ladder = [task((3, 8), examples=120, side=side).features[:, :-1] for side in (8, 4, 2, 1)]
    for side, fine, coarse in zip((4, 2, 1), ladder[:-1], ladder[1:], strict=True):
        sums = fine.reshape(120, side, 2, side, 2).sum(axis=(2, 4)).reshape(120, -1)
        scale = np.vdot(sums, coarse) / np.vdot(sums, sums)
        np.testing.assert_allclose(coarse, scale * sums, atol=1e-12)


def test_turned_pictures_are_the_same_pictures_turned():
    upright, turned = (task((3, 8), examples=120, side=4, turned=t, seed=2) for t in (False, True))
    assert np.array_equal(upright.labels, turned.labels)
    grid = upright.features[:, :-1].reshape(-1, 4, 4)
    np.testing.assert_allclose(
        turned.features[:, :-1].reshape(-1, 4, 4), np.rot90(grid, axes=(1, 2)), atol=1e-13
    )


def test_a_class_may_hold_several_digits():
    halves = task((range(5), range(5, 10)), examples=150)
    alone = task(examples=150)
    assert np.array_equal(halves.labels, alone.labels // 5)
    assert np.array_equal(halves.test_features, alone.test_features)


def test_another_seed_draws_other_pictures():
    first, second = (task((3, 8), examples=120, seed=seed).features for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_logistic_regression_finds_the_order_of_the_set_harder_than_chance():
    """The float classifier that the learner is measured by; its weights have a normal prior."""

    def reached(seed):
        one = task((3, 8), examples=120, side=4, seed=seed)
        sign = 1 - 2 * one.labels

        def loss(w):
            z = sign * (one.features @ w)
            return np.logaddexp(0, z).sum() + w @ w / 2, one.features.T @ (sign * expit(z)) + w

        w = minimize(loss, np.zeros(17), jac=True, method="BFGS").x
        return np.mean((one.test_features @ w > 0) == one.test_labels)

    drawn = [reached(seed) for seed in range(10)]
    assert np.mean(drawn) == pytest.approx(0.97, abs=4 * np.std(drawn) / np.sqrt(10))
    assert reached(None) == pytest.approx(0.94, abs=0.01)  # scikit-learn's LogisticRegression
    assert reached(None) < min(drawn)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"classes": (3,)}, "classes must be two or more classes without a digit in common, got "),
        ({"classes": (3, 3)}, "classes must be two or more classes without a digit in common"),
        ({"classes": (3, 10)}, "classes[1] must be a whole number >= 0 and <= 9, got 10"),
        ({"classes": (3, ())}, "classes[1] must be a digit, or several, got ()"),
        ({"side": 3}, "side must be 8, 4, 2 or 1, got 3"),
        ({"side": 4.0}, "side must be a whole number"),
        ({"classes": 3}, "classes must be two or more digits, or groups of them, got 3"),
        ({"examples": 357}, "examples must be a whole number >= 2 and <= 356, got 357"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
        (
            {"classes": range(10), "examples": 10, "seed": 0},
            "examples must be enough to hold each class once",
        ),
    ],
)
def test_what_cannot_be_a_task_is_refused_in_one_line(given, message):
    with pytest.raises((ValueError, TypeError), match=re.escape(message)) as caught:
        task(**{"classes": (3, 8), "examples": 120} | given)
    assert "\n" not in str(caught.value)

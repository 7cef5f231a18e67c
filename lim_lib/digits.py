r"""Handwritten digits to learn from: 1797 pictures of 8 x 8 pixels, which 13 people wrote.

The set is the test half of "Optical Recognition of Handwritten Digits" (Alpaydin and Kaynak, UCI
Machine Learning Repository, doi:10.24432/C50P49, licence CC BY 4.0; `alpaydin1998`). A pixel
counts the dark dots in a block of 4 x 4 of a scan: a whole number from 0 to 16.

`load_digits` gives the pictures; `task` makes of them what a classifier is given.
"""

from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files
from typing import Any, NamedTuple

import numpy as np

from lim_lib.validate import integer, refuse

DARKEST = 16
"""The largest value of a pixel."""

SIDE = 8
"""Pixels on a side of a picture."""


class Task(NamedTuple):
    """What a classifier learns from, and pictures that it has not seen.

    Parameters
    ----------
    features : ndarray
        Shape (examples, pixels + 1): the pixels, centred, and a last column of ones for the bias.
    labels : ndarray
        The class of each example, a whole number from 0.
    test_features, test_labels : ndarray
        The same for the pictures kept back, centred and scaled like the examples.
    """

    features: np.ndarray
    labels: np.ndarray
    test_features: np.ndarray
    test_labels: np.ndarray


@cache
def load_digits() -> tuple[np.ndarray, np.ndarray]:
    """The pictures and what they show.

    Returns
    -------
    images : ndarray of int
        Shape (1797, 8, 8), from 0 (paper) to 16 (ink); not to be written to.
    digits : ndarray of int
        Shape (1797,), from 0 to 9.

    Examples
    --------
    >>> images, digits = load_digits()
    >>> images.shape, int(images.max()), int(digits[0])
    ((1797, 8, 8), 16, 0)
    >>> for row in images[0]:
    ...     print("".join(".:+*#"[pixel // 4] for pixel in row))
    ..:*+...
    ..**+*:.
    ..*..++.
    .:*..++.
    .:+..++.
    .:+..*:.
    ..*:+*..
    ..:*+...
    """
    with as_file(files("lim_lib") / "data" / "digits.npz") as path, np.load(path) as file:
        images, digits = (file[name].astype(np.int64) for name in ("images", "digits"))
    for array in (images, digits):
        array.flags.writeable = False
    return images, digits


def task(
    classes: Iterable[Any] = range(10),
    *,
    examples: int,
    side: int = 8,
    turned: bool = False,
    seed: int | None = None,
) -> Task:
    """Telling classes of digits apart, by a few of their pictures.

    The pixels are divided by their standard deviation over all pixels of the examples (one number,
    so that faint pixels stay faint), and each has its mean over the examples subtracted.

    Parameters
    ----------
    classes : iterable
        A digit for each class, or several: ``(3, 8)``, ``(range(5), range(5, 10))``.
    examples : int
        Number of pictures to learn from; all others of these digits are kept back for the test.
    side : {8, 4, 2, 1}
        Pixels on a side: all, or sums of neighbouring ones.
    turned : bool
        Whether the pictures are turned by 90 degrees: another task from the same pictures.
    seed : int, optional
        Draws the examples at random. By default they are the first pictures of the set, which is
        the harder task: the order of the set keeps pictures together that are alike.

    Returns
    -------
    Task

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, in one line that names it.

    Examples
    --------
    Three or eight, by sixteen pixels and a bias:

    >>> three_or_eight = task((3, 8), examples=120, side=4)
    >>> three_or_eight.features.shape, three_or_eight.test_features.shape
    ((120, 17), (237, 17))
    """
    images, digits = load_digits()
    if not isinstance(classes, Iterable):
        refuse("classes", classes, "two or more digits, or groups of them", TypeError)
    classes = list(classes)
    groups = [_digits_of(f"classes[{i}]", given) for i, given in enumerate(classes)]
    if len(groups) < 2 or len({digit for group in groups for digit in group}) < sum(
        map(len, groups)
    ):
        refuse("classes", classes, "two or more classes without a digit in common")
    if integer("side", side, high=SIDE) not in (8, 4, 2, 1):
        refuse("side", side, "8, 4, 2 or 1")
    label = np.full(10, -1)
    for i, group in enumerate(groups):
        label[group] = i
    labels = label[digits]
    (rows,) = np.nonzero(labels >= 0)
    examples = integer("examples", examples, low=len(groups), high=len(rows) - 1)
    if seed is not None:
        rows = np.random.default_rng(integer("seed", seed, low=0)).permutation(rows)
    if len(set(labels[rows[:examples]])) < len(groups):
        refuse("examples", examples, "enough to hold each class once")
    chosen = np.rot90(images[rows], axes=(1, 2)) if turned else images[rows]
    block = SIDE // side
    pixels = chosen.reshape(-1, side, block, side, block).sum(axis=(2, 4)).reshape(len(rows), -1)
    scaled = pixels / pixels[:examples].std()
    features = np.column_stack([scaled - scaled[:examples].mean(axis=0), np.ones(len(rows))])
    return Task(
        features[:examples], labels[rows[:examples]], features[examples:], labels[rows[examples:]]
    )


def _digits_of(name: str, given: Any) -> list[int]:
    """The digits of a class."""
    several = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else [given]
    if not several:
        refuse(name, given, "a digit, or several")
    return [integer(name, digit, low=0, high=9) for digit in several]

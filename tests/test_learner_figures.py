"""The pictures of a network that learns: what they show is what they are given."""

import numpy as np
import pytest
from matplotlib.text import Text

from lim_lib import digits, figures
from lim_lib.figures.learner import two_weights

IMAGES, _ = digits.load_digits()
PIXELS = IMAGES[:3].reshape(-1, 4, 2, 4, 2).sum((2, 4))
SEEN = {"images": IMAGES[:3], "pixels": PIXELS, "weights": PIXELS[0] - 20.0}
HEATS = {
    "budgets": [20, 100, 500],
    "heats": [30, 2, 0.9],
    "errors": [1, 0.05, 0.02],
    "theorems": {"theorem 1": [2.5, 1, 0.8], "theorem 2": [2.4, 0.9, 0.79]},
    "entropy_lost": 0.7,
    "bits": 5,
}
SHARES = {
    "heats": [0, 0.3, 0.9],
    "accuracies": [0.5, 0.87, 0.94],
    "errors": [0.02, 0.01, 0.001],
    "reference": 0.941,
}
WORKS = {"forward": [18.0, 22, 25], "backward": [-14.0, -17, -21], "free_energy": 20.0}
BARRIERS = {
    "times": [0, 4, 8],
    "barriers": {"stands": [2, 2, 2], "follows": [0, 4, 8]},
    "losses": {"stands": [100, 50, 14], "follows": [100, 20, 14]},
}


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if isinstance(mark, Text))


def drawn(picture, name, place="whole"):
    return picture.panels[place].marks[name].get_xydata().T


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("digits_and_weights", SEEN, SEEN | {"images": IMAGES[3:6]}),
        ("heat_of_hops", HEATS, HEATS | {"bits": 3}),
        ("accuracy_of_heat", SHARES, SHARES | {"reference": 0.9}),
        ("ramps_both_ways", WORKS, WORKS | {"free_energy": 19.0}),
        ("learned_in_time", BARRIERS, BARRIERS | {"ends": {"stands": "1.4 kT"}}),
        ("posterior_of_two", {"bits": 2}, {"bits": 3, "coupling": 3}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_digits_are_shown_pixel_by_pixel_and_weights_are_white_at_zero():
    panel = figures.digits_and_weights(**SEEN).panels["whole"]
    assert np.array_equal(panel.marks["digits 1"].get_array(), IMAGES[1])
    assert np.array_equal(panel.marks["pixels 2"].get_array(), PIXELS[2])
    low, high = panel.marks["weights"].get_clim()
    assert low == -high
    assert high == abs(SEEN["weights"]).max()


def test_heat_against_hops_shows_measurements_theorems_and_the_bits_that_nobody_asked_for():
    picture = figures.heat_of_hops(**HEATS)
    assert drawn(picture, "points").tolist() == [HEATS["budgets"], HEATS["heats"]]
    assert drawn(picture, "theorem 1")[1].tolist() == HEATS["theorems"]["theorem 1"]
    assert drawn(picture, "ladder")[1] == pytest.approx(5 * np.log(2))
    assert "5 ln 2 = 3.47" in words(picture)
    assert "entropy lost: 0.70" in words(picture)


def test_the_share_at_half_a_bit_is_read_off_the_curve():
    picture = figures.accuracy_of_heat(**SHARES)
    (x, share) = drawn(picture, "half").ravel()
    assert x == pytest.approx(np.log(2) / 2)
    assert share == pytest.approx(np.interp(x, SHARES["heats"], SHARES["accuracies"]))
    assert f"{share:.2f}" in words(picture)


def test_works_of_ramps_down_are_drawn_with_the_other_sign():
    picture = figures.ramps_both_ways(**WORKS)
    for name, works in (("up: W", WORKS["forward"]), ("down: -W", [14, 17, 21])):
        edge, density = drawn(picture, name)
        inside = density > 0
        assert edge[inside].min() <= min(works) <= max(works) <= edge[inside].max()
        widths = np.diff(edge)[::2]
        assert (widths * density[::2]).sum() == pytest.approx(1)
    assert "ΔF = 20.0 kT" in words(picture)


def test_barriers_and_losses_are_those_of_the_same_protocols_and_their_names_stand_apart():
    picture = figures.learned_in_time(**BARRIERS)
    assert drawn(picture, "follows", "top")[1].tolist() == [0, 4, 8]
    assert drawn(picture, "follows", "bottom")[1].tolist() == [100, 20, 14]
    marks = picture.panels["bottom"].marks
    heights = [marks[f"{name} in words"].get_position()[1] for name in BARRIERS["barriers"]]
    assert max(heights) > 1.1 * min(heights)
    with pytest.raises(ValueError, match="losses must be of the protocols stands, follows"):
        figures.learned_in_time(**BARRIERS | {"losses": {"stands": [1, 2, 3]}})


def test_what_two_weights_lost_does_not_depend_on_their_bits_and_the_words_say_so():
    lost = [2 * b * np.log(2) - two_weights(b).equilibrium(1.0).entropy for b in (3, 4, 5, 6)]
    assert np.ptp(lost) < 0.04
    nats_more = two_weights(5).equilibrium(1.0).entropy - two_weights(5).equilibrium(3.0).entropy
    assert nats_more == pytest.approx(1, abs=0.05)
    picture = figures.posterior_of_two(bits=4)
    assert f"lost: {lost[1]:.2f} nats" in words(picture)
    chances = picture.panels["whole"].marks["posterior"].get_array()
    assert chances.sum() == pytest.approx(1)
    assert chances.shape == (16, 16)


@pytest.mark.parametrize(
    ("name", "wrong", "told"),
    [
        ("posterior_of_two", {"bits": 7}, "bits must be a whole number >= 1 and <= 6"),
        ("posterior_of_two", {"coupling": -1}, "coupling must be"),
        ("digits_and_weights", SEEN | {"pixels": PIXELS[:2]}, "pixels must be as many pictures"),
        ("digits_and_weights", SEEN | {"weights": IMAGES[0]}, "weights must be one for each pixel"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(name, wrong, told):
    with pytest.raises(ValueError, match=told) as error:
        getattr(figures, name)(**wrong)
    assert "\n" not in str(error.value)

"""The film of the README is the library's, and light enough to be watched."""

import film
import numpy as np
import pytest
from PIL import Image

from lim_lib import figures


@pytest.fixture(scope="module")
def states():
    return list(film.states())


@pytest.fixture
def kept(root):
    with Image.open(root / "assets" / "marble.webp") as image:
        yield image


def test_the_film_is_short_small_and_begins_again(root, kept):
    assert kept.width == film.WIDTH == 480
    assert 8 <= kept.n_frames / film.RATE <= 12
    assert kept.info["loop"] == 0
    assert (root / "assets" / "marble.webp").stat().st_size <= 1_500_000


def test_the_film_that_is_kept_is_the_one_that_is_drawn(kept, states):
    assert kept.n_frames == len(states)
    for number in range(0, len(states), 60):
        kept.seek(number)
        drawn = next(film.frames([states[number]])).convert("L")
        difference = np.asarray(kept.convert("L"), float) - np.asarray(drawn, float)
        assert np.mean(np.abs(difference) > 100) < 0.005


def test_marbles_hop_less_the_higher_the_barrier(states):
    ends = [states[round(film.RATE * second) - 1]["hops"] for second in (4.5, 8, 11)]
    # 80 marbles for 13.5 of the units of which one waits 8.9, a hop each: 122, ± 11.
    assert abs(ends[0] - 80 * 13.5 / 8.88) < 4 * 11
    assert ends[0] > 8 * (ends[1] - ends[0])
    assert ends[2] == states[round(film.RATE * 8.5)]["hops"]


def test_a_marble_wears_the_tone_of_the_bottom_where_it_was_last():
    marks = (
        figures.marbles(position=[-1.2, 0.8, 0.9], side=[-1, 1, 1], hops=2).panels["whole"].marks
    )
    assert marks["left"].get_xdata().tolist() == [-1.2]
    assert marks["right"].get_xdata().tolist() == [0.8, 0.9]
    assert marks["hops"].get_text() == "2 hops"
    assert marks["wait"].get_text() == "one waits 8.9 ns"

"""The pictures of erasing: what they show is what the library computes."""

import numpy as np
import pytest

from lim_lib import figures, format_energy, landauer
from lim_lib.units import thermal_energy


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("four_stages", {"tilt": 4}, {"tilt": 12}),
        ("erasure_step_by_step", {"stage": 0, "tilt": 2}, {"stage": 2.5, "tilt": 10}),
        ("heat_against_error", {}, {"errors": [0.1, 0.2], "heats": [1e-21, 8e-22]}),
        ("price_of_forgetting", {"final_error": 0}, {"final_error": 0.3, "initial_error": 0.1}),
        ("too_fast_too_slow", {}, {"low": [0.2, 0.1], "high": [0.3, 0.0]}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_a_perfect_erasure_is_priced_at_the_bound():
    picture = figures.price_of_forgetting(initial_error=0.5, final_error=0)
    assert format_energy(landauer(model_size=1, bits=1)) in words(picture)


def test_a_bit_that_becomes_random_takes_heat():
    assert "\N{MINUS SIGN}0.69 kT" in words(figures.price_of_forgetting(
        initial_error=0, final_error=0.5))  # fmt: skip


def test_the_price_of_no_change_is_written_without_a_sign_of_loss():
    assert "+0.00 kT" in words(figures.price_of_forgetting(initial_error=0.2, final_error=0.2))


def test_the_last_stage_shows_the_heat_that_was_paid():
    end = figures.erasure_step_by_step(stage=4, tilt=12)
    assert "heat to the bath +0.69 kT" in words(end, "bottom")
    assert "8.4 × 10⁻⁶" in words(end, "top")


def test_points_are_drawn_where_they_are():
    picture = figures.heat_against_error(errors=[0.25], heats=[0.1 * thermal_energy()])
    assert np.ravel(picture.panels["whole"].marks["points"].get_xydata()) == pytest.approx(
        [0.25, 0.1]
    )


def test_the_excess_of_a_hasty_erasure_is_drawn_where_it_is():
    picture = figures.too_fast_too_slow(durations=[1e3, 1e4], low=[0.09, 0.19], high=[0.04, 0.01])
    line = picture.panels["whole"].marks["low"].get_xydata()
    assert np.ravel(line) == pytest.approx([1e3, 0.09, 1e4, 0.19])


@pytest.mark.parametrize("values", [{"stage": 5}, {"stage": -0.1}, {"tilt": 30}])
def test_what_is_off_the_protocol_is_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        figures.erasure_step_by_step(**values)

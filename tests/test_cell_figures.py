"""Pictures of one memory cell show the numbers of the library; a number that chapter 2 quotes."""

import numpy as np
import pytest

from lim_lib import memory
from lim_lib.figures import cell
from lim_lib.units import thermal_energy

YEAR = 365.25 * 86400


def mark(picture, place, name):
    return picture.panels[place].marks[name]


def test_the_dot_on_the_escape_curve_is_the_quadrature_of_the_double_integral():
    """At 4 kT, by the trapezoid rule on e^u times the running integral of e^-u."""
    x = np.linspace(-3.5, 1, 40_001)
    step = x[1] - x[0]
    energy = 4 * (x**2 - 1) ** 2
    weight = np.exp(-energy)
    left = np.concatenate([[0], np.cumsum((weight[1:] + weight[:-1]) / 2) * step])
    inside = x >= -1
    time = np.trapezoid((np.exp(energy) * left)[inside], x[inside])
    picture = cell.barrier_and_escape(barrier=4.0, natural_rate=1e9)
    (barrier,), (escape,) = mark(picture, "bottom", "here").get_data()
    assert barrier == 4
    assert escape == pytest.approx(time * 1e-9, rel=1e-3)
    assert mark(picture, "bottom", "time").get_text() == "17 ns"


def test_the_wells_hold_the_density_and_the_top_has_the_stated_height():
    picture = cell.barrier_and_escape(barrier=20.0)
    x, energy = mark(picture, "top", "well").get_data()
    assert energy[np.argmin(np.abs(x))] == pytest.approx(20, rel=1e-6)
    outline = mark(picture, "top", "density").get_xy()
    highest = outline[np.argmax(outline[:, 1]), 0]
    assert abs(highest) == pytest.approx(1, abs=0.01)


def test_the_retention_dot_is_the_checkpoint_of_ten_years():
    picture = cell.retention_curves(retention=10 * YEAR, loss_probability=1e-9)
    assert mark(picture, "whole", "here").get_ydata()[0] == pytest.approx(61.0164, abs=1e-4)
    assert mark(picture, "whole", "height").get_text() == "61.0 kT = 1.58 eV = 253 zJ"
    assert mark(picture, "whole", "promise").get_text() == "δ = 10⁻⁹ in 10 years"


def test_retention_curves_are_a_thousandfold_apart():
    picture = cell.retention_curves()
    low, high = (mark(picture, "whole", f"loss {loss:g}").get_ydata() for loss in (1e-9, 1e-12))
    np.testing.assert_allclose(high - low, np.log(1000), rtol=1e-6)


@pytest.mark.parametrize(
    ("draw", "first", "second"),
    [
        (cell.barrier_and_escape, {"barrier": 2.0}, {"barrier": 62.0}),
        (cell.retention_curves, {"retention": 60.0}, {"loss_probability": 1e-21}),
        (cell.hopping, {"time": [0, 1], "position": [-1, 1]}, {}),
        (cell.rate_definitions, {}, {"barriers": [5.0], "kramers": [1.1], "relaxation": [1.0]}),
    ],
)
def test_a_picture_does_not_remember_what_it_showed_before(draw, first, second):
    assert draw(figure=draw(**first), **second).png() == draw(**second).png()


def test_the_step_of_chapter_2_makes_the_mean_escape_time_three_per_mille_short():
    """The chapter's simulated step (3 kT, dt = 0.001 a²/D), iterated as a matrix."""
    step, points = 1e-3, 900
    edges = np.linspace(-2.1, 1, points + 1)
    x, spacing = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    mean = x - step * 12 * x * (x**2 - 1)
    move = np.exp(-((x - mean[:, None]) ** 2) / (4 * step)) * spacing / np.sqrt(4 * np.pi * step)
    stay = move * (1 - np.exp(-(1 - x[:, None]) * (1 - x) / step))
    times = np.linalg.solve(np.eye(points) - stay, np.full(points, step)) - step / 2
    exact = memory.escape_time(3 * thermal_energy(), 1.0, 1.0)
    assert np.interp(-1, x, times) / exact - 1 == pytest.approx(-0.0031, abs=0.0002)

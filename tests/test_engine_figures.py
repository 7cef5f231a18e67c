"""The pictures of the engine, compared with other ways to compute what they show."""

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from lim_lib import bounds, figures
from lim_lib.learning import learned, loss_bound, quadratic_loss
from lim_lib.units import thermal_energy


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("engine_both_ways", None, {}),
        ("loss_and_heat", {"coupling": 4, "anisotropy": 32}, {"coupling": 64, "anisotropy": 2}),
        ("noise_floor", {}, {"couplings": [10, 20], "losses": [0.2, 0.1], "errors": [0.01, 0.01]}),
        ("loss_under_its_bound", {}, {"times": [0, 0.1], "losses": [17, 2], "coupling": 20}),
        ("price_of_each_bit", {}, {"simulated": [5.9, 1.6], "bits": 2}),
        (
            "information_against_cost",
            {},
            {
                "costs": [3],
                "informations": [0.1],
                "slow_costs": [2],
                "slow_informations": [1.3],
                "data": 30,
            },
        ),
        ("what_was_learned", {"data": 2, "coupling": 4}, {"data": 500, "coupling": 0.5}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**(first or {})), **second)
    assert again.png() == make(**second).png()
    if first is not None:
        assert again.png() != make(**first).png()


def test_each_axis_of_a_valley_follows_the_equation_of_its_variance():
    curvatures, variances, coupling, diffusivity = (
        np.array([3.0, 1.0, 0.0]),
        [2.0, 0.1, 5.0],
        7,
        0.2,
    )

    def rate(_, s):
        return 2 * diffusivity * (1 - coupling * curvatures * s)

    ends = solve_ivp(rate, (0, 0.3), variances, rtol=1e-10, atol=1e-12).y[:, -1]
    loss = quadratic_loss(
        0.3,
        losses=curvatures * variances / 2,
        curvatures=curvatures,
        coupling=coupling,
        diffusivity=diffusivity,
    )
    assert loss == pytest.approx(curvatures @ ends / 2, rel=1e-8)


def test_the_bound_solves_its_differential_equation():
    mu, trace, coupling, diffusivity = 0.4, 5.0, 3.0, 0.7

    def rate(_, x):
        return diffusivity * (trace - 2 * mu * coupling * x)

    end = solve_ivp(rate, (0, 1.1), [9.0], rtol=1e-10, atol=1e-12).y[0, -1]
    bound = loss_bound(
        1.1,
        loss=9.0,
        pl_constant=mu,
        curvature=trace,
        coupling=coupling,
        diffusivity=diffusivity,
    )
    assert bound == pytest.approx(end, rel=1e-8)


@pytest.mark.parametrize("anisotropy", [1.0, 3.0, 50.0])
@pytest.mark.parametrize("coupling", [0.5, 10.0, 300.0])
def test_the_loss_of_a_valley_is_under_its_bound_and_on_it_if_isotropic(anisotropy, coupling):
    time = np.geomspace(1e-4, 10, 40)
    curvatures = np.array([1, anisotropy])
    shared = {"coupling": coupling, "diffusivity": 1.0}
    loss = quadratic_loss(time, losses=[0.3, 0.7], curvatures=curvatures, **shared)
    bound = loss_bound(time, loss=1.0, pl_constant=1.0, curvature=curvatures.sum(), **shared)
    assert (loss <= bound * (1 + 1e-12)).all()
    if anisotropy == 1:
        assert loss == pytest.approx(bound, rel=1e-12)


def test_the_wavy_valley_has_the_constants_of_its_bound():
    from lim_lib.figures.engine import CURVATURE, PL_CONSTANT

    w = np.linspace(1e-3, 50, 1_000_001)
    slope, loss = 2 * w + 3 * np.sin(2 * w), w**2 + 3 * np.sin(w) ** 2
    assert 0.999 * (slope**2 / (2 * loss)).min() < PL_CONSTANT < (slope**2 / (2 * loss)).min()
    assert (2 + 6 * np.cos(2 * w)).max() <= CURVATURE


def moments(data, coupling, time):
    """Variances of (truth, mean of data, parameter) and their covariances, by integration."""
    start = np.zeros((3, 3))
    start[:2, :2] = [[1, 1], [1, 1 + 1 / data]]
    start[2, 2] = 1
    drift = np.zeros((3, 3))
    drift[2] = [0, coupling * data, -coupling * (1 + data)]
    noise = np.diag([0, 0, 2.0])

    def rate(_, flat):
        c = flat.reshape(3, 3)
        return (drift @ c + c @ drift.T + noise).ravel()

    solved = solve_ivp(rate, (0, time), start.ravel(), rtol=1e-10, atol=1e-12)
    return start, solved.y[:, -1].reshape(3, 3)


def mutual(c, i, j):
    pair = c[np.ix_([i, j], [i, j])]
    return -np.log(np.linalg.det(pair) / (c[i, i] * c[j, j])) / 2


@pytest.mark.parametrize(("data", "coupling"), [(15, 1.0), (2, 0.1), (40, 5.0)])
@pytest.mark.parametrize("time", [0.002, 0.05, 3.0])
def test_what_is_learned_agrees_with_the_covariances(data, coupling, time):
    start, end = moments(data, coupling, time)
    centre = np.array([0, data / (1 + data), -1])
    squares = [centre @ c @ centre for c in (start, end)]
    result = learned(data, coupling, time)
    assert result.information == pytest.approx(mutual(end, 1, 2), rel=1e-6, abs=0)
    assert result.about_truth == pytest.approx(mutual(end, 0, 2), rel=1e-6, abs=0)
    assert result.entropy_change == pytest.approx(np.log(end[2, 2]) / 2, rel=1e-6, abs=1e-8)
    heat = coupling * (1 + data) / 2 * (squares[0] - squares[1])
    assert result.heat == pytest.approx(heat, rel=1e-6)


def test_no_nat_is_learned_below_its_price():
    data, coupling = (
        np.geomspace(0.01, 1e3, 30)[:, None, None],
        np.geomspace(0.01, 100, 30)[:, None],
    )
    result = learned(data, coupling, np.geomspace(1e-4, 10, 30))
    assert (result.information <= result.cost * (1 + 1e-9)).all()
    assert (result.about_truth <= result.information * (1 + 1e-9)).all()
    settled = learned(data, coupling)
    assert (2 * settled.information <= settled.cost * (1 + 1e-9)).all()


@pytest.mark.parametrize("bits", [1, 4, 7])
def test_the_prices_of_the_bits_add_up_to_the_rung_of_a_coupling_at_once(bits):
    line = figures.price_of_each_bit(bits=bits).panels["whole"].marks["at once"].get_ydata()
    rung = bounds.static_stiffness(model_size=1, bits=bits) / thermal_energy()
    assert sum(line) == pytest.approx(rung, rel=1e-12)


def test_the_area_of_the_engine_is_its_work():
    band = figures.engine_both_ways().panels["whole"].marks["area"].get_xy()
    x, y = band[:, 0], band[:, 1]
    shoelace = abs(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1])) / 2
    assert shoelace == pytest.approx(quad(lambda v: 1 / v, 0.5, 1)[0], rel=1e-4)


def test_pictures_say_the_numbers_that_the_chapter_reads_back():
    assert "0.693 kT" in words(figures.engine_both_ways())
    assert "30.5 kT in all" in words(figures.loss_and_heat(), "bottom")
    assert "9.2 %" in words(figures.what_was_learned())
    assert "heat \N{MINUS SIGN}0.406 kT" in words(figures.what_was_learned(data=1, coupling=1 / 16))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("loss_and_heat", {"coupling": 0}),
        ("loss_and_heat", {"anisotropy": 0.5}),
        ("what_was_learned", {"data": 0}),
        ("what_was_learned", {"coupling": -1}),
        ("noise_floor", {"couplings": [-1]}),
        ("price_of_each_bit", {"bits": 9}),
    ],
)
def test_what_has_no_meaning_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

"""Quasi-static work and heat, against free energies from another quadrature and closed forms."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import entr, kl_div

from lim_lib.memory import WellIntegral
from lim_lib.quasistatic import _sides, density, drive, potential
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

kT = thermal_energy(300)
LINE, LEFT, RIGHT = (-6, 6), (-6, 0), (0, 6)


def free_energy(height, tilt, side=LINE):
    """-ln Z in units of kT."""
    return -np.log(quad(lambda y: np.exp(-potential(y, height, tilt)), *side, epsrel=1e-12)[0])


def entropy(p):
    return entr(p) + entr(1 - p)


def erasure(tilt=8, parting=6, high=15, low=1, **settings):
    corners = [(high, 0), (low, 0), (low, tilt), (parting, tilt), (high, tilt), (high, 0)]
    return drive(np.multiply(corners, kT), [True, True, True, False, False], **settings)


@pytest.mark.parametrize("ends", [[(8, 0), (0.3, 0)], [(2, -3), (2, 9)], [(1, 5), (30, -2)]])
def test_work_while_joined_is_the_change_of_free_energy(ends):
    path = drive(np.multiply(ends, kT), [True], points=400)
    start, end = (free_energy(*each) for each in ends)
    assert path.work[-1] / kT == pytest.approx(end - start, abs=1e-8)


@pytest.mark.parametrize("left", [0.0, 0.3, 1.0])
def test_work_while_parted_is_the_mean_change_of_the_restricted_free_energies(left):
    ends = [(9, 1), (16, -4)]
    path = drive(np.multiply(ends, kT), [False], left=left, points=200)
    changes = [free_energy(*ends[1], side) - free_energy(*ends[0], side) for side in (LEFT, RIGHT)]
    assert path.work[-1] / kT == pytest.approx(np.dot([left, 1 - left], changes), abs=1e-8)
    assert np.all(path.left == left)


def test_lowering_the_barrier_takes_what_the_bessel_functions_say():
    path = drive(np.multiply([(20, 0), (1, 0)], kT), [True], points=200)
    expected = np.log(WellIntegral.numeric(20.0) / WellIntegral.numeric(1.0))
    assert path.work[-1] / kT == pytest.approx(expected, abs=1e-8)


def test_heat_is_what_the_entropy_of_the_density_loses_all_along_the_path():
    path = erasure(points=200)
    y = np.linspace(-6, 6, 24001)
    for progress in (0, 0.7, 1.5, 2.4, 3.3, 4.6, 5):
        at, start = path.at(progress), path.at(0)
        lost = [
            np.trapezoid(entr(density(y, each["barrier"], each["tilt"], each["left"])), y)
            for each in (start, at)
        ]
        assert at["heat"] / kT == pytest.approx(lost[0] - lost[1], abs=2e-5)


def test_energy_is_the_mean_of_the_potential():
    at = erasure().at(2.25)
    y = np.linspace(-6, 6, 24001)
    rho = density(y, at["barrier"], at["tilt"], at["left"])
    mean = np.trapezoid(rho * potential(y, at["barrier"], at["tilt"]), y)
    assert at["energy"] == pytest.approx(mean, rel=1e-8, abs=0)


@pytest.mark.parametrize("tilt", [0, 1, 5, 15, -6])
@pytest.mark.parametrize("parting", [1.5, 4, 14])
def test_erasing_pays_for_the_entropy_that_is_gone(tilt, parting):
    end = erasure(tilt, parting, points=400).at(5)
    paid = np.log(2) - entropy(end["left"])
    assert end["work"] / kT == pytest.approx(paid, abs=1e-8)
    assert end["heat"] / kT == pytest.approx(paid, abs=1e-8)


def test_the_same_path_never_parted_erases_nothing_and_costs_nothing():
    corners = np.multiply([(15, 0), (1, 0), (1, 8), (15, 8), (15, 0)], kT)
    end = drive(corners, [True] * 4, points=400).at(4)
    assert end["left"] == pytest.approx(0.5, abs=1e-12)
    assert abs(end["work"]) < 1e-8 * kT
    assert abs(end["heat"]) < 1e-8 * kT


@pytest.mark.parametrize("left", [0.0, 0.1, 0.9])
def test_a_bias_that_the_protocol_does_not_use_is_wasted(left):
    end = erasure(left=left, points=400).at(5)
    least = entropy(left) - entropy(end["left"])
    wasted = sum(kl_div([left, 1 - left], [0.5, 0.5]))
    assert end["heat"] / kT == pytest.approx(least + wasted, abs=1e-8)


def test_flipping_a_known_bit_costs_only_what_joining_its_sides_wastes():
    tilt, parting = 5, 6
    there = [(15, 0), (15, -tilt), (parting, -tilt), (1, -tilt)]
    back = [(1, tilt), (parting, tilt), (15, tilt), (15, 0)]
    joined = [False, False, True, True, True, False, False]
    end = drive(np.multiply(there + back, kT), joined, left=1, points=400).at(7)
    p = end["left"]
    assert p < 0.02
    assert end["heat"] / kT == pytest.approx(-np.log(1 - p) - entropy(p), abs=1e-8)


def test_the_quadrature_along_the_path_is_of_fourth_order():
    errors = [
        abs(e.heat[-1] / kT - np.log(2) + entropy(e.left[-1]))
        for e in (erasure(points=n) for n in (32, 64))
    ]
    assert 10 < errors[0] / errors[1] < 25


def test_energies_scale_with_the_temperature():
    cold = drive(np.multiply([(9, 0), (1, 6)], thermal_energy(4)), [True], temperature=4)
    warm = drive(np.multiply([(9, 0), (1, 6)], kT), [True])
    assert cold.work / 4 == pytest.approx(warm.work / 300, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([(0, 0), (1, 0)], [True]), "barrier > 0"),
        (([(1, 0)], []), "two or more pairs"),
        (([(1, 0), (2, 0)], [True, True]), "one truth value for each leg"),
        (([(1, 0), (2, float("nan"))], [True]), "corners"),
    ],
)
def test_paths_that_cannot_be_driven_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        drive(*arguments)


@pytest.mark.parametrize("settings", [{"left": 1.1}, {"points": 5}, {"temperature": 0}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        drive([(kT, 0), (kT, kT)], [True], **settings)


def test_too_few_points_for_a_path_are_told_of_with_how_many_are_enough():
    path = np.multiply([(15, 0), (15, 100)], kT)
    with pytest.warns(RegimeWarning, match=r"the work is uncertain by about .* take") as told:
        coarse = drive(path, [True])
    assert told[0].filename == __file__
    enough = int(str(told[0].message).split("take ")[1].split()[0])
    exact = free_energy(15, 100) - free_energy(15, 0)
    assert abs(coarse.work[-1] / kT - exact) > 1e-3
    assert 64 < enough < 256
    fine = drive(path, [True], points=enough)
    assert fine.work[-1] / kT == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize(("height", "tilt"), [(1e5, 0), (1e6, 50), (1, 5000), (300, -5000)])
def test_wells_narrower_than_the_grid_are_refused(height, tilt):
    with pytest.raises(ValueError, match="low enough for the grid to resolve the wells"):
        drive(np.multiply([(height, tilt), (1, 0)], kT), [True])
    with pytest.raises(ValueError, match="low enough for the grid to resolve the wells"):
        density([0.0, 1.0], height * kT, tilt * kT, 0.5)


@pytest.mark.parametrize("height", [100, 1000, 3000])
def test_narrow_wells_that_the_grid_resolves_are_right(height):
    """ln Z of a side, against the next order of the expansion about the bottom: 3/(16 E_b)."""
    log_z = _sides(np.array([float(height)]), np.zeros(1), kT)[0]
    bottom = np.log(np.sqrt(2 * np.pi / (8 * height)) * (1 + 3 / (16 * height)))
    assert log_z.ravel() == pytest.approx([bottom, bottom], abs=2 / height**2)


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.float16])
def test_corners_of_any_number_type_give_what_floats_give(kind):
    warm = 1 / thermal_energy(1.0)
    corners = np.array([(100, 0), (3, 8), (120, 100)])
    one = drive(corners.astype(kind), [True, True], temperature=warm, points=400)
    other = drive(corners.astype(float), [True, True], temperature=warm, points=400)
    assert one.work == pytest.approx(other.work, rel=1e-9, abs=1e-9)

"""Planted problems: the best energy is what enumeration finds, and nothing is below it."""

import numpy as np
import pytest

from lim_lib.optimizers import anneal, planted_torus
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_torus_has_the_best_energy_that_enumeration_finds(seed):
    torus = planted_torus(4, seed)
    ground = torus.model.ground_state()
    assert torus.model.energy(torus.state) == torus.energy == ground.energy == -8
    assert torus.state.tolist() in ground.states.tolist()


def test_a_planted_torus_is_a_lattice_of_four_neighbours_of_either_sign():
    torus = planted_torus(10, seed=3)
    couplings = torus.model.couplings.toarray()
    assert np.array_equal(couplings, couplings.T)
    assert set(np.unique(couplings)) == {-0.5, 0.0, 0.5}
    assert (np.count_nonzero(couplings, axis=0) == 4).all()
    assert torus.model.energy(torus.state) == torus.energy == -50
    broken = couplings * np.outer(torus.state, torus.state) < 0
    assert broken.sum() == 2 * 50  # one in each black square


def test_no_annealing_finds_less_than_what_was_planted():
    kT = thermal_energy()
    torus = planted_torus(12, seed=1)
    cooled = Ramp((0, 50), (0, 4 * kT))
    run = anneal(torus.model, cooled, sweeps=50, replicas=64, seed=1, order="sequential")
    assert run.best_energy == torus.energy


def test_seeds_make_different_problems_and_the_same_seed_the_same():
    assert planted_torus(6, 1).model == planted_torus(6, 1).model
    assert planted_torus(6, 1).model != planted_torus(6, 2).model


@pytest.mark.parametrize(
    ("side", "message"),
    [
        (5, "side must be even: a chessboard that closes on itself, got 5"),
        (2, "side must be a whole number"),
    ],
)
def test_sides_that_make_no_chessboard_are_refused(side, message):
    with pytest.raises(ValueError, match=message):
        planted_torus(side, seed=1)

"""Problems of any size whose best energy is known, because it was put there."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from lim_lib.optimizers.ising import IsingModel
from lim_lib.validate import integer, refuse


class Planted(NamedTuple):
    """A problem, and a best state of it.

    Parameters
    ----------
    model : IsingModel
        The problem.
    state : ndarray
        A state of the least energy.
    energy : float
        That energy.
    """

    model: IsingModel
    state: np.ndarray
    energy: float


def planted_torus(side: int, seed: int) -> Planted:
    """Couplings ±1/2 on a square lattice that closes on itself: MaxCut with weights ∓1.

    Colour its squares like a chessboard; each edge then belongs to one black square. Give each
    black square one coupling, drawn at random, that contradicts the other three. Nothing can please
    all four, so that a square's energy is at least -1, and the whole's -side²/2. Where all spins
    are up each square has that, and the state is hidden by turning spins at random, with their
    couplings.

    Parameters
    ----------
    side : int
        Spins along each side, an even number from 4.
    seed : int
        Where the couplings come from.

    Returns
    -------
    Planted

    Examples
    --------
    >>> torus = planted_torus(4, seed=1)
    >>> torus.model, torus.energy
    (IsingModel of 16 spins, -8.0)
    >>> torus.model.ground_state().energy
    -8.0
    """
    side = integer("side", side, low=4)
    if side % 2:
        refuse("side", side, "even: a chessboard that closes on itself")
    source = np.random.Generator(np.random.SFC64(integer("seed", seed, low=0)))
    rows, columns = np.indices((side, side))
    spins = rows * side + columns
    turns = [(0, 0), (0, -1), (-1, -1), (-1, 0)]
    corners = np.stack([np.roll(spins, turn, axis=(0, 1)) for turn in turns], axis=-1)
    corners = corners[(rows + columns) % 2 == 0]
    contrary = source.integers(4, size=(len(corners), 1))
    state = source.choice(np.array([-1, 1], dtype=np.int8), size=side**2)
    i, j = corners.ravel(), np.roll(corners, -1, axis=1).ravel()
    couplings = np.where(np.arange(4) == contrary, -0.5, 0.5).ravel() * state[i] * state[j]
    upper = sparse.coo_array((couplings, (i, j)), shape=(side**2, side**2))
    return Planted(IsingModel((upper + upper.T).tocsr()), state, -(side**2) / 2)

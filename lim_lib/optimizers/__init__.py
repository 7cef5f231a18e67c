r"""Optimizers made of memory cells: energies, the losses of learners too, that a bath anneals.

A `Landscape` is an energy H(n) of N cells of L levels each, quadratic in the levels. Two kinds are
built upon it: `IsingModel` (two levels: spins) and `QuadraticProgram` (2^b levels: variables in a
box). A learner's H is its loss in nats, summed over the data, of weights that are such cells:
`LeastSquares`, a quadratic program, `SoftmaxLoss`, and `TwoLayerLoss` with a hidden layer; a `Sum`
of several has a scale for each. The scale λ turns H into joules, and `anneal` lets a bath at
temperature T move the cells while λ(t) and the barrier E_b(t) follow their schedules, with the
ledger of `lim_lib.simulate`.

What the two knobs do
---------------------
The rates of a hop and of its reverse have the ratio exp(-λ ΔH/kT): detailed balance with respect
to λH. The scale decides *where* the cells tend, to the Gibbs state exp(-λH/kT)/Z; it anneals. The
barrier multiplies all rates alike; it decides *when*: it sets the pace, and it retains. At the
scale kT per nat the Gibbs state of a loss is Bayes' posterior.

Sign conventions are those of `lim_lib.simulate`: heat positive into the bath, work positive on the
cells, controls first and then the move.

Beside them stands what is to be compared: gradient descent in software, by `descend` with the rules
`sgd`, `momentum` and `adam`, on a `Perceptron` or on any loss whose gradient is given.
"""

from lim_lib.optimizers.annealing import anneal
from lim_lib.optimizers.descent import (
    Perceptron,
    adam,
    batches,
    cosine,
    descend,
    momentum,
    rounded,
    sgd,
    written,
)
from lim_lib.optimizers.estimates import entropy_lost, free_energy, transport
from lim_lib.optimizers.ising import IsingModel
from lim_lib.optimizers.landscape import Landscape
from lim_lib.optimizers.losses import LeastSquares, SoftmaxLoss, Sum, TwoLayerLoss
from lim_lib.optimizers.planted import Planted, planted_torus
from lim_lib.optimizers.problem import Equilibrium, GroundState
from lim_lib.optimizers.quadratic import QuadraticProgram
from lim_lib.optimizers.solution import (
    Aggregate,
    Anneal,
    Estimate,
    repeats,
    success_probability,
    time_to_solution,
)
from lim_lib.optimizers.streams import Stream, stream
from lim_lib.optimizers.tallies import Tally

__all__ = [
    "Aggregate",
    "Anneal",
    "Equilibrium",
    "Estimate",
    "GroundState",
    "IsingModel",
    "Landscape",
    "LeastSquares",
    "Perceptron",
    "Planted",
    "QuadraticProgram",
    "SoftmaxLoss",
    "Stream",
    "Sum",
    "Tally",
    "TwoLayerLoss",
    "adam",
    "anneal",
    "batches",
    "cosine",
    "descend",
    "entropy_lost",
    "free_energy",
    "momentum",
    "planted_torus",
    "repeats",
    "rounded",
    "sgd",
    "stream",
    "success_probability",
    "time_to_solution",
    "transport",
    "written",
]

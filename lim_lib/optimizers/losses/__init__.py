r"""Losses: learners whose weights are memory cells, problems of `lim_lib.optimizers.anneal`.

A weight lies in [-span, span] on one of 2^b levels. The energy is a loss L in nats, summed over the
data, and the scale λ is in joules per nat: at λ = 1 kT the Gibbs state is Bayes' posterior of
weights that are alike likely beforehand. The bath sees all data at once: the tilt of a cell is
λ ∂L/∂w at the present weights of all others, and what it costs to hold that tilt is not counted.
"""

from lim_lib.optimizers.losses.base import Loss
from lim_lib.optimizers.losses.layers import TwoLayerLoss
from lim_lib.optimizers.losses.softmax import SoftmaxLoss
from lim_lib.optimizers.losses.squares import LeastSquares
from lim_lib.optimizers.losses.sums import Sum

__all__ = ["LeastSquares", "Loss", "SoftmaxLoss", "Sum", "TwoLayerLoss"]

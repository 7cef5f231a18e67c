"""An adversary of the theorem of transport and time: protocols sought to break it."""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import entr, softmax

from lim_lib.simulate.graphs import Graph
from lim_lib.units import thermal_energy
from lim_lib.validate import POSITIVE, integer, refuse, single

MOST_STATES = 64
"""Most states: the slopes of all unknowns are found at once."""

_WIDEST = 15.0  # energies within so many kT, so that every rate is a double
_DIFFERENCE = 1e-5  # of an unknown, for slopes


def adversarial_protocol(
    graph: Graph, hop_budget: float, *, net_moves: float, steps: int = 3, seed: int
) -> dict[str, Any]:
    """A start and energies, sought so that the entropy production is near what theorem 2 allows.

    From a random beginning, the start and the energies in equal parts of the hop budget R are
    changed until the entropy production over 2 N asinh(N/2G) falls no more. N adds up what crosses
    each edge on balance, between transport and net moves; G is the most that R times the sum of
    sqrt(p_i p_j) can be: half the largest eigenvalue of the graph's matrix of neighbours, times R.
    Energies are those of whole states, so that the cells of a `hypercube` may be correlated.

    The search computes rates, moves and heat by itself: `master_equation` judges what it found.

    Parameters
    ----------
    graph : Graph
        At most 64 states.
    hop_budget : float
        R > 0.
    net_moves : float
        About how many moves, at least; where nothing moves there is nothing to compare.
    steps : int
        Parts of the budget, each with energies of its own.
    seed : int
        Seed of the beginning.

    Returns
    -------
    dict
        Arguments of `master_equation`: initial, energy, duration, steps and hop_rate (1 per s).

    Raises
    ------
    ValueError, TypeError
        If an argument is not allowed.

    Examples
    --------
    >>> from lim_lib.simulate import adversarial_protocol, ladder, master_equation
    >>> found = adversarial_protocol(ladder(2), 0.1, net_moves=0.4, seed=2)
    >>> ledger = master_equation(ladder(2), **found).ledger
    >>> least = 2 * ledger.transport * np.arcsinh(ledger.transport / 0.1)
    >>> f"{ledger.entropy_production / thermal_energy() / least:.3f} of the least"
    '1.015 of the least'
    """
    if graph.states > MOST_STATES:
        refuse("graph", f"one of {graph.states}", f"of at most {MOST_STATES} states")
    budget = single("hop_budget", hop_budget, POSITIVE)
    wanted = single("net_moves", net_moves, POSITIVE)
    steps = integer("steps", steps, 1)
    i, j = graph.edges.T
    joined = np.zeros((graph.states, graph.states))
    joined[i, j] = joined[j, i] = 1
    most = np.linalg.eigvalsh(joined)[-1] * budget / 2
    part = budget / steps

    def ratio(unknowns):
        """Entropy production over the least, for many protocols at once, punished if they rest."""
        start, *energies = np.moveaxis(unknowns.reshape(len(unknowns), steps + 1, -1), 1, 0)
        p = softmax(start, axis=1)
        production, net = -entr(p).sum(1), 0.0
        for energy in energies:
            weight = np.exp(energy / 2)
            leaving = weight * ((1 / weight) @ joined)
            rate, mode = np.linalg.eigh(joined - leaving[:, None] * np.eye(graph.states))
            share = np.einsum("nsk,ns->nk", mode, weight * p)
            decay = np.minimum(rate, -1e-14) * part
            after = np.einsum("nsk,nk->ns", mode, np.exp(decay) * share) / weight
            stay = np.einsum("nsk,nk->ns", mode, np.expm1(decay) / decay * part * share) / weight
            up, down = (weight[:, a] / weight[:, b] * stay[:, a] for a, b in ((i, j), (j, i)))
            net = net + up - down
            production += (energy * (p - after)).sum(1)
            p = after
        production += entr(np.maximum(p, 0)).sum(1)
        moves = np.abs(net).sum(1)
        least = 2 * moves * np.arcsinh(moves / (2 * most))
        return production / least + 10 * np.maximum(0, 1 - moves / wanted) ** 2

    def value_and_slope(x):
        change = _DIFFERENCE * np.eye(x.size)
        values = ratio(np.concatenate([x[None], x + change, x - change]))
        return values[0], (values[1 : x.size + 1] - values[x.size + 1 :]) / (2 * _DIFFERENCE)

    x = np.random.default_rng(seed).normal(size=(steps + 1) * graph.states)
    within = [(-_WIDEST, _WIDEST)] * x.size
    found = minimize(value_and_slope, x, jac=True, method="L-BFGS-B", bounds=within)
    start, *energies = found.x.reshape(steps + 1, -1)
    return {
        "initial": softmax(start),
        "energy": lambda t: thermal_energy() * energies[min(int(t / part), steps - 1)],
        "duration": budget,
        "steps": steps,
        "hop_rate": 1.0,
    }

"""Searches for protocols that break a theorem: least of what they dissipate over what it allows.

They compute rates, moves and entropies by themselves, apart from the library's simulations. All
energies are in kT, entropies in k_B.
"""

import numpy as np
from scipy.linalg import expm
from scipy.optimize import minimize
from scipy.special import entr, expit, softmax

from lim_lib.simulate import ladder

WIDEST = 12.0
"""Most that an unknown may be, so that every rate is a double."""


def transport_and_activity(net, hops, pairs):
    """2 N artanh(N / hops): theorem 1."""
    return 2 * net * np.arctanh(np.minimum(net / hops, 1 - 1e-12))


def transport_and_time(net, hops, pairs):
    """2 N asinh(N / 2G), where G is the most that R times the sum of sqrt(p_i p_j) can be."""
    return 2 * net * np.arcsinh(net / (2 * pairs))


def tilted(graph, unknowns, split):
    """Rates up and down each edge, per unit of budget, and tilts: energies and forces.

    The split is the share of a tilt that speeds hops up, or ``"heat_bath"``.
    """
    energy, force = np.split(unknowns, [graph.states], axis=-1)
    i, j = graph.edges.T
    tilt = energy[..., i] - energy[..., j] + force
    if split == "heat_bath":
        return 2 * expit(tilt), 2 * expit(-tilt), tilt
    return np.exp(split * tilt), np.exp((split - 1) * tilt), tilt


def free(graph, unknowns, split):
    """Rates up and down each edge, whatever they are; the tilt that local balance makes of them."""
    up, down = np.split(unknowns, 2, axis=-1)
    return np.exp(up), np.exp(down), up - down


def propagators(graph, up, down, part):
    """What takes p to (p at the end, time spent in each state), for a stack of rates."""
    i, j = graph.edges.T
    n, edge = graph.states, np.arange(len(graph.edges))
    joint = np.zeros((*up.shape[:-1], 2 * n, 2 * n))
    flow = np.zeros((*up.shape[:-1], n, n, edge.size))
    flow[..., j, i, edge] = up
    flow[..., i, j, edge] = down
    joint[..., :n, :n] = flow.sum(-1)
    joint[..., :n, :n] -= np.eye(n) * joint[..., :n, :n].sum(-2)[..., None, :]
    joint[..., n:, :n] = np.eye(n)
    return expm(joint * part)[..., :n]


def least_ratio(
    graph,
    theorem,
    seed,
    *,
    budget=1.0,
    steps=3,
    rates=tilted,
    split="symmetric",
    moves=0.4,
    drive=0.0,
):
    """Smallest entropy production over the theorem's that a search from one beginning finds.

    Unknown are the start and, for each of equal parts of the budget, what `rates` takes. It is
    punished if less than ``moves`` cross the edges on balance, or less than a share ``drive`` of
    the hops.
    """
    i, j = graph.edges.T
    size = 2 * len(i) if rates is free else graph.states + len(i)
    neighbours = np.zeros((graph.states, graph.states))
    neighbours[i, j] = neighbours[j, i] = 1
    pairs = budget * np.linalg.eigvalsh(neighbours)[-1] / 2

    def outcome(start, steps_taken):
        """The ratio, for a stack of starts and the propagators, rates and tilts of each part."""
        p = softmax(start, axis=-1)
        production, net, hops = -entr(p).sum(-1), 0.0, 0.0
        for matrix, up, down, tilt in steps_taken:
            both = (matrix @ p[..., None])[..., 0]
            p, spent = np.split(both, 2, axis=-1)
            rise, fall = up * spent[..., i], down * spent[..., j]
            net, hops = net + rise - fall, hops + (rise + fall).sum(-1)
            production = production + (tilt * (rise - fall)).sum(-1)
        production = production + entr(np.maximum(p, 0)).sum(-1)
        net = np.abs(net).sum(-1)
        lacking = np.maximum(0, 1 - net / moves) ** 2 + np.maximum(0, drive - net / hops) ** 2
        return production / theorem(net, hops, pairs) + 20 * lacking

    def value_and_slope(x, change=1e-6):
        start, parts = x[: graph.states], x[graph.states :].reshape(steps, size)

        def taken(part):
            given = rates(graph, part, split)
            return propagators(graph, *given[:2], budget / steps), *given

        here = [taken(part) for part in parts]
        value = outcome(start, here)
        slope = [outcome(start + change * np.eye(start.size), here)]
        for k, part in enumerate(parts):
            there = [*here[:k], taken(part + change * np.eye(size)), *here[k + 1 :]]
            slope.append(outcome(start, there))
        return value, (np.concatenate(slope) - value) / change

    x = np.random.default_rng(seed).normal(size=graph.states + steps * size)
    return minimize(
        value_and_slope,
        x,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-WIDEST, WIDEST)] * x.size,
        options={"maxiter": 300},
    ).fun


def learned(relaxation, diffusivity, part, spread=1.0):
    """Variance at the end, and heat, for a drift and a diffusivity constant in equal parts."""
    heat = 0.0
    for eta, d in zip(relaxation, diffusivity, strict=True):
        rest = d / eta
        after = rest + (spread - rest) * np.exp(-2 * eta * part)
        # Heat is the work of the drift η w, in units kT/D: η² <w²>/D - η, integrated.
        heat += eta / d * (spread - after) / 2
        spread = after
    return spread, heat


def least_learning_ratio(convergence_times, seed, *, parts=16, bits=1.0):
    """Smallest heat over theorem 3's, for drifts up to a cap and any diffusivities.

    It is punished if the variance falls by less than ``bits``.
    """

    def ratio(x):
        relaxation, diffusivity = expit(x[:parts]), np.exp(x[parts:])
        end, heat = learned(relaxation, diffusivity, convergence_times / parts)
        narrowed = np.clip(-np.log(end) / 2, 1e-3, convergence_times * (1 - 1e-9))
        lacking = max(0.0, 1 - narrowed / (bits * np.log(2))) ** 2
        least = narrowed / (1 - narrowed / convergence_times)
        return heat / least + 20 * lacking

    rng = np.random.default_rng(seed)
    x = np.concatenate(
        [rng.normal(size=parts), np.linspace(-1, -3, parts) + rng.normal(size=parts)]
    )
    limits = [(-WIDEST, WIDEST)] * x.size
    return minimize(ratio, x, method="L-BFGS-B", bounds=limits, options={"maxfun": 40_000}).fun


def least_ladder_ratio(levels, convergence_times, *, begin=6.0, end=1.5, parts=12):
    """Smallest heat over theorem 3's on a ladder, where the drift over every edge is prescribed.

    The drift draws to the centre, 1 per second and level; unknown are the hop rates in equal parts
    of the time. It is punished if the variance stays above ``end``.
    """
    graph = ladder(levels)
    position = np.arange(levels) - levels // 2
    drift = -(position[1:] + position[:-1]) / 2
    start = np.exp(-(position**2) / (2 * begin))
    start /= start.sum()

    def taken(logarithm):
        rate = np.exp(logarithm)[..., None]
        tilt = 2 * np.arcsinh(drift / (2 * rate))
        up, down = rate * np.exp(tilt / 2), rate * np.exp(-tilt / 2)
        return propagators(graph, up, down, convergence_times / parts), up, down, tilt

    def outcome(steps_taken):
        p, heat = start, 0.0
        for matrix, up, down, tilt in steps_taken:
            p, spent = np.split((matrix @ p[..., None])[..., 0], 2, axis=-1)
            heat = heat + (tilt * (up * spent[..., :-1] - down * spent[..., 1:])).sum(-1)
        variance = p @ position**2
        narrowed = np.log(start @ position**2 / variance) / 2
        least = narrowed / (1 - narrowed / convergence_times)
        return heat / least + 20 * np.maximum(0, variance / end - 1) ** 2

    def value_and_slope(x, change=1e-6):
        here = list(zip(*taken(x), strict=True))
        there = list(zip(*taken(x + change), strict=True))
        value = outcome(here)
        moved = [outcome([*here[:k], there[k], *here[k + 1 :]]) for k in range(parts)]
        return value, (np.array(moved) - value) / change

    x = np.log(begin) - np.linspace(0, 2, parts)
    return minimize(value_and_slope, x, jac=True, method="L-BFGS-B").fun

"""The library's formulas, against the same written by hand in NumPy.

For each rung a million random points, every argument an array but the temperature; nanoseconds per
point, in the processor's time. Ours check their arguments, which the others do not.
"""

from collections.abc import Iterator

import limits
import numpy as np
from measure import Scale, in_turn
from table import Aim, Limit, Row

from lim_lib import bounds
from lim_lib.units import BOLTZMANN as K

POINTS = 1_000_000
CHECKED = 1.0
"""Nanoseconds a point and argument that its check may take, where the arithmetic is cheaper."""


def dissipated(N, chi, G, r, t, tau, T):
    """Barrier dissipated at each move, exponential decay."""
    u = t / tau
    return N * K * T * (np.log(G / r) + 1 - u / (np.exp(u) - 1) + 2 * np.arcsinh(chi))


def dissipated_power_law(N, chi, G, r, t, tau, a, T):
    """Barrier dissipated at each move, power-law decay."""
    X = 1 + t / tau
    mean = a * (1 / (a - 1) - np.log(X) / (X ** (a - 1) - 1))
    return N * K * T * (np.log(G / r) + mean + 2 * np.arcsinh(chi))


def static_barrier(N, v, G, t, d, T):
    """Tilt-only writing over the retention barrier."""
    return N * 2 * K * T * np.arcsinh(v * t / -np.log(1 - 2 * d))


def two_tier(M, b, N, C, chi, v, t, d, e, T):
    """Matched short-term tier, static long-term tier."""
    write = 2 * K * T * np.arcsinh(v * t / -np.log(1 - 2 * d)) + e
    return N * 2 * K * T * np.arcsinh(chi) + C * M * b * write


BY_HAND = {
    "landauer": lambda M, b, T: M * b * K * T * np.log(2),
    "finite_time": lambda M, b, s, mu, D, t, T: (
        M * K * T * (b * np.log(2) + (mu**2 + (s - s / 2**b) ** 2) / (D * t))
    ),
    "transport_activity": lambda M, b, N, W, n, T: (
        K * T * (M * b * np.log(2) + 2 * n * np.arctanh(n / N))
    ),
    "transport_time": lambda M, b, R, W, n, T: (
        K * T * (M * b * np.log(2) + 2 * n * np.arcsinh(n / (2 * M * R)))
    ),
    "matched_stiffness": lambda M, b, s, mu, D, t, T: (
        M * K * T * (b * np.log(2) * (1 + (s**2 - (s / 2**b) ** 2) / (2 * D * t)) + mu**2 / (D * t))
    ),
    "static_stiffness": lambda M, b, T: M * K * T / 2 * (4**b - 1),
    "matched_barrier": lambda N, chi, T: N * 2 * K * T * np.arcsinh(chi),
    "dissipated_barrier": dissipated,
    "dissipated_barrier_power_law": dissipated_power_law,
    "static_barrier": static_barrier,
    "two_tier": two_tier,
    "memory_access": lambda M, b, N, R, er, ew, T: M * b * R * er + N * b * ew,
    "landauer_per_update": lambda N, b, T: N * b * K * T * np.log(2),
}
RANGES = {
    "bits": (1, 16),
    "hops": (20, 1e6),
    "transport": (0.1, 10),
    "net_moves": (10, 19),
    "drive": (0.01, 0.1),
    "update_rate": (1e3, 1e6),
    "attempt_rate": (1e9, 1e10),
    "hop_rate_initial": (1e3, 1e6),
    "retention": (1e3, 1e8),
    "loss_probability": (1e-9, 0.1),
    "exponent": (0.2, 3),
}


def rows(scale: Scale) -> Iterator[Row]:
    """A row for each rung."""
    rng = np.random.default_rng(0)
    points = min(POINTS, scale.of(10 * POINTS))
    for key, by_hand in BY_HAND.items():
        bound = bounds.get(key)
        values = {n: rng.uniform(*RANGES.get(n, (1, 10)), points) for n in bound.parameters}
        values["temperature"] = 300.0
        given = list(values.values())
        np.testing.assert_allclose(bound(**values), by_hand(*given), rtol=1e-5)
        found = in_turn(
            lambda f=bound, a=values: f(**a), lambda f=by_hand, a=given: f(*a), rounds=scale.rounds
        )
        ours, hand = (1e9 * seconds / points for seconds in found.seconds)
        touched = 8 * len(given)
        strict = key == "dissipated_barrier_power_law"
        yield Row(
            what=f"{key}, {points:.0e} points",
            ours=ours,
            peer=hand,
            unit="ns/point",
            peer_name="NumPy by hand",
            aim=Aim(1.2, or_more=0.0 if strict else CHECKED * len(values)),
            limit=Limit(
                f"{touched} bytes of arguments and result, {1 / limits.byte():.1f} GB/s",
                touched * limits.byte(),
            ),
            others=found.others,
        )

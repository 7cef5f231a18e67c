"""Time of langesim 0.1.4 for a driven double well, run by an interpreter that has it (and numba).

Prints nanoseconds per particle and step: Euler's method with work and heat, as it is.
"""

import sys
import time

import langesim


def potential(x, t):
    """A double well whose barrier grows."""
    return (1 + t) * (x * x - 1) ** 2


def force(x, t):
    """Minus its gradient."""
    return -4 * (1 + t) * x * (x * x - 1)


def start():
    """All particles in one well."""
    return 1.0


def main(replicas=65536, steps=256):
    """Best of five runs, after one that compiles."""
    simulate = langesim.simulator.make_simulator(
        tot_sims=replicas,
        dt=2.0 / steps,
        tot_steps=steps,
        snapshot_step=steps,
        harmonic_potential=False,
        force=force,
        potential=potential,
        initial_distribution=start,
    )
    simulate()
    best = float("inf")
    for _ in range(5):
        begin = time.perf_counter()
        simulate()
        best = min(best, time.perf_counter() - begin)
    print(best / replicas / steps * 1e9)


if __name__ == "__main__":
    sys.exit(main())

"""Four annealing laws on graphs of the G-set, with equal hops allowed to each.

The Fowler-Nordheim law with the constants of Ahsan et al. (2026), a straight rise to the same end,
a geometric fall of the temperature from the same start, and a logarithm of three decades to the
same end. Each is then held cold for ten sweeps, so that what is read is a local minimum.

Run as ``python benchmarks/fowler_nordheim.py``. The graphs are files of the G-set where GSET says,
by default in ``../shared/data/gset``; those that are not there are left out.
"""

import os
from pathlib import Path

import numpy as np

from lim_lib.optimizers import IsingModel, anneal
from lim_lib.schedules import LogarithmicRamp, Ramp, fowler_nordheim
from lim_lib.units import thermal_energy

KT = thermal_energy()
ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("GSET", ROOT.parent / "shared" / "data" / "gset"))
COEFFICIENTS = {"G1": 60, "G4": 60, "G11": 40, "G15": 60, "G22": 60}
SWEEPS, COLD, REPLICAS = 200, 10, 256


def laws(coefficient, duration):
    """λ of time, by name."""
    published = fowler_nordheim(coefficient, duration=duration)
    start, end = published([0.0, duration])
    return {
        "Fowler-Nordheim": published,
        "straight": Ramp((0.0, duration), (0.0, end)),
        "geometric": lambda t: start * (end / start) ** (np.asarray(t) / duration),
        "logarithmic": LogarithmicRamp(end / np.log(1001), duration / 1000),
    }


def then_cold(law, duration):
    """The law, and from the duration on 6 kT a unit of the cut."""
    return lambda t: np.where(np.asarray(t) < duration, law(np.minimum(t, duration)), 6 * KT)


if __name__ == "__main__":
    print(f"{SWEEPS} + {COLD} sweeps, {REPLICAS} replicas; heat and hops a vertex")
    print(f"{'':22}{'mean cut':>18}{'best':>8}{'heat (kT)':>11}{'hops':>7}")
    for name, coefficient in COEFFICIENTS.items():
        file = FOLDER / f"{name}.txt"
        if not file.exists():
            continue
        graph = IsingModel.from_gset(file)
        for law, schedule in laws(coefficient, float(SWEEPS)).items():
            run = anneal(
                graph,
                then_cold(schedule, float(SWEEPS)),
                sweeps=SWEEPS + COLD,
                replicas=REPLICAS,
                seed=1,
                order="sequential",
            )
            error = run.energies.std(ddof=1) / np.sqrt(REPLICAS)
            heat = run.ledger.heat.mean() / (KT * graph.size)
            print(
                f"{name:5}{law:17}{-run.mean_energy:10.1f} ± {error:4.1f} {-run.best_energy:8.0f}"
                f"{heat:11.3f}{run.ledger.hops.mean() / graph.size:7.1f}",
                flush=True,
            )

"""How fast the annealer is, against the simulated annealing of dwave-samplers (C++, one thread).

Equal sweeps over the same instance, the same straight rise of λ/kT, Metropolis' rates in both;
nanoseconds per attempted update. Ours count the whole call with its ledger, theirs the sampling
alone. What is compared runs in turn, and the best of several rounds counts. The mean energies are
compared, too: the same number of sweeps must bring as much.

Aim: at least as fast at 1024 replicas. G1 of the G-set is measured where the file is at hand: in
``../shared/data/gset``, or where the variable GSET says.
"""

import math
import os
import time
from pathlib import Path

import dimod
import matplotlib.pyplot as plt
import numpy as np
from dwave.samplers import SimulatedAnnealingSampler
from scipy import sparse

from lim_lib.optimizers import IsingModel, anneal
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

KT = thermal_energy()
ROOT = Path(__file__).parents[1]
GSET = Path(os.environ.get("GSET", ROOT.parent / "shared" / "data" / "gset")) / "G1.txt"
PLOT = ROOT / "_build" / "benchmarks" / "cost-against-couplings.png"
ROUNDS = 3


def ours(model, replicas, sweeps, coupling, **options):
    """One annealing, and the seconds that it took."""
    start = time.perf_counter()
    run = anneal(
        model,
        Ramp((0, sweeps), (0.01 * KT, coupling * KT)),
        duration=float(sweeps),
        hop_rate=1.0,
        replicas=replicas,
        seed=1,
        order="sequential",
        kinetics="metropolis",
        **options,
    )
    return time.perf_counter() - start, run.energies


def theirs(model, replicas, sweeps, coupling):
    """The same by the other annealer."""
    pairs = sparse.coo_array(sparse.triu(sparse.coo_array(model.couplings), 1))
    places = zip(*(axis.tolist() for axis in pairs.coords), strict=True)
    quadratic = dict(zip(places, (-pairs.data).tolist(), strict=True))
    bqm = dimod.BinaryQuadraticModel.from_ising(
        dict.fromkeys(range(model.size), 0.0), quadratic, model.offset
    )
    found = SimulatedAnnealingSampler().sample(
        bqm,
        num_reads=replicas,
        num_sweeps=sweeps,
        beta_range=(0.01, coupling),
        beta_schedule_type="linear",
        seed=1,
    )
    return found.info["timing"]["sampling_ns"] / 1e9, found.record.energy


def compared(name, model, replicas, sweeps, coupling, aim):
    """A row: speed at equal sweeps, and how far apart the mean energies are."""
    best, energies = [math.inf, math.inf], [None, None]
    for _ in range(ROUNDS):
        for which, function in enumerate((ours, theirs)):
            seconds, energies[which] = function(model, replicas, sweeps, coupling)
            best[which] = min(best[which], seconds)
    mine, other = (1e9 * seconds / (replicas * sweeps * model.size) for seconds in best)
    error = math.hypot(*(e.std(ddof=1) / math.sqrt(e.size) for e in energies))
    apart = (energies[0].mean() - energies[1].mean()) / error
    label = f"{name}, {replicas} replicas (energy {apart:+.1f} SE)"
    yield label, mine, other, "ns, dwave", mine / other, aim, mine <= other


def solved(model):
    """A row: seconds until G1's cut is at least 11600, by one run of 64 replicas."""
    seconds, energies = ours(model, 64, 1000, 3.0)
    cut = -energies.min()
    name = f"G1, cut {cut:.0f} of 11624, >= 11600 in 60 s"
    yield name, seconds, 60.0, "s, allowed", seconds / 60, "<= 1", cut >= 11600 and seconds < 60


def regular(size, degree, rng):
    """A sparse graph: each vertex is joined to about ``degree`` others."""
    i = np.repeat(np.arange(size), degree // 2)
    j = rng.integers(size, size=i.size)
    weights = sparse.coo_array((np.ones(i.size), (i, j)), shape=(size, size)).tocsr()
    weights.setdiag(0)
    weights.eliminate_zeros()
    return (weights + weights.T).tocsr()


def scaling():
    """A row: how the cost of a sweep grows with the couplings; the points are plotted."""
    rng, points = np.random.default_rng(1), []
    for size in (500, 2000, 8000, 32000):
        for degree in (4, 16):
            model = IsingModel.maxcut(regular(size, degree, rng))
            seconds = min(ours(model, 64, 20, 2.0)[0] for _ in range(2))
            points.append((model.couplings.nnz / 2, degree, 1e3 * seconds / 20))
    couplings, degree, cost = np.array(points).T
    slope = np.polyfit(np.log(couplings), np.log(cost), 1)[0]
    figure, axes = plt.subplots(figsize=(4.8, 3.3), layout="constrained")
    for value, marker in ((4, "o"), (16, "s")):
        here = degree == value
        axes.loglog(couplings[here], cost[here], marker, label=f"{value} couplings a spin")
    axes.set(xlabel="Couplings", ylabel="A sweep of 64 replicas (ms)")
    axes.legend()
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT, dpi=150)
    plt.close(figure)
    name = f"cost ~ couplings^x ({PLOT.relative_to(ROOT).as_posix()})"
    yield name, slope, 1.0, "exponent", slope, "<= 1.1", slope <= 1.1


def rows():
    """Name, our figure, the other's, unit, ratio, aim, whether it is met: of each comparison."""
    glass = IsingModel.sherrington_kirkpatrick(100, seed=1)
    yield from compared("SK, N = 100", glass, 64, 100, 5.0, "")
    yield from compared("SK, N = 100", glass, 1024, 100, 5.0, "<= 1")
    yield from scaling()
    if GSET.exists():
        graph = IsingModel.from_gset(GSET)
        yield from compared("G1, N = 800", graph, 64, 100, 3.0, "")
        yield from compared("G1, N = 800", graph, 1024, 100, 3.0, "<= 1")
        yield from solved(graph)

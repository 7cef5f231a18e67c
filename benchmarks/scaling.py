"""How an annealing's cost grows with couplings, replicas and steps, and its memory with steps.

Each law is the slope of a straight line through the logarithms; the points are plotted in
``_build/benchmarks``. Seconds are the processor's, of the whole call.
"""

import tracemalloc
from collections.abc import Callable, Iterator

import matplotlib.pyplot as plt
import numpy as np
from measure import ROOT, Scale, in_turn
from scipy import sparse
from spins import couplings, glass, ours
from table import Aim, Row

from lim_lib.engine import ENGINES
from lim_lib.optimizers import IsingModel

FOLDER = ROOT / "_build" / "benchmarks"
MARKS = dict(zip(ENGINES, "os", strict=True))
ROUNDS = 3
Points = dict[str, tuple[np.ndarray, np.ndarray]]


def regular(size: int, degree: int) -> IsingModel:
    """MaxCut of a random graph with about so many couplings a spin."""
    rng = np.random.default_rng(1)
    i = np.repeat(np.arange(size), degree // 2)
    j = rng.integers(size, size=i.size)
    weights = sparse.coo_array((np.ones(i.size), (i, j)), shape=(size, size)).tocsr()
    weights.setdiag(0)
    weights.eliminate_zeros()
    return IsingModel.maxcut((weights + weights.T).tocsr())


def timed(sizes: list[int], run: Callable, scale: Scale) -> tuple[Points, float]:
    """Seconds of run(size, engine) at each size, by engine; and the share that others took."""
    seconds, shares = [], []
    for size in sizes:
        found = in_turn(
            *(lambda n=size, e=engine: run(n, e) for engine in ENGINES),
            rounds=min(ROUNDS, scale.rounds),
        )
        seconds.append(found.seconds)
        shares.append(found.others)
    columns = np.array(seconds).T
    points = {e: (np.array(sizes), column) for e, column in zip(ENGINES, columns, strict=True)}
    return points, max(shares)


def slope(points: tuple[np.ndarray, np.ndarray]) -> float:
    """The exponent of a power law."""
    return float(np.polyfit(*map(np.log, points), 1)[0])


def plotted(name: str, label: str, points: Points, what: str = "Processor's time (s)") -> None:
    """A picture of points with the lines of their power laws."""
    figure, axes = plt.subplots(figsize=(4.8, 3.3), layout="constrained")
    for engine, (x, y) in points.items():
        law = np.polyfit(np.log(x), np.log(y), 1)
        drawn = axes.loglog(x, y, MARKS[engine], label=f"{engine}, exponent {law[0]:.2f}")
        axes.loglog(x, np.exp(np.polyval(law, np.log(x))), "-", color=drawn[0].get_color())
    low, high = axes.get_ylim()
    axes.set(xlabel=label, ylabel=what, ylim=(min(low, high / 10), high * 1.1))
    axes.legend()
    FOLDER.mkdir(parents=True, exist_ok=True)
    figure.savefig(FOLDER / f"{name}.png", dpi=150)
    plt.close(figure)


def laws(name: str, sizes: list[int], run: Callable, scale: Scale) -> Iterator[Row]:
    """Two rows and a picture: how the cost grows with one number."""
    points, others = timed(sizes, run, scale)
    plotted(f"cost-against-{name}", name.capitalize(), points)
    for engine in ENGINES:
        yield Row(
            what=f"cost ~ {name}^x, {engine} ({sizes[0]} to {sizes[-1]})",
            ours=slope(points[engine]),
            peer=1.0,
            unit="exponent",
            peer_name="linear",
            aim=Aim(1.1),
            others=others,
        )


def kept(steps: int, replicas: int, engine: str) -> float:
    """MB at the peak of an annealing of so many sweeps."""
    model = glass()
    tracemalloc.start()
    ours(model, replicas, steps, 5.0, engine=engine)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return peak


def memory(scale: Scale) -> Iterator[Row]:
    """Two rows and a picture: the peak of memory at more and more steps."""
    steps = [scale.of(25 * 2**n, least=20 + 20 * n) for n in range(6)]
    replicas = scale.of(1024, least=16)
    for engine in ENGINES:
        kept(10, replicas, engine)
    points = {
        e: (np.array(steps), np.array([kept(n, replicas, e) for n in steps])) for e in ENGINES
    }
    plotted("memory-against-steps", "Steps", points, "Memory at the peak (MB)")
    for engine, (_, peaks) in points.items():
        yield Row(
            what=f"memory at {steps[-1]} steps, {engine}",
            ours=peaks[-1],
            peer=peaks[0],
            unit="MB",
            peer_name=f"{steps[0]} steps",
            aim=Aim(1.1),
        )


def rows(scale: Scale) -> Iterator[Row]:
    """All laws."""
    graphs = {}
    for size in [scale.of(1000 * 2**n, least=100 * 2**n) for n in range(5)]:
        graph = regular(size, 16)
        graphs[couplings(graph)] = graph
    model, sweeps = glass(), 20
    yield from laws(
        "couplings",
        list(graphs),
        lambda count, engine: ours(graphs[count], 64, sweeps, 2.0, engine=engine),
        scale,
    )
    yield from laws(
        "replicas",
        [scale.of(256 * 2**n, least=4 * 2**n) for n in range(5)],
        lambda replicas, engine: ours(model, replicas, sweeps, 5.0, engine=engine),
        scale,
    )
    yield from laws(
        "steps",
        [scale.of(50 * 2**n, least=20 + n) for n in range(5)],
        lambda steps, engine: ours(model, 64, steps, 5.0, engine=engine),
        scale,
    )
    yield from memory(scale)

"""One chain of spins in Extropic's thrml and in lim_lib, beside the exact transfer matrix.

Run by an interpreter that has both: ``make thrml``, or ``pip install ".[thrml]"`` in an
environment of its own and then ``python benchmarks/thrml_chain.py``.

Every chain starts at random and is held at one λ; means over chains and times after the first
sweeps, with the standard error of 256 independent chains. thrml counts no heat: for a quench it is
λ times the energy lost, which its first and last states tell. Ours is what the ledger booked.
"""

import itertools
from importlib.metadata import version

import jax
import numpy as np
from thrml import Block, SamplingSchedule, SpinNode, sample_states
from thrml.models import IsingEBM, IsingSamplingProgram

from lim_lib.optimizers import IsingModel, anneal
from lim_lib.units import thermal_energy

KT = thermal_energy()
SPINS, FIELD, SCALE, APART = 32, 0.2, 0.8, 4
CHAINS, SKIPPED, SAMPLES = 256, 100, 400
NAMES = "magnetization", "energy", "neighbours", f"{APART} apart"


def exact():
    """Per spin: magnetization, energy, and the correlations of neighbours and of spins apart."""
    spin = np.array([1.0, -1.0])
    half = np.exp(SCALE * FIELD * spin / 2)
    transfer = np.exp(SCALE * np.outer(spin, spin)) * np.outer(half, half)
    powers = [np.linalg.matrix_power(transfer, n) for n in range(SPINS)]

    def mean(*places):
        """<product of the spins at some places>."""
        row, at = half, 0
        for place in places:
            row, at = row @ powers[place - at] * spin, place
        return row @ powers[SPINS - 1 - at] @ half / (half @ powers[-1] @ half)

    single = np.mean([mean(i) for i in range(SPINS)])
    bonds = [mean(i, i + 1) for i in range(SPINS - 1)]
    apart = [mean(i, i + APART) for i in range(SPINS - APART)]
    return single, -np.sum(bonds) / SPINS - FIELD * single, np.mean(bonds), np.mean(apart)


def energy(states):
    """Energy a spin."""
    return -(states[..., :-1] * states[..., 1:]).sum(-1) / SPINS - FIELD * states.mean(-1)


def measured(states):
    """The same of states (chains, times, spins), for each chain."""
    neighbours = (states[..., :-1] * states[..., 1:]).mean(-1)
    apart = (states[..., :-APART] * states[..., APART:]).mean(-1)
    return [each.mean(1) for each in (states.mean(-1), energy(states), neighbours, apart)]


def theirs():
    """States by block Gibbs sampling in two colours, and the heat of each chain in kT a spin."""
    nodes = [SpinNode() for _ in range(SPINS)]
    bonds = list(itertools.pairwise(nodes))
    scale = jax.numpy.array(SCALE)
    model = IsingEBM(nodes, bonds, np.full(SPINS, FIELD), np.ones(SPINS - 1), scale)
    program = IsingSamplingProgram(model, [Block(nodes[::2]), Block(nodes[1::2])], [])
    schedule = SamplingSchedule(n_warmup=SKIPPED, n_samples=SAMPLES, steps_per_sample=1)
    first, second = jax.random.split(jax.random.key(1))
    start = jax.random.bernoulli(first, shape=(CHAINS, SPINS))

    def chain(key, state):
        begin = [state[::2], state[1::2]]
        return sample_states(key, program, schedule, begin, [], [Block(nodes)])[0]

    found = jax.vmap(chain)(jax.random.split(second, CHAINS), start)
    states, start = (2.0 * np.asarray(each) - 1 for each in (found, start))
    return states, SCALE * (energy(start) - energy(states[:, -1]))


def ours():
    """States by sweeps in turn, and the heat of each chain in kT a spin."""
    couplings = np.eye(SPINS, k=1) + np.eye(SPINS, k=-1)
    hops = (SKIPPED + SAMPLES) / 2  # a sweep is half a hop
    run = anneal(
        IsingModel(couplings, fields=FIELD),
        SCALE * KT,
        duration=hops,
        hop_rate=1.0,
        replicas=CHAINS,
        seed=1,
        order="sequential",
        record=np.arange(SKIPPED + 1, SKIPPED + SAMPLES + 1) / 2,
        snapshots=True,
    )
    return run.snapshots.swapaxes(0, 1).astype(float), run.ledger.heat / (KT * SPINS)


def row(name, known, *found):
    """A line of the table: what is exact, then each library's mean and standard error."""
    cells = (f"{each.mean():12.4f} ± {each.std(ddof=1) / np.sqrt(CHAINS):.4f}" for each in found)
    print(f"{name:16}{known:10.4f}", *cells, sep="")


if __name__ == "__main__":
    (here, heat), (there, given) = ours(), theirs()
    print(f"{SPINS} spins, J = 1, h = {FIELD}, λ = {SCALE} kT; thrml {version('thrml')}")
    print(f"{'a spin':16}{'exact':>10}{'lim_lib':>21}{'thrml':>21}")
    for each in zip(NAMES, exact(), measured(here), measured(there), strict=True):
        row(*each)
    row("heat (kT)", -SCALE * exact()[1], heat, given)

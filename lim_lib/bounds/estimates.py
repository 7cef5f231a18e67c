"""Estimates, which add up parts that are each known; and the line to compare with."""

import mpmath as mp
import sympy as sp

from lim_lib import memory
from lim_lib.bounds.otherwise import retention_rate, tilt
from lim_lib.bounds.protocols import matched_barrier
from lim_lib.bounds.record import Ordering, Source, rung
from lim_lib.formula import Regime
from lim_lib.symbols import (
    bits,
    consolidations,
    model_size,
    operations,
    read_energy,
    reads,
    thermal_energy,
    transfer_energy,
    update_rate,
    write_energy,
)
from lim_lib.validate import NON_NEGATIVE

_writing_long_term = (
    2 * thermal_energy * sp.asinh(update_rate / (2 * memory.retention_rate.expression))
)


@rung(
    matched_barrier.expression
    + consolidations * model_size * bits * (_writing_long_term + transfer_energy),
    title="Two tiers",
    short="two tiers",
    kind="estimate",
    chapter="08-the-consolidation-wall",
    domains={"update_rate": NON_NEGATIVE},
    regime=(Regime("each consolidation writes every bit once over the retention barrier"),),
    above=(
        Ordering(
            lower=matched_barrier,
            condition="same updates and drive: consolidation comes on top",
        ),
    ),
    reference=lambda q: (
        q.updates * q.kT * tilt(2 * q.drive, mp.mpf(1))
        + q.consolidations
        * q.model_size
        * q.bits
        * (q.kT * tilt(q.update_rate, retention_rate(q)) + q.transfer_energy)
    ),
)
def two_tier(
    model_size,
    bits,
    updates,
    consolidations,
    drive,
    update_rate,
    retention,
    loss_probability,
    transfer_energy,
    temperature=300.0,
):
    """Heat of learning in a fast tier, and of copying the model to one that keeps it.

    >>> from lim_lib.units import format_energy
    >>> format_energy(two_tier(1e9, 8, 1e13, 100, 1, 1e-3, 3.15576e8, 1e-9, 1e-12))
    '800 mJ'
    """


@rung(
    thermal_energy * operations * bits * sp.log(2),
    title="Landauer per update",
    short="Landauer per update",
    kind="reference",
    chapter="03-writing-and-erasing",
    sources=(Source("landauer1961"),),
    regime=(Regime("each write erases an unknown old value: an assumption, no theorem"),),
    reference=lambda q: q.operations * q.bits * q.kT / mp.log(mp.e, 2),
)
def landauer_per_update(operations, bits, temperature=300.0):
    """Landauer's price for every bit of every update command: a line to compare with.

    >>> from lim_lib.units import format_energy
    >>> format_energy(landauer_per_update(operations=1.64e16, bits=16))
    '753 μJ'
    """


@rung(
    model_size * bits * reads * read_energy + operations * bits * write_energy,
    title="Memory access",
    short="memory access",
    kind="estimate",
    chapter="01-three-walls",
    sources=(Source("horowitz2014"),),
    regime=(Regime("each read takes the whole model, each operation writes one parameter"),),
    above=(
        Ordering(
            lower=landauer_per_update,
            condition="same operations; writing a bit costs at least kT ln 2",
            holds=write_energy >= thermal_energy * sp.log(2),
        ),
    ),
    reference=lambda q: (
        q.bits * (q.model_size * q.reads * q.read_energy + q.operations * q.write_energy)
    ),
)
def memory_access(
    model_size, bits, operations, reads, read_energy, write_energy, temperature=300.0
):
    """Energy of reading and writing a memory, bit by bit, at what its technology takes.

    >>> from lim_lib.units import format_energy
    >>> format_energy(memory_access(1e9, 16, 1e12, 1e3, read_energy=4e-12, write_energy=4e-12))
    '128 J'
    """

"""The digits learner of chapter 10: compiled against NumPy.

Seventeen weights of 5 bits, 120 pictures, a coupling that rises over some hops; microseconds per
attempted move of one replica, in the processor's time. The mean losses are compared, too.
"""

from collections.abc import Iterator

import limits
import numpy as np
from measure import Scale, apart, in_turn
from table import Aim, Limit, Row

from lim_lib import digits
from lim_lib.optimizers import Anneal, SoftmaxLoss, anneal
from lim_lib.units import thermal_energy

KT = thermal_energy()
REPLICAS, EXAMPLES = 64, 120
HELD = 20.0


def learned(loss: SoftmaxLoss, hops: float, order: str, engine: str) -> Anneal:
    """As in the chapter: 64 memories, the coupling raised to 3 kT a nat, then held."""
    return anneal(
        loss,
        lambda t: (t > 0) * 3 * KT * 0.003 ** (1 - np.minimum(t / hops, 1)),
        duration=hops + HELD,
        hop_rate=1.0,
        replicas=REPLICAS,
        order=order,
        seed=1,
        engine=engine,
    )


def rows(scale: Scale) -> Iterator[Row]:
    """Cells at random, as in the chapter, and in turn."""
    task = digits.task((3, 8), examples=EXAMPLES, side=4)
    loss = SoftmaxLoss(task.features, task.labels, bits=5, span=3)
    hops = 100 * scale.share
    attempts = 2 * (hops + HELD) * loss.size * 2 * REPLICAS
    for order in ("random", "sequential"):
        found = in_turn(
            *(lambda o=order, e=e: learned(loss, hops, o, e) for e in ("compiled", "numpy")),
            rounds=scale.rounds,
        )
        compiled, numpy = (1e6 * seconds / attempts for seconds in found.seconds)
        cached = 24 * EXAMPLES * limits.byte(EXAMPLES) / 1e3
        yield Row(
            what=f"digits learner, order={order!r}",
            ours=compiled,
            peer=numpy,
            unit="μs/attempt",
            peer_name="NumPy engine",
            aim=Aim(5, of="speed"),
            limit=Limit(
                f"three rows of {EXAMPLES} numbers, one for each picture, read from cache once: "
                f"{1e3 * cached:.0f} ns",
                cached,
            ),
            agreement=("loss", apart(*(run.energies for run in found.results))),
            others=found.others,
        )

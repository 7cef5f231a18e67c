"""How soon one can begin: ``import lim_lib``, and the first run with compiled loops.

Milliseconds of the processor in fresh interpreters, whose byte code and machine code are in their
caches.
"""

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator

from measure import Scale, Watch
from table import Aim, Limit, Row

IMPORT = """
import time
begun = time.process_time()
import lim_lib
print([begun, time.process_time() - begun])
"""
FIRST = """
import time
from lim_lib.optimizers import IsingModel, anneal
model = IsingModel.sherrington_kirkpatrick(10, seed=1)
how = dict(sweeps=10, replicas=2, seed=1, order="sequential")
anneal(model, 1e-21, **how)
begun = time.process_time()
import numba
imported = time.process_time()
anneal(model, 1e-21, engine="compiled", **how)
print([imported - begun, time.process_time() - begun])
"""


def told(code: str, rounds: int) -> tuple[list[float], float]:
    """Medians in ms of what fresh interpreters print, and the share that others took."""
    run = [sys.executable, "-c", code]
    subprocess.check_output(run)
    with Watch() as watch:
        found = [json.loads(subprocess.check_output(run)) for _ in range(rounds)]
    return [1e3 * statistics.median(each) for each in zip(*found, strict=True)], watch.others


def rows(scale: Scale) -> Iterator[Row]:
    """The import, and the first run."""
    (interpreter, ours), others = told(IMPORT, scale.rounds + 4)
    yield Row(
        what="import lim_lib",
        ours=ours,
        peer=interpreter,
        unit="ms",
        peer_name="Python's start",
        aim=Aim(10, of="ours"),
        limit=Limit("an import of one empty file: about 0.3 ms", 0.3),
        others=others,
    )
    (numba, ours), others = told(FIRST, scale.rounds)
    yield Row(
        what="first compiled run, from cache",
        ours=ours,
        peer=numba,
        unit="ms",
        peer_name="import numba",
        aim=Aim(500, of="ours"),
        limit=Limit("importing Numba, which is part of it", numba),
        others=others,
    )

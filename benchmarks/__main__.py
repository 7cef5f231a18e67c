"""One table of speeds as ratios: what is compared runs in turn, in this one process.

Run as ``python benchmarks``, or ``make benchmark``.
"""

import itertools
import os

import formulas
import optimizers
import recorder
import simulators

LINE = "{:56} {:>9} {:>9} {:12} {:>7} {:>8} {:>7}"

print(LINE.format("", "lim_lib", "other", "", "ratio", "aim", ""))
for name, ours, theirs, unit, ratio, aim, met in itertools.chain(
    formulas.rows(), simulators.rows(), optimizers.rows(), recorder.rows()
):
    figures = f"{ours:.1f}", f"{theirs:.1f}", unit, f"{ratio:.2f}"
    print(LINE.format(name, *figures, aim, ("met" if met else "MISSED") if aim else ""), flush=True)
print("* or 3 ms more for a million points")
if not os.environ.get("LANGESIM_PYTHON"):
    print("langesim: not measured, LANGESIM_PYTHON names no interpreter that has it")
if not optimizers.GSET.exists():
    print("G1: not measured, its file is not at hand (GSET=folder names where it is)")

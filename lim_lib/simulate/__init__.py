r"""Simulated memories, and a ledger of the energy that each replica takes and gives.

Three kinds of motion in contact with one bath at temperature T, thousands of replicas at once:

- `langevin`: overdamped motion of continuous parameters in a `Potential`;
- `jump_process`: hops in continuous time between the states of a `Graph`, with rates that obey
  local detailed balance; `master_equation` is its exact average, and `adversarial_protocol` seeks
  energies for it that break a theorem;
- `clocked`: a parameter under an optimizer that reads once a step, exactly.

All return a `Run`: final states, a summary along the way, and a `Ledger` in joules.

Sign conventions
----------------
Heat is positive into the bath, work is positive on the memory, and the energy of the memory
changes by work minus heat. A step changes the controls first, at a fixed state, which is work
(Sekimoto 1998); then the state moves under fixed controls, which is heat. A force that is no
gradient does work as the state moves.

Entropy is counted times T, in joules. Heat over T is the entropy that the bath receives. A
replica that goes from a state of probability (or density) p_0 to one of p_f changes the entropy of
the memory by k_B ln(p_0/p_f); with the heat this is the entropy production of the trajectory
(Seifert 2005). It can be negative for one replica; its mean cannot.

Randomness comes from ``seed`` alone. The same seed gives the same numbers, however far a run is
shown or recorded. Ctrl-C ends a run early: what is done so far is returned with
``complete=False``.

``engine="compiled"`` asks `langevin` or `jump_process` for loops that Numba compiles, over as many
``threads`` as you say; results have the same laws, and say so (`Run.engine`).

A run lasts: ``run.save("run.npz")`` keeps it in a file and ``lim_lib.load("run.npz")`` reads it
back, it can be sent to another process, and it shows itself on one screen (`lim_lib.results`).
"""

from lim_lib.simulate.adversary import adversarial_protocol
from lim_lib.simulate.clocked import clocked
from lim_lib.simulate.diffusion import langevin
from lim_lib.simulate.graphs import Graph, hypercube, ladder, ring
from lim_lib.simulate.jumps import jump_process
from lim_lib.simulate.master import master_equation
from lim_lib.simulate.potentials import Potential, double_well, harmonic
from lim_lib.simulate.runs import Ledger, Run

__all__ = [
    "Graph",
    "Ledger",
    "Potential",
    "Run",
    "adversarial_protocol",
    "clocked",
    "double_well",
    "harmonic",
    "hypercube",
    "jump_process",
    "ladder",
    "langevin",
    "master_equation",
    "ring",
]

r"""Training runs on the hardware of today: what they count, and what each count costs.

Model: a run of :math:`n` tokens (examples) through a model of M parameters of b bits. Its energy
is a sum of terms, each a count times bits times an energy per bit: arithmetic, reads of the
parameters (memory-wall), writes of the parameters (update-wall), copies of the model to long-term
memory (consolidation-wall). What reads and writes cost is `lim_lib.bounds.memory_access`; the
counts are in this module, and the energies per bit in the hardware table.

Conventions: SI units, energies per bit in J/bit. An operation is one multiplication or one
addition. A range (low, value, high) is the spread between sources, no confidence interval; it is
carried through by its ends, which is exact because every term grows with every energy.

Contents, a room each: `hardware` (`load_hardware`, `span`), `cells` (`load_cells`), `machines`
(`load_machines`), `training` (`load_workloads`), `walls` (`three_walls`, `example_run` and the
counts), `counting` (`counted_training`), `inputs` (`INPUTS`), `tasks` (`TASKS`), `resolution`,
`rungs`, `lines`, `ladder` (`energy_ladder`), `questions` (`sweep`, `compare`, `solve`),
`uncertainty` (`ladder_ranges`, `rank_inputs`), `scaling` (`fit_scaling`, `compute_optimal`),
`brain` (`brain_scale`), `socket` (`wall_socket` and its factors), and `tables`, the reader of what
people edit by hand.
"""

from lim_lib.workloads.brain import brain_scale
from lim_lib.workloads.cells import load_cells
from lim_lib.workloads.counting import Accesses, counted_training
from lim_lib.workloads.hardware import Span, load_hardware, span
from lim_lib.workloads.inputs import COUNTINGS, INPUTS, SCENARIOS
from lim_lib.workloads.ladder import Ladder, energy_ladder, ladder_inputs
from lim_lib.workloads.machines import SURROUNDINGS, load_machines
from lim_lib.workloads.questions import compare, solve, sweep
from lim_lib.workloads.scaling import Prediction, Scaling, compute_optimal, fit_scaling
from lim_lib.workloads.socket import example_socket, load_overheads, socket_ranges, wall_socket
from lim_lib.workloads.tables import CREDIT
from lim_lib.workloads.tasks import TASKS
from lim_lib.workloads.training import BOUNDARIES, RULES, load_workloads
from lim_lib.workloads.uncertainty import ladder_ranges, rank_inputs, uncertain_inputs
from lim_lib.workloads.walls import (
    example_run,
    model_reads,
    three_walls,
    training_operations,
    update_commands,
)

__all__ = [
    "BOUNDARIES",
    "COUNTINGS",
    "CREDIT",
    "INPUTS",
    "RULES",
    "SCENARIOS",
    "SURROUNDINGS",
    "TASKS",
    "Accesses",
    "Ladder",
    "Prediction",
    "Scaling",
    "Span",
    "brain_scale",
    "compare",
    "compute_optimal",
    "counted_training",
    "energy_ladder",
    "example_run",
    "example_socket",
    "fit_scaling",
    "ladder_inputs",
    "ladder_ranges",
    "load_cells",
    "load_hardware",
    "load_machines",
    "load_overheads",
    "load_workloads",
    "model_reads",
    "rank_inputs",
    "socket_ranges",
    "solve",
    "span",
    "sweep",
    "three_walls",
    "training_operations",
    "uncertain_inputs",
    "update_commands",
    "wall_socket",
]

"""Names that are loaded when they are first used; written by _ext/stubs.py."""

from lim_lib import archive as archive
from lim_lib import bounds as bounds
from lim_lib import convergence as convergence
from lim_lib import digits as digits
from lim_lib import engine as engine
from lim_lib import explorers as explorers
from lim_lib import figures as figures
from lim_lib import files as files
from lim_lib import formula as formula
from lim_lib import grading as grading
from lim_lib import interop as interop
from lim_lib import learning as learning
from lim_lib import memory as memory
from lim_lib import optimizers as optimizers
from lim_lib import overheads as overheads
from lim_lib import quasistatic as quasistatic
from lim_lib import recorder as recorder
from lim_lib import results as results
from lim_lib import sampling as sampling
from lim_lib import schedules as schedules
from lim_lib import simulate as simulate
from lim_lib import symbols as symbols
from lim_lib import text as text
from lim_lib import units as units
from lim_lib import validate as validate
from lim_lib import workloads as workloads
from lim_lib.bounds import Bound as Bound
from lim_lib.bounds import Frontier as Frontier
from lim_lib.bounds import LADDER as LADDER
from lim_lib.bounds import ORDERINGS as ORDERINGS
from lim_lib.bounds import Phases as Phases
from lim_lib.bounds import dissipated_barrier as dissipated_barrier
from lim_lib.bounds import finite_time as finite_time
from lim_lib.bounds import frontier as frontier
from lim_lib.bounds import get as get
from lim_lib.bounds import gradient_noise as gradient_noise
from lim_lib.bounds import held_tilt as held_tilt
from lim_lib.bounds import landauer as landauer
from lim_lib.bounds import landauer_per_update as landauer_per_update
from lim_lib.bounds import matched_barrier as matched_barrier
from lim_lib.bounds import matched_stiffness as matched_stiffness
from lim_lib.bounds import memory_access as memory_access
from lim_lib.bounds import optimizer_limited as optimizer_limited
from lim_lib.bounds import polyak_lojasiewicz as polyak_lojasiewicz
from lim_lib.bounds import static_barrier as static_barrier
from lim_lib.bounds import static_stiffness as static_stiffness
from lim_lib.bounds import stepped_barrier as stepped_barrier
from lim_lib.bounds import table as table
from lim_lib.bounds import transport_activity as transport_activity
from lim_lib.bounds import transport_time as transport_time
from lim_lib.bounds import two_limits as two_limits
from lim_lib.bounds import two_tier as two_tier
from lim_lib.convergence import Convergence as Convergence
from lim_lib.digits import load_digits as load_digits
from lim_lib.explorers import Control as Control
from lim_lib.explorers import Explorer as Explorer
from lim_lib.memory import escape_time as escape_time
from lim_lib.memory import hop_rates as hop_rates
from lim_lib.memory import kramers_rate as kramers_rate
from lim_lib.memory import retention_barrier as retention_barrier
from lim_lib.memory import retention_rate as retention_rate
from lim_lib.memory import sudden_spring_heat as sudden_spring_heat
from lim_lib.memory import sudden_write_heat as sudden_write_heat
from lim_lib.memory import tilt_for_rate as tilt_for_rate
from lim_lib.optimizers import Anneal as Anneal
from lim_lib.optimizers import IsingModel as IsingModel
from lim_lib.optimizers import Landscape as Landscape
from lim_lib.optimizers import LeastSquares as LeastSquares
from lim_lib.optimizers import QuadraticProgram as QuadraticProgram
from lim_lib.optimizers import SoftmaxLoss as SoftmaxLoss
from lim_lib.optimizers import Sum as Sum
from lim_lib.optimizers import Tally as Tally
from lim_lib.optimizers import TwoLayerLoss as TwoLayerLoss
from lim_lib.optimizers import anneal as anneal
from lim_lib.optimizers import stream as stream
from lim_lib.optimizers import time_to_solution as time_to_solution
from lim_lib.recorder import Fading as Fading
from lim_lib.recorder import Record as Record
from lim_lib.recorder import UpdateRecorder as UpdateRecorder
from lim_lib.results import load as load
from lim_lib.schedules import ExponentialBarrier as ExponentialBarrier
from lim_lib.schedules import ExponentialDecay as ExponentialDecay
from lim_lib.schedules import Heights as Heights
from lim_lib.schedules import LogarithmicBarrier as LogarithmicBarrier
from lim_lib.schedules import LogarithmicRamp as LogarithmicRamp
from lim_lib.schedules import MatchedBarrier as MatchedBarrier
from lim_lib.schedules import MatchedDiffusivity as MatchedDiffusivity
from lim_lib.schedules import MatchedStiffness as MatchedStiffness
from lim_lib.schedules import NoisyExamples as NoisyExamples
from lim_lib.schedules import OpenThenShut as OpenThenShut
from lim_lib.schedules import OptimalStiffness as OptimalStiffness
from lim_lib.schedules import PowerLawBarrier as PowerLawBarrier
from lim_lib.schedules import PowerLawDecay as PowerLawDecay
from lim_lib.schedules import Ramp as Ramp
from lim_lib.schedules import StaticBarrier as StaticBarrier
from lim_lib.schedules import StaticStiffness as StaticStiffness
from lim_lib.schedules import SteppedRate as SteppedRate
from lim_lib.schedules import TwoLimits as TwoLimits
from lim_lib.schedules import from_learning_rate as from_learning_rate
from lim_lib.simulate import Graph as Graph
from lim_lib.simulate import Ledger as Ledger
from lim_lib.simulate import Run as Run
from lim_lib.simulate import clocked as clocked
from lim_lib.simulate import jump_process as jump_process
from lim_lib.simulate import langevin as langevin
from lim_lib.simulate import master_equation as master_equation
from lim_lib.symbols import NOTATION as NOTATION
from lim_lib.text import show as show
from lim_lib.units import BOLTZMANN as BOLTZMANN
from lim_lib.units import format_energy as format_energy
from lim_lib.units import thermal_energy as thermal_energy
from lim_lib.validate import RegimeWarning as RegimeWarning
from lim_lib.workloads import Ladder as Ladder
from lim_lib.workloads import energy_ladder as energy_ladder
from lim_lib.workloads import load_cells as load_cells
from lim_lib.workloads import load_hardware as load_hardware
from lim_lib.workloads import load_machines as load_machines
from lim_lib.workloads import load_workloads as load_workloads

__version__: str
__all__ = [
    "Anneal",
    "BOLTZMANN",
    "Bound",
    "Control",
    "Convergence",
    "Explorer",
    "ExponentialBarrier",
    "ExponentialDecay",
    "Fading",
    "Frontier",
    "Graph",
    "Heights",
    "IsingModel",
    "LADDER",
    "Ladder",
    "Landscape",
    "LeastSquares",
    "Ledger",
    "LogarithmicBarrier",
    "LogarithmicRamp",
    "MatchedBarrier",
    "MatchedDiffusivity",
    "MatchedStiffness",
    "NOTATION",
    "NoisyExamples",
    "ORDERINGS",
    "OpenThenShut",
    "OptimalStiffness",
    "Phases",
    "PowerLawBarrier",
    "PowerLawDecay",
    "QuadraticProgram",
    "Ramp",
    "Record",
    "RegimeWarning",
    "Run",
    "SoftmaxLoss",
    "StaticBarrier",
    "StaticStiffness",
    "SteppedRate",
    "Sum",
    "Tally",
    "TwoLayerLoss",
    "TwoLimits",
    "UpdateRecorder",
    "anneal",
    "archive",
    "bounds",
    "clocked",
    "convergence",
    "digits",
    "dissipated_barrier",
    "energy_ladder",
    "engine",
    "escape_time",
    "explorers",
    "figures",
    "files",
    "finite_time",
    "format_energy",
    "formula",
    "from_learning_rate",
    "frontier",
    "get",
    "gradient_noise",
    "grading",
    "held_tilt",
    "hop_rates",
    "interop",
    "jump_process",
    "kramers_rate",
    "landauer",
    "landauer_per_update",
    "langevin",
    "learning",
    "load",
    "load_cells",
    "load_digits",
    "load_hardware",
    "load_machines",
    "load_workloads",
    "master_equation",
    "matched_barrier",
    "matched_stiffness",
    "memory",
    "memory_access",
    "optimizer_limited",
    "optimizers",
    "overheads",
    "polyak_lojasiewicz",
    "quasistatic",
    "recorder",
    "results",
    "retention_barrier",
    "retention_rate",
    "sampling",
    "schedules",
    "show",
    "simulate",
    "static_barrier",
    "static_stiffness",
    "stepped_barrier",
    "stream",
    "sudden_spring_heat",
    "sudden_write_heat",
    "symbols",
    "table",
    "text",
    "thermal_energy",
    "tilt_for_rate",
    "time_to_solution",
    "transport_activity",
    "transport_time",
    "two_limits",
    "two_tier",
    "units",
    "validate",
    "workloads",
]

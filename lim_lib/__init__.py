"""The thermodynamic limits of learning-in-memory: formulas, simulations, figures.

All quantities are in SI units. The notation is in :data:`lim_lib.symbols.NOTATION`; every
formula is one SymPy expression, from which its numeric function is made.

The floors of the library, each importing only from those below it:

=================  =========================================================
readers touch      ``explorers``, ``scenes`` (pictures that compute in the page),
                   ``commands`` (of the command line)
pictures           ``figures``
applications       ``optimizers`` (quadratic programs, Ising machines),
                   ``workloads`` (hardware, training runs, and their ladder),
                   ``overheads`` (what a bound leaves out), ``recorder`` (your
                   own run, and the ladder for it), ``interop`` (dimod and
                   networkx), ``grading`` (answers checked, with hints)
dynamics           ``simulate``, ``schedules``, ``quasistatic``
formulas           ``bounds`` (the ladder), ``memory`` (one memory cell),
                   ``learning`` (an optimizer in a bath),
                   ``convergence`` (the law of a loss curve),
                   ``overheads`` (what a bound leaves out)
ground             ``formula``, ``javascript`` (the same on a page), ``symbols``,
                   ``results`` (compared, shown, kept in files), ``archive``,
                   ``text``, ``fragments`` (of pages), ``sampling`` (functions of
                   time), ``digits`` (pictures to learn from), ``engine`` (who
                   computes), ``kernels`` (compiled loops), ``units``, ``validate``
=================  =========================================================

What a simulation returns lasts: ``run.save("run.npz")`` keeps it in a file, without pickle, and
``lim_lib.load("run.npz")`` reads it back (see `lim_lib.results`).

Names are loaded when they are first used, so ``import lim_lib`` costs next to nothing.

Examples
--------
>>> import lim_lib
>>> lim_lib.format_energy(lim_lib.landauer(model_size=175e9, bits=16))
'8.04 nJ'
"""

from importlib import import_module

HOME = {
    "BOLTZMANN": "units",
    "format_energy": "units",
    "thermal_energy": "units",
    "show": "text",
    "RegimeWarning": "validate",
    "load_digits": "digits",
    "load": "results",
    "NOTATION": "symbols",
    "escape_time": "memory",
    "hop_rates": "memory",
    "kramers_rate": "memory",
    "retention_barrier": "memory",
    "retention_rate": "memory",
    "sudden_spring_heat": "memory",
    "sudden_write_heat": "memory",
    "tilt_for_rate": "memory",
    "LADDER": "bounds",
    "ORDERINGS": "bounds",
    "Bound": "bounds",
    "Frontier": "bounds",
    "Phases": "bounds",
    "dissipated_barrier": "bounds",
    "finite_time": "bounds",
    "frontier": "bounds",
    "get": "bounds",
    "gradient_noise": "bounds",
    "held_tilt": "bounds",
    "landauer": "bounds",
    "landauer_per_update": "bounds",
    "matched_barrier": "bounds",
    "matched_stiffness": "bounds",
    "memory_access": "bounds",
    "optimizer_limited": "bounds",
    "polyak_lojasiewicz": "bounds",
    "static_barrier": "bounds",
    "static_stiffness": "bounds",
    "stepped_barrier": "bounds",
    "table": "bounds",
    "transport_activity": "bounds",
    "transport_time": "bounds",
    "two_limits": "bounds",
    "two_tier": "bounds",
    "Convergence": "convergence",
    "ExponentialBarrier": "schedules",
    "ExponentialDecay": "schedules",
    "Heights": "schedules",
    "LogarithmicBarrier": "schedules",
    "LogarithmicRamp": "schedules",
    "MatchedBarrier": "schedules",
    "MatchedDiffusivity": "schedules",
    "MatchedStiffness": "schedules",
    "NoisyExamples": "schedules",
    "OpenThenShut": "schedules",
    "OptimalStiffness": "schedules",
    "PowerLawBarrier": "schedules",
    "PowerLawDecay": "schedules",
    "Ramp": "schedules",
    "StaticBarrier": "schedules",
    "StaticStiffness": "schedules",
    "SteppedRate": "schedules",
    "TwoLimits": "schedules",
    "from_learning_rate": "schedules",
    "Graph": "simulate",
    "Ledger": "simulate",
    "Run": "simulate",
    "clocked": "simulate",
    "jump_process": "simulate",
    "langevin": "simulate",
    "master_equation": "simulate",
    "Anneal": "optimizers",
    "IsingModel": "optimizers",
    "Landscape": "optimizers",
    "LeastSquares": "optimizers",
    "QuadraticProgram": "optimizers",
    "SoftmaxLoss": "optimizers",
    "Sum": "optimizers",
    "Tally": "optimizers",
    "TwoLayerLoss": "optimizers",
    "anneal": "optimizers",
    "stream": "optimizers",
    "time_to_solution": "optimizers",
    "Ladder": "workloads",
    "energy_ladder": "workloads",
    "load_cells": "workloads",
    "load_hardware": "workloads",
    "load_machines": "workloads",
    "load_workloads": "workloads",
    "Fading": "recorder",
    "Record": "recorder",
    "UpdateRecorder": "recorder",
    "Control": "explorers",
    "Explorer": "explorers",
}
"""The module in which each public name lives."""

MODULES = (
    "archive",
    "bounds",
    "convergence",
    "digits",
    "engine",
    "explorers",
    "figures",
    "files",
    "formula",
    "grading",
    "interop",
    "learning",
    "memory",
    "optimizers",
    "overheads",
    "quasistatic",
    "recorder",
    "results",
    "sampling",
    "schedules",
    "simulate",
    "symbols",
    "text",
    "units",
    "validate",
    "workloads",
)

__version__ = "0.1.0"
__all__ = sorted([*HOME, *MODULES])


def __getattr__(name: str) -> object:
    if name in MODULES:
        return import_module(f"{__name__}.{name}")
    if name in HOME:
        return getattr(import_module(f"{__name__}.{HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__

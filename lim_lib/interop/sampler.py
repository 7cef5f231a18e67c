"""The annealer as one of dimod's samplers."""

from collections.abc import Callable
from typing import Any

import dimod
import numpy as np

import lim_lib
from lim_lib.engine import ENGINES
from lim_lib.interop.models import from_bqm, must_be_bqm
from lim_lib.optimizers import IsingModel, anneal
from lim_lib.optimizers.steps import MOST_STEPS
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, refuse, row

BEGIN_TO_END: dict[str, Callable[..., Any]] = {"linear": np.linspace, "geometric": np.geomspace}

STIFF = 4.0
"""Last β, by default, times a small field on a spin: one attempt in 3000 goes against it."""

SMALL = 0.1
"""Share of the fields in quenched states that are smaller than a small one."""


class LearningInMemorySampler(dimod.Sampler):
    r"""Samples of a binary quadratic model from cells in a bath, with the heat that each cost.

    The bath sees :math:`\beta(t) E`, in units of kT, while the scale :math:`\lambda = \beta\,kT`
    rises sweep by sweep: what `anneal` does. Each sample brings ``heat``, what the bath received in
    kT (a kT at 300 K is 4.14e-21 J), and ``hops``.

    Examples
    --------
    >>> from dimod import BinaryQuadraticModel
    >>> square = BinaryQuadraticModel({}, {"ab": 1, "bc": 1, "cd": 1, "da": 1}, 0, "SPIN")
    >>> found = LearningInMemorySampler().sample(square, num_reads=100, num_sweeps=200, seed=1)
    >>> print(found.first.energy, f"{found.record.heat.mean():.1f} kT")
    -4.0 2.1 kT
    """

    @property
    def parameters(self) -> dict[str, list[str]]:
        """What `sample` takes, and which property says more of it."""
        more = {"beta_schedule_type": ["beta_schedule_types"], "kinetics": ["kinetics"],
                "order": ["orders"], "engine": ["engines"]}  # fmt: skip
        names = ("num_reads", "num_sweeps", "beta_range", "beta_schedule_type", "beta_schedule",
                 "initial_states", "seed", "kinetics", "order", "executor", "progress",
                 "engine", "threads")  # fmt: skip
        return {name: more.get(name, []) for name in names}

    @property
    def properties(self) -> dict[str, Any]:
        """What the parameters may be, the unit of heat, and the version of the library."""
        return {
            "beta_schedule_types": [*BEGIN_TO_END, "custom"],
            "orders": list(IsingModel.walks),
            "kinetics": ["heat_bath", "metropolis"],
            "engines": list(ENGINES),
            "heat_unit": "kT",
            "version": lim_lib.__version__,
        }

    def sample(
        self,
        bqm: Any,
        *,
        num_reads: int | None = None,
        num_sweeps: int | None = None,
        beta_range: Any = None,
        beta_schedule_type: str | None = None,
        beta_schedule: Any = None,
        initial_states: Any = None,
        seed: int | None = None,
        kinetics: str = "heat_bath",
        order: str = "sequential",
        executor: Any = None,
        progress: Any = None,
        engine: str = "numpy",
        threads: int = 1,
    ) -> Any:
        """Anneal, and return the final states with their energies, heat and hops.

        Parameters
        ----------
        bqm : dimod.BinaryQuadraticModel
            Of spins or of binary variables.
        num_reads : int, optional
            Samples; by default one, or as many as initial states.
        num_sweeps : int, optional
            Attempts at each variable, 1000 by default.
        beta_range : pair of float, optional
            First and last β, per unit of energy. By default from 0, where the heat is all that
            must be supplied until β is back at 0, to 4 over a small field on a spin: the lowest
            tenth of those that a few quenches end in.
        beta_schedule_type : {"linear", "geometric", "custom"}, optional
            How β goes from one to the other, linear by default; custom is a ``beta_schedule``.
        beta_schedule : array_like, optional
            Instead of all three: β in each sweep.
        initial_states : samples_like, optional
            One for each read, or one for all, of either vartype; by default at random.
        seed : int, optional
            Where all randomness comes from; by default a new one, which ``info`` tells.
        kinetics, order, executor, progress, engine, threads
            As for `anneal`. Ctrl-C ends a long run with what is done: ``info["complete"]``.

        Returns
        -------
        dimod.SampleSet
            With vectors ``heat`` in kT and ``hops``; ``info`` has the schedule, the order, the
            engine, the seed, how often the machine updates, and the library's version.

        Raises
        ------
        ValueError, TypeError
            For an argument that is not allowed, in one line that names it.
        """
        must_be_bqm(bqm)
        known = from_bqm(bqm) if bqm.num_variables else None
        if beta_schedule is None:
            betas = _betas(known, num_sweeps, beta_range, beta_schedule_type or "linear")
        else:
            betas = row("beta_schedule", beta_schedule, NON_NEGATIVE)
            if any((num_sweeps, beta_range, beta_schedule_type not in (None, "custom"))):
                raise TypeError(
                    "give either beta_schedule or num_sweeps, beta_range and beta_schedule_type"
                )
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        info = {
            "beta_range": [float(betas[0]), float(betas[-1])],
            "beta_schedule_type": (
                "custom" if beta_schedule is not None else beta_schedule_type or "linear"
            ),
            "num_sweeps": len(betas),
            "kinetics": kinetics,
            "order": order,
            "engine": engine,
            "seed": seed,
            "heat_unit": "kT",
            "version": lim_lib.__version__,
        }
        start = None if initial_states is None else _spins(bqm, initial_states)
        if num_reads is None:
            num_reads = 1 if start is None else len(start)
        integer("num_reads", num_reads)
        if start is not None and len(start) not in (1, num_reads):
            refuse("initial_states", initial_states, f"one, or one for each of {num_reads} reads")
        if known is None:
            nothing = np.zeros(num_reads)
            return dimod.SampleSet.from_samples_bqm(
                (np.empty((len(nothing), 0)), []), bqm, heat=nothing, hops=nothing.astype(int),
                info=info | {"complete": True, "updates": 0},
            )  # fmt: skip
        kT = thermal_energy()
        run = anneal(
            known.model,
            lambda time: kT * betas[np.minimum(time, len(betas) - 1).astype(int)],
            sweeps=len(betas),
            replicas=num_reads,
            seed=seed,
            kinetics=kinetics,
            order=order,
            initial=start[0] if start is not None and len(start) == 1 else start,
            executor=executor,
            progress=progress,
            engine=engine,
            threads=threads,
        )
        states = run.states if bqm.vartype is dimod.SPIN else (run.states + 1) // 2
        return dimod.SampleSet.from_samples_bqm(
            (states, known.labels), bqm, heat=run.ledger.heat / kT, hops=run.ledger.hops,
            info=info | {"complete": run.complete, "updates": run.updates},
        )  # fmt: skip


def _betas(known, num_sweeps, beta_range, kind) -> np.ndarray:
    """β in each sweep, from begin to end."""
    if kind not in BEGIN_TO_END:
        allowed = " or ".join(map(repr, BEGIN_TO_END))
        refuse("beta_schedule_type", kind, f"{allowed} where no beta_schedule is given")
    count = integer("num_sweeps", 1000 if num_sweeps is None else num_sweeps, high=MOST_STEPS)
    ends = (0.0, _last_beta(known)) if beta_range is None else beta_range
    ends = row("beta_range", ends, POSITIVE if kind == "geometric" else NON_NEGATIVE)
    if len(ends) != 2:
        refuse("beta_range", beta_range, "the first and the last β")
    return BEGIN_TO_END[kind](*ends, count)


def _last_beta(known) -> float:
    """The β at which all but few spins of a quenched state stay, 1 if nothing holds any.

    A spin's field in such a state is half of what its flip costs. The couplings tell it not: those
    of a penalty, which cancel there, would hide what the penalty is to leave to choose.
    """
    if known is None:
        return 1.0
    couplings, fields = known.model.couplings, known.model.fields
    unit = float(max(abs(couplings).max(), abs(fields).max()))
    if not unit:
        return 1.0
    model = IsingModel(couplings / unit, fields / unit)  # whose squares and sums are doubles
    quench = anneal(model, 1e100 * thermal_energy(), sweeps=20, replicas=20, seed=0,
                    order="sequential", progress=False)  # fmt: skip
    if not quench.complete:
        raise KeyboardInterrupt
    felt = np.abs(quench.states @ model.couplings + model.fields)
    felt = felt[felt > 1e-12]
    return STIFF / float(np.quantile(felt, SMALL) if felt.size else 1.0) / unit


def _spins(bqm, initial_states) -> np.ndarray:
    """Initial states as spins, in the order of the model's variables."""
    values, labels = dimod.as_samples(initial_states)
    if set(labels) != set(bqm.variables):
        refuse("initial_states", initial_states, "states of the variables of bqm")
    column = {label: i for i, label in enumerate(labels)}
    values = values[:, [column[label] for label in bqm.variables]]
    if np.isin(values, (-1, 1)).all():
        return values
    if not np.isin(values, (0, 1)).all():
        refuse("initial_states", initial_states, "made of spins -1 and 1, or of bits 0 and 1")
    return 2 * values.astype(np.int8) - 1

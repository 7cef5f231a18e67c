"""The annealer as one of dimod's samplers."""

from collections.abc import Callable
from typing import Any

import dimod
import numpy as np

import lim_lib
from lim_lib.interop.models import from_bqm
from lim_lib.optimizers import IsingModel, anneal
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, refuse, row

BEGIN_TO_END: dict[str, Callable[..., Any]] = {"linear": np.linspace, "geometric": np.geomspace}

STIFF = 8.0
"""Last β, by default, times the field that the couplings put on a spin in the mean."""


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
                "order": ["orders"]}  # fmt: skip
        names = ("num_reads", "num_sweeps", "beta_range", "beta_schedule_type", "beta_schedule",
                 "initial_states", "seed", "kinetics", "order", "executor", "progress")  # fmt: skip
        return {name: more.get(name, []) for name in names}

    @property
    def properties(self) -> dict[str, Any]:
        """What the parameters may be, the unit of heat, and the version of the library."""
        return {
            "beta_schedule_types": list(BEGIN_TO_END),
            "orders": list(IsingModel.walks),
            "kinetics": ["heat_bath", "metropolis"],
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
        beta_schedule_type: str = "linear",
        beta_schedule: Any = None,
        initial_states: Any = None,
        seed: int | None = None,
        kinetics: str = "heat_bath",
        order: str = "sequential",
        executor: Any = None,
        progress: Any = None,
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
            must be supplied until β is back at 0, to 8 over the mean field on a spin.
        beta_schedule_type : {"linear", "geometric"}
            How β goes from one to the other.
        beta_schedule : array_like, optional
            Instead of all three: β in each sweep.
        initial_states : samples_like, optional
            One for each read, or one for all; by default at random.
        seed : int, optional
            Where all randomness comes from; by default a new one, which ``info`` tells.
        kinetics, order, executor, progress
            As for `anneal`. Ctrl-C ends a long run with what is done: ``info["complete"]``.

        Returns
        -------
        dimod.SampleSet
            With vectors ``heat`` in kT and ``hops``; ``info`` has the schedule, the order, the
            seed, how often the machine updates, and the library's version.

        Raises
        ------
        ValueError, TypeError
            For an argument that is not allowed, in one line that names it.
        """
        known = from_bqm(bqm) if getattr(bqm, "num_variables", True) else None
        betas = None if beta_schedule is None else row("beta_schedule", beta_schedule, NON_NEGATIVE)
        if betas is None:
            betas = _betas(known, num_sweeps, beta_range, beta_schedule_type)
        elif num_sweeps is not None or beta_range is not None:
            raise TypeError("give either beta_schedule or num_sweeps and beta_range")
        if seed is None:
            seed = int(np.random.SeedSequence().generate_state(1)[0])
        info = {
            "beta_range": [float(betas[0]), float(betas[-1])],
            "beta_schedule_type": beta_schedule_type if beta_schedule is None else "custom",
            "num_sweeps": len(betas),
            "kinetics": kinetics,
            "order": order,
            "seed": seed,
            "heat_unit": "kT",
            "version": lim_lib.__version__,
        }
        start = None if initial_states is None else _spins(bqm, initial_states)
        if num_reads is None:
            num_reads = 1 if start is None else len(start)
        if known is None:
            nothing = np.zeros(integer("num_reads", num_reads))
            return dimod.SampleSet.from_samples_bqm(
                (np.empty((len(nothing), 0)), []), bqm, heat=nothing, hops=nothing.astype(int),
                info=info | {"complete": True, "updates": 0},
            )  # fmt: skip
        kT = thermal_energy()
        run = anneal(
            known.model,
            lambda time: kT * betas[np.minimum(time, len(betas) - 1).astype(int)],
            sweeps=len(betas),
            replicas=integer("num_reads", num_reads),
            seed=seed,
            kinetics=kinetics,
            order=order,
            initial=start[0] if start is not None and len(start) == 1 else start,
            executor=executor,
            progress=progress,
        )
        states = run.states if bqm.vartype is dimod.SPIN else (run.states + 1) // 2
        return dimod.SampleSet.from_samples_bqm(
            (states, known.labels), bqm, heat=run.ledger.heat / kT, hops=run.ledger.hops,
            info=info | {"complete": run.complete, "updates": run.updates},
        )  # fmt: skip


def _betas(known, num_sweeps, beta_range, kind) -> np.ndarray:
    """β in each sweep, from begin to end."""
    if kind not in BEGIN_TO_END:
        refuse("beta_schedule_type", kind, " or ".join(map(repr, BEGIN_TO_END)))
    ends = (0.0, STIFF / _mean_field(known)) if beta_range is None else beta_range
    ends = row("beta_range", ends, POSITIVE if kind == "geometric" else NON_NEGATIVE)
    if len(ends) != 2:
        refuse("beta_range", beta_range, "the first and the last β")
    return BEGIN_TO_END[kind](
        *ends, integer("num_sweeps", 1000 if num_sweeps is None else num_sweeps)
    )


def _mean_field(known) -> float:
    """The usual size of the field that a spin feels, 1 if there is none."""
    if known is None:
        return 1.0
    model = known.model
    squares = (model.couplings * model.couplings).sum(axis=1) + model.fields**2
    return float(np.sqrt(squares).mean()) or 1.0


def _spins(bqm, initial_states) -> np.ndarray:
    """Initial states as spins, in the order of the model's variables."""
    values, labels = dimod.as_samples(initial_states)
    if set(labels) != set(bqm.variables):
        refuse("initial_states", initial_states, "states of the variables of bqm")
    column = {label: i for i, label in enumerate(labels)}
    values = values[:, [column[label] for label in bqm.variables]]
    return values if bqm.vartype is dimod.SPIN else 2 * values - 1

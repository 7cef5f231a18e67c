"""Best cuts: the time and the energy until one is found with 99 %, by both engines and a peer.

The instances are G1 of the G-set, whose best known cut is 11 624, and a torus whose ground state is
planted. A run succeeds that ends there; so many runs follow each other that one of them has, with
99 %. Their *machine time* is what a machine takes that tries each spin once a second; their
*processor time* what this computer takes, one thread; their heat what the spins give to the bath at
300 K, and beside it the work of the processor at an assumed power of so many watts a core.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from measure import GSET, Scale, spent
from spins import PEER, ours, theirs
from table import busy, figure

from lim_lib.engine import ENGINES
from lim_lib.interop import to_bqm
from lim_lib.optimizers import IsingModel, planted_torus, repeats, success_probability
from lim_lib.optimizers.solution import Estimate
from lim_lib.units import thermal_energy

KT = thermal_energy()
WATTS = 15.0
"""Power of one core, assumed."""

BEST_KNOWN = {"G1": 11624.0}


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What it takes to find one cut.

    Parameters
    ----------
    instance, solver : str
        Which cut; which program looks for it.
    success : Estimate
        Probability that a run ends there, with its interval.
    machine, processor : float
        Seconds of a run.
    heat : float or None
        Of a run, in J; not every program books it.
    others : float
        Share of the processors' time that other programs took meanwhile.
    """

    title: ClassVar[str] = f"Best cuts, with 99 % (a core is assumed to take {WATTS:g} W)"

    instance: str
    solver: str
    success: Estimate
    machine: float
    processor: float
    heat: float | None
    others: float

    def derived(self) -> dict[str, float | None]:
        """Of all the runs that it takes: their number, times in s, heat in J, and work in J."""
        runs = float(repeats(self.success.value))
        return {
            "runs": runs,
            "machine_time": runs * self.machine,
            "processor_time": runs * self.processor,
            "heat": None if self.heat is None else runs * self.heat,
            "processor_energy": runs * self.processor * WATTS,
        }

    def cells(self) -> dict[str, str]:
        """The row's text, by column."""
        all_ = self.derived()
        heat = all_["heat"]
        low, value, high = self.success
        return {
            "what": f"{self.instance}, {self.solver}",
            "success": f"{value:.3f} [{low:.3f}, {high:.3f}]",
            "runs": figure(all_["runs"]),
            "machine (s)": figure(all_["machine_time"]),
            "processor (s)": figure(all_["processor_time"]),
            "heat (kT)": "" if heat is None else f"{heat / KT:.3g}",
            "heat (J)": "" if heat is None else f"{heat:.2g}",
            "processor (J)": figure(all_["processor_energy"]),
            "processor/heat": "" if heat is None else f"{all_['processor_energy'] / heat:.1g}",
            "others": busy(self.others),
        }


def found(
    name: str, model: IsingModel, target: float, sizes: tuple[int, int, float]
) -> Iterator[Cut]:
    """A record for each solver, with sizes (replicas, sweeps, last λ/kT)."""
    replicas, sweeps, _ = sizes
    bqm = to_bqm(model)
    solvers: dict[str, Callable[[], Any]] = {
        f"{engine} engine": lambda e=engine: ours(model, *sizes, engine=e) for engine in ENGINES
    }
    ours(model, 2, 20, 1.0, engine="compiled")
    for solver, run in (solvers | {PEER: lambda: theirs(bqm, *sizes)}).items():
        seconds, result, others = spent(run)
        hits = int((result.energies <= target + 1e-6).sum())
        ledger = getattr(result, "ledger", None)
        yield Cut(
            instance=name,
            solver=solver,
            success=success_probability(hits, replicas),
            machine=float(sweeps),
            processor=seconds / replicas,
            heat=None if ledger is None else float(ledger.heat.mean()),
            others=others,
        )


def rows(scale: Scale) -> Iterator[Cut]:
    """G1, if its file is at hand, and a planted torus."""
    if GSET.exists():
        sizes = (scale.of(512, least=8), 500, 3.0)
        for name, cut in BEST_KNOWN.items():
            yield from found(f"{name}, cut {cut:g}", IsingModel.from_gset(GSET), -cut, sizes)
    planted = planted_torus(24, seed=1)
    sizes = (scale.of(256, least=8), 500, 4.0)
    yield from found("torus 24 x 24, planted", planted.model, planted.energy, sizes)

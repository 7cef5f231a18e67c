"""How far the rungs move with what is uncertain, and which input moves them.

An input is uncertain if the table gives it a range, or if the ladder assumes it and `INPUTS` says
within which factors: steps as few and as many as published runs took, 8 to 32 bits, attempt rates
of 1 GHz to 1 THz, retention from a month to a century, a loss of 1e-12 to 1e-3, transfers from the
pins of a chip to a solid-state drive, reads and writes as far either way as the range of HBM2 in
the hardware table goes from its middle: judgements, to be replaced by the reader's own. The FLOP of
a scenario are as wide as a standard error of their extrapolation.
Inputs are taken to be independent and, unless the caller says otherwise, log-uniform between their
ends: all that is known of them is their order of magnitude.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lim_lib.validate import integer, nearest, refuse
from lim_lib.workloads.inputs import INPUTS
from lim_lib.workloads.resolution import checked, resolve, used
from lim_lib.workloads.rungs import Rung, energy_of, rungs
from lim_lib.workloads.scaling import fit_scaling


def uncertain_inputs(
    workload: str | None = None,
    *,
    task: str | None = None,
    counting: str = "steps",
    **quantities: Any,
) -> dict[str, tuple[float, float]]:
    """The uncertain inputs of a run's ladder, each with its range.

    Parameters
    ----------
    workload, task, counting, **quantities
        As in `energy_ladder`; what is given is certain.

    Returns
    -------
    dict of str to (float, float)
        Low and high by name, in the units of `INPUTS`.

    Examples
    --------
    >>> uncertain_inputs("gpt3")["drive"]
    (0.1, 10.0)
    >>> "drive" in uncertain_inputs("gpt3", drive=1.0)
    False
    """
    facts, known = resolve(workload, counting, checked(quantities), task)
    reads = {name for rung in rungs(known, facts["task"]) for name in _read_by(rung)}
    ranges = {}
    for name, each in used(known, reads).items():
        if each.origin == "table":
            row = facts["numbers"][name]
            settled = name == "batch" and "steps" in facts["numbers"]  # its range is a schedule
            if row["low"] < row["high"] and name != "energy" and not settled:
                ranges[name] = (row["low"], row["high"])
        elif each.origin == "scenario" and name == "flop":
            there = fit_scaling(since=2018).predict(known["model_size"].value)
            ranges[name] = (there.low, there.high)
        elif each.origin == "assumed" and (factor := INPUTS[name].factor):
            low, high = np.maximum(each.value * np.array(factor), INPUTS[name].domain.low)
            if name == "bits" and "known_bits" in known:
                low = max(low, known["known_bits"].value)
            if name == "batch" and "tokens" in known:
                high = min(high, known["tokens"].value)
            if low < high:
                ranges[name] = (float(low), float(high))
    return ranges


def _read_by(rung: Rung) -> set[str]:
    return {*rung.inputs}.union(*(each.reads for each in rung.inputs.values()))


def _distributions(ranges: Mapping[str, Any]) -> dict[str, Any]:
    """Frozen distributions of the inputs: log-uniform where a range is given."""
    from scipy import stats

    found = {}
    for name, range_ in ranges.items():
        if name not in INPUTS:
            raise KeyError(
                f"no input {name!r}{nearest(name, INPUTS)}; see lim_lib.workloads.INPUTS"
            )
        if hasattr(range_, "ppf"):
            found[name] = range_
            continue
        ends = checked({name: range_}, scalars=False)[name]
        if np.shape(ends) != (2,) or not 0 < ends[0] < ends[1]:
            refuse(f"the range of {name}", range_, "0 < low < high, or a distribution")
        found[name] = stats.loguniform(*ends)
    if not found:
        refuse("ranges", dict(ranges), "one uncertain input or more")
    return found


def _energies(run, given, samples, keys=None) -> dict[str, tuple]:
    """Title, kind and joules of rungs, for arrays of inputs; NaN where undefined."""
    workload, counting, task = run
    facts, known = resolve(workload, counting, {**given, **samples}, task)
    shape = np.broadcast_shapes((), *map(np.shape, samples.values()))
    return {
        rung.key: (rung.title, rung.bound.kind, np.broadcast_to(_joules(rung), shape))
        for rung in rungs(known, facts["task"])
        if not rung.missing and (keys is None or rung.key in keys)
    }


def _joules(rung: Rung) -> Any:
    own = {name: each.value for name, each in rung.inputs.items()}
    return energy_of(rung.bound, own)[0] * rung.times


def _prepared(workload, counting, task, ranges, quantities):
    given = checked(quantities)
    if ranges is None:
        ranges = uncertain_inputs(workload, counting=counting, task=task, **quantities)
    distributions = _distributions(ranges)
    for name in set(given) & set(distributions):
        refuse(name, given[name], "left out, or left out of ranges: it cannot be both")
    return given, distributions


def ladder_ranges(
    workload: str | None = None,
    *,
    task: str | None = None,
    counting: str = "steps",
    ranges: Mapping[str, Any] | None = None,
    samples: int = 4096,
    seed: int = 0,
    **quantities: Any,
):
    """Where each rung lies, given what is uncertain: quantiles over random inputs.

    Parameters
    ----------
    workload, task, counting, **quantities
        As in `energy_ladder`; what is given is certain.
    ranges : mapping, optional
        For each uncertain input (low, high), between which it is log-uniform, or a frozen
        distribution of SciPy; by default those of `uncertain_inputs`.
    samples : int
        How many random sets of inputs.
    seed : int
        Of the random numbers.

    Returns
    -------
    pandas.DataFrame
        Index: rung. Columns: title, kind; low, median, high: the 5, 50 and 95 per cent quantiles
        in J; ``decades``, log10 of high over low; ``share`` of the inputs for which the rung is
        defined (others contradict each other). ``.attrs`` holds the inputs with their ranges.

    Examples
    --------
    >>> ranges = ladder_ranges("gpt3", samples=256, seed=1)
    >>> ranges.loc[["landauer", "static_stiffness"], "decades"].round().tolist()
    [1.0, 13.0]
    """
    import pandas as pd

    integer("samples", samples, 2, 10**7)
    given, distributions = _prepared(workload, counting, task, ranges, quantities)
    run = workload, counting, task
    random = np.random.default_rng(seed)
    drawn = {
        name: distribution.rvs(size=samples, random_state=random)
        for name, distribution in distributions.items()
    }
    checked(drawn, scalars=False)
    rows = {}
    for key, (title, kind, joules) in _energies(run, given, drawn).items():
        defined = joules[np.isfinite(joules)]
        ends = np.quantile(defined, (0.05, 0.5, 0.95)) if defined.size else [np.nan] * 3
        rows[key] = {
            "title": title,
            "kind": kind,
            **dict(zip(("low", "median", "high"), ends, strict=True)),
            "decades": np.log10(ends[2] / ends[0]),
            "share": defined.size / samples,
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("rung")
    table.attrs = {
        "units": dict.fromkeys(("low", "median", "high"), "J"),
        "inputs": {name: tuple(map(float, d.support())) for name, d in distributions.items()},
    }
    return table


def rank_inputs(
    workload: str | None = None,
    *,
    task: str | None = None,
    counting: str = "steps",
    ranges: Mapping[str, Any] | None = None,
    samples: int = 1024,
    seed: int = 0,
    **quantities: Any,
):
    """Which uncertain input moves which rung: Sobol indices of log10 of the energy.

    The first-order index is the share of the variance that vanishes, on average, if this input
    alone becomes known; the total index is the share that remains if it alone stays unknown. Their
    difference is what it does together with others.

    Parameters
    ----------
    workload, task, counting, ranges, **quantities
        As in `ladder_ranges`.
    samples : int
        Points of the design, a power of two; the rungs are computed for (inputs + 2) times as many.
    seed : int
        Of the scrambled design.

    Returns
    -------
    pandas.DataFrame
        Columns: rung, input, first_order, total_order; by rung, the most influential input first.
        Rungs that no uncertain input moves are left out, and those that are undefined for some
        inputs, which ``.attrs["undefined"]`` names.

    Examples
    --------
    >>> ranks = rank_inputs("gpt3", samples=256).groupby("rung", sort=False).first()
    >>> ranks["input"][["landauer", "static_stiffness", "two_tier"]].tolist()
    ['bits', 'bits', 'transfer_energy']
    """
    import pandas as pd
    from scipy import stats

    integer("samples", samples, 2, 2**20)
    if samples & (samples - 1):
        refuse("samples", samples, "a power of two")
    given, distributions = _prepared(workload, counting, task, ranges, quantities)
    run = workload, counting, task
    names = list(distributions)

    def energies(points, keys=None):
        drawn = checked(dict(zip(names, points, strict=True)), scalars=False)
        every = _energies(run, given, drawn, keys)
        return {key: joules for key, (_, _, joules) in every.items()}

    design = stats.qmc.Sobol(len(names), rng=seed).random(samples).T
    points = [each.ppf(u) for each, u in zip(distributions.values(), design, strict=True)]
    probe = {key: np.log10(joules) for key, joules in energies(points).items()}
    undefined = [key for key, row in probe.items() if not np.isfinite(row).all()]
    keys = [key for key, row in probe.items() if key not in undefined and np.ptp(row) > 1e-9]

    def logarithms(points):
        return np.log10(np.stack(list(energies(points, keys).values())))

    rows = []
    if keys:
        found = stats.sobol_indices(
            func=logarithms, n=samples, dists=list(distributions.values()), rng=seed
        )
        shape = (len(keys), len(names))
        indices = (found.first_order.reshape(shape), found.total_order.reshape(shape))
        for key, first, total in zip(keys, *indices, strict=True):
            for place in np.argsort(-total, kind="stable"):
                rows.append((key, names[place], first[place], total[place]))
    table = pd.DataFrame(rows, columns=["rung", "input", "first_order", "total_order"])
    table.attrs = {"undefined": undefined}
    return table

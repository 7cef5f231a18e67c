r"""The ladder of bounds for what is asked: every line in joules, every assumption spelled out.

A run gives a few numbers: parameters, tokens, operations, time. The rungs of `lim_lib.bounds`
ask for more, such as hops, a hop budget, a drive. `Ladder.inputs` says for each quantity what was
taken and why: given by the caller, from the table of workloads, following from others, or assumed.
What is asked is the *task*, a key of `TASKS`; `lim_lib.workloads.tasks` says which lines it has.

Three ways of counting the update commands of a training (:math:`N_\mathrm{op}`):

- ``"steps"``: every optimizer step updates every parameter, :math:`N_\mathrm{op}` = M x steps;
- ``"flop"``: every multiplication or addition of the training is an update, a counting for which
  the estimate of the source paper's first abstracts comes out;
- ``"tokens"``: every token updates every parameter, :math:`N_\mathrm{op}` = M x tokens.

Training is synchronous: one step commands all parameters. The theorems do not mind a common
clock, for they count what the cells do. *Landauer* is the second law and holds for any jumps.
*Finite time* holds for parameters that diffuse with noises of their own, however their drifts are
coupled. *Transport and activity* and *transport and time* hold as long as each hop moves one cell
by one level, that is, each cell crosses a barrier of its own with noise of its own; the cells may
be correlated. They break if one event moves many cells at once. Of the first, (2W/d)
artanh(W/N_hop) then remains for events of up to d level moves in all, next to nothing for d = M;
the second, whose hop budget counts edges that move one cell, is not proven for such events.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lim_lib import __version__
from lim_lib.archive import records, replacing
from lim_lib.results import Value
from lim_lib.units import format_energy
from lim_lib.workloads.inputs import COUNTINGS, INPUTS
from lim_lib.workloads.lines import line, noted, other_lines, reading
from lim_lib.workloads.resolution import Input, checked, reached, resolve, used
from lim_lib.workloads.rungs import Rung, energy_of, rungs, said
from lim_lib.workloads.tables import CREDIT
from lim_lib.workloads.tasks import COUNTED, LEARNING, TASKS, needs
from lim_lib.workloads.words import tell

_MARK = "*"
GOES_ON = {"fine-tuning": "at the start", "continual": "at the start of an episode"}
"""Tasks in which something may be known, and when."""

IDLE = tell("idle")
"""What is said of a quantity that was given, though no line needs it."""

REFUSED = {"hops", "transport", "hop_rate_initial", "convergence_times"}
"""Quantities that are refused if they are given and contradict others."""


@dataclass(frozen=True, eq=False, repr=False)
class Ladder(Value):
    """Every rung for one run, and what it was computed from.

    Parameters
    ----------
    workload : str or None
        Id of the run in the table.
    name : str
        Its name.
    counting : str
        How its update commands were counted.
    standing : str
        Standing of the reported energy.
    lines : mapping of str to mapping
        By rung: title, kind, prices, low, joules, high in J, assumes, remark. The joules of a line
        that lacks an input are NaN, and its remark says what it needs.
    quantities : mapping of str to mapping
        By name: value, unit, meaning, origin, why.
    version : str
        Of the library that computed it.
    task : str
        What was asked, a key of `TASKS`.
    why : str
        Why it is this task.

    Examples
    --------
    >>> ladder = energy_ladder("gpt3")
    >>> print(str(ladder).splitlines()[4])
    Landauer                            theorem      8.02 nJ           1    5.78e+20
    >>> ladder.inputs().loc["operations", ["origin", "why"]].tolist()
    ['follows', 'model_size*steps']
    """

    workload: str | None
    name: str
    counting: str
    standing: str
    lines: Mapping[str, Mapping[str, Any]]
    quantities: Mapping[str, Mapping[str, Any]]
    version: str = __version__
    task: str = "training"
    why: str = ""

    @property
    def per(self) -> str:
        """What the column ``each`` of `frame` is for: token, solution, update, episode, nothing."""
        return COUNTED.get(self.task, ("", ""))[0]

    def __repr__(self) -> str:
        table = self.frame()
        columns = {"over_landauer": "/ Landauer", "real_over_rung": "real / it"}
        if table["each"].notna().any():
            columns = {"each": f"J/{self.per}", "real_over_rung": "real / it"}
        if not table["real_over_rung"].notna().any():
            del columns["real_over_rung"]
        between = ", " if self.task in LEARNING else ": "
        head = f"{self.name}{between}{self._counted()}"
        lines = [head, f"task: {self.task} ({self.why})", ""]
        head = "".join(f"{title:>12}" for title in columns.values())
        lines.append(f"{'rung':<36}{'kind':<11}{'energy':>9}{head}")
        for _, row in table.iterrows():
            title = row["title"] + (_MARK if row["prices"] == "moves" else "")
            numbers = "".join(f"{_short(row[name]):>12}" for name in columns)
            lines.append(
                f"{title:<36}{row['kind']}{row['energy']:>{20 - len(row['kind'])}}{numbers}"
            )
        if (table["prices"] == "moves").any():
            lines.append(f"{_MARK} prices moves alone, whether or not they solve anything")
        return "\n".join([*lines, *noted(table["remark"].items())])

    def _counted(self) -> str:
        """How commands were counted, or what the task is, where they were not."""
        if self.task not in LEARNING:
            return TASKS[self.task]
        if self.quantities.get("operations", {}).get("origin") == "given":
            return "operations given"
        return COUNTINGS.get(self.counting, self.counting)

    def _repr_html_(self) -> str:
        ratio = "each" if self.per else "over_landauer"
        table = self.frame()[["title", "kind", "prices", "energy", ratio]]
        return table.to_html(index=False, float_format=_short, border=0)

    def frame(self):
        """The lines as a table.

        Returns
        -------
        pandas.DataFrame
            Index: rung. Columns: title, kind, prices ("solution", or "moves" alone, which can be
            less; nothing for what is no rung), low, joules, high in J, ``energy`` to read,
            ``over_landauer``, ``real_over_rung`` (the real energy over this one), ``assumes``
            (every quantity with its value and why), ``remark`` (what is lacking or which quantities
            contradict each other, joules are NaN then; or how far they lie outside the rung's
            regime), ``each`` (J for one `per`: a token, a solution, an update, an episode).
            ``.attrs["units"]`` names the units.
        """
        import pandas as pd

        table = pd.DataFrame.from_dict(self.lines, orient="index").rename_axis("rung")
        table.insert(6, "energy", [_readable(*item) for item in self.lines.items()])
        least = self.lines["landauer"]["joules"] or np.nan
        table.insert(7, "over_landauer", table["joules"] / least)
        real = self._value("energy")
        table.insert(8, "real_over_rung", real / table["joules"].where(table["joules"] > 0))
        table["each"] = table["joules"] / (
            self._value(COUNTED.get(self.task, ("", ""))[1]) or np.nan
        )
        table.attrs["units"] = dict.fromkeys(("low", "joules", "high", "each"), "J")
        return table

    def _value(self, name: str) -> float:
        return self.quantities.get(name, {"value": np.nan})["value"]

    def inputs(self):
        """The inputs as a table: what some line uses, and what was given.

        Returns
        -------
        pandas.DataFrame
            Index: name in code. Columns: value, unit, meaning; ``origin``: "given", "table",
            "scenario", "follows" (from others, by definition) or "assumed"; ``why``: the source,
            the rule or the reason.
        """
        return _inputs_table(self.quantities)

    def to_json(self, path: Any = None) -> str:
        """Everything as JSON: what is not finite as null, with credit and the library's version.

        Parameters
        ----------
        path : path-like, optional
            Where to write it, too.
        """
        everything = {
            "lim_lib": self.version,
            "workload": self.workload,
            "name": self.name,
            "counting": self.counting,
            "task": self.task,
            "why": self.why,
            "credit": CREDIT,
            "inputs": records(self.inputs()),
            "rungs": records(self.frame()),
        }
        return _written(json.dumps(everything, indent=1, allow_nan=False), path)

    def to_csv(self, path: Any = None) -> str:
        """The lines as CSV, joules in full.

        Parameters
        ----------
        path : path-like, optional
            Where to write it, too.
        """
        return _written(self.frame().to_csv(lineterminator="\n"), path)


def _written(text: str, path: Any) -> str:
    if path is not None:
        with replacing(path) as file:
            file.write(text.encode())
    return text


def _readable(key: str, line: Mapping[str, Any]) -> str:
    if key == "paper":  # whose abstracts give the ends alone
        return f"{format_energy(line['low'])} to {format_energy(line['high'])}"
    return format_energy(line["joules"]) if np.isfinite(line["joules"]) else "-"


def _short(value: float) -> str:
    """A number with three digits, or a dash where there is none."""
    return f"{value:.3g}" if np.isfinite(value) else "-"


def ladder_inputs(
    workload: str | None = None,
    *,
    task: str | None = None,
    counting: str = "steps",
    **quantities: Any,
):
    """Every quantity that the ladder of a run uses: its value, its unit, and why.

    Parameters
    ----------
    workload, task, counting, **quantities
        As in `energy_ladder`.

    Returns
    -------
    pandas.DataFrame
        As `Ladder.inputs`.

    Examples
    --------
    >>> ladder_inputs("gpt3").loc["steps", ["origin", "why"]].tolist()
    ['table', 'brown2020, source']
    """
    return energy_ladder(workload, task=task, counting=counting, **quantities).inputs()


def _quantities(known: Mapping[str, Input], names: set[str]) -> dict[str, dict[str, Any]]:
    """What these names need and what is told; of what is given and not needed, that it is not."""
    shown, needed = used(known, names), reached(known, names)
    return {
        name: {
            "value": each.value,
            "unit": INPUTS[name].unit,
            "meaning": INPUTS[name].meaning,
            "origin": each.origin,
            "why": each.why if each.origin != "given" or name in needed else IDLE,
        }
        for name, each in shown.items()
    }


def _inputs_table(quantities: Mapping[str, Mapping[str, Any]]):
    import pandas as pd

    table = pd.DataFrame.from_dict(quantities, orient="index").rename_axis("quantity")
    return table.astype({"value": float})


def energy_ladder(
    workload: str | None = None,
    *,
    task: str | None = None,
    counting: str = "steps",
    **quantities: Any,
):
    """Every line of the ladder for what is asked, in joules, with what it assumes.

    Parameters
    ----------
    workload : str, optional
        An id of `load_workloads`, or ``"brain"``, a scenario of 1e15 parameters. Without it, the
        caller's own numbers: at least `model_size`, or `spins` of a machine. Fine-tuning, continual
        learning and inference take its size alone.
    task : str, optional
        What is asked, a key of `TASKS`; by default it is inferred from what is given.
    counting : {"steps", "flop", "tokens"}
        How update commands are counted: every optimizer step updates every parameter, every
        multiplication or addition of the training is an update, or every token updates every
        parameter. Without effect if `operations` is given.
    **quantities
        Numbers by name, in SI units, that take the place of what the table knows or the ladder
        assumes. `INPUTS` lists them: of the task, the run, the memory, the hardware of today, and
        your own device. For an energy, also the id of a fitting row of `load_hardware`.

    Returns
    -------
    Ladder
        One line for each rung of `lim_lib.bounds.LADDER` that belongs to the task; transport_time,
        if no `hop_budget` is given, once for cells that hop freely and once
        (``transport_time_held``) for cells that are held at the retention rate. Then lines to
        compare with: ``three_walls`` (today's memory and arithmetic), ``chip_limit`` (FLOP times
        the energy per FLOP of its chip, or of an H100, at full use), ``arithmetic`` and
        ``in_memory`` (of inference), ``own_device``, ``reported`` (the energy of the real run),
        ``carnot`` (below 250 K, Landauer's with its refrigerator) and, for ``"brain"``, ``paper``
        (the range in the first abstracts of the source paper). A line that needs what was not given
        stays in its place, with the reason as its remark. The ladder keeps the inputs that it was
        computed from, with their origins.

    Raises
    ------
    KeyError
        If there is no such workload; the message names the nearest.
    ValueError, TypeError
        For a quantity that is unknown, not allowed, or of another task.

    See Also
    --------
    ladder_inputs : the quantities alone.
    ladder_ranges : how far the rungs move with what is uncertain.

    Notes
    -----
    Training in lockstep is within the theorems as long as every cell hops over a barrier of its
    own; the docstring of `lim_lib.workloads.ladder` says what remains if it does not.

    Examples
    --------
    >>> own = energy_ladder(model_size=1.75e11, bits=16, operations=1.75e11 * 93750, duration=1.3e6)
    >>> own.frame().loc[["landauer", "transport_activity"], "energy"].tolist()
    ['8.04 nJ', '7.53 μJ']
    >>> machine = energy_ladder(spins=2000, power=0.05, duration=5e-3)
    >>> machine.task, machine.frame().loc["reported", "energy"]
    ('machine', '250 μJ')
    """
    facts, known = resolve(workload, counting, checked(quantities), task)
    task = facts["task"]
    lines = {"reading": reading()} if task == "inference" else {}
    names = set()
    for rung in rungs(known, task):
        lines[rung.key] = _rung_line(rung, task, known)
        if not rung.missing:
            names |= {*rung.inputs}.union(*(each.reads for each in rung.inputs.values()))
    for key, made, uses in other_lines(facts, known, lines["landauer"]):
        lines[key] = made
        names |= uses
    names.add(COUNTED.get(task, ("", ""))[1])
    return Ladder(
        workload=facts["id"],
        name=facts["name"],
        counting=counting,
        standing=facts["numbers"].get("energy", {}).get("standing", ""),
        lines=lines,
        quantities=_quantities(known, names),
        task=task,
        why=facts["why"],
    )


def _rung_line(rung: Rung, task: str, known: Mapping[str, Input]) -> dict[str, Any]:
    bound = rung.bound
    if rung.missing:
        lacks = needs(task, rung.missing, known)
        return line(rung.title, bound.kind, (np.nan,) * 3, "", lacks, bound.prices)
    joules, remark = energy_of(bound, {name: each.value for name, each in rung.inputs.items()})
    if np.isnan(joules) and any(
        name in REFUSED and known[name].origin == "given" for name in {*rung.inputs} & {*known}
    ):
        raise ValueError(remark)
    assumes = [said(name, each) for name, each in rung.inputs.items()]
    if rung.times != 1:
        assumes.append(tell("paid", times=rung.times))
    if bound.prices == "solution" and "bits" in rung.inputs and "known_bits" not in known:
        assumes.append(tell("nothing known" if rung.times == 1 else "each time"))
    ends = (joules * rung.times,) * 3
    remark = remark or _advice(rung, task, known)
    return line(rung.title, bound.kind, ends, "; ".join(assumes), remark, bound.prices)


def _advice(rung: Rung, task: str, known: Mapping[str, Input]) -> str:
    """What is to be said of an assumption that decides a line."""
    if "hops" in rung.inputs:
        return _few_commands(known)
    if rung.key == "landauer" and task in GOES_ON and "known_bits" not in known:
        return tell("give known_bits", when=GOES_ON[task])
    if rung.key == "landauer" and task == "machine" and rung.times != 1:
        return tell("any spins")
    if rung.key == "memory_access" and task == "inference" and known["reuse"].origin == "assumed":
        return tell("give reuse", why=known["reuse"].why)
    return ""


def _few_commands(known: Mapping[str, Input]) -> str:
    """What is to be said if the hops are no longer those of the commands."""
    hops, commands = known["hops"], known["operations"].value if "operations" in known else np.nan
    if hops.origin != "assumed" or hops.value == commands:
        return ""
    size = known["model_size"].value
    moves = known["transport"].value * known.get("episodes", Input(1.0, "")).value
    return tell("few commands", each=commands / size, way=moves / size)

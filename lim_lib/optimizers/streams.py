r"""Ensembles of any size: groups of replicas come home one by one, and little is kept.

An ensemble is made of blocks of replicas, each with randomness of its own that its number decides.
A group of blocks is what a worker is sent at one time. As many groups are on their way as one
allows, so that the memory in use depends on neither the replicas nor the steps.
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lim_lib.optimizers.annealing import (
    _Ensemble,
    _ensemble,
    _joined,
    _must_be_kept,
    _Part,
    _Plan,
    _walk_block,
    _warn_of_clipped,
    _warn_of_fast_hops,
    anneal,
)
from lim_lib.optimizers.ensembles import come_home
from lim_lib.optimizers.solution import Anneal
from lim_lib.optimizers.tallies import Tally, Tree, checked
from lim_lib.simulate.runs import Progress
from lim_lib.validate import integer


def stream(
    problem: Any,
    schedule: Any,
    *,
    replicas: int,
    seed: int,
    group: int = 8,
    ahead: int = 64,
    executor: Any = None,
    progress: bool | Callable | None = None,
    **how: Any,
) -> "Stream":
    """An ensemble of any number of replicas, annealed group by group in constant memory.

    Nothing is computed before it is asked for. Iterated, it gives an `Anneal` for each group of
    blocks as it comes home; its `Stream.tally` keeps of each only what can be joined. Block by
    block the numbers are those of `anneal` with the same seed.

    Parameters
    ----------
    problem : Problem
        As for `anneal`.
    schedule : float or callable, or a tuple of them
        As for `anneal`.
    replicas : int
        Number of independent copies.
    seed : int
        Where all randomness comes from.
    group : int
        Blocks that are computed and come home together.
    ahead : int
        Groups that are sent and not home: at least two for each worker.
    executor : concurrent.futures.Executor, optional
        Who computes the groups, as for `anneal`.
    progress : bool or callable, optional
        As for `anneal`.
    **how
        All else that `anneal` takes.

    Returns
    -------
    Stream

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, in one line that names it.

    Notes
    -----
    Many workers wait for two things of which there is one. A scheduler takes a millisecond or more
    for a task, so a group should take longer than that times the workers. A client takes some
    microseconds for each replica of an `Anneal`, and next to none for a tally. On paper
    (``benchmarks/cluster.py``), with 3 ms for a task, 10⁹ replicas of 100 spins, 100 sweeps each,
    keep 1000 workers busy for 2 % of the time in groups of one block, 16 % in groups of 8, and 97 %
    in groups of 64, which take 4 s; those of 512 are too few to end together. As runs they keep
    them busy for 1 %, whatever the group. All tasks of one block sent at once would hold 25 GB in
    scheduler and client; ``ahead=2000`` holds 25 MB.

    Examples
    --------
    >>> from lim_lib.optimizers import IsingModel, stream
    >>> from lim_lib.schedules import Ramp
    >>> from lim_lib.units import thermal_energy
    >>> glass = IsingModel.sherrington_kirkpatrick(12, seed=1)
    >>> cooling = Ramp((0, 20), (0, 5 * thermal_energy()))
    >>> ensemble = stream(glass, cooling, sweeps=20, order="sequential", replicas=5000, seed=1)
    >>> [run.replicas for run in ensemble]
    [4096, 904]
    >>> tally = ensemble.tally(targets=glass.ground_state().energy)
    >>> tally.replicas, int(tally.hits[0])
    (5000, 3459)
    """
    try:
        given = inspect.signature(anneal).bind(
            problem, schedule, replicas=replicas, seed=seed, **how
        )
    except TypeError as error:
        raise TypeError(f"stream: {error}") from None
    given.apply_defaults()
    for mine in ("executor", "progress"):
        del given.arguments[mine]
    ensemble = _ensemble(**given.arguments)
    group, ahead = integer("group", group), integer("ahead", ahead)
    _must_be_kept("group", group, ensemble.plan, min(ensemble.replicas, group * ensemble.block))
    return Stream(ensemble, group, ahead, executor, progress)


class Stream:
    """An ensemble that comes home in groups; see `stream`, which makes it.

    Iterating, or `tally`, computes it, each time anew.

    Attributes
    ----------
    replicas : int
        Number of copies.
    complete : bool
        Whether the last time all of them came home; False after Ctrl-C, which ends the iteration.
    """

    def __init__(
        self, ensemble: _Ensemble, group: int, ahead: int, executor: Any, progress: Any
    ) -> None:
        self._plan, self._groups = ensemble.plan, _Groups(ensemble, group)
        self._ahead, self._executor, self._progress = ahead, executor, progress
        self.replicas, self.complete = ensemble.replicas, False

    def __len__(self) -> int:
        return len(self._groups)

    def __repr__(self) -> str:
        groups = f"{len(self)} group{'s' * (len(self) != 1)}"
        return f"Stream of {self.replicas} replicas of {self._plan.problem!r} in {groups}"

    def __iter__(self) -> Iterator[Anneal]:
        for group in self._home(_Runs()):
            if group.found:
                run = _joined(self._plan, group.found, group.complete)
                _warn_of_clipped(run)
                yield run

    def tally(self, *, targets: Any = (), edges: Any = None) -> Tally:
        """What the ensemble comes to; the workers count, and send counts only.

        The result is the same to the last digit whoever computes it, in whatever groups.

        Parameters
        ----------
        targets : float or array_like
            Energies H whose successes are counted.
        edges : array_like, optional
            Increasing energies H, the edges of bins.

        Returns
        -------
        Tally
            Ctrl-C ends the ensemble early, with what has come home and ``complete=False``.
        """
        targets, edges = checked(targets, edges)
        tree = Tree()
        try:
            for group in self._home(_Counts(self._plan, targets, edges)):
                for place, node in group.found.items():
                    tree.add(place, node)
        except KeyboardInterrupt:
            self.complete = False
        total = tree.total()
        if total is None:
            raise KeyboardInterrupt
        total = replace(total, problem=self._plan.problem, complete=self.complete)
        if self._plan.problem.clipping:
            _warn_of_clipped(total)
        return total

    def _home(self, keep: "_Runs | _Counts") -> Iterator["_Group"]:
        """Groups as they come home."""
        self.complete, count, excess = False, 0, float("-inf")
        task = partial(_walk_group, self._plan, keep)
        with Progress(self._progress) as show:
            for _, group in come_home(task, self._groups, self._executor, show, self._ahead):
                count += group.complete
                excess = max(excess, group.excess)
                self.complete = count == len(self)
                yield group
        _warn_of_fast_hops(excess)


class _Groups(Sequence):
    """The groups of an ensemble, each a list of blocks, made when asked for."""

    def __init__(self, ensemble: _Ensemble, size: int):
        self.ensemble, self.size = ensemble, size

    def __len__(self):
        return -(-len(self.ensemble) // self.size)

    def __getitem__(self, index):
        return self.ensemble[index * self.size : (index + 1) * self.size]


@dataclass(frozen=True)
class _Group:
    """What a group of blocks brings home: what was found in those that were done."""

    found: Any
    excess: float
    complete: bool


class _Runs:
    """Keeps all of each block."""

    def begin(self) -> Any:
        return []

    def add(self, found: Any, index: int, part: _Part) -> None:
        found.append(part)

    def end(self, found: Any) -> Any:
        return found


@dataclass(frozen=True)
class _Counts:
    """Keeps tallies, joined as far as the blocks are neighbours, without their problem."""

    plan: _Plan
    targets: Any
    edges: Any

    def begin(self) -> Any:
        return Tree()

    def add(self, found: Any, index: int, part: _Part) -> None:
        run = _joined(self.plan, [part], True)
        found.add((0, index), Tally.of(run, targets=self.targets, edges=self.edges))

    def end(self, found: Any) -> Any:
        return {place: replace(node, problem=None) for place, node in found.nodes.items()}


def _walk_group(
    plan: _Plan, keep: "_Runs | _Counts", blocks: list, show: Callable | None = None
) -> _Group:
    """Anneal one group of blocks; those that are done are kept if the user interrupts."""
    found, excess, done = keep.begin(), float("-inf"), 0
    try:
        for block in blocks:
            look = show and (lambda share, before=done: show((before + share) / len(blocks)))
            part = _walk_block(plan, block, look)
            excess = max(excess, part.excess)
            if not part.complete:
                break
            keep.add(found, block[0], part)
            done += 1
    except KeyboardInterrupt:
        pass
    return _Group(keep.end(found), excess, done == len(blocks))

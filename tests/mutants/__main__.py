"""Plants faults in the library and says how many of them its tests catch.

Run as ``python tests/mutants``, or ``make mutants``. A mutant that is no fault, because it computes
the same, stands in ``equivalent.toml`` with the reason, and is not planted. Take it up there only
if no input could tell it apart; otherwise write the test.
"""

import argparse
import queue
import sys
import tempfile
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import planting
from trying import Copy, Trial, copied

ROOT = Path(__file__).parents[2]
MEMORY = ROOT / "_build" / "mutants.json"
NO_FORMULAS = ("", "__main__", "commands", "explorers", "figures", "symbols")


def options(words=None):
    parser = argparse.ArgumentParser(prog="python tests/mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--count", type=int, default=150, help="how many, over all modules")
    parser.add_argument("--module", action="append", metavar="NAME", help="only these, as simulate")
    parser.add_argument(
        "--holding", default="", metavar="TEXT", help="only in lines with this text"
    )
    parser.add_argument("--workers", type=int, default=1, help="processes at once")
    parser.add_argument("--near", action="store_true", help="only the tests nearest to each module")
    parser.add_argument("--list", action="store_true", help="show them and plant none")
    return parser.parse_args(words)


def chosen(trial: Trial, given) -> list[planting.Mutant]:
    """The faults to plant: a sample from the modules asked for."""
    known = planting.equivalents()
    found = []
    for name, path in trial.reach.files.items():
        inside = [name == each or name.startswith(f"{each}.") for each in given.module or ()]
        if any(inside) if given.module else name.split(".")[0] not in NO_FORMULAS:
            found += planting.mutants(name, path.read_text(encoding="utf-8"))
    found = [m for m in found if given.holding in m.before and m.key not in known]
    if not found:
        sys.exit("nothing to plant: no such module, or no line with this text")
    return planting.sample(found, given.seed, given.count)


def shown(mutant: planting.Mutant) -> str:
    place = f"lim_lib/{mutant.module.replace('.', '/')}.py:{mutant.line}"
    return f"{place}: {mutant.kind}\n  - {mutant.before}\n  + {mutant.after}"


def outcomes(trial: Trial, mutants: list[planting.Mutant], *, workers: int, near: bool):
    """Each mutant with the test that catches it and whether that is a near one, as they come."""
    with tempfile.TemporaryDirectory() as folder:
        copies = queue.SimpleQueue()
        for number in range(workers):
            copies.put(Copy(trial.root, Path(folder) / str(number)))

        def attempt(mutant):
            copy = copies.get()
            try:
                return mutant, *trial.caught(copy, mutant, near_only=near)
            finally:
                copies.put(copy)

        with ThreadPoolExecutor(workers) as pool:
            for done in as_completed([pool.submit(attempt, mutant) for mutant in mutants]):
                yield done.result()


def table(title: str, rows, *, near: bool) -> None:
    """Caught by the nearest tests, by all, and planted, for each value of one thing."""
    counts = defaultdict(lambda: [0, 0, 0])
    for name, caught, by_near in rows:
        counts[name] = [a + b for a, b in zip(counts[name], (by_near, caught, True), strict=True)]
    print(f"\n{title:24}{'near':>8}{'' if near else 'all':>8}{'planted':>8}")
    for name, (by_near, caught, planted) in sorted(counts.items()):
        print(f"{name:24}{by_near:8}{'' if near else caught:>8}{planted:8}")


def main(given) -> None:
    with tempfile.TemporaryDirectory() as folder:  # the sources may be worked on meanwhile
        report(Trial(copied(ROOT, Path(folder) / "sources"), MEMORY), given)


def report(trial: Trial, given) -> None:
    mutants = chosen(trial, given)
    if given.list:
        print("\n".join(map(shown, mutants)))
        return
    found = []
    for mutant, test, is_near in outcomes(trial, mutants, workers=given.workers, near=given.near):
        found.append((mutant, bool(test), is_near))
        verdict = f"caught by {test}" if test else "SURVIVES"
        print(f"{shown(mutant)}\n  {verdict}", flush=True)
    table("module", ((m.module, *rest) for m, *rest in found), near=given.near)
    table("kind", ((m.kind, *rest) for m, *rest in found), near=given.near)
    if trial.broken:
        print("\nThese fail without a fault and were left out:", *sorted(trial.broken), sep="\n  ")
    survivors = sorted(mutant for mutant, caught, _ in found if not caught)
    if survivors:
        print("\nSurvivors:", *map(shown, survivors), sep="\n")
    print(f"{len(found) - len(survivors)} of {len(found)} caught")


if __name__ == "__main__":
    main(options())

"""Says which cell of which chapter notices which planted error.

Run as ``python -m tests.planted``, or ``make planted``.
"""

import argparse
import sys

from . import Ground, Verdict, plants


def options(words=None):
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("chapter", nargs="*", metavar="NN", help="only the errors of these")
    parser.add_argument("--workers", type=int, help="processes at once")
    return parser.parse_args(words)


def main(given) -> int:
    """Print a line for each error; how many were not noticed."""
    tried = [plant for plant in plants() if not given.chapter or plant.chapter in given.chapter]
    missed, seconds = 0, 0.0
    with Ground(workers=given.workers).running(tried) as found:
        for plant, future in found.items():
            try:
                verdict = future.result()
            except ValueError as error:
                verdict = Verdict("not planted", reason=str(error))
            print(f"{plant.chapter} {plant.error} ({plant.confronts})")
            print(f"   {verdict} ({verdict.seconds:.1f} s)", flush=True)
            missed += not verdict.noticed
            seconds += verdict.seconds
    print(f"{len(found) - missed} of {len(found)} noticed in {seconds:.0f} s of processor time")
    return missed


if __name__ == "__main__":
    sys.exit(bool(main(options())))

"""Says which cell of which chapter notices which planted error.

Run as ``python -m tests.planted``, or ``make planted``.
"""

import argparse
import sys

from . import UNNOTICED, Ground, Verdict, plants


def options(words=None):
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("chapter", nargs="*", metavar="NN", help="only the errors of these")
    parser.add_argument("--workers", type=int, help="processes at once")
    return parser.parse_args(words)


def main(given) -> int:
    """Print a line for each error, and for a chapter that fails without any; how many of them."""
    tried = [plant for plant in plants() if not given.chapter or plant.chapter in given.chapter]
    wrong, seconds = 0, 0.0
    with Ground(workers=given.workers).running([*{p.chapter: 0 for p in tried}, *tried]) as found:
        for planted, future in found.items():
            try:
                verdict = future.result()
            except ValueError as error:
                verdict = Verdict("not planted", reason=str(error))
            if isinstance(planted, str):
                if verdict.outcome != UNNOTICED:
                    print(f"chapter {planted} fails without an error: {verdict}", flush=True)
                    wrong += 1
                continue
            print(f"{planted.chapter} {planted.error} ({planted.confronts})")
            print(f"   {verdict} ({verdict.seconds:.1f} s)", flush=True)
            wrong += not verdict.noticed
            seconds += verdict.seconds
    print(f"{len(tried)} errors in {seconds:.0f} s of processor time; {wrong} complaints")
    return wrong


if __name__ == "__main__":
    sys.exit(bool(main(options())))

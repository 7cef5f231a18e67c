"""Speeds beside those of peers, in one table: ``python benchmarks``, or ``make benchmark``.

Names of subjects measure those alone: ``python benchmarks sk g1``. The tables are also written to
``_build/benchmarks``, with the plots.
"""

import argparse
import os

# One thread of BLAS in this process; what depends on BLAS is measured in processes of its own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from measure import FULL, QUICK
from report import FOLDER, SUBJECTS, report

if __name__ == "__main__":  # workers read this file, too
    parser = argparse.ArgumentParser(prog="benchmarks", description="Speeds beside those of peers.")
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--quick", action="store_true", help="smaller sizes: about a minute")
    given = parser.parse_args()
    unknown = [each for each in given.subjects if each not in SUBJECTS]
    if unknown:
        parser.error(f"no subject {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    report(given.subjects or list(SUBJECTS), QUICK if given.quick else FULL, FOLDER)

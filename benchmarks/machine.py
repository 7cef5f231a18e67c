"""What machine it was: processor, caches, and the versions of what computes."""

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import scipy.linalg  # noqa: F401  (it brings a BLAS of its own)
from threadpoolctl import threadpool_info

CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
PEERS = "numba", "llvmlite", "scipy", "sympy", "dwave-samplers", "dimod"


def processor() -> str:
    """Its name, as far as the system tells."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [text.split(":", 1)[1].strip() for text in lines if text.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def caches() -> str:
    """Level, kind and size of each cache of the first processor, or nothing."""
    found = []
    for folder in sorted(CACHES.glob("index*")):
        level, kind, size = (
            (folder / name).read_text(encoding="ascii").strip()
            for name in ("level", "type", "size")
        )
        found.append(f"L{level}{'' if kind == 'Unified' else ' ' + kind.lower()} {size}")
    return ", ".join(found)


def packages() -> list[str]:
    """Those that matter for speed, with their versions."""
    found = []
    for name in PEERS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return found


def blas() -> str:
    """NumPy's and SciPy's libraries, and with how many threads they began."""
    return ", ".join(
        f"{pool['internal_api']} {pool['version']} ({pool['num_threads']} threads)"
        for pool in threadpool_info()
        if pool["user_api"] == "blas"
    )


def description() -> list[str]:
    """Lines that say it all."""
    load = (
        ", ".join(f"{each:.2f}" for each in os.getloadavg()) if hasattr(os, "getloadavg") else "?"
    )
    return [
        f"{processor()}, {os.cpu_count()} processors, caches: {caches() or 'unknown'}",
        f"{platform.system()} {platform.release()}, Python {sys.version.split()[0]}, "
        f"NumPy {np.__version__} with {blas()}, " + ", ".join(packages()),
        f"load average at the start: {load}",
    ]

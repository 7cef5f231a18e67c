"""Memory and time that each chapter takes: ``python course/memory.py NOTEBOOK...`` prints a table.

A chapter is executed from its first cell, as a student does, and all processes of its kernel are
looked at twenty times a second; what is printed is the largest sum of their resident memory.
"""

import sys
import threading
import time
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient

INTERVAL = 0.05  # seconds


def resident(process):
    """Bytes of memory of a process; nothing if it has just ended."""
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def measure(path):
    """Peak memory in MiB and time in s of one notebook."""
    client = NotebookClient(
        nbformat.read(path, as_version=4),
        timeout=900,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
    )
    peak, done, start = 0, threading.Event(), time.monotonic()
    runner = threading.Thread(target=lambda: (client.execute(), done.set()))
    runner.start()
    while runner.is_alive():
        peak = max(peak, sum(map(resident, psutil.Process().children(recursive=True))))
        runner.join(INTERVAL)
    if not done.is_set():
        raise SystemExit(f"{path} did not run to its end")
    return peak / 2**20, time.monotonic() - start


if __name__ == "__main__":
    print("| Chapter | Peak memory (MiB) | Time (s) |\n| --- | --- | --- |")
    for notebook in map(Path, sys.argv[1:]):
        mebibytes, seconds = measure(notebook)
        print(f"| {notebook.stem} | {mebibytes:.0f} | {seconds:.0f} |", flush=True)

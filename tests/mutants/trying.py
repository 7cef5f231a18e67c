"""Tries a planted fault: in a copy of the sources, in a process of its own, quick tests first."""

import compileall
import contextlib
import doctest
import hashlib
import importlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from planting import Mutant
from reaching import Reach

HEAVY = ["numpy", "scipy.stats", "scipy.special", "scipy.integrate", "sympy", "mpmath", "pandas"]
HEAVY += ["matplotlib.pyplot", "hypothesis.strategies", "pytest"]
"""What is imported once, before the processes part."""
LEFT_BEHIND = (".*", "_build", "__pycache__", "*.ipynb_checkpoints")


@dataclass(frozen=True)
class Outcome:
    """What a process came to.

    Parameters
    ----------
    failed : tuple of str
        The tests that failed, or why the process did not come to its end.
    seconds : float
        How long it took.
    """

    failed: tuple[str, ...]
    seconds: float


class Watch:
    """A plugin of pytest: which tests fail, and no search for the smallest example."""

    def __init__(self):
        self.failed = []

    def pytest_sessionstart(self):
        from hypothesis import Phase, settings

        phases = (Phase.explicit, Phase.reuse, Phase.generate)
        settings.register_profile("mutants", settings(), phases=phases)
        settings.load_profile("mutants")

    def pytest_runtest_logreport(self, report):
        if report.failed:
            self.failed.append(report.nodeid)

    def pytest_collectreport(self, report):
        if report.failed:
            self.failed.append(report.nodeid)


def _examples(module: str) -> list[str]:
    """The documented examples of a module that are not true."""
    name = f"lim_lib.{module}".rstrip(".")
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    return [f"the examples of {name}"] if result.failed else []


def _tests(file: str, left_out: Sequence[str] = (), *, first: bool = False) -> list[str]:
    """The tests of a file that fail: all of them, or the first."""
    import pytest

    watch = Watch()
    options = ["-q", "--tb=no", "-p", "no:cacheprovider", *(["-x"] if first else [])]
    options += [f"--deselect={test}" for test in left_out]
    code = pytest.main([*options, file], plugins=[watch])
    ended = pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED
    return watch.failed or ([] if code in ended else [f"{file} ({code.name})"])


def _work(folder: str, task, arguments, options, sender) -> None:
    """What the new process does, in the copy and in silence."""
    os.setsid()
    os.chdir(folder)
    with contextlib.suppress(ValueError):
        while True:
            sys.path.remove(str(Path(__file__).parent))
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True
    os.environ |= {"PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # nbval alone takes some seconds
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(silence, stream)
    try:
        failed = task(*arguments, **options)
    except BaseException as error:
        failed = [f"{type(error).__name__} on import"]
    sender.send(failed)


def copied(root: Path, folder: Path) -> Path:
    """A copy of the sources, without what was built from them."""
    shutil.copytree(root, folder, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
    compileall.compile_dir(folder / "lim_lib", quiet=2)
    return folder


class Copy:
    """A copy of the sources in which faults are planted, one at a time.

    Parameters
    ----------
    root : Path
        The folder of the sources, which stays as it is.
    folder : Path
        Where the copy goes.
    """

    context = multiprocessing.get_context("forkserver")

    def __init__(self, root: Path, folder: Path):
        self.root, self.folder = root, copied(root, folder)
        self.context.set_forkserver_preload(HEAVY)

    def run(self, task, *arguments, limit: float, **options) -> Outcome:
        """Run a task in a process of its own, for so many seconds at most."""
        receiver, sender = self.context.Pipe(duplex=False)
        start = time.monotonic()
        process = self.context.Process(
            target=_work, args=(str(self.folder), task, arguments, options, sender)
        )
        process.start()
        sender.close()
        try:
            failed = receiver.recv() if receiver.poll(limit) else [f"longer than {limit:.0f} s"]
        except EOFError:
            failed = ["the process died"]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.join()
        return Outcome(tuple(failed), time.monotonic() - start)

    @contextlib.contextmanager
    def planted(self, file: Path, source: str):
        """The copy with another source in the place of one of its files."""
        place = self.folder / file.relative_to(self.root)
        try:
            place.write_text(source, encoding="utf-8")
            yield
        finally:
            shutil.copy2(file, place)


class Trial:
    """Finds out which faults the tests catch.

    Parameters
    ----------
    root : Path
        The folder of the sources, which may not change meanwhile.
    memory : Path
        A file that keeps, between runs, how long each test file takes and what fails in it anyway.
    """

    def __init__(self, root: Path, memory: Path):
        self.root, self.reach, self.memory = root, Reach(root), memory
        self.known = json.loads(memory.read_text(encoding="utf-8")) if memory.exists() else {}
        self.lock, self.broken = threading.Lock(), set()

    def seconds(self, test: Path) -> float:
        """How long a test file took when it last passed."""
        return self.known.get(test.name, {}).get("seconds", 60.0)

    def remember(self, test: Path, **facts) -> None:
        self.known[test.name] = self.known.get(test.name, {}) | facts
        self.memory.parent.mkdir(exist_ok=True)
        self.memory.write_text(json.dumps(self.known, indent=1), encoding="utf-8")

    def fails_anyway(self, copy: Copy, test: Path) -> list[str]:
        """The tests of a file that fail without a fault."""
        files = [test, *(self.reach.files[name] for name in sorted(self.reach.known[test]))]
        state = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
        with self.lock:
            if self.known.get(test.name, {}).get("state") != state:
                found = copy.run(_tests, f"tests/{test.name}", limit=1800)
                self.remember(test, state=state, seconds=found.seconds, failed=found.failed)
        self.broken.update(self.known[test.name]["failed"])
        return self.known[test.name]["failed"]

    def caught(self, copy: Copy, mutant: Mutant, *, near_only: bool = False) -> tuple[str, bool]:
        """The first test that fails with a fault ("" if none does), and whether it is near."""
        file, near = self.reach.files[mutant.module], self.reach.near(mutant.module)
        far = set() if near_only else self.reach.reaching(mutant.module).keys() - near

        def with_it(task, *arguments, **options):
            with copy.planted(file, mutant.source):
                return copy.run(task, *arguments, **options)

        found = with_it(_examples, mutant.module, limit=120)
        if found.failed:
            return found.failed[0], True

        def order(test):
            named = sum(part in test.stem for part in mutant.module.split("."))
            return test not in near, -named, self.seconds(test)

        for test in sorted(near | far, key=order):
            name, limit = f"tests/{test.name}", 30 + 10 * self.seconds(test)
            found = with_it(_tests, name, first=True, limit=limit)
            if not found.failed:
                self.remember(test, seconds=found.seconds)
            elif anyway := self.fails_anyway(copy, test):
                found = with_it(_tests, name, anyway, first=True, limit=limit)
            if found.failed:
                return found.failed[0], test in near
        return "", False

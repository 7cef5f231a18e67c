"""Which test files can notice a fault in which module, read off their imports."""

import ast
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path


class Reach:
    """Who takes what from whom, in a package and its tests.

    Modules go by their names below the package, ``""`` being its door.

    Parameters
    ----------
    root : Path
        The folder that holds the package and ``tests``.
    package : str
        The package's name.
    """

    def __init__(self, root: Path, package: str = "lim_lib"):
        self.package = package
        self.files = modules(root / package)
        self.tests = sorted((root / "tests").glob("test_*.py"))

    @cached_property
    def trees(self) -> dict[str, ast.Module]:
        return {name: _tree(path) for name, path in self.files.items()}

    @cached_property
    def homes(self) -> dict[str, set[str]]:
        """The modules that bind a name by a definition or an assignment, by the name."""
        homes = {}
        for module, tree in self.trees.items():
            for node in tree.body:
                targets = [*getattr(node, "targets", ()), getattr(node, "target", node)]
                for name in (getattr(x, "name", getattr(x, "id", None)) for x in targets):
                    homes.setdefault(name, set()).add(module)
        return homes

    def below(self, door: str) -> set[str]:
        """A module and, if it is a package's door, all behind it."""
        return {each for each in self.files if f"{each}.".startswith(f"{door}." if door else "")}

    def home(self, module: str, name: str) -> set[str]:
        """Where a name comes from that is asked of a module: a package may only pass it on."""
        inside = f"{module}.{name}".lstrip(".")
        if inside in self.files:
            return {inside}
        passed_on = self.homes.get(name, set()) & self.below(module)
        return {module} if name.startswith("__") else passed_on or {module}

    def taken(self, tree: ast.Module) -> set[str]:
        """The modules from which a file takes something by name."""
        taken, aliases = set(), {}
        for name, module, asked in self._imports(tree):
            for home in {module} if asked is None else self.home(module, asked):
                if (home == module and asked is not None) or len(self.below(home)) == 1:
                    taken.add(home)
                aliases[name] = home
        for node in ast.walk(tree):
            owner = getattr(getattr(node, "value", None), "id", None)
            if isinstance(node, ast.Attribute) and owner in aliases:
                taken |= self.home(aliases[owner], node.attr)
        return taken

    def _imports(self, tree) -> Iterator[tuple[str, str, str | None]]:
        """Local name, module and what is asked of it, for all that comes from the package."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top, _, module = alias.name.partition(".")
                    if top == self.package:
                        yield alias.asname or top, module if alias.asname else "", None
            elif isinstance(node, ast.ImportFrom) and node.module:
                top, _, module = node.module.partition(".")
                if top == self.package:
                    for alias in node.names:
                        yield alias.asname or alias.name, module, alias.name

    @cached_property
    def uses(self) -> dict[str, set[str]]:
        """What each module of the package takes from others."""
        return {name: self.taken(tree) for name, tree in self.trees.items()}

    def steps(self, taken: set[str]) -> dict[str, int]:
        """How many imports away each module is that these modules need; they are none away."""
        steps, here, count = {}, taken, 0
        while here:
            behind = (self.below(door) if door else {door} for door in here)
            new = set().union(*behind) - steps.keys()
            steps |= dict.fromkeys(new, count)
            here = set().union(*(self.uses[module] for module in new))
            count += 1
        return steps

    @cached_property
    def known(self) -> dict[Path, dict[str, int]]:
        """For each test file how many imports away a module is, if the file can notice it."""
        known = {}
        for path in self.tests:
            tree = _tree(path)
            steps = self.steps(self.taken(tree))
            texts = (n.value for n in ast.walk(tree) if isinstance(n, ast.Constant))
            if any(self.package in text for text in texts if isinstance(text, str)):
                # It may start the package in another process.
                steps = dict.fromkeys(self.files, len(self.files)) | steps
            known[path] = steps
        return known

    def reaching(self, module: str) -> dict[Path, int]:
        """The test files that can notice a fault in a module, and how far off they are."""
        return {path: steps[module] for path, steps in self.known.items() if module in steps}

    def near(self, module: str) -> set[Path]:
        """The test files that use a module, or what uses it; the nearest if there are none."""
        reaching = self.reaching(module)
        within = max(1, min(reaching.values(), default=1))
        return {path for path, steps in reaching.items() if steps <= within}


def modules(package: Path) -> dict[str, Path]:
    """The files of a package by their modules' names below it, its door without a name."""
    paths = {path.relative_to(package).with_suffix(""): path for path in package.rglob("*.py")}
    named = {".".join(name.parts).removesuffix("__init__"): path for name, path in paths.items()}
    return {name.rstrip("."): path for name, path in sorted(named.items())}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))

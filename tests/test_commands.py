"""The commands of the Makefile, the pins, and what a newcomer is told."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from pins import blocks, lowest, normal, pins
from pybtex.database import parse_file


@pytest.fixture
def copy(root, tmp_path):
    """A folder with the Makefile and what its environment depends on."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy2(root / name, tmp_path)
    return tmp_path


def program(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def make(folder, *arguments):
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "VENV"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_make_alone_lists_every_command(root):
    listed = make(root).stdout
    promised = {"book", "test", "serve", "lab", "notebooks", "slides", "course", "clean"}
    assert promised <= {line.split()[0] for line in listed.splitlines()}


@pytest.mark.parametrize("version", ["3, 10", "3, 15"])
def test_a_wrong_python_is_refused_in_one_line_that_says_what_to_install(copy, version):
    python = program(
        copy / "python",
        f'exec {sys.executable} -c "import sys; sys.version_info = ({version}); $2"',
    )
    refused = make(copy, "book", f"PYTHON={python}")
    assert refused.returncode != 0
    assert len((refused.stdout + refused.stderr).splitlines()) == 1
    assert re.search(r"Python 3\.11, 3\.12, 3\.13 or 3\.14.*install one", refused.stderr)


def test_a_python_without_venv_is_refused_in_one_line_that_says_what_to_install(copy):
    python = program(
        copy / "python",
        'case "$2" in *ensurepip*) exit 1;; esac',
        f'exec {sys.executable} "$@"',
    )
    refused = make(copy, "book", f"PYTHON={python}")
    assert refused.returncode != 0
    assert len((refused.stdout + refused.stderr).splitlines()) == 1
    assert "install its venv module" in refused.stderr


def test_a_python_that_does_not_run_is_passed_over(copy):
    broken = program(copy / "broken", "exit 127")
    assert (
        make(copy, "python", f"PYTHON={broken} {sys.executable}").stdout.strip() == sys.executable
    )


def test_a_failed_build_leaves_nothing_that_would_let_it_pass_when_repeated(copy):
    program(
        copy / ".venv/bin/jupyter-book",
        "[ -e _build/.doctrees ] && exit 0",
        "mkdir -p _build/.doctrees _build/.jupyter_cache",
        "exit 1",
    )
    (copy / ".venv/.ready").touch()
    for _ in range(2):
        assert make(copy, "book").returncode != 0
    assert (copy / "_build/.jupyter_cache").exists()


def test_the_environment_is_filled_again_only_when_its_description_changes(copy):
    program(copy / ".venv/bin/python", "exit 0")
    program(copy / ".venv/bin/jupyter-book", "exit 0")
    assert "Installing" in make(copy, "book").stdout
    assert "Installing" not in make(copy, "book").stdout
    late = (copy / ".venv/.ready").stat().st_mtime + 10
    os.utime(copy / "requirements.txt", (late, late))
    assert "Installing" in make(copy, "book").stdout


def test_the_book_is_served_to_this_computer_alone(root, tmp_path):
    import lab

    assert "--bind 127.0.0.1" in make(root, "-n", "serve").stdout
    assert "_ext/lab.py" in make(root, "-n", "lab").stdout
    config = lab.configure(root, tmp_path).read_text(encoding="utf-8")
    assert json.loads(config)["ServerApp"]["ip"] == "127.0.0.1"


def test_what_was_built_is_removed_and_a_readers_notebooks_are_not(copy):
    kept = copy / "_build" / "notebooks" / "mine.ipynb"
    for path in (kept, copy / "_build" / "html" / "index.html"):
        path.parent.mkdir(parents=True)
        path.touch()
    for _ in range(2):
        assert make(copy, "clean").returncode == 0
        assert list((copy / "_build").rglob("*")) == [kept.parent, kept]
    shutil.rmtree(copy / "_build")
    assert make(copy, "clean").returncode == 0


def loose(root, *extras):
    """What pyproject.toml asks for, for the library and with these extras."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = project["dependencies"] + [
        each for extra in extras for each in project["optional-dependencies"][extra]
    ]
    return {normal(need.name): need for need in map(Requirement, listed)}


@pytest.mark.parametrize("name", ["requirements.txt", "course/requirements.txt"])
def test_every_release_is_pinned_with_the_sums_of_its_files_and_no_address(root, name):
    text = (root / name).read_text(encoding="utf-8")
    pin = r"[a-z0-9.-]+==[A-Za-z0-9.]+( ; [^\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.fullmatch(rf"(#.*\n)+({pin})+", text)
    assert "//" not in text


def test_every_dependency_is_among_the_pins(root):
    assert loose(root, "book").keys() <= pins().keys()
    course = blocks((root / "course" / "requirements.txt").read_text(encoding="utf-8"))
    assert loose(root, "course").keys() <= course.keys() | pins().keys()
    assert not course.keys() & pins().keys()


def test_the_library_says_its_oldest_versions_and_what_is_tested_is_no_older(root):
    browser = blocks((root / "tests" / "pyodide.txt").read_text(encoding="utf-8"))
    for name, need in loose(root).items():
        assert [part.operator for part in need.specifier] == [">="], name
        oldest = next(iter(need.specifier)).version
        assert lowest()[name] == oldest
        tested = [pins()[name]]
        if name in browser:
            tested.append(browser[name].split("==")[1])
        assert all(need.specifier.contains(version) for version in tested), name


def test_pins_of_one_package_for_several_pythons_stay_together():
    first = "one==1 ; python_full_version < '3.12' \\\n    --hash=sha256:a"
    second = "one==2 ; python_full_version >= '3.12' \\\n    --hash=sha256:b"
    assert blocks(f"# said\n{first}\n{second}\ntwo==3 \\\n    --hash=sha256:c\n") == {
        "one": f"{first}\n{second}",
        "two": "two==3 \\\n    --hash=sha256:c",
    }


NEWER_THAN_MAKE_3_81 = (
    r"!=|\$\((?:file|guile|let|intcmp) |&:|\.SHELLFLAGS|\.ONESHELL|::=|^undefine|^private|^load "
)
ONLY_GNU = (
    r"sed -[a-z]*[irz]|sed [^|]*\\[tn+?|]|grep -[a-zA-Z]*[LP]|sort -[a-z]*V|readlink|realpath|"
    r"xargs -r|\becho -|cp -[a-z]*[au]|mktemp --"
)


@pytest.mark.parametrize("name", ["Makefile", ".ci/run", ".ci/colab"])
def test_what_a_mac_lacks_is_not_asked_for(root, name):
    text = (root / name).read_text(encoding="utf-8")
    assert not re.findall(ONLY_GNU, text)
    if name == "Makefile":
        assert not re.findall(NEWER_THAN_MAKE_3_81, text, re.M)


def shell_calls(text):
    """What a Makefile hands to $(shell ...), as the shell sees it."""
    for start in (match.end() for match in re.finditer(r"\$\(shell ", text)):
        depth, end = 1, start
        while depth:
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            end += 1
        call = text[start : end - 1].replace("\\\n", "")
        yield re.sub(r"\$\(\w+\)", "one two", call).replace("$$", "$")


def test_all_that_runs_in_a_shell_is_clean(root, tmp_path):
    checker = shutil.which("shellcheck", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    text = (root / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^([a-z]+):", text, re.M)
    recipes = tmp_path / "recipes.sh"
    python = program(tmp_path / "python", "exit 0")
    shown = make(root, "-n", "-B", f"PYTHON={python}", *targets)
    assert shown.returncode == 0, shown.stderr
    calls = list(shell_calls(text))
    assert len(calls) == text.count("$(shell ")
    recipes.write_text("\n".join(["#!/bin/sh", shown.stdout, *calls]) + "\n", encoding="utf-8")
    scripts = [root / ".ci" / "run", root / ".ci" / "colab", recipes]
    checked = subprocess.run([checker, *scripts], capture_output=True, text=True, encoding="utf-8")
    assert checked.returncode == 0, checked.stdout


def test_before_a_commit_runs_what_make_check_runs(root):
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    (hooks,) = (repository["hooks"] for repository in config["repos"])
    recipe = re.search(
        r"^check: .*\n((?:\t.*\n)+)", (root / "Makefile").read_text(encoding="utf-8"), re.M
    )[1]
    commands = [
        line.removeprefix("\t@").replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()
    ]
    assert [hook["entry"] for hook in hooks] == [
        command.removesuffix(" $(NOTEBOOKS)") for command in commands
    ]
    for hook, command in zip(hooks, commands, strict=True):
        assert hook["language"] == "system"
        assert hook.get("pass_filenames", True) == ("$(NOTEBOOKS)" in command)


def test_an_untidy_notebook_is_named(root, tmp_path):
    cell = nbformat.v4.new_code_cell("1", metadata={"execution": {"iopub.status.idle": "now"}})
    untidy = tmp_path / "untidy.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), untidy)
    command = [sys.executable, root / "_ext" / "notebooks.py", "--check"]
    tidy = root / "chapters" / "ladder.ipynb"
    checked = subprocess.run(
        [*command, tidy, untidy], capture_output=True, text=True, encoding="utf-8"
    )
    assert checked.returncode == 1
    assert checked.stderr == f"not as `make notebooks` leaves them: {untidy}\n"
    assert subprocess.run([*command, tidy]).returncode == 0


def sources(root, folder, when):
    """A copy of what a release is made of, all of it last changed at this time."""
    shutil.copytree(
        root / "lim_lib", folder / "lim_lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        shutil.copy(root / name, folder)
    for path in folder.rglob("*"):
        os.utime(path, (when, when))
    return folder


def test_a_release_is_the_same_bytes_wherever_and_whenever_it_is_built(root, tmp_path):
    build = "from flit_core import buildapi as b; print(b.build_sdist('.'), b.build_wheel('.'))"
    releases = []
    for place, when in (("here", 1e9), ("there", 1.5e9)):
        folder = sources(root, tmp_path / place, when)
        built = subprocess.run(
            [sys.executable, "-c", build],
            cwd=folder,
            env=os.environ | {"SOURCE_DATE_EPOCH": "1700000000"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        releases.append({name: (folder / name).read_bytes() for name in built.stdout.split()})
    assert len(releases[0]) == 2
    assert releases[0] == releases[1]


def test_what_is_installed_brings_the_command(root, tmp_path):
    clone = sources(root, tmp_path / "clone", 1e9)
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation"]
    installed = tmp_path / "installed"
    subprocess.run([*install, "--target", installed, clone], check=True)
    environment = os.environ | {"PYTHONPATH": str(installed)}

    def shown(*command):
        done = subprocess.run(
            [*command, "ladder", "--workload", "gpt3"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        )
        return done.stdout

    assert shown(installed / "bin" / "lim-lib") == shown(sys.executable, "-m", "lim_lib")


def test_the_readme_names_the_two_commands_and_shows_a_picture_that_exists(root):
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "make book" in readme
    assert "make test" in readme
    pictures = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", readme)
    assert pictures
    assert all((root / path).is_file() for _, path in pictures)


def test_continuous_integration_runs_the_tests(root):
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert {"make test", "make course"} <= set(
        re.findall(r"make \w+", script.read_text(encoding="utf-8"))
    )
    assert subprocess.run(["bash", "-n", script]).returncode == 0


def test_a_notebook_that_runs_again_is_the_same_file(tidy):
    def executed(run):
        view = {"text/plain": "Explorer()", "application/vnd.jupyter.widget-view+json": {"id": run}}
        cell = nbformat.v4.new_code_cell(
            "explorer",
            id="explorer",
            execution_count=1,
            metadata={"tags": ["kept"], "execution": {"iopub.status.idle": run}},
            outputs=[nbformat.v4.new_output("execute_result", view, execution_count=1)],
        )
        return nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {"state": run}})

    first, second = (tidy(executed(run)) for run in "ab")
    assert first == second
    assert first.cells[0].metadata.tags == ["kept"]
    assert first.cells[0].outputs[0].data == {"text/plain": "Explorer()"}


def test_the_bibliography_says_which_details_were_not_checked(root):
    sources = parse_file(root / "references.bib")
    works = [
        (dict(work.fields).get("doi"), work.fields.get("eprint"))
        for work in sources.entries.values()
    ]
    for identifiers in zip(*works, strict=True):
        known = [each.lower() for each in identifiers if each]
        assert len(known) == len(set(known)), "one work under two keys"
    assert any("recalled" in work.fields.get("keywords", "") for work in sources.entries.values())


def test_colab_is_offered_only_when_the_books_repository_is_named(root, tmp_path, monkeypatch):
    import launch
    import lite

    def offered(repository):
        config = SimpleNamespace(launch_lite=False, launch_repository=repository)
        ways = launch.ways(SimpleNamespace(config=config), "a.ipynb", lambda name: name)
        return [way["url"] for way in ways if "Colab" in way["text"]]

    assert offered("") == []
    assert offered("https://github.com/owner/book") == [
        "https://colab.research.google.com/github/owner/book/blob/colab/a.ipynb"
    ]
    chapter = root / "chapters" / "01-three-walls.ipynb"
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BOOK_REPOSITORY", raising=False)
    with pytest.raises(SystemExit, match="BOOK_REPOSITORY must be"):
        lite.build_colab([chapter])
    monkeypatch.setenv("BOOK_REPOSITORY", "https://github.com/owner/book")
    lite.build_colab([chapter])
    about, installs, title, *_ = nbformat.read(lite.COLAB / chapter.name, as_version=4).cells
    assert "Without a network" in about.source
    assert "git+https://github.com/owner/book" in installs.source
    assert title.source.startswith("# 1. Three walls\n")

"""The commands of the Makefile, the pins, and what a newcomer is told."""

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from types import SimpleNamespace

import nbformat
import pytest
from pybtex.database import parse_file


@pytest.fixture
def copy(root, tmp_path):
    """A folder with the Makefile and what its environment depends on."""
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy2(root / name, tmp_path)
    return tmp_path


def program(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def make(folder, *arguments):
    outer = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON", "VENV"}
    environment = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True
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


def test_the_book_is_served_to_this_computer_alone(root):
    recipes = make(root, "-n", "serve", "lab").stdout
    assert "--bind 127.0.0.1" in recipes
    assert "--ip=127.0.0.1" in recipes


def test_every_version_is_pinned_and_every_dependency_among_the_pins(root):
    lines = (root / "requirements.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    names = {re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins}
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    loose = project["dependencies"] + project["optional-dependencies"]["book"]
    loose = {re.match(r"[A-Za-z0-9._-]+", name)[0].replace("_", "-").lower() for name in loose}
    assert loose <= names


def test_the_readme_names_the_two_commands_and_shows_a_picture_that_exists(root):
    readme = (root / "README.md").read_text()
    assert "make book" in readme
    assert "make test" in readme
    pictures = re.findall(r"!\[([^]]+)\]\(([^)]+)\)", readme)
    assert pictures
    assert all((root / path).is_file() for _, path in pictures)


def test_continuous_integration_runs_the_tests(root):
    script = root / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert {"make test", "make course"} <= set(re.findall(r"make \w+", script.read_text()))
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
    copy = nbformat.read(lite.COLAB / chapter.name, as_version=4)
    assert "git+https://github.com/owner/book" in copy.cells.pop(0).source
    assert copy == nbformat.read(chapter, as_version=4)

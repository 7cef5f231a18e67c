"""The workflows that build, test, publish and watch the book."""

import re
import shutil
import subprocess
import tomllib

import pytest
import yaml
from launch import COLAB_BRANCH

WORKFLOWS = ("book.yml", "watch.yml")


@pytest.fixture(params=WORKFLOWS)
def text(request, root):
    return (root / ".github" / "workflows" / request.param).read_text(encoding="utf-8")


@pytest.fixture
def workflow(text):
    return yaml.safe_load(text)


def steps(workflow):
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_every_workflow_is_looked_at(root):
    assert {path.name for path in (root / ".github" / "workflows").iterdir()} == set(WORKFLOWS)


def test_every_action_is_pinned_to_a_commit_whose_version_is_told(text, workflow):
    pinned = re.findall(r"uses: +actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", text, re.M)
    assert pinned
    assert len(pinned) == len(re.findall("uses:", text))
    assert len(pinned) == sum("uses" in step for step in steps(workflow))


def test_one_action_has_one_version_everywhere(root):
    texts = [
        (root / ".github" / "workflows" / name).read_text(encoding="utf-8") for name in WORKFLOWS
    ]
    pins = set(re.findall(r"uses: +(\S+)@(\S+ # \S+)", "\n".join(texts)))
    assert len(pins) == len({name for name, _ in pins})


def test_rights_are_read_only_but_for_publishing(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    rights = {"publish": {"pages": "write", "id-token": "write"}, "colab": {"contents": "write"}}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions") == rights.get(name)
        assert job["timeout-minutes"] <= 90


def test_nothing_secret_is_used_and_no_credentials_stay_behind(text, workflow):
    assert "secrets." not in text
    assert "pull_request_target" not in text
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_only_the_books_own_commands_are_run(workflow, root):
    commands = {step["run"] for step in steps(workflow) if "run" in step}
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    assert commands
    assert commands <= {".ci/run", ".ci/colab", *(f"make {target}" for target in targets)}


def test_every_python_that_is_promised_is_tested(root):
    test = yaml.safe_load(
        (root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    )["jobs"]["test"]
    tested = test["strategy"]["matrix"]["python"]
    first, end = re.search(
        r"^BOOK := (\d+), (\d+)$", (root / "Makefile").read_text(encoding="utf-8"), re.M
    ).groups()
    assert tested == [f"3.{minor}" for minor in range(int(first), int(end))]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == f">={tested[0]}"
    language = "Programming Language :: Python :: "
    assert [name.removeprefix(language) for name in project["classifiers"] if language in name] == (
        tested
    )
    promised = ", ".join(tested[:-1]) + f" or {tested[-1]}"
    assert f"Python {promised}" in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("target", ["lowest", "torch", "wheel"])
def test_releases_that_not_every_machine_has_are_tested_in_full(root, target):
    test = yaml.safe_load(
        (root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    )["jobs"]["test"]
    pythons = test["strategy"]["matrix"]["python"]
    (step,) = (step for step in test["steps"] if step.get("run") == f"make {target}")
    python = pythons[-1] if target == "wheel" else pythons[0]
    assert step["if"] == f"matrix.python == '{python}'"


def test_only_what_passed_on_main_is_published(root):
    jobs = yaml.safe_load(
        (root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    )["jobs"]
    assert jobs["colab"]["needs"] == "test"
    assert jobs["publish"]["needs"] == ["test", "colab"]
    for name in ("colab", "publish"):
        assert "github.ref == 'refs/heads/main'" in jobs[name]["if"]
        assert "github.event_name == 'push'" in jobs[name]["if"]


def test_what_is_published_offers_the_colab_of_its_own_repository(root):
    jobs = yaml.safe_load(
        (root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    )["jobs"]
    offered = jobs["test"]["env"]["BOOK_REPOSITORY"]
    assert "github.ref == 'refs/heads/main' &&" in offered
    assert offered.endswith("|| '' }}")
    for address in (offered, jobs["colab"]["env"]["BOOK_REPOSITORY"]):
        assert re.findall(r"github\.(server_url|repository)\b", address) == [
            "server_url",
            "repository",
        ]
    writers = [job for job in jobs.values() if (job.get("permissions") or {}).get("contents")]
    assert writers == [jobs["colab"]]
    holders = [step for step in steps({"jobs": jobs}) if "github.token" in str(step)]
    assert [step["run"] for step in holders] == [".ci/colab"]


def test_what_may_write_to_the_repository_installs_nothing(root):
    jobs = yaml.safe_load(
        (root / ".github" / "workflows" / "book.yml").read_text(encoding="utf-8")
    )["jobs"]
    tested = jobs["test"]["steps"]
    used = [step.get("uses", step.get("run")).split("@")[0] for step in jobs["colab"]["steps"]]
    assert used == ["actions/checkout", "actions/download-artifact", ".ci/colab"]
    (handed,) = (step["with"] for step in jobs["colab"]["steps"] if "download" in str(step))
    (made,) = (step for step in tested if step.get("with", {}).get("name") == "colab")
    assert made["with"]["path"] == handed["path"] == "_build/colab"
    before = tested[tested.index(made) - 1]
    assert before["run"] == "make colab"
    assert before["if"] == made["if"]
    assert "github.ref == 'refs/heads/main'" in made["if"]


def test_the_branch_for_colab_holds_the_notebooks_alone_and_no_history(root, tmp_path, monkeypatch):
    def git(*arguments):
        done = subprocess.run(
            ["git", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        return done.stdout.split()

    (tmp_path / ".ci").mkdir()
    script = shutil.copy2(root / ".ci" / "colab", tmp_path / ".ci")
    notebooks = tmp_path / "_build" / "colab"
    notebooks.mkdir(parents=True)
    git("init", "-q", "--bare", "book.git")
    monkeypatch.setenv("BOOK_REPOSITORY", str(tmp_path / "book.git"))
    for name in ("first", "second"):
        shutil.rmtree(notebooks)
        notebooks.mkdir()
        (notebooks / f"{name}.ipynb").write_text(name, encoding="utf-8")
        subprocess.run([script], check=True)
        assert git("-C", "book.git", "ls-tree", "--name-only", COLAB_BRANCH) == [f"{name}.ipynb"]
    assert git("-C", "book.git", "rev-list", "--all", "--count") == ["1"]
    assert [path.name for path in notebooks.iterdir()] == ["second.ipynb"]


FORMS = ("idea.yml", "number.yml", "page.yml")


def test_every_form_is_looked_at(root):
    found = {path.name for path in (root / ".github" / "ISSUE_TEMPLATE").iterdir()}
    assert found == {*FORMS, "config.yml"}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_has_what_its_format_asks_for(root, name):
    form = yaml.safe_load((root / ".github" / "ISSUE_TEMPLATE" / name).read_text(encoding="utf-8"))
    assert {"name", "description", "body"} <= form.keys() <= {
        "name", "description", "body", "labels",
    }  # fmt: skip
    ids = [field["id"] for field in form["body"]]
    assert len(ids) == len(set(ids))
    for field in form["body"]:
        assert field.keys() <= {"type", "id", "attributes", "validations"}
        assert field["type"] in {"input", "textarea"}
        assert field["attributes"]["label"]
        assert field["attributes"].keys() <= {"label", "description", "placeholder", "render"}
    assert any(field.get("validations", {}).get("required") for field in form["body"])


def test_commands_that_the_request_and_the_forms_name_exist(root):
    folder = root / ".github"
    texts = [(folder / "PULL_REQUEST_TEMPLATE.md").read_text(encoding="utf-8")]
    texts += [(folder / "ISSUE_TEMPLATE" / name).read_text(encoding="utf-8") for name in FORMS]
    named = set(re.findall(r"`make (\w+)`", "\n".join(texts)))
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(encoding="utf-8"), re.M)
    assert {"test", "course"} <= named <= set(targets)


def test_packages_and_actions_are_renewed_once_a_week(root):
    config = yaml.safe_load((root / ".github" / "dependabot.yml").read_text(encoding="utf-8"))
    assert config["version"] == 2
    updates = {update["package-ecosystem"]: update for update in config["updates"]}
    assert updates.keys() == {"pip", "github-actions"}
    assert all(update["schedule"] == {"interval": "weekly"} for update in updates.values())
    for folder in updates["pip"]["directories"]:
        assert (root / folder.lstrip("/") / "requirements.txt").exists()

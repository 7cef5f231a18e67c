"""The workflows that build, test, publish and watch the book."""

import re

import pytest
import yaml

WORKFLOWS = ("book.yml", "watch.yml")


@pytest.fixture(params=WORKFLOWS)
def text(request, root):
    return (root / ".github" / "workflows" / request.param).read_text()


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
    texts = [(root / ".github" / "workflows" / name).read_text() for name in WORKFLOWS]
    pins = set(re.findall(r"uses: +(\S+)@(\S+ # \S+)", "\n".join(texts)))
    assert len(pins) == len({name for name, _ in pins})


def test_rights_are_read_only_but_for_publishing(workflow):
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        expected = {"pages": "write", "id-token": "write"} if name == "publish" else None
        assert job.get("permissions") == expected
        assert job["timeout-minutes"] <= 90


def test_nothing_secret_is_used_and_no_credentials_stay_behind(text, workflow):
    assert "secrets." not in text
    assert "pull_request_target" not in text
    for step in steps(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_only_the_books_own_commands_are_run(workflow, root):
    commands = {step["run"] for step in steps(workflow) if "run" in step}
    targets = re.findall(r"^([a-z]+):", (root / "Makefile").read_text(), re.M)
    assert commands
    assert commands <= {".ci/run", *(f"make {target}" for target in targets)}


def test_only_what_passed_on_main_is_published(root):
    workflow = yaml.safe_load((root / ".github" / "workflows" / "book.yml").read_text())
    publish = workflow["jobs"]["publish"]
    assert publish["needs"] == "test"
    assert "github.ref == 'refs/heads/main'" in publish["if"]
    assert "github.event_name == 'push'" in publish["if"]

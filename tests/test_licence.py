"""The licence, the authors and the version, which several files state: once and alike."""

import re
import tomllib

import pytest
import yaml

import lim_lib

AUTHORS = "The authors of Learning in memory"


@pytest.fixture
def project(root):
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture
def config(root):
    return yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))


@pytest.fixture
def citation(root):
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def plain(text):
    """A statement without its markup, addresses and remarks in brackets."""
    text = re.sub(r"\(\[.*?\)\)|\(.*?\]\(.*?\)\)|<[^>]+>|^- ", "", text, flags=re.M)
    return {" ".join(part.split()).rstrip(" .") for part in re.split(r"\.\s*\n|\n(?=[A-Z])", text)}


def test_readme_and_footer_state_the_same_licences(root, config):
    section = (root / "README.md").read_text(encoding="utf-8").split("## Licence and citation\n")[1]
    listed = "\n".join(line for line in section.splitlines() if line.startswith("- "))
    stated = plain(listed) - {""}
    assert stated == plain(config["html"]["extra_footer"]) - {""}
    assert stated == {
        "Text and figures: CC BY 4.0",
        "Code: BSD-3-Clause",
        "Data on trained models and on hardware: Epoch AI, CC BY 4.0",
        "Handwritten digits: E. Alpaydin and C. Kaynak, CC BY 4.0",
    }


def test_package_and_citation_name_the_same_licences_whose_texts_are_there(root, project, citation):
    assert citation["license"] == project["license"].split(" AND ") == ["BSD-3-Clause", "CC-BY-4.0"]
    texts = [(root / name).read_text(encoding="utf-8") for name in project["license-files"]]
    assert texts[0].startswith("BSD 3-Clause License")
    assert texts[1].startswith("Attribution 4.0 International")
    assert "Section 8 -- Interpretation." in texts[1]


def test_the_authors_have_one_name(root, project, config, citation):
    assert [author["name"] for author in project["authors"]] == [AUTHORS]
    assert [author["name"] for author in citation["authors"]] == [AUTHORS]
    assert config["author"] == AUTHORS
    assert f"Copyright (c) {config['copyright']}, {AUTHORS}" in (root / "LICENSE").read_text(
        encoding="utf-8"
    )


def test_the_citation_has_what_its_format_asks_for(project, config, citation):
    assert {"cff-version", "message", "title", "authors"} <= set(citation)
    assert citation["cff-version"] == "1.2.0"
    assert citation["title"] == config["title"]
    assert citation["version"] == project["version"]


def test_the_data_keep_their_credit(root):
    text = (root / "lim_lib/data/README.md").read_text(encoding="utf-8")
    assert "Epoch AI, licence CC BY 4.0" in text
    assert "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits" in text
    assert "https://doi.org/10.24432/C50P49" in text
    data = root / "lim_lib/data"
    carried = {path for path in data.rglob("*.*") if path.name != "README.md"}
    listed = [set(data.glob(each)) for each in re.findall(r"^\| `(.+?)` \|", text, flags=re.M)]
    assert all(listed)
    assert carried == set.union(*listed)


def test_the_newest_release_of_the_changelog_is_the_version_of_the_library(root, project):
    headings = re.findall(
        r"^## \[(.+?)\]", (root / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
    )
    assert headings[:2] == ["Unreleased", lim_lib.__version__]
    assert project["version"] == lim_lib.__version__
    assert len(headings) == len(set(headings))


def test_every_entry_of_the_changelog_stands_under_a_kind_of_change(root):
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    for release in re.split(
        r"^## ", (root / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.M
    )[1:]:
        first, *changes = re.split(r"^### ", release, flags=re.M)
        assert "\n- " not in first
        assert {change.partition("\n")[0] for change in changes} <= kinds
        assert all("\n- " in change for change in changes)

"""The built pages show the numbers that the sources give, at each label and in each reference."""

import re

import pytest
from addresses import place
from conftest import ROOT, contents
from numbering import NAMES, numbers, read

SHOWN = re.compile(
    r'id="(?P<displaymath>equation-[\w-]+)">\s*<span class="eqno">(?P<equation>[^<]*)<'
    r'|id="(?P<figure>[\w-]+)">(?:(?!id=").)*?<figcaption>\s*<p><span class="caption-number">'
    r"(?P<caption>[^<]*)<"
    r'|class="exercise[^"]*" id="(?P<exercise>[\w-]+)">\s*<p class="admonition-title">'
    r'<span class="caption-number">(?P<title>[^<]*)<',
    flags=re.DOTALL,
)
REFERENCE = re.compile(
    r'href="[^"]*#((?:equation|fig|ex)-[\w-]+)"[^>]*>(?:<span class="std std-numref">)?'
    r"(\([^)<]*\)|Fig\. [^<]*|Exercise [\w.]+)(?: \([^<]*\))?<"
)


def given(page, path):
    """What the sources call each label of a page, as the pages name the label."""
    return {
        f"equation-{label}" if kind == "displaymath" else label: NAMES[kind].format(number)
        for kind, found in numbers(page, read(path)).items()
        for label, number in found.items()
    }


@pytest.fixture(scope="module")
def everywhere():
    """What the sources call each label of the book."""
    paths = [path for name in contents() for path in ROOT.glob(f"{name}.*")]
    found = {}
    for path in paths:
        if path.suffix in (".ipynb", ".md"):
            found |= given(path.relative_to(ROOT).with_suffix("").as_posix(), path)
    return found


def test_a_page_shows_at_every_label_the_number_that_its_notebook_gives(built, root, notebook):
    name = f"chapters/{notebook.stem}"
    text = (built / place(name)).read_text(encoding="utf-8")
    shown = {}
    for match in SHOWN.finditer(text):
        label, number = (part for part in match.groups() if part is not None)
        shown[label] = number.strip()
    assert shown == given(name, notebook)


def test_every_reference_on_a_page_reads_as_what_it_leads_to(built, notebook, everywhere):
    text = (built / place(f"chapters/{notebook.stem}")).read_text(encoding="utf-8")
    said = set(REFERENCE.findall(text))
    assert len({label for label, _ in said}) >= len(re.findall(r"eqno", text)) // 2
    assert {(label, number) for label, number in said if everywhere[label] != number} == set()

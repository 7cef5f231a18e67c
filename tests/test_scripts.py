"""The book's own scripts: small, linted, nothing from outside."""

import re
import subprocess
from pathlib import Path

import delivery
import pytest
from deno import find_deno_bin

from lim_lib import explorers
from lim_lib.fragments import page_part
from lim_lib.scenes import scene

ROOT = Path(__file__).parents[1]
OF_FRAGMENTS = [*sorted(scene.SCRIPTS.glob("*.js")), explorers.SCRIPT]
OF_PAGES = sorted((ROOT / "assets").glob("*.js"))
MOST_BYTES = 60_000


def delivered(path):
    """What a reader's browser gets of a script."""
    of_fragment = path in OF_FRAGMENTS
    return delivery.small(page_part(path) if of_fragment else path.read_text(encoding="utf-8"))


def test_all_scripts_together_are_small():
    sizes = {path.name: len(delivered(path).encode()) for path in (*OF_FRAGMENTS, *OF_PAGES)}
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_scripts_are_linted(tmp_path):
    done = subprocess.run(
        [find_deno_bin(), "lint", "--quiet", *OF_FRAGMENTS, *OF_PAGES],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env={"DENO_DIR": str(tmp_path), "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", [*OF_FRAGMENTS, *OF_PAGES], ids=lambda path: path.name)
def test_a_script_asks_no_other_computer(path):
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", re.sub(r"\s//.*", "", delivered(path)))
    assert [each for each in addresses if "www.w3.org" not in each] == []


@pytest.mark.parametrize("path", OF_FRAGMENTS, ids=lambda path: path.name)
def test_what_is_delivered_is_the_script_without_comments(path):
    source = path.read_text(encoding="utf-8")
    assert "`\n" not in re.sub(r"`[^`\n]*`", "", source), (
        "a text over several lines would lose blanks"
    )
    assert source.count("\n//") + source.startswith("//") >= 1, "no word on what it does"
    assert "</script" not in delivered(path).lower(), "it would end the element that holds it"


@pytest.mark.parametrize("path", [*OF_FRAGMENTS, *OF_PAGES], ids=lambda path: path.name)
def test_the_minifier_leaves_the_order_of_what_is_declared(path):
    """It would move a pattern up whose value begins with a parenthesis, before what that needs."""
    assert re.findall(r"(?:const|let) [\[{].*[\]}] = \(", path.read_text(encoding="utf-8")) == []

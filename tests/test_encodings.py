"""Texts are read and written in UTF-8 on every machine, whatever its own encoding is."""

import ast
import re
import subprocess
import sys

import pytest

FOLDERS = ("lim_lib", "_ext", "course", "tests", "benchmarks", ".ci", "chapters")
PROCESSES = {"run", "Popen", "check_output", "call", "check_call"}


def mode(call, place):
    """The mode with which a file is opened, if the call tells it."""
    given = [*call.args[place : place + 1], *(k.value for k in call.keywords if k.arg == "mode")]
    return given[0].value if given and isinstance(given[0], ast.Constant) else None


def is_text(call):
    """Whether a call reads or writes text, for whose encoding it may ask."""
    function = call.func
    name = getattr(function, "attr", getattr(function, "id", ""))
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if name in ("read_text", "write_text"):
        return isinstance(function, ast.Attribute)
    if name == "open" and isinstance(function, ast.Name):
        return "b" not in (mode(call, 1) or "r")
    if name == "open":
        kind = mode(call, 0)
        return not (call.args or given) or bool(re.fullmatch("[rwaxt+]+", str(kind)))
    if name in PROCESSES:
        return bool({"text", "universal_newlines"} & set(given))
    return name == "TextIOWrapper"


def without_encoding(source):
    """The lines of such calls that leave the encoding to the machine."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and is_text(node)
        and not any(keyword.arg == "encoding" for keyword in node.keywords)
    ]


def test_every_text_is_read_and_written_with_its_encoding(root):
    paths = [path for folder in FOLDERS for path in (root / folder).rglob("*.py")]
    assert len(paths) > 100
    faults = {
        str(path.relative_to(root)): lines
        for path in paths
        if (lines := without_encoding(path.read_text(encoding="utf-8")))
    }
    assert faults == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("path.read_text()", 1),
        ("path.read_text(encoding='utf-8')", 0),
        ("path.write_text(text)", 1),
        ("open(path)", 1),
        ("open(path, 'rb')", 0),
        ("open(path, 'w', encoding='utf-8')", 0),
        ("path.open()", 1),
        ("path.open('w')", 1),
        ("path.open('rb')", 0),
        ("Image.open(path)", 0),
        ("subprocess.run(command, text=True)", 1),
        ("subprocess.run(command, text=True, encoding='utf-8')", 0),
        ("subprocess.run(command)", 0),
    ],
)
def test_a_text_without_encoding_would_be_found(source, found):
    assert len(without_encoding(source)) == found


def test_the_course_reads_the_chapters_under_any_locale(root):
    """As on a machine whose own encoding is ASCII."""
    program = (
        "import sys; sys.path[:0] = ['course', '_ext']; import chapter_map;"
        "sys.stdout.buffer.write(chapter_map.chapter_map().encode('utf-8'))"
    )
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", program],
        cwd=root,
        env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=True,
    )
    assert "Chapter 1" in done.stdout.decode("utf-8")


def test_the_book_has_one_sign_for_micro(root):
    """The Greek letter, as `format_energy` writes it; the keyboard's sign only looks like it."""
    paths = [
        path for folder in ("lim_lib", "chapters", "course") for path in (root / folder).rglob("*")
    ]
    texts = [path for path in paths if path.suffix in (".py", ".md", ".ipynb", ".csv", ".yaml")]
    assert len(texts) > 100
    assert [path for path in texts if "\N{MICRO SIGN}" in path.read_text(encoding="utf-8")] == []

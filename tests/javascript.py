"""The scripts of the pages, run where a test can look at what they return."""

import json
import shutil
import subprocess
from pathlib import Path

SCENE = "document.querySelector('.lim-scene').lim"
"""The scene of a page that holds one."""

DOCUMENT = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A scene</title>
<meta name="viewport" content="width=device-width"></head><body>{}</body></html>"""
"""A file that holds a fragment and nothing else."""

SCRIPTS = Path(__file__).parents[1] / "lim_lib" / "scenes" / "js"
ANSWER = """JSON.stringify((data => { %s })(%s) ?? null, (key, value) =>
  typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value)"""


def node():
    """The program: that of the browsers' driver, or the computer's own."""
    try:
        from playwright._impl._driver import compute_driver_executable
    except ImportError:
        return shutil.which("node")
    return compute_driver_executable()[0]


def program(files, code, data):
    """The scripts, and an expression that gives JSON text at the end."""
    scripts = [(SCRIPTS / f"{name}.js").read_text(encoding="utf-8") for name in files]
    return "\n".join(scripts), ANSWER % (code, json.dumps(data))


def run(files, code, data=None):
    """What `code` returns, the body of a function of `data`, after the scripts named in `files`.

    >>> run(["numbers"], "return [lim.number(data), 1 / 0]", 99600)
    ['9.96 × 10⁴', inf]
    """
    scripts, answer = program(files, code, data)
    done = subprocess.run(
        [node(), "-"],
        input=f"{scripts}\nprocess.stdout.write({answer})",
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


def run_in(page, files, code, data=None):
    """The same in a page of a browser, by the scripts as they are delivered."""
    import delivery

    scripts, answer = program(files, code, data)
    page.evaluate(f"(0, eval)({json.dumps(delivery.small(scripts))})")
    return read(page.evaluate(answer))


def read(text):
    """JSON text with the numbers that JSON does not know."""
    return json.loads(text, object_hook=_number)


def _number(found):
    return float(found["number"]) if found.keys() == {"number"} else found


def planted(folder, names, old, new):
    """Copies of scripts in which the last has an error in place of the one text that is right."""
    for name in names:
        source = (SCRIPTS / f"{name}.js").read_text(encoding="utf-8")
        if name == names[-1]:
            assert source.count(old) == 1
            source = source.replace(old, new)
        (folder / f"{name}.js").write_text(source, encoding="utf-8")
    return folder

"""Scripts on their way to the reader: once for all pages, and small.

A fragment that a reader moves (see `lim_lib.scenes` and `lim_lib.explorers`) brings its scripts and
its style along, so that it works wherever it stands. In the book they lie beside the pages, and
each page asks for those that its fragments name. Where the minifier is installed, all scripts of
the book lose what only their authors need.
"""

import re
from pathlib import Path

from lim_lib import explorers
from lim_lib.figures.tones import variables
from lim_lib.fragments import page_part
from lim_lib.scenes import scene

try:
    import minify
except ImportError:  # it has no files for some computers
    minify = None

FOLDER = "scenes"
SCRIPTS = re.compile(r'<script data-scripts="([\w ]+)">.*?</script>', re.S)
STYLE = re.compile(r'<style class="lim-style">.*?</style>', re.S)

COLOURS = f"""\
html[data-theme="light"] {{{variables()}}}
html[data-theme="dark"] {{{variables(dark=True)}}}
@media print {{html[data-theme] {{{variables()}}}}}
"""
CONSTANT = re.compile(r"^(\s*|.*?\bfor (?:await )?\()const ", re.M)


def small(script):
    """Return a script as it is delivered: declared by one short word, names may stand together.

    What ``"use strict"`` forbids has been refused by the linter and the tests of the source.
    """
    script = CONSTANT.sub(r"\1let ", script.replace('"use strict";\n', ""))
    return minify.string("application/javascript", script) if minify else script


def write(folder):
    """Write the scripts and the style of fragments into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*scene.SCRIPTS.glob("*.js"), explorers.SCRIPT):
        (folder / path.name).write_text(small(page_part(path)), encoding="utf-8")
    sheets = tuple(sorted(path.stem for path in scene.SCRIPTS.glob("*.css")))
    style = scene.style(sheets) + page_part(explorers.STYLE)
    (folder / "scenes.css").write_text(style, encoding="utf-8")


def deliver(app):
    """Write them beside the pages, and the colours that all pictures wear."""
    if app.builder.format == "html":
        static = Path(app.outdir, "_static")
        write(static / FOLDER)
        (static / "tones.css").write_text(COLOURS, encoding="utf-8")


def lighter(body):
    """Return a page without what its fragments bring along, and the scripts that they name."""
    named = dict.fromkeys(name for each in SCRIPTS.findall(body) for name in each.split())
    return STYLE.sub("", SCRIPTS.sub("", body)), list(named)


def refer(app, pagename, templatename, context, doctree):
    """Have a page ask for what its fragments name, in place of what they bring along."""
    body, named = lighter(context.get("body", ""))
    for name in named:
        app.add_js_file(f"{FOLDER}/{name}.js")
    if named:
        app.add_css_file(f"{FOLDER}/scenes.css")
        context["body"] = body


def shorten(app, error):
    """Make the pages' other scripts small as well."""
    if error or app.builder.format != "html":
        return
    for path in Path(app.srcdir, "assets").glob("*.js"):
        written = Path(app.outdir, "_static", path.name)
        written.write_text(small(path.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.add_css_file("tones.css")
    app.connect("builder-inited", deliver)
    app.connect("html-page-context", refer)
    app.connect("build-finished", shorten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

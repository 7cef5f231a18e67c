"""What the book asks of Sphinx beyond its settings in ``_config.yml``.

- Pages are written side by side, and what each asks of a package anew is asked once.
- MathJax comes from an installed package: the pages ask no other computer for anything.
- The bibliography labels works as the text cites them and says which details were not checked.
"""

import importlib.util
import os
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path

from pybtex import plugin
from pybtex.richtext import Text
from pybtex.style.formatting.plain import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle
from pybtex.style.sorting import BaseSortingStyle
from sphinx.util.fileutil import copy_asset

# The parts of MathJax that the settings in _config.yml load.
MATHJAX_PARTS = (
    "startup.js",
    "core.js",
    "input/tex.js",
    "input/tex",
    "output/chtml.js",
    "output/chtml",
    "a11y/assistive-mml.js",
)


def write_side_by_side(app, env):
    """Have the pages written on all cores; this process reads for the others."""
    app.parallel = 1 + os.cpu_count()


def copy_mathjax(app, error):
    """Put the parts of MathJax that are used beside the pages."""
    if error or app.builder.format != "html":
        return
    package = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    for part in MATHJAX_PARTS:
        source = package / "static" / "mathjax" / part
        target = Path(app.outdir, "_static", "mathjax", part)
        target.parent.mkdir(parents=True, exist_ok=True)
        copy_asset(source, target.parent if source.is_file() else target)


def label(entry):
    """Return "One", "One and Two", "One et al." or, without authors, a title; with the year."""
    names = [
        str(Text.from_latex(" ".join(person.prelast_names + person.last_names)))
        for person in entry.persons.get("author", [])
    ]
    if not names:
        who = " ".join(entry.fields["title"].split()[:2]) + " …"
    elif len(names) > 2 or names[-1] == "others":
        who = f"{names[0]} et al."
    else:
        who = " and ".join(names)
    return f"{who}, {entry.fields['year']}"


class Labels(BaseLabelStyle):
    """Label works by authors and year; those that would share a label get a letter."""

    def format_labels(self, entries):
        """Yield the label of each entry, in order."""
        labels = [label(entry) for entry in entries]
        total, seen = Counter(labels), Counter()
        for name in labels:
            yield name + (chr(ord("a") + seen[name]) if total[name] > 1 else "")
            seen[name] += 1


class ByLabel(BaseSortingStyle):
    """Sort works by their labels, accents apart."""

    def sorting_key(self, entry):
        """Return what the entry is sorted by."""
        plain = unicodedata.normalize("NFKD", label(entry)).encode("ascii", "ignore")
        return plain.lower(), entry.key


class BookStyle(PlainStyle):
    """The plain style, with labels as in the text and a word on what was not checked."""

    default_label_style = Labels
    default_sorting_style = ByLabel

    def format_entry(self, name, entry, bib_data=None):
        """Format one work; ``recalled`` among its keywords: not compared with its source."""
        formatted = super().format_entry(name, entry, bib_data)
        if "recalled" in entry.fields.get("keywords", "").split(", "):
            formatted.text = Text(formatted.text, " (details not checked)")
        return formatted


def setup(app):
    """Register the book's extension."""
    plugin.register_plugin("pybtex.style.formatting", "book", BookStyle)
    # for each citation all installed packages are looked at again
    plugin._load_entry_point = cache(plugin._load_entry_point)
    app.connect("env-updated", write_side_by_side)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""What the book asks of Sphinx beyond its settings in ``_config.yml``.

- Kernels started by the build know that their outputs go to a page (``LIM_LIB_FACE``).
- Executed notebooks are kept per state of the library, so that no figure outlives the code that
  drew it; those that are missing run side by side before Sphinx asks for them one by one.
- MathJax comes from an installed package: the pages ask no other computer for anything.
- The bibliography labels works as the text cites them and says which details were not checked.
"""

import hashlib
import importlib.util
import os
import shutil
import unicodedata
from collections import Counter
from pathlib import Path

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from pybtex.plugin import register_plugin
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
# Scripts and styles of fragments are no part of it: `delivery` puts today's in their place.
KEYED_ON = ("lim_lib/**/*.py", "lim_lib/data/**/*", "requirements.txt")


def key_the_cache(app, config):
    """Keep executed notebooks under a key made of all that decides their outputs but themselves."""
    root = Path(app.srcdir)
    digest = hashlib.sha256()
    for path in sorted({path for pattern in KEYED_ON for path in root.glob(pattern)}):
        if path.is_file():
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    key = digest.hexdigest()[:12]
    caches = Path(app.outdir).parent / ".jupyter_cache"
    for old in caches.glob("*"):
        if old.name != key:
            shutil.rmtree(old, ignore_errors=True)
    config.nb_execution_cache_path = str(caches / key)


def run_side_by_side(app, env, docnames):
    """Fill the cache with the notebooks to be read that it lacks, on all cores.

    One that fails here runs again alone when Sphinx reads it, and is reported there.
    """
    cache = get_cache(app.config.nb_execution_cache_path)
    missing = []
    for path in (Path(env.doc2path(name)) for name in docnames):
        if path.suffix == ".ipynb":
            record = cache.add_nb_to_project(str(path))
            if cache.get_cached_project_nb(record.pk) is None:
                missing.append(record.uri)
    if len(missing) > 1:
        executor = load_executor("local-parallel", cache)
        executor.logger.setLevel("CRITICAL")
        executor.run_and_cache(filter_uris=missing, timeout=app.config.nb_execution_timeout)


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
    os.environ["LIM_LIB_FACE"] = "page"
    register_plugin("pybtex.style.formatting", "book", BookStyle)
    app.connect("config-inited", key_the_cache)
    app.connect("env-before-read-docs", run_side_by_side)
    app.connect("build-finished", copy_mathjax)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

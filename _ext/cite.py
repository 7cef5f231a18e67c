"""How to cite a page: from ``CITATION.cff``, with the day of the sources that it was built from."""

import subprocess
from datetime import date
from pathlib import Path

import yaml
from addresses import whole
from docutils import nodes
from place import FRONT

BIBTEX = """\
@misc{{{key},
  author = {{{{{authors}}}}},
  title  = {{{title}}},
  year   = {{{year}}},
  note   = {{{note}}},{address}
}}"""


def day_of_the_sources(root, released):
    """Return the day of the newest commit, or without a history that of the release."""
    command = ["git", "-C", root, "log", "-1", "--format=%cs", "--", "."]
    try:
        told = subprocess.run(
            command, capture_output=True, text=True, check=True, encoding="utf-8"
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        told = ""
    return date.fromisoformat(told or str(released))


def read_the_citation(app, config):
    """Note what is cited; pages are written again when it changes."""
    record = yaml.safe_load(Path(app.srcdir, "CITATION.cff").read_text(encoding="utf-8"))
    day = day_of_the_sources(app.srcdir, record["date-released"])
    config.cited = {
        "authors": ", ".join(author["name"] for author in record["authors"]),
        "title": record["title"],
        "version": record["version"],
        "year": day.year,
        "day": f"{day.day} {day:%B %Y}",
    }


def cite(app, pagename, templatename, context, doctree):
    """Give the page its citation, in words and for BibTeX."""
    book, address = app.config.cited, whole(app, pagename) or ""
    heading = doctree.next_node(nodes.title).astext() if doctree else book["title"]
    page = "" if pagename == FRONT or not doctree else f"“{heading}”, in "
    version = f"version {book['version']} of {book['day']}"
    context["cited"] = {
        **book,
        "text": f"{book['authors']} ({book['year']}). {page}{book['title']}, {version}."
        + (f" {address}" if address else ""),
        "bibtex": BIBTEX.format(
            **book,
            key=book["title"].lower().replace(" ", "-"),
            note=f"{page.replace('“', '``').replace('”', chr(39) * 2)}{version}",
            address=f"\n  url    = {{{address}}}," if address else "",
        ),
    }


def setup(app):
    """Register the extension."""
    app.add_config_value("cited", {}, "html", dict)
    app.connect("config-inited", read_the_citation)
    app.connect("html-page-context", cite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

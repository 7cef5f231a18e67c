"""Where the pages stand, and how they are found from outside.

The front page is the root, ``index.html``; the place where it once stood leads there. A sitemap
needs whole addresses, and so it is written where ``BOOK_URL`` says where the book will be.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from place import FRONT, place
from sphinx.builders.html import StandaloneHTMLBuilder

MOVED = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<meta http-equiv="refresh" content="0; url={to}">
<link rel="canonical" href="{to}">
<p>The front page now stands at <a href="{to}">{to}</a>.</p>
"""


class Builder(StandaloneHTMLBuilder):
    """Writes the front page at the root, and leaves the search to ``finding``."""

    search = False

    def get_outfilename(self, pagename):
        """Return the file of a page."""
        return super().get_outfilename(place(pagename).removesuffix(".html"))

    def get_target_uri(self, docname, typ=None):
        """Return the address of a page, from the root."""
        return super().get_target_uri(place(docname).removesuffix(".html"), typ)


def know_the_address(app, config):
    """Take from ``BOOK_URL`` where the book will be published, when that is known."""
    base = os.environ.get("BOOK_URL", "")
    config.html_baseurl = base.rstrip("/") + "/" if base else ""


def whole(app, pagename):
    """Return the whole address of a page, or nothing where the book's is not known."""
    base = app.config.html_baseurl
    address = app.builder.get_target_uri(pagename)
    return base and base + ("" if address == "index.html" else address)


def fix_the_root(app, pagename, templatename, context, doctree):
    """Give the page that stands for a missing one, at any depth, a root to count from."""
    context["pageurl"] = whole(app, pagename) if pagename in app.env.all_docs else None
    if pagename == "404":
        root = urlsplit(app.config.html_baseurl).path or "/"
        context["metatags"] = f'\n<base href="{root}">'


def write_signposts(app, error):
    """Write what leads to the pages: from the front page's old place, and for search engines."""
    if error or app.builder.name != "html":
        return
    built = Path(app.outdir)
    moved = built / f"{FRONT}.html"
    to = os.path.relpath(built / "index.html", moved.parent)
    moved.write_text(MOVED.format(to=to, title=app.config.html_title), encoding="utf-8")
    robots, base = "User-agent: *\nAllow: /\n", app.config.html_baseurl
    if base:
        places = "".join(
            f"<url><loc>{whole(app, name)}</loc></url>\n" for name in sorted(app.env.all_docs)
        )
        (built / "sitemap.xml").write_text(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n',
            encoding="utf-8",
        )
        robots += f"Sitemap: {base}sitemap.xml\n"
    for unused in ("searchtools.js", "language_data.js"):
        (built / "_static" / unused).unlink(missing_ok=True)
    (built / "robots.txt").write_text(robots, encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.add_builder(Builder, override=True)
    app.connect("config-inited", know_the_address)
    app.connect("html-page-context", fix_the_root)
    app.connect("build-finished", write_signposts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

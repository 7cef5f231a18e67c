"""What the written pages say, gathered for their scripts: the search and the cards of links.

Each is a script of its own, which a page asks for when it is needed: a page that is read from its
file cannot fetch. ``assets/search.js`` and ``assets/cards.js`` use them.
"""

import json
from pathlib import Path

from cards import cards
from finding import index
from reading import pages


def is_fresh(app, place):
    """Whether what is gathered is newer than each page and than this extension."""
    pages = [Path(app.builder.get_outfilename(name)) for name in app.env.all_docs]
    sources = [*pages, *Path(__file__).parent.glob("*.py")]
    return place.exists() and place.stat().st_mtime > max(path.stat().st_mtime for path in sources)


def gather(app, error):
    """Write the data beside the pages, if any of them was written."""
    if error or app.builder.name != "html" or is_fresh(app, Path(app.outdir, "_static", "told.js")):
        return
    written = list(pages(app))
    for name, thing in (("found", index(written)), ("told", cards(written))):
        data = json.dumps(thing, ensure_ascii=False, separators=(",", ":"))
        place = Path(app.outdir, "_static", f"{name}.js")
        place.write_text(f"(globalThis.lim ??= {{}}).{name} = {data};\n", encoding="utf-8")


def setup(app):
    """Register the extension."""
    app.connect("build-finished", gather)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

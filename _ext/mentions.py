"""The first use of each term and symbol in a chapter leads to its entry.

Terms are those of the glossary, symbols those in the tables of the page on notation, whose rows
become places to lead to.
"""

import re
from functools import cache

from docutils import nodes
from plain import plain, words
from sphinx.transforms.post_transforms import SphinxPostTransform

NOTATION = "chapters/notation"
# Pages of reference, which say what things mean themselves.
APART = {"bibliography", "errata", "glossary", "index", "ladder", "notation"}
# What the chapters also say in the everyday sense.
EVERYDAY = {"drive", "drives", "scale", "scales", "task", "tasks", "works"}
SYMBOL = "symbol-"


def rows(document):
    """Yield the rows of the tables of symbols, with the symbols that each explains."""
    for row in document.findall(nodes.row):
        symbols = [plain(formula.astext()) for formula in row[0].findall(nodes.math)]
        heads = row.parent.parent.next_node(nodes.thead)
        if symbols and heads and heads.astext().startswith("symbol"):
            yield row, [SYMBOL + symbol.replace(" ", "") for symbol in symbols]


@cache
def symbols(env):
    """Return what each symbol means, by its place."""
    if NOTATION not in env.all_docs:
        return {}
    found = rows(env.get_doctree(NOTATION))
    return {name: words(row[1]) for row, names in reversed(list(found)) for name in names}


@cache
def terms(env):
    """Return where the glossary has each term, by the term in small letters."""
    found = {}
    for (kind, name), place in env.domaindata["std"]["objects"].items():
        if kind == "term":
            parts = [part for part in name.split(", ") if "-" in part]
            found |= dict.fromkeys([name.lower(), *map(str.lower, parts)], place)
    return found


@cache
def any_term(env):
    """Return a pattern for all terms, the longest first, alone or as several."""
    names = sorted(terms(env), key=len, reverse=True)
    return re.compile(rf"\b({'|'.join(map(re.escape, names))})s?\b", re.I) if names else None


class Mentions(SphinxPostTransform):
    """Makes links of the first uses on a page."""

    default_priority = 900
    formats = ("html",)

    def run(self, **kwargs):
        """Go through the text of the page, paragraph by paragraph."""
        folder, _, page = self.env.docname.partition("/")
        if self.env.docname == NOTATION:
            for row, names in rows(self.document):
                row["ids"] += [name for name in names if name not in self.document.ids]
                self.document.ids |= dict.fromkeys(names, row)
        if folder != "chapters" or page in APART:
            return
        self.seen = set()
        for paragraph in self.document.findall(nodes.paragraph):
            if isinstance(paragraph.parent, nodes.section):
                for text in list(paragraph.findall(self._is_free)):
                    text.parent.replace(text, self._linked(text))

    def _is_free(self, node):
        kept = (nodes.reference, nodes.literal, nodes.math)
        alone = not isinstance(node.parent, kept) and not isinstance(
            node.parent.parent, nodes.reference
        )
        return isinstance(node, nodes.Text | nodes.math) and alone

    def _link(self, kind, page, place, shown, name=""):
        address = self.app.builder.get_relative_uri(self.env.docname, page)
        place = f"{address}#{place}"
        told = {"reftitle": name} if name else {}
        return nodes.reference("", "", shown, internal=True, refuri=place, classes=[kind], **told)

    def _linked(self, node):
        """Return what stands for a text or a symbol: itself, with links in it."""
        if isinstance(node, nodes.math):
            place = SYMBOL + plain(node.astext()).replace(" ", "")
            if place not in symbols(self.env) or place in self.seen:
                return [node]
            self.seen.add(place)
            name = f"{plain(node.astext())}: {symbols(self.env)[place]}"
            return [self._link("lim-symbol", NOTATION, place, node.deepcopy(), name)]
        text, parts, last = node.astext(), [], 0
        pattern = any_term(self.env)
        for found in pattern.finditer(text) if pattern else ():
            page, place = terms(self.env)[found[1].lower()]
            if place not in self.seen and found[0].lower() not in EVERYDAY:
                self.seen.add(place)
                link = self._link("lim-term", page, place, nodes.Text(found[0]))
                parts += [nodes.Text(text[last : found.start()]), link]
                last = found.end()
        return [*parts, nodes.Text(text[last:])]


def setup(app):
    """Register the extension."""
    app.add_post_transform(Mentions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""The library in the book: one page per module, read off its docstrings and records.

- ``.. library:: module`` documents all public names of a module, first in a table;
  ``.. catalogue:: module`` only lists them.
- Each entry says which chapter derives or first uses it; formulas are typeset, and rungs of the
  ladder name their kind and their sources.
- Names of the library in a chapter's code link back to the entries.
"""

import ast
import re
from functools import cache
from importlib import import_module
from inspect import getdoc, isclass, ismodule, isroutine
from pathlib import Path
from pkgutil import iter_modules
from textwrap import indent

import nbformat
import sympy
from broken import in_rows
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.ext.autodoc import FunctionDocumenter
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode, nested_parse_with_titles

import lim_lib
from lim_lib.bounds import LADDER, Bound
from lim_lib.formula import Formula, StableFunction
from lim_lib.symbols import QUANTITIES

SECTION = re.compile(r"^(Parameters|Returns|Raises|Yields|Warns|Notes|Examples|>>> )")
# The theme lets the keyboard reach what scrolls under this name.
SCROLLS = "pst-scrollable-table-container"
CHAPTERS = "chapters/[0-9][0-9]-*.ipynb"
# Code as Pygments writes it: a cell, a dotted name that is no keyword argument, and its parts.
CODE = re.compile(r'<div class="highlight-i?python3? .*?</pre>', re.S)
DOT = r'<span class="o">\.</span>'
DOTTED = re.compile(
    rf'(?<!{DOT})<span class="n">\w+</span>(?:{DOT}<span class="n">\w+</span>)*'
    r'(?!</span>|<span class="o">=</span>)'
)
NAME = re.compile(r">(\w+)<")


@cache
def constants(module):
    """Return the texts that stand after assignments in a module or its rooms, by name."""
    loaded = import_module(module)
    rooms = [f"{module}.{room.name}" for room in iter_modules(getattr(loaded, "__path__", ()))]
    texts = {}
    for room in (*rooms, module):
        found = ModuleAnalyzer.for_module(room).find_attr_docs()
        texts |= {name: "\n".join(lines) for (scope, name), lines in found.items() if not scope}
    return texts


def is_part(thing):
    """Say whether an object is none that a reader uses: a room, or a part of an expression."""
    return ismodule(thing) or StableFunction in getattr(thing, "__bases__", ())


def public(module):
    """Return the public names of a module as they are defined, the ladder first."""
    loaded = import_module(module)
    homes = {module, *(f"{module}.{room}" for room in ("record", "limits", "programme"))}
    names = getattr(loaded, "__all__", None) or [
        name
        for name, thing in vars(loaded).items()
        if (isinstance(thing, Formula) and thing.__module__.startswith(f"{module}."))
        or name in constants(module)
        or getattr(thing, "__module__", None) in homes
    ]
    things = {name: getattr(loaded, name) for name in names if not name.startswith("_")}
    rungs = [bound.key for bound in LADDER if bound.key in things]
    return {name: things[name] for name in (*rungs, *things) if not is_part(things[name])}


def is_function(thing):
    """Say whether an object is documented as a function."""
    return isroutine(thing) or isinstance(thing, Formula)


def summary(text):
    """Return the first sentence of a docstring."""
    first = " ".join((text or "").partition("\n\n")[0].split())
    return re.split(r"(?<=[.])\s", first)[0]


def imported(tree):
    """Return what each name that code imports from the library stands for."""
    known = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            known |= {(a.asname or a.name): a.name for a in node.names if a.name == "lim_lib"}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lim_lib"):
            known |= {(a.asname or a.name): f"{node.module}.{a.name}" for a in node.names}
    return known


def names_in(tree, known):
    """Yield the dotted names of the library that code uses."""
    for node in ast.walk(tree):
        parts = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Name) and node.id in known:
            yield ".".join([known[node.id], *reversed(parts)])


@cache
def find(path):
    """Return the object of a dotted name, or None."""
    thing = import_module("lim_lib")
    for part in path.split(".")[1:]:
        thing = getattr(thing, part, None)
    return thing


@cache
def code_of(path):
    """Return the syntax trees of a notebook's code cells."""
    cells = nbformat.read(path, as_version=4).cells
    sources = (cell.source for cell in cells if cell.cell_type == "code")
    return [ast.parse(re.sub(r"^\s*[%!].*", "", source, flags=re.M)) for source in sources]


@cache
def first_uses(root):
    """Return, for each function and class that the chapters use, the first chapter that does."""
    found = {}
    for path in sorted(root.glob(CHAPTERS)):
        known = {}
        for tree in code_of(path):
            known |= imported(tree)
            for name in names_in(tree, known):
                thing = find(name)
                if isclass(thing) or is_function(thing):
                    found.setdefault(id(thing), path.stem)
    return found


def place(thing, root):
    """Return words and a link to the chapter that derives or first uses an object, or nothing."""
    if isinstance(thing, Bound):
        return f"derived in :doc:`/chapters/{thing.chapter}`"
    chapter = first_uses(root).get(id(thing))
    return f"first used in :doc:`/chapters/{chapter}`" if chapter else ""


def note(thing, root):
    """Return the line under an entry's statement: its kind, chapter and sources."""
    parts = [place(thing, root)]
    if isinstance(thing, Bound):
        parts[0] = f"A {thing.kind}, {parts[0]}"
        works = [
            f":cite:t:`{source.key}`" + (f" {source.equation}" if source.equation else "")
            for source in thing.sources
        ]
        if works:
            parts.append("after " + ", ".join(works))
    line = "; ".join(filter(None, parts))
    return f"{line[0].upper()}{line[1:]}." if line else ""


def enrich(app, what, name, thing, options, lines):
    """Put the formula, and where it is derived, under the statement in a docstring."""
    added = []
    if isinstance(thing, Formula):
        added += [f".. container:: {SCROLLS}", "", f"   .. math:: {in_rows(thing.latex())}", ""]
    if line := note(thing, Path(app.srcdir)) if isclass(thing) or is_function(thing) else "":
        added += [line, ""]
    at = next((i for i, text in enumerate(lines) if SECTION.match(text)), len(lines))
    lines[at:at] = ["", *added] if added else []


class FormulaDocumenter(FunctionDocumenter):
    """Documents formulas and rungs, which are records, as functions."""

    objtype = "formula"
    directivetype = "function"
    priority = FunctionDocumenter.priority + 20

    @classmethod
    def can_document_member(cls, member, membername, isattr, parent):
        """Say whether an object is a formula."""
        return isinstance(member, Formula)


class Library(SphinxDirective):
    """Documents all public names of a module, first in a table."""

    required_arguments = 1

    def run(self):
        """Return the page's content."""
        (module,) = self.arguments
        self._note(import_module(module))
        things = {n: thing for n, thing in public(module).items() if n not in QUANTITIES}
        rows = [(f":py:obj:`~{module}.{n}`", summary(self._text(n, t))) for n, t in things.items()]
        lines = [f".. automodule:: {module}", "   :no-members:", "", *table((), rows)]
        for name, thing in things.items():
            lines += ["", *self._entry(name, thing)]
        return self._parsed(lines)

    def _note(self, loaded):
        """Have the page read again when the module, a chapter or this file changes."""
        for path in (__file__, loaded.__file__, *Path(self.env.srcdir).glob(CHAPTERS)):
            self.env.note_dependency(str(path))

    def _text(self, name, thing):
        documented = isclass(thing) or is_function(thing)
        return getdoc(thing) if documented else constants(self.arguments[0]).get(name)

    def _entry(self, name, thing):
        path = f"{self.arguments[0]}.{name}"
        if isclass(thing):
            return [f".. autoclass:: {path}", "   :members:", "   :exclude-members: set"]
        if is_function(thing):
            kind = "formula" if isinstance(thing, Formula) else "function"
            return [f".. auto{kind}:: {path}"]
        return [f".. py:data:: {name}", "", indent(self._text(name, thing) or "", "   ")]

    def _parsed(self, lines):
        holder = nodes.section()
        holder.document = self.state.document
        text = StringList("\n".join(lines).split("\n"), source=f"api of {self.arguments[0]}")
        nested_parse_with_titles(self.state, text, holder)
        return holder.children


class Catalogue(Library):
    """Lists the public functions of a module: what each does, and the chapter that uses it."""

    def run(self):
        """Return the page's content."""
        (module,) = self.arguments
        loaded, rows = import_module(module), []
        for name in dir(loaded):
            thing = getattr(loaded, name)
            if is_function(thing) and "canvas" not in thing.__module__:
                self._note(import_module(thing.__module__))
                chapter = first_uses(Path(self.env.srcdir)).get(id(thing))
                where = f":doc:`/chapters/{chapter}`" if chapter else ""
                rows.append((f".. py:function:: {name}()\n", summary(getdoc(thing)), where))
        lines = [f".. automodule:: {module}", "   :no-members:", ""]
        return self._parsed([*lines, *table(("figure", "what it shows", "first in"), rows)])


class Pages(Library):
    """Lists the modules with their pages."""

    required_arguments = 0

    def run(self):
        """Return the page's content."""
        self.arguments = ["lim_lib"]
        self._note(lim_lib)
        rows = [
            (f":doc:`{name} </api/{name}>`", summary(getattr(lim_lib, name).__doc__))
            for name in lim_lib.MODULES
        ]
        return self._parsed(table((), rows))


class Quantities(Library):
    """Lists the symbols, each a target for the links from the chapters."""

    def run(self):
        """Return the page's content."""
        (module,) = self.arguments
        rows = [
            (
                f".. py:data:: {name}\n",
                f":math:`{sympy.latex(row.symbol)}`",
                re.sub(r"\$(.*?)\$", r":math:`\1`", row.meaning),
            )
            for name, row in QUANTITIES.items()
        ]
        heads = ("name", "symbol", "meaning")
        return self._parsed([f".. currentmodule:: {module}", "", *table(heads, rows)])


def table(heads, rows):
    """Return a table in reStructuredText."""
    widths = {2: "35 65", 3: "36 46 18"}[len(rows[0])]
    lines = [".. list-table::", f"   :widths: {widths}", f"   :header-rows: {bool(heads):d}"]
    lines += ["   :class: lim-names", ""]
    for row in (heads, *rows) if heads else rows:
        for number, cell in enumerate(row):
            mark = "     - " if number else "   * - "
            lines.append(mark + indent(cell, " " * 7).lstrip())
    return [*lines, ""]


def entries(env):
    """Return the documented name of each function and class, by its identity."""
    named = {id(find(name)): name for name in env.domaindata["py"]["objects"]}
    return {identity: name for identity, name in named.items() if identity != id(None)}


def resolve(app, env, node, contnode):
    """Link a name to where its object is documented; types of arguments stay words."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py":
        return None
    if not target.startswith("lim_lib."):
        return contnode
    thing = find(target)
    name = entries(env).get(id(thing))
    if name is None:
        return None if thing is None else contnode
    entry = env.domaindata["py"]["objects"][name]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode)


def meant(trees):
    """Return what each name in a notebook stands for, if it stands for one thing in all of it."""
    known, assigned = {}, set()
    for tree in trees:
        known |= imported(tree)
        assigned |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
    return {name: path for name, path in known.items() if name not in assigned}


def link_code(app, pagename, templatename, context, doctree):
    """Link the library's names in a notebook's code to their entries."""
    source = app.env.doc2path(pagename) if pagename in app.env.all_docs else ""
    if not source.endswith(".ipynb"):
        return
    known, named = meant(code_of(Path(source))), entries(app.env)
    objects = app.env.domaindata["py"]["objects"]

    def linked(match):
        first, *rest = NAME.findall(match[0])
        path = ".".join([known.get(first, ""), *rest])
        name = path if path in objects else named.get(id(find(path)) if first in known else None)
        if name is None:
            return match[0]
        entry = objects[name]
        target = app.builder.get_relative_uri(pagename, entry.docname)
        return f'<a class="lim-api" href="{target}#{entry.node_id}">{match[0]}</a>'

    context["body"] = CODE.sub(lambda block: DOTTED.sub(linked, block[0]), context["body"])


def setup(app):
    """Register the extension."""
    for extension in ("autodoc", "autosummary", "napoleon"):
        app.setup_extension(f"sphinx.ext.{extension}")
    app.add_autodocumenter(FormulaDocumenter)
    app.add_directive("library", Library)
    app.add_directive("catalogue", Catalogue)
    app.add_directive("pages", Pages)
    app.add_directive("quantities", Quantities)
    app.connect("autodoc-process-docstring", enrich, priority=400)
    app.connect("missing-reference", resolve)
    app.connect("html-page-context", link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

"""Which code of a page folds, and which of its steps: said by rules, chosen by the reader.

- Code that prepares or draws folds to one line: cells that mostly import, cells that only make what
  later ones use, and cells that show a picture, which then stands before its code. Code that
  derives, asserts or tells a result stays open.
- In the *story*, what stands between a statement and its result folds as well: a run of cells that
  derive, with the single sentences between them; and sections that can be skipped (◇).

A script keeps what the reader chose (``assets/reading.js``) and a style folds
(``assets/reading.css``); without a script, or on paper, all is open.
"""

import ast

from docutils import nodes

SKIPPED = "◇"
SWITCH = """\
<form class="lim-reading" aria-label="How much of the page is open">
{}</form>
"""
CHOICES = {
    "reading": {"story": "story", "derivation": "derivation"},
    "code": {"derivations": "derivations", "all": "all", "none": "none"},
}


def switch():
    """Return the form in which a reader chooses how much of a page is open."""
    rows = ""
    for name, choices in CHOICES.items():
        radio = '<label><input type="radio" name="{}" value="{}">{}</label>'
        inputs = "".join(radio.format(name, *choice) for choice in choices.items())
        rows += f"<fieldset><legend>{name.capitalize()}</legend>{inputs}</fieldset>\n"
    return raw(SWITCH.format(rows))


def raw(html):
    """Return a node of HTML."""
    return nodes.raw("", html, format="html")


def shows(what):
    """Return the button that opens what stands beside it."""
    return raw(f'<button type="button" class="lim-show" aria-expanded="false">{what}</button>')


def is_code(node):
    """Whether a node is a cell of a notebook whose code is on the page."""
    return "cell_input" in {name for child in node.children for name in classes(child)}


def classes(node):
    """Return the classes of a node, none if it is text."""
    return node.get("classes", []) if isinstance(node, nodes.Element) else []


def has_picture(cell):
    """Whether a cell shows a picture, an explorer or a scene."""
    return any(
        isinstance(node, nodes.image) or (isinstance(node, nodes.raw) and "lim-" in node.astext())
        for node in cell.findall(lambda node: isinstance(node, nodes.image | nodes.raw))
    )


def statements(source):
    """Return the statements of some code, none if it is not all Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def mostly_imports(source):
    """Whether at least half of the lines of code import, and what follows shows nothing."""
    body = statements(source)
    imports = [each for each in body if isinstance(each, ast.Import | ast.ImportFrom)]
    lines = sum(each.end_lineno - each.lineno + 1 for each in imports)
    written = sum(bool(line.strip()) for line in source.splitlines())
    return bool(imports) and 2 * lines >= written and not isinstance(body[-1], ast.Expr)


def prepares(source):
    """Whether code shows nothing, asserts nothing and derives nothing: later cells use it."""
    body = statements(source)
    parts = [part for each in body for part in ast.walk(each)]
    derives = any(isinstance(part, ast.Name) and part.id == "sp" for part in parts)
    asserts = any(isinstance(part, ast.Assert) for part in parts)
    return bool(body) and not (derives or asserts or isinstance(body[-1], ast.Expr))


def fold_cell(cell):
    """Mark a cell, give it the button that opens its code, and put its picture first."""
    code = next(child for child in cell.children if "cell_input" in classes(child))
    source = code.astext()
    shown = has_picture(cell)
    imports = mostly_imports(source)
    cell["classes"].append("lim-code")
    if shown or imports or (len(cell) == 1 and prepares(source)):
        cell["classes"].append("lim-plumbing")
    if shown:
        cell["classes"].append("lim-picture")
        cell.remove(code)
        cell.append(code)
    cell.insert(cell.index(code), shows("imports" if imports else "code"))


def derives(node):
    """Whether a node is code that is no mere preparation."""
    return "lim-code" in classes(node) and "lim-plumbing" not in classes(node)


def is_step(node):
    """Whether a node is a cell that shows no picture."""
    return "lim-code" in classes(node) and "lim-picture" not in classes(node)


def is_bridge(node):
    """Whether a node only leads from one step to the next: at most a sentence, and no question."""
    words = node.astext()  # each sentence stands on a line of its own
    stressed = any(True for _ in node.findall(nodes.strong))
    return isinstance(node, nodes.paragraph) and not (stressed or "\n" in words or "?" in words)


def runs(children):
    """Yield each run of steps among children, with the bridges between them."""
    run, bridges = [], []
    for child in [*children, None]:
        if child is not None and is_step(child):
            run, bridges = [*run, *bridges, child], []
        elif child is not None and run and is_bridge(child):
            bridges.append(child)
        else:
            if run:
                yield run
            run, bridges = [], []


def named(run):
    """Return what a run of steps is called."""
    steps = sum(map(derives, run))
    return f"derivation, {steps} step{'s' if steps > 1 else ''}" if steps else "preparation"


def gather(children, what):
    """Put neighbours among the children of a node into one box that folds."""
    parent = children[0].parent
    box = nodes.container(classes=["lim-steps"])
    parent.insert(parent.index(children[0]), box)
    for child in children:
        parent.remove(child)
    box.extend([shows(what), *children])


def fold(app, doctree, docname):
    """Mark on a page what folds."""
    if app.builder.format != "html":
        return
    cells = [cell for cell in doctree.findall(nodes.container) if is_code(cell)]
    if not cells:
        return
    for cell in cells:
        fold_cell(cell)
    # An exercise's words are a section without a title.
    sections = [part for part in doctree.findall(nodes.section) if part[0].tagname == "title"]
    skipped = [part for part in sections if SKIPPED in part[0].astext()]
    for part in sections:
        for run in list(runs(part.children)):
            gather(run, named(run))
    for part in skipped:
        gather(part.children[1:], "this section")
    sections[0].insert(1, switch())


def setup(app):
    """Register the extension."""
    app.add_css_file("reading.css")
    app.add_js_file("reading.js", priority=2)
    app.connect("doctree-resolved", fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

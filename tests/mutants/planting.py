"""Faults to plant in a module: one small change of its source each, at a place of its syntax tree.

An operator is a function that looks at one node and yields the changes it knows there: the node
whose text is replaced, and the new text. Text that is read by people (docstrings, messages,
annotations) is left alone, and so is what declares or guards and computes nothing: the options of
``dataclass``, ``zip``'s ``strict``.
"""

import ast
import hashlib
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

EQUIVALENT = Path(__file__).with_name("equivalent.toml")

OTHER = {
    "abs": "float", "all": "any", "any": "all", "arcsinh": "sinh", "argmax": "argmin",
    "argmin": "argmax", "asinh": "sinh", "atanh": "tanh", "ceil": "floor", "cos": "sin",
    "cosh": "sinh", "cumsum": "cumprod", "diff": "gradient", "empty": "ones", "erf": "erfc",
    "exp": "expm1", "exp2": "exp", "expm1": "exp", "floor": "ceil", "hypot": "maximum",
    "log": "log1p", "log10": "log2", "log1p": "log", "log2": "log10", "max": "min",
    "maximum": "minimum", "mean": "median", "median": "mean", "min": "max", "minimum": "maximum",
    "ones": "zeros", "prod": "sum", "sin": "cos", "sinh": "cosh", "std": "var", "sum": "max",
    "tan": "sin", "tanh": "sinh", "var": "std", "zeros": "ones",
}  # fmt: skip
"""What is called instead of a function."""
DROPPED = {"Abs", "abs", "sqrt", "exp", "log", "log2", "log10", "sinh", "asinh", "tanh", "atanh"}
DROPPED |= {"arcsinh", "expm1", "log1p", "sign", "square", "round", "floor", "ceil"}
"""Functions of one argument that are left out."""
SEQUENCE = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp)
UNREAD = (ast.JoinedStr, ast.Raise, ast.Import, ast.ImportFrom)
NOT_SWAPPED = {"isinstance", "issubclass", "getattr", "setattr", "hasattr", "refuse", "zip"}
NOT_SWAPPED |= {"round", "min", "max", "minimum", "maximum", "hypot", "logaddexp"}
"""Where the order of two arguments says nothing, or is seen at once."""
COMPARED = {
    ast.Lt: ("<", "<=", ">="), ast.LtE: ("<=", "<", ">"),
    ast.Gt: (">", ">=", "<="), ast.GtE: (">=", ">", "<"),
    ast.Eq: ("==", None, "!="), ast.NotEq: ("!=", None, "=="),
    ast.In: ("in", None, "not in"), ast.NotIn: ("not in", None, "in"),
    ast.Is: ("is", None, "is not"), ast.IsNot: ("is not", None, "is"),
}  # fmt: skip
"""An operator's text, the same with the edge moved, its negation."""


@dataclass(frozen=True, order=True)
class Mutant:
    """One planted fault.

    Parameters
    ----------
    module : str
        Its name below `lim_lib`.
    line : int
        Where it is.
    kind : str
        What was done.
    before, after : str
        The lines that differ, blanks made one: with the module, what names the mutant however far
        its lines move.
    source : str
        The whole module with the fault.
    """

    module: str
    line: int
    kind: str
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.module, self.before, self.after


class Text:
    """The source of a module, addressed by the nodes of its tree."""

    def __init__(self, source: str):
        self.source = source
        self.bytes = source.encode()
        self.starts = [0, *(i + 1 for i, byte in enumerate(self.bytes) if byte == 10)]

    def span(self, node: ast.AST) -> tuple[int, int]:
        starts = self.starts
        return (
            starts[node.lineno - 1] + node.col_offset,
            starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def of(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def closed(self, node: ast.AST) -> str:
        """A node's text, in parentheses where it could fall apart."""
        text = self.of(node)
        whole = (ast.Name, ast.Constant, ast.Call, ast.Attribute, ast.Subscript, ast.Tuple)
        return text if isinstance(node, whole) else f"({text})"

    def other_operator(self, node: ast.AST, left: ast.AST, right: ast.AST, old: str, new: str):
        """A node's text with the operator between two of its parts replaced."""
        (start, end), (_, a), (b, _) = map(self.span, (node, left, right))
        between = self.bytes[a:b].replace(old.encode(), new.encode(), 1)
        return (self.bytes[start:a] + between + self.bytes[b:end]).decode()

    def swapped(self, node: ast.AST, first: ast.AST, second: ast.AST) -> str:
        """A node's text with two of its parts in each other's place."""
        (start, end), (a, b), (c, d) = map(self.span, (node, first, second))
        raw = self.bytes
        return (raw[start:a] + raw[c:d] + raw[b:c] + raw[a:b] + raw[d:end]).decode()

    def with_change(self, node: ast.AST, new: str) -> str:
        start, end = self.span(node)
        return self.bytes[:start].decode() + new + self.bytes[end:].decode()


def is_number(node: ast.AST, value=None) -> bool:
    found = isinstance(node, ast.Constant) and type(node.value) in (int, float)
    return found and (value is None or node.value == value)


def called(node: ast.AST) -> str:
    """The last part of the name of what is called."""
    function = node.func if isinstance(node, ast.Call) else None
    return getattr(function, "attr", getattr(function, "id", ""))


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def is_sequence(node: ast.AST) -> bool:
    return is_text(node) or isinstance(node, SEQUENCE)


def in_arithmetic(node: ast.BinOp, text: Text, parent: ast.AST):
    left, right = text.closed(node.left), text.closed(node.right)

    def operator(old, new):
        return text.other_operator(node, node.left, node.right, old, new)

    match node.op:
        case ast.Mult():
            yield "dropped factor", node, left
            yield "dropped factor", node, right
            yield "inverse", node, operator("*", "/")
        case ast.Div():
            yield "dropped factor", node, left
            yield "dropped factor", node, f"(1 / {right})"
            yield "inverse", node, operator("/", "*")
            yield "inverse", node, f"({right} / {left})"
        case ast.Add():
            yield "dropped term", node, left
            yield "dropped term", node, right
            yield "sign", node, operator("+", "-")
        case ast.Sub():
            yield "dropped term", node, left
            yield "dropped term", node, f"(-{right})"
            yield "sign", node, operator("-", "+")
        case ast.Pow():
            yield "power", node, left
            yield "power", node, f"({left} ** ({text.of(node.right)} + 1))"
        case ast.FloorDiv() | ast.LShift():
            yield "off by one", node, f"({text.closed(node)} + 1)"
        case ast.Mod():
            yield "dropped factor", node, left
        case ast.BitAnd() if isinstance(node.left, ast.Compare):
            yield "and or", node, operator("&", "|")
        case ast.BitOr() if isinstance(node.left, ast.Compare):
            yield "and or", node, operator("|", "&")
    topmost = not (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div))
    if isinstance(node.op, ast.Mult | ast.Div) and topmost:
        yield "factor 2", node, f"(2 * {text.closed(node)})"


def in_binary(node, text, parent):
    if isinstance(node, ast.BinOp) and not (is_sequence(node.left) or is_sequence(node.right)):
        yield from in_arithmetic(node, text, parent)


def in_sign(node, text, parent):
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        if not is_number(node.operand):
            yield "sign", node, text.closed(node.operand)
        elif not isinstance(parent, ast.Subscript | ast.Slice):
            yield "sign", node, text.of(node.operand)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.Invert):
        yield "negated", node, text.closed(node.operand)


def in_step(node, text, parent):
    others = {ast.Add: ("sign", "+", "-"), ast.Sub: ("sign", "-", "+")}
    others |= {ast.Mult: ("inverse", "*", "/"), ast.Div: ("inverse", "/", "*")}
    if isinstance(node, ast.AugAssign) and type(node.op) in others and not is_sequence(node.value):
        kind, old, new = others[type(node.op)]
        yield kind, node, text.other_operator(node, node.target, node.value, old, new)
        yield "dropped term" if kind == "sign" else "dropped factor", node, "pass"


def in_call(node, text, parent):
    if not isinstance(node, ast.Call):
        return
    name, function = called(node), text.of(node.func)
    plain = not any(isinstance(each, ast.Starred) for each in node.args)
    if name == "log" and len(node.args) == 1 and is_number(node.args[0], 2):
        yield "ln 2", node, "1.0"
        yield "ln 2", node, "0.3010299956639812"
    elif name in OTHER:
        yield "other function", node.func, function.removesuffix(name) + OTHER[name]
    if name in DROPPED and len(node.args) == 1 and plain:
        yield "dropped function", node, text.closed(node.args[0])
        yield "factor 2", node, f"(2 * {text.of(node)})"
    pair = node.args[-2:] if name == "where" else node.args[:2]
    if len(pair) == 2 and plain and name not in NOT_SWAPPED and not any(map(is_text, pair)):
        kind = "swapped branches" if name == "where" else "swapped arguments"
        yield kind, node, text.swapped(node, *pair)


def in_pair(node, text, parent):
    if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(parent, ast.Return):
        yield "swapped arguments", node, f"({text.of(node.elts[1])}, {text.of(node.elts[0])})"


def in_comparison(node, text, parent):
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        old, edge, negation = COMPARED[type(node.ops[0])]
        right = node.comparators[0]
        if edge:
            yield "edge", node, text.other_operator(node, node.left, right, old, edge)
        yield "negated", node, text.other_operator(node, node.left, right, old, negation)
    elif isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
        for left, operator, right in zip(parts, node.ops, parts[1:], strict=False):
            old, edge, negation = COMPARED[type(operator)]
            if edge:
                yield "edge", node, text.other_operator(node, left, right, old, edge)


def in_condition(node, text, parent):
    tests = [node.test] if isinstance(node, ast.If | ast.IfExp | ast.While) else []
    tests += node.ifs if isinstance(node, ast.comprehension) else []
    for test in tests:
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.Constant):
            yield "negated", test, f"(not {text.closed(test)})"
    if isinstance(node, ast.IfExp):
        branches = (text.closed(node.orelse), text.of(node.test), text.closed(node.body))
        yield "swapped branches", node, "({} if {} else {})".format(*branches)
    if isinstance(node, ast.If) and node.orelse and not isinstance(node.orelse[0], ast.If):
        yield "swapped branches", node.test, f"(not {text.closed(node.test)})"


def in_junction(node, text, parent):
    if isinstance(node, ast.BoolOp):
        word = " or " if isinstance(node.op, ast.And) else " and "
        yield "and or", node, "(" + word.join(map(text.closed, node.values)) + ")"


def in_constant(node, text, parent):
    if not isinstance(node, ast.Constant):
        return
    if isinstance(node.value, bool):
        yield "negated", node, str(not node.value)
    elif isinstance(node.value, float) and node.value:
        yield "factor 2", node, f"(2 * {text.of(node)})"
    elif isinstance(node.value, int):
        if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mult | ast.Div | ast.Pow):
            return
        yield "off by one", node, str(node.value + 1)
        if node.value > 0:
            yield "off by one", node, str(node.value - 1)


OPERATORS = (
    in_binary,
    in_sign,
    in_step,
    in_call,
    in_pair,
    in_comparison,
    in_condition,
    in_junction,
    in_constant,
)


def places(node: ast.AST, parent: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.AST]]:
    """The nodes of a tree with their parents, without what is there to be read."""
    if isinstance(node, UNREAD) or getattr(node, "arg", None) == "strict":
        return
    if called(node) == "dataclass":
        return
    yield node, parent
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from places(child, node)


def difference(old: str, new: str) -> tuple[int, str, str]:
    """The first line that differs, and the differing lines of both, blanks made one."""
    a, b = old.split("\n"), new.split("\n")
    head = next(i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    tail = next(i for i, (x, y) in enumerate(zip(a[::-1], b[::-1], strict=False)) if x != y)
    tail = min(tail, len(a) - head - 1, len(b) - head - 1)
    before, after = (" ".join(" ".join(x[head : len(x) - tail]).split()) for x in (a, b))
    return head + 1, before, after


def mutants(module: str, source: str) -> list[Mutant]:
    """Every fault that can be planted in a module's source, each once."""
    text, found = Text(source), {}
    for node, parent in places(ast.parse(source)):
        for kind, place, new in chain.from_iterable(op(node, text, parent) for op in OPERATORS):
            changed = text.with_change(place, new)
            if changed not in found and changed != source:
                line, *lines = difference(source, changed)
                found[changed] = Mutant(module, line, kind, *lines, changed)
    return sorted(found.values())


def equivalents() -> dict[tuple[str, str, str], str]:
    """Why a mutant is no fault, by its key."""
    entries = tomllib.loads(EQUIVALENT.read_text(encoding="utf-8")).get("mutant", [])
    return {(each["module"], each["before"], each["after"]): each["reason"] for each in entries}


def sample(found: list[Mutant], seed: int, count: int) -> list[Mutant]:
    """A choice that depends on the seed alone, from each module as many, each kind in its turn.

    A mutant's rank follows from what it is: changes elsewhere leave it in the choice.
    """

    def rank(mutant):
        return hashlib.sha256(repr((seed, mutant.key)).encode()).digest()

    queues = defaultdict(lambda: defaultdict(list))
    for mutant in sorted(found, key=rank):
        queues[mutant.module][mutant.kind].append(mutant)

    def in_turn(lists, order):
        rounds = zip_longest(*sorted(lists, key=order))
        return [each for turn in rounds for each in turn if each is not None]

    by_module = [in_turn(kinds.values(), lambda x: rank(x[0])) for kinds in queues.values()]
    return sorted(in_turn(by_module, lambda x: rank(x[0]))[:count])

"""Formulas in one line of text, for those who cannot typeset: previews, search, descriptions.

>>> plain(r"E_b \\ge kT \\ln\\frac{1}{2\\delta}")
'E_b ≥ kT ln 1/(2δ)'
>>> plain(r"t_\\text{ret} = \\tau\\, e^{E_b/kT}, \\quad 10^{-3}")
't_ret = τ e^(E_b/kT), 10⁻³'
"""

import re
from unicodedata import lookup

from docutils import nodes

TOKEN = re.compile(r"\\([a-zA-Z]+)|\\(.)|([{}^_&])|([^\\{}^_&]+)", re.S)
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
SIGNS = {
    "approx": "≈", "bullet": "•", "cdot": "·", "cdots": "⋯", "circ": "°", "cup": "∪", "dots": "…",
    "downarrow": "↓", "equiv": "≡", "ge": "≥", "geq": "≥", "gg": "≫", "hbar": "ħ", "in": "∈",
    "infty": "∞", "int": "∫", "langle": "⟨", "le": "≤", "ldots": "…", "leftarrow": "←",
    "leftrightarrow": "↔", "leq": "≤", "lesssim": "≲", "ll": "≪", "lvert": "|", "mid": "|",
    "mp": "∓", "nabla": "∇", "ne": "≠", "neq": "≠", "partial": "∂", "pm": "±", "prime": "′",
    "prod": "∏", "propto": "∝", "rangle": "⟩", "rightarrow": "→", "rvert": "|", "sim": "∼",
    "simeq": "≃", "subset": "⊂", "sum": "∑", "times": "×", "to": "→", "uparrow": "↑",
}  # fmt: skip
SPACES = {"quad", "qquad", "displaystyle", "limits", "nonumber", "notag"}
SILENT = {"left", "right", "big", "Big", "bigl", "bigr", "Bigl", "Bigr", "mathopen", "mathclose"}
# What only says how its argument looks.
LOOKS = {"text", "mathrm", "mathbf", "mathcal", "mathsf", "mathit", "boldsymbol",
         "textbf", "textit", "underbrace", "overbrace"}  # fmt: skip
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "dot": "\u0307", "vec": "\u20d7"}
# A numerator, a denominator that needs brackets.
TERMS, FACTORS = r".+[+\-/].*", r".*[\s+\-/·×(].*|\d\D.*|\w[^\W\d_].*"
LETTERS = {"lambda": "LAMDA", "varepsilon": "EPSILON", "varphi": "PHI", "vartheta": "THETA"}


def sign(name):
    """Return the sign of a command: a Greek letter, an operator, else its name set off."""
    if name in SIGNS:
        return SIGNS[name]
    size = "CAPITAL" if name[0].isupper() else "SMALL"
    try:
        return lookup(f"GREEK {size} LETTER {LETTERS.get(name, name.upper())}")
    except KeyError:
        return f" {name} "


def bound(text, apart=r"\w\w+|.*[^\w].*"):
    """Put brackets around what a sign would tear apart."""
    return f"({text})" if re.fullmatch(apart, text.strip()) else text.strip()


def raised(text):
    """Return an exponent."""
    if re.fullmatch(r"[\d+\-n]+", text):
        return text.translate(RAISED)
    return text if text in ("*", "′") else f"^{bound(text)}"


def argument(tokens):
    """Return the group, or the single thing, that comes next."""
    command, escaped, mark, text = next(tokens, ("", "", "", ""))
    if mark == "{":
        return line(tokens)
    if text and len(text.lstrip()) > 1:  # one letter of a word is meant
        tokens.push(("", "", "", text.lstrip()[1:]))
        return text.lstrip()[0]
    return text or escaped or meant(command, tokens)


def meant(command, tokens):
    """Return what a command stands for, with its arguments."""
    if command == "operatorname":
        return f" {argument(tokens)} "
    if command in LOOKS or command in ACCENTS:
        return argument(tokens) + ACCENTS.get(command, "")
    if command in ("frac", "tfrac", "dfrac"):
        return f"{bound(argument(tokens), TERMS)}/{bound(argument(tokens), FACTORS)} "
    if command == "sqrt":
        return f"√{bound(argument(tokens))}"
    if command in ("begin", "end", "label", "tag"):
        argument(tokens)
        return " "
    return " " if command in SPACES else "" if command in SILENT or not command else sign(command)


class Tokens:
    """The tokens of a formula, to which some can be given back."""

    def __init__(self, tex):
        self._left = TOKEN.findall(tex)[::-1]

    def __iter__(self):
        return self

    def __next__(self):
        if not self._left:
            raise StopIteration
        return self._left.pop()

    def push(self, token):
        """Give a token back."""
        self._left.append(token)


def line(tokens):
    """Return the text up to the end of the group."""
    parts = []
    for command, escaped, mark, text in tokens:
        if mark == "}":
            break
        if mark in ("^", "_"):
            lower = argument(tokens)
            parts.append(raised(lower) if mark == "^" else f"_{lower}")
        elif mark == "{":
            parts.append(line(tokens))
        elif command:
            parts.append(meant(command, tokens))
        else:
            parts.append(" " if escaped in (",", ";", ":", " ", "\\") else escaped or text)
    return "".join(parts)


def plain(tex):
    """Return a formula as one line of text."""
    text = re.sub(r"\s+", " ", line(Tokens(re.sub(r"\\!|%.*", "", tex).replace("&", " ")))).strip()
    text = re.sub(r"(?<=[(⟨\[]) | (?=[\]),.;⟩])", "", text)
    return text.replace("-", "−")


def words(node):
    """Return a node's text, with formulas in one line."""
    copy = node.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        formula.replace_self(nodes.Text(plain(formula.astext())))
    return " ".join(copy.astext().split())

"""Long formulas in rows: what SymPy prints in one line is broken where a sum goes on."""

import re

WIDEST = 36
"""About so many signs fit a phone beside each other."""

_TOKEN = re.compile(r"\\left|\\right|[{}]| ")
_FRACTION = re.compile(r"\\frac\{([^{}]*)\}\{([^{}]*)\}")
SUM, PRODUCT = re.compile(r"[+-] "), re.compile(r"\w\\left\(")


def signs(latex):
    r"""About how many signs wide a formula is.

    Examples
    --------
    >>> signs(r"\frac{a}{b + c} + \ln{\left(d \right)}")
    10
    """
    text = re.sub(r"\\(?:left|right|text|operatorname)\b\.?|[_^]\{[^{}]*\}|_\w", "", latex)
    text = re.sub(r"\{(\w*)\}", r"\1", text)
    while _FRACTION.search(text):
        text = _FRACTION.sub(lambda match: max(match[1], match[2], key=signs), text)
    return len(re.sub(r"[{}\\\s]", "", re.sub(r"\\[a-zA-Z]{3,}", "x", text)))


def cuts(latex, goes_on):
    """Where what goes on begins, in one pair of parentheses at most, and whether it is in one."""
    depth = braces = 0
    for match in _TOKEN.finditer(latex):
        if match[0] in "{}":
            braces += 1 if match[0] == "{" else -1
        elif match[0] != " ":
            depth += 0 if braces else 1 if match[0] == r"\left" else -1
        elif not braces and depth <= 1 and goes_on.match(latex, match.end()):
            yield match.end(), depth


def torn(latex, goes_on, joint=""):
    """The formula in as few rows as fit; parentheses that a row leaves open have an unseen end."""
    done, row, begin, before = [], "", 0, 0
    for end, depth in [*cuts(latex, goes_on), (len(latex), 0)]:
        piece = latex[begin:end].strip()
        if row and signs(row + piece) > WIDEST:
            done.append(row + r" \right." * before)
            row = (r"\left. " * before) + joint + piece
        else:
            row = f"{row} {piece}".strip()
        begin, before = end, depth
    return [*done, row]


def in_rows(latex):
    r"""The formula as it is, if it fits a phone, or else in rows.

    Parameters
    ----------
    latex : str
        As SymPy prints it.

    Returns
    -------
    str

    Examples
    --------
    >>> in_rows("a + b")
    'a + b'
    >>> print(in_rows("a + " + 37 * "b"))
    \begin{aligned} & a \\ & \quad + bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb \end{aligned}
    """
    if signs(latex) <= WIDEST:
        return latex
    found = []
    for row in torn(latex, SUM):
        found += torn(row, PRODUCT, r"\times ") if signs(row) > WIDEST else [row]
    return r"\begin{aligned} & " + " \\\\ & \\quad ".join(found) + r" \end{aligned}"

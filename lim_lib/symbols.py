"""The notation of the book: one SymPy symbol for each quantity, with its unit and its domain.

A symbol is a module attribute under its name in code, which is also the name of the argument that
takes its value everywhere in the library: ``symbols.hop_rate`` prints as r and is what
``hop_rate=`` means. `NOTATION` lists them; it is the notation table of the book, the source of
the argument checks, and what the dimension test reads.

A bit and a parameter value count as units of their own in the table; in formulas a bit counts as
the number 1.

`latex` prints an expression as the book writes it; once this module is loaded, notebooks display
SymPy's expressions so.
"""

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

from lim_lib.validate import NON_NEGATIVE, POSITIVE, REAL, Domain


class Table(tuple):
    """A tuple of rows that a notebook shows as a table.

    Parameters
    ----------
    rows : iterable
        The rows, objects of any kind.
    columns : dict of str to callable
        For each heading, the function from a row to the Markdown text of its cell.
    home : (str, str), optional
        Module and name of a table that stands for itself: it is copied and pickled by its name.

    Examples
    --------
    >>> Table(["a"], {"letter": str, "twice": lambda row: row * 2})
    | letter | twice |
    | --- | --- |
    | a | aa |
    """

    columns: dict[str, Callable[[Any], str]]

    def __new__(
        cls,
        rows: Iterable,
        columns: dict[str, Callable[[Any], str]],
        home: tuple[str, str] | None = None,
    ):
        table = super().__new__(cls, rows)
        table.columns = columns
        if home:
            vars(table).update(zip(("__module__", "__qualname__"), home, strict=True))
        return table

    def __reduce__(self):
        return vars(self).get("__qualname__") or (type(self), (tuple(self), self.columns))

    def markdown(self) -> str:
        """The table in Markdown."""

        def line(cells: Sequence[str]) -> str:
            return f"| {' | '.join(cells)} |"

        rows = [[cell(row) for cell in self.columns.values()] for row in self]
        return "\n".join(map(line, [list(self.columns), ["---"] * len(self.columns), *rows]))

    __repr__ = _repr_markdown_ = markdown


@dataclass(frozen=True)
class Quantity:
    """One row of the notation table.

    Parameters
    ----------
    name : str
        Name in code.
    symbol : sympy.Symbol
        The symbol, with the assumptions that follow from the domain.
    unit : str
        Unit, readable by SymPy: ``"J"``, ``"1/s"``, ``"parameter**2/s"``, ``"1"``.
    meaning : str
        What it is.
    domain : Domain
        The values that it may take.
    also : tuple of str
        Further names in code, of the same quantity.
    """

    name: str
    symbol: sp.Symbol
    unit: str
    meaning: str
    domain: Domain
    also: tuple[str, ...] = ()


BITS = Domain(0, 64)
LOSS = Domain(0, 0.5, low_allowed=False, high_allowed=False)
PART = Domain(0, 1, low_allowed=False, high_allowed=False)

_rows: list[Quantity] = []


def _symbol(
    name: str, text: str, unit: str, domain: Domain, meaning: str, also: tuple[str, ...] = ()
) -> sp.Symbol:
    """The symbol of a quantity, with its row put into the notation table."""
    if domain.low < 0:
        symbol = sp.Symbol(text, real=True)
    elif 0.0 in domain:
        symbol = sp.Symbol(text, nonnegative=True)
    else:
        symbol = sp.Symbol(text, positive=True)
    _rows.append(Quantity(name, symbol, unit, meaning, domain, also))
    return symbol


boltzmann = _symbol("boltzmann", "k_B", "J/K", POSITIVE, "Boltzmann constant")
temperature = _symbol("temperature", "T", "K", POSITIVE, "absolute temperature of the bath")
ambient = _symbol(
    "ambient", "T_a", "K", POSITIVE, "temperature at which a refrigerator gives off its heat"
)
heat = _symbol("heat", "Q", "J", NON_NEGATIVE, "heat given to the bath")
model_size = _symbol("model_size", "M", "1", POSITIVE, "model size: number of parameters")
bits = _symbol("bits", "b", "bit", BITS, "precision of the solution per parameter")
entropy_lost = _symbol(
    "entropy_lost",
    "S_lost",
    "1",
    REAL,
    "entropy that the memory loses, in nats: $M b \\ln 2$ if uniform",
)
levels = _symbol("levels", "L", "1", POSITIVE, "levels of a parameter, $2^b$")
operations = _symbol(
    "operations", "N_op", "1", NON_NEGATIVE, "update commands that the optimizer issues: a workload"
)
updates = _symbol(
    "updates",
    "N_net",
    "1",
    NON_NEGATIVE,
    "net level moves made for them: a workload, at least the transport",
    also=("net_moves",),
)
net_moves = updates
hops = _symbol(
    "hops", "N_hop", "1", POSITIVE, "expected elementary level changes, up and down: a resource"
)
transport = _symbol(
    "transport", "W", "1", NON_NEGATIVE, "fewest level moves from the initial to the final state"
)
hop_budget = _symbol(
    "hop_budget", "R", "1", POSITIVE, "thermal hops per cell that the barrier allows in the time"
)
duration = _symbol("duration", "t_sol", "s", POSITIVE, "time to solution")
time_constant = _symbol("time_constant", "tau", "s", POSITIVE, "time constant of convergence")
relaxation_rate = _symbol(
    "relaxation_rate", "eta", "1/s", POSITIVE, "relaxation rate of the optimizer"
)
convergence_times = _symbol(
    "convergence_times",
    "U",
    "1",
    POSITIVE,
    r"time to solution in convergence times, $\int \eta\, dt$",
)
matching_ratio = _symbol(
    "matching_ratio", "theta", "1", PART, r"matching ratio $D/(\eta s)$ of noise and drift"
)
exponent = _symbol(
    "exponent", "alpha", "1", POSITIVE, "exponent of a power-law decay of the update rate"
)
barrier = _symbol("barrier", "E_b", "J", NON_NEGATIVE, "height of the energy barrier")
heights = _symbol(
    "heights", "n", "1", Domain(low=1), "heights that the barrier takes, one after the other"
)
attempt_rate = _symbol(
    "attempt_rate", "Gamma_0", "1/s", POSITIVE, "attempt frequency, constant by definition"
)
hop_rate = _symbol("hop_rate", "r", "1/s", POSITIVE, "thermal hop rate over the untilted barrier")
hop_rate_initial = _symbol(
    "hop_rate_initial", "r_0", "1/s", POSITIVE, "thermal hop rate at the start"
)
tilt = _symbol("tilt", "epsilon", "J", REAL, "energy tilt per hop, supplied by the gradient")
update_rate = _symbol("update_rate", "v", "1/s", REAL, "net update rate of one cell")
drive = _symbol("drive", "chi", "1", NON_NEGATIVE, "drive $v/(2r)$: distance from equilibrium")
retention = _symbol("retention", "t_ret", "s", POSITIVE, "retention time")
loss_probability = _symbol(
    "loss_probability", "delta", "1", LOSS, "probability that one cell is lost in that time"
)
diffusivity = _symbol(
    "diffusivity", "D", "parameter**2/s", POSITIVE, "diffusivity of a continuous parameter"
)
position = _symbol("position", "x", "parameter", REAL, "position of a continuous parameter")
half_width = _symbol(
    "half_width", "a", "parameter", POSITIVE, "distance from the barrier to a well's bottom"
)
spread_initial = _symbol(
    "spread_initial", "sigma_0", "parameter", POSITIVE, "spread before learning"
)
spread_final = _symbol("spread_final", "sigma_f", "parameter", POSITIVE, "spread after learning")
spread_ratio = _symbol(
    "spread_ratio", "rho", "1", POSITIVE, r"ratio of the spreads, $\sigma_0/\sigma_f = 2^b$"
)
displacement = _symbol(
    "displacement", "mu", "parameter", NON_NEGATIVE, "distance that the mean moves"
)
prior_ratio = _symbol(
    "prior_ratio",
    "kappa",
    "1",
    POSITIVE,
    "variance that the schedule was built for, over the true one",
)
effective_size = _symbol(
    "effective_size",
    "M_eff",
    "1",
    POSITIVE,
    "largest trace of the loss's Hessian over its Polyak-Lojasiewicz constant",
)
loss_ratio = _symbol(
    "loss_ratio", "rho_E", "1", Domain(low=1), "ratio of the mean excess losses, $E_0/E_f$"
)
examples = _symbol("examples", "N_ex", "1", POSITIVE, "examples seen, one a step")
examples_needed = _symbol(
    "examples_needed", "N_min", "1", POSITIVE, "examples that statistics needs for the precision"
)
consolidations = _symbol(
    "consolidations", "N_con", "1", NON_NEGATIVE, "copies of the whole model to long-term memory"
)
reads = _symbol("reads", "N_read", "1", NON_NEGATIVE, "reads of the whole model")
read_energy = _symbol("read_energy", "e_read", "J/bit", NON_NEGATIVE, "energy to read one bit")
write_energy = _symbol("write_energy", "e_write", "J/bit", NON_NEGATIVE, "energy to write one bit")
transfer_energy = _symbol(
    "transfer_energy", "e_trans", "J/bit", NON_NEGATIVE, "energy to move one bit between tiers"
)

thermal_energy = boltzmann * temperature
"""kT, the thermal energy, as an expression."""


class _Printer(LatexPrinter):
    """SymPy's printer, with ln and arsinh, and with upright words in subscripts."""

    def _print_Symbol(self, expr, style="plain"):
        return re.sub(r"_\{([a-zA-Z]{2,})\}", r"_{\\text{\1}}", super()._print_Symbol(expr, style))

    def _print_log(self, expr, exp=None):
        (argument,) = expr.args
        if exp or not (argument.is_Symbol or argument.is_Integer):
            return super()._print_log(expr, exp)
        return rf"\ln {self._print(argument)}"


_kT = sp.Symbol("kT", positive=True)


def latex(expression: sp.Basic) -> str:
    """An expression in LaTeX as the book writes it, with kT for the thermal energy.

    Examples
    --------
    >>> print(latex(thermal_energy * sp.log(2)))
    kT \\ln 2
    >>> print(latex(sp.asinh(duration)))
    \\operatorname{arsinh}{\\left(t_{\\text{sol}} \\right)}
    """
    if expression.has(temperature):
        expression = expression.xreplace({boltzmann: _kT / temperature})
    return _Printer({"ln_notation": True, "inv_trig_style": "full"}).doprint(expression)


def _display_in_notebooks() -> None:
    """Have a notebook that is running display expressions and matrices so."""
    shell = "IPython" in sys.modules and sys.modules["IPython"].get_ipython()
    if shell:
        typeset = shell.display_formatter.formatters["text/latex"]
        for kind in (sp.Basic, sp.MatrixBase):
            typeset.for_type(kind, lambda shown: rf"$\displaystyle {latex(shown)}$")


_display_in_notebooks()


def _allowed(domain: Domain) -> str:
    """A domain in print."""
    told = str(domain).removeprefix("a finite number").strip()
    return told.replace(">=", "≥").replace("<=", "≤")


NOTATION = Table(
    _rows,
    {
        "symbol": lambda row: f"${latex(row.symbol)}$",
        "meaning": lambda row: row.meaning,
        "unit": lambda row: row.unit.replace("**2", "²"),
        "allowed": lambda row: _allowed(row.domain) or "any",
        "name in code": lambda row: ", ".join(f"`{name}`" for name in (row.name, *row.also)),
    },
    home=(__name__, "NOTATION"),
)
"""The rows of the notation table, each a `Quantity`."""

QUANTITIES = {name: row for row in NOTATION for name in (row.name, *row.also)}
"""The same rows by their names in code."""

NAMES = {row.symbol: row.name for row in NOTATION}
"""The name in code of each symbol, the first of them."""

"""What a rung of the ladder is made of: one record, which everything else reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from inspect import cleandoc, signature
from types import SimpleNamespace
from typing import Any, Generic

import mpmath as mp
import sympy as sp

from lim_lib import symbols, validate
from lim_lib.formula import Formula, P
from lim_lib.results import Value
from lim_lib.units import BOLTZMANN

KINDS = ("theorem", "protocol", "estimate", "reference")
PRICES = ("solution", "moves")


@dataclass(frozen=True)
class Source:
    """A work that a rung rests on.

    Parameters
    ----------
    key : str
        Key of the bibliography.
    equation : str
        Where in the work, such as ``"(12)"``; empty if that is not known to us.
    """

    key: str
    equation: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ordering:
    """One proven arrow of the ladder: lower <= upper.

    Parameters
    ----------
    lower : Bound
        The rung below.
    condition : str
        When it holds, in words.
    lower_part : sympy.Expr, optional
        What is compared, in the quantities of both: by default the lower rung's expression; else
        its dissipative part, its resources expressed by those of the upper.
    holds : sympy.Basic
        The condition as a relation, ``True`` if there is none.
    upper : Bound
        The rung above: the one in whose record the arrow stands.
    """

    lower: "Bound"
    condition: str = "always"
    lower_part: sp.Expr | None = None
    holds: sp.Basic = sp.true
    upper: "Bound | None" = None

    def __post_init__(self):
        if self.lower_part is None:
            object.__setattr__(self, "lower_part", self.lower.expression)

    @property
    def always(self) -> bool:
        """Whether it holds for all quantities, the whole of both rungs compared."""
        return self.holds == sp.true and self.lower_part == self.lower.expression


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Bound(Formula[P], Value, Generic[P]):
    """A rung of the ladder: an expression, callable with numbers, that gives joules.

    It is declared by the decorator `rung`. The docstring of the declaration states the rung; what
    its arguments mean is read off the notation table.

    Parameters
    ----------
    declaration, expression, regime, requires, domains
        As of every `lim_lib.formula.Formula`. An argument whose default is None is given by
        `defaults`, or belongs to the `variant`.
    title : str
        Its name in the text.
    short : str
        Its name where there is little room, as inside a sentence.
    kind : {"theorem", "protocol", "estimate", "reference"}
        What it claims.
    chapter : str
        The chapter that derives it.
    reference : callable
        The same energy computed in another way, by mpmath, for `confirmed`: a function of the
        arguments as attributes of one object, which also has the thermal energy ``kT``.
    prices : {"solution", "moves"}
        The stated task, from the start to the precision asked for; or the moves, commands or
        accesses that it is told of, whether or not they solve anything: it may lie below a theorem.
    sources : tuple of Source
        Works that it rests on; none for what the book derives by itself.
    above : tuple of Ordering
        The rungs that are proven to lie below it.
    defaults : mapping of str to Formula
        For an argument that may be None, the formula that then gives it.
    variant : Bound, optional
        The rung that takes over when an argument which only that one has is given.

    Examples
    --------
    >>> from lim_lib.bounds import landauer
    >>> landauer
    <theorem landauer(model_size, bits)>
    >>> landauer.expression
    M*T*b*k_B*log(2)
    """

    title: str
    short: str
    kind: str
    chapter: str
    reference: Callable[[Any], Any] = field(repr=False)
    prices: str = "solution"
    sources: tuple[Source, ...] = ()
    above: tuple[Ordering, ...] = ()
    defaults: Mapping[str, Formula] = field(default_factory=dict)
    variant: "Bound | None" = None

    def __post_init__(self):
        super().__post_init__()
        if self.kind not in KINDS:
            validate.refuse(f"{self.key}.kind", self.kind, " or ".join(map(repr, KINDS)))
        if self.prices not in PRICES:
            validate.refuse(f"{self.key}.prices", self.prices, " or ".join(map(repr, PRICES)))
        if not callable(self.reference):
            validate.refuse(f"{self.key}.reference", self.reference, "a function", TypeError)
        arrows = tuple(replace(arrow, upper=self) for arrow in self.above)
        object.__setattr__(self, "above", arrows)
        object.__setattr__(self, "__doc__", self._documentation())

    @cached_property
    def accepted(self) -> tuple[str, ...]:
        """Names of all arguments, those of the variant included."""
        return tuple(signature(self.declaration).parameters)

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names of its own arguments, temperature last."""
        declared = signature(self.declaration).parameters
        return tuple(n for n, p in declared.items() if p.default is not None or n in self.defaults)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the arguments that have no default."""
        return tuple(name for name in self.parameters if name not in self.defaults)

    @property
    def conditions(self) -> str:
        """When it holds, in words."""
        return "; ".join(regime.text for regime in self.regime)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        return self.at(validate.arguments(self.key, self.accepted, args, kwargs), stacklevel=3)

    def judged(self, values: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
        """The energy in J for arguments in a mapping, and what there is to warn of.

        None stands for a default.
        """
        values = {name: value for name, value in values.items() if value is not None}
        if self.variant and set(values) - set(self.arguments):
            return self.variant.judged(values)
        for name, formula in self.defaults.items():
            if name not in values:
                given = {n: values[n] for n in formula.arguments if n in values}
                values[name], _ = formula.judged(given)
        return super().judged(values)

    def confirmed(self, **values: Any) -> mp.mpf:
        """The energy in J as `reference` computes it, in the precision that mpmath is set to.

        Parameters
        ----------
        **values : float or mpmath.mpf
            Every argument; nothing is checked.

        Returns
        -------
        mpmath.mpf

        Examples
        --------
        >>> from lim_lib.bounds import landauer
        >>> float(landauer.confirmed(model_size=1, bits=1, temperature=300)) == landauer(1, 1)
        True
        """
        numbers = {name: mp.mpf(value) for name, value in values.items()}
        thermal = mp.mpf(BOLTZMANN) * numbers.get("temperature", mp.mpf(300))
        return self.reference(SimpleNamespace(**numbers, kT=thermal))

    def contents(self) -> dict[str, Any]:
        """Its key: what a file holds of a rung."""
        return {"key": self.key}

    @classmethod
    def from_contents(cls, contents: dict[str, Any]) -> "Bound":
        """The rung of that key."""
        from lim_lib.bounds import get

        return get(contents["key"])

    def __repr__(self) -> str:
        return f"<{self.kind} {self.key}({', '.join(self.parameters)})>"

    def _repr_markdown_(self) -> str:
        return f"**{self.title}** ({self.kind}): {self.conditions}.\n\n$$E = {self.latex()}$$"

    def _documentation(self) -> str:
        statement, _, examples = cleandoc(self.declaration.__doc__ or "").partition(">>> ")
        lines = [statement.strip(), "", "Parameters", "----------"]
        for name in self.accepted:
            quantity = symbols.QUANTITIES[name]
            domain = self.domains.get(name, quantity.domain)
            optional = "" if name in self.required else ", optional"
            unit = "" if quantity.unit == "1" else f" in {quantity.unit.replace('**', '^')}"
            meaning = quantity.meaning.replace("$", "")
            lines += [
                f"{name} : float or array_like{optional}",
                f"    {meaning[0].upper()}{meaning[1:]}{unit}: {domain}.",
            ]
        lines += ["", "Returns", "-------", "float or ndarray", "    Energy in J."]
        lines += ["", "Raises", "------", "ValueError, TypeError"]
        lines += ["    " + "; ".join(["If an argument is not allowed", *self._demands()]) + "."]
        if any(regime.holds is not None for regime in self.regime):
            lines += ["", "Warns", "-----", "RegimeWarning", "    Outside its regime, how far."]
        priced = "the solution" if self.prices == "solution" else "moves alone"
        lines += ["", "Notes", "-----"]
        lines += [f"A {self.kind}; it prices {priced}. It holds when: {self.conditions}."]
        if examples:
            lines += ["", "Examples", "--------", f">>> {examples.rstrip()}"]
        return "\n".join(lines) + "\n"

    def _demands(self) -> list[str]:
        return [requirement.text for requirement in self.requires]


def rung(expression: sp.Basic, **record: Any) -> Callable[[Callable[P, Any]], Bound[P]]:
    """Decorator: the rung whose energy is the expression.

    Parameters
    ----------
    expression : sympy.Expr
        The energy in J, in the symbols of `lim_lib.symbols`.
    **record
        The other fields of `Bound`.
    """
    return lambda declaration: Bound(declaration=declaration, expression=expression, **record)

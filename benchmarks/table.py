"""Records of what was measured, and the tables that they make: on the screen, in Markdown, in JSON.

A `Row` has our figure and the peer's, both times or sizes in one unit, so that less is better; the
`Aim` says what it should be, the `Limit` what it cannot be.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Protocol

BUSY = 0.05
"""Share of the processors' time from which on a row is marked as measured beside others."""

APART = 4.0
"""Standard errors by which two results of the same law do not differ."""


class Record(Protocol):
    """A line of the table with that title, and the share that others took meanwhile."""

    title: ClassVar[str]
    others: float

    def cells(self) -> dict[str, str]:
        """Text, by column."""

    def derived(self) -> dict[str, Any]:
        """What follows from what it holds."""


@dataclass(frozen=True)
class Aim:
    """What a row should reach.

    Parameters
    ----------
    number : float
        The bound.
    of : {"ratio", "speed", "ours"}
        Of what: at most so much of ours over the peer's; at least so many times the peer's speed;
        at most so much of ours, in its unit.
    or_more : float
        What ours may take beyond the peer's, however the ratio stands.
    """

    number: float
    of: str = "ratio"
    or_more: float = 0.0

    def __str__(self) -> str:
        sign, sense = (">=", " times") if self.of == "speed" else ("<=", "")
        more = f" or +{self.or_more:g}" if self.or_more else ""
        return f"{sign} {self.number:g}{sense}{more}"

    def met(self, ours: float, peer: float) -> bool:
        """Whether two figures reach it."""
        most = {"ratio": self.number * peer, "speed": peer / self.number, "ours": self.number}
        return bool(ours <= max(most[self.of], peer + self.or_more if self.or_more else 0.0))


@dataclass(frozen=True)
class Limit:
    """What physics or the memory allows.

    Parameters
    ----------
    text : str
        What it is, with its own figures.
    value : float
        The least that is possible, in the row's unit.
    """

    text: str
    value: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A measured line.

    Parameters
    ----------
    what : str
        What was measured.
    ours, peer : float
        Medians; the peer's is NaN where there is none.
    unit, peer_name : str
        Of both; who the peer is.
    aim : Aim, optional
        None where the row is there to be looked at.
    limit : Limit, optional
        What it cannot be below.
    agreement : tuple of str and float, optional
        A quantity that must come out alike, and how many standard errors it is apart.
    others : float
        Share of the processors' time that other programs took meanwhile.
    """

    what: str
    ours: float
    unit: str
    peer: float = float("nan")
    peer_name: str = ""
    aim: Aim | None = None
    limit: Limit | None = None
    agreement: tuple[str, float] | None = None
    others: float = 0.0

    title: ClassVar[str] = "Speeds, of ours and of peers"

    @property
    def name(self) -> str:
        """What was measured, and whether the results agree."""
        return self.what + (" ({} {:+.1f} SE)".format(*self.agreement) if self.agreement else "")

    @property
    def ratio(self) -> float:
        """Ours over the peer's; the other way round where the aim is a speed."""
        turned = self.aim is not None and self.aim.of == "speed"
        return self.peer / self.ours if turned else self.ours / self.peer

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached by a result that agrees; None without an aim."""
        agrees = self.agreement is None or abs(self.agreement[1]) <= APART
        if self.aim is None:
            return None if agrees else False
        return agrees and self.aim.met(self.ours, self.peer)

    def derived(self) -> dict[str, Any]:
        """What follows from the figures."""
        return {"ratio": self.ratio, "met": self.met}

    def cells(self) -> dict[str, str]:
        """The row's text, by column."""
        return {
            "what": self.name,
            "ours": figure(self.ours),
            "peer's": figure(self.peer),
            "unit": self.unit,
            "peer": self.peer_name,
            "ratio": figure(self.ratio),
            "aim": "" if self.aim is None else str(self.aim),
            "met": {True: "met", False: "MISSED", None: ""}[self.met],
            "others": busy(self.others),
        }

    def limits(self) -> dict[str, str]:
        """How far the row is from what is possible, by column."""
        assert self.limit is not None
        return {
            "what": self.what,
            "ours": figure(self.ours),
            "limit": figure(self.limit.value),
            "unit": self.unit,
            "ours/limit": figure(self.ours / self.limit.value),
            "what the limit is": self.limit.text,
        }


WIDTHS = {
    "what": 70,
    "ours": 8,
    "peer's": 8,
    "unit": 12,
    "peer": 16,
    "ratio": 7,
    "aim": 13,
    "met": 7,
    "others": 9,
    "success": 21,
    "limit": 8,
    "ours/limit": 10,
    "what the limit is": 0,
}
LEFT = {"what", "success", "unit", "peer", "aim", "met", "others", "what the limit is"}
NARROW = 9


def busy(others: float) -> str:
    """A mark for what was measured while others took so large a share of the processors' time."""
    return f"busy {others:.0%}" if others > BUSY else ""


def figure(value: float) -> str:
    """Three digits of a number; nothing for none."""
    if value != value:
        return ""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"


def line(cells: dict[str, str]) -> str:
    """Cells side by side, in columns of constant width."""
    wide = {name: WIDTHS.get(name, max(NARROW, len(name))) for name in cells}
    aligned = (f"{t:{'<' if name in LEFT else '>'}{wide[name]}}" for name, t in cells.items())
    return " ".join(aligned).rstrip()


def head(cells: dict[str, str]) -> str:
    """The names of the columns that some cells have."""
    return line({name: name for name in cells})


def markdown(lines: Iterable[dict[str, str]]) -> str:
    """Cells as a table of Markdown."""
    lines = list(lines)
    if not lines:
        return ""
    rule = ["---" if name in LEFT else "---:" for name in lines[0]]
    rows = [list(lines[0]), rule, *(list(cells.values()) for cells in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def jsonable(machine: Iterable[str], records: Iterable[Record]) -> str:
    """The machine, and the records with what follows from them, as JSON."""
    told = [asdict(each) | each.derived() for each in records]
    clean = [{k: v if v == v and v != math.inf else None for k, v in each.items()} for each in told]
    return json.dumps({"machine": list(machine), "rows": clean}, indent=1, ensure_ascii=False)

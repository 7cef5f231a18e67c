"""The inputs of a run's ladder, one table: what each may be, and how it is had if it is not given.

A rule gives an input from others by an expression, or assumes a value; it applies if what its
expression needs is known. Rules are tried in the order of the table, again and again, until none
applies. What the command line offers, what the ladder explains, and what is uncertain by which
factors is read off here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lim_lib.bounds import ladder_transport
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.symbols import QUANTITIES
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain
from lim_lib.workloads.walls import model_reads, training_operations

COUNTINGS = {
    "steps": "every optimizer step updates every parameter",
    "flop": "every multiplication or addition of the training is an update",
}

SCENARIOS: Mapping[str, Mapping[str, Any]] = {
    "brain": {
        "name": "a model of the scale of a brain",
        "model_size": (1e15, "scenario of Chen et al., abstracts of v1 and v2 (chen2024lim)"),
        "flop": (1e28, "regression of FLOP on size, runs from 2018 on"),
        "paper": (1e8, 1e9),
    }
}
"""Runs that nobody made. ``paper`` is the range in J that the source paper's first two abstracts
give as an estimate for training with learning-in-memory."""

USUAL_STEPS = 4e5
"""Optimizer steps of a run that published none: the middle of those that did. From 2017 to 2026
these had 7e4 to 1.6e6, although they saw 2000 times more tokens in the end: it was the batches that
grew. The range of the assumed batch is this spread."""

COUNTED_BY_STEPS, COUNTED_BY_FLOP = "counted by steps", "counted by FLOP"
ONCE_A_TOKEN = "each parameter is used once a token"
STEPS_OF_ALL, EACH_A_FLOP = "operations alone: steps of all", "operations alone: each a FLOP"
TOKENS, EXAMPLES = "tokens are counted", "examples are counted"
"""What may be the case of a run, for the rules to ask."""


@dataclass(frozen=True)
class Hardware:
    """The value of a row of the hardware table, or of the run's own chip.

    Parameters
    ----------
    row : str
        Its id.
    or_chip : bool
        Whether the chip of the run comes first, if it is known.
    """

    row: str
    or_chip: bool = False


@dataclass(frozen=True)
class Rule:
    """How an input that is not given is had.

    Parameters
    ----------
    value : sympy.Expr, float or Hardware
        From other inputs, or as it is.
    why : str
        In words; an expression explains itself.
    assumed : bool
        Whether it is a choice and not a consequence.
    when : str, optional
        What must be the case of the run.
    needs : tuple of str
        Inputs that must be known beside those of the expression.
    """

    value: Any
    why: str = ""
    assumed: bool = False
    when: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """An input of the ladder.

    Parameters
    ----------
    name : str
        Its name in code.
    group : str
        What it is about.
    symbol : sympy.Symbol
        In the expressions of the rules.
    domain : Domain
        The values that it may take.
    unit, meaning : str
        As in the notation table.
    rules : tuple of Rule
        How it is had if it is not given, the first that applies.
    factor : (float, float), optional
        By which factors an assumed value may be wrong: judgements, to be replaced by the reader's.
    """

    name: str
    group: str
    symbol: sp.Symbol
    domain: Domain
    unit: str
    meaning: str
    rules: tuple[Rule, ...] = ()
    factor: tuple[float, float] | None = None

    @property
    def default(self) -> str:
        """What the first rule does, in words: for a reader who does not give it."""
        first = next(iter(self.rules), None)
        if first is None:
            return ""
        if isinstance(first.value, Hardware):
            chip = "of the run's chip, or " if first.value.or_chip else ""
            return f"{chip}of {first.value.row} in the hardware table"
        if isinstance(first.value, sp.Expr):
            return first.why or text(first.value)
        return f"{first.value:g}: {first.why}"


_RUN, _MEMORY, _HARDWARE = "the run", "the memory", "hardware of today"


def _row(name: str, group: str, *rules: Rule, factor=None) -> Row:
    """An input that is in the notation table."""
    row = QUANTITIES[name]
    meaning = row.meaning.replace("$", "")
    return Row(name, group, row.symbol, row.domain, row.unit, meaning, rules, factor)


def _own(name: str, group: str, domain: Domain, unit: str, meaning: str, *rules, factor=None):
    """An input that the ladder of a run has for itself."""
    return Row(name, group, _symbol(name), domain, unit, meaning, rules, factor)


def _symbol(name: str) -> sp.Symbol:
    return QUANTITIES[name].symbol if name in QUANTITIES else sp.Symbol(name, positive=True)


(active, attempt_rate, batch, bits, drive, duration, flop, model_size, operations, reuse) = map(
    _symbol,
    "active_size attempt_rate batch bits drive duration flop model_size operations reuse".split(),
)
(spread, steps, time_constant, tokens, transport, updates) = map(
    _symbol, "spread_initial steps time_constant tokens transport updates".split()
)
_whole = Domain(low=1)


def assumed(value: Any, why: str, **conditions: Any) -> Rule:
    """A rule that is a choice."""
    return Rule(value, why, assumed=True, **conditions)


_TABLE = (
    _row("model_size", _RUN),
    _own(
        "active_size", _RUN, POSITIVE, "1",
        "parameters that one token passes (mixtures of experts: a part of them)",
        Rule(model_size, "all parameters"),
    ),
    _own(
        "steps", _RUN, _whole, "1", "optimizer steps",
        Rule(operations / model_size, when=STEPS_OF_ALL),
        Rule(tokens / batch),
    ),
    _own(
        "flop", _RUN, POSITIVE, "1", "multiplications and additions of the training",
        Rule(operations, "every FLOP an update", when=EACH_A_FLOP),
        Rule(training_operations(active, tokens), when=ONCE_A_TOKEN),
    ),
    _own(
        "tokens", _RUN, _whole, "1", "tokens or examples seen",
        Rule(flop / training_operations(active, 1), when=ONCE_A_TOKEN),
        Rule(steps * batch),
    ),
    _own(
        "batch", _RUN, _whole, "1", "tokens or examples per optimizer step",
        Rule(sp.Max(tokens / steps, 1)),
        assumed(sp.Max(tokens / USUAL_STEPS, 1),
                "400 000 steps, as published runs in the middle", when=TOKENS),
        assumed(sp.Min(256.0, tokens), "examples a step, as VGG-16", when=EXAMPLES),
        assumed(3.2e6, "tokens a step, as GPT-3 (brown2020)", when=TOKENS,
                needs=("steps",)),
        assumed(256.0, "examples a step, as VGG-16", when=EXAMPLES, needs=("steps",)),
        factor=(1 / 5, 6),
    ),
    _row(
        "operations", _RUN,
        Rule(model_size * steps, when=COUNTED_BY_STEPS),
        Rule(flop, "every FLOP an update", when=COUNTED_BY_FLOP),
    ),
    _row("duration", _RUN, assumed(30 * 86400.0, "thirty days"), factor=(1 / 2, 2)),
    _own("energy", _RUN, POSITIVE, "J", "energy of the real run"),
    _row("bits", _MEMORY, assumed(16.0, "parameters of 16 bits"), factor=(1 / 2, 2)),
    _row("temperature", _MEMORY, assumed(300.0, "room temperature")),
    _row("attempt_rate", _MEMORY, assumed(ATTEMPT_RATE, "1 GHz"), factor=(1, 1e3)),
    _row("retention", _MEMORY, assumed(TEN_YEARS, "ten years"), factor=(1 / 120, 10)),
    _row(
        "loss_probability", _MEMORY, assumed(LOSS, "one cell in a billion"), factor=(1e-3, 1e6)
    ),
    _row(
        "drive", _MEMORY, assumed(1.0, "net moves at twice the thermal hop rate"),
        factor=(1 / 10, 10),
    ),
    _row(
        "transport", _MEMORY,
        Rule(ladder_transport.expression,
             "from uniform to one level of a ladder of 2^bits levels, on average"),
    ),
    _row(
        "updates", _MEMORY,
        assumed(sp.Max(operations, transport),
                "each command makes one net move; at least the transport"),
    ),
    _row("hops", _MEMORY, assumed(operations, "each command makes one hop")),
    _row("hop_budget", _MEMORY),
    _row("convergence_times", _MEMORY),
    _row("update_rate", _MEMORY, Rule(updates / (model_size * duration))),
    _row(
        "time_constant", _MEMORY,
        assumed(duration / sp.Max(bits * sp.log(2), 1e-3), "updates fade by 2^bits over the run",
                needs=("updates",)),
    ),
    _row(
        "hop_rate_initial", _MEMORY,
        Rule(updates / (model_size * time_constant * (1 - sp.exp(-duration / time_constant)))
             / (2 * drive), "first update rate / (2 drive)"),
    ),
    _row("exponent", _MEMORY),
    _row("spread_initial", _MEMORY, assumed(1.0, "unit of a parameter")),
    _row(
        "displacement", _MEMORY, assumed(spread, "the solution is one initial spread away")
    ),
    _row(
        "diffusivity", _MEMORY,
        assumed(attempt_rate * (spread / 2**bits) ** 2, "free hops of one level"),
    ),
    _row(
        "consolidations", _MEMORY,
        assumed(sp.Max(duration / 3600, 1.0), "one copy an hour, at least one"),
        factor=(1 / 10, 10),
    ),
    _own(
        "operation_energy", _HARDWARE, NON_NEGATIVE, "J",
        "energy of a multiplication or addition at full use",
        assumed(Hardware("h100", or_chip=True), "power limit over peak rate"),
    ),
    _own(
        "reuse", _HARDWARE, _whole, "1", "tokens served by one fetch of a parameter",
        assumed(sp.Min(batch, 2048.0), "at most 2048 tokens a fetch", needs=("tokens",)),
    ),
    _row(
        "reads", _HARDWARE,
        Rule(model_reads(tokens, batch, reuse * model_size / active),
             "2 tokens/reuse (active parameters) + tokens/batch (all)"),
    ),
    _own(
        "words", _HARDWARE, POSITIVE, "1", "numbers of b bits kept per parameter",
        assumed(112 / sp.Max(bits, 1.0),
                "112 bits a parameter with the optimizer's, as chapter 1"),
    ),
    _row("read_energy", _HARDWARE, assumed(Hardware("hbm2"), ""), factor=(1 / 1.4, 1.4)),
    _row("write_energy", _HARDWARE, assumed(Hardware("hbm2"), ""), factor=(1 / 1.4, 1.4)),
    _row("transfer_energy", _HARDWARE, assumed(Hardware("chip_link"), ""), factor=(1 / 4, 700)),
)  # fmt: skip

INPUTS: Mapping[str, Row] = {row.name: row for row in _TABLE}
"""All that `energy_ladder` may be told, by name."""

NAMES = {row.symbol: row.name for row in _TABLE}
"""The name in code of each symbol."""


def text(expression: sp.Expr) -> str:
    """An expression in the names of the inputs.

    Examples
    --------
    >>> text(INPUTS["steps"].rules[1].value)
    'tokens/batch'
    """
    return str(expression.subs({s: sp.Symbol(NAMES[s]) for s in expression.free_symbols}))

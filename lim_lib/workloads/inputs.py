"""The inputs of a run's ladder, one table: what each may be, and how it is had if it is not given.

A rule gives an input from others by an expression, or assumes a value; it applies if what its
expression needs is known. Rules are tried in the order of the table, again and again, until none
applies. What the command line offers, what the ladder explains, and what is uncertain by which
factors is read off here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from lim_lib.bounds import ladder_transport
from lim_lib.memory import ATTEMPT_RATE, LOSS, TEN_YEARS
from lim_lib.symbols import BITS, QUANTITIES
from lim_lib.validate import NON_NEGATIVE, POSITIVE, Domain
from lim_lib.workloads.walls import model_reads, training_operations

COUNTINGS = {
    "steps": "every optimizer step updates every parameter",
    "flop": "every multiplication or addition of the training is an update",
    "tokens": "every token updates every parameter",
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

USUAL_STEPS, SMALLEST_BATCH = 4e5, 5e4
"""Optimizer steps of a run that published none: the middle of those that did. From 2017 to 2026
these had 7e4 to 1.6e6, although they saw 2000 times more tokens in the end: it was the batches that
grew. The range of the assumed batch is this spread. A small run takes fewer steps: no published
batch of text is below 50 000 tokens, that of Transformer (big)."""

COUNTED_BY_STEPS, COUNTED_BY_FLOP = "counted by steps", "counted by FLOP"
COUNTED_BY_TOKENS = "counted by tokens"
ONCE_A_TOKEN = "each parameter is used once a token"
READ_ONCE = "each parameter is read once a token"
TOKENS, EXAMPLES = "tokens are counted", "examples are counted"
LASTING, TIMED = "a run, no single solution", "its duration is told"
POWERED = "its power is told"
FINE_TUNING, INFERENCE, MACHINE, UPDATES = "fine-tuning", "inference", "machine", "updates"
"""What may be the case of a run, for the rules to ask; the last four are tasks."""


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

    @cached_property
    def reads(self) -> frozenset[str]:
        """Inputs that it needs, but for those that may be left out."""
        symbols = getattr(self.value, "free_symbols", ())
        names = {*self.needs, *(NAMES[symbol] for symbol in symbols)}
        return frozenset(name for name in names if INPUTS[name].neutral is None)


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
    neutral : float, optional
        The value that changes nothing: it stands where the input is not given.
    fits : tuple of str
        Units of rows of the hardware table whose id may be given instead of a number.
    """

    name: str
    group: str
    symbol: sp.Symbol
    domain: Domain
    unit: str
    meaning: str
    rules: tuple[Rule, ...] = ()
    factor: tuple[float, float] | None = None
    neutral: float | None = None
    fits: tuple[str, ...] = ()

    @property
    def default(self) -> str:
        """What happens if it is not given, in words: the first rule that is no special case."""
        rare = (FINE_TUNING, INFERENCE, MACHINE, POWERED, READ_ONCE, UPDATES)
        special = [rule for rule in self.rules if rule.when in rare]
        rules = [rule for rule in self.rules if rule not in special]
        first = next(iter(rules or [rule for rule in special if rule.assumed]), None)
        if first is None:
            return "" if self.neutral is None else f"{self.neutral:g}"
        if isinstance(first.value, Hardware):
            chip = "of the run's chip, or " if first.value.or_chip else ""
            return f"{chip}of {first.value.row} in the hardware table"
        if isinstance(first.value, sp.Expr):
            return first.why or text(first.value)
        return f"{first.value:g}: {first.why}"


_RUN, _MEMORY, _HARDWARE = "the run", "the memory", "hardware of today"
_TASK, _DEVICE = "the task", "your own device"


def _row(name: str, group: str, *rules: Rule, **more: Any) -> Row:
    """An input that is in the notation table."""
    row = QUANTITIES[name]
    meaning = row.meaning.replace("$", "")
    return Row(name, group, row.symbol, row.domain, row.unit, meaning, rules, **more)


def _own(name: str, group: str, domain: Domain, unit: str, meaning: str, *rules: Rule, **more: Any):
    """An input that the ladder of a run has for itself."""
    return Row(name, group, _symbol(name), domain, unit, meaning, rules, **more)


def _symbol(name: str) -> sp.Symbol:
    return QUANTITIES[name].symbol if name in QUANTITIES else sp.Symbol(name, positive=True)


(active, attempt_rate, batch, bits, drive, duration, flop, model_size, operations, reuse) = map(
    _symbol,
    "active_size attempt_rate batch bits drive duration flop model_size operations reuse".split(),
)
(spread, steps, time_constant, tokens, transport, update_rate, updates) = map(
    _symbol, "spread_initial steps time_constant tokens transport update_rate updates".split()
)
(energy, episodes, frozen, known_bits, power, solution_rate, solutions, spins) = map(
    _symbol,
    "energy episodes frozen_size known_bits power solution_rate solutions spins".split(),
)
_whole = Domain(low=1)
_unknown = bits - known_bits


def assumed(value: Any, why: str, **conditions: Any) -> Rule:
    """A rule that is a choice."""
    return Rule(value, why, assumed=True, **conditions)


_TABLE = (
    _own(
        "known_bits", _TASK, BITS, "bit", "bits of each parameter that are known at the start",
        neutral=0.0,
    ),
    _own(
        "frozen_size", _TASK, NON_NEGATIVE, "1",
        "parameters that one token passes and that are read, never written (LoRA)",
        neutral=0.0,
    ),
    _own("spins", _TASK, _whole, "1", "spins or variables of a machine that optimizes"),
    _own("solution_rate", _TASK, POSITIVE, "1/s", "solutions that a machine finds in a second"),
    _own(
        "solutions", _TASK, _whole, "1", "solutions that a machine finds in the duration",
        Rule(solution_rate * duration, when=MACHINE),
        assumed(1.0, "one solution", when=MACHINE),
    ),
    _own(
        "episodes", _TASK, _whole, "1", "times that something new is learned",
        Rule(solutions, "each solution is written anew", when=MACHINE),
        neutral=1.0,
    ),
    _row("model_size", _RUN, Rule(spins, "a cell for each", when=MACHINE)),
    _own(
        "active_size", _RUN, POSITIVE, "1",
        "parameters that one token passes (mixtures of experts: a part of them)",
        Rule(model_size, "all parameters"),
    ),
    _own(
        "steps", _RUN, _whole, "1", "optimizer steps",
        Rule(tokens / batch),
    ),
    _own(
        "flop", _RUN, POSITIVE, "1", "multiplications and additions of the training",
        Rule(2 * active * tokens, when=READ_ONCE),
        Rule(training_operations(active, tokens, frozen), when=ONCE_A_TOKEN),
    ),
    _own(
        "tokens", _RUN, _whole, "1", "tokens or examples seen",
        Rule(flop / (2 * active), when=READ_ONCE),
        assumed(1.0, "one token", when=INFERENCE),
        Rule(flop / training_operations(active, 1, frozen), when=ONCE_A_TOKEN),
        Rule(steps * batch),
    ),
    _own(
        "batch", _RUN, _whole, "1", "tokens or examples per optimizer step",
        Rule(sp.Max(tokens / steps, 1)),
        assumed(sp.Min(131072.0, tokens), "64 sequences of 2048 tokens", when=FINE_TUNING),
        assumed(sp.Max(tokens / USUAL_STEPS, sp.Min(SMALLEST_BATCH, tokens)),
                "400 000 steps, as published runs in the middle, of at least 50 000 tokens",
                when=TOKENS),
        assumed(sp.Min(256.0, tokens), "examples a step, as VGG-16", when=EXAMPLES),
        assumed(3.2e6, "tokens a step, as GPT-3 (brown2020)", when=TOKENS,
                needs=("steps",)),
        assumed(256.0, "examples a step, as VGG-16", when=EXAMPLES, needs=("steps",)),
        factor=(1 / 5, 6),
    ),
    _row(
        "operations", _RUN,
        Rule(0.0, "what is read is not written", when=INFERENCE),
        Rule(model_size * steps, when=COUNTED_BY_STEPS),
        Rule(flop, "every FLOP an update", when=COUNTED_BY_FLOP),
        Rule(model_size * tokens, when=COUNTED_BY_TOKENS),
        Rule(update_rate * model_size * duration),
    ),
    _own(
        "recorded_bits", _TASK, POSITIVE, "bit", "bits that are written down",
        assumed(17 * tokens, "a token is one of 2^17, and is written down", when=INFERENCE),
    ),
    _row(
        "duration", _RUN,
        Rule(solutions / solution_rate, when=MACHINE),
        Rule(energy / power, when=POWERED),
        assumed(30 * 86400.0, "thirty days", when=LASTING),
        factor=(1 / 2, 2),
    ),
    _own("power", _RUN, POSITIVE, "W", "power that is drawn during the run"),
    _own(
        "energy", _RUN, POSITIVE, "J", "energy of the real run",
        Rule(power * duration, when=TIMED),
    ),
    _row(
        "bits", _MEMORY,
        Rule(1.0, "a spin is one bit", when=MACHINE),
        assumed(16.0, "parameters of 16 bits"),
        factor=(1 / 2, 2),
    ),
    _row("temperature", _MEMORY, assumed(300.0, "room temperature")),
    _row("attempt_rate", _MEMORY, assumed(ATTEMPT_RATE, "1 GHz"), factor=(1, 1e3)),
    _row(
        "retention", _MEMORY,
        assumed(duration, "until the solution is read", when=MACHINE),
        assumed(TEN_YEARS, "ten years", when=LASTING),
        factor=(1 / 120, 10),
    ),
    _row(
        "loss_probability", _MEMORY, assumed(LOSS, "one cell in a billion"), factor=(1e-3, 1e6)
    ),
    _row(
        "drive", _MEMORY, assumed(1.0, "net moves at twice the thermal hop rate"),
        factor=(1 / 10, 10),
    ),
    _row(
        "transport", _MEMORY,
        Rule(ladder_transport.expression.subs(bits, _unknown),
             "from uniform over what is not known to one level, on average"),
    ),
    _row(
        "updates", _MEMORY,
        assumed(sp.Max(operations, episodes * transport),
                "each command makes one net move; at least the transport"),
    ),
    _row(
        "hops", _MEMORY,
        assumed(sp.Max(operations, sp.sqrt(2) * episodes * transport),
                "each command makes one hop; at least a matched barrier's at drive 1"),
    ),
    _row("hop_budget", _MEMORY),
    _row("convergence_times", _MEMORY),
    _row("update_rate", _MEMORY, Rule(updates / (model_size * duration))),
    _row(
        "time_constant", _MEMORY,
        assumed(duration / sp.Max(_unknown * sp.log(2), 1e-3),
                "updates fade by 2^bits over the run", needs=("updates",)),
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
        assumed(attempt_rate * (spread / 2**_unknown) ** 2, "free hops of one level"),
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
        fits=("J/operation",),
    ),
    _own(
        "in_memory_energy", _HARDWARE, NON_NEGATIVE, "J",
        "energy of a multiplication or addition in the memory itself",
        assumed(Hardware("hermes"), "reads of weights that stay in place", when=INFERENCE),
        fits=("J/operation",),
    ),
    _own(
        "reuse", _HARDWARE, _whole, "1", "tokens served by one fetch of a parameter",
        assumed(1.0, "one request at a time", when=INFERENCE),
        assumed(sp.Min(batch, 2048.0), "at most 2048 tokens a fetch", needs=("tokens",)),
    ),
    _row(
        "reads", _HARDWARE,
        Rule(tokens / reuse * active / model_size, when=INFERENCE),
        Rule(model_reads(tokens, batch, reuse * model_size / (active + frozen)),
             "2 tokens/reuse (what a token passes) + tokens/batch (what is learned)"),
        assumed(0.0, "nothing but updates", when=UPDATES),
    ),
    _own(
        "words", _HARDWARE, POSITIVE, "1", "numbers of b bits kept per parameter",
        assumed(112 / sp.Max(bits, 1.0),
                "112 bits a parameter with the optimizer's, as chapter 1"),
    ),
    *(
        _row(name, _HARDWARE, assumed(Hardware(row), ""), factor=factor, fits=("J/bit",))
        for name, row, factor in (
            ("read_energy", "hbm2", (1 / 1.4, 1.4)),
            ("write_energy", "hbm2", (1 / 1.4, 1.4)),
            ("transfer_energy", "chip_link", (1 / 4, 700)),
        )
    ),
    _own(
        "update_energy", _DEVICE, NON_NEGATIVE, "J", "energy of one update, or of one pulse of it",
        fits=("J/update",),
    ),
    _own(
        "pulses", _DEVICE, _whole, "1", "pulses of an update (program and verify)", neutral=1.0
    ),
    _own("endurance", _DEVICE, _whole, "1", "writes that a cell survives"),
    _row("ambient", _DEVICE, assumed(300.0, "room temperature")),
)  # fmt: skip

INPUTS: Mapping[str, Row] = {row.name: row for row in _TABLE}
"""All that `energy_ladder` may be told, by name."""

NAMES = {row.symbol: row.name for row in _TABLE}
"""The name in code of each symbol."""


def text(expression: sp.Expr) -> str:
    """An expression in the names of the inputs.

    Examples
    --------
    >>> text(INPUTS["steps"].rules[0].value)
    'tokens/batch'
    """
    return str(expression.subs({s: sp.Symbol(NAMES[s]) for s in expression.free_symbols}))

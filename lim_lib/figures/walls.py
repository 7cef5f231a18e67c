"""Pictures of the three walls: what today's hardware pays for a bit, and how sharing spreads it."""

from functools import cache

import numpy as np

from lim_lib import bounds, text, workloads
from lim_lib.figures.canvas import Picture, decades, drawing

__all__ = ["amortized_walls", "energy_landscape", "energy_per_operation", "walls_and_batch"]

_MARKER = {"source": "o", "quoted": "o", "recalled": "x"}
_TONE = {
    "arithmetic": "purple",
    "accelerator": "ink",
    "read": "blue",
    "write": "orange",
    "move": "green",
}
_GROUP = {
    "arithmetic": "compute, a bit of an operand",
    "accelerator": "whole chips, a bit of an operand",
    "read": "read a bit",
    "write": "write a bit",
    "move": "move a bit",
}
_SHOWN = (
    "n45_fp32_multiply",
    "n7_fp32_multiply",
    "n7_fp16_multiply",
    "n7_fp16_add",
    "n7_int8_multiply",
    "v100",
    "a100",
    "h100_node",
    "h100",
    "b200",
    "ddr4",
    "gddr6",
    "hbm2",
    "sram_1m_n45",
    "sram_1m",
    "sram_8k",
    "nand_chip",
    "pcm_cell",
    "reram_cell",
    "stt_cell",
    "fefet_cell",
    "dram_cell",
    "sram_cell",
    "nand_charge",
    "ssd",
    "hbm2_wires",
    "chip_link",
    "hbm2_pins",
)
"""Rows of the hardware table on the landscape, from top to bottom within their groups."""

_TERMS = {"arithmetic": "ink", "reads": "blue", "writes": "orange", "copies": "green"}


def energy_landscape(*, figure: Picture | None = None, temperature: float = 300.0) -> Picture:
    """Energies per bit of today's technologies against kT ln 2.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    temperature : float
        In K, for kT ln 2.

    Returns
    -------
    Picture
    """
    table = workloads.load_hardware().loc[list(_SHOWN)]
    heights, names, titles = _heights(table)
    landauer = bounds.landauer(model_size=1, bits=1, temperature=temperature)
    top = max(heights) + 2.4
    with drawing(figure, width=4.8, height=8.4) as picture:
        panel = picture.panel(
            "energy per bit (J)",
            "",
            xscale="log",
            xlim=(1e-22, 1e-8),
            ylim=(-0.8, top),
            xticks=decades((-21, -18, -15, -12, -9)),
            yticks=dict(zip(heights, names, strict=True)),
            left=1.78,
        )
        for power in (0, 3, 6, 9):
            panel.rule(f"rule {power}", x=landauer * 10**power, width=1.6 if power == 0 else 0.7)
            times = "kT ln 2" if power == 0 else f"$\\times10^{power}$"
            panel.text(
                f"times {power}",
                landauer * 10**power,
                top - 0.1,
                times,
                align="center",
                valign="top",
                tone="grey",
            )
        for category, height in titles.items():
            panel.text(
                category,
                landauer * 1.6,
                height,
                _GROUP[category],
                tone=_TONE[category],
                valign="center",
            )
        for height, (name, row) in zip(heights, table.iterrows(), strict=True):
            low, value, high = (row[each] / row["bits"] for each in ("low", "value", "high"))
            panel.line(
                f"range {name}",
                [low, high],
                [height, height],
                tone=_TONE[row["category"]],
                dash="solid",
            )
            panel.points(
                name,
                [value],
                [height],
                tone=_TONE[row["category"]],
                size=6.5,
                marker=_MARKER[row["standing"]],
                hollow=row["standing"] == "quoted",
            )
    return picture


def _heights(table):
    """Heights of the rows and of their groups' titles, from the top down."""
    heights, titles, height, before = [], {}, 0.0, None
    for category in reversed(table["category"].tolist()):
        if before not in (None, category):
            titles[before] = height
            height += 1.25
        heights.append(height)
        height, before = height + 1, category
    titles[before] = height
    names = [name.removesuffix(", 16-bit") for name in table["technology"]]
    return heights[::-1], names, titles


def amortized_walls(*, alone, together, figure: Picture | None = None) -> Picture:
    """The four terms of a run, updating after every token and with shared fetches and updates.

    Parameters
    ----------
    alone, together : pandas.DataFrame
        Two results of `lim_lib.workloads.three_walls`.
    figure : Picture, optional
        An earlier one, to draw on.

    Returns
    -------
    Picture
    """
    heights = {term: 3.0 - place for place, term in enumerate(_TERMS)}
    names = {
        "arithmetic": "arithmetic",
        "reads": "memory-wall\n(reads)",
        "writes": "update-wall\n(writes)",
        "copies": "consolidation-\nwall (copies)",
    }
    with drawing(figure, width=4.8, height=3.3) as picture:
        panel = picture.panel(
            "energy of the run (J)",
            "",
            xscale="log",
            xlim=(1e6, 1e16),
            ylim=(-0.6, 4.1),
            xticks=decades(range(6, 17, 2)),
            yticks={height: names[term] for term, height in heights.items()},
            left=1.3,
        )
        panel.rule("arithmetic rule", x=together.loc["arithmetic", "value"], tone="grey")
        for term, tone in _TERMS.items():
            height = heights[term]
            few, many = alone.loc[term], together.loc[term]
            panel.line(
                f"gain {term}",
                [few["value"], many["value"]],
                [height] * 2,
                tone=tone,
                width=0.8,
                dash="dotted",
            )
            for which, row, shift in (("alone", few, 0.13), ("together", many, -0.13)):
                panel.line(
                    f"{which} range {term}",
                    [row["low"], row["high"]],
                    [height + shift] * 2,
                    tone=tone,
                    dash="solid",
                )
                panel.points(
                    f"{which} {term}",
                    [row["value"]],
                    [height + shift],
                    tone=tone,
                    marker="o" if which == "alone" else "s",
                )
        panel.text("key", 1.6e6, 3.62, "round: a token at a time;  square: shared")
    return picture


@cache
def _curves(bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Batches, and (term, end of range, batch): energies of the example run in J."""
    batches = np.logspace(0, 7, 36)
    runs = [
        workloads.example_run(batch, bits)[["low", "value", "high"]].to_numpy() for batch in batches
    ]
    return batches, np.stack(runs, axis=-1)


def walls_and_batch(
    *, figure: Picture | None = None, batch: float = 1.0, bits: int = 16
) -> Picture:
    """Energy of the example run, term by term, against the tokens that share an update.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    batch : float
        Tokens per update, the point that is marked.
    bits : int
        Width of arithmetic and of the parameters that are read: 8, 16 or 32.

    Returns
    -------
    Picture
    """
    batches, curves = _curves(int(bits))
    here = workloads.example_run(batch, int(bits))["value"]
    with drawing(figure, height=3.7) as picture:
        panel = picture.panel(
            "tokens that share an update",
            "energy of the run (J)",
            xscale="log",
            yscale="log",
            xlim=(0.8, 1.2e7),
            ylim=(1e5, 1e15),
            xticks=decades(range(8)),
            yticks=decades((6, 8, 10, 12, 14)),
        )
        for (term, tone), (low, value, high) in zip(_TERMS.items(), curves, strict=True):
            panel.band(f"band {term}", batches, low, high, tone=tone, alpha=0.15)
            panel.line(term, batches, value, tone=tone)
        panel.rule("here", x=batch)
        for place, (term, tone) in enumerate(_TERMS.items()):
            panel.points(f"point {term}", [batch], [here[term]], tone=tone)
            share = 100 * here[term] / here.sum()
            said = f"{term} {share:.0f} %" if share >= 0.5 else f"{term} < 1 %"
            panel.text(f"share {term}", 0.06, 0.46 - 0.068 * place, said, tone=tone, inside=True)
    return picture


def energy_per_operation(
    *,
    figure: Picture | None = None,
    reuse: float = 1.0,
    read_energy: float = workloads.span("hbm2").value,
) -> Picture:
    """Energy of a 16-bit operation and of the reads that feed it, against tokens per fetch.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    reuse : float
        Tokens served by one fetch of a parameter, the point that is marked.
    read_energy : float
        Energy to read one bit in J/bit.

    Returns
    -------
    Picture
    """
    bits = 16
    low, value, high = workloads.span("n7_fp16")
    tokens = np.logspace(0, 5, 60)

    def reads(reuse):
        passes = workloads.model_reads(reuse, batch=1, reuse=reuse, words=0)
        joules = bounds.memory_access(1, bits, 0, passes, read_energy, 0)
        return joules / workloads.training_operations(1, reuse)

    start = float(reads(1.0) / value)
    with drawing(figure) as picture:
        panel = picture.panel(
            "tokens served by one fetch",
            "energy per operation (J)",
            xscale="log",
            yscale="log",
            xlim=(0.8, 1.2e5),
            ylim=(1e-16, 1e-8),
            xticks=decades(range(6)),
            yticks=decades(range(-16, -7, 2)),
        )
        panel.band("arithmetic range", tokens, low, high, tone="ink", alpha=0.15)
        panel.line("arithmetic", [1, 1e5], [value, value], tone="ink")
        panel.line("reads", tokens, reads(tokens), tone="blue", dash="dashed")
        panel.line("sum", tokens, reads(tokens) + value, tone="purple", width=3, dash="solid")
        panel.rule("break-even", x=max(start, 1))
        panel.points("here", [reuse], [reads(reuse) + value], tone="purple", size=9)
        share = 100 * reads(reuse) / (reads(reuse) + value)
        key = {
            "purple": f"thick: sum, {text.number(share)} % of it reads",
            "blue": "dashed: reads",
            "ink": "solid: arithmetic",
            "grey": f"reads = arithmetic at {text.number(start)} tokens",
        }
        for place, (tone, words) in enumerate(key.items()):
            panel.text(
                f"key {tone}",
                0.98,
                0.98 - 0.08 * place,
                words,
                align="right",
                valign="top",
                tone=tone,
                inside=True,
            )
    return picture

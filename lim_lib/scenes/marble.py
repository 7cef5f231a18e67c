"""The marble: cells that hop over a barrier which the reader raises, and how long they wait.

Contents: `marble`.
"""

from lim_lib import figures, memory, symbols, text
from lim_lib.javascript import source
from lim_lib.scenes.scene import Dial, Scene
from lim_lib.scenes.well import printed

__all__ = ["marble"]

NATURAL_RATE = 1e9
"""Diffusivity over half width squared of the cell that the words speak of, in 1/s."""

WORDS = {
    "all": "At {barrier} kT {seen}; the exact mean is {mean} a²/D. Where D/a² is 1 GHz, that is "
    "{real}{patience}. This film is {slower} times slower{next}.",
    "seen": "{hops} hops of {count} marbles, one in {waited} a²/D each",
    "none": "no hop of {count} marbles yet",
    "patience": ": come back then",
    "next": "; its next hop is due in {due}",
}


def marble() -> Scene:
    """Marbles in a double well whose barrier is dragged; their waits against the exact mean.

    Returns
    -------
    Scene

    Examples
    --------
    >>> marble()
    Scene(marble: barrier 3 kT; marbles 200; film 2 a²/D per s)
    """
    in_kT = {symbols.barrier: symbols.barrier * symbols.thermal_energy}
    in_units = {symbols.diffusivity: 1, symbols.half_width: 1}
    escape = memory.escape_time.expression.subs(in_units).subs(in_kT)
    return Scene(
        "marble",
        title="Marbles that hop over a barrier",
        alt="Above, a double well with a barrier of 41 kT and the narrow density of a particle in "
        "its two bottoms. Below, mean escape time against barrier: almost a straight line on a "
        "logarithmic axis, from 5 ns at 2 kT; a dot at 41 kT, 6.7 months.",
        still=lambda: figures.barrier_and_escape(barrier=41.0, natural_rate=NATURAL_RATE),
        data={
            "well": printed(),
            "escape": source(escape),
            "rate": NATURAL_RATE,
            "spans": text.SPANS,
            "seed": 3,
            "words": WORDS,
        },
        scripts=("langevin", "marble"),
        barrier=Dial("barrier", 0.5, 62, start=3, unit="kT", scale="log"),
        marbles=Dial("marbles", 10, 1000, start=200, scale="whole"),
        pace=Dial("film", 0.02, 200, start=2, unit="a²/D per s", scale="log", digits=2),
    )

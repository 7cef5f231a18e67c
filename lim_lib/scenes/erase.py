"""A bit erased in the page, by the four stages or by hand, with the ledger of each particle.

Contents: `erase`.
"""

from lim_lib import figures, memory, symbols
from lim_lib.javascript import source
from lim_lib.scenes.scene import Dial, Menu, Scene
from lim_lib.scenes.well import printed

__all__ = ["erase"]

CORNERS = ((20, 0), (1, 0), (1, 1), (20, 1), (20, 0))
"""Barrier in kT and share of the tilt between the four stages; the barrier moves in even ratios."""

WORDS = {
    "done": "Mean work of {runs} runs {work} kT; at least {least} kT in this time. {left} % ended "
    "left. Mean of exp(−W/kT), counting what ended right, {weight}; exactly 0.5.",
    "by_hand": "After {time} a²/D each particle took {work} kT of work and gave {heat} kT of heat, "
    "on average. Drag both knobs away, and back: then the books are closed.",
    "going": "After {stage} stages each particle took {work} kT of work and gave {heat} kT of "
    "heat, on average.",
}


def erase() -> Scene:
    """Erase a bit by its barrier and its tilt, and see work, heat and what cannot be beaten.

    Returns
    -------
    Scene

    Examples
    --------
    >>> erase().controls["duration"].start
    10
    """
    return Scene(
        "erase",
        title="A bit erased in four stages or by hand",
        alt="Above: potential tilted by 12 kT with its barrier down, the particle on the right. "
        "Below: work and heat over four stages; work falls to -7.8 kT after two and returns to "
        "0.69, heat falls to -1.5 kT after one and rises to 0.69.",
        still=lambda: figures.erasure_step_by_step(stage=2.0, tilt=12.0),
        data={
            "well": printed(),
            "least": source(
                (memory.ERASING / symbols.thermal_energy).subs(symbols.diffusivity, 1),
                {memory.error: "left", memory.way: "way", symbols.duration: "duration"},
            ),
            "corners": CORNERS,
            "seed": 2,
            "words": WORDS,
        },
        scripts=("langevin", "erase"),
        mode=Menu("mode", {"stages": "the four stages", "hand": "by hand"}, start="stages"),
        duration=Dial("duration", 0.5, 1000, start=10, unit="a²/D", scale="log"),
        tilt=Dial("tilt of the stages", 0, 16, start=12, unit="kT"),
        particles=Dial("particles", 10, 1000, start=300, scale="whole"),
        barrier=Dial("barrier by hand", 0.5, 20, start=20, unit="kT", shown=False),
        lift=Dial("left bottom by hand", 0, 8, start=0, unit="kT", shown=False),
        stage=Dial("stages done", 0, 4, start=4, shown=False),
    )

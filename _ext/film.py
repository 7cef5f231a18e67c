"""A short film of the marble, for the README: hops at 3 kT, at 8 kT hardly one, at 41 kT none.

The particles are those of `lim_lib.simulate`, the frames those of `lim_lib.figures`.
"""

import io
from collections.abc import Iterable, Iterator

import numpy as np
from PIL import Image

from lim_lib import figures
from lim_lib.schedules import Ramp
from lim_lib.simulate import double_well, langevin
from lim_lib.units import thermal_energy

WIDTH, RATE, SECONDS = 480, 12, 11.0
PACE = 3.0
"""Of the film, in a²/D for each second."""
MARBLES, LOOKS = 80, 20
TIMES, HEIGHTS = (0.0, 4.5, 5.0, 8.0, 8.5, SECONDS), (3.0, 3.0, 8.0, 8.0, 41.0, 41.0)


def states() -> Iterator[dict]:
    """What each frame shows, as arguments of `lim_lib.figures.marbles`."""
    kT, frames = thermal_energy(), round(RATE * SECONDS)
    height = Ramp(PACE * np.array(TIMES), kT * np.array(HEIGHTS))
    length = PACE * SECONDS
    run = langevin(
        double_well,
        diffusivity=1.0,
        duration=length,
        steps=160 * frames,
        initial=-1.0,
        replicas=MARBLES,
        seed=3,
        controls={"barrier": height, "half_width": 1.0},
        record=length * np.arange(1, LOOKS * frames + 1) / (LOOKS * frames),
        snapshots=True,
    )
    side, hops = np.full(MARBLES, -1), 0
    for look, (time, at) in enumerate(zip(run.times, run.snapshots, strict=True), 1):
        arrived = side * at < -1
        side, hops = np.where(arrived, -side, side), hops + int(arrived.sum())
        if look % LOOKS == 0:
            barrier = float(height(time)) / kT
            yield {"barrier": barrier, "position": at, "side": side, "hops": hops}


def frames(states: Iterable[dict]) -> Iterator[Image.Image]:
    """The film, picture by picture."""
    picture = None
    for state in states:
        picture = figures.marbles(figure=picture, **state)
        drawn = Image.open(io.BytesIO(picture.png())).convert("RGB")
        yield drawn.resize((WIDTH, drawn.height * WIDTH // drawn.width), Image.Resampling.LANCZOS)


def film() -> bytes:
    """The film as an animated WebP that begins again when it is over."""
    first, *others = frames(states())
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=others, duration=round(1000 / RATE),
               loop=0, quality=70, method=4)  # fmt: skip
    return file.getvalue()

"""Draw again, into assets/, the pictures and the film of the README and of the preface."""

from pathlib import Path

from film import film

from lim_lib import figures

ASSETS = Path(__file__).parents[1] / "assets"

if __name__ == "__main__":
    for name, draw in {
        "ladder": figures.partial_order,
        "welcome": figures.today_above_the_bounds,
    }.items():
        (ASSETS / f"{name}.png").write_bytes(draw().png())
    (ASSETS / "marble.webp").write_bytes(film())

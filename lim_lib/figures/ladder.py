"""The ladder of bounds as what it is: a partial order, drawn from its proven arrows."""

from functools import partial
from textwrap import fill

import numpy as np
from matplotlib.patches import FancyArrowPatch

from lim_lib.bounds import LADDER, ORDERINGS, Bound
from lim_lib.figures.canvas import TONES, Picture, drawing

__all__ = ["partial_order"]

_COLUMN = {"theorem": 0, "protocol": 1, "estimate": 2, "reference": 2}
_TONE = {"theorem": "blue", "protocol": "orange", "estimate": "green", "reference": "grey"}
_HEADINGS = ("theorems", "protocols", "estimates")
_APART = 1.3  # least distance of two boxes in a column
_SWING = (-1, 1.15, 1.15)  # in each column, to which side an arrow swings out to pass a box


def _generation(bound: Bound) -> int:
    """How many arrows lead up to a rung, one after the other."""
    return max((1 + _generation(arrow.lower) for arrow in bound.above), default=0)


def _places() -> dict[str, tuple[float, float]]:
    """Column and height of each rung: the later its generation, the higher.

    Of one generation, those at which more arrows end stand lower, nearer to where these begin.
    """
    columns: list[list[Bound]] = [[] for _ in _HEADINGS]
    for bound in sorted(LADDER, key=lambda bound: (_generation(bound), -len(bound.above))):
        columns[_COLUMN[bound.kind]].append(bound)
    top = _APART * (max(map(len, columns)) - 1)
    return {
        bound.key: (float(column), float(height))
        for column, bounds in enumerate(columns)
        for bound, height in zip(bounds, np.linspace(0, top, len(bounds)), strict=True)
    }


def partial_order(*, figure: Picture | None = None) -> Picture:
    """The rungs in three columns, with an arrow from the lower to the upper of each proven pair.

    Solid arrows hold always, dashed ones under the condition that `ORDERINGS` states. The drawing
    is read off `LADDER`: a rung stands above those that its arrows come from, and nothing else is
    meant by its height.

    Parameters
    ----------
    figure : Picture, optional
        What this function returned before, to draw on again.

    Returns
    -------
    Picture

    Examples
    --------
    >>> partial_order()
    Picture(4.8 x 8.372 in)
    """
    places = _places()
    top = max(height for _, height in places.values())
    with drawing(figure, height=1.1 + 0.72 * (top + 1)) as picture:
        panel = picture.panel("", "", xlim=(-0.66, 2.5), ylim=(-0.9, top + 1.3), left=0.05)
        panel.axes.set_position((0.01, 0.01, 0.98, 0.98))
        panel.axes.set_axis_off()
        for column, heading in enumerate(_HEADINGS):
            panel.text(heading, column, top + 0.95, heading, align="center", size=11.5)
        for bound in LADDER:
            panel.redraw(bound.key, partial(_box, bound=bound, place=places[bound.key]))
        boxes = {bound.key: panel.marks[bound.key].get_bbox_patch() for bound in LADDER}
        for number, ordering in enumerate(ORDERINGS):
            draw = partial(_arrow, ordering=ordering, places=places, boxes=boxes)
            panel.redraw(f"arrow {number}", draw)
    return picture


def _box(axes, bound, place):
    colour = TONES[_TONE[bound.kind]].colour
    return axes.text(
        *place,
        fill(bound.title, 15),
        ha="center",
        va="center",
        color=colour,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": colour},
        zorder=3,
    )


def _arrow(axes, ordering, places, boxes):
    (x0, y0), (x1, y1) = places[ordering.lower.key], places[ordering.upper.key]
    passes_a_box = x0 == x1 and any(x == x0 and y0 < y < y1 for x, y in places.values())
    swing = _SWING[int(x0)] * (0.28 + 0.62 / (y1 - y0)) if passes_a_box else 0
    arrow = FancyArrowPatch(
        (x0, y0),
        (x1, y1),
        patchA=boxes[ordering.lower.key],
        patchB=boxes[ordering.upper.key],
        connectionstyle=f"arc3,rad={swing}",
        linestyle="solid" if ordering.always else (0, (4, 2)),
        arrowstyle="-|>",
        mutation_scale=13,
        color=TONES["ink"].colour,
        zorder=4,
    )
    return axes.add_patch(arrow)

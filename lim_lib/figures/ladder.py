"""The ladder of bounds as what it is: a partial order, drawn from its proven arrows."""

from functools import partial
from textwrap import fill

from matplotlib.patches import FancyArrowPatch

from lim_lib.bounds import LADDER, ORDERINGS, Ordering
from lim_lib.bounds.record import PRICES
from lim_lib.figures.canvas import TONES, Picture, drawing

__all__ = ["partial_order"]

_TONE = {"theorem": "blue", "protocol": "orange", "estimate": "green", "reference": "grey"}
_HEADINGS = ("theorems", "the solution", "moves alone")
_HEIGHTS = {  # chosen so that arrows lead up, and around the boxes
    "landauer": -0.3, "transport_activity": 1.0, "transport_time": 2.0,
    "optimizer_limited": 3.0, "finite_time": 4.1, "two_limits": 5.4,
    "gradient_noise": 0.1, "stepped_barrier": 0.72, "static_stiffness": 1.35,
    "held_tilt": 3.4, "polyak_lojasiewicz": 4.25, "matched_stiffness": 5.5,
    "landauer_per_update": -0.2, "memory_access": 0.8, "matched_barrier": 2.5,
    "static_barrier": 3.5, "dissipated_barrier": 4.5, "two_tier": 5.6,
}  # fmt: skip
_SWING = (-1.12, 1.25, 1.25)  # in each column, to which side an arrow swings out to pass a box

Places = dict[str, tuple[float, float]]


def _places() -> Places:
    """Column and height of each rung; one that has no height yet stands on top of its column."""
    places: Places = {}
    for bound in LADDER:
        column = 0 if bound.kind == "theorem" else 1 + PRICES.index(bound.prices)
        taken = [y for x, y in places.values() if x == column]
        above = max(taken, default=-1.0) + 1
        places[bound.key] = (float(column), _HEIGHTS.get(bound.key, above))
    return places


def _arrows() -> list[Ordering]:
    """The proven arrows, without those that two others, which hold always, say together."""
    always = {(o.lower.key, o.upper.key) for o in ORDERINGS if o.always}
    return [
        o
        for o in ORDERINGS
        if not any({(o.lower.key, b.key), (b.key, o.upper.key)} <= always for b in LADDER)
    ]


def partial_order(*, figure: Picture | None = None) -> Picture:
    """The rungs in three columns, with an arrow from the lower to the upper of each proven pair.

    Theorems, what prices the solution, and what prices moves alone; colours tell the kinds. Solid
    arrows hold always, dashed ones under the condition that `ORDERINGS` states; an arrow that two
    others imply is left out. The drawing is read off `LADDER`: a rung stands above those that its
    arrows come from, and nothing else is meant by its height.

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
    Picture(4.8 x 6.776 in)
    """
    places = _places()
    top = max(height for _, height in places.values())
    with drawing(figure, height=1.1 + 0.86 * (top + 1)) as picture:
        panel = picture.panel("", "", xlim=(-0.7, 2.64), ylim=(-0.7, top + 1.0), left=0.05)
        panel.axes.set_position((0.01, 0.01, 0.98, 0.98))
        panel.axes.set_axis_off()
        for column, heading in enumerate(_HEADINGS):
            panel.text(heading, column, top + 0.75, heading, align="center", size=11.5)
        for bound in LADDER:
            panel.redraw(bound.key, partial(_box, bound=bound, place=places[bound.key]))
        boxes = {bound.key: panel.marks[bound.key].get_bbox_patch() for bound in LADDER}
        for number, ordering in enumerate(_arrows()):
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

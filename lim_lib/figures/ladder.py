"""The ladder of bounds as what it is: a partial order, drawn from its proven arrows."""

from textwrap import fill

from matplotlib.patches import FancyArrowPatch

from lim_lib.bounds import LADDER, ORDERINGS
from lim_lib.figures.canvas import TONES, Picture, drawing

__all__ = ["partial_order"]

_COLUMN = {"theorem": 0, "protocol": 1, "estimate": 2, "reference": 2}
_TONE = {"theorem": "blue", "protocol": "orange", "estimate": "green", "reference": "grey"}
_HEADINGS = ("theorems", "protocols", "estimates")
_HEIGHT = {  # of each box in its column; only the columns and the arrows carry meaning
    "landauer": 0.6,
    "finite_time": 2.2,
    "transport_activity": 3.6,
    "transport_time": 5.0,
    "static_stiffness": 0.9,
    "matched_stiffness": 2.2,
    "matched_barrier": 3.9,
    "dissipated_barrier": 5.2,
    "static_barrier": 6.4,
    "two_tier": 3.9,
    "memory_access": 2.2,
    "landauer_per_update": 0.6,
}
_NEXT = 1.7  # boxes of one column that are farther apart have another between them
_SWING = (-0.6, 0.8, 0.0)  # in each column, how an arrow swings out to pass that one


def partial_order(*, figure: Picture | None = None) -> Picture:
    """The rungs in three columns, with an arrow from the lower to the upper of each proven pair.

    Solid arrows hold always, dashed ones under the condition that `ORDERINGS` states. The drawing
    is read off `LADDER` and `ORDERINGS`; heights inside a column mean nothing.

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
    Picture(4.8 x 5.6 in)
    """
    with drawing(figure, height=5.6) as picture:
        panel = picture.panel("", "", xlim=(-0.66, 2.5), ylim=(-0.4, 7.5), left=0.05)
        panel.axes.set_position((0.01, 0.01, 0.98, 0.98))
        panel.axes.set_axis_off()
        for column, heading in enumerate(_HEADINGS):
            panel.text(heading, column, 7.15, heading, align="center", size=11.5)
        for bound in LADDER:
            panel.redraw(bound.key, lambda axes, b=bound: _box(axes, b))
        boxes = {bound.key: panel.marks[bound.key].get_bbox_patch() for bound in LADDER}
        for number, ordering in enumerate(ORDERINGS):
            panel.redraw(f"arrow {number}", lambda axes, o=ordering: _arrow(axes, o, boxes))
    return picture


def _centre(bound) -> tuple[float, float]:
    return _COLUMN[bound.kind], _HEIGHT[bound.key]


def _box(axes, bound):
    colour = TONES[_TONE[bound.kind]].colour
    return axes.text(
        *_centre(bound),
        fill(bound.title, 15),
        ha="center",
        va="center",
        color=colour,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": colour},
        zorder=3,
    )


def _arrow(axes, ordering, boxes):
    (x0, y0), (x1, y1) = _centre(ordering.lower), _centre(ordering.upper)
    passes_a_box = x0 == x1 and y1 - y0 > _NEXT
    arrow = FancyArrowPatch(
        (x0, y0),
        (x1, y1),
        patchA=boxes[ordering.lower.key],
        patchB=boxes[ordering.upper.key],
        connectionstyle=f"arc3,rad={_SWING[x0] if passes_a_box else 0}",
        linestyle="solid" if ordering.always else (0, (4, 2)),
        arrowstyle="-|>",
        mutation_scale=13,
        color=TONES["ink"].colour,
        zorder=4,
    )
    return axes.add_patch(arrow)

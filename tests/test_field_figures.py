"""The pictures of the page on the field show what they are given, and which floors remain."""

import numpy as np
import pytest

from lim_lib.figures import field

ERASED = {
    "durations": [1, 10, 100],
    "heats": {0.0: [1.6, 0.84, 0.7], 2.0: [1.7, 1.2, 1.13]},
    "floors": {0.0: 0.69, 2.0: 1.124},
}


def test_each_cell_has_its_curve_and_the_floor_under_it():
    marks = field.unprepared_erasure(**ERASED).panels["whole"].marks
    for tilt, heats in ERASED["heats"].items():
        assert marks[f"tilt {tilt:g}"].get_ydata() == pytest.approx(heats)
        assert set(marks[f"floor {tilt:g}"].get_ydata()) == {ERASED["floors"][tilt]}
    assert marks["landauer"].get_ydata()[0] == pytest.approx(np.log(2))
    assert marks["words 2"].get_text() == "tilt at the start 2 kT: 1.12 kT remain"


def test_machines_have_their_curves_by_name():
    heats = {"serial": [0.7, 0.75], "parallel": [0.69, 0.69]}
    picture = field.machines_by_size(sizes=[16, 64], heats=heats)
    for name, values in heats.items():
        x, y = picture.panels["whole"].marks[name].get_data()
        assert (list(x), list(y)) == ([16, 64], values)


def test_curves_of_another_length_are_refused_by_name():
    with pytest.raises(ValueError, match=r"heats\['serial'\] must be 2 numbers, got 'shape"):
        field.machines_by_size(sizes=[16, 64], heats={"serial": [0.7]})
    with pytest.raises(ValueError, match="heats must be a mapping of 1 to 4 curves"):
        field.machines_by_size(sizes=[16, 64], heats={})
    with pytest.raises(ValueError, match=r"floors must be one number for each of \[0.0, 2.0\]"):
        field.unprepared_erasure(**ERASED | {"floors": {0.0: 0.69}})


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (
            field.unprepared_erasure,
            ERASED,
            {"durations": [1, 10], "heats": {4.0: [2.2, 2.1]}, "floors": {4.0: 2.0}},
        ),
        (
            field.machines_by_size,
            {"sizes": [16, 64], "heats": {"serial": [0.7, 0.75], "parallel": [0.69, 0.69]}},
            {"sizes": [16, 400], "heats": {"serial": [0.7, 1.1]}},
        ),
    ],
)
def test_a_picture_does_not_depend_on_the_one_before(function, first, second):
    assert function(figure=function(**first), **second).png() == function(**second).png()

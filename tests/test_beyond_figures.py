"""The pictures of chapter 15 show what the library says."""

import numpy as np
import pytest

from lim_lib import bounds, overheads, workloads
from lim_lib.figures import beyond
from lim_lib.units import thermal_energy
from lim_lib.workloads.socket import FACTORS


def test_the_way_to_the_socket_is_that_of_the_machine_with_the_range_of_each_factor():
    marks = beyond.way_to_the_socket(ranges=True).panels["whole"].marks
    run = workloads.example_socket()
    for stage, energy in run["energy"].items():
        assert marks[stage].get_xdata()[0] == pytest.approx(energy, rel=1e-6, abs=0)
    assert marks["so far"].get_xdata()[-1] == pytest.approx(run["total"].iloc[-1])
    ranges = workloads.socket_ranges()
    assert ranges.keys() == FACTORS.keys()
    for name, (_, stage) in FACTORS.items():
        ends = ranges[name].low, ranges[name].high
        energies = [workloads.example_socket(**{name: end})["energy"][stage] for end in ends]
        drawn = marks[f"range of {name}"].get_xdata()
        assert drawn == pytest.approx(np.maximum(energies, 1e-11), rel=1e-6, abs=0)


def test_paths_are_the_librarys_and_their_ratio_is_said():
    panel = beyond.moves_that_cancel(contraction=0.0, start=0.0).panels["whole"]
    steps, path = panel.marks["commanded"].get_data()
    assert path == pytest.approx(steps * np.sqrt(2 / np.pi))
    assert panel.marks["ratio"].get_text().endswith("316 to 1")


def test_the_diamond_lies_where_control_costs_what_the_moves_do():
    marks = beyond.price_of_a_swing(accuracy=0.1, swings=100).panels["whole"].marks
    (slowness,), (heat,) = marks["equal"].get_data()
    kT = thermal_energy()
    swings = 100 * 4 * overheads.signal_energy(600) * overheads.ramp_loss(slowness) / kT
    assert heat == pytest.approx(swings, rel=0.01)
    moves = bounds.matched_barrier(bounds.ladder_transport(1, 16), drive=1) / kT
    assert heat == pytest.approx(moves)


def test_no_diamond_where_control_is_always_cheaper():
    assert "equal" not in beyond.price_of_a_swing(accuracy=3.0).panels["whole"].marks


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (beyond.way_to_the_socket, {"ranges": True}, {"ranges": False}),
        (beyond.moves_that_cancel, {"found": ([10], [8], [3])}, {"contraction": 0.1}),
        (beyond.price_of_a_swing, {"accuracy": 0.01}, {"accuracy": 3.0}),
        (
            beyond.price_of_isolation,
            {"durations": [10, 100], "apart": [1, 0.5], "together": [1, 0.1], "correlation": 0.4},
            {"durations": [10], "apart": [2], "together": [1], "correlation": 0.2},
        ),
    ],
)
def test_a_picture_does_not_depend_on_the_one_before(function, first, second):
    again = function(figure=function(**first), **second)
    assert again.png() == function(**second).png()

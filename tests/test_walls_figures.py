"""The pictures of chapter 1 show what the table and the terms say."""

import numpy as np
import pytest

from lim_lib import bounds, workloads
from lim_lib.figures import walls
from lim_lib.units import BOLTZMANN


def test_the_landscape_marks_each_row_by_its_value_and_its_standing():
    marks = walls.energy_landscape().panels["whole"].marks
    table = workloads.load_hardware()
    for name in walls._SHOWN:
        row, mark = table.loc[name], marks[name]
        assert mark.get_xdata()[0] == pytest.approx(row["value"] / row["bits"], rel=1e-6, abs=0)
        hollow = mark.get_markerfacecolor() == "white"
        assert hollow == (row["standing"] == "quoted"), name
        assert (mark.get_marker() == "x") == (row["standing"] == "recalled"), name
    assert marks["rule 0"].get_xdata()[0] == pytest.approx(
        BOLTZMANN * 300 * np.log(2), rel=1e-6, abs=0
    )


def test_the_bars_of_the_terms_are_those_of_the_tables():
    alone, shared = workloads.example_run(batch=1), workloads.example_run()
    marks = walls.amortized_walls(alone=alone, together=shared).panels["whole"].marks
    for term in shared.index:
        for which, run in (("alone", alone), ("together", shared)):
            assert marks[f"{which} {term}"].get_xdata()[0] == run.loc[term, "value"]
            assert list(marks[f"{which} range {term}"].get_xdata()) == [
                run.loc[term, "low"],
                run.loc[term, "high"],
            ]


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_the_marked_point_lies_on_the_curve_and_shares_add_up(bits):
    picture = walls.walls_and_batch(batch=1e3, bits=bits)
    marks = picture.panels["whole"].marks
    shares = []
    for term in ("arithmetic", "reads", "writes", "copies"):
        x, y = marks[term].get_data()
        point = marks[f"point {term}"].get_ydata()[0]
        curve = np.exp(np.interp(np.log(1e3), np.log(x), np.log(y)))
        assert point == pytest.approx(curve, rel=0.03)
        shares.append(marks[f"share {term}"].get_text())
    numbers = [float(text.split()[-2]) for text in shares if "<" not in text]
    assert sum(numbers) == pytest.approx(100, abs=2)


def test_reads_and_arithmetic_are_equal_at_the_upright_line():
    energy = 5.0e-12
    marks = walls.energy_per_operation(read_energy=energy).panels["whole"].marks
    crossing = marks["break-even"].get_xdata()[0]
    per_operation = workloads.span("n7_fp16").value
    assert crossing == pytest.approx(16 * energy / (3 * per_operation))
    reads = bounds.memory_access(1, 16, 0, 2, energy, 0) / 6
    assert marks["reads"].get_ydata()[0] == pytest.approx(reads, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("function", "first", "second"),
    [
        (walls.walls_and_batch, {"batch": 1.0}, {"batch": 1e5, "bits": 8}),
        (walls.energy_per_operation, {"reuse": 1.0}, {"reuse": 1e3, "read_energy": 9e-10}),
    ],
)
def test_a_picture_does_not_depend_on_the_one_before(function, first, second):
    again = function(figure=function(**first), **second)
    assert again.png() == function(**second).png()

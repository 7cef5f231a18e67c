"""The page for a reader's own machine: its commands, word by word, and its picture of a chip."""

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from lim_lib import bounds
from lim_lib.__main__ import main
from lim_lib.figures import devices, own_chip
from lim_lib.workloads import energy_ladder, load_hardware


@pytest.fixture(scope="module")
def prose():
    path = Path(__file__).parents[1] / "chapters" / "your-own-machine.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells)


def said(command, capsys):
    assert main(shlex.split(command, comments=True)) == 0, command
    return capsys.readouterr().out


def test_every_answer_in_the_table_stands_on_the_screen_of_its_command(prose, capsys):
    rows = re.findall(r"^\|.*\?[^|]*\| `([^`]+)` \| (.*) \|$", prose, re.M)
    assert len(rows) == 9
    for command, answer in rows:
        screen = said(command, capsys)
        told = re.findall(r"`([^`]+)`", answer)
        assert told
        for each in told:
            assert re.search(rf"(?<![\d.]){re.escape(each)}\b", screen), (command, each)


def test_every_command_on_the_page_runs(prose, capsys):
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```$", prose, re.M | re.S))
    commands = re.findall(r"^lim-lib (ladder .*)$", blocks, re.M)
    assert len(commands) == 5
    for command in commands:
        assert "rung  " in said(command, capsys)


def test_a_chip_s_picture_shows_the_ladder_and_its_cells_as_they_stand_in_the_table():
    marks = own_chip(updates=1e4, bits=4).panels["whole"].marks
    hardware = load_hardware()
    for name, inputs in devices.CELLS.items():
        (row,) = (hardware.loc[each] for each in inputs.values() if each in hardware.index)
        once = inputs.get("pulses", 1) * (4 if "write_energy" in inputs else 1)
        ends = np.divide(marks[f"range {name}"].get_xdata(), 1e11 * once)
        np.testing.assert_allclose(ends, [row["low"], row["high"]], rtol=1e-9)
        assert (marks[name].get_marker() == "x") == (row["standing"] == "recalled")
        hollow = marks[name].get_markerfacecolor() == "white"
        assert hollow == (row["standing"] == "quoted")
    chip = energy_ladder(model_size=1e7, bits=4, operations=1e11, duration=1e4).lines
    for key in devices._RUNGS:
        (joules,) = marks[key].get_xdata()
        assert joules / chip[key]["joules"] == pytest.approx(1, rel=1e-9)
    assert marks["landauer"].get_xdata()[0] / bounds.landauer(
        model_size=1e7, bits=4
    ) == pytest.approx(1, rel=1e-9)


@pytest.mark.parametrize(("updates", "bits"), [(1e2, 1), (1e8, 16)])
def test_the_names_of_a_chip_s_energies_stay_in_the_picture(updates, bits):
    picture = own_chip(updates=updates, bits=bits)
    picture.png()
    marks = picture.panels["whole"].marks
    boxes = [mark.get_window_extent() for name, mark in marks.items() if "energy" in name]
    assert len(boxes) == len(devices.CELLS) + len(devices._RUNGS)
    for i, box in enumerate(boxes):
        assert box.x1 <= picture.bbox.x1
        assert not any(box.overlaps(other) for other in boxes[:i])

"""The picture of the first page says what the ladder says."""

import io

import numpy as np
import pytest
from PIL import Image

from lim_lib import bounds, workloads
from lim_lib.figures import welcome
from lim_lib.units import format_energy


@pytest.mark.parametrize("model_size", [1e6, 1e11, 1e15])
@pytest.mark.parametrize("bits", [4, 32])
def test_the_gap_is_between_the_chip_and_landauer(model_size, bits):
    marks = welcome.today_above_the_bounds(model_size=model_size, bits=bits).panels["whole"].marks
    low, high = marks["gap"].get_ydata()
    least = bounds.landauer(model_size, bits)
    chip = 6 * model_size * 20 * model_size * workloads.span("h100").value
    assert (low, high) == (
        pytest.approx(least, rel=1e-6, abs=0),
        pytest.approx(chip, rel=1e-6, abs=0),
    )
    words = marks["words"].get_text()
    assert format_energy(chip) in words
    assert format_energy(least) in words
    assert f"10^{{{np.log10(chip / least):.0f}}}" in words


def test_every_run_with_a_known_energy_is_drawn_once():
    marks = welcome.today_above_the_bounds().panels["whole"].marks
    drawn = [marks[each].get_ydata() for each in
             ("measured", "estimated, derived", "recalled, hearsay")]  # fmt: skip
    known = workloads.load_workloads()["energy"].dropna()
    assert sorted(np.concatenate(drawn)) == sorted(known)


def test_the_gap_ends_on_the_lines():
    marks = welcome.today_above_the_bounds(model_size=1e9, bits=16).panels["whole"].marks
    for rung, end in (("landauer", 0), ("chip_limit", 1)):
        sizes, joules = marks[rung].get_data()
        assert joules[sizes == 1e9] == pytest.approx(marks["gap"].get_ydata()[end], rel=1e-6, abs=0)


def test_a_picture_does_not_depend_on_the_one_before():
    first = welcome.today_above_the_bounds(model_size=1e15, bits=32)
    again = welcome.today_above_the_bounds(figure=first)
    assert again.png() == welcome.today_above_the_bounds().png()


def test_the_picture_of_the_readme_is_the_librarys(root):
    drawn = Image.open(io.BytesIO(welcome.today_above_the_bounds().png())).convert("L")
    kept = Image.open(root / "assets" / "welcome.png").convert("L")
    assert kept.size == drawn.size
    difference = np.abs(np.asarray(kept, dtype=float) - np.asarray(drawn, dtype=float))
    assert np.mean(difference > 128) < 0.005  # letters may differ by a hair elsewhere

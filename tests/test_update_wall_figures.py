"""The pictures of the update-wall: what they show is what the library computes."""

import numpy as np
import pytest

from lim_lib import bounds, figures, schedules, simulate
from lim_lib.units import thermal_energy

kT = thermal_energy()


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if hasattr(mark, "get_text"))


def drawn(picture, name, place="whole"):
    return picture.panels[place].marks[name].get_xydata().T


def cloud(seed, spring, replicas=30):
    return simulate.langevin(
        simulate.harmonic, diffusivity=1, duration=1, steps=50, replicas=replicas, seed=seed,
        initial=1.0, controls={"stiffness": spring}, record=[0, 0.5, 1], snapshots=True,
    )  # fmt: skip


SOFT, STIFF = cloud(1, kT), cloud(2, 4 * kT)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("springs", {"static": STIFF, "matched": SOFT}, {"static": SOFT, "matched": STIFF}),
        ("heat_of_bits", {"simulated": [("static", 2, 3e-20)]}, {"bits": 7, "duration": 0.1}),
        ("heat_of_time", {}, {"bits": 3, "durations": [5], "heats": [2e-20], "errors": [1e-21]}),
        ("heat_of_a_move", {}, {"drive": 3, "static": [(1.0, 3e-19)], "matched": [(1.0, 7e-21)]}),
        ("barrier_designer", {"decay": "constant"}, {"decay": "1/t⁴", "drive": 10}),
        ("barrier_designer", {"decay": "exponential"}, {"decay": "1/√t", "drive": 0.01}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_four_bits_are_priced_as_the_rungs_say():
    told = words(figures.heat_of_bits(bits=4, duration=1.25))
    assert "static: 127.5 kT" in told
    assert "matched: 3.877 kT" in told  # 20 s for sigma_0 = 4 and D = 1


def test_simulated_points_are_drawn_where_they_are():
    picture = figures.heat_of_bits(simulated=[("matched", 3, 5 * kT), ("static", 2, 7 * kT)])
    assert drawn(picture, "matched simulated").ravel() == pytest.approx([3, 5])
    assert drawn(picture, "static simulated").ravel() == pytest.approx([2, 7])
    with pytest.raises(ValueError, match="simulated"):
        figures.heat_of_bits(simulated=[("other", 3, kT)])


def test_the_matched_curve_lies_above_the_bound():
    picture = figures.heat_of_time()
    assert np.all(drawn(picture, "matched")[1] > drawn(picture, "bound")[1])


def test_a_move_over_a_standing_barrier_costs_two_kt_more_for_each_factor_e_in_rate():
    rates, heats = drawn(figures.heat_of_a_move(), "static")
    assert np.diff(heats) / np.diff(np.log(rates)) == pytest.approx(2, abs=1e-9)
    assert np.interp(6, np.log10(rates), heats) == pytest.approx(108.217, abs=1e-3)


def test_the_clouds_say_what_heat_was_measured():
    picture = figures.springs(static=STIFF, matched=SOFT)
    heat = STIFF.ledger.heat.mean() / kT
    assert f"static spring: {heat:.3g}" in words(picture, "top")
    low, high = np.sort(picture.panels["top"].marks["cloud"].get_xy()[:, 1])[[0, -1]]
    assert high - low == pytest.approx(4 * np.sqrt(STIFF.variances.max()), rel=0.5)


def test_a_cloud_of_one_path_is_drawn_without_a_certain_heat():
    picture = figures.springs(static=cloud(1, 4 * kT, replicas=1), matched=SOFT)
    assert picture.png()
    assert "± 0 kT" not in words(picture, "top")


def test_the_designer_tells_when_the_barrier_keeps_ten_years():
    exponential = figures.barrier_designer(decay="exponential", drive=1)
    assert "from 53.4 s on" in words(exponential, "top")
    ten_years = 10 * 365.25 * 86400
    # r = r_ret at t = tau ln(v0/(2 chi r_ret)), with r_ret nearly delta/t_ret
    assert np.log(1e6 * ten_years / 2e-9) == pytest.approx(53.4, abs=0.05)
    slow = np.log10(drawn(figures.barrier_designer(decay="1/t⁴"), "kept", "top")[0, 0])
    assert slow == pytest.approx(np.log10((1e6 * ten_years / 2e-9) ** 0.25 - 1), abs=0.01)
    assert "does not keep" in words(figures.barrier_designer(decay="constant"), "top")


@pytest.mark.parametrize("decay", figures.DECAYS)
@pytest.mark.parametrize("drive", [0.01, 1, 100])
def test_the_mean_of_the_height_lost_is_the_mean_over_the_moves(decay, drive):
    told = words(figures.barrier_designer(decay=decay, drive=drive), "bottom")
    exponent = figures.DECAYS[decay]
    end = 95.0 if decay == "exponential" else 1e10
    t = np.append(0, np.logspace(-4, np.log10(end), 200_001))
    if exponent is None:
        rate = np.full_like(t, 1e6)
    elif decay == "exponential":
        rate = 1e6 * np.exp(-t)
    else:
        rate = 1e6 * (1 + t) ** -exponent
    height = np.log(2 * drive * 1e9 / rate) + 2 * np.arcsinh(drive)
    mean = np.trapezoid(height * rate, t) / np.trapezoid(rate, t)
    assert float(told.split("mean ")[1].split()[0]) == pytest.approx(mean, rel=6e-3)
    assert f"matched: {bounds.matched_barrier(1, drive) / kT:.3g}" in told


def test_the_designers_barrier_is_the_schedules():
    times, height = drawn(figures.barrier_designer(decay="1/t", drive=3), "height", "top")
    decay = schedules.PowerLawDecay(1e6, time_constant=1.0, exponent=1.0)
    assert height * kT == pytest.approx(
        schedules.MatchedBarrier(3.0, decay, 1e9)(times), rel=1e-6, abs=0
    )


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("heat_of_bits", {"bits": 9}),
        ("heat_of_bits", {"duration": 0}),
        ("heat_of_a_move", {"drive": 0}),
        ("barrier_designer", {"decay": "never"}),
        ("barrier_designer", {"drive": 1e3}),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

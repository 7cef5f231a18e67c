"""The pictures of the update-wall: what they show is what the library computes."""

import numpy as np
import pytest

from lim_lib import figures, schedules, simulate
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


def matched(name="cosine", bits=4):
    return schedules.from_learning_rate(
        figures.RATES[name], 0.01, bits=bits, level_spacing=1 / 256, attempt_rate=1e9
    )


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("springs", {"static": STIFF, "matched": SOFT}, {"static": SOFT, "matched": STIFF}),
        ("heat_of_convergence", {"simulated": [(6, 2e-20)]}, {"bits": 7, "convergence_times": 9}),
        ("heat_of_convergence", {"bits": 8, "convergence_times": 1}, {"bits": 1}),
        ("heat_of_time", {}, {"bits": 3, "durations": [5], "heats": [2e-20], "errors": [1e-21]}),
        (
            "heat_of_a_move",
            {},
            {"error": 1e-3, "static": [(1.0, 3e-19)], "matched": [(1.0, 7e-21)]},
        ),
        ("barrier_of_a_rate", {"schedule": "1/√n"}, {"schedule": "linear to zero", "bits": 6}),
        (
            "barriers_of_rates",
            {"asked": {"a": matched(), "b": matched("1/√n")}},
            {"asked": {"b": matched()}, "told": "alone"},
        ),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_four_bits_in_six_convergence_times_are_priced_as_the_rungs_say():
    told = words(figures.heat_of_convergence(bits=4, convergence_times=6))
    for price in ("127.5 kT", "held tilt: 11.15 kT", "matched: 5.154 kT", "Landauer: 2.773 kT"):
        assert price in told


def test_too_short_a_time_is_said_and_nothing_marked():
    picture = figures.heat_of_convergence(bits=8, convergence_times=1)
    assert "too short: at least 5.55" in words(picture)
    assert not any(" now" in name for name in picture.panels["whole"].marks)


def test_simulated_points_are_drawn_where_they_are():
    picture = figures.heat_of_convergence(simulated=[(3, 5 * kT), (20, 7 * kT)])
    assert drawn(picture, "simulated").T.ravel() == pytest.approx([3, 5, 20, 7])


def test_the_barrier_drawn_is_that_of_noise_in_step_with_drift():
    times, heights = drawn(figures.barrier_of_a_rate(), "barrier cosine", "bottom")
    rates = drawn(figures.barrier_of_a_rate(), "rate cosine", "top")[1]
    gone = np.append(0, np.cumsum(figures.RATES["cosine"]))
    gone = np.interp(times, np.arange(1001) * 0.01, gone)
    theta = 1 - 4 * np.log(2) / (figures.RATES["cosine"].sum())
    pulling = rates > 0.01
    noise = theta * rates[pulling] * np.exp(-2 * (1 - theta) * gone[pulling])
    assert heights[pulling] == pytest.approx(np.log(1e9 / 256**2 / noise), abs=1e-6)


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
    assert f"standing barrier: {heat:.3g}" in words(picture, "top")
    low, high = np.sort(picture.panels["top"].marks["cloud"].get_xy()[:, 1])[[0, -1]]
    assert high - low == pytest.approx(4 * np.sqrt(STIFF.variances.max()), rel=0.5)


def test_a_cloud_of_one_path_is_drawn_without_a_certain_heat():
    picture = figures.springs(static=cloud(1, 4 * kT, replicas=1), matched=SOFT)
    assert picture.png()
    assert "± 0 kT" not in words(picture, "top")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("heat_of_convergence", {"bits": 9}),
        ("heat_of_convergence", {"convergence_times": 0}),
        ("heat_of_a_move", {"error": 0}),
        ("barrier_of_a_rate", {"schedule": "never"}),
        ("barrier_of_a_rate", {"bits": 8}),
        ("barriers_of_rates", {"asked": {}}),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

"""The pictures of quadratic programs: what they show is what the library computes."""

import numpy as np
import pytest
from matplotlib.text import Text

from lim_lib import bounds, figures
from lim_lib.optimizers import QuadraticProgram, anneal
from lim_lib.units import thermal_energy

kT = thermal_energy()


def words(picture, place="whole"):
    marks = picture.panels[place].marks.values()
    return " ".join(mark.get_text() for mark in marks if isinstance(mark, Text))


def drawn(picture, name, place="whole"):
    return picture.panels[place].marks[name].get_xydata().T


def pair(bits=3):
    return QuadraticProgram([[2, 1], [1, 2]], [-0.4, 0.2], lower=-1, upper=1, bits=bits)


def solved(seed, scale=5 * kT, **how):
    seen = {"record": np.linspace(0, 10, 21), "snapshots": True, "steps": 20}
    how = {"hop_rate": 1.0} | how
    how = {"replicas": 20} | how
    return anneal(pair(), scale, duration=10.0, seed=seed, **how, **seen)


PLAN = pair().matched_schedules(0.1)
WAYS = {"program": pair(), "quick": solved(1), "slow": solved(2, kT)}
MODES = {"hops": [0, 10, 20], "modes": [[1, 0.5, 0.2]], "errors": [[0, 0.1, 0.1]]}


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("valley", WAYS, WAYS | {"replica": 3}),
        (
            "settling",
            {"run": solved(1), "barrier": PLAN["barrier"]},
            {"run": solved(2), "barrier": PLAN["barrier"], "variable": 1},
        ),
        (
            "excess_of_scale",
            {"programs": [pair(2), pair(3)]},
            {"programs": [pair(3)], "simulated": [(10 * kT, 0.1, 0.01)]},
        ),
        (
            "heat_of_precision",
            {"quick": [(2, 10 * kT, kT)], "slow": []},
            {"quick": [(2, 10 * kT, kT)], "slow": [(3, 2 * kT, 0.1 * kT)]},
        ),
        ("price_of_hops", {"bits": 2, "budget": 10}, {"bits": 3, "budget": 1000}),
        ("freezing", {"time_constant": 0.03}, {"time_constant": 0.1, "held": 1}),
        ("modes_of_a_valley", MODES | {"rates": [0.1]}, MODES | {"rates": [0.05]}),
    ],
)
def test_a_picture_drawn_again_is_the_picture_drawn_anew(name, first, second):
    make = getattr(figures, name)
    again = make(figure=make(**first), **second)
    assert again.png() == make(**second).png() != make(**first).png()


def test_a_path_ends_where_its_replica_did_and_the_star_is_the_minimum():
    picture = figures.valley(**WAYS, replica=5)
    assert drawn(picture, "quick")[:, -1] == pytest.approx(WAYS["quick"].states[5])
    assert pair().hessian @ drawn(picture, "optimum").ravel() == pytest.approx([0.4, -0.2])
    heat = WAYS["quick"].ledger.heat.mean() / kT
    assert f"at once: {heat:.1f}" in words(picture)


def test_the_barrier_of_a_settling_program_rises_by_kt_ln_2_for_each_bit():
    run = anneal(
        pair(), **PLAN, replicas=20, seed=1, steps=30, snapshots=True,
        record=np.linspace(0, PLAN["duration"], 31),
    )  # fmt: skip
    picture = figures.settling(run=run, barrier=PLAN["barrier"])
    _, height = drawn(picture, "height", "top")
    assert height[-1] - height[0] == pytest.approx(3 * np.log(2))
    assert f"by {3 * np.log(2):.3g} kT" in words(picture, "top")
    assert drawn(picture, "path 4", "bottom")[1] == pytest.approx(run.snapshots[:, 4, 0])


def test_the_excess_of_fine_ladders_is_equipartitions_and_then_that_of_the_best_level():
    program = pair(5)
    picture = figures.excess_of_scale(programs=[program])
    couplings, excess = drawn(picture, "5 bits")
    middle = (couplings > 20) & (couplings < 60)
    assert excess[middle] == pytest.approx(2 / (2 * couplings[middle]), rel=0.15)
    floor = program.ground_state().energy - program.optimum().energy
    assert excess[-1] == pytest.approx(floor, rel=1e-3)
    assert drawn(picture, "5 bits resolved")[0] * kT == pytest.approx(
        program.resolving_scale(), rel=1e-6, abs=0
    )


def test_the_rungs_beside_the_measured_heat_are_the_librarys():
    picture = figures.heat_of_precision(quick=[(2, 10 * kT, kT)], slow=[(3, 2 * kT, 0)])
    for name, rung in (("static", bounds.static_stiffness), ("landauer", bounds.landauer)):
        bits, heat = drawn(picture, name)
        assert heat * kT == pytest.approx([rung(1, b) for b in bits], rel=1e-6, abs=0)
    assert drawn(picture, "quick").ravel() == pytest.approx([2, 10])
    assert drawn(picture, "slow").ravel() == pytest.approx([3, 2])


def test_a_valley_of_one_path_is_drawn_without_a_certain_heat():
    one = solved(1, replicas=1)
    picture = figures.valley(program=pair(), quick=one, slow=one)
    assert picture.png()
    assert "± 0" not in words(picture)


@pytest.mark.parametrize("bits", [2, 4, 6])
def test_the_heat_of_hops_keeps_the_theorem_and_falls_towards_the_entropy_lost(bits):
    picture = figures.price_of_hops(bits=bits)
    heat, theorem, landauer = (
        drawn(picture, name, "top")[1] for name in ("heat", "theorem", "landauer")
    )
    assert np.all(heat > theorem)
    assert np.all(theorem > landauer)
    extra = heat - landauer
    assert np.all(np.diff(extra) < 0.01)
    assert extra[-1] < 0.5
    assert landauer[-1] < bits * np.log(2)


def shares(picture):
    told = words(picture, "bottom")
    return [float(told.split(f"{name}: ")[1].split(" %")[0]) for name in ("learnt", "kept")]


def test_a_barrier_that_rises_fast_freezes_and_a_slow_one_forgets():
    fast = shares(figures.freezing(time_constant=0.03, held=0))
    slow = shares(figures.freezing(time_constant=0.2, held=0))
    assert fast[0] < 50
    assert fast[1] == pytest.approx(fast[0], abs=0.1)
    assert slow[0] > 99
    assert slow[1] == pytest.approx(100 / 16, abs=0.1)


def test_what_is_right_at_rest_has_the_gibbs_probability():
    program = QuadraticProgram(1.0, -0.2, lower=-1, upper=1, bits=4)
    gibbs = program.equilibrium(program.resolving_scale() / kT).probabilities.max()
    learnt, _ = shares(figures.freezing(time_constant=0.2, held=1))
    assert learnt == pytest.approx(100 * gibbs, abs=0.06)


def test_the_rates_of_a_valley_are_drawn_as_exponentials():
    picture = figures.modes_of_a_valley(**MODES, rates=[0.1])
    hops, share = drawn(picture, "direction 0")
    assert np.diff(np.log(share)) / np.diff(hops) == pytest.approx(-0.1)
    assert "in 10 hops" in words(picture)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("price_of_hops", {"bits": 9}),
        ("price_of_hops", {"budget": 1}),
        ("freezing", {"time_constant": 0}),
        ("freezing", {"held": 2}),
        ("modes_of_a_valley", {"rates": [0.0]} | MODES),
    ],
)
def test_what_cannot_be_drawn_is_refused(name, values):
    with pytest.raises(ValueError, match=next(iter(values))):
        getattr(figures, name)(**values)

"""Barriers and tilts drawn in the page: against the library's schedules, its master equation,
theorem 3 and the frontier."""

from itertools import pairwise

import javascript
import numpy as np
import pytest
from javascript import run
from scipy.integrate import solve_ivp

from lim_lib import bounds, scenes
from lim_lib.schedules import Heights, MatchedDiffusivity
from lim_lib.simulate import ladder, master_equation
from lim_lib.units import thermal_energy

kT = thermal_energy()
SCENE = scenes.barrier()
CONDITIONS, TIMES = SCENE.data["conditions"], np.array(SCENE.data["times"])
DRIFT, CELL = CONDITIONS["drift"], CONDITIONS["hops"]
WEIGHT = 1.0, 6.0, 4, 1 / 256, 1e9
RULE = 1e-3  # what the page's steps may be off from continuous time
SOLVE = """return data.drawn.map(({ held, b, x }) => {
  const given = data.conditions[held];
  return (given.times ? lim.barrier.driven : lim.barrier.written)(given, b, x);
});"""


def solved(*drawn):
    """What the page makes of drawn curves: (condition, barrier, tilt) each."""
    curves = [
        {"held": held, "b": np.asarray(b).tolist(), "x": np.asarray(x).tolist()}
        for held, b, x in drawn
    ]
    data = {"conditions": CONDITIONS, "drawn": curves}
    return run(["drawn", "barrier"], SOLVE, data)


def named(held, name):
    curves = CONDITIONS[held]["curves"][name]
    return held, curves["b"], curves["x"]


def anyhow(seed, count, held, grows=False):
    """Curves at random."""
    draw = np.random.default_rng(seed)
    for _ in range(count):
        tilt = draw.uniform(size=7)
        yield held, 12 * draw.uniform(size=7) ** 2, np.sort(tilt) if grows else tilt


# The optimizer's drift


def test_the_weights_named_barriers_are_the_librarys():
    static, matched = solved(named("drift", "static"), named("drift", "matched"))
    assert static["heat"] == pytest.approx(Heights(*WEIGHT, heights=1).heat / kT, rel=1e-6)
    learned = MatchedDiffusivity(*WEIGHT)
    assert matched["heat"] == pytest.approx(learned.heat / kT, rel=1e-10)
    assert matched["hops"] * DRIFT["cells"] == pytest.approx(
        float(learned.hop_budget(6.0)), rel=1e-6
    )
    first = DRIFT["ground"] - np.log(matched["size"])
    assert first == pytest.approx(float(learned.barrier(0.0)) / kT, rel=1e-12)
    spring = learned.stiffness(np.linspace(0, 6, len(matched["tilts"])))
    np.testing.assert_allclose(matched["tilts"], spring / kT, rtol=1e-10)


def follow(barrier, found):
    """Variance at the end and heat of a drawn weight, by a solver of its own."""

    def per_second(t, state):
        noise = found["size"] * np.exp(-np.interp(t, TIMES, barrier))
        return 2 * noise - 2 * state[0], state[0] / noise - 1

    times = np.linspace(0, 6, 7)
    state = np.array([1.0, 0.0])
    for low, high in pairwise(times):
        state = solve_ivp(per_second, (low, high), state, rtol=1e-9, atol=1e-12).y[:, -1]
    return state


def confront_weights():
    drawn = list(anyhow(1, 5, "drift"))
    for (_, barrier, _), found in zip(drawn, solved(*drawn), strict=True):
        variance, heat = follow(barrier, found)
        assert variance == pytest.approx(4.0**-4, rel=1e-6)
        assert found["heat"] == pytest.approx(heat, rel=RULE)


def test_a_drawn_weight_is_what_another_solver_finds():
    confront_weights()


def test_no_drawn_barrier_goes_below_theorem_3():
    least = bounds.optimizer_limited(1, 4, 6) / kT
    assert DRIFT["bound"] == pytest.approx(least, rel=1e-12)
    heats = np.array([found["heat"] for found in solved(*anyhow(2, 300, "drift"))])
    assert heats.min() > least
    _, matched, even = named("drift", "matched")
    wiggles = np.random.default_rng(3).normal(size=(50, 7))
    near = solved(*(("drift", matched + 0.02 * each, even) for each in wiggles))
    near = np.array([found["heat"] for found in near])
    assert (near > least * (1 - 1e-9)).all()
    assert near.max() < 1.01 * least


# The budget of hops, and the highest hop rate


def replay(barrier, tilts, found):
    """The same cell in the library, with the same tilts in the same steps."""
    middles = 6 * (np.arange(len(tilts)) + 0.5) / len(tilts)
    rates = found["size_of_rate"] * np.exp(-np.interp(middles, TIMES, barrier))
    at = lambda t: min(int(t / 6 * len(tilts)), len(tilts) - 1)  # noqa: E731
    return master_equation(
        ladder(33),
        duration=6.0,
        steps=len(tilts),
        initial=np.full(33, 1 / 33),
        hop_rate=lambda t: rates[at(t)],
        energy=lambda t: tilts[at(t)] * kT * abs(np.arange(33) - 16),
    )


def confront_cells():
    drawn = [named("hops", "open, then shut"), named("rate", "matched")]
    for (held, barrier, _), found in zip(drawn, solved(*drawn), strict=True):
        middles = 6 * (np.arange(len(found["tilts"])) + 0.5) / len(found["tilts"])
        open_for = np.exp(-np.interp(middles, TIMES, barrier)).mean() * 6
        allowed = CELL["budget"] if held == "hops" else CONDITIONS["rate"]["rate"] * open_for
        assert found["hops"] == pytest.approx(allowed, rel=1e-9)
        run = replay(barrier, found["tilts"], found | {"size_of_rate": allowed / open_for})
        assert found["heat"] == pytest.approx(run.ledger.heat / kT, rel=RULE)
        assert 1 - run.final[16] == pytest.approx(CELL["error"], rel=RULE)
        assert run.ledger.hops > 0


def test_a_drawn_cell_is_what_the_librarys_master_equation_says():
    confront_cells()


def test_a_constant_tilt_makes_every_barrier_the_same_clock():
    drawn = [("hops", barrier, np.ones(7)) for _, barrier, _ in anyhow(7, 10, "hops")]
    heats = [found["heat"] for found in solved(*drawn, named("hops", "matched"))]
    np.testing.assert_allclose(heats, 43.576, rtol=RULE)  # as chapters 7 and 9 have it


@pytest.mark.parametrize("held", ["hops", "rate"])
def test_no_drawn_tilt_goes_below_the_frontier(held):
    drawn = [*anyhow(11, 40, held), *anyhow(12, 40, held, grows=True)]
    heats = [found["heat"] for found in solved(*drawn)]
    heats = np.array([heat for heat in heats if np.isfinite(heat)])
    assert heats.size > 60
    assert heats.min() > CONDITIONS[held]["bound"] * (1 - RULE)


def test_the_page_has_the_heats_that_chapter_9_tells():
    told = {"drift": (5.154, None, 5.154), "hops": (43.6, 23.1, 16.9), "rate": (43.6, 10.8, 6.01)}
    for held, (matched, opened, least) in told.items():
        found = [
            each["heat"] for each in solved(named(held, "matched"), named(held, "open, then shut"))
        ]
        assert found[0] == pytest.approx(matched, rel=3e-3)
        assert CONDITIONS[held]["bound"] == pytest.approx(least, rel=3e-3)
        if opened is None:
            assert found[1] > 10 * found[0], "with the drift held, opening first costs most"
        else:
            assert found[1] == pytest.approx(opened, rel=3e-3)


def test_a_tilt_that_comes_to_nothing_keeps_no_promise():
    (found,) = solved(("rate", np.zeros(7), [1, 1, 1, 1, 1, 1, 0]))
    assert np.isnan(found["heat"])


@pytest.mark.parametrize(
    ("confront", "old", "new"),
    [
        (confront_weights, "* decay + 2 * h", "* decay + h"),
        (confront_weights, "- times,", "- times / 2,"),
        (confront_cells, "heat += tilts[n]", "heat += 2 * tilts[n]"),
        (confront_cells, "exp(tilts[n] / 2)", "exp(tilts[n])"),
        (confront_cells, "d ? outward : 2 * outward", "outward"),
    ],
)
def test_a_planted_factor_of_two_is_noticed(tmp_path, monkeypatch, confront, old, new):
    scripts = javascript.planted(tmp_path, ["drawn", "barrier"], old, new)
    monkeypatch.setattr(javascript, "SCRIPTS", scripts)
    with pytest.raises(AssertionError):
        confront()

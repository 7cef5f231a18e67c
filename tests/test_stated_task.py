"""What prices the stated task is never below a theorem for it; what prices moves alone can be."""

from dataclasses import replace

import numpy as np
import pytest

from lim_lib import bounds
from lim_lib.bounds import LADDER
from lim_lib.units import thermal_energy

KT = thermal_energy()
POINTS = 400
RNG = np.random.default_rng(11)


def decades(low, high):
    return 10 ** RNG.uniform(low, high, POINTS)


BITS = RNG.uniform(0.01, 16, POINTS)
NATS = BITS * np.log(2)
TIMES = NATS * (1 + decades(-2, 4))
SPREAD, RATE = decades(-3, 3), decades(-3, 3)
DIFFUSIVITY = RATE * SPREAD**2 * decades(-3, 3)
FAST = {"diffusivity": DIFFUSIVITY, "duration": TIMES / RATE}
RATIO = RNG.uniform(0.01, 0.99, POINTS)
MOVES = bounds.ladder_transport(1, BITS)
FOR_EVER = {"convergence_times": 1e15 * NATS}

# How each rung is asked to solve the task (one parameter, uniform at first, so many bits), and
# what it uses for it: convergence times of its drift, and a diffusivity for a duration.
ASKED = {
    "landauer": ({}, {}),
    "finite_time": ({"spread_initial": SPREAD, "displacement": 0, **FAST}, FAST),
    "transport_activity": ({"hops": MOVES * (1 + decades(-6, 12))}, {}),
    "transport_time": ({"hop_budget": MOVES * decades(-6, 12)}, {}),
    "optimizer_limited": ({"convergence_times": TIMES}, {"convergence_times": TIMES}),
    "two_limits": (
        {"spread_initial": SPREAD, "relaxation_rate": RATE, **FAST},
        {"convergence_times": TIMES, **FAST},
    ),
    "matched_stiffness": (
        {"spread_initial": SPREAD, "displacement": decades(-3, 1), **FAST},
        {
            "convergence_times": NATS
            * (1 - 2 * DIFFUSIVITY * FAST["duration"] / SPREAD**2 / np.expm1(-2 * NATS)),
            **FAST,
        },
    ),
    "stepped_barrier": ({"heights": decades(0, 4)}, FOR_EVER),
    "static_stiffness": ({}, FOR_EVER),
    "held_tilt": ({"convergence_times": TIMES}, {"convergence_times": TIMES}),
    "polyak_lojasiewicz": (
        {"effective_size": 1, "matching_ratio": RATIO, "loss_ratio": 4**BITS},
        {"convergence_times": NATS / (1 - RATIO)},
    ),
    "gradient_noise": (  # examples as wide as the start, or wider
        {"examples_needed": (needed := np.expm1(2 * NATS) * decades(0, 3)),
         "examples": needed * (1 + decades(-2, 6))},
        {},
    ),
}  # fmt: skip


def value(bound, given):
    return bound(**{n: v for n, v in given.items() if n in bound.accepted}) / KT


def below(changed=None):
    """(rung, theorem) wherever a rung that prices the solution is below a theorem that applies."""
    changed = changed or {}
    task = {"model_size": 1, "bits": BITS, "spread_initial": SPREAD, "displacement": 0}
    for key, (asked, uses) in ASKED.items():
        energy = value(changed.get(key, bounds.get(key)), task | asked)
        for name in ("landauer", "optimizer_limited", "finite_time"):
            theorem = changed.get(name, bounds.get(name))
            resources = set(theorem.required) - set(task)
            if resources <= set(uses):
                least = value(theorem, task | uses)
                if np.any(energy < least * (1 - 1e-9)):
                    yield key, name


def test_every_rung_that_prices_the_solution_is_asked_for_it():
    assert set(ASKED) == {bound.key for bound in LADDER if bound.prices == "solution"}


def test_no_rung_for_the_stated_task_lies_below_a_theorem():
    assert not list(below())


HALVED = [bound.key for bound in LADDER if bound.kind == "theorem" and bound.key != "landauer"]
DOUBLED = ["landauer", "optimizer_limited", "finite_time"]


@pytest.mark.parametrize(
    ("key", "factor"), [(key, 0.5) for key in HALVED] + [(key, 2) for key in DOUBLED]
)
def test_a_theorem_with_a_wrong_factor_is_caught_by_the_rungs(key, factor):
    right = bounds.get(key)
    wrong = replace(right, expression=right.expression * factor, variant=None)
    assert any(key in pair for pair in below({key: wrong}))


def test_moves_alone_can_cost_less_than_landauer_asks_for_the_solution():
    moves = bounds.ladder_transport(1, 8)
    heat = bounds.matched_barrier(moves, drive=0.01)
    assert heat / bounds.landauer(1, 8) == pytest.approx(0.31, abs=5e-3)
    assert {b.key for b in LADDER if b.prices == "moves"} == {
        "matched_barrier", "static_barrier", "dissipated_barrier", "two_tier",
        "memory_access", "landauer_per_update",
    }  # fmt: skip
    assert bounds.matched_barrier.prices in bounds.table(updates=1, drive=1)["prices"].tolist()


def test_what_nothing_implements_is_an_estimate():
    assert bounds.dissipated_barrier.kind == "estimate"
    assert bounds.dissipated_barrier_power_law.kind == "estimate"
    assert bounds.matched_barrier.kind == "protocol"


def test_a_rung_prices_the_solution_or_moves():
    with pytest.raises(
        ValueError, match=r"landauer.prices must be 'solution' or 'moves', got 'it'"
    ):
        replace(bounds.landauer, prices="it")


# What is lost, and moved, is what it is.


def test_the_entropy_that_is_lost_takes_the_place_of_that_of_a_uniform_start():
    nats = 8 * np.log(2)
    for bound, more in (
        (bounds.landauer, {}),
        (bounds.transport_activity, {"hops": 1e3}),
        (bounds.transport_time, {"hop_budget": 3.0}),
    ):
        usual = bound(1, 8, **more)
        assert bound(1, 8, **more, entropy_lost=nats) == pytest.approx(usual, rel=1e-12, abs=0)
        known = bound(1, 8, **more, entropy_lost=0.0)
        assert known == pytest.approx(usual - nats * KT, rel=1e-9, abs=1e-30)
        wider = bound(1, 8, **more, entropy_lost=-1.0)  # the end is less certain than the start
        assert wider == pytest.approx(known - KT, rel=1e-12, abs=0)
        assert bound(1, 8, **more, entropy_lost=None) == usual


def test_a_write_with_errors_loses_less_entropy():
    error = 0.01
    kept = -error * np.log(error) - (1 - error) * np.log1p(-error)
    heat = bounds.landauer(1, 1, entropy_lost=np.log(2) - kept)
    assert heat / KT == pytest.approx(0.637145, abs=1e-6)


def test_an_optimizer_that_wanders_pays_for_its_net_moves():
    needed = bounds.ladder_transport(1, 4)
    free = bounds.landauer(1, 4)
    for factor in (1, 3):
        moves, hops, budget = factor * needed, 100.0, 7.0
        activity = bounds.transport_activity(1, 4, hops, net_moves=moves) - free
        assert activity / KT == pytest.approx(2 * moves * np.arctanh(moves / hops), rel=1e-12)
        time = bounds.transport_time(1, 4, budget, net_moves=moves) - free
        assert time / KT == pytest.approx(2 * moves * np.arcsinh(moves / 2 / budget), rel=1e-12)
    least = bounds.transport_time(1, 4, 7.0)
    assert bounds.transport_time(1, 4, 7.0, net_moves=needed) == pytest.approx(
        least, rel=1e-12, abs=0
    )
    known = bounds.transport_time(1, 4, 7.0, transport=2.0, net_moves=2.5, entropy_lost=0)
    assert known / KT == pytest.approx(5 * np.arcsinh(2.5 / 14), rel=1e-12)

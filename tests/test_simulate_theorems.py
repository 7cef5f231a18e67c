"""The two transport theorems of chapter 9: never broken, and attained.

The master equation is solved exactly, so there is no sampling error here; 1e-9 allows for rounding.
Entropies are in units of k, for one parameter (M = 1).
"""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lim_lib.schedules import (
    ExponentialDecay,
    MatchedBarrier,
    PowerLawDecay,
    Ramp,
    StaticBarrier,
)
from lim_lib.simulate import Graph, hypercube, ladder, master_equation, ring
from lim_lib.units import thermal_energy

KT = thermal_energy()


def transport_and_activity(ledger):
    """2 W artanh(W/N_hop), the least entropy production for a transport and a number of hops."""
    return 2 * ledger.transport * np.arctanh(ledger.transport / ledger.hops)


def transport_and_time(ledger, budget, pairs=1.0):
    """2 W asinh(W/2R), for a transport and a hop budget; `pairs` bounds Σ sqrt(p_i p_j)."""
    return 2 * ledger.transport * np.arcsinh(ledger.transport / (2 * pairs * budget))


@st.composite
def protocols(draw):
    """A memory, a random start, and random energies and hop rates that change in random steps."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    kind = draw(st.sampled_from(["ladder", "hypercube", "random"]))
    if kind == "ladder":
        graph = ladder(draw(st.integers(2, 7)))
        pairs = np.cos(np.pi / (graph.states + 1))
    elif kind == "hypercube":
        bits = draw(st.integers(1, 3))
        graph, pairs = hypercube(bits), bits / 2
    else:
        tree = [(i, int(rng.integers(i))) for i in range(1, 5)]
        graph, pairs = Graph(5, [*tree, (4, 0)] if (4, 0) not in tree else tree), None
    steps = draw(st.integers(1, 4))
    strength = draw(st.floats(0.1, 8.0))
    speed = 10 ** draw(st.floats(-2.0, 1.5))
    energies = strength * KT * rng.normal(size=(steps + 2, graph.states))
    rates = speed * rng.exponential(size=steps)
    forces = draw(st.sampled_from([0.0, strength])) * KT * rng.normal(size=len(graph.edges))
    factor = 1.0 if pairs else rng.exponential(size=len(graph.edges))
    run = master_equation(
        graph,
        duration=1.0,
        steps=steps,
        initial=rng.dirichlet(np.full(graph.states, draw(st.sampled_from([0.2, 1.0])))),
        energy=lambda t: energies[min(int(t * steps), steps - 1)],
        force=forces,
        # One control step for each rate: what is piecewise constant is integrated exactly.
        barrier=StepwiseRate(rates),
        factor=factor,
        kinetics="symmetric" if pairs else draw(st.sampled_from(["symmetric", "heat_bath"])),
    )
    return run, rates.mean(), pairs


class StepwiseRate:
    """A barrier whose hop rate is constant in each of equal parts of one second."""

    def __init__(self, rates):
        self.rates = rates

    def hop_budget(self, time):
        ends = np.linspace(0, 1, self.rates.size + 1)
        return float(np.interp(time, ends, np.append(0, np.cumsum(self.rates) / self.rates.size)))


@settings(max_examples=100)
@given(protocols())
def test_no_protocol_beats_the_transport_theorems(case):
    run, budget, pairs = case
    ledger = run.ledger
    production = ledger.entropy_production / KT
    assume(ledger.transport > 1e-6)
    assert ledger.transport <= ledger.hops * (1 + 1e-9)
    assert production >= -1e-9
    assert production >= transport_and_activity(ledger) * (1 - 1e-7) - 1e-9
    if pairs:
        assert production >= transport_and_time(ledger, budget, pairs) * (1 - 1e-7) - 1e-9


def moving_packet(barrier, tilt, duration):
    """A broad distribution on a long ladder, pushed along at a tilt (in kT)."""
    levels = np.arange(160)
    start = np.exp(-((levels - 55.0) ** 2) / (2 * 14.0**2))
    return master_equation(
        ladder(160),
        duration=duration,
        initial=start / start.sum(),
        energy=-tilt * KT * levels,
        barrier=barrier,
    )


@pytest.mark.parametrize("tilt", [1.0, 4.0])
def test_a_uniformly_biased_ladder_attains_transport_and_activity(tilt):
    """All edges have the same net flux over activity, tanh(x/2), but for the packet's slopes."""
    barrier = StaticBarrier(5 * KT, attempt_rate=1e3)
    duration = 45 / (2 * barrier.hop_rate(0) * np.sinh(tilt / 2))
    ledger = moving_packet(barrier, tilt, duration).ledger
    assert ledger.transport == pytest.approx(45, rel=1e-3)
    assert ledger.transport / ledger.hops == pytest.approx(np.tanh(tilt / 2), rel=2e-3)
    excess = ledger.entropy_production / KT / transport_and_activity(ledger) - 1
    # Spreading adds at most ln(1 + N/14²)/2 to the entropy.
    assert 0 <= excess < 0.5 * np.log1p(ledger.hops / 14**2) / (45 * tilt) + 1e-3


@pytest.mark.parametrize("drive", [0.3, 3.0])
@pytest.mark.parametrize(
    "decay", [ExponentialDecay(90.0, 0.5), PowerLawDecay(60.0, 0.3, 1.5)], ids=["exp", "power"]
)
def test_a_matched_barrier_attains_transport_and_time(decay, drive):
    barrier = MatchedBarrier(drive, decay, attempt_rate=1e6)
    duration = 20.0
    moves = decay.integral(duration)
    ledger = moving_packet(barrier, barrier.tilt / KT, duration).ledger
    assert ledger.transport == pytest.approx(moves, rel=1e-3)
    bound = transport_and_time(ledger, barrier.hop_budget(duration))
    assert bound == pytest.approx(2 * moves * np.arcsinh(drive), rel=2e-3)
    excess = ledger.entropy_production / KT / bound - 1
    assert 0 <= excess < 0.5 * np.log1p(ledger.hops / 14**2) / bound + 1e-3


def test_a_mismatched_barrier_misses_by_what_convexity_says():
    """Half the moves at drive 0.2 and half at drive 5 cost more than all at the budget's drive."""
    moves, drives = 20.0, (0.2, 5.0)
    rates = np.array([moves / (2 * chi) for chi in drives])  # one second each
    tilts = 2 * np.arcsinh(drives) * KT
    levels = np.arange(160)
    start = np.exp(-((levels - 55.0) ** 2) / (2 * 14.0**2))
    barrier = StepwiseRate(2 * rates)  # half a second each
    ledger = master_equation(
        ladder(160),
        duration=1.0,
        steps=2,
        initial=start / start.sum(),
        energy=lambda t: -tilts[int(t >= 0.5)] * levels,
        barrier=barrier,
    ).ledger
    bound = transport_and_time(ledger, rates.sum())
    convex = (2 * moves * np.arcsinh(drives)).sum() / (
        2 * 2 * moves * np.arcsinh(2 * moves / (2 * rates.sum()))
    )
    assert convex > 1.5
    assert ledger.entropy_production / KT / bound == pytest.approx(convex, rel=5e-3)


def test_a_bit_that_is_steered_at_constant_flux_over_activity_attains_the_first():
    """x(t) = 2 artanh(c) - ln(p_0/p_1) on two states; the excess falls with the control steps."""
    c, end = 0.5, 0.4  # p_1 runs from 0.1 to 0.1 + 0.4
    excess = []
    for steps in (20, 80):

        def rates(t):
            p1 = 0.1 + end * t
            # Net flux is `end`: J+ - J- = end, J+ + J- = end/c.
            return end * (1 + 1 / c) / 2 / (1 - p1), end * (1 / c - 1) / 2 / p1

        ledger = master_equation(
            ladder(2), duration=1.0, steps=steps, initial=[0.9, 0.1], rates=rates
        ).ledger
        assert ledger.transport == pytest.approx(end, rel=1e-2)
        excess.append(ledger.entropy_production / KT / transport_and_activity(ledger) - 1)
    assert 0 <= excess[1] < excess[0] / 8
    assert excess[0] < 2e-3


def test_synchronous_updates_break_the_first_theorem_as_chapter_9_says():
    """One jump that moves two cells at once: the transport doubles, its hops do not."""
    pair = Graph(2, [(0, 1)])  # both cells down, both cells up
    ledger = master_equation(pair, duration=0.5, initial=0, rates=(1.0, 0.1)).ledger
    moved, hops = 2 * ledger.transport, ledger.hops
    assert moved > hops  # the theorem's own condition fails
    # and for smaller drives, where W < N_hop, the bound itself is too high:
    run = master_equation(pair, duration=1.0, initial=[0.6, 0.4], rates=(1.2, 1.0)).ledger
    moved = 2 * run.transport
    assert run.entropy_production / KT < 2 * moved * np.arctanh(moved / run.hops)
    assert run.entropy_production / KT >= transport_and_activity(run)


def test_a_smooth_erasure_obeys_both_theorems_and_landauer():
    lift = Ramp((0.0, 3.0), (0.0, 6 * KT))
    ledger = master_equation(
        ladder(2),
        duration=3.0,
        steps=100,
        initial=[0.5, 0.5],
        energy=lambda t: np.array([0.0, lift(t)]),
        hop_rate=1.0,
    ).ledger
    production = ledger.entropy_production / KT
    assert production > transport_and_activity(ledger)
    assert production > transport_and_time(ledger, 3.0, pairs=0.5)
    assert ledger.heat / KT == pytest.approx(production - ledger.system_entropy / KT)
    assert -ledger.system_entropy < KT * np.log(2) < ledger.heat


def test_a_ring_may_hop_for_nothing():
    """Transport counts distributions: a ring that circles dissipates without any transport."""
    ledger = master_equation(
        ring(4), duration=5.0, initial=np.full(4, 0.25), force=2 * KT, hop_rate=1.0
    ).ledger
    assert ledger.transport == pytest.approx(0, abs=1e-12)
    assert ledger.entropy_production == pytest.approx(ledger.net_moves * 2 * KT, rel=1e-6, abs=0)

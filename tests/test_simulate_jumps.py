"""Jump processes: against Boltzmann, the master equation, fluctuation theorems and closed forms.

Every statistical test allows 4 of its standard errors, which it computes from the replicas; the
jump process is exact, so that there is no bias to add.
"""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import chisquare

from lim_lib.schedules import ExponentialDecay, MatchedBarrier, PowerLawBarrier, Ramp
from lim_lib.simulate import (
    Graph,
    hops,
    hypercube,
    jump_process,
    ladder,
    master_equation,
    ring,
)
from lim_lib.units import thermal_energy

KT = thermal_energy()
HILLS = KT * np.array([0.0, 1.2, -0.7, 0.4, 2.0])


def close(sample, expected):
    """The mean of a sample is within 4 standard errors of what is expected."""
    error = np.std(sample, ddof=1) / np.sqrt(len(sample))
    away = abs(np.mean(sample) - expected)
    assert away <= 4 * error, f"{away / error:.1f} standard errors from {expected}"
    return True


def free_energy(energy):
    return -KT * np.log(np.exp(-np.asarray(energy) / KT).sum())


@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath"])
@pytest.mark.parametrize(
    "graph", [ladder(8), ring(8), hypercube(3)], ids=["ladder", "ring", "cube"]
)
def test_memories_at_rest_obey_boltzmann(graph, kinetics):
    energy = KT * np.random.default_rng(1).normal(size=8)
    run = jump_process(
        graph,
        duration=60.0,
        initial=0,
        replicas=20_000,
        seed=2,
        energy=energy,
        hop_rate=1.0,
        kinetics=kinetics,
    )
    counts = np.bincount(run.final, minlength=8)
    assert chisquare(counts, 20_000 * graph.equilibrium(energy)).pvalue > 6e-5  # as 4 of a normal
    assert close(run.ledger.heat, run.ledger.energy_change.mean() * -1)


def test_currents_vanish_at_rest():
    """Detailed balance: as many hops up each edge as down, when it starts at equilibrium."""
    run = jump_process(
        ladder(5),
        duration=20.0,
        initial=ladder(5).equilibrium(HILLS),
        replicas=20_000,
        seed=3,
        energy=HILLS,
        hop_rate=1.0,
    )
    # A net current over an edge of a ladder is a difference of indicators: at most ±1 a replica.
    beyond = [(np.arange(5) > n)[run.final].mean() for n in range(4)]
    exact = [ladder(5).equilibrium(HILLS)[n + 1 :].sum() for n in range(4)]
    allowed = 4 * np.sqrt(np.multiply(exact, np.subtract(1, exact)) / 20_000)
    assert np.all(np.abs(np.subtract(beyond, exact)) < allowed)
    assert np.all(np.abs(run.ledger.edge_net_moves) < 4 * np.sqrt(2 * 0.25 * 20_000))


# Eight steps are what these run in; that a smooth control would take more is told in a warning.
STEPWISE = pytest.mark.filterwarnings("ignore:energy, force or rates change")
PROTOCOLS = {
    "driven ladder": (ladder(5), {"energy": lambda t: HILLS * (1 - 2 * t), "hop_rate": 1.5}),
    "pushed ring": (
        ring(5),
        {"energy": HILLS, "force": lambda t: KT * t, "hop_rate": lambda t: 1 / (1 + t)},
    ),
    "barrier": (
        ladder(5),
        {"energy": lambda t: HILLS * t, "barrier": PowerLawBarrier(2.0, 1.0, 1.5, 9.0)},
    ),
    "given rates": (
        Graph(4, [(0, 1), (1, 2), (2, 0), (2, 3)]),
        {"rates": lambda t: ([1.0, 2.0 + t, 0.5, 3.0], [2.0, 1.0, 1.0, 0.3 * (1 + t)])},
    ),
    "heat bath": (
        hypercube(2),
        {
            "energy": lambda t: KT * np.array([0, 5, -3, 1]) * t,
            "hop_rate": 1.0,
            "kinetics": "heat_bath",
            "factor": [1.0, 2.0, 0.5, 1.0],
        },
    ),
}


@STEPWISE
@pytest.mark.parametrize("way", ["direct", "paths"])
@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_ledger_entry_averages_to_the_master_equation(name, way, monkeypatch):
    """By either way of hopping, each forced here."""
    monkeypatch.setattr(hops, "WORTH", {"direct": np.inf, "paths": 1e-9}[way])
    monkeypatch.setattr(hops.Hopper, "_busy", lambda self, states: 1.0)
    graph, protocol = PROTOCOLS[name]
    start = np.full(graph.states, 1 / graph.states)
    common = {"duration": 2.0, "steps": 8, "initial": start, **protocol}
    run = jump_process(graph, replicas=40_000, seed=4, **common)
    exact = master_equation(graph, **common)
    for entry in (
        "heat",
        "work",
        "energy_change",
        "system_entropy",
        "entropy_production",
        "hops_up",
        "hops_down",
        "net_moves",
    ):
        assert close(getattr(run.ledger, entry), getattr(exact.ledger, entry)), entry
    counts = np.bincount(run.final, minlength=graph.states)
    assert chisquare(counts, 40_000 * exact.final).pvalue > 6e-5
    assert run.ledger.transport.mean() >= exact.ledger.transport - 4 * 2 / 200
    for side in ("up", "down"):
        counts = getattr(run.ledger, f"edge_hops_{side}")
        assert counts.sum() == getattr(run.ledger, f"hops_{side}").sum()
        expected = getattr(exact.ledger, f"edge_hops_{side}") * 40_000
        # Hops over an edge are at most as scattered as if all after the first came for nothing.
        allowed = 4 * np.sqrt(expected * max(1, exact.ledger.hops))
        assert np.all(np.abs(counts - expected) < allowed)


@STEPWISE
@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_first_law_holds_for_every_replica(name):
    graph, protocol = PROTOCOLS[name]
    common = {"duration": 2.0, "steps": 8, "initial": 0, **protocol}
    ledger = jump_process(graph, replicas=5_000, seed=5, **common).ledger
    assert np.ptp(ledger.heat) > KT
    assert np.abs(ledger.first_law_residual()).max() < 1e-13 * np.abs(ledger.heat).max()
    mean = master_equation(graph, **common).ledger
    assert abs(mean.first_law_residual()) < 1e-12 * KT


@STEPWISE
@pytest.mark.parametrize("name", PROTOCOLS)
def test_integral_fluctuation_theorem(name):
    """<exp(-entropy production/k)> = 1, for the total of bath and memory."""
    graph, protocol = PROTOCOLS[name]
    start = np.full(graph.states, 1 / graph.states)
    run = jump_process(
        graph, duration=1.0, steps=8, initial=start, replicas=40_000, seed=6, **protocol
    )
    assert run.ledger.entropy_production.mean() > 0.03 * KT
    assert close(np.exp(-run.ledger.entropy_production / KT), 1.0)


def test_the_master_equation_is_the_differential_equation():
    """Against a Runge-Kutta solution of dp/dt for one control step."""
    energy, force = HILLS, 0.7 * KT
    run = master_equation(
        ring(5),
        duration=0.8,
        initial=[0.5, 0.5, 0, 0, 0],
        energy=energy,
        force=force,
        hop_rate=lambda t: 1 + t,
    )
    i, j = ring(5).edges.T
    tilt = (energy[i] - energy[j] + force) / KT

    def slope(t, y):
        p = y[:5]
        up, down = (1 + t) * np.exp(tilt / 2) * p[i], (1 + t) * np.exp(-tilt / 2) * p[j]
        net = up - down
        dp = np.bincount(j, net, 5) - np.bincount(i, net, 5)
        return np.concatenate([dp, [net @ tilt, (up + down).sum()]])

    y = solve_ivp(slope, (0, 0.8), [0.5, 0.5, 0, 0, 0, 0, 0], rtol=1e-11, atol=1e-13).y[:, -1]
    assert run.final == pytest.approx(y[:5], rel=1e-8)
    assert run.ledger.heat / KT == pytest.approx(y[5], rel=1e-8)
    assert run.ledger.hops == pytest.approx(y[6], rel=1e-8)


def pulled(t):
    """Energies of a ladder of 6 levels, tilted by 0 to 2.5 kT a level."""
    return -KT * 2.5 * t * np.arange(6) + KT * np.array([0, 1, 0, 2, 0, 1])


def there_and_back(replicas=60_000):
    graph, common = ladder(6), {"duration": 1.0, "steps": 20, "hop_rate": 4.0}
    forth = jump_process(
        graph,
        energy=pulled,
        initial=graph.equilibrium(pulled(0)),
        replicas=replicas,
        seed=7,
        **common,
    )
    back = jump_process(
        graph,
        energy=lambda t: pulled(1 - t),
        initial=graph.equilibrium(pulled(1)),
        replicas=replicas,
        seed=8,
        **common,
    )
    return forth.ledger.work / KT, back.ledger.work / KT


def test_jarzynski_and_crooks_on_a_pulled_ladder():
    forth, back = there_and_back()
    change = (free_energy(pulled(1)) - free_energy(pulled(0))) / KT
    assert forth.mean() - change > 0.5  # driven: not reversible
    assert close(np.exp(-(forth - change)), 1.0)
    assert close(np.exp(-(back + change)), 1.0)
    crooks(forth, back, change)


def crooks(forth, back, change):
    """P(W)/P_back(-W) = exp(W - ΔF): by bins, and by Bennett's bounded average."""
    here, there = 1 / (1 + np.exp(forth - change)), 1 / (1 + np.exp(back + change))
    error = np.hypot(here.std(), there.std()) / np.sqrt(forth.size)
    assert abs(here.mean() - there.mean()) <= 4 * error
    # Within a bin both sides are counted: P_back(-W) against P(W) exp(ΔF - W), replica by replica.
    edges = np.linspace(change - 2, change + 3, 11)
    checked = 0
    for low, high in pairwise(edges):
        weights = np.where((forth > low) & (forth <= high), np.exp(change - forth), 0)
        hits = (-back > low) & (-back <= high)
        if min(np.count_nonzero(weights), np.count_nonzero(hits)) < 200:
            continue
        error = np.hypot(weights.std(), hits.std()) / np.sqrt(forth.size)
        assert abs(weights.mean() - hits.mean()) <= 4 * error
        checked += 1
    assert checked >= 5


@pytest.mark.parametrize("tilt", [0.5, 2.0, 6.0])
def test_the_uncertainty_product_of_a_biased_cell(tilt):
    """(Var/mean²)(Q/kT) = x coth(x/2), the relation of Barato and Seifert, for net moves."""
    replicas = 60_000
    run = jump_process(
        ring(7),
        duration=30.0,
        initial=0,
        replicas=replicas,
        seed=9,
        force=tilt * KT,
        hop_rate=1.0,
    )
    n = run.ledger.net_moves
    product = n.var() / n.mean() ** 2 * run.ledger.heat.mean() / KT
    # Product = tilt Var/mean; relative errors: sqrt(2/replicas) of Var (nearly normal), the mean's.
    error = product * np.hypot(np.sqrt(2 / replicas), n.std() / n.mean() / np.sqrt(replicas))
    assert abs(product - tilt / np.tanh(tilt / 2)) <= 4 * error
    assert product >= 2 - 4 * error


def test_waiting_times_are_exact_however_the_barrier_rises():
    """Survival of the first state is exp(-R): no time-step error at any number of steps."""
    barrier = PowerLawBarrier(hop_rate_initial=3.0, time_constant=0.1, exponent=1.2, attempt_rate=9)
    for steps in (1, 7):
        run = jump_process(
            Graph(5, [(0, 1), (1, 2), (2, 3), (3, 4)]),
            duration=5.0,
            steps=steps,
            initial=0,
            replicas=100_000,
            seed=10 + steps,
            rates=None,
            barrier=barrier,
        )
        assert close(run.ledger.hops == 0, np.exp(-barrier.hop_budget(5.0)))


def test_a_matched_barrier_makes_the_updates_of_the_optimizer():
    decay = ExponentialDecay(update_rate=20.0, time_constant=0.5)
    barrier = MatchedBarrier(0.8, decay, attempt_rate=1e3)
    run = jump_process(
        ring(9),
        duration=5.0,
        initial=0,
        replicas=20_000,
        seed=11,
        force=barrier.tilt,
        barrier=barrier,
    )
    assert close(run.ledger.net_moves, decay.integral(5.0))
    assert close(run.ledger.heat, decay.integral(5.0) * 2 * KT * np.arcsinh(0.8))


@pytest.mark.parametrize("slowness", [4, 40])
def test_erasing_a_bit_costs_landauer_and_a_bit_more(slowness):
    """Heat >= kT (ln 2 - H(p)), approached from above like 1/duration."""
    lift = Ramp((0.0, slowness), (0.0, 7 * KT))
    common = {
        "duration": float(slowness),
        "steps": 200,
        "initial": [0.5, 0.5],
        "energy": lambda t: np.array([0.0, lift(t)]),
        "hop_rate": 1.0,
        "kinetics": "heat_bath",
    }
    exact = master_equation(ladder(2), **common)
    q = exact.final[1]
    landauer = KT * (np.log(2) + q * np.log(q) + (1 - q) * np.log(1 - q))
    assert landauer < exact.ledger.heat
    assert (exact.ledger.heat - landauer) * slowness == pytest.approx(4 * KT, rel=0.6, abs=0)
    run = jump_process(ladder(2), replicas=20_000, seed=12, **common)
    assert close(run.ledger.heat, exact.ledger.heat)


def test_the_same_seed_gives_the_same_numbers_however_it_is_watched():
    common = {
        "duration": 3.0,
        "initial": 0,
        "replicas": 10_000,
        "hop_rate": 100.0,
        "energy": HILLS,
    }
    one = jump_process(ladder(5), seed=1, **common)
    two = jump_process(
        ladder(5), seed=1, record=[0, 3], snapshots=True, progress=lambda f: None, **common
    )
    assert np.array_equal(one.final, two.final)
    assert np.array_equal(one.ledger.heat, two.ledger.heat)
    assert np.array_equal(two.snapshots[-1], two.final)
    assert not np.array_equal(one.final, jump_process(ladder(5), seed=2, **common).final)
    assert np.corrcoef(one.final[:5000], one.final[5000:])[0, 1] < 4 / np.sqrt(5000)


def test_records_hold_the_level_at_the_times_asked_for():
    run = jump_process(
        hypercube(2),
        duration=2.0,
        steps=4,
        initial=3,
        replicas=50_000,
        seed=13,
        hop_rate=1.0,
        record=[0.0, 0.5, 2.0],
    )
    assert run.times.tolist() == [0.0, 0.5, 2.0]
    expected = 1 + np.exp(-2 * run.times)  # two independent bits
    assert np.all(np.abs(run.means - expected) <= 4 * np.sqrt(run.variances / 50_000))
    exact = master_equation(
        hypercube(2), duration=2.0, steps=4, initial=3, hop_rate=1.0, record=[0.0, 0.5, 2.0]
    )
    assert exact.means == pytest.approx(expected, rel=1e-12)
    assert exact.variances == pytest.approx((1 - np.exp(-4 * run.times)) / 2, abs=1e-12)


def interrupt_at(fraction):
    def progress(done):
        if done >= fraction:
            raise KeyboardInterrupt

    return progress


@STEPWISE
def test_an_interrupt_returns_what_is_done():
    common = {
        "duration": 8.0,
        "initial": [0.2] * 5,
        "replicas": 20_000,
        "seed": 14,
        "energy": lambda t: HILLS * t,
    }
    for rest in ({"steps": 8, "hop_rate": 1.0}, {"steps": 1, "hop_rate": 500.0}):
        run = jump_process(ladder(5), progress=interrupt_at(0.5), **common, **rest)
        assert not run.complete
        assert run.time == pytest.approx(4.0, abs=0.5)
        assert np.abs(run.ledger.first_law_residual()).max() < 1e-12 * np.abs(run.ledger.heat).max()
        assert close(np.exp(-run.ledger.entropy_production / KT), 1.0)
    assert jump_process(ladder(5), **common, hop_rate=1.0).complete


def test_an_alias_table_gives_the_probabilities_it_was_made_from():
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.full(9, 0.3), size=50)
    p[:, 3] = 0
    p /= p.sum(1, keepdims=True)
    accept, alias = hops.alias_table(p)
    rows = np.repeat(np.arange(50), 9), alias.reshape(-1)
    given = accept.copy()
    np.add.at(given, rows, (1 - accept).reshape(-1))
    assert given / 9 == pytest.approx(p, abs=1e-14)
    assert np.all(given[:, 3] < 1e-13)


def test_only_a_terminal_or_the_asker_sees_progress(capsys):
    jump_process(ladder(2), duration=1.0, initial=0, replicas=10, seed=1, hop_rate=1.0)
    assert capsys.readouterr() == ("", "")


def test_transport_is_the_distance_of_distributions():
    p, q = np.random.default_rng(1).dirichlet(np.ones(8), 2)
    assert ladder(8).transport(p, q) == pytest.approx(np.abs(np.cumsum(p - q)).sum())
    corner = np.eye(8)[5]
    assert hypercube(3).transport(np.full(8, 1 / 8), corner) == pytest.approx(3 / 2)
    circle = np.cumsum(p - q)
    assert ring(8).transport(p, q) == pytest.approx(np.abs(circle - np.median(circle)).sum())


REFUSED = {
    "hop_rate must be a finite number >= 0": {"hop_rate": -1.0},
    "hop_rate at t = .* must be a finite number >= 0": {"hop_rate": lambda t: -t},
    r"rates \(up\)\[0\] must be a finite number > 0": {"rates": ([-1.0, 1.0], [1.0, 1.0])},
    r"rates at t = .* \(down\) must be": {"rates": lambda t: (1.0, -t)},
    r"rates must be a pair": {"rates": 1.0},
    "give exactly one of barrier, hop_rate and rates": {"hop_rate": 1.0, "rates": (1.0, 1.0)},
    "rates already define the heat": {"rates": (1.0, 1.0), "force": KT},
    "barrier must be a schedule": {"barrier": 1e-20},
    r"energy at t = .*must be": {"hop_rate": 1.0, "energy": lambda t: [0, np.nan, 0]},
    "energy must be a number, or an array of 3": {"hop_rate": 1.0, "energy": [0.0, 1.0]},
    "force must be a number, or an array of 2": {"hop_rate": 1.0, "force": [0.0, 1.0, 2.0]},
    "a double can hold": {"hop_rate": 1.0, "force": 5000 * KT},
    "kinetics must be": {"hop_rate": 1.0, "kinetics": "glauber"},
    "factor must be": {"hop_rate": 1.0, "factor": 0.0},
    "steps must be": {"hop_rate": 1.0, "steps": 0},
    "duration must be": {"hop_rate": 1.0, "duration": -1.0},
    "replicas must be": {"hop_rate": 1.0, "replicas": 0},
    "seed must be": {"hop_rate": 1.0, "seed": None},
    "record must be": {"hop_rate": 1.0, "record": [5.0]},
    "initial must be a whole number >= 0 and <= 2": {"hop_rate": 1.0, "initial": 3},
    "initial must be 3 probabilities with sum 1": {"hop_rate": 1.0, "initial": [0.5, 0.4, 0.0]},
    "initial must be states 0 to 2": {"hop_rate": 1.0, "initial": np.arange(10)},
    "temperature must be": {"hop_rate": 1.0, "temperature": 0.0},
}


@pytest.mark.parametrize("message", REFUSED)
def test_bad_input_is_refused_in_one_line(message):
    arguments = {"duration": 1.0, "initial": 0, "replicas": 10, "seed": 1} | REFUSED[message]
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        jump_process(ladder(3), **arguments)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("states", "edges", "message"),
    [
        (4, [(0, 1), (2, 3)], "edges must connect all states, but 2 of 4 cannot be reached"),
        (3, [(0, 1), (1, 3)], "edges must be pairs of states 0 to 2"),
        (2, [(0, 1), (1, 1)], "edges must be pairs of two different states"),
        (2, [0, 1], "edges must be pairs"),
        (2, [], "edges must be pairs"),
        (1, [(0, 0)], "states must be a whole number >= 2"),
    ],
)
def test_a_graph_that_makes_no_sense_is_refused(states, edges, message):
    with pytest.raises(ValueError, match=message):
        Graph(states, edges)

"""Jump processes: against Boltzmann, the master equation, fluctuation theorems and closed forms.

Every statistical test allows 4 of its standard errors, which it computes from the replicas; the
jump process is exact, so that there is no bias to add.
"""

import io
from functools import partial
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.stats import binom, chisquare, poisson

from lim_lib import engine as engines
from lim_lib import kernels
from lim_lib.results import load
from lim_lib.schedules import ExponentialDecay, MatchedBarrier, PowerLawBarrier, Ramp
from lim_lib.simulate import (
    Graph,
    hops,
    hypercube,
    jump_process,
    ladder,
    master_equation,
    protocols,
    ring,
    runs,
)
from lim_lib.simulate.compiled import hops as compiled
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
ENGINES = pytest.mark.parametrize("engine", ["numpy", "compiled"])
HILLS = KT * np.array([0.0, 1.2, -0.7, 0.4, 2.0])


def close(sample, expected):
    """The mean of a sample is within 4 standard errors of what is expected."""
    error = np.std(sample, ddof=1) / np.sqrt(len(sample))
    away = abs(np.mean(sample) - expected)
    assert away <= 4 * error, f"{away / error:.1f} standard errors from {expected}"
    return True


def free_energy(energy):
    return -KT * np.log(np.exp(-np.asarray(energy) / KT).sum())


@ENGINES
@pytest.mark.parametrize("kinetics", ["symmetric", "heat_bath"])
@pytest.mark.parametrize(
    "graph", [ladder(8), ring(8), hypercube(3)], ids=["ladder", "ring", "cube"]
)
def test_memories_at_rest_obey_boltzmann(graph, kinetics, engine):
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
        engine=engine,
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


def forced(monkeypatch, way, engine):
    """Hops one by one, or in paths, whatever takes less time."""
    if engine == "numpy":
        monkeypatch.setattr(hops, "WORTH", {"direct": np.inf, "paths": 1e-9}[way])
        monkeypatch.setattr(hops.Hopper, "_busy", lambda self, states: 1.0)
    else:
        prices = {"direct": (1e-9, 1.0, 1.0), "paths": (1e9, 1.0, 1e-9)}[way]
        for name, price in zip(("HOP", "TURN", "PAIR"), prices, strict=True):
            monkeypatch.setattr(compiled, name, price)


@STEPWISE
@ENGINES
@pytest.mark.parametrize("way", ["direct", "paths"])
@pytest.mark.parametrize("name", PROTOCOLS)
def test_every_ledger_entry_averages_to_the_master_equation(name, way, engine, monkeypatch):
    """By either way of hopping, each forced here."""
    forced(monkeypatch, way, engine)
    graph, protocol = PROTOCOLS[name]
    start = np.full(graph.states, 1 / graph.states)
    common = {"duration": 2.0, "steps": 8, "initial": start, **protocol}
    run = jump_process(graph, replicas=40_000, seed=4, engine=engine, **common)
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
@ENGINES
@pytest.mark.parametrize("name", PROTOCOLS)
def test_the_first_law_holds_for_every_replica(name, engine):
    graph, protocol = PROTOCOLS[name]
    common = {"duration": 2.0, "steps": 8, "initial": 0, **protocol}
    ledger = jump_process(graph, replicas=5_000, seed=5, engine=engine, **common).ledger
    assert np.ptp(ledger.heat) > KT
    assert np.abs(ledger.first_law_residual()).max() < 1e-13 * np.abs(ledger.heat).max()
    mean = master_equation(graph, **common).ledger
    assert abs(mean.first_law_residual()) < 1e-12 * KT


@STEPWISE
@ENGINES
@pytest.mark.parametrize("name", PROTOCOLS)
def test_integral_fluctuation_theorem(name, engine):
    """<exp(-entropy production/k)> = 1, for the total of bath and memory."""
    graph, protocol = PROTOCOLS[name]
    start = np.full(graph.states, 1 / graph.states)
    common = {"duration": 1.0, "steps": 8, "initial": start, "engine": engine}
    run = jump_process(graph, replicas=40_000, seed=6, **common, **protocol)
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
@ENGINES
def test_an_interrupt_returns_what_is_done(engine):
    common = {
        "duration": 8.0,
        "initial": [0.2] * 5,
        "replicas": 20_000,
        "seed": 14,
        "energy": lambda t: HILLS * t,
        "engine": engine,
    }
    for rest in ({"steps": 8, "hop_rate": 1.0}, {"steps": 1, "hop_rate": 500.0}):
        run = jump_process(ladder(5), progress=interrupt_at(0.5), **common, **rest)
        assert not run.complete
        assert run.time == pytest.approx(4.0, abs=0.5)
        assert np.abs(run.ledger.first_law_residual()).max() < 1e-12 * np.abs(run.ledger.heat).max()
        assert close(np.exp(-run.ledger.entropy_production / KT), 1.0)
        made = run.ledger.edge_hops_up.sum(), run.ledger.edge_hops_down.sum()
        assert made == (run.ledger.hops_up.sum(), run.ledger.hops_down.sum())
    assert jump_process(ladder(5), **common, hop_rate=1.0).complete


@pytest.mark.parametrize("hop_rate", [0.05, 100.0])
def test_compiled_hops_are_the_same_with_any_number_of_threads_however_watched(hop_rate, tmp_path):
    common = {"duration": 3.0, "initial": 0, "replicas": 2001, "seed": 1, "energy": HILLS}
    common |= {"hop_rate": hop_rate, "engine": "compiled"}
    one = jump_process(ladder(5), **common)
    assert one.engine == "compiled"
    assert ", compiled, " in one.headline()
    for threads in (2, 3):
        assert jump_process(ladder(5), threads=threads, **common) == one
    watched = jump_process(ladder(5), record=[0, 3], snapshots=True, progress=lambda f: None,
                           **common)  # fmt: skip
    assert watched.ledger == one.ledger
    one.save(tmp_path / "run.npz")
    assert load(tmp_path / "run.npz") == one
    assert load(tmp_path / "run.npz").engine == "compiled"


def test_without_numba_one_line_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    common = {"duration": 1.0, "initial": 0, "replicas": 3, "seed": 1, "hop_rate": 1.0}
    assert jump_process(ladder(2), **common).engine == "numpy"
    with pytest.raises(ModuleNotFoundError, match="engine='compiled' needs Numba") as refusal:
        jump_process(ladder(2), engine="compiled", **common)
    assert "\n" not in str(refusal.value)
    with pytest.raises(ValueError, match="threads must be 1 for engine='numpy', got 2"):
        jump_process(ladder(2), threads=2, **common)


def listed(graph, **controls):
    """A compiled hopper that has listed its paths, and the matrix of one uniformized hop."""
    protocol = protocols.Protocol(
        graph, duration=1.0, hop_rate=1.0, barrier=None, rates=None, factor=1.0, steps=None,
        kinetics="symmetric", temperature=300.0, **controls,
    )  # fmt: skip
    crowd = compiled.Crowd.of(np.random.default_rng(1), 3, threads=1)
    hopper = compiled.Hopper(graph, protocol.at(0.0), crowd)
    hopper.prepare(np.zeros(100_000, dtype=int), 60.0, 1)
    assert hopper.by_paths
    once = np.zeros((graph.states, graph.states))
    single = hopper.levels[0]
    np.add.at(once, (rows(single), single.target), single.probability)
    return hopper, once


def rows(paths):
    return np.repeat(np.arange(paths.start.size - 1), np.diff(paths.start))


MEMORIES = {
    "ladder": (ladder(5), {"energy": HILLS, "force": 0.0}),
    "ring": (ring(5), {"energy": HILLS, "force": KT * np.array([0.3, 0.3, 1.0, 0.3, -0.2])}),
    "words": (hypercube(3), {"energy": KT * np.sin(np.arange(8)), "force": 0.0}),
}


@pytest.mark.parametrize("name", MEMORIES)
def test_listed_paths_are_powers_of_a_hop_and_a_turn_chooses_them_by_their_probability(name):
    graph, controls = MEMORIES[name]
    hopper, once = listed(graph, **controls)
    table, energy = hopper.table, controls["energy"]
    assert len(hopper.levels) >= 4
    ups = np.zeros(graph.states)
    np.add.at(ups, graph.edges[:, 0], hopper.control.up / hopper.fastest)
    chance, mean_ups = np.eye(graph.states), np.zeros(graph.states)
    for _ in range(hopper.levels[-1].length):
        mean_ups, chance = mean_ups + chance @ ups, chance @ once
    paths = hopper.levels[-1]
    found = np.zeros_like(chance)
    np.add.at(found, (rows(paths), paths.target), paths.probability)
    assert found == pytest.approx(chance, rel=1e-12, abs=1e-15)
    up = np.bincount(rows(paths), paths.probability * (paths.tally % hops.DOWN))
    assert up == pytest.approx(mean_ups, rel=1e-12)
    gained = energy[rows(paths)] - energy[paths.target] + paths.push
    assert paths.heat == pytest.approx(gained, abs=1e-13 * KT)
    # What the alias tables give: every column its share, and the rest to another.
    for paths, place, base, bits in zip(
        hopper.levels, table.places, table.base, table.bits, strict=False
    ):
        level = table.choices[base : base + (graph.states << bits)]
        given = level["share"] / 2.0**64
        rest = np.bincount(level["other"] - base, 1 - given, level.size)
        assert ((given + rest) / (1 << bits))[place - base] == pytest.approx(
            paths.probability, rel=1e-9, abs=1e-15
        )
    assert table.base[-1] == sum(graph.states << bits for bits in table.bits)


def test_the_hops_in_a_path_are_those_that_can_be_in_it():
    """A hundred thousand uses of each longest path: hops up edges sum up, each as it should."""
    graph, controls = MEMORIES["words"]
    hopper, once = listed(graph, **controls)
    longest, uses = hopper.levels[-1], 100_000
    starts = rows(longest)
    used = np.random.default_rng(2).multinomial(
        uses, longest.probability[starts == 0] / longest.probability[starts == 0].sum()
    )
    counts = [np.zeros(paths.target.size, dtype=np.int64) for paths in hopper.levels]
    counts[-1][starts == 0] = used
    up, down = hopper.edge_hops((np.zeros_like(hopper.direct), counts))
    assert up.sum() == (used * (longest.tally[starts == 0] % hops.DOWN)).sum()
    assert down.sum() == (used * (longest.tally[starts == 0] // hops.DOWN)).sum()
    visits, here = np.zeros(graph.states), np.eye(graph.states)[0]
    for _ in range(longest.length):
        visits, here = visits + here, here @ once
    for ends, rate, made in zip(graph.edges.T, ("up", "down"), (up, down), strict=True):
        expected = uses * visits[ends] * getattr(hopper.control, rate) / hopper.fastest
        assert np.all(np.abs(made - expected) < 4 * np.sqrt(expected * longest.length))


@pytest.mark.parametrize("expected", [0.01, 3.0, 400.0])
def test_numbers_of_hops_are_poisson_numbers(expected):
    """On a ring without energies every uniformized hop is one."""
    run = jump_process(ring(4), duration=expected / 2, hop_rate=1.0, initial=0, replicas=100_000,
                       seed=3, engine="compiled")  # fmt: skip
    counts = np.bincount(run.ledger.hops)
    chance = poisson.pmf(np.arange(counts.size), expected)
    common = chance * 100_000 > 10
    observed, wanted = counts[common], chance[common] * 100_000
    rest = 100_000 - observed.sum(), 100_000 - wanted.sum()
    assert chisquare([*observed, rest[0]], [*wanted, rest[1]]).pvalue > 6e-5


@pytest.mark.parametrize(
    ("count", "chance"),
    [(1, 0.3), (50, 0.02), (21, 0.5), (40, 0.7), (1000, 0.03), (10**9, 2e-9), (10**6, 0.4)],
)
def test_shares_are_binomial_numbers(count, chance):
    own = kernels.seeded(np.random.default_rng(4), 1)[0]
    sample = np.array([compiled.binomial(own, count, chance) for _ in range(20_000)])
    parts = np.linspace(0, 1, 25)[1:-1]
    edges = np.unique(binom.ppf(parts, count, chance))
    wanted = np.diff([0.0, *binom.cdf(edges, count, chance), 1.0]) * sample.size
    counts = np.bincount(np.searchsorted(edges, sample), minlength=wanted.size)
    there = wanted > 0
    assert counts[~there].sum() == 0
    assert chisquare(counts[there], wanted[there]).pvalue > 6e-5
    assert compiled.binomial(own, count, 1.0) == count
    assert compiled.binomial(own, count, 0.0) == 0


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


@pytest.mark.parametrize(
    ("terminal", "asked", "written"),
    [
        (True, None, True),
        (False, None, False),
        (False, True, True),
        (True, False, False),
        (True, [].append, False),
    ],
)
def test_progress_is_a_line_that_goes_away(terminal, asked, written, monkeypatch):
    screen, clock = io.StringIO(), iter([0.0, 1.9, 3.0, 3.4, 4.0])
    screen.isatty = lambda: terminal
    monkeypatch.setattr(runs, "sys", SimpleNamespace(stderr=screen))
    monkeypatch.setattr(runs, "time", SimpleNamespace(monotonic=partial(next, clock)))
    with runs.Progress(asked) as show:
        for fraction in (0.1, 0.25, 0.3, 0.5):
            show(fraction)
    first, second, *cleared = screen.getvalue().split("\r")[1:] or ["", ""]
    assert first.strip() == written * "simulating:  25 %, about 9 s left"
    assert second.strip() == written * "simulating:  50 %, about 4 s left"
    assert "".join(cleared).strip() == ""
    assert len(cleared) == 2 * written


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
        (3, [(0, 1e30)], "edges must be pairs of states 0 to 2, got 10000"),
        (1, [(0, 0)], "states must be a whole number >= 2"),
    ],
)
def test_a_graph_that_makes_no_sense_is_refused(states, edges, message):
    with pytest.raises(ValueError, match=message):
        Graph(states, edges)


# Hop rates that pulse, and the hops up and down that they allow on a ring: twice their integral.
PULSES = {
    "box": (lambda t: 10.0 if 3.3 <= t < 3.4 else 0.0, 10.0, 2.0),
    "10 ms at the start": (lambda t: 10.0 if t < 0.01 else 0.0, 10.0, 0.2),
    "1 ms at the end": (lambda t: 100.0 if t > 9.999 else 0.0, 10.0, 0.2),
    "5 pulses a second": (lambda t: 10.0 if (5 * t) % 1 < 0.01 else 0.0, 20.0, 4.0),
}


@pytest.mark.parametrize("steps", [None, 1, 7])
@pytest.mark.parametrize("name", PULSES)
def test_a_pulse_of_the_hop_rate_is_never_missed(name, steps):
    """On a ring without energies the mean number of hops is twice the hop budget."""
    rate, duration, hops = PULSES[name]
    common = {"duration": duration, "hop_rate": rate, "initial": 0, "steps": steps}
    assert master_equation(ring(8), **common).ledger.hops == pytest.approx(hops, rel=1e-8)
    run = jump_process(ring(8), replicas=4000, seed=1, **common)
    assert close(run.ledger.hops, hops)


def test_rates_that_are_functions_of_time_are_followed_without_being_asked_to():
    """P(1) = (1 - exp(-1.1 (1 - exp(-10))))/1.1; roadrunner's issue 1318."""
    exact = (1 - np.exp(-1.1 * (1 - np.exp(-10)))) / 1.1
    common = {"duration": 10, "rates": lambda t: (np.exp(-t), np.exp(-t) / 10), "initial": 0}
    assert master_equation(ladder(2), **common).final[1] == pytest.approx(exact, rel=1e-4)
    run = jump_process(ladder(2), replicas=20_000, seed=1, **common)
    assert close(run.final == 1, exact)


@pytest.mark.parametrize("along", ["energy", "force"])
def test_a_slow_ramp_takes_the_reversible_work(along):
    """2 kT in 200 s; steps of FINE waste at most FINE/8 (here twice that is allowed), lag 0.002."""
    ramp = {
        "energy": lambda t: np.array([0, 2 * KT * t / 200]),
        "force": lambda t: -2 * KT * t / 200,
    }
    common = {"duration": 200, "hop_rate": 1.0, "initial": [0.5, 0.5], along: ramp[along]}
    run = master_equation(ladder(2), **common)
    reversible = -np.log((1 + np.exp(-2)) / 2)
    assert run.final[1] == pytest.approx(1 / (1 + np.exp(2)), abs=2e-3)
    if along == "energy":
        assert 0 < run.ledger.work / KT - reversible < 0.02 / 4 + 0.002


def test_a_jump_and_a_pulse_of_the_energy_are_cornered():
    """Exact values by runs whose steps end where the energy jumps."""

    def energy(t):
        return KT * np.array([0.0, 20 * (3.3 <= t < 3.31)])

    common = {"duration": 10.0, "hop_rate": 1.0, "kinetics": "heat_bath"}
    followed = master_equation(ladder(2), energy=energy, initial=0, **common)
    in_steps = master_equation(ladder(2), energy=energy, initial=0, steps=1000, **common)
    assert followed.ledger.heat == pytest.approx(in_steps.ledger.heat, rel=1e-6, abs=0)
    assert followed.ledger.work == pytest.approx(in_steps.ledger.work, rel=1e-6, abs=0)
    assert followed.ledger.work > 0.1 * KT


def test_followed_controls_record_at_the_nearest_step():
    run = master_equation(
        ladder(2),
        duration=10,
        initial=0,
        rates=lambda t: (np.exp(-t), np.exp(-t) / 10),
        record=[0, 1.0, 10],
    )
    assert run.times == pytest.approx([0, 1.0, 10], abs=0.02)
    passed = 1 - np.exp(-run.times)
    assert run.means == pytest.approx((1 - np.exp(-1.1 * passed)) / 1.1, abs=1e-4)


def test_constants_have_one_step():
    run = master_equation(ladder(2), duration=1.0, initial=0, hop_rate=1.0, record=[0.3, 0.7])
    assert run.times.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("simulation", ["mean", "sample"])
@pytest.mark.parametrize(
    "control",
    [
        {"energy": lambda t: KT * np.array([0, t]), "hop_rate": 1.0},
        {"energy": lambda t: KT * np.array([0, 9.0 * (0.305 < t < 0.311)]), "hop_rate": 1.0},
        {"force": lambda t: KT * t, "hop_rate": 1.0},
        {"rates": lambda t: (np.exp(-t), 1.0)},
    ],
    ids=["ramp", "pulse", "force", "rates"],
)
def test_steps_that_are_too_few_for_a_control_are_told_of(control, simulation):
    common = {"duration": 1.0, "initial": 0, "steps": 1, **control}
    run = {"mean": master_equation, "sample": partial(jump_process, replicas=10, seed=1)}
    with pytest.warns(RegimeWarning, match="change within a control step") as told:
        run[simulation](ladder(2), **common)
    assert told[0].filename == __file__


def test_a_control_that_jumps_where_steps_end_is_no_reason_to_warn():
    energies = 5 * KT * np.random.default_rng(1).normal(size=(3, 4))
    master_equation(
        ladder(4),
        duration=1.0,
        initial=0,
        steps=3,
        hop_rate=1.0,
        energy=lambda t: energies[min(int(3 * t), 2)],
    )


def test_a_control_that_takes_too_many_steps_is_refused(monkeypatch):
    monkeypatch.setattr(protocols, "MOST_STEPS", 500)
    with pytest.raises(ValueError, match=r"by t = .* s they took 500 control steps") as refusal:
        master_equation(
            ladder(2),
            duration=1.0,
            initial=0,
            hop_rate=1.0,
            energy=lambda t: KT * np.array([0, np.sin(100 * t)]),
        )
    assert "\n" not in str(refusal.value)


class Barrier:
    """A barrier of one's own."""

    def __init__(self, budget, rate=None):
        self.hop_budget = budget
        if rate:
            self.hop_rate = rate


@pytest.mark.parametrize(
    ("barrier", "message"),
    [
        (Barrier(lambda t: 5 - t), "barrier.hop_budget must not fall, goes from 5 at t = 0 s to 4"),
        (Barrier(lambda t: np.nan), "barrier.hop_budget at t = 0 s must be a finite number"),
        (Barrier(lambda t: t * t, lambda t: t), "must be the integral of barrier.hop_rate"),
        (Barrier(lambda t: [t]), "barrier.hop_budget at t = 0 s must be one number"),
    ],
)
def test_a_barrier_that_contradicts_itself_is_refused(barrier, message):
    with pytest.raises(ValueError, match=message) as refusal:
        master_equation(ladder(2), duration=1.0, initial=0, barrier=barrier)
    assert "\n" not in str(refusal.value)


def test_a_hop_budget_may_hold_pulses_that_no_one_could_follow():
    """A thousand pulses of 10 µs: the integral is given, and is taken as it is."""

    def budget(t):
        return 1000 * (np.floor(1e3 * t) * 1e-5 + min((1e3 * t) % 1 * 1e-3, 1e-5))

    pulsed = Barrier(budget, lambda t: 1000.0 * ((1e3 * t) % 1 < 0.01))
    run = master_equation(ring(4), duration=1.0, initial=0, barrier=pulsed)
    assert run.ledger.hops == pytest.approx(20, rel=1e-6)


def test_heat_bath_rates_that_no_double_holds_are_refused():
    """exp(-750) is 0 in a double: then a hop would have no way back."""
    with pytest.raises(ValueError, match="a tilt of 750 kT"):
        master_equation(
            ladder(2), duration=1.0, initial=0, hop_rate=1.0, kinetics="heat_bath",
            energy=[0.0, 750 * KT],
        )  # fmt: skip


def test_transport_is_the_number_of_bits_that_differ_from_thousands_of_starts():
    """More starts than the distances that are found at once."""
    cube = hypercube(12)
    starts = np.random.default_rng(1).integers(0, cube.states, 6000)
    run = jump_process(cube, duration=1.0, initial=starts, replicas=6000, seed=1, hop_rate=0.3)
    assert np.array_equal(run.ledger.transport, np.bitwise_count(starts ^ run.final))
    assert np.unique(starts).size * cube.states > 1 << 23


def test_a_run_of_endless_hops_is_refused_before_it_begins():
    fast = {"duration": 50.0, "hop_rate": 1e6, "initial": 0, "seed": 1}
    with pytest.raises(ValueError, match=r"about 2e\+12 in 20000 replicas") as refusal:
        jump_process(ring(8), replicas=20_000, **fast)
    assert "\n" not in str(refusal.value)
    with pytest.raises(ValueError, match="most_hops=4e"):
        jump_process(ring(8), replicas=20_000, **fast, energy=lambda t: KT * np.zeros(8))
    few = {"duration": 1.0, "hop_rate": 1.0, "initial": 0, "seed": 1, "replicas": 20}
    with pytest.raises(ValueError, match="at most 10 hops"):
        jump_process(ring(8), **few, most_hops=10)
    assert jump_process(ring(8), **few, most_hops=np.inf).complete
    with pytest.raises(ValueError, match="looks at the states"):
        jump_process(ladder(2), **few, energy=[0, 48 * KT])


def test_the_guard_counts_the_hops_that_are_made_not_the_fastest_rate():
    """A top state of 20 kT decays at exp(10) per second, and then nothing happens for long."""
    run = jump_process(
        ladder(2), duration=100.0, hop_rate=1.0, initial=1, energy=[0, 20 * KT], seed=1,
        replicas=1000, kinetics="symmetric", most_hops=2e8,
    )  # fmt: skip
    assert run.ledger.hops.mean() < 1000


def test_the_average_can_be_interrupted_too():
    common = {"duration": 8.0, "steps": 8, "initial": [0.2] * 5, "energy": HILLS, "hop_rate": 1.0}
    run = master_equation(ladder(5), progress=interrupt_at(0.5), record=[0, 2, 8], **common)
    assert not run.complete
    assert run.time == 4.0
    short = master_equation(ladder(5), **(common | {"duration": 4.0, "steps": 4}))
    assert run.final == pytest.approx(short.final, rel=1e-12)
    assert run.ledger.heat == pytest.approx(short.ledger.heat, rel=1e-12, abs=0)
    assert run.times.tolist() == [0, 2]
    assert len(run.snapshots) == 2


def test_an_average_over_too_many_states_is_refused():
    with pytest.raises(ValueError, match="graph must be of at most 8192 states"):
        master_equation(hypercube(14), duration=1.0, initial=0, hop_rate=1.0)


def test_a_list_that_could_be_states_or_probabilities_is_refused():
    common = {"duration": 1e-9, "hop_rate": 1.0, "replicas": 2, "seed": 1}
    with pytest.raises(ValueError, match="initial must be floats if they are probabilities"):
        jump_process(ladder(2), initial=[1, 0], **common)
    assert jump_process(ladder(2), initial=np.array([1, 0]), **common).final.tolist() == [1, 0]
    assert jump_process(ladder(2), initial=[1.0, 0.0], **common).final.tolist() == [0, 0]
    assert jump_process(ladder(2), initial=[1, 1], **common).final.tolist() == [1, 1]
    common["replicas"] = 3
    assert jump_process(ladder(2), initial=[1, 0], **common).final.tolist() == [0, 0, 0]
    assert jump_process(ladder(2), initial=[1, 0, 1], **common).final.tolist() == [1, 0, 1]


INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]


@pytest.mark.parametrize("kind", [*INTEGERS, np.float16, np.float32])
def test_numbers_of_any_type_give_what_floats_give(kind):
    """With kT = 1 J energies may be whole numbers; sums and squares of these pass 127 and 255."""
    warm = 1 / thermal_energy(1.0)
    levels, rates = np.array([100, 120, 90]), np.array([100, 120])

    def run_in(energy, factor):
        graph = Graph(3, [(0, 1), (1, 2)], levels=energy)
        common = {"duration": 1, "hop_rate": 1, "temperature": warm, "initial": 0, "record": [0, 1]}
        return master_equation(graph, energy=energy, factor=factor, **common)

    one = run_in(levels.astype(kind), rates.astype(kind))
    other = run_in(levels.astype(float), rates.astype(float))
    assert one.final == pytest.approx(other.final, rel=1e-12)
    assert one.ledger.heat == pytest.approx(other.ledger.heat, rel=1e-12)
    assert one.variances == pytest.approx(other.variances, rel=1e-9)
    graph = ladder(kind(200) if np.issubdtype(kind, np.unsignedinteger) else 3)
    spread = np.resize(levels, graph.states)
    assert graph.equilibrium(spread.astype(kind), kind(120)) == pytest.approx(
        graph.equilibrium(spread.astype(float), 120.0), rel=1e-12
    )
    run = jump_process(
        Graph(3, np.array([(0, 1), (1, 2)], dtype=kind)), duration=kind(2), hop_rate=kind(100),
        rates=None, initial=0, replicas=200, seed=1, record=np.array([0, 2], dtype=kind),
    )  # fmt: skip
    assert run.ledger.hops.mean() == pytest.approx(2 * 100 * 4 / 3, rel=0.05)


@pytest.mark.parametrize("kind", INTEGERS)
def test_states_of_any_integer_type_are_states(kind):
    starts = np.arange(100).astype(kind)
    run = jump_process(ring(130), duration=1e-9, initial=starts, replicas=100, seed=1, hop_rate=1.0)
    assert np.array_equal(run.final, starts)

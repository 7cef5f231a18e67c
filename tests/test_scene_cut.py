"""Machines that cut a graph in the page: Gibbs' state, first law, and `anneal` of the library."""

import javascript
import numpy as np
import pytest
from javascript import run
from scipy.optimize import Bounds, LinearConstraint, milp

from lim_lib import scenes
from lim_lib.optimizers import IsingModel, anneal
from lim_lib.optimizers.logarithms import best_cut, example_graph
from lim_lib.schedules import Ramp
from lim_lib.units import thermal_energy

kT = thermal_energy()
SCENE = scenes.cut()
GRAPHS = SCENE.data["graphs"]
COUNT = 6000
HOUSE = [[0, 1, 1], [1, 2, 1], [2, 3, 1], [0, 3, 1], [2, 4, 1], [3, 4, 2]]
MACHINES = """const graph = lim.cut.graphOf(data.size, data.edges), random = lim.random(data.seed);
return Array.from({ length: data.machines }, () => {
  const one = lim.cut.machine(graph, random, data.scales[0]), begins = one.scale * one.energy;
  for (let n = 1; n < data.scales.length; n++) {
    lim.cut.turned(one, (data.scales[n - 1] + data.scales[n]) / 2);
    lim.cut.advanced(one, graph, data.hops / (data.scales.length - 1), random);
  }
  lim.cut.turned(one, data.scales.at(-1));
  const { energy, heat, work, hops, spins } = one;
  return { energy, heat, work, hops, spins: [...spins], change: one.scale * energy - begins };
});"""


def machines(edges, size, scales, hops, count, seed=1):
    """Machines of the page after so many hops of a free spin, while the scale goes in steps."""
    data = {"edges": edges, "size": size, "scales": list(scales), "hops": hops, "seed": seed}
    rows = run(["numbers", "drawn", "cut"], MACHINES, data | {"machines": count})
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def model(edges, size):
    weights = np.zeros((size, size))
    for i, j, weight in edges:
        weights[i, j] = weights[j, i] = weight
    return IsingModel.maxcut(weights)


def confront_gibbs():
    """Each of 32 states within four standard errors of its probability, and as many hops."""
    found = machines(HOUSE, 5, [0.8, 0.8], 20, COUNT)
    house = model(HOUSE, 5)
    states = house.decode(house.state_levels(np.arange(32)))
    index = {tuple(state): k for k, state in enumerate(states.tolist())}
    counted = np.bincount([index[tuple(row)] for row in found["spins"].tolist()], minlength=32)
    p = house.equilibrium(0.8).probabilities
    assert (abs(counted - COUNT * p) < 4 * np.sqrt(COUNT * p * (1 - p))).all()
    np.testing.assert_allclose(found["energy"], house.energy(found["spins"]), atol=1e-12)


def test_machines_at_rest_are_in_gibbs_state():
    confront_gibbs()


def test_a_free_spin_hops_once_in_a_hop():
    hops = machines([], 5, [0, 0], 20, 2000)["hops"]
    assert abs(hops.mean() - 100) < 4 * np.sqrt(100 / 2000)
    assert hops.var() == pytest.approx(100, rel=0.15)  # Poisson's; its error is 3 %


def test_work_is_heat_and_what_the_energy_gains():
    found = machines(HOUSE, 5, [1, 4, 0.5, 2], 5, 100)
    np.testing.assert_allclose(found["work"], found["heat"] + found["change"], atol=1e-11)
    assert abs(found["heat"]).max() > 1


def confront_anneal():
    """Heat, work and final energy of a ramp to 5 kT in ten hops, 1000 machines each."""
    edges = GRAPHS["small"]["edges"]
    found = machines(edges, 20, np.linspace(0, 5, 101), 10, 1000)
    library = anneal(
        model(edges, 20),
        Ramp((0, 10), (0, 5 * kT)),
        duration=10.0,
        hop_rate=1.0,
        replicas=1000,
        seed=1,
        steps=100,
    )
    for ours, theirs in (
        (found["heat"], library.ledger.heat / kT),
        (found["work"], library.ledger.work / kT),
        (found["energy"], library.energies),
        (found["hops"], library.ledger.hops),
    ):
        error = np.hypot(ours.std(), theirs.std()) / np.sqrt(1000)
        assert abs(ours.mean() - theirs.mean()) < 4 * error


def test_a_ramp_costs_what_it_costs_in_the_library():
    confront_anneal()


def test_trying_all_cuts_finds_the_librarys_ground_states():
    draw = np.random.default_rng(2)
    problems = [HOUSE, GRAPHS["small"]["edges"]]
    for size in (2, 6, 9):
        pairs = np.argwhere(np.triu(draw.random((size, size)) < 0.6, 1)).tolist()
        problems.append([[i, j, int(draw.integers(1, 4))] for i, j in pairs])
    sizes = [5, 20, 2, 6, 9]
    code = "return data.map(([edges, size]) => lim.cut.enumerated(lim.cut.graphOf(size, edges)));"
    found = run(["numbers", "drawn", "cut"], code, list(zip(problems, sizes, strict=True)))
    for each, edges, size in zip(found, problems, sizes, strict=True):
        energies = model(edges, size).all_energies
        assert each["best"] == pytest.approx(-energies.min(), abs=1e-9)
        assert each["count"] == (energies < energies.min() + 1e-9).sum()
    assert found[1]["best"] == best_cut() == 31


def test_the_best_cut_of_the_large_graph_is_the_best():
    """By an integer programme: sides of vertices, and edges that are cut if the sides differ."""
    edges, size = np.array(GRAPHS["large"]["edges"])[:, :2], len(GRAPHS["large"]["at"])
    count = len(edges)
    ends, cut = np.zeros((count, size)), np.eye(count)
    ends[np.arange(count)[:, None], edges] = 1
    rows = [np.hstack([-ends, cut]), np.hstack([ends, cut])]
    least = [np.zeros(count), np.full(count, 2)]
    joined = {tuple(edge): k for k, edge in enumerate(edges.tolist())}
    for (a, b), k in joined.items():  # of a triangle two edges are cut at most
        for c in range(b + 1, size):
            if (a, c) in joined and (b, c) in joined:
                row = np.zeros(size + count)
                row[size + np.array([k, joined[a, c], joined[b, c]])] = 1
                rows.append(row[None])
                least.append([2])
    found = milp(
        np.append(np.zeros(size), -np.ones(count)),
        integrality=np.append(np.ones(size), np.zeros(count)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(np.vstack(rows), ub=np.concatenate(least)),
    )
    assert found.success
    assert GRAPHS["large"]["best"] == pytest.approx(-found.fun)
    assert example_graph(10, 8)[1].sum() == 2 * count


@pytest.mark.parametrize(
    ("confront", "old", "new"),
    [
        (confront_gibbs, "exp(scale * change)", "exp(2 * scale * change)"),
        (confront_anneal, "let left = 2 * size", "let left = size"),
        (confront_anneal, "one.heat -= scale * change", "one.heat -= 2 * scale * change"),
        (confront_anneal, "(scale - one.scale) * one.energy", "(scale - one.scale) / 2"),
    ],
)
def test_a_planted_factor_of_two_is_noticed(tmp_path, monkeypatch, confront, old, new):
    scripts = javascript.planted(tmp_path, ["numbers", "drawn", "cut"], old, new)
    monkeypatch.setattr(javascript, "SCRIPTS", scripts)
    with pytest.raises(AssertionError):
        confront()

"""Problems of dimod and graphs of networkx, there and back; the annealer as a dimod sampler."""

import sys
import unittest

import dimod
import dimod.testing
import networkx as nx
import numpy as np
import pytest
from dwave.samplers import SimulatedAnnealingSampler

import lim_lib
from lim_lib.interop import LearningInMemorySampler, from_bqm, from_graph, to_bqm, to_graph
from lim_lib.optimizers import IsingModel

SAMPLER = LearningInMemorySampler()
DOUBTFUL = nx.Graph([(1, 3)])
DOUBTFUL.nodes[3]["field"] = None
BLOCKS = [(("tuple", 1),), 7, "c", frozenset({3})]  # labels of several kinds


def model_of_dimod(vartype, seed):
    rng = np.random.default_rng(seed)
    linear = dict(zip(BLOCKS, rng.normal(size=4), strict=True))
    pairs = [(BLOCKS[i], BLOCKS[j]) for i in range(4) for j in range(i)]
    quadratic = dict(zip(pairs[:-1], rng.normal(size=5), strict=True))
    return dimod.BinaryQuadraticModel(linear, quadratic, rng.normal(), vartype)


class Quick(LearningInMemorySampler):
    """In fewer sweeps."""

    def sample(self, bqm, **options):
        return super().sample(bqm, num_sweeps=20, **options)


@dimod.testing.load_sampler_bqm_tests(Quick)
class TestDimodsOwnTests(unittest.TestCase):
    """What dimod asks of every sampler, on models of no variable to three."""

    def test_the_interface_is_dimods(self):
        dimod.testing.assert_sampler_api(SAMPLER)
        dimod.testing.assert_sampleset_energies(
            Quick().sample(dimod.generators.ran_r(3, 9, seed=1)),
            dimod.generators.ran_r(3, 9, seed=1),
        )


@pytest.mark.parametrize("vartype", ["SPIN", "BINARY"])
def test_energies_labels_and_offset_are_those_of_dimod(vartype):
    bqm = model_of_dimod(vartype, seed=1)
    model, labels = from_bqm(bqm)
    assert labels == list(bqm.variables)
    assert set(labels) == set(BLOCKS)
    exact = dimod.ExactSolver().sample(bqm)
    states = exact.record.sample[:, [exact.variables.index(label) for label in labels]]
    spins = states if vartype == "SPIN" else 2 * states - 1
    np.testing.assert_allclose(model.energy(spins), exact.record.energy, atol=1e-12)
    assert model.ground_state().energy == pytest.approx(exact.first.energy)
    # The signs are turned: what is positive here lowers the energy.
    pair = from_bqm(dimod.BinaryQuadraticModel({"a": 1}, {"ab": 3}, 0, "SPIN")).model
    assert pair == IsingModel([[0, -3], [-3, 0]], [-1, 0])


def test_models_go_to_dimod_and_back():
    for seed in range(3):
        bqm = model_of_dimod("SPIN", seed)
        assert to_bqm(*from_bqm(bqm)) == bqm
    for model in (IsingModel.sherrington_kirkpatrick(7, seed=1), IsingModel(np.zeros((40, 40)), 1)):
        assert from_bqm(to_bqm(model)).model == model
        assert from_graph(to_graph(model), meaning="couplings").model == model


def test_the_maxcut_of_a_graph_is_that_of_its_nodes():
    graph = nx.Graph([("x", "y", {"weight": 2.5}), ("y", "z"), ("z", "x"), ("z", "w")])
    model, labels = from_graph(graph)
    assert labels == list(graph)
    energy, states = model.ground_state()
    assert energy == -4.5  # all edges but one of the triangle's weight 1
    for state in states:
        side = {label for label, spin in zip(labels, state, strict=True) if spin > 0}
        assert nx.cut_size(graph, side, weight="weight") == 4.5
    twice = nx.MultiGraph([(0, 1), (0, 1)])
    assert from_graph(twice).model.ground_state().energy == -2
    assert from_graph(graph, weight="missing").model.ground_state().energy == -3


def test_samples_are_boltzmanns_at_the_last_beta():
    bqm = model_of_dimod("BINARY", seed=2)
    found = SAMPLER.sample(bqm, num_reads=4000, beta_schedule=[0.5] * 5 + [1.0] * 20, seed=1)
    every = dimod.ExactSolver().sample(bqm)
    weights = np.exp(-every.record.energy)
    mean = weights @ every.record.energy / weights.sum()
    assert abs(found.record.energy.mean() - mean) < 4 * found.record.energy.std() / np.sqrt(4000)
    assert found.info["beta_range"] == [0.5, 1.0]
    assert found.info["num_sweeps"] == 25
    assert (found.info["complete"], found.info["updates"]) == (True, 100)
    assert found.info["version"] == lim_lib.__version__
    assert found.aggregate().record.num_occurrences.sum() == 4000


def test_the_heat_is_the_energy_that_a_quench_loses():
    bqm = model_of_dimod("SPIN", seed=3)
    start = dict.fromkeys(BLOCKS, 1)
    options = {"initial_states": start, "num_reads": 50, "num_sweeps": 9, "seed": 1}
    found = SAMPLER.sample(bqm, beta_range=(2, 2), **options)
    lost = bqm.energy(start) - found.record.energy
    np.testing.assert_allclose(found.record.heat, 2 * lost, atol=1e-12)
    assert (found.record.hops > 0).any()
    again = SAMPLER.sample(bqm, beta_range=(2, 2), beta_schedule_type="geometric", **options)
    assert (again.record == found.record).all()


def test_a_glass_is_solved_as_by_dwaves_annealer():
    bqm = to_bqm(IsingModel.sherrington_kirkpatrick(40, seed=3))
    other = SimulatedAnnealingSampler().sample(bqm, num_reads=50, num_sweeps=200, seed=1)
    for how in ({}, {"order": "random", "kinetics": "metropolis"}):
        found = SAMPLER.sample(bqm, num_reads=50, num_sweeps=200, seed=1, **how)
        assert found.first.energy == pytest.approx(other.first.energy)


@pytest.mark.parametrize("unit", [1e-200, 1.0, 1e200])
def test_by_default_weak_wishes_beside_strong_ones_are_resolved(unit):
    """A field beside fields 1000 times weaker; and a choice of 3 of 8 by a penalty."""
    rng = np.random.default_rng(1)
    fields = dict(enumerate(rng.uniform(0.5, 1.5, 20) * unit)) | {20: 1000.0 * unit}
    found = SAMPLER.sample(dimod.BinaryQuadraticModel(fields, {}, 0, "SPIN"), num_reads=10,
                           num_sweeps=100, seed=1)  # fmt: skip
    assert found.first.energy / unit == pytest.approx(-sum(fields.values()) / unit)
    choice = dimod.BinaryQuadraticModel(dict(enumerate(rng.normal(size=8))), {}, 0, "BINARY")
    choice.add_linear_equality_constraint([(i, 1) for i in range(8)], 50, -3)
    choice.scale(unit)
    found = SAMPLER.sample(choice, num_reads=20, num_sweeps=200, seed=1)
    assert (found.record.sample.sum(axis=1) == 3).all()


def test_each_sweep_has_its_beta():
    bqm = dimod.BinaryQuadraticModel({"a": 1}, {}, 0, "SPIN")
    options = {"initial_states": {"a": 1}, "num_reads": 50, "seed": 1}
    first = SAMPLER.sample(bqm, beta_schedule=[1000, 0], **options)
    np.testing.assert_allclose(first.record.heat, 2000)
    assert len(set(first.record.energy)) == 2
    second = SAMPLER.sample(bqm, beta_schedule=[0, 1000], **options)
    assert set(second.record.heat.round(6)) == {0.0, 2000.0}
    assert set(second.record.energy) == {-1.0}


def test_states_of_either_vartype_in_any_order_are_taken_as_initial_ones():
    bqm = model_of_dimod("BINARY", seed=1)
    bits = dimod.ExactSolver().sample(bqm)
    spins = bits.change_vartype("SPIN", inplace=False)
    turned = (bits.record.sample[:, ::-1].astype(np.uint8), list(bits.variables)[::-1])
    for model in (bqm, bqm.spin):
        sets = [
            SAMPLER.sample(model, initial_states=states, beta_schedule=[9], seed=1)
            for states in (bits, spins, turned)
        ]
        assert sets[0] == sets[1] == sets[2]
        assert len(sets[0]) == 16


def test_a_new_seed_is_drawn_and_told():
    bqm = model_of_dimod("SPIN", seed=1)
    first, second = (SAMPLER.sample(bqm, num_reads=30, num_sweeps=2) for _ in range(2))
    assert first.info["seed"] != second.info["seed"]
    again = SAMPLER.sample(bqm, num_reads=30, num_sweeps=2, seed=first.info["seed"])
    assert again == first


def test_a_compiled_engine_samples_as_well_and_is_told():
    bqm = model_of_dimod("SPIN", seed=1)
    options = {"num_reads": 500, "num_sweeps": 50, "seed": 1}
    plain = SAMPLER.sample(bqm, **options)
    quick = SAMPLER.sample(bqm, engine="compiled", threads=2, **options)
    assert (plain.info["engine"], quick.info["engine"]) == ("numpy", "compiled")
    for name in ("energy", "heat"):
        a, b = (found.record[name] for found in (plain, quick))
        assert abs(a.mean() - b.mean()) < 4 * np.sqrt((a.var() + b.var()) / 500)


def test_dimods_composites_take_the_sampler():
    tracking = dimod.TrackingComposite(Quick())
    found = tracking.sample(model_of_dimod("BINARY", seed=1), num_reads=3)
    assert tracking.output == found
    assert found.record.hops.shape == (3,)


def test_an_interrupted_run_keeps_the_samples_that_are_done():
    def stop(fraction):
        if fraction > 0.3:
            raise KeyboardInterrupt

    bqm = to_bqm(IsingModel(np.zeros((300, 300))))  # walks in blocks of 436
    found = SAMPLER.sample(bqm, num_reads=1000, num_sweeps=1, seed=1, progress=stop)
    assert not found.info["complete"]
    assert len(found) == 436


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_bqm({(0, 1): 2}), "bqm must be a dimod.BinaryQuadraticModel, got {"),
        (
            lambda: from_bqm(dimod.BinaryQuadraticModel("SPIN")),
            "bqm must be a model of at least one variable",
        ),
        (lambda: to_bqm([[0, 1], [1, 0]]), "model must be an IsingModel"),
        (
            lambda: to_bqm(IsingModel([[0, 1], [1, 0]]), labels="aa"),
            "labels must be 2 different names, one for each spin, got 'aa'",
        ),
        (lambda: to_bqm(IsingModel([[0]]), labels=7), "labels must be 1 names, each of .*, got 7"),
        (
            lambda: to_graph(IsingModel([[0]]), labels=[[1]]),
            "labels must be 1 names, each of which",
        ),
        (lambda: to_graph(IsingModel([[0]]), labels=[None]), "labels must be 1 different names"),
        (
            lambda: from_graph(nx.Graph([("a", "b", {"weight": [1, 2]})])),
            r"weight of edge \('a', 'b'\) must be one number",
        ),
        (lambda: from_graph(DOUBTFUL, meaning="couplings"), "field of node 3 must be .*got None"),
        (lambda: from_graph(nx.DiGraph([(0, 1)])), "graph must be a networkx.Graph without dir"),
        (lambda: from_graph(nx.Graph()), "graph must be a graph of at least one node"),
        (lambda: from_graph(nx.Graph([(2, 2)])), r"without an edge from a node .*, got \(2, 2\)"),
        (
            lambda: from_graph(nx.Graph([("a", "b", {"weight": "much"})])),
            r"weight of edge \('a', 'b'\) must be a finite number, got 'much'",
        ),
        (lambda: from_graph(nx.Graph(), meaning="cut"), "meaning must be 'maxcut' or 'couplings'"),
    ],
)
def test_what_cannot_be_translated_is_refused_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_reads": 0}, "num_reads must be a whole number >= 1, got 0"),
        ({"num_sweeps": 0}, "num_sweeps must be a whole number >= 1 and <= 1e.07, got 0"),
        (
            {"beta_range": (0, 1), "beta_schedule_type": "geometric"},
            r"beta_range\[0\] must be .* > 0",
        ),
        ({"beta_range": (1, 2, 3)}, "beta_range must be the first and the last β"),
        ({"beta_schedule_type": "custom"}, "beta_schedule_type must be 'linear' or 'geometric' wh"),
        ({"beta_schedule": [1], "beta_schedule_type": "linear"}, "give either beta_schedule or"),
        ({"num_sweeps": 10**10}, "num_sweeps must be a whole number >= 1 and <= 1e.07, got 10000"),
        ({"beta_schedule": [1, -1]}, r"beta_schedule\[1\] must be .* >= 0, got -1"),
        ({"beta_schedule": [1], "num_sweeps": 2}, "give either beta_schedule or num_sweeps"),
        ({"initial_states": {"a": 1}}, "initial_states must be states of the variables of bqm"),
        ({"initial_states": {"a": 2, "b": 1}}, "initial_states must be made of spins -1 and 1, or"),
        (
            {"initial_states": {"a": 0, "b": -1}},
            "initial_states must be made of spins -1 and 1, or",
        ),
        (
            {"initial_states": [{"a": 1, "b": 1}] * 2, "num_reads": 3},
            "initial_states must be one, or one for each of 3 reads",
        ),
        ({"order": "at once"}, "order must be 'random' or 'sequential' or"),
        ({"beta": 3}, "unexpected keyword argument 'beta'"),
        ({"bqm": {("a", "b"): 1}}, "bqm must be a dimod.BinaryQuadraticModel, got {"),
        ({"bqm": dimod.QuadraticModel()}, "bqm must be a dimod.BinaryQuadraticModel"),
    ],
)
def test_a_sample_that_cannot_be_drawn_is_refused_in_one_line(options, message):
    bqm = dimod.BinaryQuadraticModel({}, {"ab": 1}, 0, "SPIN")
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        SAMPLER.sample(**{"bqm": bqm, **options})
    assert "\n" not in str(caught.value)


def test_a_package_that_is_missing_is_named_with_the_way_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(
        ModuleNotFoundError, match=r'networkx, .*: pip install "lim_lib\[interop\]"'
    ):
        from_graph(None)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = lim_lib.interop.nonsense

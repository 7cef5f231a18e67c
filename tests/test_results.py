"""Results last: equal by value, copied, sent to other processes, shown, kept in files.

A file is read back by plain NumPy and JSON, and attacked: cut, flipped, foreign, newer, forged.
"""

import copy
import functools
import importlib
import inspect
import io
import json
import multiprocessing
import os
import pickle
import pkgutil
import tracemalloc
import zipfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from scipy import sparse

import lim_lib
from lim_lib import archive, results
from lim_lib.optimizers import Anneal, IsingModel, Landscape, QuadraticProgram, anneal, repeats
from lim_lib.optimizers.solution import success_probability
from lim_lib.schedules import Ramp
from lim_lib.simulate import (
    Ledger,
    Potential,
    Run,
    harmonic,
    jump_process,
    langevin,
    master_equation,
    ring,
)
from lim_lib.units import thermal_energy

KT = thermal_energy()


def hopping(replicas=50, seed=1, **options):
    return jump_process(
        ring(8),
        duration=9.0,
        force=2 * KT,
        hop_rate=1.0,
        initial=0,
        replicas=replicas,
        seed=seed,
        steps=9,
        record=[1.0, 2.0, 3.0],
        snapshots=True,
        **options,
    )


def moving(replicas=40, dimensions=1, **options):
    start = np.zeros((replicas, dimensions)[:dimensions])
    plane = Potential(
        lambda x, stiffness: stiffness / 2 * (x**2).sum(1), lambda x, stiffness: -stiffness * x
    )
    return langevin(
        harmonic if dimensions == 1 else plane,
        diffusivity=1.0,
        duration=1.0,
        steps=100,
        initial=start,
        replicas=replicas,
        seed=2,
        controls={"stiffness": lambda t: KT * (1 + t)},
        record=[0.5, 1.0],
        passage=lambda x: np.reshape(x, (replicas, -1))[:, 0] > 0.5,
        **options,
    )


def annealed(problem=None, replicas=20, **options):
    return anneal(
        IsingModel.sherrington_kirkpatrick(6, seed=1) if problem is None else problem,
        Ramp((0, 5), (0, 2 * KT)),
        duration=5.0,
        hop_rate=1.0,
        replicas=replicas,
        seed=3,
        **options,
    )


def interrupted():
    def stop(fraction):
        if fraction > 0.4:
            raise KeyboardInterrupt

    return hopping(progress=stop)


CHAIN = IsingModel(sparse.eye_array(60, k=1) + sparse.eye_array(60, k=-1), offset=3.0)
PROGRAM = QuadraticProgram([[3, 1], [1, 2]], [-1, 0.5], -1, [1, 2], bits=3)
PAIR = Landscape([[2, -1], [-1, 3]], [-0.2, -2.4], 0.5, levels=3)
SAMPLES = {
    "hopping": hopping,
    "interrupted": interrupted,
    "exact": lambda: master_equation(
        ring(8), duration=9.0, force=2 * KT, hop_rate=1.0, initial=0, record=[9.0]
    ),
    "one replica": lambda: moving(replicas=1),
    "moving": lambda: moving(log_density=lambda x, time: -(x**2) / 2),
    "in a plane": lambda: moving(dimensions=2, snapshots=True),
    "ledger": lambda: hopping().ledger,
    "exact ledger": lambda: SAMPLES["exact"]().ledger,
    "glass": annealed,
    "chain": lambda: annealed(CHAIN, record=[0.0, 5.0], snapshots=True),
    "program": lambda: annealed(PROGRAM, replicas=1),
    "pair": lambda: annealed(PAIR, kinetics="symmetric"),
    "chain alone": lambda: CHAIN,
    "program alone": lambda: PROGRAM,
    "pair alone": lambda: PAIR,
    "graph": lambda: ring(8),
    "bound": lambda: lim_lib.bounds.finite_time,
    "ladder": lambda: lim_lib.energy_ladder("gpt3"),
}


@functools.cache
def sample(name):
    return SAMPLES[name]()


def saved(result):
    file = io.BytesIO()
    result.save(file)
    return file.getvalue()


def loaded(data):
    return lim_lib.load(io.BytesIO(data))


every = pytest.mark.parametrize("name", SAMPLES)
shown = pytest.mark.parametrize("name", list(SAMPLES)[:12])


# --- values --------------------------------------------------------------------------------------
@every
def test_what_is_computed_twice_is_equal_and_has_one_hash(name):
    one, two = sample(name), SAMPLES[name]()
    assert one == two
    assert hash(one) == hash(two)
    assert len({one, two}) == 1
    assert one != "a run"


def test_what_differs_in_any_content_is_unequal():
    run = sample("hopping")
    assert run != hopping(seed=2)
    assert run != sample("interrupted")
    assert run != run.ledger
    for name, content in run.contents().items():
        if isinstance(content, np.ndarray) and content.size:
            other = content.copy()
            other.flat[-1] += 1
            assert replace(run, **{name: other}) != run, name
    assert replace(run, snapshots=None) != run
    assert replace(run, time=8.0) != run
    assert replace(run, ledger=replace(run.ledger, work=2 * run.ledger.work)) != run
    assert IsingModel([[0, 1], [1, 0]], offset=1.0) != IsingModel([[0, 1], [1, 0]])
    assert IsingModel(2 * CHAIN.couplings, offset=3.0) != CHAIN
    assert ring(5) != ring(6)


def test_the_version_of_the_library_is_no_part_of_what_was_found():
    run = sample("hopping")
    assert run.version == lim_lib.__version__
    assert replace(run, version="0.0.1") == run
    assert hash(replace(run, version="0.0.1")) == hash(run)


def test_nothing_known_at_the_same_places_is_equal():
    assert np.isnan(sample("one replica").variances).all()
    ledger = sample("ledger")
    unknown = replace(ledger, system_entropy=np.full(50, np.nan))
    assert unknown == replace(unknown, system_entropy=np.full(50, np.nan))
    assert unknown != ledger
    assert hash(replace(unknown, temperature=np.nan)) == hash(replace(unknown, temperature=np.nan))


@every
@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, *range(2, pickle.HIGHEST_PROTOCOL + 1)])
def test_a_copy_is_equal(name, how):
    result = SAMPLES[name]()
    twin = how(result) if callable(how) else pickle.loads(pickle.dumps(result, how))
    assert type(twin) is type(result)
    assert twin == result
    assert hash(twin) == hash(result)


def test_a_deep_copy_shares_no_array():
    run = hopping()
    twin = copy.deepcopy(run)
    twin.ledger.heat[:] = 0
    assert run.ledger.heat.any()


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_results_come_home_from_another_process(method):
    context = multiprocessing.get_context(method)
    schedule = Ramp((0, 5), (0, 2 * KT))
    options = {"duration": 5.0, "hop_rate": 1.0, "replicas": 20, "seed": 3}
    spring = {"diffusivity": 1.0, "duration": 1.0, "steps": 100, "initial": 0.0, "replicas": 9}
    spring |= {"seed": 1, "controls": {"stiffness": KT}}
    graph = {"duration": 2.0, "initial": 0, "hop_rate": 1.0}
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = [
            pool.submit(anneal, PAIR, schedule, **options),
            pool.submit(langevin, harmonic, **spring),
            pool.submit(jump_process, ring(4), replicas=7, seed=1, **graph),
            pool.submit(master_equation, ring(4), **graph),
        ]
        found = [future.result(timeout=120) for future in found]
    assert found[0] == anneal(PAIR, schedule, **options)
    assert found[1] == langevin(harmonic, **spring)
    assert found[2] == jump_process(ring(4), replicas=7, seed=1, **graph)
    assert found[3] == master_equation(ring(4), **graph)


def test_a_potential_that_was_made_of_an_expression_can_be_sent():
    x, y, pull = sp.symbols("x y pull")
    for potential, points in (
        (Potential.from_expression(pull * x**4, x), np.array([1.0, 2.0])),
        (Potential.from_expression(pull * x * y**2, x, y), np.array([[1.0, 2.0], [3.0, 4.0]])),
    ):
        twin = pickle.loads(pickle.dumps(potential))
        for function in ("energy", "force"):
            sent, kept = (getattr(each, function)(points, pull=3.0) for each in (twin, potential))
            np.testing.assert_array_equal(sent, kept)
    assert pickle.loads(pickle.dumps(harmonic)) == harmonic


def test_the_systems_entropy_is_found_once_when_it_is_first_asked_for():
    calls = []

    def find():
        calls.append(1)
        return np.array([1.0, 2.0])

    two = np.zeros(2)
    ledger = Ledger(two, two, two, two, system_entropy=find)
    assert "found when it is asked for" in repr(ledger)
    assert not calls
    twin = pickle.loads(pickle.dumps(ledger))
    assert twin.system_entropy.tolist() == ledger.system_entropy.tolist() == [1.0, 2.0]
    assert calls == [1]
    assert "found when it is asked for" not in repr(ledger)
    assert np.isnan(Ledger(two, two, two, two).entropy_production).all()


def test_a_result_knows_its_seed():
    assert [sample(name).seed for name in ("hopping", "moving", "glass")] == [1, 2, 3]
    assert sample("exact").seed is None
    assert hopping(seed=np.int64(1)) == sample("hopping")
    assert type(hopping(seed=np.int64(1)).seed) is int


# --- screens -------------------------------------------------------------------------------------
@shown
def test_a_result_shows_itself_on_one_screen(name):
    result = SAMPLES[name]()
    for _ in range(2):  # before and after the entropy is known
        lines = repr(result).splitlines()
        assert 5 < len(lines) <= 20
        assert max(map(len, lines)) <= 80
        assert lines[0].startswith(type(result).__name__)
        assert "nan" not in repr(result)
        table = result._repr_markdown_().splitlines()
        assert table[:4] == [lines[0], "", "| quantity | value |", "| --- | --- |"]
        assert len(table) == len(lines) + 3
        assert result.contents()


def test_a_screen_says_means_with_errors_and_units_and_where_they_came_from():
    text = repr(hopping(replicas=400))
    heat, error = hopping(replicas=400).ledger.mean("heat")
    assert "Run of 400 replicas, complete at 9 s (seed 1, lim_lib " in text
    assert f"{heat / KT:.2f} ± {error / KT:.2f} kT" in text
    assert "3 times, 1 to 3 s, with all states" in text
    assert "interrupted at" in repr(sample("interrupted"))
    assert "± ? kT" in repr(sample("one replica"))  # one replica does not tell
    assert "±" not in repr(sample("exact"))  # exact
    assert "IsingModel of 60 spins" in repr(sample("chain"))


# --- what is unknown is not certain --------------------------------------------------------------
def test_the_standard_error_is_the_deviation_over_the_root_of_the_replicas():
    ledger = hopping(replicas=400).ledger
    for name in ("heat", "hops", "entropy_production", "transport"):
        mean, error = ledger.mean(name)
        values = getattr(ledger, name)
        by_hand = np.sqrt(((values - values.mean()) ** 2).sum() / 399 / 400)
        assert mean == pytest.approx(values.mean(), rel=1e-12)
        assert error == pytest.approx(by_hand, rel=1e-9)
    assert ledger.mean("hops")[1] == pytest.approx(np.sqrt(28 / 400), rel=0.25)  # nearly Poisson


@pytest.mark.parametrize("result", [hopping, moving, annealed])
def test_one_replica_tells_no_error(result):
    one = result(replicas=1)
    for name in ("heat", "work", "energy_change", "transport"):
        mean, error = one.ledger.mean(name)
        assert np.isfinite(mean)
        assert np.isnan(error)
    if isinstance(one, Run):
        assert one.variances.shape == one.means.shape
        assert np.isnan(one.variances).all()
    else:
        value, error = one.free_energy_change()
        assert value == pytest.approx(one.ledger.work[0], rel=1e-12)
        assert np.isnan(error)
        low, value, high = one.efficiency(KT)
        assert np.isnan(low)
        assert np.isnan(high)
        assert value == np.inf or value == pytest.approx(KT / one.ledger.heat[0])


def test_the_exact_mean_has_no_error_and_the_unknown_no_certain_one():
    exact = sample("exact").ledger
    for name in ("heat", "hops", "entropy_production"):
        assert exact.mean(name) == (float(getattr(exact, name)), 0.0)
    assert np.isnan(sample("glass").ledger.mean("system_entropy")).all()


def test_recorded_variances_are_unbiased():
    # Three replicas that diffuse freely: 2 D t on average over seeds, the error 1/sqrt(400).
    free = {"diffusivity": 0.5, "duration": 1.0, "steps": 1, "initial": 0.0, "replicas": 3}
    found = [
        langevin(harmonic, seed=seed, record=[1.0], controls={"stiffness": 1e-9 * KT}, **free)
        for seed in range(400)
    ]
    assert np.mean([run.variances[0] for run in found]) == pytest.approx(1.0, abs=4 / np.sqrt(400))
    assert np.mean([run.final.var() for run in found]) < 0.8  # a division by n is noticed


@pytest.mark.parametrize("name", ["temperature", "edge_hops_up", "het", "replicas", "__class__"])
def test_only_quantities_of_each_replica_have_a_mean(name):
    with pytest.raises(ValueError, match="name must be a quantity of each replica"):
        sample("ledger").mean(name)


def test_a_mean_of_what_was_not_counted_is_refused():
    ledger = sample("moving").ledger
    assert ledger.hops is ledger.net_moves is ledger.edge_net_moves is None
    with pytest.raises(ValueError, match="hops is not counted in this run"):
        ledger.mean("hops")
    with pytest.raises(ValueError, match="did you mean 'heat'"):
        sample("moving").ledger.mean("heta")


@pytest.mark.parametrize("confidence", [0, 1, 1.5, np.nan])
def test_no_number_of_runs_gives_certainty(confidence):
    for refused in (
        lambda: repeats(0.5, confidence=confidence),
        lambda: success_probability(1, 2, level=confidence),
        lambda: sample("glass").time_to_solution(0.0, confidence=confidence),
    ):
        with pytest.raises(ValueError, match="must be a finite number > 0 and < 1, got"):
            refused()


def test_no_success_leaves_the_time_to_solution_open():
    run = sample("glass")
    low, value, high = run.time_to_solution(-1e6)
    assert np.isfinite(low)
    assert value == high == np.inf
    low, share, high = success_probability(1, 1)
    assert share == high == 1
    assert low < 0.5


# --- files ---------------------------------------------------------------------------------------
@every
def test_what_is_saved_is_read_back(name, tmp_path):
    result = SAMPLES[name]()
    path = tmp_path / "result"
    result.save(path)
    assert os.listdir(tmp_path) == ["result"]  # the very name, and nothing beside it
    for twin in (lim_lib.load(path), lim_lib.load(str(path)), type(result).load(path)):
        assert type(twin) is type(result)
        assert twin == result
        assert hash(twin) == hash(result)
    assert saved(result) == path.read_bytes() == saved(lim_lib.load(path))


def test_arrays_keep_their_types_and_can_be_written_to(tmp_path):
    run = sample("chain")
    run.save(tmp_path / "run.npz")
    twin = lim_lib.load(tmp_path / "run.npz")
    assert twin.states.dtype == run.states.dtype == np.int8
    assert twin.ledger.hops_up.dtype == np.int64
    assert sparse.issparse(twin.problem.curvature)
    twin.states[0] = 0
    exact = loaded(saved(sample("exact")))
    assert exact.ledger.heat.mean() == exact.ledger.heat  # a number that is an array's


def test_the_name_of_a_file_is_told_in_one_short_line():
    assert archive.name_of("a\nb" + 197 * "c") == "a b" + 197 * "c"
    assert archive.name_of("a\nb" + 198 * "c") == "a b" + 194 * "c" + "..."


def test_an_array_of_more_than_four_gigabytes_has_room_in_a_file():
    file = io.BytesIO()
    archive.write(file, {}, {"x": np.zeros(3)})
    with zipfile.ZipFile(file) as written:
        assert all(entry.extract_version >= 45 for entry in written.infolist())  # 64-bit sizes


@pytest.mark.parametrize("kind", ["<f8", ">f8", ">i4", "?", "<U3"])
def test_arrays_of_any_order_are_read_as_this_machine_has_them(kind):
    columns_first = np.asfortranarray(np.arange(6).reshape(2, 3).astype(kind))
    file = io.BytesIO()
    archive.write(file, {}, {"x": columns_first, "none": columns_first[:0]})
    _, arrays = archive.read(file)
    assert arrays["x"].tolist() == columns_first.tolist()
    assert arrays["none"].shape == (0, 3)
    assert arrays["x"].dtype.isnative


def test_what_is_read_back_answers_the_same_questions():
    for name in ("glass", "chain", "program", "pair"):
        run, twin = sample(name), loaded(saved(sample(name)))
        target = run.best_energy
        assert twin.success(target) == run.success(target)
        assert twin.time_to_solution(target) == run.time_to_solution(target)
        assert twin.mean_energy == run.mean_energy
        assert (twin.problem.energy(twin.states) == run.energies).all()
        np.testing.assert_array_equal(twin.free_energy_change(), run.free_energy_change())
        assert repr(twin) == repr(run)
    assert loaded(saved(PROGRAM)).optimum().energy == PROGRAM.optimum().energy
    assert loaded(saved(ring(8))).degree == 2


def test_plain_numpy_and_json_read_a_file(tmp_path):
    run = sample("hopping")
    run.save(tmp_path / "run.npz")
    file = np.load(tmp_path / "run.npz", allow_pickle=False)
    about = json.loads(str(file["about"]))
    assert about["format"] == archive.FORMAT
    assert about["version"] == lim_lib.__version__
    assert about["result"]["kind"] == "Run"
    assert about["result"]["contents"]["seed"] == 1
    assert about["result"]["units"]["time"] == "s"
    ledger = about["result"]["contents"]["ledger"]
    assert ledger["units"]["heat"] == ledger["units"]["work"] == "J"
    assert ledger["contents"]["temperature"] == 300.0
    assert (file[ledger["contents"]["heat"]["array"]] == run.ledger.heat).all()
    assert (file["ledger.system_entropy"] == run.ledger.system_entropy).all()


def test_another_kind_than_was_asked_for_is_refused(tmp_path):
    sample("hopping").save(tmp_path / "run.npz")
    with pytest.raises(ValueError, match=r"run\.npz holds a Run, not an Anneal"):
        Anneal.load(tmp_path / "run.npz")
    CHAIN.save(tmp_path / "chain.npz")
    assert Landscape.load(tmp_path / "chain.npz") == CHAIN
    with pytest.raises(ValueError, match="holds an IsingModel, not a QuadraticProgram"):
        QuadraticProgram.load(tmp_path / "chain.npz")


@dataclass(frozen=True, eq=False, repr=False)
class Mixed(results.Result):
    title: str
    rungs: list[str]
    words: dict[str, Any]
    pair: tuple[float, float]
    nothing: None = None
    flag: bool = True
    text: np.ndarray | None = None


def test_text_lists_and_dictionaries_are_kept_as_they_are():
    result = Mixed(
        title="μ, 學 and \n a line",
        rungs=["a", "b"],
        words={"x": 1, "nested": {"y": [1.5, None, (True, "z")], "array": np.arange(3)}},
        pair=(np.inf, np.nan),
        text=np.array(["one", "zwölf"]),
    )
    twin = Mixed.load(io.BytesIO(saved(result)))
    assert twin == result
    assert hash(twin) == hash(result)
    assert type(twin.pair) is tuple
    assert type(twin.rungs) is list
    assert twin.words["nested"]["y"] == [1.5, None, (True, "z")]
    assert replace(result, pair=(np.inf, 0.0)) != result
    assert replace(result, rungs=("a", "b")) != result
    assert replace(result, rungs=np.array(["a", "b"])) != result
    assert replace(result, words={"x": 1}) != result
    assert copy.deepcopy(result) == result
    with pytest.raises(ValueError, match="unknown kind 'Mixed'"):
        loaded(saved(result))  # the library does not know it
    for name, wrong in (("title", 3), ("rungs", "a"), ("words", [1]), ("flag", "yes")):
        with pytest.raises(ValueError, match=f"its {name} of a Mixed is {type(wrong).__name__}"):
            Mixed.load(io.BytesIO(saved(replace(result, **{name: wrong}))))


@pytest.mark.parametrize("thing", [print, object(), {1: 2}, np.array([None]), 1j, b"bytes"])
def test_what_is_neither_number_nor_text_is_not_saved(thing, tmp_path):
    before = sample("graph")
    before.save(tmp_path / "it.npz")
    result = Mixed("", [], {"deep": [thing]}, (0.0, 0.0))
    with pytest.raises(
        TypeError, match=r"words\.deep\.0 must be made of numbers or text"
    ) as caught:
        result.save(tmp_path / "it.npz")
    assert "\n" not in str(caught.value)
    assert lim_lib.load(tmp_path / "it.npz") == before


def test_every_value_of_the_library_is_known_to_load():
    for module in pkgutil.walk_packages(lim_lib.__path__, "lim_lib."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)

    def below(kind):
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    ours = {kind for kind in below(results.Value) if kind.__module__.startswith("lim_lib.")}
    kinds = {kind for kind in ours if not inspect.isabstract(kind)}
    assert {Run, Ledger, Anneal, IsingModel} <= kinds
    for kind in kinds - {results.Result}:
        assert getattr(lim_lib, kind.__name__) is kind
        assert kind.__eq__ is results.Value.__eq__, f"{kind.__name__} compares in its own way"


# --- files that cannot be written ----------------------------------------------------------------
def test_a_full_disk_leaves_what_was_there(tmp_path):
    resource = pytest.importorskip("resource")  # the limit on a file's size acts as a full disk
    path = tmp_path / "run.npz"
    sample("graph").save(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OSError, match=r"run\.npz"):
            sample("hopping").save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == ["run.npz"]
    assert lim_lib.load(path) == sample("graph")


def test_a_path_that_cannot_be_written_is_refused_by_its_name(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing/run\.npz"):
        sample("graph").save(tmp_path / "missing" / "run.npz")
    with pytest.raises(ValueError, match="path must be the name of a file"):
        sample("graph").save(tmp_path)
    with pytest.raises(TypeError, match="path must be a path or a binary file, got 3"):
        sample("graph").save(3)
    sample("graph").save(tmp_path / "target.npz")
    (tmp_path / "link.npz").symlink_to(tmp_path / "target.npz")
    CHAIN.save(tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    assert lim_lib.load(tmp_path / "target.npz") == CHAIN


# --- files that cannot be trusted ----------------------------------------------------------------
def refusal(data):
    """The one line with which the data are refused, or nothing."""
    try:
        loaded(data)
    except ValueError as error:
        text = str(error)
        assert "\n" not in text
        assert len(text) < 400
        assert text.startswith("the file ")
        return text
    return ""


ATTACKED = ["glass", "chain alone", "exact", "one replica"]


@pytest.mark.parametrize("name", ATTACKED)
def test_a_file_that_is_cut_is_refused(name):
    data = saved(sample(name))
    for length in np.random.default_rng(1).integers(len(data), size=100):
        assert refusal(data[:length])
    assert refusal(data[:-1])
    assert refusal(data[len(data) // 2 :])


@pytest.mark.filterwarnings("ignore")  # zipfile warns of names that occur twice
@pytest.mark.parametrize("name", ATTACKED)
def test_a_file_with_flipped_bits_is_refused_or_means_the_same(name):
    data, result = saved(sample(name)), sample(name)
    source = np.random.default_rng(2)
    refused = 0
    for _ in range(300):
        flipped = bytearray(data)
        for place in source.integers(len(data), size=source.integers(1, 5)):
            flipped[place] ^= 1 << source.integers(8)
        if refusal(bytes(flipped)):
            refused += 1
        else:
            assert loaded(bytes(flipped)) == result
    assert refused > 150


@pytest.mark.filterwarnings("ignore")
def test_any_bit_of_the_zip_directory_may_flip():
    data, result = saved(sample("graph")), sample("graph")
    start = data.index(b"PK\x01\x02")
    for place in range(start, len(data)):
        for bit in range(0, 8, 3):
            flipped = bytearray(data)
            flipped[place] ^= 1 << bit
            if not refusal(bytes(flipped)):
                assert loaded(bytes(flipped)) == result


class Bomb:
    """Leaves a mark if it is ever unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


def npz(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def foreign(mark):
    """Files that are none of ours, by name."""
    compressed = io.BytesIO()
    np.savez_compressed(compressed, x=np.zeros(10**6))
    archived = io.BytesIO()
    with zipfile.ZipFile(archived, "w") as zipped:
        zipped.writestr("about.npy", "no array")
    return {
        "empty": b"",
        "text": b"time,heat\n1,2\n",
        "image": b"\x89PNG\r\n\x1a\n" + bytes(100),
        "pickle": pickle.dumps(Bomb(mark)),
        "npy": npz(x=np.arange(3))[:200],
        "npz": npz(x=np.arange(3)),
        "compressed": compressed.getvalue(),
        "objects": npz(about=np.array([Bomb(mark)], dtype=object)),
        "numbers": npz(about=np.arange(3)),
        "no json": npz(about=np.array("no json")),
        "no object": npz(about=np.array("[1]")),
        "no format": npz(about=np.array("{}")),
        "format of text": npz(about=np.array('{"format": "1"}')),
        "truth": npz(about=np.array('{"format": true}')),
        "no result": npz(about=np.array('{"format": 1}')),
        "deep": npz(about=np.array("[" * 100_000)),
        "empty zip": b"PK\x05\x06" + bytes(18),
        "zip": archived.getvalue(),
    }


def test_a_foreign_file_is_refused_and_nothing_in_it_is_run(tmp_path):
    mark = tmp_path / "mark"
    for name, data in foreign(mark).items():
        assert refusal(data), name
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(ValueError, match="is damaged") as caught:
            lim_lib.load(path)
        assert str(path) in str(caught.value)
        assert "\n" not in str(caught.value)
    assert not mark.exists()


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is no file"):
        lim_lib.load(tmp_path)
    with pytest.raises(FileNotFoundError, match=r"absent\.npz"):
        lim_lib.load(tmp_path / "absent.npz")
    with pytest.raises(TypeError, match="path must be a path or a binary file, got 3"):
        lim_lib.load(3)


def forged(result, about=lambda about: None, **arrays):
    """A sound file with other contents: ``about`` changes the JSON, arrays replace entries."""
    file = io.BytesIO(saved(result))
    given = dict(np.load(file))
    words = json.loads(str(given["about"]))
    about(words)
    given["about"] = np.array(json.dumps(words))
    given |= {name.replace("__", "."): array for name, array in arrays.items()}
    return npz(**{name: array for name, array in given.items() if array is not None})


def test_a_forgery_that_changes_nothing_is_read():
    for name in ("hopping", "chain"):
        assert loaded(forged(sample(name))) == sample(name)


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        ({"ledger__heat": None}, "it has no entry 'ledger.heat'"),
        ({"ledger__heat": np.zeros(49)}, "replicas, where others have"),
        ({"ledger__heat": np.zeros((50, 2))}, "heat of a Ledger has the shape (50, 2)"),
        ({"ledger__edge_hops_up": np.zeros(7, int)}, "edges, where others have"),
        ({"ledger__heat": np.array(["warm"] * 50)}, "heat of a Ledger is no number"),
        ({"ledger__work": np.array([Bomb("nowhere")] * 50)}, "neither numbers nor text"),
        ({"times": np.zeros(2)}, "times, where others have"),
        ({"times": np.zeros((3, 3))}, "times of a Run has the shape (3, 3)"),
        ({"final": np.zeros(49, int)}, "replicas, where others have"),
        ({"snapshots": np.zeros((3, 49), int)}, "replicas, where others have"),
        ({"snapshots": np.zeros(3, int)}, "snapshots of a Run has the shape (3,)"),
        ({"final": np.zeros(50, complex)}, "neither numbers nor text"),
    ],
)
def test_contents_of_another_shape_or_type_are_refused(arrays, why):
    assert why in refusal(forged(sample("hopping"), **arrays))


def test_states_of_more_cells_than_the_problem_has_are_refused():
    forgery = forged(sample("glass"), states=np.ones((20, 7)))
    assert "of an Anneal has 7 cells, where others have 6" in refusal(forgery)


def changed(path, value):
    def change(about):
        *way, last = path.split(".")
        for step in way:
            about = about[step]
        about[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("format", 2, "has format 2, and this version of lim_lib reads formats up to 1: a newer"),
        ("result", None, "it names no result"),
        ("result", {"array": "about"}, "it has no entry 'about'"),
        ("result.kind", "Ramp", "it holds the unknown kind 'Ramp'"),
        ("result.kind", "load", "it holds the unknown kind 'load'"),
        ("result.kind", "__init__", "it holds the unknown kind '__init__'"),
        ("result.kind", "Anneal", "of an Anneal has the shape"),
        ("result.kind", "Graph", "unexpected keyword argument 'final'"),
        ("result.kind", ["Run"], "it holds what no result is made of"),
        ("result.contents.time", "long", "its time of a Run is no number"),
        ("result.contents.time", {"float": "long"}, "could not convert string to float"),
        ("result.contents.complete", 1.5, "its complete of a Run is float"),
        ("result.contents.seed", "one", "its seed of a Run is str"),
        ("result.contents.version", 3, "its version of a Run is int"),
        ("result.contents.ledger", None, "its ledger of a Run is NoneType"),
        ("result.contents.extra", 1, "unexpected keyword argument 'extra'"),
        ("result.contents.final", {"array": "nowhere"}, "it has no entry 'nowhere'"),
        ("result.contents.final", {"object": "os.system"}, "it holds what no result is made of"),
        ("result.contents.ledger.contents.temperature", [1, 2], "has the shape (2,)"),
    ],
)
def test_other_words_about_a_result_are_refused(path, value, why):
    assert why in refusal(forged(sample("hopping"), changed(path, value)))


def test_a_forged_problem_is_refused_by_its_own_rules():
    for arrays, why in [
        ({"problem__couplings__data": CHAIN.couplings.data * np.nan}, "couplings.data"),
        ({"problem__couplings__indices": CHAIN.couplings.indices + 60}, "indices must be < 60"),
        ({"problem__couplings__indptr": CHAIN.couplings.indptr[::-1].copy()}, "index pointer"),
        ({"problem__couplings__data": np.arange(118.0)}, "couplings must be symmetric"),
        ({"problem__fields": np.zeros(3)}, "fields must be one number, or 60"),
    ]:
        assert why in refusal(forged(sample("chain"), **arrays))


def test_a_claim_of_a_huge_size_allocates_nothing():
    data, claims = saved(sample("hopping")), []
    for shape in ((10**12,), (10**6, 10**6), (-1,), (0, 10**30)):
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(
            header, {"descr": "<f8", "fortran_order": False, "shape": shape}
        )
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "ledger.heat.npy":
                    content = header.getvalue() + content[-400:]
                new.writestr(name, content)
        claims.append(file.getvalue())
    tracemalloc.start()
    try:
        for claim in claims:
            assert refusal(claim)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * len(data)


def test_a_small_file_that_claims_to_unpack_to_much_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("about.npy", bytes(10**7))
    assert len(file.getvalue()) < 20_000
    assert "claims to hold 10000000 bytes" in refusal(file.getvalue())

"""The recorder: counts against a recount, Buffon's identity, samples, files, every refusal."""

import json
import pickle
import sys
import warnings

import numpy as np
import pytest

from lim_lib import memory, recorder
from lim_lib.convergence import convergence
from lim_lib.recorder import Record, UpdateRecorder, load_runs, merge, read_codecarbon
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
BITS = (2, 4, 7)


def walk(seed, steps=60, weights=200, size=0.05):
    """States of weights that wander about, first to last."""
    rng = np.random.default_rng(seed)
    first = rng.normal(0, 0.3, weights)
    return np.vstack([first, first + np.cumsum(rng.normal(0, size, (steps, weights)), axis=0)])


def recorded(states, losses=None, **options):
    found = UpdateRecorder(states[0], **options)
    for k, state in enumerate(states[1:]):
        found.step(state, loss=None if losses is None else losses[k])
    return found


def recount(states, span, bits):
    """Commands that changed a level, level moves, and levels from first to last, one by one."""
    ladder = np.linspace(-span, span, 2**bits)
    levels = np.abs(states[..., None] - ladder).argmin(axis=-1)
    jumps = np.abs(np.diff(levels, axis=0))
    return np.count_nonzero(jumps), jumps.sum(), np.abs(levels[-1] - levels[0]).sum()


@pytest.mark.parametrize("bits", BITS)
def test_counts_are_those_of_a_recount_of_the_stored_states(bits):
    states = walk(1)
    found = recorded(states, span=3.0, bits=BITS).summary().loc[bits]
    written, net, transport = recount(states, 3.0, bits)
    assert found["counted"]
    assert (found["N_written"], found["N_net"], found["W"]) == (written, net, transport)
    assert found["N_op"] == 60 * 200
    assert found["silent"] == pytest.approx(1 - written / 12000)
    assert found["cancelled"] == net - transport


def test_what_lies_beyond_the_span_stays_on_the_last_level_and_is_said_once():
    states = walk(2)
    with pytest.warns(
        RegimeWarning, match=r"step 1: .* % of the weights lie beyond span = 0.4"
    ) as w:
        found = recorded(states, span=0.4, bits=BITS)
    assert len(w) == 1
    for bits in BITS:
        counted = found.summary().loc[bits, ["N_written", "N_net", "W"]]
        assert tuple(counted) == recount(states, 0.4, bits)
    share = np.mean(np.abs(states[1:]) > 0.4)
    assert found.summary()["clipped"].tolist() == pytest.approx([share] * 3)
    assert "beyond span = 0.4" in found.record.notes()[0]


def test_path_and_displacement_are_sums_over_the_states():
    states = -np.abs(walk(3))
    found = recorded(states)
    assert found.path == pytest.approx(np.abs(np.diff(states, axis=0)).sum())
    assert found.displacement == pytest.approx(np.abs(states[-1] - states[0]).sum())
    assert found.wander == pytest.approx(found.path / found.displacement)
    assert found.span == np.abs(states).max()


@pytest.mark.parametrize("spacing", [0.03, 0.2, 1.0])
def test_a_ladder_that_may_lie_anywhere_is_crossed_path_over_spacing_times(spacing):
    # Buffon: random offsets of the ladder, recounted by floor; standard error over the offsets.
    states = walk(4, steps=20, weights=30)
    offsets = np.random.default_rng(5).uniform(0, spacing, 2000)
    levels = np.floor((states[..., None] + offsets) / spacing)
    jumps = np.abs(np.diff(levels, axis=0)).sum(axis=(0, 1))
    changed = np.count_nonzero(np.diff(levels, axis=0), axis=(0, 1))
    ends = np.abs(levels[-1] - levels[0]).sum(axis=0)
    found = recorded(states)
    bits = np.log2(2 * found.span / spacing + 1)
    expected = found.depth(bits)
    for counted, told in (
        (changed, expected.written),
        (jumps, expected.net),
        (ends, expected.transport),
    ):
        error = counted.std() / np.sqrt(counted.size)
        assert abs(counted.mean() - told) < 4 * error + 1e-3 * told


def test_random_walks_from_random_starts_need_no_average_over_the_ladder():
    rng = np.random.default_rng(6)
    states = np.cumsum(
        np.vstack([rng.uniform(-4, 4, 4000), rng.normal(0, 0.1, (100, 4000))]), axis=0
    )
    found = recorded(states, span=10.0, bits=(6, 8))
    assert found.wander == pytest.approx(np.sqrt(100), rel=0.03)
    for bits in (6, 8):
        # A weight's offset is random, its moves share it: the error is that over the weights.
        ladder = 20 / (2**bits - 1)
        moved = np.abs(np.diff(np.rint((states + 10) / ladder), axis=0)).sum(axis=0)
        error = moved.std() / np.sqrt(moved.size)
        assert abs(moved.mean() - found.path / 4000 / ladder) < 4 * error
        assert found.depth(bits).net == moved.sum()


def test_a_depth_that_was_not_counted_is_expected_and_says_so():
    found = recorded(walk(7), span=2.0, bits=(4,))
    table = found.summary([4, 6, 6.5])
    assert table["counted"].tolist() == [True, False, False]
    assert table.loc[6, "N_net"] == pytest.approx(found.path * 63 / 4)
    assert table.loc[6, "net_over_W"] == pytest.approx(found.wander)
    assert table.loc[6, "op_over_W"] > table.loc[6.5, "op_over_W"]


def test_memory_does_not_grow_with_the_steps():
    found = UpdateRecorder(np.zeros(3), span=1.0)
    sizes = []
    for step in range(5000):
        found.step(np.full(3, 0.5 * np.sin(step)), loss=float(step))
        if step in (1000, 4999):
            sizes.append(len(pickle.dumps(found)))
    assert sizes[1] < 1.1 * sizes[0]
    assert found.record.block_steps.sum() == 5000
    step, rate = found.rate(8)
    assert len(step) <= 512
    blocks = found.record.block_steps
    assert set(blocks[:-1]) == {16}
    assert rate @ blocks * 3 == pytest.approx(found.path / found.spacing(8))
    # The loss was the number of steps before: a block's mean lies half a step below its middle.
    assert found.losses()[1].tolist() == pytest.approx((step - 0.5).tolist())


def test_shards_merge_into_the_whole():
    states, losses = walk(8), np.arange(60.0)
    whole = recorded(states, losses, span=3.0, bits=BITS)
    parts = [
        recorded(states[:, :50], losses, span=3.0, bits=BITS),
        recorded(states[:, 50:], span=3.0, bits=(*BITS, 9)),
    ]
    both = merge(*parts, name="both")
    assert both.model_size == 200
    for name in ("path", "displacement", "span", "operations"):
        assert getattr(both, name) == pytest.approx(getattr(whole, name))
    numbers = both.summary().drop(columns="counted").to_numpy(dtype=float)
    assert numbers == pytest.approx(whole.summary().drop(columns="counted").to_numpy(dtype=float))
    assert both.rate(4)[1] == pytest.approx(whole.rate(4)[1])
    assert both.losses()[1].tolist() == whole.losses()[1].tolist()
    assert both.depth(6.5).written == pytest.approx(whole.depth(6.5).written)


def test_shards_that_are_clipped_merge_by_their_sizes():
    inside = recorded(np.full((4, 3), 0.1), span=1.0)
    beyond = UpdateRecorder([0.5], span=1.0)
    with pytest.warns(RegimeWarning):
        beyond.step([2.0])
    beyond.step([2.0])
    beyond.step([2.0])
    assert merge(beyond, inside).clipped == pytest.approx(1 / 4)


@pytest.mark.parametrize("what", ["path", "displacement", "wander", "N_net", "W"])
def test_a_sample_is_within_its_stated_error(what):
    # Many samples: squared errors over stated variances have the mean 1 +- sqrt(2/number).
    rng = np.random.default_rng(9)
    pace = rng.lognormal(0, 1, 3000) * 0.01
    states = np.cumsum(
        np.vstack([rng.normal(size=3000), pace * rng.normal(size=(15, 3000))]), axis=0
    )
    options, number = {"span": 6.0, "bits": (8,)}, 150

    def told(found):
        row, told = found.summary().loc[8], found.record
        return {
            "path": (told.path, told.path_error),
            "displacement": (told.displacement, told.distance_error),
            "wander": (told.wander, told.wander_error),
            "N_net": (row["N_net"], row["N_net_error"]),
            "W": (row["W"], row["W_error"]),
        }[what]

    truth, none = told(recorded(states, **options))
    assert none == 0
    off = []
    for seed in range(number):
        value, error = told(recorded(states, sample=1800, seed=seed, **options))
        off.append((value - truth) / error)
    assert abs(np.mean(np.square(off)) - 1) < 4 * np.sqrt(2 / number)
    assert abs(np.mean(off)) < 4 / np.sqrt(number)


def test_a_sample_is_scaled_up_and_says_so():
    states = walk(10)
    found = recorded(states, sample=50, span=3.0)
    assert found.record.model_size == 200
    assert found.operations == 12000
    assert "a sample of 50 of 200 weights, scaled up" in found.record.notes()
    _, rate = found.rate(8)
    assert rate.sum() * 200 == pytest.approx(found.path / found.spacing(8))
    assert found.depth(6.5).written == pytest.approx(
        recorded(states, span=3.0).depth(6.5).written, rel=0.1
    )
    assert recorded(states, sample=500).record.seen == 200
    again, other = (recorded(states, sample=50, seed=seed).path for seed in (0, 1))
    assert again == found.path != other


class Tensor:
    """What a framework's tensor is to the recorder, and a count of what it had to convert."""

    dtype = "framework.float32"
    converted = 0

    def __init__(self, values, lacks_numpy=False):
        self.values, self.lacks_numpy = np.asarray(values, dtype=np.float32), lacks_numpy
        self.shape, self.attached = self.values.shape, True

    def detach(self):
        copy = Tensor(self.values, self.lacks_numpy)
        copy.attached = False
        return copy

    def cpu(self):
        return self

    def float(self):
        copy = self.detach()
        copy.lacks_numpy = False
        return copy

    def __getitem__(self, places):
        copy = Tensor(self.values[places], self.lacks_numpy)
        copy.attached = self.attached
        return copy

    def numpy(self):
        if self.attached or self.lacks_numpy:
            raise TypeError("Got unsupported ScalarType BFloat16")
        Tensor.converted += self.values.size
        return self.values


class Array:
    """What has ``__array__`` alone."""

    def __init__(self, values):
        self.values = np.asarray(values)

    def __array__(self, dtype=None, copy=None):
        return self.values


class Module:
    """What has ``named_parameters``: one that is trained, one that is frozen."""

    def __init__(self, values):
        self.parameters = {"weight": Tensor(values), "frozen": Tensor([9.0])}
        self.parameters["frozen"].requires_grad = False

    def named_parameters(self):
        return iter(self.parameters.items())


KINDS = {
    "array": lambda w: w,
    "single precision": lambda w: w.astype(np.float32),
    "matrix": lambda w: w.reshape(2, 3),
    "transposed": lambda w: w.reshape(2, 3).T,
    "list of numbers": lambda w: w.tolist(),
    "nested": lambda w: {"layers": [{"w": w[:4].reshape(2, 2)}, (w[4:5], None)], "b": w[5]},
    "generator": lambda w: (part for part in (w[:2], w[2:])),
    "named pairs": lambda w: [("a", w[:2]), ("b", w[2:])],
    "tensor": Tensor,
    "tensor that NumPy lacks": lambda w: Tensor(w, lacks_numpy=True),
    "tensors": lambda w: [Tensor(w[:2]), Tensor(w[2:].reshape(2, 2))],
    "array protocol": Array,
    "module": Module,
}


@pytest.mark.parametrize("sample", [None, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_weights_is_read(kind, sample):
    first = np.linspace(-1, 1, 6)
    found = UpdateRecorder(KINDS[kind](first), sample=sample)
    found.step(KINDS[kind](first + 0.25))
    found.step(KINDS[kind](first))
    assert found.record.model_size == 6
    assert found.path == pytest.approx(3.0, rel=1e-6)
    assert found.displacement == pytest.approx(0.0, abs=1e-12)


def test_weights_that_change_under_the_recorder_are_copied():
    weights = np.zeros(4)
    found = UpdateRecorder({"w": weights})
    for _ in range(3):
        weights += 0.5
        found.step({"w": weights})
    assert found.path == found.displacement == 6.0


def test_a_sample_is_picked_before_anything_is_converted():
    first = Tensor(np.zeros((1000, 50)))
    Tensor.converted = 0
    found = UpdateRecorder([first], sample=20)
    found.step([Tensor(np.ones((1000, 50)))])
    assert Tensor.converted == 40
    assert found.path == 50_000


def test_names_tell_the_parts_apart_whatever_their_order():
    found = UpdateRecorder({"a": np.zeros(2), "b": np.ones(3)})
    found.step({"b": np.ones(3), "a": np.zeros(2)})
    assert found.path == 0


def test_running_means_and_whole_numbers_are_passed_over_with_a_word():
    state = {
        "w": np.zeros(2),
        "norm.running_mean": np.zeros(2),
        "norm.num_batches_tracked": np.array(3),
        "step": np.array([1, 2]),
    }
    with pytest.warns(UserWarning, match="'norm.running_mean', 'norm.num_batches_tracked', 'step'"):
        found = UpdateRecorder(state)
    found.step(state | {"w": np.ones(2), "step": np.array([5, 5])})
    assert (found.record.model_size, found.path) == (2, 2.0)


def test_steps_that_are_passed_over_leave_a_lower_estimate():
    states = walk(11)
    all_of_them = recorded(states, span=3.0, bits=BITS)
    some = recorded(states, span=3.0, bits=BITS, every=7)
    assert some.record.steps == 56
    assert "one step in 7 was seen" in some.record.notes()[0]
    assert some.path == pytest.approx(np.abs(np.diff(states[:57:7], axis=0)).sum())
    assert some.path < all_of_them.path
    assert some.record.block_steps.tolist() == [7] * 8


def test_checkpoints_give_a_lower_estimate_and_the_same_transport(tmp_path):
    states = walk(12)
    full = recorded(states, span=3.0, bits=BITS).summary()
    for k, suffix in enumerate((".npz", ".npy", ".json", ".npz")):
        state, path = states[20 * k], tmp_path / f"{k}{suffix}"
        if suffix == ".json":
            path.write_text(json.dumps({"": {"": state.tolist()}}), encoding="utf-8")
        else:
            np.savez(path, state) if suffix == ".npz" else np.save(path, state)
    saved = UpdateRecorder.from_checkpoints(
        (states[20 * k] for k in range(4)), every=20, span=3.0, bits=BITS
    )
    table = saved.summary()
    assert (table["N_net"] < full["N_net"]).all()
    assert (table["N_written"] < full["N_written"]).all()
    assert (table["N_op"] == full["N_op"]).all()
    assert (table["W"] == full["W"]).all()
    assert "only saved states were seen" in table.attrs["notes"][0]
    files = [tmp_path / f"{k}.npz" for k in (0, 3)]
    assert UpdateRecorder.from_checkpoints(files).displacement == pytest.approx(saved.displacement)
    kinds = [tmp_path / name for name in ("1.npy", "1.npy")]
    assert UpdateRecorder.from_checkpoints(kinds).path == 0
    assert UpdateRecorder.from_checkpoints([str(tmp_path / "2.json")]).record.model_size == 200


def test_levels_of_several_seeds_tell_the_transport_of_their_distributions():
    # One weight a column; over seeds, sorted levels give the distance of the marginals.
    runs = [recorded(walk(seed), span=3.0) for seed in range(30, 36)]
    first, last = (np.array(each) for each in zip(*(run.levels(4) for run in runs), strict=True))
    transport = np.abs(np.sort(last, axis=0) - np.sort(first, axis=0)).sum() / len(runs)
    single = np.mean([run.depth(4).transport for run in runs])
    assert np.abs(last - first).sum() / len(runs) == single
    assert 0 < transport < single


def fading(rate, weights=50):
    """A recorder of weights that move to and fro by what a function of the step says."""
    found = UpdateRecorder(np.zeros(weights), span=1.0)
    for step, size in enumerate(rate):
        found.step(np.full(weights, float(size) if step % 2 == 0 else 0.0))
    return found


STEPS = np.arange(300)
LAWS = {
    "exponential": np.exp(-STEPS / 60),
    "power law": (1 + STEPS / 8) ** -0.7,
    "none": 0.5 * (1 + np.cos(np.pi * STEPS / 300)) + 1e-9,
}


@pytest.mark.parametrize("law", LAWS)
def test_the_law_by_which_moves_fade_is_found(law):
    noise = np.exp(0.05 * np.random.default_rng(13).normal(size=300))
    sizes = 0.05 * np.cumsum((-1) ** STEPS * LAWS[law] * noise)
    found = UpdateRecorder(np.zeros(20), span=1.0)
    for size in sizes:
        found.step(np.full(20, size))
    fit = found.fit(8)
    assert fit.law == law
    if law == "exponential":
        assert abs(fit.nearest.time_constant - 60) < 4 * fit.nearest.time_constant_error
    if law == "power law":
        assert abs(fit.nearest.exponent - 0.7) < 4 * fit.nearest.exponent_error
    assert (fit.miss < 0.1) == (law != "none")
    assert law in repr(fit)
    assert fit.nearest.law == found.fit(4).nearest.law


@pytest.mark.parametrize("blocks", [12, 20, 31, 33, 64])
def test_few_blocks_are_judged_one_by_one(blocks):
    sizes = 0.1 * np.cumsum(
        np.append(0, (-1) ** np.arange(blocks) * np.exp(-np.arange(blocks) / 5))
    )
    found = recorded(sizes[:, None] * np.ones(3))
    assert found.fit(8).law == "exponential"
    assert found.fit(8).nearest.time_constant == pytest.approx(5, rel=1e-3)
    assert found.fit(8).miss < 1e-3


@pytest.mark.parametrize(
    ("tail", "miss"),
    [
        (0.01 * (1 + np.sin(STEPS / 20)), 0.42),  # little beside the fall, much for a barrier
        (-np.exp(-STEPS / 40) * (STEPS >= 200), np.inf),  # standing still in the end
    ],
)
def test_a_law_whose_barrier_is_another_is_none(tail, miss):
    rate = np.exp(-STEPS / 40) + tail
    found = recorded((0.05 * np.cumsum(np.append(0, (-1) ** STEPS * rate)))[:, None] * np.ones(3))
    fit = found.fit(8)
    assert (fit.law, fit.nearest.law) == ("none", "exponential")
    assert fit.miss == pytest.approx(miss, rel=0.1)


def test_the_noise_of_single_steps_is_no_misfit():
    # Moves differ by a factor of two from step to step; over a part of the run that averages out.
    noise = np.exp(0.7 * np.random.default_rng(20).normal(size=2000))
    sizes = 0.01 * np.cumsum((-1) ** np.arange(2000) * np.exp(-np.arange(2000) / 600) * noise)
    found = recorded(sizes[:, None] * np.ones(3), span=1.0)
    assert found.fit(8).law == "exponential"


def test_the_matched_barrier_is_the_logarithm_of_the_rate():
    step = np.arange(700)  # in 350 blocks
    rate = np.exp(-step / 200)
    found = recorded((0.05 * np.cumsum(np.append(0, (-1) ** step * rate)))[:, None] * np.ones(5))
    barrier = found.barrier(8, drive=22.0, step_time=1e-6)
    v = 0.05 * rate / found.spacing(8) / 1e-6
    at = np.array([0, 10, 698])
    expected = np.log(2 * 22.0 * 1e9 / ((v[at] + v[at + 1]) / 2))
    assert barrier((at + 0.5) * 1e-6) / KT == pytest.approx(expected)
    moves = found.depth(8).net / 5
    assert barrier.hop_budget(700e-6) == pytest.approx(moves / (2 * 22.0))


def test_the_ladder_prices_the_moves_of_the_run():
    found = recorded(walk(14), span=3.0, bits=(4,), name="walk")
    net, transport = found.depth(4).net, found.depth(4).transport
    ladder = found.ladder(4, error=1e-3, step_time=1e-6, measured_energy=2.0)
    joules = ladder.frame()["joules"] / KT
    assert joules["landauer"] == pytest.approx(200 * 4 * np.log(2))
    assert joules["matched_barrier"] == pytest.approx(net * np.log(2 / 1e-3 - 1))
    assert joules["landauer_per_update"] == pytest.approx(12000 * 4 * np.log(2))
    rate = -np.log(1 - 2e-9) / 2 / memory.TEN_YEARS
    each = 2 * np.arcsinh(net / 200 / 60e-6 / (2 * rate))
    assert joules["static_barrier"] == pytest.approx(net * each)
    share = transport * (1 - 1e-3) / net
    told = 200 * 4 * np.log(2) + 2 * transport * np.arctanh(share)
    assert joules["transport_activity"] == pytest.approx(told)
    assert joules["reported"] == pytest.approx(2.0 / KT)
    assert "optimizer_limited" not in joules
    assert not {"memory_access", "three_walls", "chip_limit"} & set(joules.index)
    assert "batch" not in ladder.inputs().index
    assert ladder.name == "walk, 4 bits"
    assert {"memory_access", "chip_limit"} <= set(
        found.ladder(4, step_time=1e-6, batch=32).frame().index
    )
    lasted = found.ladder(4).inputs().loc["duration", "value"]
    assert lasted == pytest.approx(found.record.seconds, rel=1e-9, abs=0)


def test_a_loss_curve_gives_the_ladder_its_convergence_times():
    losses = 1 + np.exp(-np.arange(60) / 10)
    found = recorded(walk(15), losses, span=3.0)
    times = found.ladder(4, step_time=1e-6).inputs().loc["convergence_times", "value"]
    assert times == pytest.approx(59 / 20, rel=1e-3)
    U = convergence(losses).convergence_times
    heat = found.ladder(4, step_time=1e-6).frame().loc["optimizer_limited", "joules"]
    bits = 4 * np.log(2)
    assert heat / KT == pytest.approx(200 * bits / (1 - bits / U), rel=1e-6)
    assert "optimizer_limited" not in found.ladder(8, step_time=1e-6).frame().index


def test_a_record_comes_back_from_its_file(tmp_path):
    found = recorded(walk(16), np.arange(60.0), sample=60, span=3.0, every=3, name="kept")
    found.save(tmp_path / "record.json")
    back = UpdateRecorder.load(tmp_path / "record.json")
    assert back == found.record == Record.load(str(tmp_path / "record.json"))
    assert repr(back) == repr(found)
    back.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "record.json").read_bytes()
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_record_shows_itself_on_one_screen():
    shown = repr(recorded(walk(17), span=3.0, name="a walk"))
    lines = shown.splitlines()
    assert lines[0] == "a walk: 200 weights, 60 steps"
    assert [line.split()[0] for line in lines[1:]] == [
        "path", "displacement", "wander", "4", "8", "16",
    ]  # fmt: skip
    assert max(map(len, lines)) <= 80


def test_the_books_own_runs_can_be_read():
    for name, run in load_runs().items():
        assert run.name, name
        assert run.wander >= 1


COLUMNS = (
    "timestamp,project_name,run_id,experiment_id,duration,emissions,emissions_rate,cpu_power,"
    "gpu_power,ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,region,pue"
)


def codecarbon(path, *runs):
    rows = [
        f"2026-01-02T03:04:05,p,{run},e,60.0,1e-4,2e-6,42.5,0,3,{kwh},0,0,{kwh},A,,1.0"
        for run, kwh in runs
    ]
    path.write_text("\n".join([COLUMNS, *rows, ""]), encoding="utf-8")
    return path


def test_an_energy_is_read_from_codecarbons_table(tmp_path):
    path = codecarbon(tmp_path / "emissions.csv", ("a", 0.002), ("a", 0.005))
    assert read_codecarbon(path) == pytest.approx(0.005 * 3.6e6)
    several = codecarbon(tmp_path / "emissions.csv", ("a", 0.002), ("b", 0.5))
    assert read_codecarbon(several, run="b") == pytest.approx(0.5 * 3.6e6)
    with pytest.raises(
        ValueError, match=r"emissions.csv must hold one run, got 2: .* 'b', the last"
    ):
        read_codecarbon(several)
    with pytest.raises(KeyError, match="has no run 'c'"):
        read_codecarbon(several, run="c")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "no column energy_consumed"),
        ("run_id,energy_consumed\na,much\n", "line 2, energy_consumed must be"),
        ("run_id,energy_consumed\na,-1\n", "line 2, energy_consumed must be"),
        ("run_id,energy_consumed,x\na,1\n", "line 2, has not as many cells"),
        ("run_id,energy_consumed\n", "must hold one run, got 0"),
    ],
)
def test_a_table_that_is_not_codecarbons_is_refused(tmp_path, content, message):
    (tmp_path / "emissions.csv").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        read_codecarbon(tmp_path / "emissions.csv")
    assert "\n" not in str(caught.value)


def seventeenth(weights, loss=None):
    """A step that follows sixteen good ones."""
    found = UpdateRecorder(np.zeros(2410), span=1.0)
    for _ in range(16):
        found.step(np.zeros(2410))
    found.step(weights, loss=loss)


NOT_FINITE = np.append(np.zeros(2408), [np.nan, np.inf])


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: seventeenth(np.zeros(2400)), "step 17: weights must have 2410 entries, got 2400"),
        (lambda: seventeenth(np.zeros((2, 1205))), r"step 17: weights must have the shapes of the"),
        (lambda: seventeenth({"w": np.zeros(2410)}), "step 17: weights must have the shapes of"),
        (lambda: seventeenth(NOT_FINITE), "step 17: weights must be finite, but 2 of them are not"),
        (lambda: seventeenth(np.zeros(2410), np.nan), "step 17: loss must be a finite number, got"),
        (lambda: seventeenth("weights"), "step 17: weights must be an array"),
        (lambda: seventeenth(np.zeros(2410, dtype=int)), "step 17: weights must be an array"),
        (lambda: UpdateRecorder(np.zeros(3, dtype=int)), "weights must be an array"),
        (lambda: UpdateRecorder({"n": np.ones(3, dtype=complex)}), "weights must be an array"),
        (lambda: UpdateRecorder("weights"), "weights must be an array"),
        (lambda: UpdateRecorder([]), "weights must be an array"),
        (
            lambda: UpdateRecorder(np.ma.array([1.0, 2.0], mask=[0, 1])),
            "weights must be .*, without masked entries, got masked_array",
        ),
        (lambda: UpdateRecorder([True, False]), "weights must be an array .*, got True"),
        (lambda: UpdateRecorder([1.0], name=3), "name must be text, got 3"),
        (lambda: UpdateRecorder([1.0] * 9, sample=2, seed=-1), "seed must be a whole number >= 0"),
        (lambda: UpdateRecorder.from_checkpoints(3), "states must be several states, or paths"),
        (lambda: seventeenth(np.zeros(2410), True), "step 17: loss must be a finite number, got T"),
        (lambda: Record.load(None), "source must be a path, got None"),
        (lambda: UpdateRecorder([np.nan, 1.0]), "weights must be finite, but 1 of them"),
        (lambda: UpdateRecorder([1.0], span=0), "span must be a finite number > 0"),
        (lambda: UpdateRecorder([1.0], every=0), "every must be a whole number >= 1"),
        (lambda: UpdateRecorder([1.0], bits=(4, 60)), "bits must be a whole number >= 1 and <= 52"),
        (lambda: UpdateRecorder([1.0] * 9, sample=1), "sample must be a whole number >= 2"),
        (lambda: UpdateRecorder([0.0]).summary(), "no span: all weights were zero"),
        (lambda: UpdateRecorder([1.0]).levels(4), "levels need a span"),
        (lambda: UpdateRecorder([1.0]).summary(0.5), "bits must be a finite number >= 1 and <= 52"),
        (lambda: fading(np.ones(3)).fit(8), "fit needs at least 12 blocks with moves, got 3"),
        (lambda: fading([1.0, 1, 0, 0]).barrier(8, 1.0, 1.0), "there are none from step 2 to 3"),
        (lambda: UpdateRecorder([1.0]).barrier(8, 1.0, 1.0), "there are none from step 0 to 0"),
        (lambda: UpdateRecorder([1.0]).ladder(8), "the ladder needs a run that moves"),
        (lambda: fading([1.0, 0]).ladder(8, error=0.5), "error must be a finite number > 0 and <"),
        (lambda: fading([1.0, 1]).record.ladder(8, step_time=0.0), "step_time must be"),
        (lambda: fading([1.0, 1]).ladder(8, retension=1.0), r"did you mean 'retention'"),
        (lambda: merge(), "at least one record"),
        (lambda: merge(3), "records must be recorders, or records, got 3"),
        (lambda: seventeenth(np.zeros(2410), "low"), "step 17: loss must be a finite number, got"),
        (lambda: seventeenth(np.full(2410, 1e250)), "step 17: weights must be finite, but 2410 of"),
        (lambda: UpdateRecorder.from_checkpoints("all.npz"), "states must be several states"),
        (
            lambda: merge(recorded(walk(1)), recorded(walk(1)[:9])),
            "steps must be that of the first",
        ),
        (
            lambda: merge(fading([1.0]), recorded(np.zeros((2, 1)))),
            "given_span must be that of the",
        ),
        (lambda: UpdateRecorder.from_checkpoints([]), "states must hold at least one state"),
        (lambda: UpdateRecorder.from_checkpoints(["a.pt"]), "ending in .npy, .npz or .json"),
        (
            lambda: UpdateRecorder.from_checkpoints([np.zeros(3), np.zeros(4)]),
            "state 1: weights must have 3 entries, got 4",
        ),
        (
            lambda: UpdateRecorder.from_checkpoints([np.ones(2)] * 2).ladder(4, step_time=1.0),
            "the ladder needs a run that moves",
        ),
        (
            lambda: UpdateRecorder.from_checkpoints([np.ones(2), np.zeros(2)]).ladder(4),
            "ladder needs a step_time",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(action, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        action()
    assert "\n" not in str(caught.value)


def test_a_step_that_is_refused_is_not_counted():
    found = UpdateRecorder([0.0, 1.0], span=2.0)
    found.step([0.5, 1.0])
    before = found.record
    for weights, loss in (([np.nan, 1.0], None), ([1.0], None), ([1.0, 1.0], np.inf)):
        with pytest.raises(ValueError, match="step 2: "):
            found.step(weights, loss)
    found.step([0.5, 1.0])
    assert found.record.steps == 2
    assert found.path == before.path == 0.5


def test_a_step_counts_whole_where_warnings_are_errors():
    found = UpdateRecorder([0.0, 1.0], span=2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RegimeWarning, match="step 1: 50 % of the weights lie beyond span"):
            found.step([0.0, 3.0])
    assert found.record.steps == 1
    assert found.path == found.record.block_path.sum() == 2.0


def test_weights_that_become_finer_are_compared_as_finely():
    """Half precision knows no step of 1e-5 near 1."""
    found = UpdateRecorder(np.ones(10, np.float16))
    for step in range(1, 11):
        found.step(np.full(10, 1 + 1e-5 * step))
    assert found.path == pytest.approx(1e-3, rel=1e-9)
    assert found.displacement == pytest.approx(1e-3, rel=1e-9)


def changed(**changes):
    """A good record as JSON, with changes."""
    record = recorded(walk(18, steps=5, weights=4), span=3.0).record
    return recorder.record._encoded(record) | changes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            changed(format=2),
            "r.json has format 2, and this version of lim_lib reads formats up to 1",
        ),
        (changed(kind="something"), "r.json is damaged, or no record of updates: it names another"),
        (changed(steps=-1), "r.json is damaged"),
        (changed(model_size="many"), "r.json is damaged"),
        (changed(path_length=None), "r.json is damaged"),
        (changed(unknown=1), "r.json is damaged"),
        (changed(path_length=-1), "path_length must be a finite number >= 0, got -1"),
        (changed(clipped=1.5), "clipped must be a finite number >= 0 and <= 1, got 1.5"),
        (changed(given_span=0), "given_span must be a finite number > 0, got 0"),
        (changed(seen=5), "it has seen more weights than there are"),
        (changed(seen=0), "seen must be a whole number >= 1"),
        (changed(steps=6), "its blocks have not as many steps as the run"),
        (changed(steps=10**400), "steps must be a whole number >= 0 and <= 1e"),
        (changed(saved="yes"), "saved must be true or false, got 'yes'"),
        (changed(name=3), "name must be text, got 3"),
        (changed(format="2"), "format must be a whole number >= 1, got '2'"),
        (changed(moves={"bins": [1, 1], "numbers": [1, 2], "paths": [1, 2]}), "a bin comes twice"),
        (
            {name: part for name, part in changed().items() if name != "largest"},
            "r.json is damaged, or no record of updates: no 'largest'",
        ),
        (changed(moves={"bins": [9999], "numbers": [1], "paths": [1]}), "r.json is damaged"),
        (changed(blocks={"steps": [1], "path": [1, 2], "loss": [None]}), "r.json is damaged"),
        ({}, "r.json is damaged"),
        ([], "r.json is damaged, or no record of updates: it names another kind"),
    ],
)
def test_a_file_that_is_no_record_is_refused_in_one_line(tmp_path, content, message):
    place = tmp_path / "r.json"
    place.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        Record.load(place)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_off_is_refused_and_one_that_is_good_is_read(tmp_path):
    place = tmp_path / "r.json"
    text = json.dumps(changed())
    place.write_text(text, encoding="utf-8")
    assert Record.load(place).model_size == 4
    place.write_text(text[: len(text) // 2], encoding="utf-8")
    with pytest.raises(ValueError, match=r"r.json is damaged"):
        Record.load(place)
    place.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(ValueError, match=r"r.json is damaged"):
        Record.load(place)
    with pytest.raises(FileNotFoundError):
        Record.load(tmp_path / "none.json")
    np.save(tmp_path / "objects.npy", np.array([None]), allow_pickle=True)
    with pytest.raises(ValueError, match=r"objects.npy holds no weights"):
        UpdateRecorder.from_checkpoints([tmp_path / "objects.npy"])


def test_no_framework_is_needed(monkeypatch):
    for name in ("torch", "jax", "tensorflow", "keras"):
        monkeypatch.setitem(sys.modules, name, None)  # an import of it fails
    assert recorded(walk(19), span=9.0).summary()["counted"].all()

"""Operations against size, the brain-scale case, uncertain inputs: against closed forms."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from lim_lib.workloads import (
    INPUTS,
    brain_scale,
    compute_optimal,
    energy_ladder,
    fit_scaling,
    ladder_inputs,
    ladder_ranges,
    load_workloads,
    rank_inputs,
    span,
    uncertain_inputs,
)
from lim_lib.workloads.inputs import SMALLEST_BATCH, USUAL_STEPS

RUNS = load_workloads()
KT = 1.380649e-23 * 300


def test_the_extrapolations_to_a_brain_are_those_of_the_book():
    every = fit_scaling().predict(1e15)
    recent = fit_scaling(since=2018).predict(1e15)
    heard_of = RUNS["flop_standing"] == "third-party"
    assert recent == fit_scaling(RUNS[(RUNS["year"] >= 2018) & ~heard_of]).predict(1e15)
    assert np.log10(every.value) == pytest.approx(29.3, abs=0.05)
    assert every.decades == pytest.approx(1.2, abs=0.05)
    assert np.log10(recent.value) == pytest.approx(28.0, abs=0.05)
    assert recent.decades == pytest.approx(1.1, abs=0.05)
    assert compute_optimal(1e15) == pytest.approx(1.2e32)


def test_the_line_and_its_error_are_those_of_the_normal_equations():
    runs = RUNS.dropna(subset=["flop"])
    x, y = np.log10(runs["model_size"]), np.log10(runs["flop"])
    design = np.column_stack([np.ones(len(x)), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    variance = np.sum((y - design @ beta) ** 2) / (len(x) - 2)
    fit = fit_scaling(RUNS)
    assert (fit.intercept, fit.slope) == pytest.approx(tuple(beta))
    assert fit.slope_error == pytest.approx(np.sqrt(variance * inverse[1, 1]))
    there = np.array([1.0, 15.0])
    error = np.sqrt(variance * (1 + there @ inverse @ there))
    assert fit.predict(1e15).decades == pytest.approx(error)
    assert fit.predict(1e15, level=0.95).high == pytest.approx(
        10 ** (there @ beta + stats.t.ppf(0.975, len(x) - 2) * error)
    )


def test_the_interval_holds_as_many_new_runs_as_it_says():
    random = np.random.default_rng(5)
    held, trials = 0, 600
    for _ in range(trials):
        size = random.uniform(6, 12, 12)
        flop = 5 + 1.5 * size + random.normal(size=12)
        made = pd.DataFrame({"model_size": 10**size, "flop": 10**flop})
        low, _, high, _ = fit_scaling(made).predict(1e15, level=0.9)
        held += low < 10 ** (5 + 1.5 * 15 + random.normal()) < high
    error = math.sqrt(0.9 * 0.1 / trials)
    assert held / trials == pytest.approx(0.9, abs=4 * error)


def test_sizes_may_be_arrays_and_subsets_are_named():
    fit = fit_scaling(RUNS[RUNS["network"] == "transformer"])
    assert set(RUNS.loc[list(fit.workloads), "network"]) == {"transformer"}
    line = fit.predict(np.array([1e9, 1e12]))
    assert line.value[1] == pytest.approx(fit.predict(1e12).value)
    assert (line.low < line.value).all()
    assert (line.value < line.high).all()
    with pytest.raises(ValueError, match="runs must be three or more"):
        fit_scaling(RUNS.loc[["gpt3"]])
    with pytest.raises(TypeError, match="runs must be a table with model_size, flop, as of load_w"):
        fit_scaling([1e9, 1e20])
    with pytest.raises(
        ValueError, match=r"runs\['flop'\]\[\d+\] must be a finite number > 0, got 0"
    ):
        fit_scaling(RUNS.assign(flop=0.0))
    with pytest.raises(ValueError, match="model_size must be"):
        fit.predict(-1)
    with pytest.raises(ValueError, match="level must be"):
        fit.predict(1e9, level=1.0)


def test_the_headline_and_what_moves_it():
    table = brain_scale()
    first = table.iloc[0]
    assert first["joules"] == pytest.approx(1e28 * 20 * KT)
    assert first["joules"] == pytest.approx(8.3e8, rel=0.01)
    assert 1e8 <= first["joules"] <= 1e9
    choice = table.set_index("choice")
    assert choice["joules"].filter(like="kT ln 2").iloc[0] == pytest.approx(4.6e8, rel=0.01)
    assert choice["joules"].filter(like="accelerator").iloc[0] == pytest.approx(1e16)
    assert choice["orders"].filter(like="accelerator").iloc[0] == pytest.approx(7.1, abs=0.05)
    assert choice["operations"].filter(like="optimal").iloc[0] == pytest.approx(1.2e32)
    assert choice["orders"].filter(like="optimal").iloc[0] == pytest.approx(np.log10(1.2e4))
    assert choice["orders"].filter(like="theorem: transport").iloc[0] < -10
    single = table[table["assumption"] == "operations"]
    assert (single["energy_per_operation"] == 20).all()
    price = table[table["assumption"] == "energy per operation"]
    assert (price["operations"] == 1e28).all()
    np.testing.assert_allclose(
        table["joules"][:-1], (table["operations"] * table["energy_per_operation"] * KT)[:-1]
    )
    np.testing.assert_allclose(10 ** table["orders"], table["joules"] / first["joules"])


def test_each_row_is_named_for_what_changes():
    table = brain_scale()
    assert table["assumption"].tolist() == [
        "estimate", *6 * ["operations"], *5 * ["energy per operation"], "both", "both",
        "temperature",
    ]  # fmt: skip
    estimate = table.iloc[0]
    for _, row in table.iloc[1:].iterrows():
        changed = {
            name
            for name in ("operations", "energy_per_operation")
            if not np.isclose(row[name], estimate[name], rtol=1e-9)
        }
        wanted = {"both": {"operations", "energy_per_operation"}, "temperature": set()}
        assert changed == wanted.get(row["assumption"], {row["assumption"].replace(" ", "_")})
    assert table["choice"].is_unique
    words = {
        "body": "temperature", "accelerator": "energy per operation", "regression": "operations",
        "theorem": "both", "matched": "energy per operation", "ten years": "energy per operation",
        "compute-optimal": "operations", "step updates": "operations", "transport": "operations",
    }  # fmt: skip
    for word, assumption in words.items():
        found = table.loc[table["choice"].str.contains(word), "assumption"].iloc[0]
        assert found == assumption, word


def test_runs_in_small_types_are_numbers_too():
    runs = pd.DataFrame({"model_size": [1, 10, 100], "flop": [2, 9, 120]})
    small = runs.astype({"model_size": np.int8, "flop": np.uint8})
    assert fit_scaling(small)[:6] == pytest.approx(fit_scaling(runs.astype(float))[:6], rel=1e-12)


def test_its_operations_are_those_of_the_regressions_each_on_its_side():
    count = brain_scale().set_index("choice")["operations"]
    recent = fit_scaling(since=2018).predict(1e15)
    assert count["regression over all runs"] == pytest.approx(fit_scaling().predict(1e15).value)
    less = count["runs from 2018 on, a standard error less"]
    more = count["runs from 2018 on, a standard error more"]
    assert less < recent.value < more
    assert np.log10(recent.value / less) == pytest.approx(recent.decades)
    assert np.log10(more / recent.value) == pytest.approx(recent.decades)


def test_its_theorems_and_protocols_are_the_ladder_s():
    joules = brain_scale().set_index("choice")["joules"]
    steps = energy_ladder("brain").frame()["joules"]
    flop = energy_ladder("brain", counting="flop").frame()["joules"]
    assert joules.filter(like="theorem: Landauer").iloc[0] == pytest.approx(steps["landauer"])
    assert joules.filter(like="theorem: transport").iloc[0] == pytest.approx(
        steps["transport_activity"]
    )
    assert joules.filter(like="drive 1").iloc[0] == pytest.approx(flop["matched_barrier"])
    assert joules.filter(like="ten years").iloc[0] == pytest.approx(flop["static_barrier"])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"operations": 0}, "operations must be"),
        ({"energy_per_operation": -1}, "energy_per_operation must be"),
        ({"operations": [1, 2]}, "operations must be one number"),
        ({"temperature": -300}, "temperature must be"),
        ({"hardware": float("nan")}, "hardware must be"),
    ],
)
def test_a_bad_estimate_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        brain_scale(**call)


PRODUCT = {
    "operations": stats.lognorm(s=0.6, scale=1e20),
    "temperature": stats.lognorm(s=0.3, scale=300.0),
    "bits": stats.lognorm(s=0.1, scale=16.0),
}
OWN = {"model_size": 1e9, "ranges": PRODUCT}


def test_the_indices_of_a_product_of_log_normals_are_its_shares_of_variance():
    ranks = rank_inputs(**OWN, samples=2048, seed=3)
    ranks = ranks[ranks["rung"] == "landauer_per_update"].set_index("input")
    variance = {name: each.kwds["s"] ** 2 for name, each in PRODUCT.items()}
    for name, share in variance.items():
        expected = share / sum(variance.values())
        assert ranks.loc[name, "first_order"] == pytest.approx(expected, abs=0.02)
        assert ranks.loc[name, "total_order"] == pytest.approx(expected, abs=0.02)
    assert ranks.index.tolist() == ["operations", "temperature", "bits"]


def test_the_quantiles_of_a_product_of_log_normals_are_exact_to_their_error():
    count = 20000
    row = ladder_ranges(**OWN, samples=count, seed=4).loc["landauer_per_update"]
    spread = math.sqrt(sum(each.kwds["s"] ** 2 for each in PRODUCT.values()))
    middle = math.log(1e20 * 16 * KT * math.log(2))
    for name, share in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        z = stats.norm.ppf(share)
        error = spread * math.sqrt(share * (1 - share) / count) / stats.norm.pdf(z)
        assert math.log(row[name]) == pytest.approx(middle + z * spread, abs=4 * error)
    assert row["share"] == 1
    assert row["decades"] == pytest.approx(np.log10(row["high"] / row["low"]))


def test_the_same_seed_gives_the_same_numbers_and_another_does_not():
    first, again, other = (
        ladder_ranges("gpt3", samples=128, seed=seed)["median"] for seed in (1, 1, 2)
    )
    pd.testing.assert_series_equal(first, again)
    assert not first.equals(other)
    ranks = [rank_inputs("gpt3", samples=64, seed=7) for _ in range(2)]
    pd.testing.assert_frame_equal(*ranks)


def test_what_is_known_is_certain_and_what_is_assumed_is_not():
    ranges = uncertain_inputs("gpt3")
    inputs = ladder_inputs("gpt3")
    assert ranges["tokens"] == (2.38e11, 3e11)
    assert "model_size" not in ranges
    assert "energy" not in ranges
    for name in set(ranges) - {"tokens"}:
        assert inputs.loc[name, "origin"] == "assumed"
        low, high = (inputs.loc[name, "value"] * factor for factor in INPUTS[name].factor)
        assert ranges[name] == pytest.approx((low, high), rel=1e-6, abs=0)
    assert "bits" not in uncertain_inputs("gpt3", bits=8)


def test_what_is_assumed_is_as_uncertain_as_its_reasons_say():
    ranges, years = uncertain_inputs("gpt3"), 365.25 * 86400
    assert ranges["bits"] == (8, 32)
    assert ranges["attempt_rate"] == (1e9, 1e12)
    assert ranges["retention"] == pytest.approx((years / 12, 100 * years))
    assert ranges["loss_probability"] == pytest.approx((1e-12, 1e-3), rel=1e-9, abs=0)
    low, high = ranges["transfer_energy"]
    assert span("hbm2_pins").low < low < span("hbm2_pins").high
    assert high == pytest.approx(span("ssd").high, rel=0.03, abs=0)
    access = span("hbm2")
    farthest = max(access.value / access.low, access.high / access.value)
    for name in ("read_energy", "write_energy"):
        wanted = (access.value / farthest, access.value * farthest)
        assert ranges[name] == pytest.approx(wanted, rel=1e-9, abs=0)


def test_what_moves_a_brain_counted_by_flop_is_how_many_there_are():
    recent = fit_scaling(since=2018).predict(1e15)
    assert uncertain_inputs("brain")["flop"] == (recent.low, recent.high)
    table = rank_inputs("brain", counting="flop", samples=512)
    assert table.attrs["undefined"] == ["dissipated_barrier"]  # more updates than a cell has hops
    ranks = table.set_index(["rung", "input"])
    assert ranks.loc["landauer_per_update", "total_order"].idxmax() == "flop"
    assert ranks.loc["static_barrier", "total_order"].idxmax() == "flop"


def test_ranges_enclose_the_ladder_and_influence_stays_in_its_rung():
    ranges = ladder_ranges("gpt3", samples=1024)
    joules = energy_ladder("gpt3").frame()["joules"]
    sure = ranges[ranges["share"] == 1]
    assert ((sure["low"] <= joules[sure.index]) & (joules[sure.index] <= sure["high"])).all()
    assert ranges.loc["transport_activity", "share"] == 1
    ranks = rank_inputs("gpt3", samples=512).set_index(["rung", "input"])["total_order"]
    assert ranks["landauer"].drop("bits").abs().max() < 1e-9
    assert ranks["matched_barrier"]["drive"] > 0.05
    assert ranks["two_tier"].idxmax() == "transfer_energy"
    assert ranks["transport_activity"].idxmax() == "bits"
    ranges = {"hops": (1e15, 1e16), "transport": (1e14, 2e15)}  # fewer hops than moves for some
    table = rank_inputs("gpt3", ranges=ranges, samples=64)
    assert table.attrs["undefined"] == ["transport_activity"]


def test_one_input_moves_its_rungs_entirely_or_none_at_all():
    alone = rank_inputs("gpt3", ranges={"drive": (0.1, 10)}, samples=256)
    moved = {"matched_barrier", "dissipated_barrier", "two_tier"}
    assert set(alone["rung"]) == moved
    np.testing.assert_allclose(alone[["first_order", "total_order"]], 1.0, atol=1e-2)
    assert rank_inputs("gpt3", ranges={"operation_energy": (1e-13, 1e-12)}, samples=64).empty


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ({"ranges": {"drife": (1, 2)}}, KeyError, "did you mean 'drive'"),
        ({"ranges": {"drive": (2, 1)}}, ValueError, "the range of drive must be"),
        ({"ranges": {"drive": 1.0}}, ValueError, "the range of drive must be"),
        ({"ranges": {"drive": (-1, 1)}}, ValueError, r"drive\[0\] must be"),
        ({"ranges": {}}, ValueError, "ranges must be one uncertain input or more"),
        ({"ranges": {"drive": (1, 2)}, "drive": 1.0}, ValueError, "it cannot be both"),
        ({"samples": 1}, ValueError, "samples must be"),
        ({"samples": 10.5}, TypeError, "samples must be"),
    ],
)
def test_bad_ranges_are_refused_in_one_line(call, error, words):
    for function in (ladder_ranges, rank_inputs):
        with pytest.raises(error, match=words) as caught:
            function("gpt3", **call)
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="a power of two"):
        rank_inputs("gpt3", samples=100)


def test_samples_outside_a_domain_are_refused_by_name():
    with pytest.raises(ValueError, match=r"bits\[\d+\] must be"):
        ladder_ranges("gpt3", ranges={"bits": stats.norm(60, 10)}, samples=200)


def test_published_steps_are_a_narrow_band_in_the_middle_of_which_runs_without_any_are_put():
    runs = RUNS[(RUNS["counted"] == "token") & (RUNS["year"] >= 2017)]
    steps = runs["steps"].fillna(runs["tokens"] / runs["batch"]).dropna()
    published = load_workloads(tidy=True)["basis"] != "third-party"
    sure = published[published].xs("batch", level="quantity").index
    steps = steps[steps.index.isin(sure)]
    assert len(steps) >= 25
    assert steps.median() == pytest.approx(USUAL_STEPS, rel=0.15)
    fewer, more = (1 / factor for factor in reversed(INPUTS["batch"].factor))
    assert (steps / USUAL_STEPS).between(fewer, more).all()
    grown = np.log10(runs.loc[steps.index, "tokens"].to_numpy())
    batches = np.log10(runs.loc[steps.index, "batch"].to_numpy())
    line = stats.linregress(grown, batches)
    assert np.ptp(grown) > 3
    assert 0.5 < line.slope < 1  # the batches grew almost as the text did


def test_a_run_without_batch_or_steps_gets_the_usual_number_and_says_so():
    inputs = ladder_inputs("llama4_scout")
    assert inputs.loc["batch", "origin"] == "assumed"
    assert inputs.loc["batch", "why"].startswith("400 000 steps, as published runs in the middle")
    assert inputs.loc["steps", "value"] == pytest.approx(4e5)


def test_a_small_run_takes_fewer_steps_for_no_published_batch_is_smaller_than_its():
    batches = RUNS.loc[RUNS["counted"] == "token", "batch"].dropna()
    assert batches.idxmin() == "transformer_big"
    assert batches.min() == SMALLEST_BATCH
    small = ladder_inputs(model_size=1e7, tokens=2e8)["value"]
    assert (small["batch"], small["steps"]) == (5e4, 4000)
    assert uncertain_inputs(model_size=1e7, tokens=2e8)["batch"] == (1e4, 3e5)


@pytest.mark.parametrize("task", ["training", "fine-tuning"])
@pytest.mark.parametrize("tokens", [1e2, 1e5])
def test_no_step_of_a_tiny_run_sees_more_than_all_its_tokens(task, tokens):
    tiny = {"model_size": 1e6, "tokens": tokens, "task": task}
    inputs = ladder_inputs(**tiny)["value"]
    assert 1 <= inputs["batch"] <= tokens
    assert inputs["steps"] >= 1
    low, high = uncertain_inputs(**tiny)["batch"]
    assert 1 <= low < high <= tokens
    assert (ladder_ranges(**tiny, samples=32)["low"] > 0).all()


def test_a_batch_that_changed_during_the_run_is_an_average_and_not_uncertain():
    values = load_workloads(tidy=True)
    for workload in ("palm", "llama31_405b", "deepseek_v3", "mtnlg", "bloom"):
        batch = values.loc[workload, "batch"]
        assert batch["low"] < batch["value"] < batch["high"]
        steps = values.loc[(workload, "tokens"), "value"] / batch["value"]
        assert steps == pytest.approx(values.loc[(workload, "steps"), "value"], rel=1e-4)
        assert "batch" not in uncertain_inputs(workload)
    assert uncertain_inputs("gopher")["batch"] == (3e6, 6e6)  # doubled, nobody says when

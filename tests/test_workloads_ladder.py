"""The ladder of a training run: checkpoints, assumptions, and numbers counted by hand."""

import copy
import io
import json
import math
import pickle
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

import lim_lib
import lim_lib.workloads.inputs as told
from lim_lib import bounds, memory
from lim_lib.workloads import (
    energy_ladder,
    example_run,
    ladder_inputs,
    load_hardware,
    load_workloads,
)

KT = 1.380649e-23 * 300
GPT3 = {"model_size": 1.75e11, "bits": 16, "operations": 1.75e11 * 93750, "duration": 1.3e6}


def test_the_checkpoints_of_the_book_come_out():
    joules = energy_ladder(**GPT3).frame()["joules"]
    assert joules["landauer"] == pytest.approx(8.0387e-9, rel=1e-5, abs=0)
    assert joules["transport_activity"] == pytest.approx(7.52548e-6, rel=1e-6)
    assert joules["transport_time_held"] == pytest.approx(1.14664e-3, rel=1e-5)
    assert joules["transport_time"] == pytest.approx(8.0387e-9, rel=1e-5, abs=0)
    transport = 1.75e11 * (4**16 - 1) / (3 * 2**16)
    held = (joules["transport_time_held"] - joules["landauer"]) / transport / KT
    assert held == pytest.approx(72.414, rel=1e-5)


def test_the_scenario_of_the_source_paper_comes_out():
    table = energy_ladder("brain", counting="flop").frame()
    assert table.at["paper", "energy"] == "100 MJ to 1 GJ"
    ladder = table["joules"]
    assert ladder["landauer_per_update"] == pytest.approx(1e28 * 16 * KT * math.log(2), rel=1e-9)
    assert ladder["landauer_per_update"] == pytest.approx(4.6e8, rel=0.01)
    assert 1e8 <= ladder["dissipated_barrier"] <= 1e9
    assert ladder["paper"] == pytest.approx(10**8.5)
    limit = energy_ladder("brain", operation_energy=1e-12).frame()["joules"]["chip_limit"]
    assert limit == pytest.approx(1e16)
    decades = np.log10(ladder["landauer_per_update"] / ladder["transport_activity"])
    assert 12.5 < decades < 13.5


@pytest.mark.parametrize("counting", ["steps", "flop"])
@pytest.mark.parametrize("workload", ["gpt3", "vgg16", "adam_cifar", "deepseek_v3", "brain"])
def test_every_row_is_the_rung_at_the_quantities_that_it_states(workload, counting):
    ladder = energy_ladder(workload, counting=counting).frame()
    values = ladder_inputs(workload, counting=counting)["value"].to_dict()
    keys = [bound.key for bound in bounds.LADDER if set(bound.required) <= {*values, "hop_budget"}]
    assert {"landauer", "finite_time", "memory_access"} < set(keys) <= set(ladder.index)
    for key in keys:
        bound = bounds.get(key)
        own = {name: values[name] for name in bound.arguments if name in values}
        if key == "transport_time":
            own["hop_budget"] = values["attempt_rate"] * values["duration"]
        assert ladder.loc[key, "joules"] == pytest.approx(bound(**own), rel=1e-12, abs=0)
        for name in own:
            assert name in ladder.loc[key, "assumes"]


def test_the_two_countings_differ_by_the_operations_alone():
    steps, flop = (ladder_inputs("gpt3", counting=each)["value"] for each in ("steps", "flop"))
    assert steps["operations"] == pytest.approx(1.746e11 * 93750)
    assert flop["operations"] == 3.14e23
    changed = {name for name in steps.index if steps[name] != flop[name]}
    assert changed == {"operations", "updates", "hops", "update_rate", "hop_rate_initial"}


def test_what_is_derived_of_the_cells_follows_its_definition():
    values = ladder_inputs("gpt3")["value"]
    u = values["duration"] / values["time_constant"]
    assert np.exp(-u) == pytest.approx(2.0**-16)
    start = 2 * values["drive"] * values["hop_rate_initial"]
    made = values["model_size"] * start * values["time_constant"] * (1 - np.exp(-u))
    assert made == pytest.approx(values["updates"])
    mean = values["update_rate"] * values["model_size"] * values["duration"]
    assert mean == pytest.approx(values["updates"])
    held = memory.retention_rate(
        retention=values["retention"], loss_probability=values["loss_probability"]
    )
    budget = held * values["duration"]
    ladder = energy_ladder("gpt3").frame()["joules"]
    theorem = bounds.transport_time(model_size=1.746e11, bits=16, hop_budget=budget)
    assert ladder["transport_time_held"] == pytest.approx(theorem, rel=1e-12, abs=0)


def test_no_proven_arrow_is_violated_for_any_workload():
    pairs = [
        ("landauer", "finite_time"),
        ("landauer", "transport_activity"),
        ("landauer", "transport_time"),
        ("landauer", "static_stiffness"),
        ("finite_time", "matched_stiffness"),
        ("matched_barrier", "dissipated_barrier"),
        ("matched_barrier", "two_tier"),
        ("matched_barrier", "static_barrier"),
        ("landauer_per_update", "memory_access"),
    ]
    for workload in load_workloads().index:
        for counting in ("steps", "flop"):
            joules = energy_ladder(workload, counting=counting).frame()["joules"].dropna()
            for low, high in pairs:
                if {low, high} <= set(joules.index):
                    assert joules[low] <= joules[high] * (1 + 1e-12), (workload, low, high)
            if "matched_barrier" in joules and "transport_time_held" in joules:
                held = joules["transport_time_held"] - joules["landauer"]
                assert held <= joules["static_barrier"] * (1 + 1e-9)


def test_the_convergence_times_of_a_run_give_what_its_optimizer_costs_at_least():
    assert "optimizer_limited" not in energy_ladder("gpt3").frame().index
    own = {"model_size": 1.75e11, "bits": 4}
    ladder = energy_ladder(**own, convergence_times=6).frame()
    heat = ladder["joules"]["optimizer_limited"] / 1.75e11 / KT
    assert heat == pytest.approx(5.154450704, rel=1e-9)
    assert ladder["joules"]["held_tilt"] / heat == pytest.approx(
        1.75e11 * KT * 6 / 4 / np.log(2), rel=1e-9, abs=0
    )
    with pytest.raises(ValueError, match=r"too short: at least 2.77259"):
        energy_ladder(**own, convergence_times=2)


def test_lines_that_price_moves_alone_are_marked():
    ladder = energy_ladder("gpt3")
    prices = ladder.frame()["prices"]
    for key in prices.index.intersection([bound.key for bound in bounds.LADDER]):
        assert prices[key] == bounds.get(key).prices
    assert prices["transport_time_held"] == "solution"
    assert prices["chip_limit"] == prices["reported"] == ""
    marked = [line for line in str(ladder).splitlines() if "* " in line]
    assert [line.split("*")[0] for line in marked[:-1]] == [
        ladder.frame()["title"][key] for key in prices.index[prices == "moves"]
    ]
    assert marked[-1].startswith("* prices moves alone")


def test_the_real_run_is_the_table_s_and_its_ratio_to_each_rung_is_stated():
    ladder = energy_ladder("gpt3").frame()
    table = load_workloads().loc["gpt3"]
    row = ladder.loc["reported"]
    assert (row["low"], row["joules"], row["high"]) == tuple(
        table[["energy_low", "energy", "energy_high"]]
    )
    assert row["kind"] == "data"
    assert "derived from measured" in row["assumes"]
    ratio = table["energy"] / ladder["joules"]
    np.testing.assert_allclose(ladder["real_over_rung"], ratio)
    chip = load_hardware().loc["v100", "value"]
    assert ladder.loc["chip_limit", "joules"] == pytest.approx(3.14e23 * chip)


def test_every_real_run_stands_above_every_bound_and_above_its_chip():
    runs = load_workloads()
    for workload in runs.index[runs["energy"].notna()]:
        ladder = energy_ladder(workload).frame()
        below = ladder[ladder["kind"].isin(["theorem", "protocol"])]
        assert (below["real_over_rung"].dropna() > 1).all()
        if runs.loc[workload, "chip"] and runs.loc[workload, "flop"] > 0:
            assert ladder.loc["chip_limit", "real_over_rung"] > 1


def test_the_walls_are_those_of_chapter_1():
    values = {"model_size": 1.75e11, "tokens": 3e11, "batch": 3.2e6, "consolidations": 355}
    ladder = energy_ladder(**values, transfer_energy="ssd").frame()
    expected = example_run(batch=3.2e6)[["low", "value", "high"]].sum()
    assert ladder.loc["three_walls", ["low", "joules", "high"]].tolist() == pytest.approx(
        expected.tolist()
    )
    other = energy_ladder(**values | {"bits": 12}).frame().loc["three_walls"]
    assert np.isnan(other["joules"])
    assert other["remark"] == (
        "needs operation_energy: the hardware table has arithmetic of 8, 16, 32 bits"
    )


def test_a_mixture_computes_and_fetches_what_a_token_passes_and_writes_all():
    own = {"model_size": 1e11, "tokens": 1e12, "batch": 1e6, "consolidations": 9, "words": 3}
    active = 1e10
    line = energy_ladder(**own, active_size=active).frame().loc["three_walls", "joules"]
    table = load_hardware()["value"]
    bit, copied = table["hbm2"], table["hbm2"] + table["chip_link"]
    expected = 6 * active * 1e12 * table["n7_fp16"]
    expected += 16 * bit * (active * 2 * 1e12 / 2048 + 3 * 1e11 * 1e6)  # fetches
    expected += 16 * bit * 3 * 1e11 * 1e6 + 16 * copied * 3 * 9 * 1e11  # updates, copies
    assert line == pytest.approx(expected)
    reads = ladder_inputs(**own, active_size=active).loc["reads", "value"]
    assert reads == pytest.approx(2 * 1e12 / 2048 * 0.1 + 1e6)


def test_a_convolutional_network_is_not_counted_by_the_rule_of_six():
    inputs = ladder_inputs("vgg16")
    assert inputs.loc["flop", "value"] == 1.2291e19
    assert inputs.loc["tokens", "value"] == 370e3 * 256
    line = energy_ladder("vgg16").frame().loc["three_walls", "joules"]
    assert line > 1.2291e19 * load_hardware().loc["n7_fp16", "value"]
    unknown = ladder_inputs("googlenet").index
    assert not {"tokens", "steps", "operations"} & set(unknown)
    lines = energy_ladder("googlenet").lines
    assert np.isnan(lines["landauer_per_update"]["joules"])
    assert lines["three_walls"]["remark"] == "needs tokens, flop or steps"
    by_flop = energy_ladder("googlenet", counting="flop").lines["landauer_per_update"]
    assert by_flop["joules"] > 0


def test_own_numbers_take_the_place_of_the_table_and_of_assumptions():
    inputs = ladder_inputs("gpt3", drive=0.1, steps=1e6)
    assert inputs.loc["drive"].tolist()[0] == 0.1
    assert inputs.loc["drive", "origin"] == "given"
    assert inputs.loc["batch", "origin"] == "follows"
    assert inputs.loc["operations", "value"] == 1.746e17
    assert inputs.loc["retention", "origin"] == "assumed"
    budget = energy_ladder("gpt3", hop_budget=1e-3).frame()
    assert "transport_time_held" not in budget.index
    assert budget.loc["transport_time", "joules"] == pytest.approx(
        bounds.transport_time(model_size=1.746e11, bits=16, hop_budget=1e-3)
    )
    power = energy_ladder("gpt3", exponent=0.5).frame()["joules"]["dissipated_barrier"]
    assert power != energy_ladder("gpt3").frame()["joules"]["dissipated_barrier"]


def test_a_given_number_replaces_what_the_table_has_of_the_others():
    batch = ladder_inputs("gpt3", batch=1e6)["value"]
    assert batch["steps"] == pytest.approx(3e11 / 1e6)
    tokens = ladder_inputs("gpt3", tokens=6e11)["value"]
    assert tokens["steps"] == pytest.approx(2 * 93750)
    assert tokens["flop"] == pytest.approx(6 * 1.746e11 * 6e11)
    flop = ladder_inputs("gpt3", flop=6.28e23)["value"]
    assert flop["tokens"] == pytest.approx(6.28e23 / 6 / 1.746e11)
    assert flop["operations"] == pytest.approx(flop["tokens"] / 3.2e6 * 1.746e11)
    size = ladder_inputs("deepseek_v3", model_size=1e12)["value"]
    assert size["flop"] == pytest.approx(6e12 * 1.48e13)
    image = ladder_inputs("vgg16", tokens=2e8)["value"]
    assert image["flop"] == 1.2291e19
    assert image["steps"] == pytest.approx(2e8 / 256)


@pytest.mark.parametrize(
    ("change", "remarked"),
    [
        ({"drive": 0}, {"dissipated_barrier", "transport_activity"}),
        ({"bits": 0}, {"three_walls"}),
        ({"updates": 0}, {"dissipated_barrier", "transport_activity"}),
        ({"duration": 1e-9}, {"dissipated_barrier", "static_barrier", "transport_activity"}),
    ],
)
def test_quantities_that_contradict_each_other_are_remarked_upon(change, remarked):
    ladder = energy_ladder(model_size=1e9, tokens=1e9, batch=3.2e6, **change).frame()
    assert set(ladder.index[ladder["remark"] != ""]) == remarked
    undefined = ladder["joules"].isna()
    assert set(ladder.index[undefined]) <= remarked
    assert (ladder.loc[~undefined, "joules"] >= 0).all()
    assert "np.float64" not in "".join(ladder["remark"])


def test_no_operations_cost_only_what_must_be_written():
    ladder = energy_ladder(model_size=1e9, operations=0).frame()
    assert ladder.loc["landauer_per_update", "joules"] == 0
    assert ladder.loc["landauer", "joules"] == pytest.approx(
        1e9 * 16 * KT * math.log(2), rel=1e-6, abs=0
    )


def test_the_temperature_scales_every_bound_and_no_measurement():
    cold, warm = (energy_ladder("gpt3", temperature=t).frame()["joules"] for t in (150.0, 300.0))
    bound = [
        key
        for key in cold.index
        if key in {b.key for b in bounds.LADDER} - {"two_tier", "memory_access"}
    ]
    np.testing.assert_allclose(2 * cold[bound], warm[bound])
    assert cold["reported"] == warm["reported"]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        ({"workload": "gtp3"}, KeyError, "did you mean 'gpt3'"),
        ({"workload": "brian"}, KeyError, "did you mean 'brain'"),
        ({"workload": "zzz"}, KeyError, "see load_workloads"),
        ({"workload": 3}, TypeError, "workload must be"),
        ({}, TypeError, "needs a workload or model_size"),
        ({"model_size": -1}, ValueError, "model_size must be"),
        ({"model_size": 0}, ValueError, "model_size must be"),
        ({"model_size": "big"}, TypeError, "model_size must be"),
        ({"model_size": [1e9, 1e10]}, ValueError, "model_size must be one number"),
        ({"model_size": float("inf")}, ValueError, "model_size must be"),
        ({"model_size": 1e9, "bits": 100}, ValueError, "bits must be"),
        ({"model_size": 1e9, "tokens": -5}, ValueError, "tokens must be"),
        ({"model_size": 1e9, "batch": 0.1}, ValueError, "batch must be"),
        ({"model_size": 1e9, "token": 5}, TypeError, "did you mean 'tokens'"),
        ({"model_size": 1e9, "temperature": 0}, ValueError, "temperature must be"),
        ({"model_size": 1e9, "counting": "bits"}, ValueError, "counting must be"),
        ({"model_size": 1e9, "hops": 5}, ValueError, "hops must exceed net_moves"),
        (
            {"workload": "gpt3", "hop_rate_initial": 1e12},
            ValueError,
            "hop_rate_initial must be <= attempt_rate",
        ),
        ({"model_size": 1e300, "tokens": 1e300}, ValueError, "flop must be a number that fits"),
        ({"model_size": 1e9, "active_size": 1e10}, ValueError, "active_size must be <= model_size"),
        ({"model_size": 1e9, "tokens": 1e9, "batch": 1e12}, ValueError, "batch must be <= tokens"),
        ({"model_size": 1e9, "steps": 0.5}, ValueError, "steps must be"),
        (
            {"model_size": 1e9, "tokens": 1e9, "steps": 1e3, "batch": 1e5},
            ValueError,
            r"batch must be tokens / steps \(1e\+06\), or left out",
        ),
        ({"workload": "gpt3", "reuse": 1e9}, ValueError, "reuse must be <= batch"),
        ({"model_size": 1e9, "loss_probability": 0.7}, ValueError, "loss_probability must be"),
    ],
)
def test_bad_input_is_refused_in_one_line(call, error, words):
    with pytest.raises(error, match=words) as caught:
        energy_ladder(**call).frame()
    assert "\n" not in str(caught.value)


def test_a_transport_that_is_given_is_the_least_number_of_updates():
    few = {"model_size": 1e9, "operations": 1e9, "transport": 5e12, "hops": 1e13}
    assert energy_ladder(**few).inputs()["value"]["updates"] == 5e12
    assert energy_ladder(model_size=1e9, operations=1e14).inputs()["value"]["updates"] == 1e14


def test_an_input_that_follows_says_the_formula_that_gives_it():
    run = energy_ladder(model_size=671e9, active_size=37e9, tokens=14.8e12)
    inputs = run.inputs()
    flop = inputs.loc["flop"]
    assert (flop["origin"], flop["why"]) == ("follows", "6*active_size*tokens")
    assert flop["value"] == pytest.approx(6 * 37e9 * 14.8e12)
    values = inputs["value"].to_dict()
    for name, row in inputs[inputs["origin"] == "follows"].iterrows():
        if not any(rule.why == row["why"] for rule in told.INPUTS[name].rules):
            assert row["value"] == pytest.approx(eval(row["why"], {}, values), rel=1e-12), name


def test_every_rule_reads_inputs_and_can_apply():
    names = set(told.INPUTS)
    cases = {value for name, value in vars(told).items() if name.isupper() and name in CASES}
    for row in told.INPUTS.values():
        for rule in row.rules:
            assert rule.when in {None, *cases}
            assert set(rule.needs) <= names - {row.name}
            symbols = getattr(rule.value, "free_symbols", set())
            assert {told.NAMES[symbol] for symbol in symbols} <= names - {row.name}
            assert rule.why or isinstance(rule.value, told.sp.Expr | told.Hardware)


CASES = ("COUNTED_BY_STEPS", "COUNTED_BY_FLOP", "COUNTED_BY_TOKENS", "ONCE_A_TOKEN")
CASES += ("READ_ONCE", "POWERED")
CASES += ("TOKENS", "EXAMPLES", "LASTING", "TIMED")
CASES += ("FINE_TUNING", "INFERENCE", "MACHINE", "UPDATES")


def test_ladders_made_in_threads_keep_their_remarks_and_the_warnings_of_the_process():
    made = {"hop_rate_initial": 9e8, "drive": 5.0}
    energy_ladder("gpt3", **made).frame()  # what is imported meanwhile may set filters of its own
    filters = list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        ladders = list(pool.map(lambda _: energy_ladder("gpt3", **made), range(16)))
    assert warnings.filters == filters
    assert all(each == ladders[0] for each in ladders)
    remark = ladders[0].lines["dissipated_barrier"]["remark"]
    assert "forward hop rate at the start is 9.09 times the attempt rate" in remark
    assert [key for key, line in ladders[0].lines.items() if line["remark"]] == [
        "dissipated_barrier"
    ]


def test_a_ladder_keeps_its_inputs_and_gives_them_in_every_form(tmp_path):
    ladder = energy_ladder("gpt3", bits=8)
    found = json.loads(ladder.to_json(tmp_path / "a.json"))
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == found
    assert {row["quantity"]: row["value"] for row in found["inputs"]} == (
        ladder.inputs()["value"].to_dict()
    )
    assert [row["joules"] for row in found["rungs"]] == ladder.frame()["joules"].tolist()
    back = pd.read_csv(io.StringIO(ladder.to_csv()), index_col="rung")
    np.testing.assert_allclose(back["joules"], ladder.frame()["joules"], rtol=1e-9)
    assert ladder.inputs().loc["bits", ["value", "origin"]].tolist() == [8.0, "given"]
    for again in (pickle.loads(pickle.dumps(ladder)), copy.deepcopy(ladder)):
        assert again == ladder
        assert hash(again) == hash(ladder)
    ladder.save(tmp_path / "a.npz")
    assert lim_lib.load(tmp_path / "a.npz") == ladder
    assert ladder != energy_ladder("gpt3")
    lines = str(ladder).splitlines()
    assert lines[3].split() == ["rung", "kind", "energy", "/", "Landauer", "real", "/", "it"]
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_what_happens_without_an_input_is_said_in_words():
    words = {name: row.default for name, row in told.INPUTS.items()}
    assert words["operation_energy"] == "of the run's chip, or of h100 in the hardware table"
    assert words["read_energy"] == "of hbm2 in the hardware table"
    assert words["bits"] == "16: parameters of 16 bits"
    assert words["operations"] == "model_size*steps"
    assert words["hops"].startswith("each command makes one hop")
    assert words["known_bits"] == "0"
    assert words["duration"] == "2.592e+06: thirty days"
    assert words["solutions"] == "1: one solution"
    assert words["model_size"] == ""

"""Sweeps, comparisons and inverse questions, against closed forms and the ladder itself."""

import numpy as np
import pytest

from lim_lib.units import BOLTZMANN
from lim_lib.workloads import compare, energy_ladder, solve, span, sweep
from lim_lib.workloads.questions import input_of

OWN = {"model_size": 1e9, "operations": 1e13, "duration": 1e6}


def test_a_sweep_has_every_combination_in_the_order_of_the_lists():
    table = sweep(**OWN, bits=(4, 8), temperature=np.array([200.0, 300.0, 400.0]))
    assert table.attrs["swept"] == ["bits", "temperature"]
    assert table.attrs["units"]["temperature"] == "K"
    landauer = table[table["rung"] == "landauer"]
    points = [(b, t) for b in (4, 8) for t in (200.0, 300.0, 400.0)]
    assert list(zip(landauer["bits"], landauer["temperature"], strict=True)) == points
    expected = [1e9 * b * BOLTZMANN * t * np.log(2) for b, t in points]
    assert (landauer["joules"] / expected).tolist() == pytest.approx([1] * 6, rel=1e-12)


def test_a_sweep_is_one_ladder_for_each_value_and_may_go_over_runs_and_countings():
    table = sweep(["gpt3", "olmo2_7b"], counting=["steps", "flop"])
    for (run, counting), lines in table.groupby(["workload", "counting"]):
        expected = energy_ladder(run, counting=counting).frame()
        assert lines["rung"].tolist() == expected.index.tolist()
        assert lines["joules"].tolist() == pytest.approx(expected["joules"].tolist(), nan_ok=True)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({}, TypeError, "needs a list of values"),
        ({"bits": []}, ValueError, "bits must be a value, or a list of values, got"),
        ({"bits": [[4, 8]]}, ValueError, "bits must be a value, or a list of values, got"),
        ({"bits": [8, 100]}, ValueError, "bits must be a finite number"),
        ({"bits": [8] * 101, "drive": [1] * 100}, ValueError, "at most 10000, got 10100"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused_in_one_line(given, error, words):
    with pytest.raises(error, match=words) as refusal:
        sweep(**OWN, **given)
    assert "\n" not in str(refusal.value)


def test_technologies_stand_side_by_side_and_each_line_is_its_own_ladders():
    table = compare(["dram_cell", "pcm_cell", {"write_energy": 1e-15}], "gpt3", reads=0)
    names = ["dram_cell", "pcm_cell", "write_energy=1e-15"]
    assert table.columns.tolist() == ["title", "kind", *names]
    energies = [span("dram_cell").value, span("pcm_cell").value, 1e-15]
    writes = table.loc["memory_access", names].astype(float)
    assert (writes / energies / (writes.iloc[0] / energies[0])).tolist() == pytest.approx([1] * 3)
    assert table.loc["landauer", names].nunique() == 1
    assert table.attrs["inputs"]["pcm_cell"] == {"write_energy": "pcm_cell"}


def test_why_one_of_them_has_no_number_is_said_of_it():
    cold = compare({"cold": {"temperature": 4.0}, "priced": {"operation_energy": 1e-12}}, **OWN)
    cold, priced = (cold.attrs["remarks"][name] for name in ("cold", "priced"))
    assert cold["own_device"] == priced["own_device"] == "needs update_energy or write_energy"
    assert "takes 74 J of work" in cold["carnot"]
    assert priced["carnot"] == "no line of this ladder"
    assert priced["operation_energy"] == "enters no line"
    assert "temperature" not in cold


def test_a_line_that_one_of_them_lacks_is_empty_there():
    table = compare({"4": {"bits": 4}, "with hops": {"hop_budget": 1e3}}, **OWN)
    assert np.isnan(table.loc["transport_time_held", "with hops"])
    assert table.loc["transport_time_held", "4"] > 0


def test_a_row_of_hardware_takes_the_place_of_the_energy_that_it_is():
    rows = ["h100", "n7_fp16_add", "hermes", "ecram", "hbm2", "reram_cell", "ssd"]
    assert [input_of(row).removesuffix("_energy") for row in rows] == [
        *("operation", "operation", "in_memory", "update", "read", "write", "transfer")
    ]


@pytest.mark.parametrize(
    ("technologies", "error", "words"),
    [
        (["hbm2"], ValueError, "technologies must be two or more"),
        ("hbm2", ValueError, "technologies must be two or more"),
        (["hbm2", "hbm9"], KeyError, "no row 'hbm9'"),
        (["hbm2", {}], TypeError, "must be the id of a row of hardware, or inputs"),
        (["hbm2", "loihi_event"], ValueError, "whose energy an input takes, not one in J/event"),
        ([{"drive": 1}, {"bits": 4}], ValueError, "bits must be left out"),
    ],
)
def test_technologies_that_cannot_be_compared_are_refused_in_one_line(technologies, error, words):
    with pytest.raises(error, match=words) as refusal:
        compare(technologies, bits=8, **OWN)
    assert "\n" not in str(refusal.value)


def test_a_training_is_not_set_beside_an_inference_unless_that_is_asked():
    served = {"model_size": 8e9, "tokens": 1e6}
    wanted = "task must be given.*'inference' of hermes, 'training' of h100"
    with pytest.raises(ValueError, match=wanted):
        compare(["hermes", "h100"], **served)
    reads = compare(["hermes", "h100"], **served, task="inference")
    assert reads.loc["reading", "h100"] == 0
    both = compare({task: {"task": task} for task in ("inference", "training")}, **served)
    assert both.loc["chip_limit", "training"] / both.loc["chip_limit", "inference"] == (
        pytest.approx(3, rel=1e-9)
    )


def test_the_second_law_is_solved_for_each_of_its_factors():
    per_bit = BOLTZMANN * 300 * np.log(2)
    for unknown, expected in {
        "model_size": 1e-10 / (8 * per_bit),
        "bits": 1e-10 / (1e9 * per_bit),
        "temperature": 1e-10 / (1e9 * 8 * BOLTZMANN * np.log(2)),
    }.items():
        given = {"model_size": 1e9, "bits": 8, "operations": 1e13}
        given.pop(unknown, None)
        found = solve(unknown, energy=1e-10, rung="landauer", **given)
        assert found["value"].tolist() == pytest.approx([expected], rel=1e-6)
        assert found["side"].tolist() == ["at most"]


def test_the_price_of_a_device_is_solved_though_the_ladder_alone_lacks_it():
    found = solve("update_energy", "gpt3", energy=1e6, rung="own_device", operations=1e15)
    assert found["value"].tolist() == pytest.approx([1e-9], rel=1e-6)


def test_an_energy_of_hardware_is_found_down_to_that_of_a_bit():
    thousand = 1000 * 2000 * BOLTZMANN * 300 * np.log(2)
    machine = {"spins": 2000, "operations": 2e6, "duration": 0.2}
    found = solve("update_energy", energy=thousand, rung="own_device", **machine)
    assert found["value"].item() / (BOLTZMANN * 300 * np.log(2)) == pytest.approx(1, rel=1e-6)


def test_every_solution_costs_that_energy_and_less_on_the_side_that_is_told():
    found = solve("duration", "gpt3", energy=1e-3)
    solved = found[found["value"].notna()]
    assert {"at least", "at most"} == set(solved["side"])
    for rung, row in solved.iterrows():
        towards = 1.01 if row["side"] == "at least" else 1 / 1.01
        joules = [
            energy_ladder("gpt3", duration=duration).lines[rung]
            for duration in (row["value"], row["value"] * towards)
        ]
        there, beyond = (line["joules"] / 1e-3 for line in joules)
        assert there == pytest.approx(1, rel=1e-6)
        assert beyond < 1


def test_why_there_is_no_solution_is_said():
    found = solve("duration", "gpt3", energy=1e-3)["remark"]
    assert found["landauer"] == "8.02 nJ, whatever the duration"
    assert found["two_tier"].startswith("never so little: 3.63 J at duration ")
    assert found["transport_time"].startswith("never so much: ")
    few = solve("bits", "gpt3", energy=1e-3, rung="three_walls")
    assert few["value"].isna().all()


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"unknown": "bit"}, KeyError, "no input 'bit' .did you mean 'bits'"),
        ({"unknown": "bits", "bits": 8}, ValueError, "bits must be left out: it is the unknown"),
        ({"unknown": "bits", "energy": 0}, ValueError, "energy must be a finite number > 0"),
        ({"unknown": "bits", "rung": "landaur"}, KeyError, "did you mean 'landauer'"),
        ({"unknown": "drive", "bits": 100}, ValueError, "bits must be a finite number"),
        ({"unknown": "energy"}, ValueError, "an input that a bound depends on"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused_in_one_line(given, error, words):
    with pytest.raises(error, match=words) as refusal:
        solve(**{"energy": 1e-3, **OWN, **given})
    assert "\n" not in str(refusal.value)

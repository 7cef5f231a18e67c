"""The ladder answers the question that was asked: each task against its closed form, by hand."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

import lim_lib
from lim_lib import bounds, overheads
from lim_lib.workloads import (
    INPUTS,
    TASKS,
    compare,
    energy_ladder,
    ladder_ranges,
    load_hardware,
    rank_inputs,
    uncertain_inputs,
)
from lim_lib.workloads.tasks import LINES

KB = 1.380649e-23
KT = KB * 300
BIT = KT * math.log(2)
CHIP = {"model_size": 1e7, "bits": 8, "operations": 1e13, "duration": 1e4}
LORA = {"model_size": 2e7, "frozen_size": 7e9, "tokens": 1e8, "batch": 1e5}
MACHINE = {"spins": 2000, "operations": 1e7, "duration": 5e-3}
SERVED = {"model_size": 7e9, "task": "inference", "tokens": 1e6}


def near(expected, within=1e-9):
    return pytest.approx(expected, rel=within, abs=0)


def joules(*args, **quantities):
    return energy_ladder(*args, **quantities).frame()["joules"]


@pytest.mark.parametrize(
    ("call", "task", "why"),
    [
        ({"workload": "gpt3"}, "training", "a workload is named"),
        ({"model_size": 1e9, "tokens": 1e9}, "training", "tokens given"),
        ({"model_size": 1e9}, "training", "nothing else asked"),
        (CHIP, "updates", "operations given, no tokens, flop or steps"),
        ({"model_size": 1e9, "update_rate": 0.1}, "updates", "update_rate given, no tokens"),
        ({**CHIP, "known_bits": 3}, "updates", "known_bits given"),
        ({"workload": "olmo2_7b", "known_bits": 3}, "fine-tuning", "known_bits given"),
        (LORA, "fine-tuning", "frozen_size given"),
        ({"workload": "deepseek_r1"}, "fine-tuning", "goes on from deepseek_v3"),
        ({**CHIP, "episodes": 3}, "continual", "episodes given"),
        ({"workload": "gpt3", "recorded_bits": 1e6}, "inference", "recorded_bits given"),
        (MACHINE, "machine", "spins given"),
        ({"model_size": 10, "solution_rate": 5}, "machine", "solution_rate given"),
        ({"workload": "gpt3", "task": "updates"}, "updates", "as asked"),
    ],
)
def test_the_task_is_read_off_what_is_given_and_said_with_its_reason(call, task, why):
    ladder = energy_ladder(**call)
    assert ladder.task == task
    assert why in ladder.why
    assert f"task: {task} ({ladder.why})" in str(ladder)


@pytest.mark.parametrize("call", [CHIP, MACHINE, {"model_size": 1e9, "update_rate": 0.1}])
def test_no_training_is_made_up_for_who_has_none(call):
    ladder = energy_ladder(**call)
    assert not {"three_walls", "chip_limit", "memory_access", "two_tier"} & set(ladder.lines)
    assert not {"tokens", "batch", "flop", "steps", "operation_energy"} & set(ladder.quantities)


def test_a_chip_sees_how_far_its_measured_energy_is_above_each_rung():
    ladder = energy_ladder(**CHIP, energy=44.0, update_energy="ecram", pulses=20)
    table = ladder.frame()
    assert table.loc["landauer", "real_over_rung"] == near(44 / (8e7 * BIT))
    pulse = load_hardware().loc["ecram", "value"]
    assert table.loc["own_device", "joules"] == near(1e13 * 20 * pulse)
    assert "pulses 20" in table.loc["own_device", "assumes"]
    assert table.loc["reported", "each"] == near(4.4e-12)
    assert ladder.per == "update"
    assert max(map(len, str(ladder).splitlines())) <= 80


def test_an_update_of_which_only_a_written_bit_is_priced_writes_all_its_bits():
    table = load_hardware().loc["reram_cell"]
    ladder = energy_ladder(**CHIP, write_energy="reram_cell", pulses=30)
    line = ladder.lines["own_device"]
    for end, column in (("low", "low"), ("joules", "value"), ("high", "high")):
        assert line[end] == near(1e13 * 30 * 8 * table[column])
    assert "ReRAM cell (yang2013memristive)" in line["assumes"]
    assert "memory_access" not in ladder.lines
    both = energy_ladder(**CHIP, write_energy="reram_cell", update_energy=1e-12)
    assert both.lines["own_device"]["joules"] == near(10.0)
    flips = energy_ladder(**MACHINE, write_energy=1e-12).lines["own_device"]
    assert flips["joules"] == near(1e-5)
    side_by_side = compare(["reram_cell", "ecram"], **CHIP).loc["own_device"]
    assert side_by_side["reram_cell"] == near(1e13 * 8 * table["value"])
    assert side_by_side["ecram"] == near(1e13 * load_hardware().loc["ecram", "value"])


def test_energies_of_reads_and_of_moves_add_the_lines_that_they_price():
    reads = energy_ladder(**CHIP, write_energy=1e-12, reads=0.0).lines["memory_access"]
    assert reads["joules"] == near(1e13 * 8 * 1e-12)
    copies = energy_ladder(**CHIP, transfer_energy="ssd", consolidations=3).lines["two_tier"]
    assert copies["joules"] == near(3 * 8e7 * load_hardware().loc["ssd", "value"], 1e-3)


def test_cells_that_wear_out_are_remarked_upon():
    worn = energy_ladder(**CHIP, endurance=1e5).lines["own_device"]
    needed, wears = worn["remark"].split("; ")
    assert needed == "needs update_energy or write_energy"
    assert wears == "each cell is written 1e+06 times and survives 1e+05"
    assert (
        energy_ladder(**CHIP, endurance=1e6, update_energy=1e-15).lines["own_device"]["remark"]
        == ""
    )


def test_a_rate_of_updates_and_a_time_give_their_number():
    by_rate = joules(model_size=1e9, bits=8, update_rate=0.1, duration=1e4)
    by_number = joules(model_size=1e9, bits=8, operations=1e12, duration=1e4)
    assert by_rate.dropna().index.tolist() == by_number.dropna().index.tolist()
    shared = by_number.drop("dissipated_barrier").dropna().index
    np.testing.assert_allclose(by_rate[shared], by_number[shared], rtol=1e-9)


def test_a_power_and_a_time_are_an_energy():
    ladder = energy_ladder(model_size=1e9, update_rate=1e-2, duration=1e4, power=1e-3)
    assert ladder.lines["reported"]["joules"] == near(10)
    assert "follows: duration*power" in ladder.lines["reported"]["assumes"]
    assert energy_ladder("gpt3", power=1e6).lines["reported"]["joules"] == near(
        1e6 * energy_ladder("gpt3").quantities["duration"]["value"]
    )
    lasting = energy_ladder(model_size=1e9, operations=1e12, power=2.0, energy=8.0)
    assert lasting.quantities["duration"]["value"] == 4.0
    open_ended = energy_ladder(model_size=1e9, operations=1e12, power=2.0).lines["reported"]
    assert open_ended["remark"] == "needs energy or power and duration"


def test_what_is_known_at_first_need_not_be_written():
    known = energy_ladder(**CHIP, known_bits=5)
    fewer = energy_ladder(**CHIP | {"bits": 3})
    for key in ("landauer", "transport_activity", "transport_time_held", "static_stiffness"):
        assert known.lines[key]["joules"] == near(fewer.lines[key]["joules"])
        assert "bits 3 bit (follows: bits - known_bits)" in known.lines[key]["assumes"]
        assert "nothing known at first" not in known.lines[key]["assumes"]
        assert "nothing known at first" in fewer.lines[key]["assumes"]
    assert known.lines["landauer_per_update"]["joules"] == near(1e13 * 8 * BIT)
    everything = energy_ladder(**CHIP, known_bits=8)
    assert everything.lines["landauer"]["joules"] == 0
    assert everything.lines["transport_activity"]["joules"] == 0


def test_fine_tuning_without_known_bits_says_that_nothing_is_taken_as_known():
    wanted = "nothing is taken as known at the start; if something is, give known_bits"
    assert energy_ladder(**LORA).lines["landauer"]["remark"] == wanted
    again = energy_ladder(**CHIP, episodes=2).lines["landauer"]["remark"]
    assert again == wanted.replace("start", "start of an episode")
    assert energy_ladder(**LORA, known_bits=4).lines["landauer"]["remark"] == ""


def test_what_is_frozen_is_read_and_passed_and_never_written():
    ladder = energy_ladder(**LORA, operation_energy=1e-12)
    flop = (6 * 2e7 + 4 * 7e9) * 1e8
    assert ladder.lines["chip_limit"]["joules"] == near(flop * 1e-12)
    assert ladder.quantities["operations"]["value"] == near(2e7 * 1e8 / 1e5)
    bit = load_hardware().loc["hbm2", "value"]
    reads = 2 * 1e8 / 2048 * (2e7 + 7e9) + 2e7 * 1e3
    expected = 16 * bit * (reads + 2e7 * 1e3)
    assert ladder.lines["memory_access"]["joules"] == near(expected)
    words = 112 / 16
    link = load_hardware().loc["chip_link", "value"]
    passes = 2 * 1e8 / 2048 * (2e7 + 7e9) + words * 2e7 * 1e3
    walls = flop * 1e-12 + 16 * bit * (passes + words * 2e7 * 1e3)
    walls += 16 * (bit + link) * words * 2e7 * 720
    assert ladder.lines["three_walls"]["joules"] == near(walls)


def test_a_published_model_lends_its_size_and_not_its_training():
    ladder = energy_ladder("llama31_405b", task="fine-tuning", tokens=1e9)
    assert ladder.quantities["model_size"]["value"] == near(4.05e11, 0.01)
    assert ladder.quantities["flop"]["value"] == near(6 * 4.05e11 * 1e9, 0.01)
    assert "reported" not in ladder.lines
    assert "H100" in ladder.quantities["operation_energy"]["why"]


def test_episodes_are_paid_each_and_share_the_time_and_the_moves():
    own = {"model_size": 1e6, "bits": 4, "operations": 1e12, "duration": 1e5}
    many = energy_ladder(**own, episodes=100, convergence_times=600)
    one = {"model_size": 1e6, "bits": 4, "operations": 1e10, "duration": 1e3}
    alone = joules(**one, convergence_times=6)
    for key in ("landauer", "finite_time", "transport_activity", "transport_time",
                "transport_time_held", "matched_stiffness", "static_stiffness",
                "optimizer_limited"):  # fmt: skip
        assert many.lines[key]["joules"] == near(100 * alone[key]), key
        assert many.lines[key]["assumes"].count("paid 100 times") == 1
    assert many.lines["matched_barrier"]["joules"] == near(100 * alone["matched_barrier"])
    assert many.frame().loc["landauer", "each"] == near(4e6 * BIT)
    assert many.lines["three_walls"]["remark"] == "needs tokens, flop or steps"


def test_equal_shares_of_time_and_hops_are_the_cheapest_for_episodes():
    even = 2 * bounds.transport_activity(model_size=1, bits=4, hops=50)
    uneven = [
        bounds.transport_activity(model_size=1, bits=4, hops=hops)
        + bounds.transport_activity(model_size=1, bits=4, hops=100 - hops)
        for hops in (20, 40, 70)
    ]
    assert all(each > even for each in uneven)


def test_reading_costs_nothing_and_writing_down_costs_kt_ln_2_a_bit():
    ladder = energy_ladder(**SERVED, recorded_bits=3e6)
    assert ladder.lines["reading"]["joules"] == 0
    assert "may be undone" in ladder.lines["reading"]["assumes"]
    assert ladder.lines["landauer"]["joules"] == near(3e6 * BIT)
    assert "each" in ladder.frame()
    assert energy_ladder(**SERVED).lines["landauer"]["joules"] == near(17e6 * BIT)
    assert not {"transport_activity", "static_stiffness", "three_walls"} & set(ladder.lines)


def test_what_is_not_written_down_costs_nothing():
    line = energy_ladder(**SERVED, recorded_bits=0).lines["landauer"]
    assert (line["joules"], line["remark"]) == (0, "")


def test_an_input_that_enters_no_line_is_said_to_enter_none():
    ladder = energy_ladder(**CHIP, pulses=20, operation_energy="h100", ambient=310.0, reads=0.0)
    idle = ladder.inputs().query("why == 'enters no line'")
    assert set(idle.index) == {"pulses", "operation_energy"}
    assert ladder.lines["carnot"]["joules"] == near(8e7 * BIT * 310 / 300)
    used = energy_ladder(**CHIP, update_energy="ecram", pulses=20, known_bits=2, drive=0.5)
    assert "enters no line" not in set(used.inputs()["why"])
    assert "carnot" not in energy_ladder(**CHIP, ambient=300.0).lines


def test_a_run_below_the_second_law_or_below_its_own_device_is_remarked_upon():
    least = 8e7 * BIT
    for energy, below in ((1.01 * least, False), (0.99 * least, True)):
        line = energy_ladder(**CHIP, energy=energy).lines["reported"]
        assert ("less than Landauer" in line["remark"]) == below
    for price, above in ((4e-12, False), (5e-12, True)):
        line = energy_ladder(**CHIP, energy=44.0, update_energy=price).lines["own_device"]
        assert ("more than the real run took" in line["remark"]) == above


def test_what_decides_a_line_and_was_not_given_is_remarked_upon():
    alone = energy_ladder(**SERVED).lines["memory_access"]["remark"]
    assert alone == "one request at a time; if a fetch serves several tokens, give reuse"
    assert energy_ladder(**SERVED, reuse=32).lines["memory_access"]["remark"] == ""
    many = energy_ladder(**MACHINE, solutions=4).lines["landauer"]
    assert "not even the last one" in many["remark"]
    assert "nothing known at first, each time" in many["assumes"]
    assert energy_ladder(**MACHINE).lines["landauer"]["remark"] == ""


def test_a_token_costs_what_its_reads_and_its_arithmetic_cost():
    each = energy_ladder(**SERVED, reuse=32, power=700.0, duration=500.0).frame()["each"]
    table = load_hardware()["value"]
    assert each["memory_access"] == near(7e9 * 16 * table["hbm2"] / 32)
    assert each["arithmetic"] == near(2 * 7e9 * table["n7_fp16"])
    assert each["in_memory"] == near(2 * 7e9 * table["hermes"])
    assert each["chip_limit"] == near(2 * 7e9 * table["h100"])
    assert each["reported"] == near(0.35)
    one = energy_ladder(model_size=7e9, task="inference").frame()
    assert one.loc["chip_limit", "joules"] == near(2 * 7e9 * table["h100"])
    mixture = energy_ladder("deepseek_v3", task="inference").frame()["joules"]
    assert mixture["memory_access"] == near(37e9 * 16 * table["hbm2"], 0.02)


def test_a_convolutional_model_needs_its_own_count_of_operations():
    lines = energy_ladder("vgg16", task="inference").lines
    assert lines["chip_limit"]["remark"] == "needs flop"
    told = energy_ladder("vgg16", task="inference", flop=3.1e10, operation_energy=1e-12)
    assert told.lines["chip_limit"]["joules"] == near(0.031)


def test_a_machine_pays_a_bit_a_spin_for_each_solution():
    ladder = energy_ladder(**MACHINE, solutions=4, update_energy=5e-9, power=0.1)
    line = ladder.frame()
    assert line.loc["landauer", "joules"] == near(4 * 2000 * BIT)
    assert line.loc["landauer", "each"] == near(2000 * BIT)
    assert line.loc["own_device", "joules"] == near(1e7 * 5e-9)
    assert line.loc["reported", "each"] == near(0.1 * 5e-3 / 4)
    half = 1000 * 4  # spins that turn
    told = 2 * half * math.atanh(half / 1e7) * KT
    assert line.loc["transport_activity", "joules"] == near(4 * 2000 * BIT + told)
    rate = -math.log(1 - 2e-9) / 2 / 5e-3  # held until the solution is read
    v = 1e7 / 2000 / 5e-3
    static = 1e7 * 2 * KT * math.asinh(v / 2 / rate)
    assert line.loc["static_barrier", "joules"] == near(static)
    assert not {"finite_time", "static_stiffness", "chip_limit"} & set(line.index)


def test_solutions_a_second_and_a_time_give_the_solutions_or_the_time():
    inputs = energy_ladder(spins=100, solution_rate=50, duration=2.0).inputs()["value"]
    assert (inputs["solutions"], inputs["episodes"]) == (100, 100)
    one = energy_ladder(spins=100, solution_rate=50, power=3.0)
    assert one.quantities["duration"]["value"] == near(0.02)
    assert one.lines["reported"]["joules"] == near(0.06)
    variables = energy_ladder(spins=100, bits=8)
    assert variables.lines["landauer"]["joules"] == near(800 * BIT)


def test_a_machine_without_numbers_says_which_each_line_needs():
    remarks = energy_ladder(spins=2000).frame()["remark"]
    assert remarks["matched_barrier"] == "needs operations or update_rate"
    assert remarks["transport_time"] == "needs duration, solution_rate or energy and power"
    assert remarks["own_device"] == "needs operations or update_rate; update_energy or write_energy"


def test_the_refrigerator_gives_back_what_the_cold_saves():
    cold = energy_ladder(**CHIP, temperature=4.0)
    warm = energy_ladder(**CHIP)
    line = cold.lines["carnot"]
    assert line["joules"] == near(warm.lines["landauer"]["joules"])
    assert line["kind"] == "theorem"
    assert "takes 74 J of work or more to be carried to 300 K" in line["remark"]
    assert "carnot" not in warm.lines
    cellar = energy_ladder(**CHIP, temperature=4.0, ambient=280.0).lines["carnot"]
    assert cellar["joules"] == near(line["joules"] * 280 / 300)


def test_the_work_of_the_refrigerator_follows_from_the_two_laws():
    q, cold, warm, work = sp.symbols("Q T T_a W", positive=True)
    second_law = sp.Eq((q + work) / warm, q / cold)  # no entropy is made: the least work
    (least,) = sp.solve(second_law, work)
    names = dict(zip(("heat", "temperature", "ambient"), (q, cold, warm), strict=True))
    symbols = {getattr(lim_lib.symbols, name): symbol for name, symbol in names.items()}
    assert sp.simplify(overheads.carnot_work.expression.subs(symbols) - least) == 0
    total = overheads.refrigerated.expression.subs(symbols)
    assert sp.simplify(total - q - least) == 0
    found = overheads.carnot_work(heat=[1.0, 2.0], ambient=300.0, temperature=[4.0, 300.0])
    np.testing.assert_allclose(found, [74.0, 0.0])
    with pytest.raises(ValueError, match="temperature must be at most ambient"):
        overheads.carnot_work(heat=1.0, ambient=4.0, temperature=300.0)


def test_the_user_s_energies_reach_every_line_that_uses_them():
    own = {"model_size": 1e9, "tokens": 1e10, "batch": 1e6, "consolidations": 5}
    plain = joules(**own)
    for name, keys in {
        "read_energy": {"memory_access", "three_walls"},
        "write_energy": {"memory_access", "three_walls"},
        "transfer_energy": {"two_tier", "three_walls"},
        "operation_energy": {"chip_limit", "three_walls"},
    }.items():
        changed = joules(**own, **{name: 7e-12})
        assert {key for key in plain.index if changed[key] != plain[key]} == keys, name


def test_any_width_is_priced_with_an_operation_energy():
    own = {"model_size": 1e9, "tokens": 1e10, "batch": 1e6}
    for bits in (4, 1.58):
        line = energy_ladder(**own, bits=bits).lines["three_walls"]
        assert math.isnan(line["joules"])
        assert line["remark"].startswith("needs operation_energy: the hardware table has")
        run = lim_lib.workloads.three_walls(
            1e9, bits, 1e10, batch=1e6, reuse=2048, words=112 / bits, consolidations=720,
            operation_energy=1e-13, transfer_energy="chip_link",
        )  # fmt: skip
        priced = energy_ladder(**own, bits=bits, operation_energy=1e-13).lines["three_walls"]
        assert priced["joules"] == near(run["value"].sum())


def test_a_range_of_a_row_is_the_range_of_its_line():
    table = load_hardware().loc["reram_cell"]
    own = {"model_size": 1e9, "tokens": 1e10, "batch": 1e6}
    line = energy_ladder(**own, write_energy="reram_cell").lines["three_walls"]
    plain = energy_ladder(**own, write_energy=table["value"]).lines["three_walls"]
    assert line["joules"] == near(plain["joules"])
    writes = 16 * 7 * 1e9 * 1e4
    assert line["high"] - plain["high"] == near(writes * (table["high"] - table["value"]), 1e-6)


def test_too_few_commands_leave_the_theorem_in_its_place_and_say_so():
    ladder = energy_ladder(model_size=1e9, steps=100)
    line = ladder.lines["transport_activity"]
    moves = 1e9 * (4**16 - 1) / (3 * 2**16)
    told = 1e9 * 16 * BIT + 2 * moves * math.asinh(1) * KT  # as a matched barrier at drive 1
    assert line["joules"] == near(told)
    assert "too few commands for one hop each (100 a cell" in line["remark"]
    assert energy_ladder(model_size=1e9, tokens=2e10).lines["transport_activity"]["remark"] == ""


def test_a_run_in_numbers_of_8_bits_stands_beside_its_chip_s_rate_for_them():
    ladder = energy_ladder("deepseek_v3")
    chip = load_hardware().loc["h800_fp8", "value"]
    flop = ladder.quantities["flop"]["value"]
    assert ladder.lines["chip_limit"]["joules"] == near(flop * chip)


def test_each_token_can_be_counted_as_an_update():
    ladder = energy_ladder("gpt3", counting="tokens")
    assert ladder.quantities["operations"]["value"] == near(1.746e11 * 3e11)
    assert "every token updates every parameter" in str(ladder)


def test_the_reason_of_a_mixture_s_operations_is_the_formula_that_was_used():
    inputs = energy_ladder(model_size=671e9, active_size=37e9, tokens=14.8e12).inputs()
    assert inputs.loc["flop", "why"] == "6*active_size*tokens"
    assert energy_ladder(**LORA).inputs().loc["flop", "why"] == (
        "6*active_size*tokens + 4*frozen_size*tokens"
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ({"spins": 10, "tokens": 5}, "tokens must be left out for the task 'machine'"),
        ({"spins": 10, "model_size": 5}, "model_size must be left out beside spins"),
        ({"workload": "gpt3", "episodes": 2, "spins": 5}, "episodes must be left out"),
        ({"workload": "gpt3", "task": "machine"}, "workload must be left out"),
        ({"workload": "gpt3", "task": "traning"}, "did you mean 'training'"),
        ({"workload": "gpt3", "task": "training", "known_bits": 5}, "known_bits must be left out"),
        ({"workload": "gpt3", "known_bits": 17}, r"known_bits must be <= bits \(16\)"),
        ({"model_size": 1e6, "task": "continual"}, "needs episodes"),
        ({"task": "machine"}, "needs spins"),
        ({**CHIP, "power": 1.0, "energy": 5.0}, "power must be energy / duration, or left out"),
        (
            {"spins": 3, "solutions": 5, "solution_rate": 1.0, "duration": 9.0},
            "solution_rate must be solutions / duration",
        ),
        ({**CHIP, "write_energy": "h100"}, "in J/bit, not in J/operation, got 'h100'"),
        ({**CHIP, "write_energy": "hmb2"}, "write_energy must be .*did you mean 'hbm2'"),
        ({**CHIP, "update_energy": "reram_cell"}, "in J/update, not in J/bit"),
        ({**CHIP, "bits": "hbm2"}, "bits must be a finite number"),
        (
            {**CHIP, "energy": "1287 MWh"},
            "energy must be a finite number > 0, in J, got '1287 MWh'",
        ),
        ({**CHIP, "temperature": 200.0, "ambient": 100.0}, "temperature must be at most ambient"),
    ],
)
def test_what_contradicts_the_task_is_refused_in_one_line(call, words):
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        energy_ladder(**call)
    assert "\n" not in str(caught.value)


def test_every_line_of_a_task_is_a_rung_or_is_made():
    rungs = {bound.key for bound in bounds.LADDER} | {"transport_time_held"}
    asked = {
        "energy": 1.0, "convergence_times": 60, "temperature": 77.0, "update_energy": 1e-15,
        "duration": 1.0,
    }  # fmt: skip
    calls = {
        "training": {"model_size": 1e6, "tokens": 1e9},
        "fine-tuning": LORA,
        "continual": LORA | {"episodes": 2},
        "inference": SERVED,
        "machine": {"spins": 10, "operations": 1e3},
        "updates": CHIP | {"write_energy": 1e-12, "consolidations": 2},
    }
    assert set(calls) == set(TASKS) == set(LINES)
    for task, call in calls.items():
        more = {n: v for n, v in asked.items() if task == "training" or n != "convergence_times"}
        ladder = energy_ladder(**call | more)
        assert ladder.task == task
        shown = [key for key in ladder.lines if key != "transport_time_held"]
        listed = [key for key in LINES[task] if key in shown]
        assert sorted(shown) == sorted(listed)
        others = set(shown) - rungs
        assert others
        for key, line in ladder.lines.items():
            assert math.isfinite(line["joules"]), (task, key)
            assert line["assumes"], (task, key)
        for name in ladder.quantities:
            assert name in INPUTS


def test_ladders_of_every_task_are_kept_in_files_and_old_files_open(tmp_path):
    ladder = energy_ladder(**MACHINE)
    ladder.save(tmp_path / "a.npz")
    again = lim_lib.load(tmp_path / "a.npz")
    assert (again.task, again.why) == ("machine", "spins given")
    assert str(again) == str(ladder)
    parts = energy_ladder("gpt3").contents()
    old = {name: part for name, part in parts.items() if name not in ("task", "why")}
    assert type(ladder).from_contents(old) == replace(energy_ladder("gpt3"), why="")


def test_only_what_matters_to_the_task_is_uncertain():
    assert set(uncertain_inputs(**MACHINE)) == {"attempt_rate", "retention", "loss_probability",
                                                "drive"}  # fmt: skip
    assert set(uncertain_inputs(**CHIP)) == {
        "attempt_rate",
        "retention",
        "loss_probability",
        "drive",
    }
    assert "known_bits" not in uncertain_inputs("olmo2_7b", known_bits=12, tokens=1e9)
    assert uncertain_inputs("olmo2_7b", known_bits=12, tokens=1e9)["bits"][0] == 12
    assert "transfer_energy" in uncertain_inputs("gpt3")


def test_ranges_and_ranks_are_those_of_the_task():
    ranges = ladder_ranges(**MACHINE, samples=64, ranges={"update_rate": (10, 1e3)})
    assert "static_barrier" in ranges.index
    assert "finite_time" not in ranges.index
    ranks = rank_inputs(**CHIP, ranges={"known_bits": (1, 6), "drive": (0.1, 10)}, samples=64)
    assert ranks[ranks["rung"] == "landauer"]["input"].iloc[0] == "known_bits"
    served = ladder_ranges("gpt3", task="inference", samples=64)
    assert served.index.tolist() == ["landauer", "memory_access"]
    assert re.match("Landauer, of what", served.loc["landauer", "title"])

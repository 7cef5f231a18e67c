"""The command line: what it prints, what it refuses, and how it ends."""

import io
import json
import os
import re
import shlex
import subprocess
import sys

import pandas as pd
import pytest
from PIL import Image

from lim_lib import __main__ as program
from lim_lib.commands import COMMANDS, compare, ladder, parser, solve, workloads
from lim_lib.units import format_energy
from lim_lib.workloads import (
    INPUTS,
    energy_ladder,
    ladder_inputs,
    load_hardware,
    load_machines,
    load_workloads,
)

GPT3 = ["ladder", "gpt3"]


def test_the_ladder_is_printed_on_one_screen_with_every_rung(capsys):
    assert program.main([*GPT3, "--retention", "1 year"]) == 0
    text = capsys.readouterr().out
    for _, row in energy_ladder("gpt3", retention=365.25 * 86400).frame().iterrows():
        begins = (f"{row['title']}  ", f"{row['title']}* ")
        line = next(line for line in text.splitlines() if line.startswith(begins))
        assert row["energy"] in line
        assert row["kind"] in line
    assert "\nretention = 3.156e+07 s\n" in text
    assert re.search(r"inputs: 1 given, \d+ from the table, .* --inputs lists them", text)
    assert "Epoch AI" in text
    assert max(map(len, text.split("\n\n")[1].splitlines())) <= 80
    assert text.count("\n") <= 40


def test_every_assumption_is_listed_when_asked_for(capsys):
    assert program.main([*GPT3, "--inputs"]) == 0
    text = capsys.readouterr().out
    for name, row in ladder_inputs("gpt3").iterrows():
        assert re.search(rf"^{name} = .*\({row['origin']}", text, re.M)


def test_own_numbers_print_the_checkpoint(capsys):
    numbers = ["--model-size", "175B", "--bits", "16", "--operations", "1.640625e16"]
    assert program.main(["ladder", *numbers, "--duration", "1.3e6"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"Transport and activity +theorem +7.53 μJ", text)
    assert re.search(r"cells held +theorem +1.15 mJ", text)
    assert "operations given" in text


def test_a_run_is_named_by_a_word_or_an_option_before_or_behind_others(capsys):
    said = []
    for words in (
        ["gpt3", "--bits", "8"],
        ["--bits", "8", "gpt3"],
        ["--workload=gpt3", "--bits=8"],
    ):
        assert program.main(["ladder", *words]) == 0
        said.append(capsys.readouterr().out)
    assert said[0] == said[1] == said[2]


def test_json_holds_the_same_numbers_and_no_nan(capsys):
    assert program.main([*GPT3, "--counting", "flop", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    ladder = energy_ladder("gpt3", counting="flop").frame()
    assert [row["rung"] for row in found["rungs"]] == ladder.index.tolist()
    assert [row["joules"] for row in found["rungs"]] == ladder["joules"].tolist()
    assert {row["quantity"] for row in found["inputs"]} == set(
        ladder_inputs("gpt3", counting="flop").index
    )
    assert program.main(["ladder", "--model-size", "1e9", "--json"]) == 0
    own = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert {row["real_over_rung"] for row in own["rungs"]} == {None}


def test_csv_holds_the_same_numbers(capsys):
    assert program.main([*GPT3, "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), index_col="rung")
    assert table["joules"].tolist() == energy_ladder("gpt3").frame()["joules"].tolist()


def test_several_values_of_an_input_stand_side_by_side(capsys):
    assert program.main([*GPT3, "--bits", "4,8,16"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^bits, bit +4 +8 +16$", text, re.M)
    assert re.search(r"^Landauer +2.01 nJ +4.01 nJ +8.02 nJ$", text, re.M)
    assert "\nthree_walls (bits 4): needs operation_energy" in text
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("\n") <= 40
    assert program.main([*GPT3, "--bits", "4,8", "--duration", "1:100:4 days", "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert table[["bits", "duration"]].drop_duplicates().shape == (8, 2)
    assert table["duration"].max() == pytest.approx(100 * 86400)
    assert program.main([*GPT3, "--bits", "4,8", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["units"]["bits"] == "bit"
    assert [row["bits"] for row in found["rows"]] == sorted(row["bits"] for row in found["rows"])


def test_of_many_values_some_are_shown_with_the_ends(capsys):
    assert program.main([*GPT3, "--duration", "1:1e9:19"]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^duration, s +1 .* 1e\+09$", text, re.M)
    assert "5 of 19; --csv" in text


def test_ranges_say_low_median_and_high_and_what_moves_a_rung_most(capsys):
    assert program.main([*GPT3, "--ranges"]) == 0
    text = capsys.readouterr().out
    low, median, high = re.search(
        r"^Landauer +([\d.]+) nJ +([\d.]+) nJ +([\d.]+) nJ  bits, ", text, re.M
    ).groups()
    # bits are log-uniform from 8 to 32: their quantiles at 5, 50, 95 % are 8 * 4**q
    ratios = [float(each) / 8.02 * 16 for each in (low, median, high)]
    assert ratios == pytest.approx([8 * 4**q for q in (0.05, 0.5, 0.95)], rel=0.1)
    assert re.search(r"^bits: 8 to 32$", text, re.M)


def test_two_technologies_stand_side_by_side(capsys):
    words = ["bits=4", "mine: bits=8, retention=1 day", "gpt3"]
    assert program.main(["compare", *words]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^rung +kind +bits=4 +mine$", text, re.M)
    assert re.search(r"^Landauer +theorem +2.01 nJ +4.01 nJ$", text, re.M)
    assert "mine: bits = 8 bit, retention = 8.64e+04 s" in text
    assert program.main(["compare", *words, "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), index_col="rung")
    assert table.loc["landauer", "mine"] / table.loc["landauer", "bits=4"] == pytest.approx(2)


def test_technologies_may_be_machines_and_say_what_each_lacks(capsys):
    words = ["a: spins=2000, duration=1 s", "b: spins=2000, duration=1 s, operations=1e6"]
    assert program.main(["compare", *words]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^Landauer +theorem +5.74 aJ +5.74 aJ$", text, re.M)
    assert "\nown_device of b: needs update_energy or write_energy\n" in text
    assert "landauer_per_update of a: needs operations or update_rate\n" in text


def test_the_inverse_question_says_where_or_why_not(capsys):
    question = ["solve", "gpt3", "--for", "duration", "--energy", "1 mJ"]
    assert program.main(question) == 0
    text = capsys.readouterr().out
    assert re.search(r"^Transport and time, cells held +theorem +at least .*years\)$", text, re.M)
    assert re.search(r"^Landauer +theorem +8.02 nJ, whatever the duration$", text, re.M)
    assert re.search(r"^Two tiers +estimate +never so little: 3\.\d+ J", text, re.M)
    assert program.main([*question, "--rung", "landauer", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert [row["value"] for row in found["rungs"]] == [None]


def test_the_list_of_workloads_names_every_run(capsys):
    assert program.main(["workloads"]) == 0
    text = capsys.readouterr().out
    for workload in load_workloads().index:
        assert f"\n{workload} " in text
    assert "\nbrain " in text
    assert program.main(["workloads", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert {row["id"] for row in found["workloads"]} == set(load_workloads().index)
    assert {row["source"] for row in found["values"]} == set(load_workloads(tidy=True)["source"])
    assert program.main(["workloads", "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert len(table) == len(load_workloads(tidy=True))


def test_the_list_of_hardware_names_every_row_of_a_category(capsys):
    assert program.main(["hardware", "--category", "write"]) == 0
    text = capsys.readouterr().out
    hardware = load_hardware()
    for name, row in hardware.iterrows():
        assert (f"\n{name} " in text) == (row["category"] == "write")
    assert program.main(["hardware", "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), index_col="id")
    assert table["value"].tolist() == hardware["value"].tolist()
    assert program.main(["hardware", "--category", "move", "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert {row["category"] for row in found["hardware"]} == {"move"}


def test_the_list_of_machines_says_what_a_solution_takes_and_the_least(capsys):
    assert program.main(["machines"]) == 0
    text = capsys.readouterr().out
    machines = load_machines()
    for name, row in machines.iterrows():
        line = next(line for line in text.splitlines() if line.startswith(f"{name} "))
        assert format_energy(row["least"]) in line
    assert program.main(["machines", "--csv"]) == 0
    assert len(pd.read_csv(io.StringIO(capsys.readouterr().out))) == len(load_machines(tidy=True))


def test_the_plot_is_a_picture_of_the_kind_that_its_name_says(tmp_path, capsys):
    begins = {"png": b"\x89PNG", "webp": b"RIFF", "svg": b"<?xml", "pdf": b"%PDF"}
    for kind, begin in begins.items():
        assert program.main([*GPT3, "--plot", str(tmp_path / f"a.{kind}")]) == 0
        assert (tmp_path / f"a.{kind}").read_bytes().startswith(begin)
    with Image.open(tmp_path / "a.webp") as picture:
        assert picture.width == 720
    assert program.main([*GPT3, "--bits", "4,8", "--plot", str(tmp_path / "b.SVG")]) == 0
    assert b"<svg" in (tmp_path / "b.SVG").read_bytes()
    assert capsys.readouterr().out


def test_every_quantity_of_the_ladder_has_an_option_that_says_what_it_is(capsys):
    with pytest.raises(SystemExit):
        program.main(["ladder", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, row in INPUTS.items():
        unit = "" if row.unit == "1" else f", {row.unit.replace('**', '^')}"
        default = f" ({row.default})" if row.default else ""
        option = f"--{name.replace('_', '-')} X {row.meaning}{unit}{default}"
        assert option.replace(" ", "") in text.replace(" ", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "a command is needed"),
        (["lader"], "invalid choice"),
        (["ladder"], "give a run of the table, --model-size X, or --spins X"),
        (["ladder", "--workload", "gtp3"], "did you mean 'gpt3'"),
        (["ladder", "--workload", "GPT-3"], "did you mean 'gpt3'"),
        (["ladder", "gtp3"], "did you mean 'gpt3'"),
        ([*GPT3, "olmo"], "unknown argument olmo; see python -m lim_lib ladder --help"),
        (["ladder", "--modelsize", "1e9"], "did you mean --model-size?"),
        (["ladder", "--model-size", "big"], "--model-size: must be a number, got 'big'"),
        (["ladder", "--model-size", "1,75e11"], "write 1.75e11, for two 1.0,75e11"),
        ([*GPT3, "--energy", "1 day"], "--energy: must be a number of J, got '1 day', which is in"),
        ([*GPT3, "--read-energy", "1pJ"], "of J/bit, got '1pJ', which is in picojoule"),
        ([*GPT3, "--duration", "1 kwh"], "'kwh' is no unit"),
        ([*GPT3, "--energy", "1 kwh"], "'kwh' is no unit (did you mean kWh?)"),
        ([*GPT3, "--bits", "4:16"], "a range is LOW:HIGH:COUNT"),
        ([*GPT3, "--bits", "4,8", "--inputs"], "--inputs takes one value of each input"),
        ([*GPT3, "--bits", "4,8", "--bits", "4,800"], "bits must be"),
        ([*GPT3, "--plot", ""], "--plot must end in .png, .webp, .svg or .pdf, got ''"),
        (["compare", "bits=4", "--workload", "gpt3"], "technologies must be two or more"),
        (["compare", "bits=4", "bit=8", "--workload", "gpt3"], "no input 'bit' (did you mean"),
        (["compare", "bits=4", "bits=8 J", "--workload", "gpt3"], "bits must be a number of bit"),
        (["compare", "hbm3", "ssd", "--workload", "gpt3"], "no row 'hbm3'"),
        (["solve", "gpt3", "--for", "bits"], "the following arguments are required: --energy"),
        (["solve", "gpt3", "--for", "bit", "--energy", "1"], "did you mean 'bits'"),
        (["solve", "gpt3", "--for", "bits", "--energy", "1", "--bits", "4"], "it is the unknown"),
        (["solve", "gpt3", "--for", "bits", "--energy", "1", "--rung", "x"], "no rung 'x'"),
        (["hardware", "--category", "reads"], "invalid choice: 'reads'"),
        ([*GPT3, "--nonsense"], "unknown argument --nonsense; see"),
        (["ladder", "--model-size", "-1e9"], "model_size must be a finite number > 0"),
        (["ladder", "--model-size", "1e999"], "model_size must be a finite number > 0"),
        (["ladder", "--model-size", "nan"], "model_size must be"),
        (["ladder", "--model-size", "1e9", "--bits", "100"], "bits must be"),
        (["ladder", "--model-size", "1e9", "--hops", "5"], "hops must exceed net_moves"),
        ([*GPT3, "--counting", "bits"], "invalid choice: 'bits'"),
        ([*GPT3, "--plot", "ladder.gif"], "must end in .png, .webp, .svg or .pdf"),
        ([*GPT3, "--model-size"], "expected one argument"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(arguments, words, capsys):
    try:
        code = program.main(arguments)
    except SystemExit as stop:
        code = stop.code
    out, error = capsys.readouterr()
    assert code == 2
    assert not out
    assert words in error
    assert error.count("\n") == 1


FAR = ["--displacement", "--spread-initial", "--update-rate", "--operations"]
FAR_OUT = [("--model-size", "1e9", option, "1e308") for option in FAR]
FAR_OUT += [("--model-size", "5e-324"), ("--model-size", "1e9", "--active-size", "5e-324")]


@pytest.mark.parametrize("arguments", FAR_OUT, ids=" ".join)
def test_numbers_far_out_end_without_a_traceback(arguments, capsys):
    assert program.main(["ladder", *arguments, "--tokens", "1e10"]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_ends_with_1(tmp_path, capsys):
    assert program.main([*GPT3, "--plot", str(tmp_path / "none" / "a.png")]) == 1
    out, error = capsys.readouterr()
    assert not out
    assert "cannot write" in error
    assert error.count("\n") == 1


def test_ctrl_c_ends_it_quietly(monkeypatch, capsys):
    def interrupted(options):
        raise KeyboardInterrupt

    monkeypatch.setattr(workloads, "run", interrupted)
    assert program.main(["workloads"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_terminal_without_greek_letters_gets_plain_ones(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert program.main(GPT3) == 0
    question = ["solve", "gpt3", "--for", "duration", "--energy", "1 mJ"]
    assert program.main([*question, "--rung", "static_barrier"]) == 0
    for table in ("workloads", "hardware", "machines"):
        assert program.main([table]) == 0
    text = stream.buffer.getvalue().decode("ascii")
    assert "7.51 uJ" in text
    assert "(5.9 x 10^11 years)" in text
    assert "?" not in text


def test_the_help_teaches_and_loads_nothing_heavy():
    heavy = ["numpy", "sympy", "pandas", "matplotlib", "scipy", "pint"]
    code = (
        "import sys; from lim_lib.__main__ import main\n"
        "from lim_lib.commands.values import quantity; quantity('1')('7B'); quantity('J')('1e9')\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.splitlines()[-1] == "[]"
    for words in ("examples:", "ladder gpt3", "--model-size", "COMMAND --help", "Exit codes: 0; 2"):
        assert words in done.stdout
    for command in COMMANDS:
        assert f"\n    {command} " in done.stdout


def test_the_examples_of_the_help_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    helps = [parser.EXAMPLES, *(each.EXAMPLES for each in (ladder, compare, solve, workloads))]
    examples = re.findall(r"^ +python -m lim_lib (.*?)(?: \| head)?$", "".join(helps), re.M)
    runnable = {each for each in examples if "--help" not in each and not each.startswith("run")}
    assert len(runnable) >= 15
    for arguments in sorted(runnable):
        assert program.main(shlex.split(arguments)) == 0, arguments
    assert (tmp_path / "ladder.png").exists()
    assert capsys.readouterr().out


@pytest.fixture
def written_to(monkeypatch):
    """Where the output goes, in place of the terminal."""
    streams = []

    def into(stream):
        streams.append(stream)
        monkeypatch.setattr(sys, "stdout", stream)

    yield into
    for stream in streams:
        stream.close()


def test_a_reader_that_stops_early_is_no_error(written_to, capsys):
    read, write = os.pipe()
    os.close(read)
    written_to(os.fdopen(write, "w", encoding="utf-8"))
    assert program.main(["workloads", "--json"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["workloads"], ["--help"], ["ladder", "--help"]])
def test_an_output_that_is_full_ends_with_1(arguments, written_to, capsys):
    written_to(os.fdopen(os.open("/dev/full", os.O_WRONLY), "w", encoding="utf-8"))
    assert program.main(arguments) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "cannot write" in error


def test_an_output_that_is_closed_ends_with_1(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    assert program.main(["workloads"]) == 1
    error = capsys.readouterr().err
    assert "the standard output is closed" in error
    assert error.count("\n") == 1


def test_the_name_in_messages_is_the_one_that_was_called(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/lim-lib", "ladder"])
    assert program.main(["ladder"]) == 2
    assert capsys.readouterr().err.startswith("lim-lib ladder: give a run")


def test_the_module_runs_as_a_program():
    command = [sys.executable, "-m", "lim_lib"]
    done = subprocess.run([*command, "--version"], capture_output=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.fullmatch(rb"\d+\.\d+\.\d+\s*", done.stdout)

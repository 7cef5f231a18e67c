"""The command line: what it prints, what it refuses, and how it ends."""

import io
import json
import os
import re
import subprocess
import sys

import pytest
from PIL import Image

from lim_lib import __main__ as program
from lim_lib.workloads import INPUTS, energy_ladder, ladder_inputs, load_workloads

GPT3 = ["ladder", "--workload", "gpt3"]


def ran(*arguments, **options):
    command = [sys.executable, "-m", "lim_lib", *arguments]
    return subprocess.run(command, capture_output=True, timeout=120, **options)


def test_the_ladder_is_printed_with_every_rung_and_every_assumption(capsys):
    assert program.main(GPT3) == 0
    text = capsys.readouterr().out
    for _, row in energy_ladder("gpt3").frame().iterrows():
        begins = (f"{row['title']}  ", f"{row['title']}* ")
        line = next(line for line in text.splitlines() if line.startswith(begins))
        assert row["energy"] in line
        assert row["kind"] in line
    for name in ladder_inputs("gpt3").index:
        assert f"\n{name} = " in text
    assert "Epoch AI" in text
    assert max(map(len, text.split("\n\n")[1].splitlines())) <= 80


def test_own_numbers_print_the_checkpoint(capsys):
    numbers = "--model-size 1.75e11 --bits 16 --operations 1.640625e16 --duration 1.3e6"
    assert program.main(["ladder", *numbers.split()]) == 0
    text = capsys.readouterr().out
    assert re.search(r"Transport and activity +theorem +7.53 μJ", text)
    assert re.search(r"cells held +theorem +1.15 mJ", text)
    assert "operations given" in text


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


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.webp", "WEBP")])
def test_the_plot_is_a_picture(tmp_path, name, kind, capsys):
    assert program.main([*GPT3, "--plot", str(tmp_path / name)]) == 0
    with Image.open(tmp_path / name) as picture:
        assert picture.format == kind
        assert picture.width == 720
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
        (["ladder"], "give --workload NAME or --model-size X"),
        (["ladder", "--workload", "gtp3"], "did you mean 'gpt3'"),
        (["ladder", "--workload", "GPT-3"], "did you mean 'gpt3'"),
        (["ladder", "gpt3"], "did you mean --workload gpt3?); see python -m lim_lib ladder --help"),
        (["ladder", "--modelsize", "1e9"], "did you mean --model-size?"),
        (["ladder", "--model-size", "big"], "must be a plain number, got 'big'"),
        (["ladder", "--model-size", "1e9", "--energy", "1287MWh"], "number of J, got '1287MWh'"),
        (["ladder", "--model-size", "1e9", "--read-energy", "1pJ"], "of J/bit, got '1pJ'"),
        ([*GPT3, "--plot", ""], "--plot must end in .png or .webp, got ''"),
        ([*GPT3, "--nonsense"], "unknown argument --nonsense; see"),
        (["ladder", "--model-size", "-1e9"], "model_size must be a finite number > 0"),
        (["ladder", "--model-size", "1e999"], "model_size must be a finite number > 0"),
        (["ladder", "--model-size", "nan"], "model_size must be"),
        (["ladder", "--model-size", "1e9", "--bits", "100"], "bits must be"),
        (["ladder", "--model-size", "1e9", "--hops", "5"], "hops must exceed net_moves"),
        ([*GPT3, "--counting", "bits"], "invalid choice: 'bits'"),
        ([*GPT3, "--plot", "ladder.gif"], "must end in .png or .webp"),
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

    monkeypatch.setattr(program, "_workloads", interrupted)
    assert program.main(["workloads"]) == 130
    assert capsys.readouterr() == ("", "")


def test_a_terminal_without_greek_letters_gets_plain_ones(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    assert program.main(GPT3) == 0
    text = stream.buffer.getvalue().decode("ascii")
    assert "7.51 uJ" in text
    assert "?" not in text


def test_the_help_teaches_and_loads_nothing_heavy():
    heavy = ["numpy", "sympy", "pandas", "matplotlib", "scipy"]
    code = (
        "import sys; from lim_lib.__main__ import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    assert done.stdout.splitlines()[-1] == "[]"
    for words in ("examples:", "--workload gpt3", "--model-size", "ladder --help"):
        assert words in done.stdout


def test_the_examples_of_the_help_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(
        r"python -m lim_lib (.*?)(?: \| head)?\n", program.EXAMPLES + program.LADDER_EXAMPLES
    )
    runnable = [each.split() for each in examples if "--help" not in each]
    assert len(runnable) >= 7
    for arguments in runnable:
        assert program.main(arguments) == 0, arguments
    assert (tmp_path / "ladder.png").exists()
    assert capsys.readouterr().out


def test_a_reader_that_stops_early_is_no_error():
    shell = f'set -o pipefail; "{sys.executable}" -m lim_lib workloads --json | head -n 1'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "{\n", "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [["workloads"], ["--help"], ["ladder", "--help"]])
def test_an_output_that_is_full_ends_with_1(arguments):
    with open("/dev/full", "w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "lim_lib", *arguments]
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, encoding="utf-8"
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "cannot write" in done.stderr


def test_an_output_that_is_closed_ends_with_1():
    shell = f'"{sys.executable}" -m lim_lib workloads >&-'
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, encoding="utf-8")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "the standard output is closed" in done.stderr


def test_the_name_in_messages_is_the_one_that_was_called(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/lim-lib", "ladder"])
    assert program.main(["ladder"]) == 2
    assert capsys.readouterr().err.startswith("lim-lib ladder: give --workload")


def test_the_module_runs_as_a_program():
    done = ran("--version")
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.fullmatch(rb"\d+\.\d+\.\d+\s*", done.stdout)
    assert ran("ladder").returncode == 2

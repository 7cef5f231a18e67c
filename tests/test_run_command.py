"""The command for a recorded run: its screen, its forms, its picture, and what it refuses."""

import io
import json
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lim_lib import __main__ as program
from lim_lib.commands.run import EXAMPLES
from lim_lib.memory import drive_for_error
from lim_lib.recorder import UpdateRecorder, load_runs
from lim_lib.units import thermal_energy


@pytest.fixture
def saved(tmp_path):
    """A walk of 50 weights whose steps fade by a half every 20 steps, in a file."""
    rng, weights = np.random.default_rng(3), np.zeros(50)
    recorder = UpdateRecorder(weights, span=2.0, bits=(4, 8), name="a walk")
    for step in range(64):
        weights = weights + 0.1 * 0.5 ** (step / 20) * rng.choice([-1, 1], size=50)
        recorder.step(weights, loss=1 / (1 + step))
    recorder.save(tmp_path / "record.json")
    return tmp_path / "record.json"


def run(*arguments):
    return program.main(["run", *map(str, arguments)])


def test_a_screen_has_the_depths_the_fading_the_barrier_and_every_rung(saved, capsys):
    assert run(saved, "--step-time", "1e-3") == 0
    text = capsys.readouterr().out
    record = UpdateRecorder.load(saved)
    head, rungs = text.split("\n\n", 1)
    lines = head.splitlines()
    assert lines[0] == "a walk: 50 weights, 64 steps"
    for line, (bits, row) in zip(lines[2:4], record.summary().iterrows(), strict=True):
        cells = line.split()
        assert int(cells[0]) == bits
        assert float(cells[4]) == pytest.approx(row["net_over_W"], rel=5e-3)
    assert "they fade exponentially" in head
    for _, row in record.ladder(8, step_time=1e-3).frame().iterrows():
        assert re.search(
            rf"^{re.escape(row['title'])}\*? .*{re.escape(row['energy'])}", rungs, re.M
        )
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("\n") <= 30


def test_the_barrier_in_words_is_the_logarithm_of_attempts_over_hops(saved, capsys):
    assert run(saved, "--step-time", "1e-3", "--error", "1e-4", "--temperature", "400") == 0
    text = capsys.readouterr().out
    _, rate = UpdateRecorder.load(saved).rate(8)
    found = re.search(
        r"follows them: (\S+) kT at first, (\S+) kT at last, under a tilt of (\S+)", text
    )
    drive = drive_for_error(1e-4, temperature=400)
    told = [np.log(1e9 * 2 * drive / (each / 1e-3)) for each in (rate[0], rate[-1])]
    told.append(2 * np.arcsinh(drive))
    assert [float(each) for each in found.groups()] == pytest.approx(told, rel=5e-3)


def test_a_run_of_the_book_is_known_by_its_name(capsys):
    assert run("full-batch") == 0
    text = capsys.readouterr().out
    assert text.startswith("all the data in each step: 2410 weights, 600 steps\n")
    assert "they fade as a power law" in text


def test_csv_is_the_table_of_depths_and_json_holds_everything(saved, capsys):
    assert run(saved, "--csv", "--bits", "6") == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), index_col="bits")
    record = UpdateRecorder.load(saved)
    expected = record.summary([4, 6, 8])
    assert table.index.tolist() == [4, 6, 8]
    assert table["N_net"].tolist() == expected["N_net"].tolist()
    assert run(saved, "--json", "--energy", "40") == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert found["wander"] == record.wander
    assert [row["bits"] for row in found["depths"]] == [4, 8]
    rungs = {row["rung"]: row["joules"] for row in found["ladder"]["rungs"]}
    assert rungs["reported"] == 40.0
    landauer = 50 * 8 * np.log(2) * thermal_energy()
    assert rungs["landauer"] / landauer == pytest.approx(1, rel=1e-9)


def test_a_measured_energy_stands_beside_the_bounds(saved, tmp_path, capsys):
    table = tmp_path / "emissions.csv"
    table.write_text("run_id,energy_consumed\na,0.00001\n", encoding="utf-8")
    for given in (("--energy", "36"), ("--energy", "10 mWh"), ("--codecarbon", table)):
        assert run(saved, *given) == 0
        assert re.search(r"^The real run +data +36 J", capsys.readouterr().out, re.M)


def test_examples_seen_add_the_hardware_of_today(saved, capsys):
    assert run(saved, "--tokens", "640") == 0
    assert "Three walls" in capsys.readouterr().out
    assert run(saved) == 0
    assert "Three walls" not in capsys.readouterr().out


def test_a_run_with_few_moves_has_a_screen_too(tmp_path, capsys):
    recorder = UpdateRecorder([0.0, 0.5], span=1.0)
    recorder.step([0.1, 0.5])
    recorder.save(tmp_path / "short.json")
    assert run(tmp_path / "short.json") == 0
    assert "too few moves" in capsys.readouterr().out


def test_blocks_without_a_move_shut_the_barrier(tmp_path, capsys):
    recorder = UpdateRecorder([0.0], span=1.0)
    for step in range(40):
        recorder.step([0.01 * min(step, 30)])
    recorder.save(tmp_path / "still.json")
    assert run(tmp_path / "still.json") == 0
    assert "would be shut where nothing moves" in capsys.readouterr().out


def test_the_plot_is_a_picture(saved, tmp_path, capsys):
    assert run(saved, "--plot", tmp_path / "a.webp") == 0
    with Image.open(tmp_path / "a.webp") as picture:
        assert picture.format == "WEBP"
    assert capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: RECORD"),
        (["adma"], "there is no record 'adma' (did you mean 'adam'?)"),
        (["none.json"], "there is no record 'none.json'; runs of the book: adam"),
        (["adam", "--bits", "99"], "bits must be a finite number >= 1 and <= 52, got 99"),
        (["adam", "--error", "0.7"], "error must be a finite number > 0 and < 0.5, got 0.7"),
        (["adam", "--energy", "40W"], "must be a number of J, got '40W', which is in watt"),
        (["adam", "--bits", "4,8"], "--bits: must be one number of bit, got '4,8'"),
        (["adam", "--bit", "8"], "unknown argument --bit (did you mean --bits?)"),
        (["adam", "--model-size", "8"], "unknown argument --model-size"),
        (["adam", "--step-time", "-1"], "step_time must be a finite number > 0, got -1"),
        (["adam", "--plot", "a.gif"], "--plot must end in .png, .webp, .svg or .pdf, got 'a.gif'"),
        (["adam", "--json", "--csv"], "not allowed with argument"),
        (["adam", "--energy", "1", "--codecarbon", "e.csv"], "give --energy or --codecarbon, not"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(arguments, words, capsys):
    try:
        code = run(*arguments)
    except SystemExit as stop:
        code = stop.code
    out, error = capsys.readouterr()
    assert code == 2
    assert not out
    assert words in error
    assert error.count("\n") == 1


def test_a_file_that_is_no_record_is_named(tmp_path, capsys):
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    assert run(tmp_path / "other.json") == 2
    assert "other.json is damaged, or no record of updates" in capsys.readouterr().err


def test_the_examples_of_its_help_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"python -m lim_lib (run adam.*)\n", EXAMPLES)
    assert len(examples) == 3
    for arguments in examples:
        assert program.main(arguments.split()) == 0
    assert (tmp_path / "run.png").exists()
    with pytest.raises(SystemExit):
        run("--help")
    assert "recorder.step(model, loss=loss)" in capsys.readouterr().out


def test_every_run_of_the_book_has_a_screen(capsys):
    for name in load_runs():
        assert run(name) == 0
    assert capsys.readouterr().out.count("Landauer per update*") == len(load_runs())

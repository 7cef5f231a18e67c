"""The table of speeds: it runs, says all that it should, and knows when others use the machine."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))
import measure
from table import Aim, Limit, Row

FOLDER = Path(measure.__file__).parent
ROW = Row(what="hop", ours=2, peer=800, unit="ns", aim=Aim(300, of="speed"), limit=Limit("L1", 2))


@pytest.mark.parametrize(
    ("aim", "reached", "peer", "missed"),
    [
        (Aim(0.35), 3.5, 10, 3.6),
        (Aim(300, of="speed"), 3, 900, 3.1),
        (Aim(10, of="ours"), 10, math.nan, 11),
        (Aim(1.2, or_more=3), 7.9, 5, 8.1),
        (Aim(1.2, or_more=3), 119, 100, 121),
    ],
)
def test_an_aim_is_of_the_ratio_or_the_speed_or_our_own_figure(aim, reached, peer, missed):
    assert [aim.met(ours, peer) for ours in (reached, missed)] == [True, False]


def test_a_row_that_is_quick_and_wrong_has_missed_its_aim():
    row = Row(what="sweep", ours=1, peer=10, unit="ns", aim=Aim(0.5), agreement=("energy", -3.9))
    wrong = Row(what="sweep", ours=1, peer=10, unit="ns", aim=Aim(0.5), agreement=("energy", 4.1))
    assert (row.met, wrong.met) == (True, False)
    assert wrong.cells()["met"] == "MISSED"
    assert "+4.1 SE" in wrong.cells()["what"]


def test_the_ratio_is_the_speed_where_a_speed_is_the_aim():
    assert ROW.cells()["ratio"] == "400"
    assert ROW.cells()["aim"] == ">= 300 times"
    assert ROW.limits()["ours/limit"] == "1"


@pytest.mark.parametrize(
    ("used", "own", "share"),
    [
        (6.0, 6.0, 0.0),  # nobody else
        (14.0, 4.0, 0.5),  # half of two processors in ten seconds
        (5.0, 5.1, 0.0),  # clocks that tick differently
        (90.0, 0.0, 1.0),
    ],
)
def test_what_others_took_is_what_was_used_but_not_by_us(used, own, share):
    before = measure.Reading(100.0, 1000.0, 50.0)
    after = measure.Reading(110.0, 1000.0 + used, 50.0 + own)
    assert measure.taken(before, after, processors=2) == pytest.approx(share)


def test_a_row_that_was_measured_beside_others_is_marked():
    marks = [Row(what="", ours=1, unit="", others=x).cells()["others"] for x in (0.0, 0.04, 0.3)]
    assert marks == ["", "", "busy 30%"]


def test_only_the_share_that_counts_is_timed_and_the_first_call_is_not():
    ticks = iter(range(100))

    class Half:
        counted = 0.5

    calls = []
    found = measure.in_turn(lambda: calls.append(1), Half, rounds=3, clock=lambda: next(ticks))
    assert found.seconds == [1.0, 0.5]
    assert len(calls) == 4


def test_what_one_process_measures_is_measured_and_every_column_told(tmp_path):
    for needed in ("numba", "dwave.samplers", "dimod"):
        pytest.importorskip(needed)
    code = (
        f"import sys; sys.path.insert(0, {str(FOLDER)!r}); from pathlib import Path; "
        "import measure, report; subjects = [*report.SUBJECTS]; "
        "subjects.remove('blas'), subjects.remove('start'); "
        f"report.report(subjects, measure.TINY, Path({str(tmp_path)!r}))"
    )
    told = subprocess.check_output([sys.executable, "-c", code], text=True, encoding="utf-8")
    for column in (*ROW.cells(), *ROW.limits(), "processors", "load average", "aims met"):
        assert column in told
    found = json.loads((tmp_path / "table.json").read_text(encoding="utf-8"))
    subjects = {row["what"].split(",")[0] for row in found["rows"] if "what" in row}
    assert {"SK", "jumps", "Langevin", "digits learner"} <= subjects
    assert {row["solver"] for row in found["rows"] if "solver" in row} > {"dwave-samplers"}
    written = (tmp_path / "table.md").read_text(encoding="utf-8")
    assert written.count("| what |") == len({"speeds", "limits", "cuts", "on paper"})

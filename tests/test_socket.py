"""The way to the wall socket: its sum, its limits, and the table of its factors."""

import re
from inspect import signature

import numpy as np
import pytest
from javascript import run

from lim_lib import bounds, scenes, workloads
from lim_lib.workloads import socket

MODEL = {"model_size": 1e9, "bits": 8}
RUN = {
    "steps": 1e4,
    "operations": 1e20,
    "reads": 1e4,
    "operation_energy": 1e-12,
    "read_energy": 5e-12,
    "exchange_energy": 1e-12,
}
MACHINE = workloads.load_overheads()["value"].to_dict()


def test_a_machine_without_overheads_pays_the_theorem():
    ideal = dict.fromkeys(MACHINE, 0.0) | {"drive": 0.3, "cancelling": 1, "node": 1, "site": 1}
    run = workloads.wall_socket(**MODEL, **dict.fromkeys(RUN, 0.0), **ideal | {"busy": 1})
    hops = bounds.ladder_transport(**MODEL) * np.sqrt(1 + 0.3**2) / 0.3
    assert run["total"].iloc[-1] == pytest.approx(
        bounds.transport_activity(**MODEL, hops=hops), rel=1e-6, abs=0
    )


def test_stages_add_up_and_what_surrounds_the_machine_multiplies():
    run = workloads.wall_socket(**MODEL, **RUN, **MACHINE)
    inside = run.loc[run["part"] != "around", "energy"].sum()
    around = MACHINE["node"] / MACHINE["busy"] * MACHINE["site"]
    assert run["total"].iloc[-1] == pytest.approx(inside * around)
    assert run["energy"].sum() == pytest.approx(run["total"].iloc[-1])
    assert (run["energy"] >= 0).all()


@pytest.mark.parametrize("name", [*RUN, *MACHINE])
def test_more_of_anything_costs_more_but_a_busier_machine_less(name):
    given = RUN | MACHINE
    more = given[name] * (0.9 if name == "busy" else 1.1)
    energy = workloads.wall_socket(**MODEL, **given)["energy"].sum()
    raised = workloads.wall_socket(**MODEL, **given | {name: more})
    parts = workloads.wall_socket(**MODEL, **given)["energy"]
    assert raised["energy"].sum() >= energy
    assert (raised["energy"] > parts).any()


def test_each_stage_before_the_building_is_a_count_times_a_price():
    run = workloads.wall_socket(**MODEL, **RUN, **MACHINE)["energy"]
    kt = 1.380649e-23 * 300
    written = 1e9 * 8  # bits of the model
    assert run["forget"] == pytest.approx(written * kt * np.log(2), rel=1e-6, abs=0)
    assert run["wander"] == pytest.approx(
        (MACHINE["cancelling"] - 1) * run["move"], rel=1e-6, abs=0
    )
    assert run["correlations"] == pytest.approx(1e9 * MACHINE["correlation"] * kt, rel=1e-6, abs=0)
    swung = 1e9 * MACHINE["swings"] * MACHINE["swing_energy"]
    assert run["control"] == pytest.approx(swung, rel=1e-6, abs=0)
    assert run["read-out"] == pytest.approx(written * 1e4 * 5e-12)
    assert run["gradient"] == pytest.approx(1e20 * 1e-12)
    assert run["exchange"] == pytest.approx(written * 1e4 * MACHINE["copies"] * 1e-12)


@pytest.mark.parametrize(
    ("name", "value"),
    [("busy", 0), ("busy", 1.1), ("site", 0.9), ("cancelling", 0.5), ("reads", -1)],
)
def test_a_factor_that_cannot_be_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name} must be"):
        workloads.wall_socket(**MODEL, **RUN | MACHINE | {name: value})


def test_whole_numbers_of_any_type_are_numbers():
    counts = {"steps": 10_000, "operations": 2_000_000_000, "reads": 30_000, "swings": 40_000}
    small = {name: np.int32(value) for name, value in counts.items()} | {"copies": np.int8(2)}
    found = workloads.wall_socket(np.int32(10**9), np.int8(8), **RUN | MACHINE | small)
    right = workloads.wall_socket(
        1e9, 8.0, **RUN | MACHINE | {name: float(value) for name, value in small.items()}
    )
    assert found["energy"].tolist() == pytest.approx(right["energy"].tolist(), rel=1e-12, abs=0)


def test_the_factors_are_complete_and_their_sources_known(root):
    table = workloads.load_overheads()
    known = re.findall(r"@\w+\{([^,\s]+)", (root / "references.bib").read_text(encoding="utf-8"))
    for row in table.itertuples():
        assert 0 < row.low <= row.value <= row.high
        assert not row.source if row.standing == "assumed" else row.source in known
        assert row.note
    ends = table.loc["node", ["value", "low", "high"]]
    assert ends.tolist() == pytest.approx([330 / 300, 330 / 300, 378.5 / 192], rel=1e-2)
    assert table.loc["busy", "value"] == pytest.approx(24.6 / 125)
    assert table.loc["correlation", "high"] == pytest.approx(16 * np.log(2), rel=1e-5)
    assert table.loc["cancelling", "value"] == pytest.approx(np.sqrt(93_750), rel=1e-6)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("1.1,1.08,1.58", "1.1,1.2,1.58", "row site, column value"),
        ("1.1,1.08,1.58", "hot,1.08,1.58", "row site, column value: must be a number"),
        ("1.58,1,reported", "1.58,J,reported", "row site, column unit"),
        ("reported,patterson2021", "guess,patterson2021", "row site, column basis"),
        ("reported,patterson2021", "reported,", "row site, column source: must be filled in"),
    ],
)
def test_a_damaged_table_is_refused_by_row_and_column(old, new, complaint, root, tmp_path):
    table = (root / "lim_lib" / "data" / "overheads.csv").read_text(encoding="utf-8")
    damaged = tmp_path / "overheads.csv"
    damaged.write_text(table.replace(old, new), encoding="utf-8")
    assert damaged.read_text(encoding="utf-8") != table
    for path in (damaged, str(damaged)):
        with pytest.raises(ValueError, match=complaint):
            workloads.load_overheads(path)
    damaged.write_text(table, encoding="utf-8")  # what was read before is not remembered
    assert workloads.load_overheads(damaged).equals(workloads.load_overheads())


def test_a_table_of_factors_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "mine.csv").write_bytes(b"id,factor\n\xff\xfe\n")
    with pytest.raises(ValueError, match=r"^mine\.csv must be a text file in UTF-8, got"):
        workloads.load_overheads(tmp_path / "mine.csv")


def test_the_example_is_the_published_product_and_a_hundredth_of_reading():
    """Operations over the rate per chip, times the power of a chip and what the building adds."""
    published = 6 * 1.75e11 * 3e11 / 24.6e12 * 330 * 1.10
    total = workloads.example_socket()["total"].iloc[-1]
    assert 1 < total / published < 1.01
    assert workloads.load_workloads().loc["gpt3", "energy"] == pytest.approx(published, rel=0.01)


def test_two_errors_of_borrowed_factors_nearly_cancel():
    own, borrowed = {"node": 330 / 300, "busy": 24.6 / 125}, {"node": 1.5, "busy": 0.302}
    mixed = [borrowed, borrowed | {"node": own["node"]}, borrowed | {"busy": own["busy"]}, own]
    totals = [workloads.example_socket(**factors)["total"].iloc[-1] / 1e12 for factors in mixed]
    assert totals == pytest.approx([4.16, 3.05, 6.38, 4.68], abs=5e-3)


def test_the_ranges_of_the_example_hold_their_values_and_move_their_stage():
    ranges = workloads.socket_ranges()
    assert all(ends.low <= ends.value <= ends.high for ends in ranges.values())
    run, cheap = (
        workloads.example_socket(operation_energy=ranges["operation_energy"][end]) for end in (1, 0)
    )
    gradient = cheap.loc["gradient", "energy"] / run.loc["gradient", "energy"]
    assert gradient == pytest.approx(2.12766e-16 / 2.4e-12)


def test_every_argument_of_the_sum_is_named_and_each_factor_moves_its_stage():
    arguments = set(signature(workloads.wall_socket).parameters)
    assert set(socket.NAMES.values()) == arguments
    assert tuple(socket.ENERGIES) == tuple(socket.STAGES)
    named = {name: symbol for symbol, name in socket.NAMES.items()}
    for name, (_, stage) in socket.FACTORS.items():
        assert named[name] in socket.ENERGIES[stage].free_symbols
    assert socket.FACTORS.keys() == workloads.socket_ranges().keys()


def test_a_page_adds_up_the_same_energies():
    rng, ranges = np.random.default_rng(11), workloads.socket_ranges()
    states = [
        {name: low * (high / low) ** rng.random() for name, (low, _, high) in ranges.items()}
        for _ in range(100)
    ]
    code = "const run = lim.socket(data); return data.states.map(state => run(state))"
    found = run(["numbers", "socket"], code, scenes.socket().data | {"states": states})
    for state, energies in zip(states, found, strict=True):
        table = workloads.example_socket(**state)
        assert energies.pop("total") == pytest.approx(table["total"].iloc[-1], rel=1e-12, abs=0)
        assert energies == pytest.approx(table["energy"].to_dict(), rel=1e-12, abs=0)

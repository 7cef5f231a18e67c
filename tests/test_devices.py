"""Cells and Ising machines row by row, and chips of several widths against each other."""

import re

import numpy as np
import pytest

from lim_lib import figures, load_cells, load_hardware, load_machines
from lim_lib.units import BOLTZMANN
from tests.tables import edited

HARDWARE = load_hardware()
CELLS = load_cells(tidy=True)
MACHINES = load_machines()
VALUES = load_machines(tidy=True)
ROWS = [*CELLS.itertuples(), *VALUES.itertuples()]


def test_every_number_has_its_unit_its_order_and_its_source(root):
    sources = (root / "references.bib").read_text(encoding="utf-8")
    for row in ROWS:
        assert 0 < row.low <= row.value <= row.high, row.Index
        assert f"{{{row.source}," in sources, row.Index
        assert row.seen_in or row.standing == "recalled", row.Index
        assert row.standing in ("source", "quoted", "recalled"), row.Index


def test_a_derived_number_follows_from_what_the_source_prints(arithmetic):
    derived = [row for row in ROWS if row.derivation]
    assert len(derived) >= 8
    for row in derived:
        values = [arithmetic(part) for part in row.derivation.split(";")]
        value, low, high = values if len(values) == 3 else values * 3
        assert (row.value, row.low, row.high) == pytest.approx((value, low, high), rel=1e-6, abs=0)


def test_power_times_time_is_the_energy_where_a_machine_has_all_three():
    whole = MACHINES.dropna(subset=["power", "time", "energy"])
    assert len(whole) >= 4
    assert (whole["power"] * whole["time"]).to_numpy() == pytest.approx(
        whole["energy"].to_numpy(), rel=1e-6, abs=0
    )


def test_a_time_and_a_power_that_range_carry_the_energy_with_them():
    whole = MACHINES.dropna(subset=["power", "time", "energy"])
    for machine, row in whole.iterrows():
        cheapest, dearest = (row[f"power_{e}"] * row[f"time_{e}"] for e in ("low", "high"))
        assert row["energy_low"] == pytest.approx(cheapest, rel=1e-6, abs=0), machine
        assert row["energy_high"] >= dearest * (1 - 1e-6), machine
    assert "Epoch AI" in MACHINES.attrs["credit"]
    assert VALUES.attrs["credit"] == MACHINES.attrs["credit"]


def test_the_memory_of_the_source_paper_is_no_measurement_as_far_as_was_read():
    assert HARDWARE.loc["fn_dam", "basis"] == CELLS.loc[("fn_dam", "levels"), "basis"] == "reported"


def test_what_a_machine_must_at_least_pay_is_a_bit_of_landauer_for_each_spin():
    least = MACHINES["spins"] * BOLTZMANN * 300 * np.log(2)
    assert MACHINES["least"].to_numpy() == pytest.approx(least.to_numpy(), rel=1e-12, abs=0)
    known = MACHINES["energy"].notna()
    assert (MACHINES["over_least"][known] > 1e11).all()
    assert MACHINES["over_least"][~known].isna().all()
    flip = MACHINES["flip_energy"].dropna() / (BOLTZMANN * 300 * np.log(2))
    assert (flip > 1e6).all()


def test_the_flip_of_a_p_bit_costs_the_same_in_both_tables():
    for machine, row in (
        ("pbits_asic", "pbit_asic"),
        ("pbits_z1", "pbit_z1"),
        ("junctions_80", "mtj80_update"),
    ):
        for ours, theirs in (("", "value"), ("_low", "low"), ("_high", "high")):
            flip = MACHINES.loc[machine, f"flip_energy{ours}"]
            assert flip == pytest.approx(HARDWARE.loc[row, theirs], rel=1e-6, abs=0)
        assert HARDWARE.loc[row, "bits"] == 1


def test_half_the_width_takes_half_the_energy_on_a_chip_of_two_sources():
    energy = HARDWARE["value"]
    for chip in ("h100", "h800", "h200", "b200", "b300", "gb200", "mi300x", "tpu_v7"):
        assert energy[f"{chip}_fp8"] / energy[chip] == pytest.approx(0.5, rel=3e-3), chip
        assert (HARDWARE.loc[[chip, f"{chip}_fp8"], "bits"] == [16, 8]).all()
    for chip in ("b200", "gb200"):
        assert energy[f"{chip}_fp4"] / energy[f"{chip}_fp8"] == pytest.approx(0.5, rel=1e-6)


def test_no_computation_in_memory_is_below_what_transistors_are_held_to_allow():
    inside = HARDWARE[HARDWARE["category"] == "compute-in-memory"]
    assert (inside["value"] > HARDWARE.loc["cmos_limit", "value"]).all()
    assert (inside["note"].str.contains("no weight is written")).all()


def test_a_cell_is_priced_by_its_row_of_the_hardware_table():
    cells = load_cells()
    assert cells["energy"].to_dict() == HARDWARE.loc[cells.index, "value"].to_dict()
    assert set(HARDWARE.loc[cells.index, "category"]) == {"write", "cell"}
    assert cells["energy_standing"].to_dict() == HARDWARE.loc[cells.index, "standing"].to_dict()
    for (cell, quantity), row in CELLS.iterrows():
        assert cells.loc[cell, quantity] == row["value"]
        assert cells.loc[cell, f"{quantity}_standing"] == row["standing"]
    assert np.isnan(cells.loc["ecram", "endurance"])
    assert cells.loc["ecram", "endurance_standing"] == ""
    assert cells.attrs["units"]["retention_low"] == "s"


def test_the_wide_table_of_machines_holds_the_same_numbers():
    for (machine, quantity), row in VALUES.iterrows():
        assert MACHINES.loc[machine, quantity] == row["value"]
        assert MACHINES.loc[machine, f"{quantity}_high"] == row["high"]
    assert MACHINES.attrs["units"]["flip_energy"] == "J/flip"
    assert MACHINES.loc["dwave_2x", "power_boundary"] == "system"
    assert MACHINES.loc["gpu_k2000", "energy_basis"] == "measured"


@pytest.mark.parametrize(
    ("name", "row", "column", "text"),
    [
        ("cells.csv", "pcm_cell endurance", "unit", "s"),
        ("cells.csv", "pcm_cell endurance", "value", "1e9 writes"),
        ("cells.csv", "pcm_cell endurance", "source", ""),
        ("cells.csv", "pcm_cell endurance", "quantity", "wear"),
        ("cells.csv", "pcm_cell endurance", "cell", "hbm2"),
        ("cells.csv", "pcm_cell endurance", "cell", "pmc_cell"),
        ("machine_values.csv", "gpu_k2000 energy", "boundary", ""),
        ("machine_values.csv", "gpu_k2000 energy", "boundary", "town"),
        ("machine_values.csv", "gpu_k2000 spins", "boundary", "chip"),
        ("machine_values.csv", "gpu_k2000 time", "unit", "ms"),
        ("machine_values.csv", "gpu_k2000 time", "machine", "gpu_k200"),
        ("machine_values.csv", "gpu_k2000 time", "seen_in", ""),
    ],
)
def test_a_slip_of_the_editor_is_named_by_row_and_column(tmp_path, name, row, column, text):
    folder = edited(tmp_path, name, row, column, text)
    kept = {"cell": f"{text} endurance", "machine": f"{text} time", "quantity": "pcm_cell wear"}
    with pytest.raises(ValueError, match=re.escape(name)) as caught:
        load_cells(path=folder / name) if name == "cells.csv" else load_machines(folder=folder)
    message = str(caught.value)
    assert "\n" not in message
    assert f"row {kept.get(column, row)}, column {column}" in message


def test_a_machine_without_spins_or_of_another_kind_is_refused(tmp_path):
    folder = edited(tmp_path, "machines.csv", "neurosa", "kind", "magic")
    with pytest.raises(ValueError, match=r"machines.csv: row neurosa, column kind: must be .*or"):
        load_machines(folder=folder)
    edited(tmp_path, "machine_values.csv")
    table = tmp_path / "machine_values.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("neurosa,spins")]
    table.write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(ValueError, match="row neurosa spins is missing"):
        load_machines(folder=tmp_path)


def test_the_picture_shows_every_machine_with_an_energy_above_a_line_of_landauer():
    marks = figures.joules_per_solution().panels["whole"].marks
    spins, least = np.asarray(marks["times 0"].get_xydata(), dtype=float).T
    assert least == pytest.approx(spins * BOLTZMANN * 300 * np.log(2), rel=1e-9, abs=0)
    shown = MACHINES.dropna(subset=["energy"])
    for machine, row in shown.iterrows():
        point = marks[machine].get_xydata()[0]
        assert point == pytest.approx([row["spins"], row["energy"]], rel=1e-9, abs=0)
        hollow = marks[machine].get_markerfacecolor() == "white"
        assert hollow == (row["energy_standing"] != "source")
    again = figures.joules_per_solution(figure=figures.joules_per_solution(), temperature=4)
    assert again.png() == figures.joules_per_solution(temperature=4).png()

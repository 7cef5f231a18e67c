"""The table of training runs, number by number, against its derivations and plain arithmetic."""

import re

import numpy as np
import pytest

from lim_lib.workloads import load_hardware, load_workloads, training_operations
from lim_lib.workloads.tables import standing
from tests.tables import edited

RUNS = load_workloads()
VALUES = load_workloads(tidy=True)
UNITS = {
    "model_size": {"parameter"},
    "active_size": {"parameter"},
    "tokens": {"token", "example"},
    "flop": {"FLOP"},
    "energy": {"J"},
    "duration": {"s"},
    "steps": {"update"},
    "batch": {"token", "example"},
    "arithmetic_bits": {"bit"},
    "development_energy": {"J"},
    "development_flop": {"FLOP"},
}
SANE = {
    "model_size": (1e5, 1e13),
    "active_size": (1e9, 1e12),
    "tokens": (1e6, 1e14),
    "flop": (1e14, 1e27),
    "energy": (1e4, 1e16),
    "duration": (1e4, 2e7),
    "steps": (1e4, 1e7),
    "batch": (16, 1e8),
    "arithmetic_bits": (3, 33),
    "development_energy": (1e9, 1e15),
    "development_flop": (1e18, 1e26),
}


@pytest.mark.parametrize("row", list(VALUES.itertuples()), ids=lambda row: "-".join(row.Index))
def test_a_number_has_its_unit_its_order_and_its_source(row, root):
    _, quantity = row.Index
    assert row.unit in UNITS[quantity]
    assert 0 < row.low <= row.value <= row.high
    low, high = SANE[quantity]
    assert low < row.value < high
    sources = (root / "references.bib").read_text(encoding="utf-8")
    assert f"{{{row.source}," in sources
    assert row.seen_in or row.seen_kind == "memory"
    assert (row.standing == "recalled") == (row.checked == "recall" or row.seen_kind == "memory")
    assert (row.standing == "third-party") == (row.basis == "third-party")
    assert bool(row.boundary) == (quantity in ("energy", "development_energy"))


@pytest.mark.parametrize(
    ("checked", "basis", "seen_kind", "expected"),
    [
        ("yes", "reported", "full text", "source"),
        ("yes", "reported", "secondary page", "quoted"),
        ("yes", "reported", "memory", "recalled"),
        ("yes", "third-party", "full text", "third-party"),
        ("recall", "reported", "full text", "recalled"),
        ("recall", "reported", "secondary page", "recalled"),
        ("recall", "third-party", "full text", "recalled"),
    ],
)
def test_a_number_stands_no_better_than_it_was_checked(checked, basis, seen_kind, expected):
    assert standing({"checked": checked, "basis": basis, "seen_kind": seen_kind}) == expected


@pytest.mark.parametrize(
    "row",
    list(VALUES[VALUES["derivation"] != ""].itertuples()),
    ids=lambda row: "-".join(row.Index),
)
def test_a_derived_number_follows_from_what_the_source_prints(row, arithmetic):
    values = [arithmetic(part) for part in row.derivation.split(";")]
    value, low, high = values if len(values) == 3 else values * 3
    if len(values) == 3:
        assert (row.low, row.high) == pytest.approx((low, high), rel=1e-4)
    assert row.value == pytest.approx(value, rel=1e-5)


def test_a_number_that_was_derived_says_from_what_or_is_a_count_or_a_mean():
    derived = VALUES[(VALUES["basis"] == "derived") & (VALUES["derivation"] == "")]
    for (_, quantity), row in derived.iterrows():
        if quantity != "model_size":
            assert "geometric mean" in row["note"]
            assert row["value"] ** 2 == pytest.approx(row["low"] * row["high"], rel=1e-3)


def test_a_range_of_an_energy_has_its_arithmetic_and_its_reason():
    energies = VALUES[VALUES["unit"] == "J"]
    wide = energies[energies["low"] < energies["high"]]
    assert len(wide) >= 15
    assert (wide["derivation"].str.count(";") == 2).all()
    for end in ("low", "high"):
        other = wide[wide[end] != wide["value"]]
        assert other["note"].str.contains(f"{end}: ").all(), end


def test_steps_times_batch_are_the_tokens_where_all_three_are_known():
    known = RUNS.dropna(subset=["steps", "batch", "tokens"])
    assert len(known) >= 15
    ratio = known["steps"] * known["batch"] / known["tokens"]
    assert ratio.to_numpy() == pytest.approx(np.ones(len(ratio)), rel=1e-5)


def test_steps_and_text_of_one_run_are_of_one_duration():
    """GShard's paper has 4 days, Patterson et al. have 3.1: both ends are there."""
    steps, tokens = (VALUES.loc[("gshard_600b", each)] for each in ("steps", "tokens"))
    days = RUNS.loc["gshard_600b", "duration"] / 86400
    assert steps["low"] / steps["value"] == pytest.approx(days / 4, rel=1e-4)
    assert tokens["low"] / tokens["value"] == pytest.approx(days / 4, rel=1e-4)


def test_what_came_beside_the_last_runs_is_not_more_than_all_but_them():
    olmo = VALUES.loc[("olmo3_32b", "development_energy")]
    last = 1.95e9 * 3600  # the last runs of the series, at the site
    assert olmo["value"] < olmo["high"] == pytest.approx(12.3e9 * 3600 - last, rel=1e-3)


def test_every_energy_that_nobody_measured_says_how_it_was_reckoned():
    energies = VALUES.xs("energy", level="quantity")
    assert (energies["derivation"] != "").all()
    assert set(energies.index[energies["basis"] == "measured"]) == {
        "evolved_medium", "t5_11b", "meena", "gshard_600b", "switch", "glam", "olmo7b",
        "olmo2_7b", "olmo2_13b", "olmo3_7b", "olmo3_32b", "densenet121", "vit_tiny", "vit_huge",
    }  # fmt: skip
    assert (
        not energies["boundary"][energies["basis"] == "measured"].eq("chips at power limit").any()
    )


def test_operations_are_six_per_active_parameter_and_token_where_that_rule_holds():
    active = RUNS["active_size"].fillna(RUNS["model_size"])
    ratio = RUNS["flop"] / training_operations(active, RUNS["tokens"])
    rule = RUNS["six_rule"]
    assert ratio[rule == "agrees"].between(0.9, 1.1).all()
    assert ratio[rule == "is"].between(0.96, 1.04).all()
    assert (RUNS.loc[rule.isin(["excepted", "incomplete"]), "six_note"] != "").all()
    incomplete = RUNS[rule == "incomplete"]
    without_active = (incomplete["network"] == "mixture") & incomplete["active_size"].isna()
    missing = incomplete["tokens"].isna() | incomplete["flop"].isna()
    assert (missing | without_active).all()
    exceptions = ratio[rule == "excepted"].drop("bert_large")  # near by chance: see its note
    assert not exceptions.between(0.9, 1.1).any()
    assert ratio[rule != "incomplete"].notna().all()
    convolutional = RUNS["network"] == "convolutional"
    assert not rule[convolutional].isin(["agrees", "is"]).any()


def test_no_run_takes_less_energy_per_operation_than_its_chip_at_full_use():
    limit = RUNS["chip"].map(load_hardware()["low"])
    over = (RUNS["energy_low"] / RUNS["flop_high"] / limit).dropna()
    assert len(over) >= 25
    value = (RUNS["energy"] / RUNS["flop"] / RUNS["chip"].map(load_hardware()["value"])).dropna()
    assert value.between(1, 10).all()  # the number itself: none excepted
    # Ends of ranges may be of different origin: the lowest energy was not spent on the most FLOP.
    assert set(over[over < 1].index) <= {"alexnet", "transformer_big"}


def test_the_wide_table_holds_the_same_numbers():
    for (workload, quantity), row in VALUES.iterrows():
        assert RUNS.loc[workload, quantity] == row["value"]
    assert VALUES.index.get_level_values("workload").isin(RUNS.index).all()
    assert "Epoch AI" in RUNS.attrs["credit"]
    assert set(RUNS.attrs["units"]) <= set(RUNS.columns)
    assert RUNS.loc["gpt3", "model_size"] == 1.746e11
    assert np.isnan(RUNS.loc["gpt2", "energy"])
    assert VALUES.attrs["units"] == dict.fromkeys(("value", "low", "high"), "the row's unit")
    assert VALUES.attrs["credit"] == RUNS.attrs["credit"]
    units = RUNS.attrs["units"]
    assert units["tokens"] == "token or example"
    assert units["flop"] == units["flop_low"] == units["flop_high"] == "FLOP"
    assert units["energy"] == units["energy_low"] == units["energy_high"] == "J"
    assert (units["duration"], units["steps"], units["year"]) == ("s", "update", "year")


def test_a_work_has_one_key(root):
    text = (root / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"@\w+\{([^,\s]+)", text)
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("name", "row", "column", "text"),
    [
        ("workload_values.csv", "gpt3 flop", "unit", ""),
        ("workload_values.csv", "gpt3 flop", "unit", "J"),
        ("workload_values.csv", "gpt3 flop", "source", ""),
        ("workload_values.csv", "gpt3 flop", "value", "3e23 FLOP"),
        ("workload_values.csv", "gpt3 flop", "value", "-3e23"),
        ("workload_values.csv", "gpt3 flop", "value", "inf"),
        ("workload_values.csv", "gpt3 flop", "checked", "perhaps"),
        ("workload_values.csv", "gpt3 flop", "seen_in", ""),
        ("workload_values.csv", "gpt3 flop", "boundary", "site"),
        ("workload_values.csv", "gpt3 energy", "boundary", ""),
        ("workload_values.csv", "gpt3 energy", "boundary", "town"),
        ("workload_values.csv", "gpt3 tokens", "unit", "example"),
        ("workloads.csv", "gpt3", "network", "net"),
        ("workloads.csv", "gpt3", "chip", "v10"),
        ("workloads.csv", "deepseek_r1", "start", "deepseek"),
        ("workloads.csv", "gpt3", "year", ""),
        ("workloads.csv", "gpt3", "name", ""),
        ("workloads.csv", "gopher", "six_note", ""),
    ],
)
def test_a_slip_of_the_editor_is_named_by_row_and_column(tmp_path, name, row, column, text):
    folder = edited(tmp_path, name, row, column, text)
    with pytest.raises(
        ValueError, match=f"{re.escape(name)}: row {row}, column {column}"
    ) as caught:
        load_workloads(folder=folder)
    assert "\n" not in str(caught.value)


def test_a_number_of_an_unknown_workload_or_without_a_size_is_refused(tmp_path):
    folder = edited(tmp_path, "workloads.csv", "gpt3", "id", "gpt33")
    with pytest.raises(ValueError, match=r"row gpt3 model_size, column workload: .*gpt33"):
        load_workloads(folder=folder)
    table = tmp_path / "workload_values.csv"
    folder = edited(tmp_path, "workload_values.csv")
    lines = [
        line
        for line in table.read_text(encoding="utf-8").splitlines()
        if "gpt3,model_size" not in line
    ]
    table.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match="row gpt3 model_size is missing"):
        load_workloads(folder=folder)


def test_a_number_given_twice_is_refused(tmp_path):
    folder = edited(tmp_path, "workload_values.csv", "gpt3 flop", "quantity", "energy")
    with pytest.raises(ValueError, match="row gpt3"):
        load_workloads(folder=folder)


def test_what_came_before_the_last_run_is_told_apart_from_it():
    table = RUNS.dropna(subset=["development_energy"])
    assert set(table.index) == {
        "evolved_medium", "stylegan3", "bloom", "olmo2_13b", "olmo3_32b",
    }  # fmt: skip
    search = table.loc["evolved_medium"]
    assert search["development_energy"] / search["energy"] == pytest.approx(250)
    assert VALUES.loc[("evolved_medium", "development_energy"), "high"] / 3.6e6 == pytest.approx(
        656347, rel=1e-4
    )
    bloom = table.loc["bloom"]
    share = bloom["energy"] / (bloom["energy"] + bloom["development_energy"])
    assert share == pytest.approx(0.3724, abs=2e-3)  # as the paper prints it, of 1 163 088 kWh


def test_the_chip_of_a_run_is_rated_for_the_width_in_which_it_computed():
    bits = load_hardware()["bits"]
    rated = RUNS["chip"].map(bits)
    both = RUNS["arithmetic_bits"].notna() & rated.notna()
    assert both.sum() >= 10
    assert (rated[both] == RUNS["arithmetic_bits"][both]).all()


def test_the_energy_of_gpt3_is_the_one_that_was_printed_without_the_number_of_chips():
    assert "10000" not in VALUES.loc[("gpt3", "energy"), "derivation"]
    assert RUNS.loc["gpt3", "energy"] / 3.6e9 == pytest.approx(1287, abs=0.5)  # MWh


def test_a_run_that_goes_on_from_another_names_it():
    assert RUNS.loc["deepseek_r1", "start"] == "deepseek_v3"
    assert (RUNS["start"] != "").sum() == 1

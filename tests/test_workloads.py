"""The hardware table row by row, and the energy of a training run against counting by hand."""

import re

import numpy as np
import pytest
import sympy as sp

from lim_lib import bounds
from lim_lib.units import BOLTZMANN
from lim_lib.workloads import (
    counted_training,
    example_run,
    load_hardware,
    load_workloads,
    model_reads,
    span,
    three_walls,
    training_operations,
    update_commands,
)
from lim_lib.workloads.tables import book_table
from lim_lib.workloads.walls import example_arguments
from tests.tables import edited

TABLE = load_hardware()
ROWS = list(TABLE.itertuples())
COLUMNS = ["low", "value", "high"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.Index)
def test_a_row_of_the_hardware_table_is_complete_and_in_order(row, root):
    assert row.unit == row.quantity.replace("energy per ", "J/")
    assert 0 < row.low <= row.value <= row.high
    most = 1e-7 if row.unit == "J/event" else 1e-8
    assert 1e-18 < row.value < most, "an energy in J, not in pJ"
    assert {"J/bit": row.bits == 1, "J/operation": row.bits > 1}.get(row.unit, not row.bits < 1)
    assert 2000 < row.year < 2030
    keys = re.findall(r"@\w+\{([^,\s]+)", (root / "references.bib").read_text(encoding="utf-8"))
    assert row.source in keys
    assert row.checked == "yes" or row.standing == "recalled"
    assert bool(row.seen_in) or row.seen_kind == "memory"
    assert row.standing == "recalled" or row.seen_kind != "memory"


@pytest.mark.parametrize("row", [r for r in ROWS if r.derivation], ids=lambda row: row.Index)
def test_a_derived_value_follows_from_what_the_source_prints(row, arithmetic):
    values = [arithmetic(part) for part in row.derivation.split(";")]
    value, low, high = values if len(values) == 3 else values * 3
    assert (row.value, row.low, row.high) == pytest.approx((value, low, high), rel=1e-6, abs=0)


def test_a_number_that_was_derived_says_from_what():
    derived = TABLE[TABLE["basis"] == "derived"]
    assert len(derived) >= 40
    assert (derived["derivation"] != "").all()


def test_a_power_limit_is_seen_where_the_row_says():
    """A chip's rate for 8 bits may be of a data sheet, and its power still Epoch AI's."""
    watts = {row.Index: row.derivation.partition("/")[0] for row in ROWS if row.derivation}
    theirs = {key for key in TABLE.index if "Epoch AI" in TABLE.loc[key, "seen_in"]}
    borrowed = [
        key
        for key in watts
        if (chip := key.rpartition("_")[0]) in theirs
        and key.endswith(("_fp8", "_fp4"))
        and watts[key] == watts[chip]
    ]
    assert {"h100_fp8", "h800_fp8", "b300_fp8", "b300_fp4"} <= set(borrowed)
    for key in set(borrowed) - {"mi300x_fp8"}:  # whose own text has the same 750 W
        assert key in theirs, key
    assert "Epoch AI" in TABLE.attrs["credit"]


def test_a_mean_of_a_range_is_one():
    means = TABLE[TABLE["note"].str.contains("geometric mean of (?:the range|1 to|two)")]
    assert len(means) >= 5
    for key, row in means.iterrows():
        assert row["value"] ** 2 == pytest.approx(row["low"] * row["high"], rel=2e-2, abs=0), key


ACCESS = [(r, m) for r in ROWS if (m := re.search(r"([\d.]+) pJ per (\d+)-bit access", r.note))]


def test_the_conversions_to_a_bit_agree_with_the_notes_in_picojoule():
    assert len(ACCESS) >= 6
    for row, match in ACCESS:
        energy, width = map(float, match.groups())
        end = row.high if "to" in row.note else row.value
        assert end == pytest.approx(energy * 1e-12 / width, rel=1e-6, abs=0), row.Index


def test_independent_sources_of_the_same_memory_agree():
    hbm, model = span("hbm2"), span("hbm2_model")
    assert hbm.low <= model.high <= hbm.high
    assert span("dram_n45").value == pytest.approx(span("ddr4").value, rel=0.02, abs=0)
    parts = TABLE.loc[["hbm2_wires", "hbm2_pins"], "value"].sum() + 1.21e-12  # activation
    assert parts == pytest.approx(model.value, rel=0.06, abs=0)  # the rest is error correction


def test_a_derived_operation_is_half_of_its_multiply_add():
    values = TABLE["value"]
    for width, add in (("int8", "int32"), ("fp16", "fp16"), ("fp32", "fp32")):
        half = (values[f"n7_{width}_multiply"] + values[f"n7_{add}_add"]) / 2
        assert values[f"n7_{width}"] == pytest.approx(half, rel=1e-6, abs=0)


def test_a_derived_row_is_recalled_if_one_of_its_inputs_is():
    standing = TABLE["standing"]
    assert standing["n7_fp16_add"] == standing["n7_fp32_add"] == "recalled"
    assert standing["n7_fp16"] == standing["n7_fp32"] == "recalled"
    assert standing["n7_int8"] == standing["n7_int32_add"] == standing["n7_int8_multiply"]


def test_the_table_says_what_its_units_are():
    assert TABLE.attrs["units"]["bits"] == "bit"
    assert set(TABLE.attrs["units"]) <= set(TABLE.columns)


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("unit", ""),
        ("unit", "pJ/bit"),
        ("unit", "J/operation"),
        ("source", ""),
        ("value", ""),
        ("value", "5,4"),
        ("value", "-1"),
        ("value", "nan"),
        ("value", "9e-12"),
        ("low", "6e-12"),
        ("year", "new"),
        ("checked", "maybe"),
        ("seen_in", ""),
        ("seen_kind", "hearsay"),
        ("category", "reads"),
        ("id", "ddr4"),
        ("id", ""),
    ],
)
def test_a_slip_of_the_editor_is_named_by_row_and_column(tmp_path, column, text):
    path = edited(tmp_path, "hardware.csv", "hbm2", column, text) / "hardware.csv"
    with pytest.raises(ValueError, match=r"hardware\.csv") as caught:
        load_hardware(path)
    message = str(caught.value)
    assert "\n" not in message
    assert f"row {'hbm2' if column != 'id' else text or 'without id'}" in message
    assert f"column {'value' if (column, text) == ('low', '6e-12') else column}" in message


def test_a_table_without_a_column_or_a_cell_is_refused(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("id,technology\nhbm2,HBM2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"mine.csv: column category is missing"):
        load_hardware(path)
    source = (book_table("hardware.csv")).read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join([source[0], source[1].split(",arithmetic")[0]]), encoding="utf-8")
    with pytest.raises(ValueError, match=r"row n45_fp16_add, column category"):
        load_hardware(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
        lambda text: text.replace("\r\n", "\n").replace("\n", "\r"),
        lambda text: text + "\n" + 30 * "," + "\n,,,\n\n",
    ],
    ids=["byte-order mark", "CRLF", "CR", "rows of commas"],
)
def test_what_spreadsheets_add_changes_no_table(tmp_path, change):
    path = tmp_path / "mine.csv"
    path.write_bytes(change(book_table("hardware.csv").read_bytes().decode()).encode())
    assert load_hardware(path).equals(TABLE)
    assert load_hardware(str(path)).equals(TABLE)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda text: text.replace(",", ";"), "cells must be separated by commas, got semicolons"),
        (lambda text: text.replace(",", "\t"), "cells must be separated by commas, got tabs"),
        (lambda text: text.replace("\nhbm2,", "\nhbm2,,"), r"row hbm2: must have \d+ cells, got"),
        (lambda text: text + "hbm9" + ",1" * 40 + "\n", r"row hbm9: must have \d+ cells, got 41"),
        (lambda text: text.replace("bits,", "value,", 1), "column value is there twice"),
        (lambda text: text + '"hbm9,1\n', "line .*: no CSV: unexpected end of data"),
        (lambda text: "", "column id is missing"),
    ],
)
def test_a_table_in_another_form_is_refused_in_one_line(tmp_path, change, complaint):
    path = tmp_path / "mine.csv"
    path.write_bytes(change(book_table("hardware.csv").read_bytes().decode()).encode())
    with pytest.raises(ValueError, match=rf"^mine\.csv.*{complaint}") as caught:
        load_hardware(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_table_in_another_encoding_is_refused_in_one_line(tmp_path, encoding):
    path = tmp_path / "mine.csv"
    text = book_table("hardware.csv").read_bytes().decode() + "µ"
    path.write_bytes(text.encode(encoding, errors="replace"))
    with pytest.raises(ValueError, match=r"^mine\.csv must be a text file in UTF-8") as caught:
        load_hardware(path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="must be a text file, got a folder"):
        load_hardware(tmp_path)


def test_an_unknown_row_is_a_key_error_that_names_the_nearest():
    with pytest.raises(KeyError, match="hbm2"):
        span("hmb2")


RUN = {"model_size": 3e6, "bits": 16, "tokens": 1e5, "batch": 500, "reuse": 20, "words": 3}
ENERGIES = {
    "operation_energy": (1e-13, 2e-13, 4e-13),
    "read_energy": 3e-12,
    "write_energy": (1e-12, 2e-12, 5e-12),
    "transfer_energy": 7e-10,
}


def test_the_terms_are_counts_times_bits_times_energies():
    run = three_walls(**RUN, **ENERGIES, consolidations=11)
    reads = 3e6 * 16 * (2 * 1e5 / 20 + 3 * 1e5 / 500)
    writes = 3 * 3e6 * 16 * 1e5 / 500
    copies = 11 * 3 * 3e6 * 16
    expected = {
        "arithmetic": (6 * 3e6 * 1e5 * 16, 6 * 3e6 * 1e5 * np.array([1e-13, 2e-13, 4e-13])),
        "reads": (reads, reads * np.array([3e-12] * 3)),
        "writes": (writes, writes * np.array([1e-12, 2e-12, 5e-12])),
        "copies": (copies, copies * np.array([7.03e-10] * 3)),
    }
    for term, (bits, joules) in expected.items():
        assert run.loc[term, "bits"] == pytest.approx(bits, rel=1e-12)
        assert run.loc[term, COLUMNS].to_numpy(float) == pytest.approx(joules, rel=1e-12)


def test_the_ratio_is_to_one_bit_of_landauer():
    run = three_walls(**RUN, **ENERGIES, temperature=77.0)
    bit = BOLTZMANN * 77.0 * np.log(2)
    assert run.loc["reads", "over_landauer"] == pytest.approx(3e-12 / bit, rel=1e-12)
    assert run.loc["arithmetic", "over_landauer"] == pytest.approx(2e-13 / 16 / bit, rel=1e-12)
    assert np.isnan(run.loc["copies", "over_landauer"])


def test_reads_and_writes_add_up_to_the_library_s_bound():
    run = three_walls(**RUN, **ENERGIES | {"write_energy": 2e-12})
    joules = bounds.memory_access(
        model_size=3e6,
        bits=16,
        operations=update_commands(3e6, 1e5, 500, 3),
        reads=model_reads(1e5, 500, 20, 3),
        read_energy=3e-12,
        write_energy=2e-12,
    )
    assert run.loc[["reads", "writes"], "value"].sum() == pytest.approx(joules, rel=1e-12)


def test_no_term_is_below_landauer_per_update():
    run = example_run()
    commands = update_commands(1.75e11, 3e11, 3.2e6, 7)
    assert run.loc["writes", "low"] > bounds.landauer_per_update(operations=commands, bits=16)


def test_energies_may_be_rows_numbers_or_ranges():
    ends = span("ddr4")
    for given in ("ddr4", ends, list(ends)):
        run = three_walls(**RUN, read_energy=given)
        assert (
            run.loc["reads", "value"]
            == three_walls(**RUN, read_energy=ends.value).loc["reads", "value"]
        )


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"model_size": 0}, ValueError, "model_size must be"),
        ({"bits": 65}, ValueError, "bits must be"),
        ({"bits": 12}, TypeError, "operation_energy must be given unless bits is 8, 16 or 32"),
        ({"tokens": "many"}, TypeError, "tokens must be"),
        ({"tokens": [1.0, 2.0]}, ValueError, "tokens must be one number"),
        ({"batch": 0.5}, ValueError, "batch must be"),
        ({"reuse": 501}, ValueError, r"reuse must be <= batch \(500\)"),
        ({"words": -1}, ValueError, "words must be"),
        ({"consolidations": float("nan")}, ValueError, "consolidations must be"),
        ({"read_energy": -1e-12}, ValueError, "read_energy must be"),
        ({"read_energy": (2.0, 1.0, 3.0)}, ValueError, "read_energy must be one number"),
        ({"write_energy": (1.0, 2.0)}, ValueError, "write_energy must be one number"),
        ({"read_energy": "n7_fp16"}, ValueError, "read_energy must be a row in J/bit"),
        ({"transfer_energy": "sd"}, KeyError, "ssd"),
        ({"temperature": 0}, ValueError, "temperature must be"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(change, error, words):
    with pytest.raises(error, match=words) as caught:
        three_walls(**RUN | change)
    assert "\n" not in str(caught.value)


def test_the_counts_are_expressions_too():
    m, n, b, r, w = sp.symbols("m n b r w", positive=True)
    assert training_operations(m, n) == 6 * m * n
    assert sp.simplify(model_reads(n, b, r, w) - (2 / r + w / b) * n) == 0
    assert sp.simplify(update_commands(m, n, b, w) - m * w * n / b) == 0


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.float16, np.float32])
def test_counts_do_not_wrap_in_the_type_of_what_is_counted(dtype):
    size, tokens, batch, words = (dtype(x) for x in (120, 100, 5, 7))
    if np.dtype(dtype).itemsize == 8:
        size, tokens = dtype(2 * 10**11), dtype(10**13)
    m, n = float(size), float(tokens)
    for kind in (lambda x: x, lambda x: np.array([x, x])):
        found = training_operations(kind(size), kind(tokens))
        np.testing.assert_allclose(found, 6 * m * n, rtol=1e-12)
        found = update_commands(kind(size), kind(tokens), kind(batch), kind(words))
        np.testing.assert_allclose(found, 7 * m * n / 5, rtol=1e-12)
        found = model_reads(kind(tokens), kind(batch), kind(batch), kind(words))
        np.testing.assert_allclose(found, 9 * n / 5, rtol=1e-12)


def test_the_example_is_the_table_s_run_rounded():
    example = example_arguments()
    run = load_workloads().loc["gpt3"]
    assert example["model_size"] == float(f"{run['model_size']:.3g}")
    assert example["tokens"] == run["tokens"]
    assert example["tokens"] / example["batch"] == run["steps"]
    assert example["consolidations"] == round(run["duration"] / 3600)


def test_numbers_that_chapters_print_are_those_of_the_table(root):
    chapters = "".join(
        path.read_text(encoding="utf-8") for path in (root / "chapters").glob("[01]*.ipynb")
    )
    course = "".join(
        path.read_text(encoding="utf-8") for path in (root / "course").rglob("*.ipynb")
    )
    link = re.compile(r"(?:transfer_energy=|copied \* |link \{|, )(1\.3e-12)\b")
    assert len(link.findall(chapters)) >= 3
    assert len(re.findall(r"\b1\.3e-12\b", course)) >= 1
    assert span("chip_link").value == 1.3e-12
    assert f"{span('hbm2').value:.3g}" == "5.47e-12"


def little_network(seed=3):
    rng = np.random.default_rng(seed)
    layers = [rng.normal(size=(6, 8)) / 3, rng.normal(size=(4, 6)) / 3]
    inputs = rng.normal(size=(96, 8))
    return layers, inputs, inputs @ rng.normal(size=(8, 4))


@pytest.mark.parametrize(("batch", "reuse"), [(1, 1), (8, 1), (8, 4), (96, 48)])
@pytest.mark.parametrize("momentum", [None, 0.5])
def test_counting_every_access_gives_the_counts(batch, reuse, momentum):
    layers, inputs, targets = little_network()
    done = counted_training(
        layers, inputs, targets, batch=batch, reuse=reuse, rate=0.01, momentum=momentum
    )
    parameters = sum(layer.size for layer in layers)
    words = 1 if momentum is None else 2
    assert done.reads == parameters * model_reads(96, batch, reuse, words)
    assert done.writes == update_commands(parameters, 96, batch, words)
    assert done.operations == training_operations(parameters, 96)


def test_reuse_changes_the_counts_and_not_what_is_learned():
    layers, inputs, targets = little_network()
    runs = [counted_training(layers, inputs, targets, batch=24, reuse=r) for r in (1, 24)]
    for a, b in zip(runs[0].weights, runs[1].weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


def test_the_counted_run_descends_the_gradient_of_the_mean_squared_error():
    layers, inputs, targets = little_network()
    rate = 0.05
    done = counted_training(layers, inputs, targets, batch=96, reuse=32, rate=rate)

    def loss(first, second):
        return ((inputs @ first.T @ second.T - targets) ** 2).sum() / 2 / 96

    step, h = (done.weights[0] - layers[0])[2, 5], 1e-6
    nudge = np.zeros_like(layers[0])
    nudge[2, 5] = h
    slope = (loss(layers[0] + nudge, layers[1]) - loss(layers[0] - nudge, layers[1])) / (2 * h)
    assert step == pytest.approx(-rate * slope, rel=1e-6)


def test_the_first_step_with_momentum_is_the_one_without():
    layers, inputs, targets = little_network()
    runs = [
        counted_training(layers, inputs, targets, batch=96, reuse=96, momentum=momentum)
        for momentum in (None, 0.5)
    ]
    for plain, heavy in zip(*(run.weights for run in runs), strict=True):
        np.testing.assert_allclose(plain, heavy, rtol=1e-12)


def test_a_batch_that_does_not_divide_is_refused():
    layers, inputs, targets = little_network()
    for wrong in ({"batch": 0, "reuse": 1}, {"batch": 4, "reuse": 2.0}, {"batch": 4, "reuse": 0}):
        with pytest.raises((ValueError, TypeError), match="must be a whole number >= 1"):
            counted_training(layers, inputs, targets, **wrong)
    with pytest.raises(ValueError, match=r"targets\[0, 0\] must be a finite number, got nan"):
        counted_training(layers, inputs, targets * np.nan, batch=4, reuse=2)
    with pytest.raises(ValueError, match="batch must be a multiple of reuse"):
        counted_training(layers, inputs, targets, batch=10, reuse=4)


def test_the_size_of_a_published_checkpoint_confirms_the_bits_of_the_optimizer():
    # 176.247e9 parameters; BigScience gives 2.3 TB for the full checkpoint
    terabytes = 112 / 8 * 176.247e9 / 2**40
    assert terabytes == pytest.approx(2.3, rel=0.03)


def test_without_more_each_token_is_a_step_that_fetches_every_parameter_once():
    size, bits, tokens = 1e6, 16, 1e4
    count = three_walls(size, bits, tokens)["bits"]
    alone = model_reads(tokens, 1, 1, 1)
    assert count["reads"] == pytest.approx(alone * size * bits)
    assert count["writes"] == pytest.approx(tokens * size * bits)
    assert count["copies"] == 0

"""Problems: energies against their definitions, ground truth by enumeration, files, bad input."""

import tracemalloc
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, sparse

from lim_lib.optimizers import IsingModel, Landscape, QuadraticProgram
from lim_lib.optimizers.walks import greedy_colours


def random_symmetric(rng, size):
    upper = np.triu(rng.normal(size=(size, size)), 1)
    return upper + upper.T


def random_program(seed, size=3, bits=4):
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size + 2, size))
    lower = rng.normal(size=size)
    upper = lower + rng.exponential(2, size=size) + 0.1
    return QuadraticProgram(root.T @ root, rng.normal(size=size), lower, upper, bits=bits)


# Ising models


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_an_ising_energy_is_the_sum_over_pairs_and_spins(kind):
    rng = np.random.default_rng(1)
    j, h = random_symmetric(rng, 6), rng.normal(size=6)
    model = IsingModel(sparse.csr_array(j) if kind == "sparse" else j, h, offset=0.7)
    for spins in product((-1, 1), repeat=6):
        pairs = sum(j[a, b] * spins[a] * spins[b] for a in range(6) for b in range(a))
        expected = 0.7 - pairs - sum(h * spins)
        assert model.energy(spins) == pytest.approx(expected, rel=1e-12)


def test_states_and_levels_are_two_names_of_the_same():
    model = IsingModel.sherrington_kirkpatrick(7, seed=2)
    levels = model.state_levels(np.arange(128))
    assert len({tuple(row) for row in levels.tolist()}) == 128
    assert set(np.unique(model.decode(levels))) == {-1, 1}
    assert (model.encode(model.decode(levels)) == levels).all()
    np.testing.assert_allclose(model.level_energies(levels), model.all_energies, rtol=1e-12)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_the_ground_state_is_the_least_of_all(size):
    rng = np.random.default_rng(size)
    j, h = random_symmetric(rng, size), rng.normal(size=size)
    spins = np.array(list(product((-1, 1), repeat=size)))
    energies = -np.einsum("ki,ij,kj->k", spins, j, spins) / 2 - spins @ h
    energy, states = IsingModel(j, h).ground_state()
    assert energy == pytest.approx(energies.min(), rel=1e-12)
    assert states.tolist() == [spins[energies.argmin()].tolist()]


def test_a_ring_of_spins_has_the_partition_function_of_its_transfer_matrix():
    size, kappa, field = 9, 0.8, 0.3
    ring = np.roll(np.eye(size), 1, axis=0)
    model = IsingModel(ring + ring.T, field)
    transfer = np.array(
        [[np.exp(kappa * (a * b + field * (a + b) / 2)) for a in (1, -1)] for b in (1, -1)]
    )
    exact = np.log(np.trace(np.linalg.matrix_power(transfer, size)))
    at_rest = model.equilibrium(kappa)
    assert at_rest.log_partition == pytest.approx(exact, rel=1e-12)
    assert at_rest.probabilities.sum() == pytest.approx(1, rel=1e-12)
    p = at_rest.probabilities
    assert at_rest.entropy == pytest.approx(-(p * np.log(p)).sum(), rel=1e-10)
    slope = (model.equilibrium(kappa + 1e-5)[0] - model.equilibrium(kappa - 1e-5)[0]) / 2e-5
    assert at_rest.energy == pytest.approx(-slope, rel=1e-8)


@pytest.mark.parametrize(("size", "mean"), [(10, -0.599), (15, -0.640), (20, -0.658)])
def test_spin_glasses_have_the_mean_ground_state_energies_of_the_literature(size, mean):
    count = 60 if size < 20 else 24
    energies = [
        IsingModel.sherrington_kirkpatrick(size, seed).ground_state().energy / size
        for seed in range(count)
    ]
    error = np.std(energies, ddof=1) / np.sqrt(count)
    assert abs(np.mean(energies) - mean) < 4 * error + 5e-4  # the mean is given to three places
    assert error < 0.016


def test_the_couplings_of_a_spin_glass_have_variance_one_over_n():
    couplings = IsingModel.sherrington_kirkpatrick(200, seed=3).couplings
    pairs = couplings[np.triu_indices(200, 1)] * np.sqrt(200)
    assert abs(pairs.mean()) < 4 / np.sqrt(pairs.size)
    assert abs(pairs.var() - 1) < 4 * np.sqrt(2 / pairs.size)


def test_a_cut_is_the_weight_between_the_two_sides():
    rng = np.random.default_rng(4)
    weights = np.rint(3 * random_symmetric(rng, 7))
    model = IsingModel.maxcut(weights)
    for spins in product((-1, 1), repeat=7):
        pairs = [(a, b) for a in range(7) for b in range(a)]
        cut = sum(weights[a, b] for a, b in pairs if spins[a] != spins[b])
        assert model.energy(spins) == pytest.approx(-cut, abs=1e-12)


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 6), thin=st.booleans())
def test_binary_variables_and_spins_have_the_same_energies(seed, size, thin):
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(size, size)) * (rng.random((size, size)) < (0.2 if thin else 1))
    model = IsingModel.from_qubo(sparse.coo_array(q) if thin else q, offset=-0.4)
    back, offset = model.to_qubo()
    back = back.toarray() if sparse.issparse(back) else back
    for bits in product((0, 1), repeat=size):
        x = np.array(bits)
        energy = model.energy(2 * x - 1)
        assert energy == pytest.approx(x @ q @ x - 0.4, abs=1e-10)
        assert energy == pytest.approx(x @ back @ x + offset, abs=1e-10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, 1], [2, 0]],), r"couplings must be symmetric, got 1 at \(0, 1\) and 2 at \(1, 0\)"),
        (([[0, np.nan], [np.nan, 0]],), r"couplings\[0, 1\] must be a finite number, got nan"),
        (([[1, 2], [2, 1]],), r"couplings must be zero on the diagonal, got 1 at \(0, 0\)"),
        (([[0, 1, 2], [1, 0, 3]],), "couplings must be a square matrix"),
        (([[0, 1], [1, 0]], [1, 2, 3]), "fields must be one number, or 2 of them"),
        (([[0, 1], [1, 0]], np.inf), "fields must be a finite number, got inf"),
        (
            (sparse.csr_array([[0, np.inf], [np.inf, 0]]),),
            r"couplings\.data\[0\] must be .* got inf",
        ),
    ],
)
def test_couplings_that_are_none_are_refused_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        IsingModel(*arguments)
    assert "\n" not in str(caught.value)


def test_states_that_are_none_are_refused():
    model = IsingModel.sherrington_kirkpatrick(4, seed=1)
    with pytest.raises(ValueError, match="states must be made of spins -1 and 1"):
        model.energy([1, 0, 1, 1])
    with pytest.raises(ValueError, match=r"shape \(states, 4\)"):
        model.energy([1, 1, 1])
    with pytest.raises(ValueError, match="whole numbers from 0 to 1"):
        model.level_energies([0, 1, 2, 0])


def test_enumeration_says_what_it_can_take():
    with pytest.raises(ValueError, match="at most 20 cells of 2 levels, got 21"):
        IsingModel.sherrington_kirkpatrick(21, seed=1).ground_state()
    with pytest.raises(ValueError, match="at most 5 cells of 16 levels, got 6"):
        random_program(1, size=6).equilibrium(1.0)


# The G-set's text format

TRIANGLE = "3 3\n1 2 1\n1 3 -2\n2 3 1.5\n"


def test_a_graph_survives_being_written_and_read(tmp_path):
    rng = np.random.default_rng(5)
    weights = np.rint(2 * random_symmetric(rng, 30)) * 0.5
    written = IsingModel.maxcut(weights)
    written.to_gset(tmp_path / "graph.txt")
    read = IsingModel.from_gset(tmp_path / "graph.txt")
    spins = rng.choice([-1, 1], size=(20, 30))
    np.testing.assert_allclose(read.energy(spins), written.energy(spins), rtol=1e-12)
    first = (tmp_path / "graph.txt").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"30 {np.count_nonzero(np.triu(weights))}"


def test_a_graph_is_read_as_it_stands(tmp_path):
    (tmp_path / "g").write_text(TRIANGLE.replace("1 2 1\n", "1 2\n\n"), encoding="utf-8")
    model = IsingModel.from_gset(tmp_path / "g")
    assert model.energy([[1, 1, 1], [-1, 1, 1], [1, -1, 1], [1, 1, -1]]).tolist() == [
        0,
        1,
        -2.5,
        0.5,
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "g, line 1: must hold something, the file is empty"),
        ("# a\n\n# b\n", "g, line 1: must hold something, the file is empty"),
        ("1000000000 0\n", "line 1: must ask for at most 10,000,000 vertices, which memory holds"),
        ("1000000000000 1\n", "line 1: must ask for at most 10,000,000 vertices, which memory h"),
        ("3 1000000000000\n1 2 1\n", "line 3: edge 2 of 1000000000000 must follow, the file ends"),
        ("3 -1\n", "line 1: must hold the numbers of vertices and edges, got '3 -1'"),
        ("1" * 5000, "line 1: must hold the numbers of vertices and edges, got '111"),
        ("c a graph\np edge 3 1\ne 1 2\n", "line 1: must be in the .* G-set, .* that of DIMACS"),
        ("p edge 3 1\ne 1 2\n", "line 1: must be in the .* of the G-set, .* that of DIMACS"),
        ("%%MatrixMarket matrix\n% by\n3 3 1\n1 2 1\n", "line 1: .* that of MatrixMarket"),
        ("<graphml>\n", "line 1: must hold the numbers of vertices and edges, got '<graphml>'"),
        ("three 3\n", "g, line 1: must hold the numbers of vertices and edges, got 'three 3'"),
        ("0 0\n", "line 1: must hold the numbers of vertices and edges, got '0 0'"),
        (TRIANGLE[:-8], "line 4: edge 3 of 3 must follow, the file ends"),
        (TRIANGLE.replace("2 3", "2 4"), "line 4: a vertex must be from 1 to 3, got 4"),
        (TRIANGLE.replace("1 2", "0 2"), "line 2: a vertex must be from 1 to 3, got 0"),
        (TRIANGLE.replace("2 3 1.5", "2 2 1.5"), "line 4: an edge must join two .* got 2 twice"),
        (TRIANGLE.replace("2 3", "3 1"), "line 4: edge 3 1 is already in line 3"),
        (TRIANGLE.replace("1.5", "x"), "line 4: must hold two vertices and a weight, got '2 3 x'"),
        (TRIANGLE.replace("1.5", "nan"), "line 4: a weight must be finite, got nan"),
        (TRIANGLE.replace("1.5", "1 2"), "line 4: must hold two vertices and a weight"),
        ("# t\n" + TRIANGLE.replace("1.5", "x"), "line 5: must hold two vertices and a weight"),
        (TRIANGLE + "1 2 1\n", "line 5: must not be there: line 1 promises 3 edges"),
    ],
)
def test_a_broken_graph_file_is_refused_naming_its_line(tmp_path, text, message):
    (tmp_path / "g").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        IsingModel.from_gset(tmp_path / "g")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_model_with_fields_has_no_graph(tmp_path):
    with pytest.raises(ValueError, match="fields must be zero"):
        IsingModel([[0, 1], [1, 0]], 0.5).to_gset(tmp_path / "g")
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_comments_line_ends_and_byte_order_marks_are_no_part_of_a_graph(tmp_path, end, mark):
    text = mark + "# three\n" + TRIANGLE.replace("1 3", "# two in\n\n  # a row\n1\t3") + "#\n"
    (tmp_path / "g").write_bytes(text.replace("\n", end).encode())
    read, plain = IsingModel.from_gset(tmp_path / "g"), tmp_path / "plain"
    plain.write_text(TRIANGLE, encoding="utf-8")
    spins = np.array(list(product((-1, 1), repeat=3)))
    assert (read.energy(spins) == IsingModel.from_gset(str(plain)).energy(spins)).all()


def test_the_offset_of_a_cut_is_written_in_its_edges_and_no_other_is_dropped(tmp_path):
    path = [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    for offset in (42.0, 0.0):
        with pytest.raises(ValueError, match=f"offset must be 2, .* got {offset}"):
            IsingModel(path, offset=offset).to_gset(tmp_path / "g")
        assert not (tmp_path / "g").exists()
    IsingModel(path, offset=2.0).to_gset(tmp_path / "g")
    assert IsingModel.from_gset(tmp_path / "g").energy([[1, 1, 1], [1, -1, 1]]).tolist() == [0, 4]


def test_weights_come_back_with_all_their_digits(tmp_path):
    rng = np.random.default_rng(7)
    weights = random_symmetric(rng, 12) * 10.0 ** rng.integers(-300, 300)
    weights[0, 1] = weights[1, 0] = 5e-324
    written = IsingModel.maxcut(weights)
    written.to_gset(tmp_path / "g")
    read = IsingModel.from_gset(tmp_path / "g")
    np.testing.assert_array_equal(read.couplings, written.couplings)
    assert read.offset == written.offset


# QUBOs from files and dictionaries

QUBO = [[5, -6, 0], [-6, 3, -1], [0, -1, 1]]
BIQ_MAC = "# by hand\n3 5\n1 1 5\n2 2 3\n3 3 1\n1 2 -6\n3 2 -1\n"
QBSOLV = "c by hand\np qubo 0 3 3 2\n0 0 5\n1 1 3\n2 2 1\nc\n0 1 -12\n1 2 -2\n"


@pytest.mark.parametrize("text", [BIQ_MAC, QBSOLV], ids=["Biq Mac", "qbsolv"])
@pytest.mark.parametrize("maximize", [False, True])
def test_a_qubo_file_holds_the_energy_of_its_matrix(tmp_path, text, maximize):
    (tmp_path / "q").write_text(text, encoding="utf-8")
    model = IsingModel.from_qubo_file(tmp_path / "q", maximize=maximize)
    for bits in product((0, 1), repeat=3):
        x = np.array(bits)
        assert model.energy(2 * x - 1) == (-1) ** maximize * (x @ QUBO @ x)


def test_a_qubo_may_have_couplers_alone_or_diagonal_entries_alone(tmp_path):
    for text, energy in (
        ("p qubo 0 3 0 2\n0 1 -12\n1 2 -2\n", -14),
        ("p qubo 0 3 1 0\n2 2 7\n", 7),
    ):
        (tmp_path / "q").write_text(text, encoding="utf-8")
        assert IsingModel.from_qubo_file(tmp_path / "q").energy([1, 1, 1]) == energy


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BIQ_MAC.replace("3 5", "1000000000 5"), "line 2: must ask for at most 10,000,000 var"),
        (BIQ_MAC.replace("3 2 -1", "3 2"), "line 7: must hold two variables and a weight, got '3"),
        (BIQ_MAC.replace("3 2 -1", "3 4 -1"), "line 7: a variable must be from 1 to 3, got 4"),
        (BIQ_MAC.replace("3 2 -1", "2 1 -6"), "line 7: entry 2 1 is already in line 6"),
        (BIQ_MAC[:-7], "line 7: entry 5 of 5 must follow, the file ends"),
        (QBSOLV.replace("1 2 -2", "1 3 -2"), "line 8: a variable must be from 0 to 2, got 3"),
        (QBSOLV.replace("3 3 2", "3 3"), "line 2: must hold 'p qubo 0', the numbers of variables"),
        (QBSOLV.replace("p qubo", "p edge"), "line 2: must hold 'p qubo 0', the numbers of"),
        (QBSOLV.replace("3 3 2", "3 3 1"), "line 8: must not be there: line 2 promises 4 entries"),
        ("", "line 1: must hold something, the file is empty"),
    ],
)
def test_a_broken_qubo_file_is_refused_naming_its_line(tmp_path, text, message):
    (tmp_path / "q").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=message) as caught:
        IsingModel.from_qubo_file(tmp_path / "q")
    assert "\n" not in str(caught.value)


def test_a_file_without_an_entry_is_a_model_of_free_spins(tmp_path):
    for size in (1, 4):
        (tmp_path / "q").write_text(f"{size} 0\n", encoding="utf-8")
        for read in (IsingModel.from_gset, IsingModel.from_qubo_file):
            assert read(tmp_path / "q").energy([[1] * size, [-1] * size]).tolist() == [0, 0]


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 6))
def test_a_dictionary_of_pairs_is_its_matrix(seed, size):
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(size, size)) * (rng.random((size, size)) < 0.5)
    q[-1, -1] = 1.0
    pairs = {(int(i), int(j)): q[i, j] for i, j in zip(*q.nonzero(), strict=True)}
    a, b = IsingModel.from_qubo(pairs, offset=2.0), IsingModel.from_qubo(q, offset=2.0)
    np.testing.assert_allclose(a.all_energies, b.all_energies, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [(t, k) for t in np.typecodes["AllInteger"] + "fdg" for k in ("dense", "csr", "twice")]
    + [("e", "dense")],
)
def test_a_model_of_small_numbers_is_that_of_the_same_numbers_as_doubles(dtype, kind):
    rng = np.random.default_rng(8)
    low = 0 if np.dtype(dtype).kind == "u" else -120
    q = rng.integers(low, 120, (7, 7)).astype(dtype)
    w, a = np.triu(q, 1) + np.triu(q, 1).T, np.diag(q[0] // 2 + 61)
    h, spins = q[0], np.array(list(product((-1, 1), repeat=7)), dtype=np.int8)
    i, j = np.indices(q.shape).reshape(2, -1)

    def made(table):
        if kind == "twice":  # every entry is there two times, and counts as many
            pairs = (np.tile(i, 2), np.tile(j, 2))
            return sparse.coo_array((np.tile(table.ravel(), 2), pairs), shape=(7, 7))
        return sparse.csr_array(table) if kind == "csr" else table

    def double(table):
        return table.astype(float) * (2 if kind == "twice" else 1)

    box = {"lower": -130, "upper": np.full(7, 100, dtype), "bits": 2}
    for model, right in (
        (IsingModel.from_qubo(made(q)), IsingModel.from_qubo(double(q))),
        (IsingModel.maxcut(made(w)), IsingModel.maxcut(double(w))),
        (IsingModel(made(w), h, h[1]), IsingModel(double(w), h.astype(float), float(h[1]))),
    ):
        assert model.energy(spins).tolist() == right.energy(spins).tolist()
    program = QuadraticProgram(made(a), h, **box)
    right = QuadraticProgram(double(a), h.astype(float), **box | {"upper": 100.0})
    np.testing.assert_allclose(program.all_energies, right.all_energies, rtol=1e-12)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "dok", "lil", "bsr", "dia"])
def test_a_sparse_matrix_may_have_any_form(kind):
    table = np.array([[-1, 100], [0, 5]], dtype=np.int8)
    for made in (sparse.coo_array(table).asformat(kind), sparse.coo_matrix(table).asformat(kind)):
        assert IsingModel.from_qubo(made).energy([[1, 1], [1, -1]]).tolist() == [104, -1]


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64])
def test_states_in_bytes_have_their_energies(dtype):
    model = IsingModel(1e6 * (1 - np.eye(3)), 1e9)
    spins = np.array([1, 1, 1], dtype=dtype)
    assert model.energy(spins) == -3e6 - 3e9
    n = np.array([200, 200, 200], dtype=np.uint8)
    steep = Landscape(np.full((3, 3), 1e6), 0.0 * n, 0.0, levels=256)
    assert steep.level_energies(n.astype(dtype) if dtype != np.int8 else n) == 1e6 * 600**2 / 2
    assert steep.state_levels(dtype(5)).tolist() == [0, 0, 5]


def test_numbers_that_only_add_up_to_no_number_are_found():
    one = np.full(2, 1e308), ([0, 0], [1, 1])
    both = sparse.coo_array(one, shape=(2, 2))
    for make in (IsingModel.from_qubo, IsingModel.maxcut):
        with pytest.raises(ValueError, match=r"\.data\[0\] must be a finite number, got inf"):
            make(both + both.T)


def test_models_too_large_for_memory_are_refused_before_it_is_asked_for():
    most = IsingModel.from_qubo({(0, 999): -1.0, (3, 3): 2.0})
    assert (most.size, sparse.issparse(most.couplings)) == (1000, True)
    for size in (10**7 + 1, 10**12):
        empty = sparse.coo_array(([], ([], [])), shape=(size, size), dtype=float)
        with pytest.raises(ValueError, match="couplings must be of at most 10,000,000 rows"):
            IsingModel(empty)
        with pytest.raises(ValueError, match="quadratic must be of at most 10,000,000 variables"):
            IsingModel.from_qubo({(0, size - 1): 1.0})


def test_a_model_shares_its_matrix_with_nobody_who_can_change_it():
    given, kept = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    model = IsingModel(given)
    thin = sparse.coo_array(np.kron(np.eye(12), given))
    ring = IsingModel(thin)
    energy = ring.energy(np.ones(24))
    given[:], thin.data[:] = 7.0, 7.0
    np.testing.assert_array_equal(model.couplings, kept)
    assert ring.energy(np.ones(24)) == energy == -12
    with pytest.raises(ValueError, match="read-only"):
        model.couplings[0, 1] = 3.0


def test_a_large_glass_takes_three_times_the_memory_of_its_couplings():
    size = 600
    tracemalloc.start()
    IsingModel.sherrington_kirkpatrick(size, seed=1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * 8 * size**2


# Quadratic programs


@pytest.mark.parametrize("seed", range(4))
def test_a_program_has_its_energies_on_every_level(seed):
    program = random_program(seed)
    points = np.array(
        list(
            product(
                *(np.linspace(a, b, 16) for a, b in zip(program.lower, program.upper, strict=True))
            )
        )
    )
    direct = np.einsum("ki,ij,kj->k", points, program.hessian, points) / 2
    direct += points @ program.linear
    np.testing.assert_allclose(program.all_energies, direct, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(program.energy(points), direct, rtol=1e-9, atol=1e-9)
    assert program.ground_state().energy == pytest.approx(direct.min(), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_optimum_is_that_of_bounded_least_squares(seed):
    rng = np.random.default_rng(seed)
    root, target = rng.normal(size=(12, 8)), rng.normal(size=12)
    program = QuadraticProgram(root.T @ root, -root.T @ target, -0.2, 0.3, bits=8)
    other = optimize.lsq_linear(root, target, bounds=(-0.2, 0.3), method="bvls", tol=1e-14)
    found = program.optimum()
    np.testing.assert_allclose(found.point, other.x, atol=1e-6)
    assert found.energy == pytest.approx(other.cost - target @ target / 2, rel=1e-9)
    nearest = program.energy(found.point)
    assert found.energy <= nearest + 1e-12
    slack = program.spacing / 2
    assert nearest - found.energy < np.abs(slack @ np.abs(program.hessian) @ slack / 2) + np.abs(
        slack @ np.abs(program.hessian @ found.point + program.linear)
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"hessian": [[1, 2], [2, 1]]}, r"no negative eigenvalue \(convex\), got -1"),
        ({"hessian": [[1, 2], [0, 1]]}, "hessian must be symmetric"),
        (
            {"hessian": np.eye(2), "lower": [0, 1], "upper": 1},
            "lower must be below upper, .* variable 1",
        ),
        ({"hessian": np.eye(2), "lower": np.nan}, "lower must be a finite number, got nan"),
        ({"hessian": np.eye(2), "linear": [1, 2, 3]}, "linear must be one number, or 2 of them"),
        ({"hessian": np.eye(2), "bits": 0}, "bits must be a whole number >= 1 and <= 24, got 0"),
    ],
)
def test_programs_that_are_none_are_refused_in_one_line(arguments, message):
    with pytest.raises(ValueError, match=message) as caught:
        QuadraticProgram(**{"bits": 4, **arguments})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("size", [50, 3000])
def test_a_sparse_program_is_convex_or_not_without_its_eigenvalues(size):
    # The eigenvalues of a chain are d - 2 cos(k pi/(N + 1)).
    chain = sparse.eye_array(size, k=1) + sparse.eye_array(size, k=-1)
    least = 2 * np.cos(np.pi / (size + 1))
    QuadraticProgram(least * sparse.eye_array(size) - chain, bits=2)
    with pytest.raises(ValueError, match=r"hessian must .*\(convex\)"):
        QuadraticProgram((least - 1e-6) * sparse.eye_array(size) - chain, bits=2)


def test_the_value_of_several_points_is_that_of_each():
    program = random_program(9)
    points = np.random.default_rng(9).uniform(program.lower, program.upper, (5, 3))
    each = [x @ program.hessian @ x / 2 + program.linear @ x for x in points]
    np.testing.assert_allclose(program.value(points), each, rtol=1e-12)
    assert [program.value(x) for x in points] == pytest.approx(each, rel=1e-12)


def test_a_point_outside_the_box_is_refused():
    with pytest.raises(ValueError, match="states must be inside the box"):
        QuadraticProgram(np.eye(2), bits=3).energy([0.5, 1.2])


# Landscapes in general


def test_a_large_sparse_model_stays_sparse_and_a_full_one_dense():
    ring = sparse.eye_array(500, k=1) + sparse.eye_array(500, k=-1)
    assert sparse.issparse(IsingModel(ring).curvature)
    assert isinstance(IsingModel(ring.toarray()[:5, :5]).curvature, np.ndarray)


@pytest.mark.parametrize("shape", [dict, np.array, sparse.csr_array])
def test_couplings_may_be_given_once_for_each_pair(shape):
    rng = np.random.default_rng(8)
    whole = random_symmetric(rng, 9)
    upper = np.triu(whole)
    if shape is dict:
        ways = [[(i, j) if (i + j) % 2 else (j, i) for i in range(9) for j in range(i)]]
        ways = [{pair: whole[pair] for pair in ways[0]}]
    else:
        ways = [shape(upper), shape(upper.T)]
    fields = rng.normal(size=9)
    for pairs in ways:
        assert IsingModel.from_pairs(pairs, fields, 0.5) == IsingModel(whole, fields, 0.5)
    longer = IsingModel.from_pairs(ways[0], np.ones(11))
    assert longer.size == 11
    assert longer == IsingModel(np.pad(whole, (0, 2)), 1.0)


def test_colours_differ_between_neighbours():
    rng = np.random.default_rng(6)
    graph = sparse.random_array((80, 80), density=0.05, rng=rng)
    graph = sparse.csr_array(graph + graph.T)
    colours = greedy_colours(graph)
    i, j = graph.nonzero()
    apart = i != j
    assert (colours[i[apart]] != colours[j[apart]]).all()
    assert colours.max() <= np.diff(graph.indptr).max()


def test_a_landscape_of_another_size_than_its_slope_is_refused():
    with pytest.raises(ValueError, match="curvature must be of 3 rows, one for each cell"):
        Landscape(np.eye(2), [1, 2, 3], 0.0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Landscape(np.eye(2), [0, 0], 0.0, 1), "levels must be a whole number >= 2, got 1"),
        (lambda: Landscape(np.eye(2), [0, 0], np.nan, 2), "constant must be a finite number"),
        (lambda: Landscape(np.eye(4), np.eye(2), 0.0, 2), "slope must be one number for each cell"),
        (lambda: IsingModel([[0]]).equilibrium(np.nan), "coupling must be a finite number"),
        (lambda: IsingModel([[0]]).equilibrium([1, 2]), "coupling must be one number"),
        (lambda: IsingModel([[0]], offset=[1, 2]), "offset must be one number"),
        (lambda: IsingModel.from_qubo([[1]], "a"), "offset must be a finite number, got 'a'"),
        (lambda: IsingModel.from_qubo(np.ones((1, 2))), "quadratic must be a square matrix"),
        (lambda: IsingModel({(0, 1): 1.0}), "couplings must be a square matrix, got {"),
        (lambda: IsingModel([[0, 1e308], [1e308, 0]]), r"couplings must be small enough to add up"),
        (lambda: IsingModel.from_qubo([[1e308]]), r"quadratic must be small enough to add up to"),
        (
            lambda: IsingModel([[0]], -1e308),
            r"fields must be small enough .* less than 1e.300",
        ),
        (lambda: QuadraticProgram([[1e308]], lower=-9, bits=2), "hessian must be small enough to"),
        (lambda: IsingModel(None), "couplings must be a square matrix, got None"),
        (lambda: IsingModel.maxcut("4 4"), "weights must be a square matrix, got '4 4'"),
        (lambda: IsingModel.maxcut({0, 1}), "weights must be a square matrix, got {0, 1}"),
        (lambda: IsingModel([[0]], {0: 1.0}), "fields must be one number, or 1 of them, got {0"),
        (lambda: IsingModel([[0]]).energy({0: 1}), r"states must be an array of shape .* got {0"),
        (lambda: Landscape([[0]], {0: 1}, 0.0, 2), "slope must be one number for each cell, got"),
        (lambda: QuadraticProgram({}, bits=2), "hessian must be a square matrix, got {}"),
        (lambda: QuadraticProgram([[1]], iter([1]), bits=2), "linear must be one number, or 1 of"),
        (lambda: IsingModel.from_qubo({}), r"quadratic must be a square matrix, or .* pairs \(i"),
        (lambda: IsingModel.from_qubo({0: 1.0}), "quadratic must be a square matrix, or .* got 0"),
        (lambda: IsingModel.from_qubo({("a", "b"): 1.0}), r"from 0, got \('a', 'b'\)"),
        (lambda: IsingModel.from_qubo({(-1, 0): 1.0}), r"from 0, got \(-1, 0\)"),
        (lambda: IsingModel.from_qubo({(0, 0): np.nan}), r"quadratic\[0\] must be a finite numb"),
        (lambda: IsingModel.from_qubo({(0, 0): 1e300, (0, 1): 1j}), "quadratic must be a finite"),
        (lambda: IsingModel([[0]]).state_levels(np.ma.array([0, 1])), "index must be made of wh"),
        (lambda: IsingModel([[0]]).state_levels(0.5), "index must be made of whole numbers"),
        (
            lambda: IsingModel.from_qubo(sparse.csr_array([[np.nan]])),
            r"ic\.data\[0\] must be",
        ),
        (lambda: IsingModel(sparse.csr_array([[0, 1j], [1j, 0]])), r"couplings\.data must be"),
        (lambda: IsingModel.maxcut([[1, 0], [0, 0]]), "weights must be zero on the .* got 1 at"),
        (lambda: IsingModel.from_pairs({(1, 1): 3.0}), r"pairs must be zero on .* got 6 at \(1, 1"),
        (lambda: IsingModel.from_pairs({(0, 1): 1, (1, 0): 1}), r"pair once, got \(0, 1\) and \(1"),
        (lambda: IsingModel.from_pairs([[0, 1], [1, 0]]), r"pairs must hold each pair once, got"),
        (lambda: IsingModel.from_pairs({(0, 1): 1}, [1, 2, 3j]), "fields must be"),
        (lambda: IsingModel.from_pairs([[1, 2, 3]]), "pairs must be a square matrix"),
        (lambda: IsingModel.from_pairs({}), "pairs must be a square matrix, or numbers by pairs"),
        (lambda: QuadraticProgram(1.0, bits=2).value([1, 2]), r"points must be an array of shape"),
    ],
)
def test_what_is_no_landscape_is_refused_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("read", [IsingModel.from_gset, IsingModel.from_qubo_file])
def test_a_file_that_is_no_text_is_refused(tmp_path, read):
    for data, message in (
        (b"3 3\n\xff\xfe", "g must be a text file in UTF-8, got b'.xff'"),
        (TRIANGLE.encode("utf-16"), "g must be a text file in UTF-8, got UTF-16: save it as UTF-8"),
        (TRIANGLE.encode("utf-16-be"), r"g must be a text file in UTF-8, got '.x00'"),
        (TRIANGLE.encode("utf-32"), "g must be a text file in UTF-8, got UTF-32"),
    ):
        (tmp_path / "g").write_bytes(data)
        with pytest.raises(ValueError, match=message) as caught:
            read(tmp_path / "g")
        assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="must be a text file, got a folder"):
        read(tmp_path)

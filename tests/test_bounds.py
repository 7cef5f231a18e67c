"""Every rung against a formula written in another way, in 60 digits; its limits; its refusals."""

import copy
import inspect
import pickle
import sys
import warnings
from dataclasses import replace

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from lim_lib import bounds, memory, symbols
from lim_lib.bounds import LADDER, ORDERINGS, DecayMean
from lim_lib.formula import Formula, Regime
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

mp.mp.dps = 60
POINTS = 200
TOLERANCE = 1e-12
KT = thermal_energy()
TEN_YEARS = 10 * 365.25 * 86400


DECADES = {  # decades over which each argument is drawn
    "temperature": (0, 4),
    "model_size": (0, 20),
    "spread_initial": (-3, 3),
    "displacement": (-3, 3),
    "diffusivity": (-6, 6),
    "duration": (-9, 9),
    "time_constant": (-9, 9),
    "transport": (-3, 22),
    "hop_budget": (-30, 30),
    "updates": (0, 25),
    "operations": (0, 28),
    "consolidations": (0, 6),
    "reads": (0, 9),
    "drive": (-12, 12),
    "heights": (0, 6),
    "examples_needed": (-3, 12),
    "loss_ratio": (0, 12),
    "matching_ratio": (-6, 0),
    "prior_ratio": (-6, 6),
    "relaxation_rate": (-9, 9),
    "update_rate": (-9, 12),
    "retention": (-3, 12),
    "attempt_rate": (5, 15),
    "loss_probability": (-200, -0.31),
    "read_energy": (-21, -9),
    "write_energy": (-21, -9),
    "transfer_energy": (-21, -9),
}


def draw(bound, points=POINTS):
    """Random arguments over the whole domain of a rung, special cases thickly sown."""
    rng = np.random.default_rng(sum(map(ord, bound.key)))
    anywhere = (-6, 12)
    values = {n: 10 ** rng.uniform(*DECADES.get(n, anywhere), points) for n in bound.arguments}
    if "bits" in bound.arguments:
        tiny = rng.random(points) < 0.5
        values["bits"] = np.where(
            tiny, 10 ** rng.uniform(-12, 0, points), rng.uniform(0, 64, points)
        )
    if "net_moves" in bound.arguments:
        values["net_moves"] = values["transport"] * (1 + 10 ** rng.uniform(-15, 9, points))
    if "hops" in bound.arguments:
        values["hops"] = values["net_moves"] * (1 + 10 ** rng.uniform(-15, 9, points))
        values["hops"] = np.maximum(values["hops"], np.nextafter(values["net_moves"], np.inf))
    # Nearer to what it must exceed a number in doubles is not known well enough.
    beyond = 1 + 10 ** rng.uniform(-2, 9, points)
    if "convergence_times" in bound.arguments:
        values["convergence_times"] = values["bits"] * np.log(2) * beyond
    if "relaxation_rate" in bound.arguments:
        values["duration"] = values["bits"] * np.log(2) * beyond / values["relaxation_rate"]
    if "examples" in bound.arguments:
        values["examples"] = values["examples_needed"] * beyond
    if "hop_rate_initial" in bound.arguments:
        values["hop_rate_initial"] = values["attempt_rate"] * 10 ** rng.uniform(-20, 0, points)
    if "exponent" in bound.arguments:
        near = 1 + rng.choice([-1, 1], points) * 10 ** rng.uniform(-15, -1, points)
        wide = 10 ** rng.uniform(-2, 2, points)
        values["exponent"] = np.where(rng.random(points) < 0.5, near, wide)
        values["exponent"][:5] = 1.0
    return values


RUNGS = [*LADDER, *(bound.variant for bound in LADDER if bound.variant)]


def disagreement(bound, points=POINTS):
    """The largest relative error of a rung against its reference, and where it is."""
    values = draw(bound, points)
    got = bound(**values)
    places = [{n: float(v[index]) for n, v in values.items()} for index in range(points)]
    errors = [
        abs(mp.mpf(float(joules)) / bound.confirmed(**place) - 1)
        for joules, place in zip(got, places, strict=True)
    ]
    worst = int(np.argmax(np.array(errors, dtype=float)))
    return errors[worst], places[worst]


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize("bound", RUNGS, ids=lambda b: b.key)
def test_each_rung_equals_its_reference_to_1e_12(bound):
    error, place = disagreement(bound)
    assert error < TOLERANCE, place


@pytest.mark.parametrize("bound", RUNGS, ids=lambda b: b.key)
def test_a_reference_is_another_way_to_compute_and_reads_no_expression(bound):
    code = bound.reference.__code__
    names, codes = set(code.co_names), [code]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [each for each in code.co_consts if hasattr(each, "co_names")]
    called = [vars(sys.modules[bound.__module__]).get(name) for name in names]
    assert not names & {"expression", "sp", "evaluate", "at", "judged"}
    assert not any(isinstance(each, Formula) for each in called)
    assert names & {"kT", *bound.parameters}


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize("factor", [2, sp.log(2)], ids=["factor 2", "ln 2"])
@pytest.mark.parametrize("bound", RUNGS, ids=lambda b: b.key)
def test_a_factor_planted_in_a_rung_is_found_by_its_reference(bound, factor):
    error, _ = disagreement(replace(bound, expression=bound.expression * factor), points=5)
    assert error > 0.1


def declaration(model_size, bits, temperature=300.0):
    """A rung that is tried."""


def test_a_rung_without_a_reference_cannot_be_made():
    record = {
        "title": "Tried",
        "short": "tried",
        "kind": "estimate",
        "chapter": "01-three-walls",
        "regime": (Regime("always"),),
    }
    with pytest.raises(TypeError, match="reference"):
        bounds.rung(bounds.landauer.expression, **record)(declaration)
    with pytest.raises(TypeError, match=r"declaration.reference must be a function, got None"):
        bounds.rung(bounds.landauer.expression, **record, reference=None)(declaration)
    with pytest.raises(ValueError, match=r"declaration.kind must be 'theorem' or .*, got 'guess'"):
        bounds.rung(
            bounds.landauer.expression, **record | {"kind": "guess"}, reference=lambda q: q.kT
        )(declaration)
    tried = bounds.rung(bounds.landauer.expression, **record, reference=lambda q: 2 * q.kT)
    assert disagreement(tried(declaration), points=3)[0] > 0.1


def test_the_default_transport_is_exact_from_one_per_cent_above():
    rng = np.random.default_rng(1)
    size, bits = 10 ** rng.uniform(0, 20, POINTS), rng.uniform(1e-6, 64, POINTS)
    hops = bounds.ladder_transport(size, bits) * (1.01 + 10 ** rng.uniform(-3, 9, POINTS))
    got = bounds.transport_activity(size, bits, hops)
    for index in range(POINTS):
        levels = mp.mpf(2) ** mp.mpf(bits[index])
        expected = bounds.transport_activity.confirmed(
            model_size=size[index],
            bits=bits[index],
            hops=hops[index],
            net_moves=mp.mpf(size[index]) * (levels**2 - 1) / (3 * levels),
        )
        assert abs(mp.mpf(float(got[index])) / expected - 1) < TOLERANCE


@pytest.mark.parametrize("levels", [2, 3, 8, 64])
def test_ladder_transport_is_the_mean_distance_between_levels(levels):
    i = np.arange(levels)
    enumerated = np.abs(i[:, None] - i).mean()
    assert bounds.ladder_transport(1, np.log2(levels)) == pytest.approx(enumerated, rel=1e-12)


@pytest.mark.parametrize(
    ("duration", "exponent"), [(3.0, None), (40.0, None), (30.0, 0.6), (1e3, 2.5)]
)
def test_the_dissipated_height_is_the_barrier_averaged_over_the_moves(duration, exponent):
    initial, attempt = 1e4, 1e9

    def hop_rate(t):
        return initial * (mp.exp(-t) if exponent is None else (1 + t) ** -mp.mpf(exponent))

    moves = mp.quad(hop_rate, [0, 1, duration / 4, duration])
    height = mp.quad(
        lambda t: hop_rate(t) * mp.log(attempt / hop_rate(t)), [0, 1, duration / 4, duration]
    )
    expected = (height / moves + 2 * mp.asinh(0.3)) * KT
    got = bounds.dissipated_barrier(1, 0.3, attempt, initial, duration, 1.0, exponent=exponent)
    assert got == pytest.approx(float(expected), rel=1e-12, abs=0)


@pytest.mark.parametrize("w", [1e-300, 1e-9, 0.06249, 0.06251, 0.3, 3.0, 800.0, -0.3, -5.0, -800.0])
def test_decay_mean_is_the_mean_of_an_exponential_on_the_unit_interval(w):
    with mp.workdps(700):
        exact = float(1 / mp.mpf(w) - 1 / mp.expm1(w))
    with np.errstate(all="ignore"):
        assert DecayMean.numeric(np.float64(w)) == pytest.approx(exact, rel=1e-13, abs=0)
        assert DecayMean.numeric(np.float64(0)) == 0.5
    assert DecayMean(0) == sp.Rational(1, 2)


def test_decay_mean_differentiates_like_its_definition():
    w = sp.Symbol("w", positive=True)
    slope = sp.diff(DecayMean(w), w)
    assert float(slope.subs(w, 2)) == pytest.approx(
        float(-1 / mp.mpf(4) + mp.exp(2) / mp.expm1(2) ** 2)
    )


# Numbers that were computed independently when the physics was written down.
@pytest.mark.parametrize(
    ("duration", "matched", "theorem"),
    [(5, 7.191402, 5.585089), (20, 3.877292, 3.475714), (100, 2.993529, 2.913214)],
)
def test_stiffness_rungs_meet_their_checkpoints(duration, matched, theorem):
    arguments = (1, 4, 4, 0, 1, duration)
    assert bounds.matched_stiffness(*arguments) / KT == pytest.approx(matched, abs=6e-7)
    assert bounds.finite_time(*arguments) / KT == pytest.approx(theorem, abs=6e-7)
    assert bounds.static_stiffness(1, 4) / KT == pytest.approx(127.5, rel=1e-14)


def test_stiffness_rungs_meet_their_checkpoint_with_a_moving_mean():
    assert bounds.matched_stiffness(1, 4, 4, 3, 1, 20) / KT == pytest.approx(4.327292, abs=6e-7)
    assert bounds.finite_time(1, 4, 4, 3, 1, 20) / KT == pytest.approx(3.925714, abs=6e-7)


def test_a_large_language_model_meets_its_checkpoints():
    size, bits = 1.75e11, 16
    assert bounds.landauer(size, bits) == pytest.approx(8.0387e-9, rel=1e-5, abs=0)
    assert bounds.transport_activity(size, bits, size * 93750) == pytest.approx(
        7.52548e-6, rel=1e-6
    )
    budget = memory.retention_rate(TEN_YEARS, 1e-9) * 1.3e6
    held = bounds.transport_time(size, bits, budget)
    assert held == pytest.approx(1.14664e-3, rel=5e-6)
    net_moves = bounds.ladder_transport(size, bits)
    assert (held - bounds.landauer(size, bits)) / net_moves / KT == pytest.approx(72.414, abs=1e-3)
    assert bounds.transport_time(size, bits, 1e9 * 1.3e6) == pytest.approx(
        8.0387e-9, rel=1e-5, abs=0
    )


def test_the_static_barrier_meets_its_checkpoint():
    got = bounds.static_barrier(1, 1e6, 1e9, TEN_YEARS, 1e-9) / KT
    assert got == pytest.approx(108.217374, abs=1e-5)


def test_a_static_barrier_moves_at_the_tilt_that_memory_asks_for():
    barrier = memory.retention_barrier(TEN_YEARS, 1e-9, 1e9)
    tilt_needed = memory.tilt_for_rate(1e6, barrier, 1e9)
    assert bounds.static_barrier(7, 1e6, 1e9, TEN_YEARS, 1e-9) == pytest.approx(
        7 * tilt_needed, rel=1e-6, abs=0
    )


def test_limits_of_the_theorems():
    free = bounds.landauer(1e6, 8)
    assert bounds.transport_activity(1e6, 8, 1e30) == pytest.approx(free, rel=1e-9, abs=0)
    assert bounds.transport_time(1e6, 8, 1e30) == pytest.approx(free, rel=1e-9, abs=0)
    assert bounds.finite_time(1e6, 8, 1, 0, 1, 1e30) == pytest.approx(free, rel=1e-9, abs=0)
    assert bounds.matched_stiffness(1e6, 8, 1, 0, 1, 1e30) == pytest.approx(free, rel=1e-9, abs=0)
    many, moves = 1e9, 1e3
    excess = bounds.transport_activity(1, 0, many, transport=moves) / KT
    assert excess == pytest.approx(2 * moves**2 / many, rel=1e-9)


def test_matched_barrier_attains_the_dissipation_of_both_theorems():
    size, moves, drive = 50.0, 1e6, 0.7
    heat = bounds.matched_barrier(moves, drive)
    hops = moves * np.sqrt(1 + drive**2) / drive
    activity = bounds.transport_activity(size, 0, hops, transport=moves)
    time = bounds.transport_time(size, 0, moves / (2 * drive * size), transport=moves)
    assert activity == pytest.approx(heat, rel=1e-12, abs=0)
    assert time == pytest.approx(heat, rel=1e-12, abs=0)


def test_zero_bits_or_zero_moves_cost_nothing():
    assert bounds.landauer(5, 0) == 0
    assert bounds.transport_activity(5, 0, 3.0) == 0
    assert bounds.matched_barrier(0, 2.0) == 0


def test_scalars_give_floats_and_arrays_broadcast():
    assert type(bounds.landauer(np.float32(3), np.int8(2))) is float
    grid = bounds.landauer(np.ones((3, 1)), [1, 2], temperature=np.full(2, 100))
    assert grid.shape == (3, 2)
    assert bounds.landauer(np.empty(0), 1).shape == (0,)
    assert grid[2, 1] == bounds.landauer(1, 2, temperature=100)


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize("bound", LADDER, ids=lambda b: b.key)
def test_large_arrays_equal_their_points(bound):
    values = draw(bound, points=70_001)
    whole = bound(**values)
    for index in (0, 1, 32_767, 32_768, 65_535, 65_536, 70_000):
        assert whole[index] == pytest.approx(
            bound(**{n: v[index] for n, v in values.items()}), rel=1e-14, abs=0
        )


BAD = [(-1.0, ValueError), (np.nan, ValueError), (np.inf, ValueError), ([1, [2, 3]], ValueError)]
BAD += [("ten", TypeError), (None, TypeError), (1j, TypeError), (True, TypeError)]
BAD += [(np.array(["a"]), TypeError), (10**400, ValueError), ([1.0, np.nan], ValueError)]


@pytest.mark.parametrize(("value", "error"), BAD, ids=lambda x: getattr(x, "__name__", repr(x)))
@pytest.mark.parametrize("bound", LADDER, ids=lambda b: b.key)
def test_bad_input_gets_one_line_that_names_the_argument(bound, value, error):
    good = {name: v[0] for name, v in draw(bound, points=1).items()}
    for name in bound.arguments:
        if value is None and name in (*bound.defaults, "temperature"):
            continue  # None stands for the default
        with pytest.raises(error if value is not None else TypeError) as caught:
            bound(**good | {name: value})
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


ZERO_HAS_NO_MEANING = ["model_size", "hop_budget", "duration", "diffusivity", "temperature"]


@pytest.mark.parametrize("name", ZERO_HAS_NO_MEANING)
def test_zero_is_refused_where_it_has_no_meaning(name):
    bound = bounds.finite_time if name in bounds.finite_time.arguments else bounds.transport_time
    good = {n: v[0] for n, v in draw(bound, points=1).items()}
    with pytest.raises(ValueError, match=f"{name} must be a finite number > 0, got 0"):
        bound(**good | {name: 0})


def test_unknown_missing_and_double_arguments_are_type_errors():
    with pytest.raises(TypeError, match=r"no argument 'bit' .did you mean 'bits'"):
        bounds.landauer(1, bit=2)
    with pytest.raises(TypeError, match=r"landauer.. needs bits"):
        bounds.landauer(1)
    with pytest.raises(TypeError, match="got model_size twice"):
        bounds.landauer(1, model_size=2)
    with pytest.raises(TypeError, match="got 5 values"):
        bounds.landauer(1, 2, 3, 4, 5)


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(ValueError, match=r"model_size \(2,\), bits \(3,\)"):
        bounds.landauer([1, 2], [1, 2, 3])


def test_fewer_hops_than_transport_are_refused():
    with pytest.raises(ValueError, match=r"hops must exceed net_moves.*hops=3, net_moves=5"):
        bounds.transport_activity(1, 1, 3, transport=5)


def test_fewer_net_moves_than_transport_are_refused():
    with pytest.raises(ValueError, match=r"net_moves must be at least .* net_moves=3, transport=5"):
        bounds.transport_activity(1, 1, 9, transport=5, net_moves=3)
    with pytest.raises(ValueError, match=r"net_moves must be at least .* net_moves=0.4,"):
        bounds.transport_time(1, 1, 9, net_moves=0.4)


def test_a_hop_rate_above_the_attempt_rate_is_refused():
    with pytest.raises(ValueError, match="hop_rate_initial must be <= attempt_rate"):
        bounds.dissipated_barrier(1, 1, 1e3, 1e4, 1, 1)


def test_retention_so_short_that_no_barrier_is_needed_is_refused():
    with pytest.raises(ValueError, match="no barrier is needed"):
        bounds.static_barrier(1, 1, 1e9, 1e-12, 0.1)


def test_outside_its_regime_a_rung_warns_how_far_and_whose_call_it_was():
    with pytest.warns(RegimeWarning, match=r"forward hop rate .* is 2.41 times") as caught:
        bounds.dissipated_barrier(1, 1, 1e9, 1e9, 1, 1)
    assert caught[0].filename == __file__
    with pytest.warns(RegimeWarning, match="would be 10 times the attempt rate"):
        bounds.static_barrier(1, 1e10, 1e9, TEN_YEARS, 1e-9)


def test_inside_its_regime_nothing_warns():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        bounds.dissipated_barrier(1, 0.1, 1e9, 1e8, 1, 1)
        bounds.static_barrier(1, 0.99e9, 1e9, TEN_YEARS, 1e-9)


def test_a_value_beyond_a_double_is_infinite_and_says_so():
    with pytest.warns(RegimeWarning, match="beyond the largest double"):
        assert bounds.static_stiffness(1e300, 64, temperature=1e10) == np.inf


def test_bounds_are_frozen_and_show_themselves():
    with pytest.raises(AttributeError):
        bounds.landauer.kind = "estimate"
    assert bounds.landauer.latex() == r"M b kT \ln 2"
    assert (
        bounds.dissipated_barrier.latex().count(r"q\left(\frac{t_{\text{sol}}}{\tau}\right)") == 1
    )
    assert "Landauer" in bounds.landauer._repr_markdown_()


def test_get_names_the_nearest_key():
    assert bounds.get("two_tier") is bounds.two_tier
    with pytest.raises(KeyError, match="did you mean 'landauer'"):
        bounds.get("landuer")


def test_the_table_holds_the_rungs_whose_arguments_are_given():
    frame = bounds.table(model_size=1e9, bits=8, operations=1e12)
    assert list(frame.index) == ["landauer", "static_stiffness", "landauer_per_update"]
    assert frame["prices"].tolist() == ["solution", "solution", "moves"]
    assert frame.loc["landauer", "joules"] == bounds.landauer(1e9, 8)
    assert frame.loc["landauer", "over_landauer"] == 1
    cold = bounds.table(model_size=1e9, bits=8, temperature=4.2)
    assert cold.loc["landauer", "joules"] == bounds.landauer(1e9, 8, temperature=4.2)


def test_the_table_uses_optional_arguments_where_they_belong():
    given = {"updates": 1, "drive": 1, "attempt_rate": 1e9, "hop_rate_initial": 1e3}
    given |= {"duration": 10, "time_constant": 1}
    power_law = bounds.table(**given, exponent=1).loc["dissipated_barrier", "joules"]
    assert power_law == bounds.dissipated_barrier(**given, exponent=1)
    assert power_law != bounds.table(**given).loc["dissipated_barrier", "joules"]


def test_the_table_refuses_unknown_names_and_arrays():
    with pytest.raises(TypeError, match=r"no argument 'modelsize' .did you mean 'model_size'"):
        bounds.table(modelsize=3)
    with pytest.raises(ValueError, match="bits must be one number"):
        bounds.table(model_size=3, bits=[1, 2])


@pytest.mark.parametrize("bound", RUNGS, ids=lambda b: b.key)
def test_a_rung_has_the_signature_and_the_documentation_of_a_function(bound):
    parameters = inspect.signature(bound).parameters
    assert tuple(parameters) == bound.accepted
    assert parameters["temperature"].default == 300.0
    text = inspect.getdoc(bound)
    assert inspect.cleandoc(bound.declaration.__doc__).splitlines()[0] == text.splitlines()[0]
    for name in bound.accepted:
        assert f"\n{name} : float or array_like" in text
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert text.count(f"\n{section}\n{'-' * len(section)}\n") == 1
    assert bound.conditions in text


@pytest.mark.parametrize("bound", [*RUNGS, memory.hop_rates], ids=lambda b: b.key)
def test_formulas_are_copied_and_pickled_by_their_names(bound):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(bound, protocol)) is bound
    assert copy.copy(bound) is copy.deepcopy(bound) is bound
    assert bound == bound
    assert len({bound, copy.copy(bound)}) == 1


@pytest.mark.parametrize("table", [bounds.LADDER, bounds.ORDERINGS, symbols.NOTATION], ids=len)
def test_the_books_tables_are_copied_and_pickled_by_their_names(table):
    assert pickle.loads(pickle.dumps(table)) is table
    assert copy.copy(table) is copy.deepcopy(table) is table


def test_other_tables_are_copied_with_their_rows_and_columns():
    table = symbols.Table(["a"], {"letter": str})
    for again in (pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
        assert (again, again.columns) == (table, table.columns)


@pytest.mark.parametrize("value", [np.ma.array([8, 9], mask=[0, 1]), np.ma.masked])
def test_masked_entries_are_refused_and_not_used(value):
    with pytest.raises(TypeError, match=r"bits must be .* without masked entries"):
        bounds.landauer(1e9, value)
    unmasked = np.ma.array([8, 9], mask=[0, 0])
    assert bounds.landauer(1e9, unmasked).tolist() == bounds.landauer(1e9, [8, 9]).tolist()


@pytest.mark.parametrize(
    "bound",
    [*RUNGS, memory.hop_rates, memory.kramers_rate, memory.retention_barrier, memory.tilt_for_rate],
    ids=lambda b: b.key,
)
def test_no_numbers_give_no_numbers(bound):
    result = bound(**dict.fromkeys(bound.parameters, np.empty(0)))
    for part in result if isinstance(result, tuple) else (result,):
        assert part.shape == (0,)
        assert part.dtype == float


ENDS = {  # far out, where a number and an array once disagreed
    "finite_time": {"displacement": 1e308},
    "matched_stiffness": {"spread_initial": 1e308},
    "dissipated_barrier": {"drive": 1e308},
    "static_barrier": {"update_rate": 1e308},
    "transport_time": {"hop_budget": 5e-324},
}


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize("key", ENDS)
def test_far_out_a_number_and_an_array_of_one_agree(key):
    values = {n: float(v[0]) for n, v in draw(bounds.get(key), points=1).items()} | ENDS[key]
    alone = bounds.get(key)(**values)
    assert type(alone) is float
    assert bounds.get(key)(**{n: [v] for n, v in values.items()}).tolist() == [alone]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("bound", "values"),
    [
        (bounds.static_barrier, {"update_rate": 1e-3, "retention": 1e308}),
        (bounds.static_barrier, {"update_rate": 1e-3, "loss_probability": 5e-324}),
        (bounds.transport_time, {"hop_budget": 5e-324}),
        (bounds.two_tier, {"update_rate": 1e308}),
        (memory.retention_barrier, {"attempt_rate": 1e12, "retention": 1e308}),
    ],
)
def test_where_only_a_step_on_the_way_overflows_the_value_is_finite(bound, values):
    usual = dict.fromkeys(bound.arguments, 1.0) | {"attempt_rate": 1e9, "loss_probability": 1e-9}
    values = {n: v for n, v in (usual | values).items() if n in bound.arguments}
    with mp.workdps(400):
        if bound is memory.retention_barrier:
            rate = -mp.log1p(-2 * mp.mpf(1e-9)) / (2 * mp.mpf(1e308))
            expected = mp.mpf(thermal_energy(1.0)) * mp.log(mp.mpf(1e12) / rate)
        else:
            expected = bound.confirmed(**values)
        assert abs(mp.mpf(bound(**values)) / expected - 1) < TOLERANCE


def test_kramers_rate_over_a_huge_barrier_is_zero():
    assert memory.kramers_rate(1e300, 1.0, 1.0) == 0


def test_what_cannot_be_computed_is_not_called_infinite():
    with pytest.warns(RegimeWarning, match="cannot be computed in doubles, given as NaN"):
        assert np.isnan(bounds.memory_access(1e300, 64, 1, 1e300, 0, 0))


def test_every_arrow_ends_at_the_rung_whose_record_holds_it():
    assert len(ORDERINGS) == sum(len(bound.above) for bound in LADDER)
    assert all(arrow in arrow.upper.above for arrow in ORDERINGS)


def test_every_source_is_in_the_bibliography_and_every_chapter_in_the_book(root):
    entries = (root / "references.bib").read_text(encoding="utf-8")
    for bound in RUNGS:
        for source in bound.sources:
            assert f"{{{source.key}," in entries
        assert (root / "chapters" / f"{bound.chapter}.ipynb").exists()


def test_every_rung_is_whole():
    assert len({b.key for b in LADDER}) == len(LADDER)
    for bound in LADDER:
        assert bound.kind in bounds.KINDS
        assert getattr(bounds, bound.key) is bound
        assert bound.regime
        named = bound.expression.free_symbols - {symbols.boltzmann}
        given = {symbols.QUANTITIES[name].symbol: name for name in bound.arguments}
        silent = {given[symbol] for symbol in set(given) - named}
        # the attempt rate cancels from the static barrier, energies per bit know no temperature,
        # and the transport is the default of the net moves
        assert silent <= {"attempt_rate", "temperature", "transport"}, bound.key
        assert named <= set(given)

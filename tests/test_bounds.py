"""Every rung against a formula written in another way, in 60 digits; its limits; its refusals."""

import warnings

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from lim_lib import bounds, memory, symbols
from lim_lib.bounds import LADDER, DecayMean
from lim_lib.units import BOLTZMANN, thermal_energy
from lim_lib.validate import RegimeWarning

mp.mp.dps = 60
POINTS = 200
TOLERANCE = 1e-12
KT = thermal_energy()
TEN_YEARS = 10 * 365.25 * 86400


def kT(q):
    return mp.mpf(BOLTZMANN) * q["temperature"]


def ln_rho(q):
    return q["bits"] * mp.log(2)


def landauer(q):
    return q["model_size"] * kT(q) * mp.log(mp.mpf(2) ** q["bits"])


def finite_time(q):
    final = q["spread_initial"] / mp.mpf(2) ** q["bits"]
    distance = q["displacement"] ** 2 + (q["spread_initial"] - final) ** 2
    return landauer(q) + q["model_size"] * kT(q) * distance / (q["diffusivity"] * q["duration"])


def matched_stiffness(q):
    variance, final = q["spread_initial"] ** 2, (q["spread_initial"] / 2 ** q["bits"]) ** 2
    one_over_theta = 1 + (variance - final) / (2 * q["diffusivity"] * q["duration"])
    move = q["displacement"] ** 2 / (q["diffusivity"] * q["duration"])
    return q["model_size"] * kT(q) * (mp.log(variance / final) / 2 * one_over_theta + move)


def transport_activity(q):
    forward, backward = q["hops"] + q["transport"], q["hops"] - q["transport"]
    return landauer(q) + kT(q) * q["transport"] * mp.log(forward / backward)


def transport_time(q):
    x = q["transport"] / (2 * q["model_size"] * q["hop_budget"])
    return landauer(q) + kT(q) * 2 * q["transport"] * mp.log(x + mp.sqrt(1 + x * x))


def tilt(net_rate, hop_rate):
    return 2 * mp.log(net_rate / (2 * hop_rate) + mp.sqrt(1 + (net_rate / (2 * hop_rate)) ** 2))


def retention_rate(q):
    return -mp.log1p(-2 * q["loss_probability"]) / (2 * q["retention"])


def matched_barrier(q):
    return q["updates"] * kT(q) * tilt(2 * q["drive"], mp.mpf(1))


def static_barrier(q):
    return q["updates"] * kT(q) * tilt(q["update_rate"], retention_rate(q))


def dissipated_exponential(q):
    u = q["duration"] / q["time_constant"]
    mean = 1 - u / mp.expm1(u)
    initial = mp.log(q["attempt_rate"] / q["hop_rate_initial"])
    return matched_barrier(q) + q["updates"] * kT(q) * (initial + mean)


def dissipated_power_law(q):
    alpha, log_x = q["exponent"], mp.log(1 + q["duration"] / q["time_constant"])
    power = mp.expm1((alpha - 1) * log_x)
    mean = log_x / 2 if alpha == 1 else alpha * (1 / (alpha - 1) - log_x / power)
    initial = mp.log(q["attempt_rate"] / q["hop_rate_initial"])
    return matched_barrier(q) + q["updates"] * kT(q) * (initial + mean)


def two_tier(q):
    per_bit = kT(q) * tilt(q["update_rate"], retention_rate(q)) + q["transfer_energy"]
    return matched_barrier(q) + q["consolidations"] * q["model_size"] * q["bits"] * per_bit


def memory_access(q):
    read = q["model_size"] * q["reads"] * q["read_energy"]
    return q["bits"] * (read + q["operations"] * q["write_energy"])


REFERENCE = {
    "landauer": landauer,
    "finite_time": finite_time,
    "transport_activity": transport_activity,
    "transport_time": transport_time,
    "matched_stiffness": matched_stiffness,
    "static_stiffness": lambda q: (
        q["model_size"] * kT(q) / 2 * (mp.exp(2 * q["bits"] * mp.log(2)) - 1)
    ),
    "matched_barrier": matched_barrier,
    "dissipated_barrier": dissipated_exponential,
    "dissipated_barrier_power_law": dissipated_power_law,
    "static_barrier": static_barrier,
    "two_tier": two_tier,
    "memory_access": memory_access,
    "landauer_per_update": lambda q: q["operations"] * ln_rho(q) * kT(q),
}

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
    values = {n: 10 ** rng.uniform(*DECADES[n], points) for n in bound.arguments if n in DECADES}
    if "bits" in bound.arguments:
        tiny = rng.random(points) < 0.5
        values["bits"] = np.where(
            tiny, 10 ** rng.uniform(-12, 0, points), rng.uniform(0, 64, points)
        )
    if "hops" in bound.arguments:
        values["hops"] = values["transport"] * (1 + 10 ** rng.uniform(-15, 9, points))
        values["hops"] = np.maximum(values["hops"], np.nextafter(values["transport"], np.inf))
    if "hop_rate_initial" in bound.arguments:
        values["hop_rate_initial"] = values["attempt_rate"] * 10 ** rng.uniform(-20, 0, points)
    if "exponent" in bound.arguments:
        near = 1 + rng.choice([-1, 1], points) * 10 ** rng.uniform(-15, -1, points)
        wide = 10 ** rng.uniform(-2, 2, points)
        values["exponent"] = np.where(rng.random(points) < 0.5, near, wide)
        values["exponent"][:5] = 1.0
    return values


@pytest.mark.filterwarnings("ignore::lim_lib.validate.RegimeWarning")
@pytest.mark.parametrize("key", REFERENCE)
def test_each_rung_equals_its_formula_written_otherwise_to_1e_12(key):
    bound = bounds.get(key)
    values = draw(bound)
    got = bound(**values)
    for index in range(POINTS):
        point = {name: mp.mpf(float(value[index])) for name, value in values.items()}
        expected = REFERENCE[key](point)
        error = abs(mp.mpf(float(got[index])) / expected - 1)
        assert error < TOLERANCE, (key, float(error), {n: float(v) for n, v in point.items()})


def test_the_default_transport_is_exact_from_one_per_cent_above():
    rng = np.random.default_rng(1)
    size, bits = 10 ** rng.uniform(0, 20, POINTS), rng.uniform(1e-6, 64, POINTS)
    hops = bounds.ladder_transport(size, bits) * (1.01 + 10 ** rng.uniform(-3, 9, POINTS))
    got = bounds.transport_activity(size, bits, hops)
    for index in range(POINTS):
        q = {"model_size": mp.mpf(size[index]), "bits": mp.mpf(bits[index])}
        q |= {"hops": mp.mpf(hops[index]), "temperature": mp.mpf(300)}
        levels = mp.mpf(2) ** q["bits"]
        q["transport"] = q["model_size"] * (levels**2 - 1) / (3 * levels)
        assert abs(mp.mpf(float(got[index])) / transport_activity(q) - 1) < TOLERANCE


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
    with pytest.raises(TypeError, match="got 4 values"):
        bounds.landauer(1, 2, 3, 4)


def test_shapes_that_do_not_broadcast_are_named():
    with pytest.raises(ValueError, match=r"model_size \(2,\), bits \(3,\)"):
        bounds.landauer([1, 2], [1, 2, 3])


def test_fewer_hops_than_transport_are_refused():
    with pytest.raises(ValueError, match=r"hops must exceed transport.*hops=3, transport=5"):
        bounds.transport_activity(1, 1, 3, transport=5)


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
    assert bounds.landauer.latex() == r"M b kT \ln{\left(2 \right)}"
    assert bounds.dissipated_barrier.latex().count(r"q\left(\frac{t_{sol}}{\tau}\right)") == 1
    assert "Landauer" in bounds.landauer._repr_markdown_()


def test_get_names_the_nearest_key():
    assert bounds.get("two_tier") is bounds.two_tier
    with pytest.raises(KeyError, match="did you mean 'landauer'"):
        bounds.get("landuer")


def test_the_table_holds_the_rungs_whose_arguments_are_given():
    frame = bounds.table(model_size=1e9, bits=8, operations=1e12)
    assert list(frame.index) == ["landauer", "static_stiffness", "landauer_per_update"]
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


def test_every_rung_is_whole():
    assert len({b.key for b in LADDER}) == len(LADDER)
    for bound in LADDER:
        assert bound.kind in bounds.KINDS
        assert getattr(bounds, bound.key) is bound
        assert bound.regime
        named = {symbols.NAMES[s] for s in bound.expression.free_symbols} - {"boltzmann"}
        silent = set(bound.arguments) - named
        # the attempt rate cancels from the static barrier, and energies per bit know no temperature
        assert silent <= {"attempt_rate", "temperature"}, bound.key
        assert named <= set(bound.arguments)

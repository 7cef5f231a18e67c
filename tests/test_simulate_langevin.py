"""Langevin motion: against moments in closed form, quadrature and fluctuation theorems.

Every statistical test allows 4 of its standard errors, computed from the replicas, and a bias of
the time step where one is stated.
"""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad, solve_ivp

from lim_lib import bounds, memory, symbols
from lim_lib.schedules import MatchedStiffness, Ramp, StaticStiffness
from lim_lib.simulate import Potential, double_well, harmonic, langevin
from lim_lib.simulate.compiled import motion
from lim_lib.simulate.diffusion import increments
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

KT = thermal_energy()
ENGINES = pytest.mark.parametrize("engine", ["numpy", "compiled"])


def close(sample, expected, bias=0.0):
    """The mean of a sample is within 4 standard errors, and a bias, of what is expected."""
    error = np.std(sample, ddof=1) / np.sqrt(len(sample))
    away = abs(np.mean(sample) - expected)
    assert away <= 4 * error + bias, f"{away / error:.1f} standard errors from {expected}"
    return True


def gaussian(spread):
    return lambda generator, replicas: generator.normal(0, spread, replicas)


def test_increments_have_the_moments_of_a_normal_deviate_to_the_seventh():
    values = increments()
    assert values.shape == (256,)
    assert np.all(np.diff(values) > 0)
    moments = [np.mean(values**n) for n in range(8)]
    assert moments == pytest.approx([1, 0, 1, 0, 3, 0, 15, 0], abs=1e-12)
    assert values[-1] == pytest.approx(3.07, abs=0.005)


def stiffening(t):
    return KT * (1 + 2 * np.sin(3 * t))


def exact_moments(duration):
    """Variance, heat and work (in kT) of a spring of varying stiffness: linear equations."""

    def slope(t, y):
        k = stiffening(t) / KT
        return [2 - 2 * k * y[0], k * (k * y[0] - 1), 3 * np.cos(3 * t) * y[0]]

    start = [2.0, 0, 0]
    return solve_ivp(slope, (0, duration), start, rtol=1e-11, atol=1e-12).y[:, -1]


@ENGINES
def test_moments_heat_and_work_converge_at_second_order(engine):
    """Halving the step divides the error of the mean by 4; by 2 at order one, by 8 at three.

    Standard errors are below 0.0016 of 1 (0.0008 for the finest), errors 0.02 to 0.2.
    """
    exact = exact_moments(1.0)
    errors = []
    for steps, replicas in ((3, 200_000), (6, 600_000), (12, 2_000_000)):
        run = langevin(
            harmonic,
            diffusivity=1.0,
            duration=1.0,
            steps=steps,
            initial=gaussian(np.sqrt(2)),
            replicas=replicas,
            seed=steps,
            controls={"stiffness": stiffening},
            engine=engine,
        )
        got = (run.final**2).mean(), run.ledger.heat.mean() / KT, run.ledger.work.mean() / KT
        errors.append(np.abs(got - exact))
    ratios = np.array(errors[:-1]) / np.array(errors[1:])
    print(errors, ratios)
    assert np.all(ratios[0] > 3)
    assert np.all(ratios > 3)
    assert np.all(ratios < 7)


def test_the_error_at_rest_is_that_of_the_docstring():
    """The variance at rest is (2 - z)/(2 - z + z²/2) of the right one, z = h D k/kT."""
    for z in (0.25, 0.8):
        run = langevin(
            harmonic,
            diffusivity=2.0,
            duration=10.0,
            steps=round(10 * 3 * 2.0 / z),
            initial=gaussian(np.sqrt(1 / 3)),
            replicas=200_000,
            seed=1,
            controls={"stiffness": 3 * KT},
        )
        z = 10 / round(10 * 6 / z) * 6
        assert close(3 * run.final**2, (2 - z) / (2 - z + z * z / 2))


def test_a_double_well_at_rest_obeys_boltzmann():
    """<x²> and <x⁴> against quadrature; z = 0.11 at the bottoms, bias below 0.4 %."""
    controls = {"barrier": 2 * KT, "half_width": 1.2}
    run = langevin(
        double_well,
        diffusivity=1.0,
        duration=10.0,
        steps=1000,
        initial=double_well.sample(40_000, 1, span=(-5, 5), **controls),
        replicas=40_000,
        seed=2,
        controls=controls,
    )
    weight = [
        quad(lambda x, n=n: x**n * np.exp(-2 * ((x / 1.2) ** 2 - 1) ** 2), -5, 5)[0]
        for n in (0, 2, 4)
    ]
    for power in (1, 2):
        expected = weight[power] / weight[0]
        assert close(run.final ** (2 * power), expected, bias=0.004 * expected)
    assert close(run.final, 0)
    assert close(run.ledger.heat / KT, 0, bias=0.01)
    assert np.all(run.ledger.work == 0)


def test_motion_in_two_dimensions_with_coupled_coordinates():
    """Covariance at rest is kT K⁻¹; z = 0.06, bias below 0.1 %. Energy from a SymPy expression."""
    x, y, k = sp.symbols("x y k")
    potential = Potential.from_expression(k * (x**2 + x * y + y**2), x, y)
    run = langevin(
        potential,
        diffusivity=1.0,
        duration=6.0,
        steps=300,
        initial=np.zeros((40_000, 2)),
        replicas=40_000,
        seed=3,
        controls={"k": lambda t: KT * min(0.5 + t, 1.0)},
    )
    for product, expected in ((run.final[:, 0] ** 2, 2 / 3), (run.final.prod(1), -1 / 3)):
        assert close(product, expected, bias=0.002)
    residual = np.abs(run.ledger.first_law_residual())
    assert residual.max() < 1e-13 * (np.abs(run.ledger.heat).max() + KT)
    assert run.ledger.transport == pytest.approx(np.hypot(*run.final.T))


def test_a_force_is_minus_the_gradient_that_sympy_finds():
    symbolic = Potential.from_expression(memory.DOUBLE_WELL, symbols.position)
    at = np.linspace(-2, 2, 9)
    controls = {"barrier": 3.0, "half_width": 1.3, "pull": 0.7}
    tilted = {"barrier": 3.0, "half_width": 1.3, "tilt": 2 * 1.3 * 0.7}
    assert double_well.energy(at, **controls) == pytest.approx(symbolic.energy(at, **tilted))
    assert double_well.force(at, **controls) == pytest.approx(symbolic.force(at, **tilted))


def test_a_control_that_no_argument_can_be_called_is_refused():
    with pytest.raises(ValueError, match="must be a name that an argument can have, got 'lambda'"):
        Potential.from_expression(sp.Symbol("lambda") * symbols.position**2, symbols.position)


WELL = {"half_width": 1.0}
PULL = Ramp((0.0, 1.5), (-1.5 * KT, 1.8 * KT))
RAISE = Ramp((0.0, 0.75, 1.5), (3 * KT, 1 * KT, 3.5 * KT))


def pulled_well(direction, engine):
    """The double well, lowered, pulled over and raised again, or all of that backwards."""
    back = direction < 0

    def reverse(ramp):
        return (lambda t: ramp(1.5 - t)) if back else ramp

    begin, end = ((PULL(t), RAISE(t)) for t in ((1.5, 0.0) if back else (0.0, 1.5)))
    run = langevin(
        double_well,
        diffusivity=1.0,
        duration=1.5,
        steps=150,  # z = 0.28 at most
        initial=double_well.sample(
            60_000, 4, span=(-4, 4), barrier=begin[1], pull=begin[0], **WELL
        ),
        replicas=60_000,
        seed=5,
        controls={"pull": reverse(PULL), "barrier": reverse(RAISE), **WELL},
        engine=engine,
    )
    free = [
        double_well.free_energy(span=(-4, 4), barrier=b, pull=f, **WELL) for f, b in (begin, end)
    ]
    return run.ledger.work / KT, (free[1] - free[0]) / KT


@ENGINES
def test_jarzynski_and_crooks_on_a_driven_double_well(engine):
    """Free energies by quadrature; bias of the step below 0.01."""
    (forth, change), (back, opposite) = pulled_well(1, engine), pulled_well(-1, engine)
    assert opposite == pytest.approx(-change)
    assert abs(change) > 0.05
    assert forth.mean() - change > 0.7  # far from reversible
    assert close(np.exp(-(forth - change)), 1.0, bias=0.01)
    assert close(np.exp(-(back + change)), 1.0, bias=0.01)
    here, there = 1 / (1 + np.exp(forth - change)), 1 / (1 + np.exp(back + change))
    error = np.hypot(here.std(), there.std()) / np.sqrt(forth.size)
    assert abs(here.mean() - there.mean()) <= 4 * error + 0.004
    edges = np.linspace(change - 2, change + 3, 9)
    for low, high in pairwise(edges):
        weights = np.where((forth > low) & (forth <= high), np.exp(change - forth), 0)
        hits = (-back > low) & (-back <= high)
        error = np.hypot(weights.std(), hits.std()) / np.sqrt(forth.size)
        assert abs(weights.mean() - hits.mean()) <= 4 * error + 0.004


MATCHED = [(5.0, 0.0, 7.191402), (20.0, 0.0, 3.877292), (100.0, 0.0, 2.993529), (20, 3, 4.327292)]


def learn(duration, displacement, steps, replicas=20_000, **options):
    spring = MatchedStiffness(4.0, 4, 1.0, duration, displacement)
    return spring, langevin(
        harmonic,
        diffusivity=1.0,
        duration=duration,
        steps=steps,
        initial=gaussian(4.0),
        replicas=replicas,
        seed=6,
        controls={"stiffness": spring, "centre": spring.centre},
        **options,
    )


@pytest.mark.parametrize(("duration", "displacement", "heat"), MATCHED)
def test_matched_stiffness_gives_the_checkpoint_heats(duration, displacement, heat):
    """σ_0 = 4, σ_f = 1/4, D = 1; bias below 0.01 kT (z at the end 0.2, 0.37 for the slowest)."""
    spring, run = learn(duration, displacement, steps=int(60 * duration if duration > 20 else 1500))
    assert close(run.ledger.heat / KT, heat, bias=0.01)
    assert close(run.final, displacement, bias=1e-3)
    assert close((run.final - displacement) ** 2, 1 / 16, bias=0.035 / 16)
    lost = (1 / spring.theta - 1) / 2  # work of the last jump, recovered or not
    if duration == 5:
        assert heat + lost == pytest.approx(7.988, abs=5e-4)


def test_matched_stiffness_cares_for_second_moments_only():
    """A start that is uniform, not Gaussian, gives the same heat."""
    spring = MatchedStiffness(4.0, 4, 1.0, 5.0)
    run = langevin(
        harmonic,
        diffusivity=1.0,
        duration=5.0,
        steps=1500,
        initial=lambda rng, n: rng.uniform(-4 * np.sqrt(3), 4 * np.sqrt(3), n),
        replicas=20_000,
        seed=7,
        controls={"stiffness": spring, "centre": spring.centre},
    )
    assert close(run.ledger.heat / KT, 7.191402, bias=0.01)


def test_static_stiffness_gives_127_5():
    run = langevin(
        harmonic,
        diffusivity=1.0,
        duration=0.5,
        steps=200,
        initial=gaussian(4.0),
        replicas=100_000,
        seed=8,
        controls={"stiffness": StaticStiffness(0.25)},
    )
    assert close(run.ledger.heat / KT, 127.5, bias=0.001)
    assert bounds.static_stiffness(1, 4) == pytest.approx(127.5 * KT, rel=1e-6, abs=0)
    assert np.all(run.ledger.work == 0)


def test_integral_fluctuation_theorem_and_the_mean_system_entropy():
    """The density is Gaussian throughout, so the system's entropy is known; bias below 0.01."""
    spring = MatchedStiffness(1.0, 1, 1.0, 0.5)

    def log_density(x, time):
        s = spring.variance(time)
        return -x * x / (2 * s) - np.log(2 * np.pi * s) / 2

    run = langevin(
        harmonic,
        diffusivity=1.0,
        duration=0.5,
        steps=100,
        initial=gaussian(1.0),
        replicas=60_000,
        seed=9,
        controls={"stiffness": spring, "centre": spring.centre},
        log_density=log_density,
    )
    assert close(run.ledger.system_entropy / KT, -np.log(2), bias=0.002)
    assert run.ledger.entropy_production.mean() > 0.4 * KT
    assert close(np.exp(-run.ledger.entropy_production / KT), 1.0, bias=0.01)


def test_the_escape_time_is_the_exact_one():
    """First passage from bottom to bottom at 3 kT. The passage is seen at step ends only, which
    shifts the threshold by 0.5826 sqrt(2Dh) (Siegmund 1985); that time is added, by quadrature.
    """
    h, height, replicas = 0.004, 3.0, 4_000
    exact = memory.escape_time(height * KT, diffusivity=1.0, half_width=1.0)

    def well(x):
        return height * (x * x - 1) ** 2

    def slope(x):
        return np.exp(well(x)) * quad(lambda y: np.exp(-well(y)), -4, x)[0]

    beyond = quad(slope, 1, 1 + 0.5826 * np.sqrt(2 * h))[0]
    duration = 12 * exact  # 6e-6 of them are left: none is expected
    run = langevin(
        double_well,
        diffusivity=1.0,
        duration=duration,
        steps=int(duration / h),
        initial=-1.0,
        replicas=replicas,
        seed=10,
        controls={"barrier": height * KT, "half_width": 1.0},
        passage=lambda x: x >= 1.0,
    )
    assert np.isnan(run.passage_times).sum() <= 2
    times = np.nan_to_num(run.passage_times, nan=duration)
    assert close(times, exact + beyond, bias=0.005 * exact)


@ENGINES
def test_the_first_law_holds_for_every_replica_and_is_no_tautology(engine):
    _, run = learn(5.0, 2.0, steps=400, replicas=3_000, engine=engine)
    ledger = run.ledger
    assert np.abs(ledger.first_law_residual()).max() < 1e-13 * np.abs(ledger.heat).max()
    planted = type(ledger)(
        heat=2 * ledger.heat,
        work=ledger.work,
        energy_change=ledger.energy_change,
        transport=ledger.transport,
    )
    assert np.abs(planted.first_law_residual()).max() > KT


def test_the_same_seed_gives_the_same_numbers_however_it_is_watched():
    _, one = learn(5.0, 0.0, steps=300, replicas=9_000)
    _, two = learn(
        5.0, 0.0, steps=300, replicas=9_000, record=[0, 1.0, 5.0], snapshots=True, progress=print
    )
    assert np.array_equal(one.final, two.final)
    assert np.allclose(one.ledger.heat, two.ledger.heat, rtol=1e-12, atol=1e-12 * KT)
    assert two.times == pytest.approx([0, 1.0, 5.0])
    assert np.array_equal(two.snapshots[2], two.final)
    assert two.variances[0] == pytest.approx(16, rel=4 * np.sqrt(2 / 9000))
    assert two.variances[1] == pytest.approx(16 * 0.8 + 0.2 / 16, rel=4 * np.sqrt(2 / 9000) + 1e-3)


@ENGINES
def test_an_interrupt_returns_what_is_done(engine):
    def stop(fraction):
        if fraction > 0.4:
            raise KeyboardInterrupt

    spring, run = learn(5.0, 0.0, steps=1000, replicas=9_000, progress=stop, engine=engine)
    assert not run.complete
    assert 2.0 < run.time < 3.0
    assert close(run.final**2, spring.variance(run.time), bias=0.02)
    residual = np.abs(run.ledger.first_law_residual()).max()
    assert residual < 1e-13 * np.abs(run.ledger.heat).max()


def test_an_interrupt_in_the_midst_of_a_step_leaves_no_replica_behind():
    calls = []

    def force(x, **controls):
        calls.append(x.size)
        if len(calls) > 4_000:
            calls.clear()
            raise KeyboardInterrupt
        return harmonic.force(x, **controls)

    run = langevin(
        Potential(harmonic.energy, force),
        diffusivity=1.0,
        duration=10.0,
        steps=10_000,
        initial=0.0,
        replicas=20_000,
        seed=1,
        controls={"stiffness": lambda t: KT * (1 + t)},
    )
    assert not run.complete
    assert 0 < run.time < 1
    assert np.abs(run.ledger.first_law_residual()).max() < 1e-12 * KT
    assert close(run.final**2, 2 * run.time, bias=3 * run.time**2)


def test_memory_grows_with_replicas_not_with_steps():
    def peak(steps):
        tracemalloc.start()
        learn(5.0, 0.0, steps=steps, replicas=10_000)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(300)
    assert peak(3000) < 1.1 * peak(300)


GOOD = {
    "diffusivity": 1.0,
    "duration": 1.0,
    "steps": 100,
    "initial": 0.5,
    "replicas": 50,
    "seed": 1,
    "controls": {"stiffness": KT},
}


def spring_of(energy=harmonic.energy, force=harmonic.force):
    return Potential(energy, force)


REFUSED = {
    r"potential.energy must return an array of shape \(50,\) of real numbers, got shape \(\)": (
        spring_of(energy=lambda x, stiffness: 0.0),
        {},
    ),
    r"potential.force must return an array of shape \(50,\) of real numbers, got shape \(50, 1\)": (
        spring_of(force=lambda x, stiffness: x[:, None]),
        {},
    ),
    "left the domain: at t = 0 s it is at x = 0.5, where the energy is nan": (
        spring_of(energy=lambda x, stiffness: np.nan * x),
        {},
    ),
    "potential.force must be minus the gradient of potential.energy": (
        spring_of(force=lambda x, stiffness: stiffness * x),
        {},
    ),
    "potential.force must be minus the gradient of potential.energy: at x = ": (
        spring_of(force=lambda x, stiffness: -2 * stiffness * x),
        {},
    ),
    r"controls\['stiffness'\] at t = 0.505 s must be a finite number, got nan": (
        harmonic,
        {"controls": {"stiffness": lambda t: np.where(np.abs(t - 0.505) < 1e-9, np.nan, KT)}},
    ),
    r"controls\['stiffness'\] must be a finite number": (
        harmonic,
        {"controls": {"stiffness": "k"}},
    ),
    "time step of 0.01 s is too large for the stiffness of 6.213e-19 J .* it must be <= 0.0066": (
        harmonic,
        {"controls": {"stiffness": 150 * KT}},
    ),
    "too large for the stiffness .* 2 times as many steps": (
        harmonic,
        {"controls": {"stiffness": lambda t: 150 * KT * t}},
    ),
    "potential must be a Potential": (lambda x: x, {}),
    "diffusivity must be": (harmonic, {"diffusivity": 0.0}),
    "duration must be one number": (harmonic, {"duration": [1.0, 2.0]}),
    "steps must be": (harmonic, {"steps": 10.5}),
    "replicas must be": (harmonic, {"replicas": -1}),
    "seed must be": (harmonic, {"seed": "now"}),
    "initial must be": (harmonic, {"initial": np.zeros(3)}),
    r"initial\[0\] must be": (harmonic, {"initial": np.full(50, np.inf)}),
    "record must be increasing times": (harmonic, {"record": [2.0]}),
    r"log_density\(x, time\) must be finite .* is nan at t = 0 s, x = 0.5": (
        harmonic,
        {"log_density": lambda x, time: np.nan * x},
    ),
    r"log_density\(x, time\) must be a finite number, got": (
        harmonic,
        {"log_density": lambda x, time: 1j * x},
    ),
    r"passage\(x\) must be truth values of shape \(50,\), got 'int64 of shape \(\)'": (
        harmonic,
        {"passage": lambda x: 1},
    ),
    r"passage\(x\) must be truth values of shape \(50,\), got 'bool of shape \(5,\)'": (
        harmonic,
        {"passage": lambda x: x[:5] > 0},
    ),
    r"passage\(x\) must be truth values": (harmonic, {"passage": lambda x: x}),
    "controls must be those that the potential's energy takes: missing .* 'stiffness'": (
        harmonic,
        {"controls": None},
    ),
    "controls must be those that the potential's energy takes: got an unexpected .* 'spring'": (
        harmonic,
        {"controls": {"stiffness": KT, "spring": 1.0}},
    ),
    "the potential's energy takes: missing a required .*argument: 'k'": (
        Potential.from_expression(sp.Symbol("k") * sp.Symbol("x") ** 2, sp.Symbol("x")),
        {"controls": {}},
    ),
    r"potential.energy must return an array of shape \(50,\) of real numbers, got complex128": (
        spring_of(energy=lambda x, stiffness: stiffness * x * x / 2 + 0j),
        {},
    ),
    "left the domain: at t = 0 s it is at x = 0.5, where the force is inf": (
        spring_of(force=lambda x, stiffness: np.full(x.shape, np.inf)),
        {},
    ),
    r"controls\['stiffness'\] at t = 0.505 s must be a finite number": (
        harmonic,
        {"controls": {"stiffness": lambda t: KT * (1j if abs(t - 0.505) < 1e-9 else 1)}},
    ),
    r"log_density\(x, time\) must be an": (harmonic, {"log_density": lambda x, time: 0.0}),
    "temperature must be": (harmonic, {"temperature": -1.0}),
}


@pytest.mark.parametrize("message", REFUSED)
def test_bad_input_is_refused_in_one_line(message):
    potential, changed = REFUSED[message]
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        langevin(potential, **(GOOD | changed))
    assert "\n" not in str(refusal.value)


def test_the_largest_time_step_that_is_named_is_accepted():
    with pytest.raises(ValueError, match="too large") as refusal:
        langevin(harmonic, **(GOOD | {"controls": {"stiffness": 150 * KT}}))
    largest = float(str(refusal.value).split("<= ")[1].split(" s")[0])
    steps = int(np.ceil(1.0 / largest))
    langevin(harmonic, **(GOOD | {"controls": {"stiffness": 150 * KT}, "steps": steps}))


def test_a_position_that_flies_off_is_reported():
    """A quartic wall that is met far outside is stiffer there than where the run began."""
    wall = Potential(lambda x, a: a * x**4 / 4, lambda x, a: -a * x**3)
    with pytest.raises(ValueError, match=r"(stay finite|too large for the stiffness)") as refusal:
        langevin(
            wall,
            **(GOOD | {"controls": {"a": Ramp((0, 0.1), (0.0, 500 * KT))}, "initial": 1.0}),
        )
    assert "left the domain" not in str(refusal.value)


X = sp.Symbol("x", positive=True)
EDGES = {
    "logarithm": Potential.from_expression(-KT * sp.log(X), X),
    "energy that is infinite": Potential(
        lambda x: np.where(x > 0, 2 * KT * x, np.inf), lambda x: np.full_like(x, -2 * KT)
    ),
    "force that is no number": Potential(
        lambda x: 2 * KT * np.abs(x), lambda x: np.where(x > 0, -2 * KT, np.nan)
    ),
    "complex energy": Potential(lambda x: -KT * np.emath.log(x), lambda x: KT / x),
}


@pytest.mark.parametrize(
    ("name", "engine"), [*((name, "numpy") for name in EDGES), ("logarithm", "compiled")]
)
def test_a_walker_that_leaves_the_domain_of_its_potential_is_told_as_such(name, engine):
    """With its time and place, and without a word about the gradient."""
    with pytest.raises(
        ValueError, match=r"left the domain: at t = [\d.]+ s it is at x = -"
    ) as told:
        langevin(EDGES[name], diffusivity=1.0, duration=1.0, steps=400, replicas=500, initial=1.0,
                 seed=1, engine=engine)  # fmt: skip
    assert "\n" not in str(told.value)
    assert "gradient" not in str(told.value)


def test_a_walker_that_stays_inside_may_come_close_to_the_edge():
    run = langevin(
        Potential.from_expression(KT * (X - 3 * sp.log(X)), X),
        diffusivity=1.0,
        duration=0.5,
        steps=1000,
        replicas=500,
        initial=3.0,
        seed=1,
    )
    assert run.complete


@pytest.mark.parametrize(
    "control",
    [
        lambda t: KT * (1 + 5 * ((t > 0.3333) & (t < 0.3334))),
        lambda t: KT * (1 + 5 * (0.9999 < t < 0.99999)),
        lambda t: KT * (1 + np.sin(2 * np.pi * 100 * t)),
        lambda t: KT * (2 + np.sin(2 * np.pi * 101 * t)),
    ],
    ids=["pulse", "late pulse", "one period a step", "a period and a bit"],
)
def test_a_control_that_hides_between_two_steps_is_told_of(control):
    with pytest.warns(RegimeWarning, match="changes within a time step of 0.01 s") as told:
        langevin(harmonic, **(GOOD | {"controls": {"stiffness": control}}))
    assert told[0].filename == __file__


@pytest.mark.parametrize(
    "control",
    [
        lambda t: KT * (1 + (t > 0.3333)),
        lambda t: KT * (1 + (0 < t < 1)),
        lambda t: KT * (2 + np.sin(2 * np.pi * 10 * t)),
        Ramp((0.0, 0.31, 0.311, 1.0), (0.0, KT, 3 * KT, 3 * KT)),
        lambda t: KT,
    ],
    ids=["jump", "rest at both ends", "ten steps a period", "steep ramp", "constant"],
)
def test_a_control_that_the_steps_follow_gives_no_warning(control):
    assert langevin(harmonic, **(GOOD | {"controls": {"stiffness": control}})).complete


def test_the_passage_is_the_end_of_the_step_in_which_it_happens():
    """From 0 every replica has moved after one step, of 0.01 s."""
    run = langevin(harmonic, **(GOOD | {"initial": 0.0}), passage=lambda x: x != 0)
    assert run.passage_times == pytest.approx(np.full(50, 0.01), rel=1e-12)
    run = langevin(harmonic, **(GOOD | {"initial": 1.0}), passage=lambda x: x != 0)
    assert np.all(run.passage_times == 0)


def test_positions_of_more_than_two_axes_are_refused():
    with pytest.raises(ValueError, match=r"initial must be .* got 'shape \(50, 2, 2\)'"):
        langevin(harmonic, **(GOOD | {"initial": np.zeros((50, 2, 2))}))


@pytest.mark.parametrize("span", [(1, 1), (2, 1), (0, 1, 2), 3.0, (0, np.inf)])
def test_a_span_that_is_no_interval_is_refused(span):
    with pytest.raises(ValueError, match=r"span.* must be"):
        harmonic.free_energy(span=span, stiffness=KT)


def test_a_span_too_wide_for_its_parts_is_refused():
    """32 768 parts of a million units do not see a well of one."""
    for ask in (harmonic.free_energy, lambda **rest: harmonic.sample(3, 1, **rest)):
        with pytest.raises(ValueError, match="span must be so narrow") as refusal:
            ask(span=(-1e6, 1e6), stiffness=KT)
        assert "\n" not in str(refusal.value)
    with pytest.raises(ValueError, match="span must lie in the domain of the potential"):
        EDGES["logarithm"].free_energy(span=(-1, 1))


def at(potential, *x, **controls):
    return potential.energy(np.array(x), **controls), potential.force(np.array(x), **controls)


def test_symbols_of_one_name_are_one_quantity():
    x, real = sp.Symbol("x"), sp.Symbol("x", real=True)
    k, positive = sp.Symbol("k"), sp.Symbol("k", positive=True)
    for expression in (k * x**2, k * real**2, k * x * real, k * x**2 / 2 + positive * x**2 / 2):
        for position in (x, real):
            energy, force = at(Potential.from_expression(expression, position), 3.0, k=2.0)
            assert (energy[0], force[0]) == (18, -12)


def test_functions_that_scipy_knows_can_be_used():
    x, k = sp.symbols("x k")
    energy, force = at(Potential.from_expression(k * sp.erf(x), x), 0.0, 1.0, k=2.0)
    assert energy == pytest.approx([0, 2 * 0.8427007929497149])
    assert force == pytest.approx(-4 / np.sqrt(np.pi) * np.exp([0, -1]))
    energy, force = at(Potential.from_expression(sp.besselj(0, x), x), 1.0)
    assert (energy[0], force[0]) == pytest.approx((0.7651976865579666, 0.4400505857449335))
    energy, force = at(Potential.from_expression(k * sp.Abs(x), x), -2.0, 3.0, k=2.0)
    assert (energy.tolist(), force.tolist()) == ([4, 6], [2, -2])
    energy, force = at(Potential.from_expression(0, x), 1.0, 2.0)
    assert (energy.tolist(), force.tolist()) == ([0, 0], [0, 0])


@pytest.mark.parametrize(
    "make",
    [
        lambda x: sp.Heaviside(x),
        lambda x: x * sp.sign(x),
        lambda x: sp.DiracDelta(x),
        lambda x: sp.Function("f")(x),
        lambda x: sp.zeta(x),
        lambda x: sp.Integral(sp.exp(-(x**2)), x),
        lambda x: sp.I * x,
        lambda x: x / 0,
        lambda x: sp.nan,
        lambda x: "k*x**2",
        lambda x: sp.Eq(x, 1),
        lambda x: sp.Matrix([x]),
        lambda x: None,
        lambda x: True,
    ],
)
def test_an_expression_that_has_no_numbers_is_refused_by_its_name(make):
    with pytest.raises((ValueError, TypeError), match=r"^expression must be ") as refusal:
        Potential.from_expression(make(sp.Symbol("x")), sp.Symbol("x"))
    assert "\n" not in str(refusal.value)


def test_a_control_cannot_be_called_like_the_position():
    with pytest.raises(ValueError, match="got 'barrier'"):
        Potential.from_expression(symbols.barrier * sp.Symbol("barrier") ** 2, sp.Symbol("barrier"))


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int16, np.int64, np.float16, np.float32])
def test_numbers_of_any_type_give_what_floats_give(kind):
    x = np.array([100, 120, 7])
    quartic = Potential.from_expression(sp.Symbol("k") * sp.Symbol("x") ** 4, sp.Symbol("x"))
    for potential, controls in (
        (harmonic, {"stiffness": 100, "centre": 120}),
        (double_well, {"barrier": 100, "half_width": 20, "pull": 100}),
        (quartic, {"k": 100}),
    ):
        for name in ("energy", "force"):
            got = getattr(potential, name)(
                x.astype(kind), **{n: kind(v) for n, v in controls.items()}
            )
            wanted = getattr(potential, name)(x.astype(float), **controls)
            assert got == pytest.approx(wanted, rel=1e-12), (potential, name)


def test_forces_of_narrow_integers_are_added_as_floats():
    """Twice 100 is not -56: a constant force of 100 J per unit in a bath of kT = 1 J."""
    warm = 1 / thermal_energy(1.0)
    pull = Potential(lambda x: -100.0 * x, lambda x: np.full(x.shape, 100, dtype=np.int8))
    run = langevin(pull, diffusivity=1e-9, duration=1.0, steps=10, initial=0.0, replicas=10, seed=1,
                   temperature=warm)  # fmt: skip
    assert run.final == pytest.approx(1e-7, abs=4e-4)
    assert run.final.mean() == pytest.approx(1e-7, abs=4 * 4.5e-5 / np.sqrt(10))


def quartic_energy(x, height):
    return height * (x**2 - 1) ** 2


def quartic_force(x, height):
    return -4 * height * x * (x**2 - 1)


Y = sp.Symbol("y")
ALIKE = {
    "spring": (harmonic, {"stiffness": stiffening, "centre": lambda t: t}, {"steps": 300}),
    "well": (
        double_well,
        {"barrier": RAISE, "pull": PULL, "half_width": 1.0},
        {"diffusivity": lambda t: 1 / (1 + t), "passage": lambda x: x > 1.1, "record": [0.5, 1.5]},
    ),
    "functions of one's own": (
        Potential(quartic_energy, quartic_force), {"height": lambda t: KT * (1 + t)}, {}
    ),
    "expression without controls": (Potential.from_expression(KT * sp.cosh(Y), Y), {}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", ALIKE)
def test_both_engines_make_the_same_paths_with_any_number_of_threads(name):
    potential, controls, rest = ALIKE[name]
    common = {"diffusivity": 1.0, "duration": 1.5, "steps": 150, "initial": gaussian(0.3)} | rest
    common |= {"replicas": 2 * 8192 + 1001, "seed": 11, "controls": controls}
    reference = langevin(potential, **common)
    one, *others = (langevin(potential, engine="compiled", threads=n, **common) for n in (1, 2, 3))
    for run in others:
        assert run == one
    assert one.engine == "compiled"
    assert one.final == pytest.approx(reference.final, rel=1e-9, abs=1e-9)
    for entry in ("heat", "work", "energy_change"):
        got, wanted = getattr(one.ledger, entry), getattr(reference.ledger, entry)
        assert got == pytest.approx(wanted, rel=1e-9, abs=1e-9 * KT), entry
    assert one.means == pytest.approx(reference.means, rel=1e-9, abs=1e-9)
    if "passage" in rest:
        assert np.count_nonzero(~np.isnan(one.passage_times)) > 1000
        assert one.passage_times == pytest.approx(reference.passage_times, rel=1e-9, nan_ok=True)


def test_what_the_library_compiles_is_kept_on_disk_and_what_readers_write_is_not():
    def kept(potential):
        return motion.Motion(potential, None, threads=1).steps.stats.cache_path is not None

    assert kept(harmonic)
    assert kept(double_well)
    assert not kept(ALIKE["functions of one's own"][0])


def of_any_controls(x, **controls):
    return -controls["stiffness"] * x


NOT_COMPILED = {
    r"initial must be in one dimension for engine='compiled', got 'shape \(50, 2\)'": (
        Potential(lambda x, stiffness: stiffness * (x * x).sum(-1) / 2, of_any_controls),
        {"initial": np.zeros((50, 2))},
    ),
    r"potential.force must be a function of named controls .* got '\*\*controls'": (
        spring_of(force=of_any_controls),
        {},
    ),
    r"potential.force must be a function of numbers that Numba can compile \(.*reshape.*\), got": (
        spring_of(force=lambda x, stiffness: -stiffness * x.reshape(-1)),
        {},
    ),
    r"what potential.force returns must be a float64 for engine='compiled' \(np.where makes": (
        spring_of(force=lambda x, stiffness: np.where(x > 0, -stiffness * x, -stiffness * x)),
        {},
    ),
    "passage must be a function of numbers that Numba can compile": (
        harmonic,
        {"passage": lambda x: np.isfinite(x.cumsum())},
    ),
    "engine must be 'numpy' or 'compiled', got 'fortran'": (harmonic, {"engine": "fortran"}),
    "threads must be a whole number >= 1 and <= 1024, got 0": (harmonic, {"threads": 0}),
}


@pytest.mark.parametrize("message", NOT_COMPILED)
def test_what_cannot_be_compiled_is_refused_in_one_line(message):
    potential, changed = NOT_COMPILED[message]
    with pytest.raises(ValueError, match=message) as refusal:
        langevin(potential, **(GOOD | {"engine": "compiled"} | changed))
    assert "\n" not in str(refusal.value)

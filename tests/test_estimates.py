"""Free energy, entropy and transport from ramps, against enumeration and closed forms."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from scipy.special import logsumexp

from lim_lib.optimizers import (
    IsingModel,
    QuadraticProgram,
    anneal,
    entropy_lost,
    free_energy,
    transport,
)
from lim_lib.schedules import Ramp
from lim_lib.simulate import Ledger
from lim_lib.units import thermal_energy
from lim_lib.validate import RegimeWarning

kT = thermal_energy()

GLASS = IsingModel.sherrington_kirkpatrick(6, seed=1)
PROGRAM = QuadraticProgram([[3, 1], [1, 2]], [-0.5, 0.2], lower=-1, upper=1, bits=3)
PROBLEMS = {"spins": (GLASS, 1.0, 4.0, 6.0), "variables": (PROGRAM, 2.0, 8.0, 16.0)}


def both_ways(problem, coupling, ramp, hold, *, replicas, seed, order="random"):
    """A ramp up, held, and one down from where it ended."""
    how = {"hop_rate": 1.0, "replicas": replicas, "order": order}
    up = Ramp((0, ramp, ramp + hold), (0, coupling * kT, coupling * kT))
    forward = anneal(problem, up, duration=ramp + hold, seed=seed, **how)
    down = Ramp((0, ramp), (coupling * kT, 0))
    begin = forward.states
    return forward, anneal(problem, down, duration=ramp, seed=seed + 10_000, initial=begin, **how)


def ledger(work, heat=0.0, temperature=300.0):
    """A ledger of works and heats in kT."""
    work = np.asarray(work, dtype=float) * thermal_energy(temperature)
    heat = np.broadcast_to(np.asarray(heat) * thermal_energy(temperature), work.shape)
    return Ledger(
        heat=heat,
        work=work,
        energy_change=work - heat,
        transport=np.zeros(work.size),
        temperature=temperature,
    )


@pytest.mark.parametrize("name", PROBLEMS)
@pytest.mark.parametrize("order", ["random", "sequential"])
def test_free_energy_and_entropy_are_those_of_enumeration_within_their_errors(name, order):
    problem, coupling, *_ = PROBLEMS[name]
    gibbs, start = problem.equilibrium(coupling), problem.equilibrium(0.0)
    exact = start.log_partition - gibbs.log_partition, start.entropy - gibbs.entropy
    off = []
    for seed in range(40):
        pair = both_ways(*PROBLEMS[name], replicas=200, seed=seed, order=order)
        (value, error), (lost, its_error) = free_energy(*pair), entropy_lost(*pair)
        off.append([(value / kT - exact[0]) / (error / kT), (lost - exact[1]) / its_error])
    # Mean 0 with the error 1/sqrt(40); mean square 1 with sqrt(2/40). Forward and backward runs
    # share states where one ends and the other begins: 0.1 is left for what is not settled there.
    off = np.array(off)
    assert np.all(np.abs(off.mean(axis=0)) < 4 / np.sqrt(40) + 0.1)
    assert np.all(np.abs((off**2).mean(axis=0) - 1) < 4 * np.sqrt(2 / 40))


def test_heat_brackets_the_entropy_lost():
    forward, backward = both_ways(*PROBLEMS["spins"], replicas=1000, seed=1)
    lost, error = entropy_lost(forward, backward)
    above, below = (run.ledger.mean("heat") for run in (forward, backward))
    assert -below[0] / kT - 3 * below[1] / kT < lost - 3 * error
    assert lost + 3 * error < above[0] / kT + 3 * above[1] / kT


@pytest.mark.parametrize("runs", [(400, 400), (100, 1600)])
def test_gaussian_works_have_their_closed_form(runs):
    """Works of variance s² about F + s²/2 and -F + s²/2 obey Crooks' relation."""
    F, spread = 3.7, 2.0
    rng = np.random.default_rng(5)
    off = []
    for _ in range(300):
        up, down = (
            rng.normal(sign * F + spread**2 / 2, spread, n)
            for sign, n in zip((1, -1), runs, strict=True)
        )
        value, error = free_energy(ledger(up), ledger(down))
        off.append((value / kT - F) / (error / kT))
    assert np.mean(off) == pytest.approx(0, abs=4 / np.sqrt(300) + 0.05)
    assert np.mean(np.square(off)) == pytest.approx(1, abs=4 * np.sqrt(2 / 300) + 0.05)


def test_the_error_is_that_of_a_bootstrap():
    rng = np.random.default_rng(2)
    up, down = rng.normal(4.0, np.sqrt(2), 300), rng.normal(-2.0, np.sqrt(2), 150)
    heat = rng.normal(1.0, 0.5, 150) - down  # so that the energies depend on the works
    tell = (free_energy, entropy_lost)
    drawn = []
    for _ in range(400):
        i, j = rng.integers(300, size=300), rng.integers(150, size=150)
        pair = ledger(up[i]), ledger(down[j], heat[j])
        drawn.append([estimate(*pair)[0] for estimate in tell])
    pair = ledger(up), ledger(down, heat)
    errors = [estimate(*pair)[1] for estimate in tell]
    np.testing.assert_allclose(np.std(drawn, axis=0), errors, rtol=4 / np.sqrt(800) + 0.03)


def test_jarzynski_is_biased_for_a_sudden_write_where_bennett_is_not():
    """Its work is the energy at random: the rare replicas that begin low carry the mean."""
    energies, runs, repeats = 2 * GLASS.all_energies, 200, 1000
    gibbs = GLASS.equilibrium(2.0)
    exact = 6 * np.log(2) - gibbs.log_partition
    sudden = anneal(GLASS, 2 * kT, duration=1e-9, hop_rate=1.0, replicas=runs, seed=1)
    rng = np.random.default_rng(7)
    off = []
    for _ in range(repeats):
        up = ledger(rng.choice(energies, size=runs))
        down = ledger(-rng.choice(energies, size=runs, p=gibbs.probabilities))
        one_way = replace(sudden, ledger=up).free_energy_change()[0]
        off.append([one_way / kT - exact, free_energy(up, down)[0] / kT - exact])
    (one_way, two_ways), error = np.mean(off, axis=0), np.std(off, axis=0) / np.sqrt(repeats)
    # The leading term for n runs, var(exp(-W))/(2 n <exp(-W)>²), and the next: a fifth here.
    variance = np.exp(logsumexp(-2 * energies) + np.log(64) - 2 * gibbs.log_partition) - 1
    assert one_way == pytest.approx(variance / (2 * runs), rel=0.2, abs=3 * error[0])
    assert one_way > 4 * error[0]
    assert abs(two_ways) < 4 * error[1] < one_way


def test_two_directions_with_nothing_in_common_are_told():
    with pytest.warns(RegimeWarning, match="free_energy: forward and backward ramps have .* runs"):
        free_energy(ledger(np.full(50, 20.0)), ledger(np.full(50, 5.0)))


@pytest.mark.parametrize("replicas", [16, 64, 512])
def test_transport_has_no_bias_left_where_that_of_the_plain_estimate_is_seen(replicas):
    """Against the exact marginals; the numbers are pooled over 200 draws from the Gibbs state."""
    problem = QuadraticProgram(
        [[3, 1, 0], [1, 2, 0.5], [0, 0.5, 0.3]], [-0.5, 0.2, 0], lower=-1, upper=1, bits=5
    )
    gibbs = problem.equilibrium(3.0).probabilities.reshape(32, 32, 32)
    marginals = [gibbs.sum(axis=tuple({0, 1, 2} - {i})) for i in range(3)]
    uniform = np.arange(1, 33) / 32
    exact = sum(np.abs(marginal.cumsum() - uniform).sum() for marginal in marginals)
    run = anneal(problem, 0.0, duration=1e-9, hop_rate=1.0, replicas=2, seed=1)
    rng = np.random.default_rng(replicas)
    values, errors, plain = [], [], []
    for _ in range(200):
        drawn = problem.state_levels(rng.choice(gibbs.size, size=replicas, p=gibbs.ravel()))
        value, error = transport(replace(run, states=problem.decode(drawn)))
        values.append(value)
        errors.append(error)
        below = (drawn[:, :, None] <= np.arange(32)).mean(axis=0)
        plain.append(np.abs(below - uniform).sum())
    spread = np.std(values)
    assert np.mean(values) == pytest.approx(exact, abs=4 * spread / np.sqrt(200) + 0.02)
    bias = np.mean(plain) - exact
    assert bias > 4 * np.std(plain) / np.sqrt(200) if replicas < 512 else abs(bias) < 0.2
    # The error is at least the scatter, and at most half the plain bias more.
    assert 0.9 * spread < np.sqrt(np.mean(np.square(errors))) < np.hypot(1.1 * spread, bias + 0.1)


def test_transport_between_two_samples_of_one_state_is_none():
    how = {"duration": 200.0, "hop_rate": 1.0, "replicas": 300}
    first, second = (anneal(PROGRAM, 2 * kT, seed=seed, **how) for seed in (1, 2))
    value, error = transport(second, initial=first.states)
    assert abs(value) < 2 * error
    far, its_error = transport(second)
    assert far > 4 * its_error


@pytest.mark.parametrize("sampled", [False, True])
def test_transport_is_the_middle_of_both_bounds_as_written_out_replica_by_replica(sampled):
    """φ is found anew, in exact fractions, without each replica, or pair of them, in turn."""
    rng, top = np.random.default_rng(8), PROGRAM.levels
    ended = rng.binomial(top - 1, 0.6, size=(7, PROGRAM.size))
    began = rng.binomial(top - 1, 0.5, size=(5, PROGRAM.size))
    run = anneal(PROGRAM, 0.0, duration=1e-9, hop_rate=1.0, replicas=2, seed=1)
    run = replace(run, states=PROGRAM.decode(ended))
    value, error = transport(run, PROGRAM.decode(began) if sampled else None)

    def below(levels):
        return [Fraction(int(np.sum(levels <= k)), len(levels)) for k in range(top - 1)]

    def climb(slopes, level):
        return sum(slopes[:level])

    high, low = 0, 0
    for last, first in zip(ended.T, began.T if sampled else [np.arange(top)] * 2, strict=True):
        high += sum(abs(a - b) for a, b in zip(below(first), below(last), strict=True))
        pairs = [(i, j) for i in range(len(last)) for j in range(len(first))]
        for i, j in pairs:
            start = below(np.delete(first, j) if sampled else first)
            ends = zip(start, below(np.delete(last, i)), strict=True)
            slopes = [(a > b) - (a < b) for a, b in ends]
            low += Fraction(climb(slopes, last[i]) - climb(slopes, first[j]), len(pairs))
    assert value == pytest.approx(float(high + low) / 2, rel=1e-12)
    assert error >= float(high - low) / 2


def test_works_that_break_the_second_law_are_told():
    with pytest.warns(RegimeWarning, match="the second law forbids a negative sum"):
        free_energy(ledger(np.full(50, 1.0)), ledger(np.full(50, -2.0)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: free_energy(
                *(
                    anneal(each, 0.0, duration=1.0, hop_rate=1.0, replicas=2, seed=1)
                    for each in (PROGRAM, QuadraticProgram(1.0, bits=2))
                )
            ),
            "backward must be runs of the same problem, QuadraticProgram of 2 variables",
        ),
        (lambda: free_energy(3, ledger([1, 2])), "forward must be an Anneal or a Ledger, got 3"),
        (
            lambda: free_energy(ledger([1, 2]), ledger([1, 2], temperature=310.0)),
            "backward must be at the temperature of the forward runs, 300 K, got 310",
        ),
        (
            lambda: entropy_lost(ledger([1, 2]), ledger([1])),
            "backward must be runs of at least two replicas, got ",
        ),
        (lambda: transport(ledger([1, 2])), "run must be an Anneal, got "),
    ],
)
def test_what_tells_nothing_is_refused_in_one_line(call, message):
    with pytest.raises((TypeError, ValueError), match="^" + re.escape(message)) as caught:
        call()
    assert "\n" not in str(caught.value)

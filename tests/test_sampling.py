"""Functions of time that are known by their values: integrals in closed form, or a refusal."""

import re

import numpy as np
import pytest

from lim_lib import sampling
from lim_lib.sampling import INTERVALS, RunningIntegral, TooFast, places, sampled
from lim_lib.validate import POSITIVE

# Name: function, end of the span, its integral.
KNOWN = {
    "box": (lambda t: 10.0 if 3.3 <= t < 3.4 else 0.0, 10.0, 1.0),
    "10 ms at the start": (lambda t: 10.0 if t < 0.01 else 0.0, 10.0, 0.1),
    "1 ms at the end": (lambda t: 10.0 if t > 9.999 else 0.0, 10.0, 0.01),
    "5 pulses a second": (lambda t: 10.0 if (5 * t) % 1 < 0.01 else 0.0, 20.0, 2.0),
    "of arrays": (lambda t: 10.0 * ((5 * t) % 1 < 0.01), 20.0, 2.0),
    "narrow bell": (
        lambda t: np.exp(-(((t - 3.3) / 1e-3) ** 2) / 2),
        10.0,
        1e-3 * np.sqrt(2 * np.pi),
    ),
    "fast decay": (lambda t: 1e9 * np.exp(-t / 1e-9), 10.0, 1.0),
    "oscillation": (lambda t: 1 + np.sin(3000 * t), 10.0, 10 + (1 - np.cos(3e4)) / 3000),
    "corners": (lambda t: np.interp(t, [0, 1, 3, 10], [0, 5, 1, 0]), 10.0, 12.0),
    "whole numbers": (lambda t: int(t), 4.0, 6.0),
    "narrow integers": (lambda t: (t < 2).astype(np.int8) * np.int8(100), 10.0, 200.0),
    "nothing": (lambda t: 0.0, 10.0, 0.0),
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_lasts_a_ten_thousandth_of_the_span_is_integrated(name):
    function, end, exact = KNOWN[name]
    assert RunningIntegral("rate", function, [0, end])([end])[0] == pytest.approx(exact, rel=1e-9)


def test_a_pulse_of_a_ten_thousandth_of_the_span_is_seen_wherever_it_is():
    rng = np.random.default_rng(1)
    for start in rng.uniform(0, 1 - 1e-4, 20):
        integral = RunningIntegral("rate", lambda t, s=start: (t >= s) & (t < s + 1e-4), [0, 1])
        assert integral([1.0])[0] == pytest.approx(1e-4, rel=1e-8)


def test_a_shorter_pulse_is_seen_if_it_is_a_quarter_of_the_way_between_two_stops():
    stops = np.linspace(0, 1, 40_001)
    rng = np.random.default_rng(2)
    for start in rng.uniform(0, 0.99, 5):
        integral = RunningIntegral("rate", lambda t, s=start: (t >= s) & (t < s + 6.3e-6), stops)
        assert integral([1.0])[0] == pytest.approx(6.3e-6, rel=1e-8)


@pytest.mark.parametrize(
    ("function", "exact"),
    [
        (lambda t: 10.0 * ((1000 * t) % 1 < 0.01), 1.0),
        (lambda t: 10.0 * ((100 * t) % 1 < 0.01), 1.0),
        (lambda t: np.random.default_rng(1).random(np.shape(t)), 5.0),
    ],
    ids=["10 000 pulses", "1000 pulses", "noise"],
)
def test_what_changes_too_fast_is_refused(function, exact):
    with pytest.raises(TooFast, match="rate must change slowly enough to be followed") as refusal:
        RunningIntegral("rate", function, [0, 10.0])
    assert "\n" not in str(refusal.value)
    about, uncertain = re.search(
        r"about (\S+), is uncertain by (\S+);", str(refusal.value)
    ).groups()
    assert float(about) == pytest.approx(exact, rel=0.2)
    assert 0.1 * exact < float(uncertain) < 2 * exact


def test_looking_has_an_end_even_where_every_look_finds_more(monkeypatch):
    monkeypatch.setattr(sampling, "MOST_LOOKS", 100_000)
    looks = []

    def stairs(t):  # 2000 steps: half of what is halved has none, the other half has
        looks.append(np.size(t))
        return np.floor(1999.3 * t) % 2 + 1

    with pytest.raises(TooFast):
        RunningIntegral("rate", stairs, [0, 1])
    assert 100_000 < sum(looks) < 200_000


def test_the_integral_runs_from_stop_to_stop_and_in_between():
    integral = RunningIntegral("rate", lambda t: 3 * t**2 + (t > 2), [0, 1, 4])
    times = np.array([0, 0.3, 1, 1.999, 2, 2.5, 4])
    assert integral(times) == pytest.approx(times**3 + np.maximum(times - 2, 0), rel=1e-9)
    assert np.all(np.diff(integral(np.linspace(0, 4, 999))) > 0)


def test_no_two_looks_are_more_than_a_ten_thousandth_of_the_span_apart():
    looks = []
    RunningIntegral("rate", lambda t: looks.append(t) or np.ones_like(t), [0, 1])
    assert len(looks) == 2
    for each in looks:
        assert np.diff(np.unique(each)).max() < 1e-4
    assert np.diff(places(0, 1, INTERVALS)).min() > 0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda t: 1 - t, "rate at t = 1 s must be a finite number > 0, got 0"),
        (lambda t: np.where(t > 0.5, np.nan, 1.0), "rate at t = 1 s must be a finite number > 0"),
        (lambda t: 1.0 if t < 1 else None, "rate at t = 1 s must be a finite number > 0, got None"),
        (lambda t: 1j, "rate at t = 0 s must be a finite number > 0, got 1j"),
        (lambda t: [1.0, 2.0, 3.0], "rate at t = 0 s must be one number"),
        (lambda t: "fast", "rate at t = 0 s must be a finite number > 0, got 'fast'"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_its_time(function, message):
    with pytest.raises((ValueError, TypeError), match=message) as refusal:
        sampled("rate", function, np.array([0.0, 1.0]), POSITIVE)
    assert "\n" not in str(refusal.value)

r"""The optimum under both limits, of the optimizer and of the device: three phases.

One parameter of spread sigma is narrowed from sigma_0 to sigma_f in a time t by an optimizer whose
relaxation rate may be at most eta, in a memory whose diffusivity may be at most D. At the speed
v = -d sigma/dt the heat rate is kT (v/sigma + v^2/D'), with a diffusivity
D' <= min(D, eta sigma^2 - sigma v). The second term is the excess over Landauer. Written for the
time 1/v that each spread is given, the excess is convex, so that one multiplier decides for all
spreads. With :math:`x = \eta \sigma^2/D` and a multiplier q (:math:`q^2 \eta kT` is the heat that
one more second saves) the spread narrows

- *open*, for :math:`x > x_A`, :math:`\sqrt{x_A} = e^{\operatorname{arsinh}(q/2)}`: D' = D, evenly
  in time, with less drift than the optimizer has;
- *with both*, for :math:`x_B < x < x_A`: D' = D and all the drift, at constant stiffness;
- *matched*, for :math:`x < x_B = 1 + q`: all the drift and :math:`D' = \theta \eta \sigma^2`,
  :math:`\theta = 1/x_B`.

A phase outside the spreads from start to end is absent. Lengths of phases are kept as logarithms
of x, so that nothing cancels.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from lim_lib import symbols
from lim_lib.formula import StableFunction
from lim_lib.results import Value
from lim_lib.validate import Domain, number, refuse, single

__all__ = ["Phases"]

_HALVINGS = 64
_SOME_BITS = Domain(0, 64, low_allowed=False)


def _lengths(q, nats, reach):
    """How far ln x falls in the open phase, with both, and matched; 2 nats together."""
    start = 2 * np.log(reach)
    opened = np.clip(start - 2 * np.arcsinh(q / 2), 0, 2 * nats)
    matched = np.clip(2 * nats - (start - np.log1p(q)), 0, 2 * nats)
    return opened, np.maximum(2 * nats - opened - matched, 0), matched


def _times(q, nats, reach):
    """Times of the three phases, in units of 1/eta."""
    opened, both, matched = _lengths(q, nats, reach)
    fallen = -np.expm1(-both) * (reach * np.exp(-opened / 2)) ** 2
    rest = np.maximum((reach * np.exp(-(opened + both) / 2)) ** 2 - 1, q)
    return (
        -reach * np.expm1(-opened / 2) / q,
        np.where(both > 0, np.log1p(fallen / rest) / 2, 0.0),
        matched / 2 * (1 + 1 / q),
    )


def _excess(q, nats, reach):
    """Heat beyond Landauer's, in kT."""
    opened, both, matched = _lengths(q, nats, reach)
    saturated = (-np.expm1(-both) * (reach * np.exp(-opened / 2)) ** 2 - both) / 2
    return -q * reach * np.expm1(-opened / 2) + np.where(both > 0, saturated, 0.0) + q * matched / 2


def _multiplier(nats, reach, convergence_times):
    """q at which the phases take all the time: halved in logarithms between two that enclose it.

    The phases take at least as long as an open one all the way would, and at most as long as an
    open and a matched one would together.
    """
    alone = -reach * np.expm1(-nats)
    low = np.log(alone / convergence_times)
    high = np.log((alone + nats) / (convergence_times - nats))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        too_long = sum(_times(np.exp(middle), nats, reach)) > convergence_times
        low, high = np.where(too_long, middle, low), np.where(too_long, high, middle)
    return np.exp((low + high) / 2)


class TwoLimitExcess(StableFunction):
    r"""Heat beyond Landauer's under both limits, in kT: of the bits, the reach and the time.

    The reach is :math:`\sigma_0 \sqrt{\eta/D}`, the time is in convergence times. It has no
    closed form: the multiplier is the root of an equation. Printed as X.
    """

    def _latex(self, printer):
        return rf"X\left({', '.join(map(printer.doprint, self.args))}\right)"

    def doit(self, **hints):
        return self.func(*(each.doit(**hints) for each in self.args))

    def _eval_evalf(self, prec):
        if not self.is_number:
            return None
        with mp.workprec(prec):
            return sp.Float(
                self.exact(*(each._to_mpmath(prec) for each in self.args)), precision=prec
            )

    @staticmethod
    def exact(bits, reach, convergence_times):
        """The same by mpmath, in its precision: a phase alone, or the root for x_A and x_B."""
        nats, time = bits * mp.log(2), convergence_times
        start, end = reach**2, reach**2 * mp.exp(-2 * nats)
        if start * (time - nats) <= time:  # matched from the start
            return nats**2 / (time - nats)
        alone = reach - mp.sqrt(end)
        if mp.sqrt(end) >= _open_above(alone / time):  # open to the end
            return alone**2 / time

        def phases(log_q):
            q = mp.exp(log_q)
            a = min(start, max(end, _open_above(q) ** 2))
            b = min(start, max(end, 1 + q))
            both = mp.log((a - 1) / (b - 1)) if a > b else 0
            length = mp.log(b / end)
            times = (reach - mp.sqrt(a)) / q + both / 2 + length * (1 + 1 / q) / 2
            return times, (reach - mp.sqrt(a)) * q + (a - b - mp.log(a / b) + length * q) / 2

        log_q = mp.findroot(
            lambda log_q: mp.log(phases(log_q)[0] / time),
            (mp.log(alone / time), mp.log((alone + nats) / (time - nats))),
            solver="illinois",
            tol=mp.sqrt(mp.eps),
            maxsteps=500,
            verify=False,
        )
        taken, excess = phases(log_q)
        return excess + mp.exp(2 * log_q) * (taken - time)  # to second order in the root's error

    @classmethod
    def numeric(cls, bits, reach, convergence_times):
        nats = np.asarray(bits * np.log(2.0))
        with np.errstate(all="ignore"):
            q = _multiplier(nats, reach, convergence_times)
            return np.where(nats > 0, _excess(q, nats, reach), 0.0)


def _open_above(q):
    """The square root of x_A."""
    return (q + mp.sqrt(q * q + 4)) / 2


@dataclass(frozen=True, eq=False)
class Phases(Value):
    """The least dissipating way to narrow one parameter under both limits, phase by phase.

    Parameters
    ----------
    bits : float
        By how much it is narrowed: the spread ends at 2^-bits of the first.
    spread_initial : float
        Spread before learning, in units of a parameter.
    relaxation_rate : float
        The most that the optimizer's drift relaxes, in 1/s.
    diffusivity : float
        The most that the memory diffuses, in parameter^2/s.
    duration : float
        Time in s; longer than the bits take without noise, bits ln 2 / relaxation_rate.

    Examples
    --------
    >>> way = Phases(4, spread_initial=1, relaxation_rate=1, diffusivity=0.05, duration=10)
    >>> [round(time, 3) for time in way.times]
    [5.677, 0.137, 4.186]
    >>> round(way.spread_matched, 4), round(way.matching_ratio, 4), round(way.excess, 4)
    (0.2789, 0.6427, 2.6208)
    >>> round(float(way.spread_at(10) * 2**4), 9)
    1.0
    """

    bits: float
    spread_initial: float
    relaxation_rate: float
    diffusivity: float
    duration: float

    def __post_init__(self):
        for name in signature(type(self)).parameters:
            domain = _SOME_BITS if name == "bits" else symbols.QUANTITIES[name].domain
            object.__setattr__(self, name, single(name, getattr(self, name), domain))
        least = self._nats / self.relaxation_rate
        if self.duration <= least:
            refuse(
                "duration",
                self.duration,
                f"longer than {least:.6g} s (bits ln 2 / relaxation_rate)",
            )

    @property
    def _nats(self) -> float:
        return self.bits * math.log(2)

    @property
    def _reach(self) -> float:
        return self.spread_initial * math.sqrt(self.relaxation_rate / self.diffusivity)

    @cached_property
    def _q(self) -> float:
        """The multiplier's root over the relaxation rate's."""
        times = self.relaxation_rate * self.duration
        return float(_multiplier(np.float64(self._nats), np.float64(self._reach), times))

    @cached_property
    def _fallen(self) -> list[float]:
        return [float(each) for each in _lengths(self._q, self._nats, self._reach)]

    @property
    def _ends(self) -> tuple[float, float]:
        """When the open phase ends, and when that with both; the last phase never does."""
        opened, both, _ = self.times
        _, later, last = self._fallen
        return (
            opened if later or last else math.inf,
            opened + both if last else math.inf,
        )

    @property
    def multiplier(self) -> float:
        """Heat that one more second saves, in kT/s."""
        return self._q**2 * self.relaxation_rate

    @property
    def speed(self) -> float:
        """Speed at which the spread narrows in the open phase, in parameter/s."""
        return self._q * math.sqrt(self.relaxation_rate * self.diffusivity)

    @property
    def spread_open(self) -> float:
        """Spread down to which the memory is open (sigma_A); it may lie outside the way."""
        return math.exp(math.asinh(self._q / 2)) * self.spread_initial / self._reach

    @property
    def spread_matched(self) -> float:
        """Spread from which on the memory is matched (sigma_B); it may lie outside the way."""
        return math.sqrt(1 + self._q) * self.spread_initial / self._reach

    @property
    def matching_ratio(self) -> float:
        """Noise over drift, theta = D/(eta s), in the matched phase."""
        return 1 / (1 + self._q)

    @property
    def times(self) -> tuple[float, float, float]:
        """How long the memory is open, both are at their limits, and it is matched, in s."""
        found = _times(self._q, self._nats, self._reach)
        opened, both, matched = (float(each) / self.relaxation_rate for each in found)
        return opened, both, matched

    @property
    def excess(self) -> float:
        """Heat beyond Landauer's, in kT."""
        return float(_excess(self._q, self._nats, self._reach))

    def spread_at(self, time: Any) -> Any:
        """Spread after a time in s.

        Parameters
        ----------
        time : float or array_like
            From 0 to the duration.

        Returns
        -------
        float or ndarray
        """
        time = number("time", time, Domain(0, self.duration * (1 + 1e-12)))
        opened, saturated = self._ends
        rate, falls = self.relaxation_rate, self._fallen
        above = (self._reach * math.exp(-falls[0] / 2)) ** 2 - 1
        limited = np.sqrt(np.maximum(1 + above * np.exp(-2 * rate * (time - opened)), 0))
        start = self.spread_initial * math.exp(-(falls[0] + falls[1]) / 2)
        drift = rate * self._q / (1 + self._q)
        return np.select(
            [time <= opened, time <= saturated],
            [self.spread_initial - self.speed * time, limited * self.spread_initial / self._reach],
            start * np.exp(-drift * (time - saturated)),
        )[()]

    def diffusivity_at(self, time: Any) -> Any:
        """Diffusivity after a time in s, in parameter^2/s; as `spread_at`."""
        matched = self.matching_ratio * self.relaxation_rate * self.spread_at(time) ** 2
        return np.minimum(self.diffusivity, matched)[()]

    def relaxation_rate_at(self, time: Any) -> Any:
        """Relaxation rate of the drift after a time in s, in 1/s; as `spread_at`."""
        spread = self.spread_at(time)
        opened = self.speed / spread + self.diffusivity / spread**2
        return np.minimum(self.relaxation_rate, opened)[()]

r"""Schedules: what a memory's barrier, or its stiffness, does in time.

Model
-----
The barrier of a cell of attempt rate :math:`\Gamma_0` sets its thermal hop rate, and the other way
round:

.. math:: r(t) = \Gamma_0\, e^{-E_b(t)/kT}, \qquad E_b(t) = kT \ln\frac{\Gamma_0}{r(t)} .

An optimizer that converges asks for ever fewer updates; a barrier that follows its update rate
v(t) keeps the drive :math:`\chi = v/2r` constant. The integral of r from 0 to t is the hop budget
R. Where levels lie h apart and close enough, the hops are the diffusivity :math:`D = r h^2` of a
parameter, and a barrier that rises while the optimizer's drift goes on is annealing: *matched*,
:math:`D = \theta \eta s`, it is the one of least heat (`MatchedDiffusivity`).

A schedule is a small frozen object, callable with the time in s (a number or an array, >= 0).
Barriers give J, and also have ``hop_rate(time)`` in 1/s and ``hop_budget(time)``. Stiffnesses give
J per parameter², and have ``centre(time)``. A rate is in 1/s, and has ``integral(time)``. Ramps
give any quantity.

What learns under a barrier, a `Learning`, gives its diffusivity in parameter²/s, as
`lim_lib.simulate.langevin` takes it, and has ``rate(time)`` (of the optimizer),
``variance(time)``, ``stiffness(time)``, ``barrier(time)``, ``hop_rate(time)`` and
``hop_budget(time)``, its ``heat``, and what the last barrier keeps afterwards: ``lost(time)`` and
``kept(loss_probability)``.

==========================  ==========================================================
`StaticBarrier`             constant
`ExponentialBarrier`        hop rate r_0 exp(-t/τ): the barrier rises linearly
`PowerLawBarrier`           hop rate r_0 (1 + t/τ)^(-α): it rises logarithmically
`LogarithmicBarrier`        the same from zero: E_b = α kT ln(1 + t/τ)
`MatchedBarrier`            E_b = kT ln(2 χ Γ_0/v(t)) for any update rate v(t)
`OpenThenShut`              as low as can be, then as high as retention asks
`MatchedDiffusivity`        D = θ η s: the least heat that an optimizer's drift allows
`from_learning_rate`        the same for any array of learning rates
`Heights`                   n stairs instead of a continuous rise
`TwoLimits`                 the least heat where the device has its limit, too
`NoisyExamples`             the least heat where examples are noisy: η ~ 1/t
`ExponentialDecay`          update rate v_0 exp(-t/τ)
`PowerLawDecay`             update rate v_0 (1 + t/τ)^(-α)
`SteppedRate`               a rate that is tabulated, step by step
`StaticStiffness`           k = kT/σ_f², about a centre
`MatchedStiffness`          k = kT/(θ s(t)), s the variance; the centre leads the mean
`OptimalStiffness`          the same for least heat: the spread itself falls evenly
`Ramp`                      straight lines between points: any control
`LogarithmicRamp`           c ln(1 + t/τ): cooling, as λ/kT
`fowler_nordheim`           the same with the constants of a published annealer
==========================  ==========================================================

Each closed formula is one SymPy expression, in `TIME` (or the convergence times gone by,
`PROGRESS`) and the symbols of `lim_lib.symbols`: a class attribute such as
``ExponentialBarrier.expression``.
"""

from lim_lib.schedules.barriers import (
    ExponentialBarrier,
    LogarithmicBarrier,
    MatchedBarrier,
    OpenThenShut,
    PowerLawBarrier,
    StaticBarrier,
)
from lim_lib.schedules.base import TIME, ExponentialMean
from lim_lib.schedules.decays import ExponentialDecay, PowerLawDecay, SteppedRate
from lim_lib.schedules.learning import Learning
from lim_lib.schedules.limits import NoisyExamples, TwoLimits
from lim_lib.schedules.matching import (
    PROGRESS,
    Heights,
    MatchedDiffusivity,
    OptimizerLimited,
    from_learning_rate,
)
from lim_lib.schedules.ramps import LogarithmicRamp, Ramp, fowler_nordheim
from lim_lib.schedules.stiffnesses import MatchedStiffness, OptimalStiffness, StaticStiffness

__all__ = [
    "PROGRESS",
    "TIME",
    "ExponentialBarrier",
    "ExponentialDecay",
    "ExponentialMean",
    "Heights",
    "Learning",
    "LogarithmicBarrier",
    "LogarithmicRamp",
    "MatchedBarrier",
    "MatchedDiffusivity",
    "MatchedStiffness",
    "NoisyExamples",
    "OpenThenShut",
    "OptimalStiffness",
    "OptimizerLimited",
    "PowerLawBarrier",
    "PowerLawDecay",
    "Ramp",
    "StaticBarrier",
    "StaticStiffness",
    "SteppedRate",
    "TwoLimits",
    "fowler_nordheim",
    "from_learning_rate",
]

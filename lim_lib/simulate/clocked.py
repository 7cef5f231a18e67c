r"""Learning by a clock: an optimizer that reads once a step, and its energy ledger.

A parameter w of a quadratic loss with its optimum at 0 moves in steps of length h. At the beginning
of each the optimizer is shown an example, an optimum y that is off by noise of spread σ (or y = 0),
and sets the landscape for the step, of stiffness :math:`k = \eta kT/D`:

- it *follows*: the energy is :math:`k (w - y)^2/2`, and its slope changes as w moves;
- or it *holds* the tilt that it has read: :math:`k (w_0 - y)^2/2 + k (w_0 - y)(w - w_0)`, w_0 the
  parameter at the beginning of the step.

Setting it is work; what the energy then loses as w moves is heat. A step is exact, with η and D as
in its middle: noise and drift of Ornstein and Uhlenbeck's process, or of a constant force.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from lim_lib.sampling import sampled
from lim_lib.simulate.runs import Ledger, Recorder, Run, generators, positions
from lim_lib.units import thermal_energy
from lim_lib.validate import NON_NEGATIVE, POSITIVE, integer, refuse, single


def clocked(
    *,
    relaxation_rate: float | Callable,
    diffusivity: float | Callable,
    duration: float,
    steps: int,
    initial: Any,
    replicas: int,
    seed: int,
    hold: bool = False,
    example_spread: float = 0.0,
    temperature: float = 300.0,
    record: Any = None,
    snapshots: bool = False,
) -> Run:
    """A parameter that learns step by step, from what its optimizer reads at the start of each.

    Parameters
    ----------
    relaxation_rate : float or callable
        Relaxation rate η of the optimizer in 1/s, or a function of time in s.
    diffusivity : float or callable
        Diffusivity D > 0 in parameter²/s, or a function of time in s.
    duration : float
        Length of the run in s.
    steps : int
        Number of steps: of examples, or of tilts.
    initial : float, array_like or callable
        Distances from the optimum at time 0, as for `langevin`, in one dimension.
    replicas, seed : int
        Number of independent copies, and where all randomness comes from.
    hold : bool
        Whether the tilt is held for the step, or follows the parameter.
    example_spread : float
        Spread σ of an example about the optimum, in parameter units; every replica has its own.
    temperature : float
        Temperature of the bath in K.
    record, snapshots
        As for `langevin`.

    Returns
    -------
    Run
        With the ledger in joules; hops are None.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed.

    Examples
    --------
    The matched barrier of the four-bit weight, with a tilt that follows and one that is held:

    >>> from lim_lib.schedules import MatchedDiffusivity
    >>> from lim_lib.units import thermal_energy
    >>> learned = MatchedDiffusivity(1.0, 6.0, bits=4, level_spacing=1 / 256, attempt_rate=1e9)
    >>> for hold in (False, True):
    ...     run = clocked(relaxation_rate=1.0, diffusivity=learned, duration=6.0, steps=600,
    ...                   initial=lambda rng, n: rng.normal(0, 1, n), hold=hold, replicas=20_000,
    ...                   seed=1)
    ...     heat, error = np.divide(run.ledger.mean("heat"), thermal_energy())
    ...     print(f"{heat:.2f} ± {error:.2f} kT")
    5.19 ± 0.03 kT
    11.24 ± 0.03 kT
    """
    temperature = single("temperature", temperature, POSITIVE)
    kT = thermal_energy(temperature)
    duration = single("duration", duration, POSITIVE)
    steps, replicas = integer("steps", steps), integer("replicas", replicas)
    noise = single("example_spread", example_spread, NON_NEGATIVE)
    recorder = Recorder(record, snapshots, duration, steps)
    x = positions(initial, replicas, seed)
    if x.ndim > 1:
        refuse("initial", f"shape {x.shape}", "in one dimension")
    rng = generators(seed, 1)[1]

    h = duration / steps
    middles = (np.arange(steps) + 0.5) * h
    rates = sampled("relaxation_rate", relaxation_rate, middles, NON_NEGATIVE)
    spreads = sampled("diffusivity", diffusivity, middles, POSITIVE)
    first, heat, work = x.copy(), np.zeros(replicas), np.zeros(replicas)
    start = energy = np.zeros(replicas)
    recorder.after(0, x)
    for step, (rate, spread) in enumerate(zip(rates, spreads, strict=True), 1):
        stiffness = rate * kT / spread
        away = x - noise * rng.standard_normal(replicas) if noise else x.copy()
        before, energy = energy, stiffness / 2 * away**2
        if step == 1:
            start = energy
        else:
            work += energy - before
        kicks = rng.standard_normal(replicas)
        if hold:
            moved = np.sqrt(2 * spread * h) * kicks - rate * h * away
            energy, before = energy + stiffness * away * moved, energy
        else:
            fades = -np.expm1(-2 * rate * h) / (2 * rate) if rate else h
            moved = np.sqrt(2 * spread * fades) * kicks + np.expm1(-rate * h) * away
            energy, before = stiffness / 2 * (away + moved) ** 2, energy
        heat += before - energy
        x = x + moved
        recorder.after(step, x)
    ledger = Ledger(
        heat=heat,
        work=work,
        energy_change=energy - start,
        transport=np.abs(x - first),
        temperature=temperature,
    )
    return Run(x, ledger, duration, True, **recorder.fields(steps), seed=int(seed))

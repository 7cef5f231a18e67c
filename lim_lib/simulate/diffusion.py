r"""Overdamped Langevin motion with an energy ledger.

Model
-----
Continuous parameters x in a potential U(x; controls), in a bath at temperature T:

.. math:: dx = \frac{D}{kT} F(x)\,dt + \sqrt{2 D}\,dB, \qquad F = -\nabla U .

Scheme
------
Strang splitting of control and motion. In step n, of length h, the controls take their values at
the middle of the step. Changing them at a fixed position is work; then the position makes one step
of the stochastic Heun method (the trapezoidal rule with an Euler predictor) under fixed controls,
and the energy that it loses is heat. At both ends the controls take their values there.

A diffusivity that changes in time, as under a barrier that rises, is a control like the others: in
a step it is what it is in the middle. It does not depend on x, so that there is nothing for Itô and
Stratonovich to differ about, and no energy depends on it: changing it is no work.

Positions, work and heat are of weak order 2: means of smooth functions of them are off by O(h²),
for additive noise as here (Kloeden and Platen 1992, section 15.1). In a spring of stiffness k the
variance at rest is off by the factor (2 - z)/(2 - z + z²/2), z = h D k/kT, about 1 - z²/4.

Weak order 2 needs increments whose moments up to the fifth are those of a normal deviate. Each
increment is one of 256 equally likely values, chosen by one random byte, whose moments up to the
seventh are (to rounding) those of the normal distribution. Paths are therefore right in law as h
goes to zero, not single increments: none is larger than 3.07 standard deviations.
"""

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np

from lim_lib.engine import chosen
from lim_lib.sampling import places, sampled
from lim_lib.simulate.potentials import Potential
from lim_lib.simulate.runs import Ledger, Progress, Recorder, Run, generators, positions
from lim_lib.units import thermal_energy
from lim_lib.validate import (
    NON_NEGATIVE,
    POSITIVE,
    REAL,
    RegimeWarning,
    floats,
    integer,
    refuse,
    single,
)

BLOCK = 8192
"""Numbers that are moved together: what the processor's cache holds."""

CHUNK = 128
"""Most steps between two looks at the state (for recording, progress, checks, interrupts)."""

LOOKS = 10_000
"""Places at which the controls are looked at, if there are fewer steps than that."""

HIDDEN = 0.1
"""Share of a control's range that may hide between the middles of two steps without a warning."""


@cache
def increments() -> np.ndarray:
    """256 equally likely values with the moments 0 to 7 of a normal deviate.

    They are the normal quantiles q at the middles of 256 equal parts, each replaced by an odd
    polynomial c_1 q + c_3 q³ + c_5 q⁵, whose three coefficients make the moments 2, 4 and 6 equal
    to 1, 3 and 15 (Newton's method); odd moments vanish by symmetry.
    """
    upper = np.array([NormalDist().inv_cdf((i + 128.5) / 256) for i in range(128)])
    powers = upper ** np.array([[1], [3], [5]])
    orders, moments = np.array([2, 4, 6]), np.array([1.0, 3.0, 15.0])
    coefficients = np.array([1.0, 0.0, 0.0])
    for _ in range(30):
        values = coefficients @ powers
        error = (values ** orders[:, None]).mean(1) - moments
        slope = (orders[:, None] * values ** (orders[:, None] - 1)) @ powers.T / upper.size
        coefficients = coefficients - np.linalg.solve(slope, error)
    values = coefficients @ powers
    return np.concatenate([-values[::-1], values])


def langevin(
    potential: Potential,
    *,
    diffusivity: float | Callable,
    duration: float,
    steps: int,
    initial: Any,
    replicas: int,
    seed: int,
    controls: Mapping[str, Any] | None = None,
    temperature: float = 300.0,
    log_density: Callable | None = None,
    passage: Callable | None = None,
    record: Any = None,
    snapshots: bool = False,
    progress: bool | Callable | None = None,
    engine: str = "numpy",
    threads: int = 1,
) -> Run:
    """Overdamped Langevin motion, dx = (D/kT) F dt + √(2D) dB, with heat and work per replica.

    Parameters
    ----------
    potential : Potential
        Energy in J and force, minus its gradient.
    diffusivity : float or callable
        D in parameter²/s; or a function of time in s, followed as the controls are: a schedule of
        `lim_lib.schedules` such as `MatchedDiffusivity`. Where it is zero, nothing moves.
    duration : float
        Length of the run in s.
    steps : int
        Number of time steps; errors of means fall as its square.
    initial : float, array_like or callable
        Positions at time 0: one for all, or an array (replicas,) or (replicas, dimensions), or a
        function ``initial(generator, replicas)`` that draws them.
    replicas : int
        Number of independent copies.
    seed : int
        Where all randomness comes from.
    controls : mapping of str to float or callable
        What ``potential`` takes beside the position: numbers, or functions of time in s (such as
        the schedules of `lim_lib.schedules`). The run changes them in steps, to their values at
        the middle of each time step; 10 000 looks in between tell whether something hides there
        (it is seen if it lasts a ten-thousandth of the run).
    temperature : float
        Temperature of the bath in K.
    log_density : callable, optional
        ``log_density(x, time)``, the logarithm of the probability density of the positions, where
        it is known: it gives the system's entropy. Called at time 0 and at the end.
    passage : callable, optional
        ``passage(x)``, a truth value for each position that it is given: the end of the first step
        at which it holds is kept as the replica's ``passage_times``. The replica moves on.
    record : array_like, optional
        Times in s at which to keep mean and variance (at the nearest end of a step).
    snapshots : bool
        Whether to keep all positions then, too.
    progress : bool or callable, optional
        Progress of a long run: on a terminal by default, always, never, or your function of the
        fraction done.
    engine : {"numpy", "compiled"}
        Who computes it (`lim_lib.engine`). Both make the same paths, to rounding. Compiled loops
        move one dimension, and need an energy, a force and a passage that Numba can compile as
        functions of one number, in a second or two in each process.
    threads : int
        Over which compiled loops spread the replicas, 8192 at a time.

    Returns
    -------
    Run
        With the ledger in joules; hops are None. Memory grows with replicas (and records), not
        with steps.

    Raises
    ------
    ValueError, TypeError
        For an argument that is not allowed, a potential that returns another shape, a force that
        is not minus the gradient of the energy, a control that is not finite, a replica that
        leaves the domain of the potential, or a time step too large for the stiffness (with the
        largest that is not: h D k/kT <= 1, half of what is stable), looked for at the start and
        along the run.

    Warns
    -----
    RegimeWarning
        If a control does something between the middles of two steps that the run does not see.

    References
    ----------
    Sekimoto, Prog. Theor. Phys. Suppl. 130, 17 (1998), for heat and work of a trajectory; Kloeden
    and Platen, Numerical Solution of Stochastic Differential Equations (1992), equation (15.1.3),
    with constant b.

    Examples
    --------
    A spring that is made four times stiffer, slowly; reversible work would be kT ln 2:

    >>> from lim_lib.simulate import harmonic, langevin
    >>> from lim_lib.units import thermal_energy
    >>> kT = thermal_energy()
    >>> run = langevin(harmonic, diffusivity=1.0, duration=20.0, steps=2000, replicas=4000, seed=1,
    ...                initial=lambda rng, n: rng.normal(0, 1, n),
    ...                controls={"stiffness": lambda t: kT * (1 + 3 * t / 20)})
    >>> work, error = run.ledger.mean("work")
    >>> f"{work / kT:.3f} +- {error / kT:.3f} kT"
    '0.710 +- 0.003 kT'
    """
    if not isinstance(potential, Potential):
        refuse("potential", potential, "a Potential (an energy and a force)", TypeError)
    temperature = single("temperature", temperature, POSITIVE)
    kT = thermal_energy(temperature)
    if not callable(diffusivity):
        diffusivity = single("diffusivity", diffusivity, POSITIVE)
    duration = single("duration", duration, POSITIVE)
    steps, replicas = integer("steps", steps), integer("replicas", replicas)
    engine, threads = chosen(engine, threads)
    recorder = Recorder(record, snapshots, duration, steps)
    controls = dict(controls or {})
    potential.accept(controls)
    _look_between("diffusivity", diffusivity, duration, steps, NON_NEGATIVE)
    for name, control in controls.items():
        _look_between(f"controls[{name!r}]", control, duration, steps)

    # Each block of replicas has its own generator, so the numbers do not depend on anything else.
    x = positions(initial, replicas, seed)
    width = max(1, BLOCK // int(np.prod(x.shape[1:])))
    blocks = [slice(i, min(i + width, replicas)) for i in range(0, replicas, width)]
    sources = [generator.bit_generator for generator in generators(seed, len(blocks))[1:]]

    h = duration / steps
    inspect = _Inspector(potential, h, kT)

    def at(times: np.ndarray) -> list[dict[str, float]]:
        values = {n: sampled(f"controls[{n!r}]", c, times).tolist() for n, c in controls.items()}
        return [{n: v[i] for n, v in values.items()} for i in range(times.size)]

    (start,) = at(np.zeros(1))
    energy_start = inspect.start(x, start)
    log_start = _log_density(log_density, x, 0.0)
    account = _Account(inspect.energy, start, energy_start.copy(), np.zeros_like(energy_start))
    recorder.after(0, x)
    reached = None if passage is None else np.where(_passed(passage, x), 0.0, np.nan)
    done = (0, x.copy(), account.copy(), _copy(reached))
    complete = True
    parts = list(zip(blocks, sources, strict=True))
    compiled = _compiled(potential, controls, passage, x, threads) if engine != "numpy" else None
    # A position that flies off is reported by the inspector, with its reason.
    quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
    with Progress(progress) as show, quiet:
        try:
            step = 0
            while step < steps:
                stop = recorder.next_stop(step, min(step + CHUNK, steps))
                middles = (np.arange(step, stop) + 0.5) * h
                settings = at(middles)
                spreads = h * sampled("diffusivity", diffusivity, middles, NON_NEGATIVE)
                inspect(x, settings[0], spreads[0], step * h)
                ends = (np.arange(step, stop) + 1) * h
                chunk = (parts, settings, spreads, kT, ends)
                if compiled is not None and compiled(x, account, reached, *chunk):
                    inspect.time = stop * h
                else:
                    _by_numpy(x, account, reached, *chunk, passage, inspect)
                account.controls = settings[-1]
                step = stop
                inspect(x, settings[-1], spreads[-1], step * h)
                recorder.after(step, x)
                done = (step, x.copy(), account.copy(), _copy(reached))
                show(step / steps)
        except KeyboardInterrupt:
            complete = False
    step, x, account, reached = done
    time = step * h
    (end,) = at(np.array([time]))
    account.change_controls(x, end)
    account.settle(x)
    log_end = _log_density(log_density, x, time)
    ledger = Ledger(
        heat=account.heat,
        work=account.work,
        energy_change=inspect.energy(x, **end) - energy_start,
        transport=np.abs(x - inspect.first) if x.ndim == 1 else _length(x - inspect.first),
        temperature=temperature,
        system_entropy=kT * (log_start - log_end),
    )
    kept = recorder.fields(step)
    rest = {"passage_times": reached, "seed": int(seed), "engine": engine}
    return Run(x, ledger, time, complete, **kept, **rest)


def _by_numpy(x, account, reached, parts, settings, spreads, kT, ends, passage, inspect):
    """Move all blocks by some steps, in place."""
    begin = inspect.time
    for block, source in parts:
        inspect.time = begin
        walk = _advance(x[block], account.part(block), settings, inspect.force, spreads, kT, source)
        for moved in walk:
            inspect.time = ends[moved - 1]
            if reached is not None:
                hit = _passed(passage, x[block]) & np.isnan(reached[block])
                reached[block][hit] = ends[moved - 1]


def _compiled(potential, controls, passage, x, threads):
    """Moves all blocks by some steps, in place, unless a force is no number: then it says False."""
    if x.ndim > 1:
        refuse("initial", f"shape {x.shape}", "in one dimension for engine='compiled'")
    from lim_lib.simulate.compiled.motion import Motion

    motion = Motion(potential, passage, threads)

    def travel(x, account, reached, parts, settings, spreads, kT, ends):
        arrays = [x, account.reference, account.heat, account.work]
        arrays += [] if reached is None else [reached]
        before = [array.copy() for array in arrays], [source.state for _, source in parts]
        if motion.travel(x, account, reached, parts, settings, spreads, kT, ends, increments()):
            return True
        for array, was in zip(arrays, before[0], strict=True):
            np.copyto(array, was)
        for (_, source), state in zip(parts, before[1], strict=True):
            source.state = state
        return False

    return travel


def _advance(x, account, settings, force, spreads, kT, source):
    """Move one block of positions by some steps, in place; yields the number of steps done.

    A spread is diffusivity times length of a step.
    """
    noise, moved = np.empty_like(x), np.empty_like(x)
    words = -(-x.size // 8)
    values, tables = increments(), np.sqrt(2 * spreads)
    for done, (controls, gain, size) in enumerate(
        zip(settings, spreads / kT, tables, strict=True), 1
    ):
        table = size * values
        if controls != account.controls:
            account.change_controls(x, controls)
        index = source.random_raw(words).view(np.uint8)[: x.size].reshape(x.shape)
        table.take(index, out=noise, mode="clip")
        pull = force(x, **controls)
        np.multiply(pull, gain, out=moved)
        moved += x
        moved += noise
        np.add(pull, force(moved, **controls), out=moved)
        moved *= gain / 2
        x += moved
        x += noise
        yield done


class _Account:
    """Heat and work of a block, up to the last change of its controls.

    ``reference`` is the energy just after that change; what the position has lost since then is
    heat, and is settled when the controls change again.
    """

    def __init__(self, energy, controls, reference, heat, work=None):
        self.energy, self.controls = energy, controls
        self.reference = reference
        self.heat = heat
        self.work = np.zeros_like(heat) if work is None else work

    def part(self, block):
        return _Account(
            self.energy,
            self.controls,
            self.reference[block],
            self.heat[block],
            self.work[block],
        )

    def copy(self):
        arrays = (self.reference.copy(), self.heat.copy(), self.work.copy())
        return _Account(self.energy, self.controls, *arrays)

    def settle(self, x):
        now = self.energy(x, **self.controls)
        self.heat += self.reference
        self.heat -= now
        return now

    def change_controls(self, x, controls):
        before = self.settle(x)
        after = self.energy(x, **controls)
        self.work += after
        self.work -= before
        np.copyto(self.reference, after)
        self.controls = controls


class _Inspector:
    """Looks at a potential and a time step, where the replicas are."""

    def __init__(self, potential, h, kT):
        self.potential, self.h, self.kT = potential, h, kT
        self.first, self.time = np.empty(0), 0.0
        self.near = self.farthest = 0.0

    def energy(self, x, **controls):
        """The potential's energy, in floats."""
        return _real(self.potential.energy(x, **controls))

    def force(self, x, **controls):
        """The potential's force, in floats, while the replicas are where it has one."""
        force = _real(self.potential.force(x, **controls))
        if not np.isfinite(force.sum()):
            self._inside("force", force, x)
        return force

    def start(self, x, controls):
        """Energies at the start, once both functions have returned the right shapes."""
        self.first = x.copy()
        with np.errstate(all="ignore"):
            energy = self._shaped("energy", x, controls, x.shape[:1])
            force = self._shaped("force", x, controls, x.shape)
        for name, values in (("energy", energy), ("force", force)):
            self._inside(name, values, x)
        return energy

    def _shaped(self, name, x, controls, shape):
        values = np.asarray(getattr(self.potential, name)(x, **controls))
        if values.shape != shape or values.dtype.kind not in "iuf":
            got = f"shape {values.shape}" if values.shape != shape else f"{values.dtype} numbers"
            raise ValueError(
                f"potential.{name} must return an array of shape {shape} of real numbers, got {got}"
            )
        return values.astype(float)

    def _inside(self, name, values, x):
        """Refuse a position at which the energy or the force is no number."""
        lost = ~np.isfinite(values).reshape(len(x), -1).all(axis=1)
        if not lost.any():
            return
        row = int(lost.argmax())
        at = x[row].tolist()
        if not np.isfinite(x[row]).all() or np.abs(x[row]).max() > 1e6 * self._reach():
            raise ValueError(
                f"the positions must stay finite, but x = {at} at t = {self.time:.6g} s: the time "
                f"step of {self.h:.6g} s is too large for this potential, use more steps"
            )
        value = np.asarray(values[row]).tolist()
        raise ValueError(
            f"every replica must stay in the domain of the potential, but one left the domain: at "
            f"t = {self.time:.6g} s it is at x = {at}, where the {name} is {value}"
        )

    def _reach(self):
        return np.abs(self.first).max() + 20 * self.farthest

    def __call__(self, x, controls, spread, time):
        self.time = time
        self.near = 0.05 * np.sqrt(2 * spread)
        self.farthest = max(self.farthest, self.near)
        self._inside("energy", self.energy(x, **controls), x)
        if not spread:
            return
        size = np.abs(x).reshape(len(x), -1).max(1)
        self.near = max(self.near, 1e-8 * size.max())  # so that there are differences far out
        some = np.unique(np.append(np.linspace(0, len(x) - 1, 64).astype(int), size.argmax()))
        points = x[some].reshape(some.size, -1)
        gradient, hessian = self._differences(points, x.ndim, controls)
        # Beside an edge of the domain there are no differences to be looked at.
        known = np.isfinite(gradient).all(axis=1) & np.isfinite(hessian).all(axis=(1, 2))
        if not known.any():
            return
        some, points, gradient, hessian = (
            some[known],
            points[known],
            gradient[known],
            hessian[known],
        )
        stiffness = np.linalg.eigvalsh((hessian + hessian.mT) / 2).max()
        largest = self.h * self.kT / (spread * stiffness) if stiffness > 0 else np.inf
        if self.h > largest * (1 + 1e-6):
            enough = int(np.ceil(self.h / largest))
            raise ValueError(
                f"the time step of {self.h:.6g} s is too large for the stiffness of "
                f"{stiffness:.4g} J per parameter² at t = {time:.6g} s: it must be <= "
                f"{largest:.6g} s, that is {enough} times as many steps"
            )
        force = self.force(x[some], **controls).reshape(points.shape)
        energy = np.abs(self.energy(x[some], **controls)).max()
        scale = np.abs(force).max() + np.abs(hessian).max() * 20 * self.near
        allowed = 0.02 * scale + (1e-9 * energy + 1e-6 * self.kT) / self.near
        if not np.abs(force + gradient).max() <= allowed:
            i = np.unravel_index(np.abs(force + gradient).argmax(), force.shape)
            raise ValueError(
                f"potential.force must be minus the gradient of potential.energy: at "
                f"x = {x[some][i[0]]} it is {force[i]:.4g}, and that is {-gradient[i]:.4g}"
            )

    def _differences(self, points, dimensions, controls):
        """Gradient of the energy and Hessian (from the force), by central differences."""
        count, size = points.shape
        shifts = self.near * np.eye(size)
        sides = np.stack([points[:, None] + shifts, points[:, None] - shifts])  # side, point, axis
        flat = sides.reshape(-1, size)
        flat = flat[:, 0] if dimensions == 1 else flat
        energy = self.energy(flat, **controls).reshape(2, count, size)
        force = _real(self.potential.force(flat, **controls)).reshape(2, count, size, size)
        return tuple((plus - minus) / (2 * self.near) for plus, minus in (energy, -force))


def _look_between(name, control, duration, steps, domain=REAL):
    """Warn of what a control does only where the run does not look, between middles of steps."""
    if not callable(control) or steps >= LOOKS:
        return
    middles = (np.arange(steps) + 0.5) * (duration / steps)
    seen = sampled(name, control, np.concatenate([[0.0], middles, [duration]]), domain)
    times = places(0.0, duration, LOOKS, seed=1)
    values = sampled(name, control, times, domain)
    step = np.minimum((times / duration * steps).astype(int), steps - 1)
    near = np.stack([seen[step], seen[step + 1], seen[step + 2]])
    hidden = np.maximum(values - near.max(axis=0), near.min(axis=0) - values)
    spread = max(values.max(), seen.max()) - min(values.min(), seen.min())
    worst = hidden.argmax()
    if hidden[worst] > HIDDEN * spread:
        warnings.warn(
            f"{name} changes within a time step of {duration / steps:.4g} s, which does not see "
            f"it: at t = {times[worst]:.6g} s it is {values[worst]:.4g}, at the middles of the "
            f"steps around {near[0, worst]:.4g}, {near[1, worst]:.4g} and {near[2, worst]:.4g}; "
            "use more steps",
            RegimeWarning,
            stacklevel=3,
        )


def _real(values):
    """Floats; NaN for a number that is not real."""
    values = np.asarray(values)
    if values.dtype.kind == "c":
        values = np.where(values.imag == 0, values.real, np.nan)
    return values.astype(float, copy=False)


def _passed(passage, x):
    """What a condition says of each position, checked."""
    values = np.asarray(passage(x))
    if values.shape != x.shape[:1] or values.dtype.kind != "b":
        refuse("passage(x)", f"{values.dtype} of shape {values.shape}",
               f"truth values of shape {x.shape[:1]}")  # fmt: skip
    return values


def _copy(array):
    return None if array is None else array.copy()


def _length(x):
    return np.sqrt((x * x).sum(-1))


def _log_density(log_density, x, time):
    if log_density is None:
        return np.full(len(x), np.nan)
    values = np.asarray(floats("log_density(x, time)", log_density(x, time)), dtype=float)
    if values.shape != x.shape[:1]:
        refuse("log_density(x, time)", f"shape {values.shape}", f"an array of shape {x.shape[:1]}")
    if not np.isfinite(values).all():
        k = int((~np.isfinite(values)).argmax())
        raise ValueError(
            f"log_density(x, time) must be finite where a replica is, is {values[k]} at t = "
            f"{time:.6g} s, x = {x[k].tolist()}"
        )
    return values

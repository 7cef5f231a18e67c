r"""An optimizer in a bath: how fast it is, what it pays, and what it learns.

Model: a loss L is an energy λL for parameters with diffusivity D in a bath, which move as
:math:`dw = -(D/kT) \lambda \nabla L\,dt + \sqrt{2D}\,dB`. The coupling λ is in kT per unit of the
loss, heat in kT, information and entropy in nats; none of it depends on the temperature.

Contents: `quadratic_loss`, `loss_bound`, `learned`, `Learned`.
"""

from typing import Any, NamedTuple

import numpy as np

from lim_lib.validate import NON_NEGATIVE, POSITIVE, Numbers, floats, number, refuse, single


def quadratic_loss(
    time: Any, *, losses: Numbers, curvatures: Numbers, coupling: float,
    diffusivity: float,
):  # fmt: skip
    """Mean loss of a quadratic valley along its axes, L = sum of h w²/2, at a time.

    Each axis goes from its initial mean loss to kT/(2λ) at the rate 2λhD/kT; one without curvature
    has no loss.

    Parameters
    ----------
    time : float or array_like
        Time in s since the coupling was switched on; infinite for what is at rest.
    losses, curvatures : sequence of float
        Initial mean loss and curvature h of each axis.
    coupling : float
        λ in kT per unit of loss.
    diffusivity : float
        D in parameter²/s.

    Returns
    -------
    float or ndarray
        In the unit of the loss.
    """
    time = _elapsed(time)
    coupling, diffusivity = _positive(coupling=coupling, diffusivity=diffusivity)
    h = np.asarray(number("curvatures", curvatures, NON_NEGATIVE))
    initial = np.asarray(number("losses", losses, NON_NEGATIVE))
    if h.ndim != 1 or h.shape != initial.shape:
        got = f"shapes {initial.shape} and {h.shape}"
        refuse("losses and curvatures", got, "two rows of equal length, one number for each axis")
    with np.errstate(invalid="ignore"):  # what has no curvature stays, for ever
        decay = np.where(h > 0, -2 * coupling * diffusivity * np.multiply.outer(time, h), 0.0)
    return (initial * np.exp(decay) - np.expm1(decay) / (2 * coupling)).sum(-1)


def loss_bound(
    time: Any, *, loss: float, pl_constant: float, curvature: float, coupling: float,
    diffusivity: float,
):  # fmt: skip
    """Upper bound on the mean excess loss at a time, by the Polyak-Lojasiewicz inequality.

    Parameters
    ----------
    time : float or array_like
        Time in s since the coupling was switched on; infinite for what is at rest.
    loss : float
        Mean excess loss at time 0.
    pl_constant : float
        μ in ``|∇L|² >= 2μ(L - L*)``.
    curvature : float
        What the trace of the Hessian never exceeds.
    coupling : float
        λ in kT per unit of loss.
    diffusivity : float
        D in parameter²/s.

    Returns
    -------
    float or ndarray
        In the unit of the loss.
    """
    time = _elapsed(time)
    loss = single("loss", loss, NON_NEGATIVE)
    curvature = single("curvature", curvature, NON_NEGATIVE)
    pl_constant, coupling, diffusivity = _positive(
        pl_constant=pl_constant, coupling=coupling, diffusivity=diffusivity
    )
    decay = -2 * pl_constant * coupling * diffusivity * time
    return loss * np.exp(decay) - curvature / (2 * pl_constant * coupling) * np.expm1(decay)


def _elapsed(time):
    values = floats("time", time, NON_NEGATIVE)
    if not np.all(np.asarray(values) >= 0):
        refuse("time", time, "a number >= 0, or infinite")
    return values


def _positive(**values) -> list[float]:
    return [single(name, value, POSITIVE) for name, value in values.items()]


class Learned(NamedTuple):
    """What a one-parameter estimator has learned, and at what price.

    Parameters
    ----------
    information : float or ndarray
        Mutual information between the parameter and its data, in nats.
    about_truth : float or ndarray
        Mutual information between the parameter and the true value, in nats.
    entropy_change : float or ndarray
        Change of the entropy of the parameter, all data sets together, in nats.
    heat : float or ndarray
        Mean heat in kT.
    """

    information: Any
    about_truth: Any
    entropy_change: Any
    heat: Any

    @property
    def cost(self):
        """Entropy change plus heat over kT: never less than the information."""
        return self.entropy_change + self.heat


def learned(data: Any, coupling: Any, time: Any = None) -> Learned:
    """Information, entropy and heat of a parameter that relaxes in λL(w; data).

    A truth drawn from a normal distribution of variance 1 is seen `data` times, each time with
    normal noise of variance 1; L is minus the logarithm of the posterior density. The parameter
    starts normal with variance 1, independent of the data, and D = 1 parameter²/s.

    Parameters
    ----------
    data : float or array_like
        Number of data.
    coupling : float or array_like
        λ in kT.
    time : float or array_like, optional
        Time in s since λ was switched on; when all is at rest, if not given.

    Returns
    -------
    Learned

    Examples
    --------
    >>> result = learned(data=15, coupling=1.0)
    >>> print(f"{result.information:.4f} nats for {result.cost:.4f}")
    1.3863 nats for 15.0000
    """
    n, coupling = number("data", data, POSITIVE), number("coupling", coupling, POSITIVE)
    stiffness, share = coupling * (1 + n), n / (1 + n)
    elapsed = np.inf if time is None else number("time", time, NON_NEGATIVE)
    left = np.exp(-stiffness * elapsed)
    centre = share * (1 - left) ** 2
    spread = 1 / stiffness + (1 - 1 / stiffness) * left**2
    total = centre + spread
    return Learned(
        information=np.log1p(centre / spread) / 2,
        about_truth=-np.log1p(-((share * (1 - left)) ** 2) / total) / 2,
        entropy_change=np.log(total) / 2,
        heat=stiffness / 2 * (1 + share - spread - share * left**2),
    )

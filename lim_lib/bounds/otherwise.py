"""What several references share: the same physics in mpmath, written in another way."""

import mpmath as mp


def erased(q):
    """Entropy that M uniform parameters of b bits lose, in k_B: M ln L."""
    return q.model_size * mp.log(mp.mpf(2) ** q.bits)


def tilt(net_rate, hop_rate):
    """Tilt in kT that moves a cell at a net rate: 2 ln(x + √(1 + x²)), x = v/(2r)."""
    x = net_rate / (2 * hop_rate)
    return 2 * mp.log(x + mp.sqrt(1 + x * x))


def retention_rate(q):
    """Hop rate at which a cell is lost with the allowed probability in the retention time."""
    return -mp.log1p(-2 * q.loss_probability) / (2 * q.retention)


def starting_barrier(q):
    """Barrier at the start in kT."""
    return mp.log(q.attempt_rate / q.hop_rate_initial)

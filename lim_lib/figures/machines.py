"""The picture of Ising machines: what a solution takes, and what it at least must."""

import numpy as np

from lim_lib import bounds, workloads
from lim_lib.figures.canvas import Picture, decades, drawing

__all__ = ["joules_per_solution"]

_TONE = {"measured": "ink", "derived": "orange", "simulated": "blue"}
_ABOVE = ("memristor_60", "junctions_80")
"""Machines whose names would run into another's to the right of their points."""


def joules_per_solution(*, figure: Picture | None = None, temperature: float = 300.0) -> Picture:
    """Energies of a solution against the spins of its problem, above N kT ln 2.

    A dot was measured (black), reckoned from a power (orange) or simulated (blue); rings were
    seen in somebody else's words.

    Parameters
    ----------
    figure : Picture, optional
        An earlier one, to draw on.
    temperature : float
        In K, for kT ln 2.

    Returns
    -------
    Picture
    """
    machines = workloads.load_machines().dropna(subset=["energy"])
    spins = np.array([1.0, 1e6])
    least = bounds.landauer(model_size=spins, bits=1, temperature=temperature)
    with drawing(figure, width=5.4, height=4.6) as picture:
        panel = picture.panel(
            "spins",
            "energy of a solution (J)",
            xscale="log",
            yscale="log",
            xlim=(spins[0], spins[1]),
            ylim=(1e-20, 1e5),
            xticks=decades(range(7)),
            yticks=decades(range(-20, 6, 5)),
        )
        for power in (0, 5, 10, 15, 20):
            panel.line(
                f"times {power}",
                spins,
                least * 10.0**power,
                tone="grey",
                dash="solid",
                width=1.6 if power == 0 else 0.7,
            )
            panel.text(
                f"named {power}",
                spins[1] * 0.8,
                least[1] * 10.0**power * 0.5,
                "N kT ln 2" if power == 0 else f"$\\times10^{{{power}}}$",
                tone="grey",
                align="right",
                valign="top",
            )
        for machine, row in machines.iterrows():
            above = machine in _ABOVE
            panel.points(
                machine,
                [row["spins"]],
                [row["energy"]],
                tone=_TONE[row["energy_basis"]],
                marker="o",
                hollow=row["energy_standing"] != "source",
            )
            panel.text(
                f"{machine} in words",
                row["spins"] * (1 if above else 1.5),
                row["energy"] * (3 if above else 1),
                row["name"],
                tone=_TONE[row["energy_basis"]],
                align="center" if above else "left",
                valign="bottom" if above else "center",
                size=9,
            )
    return picture

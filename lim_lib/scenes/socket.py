"""The way to the wall socket: each factor between the bound and a machine, to be dragged."""

from lim_lib import figures
from lim_lib.javascript import source
from lim_lib.scenes.scene import Dial, Scene
from lim_lib.workloads import load_overheads, socket_ranges
from lim_lib.workloads.socket import ENERGIES, FACTORS, NAMES, STAGES, allowed, socket_arguments

__all__ = ["socket"]

_TONES = {"bound": "blue", "memory": "green", "compute": "orange", "around": "purple"}
_UNITS = {"operation_energy": "J", "read_energy": "J/bit", "exchange_energy": "J/bit"}
_BEYOND = 10
"""How far a reader's own number may lie beyond a factor's range."""


def socket() -> Scene:
    """All factors between a bound and the wall socket, each with its range, and the total.

    Returns
    -------
    Scene

    Examples
    --------
    >>> socket()  # doctest: +ELLIPSIS
    Scene(socket: drive of the hops 1; moves that cancel 306.186; correlations lost ...
    """
    units = load_overheads()["unit"].replace("1", "").to_dict() | _UNITS
    ranges, controls = socket_ranges(), {}
    for name, (label, _) in FACTORS.items():
        low, value, high = ranges[name]
        least, most = (min(max(end, allowed(name).low), allowed(name).high)
                       for end in (low / _BEYOND, high * _BEYOND))  # fmt: skip
        controls[name] = Dial(label, least, most, start=value, unit=units[name], scale="log")
    rows = [("forgetting (Landauer)", "forget", None), *(
        (label, stage, name) for name, (label, stage) in FACTORS.items()
    )]  # fmt: skip
    return Scene(
        "socket",
        title="Factors between the bound and the wall socket",
        alt="Eleven stages down a log axis of energy, each with the range of its factors: Landauer "
        "8e-9 J, moves 3e-5, control 16, from 2e-4 to 5e9, read-out 4e9, gradient from 7e7 to "
        "1.2e12, assumed at 7.6e11: 4.68 TJ at the socket.",
        still=lambda: figures.way_to_the_socket(ranges=True),
        data={
            "energies": {stage: source(energy, NAMES) for stage, energy in ENERGIES.items()},
            "names": list(NAMES.values()),
            "given": {"temperature": 300.0} | socket_arguments(),
            "rows": [(*row, _TONES[STAGES[row[1]]]) for row in rows],
            "ranges": {
                name: [ends.high, ends.low] if name == "busy" else [ends.low, ends.high]
                for name, ends in ranges.items()
            },
        },
        scripts=("socket",),
        **controls,
    )

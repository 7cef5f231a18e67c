"""Neighbours of the annealer: problems and samplers of dimod, graphs of networkx.

Both are extras, ``pip install "lim_lib[interop]"``, and are imported when they are first needed.
dimod's energy of spins is :math:`E(s) = \\sum h_i s_i + \\sum_{i<j} J_{ij} s_i s_j + c`, with signs
opposite to those of `IsingModel`, in which couplings and fields *lower* the energy of what follows
them. Here the signs are turned, so that the energies are the same.
"""

from typing import TYPE_CHECKING, Any

from lim_lib.interop.extra import extra
from lim_lib.interop.graphs import from_graph, to_graph
from lim_lib.interop.models import Labelled, from_bqm, to_bqm

if TYPE_CHECKING:
    from lim_lib.interop.sampler import LearningInMemorySampler

__all__ = [
    "Labelled",
    "LearningInMemorySampler",
    "from_bqm",
    "from_graph",
    "to_bqm",
    "to_graph",
]


def __getattr__(name: str) -> Any:
    if name == "LearningInMemorySampler":  # a class that is made of dimod's
        extra("dimod")
        from lim_lib.interop.sampler import LearningInMemorySampler

        return LearningInMemorySampler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""Graphs of networkx."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from scipy import sparse

from lim_lib.interop.extra import extra
from lim_lib.interop.models import Labelled, checked_labels, must_be_ising
from lim_lib.optimizers import IsingModel
from lim_lib.validate import refuse, single

MEANINGS = ("maxcut", "couplings")


def from_graph(graph: Any, *, meaning: str = "maxcut", weight: str = "weight") -> Labelled:
    """The Ising model of a graph: its MaxCut, or its edges as couplings.

    Parameters
    ----------
    graph : networkx.Graph
        Without directions and without an edge from a node to itself. Parallel edges add up.
    meaning : {"maxcut", "couplings"}
        H = -cut, or weights that are J, with fields h on nodes that have an attribute ``field``
        and the graph's own attribute ``offset``.
    weight : str
        The attribute of an edge that is its weight; 1 where it is missing.

    Returns
    -------
    Labelled
        ``model, labels``: spin i is the node ``labels[i]``.

    Raises
    ------
    ValueError, TypeError, ModuleNotFoundError
        In one line that names the edge, or the package that is missing.

    Examples
    --------
    Of a ring of five the cut takes four edges:

    >>> import networkx as nx
    >>> model, labels = from_graph(nx.cycle_graph("abcde"))
    >>> labels, model.ground_state().energy
    (['a', 'b', 'c', 'd', 'e'], -4.0)
    """
    if not isinstance(graph, extra("networkx").Graph) or graph.is_directed():
        refuse("graph", graph, "a networkx.Graph without directions", TypeError)
    if meaning not in MEANINGS:
        refuse("meaning", meaning, " or ".join(map(repr, MEANINGS)))
    labels = list(graph)
    if not labels:
        refuse("graph", graph, "a graph of at least one node")
    place = {label: i for i, label in enumerate(labels)}
    edges = list(graph.edges(data=weight, default=1.0))
    for one, other, value in edges:
        if one == other:
            refuse("graph", (one, other), "without an edge from a node to itself")
        single(f"{weight} of edge ({one!r}, {other!r})", value)
    rows = [place[one] for one, _, _ in edges]
    columns = [place[other] for _, other, _ in edges]
    shape = (len(labels), len(labels))
    upper = sparse.coo_array((np.array([w for *_, w in edges], float), (rows, columns)), shape)
    if meaning == "maxcut":
        return Labelled(IsingModel.maxcut(upper + upper.T), labels)
    given = graph.nodes(data="field", default=0.0)
    fields = [single(f"field of node {label!r}", field) for label, field in given]
    return Labelled(IsingModel(upper + upper.T, fields, graph.graph.get("offset", 0.0)), labels)


def to_graph(model: IsingModel, labels: Iterable[Hashable] | None = None) -> Any:
    """The graph whose edges are the couplings of an Ising model.

    Parameters
    ----------
    model : IsingModel
        Couplings become the attribute ``weight`` of edges, fields ``field`` of nodes, and the
        offset that of the graph: `from_graph` with ``meaning="couplings"`` reads them back.
    labels : iterable, optional
        Names of the nodes; by default their numbers from 0.

    Returns
    -------
    networkx.Graph

    Examples
    --------
    >>> to_graph(IsingModel([[0, 2], [2, 0]], fields=[1, 0]), labels="ab").edges(data="weight")
    EdgeDataView([('a', 'b', 2.0)])
    """
    must_be_ising(model)
    names = checked_labels(labels, model.size)
    graph = extra("networkx").Graph(offset=model.offset)
    for name, field in zip(names, model.fields.tolist(), strict=True):
        graph.add_node(name, field=field)
    upper = sparse.coo_array(sparse.triu(model.couplings, k=1))
    for i, j, coupling in zip(*upper.coords, upper.data.tolist(), strict=True):
        graph.add_edge(names[i], names[j], weight=coupling)
    return graph

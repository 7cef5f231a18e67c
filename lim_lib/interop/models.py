"""Binary quadratic models of dimod."""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from lim_lib.interop.extra import extra
from lim_lib.optimizers import IsingModel
from lim_lib.validate import refuse


class Labelled(NamedTuple):
    """A model, and what its spins were called where they come from.

    Parameters
    ----------
    model : IsingModel
        Whose spins have numbers.
    labels : list
        The name of each.
    """

    model: IsingModel
    labels: list[Hashable]


def from_bqm(bqm: Any) -> Labelled:
    """The Ising model with the energies of one of dimod's binary quadratic models.

    Parameters
    ----------
    bqm : dimod.BinaryQuadraticModel
        Of spins, or of binary variables x, which become spins 2x - 1.

    Returns
    -------
    Labelled
        ``model, labels``: spin i is the variable ``labels[i]``; the offset is kept.

    Raises
    ------
    ValueError, TypeError, ModuleNotFoundError
        In one line, for what is no such model, or holds no variable, or if dimod is missing.

    Examples
    --------
    >>> from dimod import BinaryQuadraticModel
    >>> bqm = BinaryQuadraticModel({"a": 1.0}, {("a", "b"): -2.0}, 0.5, "BINARY")
    >>> model, labels = from_bqm(bqm)
    >>> print(labels, model.energy([1, 1]), bqm.energy({"a": 1, "b": 1}))
    ['a', 'b'] -0.5 -0.5
    """
    must_be_bqm(bqm)
    if not bqm.num_variables:
        refuse("bqm", bqm, "a model of at least one variable")
    labels = list(bqm.variables)
    linear, (rows, columns, weights), offset = bqm.spin.to_numpy_vectors(variable_order=labels)
    upper = sparse.coo_array((-np.asarray(weights, dtype=float), (rows, columns)),
                             shape=(len(labels), len(labels)))  # fmt: skip
    return Labelled(IsingModel(upper + upper.T, -np.asarray(linear, float), float(offset)), labels)


def to_bqm(model: IsingModel, labels: Iterable[Hashable] | None = None) -> Any:
    """The binary quadratic model, of spins, with the energies of an Ising model.

    Parameters
    ----------
    model : IsingModel
        Its fields and couplings change their signs, not its energies.
    labels : iterable, optional
        Names of the spins; by default their numbers from 0.

    Returns
    -------
    dimod.BinaryQuadraticModel

    Examples
    --------
    >>> bqm = to_bqm(IsingModel([[0, 2], [2, 0]], fields=[1, 0]), labels="ab")
    >>> print(bqm.get_linear("a"), bqm.get_quadratic("a", "b"))
    -1.0 -2.0
    """
    must_be_ising(model)
    names = checked_labels(labels, model.size)
    upper = sparse.coo_array(sparse.triu(model.couplings, k=1))
    return extra("dimod").BinaryQuadraticModel.from_numpy_vectors(
        -model.fields, (*upper.coords, -upper.data), model.offset, "SPIN", variable_order=names
    )


def must_be_bqm(bqm: Any) -> None:
    """Refuse another model of dimod's, or of nobody's."""
    if not isinstance(bqm, extra("dimod").BinaryQuadraticModel):
        refuse("bqm", bqm, "a dimod.BinaryQuadraticModel", TypeError)


def must_be_ising(model: Any) -> None:
    """Refuse another model."""
    if not isinstance(model, IsingModel):
        refuse("model", model, "an IsingModel", TypeError)


def checked_labels(labels: Iterable[Hashable] | None, size: int) -> list[Hashable]:
    """Names for all spins, none twice."""
    try:
        names = list(range(size) if labels is None else labels)
        different = len(set(names))
    except TypeError:
        refuse("labels", labels, f"{size} names, each of which can be a key", TypeError)
    if len(names) != size or different != size or None in names:
        refuse("labels", labels, f"{size} different names, one for each spin")
    return names

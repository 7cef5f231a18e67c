"""Spins with pair couplings and fields."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from scipy import sparse

from lim_lib.optimizers import gset, qubo
from lim_lib.optimizers.landscape import Landscape, frozen, matrix, square, vector
from lim_lib.validate import integer, refuse, single


class IsingModel(Landscape):
    r"""Spins :math:`s_i = \pm 1` with :math:`H(s) = -\tfrac12 s^T J s - h^T s + h_0`.

    Parameters
    ----------
    couplings : array_like or sparse array
        J, symmetric, zero on the diagonal, shape (spins, spins).
    fields : float or array_like
        h, a number or shape (spins,).
    offset : float
        h_0.

    Raises
    ------
    ValueError, TypeError
        In one line, for couplings that are not symmetric, not finite, not square, or that couple a
        spin to itself.

    Examples
    --------
    Three spins that would all like to differ, which three cannot:

    >>> triangle = IsingModel([[0, -1, -1], [-1, 0, -1], [-1, -1, 0]])
    >>> triangle.energy([1, -1, 1])
    -1.0
    >>> energy, states = triangle.ground_state()
    >>> energy, len(states)
    (-1.0, 6)
    """

    measures: ClassVar = {"fields": ("H", "cells"), "offset": ("H",)}

    couplings: sparse.csr_array
    fields: np.ndarray
    offset: float

    def __init__(self, couplings: Any, fields: Any = 0.0, offset: float = 0.0):
        couplings = matrix("couplings", couplings, hollow=True)
        size = couplings.shape[0]
        h = vector("fields", fields, size)
        h_0 = single("offset", offset)
        row_sums = couplings @ np.ones(size)
        super().__init__(
            curvature=frozen(-4 * couplings),
            slope=2 * (row_sums - h),
            constant=float(h_0 - row_sums.sum() / 2 + h.sum()),
            levels=2,
        )
        for name, value in (("couplings", couplings), ("fields", h), ("offset", h_0)):
            object.__setattr__(self, name, value)

    def __repr__(self):
        return f"IsingModel of {self.size} spins"

    def decode(self, levels: np.ndarray) -> np.ndarray:
        """Spins -1 and 1 of levels 0 and 1."""
        return 2 * np.asarray(levels, dtype=np.int8) - 1

    def encode(self, states: Any, name: str = "states") -> np.ndarray:
        """Levels 0 and 1 of spins -1 and 1."""
        spins = self._states(name, states)
        if not np.isin(spins, (-1, 1)).all():
            refuse(name, states, "made of spins -1 and 1")
        return self._levels(name, (spins + 1) / 2)

    @classmethod
    def sherrington_kirkpatrick(cls, size: int, seed: int) -> "IsingModel":
        """Every pair coupled by a normal deviate of variance 1/N: a mean-field spin glass.

        Parameters
        ----------
        size : int
            Number of spins N, at least 2.
        seed : int
            Where the couplings come from.

        References
        ----------
        Sherrington and Kirkpatrick, Phys. Rev. Lett. 35, 1792 (1975).

        Examples
        --------
        >>> glass = IsingModel.sherrington_kirkpatrick(10, seed=1)
        >>> print(round(glass.ground_state().energy / 10, 3))
        -0.541
        """
        size = integer("size", size, low=2)
        integer("seed", seed, low=0)
        couplings = np.random.Generator(np.random.SFC64(seed)).standard_normal((size, size))
        couplings /= np.sqrt(size)
        couplings[0, 0] = 0.0
        for i in range(1, size):  # in place: at large sizes the matrix is what takes memory
            couplings[i, :i] = couplings[:i, i]
            couplings[i, i] = 0.0
        return cls(frozen(couplings))

    @classmethod
    def maxcut(cls, weights: Any) -> "IsingModel":
        r"""The partition of a graph that cuts the most weight: H = -cut, with J = -W/2.

        Parameters
        ----------
        weights : array_like or sparse array
            Weight of each edge, symmetric, zero on the diagonal, shape (vertices, vertices).

        Examples
        --------
        A square without diagonals can be cut through all four sides:

        >>> square = [[0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
        >>> IsingModel.maxcut(square).ground_state().energy
        -4.0
        """
        w = matrix("weights", weights, hollow=True)
        return cls(w / -2, offset=-w.sum() / 4)

    @classmethod
    def from_pairs(cls, pairs: Any, fields: Any = 0.0, offset: float = 0.0) -> "IsingModel":
        """Couplings of which each pair stands once: a dictionary, or one side of a matrix.

        Parameters
        ----------
        pairs : dict, array_like or sparse array
            J of each pair of spins, which count from 0: {(0, 1): 1, (1, 2): -1}, in either order.
            Or a matrix that has each pair on one side of its diagonal.
        fields : float or array_like
            h, a number or one for each spin; a row that is longer than the pairs adds spins.
        offset : float
            h_0.

        Raises
        ------
        ValueError, TypeError
            In one line, for a pair that stands there twice, or of a spin with itself.

        Examples
        --------
        >>> IsingModel.from_pairs({(0, 1): 2.0}) == IsingModel([[0, 2], [2, 0]])
        True
        >>> IsingModel.from_pairs([[0, 2], [0, 0]]) == IsingModel([[0, 2], [2, 0]])
        True
        """
        if isinstance(pairs, Mapping) and not sparse.issparse(pairs):
            pairs = qubo.from_pairs("pairs", pairs)
        table = sparse.coo_array(square("pairs", pairs))
        size = max(table.shape[0], np.size(fields))
        i, j = np.sort(table.coords, axis=0)
        order = np.lexsort((j, i))
        twice = np.flatnonzero((np.diff(i[order]) == 0) & (np.diff(j[order]) == 0))
        if twice.size:
            a, b = int(i[order[twice[0]]]), int(j[order[twice[0]]])
            raise ValueError(f"pairs must hold each pair once, got ({a}, {b}) and ({b}, {a})")
        upper = sparse.coo_array((table.data, (i, j)), shape=(size, size))
        return cls(matrix("pairs", upper + upper.T, hollow=True), fields, offset)

    @classmethod
    def from_qubo(cls, quadratic: Any, offset: float = 0.0) -> "IsingModel":
        r"""Binary variables :math:`x = (1 + s)/2` with H = x'Qx + offset.

        Parameters
        ----------
        quadratic : array_like, sparse array or dict
            Q, of any shape of square: Q_ij and Q_ji add up, and the diagonal is linear. Or its
            entries by pairs of variables, which count from 0: {(0, 0): -1, (0, 1): 2}.
        offset : float
            A constant.

        Examples
        --------
        >>> either = IsingModel.from_qubo([[-1, 2], [0, -1]])
        >>> either.energy([[-1, -1], [1, -1], [-1, 1], [1, 1]]).tolist()
        [0.0, -1.0, -1.0, 0.0]
        >>> same = IsingModel.from_qubo({(0, 0): -1, (1, 1): -1, (0, 1): 2})
        >>> same.energy([1, 1])
        0.0
        """
        if isinstance(quadratic, Mapping) and not sparse.issparse(quadratic):
            quadratic = qubo.from_pairs("quadratic", quadratic)
        halves = square("quadratic", quadratic) / 2
        offset = single("offset", offset)
        symmetric = halves + halves.T
        diagonal = symmetric.diagonal().copy()
        if sparse.issparse(symmetric):
            apart = symmetric - sparse.diags_array(diagonal)
        else:
            apart = symmetric
            np.fill_diagonal(apart, 0.0)
        row_sums = apart @ np.ones(len(diagonal))
        constant = offset + row_sums.sum() / 4 + diagonal.sum() / 2
        return cls(-apart / 2, -(row_sums + diagonal) / 2, constant)

    @classmethod
    def from_qubo_file(cls, path: str | Path, *, maximize: bool = False) -> "IsingModel":
        r"""The QUBO of a file, in the text format of Biq Mac and MQLib or that of qbsolv.

        Biq Mac's holds the numbers of variables and entries and then entries "i j q" of a
        symmetric Q, variables from 1, each pair once: off the diagonal q counts twice, as q_ij and
        as q_ji. qbsolv's begins with "p qubo", counts from 0, and each entry counts once.

        Parameters
        ----------
        path : path-like
            The file.
        maximize : bool
            Whether x'Qx is to be large, as MQLib means its files: then H = -x'Qx.

        Raises
        ------
        ValueError
            Naming the line, for a file that is cut short, a variable out of range, an entry given
            twice, a word that is no number.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> file = Path(mkdtemp()) / "either.txt"
        >>> _ = file.write_text("2 3\n1 1 -1\n2 2 -1\n1 2 1\n", encoding="utf-8")
        >>> IsingModel.from_qubo_file(file).energy([[1, -1], [1, 1]]).tolist()
        [-1.0, 0.0]
        """
        q = qubo.read(path)
        return cls.from_qubo(-q if maximize else q)

    def to_qubo(self) -> tuple[Any, float]:
        """The same energy in binary variables: a matrix Q and an offset, H = x'Qx + offset.

        Returns
        -------
        quadratic : ndarray or csr_array
            Symmetric; the diagonal is the linear part.
        offset : float
        """
        linear = self.slope
        if sparse.issparse(self.curvature):
            return self.curvature / 2 + sparse.diags_array(linear), self.constant
        return self.curvature / 2 + np.diag(linear), self.constant

    @classmethod
    def from_gset(cls, path: str | Path) -> "IsingModel":
        """The MaxCut of a graph in the text format of the G-set.

        The first line holds the numbers of vertices and edges, each other line an edge: two
        vertices, counted from 1, and its weight (1 where it is left out). Lines that begin with
        ``#`` are comments.

        Parameters
        ----------
        path : path-like
            The file.

        Raises
        ------
        ValueError
            Naming the line, for a file that is cut short, a vertex out of range, an edge given
            twice, a word that is no number.
        """
        return cls.maxcut(gset.read(path))

    def to_gset(self, path: str | Path) -> None:
        """Write the graph whose MaxCut this is, in the text format of the G-set.

        Parameters
        ----------
        path : path-like
            The file, which is made or replaced.

        Raises
        ------
        ValueError
            If the model has fields, or another offset than the MaxCut of its graph: these have no
            place in the format.
        """
        if np.any(self.fields):
            raise ValueError("fields must be zero: the G-set format holds edges alone")
        weights = sparse.coo_array(-2 * self.couplings)
        implied = -weights.data.sum() / 4
        if abs(self.offset - implied) > 1e-12 * np.abs(weights.data).sum():
            refuse("offset", self.offset, f"{implied:.17g}, that of the MaxCut which is read back: "
                   "the G-set format holds edges alone")  # fmt: skip
        gset.write(path, weights)

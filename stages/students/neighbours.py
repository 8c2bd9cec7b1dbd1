"""How dense the texts of each label lie around a text: a kernel estimate on the sphere of unit vectors.

The kernel is von Mises and Fisher's, exp(20 cos) (Hall, Watson & Cabrera, Kernel density estimation with spherical
data, Biometrika 1987). It knows of labels that have several centres, which a linear classifier does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stages.core.arrays import Floats
    from stages.students.training import TrainingSet

_CONCENTRATION = 20.0
_LEAST = 1e-12
_AT_ONCE = 20_000_000  # numbers of the kernel
# Blocks have a multiple of it, and the last one no fewer: a product of matrices does rows in small groups, and what is
# left of a group in another way, so that a text's scores would differ, in the fifteenth digit, with its place.
_ROWS = 64


class Neighbours:
    """Unit vectors with how much each counts for each label.

    Args:
        vectors: (n, dimensions).
        shares: (n, labels): a column adds up to 1.
        others: (n, labels): the same of the texts without the label, where a text may have several; else None.
    """

    def __init__(self, vectors: Floats, shares: Floats, others: Floats | None) -> None:
        self._vectors, self._shares, self._others = vectors, shares, others

    @classmethod
    def fit(cls, vectors: Floats, data: TrainingSet) -> Self:
        """From the vectors of the texts of `data`: (n, dimensions)."""
        weights = data.weights[:, np.newaxis]
        others = _columns_of_one((1 - data.targets) * weights) if data.multilabel else None
        return cls(vectors, _columns_of_one(data.targets * weights), others)

    def scores(self, vectors: Floats) -> Floats:
        """Logarithm of the density of each label at each vector: (n, labels); of several, less that of the others."""
        rows = max(1, _AT_ONCE // (len(self._vectors) * _ROWS)) * _ROWS
        blocks = np.split(vectors, range(rows, len(vectors) - _ROWS + 1, rows))
        return np.concatenate([self._scores(block) for block in blocks])

    def _scores(self, vectors: Floats) -> Floats:
        kernel = vectors @ self._vectors.T
        kernel *= _CONCENTRATION
        np.exp(kernel, out=kernel)
        found = np.log(kernel @ self._shares + _LEAST)
        return found if self._others is None else found - np.log(kernel @ self._others + _LEAST)

    def arrays(self) -> dict[str, Floats]:
        """What `of_arrays` needs."""
        others = {} if self._others is None else {"others": self._others}
        return {"vectors": self._vectors, "shares": self._shares, **others}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Floats]) -> Self:
        """The same again."""
        return cls(arrays["vectors"], arrays["shares"], arrays.get("others"))


def _columns_of_one(counts: Floats) -> Floats:
    return np.asarray(counts / np.maximum(counts.sum(axis=0), _LEAST))

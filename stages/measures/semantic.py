"""How varied the meanings are, and how far from those of real texts: measures of embeddings, linear in the texts.

Embeddings are rows of length 1, (n, d), as `students/encoder` makes them; sums are taken in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stages.measures.words import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.arrays import Floats

Vectors = NDArray[np.float32] | NDArray[np.float64]

_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Similarity:
    """Average pairwise similarity: mean cosines, None where there is no such pair.

    Attributes:
        overall: Of any two texts.
        within: Of two texts of the same class: the mean of the classes' own, so that a large class counts as one.
        between: Of two texts of different classes, each pair counting as one.
        classes: Of two texts of each class, by its label.
    """

    overall: float | None
    within: float | None
    between: float | None
    classes: dict[str, float | None]


def similarity(vectors: Vectors, labels: Sequence[str]) -> Similarity:
    """Average pairwise similarity (APS) of the AttrPrompt paper (arXiv 2306.15895).

    It is exact and linear: for the sum S of n vectors, the sum of v_i . v_j over all ordered pairs i != j is
    |S|^2 - sum of |v_i|^2, so that no pair is ever looked at.

    Args:
        vectors: (n, d) embeddings of length 1.
        labels: (n,) labels.
    """
    rows = rows_of(labels)
    sums = np.array([vectors[each].sum(axis=0, dtype=np.float64) for each in rows.values()])
    lengths = [float(_squares(vectors[each])) for each in rows.values()]
    sizes = np.array([len(each) for each in rows.values()])
    inside = (sums**2).sum(axis=1) - lengths if len(sums) else np.zeros(0)
    pairs = sizes * (sizes - 1)
    whole = float((sums.sum(axis=0) ** 2).sum()) - sum(lengths) if len(sums) else 0.0
    n = int(sizes.sum())
    classes = {label: _mean(inside[at], pairs[at]) for at, label in enumerate(rows)}
    known = [each for each in classes.values() if each is not None]
    return Similarity(
        overall=_mean(whole, n * (n - 1)),
        within=_mean(sum(known), len(known)),
        between=_mean(whole - float(inside.sum()), n * (n - 1) - int(pairs.sum())),
        classes=classes,
    )


def vendi_score(vectors: Vectors) -> float:
    """The effective number of different texts: 1 where all mean the same, n where no two have anything in common.

    Friedman and Dieng (2023), The Vendi Score: exp(-sum of l log l) over the eigenvalues l of K / n,
    where K is the matrix of cosines. X'X / n has the same eigenvalues but for zeros, as they say: it is (d, d),
    and is taken where n > d.

    It cannot exceed n, nor d, and grows with n: only sets of one size compare.

    Args:
        vectors: (n, d) embeddings of length 1, n at least 1.
    """
    n, d = vectors.shape
    if n <= d:
        kernel = np.asarray(vectors, dtype=np.float64) @ vectors.T
    else:
        kernel = np.zeros((d, d))
        for block in _blocks(vectors):
            kernel += block.T @ block
    shares = np.linalg.eigvalsh(kernel / n)
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def central_moment_discrepancy(first: Vectors, second: Vectors, moments: int = 5) -> float:
    """How far two sets of embeddings are apart: 0 where mean and central moments agree.

    Zellinger et al. (2017), Central Moment Discrepancy (CMD) for Domain-Invariant Representation Learning,
    with K = 5 as in its experiments: |E X - E Y| / (b - a) + sum over k = 2 ... K of
    |c_k(X) - c_k(Y)| / (b - a)^k, with c_k the coordinates' k-th central moments. A coordinate of a vector of length 1
    lies in [a, b] = [-1, 1]; most are far smaller, so that the means make up most of the figure.

    Args:
        first: (n, d) embeddings, n at least 1.
        second: (m, d), m at least 1.
        moments: K.
    """
    one, two = _central_moments(first, moments), _central_moments(second, moments)
    scale = 2.0 ** np.arange(1, moments + 1)
    return float((np.linalg.norm(one - two, axis=1) / scale).sum())


def _central_moments(vectors: Vectors, most: int) -> Floats:
    """(most, d): the mean of each coordinate, then its central moments of order 2 to `most`."""
    found = np.zeros((most, vectors.shape[1]))
    found[0] = vectors.mean(axis=0, dtype=np.float64)
    for block in _blocks(vectors):
        centred = block - found[0]
        power = centred
        for order in range(2, most + 1):
            power = power * centred
            found[order - 1] += power.sum(axis=0) / len(vectors)
    return found


def _squares(vectors: Vectors) -> Any:
    return sum((block**2).sum() for block in _blocks(vectors))


def _blocks(vectors: Vectors) -> Iterator[Floats]:
    """The rows, in double precision, some thousands at a time."""
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        yield vectors[start : start + _ROWS_AT_ONCE].astype(np.float64)


def _mean(total: float, count: int) -> float | None:
    return float(total / count) if count else None

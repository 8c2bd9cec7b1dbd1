"""MAUVE: how much the distribution of generated texts overlaps with that of real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stages.core.arrays import Floats
    from stages.measures.semantic import Vectors

_SCALE = 5.0  # c of the paper
_MIXTURES = 25  # points of the frontier
_VARIANCE = 0.9  # share of it that the principal components keep
_STARTS = 5  # of k-means


def mauve(generated: Vectors, real: Vectors, *, seed: int) -> float:
    """The area under the divergence frontier: near 1 where the two sets cannot be told apart, near 0 where they can.

    Pillutla et al. (2021), MAUVE: Measuring the Gap Between Neural Text and Human Text using Divergence Frontiers:
    both sets are cut into k clusters of all their embeddings together, P and Q are their shares of each, and
    the curve goes through (exp(-c KL(Q | R)), exp(-c KL(P | R))), R = l P + (1 - l) Q for l between 0 and 1, c = 5. As
    theirs, k-means has 90 % of the variance kept, k = a tenth of the smaller set, best of five starts.

    It differs from theirs in the embeddings: they take the last hidden state of GPT-2 large at the end of a text, which
    sees fluency and style; those that are passed in here are a sentence encoder's, which sees topic above all. So
    figures compare with each other, not with printed ones. They also depend on k: only sets of one size compare.

    Args:
        generated: (n, d) embeddings, n at least 2.
        real: (m, d), m at least 2.
        seed: Of k-means.

    Returns:
        A share of 1.
    """
    clusters = max(2, round(min(len(generated), len(real)) / 10))
    members = _clustered(np.concatenate([generated, real]), clusters, seed)
    p, q = (
        np.bincount(part, minlength=clusters) / len(part) for part in (members[: len(generated)], members[-len(real) :])
    )
    return frontier_area(p, q)


def frontier_area(p: Floats, q: Floats) -> float:
    """The area for two distributions over k clusters, (k,) each."""
    curve = [(1.0, 0.0)]
    for share in np.linspace(1e-6, 1 - 1e-6, _MIXTURES):
        mixture = share * p + (1 - share) * q
        curve.append((float(np.exp(-_SCALE * _kl(q, mixture))), float(np.exp(-_SCALE * _kl(p, mixture)))))
    curve.append((0.0, 1.0))
    x, y = np.array(curve).T
    # The area left of the curve and that below it differ by the steps; which set is called which must not matter.
    return float((abs(np.trapezoid(y, x)) + abs(np.trapezoid(x, y))) / 2)


def _kl(p: Floats, q: Floats) -> float:
    """Kullback-Leibler divergence in nats; q is above 0 wherever p is."""
    there = p > 0
    return float((p[there] * np.log(p[there] / q[there])).sum())


def _clustered(vectors: Vectors, clusters: int, seed: int) -> NDArray[np.int32]:
    """The number of the cluster of each of (n, d) vectors: (n,)."""
    from sklearn.cluster import KMeans  # noqa: PLC0415 - seconds that only this measure pays
    from sklearn.decomposition import PCA  # noqa: PLC0415 - likewise
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 - of scikit-learn

    # Sums that several threads add up come in no fixed order: a text between two clusters could change sides.
    with threadpool_limits(1):
        found = PCA(random_state=seed, svd_solver="full").fit(vectors)
        kept = int(np.searchsorted(np.cumsum(found.explained_variance_ratio_), _VARIANCE)) + 1
        means = KMeans(clusters, n_init=_STARTS, random_state=seed)
        members: NDArray[np.int32] = means.fit_predict(found.transform(vectors)[:, :kept])
    return members

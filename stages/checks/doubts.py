"""Which labels three simple judges of other texts all doubt.

Confident learning (`students/noise_confident`) asks one good classifier. It takes minutes to fit, and on texts that are
hard to tell apart it doubts a tenth of the labels that are right. A gate shall count wrong labels, and so asks three
judges that go by different things and take a second: least squares on embeddings, neighbours among embeddings, nearest
centroids of words. Where none of them finds a label near the likeliest, it is doubted.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.arrays import Floats, Ints

_FOLDS = 10
_SEED = 20  # of the folds: no parameter, the answer hardly depends on it
_RIDGE = 1.0
_CONCENTRATION = 20.0  # of the kernel of neighbours, as in `students/neighbours`
_LEAST = 1e-12
_FEWEST = 3  # texts of a label, below which judges that did not see one of them know too little of it


def tolerated(labels: int) -> int:
    """How many labels may be likelier than a text's own before it is doubted: half the root of their number.

    0 of up to 8 labels, 1 of 12, 3 of 77: with many labels several are alike, and the second best is no mistake.
    """
    return max(1, round(math.sqrt(labels) / 2)) - 1


def doubted(texts: Sequence[str], labels: Sequence[Sequence[str]], vectors: Floats) -> list[str | None]:
    """Of each text, a label that judges of other texts find likelier than its own, where all of them doubt that.

    Of a text with several labels it is the least likely that counts; labels that it has stand in nobody's way.

    Args:
        texts: (n,).
        labels: (n,) labels of each text.
        vectors: (n, d) unit vectors of the texts.

    Returns:
        (n,) the likelier label, or None.
    """
    names = sorted({label for each in labels for label in each}, key=str)  # what is no string, another gate tells
    if len(names) < 2:  # noqa: PLR2004 - nothing it could be instead
        return [None] * len(texts)
    number = {name: column for column, name in enumerate(names)}
    has = np.zeros((len(texts), len(names)))
    for row, each in enumerate(labels):
        has[row, [number[label] for label in each]] = 1.0
    folds = np.random.default_rng(_SEED).permutation(len(texts)) % _FOLDS
    judged = [_out_of_fold(judge, has, folds) for judge in _judges(texts, vectors)]
    # The number of labels that a text lacks and that are likelier than the one it has that is least likely.
    ranks = [((each > _least_own(each, has)[:, np.newaxis]) & (has == 0)).sum(axis=1) for each in judged]
    known = np.where(has > 0, has.sum(axis=0), np.inf).min(axis=1) >= _FEWEST
    doubts = (np.min(ranks, axis=0) > tolerated(len(names))) & known
    likelier = np.where(has > 0, -np.inf, judged[0]).argmax(axis=1)
    return [names[likelier[row]] if doubt else None for row, doubt in enumerate(doubts)]


def _least_own(scores: Floats, has: Floats) -> Floats:
    return np.asarray(np.where(has > 0, scores, np.inf).min(axis=1))


def _out_of_fold(judge: Any, has: Floats, folds: Ints) -> Floats:
    """Scores of all labels, (n, labels): of each fold by a judge of the others."""
    found = np.zeros_like(has)
    for fold in range(_FOLDS):
        mine = folds == fold
        if mine.any() and not mine.all():
            found[mine] = judge(~mine, mine, has[~mine])
    return found


def _judges(texts: Sequence[str], vectors: Floats) -> Iterator[Any]:
    """Functions of the rows to learn from, the rows to judge, and the labels of the former."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - seconds that this gate alone pays

    with_one = np.concatenate([vectors, np.full((len(vectors), 1), 0.3)], axis=1, dtype=np.float64)

    def least_squares(known: Any, asked: Any, has: Floats) -> Floats:
        rows = with_one[known]
        weights = np.linalg.solve(rows.T @ rows + _RIDGE * np.eye(rows.shape[1]), rows.T @ has)
        return np.asarray(with_one[asked] @ weights)

    def neighbours(known: Any, asked: Any, has: Floats) -> Floats:
        kernel = np.exp(_CONCENTRATION * (vectors[asked] @ vectors[known].T - 1))
        return np.asarray((kernel @ has) / np.maximum(has.sum(axis=0), 1))

    yield least_squares
    yield neighbours
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")  # noqa: S106 - no password
    try:
        found = words.fit_transform(texts)
    except ValueError:  # no word in any text
        return

    def centroids(known: Any, asked: Any, has: Floats) -> Floats:
        sums = np.asarray(found[known].T @ has)
        return np.asarray(found[asked] @ (sums / np.maximum(np.linalg.norm(sums, axis=0), _LEAST)))

    yield centroids

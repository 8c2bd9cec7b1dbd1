"""Cutting generated texts into parts that share no near-duplicates: else a part held out tests the memory."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.arrays import connected

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stages.core.arrays import Floats, Ints
    from stages.students.training import TrainingSet


_ALIKE = 0.7  # cosine of TF-IDF vectors of words and pairs of words
_COMMON = 0.6  # length that the commonest words of a vector of length 1 have together: no pair is looked for by them
_ROUNDING = 1e-3  # far more than single precision is wrong by
_STEPS_AT_ONCE = 20_000_000  # of a product of matrices, and so of its numbers at most
_PAIRS_AT_ONCE = 50_000


def near_duplicate_groups(texts: Sequence[str]) -> Ints:
    """Numbers of groups of (n,) texts, from 0 in the order of their first texts: near-duplicates share one.

    Two texts are near-duplicates where the cosine of their TF-IDF vectors (words and pairs of words) is at least 0.7.
    What is a near-duplicate of a member belongs to the group.
    """
    return _groups(tuple(texts))


@lru_cache(maxsize=1)  # what is done about noise, and what is chosen on texts held out, cut the same texts
def _groups(texts: tuple[str, ...]) -> Ints:
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - seconds that only training pays

    if not texts:
        return np.zeros(0, dtype=np.int64)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", dtype=np.float32)
    try:
        vectors = vectorizer.fit_transform(texts)
    except ValueError:  # no word in any text
        return np.arange(len(texts), dtype=np.int64)
    found = connected(_alike(vectors))
    found.flags.writeable = False  # others are handed the same
    return found


def folds(data: TrainingSet, count: int, seed: int) -> Ints:
    """The number of the fold, from 0, of each of (n,) texts.

    Each label (the first that a text has most of) is spread over the folds as evenly as groups of near-duplicates,
    which are kept whole, allow. A label with fewer texts than folds is in some of them.

    Args:
        data: The texts.
        count: How many folds, at least 2; fewer where no label has that many texts.
        seed: Of the shuffle.
    """
    from sklearn.model_selection import StratifiedGroupKFold  # noqa: PLC0415 - as above

    found = np.zeros(len(data.texts), dtype=np.int64)
    classes, groups = data.targets.argmax(axis=1), near_duplicate_groups(data.texts)
    most = min(count, int(np.bincount(classes).max(initial=0)))
    if most < 2:  # noqa: PLR2004 - no label has two texts to spread
        return groups % count
    splitter = StratifiedGroupKFold(most, shuffle=True, random_state=seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for number, (_, rows) in enumerate(splitter.split(found, classes, groups)):
            found[rows] = number
    return found


def _alike(vectors: Any) -> Any:
    """Which pairs of (n, words) vectors of length 1 have a cosine of 0.7 at least: a sparse (n, n) matrix, all of them.

    Let all words have one order, and take the commonest ones off each vector, as long as they have a length together of
    less than 0.6. Two vectors without a word in common in what is left have a cosine of less than 0.6: the rarest word
    that both have was taken off one of them, and so was all they share. Pairs are looked for by rare words alone, and
    these pairs compared by all (prefix filtering: Bayardo, Ma & Srikant, Scaling up all pairs similarity search, WWW
    2007; by lengths: Anastasiu & Karypis, L2AP: Fast cosine similarity search with prefix L-2 norm bounds, ICDE 2014).
    """
    from scipy.sparse import coo_matrix, csr_matrix  # noqa: PLC0415 - as above

    # Words get numbers in the order that the rows have them in, and cosines are sums in that order.
    _, first = np.unique(vectors.indices, return_index=True)
    columns = np.argsort(np.argsort(first))[vectors.indices]
    vectors = csr_matrix((vectors.data, columns, vectors.indptr), shape=vectors.shape)
    found = [
        pairs[_cosines(vectors, pairs) >= _ALIKE]
        for candidates in _candidates(vectors)
        for pairs in np.split(candidates, range(_PAIRS_AT_ONCE, len(candidates), _PAIRS_AT_ONCE))
    ]
    one, two = np.concatenate(found).T
    return coo_matrix((np.ones(len(one), dtype=np.int8), (one, two)), shape=(vectors.shape[0],) * 2)


def _candidates(vectors: Any) -> Iterator[Ints]:
    """Pairs of rows, (pairs, 2), of which the products of what is rare leave open whether they are alike."""
    rare, lengths = _without_common(vectors)
    transposed = rare.T.tocsr()
    steps = np.cumsum(np.diff(transposed.indptr)[rare.indices])
    before = np.concatenate([[0], steps])[rare.indptr[1:]]
    for rows in np.split(np.arange(rare.shape[0]), np.flatnonzero(np.diff(before // _STEPS_AT_ONCE)) + 1):
        products = (rare[rows] @ transposed).tocoo()
        one, two = products.row + rows[0], products.col
        most = products.data + np.maximum(lengths[one], lengths[two])
        yield np.stack([one, two], axis=1)[(one < two) & (most >= _ALIKE - _ROUNDING)]


def _without_common(vectors: Any) -> tuple[Any, Floats]:
    """The vectors without their commonest words, and the length of what was taken off each: (n,)."""
    rows = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    often = np.bincount(vectors.indices, minlength=vectors.shape[1])
    order = np.lexsort((vectors.indices, -often[vectors.indices], rows))
    squares = vectors.data.astype(np.float64) ** 2
    total = np.concatenate([[0.0], np.cumsum(squares[order])])
    common = np.zeros(len(rows), dtype=bool)
    common[order] = total[1:] - total[vectors.indptr[rows]] < _COMMON**2
    rare = vectors.copy()
    rare.data[common] = 0
    rare.eliminate_zeros()
    return rare, np.sqrt(np.bincount(rows[common], squares[common], minlength=vectors.shape[0]))


def _cosines(vectors: Any, pairs: Ints) -> Any:
    """Of each pair of rows: (pairs,), in single precision."""
    one, two = pairs.T
    return vectors[one].multiply(vectors[two]).tocsr() @ np.ones(vectors.shape[1], dtype=vectors.dtype)

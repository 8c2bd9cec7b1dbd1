"""Cutting generated texts into parts that share no near-duplicates: else a part held out tests the memory."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.arrays import connected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Ints
    from stages.students.training import TrainingSet


_ALIKE = 0.7  # cosine of TF-IDF vectors of words and pairs of words
_ROWS_AT_ONCE = 2000  # of the matrix of cosines


def near_duplicate_groups(texts: Sequence[str]) -> Ints:
    """Numbers of groups of (n,) texts, from 0 in the order of their first texts: near-duplicates share one.

    Two texts are near-duplicates where the cosine of their TF-IDF vectors (words and pairs of words) is at least 0.7.
    What is a near-duplicate of a member belongs to the group.
    """
    return _groups(tuple(texts))


@lru_cache(maxsize=1)  # what is done about noise, and what is chosen on texts held out, cut the same texts
def _groups(texts: tuple[str, ...]) -> Ints:
    from scipy.sparse import vstack  # noqa: PLC0415 - seconds that only training pays
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - likewise

    if not texts:
        return np.zeros(0, dtype=np.int64)
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", dtype=np.float32)
    try:
        vectors = vectorizer.fit_transform(texts)
    except ValueError:  # no word in any text
        return np.arange(len(texts), dtype=np.int64)
    blocks = [
        _alike(vectors[start : start + _ROWS_AT_ONCE] @ vectors.T) for start in range(0, len(texts), _ROWS_AT_ONCE)
    ]
    found = connected(vstack(blocks))
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


def _alike(cosines: Any) -> Any:
    cosines.data = (cosines.data >= _ALIKE).astype(np.int8)
    cosines.eliminate_zeros()
    return cosines

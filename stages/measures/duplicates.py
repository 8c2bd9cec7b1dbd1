"""Which texts say nearly the same in nearly the same words, in time linear in the number of texts.

`students/split` has its own for the texts that folds are cut from: by another measure, and no pair is missed, which
takes time that is quadratic, if with a small factor; this one counts in sets of any size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.arrays import connected

if TYPE_CHECKING:
    from stages.core.arrays import Ints
    from stages.measures.words import Words

_ALIKE = 0.5  # Jaccard similarity of the sets of words and pairs of words
_BANDS, _ROWS = (
    40,
    4,
)  # a pair with that similarity is compared with probability 1 - (1 - 0.5^4)^40 = 0.92, at 0.6 0.996
_NEIGHBOURS = 8  # a text is compared with so many before it in a bucket; what is alike still meets along the chain
_PAIRS_AT_ONCE = 10_000
_SEED = 20  # of the hash functions: no parameter, the answer hardly depends on it


def near_duplicate_share(groups: Ints) -> float:
    """Share of texts that would go if one of each group were kept: (n - groups) / n, from (n,) numbers of groups."""
    return 1 - len(np.unique(groups)) / len(groups) if len(groups) else 0.0


def near_duplicates(words: Words, alike: float = _ALIKE) -> Ints:
    """Numbers of groups, from 0 in the order of their first texts, of (n,) texts: near-duplicates share one.

    Two texts are near-duplicates where a share `alike` (half, unless more is said) of their distinct words and pairs
    of words is common to both (Jaccard similarity); what is one of a member belongs to the group. Pairs are found by
    MinHash signatures (Broder 1997, On the Resemblance and Containment of Documents) cut into bands (Leskovec,
    Rajaraman and Ullman, Mining of Massive Datasets), and each is then compared exactly: none is wrong, a few are
    missed.

    A text without words is nobody's near-duplicate.
    """
    from scipy.sparse import coo_matrix  # noqa: PLC0415 - used by this measure alone

    if not len(words.numbers):
        return np.arange(len(words), dtype=np.int64)
    sets = _sets(words)
    pairs = _candidates(sets)
    same = pairs[_jaccard(sets, pairs) >= alike]
    return connected(coo_matrix((np.ones(len(same)), (same[:, 0], same[:, 1])), shape=(len(words), len(words))))


def _sets(words: Words) -> Any:
    """Which words and pairs of words each text has: a sparse matrix of ones, (n, distinct words and pairs)."""
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - as above

    single, texts = words.grams(1)
    pairs, pair_texts = words.grams(2)
    columns = np.concatenate([single, pairs + single.max() + 1])
    rows = np.concatenate([texts, pair_texts])
    found = csr_matrix((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=(len(words), columns.max() + 1))
    found.data[:] = 1
    return found


def _candidates(sets: Any) -> Ints:
    """Pairs of texts, (pairs, 2), that share all hashes of some band."""
    generator = np.random.default_rng(_SEED)
    filled = np.flatnonzero(np.diff(sets.indptr))
    starts = sets.indptr[filled]
    found = []
    for _ in range(_BANDS):
        bucket = np.zeros(len(filled), dtype=np.uint64)
        for _ in range(_ROWS):
            # A random number for each word or pair: the least of a set's is equal for two sets with the probability
            # of their Jaccard similarity.
            hashes = generator.integers(0, 2**32, size=sets.shape[1], dtype=np.uint32)
            bucket = (bucket ^ np.minimum.reduceat(hashes[sets.indices], starts)) * np.uint64(0x9E3779B97F4A7C15)
        order = np.argsort(bucket, kind="stable")
        for back in range(1, min(_NEIGHBOURS, len(order) - 1) + 1):
            same = bucket[order[back:]] == bucket[order[:-back]]
            found.append(filled[order[:-back][same]] * sets.shape[0] + filled[order[back:][same]])
    keys = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    return np.stack([keys // sets.shape[0], keys % sets.shape[0]], axis=1)


def _jaccard(sets: Any, pairs: Ints) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Jaccard similarity of each pair, (pairs,)."""
    sizes = np.diff(sets.indptr)
    found = np.zeros(len(pairs))
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        one, two = pairs[start : start + _PAIRS_AT_ONCE].T
        both = np.asarray(sets[one].multiply(sets[two]).sum(axis=1)).ravel()
        found[start : start + _PAIRS_AT_ONCE] = both / (sizes[one] + sizes[two] - both)
    return found

"""Naive Bayes on runs of characters, or on words: what is said in so many words, and with runs of characters typing
errors and endings included.

Multinomial, on TF-IDF weights of length 1 (Rennie et al., Tackling the poor assumptions of naive Bayes text
classifiers, ICML 2003, sections 4.1 to 4.3). Runs are hashed: no vocabulary is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.preprocessing import normalize

from stages.core.texts import encodable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.arrays import Floats
    from stages.students.training import TrainingSet

_BUCKETS = 1 << 16
_START_SMOOTHING = 0.1


class Characters:
    """Logarithms of how often the texts of each label have each run.

    Args:
        rarity: (buckets,): inverse document frequency.
        logarithms: (buckets, labels); where a text may have several, less those of the texts without the label.
        start: (labels,): what the scores begin with: how common a label is.
    """

    _RUNS: ClassVar[dict[str, Any]] = {"analyzer": "char_wb", "ngram_range": (2, 5)}  # inside of words
    _SMOOTHING: ClassVar[float] = 0.1

    def __init__(self, rarity: Floats, logarithms: Floats, start: Floats) -> None:
        self._rarity, self._logarithms, self._start = rarity, logarithms, start

    @classmethod
    def fit(cls, data: TrainingSet) -> Self:
        """From texts."""
        counts = cls._counts(data.texts)
        found_in = np.bincount(counts.indices, minlength=_BUCKETS)
        rarity = np.log((1 + len(data.texts)) / (1 + found_in)) + 1
        runs, targets = _weighted(counts, rarity), data.targets * data.weights[:, np.newaxis]
        logarithms = _frequencies(runs, targets, cls._SMOOTHING)
        start = np.log(targets.sum(axis=0) + _START_SMOOTHING)
        if data.multilabel:
            others = (1 - data.targets) * data.weights[:, np.newaxis]
            logarithms -= _frequencies(runs, others, cls._SMOOTHING)
            start -= np.log(others.sum(axis=0) + _START_SMOOTHING)
        return cls(rarity, logarithms.astype(np.float32).astype(np.float64), start)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Logarithm of how likely each label is, but for a constant a text: (n, labels); of several, the log-odds."""
        return np.asarray(_weighted(self._counts(texts), self._rarity) @ self._logarithms + self._start)

    def arrays(self) -> dict[str, Any]:
        """What `of_arrays` needs."""
        return {"rarity": self._rarity, "logarithms": self._logarithms.astype(np.float32), "start": self._start}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        """The same again."""
        return cls(arrays["rarity"], arrays["logarithms"].astype(np.float64), arrays["start"])

    @classmethod
    def _counts(cls, texts: Sequence[str]) -> Any:
        """How often each text has each run, on a scale where ten times is little more than once: (n, buckets)."""
        hashing = HashingVectorizer(n_features=_BUCKETS, alternate_sign=False, norm=None, **cls._RUNS)
        counts = hashing.transform([encodable(text) for text in texts])
        counts.data = 1 + np.log(counts.data)
        return counts


class Words(Characters):
    """The same of words and pairs of words; a word is a run of word characters, of one character too."""

    _RUNS: ClassVar[dict[str, Any]] = {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
    _SMOOTHING: ClassVar[float] = 0.03


def _weighted(counts: Any, rarity: Floats) -> Any:
    return normalize(counts.multiply(rarity).tocsr())


def _frequencies(runs: Any, targets: Floats, smoothing: float) -> Floats:
    """Logarithm of each run's share of what each label has: (buckets, labels)."""
    sums = runs.T @ targets + smoothing
    return np.asarray(np.log(sums / sums.sum(axis=0)))

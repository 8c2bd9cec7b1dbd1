"""TF-IDF of words and runs of words, and logistic regression: the plain student that everything else is measured by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from stages.core.errors import ModelError
from stages.students.estimators import load_estimator, save_estimator
from stages.students.logistic import Logistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.arrays import Floats
    from stages.core.learning import Tfidf
    from stages.students.training import TrainingSet

_FILE = "tfidf.skops"


class TfidfStudent:
    """See `student.Student`."""

    def __init__(self, vectorizer: Any, classifier: Logistic, labels: Sequence[str], *, multilabel: bool) -> None:
        self._vectorizer, self._classifier = vectorizer, classifier
        self.labels, self.multilabel = tuple(labels), multilabel

    @classmethod
    def fit(cls, data: TrainingSet, settings: Tfidf) -> Self:
        """Fit to texts; a word is a run of word characters, of one character too."""
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415 - of scikit-learn

        vectorizer = TfidfVectorizer(
            ngram_range=(1, settings.ngrams), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", dtype=np.float64
        )
        try:
            vectors = vectorizer.fit_transform(data.texts)
        except ValueError as error:  # no word in any text
            raise ModelError(f"tfidf cannot be fitted to {len(data.texts)} texts: {error}") from None
        with threadpool_limits(1):  # sums of many numbers, whose last digits would change with the number of threads
            classifier = Logistic.fit(vectors, data, settings.c)
        return cls(vectorizer, classifier, data.labels, multilabel=data.multilabel)

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        return self._classifier.probabilities(self._vectorizer.transform(texts))

    def save(self, folder: Path) -> dict[str, object]:
        """Write tfidf.skops."""
        # scikit-learn notes the address in memory of a setting here, to warn of a change: it differs from run to run.
        vars(self._vectorizer).pop("_stop_words_id", None)
        save_estimator(folder / _FILE, [self._vectorizer, *self._classifier.models])
        return {}

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read tfidf.skops."""
        vectorizer, *models = load_estimator(folder / _FILE)
        classifier = Logistic(models, len(card["labels"]))
        return cls(vectorizer, classifier, card["labels"], multilabel=card["multilabel"])

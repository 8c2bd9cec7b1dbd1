"""TF-IDF of words and runs of words, and logistic regression: the plain student that everything else is measured by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from stages.core.errors import ModelError
from stages.students.estimators import load_estimator, save_estimator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.sections import Tfidf
    from stages.students.student import Floats

_FILE = "tfidf.skops"
_ITERATIONS = 2000


class TfidfStudent:
    """See `student.Student`."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        self.labels = tuple(str(label) for label in pipeline.classes_)

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], settings: Tfidf) -> Self:
        """Fit to texts; a word is a run of word characters, of one character too."""
        vectorizer = TfidfVectorizer(
            ngram_range=(1, settings.ngrams), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b", dtype=np.float64
        )
        pipeline = Pipeline(
            [("tfidf", vectorizer), ("classifier", LogisticRegression(C=settings.c, max_iter=_ITERATIONS))]
        )
        try:
            return cls(pipeline.fit(list(texts), list(labels)))
        except ValueError as error:  # no word in any text
            raise ModelError(f"tfidf cannot be fitted to {len(texts)} texts: {error}") from None

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        return np.asarray(self._pipeline.predict_proba(list(texts)), dtype=np.float64)

    def save(self, folder: Path) -> dict[str, object]:
        """Write tfidf.skops."""
        # scikit-learn notes the address in memory of a setting here, to warn of a change: it differs from run to run.
        vars(self._pipeline["tfidf"]).pop("_stop_words_id", None)
        save_estimator(folder / _FILE, self._pipeline)
        return {}

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:  # noqa: ARG003 - needs no more than the file
        """Read tfidf.skops."""
        return cls(load_estimator(folder / _FILE))

"""Logistic regression on vectors of texts: over all labels at once, or for each where a text may have several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from stages.students.training import Floats, TrainingSet

_ITERATIONS = 2000


class Logistic:
    """A fitted regression.

    Args:
        models: One over all columns; or where a text may have several labels, one a column.
        columns: How many labels there are.
    """

    def __init__(self, models: list[Any], columns: int) -> None:
        self.models, self._columns = models, columns

    @classmethod
    def fit(cls, vectors: Any, data: TrainingSet, c: float) -> Self:
        """Fit to the vectors of the texts of `data`: (n, dimensions), sparse or not. `c`: inverse regularisation."""
        numbers: list[int | None] = list(range(len(data.labels))) if data.multilabel else [None]
        models = []
        for column in numbers:
            rows, classes, weights = data.examples(column)
            models.append(LogisticRegression(C=c, max_iter=_ITERATIONS).fit(vectors[rows], classes, weights))
        return cls(models, len(data.labels))

    def probabilities(self, vectors: Any) -> Floats:
        """Of each label for each vector: (n, labels)."""
        if len(self.models) == 1:
            found = np.zeros((vectors.shape[0], self._columns))
            found[:, self.models[0].classes_] = self.models[0].predict_proba(vectors)
            return found
        return np.stack([model.predict_proba(vectors)[:, -1] for model in self.models], axis=1)

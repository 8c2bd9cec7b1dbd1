"""Logistic regression on vectors of texts: over all labels at once, or for each where a text may have several."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression

if TYPE_CHECKING:
    from stages.core.arrays import Floats, Ints
    from stages.students.training import TrainingSet

_ITERATIONS = 2000
_GRADIENT = 1e-4  # at which fitting ends, as in scikit-learn
_FEW = 2  # labels, for which a text with a soft label can well be written as two examples


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
        if not data.multilabel and len(data.labels) > _FEW and ((data.targets > 0).sum(axis=1) > 1).any():
            return cls([_softly(vectors, data, c)], len(data.labels))
        numbers: list[int | None] = list(range(len(data.labels))) if data.multilabel else [None]
        models = []
        for column in numbers:
            rows, classes, weights = data.examples(column)
            if column is not None and len(set(classes.tolist())) == 1:
                models.append(_constant(vectors.shape[1], bool(classes[0]), float(weights.sum()), c))
            else:
                models.append(fit_classes(vectors[rows], classes, c, weights))
        return cls(models, len(data.labels))

    def probabilities(self, vectors: Any) -> Floats:
        """Of each label for each vector: (n, labels)."""
        if len(self.models) < self._columns:  # one over all
            found = np.zeros((vectors.shape[0], self._columns))
            found[:, self.models[0].classes_] = self.models[0].predict_proba(vectors)
            return found
        return np.stack([model.predict_proba(vectors)[:, -1] for model in self.models], axis=1)


def fit_classes(vectors: Any, classes: Ints, c: float, weights: Floats | None = None) -> Any:
    """A regression of the numbers of classes, (n,), on vectors, (n, dimensions), sparse or not.

    Where most classes have one text scikit-learn asks whether they are amounts, to be predicted as such. They are not.
    """
    model = LogisticRegression(C=c, max_iter=_ITERATIONS)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The number of unique classes is greater", category=UserWarning)
        return model.fit(vectors, classes, weights)


def _constant(dimensions: int, has: bool, total: float, c: float) -> Any:
    """A regression for a label that all texts have, or none: the same probability for every text.

    By Laplace's rule of succession it is (n + 1) / (n + 2), or 1 / (n + 2), n being what the texts count together: the
    more of them say the same, the surer it is.
    """
    model = LogisticRegression(C=c, max_iter=_ITERATIONS)
    model.coef_, model.classes_ = np.zeros((1, dimensions)), np.array([0, 1])
    model.intercept_ = np.array([np.log(total + 1) * (1 if has else -1)])
    model.n_iter_ = np.zeros(1, dtype=np.int32)
    return model


def _softly(vectors: Any, data: TrainingSet, c: float) -> Any:
    """What scikit-learn's regression would be for each text written as an example of each of its labels.

    It takes hard classes alone, and 5,000 texts with smoothed labels of 77 classes would be 385,000 examples.
    """
    labels, dimensions, total = data.targets.shape[1], vectors.shape[1], data.weights.sum()

    def objective(flat: Floats) -> tuple[float, Floats]:
        """(sum_i w_i CE(y_i, softmax(W x_i + b)) + |W|^2 / 2 c) / sum_i w_i, and its gradient."""
        matrix = flat.reshape(labels, dimensions + 1)
        slopes, constants = matrix[:, :-1], matrix[:, -1]
        logits = vectors @ slopes.T + constants
        logs = logits - logsumexp(logits, axis=1, keepdims=True)
        change = data.weights[:, np.newaxis] * (np.exp(logs) - data.targets)
        gradient = np.hstack([(vectors.T @ change).T + slopes / c, change.sum(axis=0)[:, np.newaxis]])
        value = -(data.weights @ (data.targets * logs).sum(axis=1)) + (slopes**2).sum() / (2 * c)
        return float(value / total), gradient.ravel() / total

    found = minimize(
        objective, np.zeros(labels * (dimensions + 1)), jac=True, method="L-BFGS-B",
        options={"maxiter": _ITERATIONS, "gtol": _GRADIENT, "ftol": 64 * np.finfo(float).eps, "maxls": 50},
    )  # fmt: skip
    model = LogisticRegression(C=c, max_iter=_ITERATIONS)
    model.coef_, model.intercept_ = np.split(found.x.reshape(labels, dimensions + 1), [dimensions], axis=1)
    model.intercept_ = model.intercept_.ravel()
    model.classes_, model.n_iter_ = np.arange(labels), np.array([found.nit], dtype=np.int32)
    return model

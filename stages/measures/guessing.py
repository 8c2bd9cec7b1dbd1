"""A small classifier that learns from the annotated texts of a set what the others of the set have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from stages.core.arrays import Bools, Floats, Ints
    from stages.measures.semantic import Vectors

_FOLDS = 5
_LEAST = 2 * _FOLDS  # known texts, below which a fold has next to nothing to be judged by
_C = 8.0  # inverse strength of regularisation, for embeddings of length 1


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """Texts of which a value is known: (n, d) embeddings and (n,) values as numbers."""

    vectors: Vectors
    values: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """What the classifier makes of all texts.

    Attributes:
        probabilities: (N, values), those of known texts by a model that did not see them.
        accuracy: Share of the known texts whose value it finds, by models that did not see them.
        commonest: The same, of always saying the value that is commonest among the other known texts; where values
            depend on the label, among those of the text's label.
    """

    probabilities: Floats
    accuracy: float
    commonest: float

    @property
    def useful(self) -> bool:
        """Whether it is better than the commonest value."""
        return self.accuracy > self.commonest


def guess(
    vectors: Vectors, strata: Ints, rows: Ints, values: Ints, *, allowed: Bools, more: Known | None = None
) -> Guesses | None:
    """Cross-fitted guesses of the value of each text.

    The known texts of each label are dealt out to five folds, and the guesses for a fold come from a logistic
    regression that learned from the others; those for unknown texts are the mean of all five.

    Args:
        vectors: (N, d) embeddings of all texts.
        strata: (N,) the label of each, as a number.
        rows: (n,) the places of the known ones.
        values: (n,) their values, as numbers.
        allowed: (labels, values) which values a text of each label can have; any other has the probability 0.
        more: Texts of another set, to learn from as well.

    Returns:
        None where fewer than ten texts are known, or where values depend on the label ten of each on average; or where
        all of them have one value.
    """
    of_rows = strata[rows]
    by_label = len(rows) > 0 and bool((allowed != allowed[of_rows[0]]).any())
    if len(rows) < _LEAST * (len(set(of_rows.tolist())) if by_label else 1) or len(set(values.tolist())) == 1:
        return None
    vectors, more = _in_fewer_dimensions(vectors, rows, more)
    folds = _folds(of_rows)
    unknown = np.setdiff1d(np.arange(len(vectors)), rows)
    found = np.zeros((len(vectors), allowed.shape[1]))
    right = 0
    for fold in range(_FOLDS):
        held, learned = rows[folds == fold], rows[folds != fold]
        known = Known(vectors[learned], values[folds != fold])
        model = _fitted(known, more)
        for places, weight in ((held, 1.0), (unknown, 1 / _FOLDS)):
            found[places] += weight * _probabilities(model, vectors[places], allowed[strata[places]])
        labels = strata[learned] if by_label else np.zeros(len(learned), dtype=np.int64)
        asked = strata[held] if by_label else np.zeros(len(held), dtype=np.int64)
        said = [_commonest(known.values[labels == each]) for each in asked]
        right += int((np.array(said, dtype=np.int64) == values[folds == fold]).sum())
    accuracy = float((found[rows].argmax(axis=1) == values).mean())
    return Guesses(found, accuracy, right / len(rows))


def _in_fewer_dimensions(vectors: Vectors, rows: Ints, more: Known | None) -> tuple[Vectors, Known | None]:
    """The same vectors in the space that the known ones span: a regression with an L2 penalty never leaves it."""
    known = vectors[rows] if more is None else np.vstack([vectors[rows], more.vectors])
    basis = np.linalg.qr(known.T.astype(np.float64))[0]
    return vectors @ basis, None if more is None else Known(more.vectors @ basis, more.values)


def _folds(strata: Ints) -> Ints:
    """A fold for each known text: those of a label go to one after the other, and the next label goes on from there."""
    order = np.argsort(strata, kind="stable")
    folds = np.empty(len(strata), dtype=np.int64)
    folds[order] = np.arange(len(strata)) % _FOLDS
    return folds


def _commonest(values: Ints) -> int:
    """Of several the first; -1 where there is none, which is right for no text."""
    return int(np.bincount(values).argmax()) if len(values) else -1


def _fitted(known: Known, more: Known | None) -> Any:
    """A regression; or where there is only one value to learn, its number."""
    from stages.students.logistic import fit_classes  # noqa: PLC0415 - seconds that a study without texts to learn from saves

    vectors = known.vectors if more is None else np.vstack([known.vectors, more.vectors])
    values = known.values if more is None else np.concatenate([known.values, more.values])
    if len(set(values.tolist())) == 1:
        return int(values[0])
    return fit_classes(vectors.astype(np.float64), values, _C)


def _probabilities(model: Any, vectors: Vectors, allowed: Bools) -> Floats:
    """(n, values), of allowed values alone; all of those alike where the model knows none of them."""
    found = np.zeros(allowed.shape)
    if isinstance(model, int):
        found[:, model] = 1.0
    elif len(vectors):
        found[:, model.classes_] = model.predict_proba(vectors.astype(np.float64))
    found = np.where(allowed, found, 0.0)
    sums = found.sum(axis=1, keepdims=True)
    return np.where(sums > 0, found / np.where(sums > 0, sums, 1.0), allowed / allowed.sum(axis=1, keepdims=True))

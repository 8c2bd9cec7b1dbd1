"""Scores of predictions against the labels of a test set, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_CELLS_AT_ONCE = 20_000_000  # resampled confusion matrices are counted in blocks of so many numbers


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fared; `texts` is how many test texts have it."""

    label: str
    precision: float
    recall: float
    f1: float
    texts: int


def confusion(actual: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> Ints:
    """Counts, (labels, labels): a row for the label that a text has, a column for the one it was given."""
    number = {label: each for each, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, ([number[each] for each in actual], [number[each] for each in predicted]), 1)
    return counts


def f1_of_classes(counts: Ints) -> Floats:
    """F1 of each label, (..., labels), from confusion counts (..., labels, labels).

    F1 = 2 TP / (2 TP + FP + FN), and 0 for a label that neither occurs nor is predicted.
    """
    hits = np.diagonal(counts, axis1=-2, axis2=-1)
    either = counts.sum(axis=-1) + counts.sum(axis=-2)
    f1: Floats = np.divide(2.0 * hits, either, out=np.zeros(hits.shape), where=either > 0)
    return f1


def macro_f1(counts: Ints) -> Any:
    """Mean of the F1 of those labels that occur in the test set: (...) from (..., labels, labels).

    A label that occurs in no text has no recall to speak of; giving it to a text lowers the precision of no label that
    counts, but the recall of the one that the text has.
    """
    occurs = counts.sum(axis=-1) > 0
    f1 = f1_of_classes(counts)
    return np.where(occurs, f1, 0.0).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)


def class_scores(counts: Ints, labels: Sequence[str]) -> list[ClassScore]:
    """Precision, recall and F1 of each label, in the order of `labels`."""
    hits, given, have = counts.diagonal(), counts.sum(axis=0), counts.sum(axis=1)
    f1 = f1_of_classes(counts)
    return [
        ClassScore(
            label, _ratio(hits[each], given[each]), _ratio(hits[each], have[each]), float(f1[each]), int(have[each])
        )
        for each, label in enumerate(labels)
    ]


def score(
    actual: Sequence[str],
    predicted: Sequence[str],
    labels: Sequence[str],
    *,
    resamples: int,
    confidence: float,
    seed: int,
) -> dict[str, float]:
    """Accuracy and macro-F1 with percentile bootstrap intervals (Efron 1979) over the test texts.

    Args:
        actual: (n,) labels of the test texts, n at least 1.
        predicted: (n,) labels given to them.
        labels: All labels.
        resamples: How many test sets of n texts are drawn with replacement.
        confidence: Share of the resampled scores that the interval holds.
        seed: Of the draws.

    Returns:
        accuracy, accuracy_low, accuracy_high, macro_f1, macro_f1_low, macro_f1_high: shares of 1; texts: n.
    """
    counts = confusion(actual, predicted, labels)
    accuracies, macros = _resampled(counts, resamples, seed)
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    low, high = np.quantile(accuracies, tails)
    macro_low, macro_high = np.quantile(macros, tails)
    return {
        "accuracy": float(counts.trace() / counts.sum()),
        "accuracy_low": float(low),
        "accuracy_high": float(high),
        "macro_f1": float(macro_f1(counts)),
        "macro_f1_low": float(macro_low),
        "macro_f1_high": float(macro_high),
        "texts": len(actual),
    }


def _resampled(counts: Ints, resamples: int, seed: int) -> tuple[Floats, Floats]:
    """Accuracy and macro-F1 of resampled test sets: (resamples,) each.

    Which text is drawn does not matter to either score, only its cell of the confusion matrix: so cells are drawn, by
    their shares, which is the same bootstrap and costs nothing for each text.
    """
    generator = np.random.default_rng(seed)
    n, size = int(counts.sum()), counts.shape[0]
    filled = np.flatnonzero(counts)
    shares = counts.ravel()[filled] / n
    block = max(1, _CELLS_AT_ONCE // size**2)
    accuracies, macros = [], []
    for start in range(0, resamples, block):
        drawn = np.zeros((min(block, resamples - start), size * size), dtype=np.int64)
        drawn[:, filled] = generator.multinomial(n, shares, size=len(drawn))
        cells = drawn.reshape(-1, size, size)
        accuracies.append(np.trace(cells, axis1=1, axis2=2) / n)
        macros.append(macro_f1(cells))
    return np.concatenate(accuracies), np.concatenate(macros)


def _ratio(part: int, whole: int) -> float:
    return float(part / whole) if whole else 0.0

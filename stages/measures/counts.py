"""Counts of each label in a test set, and the scores that follow from them, for one label a text or several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stages.core.arrays import Bools, Floats


@dataclass(frozen=True, slots=True)
class Counts:
    """Of test texts, (..., labels) each; the axes before are those of several test sets.

    Attributes:
        hits: Texts that have a label and were given it.
        given: Texts that were given it.
        have: Texts that have it.
    """

    hits: Floats
    given: Floats
    have: Floats


def indicators(sets: Sequence[Collection[str]], labels: Sequence[str]) -> Bools:
    """Which of `labels` each of (n,) texts has: (n, labels)."""
    number = {label: each for each, label in enumerate(labels)}
    found = np.zeros((len(sets), len(labels)), dtype=np.bool_)
    for row, each in enumerate(sets):
        found[row, [number[label] for label in each]] = True
    return found


def count(actual: Bools, predicted: Bools, drawn: Floats | None = None) -> Counts:
    """Count the labels of texts (k, labels); `drawn` (..., k): how often each counts, if not once."""
    weights = np.ones(len(actual)) if drawn is None else drawn
    hits, given, have = (weights @ each.astype(np.float64) for each in (actual & predicted, predicted, actual))
    return Counts(hits, given, have)


def f1_of_labels(counts: Counts) -> Floats:
    """F1 of each label, (..., labels): 2 TP / (2 TP + FP + FN), and 0 for one that neither occurs nor is given."""
    return _ratio(2.0 * counts.hits, counts.given + counts.have)


def macro_f1(counts: Counts) -> Floats:
    """Mean of the F1 of those labels that occur in the test set: (...).

    A label that occurs in no text has no recall to speak of; giving it to a text lowers the precision of no label that
    counts, but the recall of the one that the text has.
    """
    occurs = counts.have > 0
    mean: Floats = np.where(occurs, f1_of_labels(counts), 0.0).sum(axis=-1) / np.maximum(occurs.sum(axis=-1), 1)
    return mean


def micro_f1(counts: Counts) -> Floats:
    """F1 of all labels of all texts in one heap: (...). The accuracy, where each text has and is given one."""
    return _ratio(2.0 * counts.hits.sum(axis=-1), (counts.given + counts.have).sum(axis=-1))


def precision_of_labels(counts: Counts) -> Floats:
    """Of the texts that were given a label, the share that have it: (..., labels), 0 for one that was not given."""
    return _ratio(counts.hits, counts.given)


def recall_of_labels(counts: Counts) -> Floats:
    """Of the texts that have a label, the share that were given it: (..., labels), 0 for one that does not occur."""
    return _ratio(counts.hits, counts.have)


def _ratio(part: Floats, whole: Floats) -> Floats:
    ratio: Floats = np.divide(part, whole, out=np.zeros(np.shape(part)), where=np.asarray(whole) > 0)
    return ratio

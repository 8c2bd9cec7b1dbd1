"""Labels with very few test texts: what is known of their F1, and of a macro-F1 that they count in.

A bootstrap cannot say it. A resample leaves a label of one text out more than every third time, and else has that same
text: macro-F1 is then of other labels, or as if the text could have come out in no other way.

The F1 of a label is 2 J / (1 + J) with J = TP / (TP + FP + FN). Of the texts that have the label or were given it, J is
the share of those where both hold: a binomial share, whatever their number. So its interval, turned into F1, is one
for F1 (Lam, Gopal and Qian 2023, Confidence Intervals for the F1 Score: A Comparison of Four Methods, arXiv
2309.14621). It is Wilson's here, which has a width where all texts are right or all wrong.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.bias import wilson
from stages.measures.counts import Counts, count, indicators, macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Bools
    from stages.measures.predictions import Predictions

ENOUGH = 5  # test texts of a label, from which on fewer than 1 in 100 resamples leave it out


@dataclass(frozen=True, slots=True)
class Bounded:
    """A score and the bounds of its interval."""

    value: float
    low: float
    high: float


def scarce(counts: Counts) -> Bools:
    """Which labels have a test text and fewer than `ENOUGH`: (labels,)."""
    return (counts.have > 0) & (counts.have < ENOUGH)


def f1_of_few(counts: Counts, labels: Bools, confidence: float) -> Bounded:
    """The mean F1 of labels with few texts, one or more, and its interval.

    The interval is that of their texts in one heap (see above): each has few, so none has much more weight in the heap
    than in the mean. It never leaves the mean out.

    Args:
        counts: Of one test set.
        labels: (labels,) those that are meant; each has a text.
        confidence: Of the interval.
    """
    hits, given, have = (float(each[labels].sum()) for each in (counts.hits, counts.given, counts.have))
    either = given + have - hits
    low, high = (2 * share / (1 + share) for share in wilson(hits / either, either, confidence))
    value = float(macro_f1(Counts(counts.hits[labels], counts.given[labels], counts.have[labels])))
    return Bounded(value, min(value, low), max(value, high))


def together(parts: Sequence[tuple[float, Bounded]]) -> Bounded:
    """A weighted mean of scores: its distance to a bound is the root of the sum of the squares of theirs.

    MOVER, the method of variance estimates recovery (Zou and Donner 2008, Construction of confidence limits about
    effect measures: a general approach, Statistics in Medicine 27), for scores that are independent of one another.
    Those of labels nearly are: what binds them is that a wrong text counts against two of them.

    Args:
        parts: Each score with its weight; the weights sum to 1.
    """
    value = sum(weight * each.value for weight, each in parts)
    below = math.hypot(*(weight * (each.value - each.low) for weight, each in parts))
    above = math.hypot(*(weight * (each.high - each.value) for weight, each in parts))
    return Bounded(value, value - below, value + above)


def labels_of_few(made: Predictions, labels: Sequence[str], confidence: float) -> dict[str, Bounded]:
    """The F1 of each label that has few test texts, with its own interval."""
    counts = count(indicators(made.actual, labels), indicators(made.predicted, labels))
    few = scarce(counts)
    places = np.eye(len(labels), dtype=np.bool_)
    return {label: f1_of_few(counts, places[each], confidence) for each, label in enumerate(labels) if few[each]}

"""Scores of a student on a test set, with intervals, and scores of each label."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.measures.bias import wilson
from stages.measures.calibration import brier_score, calibration_error
from stages.measures.counts import (
    Counts,
    count,
    f1_of_labels,
    macro_f1,
    micro_f1,
    precision_of_labels,
    recall_of_labels,
)
from stages.measures.ranking import ranking_scores
from stages.measures.resampling import alike, centred, percentiles, resample
from stages.measures.scarce import Bounded, f1_of_few, scarce, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.arrays import Bools, Floats
    from stages.core.sections import Evaluate


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fared.

    Attributes:
        label: Its name.
        precision: Of the texts that were given it, the share that have it.
        recall: Of the texts that have it, the share that were given it.
        f1: Their harmonic mean.
        texts: How many test texts have it.
        average_precision: The mean precision over the texts that have it, as one goes down from where it is likeliest;
            None where texts have one label each, or no text has it.
    """

    label: str
    precision: float
    recall: float
    f1: float
    texts: int
    average_precision: float | None = None


def single_scores(actual: Bools, predicted: Bools, probabilities: Floats, settings: Evaluate) -> dict[str, float]:
    """Scores where each of (n,) texts has one label and is given one.

    Micro-F1 is the accuracy then, and is not there a second time.

    Where all texts are right, or all wrong, so are those of every draw, and bootstrap intervals have no width: the
    bounds of accuracy and macro-F1 are then those of Wilson's interval of the accuracy (see `bias.wilson`). For the
    macro-F1 that is a stand-in. For labels with very few texts, see `_f1s`.

    Args:
        actual: (n, labels) the labels of the texts, n at least 1.
        predicted: (n, labels) the labels given to them.
        probabilities: (n, labels), 0 for a label that the student never saw.
        settings: Of the bootstrap.

    Returns:
        accuracy, macro_f1, calibration_error (see `calibration`), shares of 1, each with _low and _high; brier.
    """
    micro, macro = _f1s(actual, predicted, settings, one_label=True)
    error = calibration_error(probabilities, actual, settings)
    return {
        **_bounded("accuracy", micro),
        **_bounded("macro_f1", macro),
        **_bounded("calibration_error", Bounded(*error)),
        "brier": brier_score(probabilities, actual),
    }


def several_scores(actual: Bools, predicted: Bools, probabilities: Floats, settings: Evaluate) -> dict[str, float]:
    """Scores where each of (n,) texts has one label or several. The arguments are those of `single_scores`.

    Returns:
        micro_f1, macro_f1, and the means over texts of `ranking.ranking_scores`; each with _low and _high.
    """
    micro, macro = _f1s(actual, predicted, settings, one_label=False)
    each = ranking_scores(probabilities, actual)
    values, texts = np.stack(list(each.values()), axis=1), len(actual)
    ones = np.ones(texts, dtype=np.int64)
    low, high = percentiles(resample(ones, lambda drawn: drawn @ values / texts, len(each), settings), settings)
    found = {**_bounded("micro_f1", micro), **_bounded("macro_f1", macro)}
    for name, *bounds in zip(each, values.mean(axis=0), low, high, strict=True):
        found |= _bounded(name, Bounded(*bounds))
    return found


def _f1s(actual: Bools, predicted: Bools, settings: Evaluate, *, one_label: bool) -> tuple[Bounded, Bounded]:
    """Micro-F1 and macro-F1, each with its interval: the bootstrap's.

    Macro-F1 is lower on draws than on the test set, the more so the more labels there are and the fewer texts each has:
    of 150 labels of 15 texts, 80 to 91 % of simulated percentile intervals held the true one, and of `centred` ones 92
    to 96 %. Where some labels have fewer than `scarce.ENOUGH` test texts, the bootstrap is asked for the macro-F1 of
    the others alone, and what is known of theirs is added (see `scarce`); where all labels have so few, it stands. How
    often all these hold, tests/bench/bench_intervals tells.

    Args:
        actual: (n, labels) the labels of the texts.
        predicted: (n, labels) the labels given to them.
        settings: Of the bootstrap.
        one_label: Whether texts have one label each: where all are right or all wrong, Wilson's interval stands in.
    """
    (have, given), kinds = alike(actual, predicted)
    whole = count(have, given, kinds.astype(np.float64))
    few = scarce(whole)
    if few.sum() == (whole.have > 0).sum():
        few[:] = False

    def both(drawn: Floats) -> Floats:
        counts = count(have, given, drawn)
        of_many = Counts(counts.hits, counts.given, np.where(few, 0.0, counts.have))
        return np.stack([micro_f1(counts), macro_f1(of_many)], axis=-1)

    values = both(kinds.astype(np.float64)).tolist()
    draws = resample(kinds, both, 3 * actual.shape[1], settings)
    micro = Bounded(values[0], *map(float, percentiles(draws[:, 0], settings)))
    macro = Bounded(values[1], *centred(draws[:, 1], values[1], settings))
    if one_label:
        micro, macro = (
            Bounded(each.value, *wilson(each.value, texts, settings.confidence)) if each.value in (0.0, 1.0) else each
            for each, texts in ((micro, len(actual)), (macro, float(whole.have[~few].sum())))
        )
    if few.any():
        share = float(few.sum() / (whole.have > 0).sum())
        macro = together([(1 - share, macro), (share, f1_of_few(whole, few, settings.confidence))])
    return micro, macro


def _bounded(name: str, found: Bounded) -> dict[str, float]:
    return {name: float(found.value), f"{name}_low": float(found.low), f"{name}_high": float(found.high)}


def class_scores(
    actual: Bools, predicted: Bools, labels: Sequence[str], probabilities: Floats | None = None
) -> list[ClassScore]:
    """Scores of each label, in the order of `labels`.

    Args:
        actual: (n, labels) the labels of the texts.
        predicted: (n, labels) the labels given to them.
        labels: Their names.
        probabilities: (n, labels), for the average precision; None: it is left out.
    """
    counts = count(actual, predicted)
    precision, recall, f1 = (each(counts) for each in (precision_of_labels, recall_of_labels, f1_of_labels))
    return [
        ClassScore(
            label,
            float(precision[number]),
            float(recall[number]),
            float(f1[number]),
            int(counts.have[number]),
            None if probabilities is None else _average_precision(actual[:, number], probabilities[:, number]),
        )
        for number, label in enumerate(labels)
    ]


def _average_precision(actual: Bools, probabilities: Floats) -> float | None:
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 - a second that the report need not pay

    return float(average_precision_score(actual, probabilities)) if actual.any() else None

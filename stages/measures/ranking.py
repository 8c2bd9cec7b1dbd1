"""How high a student ranks the labels of texts that have several; a text's score does not depend on other texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from stages.core.arrays import Bools, Floats

DEPTHS = (1, 3, 5)


def ranking_scores(probabilities: Floats, actual: Bools) -> dict[str, Floats]:
    """Scores of each text, (n,) by name; at the depths k of `DEPTHS` that do not exceed the number of labels.

    precision_at_k: of the k likeliest labels, the share that the text has. recall_at_k: of the labels that it has, the
    share among the k likeliest. ndcg_at_k: normalised discounted cumulative gain (Jarvelin and Kekalainen 2002), with a
    gain of 1 / log2(1 + rank) for each label that it has, over that of the best order. Of labels that are as likely,
    the earlier one ranks higher. map: see `average_precisions`.

    Args:
        probabilities: (n, labels).
        actual: (n, labels), at least one a row.
    """
    count = actual.shape[1]
    order = np.argsort(-probabilities, axis=1, kind="stable")
    hits = np.take_along_axis(actual, order, axis=1).astype(np.float64)
    have = actual.sum(axis=1)
    gains = 1 / np.log2(np.arange(count) + 2)
    best = np.cumsum(gains)
    found = {"map": average_precisions(probabilities, actual)}
    for depth in (each for each in DEPTHS if each <= count):
        top = hits[:, :depth]
        found[f"precision_at_{depth}"] = top.mean(axis=1)
        found[f"recall_at_{depth}"] = top.sum(axis=1) / have
        found[f"ndcg_at_{depth}"] = top @ gains[:depth] / best[np.minimum(have, depth) - 1]
    return found


def average_precisions(probabilities: Floats, actual: Bools) -> Floats:
    """Label-ranking average precision of each text, (n,) (Schapire and Singer 2000, section 3).

    For each label that a text has: of the labels that are at least as likely, the share that it has; the mean of that.
    Labels that are as likely count as if they ranked above, so a student that knows nothing gains nothing by it.
    """
    sums = np.zeros(len(actual))
    for column in range(actual.shape[1]):
        above = probabilities >= probabilities[:, column : column + 1]
        sums += np.where(actual[:, column], (above & actual).sum(axis=1) / above.sum(axis=1), 0.0)
    means: Floats = sums / actual.sum(axis=1)
    return means

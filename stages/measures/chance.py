"""Whether a student's labels have anything to do with the texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stages.measures.counts import Counts, indicators, macro_f1
from stages.measures.significance import holm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stages.core.sections import Evaluate
    from stages.measures.predictions import Predictions

_TEXTS = 2000  # looked at, at most: who cannot be told from chance with so many is of no use
_DRAWS = 40  # for each student: so many more than 1 / (1 - 0.95) that the correction for their number can be passed


def above_chance(
    cells: Mapping[tuple[str, str], Predictions], labels: Sequence[str], settings: Evaluate
) -> set[tuple[str, str]]:
    """Those whose macro-F1 is higher than it would be, had the labels been given without reading the texts.

    One label for all texts is the plainest of that kind, and labels drawn at random are another. A p value for each
    (see `blind`), corrected by Holm for their number, has to be below 1 - confidence.

    Args:
        cells: By method and student.
        labels: All labels of the task.
        settings: Of the draws.
    """
    draws = max(settings.resamples, _DRAWS * len(cells))
    values = holm([blind(each, labels, draws, settings.seed) for each in cells.values()])
    return {cell for cell, p in zip(cells, values, strict=True) if p < 1 - settings.confidence}


def blind(made: Predictions, labels: Sequence[str], draws: int, seed: int) -> float:
    """The permutation test of macro-F1 (Ojala and Garriga 2010, Permutation Tests for Studying Classifier Performance).

    The labels that were given are dealt to the texts at random: each is given as often as before, and says nothing of
    its text. p is the share of such deals with a macro-F1 as high, the one there is counted in (Phipson and Smyth
    2010). One label for all texts is the same in each deal: its p is 1.
    """
    step = -(-len(made.actual) // _TEXTS)
    have, given = (indicators(each[::step], labels) for each in (made.actual, made.predicted))
    generator, sums = np.random.default_rng(seed), (given.sum(axis=0), have.sum(axis=0))
    deals = [(have & given[generator.permutation(len(given))]).sum(axis=0) for _ in range(draws)]
    scores = macro_f1(Counts(np.stack([(have & given).sum(axis=0), *deals]).astype(np.float64), *sums))
    return (1 + int((scores[1:] >= scores[0] - 1e-12).sum())) / (1 + draws)

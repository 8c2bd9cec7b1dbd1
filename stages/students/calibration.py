"""Held-out scores of the training texts themselves, and what is chosen by them: regularisation and temperature.

Near-duplicates are held out together. The texts are generated: what is calibrated on them is sure of itself among such
texts, and less right about people's.
"""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from stages.core import cli
from stages.students.split import folds

if TYPE_CHECKING:
    from collections.abc import Callable

    from stages.core.arrays import Bools, Floats, Ints
    from stages.students.training import TrainingSet

_FOLDS = 5
_SEED = 1
_LEAST = 1e-12
_TEMPERATURES = (-3.0, 3.0)  # their logarithms
_GRID = (0.5, 2.0, 8.0, 32.0)
USUAL_C = 8.0


def scores_of(probabilities: Floats, *, multilabel: bool) -> Floats:
    """Logarithms of (n, labels) probabilities; log-odds where a text may have several labels."""
    clipped = np.clip(probabilities, _LEAST, 1 - _LEAST if multilabel else 1.0)
    return np.asarray(np.log(clipped) - np.log1p(-clipped) if multilabel else np.log(clipped))


def probabilities_of(scores: Floats, *, multilabel: bool) -> Floats:
    """The way back: scores of all labels together, or each for itself."""
    if multilabel:
        return np.asarray(1 / (1 + np.exp(-np.clip(scores, -500, 500))))
    likely = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))


def parts_of(data: TrainingSet) -> Ints:
    """(n,): the number of the part, from 0, that each text is held out with; all 0 where texts are too few."""
    parts = min(_FOLDS, int((data.targets > 0).sum(axis=0).max()))
    if parts < 2:  # noqa: PLR2004 - one to learn from and one to hold out
        return np.zeros(len(data.texts), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of labels with fewer texts than parts, see `held_out`
        return folds(data, parts, _SEED)


def held_out(data: TrainingSet, parts: Ints, score: Callable[[Bools, Bools], Floats]) -> Floats:
    """Scores of each text by a model that was fitted without it and its near-duplicates: (n, labels).

    Rows are NaN where nobody could know: a text whose label no other text has, and all where texts are too few.

    Args:
        data: The texts.
        parts: (n,) of `parts_of`.
        score: Fits to the texts of one mask, (n,), and returns the scores of those of the other.
    """
    found = np.full(data.targets.shape, np.nan)
    always = (data.targets > 0).all(axis=0)
    for number in range(int(parts.max(initial=0)) + 1):
        rows = parts == number
        known = data.targets[~rows] > 0
        has = known.any(axis=0)
        both = has & (~known.all(axis=0) | always)
        if rows.any() and (both.all() if data.multilabel else has.sum() > 1):
            scores = score(~rows, rows)
            scores[(data.targets[rows][:, ~has] > 0).any(axis=1)] = np.nan
            found[rows] = scores
    return found


def choose_c(data: TrainingSet, parts: Ints, score: Callable[[float, Bools, Bools], Floats]) -> float:
    """The strongest regularisation whose held-out accuracy is within a standard error of the best one's.

    The one-standard-error rule of Breiman et al., Classification and Regression Trees, 1984, section 3.4.3: people's
    texts are less like the training texts than held-out ones are.

    Args:
        data: The texts.
        parts: (n,) of `parts_of`.
        score: As for `held_out`, for an inverse strength of regularisation.
    """
    right = {c: _right(held_out(data, parts, partial(score, c)), data) for c in _GRID}
    if not right[_GRID[0]].size:
        cli.say(f"students: {len(data.texts)} texts are too few to hold some out; c is {USUAL_C:g}")
        return USUAL_C
    best = max(right.values(), key=lambda each: float(each.mean()))
    enough = best.mean() - best.std() / np.sqrt(best.size)
    return next(c for c in _GRID if right[c].mean() >= enough)


def temperature(scores: Floats, data: TrainingSet) -> float:
    """What to divide scores by, so that held-out texts are likeliest: 1 where there are none.

    Guo et al., On calibration of modern neural networks, ICML 2017, section 4.2; of several labels, the same for all.

    Args:
        scores: (n, labels), of `held_out`.
        data: The texts.
    """
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - what only training pays

    kept = ~np.isnan(scores).any(axis=1)
    if not kept.any():
        cli.say(f"students: {len(data.texts)} texts are too few to hold some out; probabilities are not calibrated")
        return 1.0
    scores, targets, weights = scores[kept], data.targets[kept], data.weights[kept]

    def loss(logarithm: float) -> float:
        found = np.clip(probabilities_of(scores / np.exp(logarithm), multilabel=data.multilabel), _LEAST, 1.0)
        costs = -targets * np.log(found)
        if data.multilabel:
            costs -= (1 - targets) * np.log(np.clip(1 - found, _LEAST, 1.0))
        return float((costs.sum(axis=1) * weights).sum())

    found = minimize_scalar(loss, bounds=_TEMPERATURES, method="bounded")
    return round(float(np.exp(found.x)), 3)


def _right(scores: Floats, data: TrainingSet) -> Floats:
    """Of each text that was held out: whether its likeliest label is right; of several, the share of right labels."""
    kept = ~np.isnan(scores).any(axis=1)
    scores, targets = scores[kept], data.targets[kept]
    if data.multilabel:
        return np.asarray(((scores > 0) == (targets > 0.5)).mean(axis=1))  # noqa: PLR2004 - likelier than not
    return np.asarray(scores.argmax(axis=1) == targets.argmax(axis=1), dtype=np.float64)

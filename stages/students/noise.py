"""What is done about labels that may be wrong, before a student is fitted: an entry's `noise` in params.yaml.

confident   texts that a student of other texts would label otherwise count for nothing, or for less (`noise_confident`)
reweight    weights learned with a noise-robust loss (`noise_reweight`)
judged      the label is mixed with what a judge says of the text, where one is trusted
smoothing   a share of each label is spread over all labels

In this order, each with the texts as the one before left them. At least half of the texts of each label go on counting
for half or more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stages.students.noise_confident import OutOfFold, judged
from stages.students.noise_reweight import learned_weights
from stages.students.split import folds
from stages.students.training import smoothed

if TYPE_CHECKING:
    from stages.core.arrays import Bools, Floats
    from stages.core.files import Json
    from stages.core.learning import AnyStudent, Noise
    from stages.students.training import TrainingSet

_HALF = 0.5  # a text that counts for less is as good as thrown out
_WORST = 10  # texts that are shown
_DIGITS = 4  # of weights: beyond them they differ from one processor to the next


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of it.

    Attributes:
        data: The texts as the student is to learn from them.
        counts: What was done, by step; of steps that judge texts, how many were suspected, by label too, and how many
            were spared: they count for half, suspected or not, as their label would else keep too few.
        worst: By step, the texts that look worst, with their labels, the worst first.
    """

    data: TrainingSet
    counts: Json
    worst: Json


def handle_noise(data: TrainingSet, student: AnyStudent, noise: Noise) -> Handled:
    """Let texts whose labels look wrong count for less, and soften labels, as `noise` says.

    Args:
        data: The texts.
        student: The whole entry: texts are judged by a student of the same kind where that is cheap.
        noise: Its section `noise`.
    """
    handled, held_out = Handled(data, {}, {}), OutOfFold(data.texts, student)
    if noise.confident:
        probabilities = held_out.probabilities(data, folds(data, noise.folds, noise.seed))
        quality, suspected = judged(data, probabilities)
        factors = quality if noise.confident == "weigh" else (~suspected).astype(np.float64)
        handled = _weighed(handled, "confident", factors, suspected, quality)
    if noise.reweight:
        before = handled.data.weights
        learned = learned_weights(handled.data, held_out.vectors, folds(data, 2, noise.seed))
        factors = np.divide(learned, before, out=np.ones_like(learned), where=before > 0).round(_DIGITS)
        handled = _weighed(handled, "reweight", factors, factors < _HALF, factors)
    if noise.judged:
        handled = _mixed(handled, noise.judged)
    if noise.smoothing:
        targets = smoothed(handled.data.targets, noise.smoothing, multilabel=data.multilabel)
        softer = replace(handled.data, targets=targets)
        handled = Handled(softer, {**handled.counts, "smoothing": noise.smoothing}, handled.worst)
    return handled


def _mixed(before: Handled, weight: float) -> Handled:
    """`before` with targets (1 - weight) y + weight c, c being the judge's chances, for the texts that it judged.

    The soft targets of distillation (Hinton et al. 2015, Distilling the Knowledge in a Neural Network), the judge being
    the teacher. Where a text has one label, what the judge gives to labels that no text has goes to the others.
    """
    data = before.data
    said = np.zeros_like(data.targets) if data.judged is None else data.judged
    total = said.sum(axis=1, keepdims=True)
    known = total[:, 0] > 0
    chances = said if data.multilabel else np.divide(said, total, out=np.zeros_like(said), where=total > 0)
    targets = np.where(known[:, np.newaxis], (1 - weight) * data.targets + weight * chances, data.targets)
    # Of each text, whether the label that it now has most of is one of those that it was given.
    most = targets.argmax(axis=1)
    turned = data.targets[np.arange(len(most)), most] < _HALF
    counts = {"weight": weight, "texts": int(known.sum()), "turned": int(turned.sum())}
    return Handled(replace(data, targets=targets), {**before.counts, "judged": counts}, before.worst)


def _weighed(before: Handled, step: str, factors: Floats, suspected: Bools, quality: Floats) -> Handled:
    """`before` with each text's weight times its factor.

    Args:
        before: What earlier steps made of the texts.
        step: The step's name.
        factors: (n,) from 0 to 1.
        suspected: (n,) whether a label looks wrong.
        quality: (n,) the lower, the worse it looks.
    """
    data = before.data
    weights = data.weights * factors
    spared = _spared(data, weights, quality)
    weights[spared] = _HALF
    counts = {
        "suspected": int(suspected.sum()),
        "spared": int(spared.sum()),
        "by_label": {
            label: int(count)
            for label, count in zip(data.labels, (data.targets[suspected] >= _HALF).sum(axis=0), strict=True)
            if count
        },
    }
    order = np.argsort(quality, kind="stable")[:_WORST]
    worst = [
        {
            "text": data.texts[row],
            "labels": [label for label, has in zip(data.labels, data.targets[row] >= _HALF, strict=True) if has],
            "quality": float(quality[row]),
        }
        for row in order
    ]
    return Handled(replace(data, weights=weights), {**before.counts, step: counts}, {**before.worst, step: worst})


def _spared(data: TrainingSet, weights: Floats, quality: Floats) -> Bools:
    """Which texts that would count for less than half must not, so that half of each label's texts are left.

    The best ones: by their `weights`, (n,), then by what they had before and by `quality`, as in `_weighed`.
    """
    low, spared = weights < _HALF, np.zeros(len(data.texts), dtype=bool)
    for column in range(len(data.labels)):
        rows = np.flatnonzero(data.targets[:, column] >= _HALF)
        bad = rows[low[rows] & ~spared[rows]]
        too_many = len(bad) - len(rows) // 2
        if too_many > 0:
            best = np.lexsort((-quality[bad], -data.weights[bad], -weights[bad]))
            spared[bad[best[:too_many]]] = True
    return spared

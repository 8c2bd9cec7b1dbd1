"""Which texts are held out of a fine-tuning, to choose the epoch."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from stages.core.cli import say
from stages.students.split import folds

if TYPE_CHECKING:
    from stages.students.training import TrainingSet


def held_out_rows(data: TrainingSet, share: float, seed: int) -> tuple[TrainingSet, TrainingSet]:
    """The texts that are trained on, and about that share of them held out; near-duplicates are on one side.

    A label that only texts held out have gets them back, and that is told: nothing could learn it. Texts that count for
    nothing are in neither part.
    """
    data = data.part(data.weights > 0)
    classes = data.targets.argmax(axis=1)
    count = min(round(1 / share), int(np.bincount(classes).max())) if share else 0
    if count < 2:  # noqa: PLR2004 - parts
        return data, data.part([])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a label has fewer texts than there are parts
        held = folds(data, count, seed) == 0
    has = data.targets > 0.5 if data.multilabel else classes[:, np.newaxis] == np.arange(len(data.labels))  # noqa: PLR2004 - likelier than not
    lost = ~has[~held].any(axis=0)
    held &= ~has[:, lost].any(axis=1)
    without = int((~has[held].any(axis=0)).sum())
    if without:
        say(f"finetune: {without} of {len(data.labels)} labels have too few different texts to hold one out")
    return data.part(~held), data.part(held)

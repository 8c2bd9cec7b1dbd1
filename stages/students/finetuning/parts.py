"""The two parts of the texts, trained on and held out to choose the epoch, and how far a training is."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from stages.core.cli import say
from stages.students.finetuning.batches import Tokens
from stages.students.finetuning.untidy import roughened
from stages.students.split import folds

if TYPE_CHECKING:
    from stages.students.training import TrainingSet


@dataclass(frozen=True, slots=True)
class Part:
    """Texts that are trained on, or held out, and the tokenizer of the model that they are for."""

    data: TrainingSet
    tokenizer: Any

    def tokens(self, share: float = 0.0, *seeds: int) -> Tokens:
        """The texts as tokens; roughened, where a share is given."""
        return Tokens(self.tokenizer, roughened(self.data.texts, share, *seeds))


@dataclass(slots=True)
class Progress:
    """How far a training is: steps done, its epochs, and which of them was the best.

    Attributes:
        step: Steps done.
        loss: The sum over the texts of the epoch that is under way.
        epochs: One row each: epoch (from 1), loss, and where texts are held out held_out_loss, held_out_macro_f1.
        best: The number of the best epoch; 0: none yet.
        ended: Whether nothing is left to do.
    """

    step: int = 0
    loss: float = 0.0
    epochs: list[dict[str, float]] = field(default_factory=list)
    best: int = 0
    ended: bool = False


def held_out_rows(data: TrainingSet, share: float, seed: int) -> tuple[TrainingSet, TrainingSet]:
    """The texts that are trained on, and about that share of them held out; near-duplicates are on one side.

    A label that only texts held out have gets them back, and that is told: nothing could learn it. Texts that count for
    nothing are in neither part.
    """
    data = data.part(data.weights > 0)
    classes = data.targets.argmax(axis=1)
    count = min(round(1 / share), int(np.bincount(classes).max())) if share else 0
    if count < 2:  # noqa: PLR2004 - parts
        if share:
            say("finetune: no label has two texts that count, to hold one out: the last epoch is kept")
        return data, data.part([])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that a label has fewer texts than there are parts
        held = folds(data, count, seed) == 0
    has = data.targets > 0.5 if data.multilabel else classes[:, np.newaxis] == np.arange(len(data.labels))  # noqa: PLR2004 - likelier than not
    lost = ~has[~held].any(axis=0)
    held &= ~has[:, lost].any(axis=1)
    without = int((~has[held].any(axis=0)).sum())
    if without:
        say(f"finetune: {without} of {len(data.labels)} labels have too few different texts that count to hold one out")
    return data.part(~held), data.part(held)

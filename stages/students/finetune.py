"""A pretrained encoder with a classification head, all of it trained: the strongest student, and the slowest.

What it saves is a model of `transformers`: `pipeline("text-classification", FOLDER)` loads it as it is. It trains on
the processor or GPU that is there, and on several where the environment says so: see `finetuning/launch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stages.core.cli import when_done
from stages.students.finetuning.batches import Tokens, scores_of
from stages.students.finetuning.launch import launched, launcher
from stages.students.finetuning.model import load_pretrained, load_saved, quiet
from stages.students.finetuning.parts import held_out_rows
from stages.students.finetuning.record import SeedRecord, card_of, write_curves
from stages.students.finetuning.seeds import train_seeds
from stages.students.saving import save_student

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.arrays import Floats
    from stages.core.learning import Finetune
    from stages.students.training import TrainingSet

_SEEDS = "seeds"
_CURVES = "curves"


class FinetuneStudent:
    """See `student.Student`."""

    def __init__(
        self, model: Any, tokenizer: Any, labels: Sequence[str], *, multilabel: bool, card: Mapping[str, Any]
    ) -> None:
        self._model, self._tokenizer, self._card = model, tokenizer, dict(card)
        self.labels, self.multilabel = tuple(labels), multilabel
        self._records: list[SeedRecord] = []
        self._others: dict[int, dict[str, Any]] = {}

    @classmethod
    def fit(cls, data: TrainingSet, settings: Finetune) -> Self:
        """Fit to texts, once for each seed; the one that did best on the texts held out is kept."""
        train, held = held_out_rows(data, settings.held_out, settings.seed)
        model, tokenizer = load_pretrained(settings, data.labels, settings.seed, multilabel=data.multilabel)
        if command := launcher():
            trained = launched(command, (train, held), settings)
            Tokens(tokenizer, train.texts[:1])  # what is saved of it says how it last cut a text
        else:
            trained = train_seeds(model, tokenizer, (train, held), settings)
        when_done(trained.checkpoints.remove)
        card = {"model": settings.model, **card_of(trained.records, len(held.texts))}
        model.cpu().load_state_dict(trained.weights[card["kept_seed"]])
        student = cls(model, tokenizer, data.labels, multilabel=data.multilabel, card=card)
        student._records = trained.records
        student._others = trained.weights if settings.keep_seeds else {}
        return student

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        scores = scores_of(self._model, Tokens(self._tokenizer, texts)).double()
        found = scores.sigmoid() if self.multilabel else scores.softmax(dim=1)
        return np.asarray(found.numpy(), dtype=np.float64)

    def save(self, folder: Path) -> dict[str, object]:
        """Write the model and its tokenizer, the curves, and where they are kept the models of all seeds."""
        if self._others:
            for seed, weights in self._others.items():
                self._model.load_state_dict(weights)
                card = {"model": self._card["model"], "seed": seed}
                one = type(self)(self._model, self._tokenizer, self.labels, multilabel=self.multilabel, card=card)
                save_student(folder / _SEEDS / str(seed), one, {"kind": "finetune"})
            self._model.load_state_dict(self._others[self._card["kept_seed"]])
        self._tokenizer.init_kwargs.pop("local_files_only", None)  # says how it was loaded here, and nothing of itself
        with quiet():
            self._tokenizer.save_pretrained(folder)
            self._model.save_pretrained(folder)
        if self._records:
            write_curves(folder / _CURVES, self._records)
        return self._card

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read the model and its tokenizer."""
        model, tokenizer = load_saved(folder, len(card["labels"]))
        told = {name: card[name] for name in card if name not in ("kind", "labels", "multilabel")}
        return cls(model, tokenizer, card["labels"], multilabel=card["multilabel"], card=told)

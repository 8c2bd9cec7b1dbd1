"""A pretrained encoder with a classification head, all of it trained: the strongest student, and the slowest.

What it saves is a model of `transformers`: `pipeline("text-classification", FOLDER)` loads it as it is. It trains on
the processor or GPU that is there, and on several by `accelerate launch -m stages.train ...`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stages.students.finetuning.batches import Tokens, head_inputs, scores_of
from stages.students.finetuning.checkpoint import Checkpoints, checkpoints_path, key_of
from stages.students.finetuning.head import start_from_regression
from stages.students.finetuning.model import head_of, load_pretrained, load_saved, quiet
from stages.students.finetuning.parts import Part, held_out_rows
from stages.students.finetuning.progress import Bar
from stages.students.finetuning.rates import low_precision
from stages.students.finetuning.record import SeedRecord, card_of, write_curves
from stages.students.finetuning.training import Training
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
        self._checkpoints: Checkpoints | None = None

    @classmethod
    def fit(cls, data: TrainingSet, settings: Finetune) -> Self:
        """Fit to texts, once for each seed; the one that did best on the texts held out is kept."""
        from accelerate import Accelerator  # noqa: PLC0415 - seconds that only this student pays

        train, held = held_out_rows(data, settings.held_out, settings.seed)
        accelerator: Any = Accelerator(mixed_precision="no")  # what is computed in bfloat16, the loop says
        model, tokenizer = load_pretrained(settings, data.labels, settings.seed, multilabel=data.multilabel)
        device = accelerator.device
        key = key_of(settings, data, model, device, accelerator.num_processes, low_precision(device))
        main = accelerator.is_main_process
        checkpoints = Checkpoints(checkpoints_path() / key, writes=main)
        parts = [Part(each, tokenizer) for each in (train, held)]
        records, weights = list[SeedRecord](), dict[int, dict[str, Any]]()
        with Bar(f"finetune on {len(train.texts)} texts", silent=not main) as bar:
            for seed in range(settings.seed, settings.seed + settings.seeds):
                if seed != settings.seed:
                    model, _ = load_pretrained(settings, data.labels, seed, multilabel=data.multilabel)
                record = _train(model, parts, settings, seed, accelerator=accelerator, checkpoints=checkpoints, bar=bar)
                best = not records or record.worth > max(each.worth for each in records)
                records.append(record)
                if best and not settings.keep_seeds:
                    weights.clear()
                if best or settings.keep_seeds:
                    weights[seed] = {name: each.cpu().clone() for name, each in model.state_dict().items()}
        if not main:
            accelerator.end_training()
            sys.exit(0)  # the others of `accelerate launch` were here to train; one goes on to save and to score
        card = {"model": settings.model, **card_of(records, len(held.texts))}
        model.cpu().load_state_dict(weights[card["kept_seed"]])
        accelerator.end_training()
        student = cls(model, tokenizer, data.labels, multilabel=data.multilabel, card=card)
        student._records, student._checkpoints = records, checkpoints
        student._others = weights if settings.keep_seeds else {}
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
        if self._checkpoints:
            self._checkpoints.remove()
        return self._card

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read the model and its tokenizer."""
        model, tokenizer = load_saved(folder, len(card["labels"]))
        told = {name: card[name] for name in card if name not in ("kind", "labels", "multilabel")}
        return cls(model, tokenizer, card["labels"], multilabel=card["multilabel"], card=told)


def _train(
    model: Any,
    parts: Sequence[Part],
    settings: Finetune,
    seed: int,
    *,
    accelerator: Any,
    checkpoints: Checkpoints,
    bar: Bar,
) -> SeedRecord:
    """Train a model from one seed, in place."""
    train = parts[0]
    model.to(accelerator.device)
    name = f"seed{seed}"
    found = checkpoints.read(name)
    if settings.start == "regression" and not (found and found[1]["ended"]):
        head = head_of(model)
        start_from_regression(head, head_inputs(model, head, train.tokens(), accelerator.device), train.data)
    training = Training(model, parts, settings, seed=seed, accelerator=accelerator)
    training.run(checkpoints, name, found, bar)
    accelerator.free_memory()
    progress = training.progress
    return SeedRecord(seed, progress.best, tuple(progress.epochs), training.held_out())

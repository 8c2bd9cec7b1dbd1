"""Seconds of an epoch of fine-tuning, against `transformers.Trainer` with its defaults and padding to 128 tokens.

python -m tests.bench.bench_finetune [TEXTS]

Texts of 10 to 60 words that no person wrote, of twenty labels, and others to be scored on; the same model from the same
weights, the same learning rate, two epochs. A ratio of 0.5 is to be reached.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from transformers import Trainer, TrainingArguments

from stages.core.learning import Finetune
from stages.core.params import load_everything
from stages.students.finetuning.batches import Tokens, scores_of
from stages.students.finetuning.checkpoint import Checkpoints
from stages.students.finetuning.model import load_pretrained, quiet
from stages.students.finetuning.parts import Part
from stages.students.finetuning.progress import Bar
from stages.students.finetuning.training import Training
from stages.students.training import TrainingSet
from tests.conftest import ROOT

COUNT = int(sys.argv[1]) if sys.argv[1:] else 5000
LABELS, EPOCHS, PADDED = 20, 2, 128
ROLE = "bank card parcel train garden river window doctor market school paper engine winter music bread stone light"
ALL = [f"{one} {other}" for one in ROLE.split() for other in ROLE.split() if one != other]


def texts(count: int, seed: int) -> TrainingSet:
    """Texts of random words, a third of them typical of the label."""
    random = np.random.default_rng(seed)
    rows, labels = list[str](), list[tuple[str]]()
    for number in range(count):
        label = number % LABELS
        length = int(random.integers(10, 61))
        typical = random.random(length) < 1 / 3
        words = [ALL[label * 9 + random.integers(9)] if each else ALL[random.integers(len(ALL))] for each in typical]
        rows.append(" ".join(" ".join(words).split()[:length]))
        labels.append((f"label {label:02}",))
    return TrainingSet.of(rows, labels)


def accuracy(model: Any, tokenizer: Any, test: TrainingSet) -> float:
    """Share of the texts whose likeliest label is theirs."""
    found = scores_of(model, Tokens(tokenizer, test.texts)).argmax(dim=1).numpy()
    return float((found == test.targets.argmax(axis=1)).mean())


def ours(settings: Finetune, train: TrainingSet, test: TrainingSet, folder: Path) -> tuple[float, float]:
    """Seconds an epoch, and the accuracy."""
    model, tokenizer = load_pretrained(settings, train.labels, 1, multilabel=False)
    parts = [Part(train, tokenizer), Part(train.part([]), tokenizer)]
    start = time.perf_counter()
    training = Training(model, parts, settings, seed=1, accelerator=Accelerator(mixed_precision="no"))
    with Bar("bench", silent=True) as bar:
        training.run(Checkpoints(folder, writes=True), "seed1", None, bar)
    return (time.perf_counter() - start) / EPOCHS, accuracy(model.cpu(), tokenizer, test)


def theirs(settings: Finetune, train: TrainingSet, test: TrainingSet, folder: Path) -> tuple[float, float]:
    """Likewise, by the trainer of `transformers`."""
    model, tokenizer = load_pretrained(settings, train.labels, 1, multilabel=False)
    padded = tokenizer(list(train.texts), padding="max_length", truncation=True, max_length=PADDED)
    classes = train.targets.argmax(axis=1)
    rows = [
        {**{name: torch.tensor(padded[name][row]) for name in padded}, "labels": int(classes[row])}
        for row in range(len(classes))
    ]
    arguments = TrainingArguments(
        output_dir=str(folder), num_train_epochs=EPOCHS, learning_rate=settings.learning_rate, report_to="none",
        per_device_train_batch_size=settings.batch, save_strategy="no", logging_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    start = time.perf_counter()
    with quiet():
        Trainer(model=model, args=arguments, train_dataset=rows).train()
    return (time.perf_counter() - start) / EPOCHS, accuracy(model.cpu(), tokenizer, test)


if __name__ == "__main__":
    student = load_everything(ROOT / "params.yaml").students["finetune"]
    assert isinstance(student, Finetune)
    chosen = student.model_copy(update={"epochs": EPOCHS, "held_out": 0.0, "untidy": 0.0, "start": "random"})
    train_texts, test_texts = texts(COUNT, 1), texts(min(COUNT, 1000), 2)
    with tempfile.TemporaryDirectory() as name:
        (mine, good), (other, as_good) = (
            way(chosen, train_texts, test_texts, Path(name) / way.__name__) for way in (ours, theirs)
        )
    print(f"an epoch of {COUNT:,} texts of 10 to 60 words: {mine:.1f} s, accuracy {good:.3f}; "
          f"transformers.Trainer: {other:.1f} s, accuracy {as_good:.3f}")  # fmt: skip
    print(f"{mine / other:.2f} of its time (to reach: 0.50)")

"""Seconds of an epoch of fine-tuning, against `transformers.Trainer` with its defaults and padding to 128 tokens.

python -m tests.bench.bench_finetune [TEXTS [PAIRS [EPOCHS]]]

Texts of 10 to 60 words that no person wrote, of twenty labels, and others to be scored on; the same model from the same
weights and the same recipe: the trainer's defaults, at our learning rate. What differs is how texts share a batch, and
in which precision it is multiplied. The two take turns, each pair from another seed, so that what else the machine does
slows both; what it does hardly moves the processor's time. To be reached: a ratio of 0.5, and the same accuracy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from statistics import fmean, stdev
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

COUNT, PAIRS, EPOCHS = (int(given) for given in (*sys.argv[1:4], *("5000", "3", "2")[len(sys.argv[1:4]) :]))
LABELS, PADDED = 20, 128
ROLE = "bank card parcel train garden river window doctor market school paper engine winter music bread stone light"
THEIRS = {  # the defaults of transformers.TrainingArguments, and of a head that comes at random
    "start": "random", "held_out": 0.0, "untidy": 0.0, "label_smoothing": 0.0, "warmup": 0.0, "weight_decay": 0.0,
    "layer_decay": 1.0, "tuned_share": 1.0,
}  # fmt: skip
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


class Clock:
    """Seconds an epoch on the clock and of the processor, since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Both."""
        return (time.perf_counter() - self._start[0]) / EPOCHS, (time.process_time() - self._start[1]) / EPOCHS


def ours(settings: Finetune, train: TrainingSet, test: TrainingSet, folder: Path) -> tuple[float, float, float]:
    """Seconds an epoch on the clock and of the processor, and the accuracy."""
    model, tokenizer = load_pretrained(settings, train.labels, settings.seed, multilabel=False)
    parts = [Part(train, tokenizer), Part(train.part([]), tokenizer)]
    clock = Clock()
    training = Training(model, parts, settings, seed=settings.seed, accelerator=Accelerator(mixed_precision="no"))
    with Bar("bench", silent=True) as bar:
        training.run(Checkpoints(folder / str(settings.seed), writes=True), "seed", None, bar)
    return *clock.read(), accuracy(model.cpu(), tokenizer, test)


def theirs(settings: Finetune, train: TrainingSet, test: TrainingSet, folder: Path) -> tuple[float, float, float]:
    """Likewise, by the trainer of `transformers`."""
    model, tokenizer = load_pretrained(settings, train.labels, settings.seed, multilabel=False)
    padded = tokenizer(list(train.texts), padding="max_length", truncation=True, max_length=PADDED)
    classes = train.targets.argmax(axis=1)
    rows = [
        {**{name: torch.tensor(padded[name][row]) for name in padded}, "labels": int(classes[row])}
        for row in range(len(classes))
    ]
    arguments = TrainingArguments(
        output_dir=str(folder), num_train_epochs=EPOCHS, learning_rate=settings.learning_rate, report_to="none",
        per_device_train_batch_size=settings.batch, save_strategy="no", logging_strategy="no", disable_tqdm=True,
        seed=settings.seed,
    )  # fmt: skip
    clock = Clock()
    with quiet():
        Trainer(model=model, args=arguments, train_dataset=rows).train()
    return *clock.read(), accuracy(model.cpu(), tokenizer, test)


if __name__ == "__main__":
    student = load_everything(ROOT / "params.yaml").students["finetune"]
    assert isinstance(student, Finetune)
    same = {"epochs": EPOCHS, "head_learning_rate": student.learning_rate, **THEIRS}
    chosen = student.model_copy(update=same)
    train_texts, test_texts = texts(COUNT, 1), texts(min(COUNT, 1000), 2)
    found = list[list[tuple[float, float, float]]]()
    for seed in range(1, PAIRS + 1):
        with tempfile.TemporaryDirectory() as name:
            seeded = chosen.model_copy(update={"seed": seed})
            pair = list[tuple[float, float, float]]()
            for way in (ours, theirs):
                pair.append(way(seeded, train_texts, test_texts, Path(name) / way.__name__))
                print(f"seed {seed}, an epoch of {COUNT:,} texts, {way.__name__}: {pair[-1][0]:.1f} s, of the "
                      f"processor {pair[-1][1]:.1f} s, accuracy {pair[-1][2]:.3f}", flush=True)  # fmt: skip
        found.append(pair)
    for what, number in (("its time", 0), ("its processor time", 1)):
        ratios = [mine[number] / other[number] for mine, other in found]
        print(f"{fmean(ratios):.2f} of {what} (to reach: 0.50; {', '.join(f'{each:.2f}' for each in ratios)})")
    for number, who in enumerate(("ours", "transformers.Trainer")):
        right = [pair[number][2] for pair in found]
        print(f"accuracy, {who}: {fmean(right):.3f}, sd {stdev(right) if PAIRS > 1 else 0:.3f}")

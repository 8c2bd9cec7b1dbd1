"""What is done about wrong labels, on generated texts for 77 intents with some labels swapped: accuracy on human texts.

python -m tests.bench.bench_noise [simprompt attrprompt both]
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np

from stages.core.learning import Linear, Noise
from stages.students.encoder import PACKAGED, Encoder
from stages.students.logistic import Logistic
from stages.students.noise import handle_noise
from stages.students.noise_confident import OutOfFold
from stages.students.training import TrainingSet
from tests.conftest import ROOT

DATA = ROOT.parent / "shared" / "data"
SETS = {"simprompt": ["simprompt"], "attrprompt": ["attrprompt"], "both": ["simprompt", "attrprompt"]}
SHARES = (0.0, 0.04, 0.1)
WAYS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "confident: drop": {"confident": "drop"},
    "confident: weigh": {"confident": "weigh"},
    "reweight": {"reweight": True},
    "confident: drop, reweight": {"confident": "drop", "reweight": True},
    "smoothing: 0.1": {"smoothing": 0.1},
}
VECTORS: dict[str, Any] = {}


def read(name: str) -> list[tuple[str, str]]:
    """Texts with labels; their vectors are remembered."""
    rows = [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]
    texts = [row["text"] for row in rows if row["text"] not in VECTORS]
    VECTORS.update(zip(texts, Encoder(PACKAGED).encode(texts).astype(np.float64).round(5), strict=True))
    return [(row["text"], row["label"]) for row in rows]


def vectors(texts: Any) -> Any:
    """(n, dimensions)."""
    return np.stack([VECTORS[text] for text in texts])


def swapped(data: TrainingSet, share: float) -> tuple[TrainingSet, Any]:
    """`data` with a share of the labels replaced by others at random, and which."""
    rng, labels = np.random.default_rng(1), len(data.labels)
    wrong = np.zeros(len(data.texts), dtype=bool)
    wrong[rng.choice(len(wrong), round(share * len(wrong)), replace=False)] = True
    classes = data.targets.argmax(axis=1)
    classes[wrong] = (classes[wrong] + rng.integers(1, labels, wrong.sum())) % labels
    return replace(data, targets=np.eye(labels)[classes]), wrong


def row(name: str, data: TrainingSet, wrong: Any, test: list[tuple[str, str]], way: dict[str, Any]) -> None:
    """Print accuracy, precision and recall of the texts that count for less than half, and seconds before the fit."""
    start = time.perf_counter()
    handled = handle_noise(data, Linear(kind="linear", encoder=PACKAGED, c=8.0), Noise(**way)).data
    took = time.perf_counter() - start
    accuracy = scored(handled, test)
    low = handled.weights < 0.5
    found = "" if not low.any() else f"{low.sum()}"
    hit = f"{wrong[low].mean():.2f} | {low[wrong].mean():.2f}" if low.any() and wrong.any() else " | "
    print(f"| {name} | {accuracy:.4f} | {found} | {hit} | {took:.1f} |", flush=True)


def scored(data: TrainingSet, test: list[tuple[str, str]]) -> float:
    """Accuracy of a logistic regression on frozen vectors."""
    model = Logistic.fit(vectors(data.texts), data, 8.0)
    predicted = model.probabilities(vectors([text for text, _ in test])).argmax(axis=1)
    return float(np.mean([data.labels[each] == label for each, (_, label) in zip(predicted, test, strict=True)]))


def main(names: list[str]) -> None:
    """Print a table a set."""
    OutOfFold.vectors = property(lambda self: vectors(self._texts))  # type: ignore[assignment]  # encode once for all rows
    test = read("banking77/test.jsonl")
    for name in names:
        texts = [each for part in SETS[name] for each in read(f"banking77_generated/{part}.jsonl")]
        clean = TrainingSet.of([text for text, _ in texts], [(label,) for _, label in texts])
        for share in SHARES:
            data, wrong = swapped(clean, share)
            print(f"\n{name}, {len(texts)} texts, {share:.0%} of the labels swapped\n")
            print("| noise | accuracy | low | of them swapped | of the swapped, low | seconds |")
            print("| --- | ---: | ---: | ---: | ---: | ---: |")
            if wrong.any():
                print(f"| (without the swapped texts) | {scored(data.part(~wrong), test):.4f} | | | | |")
            for way, settings in WAYS.items():
                row(way, data, wrong, test, settings)


if __name__ == "__main__":
    if DATA.exists():
        main(sys.argv[1:] or list(SETS))
    else:
        print(f"{DATA} is not there: real data are not part of the project")

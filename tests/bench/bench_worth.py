"""How many human texts an intent each generated set is worth: 77 intents, macro-F1 on 3,080 texts of people.

python -m tests.bench.bench_worth [STUDENT]       a student of params.yaml; linear where none is named
"""

from __future__ import annotations

import sys
from statistics import fmean
from typing import TYPE_CHECKING

from stages.core.params import load_everything
from stages.core.tasks import LabelledText
from stages.measures.human import HumanPoint, draws_of, worth_in_human_texts
from stages.measures.outcome import examine
from stages.students.folder import fit_student
from stages.students.training import TrainingSet
from tests.bench.bench_students import DATA, lines, read
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

NUMBERS = (1, 2, 3, 5, 8, 12, 20, 35)  # the rarest intent has 35
SETS = {
    "simprompt": ["simprompt"],
    "attrprompt": ["attrprompt"],
    "context": ["context"],
    "natural": ["natural"],
    "exemplar": ["exemplar"],
    "exemplar and the three shown": ["exemplar", "shown"],
    "the three shown": ["shown"],
}


def main(student: str) -> None:
    """The curve of human texts, then a row for each generated set."""
    chosen = load_everything(ROOT / "params.yaml")
    settings, sizes = chosen.students[student], chosen.worth.model_copy(update={"per_label": NUMBERS})
    test, train = (
        [LabelledText(row["text"], row["label"]) for row in lines(f"banking77/{name}.jsonl")]
        for name in ("test", "train")
    )
    labels = sorted({each.label for each in test})

    def scores(texts: Sequence[LabelledText]) -> tuple[float, float, float]:
        found = examine(fit_student(settings, TrainingSet.from_records(texts)), test, labels, chosen.evaluate).scores
        return found["macro_f1"], found["macro_f1_low"], found["macro_f1_high"]

    print(f"| human texts an intent | macro-F1, {student} |\n| ---: | ---: |")
    curve = list[HumanPoint]()
    for number, draws in draws_of(train, sizes):
        values, lows, highs = zip(*map(scores, draws), strict=True)
        curve.append(HumanPoint(number, fmean(values), min(lows), max(highs)))
        print(f"| {number} | {curve[-1].score:.3f} ({curve[-1].low:.3f} to {curve[-1].high:.3f}) |", flush=True)
    print("\n| generated texts | number | macro-F1 | human texts an intent |\n| --- | ---: | ---: | ---: |")
    for name, parts in SETS.items():
        texts = [LabelledText(text, label) for part in parts for text, label in read(part)]
        score, low, high = scores(texts)
        worth = worth_in_human_texts(curve, score, low, high)
        print(f"| {name} | {len(texts):,} | {score:.3f} ({low:.3f} to {high:.3f}) | {worth} |", flush=True)


if __name__ == "__main__":
    if DATA.exists():
        main(*(sys.argv[1:] or ["linear"]))
    else:
        print(f"{DATA} is not there: the texts to measure on are not part of the project")

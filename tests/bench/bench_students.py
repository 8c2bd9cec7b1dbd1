"""What each part of the students gives on people's texts: 77 intents, generated texts to learn from, accuracy.

python -m tests.bench.bench_students [simprompt attrprompt both shown exemplar context] [--finetune] [--mean]
    [--only PART] [--encoder NAME]

The weights of the parts were chosen on the odd lines of the test set (the first, the third ...): the even ones count.
Those of `+ all three` were chosen with all lines in view.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from stages.core.params import load_everything
from stages.students.encoder import PACKAGED
from stages.students.folder import fit_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import ROOT

if TYPE_CHECKING:
    from stages.core.learning import Student

DATA = ROOT.parent / "shared" / "data"
SETS = {
    "simprompt": ["simprompt"],
    "attrprompt": ["attrprompt"],
    "both": ["simprompt", "attrprompt"],
    "shown": ["exemplar", "shown"],  # with the three texts of people that the model was shown
    "exemplar": ["exemplar"],
    "context": ["context"],
}
PARTS: dict[str, dict[str, Any]] = {
    "regression": {"neighbours": 0.0, "characters": 0.0, "words": 0.0},
    "+ neighbours": {"characters": 0.0, "words": 0.0},
    "+ characters": {"neighbours": 0.0, "characters": 0.4, "words": 0.0},
    "+ both": {"characters": 0.4, "words": 0.0},
    "+ both, c: auto": {"characters": 0.4, "words": 0.0, "c": "auto"},
    "+ neighbours, words": {"characters": 0.0, "words": 0.5},
    "+ all three": {},
}


def lines(name: str) -> list[Any]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def read(name: str) -> list[tuple[str, str]]:
    """Texts with labels."""
    if name == "shown":
        shown = json.loads((DATA / "banking77_generated" / "shown.json").read_text(encoding="utf-8"))
        return [(text, label) for label, texts in shown.items() for text in texts]
    return [(row["text"], row["label"]) for row in lines(f"banking77_generated/{name}.jsonl")]


def told(settings: Student, data: TrainingSet, test: list[tuple[str, str]]) -> str:
    """Accuracy on all texts, those of even and those of odd lines; and the time it took."""
    start = time.perf_counter()
    student = fit_student(settings, data)
    right = [found == (label,) for found, (_, label) in zip(predict(student, [t for t, _ in test]), test, strict=True)]
    parts = (right, right[1::2], right[::2])
    return " | ".join(f"{sum(each) / len(each):.4f}" for each in parts) + f" | {time.perf_counter() - start:.0f} s |"


def main(arguments: list[str]) -> None:
    """A row for each set and each part."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sets", nargs="*", choices=list(SETS))
    parser.add_argument("--finetune", action="store_true")
    parser.add_argument("--mean", action="store_true")
    parser.add_argument("--only", action="append", choices=list(PARTS), help="of the parts of linear")
    parser.add_argument("--encoder", default=PACKAGED, help="of linear")
    chosen = parser.parse_args(arguments)
    students = load_everything(ROOT / "params.yaml").students
    parts = {name: {**PARTS[name], "encoder": chosen.encoder} for name in chosen.only or PARTS}
    ways = {name: students["linear"].model_copy(update=part) for name, part in parts.items()}
    ways |= {name: students[name] for name in ("finetune", "mean") if getattr(chosen, name)}
    test = [(row["text"], row["label"]) for row in lines("banking77/test.jsonl")]
    print("| texts | student | accuracy | even lines | odd lines | time |\n| --- | --- | ---: | ---: | ---: | ---: |")
    for name in chosen.sets or SETS:
        texts = [each for part in SETS[name] for each in read(part)]
        data = TrainingSet.of([text for text, _ in texts], [(label,) for _, label in texts])
        for way, settings in ways.items():
            print(f"| {name}, {len(texts):,} | {way} | {told(settings, data, test)}", flush=True)


if __name__ == "__main__":
    if DATA.exists():
        main(sys.argv[1:])
    else:
        print(f"{DATA}: is not there; nothing is measured")

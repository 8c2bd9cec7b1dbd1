"""What a student made of a test set: its scores, and the tables that `dvc plots` draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stages.core import files, paths
from stages.core.errors import ModelError
from stages.measures.counts import count, indicators
from stages.measures.predictions import Predictions
from stages.measures.scarce import ENOUGH, scarce
from stages.measures.scores import ClassScore, class_scores, several_scores, single_scores
from stages.students.student import decide

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from stages.core.arrays import Floats
    from stages.core.sections import Evaluate
    from stages.core.tasks import LabelledText
    from stages.students.student import Student


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it.

    Attributes:
        scores: See `scores.single_scores` and `scores.several_scores`; besides texts: of the test set, and unseen:
            those of them with a label that the student has never seen; and where there are any, scarce: labels with
            fewer than `scarce.ENOUGH` test texts, so that their own scores say little.
        classes: Scores of each label of the task.
        labels: The labels of the task.
        predictions: Labels and predictions of each test text.
        unseen: Labels of test texts that the student has never seen, so that it can give them to none.
    """

    scores: dict[str, float]
    classes: list[ClassScore]
    labels: tuple[str, ...]
    predictions: Predictions
    unseen: tuple[str, ...]

    def __str__(self) -> str:
        shown = [("macro-F1", "macro_f1"), ("accuracy", "accuracy"), ("calibration error", "calibration_error")]
        if self.predictions.multilabel:
            shown = [("macro-F1", "macro_f1"), ("micro-F1", "micro_f1"), ("mean average precision", "map")]
        (name, first), *others = shown
        value, low, high = (self.scores[first + each] for each in ("", "_low", "_high"))
        told = [f"{name} {value:.3f} ({low:.3f} to {high:.3f})", *(f"{n} {self.scores[key]:.3f}" for n, key in others)]
        never = f"; never seen by it: {', '.join(self.unseen)} ({self.scores['unseen']} texts)" if self.unseen else ""
        few = (
            f"; labels with fewer than {ENOUGH} test texts: {self.scores['scarce']}" if "scarce" in self.scores else ""
        )
        return f"{', '.join(told)}, on {self.scores['texts']} texts{never}{few}"


def examine(student: Student, test: Sequence[LabelledText], labels: Sequence[str], settings: Evaluate) -> Outcome:
    """Have a student look at the test texts of a task with these labels, and score what it says: see `measure`."""
    probabilities = student.probabilities([each.text for each in test])
    actual = [each.labels for each in test]
    return measure(actual, probabilities, student.labels, labels, settings, multilabel=student.multilabel)


def measure(
    actual: Sequence[Collection[str]],
    probabilities: Floats,
    seen: Sequence[str],
    labels: Sequence[str],
    settings: Evaluate,
    *,
    multilabel: bool,
) -> Outcome:
    """Score what a student says of test texts.

    Args:
        actual: (n,) the labels of each text: just one, unless `multilabel`.
        probabilities: (n, seen) that the student gives.
        seen: The student's labels. Others have probability 0: a text that has one is got wrong, in that label at least.
        labels: The task's.
        settings: Of the intervals.
        multilabel: Whether a text may have several labels.

    Raises:
        ModelError: the student gives labels that the task does not have.
    """
    strange = [label for label in seen if label not in labels]
    if strange:
        raise ModelError(
            f"the student gives labels that task.yaml does not have: {', '.join(strange)}; run dvc repro, which trains "
            "it on the labels that there are now"
        )
    given = decide(probabilities, seen, multilabel=multilabel)
    spread = np.zeros((len(actual), len(labels)))
    spread[:, [labels.index(label) for label in seen]] = probabilities
    have, had = indicators(actual, labels), indicators(given, labels)
    score = several_scores if multilabel else single_scores
    new = np.array([label not in seen for label in labels])
    few = int(scarce(count(have, had)).sum())
    counts = {"texts": len(actual), "unseen": int(have[:, new].any(axis=1).sum()), **({"scarce": few} if few else {})}
    return Outcome(
        {**score(have, had, spread, settings), **counts},
        class_scores(have, had, labels, spread if multilabel else None),
        tuple(labels),
        Predictions(tuple(map(frozenset, actual)), tuple(map(frozenset, given)), multilabel),
        tuple(label for label, texts in zip(labels, have.sum(axis=0), strict=True) if texts and label not in seen),
    )


def write_outcome(outcome: Outcome, task: str, method: str, student: str) -> None:
    """Write the scores and both tables to the places of one cell of the grid."""
    files.write_json(paths.scores_file(task, method, student), outcome.scores)
    files.write_csv(paths.confusion_plot(task, method, student), *outcome.predictions.table(outcome.labels))
    header: list[str] = ["label", "precision", "recall", "f1", "texts"]
    rows = [
        [each.label, *(f"{score:.6f}" for score in (each.precision, each.recall, each.f1)), each.texts]
        for each in outcome.classes
    ]
    if outcome.predictions.multilabel:
        header.append("average_precision")
        for row, each in zip(rows, outcome.classes, strict=True):
            row.append("" if each.average_precision is None else f"{each.average_precision:.6f}")
    files.write_csv(paths.per_class_plot(task, method, student), header, rows)

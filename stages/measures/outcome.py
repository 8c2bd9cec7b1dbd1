"""What a student made of a test set: its scores, and the tables that `dvc plots` draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.measures.scores import ClassScore, class_scores, confusion, score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.core.sections import Evaluate
    from stages.core.tasks import LabelledText


@dataclass(frozen=True, slots=True)
class Outcome:
    """Scores (see `scores.score`), scores of each label, and label and prediction of each test text."""

    scores: dict[str, float]
    classes: list[ClassScore]
    pairs: list[tuple[str, str]]

    def __str__(self) -> str:
        each = self.scores
        return (
            f"macro-F1 {each['macro_f1']:.3f} ({each['macro_f1_low']:.3f} to {each['macro_f1_high']:.3f}), "
            f"accuracy {each['accuracy']:.3f}, on {each['texts']} texts"
        )


def measure(
    test: Sequence[LabelledText], predicted: Sequence[str], labels: Sequence[str], settings: Evaluate
) -> Outcome:
    """Score (n,) predictions for (n,) test texts."""
    actual = [each.label for each in test]
    scores = score(
        actual, predicted, labels, resamples=settings.resamples, confidence=settings.confidence, seed=settings.seed
    )
    return Outcome(
        scores, class_scores(confusion(actual, predicted, labels), labels), list(zip(actual, predicted, strict=True))
    )


def write_outcome(outcome: Outcome, task: str, method: str, student: str) -> None:
    """Write the scores and both tables to the places of one cell of the grid."""
    files.write_json(paths.scores_file(task, method, student), outcome.scores)
    files.write_csv(paths.confusion_plot(task, method, student), ("actual", "predicted"), outcome.pairs)
    rows = [
        (each.label, f"{each.precision:.6f}", f"{each.recall:.6f}", f"{each.f1:.6f}", each.texts)
        for each in outcome.classes
    ]
    files.write_csv(paths.per_class_plot(task, method, student), ("label", "precision", "recall", "f1", "texts"), rows)

"""Confusion matrices: which labels a student takes for which, as a table and in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.pages.coverage import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stages.measures.predictions import Predictions

_LABELS = 30  # of a matrix that can still be read
_WORST = 5
NOTHING = "nothing else"  # where a text of several labels has one too few or too many


@dataclass(frozen=True, slots=True)
class Confused:
    """One label taken for another.

    Attributes:
        actual: The label of the texts.
        predicted: The one that they were given.
        texts: How many of them were.
        of: How many texts have the label.
    """

    actual: str
    predicted: str
    texts: int
    of: int

    def __str__(self) -> str:
        return f"{self.texts} of {self.of} texts of {self.actual} were taken for {self.predicted}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """The matrix of one method and student.

    Attributes:
        columns: What texts were taken for: labels, those with the most mistakes where there are many.
        rows: By label, how many texts were taken for each, and the shade of that, from 0 to `LEVELS`.
        hidden: How many labels are left out.
        worst: The pairs that are confused most, those of most texts first.
    """

    method: str
    student: str
    columns: list[str]
    rows: dict[str, list[tuple[int, int]]]
    hidden: int
    worst: list[Confused]


def matrix(method: str, student: str, made: Predictions, labels: Sequence[str]) -> Matrix:
    """Count what texts of each label were taken for.

    Where texts have several labels, a missed label counts against each that was given in its place.
    """
    counts = Counter((row[-2], row[-1]) for row in _pairs(made, labels))
    sizes = Counter(label for each in made.actual for label in each)
    wrong = [
        Confused(actual, predicted, texts, sizes[actual])
        for (actual, predicted), texts in counts.items()
        if actual != predicted and actual and predicted
    ]
    place = {label: number for number, label in enumerate(labels)}
    wrong.sort(key=lambda each: (-each.texts, -each.texts / each.of, place[each.actual], place[each.predicted]))
    mistakes = Counter[str]()
    for (actual, predicted), texts in counts.items():
        if actual != predicted:
            mistakes.update({actual: texts, predicted: texts})
    most = sorted(labels, key=lambda label: (-mistakes[label], place[label]))[:_LABELS]
    shown = [label for label in labels if label in most]
    columns = [*shown, *([""] if made.multilabel else [])]
    rows = {
        label: [(counts[label, other], _level(counts[label, other], sizes[label])) for other in columns]
        for label in shown
    }
    return Matrix(
        method, student, [each or NOTHING for each in columns], rows, len(labels) - len(shown), wrong[:_WORST]
    )


def _pairs(made: Predictions, labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(row[-2]), str(row[-1])) for row in made.table(labels)[1]]


def _level(texts: int, of: int) -> int:
    return -(-texts * LEVELS // max(of, texts, 1))

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
        rows: By label, how many texts were taken for each, and the shade of that, from 0 to `LEVELS`; where texts have
            several labels, a last row of those that were given too many and miss none.
        hidden: How many labels are left out.
        worst: The pairs that are confused most, those of most texts first.
        alone: Where texts have several labels, sentences on those given too many, then on those missed with nothing in
            their place, those of most texts first.
    """

    method: str
    student: str
    columns: list[str]
    rows: dict[str, list[tuple[int, int]]]
    hidden: int
    worst: list[Confused]
    alone: list[str]


def matrix(method: str, student: str, made: Predictions, labels: Sequence[str]) -> Matrix:
    """Count what texts of each label were taken for.

    Where texts have several labels, a missed label counts against each that was given in its place.
    """
    counts = Counter((row[-2], row[-1]) for row in _pairs(made, labels))
    sizes = Counter(label for each in made.actual for label in each)
    sizes[""] = sum(actual < predicted for actual, predicted in zip(made.actual, made.predicted, strict=True))
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
        for label in columns
    }
    rows = {label or NOTHING: row for label, row in rows.items()}
    alone = _alone(counts, sizes, labels, len(made.actual))
    hidden = len(labels) - len(shown)
    return Matrix(method, student, [each or NOTHING for each in columns], rows, hidden, wrong[:_WORST], alone)


def _alone(counts: Counter[tuple[str, str]], sizes: Counter[str], labels: Sequence[str], texts: int) -> list[str]:
    """What is wrong with single labels; nothing where each text has and is given one."""
    most = sorted(labels, key=lambda label: -counts["", label])
    given = [
        f"{counts['', each]} of {texts - sizes[each]} texts that are not {each} were given it besides all of their own"
        for each in most
        if counts["", each]
    ]
    most = sorted(labels, key=lambda label: -counts[label, ""])
    missed = [
        f"{counts[each, '']} of {sizes[each]} texts of {each} were not given it, and nothing in its place"
        for each in most
        if counts[each, ""]
    ]
    return [*given[:_WORST], *missed[:_WORST]]


def _pairs(made: Predictions, labels: Sequence[str]) -> list[tuple[str, str]]:
    return [(str(row[-2]), str(row[-1])) for row in made.table(labels)[1]]


def _level(texts: int, of: int) -> int:
    return -(-texts * LEVELS // max(of, texts, 1))

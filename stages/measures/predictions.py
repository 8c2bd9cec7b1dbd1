"""Labels and predictions of test texts: as the table that `dvc plots` draws as a confusion matrix, and back from it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Self

from stages.core import files, paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from stages.core.sections import Run

LabelSet = frozenset[str]

_NONE = ""  # in place of a label, which is never empty


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a student made of (n,) test texts.

    Attributes:
        actual: The labels of each text.
        predicted: The labels that it was given.
        multilabel: Whether these may be several.
    """

    actual: tuple[LabelSet, ...]
    predicted: tuple[LabelSet, ...]
    multilabel: bool

    def table(self, labels: Sequence[str]) -> tuple[tuple[str, ...], Iterator[tuple[object, ...]]]:
        """Header and lines of confusion.csv.

        One label a text: actual and predicted, a line for each text. Several: the number of the text before them, and
        a line for each label that it has and was given; for each that it has and each other one that it was given
        instead; for each that it has, or was given, alone, where nothing is left on the other side (an empty cell). So
        a cell off the diagonal says how often one label was given where another was missed, and nothing is lost.

        Args:
            labels: Their order within a text.
        """
        if self.multilabel:
            return ("text", "actual", "predicted"), self._lines(labels)
        return ("actual", "predicted"), ((*a, *p) for a, p in zip(self.actual, self.predicted, strict=True))

    def _lines(self, labels: Sequence[str]) -> Iterator[tuple[object, ...]]:
        for text, (actual, predicted) in enumerate(zip(self.actual, self.predicted, strict=True)):
            hits, missed, wrong = (
                [label for label in labels if label in each]
                for each in (actual & predicted, actual - predicted, predicted - actual)
            )
            yield from ((text, each, each) for each in hits)
            if missed or wrong:
                yield from ((text, *pair) for pair in product(missed or [_NONE], wrong or [_NONE]))

    @classmethod
    def of_table(cls, rows: Iterable[Mapping[str, str]]) -> Self:
        """From the lines of confusion.csv, by their columns."""
        texts = dict[str, tuple[set[str], set[str]]]()
        multilabel = False
        for number, row in enumerate(rows):
            multilabel = "text" in row
            actual, predicted = texts.setdefault(row.get("text", str(number)), (set(), set()))
            actual.add(row["actual"])
            predicted.add(row["predicted"])
        sides = zip(*texts.values(), strict=True) if texts else ((), ())
        actuals, predictions = (tuple(frozenset(each - {_NONE}) for each in side) for side in sides)
        return cls(actuals, predictions, multilabel)


def read_cell(task: str, method: str, student: str) -> Predictions:
    """Those of one cell, be it of the grid, of a blend or of real training data.

    Raises:
        ArtifactError: the student was not scored.
    """
    return Predictions.of_table(files.read_csv(paths.confusion_plot(task, method, student), "evaluate"))


def read_predictions(task: str, grid: Run) -> tuple[dict[str, dict[str, Predictions]], list[str]]:
    """Those of the grid's cells, by method and student, and the labels of the task in their order.

    Raises:
        ArtifactError: those of a cell are missing.
    """
    found = {
        method: {student: read_cell(task, method, student) for student in grid.students} for method in grid.methods
    }
    per_class = files.read_csv(paths.per_class_plot(task, grid.methods[0], grid.students[0]), "evaluate")
    return found, [row["label"] for row in per_class]

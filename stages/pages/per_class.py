"""F1 of each label, a column a method; and how little it says of labels with very few test texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import files, paths
from stages.measures.predictions import read_cell
from stages.measures.scarce import labels_of_few
from stages.measures.summary import methods_of, students_of

if TYPE_CHECKING:
    from stages.core.files import Json


@dataclass(frozen=True, slots=True)
class PerClass:
    """The table of one student.

    Attributes:
        methods: The columns.
        rows: By label, its F1 with each method.
        intervals: By label with very few test texts, that of its F1 with each method, in words.
        texts: How many test texts such a label has.
    """

    methods: list[str]
    rows: dict[str, list[float]]
    intervals: dict[str, list[str]]
    texts: dict[str, int]


def per_class(task: str, student: str, summary: Json, confidence: float) -> PerClass:
    """The table of one student of a task, with the methods of the summary that it was trained for."""
    found = PerClass([each for each, of in methods_of(summary, task) if student in students_of(of)], {}, {}, {})
    for method in found.methods:
        for row in files.read_csv(paths.per_class_plot(task, method, student), "evaluate"):
            found.rows.setdefault(row["label"], []).append(float(row["f1"]))
        made = read_cell(task, method, student)
        counts = Counter(label for each in made.actual for label in each)
        for label, f1 in labels_of_few(made, list(found.rows), confidence).items():
            found.intervals.setdefault(label, []).append(f"{f1.low:.2f} to {f1.high:.2f}")
            found.texts[label] = counts[label]
    return found

"""What is known of a task, which of its methods is best, and how that compares with another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core.params import GOLD
from stages.measures.summary import methods_of, students_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from stages.core.files import Json
    from stages.measures.curves import Point
    from stages.measures.differences import Pair
    from stages.measures.efficiency import Costs
    from stages.pages.confusion import Matrix
    from stages.pages.gates import Checked


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a task.

    Attributes:
        summary: The task's part of the summary.
        texts: Of the test set.
        informed: The methods and students whose scores are above chance.
        pairs: Every two methods with each student.
        curves: By student and method.
        costs: By student.
        checked: By method.
        confused: The matrix of each method and student.
        confidence: Of all intervals.
    """

    summary: Json
    texts: int
    informed: Collection[tuple[str, str]]
    pairs: Sequence[Pair]
    curves: Mapping[str, Mapping[str, Sequence[Point]]]
    costs: Mapping[str, Costs | None]
    checked: Mapping[str, Checked]
    confused: Mapping[tuple[str, str], Matrix]
    confidence: float


@dataclass(frozen=True, slots=True)
class Best:
    """The method and student with the highest macro-F1, real training data apart; `next` is the next best method."""

    method: str
    student: str
    scores: Json
    next: str | None

    @classmethod
    def of(cls, summary: Json) -> Best:
        """The best of a task; of equal ones the first. The next one is so with the same student."""
        methods = {name: students_of(each) for name, each in methods_of({"": summary}, "") if name != GOLD}
        cells = [(name, student) for name, students in methods.items() for student in students]
        method, student = max(cells, key=lambda cell: methods[cell[0]][cell[1]]["macro_f1"])
        others = [name for name in methods if name != method]
        after = max(others, key=lambda name: methods[name][student]["macro_f1"], default=None)
        return cls(method, student, methods[method][student], after)

    def beside(self, other: str | None, pairs: Sequence[Pair]) -> Pair | None:
        """The comparison with another method, with the same student; there is none with a blend."""
        names = {self.method, other}
        return next(
            (each for each in pairs if {each.first, each.second} == names and each.student == self.student), None
        )


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]

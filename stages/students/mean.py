"""A mean of other students: what one of them takes for likely counts for less where another does not.

The mean is that of the logarithms of their probabilities, a logarithmic opinion pool (Genest and Zidek, Combining
probability distributions, Statistical Science 1986, section 3); where a text may have several labels, of the log-odds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from stages.students.calibration import probabilities_of, scores_of
from stages.students.folder import fit_student, load_student, told_of
from stages.students.saving import save_student

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.arrays import Floats
    from stages.core.learning import Mean
    from stages.students.student import Student
    from stages.students.training import TrainingSet


class MeanStudent:
    """See `student.Student`.

    Args:
        members: By name, each with its kind; all with the same labels.
        weights: By name, above 0.
    """

    def __init__(self, members: Mapping[str, tuple[str, Student]], weights: Mapping[str, float]) -> None:
        self._members, self._weights = members, weights
        _, first = next(iter(members.values()))
        self.labels, self.multilabel = first.labels, first.multilabel

    @classmethod
    def fit(cls, data: TrainingSet, settings: Mean) -> Self:
        """Fit each of them to all the texts."""
        members = {}
        for name, each in settings.of.items():
            with told_of(f"of.{name}.student"):
                members[name] = (each.student.kind, fit_student(each.student, data))
        return cls(members, {name: each.weight for name, each in settings.of.items()})

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels)."""
        scores = [
            self._weights[name] * scores_of(member.probabilities(texts), multilabel=self.multilabel)
            for name, (_, member) in self._members.items()
        ]
        return probabilities_of(np.sum(scores, axis=0) / sum(self._weights.values()), multilabel=self.multilabel)

    def save(self, folder: Path) -> dict[str, object]:
        """Write each of them into a folder of its own in this one."""
        for name, (kind, member) in self._members.items():
            save_student(folder / name, member, {"kind": kind})
        return {
            "of": {name: {"kind": kind, "weight": self._weights[name]} for name, (kind, _) in self._members.items()}
        }

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read each of them."""
        of = card["of"]
        return cls(
            {name: (each["kind"], load_student(folder / name)) for name, each in of.items()},
            {name: each["weight"] for name, each in of.items()},
        )

"""What a student is: fitted to texts with labels, it gives each text a probability for each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from stages.core.arrays import Floats
    from stages.students.training import TrainingSet


class Student(Protocol):
    """A fitted classifier.

    Attributes:
        labels: In the order of the columns of its probabilities.
        multilabel: Whether a text may have several labels.
    """

    labels: tuple[str, ...]
    multilabel: bool

    @classmethod
    def fit(cls, data: TrainingSet, settings: Any) -> Self:
        """Fit to texts with labels.

        Args:
            data: The texts.
            settings: The student's entry in params.yaml.

        Raises:
            ModelError: these texts cannot be learned from.
        """
        ...

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels); each row adds up to 1, unless a text may have several labels."""
        ...

    def save(self, folder: Path) -> Mapping[str, object]:
        """Write the model's files into a folder that is there; returns what `load` needs besides."""
        ...

    @classmethod
    def load(cls, folder: Path, card: Mapping[str, Any]) -> Self:
        """Read what `save` wrote.

        Raises:
            ModelError: the files are not that, or name types that a model of ours never holds.
        """
        ...


def predict(student: Student, texts: Sequence[str]) -> list[tuple[str, ...]]:
    """The labels of each text, see `decide`."""
    return decide(student.probabilities(texts), student.labels, multilabel=student.multilabel) if texts else []


def decide(probabilities: Floats, labels: Sequence[str], *, multilabel: bool) -> list[tuple[str, ...]]:
    """The labels that follow from (n, labels) probabilities, in the order of `labels`: the likeliest.

    Where a text may have several: all that are likelier than not, and at least the likeliest.
    """
    chosen = np.zeros(probabilities.shape, dtype=bool)
    chosen[np.arange(len(chosen)), probabilities.argmax(axis=1)] = True
    if multilabel:
        chosen |= probabilities > 0.5  # noqa: PLR2004 - likelier than not
    return [tuple(label for label, has in zip(labels, row, strict=True) if has) for row in chosen]

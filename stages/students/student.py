"""What a student is: fitted to texts with labels, it gives each text a probability for each label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Floats = NDArray[np.float64]


class Student(Protocol):
    """A fitted classifier.

    Attributes:
        labels: In the order of the columns of its probabilities.
    """

    labels: tuple[str, ...]

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], settings: Any) -> Self:
        """Fit to (n,) texts with their (n,) labels.

        Args:
            texts: The texts.
            labels: The label of each.
            settings: The student's entry in params.yaml.

        Raises:
            ModelError: these texts cannot be learned from.
        """
        ...

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Of each label for each text: (n, labels), each row adds up to 1."""
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


def predict(student: Student, texts: Sequence[str]) -> list[str]:
    """The likeliest label of each text."""
    return [student.labels[column] for column in student.probabilities(texts).argmax(axis=1)] if texts else []

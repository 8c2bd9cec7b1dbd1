"""What a student learns from: texts, how far each has each label, and how much each counts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from stages.core.errors import ModelError
from stages.core.texts import HasText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stages.core.arrays import Floats
    from stages.core.judged import Chances


class Labelled(HasText, Protocol):
    """A record with a text and its labels."""

    @property
    def labels(self) -> tuple[str, ...]:
        """All its labels."""
        ...


def smoothed(targets: Any, share: float, *, multilabel: bool) -> Any:
    """(n, labels) targets with `share` of each row spread evenly over all labels: (1 - share) y + share / labels.

    Szegedy et al., *Rethinking the Inception Architecture for Computer Vision*, CVPR 2016, section 7. Where a text may
    have several labels, each of them is a question with two answers: (1 - share) y + share / 2. An array or a tensor.
    """
    answers = 2 if multilabel else targets.shape[1]
    return (1 - share) * targets + share / answers


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Texts with their labels. What makes labels softer or lets texts count less returns another one.

    Attributes:
        texts: (n,).
        targets: (n, labels): how far a text has a label, from 0 to 1. A row adds up to 1, unless `multilabel`.
        weights: (n,): how much a text counts, 1 being as usual; 0: not at all.
        labels: The names of the columns; each is the label of a text at least.
        multilabel: Whether a text may have several labels.
        judged: (n, labels): how likely a judge finds each label of a text, from 0 to 1; all 0 where it says nothing.
            None: there is no judge. Nothing is learned from it unless the student's entry says so.
    """

    texts: tuple[str, ...]
    targets: Floats
    weights: Floats
    labels: tuple[str, ...]
    multilabel: bool = False
    judged: Floats | None = None

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: Sequence[Sequence[str]],
        order: Sequence[str] = (),
        *,
        multilabel: bool = False,
    ) -> Self:
        """Texts that each have their labels for certain, and all count the same.

        Args:
            texts: (n,) texts.
            labels: (n,) the labels of each: just one, unless `multilabel`.
            order: Of the columns: all labels there may be; those that no text has are left out. Empty: by name.
            multilabel: Whether a text may have several labels.

        Raises:
            ModelError: there are not two labels.
        """
        found = {label for each in labels for label in each}
        columns = tuple(label for label in order or sorted(found) if label in found)
        if len(columns) < 2:  # noqa: PLR2004 - nothing to tell apart
            raise ModelError(
                f"a student needs texts of two labels at least, and got {len(texts)} texts of {len(columns)}"
            )
        number = {label: column for column, label in enumerate(columns)}
        targets = np.zeros((len(texts), len(columns)))
        for row, each in enumerate(labels):
            targets[row, [number[label] for label in each]] = 1.0
        return cls(tuple(texts), targets, np.ones(len(texts)), columns, multilabel)

    @classmethod
    def from_records(
        cls, records: Sequence[Labelled], *, multilabel: bool = False, judged: Chances | None = None
    ) -> Self:
        """Records as stages hand them on, see `of`; and what a judge says of their texts."""
        found = cls.of([each.text for each in records], [each.labels for each in records], multilabel=multilabel)
        if not judged:
            return found
        said = [judged.get(text, {}) for text in found.texts]
        chances = np.array([[each.get(label, 0.0) for label in found.labels] for each in said])
        return replace(found, judged=chances)

    @property
    def constant(self) -> tuple[str, ...]:
        """The labels that every text has, where a text may have several."""
        always = self.multilabel & (self.targets == 1).all(axis=0)
        return tuple(label for label, each in zip(self.labels, always, strict=True) if each)

    def part(self, rows: Any) -> Self:
        """The texts of these rows, by their numbers or by a mask; the columns stay."""
        chosen = np.arange(len(self.texts))[rows]
        texts = tuple(self.texts[row] for row in chosen)
        judged = None if self.judged is None else self.judged[chosen]
        return replace(self, texts=texts, targets=self.targets[chosen], weights=self.weights[chosen], judged=judged)

    def examples(self, column: int | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        """For classifiers that take hard classes with weights: which text, its class, how much that counts.

        A text with a soft label stands here once for each class that it has in part, with that part of its weight.

        Args:
            column: Of a single label, for a classifier of whether a text has it (1) or not (0). None: the classes are
                the columns.
        """
        targets = (
            self.targets if column is None else np.stack([1 - self.targets[:, column], self.targets[:, column]], 1)
        )
        parts = targets * self.weights[:, np.newaxis]
        rows, classes = np.nonzero(parts)
        return rows, classes, parts[rows, classes]

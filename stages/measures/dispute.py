"""Texts whose labels a student disputes that learned from other texts: the list that a person would check first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from stages.core.arrays import Floats
    from stages.core.files import Json
    from stages.core.records import Text
    from stages.students.student import Student


@dataclass(frozen=True, slots=True)
class Dispute:
    """A text whose label somebody else would not give it.

    Attributes:
        text: The text.
        label: That it was planned for.
        index: Its number within the label.
        disputed: The label that is disputed: of a text with several, the one that is least likely.
        probability: Of that label.
        instead: The likeliest label that the text does not have.
        instead_probability: Its probability.
    """

    text: str
    label: str
    index: int
    disputed: str
    probability: float
    instead: str
    instead_probability: float

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read one line of the list."""
        return cls(**row)


def mean_probabilities(judges: Iterable[Student], texts: Sequence[str], labels: Sequence[str]) -> Floats:
    """The mean of what several students say, (n, labels); a label that one has never seen has probability 0 with it.

    Args:
        judges: At least one.
        texts: (n,).
        labels: The task's: the columns. Others that a student gives do not count.
    """
    column = {label: number for number, label in enumerate(labels)}
    total, count = np.zeros((len(texts), len(labels))), 0
    for judge in judges:
        known = [number for number, label in enumerate(judge.labels) if label in column]
        total[:, [column[judge.labels[number]] for number in known]] += judge.probabilities(texts)[:, known]
        count += 1
    return total / count


def disputes(texts: Sequence[Text], probabilities: Floats, labels: Sequence[str], *, multilabel: bool) -> list[Dispute]:
    """The texts whose labels are disputed, the most disputed first: by how far another label is likelier.

    One label a text: another one is likelier. Several: one of its labels is less likely than not.

    Args:
        texts: (n,), n at least 1.
        probabilities: (n, labels).
        labels: The columns, two at least.
        multilabel: Whether a text may have several labels.
    """
    column = {label: number for number, label in enumerate(labels)}
    found = list[Dispute]()
    for text, row in zip(texts, probabilities, strict=True):
        own = [column[each] for each in text.labels]
        least = min(own, key=lambda number: float(row[number]))
        others = np.delete(np.arange(len(labels)), own)
        if not others.size:
            continue
        other = int(others[row[others].argmax()])
        bar = 0.5 if multilabel else float(row[other])
        if row[least] < bar:
            given = (labels[least], float(row[least]), labels[other], float(row[other]))
            found.append(Dispute(text.text, text.label, text.index, *given))
    return sorted(found, key=lambda each: each.probability - each.instead_probability)


def counts(texts: Sequence[Text], disputed: Sequence[Dispute]) -> Json:
    """How many texts were looked at and are disputed, in all and by the label that they were planned for."""
    all_of, some = Counter(each.label for each in texts), Counter(each.label for each in disputed)
    return {
        "checked": len(texts),
        "disputed": len(disputed),
        "labels": {label: {"checked": count, "disputed": some[label]} for label, count in all_of.items()},
    }

"""A few texts of people, for the model to look at: `data/tasks/<task>/examples.jsonl`, which may be missing.

A line is `{"text": ..., "label": ...}`, or `{"text": ..., "labels": [...]}` where a text may have several, or
`{"text": ...}` where nobody knows the label. None of them may stand in the test set: a method that was shown it would
be scored on what it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from stages.core import paths
from stages.core.rows import read_rows
from stages.core.tasks import labels_in
from stages.core.texts import among

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stages.core.files import Json
    from stages.core.tasks import Task


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and where they are known its label, the first of task.yaml's that it has, and those beside it."""

    text: str
    label: str | None
    also: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All its labels; none where they are not known."""
        return () if self.label is None else (self.label, *self.also)

    @classmethod
    def from_json(cls, row: Json) -> Self:
        """Read what stands in a brief."""
        return cls(**{**row, "also": tuple(row.get("also", ()))})


def read_examples(task: Task, test_texts: Iterable[str] = ()) -> list[Example]:
    """The examples of a task; none where it has no such file.

    Args:
        task: As people wrote it.
        test_texts: Texts that must not be among them.

    Raises:
        InputError: a line for each broken one (at most ten), with its number.
    """
    tested = among(test_texts)
    try:
        return read_rows(paths.examples_file(task.slug), lambda row: _example(row, task, tested))
    except FileNotFoundError:
        return []


def _example(row: object, task: Task, tested: Callable[[str], bool]) -> Example:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        raise ValueError('expected {"text": ..., "label": ...} with a text; the label may be missing')
    labels = labels_in(row, task)
    if tested(row["text"]):
        raise ValueError("this text stands in test.jsonl too; take it out of one of them")
    return Example(row["text"].strip(), labels[0] if labels else None, labels[1:])

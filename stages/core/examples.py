"""A few texts of people, for the model to look at: `data/tasks/<task>/examples.jsonl`, which may be missing.

A line is `{"text": ..., "label": ...}`, or `{"text": ...}` where nobody knows the label. None of them may stand in
the test set: a method that was shown it would be scored on what it was shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.rows import read_rows
from stages.core.texts import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Example:
    """A text, and its label where that is known."""

    text: str
    label: str | None


def read_examples(task: str, labels: tuple[str, ...], test_texts: Iterable[str] = ()) -> list[Example]:
    """The examples of a task; none where it has no such file.

    Args:
        task: Its slug.
        labels: Names of its labels.
        test_texts: Texts that must not be among them.

    Raises:
        InputError: a line for each broken one (at most ten), with its number.
    """
    tested = {normalised(text) for text in test_texts}
    try:
        return read_rows(paths.examples_file(task), lambda row: _example(row, labels, tested))
    except FileNotFoundError:
        return []


def _example(row: object, labels: tuple[str, ...], tested: set[str]) -> Example:
    label = row.get("label") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        raise ValueError('expected {"text": ..., "label": ...} with a text; the label may be missing')
    if label is not None and label not in labels:
        raise ValueError(f"label {label!r} is not in task.yaml; correct it, or leave the label out")
    if normalised(row["text"]) in tested:
        raise ValueError("this text stands in test.jsonl too; take it out of one of them")
    return Example(row["text"].strip(), label)

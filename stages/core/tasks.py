"""A task: what the texts are, which labels there are, and the texts of real people that it is measured on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.checked_yaml import read_checked
from stages.core.errors import InputError
from stages.core.lengths import WordRange
from stages.core.rows import read_rows
from stages.core.taskfile import Imported, TaskFile

if TYPE_CHECKING:
    from pathlib import Path

    from stages.core.dimensions import Dimension
    from stages.core.taskfile import Label


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the stages see it.

    Attributes:
        propose: Whether the model is to propose dimensions besides those of task.yaml.
        incompatible: Pairs of (dimension, value) that no text may have both.
    """

    slug: str
    domain: str
    form: str
    words: WordRange
    labels: tuple[Label, ...]
    dimensions: tuple[Dimension, ...] = ()
    propose: bool = True
    ban: frozenset[str] = frozenset()
    rename: dict[str, str] = field(default_factory=dict)
    incompatible: frozenset[frozenset[tuple[str, str]]] = frozenset()
    imported: Imported = field(default_factory=Imported)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the order of task.yaml, which is their order everywhere."""
        return tuple(label.name for label in self.labels)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One line of test.jsonl or train.jsonl."""

    text: str
    label: str


def load_task(slug: str) -> Task:
    """Read `data/tasks/<slug>/task.yaml`.

    Raises:
        InputError: a line for each problem.
    """
    file = read_checked(paths.task_file(slug), TaskFile)
    return Task(
        slug,
        file.domain,
        file.form,
        WordRange(*file.words),
        file.labels,
        file.dimensions,
        not file.dimensions if file.propose is None else file.propose,
        frozenset(file.ban),
        file.rename,
        frozenset(frozenset(each.items()) for each in file.incompatible),
        file.imported,
    )


def read_labelled(path: Path, labels: tuple[str, ...]) -> list[LabelledText]:
    """Read `{"text": str, "label": str}` lines written by people.

    Raises:
        InputError: the file is missing or empty, or a line for each broken one (at most ten), with its number.
    """
    try:
        found = read_rows(path, lambda row: _labelled(row, labels))
    except FileNotFoundError:
        raise InputError(
            f'{path}: there is no such file; it holds a JSON object a line, {{"text": ..., "label": ...}}'
        ) from None
    if not found:
        raise InputError(f"{path}: is empty; it holds a JSON object a line, " + '{"text": ..., "label": ...}')
    return found


def _labelled(row: object, labels: tuple[str, ...]) -> LabelledText:
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("text", "label")):
        raise ValueError('expected {"text": ..., "label": ...} with two strings')
    if not row["text"].strip():
        raise ValueError("the text is empty")
    if row["label"] not in labels:
        raise ValueError(f"label {row['label']!r} is not in task.yaml; add it there, or correct it here")
    return LabelledText(row["text"], row["label"])

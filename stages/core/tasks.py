"""A task: what the texts are, which labels there are, and the texts of real people that it is measured on."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.checked_yaml import read_checked
from stages.core.errors import InputError
from stages.core.lengths import WordRange
from stages.core.rows import read_rows
from stages.core.taskfile import Imported, TaskFile
from stages.core.together import problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stages.core.dimensions import Dimension
    from stages.core.files import Json
    from stages.core.taskfile import Label
    from stages.core.together import Together
    from stages.core.yaml_document import Location


_LONGEST = 80  # characters of a file that a message quotes


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the stages see it.

    Attributes:
        propose: Whether the model is to propose dimensions besides those of task.yaml.
        incompatible: Pairs of (dimension, value) that no text may have both.
        multilabel: Whether a text may have several labels.
        together: By label, the share of its texts that have another label too, where people said so.
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
    multilabel: bool = False
    together: Together = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the order of task.yaml, which is their order everywhere."""
        return tuple(label.name for label in self.labels)

    def in_order(self, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels of one text, all of the task, in the order of task.yaml.

        Raises:
            ValueError: there is none, one stands there twice, or there are several and the task is not multi-label.
        """
        if not labels:
            raise ValueError("expected at least one label, found none")
        if twice := [label for label, times in Counter(labels).items() if times > 1]:
            raise ValueError(f"label {twice[0]!r} stands there twice")
        if len(labels) > 1 and not self.multilabel:
            raise ValueError(
                f"{len(labels)} labels ({', '.join(labels)}), and a text of this task has one; "
                "if it may have several, write kind: multilabel into task.yaml"
            )
        return tuple(sorted(labels, key=self.names.index) if len(labels) > 1 else labels)


@dataclass(frozen=True, slots=True)
class LabelledText:
    """One line of test.jsonl or train.jsonl: `label` is the first of its labels in task.yaml, `also` are the others."""

    text: str
    label: str
    also: tuple[str, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """All its labels."""
        return (self.label, *self.also)


def load_task(slug: str) -> Task:
    """Read `data/tasks/<slug>/task.yaml`.

    Raises:
        InputError: a line for each problem.
    """
    path = paths.task_file(slug)
    if not path.exists():
        raise InputError(
            f"{path}: there is no such file; make task NAME={slug} writes one, or correct run.tasks in params.yaml "
            f"(there are {', '.join(paths.tasks_there()) or 'no tasks yet'})"
        )
    file = read_checked(path, TaskFile, _problems)
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
        file.kind == "multilabel",
        file.together,
    )


def _problems(file: TaskFile) -> Iterator[tuple[Location, str]]:
    multilabel, names = file.kind == "multilabel", [label.name for label in file.labels]
    yield from problems_of(file.together, names, multilabel=multilabel)
    for theirs, ours in file.imported.labels.items():
        if ours not in names:
            yield ("imported", "labels", theirs), f"{ours!r} is not among labels"
    if file.imported.separator and not multilabel:
        yield ("imported", "separator"), "separates several labels of a text; write kind: multilabel, or leave it out"


def read_labelled(path: Path, task: Task) -> list[LabelledText]:
    """Read `{"text": str, "label": str}` lines written by people; or `{"text": str, "labels": [str, ...]}`.

    Raises:
        InputError: the file is missing or empty, or a line for each broken one (at most ten), with its number.
    """
    form = '{"text": ..., "labels": [...]}' if task.multilabel else '{"text": ..., "label": ...}'
    try:
        found = read_rows(path, lambda row: _labelled(row, task, form))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; it holds a JSON object a line, {form}") from None
    if not found:
        raise InputError(f"{path}: is empty; it holds a JSON object a line, {form}")
    return found


def _labelled(row: object, task: Task, form: str) -> LabelledText:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not (labels := labels_in(row, task)):
        raise ValueError(f"expected {form} with strings, found {_short(row)}")
    if not row["text"].strip():
        raise ValueError("the text is empty")
    return LabelledText(row["text"], labels[0], labels[1:])


def _short(row: object) -> str:
    shown = json.dumps(row, ensure_ascii=False)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def labels_in(row: Json, task: Task) -> tuple[str, ...]:
    """The labels of a row, under `label` or `labels`, in the order of task.yaml; none where it has neither.

    Raises:
        ValueError: it has both, or what is there are no labels of the task that one text can have.
    """
    one, several = row.get("label"), row.get("labels")
    if one is None and several is None:
        return ()
    if one is not None and several is not None:
        raise ValueError("has a label and labels; leave one of them out")
    found = [one] if several is None else several
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise ValueError('expected "label": a string, or "labels": a list of strings')
    names = task.names
    if strange := [each for each in found if each not in names]:
        by_case = {name.casefold(): name for name in names}
        near = get_close_matches(strange[0][:_LONGEST].casefold(), by_case, n=1)
        hint = f" ({by_case[near[0]]!r}, perhaps)" if near else ""
        raise ValueError(f"label {strange[0]!r} is not in task.yaml; add it there, or correct it here{hint}")
    return task.in_order(found)

"""Labelled texts that were made elsewhere: a file that is checked row by row, and the plan that it makes.

task.yaml says what the columns are called (see `core/tasks`). Nothing is corrected here: a row that cannot be a
labelled text is an error of the file; what is no good text for other reasons is thrown out by `clean`, as ours are.
"""

from __future__ import annotations

import difflib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stages.core.errors import InputError
from stages.core.lengths import LENGTH, parse_range
from stages.core.records import PlannedText, Prompt
from stages.core.tables import read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stages.core.files import Json
    from stages.core.tasks import Task

_SHOWN = 10  # mistakes of one file
_CHARACTERS_SHOWN = 60


@dataclass(frozen=True, slots=True)
class ImportedText:
    """One row: its text, its labels by our names in the order of task.yaml, and those of its attributes that it has."""

    text: str
    labels: tuple[str, ...]
    attributes: dict[str, str]


def plan_imported(path: Path, task: Task, per_label: int) -> Iterator[Prompt]:
    """The first `per_label` texts of each label, in the order of the file; fewer where there are not so many.

    A text with several labels is one of the first of them in the order of task.yaml.

    Raises:
        InputError: after the last row, if any row is wrong, taken or not.
    """
    taken = Counter[str]()
    for each in read_imported(path, task):
        label, *also = each.labels
        if taken[label] < per_label:
            planned = PlannedText(taken[label], each.attributes, tuple(also))
            yield Prompt(label, (planned,), (), as_json=False, sample=0, text=each.text)
            taken[label] += 1


def check_imported(path: Path, task: Task) -> None:
    """Read the whole file, for its mistakes.

    Raises:
        InputError: it has some.
    """
    for _ in read_imported(path, task):
        pass


def read_imported(path: Path, task: Task) -> Iterator[ImportedText]:
    """The texts that are in order, as they come.

    Raises:
        InputError: after the last row: the file is empty, or a line for each row that is wrong and each label that is
            not the task's, at most ten. At once: what `read_rows` raises.
    """
    columns = task.imported
    mistakes, rows = _Mistakes(), 0
    for rows, (place, row) in enumerate(read_rows(path, (columns.text, columns.label, *columns.attributes)), 1):  # noqa: B007
        try:
            if isinstance(row, str):
                raise _WrongError(row)  # noqa: TRY301 - handled as the mistakes of cells are
            text = _checked(row, task)
        except _WrongError as wrong:
            mistakes.add(place, wrong)
            continue
        yield text
    if not rows:
        raise InputError(f"{path}: is empty; it holds a labelled text a row")
    if mistakes.found:
        raise InputError(*mistakes.lines(path))


class _WrongError(Exception):
    """A row that is no labelled text: what is wrong, and if one is not the task's the label."""

    def __init__(self, said: str, label: str | None = None) -> None:
        self.said, self.label = said, label
        super().__init__(said)


@dataclass(slots=True)
class _Mistakes:
    """The first mistakes of a file: a row each, or all rows with the same strange label."""

    found: dict[str, list[str]] = field(default_factory=dict)  # place and what was said, by label or place
    rows: Counter[str] = field(default_factory=Counter)
    more: int = 0

    def add(self, place: str, wrong: _WrongError) -> None:
        key = place if wrong.label is None else f"label {wrong.label}"
        if key in self.found or len(self.found) < _SHOWN:
            self.found.setdefault(key, [place, wrong.said])
            self.rows[key] += 1
        else:
            self.more += 1

    def lines(self, path: Path) -> Iterator[str]:
        for key, (place, said) in self.found.items():
            count = self.rows[key]
            yield f"{place}: {said}" + (f" ({count:,} rows)" if count > 1 else "")
        if self.more:
            yield f"{path}: and {self.more:,} rows more"


def _checked(row: Json, task: Task) -> ImportedText:
    columns = task.imported
    text = _string(row, columns.text)
    if not text.strip():
        raise _WrongError(f"column {columns.text!r}: the text is empty")
    attributes = {name: _string(row, name) for name in columns.attributes if row[name] not in (None, "")}
    if LENGTH in attributes:
        try:
            parse_range(attributes[LENGTH])
        except ValueError as error:
            raise _WrongError(
                f"column {LENGTH!r}: {error}, or take the column out of imported: attributes: in task.yaml"
            ) from None
    return ImportedText(text, _labels(row, task), attributes)


def _string(row: Json, column: str) -> str:
    return _as_string(column, row[column])


def _as_string(column: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise _WrongError(f"column {column!r}: expected a string, found {_short(value)}")


def _labels(row: Json, task: Task) -> tuple[str, ...]:
    """The labels by our names: of a list, or of a cell in which task.yaml says what separates them; two may be one."""
    column, separator = task.imported.label, task.imported.separator
    value = row[column]
    if separator and isinstance(value, str):
        value = [part.strip() for part in value.split(separator) if part.strip()]
    found = [_label(each, task) for each in (value if isinstance(value, list) else [value])]
    try:
        return task.in_order(tuple(dict.fromkeys(found)))
    except ValueError as error:
        raise _WrongError(f"column {column!r}: {error}") from None


def _label(value: object, task: Task) -> str:
    """The label by our name. Theirs may be a whole number, as in many data sets: `labels: {"3": ours}`."""
    column = task.imported.label
    theirs = str(value) if isinstance(value, int) and not isinstance(value, bool) else _as_string(column, value)
    ours = task.imported.labels.get(theirs, theirs)
    if ours in task.names:
        return ours
    near = difflib.get_close_matches(theirs[:_CHARACTERS_SHOWN], task.names, n=1)
    hint = f"; {theirs!r}: {near[0]}, perhaps" if near else ""
    raise _WrongError(
        f"column {column!r}: label {_short(theirs)} is not in task.yaml; "
        f"say under imported: labels: there which of its labels that is{hint}",
        theirs,
    )


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _CHARACTERS_SHOWN else f"{shown[: _CHARACTERS_SHOWN - 3]}..."

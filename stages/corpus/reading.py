"""Labelled texts out of the files in which data sets are published: JSON lines, one JSON list, CSV or TSV.

A label is a name, or a number: the position, from 0, in the order of task.yaml. Names are compared without case,
blanks, `_`, `-`, `&`. A text with several labels is left out and counted where the task has one label a text.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stages.core.errors import InputError, why_unreadable
from stages.core.names import form, names_by_form
from stages.core.tasks import LabelledText

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

TEXT_COLUMNS = ("text", "text_a", "sentence", "content")
LABEL_COLUMNS = ("label", "labels", "_id", "class")  # _id: the class in the authors' own files

_TOLD = 10  # problems that are told one by one


@dataclass(frozen=True, slots=True)
class Columns:
    """How a file names its columns and labels: `text` and `label` (None: the first usual name), `labels` renamed."""

    text: str | None = None
    label: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Read:
    """What a file holds.

    Attributes:
        texts: In the order of the file.
        several: Number of texts left out because they have no label, or several and the task has one a text.
    """

    texts: list[LabelledText] = field(default_factory=list)
    several: int = 0


def read_texts(path: Path, names: tuple[str, ...], columns: Columns, *, multilabel: bool = False) -> Read:
    """Read the labelled texts of a file.

    Args:
        path: The file.
        names: The labels of the task, in the order of task.yaml.
        columns: How the file names its columns.
        multilabel: Whether a text of the task may have several labels.

    Raises:
        InputError: it cannot be read; a line for each broken row (at most ten) and each unknown label.
    """
    resolve, found, problems, unknown = _Labels(names, columns.labels), Read(), list[str](), Counter[str]()
    for number, row in _rows(path):
        try:
            text = _cell(row, columns.text, TEXT_COLUMNS)
            label = _cell(row, columns.label, LABEL_COLUMNS)
            if not isinstance(text, str) or not text.strip():
                raise ValueError("the text is empty, or no string")  # noqa: TRY301 - told with the others
        except (ValueError, TypeError) as error:
            problems.append(f"{path}:{number}: {error}")
            continue
        cells = label if isinstance(label, list) else [label]
        if not cells or (len(cells) > 1 and not multilabel):
            found.several += 1
            continue
        known = [resolve(each) for each in cells]
        unknown.update(repr(cell) for cell, label in zip(cells, known, strict=True) if label is None)
        if labels := [each for each in names if each in known]:
            found.texts.append(LabelledText(text, labels[0], tuple(labels[1:])))
    more = [f"{path}: and {len(problems) - _TOLD} rows more"] if len(problems) > _TOLD else []
    outside = [
        f"{path}: label {label} is not in task.yaml ({count} texts); add it there, or rename it under labels: of "
        "corpus.yaml"
        for label, count in unknown.most_common()
    ]
    if problems or outside:
        raise InputError(*problems[:_TOLD], *more, *outside)
    if not found.texts and not found.several:
        raise InputError(f"{path}: is empty; it holds a labelled text a row")
    if not found.texts:
        why = "none" if multilabel else "several (kind: multilabel in task.yaml lets them) or none"
        raise InputError(f"{path}: holds no text with {'a' if multilabel else 'one'} label; {found.several} have {why}")
    return found


class _Labels:
    """The label of the task that a cell means; None where it means none."""

    def __init__(self, names: tuple[str, ...], renamed: Mapping[str, str]) -> None:
        self._names, self._renamed, self._by_form = names, renamed, names_by_form(names)

    def __call__(self, cell: object) -> str | None:
        if isinstance(cell, str):
            known = self._renamed.get(cell) or (cell if cell in self._names else self._by_form.get(form(cell)))
            # In CSV a number is a string.
            return known or (self(int(cell)) if cell.strip().isdecimal() else None)
        if isinstance(cell, int) and not isinstance(cell, bool):
            renamed = self._renamed.get(str(cell))
            return renamed or (self._names[cell] if 0 <= cell < len(self._names) else None)
        return None


def _cell(row: Any, column: str | None, usual: Iterable[str]) -> Any:
    if not isinstance(row, dict):
        raise TypeError("expected a JSON object")
    name = column or next((each for each in usual if each in row), None)
    if name is None or name not in row:
        wanted = f"no column {column!r}" if column else f"none of the columns {', '.join(usual)}"
        raise ValueError(
            f"has {wanted}, only {', '.join(map(str, row))}; name it with --text-column or --label-column, or in "
            "corpus.yaml"
        )
    return row[name]


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Each row with the number of its line (of its place in the list, where the file is one list)."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in (".csv", ".tsv"):
                reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
                for row in reader:
                    yield reader.line_num, {name: cell for name, cell in row.items() if name is not None}
            elif file.read(1) == "[":
                file.seek(0)
                yield from enumerate(json.load(file), 1)
            else:
                file.seek(0)
                yield from _json_lines(path, file)
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError, csv.Error, json.JSONDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None


def _json_lines(path: Path, lines: Iterable[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except ValueError as error:
                raise InputError(f"{path}:{number}: not a JSON object: {error}") from None

"""A few texts of people, for the model to look at: `data/tasks/<task>/examples.jsonl`, which may be missing.

A line is `{"text": ..., "label": ...}`, or `{"text": ...}` where nobody knows the label. None of them may stand in
the test set: a method that was shown it would be scored on what it was shown.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stages.core import paths
from stages.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


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
        InputError: a line for each broken one, with its number.
    """
    path = paths.examples_file(task)
    if not path.exists():
        return []
    tested = {_plain(text) for text in test_texts}
    try:
        with path.open(encoding="utf-8") as lines:
            found = list(_read(path, lines, labels, tested))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    problems = [each for each in found if isinstance(each, str)]
    if problems:
        raise InputError(*problems[:10])
    return [each for each in found if isinstance(each, Example)]


def _read(path: Path, lines: Iterable[str], labels: tuple[str, ...], tested: set[str]) -> Iterator[Example | str]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield f"{path}:{number}: not a JSON object: {error}"
            continue
        label = row.get("label") if isinstance(row, dict) else None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
            yield f'{path}:{number}: expected {{"text": ..., "label": ...}} with a text; the label may be missing'
        elif label is not None and label not in labels:
            yield f"{path}:{number}: label {label!r} is not in task.yaml; correct it, or leave the label out"
        elif _plain(row["text"]) in tested:
            yield f"{path}:{number}: this text stands in test.jsonl too; take it out of one of them"
        else:
            yield Example(row["text"].strip(), label)


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold())) or text.strip()

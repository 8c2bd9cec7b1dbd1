"""Lines in, rows with predictions out, one for each line, in their order and a few at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from stages.students.student import decide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from stages.core.arrays import Floats
    from stages.core.files import Json
    from stages.students.student import Student

Format = Literal["lines", "jsonl"]

BLANK = "is blank"

_AT_ONCE = 512
_OURS = ("error", "label", "labels", "line", "probabilities")  # fields of a row that a line may have too


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the input.

    Attributes:
        number: From 1.
        fields: What the row begins with.
        error: Why it has no text, empty where it has one: `BLANK`, or what is wrong with it.
    """

    number: int
    fields: Json = field(default_factory=dict)
    error: str = ""


def read_lines(source: Iterable[bytes], form: Format | None) -> Iterator[Line]:
    """The lines, blank ones too.

    Args:
        source: Lines in UTF-8.
        form: `lines`: each is a text. `jsonl`: each is a JSON object with a `text`. None: `jsonl` if the first line
            that is not blank is a JSON object.
    """
    for number, raw in enumerate(source, 1):
        if not raw.strip():
            yield Line(number, error=BLANK)
            continue
        if form is None:
            form = "jsonl" if _is_object(raw) else "lines"
        yield _object(number, raw) if form == "jsonl" else _plain(number, raw)


def predictions(student: Student, lines: Iterable[Line]) -> Iterator[Json]:
    """A row for each line: its fields, and `label` (or `labels`), `probabilities`; or `line`, `error`, a label of null.

    Fields of the line that have one of these names are kept under `given`.
    """
    left = iter(lines)
    while part := list(islice(left, _AT_ONCE)):
        yield from _rows(student, part)


def _rows(student: Student, lines: Sequence[Line]) -> Iterator[Json]:
    texts = [line.fields["text"] for line in lines if not line.error]
    found = iter(_said(student, student.probabilities(texts)) if texts else [])
    none = {"labels" if student.multilabel else "label": None}
    for line in lines:
        lacking = {"line": line.number, "error": line.error, **none}
        yield _joined(line.fields, lacking if line.error else next(found))


def _said(student: Student, probabilities: Floats) -> list[Json]:
    chosen = decide(probabilities, student.labels, multilabel=student.multilabel)
    return [
        {
            **({"labels": list(labels)} if student.multilabel else {"label": labels[0]}),
            "probabilities": dict(zip(student.labels, row.tolist(), strict=True)),
        }
        for labels, row in zip(chosen, probabilities, strict=True)
    ]


def _joined(fields: Json, said: Json) -> Json:
    given = {name: fields[name] for name in _OURS if name in fields}
    kept = {name: value for name, value in fields.items() if name not in given}
    return {**kept, **({"given": given} if given else {}), **said}


def _plain(number: int, raw: bytes) -> Line:
    try:
        return Line(number, {"text": raw.decode("utf-8").strip()})
    except UnicodeDecodeError as error:
        return Line(number, error=f"is not UTF-8: {error.reason} at byte {error.start + 1}")


def _is_object(raw: bytes) -> bool:
    try:
        return isinstance(json.loads(raw), dict)
    except (ValueError, RecursionError):
        return False


def _object(number: int, raw: bytes) -> Line:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_number)
    except UnicodeDecodeError as error:
        return Line(number, error=f"is not UTF-8: {error.reason} at byte {error.start + 1}")
    except (ValueError, RecursionError) as error:
        return Line(number, error=f"is not JSON: {error}")
    if not isinstance(value, dict):
        return Line(number, error="is JSON, and no object with a text")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        return Line(number, value, error=f"text: expected some text, found {json.dumps(text)[:40]}")
    return Line(number, value)


def _no_number(name: str) -> object:
    raise ValueError(f"{name} is no number of JSON")

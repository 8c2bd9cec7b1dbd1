"""Lines in, rows with predictions out, one for each line, in their order and a few at a time."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Literal

from stages.students.student import decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from stages.core.arrays import Floats
    from stages.core.files import Json
    from stages.students.student import Student

Format = Literal["lines", "jsonl"]

BLANK = "is blank"

_AT_ONCE = 512
_AHEAD = 10  # lines after the first that say something of what the lines are
_BEGINS_OBJECT = re.compile(rb'\s*\{\s*"[^"]*"\s*:')
_OURS = ("error", "given", "label", "labels", "line", "probabilities")  # fields of a row that a line may have too


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


def read_lines(
    source: Iterable[bytes], form: Format | None, say: Callable[[str], None] = lambda _: None
) -> Iterator[Line]:
    """The lines, blank ones too; a byte order mark before the first is none of its text.

    Args:
        source: Lines in UTF-8.
        form: `lines`: each is a text. `jsonl`: each is a JSON object with a `text`. None: `jsonl` if the first line
            that is not blank is a JSON object or begins as one (`{"name":`), or if half of the ten lines after it are.
        say: Is told what the lines are taken for, where the first leaves a doubt.
    """
    lines: Iterator[tuple[int, bytes]] = enumerate(_without_mark(source), 1)
    for number, raw in lines:
        if raw.strip():
            following = list(islice(lines, _AHEAD))
            form = form or _guessed(number, raw, [each for _, each in following if each.strip()], say)
            lines = chain([(number, raw)], following, lines)
            break
        yield _read(number, raw, form)
    for number, raw in lines:
        yield _read(number, raw, form)


def _without_mark(source: Iterable[bytes]) -> Iterator[bytes]:
    left = iter(source)
    for first in islice(left, 1):
        yield first.removeprefix(codecs.BOM_UTF8)
    yield from left


def _guessed(number: int, first: bytes, following: Sequence[bytes], say: Callable[[str], None]) -> Format:
    if _is_object(first):
        return "jsonl"
    objects = sum(map(_is_object, following))
    if _BEGINS_OBJECT.match(first) or 0 < len(following) <= 2 * objects:
        say(f"line {number} is no JSON object, and all are read as JSON lines; --format lines takes each as a text")
        return "jsonl"
    if first.lstrip().startswith((b"{", b"[")):
        say(f"line {number} begins as JSON and is no object: each line is taken as a text; for objects: --format jsonl")
    return "lines"


def _read(number: int, raw: bytes, form: Format | None) -> Line:
    if not raw.strip():
        return Line(number, error=BLANK)
    return _object(number, raw) if form == "jsonl" else _plain(number, raw)


def predictions(student: Student, lines: Iterable[Line]) -> Iterator[Json]:
    """A row for each line: its fields, and `label` (or `labels`), `probabilities`; or `line`, `error`, a label of null.

    Fields of the line that have one of these names, or are called `given`, are kept under `given`.
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
    except json.JSONDecodeError as error:  # its own text says line 1 of every line
        return Line(number, error=f"is not JSON: {error.msg} at character {error.pos + 1}")
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

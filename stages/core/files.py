"""Files that stages write and read: JSON, JSON lines, CSV; equal content gives equal bytes.

Keys are sorted, floats rounded to six digits; a file is written under a temporary name and renamed, so that a reader
never sees half of it and a killed stage leaves the old one.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any, BinaryIO, ClassVar, Generic, Protocol, Self, TypeVar

from stages.core.errors import ArtifactError, why_unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

Json = dict[str, Any]

# A model's answer may hold half of a surrogate pair, which UTF-8 has no bytes for; and what ends a line for many who
# read lines, though not for JSON. JSON has an escape for each.
_ESCAPED = re.compile("[\ud800-\udfff\u0085\u2028\u2029]")


class Record(Protocol):
    """A dataclass with a way back from its JSON."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def from_json(cls, row: Json) -> Self: ...  # noqa: D102


RecordType = TypeVar("RecordType", bound=Record)


def dumps(value: object, *, indent: int | None = None) -> str:
    """JSON with sorted keys and floats of six digits; equal values give equal text."""
    text = json.dumps(_rounded(value), sort_keys=True, ensure_ascii=False, indent=indent, allow_nan=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


@contextmanager
def replacing(path: Path) -> Iterator[IO[str]]:
    """Open a text file that takes the place of `path` when the block ends well, and vanishes when it does not."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with written(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            opened = part.open("w", encoding="utf-8", newline="\n")
        with opened as file:
            yield file
        with written(path):
            part.replace(path)
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def written(path: Path) -> Iterator[None]:
    """Tell why a file or folder cannot be written in which the block writes."""
    try:
        yield
    except OSError as error:
        raise ArtifactError(
            f"{path}: cannot be written: {error.strerror} ({error.filename}); look at the folder and its owner"
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write a whole text file."""
    with replacing(path) as file:
        file.write(text)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: Mapping[str, object]) -> None:
    """Write one JSON object, a key a line."""
    write_text(path, dumps(value, indent=2) + "\n")


@contextmanager
def writing_records(path: Path) -> Iterator[Callable[[Record | Json], None]]:
    """A function that writes a record as one more line of `path`."""
    with replacing(path) as file:
        yield lambda record: print(dumps(record if isinstance(record, dict) else as_json(record)), file=file)


def as_json(record: Any) -> Json:
    """The fields of a record; one that is None, () or False unless it is said otherwise is there only where it is."""
    values = {each: getattr(record, each.name) for each in fields(record)}
    return {
        each.name: _plain(value)
        for each, value in values.items()
        if not (each.default in (None, ()) or each.default is False) or value != each.default
    }


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return as_json(value) if is_dataclass(value) else value


def write_records(path: Path, records: Iterable[Record | Json]) -> int:
    """Write a line for each record as it comes; returns how many."""
    count = 0
    with writing_records(path) as write:
        for count, record in enumerate(records, 1):  # noqa: B007 - it is the result
            write(record)
    return count


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table for `dvc plots`."""
    with replacing(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def read_json(path: Path, stage: str) -> Json:
    """Read one JSON object that `stage` wrote.

    Raises:
        ArtifactError: it is missing or broken.
    """
    with _reading(path, stage) as file:
        try:
            value = json.load(file)
        except (ValueError, RecursionError) as error:
            raise ArtifactError(_broken(path, None, stage, error)) from None
    if not isinstance(value, dict):
        raise ArtifactError(_broken(path, None, stage, "it holds no object"))
    return value


class Records(Generic[RecordType]):
    """The records that `stage` wrote, read anew each time they are gone through: they need not fit into memory."""

    def __init__(self, path: Path, record: type[RecordType], stage: str) -> None:
        self._path, self._record, self._stage = path, record, stage

    def __iter__(self) -> Iterator[RecordType]:
        return read_records(self._path, self._record, self._stage)


def read_records(path: Path, record: type[RecordType], stage: str) -> Iterator[RecordType]:
    """Read the records that `stage` wrote, one at a time.

    Raises:
        ArtifactError: the file is missing, or a line of it is broken (its number is said).
    """
    with _reading(path, stage) as file:
        for number, line in enumerate(file, 1):
            try:
                yield record.from_json(json.loads(line.decode()))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                raise ArtifactError(_broken(path, number, stage, error)) from None


def read_csv(path: Path, stage: str) -> list[dict[str, str]]:
    """Read a table that `stage` wrote: a mapping from column to cell for each line.

    Raises:
        ArtifactError: it is missing.
    """
    with _reading(path, stage) as file, TextIOWrapper(file, encoding="utf-8") as text:
        return list(csv.DictReader(text))


@contextmanager
def _reading(path: Path, stage: str) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise ArtifactError(f"{path}: is missing; stage {stage} writes it: run dvc repro, or dvc pull") from None
    except OSError as error:
        raise ArtifactError(f"{path}: {why_unreadable(error)}; stage {stage} writes it") from None
    with file:
        yield file


def _broken(path: Path, number: int | None, stage: str, error: object) -> str:
    where = f"{path}:{number}" if number else str(path)
    return f"{where}: is not what stage {stage} writes ({error}); run: dvc repro --force {stage}"

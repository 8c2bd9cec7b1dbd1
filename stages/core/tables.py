"""Tables that were made elsewhere, a row at a time: JSON lines and CSV, gzipped or not, and Parquet.

One row is in memory at a time, and of Parquet what its writer put into one row group, so a table may be larger than
memory.
"""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from typing import IO, TYPE_CHECKING, Any

from stages.core.cli import counted
from stages.core.errors import InputError, why_unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from stages.core.files import Json

    Rows = Iterator[tuple[str, Json | str]]

_BATCH = 1024  # rows of Parquet
_NAME_THEM = "name the columns under imported: in task.yaml"


def read_rows(path: Path, columns: Sequence[str], way_out: str = _NAME_THEM) -> Rows:
    """Each row that is not blank: where it stands, and its cells by column, or what is wrong with it.

    Args:
        path: The table; its ending says what it is.
        columns: Those that every row must have. A cell of CSV is a string; other tables have cells of any type.
        way_out: What is said to do where one is missing.

    Yields:
        `path:line` with the line (from 1) that the row begins in, or for Parquet `path: row N`; and the cells, or a
        phrase for people.

    Raises:
        InputError: the file is missing, has another ending, lacks a column, or cannot be read on.
    """
    reader = next((read for ending, read in _READERS.items() if path.name.lower().endswith(ending)), None)
    if reader is None:
        raise InputError(f"{path}: its ending is none of {', '.join(_READERS)}; save it as one of these")
    if not path.exists():
        raise InputError(_missing(path))
    try:
        yield from reader(path, columns, way_out)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path}: {why_unreadable(error)}") from None


def is_table(path: Path) -> bool:
    """Whether the ending of a file is one of those that `read_rows` reads."""
    return path.name.lower().endswith(tuple(_READERS))


def _missing(path: Path) -> str:
    there = sorted(each.name for each in path.parent.glob("*")) if path.parent.is_dir() else []
    return (
        f"{path}: there is no such file; in {path.parent}/ lie labelled texts that were made elsewhere, as "
        f"{', '.join(_READERS)}; there are: {', '.join(there) or 'none'}"
    )


def _lacks(columns: Sequence[str], there: Sequence[str], way_out: str) -> str | None:
    """What to say where columns are missing."""
    missing = [repr(each) for each in columns if each not in there]
    if not missing:
        return None
    return f"no column {', '.join(missing)}; there are: {', '.join(map(repr, there)) or 'none'}; {way_out}"


def _text(path: Path) -> IO[str]:
    # Some programs begin UTF-8 with a byte order mark. Line ends stay as they are: those in a CSV cell are text.
    if path.name.lower().endswith(".gz"):
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _json_lines(path: Path, columns: Sequence[str], way_out: str) -> Rows:
    with _text(path) as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            place = f"{path}:{number}"
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:  # its own text says line 1 of every line
                yield place, f"not a JSON object: {error.msg} at character {error.pos + 1}"
                continue
            except (ValueError, RecursionError) as error:  # a number with thousands of digits, lists in lists in lists
                yield place, f"not a JSON object: {error}"
                continue
            if isinstance(row, dict):
                yield place, _lacks(columns, list(row), way_out) or row
            else:
                yield place, "not a JSON object: each line is one, {...}"


def _csv(path: Path, columns: Sequence[str], way_out: str) -> Rows:
    with _text(path) as lines:
        reader = csv.reader(lines, strict=True)
        header: list[str] | None = None
        while True:
            place = f"{path}:{reader.line_num + 1}"
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise InputError(f"{place}: not CSV: {error}; a cell with a quotation mark has it twice") from None
            if not cells:
                continue
            if header is None:
                header = cells
                if said := _lacks(columns, header, way_out):
                    raise InputError(f"{place}: {said}")
            elif len(cells) == len(header):
                yield place, dict(zip(header, cells, strict=True))
            else:
                yield place, f"has {counted(len(cells), 'cell')}, and the first line {len(header)}"


def _parquet(path: Path, columns: Sequence[str], way_out: str) -> Rows:
    import pyarrow as pa  # noqa: PLC0415 - a second that only Parquet pays
    from pyarrow import parquet  # noqa: PLC0415 - likewise

    try:
        with parquet.ParquetFile(path, pre_buffer=False, buffer_size=1 << 20) as file:
            if said := _lacks(columns, file.schema_arrow.names, way_out):
                raise InputError(f"{path}: {said}")
            number = 0
            for batch in file.iter_batches(_BATCH, columns=list(columns)):
                rows: list[dict[str, Any]] = batch.to_pylist()
                for number, row in enumerate(rows, number + 1):  # noqa: B020 - goes on from the last batch
                    yield f"{path}: row {number}", row
    except pa.ArrowException as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from None


_READERS = {
    ".jsonl": _json_lines,
    ".jsonl.gz": _json_lines,
    ".csv": _csv,
    ".csv.gz": _csv,
    ".parquet": _parquet,
}

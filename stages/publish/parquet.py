"""Labelled texts as Parquet, in the columns that the header of the card declares; equal texts give equal bytes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from stages.core.texts import encodable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from stages.core.files import Json
    from stages.core.records import Text
    from stages.core.tasks import Task

_ROWS = 10_000  # of a row group, and in memory at a time


def schema(task: Task) -> Any:
    """The columns; label is a place in task.yaml, and labels are there where a text may have several."""
    import pyarrow as pa  # noqa: PLC0415 - a second that only this stage pays

    pair = pa.struct([("name", pa.string()), ("value", pa.string())])
    several = [("labels", pa.list_(pa.int64()))] if task.multilabel else []
    return pa.schema(
        [
            ("text", pa.string()),
            ("label", pa.int64()),
            *several,
            ("attributes", pa.list_(pair)),
            ("method", pa.string()),
            ("index", pa.int64()),
        ]
    )


def write_texts(path: Path, texts: Iterable[Text], method: str | None, task: Task) -> int:
    """Write a row for each text; returns how many.

    Args:
        path: The file.
        texts: Read once, some thousands at a time.
        method: By which they were made; None for texts of people.
        task: For its labels.
    """
    import pyarrow as pa  # noqa: PLC0415 - as above
    from pyarrow import parquet  # noqa: PLC0415 - as above

    columns, place = schema(task), {name: number for number, name in enumerate(task.names)}
    path.parent.mkdir(parents=True, exist_ok=True)
    rest, count = iter(texts), 0
    with parquet.ParquetWriter(path, columns, compression="zstd") as writer:
        while rows := [_row(each, method, place) for each in islice(rest, _ROWS)]:
            writer.write_table(pa.Table.from_pylist(rows, columns))
            count += len(rows)
    return count


def _row(text: Text, method: str | None, place: dict[str, int]) -> Json:
    """The cells; `labels`, which comes to nothing where the schema has no such column, begins with `label`."""
    return {
        # Half of a surrogate pair, which JSON can hold and UTF-8 cannot.
        "text": encodable(text.text),
        "label": place[text.label],
        "labels": [place[each] for each in text.labels],
        "attributes": [{"name": name, "value": value} for name, value in sorted(text.attributes.items())],
        "method": method,
        "index": text.index,
    }

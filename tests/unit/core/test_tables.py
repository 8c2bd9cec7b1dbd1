from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from stages.core.errors import InputError
from stages.core.tables import read_rows

ROWS = [{"text": 'she said "no", twice\nand left', "label": "noise"}, {"text": "grüße", "label": "parcel"}]
ENDINGS = [".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet"]


def write_table(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A table of the kind that the ending says."""
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=2)
        return path
    with gzip.open(path, "wt", encoding="utf-8") if path.suffix == ".gz" else path.open("w", encoding="utf-8") as file:
        if ".csv" in path.name:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        else:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return path


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_kind_of_table_gives_the_same_rows_with_their_places(tmp_path: Path, ending: str) -> None:
    path = write_table(tmp_path / f"theirs{ending}", [*ROWS, *ROWS])
    found = list(read_rows(path, ("text", "label")))
    assert [row for _, row in found] == [*ROWS, *ROWS]
    first, last = {
        "csv": (f"{path}:2", f"{path}:7"),  # a cell with a line end makes its row two lines long
        "parquet": (f"{path}: row 1", f"{path}: row 4"),
    }.get(ending.split(".")[1], (f"{path}:1", f"{path}:4"))
    assert (found[0][0], found[-1][0]) == (first, last)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_column_that_is_missing_is_told_with_those_that_are_there(tmp_path: Path, ending: str) -> None:
    path = write_table(tmp_path / f"theirs{ending}", ROWS)
    wanted = "no column 'body'; there are: 'text', 'label'; name the columns under imported: in task.yaml"
    if "jsonl" in ending:
        assert [row for _, row in read_rows(path, ("body", "label"))] == [wanted] * 2
    else:
        with pytest.raises(InputError) as caught:
            list(read_rows(path, ("body", "label")))
        assert wanted in str(caught.value)


def test_a_byte_order_mark_and_blank_lines_are_no_rows(tmp_path: Path) -> None:
    for name, text in (("a.jsonl", '\ufeff\n{"text": "x"}\n\n'), ("a.csv", "\ufefftext\r\n\r\nx\r\n")):
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
        assert [row for _, row in read_rows(tmp_path / name, ("text",))] == [{"text": "x"}]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.xlsx", b"x", "a.xlsx: its ending is none of .jsonl, .jsonl.gz, .csv, .csv.gz, .parquet; save it as one"),
        ("a", b"x", "a: its ending is none of"),
        ("a.jsonl", b"\xff\xfe\x00", "a.jsonl: is not UTF-8 (byte 1: invalid start byte); save it as UTF-8"),
        ("a.jsonl.gz", b"no gzip", "a.jsonl.gz: cannot be read: Not a gzipped file"),
        (
            "a.jsonl.gz",
            gzip.compress(b'{"text": "x"}\n' * 99, mtime=0)[:-9],
            "a.jsonl.gz: cannot be read: Compressed file ended",
        ),
        ("a.csv", b'text,label\n"an end that never,noise\n', "a.csv:2: not CSV: unexpected end of data"),
        ("a.csv", b'text,label\nx,noise\n"a "word" in it",noise\n', "a.csv:3: not CSV: ',' expected after '\"'"),
        ("a.csv", b"text;label\nx;noise\n", "a.csv:1: no column 'text'; there are: 'text;label'"),
        ("a.csv", b"text\n" + b"x" * 200_000, "a.csv:2: not CSV: field larger than field limit"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read_rows(tmp_path / name, ("text",)))
    assert f"{tmp_path}/{message}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.jsonl", '{"text": "x"', "not a JSON object: Expecting ',' delimiter at character 1"),
        ("a.jsonl", "[" * 100_000, "not a JSON object"),
        ("a.jsonl", '["x"]', "not a JSON object: each line is one"),
        ("a.csv", "text,label\nx,noise,more", "has 3 cells, and the first line 2"),
        ("a.csv", "text,label\nx", "has 1 cell, and the first line 2"),
    ],
)
def test_a_broken_row_is_told_and_the_others_are_read(tmp_path: Path, name: str, data: str, said: str) -> None:
    (tmp_path / name).write_text(f"{data}\n" + ("x,noise\n" if "csv" in name else '{"text": "x"}\n'))
    (broken_at, broken), (_, whole) = read_rows(tmp_path / name, ("text",))
    assert broken_at == f"{tmp_path / name}:{2 if 'csv' in name else 1}"
    assert said in broken
    assert isinstance(whole, dict)
    assert whole["text"] == "x"


def test_a_file_that_is_missing_is_told_with_its_folder_and_what_lies_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"imported/a.csv: there is no such file; in .*imported/ .* there are: none"):
        list(read_rows(tmp_path / "imported/a.csv", ()))
    (tmp_path / "b.jsonl").write_text("")
    with pytest.raises(InputError, match=r"as .jsonl, .jsonl.gz, .csv, .csv.gz, .parquet; there are: b.jsonl"):
        list(read_rows(tmp_path / "a.csv", ()))


def test_parquet_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"something else")
    with pytest.raises(InputError, match=r"a.parquet: cannot be read as Parquet: Parquet magic bytes not found"):
        list(read_rows(path, ("text",)))

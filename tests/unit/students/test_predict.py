from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from stages.predict.rows import Format, predictions, read_lines
from stages.students.folder import fit_student
from stages.students.saving import save_student
from stages.students.training import TrainingSet
from tests.conftest import ROOT
from tests.unit.students.test_students import DATA, LABELS, TEXTS, TFIDF

STUDENT = fit_student(TFIDF, DATA)


def rows(lines: bytes, form: Any = None) -> list[dict[str, Any]]:
    return list(predictions(STUDENT, read_lines(lines.splitlines(keepends=True), form)))


def test_plain_lines() -> None:
    found = rows(b"my dog barks\n\n  the tax office \n{no json}\n")
    assert [each.get("text") for each in found] == ["my dog barks", None, "the tax office", "{no json}"]
    assert [each["label"] for each in found[:3]] == ["pets", None, "money"]
    assert found[1] == {"line": 2, "error": "is blank", "label": None}
    assert sum(found[0]["probabilities"].values()) == pytest.approx(1.0)
    assert list(found[0]["probabilities"]) == ["money", "pets"]


@pytest.mark.parametrize(
    ("first", "following", "form", "said"),
    [
        (b'{"text": "a dog"', [b'{"text": "tax"}'] * 2, "jsonl", "is no JSON object"),
        (b'{"text": "caf\xe9"}', [b'{"text": "tax"}'], "jsonl", "is no JSON object"),
        (b'{"text": "a dog"},', [b'{"text": "tax"},'], "jsonl", "is no JSON object"),
        (b'{"text": "a dog"', [], "jsonl", "is no JSON object"),
        (b"a dog", [b'{"text": "tax"}', b"", b"{"], "jsonl", "is no JSON object"),
        (b"{name}, a dog", [b'{"text": "tax"}'], "jsonl", "is no JSON object"),
        (b"{name}, a dog", [b"tax", b"tax", b'{"text": "tax"}'], "lines", "begins as JSON and is no object"),
        (b"{name}, a dog", [], "lines", "begins as JSON and is no object"),
        (b"{name}, a dog", [b"tax"] * 10 + [b'{"text": "tax"}'] * 90, "lines", "begins as JSON and is no object"),
        (b'[{"text": "a dog"},', [b'{"text": "tax"}]'], "lines", "begins as JSON and is no object"),
        (b'{"text": "a dog"}', [b"tax"] * 2, "jsonl", ""),
        (b"a dog", [b'{"text": "tax"}', b"tax", b"tax"], "lines", ""),
    ],
)
def test_a_first_line_that_is_broken_does_not_decide_alone_what_the_lines_are(
    first: bytes, following: list[bytes], form: Format, said: str
) -> None:
    told = list[str]()
    lines = [b" \n", first, *following]
    assert list(read_lines(lines, None, told.append)) == list(read_lines(lines, form))
    assert [each.startswith(f"line 2 {said}") for each in told] == ([True] if said else [])


def test_what_lines_are_is_told_by_the_first_few() -> None:
    taken = list[int]()

    def endless() -> Iterator[bytes]:
        for number in count():
            taken.append(number)
            yield b"{no json}\n"

    assert next(read_lines(endless(), None)).fields == {"text": "{no json}"}
    assert len(taken) == 11


@pytest.mark.parametrize("form", [None, "lines", "jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_first_text(form: str | None) -> None:
    line = b"a dog\n" if form == "lines" else b'{"text": "a dog"}\n'
    assert rows(b"\xef\xbb\xbf" + line * 2, form) == rows(line * 2, form)
    assert rows(b"\xef\xbb\xbf\na dog") == rows(b"\na dog")


def test_json_lines_carry_their_other_fields_and_lose_none() -> None:
    line = json.dumps({"text": "a dog", "id": 7, "label": "money", "line": [1]}).encode()
    (found,) = rows(line)
    assert (found["id"], found["label"], found["given"]) == (7, "pets", {"label": "money", "line": [1]})
    assert rows(line, "lines")[0]["text"] == line.decode()
    assert rows(b'{"text": "a dog", "given": 1, "label": "q"}')[0]["given"] == {"given": 1, "label": "q"}
    again = rows(json.dumps(found).encode())[0]["given"]
    assert again == {name: found[name] for name in ("given", "label", "probabilities")}
    (lacking,) = rows(b'{"id": 7, "label": "money"}')
    assert (lacking["id"], lacking["label"], lacking["given"]) == (7, None, {"label": "money"})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"text" 1}', "is not JSON: Expecting ':' delimiter at character 9"),
        (b'"text"', "no object"),
        (b'{"text": ""}', 'expected some text, found ""'),
        (b'{"id": 1}', "expected some text, found null"),
        (b'{"text": "a", "x": NaN}', "NaN is no number"),
        (b'{"text": "\xff"}', "is not UTF-8: invalid start byte at byte 11"),
        (b"[" * 100_000, "is not JSON"),
    ],
)
def test_a_broken_line_costs_its_own_row_alone_which_says_why(line: bytes, said: str) -> None:
    good = b'{"text": "a dog"}\n'
    one, blank, two, three = rows(good + b"\n" + line + b"\n" + good)
    assert one == three
    assert blank["error"] == "is blank"
    assert two["line"] == 3
    assert said in two["error"]
    assert set(two) - {"text", "id"} == {"line", "error", "label"}
    assert two["label"] is None


def test_several_labels() -> None:
    texts, labels = [*TEXTS, "a tax on dogs"], [*((each,) for each in LABELS), ("pets", "money")]
    student = fit_student(TFIDF, TrainingSet.of(texts, labels, multilabel=True))
    (row,) = predictions(student, read_lines([b"a tax on dogs"], None))
    assert row["labels"] == ["money", "pets"]
    assert "label" not in row
    assert list(predictions(student, read_lines([b" \n"], None))) == [{"line": 1, "error": "is blank", "labels": None}]


def command(folder: Path, *arguments: str, said: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-m", "stages.predict", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(words, cwd=folder, env=environment, input=said, capture_output=True, check=False)


def test_lines_after_a_broken_first_one_are_labelled(tmp_path: Path) -> None:
    save_student(tmp_path / "model", STUDENT, {"kind": "tfidf"})
    done = command(tmp_path, "--model", "model", said=b'{"text":"fine"\n{"text":"my dog"}\n{"text":"tax"}\n')
    assert [json.loads(row)["label"] for row in done.stdout.splitlines()] == [None, "pets", "money"]
    assert done.returncode == 1
    assert b"standard input: line 1 is no JSON object, and all are read as JSON lines; --format lines" in done.stderr


def test_the_command_line(tmp_path: Path) -> None:
    save_student(tmp_path / "model", STUDENT, {"kind": "tfidf"})
    done = command(tmp_path, "--model", "model", said=b'{"text": "my dog"}\n{"text": 5}\n')
    good, bad = map(json.loads, done.stdout.splitlines())
    assert (good["label"], bad["line"], done.returncode) == ("pets", 2, 1)
    assert b"standard input: 1 line without a text, with an error in place of the label" in done.stderr
    done = command(tmp_path, "--model", "model", "-", said=b"\nmy dog\n \n")
    assert [json.loads(row)["label"] for row in done.stdout.splitlines()] == [None, "pets", None], "a row for each line"
    assert done.returncode == 0
    assert b"standard input: 2 blank lines, with null for the label" in done.stderr
    (tmp_path / "in.txt").write_text("tax\n" * 5)
    done = command(tmp_path, "--model", "model", "in.txt")
    assert (done.returncode, done.stderr, done.stdout.count(b"\n")) == (0, b"", 5)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--model: is missing"),
        (["--model", "none"], "none/student.json: is missing"),
        (["--model", "model", "none.txt"], "none.txt: cannot be read: No such file"),
        (["--model", "model", "--format", "xml"], "expected lines or jsonl, found 'xml'"),
    ],
)
def test_what_is_missing(tmp_path: Path, arguments: list[str], said: str) -> None:
    save_student(tmp_path / "model", STUDENT, {"kind": "tfidf"})
    done = command(tmp_path, *arguments)
    assert done.returncode == 1
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough(tmp_path: Path) -> None:
    save_student(tmp_path / "model", STUDENT, {"kind": "tfidf"})
    (tmp_path / "in.txt").write_text("the tax on my dog\n" * 20_000)
    words = [sys.executable, "-m", "stages.predict", "--model", "model", "in.txt"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert json.loads(running.stdout.readline())["label"]
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0

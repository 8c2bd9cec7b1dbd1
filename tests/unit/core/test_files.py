from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import files
from stages.core.errors import ArtifactError
from stages.core.records import Generated, PlannedText, Prompt, Rejected, Text

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters())
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_what_is_written_is_valid_utf8_and_reads_back(value: dict[str, object]) -> None:
    text = files.dumps(value)
    assert json.loads(text.encode("utf-8")) == json.loads(json.dumps(files._rounded(value)))
    assert "\n" not in text


def test_half_a_surrogate_pair_is_kept_as_an_escape() -> None:
    assert files.dumps({"a": "x\ud800y"}) == '{"a": "x\\ud800y"}'
    assert json.loads(files.dumps({"a": "x\ud800y"})) == {"a": "x\ud800y"}


def test_keys_are_sorted_and_floats_rounded() -> None:
    assert files.dumps({"b": 0.1 + 0.2, "a": [1 / 3]}) == '{"a": [0.333333], "b": 0.3}'


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a" / "file.jsonl"
    files.write_text(path, "old")

    def breaking() -> Iterator[files.Json]:
        yield {"a": 1}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        files.write_records(path, breaking())
    assert path.read_text() == "old"
    assert list(path.parent.iterdir()) == [path]


def test_records_read_back(tmp_path: Path) -> None:
    rows = (PlannedText(0, {"tone": "calm"}), PlannedText(1, also=("parcel", "plants")))
    prompt = Prompt("noise", rows, ({"role": "user", "content": "hi"},), as_json=True, sample=2)
    generated = Generated("noise", rows, True, 0, "key", "text", "stop", 3, 4, None, "m", None, "id", None)
    several = Rejected("refused", None, "noise", 0, {}, ("parcel",))
    for record in (prompt, generated, Text("hi", "noise", 0, {}), several):
        path = tmp_path / "file.jsonl"
        assert files.write_records(path, [record, record]) == 2
        assert list(files.read_records(path, type(record), "stage")) == [record, record]
    assert several.labels == ("noise", "parcel")


def test_what_a_record_does_not_have_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    files.write_records(path, [Prompt("noise", (PlannedText(0),), (), as_json=False, sample=0)])
    row = '{"as_json": false, "label": "noise", "messages": [], "rows": [{"attributes": {}, "index": 0}], "sample": 0}'
    assert path.read_text() == row + "\n"
    files.write_records(path, [Text("hi", "noise", 0, {}), Text("hi", "noise", 0, {}, ("parcel",))])
    assert ["also" in line for line in path.read_text().splitlines()] == [False, True]
    files.write_records(path, [Text("hi", "noise", 0, {}), Text("hi", "noise", 0, {}, reserve=True)])
    assert ["reserve" in line for line in path.read_text().splitlines()] == [False, True]
    assert [each.reserve for each in files.read_records(path, Text, "stage")] == [False, True]


@pytest.mark.parametrize("line", ["{", "[]", '{"text": "a"}', '{"text": 1, "x": 2}', "3"])
def test_a_broken_artifact_is_told_with_its_line_and_the_way_out(tmp_path: Path, line: str) -> None:
    path = tmp_path / "file.jsonl"
    path.write_text(f"{files.dumps({'text': 'a', 'label': 'b', 'index': 0, 'attributes': {}})}\n{line}\n")
    with pytest.raises(
        ArtifactError, match=r"file.jsonl:2: is not what stage clean writes .* run: dvc repro --force clean"
    ):
        list(files.read_records(path, Text, "clean"))


def test_a_missing_artifact_names_its_stage(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="stage clean writes it"):
        list(files.read_records(tmp_path / "none", Text, "clean"))
    with pytest.raises(ArtifactError, match="stage validate writes it"):
        files.read_json(tmp_path / "none", "validate")

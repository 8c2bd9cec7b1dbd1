from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from stages.core import files
from stages.core.errors import InputError
from stages.core.records import PlannedText, Prompt
from stages.design.imported import check_imported, plan_imported, read_imported
from tests.unit.conftest import task_with
from tests.unit.core.test_tables import write_table

OTHER_NAMES = """\
imported:
  text: body
  label: class
  attributes: [tone, length]
  labels: {Too loud: noise, "1": parcel}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lines(*rows: Any) -> Path:
    return write_table(Path("theirs.jsonl"), list(rows))


def problems(*rows: Any, more: str = "") -> tuple[str, ...]:
    path = lines(*rows)
    with pytest.raises(InputError) as caught:
        check_imported(path, task_with(more))
    return caught.value.problems


def row(text: object = "a note", label: object = "noise") -> dict[str, object]:
    return {"text": text, "label": label}


def test_the_first_of_each_label_in_the_order_of_the_file() -> None:
    path = lines(*(row(f"{label} {n}", label) for n in range(3) for label in ("plants", "noise")), row("one", "parcel"))
    planned = list(plan_imported(path, task_with(), 2))
    assert [each.text for each in planned] == ["plants 0", "noise 0", "plants 1", "noise 1", "one"]
    assert [each.rows[0].index for each in planned] == [0, 0, 1, 1, 0]
    assert list(plan_imported(path, task_with(), 1)) == [planned[0], planned[1], planned[4]], "a prefix of each label"
    assert {(each.messages, each.as_json, each.sample) for each in planned} == {((), False, 0)}


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".parquet"])
def test_columns_and_labels_that_have_other_names(ending: str) -> None:
    rows = [
        {"body": "it is loud", "class": "Too loud", "tone": "angry", "length": "2 to 9 words", "id": "7"},
        {"body": "it is here", "class": "1", "tone": "", "length": "", "id": "8"},
        {"body": "they are dry", "class": "plants", "tone": "calm", "length": "", "id": "9"},
    ]
    found = list(plan_imported(write_table(Path(f"theirs{ending}"), rows), task_with(OTHER_NAMES), 9))
    assert [(each.label, each.text) for each in found] == [
        ("noise", "it is loud"), ("parcel", "it is here"), ("plants", "they are dry")
    ]  # fmt: skip
    assert [each.rows[0] for each in found] == [
        PlannedText(0, {"tone": "angry", "length": "2 to 9 words"}), PlannedText(0), PlannedText(0, {"tone": "calm"})
    ]  # fmt: skip


def test_a_label_may_be_a_number() -> None:
    [found] = read_imported(lines(row("here it is", 1)), task_with('imported: {labels: {"1": parcel}}'))
    assert found.labels == ("parcel",)
    [unquoted] = read_imported(lines(row("here it is", 1)), task_with("imported: {labels: {1: parcel}}"))
    assert unquoted == found


SEVERAL = 'kind: multilabel\nimported: {label: labels, separator: "|", labels: {"1": parcel, too loud: noise}}\n'


@pytest.mark.parametrize("ending", [".jsonl", ".parquet"])
def test_several_labels_in_a_list(ending: str) -> None:
    rows = [{"text": "a", "labels": ["plants", "too loud"]}, {"text": "b", "labels": ["1"]}]
    rows += [{"text": "c", "labels": ["too loud", "parcel", "noise"]}, {"text": "d", "labels": ["parcel", "plants"]}]
    path = write_table(Path(f"theirs{ending}"), rows)
    found = list(read_imported(path, task_with(SEVERAL)))
    assert [each.labels for each in found] == [
        ("noise", "plants"), ("parcel",), ("noise", "parcel"), ("parcel", "plants")
    ]  # fmt: skip
    planned = list(plan_imported(path, task_with(SEVERAL), 1))
    assert [(each.label, each.text, each.rows) for each in planned] == [
        ("noise", "a", (PlannedText(0, also=("plants",)),)), ("parcel", "b", (PlannedText(0),))
    ]  # fmt: skip


def test_several_labels_in_a_cell() -> None:
    path = Path("theirs.csv")
    path.write_text("text,labels\na,plants | too loud\nb,1\nc,plants|\n")
    found = list(read_imported(path, task_with(SEVERAL)))
    assert [each.labels for each in found] == [("noise", "plants"), ("parcel",), ("plants",)]


def test_several_labels_that_cannot_be() -> None:
    [none, strange] = problems({"text": "a", "labels": []}, {"text": "b", "labels": ["noise", 7]}, more=SEVERAL)
    assert none == "theirs.jsonl:1: column 'labels': expected at least one label, found none"
    assert strange.startswith("theirs.jsonl:2: column 'labels': label '7' is not in task.yaml; say under imported:")
    [several] = problems(row(label=["noise"]), row(label=["noise", "parcel"]))
    assert several.startswith("theirs.jsonl:2: column 'label': 2 labels (noise, parcel), and a text of this task has")
    assert several.endswith("write kind: multilabel into task.yaml")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (row(""), "theirs.jsonl:2: column 'text': the text is empty"),
        (row(" \n"), "theirs.jsonl:2: column 'text': the text is empty"),
        (row(7), "theirs.jsonl:2: column 'text': expected a string, found 7"),
        (row(None), "theirs.jsonl:2: column 'text': expected a string, found None"),
        (row(label=None), "theirs.jsonl:2: column 'label': expected a string, found None"),
        (row(label=True), "theirs.jsonl:2: column 'label': expected a string, found True"),
        (row(label=3), "theirs.jsonl:2: column 'label': label '3' is not in task.yaml; say under imported: labels:"),
        (row(label="Parcels"), "which of its labels that is; 'Parcels': parcel, perhaps"),
        ({"text": "x"}, "theirs.jsonl:2: no column 'label'; there are: 'text'"),
        ("x", "theirs.jsonl:2: not a JSON object"),
    ],
)
def test_a_wrong_row_is_told_with_its_line_and_column(wrong: Any, said: str) -> None:
    [problem] = problems(row(), wrong, row())
    assert said in problem
    assert problem.startswith("theirs.jsonl:2: ")


def test_attributes_that_are_wrong() -> None:
    good = {"text": "x", "label": "noise", "length": None}
    [kind, form] = problems(
        good, {**good, "length": 3}, {**good, "length": "short"}, more="imported: {attributes: [length]}"
    )
    assert kind == "theirs.jsonl:2: column 'length': expected a string, found 3"
    assert form.startswith(
        "theirs.jsonl:3: column 'length': 'short' is no length: write it as '8 to 20 words', or take"
    )


def test_a_strange_label_is_one_problem_however_many_rows_have_it() -> None:
    [first, second] = problems(row(), row(label="loud"), *[row(label="late")] * 1200, row(label="loud"))
    assert first.startswith("theirs.jsonl:2: ")
    assert first.endswith("(2 rows)")
    assert second.startswith("theirs.jsonl:3: ")
    assert second.endswith("(1,200 rows)")


def test_ten_problems_are_shown_and_the_rest_counted() -> None:
    told = problems(*(row(label=f"x{n}") for n in range(2000)), row(""))
    assert len(told) == 11
    assert told[-1] == "theirs.jsonl: and 1,991 rows more"


def test_an_empty_file() -> None:
    for name, text in (("a.jsonl", "\n"), ("b.csv", ""), ("c.csv", "text,label\n")):
        Path(name).write_text(text)
        with pytest.raises(InputError, match=f"{name}: is empty; it holds a labelled text a row"):
            check_imported(Path(name), task_with())


@pytest.mark.parametrize("ending", [".jsonl", ".csv", ".csv.gz"])
def test_rows_do_not_gather_in_memory(ending: str) -> None:
    task, rows = task_with(), [row(f"note {n} " * 20) for n in range(20_000)]
    path = write_table(Path(f"theirs{ending}"), rows)
    tracemalloc.start()
    assert sum(1 for _ in plan_imported(path, task, len(rows))) == len(rows)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 500_000, "bytes; the texts have four million"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("imported: {labels: {a: loud}}\n", "imported.labels.a: 'loud' is not among labels"),
        ("imported: {colour: x}\n", "task.yaml:8: imported.colour: unknown key; known here: attributes, label, labels"),
        ("imported: {text: 3}\n", "task.yaml:8: imported.text: expected a string, found 3"),
        ("imported: theirs.jsonl\n", "task.yaml:8: imported: expected"),
    ],
)
def test_mistakes_in_task_yaml(more: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        task_with(more)
    assert message in str(caught.value)


def test_a_plan_is_json_that_says_text_only_where_there_is_one(tmp_path: Path) -> None:
    asked = Prompt("noise", (PlannedText(0, {"tone": "calm"}),), ({"role": "user", "content": "hi"},), True, 2)
    [imported] = plan_imported(lines(row()), task_with(), 1)
    files.write_records(tmp_path / "plan.jsonl", [asked, imported])
    first, second = (tmp_path / "plan.jsonl").read_text().splitlines()
    assert first == (
        '{"as_json": true, "label": "noise", "messages": [{"content": "hi", "role": "user"}], '
        '"rows": [{"attributes": {"tone": "calm"}, "index": 0}], "sample": 2}'
    ), "the bytes that it had before texts could be imported"
    assert json.loads(second)["text"] == "a note"
    assert list(files.read_records(tmp_path / "plan.jsonl", Prompt, "prompts")) == [asked, imported]

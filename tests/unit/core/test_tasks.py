from __future__ import annotations

from pathlib import Path

import pytest

from stages.core import paths
from stages.core.errors import InputError
from stages.core.lengths import WordRange
from stages.core.tasks import LabelledText, load_task, read_labelled
from tests.conftest import TASK, write_task
from tests.unit.conftest import task_with


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_task_with_descriptions() -> None:
    write_task("notes")
    task = load_task("notes")
    assert task.names == ("noise", "parcel", "plants")
    assert task.words == WordRange(2, 40)
    assert task.labels[0].description == "complains that something is loud"
    assert task.dimensions == ()
    assert task.propose


def test_labels_may_be_a_list_and_keep_the_names_that_data_have() -> None:
    write_task("bank", 'domain: d\nlabels: [card_arrival, "reverted_card_payment?", Refund_not_showing_up]\n')
    task = load_task("bank")
    assert task.names == ("card_arrival", "reverted_card_payment?", "Refund_not_showing_up")
    assert [label.title for label in task.labels] == ["card arrival", "reverted card payment?", "Refund not showing up"]


SEVERAL = "domain: d\nlabels: [a, b]\nkind: multilabel\ntogether:\n"


def test_a_text_may_have_several_labels_where_the_task_says_so() -> None:
    assert not task_with().multilabel
    task = task_with("kind: multilabel\ntogether: {noise: {plants: 0.25, parcel: 1}, plants: {}}\n")
    assert task.multilabel
    assert task.together == {"noise": {"plants": 0.25, "parcel": 1.0}, "plants": {}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("domain: d\n", "labels: missing"),
        ("domain: d\nlabels: []\n", "expected at least two labels, found none"),
        ("domain: d\nlabels: {one: only}\n", "expected at least two labels, found 1"),
        ("domain: d\nlabels:\n", "labels: expected"),
        ("labels: [a, b]\n", "domain: missing"),
        ("domain: ''\nlabels: [a, b]\n", "domain"),
        ("domain: d\nlabels: [a, b, a]\n", "task.yaml:2: labels: 'a' stands here twice"),
        ("domain: d\nlabels:\n  a: x\n  b: y\n  a: z\n", "task.yaml:5: 'a' stands here for the second time"),
        ("domain: d\nlabels: [a_b, a b]\n", "'a_b' and 'a b' read the same in a prompt"),
        ("domain: d\nlabels: [a, 7]\n", "found 7"),
        ("domain: d\nlabels:\n  a: x\n  b: [y]\n", "task.yaml:4: labels.b: expected a string, found ['y']"),
        ("domain: d\nlabels: [a, b]\nform: 3\n", "task.yaml:3: form: expected a string, found 3"),
        ("domain: d\nlabels: [a, b]\nlenght: 3\n", "task.yaml:3: lenght: unknown key"),
        ("domain: d\nlabels: [a, b]\nwords: [9, 3]\n", "expected the shortest length first"),
        ("domain: d\nlabels: [a, b]\nwords: [few, many]\n", "words.0: expected an integer, found 'few'"),
        ("domain: d\nlabels: [a, b]\ndimensions:\n- name: Big Tone\n  about: x\n", "'Big Tone' is no slug"),
        ("domain: d\nlabels: [a, b]\ndimensions:\n- name: length\n  about: x\n  values: [short]\n", "'8 to 20 words'"),
        ("domain: [d\n", "not valid YAML"),
        ("domain: d\nlabels: [a, b]\nkind: several\n", "task.yaml:3: kind: expected 'multiclass' or 'multilabel'"),
        ("domain: d\nlabels: [a, b]\ntogether: {a: {b: 0.5}}\n", "task.yaml:3: together: the texts of this task have"),
        (SEVERAL + "  a: {b: 1.5}\n", "task.yaml:5: together.a.b: expected less than or equal to 1, found 1.5"),
        (SEVERAL + "  a: {b: -1}\n", "task.yaml:5: together.a.b: expected greater than or equal to 0, found -1"),
        (SEVERAL + "  b:\n    a: 0.5\n    b: 0.5\n", "task.yaml:7: together.b.b: 'b' always goes together with itself"),
        (SEVERAL + "  a: {c: 0.5}\n", "task.yaml:5: together.a.c: 'c' is not among labels"),
        (SEVERAL + "  c: {b: 0.5}\n", "task.yaml:5: together.c: 'c' is not among labels"),
        (
            'domain: d\nlabels: [a, b]\nimported: {separator: ";"}\n',
            "task.yaml:3: imported.separator: separates several",
        ),
    ],
)
def test_what_is_wrong_with_a_task_is_told_with_its_place(text: str, message: str) -> None:
    write_task("bad", text)
    with pytest.raises(InputError) as caught:
        load_task("bad")
    assert message in str(caught.value)
    assert all(each.startswith("data/tasks/bad/task.yaml") for each in caught.value.problems)


def test_a_task_that_is_not_there() -> None:
    with pytest.raises(InputError, match=r"data/tasks/none/task.yaml: there is no such file"):
        load_task("none")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "hello", "label": "noise"', "test.jsonl:3: not a JSON object"),
        ("[" * 100_000, "test.jsonl:3: not a JSON object"),
        ('["hello", "noise"]', "test.jsonl:3: expected"),
        ('{"text": "hello"}', "test.jsonl:3: expected"),
        ('{"text": 5, "label": "noise"}', "test.jsonl:3: expected"),
        ('{"text": "  ", "label": "noise"}', "test.jsonl:3: the text is empty"),
        ('{"text": "hello", "label": 3}', 'test.jsonl:3: expected "label": a string'),
        ('{"text": "hello", "labels": "noise"}', 'test.jsonl:3: expected "label": a string, or "labels": a list'),
        ('{"text": "hello", "labels": ["noise", 3]}', 'test.jsonl:3: expected "label": a string, or "labels": a list'),
        ('{"text": "hello", "labels": []}', "test.jsonl:3: expected at least one label, found none"),
        ('{"text": "hello", "labels": ["noise"], "label": "noise"}', "test.jsonl:3: has a label and labels"),
        ('{"text": "hello", "labels": ["noise", "noise"]}', "test.jsonl:3: label 'noise' stands there twice"),
        ('{"text": "hello", "labels": ["noise", "noize"]}', "test.jsonl:3: label 'noize' is not in task.yaml"),
        ('{"text": "hello", "label": "noize"}', "test.jsonl:3: label 'noize' is not in task.yaml"),
        (r'{"text": "hello \ud800 you", "label": "noise"}', "test.jsonl:3: \\ud800 is half of a surrogate pair"),
        (r'{"text": "hello", "label": "noise", "id": ["\uDCFF"]}', "test.jsonl:3: \\udcff is half of a surrogate"),
    ],
)
@pytest.mark.parametrize("kind", ["multiclass", "multilabel"])
def test_a_broken_line_of_a_test_set_is_told_with_its_number(line: str, message: str, kind: str) -> None:
    path = Path("test.jsonl")
    path.write_text(f'{{"text": "a b", "label": "noise"}}\n\n{line}\n')
    with pytest.raises(InputError) as caught:
        read_labelled(path, task_with(f"kind: {kind}\n"))
    assert message in str(caught.value)


def test_escapes_that_are_characters_and_a_byte_order_mark_are_no_mistake() -> None:
    path = Path("test.jsonl")
    path.write_text(r'{"text": "\ud83e\udd8a \\ud800", "label": "noise"}', encoding="utf-8-sig")
    assert read_labelled(path, task_with()) == [LabelledText("\U0001f98a \\ud800", "noise")]


def test_several_labels_of_a_text_stand_in_the_order_of_the_task() -> None:
    path = Path("test.jsonl")
    path.write_text('{"text": "a", "labels": ["plants", "noise"]}\n{"text": "b", "label": "parcel"}\n')
    first, second = read_labelled(path, task_with("kind: multilabel\n"))
    assert first == LabelledText("a", "noise", ("plants",))
    assert (first.labels, second.labels) == (("noise", "plants"), ("parcel",))
    with pytest.raises(InputError, match=r"test.jsonl:1: 2 labels \(plants, noise\), .* write kind: multilabel into"):
        read_labelled(path, task_with())


def test_many_broken_lines_are_cut_short() -> None:
    path = Path("test.jsonl")
    path.write_text("x\n" * 25)
    with pytest.raises(InputError) as caught:
        read_labelled(path, task_with())
    assert len(caught.value.problems) == 11
    assert "and 15 lines more" in caught.value.problems[-1]
    path.write_text("x\n" * 11)
    with pytest.raises(InputError, match=r"test.jsonl: and 1 line more$"):
        read_labelled(path, task_with())


def test_a_test_set_that_is_missing_empty_or_not_text() -> None:
    path = Path("test.jsonl")
    with pytest.raises(InputError, match="there is no such file"):
        read_labelled(path, task_with())
    path.write_text("\n")
    with pytest.raises(InputError, match="is empty"):
        read_labelled(path, task_with())
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="is not UTF-8"):
        read_labelled(path, task_with())


def test_a_slug_cannot_leave_data() -> None:
    # Slugs are checked before they reach here; the paths alone would follow them anywhere.
    assert paths.task_file("notes") == Path("data/tasks/notes/task.yaml")
    write_task("notes", TASK)
    assert paths.task_file("notes").exists()

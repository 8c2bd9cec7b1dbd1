from __future__ import annotations

import json
from pathlib import Path

import pytest

from stages.core import paths
from stages.core.errors import ArtifactError, InputError
from stages.core.examples import Example
from stages.core.sections import Method
from stages.core.tasks import Task, load_task
from stages.design.brief import Brief, gather, read_brief, write_brief
from stages.design.gaps import gaps
from stages.design.table import AttributeTable, TableDimension
from tests.conftest import TASK, write_task

LINES = [{"text": " ur dog barks ", "label": "noise"}, {"text": "who has my parcel?"}]


def write_examples(*lines: object) -> None:
    paths.examples_file("notes").write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")


def test_what_may_be_missing_may_be_missing(task: Task) -> None:
    assert gather(task) == Brief()
    write_brief("notes", Brief())
    assert read_brief("notes") == Brief()


def test_examples_and_attributes_come_back_as_they_were(task: Task) -> None:
    write_examples(*LINES)
    paths.written_attributes("notes").write_text(
        "dimensions:\n- name: tone\n  about: a\n  values: {loud: 3, a calm one: 1}\n", encoding="utf-8"
    )
    brief = gather(task)
    assert brief.examples == (Example("ur dog barks", "noise"), Example("who has my parcel?", None))
    assert brief.table
    assert list(brief.table.dimensions[0].values) == ["loud", "a calm one"], "in their order"
    write_brief("notes", brief)
    assert read_brief("notes") == brief


@pytest.mark.usefixtures("task")
def test_examples_with_several_labels_come_back_too() -> None:
    write_task("notes", TASK + "kind: multilabel\n")
    write_examples({"text": "a", "labels": ["parcel", "noise"]}, {"text": "b", "label": "noise"}, {"text": "c"})
    brief = gather(load_task("notes"))
    assert [each.labels for each in brief.examples] == [("noise", "parcel"), ("noise",), ()]
    write_brief("notes", brief)
    assert read_brief("notes") == brief


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"text": "Your parcel is with us, on the second floor!"}, "stands in test.jsonl too"),
        ({"text": "x", "label": "nois"}, "label 'nois' is not in task.yaml"),
        ({"text": "  "}, "with a text; the label may be missing"),
        ({"text": "x", "labels": ["noise", "parcel"]}, "write kind: multilabel into task.yaml"),
        (["text"], "with a text; the label may be missing"),
    ],
)
def test_a_wrong_example_is_told_with_its_line(task: Task, line: object, message: str) -> None:
    write_examples(LINES[0], line)
    with pytest.raises(InputError, match=rf"notes/examples.jsonl:3: .*{message}"):
        gather(task)


def test_a_line_that_is_no_json(task: Task) -> None:
    paths.examples_file("notes").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"examples.jsonl:1: not a JSON object"):
        gather(task)


def test_an_artifact_that_somebody_edited(task: Task) -> None:
    write_brief(task.slug, Brief())
    paths.brief_file("notes").write_text('{"examples": [{"txt": 1}], "attributes": null}', encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"briefs/notes.json: is not what stage brief writes"):
        read_brief("notes")


def test_incompatible_values_that_are_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_task("notes", "domain: d\nlabels: [a, b]\nincompatible:\n- {tone: calm, size: big}\n")
    table = AttributeTable(dimensions=(TableDimension(name="tone", about="x", values={"calm": 1.0, "loud": 1.0}),))
    method = Method(template="attrprompt", attributes="all")
    assert list(gaps(load_task("notes"), table, method, 5)) == [
        "data/tasks/notes/task.yaml: incompatible: there is no value size: big"
    ]
    assert any("cannot have all 2 values of tone" in gap for gap in gaps(load_task("notes"), table, method, 1))

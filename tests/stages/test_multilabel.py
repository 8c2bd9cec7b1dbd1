"""Tasks in which a text may have several labels, through the stages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stages import (
    attributes,
    gold,
)
from stages.core import paths
from stages.core.errors import InputError
from stages.students.folder import load_student
from stages.students.student import predict
from tests.cells import sum_up, through
from tests.conftest import ROOT, TASK, TEXTS, edit_params, find_attributes, read_lines, write_task
from tests.llm_server import LlmServer

EMOTIONS = ROOT.parent / "shared" / "data" / "goemotions"


@pytest.fixture(autouse=True)
def _several(project: Path) -> None:
    del project
    write_task("notes", TASK + "kind: multilabel\n")


def learned(task: str, method: str) -> dict[str, Any]:
    """Run from `brief` to `evaluate`; returns the verdict of the gates."""
    find_attributes(task)
    through(task, method, "prompts", "validate")
    through(task, method, "train", "evaluate")
    verdict: dict[str, Any] = json.loads(paths.verdict_file(task, method).read_text())
    return verdict


@pytest.mark.parametrize("method", ["simprompt", "attrcontext"])
def test_from_class_names_to_a_student(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {"methods": [method], "students": ["tfidf"]}
    edit_params(lambda each: (each["run"].update(grid), each["prompts"].update(per_label=8)))
    with LlmServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        verdict = learned("notes", method)
        before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
        learned("notes", method)
        assert {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()} == before
    asked = read_lines(paths.refilled_file("notes", method))
    planned = [row.get("also", []) for each in asked for row in each["rows"]]
    assert [len(each) for each in planned].count(1) == 12, "half of them: a quarter has the one, a quarter the other"
    reached = json.loads(paths.prompts_metrics("notes", method).read_text())["noise"]["together"]
    assert reached == {"values": 2, "seen": 1.0, "deviation": 0.0}
    accepted = read_lines(paths.accepted_file("notes", method))
    assert [each.get("also", []) for each in sorted(accepted, key=lambda each: each["index"] // 5)] == planned
    assert verdict["multilabel"]
    assert verdict["label_sets"]["mean"] == 1.5
    assert {each["gate"] for each in verdict["results"]} >= {"label_sets", "class_balance"}
    assert "Labels that texts have together" in paths.validation_page("notes", method).read_text()
    assert load_student(paths.model_folder("notes", method, "tfidf")).multilabel
    through("notes", method, "annotate", "study")
    through("notes", method, "curve", "curve")
    sum_up("notes", method)
    row = json.loads(paths.SUMMARY.read_text())["notes"][method]["tfidf"]
    scores = json.loads(paths.scores_file("notes", method, "tfidf").read_text())
    assert {"macro_f1", "micro_f1", "map"} < set(row)
    assert {"precision_at_1", "recall_at_3", "ndcg_at_3", "map_low"} < set(scores)
    assert 0.5 < scores["map"] <= 1.0


def test_real_texts_with_several_labels_train_the_gold_row() -> None:
    rows = [{"text": f"{text} {n}", "label": label} for label in TEXTS for n, text in enumerate(TEXTS[label])]
    both = [
        {"text": f"{one} and {two}", "labels": ["plants", "noise"]} for one in TEXTS["noise"] for two in TEXTS["plants"]
    ]
    paths.train_file("notes").write_text("".join(json.dumps(each) + "\n" for each in [*rows, *both]))
    gold.main("notes", "tfidf")
    student = load_student(paths.model_folder("notes", "gold", "tfidf"))
    assert student.multilabel
    [found] = predict(student, [both[0]["text"]])  # type: ignore[list-item]
    assert set(found) == {"noise", "plants"}


def test_a_template_that_does_not_know_of_further_labels_is_told_before_anything_is_paid_for() -> None:
    (paths.METHOD_TEMPLATES / "own.j2").write_text('Write {{ n }} of "{{ label.title }}".\n')
    own = {"template": "own", "attributes": "none"}
    edit_params(lambda each: (each["methods"].update(own=own), each["run"].update(methods=["own"])))
    with pytest.raises(InputError, match=r"methods/own.j2: does not use `also`"):
        attributes.main("notes")
    write_task("notes", TASK)
    find_attributes("notes")


@pytest.mark.slow
@pytest.mark.skipif(not EMOTIONS.exists(), reason=f"{EMOTIONS} is not there: real data are not part of the project")
def test_real_comments_with_several_emotions_become_a_student_with_scores() -> None:
    labels = (EMOTIONS / "labels.txt").read_text().split()
    task = {"domain": "comments in online forums", "words": [1, 40], "kind": "multilabel", "labels": labels}
    folder = write_task("emotions", json.dumps({**task, "imported": {"label": "labels"}}))
    (folder / "imported").mkdir()
    (folder / "imported/dev.jsonl").write_bytes((EMOTIONS / "dev.jsonl").read_bytes())
    (folder / "test.jsonl").write_bytes((EMOTIONS / "test.jsonl").read_bytes())
    edit_params(
        lambda each: (
            each["methods"].update(theirs={"imported": "dev.jsonl"}),
            each["run"].update(tasks=["emotions"], methods=["theirs"], students=["tfidf"]),
            each["prompts"].update(per_label=30),
            # Names are masked in this set: [NAME].
            each["validation"].update(balance=0.1, quota_share=0.5, placeholders=1.0),
        )
    )
    verdict = learned("emotions", "theirs")
    dev = read_lines(EMOTIONS / "dev.jsonl")
    accepted = read_lines(paths.accepted_file("emotions", "theirs"))
    known = {each["text"].strip(): set(each["labels"]) for each in dev}
    assert all({each["label"], *each.get("also", [])} == known[each["text"]] for each in accepted)
    first = Counter(min(each["labels"], key=labels.index) for each in dev)
    rejected = len(read_lines(paths.rejected_file("emotions", "theirs")))
    assert len(accepted) + rejected == sum(min(30, count) for count in first.values())
    assert 1.1 < verdict["label_sets"]["mean"] < 1.5
    student = load_student(paths.model_folder("emotions", "theirs", "tfidf"))
    assert (student.multilabel, set(student.labels)) == (True, set(labels))
    test = read_lines(folder / "test.jsonl")
    found = predict(student, [each["text"] for each in test])
    scores = json.loads(paths.scores_file("emotions", "theirs", "tfidf").read_text())
    assert scores["texts"] == len(test)
    assert scores["map_low"] < scores["map"] < scores["map_high"]
    assert 0.1 < scores["macro_f1"] < scores["micro_f1"] < scores["map"] < scores["recall_at_5"], "chance is below 0.1"
    hits = sum(bool(set(one) & set(each["labels"])) for one, each in zip(found, test, strict=True))
    assert hits / len(test) > 0.3, "chance is below 0.1"

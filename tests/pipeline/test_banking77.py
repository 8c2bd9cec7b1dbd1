"""A task with many labels of real people, from its description to its scores."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.llm_server import LlmServer
from tests.pipeline.checkout import copy_project

pytestmark = pytest.mark.slow

BANKING77 = ROOT.parent / "shared" / "data" / "banking77"


@pytest.mark.skipif(not BANKING77.exists(), reason=f"{BANKING77} is not there: real data are not part of the project")
def test_a_task_of_77_real_intents_goes_through_without_a_change_of_code(tmp_path: Path) -> None:
    checkout = copy_project(tmp_path / "project")
    labels = json.loads((BANKING77 / "labels.json").read_text())
    folder = checkout.folder / "data/tasks/banking77"
    folder.mkdir(parents=True)
    task = {
        "domain": "messages that customers of an online bank send to its support chat",
        "words": [2, 40],
        "labels": labels,
    }
    (folder / "task.yaml").write_text(json.dumps(task))  # JSON is YAML
    for name in ("test.jsonl", "train.jsonl"):
        shutil.copy(BANKING77 / name, folder)
    checkout.edit(
        lambda each: (
            each["run"].update(
                tasks=["banking77"], methods=["attrprompt", "context"], students=["tfidf"], gold=["banking77"]
            ),
            # As few questions as there can be: each is put for each of the 77 labels.
            each["attributes"].update(dimensions=1, values=3),
            each["prompts"].update(per_label=10, texts_per_request=10),
            each["evaluate"].update(resamples=100),
            each["judge"].update(texts=0),
            each["annotate"].update(texts=0),
            each["worth"].update(per_label=[1, 8], draws=1),
        )
    )
    with LlmServer() as server:
        replace(checkout, environment={**checkout.environment, "OPENAI_BASE_URL": server.url}).repro()
    summary = checkout.json("data/reports/summary.json")["banking77"]
    assert summary["attrprompt"]["accepted"] == summary["context"]["accepted"] == 770
    # Ten thousand real training texts teach this student well; the server's made-up words teach it next to nothing.
    assert 0.8 < summary["gold"]["tfidf"]["macro_f1"] < 0.95
    assert summary["context"]["tfidf"]["macro_f1"] < 0.5
    assert summary["context"]["tfidf"]["worth_in_words"].split(" (")[0] == "fewer than 1"

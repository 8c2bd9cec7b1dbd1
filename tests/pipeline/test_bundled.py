"""The bundled task, from the recordings alone, gives what is committed; and so does half of it."""

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


def test_the_bundled_task_runs_offline_and_gives_what_is_committed(tmp_path: Path) -> None:
    checkout = copy_project(tmp_path / "project", bundled=True)
    checkout.commit("the project")
    committed = (checkout.folder / "data/reports/summary.json").read_text()
    ran = checkout.repro()
    # The report need not run: what it is made from came out as it was, and what it writes is in Git.
    assert len([name for name in ran if name != "report"]) == 2 + 4 * 4 + 8 * 3
    assert (checkout.folder / "data/reports/summary.json").read_text() == committed
    assert committed == (ROOT / "data/reports/summary.json").read_text()
    assert not (tmp_path / "answers.sqlite").exists(), "the recordings hold every answer"

    checkout.commit("a run")
    half = ("prompts.per_label=10", "run.methods=[attrprompt]", "run.students=[tfidf]")
    said = checkout.run("dvc", "exp", "run", "--name", "half", *(part for each in half for part in ("-S", each)))
    assert "Ran experiment" in said
    found = checkout.json("data/reports/summary.json")["support_tickets"]["attrprompt"]
    assert found["accepted"] + found["rejected"] == 120


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
            each["prompts"].update(per_label=10),
        )
    )
    with LlmServer() as server:
        replace(checkout, environment={**checkout.environment, "OPENAI_BASE_URL": server.url}).repro()
    summary = checkout.json("data/reports/summary.json")["banking77"]
    assert summary["attrprompt"]["accepted"] == summary["context"]["accepted"] == 770
    # Ten thousand real training texts teach this student well; the server's made-up words teach it next to nothing.
    assert 0.8 < summary["gold"]["tfidf"]["macro_f1"] < 0.95
    assert summary["context"]["tfidf"]["macro_f1"] < 0.5

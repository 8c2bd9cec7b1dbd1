"""The bundled task, from the recordings alone, gives what is committed; and so does half of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pipeline.checkout import copy_project

pytestmark = pytest.mark.slow


def test_the_bundled_task_runs_offline_and_gives_what_is_committed(tmp_path: Path) -> None:
    checkout = copy_project(tmp_path / "project", bundled=True)
    checkout.commit("the project")
    committed = (checkout.folder / "data/reports/summary.json").read_text()
    ran = checkout.repro()
    # The report need not run: what it is made from came out as it was, and what it writes is in Git.
    assert len([name for name in ran if name != "report"]) == 3 + 4 * 9 + 8 * 3 + 1
    assert (checkout.folder / "data/reports/summary.json").read_text() == committed
    assert committed == (ROOT / "data/reports/summary.json").read_text()
    assert not (tmp_path / "answers.sqlite").exists(), "the recordings hold every answer"

    checkout.commit("a run")
    half = ("prompts.per_label=10", "run.methods=[attrprompt]", "run.students=[tfidf]")
    said = checkout.run("dvc", "exp", "run", "--name", "half", *(part for each in half for part in ("-S", each)))
    assert "Ran experiment" in said
    found = checkout.json("data/reports/summary.json")["support_tickets"]["attrprompt"]
    assert found["accepted"] + found["rejected"] == 120

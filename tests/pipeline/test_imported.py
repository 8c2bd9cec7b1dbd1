"""A labelled set that was made elsewhere, through real DVC."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import TEXTS, write_task
from tests.pipeline.checkout import copy_project

pytestmark = pytest.mark.slow


def test_a_set_made_elsewhere_is_one_more_method(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = copy_project(tmp_path / "project")
    monkeypatch.chdir(checkout.folder)
    theirs = write_task("notes") / "imported/theirs.csv"
    theirs.parent.mkdir()
    rows = [f"note {n} about {label},{label}\n" for label in TEXTS for n in range(6)]
    theirs.write_text("text,label\n" + "".join(rows))
    checkout.edit(
        lambda each: (
            each["methods"].update(theirs={"imported": theirs.name}),
            each["run"].update(tasks=["notes"], methods=["theirs"], students=["tfidf"]),
            each["prompts"].update(per_label=5),
            each["annotate"].update(texts=0),
        )
    )
    stages = ["prompts", "generate", "refill", "clean", "judge", "validate", "annotate", "study", "dispute"]
    cells = [
        *(f"{each}@notes-theirs" for each in stages),
        *(f"{each}@notes-theirs-tfidf" for each in ("train", "evaluate", "curve")),
    ]
    assert sorted(checkout.repro()) == sorted(
        ["code", "brief@notes", "attributes@notes", *cells, "report", "dataset@notes"]
    )
    assert checkout.json("data/reports/summary.json")["notes"]["theirs"]["accepted"] == 15
    assert checkout.repro() == []

    theirs.write_text("text,label\n" + "".join([*rows, "one more about noise,noise\n"]))
    assert checkout.repro() == ["brief@notes", "prompts@notes-theirs"], "beyond per_label: the plan is as it was"
    theirs.write_text("text,label\n" + "".join(["one more about noise,noise\n", *rows]))
    assert set(cells[: len(stages)]) <= set(checkout.repro())
    theirs.write_text("text,label\nx,nois\n")
    assert "theirs.csv:2: column 'label': label 'nois' is not in task.yaml" in checkout.run("dvc", "repro", ok=False)

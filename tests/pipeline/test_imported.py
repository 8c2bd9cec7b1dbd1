"""A labelled set that was made elsewhere, through real DVC; and four such sets whose worth is known from elsewhere."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from stages import clean, evaluate, generate, prompts, train, validate
from stages.core import paths
from tests.conftest import ROOT, TEXTS, edit_params, find_attributes, write_task
from tests.pipeline.checkout import copy_project

pytestmark = pytest.mark.slow

SHARED = ROOT.parent / "shared" / "data"
KNOWN = {"exemplar": 0.832, "context": 0.800, "simprompt": 0.757, "attrprompt": 0.729}  # accuracy, by their makers


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
        )
    )
    stages = ["prompts", "generate", "clean", "validate"]
    cells = [
        *(f"{each}@notes-theirs" for each in stages),
        *(f"{each}@notes-theirs-tfidf" for each in ("train", "evaluate", "curve")),
    ]
    assert sorted(checkout.repro()) == sorted(["brief@notes", "attributes@notes", *cells, "report"])
    assert checkout.json("data/reports/summary.json")["notes"]["theirs"]["accepted"] == 15
    assert checkout.repro() == []

    theirs.write_text("text,label\n" + "".join([*rows, "one more about noise,noise\n"]))
    assert checkout.repro() == ["brief@notes", "prompts@notes-theirs"], "beyond per_label: the plan is as it was"
    theirs.write_text("text,label\n" + "".join(["one more about noise,noise\n", *rows]))
    assert set(cells[:5]) <= set(checkout.repro())
    theirs.write_text("text,label\nx,nois\n")
    assert "theirs.csv:2: column 'label': label 'nois' is not in task.yaml" in checkout.run("dvc", "repro", ok=False)


@pytest.mark.skipif(
    not (SHARED / "banking77_generated").exists(), reason=f"{SHARED}/banking77_generated is not part of the project"
)
@pytest.mark.usefixtures("project")
def test_sets_of_known_worth_come_out_in_their_order() -> None:
    labels = json.loads((SHARED / "banking77/labels.json").read_text())
    task = {"domain": "messages that customers of a bank send to its chat", "words": [2, 40], "labels": labels}
    folder = write_task("banking77", json.dumps(task))
    shutil.copy(SHARED / "banking77/test.jsonl", folder)
    (folder / "imported").mkdir()
    for name in KNOWN:
        shutil.copy(SHARED / f"banking77_generated/{name}.jsonl", folder / "imported")
    edit_params(
        lambda each: (
            each["methods"].update({name: {"imported": f"{name}.jsonl"} for name in KNOWN}),
            each["run"].update(tasks=["banking77"], methods=list(KNOWN), students=["linear"]),
            each["prompts"].update(per_label=10),
            each["evaluate"].update(resamples=100),
        )
    )
    find_attributes("banking77")
    found = dict[str, float]()
    for name in KNOWN:
        for stage in (prompts, generate, clean, validate):
            stage.main("banking77", name)
        train.main("banking77", name, "linear")
        evaluate.main("banking77", name, "linear")
        found[name] = json.loads(paths.scores_file("banking77", name, "linear").read_text())["accuracy"]
    assert sorted(found, key=found.__getitem__, reverse=True) == list(KNOWN)
    # Up to 20 texts of a set are also in the test set: their makers left them in, and `clean` does not.
    assert found == pytest.approx(KNOWN, abs=0.005)

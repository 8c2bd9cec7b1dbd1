"""The pipeline as a user runs it: real DVC, Git and HTTP server. Each test goes on where the last one ended."""

from __future__ import annotations

import json

import pytest

from tests.conftest import write_task
from tests.llm_server import LlmServer
from tests.pipeline.checkout import Checkout, clone

pytestmark = pytest.mark.slow

CELLS = ["notes-simprompt", "notes-attrprompt"]
PER_METHOD = ["prompts", "generate", "refill", "clean", "judge", "validate", "annotate", "study", "dispute"]
PER_STUDENT = ["train", "evaluate", "curve"]


def test_the_first_run_runs_everything(notes: Checkout, server: LlmServer) -> None:
    ran = notes.repro()
    assert sorted(ran) == sorted(
        ["code", "brief@notes", "attributes@notes", "report", "dataset@notes"]
        + [f"{stage}@{cell}" for stage in PER_METHOD for cell in CELLS]
        + [f"{stage}@{cell}-tfidf" for stage in PER_STUDENT for cell in CELLS]
    )
    summary = notes.json("data/reports/summary.json")["notes"]
    assert summary["simprompt"]["accepted"] == summary["attrprompt"]["accepted"] == 36
    # Similar labels, two rounds of dimensions and their merging, values, verdicts; two methods; five texts a label of
    # each to annotate, and real ones, which both methods share.
    assert len(server.bodies) == 3 + 3 + 4 + 3 + 2 * 9 + 2 * 3 + 3
    assert "nothing to commit" not in notes.run("git", "status")
    assert not list(notes.folder.glob("data/**/.gitignore")), "DVC writes no .gitignore of its own into data/"
    notes.commit("the first run")


def test_the_second_run_runs_nothing(notes: Checkout, server: LlmServer) -> None:
    asked = len(server.bodies)
    assert notes.repro() == []
    assert len(server.bodies) == asked
    assert notes.run("git", "status", "--porcelain") == ""


def test_ops_change_nothing(notes: Checkout) -> None:
    notes.edit(lambda each: each["ops"].update(concurrency=3, timeout_s=5.0))
    assert notes.repro() == []


def test_a_training_parameter_runs_training_and_what_is_below(notes: Checkout, server: LlmServer) -> None:
    asked = len(server.bodies)
    notes.edit(lambda each: each["students"]["tfidf"].update(c=1.0))
    ran = notes.repro()
    # The report, and the card that quotes it, run only where a score moved.
    assert {name.split("@")[0] for name in ran} - {"report", "dataset"} == {"train", "evaluate", "curve", "dispute"}
    assert len(server.bodies) == asked
    notes.commit("a weaker student")


def test_a_forced_run_changes_no_hash(notes: Checkout, server: LlmServer) -> None:
    asked = len(server.bodies)
    notes.run("dvc", "repro", "--force")
    assert notes.run("git", "status", "--porcelain") == "", "every artifact came out with the bytes that it had"
    assert len(server.bodies) == asked


def test_what_moved_is_told_in_a_fresh_clone_without_data(
    notes: Checkout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    fresh = clone(notes, tmp_path_factory.mktemp("reviewer") / "project")
    told = fresh.run("python", "-m", "stages.measures.diff", "HEAD~1", "HEAD")
    assert "| students.tfidf.c | 10.0 | 1.0 |" in told
    assert told.startswith("### Parameters\n\n| parameter | HEAD~1 | HEAD |")
    assert "### Metrics" in told
    none = fresh.run("python", "-m", "stages.measures.diff", "HEAD~2", "HEAD")
    assert "| notes | simprompt |  | accepted | - | 36 | - |" in none, "a revision without a summary"
    assert "Git knows no such revision" in fresh.run("python", "-m", "stages.measures.diff", "nothing", ok=False)


def test_plots_are_shown_and_compared(notes: Checkout) -> None:
    for command in (["show"], ["diff", "HEAD~1"]):
        notes.run("dvc", "plots", *command, "-o", "dvc_plots")
        page = (notes.folder / "dvc_plots" / "index.html").read_text()
        assert "tfidf_confusion_csv" in page
        assert "tfidf_per_class_csv" in page
        assert "tfidf_curve_csv" in page
        assert "diversity_csv" in page
        assert "values_csv" in page
        assert "<DVC_METRIC_" not in page


def test_an_experiment_in_a_folder_of_its_own_asks_for_nothing_new(notes: Checkout, server: LlmServer) -> None:
    asked = len(server.bodies)
    less = ("-S", "prompts.per_label=8", "-S", "annotate.texts=0")
    said = notes.run("dvc", "exp", "run", "--temp", "--name", "half", *less)
    assert "Ran experiment" in said
    assert len(server.bodies) == asked
    assert notes.run("git", "status", "--porcelain") == "", "the workspace is as it was"
    shown = json.loads(notes.run("dvc", "metrics", "diff", "--json", "HEAD", "half").splitlines()[-1])
    moved = shown["data/reports/summary.json"]
    assert moved["notes.simprompt.accepted"] == {"old": 36, "new": 24, "diff": -12}
    params = json.loads(notes.run("dvc", "params", "diff", "--json", "HEAD", "half").splitlines()[-1])
    assert sorted(params["params.yaml"]) == ["annotate.texts", "prompts.per_label"], "-S changes a line of params.yaml"


def test_a_cell_taken_out_of_the_grid_leaves_the_report(notes: Checkout) -> None:
    notes.edit(lambda each: each["run"].update(methods=["simprompt"]))
    ran = notes.repro()
    assert "attrprompt" not in notes.json("data/reports/summary.json")["notes"]
    assert not [name for name in ran if name.split("@")[0] in ("train", "evaluate", "generate")]
    notes.edit(lambda each: each["run"].update(methods=["simprompt", "attrprompt"]))
    notes.repro()
    assert "attrprompt" in notes.json("data/reports/summary.json")["notes"]


def test_a_test_text_more_asks_for_nothing_but_what_it_has(notes: Checkout, server: LlmServer) -> None:
    asked = len(server.bodies)
    path = notes.folder / "data/tasks/notes/test.jsonl"
    path.write_text(path.read_text() + '{"text": "the ferns again", "label": "plants"}\n')
    ran = {name.split("@")[0] for name in notes.repro()}
    below = {"brief", "prompts", "refill", "clean", "judge", "validate", "annotate", "study", "evaluate", "curve"}
    assert ran == {*below, "report", "dataset"}, "the plan comes out as it was"
    assert len(server.bodies) == asked + 1, "for both methods"


def test_a_gate_that_fails_stops_the_run_and_leaves_its_page(notes: Checkout) -> None:
    notes.run("git", "checkout", "-q", ".")
    notes.repro()
    notes.edit(lambda each: each["validation"].update(texts_per_value=20))
    said = notes.run("dvc", "repro", ok=False)
    assert "attribute_coverage: wanted at least 100% of the values have 20 or more texts of their label" in said
    assert "failed to reproduce 'validate@notes-attrprompt'" in said
    assert "Running stage 'train@notes-attrprompt-tfidf'" not in said
    assert "gates failed" in (notes.folder / "data/validation/notes/attrprompt.html").read_text()
    assert not notes.json("data/metrics/validate/notes/attrprompt.json")["passed"]


@pytest.mark.usefixtures("here")
def test_a_second_task_leaves_the_first_alone(notes: Checkout) -> None:
    notes.run("git", "checkout", "-q", ".")
    notes.repro()
    write_task(
        "other",
        'domain: cards\nlabels: ["Card_arrival?", pin]\n',
        {"Card_arrival?": ["where is my card"], "pin": ["my pin"]},
    )
    notes.edit(lambda each: each["run"].update(tasks=["notes", "other"], methods=["simprompt"]))
    ran = notes.repro()
    assert {name for name in ran if "notes" in name} <= {"attributes@notes", "prompts@notes-simprompt", "dataset@notes"}
    assert set(notes.json("data/reports/summary.json")) == {"notes", "other"}

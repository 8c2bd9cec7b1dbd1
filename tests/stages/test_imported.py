"""A labelled set that was made elsewhere, through the stages, without an endpoint."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from stages import (
    annotate,
    attributes,
    curve,
    generate,
    judge,
    prompts,
    validate,
)
from stages.core import files, paths
from stages.core.errors import GateError, InputError
from stages.design.preflight import check_grid
from stages.llm.recordings import export
from tests.cells import sum_up, through
from tests.conftest import TEXTS, edit_params, find_attributes, read_lines, write_task

THEIRS = Path("data/tasks/notes/imported/theirs.jsonl")


@pytest.fixture(autouse=True)
def _theirs(project: Path) -> None:
    assert project == Path.cwd()
    THEIRS.parent.mkdir()
    edit_params(lambda each: each["methods"].update(theirs={"imported": THEIRS.name}))
    edit_params(lambda each: each["run"].update(methods=["theirs"], students=["tfidf"]))
    edit_params(lambda each: each["prompts"].update(per_label=8))
    write([row(f"a note about the {label} number {n}", label) for n in range(8) for label in TEXTS])


def row(text: str, label: str, **more: object) -> dict[str, object]:
    return {"text": text, "label": label, **more}


def write(rows: list[dict[str, object]]) -> None:
    THEIRS.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")


def cleaned() -> dict[str, Any]:
    """Run up to `clean`; returns its counts."""
    find_attributes("notes")
    through("notes", "theirs", "prompts", "clean")
    counts: dict[str, Any] = json.loads(paths.clean_metrics("notes", "theirs").read_text())
    return counts


def test_from_a_file_to_a_report(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_grid() == ("notes",)
    assert cleaned() == {"planned": 24, "accepted": 24, "rejected": 0}
    through("notes", "theirs", "validate", "curve")
    sum_up("notes", "theirs")
    summary = json.loads(paths.SUMMARY.read_text())["notes"]["theirs"]
    assert set(summary) == {"accepted", "rejected", "cmd", "vendi", "within", "tfidf"}, (
        "what it cost elsewhere is not known"
    )
    assert summary["tfidf"]["accuracy"] > 0.5
    page = paths.SUMMARY_PAGE.read_text()
    assert (
        '<tr><th scope="row">theirs</th><td class="number">24</td><td class="number">0</td><td class="number"></td>'
        in page
    )
    assert 'aria-label="Macro-F1 over texts, a line a method"' in page
    said = capsys.readouterr().err
    assert "index.html: 1 cell\n" in said
    told = re.search(r"theirs/tfidf: macro-F1 of (.*)", said)
    assert told
    sizes = [each.split()[0] for each in told[1].split(", ")]
    assert sizes == list(dict.fromkeys(sizes)), "small shares of a small plan come to the same texts"
    last = files.read_csv(paths.curve_plot("notes", "theirs", "tfidf"), "curve")[-1]
    assert (last["share"], last["texts"], last["tokens"], last["dollars_with_attributes"]) == ("1.0", "24", "", "")
    assert not Path("data/recordings").exists()
    # Without shares there is no curve, and nothing is trained.
    edit_params(lambda each: each["curve"].update(shares=[]))
    monkeypatch.setattr(curve, "fit_student", None)
    curve.main("notes", "theirs", "tfidf")
    assert json.loads(paths.curve_file("notes", "theirs", "tfidf").read_text()) == {"points": []}
    assert paths.curve_plot("notes", "theirs", "tfidf").read_text().startswith("share,texts,tokens,")
    assert capsys.readouterr().err.endswith("notes/theirs/tfidf: no curve (curve.shares is empty)\n")


def test_nothing_is_asked_and_nothing_is_exported() -> None:
    cleaned()
    first = read_lines(paths.generated_file("notes", "theirs"))[0]
    assert first["completion"] == "a note about the noise number 0"
    assert (first["finish_reason"], first["key"], first["dollars"], first["model"]) == ("imported", "", None, None)
    nothing = {"requests": 0, "prompt_tokens": 0, "completion_tokens": 0, "dollars": None, "imported": 24}
    assert json.loads(paths.generate_metrics("notes", "theirs").read_text()) == nothing
    assert json.loads(paths.refill_metrics("notes", "theirs").read_text()) == {**nothing, "labels": {}}
    assert paths.refilled_file("notes", "theirs").read_bytes() == paths.generated_file("notes", "theirs").read_bytes()
    annotate.main("notes", "theirs")
    judge.main("notes", "theirs")
    assert export("notes") == 0


def test_a_second_run_changes_no_byte() -> None:
    cleaned()
    before = {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()}
    cleaned()
    assert {path: path.read_bytes() for path in Path("data").rglob("*") if path.is_file()} == before


def test_imported_texts_are_judged_as_ours_are() -> None:
    write(
        [
            row(TEXTS["noise"][0].upper() + "!", "noise"),
            row("I'm sorry, but I can't help with that request.", "noise"),
            row("one note about noise", "noise"),
            row("One note, about noise", "noise"),
            row("broken \ufffd text", "parcel"),
            row("short", "parcel"),
            row("long " * 99, "parcel"),
            row('"quoted from start to end"', "plants"),
            row("```\nin a code fence\n```", "plants"),
            row("  white space at its ends\n", "plants"),
        ]
    )
    write_task("notes", Path("data/tasks/notes/task.yaml").read_text().replace("[2, 40]", "[3, 40]"))
    counts = cleaned()
    assert counts == {
        "planned": 10, "accepted": 4, "rejected": 6, "in_test_set": 1, "refused": 1, "duplicate": 1, "garbled": 1,
        "too_short": 1, "too_long": 1,
    }  # fmt: skip
    accepted = [each["text"] for each in read_lines(paths.accepted_file("notes", "theirs"))]
    assert accepted == [
        "one note about noise", '"quoted from start to end"', "```\nin a code fence\n```", "white space at its ends"
    ], "nothing but white space is taken off: no model wrapped these"  # fmt: skip


def test_fewer_than_wanted_is_told_and_left_to_the_gates(capsys: pytest.CaptureFixture[str]) -> None:
    write([row(f"note {n} on {label}", label) for label, most in (("plants", 9), ("noise", 3)) for n in range(most)])
    assert cleaned() == {"planned": 11, "accepted": 11, "rejected": 0}
    told = capsys.readouterr().err
    assert "prompts of notes/theirs: 11 texts imported" in told
    assert "fewer than 8 (prompts.per_label) of a label are there: 3 of noise, 0 of parcel" in told
    with pytest.raises(GateError, match="class_balance"):
        validate.main("notes", "theirs")


def test_attributes_are_kept_and_no_coverage_is_wanted_of_them() -> None:
    task = Path("data/tasks/notes/task.yaml")
    task.write_text(task.read_text() + "imported: {attributes: [tone]}\n")
    write([row(f"{label} note {n}", label, tone="calm" if n else None) for label in TEXTS for n in range(8)])
    cleaned()
    validate.main("notes", "theirs")
    accepted = read_lines(paths.accepted_file("notes", "theirs"))
    assert [each["attributes"] for each in accepted[:2]] == [{}, {"tone": "calm"}]
    gates = json.loads(paths.verdict_file("notes", "theirs").read_text())["results"]
    assert "attribute_coverage" not in {each["gate"] for each in gates}


def test_mistakes_of_a_file_are_told_before_anything_runs() -> None:
    write([row("a", "noise"), row("b", "nois")])
    Path("data/tasks/notes/test.jsonl").write_text("{}\n")
    for run in (check_grid, lambda: attributes.main("notes"), lambda: generate.main("notes", "theirs")):
        with pytest.raises(InputError) as caught:
            run()
        assert "notes/test.jsonl:1: expected" in str(caught.value)
        assert f"{THEIRS}:2: column 'label': label 'nois' is not in task.yaml" in str(caught.value), "and this one"


def test_a_file_with_a_mistake_leaves_the_plan_as_it_was() -> None:
    cleaned()
    before = paths.prompts_file("notes", "theirs").read_bytes()
    write([row("a new text", "noise"), row("", "noise")])
    with pytest.raises(InputError, match=r"theirs.jsonl:2: column 'text': the text is empty"):
        prompts.main("notes", "theirs")
    assert paths.prompts_file("notes", "theirs").read_bytes() == before
    THEIRS.rename(THEIRS.with_name("other.jsonl"))
    with pytest.raises(InputError, match=r"theirs.jsonl: there is no such file; .* there are: other.jsonl"):
        check_grid()

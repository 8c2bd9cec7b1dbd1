"""The stage `blend`, in a small project whose methods went through the stages before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stages import (
    blend,
    train,
)
from stages.checks.verdict import verdict_of
from stages.core import files, paths
from stages.core.errors import ArtifactError, GateError, InputError
from stages.core.params import load_everything
from stages.core.records import Text
from stages.design.preflight import check_before_paying
from tests.cells import sum_up, through
from tests.conftest import TEXTS, edit_params, find_attributes
from tests.llm_server import LlmServer

METHODS = ("simprompt", "context")


@pytest.fixture(autouse=True)
def _both(project: Path) -> None:
    del project
    edit_params(
        lambda each: (
            each["prompts"].update(per_label=8, texts_per_request=4),
            each["run"].update(methods=list(METHODS), students=["tfidf"], blends=["both"]),
            each.update(blends={"both": {"methods": {"simprompt": 1.0, "context": 0.5}}}),
        )
    )


def all_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the stages up to `curve` against a server."""
    with LlmServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        find_attributes("notes")
        for method in METHODS:
            through("notes", method, "prompts", "curve")


def write(method: str, texts: list[tuple[str, str]], failed: int = 0) -> None:
    """What `clean` and `validate` leave of these texts with labels."""
    file = paths.accepted_file("notes", method)
    files.write_records(file, [Text(text, label, n, {}) for n, (text, label) in enumerate(texts)])
    results = [{"passed": n >= failed} for n in range(3)]
    files.write_json(paths.verdict_file("notes", method), verdict_of(results, file))


def told(method: str) -> list[tuple[str, str]]:
    """Three texts of each label, other ones for each method."""
    return [(f"{method} says: {TEXTS[label][0]} {n}", label) for label in TEXTS for n in range(3)]


def change(**entry: Any) -> None:
    edit_params(lambda each: each["blends"]["both"].update(entry))


def counts() -> Any:
    return json.loads(paths.blend_metrics("notes", "both", "tfidf").read_text())


def write_train() -> None:
    rows = [{"text": f"{text}, and that is that", "label": label} for label in TEXTS for text in TEXTS[label]]
    rows.append({"text": TEXTS["noise"][0].upper(), "label": "noise"})  # stands in the test set
    paths.train_file("notes").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_blend_is_a_row_like_a_method(monkeypatch: pytest.MonkeyPatch) -> None:
    all_before(monkeypatch)
    write_train()
    change(gold=1.0)
    blend.main("notes", "both", "tfidf")
    found = counts()
    assert found["taken"] == {"gold": 7, "simprompt": 24, "context": 12}
    assert found["dropped"]["in_test_set"] == 1
    assert found["used"]["gold"] == 6
    assert found["texts"] == sum(found["used"].values()) == 43 - sum(found["dropped"].values())
    card = json.loads((paths.model_folder("notes", "both", "tfidf") / "student.json").read_text())
    assert (card["method"], card["texts"], card["labels"]) == ("both", found["texts"], sorted(TEXTS))
    before = {path: path.read_bytes() for path in paths.DATA.rglob("both/**/*") if path.is_file()}
    blend.main("notes", "both", "tfidf")
    assert before == {path: path.read_bytes() for path in paths.DATA.rglob("both/**/*") if path.is_file()}
    assert len(before) == 7
    sum_up("notes", *METHODS)
    summary = json.loads(paths.SUMMARY.read_text())["notes"]
    sim, context, row = (summary[name] for name in ("simprompt", "context", "both"))
    assert row["tokens"] == round(sim["tokens"] + context["tokens"] / 2)
    assert row["dollars"] == pytest.approx(sim["dollars"] + context["dollars"] / 2, abs=1e-4)
    assert (row["accepted"], row["rejected"]) == (found["texts"], 43 - found["texts"])
    assert 0 <= row["tfidf"]["macro_f1"] <= 1
    assert "both, tfidf: " in paths.SUMMARY_PICTURE.read_text()
    assert '<th scope="row">both</th>' in paths.SUMMARY_PAGE.read_text()


def test_texts_that_failed_a_gate_or_were_not_validated_are_refused() -> None:
    write("simprompt", told("simprompt"))
    with pytest.raises(ArtifactError, match="stage validate writes it"):
        blend.main("notes", "both", "tfidf")
    write("context", told("context"), failed=1)
    with pytest.raises(GateError, match=r"clean/notes/context/accepted.jsonl: these texts failed 1 of 3 gates"):
        blend.main("notes", "both", "tfidf")
    write("context", told("context"))
    with paths.accepted_file("notes", "context").open("a") as file:
        file.write("\n")
    with pytest.raises(ArtifactError, match="is not the file that the gates passed"):
        blend.main("notes", "both", "tfidf")


def test_texts_that_the_other_method_speaks_against_are_dropped() -> None:
    write("simprompt", [*told("simprompt"), ("water my plants, the ferns need water", "noise")])
    write("context", told("context"))
    change(agree=0.4, methods={"simprompt": 1.0, "context": 1.0})
    blend.main("notes", "both", "tfidf")
    assert counts()["dropped"] == {"disagree": 1, "duplicate": 0, "in_test_set": 0}
    assert counts()["used"] == {"gold": 0, "simprompt": 9, "context": 9}


def test_what_was_done_about_noise_is_told() -> None:
    for method in METHODS:
        write(method, told(method))
    edit_params(lambda each: each["students"]["tfidf"].update(noise={"smoothing": 0.1}))
    blend.main("notes", "both", "tfidf")
    train.main("notes", "context", "tfidf")
    for method in ("both", "context"):
        card = json.loads((paths.model_folder("notes", method, "tfidf") / "student.json").read_text())
        assert card["noise"] == {"smoothing": 0.1}


def test_peoples_texts_that_are_not_there() -> None:
    for method in METHODS:
        write(method, told(method))
    change(gold=0.5)
    with pytest.raises(InputError, match=r"blends.both.gold in params.yaml is 0.5; put labelled texts of people there"):
        blend.main("notes", "both", "tfidf")
    with pytest.raises(InputError, match=r"train.jsonl: there is no such file"):
        check_before_paying("notes")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda each: each["run"].update(blends=["bth"]), "run.blends: bth is not among blends (both)"),
        (lambda each: each["run"].update(methods=["context"]), "simprompt is not among run.methods"),
        (lambda each: each["blends"].update(context={"methods": {"context": 1.0}}), "'context' is gold or a method"),
        (lambda each: each["blends"].update(gold={"methods": {"context": 1.0}}), "'gold' is gold or a method"),
        (lambda each: each["blends"]["both"].update(methods={}), "blends.both.methods: "),
        (lambda each: each["blends"]["both"].update(gold=1.5), "blends.both.gold: expected less than or equal to 1"),
        (lambda each: each["blends"]["both"].update(methods={"context": 1}, agree=0.5), "there is but one method"),
        (lambda each: each["students"]["tfidf"].update(noise={"confident": "yes"}), "expected 'drop' or 'weigh'"),
        (lambda each: each["students"]["tfidf"].update(noise={"smooth": 0.1}), "did you mean smoothing?"),
    ],
)
def test_mistakes_in_params(edit: Any, message: str) -> None:
    edit_params(edit)
    with pytest.raises(InputError) as caught:
        load_everything()
    assert message in str(caught.value)


def test_a_blend_that_is_not_run_may_name_methods_that_are_not_either() -> None:
    edit_params(lambda each: (each["run"].update(methods=["context"]), each["run"].pop("blends")))
    assert load_everything().run.blends == ()

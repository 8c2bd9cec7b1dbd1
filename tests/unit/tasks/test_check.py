"""What `make check` tells, errors and advice apart."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from stages.core.errors import InputError
from stages.core.params import load_everything
from stages.core.tasks import load_task
from stages.measures.enough import half_width, texts_for
from stages.tasks.advice import advice, unshown
from stages.tasks.check import check
from tests.conftest import ROOT, TASK, edit_params, write_task

FOLDER = Path("data/tasks/notes")


def told(text: str = TASK, texts: dict[str, list[str]] | None = None) -> str:
    write_task("notes", text, texts)
    return "\n".join(advice(load_task("notes"), 0.95))


def many(label: str, count: int) -> list[str]:
    return [f"{label} number {number} and some words more" for number in range(count)]


@pytest.mark.usefixtures("project")
def test_a_task_that_leaves_nothing_to_say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    write_task("notes", TASK, {label: many(label, 130) for label in ("noise", "parcel", "plants")})
    (FOLDER / "examples.jsonl").write_text('{"text": "it is so loud here"}\n')
    check()
    assert capsys.readouterr().err == "params.yaml and notes: in order\n"


@pytest.mark.usefixtures("project")
def test_what_is_lacking_to_buy_answers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check()
    told = capsys.readouterr().err
    key = "answers would have to be asked for, and no endpoint is set: export OPENAI_API_KEY=..., or OPENAI_BASE_URL"
    assert re.search(rf"advice: [0-9]+ {re.escape(key)}", told)
    assert "price" not in told
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    edit_params(lambda each: each["llm"].update(model="nosuch"))
    check()
    told = capsys.readouterr().err
    assert "the price of nosuch is not known, so costs are told in tokens alone: llm.price_per_million" in told
    assert "no endpoint" not in told


@pytest.mark.usefixtures("project")
def test_a_cap_that_cannot_be_kept(capsys: pytest.CaptureFixture[str]) -> None:
    edit_params(lambda each: each["ops"].update(max_usd_total=1.0))
    check()
    told = capsys.readouterr().err
    assert (
        "advice: ops.max_usd caps the cost, but nothing limits what one completion can cost: set llm.sampling" in told
    )
    edit_params(lambda each: each["llm"].update(sampling={"max_completion_tokens": 99}))
    check()
    assert "caps the cost" not in capsys.readouterr().err
    edit_params(lambda each: each["judge"].update(model="nosuch", texts=5))
    check()
    told = capsys.readouterr().err
    assert told.count("advice: ops.max_usd caps the cost, but the price of 'nosuch' is not known: set llm.price") == 1
    edit_params(lambda each: each["llm"].update(model="nosuch"))
    check()
    assert capsys.readouterr().err.count("nosuch") == 1, "once, though both are asked and costs are not known either"


@pytest.mark.usefixtures("project")
def test_no_texts_of_people_to_show() -> None:
    def found() -> list[str]:
        return list(unshown(load_task("notes"), load_everything()))

    missing = f"no {FOLDER}/examples.jsonl: exemplar shows no texts of people, so it asks as"
    assert found() == [f"{missing} context does"]
    edit_params(lambda each: each["methods"]["context"].update(form=False))
    assert found() == [f"{missing} the same method without does"]
    (FOLDER / "examples.jsonl").write_text('{"text": "it is so loud here"}\n')
    assert found() == []
    (FOLDER / "examples.jsonl").unlink()
    edit_params(lambda each: each["run"].update(methods=["context"]))
    assert found() == []


@pytest.mark.usefixtures("project")
def test_nothing_is_lacking_where_all_is_answered(capsys: pytest.CaptureFixture[str]) -> None:
    """The bundled task, from its recordings: no key, and nothing said of one."""
    for name in ("data/recordings", "data/tasks/support_tickets"):
        shutil.copytree(ROOT / name, name, dirs_exist_ok=True)
    shutil.copyfile(ROOT / "params.yaml", "params.yaml")
    check()
    told = capsys.readouterr().err
    assert "support_tickets: in order" in told
    assert "endpoint" not in told
    assert "price" not in told


@pytest.mark.usefixtures("project")
def test_labels_that_mean_nearly_the_same() -> None:
    labels = "domain: d\nlabels:\n  late_parcel:{}\n  delayed_parcel:{}\n  plants: asks to have plants watered\n"
    bare = told(labels.format("", ""))
    assert f"{FOLDER}/task.yaml:3: 'late_parcel' and 'delayed_parcel' are nearly the same in meaning (cosine 0." in bare
    assert "neither has a description; say what tells one from the other" in bare
    assert "'plants'" not in bare.split("test.jsonl", maxsplit=1)[0]
    assert "'delayed_parcel' has no description" in told(labels.format(" a parcel that is late", ""))
    assert "say in both what" in told(labels.format(" the parcel comes late", " the parcel is delayed"))
    apart = told(labels.format(" asks when it comes", " complains that a gift was spoilt by waiting so long"))
    assert "nearly the same" not in apart


@pytest.mark.usefixtures("project")
def test_too_few_test_texts() -> None:
    found = told(texts={"noise": many("noise", 70), "parcel": many("parcel", 26), "plants": many("plants", 4)})
    assert "100 texts: an accuracy of 0.5 is known to +-9.8 points, of 0.8 to +-7.8 (95% intervals)" in found
    assert "whatever it is, take 385 texts" in found
    assert "fewer than 15 texts of plants (4): the F1" in found


def test_the_interval_is_the_one_that_draws_have() -> None:
    drawn = np.random.default_rng(1).binomial(240, 0.8, size=200_000) / 240
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert half_width(0.8, 240, 0.95) == pytest.approx((high - low) / 2, rel=0.03)
    assert half_width(0.5, texts_for(0.05, 0.9), 0.9) <= 0.05 < half_width(0.5, texts_for(0.05, 0.9) - 1, 0.9)


@pytest.mark.usefixtures("project")
def test_texts_that_are_odd() -> None:
    write_task(
        "notes",
        TASK,
        {"noise": ["so loud here", "So loud, here!", "x " * 50, "y" * 20_001], "parcel": ["So loud here"]},
    )
    (FOLDER / "train.jsonl").write_text(json.dumps({"text": "so loud here", "label": "noise"}) + "\n")
    found = "\n".join(advice(load_task("notes"), None))
    assert "test.jsonl: 2 texts stand there twice: lines 2, 5" in found
    assert "1 of them with another label: line 5" in found
    assert "test.jsonl: no text of plants: it is left out of macro-F1, and its own F1 is 0 and says nothing" in found
    assert "train.jsonl: no text of parcel, plants\n" in found, "nothing is scored on it"
    assert "train.jsonl: 1 texts are in the test set too: line 1" in found
    assert "text 4 has 20,001 characters; is it one text?" in found
    assert "task.yaml:3: words says 2 to 40 words; of 5 texts in test.jsonl, 1 are longer and 1 shorter" in found
    assert "an accuracy of" not in found, "without params.yaml nobody knows which interval"


@pytest.mark.usefixtures("project")
def test_advice_stops_nothing_and_errors_do(capsys: pytest.CaptureFixture[str]) -> None:
    check(("notes",))
    assert "advice: " in capsys.readouterr().err
    (FOLDER / "examples.jsonl").write_text("no\n")
    with pytest.raises(InputError, match=r"examples.jsonl:1") as caught:
        check(("notes",))
    assert len(caught.value.problems) == 1
    assert "advice: " in capsys.readouterr().err, "and it is told all the same"

"""Faults planted into the bundled task's texts: `clean` and `validate` find each, and count it about right."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages import attributes, brief, clean, validate
from stages.core import files, paths
from stages.core.errors import GateError
from stages.core.records import Generated, PlannedText, Text
from stages.core.tasks import load_task, read_labelled
from tests.cells import through
from tests.conftest import ROOT, edit_params

pytestmark = pytest.mark.slow

TASK = "support_tickets"
REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "Sure! Here are five customer messages about a late parcel:",
    "As an AI language model, I cannot have orders of my own.",
    "Here are some examples of what a customer might write:",
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in which the recorded answers are those of all methods, as `generate` writes them."""
    folder = tmp_path_factory.mktemp("recorded")
    for name in ("templates", "recordings", f"tasks/{TASK}"):
        shutil.copytree(ROOT / "data" / name, folder / "data" / name)
    shutil.copy(ROOT / "params.yaml", folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("OPENAI_API_KEY", raising=False)
        patch.delenv("OPENAI_BASE_URL", raising=False)
        patch.setenv("ATTRPROMPT_STORE", str(folder / "answers.sqlite"))
        patch.setenv("ATTRPROMPT_EMBEDDINGS", str(tmp_path_factory.getbasetemp() / "embeddings.sqlite"))
        brief.main(TASK)
        attributes.main(TASK)
        for method in ("simprompt", "context", "exemplar", "attrprompt"):
            through(TASK, method, "prompts", "clean")
        yield folder


@pytest.fixture
def here(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recorded)


def accepted(*methods: str) -> list[Text]:
    """The accepted texts of some methods, as if one had written them all."""
    found = [each for name in methods for each in files.read_records(paths.accepted_file(TASK, name), Text, "clean")]
    numbers = dict.fromkeys((each.label for each in found), 0)
    renumbered = []
    for each in found:
        renumbered.append(replace(each, index=numbers[each.label]))
        numbers[each.label] += 1
    return renumbered


class NotCome(Text):
    """A text that was asked for and did not come."""


def judged(texts: Sequence[Text], method: str = "planted") -> dict[str, Any]:
    """Run `clean` and `validate` on completions with these texts; returns the verdict, with the page under `page`."""
    records = [
        Generated(
            each.label, (PlannedText(each.index, each.attributes, each.also),), True, 0, "key",
            json.dumps({"texts": [] if isinstance(each, NotCome) else [each.text]}), "stop", 1, 1,
            0.0, None, None, None, None,
        )
        for each in texts
    ]  # fmt: skip
    files.write_records(paths.refilled_file(TASK, method), records)
    clean.main(TASK, method)
    try:
        validate.main(TASK, method)
    except GateError as error:
        told = str(error)
    else:
        told = ""
    verdict: dict[str, Any] = json.loads(paths.verdict_file(TASK, method).read_text())
    results = {each["gate"]: each for each in verdict["results"]}
    assert verdict["passed"] == (not told)
    return {**verdict, "results": results, "told": told, "page": paths.validation_page(TASK, method).read_text()}


def about(truth: float) -> Any:
    """Within a fifth of the truth."""
    return pytest.approx(truth, rel=0.2)


@pytest.mark.usefixtures("here")
def test_faults_are_found_and_counted() -> None:
    edit_params(lambda each: each["methods"].update(planted={"template": "request", "attributes": "none"}))
    texts = accepted("simprompt", "context", "exemplar")
    before = judged(texts)
    assert before["passed"]
    assert {name for name, each in before["results"].items() if not each["passed"]} <= {"label_naming"}

    draw, size = np.random.default_rng(5), len(texts)
    labels = list(load_task(TASK).names)
    test = [each.text for each in read_labelled(paths.test_file(TASK), load_task(TASK)) if len(each.text.split()) > 7]
    rows = iter(draw.permutation([row for row, each in enumerate(texts) if each.label != labels[0]]).tolist())
    shares = {"near": 0.05, "verbatim": 0.015, "inside": 0.015, "refusals": 0.02, "swapped": 0.04}
    wanted = {name: round(share * size) for name, share in shares.items()}
    for number in range(wanted["near"]):
        row = next(rows)
        other = next(each for each in texts[number:] if each.label == texts[row].label and len(each.text.split()) > 9)
        texts[row] = replace(texts[row], text=f"{other.text} thanks {number}")
    for number in range(wanted["verbatim"]):
        row = next(rows)
        texts[row] = replace(texts[row], text=test[number].upper())
    for number in range(wanted["inside"]):
        row = next(rows)
        texts[row] = replace(texts[row], text=f"{texts[row].text} {test[-1 - number]}")
    for number in range(wanted["refusals"]):
        row = next(rows)
        texts[row] = replace(texts[row], text=f"{REFUSALS[number % 4]} {number}")
    for _ in range(wanted["swapped"]):
        row = next(rows)
        others = [each for each in labels if each != texts[row].label]
        texts[row] = replace(texts[row], label=str(draw.choice(others)), index=texts[row].index + 1000)
    half = [row for row, each in enumerate(texts) if each.label == labels[0]]
    for row in half[: len(half) // 2]:
        texts[row] = NotCome("", texts[row].label, texts[row].index, {})
    after = judged(texts)
    found = after["results"]

    thrown = json.loads(paths.clean_metrics(TASK, "planted").read_text())
    assert thrown["in_test_set"] + found["test_overlap"]["failed"] == about(wanted["verbatim"] + wanted["inside"])
    assert found["near_duplicates"]["failed"] == about(wanted["near"])
    talked = thrown["refused"] + thrown["model_talk"] + found["model_talk"]["failed"]
    assert talked == about(wanted["refusals"])
    assert found["label_noise"]["failed"] == about(wanted["swapped"])
    (low,) = found["label_quota"]["worst"]
    assert (low["label"], low["found"]) == (labels[0], about(0.5))
    missed = {name for name, each in found.items() if not each["passed"]}
    assert missed >= {"near_duplicates", "test_overlap", "label_noise", "label_quota", "class_balance", "rejected"}
    assert "reason in_test_set: found" in after["told"]
    assert "warning: near_duplicates" in after["told"]
    for name in ("near duplicates", "test overlap", "label noise", "label quota", "in_test_set"):
        assert name in after["page"]


@pytest.mark.usefixtures("here")
def test_a_value_that_no_text_has() -> None:
    edit_params(lambda each: each["methods"].update(valued={"template": "request", "attributes": "all"}))
    texts = accepted("attrprompt")
    assert judged(texts, "valued")["passed"]
    first = texts[0]
    name = next(each for each in first.attributes if each != "length")
    value = first.attributes[name]
    others = [each.attributes[name] for each in texts if each.label == first.label]
    other = next(each for each in others if each != value)
    without = [
        replace(each, attributes={**each.attributes, name: other})
        if each.label == first.label and each.attributes[name] == value
        else each
        for each in texts
    ]
    verdict = judged(without, "valued")
    assert not verdict["passed"]
    (row,) = verdict["results"]["attribute_coverage"]["worst"]
    assert (row["label"], row["attribute"], row["value"]) == (first.label, name, value)
    assert "attribute_coverage: wanted" in verdict["told"]

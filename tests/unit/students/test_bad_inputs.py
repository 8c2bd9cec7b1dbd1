"""What a student makes of texts, test sets and names that it cannot do much with: a clear error, or a told way on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stages.core.learning import Finetune, Linear, Mean, Member, Student, Tfidf
from stages.core.sections import Evaluate
from stages.core.tasks import LabelledText
from stages.measures.outcome import examine
from stages.students.folder import fit_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import ROOT
from tests.unit.students import tiny

KINDS = ("tfidf", "linear", "finetune", "mean")
LINES = [*zip(tiny.TEXTS, tiny.LABELS, strict=True)]


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.make_bert(tmp_path_factory.mktemp("bert") / "model")


@pytest.fixture(params=KINDS)
def settings(request: pytest.FixtureRequest, bert: Path) -> Student:
    found: dict[str, Tfidf | Linear | Finetune | Mean] = {
        "tfidf": Tfidf(kind="tfidf", ngrams=2, c=10.0),
        "linear": Linear(kind="linear", encoder="all-MiniLM-L6-v2", c="auto", neighbours=0.5, characters=0.4),
        "finetune": tiny.settings(bert, epochs=8),
    }
    members = {name: Member.model_validate({"weight": 1.0, "student": each}) for name, each in found.items()}
    found["mean"] = Mean(kind="mean", of=members)
    return found[request.param]


def of(lines: list[tuple[str, str]]) -> TrainingSet:
    return TrainingSet.of([text for text, _ in lines], [(label,) for _, label in lines])


def test_a_class_with_one_text_is_learned(settings: Student) -> None:
    student = fit_student(settings, of([*LINES, ("the bank naps", "other")]))
    assert student.labels == ("money", "other", "pets")
    assert np.isfinite(student.probabilities(["the bank naps"])).all()
    assert student.probabilities(["the bank naps"])[0, 1] > student.probabilities(["the dog barks"])[0, 1]


def test_empty_and_endless_texts_are_learned_from_and_judged(settings: Student) -> None:
    strange = ["", " ", "?!", "tax " * 10_000]
    student = fit_student(settings, of([*LINES, *((text, "money") for text in strange)]))
    shares = student.probabilities(strange)
    assert np.isfinite(shares).all()
    assert shares.sum(axis=1) == pytest.approx(1.0)
    assert predict(student, ["tax " * 10_000]) == [("money",)]


def test_a_label_that_only_the_test_set_has_is_counted_and_told(settings: Student) -> None:
    student = fit_student(settings, of(LINES))
    test = [*(LabelledText(text, label) for text, label in LINES), LabelledText("the rain", "weather")]
    found = examine(student, test, ["money", "pets", "weather"], Evaluate(resamples=100, confidence=0.95, seed=1))
    assert (found.unseen, found.scores["unseen"], found.scores["texts"]) == (("weather",), 1, 17)
    assert (found.classes[2].label, found.classes[2].recall) == ("weather", 0.0)
    assert "never seen by it: weather (1 texts)" in str(found)


LOAD = """
import sys, time
time.sleep = lambda _: None  # between attempts
from stages.core.errors import ModelError
from stages.students.folder import fit_student
from tests.unit.students.test_bad_inputs import LINES, Linear, of, tiny
for settings in (Linear(kind="linear", encoder="nobody/has-this", c=8.0), tiny.settings("nobody/has-this")):
    try:
        fit_student(settings, of(LINES))
    except ModelError as error:
        print(error)
"""


def test_a_model_of_the_hub_without_a_network(tmp_path: Path) -> None:
    environment = {**os.environ, "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    # tests/conftest would set the hub's package to be offline: then nothing is tried.
    done = subprocess.run(
        [sys.executable, "-c", "import huggingface_hub\n" + LOAD],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    one, two = done.stdout.splitlines()
    for said, what in ((one, "encoder"), (two, "model")):
        assert f"{what} 'nobody/has-this' cannot be loaded: We couldn't connect to 'http://127.0.0.1:9'" in said
        assert "all-MiniLM-L6-v2 comes with the project" in said

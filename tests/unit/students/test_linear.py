from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.errors import ModelError
from stages.core.learning import Finetune, Linear, Tfidf
from stages.core.tasks import load_task
from stages.students.calibration import held_out, parts_of, probabilities_of, scores_of, temperature
from stages.students.card import write_card
from stages.students.characters import Characters, Words
from stages.students.folder import fit_student, load_student
from stages.students.neighbours import Neighbours
from stages.students.saving import save_student
from stages.students.student import predict
from stages.students.training import TrainingSet
from tests.conftest import write_task
from tests.unit.students import tiny
from tests.unit.students.test_students import DATA, LABELS, LINEAR, MIXED, TEXTS

SHARES = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@given(SHARES)
def test_scores_and_probabilities_are_each_others_way_back(shares: list[float]) -> None:
    row = np.array([shares]) / sum(shares)
    for multilabel in (False, True):
        again = probabilities_of(scores_of(row, multilabel=multilabel), multilabel=multilabel)
        assert again == pytest.approx(row, abs=1e-9)


@pytest.mark.parametrize("multilabel", [False, True])
@pytest.mark.parametrize("factor", [0.5, 4.0])
def test_scores_that_are_too_large_are_divided_by_how_much_they_are(multilabel: bool, factor: float) -> None:
    draw = np.random.default_rng(1)
    scores = draw.normal(size=(4000, 3)) * 2
    true = probabilities_of(scores, multilabel=multilabel)
    if multilabel:
        targets = (draw.random(true.shape) < true).astype(np.float64)
    else:
        targets = np.eye(3)[[draw.choice(3, p=row) for row in true]]
    data = TrainingSet(("",) * 4000, targets, np.ones(4000), ("a", "b", "c"), multilabel)
    assert temperature(scores * factor, data) == pytest.approx(factor, rel=0.1)


def test_what_cannot_be_known_is_not_held_out() -> None:
    texts = [*TEXTS, "a lonely text about the moon"]
    data = TrainingSet.of(texts, [*((label,) for label in LABELS), ("moon",)])
    asked = list[int]()

    def score(train: np.ndarray[tuple[int], np.dtype[np.bool_]], test: np.ndarray[tuple[int], np.dtype[np.bool_]]):  # type: ignore[no-untyped-def]
        assert not (train & test).any()
        asked.extend(np.flatnonzero(test))
        return np.zeros((int(test.sum()), 3))

    found = held_out(data, parts_of(data), score)
    assert sorted(asked) == list(range(7))
    assert np.isnan(found).all(axis=1).tolist() == [False] * 6 + [True]


def test_classes_of_one_text(capsys: pytest.CaptureFixture[str]) -> None:
    data = TrainingSet.of(["the dog barks", "taxes are due", "rain all day"], [("pets",), ("money",), ("weather",)])
    student = fit_student(MIXED, data)
    assert predict(student, ["puppies", "the revenue office", "clouds"]) == [("pets",), ("money",), ("weather",)]
    said = capsys.readouterr().err
    assert "3 texts are too few to hold some out; c is 8" in said
    assert "probabilities are not calibrated" in said
    fit_student(MIXED, TrainingSet.of([*TEXTS, "rain"], [*((label,) for label in LABELS), ("weather",)]))
    assert not capsys.readouterr().err


def test_texts_without_words_and_with_ten_thousand() -> None:
    texts = ["", "dog " * 10_000, "\ud800", "?!"]
    student = fit_student(MIXED, TrainingSet.of([*TEXTS, *texts], [*((label,) for label in LABELS), *[("pets",)] * 4]))
    probabilities = student.probabilities(texts)
    assert np.isfinite(probabilities).all()
    assert probabilities.sum(axis=1) == pytest.approx(1.0)


def test_the_views_know_soft_labels_and_weights() -> None:
    vectors = np.eye(3)
    data = TrainingSet.of(["aaa", "bbb", "ccc"], [("x",), ("y",), ("y",)])
    soft = replace(data, targets=np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]]), weights=np.array([1.0, 1.0, 0.0]))
    for scores in (Neighbours.fit(vectors, soft).scores(vectors), Characters.fit(soft).scores(soft.texts),
                   Words.fit(soft).scores(soft.texts)):  # fmt: skip
        assert scores[0, 0] > scores[0, 1]
        assert scores[1, 0] < scores[1, 1]
        assert scores[2, 0] == pytest.approx(scores[2, 1])


@pytest.mark.parametrize("multilabel", [False, True])
def test_nearness_to_many_texts_takes_bounded_memory_and_is_the_same_in_any_block(multilabel: bool) -> None:
    draw = np.random.default_rng(2)
    known, asked = (draw.normal(size=(rows, 4)) / 4 for rows in (40_000, 1_100))
    targets = np.eye(2)[draw.integers(0, 2, len(known))]
    data = TrainingSet(("",) * len(known), targets, np.ones(len(known)), ("x", "y"), multilabel)
    view = Neighbours.fit(known, data)
    tracemalloc.start()
    found = view.scores(asked)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 200e6, "bytes; 352,000,000 would be the kernel of all"
    assert view.scores(asked[:0]).shape == (0, 2)
    for rows in (slice(500), slice(700, None), slice(470, 540)):
        assert found[rows] == pytest.approx(view.scores(asked[rows]), abs=1e-12)


def test_nearness_and_characters_each_move_what_the_regression_says() -> None:
    texts = ["a dog", "the tax"]
    plain = fit_student(LINEAR, DATA).probabilities(texts)
    for weight in ("neighbours", "characters", "words"):
        moved = fit_student(LINEAR.model_copy(update={weight: 0.5}), DATA).probabilities(texts)
        assert np.abs(moved - plain).max() > 0.01


def test_views_that_are_missing_or_broken(tmp_path: Path) -> None:
    save_student(tmp_path, fit_student(MIXED, DATA), {"kind": "linear"})
    views = tmp_path / "views.safetensors"
    there = views.read_bytes()
    views.write_bytes(there[:100])
    with pytest.raises(ModelError, match=r"views.safetensors: cannot be read"):
        load_student(tmp_path)
    views.unlink()
    with pytest.raises(ModelError, match=r"views.safetensors: is missing"):
        load_student(tmp_path)
    views.write_bytes(there)
    card = json.loads((tmp_path / "student.json").read_text())
    (tmp_path / "student.json").write_text(json.dumps({**card, "encoder": "nobody/has-this"}))
    with pytest.raises(ModelError, match="encoder 'nobody/has-this' cannot be loaded"):
        load_student(tmp_path)


CARDS = {
    "linear": MIXED,
    "linear in bfloat16": MIXED.model_copy(update={"encoder": f"{MIXED.encoder}:bfloat16"}),
    "tfidf": Tfidf(kind="tfidf", ngrams=1, c=1.0),
    "finetune": tiny.settings("all-MiniLM-L6-v2", epochs=1, held_out=0.0),
}


@pytest.mark.parametrize("settings", CARDS.values(), ids=CARDS)
def test_the_card_says_what_the_model_is(
    settings: Tfidf | Linear | Finetune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_task("notes")
    data = TrainingSet.of(["loud music", "my parcel"], [("noise",), ("parcel",)])
    facts = {"kind": settings.kind, "task": "notes", "method": "context", "texts": 2, "sha256": "5ba1e"}
    save_student(tmp_path / "model", fit_student(settings, data), facts)
    write_card(tmp_path / "model", "mine", load_task("notes"), settings, "Generated by `desk`.")
    card = (tmp_path / "model/README.md").read_text()
    for part in (
        "# notes / context / mine",
        "notes that people",
        "| noise | complains that something is loud |",
        "`5ba1e`",
        "data/metrics/evaluate/notes/context/mine.json",
        "Generated by `desk`.",
        f'"kind": "{settings.kind}"',
    ):
        assert part in card
    assert "plants" not in card
    assert ("all-MiniLM-L6-v2: Apache-2.0" in card) == (settings.kind != "tfidf")
    assert ('pipeline("text-classification"' in card) == (settings.kind == "finetune")
    assert load_student(tmp_path / "model").labels == ("noise", "parcel")

"""What is made of a student's probabilities: labels that it has never seen, tables that can be read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core import files, paths
from stages.core.errors import ArtifactError, ModelError
from stages.core.sections import Evaluate
from stages.measures.differences import APART, differences, how_compared, pair_table
from stages.measures.outcome import Outcome, measure, write_outcome
from stages.measures.predictions import Predictions

LABELS = ("a", "b", "c")
SETTINGS = Evaluate(resamples=200, confidence=0.95, seed=1)
SETS = st.frozensets(st.sampled_from(LABELS), min_size=1)


def written(outcome: Outcome, folder: Path) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """confusion.csv and per_class.csv."""
    write_outcome(outcome, "t", "m", "s")
    tables = (paths.confusion_plot("t", "m", "s"), paths.per_class_plot("t", "m", "s"))
    confusion, per_class = (files.read_csv(folder / each, "evaluate") for each in tables)
    return confusion, per_class


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_label_that_only_the_test_set_has_is_got_wrong_and_told(folder: Path) -> None:
    actual = [("a",), ("c",), ("c",), ("b",)]
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    found = measure(actual, probabilities, ("a", "b"), LABELS, SETTINGS, multilabel=False)
    assert found.scores["accuracy"] == 0.5
    assert found.scores["unseen"] == 2
    # a and b have a precision of a half and are always found: F1 of 2/3; c is never given.
    assert found.scores["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 0) / 3)
    assert found.scores["brier"] == pytest.approx((0.02 + (0.36 + 0.16 + 1) + (0.04 + 0.64 + 1) + 0.18) / 4)
    assert str(found).endswith("on 4 texts; never seen by it: c (2 texts); labels with fewer than 5 test texts: 3")
    confusion, per_class = written(found, folder)
    assert [(row["actual"], row["predicted"]) for row in confusion] == [("a", "a"), ("c", "a"), ("c", "b"), ("b", "b")]
    assert list(per_class[0]) == ["label", "precision", "recall", "f1", "texts"]
    assert per_class[2] == {"label": "c", "precision": "0.000000", "recall": "0.000000", "f1": "0.000000", "texts": "2"}


def test_labels_with_few_texts_are_counted_where_there_are_any() -> None:
    actual = [("a",)] * 5 + [("b",)]
    found = measure(actual, np.ones((6, 1)), ("a",), LABELS, SETTINGS, multilabel=False)
    assert found.scores["scarce"] == 1
    enough = measure(actual[:5], np.ones((5, 1)), ("a",), LABELS, SETTINGS, multilabel=False)
    assert "scarce" not in enough.scores
    assert "fewer" not in str(enough)


def test_the_order_of_the_students_labels_is_its_own() -> None:
    probabilities = np.array([[0.1, 0.9], [0.8, 0.2]])
    found = measure([("a",), ("b",)], probabilities, ("b", "a"), ("a", "b"), SETTINGS, multilabel=False)
    assert found.scores["accuracy"] == 1.0
    assert found.scores["calibration_error"] == pytest.approx(0.15)
    assert found.unseen == ()


def test_a_student_of_other_labels_is_refused() -> None:
    with pytest.raises(ModelError, match=r"labels that task.yaml does not have: x, y"):
        measure([("a",)], np.ones((1, 3)), ("x", "a", "y"), LABELS, SETTINGS, multilabel=False)


def test_several_labels(folder: Path) -> None:
    probabilities = np.array([[0.9, 0.7, 0.1], [0.2, 0.4, 0.3], [0.6, 0.1, 0.8]])
    found = measure([("a", "b"), ("a",), ("a", "b")], probabilities, LABELS, LABELS, SETTINGS, multilabel=True)
    # Given: a b; b, for it is the likeliest; a c. Hits: 3 of 5 given, of 5 that there are.
    assert found.scores["micro_f1"] == pytest.approx(3 / 5)
    assert {"map", "ndcg_at_3", "recall_at_1_low", "precision_at_3_high"} <= set(found.scores)
    assert not {"accuracy", "brier", "calibration_error"} & set(found.scores)
    assert "mean average precision" in str(found)
    confusion, per_class = written(found, folder)
    cells = [(row["text"], row["actual"], row["predicted"]) for row in confusion]
    assert cells == [("0", "a", "a"), ("0", "b", "b"), ("1", "a", "b"), ("2", "a", "a"), ("2", "b", "c")]
    # By a's probabilities the texts come first, third, second, and all have it; c has no text.
    assert [row["average_precision"] for row in per_class] == ["1.000000", "0.833333", ""]


@given(st.lists(st.tuples(SETS, SETS), min_size=1, max_size=6), st.booleans())
def test_predictions_come_back_from_their_table(
    pairs: list[tuple[frozenset[str], frozenset[str]]], multilabel: bool
) -> None:
    sides = list(zip(*pairs, strict=True))
    if not multilabel:
        sides = [tuple(frozenset(sorted(each)[:1]) for each in side) for side in sides]
    given = Predictions(sides[0], sides[1], multilabel)
    header, lines = given.table(LABELS)
    rows = [dict(zip(header, map(str, line), strict=True)) for line in lines]
    assert Predictions.of_table(rows) == given


def test_methods_are_told_apart_where_texts_have_several_labels() -> None:
    texts = tuple(frozenset(each) for each in ("ab", "b", "ac", "c") * 20)
    wrong = tuple(frozenset("a") if number % 3 else each for number, each in enumerate(texts))
    cells = {
        name: {"tfidf": Predictions(texts, given, multilabel=True)}
        for name, given in (("good", texts), ("bad", wrong), ("same", wrong))
    }
    pairs = differences(cells, LABELS, SETTINGS)
    assert [(each.first, each.second, each.verdict) for each in pairs] == [
        ("good", "bad", "good better"), ("good", "same", "good better"), ("bad", "same", APART),
    ]  # fmt: skip
    assert all(each.test is None for each in pairs)
    header, rows = pair_table(pairs)
    assert header == ["method A", "method B", "student", "macro-F1, A less B", "verdict"]
    assert all(len(row) == len(header) for row in rows)
    assert "McNemar" not in how_compared(pairs, len(texts), SETTINGS)


def test_other_test_texts_are_refused() -> None:
    one, two = (
        {"tfidf": Predictions(actual, actual, multilabel=False)}
        for actual in ((frozenset("a"), frozenset("b")), (frozenset("a"),))
    )
    with pytest.raises(ArtifactError, match="x and y were scored on different test texts"):
        differences({"x": one, "y": two}, LABELS, SETTINGS)

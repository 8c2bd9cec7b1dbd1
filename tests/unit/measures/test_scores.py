from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

from stages.measures.scores import class_scores, confusion, f1_of_classes, macro_f1, score

LABELS = ("a", "b", "c", "d")
PAIRS = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=40)
SETTINGS: dict[str, Any] = {"resamples": 200, "confidence": 0.95, "seed": 1}


@given(PAIRS)
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = [list(each) for each in zip(*pairs, strict=True)]
    counts = confusion(actual, predicted, LABELS)
    found = score(actual, predicted, LABELS, **SETTINGS)
    occur = sorted(set(actual))
    assert found["accuracy"] == pytest.approx(accuracy_score(actual, predicted))
    assert found["macro_f1"] == pytest.approx(
        f1_score(actual, predicted, labels=occur, average="macro", zero_division=0)
    )
    precision, recall, f1, texts = precision_recall_fscore_support(actual, predicted, labels=LABELS, zero_division=0)
    each = class_scores(counts, LABELS)
    assert [one.precision for one in each] == pytest.approx(precision)
    assert [one.recall for one in each] == pytest.approx(recall)
    assert [one.f1 for one in each] == pytest.approx(f1)
    assert [one.texts for one in each] == list(texts)


def test_by_hand() -> None:
    # a: 2 of 3 found, one b taken for it: F1 = 4/6. b: 1 of 2 found, one a taken for it: F1 = 2/4. c, d: not there.
    counts = confusion(["a", "a", "a", "b", "b"], ["a", "a", "b", "b", "a"], LABELS)
    assert f1_of_classes(counts) == pytest.approx([4 / 6, 2 / 4, 0, 0])
    assert macro_f1(counts) == pytest.approx((4 / 6 + 2 / 4) / 2)


def test_the_interval_is_that_of_the_bootstrap_over_texts() -> None:
    generator = np.random.default_rng(5)
    actual = [LABELS[number] for number in generator.integers(0, 4, 300)]
    predicted = [label if generator.random() < 0.7 else "a" for label in actual]
    found = score(actual, predicted, LABELS, resamples=3000, confidence=0.9, seed=1)
    slow = []
    for _ in range(3000):
        drawn = generator.integers(0, 300, 300)
        slow.append(
            f1_score([actual[n] for n in drawn], [predicted[n] for n in drawn], average="macro", zero_division=0)
        )
    assert (found["macro_f1_low"], found["macro_f1_high"]) == pytest.approx(np.quantile(slow, [0.05, 0.95]), abs=0.006)
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"]
    assert found["texts"] == 300


@given(PAIRS)
def test_the_same_seed_gives_the_same_interval(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = [list(each) for each in zip(*pairs, strict=True)]
    one, two = (score(actual, predicted, LABELS, **SETTINGS) for _ in range(2))
    assert one == two
    assert 0 <= one["macro_f1_low"] <= one["macro_f1_high"] <= 1


def test_many_labels_stay_small() -> None:
    labels = [f"label {number}" for number in range(77)]
    actual = labels * 40
    found = score(actual, actual, labels, resamples=2000, confidence=0.95, seed=1)
    assert found["macro_f1_low"] == 1.0

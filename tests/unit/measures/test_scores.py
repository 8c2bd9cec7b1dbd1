"""Scores against scikit-learn, against slow bootstraps over texts, and against cases worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    label_ranking_average_precision_score,
    ndcg_score,
    precision_recall_fscore_support,
)

from stages.core.sections import Evaluate
from stages.measures.calibration import brier_score, calibration_error
from stages.measures.counts import count, f1_of_labels, indicators, macro_f1, micro_f1
from stages.measures.ranking import average_precisions, ranking_scores
from stages.measures.scores import class_scores, several_scores, single_scores

Matrix = NDArray[Any]

LABELS = ("a", "b", "c", "d")
PAIRS = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=40)
SEVERAL = st.lists(
    st.tuples(st.sets(st.sampled_from(LABELS), min_size=1), st.sets(st.sampled_from(LABELS), min_size=1)),
    min_size=1,
    max_size=40,
)
SETTINGS = Evaluate(resamples=200, confidence=0.95, seed=1)


def single(labels: Any) -> Matrix:
    return indicators([(each,) for each in labels], LABELS)


def scored(actual: Any, predicted: Any, settings: Evaluate = SETTINGS) -> dict[str, float]:
    return single_scores(single(actual), single(predicted), single(predicted).astype(float), settings)


def likely(texts: int, labels: int = 4, seed: int = 3) -> Matrix:
    """Probabilities without a tie, of several labels a text."""
    return np.random.default_rng(seed).random((texts, labels))


@examples(max_examples=25)
@given(PAIRS)
def test_scores_are_those_of_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = [list(each) for each in zip(*pairs, strict=True)]
    found, occur = scored(actual, predicted), sorted(set(actual))
    assert found["accuracy"] == pytest.approx(accuracy_score(actual, predicted))
    assert found["macro_f1"] == pytest.approx(
        f1_score(actual, predicted, labels=occur, average="macro", zero_division=0)
    )
    precision, recall, f1, texts = precision_recall_fscore_support(actual, predicted, labels=LABELS, zero_division=0)
    each = class_scores(single(actual), single(predicted), LABELS)
    assert [one.precision for one in each] == pytest.approx(precision)
    assert [one.recall for one in each] == pytest.approx(recall)
    assert [one.f1 for one in each] == pytest.approx(f1)
    assert [one.texts for one in each] == list(texts)
    assert [one.average_precision for one in each] == [None] * 4
    # Sure of what it says, so the error in its confidence is the share that it got wrong, and that twice is the Brier.
    assert found["calibration_error"] == pytest.approx(1 - found["accuracy"])
    assert found["brier"] == pytest.approx(2 * (1 - found["accuracy"]))


@examples(max_examples=25)
@given(SEVERAL)
def test_scores_of_several_labels_are_those_of_scikit_learn(pairs: list[tuple[set[str], set[str]]]) -> None:
    actual, predicted = (indicators(each, LABELS) for each in zip(*pairs, strict=True))
    probabilities, occur = likely(len(actual)), np.asarray(actual.any(axis=0))
    found = several_scores(actual, predicted, probabilities, SETTINGS)
    assert found["micro_f1"] == pytest.approx(f1_score(actual, predicted, average="micro"))
    assert found["macro_f1"] == pytest.approx(
        f1_score(actual, predicted, average="macro", zero_division=0, labels=np.flatnonzero(occur))
    )
    assert found["map"] == pytest.approx(label_ranking_average_precision_score(actual, probabilities))
    for depth in (1, 3):
        assert found[f"ndcg_at_{depth}"] == pytest.approx(ndcg_score(actual, probabilities, k=depth))
    assert "ndcg_at_5" not in found, "there are four labels"
    assert found["precision_at_1"] == pytest.approx(actual[np.arange(len(actual)), probabilities.argmax(axis=1)].mean())
    precision, recall, f1, _ = precision_recall_fscore_support(actual, predicted, zero_division=0)
    each = class_scores(actual, predicted, LABELS, probabilities)
    assert [one.precision for one in each] == pytest.approx(precision)
    assert [one.recall for one in each] == pytest.approx(recall)
    assert [one.f1 for one in each] == pytest.approx(f1)
    for number, one in enumerate(each):
        column = (actual[:, number], probabilities[:, number])
        assert one.average_precision == (average_precision_score(*column) if occur[number] else None)
    assert all(found[name + "_low"] <= found[name + "_high"] for name in ("map", "macro_f1", "recall_at_3"))


@given(PAIRS)
def test_micro_f1_is_the_accuracy_where_texts_have_one_label(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = [list(each) for each in zip(*pairs, strict=True)]
    assert micro_f1(count(single(actual), single(predicted))) == pytest.approx(accuracy_score(actual, predicted))


def test_by_hand() -> None:
    # a: 2 of 3 found, one b taken for it: F1 = 4/6. b: 1 of 2 found, one a taken for it: F1 = 2/4. c, d: not there.
    counts = count(single("aaabb"), single("aabba"))
    assert f1_of_labels(counts) == pytest.approx([4 / 6, 2 / 4, 0, 0])
    assert macro_f1(counts) == pytest.approx((4 / 6 + 2 / 4) / 2)


def test_ranking_by_hand() -> None:
    actual = indicators([("a", "c"), ("d",)], LABELS)
    probabilities = np.array([[0.9, 0.8, 0.7, 0.1], [0.5, 0.6, 0.0, 0.0]])
    # The first text: ranks 1 and 3, so (1/1 + 2/3) / 2. The second: d is as likely as c, both rank fourth: 1/4.
    assert average_precisions(probabilities, actual) == pytest.approx([5 / 6, 1 / 4])
    found = ranking_scores(probabilities, actual)
    assert found["precision_at_3"] == pytest.approx([2 / 3, 0])
    assert found["recall_at_1"] == pytest.approx([1 / 2, 0])
    # Gains 1 at rank 1 and 1 / log2(4) at rank 3, over 1 and 1 / log2(3) at the best.
    assert found["ndcg_at_3"] == pytest.approx([1.5 / (1 + 1 / np.log2(3)), 0])
    assert found["ndcg_at_1"] == pytest.approx([1, 0])


def test_calibration_by_hand() -> None:
    # Bin (9/15, 10/15]: 0.65 right and 0.61 wrong, so |1/2 - 0.63| of two texts. (12/15, 13/15]: 0.85 right, of one.
    probabilities = np.array([[0.65, 0.35], [0.39, 0.61], [0.85, 0.15]])
    actual = np.array([[True, False], [True, False], [True, False]])
    value, low, high = calibration_error(probabilities, actual, SETTINGS)
    assert value == pytest.approx((2 * 0.13 + 1 * 0.15) / 3)
    assert 0 <= low <= value <= high
    assert brier_score(probabilities, actual) == pytest.approx(2 * (0.35**2 + 0.61**2 + 0.15**2) / 3)
    assert brier_score(probabilities, actual) == pytest.approx(2 * brier_score_loss([1, 1, 1], probabilities[:, 0]))


def test_the_edges_of_bins_are_those_of_the_paper() -> None:
    # 1/15 belongs to the first bin, and so does nothing above it; 1 to the last.
    sure, actual = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[True, False], [False, True]])
    assert calibration_error(sure, actual, SETTINGS)[0] == pytest.approx(0.5)
    # Two bins: |1 - 0.6| and |0 - 0.61| each of one text. In one bin it would be |0.5 - 0.605|.
    split = np.array([[0.6, 0.4], [0.61, 0.39]])
    assert calibration_error(split, actual, SETTINGS)[0] == pytest.approx((0.4 + 0.61) / 2)


def test_a_student_that_is_as_sure_as_it_is_right_has_an_interval_down_to_zero() -> None:
    generator = np.random.default_rng(8)
    confidence = generator.uniform(0.5, 1, 400)
    probabilities = np.stack([confidence, 1 - confidence], axis=1)
    right = generator.random(400) < confidence
    value, low, high = calibration_error(probabilities, np.stack([right, ~right], axis=1), SETTINGS)
    assert low == 0
    assert low < value <= high < 0.12
    off, bound, _ = calibration_error(probabilities, np.stack([~right, right], axis=1), SETTINGS)
    assert off > bound > 0.3


def test_the_intervals_are_those_of_the_bootstrap_over_texts() -> None:
    generator = np.random.default_rng(5)
    actual = [LABELS[number] for number in generator.integers(0, 4, 300)]
    predicted = [label if generator.random() < 0.7 else "a" for label in actual]
    settings = Evaluate(resamples=2000, confidence=0.9, seed=1)
    found = scored(actual, predicted, settings)
    one, two, likelihood = single(actual), single(predicted), likely(300)
    several, each = several_scores(one, two, likelihood, settings), average_precisions(likelihood, one)
    slow, ranked = [], []
    for _ in range(2000):
        drawn = generator.integers(0, 300, 300)
        slow.append(macro_f1(count(one[drawn], two[drawn])))
        ranked.append(each[drawn].mean())
    assert (found["macro_f1_low"], found["macro_f1_high"]) == pytest.approx(np.quantile(slow, [0.05, 0.95]), abs=0.008)
    assert (several["map_low"], several["map_high"]) == pytest.approx(np.quantile(ranked, [0.05, 0.95]), abs=0.008)
    assert (several["macro_f1_low"], several["micro_f1_low"]) == (found["macro_f1_low"], found["accuracy_low"])
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"]


@examples(max_examples=25)
@given(PAIRS)
def test_the_same_seed_gives_the_same_interval(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = [list(each) for each in zip(*pairs, strict=True)]
    one, two = (scored(actual, predicted) for _ in range(2))
    assert one == two
    assert 0 <= one["macro_f1_low"] <= one["macro_f1_high"] <= 1


def test_many_labels_stay_small() -> None:
    every = np.tile(np.eye(77, dtype=bool), (40, 1))
    found = single_scores(every, every, every.astype(float), SETTINGS)
    assert (found["macro_f1"], found["macro_f1_high"]) == (1.0, 1.0)


@pytest.mark.parametrize(("predicted", "value", "bound"), [("ab", 1.0, "_low"), ("ba", 0.0, "_high")])
def test_where_all_texts_are_right_or_all_wrong_the_interval_is_wilsons(
    predicted: str, value: float, bound: str
) -> None:
    found = scored("ab" * 15, predicted * 15)
    # z^2 / (n + z^2) is what Wilson's interval leaves on the other side of n texts of one kind.
    left = 1.959964**2 / (30 + 1.959964**2)
    for name in ("accuracy", "macro_f1"):
        assert found[name] == value
        assert found[name + bound] == pytest.approx(abs(value - left), abs=1e-6)
        assert {found[name + "_low"], found[name + "_high"]} == {value, found[name + bound]}


def test_one_wrong_text_is_enough_for_the_bootstrap() -> None:
    one, two = single("ab" * 15), single("ab" * 14 + "aa")
    found, several = scored("ab" * 15, "ab" * 14 + "aa"), several_scores(one, two, two.astype(float), SETTINGS)
    for bound in ("_low", "_high"):
        assert (found["accuracy" + bound], found["macro_f1" + bound]) == (
            several["micro_f1" + bound],
            several["macro_f1" + bound],
        )
    whole = several_scores(one, one, one.astype(float), SETTINGS)
    assert whole["macro_f1_low"] == 1.0, "texts of several labels have no accuracy to go by"


@pytest.mark.parametrize(("labels", "texts"), [(77, 5), (60, 15)])
def test_with_many_labels_the_interval_of_the_macro_f1_holds_the_true_one(labels: int, texts: int) -> None:
    """Each text is right with the same chance, and else has any other label: so that chance is the true F1."""
    right, sets, every, random = 0.6, 60, np.eye(labels, dtype=np.bool_), np.random.default_rng(5)
    actual, held, inside = np.repeat(np.arange(labels), texts), 0, 0
    for _ in range(sets):
        other = (actual + random.integers(1, labels, len(actual))) % labels
        given_labels = np.where(random.random(len(actual)) < right, actual, other)
        found = single_scores(every[actual], every[given_labels], every[given_labels].astype(float), SETTINGS)
        held += found["macro_f1_low"] <= right <= found["macro_f1_high"]
        inside += found["macro_f1_low"] <= found["macro_f1"] <= found["macro_f1_high"]
    assert inside == sets
    assert held >= 0.9 * sets


def test_a_score_of_hundreds_of_labels_lies_in_its_interval() -> None:
    labels, random = 300, np.random.default_rng(2)
    every, actual = np.eye(labels, dtype=np.bool_), np.repeat(np.arange(labels), 4)
    given_labels = np.where(random.random(len(actual)) < 0.6, actual, random.integers(0, labels, len(actual)))
    found = single_scores(every[actual], every[given_labels], every[given_labels].astype(float), SETTINGS)
    assert found["macro_f1_low"] < found["macro_f1"] < found["macro_f1_high"]

"""Labels with very few test texts: by hand, beside the bootstrap of the others, and how often the interval holds."""

from __future__ import annotations

from math import hypot

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from stages.core.sections import Evaluate
from stages.measures.bias import wilson
from stages.measures.counts import Counts, count, indicators, macro_f1
from stages.measures.predictions import Predictions
from stages.measures.scarce import ENOUGH, Bounded, f1_of_few, labels_of_few, scarce, together
from stages.measures.scores import several_scores, single_scores

SETTINGS = Evaluate(resamples=200, confidence=0.95, seed=1)
LABELS = ("a", "b", "c")
Z2 = 1.959964**2


def scored(actual: str, predicted: str, labels: tuple[str, ...] = LABELS) -> dict[str, float]:
    have, had = (indicators([(label,) for label in each], labels) for each in (actual, predicted))
    return single_scores(have, had, had.astype(float), SETTINGS)


def counts_of(hits: list[int], had: list[int], have: list[int]) -> Counts:
    return Counts(*(np.array(each, dtype=np.float64) for each in (hits, had, have)))


def test_one_text_by_hand() -> None:
    everything = counts_of([1, 0, 1], [1, 0, 3], [1, 1, 1])
    first, second, third = (f1_of_few(everything, np.arange(3) == place, 0.95) for place in range(3))
    # Wilson's of 1 of 1: from 1 / (1 + z^2). Of 0 of 1: up to the rest. F1 is 2 J / (1 + J).
    assert (first.value, first.high) == (1, 1)
    assert first.low == pytest.approx(2 / (2 + Z2))
    assert (second.value, second.low) == (0, 0)
    assert second.high == pytest.approx(2 * Z2 / (1 + 2 * Z2))
    # Found, and two others taken for it: one hit of three texts.
    assert third.value == pytest.approx(2 / 4)
    assert (third.low, third.high) == pytest.approx([2 * each / (1 + each) for each in wilson(1 / 3, 3, 0.95)])


def test_which_labels_are_scarce() -> None:
    assert list(scarce(counts_of([0, 1, 0], [9, 1, 0], [0, ENOUGH - 1, ENOUGH]))) == [False, True, False]


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=6))
def test_the_interval_holds_the_mean(rows: list[tuple[int, int, int]]) -> None:
    hits, wrong, missed = np.array(rows).T
    counts = Counts(hits.astype(float), (hits + wrong).astype(float), (hits + missed).astype(float))
    few = counts.have > 0
    if few.any():
        found = f1_of_few(counts, few, 0.95)
        assert found.value == pytest.approx(float(macro_f1(counts)))
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high


def test_together_by_hand() -> None:
    found = together([(0.75, Bounded(0.8, 0.7, 0.84)), (0.25, Bounded(0.4, 0.0, 0.8))])
    assert found.value == pytest.approx(0.7)
    assert found.low == pytest.approx(0.7 - hypot(0.75 * 0.1, 0.25 * 0.4))
    assert found.high == pytest.approx(0.7 + hypot(0.75 * 0.04, 0.25 * 0.4))
    assert together([(1.0, found)]).low == pytest.approx(found.low)


def test_a_lone_text_is_neither_taken_for_certain_nor_left_out() -> None:
    right, wrong = (scored("a" * 20 + "b" * 20 + "c", "a" * 19 + "b" * 21 + last) for last in ("c", "b"))
    # Its text right: no resample has it wrong. Its text wrong: those without it score two labels of three.
    assert right["macro_f1_low"] < right["macro_f1"] - 0.2
    assert right["macro_f1_high"] >= right["macro_f1"]
    assert wrong["macro_f1_low"] < wrong["macro_f1"] < wrong["macro_f1_high"] < 0.95
    assert wrong["macro_f1"] - wrong["macro_f1_low"] < 0.1
    for each in (right, wrong):
        assert 0 <= each["macro_f1_low"] <= each["macro_f1_high"] <= 1


def test_where_all_texts_are_right_each_part_has_its_own_bound() -> None:
    found = scored("a" * 20 + "b" * 20 + "c", "a" * 20 + "b" * 20 + "c")
    many, few = Z2 / (40 + Z2), 1 - 2 / (2 + Z2)
    assert (found["macro_f1"], found["macro_f1_high"]) == (1, 1)
    assert found["macro_f1_low"] == pytest.approx(1 - hypot(many * 2 / 3, few / 3), abs=1e-6)
    assert found["accuracy_low"] == pytest.approx(1 - Z2 / (41 + Z2), abs=1e-6)


@examples(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=30))
def test_the_macro_f1_lies_in_its_interval_and_several_labels_have_the_same(pairs: list[tuple[str, str]]) -> None:
    actual, predicted = ("".join(each) for each in zip(*pairs, strict=True))
    one = scored(actual, predicted)
    assert 0 <= one["macro_f1_low"] <= one["macro_f1_high"] <= 1
    assert one["accuracy_low"] <= one["accuracy"] <= one["accuracy_high"]
    if 0 < one["accuracy"] < 1:
        have, had = (indicators([(label,) for label in each], LABELS) for each in (actual, predicted))
        several = several_scores(have, had, had.astype(float), SETTINGS)
        few = scarce(count(have, had))
        if not few.any() or few.sum() == have.any(axis=0).sum():
            assert several["macro_f1_low"] == one["macro_f1_low"]


def test_the_interval_holds_the_true_score_nearly_as_often_as_it_says() -> None:
    # Three labels of 20 texts and five of one; each text right with a chance of 0.9, else any other label.
    sizes, generator = np.array([20] * 3 + [1] * 5), np.random.default_rng(4)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    chances = np.full((len(sizes), len(sizes)), 0.1 / (len(sizes) - 1))
    np.fill_diagonal(chances, 0.9)
    shares = chances * sizes[:, np.newaxis]
    true = float((2 * shares.diagonal() / (shares.sum(axis=0) + shares.sum(axis=1))).mean())
    eye, held = np.eye(len(sizes), dtype=np.bool_), 0
    for _ in range(100):
        given_to = np.array([generator.choice(len(sizes), p=chances[each]) for each in labels])
        found = single_scores(eye[labels], eye[given_to], eye[given_to].astype(float), SETTINGS)
        held += found["macro_f1_low"] <= true <= found["macro_f1_high"]
    assert held >= 90


def test_labels_of_predictions() -> None:
    actual, predicted = ("a" * 5 + "b" * 4, "a" * 5 + "b" * 3 + "a")
    made = Predictions(tuple(map(frozenset, actual)), tuple(map(frozenset, predicted)), multilabel=False)
    found = labels_of_few(made, LABELS, 0.95)
    assert list(found) == ["b"], "a has enough, c none"
    assert found["b"].value == pytest.approx(6 / 7)
    assert found["b"].low == pytest.approx(2 * (low := wilson(3 / 4, 4, 0.95)[0]) / (1 + low))

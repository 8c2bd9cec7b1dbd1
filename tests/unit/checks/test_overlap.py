from __future__ import annotations

import numpy as np
import pytest

from stages.checks.doubts import doubted, tolerated
from stages.checks.overlap import TestRuns, nearest, repeated
from stages.checks.texts import TextCheck
from stages.core.lengths import WordRange
from stages.core.texts import IN_TEST_SET

TEST = "the parcel was left with a stranger in the next street and nobody told me anything about it at all"


def test_how_much_of_a_test_text_is_in_a_text() -> None:
    runs = TestRuns([TEST, "too short"])
    whole = runs.overlap(TEST.upper() + "!")
    assert whole
    assert (whole.share, whole.both, whole.text, whole.verbatim) == (1.0, 1.0, TEST, True)
    inside = runs.overlap(f"Hello, I write for the third time. {TEST}. I want an answer today or I cancel it all.")
    assert inside
    assert inside.share == 1.0
    assert not inside.verbatim
    half = runs.overlap(" ".join(TEST.split()[:10]))
    assert half
    assert half.share == pytest.approx(8 / 18)
    assert runs.overlap("nothing of the kind is in here") is None
    assert runs.overlap("") is None


def test_a_test_text_but_for_a_word_is_thrown_out() -> None:
    check = TextCheck(WordRange(2, 40), 0.5, [TEST])
    assert check.judge(TEST.replace("at all", "here"), {}) == IN_TEST_SET
    assert check.judge(f"Hello, I write for the third time. {TEST}. I want an answer.", {}) is None


def test_near_duplicates_by_label() -> None:
    groups = np.array([0, 1, 0, 0, 1, 2])
    labels = [("a",), ("b",), ("a",), ("b",), ("c",), ("a",)]
    assert repeated(groups, labels) == ([None, None, 0, None, None, None], [None, None, None, 0, 1, None])
    several = [("a", "b"), ("b",), ("b", "c"), ("d",), ("c",), ("a",)]
    assert repeated(groups, several) == ([None, None, 0, None, None, None], [None, None, None, 0, 1, None])
    assert repeated(np.zeros(0, dtype=np.int64), []) == ([], [])


def test_the_nearest_vector() -> None:
    cosines, places = nearest(np.eye(3), np.array([[0.0, 0.6, 0.8], [1.0, 0.0, 0.0]]))
    assert cosines.tolist() == [1.0, 0.6, 0.8]
    assert places.tolist() == [1, 0, 0]


WORDS = {
    "noise": "loud music drill party bass",
    "parcel": "courier box post stamp van",
    "plants": "fern water soil pot leaf",
}


def made(count: int) -> tuple[list[str], list[str], np.ndarray[tuple[int, int], np.dtype[np.float64]]]:
    """Texts of three words of their label and vectors near its own."""
    draw = np.random.default_rng(1)
    labels = [list(WORDS)[number % 3] for number in range(count)]
    texts = [" ".join(draw.choice(WORDS[label].split(), 3)) for label in labels]
    vectors = np.eye(8)[[list(WORDS).index(label) for label in labels]] + 0.2 * draw.normal(size=(count, 8))
    return texts, labels, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_swapped_labels_are_doubted() -> None:
    texts, labels, vectors = made(90)
    assert doubted(texts, [(each,) for each in labels], vectors) == [None] * 90
    swapped = {4: "noise", 30: "plants", 77: "parcel"}
    given = [(swapped.get(row, label),) for row, label in enumerate(labels)]
    found = doubted(texts, given, vectors)
    assert {row: each for row, each in enumerate(found) if each} == {row: labels[row] for row in swapped}


def test_of_several_labels_the_wrong_one_is_doubted() -> None:
    texts, labels, vectors = made(90)
    both = [(label, "plants") if row % 3 < 2 and row > 80 else (label,) for row, label in enumerate(labels)]
    assert both[81] == ("noise", "plants")
    both[81] = ("plants", "parcel")
    mixed = vectors.copy()
    mixed[81:] += [np.eye(8)[2] if len(each) > 1 else np.zeros(8) for each in both[81:]]
    mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
    assert doubted(texts, both, mixed)[81] == "noise"


def test_where_nothing_can_be_doubted() -> None:
    assert doubted(["a b", "c d"], [("noise",), ("noise",)], np.eye(2)) == [None, None]
    assert doubted(["?", "!"] * 5, [("noise",), ("parcel",)] * 5, np.eye(10)) == [None] * 10
    assert [tolerated(labels) for labels in (2, 4, 12, 28, 77)] == [0, 0, 1, 2, 3]

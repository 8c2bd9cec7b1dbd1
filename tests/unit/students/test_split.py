from __future__ import annotations

import numpy as np

from stages.students.split import folds, near_duplicate_groups
from stages.students.training import TrainingSet

PAIRS = [f"parcel number{number} was lost near town{number} by courier{number}" for number in range(20)]
TEXTS = [text + end for text in PAIRS for end in ("", " yesterday")]


def test_texts_that_differ_by_a_word_share_a_group_and_others_do_not() -> None:
    assert near_duplicate_groups(TEXTS).tolist() == [number // 2 for number in range(40)]
    assert near_duplicate_groups(["?!", "...", "?!"]).tolist() == [0, 1, 2]
    assert near_duplicate_groups(["?!", "a word"]).tolist() == [0, 1]
    assert near_duplicate_groups([]).tolist() == []


def test_folds_keep_near_duplicates_together_and_spread_the_labels() -> None:
    data = TrainingSet.of(TEXTS, [("x",) if number < 20 else ("y",) for number in range(40)])
    found = folds(data, 5, seed=3)
    assert (found[::2] == found[1::2]).all()
    assert [np.bincount(part, minlength=5).tolist() for part in (found[:20], found[20:])] == [[4] * 5, [4] * 5]
    assert (folds(data, 5, seed=3) == found).all()
    assert (folds(data, 5, seed=4) != found).any()


def test_labels_with_fewer_texts_than_folds() -> None:
    data = TrainingSet.of(["one", "two", "three", "four"], [("x",), ("x",), ("x",), ("y",)])
    assert sorted(folds(data, 5, seed=3)[:3]) == [0, 1, 2]
    assert sorted(folds(data.part([0, 3]), 2, seed=3)) == [0, 1]

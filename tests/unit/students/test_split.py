from __future__ import annotations

import tracemalloc

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from stages.core.arrays import connected
from stages.students.split import folds, near_duplicate_groups
from stages.students.training import TrainingSet

PAIRS = [f"parcel number{number} was lost near town{number} by courier{number}" for number in range(20)]
TEXTS = [text + end for text in PAIRS for end in ("", " yesterday")]


def test_texts_that_differ_by_a_word_share_a_group_and_others_do_not() -> None:
    assert near_duplicate_groups(TEXTS).tolist() == [number // 2 for number in range(40)]
    assert near_duplicate_groups(["?!", "...", "?!"]).tolist() == [0, 1, 2]
    assert near_duplicate_groups(["?!", "a word"]).tolist() == [0, 1]
    assert near_duplicate_groups([]).tolist() == []


@given(st.lists(st.lists(st.sampled_from("aaaabbbccdefgh"), max_size=9), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_no_pair_is_missed_and_none_is_wrong(words: list[list[str]]) -> None:
    texts = [" ".join(each) for each in [*words, ["word"]]]
    vectors = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", dtype=np.float32).fit_transform(texts)
    cosines = vectors @ vectors.T
    cosines.data = (cosines.data >= 0.7).astype(np.float32)
    cosines.eliminate_zeros()
    assert near_duplicate_groups(texts).tolist() == connected(cosines).tolist()


def test_texts_that_share_common_words_are_not_all_compared() -> None:
    common = ["the", "parcel", "was", "lost", "near", "our", "town", "by", "a", "courier"]
    texts = [" ".join([*common[row % 7 :], f"number{row}", *common[: row % 3], f"street{row}"]) for row in range(2000)]
    tracemalloc.start()
    found = near_duplicate_groups([text + end for text in texts for end in ("", " again")])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.tolist() == [row // 2 for row in range(4000)]
    assert peak < 40e6, "bytes; all cosines of half of the texts are 64,000,000"


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

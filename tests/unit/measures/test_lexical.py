"""Measures of words against slow and obvious implementations, and against cases worked out by hand."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.arrays import Ints
from stages.core.texts import normalised
from stages.measures.duplicates import near_duplicate_share, near_duplicates
from stages.measures.lexical import distinct_n, expected_distinct, ingf, self_bleu
from stages.measures.words import Words, rows_of

TEXT = st.lists(st.sampled_from(["a", "b", "c", "dd", "?!"]), max_size=7).map(" ".join)
TEXTS = st.lists(TEXT, max_size=8)
COUNTS = st.lists(st.integers(1, 5), min_size=1, max_size=6).map(lambda each: np.array(each, dtype=np.int64))


def slow_grams(text: str, n: int) -> list[tuple[str, ...]]:
    words = normalised(text).split()
    return [tuple(words[start : start + n]) for start in range(len(words) - n + 1)]


@settings(max_examples=50, deadline=None)
@given(TEXTS, st.integers(1, 4))
def test_runs_of_words_are_those_inside_each_text(texts: list[str], n: int) -> None:
    words = Words.of(texts)
    assert len(words) == len(texts)
    grams, rows = words.grams(n)
    slow = [(gram, row) for row, text in enumerate(texts) for gram in slow_grams(text, n)]
    assert rows.tolist() == [row for _, row in slow]
    names = dict[int, tuple[str, ...]]()
    assert all(names.setdefault(number, gram) == gram for number, (gram, _) in zip(grams.tolist(), slow, strict=True))
    assert len(set(names.values())) == len(names)
    assert sorted(words.counts(n)) == sorted(Counter(gram for gram, _ in slow).values())


def test_words_are_those_that_texts_are_compared_by() -> None:
    words = Words.of(["The CAFE\N{COMBINING ACUTE ACCENT}, the cafe\u0301!", "?!", ""])
    assert words.vocabulary == ("the", "caf\u00e9", "?!")
    assert words.lengths.tolist() == [4, 1, 0]


@settings(max_examples=50, deadline=None)
@given(TEXTS.filter(bool), st.data())
def test_a_part_has_the_words_of_its_texts(texts: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=6))
    part, alone = Words.of(texts).take(np.array(rows, dtype=np.int64)), Words.of([texts[row] for row in rows])
    assert [part.vocabulary[each] for each in part.numbers] == [alone.vocabulary[each] for each in alone.numbers]
    assert part.starts.tolist() == alone.starts.tolist()


def test_rows_of_labels() -> None:
    assert {label: rows.tolist() for label, rows in rows_of(["b", "a", "b"]).items()} == {"a": [1], "b": [0, 2]}
    assert rows_of([]) == {}


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.data())
def test_expected_distinct_words_are_the_mean_over_all_samples(counts: Ints, data: st.DataObject) -> None:
    words = [word for word, count in enumerate(counts) for _ in range(count)][:10]
    counts = np.array(list(Counter(words).values()))
    m = data.draw(st.integers(1, len(words)))
    samples = list(combinations(words, m))
    slow = sum(len(set(each)) for each in samples) / len(samples)
    assert expected_distinct(counts, m) == pytest.approx(slow)
    assert distinct_n(counts, m) == pytest.approx(slow / m)


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_a_sample_of_all_words_has_the_whole_vocabulary_and_of_one_word_one(counts: Ints) -> None:
    assert expected_distinct(counts, int(counts.sum())) == pytest.approx(len(counts))
    assert expected_distinct(counts, 1) == pytest.approx(1)
    assert expected_distinct(counts, int(counts.sum()) + 1) is None
    assert distinct_n(counts, int(counts.sum()) + 1) is None


def test_expected_distinct_words_of_many() -> None:
    # 1,000 words, 2,000 times each, and a million of the two million drawn: (almost) none is missed. Of a million
    # words that occur twice each, one is missed if both stay behind: 1 - 1/2 * 999,999 / 1,999,999.
    assert expected_distinct(np.full(1000, 2000), 1_000_000) == pytest.approx(1000)
    missed = 0.5 * 999_999 / 1_999_999
    assert expected_distinct(np.full(1_000_000, 2), 1_000_000) == pytest.approx(1_000_000 * (1 - missed), rel=1e-6)


def test_ingf_by_hand() -> None:
    # Words: 3 distinct, occurring 1, 1 and 4 times: mean 2, deviation sqrt(2). Pairs: 2 distinct, 1 and 3 times:
    # mean 2, deviation 1.
    counts = [np.array([1, 1, 4]), np.array([1, 3])]
    assert ingf(counts[:1], 6) == pytest.approx(3 / math.sqrt(2))
    assert ingf(counts[1:], 4) == pytest.approx(2)
    assert ingf([counts[0], np.array([1, 1, 4])], 6) == pytest.approx(6 / math.sqrt(2))
    assert ingf(counts, 6) is None, "there are four pairs only"
    assert ingf([np.array([2, 2])], 4) is None, "no run occurs oftener than another"


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.data())
def test_ingf_of_a_sample_has_the_expected_moments(counts: Ints, data: st.DataObject) -> None:
    words = [word for word, count in enumerate(counts) for _ in range(count)][:10]
    counts = np.array(list(Counter(words).values()))
    m = data.draw(st.integers(1, len(words)))
    samples = [Counter(each).values() for each in combinations(words, m)]
    distinct = sum(len(each) for each in samples) / len(samples)
    squares = sum(sum(count**2 for count in each) for each in samples) / len(samples)
    variance, found = squares / distinct - (m / distinct) ** 2, ingf([counts], m)
    if variance < 1e-9:
        assert found is None
    else:
        assert found == pytest.approx(distinct / math.sqrt(variance), rel=1e-4)


def slow_bleu(text: list[str], others: list[list[str]]) -> float:
    logs = 0.0
    for n in (1, 2, 3, 4):
        mine, *theirs = (
            Counter(tuple(each[at : at + n]) for at in range(len(each) - n + 1)) for each in [text, *others]
        )
        hits = sum(min(count, max(each[gram] for each in theirs)) for gram, count in mine.items())
        logs += math.log((hits or 0.1) / max(1, len(text) - n + 1)) / 4
    nearest = min((len(each) for each in others), key=lambda length: (abs(length - len(text)), length))
    return math.exp(logs + min(0.0, 1 - nearest / max(1, len(text))))


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXT, min_size=2, max_size=7))
def test_self_bleu_is_the_mean_over_texts_with_the_others_as_references(texts: list[str]) -> None:
    cut = [normalised(text).split() for text in texts]
    slow = [slow_bleu(each, cut[:at] + cut[at + 1 :]) for at, each in enumerate(cut)]
    assert self_bleu(Words.of(texts), len(texts), seed=1) == pytest.approx(sum(slow) / len(slow))


def test_self_bleu_of_equal_and_of_strange_texts() -> None:
    assert self_bleu(Words.of(["one and the same text"] * 5), 5, seed=1) == pytest.approx(1)
    # No hit among 4, 3, 2 and 1 runs: the fourth root of 0.1/4 * 0.1/3 * 0.1/2 * 0.1/1.
    assert self_bleu(Words.of(["a b c d", "e f g h"]), 2, seed=1) == pytest.approx((1e-4 / 24) ** 0.25)
    texts = Words.of([f"{word} of the town" for word in ("mayor", "walls", "gates", "walls", "river", "mayor")])
    assert self_bleu(texts, 7, seed=1) is None
    assert self_bleu(texts, 4, seed=1) == self_bleu(texts, 4, seed=1)
    assert len({self_bleu(texts, 4, seed=seed) for seed in range(9)}) > 1


NOTES = [f"parcel{each} was lost near{each} the old{each} town{each} by courier{each}" for each in range(20)]


def test_texts_that_differ_by_a_word_are_near_duplicates_and_others_are_not() -> None:
    groups = near_duplicates(Words.of([text + end for text in NOTES for end in ("", " yesterday")]))
    assert groups.tolist() == [each // 2 for each in range(40)]
    assert near_duplicate_share(groups) == pytest.approx(0.5)


def test_near_duplicates_at_the_edges() -> None:
    assert near_duplicates(Words.of(["?", "", "a word", "", "A  word!"])).tolist() == [0, 1, 2, 3, 2]
    assert near_duplicates(Words.of([])).tolist() == []
    assert near_duplicates(Words.of(["", ""])).tolist() == [0, 1]
    assert near_duplicate_share(np.zeros(0, dtype=np.int64)) == 0
    assert near_duplicates(Words.of(["one and the same"] * 500)).max() == 0, "more than the neighbours in a bucket"


def test_near_duplicates_are_those_of_all_pairs() -> None:
    generator = np.random.default_rng(3)
    texts = [" ".join(f"w{each}" for each in generator.integers(0, 400, 10)) for _ in range(60)]
    for text in texts[:60]:
        words = text.split()
        for place in generator.choice(10, 2, replace=False)[: generator.integers(1, 3)]:
            words[place] = "changed"
        texts.append(" ".join(words))
    sets = [{*slow_grams(text, 1), *slow_grams(text, 2)} for text in texts]
    slow = list(range(len(texts)))
    for one, two in combinations(range(len(texts)), 2):
        if len(sets[one] & sets[two]) >= 0.5 * len(sets[one] | sets[two]):
            slow = [slow[one] if each == slow[two] else each for each in slow]
    found = near_duplicates(Words.of(texts))
    assert all(len({slow[at] for at in np.flatnonzero(found == each)}) == 1 for each in found), "none is wrong"
    assert len(set(slow)) <= found.max() + 1 <= len(set(slow)) + 3, "hardly one is missed"
    assert len(set(slow)) < 90

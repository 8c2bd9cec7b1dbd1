"""Significance against slow and obvious implementations, and against cases worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import comb
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.sections import Evaluate
from stages.measures.counts import count, indicators, macro_f1
from stages.measures.differences import APART, Pair, differences, how_compared, pair_table
from stages.measures.predictions import Predictions
from stages.measures.significance import Difference, McNemar, holm, mcnemar, paired_bootstrap, score_interval

LABELS = ("a", "b", "c", "d")
LABEL = st.sampled_from(LABELS)
Z2 = NormalDist().inv_cdf(0.95) ** 2  # of 90 % intervals
TRIPLES = st.lists(st.tuples(LABEL, LABEL, LABEL), min_size=1, max_size=40)


def columns(rows: list[tuple[str, str, str]]) -> tuple[list[str], list[str], list[str]]:
    actual, first, second = zip(*rows, strict=True)
    return list(actual), list(first), list(second)


def difference(rows: tuple[list[str], list[str], list[str]], resamples: int = 100, seed: int = 3) -> Difference:
    settings = Evaluate(resamples=resamples, confidence=0.9, seed=seed)
    actual, first, second = ([(label,) for label in each] for each in rows)
    return paired_bootstrap(actual, first, second, LABELS, settings)


def slow_p(b: int, c: int) -> float:
    """Of all 2^(b+c) ways in which a fair coin could have fallen, the share of those that are as rare or rarer."""
    ways = [comb(b + c, k) for k in range(b + c + 1)]
    return float(Fraction(sum(each for each in ways if each <= ways[b]), 2 ** (b + c)))


@pytest.mark.parametrize(
    ("b", "c", "p"),
    # Nobody differs; one text; 2 * (1/2)^5; 2 * (1 + 10) / 2^10; as many on either side.
    [(0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (9, 1, 22 / 1024), (7, 7, 1.0)],
)
def test_mcnemar_by_hand(b: int, c: int, p: float) -> None:
    first, second = ["a"] * b + ["b"] * c, ["b"] * b + ["a"] * c
    both = ["a", "b"]  # one that both get right, one that neither does
    found = mcnemar(["a"] * (b + c + 2), first + both, second + both)
    assert (found.first_only, found.second_only) == (b, c)
    assert found.p == pytest.approx(p)


@given(TRIPLES)
def test_mcnemar_is_the_binomial_test_and_has_no_side(rows: list[tuple[str, str, str]]) -> None:
    actual, first, second = columns(rows)
    found, turned = mcnemar(actual, first, second), mcnemar(actual, second, first)
    assert found.p == pytest.approx(slow_p(found.first_only, found.second_only))
    assert turned.p == pytest.approx(found.p)
    assert (turned.first_only, turned.second_only) == (found.second_only, found.first_only)
    right = [sum(one == two for one, two in zip(actual, each, strict=True)) for each in (first, second)]
    assert found.first_only - found.second_only == right[0] - right[1]


@settings(max_examples=50)
@given(TRIPLES)
def test_the_difference_is_that_of_the_scores_and_turns_its_sign(rows: list[tuple[str, str, str]]) -> None:
    actual, first, second = columns(rows)
    found = difference((actual, first, second))
    have, *given = (indicators([(label,) for label in each], LABELS) for each in (actual, first, second))
    one, two = (float(macro_f1(count(have, each))) for each in given)
    assert found.value == pytest.approx(one - two)
    assert -1 <= found.low <= found.high <= 1
    same, left = difference((actual, first, first)), Z2 / (len(rows) + Z2)
    assert (same.value, same.drawn) == (0, False), "who is compared with itself differs in no resample"
    assert (same.low, same.high) == pytest.approx((-left, left), abs=1e-9)


def made_up(texts: int) -> tuple[list[str], list[str], list[str]]:
    generator = np.random.default_rng(7)
    actual = [LABELS[each] for each in generator.integers(0, 4, texts)]
    first = [label if generator.random() < 0.8 else "a" for label in actual]
    second = [label if generator.random() < 0.7 else "b" for label in first]
    return actual, first, second


def test_the_interval_is_that_of_drawing_texts() -> None:
    actual, first, second = made_up(200)
    found = difference((actual, first, second), 4000, 1)
    generator, slow = np.random.default_rng(2), []
    have, one, two = (indicators([(label,) for label in each], LABELS) for each in (actual, first, second))
    for _ in range(1500):
        drawn = generator.integers(0, 200, 200)
        slow.append(macro_f1(count(have[drawn], one[drawn])) - macro_f1(count(have[drawn], two[drawn])))
    low, high = np.quantile(slow, [0.05, 0.95])
    assert found.low == pytest.approx(low, abs=0.012)
    assert found.high == pytest.approx(high, abs=0.012)
    assert found.low > 0, "the first is better, and 200 texts show it"


def test_two_that_are_right_on_all_texts_may_differ_on_others() -> None:
    right = ["a", "b"] * 15
    found = difference((right, right, right))
    assert (found.value, found.drawn) == (0, False)
    assert (found.low, found.high) == pytest.approx((-Z2 / (30 + Z2), Z2 / (30 + Z2)))


def test_one_right_on_all_texts_and_another_on_none() -> None:
    found = difference((["a"] * 30, ["a"] * 30, ["b"] * 30))
    assert (found.value, found.high, found.drawn) == (1, 1, False)
    assert found.low == pytest.approx((30 - Z2) / (30 + Z2))
    assert difference((["a"] * 3, ["b"] * 3, ["a"] * 3)).high > -0.1, "three texts say little"
    # The second never gives b: each resample has texts of both labels, and the same difference.
    never = difference((["a"] * 30 + ["b"] * 30, ["a"] * 30 + ["b"] * 30, ["a"] * 30 + ["c"] * 30))
    assert (never.value, never.drawn) == (0.5, False)
    assert 0.3 < never.low < 0.45
    assert 0.55 < never.high < 0.7


def test_one_text_that_makes_a_difference_is_enough_for_the_bootstrap() -> None:
    right = ["a", "b"] * 15
    found = difference((right, right, [*right[:-1], "a"]))
    assert found.drawn
    assert found.low == 0 < found.high
    # Both wrong on the same text, in another way: no pair is discordant, and the resamples differ all the same.
    also = difference((right, [*right[:-1], "c"], [*right[:-1], "a"]))
    assert also.drawn
    assert also.low < also.high


def test_the_score_interval_is_the_published_one() -> None:
    # Fagerland, Lydersen and Laake 2014, Statistics in Medicine 33: 21 children before and after a transplantation.
    assert score_interval(1, 7, 21, 0.95) == pytest.approx((-0.517, -0.026), abs=5e-4)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.floats(0.5, 0.99))
def test_the_score_interval_has_no_side_and_holds_what_was_found(b: int, c: int, rest: int, confidence: float) -> None:
    n = max(1, b + c + rest)
    low, high = score_interval(b, c, n, confidence)
    assert -1 <= low <= (b - c) / n <= high <= 1
    assert low < high
    assert score_interval(c, b, n, confidence) == (-high, -low)


def test_how_it_is_told_where_no_resample_differs() -> None:
    chosen = Evaluate(resamples=100, confidence=0.9, seed=1)
    right, wrong = (tuple(map(frozenset, each)) for each in ("ab" * 9, "aa" * 9))
    same, other = (Predictions(right, each, multilabel=False) for each in (right, wrong))
    pairs = differences({"one": {"s": same}, "two": {"s": same}}, LABELS, chosen)
    assert pair_table(pairs)[1][0][3] == "+0.000 (-0.131 to +0.131)"
    assert pairs[0].verdict == APART
    told = "Where no resample differs from another, they are as wide as Tango's"
    assert told in how_compared(pairs, 18, chosen)
    others = differences({"one": {"s": same}, "two": {"s": other}}, LABELS, chosen)
    assert told not in how_compared(others, 18, chosen)


def test_a_small_p_is_not_shown_as_nothing() -> None:
    pair = Pair("one", "two", "s", Difference(0.5, 0.4, 0.6), McNemar(40, 0, 1.8e-12), 1.8e-12, "one better")
    assert pair_table([pair])[1][0][4:7] == ["40 to 0", "< 0.0001", "< 0.0001"]
    assert pair_table([replace(pair, p=0.0001)])[1][0][6] == "0.0001"


def test_the_draws_are_paired_and_repeatable(monkeypatch: pytest.MonkeyPatch) -> None:
    actual, first, second = made_up(200)

    def interval(seed: int = 1) -> tuple[float, float]:
        each = difference((actual, first, second), 500, seed)
        return each.low, each.high

    once = interval()
    assert once == interval() != interval(seed=2)
    monkeypatch.setattr("stages.measures.resampling._NUMBERS_AT_ONCE", 16 * 100)
    assert interval() == once, "blocks go on with the same draws"


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="zip"):
        mcnemar(["a"], ["a"], ["a", "b"])
    with pytest.raises(ValueError, match="dimension"):
        difference((["a"], ["a", "b"], ["a"]))


def test_holm_by_hand() -> None:
    # 0.01 * 4; 0.02 * 3; then 0.03 * 2; and 0.5 once. The third of them in another order:
    assert holm([0.5, 0.01, 0.03, 0.02]) == pytest.approx([0.5, 0.04, 0.06, 0.06])
    assert holm([0.04, 0.04]) == pytest.approx([0.08, 0.08])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_what_its_steps_reject(values: list[float]) -> None:
    corrected = holm(values)
    assert all(one >= two for one, two in zip(corrected, values, strict=True))
    for level in (0.01, 0.05, 0.2):
        rejected, left = set[int](), sorted(range(len(values)), key=values.__getitem__)
        while left and values[left[0]] * len(left) <= level:
            rejected.add(left.pop(0))
        assert {place for place, each in enumerate(corrected) if each <= level} == rejected

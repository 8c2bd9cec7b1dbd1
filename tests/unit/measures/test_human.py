"""What a score is worth in human texts, worked out by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.measuring import Worth
from stages.core.tasks import LabelledText
from stages.measures.human import HumanPoint, draws_of, worth_in_human_texts

CURVE = [HumanPoint(40, 0.9, 0.88, 0.92), HumanPoint(10, 0.8, 0.78, 0.82), HumanPoint(2, 0.6, 0.5, 0.7)]


def test_a_score_is_met_on_a_line_in_the_logarithm() -> None:
    # Half way from 0.8 to 0.9: the geometric mean of 10 and 40. Its bounds: 0.83 between 0.82 and 0.92, 0.87 between
    # 0.78 and 0.88.
    found = worth_in_human_texts(CURVE, 0.85, 0.83, 0.87)
    assert found.value.texts == pytest.approx(20)
    assert found.low.texts == pytest.approx(10 * 4**0.1)
    assert found.high.texts == pytest.approx(10 * 4**0.9)
    assert str(found) == "20 (11 to 35)"


def test_what_is_beyond_the_curve_is_said() -> None:
    assert str(worth_in_human_texts(CURVE, 0.55, 0.45, 0.65)) == "fewer than 2 (fewer than 2 to 5)"
    assert str(worth_in_human_texts(CURVE, 0.95, 0.93, 0.97)) == "more than 40"
    assert str(worth_in_human_texts(CURVE, 0.45, 0.44, 0.46)) == "fewer than 2"
    assert str(worth_in_human_texts(CURVE, 0.6, 0.6, 0.6)) == "2 (fewer than 2 to 4)"
    assert str(worth_in_human_texts(CURVE, 0.9, 0.9, 0.9)) == "40 (30 to more than 40)"
    assert worth_in_human_texts(CURVE[:1], 0.9, 0.9, 0.9).value.texts == 40


def test_of_a_curve_that_falls_the_first_place_counts() -> None:
    falls = [
        HumanPoint(1, 0.5, 0.5, 0.5),
        HumanPoint(4, 0.7, 0.7, 0.7),
        HumanPoint(16, 0.6, 0.6, 0.6),
        HumanPoint(64, 0.8, 0.8, 0.8),
    ]
    assert worth_in_human_texts(falls, 0.6, 0.6, 0.6).value.texts == pytest.approx(2)
    assert worth_in_human_texts(falls, 0.75, 0.75, 0.75).value.texts == pytest.approx(16 * 4**0.75)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0, 1), st.floats(0, 0.1))
def test_the_interval_holds_the_value_and_the_curve_has_the_score_there(
    scores: list[float], score: float, half: float
) -> None:
    scores = sorted(round(each, 3) for each in scores)
    curve = [HumanPoint(2**at, each, each - half, each + half) for at, each in enumerate(scores)]
    found = worth_in_human_texts(curve, score, score - half, score + half)
    assert found.low.texts <= found.value.texts * (1 + 1e-9) <= found.high.texts * (1 + 1e-9) ** 2
    if not found.value.beyond:
        place = math.log2(found.value.texts)
        at = min(int(place), len(scores) - 1)
        after = min(at + 1, len(scores) - 1)
        assert scores[at] + (place - at) * (scores[after] - scores[at]) == pytest.approx(score, abs=1e-6)


@pytest.mark.parametrize(
    ("curve", "interval", "says"),
    [
        ([], (0.5, 0.5, 0.5), "points with different numbers"),
        ([CURVE[0], CURVE[0]], (0.5, 0.5, 0.5), "points with different numbers"),
        ([HumanPoint(0, 0.5, 0.5, 0.5)], (0.5, 0.5, 0.5), "from 1"),
        (CURVE, (0.5, 0.6, 0.7), "outside its interval"),
        ([HumanPoint(3, 0.5, 0.6, 0.7)], (0.5, 0.5, 0.5), "outside its interval"),
    ],
)
def test_what_is_no_curve_is_refused(curve: list[HumanPoint], interval: tuple[float, float, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        worth_in_human_texts(curve, *interval)


def test_draws_have_so_many_texts_of_each_label_and_a_larger_one_holds_the_smaller() -> None:
    train = [LabelledText(f"{label} {n}", label) for n in range(9) for label in ("a", "b") if label == "a" or n < 5]
    found = list(draws_of(train, Worth(per_label=(5, 1, 3, 6), draws=4, seed=1)))
    assert [texts for texts, _ in found] == [1, 3, 5], "of b there are five"
    for texts, draws in found:
        assert [sorted(each.label for each in draw) for draw in draws] == [["a"] * texts + ["b"] * texts] * 4
    for (_, smaller), (_, larger) in pairwise(found):
        assert all(set(one) < set(two) for one, two in zip(smaller, larger, strict=True))
    assert len({tuple(draw) for draw in found[1][1]}) > 1, "draws differ"
    assert list(draws_of([], Worth(per_label=(1,), draws=1, seed=1))) == []

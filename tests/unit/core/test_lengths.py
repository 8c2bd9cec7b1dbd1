from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.core.lengths import WordRange, count_words, parse_range, split_range

RANGES = st.tuples(st.integers(1, 500), st.integers(1, 500)).map(lambda pair: WordRange(min(pair), max(pair) + 1))


@given(RANGES)
def test_a_range_reads_back(whole: WordRange) -> None:
    assert parse_range(str(whole)) == whole


@given(RANGES, st.integers(1, 6))
def test_the_parts_of_a_range_touch_and_make_it_up(whole: WordRange, parts: int) -> None:
    found = split_range(whole, parts)
    assert 1 <= len(found) <= parts
    assert [word for part in found for word in range(part.low, part.high + 1)] == list(range(whole.low, whole.high + 1))


def test_parts_grow_with_the_length() -> None:
    assert [str(part) for part in split_range(WordRange(4, 80), 3)] == [
        "4 to 10 words",
        "11 to 28 words",
        "29 to 80 words",
    ]


@pytest.mark.parametrize("text", ["short", "20 to 8 words", "8 to 20", "0 to 3 words", "8 to 20 words or so"])
def test_what_is_no_range(text: str) -> None:
    with pytest.raises(ValueError, match="is no length"):
        parse_range(text)


def test_tolerance_and_membership() -> None:
    assert WordRange(10, 20).widened(0.5) == WordRange(6, 30)
    assert 30 in WordRange(6, 30)
    assert 31 not in WordRange(6, 30)
    assert count_words(" two\twords\n") == 2

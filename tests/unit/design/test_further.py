from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import islice
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.design.further import further_labels

SHARES = st.lists(st.fractions(0, 1, max_denominator=30), max_size=8)
DESIGNS = st.sampled_from(["balanced", "random"])


def plan(shares: list[Fraction], count: int, design: str = "balanced", key: str = "1|noise") -> list[tuple[str, ...]]:
    together = {f"l{number}": float(share) for number, share in enumerate(shares)}
    return list(islice(further_labels(key, together, design=design), count))


@given(SHARES, st.integers(0, 60), st.integers(0, 30), DESIGNS)
def test_more_texts_only_append(shares: list[Fraction], count: int, more: int, design: str) -> None:
    assert plan(shares, count + more, design)[:count] == plan(shares, count, design)


@given(SHARES, st.integers(0, 9))
def test_every_label_is_always_within_one_of_its_share(shares: list[Fraction], seed: int) -> None:
    counts = Counter[str]()
    for n, labels in enumerate(plan(shares, 90, key=str(seed)), 1):
        counts.update(labels)
        assert all(abs(counts[f"l{number}"] - n * share) < 1 or share == 0 for number, share in enumerate(shares))


@given(SHARES, st.integers(0, 9))
def test_a_text_has_no_more_labels_than_the_shares_make_necessary(shares: list[Fraction], seed: int) -> None:
    whole = sum(shares)
    for labels in plan(shares, 90, key=str(seed)):
        assert len(set(labels)) == len(labels)
        assert ceil(whole) - 1 <= len(labels) <= ceil(whole)
        assert all(shares[int(label[1:])] for label in labels)


def test_another_key_is_another_plan_and_the_same_key_the_same() -> None:
    shares = [Fraction(1, 10)] * 5
    assert plan(shares, 40) == plan(shares, 40)
    assert plan(shares, 40) != plan(shares, 40, key="2|noise")
    assert plan(shares, 10)[:6] == [(), ("l2",), (), ("l0",), (), ("l1",)], "the same everywhere"


@pytest.mark.parametrize("design", ["balanced", "random"])
def test_what_always_and_what_never_goes_together(design: str) -> None:
    assert set(plan([Fraction(1), Fraction(0)], 50, design)) == {("l0",)}
    assert set(plan([], 50, design)) == {()}


def test_the_independent_draw_keeps_no_share() -> None:
    found = plan([Fraction(1, 2), Fraction(1, 2)], 2000, "random")
    assert {len(each) for each in found} == {0, 1, 2}
    for label in ("l0", "l1"):
        assert sum(label in each for each in found) == pytest.approx(1000, abs=70)

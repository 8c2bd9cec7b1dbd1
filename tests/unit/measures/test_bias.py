"""Bias against slow and obvious implementations, and against cases worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from scipy.stats import binom, chisquare, entropy

from stages.measures.bias import attribute_bias, bias

VALUES = st.lists(st.integers(0, 9), min_size=2, max_size=5).filter(any)
WEIGHTS = st.lists(st.integers(1, 9), min_size=5, max_size=5)


def named(numbers: list[int]) -> dict[str, int]:
    return dict(zip("abcde", numbers, strict=False))


def test_by_hand() -> None:
    found = bias({"a": 6, "b": 2, "c": 0, "d": 0}, {"a": 1, "b": 1, "c": 1, "d": 1}, confidence=0.95)
    assert (found.texts, found.values, found.commonest, found.share) == (8, 2, "a", 0.75)
    assert found.entropy == pytest.approx(0.25 * math.log2(4) + 0.75 * math.log2(4 / 3))
    assert found.evenness == pytest.approx(found.entropy / 2)
    assert found.total_variation == pytest.approx(0.5)
    # Two texts of each are expected: (6 - 2)^2 / 2 + 0 + 2 + 2.
    assert (found.chi_square, found.freedom, found.least_expected) == pytest.approx((12, 3, 2))
    # Wilson's interval of 6 of 8.
    assert (found.share_low, found.share_high) == pytest.approx((0.4093, 0.9285), abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(VALUES, WEIGHTS)
def test_figures_are_those_of_scipy(counts: list[int], weights: list[int]) -> None:
    target, n = weights[: len(counts)], sum(counts)
    found = bias(named(counts), named(target), confidence=0.9)
    p, q = np.array(counts) / n, np.array(target) / sum(target)
    assert found.entropy == pytest.approx(entropy(p, base=2))
    assert found.jensen_shannon == pytest.approx(jensenshannon(p, q, base=2), abs=1e-6)
    tested = chisquare(counts, q * n)
    assert (found.chi_square, found.p) == pytest.approx((tested.statistic, tested.pvalue))
    slow = sum(abs(c - n * each) * binom.pmf(c, n, each) for each in q for c in range(n + 1)) / (2 * n)
    assert found.by_chance == pytest.approx(slow)
    assert 0 <= found.total_variation <= 1
    assert found.share_low <= found.share <= found.share_high
    turned = bias(dict(reversed(named(counts).items())), dict(reversed(named(target).items())), confidence=0.9)
    assert turned == found


def test_what_the_target_rules_out_and_what_it_names_alone() -> None:
    found = bias({"a": 3, "x": 1}, {"a": 1, "b": 0}, confidence=0.95)
    assert (found.chi_square, found.p, found.total_variation) == (None, 0, 0.25)
    assert bias({"a": 2}, {"a": 1}, confidence=0.95).p == 1
    missing = bias({"a": 4}, {"a": 1, "b": 1}, confidence=0.95)
    assert (missing.total_variation, missing.chi_square, missing.evenness) == pytest.approx((0.5, 4, 0))
    # Four draws: |c - 2| is 2, 1, 0, 1, 2 with 1, 4, 6, 4, 1 of 16: 12 / 16 on average, for either value.
    assert missing.by_chance == pytest.approx(0.75 * 2 / 8)


@pytest.mark.parametrize("target", [{"a": 0.0}, {"a": 2.0, "b": -1.0}])
def test_a_target_without_weights_is_refused(target: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights of a target"):
        bias({"a": 1}, target, confidence=0.95)
    with pytest.raises(ValueError, match="no text has any value"):
        bias({"a": 0}, {"a": 1}, confidence=0.95)


def test_the_worst_class_comes_first_and_p_is_corrected() -> None:
    counts = {"even": {"x": 50, "y": 50}, "few": {"x": 1, "y": 0}, "none": {"x": 0}, "skewed": {"x": 80, "y": 20}}
    found = attribute_bias(counts, None, confidence=0.95)
    assert list(found.classes) == ["skewed", "few", "even"], "one text cannot be even; that is no bias"
    alone = bias(counts["skewed"], {"x": 1, "y": 1}, confidence=0.95)
    assert found.classes["skewed"].p == pytest.approx(3 * alone.p)
    assert (found.overall.texts, found.overall.share) == pytest.approx((201, 131 / 201))
    assert found.overall.total_variation == pytest.approx(131 / 201 - 0.5)


def test_the_target_of_all_is_the_mean_of_the_classes() -> None:
    counts = {"one": {"x": 3, "y": 1}, "two": {"x": 0, "z": 4}}
    found = attribute_bias(counts, {"one": {"x": 3, "y": 1}, "two": {"x": 1, "z": 1}}, confidence=0.95)
    assert found.classes["one"].total_variation == 0
    # Of eight: x 3 where 3 + 2 are expected, y 1 and 1, z 4 and 2.
    assert found.overall.total_variation == pytest.approx(2 / 8)
    with pytest.raises(ValueError, match="no text"):
        attribute_bias({"one": {"x": 0}}, None, confidence=0.95)

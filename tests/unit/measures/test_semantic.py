"""Measures of embeddings against slow and obvious implementations, and against cases worked out by hand."""

from __future__ import annotations

import math
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.core.arrays import Floats
from stages.measures.mauve import frontier_area, mauve
from stages.measures.semantic import (
    Vectors,
    central_moment_discrepancy,
    similarity,
    vendi_score,
)


def unit(n: int, d: int, seed: int, towards: float = 0.0) -> Floats:
    """Rows of length 1, drawn around the origin or towards the first axis."""
    found = np.random.default_rng(seed).normal(size=(n, d))
    found[:, 0] += towards
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 99), st.lists(st.sampled_from("abc"), max_size=15))
def test_the_similarity_of_sums_is_that_of_all_pairs(seed: int, labels: list[str]) -> None:
    vectors = unit(len(labels), 4, seed)
    cosines = {pair: float(vectors[pair[0]] @ vectors[pair[1]]) for pair in combinations(range(len(labels)), 2)}

    def mean(pairs: list[float]) -> Any:
        return pytest.approx(sum(pairs) / len(pairs), abs=1e-9) if pairs else None

    found = similarity(vectors, labels)
    classes = {
        each: mean([cosine for (i, j), cosine in cosines.items() if labels[i] == labels[j] == each]) for each in labels
    }
    assert found.classes == classes
    assert found.overall == mean(list(cosines.values()))
    assert found.between == mean([cosine for (i, j), cosine in cosines.items() if labels[i] != labels[j]])
    assert found.within == mean([each for each in found.classes.values() if each is not None])


def test_similarity_by_hand() -> None:
    # a: two equal texts; b: two at right angles, one of them equal to those of a.
    vectors = np.array([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=np.float32)
    found = similarity(vectors, ["a", "a", "b", "b"])
    assert found.classes == {"a": 1.0, "b": 0.0}
    assert (found.within, found.between, found.overall) == (0.5, 0.5, 0.5)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 12), st.integers(2, 12), st.integers(0, 99))
def test_the_vendi_score_is_that_of_all_cosines(n: int, d: int, seed: int) -> None:
    vectors = unit(n, d, seed)
    shares = np.linalg.eigvalsh(vectors @ vectors.T / n)
    slow = math.exp(-sum(each * math.log(each) for each in shares if each > 1e-12))
    assert vendi_score(vectors) == pytest.approx(slow)
    assert 1 - 1e-9 <= vendi_score(vectors) <= min(n, d) + 1e-9
    assert vendi_score(vectors[::-1]) == pytest.approx(slow)


@pytest.mark.parametrize("n", [1, 3, 8])
def test_the_vendi_score_counts_different_texts(n: int) -> None:
    assert vendi_score(np.eye(8)[:n]) == pytest.approx(n)
    assert vendi_score(np.repeat(np.eye(8)[:1], 5 * n, axis=0)) == pytest.approx(1)
    assert vendi_score(np.repeat(np.eye(8)[:n], 5, axis=0)) == pytest.approx(n)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
def test_the_discrepancy_is_that_of_the_definition(n: int, m: int, seed: int) -> None:
    one, two = unit(n, 3, seed), unit(m, 3, seed + 100)
    slow = float(np.linalg.norm(one.mean(axis=0) - two.mean(axis=0))) / 2
    for k in range(2, 6):
        moments = [((each - each.mean(axis=0)) ** k).mean(axis=0) for each in (one, two)]
        slow += float(np.linalg.norm(moments[0] - moments[1])) / 2**k
    assert central_moment_discrepancy(one, two) == pytest.approx(slow)
    assert central_moment_discrepancy(two[::-1], one) == pytest.approx(slow)
    assert central_moment_discrepancy(one, one[::-1]) == pytest.approx(0, abs=1e-12)


def test_the_discrepancy_by_hand() -> None:
    # Means 1 and 0, second moments 0 and 1, third 0 and 0, fourth 0 and 1: 1/2 + 1/4 + 1/16.
    one, two = np.array([[1.0], [1.0]]), np.array([[1.0], [-1.0]])
    assert central_moment_discrepancy(one, two) == pytest.approx(1 / 2 + 1 / 4 + 1 / 16)


def test_blocks_of_rows_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = unit(50, 3, 1), unit(40, 3, 2)

    def figures() -> list[float | None]:
        return [vendi_score(one), central_moment_discrepancy(one, two), similarity(one, ["a"] * 50).overall]

    whole = figures()
    monkeypatch.setattr("stages.measures.semantic._ROWS_AT_ONCE", 7)
    assert figures() == pytest.approx(whole)


def test_the_frontier_of_equal_distributions_is_the_whole_square_and_of_disjoint_ones_next_to_nothing() -> None:
    p = np.array([0.5, 0.3, 0.2])
    assert frontier_area(p, p) == pytest.approx(1)
    # x = e^(-5 KL(Q|R)) = (1 - l)^5 and y = l^5: the area below is the integral of 5 l^5 (1 - l)^4, 1/252.
    assert frontier_area(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(1 / 252, abs=2e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_the_frontier_has_no_side(one: list[int], two: list[int]) -> None:
    p, q = ((np.array(each) + 0.1) / (sum(each) + 0.3) for each in (one, two))
    assert frontier_area(p, q) == pytest.approx(frontier_area(q, p))
    assert 0 < frontier_area(p, q) <= 1 + 1e-9


def test_mauve_tells_like_from_unlike() -> None:
    real, like, unlike = unit(100, 4, 1), unit(100, 4, 2), unit(100, 4, 3, towards=9.0)
    near, half, far = (mauve(each, real, seed=1) for each in (like, mixed(like, unlike), unlike))
    assert near > 0.8
    assert far < 0.1
    assert far < half < near
    assert mauve(like, real, seed=1) == near


def mixed(one: Vectors, two: Vectors) -> Vectors:
    return np.concatenate([one[::2], two[::2]])

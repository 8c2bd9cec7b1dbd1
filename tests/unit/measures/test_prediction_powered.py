"""Shares with guesses for the texts that nothing is known of: by hand, against a slow form, and by simulation."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from stages.core.arrays import Bools, Floats, Ints
from stages.measures.bias import wilson
from stages.measures.guessing import Known, guess
from stages.measures.prediction_powered import Sampled, estimate

CONFIDENCE = 0.95


def known(values: list[int], width: int) -> Bools:
    return np.eye(width, dtype=np.bool_)[values]


def test_by_hand() -> None:
    # Label 0 has four texts, two of them known; label 1 has six, three known. Value 0 or 1.
    strata = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 1])
    rows = np.array([0, 1, 4, 5, 6])
    guessed = np.array([[p, 1 - p] for p in (0.9, 0.4, 0.8, 0.5, 0.2, 0.2, 0.6, 0.1, 0.3, 0.4)])
    found = estimate(Sampled(strata, rows, known([0, 1, 1, 1, 0], 2), guessed), CONFIDENCE)
    first = (0.9 + 0.4 + 0.8 + 0.5) / 4 + ((1 - 0.9) + (0 - 0.4)) / 2
    second = (0.2 + 0.2 + 0.6 + 0.1 + 0.3 + 0.4) / 6 + ((0 - 0.2) + (0 - 0.2) + (1 - 0.6)) / 3
    share = 0.4 * first + 0.6 * second
    assert found.shares == pytest.approx([share, 1 - share])
    # Residuals 0.1, -0.4 about -0.15, and -0.2, -0.2, 0.4 about 0; one more that is off by 1; 5 - 2 + 1 in all.
    spread = (2 * 0.25**2 + 0.04 + 0.04 + 0.16 + 1) / 4
    variance = spread * (0.4**2 * (1 - 2 / 4) / 2 + 0.6**2 * (1 - 3 / 6) / 3)
    near = (5 * share + 1) / 7
    assert (found.low[0], found.high[0]) == pytest.approx(wilson(share, near * (1 - near) / variance, CONFIDENCE))
    alone = estimate(Sampled(strata, rows, known([0, 1, 1, 1, 0], 2)), CONFIDENCE, 1)
    assert alone.shares == pytest.approx([1 / 3, 2 / 3])


def test_where_every_text_is_known_nothing_is_left_to_chance() -> None:
    found = estimate(Sampled(np.array([0, 0, 1]), np.arange(3), known([0, 1, 1], 3)), CONFIDENCE)
    assert found.shares == pytest.approx([1 / 3, 2 / 3, 0])
    assert (found.low.tolist(), found.high.tolist()) == (found.shares.tolist(), found.shares.tolist())


def test_a_sample_in_which_all_have_one_value_proves_little() -> None:
    found = estimate(Sampled(np.zeros(1000, dtype=np.int64), np.arange(60), known([0] * 60, 2)), CONFIDENCE)
    assert found.shares.tolist() == [1, 0]
    # The rule of three says 0.05.
    assert 0.04 < found.high[1] < 0.08
    assert found.low[0] == pytest.approx(1 - found.high[1])


def test_labels_of_which_nothing_is_known_are_left_out() -> None:
    strata = np.array([0, 0, 0, 1, 1])
    found = estimate(Sampled(strata, np.array([0, 2]), known([0, 1], 2)), CONFIDENCE)
    assert found.shares == pytest.approx([0.5, 0.5])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_it_is_the_slow_and_obvious_form(seed: int, guesses: bool) -> None:
    chance = np.random.default_rng(seed)
    labels, width = int(chance.integers(1, 5)), int(chance.integers(2, 5))
    strata = np.concatenate([np.full(chance.integers(3, 9), each) for each in range(labels)])
    rows = np.concatenate([
        chance.choice(np.flatnonzero(strata == each), chance.integers(1, 4), replace=False) for each in range(labels)
    ])  # fmt: skip
    values = chance.integers(0, width, len(rows))
    guessed = chance.dirichlet(np.ones(width), len(strata)) if guesses else None
    found = estimate(Sampled(strata, rows, known(values.tolist(), width), guessed), CONFIDENCE)
    slow = np.zeros(width)
    for value in range(width):
        for label in range(labels):
            every = [0.0 if guessed is None else guessed[n, value] for n in range(len(strata)) if strata[n] == label]
            off = [float(of == value) - (0.0 if guessed is None else guessed[row, value])
                   for row, of in zip(rows, values, strict=True) if strata[row] == label]  # fmt: skip
            slow[value] += len(every) / len(strata) * (sum(every) / len(every) + sum(off) / len(off))
    clipped = slow.clip(0, 1)
    assert found.shares == pytest.approx(clipped / clipped.sum())
    assert (found.low <= found.shares + 1e-12).all()
    assert (found.shares <= found.high + 1e-12).all()


def drawn(seed: int, signal: float) -> tuple[Floats, Ints, Ints, Ints]:
    """Vectors, labels, the values of all texts, and a sample of five texts of each of twelve labels of twenty."""
    chance = np.random.default_rng(seed)
    strata = np.repeat(np.arange(12), 20)
    vectors = chance.normal(size=(240, 6))
    scores = chance.normal(size=(12, 3))[strata] + signal * vectors @ chance.normal(size=(6, 3))
    values = (scores + chance.gumbel(size=(240, 3))).argmax(axis=1)
    rows = np.concatenate([chance.choice(np.flatnonzero(strata == each), 5, replace=False) for each in range(12)])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), strata, values, rows


@pytest.mark.parametrize(("signal", "narrower"), [(3.0, 0.85), (0.0, 1.1)])
def test_intervals_hold_the_truth_as_often_as_they_say(signal: float, narrower: float) -> None:
    held, widths = list[Bools](), list[Floats]()
    alone_held, alone_widths = list[Bools](), list[Floats]()
    for seed in range(40):
        vectors, strata, values, rows = drawn(seed, signal)
        guesses = guess(
            vectors.astype(np.float32), strata, rows, values[rows], allowed=np.ones((12, 3), dtype=np.bool_)
        )
        assert guesses is not None
        of_rows, truth = known(values[rows].tolist(), 3), np.bincount(values, minlength=3) / 240
        for guessed, ok, width in (
            (guesses.probabilities, held, widths), (None, alone_held, alone_widths)
        ):  # fmt: skip
            found = estimate(Sampled(strata, rows, of_rows, guessed), CONFIDENCE)
            ok.append((found.low <= truth) & (truth <= found.high))
            width.append(found.high - found.low)
    # 120 intervals that are not independent: two standard errors are about 0.05.
    assert 0.9 <= np.mean(held) <= 1
    assert 0.9 <= np.mean(alone_held) <= 1
    assert np.mean(widths) < narrower * np.mean(alone_widths), "what a good classifier knows makes it narrower"


def test_guesses_are_made_by_models_that_did_not_see_the_text() -> None:
    vectors, strata, values, rows = drawn(1, 3.0)
    allowed = np.ones((12, 3), dtype=np.bool_)
    clever = guess(vectors.astype(np.float32), strata, rows, values[rows], allowed=allowed)
    assert clever is not None
    assert clever.useful
    assert clever.probabilities.sum(axis=1) == pytest.approx(np.ones(240))
    random = np.random.default_rng(0).integers(0, 3, len(rows))
    fooled = guess(vectors.astype(np.float32), strata, rows, random, allowed=allowed)
    assert fooled is not None
    assert fooled.accuracy < 0.6, "by heart it would know all of them"


def test_values_that_a_label_cannot_have_are_not_guessed() -> None:
    strata = np.repeat([0, 1], 20)
    vectors = np.where(np.arange(40)[:, None] % 2, [1.0, 0.0], [0.0, 1.0])
    values = 2 * strata + np.arange(40) % 2
    rows = np.concatenate([np.arange(10), np.arange(20, 30)])
    allowed = np.array([[True, True, False, False], [False, False, True, True]])
    found = guess(vectors, strata, rows, values[rows], allowed=allowed)
    assert found is not None
    assert not found.probabilities[:20, 2:].any()
    assert (found.probabilities.argmax(axis=1) == values).all()
    # Of each label's ten, five by five: of the other texts of a fold's label neither is much commoner.
    assert (found.accuracy, found.useful) == (1.0, True)
    assert found.commonest <= 0.5
    assert guess(vectors, strata, rows[1:], values[rows[1:]], allowed=allowed) is None, "nineteen are too few"


def test_the_commonest_value_is_what_must_be_beaten() -> None:
    strata, values = np.zeros(20, dtype=np.int64), np.array([0] * 15 + [1] * 5)
    vectors = np.tile([[1.0, 0.0]], (20, 1))
    found = guess(vectors, strata, np.arange(20), values, allowed=np.ones((1, 2), dtype=np.bool_))
    assert found is not None
    assert (found.accuracy, found.commonest, found.useful) == (0.75, 0.75, False)


def test_too_little_to_learn_from() -> None:
    vectors, allowed = np.eye(12), np.ones((1, 2), dtype=np.bool_)
    strata, values = np.zeros(12, dtype=np.int64), np.arange(12) % 2
    assert guess(vectors, strata, np.arange(9), values[:9], allowed=allowed) is None
    assert guess(vectors, strata, np.arange(12), np.zeros(12, dtype=np.int64), allowed=allowed) is None


def test_the_regression_is_the_one_on_all_dimensions() -> None:
    chance = np.random.default_rng(4)
    vectors = chance.normal(size=(30, 50))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    values = (vectors[:, 0] > 0).astype(np.int64)
    rows, strata = np.arange(15), np.zeros(30, dtype=np.int64)
    found = guess(vectors, strata, rows, values[:15], allowed=np.ones((1, 2), dtype=np.bool_))
    assert found is not None
    folds, known = np.arange(15) % 5, vectors[:15]
    models = [LogisticRegression(C=8.0, max_iter=2000).fit(known[folds != fold], values[:15][folds != fold])
              for fold in range(5)]  # fmt: skip
    mean = np.mean([each.predict_proba(vectors[15:]) for each in models], axis=0)
    assert found.probabilities[15:] == pytest.approx(mean, abs=0.005)
    for fold, model in enumerate(models):
        held = found.probabilities[:15][folds == fold]
        assert held == pytest.approx(model.predict_proba(known[folds == fold]), abs=0.005)


def test_texts_of_another_set_are_learned_from() -> None:
    chance = np.random.default_rng(3)
    vectors = chance.normal(size=(440, 20))
    values = (vectors[:, 0] > 0).astype(np.int64)
    strata, rows = np.zeros(40, dtype=np.int64), np.arange(12)
    allowed = np.ones((1, 2), dtype=np.bool_)
    few = guess(vectors[:40], strata, rows, values[:12], allowed=allowed)
    many = guess(vectors[:40], strata, rows, values[:12], allowed=allowed, more=Known(vectors[40:], values[40:]))
    assert few is not None
    assert many is not None
    right = [(each.probabilities.argmax(axis=1) == values[:40])[12:].mean() for each in (few, many)]
    assert right[1] > right[0]


def test_wilson_takes_an_effective_number() -> None:
    z = NormalDist().inv_cdf(0.975)
    low, high = wilson(0.0, 7.5, CONFIDENCE)
    assert (low, high) == pytest.approx((0, z * z / (7.5 + z * z)))

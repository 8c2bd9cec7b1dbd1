"""Words that give a class away: planted ones are found, and those that a topic calls for are not."""

from __future__ import annotations

import math

import numpy as np
import pytest

from stages.measures.shortcuts import Labelled, Shortcut, shortcuts
from stages.measures.words import Words

FILLERS = [f"filler{each}" for each in range(40)]


def texts(count: int, seed: int, planted: dict[str, float]) -> list[str]:
    """Texts of ten words any text may have, and of planted ones that so many of them have."""
    generator = np.random.default_rng(seed)
    return [
        " ".join([*generator.choice(FILLERS, 10), *(word for word in planted if generator.random() < planted[word])])
        for _ in range(count)
    ]


def found(*, with_real: bool, most: int = 9) -> dict[str, list[Shortcut]]:
    generated = [
        *texts(60, 1, {"card": 0.9, "urgently": 0.8}),
        *texts(60, 2, {"loan": 0.9, "card": 0.05}),
    ]
    real = [*texts(90, 3, {"card": 0.9, "urgently": 0.15}), *texts(90, 4, {"loan": 0.9, "urgently": 0.15})]
    both = Words.of(generated + real)
    one, two = both.take(np.arange(120)), both.take(np.arange(120, 300))
    labels = [Labelled(one, ["card"] * 60 + ["loan"] * 60), Labelled(two, ["card"] * 90 + ["loan"] * 90)]
    return shortcuts(labels[0], labels[1] if with_real else None, confidence=0.95, most=most)


def test_without_real_texts_it_is_the_plain_association() -> None:
    each = found(with_real=False)
    assert [one.word for one in each["card"]] == ["card", "urgently"]
    assert [one.word for one in each["loan"]] == ["loan"]
    assert all(one.real_inside is None for one in each["card"])


def test_a_word_that_the_topic_calls_for_is_no_shortcut() -> None:
    each = found(with_real=True)
    assert [one.word for one in each["card"]] == ["urgently"]
    assert each["loan"] == []
    (one,) = each["card"]
    assert (40 < one.inside < 56, one.outside) == (True, 0)
    assert 4 < (one.real_inside or 0) < 26
    assert 4 < (one.real_outside or 0) < 26
    assert one.z > 2


def test_only_the_strongest_are_told() -> None:
    assert [one.word for one in found(with_real=False, most=1)["card"]] == ["card"]


def test_log_odds_by_hand() -> None:
    # "x": in 30 of 30 texts of the one class, in none of the other; "y" in 30 of each: 90 counts; a = 30 for "x" and 60
    # for "y". Odds (30 + 30) / (30 + 60) and 30 / (30 + 60).
    words = Words.of(["x y"] * 30 + ["y"] * 30)
    each = shortcuts(Labelled(words, ["one"] * 30 + ["two"] * 30), None, confidence=0.9, most=5)
    (one,) = each["one"]
    assert (one.word, one.inside, one.outside) == ("x", 30, 0)
    assert one.log_odds == pytest.approx(math.log(60 / 90) - math.log(30 / 90))
    assert one.z == pytest.approx(math.log(2) / math.sqrt(1 / 60 + 1 / 30))


def test_nothing_to_compare() -> None:
    words = Words.of(["the same word", "the same word"])
    assert shortcuts(Labelled(words, ["a", "a"]), None, confidence=0.95, most=5) == {}
    assert shortcuts(Labelled(words, ["a", "b"]), None, confidence=0.95, most=5) == {"a": [], "b": []}
    lone = Words.of(["x"] * 900)
    told = shortcuts(Labelled(lone, ["a"] * 800 + ["b"] * 100), None, confidence=0.95, most=5)
    assert told == {"a": [], "b": []}, "a word that is the only one tells nothing"
    with pytest.raises(ValueError, match=r"the same Words\.of"):
        shortcuts(Labelled(words, ["a", "b"]), Labelled(lone, ["a"] * 900), confidence=0.95, most=5)


def test_chance_makes_no_shortcut() -> None:
    words = Words.of(texts(400, 7, {}))
    for real in (None, Labelled(words, ["b", "a"] * 200)):
        told = shortcuts(Labelled(words, ["a", "b"] * 200), real, confidence=0.95, most=5)
        assert told == {"a": [], "b": []}

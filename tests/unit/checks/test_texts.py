from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.checks import texts
from stages.core.lengths import WordRange
from stages.core.texts import DUPLICATE, IN_TEST_SET

REFUSALS = [
    "I'm sorry, but I can't help with that request.",
    "I\u2019m sorry, but I can\u2019t assist with this.",
    "Sorry, I cannot provide that content.",
    "I cannot fulfill this request.",
    "I am unable to generate such content.",
    "I'm afraid I can't write that text.",
    "As an AI language model, I do not have personal experiences with online shops.",
    "I am just an AI and have no orders.",
    "I won't write this.",
]
REAL = [
    "Sorry to bother you again, but where is my parcel?",
    "I'm sorry but this is not good enough, I want my money back",
    "I'm sorry, I can't wait any longer. Cancel it.",
    "sorry wrong order number in my last mail, its 4418",
    "I can't log in and I can't reset my password either.",
    "I cannot help but wonder whether anybody reads these.",
    "Your assistant said it was an AI and could not help me. I want a person!",
    "Is the A.I. speaker compatible with my phone?",
    "I am unable to write a review for the blender I bought",
    "I can't provide the receipt because it was a gift",
    "unable to create an account",
    "I can't create a new password, the link is dead",
    "Your text said that I was not at home. That is a lie.",
]


@pytest.mark.parametrize("text", REFUSALS)
def test_a_model_that_declines(text: str) -> None:
    assert texts.is_refusal(text)


@pytest.mark.parametrize("text", REAL)
def test_a_person_who_is_sorry(text: str) -> None:
    assert not texts.is_refusal(text)


def judge(text: str, attributes: dict[str, str] | None = None, test: tuple[str, ...] = ()) -> str | None:
    return texts.TextCheck(WordRange(4, 20), 0.5, test).judge(text, attributes or {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" \n ", texts.EMPTY),
        ("a text with \x1b[31m red in it", texts.GARBLED),
        ("a text with half \ud800 a pair", texts.GARBLED),
        ("a text with a \x00 in it", texts.GARBLED),
        ("a text with what was \ufffd lost", texts.GARBLED),
        ("I'm sorry, but I can't help with that request.", texts.REFUSED),
        ("short", texts.TOO_SHORT),
        ("word " * 31, texts.TOO_LONG),
        ("just two words", None),
        ("a text with\nlines\tand tabs", None),
        ("caf\u00e9 costs $5 - 20% off \U0001f600", None),
    ],
)
def test_a_text_by_itself(text: str, reason: str | None) -> None:
    assert judge(text) == reason


def test_a_word_that_never_ends_is_no_text() -> None:
    many = texts.TextCheck(WordRange(4, 80), 0.5, [])
    assert many.judge("this is one " + "x" * 1_000_000, {}) == texts.TOO_MANY_CHARACTERS
    assert many.judge("this is one " + "x" * 5_900, {}) is None, "120 words of 50 characters"
    few = texts.TextCheck(WordRange(1, 2), 0.5, [])
    assert few.judge("\u9019" * 900, {}) is None, "writing without white space"
    assert few.judge("\u9019" * 1001, {}) == texts.TOO_MANY_CHARACTERS


def test_a_length_that_was_asked_for_counts_instead_of_the_tasks() -> None:
    long = "word " * 40
    assert judge(long) == texts.TOO_LONG
    assert judge(long, {"length": "30 to 60 words"}) is None
    assert judge("only four words here", {"length": "30 to 60 words"}) == texts.TOO_SHORT


def test_texts_of_the_test_set_and_duplicates_whatever_their_case_and_points() -> None:
    check = texts.TextCheck(WordRange(1, 20), 0.5, ["Where is my parcel?"])
    assert check.judge("where is my PARCEL", {}) == IN_TEST_SET
    assert check.judge("Where, is my package!", {}) is None
    assert check.judge("where is my package", {}) == DUPLICATE
    assert check.judge("???", {}) is None
    assert check.judge("!!!", {}) is None, "no words at all: compared as they are"


@given(st.text())
def test_any_text_is_judged(text: str) -> None:
    assert judge(text) in (None, *texts.REASONS)

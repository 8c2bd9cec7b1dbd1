"""Reading annotations: whatever an answer is like, it costs the texts that it says nothing usable of, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.checks.annotations import read_annotations
from stages.checks.numbered import OUTSIDE
from stages.checks.texts import CUT_OFF, EMPTY, MALFORMED, MISSING, REFUSED
from stages.core.annotating import NONE_OF_THESE, Sought
from stages.llm.chat import TIMED_OUT, Answer, NoAnswer

SOUGHT = (Sought("tone", "", ("calm", "angry")), Sought("place", "", ("Asia",), (), NONE_OF_THESE))
GOOD = {"tone": "calm", "place": "Asia"}


def read(completion: Any, wanted: int = 2, finish: str = "stop") -> list[dict[str, str] | str]:
    text = completion if isinstance(completion, str | None) else json.dumps(completion)
    return read_annotations(Answer(text, finish, 1, 1, "m"), wanted, SOUGHT)


def items(*values: Any) -> dict[str, Any]:
    return {"texts": [{"number": number, "values": each} for number, each in enumerate(values, 1)]}


def test_values_are_taken_in_the_names_that_they_have() -> None:
    assert read(items({"tone": " CALM", "place": "none of  these", "mood": "x"}, GOOD)) == [
        {"tone": "calm", "place": NONE_OF_THESE}, GOOD]  # fmt: skip


def test_texts_are_told_by_their_number() -> None:
    turned = {"texts": [{"number": 2, "values": GOOD}, {"number": 1, "values": {**GOOD, "tone": "angry"}}]}
    assert read(turned) == [{**GOOD, "tone": "angry"}, GOOD]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"tone": "ironic", "place": "Asia"}, OUTSIDE),
        ({"tone": "calm"}, OUTSIDE),
        ({"tone": ["calm"], "place": "Asia"}, OUTSIDE),
        ({"tone": NONE_OF_THESE, "place": "Asia"}, OUTSIDE),
        ("calm", MALFORMED),
        (None, MALFORMED),
    ],
)
def test_one_text_is_lost(values: Any, reason: str) -> None:
    assert read(items(values, GOOD)) == [reason, GOOD]


def test_answers_that_are_too_short_too_long_or_twice() -> None:
    assert read(items(GOOD)) == [GOOD, MISSING]
    assert read(items(GOOD, GOOD, GOOD)) == [GOOD, GOOD]
    assert read({"texts": [{"number": 1, "values": GOOD}] * 2}) == [MALFORMED, MISSING]
    assert read({"texts": ["calm", {"number": "2", "values": GOOD}]}) == [MISSING, MISSING]


def test_whole_answers_of_no_use() -> None:
    assert read("I'm sorry, I cannot help with that request.") == [REFUSED] * 2
    assert read(None, finish="content_filter") == [REFUSED] * 2
    assert read("No.", finish="refusal") == [REFUSED] * 2
    assert read("  ") == [EMPTY] * 2
    assert read("calm, both of them") == [MISSING] * 2
    assert read_annotations(NoAnswer(TIMED_OUT, "120 s"), 2, SOUGHT) == [TIMED_OUT] * 2


def test_an_answer_that_breaks_off_keeps_what_is_before_the_break() -> None:
    whole = json.dumps(items(GOOD, GOOD))
    assert read(whole[: len(whole) - 12], finish="length") == [GOOD, CUT_OFF]


KEYS = st.sampled_from(["texts", "number", "values", "tone", "place"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("calm")


@given(st.recursive(LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(KEYS, each, max_size=3)))
def test_nothing_but_known_values_comes_out(said: Any) -> None:
    for each in read({"texts": said}, 3):
        assert isinstance(each, str) or all(each[sought.name] in sought.answers for sought in SOUGHT)

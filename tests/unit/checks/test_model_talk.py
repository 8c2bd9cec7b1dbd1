from __future__ import annotations

import json

import pytest

from stages.checks.model_talk import model_talk, placeholder
from stages.checks.texts import MODEL_TALK, PLACEHOLDER, TextCheck, is_refusal
from stages.core.lengths import WordRange
from tests.conftest import ROOT

SHARED = ROOT.parent / "shared" / "data"

CERTAIN = [
    "Sure! Here are ten complaint messages about late parcels: 1. Where is it?",
    "Certainly, here is a customer message about a refund: I want my money back",
    "Of course! Here's an example of what a customer would write.",
    "Here are five messages for the class refund_status",
    "This text falls under the refund status category.",
]
POSSIBLE = [
    "Here are three examples:",
    "Text 3: my parcel is late",
    "As a large language model my knowledge of shops is limited",
    "I hope these examples help!",
    "Where is my parcel? (Word count: 4)",
    "Let me know if you'd like more variations.",
]
PEOPLE = [
    "Sorry to bother you again, but where is my parcel?",
    "I'm sorry but I can't accept that as an answer.",
    "Here are the two photos you asked for: both show the crack.",
    "Sure, here's the message I got from the courier: nobody at home",
    "Does the Galaxy AI phone come with a charger?",
    "your AI assistant told me to write here, it could not help",
    "Is the OpenAI Whisper microphone in stock? As an AI startup we need ten.",
    "Message received 3 days ago and still no reply",
    "Where is it?",
    "no refund. why",
    "Here is an example of a Java class that does not compile",
    "My training data keeps leaking into the test set, here are two plots",
]
BLANKS = [
    "Dear [Company Name], where is it",
    "Hi {{name}}, thanks",
    "Order <insert order number> is late",
    "I am [your name]",
]
MAYBE_BLANKS = ["My order XXX is late", "I live in [City]", "card ending in xxxx", "Name: ______"]
NO_BLANKS = [
    "an XXL shirt and a xx-small one",
    "array[index] and List<String> in <b>bold</b>",
    "(see the photo [1])",
    "{{ 7 * 7 }}",
    "kiss kiss xx",
]


@pytest.mark.parametrize("text", CERTAIN)
def test_a_model_that_speaks_of_its_task_is_thrown_out(text: str) -> None:
    assert model_talk(text, certain=True)
    assert TextCheck(WordRange(1, 50), 0.5, []).judge(text, {}) == MODEL_TALK


@pytest.mark.parametrize("text", POSSIBLE)
def test_what_a_person_might_have_written_is_only_counted(text: str) -> None:
    assert model_talk(text, certain=False)
    assert not model_talk(text, certain=True)


@pytest.mark.parametrize("text", PEOPLE)
def test_people_are_no_models(text: str) -> None:
    assert not model_talk(text, certain=False)
    assert not is_refusal(text)


@pytest.mark.parametrize("text", BLANKS)
def test_a_blank_is_thrown_out(text: str) -> None:
    assert placeholder(text, certain=True)
    assert TextCheck(WordRange(1, 50), 0.5, []).judge(text, {}) == PLACEHOLDER


@pytest.mark.parametrize("text", MAYBE_BLANKS)
def test_what_may_be_a_blank_is_only_counted(text: str) -> None:
    assert placeholder(text, certain=False)
    assert not placeholder(text, certain=True)


@pytest.mark.parametrize("text", NO_BLANKS)
def test_brackets_that_are_no_blanks(text: str) -> None:
    assert not placeholder(text, certain=False)


@pytest.mark.skipif(not (SHARED / "banking77").exists(), reason=f"{SHARED}/banking77 is not part of the project")
def test_texts_of_people_pass() -> None:
    lines = (SHARED / "banking77/test.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    assert not [each for each in texts if is_refusal(each) or model_talk(each, certain=False)]
    assert not [each for each in texts if placeholder(each, certain=True)]
    check = TextCheck(WordRange(2, 100), 0.5, [])
    reasons = [check.judge(each, {}) for each in texts]
    assert sum(reason is None or reason in ("duplicate", "too_long") for reason in reasons) == len(texts)
